/* replicaset.c - see replicaset.h. k8s-order: uid-ties; lists are in order of arrival.
 */
#include "model/replicaset.h"

#include <stdlib.h>
#include <string.h>

#include "model/endpoint_tracker.h"
#include "model/informers.h"
#include "model/printer.h"
#include "model/store.h"
#include "sim/cover.h"

/* k8s replica_set.go BurstReplicas: pods that one sync creates or deletes. */
enum { BURST_REPLICAS = 500 };

/* ---- facts about pods ---- */

uint8_t pod_facts(const struct pod *p)
{
    bool ended = text_is(p->status.phase, "Succeeded") || text_is(p->status.phase, "Failed");
    uint8_t ready = pod_is_ready(p) ? POD_READY : 0;
    if (ended)
        return ready;
    return ready | (p->object.meta.deletion_timestamp == SIM_NEVER ? POD_ACTIVE : POD_TERMINATING);
}

static sim_time ready_since(const struct pod *p)
{
    const struct pod_condition *c = pod_condition_find(p, "Ready");
    return c && text_is(c->status, "True") ? c->last_transition_time : SIM_NEVER;
}

bool pod_is_available(const struct pod *p, int64_t min_ready_seconds, sim_time now)
{
    if (min_ready_seconds == 0)
        return pod_is_ready(p);
    sim_time since = ready_since(p);
    return since != SIM_NEVER && since + min_ready_seconds * SIM_SECOND <= now;
}

/* ---- whose is it ---- */

enum { BY_OTHER, BY_ME, BY_ME_NO_MORE, BY_ME_DELETED, BY_NONE_DELETED, BY_NONE_NO_MATCH, BY_NONE_GOING, BY_NONE };
COVER_TABLE(claim, "whose an object is", "another controller's", "its own", "its own, labels changed: released",
            "its own, labels changed, and it goes: left alone", "nobody's, and it goes: left alone",
            "nobody's, does not match", "nobody's, but being deleted", "nobody's: adopted");

enum claim claim_of(const struct api_object *controller, const struct label_selector *selector,
                    const struct api_object *o)
{
    static const enum claim claims[] = {
        [BY_OTHER] = CLAIM_IGNORED,        [BY_ME] = CLAIM_OWNED,
        [BY_ME_NO_MORE] = CLAIM_RELEASE,   [BY_ME_DELETED] = CLAIM_IGNORED,
        [BY_NONE_DELETED] = CLAIM_IGNORED, [BY_NONE_NO_MATCH] = CLAIM_IGNORED,
        [BY_NONE_GOING] = CLAIM_IGNORED,   [BY_NONE] = CLAIM_ADOPT,
    };
    const struct owner_reference *owner = controller_of(o);
    bool mine = owner && strcmp(owner->uid, controller->meta.uid) == 0;
    bool goes = controller->meta.deletion_timestamp != SIM_NEVER;
    int row = BY_NONE;
    if (owner && !mine)
        row = BY_OTHER;
    else if (mine && label_selector_matches(selector, &o->meta.labels))
        row = BY_ME;
    else if (mine)
        row = goes ? BY_ME_DELETED : BY_ME_NO_MORE;
    else if (goes)
        row = BY_NONE_DELETED;
    else if (!label_selector_matches(selector, &o->meta.labels))
        row = BY_NONE_NO_MATCH;
    else if (o->meta.deletion_timestamp != SIM_NEVER)
        row = BY_NONE_GOING;
    COVER(claim, row);
    return claims[row];
}

/* ---- which pods go first: ActivePodsWithRanks.Less ---- */

struct ranked {
    const struct pod *pod;
    uint32_t place; /* among all: the last word */
    bool bound, ready;
    int phase;
    int64_t cost, rank, restarts, sidecar_restarts;
    sim_time ready_at, created_at;
    int ready_age, age; /* log2 of nanoseconds, -1 = none yet */
};

static int64_t more_first(int64_t a, int64_t b) { return (a < b) - (a > b); }
static int64_t less_first(int64_t a, int64_t b) { return (a > b) - (a < b); }

static int64_t by_node(const struct ranked *a, const struct ranked *b) { return less_first(a->bound, b->bound); }
static int64_t by_phase(const struct ranked *a, const struct ranked *b) { return less_first(a->phase, b->phase); }
static int64_t by_ready(const struct ranked *a, const struct ranked *b) { return less_first(a->ready, b->ready); }
static int64_t by_cost(const struct ranked *a, const struct ranked *b) { return less_first(a->cost, b->cost); }
static int64_t by_rank(const struct ranked *a, const struct ranked *b) { return more_first(a->rank, b->rank); }

/* Younger first, on a logarithmic scale; what is about as old, by uid. */
static int64_t by_age(const struct ranked *a, const struct ranked *b, int age_a, int age_b)
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

COVER_TABLE(deletion_rank, "which of two pods a ReplicaSet deletes first", "the one without a node",
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

static struct ranked rank_pod(const struct pod *p, uint32_t place, const struct node_counts *nodes, sim_time now)
{
    struct ranked r = {.pod = p, .place = place, .ready = pod_is_ready(p), .bound = *node_of(p) != '\0'};
    r.phase = phase_order(p);
    r.cost = deletion_cost(p);
    r.rank = slot_of(nodes, node_of(p))->pods;
    r.ready_at = ready_since(p);
    r.ready_age = r.ready ? log2_of(now - r.ready_at) : -1;
    r.created_at = p->object.meta.creation_timestamp;
    r.age = log2_of(now - r.created_at);
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

/* All, or the first `count` by rank: getPodsToDelete. */
static struct pod_refs pods_to_delete(struct arena *a, const struct rs_facts *f, uint32_t count)
{
    struct pod_refs chosen = {arena_array(a, const struct pod *, count + 1), NULL, count};
    uint32_t n = f->active.count;
    struct ranked *ranked = arena_array(a, struct ranked, n + 1), *spare = arena_array(a, struct ranked, n + 1);
    struct node_counts nodes = count_nodes(a, &f->related);
    for (uint32_t i = 0; i < n; i++)
        ranked[i] = rank_pod(f->active.items[i], i, &nodes, f->now);
    if (count < n)
        merge_sort(ranked, spare, n);
    for (uint32_t i = 0; i < count; i++)
        chosen.items[i] = ranked[i].pod;
    return chosen;
}

/* ---- status ---- */

bool rs_status_equal(const struct replica_set_status *a, const struct replica_set_status *b)
{
    return a->replicas == b->replicas && a->fully_labeled_replicas == b->fully_labeled_replicas &&
           a->ready_replicas == b->ready_replicas && a->available_replicas == b->available_replicas &&
           a->terminating_replicas.set == b->terminating_replicas.set &&
           a->terminating_replicas.value == b->terminating_replicas.value &&
           a->observed_generation == b->observed_generation && a->conditions.count == b->conditions.count &&
           a->conditions.items == b->conditions.items;
}

static struct replica_set_status status_of(const struct rs_facts *f)
{
    const struct replica_set *rs = f->rs;
    int64_t held = rs->spec.min_ready_seconds;
    struct replica_set_status s = {.replicas = f->active.count, .observed_generation = rs->object.meta.generation};
    for (uint32_t i = 0; i < f->active.count; i++) {
        const struct pod *p = f->active.items[i];
        bool ready = f->active.facts[i] & POD_READY;
        const str_map *wanted = &rs->spec.template_.meta.labels;
        s.fully_labeled_replicas +=
            p->object.meta.labels.items == wanted->items || labels_match(wanted, &p->object.meta.labels);
        s.ready_replicas += ready;
        s.available_replicas += ready && (!held || pod_is_available(p, held, f->now));
    }
    if (rs->object.kind == KIND_REPLICASET && feature_on(f->features, FEATURE_TERMINATING_REPLICAS))
        s.terminating_replicas = (struct opt_i64){f->terminating, true};
    return s; /* conditions: none, unless something fails */
}

void rs_status_failed(struct arena *a, struct replica_set_status *status, bool creating, const char *message,
                      sim_time now)
{
    if (status->conditions.count) /* it is there already */
        return;
    status->conditions.items = arena_new(a, struct workload_condition);
    status->conditions.count = 1;
    status->conditions.items[0] = (struct workload_condition){
        .type = "ReplicaFailure",
        .status = "True",
        .reason = creating ? "FailedCreate" : "FailedDelete",
        .message = message,
        .last_update_time = SIM_NEVER,
        .last_transition_time = api_second(now),
    };
}

/* The smallest time that is missing to a pod that is ready; before 1.34 all of minReadySeconds. */
static sim_time next_check(const struct rs_facts *f)
{
    sim_time wait = f->rs->spec.min_ready_seconds * SIM_SECOND, least = SIM_NEVER;
    for (uint32_t i = 0; i < f->active.count; i++) {
        sim_time since = ready_since(f->active.items[i]);
        sim_time left = since == SIM_NEVER ? 0 : since + wait - f->now;
        if (left > 0 && (least == SIM_NEVER || left < least))
            least = left;
    }
    return least == SIM_NEVER || !feature_on(f->features, FEATURE_EXACT_AVAILABILITY_CHECK) ? wait : least;
}

/* ---- one sync ---- */

int64_t slow_start_batch(int64_t before, int64_t left)
{
    int64_t size = before ? 2 * before : 1;
    return size < left ? size : left;
}

void rs_decide(struct arena *a, const struct rs_facts *f, struct rs_plan *plan)
{
    const struct replica_set *rs = f->rs;
    *plan = (struct rs_plan){.recheck = SIM_NEVER, .status = status_of(f)};
    int64_t surplus = (int64_t)f->active.count - rs->spec.replicas.value;
    if (f->in_sync && rs->object.meta.deletion_timestamp == SIM_NEVER) {
        if (surplus < 0)
            plan->create = -surplus < BURST_REPLICAS ? -surplus : BURST_REPLICAS;
        else if (surplus > 0)
            plan->remove = pods_to_delete(a, f, (uint32_t)(surplus < BURST_REPLICAS ? surplus : BURST_REPLICAS));
    }
    plan->status_changed = !rs_status_equal(&plan->status, &rs->status);
    if (rs->spec.min_ready_seconds > 0 && plan->status.ready_replicas != plan->status.available_replicas)
        plan->recheck = next_check(f);
}
