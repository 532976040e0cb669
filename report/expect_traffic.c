/* expect_traffic.c - expectations about requests: how many of a client's were served, lost, or ended in one way.
 *
 * A request counts at the instant at which it was sent. `from` and `to` are as fine as the client's interval.
 */
#include <string.h>

#include "report/expect_private.h"
#include "report/traffic.h"

static bool fits(const char *pattern, const char *text)
{
    if (!pattern)
        return true;
    return text && (glob_is_pattern(pattern) ? glob_matches(pattern, text) : strcmp(pattern, text) == 0);
}

static bool is_wanted(const struct expectation *e, const struct trace_record *r)
{
    const struct trace_traffic *t = r->data;
    return r->kind == TRACE_TRAFFIC && fits(e->traffic, r->text) && fits(e->pod, t->pod) &&
           (!e->cause || strcmp(traffic_fates[r->aux].name, e->cause) == 0);
}

/* Of the wanted requests, by fate; *ret_first: the first loss, 0 = none. */
static void count(const struct expect_walk *w, const struct expectation *e, uint64_t fates[FATE_COUNT],
                  uint32_t *ret_first)
{
    sim_time from = e->from == SIM_NEVER ? 0 : e->from, to = e->to == SIM_NEVER ? SIM_TIME_MAX : e->to;
    *ret_first = 0;
    for (uint32_t i = 1; i < trace_count(w->run->trace); i++) {
        const struct trace_record *r = trace_at(w->run->trace, i);
        if (!is_wanted(e, r))
            continue;
        uint64_t n = traffic_sent_in(r->data, from, to);
        fates[r->aux] += n;
        if (n && !*ret_first && fate_is_loss((enum traffic_fate)r->aux))
            *ret_first = i;
    }
}

static uint64_t losses(const uint64_t fates[FATE_COUNT])
{
    uint64_t n = 0;
    for (int f = 0; f < FATE_COUNT; f++)
        n += fate_is_loss((enum traffic_fate)f) ? fates[f] : 0;
    return n;
}

static bool holds(struct arena *a, const struct value *v, uint64_t n)
{
    struct comparison c;
    return !v || (!comparison_parse(a, v, &c) && comparison_holds_int(&c, (int64_t)n));
}

/* "11989 served, 12 lost: 10 stale-endpoint, 2 not-ready" */
static const char *seen_text(struct arena *a, const uint64_t fates[FATE_COUNT])
{
    struct strbuf b = STRBUF_INIT;
    strbuf_printf(&b, "%" PRIu64 " served, %" PRIu64 " lost", fates[FATE_SERVED], losses(fates));
    for (int f = 0, told = 0; f < FATE_COUNT; f++)
        if (fates[f] && fate_is_loss((enum traffic_fate)f))
            strbuf_printf(&b, "%s%" PRIu64 " %s", told++ ? ", " : ": ", fates[f], traffic_fates[f].name);
    const char *text = arena_strdup(a, strbuf_str(&b));
    strbuf_fini(&b);
    return text;
}

static const char *first_loss(struct arena *a, const struct run_trace *run, uint32_t index)
{
    const struct trace_record *r = trace_at(run->trace, index);
    const struct trace_traffic *t = r->data;
    return arena_printf(a, "first     %s  client/%s: %s%s%s (%s)\n", expect_seconds(a, t->first), r->text, t->seen,
                        t->pod ? " at pod " : "", t->pod ? t->pod : "", traffic_fates[r->aux].what);
}

bool expect_traffic_met(const struct expectation *e, const struct expect_walk *w, struct check_result *ret)
{
    uint64_t fates[FATE_COUNT] = {0}, all = 0;
    uint32_t first;
    struct arena *a = w->arena;
    count(w, e, fates, &first);
    for (int f = 0; f < FATE_COUNT; f++)
        all += fates[f];
    if (holds(a, e->served, fates[FATE_SERVED]) && holds(a, e->lost, losses(fates)) && holds(a, e->sent, all))
        return true;
    const char *seen = seen_text(a, fates), *wanted = expect_wanted(a, e);
    ret->message = arena_printf(a, "%s: expected %s; %s", expect_subject_name(a, e), wanted, seen);
    ret->details =
        arena_printf(a, "expected  %s\nseen      %s\n%s", wanted, seen, first ? first_loss(a, w->run, first) : "");
    return false;
}
