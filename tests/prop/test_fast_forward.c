/* Fast-forward changes nothing: the trace of a run in which ticks that cannot matter are left out is that of a run with
 * every tick, and that of a run in which every tick is executed.
 *
 * Each seed makes a scenario that is all about probes: answers that flip at some second, that look at the clock, at
 * files of another container or another pod, at processes and process ids; probes that leave something behind; slow
 * ones; periods from 1 s; actions that reach into containers, delete, replace. It is run under one of the profiles
 * with a random tie order, and must give one digest in all three ways.
 *
 * usage: test_fast_forward [SEEDS [FIRST]]     a failure prints the seed and the scenario
 */
#include <stdlib.h>
#include <string.h>

#include "model/cluster.h"
#include "sim/rng.h"
#include "tests/unit/tap.h"

enum { MAX_PODS = 3, DEFAULT_SEEDS = 200 };

/* ---- making a scenario ---- */

struct dice {
    uint64_t seed, thrown;
};

static uint32_t throw_dice(struct dice *d, uint32_t sides)
{
    return (uint32_t)rng_below(rng_draw(d->seed, 2, 0, d->thrown++), sides);
}

static bool one_in(struct dice *d, uint32_t n) { return throw_dice(d, n) == 0; }

static const char *pick(struct dice *d, const char *const *from, size_t count)
{
    return from[throw_dice(d, (uint32_t)count)];
}
#define PICK(d, list) pick((d), (list), ARRAY_LEN(list))

static const char *const scripts[] = {
    "touch /tmp/ok; sleep 10000",
    "touch /tmp/ok; sleep 23; rm /tmp/ok; sleep 31; touch /tmp/ok; sleep 10000",
    "sleep 7; touch /tmp/ok /shared/ok; sleep 60; rm /shared/ok; sleep 10000",
    "touch /tmp/ok; trap 'rm /tmp/ok; sleep 4; exit 0' TERM; while :; do sleep 1; done",
    "touch /tmp/ok; sleep 37; exit 1",
    "touch /tmp/ok; sleep 45; echo $$; sh -c 'echo $$'; exit 3",
    "touch /tmp/ok; while :; do sleep 20; echo $$ > /shared/ok; sh -c 'echo $$' > /host/ok; done",
    "touch /tmp/ok; httpd -f -p 8080",
    "touch /tmp/ok /host/ok; sleep 50; rm /host/ok; sleep 10000",
    "nc -lk -p 8080 -e cat",
    "touch /tmp/ok; (sleep 33; sleep 10000) & sleep 66; kill $!; sleep 10000",
};

static const char *const images[] = {"nginx", "registry.k8s.io/e2e-test-images/agnhost:2.40, args: [liveness]",
                                     "registry.k8s.io/e2e-test-images/agnhost:2.40, args: [netexec]",
                                     "example.com/some/server:v1"};

static const char *const probes[] = {
    "exec: {command: [cat, /tmp/ok]}",
    "exec: {command: [cat, /shared/ok]}",
    "exec: {command: [cat, /host/ok]}",
    "exec: {command: ['true']}",
    "exec: {command: [sh, -c, 'test -e /tmp/ok && test -s /tmp/x || echo fine']}",
    "exec: {command: [sh, -c, 'cat /tmp/ok | grep -c x; exit 0']}",
    "exec: {command: [sh, -c, 'echo $$; exit $(( $$ % 3 == 0 ))']}",
    "exec: {command: [sh, -c, 'test $(( $(date +%s) % 40 )) -lt 25']}",
    "exec: {command: [sh, -c, 'pgrep sleep']}",
    "exec: {command: [sh, -c, 'echo x >> /tmp/seen; test $(wc -l < /tmp/seen) -lt 9']}",
    "exec: {command: [sh, -c, 'test ! -e /tmp/seen']}",
    "exec: {command: [sh, -c, 'sleep 1; cat /tmp/ok']}",
    "exec: {command: [sh, -c, 'sleep 3 & true']}",
    "exec: {command: [sh, -c, 'kill -0 1 && ls /tmp']}",
    "exec: {command: [sh, -c, 'wget -q -O - http://localhost:8080/healthz']}",
    "exec: {command: [sh, -c, 'wget -q -O - http://web || true']}",
    "exec: {command: [sh, -c, 'read x < /proc/uptime; test ${x%%.*} -lt 86480']}",
    "exec: {command: [sh, -c, 'ls /proc | wc -l; ps | grep sleep']}",
    "tcpSocket: {port: 80}",
    "tcpSocket: {port: 8080}",
    "httpGet: {port: 80}",
    "httpGet: {port: 8080, path: /healthz}",
    "httpGet: {port: 8080, path: /}",
    "grpc: {port: 5000}",
};

static const char *const policies[] = {"Always", "Always", "Always", "OnFailure", "Never"};

static void add_probe(struct strbuf *b, struct dice *d, const char *name, bool startup)
{
    strbuf_printf(b, ", %s: {%s, periodSeconds: %u, failureThreshold: %u, initialDelaySeconds: %u, timeoutSeconds: %u",
                  name, PICK(d, probes), 1 + throw_dice(d, one_in(d, 2) ? 3 : 12), (startup ? 5 : 1) + throw_dice(d, 3),
                  one_in(d, 2) ? 0 : throw_dice(d, 12), 1 + throw_dice(d, 3));
    if (strcmp(name, "readinessProbe") == 0 && one_in(d, 3))
        strbuf_printf(b, ", successThreshold: %u", 1 + throw_dice(d, 3));
    strbuf_putc(b, '}');
}

static void add_container(struct strbuf *b, struct dice *d, const char *name)
{
    strbuf_printf(b, "  - {name: %s", name);
    if (one_in(d, 4))
        strbuf_printf(b, ", image: %s", PICK(d, images));
    else
        strbuf_printf(b, ", image: busybox, command: [sh, -c, \"%s\"]", PICK(d, scripts));
    strbuf_puts(b, ", volumeMounts: [{name: v, mountPath: /shared}, {name: h, mountPath: /host}]");
    if (!one_in(d, 4))
        add_probe(b, d, "readinessProbe", false);
    if (!one_in(d, 3))
        add_probe(b, d, "livenessProbe", false);
    if (one_in(d, 4))
        add_probe(b, d, "startupProbe", true);
    strbuf_puts(b, "}\n");
}

static void add_pod(struct strbuf *b, struct dice *d, uint32_t n)
{
    strbuf_printf(b, "---\napiVersion: v1\nkind: Pod\nmetadata: {name: p%u, labels: {app: web}}\nspec:\n", n);
    strbuf_printf(b, "  restartPolicy: %s\n  terminationGracePeriodSeconds: %u\n", PICK(d, policies),
                  3 + throw_dice(d, 10));
    if (one_in(d, 4))
        strbuf_puts(b, "  shareProcessNamespace: true\n");
    else if (one_in(d, 8))
        strbuf_puts(b, "  hostNetwork: true\n");
    strbuf_puts(b, "  volumes: [{name: v, emptyDir: {}}, {name: h, hostPath: {path: /data}}]\n  containers:\n");
    add_container(b, d, "a");
    if (one_in(d, 2))
        add_container(b, d, "b");
}

static const char *const reaches[] = {"rm -f /tmp/ok", "touch /tmp/ok", "rm -f /tmp/seen", "touch /shared/ok",
                                      "true",          "echo $$",       "kill 1",          "sleep 5"};

static void add_actions(struct strbuf *b, struct dice *d, uint32_t pods)
{
    strbuf_puts(b, "  actions:\n  - {at: 0s, kubectl: get pods}\n");
    for (uint32_t i = throw_dice(d, 6), at = 10; i > 0; i--) {
        uint32_t pod = throw_dice(d, pods);
        at += throw_dice(d, 60);
        if (one_in(d, 6))
            strbuf_printf(b, "  - {at: %us, kubectl: delete pod p%u --wait=false}\n", at, pod);
        else
            strbuf_printf(b, "  - {at: %u%ss, kubectl: \"exec p%u -c a -- sh -c '%s'\"}\n", at,
                          one_in(d, 2) ? "" : ".25", pod, PICK(d, reaches));
    }
}

static void make_scenario(struct strbuf *b, struct dice *d)
{
    uint32_t pods = 1 + throw_dice(d, MAX_PODS);
    strbuf_puts(b, "apiVersion: podsim.dev/v1\nkind: Scenario\nspec:\n");
    add_actions(b, d, pods);
    for (uint32_t n = 0; n < pods; n++)
        add_pod(b, d, n);
    strbuf_puts(b, "---\napiVersion: v1\nkind: Service\nmetadata: {name: web}\n"
                   "spec: {selector: {app: web}, ports: [{port: 80}]}\n");
}

/* ---- running it in three ways ---- */

static int no_files(void *ctx, struct arena *a, const char *path, const char **ret_text, size_t *ret_len,
                    const char **ret_error)
{
    (void)ctx, (void)a, (void)path, (void)ret_text, (void)ret_len;
    *ret_error = "no files here";
    return -1;
}

static uint64_t events_of[3];

static uint64_t run(const struct scenario *s, uint64_t seed, enum probe_ticks ticks)
{
    static const enum profile_kind profiles[] = {PROFILE_TYPICAL, PROFILE_JITTERED, PROFILE_INSTANT, PROFILE_REF};
    struct cluster_options o = {.has_until = true,
                                .until = 400 * SIM_SECOND + (sim_time)(seed % 5) * 25 * SIM_MS,
                                .has_profile = true,
                                .profile = profiles[seed % ARRAY_LEN(profiles)],
                                .has_seed = true,
                                .seed = seed,
                                .ticks = ticks,
                                .tie_order = {seed % 3 ? 0 : seed}};
    struct cluster *c = cluster_new(s, &o);
    if (seed % 7 == 0) { /* it can be gone back to, too */
        struct arena_image image;
        sim_run(cluster_sim(c), 50 * SIM_SECOND);
        sim_save(cluster_sim(c), &image);
        sim_run(cluster_sim(c), 90 * SIM_SECOND);
        sim_restore(cluster_sim(c), &image);
        arena_image_fini(&image);
    }
    CHECK(cluster_run(c) != RUN_LIMIT);
    uint64_t digest = cluster_digest(c);
    events_of[ticks] += sim_event_count(cluster_sim(c));
    cluster_free(c);
    return digest;
}

static uint64_t first_seed = 1, seeds = DEFAULT_SEEDS;

static void the_trace_does_not_depend_on_which_ticks_are_events(void)
{
    for (uint64_t seed = first_seed; seed < first_seed + seeds; seed++) {
        struct strbuf text = STRBUF_INIT;
        make_scenario(&text, &(struct dice){.seed = seed});
        struct arena arena = {0};
        struct diag_set diags;
        struct scenario scenario;
        arena_init(&arena, 0);
        diag_init(&diags);
        int failures = tap_failures;
        struct scenario_input input = {"fast-forward.yaml", strbuf_str(&text), text.len};
        tap_row("seed %" PRIu64, seed);
        if (CHECK_INT(scenario_load(&arena, &diags, &input, 1, no_files, NULL, &scenario), 0)) {
            uint64_t digest = run(&scenario, seed, TICKS_EXECUTED);
            CHECK_UINT(run(&scenario, seed, TICKS_ALL), digest);
            CHECK_UINT(run(&scenario, seed, TICKS_THAT_MATTER), digest);
        }
        if (tap_failures > failures)
            fprintf(stderr, "seed %" PRIu64 ":\n%s\n", seed, strbuf_str(&text));
        diag_fini(&diags);
        arena_fini(&arena);
        strbuf_fini(&text);
    }
    /* It must have had something to leave out. */
    CHECK(events_of[TICKS_ALL] < events_of[TICKS_EXECUTED]);
    CHECK(events_of[TICKS_THAT_MATTER] < events_of[TICKS_ALL]);
    printf("# events: %" PRIu64 " executed, %" PRIu64 " all ticks, %" PRIu64 " that matter\n",
           events_of[TICKS_EXECUTED], events_of[TICKS_ALL], events_of[TICKS_THAT_MATTER]);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        seeds = strtoull(argv[1], NULL, 10);
    if (argc > 2)
        first_seed = strtoull(argv[2], NULL, 10);
    static const struct tap_test tests[] = {TAP_TEST(the_trace_does_not_depend_on_which_ticks_are_events)};
    return tap_run(tests, ARRAY_LEN(tests));
}
