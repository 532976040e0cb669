/* test_statefulset.c - what a StatefulSet decides: which pod is made or deleted, who waits, what its status says, how
 * its revisions are named. semantics/workloads.md 4.
 */
#include "model/statefulset.h"

#include <string.h>

#include "model/cluster.h"
#include "tests/unit/tap.h"

#include "tests/unit/cover_rows.h"

static struct arena arena;

/* ---- objects ---- */

enum { NOW_S = 1000 };

/* "0 new ready", "1 old going", "2 old failed": ordinal, revision, how it is. */
static struct pod *make_pod(const struct stateful_set *set, const char *text)
{
    struct pod *p = api_new(&arena, kind_infos[KIND_POD].type, struct pod);
    p->object.kind = KIND_POD;
    p->object.meta.name = arena_printf(&arena, "web-%.*s", (int)strcspn(text, " "), text);
    p->object.meta.uid = p->object.meta.name;
    p->object.meta.labels.items = arena_array(&arena, struct str_pair, 3);
    p->object.meta.labels.items[0] =
        (struct str_pair){POD_REVISION_LABEL, strstr(text, "old") ? "web-old" : set->status.update_revision};
    p->object.meta.labels.items[1] = (struct str_pair){POD_NAME_LABEL, p->object.meta.name};
    p->object.meta.labels.count = strstr(text, "unnamed") ? 1 : 2;
    p->object.meta.deletion_timestamp = strstr(text, "going") ? NOW_S * SIM_SECOND : SIM_NEVER;
    p->status.phase = strstr(text, "failed")    ? "Failed"
                      : strstr(text, "ended")   ? "Succeeded"
                      : strstr(text, "pending") ? "Pending"
                                                : "Running";
    p->status.conditions.items = arena_new(&arena, struct pod_condition);
    p->status.conditions.count = 1;
    /* ready: for 100 s; fresh: for 5 s */
    bool ready = strstr(text, "ready") || strstr(text, "fresh");
    p->status.conditions.items[0] =
        (struct pod_condition){.type = "Ready",
                               .status = ready ? "True" : "False",
                               .last_transition_time = (NOW_S - (strstr(text, "fresh") ? 5 : 100)) * SIM_SECOND};
    return p;
}

static struct pod_template template_of(const char *image)
{
    struct pod_template t;
    api_init(&pod_template_type, &t);
    t.spec.containers.items = arena_new(&arena, struct container);
    t.spec.containers.count = 1;
    t.spec.containers.items[0].name = "c";
    t.spec.containers.items[0].image = image;
    return t;
}

struct set_row {
    const char *name;
    const char *pods;                                    /* "0 new ready; 1 old ready" */
    const char *steps;                                   /* what follows the revision */
    int64_t replicas, partition, min_ready, start, most; /* most: maxUnavailable */
    bool parallel, on_delete;
    int minor; /* 0 = the newest */
};

static const char *words[] = {
    [STS_NEW_REVISION] = "revision", [STS_RENUMBER] = "renumber", [STS_NEW_CLAIM] = "claim",
    [STS_NEW_POD] = "create",        [STS_MEND_POD] = "mend",     [STS_CLAIM_OWNERS] = "owners",
    [STS_DELETE_POD] = "delete",     [STS_STATUS] = "status",     [STS_DELETE_REVISION] = "forget",
};

/* "create web-1 | delete web-2": batches apart by bars. */
static const char *told(const struct sts_plan *plan)
{
    const char *text = "";
    for (uint32_t i = 0; i < plan->steps.count; i++) {
        const struct sts_step *s = pool_at(&plan->steps, i);
        if (s->write == STS_STATUS)
            continue;
        text = arena_printf(&arena, "%s%s%s %s", text,
                            !*text              ? ""
                            : s->first_of_batch ? " | "
                                                : ", ",
                            words[s->write], s->object->meta.name);
    }
    return text;
}

static const struct stateful_set_status *status_in(const struct sts_plan *plan)
{
    for (uint32_t i = 0; i < plan->steps.count; i++) {
        const struct sts_step *s = pool_at(&plan->steps, i);
        if (s->write == STS_STATUS)
            return &s->status;
    }
    return NULL;
}

static struct controller_revision *revision(const char *name, const char *image, int64_t number)
{
    struct controller_revision *r =
        api_new(&arena, kind_infos[KIND_CONTROLLERREVISION].type, struct controller_revision);
    r->object.meta.name = name;
    r->data.spec.template_.template_ = template_of(image);
    r->revision = number;
    return r;
}

static struct stateful_set *make_set(const struct set_row *r)
{
    struct stateful_set *s = api_new(&arena, kind_infos[KIND_STATEFULSET].type, struct stateful_set);
    s->object.kind = KIND_STATEFULSET;
    s->object.meta.name = "web";
    s->object.meta.uid = "mine";
    s->object.meta.generation = 2;
    s->spec.replicas = (struct opt_i64){r->replicas, true};
    s->spec.revision_history_limit = (struct opt_i64){10, true};
    s->spec.min_ready_seconds = r->min_ready;
    s->spec.pod_management_policy = r->parallel ? "Parallel" : "OrderedReady";
    s->spec.template_ = template_of("new");
    s->spec.update_strategy.type = r->on_delete ? "OnDelete" : "RollingUpdate";
    if (!r->on_delete) {
        s->spec.update_strategy.rolling_update = arena_new(&arena, struct rolling_update_stateful_set);
        s->spec.update_strategy.rolling_update->partition = (struct opt_i64){r->partition, true};
        if (r->most)
            s->spec.update_strategy.rolling_update->max_unavailable =
                (struct int_or_string){.number = r->most, .set = true};
    }
    if (r->start) {
        s->spec.ordinals = arena_new(&arena, struct stateful_set_ordinals);
        s->spec.ordinals->start = r->start;
    }
    s->status.current_revision = "web-old";
    s->status.update_revision = "web-new";
    return s;
}

static const struct persistent_volume_claim *no_claim(void *ctx, const char *name)
{
    (void)ctx, (void)name;
    return NULL;
}

static struct sts_plan decide(const struct set_row *r, const struct stateful_set *set)
{
    static struct features features;
    struct sts_plan plan;
    const struct controller_revision *revisions[] = {revision("web-old", "old", 1), revision("web-new", "new", 2)};
    features_init(&features, r->minor ? r->minor : MINOR_NEWEST);
    feature_force(&features, FEATURE_MAX_UNAVAILABLE_STATEFUL_SET, r->most > 0);
    struct sts_facts f = {.set = set, .features = &features, .claim = no_claim, .now = NOW_S * SIM_SECOND};
    f.revisions = (struct revision_list){revisions, ARRAY_LEN(revisions)};
    f.pods.items = arena_array(&arena, const struct pod *, 20);
    for (const char *p = r->pods; *p; p += strcspn(p, ";") + (p[strcspn(p, ";")] ? 2 : 0))
        f.pods.items[f.pods.count++] = make_pod(set, arena_strndup(&arena, p, strcspn(p, ";")));
    sts_decide(&arena, &arena, &f, &plan);
    return plan;
}

/* ---- one sync ---- */

static void a_sync(void)
{
    static const struct set_row rows[] = {
        {.name = "the first pod", .replicas = 3, .pods = "", .steps = "create web-0"},
        {.name = "the next waits", .replicas = 3, .pods = "0 new", .steps = ""},
        {.name = "is ready: the next", .replicas = 3, .pods = "0 new ready", .steps = "create web-1"},
        {.name = "not for long enough", .replicas = 3, .min_ready = 10, .pods = "0 new fresh", .steps = ""},
        {.name = "long enough", .replicas = 3, .min_ready = 10, .pods = "0 new ready", .steps = "create web-1"},
        {.name = "a gap is filled", .replicas = 3, .pods = "0 new ready; 2 new ready", .steps = "create web-1"},
        {.name = "one that goes is waited for", .replicas = 2, .pods = "0 new ready going; 1 new ready", .steps = ""},
        {.name = "ended: deleted", .replicas = 2, .pods = "0 new failed; 1 new ready", .steps = "delete web-0"},
        {.name = "ended: deleted, however", .replicas = 2, .pods = "0 new ended; 1 new ready", .steps = "delete web-0"},
        {.name = "ended and going", .replicas = 2, .pods = "0 new failed going; 1 new ready", .steps = ""},
        {.name = "without its label", .replicas = 1, .pods = "0 new ready unnamed", .steps = "mend web-0"},
        {.name = "all at once",
         .replicas = 4,
         .parallel = true,
         .pods = "",
         .steps = "create web-0 | create web-1, create web-2 | create web-3"},
        {.name = "nobody waits",
         .replicas = 3,
         .parallel = true,
         .pods = "0 new; 1 new going",
         .steps = "create web-2"},
        {.name = "the highest goes first",
         .replicas = 1,
         .pods = "0 new ready; 1 new ready; 2 new ready",
         .steps = "delete web-2"},
        {.name = "and then the next",
         .replicas = 1,
         .pods = "0 new ready; 1 new ready; 2 new ready going",
         .steps = ""},
        {.name = "too many, all at once",
         .replicas = 1,
         .parallel = true,
         .pods = "0 new ready; 1 new; 2 new ready; 3 new going",
         .steps = "delete web-2, delete web-1"},
        {.name = "one in front is not ready", .replicas = 1, .pods = "0 new; 1 new ready", .steps = ""},
        {.name = "it is the first not ready", .replicas = 1, .pods = "0 new ready; 1 new", .steps = "delete web-1"},
        {.name = "another is the first not ready", .replicas = 1, .pods = "0 new ready; 1 new; 2 new", .steps = ""},
        {.name = "from 5 on", .replicas = 2, .start = 5, .pods = "5 new ready; 4 new ready", .steps = "create web-6"},
        {.name = "below the start",
         .replicas = 1,
         .start = 5,
         .pods = "5 new ready; 4 new ready",
         .steps = "delete web-4"},
        {.name = "an update: the highest old",
         .replicas = 3,
         .pods = "0 old ready; 1 old ready; 2 old ready",
         .steps = "delete web-2"},
        {.name = "the new one is waited for", .replicas = 2, .pods = "0 old ready; 1 new", .steps = ""},
        {.name = "then the next", .replicas = 2, .pods = "0 old ready; 1 new ready", .steps = "delete web-0"},
        {.name = "down to the partition",
         .replicas = 2,
         .partition = 1,
         .pods = "0 old ready; 1 new ready",
         .steps = ""},
        {.name = "OnDelete", .replicas = 2, .on_delete = true, .pods = "0 old ready; 1 old ready", .steps = ""},
        {.name = "the forced-rollback trap", .replicas = 2, .pods = "0 new ready; 1 old", .steps = ""},
        {.name = "not in parallel",
         .replicas = 2,
         .parallel = true,
         .pods = "0 new ready; 1 old",
         .steps = "delete web-1"},
        {.name = "not available, 1.34",
         .replicas = 2,
         .parallel = true,
         .min_ready = 10,
         .minor = 34,
         .pods = "0 old ready; 1 new fresh",
         .steps = ""},
        {.name = "ready, 1.33",
         .replicas = 2,
         .parallel = true,
         .min_ready = 10,
         .minor = 33,
         .pods = "0 old ready; 1 new fresh",
         .steps = "delete web-0"},
        {.name = "two may be missing",
         .replicas = 4,
         .most = 2,
         .pods = "0 old ready; 1 old ready; 2 old ready; 3 old ready",
         .steps = "delete web-3 | delete web-2"},
        {.name = "one is",
         .replicas = 4,
         .most = 2,
         .parallel = true,
         .pods = "0 old ready; 1 old ready; 2 old ready; 3 new",
         .steps = "delete web-2"},
        {.name = "two are",
         .replicas = 4,
         .most = 2,
         .parallel = true,
         .pods = "0 old ready; 1 old ready; 2 new; 3 new",
         .steps = ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        tap_row("%s", rows[i].name);
        struct sts_plan plan = decide(&rows[i], make_set(&rows[i]));
        CHECK_STR(told(&plan), rows[i].steps);
    }
}

static void status(void)
{
    const struct set_row r = {.replicas = 3, .min_ready = 10, .pods = "0 old ready; 1 old ready going; 2 new fresh"};
    struct stateful_set *set = make_set(&r);
    struct sts_plan plan = decide(&r, set);
    const struct stateful_set_status *st = status_in(&plan);
    CHECK_INT(st->replicas, 3);
    CHECK_INT(st->ready_replicas, 3);
    CHECK_INT(st->available_replicas, 2);
    CHECK_INT(st->current_replicas, 1);
    CHECK_INT(st->updated_replicas, 1);
    CHECK_INT(st->observed_generation, 2);
    CHECK_STR(st->current_revision, "web-old");
    CHECK_INT(plan.recheck, 5 * SIM_SECOND);
    tap_row("nothing new: nothing is written");
    set->status = *st;
    plan = decide(&r, set);
    CHECK(status_in(&plan) == NULL);
    tap_row("all are new and ready: the update is over");
    const struct set_row over = {.replicas = 2, .pods = "0 new ready; 1 new ready"};
    plan = decide(&over, make_set(&over));
    CHECK_STR(status_in(&plan)->current_revision, "web-new");
    CHECK_INT(status_in(&plan)->current_replicas, 2);
    tap_row("until 1.34 all of minReadySeconds");
    const struct set_row old = {.replicas = 3, .min_ready = 10, .minor = 34, .pods = "0 new fresh"};
    CHECK_INT(decide(&old, make_set(&old)).recheck, 10 * SIM_SECOND);
}

static void a_pod_below_the_partition_is_made_of_the_old_template(void)
{
    const struct set_row r = {.replicas = 2, .partition = 1, .parallel = true, .pods = ""};
    struct sts_plan plan = decide(&r, make_set(&r));
    static const char *const images[] = {"old", "new"}, *const revisions[] = {"web-old", "web-new"};
    for (uint32_t i = 0; i < 2; i++) {
        const struct pod *p = (const struct pod *)((const struct sts_step *)pool_at(&plan.steps, i))->object;
        CHECK_STR(p->spec.containers.items[0].image, images[i]);
        CHECK_STR(sts_pod_revision(p), revisions[i]);
        CHECK_STR(p->spec.hostname, p->object.meta.name);
    }
}

/* The names that a real cluster gave: recordings statefulset-3-rolling-scale; 1.33 by a real API server's JSON. */
static void revisions_have_the_names_of_real_ones(void)
{
    static const struct {
        const char *image;
        int minor;
        const char *want;
    } rows[] = {
        {"nginx:1.27", 36, "9f456f48b"},
        {"nginx:1.28", 36, "755bd8465c"},
        {"nginx:1.27", 33, "5c5854dd56"},
    };
    static const char text[] =
        "kind: StatefulSet\napiVersion: apps/v1\nmetadata: {name: st}\nspec:\n  serviceName: s\n"
        "  selector: {matchLabels: {app: st}}\n  template:\n    metadata: {labels: {app: st}}\n    spec:\n"
        "      containers:\n      - name: web\n        image: nginx:1.27\n        readinessProbe:\n"
        "          httpGet: {path: /, port: 80}\n          initialDelaySeconds: 3\n          periodSeconds: 3\n";
    struct diag_set diags;
    struct scenario scenario;
    struct scenario_input input = {"st.yaml", text, strlen(text)};
    diag_init(&diags);
    if (!CHECK_INT(scenario_load(&arena, &diags, &input, 1, NULL, NULL, &scenario), 0))
        return;
    struct stateful_set set = *(const struct stateful_set *)scenario.objects.items[0];
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct features f;
        tap_row("%s, 1.%d", rows[i].image, rows[i].minor);
        features_init(&f, rows[i].minor);
        set.spec.template_.spec.containers.items[0].image = rows[i].image;
        CHECK_STR(history_hash(&arena, &set.spec.template_, &f, 0), rows[i].want);
    }
    diag_fini(&diags);
}

extern const struct cover_table cover_stateful_replica, cover_stateful_condemned, cover_stateful_update;

static void every_row_has_a_test(void)
{
    static const char *const stale[] = {"not there, its claim is still a former pod's: waits", NULL};
    check_rows(&cover_stateful_replica, stale);
    check_rows(&cover_stateful_condemned, NULL);
    check_rows(&cover_stateful_update, NULL);
}

int main(void)
{
    static const struct tap_test tests[] = {
        TAP_TEST(a_sync),
        TAP_TEST(status),
        TAP_TEST(a_pod_below_the_partition_is_made_of_the_old_template),
        TAP_TEST(revisions_have_the_names_of_real_ones),
        TAP_TEST(every_row_has_a_test),
    };
    arena_init(&arena, 0);
    int result = tap_run(tests, ARRAY_LEN(tests));
    arena_fini(&arena);
    return result;
}
