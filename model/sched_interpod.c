/* sched_interpod.c - plugin InterPodAffinity: near some pods, away from others.
 *
 * Mirrors k8s plugins/interpodaffinity/{filtering,scoring}.go (v1.36); semantics/scheduler.md 3.3 and 5. Required
 * anti-affinity holds both ways, required affinity does not.
 */
#include <string.h>

#include "model/sched_private.h"

/* ---- counts by domain ---- */

static struct domain_counts new_counts(struct scheduler *s, const char *key)
{
    struct domain_counts d = {.topology = sched_topology(s, key)};
    d.count = arena_array(s->scratch, uint32_t, d.topology->count + 1);
    return d;
}

static void add_by_node(const struct scheduler *s, struct domain_counts *d, const uint32_t *on_node)
{
    for (uint32_t i = 0; i < s->order_count; i++) {
        uint32_t node = s->order[i], domain = d->topology->domain[node];
        if (!domain)
            continue;
        d->count[domain] += on_node[node];
        d->total += on_node[node];
    }
}

static const struct sched_rules *concern_at(const struct scheduler *s, uint32_t index)
{
    return index ? pool_at(&s->rules, index - 1) : NULL;
}

/* Rules with terms about other pods, of whatever pod. */
static const struct sched_rules *first_concern(const struct scheduler *s) { return concern_at(s, s->first_concern); }
static const struct sched_rules *next_concern(const struct scheduler *s, const struct sched_rules *r)
{
    return concern_at(s, r->next_concern);
}

/* ---- filter ---- */

static void prepare_required(struct sched_attempt *a, const sched_terms *terms)
{
    const struct pod_set *set = sched_set(a->s, terms->items, terms->count, false);
    int64_t total = 0;
    a->required = arena_array(a->s->scratch, struct domain_counts, terms->count);
    for (uint32_t i = 0; i < terms->count; i++) {
        a->required[i] = new_counts(a->s, terms->items[i].topology_key);
        add_by_node(a->s, &a->required[i], set->on_node);
        total += a->required[i].total;
    }
    a->nobody_matches = total == 0;
}

static void prepare_anti(struct sched_attempt *a, const sched_terms *terms)
{
    a->anti = arena_array(a->s->scratch, struct domain_counts, terms->count);
    for (uint32_t i = 0; i < terms->count; i++) {
        a->anti[i] = new_counts(a->s, terms->items[i].topology_key);
        add_by_node(a->s, &a->anti[i], sched_set(a->s, &terms->items[i], 1, false)->on_node);
    }
}

static struct domain_counts *counts_of_key(struct scheduler *s, struct domain_counts *list, uint32_t *count,
                                           const char *key)
{
    for (uint32_t i = 0; i < *count; i++)
        if (strcmp(list[i].topology->key, key) == 0)
            return &list[i];
    list[*count] = new_counts(s, key);
    return &list[(*count)++];
}

/* Pods on nodes that do not want this one near them. */
static void prepare_existing(struct sched_attempt *a)
{
    struct scheduler *s = a->s;
    uint32_t most = 0;
    for (const struct sched_rules *r = first_concern(s); r; r = next_concern(s, r))
        most += r->anti.count;
    if (!most)
        return;
    a->existing = arena_array(s->scratch, struct domain_counts, most);
    for (const struct sched_rules *r = first_concern(s); r; r = next_concern(s, r)) {
        for (uint32_t k = 0; k < r->anti.count; k++)
            if (sched_term_matches(s, &r->anti.items[k], a->p->pod))
                add_by_node(s, counts_of_key(s, a->existing, &a->existing_count, r->anti.items[k].topology_key),
                            r->on_node);
    }
}

void interpod_prepare(struct sched_attempt *a)
{
    const struct sched_rules *r = a->p->rules;
    a->existing_count = 0;
    if (r->required.count)
        prepare_required(a, &r->required);
    if (r->anti.count)
        prepare_anti(a, &r->anti);
    prepare_existing(a);
}

static bool near_them(const struct sched_attempt *a, uint32_t node)
{
    const sched_terms *terms = &a->p->rules->required;
    bool there = true;
    for (uint32_t i = 0; i < terms->count; i++) {
        uint32_t domain = a->required[i].topology->domain[node];
        if (!domain)
            return false;
        there = there && a->required[i].count[domain] > 0;
    }
    /* The first of its kind: nobody is there to be near to, and it would be near to itself. */
    return there || (a->nobody_matches && sched_terms_match(a->s, terms->items, terms->count, a->p->pod));
}

const char *interpod_filter(const struct sched_attempt *a, uint32_t node, enum filter_code *ret_code)
{
    const struct sched_rules *r = a->p->rules;
    *ret_code = UNRESOLVABLE_NODE;
    if (r->required.count && !near_them(a, node))
        return "node(s) didn't match pod affinity rules";
    *ret_code = UNSCHEDULABLE_NODE;
    for (uint32_t i = 0; i < r->anti.count; i++) {
        uint32_t domain = a->anti[i].topology->domain[node];
        if (domain && a->anti[i].count[domain])
            return "node(s) didn't match pod anti-affinity rules";
    }
    for (uint32_t i = 0; i < a->existing_count; i++) {
        uint32_t domain = a->existing[i].topology->domain[node];
        if (domain && a->existing[i].count[domain])
            return "node(s) didn't satisfy existing pods anti-affinity rules";
    }
    return NULL;
}

/* ---- score ---- */

enum { HARD_POD_AFFINITY_WEIGHT = 1 }; /* k8s pkg/scheduler/apis/config/v1/defaults.go */

struct interpod_scorer {
    struct sched_attempt *a;
    struct domain_points {
        const struct sched_topology *topology;
        int64_t *points; /* by domain */
    } * keys;
    uint32_t key_count;
    bool any;
};

static struct domain_points *points_of_key(struct interpod_scorer *sc, const char *key)
{
    struct scheduler *s = sc->a->s;
    for (uint32_t i = 0; i < sc->key_count; i++)
        if (strcmp(sc->keys[i].topology->key, key) == 0)
            return &sc->keys[i];
    struct domain_points *bigger = arena_array(s->scratch, struct domain_points, sc->key_count + 1);
    if (sc->key_count)
        memcpy(bigger, sc->keys, sc->key_count * sizeof *bigger);
    sc->keys = bigger;
    struct domain_points *d = &sc->keys[sc->key_count++];
    d->topology = sched_topology(s, key);
    d->points = arena_array(s->scratch, int64_t, d->topology->count + 1);
    return d;
}

static void add_points(struct interpod_scorer *sc, const struct sched_term *t, const uint32_t *on_node, int64_t weight)
{
    const struct scheduler *s = sc->a->s;
    struct domain_points *d = points_of_key(sc, t->topology_key);
    for (uint32_t i = 0; i < s->order_count; i++) {
        uint32_t node = s->order[i], domain = d->topology->domain[node];
        if (!domain || !on_node[node])
            continue;
        d->points[domain] += weight * on_node[node];
        sc->any = true;
    }
}

/* The pod's own preferences. */
static void add_own(struct interpod_scorer *sc, const sched_terms *terms, int sign)
{
    for (uint32_t i = 0; i < terms->count; i++)
        add_points(sc, &terms->items[i], sched_set(sc->a->s, &terms->items[i], 1, false)->on_node,
                   sign * terms->items[i].weight);
}

/* What pods on nodes think of this one. */
static void add_others(struct interpod_scorer *sc, const sched_terms *terms, const uint32_t *on_node, int64_t factor)
{
    for (uint32_t i = 0; i < terms->count; i++)
        if (sched_term_matches(sc->a->s, &terms->items[i], sc->a->p->pod))
            add_points(sc, &terms->items[i], on_node, factor * terms->items[i].weight);
}

static void normalize(int64_t *points, uint32_t count)
{
    int64_t min = INT64_MAX, max = INT64_MIN;
    for (uint32_t i = 0; i < count; i++) {
        min = points[i] < min ? points[i] : min;
        max = points[i] > max ? points[i] : max;
    }
    for (uint32_t i = 0; i < count; i++)
        points[i] = max > min ? 100 * (points[i] - min) / (max - min) : 0;
}

bool interpod_score(struct sched_attempt *a, const uint32_t *nodes, uint32_t count, int64_t *points)
{
    struct interpod_scorer sc = {.a = a};
    struct scheduler *s = a->s;
    add_own(&sc, &a->p->rules->preferred, 1);
    add_own(&sc, &a->p->rules->preferred_anti, -1);
    for (const struct sched_rules *r = first_concern(s); r; r = next_concern(s, r)) {
        add_others(&sc, &r->required, r->on_node, HARD_POD_AFFINITY_WEIGHT);
        add_others(&sc, &r->preferred, r->on_node, 1);
        add_others(&sc, &r->preferred_anti, r->on_node, -1);
    }
    if (!sc.any)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        points[i] = 0;
        for (uint32_t k = 0; k < sc.key_count; k++) {
            uint32_t domain = sc.keys[k].topology->domain[nodes[i]];
            points[i] += domain ? sc.keys[k].points[domain] : 0;
        }
    }
    normalize(points, count);
    return true;
}
