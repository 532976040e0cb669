/* test_replicaset.c - what a ReplicaSet decides: whose pods they are, how many are made, which are deleted first, what
 * its status says. semantics/workloads.md 1.3, 2.
 */
#include "model/replicaset.h"

#include <string.h>

#include "model/cluster.h"
#include "tests/unit/tap.h"

#include "tests/unit/cover_rows.h"

static struct arena arena;

/* ---- objects ---- */

struct pod_row {
    const char *name, *node, *phase, *cost, *uid;
    int64_t ready_at, created_at; /* s; ready_at 0 = not ready */
    int64_t restarts, sidecar_restarts;
};

static struct pod *make_pod(const struct pod_row *r)
{
    struct pod *p = api_new(&arena, kind_infos[KIND_POD].type, struct pod);
    p->object.kind = KIND_POD;
    p->object.meta.name = r->name;
    p->object.meta.uid = r->uid ? r->uid : r->name;
    p->object.meta.creation_timestamp = r->created_at * SIM_SECOND;
    p->spec.node_name = r->node;
    p->status.phase = r->phase ? r->phase : "Running";
    if (r->cost) {
        p->object.meta.annotations.items = arena_new(&arena, struct str_pair);
        p->object.meta.annotations.items[0] = (struct str_pair){"controller.kubernetes.io/pod-deletion-cost", r->cost};
        p->object.meta.annotations.count = 1;
    }
    p->status.conditions.items = arena_new(&arena, struct pod_condition);
    p->status.conditions.items[0] = (struct pod_condition){
        .type = "Ready", .status = r->ready_at ? "True" : "False", .last_transition_time = r->ready_at * SIM_SECOND};
    p->status.conditions.count = 1;
    p->status.container_statuses.items = arena_new(&arena, struct container_status);
    p->status.container_statuses.items[0] = (struct container_status){.name = "c", .restart_count = r->restarts};
    p->status.container_statuses.count = 1;
    p->spec.init_containers.items = arena_new(&arena, struct container);
    p->spec.init_containers.items[0] = (struct container){.name = "s", .restart_policy = "Always"};
    p->spec.init_containers.count = 1;
    p->status.init_container_statuses.items = arena_new(&arena, struct container_status);
    p->status.init_container_statuses.items[0] =
        (struct container_status){.name = "s", .restart_count = r->sidecar_restarts};
    p->status.init_container_statuses.count = 1;
    return p;
}

static struct replica_set *make_set(int64_t replicas)
{
    struct replica_set *rs = api_new(&arena, kind_infos[KIND_REPLICASET].type, struct replica_set);
    rs->object.kind = KIND_REPLICASET;
    rs->object.meta.name = "web";
    rs->object.meta.uid = "mine";
    rs->object.meta.generation = 3;
    rs->spec.replicas = (struct opt_i64){replicas, true};
    return rs;
}

static struct rs_plan decide(struct rs_facts *f, const struct pod_row *rows, uint32_t count, int64_t now_s, int minor)
{
    static struct features features; /* `f` is used on afterwards */
    struct rs_plan plan;
    features_init(&features, minor);
    f->features = &features;
    f->in_sync = true;
    f->now = now_s * SIM_SECOND;
    f->active.items = arena_array(&arena, const struct pod *, count + 1);
    f->active.facts = arena_array(&arena, uint8_t, count + 1);
    for (f->active.count = 0; f->active.count < count; f->active.count++) {
        f->active.items[f->active.count] = make_pod(&rows[f->active.count]);
        f->active.facts[f->active.count] = pod_facts(f->active.items[f->active.count]);
    }
    rs_decide(&arena, f, &plan);
    return plan;
}

/* ---- whose it is ---- */

static struct api_object *owned_by(const char *uid, const char *app)
{
    struct api_object *o = &make_pod(&(struct pod_row){.name = "p"})->object;
    o->meta.labels.items = arena_new(&arena, struct str_pair);
    o->meta.labels.items[0] = (struct str_pair){"app", app};
    o->meta.labels.count = 1;
    if (uid) {
        o->meta.owner_references.items = arena_new(&arena, struct owner_reference);
        o->meta.owner_references.items[0] = (struct owner_reference){.uid = uid, .controller = {true, true}};
        o->meta.owner_references.count = 1;
    }
    return o;
}

static void claims(void)
{
    static const struct {
        const char *owner, *app;
        bool controller_goes, object_goes;
        enum claim want;
    } rows[] = {
        {"other", "web", false, false, CLAIM_IGNORED}, {"mine", "web", false, false, CLAIM_OWNED},
        {"mine", "web", true, false, CLAIM_OWNED},     {"mine", "db", false, false, CLAIM_RELEASE},
        {"mine", "db", true, false, CLAIM_IGNORED},    {NULL, "web", true, false, CLAIM_IGNORED},
        {NULL, "db", false, false, CLAIM_IGNORED},     {NULL, "web", false, true, CLAIM_IGNORED},
        {NULL, "web", false, false, CLAIM_ADOPT},
    };
    struct str_pair app = {"app", "web"};
    const struct label_selector wanted = {.match_labels = {&app, 1}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct replica_set *rs = make_set(1);
        struct api_object *o = owned_by(rows[i].owner, rows[i].app);
        rs->object.meta.deletion_timestamp = rows[i].controller_goes ? 0 : SIM_NEVER;
        o->meta.deletion_timestamp = rows[i].object_goes ? 0 : SIM_NEVER;
        tap_row("%s %s %d %d", rows[i].owner ? rows[i].owner : "nobody", rows[i].app, rows[i].controller_goes,
                rows[i].object_goes);
        CHECK_INT(claim_of(&rs->object, &wanted, o), rows[i].want);
    }
}

/* ---- which goes first ---- */

static void the_first_rule_that_tells_two_pods_apart_decides(void)
{
    static const struct {
        const char *what;
        struct pod_row first, second;
    } rows[] = {
        {"no node", {.ready_at = 10, .cost = "9"}, {.node = "a", .phase = "Pending", .cost = "-9"}},
        {"pending", {.node = "a", .phase = "Pending", .cost = "9"}, {.node = "a", .phase = "Unknown"}},
        {"unknown", {.node = "a", .phase = "Unknown", .cost = "9"}, {.node = "a"}},
        {"not ready", {.node = "a", .cost = "9"}, {.node = "a", .ready_at = 10, .cost = "-9"}},
        {"cost", {.node = "a", .cost = "-1"}, {.node = "b", .cost = "0"}},
        {"a cost that is none is 0", {.node = "a", .cost = "-1"}, {.node = "b", .cost = "+5"}},
        {"rank", {.node = "full", .ready_at = 10}, {.node = "b", .ready_at = 99, .restarts = 9}},
        {"ready later", {.node = "a", .ready_at = 98}, {.node = "a", .ready_at = 20, .restarts = 9}},
        {"restarts", {.node = "a", .restarts = 2}, {.node = "a", .restarts = 1, .sidecar_restarts = 9}},
        {"sidecar restarts", {.node = "a", .sidecar_restarts = 1}, {.node = "a", .created_at = 99}},
        {"created later", {.node = "a", .created_at = 98}, {.node = "a", .created_at = 20}},
        /* 2^32 ns = 4.3 s, 2^33 = 8.6 s: workloads.md 16.5 */
        {"about as long ready: uid",
         {.node = "a", .ready_at = 93, .uid = "1"},
         {.node = "a", .ready_at = 95, .uid = "2"}},
        {"about as old: uid", {.node = "a", .created_at = 93, .uid = "1"}, {.node = "a", .created_at = 95, .uid = "2"}},
        {"nothing: as they come", {.node = "a", .uid = "2"}, {.node = "a", .uid = "1"}},
    };
    const struct pod *busy = make_pod(&(struct pod_row){.name = "busy", .node = "full"});
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        for (int swap = 0; swap < 2; swap++) {
            struct pod_row pods[2] = {swap ? rows[i].second : rows[i].first, swap ? rows[i].first : rows[i].second};
            pods[swap].name = "first";
            pods[!swap].name = "second";
            if (swap && i + 1 == ARRAY_LEN(rows))
                continue; /* the order that they come in */
            const struct pod *related[] = {busy};
            uint8_t active = POD_ACTIVE;
            struct rs_facts f = {.rs = make_set(1), .related = {related, &active, 1}};
            struct rs_plan plan = decide(&f, pods, 2, 100, 36);
            tap_row("%s%s", rows[i].what, swap ? ", the other way round" : "");
            CHECK_UINT(plan.remove.count, 1);
            CHECK_STR(plan.remove.items[0]->object.meta.name, "first");
        }
    }
}

static void all_of_them_go_as_they_come(void)
{
    const struct pod_row pods[] = {{.name = "a", .node = "a", .ready_at = 1}, {.name = "b"}};
    struct rs_facts f = {.rs = make_set(0)};
    struct rs_plan plan = decide(&f, pods, 2, 100, 36);
    CHECK_UINT(plan.remove.count, 2);
    CHECK_STR(plan.remove.items[0]->object.meta.name, "a");
}

/* ---- how many ---- */

static void batches_start_slowly(void)
{
    static const struct {
        int64_t count;
        const char *want;
    } rows[] = {{0, ""}, {1, " 1"}, {4, " 1 2 1"}, {10, " 1 2 4 3"}, {31, " 1 2 4 8 16"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *text = "";
        int64_t left = rows[i].count;
        for (int64_t b = slow_start_batch(0, left); b > 0; b = slow_start_batch(b, left)) {
            text = arena_printf(&arena, "%s %" PRId64, text, b);
            left -= b;
        }
        tap_row("%" PRId64, rows[i].count);
        CHECK_STR(text, rows[i].want);
        CHECK_INT(left, 0);
    }
}

static void at_most_500_pods_are_made_at_once_and_none_while_some_are_expected(void)
{
    struct rs_facts f = {.rs = make_set(1200)};
    CHECK_INT(decide(&f, NULL, 0, 0, 36).create, 500);
    struct rs_plan plan;
    f.in_sync = false;
    rs_decide(&arena, &f, &plan);
    CHECK_INT(plan.create, 0);
    struct replica_set *going = make_set(3);
    going->object.meta.deletion_timestamp = 0;
    f = (struct rs_facts){.rs = going};
    CHECK_INT(decide(&f, NULL, 0, 0, 36).create, 0);
}

/* ---- status ---- */

static void a_pod_is_available_when_it_has_been_ready_for_so_long(void)
{
    static const struct {
        int64_t now, min_ready;
        bool want;
    } rows[] = {{20, 0, true}, {29, 10, false}, {30, 10, true}, {31, 10, true}};
    const struct pod *p = make_pod(&(struct pod_row){.name = "p", .ready_at = 20});
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        tap_row("at %" PRId64, rows[i].now);
        CHECK_INT(pod_is_available(p, rows[i].min_ready, rows[i].now * SIM_SECOND), rows[i].want);
    }
    CHECK(!pod_is_available(make_pod(&(struct pod_row){.name = "p"}), 0, 0));
}

static void the_next_look_is_when_the_first_pod_becomes_available(void)
{
    const struct pod_row pods[] = {{.name = "a", .node = "a", .ready_at = 20},
                                   {.name = "b", .node = "a", .ready_at = 23}};
    struct replica_set *rs = make_set(2);
    rs->spec.min_ready_seconds = 10;
    struct rs_facts f = {.rs = rs};
    CHECK_INT(decide(&f, pods, 2, 25, 36).recheck, 5 * SIM_SECOND);
    CHECK_INT(decide(&f, pods, 2, 31, 36).recheck, 2 * SIM_SECOND);
    CHECK_INT(decide(&f, pods, 2, 31, 33).recheck, 10 * SIM_SECOND); /* until 1.33: all of it */
    CHECK_INT(decide(&f, pods, 2, 40, 36).recheck, SIM_NEVER);
}

static void the_status_counts_active_pods(void)
{
    const struct pod_row pods[] = {{.name = "a", .node = "a", .ready_at = 20}, {.name = "b", .node = "a"}};
    struct rs_facts f = {.rs = make_set(2), .terminating = 1};
    struct rs_plan plan = decide(&f, pods, 2, 25, 36);
    CHECK(plan.status_changed);
    CHECK_INT(plan.status.replicas, 2);
    CHECK_INT(plan.status.ready_replicas, 1);
    CHECK_INT(plan.status.available_replicas, 1);
    CHECK_INT(plan.status.fully_labeled_replicas, 2);
    CHECK_INT(plan.status.observed_generation, 3);
    CHECK(plan.status.terminating_replicas.set);
    CHECK_INT(plan.status.terminating_replicas.value, 1);
    CHECK(!decide(&f, pods, 2, 25, 34).status.terminating_replicas.set); /* since 1.35 */
    struct replica_set *rc = make_set(2);
    rc->object.kind = KIND_REPLICATIONCONTROLLER;
    f.rs = rc;
    CHECK(!decide(&f, pods, 2, 25, 36).status.terminating_replicas.set);
}

static void a_failure_is_told_once(void)
{
    struct replica_set_status s = {0};
    rs_status_failed(&arena, &s, true, "no", 1500 * SIM_MS);
    CHECK_UINT(s.conditions.count, 1);
    CHECK_STR(s.conditions.items[0].reason, "FailedCreate");
    CHECK_INT(s.conditions.items[0].last_transition_time, SIM_SECOND);
    rs_status_failed(&arena, &s, false, "other", 9 * SIM_SECOND);
    CHECK_STR(s.conditions.items[0].message, "no");
}

/* ---- a loop ---- */

/* The node refuses what the scheduler cannot know: where nothing takes time, this has no end. */
static void pods_that_fail_at_once_end_in_a_diagnostic(void)
{
    static const char text[] =
        "apiVersion: podsim.dev/v1\nkind: Scenario\nspec:\n  timing: {profile: instant}\n"
        "  nodes: [{name: a, labels: {disk: hdd}}]\n"
        "---\napiVersion: apps/v1\nkind: ReplicaSet\nmetadata: {name: w}\nspec:\n  replicas: 2\n"
        "  selector: {matchLabels: {app: w}}\n  template:\n    metadata: {labels: {app: w}}\n"
        "    spec: {nodeName: a, nodeSelector: {disk: ssd}, containers: [{name: c, image: nginx}]}\n";
    struct diag_set diags;
    struct scenario scenario;
    struct scenario_input input = {"loop.yaml", text, strlen(text)};
    diag_init(&diags);
    if (CHECK_INT(scenario_load(&arena, &diags, &input, 1, NULL, NULL, &scenario), 0)) {
        struct cluster *c = cluster_new(&scenario, &(struct cluster_options){0});
        CHECK_INT(cluster_run(c), RUN_LIMIT);
        CHECK_CONTAINS(cluster_limit_text(c), "pods of replicaset w at one instant");
        cluster_free(c);
    }
    diag_fini(&diags);
}

extern const struct cover_table cover_claim, cover_deletion_rank;

static void every_row_has_a_test(void)
{
    check_rows(&cover_claim, NULL);
    check_rows(&cover_deletion_rank, NULL);
}

int main(void)
{
    static const struct tap_test tests[] = {
        TAP_TEST(claims),
        TAP_TEST(the_first_rule_that_tells_two_pods_apart_decides),
        TAP_TEST(all_of_them_go_as_they_come),
        TAP_TEST(batches_start_slowly),
        TAP_TEST(at_most_500_pods_are_made_at_once_and_none_while_some_are_expected),
        TAP_TEST(a_pod_is_available_when_it_has_been_ready_for_so_long),
        TAP_TEST(the_next_look_is_when_the_first_pod_becomes_available),
        TAP_TEST(the_status_counts_active_pods),
        TAP_TEST(a_failure_is_told_once),
        TAP_TEST(pods_that_fail_at_once_end_in_a_diagnostic),
        TAP_TEST(every_row_has_a_test),
    };
    arena_init(&arena, 0);
    int result = tap_run(tests, ARRAY_LEN(tests));
    arena_fini(&arena);
    return result;
}
