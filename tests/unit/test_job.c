/* test_job.c - what a Job decides: when it ends, what it does about its pods, how they are counted, what differs
 * between versions. semantics/workloads.md 6.
 */
#include "model/job.h"

#include <string.h>

#include "model/cluster.h"
#include "model/replicaset.h"
#include "tests/unit/tap.h"

#include "tests/unit/cover_rows.h"

static struct arena arena;
static struct features features;

/* ---- objects ---- */

struct pod_row {
    const char *name, *phase, *index;
    int64_t exit_code, finished; /* s; finished 0: it runs */
    bool going, counted;         /* counted: without the finalizer */
    const char *failures, *condition;
};

static void annotate(struct pod *p, const char *key, const char *value)
{
    if (value)
        p->object.meta.annotations = map_with(&arena, &p->object.meta.annotations, key, value);
}

static struct pod *make_pod(const struct pod_row *r)
{
    struct pod *p = api_new(&arena, kind_infos[KIND_POD].type, struct pod);
    struct container_status *s = arena_new(&arena, struct container_status);
    p->object.kind = KIND_POD;
    p->object.meta.name = p->object.meta.uid = r->name;
    p->object.meta.namespace_ = "default";
    p->object.meta.creation_timestamp = 0;
    p->status.phase = r->phase;
    if (r->going) {
        p->object.meta.deletion_timestamp = 40 * SIM_SECOND;
        p->object.meta.deletion_grace_period_seconds = (struct opt_i64){30, true};
    }
    if (!r->counted) {
        p->object.meta.finalizers.items = arena_array(&arena, const char *, 1);
        p->object.meta.finalizers.items[0] = JOB_TRACKING_FINALIZER;
        p->object.meta.finalizers.count = 1;
    }
    annotate(p, JOB_INDEX_ANNOTATION, r->index);
    annotate(p, JOB_INDEX_FAILURES_ANNOTATION, r->failures);
    s->name = "main";
    if (r->finished) {
        s->state.terminated = arena_new(&arena, struct container_state_terminated);
        s->state.terminated->exit_code = r->exit_code;
        s->state.terminated->finished_at = r->finished * SIM_SECOND;
    }
    p->status.container_statuses.items = s;
    p->status.container_statuses.count = 1;
    p->status.conditions.items = arena_new(&arena, struct pod_condition);
    p->status.conditions.items[0] = (struct pod_condition){.type = r->condition ? r->condition : "Ready",
                                                           .status = r->finished && !r->condition ? "False" : "True",
                                                           .last_transition_time = r->finished * SIM_SECOND};
    p->status.conditions.count = 1;
    return p;
}

static struct job *make_job(const char *spec)
{
    struct diag_set diags;
    struct document_list docs = {0};
    struct pool objects;
    char *text = arena_printf(&arena,
                              "apiVersion: batch/v1\nkind: Job\nmetadata: {name: work}\nspec:\n"
                              "  template: {spec: {restartPolicy: %s, containers: [{name: main, image: x}]}}\n  %s\n",
                              strstr(spec, "OnFailure") ? "OnFailure" : "Never", spec);
    diag_init(&diags);
    pool_init(&objects, &arena, sizeof(const struct api_object *));
    CHECK_INT(value_parse(&arena, &diags, "job.yaml", text, strlen(text), &docs), 0);
    CHECK_INT(api_read_document(&arena, &diags, &docs.items[0], &objects), 0);
    diag_fini(&diags);
    struct job *j = *(struct job **)pool_at(&objects, 0);
    j->object.meta.uid = "uid";
    j->status.start_time = 0;
    job_prepare_for_create(&arena, &features, j);
    return j;
}

static struct job_plan decide(struct job *j, const struct pod_row *rows, uint32_t count, int64_t now_s)
{
    struct job_facts f = {.job = j,
                          .features = &features,
                          .backoff = {0, SIM_NEVER},
                          .in_sync = true,
                          .now = now_s * SIM_SECOND,
                          .pods = {arena_array(&arena, struct job_pod, count + 1), count}};
    struct job_plan plan;
    for (uint32_t i = 0; i < count; i++) {
        struct pod *p = make_pod(&rows[i]);
        f.pods.items[i] = (struct job_pod){
            .pod = p, .facts = pod_facts(p), .finalizer = !rows[i].counted, .tracked = !rows[i].counted};
    }
    job_decide(&arena, &f, &plan);
    return plan;
}

/* "FailureTarget BackoffLimitExceeded; +2 -1 strip 3; 1 ok 2 failed; wait 10s" */
static const char *told(const struct job_plan *p)
{
    const char *text = "";
    for (uint32_t i = 0; i < p->second.conditions.count; i++)
        text = arena_printf(&arena, "%s%s %s; ", text, p->second.conditions.items[i].type,
                            p->second.conditions.items[i].reason ? p->second.conditions.items[i].reason : "");
    text = arena_printf(&arena, "%s+%" PRIu32 " -%" PRIu32 " strip %" PRIu32 "; %" PRId64 " ok %" PRId64 " failed",
                        text, p->create.count, p->remove.count, p->strip.count, p->second.succeeded, p->second.failed);
    if (p->backoff_over != SIM_NEVER)
        text = arena_printf(&arena, "%s; wait %" PRId64 "s", text, p->backoff_over / SIM_SECOND);
    return text;
}

#define RUNS(...)                                                                                                      \
    {                                                                                                                  \
        .phase = "Running", __VA_ARGS__                                                                                \
    }
#define OK(...)                                                                                                        \
    {                                                                                                                  \
        .phase = "Succeeded", .finished = 10, __VA_ARGS__                                                              \
    }
#define FAILS(...)                                                                                                     \
    {                                                                                                                  \
        .phase = "Failed", .finished = 10, .exit_code = 1, __VA_ARGS__                                                 \
    }
#define INDEXED      "completionMode: Indexed\n  "
#define POLICY(rule) "podFailurePolicy: {rules: [" rule "]}"

struct row {
    const char *what, *spec;
    struct pod_row pods[5];
    int64_t now;
    const char *want;
};

static uint32_t pods_of(const struct row *r)
{
    uint32_t n = 0;
    while (n < ARRAY_LEN(r->pods) && r->pods[n].name)
        n++;
    return n;
}

static void check_rows_of(const struct row *rows, size_t count, int minor)
{
    features_init(&features, minor);
    for (size_t i = 0; i < count; i++) {
        tap_row("%s", rows[i].what);
        struct job_plan p = decide(make_job(rows[i].spec), rows[i].pods, pods_of(&rows[i]), rows[i].now);
        CHECK_STR(told(&p), rows[i].want);
    }
}

#define CHECK_ROWS(rows, minor) check_rows_of(rows, ARRAY_LEN(rows), minor)

/* ---- when it ends ---- */

static void ends(void)
{
    static const struct row rows[] = {
        {"nothing yet", "backoffLimit: 1", {{0}}, 0, "+1 -0 strip 0; 0 ok 0 failed"},
        {"enough completions",
         "completions: 2",
         {OK(.name = "a"), OK(.name = "b")},
         11,
         "SuccessCriteriaMet CompletionsReached; Complete CompletionsReached; +0 -0 strip 2; 2 ok 0 failed"},
        {"a work queue waits for the others",
         "parallelism: 2",
         {OK(.name = "a"), RUNS(.name = "b")},
         11,
         "+0 -0 strip 1; 1 ok 0 failed"},
        {"the limit is reached, not exceeded",
         "backoffLimit: 1",
         {FAILS(.name = "a")},
         20,
         "+1 -0 strip 1; 0 ok 1 failed"},
        {"the limit is exceeded",
         "backoffLimit: 0",
         {FAILS(.name = "a"), RUNS(.name = "b")},
         20,
         "FailureTarget BackoffLimitExceeded; +0 -1 strip 2; 0 ok 2 failed"},
        {"the deadline",
         "activeDeadlineSeconds: 20",
         {RUNS(.name = "a")},
         20,
         "FailureTarget DeadlineExceeded; +0 -1 strip 1; 0 ok 1 failed"},
        {"before it", "activeDeadlineSeconds: 21", {RUNS(.name = "a")}, 20, "+0 -0 strip 0; 0 ok 0 failed"},
        {"a rule fails it",
         POLICY("{action: FailJob, onExitCodes: {operator: In, values: [1]}}"),
         {FAILS(.name = "a")},
         20,
         "FailureTarget PodFailurePolicy; Failed PodFailurePolicy; +0 -0 strip 1; 0 ok 1 failed"},
        {"too many failed indexes",
         INDEXED "completions: 3\n  parallelism: 3\n  backoffLimitPerIndex: 0\n  maxFailedIndexes: 1",
         {FAILS(.name = "a", .index = "0"), FAILS(.name = "b", .index = "1"), RUNS(.name = "c", .index = "2")},
         20,
         "FailureTarget MaxFailedIndexesExceeded; +0 -1 strip 3; 0 ok 3 failed"},
        {"no index is left",
         INDEXED "completions: 2\n  parallelism: 2\n  backoffLimitPerIndex: 0",
         {FAILS(.name = "a", .index = "0"), OK(.name = "b", .index = "1")},
         20,
         "FailureTarget FailedIndexes; Failed FailedIndexes; +0 -0 strip 2; 1 ok 1 failed"},
        {"the leader is enough",
         INDEXED "completions: 3\n  parallelism: 3\n  successPolicy: {rules: [{succeededIndexes: '0'}]}",
         {OK(.name = "a", .index = "0"), RUNS(.name = "b", .index = "1")},
         20,
         "SuccessCriteriaMet SuccessPolicy; +0 -1 strip 2; 1 ok 0 failed"},
        {"so many of them are enough",
         INDEXED "completions: 4\n  successPolicy: {rules: [{succeededIndexes: 1-3, succeededCount: 2}]}",
         {OK(.name = "a", .index = "1"), OK(.name = "b", .index = "3")},
         20,
         "SuccessCriteriaMet SuccessPolicy; Complete SuccessPolicy; +0 -0 strip 2; 2 ok 0 failed"},
    };
    CHECK_ROWS(rows, MINOR_NEWEST);
}

/* Its condition came with an earlier sync: what remains is to wait for the last pod. */
static void ends_once(void)
{
    static const struct {
        const char *target;
        bool going;
        const char *want;
    } rows[] = {
        {"FailureTarget", true, "FailureTarget Why; +0 -0 strip 1; 0 ok 1 failed"},
        {"FailureTarget", false, "FailureTarget Why; Failed Why; +0 -0 strip 1; 0 ok 1 failed"},
        {"SuccessCriteriaMet", true, "SuccessCriteriaMet Why; +0 -0 strip 1; 0 ok 1 failed"},
        {"SuccessCriteriaMet", false, "SuccessCriteriaMet Why; Complete Why; +0 -0 strip 1; 0 ok 1 failed"},
    };
    features_init(&features, MINOR_NEWEST);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct pod_row going = RUNS(.name = "a", .going = true), ended = FAILS(.name = "a");
        struct job *j = make_job("backoffLimit: 4");
        j->status.conditions.items = arena_new(&arena, struct workload_condition);
        j->status.conditions.items[0] = (struct workload_condition){rows[i].target, "True", "Why", "because", 0, 0};
        j->status.conditions.count = 1;
        tap_row("%s, %s", rows[i].target, rows[i].going ? "a pod still ends" : "nothing runs");
        struct job_plan p = decide(j, rows[i].going ? &going : &ended, 1, 20);
        CHECK_STR(told(&p), rows[i].want);
    }
}

static void restarts_count(void)
{
    static const struct {
        const char *spec;
        int64_t restarts;
        bool ends;
    } rows[] = {{"backoffLimit: 2 # OnFailure", 1, false},
                {"backoffLimit: 2 # OnFailure", 2, true},
                {"backoffLimit: 0 # OnFailure", 0, false},
                {"backoffLimit: 0 # OnFailure", 1, true},
                {"backoffLimit: 2", 9, false}};
    features_init(&features, MINOR_NEWEST);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct pod *p = make_pod(&(struct pod_row)RUNS(.name = "a"));
        p->status.container_statuses.items[0].restart_count = rows[i].restarts;
        struct job_pod item = {.pod = p, .facts = pod_facts(p), .finalizer = true, .tracked = true};
        struct job_facts f = {.job = make_job(rows[i].spec),
                              .features = &features,
                              .backoff = {0, SIM_NEVER},
                              .pods = {&item, 1},
                              .in_sync = true,
                              .now = 20 * SIM_SECOND};
        struct job_plan plan;
        job_decide(&arena, &f, &plan);
        tap_row("%s, %" PRId64 " restarts", rows[i].spec, rows[i].restarts);
        CHECK_INT(plan.second.conditions.count > 0, rows[i].ends);
    }
}

/* ---- what it does about its pods ---- */

static void manages(void)
{
    static const struct row rows[] = {
        {"as many as may run at a time",
         "completions: 5\n  parallelism: 3",
         {RUNS(.name = "a")},
         5,
         "+2 -0 strip 0; 0 ok 0 failed"},
        {"no more than are missing",
         "completions: 3\n  parallelism: 3",
         {OK(.name = "a"), RUNS(.name = "b")},
         11,
         "+1 -0 strip 1; 1 ok 0 failed"},
        {"too many",
         "completions: 5\n  parallelism: 1",
         {RUNS(.name = "a"), RUNS(.name = "b"), RUNS(.name = "c")},
         5,
         "+0 -2 strip 0; 0 ok 0 failed"},
        {"suspended",
         "suspend: true\n  parallelism: 2",
         {RUNS(.name = "a"), RUNS(.name = "b")},
         5,
         "Suspended JobSuspended; +0 -2 strip 0; 0 ok 0 failed"},
        {"back-off", "backoffLimit: 6", {FAILS(.name = "a")}, 12, "+0 -0 strip 1; 0 ok 1 failed; wait 8s"},
        {"two failures in one sync",
         "parallelism: 2\n  completions: 2",
         {FAILS(.name = "a"), FAILS(.name = "b")},
         12,
         "+0 -0 strip 2; 0 ok 2 failed; wait 18s"},
        {"a success forgets them",
         "parallelism: 2\n  completions: 3",
         {FAILS(.name = "a"), OK(.name = "b")},
         12,
         "+2 -0 strip 2; 1 ok 1 failed"},
        {"a deleted pod has failed",
         "backoffLimit: 6",
         {RUNS(.name = "a", .going = true)},
         30,
         "+1 -0 strip 1; 0 ok 1 failed"},
        {"unless only failed ones are replaced",
         "podReplacementPolicy: Failed",
         {RUNS(.name = "a", .going = true)},
         30,
         "+0 -0 strip 0; 0 ok 0 failed"},
        {"of an index one stays",
         INDEXED "completions: 2\n  parallelism: 2",
         {RUNS(.name = "a", .index = "0"), RUNS(.name = "b", .index = "0"), RUNS(.name = "c", .index = "7")},
         5,
         "+0 -2 strip 0; 0 ok 0 failed"},
        {"the lowest index that is free",
         INDEXED "completions: 9\n  parallelism: 2",
         {RUNS(.name = "a", .index = "0")},
         5,
         "+1 -0 strip 0; 0 ok 0 failed"},
        {"each index waits by itself",
         INDEXED "completions: 2\n  parallelism: 2\n  backoffLimitPerIndex: 2",
         {FAILS(.name = "a", .index = "0"), FAILS(.name = "b", .index = "1", .failures = "1")},
         21,
         "+1 -0 strip 0; 0 ok 0 failed"},
        {"all wait",
         INDEXED "completions: 1\n  parallelism: 1\n  backoffLimitPerIndex: 2",
         {FAILS(.name = "b", .index = "0", .failures = "1")},
         21,
         "+0 -0 strip 0; 0 ok 0 failed; wait 9s"},
    };
    CHECK_ROWS(rows, MINOR_NEWEST);
}

/* ---- how they are counted ---- */

static void counts(void)
{
    static const struct row rows[] = {
        {"once", "completions: 4", {OK(.name = "a", .counted = true)}, 11, "+1 -0 strip 0; 0 ok 0 failed"},
        {"not what a rule ignores",
         POLICY("{action: Ignore, onPodConditions: [{type: DisruptionTarget}]}"),
         {FAILS(.name = "a", .condition = "DisruptionTarget")},
         30,
         "+1 -0 strip 1; 0 ok 0 failed"},
        {"what a rule says Count of",
         POLICY("{action: Count, onExitCodes: {operator: NotIn, values: [3]}}"),
         {FAILS(.name = "a")},
         30,
         "+1 -0 strip 1; 0 ok 1 failed"},
        {"what no rule is about",
         POLICY("{action: Ignore, onExitCodes: {operator: In, values: [3]}}"),
         {FAILS(.name = "a")},
         30,
         "+1 -0 strip 1; 0 ok 1 failed"},
        {"an index at once",
         INDEXED "completions: 2\n  parallelism: 1\n  backoffLimitPerIndex: 5\n  " POLICY(
             "{action: FailIndex, onExitCodes: {operator: In, values: [1]}}"),
         {FAILS(.name = "a", .index = "0")},
         30,
         "+1 -0 strip 1; 0 ok 1 failed"},
        {"an index once",
         INDEXED "completions: 4\n  parallelism: 4",
         {OK(.name = "a", .index = "0"), OK(.name = "b", .index = "2")},
         11,
         "+2 -0 strip 2; 2 ok 0 failed"},
    };
    CHECK_ROWS(rows, MINOR_NEWEST);
    struct job *j = make_job("completions: 9\n  completionMode: Indexed\n  parallelism: 4");
    const struct pod_row again[] = {OK(.name = "a", .index = "0"), OK(.name = "b", .index = "4")};
    j->status.completed_indexes = "0-2";
    struct job_plan p = decide(j, again, 2, 11);
    CHECK_STR(p.second.completed_indexes, "0-2,4");
    CHECK_INT(p.second.succeeded, 4);
    j = make_job("completions: 9");
    j->status.uncounted = arena_new(&arena, struct uncounted_pods);
    j->status.uncounted->succeeded.items = arena_array(&arena, const char *, 1);
    j->status.uncounted->succeeded.items[0] = "a";
    j->status.uncounted->succeeded.count = 1;
    p = decide(j, again, 1, 11);
    CHECK_STR(told(&p), "+1 -0 strip 1; 1 ok 0 failed");
}

static void ended_when(void)
{
    const struct pod_row stopped = FAILS(.name = "a"), unready = {.name = "a", .phase = "Failed"},
                         going = RUNS(.name = "a", .going = true);
    features_init(&features, MINOR_NEWEST);
    CHECK_INT(job_pod_finished_at(&features, make_pod(&stopped)) / SIM_SECOND, 10);
    struct pod *p = make_pod(&unready);
    p->status.conditions.items[0] =
        (struct pod_condition){.type = "Ready", .status = "False", .last_transition_time = 7 * SIM_SECOND};
    CHECK_INT(job_pod_finished_at(&features, p) / SIM_SECOND, 7);
    CHECK_INT(job_pod_finished_at(&features, make_pod(&going)) / SIM_SECOND, 10);
    p = make_pod(&unready);
    p->status.conditions.count = 0;
    CHECK_INT(job_pod_finished_at(&features, p), 0);
}

static void waits(void)
{
    static const struct {
        int64_t failures, elapsed, want;
    } rows[] = {{0, 0, 0}, {1, 0, 10}, {1, 4, 6}, {1, 11, 0}, {2, 0, 20}, {6, 0, 320}, {7, 0, 600}, {99, 0, 600}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        tap_row("%" PRId64 " failures, %" PRId64 " s ago", rows[i].failures, rows[i].elapsed);
        CHECK_INT(job_backoff_left(rows[i].failures, 0, rows[i].elapsed * SIM_SECOND) / SIM_SECOND, rows[i].want);
    }
}

/* ---- index sets ---- */

static void index_sets(void)
{
    static const struct {
        const char *text, *more, *want;
        int64_t total;
    } rows[] = {{"", "3", "3", 1},
                {"0-2,5", "3", "0-3,5", 5},
                {"0", "1", "0,1", 2},
                {"0-2,x,4", "3", "0-4", 5},
                {"7-30", "0", "0,7-9", 4}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        index_set a = index_set_parse(&arena, rows[i].text, 10), b = index_set_parse(&arena, rows[i].more, 10);
        index_set both = index_set_union(&arena, &a, &b);
        tap_row("%s and %s", rows[i].text, rows[i].more);
        CHECK_STR(index_set_format(&arena, &both), rows[i].want);
        CHECK_INT(index_set_total(&both), rows[i].total);
        CHECK_INT(index_set_common(&both, &b), 1);
        CHECK(index_set_has(&both, b.items[0].first) && !index_set_has(&both, 6));
    }
    static const struct {
        const char *text, *wrong;
    } bad[] = {
        {"1-3-5",
         "the fragment \"1-3-5\" violates the requirement that an index interval can have at most two parts separated "
         "by '-'"},
        {"a", "cannot convert string to integer for index: \"a\""},
        {"1,10", "too large index: \"10\""},
        {"3-2", "non-increasing order, previous: 3, current: 2"},
        {"3,3", "non-increasing order, previous: 3, current: 3"},
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        int64_t total;
        tap_row("%s", bad[i].text);
        CHECK_STR(wrong_index_text(&arena, bad[i].text, 10, &total), bad[i].wrong);
    }
}

/* ---- versions ---- */

static void versions(void)
{
    static const struct {
        int minor;
        struct row row;
    } rows[] = {
        {30, {"Failed at once", "activeDeadlineSeconds: 20", {RUNS(.name = "a")}, 20, "+0 -1 strip 1; 0 ok 1 failed"}},
        {31,
         {"Failed when the pod has ended",
          "activeDeadlineSeconds: 20",
          {RUNS(.name = "a")},
          20,
          "FailureTarget DeadlineExceeded; +0 -1 strip 1; 0 ok 1 failed"}},
        {30,
         {"Complete without a reason",
          "completions: 1",
          {OK(.name = "a")},
          20,
          "Complete ; +0 -0 strip 1; 1 ok 0 failed"}},
        {28,
         {"podReplacementPolicy is dropped",
          "podReplacementPolicy: Failed",
          {RUNS(.name = "a", .going = true)},
          30,
          "+1 -0 strip 1; 0 ok 1 failed"}},
        {29,
         {"and is not any more",
          "podReplacementPolicy: Failed",
          {RUNS(.name = "a", .going = true)},
          30,
          "+0 -0 strip 0; 0 ok 0 failed"}},
        {28,
         {"limits per index are dropped",
          INDEXED "completions: 2\n  parallelism: 2\n  backoffLimitPerIndex: 0",
          {FAILS(.name = "a", .index = "0"), OK(.name = "b", .index = "1")},
          30,
          "+1 -0 strip 2; 1 ok 1 failed"}},
        {30,
         {"successPolicy is dropped",
          INDEXED "completions: 3\n  parallelism: 1\n  successPolicy: {rules: [{succeededIndexes: '0'}]}",
          {OK(.name = "a", .index = "0")},
          30,
          "+1 -0 strip 1; 1 ok 0 failed"}},
        {25,
         {"podFailurePolicy is dropped",
          POLICY("{action: Ignore, onExitCodes: {operator: In, values: [1]}}"),
          {FAILS(.name = "a")},
          30,
          "+1 -0 strip 1; 0 ok 1 failed"}},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        tap_row("1.%d", rows[i].minor);
        if (i > 0) /* the first is looked at below: its condition */
            check_rows_of(&rows[i].row, 1, rows[i].minor);
    }
    features_init(&features, 30);
    const struct pod_row runs = RUNS(.name = "a");
    struct job_plan p = decide(make_job("activeDeadlineSeconds: 20"), &runs, 1, 20);
    CHECK_STR(p.second.conditions.items[0].type, "Failed");
    features_init(&features, 31);
    struct job *j = make_job("managedBy: example.com/queue");
    CHECK(!j->spec.managed_by);
    features_init(&features, 32);
    j = make_job("managedBy: example.com/queue");
    CHECK_STR(j->spec.managed_by, "example.com/queue");
    features_init(&features, 26);
    j = make_job("completions: 1");
    CHECK(str_map_get(&j->spec.selector->match_labels, JOB_UID_LABEL_OLD));
    CHECK(!str_map_get(&j->spec.template_.meta.labels, JOB_NAME_LABEL));
    features_init(&features, 27);
    j = make_job("completions: 1");
    CHECK(str_map_get(&j->spec.selector->match_labels, JOB_UID_LABEL));
}

/* ---- what may change ---- */

static void updates(void)
{
    static const struct {
        const char *from, *to;
        int minor;
        const char *wrong; /* NULL = it may */
    } rows[] = {
        {"parallelism: 1", "parallelism: 4\n  completions: 1", 36,
         "spec.completions: Invalid value: 1: field is immutable"},
        {"completions: 2\n  parallelism: 2", "completions: 2\n  parallelism: 9", 36, NULL},
        {INDEXED "completions: 2\n  parallelism: 2", INDEXED "completions: 4\n  parallelism: 4", 36, NULL},
        {INDEXED "completions: 2\n  parallelism: 2", INDEXED "completions: 4\n  parallelism: 4", 26,
         "spec.completions: Invalid value: 4: field is immutable"},
        {INDEXED "completions: 2\n  parallelism: 2", INDEXED "completions: 4\n  parallelism: 3", 36,
         "spec.completions: Invalid value: 4: can only be modified in tandem with spec.parallelism"},
        {"completions: 1", "completions: 1\n  completionMode: Indexed", 36,
         "spec.completionMode: Invalid value: \"Indexed\": field is immutable"},
        {INDEXED "completions: 1\n  backoffLimitPerIndex: 1\n  backoffLimit: 6",
         INDEXED "completions: 1\n  backoffLimitPerIndex: 2\n  backoffLimit: 6", 36,
         "spec.backoffLimitPerIndex: Invalid value: 2: field is immutable"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        features_init(&features, rows[i].minor);
        const struct job *from = make_job(rows[i].from), *to = make_job(rows[i].to);
        const char *wrong = wrong_job_update(&arena, &features, from, to);
        tap_row("1.%d: %s to %s", rows[i].minor, rows[i].from, rows[i].to);
        CHECK_STR(wrong ? wrong : "fine", rows[i].wrong ? rows[i].wrong : "fine");
    }
}

/* A suspended Job's template: where its pods go and what they request, if it does not run. */
static void template_updates(void)
{
    static const struct {
        int minor;
        bool started, resources, may;
    } rows[] = {{35, false, false, true},
                {35, true, false, false},
                {36, true, false, true},
                {35, false, true, false},
                {36, false, true, true}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        features_init(&features, rows[i].minor);
        struct job *from = make_job("suspend: true"), *to = make_job("suspend: true");
        struct workload_condition suspended = {.type = "Suspended", .status = "True"};
        from->status.conditions.items = &suspended;
        from->status.conditions.count = 1;
        from->status.start_time = rows[i].started ? 0 : SIM_NEVER;
        if (rows[i].resources) {
            quantity_map *m = &to->spec.template_.spec.containers.items[0].resources.requests;
            m->items = arena_new(&arena, struct quantity_pair);
            m->items[0].key = "cpu";
            m->count = 1;
        } else {
            to->spec.template_.spec.node_selector =
                map_with(&arena, &to->spec.template_.spec.node_selector, "disk", "ssd");
        }
        tap_row("1.%d, %s, %s", rows[i].minor, rows[i].started ? "has run" : "never ran",
                rows[i].resources ? "resources" : "nodeSelector");
        CHECK_INT(!wrong_job_update(&arena, &features, from, to), rows[i].may);
    }
}

extern const struct cover_table cover_job_failure, cover_job_ended_at, cover_job_end, cover_job_manage, cover_job_count;

static void every_row_is_reached(void)
{
    static const char *const none[] = {NULL};
    check_rows(&cover_job_failure, none);
    check_rows(&cover_job_ended_at, none);
    check_rows(&cover_job_end, none);
    check_rows(&cover_job_manage, none);
    check_rows(&cover_job_count, none);
}

int main(void)
{
    arena_init(&arena, 0);
    static const struct tap_test tests[] = {
        TAP_TEST(ends),    TAP_TEST(ends_once),        TAP_TEST(restarts_count),
        TAP_TEST(manages), TAP_TEST(counts),           TAP_TEST(ended_when),
        TAP_TEST(waits),   TAP_TEST(index_sets),       TAP_TEST(versions),
        TAP_TEST(updates), TAP_TEST(template_updates), TAP_TEST(every_row_is_reached),
    };
    int failed = tap_run(tests, ARRAY_LEN(tests));
    arena_fini(&arena);
    return failed;
}
