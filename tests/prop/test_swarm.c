/* Random pods, lived through and checked against what must hold of every run.
 *
 * Each seed makes a scenario: pods with random policies, scripts, probes, hooks, init containers and
 * sidecars, a Service, deletions in between; it is run under one of the profiles with a random tie order.
 * Checked on the trace alone: causes point back, versions grow, a terminal phase is never left, restart
 * counts only grow, one instance of a container at a time, Ready agrees with the containers, SIGKILL comes
 * no sooner than the grace after SIGTERM, and once nothing moves the endpoints are the ready pods. The same
 * seed run twice, and run on from a snapshot, gives the same digest.
 *
 * usage: test_swarm [SEEDS [FIRST]]     one scenario per seed; a failure prints the seed and the scenario
 */
#include <stdlib.h>
#include <string.h>

#include "model/cluster.h"
#include "sim/rng.h"
#include "tests/unit/tap.h"

enum { MAX_PODS = 4, MAX_CONTAINERS = 4, DEFAULT_SEEDS = 150 };

/* ---- making a scenario ---- */

struct dice {
    uint64_t seed, thrown;
};

static uint32_t throw_dice(struct dice *d, uint32_t sides)
{
    return (uint32_t)rng_below(rng_draw(d->seed, 1, 0, d->thrown++), sides);
}

static bool one_in(struct dice *d, uint32_t n) { return throw_dice(d, n) == 0; }

static const char *pick(struct dice *d, const char *const *from, size_t count)
{
    return from[throw_dice(d, (uint32_t)count)];
}
#define PICK(d, list) pick((d), (list), ARRAY_LEN(list))

static const char *const scripts[] = {
    "sleep 1000",
    "exit 1",
    "exit 0",
    "sleep 7; exit 3",
    "sleep 21",
    "trap 'exit 0' TERM; sleep 1000 & wait",
    "trap 'sleep 3; exit 0' TERM; while :; do sleep 1; done",
    "touch /tmp/ok; sleep 20; rm /tmp/ok; sleep 15; touch /tmp/ok; sleep 1000",
    "i=0; while [ $i -lt 5 ]; do i=$((i+1)); echo round $i; sleep 2; done; exit $((i - 5))",
    "sleep 4; touch /tmp/ok; sleep 1000",
    "cat /data/none && echo no || echo yes; sleep 12 | cat; nosuchcommand",
};
static const char *const init_scripts[] = {"exit 0", "sleep 2", "sleep 1; exit 1", "echo done; sleep 3"};
static const char *const probes[] = {
    "exec: {command: [cat, /tmp/ok]}", "exec: {command: ['true']}", "exec: {command: ['false']}",
    "tcpSocket: {port: 80}",           "httpGet: {port: 80}",       "exec: {command: [sleep, '3']}",
};
static const char *const hooks[] = {"exec: {command: [sleep, '2']}", "exec: {command: ['false']}",
                                    "sleep: {seconds: 4}", "httpGet: {port: 80}"};
static const char *const policies[] = {"Always", "Always", "OnFailure", "Never"};

static void add_probe(struct strbuf *b, struct dice *d, const char *name, bool startup)
{
    strbuf_printf(b, ", %s: {%s, periodSeconds: %u, failureThreshold: %u, initialDelaySeconds: %u, timeoutSeconds: %u}",
                  name, PICK(d, probes), 1 + throw_dice(d, 7), (startup ? 3 : 1) + throw_dice(d, 3),
                  one_in(d, 2) ? 0 : throw_dice(d, 9), 1 + throw_dice(d, 3));
}

static void add_container(struct strbuf *b, struct dice *d, const char *name, bool init, bool sidecar)
{
    bool server = !init && one_in(d, 4);
    strbuf_printf(b, "  - {name: %s", name);
    if (server)
        strbuf_puts(b, ", image: nginx");
    else
        strbuf_printf(b, ", image: busybox, command: [sh, -c, \"%s\"]",
                      init && !sidecar ? PICK(d, init_scripts) : PICK(d, scripts));
    if (sidecar)
        strbuf_puts(b, ", restartPolicy: Always");
    if (!init || sidecar) {
        if (one_in(d, 3))
            add_probe(b, d, "readinessProbe", false);
        if (one_in(d, 3))
            add_probe(b, d, "livenessProbe", false);
        if (one_in(d, 5))
            add_probe(b, d, "startupProbe", true);
        bool post = one_in(d, 6), pre = one_in(d, 4);
        if (post || pre)
            strbuf_puts(b, ", lifecycle: {");
        if (post)
            strbuf_printf(b, "postStart: {%s}%s", PICK(d, hooks), pre ? ", " : "");
        if (pre)
            strbuf_printf(b, "preStop: {%s}", PICK(d, hooks));
        if (post || pre)
            strbuf_putc(b, '}');
    }
    strbuf_puts(b, "}\n");
}

static void add_pod(struct strbuf *b, struct dice *d, uint32_t n)
{
    strbuf_printf(b, "---\napiVersion: v1\nkind: Pod\nmetadata: {name: p%u, labels: {app: web}}\nspec:\n", n);
    strbuf_printf(b, "  restartPolicy: %s\n  terminationGracePeriodSeconds: %u\n", PICK(d, policies),
                  5 + throw_dice(d, 10)); /* a sleep hook must fit into it */
    if (one_in(d, 8))
        strbuf_printf(b, "  activeDeadlineSeconds: %u\n", 10 + throw_dice(d, 60));
    if (one_in(d, 3)) {
        strbuf_puts(b, "  initContainers:\n");
        add_container(b, d, "i0", true, one_in(d, 2));
        if (one_in(d, 2))
            add_container(b, d, "i1", true, one_in(d, 3));
    }
    strbuf_puts(b, "  containers:\n");
    add_container(b, d, "a", false, false);
    if (one_in(d, 3))
        add_container(b, d, "b", false, false);
}

static void make_scenario(struct strbuf *b, struct dice *d)
{
    uint32_t pods = 1 + throw_dice(d, MAX_PODS);
    strbuf_puts(b, "apiVersion: podsim.dev/v1\nkind: Scenario\nspec:\n  actions:\n  - {at: 0s, kubectl: get pods}\n");
    for (uint32_t n = 0; n < pods; n++) {
        if (one_in(d, 2))
            strbuf_printf(b, "  - {at: %u.%us, kubectl: delete pod p%u%s}\n", 5 + throw_dice(d, 90), throw_dice(d, 10),
                          n,
                          one_in(d, 4)   ? " --grace-period=1"
                          : one_in(d, 6) ? " --force --grace-period=0"
                                         : "");
    }
    for (uint32_t n = 0; n < pods; n++)
        add_pod(b, d, n);
    strbuf_puts(b, "---\napiVersion: v1\nkind: Service\nmetadata: {name: web}\n"
                   "spec: {selector: {app: web}, ports: [{port: 80}]}\n");
}

/* ---- what must hold ---- */

struct instance { /* one container of one pod, as the trace tells */
    uint32_t pod;
    const char *name;
    bool running;
    uint32_t attempt;
    sim_time term_at;
    int64_t restarts;
};

struct checker {
    const struct run_trace *t;
    struct instance instances[MAX_PODS * MAX_CONTAINERS];
    uint32_t count;
    uint64_t revision;
};

static struct instance *instance_of(struct checker *c, uint32_t pod, const char *name)
{
    for (uint32_t i = 0; i < c->count; i++) {
        if (c->instances[i].pod == pod && strcmp(c->instances[i].name, name) == 0)
            return &c->instances[i];
    }
    ASSERT(c->count < ARRAY_LEN(c->instances));
    c->instances[c->count] = (struct instance){.pod = pod, .name = name, .term_at = SIM_NEVER};
    return &c->instances[c->count++];
}

static bool terminal(const char *phase)
{
    return phase && (strcmp(phase, "Succeeded") == 0 || strcmp(phase, "Failed") == 0);
}

static const char *condition(const struct pod *p, const char *type)
{
    for (uint32_t i = 0; i < p->status.conditions.count; i++) {
        if (strcmp(p->status.conditions.items[i].type, type) == 0)
            return p->status.conditions.items[i].status;
    }
    return "";
}

static void check_statuses(struct checker *c, const struct pod *p)
{
    bool all_ready = p->status.container_statuses.count > 0;
    for (uint32_t i = 0; i < p->status.container_statuses.count; i++) {
        const struct container_status *s = &p->status.container_statuses.items[i];
        struct instance *k = instance_of(c, p->object.ordinal, s->name);
        CHECK(s->restart_count >= k->restarts);
        k->restarts = s->restart_count;
        CHECK((s->state.waiting != NULL) + (s->state.running != NULL) + (s->state.terminated != NULL) == 1);
        all_ready &= s->ready;
    }
    bool ready = strcmp(condition(p, "Ready"), "True") == 0;
    CHECK(!ready || all_ready);
    CHECK(!ready || strcmp(condition(p, "ContainersReady"), "True") == 0);
    CHECK(!ready || strcmp(p->status.phase, "Running") == 0);
}

static void check_write(struct checker *c, const struct trace_record *r)
{
    const struct api_object *o = r->data;
    CHECK(o->revision > c->revision);
    c->revision = o->revision;
    CHECK(!o->prev || o->prev->revision < o->revision);
    if (o->kind != KIND_POD || r->flags == WRITE_DELETE)
        return;
    const struct pod *p = r->data, *before = (const struct pod *)o->prev;
    CHECK(!before || !terminal(before->status.phase) || strcmp(before->status.phase, p->status.phase) == 0);
    CHECK(!before || before->object.meta.generation <= p->object.meta.generation);
    check_statuses(c, p);
}

static void check_container(struct checker *c, const struct trace_record *r)
{
    const struct trace_container *t = r->data;
    struct instance *k = instance_of(c, r->object, t->container);
    if (r->kind == TRACE_CONTAINER_STARTED) {
        CHECK(!k->running);
        CHECK(t->attempt >= k->attempt);
        *k = (struct instance){k->pod, k->name, true, t->attempt, SIM_NEVER, k->restarts};
    } else if (r->kind == TRACE_CONTAINER_EXITED) {
        k->running = false;
    } else if (r->kind == TRACE_SIGNAL && r->aux == 15) {
        CHECK(k->running);
        k->term_at = r->at;
    } else if (r->kind == TRACE_SIGNAL && r->aux == 9 && k->term_at != SIM_NEVER) {
        CHECK(r->at - k->term_at >= 2 * SIM_SECOND); /* the floor of every grace */
    }
}

static void check_trace(struct checker *c)
{
    sim_time last = 0;
    for (uint32_t i = 1; i < trace_count(c->t->trace); i++) {
        const struct trace_record *r = trace_at(c->t->trace, i);
        CHECK(r->cause < i);
        CHECK(r->at >= last);
        last = r->at;
        if (r->kind == TRACE_WRITE)
            check_write(c, r);
        else if (r->kind == TRACE_CONTAINER_STARTED || r->kind == TRACE_CONTAINER_EXITED || r->kind == TRACE_SIGNAL)
            check_container(c, r);
    }
}

/* Once nothing moves: the ready endpoints of the Service are the ready pods that are not being deleted. */
static void check_endpoints(struct cluster *cluster)
{
    struct store *st = cluster_store(cluster);
    uint32_t cursor = 0, ready_pods = 0, ready_endpoints = 0;
    const struct api_object *o;
    while ((o = store_next(st, KIND_POD, &cursor))) {
        bool ready = strcmp(condition((const struct pod *)o, "Ready"), "True") == 0;
        ready_pods += ready && o->meta.deletion_timestamp == SIM_NEVER;
        /* Not on every write: a verdict that was on its way when the container died is taken back a sync
         * later. */
        const struct pod_status *s = &((const struct pod *)o)->status;
        for (uint32_t i = 0; i < s->container_statuses.count; i++)
            CHECK(!s->container_statuses.items[i].ready || s->container_statuses.items[i].state.running);
    }
    for (cursor = 0; (o = store_next(st, KIND_ENDPOINTSLICE, &cursor));) {
        const struct endpoint_slice *s = (const struct endpoint_slice *)o;
        for (uint32_t i = 0; i < s->endpoints.count; i++)
            ready_endpoints += s->endpoints.items[i].conditions.ready.value;
    }
    CHECK_INT(ready_endpoints, ready_pods);
}

/* ---- running ---- */

static int no_files(void *ctx, struct arena *a, const char *path, const char **ret_text, size_t *ret_len,
                    const char **ret_error)
{
    (void)ctx, (void)a, (void)path, (void)ret_text, (void)ret_len;
    *ret_error = "no files here";
    return -1;
}

static struct cluster *new_cluster(const struct scenario *s, uint64_t seed)
{
    static const enum profile_kind profiles[] = {PROFILE_TYPICAL, PROFILE_JITTERED, PROFILE_INSTANT, PROFILE_REF};
    struct cluster_options o = {.has_until = true,
                                .until = 200 * SIM_SECOND,
                                .has_profile = true,
                                .profile = profiles[seed % ARRAY_LEN(profiles)],
                                .has_seed = true,
                                .seed = seed,
                                .tie_order = {seed % 3 ? 0 : seed}};
    return cluster_new(s, &o);
}

static uint64_t run_again(const struct scenario *s, uint64_t seed, bool from_snapshot)
{
    struct cluster *c = new_cluster(s, seed);
    if (from_snapshot) {
        struct arena_image image;
        sim_run(cluster_sim(c), 30 * SIM_SECOND);
        sim_save(cluster_sim(c), &image);
        sim_run(cluster_sim(c), 60 * SIM_SECOND); /* a future that is forgotten */
        sim_restore(cluster_sim(c), &image);
        arena_image_fini(&image);
    }
    cluster_run(c);
    uint64_t digest = cluster_digest(c);
    cluster_free(c);
    return digest;
}

static void live(const struct scenario *s, uint64_t seed)
{
    struct cluster *c = new_cluster(s, seed);
    CHECK(cluster_run(c) != RUN_LIMIT);
    struct run_trace t = cluster_trace(c);
    struct checker checker = {.t = &t};
    check_trace(&checker);
    check_endpoints(c);
    uint64_t digest = cluster_digest(c);
    cluster_free(c);
    CHECK_UINT(run_again(s, seed, false), digest);
    CHECK_UINT(run_again(s, seed, true), digest);
}

static uint64_t first_seed = 1, seeds = DEFAULT_SEEDS;

static void random_pods_keep_every_promise(void)
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
        struct scenario_input input = {"swarm.yaml", strbuf_str(&text), text.len};
        tap_row("seed %" PRIu64, seed);
        if (CHECK_INT(scenario_load(&arena, &diags, &input, 1, no_files, NULL, &scenario), 0))
            live(&scenario, seed);
        if (tap_failures > failures)
            fprintf(stderr, "seed %" PRIu64 ":\n%s\n", seed, strbuf_str(&text));
        diag_fini(&diags);
        arena_fini(&arena);
        strbuf_fini(&text);
    }
}

int main(int argc, char **argv)
{
    if (argc > 1)
        seeds = strtoull(argv[1], NULL, 10);
    if (argc > 2)
        first_seed = strtoull(argv[2], NULL, 10);
    static const struct tap_test tests[] = {TAP_TEST(random_pods_keep_every_promise)};
    return tap_run(tests, ARRAY_LEN(tests));
}
