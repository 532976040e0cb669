/* test_deployment.c - what a Deployment decides: the arithmetic of rolling updates, templates and revisions, and whole
 * rollouts carried out by hand, thousands of random ones, whose bounds must hold at every step.
 * semantics/workloads.md 3.
 */
#include "model/deployment.h"

#include <stdlib.h>
#include <string.h>

#include "sim/rng.h"
#include "tests/unit/tap.h"

static struct arena arena, scratch;
static struct features features;

/* ---- objects ---- */

static struct int_or_string amount(const char *text)
{
    bool percent = strchr(text, '%') != NULL;
    return (struct int_or_string){.number = percent ? 0 : atoi(text), .text = percent ? text : NULL, .set = true};
}

static struct deployment *make_deployment(int64_t replicas, const char *surge, const char *unavailable)
{
    struct deployment *d = api_new(&arena, kind_infos[KIND_DEPLOYMENT].type, struct deployment);
    d->object.kind = KIND_DEPLOYMENT;
    d->object.meta.name = "web";
    d->object.meta.namespace_ = "default";
    d->object.meta.uid = "uid-of-web";
    d->object.meta.generation = 1;
    d->spec.replicas = (struct opt_i64){replicas, true};
    d->spec.progress_deadline_seconds = (struct opt_i64){600, true};
    d->spec.revision_history_limit = (struct opt_i64){10, true};
    d->spec.selector = arena_new(&arena, struct label_selector);
    d->spec.strategy.type = surge ? "RollingUpdate" : "Recreate";
    d->spec.template_.spec.containers.items = arena_new(&arena, struct container);
    d->spec.template_.spec.containers.items[0] = (struct container){.name = "web", .image = "web:1"};
    d->spec.template_.spec.containers.count = 1;
    if (!surge)
        return d;
    d->spec.strategy.rolling_update = arena_new(&arena, struct rolling_update_deployment);
    *d->spec.strategy.rolling_update =
        (struct rolling_update_deployment){.max_surge = amount(surge), .max_unavailable = amount(unavailable)};
    return d;
}

static void set_image(struct deployment *d, const char *image)
{
    struct container *c = arena_new(&arena, struct container);
    *c = d->spec.template_.spec.containers.items[0];
    c->image = image;
    d->spec.template_.spec.containers.items = c;
    d->object.meta.generation++;
}

/* ---- arithmetic ---- */

static void percentages_are_rounded_in_favour_of_availability(void)
{
    static const struct {
        int64_t replicas;
        const char *surge, *unavailable;
        int64_t want_surge, want_unavailable;
    } rows[] = {
        {1, "25%", "25%", 1, 0},  {2, "25%", "25%", 1, 0}, {3, "25%", "25%", 1, 0},  {4, "25%", "25%", 1, 1},
        {5, "25%", "25%", 2, 1},  {8, "25%", "25%", 2, 2}, {10, "25%", "25%", 3, 2}, {4, "1", "0", 1, 0},
        {4, "0", "1", 0, 1},      {4, "100%", "0", 4, 0},  {3, "0", "9", 0, 3},      {0, "25%", "25%", 0, 0},
        {1, "0%", "25%", 0, 1}, /* both come out 0: one may be missing */
        {10, "150%", "1", 15, 1},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct deployment *d = make_deployment(rows[i].replicas, rows[i].surge, rows[i].unavailable);
        tap_row("%" PRId64 " %s %s", rows[i].replicas, rows[i].surge, rows[i].unavailable);
        CHECK_INT(deployment_max_surge(d), rows[i].want_surge);
        CHECK_INT(deployment_max_unavailable(d), rows[i].want_unavailable);
    }
}

/* ---- templates ---- */

static void a_hash_names_a_template(void)
{
    struct deployment *d = make_deployment(1, "1", "0");
    const struct opt_i64 none = {0}, one = {1, true};
    const char *hash = template_hash(&arena, &d->spec.template_, &none);
    CHECK_UINT(strspn(hash, "456789bcdf"), strlen(hash));
    CHECK(strlen(hash) >= 1 && strlen(hash) <= 10);
    CHECK_STR(template_hash(&arena, &d->spec.template_, &none), hash);
    CHECK(strcmp(template_hash(&arena, &d->spec.template_, &one), hash) != 0);
    set_image(d, "web:2");
    CHECK(strcmp(template_hash(&arena, &d->spec.template_, &none), hash) != 0);
}

static void templates_are_compared_without_the_hash(void)
{
    struct deployment *d = make_deployment(1, "1", "0");
    struct pod_template t = d->spec.template_;
    t.meta.labels = map_with(&arena, &t.meta.labels, TEMPLATE_HASH_LABEL, "456");
    CHECK(templates_equal(&arena, &t, &d->spec.template_));
    set_image(d, "web:2");
    CHECK(!templates_equal(&arena, &t, &d->spec.template_));
}

static void maps_stay_sorted(void)
{
    str_map m = {0};
    m = map_with(&arena, &m, "b", "2");
    m = map_with(&arena, &m, "c", "3");
    m = map_with(&arena, &m, "a", "1");
    m = map_with(&arena, &m, "b", "9");
    CHECK_UINT(m.count, 3);
    CHECK_STR(m.items[0].key, "a");
    CHECK_STR(m.items[1].value, "9");
    m = map_with(&arena, &m, "b", NULL);
    CHECK_UINT(m.count, 2);
    CHECK_STR(str_map_get(&m, "c"), "3");
}

/* ---- whole rollouts: a Deployment and its sets, whose pods become available as chance will have it ---- */

enum { SETS_MAX = 64 };

struct world {
    struct deployment *d;
    struct replica_set *sets[SETS_MAX];
    uint32_t set_count;
    const char *events; /* "up 1:0->2" and so on: sets by number */
    sim_time now, recheck;
};

static bool never_runs(void *ctx, const struct replica_set *rs)
{
    (void)ctx, (void)rs;
    return false;
}

static uint32_t number_of(const struct world *w, const struct replica_set *rs)
{
    for (uint32_t i = 0; i < w->set_count; i++)
        if (w->sets[i] == rs)
            return i;
    CHECK(false);
    return 0;
}

static void say(struct world *w, uint32_t set, int64_t from, int64_t to)
{
    if (from != to)
        w->events = arena_printf(&arena, "%s%s%" PRIu32 ":%" PRId64 ">%" PRId64, w->events, *w->events ? " " : "",
                                 set + 1, from, to);
}

static void apply(struct world *w, const struct deployment_step *step)
{
    struct replica_set *rs;
    switch (step->write) {
    case WRITE_NEW_SET:
        CHECK(w->set_count < SETS_MAX);
        rs = (struct replica_set *)(uintptr_t)step->set;
        rs->object.ordinal = w->set_count + 1;
        rs->object.meta.uid = rs->object.meta.name;
        rs->object.meta.creation_timestamp = w->now + (sim_time)w->set_count * SIM_SECOND;
        w->sets[w->set_count++] = rs;
        say(w, w->set_count - 1, step->from, step->to);
        break;
    case WRITE_SET:
        rs = w->sets[number_of(w, step->set)];
        rs->object.meta.annotations = step->annotations;
        rs->spec.replicas.value = step->to;
        say(w, number_of(w, rs), step->from, step->to);
        break;
    case WRITE_OLD_SET:
        w->sets[number_of(w, step->set)] = w->sets[--w->set_count];
        break;
    case WRITE_STATUS:
        w->d->status = step->status;
        w->d->object.meta.annotations = step->annotations;
        break;
    }
}

/* One sync: true when it wrote something. */
static bool sync(struct world *w)
{
    struct deployment_plan plan;
    struct deployment read = *w->d;
    struct deployment_facts f = {.deployment = &read,
                                 .sets = (const struct replica_set *const *)w->sets,
                                 .set_count = w->set_count,
                                 .features = &features,
                                 .runs_pods = never_runs,
                                 .now = w->now};
    arena_reset(&scratch);
    deployment_decide(&arena, &scratch, &f, &plan);
    w->recheck = plan.recheck;
    bool stop = false;
    for (uint32_t i = 0; i < plan.steps.count; i++) {
        struct deployment_step step = *(const struct deployment_step *)pool_at(&plan.steps, i);
        const char *name = step.write == WRITE_SET ? step.set->object.meta.name : "";
        if (stop && strcmp(name, "") != 0 && step.as_read) /* written twice from the same version: a conflict */
            break;
        stop |= step.write == WRITE_SET && step.as_read;
        apply(w, &step);
    }
    return plan.steps.count > 0;
}

/* The ReplicaSets: as many pods as wanted; `available` of them, as it is or as it may become. */
static void settle(struct world *w, uint32_t set, int64_t available)
{
    struct replica_set *rs = w->sets[set];
    rs->status.replicas = rs->status.ready_replicas = rs->spec.replicas.value;
    rs->status.available_replicas = available < rs->spec.replicas.value ? available : rs->spec.replicas.value;
    rs->status.ready_replicas = rs->status.available_replicas;
    rs->status.observed_generation = 1;
}

static void sync_until_quiet(struct world *w)
{
    for (int i = 0; i < 100; i++) {
        if (!sync(w))
            return;
        for (uint32_t k = 0; k < w->set_count; k++)
            settle(w, k, w->sets[k]->status.available_replicas);
    }
    CHECK(false); /* it never ends */
}

static void all_available(struct world *w)
{
    for (uint32_t k = 0; k < w->set_count; k++)
        settle(w, k, INT64_MAX);
    sync_until_quiet(w);
}

static const char *reason(const struct world *w, const char *type)
{
    const struct workload_condition *c = find_condition(&w->d->status, type);
    return c ? c->reason : "none";
}

static struct world begin(struct deployment *d)
{
    struct world w = {.d = d, .events = ""};
    sync_until_quiet(&w);
    all_available(&w);
    w.events = "";
    w.now = 100 * SIM_SECOND;
    return w;
}

static void the_worked_rollouts(void)
{
    static const struct {
        const char *name;
        int64_t replicas;
        const char *surge, *unavailable, *events;
    } rows[] = {
        {"T1", 4, "25%", "25%", "2:0>1 1:4>3 2:1>2 | 1:3>1 2:2>4 | 1:1>0"},
        {"T2", 3, "25%", "25%", "2:0>1 | 1:3>2 2:1>2 | 1:2>1 2:2>3 | 1:1>0"},
        {"T3", 10, "25%", "25%", "2:0>3 1:10>8 2:3>5 | 1:8>3 2:5>10 | 1:3>0"},
        {"T4", 4, "1", "0", "2:0>1 | 1:4>3 2:1>2 | 1:3>2 2:2>3 | 1:2>1 2:3>4 | 1:1>0"},
        {"T5", 4, "0", "1", "1:4>3 2:0>1 | 1:3>2 2:1>2 | 1:2>1 2:2>3 | 1:1>0 2:3>4 |"},
        {"T6", 1, "25%", "25%", "2:0>1 | 1:1>0"},
        {"T7", 4, "100%", "0", "2:0>4 | 1:4>0"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world w = begin(make_deployment(rows[i].replicas, rows[i].surge, rows[i].unavailable));
        const char *text = "";
        set_image(w.d, "web:2");
        sync_until_quiet(&w);
        for (int round = 0; round < 10 && strcmp(reason(&w, "Progressing"), "NewReplicaSetAvailable") != 0; round++) {
            text = arena_printf(&arena, "%s%s |%s", text, w.events, "");
            w.events = " ";
            all_available(&w);
        }
        text = arena_printf(&arena, "%s%s", text, strcmp(w.events, " ") == 0 ? "" : w.events);
        tap_row("%s", rows[i].name);
        const char *got = text;
        /* Blanks as in the rows. */
        struct strbuf b = STRBUF_INIT;
        for (; *got; got++)
            if (!(*got == ' ' && (b.len == 0 || b.data[b.len - 1] == ' ')))
                strbuf_putc(&b, *got);
        while (b.len && b.data[b.len - 1] == ' ')
            b.data[--b.len] = '\0';
        CHECK_STR(strbuf_str(&b), rows[i].events);
        strbuf_fini(&b);
    }
}

/* ---- bounds ---- */

static int64_t total(const struct world *w, bool available)
{
    int64_t n = 0;
    for (uint32_t i = 0; i < w->set_count; i++)
        n += available ? w->sets[i]->status.available_replicas : w->sets[i]->spec.replicas.value;
    return n;
}

static void check_bounds(const struct world *w, int64_t before, int64_t lowest_before)
{
    int64_t wanted = w->d->spec.replicas.value;
    int64_t most = wanted + deployment_max_surge(w->d), least = wanted - deployment_max_unavailable(w->d);
    /* More than allowed only while what was there from before is not gone; fewer available only if there were. */
    CHECK(total(w, false) <= (before > most ? before : most));
    CHECK(total(w, true) >= (lowest_before < least ? lowest_before : least));
}

static void random_rollouts_keep_their_bounds_and_end(void)
{
    static const char *const amounts[] = {"0", "1", "2", "5", "10%", "25%", "50%", "100%"};
    for (uint64_t seed = 0; seed < 3000; seed++) {
        uint64_t n = 0;
#define DRAW(limit) ((int64_t)(rng_draw(seed, 7, 1, n++) % (uint64_t)(limit)))
        tap_row("seed %" PRIu64, seed);
        const char *surge = amounts[DRAW(8)], *unavailable = amounts[DRAW(7)];
        struct world w = begin(make_deployment(1 + DRAW(20), surge, unavailable));
        for (int step = 0; step < 30; step++) {
            int64_t before = total(&w, false), wanted_before = w.d->spec.replicas.value;
            switch (DRAW(8)) {
            case 0:
                set_image(w.d, arena_printf(&arena, "web:%" PRId64, DRAW(4)));
                break;
            case 1:
                w.d->spec.replicas.value = 1 + DRAW(20);
                w.d->object.meta.generation++;
                break;
            default: { /* pods of a set become available, or cease to be */
                if (w.set_count == 0)
                    break;
                uint32_t set = (uint32_t)DRAW(w.set_count);
                settle(&w, set, DRAW(w.sets[set]->spec.replicas.value + 1));
                break;
            }
            }
            w.now += SIM_SECOND;
            int64_t available = total(&w, true);
            bool scaled = w.d->spec.replicas.value != wanted_before;
            for (int i = 0; i < 100 && sync(&w); i++) {
                for (uint32_t k = 0; k < w.set_count; k++)
                    settle(&w, k, w.sets[k]->status.available_replicas);
                if (!scaled)
                    check_bounds(&w, before, available);
            }
        }
        for (int i = 0; i < 60; i++) { /* at most so many rounds of everything becoming available */
            w.now += SIM_SECOND;
            all_available(&w);
        }
        CHECK_INT(w.d->status.updated_replicas, w.d->spec.replicas.value);
        CHECK_INT(total(&w, false), w.d->spec.replicas.value);
        CHECK_STR(reason(&w, "Progressing"), "NewReplicaSetAvailable");
        CHECK_STR(reason(&w, "Available"), "MinimumReplicasAvailable");
        if (tap_failures)
            return;
    }
}

/* ---- the rest ---- */

static void a_rollout_without_progress_is_told_after_its_deadline(void)
{
    struct world w = begin(make_deployment(4, "25%", "25%"));
    set_image(w.d, "web:2");
    sync_until_quiet(&w);
    CHECK_STR(reason(&w, "Progressing"), "ReplicaSetUpdated");
    CHECK_INT(w.recheck, 601 * SIM_SECOND);
    w.now += 600 * SIM_SECOND;
    CHECK(!sync(&w));
    w.now += SIM_SECOND;
    CHECK(sync(&w));
    CHECK_STR(reason(&w, "Progressing"), "ProgressDeadlineExceeded");
    CHECK_STR(find_condition(&w.d->status, "Progressing")->status, "False");
    CHECK(!sync(&w));
    all_available(&w);
    all_available(&w);
    all_available(&w);
    CHECK_STR(reason(&w, "Progressing"), "NewReplicaSetAvailable");
}

static void going_back_makes_an_old_set_the_newest(void)
{
    struct world w = begin(make_deployment(1, "1", "0"));
    set_image(w.d, "web:2");
    sync_until_quiet(&w);
    all_available(&w);
    set_image(w.d, "web:1");
    w.events = "";
    sync_until_quiet(&w);
    all_available(&w);
    CHECK_STR(w.events, "1:0>1 2:1>0");
    CHECK_UINT(w.set_count, 2);
    CHECK_STR(str_map_get(&w.sets[0]->object.meta.annotations, REVISION_ANNOTATION), "3");
    CHECK_STR(str_map_get(&w.sets[0]->object.meta.annotations, REVISION_HISTORY_ANNOTATION), "1");
    CHECK_STR(str_map_get(&w.d->object.meta.annotations, REVISION_ANNOTATION), "3");
}

static void a_paused_deployment_is_scaled_and_nothing_else(void)
{
    struct world w = begin(make_deployment(2, "1", "0"));
    w.d->spec.paused = true;
    set_image(w.d, "web:2");
    w.d->spec.replicas.value = 3;
    sync_until_quiet(&w);
    CHECK_STR(w.events, "1:2>3");
    CHECK_STR(reason(&w, "Progressing"), "DeploymentPaused");
    w.d->spec.paused = false;
    w.events = "";
    sync_until_quiet(&w);
    CHECK_STR(w.events, "2:0>1");
}

static void recreate_waits_until_no_pod_runs(void)
{
    struct world w = begin(make_deployment(3, NULL, NULL));
    set_image(w.d, "web:2");
    sync_until_quiet(&w);
    CHECK_STR(w.events, "1:3>0 2:0>3");
}

static void no_deadline_no_progressing_condition(void)
{
    struct deployment *d = make_deployment(1, "1", "0");
    d->spec.progress_deadline_seconds.value = INT32_MAX;
    struct world w = begin(d);
    CHECK_STR(reason(&w, "Progressing"), "none");
    CHECK_STR(reason(&w, "Available"), "MinimumReplicasAvailable");
}

int main(void)
{
    static const struct tap_test tests[] = {
        TAP_TEST(percentages_are_rounded_in_favour_of_availability),
        TAP_TEST(a_hash_names_a_template),
        TAP_TEST(templates_are_compared_without_the_hash),
        TAP_TEST(maps_stay_sorted),
        TAP_TEST(the_worked_rollouts),
        TAP_TEST(random_rollouts_keep_their_bounds_and_end),
        TAP_TEST(a_rollout_without_progress_is_told_after_its_deadline),
        TAP_TEST(going_back_makes_an_old_set_the_newest),
        TAP_TEST(a_paused_deployment_is_scaled_and_nothing_else),
        TAP_TEST(recreate_waits_until_no_pod_runs),
        TAP_TEST(no_deadline_no_progressing_condition),
    };
    arena_init(&arena, 0);
    arena_init(&scratch, 0);
    features_init(&features, MINOR_NEWEST);
    int result = tap_run(tests, ARRAY_LEN(tests));
    arena_fini(&scratch);
    arena_fini(&arena);
    return result;
}
