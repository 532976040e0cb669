/* gen.c - the dice, the Scenario document, and what is no pod. */
#include "tests/prop/gen_private.h"

#include <string.h>

#include "model/profile.h"
#include "sim/rng.h"

uint32_t gen_throw(struct gen *g, uint32_t sides)
{
    return (uint32_t)rng_below(rng_draw(g->seed, 1, 0, g->thrown++), sides);
}

const char *gen_pick(struct gen *g, const char *const *from, size_t count)
{
    return from[gen_throw(g, (uint32_t)count)];
}

static void draw_features(struct gen *g)
{
    static const uint32_t one_in[GEN_FEATURE_COUNT] = {
#define X(id, n) [GEN_##id] = n,
        GEN_FEATURES(X)
#undef X
    };
    for (int f = 0; f < GEN_FEATURE_COUNT; f++)
        g->has |= (uint64_t)gen_one_in(g, one_in[f]) << f;
    g->behaviours = rng_below(rng_draw(g->seed, 2, 0, 0), 3) == 0;
    if (g->variant.steady) /* several nodes: which one a pod goes to depends on what others there are */
        g->has &= ~(1ull << GEN_FAULTS | 1ull << GEN_NODE_ACTIONS | 1ull << GEN_STATIC | 1ull << GEN_NODES |
                    1ull << GEN_RESTARTS | 1ull << GEN_HANGS | 1ull << GEN_SHUTDOWN | 1ull << GEN_PRESSURE |
                    1ull << GEN_DISK | 1ull << GEN_STATUSES | 1ull << GEN_HOST_PID | 1ull << GEN_PORTS);
    gen_draw_workload(g);
}

/* ---- the Scenario document ---- */

static void add_version(struct gen *g)
{
    int minor = MINOR_NEWEST;
    if (gen_has(g, GEN_VERSIONS))
        minor = MINOR_OLDEST + (int)gen_throw(g, MINOR_NEWEST - MINOR_OLDEST + 1);
    features_init(&g->features, minor);
    strbuf_printf(g->out, "  kubernetesVersion: '1.%d'\n", minor);
    if (!gen_has(g, GEN_FEATURE_GATES))
        return;
    strbuf_puts(g->out, "  featureGates:\n");
    for (int f = 0; f < FEATURE_COUNT; f++) {
        bool on = !feature_on(&g->features, (enum feature)f);
        if (*feature_infos[f].gate && gen_one_in(g, 4) && !feature_set(&g->features, (enum feature)f, on))
            strbuf_printf(g->out, "    %s: %s\n", feature_infos[f].gate, on ? "true" : "false");
    }
}

static void add_timing(struct gen *g)
{
    static const char *const profiles[] = {"typical", "typical", "jittered", "jittered", "instant", "ref"};
    const char *profile = GEN_PICK(g, profiles);
    if (g->variant.jittered)
        profile = "jittered";
    else if (g->variant.steady && strcmp(profile, "jittered") == 0)
        profile = "typical";
    g->instant = strcmp(profile, "instant") == 0 || strcmp(profile, "ref") == 0;
    g->workload = g->workload && !g->instant;
    strbuf_printf(g->out, "  seed: %u\n  timing:\n    profile: %s\n", gen_throw(g, 1000), profile);
    if (!gen_has(g, GEN_LATENCIES))
        return;
    uint32_t hop = gen_throw(g, HOP_COUNT);
    if (hop == HOP_RELIST_LAG) /* of replays: what a sync sees after such a relist is older than it takes it for */
        return;
    strbuf_printf(g->out, "    latencies: {%s: %ums}\n", hop_infos[hop].name, 1 + gen_throw(g, 4000));
}

static void add_kubelet(struct gen *g)
{
    if (!gen_has(g, GEN_KUBELET) && !gen_has(g, GEN_SHUTDOWN))
        return;
    strbuf_puts(g->out, "  kubelet:\n");
    if (gen_use(g, GEN_DISK, 2))
        strbuf_printf(g->out,
                      "    imageGCHighThresholdPercent: %u\n    imageGCLowThresholdPercent: %u\n"
                      "    imageMinimumGCAge: %us\n",
                      50 + gen_throw(g, 50), gen_throw(g, 50), 1 + gen_throw(g, 90));
    bool serial = gen_one_in(g, 2);
    strbuf_printf(g->out, "    serializeImagePulls: %s\n", serial ? "true" : "false");
    if (!serial && gen_one_in(g, 2))
        strbuf_printf(g->out, "    maxParallelImagePulls: %u\n", 1 + gen_throw(g, 3));
    if (gen_one_in(g, 3))
        strbuf_printf(g->out, "    registryPullQPS: %u\n    registryBurst: %u\n", gen_throw(g, 3), 1 + gen_throw(g, 3));
    if (gen_one_in(g, 2) || gen_has(g, GEN_SHUTDOWN))
        strbuf_printf(g->out, "    shutdownGracePeriod: %us\n    shutdownGracePeriodCriticalPods: %us\n",
                      5 + gen_throw(g, 20), gen_throw(g, 5));
    if (gen_one_in(g, 2))
        strbuf_printf(g->out,
                      "    evictionHard: {memory.available: 100Mi, nodefs.available: 5%%}\n"
                      "    evictionSoft: {nodefs.available: 10%%}\n"
                      "    evictionSoftGracePeriod: {nodefs.available: %us}\n"
                      "    evictionMaxPodGracePeriod: %u\n    evictionPressureTransitionPeriod: %us\n",
                      5 + gen_throw(g, 20), gen_throw(g, 12), 10 + gen_throw(g, 40));
    if (feature_on(&g->features, FEATURE_CRASH_LOOP_BACK_OFF_MAX))
        strbuf_printf(g->out, "    crashLoopBackOff: {maxContainerRestartPeriod: %us}\n", 1 + gen_throw(g, 60));
}

/* Node objects say more than the Scenario's list. */
static void add_node_objects(struct gen *g)
{
    for (uint32_t n = 0; gen_has(g, GEN_DISK) && n < g->node_count; n++)
        strbuf_printf(
            g->out,
            "---\napiVersion: v1\nkind: Node\nmetadata: {name: node%u, labels: {disk: ssd}}\nstatus:\n"
            "  capacity: {cpu: '4', memory: 8Gi, pods: '20', ephemeral-storage: %uMi, example.com/gpu: '1'}\n",
            n + 1, 60 + gen_throw(g, 240));
}

static void add_nodes(struct gen *g)
{
    g->node_count = gen_has(g, GEN_NODES) ? 1 + gen_throw(g, 3) : 1;
    if (gen_has(g, GEN_DISK))
        return;
    strbuf_puts(g->out, "  nodes:\n");
    for (uint32_t n = 0; n < g->node_count; n++) {
        strbuf_printf(g->out, "  - {name: node%u", n + 1);
        if (gen_has(g, GEN_RESOURCES))
            strbuf_printf(g->out, ", cpu: '%u', memory: %uGi, pods: %u", 1 + gen_throw(g, 2), 2 + gen_throw(g, 3),
                          1 + gen_throw(g, 4));
        if (gen_use(g, GEN_NODES, 2))
            strbuf_puts(g->out, ", labels: {disk: ssd}");
        if (gen_use(g, GEN_NODES, 4))
            strbuf_printf(g->out, ", taints: [{key: dedicated, value: web, effect: %s}]",
                          gen_one_in(g, 2) ? "NoSchedule" : "NoExecute");
        strbuf_puts(g->out, "}\n");
    }
    if (g->variant.bystander)
        strbuf_puts(g->out, "  - {name: aside, taints: [{key: aside, effect: NoSchedule}]}\n");
}

static void add_images(struct gen *g)
{
    if (!gen_has(g, GEN_IMAGES) && !gen_has(g, GEN_USERS) && !gen_has(g, GEN_DISK))
        return;
    strbuf_puts(g->out, "  images:\n  - {name: gone, missing: true}\n");
    strbuf_printf(g->out, "  - {name: slow, pull: %us%s}\n", 2 + gen_throw(g, 30),
                  gen_use(g, GEN_STOP_SIGNALS, 2) ? ", stopSignal: SIGINT" : "");
    if (gen_has(g, GEN_USERS))
        strbuf_puts(g->out, "  - {name: as-name, like: busybox, user: nobody}\n"
                            "  - {name: as-number, like: busybox, user: '7'}\n"
                            "  - {name: as-huge, like: busybox, user: '4294967295'}\n");
    if (gen_has(g, GEN_DISK))
        strbuf_puts(
            g->out,
            "  - {name: unused, present: true, size: 30Mi}\n  - {name: unused-too, present: true, size: 9Mi}\n");
}

static void add_scenario(struct gen *g)
{
    uint32_t duration = gen_use(g, GEN_LONG, 1) ? 2400 : 180;
    strbuf_printf(g->out, "apiVersion: podsim.dev/v1\nkind: Scenario\nspec:\n  duration: %us\n",
                  duration + g->variant.shift_s);
    add_timing(g);
    add_version(g);
    add_kubelet(g);
    add_nodes(g);
    add_images(g);
    gen_behaviours(g);
    if (memcmp(&g->variant, &(struct gen_variant){0}, sizeof g->variant) == 0)
        gen_traffic(g->seed, g->pod_count, g->out);
    for (uint32_t n = 0; n < g->pod_count; n++)
        g->pods[n].later = gen_use(g, GEN_LATER, 3) || g->variant.all_later;
    gen_manifests(g);
}

/* ---- other objects ---- */

static void add_service(struct gen *g, uint32_t n)
{
    static const char *const selectors[] = {"app: web", "app: web, tier: front", "app: db"};
    strbuf_printf(g->out,
                  "---\napiVersion: v1\nkind: Service\nmetadata: {name: s%u}\n"
                  "spec: {selector: {%s}, ports: [{port: 80%s}]%s%s%s}\n",
                  n, GEN_PICK(g, selectors), gen_one_in(g, 4) ? ", targetPort: web" : "",
                  gen_use(g, GEN_TRAFFIC, 2) ? ", internalTrafficPolicy: Local" : "",
                  gen_one_in(g, 4) ? ", publishNotReadyAddresses: true" : "",
                  gen_one_in(g, 5) ? ", clusterIP: None" : "");
}

static void add_others(struct gen *g)
{
    for (uint32_t n = 0; (gen_has(g, GEN_SERVICES) || gen_has(g, GEN_TRAFFIC)) && n < 2; n++)
        add_service(g, n);
    if (!gen_has(g, GEN_CONFIG))
        return;
    strbuf_puts(g->out, "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {a: '1'}\n");
    if (gen_one_in(g, 2))
        strbuf_puts(g->out, "---\napiVersion: v1\nkind: Secret\nmetadata: {name: key}\nstringData: {k: v}\n");
}

/* Before the pods that name them. */
static void add_priority_classes(struct gen *g)
{
    for (uint32_t n = 0; gen_has(g, GEN_PRIORITY) && n < 3; n++)
        strbuf_printf(g->out,
                      "---\napiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: p%u}\nvalue: %u\n",
                      n, n);
}

/* A budget for the web pods; a quota and a LimitRange that some pods do not fit into. Drawn aside, as behaviours are.
 */
static uint32_t policy_throw(const struct gen *g, uint32_t nth, uint32_t sides)
{
    return (uint32_t)rng_below(rng_draw(g->seed, 4, 0, nth), sides);
}

bool gen_has_policies(const struct gen *g) { return !g->variant.steady && policy_throw(g, 0, 4) == 0; }

static void add_policies(struct gen *g)
{
    static const char *const numbers[] = {"minAvailable: 1",     "minAvailable: 2",    "maxUnavailable: 1",
                                          "maxUnavailable: 50%", "minAvailable: 100%", "maxUnavailable: 0"};
    static const char *const limits[] = {"default: {memory: 2Gi}", "max: {cpu: 3}", "min: {memory: 1Mi}"};
    if (!gen_has_policies(g))
        return;
    for (uint32_t n = 0; n < 1 + policy_throw(g, 1, 2); n++)
        strbuf_printf(g->out,
                      "---\napiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: b%u}\n"
                      "spec: {%s, selector: {%s}%s}\n",
                      n, numbers[policy_throw(g, 2 + n, ARRAY_LEN(numbers))],
                      policy_throw(g, 4 + n, 3) ? "matchLabels: {app: web}" : "",
                      policy_throw(g, 6 + n, 3) ? "" : ", unhealthyPodEvictionPolicy: AlwaysAllow");
    /* Mirror pods that may not be created leave static pods that the API does not show. */
    bool mirrors = gen_has(g, GEN_STATIC) || gen_has(g, GEN_FAULTS);
    if (!mirrors && policy_throw(g, 8, 3) == 0)
        strbuf_printf(g->out,
                      "---\napiVersion: v1\nkind: ResourceQuota\nmetadata: {name: q}\nspec: {hard: {pods: %u}}\n",
                      3 + policy_throw(g, 9, 9));
    /* A mirror pod gets requests that its static pod does not have, and with them another class of service. */
    if (!mirrors && policy_throw(g, 10, 4) == 0)
        strbuf_printf(g->out,
                      "---\napiVersion: v1\nkind: LimitRange\nmetadata: {name: l}\n"
                      "spec: {limits: [{type: Container, %s}]}\n",
                      limits[policy_throw(g, 11, ARRAY_LEN(limits))]);
}

static void add_bystander(struct gen *g)
{
    if (g->variant.bystander)
        strbuf_puts(g->out, "---\napiVersion: v1\nkind: Pod\nmetadata: {name: zz}\nspec:\n  nodeName: aside\n"
                            "  tolerations: [{operator: Exists}]\n  containers:\n"
                            "  - {name: z, image: busybox, command: [sh, -c, 'sleep 3; exit 1']}\n");
}

uint32_t gen_scenario_variant(uint64_t seed, const struct gen_variant *v, struct strbuf *out)
{
    /* Pods first: actions name their containers, but stand before them. */
    struct strbuf pods = STRBUF_INIT, others = STRBUF_INIT;
    struct gen g = {.seed = seed, .out = out, .variant = *v};
    draw_features(&g);
    g.pod_count = 1 + gen_throw(&g, GEN_PODS_MAX);
    add_scenario(&g);
    g.out = &pods;
    for (uint32_t n = 0; n < g.pod_count; n++) {
        if (g.pods[n].later)
            continue;
        strbuf_puts(&pods, "---\n");
        gen_pod(&g, n, 0);
    }
    g.out = out;
    gen_actions(&g);
    g.out = &others;
    add_others(&g);
    gen_workload(&g);
    g.out = out;
    gen_trouble_pods(&g);
    add_node_objects(&g);
    add_bystander(&g);
    add_priority_classes(&g);
    add_policies(&g);
    strbuf_puts(out, strbuf_str(v->others_first ? &others : &pods));
    strbuf_puts(out, strbuf_str(v->others_first ? &pods : &others));
    strbuf_fini(&pods);
    strbuf_fini(&others);
    return g.pod_count;
}

uint32_t gen_scenario(uint64_t seed, struct strbuf *out)
{
    return gen_scenario_variant(seed, &(struct gen_variant){0}, out);
}
