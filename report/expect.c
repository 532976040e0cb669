/* expect.c - expectations against a run: each one's verdict, from the spans in which its claim was true.
 *
 * `at` asks for the state after everything of that instant; within, eventually, never and always look at every version
 * that a watcher would have seen, also one that lasted no time.
 */
#include "report/expect.h"

#include "report/expect_private.h"

/* What the expectation asks of the spans. */
struct window {
    sim_time from, to;
};

static const struct span *span_at(const struct pool *spans, uint32_t i) { return pool_at(spans, i); }

static sim_time or_else(sim_time t, sim_time otherwise) { return t == SIM_NEVER ? otherwise : t; }

static sim_time tolerance_of(const struct expectation *e) { return or_else(e->tolerance, 0); }

/* Does the span touch the window? One that takes no time does when it is inside. */
static bool touches(const struct span *s, const struct window *w)
{
    return s->from <= w->to && (s->to > w->from || s->from >= w->from);
}

/* Where things must be found: tolerance widens it. */
static struct window wanted_window(const struct expectation *e, sim_time end)
{
    sim_time t = tolerance_of(e), from = or_else(e->within != SIM_NEVER ? e->after : e->from, 0);
    sim_time to = or_else(e->to, end);
    if (e->within != SIM_NEVER)
        to = sim_time_add(from, e->within);
    return (struct window){from - t, sim_time_add(to, t)};
}

/* Where things must not be found: tolerance narrows it. */
static struct window forbidden_window(const struct expectation *e, sim_time end)
{
    sim_time t = tolerance_of(e);
    return (struct window){e->from == SIM_NEVER ? 0 : e->from + t, e->to == SIM_NEVER ? end : e->to - t};
}

/* Of the span, how long within the window and after. */
static bool lasts_enough(const struct span *s, const struct window *w, const struct expectation *e, sim_time end)
{
    sim_time from = s->from > w->from ? s->from : w->from, to = s->to == SIM_NEVER ? end : s->to;
    return e->lasts == SIM_NEVER || to - from >= e->lasts - tolerance_of(e);
}

static bool found(const struct claim *c, const struct expectation *e, sim_time end)
{
    struct window w = wanted_window(e, end);
    for (uint32_t i = 0; i < c->truth.count; i++)
        if (touches(span_at(&c->truth, i), &w) && lasts_enough(span_at(&c->truth, i), &w, e, end))
            return true;
    return false;
}

static bool none_in(const struct pool *spans, const struct expectation *e, sim_time end)
{
    struct window w = forbidden_window(e, end);
    for (uint32_t i = 0; i < spans->count; i++)
        if (touches(span_at(spans, i), &w))
            return false;
    return true;
}

/* After everything of the instant; with a tolerance, at any time near it. */
static bool holds_at(const struct claim *c, const struct expectation *e)
{
    sim_time t = tolerance_of(e);
    struct window w = {e->at - t, sim_time_add(e->at, t)};
    for (uint32_t i = 0; i < c->truth.count; i++) {
        const struct span *s = span_at(&c->truth, i);
        if (t ? touches(s, &w) : s->from <= e->at && s->to > e->at)
            return true;
    }
    return false;
}

static bool met(const struct claim *c, const struct expectation *e, sim_time end)
{
    if (e->at != SIM_NEVER)
        return holds_at(c, e);
    if (e->within != SIM_NEVER || e->eventually.set)
        return found(c, e, end);
    if (!c->ever && !e->exists.set && (e->never.set || e->always.set))
        return false;
    if (e->never.set)
        return none_in(&c->truth, e, end);
    if (e->always.set)
        return none_in(&c->broken_spans, e, end);
    return c->holds;
}

static void place(const struct run_trace *run, struct src_pos at, struct check_result *r)
{
    const struct diag_set *d = run->diags;
    if (!d || at.line == 0 || at.file >= d->files.count)
        return;
    r->file = ((const struct diag_file *)pool_at(&d->files, at.file))->name;
    r->line = at.line;
    r->column = at.column;
}

static void check_one(const struct run_trace *run, const struct claim *c, struct arena *a, struct check_result *ret)
{
    const struct expectation *e = c->said;
    *ret = (struct check_result){.name = expect_name(a, e), .outcome = CHECK_PASSED};
    place(run, e->pos, ret);
    if (met(c, e, run->end))
        return;
    ret->outcome = CHECK_FAILED;
    ret->message = arena_printf(a, "expected %s", ret->name);
}

void expect_check(const struct run_trace *run, const expectation_list *expected, struct arena *a,
                  struct check_results *ret)
{
    uint32_t count = expected->count;
    struct arena scratch;
    *ret = (struct check_results){.items = arena_array(a, struct check_result, count + 1), .count = count};
    if (count == 0)
        return;
    arena_init(&scratch, 0);
    struct claim *claims = arena_array(a, struct claim, count);
    for (uint32_t i = 0; i < count; i++)
        claim_init(&claims[i], &expected->items[i], run, a, &scratch);
    for (uint32_t r = 1; r < trace_count(run->trace); r++) {
        arena_reset(&scratch);
        for (uint32_t i = 0; i < count; i++)
            claim_follow(&claims[i], r, trace_at(run->trace, r));
    }
    for (uint32_t i = 0; i < count; i++)
        check_one(run, &claims[i], a, &ret->items[i]);
    arena_fini(&scratch);
}
