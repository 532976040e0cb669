/* The cluster of a scenario: the kubelets' configuration and the nodes. */
#include "model/scenario.h"
#include "tests/unit/tap.h"

static struct arena arena;
static struct diag_set diags;
static struct scenario scenario;

static int load(const char *text)
{
    struct scenario_input in = {"s.yaml", text, strlen(text)};
    diag_fini(&diags);
    diag_init(&diags);
    return scenario_load(&arena, &diags, &in, 1, NULL, NULL, &scenario);
}

static const char *messages(void)
{
    static struct strbuf b;
    strbuf_reset(&b);
    diag_print(&diags, &b, 0);
    return strbuf_str(&b);
}

#define POD      "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers: [{name: a, image: nginx}]\n"
#define SCENARIO "apiVersion: podsim.dev/v1\nkind: Scenario\n"
#define KUBELET  "---\napiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n"

static bool loads(const char *text)
{
    bool good = CHECK_INT(load(text), 0);
    if (!good)
        printf("# %s\n", messages());
    return good;
}

static const char *amount(const quantity_map *map, const char *resource)
{
    for (uint32_t i = 0; i < map->count; i++)
        if (strcmp(map->items[i].key, resource) == 0)
            return map->items[i].value.text;
    return "none";
}

static const struct node *node_at(uint32_t i) { return scenario.nodes.items[i]; }

/* ---- the kubelets ---- */

static void a_kubelet_configuration_is_a_document_or_a_field(void)
{
    if (!loads(POD KUBELET "serializeImagePulls: false\nfeatureGates: {SidecarContainers: true}\n"))
        return;
    CHECK(scenario.kubelet.serialize_image_pulls.set && !scenario.kubelet.serialize_image_pulls.value);
    if (!loads(SCENARIO "spec: {kubelet: {registryBurst: 3}}\n---\n" POD))
        return;
    CHECK_INT(scenario.kubelet.registry_burst.value, 3);
    CHECK_INT(scenario.unmodelled.count, 0);
}

static void fields_without_effect_are_listed(void)
{
    if (!loads(POD KUBELET
               "syncFrequency: 10s\nauthentication: {anonymous: {enabled: false}}\nlogging: {format: json}\n"
               "memoryThrottlingFactor: 0.9\nfeatureGates: {CustomCPUCFSQuotaPeriod: true}\n"))
        return;
    static const char *const want[] = {
        "featureGates.CustomCPUCFSQuotaPeriod (KubeletConfiguration)",
        "syncFrequency (KubeletConfiguration)",
        "authentication (KubeletConfiguration)",
        "logging (KubeletConfiguration)",
        "memoryThrottlingFactor (KubeletConfiguration)",
    };
    CHECK_INT(scenario.unmodelled.count, ARRAY_LEN(want));
    for (uint32_t i = 0; i < scenario.unmodelled.count && i < ARRAY_LEN(want); i++)
        CHECK_STR(scenario.unmodelled.items[i], want[i]);
    if (loads(SCENARIO "spec: {kubelet: {kubeAPIQPS: 5}}\n---\n" POD) && CHECK_INT(scenario.unmodelled.count, 1))
        CHECK_STR(scenario.unmodelled.items[0], "kubeAPIQPS (spec.kubelet)");
}

static void gates_of_the_kubelet_are_the_clusters(void)
{
    CHECK(loads(SCENARIO "spec: {kubernetesVersion: '1.34'}\n---\n" POD));
    CHECK(!feature_on(&scenario.features, FEATURE_CRASH_LOOP_BACK_OFF_MAX));
    CHECK(loads(SCENARIO "spec: {kubernetesVersion: '1.34'}\n---\n" POD KUBELET
                         "featureGates: {KubeletCrashLoopBackOffMax: true}\n"
                         "crashLoopBackOff: {maxContainerRestartPeriod: 9s}\n"));
    CHECK(feature_on(&scenario.features, FEATURE_CRASH_LOOP_BACK_OFF_MAX));
}

static void mistakes_of_kubelets_are_placed(void)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        {POD KUBELET KUBELET, "s.yaml:10:1: error[PS107]: only one KubeletConfiguration may be given"},
        {SCENARIO "spec: {kubelet: {}}\n---\n" POD KUBELET,
         "s.yaml:3:8: error[PS107]: spec.kubelet: there is a KubeletConfiguration, too: want one of them"},
        {SCENARIO "spec: {kubelet: {}}\n---\n" POD KUBELET, "s.yaml:11:1: note: the other one is here"},
        {"apiVersion: kubelet.config.k8s.io/v1\nkind: KubeletConfiguration\n---\n" POD,
         "want apiVersion kubelet.config.k8s.io/v1beta1 and kind KubeletConfiguration, got kubelet.config.k8s.io/v1 "
         "and"},
        {"apiVersion: kubelet.config.k8s.io/v1beta1\nkind: CredentialProviderConfig\n---\n" POD,
         "got kubelet.config.k8s.io/v1beta1 and CredentialProviderConfig"},
        {"apiVersion: kubelet.config.k8s.io/v1beta1\n---\n" POD, "got kubelet.config.k8s.io/v1beta1 and none"},
        {POD KUBELET "maxPod: 5\n", "s.yaml:9:1: error[PS102]: unknown field \"maxPod\""},
        {POD KUBELET "maxPod: 5\n", "did you mean \"maxPods\"?"},
        {POD KUBELET "maxPods: -1\n", "s.yaml:9:10: error[PS105]: maxPods: -1 must not be a negative number"},
        {POD KUBELET "oomScoreAdj: 2000\n", "oomScoreAdj: 2000 must be between -1000 and 1000, inclusive"},
        {POD KUBELET "topologyManagerPolicy: numa\n", "topologyManagerPolicy: Unsupported value: \"numa\""},
        {POD KUBELET "authentication: {anonymous: {enabld: true}}\n",
         "unknown field \"authentication.anonymous.enabld\""},
        {POD KUBELET "syncFrequency: soon\n", "s.yaml:9:16: error[PS105]: syncFrequency: Invalid value: soon"},
        {POD KUBELET "systemReserved: {disk: 1Gi}\n", "systemReserved[disk]: cannot reserve \"disk\" resource"},
        {POD KUBELET "kubeReserved: {cpu: lots}\n", "failed to parse quantity \"lots\" for \"cpu\" resource"},
        {POD KUBELET "kubeReserved: {cpu: '-1'}\n", "resource quantity for \"cpu\" cannot be negative: -1"},
        {POD KUBELET "featureGates: [a]\n", "featureGates: want a map of feature gates to true or false"},
        {POD KUBELET "featureGates: {SidecarContainers: 'yes'}\n",
         "featureGates[SidecarContainers]: want true or false"},
        {SCENARIO "spec: {featureGates: {SidecarContainers: false}, kubernetesVersion: '1.30'}\n---\n" POD KUBELET
                  "featureGates: {SidecarContainers: true}\n",
         "featureGates[SidecarContainers]: spec.featureGates says false"},
        {SCENARIO
         "spec: {kubernetesVersion: '1.34', kubelet: {crashLoopBackOff: {maxContainerRestartPeriod: 9s}}}\n---\n" POD,
         "s.yaml:3:91: error[PS105]: spec.kubelet.crashLoopBackOff.maxContainerRestartPeriod: FeatureGate"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        tap_row("%zu: %s", i, rows[i].want);
        CHECK_INT(load(rows[i].text), -1);
        CHECK_CONTAINS(messages(), rows[i].want);
    }
}

static void the_kubelet_says_what_nodes_take(void)
{
    if (!loads(SCENARIO "spec: {nodes: [{}, {cpu: 2, name: small}, {pods: 7, name: few}]}\n---\n" POD KUBELET
                        "maxPods: 30\npodsPerCore: 10\nsystemReserved: {cpu: 500m, memory: 1Gi}\n"
                        "kubeReserved: {cpu: 100m, ephemeral-storage: 200Gi}\n"
                        "registerWithTaints: [{key: a, value: b, effect: NoSchedule}]\n"))
        return;
    CHECK_STR(amount(&node_at(0)->status.capacity, "pods"), "30");
    CHECK_STR(amount(&node_at(1)->status.capacity, "pods"), "20");
    CHECK_STR(amount(&node_at(2)->status.capacity, "pods"), "7");
    CHECK_STR(amount(&node_at(1)->status.capacity, "cpu"), "2");
    CHECK_STR(amount(&node_at(1)->status.allocatable, "cpu"), "1400m");
    CHECK_STR(amount(&node_at(1)->status.allocatable, "memory"), "15Gi");
    CHECK_STR(amount(&node_at(1)->status.allocatable, "ephemeral-storage"), "0");
    CHECK_INT(node_at(0)->spec.taints.count, 1);
    CHECK_STR(node_at(0)->spec.taints.items[0].key, "a");
}

/* ---- nodes ---- */

static void a_node_has_what_the_scenario_says(void)
{
    if (!loads(SCENARIO "spec:\n  nodes:\n"
                        "  - name: gpu\n"
                        "    capacity: {nvidia.com/gpu: 2, ephemeral-storage: 50Gi, memory: 4Gi}\n"
                        "    allocatable: {nvidia.com/gpu: 1, cpu: 3}\n"
                        "    images: ['nginx:1.27', redis]\n"
                        "    labels: {disk: ssd}\n"
                        "    taints: [{key: gpu, effect: NoExecute}]\n"
                        "---\n" POD))
        return;
    const struct node *n = node_at(0);
    CHECK_STR(amount(&n->status.capacity, "nvidia.com/gpu"), "2");
    CHECK_STR(amount(&n->status.capacity, "ephemeral-storage"), "50Gi");
    CHECK_STR(amount(&n->status.capacity, "memory"), "4Gi");
    CHECK_STR(amount(&n->status.capacity, "cpu"), "4");
    CHECK_STR(amount(&n->status.allocatable, "nvidia.com/gpu"), "1");
    CHECK_STR(amount(&n->status.allocatable, "cpu"), "3");
    CHECK_STR(amount(&n->status.allocatable, "memory"), "4Gi");
    CHECK_INT(n->status.images.count, 2);
    CHECK_STR(n->status.images.items[1].names.items[0], "redis");
    CHECK_STR(n->spec.taints.items[0].effect, "NoExecute");
    for (uint32_t i = 1; i < n->status.capacity.count; i++) /* as the API server prints them */
        CHECK(strcmp(n->status.capacity.items[i - 1].key, n->status.capacity.items[i].key) < 0);
}

static void mistakes_of_nodes_are_placed(void)
{
    static const struct {
        const char *node, *want;
    } rows[] = {
        {"{cpu: 2, capacity: {cpu: 4}}", "spec.nodes[0].capacity[cpu]: the field cpu of the node says this, too"},
        {"{capacity: {nvidia.com/gpu: -1}}", "spec.nodes[0].capacity[nvidia.com/gpu]: Invalid value: \"-1\""},
        {"{allocatable: {cpu: lots}}", "spec.nodes[0].allocatable[cpu]: "},
        {"{images: ['']}", "spec.nodes[0].images[0]: want the name of an image, such as nginx:1.27"},
        {"{taints: [{key: a}]}", "spec.nodes[0].taints[0].effect: Required value"},
        {"{taints: [{key: a, effect: NoSchedul}]}", "did you mean \"NoSchedule\"?"},
        {"{labels: {a: 1}}", "spec.nodes[0].labels[a]: want text, got a number"},
        {"{cpus: 4}", "did you mean \"cpu\"?"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        tap_row("%s", rows[i].node);
        CHECK_INT(load(arena_printf(&arena, SCENARIO "spec: {nodes: [%s]}\n---\n" POD, rows[i].node)), -1);
        CHECK_CONTAINS(messages(), rows[i].want);
    }
}

int main(void)
{
    static const struct tap_test tests[] = {
        TAP_TEST(a_kubelet_configuration_is_a_document_or_a_field),
        TAP_TEST(fields_without_effect_are_listed),
        TAP_TEST(gates_of_the_kubelet_are_the_clusters),
        TAP_TEST(mistakes_of_kubelets_are_placed),
        TAP_TEST(the_kubelet_says_what_nodes_take),
        TAP_TEST(a_node_has_what_the_scenario_says),
        TAP_TEST(mistakes_of_nodes_are_placed),
    };
    arena_init(&arena, 0);
    diag_init(&diags);
    return tap_run(tests, ARRAY_LEN(tests));
}
