/* bench_cluster.c - whole clusters, from their documents to their last event.
 *
 *   scale      5,000 nodes; 150,000 pods under Deployments of 100 replicas come up from nothing, then one tenth of the
 *              Deployments gets a new image. Pods are those of the scalability tests of Kubernetes (perf-tests
 *              clusterloader2, testing/load): the pause image, no probes. Targets: 5 s and 1 GB for all of it.
 *   services   a tenth of that, with a Service in front of each Deployment and a readiness probe in each pod.
 *   gcda       what the public comparison of simulators measures (GCDA-UDL/k8s-sims): so many pods are scheduled,
 * started, run 60 s and finish, on 100 nodes with 1,067 pods and on 1,200 nodes with 7,064. Its data sets are rebuilt
 * by size: requests and nodes of different shapes. Targets for the large one: 80 ms and 60 MB.
 *
 * Every part prints processor time, events and bytes; and beside them what a program has to spend that handles as many
 * events which do nothing, and fills as much fresh memory, measured right here: the floor. Times of a loaded machine
 * say little, their ratio says more. A part that does not end as it must (a pod that is not Ready, or has not finished)
 * fails.
 *
 *     bench_cluster [scale|services|gcda|gcda-small [PODS [NODES]]]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "model/api_apps.h"
#include "model/cluster.h"
#include "model/printer.h"
#include "sim/rng.h"

enum { REPLICAS = 100, UPDATED_PART = 10, PER_NAMESPACE = 30, PODS_PER_NODE = 30 };
static const sim_time UPDATE_AT = 2 * 3600 * SIM_SECOND, END = 4 * 3600 * SIM_SECOND;
static const double MB = 1e6;

/* Processor time: others may use the machine, too. */
static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double peak_bytes(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)u.ru_maxrss * 1024;
}

static int no_files(void *ctx, struct arena *a, const char *path, const char **ret_text, size_t *ret_len,
                    const char **ret_error)
{
    (void)ctx, (void)a, (void)path, (void)ret_text, (void)ret_len;
    *ret_error = "no files here";
    return -1;
}

static void fail(const char *part, const char *what, uint32_t n, uint32_t of)
{
    fprintf(stderr, "bench_cluster: %s: %" PRIu32 " of %" PRIu32 " pods are %s\n", part, n, of, what);
    exit(1);
}

/* ---- the floor ---- */

enum { IDLE_PENDING = 1000 };

struct idle {
    struct sim *sim;
    uint64_t left;
    struct sim_timer timers[IDLE_PENDING];
};

static struct sim_timer *idle_timer(void *ctx, uint32_t local, uint32_t class, uint32_t index)
{
    (void)class, (void)index;
    return &((struct idle *)ctx)->timers[local];
}

static void idle_fire(void *ctx, uint32_t local, uint32_t class, uint32_t index)
{
    struct idle *w = ctx;
    sim_time later = 1 + (sim_time)rng_below(rng_draw(1, 0, local, w->left), SIM_SECOND);
    if (w->left && w->left--)
        sim_arm(w->sim, sim_now(w->sim) + later, class, 1 + local, index);
}

/* So many events of which nothing comes, a thousand pending at any time. */
static double floor_of_events(uint64_t events)
{
    static struct idle w;
    struct sim_config config = {.seed = 1};
    w = (struct idle){.sim = sim_new(&config), .left = events > IDLE_PENDING ? events - IDLE_PENDING : 0};
    double begin = seconds();
    uint32_t handler = sim_handler_add(w.sim, &(struct sim_handler){"idle", &w, idle_timer, idle_fire});
    for (uint32_t i = 0; i < IDLE_PENDING; i++)
        sim_arm(w.sim, i, 1, sim_object_new(w.sim, handler, i), 0);
    sim_run(w.sim, SIM_TIME_MAX);
    double took = seconds() - begin;
    sim_free(w.sim);
    return took;
}

/* So much memory that was never used before, written once. */
static double floor_of_bytes(size_t bytes)
{
    struct arena a;
    enum { PIECE = 4096 };
    arena_init(&a, 0);
    double begin = seconds();
    for (size_t done = 0; done < bytes; done += PIECE)
        memset(arena_alloc(&a, PIECE), 1, PIECE);
    double took = seconds() - begin;
    arena_fini(&a);
    return took;
}

/* ---- one run ---- */

struct run {
    struct arena arena; /* of the scenario */
    struct diag_set diags;
    struct scenario scenario;
    struct cluster *cluster;
    double begin, took; /* the whole of it */
    uint64_t events;    /* told already */
    size_t bytes;
};

static void begin_run(struct run *r, struct strbuf *documents)
{
    struct scenario_input input = {"bench.yaml", strbuf_str(documents), documents->len};
    r->begin = seconds();
    arena_init(&r->arena, 0);
    diag_init(&r->diags);
    if (scenario_load(&r->arena, &r->diags, &input, 1, no_files, NULL, &r->scenario) != 0) {
        fputs("bench_cluster: the scenario is not valid\n", stderr);
        exit(1);
    }
    struct cluster_options o = {.limits = {.events = UINT64_MAX, .memory_bytes = (uint64_t)64 << 30}};
    r->cluster = cluster_new(&r->scenario, &o);
    r->events = r->bytes = 0;
}

/* What has been spent since the last line; per pod of those that the step is about. */
static void tell_step(struct run *r, const char *name, double took, uint32_t pods)
{
    struct sim *s = cluster_sim(r->cluster);
    uint64_t events = sim_event_count(s) - r->events;
    size_t bytes = sim_arena(s)->used - r->bytes;
    printf("  %-30s %8.3f s  %10" PRIu64 " events (%5.1f per pod)  %7.1f MB (%6.0f bytes per pod)\n", name, took,
           events, (double)events / pods, (double)bytes / MB, (double)bytes / pods);
    r->events += events;
    r->bytes += bytes;
}

static void end_run(struct run *r, double target_s, double target_bytes)
{
    struct sim *s = cluster_sim(r->cluster);
    uint64_t events = sim_event_count(s);
    size_t bytes = sim_arena(s)->used;
    double took = seconds() - r->begin, peak = peak_bytes();
    cluster_free(r->cluster);
    diag_fini(&r->diags);
    arena_fini(&r->arena);
    double idle = floor_of_events(events), fill = floor_of_bytes(bytes);
    printf("  %-30s %8.3f s  %10" PRIu64 " events, peak %.1f MB;  target %.2f s, %.0f MB\n", "all", took, events,
           peak / MB, target_s, target_bytes / MB);
    printf("  %-30s %8.3f s  %8.3f s for as many events, %.3f s for as much memory: %.1f times the floor\n", "floor",
           idle + fill, idle, fill, took / (idle + fill));
}

static double step(struct run *r, sim_time until)
{
    double begin = seconds();
    sim_run(cluster_sim(r->cluster), until);
    return seconds() - begin;
}

/* ---- Deployments ---- */

static const char deployment[] = "---\n"
                                 "apiVersion: apps/v1\n"
                                 "kind: Deployment\n"
                                 "metadata: {name: web-%u, namespace: load-%u, labels: {group: load}}\n"
                                 "spec:\n"
                                 "  replicas: %u\n"
                                 "  selector: {matchLabels: {name: web-%u}}\n"
                                 "  template:\n"
                                 "    metadata: {labels: {name: web-%u, group: load}}\n"
                                 "    spec:\n"
                                 "      containers:\n"
                                 "      - name: web\n"
                                 "        image: %s\n"
                                 "        resources: {requests: {cpu: 10m, memory: 10M}}\n"
                                 "%s";
static const char service[] = "---\n"
                              "apiVersion: v1\n"
                              "kind: Service\n"
                              "metadata: {name: web-%u, namespace: load-%u}\n"
                              "spec: {selector: {name: web-%u}, ports: [{port: 80, targetPort: 8080}]}\n";

static void write_deployments(struct strbuf *out, uint32_t count, uint32_t nodes, bool services)
{
    const char *image = services ? "registry.example/app" : "registry.k8s.io/pause";
    char tag[64];
    snprintf(tag, sizeof tag, "%s:3.9", image);
    strbuf_puts(out, "apiVersion: podsim.dev/v1\nkind: Scenario\nspec:\n");
    strbuf_printf(out, "  nodes: [{count: %" PRIu32 "}]\n  timing: {profile: typical}\n  actions:\n", nodes);
    for (uint32_t i = 0; i < count / UPDATED_PART; i++)
        strbuf_printf(out,
                      "  - {at: %us, kubectl: set image -n load-%" PRIu32 " deployment/web-%" PRIu32 " web=%s:3.10}\n",
                      (unsigned)(UPDATE_AT / SIM_SECOND), i / PER_NAMESPACE, i, image);
    for (uint32_t i = 0; i < count; i++) {
        strbuf_printf(out, deployment, i, i / PER_NAMESPACE, REPLICAS, i, i, tag,
                      services ? "        readinessProbe: {httpGet: {path: /, port: 8080}, periodSeconds: 10}\n" : "");
        if (services)
            strbuf_printf(out, service, i, i / PER_NAMESPACE, i);
    }
}

static uint32_t count_ready(struct cluster *c, const char *image)
{
    uint32_t cursor = 0, ready = 0;
    const struct api_object *o;
    while ((o = store_next(cluster_store(c), KIND_POD, &cursor))) {
        const struct pod *p = (const struct pod *)o;
        bool is = !image || strstr(p->spec.containers.items[0].image, image);
        ready += is && o->meta.deletion_timestamp == SIM_NEVER && pod_condition_true(p, "Ready");
    }
    return ready;
}

static void scale(const char *part, uint32_t pods, uint32_t nodes, bool services)
{
    uint32_t count = (pods + REPLICAS - 1) / REPLICAS;
    uint32_t updated = count / UPDATED_PART * REPLICAS;
    struct strbuf documents = STRBUF_INIT;
    struct run r;
    pods = count * REPLICAS;
    printf("%s: %" PRIu32 " nodes, %" PRIu32 " pods under %" PRIu32 " Deployments\n", part, nodes, pods, count);
    write_deployments(&documents, count, nodes, services);
    begin_run(&r, &documents);
    tell_step(&r, "documents and nodes", seconds() - r.begin, pods);
    tell_step(&r, "from nothing to Ready", step(&r, UPDATE_AT - 1), pods);
    if (count_ready(r.cluster, NULL) != pods)
        fail(part, "Ready", count_ready(r.cluster, NULL), pods);
    tell_step(&r, "rolling update of one tenth", step(&r, END), updated ? updated : 1);
    if (count_ready(r.cluster, NULL) != pods || count_ready(r.cluster, ":3.10") != updated)
        fail(part, "updated and Ready", count_ready(r.cluster, ":3.10"), updated);
    end_run(&r, 5, 1000 * MB);
    strbuf_fini(&documents);
}

/* ---- the comparison ---- */

enum { SHAPES = 4, RUN_S = 60 };
static const struct shape {
    uint32_t cpu, memory_gi;
} shapes[SHAPES] = {{32, 128}, {64, 256}, {96, 384}, {128, 768}};

static uint64_t draw(uint32_t what, uint32_t i, uint64_t below) { return rng_below(rng_draw(1, what, i, 0), below); }

static void write_comparison(struct strbuf *out, uint32_t pods, uint32_t nodes)
{
    static const uint32_t cpu_milli[] = {500, 1000, 2000, 4000, 8000, 16000};
    strbuf_puts(out, "apiVersion: podsim.dev/v1\nkind: Scenario\nspec:\n  timing: {profile: typical}\n  nodes:\n");
    for (uint32_t i = 0; i < nodes; i++) {
        const struct shape *s = &shapes[draw(1, i, SHAPES)];
        strbuf_printf(out, "  - {name: node-%" PRIu32 ", cpu: %" PRIu32 ", memory: %" PRIu32 "Gi}\n", i, s->cpu,
                      s->memory_gi);
    }
    for (uint32_t i = 0; i < pods; i++) {
        uint32_t cpu = cpu_milli[draw(2, i, ARRAY_LEN(cpu_milli))];
        strbuf_printf(out,
                      "---\napiVersion: v1\nkind: Pod\nmetadata: {name: job-%" PRIu32 "}\nspec:\n"
                      "  restartPolicy: Never\n  containers:\n  - name: job\n    image: busybox:1.36\n"
                      "    command: [sleep, \"%d\"]\n"
                      "    resources: {requests: {cpu: %" PRIu32 "m, memory: %" PRIu32 "Mi}}\n",
                      i, RUN_S, cpu, (uint32_t)(cpu * (1 + draw(3, i, 4))));
    }
}

static void compare(const char *part, uint32_t pods, uint32_t nodes, double target_s, double target_bytes)
{
    struct strbuf documents = STRBUF_INIT;
    struct run r;
    printf("%s: %" PRIu32 " nodes, %" PRIu32 " pods that run %d s\n", part, nodes, pods, RUN_S);
    write_comparison(&documents, pods, nodes);
    begin_run(&r, &documents);
    tell_step(&r, "documents and nodes", seconds() - r.begin, pods);
    tell_step(&r, "scheduled, started, finished", step(&r, END), pods);
    uint32_t cursor = 0, finished = 0;
    const struct api_object *o;
    while ((o = store_next(cluster_store(r.cluster), KIND_POD, &cursor)))
        finished += strcmp(((const struct pod *)o)->status.phase, "Succeeded") == 0;
    if (finished != pods)
        fail(part, "Succeeded", finished, pods);
    end_run(&r, target_s, target_bytes);
    strbuf_fini(&documents);
}

/* ---- ---- */

static void run_part(const char *part, uint32_t pods, uint32_t nodes)
{
    if (strcmp(part, "gcda") == 0) {
        compare(part, pods ? pods : 7064, nodes ? nodes : 1200, 0.08, 60 * MB);
    } else if (strcmp(part, "gcda-small") == 0) {
        compare(part, pods ? pods : 1067, nodes ? nodes : 100, 0.01, 10 * MB);
    } else {
        bool services = strcmp(part, "services") == 0;
        pods = pods ? pods : services ? 15000 : 150000;
        scale(part, pods, nodes ? nodes : (pods + PODS_PER_NODE - 1) / PODS_PER_NODE, services);
    }
}

/* In a process of its own: its peak of memory is its own, too. */
static int run_apart(const char *part)
{
    int status = 1;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        run_part(part, 0, 0);
        exit(0);
    }
    waitpid(child, &status, 0);
    return status != 0;
}

int main(int argc, char **argv)
{
    static const char *const parts[] = {"gcda-small", "gcda", "scale", "services"};
    int failed = 0;
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        if (argc == 1)
            failed |= run_apart(parts[i]);
        else if (strcmp(argv[1], parts[i]) == 0)
            run_part(parts[i], argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 0,
                     argc > 3 ? (uint32_t)strtoul(argv[3], NULL, 10) : 0);
    }
    return failed;
}
