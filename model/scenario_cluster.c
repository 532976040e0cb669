/* scenario_cluster.c - the cluster a scenario is played on: its nodes, and the images it knows.
 *
 * Nodes look as a kubelet leaves them when it has registered. Images lie over those of the built-in catalogue.
 */
#include "model/scenario_doc.h"

#include <stdlib.h>
#include <string.h>

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

enum { PODS_MAX = 110 }; /* k8s pkg/kubelet/apis/config/v1beta1/defaults.go maxPods */

/* k8s pkg/kubelet/nodestatus/setters.go MachineInfo. */
static int64_t pods_of(const struct kubelet_config *k, const struct quantity *cpu)
{
    int64_t pods = k->max_pods.set ? k->max_pods.value : PODS_MAX, per_core = k->pods_per_core.value;
    int64_t of_cores = quantity_value(cpu) * per_core;
    return per_core > 0 && of_cores < pods ? of_cores : pods;
}

static int by_resource(const void *a, const void *b)
{
    return strcmp(((const struct quantity_pair *)a)->key, ((const struct quantity_pair *)b)->key);
}

/* Over what is there already. */
static void set_resource(quantity_map *map, const char *key, struct quantity value)
{
    uint32_t at = 0;
    while (at < map->count && strcmp(map->items[at].key, key) != 0)
        at++;
    map->items[at] = (struct quantity_pair){key, value};
    map->count += at == map->count;
}

static quantity_map node_capacity(struct loader *l, const struct scenario_node *n)
{
    quantity_map map = {arena_array(l->arena, struct quantity_pair, 4 + n->capacity.count), 0};
    struct quantity cpu = n->cpu.set ? n->cpu : quantity_of(l, "4");
    int64_t pods = n->pods.set ? n->pods.value : pods_of(&l->scenario->kubelet, &cpu);
    set_resource(&map, "cpu", cpu);
    set_resource(&map, "ephemeral-storage", quantity_of(l, "100Gi"));
    set_resource(&map, "memory", n->memory.set ? n->memory : quantity_of(l, "16Gi"));
    set_resource(&map, "pods", quantity_of(l, arena_printf(l->arena, "%" PRId64, pods)));
    for (uint32_t i = 0; i < n->capacity.count; i++)
        set_resource(&map, n->capacity.items[i].key, n->capacity.items[i].value);
    qsort(map.items, map.count, sizeof *map.items, by_resource);
    return map;
}

static int64_t reserved_milli(struct loader *l, const str_map *map, const char *resource)
{
    struct quantity q;
    const char *text = str_map_get(map, resource);
    return text && !quantity_parse(l->arena, text, &q) ? quantity_milli(&q) : 0;
}

/* What the system and Kubernetes' own processes keep is not for pods: k8s pkg/kubelet/nodestatus/setters.go.
 * Left out: the hard eviction thresholds, which a real kubelet also takes off. */
static quantity_map left_for_pods(struct loader *l, const quantity_map *capacity)
{
    const struct kubelet_config *k = &l->scenario->kubelet;
    quantity_map map = {arena_array(l->arena, struct quantity_pair, capacity->count), capacity->count};
    for (uint32_t i = 0; i < capacity->count; i++) {
        const char *resource = capacity->items[i].key;
        int64_t reserved =
            reserved_milli(l, &k->system_reserved, resource) + reserved_milli(l, &k->kube_reserved, resource);
        map.items[i] = capacity->items[i];
        if (reserved == 0)
            continue;
        int64_t left = quantity_milli(&capacity->items[i].value) - reserved;
        map.items[i].value = quantity_from_milli(l->arena, left > 0 ? left : 0, capacity->items[i].value.format);
    }
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
        n->status.capacity = node_capacity(l, &(struct scenario_node){0});
    if (n->status.allocatable.count == 0)
        n->status.allocatable = left_for_pods(l, &n->status.capacity);
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

static void add_node(struct loader *l, struct node *n, struct src_pos at)
{
    for (uint32_t i = 0; i < l->nodes.count; i++) {
        const struct node *other = *(const struct node **)pool_at(&l->nodes, i);
        if (strcmp(other->object.meta.name, n->object.meta.name) == 0) {
            diag_report(l->diags, CODE_DUPLICATE, at, NULL, "node \"%s\" is given twice", n->object.meta.name);
            loader_fail(l);
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

static quantity_map node_allocatable_given(struct loader *l, const quantity_map *capacity, const quantity_map *given)
{
    quantity_map left = left_for_pods(l, capacity);
    quantity_map map = {arena_array(l->arena, struct quantity_pair, left.count + given->count), left.count};
    memcpy(map.items, left.items, left.count * sizeof *map.items);
    for (uint32_t i = 0; i < given->count; i++)
        set_resource(&map, given->items[i].key, given->items[i].value);
    qsort(map.items, map.count, sizeof *map.items, by_resource);
    return map;
}

static void add_images(struct loader *l, struct node *n, const str_list *images)
{
    n->status.images.items = arena_array(l->arena, struct node_image, images->count);
    n->status.images.count = images->count;
    for (uint32_t i = 0; i < images->count; i++) {
        n->status.images.items[i].names.items = &images->items[i];
        n->status.images.items[i].names.count = 1;
    }
}

static bool has_taint(const struct node *n, const struct taint *t)
{
    for (uint32_t i = 0; i < n->spec.taints.count; i++)
        if (text_is(n->spec.taints.items[i].key, t->key) && text_is(n->spec.taints.items[i].effect, t->effect))
            return true;
    return false;
}

static void add_taints(struct loader *l, struct node *n, const struct taint *taints, uint32_t count)
{
    struct taint *all = arena_array(l->arena, struct taint, n->spec.taints.count + count);
    if (n->spec.taints.count)
        memcpy(all, n->spec.taints.items, n->spec.taints.count * sizeof *all);
    n->spec.taints.items = all;
    for (uint32_t i = 0; i < count; i++) {
        if (!taints[i].key || has_taint(n, &taints[i]))
            continue;
        all[n->spec.taints.count] = taints[i];
        all[n->spec.taints.count++].time_added = SIM_NEVER;
    }
}

static void add_scenario_nodes(struct loader *l, const struct scenario_node *s, struct src_pos at)
{
    const struct kubelet_config *kubelet = &l->scenario->kubelet;
    uint32_t count = s->count.set && s->count.value > 0 ? (uint32_t)s->count.value : 1;
    for (uint32_t i = 0; i < count && l->nodes.count < NODES_MAX; i++) {
        const char *base = s->name ? s->name : "node";
        bool numbered = !s->name || s->count.set;
        uint32_t number = s->name ? i + 1 : l->nodes.count + 1;
        struct node *n = new_node(l, numbered ? arena_printf(l->arena, "%s%" PRIu32, base, number) : base);
        n->status.capacity = node_capacity(l, s);
        n->status.allocatable = node_allocatable_given(l, &n->status.capacity, &s->allocatable);
        add_images(l, n, &s->images);
        for (uint32_t k = 0; k < s->labels.count; k++)
            map_add(l, &n->object.meta.labels, s->labels.items[k].key, s->labels.items[k].value);
        add_taints(l, n, s->taints.items, s->taints.count);
        add_taints(l, n, kubelet->register_with_taints.items, kubelet->register_with_taints.count);
        add_node(l, n, at);
    }
}

void loader_make_nodes(struct loader *l)
{
    const struct value *list = l->root ? value_get(value_get(l->root, "spec"), "nodes") : NULL;
    for (uint32_t i = 0; i < l->doc.spec.nodes.count; i++) {
        bool written = list && list->type == VALUE_LIST && i < list->count;
        add_scenario_nodes(l, &l->doc.spec.nodes.items[i], written ? list->items[i]->at : SRC_POS_NONE);
    }
    for (uint32_t i = 0; i < l->objects.count; i++) {
        const struct api_object *o = *(const struct api_object **)pool_at(&l->objects, i);
        if (o->kind != KIND_NODE)
            continue;
        struct node *n = arena_new(l->arena, struct node);
        *n = *(const struct node *)o;
        if (n->object.meta.name)
            add_node(l, n, o->source ? o->source->at : SRC_POS_NONE);
    }
    if (l->nodes.count == 0)
        add_scenario_nodes(l, &(struct scenario_node){0}, SRC_POS_NONE);
}

const struct node *loader_make_joining_node(struct loader *l, const char *name)
{
    struct node *n = new_node(l, name);
    const struct kubelet_config *kubelet = &l->scenario->kubelet;
    add_taints(l, n, kubelet->register_with_taints.items, kubelet->register_with_taints.count);
    complete_node(l, n, l->nodes.count + l->scenario->joining.count);
    *(const struct node **)pool_at(&l->scenario->joining, pool_add(&l->scenario->joining)) = n;
    return n;
}

/* ---- images ---- */

/* Documents of kind ImageCatalogue in the order they were given, spec.images above them all. */
void loader_make_images(struct loader *l)
{
    struct image_catalogue *c = &l->scenario->images;
    const struct value *spec = l->root ? value_get(l->root, "spec") : NULL;
    for (uint32_t i = 0; i < l->catalogues.count; i++) {
        const struct loaded_catalogue *k = pool_at(&l->catalogues, i);
        if (image_catalogue_add(c, l->diags, k->doc.images.items, k->doc.images.count, k->list) < 0)
            loader_fail(l);
    }
    if (l->doc.spec.images.count && image_catalogue_add(c, l->diags, l->doc.spec.images.items, l->doc.spec.images.count,
                                                        spec ? value_get(spec, "images") : NULL) < 0)
        loader_fail(l);
}
