/* scenario_doc.c - the Scenario document: its tables, and the checks that tables cannot say. */
#include "model/scenario_doc.h"

#include <string.h>

#include "model/api_types.h"
#include "model/check.h"
#include "model/cri.h"
#include "model/doc_table.h"
#include "model/expectation_check.h"
#include "model/vocabulary.h"

/* ---- tables ---- */

static const char *const taint_effects[] = {"NoExecute", "NoSchedule", "PreferNoSchedule", NULL};
static const char *const race_names[] = {"lose", "seeded", "win", NULL};
static const char *const profile_names[] = {"instant", "jittered", "ref", "typical", NULL};

static const struct api_field taint_fields[] = {
    FIELD(taint, key, "key", FIELD_STRING, .flags = FIELD_REQUIRED | FIELD_IDENTITY, .doc = "Key of the taint."),
    FIELD(taint, value, "value", FIELD_STRING, .doc = "Value of the taint."),
    FIELD(taint, effect, "effect", FIELD_ENUM, .flags = FIELD_REQUIRED, .values = taint_effects,
          .doc = "What happens to pods that do not tolerate it."),
};
static const struct api_type taint_type =
    TYPE(taint, "ScenarioTaint", taint_fields, .plain = true, .doc = "A taint of a node.");

static const struct api_field node_fields[] = {
    FIELD(scenario_node, name, "name", FIELD_STRING, .flags = FIELD_IDENTITY,
          .doc = "Name of the node; default node1, node2, ... With `count`, what the numbers are appended to."),
    FIELD(scenario_node, count, "count", FIELD_OPT_INT32, .doc = "How many nodes of this kind; default 1."),
    FIELD(scenario_node, cpu, "cpu", FIELD_QUANTITY, .default_text = "4", .doc = "CPU capacity."),
    FIELD(scenario_node, memory, "memory", FIELD_QUANTITY, .default_text = "16Gi", .doc = "Memory capacity."),
    FIELD(scenario_node, pods, "pods", FIELD_OPT_INT32, .doc = "How many pods fit; default 110."),
    FIELD(scenario_node, capacity, "capacity", FIELD_QUANTITY_MAP,
          .doc = "Other resources that it has, such as nvidia.com/gpu: 2, or less disk: ephemeral-storage (100Gi)."),
    FIELD(scenario_node, allocatable, "allocatable", FIELD_QUANTITY_MAP,
          .doc = "What pods can have of a resource, where it is not all that the kubelet's configuration leaves."),
    FIELD(scenario_node, images, "images", FIELD_STRING_LIST, .flags = FIELD_ONE_OR_MORE,
          .doc = "Images that are on the node from the start, as manifests name them."),
    FIELD(scenario_node, labels, "labels", FIELD_STRING_MAP, .doc = "Labels beside the usual kubernetes.io ones."),
    FIELD(scenario_node, taints, "taints", FIELD_LIST, .type = &taint_type, .doc = "Taints of the node."),
};
static void validate_node(struct check *c, const void *object);
static const struct api_type scenario_node_type = TYPE(scenario_node, "ScenarioNode", node_fields, .plain = true,
                                                       .validate = validate_node, .doc = "A node of the cluster.");

#define LINES_SCHEMA                                                                                                   \
    "\"anyOf\": [{\"type\": \"string\"}, {\"type\": \"array\", \"items\": {\"type\": \"string\"}, \"minItems\": 1}]"
#define SCALAR_TYPES "[\"string\", \"number\", \"boolean\", \"null\"]"

static const struct api_field action_fields[] = {
    FIELD(scenario_action_doc, at, "at", FIELD_DURATION, .flags = FIELD_REQUIRED,
          .doc = "When, since the start: 30s, 1m30s, or a number of seconds."),
    FIELD(scenario_action_doc, kubectl, "kubectl", FIELD_RAW, .schema = LINES_SCHEMA,
          .doc = "A kubectl command line, or a list of them; a leading `kubectl` may be left out."),
    FIELD(scenario_action_doc, fault, "fault", FIELD_RAW, .schema = LINES_SCHEMA,
          .doc = "Something that no kubectl line can do, or a list of such: `container kill web --signal KILL`; "
                 "see `podsim help faults`."),
};
static const struct api_field static_pod_fields[] = {
    FIELD(scenario_static_pod_doc, node, "node", FIELD_STRING,
          .doc = "Whose manifest directory it is in; may be left out when there is one node."),
    FIELD(scenario_static_pod_doc, file, "file", FIELD_STRING, .flags = FIELD_REQUIRED,
          .doc = "A file with a Pod, or a name of spec.manifests."),
};
static const struct api_type static_pod_type =
    TYPE(scenario_static_pod_doc, "ScenarioStaticPod", static_pod_fields, .plain = true,
         .doc = "A file in a kubelet's manifest directory: a static pod.");

static void validate_action(struct check *c, const void *object);
static const struct api_type action_type = TYPE(scenario_action_doc, "ScenarioAction", action_fields, .plain = true,
                                                .validate = validate_action, .doc = "Something a user does.");

static const struct api_field latency_fields[] = {
#define X(id, name_, instant, typical, jitter, doc_)                                                                   \
    {.name = (name_), .kind = FIELD_DURATION, .offset = HOP_##id * sizeof(sim_time), .doc = doc_ "."},
    PROFILE_HOPS(X)
#undef X
};
static void validate_latencies(struct check *c, const void *object);
static const struct api_type latencies_type =
    TYPE(scenario_latencies, "ScenarioLatencies", latency_fields, .plain = true, .validate = validate_latencies,
         .doc = "What single steps cost; the others are as the profile has them.");

static void validate_timing(struct check *c, const void *object);
static const struct api_field timing_fields[] = {
    FIELD(scenario_timing, profile, "profile", FIELD_ENUM, .values = profile_names, .default_text = "typical",
          .doc = "Latencies of the cluster: `typical` (a normal small cluster), `instant` (none: pure semantics), "
                 "`jittered` (random around typical, from the seed), `ref` (for tests)."),
    FIELD(scenario_timing, latencies, "latencies", FIELD_OBJECT, .type = &latencies_type,
          .doc = "Steps that cost something else than in the profile; podsim help profiles lists them."),
    FIELD(scenario_timing, probe_trigger_race, "probeTriggerRace", FIELD_ENUM, .values = race_names,
          .default_text = "win",
          .doc =
              "The readiness run that a sync asks for: does it read the status that this sync stores (`win`, as nearly "
              "always), or the one before (`lose`: up to a whole period later)? `seeded`: by chance."),
    FIELD(scenario_timing, probe_trigger_loss, "probeTriggerLoss", FIELD_OPT_INT32,
          .doc = "How often, of 100 times, a seeded probeTriggerRace is lost; default: 7, up to 1.35 3."),
    FIELD(scenario_timing, probe_phase, "probePhase", FIELD_STRING, .default_text = "natural",
          .doc = "When a probe's first tick comes after it could first be executed: `natural` (ticks are counted from "
                 "the pod's first sync), `best` (at once), `worst` (one has just gone by), or a time. Readiness probes "
                 "are run by syncs, too, which moves their ticks (since 1.32)."),
    FIELD(scenario_timing, kubelet_uptime, "kubeletUptime", FIELD_DURATION,
          .doc =
              "How long the kubelets have been up when the run begins; default: a long time. A probe whose period is "
              "longer than its kubelet has been up when the pod comes waits a random part of the period before its "
              "first run (profile instant: nothing)."),
};
static const struct api_type timing_type =
    TYPE(scenario_timing, "ScenarioTiming", timing_fields, .plain = true, .validate = validate_timing,
         .doc = "How long the steps of the cluster take.");

static const struct api_field stop_fields[] = {
    FIELD(scenario_stop, after, "after", FIELD_DURATION,
          .doc = "The run ends at this time. Default: when nothing more can happen, at most 10 minutes and 5 minutes "
                 "beyond the last action."),
    FIELD(scenario_stop, quiet, "quiet", FIELD_DURATION,
          .doc = "The run ends when nothing has happened for so long: no object but Events has changed, nothing has "
                 "been started, stopped or pulled. Actions that are still to come are waited for."),
    FIELD(scenario_stop, when, "when", FIELD_POINTER, .type = &expectation_item_type,
          .doc = "The run ends when this has come true, after everything of that instant."),
};
static const struct api_type stop_type = TYPE(scenario_stop, "ScenarioStop", stop_fields, .plain = true,
                                              .doc = "When the run ends: at whatever comes first.");

static const struct api_field golden_fields[] = {
    FIELD(scenario_golden, tolerance, "tolerance", FIELD_DURATION,
          .doc = "Times that differ by no more than this are equal; default 0s."),
    FIELD(scenario_golden, ignore, "ignore", FIELD_STRING_LIST, .flags = FIELD_ONE_OR_MORE,
          .doc = "Columns that are not compared, such as time or why, and patterns of lines to leave out, such as "
                 "pod/*-canary*."),
};
static void validate_golden(struct check *c, const void *object);
static const struct api_type golden_type =
    TYPE(scenario_golden, "ScenarioGolden", golden_fields, .plain = true, .validate = validate_golden,
         .doc = "How the expected timelines beside the file are compared.");

static const char parameters_schema[] =
    "\"type\": \"object\", \"propertyNames\": {\"pattern\": \"^[A-Za-z_][A-Za-z0-9_-]*$\"}, \"additionalProperties\": "
    "{\"anyOf\": ["
    "{\"type\": " SCALAR_TYPES "}, {\"type\": \"array\", \"minItems\": 1, \"items\": {\"type\": " SCALAR_TYPES "}}, "
    "{\"type\": \"object\", \"additionalProperties\": false, \"required\": [\"from\", \"to\"], \"properties\": "
    "{\"from\": {\"type\": \"integer\"}, \"to\": {\"type\": \"integer\"}, \"step\": {\"type\": \"integer\", "
    "\"minimum\": 1}}}]}";
static const char exclude_schema[] = "\"type\": \"array\", \"items\": {\"type\": \"object\", \"minProperties\": 1, "
                                     "\"additionalProperties\": {\"type\": " SCALAR_TYPES "}}";

static const struct api_field spec_fields[] = {
    FIELD(scenario_spec, description, "description", FIELD_STRING, .doc = "What the scenario shows."),
    FIELD(scenario_spec, tags, "tags", FIELD_STRING_LIST, .flags = FIELD_ONE_OR_MORE,
          .doc = "Words that `podsim test --tag` selects by."),
    FIELD(scenario_spec, include, "include", FIELD_STRING_LIST, .flags = FIELD_ONE_OR_MORE,
          .doc = "Manifests to read, relative to the scenario's file: files, directories (their *.yaml, *.yml and "
                 "*.json), patterns such as chart/*.yaml."),
    FIELD(scenario_spec, parameters, "parameters", FIELD_RAW, .schema = parameters_schema,
          .doc = "Names with their values (a value, a list of them, or a range such as {from: 1, to: 20, step: 2}): "
                 "each combination is a case. ${{name}} in a value of any document stands for the case's value."),
    FIELD(scenario_spec, exclude, "exclude", FIELD_RAW, .schema = exclude_schema,
          .doc = "A list of combinations of parameters that are left out, such as {grace: 5, image: nginx}."),
    FIELD(scenario_spec, duration, "duration", FIELD_DURATION, .doc = "How long to simulate: the same as stop.after."),
    FIELD(scenario_spec, stop, "stop", FIELD_OBJECT, .type = &stop_type, .doc = "When the run ends."),
    FIELD(scenario_spec, expect, "expect", FIELD_LIST, .type = &expectation_type,
          .doc = "What the run must show; `podsim test` checks it."),
    FIELD(scenario_spec, golden, "golden", FIELD_OBJECT, .type = &golden_type,
          .doc = "How the expected timelines beside the file are compared."),
    FIELD(scenario_spec, seed, "seed", FIELD_OPT_INT64, .doc = "Seed of everything random; default 0."),
    FIELD(scenario_spec, start_time, "startTime", FIELD_TIME,
          .doc = "Date of simulated time 0, RFC 3339; default 2026-01-01T00:00:00Z."),
    FIELD(scenario_spec, timing, "timing", FIELD_OBJECT, .type = &timing_type, .doc = "Latencies."),
    FIELD(scenario_spec, kubernetes_version, "kubernetesVersion", FIELD_RAW,
          .schema =
              "\"type\": [\"string\", \"number\"], \"pattern\": \"^v?1\\\\.[0-9]+(\\\\.[0-9]+)?$|\\\\$\\\\{\\\\{\"",
          .doc = "Whose semantics: 1.24 to 1.36 (default). A leading v and a patch level may be given."),
    FIELD(scenario_spec, feature_gates, "featureGates", FIELD_RAW, .schema = GATES_SCHEMA,
          .doc = "Feature gates of the cluster that differ from the version's defaults, as Name: true or false."),
    FIELD(scenario_spec, kubelet, "kubelet", FIELD_OBJECT, .type = &kubelet_config_type,
          .doc = "Configuration of every node's kubelet: fields of a KubeletConfiguration."),
    FIELD(scenario_spec, controller_manager, "controllerManager", FIELD_OBJECT, .type = &manager_options_type,
          .doc = "Flags of kube-controller-manager."),
    FIELD(scenario_spec, nodes, "nodes", FIELD_LIST, .type = &scenario_node_type,
          .doc = "The nodes; default: one, node1, with 4 CPUs, 16Gi and room for 110 pods."),
    FIELD(scenario_spec, images, "images", FIELD_LIST, .type = &image_entry_type,
          .doc = "Images beside the built-in ones."),
    FIELD(scenario_spec, behaviours, "behaviours", FIELD_LIST, .type = &scenario_behaviour_type,
          .doc = "What containers do, where it is not their own command or image that says so."),
    FIELD(scenario_spec, traffic, "traffic", FIELD_LIST, .type = &scenario_traffic_type,
          .doc = "Clients that send requests to Services, and what becomes of each; see podsim run -o traffic."),
    FIELD(scenario_spec, static_pods, "staticPods", FIELD_LIST, .type = &static_pod_type,
          .doc = "Files in the nodes' manifest directories from the start; see the fault `static-pod`."),
    FIELD(scenario_spec, actions, "actions", FIELD_LIST, .type = &action_type, .doc = "What users do, and when."),
    FIELD(scenario_spec, manifests, "manifests", FIELD_STRING_MAP,
          .doc = "Files that actions may name: `kubectl: apply -f web.yaml` finds manifests[web.yaml]."),
};
static void validate_spec(struct check *c, const void *object);
static const struct api_type spec_type =
    TYPE(scenario_spec, "ScenarioSpec", spec_fields, .plain = true, .validate = validate_spec, .doc = "The scenario.");

static void validate_metadata(struct check *c, const void *object);
static const struct api_field metadata_fields[] = {
    FIELD(scenario_metadata, name, "name", FIELD_STRING, .doc = "Name of the scenario; default: the file's."),
    FIELD(scenario_metadata, labels, "labels", FIELD_STRING_MAP, .doc = "For your own use."),
    FIELD(scenario_metadata, annotations, "annotations", FIELD_STRING_MAP, .doc = "For your own use."),
};
static const struct api_type metadata_type =
    TYPE(scenario_metadata, "ScenarioMetadata", metadata_fields, .plain = true, .validate = validate_metadata,
         .doc = "Name, labels and annotations.");

static const char *const api_versions[] = {"podsim.dev/v1", NULL};
static const char *const kinds[] = {"Scenario", NULL};
static const struct api_field scenario_fields[] = {
    FIELD(scenario_doc, api_version, "apiVersion", FIELD_ENUM, .flags = FIELD_REQUIRED, .values = api_versions,
          .doc = "podsim.dev/v1"),
    FIELD(scenario_doc, kind, "kind", FIELD_ENUM, .flags = FIELD_REQUIRED, .values = kinds, .doc = "Scenario"),
    FIELD(scenario_doc, metadata, "metadata", FIELD_OBJECT, .type = &metadata_type, .doc = "Name of the scenario."),
    FIELD(scenario_doc, spec, "spec", FIELD_OBJECT, .type = &spec_type, .doc = "What is simulated."),
};
const struct api_type scenario_type =
    TYPE(scenario_doc, "Scenario", scenario_fields, .plain = true,
         .doc = "What podsim simulates: documents, actions in time, and the cluster they meet.");

/* ---- validation beyond the tables ---- */

#define TAG_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./"

static void check_resources(struct check *c, const quantity_map *map)
{
    for (uint32_t i = 0; i < map->count; i++)
        check_amount(AT_KEY(c, map->items[i].key), &map->items[i].value);
}

/* What has a field of its own is said once. */
static void check_capacity(struct check *c, const quantity_map *capacity)
{
    static const char *const own[] = {"cpu", "memory", "pods"};
    check_resources(c, capacity);
    for (size_t i = 0; i < ARRAY_LEN(own); i++)
        if (value_get(c->value, own[i]) && value_get(c->parent->value, own[i]))
            check_report(AT_KEY(c, own[i]), NULL, "the field %s of the node says this, too", own[i]);
}

static void validate_node(struct check *c, const void *object)
{
    const struct scenario_node *n = object;
    const char *full = n->name && n->count.set ? arena_printf(c->run->arena, "%s1", n->name) : n->name;
    const char *wrong = full ? wrong_dns1123_subdomain(c->run->arena, full) : NULL;
    if (wrong)
        check_invalid(AT(c, "name"), n->name, wrong);
    if (n->count.set)
        check_between(AT(c, "count"), n->count.value, 1, NODES_MAX);
    if (n->pods.set)
        check_not_negative(AT(c, "pods"), n->pods.value);
    check_amount(AT(c, "cpu"), &n->cpu);
    check_amount(AT(c, "memory"), &n->memory);
    check_capacity(AT(c, "capacity"), &n->capacity);
    check_resources(AT(c, "allocatable"), &n->allocatable);
    for (uint32_t i = 0; i < n->images.count; i++)
        if (!*n->images.items[i])
            check_report(AT_ITEM(AT(c, "images"), i), NULL, "want the name of an image, such as nginx:1.27");
}

static void validate_latencies(struct check *c, const void *object)
{
    const struct scenario_latencies *l = object;
    for (int h = 0; h < HOP_COUNT; h++)
        check_duration(AT(c, hop_infos[h].name), l->hop[h]);
}

/* Names of enum probe_phase, beside times. */
static const char *const phase_names[] = {"natural", "best", "worst"};

enum probe_phase scenario_probe_phase(const char *text, sim_time *ret_after)
{
    for (size_t i = 0; i < ARRAY_LEN(phase_names); i++) {
        if (!text || strcmp(text, phase_names[i]) == 0)
            return (enum probe_phase)i;
    }
    *ret_after = -1;
    if (sim_parse_duration(text, ret_after) != 0)
        *ret_after = -1;
    return PHASE_AFTER;
}

enum trigger_race scenario_trigger_race(const char *text)
{
    if (text && strcmp(text, "lose") == 0)
        return RACE_LOSE;
    return text && strcmp(text, "seeded") == 0 ? RACE_SEEDED : RACE_WIN;
}

static void validate_golden(struct check *c, const void *object)
{
    const struct scenario_golden *g = object;
    for (uint32_t i = 0; i < g->ignore.count; i++) {
        const char *suggestion, *wrong = golden_ignore_check(c->run->arena, g->ignore.items[i], &suggestion);
        if (wrong)
            check_report(AT_ITEM(AT(c, "ignore"), i), suggestion, "%s", wrong);
    }
}

static void validate_timing(struct check *c, const void *object)
{
    const struct scenario_timing *t = object;
    sim_time after = 0;
    if (scenario_probe_phase(t->probe_phase, &after) == PHASE_AFTER && after < 0)
        check_report(AT(c, "probePhase"), NULL, "want natural, best, worst, or a time such as 3s, got \"%s\"",
                     t->probe_phase);
    check_duration(AT(c, "kubeletUptime"), t->kubelet_uptime);
    const struct opt_i64 *loss = &t->probe_trigger_loss;
    if (loss->set && (loss->value < 0 || loss->value > 100))
        check_report(AT(c, "probeTriggerLoss"), NULL, "want a number from 0 to 100");
    if (loss->set && scenario_trigger_race(t->probe_trigger_race) != RACE_SEEDED)
        check_report(AT(c, "probeTriggerLoss"), NULL, "it only counts with probeTriggerRace: seeded");
}

bool scenario_is_text(const struct value *v)
{
    return v->text && v->type != VALUE_NULL && v->type != VALUE_LIST && v->type != VALUE_MAP;
}

static void check_lines(struct check *c, const struct value *v, const char *what)
{
    bool good = scenario_is_text(v);
    if (v->type == VALUE_LIST) {
        good = v->count > 0;
        for (uint32_t i = 0; i < v->count; i++)
            good = good && scenario_is_text(v->items[i]);
    }
    if (!good)
        check_report(c, NULL, "want %s, or a list of them", what);
}

static void validate_action(struct check *c, const void *object)
{
    const struct scenario_action_doc *a = object;
    check_duration(AT(c, "at"), a->at);
    if (!a->kubectl && !a->fault)
        check_required(AT(c, "kubectl"), "a kubectl command line, or a list of them; or fault");
    else if (a->kubectl && a->fault)
        check_report(AT(c, "fault"), NULL, "want either kubectl or fault: use two actions at the same time");
    if (a->kubectl)
        check_lines(AT(c, "kubectl"), a->kubectl, "a kubectl command line");
    if (a->fault)
        check_lines(AT(c, "fault"), a->fault, "a fault");
}

static const char *skip_digits(const char *p)
{
    while (*p >= '0' && *p <= '9')
        p++;
    return p;
}

int scenario_minor(const char *version)
{
    int minor = 0;
    for (const char *p = version + 2; *p >= '0' && *p <= '9' && minor < 100; p++)
        minor = minor * 10 + (*p - '0');
    return minor;
}

const char *scenario_version(const struct value *v)
{
    const char *text = scenario_is_text(v) ? v->text : "", *p;
    text += *text == 'v';
    if (strncmp(text, "1.", 2) != 0)
        return NULL;
    int minor = scenario_minor(text);
    if (minor < MINOR_OLDEST || minor > MINOR_NEWEST)
        return NULL;
    p = skip_digits(text + 2);
    if (*p == '.' && skip_digits(p + 1) > p + 1)
        p = skip_digits(p + 1);
    return *p ? NULL : text;
}

static void check_version(struct check *c, const struct value *v)
{
    if (scenario_version(v))
        return;
    if (scenario_is_text(v))
        check_report(c, NULL, "want Kubernetes 1.%d to 1.%d, whose semantics are modelled, got \"%s\"", MINOR_OLDEST,
                     MINOR_NEWEST, v->text);
    else
        check_report(c, NULL, "want a Kubernetes version: 1.%d to 1.%d", MINOR_OLDEST, MINOR_NEWEST);
}

static bool is_bool(const struct value *v) { return v->type == VALUE_BOOL; }

static void check_gate(struct check *c, struct features *f, const struct value_entry *e)
{
    const char *names[FEATURE_COUNT];
    size_t count = 0;
    for (int i = 0; i < FEATURE_COUNT; i++)
        if (*feature_infos[i].gate)
            names[count++] = feature_infos[i].gate;
    enum feature id = feature_find(e->key);
    const char *close = diag_closest(e->key, names, count), *wrong = NULL;
    if (id == FEATURE_COUNT)
        check_report_bare(c, CODE_NOT_FOUND, e->key_at,
                          close ? arena_printf(c->run->arena, "did you mean \"%s\"?", close) : NULL,
                          "unknown feature gate \"%s\", or one without effect on what is modelled", e->key);
    else if (!is_bool(e->value))
        check_report(AT_KEY(c, e->key), NULL, "want true or false");
    else if ((wrong = feature_set(f, id, e->value->boolean)))
        check_report(AT_KEY(c, e->key), NULL, "this feature gate %s", wrong);
}

static void check_gates(struct check *c, const struct scenario_spec *s, struct features *f)
{
    if (s->feature_gates->type != VALUE_MAP) {
        check_report(c, NULL, "want a map of feature gates to true or false");
        return;
    }
    for (uint32_t i = 0; i < s->feature_gates->count; i++)
        check_gate(c, f, &s->feature_gates->entries[i]);
}

enum { NAME_MAX_LENGTH = 253 }; /* as of Kubernetes' objects */

/* A name stands in reports, file names and command lines: one line, and not long. */
static void validate_metadata(struct check *c, const void *object)
{
    const struct scenario_metadata *m = object;
    const char *name = m->name ? m->name : "";
    for (const char *s = name; *s; s++) {
        if ((unsigned char)*s >= ' ' && *s != 0x7f)
            continue;
        check_report(AT(c, "name"), NULL, "want one line, without control characters");
        break;
    }
    if (strlen(name) > NAME_MAX_LENGTH)
        check_too_long(AT(c, "name"), NAME_MAX_LENGTH);
}

static void check_stop(struct check *c, const struct scenario_spec *s)
{
    check_duration(AT(c, "after"), s->stop.after);
    check_duration(AT(c, "quiet"), s->stop.quiet);
    if (s->stop.when)
        expectation_check_stop(AT(AT(c, "when"), "happens"), s->stop.when);
    if (s->stop.quiet == 0)
        check_report(AT(c, "quiet"), NULL, "want more than 0s");
    if (s->stop.after != SIM_NEVER && s->duration != SIM_NEVER)
        check_report(AT(c, "after"), "leave out spec.duration", "means the same as spec.duration: want one of them");
}

/* Tags are words of a command line: --tag slow,rollout. */
static void check_tags(struct check *c, const str_list *tags)
{
    for (uint32_t i = 0; i < tags->count; i++) {
        const char *tag = tags->items[i], *wrong = *tag && strspn(tag, TAG_CHARACTERS) == strlen(tag) ? NULL : tag;
        if (wrong)
            check_report(AT_ITEM(c, i), NULL, "want a word of letters, digits, '-', '_', '.' and '/', got \"%s\"",
                         wrong);
        for (uint32_t k = 0; k < i; k++)
            if (strcmp(tags->items[k], tag) == 0)
                check_duplicate(AT_ITEM(c, i), tag);
    }
}

/* Expectations about requests name clients that there are. */
static void check_clients(struct check *c, const struct scenario_spec *s)
{
    const char **names = arena_array(c->run->arena, const char *, s->traffic.count + 1);
    uint32_t count = 0;
    for (uint32_t i = 0; i < s->traffic.count; i++)
        if (s->traffic.items[i].name)
            names[count++] = s->traffic.items[i].name;
    for (uint32_t i = 0; i < s->expect.count; i++) {
        const char *wanted = s->expect.items[i].traffic;
        bool found = !wanted;
        for (uint32_t k = 0; k < count && !found; k++)
            found = glob_is_pattern(wanted) ? glob_matches(wanted, names[k]) : strcmp(wanted, names[k]) == 0;
        if (found)
            continue;
        const char *close = diag_closest(wanted, names, count);
        check_report_as(AT(AT_ITEM(AT(c, "expect"), i), "traffic"), CODE_NOT_FOUND,
                        close ? arena_printf(c->run->arena, "did you mean \"%s\"?", close) : NULL,
                        "there is no client \"%s\" in spec.traffic", wanted);
    }
}

static void validate_spec(struct check *c, const void *object)
{
    const struct scenario_spec *s = object;
    check_duration(AT(c, "duration"), s->duration);
    check_stop(AT(c, "stop"), s);
    check_duration(AT(AT(c, "golden"), "tolerance"), s->golden.tolerance);
    check_tags(AT(c, "tags"), &s->tags);
    check_clients(c, s);
    if (s->seed.set)
        check_not_negative(AT(c, "seed"), s->seed.value);
    if (s->kubernetes_version)
        check_version(AT(c, "kubernetesVersion"), s->kubernetes_version);
    const char *version = s->kubernetes_version ? scenario_version(s->kubernetes_version) : NULL;
    struct features f;
    features_init(&f, version ? scenario_minor(version) : MINOR_NEWEST);
    if (s->feature_gates)
        check_gates(AT(c, "featureGates"), s, &f);
    image_check_names(AT(c, "images"), s->images.items, s->images.count);
}
