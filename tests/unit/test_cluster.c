/* Whole runs: saving and restoring them, digests, and what a kubelet promises. What happens in them and when is
 * tested by tests/expect and the scenarios' goldens. */
#include "tests/unit/cluster_world.h"

static const char two_minutes[] =
    "  containers: [{name: c, " BUSYBOX ", command: [sh, -c, 'i=0; while [ $i -lt 9 ]; do i=$((i+1)); echo $i; "
    "sleep 3; done; exit 1'], readinessProbe: {exec: {command: ['true']}, periodSeconds: 4}}]\n";

static const char probed[] = "  containers: [{name: c, " BUSYBOX ", command: [sleep, '3600'], readinessProbe: {exec: "
                             "{command: ['true']}, periodSeconds: 3}}]\n";
static struct arena arena;

static void a_run_can_be_saved_and_continued_twice(void)
{
    struct world w;
    uint64_t digest[2];
    struct arena_image image;
    if (!begin(&w, IMAGES, two_minutes, "1.36"))
        return;
    start(&w, PROFILE_TYPICAL, 120);
    sim_run(cluster_sim(w.cluster), 17 * SIM_SECOND);
    sim_save(cluster_sim(w.cluster), &image);
    for (int i = 0; i < 2; i++) {
        cluster_run(w.cluster);
        digest[i] = cluster_digest(w.cluster);
        sim_restore(cluster_sim(w.cluster), &image);
    }
    CHECK_UINT(digest[1], digest[0]);
    CHECK_INT(sim_now(cluster_sim(w.cluster)) <= 17 * SIM_SECOND, 1);
    arena_image_fini(&image);
    end(&w);
}

static uint64_t digest_of(enum profile_kind profile, uint64_t seed)
{
    struct world w;
    if (!begin(&w, IMAGES, two_minutes, "1.36"))
        exit(1);
    w.scenario.seed = seed;
    start(&w, profile, 120);
    cluster_run(w.cluster);
    uint64_t digest = cluster_digest(w.cluster);
    end(&w);
    return digest;
}

static void equal_seeds_give_equal_digests_and_others_do_not(void)
{
    CHECK_UINT(digest_of(PROFILE_JITTERED, 5), digest_of(PROFILE_JITTERED, 5));
    CHECK(digest_of(PROFILE_JITTERED, 5) != digest_of(PROFILE_JITTERED, 6));
}

/* Pair assertion over the whole trace: what the kubelet promises, read back from what it wrote. */
static void a_terminal_phase_is_never_left(void)
{
    struct world w;
    run(&w, IMAGES, "  restartPolicy: Never\n  containers: [{name: c, " BUSYBOX ", command: [sh, -c, sleep 3]}]\n",
        "1.36", 60);
    bool over = false;
    uint64_t revision = 0;
    for (uint32_t i = 1; i < trace_count(w.trace.trace); i++) {
        const struct trace_record *r = trace_at(w.trace.trace, i);
        CHECK(r->cause < i);
        const struct pod *p = as_pod(r);
        if (r->kind == TRACE_WRITE) {
            CHECK(((const struct api_object *)r->data)->revision > revision);
            revision = ((const struct api_object *)r->data)->revision;
        }
        if (!p)
            continue;
        CHECK(!over || strcmp(p->status.phase, "Succeeded") == 0);
        over |= strcmp(p->status.phase, "Succeeded") == 0;
    }
    CHECK(over);
    end(&w);
}

/* ---- what may end a run ---- */

static enum run_end run_with(struct world *w, const char *spec, enum probe_ticks ticks,
                             bool (*when)(void *ctx, const struct run_trace *so_far), void *ctx)
{
    const char *head = arena_printf(&arena, IMAGES "%s", spec);
    if (!begin(w, head, probed, "1.36"))
        exit(1);
    struct cluster_options options = {
        .has_profile = true, .profile = PROFILE_REF, .ticks = ticks, .stop_when = when, .stop_ctx = ctx};
    w->cluster = cluster_new(&w->scenario, &options);
    enum run_end how = cluster_run(w->cluster);
    w->trace = cluster_trace(w->cluster);
    return how;
}

/* Probes tick on, and change nothing; the last thing to happen is what an action does. */
static void a_quiet_run_ends_after_its_last_change(void)
{
    static const struct {
        const char *spec;
        sim_time end; /* tenths of a second */
        enum run_end how;
    } rows[] = {
        {"  stop: {quiet: 20s}\n", 203, RUN_STILL},
        {"  stop: {quiet: 20s}\n  actions: [{at: 50s, kubectl: label pod p a=b}]\n", 700, RUN_STILL},
        {"  stop: {quiet: 20s, after: 20s}\n", 200, RUN_UNTIL},
        {"  stop: {quiet: 20s, after: 15s}\n  actions: [{at: 30s, kubectl: label pod p a=b}]\n", 150, RUN_UNTIL},
        {"  stop: {quiet: 20s}\n  actions: [{at: 2s, kubectl: delete pod p --now}]\n", 50, RUN_QUIET},
        {"  stop: {quiet: 30m}\n", 18003, RUN_STILL},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        for (int ticks = 0; ticks < 2; ticks++) {
            struct world w;
            tap_row("%zu: %s", i, rows[i].spec);
            CHECK_INT(run_with(&w, rows[i].spec, ticks ? TICKS_ALL : TICKS_THAT_MATTER, NULL, NULL), rows[i].how);
            CHECK_INT(w.trace.end / (100 * SIM_MS), rows[i].end);
            const struct trace_record *last = trace_at(w.trace.trace, trace_count(w.trace.trace) - 1);
            CHECK_INT(last->kind, TRACE_END);
            CHECK_UINT(last->aux, rows[i].how);
            end(&w);
        }
    }
}

struct asked {
    uint32_t times, records;
    bool in_order;
};

static bool pod_is_ready(void *ctx, const struct run_trace *so_far)
{
    struct asked *a = ctx;
    uint32_t count = trace_count(so_far->trace);
    a->in_order &= count > a->records;
    a->records = count;
    a->times++;
    const struct pod *p = as_pod(trace_at(so_far->trace, count - 1));
    return p && p->status.pod_ip && p->status.container_statuses.count && p->status.container_statuses.items[0].ready;
}

static void a_condition_ends_the_run_in_its_instant(void)
{
    struct world w;
    struct asked a = {.in_order = true};
    CHECK_INT(run_with(&w, "", TICKS_THAT_MATTER, pod_is_ready, &a), RUN_CONDITION);
    CHECK_INT(w.trace.end / (100 * SIM_MS), 3);
    CHECK(a.in_order);
    CHECK(a.times > 1 && a.times < 40);
    end(&w);
}

int main(void)
{
    static const struct tap_test tests[] = {
        TAP_TEST(a_run_can_be_saved_and_continued_twice),  TAP_TEST(equal_seeds_give_equal_digests_and_others_do_not),
        TAP_TEST(a_terminal_phase_is_never_left),          TAP_TEST(a_quiet_run_ends_after_its_last_change),
        TAP_TEST(a_condition_ends_the_run_in_its_instant),
    };
    arena_init(&arena, 0);
    return tap_run(tests, ARRAY_LEN(tests));
}
