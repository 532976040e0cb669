/* test_disruption.c - what a PodDisruptionBudget allows: semantics/nodes.md 6.1, its table and its rules.
 */
#include "model/disruption.h"

#include <string.h>

#include "tests/unit/tap.h"

#include "tests/unit/cover_rows.h"

extern const struct cover_table cover_pdb_expected;

static struct arena arena;

enum { PODS_MAX = 8 };

struct world {
    struct pdb budget;
    struct pod pods[PODS_MAX];
    struct pdb_pod facts[PODS_MAX];
    struct pod_condition conditions[PODS_MAX];
};

static struct int_or_string amount(const char *text)
{
    if (!text)
        return (struct int_or_string){0};
    if (strchr(text, '%'))
        return (struct int_or_string){.text = text, .set = true};
    return (struct int_or_string){.number = *text - '0', .set = true};
}

/* So many pods of one controller, of which the first ones are ready. */
static void make(struct world *w, uint32_t count, uint32_t ready, int64_t scale)
{
    static const char *const names[PODS_MAX] = {"a", "b", "c", "d", "e", "f", "g", "h"};
    memset(w, 0, sizeof *w);
    w->budget.object.meta.generation = 1;
    for (uint32_t i = 0; i < count; i++) {
        struct pod *p = &w->pods[i];
        p->object.meta.name = names[i];
        p->object.meta.deletion_timestamp = SIM_NEVER;
        p->status.phase = "Running";
        w->conditions[i] = (struct pod_condition){.type = "Ready", .status = i < ready ? "True" : "False"};
        p->status.conditions.items = &w->conditions[i];
        p->status.conditions.count = 1;
        w->facts[i] = (struct pdb_pod){.pod = p, .controller = "web", .found = true, .scale = scale};
    }
}

static struct pdb_plan decide(struct world *w, uint32_t count, sim_time now)
{
    struct pdb_facts facts = {.pdb = &w->budget, .pods = w->facts, .count = count, .now = now};
    struct pdb_plan plan;
    pdb_decide(&arena, &facts, &plan);
    return plan;
}

static void the_table(void)
{
    static const struct {
        uint32_t pods, ready;
        int64_t scale;
        const char *min, *max;
        int64_t expected, desired, allowed;
    } rows[] = {
        {3, 3, 3, "2", NULL, 3, 2, 1},  {3, 3, 3, "100%", NULL, 3, 3, 0}, {1, 1, 1, NULL, "1", 1, 0, 1},
        {1, 1, 1, "1", NULL, 1, 1, 0},  {7, 7, 7, NULL, "30%", 7, 4, 3},  {7, 7, 7, "50%", NULL, 7, 4, 3},
        {3, 2, 3, NULL, "1", 3, 2, 0},  {0, 0, 0, "1", NULL, 0, 1, 0},    {0, 0, 0, "0", NULL, 0, 0, 0},
        {3, 3, 3, NULL, "5", 3, 0, 3},  {2, 2, 5, NULL, "50%", 5, 2, 0},  {4, 4, 3, NULL, "1", 3, 2, 2},
        {3, 3, 3, NULL, NULL, 0, 0, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world w;
        make(&w, rows[i].pods, rows[i].ready, rows[i].scale);
        w.budget.spec.min_available = amount(rows[i].min);
        w.budget.spec.max_unavailable = amount(rows[i].max);
        struct pdb_plan plan = decide(&w, rows[i].pods, 0);
        tap_row("%u pods, minAvailable %s, maxUnavailable %s", rows[i].pods, rows[i].min ? rows[i].min : "-",
                rows[i].max ? rows[i].max : "-");
        CHECK_INT(plan.status.expected_pods, rows[i].expected);
        CHECK_INT(plan.status.desired_healthy, rows[i].desired);
        CHECK_INT(plan.status.disruptions_allowed, rows[i].allowed);
        CHECK_STR(plan.status.conditions.items[0].reason, rows[i].allowed ? "SufficientPods" : "InsufficientPods");
        CHECK_INT(plan.no_pods, rows[i].pods == 0);
    }
}

static void who_is_healthy(void)
{
    struct world w;
    make(&w, 4, 3, 4);
    w.budget.spec.min_available = amount("1");
    CHECK_INT(decide(&w, 4, 0).status.current_healthy, 3);
    w.pods[0].object.meta.deletion_timestamp = SIM_SECOND; /* on its way out */
    CHECK_INT(decide(&w, 4, 0).status.current_healthy, 2);
    CHECK_INT(decide(&w, 4, 0).status.expected_pods, 4); /* a number counts it all the same */
}

static void a_grant_counts_for_two_minutes(void)
{
    struct world w;
    struct str_pair granted[] = {{"a", "1970-01-01T00:00:10Z"}, {"gone", "1970-01-01T00:00:10Z"}};
    make(&w, 3, 3, 3);
    w.budget.spec.min_available = amount("1");
    w.budget.status.disrupted_pods.items = granted;
    w.budget.status.disrupted_pods.count = 2;
    struct pdb_plan plan = decide(&w, 3, 130 * SIM_SECOND);
    CHECK_INT(plan.status.current_healthy, 2);
    CHECK_INT(plan.status.disrupted_pods.count, 1);
    CHECK_INT(plan.recheck, 130 * SIM_SECOND);
    plan = decide(&w, 3, 130 * SIM_SECOND + 1);
    CHECK_INT(plan.status.current_healthy, 3);
    CHECK_INT(plan.not_deleted_count, 1);
    CHECK_INT(plan.status.disrupted_pods.count, 0);
    w.pods[0].object.meta.deletion_timestamp = 11 * SIM_SECOND; /* it has been seen */
    CHECK_INT(decide(&w, 3, 12 * SIM_SECOND).status.disrupted_pods.count, 0);
}

static void what_cannot_be_counted(void)
{
    struct world w;
    make(&w, 3, 3, 3);
    w.budget.spec.max_unavailable = amount("1");
    w.facts[1].controller = NULL;
    struct pdb_plan plan = decide(&w, 3, 0);
    CHECK(plan.unmanaged && !plan.failure);
    w.facts[2] = (struct pdb_pod){.pod = &w.pods[2], .controller = "robot"};
    w.budget.status = (struct pdb_status){.disruptions_allowed = 1, .current_healthy = 3, .desired_healthy = 2};
    plan = decide(&w, 3, 0);
    CHECK_STR(plan.failure, "found no controllers for pod \"c\"");
    CHECK_STR(plan.status.conditions.items[0].reason, "SyncFailed");
    CHECK_INT(plan.status.disruptions_allowed, 0);
    CHECK_INT(plan.status.desired_healthy, 2); /* the rest stays */
    CHECK(plan.changed);
}

static void two_controllers_are_added_up(void)
{
    struct world w;
    make(&w, 4, 4, 2);
    w.facts[2].controller = w.facts[3].controller = "db";
    w.facts[2].scale = w.facts[3].scale = 5;
    w.budget.spec.max_unavailable = amount("1");
    CHECK_INT(decide(&w, 4, 0).status.expected_pods, 7);
}

static void nothing_new_is_not_written(void)
{
    struct world w;
    make(&w, 3, 3, 3);
    w.budget.spec.min_available = amount("2");
    w.budget.status = decide(&w, 3, SIM_SECOND).status;
    CHECK(!decide(&w, 3, 9 * SIM_SECOND).changed);
    w.budget.object.meta.generation = 2;
    CHECK(decide(&w, 3, 9 * SIM_SECOND).changed);
}

static void a_condition_becomes_stale(void)
{
    struct world w;
    sim_time left = 7;
    make(&w, 1, 1, 1);
    struct pod *p = &w.pods[0];
    CHECK(!pod_disruption_is_stale(p, 0, &left));
    w.conditions[0] = (struct pod_condition){
        .type = "DisruptionTarget", .status = "True", .reason = "X", .last_transition_time = 10 * SIM_SECOND};
    CHECK(pod_disruption_is_stale(p, 30 * SIM_SECOND, &left));
    CHECK_INT(left, 100 * SIM_SECOND);
    CHECK(pod_disruption_is_stale(p, 200 * SIM_SECOND, &left));
    CHECK_INT(left, 0);
    w.conditions[0].reason = "TerminationByKubelet";
    CHECK(!pod_disruption_is_stale(p, 200 * SIM_SECOND, &left));
    w.conditions[0].reason = "X";
    p->object.meta.deletion_timestamp = SIM_SECOND;
    CHECK(!pod_disruption_is_stale(p, 200 * SIM_SECOND, &left));
}

static void every_row_has_a_test(void) { check_rows(&cover_pdb_expected, NULL); }

int main(void)
{
    static const struct tap_test tests[] = {
        TAP_TEST(the_table),
        TAP_TEST(who_is_healthy),
        TAP_TEST(a_grant_counts_for_two_minutes),
        TAP_TEST(what_cannot_be_counted),
        TAP_TEST(two_controllers_are_added_up),
        TAP_TEST(nothing_new_is_not_written),
        TAP_TEST(a_condition_becomes_stale),
        TAP_TEST(every_row_has_a_test),
    };
    arena_init(&arena, 0);
    int result = tap_run(tests, ARRAY_LEN(tests));
    arena_fini(&arena);
    return result;
}
