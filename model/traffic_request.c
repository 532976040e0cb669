/* traffic_request.c - one request of a client: its name, the rules of its node, the server, and what becomes of it.
 *
 * Rules: semantics/endpoints-and-traffic.md 6 and 6.1. The proxy's rules are those of kube_proxy.c, names those of
 * dns.c, servers those of net.c: there is no second model of them. Left out on purpose: a packet takes no time;
 * connections that the client's own node would not route (a node that is cut off from the API server carries traffic);
 * front ends that answer 502 to 504 for a server behind them.
 */
#include <string.h>

#include "model/classes.h"
#include "model/pod_dns.h"
#include "model/traffic_private.h"
#include "sim/cover.h"
#include "sim/rng.h"

/* ---- why ---- */

/* First match wins. Facts that must hold and must not; result: ANY or one of them. */
enum {
    ANY = -1,
    NAME = 1,
    REJECTED = 2,
    DROPPED = 4,
    KNOWN = 8,
    UNREADY = 16,
    OFF = 32,
    GOING = 64,
    LATE = 128,
    BUSY = 256,
    ERROR = 512
};
static const struct {
    int result, facts;
    enum traffic_fate fate;
} fates[] = {
    {ANY, NAME, FATE_NO_SERVICE},
    {ANY, REJECTED | UNREADY, FATE_NOT_READY},
    {ANY, REJECTED, FATE_NO_ENDPOINT},
    {ANY, DROPPED | KNOWN, FATE_NO_ENDPOINT}, /* policy Local, and none on this node */
    {ANY, DROPPED, FATE_NO_SERVICE},
    {ANY, OFF, FATE_NODE_DEAD},
    {NET_TIMEOUT, BUSY, FATE_OVERLOADED},
    {NET_REFUSED, GOING, FATE_STALE_ENDPOINT},
    {NET_TIMEOUT, GOING, FATE_STALE_ENDPOINT},
    {NET_REFUSED, 0, FATE_NOT_LISTENING},
    {NET_TIMEOUT, 0, FATE_NOT_LISTENING},
    {NET_OK, LATE | BUSY, FATE_OVERLOADED},
    {NET_OK, LATE, FATE_TIMED_OUT},
    {NET_OK, ERROR, FATE_APP_ERROR},
    {NET_OK, 0, FATE_SERVED},
    {ANY, 0, FATE_APP_ERROR}, /* it hung up, or speaks something else */
};
COVER_TABLE(traffic_fate, "why a request is lost", "no such name", "rejected: endpoints that are not ready",
            "rejected: no endpoints", "dropped: none on this node", "dropped: unknown address or port", "node is off",
            "turned away by a busy server", "refused by a pod that goes", "no answer at a pod that goes",
            "refused by a pod that stays", "no answer at a pod that stays", "late because the server is busy", "late",
            "an error", "an answer", "the server hung up");
_Static_assert(COVER_ROWS(traffic_fate) == ARRAY_LEN(fates), "a name per row");

enum traffic_fate traffic_fate_of(const struct traffic_facts *f)
{
    int facts = (f->no_name ? NAME : 0) | (f->route == ROUTE_REJECT ? REJECTED : 0) |
                (f->route == ROUTE_DROP ? DROPPED : 0) | (f->known ? KNOWN : 0) | (f->unready ? UNREADY : 0) |
                (f->off ? OFF : 0) | (f->going ? GOING : 0) | (f->answered_late ? LATE : 0) |
                (f->overloaded ? BUSY : 0) | (f->error ? ERROR : 0);
    size_t i = 0;
    while ((fates[i].facts & ~facts) || (fates[i].result != ANY && fates[i].result != (int)f->result))
        i++; /* the last row matches always */
    COVER(traffic_fate, i);
    return fates[i].fate;
}

bool fate_is_retried(const struct answer *a)
{
    return a->fate != FATE_SERVED && a->fate != FATE_APP_ERROR && a->fate != FATE_TIMED_OUT &&
           a->fate != FATE_OVERLOADED;
}

/* ---- targets ---- */

static uint32_t bucket_of(const char *ip) { return text_hash(TEXT_HASH, ip) % TARGET_BUCKETS; }

static struct target *new_target(struct client *c, uint32_t bucket)
{
    uint32_t i = pool_add(&c->targets);
    struct target *t = target_at(c, i);
    *t = (struct target){.index = i, .next = c->by_address[bucket]};
    c->by_address[bucket] = t;
    return t;
}

static void name_pod(struct client *c, struct target *t, const struct api_object *o)
{
    (void)c;
    t->pod = o->ordinal;
    t->pod_namespace = o->meta.namespace_;
    t->pod_name = o->meta.name;
    t->uid = o->meta.uid;
    t->node_name = ((const struct pod *)o)->spec.node_name;
}

/* A pod that is gone already is only what the endpoint says of it. */
static void name_target(struct client *c, struct target *t, const struct endpoint *e)
{
    struct store *st = c->traffic->deps.store;
    const struct object_reference *ref = e ? e->target_ref : NULL;
    const struct api_object *o = NULL;
    if (ref && text_is(ref->kind, "Pod") && ref->name)
        o = store_get(st, KIND_POD, ref->namespace_ ? ref->namespace_ : "default", ref->name);
    else if (cri_pod_at(c->traffic->deps.cri, t->ip))
        o = store_by_ordinal(st, cri_pod_at(c->traffic->deps.cri, t->ip));
    if (o && ref && ref->uid && !text_is(o->meta.uid, ref->uid))
        o = NULL;
    if (o) {
        name_pod(c, t, o);
    } else if (ref) {
        t->pod_namespace = ref->namespace_;
        t->pod_name = ref->name;
        t->uid = ref->uid;
        t->node_name = e->node_name;
    }
}

/* The one for this address and, if the endpoint says whose it is, this pod. */
static struct target *target_for(struct client *c, const char *ip, int32_t port, const struct endpoint *e)
{
    const char *uid = e && e->target_ref ? e->target_ref->uid : NULL;
    uint32_t bucket = bucket_of(ip);
    for (struct target *t = c->by_address[bucket]; t; t = t->next)
        if (t->ip && t->port == port && strcmp(t->ip, ip) == 0 && (!uid || !t->uid || strcmp(uid, t->uid) == 0))
            return t;
    struct target *t = new_target(c, bucket);
    t->ip = ip;
    t->port = port;
    name_target(c, t, e);
    return t;
}

/* For requests that get to nobody. */
struct target *traffic_target_of_fate(struct client *c, const struct answer *a)
{
    uint32_t bucket = (uint32_t)a->fate % TARGET_BUCKETS;
    for (struct target *t = c->by_address[bucket]; t; t = t->next)
        if (!t->ip && t->recent[FRESH][0].fate == a->fate && strcmp(t->recent[FRESH][0].seen, a->seen) == 0)
            return t;
    struct target *t = new_target(c, bucket);
    t->recent[FRESH][0] = (struct stretch){.fate = a->fate, .seen = a->seen};
    return t;
}

/* ---- names ---- */

static int64_t epoch_now(const struct client *c)
{
    sim_time now = sim_now(c->traffic->sim);
    return c->dns_cache ? (now - c->start) / c->dns_cache : now;
}

static bool is_loopback(const char *host) { return strcmp(host, "localhost") == 0 || strncmp(host, "127.", 4) == 0; }

const char *traffic_node_address(const struct traffic *t, const char *node)
{
    const struct node *n = (const struct node *)store_get(t->deps.store, KIND_NODE, NULL, node);
    for (uint32_t i = 0; n && i < n->status.addresses.count; i++)
        if (text_is(n->status.addresses.items[i].type, "InternalIP"))
            return n->status.addresses.items[i].address;
    return NULL;
}

/* As resolv.conf's search path has it: the namespace's, then the cluster's. */
static void ask_dns(struct client *c, const char *host, struct dns_answer *answer)
{
    const struct traffic_deps *d = &c->traffic->deps;
    struct arena *a = c->traffic->arena;
    const char *forms[] = {
        arena_printf(a, "%s.%s.svc." CLUSTER_DOMAIN, host, c->said->namespace_ ? c->said->namespace_ : "default"),
        arena_printf(a, "%s.svc." CLUSTER_DOMAIN, host), arena_printf(a, "%s." CLUSTER_DOMAIN, host), host};
    for (size_t i = 0; i < ARRAY_LEN(forms) && !answer->found; i++)
        d->resolve(d->ctx, a, forms[i], answer);
}

static void resolve(struct lane *l)
{
    struct client *c = l->client;
    const char *host = c->url.host, *address = NULL;
    struct dns_answer answer = {0};
    l->epoch = epoch_now(c);
    l->names_heard = !c->traffic->deps.names_settled(c->traffic->deps.ctx);
    l->routed = false;
    l->address = NULL;
    l->addresses = (str_list){0};
    if (strspn(host, "0123456789.") == strlen(host))
        address = is_loopback(host) ? l->ip : host;
    else if (is_loopback(host))
        address = l->ip;
    else
        address = traffic_node_address(c->traffic, host);
    l->named = !address;
    if (!address) {
        ask_dns(c, host, &answer);
        if (answer.addresses.count == 1)
            address = answer.addresses.items[0];
        else
            l->addresses = answer.addresses;
    }
    l->address = address;
}

bool lane_asks_again(const struct lane *l)
{
    const struct client *c = l->client;
    bool found = l->address || l->addresses.count;
    return !c->dns_cache || (!found && !c->keeps_denials);
}

/* What was resolved is good for a while; nobody asks again as long as the answer would be the same. */
static bool names_are_old(const struct lane *l)
{
    return l->epoch < 0 || (l->names_heard && (lane_asks_again(l) || l->epoch != epoch_now(l->client)));
}

/* ---- rules ---- */

static void add_target(struct lane *l, struct target *t)
{
    if (l->target_count == l->target_room) {
        uint32_t room = l->target_room ? 2 * l->target_room : 8;
        uint32_t *more = arena_array(l->client->traffic->arena, uint32_t, room);
        if (l->target_count)
            memcpy(more, l->targets, l->target_count * sizeof *more);
        l->targets = more;
        l->target_room = room;
    }
    l->targets[l->target_count++] = t->index;
}

static bool is_node_address(struct client *c, const char *ip)
{
    uint32_t cursor = 0;
    for (const struct api_object *o; (o = store_next(c->traffic->deps.store, KIND_NODE, &cursor));) {
        const struct node *n = (const struct node *)o;
        for (uint32_t i = 0; i < n->status.addresses.count; i++)
            if (text_is(n->status.addresses.items[i].address, ip))
                return true;
    }
    return false;
}

/* By the rules of which node: an outside client is met by those of the node that it asks. */
static const char *routing_node(const struct lane *l)
{
    struct client *c = l->client;
    uint32_t cursor = 0;
    if (!c->outside || !l->address)
        return l->node_name;
    for (const struct api_object *o; (o = store_next(c->traffic->deps.store, KIND_NODE, &cursor));) {
        const struct node *n = (const struct node *)o;
        for (uint32_t i = 0; i < n->status.addresses.count; i++)
            if (text_is(n->status.addresses.items[i].address, l->address))
                return n->object.meta.name;
    }
    return l->node_name;
}

static void make_route(struct lane *l)
{
    struct client *c = l->client;
    l->target_count = 0;
    l->routed = true;
    l->rule = (struct proxy_rule){.targets = l->rule.targets, .room = l->rule.room};
    for (uint32_t i = 0; i < l->addresses.count; i++)
        add_target(l, target_for(c, l->addresses.items[i], c->url.port, NULL));
    if (!l->address)
        return;
    const struct net_client who = {.node_name = l->node_name, .to_node = is_node_address(c, l->address)};
    kube_proxy_rule(c->traffic->deps.proxy, &who, c->outside, l->address, c->url.port, &l->rule);
    for (uint32_t i = 0; i < l->rule.count; i++)
        add_target(l, target_for(c, l->rule.targets[i].ip, l->rule.targets[i].port, l->rule.targets[i].endpoint));
    if (l->rule.route == ROUTE_TO && l->rule.count == 0) /* of no Service */
        add_target(l, target_for(c, l->address, c->url.port, NULL));
}

struct target *lane_nobody(struct lane *l, struct answer *ret)
{
    bool no_name = !l->address && !l->addresses.count;
    struct traffic_facts f = {
        .no_name = no_name, .route = l->rule.route, .known = l->rule.known, .unready = l->rule.unready};
    bool dropped = !no_name && f.route == ROUTE_DROP;
    *ret = (struct answer){.valid = true,
                           .steady = true,
                           .fate = traffic_fate_of(&f),
                           .seen = no_name   ? "no such host"
                                   : dropped ? "no answer"
                                             : "connection refused",
                           .took = dropped ? l->client->connect_timeout : 0,
                           .lasts_until = SIM_TIME_MAX};
    return traffic_target_of_fate(l->client, ret);
}

/* The lane's name and rules are those of now. False: nobody gets its requests. */
static bool lane_route(struct lane *l)
{
    const struct traffic_deps *d = &l->client->traffic->deps;
    if (names_are_old(l)) {
        resolve(l);
        l->node_name = routing_node(l);
    }
    struct proxy_stamp stamp = kube_proxy_stamp(d->proxy, l->node_name);
    if (!l->routed || stamp.in_force != l->stamp.in_force || stamp.heard != l->stamp.heard)
        make_route(l);
    l->stamp = stamp;
    return l->target_count;
}

uint32_t lane_choice(const struct lane *l, uint64_t number, uint32_t attempt, uint32_t count)
{
    const struct client *c = l->client;
    if (!c->random) /* k8s-order: endpoint-choice, uniform at random in the original; here each in its turn */
        return (uint32_t)((number + l->index + attempt) % count);
    uint64_t who = rng_mix((uint64_t)c->index << 32 | l->index);
    uint64_t draw = rng_draw(sim_seed(c->traffic->sim), CLASS_REQUEST, (uint32_t)who, number << 8 | attempt);
    return (uint32_t)rng_below(rng_mix(draw), count);
}

/* ---- asking ---- */

/* The pod is being deleted, has ended, or is no more. */
static bool is_going(const struct client *c, const struct target *t)
{
    const struct api_object *o =
        t->pod_name ? store_get(c->traffic->deps.store, KIND_POD, t->pod_namespace, t->pod_name) : NULL;
    if (!t->pod_name)
        return false;
    if (!o || (t->uid && !text_is(o->meta.uid, t->uid)) || o->meta.deletion_timestamp != SIM_NEVER)
        return true;
    const char *phase = ((const struct pod *)o)->status.phase;
    return text_is(phase, "Succeeded") || text_is(phase, "Failed");
}

static const char *seen_of(struct client *c, const struct http_reply *r, bool late)
{
    static const char *const texts[] = {[NET_REFUSED] = "connection refused",
                                        [NET_TIMEOUT] = "no answer",
                                        [NET_RESET] = "connection reset",
                                        [NET_NO_HOST] = "no such host",
                                        [NET_NOT_TLS] = "no TLS"};
    if (r->result != NET_OK)
        return texts[r->result];
    return late ? "timed out" : arena_printf(c->traffic->arena, "%d", (int)r->status);
}

static void judge(struct lane *l, const struct target *t, const struct http_reply *r, bool off, bool open,
                  struct answer *a)
{
    struct client *c = l->client;
    sim_time whole = sim_time_add(r->took, r->body_took);
    bool late = r->result == NET_OK && whole > c->timeout;
    struct traffic_facts f = {
        .result = r->result, .answered_late = late, .overloaded = r->overloaded, .error = r->status >= 400, .off = off};
    bool same_text = a->seen && a->result == r->result && a->late == late && a->status == r->status;
    const char *seen = same_text ? a->seen : seen_of(c, r, late);
    bool same = a->valid && a->result == r->result && a->late == late && a->status == r->status &&
                a->overloaded == r->overloaded;
    if (!same) {
        f.going = (l->rule.known || l->named) && is_going(c, t);
        a->fate = traffic_fate_of(&f);
        a->seen = seen;
    }
    a->result = r->result;
    a->status = r->status;
    a->late = late;
    a->overloaded = r->overloaded;
    a->taken = r->result == NET_OK;
    a->took = r->result == NET_TIMEOUT ? (open ? c->timeout : c->connect_timeout) : late ? c->timeout : whole;
}

static bool is_other(const struct answer *a, const struct answer *b)
{
    bool same_peer =
        a->peer.container == b->peer.container && a->peer.pid == b->peer.pid && a->peer.since == b->peer.since;
    return a->fate != b->fate || !text_same(a->seen, b->seen) || a->took != b->took || a->taken != b->taken ||
           !same_peer;
}

/* Asks the target, and remembers what came of it. */
static struct answer *ask(struct lane *l, struct target *t, const struct slot *slot)
{
    struct client *c = l->client;
    const struct traffic_deps *d = &c->traffic->deps;
    enum connection k = slot ? KEPT : FRESH;
    struct answer *kept = &t->answers[k], next, *a = &next;
    struct http_reply reply = {.result = NET_TIMEOUT, .body = "", .lasts_until = SIM_TIME_MAX};
    struct http_request request = {.method = c->said->method,
                                   .ip = t->ip,
                                   .path = c->url.path,
                                   .host = c->url.host,
                                   .user_agent = "podsim",
                                   .port = t->port,
                                   .https = c->url.https};
    bool off = t->node_name && d->node_off(d->ctx, t->node_name);
    struct net_peer peer = {0};
    pending_finish(c, t);
    cri_watch_address(d->cri, t->ip);
    if (!off)
        cri_ask(d->cri, &request, l->ip, slot ? &slot->peer : NULL, &reply, &peer);
    next = *kept; /* which the request itself may have made invalid */
    a->peer = peer;
    if (a->valid && a->lasts_until < sim_now(c->traffic->sim))
        a->valid = false;
    judge(l, t, &reply, off, slot, a);
    a->valid = true;
    a->closes = reply.closes;
    a->lasts_until = reply.lasts_until;
    a->steady = a->lasts_until > sim_now(c->traffic->sim) && !reply.varies;
    if (is_other(kept, a)) /* what other lanes have left out ended as it did until now */
        client_settle(c);
    *kept = next;
    return kept;
}

bool slot_is_open(const struct client *c, const struct slot *s)
{
    return s->target && cri_is_there(c->traffic->deps.cri, &s->peer);
}

/* A connection to a machine that is off looks like one that is open: nobody says that it is not. */
static bool slot_is_used(const struct client *c, const struct slot *s)
{
    const struct traffic_deps *d = &c->traffic->deps;
    const struct target *t = s->target ? target_at(c, s->target - 1) : NULL;
    return slot_is_open(c, s) || (t && t->node_name && d->node_off(d->ctx, t->node_name));
}

/* ---- a request ---- */

static struct slot *slot_of(struct lane *l, uint64_t number)
{
    return l->client->slot_count ? &l->slots[number % l->client->slot_count] : NULL;
}

static struct target *chosen(struct lane *l, uint64_t number, uint32_t attempt)
{
    struct client *c = l->client;
    sim_time now = sim_now(c->traffic->sim);
    uint32_t i = lane_choice(l, number, attempt, l->target_count);
    if (!l->rule.affinity)
        return target_at(c, l->targets[i]);
    bool kept = false;
    for (uint32_t k = 0; l->affine && k < l->target_count; k++)
        kept |= l->targets[k] == l->affine - 1;
    if (!kept || now - l->affine_used > l->rule.affinity)
        l->affine = l->targets[i] + 1;
    l->affine_used = now;
    return target_at(c, l->affine - 1);
}

/* One attempt; *ret_target: where it went. */
static struct answer attempt(struct lane *l, uint64_t number, uint32_t attempt_number, struct target **ret_target,
                             enum connection *ret_connection)
{
    struct client *c = l->client;
    struct slot *slot = attempt_number ? NULL : slot_of(l, number);
    struct answer none;
    *ret_connection = FRESH;
    if (slot && slot_is_used(c, slot)) {
        struct target *t = *ret_target = target_at(c, slot->target - 1);
        *ret_connection = KEPT;
        struct answer a = *ask(l, t, slot);
        if (a.closes || !a.taken)
            slot->target = 0;
        return a;
    }
    if (!lane_route(l)) {
        *ret_target = lane_nobody(l, &none);
        return none;
    }
    struct target *t = *ret_target = chosen(l, number, attempt_number);
    struct answer a = *ask(l, t, NULL);
    if (slot)
        *slot = (struct slot){a.taken && !a.closes ? t->index + 1 : 0, a.peer};
    return a;
}

static void remember(struct lane *l, struct target *t, const struct answer *a, struct trace_traffic *data,
                     uint64_t number, uint32_t attempt_number)
{
    sim_time now = sim_now(l->client->traffic->sim);
    if (!a->taken || a->took == 0 || !a->peer.container)
        return;
    pending_add(l->client, t,
                (struct pending){.sent = now,
                                 .due = sim_time_add(now, a->took),
                                 .peer = a->peer,
                                 .lane = l->index,
                                 .attempt = attempt_number,
                                 .number = number,
                                 .counted = data});
}

sim_time lane_request(struct lane *l, uint64_t number, uint32_t attempt_number)
{
    struct client *c = l->client;
    sim_time now = sim_now(c->traffic->sim);
    for (;; attempt_number++) {
        struct target *t;
        enum connection k;
        struct answer a = attempt(l, number, attempt_number, &t, &k);
        struct trace_traffic *data = traffic_stretch(c, t, k, &a);
        bool again = attempt_number < c->retries && fate_is_retried(&a);
        if (!again) {
            traffic_count_one(c, data, now);
            remember(l, t, &a, data, number, attempt_number);
            l->attempt = 0;
            return sim_time_add(now, a.took);
        }
        data->retried++;
        if (a.took == 0)
            continue;
        sim_time at = sim_time_add(now, a.took);
        if (c->rate_milli)
            traffic_retry_later(l, number, attempt_number + 1, at);
        l->attempt = attempt_number + 1;
        return at;
    }
}

/* As long as that container runs it is the client, whatever is told of its pod. */
static bool runs(const struct lane *l)
{
    const struct cri *cri = l->client->traffic->deps.cri;
    return l->source && cri_container_exists(cri, l->source) && cri_container(cri, l->source)->state == CRI_RUNNING;
}

static void find_source(struct lane *l)
{
    const struct client *c = l->client;
    const struct traffic_deps *d = &c->traffic->deps;
    const struct traffic_source *from = &c->said->from;
    l->source = d->source(d->ctx, c->said->namespace_ ? c->said->namespace_ : "default", from->pod, from->container,
                          &l->node_name);
    if (!l->source)
        return;
    l->ip = cri_sandbox(d->cri, cri_container(d->cri, l->source)->sandbox)->config.ip;
    l->epoch = -1; /* its localhost is another */
}

bool lane_is_away(struct lane *l)
{
    const struct client *c = l->client;
    const struct traffic_deps *d = &c->traffic->deps;
    if (!c->said->from.pod)
        return !c->outside && d->node_off(d->ctx, l->node_name);
    if (!runs(l))
        find_source(l);
    return !l->source;
}
