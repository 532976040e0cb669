/* node_lease.c - see node_lease.h.
 *
 * Left out on purpose: the Lease objects themselves (`kubectl get leases`), the five immediate tries of a renewal,
 * which fail together; how long a call to an API server that cannot be reached takes before it fails.
 */
#include "model/node_lease.h"

/* k8s component-helpers/apimachinery/lease/controller.go maxBackoff; the first gap is twice 100 ms. */
#define RETRY_FIRST (200 * SIM_MS)
#define RETRY_MAX   (7 * SIM_SECOND)

struct lease {
    uint32_t node, stream; /* ordinal of the Node */
    sim_time renewed;      /* the last renewal that has arrived; SIM_NEVER = none */
    sim_time next;         /* the next one; while they do not arrive: the first that has not */
    sim_time failed;       /* the first of a row of tries without success; SIM_NEVER = the last one had it */
    bool runs, arrives, api_up;
};

struct node_leases {
    struct store *store;
    struct sim *sim;
    const struct profile *profile;
    struct pool leases;     /* struct lease */
    struct pool by_ordinal; /* uint32_t: index + 1 */
    node_lease_fn *listener;
    void *ctx;
    bool api_up;
};

static struct lease *find(const struct node_leases *l, uint32_t node)
{
    uint32_t i = node < l->by_ordinal.count ? *(const uint32_t *)pool_at(&l->by_ordinal, node) : 0;
    return i ? pool_at(&l->leases, i - 1) : NULL;
}

static bool is_renewed(const struct lease *e) { return e->runs && e->arrives && e->api_up; }

static sim_time arrival(const struct node_leases *l, const struct lease *e, sim_time renewal)
{
    return sim_time_add(renewal, profile_draw(l->profile, HOP_API_WRITE, e->stream, renewal));
}

/* Takes note of the renewals that have arrived by t. Where all periods are alike they are skipped in one step. */
static void settle(struct node_leases *l, struct lease *e, sim_time t)
{
    if (!is_renewed(e))
        return;
    while (arrival(l, e, e->next) <= t) {
        sim_time period = profile_heartbeat_period(l->profile, e->stream, e->next);
        sim_time late = t - arrival(l, e, e->next);
        if (profile_heartbeats_alike(l->profile))
            e->next += late / period * period;
        e->renewed = e->next;
        e->failed = SIM_NEVER;
        e->next += period;
    }
}

/* Twice as long each time, up to 7 s: the first try that is not before t. */
static sim_time first_retry(sim_time failed, sim_time t)
{
    sim_time gap = RETRY_FIRST, at = failed;
    while (at < t) {
        if (gap == RETRY_MAX && t - at > RETRY_MAX)
            at += (t - at - 1) / RETRY_MAX * RETRY_MAX;
        at += gap;
        gap = 2 * gap < RETRY_MAX ? 2 * gap : RETRY_MAX;
    }
    return at;
}

static void tell(struct node_leases *l, const struct lease *e, bool before)
{
    if (l->listener && before != is_renewed(e))
        l->listener(l->ctx, e->node);
}

void node_lease_add(struct node_leases *l, const struct api_object *node, sim_time started)
{
    uint32_t index = pool_add(&l->leases);
    struct lease *e = pool_at(&l->leases, index);
    *e = (struct lease){.node = node->ordinal,
                        .stream = node->stream,
                        .renewed = SIM_NEVER,
                        .failed = SIM_NEVER,
                        .runs = true,
                        .arrives = true};
    e->api_up = l->api_up;
    e->next = started != SIM_NEVER ? started : profile_first_heartbeat(l->profile, e->stream);
    while (l->by_ordinal.count <= node->ordinal)
        pool_add(&l->by_ordinal);
    *(uint32_t *)pool_at(&l->by_ordinal, node->ordinal) = index + 1;
    settle(l, e, sim_now(l->sim));
    tell(l, e, false);
}

/* A kubelet that starts renews at once. */
void node_lease_runs(struct node_leases *l, uint32_t node, bool runs)
{
    struct lease *e = find(l, node);
    if (!e || e->runs == runs)
        return;
    bool before = is_renewed(e);
    settle(l, e, sim_now(l->sim));
    e->runs = runs;
    e->failed = SIM_NEVER;
    if (runs)
        e->next = sim_now(l->sim);
    tell(l, e, before);
}

static void set_arrives(struct node_leases *l, struct lease *e, bool arrives, bool api_up)
{
    bool before = is_renewed(e);
    settle(l, e, sim_now(l->sim));
    e->arrives = arrives;
    e->api_up = api_up;
    if (!before && is_renewed(e) && e->next < sim_now(l->sim)) {
        if (e->failed == SIM_NEVER)
            e->failed = e->next;
        e->next = first_retry(e->failed, sim_now(l->sim));
    }
    tell(l, e, before);
}

void node_lease_arrives(struct node_leases *l, uint32_t node, bool arrives)
{
    struct lease *e = find(l, node);
    if (e)
        set_arrives(l, e, arrives, e->api_up);
}

void node_leases_api_server(struct node_leases *l, bool up)
{
    l->api_up = up;
    for (uint32_t i = 0; i < l->leases.count; i++) {
        struct lease *e = pool_at(&l->leases, i);
        set_arrives(l, e, e->arrives, up);
    }
}

void node_leases_listen(struct node_leases *l, node_lease_fn *fn, void *ctx)
{
    ASSERT(!l->listener);
    l->listener = fn;
    l->ctx = ctx;
}

bool node_lease_is_renewed(const struct node_leases *l, uint32_t node)
{
    const struct lease *e = find(l, node);
    return e && is_renewed(e);
}

sim_time node_lease_renew_time(struct node_leases *l, uint32_t node, sim_time t)
{
    struct lease *e = find(l, node);
    if (!e)
        return SIM_NEVER;
    settle(l, e, t);
    return e->renewed;
}

sim_time node_lease_committed(const struct node_leases *l, uint32_t node, sim_time renew_time)
{
    return arrival(l, find(l, node), renew_time);
}

struct node_leases *node_leases_new(struct store *st)
{
    struct node_leases *l = arena_new(store_arena(st), struct node_leases);
    *l = (struct node_leases){.store = st, .sim = store_sim(st), .profile = store_profile(st), .api_up = true};
    pool_init(&l->leases, store_arena(st), sizeof(struct lease));
    pool_init(&l->by_ordinal, store_arena(st), sizeof(uint32_t));
    return l;
}
