/* expect_happening.c - what happens at points in time: Events, lines of logs, facts.
 *
 * An Event is counted as kubectl counts it: each write that raises its count is an occurrence. Lines that fast-forward
 * has folded into one record (TRACE_OUTPUT_REPEATS; access logs of probes) are as many as were printed, each at its
 * time.
 */
#include <string.h>

#include "report/expect_private.h"

static void add(struct claim *c, sim_time at, uint64_t count, uint32_t record, const char *text)
{
    *(struct happening *)pool_at(&c->happenings, pool_add(&c->happenings)) =
        (struct happening){at, 0, count, record, text};
}

static bool is_about(const struct claim *c, const struct api_object *o)
{
    return o && o->kind == c->subject.kind && expectation_names(&c->subject, o->meta.namespace_, o->meta.name) &&
           selector_matches(&c->subject.select, &o->meta.labels);
}

/* ---- Events ---- */

/* "spec.containers{web}" */
static bool path_names(const char *path, const char *container)
{
    const char *open = path ? strchr(path, '{') : NULL;
    size_t n = strlen(container);
    return open && strncmp(open + 1, container, n) == 0 && open[1 + n] == '}';
}

/* Its labels are those it had when it was last seen. */
static bool has_labels(const struct claim *c, const char *uid)
{
    if (c->subject.select.count == 0)
        return true;
    for (uint32_t i = 0; i < c->walk->version_room; i++) {
        const struct api_object *o = c->walk->versions[i];
        if (o && text_is(o->meta.uid, uid))
            return selector_matches(&c->subject.select, &o->meta.labels);
    }
    return false;
}

static bool event_is_about(const struct claim *c, const struct object_reference *o)
{
    const struct expectation_subject *s = &c->subject;
    if (!text_is(o->kind, kind_infos[s->kind].kind) || !expectation_names(s, o->namespace_, o->name))
        return false;
    return (!c->said->container || path_names(o->field_path, c->said->container)) && has_labels(c, o->uid);
}

static void follow_event(struct claim *c, uint32_t index, const struct trace_record *r)
{
    const struct k8s_event *e = r->data, *before = (const struct k8s_event *)e->object.prev;
    if (r->flags == WRITE_DELETE || !event_is_about(c, &e->involved_object) ||
        !comparison_holds(&c->event, &c->walk->scratch, e->reason) ||
        (c->message.text && !comparison_holds(&c->message, &c->walk->scratch, e->message)))
        return;
    int64_t more = e->count - (before ? before->count : 0);
    if (e->count == 0 && !before)
        more = 1;
    if (more > 0)
        add(c, r->at, (uint64_t)more, index, arena_printf(c->walk->arena, "%s: %s", e->reason, e->message));
}

/* ---- lines ---- */

static bool line_fits(const char *wanted, const char *line)
{
    return glob_is_pattern(wanted) ? glob_matches(wanted, line) : strstr(line, wanted) != NULL;
}

static bool prints(const struct claim *c, const struct trace_container *t)
{
    return !c->said->container || text_is(t->container, c->said->container);
}

/* All of them have what stands before and after the time; else each is looked at. */
static void follow_requests(struct claim *c, uint32_t index, const struct trace_line *line, sim_time first,
                            sim_time period, uint64_t count)
{
    const char *wanted = c->said->log;
    struct strbuf b = STRBUF_INIT;
    bool all = !glob_is_pattern(wanted) && (strstr(line->before, wanted) || strstr(line->after, wanted));
    if (!prints(c, line->container) || count == 0)
        return;
    for (uint64_t k = 0; k < (all ? 1 : count); k++) {
        sim_time at = first + (sim_time)k * period;
        strbuf_reset(&b);
        trace_line_put(line, c->walk->run->epoch + sim_time_floor(at, SIM_SECOND) / SIM_SECOND, &b);
        if (all || line_fits(wanted, strbuf_str(&b)))
            add(c, at, 1, index, arena_strdup(c->walk->arena, strbuf_str(&b)));
    }
    if (all) {
        struct happening *h = pool_at(&c->happenings, c->happenings.count - 1);
        h->every = period;
        h->count = count;
    }
    strbuf_fini(&b);
}

static void follow_repeats(struct claim *c, uint32_t index, const struct trace_repeats *t)
{
    for (uint32_t i = 0; i < t->stretch_count; i++) {
        const struct probe_stretch *s = &t->stretches[i];
        if (s->line)
            follow_requests(c, index, s->line, s->first, s->period, s->count);
    }
    if (t->unanswered)
        follow_requests(c, index, t->unanswered, t->unanswered_at, 0, 1);
}

static void follow_line(struct claim *c, uint32_t index, const struct trace_record *r)
{
    if (!is_about(c, walk_version(c->walk, r->object)))
        return;
    if (r->kind == TRACE_OUTPUT && prints(c, r->data) && line_fits(c->said->log, r->text))
        add(c, r->at, 1, index, r->text);
    if (r->kind == TRACE_PROBE_REPEATS)
        follow_repeats(c, index, r->data);
    if (r->kind != TRACE_OUTPUT_REPEATS)
        return;
    const struct trace_output_repeats *t = r->data;
    if (t->count && prints(c, t->container) && line_fits(c->said->log, t->text)) {
        add(c, t->first, t->count, index, t->text);
        ((struct happening *)pool_at(&c->happenings, c->happenings.count - 1))->every = t->every;
    }
}

void happening_follow(struct claim *c, uint32_t index, const struct trace_record *r)
{
    bool event = r->kind == TRACE_WRITE && ((const struct api_object *)r->data)->kind == KIND_EVENT;
    if (c->said->event && event)
        follow_event(c, index, r);
    if (c->said->log)
        follow_line(c, index, r);
}

/* ---- facts ---- */

/* Whole words from the beginning, or a pattern of the whole. */
static bool fact_fits(const char *wanted, const char *what)
{
    if (glob_is_pattern(wanted))
        return glob_matches(wanted, what);
    size_t n = strlen(wanted);
    return strncmp(what, wanted, n) == 0 && (what[n] == '\0' || what[n] == ' ' || what[n] == ':');
}

/* "web/app": the container's part, or NULL. */
static const char *container_of(const char *object)
{
    const char *slash = strchr(object, '/');
    return slash ? slash + 1 : NULL;
}

void happening_fact(struct claim *c, const struct fact *f)
{
    if (!f->about)
        return;
    const char *container = f->about->kind == KIND_POD ? container_of(f->object) : NULL;
    if (f->about->kind == KIND_EVENT || !is_about(c, f->about) || !fact_fits(c->said->happens, f->what))
        return;
    if (c->said->container && !text_is(container, c->said->container))
        return;
    add(c, f->at, 1, f->record, f->what);
}

/* ---- when ---- */

/* Occurrences of one not after t. */
static uint64_t up_to(const struct happening *h, sim_time t)
{
    if (t < h->first)
        return 0;
    if (h->every == 0)
        return h->count;
    uint64_t n = (uint64_t)((t - h->first) / h->every) + 1;
    return n < h->count ? n : h->count;
}

static const struct happening *happening_at(const struct claim *c, uint32_t i) { return pool_at(&c->happenings, i); }

uint64_t happenings_in(const struct claim *c, sim_time from, sim_time to)
{
    uint64_t n = 0;
    for (uint32_t i = 0; i < c->happenings.count && from <= to; i++)
        n += up_to(happening_at(c, i), to) - up_to(happening_at(c, i), from - 1);
    return n;
}

bool happening_next(const struct claim *c, sim_time from, const struct happening *except, struct occurrence *ret)
{
    bool found = false;
    for (uint32_t i = 0; i < c->happenings.count; i++) {
        const struct happening *h = happening_at(c, i);
        bool again = except && h->record == except->record && strcmp(h->text, except->text) == 0;
        uint64_t skip = up_to(h, again ? from : from - 1);
        if (skip == h->count)
            continue;
        sim_time at = h->first + (sim_time)skip * h->every;
        if (!found || at < ret->at)
            *ret = (struct occurrence){at, h};
        found = true;
    }
    return found;
}

bool happening_before(const struct claim *c, sim_time before, struct occurrence *ret)
{
    bool found = false;
    for (uint32_t i = 0; i < c->happenings.count; i++) {
        const struct happening *h = happening_at(c, i);
        uint64_t n = up_to(h, before - 1);
        if (n == 0)
            continue;
        sim_time at = h->first + (sim_time)(n - 1) * h->every;
        if (!found || at > ret->at)
            *ret = (struct occurrence){at, h};
        found = true;
    }
    return found;
}
