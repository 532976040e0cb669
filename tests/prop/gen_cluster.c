/* gen_cluster.c - worlds of controllers: workloads on a few nodes, Services before them, and what users do to them
 * while they roll out.
 *
 * Other worlds have pods with everything that pods can have. The pods here are simple, so that what happens is the
 * controllers' doing: availability, convergence, endpoints, owners.
 */
#include "tests/prop/gen.h"

#include "model/feature_gates.h"
#include "sim/rng.h"

enum {
    STREAM = 4,
    NODES_MAX = 4,
    WORKLOADS_MAX = 3,
    REPLICAS_MAX = 8,
    ACTIONS_MAX = 10,
    ACTIONS_END = 150,
    SETTLED = 600
};

struct world {
    uint64_t seed, thrown;
    struct strbuf *out;
    uint32_t nodes, workloads, pods;
    uint8_t kinds[WORKLOADS_MAX]; /* index into kinds */
};

static uint32_t throw(struct world * w, uint32_t sides)
{
    return (uint32_t)rng_below(rng_draw(w->seed, STREAM, 0, w->thrown++), sides);
}
static bool one_in(struct world *w, uint32_t n) { return throw(w, n) == 0; }
static const char *pick(struct world *w, const char *const *from, size_t count)
{
    return from[throw(w, (uint32_t)count)];
}
#define PICK(w, list) pick((w), (list), ARRAY_LEN(list))

/* ---- workloads ---- */

static void put_deployment(struct world *w)
{
    static const char *const amounts[] = {"0", "1", "2", "25%", "50%", "100%"};
    const char *surge = PICK(w, amounts), *unavailable = PICK(w, amounts);
    if (one_in(w, 5))
        strbuf_puts(w->out, "  strategy: {type: Recreate}\n");
    else if (!one_in(w, 4))
        strbuf_printf(w->out, "  strategy: {rollingUpdate: {maxSurge: %s, maxUnavailable: %s}}\n", surge,
                      *surge == '0' && *unavailable == '0' ? "1" : unavailable);
    if (one_in(w, 3))
        strbuf_printf(w->out, "  minReadySeconds: %u\n", 1 + throw(w, 12));
    if (one_in(w, 4))
        strbuf_printf(w->out, "  revisionHistoryLimit: %u\n", throw(w, 3));
    if (one_in(w, 3))
        strbuf_printf(w->out, "  progressDeadlineSeconds: %u\n", 20 + throw(w, 60));
}

static void put_replica_set(struct world *w)
{
    if (one_in(w, 3))
        strbuf_printf(w->out, "  minReadySeconds: %u\n", 1 + throw(w, 12));
}

static void put_job(struct world *w)
{
    static const char *const lines[] = {"completionMode: Indexed", "suspend: true", "podReplacementPolicy: Failed",
                                        "ttlSecondsAfterFinished: 20", "activeDeadlineSeconds: 30"};
    strbuf_printf(w->out, "  parallelism: %u\n  completions: %u\n  backoffLimit: %u\n", throw(w, 4), 1 + throw(w, 6),
                  throw(w, 5));
    for (size_t i = 0; i < ARRAY_LEN(lines); i++)
        if (one_in(w, 5))
            strbuf_printf(w->out, "  %s\n", lines[i]);
}

static void put_stateful_set(struct world *w)
{
    strbuf_puts(w->out, "  serviceName: s\n");
    if (one_in(w, 3))
        strbuf_puts(w->out, "  podManagementPolicy: Parallel\n");
    if (one_in(w, 4))
        strbuf_printf(w->out, "  updateStrategy: {rollingUpdate: {partition: %u}}\n", throw(w, 4));
    else if (one_in(w, 5))
        strbuf_puts(w->out, "  updateStrategy: {type: OnDelete}\n");
    if (one_in(w, 3))
        strbuf_printf(w->out, "  minReadySeconds: %u\n", 1 + throw(w, 12));
}

static void put_daemon_set(struct world *w)
{
    if (one_in(w, 3))
        strbuf_printf(w->out, "  updateStrategy: {rollingUpdate: {maxUnavailable: %u}}\n", 1 + throw(w, 3));
    else if (one_in(w, 5))
        strbuf_puts(w->out, "  updateStrategy: {type: OnDelete}\n");
    if (one_in(w, 3))
        strbuf_printf(w->out, "  minReadySeconds: %u\n", 1 + throw(w, 12));
}

/* What there is of each kind; %u: the number of the workload. */
static const struct kind {
    const char *api_version, *kind, *resource;
    void (*put)(struct world *w);
    bool replicas, rolls_out;
    bool runs_to_end; /* its pods do; no selector is given */
} kinds[] = {
    {"apps/v1", "Deployment", "deployment", put_deployment, true, true, false},
    {"apps/v1", "Deployment", "deployment", put_deployment, true, true, false},
    {"batch/v1", "Job", "job", put_job, false, false, true},
    {"apps/v1", "StatefulSet", "statefulset", put_stateful_set, true, true, false},
    {"apps/v1", "DaemonSet", "daemonset", put_daemon_set, false, true, false},
    {"apps/v1", "ReplicaSet", "replicaset", put_replica_set, true, false, false},
};

/* What is to be done and then over. */
static void put_work(struct world *w)
{
    strbuf_printf(w->out,
                  "      restartPolicy: %s\n      containers:\n      - name: a\n        image: busybox\n"
                  "        command: [sh, -c, 'sleep %u; exit %u']\n",
                  one_in(w, 2) ? "Never" : "OnFailure", 1 + throw(w, 20), one_in(w, 4) ? 1 : 0);
}

static void put_template(struct world *w, uint32_t n)
{
    const struct kind *k = &kinds[w->kinds[n]];
    if (!k->runs_to_end)
        strbuf_printf(w->out, "  selector: {matchLabels: {app: w%u}}\n", n);
    strbuf_printf(
        w->out, "  template:\n    metadata: {labels: {app: w%u}}\n    spec:\n      terminationGracePeriodSeconds: %u\n",
        n, 1 + throw(w, 8));
    if (k->runs_to_end) {
        put_work(w);
        return;
    }
    strbuf_puts(w->out, "      containers:\n      - name: a\n");
    switch (throw(w, 6)) {
    case 0: /* it crashes now and then */
        strbuf_printf(w->out, "        image: busybox\n        command: [sh, -c, 'sleep %u; exit 1']\n",
                      5 + throw(w, 60));
        break;
    case 1: /* it takes its time to stop */
        strbuf_puts(w->out, "        image: busybox\n"
                            "        command: [sh, -c, 'trap \"sleep 3; exit 0\" TERM; while :; do sleep 1; done']\n");
        break;
    default:
        strbuf_printf(w->out,
                      "        image: nginx:1.27\n        readinessProbe: {tcpSocket: {port: %u}, "
                      "initialDelaySeconds: %u, periodSeconds: %u}\n",
                      one_in(w, 8) ? 81 : 80, throw(w, 6), 1 + throw(w, 4));
        break;
    }
    if (one_in(w, 3))
        strbuf_printf(w->out, "        resources: {requests: {cpu: %um}}\n", 100 + 100 * throw(w, 10));
}

static void put_workload(struct world *w, uint32_t n)
{
    static const char *const disrupted[] = {"0", "1", "2", "25%", "50%", "100%"};
    const struct kind *k = &kinds[w->kinds[n]];
    uint32_t replicas = throw(w, REPLICAS_MAX + 1);
    w->pods += replicas;
    strbuf_printf(w->out, "---\napiVersion: %s\nkind: %s\nmetadata: {name: w%u}\nspec:\n", k->api_version, k->kind, n);
    if (k->replicas)
        strbuf_printf(w->out, "  replicas: %u\n", replicas);
    k->put(w);
    put_template(w, n);
    if (one_in(w, 3))
        strbuf_printf(w->out,
                      "---\napiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: b%u}\n"
                      "spec: {selector: {matchLabels: {app: w%u}}, %s: %s%s}\n",
                      n, n, one_in(w, 2) ? "minAvailable" : "maxUnavailable", PICK(w, disrupted),
                      one_in(w, 3) ? ", unhealthyPodEvictionPolicy: AlwaysAllow" : "");
    if (one_in(w, 2))
        strbuf_printf(w->out,
                      "---\napiVersion: v1\nkind: Service\nmetadata: {name: s%u}\nspec: {selector: {app: w%u}, ports: "
                      "[{port: 80}]}\n",
                      n, n);
}

/* ---- what users do ---- */

static const char *const of_all[] = {
    "delete pods -l app=w%u --wait=false",
    "annotate %r w%u note=1 --overwrite",
};
static const char *const of_replicas[] = {
    "scale %r w%u --replicas=0",
    "scale %r w%u --replicas=2",
    "scale %r w%u --replicas=5",
    "scale %r w%u --replicas=9",
};
static const char *const of_rollouts[] = {
    "set image %r w%u a=nginx:1.28", "set image %r w%u a=nginx:1.27",
    "set image %r w%u a=busybox",    "set env %r w%u X=1",
    "rollout restart %r w%u",        "rollout undo %r w%u",
};
static const char *const of_pauses[] = {"rollout pause %r w%u", "rollout resume %r w%u", "rollout resume %r w%u"};
static const char *const of_the_end[] = {
    "delete %r w%u --wait=false",
    "delete %r w%u --cascade=foreground --wait=false",
    "delete %r w%u --cascade=orphan --wait=false",
    "label pods -l app=w%u app=out --overwrite",
    "delete pods -l app=w%u --wait=false --force --grace-period=0",
};
static const char *const of_nodes[] = {"cordon node%u", "uncordon node%u", "uncordon node%u",
                                       "drain node%u --ignore-daemonsets --force --delete-emptydir-data --timeout=60s",
                                       "drain node%u --ignore-daemonsets --force --delete-emptydir-data --timeout=20s"};

/* %r: the resource, %u: the number. */
static void put_line(struct world *w, const char *form, const char *resource, uint32_t number)
{
    for (const char *s = form; *s; s++) {
        if (s[0] == '%' && s[1] == 'r')
            strbuf_puts(w->out, resource);
        else if (s[0] == '%' && s[1] == 'u')
            strbuf_printf(w->out, "%u", number);
        else
            strbuf_putc(w->out, *s);
        s += *s == '%';
    }
}

/* A node is gone for a while. */
static void put_fault(struct world *w)
{
    static const char *const pairs[][2] = {
        {"kubelet stop", "kubelet start"}, {"node power-off", "node boot"}, {"node partition", "node heal"}};
    uint32_t n = 1 + throw(w, w->nodes), t = throw(w, ACTIONS_END), how = throw(w, ARRAY_LEN(pairs));
    uint32_t back = one_in(w, 2) ? t + throw(w, 40) : ACTIONS_END + 20;
    strbuf_printf(w->out, "  - {at: %us, fault: %s node%u}\n  - {at: %us, fault: %s node%u}\n", t, pairs[how][0], n,
                  back < t ? t : back, pairs[how][1], n);
}

static void put_action(struct world *w)
{
    uint32_t n = throw(w, w->workloads), t = throw(w, ACTIONS_END * 10);
    const struct kind *k = &kinds[w->kinds[n]];
    const char *form = PICK(w, of_all);
    switch (throw(w, 8)) {
    case 0:
        break;
    case 1:
        form = PICK(w, of_the_end);
        break;
    case 2:
        form = PICK(w, of_nodes);
        n = 1 + throw(w, w->nodes);
        break;
    case 3:
    case 4:
        form = k->replicas ? PICK(w, of_replicas) : form;
        break;
    default:
        form = k->rolls_out ? PICK(w, of_rollouts) : form;
        if (k->put == put_deployment && one_in(w, 3))
            form = PICK(w, of_pauses);
        break;
    }
    strbuf_printf(w->out, "  - {at: %u.%us, kubectl: '", t / 10, t % 10);
    put_line(w, form, k->resource, n);
    strbuf_puts(w->out, "'}\n");
}

/* ---- the world ---- */

static void put_scenario(struct world *w)
{
    static const char *const profiles[] = {"typical", "typical", "jittered", "jittered", "jittered"};
    strbuf_printf(w->out, "apiVersion: podsim.dev/v1\nkind: Scenario\nspec:\n  duration: %us\n  seed: %u\n",
                  ACTIONS_END + SETTLED, throw(w, 1000));
    strbuf_printf(w->out, "  timing: {profile: %s}\n  kubernetesVersion: '1.%u'\n", PICK(w, profiles),
                  one_in(w, 2) ? MINOR_NEWEST : MINOR_OLDEST + throw(w, MINOR_NEWEST - MINOR_OLDEST));
    strbuf_puts(w->out, "  nodes:\n");
    for (uint32_t i = 0; i < w->nodes; i++)
        strbuf_printf(w->out, "  - {cpu: '%u', labels: {topology.kubernetes.io/zone: z%u}}\n", 2 + throw(w, 6),
                      throw(w, 2));
    strbuf_puts(w->out, "  actions:\n");
    for (uint32_t count = throw(w, ACTIONS_MAX); count > 0; count--)
        put_action(w);
    if (one_in(w, 4))
        put_fault(w);
    /* Whatever they did: nodes and rollouts go on in the end. */
    for (uint32_t i = 1; i <= w->nodes; i++)
        strbuf_printf(w->out, "  - {at: %us, kubectl: uncordon node%u}\n", ACTIONS_END + 25, i);
}

uint32_t gen_cluster(uint64_t seed, struct strbuf *out)
{
    struct world w = {.seed = seed, .out = out};
    w.nodes = 1 + throw(&w, NODES_MAX);
    w.workloads = 1 + throw(&w, WORKLOADS_MAX);
    for (uint32_t n = 0; n < w.workloads && n < WORKLOADS_MAX; n++)
        w.kinds[n] = (uint8_t) throw(&w, ARRAY_LEN(kinds));
    put_scenario(&w);
    for (uint32_t n = 0; n < w.workloads; n++)
        put_workload(&w, n);
    return w.pods + 1;
}
