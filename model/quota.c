/* quota.c - see quota.h. Functions are named after those of the evaluators and of controller.go.
 *
 * Left out on purpose: updates that take more (resizes, a Service's type), limited resources of the API server's
 * configuration, scopes of other kinds than pods, PersistentVolumeClaims and resource claims.
 */
#include "model/quota.h"

#include <string.h>

/* ---- which resources are whose ---- */

/* Kinds that are counted under an old name beside count/...: registry.go legacyObjectCountAliases, services.go. */
static const struct {
    enum api_kind kind;
    const char *name;
} old_names[] = {
    {KIND_CONFIGMAP, "configmaps"},
    {KIND_RESOURCEQUOTA, "resourcequotas"},
    {KIND_REPLICATIONCONTROLLER, "replicationcontrollers"},
    {KIND_SECRET, "secrets"},
    {KIND_SERVICE, "services"},
    {KIND_SERVICE, "services.nodeports"},
    {KIND_SERVICE, "services.loadbalancers"},
};
/* pods.go podResources; what is true of every container with them: validationSet. */
static const struct {
    const char *name;
    bool required;
} pod_resources[] = {
    {"pods", false},
    {"cpu", true},
    {"memory", true},
    {"ephemeral-storage", false},
    {"requests.cpu", true},
    {"requests.memory", true},
    {"limits.cpu", true},
    {"limits.memory", true},
    {"limits.ephemeral-storage", false},
    {"requests.ephemeral-storage", false},
};

static bool starts_with(const char *s, const char *prefix) { return strncmp(s, prefix, strlen(prefix)) == 0; }

static bool is_pod_resource(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(pod_resources); i++)
        if (strcmp(pod_resources[i].name, name) == 0)
            return true;
    return starts_with(name, "hugepages-") || starts_with(name, "requests.hugepages-") ||
           (starts_with(name, "requests.") && strchr(name, '/'));
}

/* "count/pods", "count/deployments.apps". */
static bool is_count_of(const char *name, enum api_kind kind)
{
    const struct kind_info *k = &kind_infos[kind];
    size_t n = strlen(k->resource);
    if (!starts_with(name, "count/") || !starts_with(name + 6, k->resource))
        return false;
    name += 6 + n;
    return *k->group ? *name == '.' && strcmp(name + 1, k->group) == 0 : !*name;
}

static bool is_resource_of(const char *name, enum api_kind kind)
{
    if (is_count_of(name, kind) || (kind == KIND_POD && is_pod_resource(name)))
        return true;
    for (size_t i = 0; i < ARRAY_LEN(old_names); i++)
        if (old_names[i].kind == kind && strcmp(old_names[i].name, name) == 0)
            return true;
    return false;
}

uint32_t quota_kinds(const quantity_map *hard)
{
    uint32_t kinds = 0;
    for (enum api_kind kind = KIND_NONE + 1; kind < KIND_COUNT; kind++)
        for (uint32_t i = 0; kind_infos[kind].namespaced && i < hard->count; i++)
            kinds |= is_resource_of(hard->items[i].key, kind) ? 1u << kind : 0;
    return kinds;
}

/* ---- what one object uses ---- */

/* QuotaV1Pod */
bool quota_counts_pod(const struct pod *p, sim_time now)
{
    const struct object_meta *m = &p->object.meta;
    if (text_is(p->status.phase, "Failed") || text_is(p->status.phase, "Succeeded"))
        return false;
    if (m->deletion_timestamp == SIM_NEVER || !m->deletion_grace_period_seconds.set)
        return true;
    return now <= sim_time_add(m->deletion_timestamp, m->deletion_grace_period_seconds.value * SIM_SECOND);
}

static void put(struct arena *a, quantity_map *to, const char *name, const struct quantity *q)
{
    *to = quantity_map_with(a, to, name, q);
}

static void put_count(struct arena *a, quantity_map *to, const char *name, int64_t n)
{
    struct quantity q = quantity_from_value(a, n, QUANTITY_DECIMAL);
    put(a, to, name, &q);
}

/* podComputeUsageHelper */
static void put_amounts(struct arena *a, quantity_map *to, const quantity_map *requests, const quantity_map *limits)
{
    static const char *const native[] = {"cpu", "memory", "ephemeral-storage"};
    put_count(a, to, "pods", 1);
    for (size_t i = 0; i < ARRAY_LEN(native); i++) {
        const struct quantity *request = quantity_map_get(requests, native[i]),
                              *limit = quantity_map_get(limits, native[i]);
        if (request) {
            put(a, to, native[i], request);
            put(a, to, arena_printf(a, "requests.%s", native[i]), request);
        }
        if (limit)
            put(a, to, arena_printf(a, "limits.%s", native[i]), limit);
    }
    for (uint32_t i = 0; i < requests->count; i++) {
        const struct quantity_pair *p = &requests->items[i];
        bool huge = starts_with(p->key, "hugepages-");
        if (huge)
            put(a, to, p->key, &p->value);
        if (huge || strchr(p->key, '/'))
            put(a, to, arena_printf(a, "requests.%s", p->key), &p->value);
    }
}

static void put_service(struct arena *a, quantity_map *to, const struct service *svc)
{
    bool balanced = text_is(svc->spec.type, "LoadBalancer"), ported = balanced || text_is(svc->spec.type, "NodePort");
    bool without = balanced && svc->spec.allocate_load_balancer_node_ports.set &&
                   !svc->spec.allocate_load_balancer_node_ports.value;
    put_count(a, to, "services", 1);
    put_count(a, to, "services.nodeports", ported && !without ? svc->spec.ports.count : 0);
    put_count(a, to, "services.loadbalancers", balanced);
}

static quantity_map usage_of(struct arena *a, const struct api_object *o, sim_time now)
{
    quantity_map used = {0};
    const struct kind_info *k = &kind_infos[o->kind];
    put_count(a, &used, arena_printf(a, "count/%s%s%s", k->resource, *k->group ? "." : "", k->group), 1);
    if (o->kind == KIND_POD && quota_counts_pod((const struct pod *)o, now)) {
        quantity_map requests, limits;
        pod_request_map(a, &((const struct pod *)o)->spec, &requests);
        pod_limit_map(a, &((const struct pod *)o)->spec, &limits);
        put_amounts(a, &used, &requests, &limits);
    } else if (o->kind == KIND_SERVICE) {
        put_service(a, &used, (const struct service *)o);
    } else {
        for (size_t i = 0; i < ARRAY_LEN(old_names); i++)
            if (old_names[i].kind == o->kind)
                put_count(a, &used, old_names[i].name, 1);
    }
    return used;
}

/* ---- scopes: podMatchesScopeFunc ---- */

static bool one_of(const str_list *list, const char *word)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i], word) == 0)
            return true;
    return false;
}

static bool class_matches(const struct pod *p, const struct scope_requirement *r)
{
    const char *name = p->spec.priority_class_name, *op = r ? r->operator_ : "Exists";
    bool has = name && *name;
    if (text_is(op, "Exists"))
        return has;
    if (text_is(op, "DoesNotExist"))
        return !has;
    bool in = has && one_of(&r->values, name);
    return text_is(op, "In") ? in : !in;
}

static bool pod_in_scope(const struct pod *p, const char *scope, const struct scope_requirement *r)
{
    bool best_effort = strcmp(pod_qos_class(&p->spec), "BestEffort") == 0;
    if (strcmp(scope, "Terminating") == 0)
        return p->spec.active_deadline_seconds.set;
    if (strcmp(scope, "NotTerminating") == 0)
        return !p->spec.active_deadline_seconds.set;
    if (strcmp(scope, "BestEffort") == 0)
        return best_effort;
    if (strcmp(scope, "NotBestEffort") == 0)
        return !best_effort;
    return strcmp(scope, "PriorityClass") == 0 && class_matches(p, r);
}

static bool scopes_match(const struct resource_quota *q, const struct api_object *o)
{
    const struct scope_selector *s = q->spec.scope_selector;
    bool scoped = q->spec.scopes.count || (s && s->match_expressions.count);
    if (!scoped || o->kind != KIND_POD)
        return !scoped;
    const struct pod *p = (const struct pod *)o;
    for (uint32_t i = 0; i < q->spec.scopes.count; i++)
        if (!pod_in_scope(p, q->spec.scopes.items[i], NULL))
            return false;
    for (uint32_t i = 0; s && i < s->match_expressions.count; i++)
        if (!pod_in_scope(p, s->match_expressions.items[i].scope_name, &s->match_expressions.items[i]))
            return false;
    return true;
}

/* ---- all that is there ---- */

static void add_usage(struct arena *a, quantity_map *used, const quantity_map *usage)
{
    for (uint32_t i = 0; i < used->count; i++) {
        const struct quantity *q = quantity_map_get(usage, used->items[i].key);
        if (q)
            used->items[i].value = quantity_add(a, &used->items[i].value, q);
    }
}

quantity_map quota_used(const struct store *st, struct arena *a, const struct resource_quota *q, sim_time now)
{
    quantity_map used = {arena_array(a, struct quantity_pair, q->spec.hard.count + 1), 0};
    uint32_t kinds = quota_kinds(&q->spec.hard);
    for (uint32_t i = 0; i < q->spec.hard.count; i++)
        used.items[used.count++] = (struct quantity_pair){
            q->spec.hard.items[i].key, quantity_from_value(a, 0, q->spec.hard.items[i].value.format)};
    for (enum api_kind kind = KIND_NONE + 1; kind < KIND_COUNT; kind++) {
        uint32_t cursor = 0;
        if (!(kinds & 1u << kind))
            continue;
        for (const struct api_object *o; (o = store_next(st, kind, &cursor)) != NULL;) {
            if (strcmp(o->meta.namespace_, q->object.meta.namespace_) != 0 || !scopes_match(q, o))
                continue;
            quantity_map usage = usage_of(a, o, now);
            add_usage(a, &used, &usage);
        }
    }
    return used;
}

/* ---- admission: CheckRequest ---- */

/* "cpu=1,pods=2" of those keys. */
static const char *pretty(struct arena *a, const quantity_map *m, const str_list *keys)
{
    const char *text = "";
    for (uint32_t i = 0; i < keys->count; i++) {
        const struct quantity *q = quantity_map_get(m, keys->items[i]);
        text = arena_printf(a, "%s%s%s=%s", text, i ? "," : "", keys->items[i], q ? q->text : "0");
    }
    return text;
}

static void require(struct arena *a, const struct container *list, uint32_t count, const char *resource,
                    const char **missing)
{
    for (uint32_t i = 0; i < count; i++) {
        quantity_map has = {0};
        put_amounts(a, &has, &list[i].resources.requests, &list[i].resources.limits);
        if (!quantity_map_get(&has, resource))
            *missing = arena_printf(a, "%s%s%s", *missing, **missing ? "," : "", list[i].name);
    }
}

/* Constraints: what a quota of cpu and memory wants every container to say. NULL = it is said. */
static const char *constraints(struct arena *a, const struct resource_quota *q, const struct pod *p)
{
    const char *text = "";
    if (p->spec.resources.requests.count || p->spec.resources.limits.count)
        return NULL;
    for (uint32_t i = 0; i < q->status.hard.count; i++) {
        const char *key = q->status.hard.items[i].key, *missing = "";
        bool required = false;
        for (size_t k = 0; k < ARRAY_LEN(pod_resources); k++)
            required = required || (pod_resources[k].required && strcmp(pod_resources[k].name, key) == 0);
        if (!required)
            continue;
        require(a, p->spec.containers.items, p->spec.containers.count, key, &missing);
        require(a, p->spec.init_containers.items, p->spec.init_containers.count, key, &missing);
        if (*missing)
            text = arena_printf(a, "%s%s%s for: %s", text, *text ? "; " : "", key, missing);
    }
    return *text ? arena_printf(a, "failed quota: %s: must specify %s", q->object.meta.name, text) : NULL;
}

/* hasUsageStats: the controller has counted what the quota limits. */
static const char *unknown_usage(struct arena *a, const struct resource_quota *q, enum api_kind kind)
{
    const char *names = "";
    bool known = true;
    for (uint32_t i = 0; i < q->status.hard.count; i++) {
        const char *key = q->status.hard.items[i].key;
        if (!is_resource_of(key, kind))
            continue;
        names = arena_printf(a, "%s%s%s", names, *names ? "," : "", key);
        known = known && quantity_map_get(&q->status.used, key);
    }
    return known ? NULL : arena_printf(a, "status unknown for quota: %s, resources: %s", q->object.meta.name, names);
}

/* What would be used; NULL, or what is too much. */
static const char *take(struct arena *a, const struct resource_quota *q, const quantity_map *usage,
                        quantity_map *ret_used)
{
    str_list exceeded = {arena_array(a, const char *, q->status.hard.count + 1), 0};
    *ret_used = q->status.used;
    for (uint32_t i = 0; i < q->status.hard.count; i++) {
        const struct quantity_pair *hard = &q->status.hard.items[i];
        const struct quantity *asked = quantity_map_get(usage, hard->key);
        if (!asked || quantity_sign(asked) == 0)
            continue;
        const struct quantity *used = quantity_map_get(&q->status.used, hard->key);
        struct quantity sum = used ? quantity_add(a, used, asked) : *asked;
        put(a, ret_used, hard->key, &sum);
        if (quantity_compare(&sum, &hard->value) > 0)
            exceeded.items[exceeded.count++] = hard->key;
    }
    if (exceeded.count == 0)
        return NULL;
    return arena_printf(a, "exceeded quota: %s, requested: %s, used: %s, limited: %s", q->object.meta.name,
                        pretty(a, usage, &exceeded), pretty(a, &q->status.used, &exceeded),
                        pretty(a, &q->status.hard, &exceeded));
}

struct change { /* of a quota's status, once all of them have agreed */
    const struct resource_quota *quota;
    quantity_map used;
};

static bool concerns(const struct resource_quota *q, const struct api_object *o)
{
    bool any = false;
    for (uint32_t i = 0; i < q->status.hard.count; i++)
        any = any || is_resource_of(q->status.hard.items[i].key, o->kind);
    return any && strcmp(q->object.meta.namespace_, o->meta.namespace_) == 0 && scopes_match(q, o);
}

/* checkRequest of one quota: NULL = it has room. */
static const char *ask(struct admission_request *r, const struct resource_quota *q, struct change *ret)
{
    const struct api_object *o = r->object;
    const char *why = o->kind == KIND_POD ? constraints(r->arena, q, (const struct pod *)o) : NULL;
    if (!why)
        why = unknown_usage(r->arena, q, o->kind);
    if (why)
        return why;
    quantity_map usage = usage_of(r->arena, o, sim_now(store_sim(r->store)));
    *ret = (struct change){.quota = q};
    return take(r->arena, q, &usage, &ret->used);
}

void quota_validate(struct admission_request *r)
{
    enum { QUOTAS_MAX = 64 };
    struct change changes[QUOTAS_MAX];
    uint32_t count = 0, cursor = 0;
    for (const struct api_object *o; (o = store_next(r->store, KIND_RESOURCEQUOTA, &cursor)) && count < QUOTAS_MAX;) {
        const struct resource_quota *q = (const struct resource_quota *)o;
        if (!concerns(q, r->object))
            continue;
        const char *why = ask(r, q, &changes[count]);
        if (why) {
            admission_forbid(r, why);
            return;
        }
        count++;
    }
    uint32_t cause = sim_cause(store_sim(r->store));
    for (uint32_t i = 0; i < count; i++) {
        if (changes[i].used.items == changes[i].quota->status.used.items)
            continue;
        struct resource_quota *next = (struct resource_quota *)store_edit(r->store, &changes[i].quota->object);
        next->status.used = changes[i].used;
        store_update(r->store, COMP_API_SERVER, &next->object, false);
        sim_set_cause(store_sim(r->store), cause);
    }
}
