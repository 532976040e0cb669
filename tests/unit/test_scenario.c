/* Scenario documents: what they set, what is assumed, and how mistakes are told. */
#include "model/scenario.h"
#include "tests/unit/tap.h"

#include "model/diag.h"

static struct arena arena;
static struct diag_set diags;
static struct scenario scenario;

static int one_file(void *ctx, struct arena *a, const char *path, const char **ret_text, size_t *ret_len,
                    const char **ret_error)
{
    static const char text[] = "{apiVersion: v1, kind: ConfigMap, metadata: {name: from-file}}";
    (void)ctx, (void)a;
    if (strcmp(path, "cm.yaml") != 0) {
        *ret_error = "No such file or directory";
        return -1;
    }
    *ret_text = text;
    *ret_len = sizeof text - 1;
    return 0;
}

static int load_inputs(const struct scenario_input *inputs, uint32_t count)
{
    diag_fini(&diags);
    diag_init(&diags);
    return scenario_load(&arena, &diags, inputs, count, one_file, NULL, &scenario);
}

static int load(const char *text)
{
    struct scenario_input in = {"s.yaml", text, strlen(text)};
    return load_inputs(&in, 1);
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

static void a_manifest_needs_no_scenario(void)
{
    if (!CHECK_INT(load(POD), 0)) {
        printf("# %s\n", messages());
        return;
    }
    CHECK_STR(scenario.name, "s.yaml");
    CHECK_INT(scenario.has_until, false);
    CHECK_INT(scenario.profile, PROFILE_TYPICAL);
    CHECK_INT(scenario.epoch, 1767225600); /* 2026-01-01T00:00:00Z */
    CHECK_STR(scenario.kubernetes_version, "1.36");
    CHECK_INT(scenario.objects.count, 1);
    CHECK_INT(scenario.nodes.count, 1);
    const struct node *n = scenario.nodes.items[0];
    CHECK_STR(n->object.meta.name, "node1");
    CHECK_STR(n->status.capacity.items[0].key, "cpu");
    CHECK_STR(n->status.capacity.items[0].value.text, "4");
    CHECK_STR(n->status.capacity.items[2].value.text, "16Gi");
    CHECK_STR(n->status.capacity.items[3].value.text, "110");
    CHECK_STR(str_map_get(&n->object.meta.labels, "kubernetes.io/hostname"), "node1");
    CHECK_INT(n->status.conditions.count, 4);
}

static void the_spec_sets_everything(void)
{
    CHECK_INT(load(SCENARIO
                   "metadata: {name: demo}\n"
                   "spec:\n"
                   "  description: what it shows\n"
                   "  duration: 1m30s\n"
                   "  seed: 7\n"
                   "  startTime: 2030-05-06T07:08:09Z\n"
                   "  timing: {profile: instant}\n"
                   "  kubernetesVersion: v1.36.2\n"
                   "  nodes:\n"
                   "  - {name: big, cpu: 16, memory: 64Gi, pods: 10, labels: {disk: ssd}, taints: [{key: a, effect: "
                   "NoSchedule}]}\n"
                   "  - {name: w, count: 2}\n"
                   "  - {}\n"
                   "  images:\n"
                   "  - {name: web, startup: 5s, port: 8080, pull: 2s, size: 10Mi, cmd: [serve], stopSignal: SIGQUIT}\n"
                   "  - {name: gone, missing: true}\n"
                   "  - {name: sick, pullError: no space left}\n"
                   "---\n" POD),
              0);
    CHECK_STR(scenario.name, "demo");
    CHECK_STR(scenario.description, "what it shows");
    CHECK_INT(scenario.until, 90 * SIM_SECOND);
    CHECK_UINT(scenario.seed, 7);
    CHECK_INT(scenario.epoch, 1904281689);
    CHECK_INT(scenario.profile, PROFILE_INSTANT);
    CHECK_INT(scenario.nodes.count, 4);
    if (scenario.nodes.count != 4 || scenario.images.entries.count != 3)
        return;
    static const char *const names[] = {"big", "w1", "w2", "node4"};
    for (int i = 0; i < 4; i++)
        CHECK_STR(scenario.nodes.items[i]->object.meta.name, names[i]);
    CHECK_STR(scenario.nodes.items[0]->status.allocatable.items[0].value.text, "16");
    CHECK_STR(str_map_get(&scenario.nodes.items[0]->object.meta.labels, "disk"), "ssd");
    CHECK_STR(scenario.nodes.items[0]->spec.taints.items[0].effect, "NoSchedule");
    const struct image *web = image_find(&scenario.images, "web");
    CHECK_INT(web->start_ms, 5000);
    CHECK_INT(image_port(web), 8080);
    CHECK_INT(web->pull_ms, 2000);
    CHECK_INT(web->size_bytes, 10485760);
    CHECK_STR(web->cmd[0], "serve");
    CHECK_STR(web->stop_signal, "SIGQUIT");
    CHECK_INT(web->generic, true);
    CHECK(image_find(&scenario.images, "gone")->missing);
    CHECK_STR(image_find(&scenario.images, "sick")->pull_error, "no space left");
}

static void a_missing_image_is_named_as_it_was_asked_for(void)
{
    static const struct {
        const char *asked, *full;
    } rows[] = {
        {"gone", "docker.io/library/gone:latest"},   {"gone:v3", "docker.io/library/gone:v3"},
        {"team/gone:v3", "docker.io/team/gone:v3"},  {"quay.io/team/gone", "quay.io/team/gone:latest"},
        {"localhost/gone", "localhost/gone:latest"},
    };
    CHECK_INT(load(SCENARIO "spec: {images: [{name: gone, missing: true}]}\n---\n" POD), 0);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char want[256];
        snprintf(
            want, sizeof want,
            "rpc error: code = NotFound desc = failed to pull and unpack image \"%s\": failed to resolve reference "
            "\"%s\": %s: not found",
            rows[i].full, rows[i].full, rows[i].full);
        CHECK(image_find(&scenario.images, rows[i].asked)->missing);
        CHECK_STR(image_not_found_error(&arena, rows[i].asked), want);
    }
}

static void versions_are_those_modelled(void)
{
    static const struct {
        const char *written, *version, *kubelet;
    } rows[] = {
        {"1.34", "1.34", "v1.34.0"},     {"'1.35'", "1.35", "v1.35.0"},       {"v1.36", "1.36", "v1.36.0"},
        {"1.35.2", "1.35.2", "v1.35.2"}, {"v1.34.11", "1.34.11", "v1.34.11"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char text[256];
        tap_row("%s", rows[i].written);
        snprintf(text, sizeof text, SCENARIO "spec: {kubernetesVersion: %s}\n---\n" POD, rows[i].written);
        if (!CHECK_INT(load(text), 0))
            continue;
        CHECK_STR(scenario.kubernetes_version, rows[i].version);
        CHECK_STR(value_get(scenario.nodes.items[0]->status.node_info, "kubeletVersion")->text, rows[i].kubelet);
    }
}

/* An entry that does not say what is in an unknown image leaves it the server it would have been. */
static void an_unknown_image_stays_a_server(void)
{
    CHECK_INT(load(SCENARIO "spec:\n  images:\n  - {name: slow, pull: 8s}\n  - {name: app, cmd: [serve]}\n---\n" POD),
              0);
    CHECK_INT(image_find(&scenario.images, "slow:v1")->generic, true);
    CHECK_INT(image_find(&scenario.images, "slow:v1")->pull_ms, 8000);
    CHECK_INT(image_find(&scenario.images, "app")->generic, true);
    CHECK_STR(image_find(&scenario.images, "app")->program, "server");
    CHECK_INT(load(SCENARIO "spec:\n  images:\n  - {name: tool, entrypoint: [/bin/sh]}\n---\n" POD), 0);
    CHECK_INT(image_find(&scenario.images, "tool")->generic, false);
    CHECK(image_find(&scenario.images, "tool")->program == NULL);
    CHECK_INT(
        load(SCENARIO "spec:\n  images:\n  - {name: bare, userland: none}\n  - {name: nginx, size: 1Gi}\n---\n" POD),
        0);
    CHECK_INT(image_find(&scenario.images, "bare")->generic, false);
    CHECK_INT(image_find(&scenario.images, "nginx")->generic, false);
}

static void actions_are_sorted_by_time_then_writing(void)
{
    CHECK_INT(load(SCENARIO "spec:\n"
                            "  manifests: {inline.yaml: '{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}'}\n"
                            "  actions:\n"
                            "  - {at: 20s, kubectl: get pods}\n"
                            "  - {at: 5, kubectl: kubectl delete pod web}\n"
                            "  - at: 20s\n"
                            "    kubectl: [apply -f inline.yaml, create -f cm.yaml]\n"
                            "---\n" POD),
              0);
    CHECK_INT(scenario.actions.count, 4);
    if (scenario.actions.count != 4)
        return;
    static const char *const lines[] = {"delete pod web", "get pods", "apply -f inline.yaml", "create -f cm.yaml"};
    for (int i = 0; i < 4; i++)
        CHECK_STR(scenario.actions.items[i].line, lines[i]);
    CHECK_INT(scenario.actions.items[0].at, 5 * SIM_SECOND);
}

static void a_late_action_extends_the_run(void)
{
    CHECK_INT(load(SCENARIO "spec: {actions: [{at: 20m, kubectl: get pods}]}\n---\n" POD), 0);
    CHECK_INT(scenario.has_until, true);
    CHECK_INT(scenario.until, 1500 * SIM_SECOND);
    CHECK_INT(load(SCENARIO "spec: {duration: 10s, actions: [{at: 20s, kubectl: get pods}]}\n---\n" POD), 0);
    CHECK_CONTAINS(messages(), "this action comes after the end of the scenario");
}

static void node_documents_are_nodes(void)
{
    CHECK_INT(load("apiVersion: v1\nkind: Node\nmetadata: {name: mine, labels: {a: b}}\n---\n" POD), 0);
    CHECK_INT(scenario.nodes.count, 1);
    CHECK_INT(scenario.objects.count, 1);
    CHECK_STR(scenario.nodes.items[0]->object.meta.name, "mine");
    CHECK_INT(scenario.nodes.items[0]->status.conditions.count, 4);
}

static void files_add_up(void)
{
    static const char a[] = POD, b[] = SCENARIO "metadata: {name: second}\n";
    struct scenario_input in[] = {{"a.yaml", a, sizeof a - 1}, {"b.yaml", b, sizeof b - 1}};
    CHECK_INT(load_inputs(in, 2), 0);
    CHECK_STR(scenario.name, "second");
    CHECK_INT(scenario.objects.count, 1);
}

static void mistakes_are_placed(void)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        {SCENARIO "spec: {durration: 5s}\n---\n" POD, "s.yaml:3:8: error[PS102]: "},
        {SCENARIO "spec: {durration: 5s}\n---\n" POD, "did you mean \"duration\"?"},
        {SCENARIO "spec: {duration: soon}\n---\n" POD, "s.yaml:3:18: error[PS105]: "},
        {SCENARIO "spec: {kubernetesVersion: '1.20'}\n---\n" POD,
         "s.yaml:3:27: error[PS105]: spec.kubernetesVersion: want Kubernetes 1.24 to 1.36, whose semantics are "
         "modelled, got "
         "\"1.20\""},
        {SCENARIO "spec: {kubernetesVersion: 1.37}\n---\n" POD, "got \"1.37\""},
        {SCENARIO "spec: {kubernetesVersion: 1.36-rc1}\n---\n" POD, "got \"1.36-rc1\""},
        {SCENARIO "spec: {kubernetesVersion: 1.36.}\n---\n" POD, "got \"1.36.\""},
        {SCENARIO "spec: {kubernetesVersion: 36}\n---\n" POD, "got \"36\""},
        {SCENARIO "spec: {kubernetesVersion: [1.36]}\n---\n" POD, "want a Kubernetes version: 1.24 to 1.36"},
        {SCENARIO "spec: {timing: {profile: instnt}}\n---\n" POD, "Unsupported value: \"instnt\""},
        {SCENARIO "spec: {nodes: [{name: a}, {name: a}]}\n---\n" POD, "node \"a\" is given twice"},
        {SCENARIO "spec: {duration: -5s}\n---\n" POD,
         "spec.duration: Invalid value: -5s: must be greater than or equal to 0"},
        {SCENARIO "spec: {actions: [{at: -1s, kubectl: get pods}]}\n---\n" POD,
         "s.yaml:3:23: error[PS105]: spec.actions[0].at: Invalid value: -1s"},
        {SCENARIO "spec: {actions: [{at: 1s, kubectl: kubectl}]}\n---\n" POD,
         "want a kubectl command such as \"delete pod web\""},
        {SCENARIO "spec: {manifests: {a: ''}, actions: [{at: 1s, kubectl: apply -f a}]}\n---\n" POD,
         "there is no object in \"a\""},
        {SCENARIO "spec: {nodes: [{name: Big_1}]}\n---\n" POD, "spec.nodes[0].name: Invalid value: \"Big_1\""},
        {SCENARIO "spec: {nodes: [{cpu: -4}]}\n---\n" POD, "spec.nodes[0].cpu: Invalid value: \"-4\""},
        {SCENARIO "spec: {images: [{name: a}, {name: a}]}\n---\n" POD, "spec.images[1].name: Duplicate value: \"a\""},
        {SCENARIO "spec: {images: [{name: a, stopSignal: SIGFOO}]}\n---\n" POD,
         "want a signal such as SIGTERM or SIGQUIT"},
        {"kind: Scenario\n---\n" POD, "add \"apiVersion: podsim.dev/v1\""},
        {SCENARIO "spec: {nodes: [{count: 0}]}\n---\n" POD, "spec.nodes[0].count"},
        {SCENARIO "spec: {images: [{missing: true}]}\n---\n" POD, "spec.images[0].name: Required value"},
        {SCENARIO "spec: {actions: [{kubectl: get pods}]}\n---\n" POD, "spec.actions[0].at: Required value"},
        {SCENARIO "spec: {actions: [{at: 5s}]}\n---\n" POD, "spec.actions[0].kubectl: Required value"},
        {SCENARIO "spec: {actions: [{at: 5s, kubectl: {}}]}\n---\n" POD,
         "want a kubectl command line, or a list of them"},
        {SCENARIO "spec: {actions: [{at: 5s, kubectl: delete pdo web}]}\n---\n" POD, "s.yaml:3:43: error[PS120]: "},
        {SCENARIO "spec: {actions: [{at: 5s, kubectl: 'delete pdo web'}]}\n---\n" POD, "s.yaml:3:44: error[PS120]: "},
        {SCENARIO "spec: {actions: [{at: 5s, kubectl: apply -f no.yaml}]}\n---\n" POD, "cannot read \"no.yaml\""},
        {SCENARIO "---\n" SCENARIO "---\n" POD, "s.yaml:4:1: error[PS107]: only one Scenario document may be given"},
        {"apiVersion: podsim.dev/v2\nkind: Scenario\n---\n" POD, "want apiVersion podsim.dev/v1 and kind Scenario"},
        {POD "---\n" POD, "s.yaml:7:1: error[PS107]: pods \"web\" already exists"},
        {POD "---\n" POD, "s.yaml:1:1: note: the first one is here"},
        {SCENARIO "spec: {actions: [{at: 5s, fault: container memory web}]}\n---\n" POD,
         "s.yaml:3:44: error[PS120]: want --use and an amount of memory after \"container memory\""},
        {SCENARIO "spec: {actions: [{at: 5s, fault: container memory web --use lots}]}\n---\n" POD,
         "want an amount of memory such as 300Mi, got \"lots\""},
        {SCENARIO "spec: {actions: [{at: 5s, fault: registry push}]}\n---\n" POD,
         "want the name of an image after \"registry push\""},
        {SCENARIO "spec: {actions: [{at: 5s, fault: registry down web}]}\n---\n" POD,
         "\"registry down\" takes no name"},
        {SCENARIO "spec: {actions: [{at: 5s, fault: sandbox kill}]}\n---\n" POD,
         "want the name of a pod after \"sandbox kill\""},
        {SCENARIO "spec: {images: [{name: a, memory: [{at: 2s, use: 1Mi}, {at: 2s, use: 2Mi}]}]}\n---\n" POD,
         "spec.images[0].memory[1].at: want a time after that of the point before"},
        {SCENARIO
         "spec: {kubernetesVersion: 1.34, kubelet: {crashLoopBackOff: {maxContainerRestartPeriod: 9s}}}\n---\n" POD,
         "FeatureGate KubeletCrashLoopBackOffMax not enabled, must not be set"},
        {SCENARIO, "nothing to simulate"},
        {"", "nothing to simulate: there is no object and no action in s.yaml"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        tap_row("%zu: %.60s", i, rows[i].text + (strncmp(rows[i].text, SCENARIO, 40) == 0 ? strlen(SCENARIO) : 0));
        CHECK_INT(load(rows[i].text), -1);
        CHECK_CONTAINS(messages(), rows[i].want);
    }
}

#define WITH(version, rest)                                                                                            \
    SCENARIO "spec: {kubernetesVersion: " version "}\n---\n"                                                           \
             "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n" rest

/* Fields whose feature gate is off: dropped with a warning, or refused in the API server's words. */
static void fields_go_with_their_feature_gates(void)
{
    static const char app[] = "a dropped field is no error";
    static const struct {
        const char *text, *want;
        int result;
    } rows[] = {
        {WITH("1.36", "  containers: [{name: a, image: b, lifecycle: {stopSignal: SIGUSR1}}]\n"),
         "s.yaml:9:48: warning[PS201]: spec.containers[0].lifecycle.stopSignal: the API server drops it, feature gate "
         "ContainerStopSignals is off in Kubernetes 1.36",
         0},
        {WITH("1.27", "  containers: [{name: a, image: b}]\n  initContainers: [{name: s, image: b, restartPolicy: "
                      "Always}]\n"),
         "spec.initContainers[0].restartPolicy: Kubernetes 1.27 does not know this field (since 1.28), it is dropped",
         0},
        {WITH("1.29", "  containers: [{name: a, image: b, restartPolicy: Never}]\n"),
         "error[PS108]: spec.containers[0].restartPolicy: Forbidden: may not be set for non-init containers", -1},
        {WITH("1.29",
              "  containers: [{name: a, image: b}]\n  initContainers: [{name: s, image: b, restartPolicy: Never}]\n"),
         "error[PS106]: spec.initContainers[0].restartPolicy: Unsupported value: \"Never\": supported values: "
         "\"Always\"",
         -1},
        {WITH("1.34", "  containers: [{name: a, image: b, restartPolicy: Never}]\n"),
         "warning[PS201]: spec.containers[0].restartPolicy: the API server drops it, feature gate "
         "ContainerRestartRules is "
         "off",
         0},
        {WITH("1.32", "  containers: [{name: a, image: b, lifecycle: {preStop: {sleep: {seconds: 0}}}}]\n"),
         "spec.containers[0].lifecycle.preStop.sleep.seconds: Invalid value: 0: must be greater than 0 and less than "
         "terminationGracePeriodSeconds (30)",
         -1},
        {WITH("1.35", "  containers: [{name: a, image: b, restartPolicy: Never, restartPolicyRules: [{action: "
                      "RestartAllContainers, exitCodes: {operator: In, values: [1]}}]}]\n"),
         "spec.containers[0].restartPolicyRules[0].action: Unsupported value: \"RestartAllContainers\": supported "
         "values: "
         "\"Restart\"",
         -1},
        {WITH("1.36", "  containers: [{name: a, image: b}]\n  ephemeralContainers: [{name: d, image: b}]\n"),
         "s.yaml:10:3: error[PS108]: spec.ephemeralContainers: Forbidden: cannot be set on create", -1},
        {WITH("1.33", "  resources: {limits: {cpu: 1}}\n  containers: [{name: a, image: b}]\n"),
         "warning[PS201]: spec.resources: the API server drops it, feature gate PodLevelResources is off in Kubernetes "
         "1.33",
         0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        tap_row("%zu: %s", i, rows[i].want);
        CHECK_INT(load(rows[i].text), rows[i].result);
        CHECK_CONTAINS(messages(), rows[i].want);
    }
    tap_row("%s", app);
    CHECK_INT(load(WITH("1.36", "  containers: [{name: a, image: b, lifecycle: {preStop: {sleep: {seconds: 0}}}}]\n")),
              0);
    CHECK_STR(messages(), "");
}

static void single_latencies_can_be_given(void)
{
    CHECK_INT(
        load(SCENARIO "spec: {timing: {profile: ref, latencies: {sandboxCreate: 1.5s, apiWrite: 0s}}}\n---\n" POD), 0);
    CHECK_INT(scenario.latencies[HOP_SANDBOX_CREATE], 1500 * SIM_MS);
    CHECK_INT(scenario.latencies[HOP_API_WRITE], 0);
    CHECK_INT(scenario.latencies[HOP_DNS_APPLY], SIM_NEVER);
    CHECK_INT(load(SCENARIO "spec: {timing: {latencies: {sandboxCreate: -1s}}}\n---\n" POD), -1);
    CHECK_CONTAINS(messages(), "spec.timing.latencies.sandboxCreate: Invalid value: -1s");
    CHECK_INT(load(SCENARIO "spec: {timing: {latencies: {sandboxcreate: 1s}}}\n---\n" POD), -1);
    CHECK_CONTAINS(messages(), "sandboxCreate");
}

static void all_mistakes_come_at_once(void)
{
    CHECK_INT(load(SCENARIO
                   "spec: {duration: soon, actions: [{at: 5s, kubectl: delte pod web}]}\n---\n"
                   "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: a, imag: nginx}]}\n"),
              -1);
    CHECK_CONTAINS(messages(), "soon");
    CHECK_CONTAINS(messages(), "unknown command \"delte\"");
    CHECK_CONTAINS(messages(), "imag");
}

static void unmodelled_fields_are_listed_once(void)
{
    CHECK_INT(load("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {runtimeClassName: x, containers: "
                   "[{name: a, image: nginx}]}\n---\n"
                   "apiVersion: v1\nkind: Pod\nmetadata: {name: b}\nspec: {runtimeClassName: x, containers: "
                   "[{name: a, image: nginx}]}\n"),
              0);
    CHECK_INT(scenario.unmodelled.count, 1);
    if (scenario.unmodelled.count)
        CHECK_STR(scenario.unmodelled.items[0], "spec.runtimeClassName (pod a, pod b)");
}

/* ---- cases ---- */

static const char matrix[] =
    SCENARIO "spec:\n"
             "  parameters:\n"
             "    grace: [5, 30]\n"
             "    image: [\"nginx:1.27\", 'a b']\n"
             "    k: {from: 1, to: 5, step: 2}\n"
             "  exclude:\n"
             "  - {grace: 5, image: a b}\n"
             "  - {k: 3, grace: 30}\n"
             "  seed: ${{k}}\n"
             "---\n"
             "apiVersion: v1\nkind: Pod\n"
             "metadata: {name: \"web-${{ k }}\", labels: {g: \"${{grace}}\"}, annotations: {l: \"$${{k}}\"}}\n"
             "spec:\n"
             "  terminationGracePeriodSeconds: ${{grace}}\n"
             "  containers: [{name: a, image: \"${{image}}\", args: [\"${{k}}/${{grace}}\"]}]\n";

static const char *labels(const char *text, bool for_file)
{
    struct scenario_input in = {"s.yaml", text, strlen(text)};
    const struct scenario_source source = {.inputs = &in, .count = 1};
    struct scenario_outline o;
    struct strbuf b = STRBUF_INIT;
    diag_fini(&diags);
    diag_init(&diags);
    if (scenario_outline(&arena, &diags, &source, &o) < 0)
        return messages();
    for (uint32_t i = 0; i < o.cases.count; i++)
        strbuf_printf(&b, "%s%s", i ? " " : "", for_file ? o.cases.items[i].file_label : o.cases.items[i].label);
    const char *list = arena_strdup(&arena, strbuf_str(&b));
    strbuf_fini(&b);
    return list;
}

static void a_case_is_a_combination_that_is_not_excluded(void)
{
    CHECK_STR(labels(matrix, false),
              "grace=5,image=nginx:1.27,k=1 grace=5,image=nginx:1.27,k=3 grace=5,image=nginx:1.27,k=5 "
              "grace=30,image=nginx:1.27,k=1 grace=30,image=nginx:1.27,k=5 "
              "grace=30,image=\"a b\",k=1 grace=30,image=\"a b\",k=5");
    CHECK_STR(labels(POD, false), "");
    CHECK_STR(labels(SCENARIO "spec: {parameters: {a: x}}\n", false), "a=x");
    CHECK_STR(labels(SCENARIO "spec: {parameters: {a: ['x,y', '', ~, yes, 1.50, 0x10]}}\n", false),
              "a=\"x,y\" a= a=null a=yes a=1.50 a=0x10");
    CHECK_STR(labels(SCENARIO "spec: {parameters: {a: {from: -1, to: 1}}}\n", false), "a=-1 a=0 a=1");
}

/* No two cases of a file share their expected timelines, and --set changes no case's name. */
static void names_of_files_are_plain_and_different(void)
{
    CHECK_STR(labels(SCENARIO "spec: {parameters: {i: ['a/b:c', 'a b', 'a_b', 'a-b', 'a:b']}}\n", true),
              "i=a-b-c i=a-b i=a_b i=a-b~2 i=a-b~3");
    CHECK_STR(labels(SCENARIO "spec: {parameters: {i: 1234567890123456789012345678901234567890123456789}}\n", true),
              "i=1234567890123456789012345678901234567890~37b529f9");
    CHECK_INT(
        strlen(labels(SCENARIO "spec: {parameters: {i: 123456789012345678901234567890123456789012345678}}\n", true)),
        50);
}

static int load_with(const char *text, const char *const *settings, uint32_t count)
{
    struct parameter_setting list[8];
    struct scenario_input in = {"dir/s.yaml", text, strlen(text)};
    for (uint32_t i = 0; i < count; i++)
        list[i] = (struct parameter_setting){settings[2 * i], settings[2 * i + 1]};
    const struct scenario_source source = {
        .inputs = &in, .count = 1, .read_file = one_file, .settings = {list, count}, .command = "podsim logs"};
    diag_fini(&diags);
    diag_init(&diags);
    return scenario_load_source(&arena, &diags, &source, &scenario);
}

static void the_values_of_a_case_stand_in_its_documents(void)
{
    static const char *const good[] = {"k", "5", "grace", "30", "image", "httpd"};
    if (!CHECK_INT(load_with(matrix, good, 3), 0)) {
        printf("# %s\n", messages());
        return;
    }
    const struct pod *pod = (const struct pod *)scenario.objects.items[0];
    CHECK_STR(scenario.case_label, "grace=30,image=httpd,k=5");
    CHECK_UINT(scenario.seed, 5);
    CHECK_STR(pod->object.meta.name, "web-5");
    CHECK_STR(str_map_get(&pod->object.meta.labels, "g"), "30"); /* where text is wanted */
    CHECK_STR(str_map_get(&pod->object.meta.annotations, "l"), "${{k}}");
    CHECK_INT(pod->spec.termination_grace_period_seconds.value, 30);
    CHECK_STR(pod->spec.containers.items[0].image, "httpd");
    CHECK_STR(pod->spec.containers.items[0].args.items[0], "5/30");
    CHECK_STR(messages(), "");
}

static void every_case_of_an_outline_can_be_loaded(void)
{
    struct scenario_input in = {"s.yaml", matrix, strlen(matrix)};
    struct scenario_source source = {.inputs = &in, .count = 1};
    struct scenario_outline o;
    CHECK_INT(scenario_outline(&arena, &diags, &source, &o), 0);
    CHECK(o.is_scenario);
    for (uint32_t i = 0; i < 3; i++) { /* those with an image that there can be */
        source.settings = o.cases.items[i].settings;
        CHECK_INT(scenario_load_source(&arena, &diags, &source, &scenario), 0);
        CHECK_STR(scenario.case_label, o.cases.items[i].label);
        CHECK_UINT(scenario.seed, 2 * i + 1);
    }
}

static void who_has_not_chosen_is_told_how(void)
{
    CHECK_INT(load_with(matrix, NULL, 0), -1);
    CHECK_CONTAINS(messages(), "dir/s.yaml:4:3: error[PS114]: this scenario has 7 cases: choose one with --set\n");
    CHECK_CONTAINS(messages(), "= help: podsim logs dir/s.yaml --set grace=5 --set image=nginx:1.27 --set k=1\n");
    CHECK_CONTAINS(messages(), "dir/s.yaml:6:5: note: image is one of nginx:1.27, a b\n");
    static const char *const left[] = {"k", "3", "grace", "5"};
    CHECK_INT(load_with(matrix, left, 2), 0); /* the other image is excluded */
    static const char *const none[] = {"k", "3", "grace", "30"};
    CHECK_INT(load_with(matrix, none, 2), -1);
    CHECK_CONTAINS(messages(), "no case is left");
}

static void mistakes_in_parameters_are_placed(void)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"spec: {parameters: [a]}\n---\n" POD, "s.yaml:3:20: error[PS105]: spec.parameters: want a map of names"},
        {"spec: {parameters: {a: []}}\n---\n" POD, "spec.parameters[a]: want at least one value"},
        {"spec: {parameters: {a: [1, [2]]}}\n---\n" POD, "spec.parameters[a][1]: want a single value"},
        {"spec: {parameters: {a: [1, '1']}}\n---\n" POD, "s.yaml:3:28: error[PS107]: spec.parameters[a][1]: Duplicate"},
        {"spec: {parameters: {a b: 1}}\n---\n" POD, "s.yaml:3:21: error[PS105]: want letters, digits"},
        {"spec: {parameters: {1a: 1}}\n---\n" POD, "want letters, digits"},
        {"spec: {parameters: {n: 1}}\n---\n" POD,
         "s.yaml:3:21: error[PS105]: YAML reads this name as \"false\": quote it"},
        {"spec: {parameters: {a: 1}, seed: ${{a}}}\n---\n" POD,
         "= help: quote it in braces and brackets: \"${{name}}\""},
        {"spec: {parameters: {a: {from: 1}}}\n---\n" POD, "spec.parameters[a].to: Required value: the last value"},
        {"spec: {parameters: {a: {from: 1, to: x}}}\n---\n" POD, "spec.parameters[a].to: want a whole number"},
        {"spec: {parameters: {a: {from: 2, to: 1}}}\n---\n" POD,
         "spec.parameters[a].to: want no less than from, got 1"},
        {"spec: {parameters: {a: {from: 1, to: 2, step: 0}}}\n---\n" POD, "spec.parameters[a].step: want at least 1"},
        {"spec: {parameters: {a: {from: 1, too: 2}}}\n---\n" POD,
         "s.yaml:3:34: error[PS102]: unknown field \"too\": a range has from, to and step"},
        {"spec: {parameters: {a: {from: 0, to: 10000}}}\n---\n" POD, "10001 values are too many"},
        {"spec: {parameters: {a: {from: 1, to: 200}, b: {from: 1, to: 200}}}\n---\n" POD,
         "s.yaml:3:8: error[PS109]: too many cases: want at most 10000"},
        {"spec: {parameters: {a: 1}, exclude: {a: 1}}\n---\n" POD, "spec.exclude: want a list of combinations"},
        {"spec: {parameters: {a: 1}, exclude: [a]}\n---\n" POD, "spec.exclude[0]: want a map of parameters to values"},
        {"spec: {parameters: {grace: 1}, exclude: [{grcae: 1}]}\n---\n" POD, "did you mean \"grace\"?"},
        {"spec: {parameters: {a: 1}, exclude: [{a: 2}]}\n---\n" POD, "spec.exclude[0][a]: \"2\" is no value of this"},
        {"spec: {parameters: {a: 1}, exclude: [{a: 1}]}\n---\n" POD,
         "no case is left: spec.exclude leaves out this one"},
        {"spec: {parameters: {grace: 1}, seed: \"${{grcae}}\"}\n---\n" POD,
         "s.yaml:3:39: error[PS112]: there is no parameter \"grcae\" in this scenario"},
        {"spec: {parameters: {a: 1}, description: 'x ${{a'}\n---\n" POD, "s.yaml:3:44: error[PS105]: ${{ without }}"},
        {"spec: {parameters: {a: 1}, description: '${{ }}'}\n---\n" POD, "there is no parameter \"\""},
        {"spec: {parameters: {a: 1}, manifests: {'${{a}}': x}}\n---\n" POD, "a parameter cannot be part of a key"},
        {"spec: {parameters: {a: [yes]}, seed: '${{a}}'}\n---\n" POD,
         "s.yaml:3:25: note: parameter a is yes, from here"},
        {"spec: {parameters: {a: now}, actions: [{at: 1s, kubectl: 'delete pod web --${{a}} --nwo'}]}\n---\n" POD,
         "s.yaml:3:83: error[PS120]: unknown flag: --nwo"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        tap_row("%zu: %.70s", i, rows[i].text);
        CHECK_INT(load(arena_printf(&arena, SCENARIO "%s", rows[i].text)), -1);
        CHECK_CONTAINS(messages(), rows[i].want);
    }
    static const char *const wrong[] = {"grcae", "5"};
    CHECK_INT(load_with(matrix, wrong, 1), -1);
    CHECK_CONTAINS(messages(), "--set grcae=5: there is no parameter \"grcae\" in this scenario");
    CHECK_INT(load_with(POD, wrong, 1), -1);
    CHECK_CONTAINS(messages(), "--set grcae=5: this scenario has no parameters");
    CHECK_INT(load(SCENARIO "spec: {parameters: {seed: 1}}\n---\n" POD), 0);
    CHECK_CONTAINS(messages(), "s.yaml:3:21: warning[PS205]: parameter \"seed\" is not used: write ${{seed}}");
}

static void without_parameters_documents_are_left_alone(void)
{
    CHECK_INT(load("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: '${{ github.sha }} $${{x}}'}\n"),
              0);
    const struct config_map *m = (const struct config_map *)scenario.objects.items[0];
    CHECK_STR(str_map_get(&m->data, "a"), "${{ github.sha }} $${{x}}");
}

/* ---- includes ---- */

static const struct {
    const char *path, *text; /* NULL: cannot be read */
} disk[] = {
    {"dir/web.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n"},
    {"dir/chart/b.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n---\n"
                         "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: \"${{a}}\"}\n"},
    {"dir/chart/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"},
    {"dir/nested.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: n}\n---\n" SCENARIO},
    {"dir/secret.yaml", NULL},
    {"dir/bad.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {nam: n}\n"},
};

static int read_disk(void *ctx, struct arena *a, const char *path, const char **ret_text, size_t *ret_len,
                     const char **ret_error)
{
    (void)ctx, (void)a;
    for (size_t i = 0; i < ARRAY_LEN(disk); i++) {
        if (strcmp(disk[i].path, path) != 0 || !disk[i].text)
            continue;
        *ret_text = disk[i].text;
        *ret_len = strlen(disk[i].text);
        return 0;
    }
    *ret_error = strcmp(path, "dir/secret.yaml") == 0 ? "Permission denied" : "No such file or directory";
    return -1;
}

/* "*" at the end stands for everything below; the order is nobody's. */
static int find_on_disk(void *ctx, struct arena *a, const char *pattern, str_list *ret, const char **ret_error)
{
    (void)ctx, (void)ret_error;
    size_t n = strlen(pattern);
    bool any = n && pattern[n - 1] == '*';
    ret->items = arena_array(a, const char *, ARRAY_LEN(disk) + 1);
    ret->count = 0;
    for (size_t i = 0; any && i < ARRAY_LEN(disk); i++)
        if (strncmp(disk[i].path, pattern, n - 1) == 0)
            ret->items[ret->count++] = disk[i].path;
    if (!any)
        ret->items[ret->count++] = pattern;
    return 0;
}

static int load_from_disk(const char *include)
{
    const char *text = arena_printf(&arena, SCENARIO "spec: {include: %s, parameters: {a: x}}\n---\n" POD, include);
    struct scenario_input in[] = {{"other.yaml", "# nothing", 9}, {"dir/s.yaml", text, strlen(text)}};
    const struct scenario_source source = {
        .inputs = in, .count = 2, .read_file = read_disk, .find_files = find_on_disk};
    diag_fini(&diags);
    diag_init(&diags);
    return scenario_load_source(&arena, &diags, &source, &scenario);
}

static void included_files_come_where_the_scenario_stands(void)
{
    static const char *const names[] = {"a", "b", "x", "web", "web"};
    if (!CHECK_INT(load_from_disk("['chart/*', ./web.yaml]"), 0)) {
        printf("# %s\n", messages());
        return;
    }
    CHECK_INT(scenario.objects.count, ARRAY_LEN(names));
    for (uint32_t i = 0; i < scenario.objects.count && i < ARRAY_LEN(names); i++)
        CHECK_STR(scenario.objects.items[i]->meta.name, names[i]);
    CHECK_INT(scenario.objects.items[4]->kind, KIND_POD);
    CHECK_INT(load_from_disk("[web.yaml, s.yaml]"), 0); /* given already */
    CHECK_INT(load_from_disk("web.yaml"), 0);           /* one needs no list */
    CHECK_INT(scenario.objects.count, 2);
}

static void mistakes_in_includes_are_placed(void)
{
    static const struct {
        const char *include, *want;
    } rows[] = {
        {"{a: b}", "spec.include: want text, got a map of fields"},
        {"['none/*']", "dir/s.yaml:3:18: error[PS112]: nothing matches \"dir/none/*\""},
        {"[none.yaml]", "dir/s.yaml:3:18: error[PS100]: cannot read \"dir/none.yaml\": No such file or directory"},
        {"[web.yaml, secret.yaml]",
         "dir/s.yaml:3:28: error[PS100]: cannot read \"dir/secret.yaml\": Permission denied"},
        {"[web.yaml, .//web.yaml]", "dir/s.yaml:3:28: error[PS107]: dir/web.yaml is included twice"},
        {"[web.yaml, .//web.yaml]", "dir/s.yaml:3:18: note: it is included here, too"},
        {"[nested.yaml]", "dir/nested.yaml:5:1: error[PS108]: a file that is included cannot hold a Scenario"},
        {"[nested.yaml]", "dir/s.yaml:3:18: note: it is included here"},
        {"['']", "dir/s.yaml:3:18: error[PS104]: want the name of a file or directory, or a pattern"},
        {"[bad.yaml, none.yaml]", "dir/bad.yaml:3:12: error[PS102]: "},
        {"[bad.yaml, none.yaml]", "dir/s.yaml:3:28: error[PS100]: "},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        tap_row("%s", rows[i].include);
        CHECK_INT(load_from_disk(rows[i].include), -1);
        CHECK_CONTAINS(messages(), rows[i].want);
    }
}

int main(void)
{
    static const struct tap_test tests[] = {
        TAP_TEST(a_manifest_needs_no_scenario),
        TAP_TEST(the_spec_sets_everything),
        TAP_TEST(a_missing_image_is_named_as_it_was_asked_for),
        TAP_TEST(versions_are_those_modelled),
        TAP_TEST(an_unknown_image_stays_a_server),
        TAP_TEST(actions_are_sorted_by_time_then_writing),
        TAP_TEST(a_late_action_extends_the_run),
        TAP_TEST(node_documents_are_nodes),
        TAP_TEST(files_add_up),
        TAP_TEST(mistakes_are_placed),
        TAP_TEST(fields_go_with_their_feature_gates),
        TAP_TEST(single_latencies_can_be_given),
        TAP_TEST(all_mistakes_come_at_once),
        TAP_TEST(unmodelled_fields_are_listed_once),
        TAP_TEST(a_case_is_a_combination_that_is_not_excluded),
        TAP_TEST(names_of_files_are_plain_and_different),
        TAP_TEST(the_values_of_a_case_stand_in_its_documents),
        TAP_TEST(every_case_of_an_outline_can_be_loaded),
        TAP_TEST(who_has_not_chosen_is_told_how),
        TAP_TEST(mistakes_in_parameters_are_placed),
        TAP_TEST(without_parameters_documents_are_left_alone),
        TAP_TEST(included_files_come_where_the_scenario_stands),
        TAP_TEST(mistakes_in_includes_are_placed),
    };
    arena_init(&arena, 0);
    diag_init(&diags);
    return tap_run(tests, ARRAY_LEN(tests));
}
