/* expect_tell.c - expectations in words. */
#include "report/expect_private.h"

static void put_when(struct strbuf *b, const struct expectation *e)
{
    static const struct {
        size_t offset;
        const char *word;
    } times[] = {
        {offsetof(struct expectation, at), "at"},        {offsetof(struct expectation, within), "within"},
        {offsetof(struct expectation, after), "after"},  {offsetof(struct expectation, from), "from"},
        {offsetof(struct expectation, to), "to"},        {offsetof(struct expectation, lasts), "for"},
        {offsetof(struct expectation, tolerance), "+-"},
    };
    strbuf_puts(b, e->eventually.set ? " eventually" : e->never.set ? " never" : e->always.set ? " always" : "");
    for (size_t i = 0; i < ARRAY_LEN(times); i++) {
        sim_time t = *(const sim_time *)((const char *)e + times[i].offset);
        if (t == SIM_NEVER)
            continue;
        strbuf_printf(b, " %s ", times[i].word);
        strbuf_go_duration(b, t);
    }
}

static void put_holding(struct arena *a, struct strbuf *b, const char *word, const struct value *v)
{
    struct comparison c;
    if (v && !comparison_parse(a, v, &c))
        strbuf_printf(b, " %s %s", word, c.text);
}

const char *expect_name(struct arena *a, const struct expectation *e)
{
    struct strbuf b = STRBUF_INIT;
    if (e->name)
        return e->name;
    strbuf_printf(&b, "pod/%s:", e->pod);
    if (e->exists.set)
        strbuf_puts(&b, e->exists.value ? " exists" : " does not exist");
    put_holding(a, &b, "phase", e->phase);
    put_holding(a, &b, "status", e->status);
    put_holding(a, &b, "ready", e->ready);
    put_holding(a, &b, "restarts", e->restarts);
    put_when(&b, e);
    const char *name = arena_strdup(a, strbuf_str(&b));
    strbuf_fini(&b);
    return name;
}
