/* pod_defaults.c - defaults of a pod that depend on other fields, and what admission adds.
 * k8s pkg/apis/core/v1/defaults.go; plugin/pkg/admission/{defaulttolerationseconds,priority};
 * pkg/registry/core/pod/strategy.go PrepareForCreate, v1.36. Left out: service accounts and their tokens.
 */
#include "model/api_types.h"

#include <string.h>

/* k8s parsers.ParseImageName: no tag and no digest means latest. */
static bool tag_is_latest(const char *image)
{
    if (strchr(image, '@'))
        return false;
    const char *slash = strrchr(image, '/');
    const char *colon = strchr(slash ? slash : image, ':');
    return !colon || strcmp(colon + 1, "latest") == 0;
}

/* k8s defaults.go SetDefaults_Container. */
void container_set_defaults(struct arena *a, void *object)
{
    (void)a;
    struct container *c = object;
    if (!c->image_pull_policy)
        c->image_pull_policy = c->image && !tag_is_latest(c->image) ? "IfNotPresent" : "Always";
}

/* k8s defaults.go SetDefaults_Volume. */
void volume_set_defaults(struct arena *a, void *object)
{
    struct volume *v = object;
    bool any =
        v->empty_dir || v->host_path || v->config_map || v->secret || v->downward_api || v->projected || v->other;
    if (!any)
        v->empty_dir = arena_new(a, struct empty_dir_volume);
}

static const struct quantity *find_amount(const quantity_map *map, const char *key)
{
    for (uint32_t i = 0; i < map->count; i++)
        if (strcmp(map->items[i].key, key) == 0)
            return &map->items[i].value;
    return NULL;
}

/* Adds a pair where its key belongs. */
static void add_amount(struct arena *a, quantity_map *map, const struct quantity_pair *pair)
{
    struct quantity_pair *items = arena_array(a, struct quantity_pair, map->count + 1);
    uint32_t at = 0;
    while (at < map->count && strcmp(map->items[at].key, pair->key) < 0)
        at++;
    if (at)
        memcpy(items, map->items, at * sizeof *items);
    items[at] = *pair;
    if (at < map->count)
        memcpy(items + at + 1, map->items + at, (map->count - at) * sizeof *items);
    map->items = items;
    map->count++;
}

/* k8s defaults.go SetDefaults_Pod: a limit without a request is requested. */
static void request_limits(struct arena *a, struct resource_requirements *r)
{
    for (uint32_t i = 0; i < r->limits.count; i++)
        if (!find_amount(&r->requests, r->limits.items[i].key))
            add_amount(a, &r->requests, &r->limits.items[i]);
}

/* k8s defaults.go defaultHostNetworkPorts: with the node's network each port is the node's own. */
static void bind_host_ports(struct container *c)
{
    for (uint32_t i = 0; i < c->ports.count; i++)
        if (c->ports.items[i].host_port == 0)
            c->ports.items[i].host_port = c->ports.items[i].container_port;
}

static bool pod_level_resource(const char *key)
{
    return strcmp(key, "cpu") == 0 || strcmp(key, "memory") == 0 || strncmp(key, "hugepages-", 10) == 0;
}

/* k8s defaults.go defaultPodRequests: a limit of the whole pod without a request takes the sum of the
 * containers' requests, if any asks for that resource, else the limit. */
static void request_pod_limits(struct arena *a, struct pod_spec *s)
{
    if (s->resources.limits.count == 0 && s->resources.requests.count == 0)
        return;
    for (uint32_t i = 0; i < s->resources.limits.count; i++) {
        struct quantity_pair pair = s->resources.limits.items[i];
        if (!pod_level_resource(pair.key) || find_amount(&s->resources.requests, pair.key))
            continue;
        struct quantity sum = {0};
        for (uint32_t k = 0; k < s->containers.count; k++) {
            const struct quantity *q = find_amount(&s->containers.items[k].resources.requests, pair.key);
            if (q)
                sum = quantity_add(a, &sum, q);
        }
        if (sum.set && strncmp(pair.key, "hugepages-", 10) != 0)
            pair.value = sum;
        add_amount(a, &s->resources.requests, &pair);
    }
}

void pod_spec_set_defaults(struct arena *a, void *object)
{
    struct pod_spec *s = object;
    for (uint32_t i = 0; i < s->containers.count; i++) {
        request_limits(a, &s->containers.items[i].resources);
        if (s->host_network)
            bind_host_ports(&s->containers.items[i]);
    }
    for (uint32_t i = 0; i < s->init_containers.count; i++) {
        request_limits(a, &s->init_containers.items[i].resources);
        if (s->host_network)
            bind_host_ports(&s->init_containers.items[i]);
    }
    request_pod_limits(a, s);
    /* k8s core/v1/conversion.go: the old name shows the new one's value. */
    if (!s->service_account_name)
        s->service_account_name = s->service_account;
    s->service_account = s->service_account_name;
}

/* k8s defaults.go SetDefaults_Pod: what templates do not get. */
void pod_set_defaults(struct arena *a, void *object)
{
    struct pod_spec *s = &((struct pod *)object)->spec;
    (void)a;
    if (!s->enable_service_links.set)
        s->enable_service_links = (struct opt_bool){true, true};
}

/* ---- admission ---- */

static bool tolerates(const struct toleration *t, const char *key)
{
    bool this_key = !t->key || strcmp(t->key, key) == 0;
    return this_key && (!t->effect || strcmp(t->effect, "NoExecute") == 0);
}

void pod_default_tolerations(struct arena *a, struct pod_spec *s)
{
    enum { TOLERATION_SECONDS = 300 };
    static const char *const keys[] = {"node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"};
    bool known[ARRAY_LEN(keys)] = {false};
    uint32_t missing = 0;
    for (size_t k = 0; k < ARRAY_LEN(keys); k++) {
        for (uint32_t i = 0; i < s->tolerations.count; i++)
            known[k] = known[k] || tolerates(&s->tolerations.items[i], keys[k]);
        missing += !known[k];
    }
    if (missing == 0)
        return;
    struct toleration *items = arena_array(a, struct toleration, s->tolerations.count + missing);
    if (s->tolerations.count)
        memcpy(items, s->tolerations.items, s->tolerations.count * sizeof *items);
    s->tolerations.items = items;
    for (size_t k = 0; k < ARRAY_LEN(keys); k++)
        if (!known[k])
            items[s->tolerations.count++] = (struct toleration){.key = keys[k],
                                                                .operator_ = "Exists",
                                                                .effect = "NoExecute",
                                                                .toleration_seconds = {TOLERATION_SECONDS, true}};
}

/* k8s pkg/registry/core/pod/strategy.go: a gated pod starts with PodScheduled False. */
static void set_initial_status(struct arena *a, struct pod *pod)
{
    api_init(&pod_status_type, &pod->status);
    pod->status.phase = "Pending";
    pod->status.qos_class = pod_qos_class(&pod->spec);
    if (pod->spec.scheduling_gates.count == 0)
        return;
    struct pod_condition *condition = arena_new(a, struct pod_condition);
    *condition = (struct pod_condition){
        .type = "PodScheduled",
        .status = "False",
        .reason = "SchedulingGated",
        .message = "Scheduling is blocked due to non-empty scheduling gates",
        .last_probe_time = SIM_NEVER,
        .last_transition_time = SIM_NEVER,
    };
    pod->status.conditions.items = condition;
    pod->status.conditions.count = 1;
}

void pod_prepare_for_create(struct arena *a, struct pod *pod)
{
    pod->object.meta.generation = 1;
    pod_set_defaults(a, pod);
    set_initial_status(a, pod);
}

static void take_resources(struct arena *a, struct container **list, uint32_t count, const struct container *from,
                           uint32_t from_count)
{
    struct container *copy = arena_array(a, struct container, count + 1);
    if (count)
        memcpy(copy, *list, count * sizeof(*copy));
    for (uint32_t i = 0; i < count && i < from_count; i++)
        copy[i].resources = from[i].resources;
    *list = copy;
}

void pod_take_resources(struct arena *a, struct pod_spec *to, const struct pod_spec *from)
{
    to->resources = from->resources;
    take_resources(a, &to->containers.items, to->containers.count, from->containers.items, from->containers.count);
    take_resources(a, &to->init_containers.items, to->init_containers.count, from->init_containers.items,
                   from->init_containers.count);
}
