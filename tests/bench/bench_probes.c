/* bench_probes.c - a large cluster in which nothing happens but probes: PODS pods, each with a readiness and a
 * liveness probe every 10 s, for one simulated hour, with fast-forward and with every tick an event; and for one
 * simulated year. Making the cluster - until every pod is ready - is measured by itself.
 *
 * engine.md section 8 has the targets for 150,000 pods on one core: 4 s for every tick, 0.25 s fast-forward, at most
 * 256 bytes per pod that ticking touches, the year within 1.2 times the hour.
 *
 * usage: bench_probes [PODS [hour|year|ticks]]     only this one
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "model/cluster.h"
#include "model/kubelet.h"
#include "model/printer.h"

enum { PODS_PER_NODE = 110, READY_BY_S = 120, HOUR_S = 3600, DAYS = 365, DAY_S = 86400 };

static const char template[] = "apiVersion: podsim.dev/v1\n"
                               "kind: Scenario\n"
                               "spec: {nodes: [{count: %u}], timing: {profile: typical}}\n"
                               "---\n"
                               "apiVersion: v1\n"
                               "kind: Pod\n"
                               "metadata: {name: p, labels: {app: web}}\n"
                               "spec:\n"
                               "  nodeName: node1\n"
                               "  containers:\n"
                               "  - name: app\n"
                               "    image: registry.example/app:v1\n"
                               "    imagePullPolicy: IfNotPresent\n"
                               "    readinessProbe: {httpGet: {path: /ready, port: 8080}, periodSeconds: 10}\n"
                               "    livenessProbe: {exec: {command: [cat, /etc/hostname]}, periodSeconds: 10}\n";

/* Processor time: others may use the machine, too. */
static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int no_files(void *ctx, struct arena *a, const char *path, const char **ret_text, size_t *ret_len,
                    const char **ret_error)
{
    (void)ctx, (void)a, (void)path, (void)ret_text, (void)ret_len;
    *ret_error = "no files here";
    return -1;
}

/* The one pod of the template, so many times, on one node after the other. */
static void multiply(struct arena *a, struct scenario *s, uint32_t pods)
{
    const struct pod *one = (const struct pod *)s->objects.items[0];
    const struct api_object **objects = arena_array(a, const struct api_object *, pods);
    for (uint32_t i = 0; i < pods; i++) {
        struct pod *p = arena_new(a, struct pod);
        *p = *one;
        p->object.meta.name = arena_printf(a, "p%u", i);
        p->spec.node_name = s->nodes.items[i / PODS_PER_NODE]->object.meta.name;
        objects[i] = &p->object;
    }
    s->objects.items = objects;
    s->objects.count = pods;
}

static void load(struct arena *a, struct diag_set *d, struct scenario *s, uint32_t pods)
{
    char *text = arena_printf(a, template, (pods + PODS_PER_NODE - 1) / PODS_PER_NODE);
    struct scenario_input input = {"bench.yaml", text, strlen(text)};
    if (scenario_load(a, d, &input, 1, no_files, NULL, s) != 0) {
        fputs("bench_probes: the scenario is not valid\n", stderr);
        exit(1);
    }
    multiply(a, s, pods);
}

static uint32_t count_ready(struct cluster *c)
{
    uint32_t cursor = 0, ready = 0;
    const struct api_object *o;
    while ((o = store_next(cluster_store(c), KIND_POD, &cursor)))
        ready += pod_condition_true((const struct pod *)o, "Ready");
    return ready;
}

static uint64_t count_executions(struct cluster *c)
{
    const struct trace *t = cluster_trace(c).trace;
    uint64_t n = 0;
    for (uint32_t i = 1; i < trace_count(t); i++) {
        const struct trace_record *r = trace_at(t, i);
        n += r->kind == TRACE_PROBE           ? 1
             : r->kind == TRACE_PROBE_REPEATS ? ((const struct trace_repeats *)r->data)->count
                                              : 0;
    }
    return n;
}

static double measure(const struct scenario *s, const char *name, enum probe_ticks ticks, sim_time length)
{
    struct cluster_options o = {
        .has_until = true,
        .until = READY_BY_S * SIM_SECOND + length,
        .ticks = ticks,
        .limits = {.events = UINT64_MAX, .events_per_instant = UINT64_MAX, .memory_bytes = (uint64_t)64 << 30}};
    double begin = seconds();
    struct cluster *c = cluster_new(s, &o);
    sim_run(cluster_sim(c), READY_BY_S * SIM_SECOND);
    double made = seconds();
    size_t bytes = sim_arena(cluster_sim(c))->used;
    uint64_t events = sim_event_count(cluster_sim(c));
    enum run_end end = cluster_run(c);
    double took = seconds() - made;
    if (end == RUN_LIMIT || count_ready(c) != s->objects.count) {
        fprintf(stderr, "bench_probes: %s: %u of %u pods are ready\n", name, count_ready(c), s->objects.count);
        exit(1);
    }
    printf("%-28s %8.3f s  %10" PRIu64 " events  %12" PRIu64 " executions  (made in %.2f s, %zu bytes per pod)\n", name,
           took, sim_event_count(cluster_sim(c)) - events, count_executions(c), made - begin, bytes / s->objects.count);
    cluster_free(c);
    return took;
}

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    uint32_t pods = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 150000;
    const char *only = argc > 2 ? argv[2] : NULL;
    struct arena a = {0};
    struct diag_set d;
    struct scenario s;
    arena_init(&a, 0);
    diag_init(&d);
    load(&a, &d, &s, pods);
    printf("%u pods on %u nodes, two probes each, every 10 s\n", pods, s.nodes.count);
    double hour = 0, year = 0;
    if (!only || strcmp(only, "hour") == 0)
        hour = measure(&s, "1 hour, fast-forward", TICKS_THAT_MATTER, HOUR_S * SIM_SECOND);
    if (!only || strcmp(only, "year") == 0)
        year = measure(&s, "1 year, fast-forward", TICKS_THAT_MATTER, (sim_time)DAYS * DAY_S * SIM_SECOND);
    if (!only || strcmp(only, "ticks") == 0)
        measure(&s, "1 hour, every tick", TICKS_ALL, HOUR_S * SIM_SECOND);
    enum { OBJECT_BYTES = 8 }; /* of the engine's table of objects */
    if (!only)
        printf("hot: %zu bytes per pod (of two ticks: tick, entry in the queue, object); the year takes %.2f times "
               "the hour\n",
               2 * (sizeof(struct probe_tick) + sizeof(struct event) + OBJECT_BYTES), year / hour);
    diag_fini(&d);
    arena_fini(&a);
    return 0;
}
