/* kube_proxy.c - see kube_proxy.h.
 *
 * Mirrors k8s pkg/proxy/iptables/proxier.go in effect: pkg/proxy/runner (when rules are written), pkg/proxy/topology.go
 * (which endpoints), service and endpoint change tracking. Rules: semantics/endpoints-and-traffic.md 3.
 * Left out on purpose: an endpoint that two slices list counts twice; UDP, ipvs and nftables, the periodic full sync
 * (it changes nothing), load balancers outside of the cluster. All proxies hear of a change at the same instant.
 */
#include "model/kube_proxy.h"

#include <string.h>

#include "model/classes.h"
#include "model/value.h"
#include "sim/cover.h"
#include "sim/rng.h"

enum { BUCKETS = 256, AFFINITY_SECONDS = 10800 /* k8s pkg/apis/core/v1 DefaultClientIPServiceAffinitySeconds */ };

/* A Service or slice as it was from `at` on, newest first. */
struct version {
    const struct version *older;
    const struct api_object *object; /* NULL = gone */
    sim_time at;
};

struct slice {
    struct slice *next; /* of the Service, in order of creation */
    uint32_t ordinal;
    const struct version *versions;
};

struct affinity { /* whom a client sticks to */
    struct affinity *next;
    uint32_t node;
    const char *client, *ip;
    int32_t service_port, port;
    sim_time used;
};

struct proxied { /* a Service and its slices, by name: slices may come first */
    struct proxied *next_name, *next_node_port;
    const char *namespace_, *name;
    bool has_node_ports;
    const struct version *versions;
    struct slice *slices, **last_slice;
    struct affinity *affinities;
};

struct address { /* one that a Service has or had */
    struct address *next;
    const char *ip;
    struct proxied *service;
};

struct node_proxy {
    uint32_t ordinal, stream; /* of the Node */
    struct proxy_runner runner;
};

struct kube_proxy {
    struct store *store;
    struct sim *sim;
    struct proxied *by_name[BUCKETS], *with_node_ports;
    struct address *by_ip[BUCKETS];
    struct pool changes; /* sim_time: instants at which changes arrived, ascending */
    uint32_t heard;      /* changes so far */
    struct pool nodes;   /* struct node_proxy */
    uint32_t *node_of;   /* 1 + its index in nodes, by ordinal */
    uint32_t node_of_count;
};

/* ---- when rules are written ---- */

void proxy_runner_init(struct proxy_runner *r, sim_time min_period)
{
    *r = (struct proxy_runner){.start = -1, .end = -1, .in_force = -1, .tokens = 2 * min_period};
}

/* k8s pkg/util/async/bounded_frequency_runner.go (1.33): a bucket of 2 tokens, one more each period. */
static sim_time tokens_at(const struct proxy_runner *r, sim_time at, sim_time min_period)
{
    sim_time tokens = r->start < 0 ? r->tokens : r->tokens + (at - r->start);
    return tokens < 2 * min_period ? tokens : 2 * min_period;
}

sim_time proxy_runner_next(const struct proxy_runner *r, sim_time at, sim_time min_period, bool burst)
{
    if (r->end < 0)
        return at;
    sim_time idle = at > r->end ? at : r->end; /* runs never overlap */
    sim_time possible = r->end + min_period;
    if (burst && tokens_at(r, idle, min_period) >= min_period)
        return idle;
    return idle > possible ? idle : possible;
}

void proxy_runner_begin(struct proxy_runner *r, sim_time at, sim_time took, sim_time min_period)
{
    sim_time tokens = tokens_at(r, at, min_period);
    r->tokens = tokens > min_period ? tokens - min_period : 0;
    r->running = true;
    r->start = at;
    r->end = at + took;
}

static struct node_proxy *proxy_of(struct kube_proxy *p, const char *node_name);

static sim_time change_at(const struct kube_proxy *p, uint32_t i) { return *(const sim_time *)pool_at(&p->changes, i); }

/* The first change after `at`; SIM_NEVER = none. */
static sim_time change_after(const struct kube_proxy *p, sim_time at)
{
    uint32_t low = 0, high = p->changes.count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (change_at(p, middle) > at)
            high = middle;
        else
            low = middle + 1;
    }
    return low < p->changes.count ? change_at(p, low) : SIM_NEVER;
}

/* Carries out the runs that would have begun and ended by now. */
static void advance(const struct kube_proxy *p, struct node_proxy *n)
{
    enum { RUN_ENDS, RUN_STARTS }; /* order at one instant */
    const struct profile *profile = store_profile(p->store);
    struct proxy_runner *r = &n->runner;
    sim_time min_period = profile_draw(profile, HOP_PROXY_MIN_SYNC, n->stream, 0), change;
    for (;;) {
        if (r->running && !sim_passed(p->sim, r->end, CLASS_DATAPLANE, n->ordinal, RUN_ENDS))
            return;
        if (r->running)
            r->in_force = r->start;
        r->running = false;
        change = change_after(p, r->start);
        if (change == SIM_NEVER)
            return;
        sim_time at = proxy_runner_next(r, change, min_period, !store_has(p->store, FEATURE_PROXY_WITHOUT_BURST));
        if (!sim_passed(p->sim, at, CLASS_DATAPLANE, n->ordinal, RUN_STARTS))
            return;
        proxy_runner_begin(r, at, profile_draw(profile, HOP_PROXY_SYNC, n->stream, at), min_period);
    }
}

struct proxy_stamp kube_proxy_stamp(struct kube_proxy *p, const char *node_name)
{
    struct node_proxy *n = proxy_of(p, node_name);
    advance(p, n);
    return (struct proxy_stamp){n->runner.in_force, p->heard};
}

sim_time kube_proxy_next_change(struct kube_proxy *p, const char *node_name)
{
    const struct profile *profile = store_profile(p->store);
    struct node_proxy *n = proxy_of(p, node_name);
    struct proxy_runner *r = &n->runner;
    advance(p, n);
    if (r->running)
        return r->end;
    if (r->in_force == sim_now(p->sim)) /* what comes at this very instant is in them, too */
        return r->in_force;
    sim_time change = change_after(p, r->start);
    if (change == SIM_NEVER)
        return SIM_NEVER;
    sim_time min_period = profile_draw(profile, HOP_PROXY_MIN_SYNC, n->stream, 0);
    sim_time at = proxy_runner_next(r, change, min_period, !store_has(p->store, FEATURE_PROXY_WITHOUT_BURST));
    return sim_time_add(at, profile_draw(profile, HOP_PROXY_SYNC, n->stream, at));
}

/* ---- what proxies have heard of ---- */

static struct proxied **bucket_named(struct kube_proxy *p, const char *namespace_, const char *name)
{
    return &p->by_name[text_hash(text_hash(TEXT_HASH, namespace_), name) % BUCKETS];
}

static struct proxied *find_named(struct kube_proxy *p, const char *namespace_, const char *name)
{
    struct proxied *s = *bucket_named(p, namespace_, name);
    while (s && (strcmp(s->name, name) != 0 || strcmp(s->namespace_, namespace_) != 0))
        s = s->next_name;
    return s;
}

static struct proxied *service_named(struct kube_proxy *p, const char *namespace_, const char *name)
{
    struct proxied **first = bucket_named(p, namespace_, name), *s = find_named(p, namespace_, name);
    if (s)
        return s;
    s = arena_new(store_arena(p->store), struct proxied);
    *s = (struct proxied){.namespace_ = namespace_, .name = name, .next_name = *first};
    s->last_slice = &s->slices;
    *first = s;
    return s;
}

static struct slice *slice_of(struct kube_proxy *p, struct proxied *s, uint32_t ordinal)
{
    struct slice *i = s->slices;
    while (i && i->ordinal != ordinal)
        i = i->next;
    if (!i) {
        i = arena_new(store_arena(p->store), struct slice);
        *i = (struct slice){.ordinal = ordinal};
        *s->last_slice = i;
        s->last_slice = &i->next;
    }
    return i;
}

static struct address **bucket_of(struct kube_proxy *p, const char *ip)
{
    return &p->by_ip[text_hash(TEXT_HASH, ip) % BUCKETS];
}

static void index_address(struct kube_proxy *p, struct proxied *s, const char *ip)
{
    struct address **first = bucket_of(p, ip);
    for (const struct address *i = *first; i; i = i->next)
        if (i->service == s && strcmp(i->ip, ip) == 0)
            return;
    struct address *new = arena_new(store_arena(p->store), struct address);
    *new = (struct address){.ip = ip, .service = s, .next = *first};
    *first = new;
}

static void index_service(struct kube_proxy *p, struct proxied *s, const struct service *svc)
{
    const struct service_spec *spec = &svc->spec;
    if (spec->cluster_ip && *spec->cluster_ip && strcmp(spec->cluster_ip, "None") != 0)
        index_address(p, s, spec->cluster_ip);
    for (uint32_t i = 0; i < spec->external_ips.count; i++)
        index_address(p, s, spec->external_ips.items[i]);
    bool node_ports = false;
    for (uint32_t i = 0; i < spec->ports.count; i++)
        node_ports |= spec->ports.items[i].node_port > 0;
    if (node_ports && !s->has_node_ports) {
        s->has_node_ports = true;
        s->next_node_port = p->with_node_ports;
        p->with_node_ports = s;
    }
}

static void remember(struct kube_proxy *p, const struct version **versions, const struct api_object *object)
{
    struct version *v = arena_new(store_arena(p->store), struct version);
    sim_time now = sim_now(p->sim);
    *v = (struct version){.older = *versions, .object = object, .at = now};
    *versions = v;
    p->heard++;
    if (p->changes.count == 0 || change_at(p, p->changes.count - 1) != now)
        *(sim_time *)pool_at(&p->changes, pool_add(&p->changes)) = now;
}

void kube_proxy_deliver(struct kube_proxy *p, const struct watch_event *e)
{
    const struct api_object *o = e->object, *now = e->verb == WRITE_DELETE ? NULL : o;
    if (o->kind == KIND_SERVICE) {
        struct proxied *s = service_named(p, o->meta.namespace_, o->meta.name);
        index_service(p, s, (const struct service *)o);
        remember(p, &s->versions, now);
        return;
    }
    const char *owner = str_map_get(&o->meta.labels, "kubernetes.io/service-name");
    if (owner) {
        struct proxied *s = service_named(p, o->meta.namespace_, owner);
        remember(p, &slice_of(p, s, o->ordinal)->versions, now);
    }
}

struct kube_proxy *kube_proxy_new(struct store *st)
{
    struct kube_proxy *p = arena_new(store_arena(st), struct kube_proxy);
    *p = (struct kube_proxy){.store = st, .sim = store_sim(st)};
    pool_init(&p->changes, store_arena(st), sizeof(sim_time));
    pool_init(&p->nodes, store_arena(st), sizeof(struct node_proxy));
    return p;
}

/* ---- the rules of a node ---- */

static struct node_proxy *proxy_of(struct kube_proxy *p, const char *node_name)
{
    const struct api_object *node = node_name ? store_get(p->store, KIND_NODE, NULL, node_name) : NULL;
    uint32_t ordinal = node ? node->ordinal : 0; /* a node that is gone: whoever is left there shares one */
    if (ordinal >= p->node_of_count) {
        uint32_t count = p->node_of_count ? p->node_of_count : 64;
        while (count <= ordinal)
            count *= 2;
        uint32_t *grown = arena_array(store_arena(p->store), uint32_t, count);
        if (p->node_of_count)
            memcpy(grown, p->node_of, p->node_of_count * sizeof *grown);
        p->node_of = grown;
        p->node_of_count = count;
    }
    if (!p->node_of[ordinal]) {
        uint32_t i = pool_add(&p->nodes);
        struct node_proxy *n = pool_at(&p->nodes, i);
        n->ordinal = ordinal;
        n->stream = node ? node->stream : 0;
        proxy_runner_init(&n->runner, profile_draw(store_profile(p->store), HOP_PROXY_MIN_SYNC, n->stream, 0));
        p->node_of[ordinal] = i + 1;
    }
    return pool_at(&p->nodes, p->node_of[ordinal] - 1);
}

static const struct api_object *as_of(const struct version *v, sim_time at)
{
    while (v && v->at > at)
        v = v->older;
    return v ? v->object : NULL;
}

/* k8s pkg/proxy/topology.go CategorizeEndpoints and iptables/proxier.go; endpoints-and-traffic.md 3. First match wins:
 * the policy, the set that must not be empty (CHOOSE_SETS: none), what is done. */
static const struct {
    bool local;
    enum proxy_choice unless_empty, choice;
} choices[] = {
    {false, CHOOSE_READY, CHOOSE_READY},
    {false, CHOOSE_TERMINATING, CHOOSE_TERMINATING},
    {false, CHOOSE_SETS, CHOOSE_REJECT},
    {true, CHOOSE_LOCAL_READY, CHOOSE_LOCAL_READY},
    {true, CHOOSE_LOCAL_TERMINATING, CHOOSE_LOCAL_TERMINATING},
    {true, CHOOSE_READY, CHOOSE_DROP},
    {true, CHOOSE_TERMINATING, CHOOSE_DROP},
    {true, CHOOSE_SETS, CHOOSE_REJECT},
};
COVER_TABLE(proxy_choice, "endpoints that a Service's rules use", "ready ones", "serving ones that terminate",
            "none: reject", "local ready ones", "local serving ones that terminate",
            "none local, ready ones elsewhere: drop", "none local, terminating ones elsewhere: drop",
            "local policy, none anywhere: reject");
_Static_assert(COVER_ROWS(proxy_choice) == ARRAY_LEN(choices), "a name per row");

enum proxy_choice proxy_choose(const uint32_t counts[CHOOSE_SETS], bool local)
{
    size_t i = 0;
    while (choices[i].local != local || (choices[i].unless_empty != CHOOSE_SETS && !counts[choices[i].unless_empty]))
        i++; /* the last row of either policy matches always */
    COVER(proxy_choice, i);
    return choices[i].choice;
}

/* k8s pkg/proxy/topology.go topologyModeFromHints, first match wins: every ready endpoint has such hints, one of them
 * for this node or its zone. */
enum { HINTS_NODE, HINTS_ZONE, HINTS_NONE };
COVER_TABLE(proxy_topology, "hints that a node's rules heed", "for this node", "for its zone", "none");

enum proxy_topology proxy_topology(const struct proxy_hints *h, bool nodes)
{
    static const enum proxy_topology modes[] = {TOPOLOGY_SAME_NODE, TOPOLOGY_SAME_ZONE, TOPOLOGY_ALL};
    const bool holds[] = {nodes && h->ready && h->node_hints == h->ready && h->for_node,
                          h->ready && h->zone_hints == h->ready && h->for_zone, true};
    size_t i = 0;
    while (!holds[i])
        i++;
    COVER(proxy_topology, i);
    return modes[i];
}
_Static_assert(COVER_ROWS(proxy_topology) == HINTS_NONE + 1, "a name per row");

/* One connection under evaluation. */
struct attempt {
    struct kube_proxy *proxy;
    const struct net_client *client;
    const struct node_proxy *node;
    struct proxied *service;
    const struct service *spec; /* as the rules know it */
    const struct service_port *port;
    bool local; /* the policy that holds */
    enum proxy_topology topology;
    const char *zone; /* of the client's node; NULL = none */
};

static int64_t slice_port(const struct endpoint_slice *slice, const char *name)
{
    for (uint32_t i = 0; i < slice->ports.count; i++) {
        const char *n = slice->ports.items[i].name;
        if (strcmp(n ? n : "", name ? name : "") == 0)
            return slice->ports.items[i].port.value;
    }
    return 0;
}

static bool is_hinted(const struct hint_for *items, uint32_t count, const char *name)
{
    for (uint32_t i = 0; name && i < count; i++)
        if (strcmp(items[i].name, name) == 0)
            return true;
    return false;
}

static bool is_for_node(const struct attempt *t, const struct endpoint *e)
{
    return e->hints && is_hinted(e->hints->for_nodes.items, e->hints->for_nodes.count, t->client->node_name);
}

static bool is_for_zone(const struct attempt *t, const struct endpoint *e)
{
    return e->hints && is_hinted(e->hints->for_zones.items, e->hints->for_zones.count, t->zone);
}

static bool is_near(const struct attempt *t, const struct endpoint *e)
{
    return t->topology == TOPOLOGY_ALL || (t->topology == TOPOLOGY_SAME_NODE ? is_for_node(t, e) : is_for_zone(t, e));
}

/* Whether an endpoint is in a set. Unset conditions: ready, serving as ready, not terminating. */
static bool in_set(const struct attempt *t, const struct endpoint *e, enum proxy_choice set)
{
    const struct endpoint_conditions *c = &e->conditions;
    bool ready = !c->ready.set || c->ready.value, serving = c->serving.set ? c->serving.value : ready;
    bool here = text_is(e->node_name, t->client->node_name);
    bool last = serving && c->terminating.value && store_has(t->proxy->store, FEATURE_PROXY_TERMINATING);
    if (set == CHOOSE_LOCAL_READY || set == CHOOSE_LOCAL_TERMINATING)
        return here && (set == CHOOSE_LOCAL_READY ? ready : last && !ready);
    if (set == CHOOSE_READY)
        return ready &&
               (t->local || is_near(t, e)); /* those elsewhere only tell what becomes of clients that have none */
    return last && !ready;
}

/* Walks the endpoints that serve the port, in the order of slices: k8s-order, it does not matter to a random choice. */
struct walk {
    const struct slice *slice;
    uint32_t next;
};

static const struct endpoint *next_endpoint(const struct attempt *t, struct walk *w, int32_t *ret_port)
{
    for (; w->slice; w->slice = w->slice->next, w->next = 0) {
        const struct endpoint_slice *s =
            (const struct endpoint_slice *)as_of(w->slice->versions, t->node->runner.in_force);
        int64_t port = s ? slice_port(s, t->port->name) : 0;
        while (port && w->next < s->endpoints.count) {
            const struct endpoint *e = &s->endpoints.items[w->next++];
            *ret_port = (int32_t)port;
            if (e->addresses.count)
                return e;
        }
    }
    return NULL;
}

/* The k-th endpoint of a set. */
static bool pick(const struct attempt *t, enum proxy_choice set, uint64_t k, const char **ip, int32_t *port)
{
    struct walk w = {t->service->slices, 0};
    const struct endpoint *e;
    while ((e = next_endpoint(t, &w, port))) {
        if (in_set(t, e, set) && k-- == 0) {
            *ip = e->addresses.items[0];
            return true;
        }
    }
    return false;
}

/* ---- session affinity ---- */

static sim_time affinity_timeout(const struct service *s)
{
    const struct value *config = s->spec.session_affinity_config;
    const struct value *client_ip = config ? value_get(config, "clientIP") : NULL;
    const struct value *seconds = client_ip ? value_get(client_ip, "timeoutSeconds") : NULL;
    return (seconds && seconds->type == VALUE_INT ? seconds->integer : AFFINITY_SECONDS) * SIM_SECOND;
}

static struct affinity *affinity_of(const struct attempt *t)
{
    struct affinity *a = t->service->affinities;
    while (a && !(a->node == t->node->ordinal && a->service_port == (int32_t)t->port->port &&
                  text_is(a->client, t->client->ip)))
        a = a->next;
    return a;
}

/* The endpoint that this client had, if it is still in the set. */
static bool pick_affine(const struct attempt *t, enum proxy_choice set, const char **ip, int32_t *port)
{
    struct affinity *a = affinity_of(t);
    struct walk w = {t->service->slices, 0};
    const struct endpoint *e;
    sim_time now = sim_now(t->proxy->sim);
    if (!a || now - a->used > affinity_timeout(t->spec))
        return false;
    while ((e = next_endpoint(t, &w, port))) {
        if (in_set(t, e, set) && strcmp(e->addresses.items[0], a->ip) == 0 && *port == a->port) {
            *ip = a->ip;
            a->used = now;
            return true;
        }
    }
    return false;
}

static void stick(const struct attempt *t, const char *ip, int32_t port)
{
    struct affinity *a = affinity_of(t);
    if (!a) {
        a = arena_new(store_arena(t->proxy->store), struct affinity);
        a->next = t->service->affinities;
        t->service->affinities = a;
    }
    *a = (struct affinity){a->next, t->node->ordinal,      t->client->ip, ip, (int32_t)t->port->port,
                           port,    sim_now(t->proxy->sim)};
}

/* ---- routes ---- */

/* The node's labels are those of now: they hardly ever change, and nobody waits for that. */
static void heed_hints(struct attempt *t)
{
    struct walk w = {t->service->slices, 0};
    struct proxy_hints h = {0};
    int32_t target;
    const struct api_object *node =
        t->client->node_name ? store_get(t->proxy->store, KIND_NODE, NULL, t->client->node_name) : NULL;
    t->zone = node ? str_map_get(&node->meta.labels, "topology.kubernetes.io/zone") : NULL;
    t->topology = TOPOLOGY_ALL;
    for (const struct endpoint *e; (e = next_endpoint(t, &w, &target));) {
        if (!in_set(t, e, CHOOSE_READY))
            continue;
        h.ready++;
        h.node_hints += e->hints && e->hints->for_nodes.count;
        h.zone_hints += e->hints && e->hints->for_zones.count;
        h.for_node += is_for_node(t, e);
        h.for_zone += is_for_zone(t, e);
    }
    t->topology = proxy_topology(&h, store_has(t->proxy->store, FEATURE_PREFER_SAME_TRAFFIC));
}

static enum net_route connect_by(struct attempt *t, const char **ip, int32_t *port)
{
    uint32_t counts[CHOOSE_SETS] = {0};
    const struct endpoint *e;
    int32_t target;
    if (!t->local)
        heed_hints(t);
    struct walk w = {t->service->slices, 0};
    while ((e = next_endpoint(t, &w, &target)))
        for (int set = 0; set < CHOOSE_SETS; set++)
            counts[set] += in_set(t, e, (enum proxy_choice)set);
    enum proxy_choice choice = proxy_choose(counts, t->local);
    if (choice >= CHOOSE_SETS)
        return choice == CHOOSE_REJECT ? ROUTE_REJECT : ROUTE_DROP;
    bool affine = text_is(t->spec->spec.session_affinity, "ClientIP");
    if (affine && pick_affine(t, choice, ip, port))
        return ROUTE_TO;
    /* Uniform at random in the original; here drawn for the client, the Service and the connection's number. */
    uint64_t draw = rng_draw(sim_seed(t->proxy->sim), CLASS_DATAPLANE, t->spec->object.stream,
                             (uint64_t)text_hash(TEXT_HASH, t->client->name) << 32 | t->client->connection);
    bool found = pick(t, choice, rng_below(rng_mix(draw), counts[choice]), ip, port);
    ASSERT(found);
    if (affine)
        stick(t, *ip, *port);
    return ROUTE_TO;
}

static const struct service *service_in_force(const struct attempt *t)
{
    return (const struct service *)as_of(t->service->versions, t->node->runner.in_force);
}

static bool has_address(const struct service *s, const char *ip)
{
    if (text_is(s->spec.cluster_ip, ip))
        return true;
    for (uint32_t i = 0; i < s->spec.external_ips.count; i++)
        if (text_is(s->spec.external_ips.items[i], ip))
            return true;
    return false;
}

/* By a Service's address. An address or port that the rules do not know leaves the node and is lost. */
static bool to_service(struct attempt *t, const char *wanted, int32_t wanted_port)
{
    for (const struct address *a = *bucket_of(t->proxy, wanted); a; a = a->next) {
        t->service = a->service;
        if (strcmp(a->ip, wanted) != 0 || !(t->spec = service_in_force(t)) || !has_address(t->spec, wanted))
            continue;
        t->local = text_is(t->spec->spec.internal_traffic_policy, "Local");
        for (uint32_t i = 0; i < t->spec->spec.ports.count; i++)
            if (t->spec->spec.ports.items[i].port == wanted_port)
                t->port = &t->spec->spec.ports.items[i];
        return t->port;
    }
    return false;
}

/* By a port of a node. Clients inside of the cluster are not held to externalTrafficPolicy Local (pkg/proxy/iptables/
 * proxier.go: pod traffic to the external address goes cluster-wide). */
static bool to_node_port(struct attempt *t, int32_t wanted_port)
{
    for (t->service = t->proxy->with_node_ports; t->service; t->service = t->service->next_node_port) {
        t->spec = service_in_force(t);
        for (uint32_t i = 0; t->spec && i < t->spec->spec.ports.count; i++) {
            if (t->spec->spec.ports.items[i].node_port == wanted_port) {
                t->port = &t->spec->spec.ports.items[i];
                return true;
            }
        }
    }
    return false;
}

static bool is_service_address(struct kube_proxy *p, const char *ip)
{
    for (const struct address *a = *bucket_of(p, ip); a; a = a->next)
        if (strcmp(a->ip, ip) == 0)
            return true;
    return false;
}

enum net_route kube_proxy_route(struct kube_proxy *p, const struct net_client *client, const char **ip, int32_t *port)
{
    bool service = is_service_address(p, *ip), node_port = !service && p->with_node_ports && client->to_node;
    if (!service && !node_port)
        return ROUTE_TO;
    struct node_proxy *node = proxy_of(p, client->node_name);
    struct attempt t = {.proxy = p, .client = client, .node = node};
    advance(p, node);
    if (node_port)
        return to_node_port(&t, *port) ? connect_by(&t, ip, port) : ROUTE_TO;
    return to_service(&t, *ip, *port) ? connect_by(&t, ip, port) : ROUTE_DROP;
}

static bool has_usable(const struct attempt *t, const struct endpoint_slice *s)
{
    for (uint32_t i = 0; i < s->endpoints.count; i++) {
        const struct endpoint *e = &s->endpoints.items[i];
        if (in_set(t, e, t->local ? CHOOSE_LOCAL_READY : CHOOSE_READY) ||
            in_set(t, e, t->local ? CHOOSE_LOCAL_TERMINATING : CHOOSE_TERMINATING))
            return true;
    }
    return false;
}

bool kube_proxy_has_endpoints(struct kube_proxy *p, const char *node_name, const char *namespace_, const char *service)
{
    const struct net_client client = {.node_name = node_name};
    struct attempt t = {.proxy = p, .client = &client, .node = proxy_of(p, node_name)};
    advance(p, proxy_of(p, node_name));
    t.service = find_named(p, namespace_, service);
    t.spec = t.service ? service_in_force(&t) : NULL;
    if (!t.spec)
        return false;
    t.local = text_is(t.spec->spec.internal_traffic_policy, "Local");
    for (const struct slice *i = t.service->slices; i; i = i->next) {
        const struct api_object *o = as_of(i->versions, t.node->runner.in_force);
        if (o && has_usable(&t, (const struct endpoint_slice *)o))
            return true;
    }
    return false;
}

/* ---- rules as a whole ---- */

static void add_target(struct arena *a, struct proxy_rule *rule, struct proxy_target target)
{
    if (rule->count == rule->room) {
        uint32_t room = rule->room ? 2 * rule->room : 8;
        struct proxy_target *more = arena_array(a, struct proxy_target, room);
        if (rule->count)
            memcpy(more, rule->targets, rule->count * sizeof *more);
        rule->targets = more;
        rule->room = room;
    }
    rule->targets[rule->count++] = target;
}

static void list_targets(const struct attempt *t, struct proxy_rule *rule)
{
    uint32_t counts[CHOOSE_SETS] = {0};
    struct walk w = {t->service->slices, 0};
    const struct endpoint *e;
    int32_t port;
    while ((e = next_endpoint(t, &w, &port))) {
        for (int set = 0; set < CHOOSE_SETS; set++)
            counts[set] += in_set(t, e, (enum proxy_choice)set);
        rule->unready |= !in_set(t, e, CHOOSE_READY) && !e->conditions.terminating.value;
    }
    enum proxy_choice choice = proxy_choose(counts, t->local);
    rule->route = choice == CHOOSE_REJECT ? ROUTE_REJECT : choice == CHOOSE_DROP ? ROUTE_DROP : ROUTE_TO;
    w = (struct walk){t->service->slices, 0};
    while (choice < CHOOSE_SETS && (e = next_endpoint(t, &w, &port)))
        if (in_set(t, e, choice))
            add_target(store_arena(t->proxy->store), rule, (struct proxy_target){e->addresses.items[0], port, e});
    if (text_is(t->spec->spec.session_affinity, "ClientIP"))
        rule->affinity = affinity_timeout(t->spec);
}

void kube_proxy_rule(struct kube_proxy *p, const struct net_client *client, bool outside, const char *ip, int32_t port,
                     struct proxy_rule *rule)
{
    bool service = is_service_address(p, ip), node_port = !service && p->with_node_ports && client->to_node;
    *rule = (struct proxy_rule){.targets = rule->targets, .room = rule->room};
    if (!service && !node_port)
        return;
    struct attempt t = {.proxy = p, .client = client, .node = proxy_of(p, client->node_name)};
    advance(p, proxy_of(p, client->node_name));
    rule->known = node_port ? to_node_port(&t, port) : to_service(&t, ip, port);
    if (node_port && rule->known)
        t.local = outside && text_is(t.spec->spec.external_traffic_policy, "Local");
    if (rule->known)
        list_targets(&t, rule);
    else if (service)
        rule->route = ROUTE_DROP;
}
