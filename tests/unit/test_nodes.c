/* Nodes that fail: Leases in closed form against every renewal; zones, rates, taints and the pod GC, a row per rule. */
#include <stdlib.h>
#include <string.h>

#include "model/node_lease.h"
#include "model/node_lifecycle.h"
#include "model/pod_gc.h"
#include "model/taint_eviction.h"
#include "sim/rng.h"
#include "tests/unit/tap.h"

/* ---- Leases ---- */

enum { CHANGES = 40 };
struct change { /* of what a node's kubelet can do, at a time in ms */
    sim_time at;
    bool runs, arrives;
};

/* One renewal after the other, as the kubelet makes them. */
struct every {
    const struct profile *profile;
    const struct change *changes;
    uint32_t stream;
};

static const struct change *state_at(const struct every *e, sim_time t)
{
    const struct change *now = &e->changes[0];
    for (int i = 1; i < CHANGES && e->changes[i].at <= t; i++)
        now = &e->changes[i];
    return now;
}

/* Nothing has come between a try and its arrival. */
static bool comes_through(const struct every *e, sim_time sent, sim_time *ret_arrived)
{
    *ret_arrived = sent + profile_draw(e->profile, HOP_API_WRITE, e->stream, sent);
    for (int i = 0; i < CHANGES; i++)
        if (e->changes[i].at >= sent && e->changes[i].at < *ret_arrived &&
            !(e->changes[i].runs && e->changes[i].arrives))
            return false;
    return state_at(e, sent)->runs && state_at(e, sent)->arrives;
}

static sim_time renewed_by(const struct every *e, sim_time t)
{
    sim_time renewed = SIM_NEVER, next = profile_first_heartbeat(e->profile, e->stream), gap = 200 * SIM_MS;
    int restarts = 0;
    for (;;) {
        for (int i = restarts + 1; i < CHANGES && e->changes[i].at <= next; i++) {
            bool starts = e->changes[i].runs && !e->changes[i - 1].runs;
            restarts = i;
            if (starts) {
                next = e->changes[i].at;
                gap = 200 * SIM_MS;
            }
        }
        sim_time arrived;
        if (next > t)
            return renewed;
        if (comes_through(e, next, &arrived)) {
            if (arrived > t)
                return renewed;
            renewed = next;
            next += profile_heartbeat_period(e->profile, e->stream, next);
            gap = 200 * SIM_MS;
        } else {
            next += gap;
            gap = 2 * gap < 7 * SIM_SECOND ? 2 * gap : 7 * SIM_SECOND;
        }
    }
}

/* Changes at instants that are never those of a renewal. */
static void draw_changes(struct change *changes, uint64_t seed)
{
    sim_time at = 0;
    changes[0] = (struct change){SIM_NEVER, true, true};
    for (int i = 1; i < CHANGES; i++) {
        uint64_t draw = rng_draw(seed, 1, (uint32_t)i, 0);
        at += (sim_time)(draw % 60000) * SIM_MS + 100 * SIM_MS + 333 * SIM_US;
        changes[i] = changes[i - 1];
        changes[i].at = at;
        if (draw >> 32 & 1)
            changes[i].runs = !changes[i].runs;
        else
            changes[i].arrives = !changes[i].arrives;
    }
}

static void compare_leases(enum profile_kind kind, uint64_t seed)
{
    struct sim *sim = sim_new(&(struct sim_config){.seed = seed});
    struct profile profile;
    struct features features;
    struct change changes[CHANGES];
    features_init(&features, MINOR_NEWEST);
    profile_init(&profile, kind, seed);
    draw_changes(changes, seed);
    struct node_leases *leases = node_leases_new(store_new(sim, &profile, &features, 0));
    const struct api_object node = {.kind = KIND_NODE, .ordinal = 7, .stream = 99};
    const struct every every = {&profile, changes, 99};
    sim_hold(sim);
    node_lease_add(leases, &node, SIM_NEVER);
    for (int i = 1; i < CHANGES; i++) {
        sim_time from = i > 1 ? changes[i - 1].at : 0, at = from + (changes[i].at - from) / 2;
        sim_run(sim, at);
        CHECK_INT(node_lease_renew_time(leases, 7, at), renewed_by(&every, at));
        sim_run(sim, changes[i].at);
        node_lease_runs(leases, 7, changes[i].runs);
        node_lease_arrives(leases, 7, changes[i].arrives);
        CHECK_INT(node_lease_is_renewed(leases, 7), changes[i].runs && changes[i].arrives);
    }
    sim_free(sim);
}

static void leases_are_as_if_every_renewal_were_made(void)
{
    static const enum profile_kind kinds[] = {PROFILE_TYPICAL, PROFILE_INSTANT, PROFILE_JITTERED};
    for (size_t k = 0; k < ARRAY_LEN(kinds); k++)
        for (uint64_t seed = 1; seed <= 50; seed++) {
            tap_row("profile %d, seed %d", (int)kinds[k], (int)seed);
            compare_leases(kinds[k], seed);
        }
}

/* ---- zones and rates: nodes.md 2.4 ---- */

static struct manager_config defaults(void)
{
    struct features f;
    features_init(&f, MINOR_NEWEST);
    struct manager_options none = {.node_monitor_period = SIM_NEVER,
                                   .node_monitor_grace_period = SIM_NEVER,
                                   .node_startup_grace_period = SIM_NEVER};
    return manager_config(&none, &f);
}

static void zones_by_what_is_ready(void)
{
    static const struct {
        int64_t ready, not_ready;
        enum zone_state state;
        sim_time interval;
    } rows[] = {
        {3, 0, ZONE_NORMAL, 10 * SIM_SECOND},
        {0, 1, ZONE_FULL_DISRUPTION, 10 * SIM_SECOND},
        {1, 2, ZONE_NORMAL, 10 * SIM_SECOND}, /* two are never too many */
        {2, 3, ZONE_PARTIAL_DISRUPTION, 0},
        {9, 11, ZONE_PARTIAL_DISRUPTION, 0}, /* 0.55 is */
        {10, 12, ZONE_NORMAL, 10 * SIM_SECOND},
        {20, 31, ZONE_PARTIAL_DISRUPTION, 100 * SIM_SECOND},
        {20, 30, ZONE_PARTIAL_DISRUPTION, 0},
    };
    struct manager_config c = defaults();
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        tap_row("%d ready, %d not", (int)rows[i].ready, (int)rows[i].not_ready);
        enum zone_state state = zone_state_of(&c, rows[i].ready, rows[i].not_ready);
        CHECK_INT(state, rows[i].state);
        CHECK_INT(zone_interval(&c, state, rows[i].ready + rows[i].not_ready), rows[i].interval);
    }
}

static void a_limiter_lets_one_go_per_interval(void)
{
    struct rate_limiter l = {10 * SIM_SECOND, SIM_NEVER};
    CHECK(limiter_accepts(&l, 0));
    CHECK(!limiter_accepts(&l, 9999 * SIM_MS));
    CHECK(limiter_accepts(&l, 25 * SIM_SECOND)); /* what was not used is lost */
    CHECK(!limiter_accepts(&l, 34 * SIM_SECOND));
    limiter_swap(&l, 10 * SIM_SECOND, 34 * SIM_SECOND); /* the same: it goes on */
    CHECK(limiter_accepts(&l, 35 * SIM_SECOND));
    limiter_swap(&l, 0, 50 * SIM_SECOND);
    CHECK(!limiter_accepts(&l, 5000 * SIM_SECOND));
    limiter_swap(&l, 10 * SIM_SECOND, 6000 * SIM_SECOND); /* after one that never accepts it is empty */
    CHECK(!limiter_accepts(&l, 6009 * SIM_SECOND));
    CHECK(limiter_accepts(&l, 6010 * SIM_SECOND));
    limiter_swap(&l, 100 * SIM_SECOND, 6020 * SIM_SECOND); /* after one that would accept it is full */
    CHECK(limiter_accepts(&l, 6020 * SIM_SECOND));
}

/* ---- taints: nodes.md 2.1, 3 ---- */

static struct node node_with(const struct taint *taints, uint32_t count, const struct node_condition *ready)
{
    struct node n = {0};
    n.spec.taints.items = (struct taint *)(uintptr_t)taints;
    n.spec.taints.count = count;
    n.status.conditions.items = (struct node_condition *)(uintptr_t)ready;
    n.status.conditions.count = ready ? 1 : 0;
    return n;
}

static void a_pass_sets_the_right_taint(void)
{
    static const struct taint not_ready = {.key = TAINT_NOT_READY, .effect = "NoExecute"},
                              unreachable = {.key = TAINT_UNREACHABLE, .effect = "NoExecute"},
                              soft = {.key = TAINT_UNREACHABLE, .effect = "NoSchedule"};
    static const struct {
        const struct taint *has;
        enum node_ready status;
        enum taint_step step;
    } rows[] = {
        {&unreachable, NODE_READY, TAINT_STEP_CLEAR},      {&soft, NODE_UNKNOWN, TAINT_STEP_QUEUE},
        {&unreachable, NODE_UNKNOWN, TAINT_STEP_NONE},     {&not_ready, NODE_UNKNOWN, TAINT_STEP_SWAP},
        {&unreachable, NODE_NOT_READY, TAINT_STEP_SWAP},   {&not_ready, NODE_NOT_READY, TAINT_STEP_NONE},
        {&soft, NODE_NOT_READY, TAINT_STEP_QUEUE},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct node n = node_with(rows[i].has, 1, NULL);
        tap_row("%s:%s, status %d", rows[i].has->key, rows[i].has->effect, (int)rows[i].status);
        CHECK_INT(node_taint_step(&n, rows[i].status), rows[i].step);
    }
}

static void tolerations_say_when(void)
{
    static const struct taint taints[] = {{.key = "a", .effect = "NoExecute"}, {.key = "b", .effect = "NoExecute"}};
    struct toleration list[2] = {{.key = "a", .operator_ = "Exists", .toleration_seconds = {20, true}},
                                 {.key = "b", .operator_ = "Exists"}};
    struct pod_spec pod = {.tolerations = {list, 1}};
    struct node n = node_with(taints, 2, NULL);
    CHECK_INT(taint_decide(&pod, &n, false).verdict, TAINT_REFUSED); /* b */
    pod.tolerations.count = 2;
    CHECK_INT(taint_decide(&pod, &n, false).verdict, TAINT_TIMED);
    CHECK_INT(taint_decide(&pod, &n, false).delay, 20 * SIM_SECOND);
    CHECK_INT(taint_decide(&pod, &n, true).verdict, TAINT_PENDING);
    list[0].toleration_seconds.value = -5; /* counts as none */
    CHECK_INT(taint_decide(&pod, &n, false).delay, 0);
    list[0].toleration_seconds.set = false;
    CHECK_INT(taint_decide(&pod, &n, true).verdict, TAINT_TOLERATED);
    n.spec.taints.count = 0;
    CHECK_INT(taint_decide(&pod, &n, true).verdict, TAINT_NONE);
}

/* ---- the pod GC: nodes.md 5 ---- */

static void what_the_pod_gc_deletes(void)
{
    static const struct taint out = {.key = TAINT_OUT_OF_SERVICE, .effect = "NoExecute"};
    static const struct node_condition unknown = {.type = "Ready", .status = "Unknown"},
                                       ready = {.type = "Ready", .status = "True"};
    struct node dead = node_with(&out, 1, &unknown), untainted = node_with(NULL, 0, &unknown),
                alive = node_with(&out, 1, &ready);
    static const struct {
        const char *node_name;
        bool deleting;
    } pods[] = {{"n", true}, {"n", false}, {NULL, true}, {NULL, false}};
    const struct {
        const struct node *node;
        enum pod_gc_rule rules[4];
    } rows[] = {
        {&dead, {POD_GC_OUT_OF_SERVICE, POD_GC_KEEP, POD_GC_UNSCHEDULED, POD_GC_KEEP}},
        {&untainted, {POD_GC_KEEP, POD_GC_KEEP, POD_GC_UNSCHEDULED, POD_GC_KEEP}},
        {&alive, {POD_GC_KEEP, POD_GC_KEEP, POD_GC_UNSCHEDULED, POD_GC_KEEP}},
        {NULL, {POD_GC_ORPHAN, POD_GC_ORPHAN, POD_GC_UNSCHEDULED, POD_GC_KEEP}},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        for (size_t k = 0; k < ARRAY_LEN(pods); k++) {
            struct pod p = {.spec.node_name = pods[k].node_name};
            p.object.meta.deletion_timestamp = pods[k].deleting ? 0 : SIM_NEVER;
            tap_row("node %d, pod %d", (int)i, (int)k);
            CHECK_INT(pod_gc_rule_of(&p, pods[k].node_name ? rows[i].node : NULL), rows[i].rules[k]);
        }
}

int main(void)
{
    static const struct tap_test tests[] = {
        TAP_TEST(leases_are_as_if_every_renewal_were_made),
        TAP_TEST(zones_by_what_is_ready),
        TAP_TEST(a_limiter_lets_one_go_per_interval),
        TAP_TEST(a_pass_sets_the_right_taint),
        TAP_TEST(tolerations_say_when),
        TAP_TEST(what_the_pod_gc_deletes),
    };
    return tap_run(tests, ARRAY_LEN(tests));
}
