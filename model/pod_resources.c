/* pod_resources.c - what a pod asks for, and its class of service.
 * k8s staging/src/k8s.io/component-helpers/resource/helpers.go PodRequests,
 * pkg/apis/core/v1/helper/qos/qos.go ComputePodQOS, v1.36.
 */
#include "model/api_types.h"

#include <string.h>

#include "sim/cover.h"

static const struct quantity *amount(const quantity_map *map, const char *key)
{
    for (uint32_t i = 0; i < map->count; i++)
        if (strcmp(map->items[i].key, key) == 0)
            return &map->items[i].value;
    return NULL;
}

static bool larger(const struct quantity *a, const struct quantity *b) { return quantity_compare(a, b) > 0; }

static const quantity_map *amounts_of(const struct resource_requirements *r, bool limits)
{
    return limits ? &r->limits : &r->requests;
}

/* helpers.go AggregateContainerRequests: main containers and sidecars run at once; an ordinary init
 * container runs beside the sidecars that come before it; the larger of both is what it takes. Limits likewise: a
 * container without one counts as nothing. */
static struct quantity aggregate(struct arena *a, const struct pod_spec *spec, const char *key, bool limits)
{
    struct quantity together = {0}, sidecars = {0}, during_init = {0};
    for (uint32_t i = 0; i < spec->containers.count; i++) {
        const struct quantity *q = amount(amounts_of(&spec->containers.items[i].resources, limits), key);
        if (q)
            together = quantity_add(a, &together, q);
    }
    for (uint32_t i = 0; i < spec->init_containers.count; i++) {
        const struct container *c = &spec->init_containers.items[i];
        const struct quantity *q = amount(amounts_of(&c->resources, limits), key);
        if (!q)
            continue;
        struct quantity with_sidecars = quantity_add(a, &sidecars, q);
        if (container_is_sidecar(c)) {
            together = quantity_add(a, &together, q);
            sidecars = with_sidecars;
        }
        if (larger(&with_sidecars, &during_init))
            during_init = with_sidecars;
    }
    return larger(&during_init, &together) ? during_init : together;
}

static struct quantity effective_request(struct arena *a, const struct pod_spec *spec, const char *key)
{
    const struct quantity *whole = amount(&spec->resources.requests, key), *overhead = amount(&spec->overhead, key);
    struct quantity q = whole ? *whole : aggregate(a, spec, key, false);
    return overhead ? quantity_add(a, &q, overhead) : q;
}

static void add_key(struct arena *a, str_list *keys, const char *key)
{
    uint32_t at = 0;
    while (at < keys->count && strcmp(keys->items[at], key) < 0)
        at++;
    if (at < keys->count && strcmp(keys->items[at], key) == 0)
        return;
    const char **items = arena_array(a, const char *, keys->count + 1);
    for (uint32_t i = 0; i <= keys->count; i++)
        items[i] = i < at ? keys->items[i] : i == at ? key : keys->items[i - 1];
    keys->items = items;
    keys->count++;
}

static void add_extended_keys(struct arena *a, str_list *keys, const quantity_map *map)
{
    static const char *const native[] = {"cpu", "memory", "ephemeral-storage"};
    for (uint32_t i = 0; i < map->count; i++) {
        bool known = false;
        for (size_t k = 0; k < ARRAY_LEN(native); k++)
            known = known || strcmp(map->items[i].key, native[k]) == 0;
        if (!known)
            add_key(a, keys, map->items[i].key);
    }
}

void pod_effective_requests(struct arena *a, const struct pod_spec *spec, struct pod_requests *ret_requests)
{
    struct quantity cpu = effective_request(a, spec, "cpu"), memory = effective_request(a, spec, "memory");
    struct quantity disk = effective_request(a, spec, "ephemeral-storage");
    *ret_requests = (struct pod_requests){.cpu_milli = quantity_milli(&cpu),
                                          .memory_bytes = quantity_value(&memory),
                                          .ephemeral_bytes = quantity_value(&disk)};

    str_list keys = {0};
    for (uint32_t i = 0; i < spec->containers.count; i++)
        add_extended_keys(a, &keys, &spec->containers.items[i].resources.requests);
    for (uint32_t i = 0; i < spec->init_containers.count; i++)
        add_extended_keys(a, &keys, &spec->init_containers.items[i].resources.requests);
    add_extended_keys(a, &keys, &spec->resources.requests);
    add_extended_keys(a, &keys, &spec->overhead);
    ret_requests->other.items = arena_array(a, struct quantity_pair, keys.count);
    for (uint32_t i = 0; i < keys.count; i++)
        ret_requests->other.items[i] = (struct quantity_pair){keys.items[i], effective_request(a, spec, keys.items[i])};
    ret_requests->other.count = keys.count;
}

static void put_request(struct arena *a, const struct pod_spec *spec, const char *key, quantity_map *map)
{
    struct quantity q = effective_request(a, spec, key);
    if (q.set)
        map->items[map->count++] = (struct quantity_pair){key, q};
}

void pod_request_map(struct arena *a, const struct pod_spec *spec, quantity_map *ret_map)
{
    struct pod_requests all;
    pod_effective_requests(a, spec, &all);
    *ret_map = (quantity_map){arena_array(a, struct quantity_pair, all.other.count + 3), 0};
    put_request(a, spec, "cpu", ret_map);
    put_request(a, spec, "ephemeral-storage", ret_map);
    put_request(a, spec, "memory", ret_map);
    for (uint32_t i = 0; i < all.other.count; i++)
        put_request(a, spec, all.other.items[i].key, ret_map);
}

/* helpers.go PodLimits: overhead only beside a limit. */
static struct quantity effective_limit(struct arena *a, const struct pod_spec *spec, const char *key)
{
    const struct quantity *whole = amount(&spec->resources.limits, key), *overhead = amount(&spec->overhead, key);
    struct quantity q = whole ? *whole : aggregate(a, spec, key, true);
    return overhead && quantity_sign(&q) > 0 ? quantity_add(a, &q, overhead) : q;
}

static void add_keys(struct arena *a, str_list *keys, const quantity_map *map)
{
    for (uint32_t i = 0; i < map->count; i++)
        add_key(a, keys, map->items[i].key);
}

void pod_limit_map(struct arena *a, const struct pod_spec *spec, quantity_map *ret_map)
{
    str_list keys = {0};
    for (uint32_t i = 0; i < spec->containers.count; i++)
        add_keys(a, &keys, &spec->containers.items[i].resources.limits);
    for (uint32_t i = 0; i < spec->init_containers.count; i++)
        add_keys(a, &keys, &spec->init_containers.items[i].resources.limits);
    add_keys(a, &keys, &spec->resources.limits);
    *ret_map = (quantity_map){arena_array(a, struct quantity_pair, keys.count + 1), 0};
    for (uint32_t i = 0; i < keys.count; i++)
        ret_map->items[ret_map->count++] =
            (struct quantity_pair){keys.items[i], effective_limit(a, spec, keys.items[i])};
}

/* ---- class of service ---- */

/* Sums over containers of one resource, and whether every container has a limit for it. */
struct qos_sums {
    struct quantity requests, limits;
    bool every_limit;
};

static const char *const qos_keys[] = {"cpu", "memory"};
enum { QOS_KEYS = 2 };

static void add_qos(struct qos_sums sums[QOS_KEYS], const struct resource_requirements *r)
{
    for (size_t k = 0; k < QOS_KEYS; k++) {
        const struct quantity *request = amount(&r->requests, qos_keys[k]), *limit = amount(&r->limits, qos_keys[k]);
        if (request && quantity_sign(request) > 0)
            quantity_accumulate(&sums[k].requests, request);
        if (limit && quantity_sign(limit) > 0)
            quantity_accumulate(&sums[k].limits, limit);
        else
            sums[k].every_limit = false;
    }
}

enum { QOS_BEST_EFFORT, QOS_GUARANTEED, QOS_BURSTABLE };
COVER_TABLE(qos, "QoS class", "nothing asked for: BestEffort", "limits everywhere, equal to requests: Guaranteed",
            "anything else: Burstable");

const char *pod_qos_class(const struct pod_spec *spec)
{
    struct qos_sums sums[QOS_KEYS] = {{.every_limit = true}, {.every_limit = true}};
    bool whole_pod = spec->resources.requests.count || spec->resources.limits.count;
    if (whole_pod) {
        add_qos(sums, &spec->resources);
    } else {
        for (uint32_t i = 0; i < spec->containers.count; i++)
            add_qos(sums, &spec->containers.items[i].resources);
        for (uint32_t i = 0; i < spec->init_containers.count; i++)
            add_qos(sums, &spec->init_containers.items[i].resources);
    }
    bool any = false, guaranteed = true;
    for (size_t k = 0; k < QOS_KEYS; k++) {
        const struct qos_sums *s = &sums[k];
        any = any || s->requests.set || s->limits.set;
        guaranteed = guaranteed && s->every_limit && s->requests.set && quantity_compare(&s->requests, &s->limits) == 0;
    }
    COVER(qos, !any ? QOS_BEST_EFFORT : guaranteed ? QOS_GUARANTEED : QOS_BURSTABLE);
    return !any ? "BestEffort" : guaranteed ? "Guaranteed" : "Burstable";
}
