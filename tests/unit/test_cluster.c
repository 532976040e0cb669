/* Whole runs: saving and restoring them, digests, and what a kubelet promises. What happens in them and when is
 * tested by tests/expect and the scenarios' goldens. */
#include "tests/unit/cluster_world.h"

static const char two_minutes[] =
    "  containers: [{name: c, " BUSYBOX ", command: [sh, -c, 'i=0; while [ $i -lt 9 ]; do i=$((i+1)); echo $i; "
    "sleep 3; done; exit 1'], readinessProbe: {exec: {command: ['true']}, periodSeconds: 4}}]\n";

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

int main(void)
{
    static const struct tap_test tests[] = {
        TAP_TEST(a_run_can_be_saved_and_continued_twice),
        TAP_TEST(equal_seeds_give_equal_digests_and_others_do_not),
        TAP_TEST(a_terminal_phase_is_never_left),
    };
    return tap_run(tests, ARRAY_LEN(tests));
}
