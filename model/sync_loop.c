/* sync_loop.c - what waits while the kubelet's main loop stands still.
 *
 * One thread takes everything that happens - pods of the API, relist events, due retries, probe verdicts,
 * housekeeping - and hands it to the pods' workers. A call that blocks it (a preemption, a runtime that does
 * not answer housekeeping) holds all of that up; workers that run, probes and status writes go on.
 * Mirrors k8s pkg/kubelet/kubelet.go syncLoopIteration (v1.36); rules: semantics/kubelet.md 1.1, 1.2.
 * k8s-order: then retries and events of the runtime come first, pods of the API next; Go selects at random.
 */
#include "model/kubelet.h"

struct held_event { /* of a config source */
    enum write_verb verb;
    uint32_t cause;
    const struct pod *pod;
};

void syncloop_block(struct kubelet *k) { k->blocked++; }

void syncloop_queue(struct kpod *kp)
{
    struct kubelet *k = kpod_kubelet(kp);
    if (!k->blocked) {
        podworker_queue(kp, 0);
    } else if (!kp->held) {
        kp->held = true;
        kp->held_cause = sim_cause(kp->all->sim);
    }
}

bool syncloop_holds(struct kubelets *ks, struct kubelet *k, enum write_verb verb, const struct pod *p)
{
    if (!k->blocked)
        return false;
    if (!k->held.item_bytes)
        pool_init(&k->held, ks->arena, sizeof(struct held_event));
    *(struct held_event *)pool_at(&k->held, pool_add(&k->held)) = (struct held_event){verb, sim_cause(ks->sim), p};
    return true;
}

static void deliver_config(void *ctx, uint32_t node)
{
    struct kubelets *ks = ctx;
    struct kubelet *k = pool_at(&ks->nodes, node);
    uint32_t n = k->held.count;
    for (uint32_t i = 0; i < n; i++) {
        struct held_event e = *(struct held_event *)pool_at(&k->held, i);
        sim_set_cause(ks->sim, e.cause);
        kubelet_config_event(ks, k, e.verb, e.pod); /* may be held again, behind the others */
    }
    uint32_t again = k->held.count - n;
    for (uint32_t i = 0; i < again; i++)
        *(struct held_event *)pool_at(&k->held, i) = *(struct held_event *)pool_at(&k->held, n + i);
    k->held.count = again;
}

static void deliver_queued(struct kubelets *ks, struct kubelet *k)
{
    uint32_t cursor = 0;
    for (struct kpod *kp; (kp = node_next_pod(ks, k, &cursor));) {
        prober_deliver(kp);
        if (!kp->held)
            continue;
        kp->held = false;
        sim_set_cause(ks->sim, kp->held_cause);
        podworker_queue(kp, 0);
    }
}

void syncloop_unblock(struct kubelets *ks, struct kubelet *k)
{
    ASSERT(k->blocked > 0);
    if (--k->blocked)
        return;
    uint32_t cause = sim_cause(ks->sim);
    deliver_queued(ks, k);
    sim_set_cause(ks->sim, cause);
    if (k->held.count) /* the workers have begun with the former by then */
        store_post(ks->store, 0, deliver_config, ks, k->index);
    if (k->housekeeping_held)
        housekeeping_want(ks, k);
}
