/* behaviour.c - reading a behaviour off: which one counts, when something holds, what is drawn.
 *
 * Pure functions; what runs in a container is programs_behaviour.c.
 */
#include "model/behaviour.h"

#include <string.h>

#include "model/apitype_private.h"
#include "model/shell.h"
#include "sim/rng.h"

/* ---- which ---- */

void behaviour_merge(struct behaviour *into, const struct behaviour *from)
{
    for (uint32_t i = 0; i < behaviour_type.field_count; i++) {
        const struct api_field *f = &behaviour_type.fields[i];
        if (!field_is_set(f, field_in(f, into)) && field_is_set(f, field_in(f, from)))
            memcpy(field_of(f, into), field_in(f, from), field_bytes(f));
    }
}

struct behaviour behaviour_of_run(const struct behaviour *b, uint32_t attempt)
{
    struct behaviour all = *b;
    all.runs.items = NULL;
    all.runs.count = 0;
    if (b->runs.count == 0)
        return all;
    struct behaviour run = b->runs.items[attempt < b->runs.count ? attempt : b->runs.count - 1];
    behaviour_merge(&run, &all);
    return run;
}

/* Whether one of the fields is set that are, or are not, laid over whatever runs. */
static bool says(const struct behaviour *b, bool laid_over)
{
    static const char *const overlays[] = {"cpu", "exec", "log", "memory"};
    for (uint32_t i = 0; i < behaviour_type.field_count; i++) {
        const struct api_field *f = &behaviour_type.fields[i];
        bool overlay = false;
        for (size_t k = 0; k < ARRAY_LEN(overlays); k++)
            overlay |= strcmp(f->name, overlays[k]) == 0;
        if (overlay == laid_over && field_is_set(f, field_in(f, b)))
            return true;
    }
    return false;
}

bool behaviour_is_empty(const struct behaviour *b)
{
    for (uint32_t i = 0; i < behaviour_type.field_count; i++)
        if (field_is_set(&behaviour_type.fields[i], field_in(&behaviour_type.fields[i], b)))
            return false;
    return true;
}

bool behaviour_is_program(const struct behaviour *b)
{
    for (uint32_t i = 0; i < b->log.count; i++)
        if (b->log.items[i].request)
            return true;
    return says(b, false);
}

/* ---- when ---- */

static sim_time or_zero(sim_time t) { return t == SIM_NEVER ? 0 : t; }

/* The part of [from, until) that t is in, or before: it holds when t >= *ret_begin. False: no more to come. */
static bool next_stretch(const struct behaviour_span *s, sim_time t, sim_time *ret_begin, sim_time *ret_end)
{
    sim_time until = s->until == SIM_NEVER ? SIM_TIME_MAX : s->until;
    sim_time begin = or_zero(s->from), end = until;
    if (s->every != SIM_NEVER) {
        if (s->from == SIM_NEVER)
            begin = s->every;
        if (t > begin)
            begin += sim_time_floor(t - begin, s->every);
        if (t >= sim_time_add(begin, s->lasts))
            begin = sim_time_add(begin, s->every);
        end = sim_time_add(begin, s->lasts);
    } else if (s->lasts != SIM_NEVER) {
        end = sim_time_add(begin, s->lasts);
    }
    *ret_begin = begin;
    *ret_end = end < until ? end : until;
    return t < *ret_end && begin < until;
}

bool span_holds(const struct behaviour_span *s, sim_time t, sim_time *ret_until)
{
    sim_time begin, end;
    *ret_until = SIM_TIME_MAX;
    if (!next_stretch(s, t, &begin, &end))
        return false;
    sim_time change = t >= begin ? end : begin;
    if (change != SIM_TIME_MAX)
        *ret_until = change - 1;
    return t >= begin;
}

/* ---- draws ---- */

struct behaviour_key behaviour_key(uint64_t seed, const char *namespace_, const char *pod, const char *container)
{
    const char *const words[] = {namespace_, pod, container};
    uint64_t h = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        for (const char *s = words[i] ? words[i] : ""; *s; s++)
            h = (h ^ (unsigned char)*s) * UINT64_C(1099511628211);
        h = (h ^ 0xff) * UINT64_C(1099511628211);
    }
    return (struct behaviour_key){seed, rng_mix(h)};
}

static uint64_t draw_number(struct behaviour_key key, enum behaviour_draw what, uint64_t n, uint32_t k)
{
    return rng_draw(key.seed ^ key.whose, (uint32_t)what + 1, k, n);
}

/* A drawn time is in whole milliseconds, where the range has any: it is easier to read. */
static sim_time drawn_between(const struct behaviour_time *t, uint64_t draw)
{
    sim_time from = t->between.items[0].time, range = t->between.items[1].time - from;
    sim_time unit = range >= SIM_MS ? SIM_MS : 1;
    return from + (sim_time)rng_below(draw, (uint64_t)(range / unit) + 1) * unit;
}

/* The sum of twelve numbers from [0, 1) has variance 1 and is nearly normal (central limit); here in 1/65536. */
static sim_time drawn_around(const struct behaviour_time *t, struct behaviour_key key, enum behaviour_draw what,
                             uint64_t n)
{
    enum { ONE = 65536, NUMBERS = 12 };
    int64_t sum = -(int64_t)ONE * NUMBERS / 2;
    for (uint32_t k = 0; k < NUMBERS; k++)
        sum += (int64_t)(draw_number(key, what, n, k) >> 48);
    sim_time offset = t->spread > SIM_TIME_MAX / (ONE * NUMBERS) ? t->spread / ONE * sum : t->spread * sum / ONE;
    sim_time at = t->around + offset;
    if (offset >= SIM_MS || offset <= -SIM_MS)
        at = sim_time_floor(at, SIM_MS);
    return at > 0 ? at : 0;
}

bool behaviour_time_is_fixed(const struct behaviour_time *t) { return !t || t->exactly != SIM_NEVER; }

sim_time behaviour_draw(const struct behaviour_time *t, struct behaviour_key key, enum behaviour_draw what, uint64_t n)
{
    if (!t)
        return 0;
    if (t->exactly != SIM_NEVER)
        return t->exactly;
    if (t->between.count == 2)
        return drawn_between(t, draw_number(key, what, n, 0));
    if (t->one_of.count)
        return t->one_of.items[rng_below(draw_number(key, what, n, 0), t->one_of.count)].time;
    return t->around == SIM_NEVER ? 0 : drawn_around(t, key, what, n);
}

/* ---- conditions ---- */

struct words {
    const char *at;
    size_t length; /* of the word at `at` */
};

static void next_word(struct words *w)
{
    w->at += w->length;
    w->at += strspn(w->at, " ");
    w->length = strcspn(w->at, " ");
}

static bool is_word(const struct words *w, const char *wanted)
{
    return w->length == strlen(wanted) && strncmp(w->at, wanted, w->length) == 0;
}

static bool take_word(struct words *w, const char *wanted)
{
    bool is = is_word(w, wanted);
    if (is)
        next_word(w);
    return is;
}

static bool take_name(char name[CONDITION_NAME_MAX], const char *from, size_t n)
{
    if (n == 0 || n >= CONDITION_NAME_MAX)
        return false;
    memcpy(name, from, n);
    name[n] = '\0';
    return true;
}

/* NAME or NAMESPACE/NAME. */
static bool take_service(struct words *w, struct behaviour_condition *c)
{
    const char *slash = memchr(w->at, '/', w->length);
    size_t before = slash ? (size_t)(slash - w->at) : 0, skip = slash ? before + 1 : 0;
    if (slash && !take_name(c->namespace_, w->at, before))
        return false;
    if (!take_name(c->service, w->at + skip, w->length - skip))
        return false;
    next_word(w);
    return true;
}

bool behaviour_condition(const char *text, struct behaviour_condition *ret)
{
    struct behaviour_condition c = {0};
    struct words w = {text, 0};
    next_word(&w);
    take_word(&w, "while");
    if (!take_word(&w, "service") || !take_service(&w, &c) || !take_word(&w, "has"))
        return false;
    c.none = take_word(&w, "no");
    *ret = c;
    return take_word(&w, "endpoints") && w.length == 0;
}

bool behaviour_matches(const char *pattern, const char *text)
{
    return !pattern || sh_pattern_match(pattern, text ? text : "");
}
