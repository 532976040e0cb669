/* sched_spread.c - plugin PodTopologySpread: pods of one kind are spread over zones, nodes, racks.
 *
 * Mirrors k8s plugins/podtopologyspread/{filtering,scoring}.go (v1.36); semantics/scheduler.md 3.2 and 5. The weight of
 * a topology, ln(domains + 2), and the sums made with it are in millionths: no floating point in a decision.
 */
#include <string.h>

#include "model/sched_private.h"

/* ---- filter ---- */

static bool included(const struct sched_attempt *a, const struct spread_constraint *c, const struct node *n)
{
    const struct pod_spec *spec = &a->p->pod->spec;
    if (c->honor_affinity && !node_affinity_matches(spec, n))
        return false;
    return !c->honor_taints || !pod_repelled_by(spec, n);
}

static bool has_all_keys(const struct domain_counts *d, uint32_t count, uint32_t node)
{
    for (uint32_t i = 0; i < count; i++)
        if (!d[i].topology->domain[node])
            return false;
    return true;
}

static void count_domains(const struct sched_attempt *a, const spread_constraints *list, struct domain_counts *d,
                          uint32_t which, bool all_keys)
{
    struct scheduler *s = a->s;
    const struct spread_constraint *c = &list->items[which];
    struct domain_counts *out = &d[which];
    for (uint32_t i = 0; i < s->order_count; i++) {
        uint32_t node = s->order[i], domain = out->topology->domain[node];
        if (!domain || (all_keys && !has_all_keys(d, list->count, node)) ||
            !included(a, c, sched_node_at(s, node)->node))
            continue;
        out->domains += !out->seen[domain];
        out->seen[domain] = 1;
        out->count[domain] += c->pods->on_node[node];
    }
}

static struct domain_counts *new_domains(struct scheduler *s, const spread_constraints *list)
{
    struct domain_counts *d = arena_array(s->scratch, struct domain_counts, list->count + 1);
    for (uint32_t i = 0; i < list->count; i++) {
        d[i].topology = sched_topology(s, list->items[i].topology_key);
        if (list->items[i].per_node)
            continue;
        d[i].count = arena_array(s->scratch, uint32_t, d[i].topology->count + 1);
        d[i].seen = arena_array(s->scratch, uint32_t, d[i].topology->count + 1);
    }
    return d;
}

void spread_prepare(struct sched_attempt *a)
{
    const spread_constraints *hard = &a->p->rules->hard;
    if (!hard->count)
        return;
    a->spread = new_domains(a->s, hard);
    for (uint32_t i = 0; i < hard->count; i++) {
        struct domain_counts *d = &a->spread[i];
        count_domains(a, hard, a->spread, i, true);
        d->min = d->domains ? INT64_MAX : 0;
        for (uint32_t k = 1; k <= d->topology->count; k++)
            if (d->seen[k] && d->count[k] < d->min)
                d->min = d->count[k];
        if (d->domains < hard->items[i].min_domains)
            d->min = 0;
    }
}

const char *spread_filter(const struct sched_attempt *a, uint32_t node, enum filter_code *ret_code)
{
    const spread_constraints *hard = &a->p->rules->hard;
    for (uint32_t i = 0; i < hard->count; i++) {
        const struct spread_constraint *c = &hard->items[i];
        const struct domain_counts *d = &a->spread[i];
        uint32_t domain = d->topology->domain[node];
        if (!domain) {
            *ret_code = UNRESOLVABLE_NODE;
            return "node(s) didn't match pod topology spread constraints (missing required label)";
        }
        if ((int64_t)d->count[domain] + c->self - d->min > c->max_skew) {
            *ret_code = UNSCHEDULABLE_NODE;
            return "node(s) didn't match pod topology spread constraints";
        }
    }
    return NULL;
}

/* ---- score ---- */

#define UNIT INT64_C(1000000000)

/* ln(n) in billionths, for 1 <= n < 2^32: halved until it is below 2, then by the series of
 * ln(x) = 2 * (z + z^3/3 + z^5/5 + ...), z = (x - 1) / (x + 1) <= 1/3. */
static int64_t ln_billionths(uint32_t n)
{
    const int64_t ln2 = 693147181;
    int64_t result = 0, x = (int64_t)n * UNIT;
    while (x >= 2 * UNIT) {
        x /= 2;
        result += ln2;
    }
    int64_t z = (x - UNIT) * UNIT / (x + UNIT), power = z;
    for (int64_t k = 1; power; k += 2) {
        result += 2 * power / k;
        power = power * z / UNIT * z / UNIT;
    }
    return result;
}

/* k8s plugins/podtopologyspread/plugin.go systemDefaultConstraints. */
static spread_constraints default_constraints(struct scheduler *s, struct sched_pod *p)
{
    struct pod_set *pods = sched_default_set(s, p->rules, p->pod);
    spread_constraints out = {0};
    if (!pods)
        return out;
    out.items = arena_array(s->scratch, struct spread_constraint, 2);
    out.count = 2;
    out.items[0] = (struct spread_constraint){"kubernetes.io/hostname", 3, 1, true, false, pods, false, false};
    out.items[1] = (struct spread_constraint){"topology.kubernetes.io/zone", 5, 1, true, false, pods, false, false};
    return out;
}

/* k8s plugins/podtopologyspread/scoring.go: pods are not counted by hostname, the node has them. */
static spread_constraints scored_constraints(struct scheduler *s, spread_constraints given)
{
    struct spread_constraint *items = arena_array(s->scratch, struct spread_constraint, given.count);
    for (uint32_t i = 0; i < given.count; i++) {
        items[i] = given.items[i];
        items[i].per_node = strcmp(items[i].topology_key, "kubernetes.io/hostname") == 0;
    }
    given.items = items;
    return given;
}

struct spread_scorer {
    spread_constraints soft;
    struct domain_counts *domains;
    int64_t *weight;
    bool all_keys;
};

/* The weight of each topology: by the number of domains among the feasible nodes. */
static void weigh(struct sched_attempt *a, struct spread_scorer *sc, const uint32_t *nodes, uint32_t count)
{
    for (uint32_t i = 0; i < sc->soft.count; i++) {
        struct domain_counts *d = &sc->domains[i];
        bool each = sc->soft.items[i].per_node && !sc->all_keys, unlabelled = false;
        uint32_t size = each ? count : 0;
        for (uint32_t k = 0; !each && k < count; k++) {
            uint32_t domain = d->topology->domain[nodes[k]];
            if (sc->all_keys && !has_all_keys(sc->domains, sc->soft.count, nodes[k]))
                continue;
            if (sc->soft.items[i].per_node) {
                size++;
                continue;
            }
            /* Without a label a node is of the domain "" when it need not have all of them. */
            size += domain ? !d->seen[domain] : !unlabelled;
            d->seen[domain] = 1;
            unlabelled = unlabelled || !domain;
        }
        sc->weight[i] = ln_billionths(size + 2);
    }
    (void)a;
}

static void count_candidates(struct sched_attempt *a, struct spread_scorer *sc, uint32_t which)
{
    struct scheduler *s = a->s;
    const struct spread_constraint *c = &sc->soft.items[which];
    struct domain_counts *d = &sc->domains[which];
    if (c->per_node || d->topology->count == 0)
        return;
    for (uint32_t i = 0; i < s->order_count; i++) {
        uint32_t node = s->order[i], domain = d->topology->domain[node], pods = c->pods->on_node[node];
        if (!pods || !domain || !d->seen[domain] ||
            (sc->all_keys && !has_all_keys(sc->domains, sc->soft.count, node)) ||
            !included(a, c, sched_node_at(s, node)->node))
            continue;
        d->count[domain] += pods;
    }
}

static int64_t raw_points(const struct spread_scorer *sc, uint32_t node)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < sc->soft.count; i++) {
        const struct spread_constraint *c = &sc->soft.items[i];
        uint32_t domain = sc->domains[i].topology->domain[node];
        if (!domain)
            continue;
        int64_t count = c->per_node ? c->pods->on_node[node] : sc->domains[i].count[domain];
        sum += count * sc->weight[i] + (c->max_skew - 1) * UNIT;
    }
    return (sum + UNIT / 2) / UNIT;
}

/* What raw_points() goes by, if two constraints are all there are: most nodes look alike. */
static uint64_t seen_from(const struct spread_scorer *sc, uint32_t node)
{
    uint64_t key = 0;
    for (uint32_t i = 0; i < sc->soft.count; i++) {
        const struct spread_constraint *c = &sc->soft.items[i];
        uint32_t domain = sc->domains[i].topology->domain[node];
        key = key << 32 | (!domain ? UINT32_MAX : c->per_node ? c->pods->on_node[node] : domain);
    }
    return key;
}

static void count_points(const struct spread_scorer *sc, const uint32_t *nodes, uint32_t count, int64_t *points)
{
    enum { IN_KEY = 2 };
    bool alike = sc->soft.count <= IN_KEY;
    uint64_t before = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t key = alike ? seen_from(sc, nodes[i]) : 0;
        if (sc->all_keys && !has_all_keys(sc->domains, sc->soft.count, nodes[i]))
            points[i] = 0;
        else if (alike && i > 0 && key == before)
            points[i] = points[i - 1];
        else
            points[i] = raw_points(sc, nodes[i]);
        before = key;
    }
}

/* The fewer, the better: 100 * (max + min - raw) / max. Nodes that lack a key get nothing. */
static void normalize(const struct spread_scorer *sc, const uint32_t *nodes, uint32_t count, int64_t *points)
{
    int64_t min = INT64_MAX, max = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (sc->all_keys && !has_all_keys(sc->domains, sc->soft.count, nodes[i]))
            continue;
        min = points[i] < min ? points[i] : min;
        max = points[i] > max ? points[i] : max;
    }
    int64_t raw = -1, normal = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (sc->all_keys && !has_all_keys(sc->domains, sc->soft.count, nodes[i])) {
            points[i] = 0;
            continue;
        }
        if (points[i] != raw) {
            raw = points[i];
            normal = max ? 100 * (max + min - raw) / max : 100;
        }
        points[i] = normal;
    }
}

bool spread_score(struct sched_attempt *a, const uint32_t *nodes, uint32_t count, int64_t *points)
{
    struct sched_rules *r = a->p->rules;
    struct spread_scorer sc = {.soft = r->explicit_spread ? r->soft : default_constraints(a->s, a->p),
                               .all_keys = r->explicit_spread};
    if (!sc.soft.count)
        return false;
    sc.soft = scored_constraints(a->s, sc.soft);
    sc.domains = new_domains(a->s, &sc.soft);
    sc.weight = arena_array(a->s->scratch, int64_t, sc.soft.count);
    weigh(a, &sc, nodes, count);
    for (uint32_t i = 0; i < sc.soft.count; i++)
        count_candidates(a, &sc, i);
    count_points(&sc, nodes, count, points);
    normalize(&sc, nodes, count, points);
    return true;
}
