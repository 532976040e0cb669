/* expect_tell.c - expectations in words. */
#include <string.h>

#include "model/printer.h"
#include "report/expect_private.h"

const char *expect_seconds(struct arena *a, sim_time t)
{
    struct strbuf b = STRBUF_INIT;
    strbuf_seconds(&b, t, 0);
    if (b.len > 2 && strcmp(b.data + b.len - 2, ".0") == 0)
        b.data[b.len - 2] = '\0';
    const char *text = arena_printf(a, "%ss", strbuf_str(&b));
    strbuf_fini(&b);
    return text;
}

/* Whole characters; what is between the beginning and the end of a long text is left out. */
const char *expect_cut(struct arena *a, const char *text)
{
    enum { LONGEST = 100, TAIL = 20 };
    char *copy = arena_strdup(a, text ? text : "");
    for (char *p = copy; *p; p++)
        if ((unsigned char)*p < ' ')
            *p = ' ';
    for (size_t end = strlen(copy); end && copy[end - 1] == ' ';)
        copy[--end] = '\0';
    if (text_width(copy) <= LONGEST)
        return copy;
    size_t n = 0, len = strlen(copy), tail = len;
    for (uint32_t shown = 0; shown < LONGEST - TAIL - 5; shown++)
        for (n++; ((unsigned char)copy[n] & 0xc0) == 0x80;)
            n++;
    for (uint32_t shown = 0; shown < TAIL; shown++)
        for (tail--; ((unsigned char)copy[tail] & 0xc0) == 0x80;)
            tail--;
    return arena_printf(a, "%.*s ... %s", (int)n, copy, copy + tail);
}

const char *expect_subject_name(struct arena *a, const struct expectation *e)
{
    struct expectation_subject s;
    const char *field, *suggestion, *name;
    if (e->traffic)
        return arena_printf(a, "client/%s%s%s", e->traffic, e->pod ? " at pod " : "", e->pod ? e->pod : "");
    if (expectation_subject(a, e, &s, &field, &suggestion))
        return "?";
    if (s.name)
        name = arena_printf(a, "%s/%s", kind_infos[s.kind].singular, s.name);
    else
        name = kind_infos[s.kind].resource;
    if (e->selector)
        name = arena_printf(a, "%s with %s", name, e->selector);
    if (e->container)
        name = arena_printf(a, "%s[%s]", name, e->container);
    return e->namespace_ && strcmp(e->namespace_, "default") != 0 ? arena_printf(a, "%s (%s)", name, e->namespace_)
                                                                  : name;
}

static void put(struct strbuf *b, const char *word, const char *text)
{
    strbuf_printf(b, "%s%s%s%s", b->len ? ", " : "", word, text ? " " : "", text ? text : "");
}

static void put_compared(struct arena *a, struct strbuf *b, const char *word, const struct value *v)
{
    struct comparison c;
    if (v && !comparison_parse(a, v, &c))
        put(b, word, c.text);
}

static void put_map(struct arena *a, struct strbuf *b, const char *before, const struct value *map)
{
    for (uint32_t i = 0; map && i < map->count; i++)
        put_compared(a, b, arena_printf(a, "%s%s", before, map->entries[i].key), map->entries[i].value);
}

static void put_endpoints(struct arena *a, struct strbuf *b, const char *word, const struct value *v)
{
    struct endpoints_wanted w;
    struct strbuf names = STRBUF_INIT;
    if (endpoints_wanted_parse(a, v, &w))
        return;
    for (uint32_t i = 0; i < w.names.count; i++)
        strbuf_printf(&names, "%s%s", i ? ", " : "", w.names.items[i]);
    put(b, word, w.number.text ? w.number.text : names.len ? strbuf_str(&names) : "none");
    strbuf_fini(&names);
}

static void put_happening(struct arena *a, struct strbuf *b, const struct expectation *e)
{
    put_compared(a, b, "event", e->event);
    put_compared(a, b, "message", e->message);
    if (e->log)
        put(b, "log", arena_printf(a, "\"%s\"", expect_cut(a, e->log)));
    if (e->happens)
        put(b, e->happens, NULL);
}

static void put_count(struct arena *a, struct strbuf *b, const struct expectation *e)
{
    struct comparison c;
    if (!e->count || comparison_parse(a, e->count, &c))
        return;
    if (expectation_happens(e))
        strbuf_printf(b, " %s times", c.text);
    else
        strbuf_printf(b, b->len ? ": %s of them" : "%s of them", c.text);
}

const char *expect_what(struct arena *a, const struct expectation *e)
{
    struct strbuf b = STRBUF_INIT;
    if (e->exists.set)
        put(&b, e->exists.value ? "exists" : "does not exist", NULL);
    put_compared(a, &b, "phase", e->phase);
    put_compared(a, &b, "status", e->status);
    put_compared(a, &b, "ready", e->ready);
    put_map(a, &b, "condition ", e->conditions);
    if (e->state)
        put(&b, e->state, NULL);
    put_compared(a, &b, "reason", e->reason);
    put_compared(a, &b, "exit code", e->exit_code);
    put_compared(a, &b, "restarts", e->restarts);
    if (e->endpoints && e->endpoints->type != VALUE_MAP)
        put_endpoints(a, &b, "endpoints", e->endpoints);
    for (uint32_t i = 0; e->endpoints && e->endpoints->type == VALUE_MAP && i < e->endpoints->count; i++)
        put_endpoints(a, &b, arena_printf(a, "endpoints %s", e->endpoints->entries[i].key),
                      e->endpoints->entries[i].value);
    put_map(a, &b, "", e->fields);
    put_compared(a, &b, "served", e->served);
    put_compared(a, &b, "lost", e->lost);
    put_compared(a, &b, "sent", e->sent);
    if (e->cause)
        put(&b, "cause", e->cause);
    put_happening(a, &b, e);
    put_count(a, &b, e);
    const char *text = arena_strdup(a, strbuf_str(&b));
    strbuf_fini(&b);
    return text;
}

const char *expect_when(struct arena *a, const struct expectation *e)
{
    const struct {
        const char *word;
        sim_time time;
    } times[] = {
        {"at", e->at}, {"within", e->within}, {"after", e->after},  {"from", e->from},
        {"to", e->to}, {"for", e->lasts},     {"+-", e->tolerance},
    };
    struct strbuf b = STRBUF_INIT;
    for (size_t i = 0; i < ARRAY_LEN(times); i++) {
        if (times[i].time == SIM_NEVER)
            continue;
        strbuf_printf(&b, " %s ", times[i].word);
        strbuf_go_duration(&b, times[i].time);
    }
    const char *text = arena_strdup(a, strbuf_str(&b));
    strbuf_fini(&b);
    return text;
}

const char *expect_wanted(struct arena *a, const struct expectation *e)
{
    const char *mode = e->eventually.set ? "eventually " : e->never.set ? "never " : e->always.set ? "always " : "";
    return arena_printf(a, "%s%s%s", mode, expect_what(a, e), expect_when(a, e));
}

const char *expect_name(struct arena *a, const struct expectation *e)
{
    if (e->name)
        return e->name;
    if (!e->order.count)
        return arena_printf(a, "%s: %s", expect_subject_name(a, e), expect_wanted(a, e));
    struct strbuf b = STRBUF_INIT;
    for (uint32_t i = 0; i < e->order.count; i++)
        strbuf_printf(&b, "%s%s: %s", i ? ", then " : "", expect_subject_name(a, &e->order.items[i]),
                      expect_what(a, &e->order.items[i]));
    const char *text = arena_printf(a, "%s%s", strbuf_str(&b), expect_when(a, e));
    strbuf_fini(&b);
    return text;
}
