/* pod_rank.c - see pod_rank.h. k8s-order: uid-ties.
 */
#include "model/pod_rank.h"

#include <string.h>

#include "model/endpoint_tracker.h"
#include "sim/cover.h"

struct ranked {
    const struct pod *pod;
    uint32_t place; /* among all: the last word */
    bool bound, ready;
    int phase;
    int64_t cost, rank, restarts, sidecar_restarts;
    sim_time ready_at, created_at;
    int64_t ready_age, age; /* -1 = none yet */
};

static int64_t more_first(int64_t a, int64_t b) { return (a < b) - (a > b); }
static int64_t less_first(int64_t a, int64_t b) { return (a > b) - (a < b); }

static int64_t by_node(const struct ranked *a, const struct ranked *b) { return less_first(a->bound, b->bound); }
static int64_t by_phase(const struct ranked *a, const struct ranked *b) { return less_first(a->phase, b->phase); }
static int64_t by_ready(const struct ranked *a, const struct ranked *b) { return less_first(a->ready, b->ready); }
static int64_t by_cost(const struct ranked *a, const struct ranked *b) { return less_first(a->cost, b->cost); }
static int64_t by_rank(const struct ranked *a, const struct ranked *b) { return more_first(a->rank, b->rank); }

/* Younger first; what is as old on the scale at hand, by uid. */
static int64_t by_age(const struct ranked *a, const struct ranked *b, int64_t age_a, int64_t age_b)
{
    return age_a != age_b ? less_first(age_a, age_b) : strcmp(a->pod->object.meta.uid, b->pod->object.meta.uid);
}

static int64_t by_ready_time(const struct ranked *a, const struct ranked *b)
{
    bool tells = a->ready && b->ready && a->ready_at != b->ready_at;
    return tells ? by_age(a, b, a->ready_age, b->ready_age) : 0;
}

static int64_t by_restarts(const struct ranked *a, const struct ranked *b)
{
    return more_first(a->restarts, b->restarts);
}

static int64_t by_sidecar_restarts(const struct ranked *a, const struct ranked *b)
{
    return more_first(a->sidecar_restarts, b->sidecar_restarts);
}

static int64_t by_creation(const struct ranked *a, const struct ranked *b)
{
    return a->created_at != b->created_at ? by_age(a, b, a->age, b->age) : 0;
}

static int64_t by_place(const struct ranked *a, const struct ranked *b) { return less_first(a->place, b->place); }

COVER_TABLE(deletion_rank, "which of two pods goes first", "the one without a node",
            "Pending, then Unknown, then Running", "the one that is not ready", "the lower deletion cost",
            "more of them on its node", "ready for a shorter time", "more restarts", "more restarts of a sidecar",
            "created later", "no difference: as they come");
static int64_t (*const rank_rules[])(const struct ranked *a, const struct ranked *b) = {
    by_node,     by_phase, by_ready, by_cost, by_rank, by_ready_time, by_restarts, by_sidecar_restarts,
    by_creation, by_place,
};
_Static_assert(ARRAY_LEN(rank_rules) == COVER_ROWS(deletion_rank), "a row per rule");

static bool goes_first(const struct ranked *a, const struct ranked *b)
{
    for (size_t i = 0; i < ARRAY_LEN(rank_rules); i++) {
        int64_t order = rank_rules[i](a, b);
        if (order == 0)
            continue;
        COVER(deletion_rank, i);
        return order < 0;
    }
    return false;
}

static int log2_of(sim_time d)
{
    int bits = -1;
    for (; d > 0; d >>= 1)
        bits++;
    return bits;
}

/* k8s pkg/apis/core/helper GetDeletionCostFromPodAnnotations: a number of 32 bits without "+" and leading zeros. */
static int64_t deletion_cost(const struct pod *p)
{
    const char *s = str_map_get(&p->object.meta.annotations, "controller.kubernetes.io/pod-deletion-cost");
    if (!s || !*s)
        return 0;
    bool negative = *s == '-';
    const char *digits = s + negative;
    size_t n = strspn(digits, "0123456789");
    if (n == 0 || n > 10 || digits[n] || (digits[0] == '0' && n > 1))
        return 0;
    int64_t cost = 0;
    for (size_t i = 0; i < n; i++)
        cost = 10 * cost + (digits[i] - '0');
    cost = negative ? -cost : cost;
    return cost < INT32_MIN || cost > INT32_MAX ? 0 : cost;
}

static int phase_order(const struct pod *p)
{
    return text_is(p->status.phase, "Running") ? 2 : text_is(p->status.phase, "Unknown") ? 1 : 0;
}

static void count_restarts(const struct pod *p, struct ranked *r)
{
    for (uint32_t i = 0; i < p->status.container_statuses.count; i++) {
        int64_t n = p->status.container_statuses.items[i].restart_count;
        r->restarts = n > r->restarts ? n : r->restarts;
    }
    for (uint32_t i = 0; i < p->status.init_container_statuses.count; i++) {
        const struct container_status *s = &p->status.init_container_statuses.items[i];
        bool sidecar = false;
        for (uint32_t k = 0; k < p->spec.init_containers.count; k++)
            sidecar = sidecar || (container_is_sidecar(&p->spec.init_containers.items[k]) &&
                                  text_is(s->name, p->spec.init_containers.items[k].name));
        if (sidecar && s->restart_count > r->sidecar_restarts)
            r->sidecar_restarts = s->restart_count;
    }
}

/* How many active related pods are on each node: names in buckets, open addressing. */
struct node_count {
    const char *node;
    int64_t pods;
};
struct node_counts {
    struct node_count *slots;
    uint32_t size; /* a power of two */
};

static struct node_count *slot_of(const struct node_counts *n, const char *node)
{
    uint32_t i = text_hash(TEXT_HASH, node);
    while (n->slots[i & (n->size - 1)].node && strcmp(n->slots[i & (n->size - 1)].node, node) != 0)
        i++;
    return &n->slots[i & (n->size - 1)];
}

static const char *node_of(const struct pod *p) { return p->spec.node_name ? p->spec.node_name : ""; }

static struct node_counts count_nodes(struct arena *a, const struct pod_refs *related)
{
    struct node_counts n = {.size = 16};
    while (n.size < 2 * related->count)
        n.size *= 2;
    n.slots = arena_array(a, struct node_count, n.size);
    for (uint32_t i = 0; i < related->count; i++) {
        if (!(related->facts[i] & POD_ACTIVE))
            continue;
        struct node_count *slot = slot_of(&n, node_of(related->items[i]));
        slot->node = node_of(related->items[i]);
        slot->pods++;
    }
    return n;
}

/* nodes NULL: ActivePods, which knows neither costs nor ranks, and tells ages apart to the second. */
static struct ranked rank_pod(const struct pod *p, uint32_t place, const struct node_counts *nodes, sim_time now)
{
    struct ranked r = {.pod = p, .place = place, .ready = pod_is_ready(p), .bound = *node_of(p) != '\0'};
    r.phase = phase_order(p);
    r.ready_at = pod_ready_since(p);
    r.created_at = p->object.meta.creation_timestamp;
    r.ready_age = r.ready ? now - r.ready_at : -1;
    r.age = now - r.created_at;
    if (nodes) {
        r.cost = deletion_cost(p);
        r.rank = slot_of(nodes, node_of(p))->pods;
        r.ready_age = r.ready ? log2_of(r.ready_age) : -1;
        r.age = log2_of(r.age);
    }
    count_restarts(p, &r);
    return r;
}

/* Stable, and the same everywhere even where the rules are not transitive. */
static void merge_sort(struct ranked *items, struct ranked *spare, uint32_t n)
{
    if (n < 2)
        return;
    uint32_t half = n / 2, i = 0, k = half;
    merge_sort(items, spare, half);
    merge_sort(items + half, spare, n - half);
    for (uint32_t at = 0; at < n; at++)
        spare[at] = k == n || (i < half && !goes_first(&items[k], &items[i])) ? items[i++] : items[k++];
    memcpy(items, spare, n * sizeof *items);
}

void rank_pods(struct arena *a, const struct pod **pods, uint32_t count, const struct pod_refs *related, sim_time now)
{
    struct ranked *ranked = arena_array(a, struct ranked, count + 1), *spare = arena_array(a, struct ranked, count + 1);
    struct node_counts nodes = {NULL, 0};
    if (related)
        nodes = count_nodes(a, related);
    for (uint32_t i = 0; i < count; i++)
        ranked[i] = rank_pod(pods[i], i, related ? &nodes : NULL, now);
    merge_sort(ranked, spare, count);
    for (uint32_t i = 0; i < count; i++)
        pods[i] = ranked[i].pod;
}
