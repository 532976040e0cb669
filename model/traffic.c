/* traffic.c - the clients of spec.traffic: when they send requests, and which of these are events.
 *
 * A client sends by lanes: one per node that it is spread over, or one per request at a time (`concurrency`). The next
 * request of a lane is an event, until it is known how all that could come would end; then the lane skips: its requests
 * are counted (traffic_skip.c) when something that they depend on is about to change, and the first ones after that are
 * events again. See traffic.h.
 * Left out on purpose: servers do not log these requests; what they take of CPU and memory.
 */
#include "model/traffic.h"

#include <string.h>

#include "model/classes.h"
#include "model/traffic_private.h"

enum { SOURCES_MAX = 100 };            /* nodes that a client is spread over */
enum { LOOK, END };                    /* indices of a client's timers */
#define OUTSIDE_ADDRESS "203.0.113.10" /* RFC 5737 */

/* ---- timers ---- */

static struct sim_timer *client_timer(void *ctx, uint32_t local, uint32_t class, uint32_t index)
{
    (void)class;
    struct client *c = client_at(ctx, local);
    return index == LOOK ? &c->look : &c->end;
}

static struct lane *any_lane(const struct traffic *t, uint32_t local)
{
    return *(struct lane **)pool_at(&t->all_lanes, local);
}

static struct sim_timer *lane_timer(void *ctx, uint32_t local, uint32_t class, uint32_t index)
{
    (void)class, (void)index;
    return &any_lane(ctx, local)->timer;
}

static struct late_retry *retry_at(const struct traffic *t, uint32_t i) { return pool_at(&t->retries, i); }

static struct sim_timer *retry_timer(void *ctx, uint32_t local, uint32_t class, uint32_t index)
{
    (void)class, (void)index;
    return &retry_at(ctx, local)->timer;
}

/* ---- lanes ---- */

static bool is_over(const struct client *c, sim_time at) { return c->stop != SIM_NEVER && at >= c->stop; }

static void arm(struct lane *l, sim_time at) { sim_arm(l->client->traffic->sim, at, CLASS_REQUEST, l->object, 0); }

static void disarm(struct lane *l) { sim_cancel(l->client->traffic->sim, CLASS_REQUEST, l->object, 0); }

/* What comes next is an event, or is left out. */
static void go_on(struct lane *l)
{
    sim_time until;
    l->skips = false;
    if (is_over(l->client, l->next_at) && !l->attempt) {
        disarm(l);
        return;
    }
    l->skips = lane_may_skip(l, &until) && (until == SIM_NEVER || until > l->next_at);
    if (!l->skips)
        arm(l, l->next_at);
    else if (until == SIM_NEVER)
        disarm(l);
    else
        arm(l, until);
}

static void watch_source(struct lane *l)
{
    if (l->ip && !l->client->outside)
        cri_watch_address(l->client->traffic->deps.cri, l->ip);
}

static void send(struct lane *l)
{
    struct client *c = l->client;
    sim_time end = l->next_at;
    l->away = lane_is_away(l);
    watch_source(l);
    if (!l->away) {
        if (!l->attempt)
            c->sent++;
        end = lane_request(l, l->number, l->attempt);
    }
    if (c->rate_milli) {
        l->attempt = 0; /* that one has a timer of its own */
        l->next_at = lane_time(l, ++l->number);
    } else if (l->attempt && !l->away) {
        l->next_at = end;
    } else {
        l->number += !l->away;
        l->next_at = sim_time_add(end, c->pause);
    }
}

static void lane_fire(void *ctx, uint32_t local, uint32_t class, uint32_t index)
{
    (void)class, (void)index;
    struct lane *l = any_lane(ctx, local);
    struct sim *sim = l->client->traffic->sim;
    sim_set_cause(sim, TRACE_ROOT);
    l->looks = true;
    lane_settle(l);
    l->looks = l->skips = false;
    if (l->next_at <= sim_now(sim) && (l->attempt || !is_over(l->client, l->next_at)))
        send(l);
    go_on(l);
}

/* Its next request is an event. */
static void wake(struct lane *l)
{
    if (!l->skips)
        return;
    lane_settle(l);
    l->skips = false;
    if (is_over(l->client, l->next_at))
        disarm(l);
    else
        arm(l, l->next_at);
}

void lane_interrupted(struct lane *l, sim_time next, uint32_t attempt)
{
    l->number -= attempt > 0;
    l->attempt = attempt;
    l->next_at = next;
    l->skips = false;
    if (is_over(l->client, next) && !attempt)
        disarm(l);
    else
        arm(l, next);
}

void client_settle(struct client *c)
{
    for (uint32_t i = 0; i < c->lanes.count; i++)
        lane_settle(lane_at(c, i));
}

static void client_wake(struct client *c)
{
    for (uint32_t i = 0; i < c->lanes.count; i++)
        wake(lane_at(c, i));
}

/* ---- requests that are made again later ---- */

void traffic_retry_later(struct lane *l, uint64_t number, uint32_t attempt, sim_time at)
{
    struct traffic *t = l->client->traffic;
    uint32_t i = t->free_retry;
    if (i) {
        t->free_retry = retry_at(t, i - 1)->next_free;
    } else {
        i = pool_add(&t->retries) + 1;
        retry_at(t, i - 1)->object = sim_object_new(t->sim, t->retry_handler, i - 1);
    }
    struct late_retry *r = retry_at(t, i - 1);
    r->client = l->client;
    r->lane = l->index;
    r->number = number;
    r->attempt = attempt;
    r->used = true;
    sim_arm(t->sim, at, CLASS_REQUEST, r->object, 0);
}

static void retry_fire(void *ctx, uint32_t local, uint32_t class, uint32_t index)
{
    (void)class, (void)index;
    struct traffic *t = ctx;
    struct late_retry *r = retry_at(t, local);
    sim_set_cause(t->sim, TRACE_ROOT);
    struct lane *l = lane_at(r->client, r->lane);
    r->used = false;
    r->next_free = t->free_retry;
    t->free_retry = local + 1;
    lane_request(l, r->number, r->attempt);
    l->attempt = 0; /* it is a request of the past */
}

/* ---- what changes ---- */

/* After everything else of the instant: whose server has ended? */
static void look(struct client *c)
{
    for (uint32_t i = 0; i < c->targets.count; i++) {
        struct target *t = target_at(c, i);
        if (!t->pending_count)
            continue;
        pending_finish(c, t);
        pending_kill(c, t);
        if (t->pending_count)
            cri_watch_address(c->traffic->deps.cri, t->ip);
    }
}

static void target_changes(struct client *c, struct target *t)
{
    struct sim *sim = c->traffic->sim;
    for (int k = 0; k < CONNECTIONS; k++)
        t->answers[k].valid = false;
    t->cause = sim_cause(sim);
    pending_finish(c, t);
    if (t->pending_count)
        sim_arm(sim, sim_now(sim), CLASS_REQUEST, c->object, LOOK);
}

void traffic_address_changes(struct traffic *traffic, const char *ip)
{
    for (uint32_t i = 0; i < traffic->clients.count; i++) {
        struct client *c = client_at(traffic, i);
        bool concerned = false;
        for (uint32_t k = 0; k < c->lanes.count; k++)
            concerned |= text_is(lane_at(c, k)->ip, ip);
        for (struct target *t = c->by_address[text_hash(TEXT_HASH, ip) % TARGET_BUCKETS]; t; t = t->next)
            concerned |= t->ip && strcmp(t->ip, ip) == 0;
        if (!concerned)
            continue;
        client_wake(c);
        for (struct target *t = c->by_address[text_hash(TEXT_HASH, ip) % TARGET_BUCKETS]; t; t = t->next)
            if (t->ip && strcmp(t->ip, ip) == 0)
                target_changes(c, t);
    }
}

void traffic_pod_changed(struct traffic *traffic)
{
    for (uint32_t i = 0; i < traffic->clients.count; i++) {
        struct client *c = client_at(traffic, i);
        if (c->said->from.pod)
            client_wake(c);
    }
}

void traffic_rules_heard(struct traffic *traffic)
{
    for (uint32_t i = 0; i < traffic->clients.count; i++) {
        struct client *c = client_at(traffic, i);
        for (uint32_t k = 0; k < c->lanes.count; k++) {
            struct lane *l = lane_at(c, k);
            lane_settle(l);
            l->names_heard = true;
            if (l->skips)
                go_on(l);
        }
    }
}

/* ---- the end ---- */

/* When the last of what is under way is over; SIM_NEVER = nothing is. */
static sim_time last_due(const struct client *c)
{
    sim_time last = SIM_NEVER;
    for (uint32_t i = 0; i < c->targets.count; i++) {
        const struct target *t = target_at(c, i);
        if (t->pending_count && t->pending[t->pending_count - 1].due > last)
            last = t->pending[t->pending_count - 1].due;
    }
    return last;
}

/* None is sent any more; the run may become quiet when all are answered. */
static void client_ends(struct client *c)
{
    struct sim *sim = c->traffic->sim;
    client_wake(c);
    sim_time due = last_due(c);
    if (due > sim_now(sim)) {
        sim_arm(sim, due, CLASS_REQUEST, c->object, END);
        return;
    }
    if (c->held)
        sim_release(sim);
    c->held = false;
}

static void client_fire(void *ctx, uint32_t local, uint32_t class, uint32_t index)
{
    (void)class;
    struct client *c = client_at(ctx, local);
    if (index == LOOK)
        look(c);
    else
        client_ends(c);
}

static void count_unfinished(struct client *c)
{
    const struct answer a = {.fate = FATE_UNFINISHED, .seen = "nothing yet"};
    struct trace_traffic *data = traffic_stretch(c, traffic_target_of_fate(c, &a), FRESH, &a);
    traffic_count_one(c, data, sim_now(c->traffic->sim));
}

void traffic_end(struct traffic *traffic)
{
    for (uint32_t i = 0; i < traffic->clients.count; i++)
        client_settle(client_at(traffic, i));
    for (uint32_t i = 0; i < traffic->clients.count; i++) {
        struct client *c = client_at(traffic, i);
        for (uint32_t k = 0; k < c->targets.count; k++) {
            pending_finish(c, target_at(c, k));
            pending_abandon(c, target_at(c, k));
        }
        for (uint32_t k = 0; k < traffic->retries.count; k++)
            if (retry_at(traffic, k)->used && retry_at(traffic, k)->client == c)
                count_unfinished(c);
        for (uint32_t k = 0; k < c->lanes.count; k++)
            if (lane_at(c, k)->attempt)
                count_unfinished(c);
        traffic_totals(c);
    }
}

/* ---- the beginning ---- */

static sim_time or_else(sim_time t, sim_time otherwise) { return t == SIM_NEVER ? otherwise : t; }

static void add_lane(struct client *c, const char *node)
{
    struct traffic *t = c->traffic;
    uint32_t i = pool_add(&c->lanes), local = pool_add(&t->all_lanes);
    struct lane *l = lane_at(c, i);
    *l = (struct lane){.client = c, .index = i, .node_name = node, .epoch = -1};
    *(struct lane **)pool_at(&t->all_lanes, local) = l;
    l->object = sim_object_new(t->sim, t->lane_handler, local);
    l->ip = c->outside ? OUTSIDE_ADDRESS : c->said->from.pod ? NULL : traffic_node_address(t, node);
    if (c->slot_count)
        l->slots = arena_array(t->arena, struct slot, c->slot_count);
}

static void add_lanes(struct client *c, const char *const *nodes, uint32_t node_count)
{
    const struct traffic_source *from = &c->said->from;
    uint32_t sources = from->node || from->pod || c->outside ? 1 : node_count < SOURCES_MAX ? node_count : SOURCES_MAX;
    uint32_t count = c->rate_milli ? sources : (uint32_t)c->said->concurrency.value;
    for (uint32_t i = 0; i < count; i++)
        add_lane(c, from->node ? from->node : nodes[i % sources]);
    for (uint32_t i = 0; i < count; i++) {
        struct lane *l = lane_at(c, i);
        l->next_at = c->rate_milli ? lane_time(l, 0) : c->start + c->pause * i / count;
        if (!is_over(c, l->next_at))
            arm(l, l->next_at);
    }
}

static void add_client(struct traffic *t, const struct scenario_traffic *said, const char *const *nodes,
                       uint32_t node_count)
{
    uint32_t i = pool_add(&t->clients);
    struct client *c = client_at(t, i);
    const char *wrong = traffic_url(t->arena, said->to, &(struct traffic_url){0});
    ASSERT(!wrong);
    *c = (struct client){.traffic = t, .said = said, .index = i};
    traffic_url(t->arena, said->to, &c->url);
    c->object = sim_object_new(t->sim, t->handler, i);
    c->rate_milli = said->rate.set ? quantity_milli(&said->rate) : 0;
    c->retries = (uint32_t)said->retries.value;
    c->slot_count = (uint32_t)said->connections.value;
    c->timeout = or_else(said->timeout, DEFAULT_TIMEOUT);
    c->connect_timeout = or_else(said->connect_timeout, c->timeout);
    c->start = or_else(said->start, 0);
    c->stop = said->stop;
    c->pause = or_else(said->pause, DEFAULT_PAUSE);
    c->interval = or_else(said->interval, DEFAULT_INTERVAL);
    bool instant = store_profile(t->deps.store)->kind == PROFILE_INSTANT;
    c->dns_cache = or_else(said->dns_cache, instant ? 0 : DEFAULT_CACHE);
    c->keeps_denials = said->dns_cache != SIM_NEVER;
    c->outside = text_is(said->from.place, "outside");
    c->random = text_is(said->balance, "random");
    pool_init(&c->stretches, t->arena, sizeof(struct stretch));
    pool_init(&c->targets, t->arena, sizeof(struct target));
    pool_init(&c->lanes, t->arena, sizeof(struct lane));
    add_lanes(c, nodes, node_count);
    c->held = true;
    sim_hold(t->sim);
    if (c->stop != SIM_NEVER)
        sim_arm(t->sim, c->stop, CLASS_REQUEST, c->object, END);
}

struct traffic *traffic_new(const struct traffic_deps *deps, const traffic_list *clients, const char *const *nodes,
                            uint32_t node_count)
{
    struct arena *a = store_arena(deps->store);
    struct sim *sim = store_sim(deps->store);
    struct traffic *t = arena_new(a, struct traffic);
    *t = (struct traffic){.deps = *deps, .sim = sim, .arena = a};
    pool_init(&t->clients, a, sizeof(struct client));
    pool_init(&t->all_lanes, a, sizeof(struct lane *));
    pool_init(&t->retries, a, sizeof(struct late_retry));
    t->handler = sim_handler_add(sim, &(struct sim_handler){"client", t, client_timer, client_fire});
    t->lane_handler = sim_handler_add(sim, &(struct sim_handler){"requests", t, lane_timer, lane_fire});
    t->retry_handler = sim_handler_add(sim, &(struct sim_handler){"retries", t, retry_timer, retry_fire});
    for (uint32_t i = 0; i < clients->count; i++)
        add_client(t, &clients->items[i], nodes, node_count);
    return t;
}
