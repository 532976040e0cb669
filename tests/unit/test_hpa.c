/* test_hpa.c - what a HorizontalPodAutoscaler decides: which pods count, how many replicas, how fast.
 * semantics/workloads.md 10; k8s pkg/controller/podautoscaler/replica_calculator_test.go, horizontal_test.go.
 */
#include "model/hpa_metrics.h"

#include <string.h>

#include "tests/unit/tap.h"

static struct arena arena;

#define S(n) ((n)*SIM_SECOND)

static struct pod *make_pod(const char *phase, bool ready, int64_t started, int64_t turned)
{
    struct pod *p = api_new(&arena, kind_infos[KIND_POD].type, struct pod);
    p->object.kind = KIND_POD;
    p->object.meta.name = "p";
    p->object.meta.deletion_timestamp = SIM_NEVER;
    p->status.phase = phase;
    p->status.start_time = S(started);
    p->status.conditions.items = arena_new(&arena, struct pod_condition);
    p->status.conditions.items[0] =
        (struct pod_condition){.type = "Ready", .status = ready ? "True" : "False", .last_transition_time = S(turned)};
    p->status.conditions.count = 1;
    p->spec.containers.items = arena_new(&arena, struct container);
    p->spec.containers.count = 1;
    p->spec.containers.items[0].name = "c";
    quantity_map *requests = &p->spec.containers.items[0].resources.requests;
    requests->items = arena_new(&arena, struct quantity_pair);
    requests->items[0].key = "cpu";
    quantity_parse(&arena, "1", &requests->items[0].value);
    requests->count = 1;
    return p;
}

static void pods_are_in_groups(void)
{
    static const struct {
        const char *name, *phase;
        bool ready, deleted, found;
        int64_t started, turned, metric_at, now;
        enum hpa_group want;
    } rows[] = {
        {"counts", "Running", true, false, true, 0, 10, 600, 600, HPA_READY},
        {"deleted", "Running", true, true, true, 0, 10, 600, 600, HPA_IGNORED},
        {"failed", "Failed", false, false, true, 0, 10, 600, 600, HPA_IGNORED},
        {"pending", "Pending", false, false, true, 0, 10, 600, 600, HPA_UNREADY},
        {"no metric", "Running", true, false, false, 0, 10, 0, 600, HPA_MISSING},
        {"starting, not ready", "Running", false, false, true, 0, 0, 60, 60, HPA_UNREADY},
        {"starting, a metric of before it was ready", "Running", true, false, true, 0, 50, 60, 60, HPA_UNREADY},
        {"starting, a metric of afterwards", "Running", true, false, true, 0, 45, 60, 60, HPA_READY},
        {"later, never ready", "Running", false, false, true, 0, 5, 600, 600, HPA_UNREADY},
        {"later, was ready once", "Running", false, false, true, 0, 400, 600, 600, HPA_READY},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct pod *p = make_pod(rows[i].phase, rows[i].ready, rows[i].started, rows[i].turned);
        const struct hpa_pod_metric m = {rows[i].found, 500, S(rows[i].metric_at), S(15)};
        p->object.meta.deletion_timestamp = rows[i].deleted ? S(700) : SIM_NEVER;
        tap_row("%s", rows[i].name);
        CHECK_INT(hpa_group_of(p, &m, true, S(rows[i].now)), rows[i].want);
    }
}

/* Pods by letters: r counts, u is not ready, m has no metric. 1000m are requested each. */
static void metrics_propose_replicas(void)
{
    enum { MAX = 10 };
    static const struct {
        const char *name, *pods;
        int64_t usage, target, replicas, want;
    } rows[] = {
        {"twice the target", "rrr", 1200, 60, 3, 6},
        {"rounded up", "rrr", 700, 60, 3, 4},
        {"within a tenth", "rrrr", 660, 60, 4, 4},
        {"a tenth less", "rrrr", 540, 60, 4, 4},
        {"down", "rrrr", 200, 60, 4, 2},
        {"up, those not ready use nothing", "rru", 1500, 60, 3, 5},
        {"up, but not with those that start", "ruuu", 900, 60, 4, 4},
        {"up, missing ones use nothing", "rrm", 1500, 60, 3, 5},
        {"down, missing ones use all", "rrm", 200, 60, 3, 3},
        {"down, those not ready do not matter", "rrru", 200, 60, 4, 1},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct pod *pods[MAX];
        struct hpa_pod_metric metrics[MAX];
        struct hpa_facts f = {.replicas = rows[i].replicas, .pods = pods, .now = S(600)};
        struct resource_metric metric = {.name = "cpu"};
        struct hpa_proposal p;
        metric.target.average_utilization = (struct opt_i64){rows[i].target, true};
        for (const char *c = rows[i].pods; *c; c++) {
            pods[f.pod_count] = make_pod("Running", *c != 'u', 0, 5);
            metrics[f.pod_count++] = (struct hpa_pod_metric){*c != 'm', rows[i].usage, S(600), S(15)};
        }
        tap_row("%s", rows[i].name);
        hpa_propose(&arena, &f, &metric, metrics, (struct hpa_tolerance){100, 100}, &p);
        CHECK(p.error == NULL);
        CHECK_INT(p.replicas, rows[i].want);
    }
}

static struct hpa *make_hpa(bool behavior)
{
    struct hpa *h = api_new(&arena, kind_infos[KIND_HORIZONTALPODAUTOSCALER].type, struct hpa);
    h->spec.min_replicas = (struct opt_i64){2, true};
    h->spec.max_replicas = 20;
    h->spec.behavior = behavior ? arena_new(&arena, struct hpa_behavior) : NULL;
    api_set_defaults(kind_infos[KIND_HORIZONTALPODAUTOSCALER].type, &arena, h);
    return h;
}

/* One sync with so many pods that use so much; the number of replicas afterwards. */
static int64_t sync_at(struct hpa *h, struct hpa_memory *m, int64_t at, int64_t replicas, int64_t usage,
                       struct hpa_plan *plan)
{
    enum { MAX = 30 };
    static struct features features;
    const struct pod *pods[MAX];
    struct hpa_pod_metric metrics[MAX];
    features_init(&features, MINOR_NEWEST);
    for (int64_t i = 0; i < replicas; i++) {
        pods[i] = make_pod("Running", true, 0, 5);
        metrics[i] = (struct hpa_pod_metric){true, usage, S(at), S(15)};
    }
    struct hpa_facts f = {.hpa = h,
                          .replicas = replicas,
                          .pods = pods,
                          .pod_count = (uint32_t)replicas,
                          .metrics = metrics,
                          .features = &features,
                          .now = S(at)};
    hpa_decide(&arena, &f, m, plan);
    if (plan->rescale)
        hpa_rescaled(m, h, replicas, plan->replicas, S(at));
    return plan->replicas;
}

static const char *condition(const struct hpa_plan *p, const char *type)
{
    for (uint32_t i = 0; i < p->status.conditions.count; i++)
        if (strcmp(p->status.conditions.items[i].type, type) == 0)
            return p->status.conditions.items[i].reason;
    return "";
}

static void replicas_go_up_fast_and_down_slowly(void)
{
    struct hpa *h = make_hpa(false);
    struct hpa_memory m;
    struct hpa_plan p;
    hpa_memory_init(&m, &arena);
    CHECK_INT(sync_at(h, &m, 600, 3, 8000, &p), 6); /* 80 % are wanted: 30, but no more than twice */
    CHECK_STR(condition(&p, "ScalingLimited"), "ScaleUpLimit");
    CHECK_STR(p.why, "cpu resource utilization (percentage of request) above target");
    CHECK_INT(sync_at(h, &m, 615, 12, 8000, &p), 20);
    CHECK_STR(condition(&p, "ScalingLimited"), "TooManyReplicas");
    CHECK_INT(sync_at(h, &m, 630, 20, 100, &p), 20); /* the most of five minutes */
    CHECK_STR(condition(&p, "AbleToScale"), "ScaleDownStabilized");
    CHECK(!p.rescale);
    CHECK_INT(sync_at(h, &m, 960, 20, 10, &p), 2); /* what was said at 630 s is too old */
    CHECK_INT(sync_at(h, &m, 1300, 3, 10, &p), 2);
    CHECK_STR(condition(&p, "ScalingLimited"), "TooFewReplicas");
    CHECK_STR(p.why, "All metrics below target");
    CHECK_INT(sync_at(h, &m, 1315, 1, 10, &p), 2);
    CHECK_STR(p.why, "Current number of replicas below Spec.MinReplicas");
    CHECK_INT(sync_at(h, &m, 1330, 25, 10, &p), 20);
    CHECK_INT(sync_at(h, &m, 1345, 0, 10, &p), 0);
    CHECK_STR(condition(&p, "ScalingActive"), "ScalingDisabled");
}

static void behavior_says_how_fast(void)
{
    struct hpa *h = make_hpa(true);
    struct hpa_memory m;
    struct hpa_plan p;
    hpa_memory_init(&m, &arena);
    h->spec.behavior->scale_down->stabilization_window_seconds = (struct opt_i64){0, true};
    CHECK_INT(sync_at(h, &m, 600, 3, 8000, &p), 7);  /* four more, which is more than twice */
    CHECK_INT(sync_at(h, &m, 605, 7, 8000, &p), 7);  /* that was within the last 15 s */
    CHECK_INT(sync_at(h, &m, 616, 7, 8000, &p), 14); /* now twice is more */
    h->spec.behavior->scale_down->policies.items[0] = (struct scaling_policy){"Pods", 3, 60};
    CHECK_INT(sync_at(h, &m, 700, 14, 10, &p), 11);
    CHECK_STR(condition(&p, "ScalingLimited"), "ScaleDownLimit");
    h->spec.behavior->scale_down->select_policy = "Disabled";
    CHECK_INT(sync_at(h, &m, 800, 11, 10, &p), 11);
    h->spec.behavior->scale_up->stabilization_window_seconds = (struct opt_i64){60, true};
    CHECK_INT(sync_at(h, &m, 815, 11, 8000, &p), 11); /* the least of the last minute */
    CHECK_STR(condition(&p, "AbleToScale"), "ScaleUpStabilized");
}

int main(void)
{
    static const struct tap_test tests[] = {
        TAP_TEST(pods_are_in_groups),
        TAP_TEST(metrics_propose_replicas),
        TAP_TEST(replicas_go_up_fast_and_down_slowly),
        TAP_TEST(behavior_says_how_fast),
    };
    arena_init(&arena, 0);
    int result = tap_run(tests, ARRAY_LEN(tests));
    arena_fini(&arena);
    return result;
}
