/* dns.c - cluster DNS: what CoreDNS's kubernetes plugin answers, from its own view of the API.
 *
 * Mirrors coredns plugin/kubernetes (names: semantics/endpoints-and-traffic.md 4). A change reaches
 * the answers dns_apply after the watch has delivered it. Left out on purpose: caches and TTLs, SRV.
 */
#include "model/dns.h"

#include <string.h>

#include "model/classes.h"

struct record { /* a Service or EndpointSlice in the answers */
    uint32_t ordinal, object;
    const struct api_object *shown, *coming; /* NULL = not there */
    bool has_coming;
    struct sim_timer apply;
};

struct dns {
    struct store *store;
    struct sim *sim;
    uint32_t handler;
    struct pool records;
};

static struct record *record_at(const struct dns *d, uint32_t i) { return pool_at(&d->records, i); }

void dns_deliver(struct dns *d, const struct watch_event *e)
{
    struct record *r = NULL;
    for (uint32_t i = 0; i < d->records.count && !r; i++) {
        if (record_at(d, i)->ordinal == e->object->ordinal)
            r = record_at(d, i);
    }
    if (!r) {
        uint32_t i = pool_add(&d->records);
        r = record_at(d, i);
        r->ordinal = e->object->ordinal;
        r->object = sim_object_new(d->sim, d->handler, i);
    }
    r->coming = e->verb == WRITE_DELETE ? NULL : e->object;
    r->has_coming = true;
    sim_time now = sim_now(d->sim);
    sim_time cost = profile_draw(store_profile(d->store), HOP_DNS_APPLY, e->object->stream, now);
    sim_arm(d->sim, sim_time_add(now, cost), CLASS_DATAPLANE, r->object, 0);
}

bool dns_is_settled(const struct dns *d)
{
    for (uint32_t i = 0; i < d->records.count; i++)
        if (record_at(d, i)->has_coming)
            return false;
    return true;
}

static struct sim_timer *timer(void *ctx, uint32_t local, uint32_t class, uint32_t index)
{
    ASSERT(class == CLASS_DATAPLANE && index == 0);
    return &record_at(ctx, local)->apply;
}

static void fire(void *ctx, uint32_t local, uint32_t class, uint32_t index)
{
    (void)class, (void)index;
    struct record *r = record_at(ctx, local);
    r->shown = r->coming;
    r->has_coming = false;
}

struct dns *dns_new(struct store *st)
{
    struct arena *a = store_arena(st);
    struct dns *d = arena_new(a, struct dns);
    *d = (struct dns){.store = st, .sim = store_sim(st)};
    pool_init(&d->records, a, sizeof(struct record));
    d->handler = sim_handler_add(d->sim, &(struct sim_handler){"dns", d, timer, fire});
    return d;
}

/* ---- names ---- */

enum { MAX_LABELS = 8 };

/* Splits at dots; returns the number of labels, 0 when there are too many. */
static uint32_t split(struct arena *a, const char *name, const char **labels)
{
    uint32_t n = 0;
    while (*name) {
        size_t len = strcspn(name, ".");
        if (n == MAX_LABELS || len == 0)
            return 0;
        labels[n++] = arena_strndup(a, name, len);
        name += len + (name[len] == '.');
    }
    return n;
}

static const struct service *find_service(const struct dns *d, const char *namespace_, const char *name)
{
    for (uint32_t i = 0; i < d->records.count; i++) {
        const struct api_object *o = record_at(d, i)->shown;
        if (o && o->kind == KIND_SERVICE && strcmp(o->meta.name, name) == 0 &&
            strcmp(o->meta.namespace_, namespace_) == 0)
            return (const struct service *)o;
    }
    return NULL;
}

static void add_address(struct arena *a, struct dns_answer *answer, const char *ip)
{
    const char **items = arena_array(a, const char *, answer->addresses.count + 1);
    if (answer->addresses.count)
        memcpy(items, answer->addresses.items, answer->addresses.count * sizeof(*items));
    items[answer->addresses.count++] = ip;
    answer->addresses.items = items;
    answer->found = true;
}

/* Ready endpoints of a headless Service, or the one with this host name. */
static void add_endpoints(const struct dns *d, struct arena *a, const struct service *s, const char *hostname,
                          struct dns_answer *answer)
{
    for (uint32_t i = 0; i < d->records.count; i++) {
        const struct api_object *o = record_at(d, i)->shown;
        if (!o || o->kind != KIND_ENDPOINTSLICE || strcmp(o->meta.namespace_, s->object.meta.namespace_) != 0)
            continue;
        const char *owner = str_map_get(&o->meta.labels, "kubernetes.io/service-name");
        if (!owner || strcmp(owner, s->object.meta.name) != 0)
            continue;
        const struct endpoint_slice *slice = (const struct endpoint_slice *)o;
        for (uint32_t k = 0; k < slice->endpoints.count; k++) {
            const struct endpoint *e = &slice->endpoints.items[k];
            bool ready = !e->conditions.ready.set || e->conditions.ready.value;
            bool named = !hostname || (e->hostname && strcmp(e->hostname, hostname) == 0);
            if (ready && named && e->addresses.count)
                add_address(a, answer, e->addresses.items[0]);
        }
    }
}

/* "4.3.2.1.in-addr.arpa": the Service with the address 1.2.3.4, else a pod that is an endpoint of one. */
static const char *name_of_address(const struct dns *d, struct arena *a, const char *ip)
{
    for (uint32_t i = 0; i < d->records.count; i++) {
        const struct api_object *o = record_at(d, i)->shown;
        if (o && o->kind == KIND_SERVICE && text_is(((const struct service *)o)->spec.cluster_ip, ip))
            return arena_printf(a, "%s.%s.svc.cluster.local", o->meta.name, o->meta.namespace_);
    }
    for (uint32_t i = 0; i < d->records.count; i++) {
        const struct api_object *o = record_at(d, i)->shown;
        const char *owner =
            o && o->kind == KIND_ENDPOINTSLICE ? str_map_get(&o->meta.labels, "kubernetes.io/service-name") : NULL;
        const struct endpoint_slice *slice = (const struct endpoint_slice *)o;
        for (uint32_t k = 0; owner && k < slice->endpoints.count; k++) {
            const struct endpoint *e = &slice->endpoints.items[k];
            if (e->addresses.count == 0 || strcmp(e->addresses.items[0], ip) != 0)
                continue;
            char *dashed = arena_strdup(a, ip);
            for (char *p = dashed; *p; p++)
                *p = (char)(*p == '.' ? '-' : *p);
            return arena_printf(a, "%s.%s.%s.svc.cluster.local", e->hostname ? e->hostname : dashed, owner,
                                o->meta.namespace_);
        }
    }
    return NULL;
}

static void resolve_address(const struct dns *d, struct arena *a, const char *const *labels, struct dns_answer *answer)
{
    const char *ip = arena_printf(a, "%s.%s.%s.%s", labels[3], labels[2], labels[1], labels[0]);
    answer->canonical = name_of_address(d, a, ip);
    answer->found = answer->canonical;
}

void dns_resolve(struct dns *d, struct arena *a, const char *fqdn, struct dns_answer *answer)
{
    const char *labels[MAX_LABELS];
    uint32_t n = split(a, fqdn, labels);
    *answer = (struct dns_answer){0};
    if (n == 6 && strcmp(labels[5], "arpa") == 0 && strcmp(labels[4], "in-addr") == 0) {
        resolve_address(d, a, labels, answer);
        return;
    }
    /* [host.]service.namespace.svc.cluster.local */
    if (n < 5 || n > 6 || strcmp(labels[n - 1], "local") != 0 || strcmp(labels[n - 2], "cluster") != 0)
        return;
    if (strcmp(labels[n - 3], "pod") == 0 && n == 5) { /* 10-244-1-2.default.pod.cluster.local */
        char *ip = arena_strdup(a, labels[0]);
        for (char *p = ip; *p; p++)
            *p = (char)(*p == '-' ? '.' : *p);
        add_address(a, answer, ip);
        return;
    }
    if (strcmp(labels[n - 3], "svc") != 0)
        return;
    const struct service *s = find_service(d, labels[n - 4], labels[n - 5]);
    if (!s)
        return;
    const char *hostname = n == 6 ? labels[0] : NULL;
    bool headless = s->spec.cluster_ip && strcmp(s->spec.cluster_ip, "None") == 0;
    if (s->spec.type && strcmp(s->spec.type, "ExternalName") == 0) {
        answer->found = !hostname;
        answer->canonical = s->spec.external_name;
    } else if (headless) {
        add_endpoints(d, a, s, hostname, answer);
    } else if (!hostname && s->spec.cluster_ip) {
        add_address(a, answer, s->spec.cluster_ip);
    }
}
