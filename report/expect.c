/* expect.c - expectations against a run: each one's verdict, from the spans in which its claim was true.
 *
 * `at` and the end ask for the state after everything of that instant; within, eventually, never and always look at
 * every version that a watcher would have seen, also one that lasted no time. An order is met greedily: each item by
 * the first time it came true not before the one above it; of a state that is when it began.
 */
#include "report/expect.h"

#include <string.h>

#include "report/expect_private.h"

static const struct span *span_at(const struct pool *spans, uint32_t i) { return pool_at(spans, i); }

static sim_time or_else(sim_time t, sim_time otherwise) { return t == SIM_NEVER ? otherwise : t; }

sim_time expect_tolerance(const struct expectation *e) { return or_else(e->tolerance, 0); }

bool expect_run_is_over(const struct run_trace *run)
{
    uint32_t count = trace_count(run->trace);
    const struct trace_record *last = count > 1 ? trace_at(run->trace, count - 1) : NULL;
    return last && last->kind == TRACE_END && last->aux == RUN_QUIET;
}

bool expect_touches(const struct span *s, const struct window *w)
{
    return s->from <= w->to && (s->to > w->from || s->from >= w->from);
}

struct window expect_window(const struct expectation *e, sim_time end)
{
    sim_time t = expect_tolerance(e);
    if (e->at != SIM_NEVER)
        return (struct window){e->at - t, sim_time_add(e->at, t)};
    if (e->within != SIM_NEVER) {
        sim_time after = or_else(e->after, 0);
        return (struct window){after - t, sim_time_add(sim_time_add(after, e->within), t)};
    }
    if (e->never.set || e->always.set)
        return (struct window){e->from == SIM_NEVER ? 0 : e->from + t, e->to == SIM_NEVER ? end : e->to - t};
    return (struct window){or_else(e->from, 0) - t, sim_time_add(or_else(e->to, end), t)};
}

/* ---- states ---- */

/* How long of the span is within the window and after. */
static bool lasts_enough(const struct claim *c, const struct span *s, const struct window *w)
{
    const struct expectation *e = c->said;
    sim_time from = s->from > w->from ? s->from : w->from, to = s->to;
    if (e->lasts == SIM_NEVER)
        return true;
    if (to == SPAN_OPEN && !expect_run_is_over(c->walk->run))
        to = c->walk->run->end;
    return to - from >= e->lasts - expect_tolerance(e);
}

static bool found(const struct claim *c, const struct window *w)
{
    for (uint32_t i = 0; i < c->truth.count; i++)
        if (expect_touches(span_at(&c->truth, i), w) && lasts_enough(c, span_at(&c->truth, i), w))
            return true;
    return false;
}

static bool none_in(const struct pool *spans, const struct window *w)
{
    for (uint32_t i = 0; i < spans->count; i++)
        if (expect_touches(span_at(spans, i), w))
            return false;
    return true;
}

/* After everything of the instant; with a tolerance, at any time near it. */
static bool holds_at(const struct claim *c, const struct window *w)
{
    const struct run_trace *run = c->walk->run;
    if (w->from > run->end && !expect_run_is_over(run))
        return false;
    for (uint32_t i = 0; i < c->truth.count; i++) {
        const struct span *s = span_at(&c->truth, i);
        if (w->from < w->to ? expect_touches(s, w) : s->from <= w->to && s->to > w->to)
            return true;
    }
    return false;
}

/* Is what is said true without any object? */
static bool of_nothing(const struct claim *c) { return c->said->exists.set || c->count.text; }

static bool state_met(const struct claim *c)
{
    const struct expectation *e = c->said;
    struct window w = expect_window(e, c->walk->run->end);
    if (e->at != SIM_NEVER)
        return holds_at(c, &w);
    if (e->within != SIM_NEVER || e->eventually.set)
        return found(c, &w);
    if (e->never.set || e->always.set)
        return (c->ever || of_nothing(c)) && none_in(e->never.set ? &c->truth : &c->broken_spans, &w);
    return c->holds;
}

static bool happening_met(const struct claim *c)
{
    struct window w = expect_window(c->said, c->walk->run->end);
    uint64_t n = happenings_in(c, w.from, w.to);
    if (c->said->never.set)
        return n == 0 && c->ever;
    return c->count.text ? comparison_holds_int(&c->count, (int64_t)n) : n > 0;
}

/* ---- orders ---- */

static bool next_begin(const struct claim *c, sim_time from, sim_time *ret)
{
    for (uint32_t i = 0; i < c->truth.count; i++) {
        if (span_at(&c->truth, i)->from < from)
            continue;
        *ret = span_at(&c->truth, i)->from;
        return true;
    }
    return false;
}

static bool order_met(struct expect_check *k)
{
    const struct expectation *e = k->said;
    sim_time t = expect_tolerance(e), from = or_else(e->after, 0) - t;
    const struct happening *before = NULL;
    for (k->met = 0; k->met < k->count; k->met++) {
        const struct claim *c = &k->claims[k->met];
        struct occurrence o = {SIM_NEVER, NULL};
        if (c->happens ? !happening_next(c, from, before, &o) : !next_begin(c, from, &o.at))
            return false;
        k->times[k->met] = o.at;
        before = o.of;
        from = o.at - t;
    }
    return e->within == SIM_NEVER || k->times[k->count - 1] <= expect_window(e, k->claims->walk->run->end).to;
}

static bool met(struct expect_check *k)
{
    if (k->said->order.count)
        return order_met(k);
    return k->claims->happens ? happening_met(k->claims) : state_met(k->claims);
}

/* ---- results ---- */

static void place(const struct run_trace *run, struct src_pos at, struct check_result *r)
{
    const struct diag_set *d = run->diags;
    if (!d || at.line == 0 || at.file >= d->files.count)
        return;
    r->file = ((const struct diag_file *)pool_at(&d->files, at.file))->name;
    r->line = at.line;
    r->column = at.column;
}

/* Expectations that say the same are told apart by a number. */
static const char *unique_name(struct arena *a, const struct check_result *before, uint32_t count, const char *name)
{
    uint32_t same = 1;
    for (uint32_t i = 0; i < count; i++) {
        size_t n = strlen(name);
        same += strncmp(before[i].name, name, n) == 0 &&
                (before[i].name[n] == '\0' || strncmp(before[i].name + n, " (", 2) == 0);
    }
    return same > 1 ? arena_printf(a, "%s (%" PRIu32 ")", name, same) : name;
}

/* Requests are counted in another way. */
static uint32_t claim_count(const struct expectation *e)
{
    return e->traffic ? 0 : e->order.count ? e->order.count : 1;
}

static void make_claims(struct expect_check *k, const struct expectation *e, struct claim *claims,
                        struct expect_walk *w)
{
    *k = (struct expect_check){.said = e, .claims = claims, .count = claim_count(e)};
    k->times = arena_array(w->arena, sim_time, k->count);
    for (uint32_t i = 0; i < k->count; i++)
        claim_init(&claims[i], e->order.count ? &e->order.items[i] : e, w);
}

void expect_check(const struct run_trace *run, const expectation_list *expected, struct arena *a,
                  struct check_results *ret)
{
    uint32_t count = expected->count, all = 0;
    struct expect_walk w;
    *ret = (struct check_results){.items = arena_array(a, struct check_result, count + 1), .count = count};
    if (count == 0)
        return;
    for (uint32_t i = 0; i < count; i++)
        all += claim_count(&expected->items[i]);
    walk_init(&w, run, a);
    struct expect_check *checks = arena_array(a, struct expect_check, count);
    struct claim *claims = arena_array(a, struct claim, all + 1), *next = claims;
    for (uint32_t i = 0; i < count; next += checks[i++].count)
        make_claims(&checks[i], &expected->items[i], next, &w);
    claims_follow(claims, all, &w);
    for (uint32_t i = 0; i < count; i++) {
        const struct expectation *e = checks[i].said;
        struct check_result *r = &ret->items[i];
        *r = (struct check_result){.name = unique_name(a, ret->items, i, expect_name(a, e)), .outcome = CHECK_PASSED};
        place(run, e->pos, r);
        if (e->traffic ? expect_traffic_met(e, &w, r) : met(&checks[i]))
            continue;
        r->outcome = CHECK_FAILED;
        if (!e->traffic)
            expect_explain(&checks[i], &w, r);
    }
    walk_fini(&w);
}

/* ---- spec.stop.when ---- */

struct expect_stop {
    struct arena *arena;
    const struct expectation *when;
    struct run_trace run;
    struct expect_walk walk;
    struct claim claim;
    bool begun;
};

void *expect_stop_new(struct arena *a, const struct expectation *when)
{
    if (!when)
        return NULL;
    struct expect_stop *s = arena_new(a, struct expect_stop);
    *s = (struct expect_stop){.arena = a, .when = when};
    return s;
}

bool expect_stop_now(void *ctx, const struct run_trace *so_far)
{
    struct expect_stop *s = ctx;
    s->run = *so_far;
    if (!s->begun) {
        walk_init(&s->walk, &s->run, s->arena);
        claim_init(&s->claim, s->when, &s->walk);
        s->begun = true;
    }
    claims_follow(&s->claim, 1, &s->walk);
    if (!s->claim.happens) /* to be gone, it must have been there */
        return s->claim.holds && (s->claim.ever || !s->when->exists.set);
    uint64_t n = happenings_in(&s->claim, 0, so_far->end);
    return s->claim.count.text ? comparison_holds_int(&s->claim.count, (int64_t)n) : n > 0;
}

void expect_stop_free(void *ctx)
{
    struct expect_stop *s = ctx;
    if (s && s->begun)
        walk_fini(&s->walk);
}
