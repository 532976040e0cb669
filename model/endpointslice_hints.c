/* endpointslice_hints.c - see endpointslice_hints.h.
 *
 * The original reckons with floating point numbers; here shares are whole numbers of 1/(CPUs of all zones).
 * Left out on purpose: the events for zones without hints and for a single zone, which the original never comes to.
 */
#include "model/endpointslice_hints.h"

#include <string.h>

struct hinted_zone {
    const char *zone;
    int64_t endpoints;
};

/* Overload that an endpoint may be exposed to is 20 % (overloadThreshold): a zone needs its share / 1.2. */
enum { SHARE = 10, SHARE_WITH_OVERLOAD = 12 };

static bool is_ready(const struct endpoint *e) { return e->conditions.ready.set && e->conditions.ready.value; }

static bool is_written(const struct slice_draft *d) { return d->fate == DRAFT_CREATE || d->fate == DRAFT_UPDATE; }

static const struct endpoint *endpoints_of(const struct slice_draft *d, uint32_t *ret_count)
{
    *ret_count = d->fate == DRAFT_UNCHANGED ? d->was->endpoints.count : d->count;
    return d->fate == DRAFT_UNCHANGED ? d->was->endpoints.items : d->endpoints;
}

void draft_update(struct arena *a, struct slice_draft *d)
{
    ASSERT(d->fate == DRAFT_UNCHANGED);
    d->fate = DRAFT_UPDATE;
    d->count = d->was->endpoints.count;
    d->endpoints = arena_array(a, struct endpoint, d->count > d->room ? d->count : d->room);
    if (d->count)
        memcpy(d->endpoints, d->was->endpoints.items, d->count * sizeof *d->endpoints);
}

/* ---- no hints ---- */

static void remove_hints(struct draft_list *drafts)
{
    for (uint32_t i = 0; i < drafts->count; i++) {
        struct slice_draft *d = &drafts->items[i];
        bool hinted = false;
        for (uint32_t k = 0; d->fate == DRAFT_UNCHANGED && k < d->was->endpoints.count; k++)
            hinted |= d->was->endpoints.items[k].hints != NULL;
        if (hinted)
            draft_update(drafts->scratch, d);
        for (uint32_t k = 0; is_written(d) && k < d->count; k++)
            d->endpoints[k].hints = NULL;
    }
}

/* ---- trafficDistribution ---- */

static bool is_only(const struct hint_for *items, uint32_t count, const char *wanted)
{
    return wanted ? count == 1 && strcmp(items[0].name, wanted) == 0 : count == 0;
}

/* What an endpoint of its own zone, and for same_node of its own node, says already. */
static bool hints_are(const struct endpoint *e, const char *zone, const char *node)
{
    static const struct endpoint_hints none = {0};
    const struct endpoint_hints *h = e->hints ? e->hints : &none;
    return is_only(h->for_zones.items, h->for_zones.count, zone) &&
           is_only(h->for_nodes.items, h->for_nodes.count, node);
}

static const struct endpoint_hints *new_hints(struct arena *keep, const char *zone, const char *node)
{
    if (!zone && !node)
        return NULL;
    struct endpoint_hints *h = arena_new(keep, struct endpoint_hints);
    if (zone) {
        h->for_zones.items = arena_new(keep, struct hint_for);
        h->for_zones.items[h->for_zones.count++].name = zone;
    }
    if (node) {
        h->for_nodes.items = arena_new(keep, struct hint_for);
        h->for_nodes.items[h->for_nodes.count++].name = node;
    }
    return h;
}

/* preferCloseHeuristic: an endpoint is for its own zone, with `same_node` also for its own node. */
static void prefer_close(struct draft_list *drafts, bool same_node)
{
    for (uint32_t i = 0; i < drafts->count; i++) {
        struct slice_draft *d = &drafts->items[i];
        bool wrong = false;
        for (uint32_t k = 0; d->fate == DRAFT_UNCHANGED && k < d->was->endpoints.count; k++) {
            const struct endpoint *e = &d->was->endpoints.items[k];
            wrong |= is_ready(e) && !hints_are(e, e->zone, same_node ? e->node_name : NULL);
        }
        if (wrong)
            draft_update(drafts->scratch, d);
        for (uint32_t k = 0; is_written(d) && k < d->count; k++) {
            struct endpoint *e = &d->endpoints[k];
            if (is_ready(e) && !hints_are(e, e->zone, same_node ? e->node_name : NULL))
                e->hints = new_hints(drafts->keep, e->zone, same_node ? e->node_name : NULL);
        }
    }
}

/* ---- the annotation Auto: zones and their CPUs ---- */

static uint32_t zone_index(const struct topology *t, const char *zone)
{
    uint32_t i = 0;
    while (i < t->count && strcmp(t->zones[i], zone) != 0)
        i++;
    return i;
}

static bool node_is_ready(const struct node *n)
{
    for (uint32_t i = 0; i < n->status.conditions.count; i++)
        if (strcmp(n->status.conditions.items[i].type, "Ready") == 0)
            return strcmp(n->status.conditions.items[i].status, "True") == 0;
    return false;
}

static bool is_control_plane(const struct node *n)
{
    return str_map_get(&n->object.meta.labels, "node-role.kubernetes.io/control-plane") ||
           str_map_get(&n->object.meta.labels, "node-role.kubernetes.io/master");
}

/* A single node without zone or CPUs spoils it for all: TopologyCache.SetNodes. */
void topology_set_nodes(struct topology *t, struct arena *a, const struct node *const *nodes, uint32_t count)
{
    if (t->room < count)
        *t = (struct topology){arena_array(a, const char *, 2 * count), arena_array(a, int64_t, 2 * count), 2 * count,
                               0, 0};
    t->count = 0;
    t->total = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct node *n = nodes[i];
        if (is_control_plane(n) || !node_is_ready(n))
            continue;
        const char *zone = str_map_get(&n->object.meta.labels, "topology.kubernetes.io/zone");
        int64_t cpu = node_allocatable(n, "cpu", 0);
        if (!zone || !*zone || cpu == 0) {
            t->count = 0;
            return;
        }
        uint32_t z = zone_index(t, zone);
        if (z == t->count) {
            t->zones[t->count++] = zone;
            t->cpu_milli[z] = 0;
        }
        t->cpu_milli[z] += cpu;
        t->total += cpu;
    }
    if (t->count < 2)
        t->count = 0;
}

/* ceil(CPUs / all CPUs * endpoints / 1.2) */
static int64_t least_share(const struct topology *t, uint32_t zone, int64_t endpoints)
{
    int64_t over = t->total * SHARE_WITH_OVERLOAD;
    return (t->cpu_milli[zone] * endpoints * SHARE + over - 1) / over;
}

static int64_t *given_to(const struct service_hints *h, const char *zone)
{
    for (uint32_t i = 0; i < h->zones.count; i++) {
        struct hinted_zone *z = pool_at(&h->zones, i);
        if (strcmp(z->zone, zone) == 0)
            return &z->endpoints;
    }
    return NULL;
}

void service_hints_init(struct service_hints *h, struct arena *a)
{
    h->populated = false;
    pool_init(&h->zones, a, sizeof(struct hinted_zone));
}

bool service_is_overloaded(const struct service_hints *h, const struct topology *t)
{
    int64_t all = 0;
    for (uint32_t i = 0; i < h->zones.count; i++)
        all += ((const struct hinted_zone *)pool_at(&h->zones, i))->endpoints;
    if (h->zones.count == 0)
        return false;
    for (uint32_t z = 0; z < t->count; z++) {
        const int64_t *given = given_to(h, t->zones[z]);
        if (!given || *given < least_share(t, z, all))
            return true;
    }
    return t->count == 0;
}

/* ---- the annotation Auto: shares ---- */

struct shares { /* per zone of the topology */
    int64_t *least, *most, *given;
    int64_t *wanted; /* times topology.total */
};

/* NULL, or why endpoints cannot be shared out: getAllocations. */
static const char *share_out(struct arena *a, const struct topology *t, int64_t endpoints, struct shares *s)
{
    if (t->count == 0)
        return "Insufficient Node information: allocatable CPU or zone not specified on one or more nodes";
    if (endpoints < t->count)
        return arena_printf(a, "Insufficient number of endpoints (%" PRId64 " endpoints, %u zones)", endpoints,
                            t->count);
    *s = (struct shares){arena_array(a, int64_t, t->count), arena_array(a, int64_t, t->count),
                         arena_array(a, int64_t, t->count), arena_array(a, int64_t, t->count)};
    int64_t left = endpoints;
    for (uint32_t z = 0; z < t->count; z++) {
        s->least[z] = least_share(t, z, endpoints);
        int64_t wanted = t->cpu_milli[z] * endpoints, least = s->least[z] * t->total;
        s->wanted[z] = wanted > least ? wanted : least;
        left -= s->least[z];
    }
    if (left < 0)
        return arena_printf(a,
                            "Unable to allocate minimum required endpoints to each zone without exceeding overload "
                            "threshold (%" PRId64 " endpoints, %u zones)",
                            endpoints, t->count);
    for (uint32_t z = 0; z < t->count; z++)
        s->most[z] = s->least[z] + left;
    return NULL;
}

/* What an unchanged slice has given already; false: it cannot stay as it is. getHintsByZone. */
static bool count_given(const struct topology *t, const struct endpoint_slice *slice, struct shares *s, struct arena *a)
{
    int64_t *more = arena_array(a, int64_t, t->count);
    for (uint32_t i = 0; i < slice->endpoints.count; i++) {
        const struct endpoint *e = &slice->endpoints.items[i];
        if (!is_ready(e))
            continue;
        if (!e->hints || e->hints->for_zones.count == 0)
            return false;
        for (uint32_t k = 0; k < e->hints->for_zones.count; k++) {
            uint32_t z = zone_index(t, e->hints->for_zones.items[k].name);
            if (z == t->count)
                return false;
            more[z]++;
        }
    }
    for (uint32_t z = 0; z < t->count; z++)
        if (more[z] && s->given[z] + more[z] > s->most[z])
            return false;
    for (uint32_t z = 0; z < t->count; z++)
        s->given[z] += more[z];
    return true;
}

/* Each endpoint to its own zone; false: one has none, or one that has no CPUs. */
static bool give_own_zones(const struct topology *t, struct draft_list *drafts, struct shares *s)
{
    for (uint32_t i = 0; i < drafts->count; i++) {
        struct slice_draft *d = &drafts->items[i];
        for (uint32_t k = 0; is_written(d) && k < d->count; k++) {
            struct endpoint *e = &d->endpoints[k];
            if (!is_ready(e))
                continue;
            if (!e->zone || !*e->zone)
                return false;
            uint32_t z = zone_index(t, e->zone);
            if (z < t->count)
                s->given[z]++;
            e->hints = new_hints(drafts->keep, e->zone, NULL);
        }
    }
    return true;
}

static uint32_t zone_with_most(const struct topology *t, const int64_t *amounts)
{
    uint32_t best = t->count; /* k8s-order: among equals the zone of the first node */
    for (uint32_t z = 0; z < t->count; z++)
        if (amounts[z] > (best < t->count ? amounts[best] : 0))
            best = z;
    return best;
}

/* How many endpoints each zone gives and receives: getGivingAndReceivingZones. */
static void who_gives(struct arena *a, const struct topology *t, const struct shares *s, int64_t *gives,
                      int64_t *receives)
{
    int64_t *over = arena_array(a, int64_t, t->count), *under = arena_array(a, int64_t, t->count);
    for (uint32_t z = 0; z < t->count; z++) {
        int64_t surplus = s->given[z] * t->total - s->wanted[z];
        over[z] = surplus > 0 ? surplus : 0;
        under[z] = surplus < 0 ? -surplus : 0;
    }
    for (;;) {
        uint32_t from = zone_with_most(t, over), to = zone_with_most(t, under);
        if (from == t->count || to == t->count || (over[from] < t->total && under[to] < t->total) ||
            2 * over[from] < t->total || 2 * under[to] < t->total)
            return;
        gives[from]++;
        receives[to]++;
        over[from] -= t->total;
        under[to] -= t->total;
    }
}

static void redistribute(const struct topology *t, struct draft_list *drafts, struct shares *s)
{
    struct arena *a = drafts->scratch;
    int64_t *gives = arena_array(a, int64_t, t->count), *receives = arena_array(a, int64_t, t->count);
    who_gives(a, t, s, gives, receives);
    for (uint32_t i = 0; i < drafts->count; i++) {
        struct slice_draft *d = &drafts->items[i];
        for (uint32_t k = 0; is_written(d) && k < d->count; k++) {
            struct endpoint *e = &d->endpoints[k];
            uint32_t from = is_ready(e) ? zone_index(t, e->zone) : t->count, to = zone_with_most(t, receives);
            if (from == t->count || gives[from] == 0 || to == t->count)
                continue;
            e->hints = new_hints(drafts->keep, t->zones[to], NULL);
            gives[from]--, receives[to]--;
            s->given[from]--, s->given[to]++;
        }
    }
}

static int64_t count_ready(const struct draft_list *drafts)
{
    int64_t n = 0;
    for (uint32_t i = 0; i < drafts->count; i++) {
        uint32_t count;
        const struct endpoint *e = endpoints_of(&drafts->items[i], &count);
        for (uint32_t k = 0; drafts->items[i].fate != DRAFT_DELETE && k < count; k++)
            n += is_ready(&e[k]);
    }
    return n;
}

static void forget(struct service_hints *h)
{
    h->populated = false;
    h->zones.count = 0;
}

static void disable(struct draft_list *drafts, struct service_hints *h, const char *why, struct hint_event *event)
{
    *event = (struct hint_event){"TopologyAwareHintsDisabled",
                                 arena_printf(drafts->scratch, "%s, addressType: IPv4", why), true};
    forget(h);
    remove_hints(drafts);
}

static void share_by_cpu(const struct topology *t, struct service_hints *h, struct draft_list *drafts,
                         struct hint_event *event)
{
    struct shares s = {0};
    const char *why = share_out(drafts->scratch, t, count_ready(drafts), &s);
    if (why) {
        disable(drafts, h, why, event);
        return;
    }
    for (uint32_t i = 0; i < drafts->count; i++) {
        struct slice_draft *d = &drafts->items[i];
        if (d->fate == DRAFT_UNCHANGED && !count_given(t, d->was, &s, drafts->scratch))
            draft_update(drafts->scratch, d);
    }
    if (!give_own_zones(t, drafts, &s)) {
        disable(drafts, h, "One or more endpoints do not have a zone specified", event);
        return;
    }
    redistribute(t, drafts, &s);
    if (!h->populated)
        *event = (struct hint_event){"TopologyAwareHintsEnabled",
                                     "Topology Aware Hints has been enabled, addressType: IPv4", false};
    forget(h);
    h->populated = true;
    for (uint32_t z = 0; z < t->count; z++)
        if (s.given[z])
            *(struct hinted_zone *)pool_at(&h->zones, pool_add(&h->zones)) =
                (struct hinted_zone){t->zones[z], s.given[z]};
}

/* ---- which of them ---- */

/* The older annotation has precedence, the value is Auto or auto: hintsEnabled. */
bool service_wants_shares(const struct service *s)
{
    const char *mode = str_map_get(&s->object.meta.annotations, "service.kubernetes.io/topology-aware-hints");
    if (!mode)
        mode = str_map_get(&s->object.meta.annotations, "service.kubernetes.io/topology-mode");
    return mode && (strcmp(mode, "Auto") == 0 || strcmp(mode, "auto") == 0);
}

static bool wants_close(const struct service *s, const struct features *f)
{
    const char *d = s->spec.traffic_distribution;
    return d && feature_on(f, FEATURE_TRAFFIC_DISTRIBUTION) &&
           (strcmp(d, "PreferClose") == 0 || feature_on(f, FEATURE_PREFER_SAME_TRAFFIC));
}

void hints_reconcile(const struct service *s, const struct features *f, const struct topology *t,
                     struct service_hints *h, struct draft_list *drafts, struct hint_event *event)
{
    *event = (struct hint_event){0};
    if (service_wants_shares(s)) {
        share_by_cpu(t, h, drafts, event);
        return;
    }
    if (h->populated)
        *event = (struct hint_event){"TopologyAwareHintsDisabled",
                                     "Topology Aware Hints has been disabled, addressType: IPv4", true};
    forget(h);
    if (wants_close(s, f))
        prefer_close(drafts, strcmp(s->spec.traffic_distribution, "PreferSameNode") == 0);
    else
        remove_hints(drafts);
}
