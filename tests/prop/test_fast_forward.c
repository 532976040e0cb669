/* Fast-forward changes nothing: the trace of a run in which ticks that cannot matter are left out is that of a run with
 * every tick, and that of a run in which every tick is executed.
 *
 * Half of the scenarios are those of the swarm (gen.h): everything that can be and befall. The other half is all about
 * probes: answers that flip at some second, that look at the clock, at files of another container or another pod, at
 * processes and process ids; probes that leave something behind; slow ones; actions that reach into containers. Each
 * must give one digest in all three ways. What differs is shrunk and printed as a scenario.
 *
 * usage: test_fast_forward [SEEDS [FIRST]]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "model/cluster.h"
#include "sim/rng.h"
#include "tests/prop/gen.h"
#include "tests/prop/shrink.h"

enum { MAX_PODS = 3, DEFAULT_SEEDS = 300, SHRINK_BUDGET = 2000, FAILURES_MAX = 3, HANG_SECONDS = 60 };

/* ---- a scenario about probes ---- */

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
    "touch /tmp/ok; httpd -f -p 8080 -h /host",
    "touch /tmp/ok /host/ok; sleep 50; rm /host/ok; sleep 10000",
    "nc -lk -p 8080 -e cat",
    "touch /tmp/ok; (sleep 33; sleep 10000) & sleep 66; kill $!; sleep 10000",
};

static const char *const images[] = {"nginx",
                                     "nginx",
                                     "httpd",
                                     "python:3, args: [python3, -m, http.server, '80']",
                                     "registry.k8s.io/e2e-test-images/agnhost:2.40, args: [liveness]",
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
    "httpGet: {port: 80}",
    "httpGet: {port: 80, path: /missing}",
    "httpGet: {port: 8080, path: /ok}",
    "httpGet: {port: 8080, path: /healthz}",
    "httpGet: {port: 8080, path: /}",
    "httpGet: {port: 8080, path: /redirect}",
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

static const char *const reaches[] = {"rm -f /tmp/ok",
                                      "touch /tmp/ok",
                                      "rm -f /tmp/seen",
                                      "touch /shared/ok",
                                      "true",
                                      "echo $$",
                                      "kill 1",
                                      "sleep 5",
                                      "rm -f /usr/share/nginx/html/index.html /usr/local/apache2/htdocs/index.html",
                                      "wget -q -O - http://localhost",
                                      "nginx -s reload"};

static void add_actions(struct strbuf *b, struct dice *d, uint32_t pods)
{
    strbuf_puts(b, "  actions:\n  - {at: 0s, kubectl: get pods}\n");
    for (uint32_t i = throw_dice(d, 6), at = 10; i > 0; i--) {
        uint32_t pod = throw_dice(d, pods);
        at += throw_dice(d, 60);
        if (one_in(d, 6))
            strbuf_printf(b, "  - {at: %us, kubectl: delete pod p%u --wait=false}\n", at, pod);
        else if (one_in(d, 4))
            strbuf_printf(b, "  - {at: %us, kubectl: logs p%u -c a}\n", at, pod);
        else if (one_in(d, 6))
            strbuf_printf(b, "  - {at: %us, fault: kubelet restart node1 --for %us}\n", at, 1 + throw_dice(d, 9));
        else
            strbuf_printf(b, "  - {at: %u%ss, kubectl: \"exec p%u -c a -- sh -c '%s'\"}\n", at,
                          one_in(d, 2) ? "" : ".25", pod, PICK(d, reaches));
    }
}

static void make_scenario(struct strbuf *b, uint64_t seed)
{
    static const char *const profiles[] = {"typical", "jittered", "instant", "ref"};
    struct dice dice = {.seed = seed}, *d = &dice;
    uint32_t pods = 1 + throw_dice(d, MAX_PODS);
    strbuf_printf(b, "apiVersion: podsim.dev/v1\nkind: Scenario\nspec:\n  seed: %u\n  duration: %ums\n",
                  throw_dice(d, 1000), 400000 + 25 * throw_dice(d, 5));
    strbuf_printf(b, "  timing: {profile: %s, probeTriggerRace: %s}\n", PICK(d, profiles),
                  one_in(d, 4) ? "lose" : "win");
    strbuf_printf(b, "  kubernetesVersion: '1.%u'\n", one_in(d, 2) ? 36 : 28 + throw_dice(d, 8));
    gen_traffic(seed, pods, b);
    add_actions(b, d, pods);
    for (uint32_t n = 0; n < pods; n++)
        add_pod(b, d, n);
    strbuf_puts(b, "---\napiVersion: v1\nkind: Service\nmetadata: {name: web}\n"
                   "spec: {selector: {app: web}, ports: [{port: 80}]}\n");
}

/* ---- running it in three ways ---- */

enum outcome { SAME, INVALID, LIMIT, ALL_DIFFER, SOME_DIFFER, CRASHED };
static const char *const outcomes[] = {
    [SAME] = "is the same in all three ways",
    [INVALID] = "is not a valid scenario",
    [LIMIT] = "reaches a limit",
    [ALL_DIFFER] = "differs with every tick an event from every tick executed",
    [SOME_DIFFER] = "differs with fast-forward from every tick executed",
    [CRASHED] = "crashes or hangs",
};

static int no_files(void *ctx, struct arena *a, const char *path, const char **ret_text, size_t *ret_len,
                    const char **ret_error)
{
    (void)ctx, (void)a, (void)path, (void)ret_text, (void)ret_len;
    *ret_error = "no files here";
    return -1;
}

static uint64_t *events_of; /* [3], shared with the children */

static bool run(const struct scenario *s, uint64_t tie_seed, enum probe_ticks ticks, uint64_t *ret_digest)
{
    struct cluster *c = cluster_new(s, &(struct cluster_options){.ticks = ticks, .tie_order = {tie_seed}});
    if (tie_seed % 7 == 1) { /* it can be gone back to, too */
        struct arena_image image;
        sim_run(cluster_sim(c), 50 * SIM_SECOND);
        sim_save(cluster_sim(c), &image);
        sim_run(cluster_sim(c), 90 * SIM_SECOND);
        sim_restore(cluster_sim(c), &image);
        arena_image_fini(&image);
    }
    bool limit = cluster_run(c) == RUN_LIMIT;
    *ret_digest = cluster_digest(c);
    events_of[ticks] += sim_event_count(cluster_sim(c));
    cluster_free(c);
    return !limit;
}

static enum outcome compare(const struct scenario *s, uint64_t tie_seed)
{
    uint64_t executed, all, some;
    if (!run(s, tie_seed, TICKS_EXECUTED, &executed) || !run(s, tie_seed, TICKS_ALL, &all) ||
        !run(s, tie_seed, TICKS_THAT_MATTER, &some))
        return LIMIT;
    return all != executed ? ALL_DIFFER : some != executed ? SOME_DIFFER : SAME;
}

static enum outcome try(const char *text, size_t len, uint64_t tie_seed)
{
    struct arena arena = {0};
    struct diag_set diags;
    struct scenario scenario;
    struct scenario_input input = {"scenario.yaml", text, len};
    arena_init(&arena, 0);
    diag_init(&diags);
    enum outcome o = INVALID;
    if (scenario_load(&arena, &diags, &input, 1, no_files, NULL, &scenario) == 0)
        o = compare(&scenario, tie_seed);
    diag_fini(&diags);
    arena_fini(&arena);
    return o;
}

/* In a process of its own, which may die. */
static enum outcome try_apart(const char *text, size_t len, uint64_t tie_seed)
{
    fflush(NULL);
    pid_t child = fork();
    ASSERT(child >= 0);
    if (child == 0) {
        (void)alarm(HANG_SECONDS);
        _exit((int)try(text, len, tie_seed));
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) < CRASHED ? (enum outcome)WEXITSTATUS(status) : CRASHED;
}

struct wanted {
    enum outcome outcome;
    uint64_t tie_seed;
};

static bool fails_alike(void *ctx, const char *text, size_t len)
{
    const struct wanted *w = ctx;
    return try_apart(text, len, w->tie_seed) == w->outcome;
}

static void report(uint64_t seed, const struct strbuf *text, enum outcome outcome, uint64_t tie_seed)
{
    struct strbuf small = STRBUF_INIT;
    struct wanted w = {outcome, tie_seed};
    if (outcome == INVALID)
        strbuf_puts(&small, strbuf_str(text));
    else
        shrink(strbuf_str(text), text->len, fails_alike, &w, SHRINK_BUDGET, &small);
    printf("# seed %" PRIu64 " %s, shrunk:\n# podsim run --digest -q --tie-order %" PRIu64
           " - <<'END'        and with --no-fast-forward\n%sEND\n",
           seed, outcomes[outcome], tie_seed, strbuf_str(&small));
    strbuf_fini(&small);
}

/* A log holds 100,000 lines and 4 MiB. Here two probes print one every second, for more than a day. */
static const char full_log[] = "apiVersion: podsim.dev/v1\n"
                               "kind: Scenario\n"
                               "spec: {duration: 100000s}\n"
                               "---\n"
                               "apiVersion: v1\n"
                               "kind: Pod\n"
                               "metadata: {name: web}\n"
                               "spec:\n"
                               "  containers:\n"
                               "  - name: web\n"
                               "    image: nginx\n"
                               "    readinessProbe: {httpGet: {port: 80}, periodSeconds: 1}\n"
                               "    livenessProbe: {httpGet: {port: 80}, periodSeconds: 2, failureThreshold: 100}\n";

static uint32_t log_that_fills_up(void)
{
    enum outcome o = try_apart(full_log, strlen(full_log), 0);
    printf("%s 3 - a log that fills up %s\n", o == SAME ? "ok" : "not ok", outcomes[o]);
    return o != SAME;
}

static uint32_t swarm(uint64_t first, uint64_t seeds)
{
    uint32_t failures = 0;
    for (uint64_t seed = first; seed < first + seeds && failures < FAILURES_MAX; seed++) {
        struct strbuf text = STRBUF_INIT;
        uint64_t tie_seed = seed % 3 ? 0 : seed;
        if (seed % 2)
            make_scenario(&text, seed);
        else
            gen_scenario(seed, &text);
        enum outcome o = try_apart(strbuf_str(&text), text.len, tie_seed);
        if (o != SAME) {
            failures++;
            report(seed, &text, o, tie_seed);
        }
        strbuf_fini(&text);
    }
    return failures;
}

int main(int argc, char **argv)
{
    uint64_t seeds = argc > 1 ? strtoull(argv[1], NULL, 10) : DEFAULT_SEEDS;
    uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    events_of = mmap(NULL, 3 * sizeof *events_of, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ASSERT(events_of != MAP_FAILED);
    uint32_t failures = swarm(first, seeds);
    bool some = events_of[TICKS_THAT_MATTER] < events_of[TICKS_ALL],
         all = events_of[TICKS_ALL] < events_of[TICKS_EXECUTED];
    printf("%s 1 - the trace does not depend on which ticks are events\n", failures ? "not ok" : "ok");
    printf("%s 2 - there was something to leave out\n", some && all ? "ok" : "not ok");
    printf("# events: %" PRIu64 " executed, %" PRIu64 " all ticks, %" PRIu64 " that matter\n",
           events_of[TICKS_EXECUTED], events_of[TICKS_ALL], events_of[TICKS_THAT_MATTER]);
    failures += log_that_fills_up();
    printf("1..3\n");
    return failures || !some || !all;
}
