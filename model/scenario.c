/* scenario.c - reading what is to be simulated: the Scenario document, manifests, actions.
 *
 * The Scenario is described by the same kind of table as Kubernetes' own types, so that mistakes in
 * it are found and told in the same way. Other documents become objects that are created at time 0 in
 * document order, as `kubectl create -f` does; a Node document becomes one of the cluster's nodes.
 * Left out on purpose: namespaces need not exist before what is created in them.
 */
#include "model/scenario.h"

#include <stdlib.h>
#include <string.h>

#include "model/check.h"
#include "model/kubectl.h"
#include "model/printer.h"

/* ---- the document as written ---- */

struct scenario_node {
    const char *name;
    struct opt_i64 count;
    struct quantity cpu, memory;
    int64_t pods;
    str_map labels;
    LIST_OF(struct taint) taints;
};

struct scenario_image {
    const char *name, *pull_error, *userland, *stop_signal, *working_dir;
    bool missing;
    struct opt_bool present;
    struct quantity size;
    sim_time pull, startup;
    struct opt_i64 port;
    str_list entrypoint, cmd;
};

struct scenario_action_doc {
    sim_time at;
    const struct value *kubectl; /* a string, or a list of them */
};

struct scenario_timing {
    const char *profile;
};

struct scenario_spec {
    const char *description;
    const struct value *kubernetes_version; /* 1.36 or "1.36": YAML takes the first for a number */
    sim_time duration;
    struct opt_i64 seed;
    sim_time start_time; /* since 1970 */
    struct scenario_timing timing;
    LIST_OF(struct scenario_node) nodes;
    LIST_OF(struct scenario_image) images;
    LIST_OF(struct scenario_action_doc) actions;
    str_map manifests;
};

struct scenario_metadata {
    const char *name;
    str_map labels, annotations;
};

struct scenario_doc {
    const char *api_version, *kind;
    struct scenario_metadata metadata;
    struct scenario_spec spec;
};

/* ---- its tables ---- */

#define FIELD(struct_type, member, json, kind_, ...) \
    {.name = (json), .kind = (kind_), .offset = offsetof(struct struct_type, member), __VA_ARGS__}
#define TYPE(struct_type, title, table, ...)                                                     \
    {.name = (title), .size = sizeof(struct struct_type), .fields = (table),                      \
     .field_count = ARRAY_LEN(table), __VA_ARGS__}

static const char *const taint_effects[] = {"NoExecute", "NoSchedule", "PreferNoSchedule", NULL};
static const char *const profile_names[] = {"instant", "jittered", "ref", "typical", NULL};
static const char *const userland_names[] = {"busybox", "debian", "none", NULL};

static const struct api_field taint_fields[] = {
    FIELD(taint, key, "key", FIELD_STRING, .flags = FIELD_REQUIRED | FIELD_IDENTITY, .doc = "Key of the taint."),
    FIELD(taint, value, "value", FIELD_STRING, .doc = "Value of the taint."),
    FIELD(taint, effect, "effect", FIELD_ENUM, .flags = FIELD_REQUIRED, .values = taint_effects,
          .doc = "What happens to pods that do not tolerate it."),
};
static const struct api_type taint_type = TYPE(taint, "ScenarioTaint", taint_fields, .doc = "A taint of a node.");

static const struct api_field node_fields[] = {
    FIELD(scenario_node, name, "name", FIELD_STRING, .flags = FIELD_IDENTITY,
          .doc = "Name of the node; default node1, node2, ... With `count`, what the numbers are appended to."),
    FIELD(scenario_node, count, "count", FIELD_OPT_INT32, .doc = "How many nodes of this kind; default 1."),
    FIELD(scenario_node, cpu, "cpu", FIELD_QUANTITY, .default_text = "4", .doc = "CPU capacity."),
    FIELD(scenario_node, memory, "memory", FIELD_QUANTITY, .default_text = "16Gi", .doc = "Memory capacity."),
    FIELD(scenario_node, pods, "pods", FIELD_INT32, .default_text = "110", .doc = "How many pods fit."),
    FIELD(scenario_node, labels, "labels", FIELD_STRING_MAP, .doc = "Labels beside the usual kubernetes.io ones."),
    FIELD(scenario_node, taints, "taints", FIELD_LIST, .type = &taint_type, .doc = "Taints of the node."),
};
static void validate_node(struct check *c, const void *object);
static const struct api_type node_type = TYPE(scenario_node, "ScenarioNode", node_fields,
                                              .validate = validate_node, .doc = "A node of the cluster.");

static const struct api_field image_fields[] = {
    FIELD(scenario_image, name, "name", FIELD_STRING, .flags = FIELD_REQUIRED | FIELD_IDENTITY,
          .doc = "Image name as in the manifest; without tag it stands for every tag. What is not said below is "
                 "taken from the built-in image of that name."),
    FIELD(scenario_image, missing, "missing", FIELD_BOOL, .doc = "The registry does not have it: pulls fail."),
    FIELD(scenario_image, pull_error, "pullError", FIELD_STRING, .doc = "Pulls fail with this error text."),
    FIELD(scenario_image, pull, "pull", FIELD_DURATION, .doc = "How long a pull takes; default: by its size."),
    FIELD(scenario_image, present, "present", FIELD_OPT_BOOL, .doc = "On every node from the start; default false."),
    FIELD(scenario_image, size, "size", FIELD_QUANTITY, .doc = "Size of the image, which pulls take their time from."),
    FIELD(scenario_image, entrypoint, "entrypoint", FIELD_STRING_LIST, .doc = "ENTRYPOINT of the image."),
    FIELD(scenario_image, cmd, "cmd", FIELD_STRING_LIST, .doc = "CMD of the image."),
    FIELD(scenario_image, port, "port", FIELD_OPT_INT32, .doc = "Its server listens on this port; 0 = on none."),
    FIELD(scenario_image, startup, "startup", FIELD_DURATION, .doc = "Time from start until its server listens."),
    FIELD(scenario_image, userland, "userland", FIELD_ENUM, .values = userland_names,
          .doc = "Which commands exist in it beside its own: those of busybox, of Debian, or none."),
    FIELD(scenario_image, stop_signal, "stopSignal", FIELD_STRING, .doc = "STOPSIGNAL of the image; default SIGTERM."),
    FIELD(scenario_image, working_dir, "workingDir", FIELD_STRING, .doc = "WORKDIR of the image."),
};
static void validate_image(struct check *c, const void *object);
static const struct api_type image_type =
    TYPE(scenario_image, "ScenarioImage", image_fields, .validate = validate_image,
         .doc = "What an image is, where the built-in catalogue does not know it or should be overruled.");

static const struct api_field action_fields[] = {
    FIELD(scenario_action_doc, at, "at", FIELD_DURATION, .flags = FIELD_REQUIRED,
          .doc = "When, since the start: 30s, 1m30s, or a number of seconds."),
    FIELD(scenario_action_doc, kubectl, "kubectl", FIELD_RAW,
          .doc = "A kubectl command line, or a list of them; a leading `kubectl` may be left out."),
};
static void validate_action(struct check *c, const void *object);
static const struct api_type action_type = TYPE(scenario_action_doc, "ScenarioAction", action_fields,
                                                .validate = validate_action, .doc = "Something a user does.");

static const struct api_field timing_fields[] = {
    FIELD(scenario_timing, profile, "profile", FIELD_ENUM, .values = profile_names, .default_text = "typical",
          .doc = "Latencies of the cluster: `typical` (a normal small cluster), `instant` (none: pure semantics), "
                 "`jittered` (random around typical, from the seed), `ref` (for tests)."),
};
static const struct api_type timing_type =
    TYPE(scenario_timing, "ScenarioTiming", timing_fields, .doc = "How long the steps of the cluster take.");

static const struct api_field spec_fields[] = {
    FIELD(scenario_spec, description, "description", FIELD_STRING, .doc = "What the scenario shows."),
    FIELD(scenario_spec, duration, "duration", FIELD_DURATION,
          .doc = "How long to simulate. Default: until nothing more happens, at most 10 minutes."),
    FIELD(scenario_spec, seed, "seed", FIELD_OPT_INT64, .doc = "Seed of everything random; default 0."),
    FIELD(scenario_spec, start_time, "startTime", FIELD_TIME,
          .doc = "Date of simulated time 0, RFC 3339; default 2026-01-01T00:00:00Z."),
    FIELD(scenario_spec, timing, "timing", FIELD_OBJECT, .type = &timing_type, .doc = "Latencies."),
    FIELD(scenario_spec, kubernetes_version, "kubernetesVersion", FIELD_RAW,
          .doc = "Whose semantics: 1.34, 1.35 or 1.36 (default). A leading v and a patch level may be given."),
    FIELD(scenario_spec, nodes, "nodes", FIELD_LIST, .type = &node_type,
          .doc = "The nodes; default: one, node1, with 4 CPUs, 16Gi and room for 110 pods."),
    FIELD(scenario_spec, images, "images", FIELD_LIST, .type = &image_type, .doc = "Images beside the built-in ones."),
    FIELD(scenario_spec, actions, "actions", FIELD_LIST, .type = &action_type, .doc = "What users do, and when."),
    FIELD(scenario_spec, manifests, "manifests", FIELD_STRING_MAP,
          .doc = "Files that actions may name: `kubectl: apply -f web.yaml` finds manifests[web.yaml]."),
};
static void validate_spec(struct check *c, const void *object);
static const struct api_type spec_type = TYPE(scenario_spec, "ScenarioSpec", spec_fields,
                                              .validate = validate_spec, .doc = "The scenario.");

static const struct api_field metadata_fields[] = {
    FIELD(scenario_metadata, name, "name", FIELD_STRING, .doc = "Name of the scenario; default: the file's."),
    FIELD(scenario_metadata, labels, "labels", FIELD_STRING_MAP, .doc = "For your own use."),
    FIELD(scenario_metadata, annotations, "annotations", FIELD_STRING_MAP, .doc = "For your own use."),
};
static const struct api_type metadata_type =
    TYPE(scenario_metadata, "ScenarioMetadata", metadata_fields, .doc = "Name, labels and annotations.");

static const struct api_field scenario_fields[] = {
    FIELD(scenario_doc, api_version, "apiVersion", FIELD_STRING, .flags = FIELD_REQUIRED, .doc = "podsim.dev/v1"),
    FIELD(scenario_doc, kind, "kind", FIELD_STRING, .flags = FIELD_REQUIRED, .doc = "Scenario"),
    FIELD(scenario_doc, metadata, "metadata", FIELD_OBJECT, .type = &metadata_type, .doc = "Name of the scenario."),
    FIELD(scenario_doc, spec, "spec", FIELD_OBJECT, .type = &spec_type, .doc = "What is simulated."),
};
const struct api_type scenario_type =
    TYPE(scenario_doc, "Scenario", scenario_fields,
         .doc = "What podsim simulates: documents, actions in time, and the cluster they meet.");

/* ---- validation beyond the tables ---- */

enum { NODES_MAX = 20000 };

static bool starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static void validate_node(struct check *c, const void *object)
{
    const struct scenario_node *n = object;
    if (n->count.set)
        check_between(AT(c, "count"), n->count.value, 1, NODES_MAX);
    check_not_negative(AT(c, "pods"), n->pods);
}

static void validate_image(struct check *c, const void *object)
{
    const struct scenario_image *i = object;
    if (i->port.set)
        check_between(AT(c, "port"), i->port.value, 0, 65535);
    if (i->pull != SIM_NEVER)
        check_not_negative(AT(c, "pull"), i->pull);
    if (i->startup != SIM_NEVER)
        check_not_negative(AT(c, "startup"), i->startup);
    if (i->size.set && quantity_value(&i->size) < 0)
        check_invalid(AT(c, "size"), i->size.text, "must be greater than or equal to 0");
}

static bool is_text(const struct value *v)
{
    return v->text && v->type != VALUE_NULL && v->type != VALUE_LIST && v->type != VALUE_MAP;
}

static void validate_action(struct check *c, const void *object)
{
    const struct scenario_action_doc *a = object;
    if (a->at != SIM_NEVER)
        check_not_negative(AT(c, "at"), a->at);
    if (!a->kubectl) {
        check_required(AT(c, "kubectl"), "a kubectl command line, or a list of them");
        return;
    }
    bool good = is_text(a->kubectl);
    if (a->kubectl->type == VALUE_LIST) {
        good = a->kubectl->count > 0;
        for (uint32_t i = 0; i < a->kubectl->count; i++)
            good = good && is_text(a->kubectl->items[i]);
    }
    if (!good)
        check_report(AT(c, "kubectl"), NULL, "want a kubectl command line, or a list of them");
}

enum { MINOR_OLDEST = 34, MINOR_NEWEST = 36 };
#define NEWEST_VERSION "1.36"

static const char *skip_digits(const char *p)
{
    while (*p >= '0' && *p <= '9')
        p++;
    return p;
}

/* "1.36", "v1.36", "1.36.2": what follows the v, or NULL unless it is a version whose semantics are
 * modelled. */
static const char *version_of(const struct value *v)
{
    const char *text = is_text(v) ? v->text : "", *p;
    int minor = 0;
    text += *text == 'v';
    if (!starts_with(text, "1."))
        return NULL;
    for (p = text + 2; *p >= '0' && *p <= '9' && minor < 100; p++)
        minor = minor * 10 + (*p - '0');
    if (minor < MINOR_OLDEST || minor > MINOR_NEWEST)
        return NULL;
    if (*p == '.' && skip_digits(p + 1) > p + 1)
        p = skip_digits(p + 1);
    return *p ? NULL : text;
}

static void check_version(struct check *c, const struct value *v)
{
    if (version_of(v))
        return;
    if (is_text(v))
        check_report(c, NULL, "want Kubernetes 1.%d to 1.%d, whose semantics are modelled, got \"%s\"", MINOR_OLDEST,
                     MINOR_NEWEST, v->text);
    else
        check_report(c, NULL, "want a Kubernetes version: 1.%d to 1.%d", MINOR_OLDEST, MINOR_NEWEST);
}

static void validate_spec(struct check *c, const void *object)
{
    const struct scenario_spec *s = object;
    if (s->duration != SIM_NEVER)
        check_not_negative(AT(c, "duration"), s->duration);
    if (s->seed.set)
        check_not_negative(AT(c, "seed"), s->seed.value);
    if (s->kubernetes_version)
        check_version(AT(c, "kubernetesVersion"), s->kubernetes_version);
}

/* ---- loading ---- */

struct loader {
    struct arena *arena;
    struct diag_set *diags;
    scenario_read_file *read_file;
    void *ctx;
    struct scenario *scenario;
    struct scenario_doc doc;
    const struct value *root; /* of the Scenario document, NULL = none given */
    struct pool objects;      /* const struct api_object *, everything read */
    struct pool nodes;        /* const struct node * */
    struct pool unmodelled;   /* struct unmodelled */
    int result;
};

struct unmodelled {
    const char *path;
    const char *who; /* "pod web, pod db" */
    uint32_t count;
};

static void fail(struct loader *l)
{
    l->result = -1;
}

static const char *root_text(const struct value *root, const char *key)
{
    const struct value *v = root->type == VALUE_MAP ? value_get(root, key) : NULL;
    return v && v->text ? v->text : "";
}

static void read_scenario_doc(struct loader *l, const struct document *doc)
{
    if (l->root) {
        diag_error(l->diags, doc->at, "only one Scenario document may be given");
        diag_note(l->diags, l->root->at, "the first one is here");
        fail(l);
        return;
    }
    l->root = doc->root;
    int bad = api_decode(&scenario_type, l->arena, l->diags, "", doc->root, &l->doc);
    api_set_defaults(&scenario_type, l->arena, &l->doc);
    if (bad < 0 || api_validate(&scenario_type, l->arena, l->diags, "", doc->root, &l->doc) < 0)
        fail(l);
}

static void read_document(struct loader *l, const struct document *doc)
{
    const char *version = root_text(doc->root, "apiVersion"), *kind = root_text(doc->root, "kind");
    if (strcmp(version, "podsim.dev/v1") == 0 && strcmp(kind, "Scenario") == 0) {
        read_scenario_doc(l, doc);
        return;
    }
    if (starts_with(version, "podsim.dev/")) {
        diag_error(l->diags, doc->at, "want apiVersion podsim.dev/v1 and kind Scenario, got %s and %s", version,
                   *kind ? kind : "none");
        fail(l);
        return;
    }
    if (api_read_document(l->arena, l->diags, doc, &l->objects) < 0)
        fail(l);
}

static void read_input(struct loader *l, const struct scenario_input *in)
{
    struct document_list docs = {0};
    if (value_parse(l->arena, l->diags, in->name, in->text, in->len, &docs) < 0)
        fail(l);
    for (uint32_t i = 0; i < docs.count; i++)
        read_document(l, &docs.items[i]);
}

/* Inline manifests first, then files. */
static int read_named_file(void *ctx, struct arena *a, const char *path, const char **ret_text, size_t *ret_len,
                           const char **ret_error)
{
    struct loader *l = ctx;
    const char *text = str_map_get(&l->doc.spec.manifests, path);
    if (text) {
        *ret_text = text;
        *ret_len = strlen(text);
        return 0;
    }
    if (l->read_file)
        return l->read_file(l->ctx, a, path, ret_text, ret_len, ret_error);
    *ret_error = "no files can be read here";
    return -1;
}

/* ---- what is accepted and has no effect ---- */

static void note_unmodelled(struct loader *l, const char *path, const struct api_object *o)
{
    enum { SHOWN = 3 };
    const char *who = arena_printf(l->arena, "%s %s", kind_infos[o->kind].singular,
                                   o->meta.name ? o->meta.name : o->meta.generate_name ? o->meta.generate_name : "?");
    for (uint32_t i = 0; i < l->unmodelled.count; i++) {
        struct unmodelled *u = pool_at(&l->unmodelled, i);
        if (strcmp(u->path, path) != 0)
            continue;
        if (u->count++ < SHOWN)
            u->who = arena_printf(l->arena, "%s, %s", u->who, who);
        return;
    }
    *(struct unmodelled *)pool_at(&l->unmodelled, pool_add(&l->unmodelled)) = (struct unmodelled){path, who, 1};
}

static void find_unmodelled(struct loader *l, const struct api_object *o)
{
    str_list paths = {0};
    if (!o->source)
        return;
    api_unmodelled(kind_infos[o->kind].type, l->arena, o->source, &paths);
    for (uint32_t i = 0; i < paths.count; i++)
        note_unmodelled(l, paths.items[i], o);
}

static void finish_unmodelled(struct loader *l)
{
    uint32_t n = l->unmodelled.count;
    const char **items = arena_array(l->arena, const char *, n ? n : 1);
    for (uint32_t i = 0; i < n; i++) {
        const struct unmodelled *u = pool_at(&l->unmodelled, i);
        items[i] = u->count > 3 ? arena_printf(l->arena, "%s (%s and %" PRIu32 " more)", u->path, u->who, u->count - 3)
                                : arena_printf(l->arena, "%s (%s)", u->path, u->who);
    }
    l->scenario->unmodelled.items = items;
    l->scenario->unmodelled.count = n;
}

/* ---- nodes ---- */

static void map_add(struct loader *l, str_map *map, const char *key, const char *value)
{
    if (str_map_get(map, key))
        return;
    struct str_pair *items = arena_array(l->arena, struct str_pair, map->count + 1);
    uint32_t at = 0;
    while (at < map->count && strcmp(map->items[at].key, key) < 0)
        at++;
    if (map->count) {
        memcpy(items, map->items, at * sizeof *items);
        memcpy(items + at + 1, map->items + at, (map->count - at) * sizeof *items);
    }
    items[at] = (struct str_pair){key, value};
    map->items = items;
    map->count++;
}

static struct quantity quantity_of(struct loader *l, const char *text)
{
    struct quantity q;
    const char *wrong = quantity_parse(l->arena, text, &q);
    ASSERT(!wrong);
    return q;
}

static quantity_map node_capacity(struct loader *l, const struct scenario_node *n)
{
    quantity_map map = {arena_array(l->arena, struct quantity_pair, 4), 4};
    map.items[0] = (struct quantity_pair){"cpu", n->cpu.set ? n->cpu : quantity_of(l, "4")};
    map.items[1] = (struct quantity_pair){"ephemeral-storage", quantity_of(l, "100Gi")};
    map.items[2] = (struct quantity_pair){"memory", n->memory.set ? n->memory : quantity_of(l, "16Gi")};
    map.items[3] = (struct quantity_pair){"pods", quantity_of(l, arena_printf(l->arena, "%" PRId64, n->pods))};
    return map;
}

/* A map value of strings, keys in order. */
static const struct value *text_map(struct loader *l, const struct str_pair *pairs, uint32_t count)
{
    struct value_entry *entries = arena_array(l->arena, struct value_entry, count);
    struct value *values = arena_array(l->arena, struct value, count);
    for (uint32_t i = 0; i < count; i++) {
        values[i] = (struct value){.type = VALUE_STRING, .at = SRC_POS_NONE, .text = pairs[i].value};
        entries[i] = (struct value_entry){pairs[i].key, SRC_POS_NONE, &values[i]};
    }
    struct value *map = arena_new(l->arena, struct value);
    *map = (struct value){.type = VALUE_MAP, .at = SRC_POS_NONE, .count = count, .entries = entries};
    return map;
}

static const struct value *node_info(struct loader *l)
{
    const char *version = l->scenario->kubernetes_version;
    bool patched = strchr(version + 2, '.') != NULL;
    const struct str_pair pairs[] = {
        {"architecture", "amd64"},
        {"containerRuntimeVersion", "containerd://2.1.4"},
        {"kernelVersion", "6.12.0"},
        {"kubeProxyVersion", ""},
        {"kubeletVersion", arena_printf(l->arena, "v%s%s", version, patched ? "" : ".0")},
        {"operatingSystem", "linux"},
        {"osImage", "podsim"},
    };
    return text_map(l, pairs, ARRAY_LEN(pairs));
}

struct condition_text {
    const char *type, *status, *reason, *message;
};

static void node_conditions(struct loader *l, struct node *n)
{
    static const struct condition_text texts[] = {
        {"MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"},
        {"DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"},
        {"PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"},
        {"Ready", "True", "KubeletReady", "kubelet is posting ready status"},
    };
    n->status.conditions.items = arena_array(l->arena, struct node_condition, ARRAY_LEN(texts));
    n->status.conditions.count = ARRAY_LEN(texts);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        n->status.conditions.items[i] = (struct node_condition){
            .type = texts[i].type,
            .status = texts[i].status,
            .reason = texts[i].reason,
            .message = texts[i].message,
            .last_heartbeat_time = 0,
            .last_transition_time = 0,
        };
}

/* What a kubelet adds to its Node object when it registers. `index` counts from 0. */
static void complete_node(struct loader *l, struct node *n, uint32_t index)
{
    str_map *labels = &n->object.meta.labels;
    map_add(l, labels, "beta.kubernetes.io/arch", "amd64");
    map_add(l, labels, "beta.kubernetes.io/os", "linux");
    map_add(l, labels, "kubernetes.io/arch", "amd64");
    map_add(l, labels, "kubernetes.io/hostname", n->object.meta.name);
    map_add(l, labels, "kubernetes.io/os", "linux");
    if (!n->spec.pod_cidr) {
        n->spec.pod_cidr = arena_printf(l->arena, "10.%u.%u.0/24", 244 + index / 256, index % 256);
        n->spec.pod_cidrs.items = arena_array(l->arena, const char *, 1);
        n->spec.pod_cidrs.items[0] = n->spec.pod_cidr;
        n->spec.pod_cidrs.count = 1;
    }
    if (n->status.capacity.count == 0)
        n->status.capacity = node_capacity(l, &(struct scenario_node){.pods = 110});
    if (n->status.allocatable.count == 0)
        n->status.allocatable = n->status.capacity;
    if (n->status.conditions.count == 0)
        node_conditions(l, n);
    if (n->status.addresses.count == 0) {
        n->status.addresses.items = arena_array(l->arena, struct node_address, 2);
        n->status.addresses.items[0] = (struct node_address){
            "InternalIP", arena_printf(l->arena, "192.168.%u.%u", 49 + index / 250, 2 + index % 250)};
        n->status.addresses.items[1] = (struct node_address){"Hostname", n->object.meta.name};
        n->status.addresses.count = 2;
    }
    if (!n->status.node_info)
        n->status.node_info = node_info(l);
}

static void add_node(struct loader *l, struct node *n)
{
    for (uint32_t i = 0; i < l->nodes.count; i++) {
        const struct node *other = *(const struct node **)pool_at(&l->nodes, i);
        if (strcmp(other->object.meta.name, n->object.meta.name) == 0) {
            struct src_pos at = n->object.source ? n->object.source->at : l->root ? l->root->at : SRC_POS_NONE;
            diag_error(l->diags, at, "node \"%s\" is given twice", n->object.meta.name);
            fail(l);
            return;
        }
    }
    complete_node(l, n, l->nodes.count);
    *(const struct node **)pool_at(&l->nodes, pool_add(&l->nodes)) = n;
}

static struct node *new_node(struct loader *l, const char *name)
{
    struct node *n = api_new(l->arena, kind_infos[KIND_NODE].type, struct node);
    n->object.kind = KIND_NODE;
    n->object.api_version_text = "v1";
    n->object.kind_text = "Node";
    n->object.meta.name = name;
    return n;
}

static void add_scenario_nodes(struct loader *l, const struct scenario_node *s)
{
    uint32_t count = s->count.set && s->count.value > 0 ? (uint32_t)s->count.value : 1;
    for (uint32_t i = 0; i < count && l->nodes.count < NODES_MAX; i++) {
        const char *base = s->name ? s->name : "node";
        bool numbered = !s->name || s->count.set;
        uint32_t number = s->name ? i + 1 : l->nodes.count + 1;
        struct node *n = new_node(l, numbered ? arena_printf(l->arena, "%s%" PRIu32, base, number) : base);
        n->status.capacity = node_capacity(l, s);
        for (uint32_t k = 0; k < s->labels.count; k++)
            map_add(l, &n->object.meta.labels, s->labels.items[k].key, s->labels.items[k].value);
        n->spec.taints.items = s->taints.items;
        n->spec.taints.count = s->taints.count;
        for (uint32_t k = 0; k < s->taints.count; k++)
            s->taints.items[k].time_added = SIM_NEVER;
        add_node(l, n);
    }
}

static void make_nodes(struct loader *l)
{
    for (uint32_t i = 0; i < l->doc.spec.nodes.count; i++)
        add_scenario_nodes(l, &l->doc.spec.nodes.items[i]);
    for (uint32_t i = 0; i < l->objects.count; i++) {
        const struct api_object *o = *(const struct api_object **)pool_at(&l->objects, i);
        if (o->kind != KIND_NODE)
            continue;
        struct node *n = arena_new(l->arena, struct node);
        *n = *(const struct node *)o;
        if (n->object.meta.name)
            add_node(l, n);
    }
    if (l->nodes.count == 0)
        add_node(l, new_node(l, "node1"));
}

/* ---- images ---- */

/* containerd's words for a reference that the registry does not have. */
static const char *not_found_error(struct arena *a, const char *reference)
{
    const char *slash = strchr(reference, '/');
    size_t host = slash ? (size_t)(slash - reference) : 0;
    bool has_host = slash && (memchr(reference, '.', host) || memchr(reference, ':', host) ||
                              (host == 9 && starts_with(reference, "localhost")));
    const char *last = strrchr(reference, '/');
    bool tagged = strchr(last ? last : reference, ':') || strchr(reference, '@');
    const char *full = arena_printf(a, "%s%s%s", has_host ? "" : slash ? "docker.io/" : "docker.io/library/", reference,
                                    tagged ? "" : ":latest");
    return arena_printf(a,
                        "rpc error: code = NotFound desc = failed to pull and unpack image \"%s\": failed to resolve "
                        "reference \"%s\": %s: not found",
                        full, full, full);
}

/* NULL-terminated, as struct image wants it. */
static const char *const *argv_of(struct loader *l, const str_list *list)
{
    if (list->count == 0)
        return NULL;
    const char **argv = arena_array(l->arena, const char *, list->count + 1);
    memcpy(argv, list->items, list->count * sizeof *argv);
    return argv;
}

static enum image_userland userland_of(const char *name)
{
    return strcmp(name, "busybox") == 0 ? USERLAND_BUSYBOX : strcmp(name, "debian") == 0 ? USERLAND_DEBIAN : USERLAND_NONE;
}

static struct image make_image(struct loader *l, const struct scenario_image *s)
{
    struct image_catalogue built_in = {.arena = l->arena};
    struct image i = *image_find(&built_in, s->name);
    bool known = !i.generic, described = s->entrypoint.count || s->cmd.count || s->userland;
    /* What an unknown image runs stays a guess until the entry says what is in it. */
    i.generic = !known && !described;
    i.name = s->name;
    if (s->missing)
        i.pull_error = not_found_error(l->arena, s->name);
    if (s->pull_error)
        i.pull_error = s->pull_error;
    if (s->pull != SIM_NEVER)
        i.pull_ms = s->pull / SIM_MS;
    if (s->present.set)
        i.present = s->present.value;
    if (s->size.set)
        i.size_bytes = quantity_value(&s->size);
    if (s->entrypoint.count || s->cmd.count) {
        i.entrypoint = argv_of(l, &s->entrypoint);
        i.cmd = argv_of(l, &s->cmd);
        if (!known)
            i.userland = USERLAND_BUSYBOX;
    }
    if (s->port.set)
        i.port = s->port.value;
    if (s->startup != SIM_NEVER)
        i.start_ms = s->startup / SIM_MS;
    if (s->userland)
        i.userland = userland_of(s->userland);
    if (s->stop_signal)
        i.stop_signal = s->stop_signal;
    if (s->working_dir)
        i.working_dir = s->working_dir;
    return i;
}

/* A pod names "web:v1", the entry "web": the error must name what was asked for. */
static void exact_missing(struct loader *l, struct pool *images, const char *reference)
{
    struct image_catalogue c = {.arena = l->arena};
    c.extra.count = images->count;
    c.extra.items = arena_array(l->arena, struct image, images->count + 1);
    for (uint32_t i = 0; i < images->count; i++)
        c.extra.items[i] = *(const struct image *)pool_at(images, i);
    const struct image *found = image_find(&c, reference);
    if (found < c.extra.items || found >= c.extra.items + c.extra.count || strcmp(found->name, reference) == 0)
        return;
    uint32_t which = (uint32_t)(found - c.extra.items);
    if (which >= l->doc.spec.images.count || !l->doc.spec.images.items[which].missing ||
        l->doc.spec.images.items[which].pull_error)
        return;
    struct image *exact = pool_at(images, pool_add(images));
    *exact = *found;
    exact->name = reference;
    exact->pull_error = not_found_error(l->arena, reference);
}

static void exact_missing_of(struct loader *l, struct pool *images, const struct container *c)
{
    if (c->image)
        exact_missing(l, images, c->image);
}

static void make_images(struct loader *l)
{
    struct pool images; /* struct image */
    bool missing = false;
    pool_init(&images, l->arena, sizeof(struct image));
    for (uint32_t i = 0; i < l->doc.spec.images.count; i++) {
        const struct scenario_image *s = &l->doc.spec.images.items[i];
        if (!s->name)
            continue;
        missing = missing || s->missing;
        uint32_t at = pool_add(&images);
        *(struct image *)pool_at(&images, at) = make_image(l, s);
    }
    for (uint32_t i = 0; missing && l->result == 0 && i < l->objects.count; i++) {
        const struct api_object *o = *(const struct api_object **)pool_at(&l->objects, i);
        if (o->kind != KIND_POD)
            continue;
        const struct pod_spec *spec = &((const struct pod *)o)->spec;
        for (uint32_t k = 0; k < spec->init_containers.count; k++)
            exact_missing_of(l, &images, &spec->init_containers.items[k]);
        for (uint32_t k = 0; k < spec->containers.count; k++)
            exact_missing_of(l, &images, &spec->containers.items[k]);
    }
    struct image_catalogue *c = &l->scenario->images;
    c->arena = l->arena;
    c->extra.count = images.count;
    c->extra.items = arena_array(l->arena, struct image, images.count + 1);
    /* Exact names come last and are asked first by none: order them in front. */
    uint32_t given = l->doc.spec.images.count < images.count ? l->doc.spec.images.count : images.count;
    uint32_t exact = images.count - given;
    for (uint32_t i = 0; i < images.count; i++)
        c->extra.items[i < given ? exact + i : i - given] = *(const struct image *)pool_at(&images, i);
}

/* ---- objects ---- */

static const char *namespace_of(const struct api_object *o)
{
    return o->meta.namespace_ ? o->meta.namespace_ : "default";
}

static bool same_identity(const struct api_object *a, const struct api_object *b)
{
    if (a->kind != b->kind || !a->meta.name || !b->meta.name || strcmp(a->meta.name, b->meta.name) != 0)
        return false;
    return !kind_infos[a->kind].namespaced || strcmp(namespace_of(a), namespace_of(b)) == 0;
}

static uint32_t hash_name(const struct api_object *o)
{
    uint32_t h = 2166136261u ^ (uint32_t)o->kind;
    for (const char *s = o->meta.name ? o->meta.name : ""; *s; s++)
        h = (h ^ (unsigned char)*s) * 16777619u;
    return h;
}

/* Two objects of one name cannot both be created. */
static void check_duplicates(struct loader *l)
{
    uint32_t n = l->scenario->objects.count, buckets = 1;
    while (buckets < 2 * n)
        buckets *= 2;
    uint32_t *first = arena_array(l->arena, uint32_t, buckets); /* object index + 1 */
    for (uint32_t i = 0; i < n; i++) {
        const struct api_object *o = l->scenario->objects.items[i];
        uint32_t at = hash_name(o) & (buckets - 1);
        while (first[at] && !same_identity(l->scenario->objects.items[first[at] - 1], o))
            at = (at + 1) & (buckets - 1);
        if (!first[at]) {
            first[at] = i + 1;
            continue;
        }
        const struct api_object *other = l->scenario->objects.items[first[at] - 1];
        diag_error(l->diags, o->source ? o->source->at : SRC_POS_NONE, "%s \"%s\" already exists",
                   kind_infos[o->kind].resource, o->meta.name);
        if (other->source)
            diag_note(l->diags, other->source->at, "the first one is here");
        fail(l);
    }
}

static void make_objects(struct loader *l)
{
    const struct api_object **items = arena_array(l->arena, const struct api_object *, l->objects.count + 1);
    uint32_t n = 0;
    for (uint32_t i = 0; i < l->objects.count; i++) {
        const struct api_object *o = *(const struct api_object **)pool_at(&l->objects, i);
        find_unmodelled(l, o);
        if (o->kind != KIND_NODE)
            items[n++] = o;
    }
    l->scenario->objects.items = items;
    l->scenario->objects.count = n;
    check_duplicates(l);
}

/* ---- actions ---- */

static void add_action(struct loader *l, struct pool *actions, sim_time at, const struct value *line)
{
    struct scenario_action *action = pool_at(actions, pool_add(actions));
    *action = (struct scenario_action){.at = at, .line = line->text, .pos = line->at};
    while (*action->line == ' ' || *action->line == '\n')
        action->line++;
    if (starts_with(action->line, "kubectl "))
        action->line += strlen("kubectl ");
    if (kubectl_parse_value(l->arena, l->diags, line, read_named_file, l, &action->command) < 0)
        fail(l);
}

struct sort_key {
    sim_time at;
    uint32_t index;
};

static int by_time(const void *a, const void *b)
{
    const struct sort_key *x = a, *y = b;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

static void sort_actions(struct loader *l, const struct pool *actions)
{
    uint32_t n = actions->count;
    struct sort_key *keys = arena_array(l->arena, struct sort_key, n + 1);
    for (uint32_t i = 0; i < n; i++)
        keys[i] = (struct sort_key){((const struct scenario_action *)pool_at(actions, i))->at, i};
    qsort(keys, n, sizeof *keys, by_time);
    l->scenario->actions.items = arena_array(l->arena, struct scenario_action, n + 1);
    l->scenario->actions.count = n;
    for (uint32_t i = 0; i < n; i++)
        l->scenario->actions.items[i] = *(const struct scenario_action *)pool_at(actions, keys[i].index);
}

static void make_actions(struct loader *l)
{
    struct pool actions; /* struct scenario_action, as written */
    pool_init(&actions, l->arena, sizeof(struct scenario_action));
    for (uint32_t i = 0; i < l->doc.spec.actions.count; i++) {
        const struct scenario_action_doc *a = &l->doc.spec.actions.items[i];
        sim_time at = a->at == SIM_NEVER ? 0 : a->at;
        if (!a->kubectl)
            continue;
        if (a->kubectl->type != VALUE_LIST) {
            if (is_text(a->kubectl))
                add_action(l, &actions, at, a->kubectl);
            continue;
        }
        for (uint32_t k = 0; k < a->kubectl->count; k++)
            if (is_text(a->kubectl->items[k]))
                add_action(l, &actions, at, a->kubectl->items[k]);
    }
    sort_actions(l, &actions);
}

/* An action after the end is a mistake worth a word. Without `duration` the run must reach them all. */
static void fit_actions(struct loader *l)
{
    const sim_time longest = 600 * SIM_SECOND, after = 300 * SIM_SECOND;
    struct scenario *s = l->scenario;
    if (s->actions.count == 0)
        return;
    const struct scenario_action *last = &s->actions.items[s->actions.count - 1];
    if (!s->has_until && last->at > longest - after) {
        s->has_until = true;
        s->until = sim_time_add(last->at, after);
    }
    for (uint32_t i = 0; s->has_until && i < s->actions.count; i++)
        if (s->actions.items[i].at > s->until)
            diag_warning(l->diags, s->actions.items[i].pos, "this action comes after the end of the scenario");
}

/* ---- putting it together ---- */

enum { DEFAULT_EPOCH = 1767225600 }; /* 2026-01-01T00:00:00Z */

static void make_settings(struct loader *l, const char *first_file)
{
    struct scenario *s = l->scenario;
    const struct scenario_spec *spec = &l->doc.spec;
    s->name = l->doc.metadata.name ? l->doc.metadata.name : first_file;
    s->description = spec->description;
    s->has_until = spec->duration != SIM_NEVER;
    s->until = s->has_until ? spec->duration : 0;
    s->seed = spec->seed.set ? (uint64_t)spec->seed.value : 0;
    s->epoch = spec->start_time == SIM_NEVER ? DEFAULT_EPOCH : sim_time_floor(spec->start_time, SIM_SECOND) / SIM_SECOND;
    s->profile = PROFILE_TYPICAL;
    if (spec->timing.profile && profile_kind_parse(spec->timing.profile, &s->profile) < 0)
        fail(l); /* said already: not one of the names */
    s->kubernetes_version = spec->kubernetes_version ? version_of(spec->kubernetes_version) : NULL;
    if (!s->kubernetes_version) /* if wrong, it has been said */
        s->kubernetes_version = NEWEST_VERSION;
}

int scenario_load(struct arena *a, struct diag_set *d, const struct scenario_input *inputs, uint32_t count,
                  scenario_read_file *read_file, void *ctx, struct scenario *ret_scenario)
{
    struct scenario s = {0};
    struct loader l = {.arena = a, .diags = d, .read_file = read_file, .ctx = ctx, .scenario = &s};
    uint32_t errors = d->error_count;
    api_init(&scenario_type, &l.doc);
    pool_init(&l.objects, a, sizeof(const struct api_object *));
    pool_init(&l.nodes, a, sizeof(const struct node *));
    pool_init(&l.unmodelled, a, sizeof(struct unmodelled));
    for (uint32_t i = 0; i < count; i++)
        read_input(&l, &inputs[i]);
    make_settings(&l, count ? arena_strdup(a, inputs[0].name) : "");
    make_nodes(&l);
    make_images(&l);
    make_objects(&l);
    make_actions(&l);
    fit_actions(&l);
    finish_unmodelled(&l);
    const struct node **nodes = arena_array(a, const struct node *, l.nodes.count);
    for (uint32_t i = 0; i < l.nodes.count; i++)
        nodes[i] = *(const struct node **)pool_at(&l.nodes, i);
    s.nodes.items = nodes;
    s.nodes.count = l.nodes.count;
    if (l.result < 0 || d->error_count > errors)
        return -1;
    if (s.objects.count == 0 && s.actions.count == 0)
        return diag_error(d, SRC_POS_NONE, "nothing to simulate: no object and no action was given");
    *ret_scenario = s;
    return 0;
}
