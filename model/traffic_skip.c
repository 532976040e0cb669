/* traffic_skip.c - requests that were no events: may they be left out, and how many of which fate were there.
 *
 * While rules, names and servers are what they were, request `n` of a lane goes where its number says, and ends as the
 * last one there did. So the requests of a stretch of time fall into as many classes as there are endpoints (or open
 * connections), each an arithmetic series, and are counted class by class. What is left out changes nothing: the
 * counts, the intervals and the requests under way are those of a run in which each was an event.
 */
#include "model/classes.h"
#include "model/traffic_private.h"

/* ---- when requests are sent ---- */

#define PICO ((int64_t)1000 * SIM_SECOND) /* of a rate in thousandths per second */

static uint32_t lane_count(const struct client *c) { return c->lanes.count; }

/* The k-th request of a client is sent k / rate after its start, by one lane after the other. */
sim_time lane_time(const struct lane *l, uint64_t number)
{
    const struct client *c = l->client;
    int64_t k = (int64_t)number * lane_count(c) + l->index, q = PICO / c->rate_milli, r = PICO % c->rate_milli;
    return c->start + k * q + k * r / c->rate_milli;
}

/* The first request that is sent at `at` or later. */
static uint64_t number_at(const struct lane *l, sim_time at)
{
    const struct client *c = l->client;
    sim_time since = at > c->start ? at - c->start : 0;
    int64_t seconds = since / SIM_SECOND, rest = since % SIM_SECOND;
    int64_t k = seconds * c->rate_milli / 1000 + rest * c->rate_milli / PICO;
    uint64_t n = (uint64_t)k / lane_count(c);
    while (n > 0 && lane_time(l, n - 1) >= at)
        n--;
    while (lane_time(l, n) < at)
        n++;
    return n;
}

static bool has_passed(const struct lane *l, sim_time at)
{
    struct sim *sim = l->client->traffic->sim;
    if (l->looks)
        return at < sim_now(sim);
    return sim_passed(sim, at, CLASS_REQUEST, l->object, 0);
}

static bool is_over(const struct client *c, sim_time at) { return c->stop != SIM_NEVER && at >= c->stop; }

/* The first request that would not have been sent by now. */
static uint64_t first_to_come(const struct lane *l)
{
    const struct client *c = l->client;
    sim_time now = sim_now(c->traffic->sim);
    uint64_t n = number_at(l, is_over(c, now) ? c->stop : now);
    while (!is_over(c, lane_time(l, n)) && has_passed(l, lane_time(l, n)))
        n++;
    return n;
}

/* ---- may they be left out? ---- */

static bool lasts(const struct lane *l, const struct answer *a, sim_time *until)
{
    sim_time now = sim_now(l->client->traffic->sim);
    if (!a->valid || !a->steady || a->closes || a->lasts_until <= now)
        return false;
    if (a->lasts_until != SIM_TIME_MAX && (*until == SIM_NEVER || a->lasts_until + 1 < *until))
        *until = a->lasts_until + 1;
    return true;
}

/* Over connections that are open, whatever the rules say. */
static bool slots_last(const struct lane *l, sim_time *until)
{
    const struct client *c = l->client;
    for (uint32_t i = 0; i < c->slot_count; i++) {
        const struct slot *s = &l->slots[i];
        if (!slot_is_open(c, s))
            return false;
        const struct answer *a = &target_at(c, s->target - 1)->answers[KEPT];
        if (a->peer.container != s->peer.container || a->peer.pid != s->peer.pid || a->peer.since != s->peer.since ||
            !lasts(l, a, until))
            return false;
    }
    return true;
}

static void lower(sim_time *until, sim_time at)
{
    if (at != SIM_NEVER && (*until == SIM_NEVER || at < *until))
        *until = at;
}

static bool names_last(const struct lane *l, sim_time *until)
{
    const struct client *c = l->client;
    if (l->epoch < 0 || (l->names_heard && lane_asks_again(l)))
        return false;
    if (l->names_heard)
        lower(until, c->start + (l->epoch + 1) * c->dns_cache);
    return true;
}

/* A lost one that is sent again later is no member of a series. */
static bool is_simple(const struct client *c, const struct answer *a)
{
    return c->retries == 0 || a->took == 0 || !fate_is_retried(a);
}

static bool targets_last(const struct lane *l, sim_time *until)
{
    const struct client *c = l->client;
    for (uint32_t i = 0; i < l->target_count; i++) {
        const struct answer *a = &target_at(c, l->targets[i])->answers[FRESH];
        bool used = !l->rule.affinity || l->affine == l->targets[i] + 1;
        if (used && (!lasts(l, a, until) || !is_simple(c, a)))
            return false;
    }
    return true;
}

static bool rules_last(const struct lane *l, sim_time *until)
{
    struct kube_proxy *proxy = l->client->traffic->deps.proxy;
    struct proxy_stamp now = kube_proxy_stamp(proxy, l->node_name);
    lower(until, kube_proxy_next_change(proxy, l->node_name));
    return l->routed && now.in_force == l->stamp.in_force && now.heard == l->stamp.heard;
}

/* No endpoint: the fate is that of the rules. */
static bool nobody_lasts(const struct lane *l)
{
    const struct client *c = l->client;
    return l->target_count || c->retries == 0 || l->rule.route != ROUTE_DROP;
}

bool lane_may_skip(const struct lane *l, sim_time *ret_until)
{
    const struct client *c = l->client;
    *ret_until = SIM_NEVER;
    if (c->traffic->deps.ticks != TICKS_THAT_MATTER || l->attempt)
        return false;
    if (l->away)
        return true;
    if (c->slot_count)
        return slots_last(l, ret_until);
    bool chance = c->random && !c->rate_milli;
    bool affine_lasts = !l->rule.affinity || (c->rate_milli && PICO / c->rate_milli * lane_count(c) < l->rule.affinity);
    return !chance && affine_lasts && names_last(l, ret_until) && rules_last(l, ret_until) &&
           targets_last(l, ret_until) && nobody_lasts(l);
}

/* ---- counting ---- */

/* The requests of one class: numbers first, first + step ... */
struct series {
    uint64_t first, step, count;
};

static void remember(struct lane *l, struct target *t, const struct answer *a, struct trace_traffic *data,
                     uint64_t number, uint32_t attempt, sim_time sent)
{
    pending_add(l->client, t,
                (struct pending){.sent = sent,
                                 .due = sim_time_add(sent, a->took),
                                 .peer = a->peer,
                                 .lane = l->index,
                                 .attempt = attempt,
                                 .number = number,
                                 .counted = data});
}

/* Those of the end of the series that are not answered yet. */
static void remember_last(struct lane *l, struct target *t, const struct answer *a, struct trace_traffic *data,
                          const struct series *s, uint32_t attempt)
{
    sim_time now = sim_now(l->client->traffic->sim);
    uint64_t open = 0;
    if (!a->taken || a->took == 0 || !a->peer.container)
        return;
    while (open < s->count && sim_time_add(lane_time(l, s->first + (s->count - 1 - open) * s->step), a->took) > now)
        open++;
    for (; open > 0; open--) {
        uint64_t number = s->first + (s->count - open) * s->step;
        remember(l, t, a, data, number, attempt, lane_time(l, number));
    }
}

static void count_intervals(struct lane *l, struct trace_traffic *data, const struct series *s)
{
    struct client *c = l->client;
    for (uint64_t i = 0; i < s->count;) {
        uint64_t number = s->first + i * s->step;
        sim_time at = lane_time(l, number);
        uint64_t next = number_at(l, (at / c->interval + 1) * c->interval);
        uint64_t in = (next - number + s->step - 1) / s->step;
        if (in > s->count - i)
            in = s->count - i;
        traffic_count_interval(c, data, (uint64_t)(at / c->interval), (uint32_t)in);
        i += in;
    }
}

static void count_series(struct lane *l, struct target *t, enum connection k, const struct series *s, uint32_t attempt)
{
    struct client *c = l->client;
    const struct answer a = t->answers[k];
    struct trace_traffic *data = traffic_stretch(c, t, k, &a);
    traffic_count(data, s->count, lane_time(l, s->first), lane_time(l, s->first + (s->count - 1) * s->step));
    count_intervals(l, data, s);
    remember_last(l, t, &a, data, s, attempt);
}

static struct target *target_of(const struct lane *l, uint32_t choice)
{
    return target_at(l->client, l->rule.affinity ? l->affine - 1 : l->targets[choice]);
}

/* Tries that get no answer at once go on to the next endpoint. */
static void count_choice(struct lane *l, uint32_t choice, const struct series *s)
{
    struct client *c = l->client;
    for (uint32_t attempt = 0;; attempt++, choice = (choice + 1) % l->target_count) {
        struct target *t = target_of(l, choice);
        const struct answer *a = &t->answers[FRESH];
        if (attempt == c->retries || !fate_is_retried(a)) {
            count_series(l, t, FRESH, s, attempt);
            return;
        }
        traffic_stretch(c, t, FRESH, a)->retried += s->count;
    }
}

/* The members of [from, to) whose number is `wanted` modulo `count`. */
static struct series series_of(uint64_t from, uint64_t to, uint32_t wanted, uint32_t count)
{
    uint64_t first = from + (wanted + count - from % count) % count;
    return (struct series){first, count, first < to ? (to - first + count - 1) / count : 0};
}

static void count_turns(struct lane *l, uint64_t from, uint64_t to)
{
    uint32_t n = l->rule.affinity ? 1 : l->target_count;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t wanted = (i + n - l->index % n) % n;
        struct series s = series_of(from, to, wanted, n);
        if (s.count)
            count_choice(l, i, &s);
    }
    if (l->rule.affinity)
        l->affine_used = lane_time(l, to - 1);
}

static void count_drawn(struct lane *l, uint64_t from, uint64_t to)
{
    struct client *c = l->client;
    for (uint64_t number = from; number < to; number++) {
        const struct series s = {number, 1, 1};
        for (uint32_t attempt = 0;; attempt++) {
            struct target *t = target_of(l, lane_choice(l, number, attempt, l->target_count));
            const struct answer *a = &t->answers[FRESH];
            if (attempt == c->retries || !fate_is_retried(a)) {
                count_series(l, t, FRESH, &s, attempt);
                break;
            }
            traffic_stretch(c, t, FRESH, a)->retried++;
        }
    }
}

static void count_slots(struct lane *l, uint64_t from, uint64_t to)
{
    const struct client *c = l->client;
    for (uint32_t i = 0; i < c->slot_count; i++) {
        struct series s = series_of(from, to, i, c->slot_count);
        if (s.count)
            count_series(l, target_at(c, l->slots[i].target - 1), KEPT, &s, 0);
    }
}

static void count_nobody(struct lane *l, uint64_t from, uint64_t to)
{
    const struct series s = {from, 1, to - from};
    struct answer a;
    struct target *t = lane_nobody(l, &a);
    struct trace_traffic *data = traffic_stretch(l->client, t, FRESH, &a);
    if (fate_is_retried(&a))
        data->retried += s.count * l->client->retries;
    traffic_count(data, s.count, lane_time(l, from), lane_time(l, to - 1));
    count_intervals(l, data, &s);
}

/* ---- with concurrency: one after the other, in rounds ---- */

static const struct answer *next_answer(const struct lane *l, uint64_t number, struct target **ret, enum connection *k)
{
    const struct client *c = l->client;
    *k = c->slot_count ? KEPT : FRESH;
    *ret =
        c->slot_count ? target_at(c, l->slots[0].target - 1) : target_of(l, lane_choice(l, number, 0, l->target_count));
    return &(*ret)->answers[*k];
}

/* One request at l->next_at. */
static void count_one_at(struct lane *l)
{
    struct client *c = l->client;
    sim_time sent = l->next_at, now = sim_now(c->traffic->sim);
    struct target *t = NULL;
    enum connection k = FRESH;
    struct answer a;
    uint32_t attempt = 0;
    c->sent++;
    if (!c->slot_count && !l->target_count) {
        t = lane_nobody(l, &a);
        if (fate_is_retried(&a))
            traffic_stretch(c, t, k, &a)->retried += c->retries;
    } else {
        a = *next_answer(l, l->number, &t, &k);
        for (; k == FRESH && attempt < c->retries && fate_is_retried(&a); a = t->answers[FRESH]) {
            traffic_stretch(c, t, k, &a)->retried++;
            t = target_of(l, lane_choice(l, l->number, ++attempt, l->target_count));
        }
    }
    struct trace_traffic *data = traffic_stretch(c, t, k, &a);
    traffic_count_one(c, data, sent);
    sim_time due = sim_time_add(sent, a.took);
    if (a.taken && a.took && a.peer.container && due > now)
        remember(l, t, &a, data, l->number, attempt, sent);
    l->number++;
    l->next_at = sim_time_add(due, c->pause);
}

static void settle_one_by_one(struct lane *l)
{
    struct client *c = l->client;
    while (has_passed(l, l->next_at) && !is_over(c, l->next_at)) {
        if (l->away)
            l->next_at += c->pause;
        else
            count_one_at(l);
    }
}

void lane_settle(struct lane *l)
{
    struct client *c = l->client;
    if (!l->skips)
        return;
    if (!c->rate_milli) {
        settle_one_by_one(l);
        return;
    }
    uint64_t from = l->number, to = first_to_come(l);
    if (to <= from)
        return;
    l->number = to; /* before anything is counted, which may lead here again */
    l->next_at = lane_time(l, to);
    if (l->away)
        return;
    c->sent += to - from;
    if (c->slot_count)
        count_slots(l, from, to);
    else if (!l->target_count)
        count_nobody(l, from, to);
    else if (c->random && !l->rule.affinity)
        count_drawn(l, from, to);
    else
        count_turns(l, from, to);
}
