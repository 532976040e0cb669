/* runtime_faults.c - a container runtime that fails, has no network, or does not answer.
 *
 * A hang holds up every call to the runtime until it answers again: relists, starts, stops, exec probes. The
 * containers run on, HTTP and TCP probes too. The next housekeeping waits for the runtime inside the kubelet's
 * main loop, so that from then on no delete, no retry and no event reaches a pod's worker; nobody is told
 * (recorded: runtime-hang-75s). When calls have expired the node says that it is not Ready.
 * Rules: semantics/nodes.md 7, kubelet.md 1.1, 1.5 step 5, 2.4 step 5; k8s pkg/kubelet/kubelet.go
 * updateRuntimeUp, pkg/kubelet/runtime.go (v1.36).
 * Left out on purpose: calls that expire after two minutes (runtimeRequestTimeout) are not made again; an
 * outage is known to the kubelet at once, not at the next of its checks, every 5 s.
 */
#include "model/classes.h"
#include "model/kubelet.h"
#include "model/kubelet_faults.h"

#define HOUSEKEEPING_PERIOD (2 * SIM_SECOND)
/* k8s kubelet config runtimeRequestTimeout, and kubelet.go baseRuntimeSyncThreshold (maxWaitForContainerRuntime). */
#define CALLS_EXPIRE (120 * SIM_SECOND)
#define CHECK_GRACE  (30 * SIM_SECOND)

struct stalled { /* an event of a pod that needs an answer of the runtime */
    uint32_t kpod, class_, index, cause;
};

bool runtime_stalls(struct kpod *kp, uint32_t class, uint32_t index)
{
    struct kubelet *k = kpod_kubelet(kp);
    if (!k->hung)
        return false;
    if (!k->stalled.item_bytes)
        pool_init(&k->stalled, kp->all->arena, sizeof(struct stalled));
    *(struct stalled *)pool_at(&k->stalled, pool_add(&k->stalled)) =
        (struct stalled){kp->index, class, index, sim_cause(kp->all->sim)};
    return true;
}

/* First the housekeeping that waits; then, much later, the checks that have failed. */
void runtime_hangs_on(struct kubelets *ks, struct kubelet *k)
{
    sim_time down_at = k->hung_since + CALLS_EXPIRE + CHECK_GRACE;
    if (!k->hang_blocks) {
        k->hang_blocks = true;
        syncloop_block(k);
        node_arm(ks, k, down_at, NODE_HANG);
    } else {
        k->runtime_down = true;
        node_status_want(ks, k);
    }
}

int runtime_hang(struct kubelets *ks, const char *node, struct strbuf *out)
{
    struct kubelet *k = kubelets_node(ks, node);
    if (k->hung) {
        strbuf_printf(out, "Error: the runtime of node \"%s\" hangs already\n", node);
        return 1;
    }
    k->hung = true;
    k->hung_since = sim_now(ks->sim);
    uint32_t cursor = 0;
    for (struct kpod *kp; (kp = node_next_pod(ks, k, &cursor));)
        prober_wake(kp);
    sim_time tick = sim_time_next_tick(k->hung_since, HOUSEKEEPING_PERIOD, ks->profile->sync_tick_phase);
    if (!k->down)
        node_arm(ks, k, tick, NODE_HANG);
    return 0;
}

/* Workers whose resync has fallen due meanwhile: k8s syncFrequency. Else it changes nothing (pod_worker.c). */
static void resync(struct kubelets *ks, struct kubelet *k)
{
    uint32_t cursor = 0;
    for (struct kpod *kp; (kp = node_next_pod(ks, k, &cursor));) {
        bool idle = kp->work == WORK_SYNC && !kp->busy && !kp->pending && kp->last_end != SIM_NEVER;
        if (!kp->unknown && idle && podworker_resync_at(kp) <= sim_now(ks->sim))
            podworker_queue(kp, 0);
    }
}

static void answer(struct kubelets *ks, struct kubelet *k)
{
    uint32_t cause = sim_cause(ks->sim);
    for (uint32_t i = 0; i < k->stalled.count; i++) {
        const struct stalled *s = pool_at(&k->stalled, i);
        sim_set_cause(ks->sim, s->cause);
        sim_arm(ks->sim, sim_now(ks->sim), s->class_, kpod_at(ks, s->kpod)->object, s->index);
    }
    k->stalled.count = 0;
    sim_set_cause(ks->sim, cause);
    if (k->relist_held)
        sim_arm(ks->sim, sim_now(ks->sim), CLASS_PLEG, k->object, 0);
    k->relist_held = false;
    uint32_t cursor = 0;
    for (struct kpod *kp; (kp = node_next_pod(ks, k, &cursor));)
        prober_resume(kp);
}

int runtime_resume(struct kubelets *ks, const char *node, struct strbuf *out)
{
    struct kubelet *k = kubelets_node(ks, node);
    if (!k->hung) {
        strbuf_printf(out, "Error: the runtime of node \"%s\" does not hang\n", node);
        return 1;
    }
    k->hung = false;
    sim_cancel(ks->sim, CLASS_NODE_TIMER, k->object, NODE_HANG);
    answer(ks, k);
    if (k->runtime_down)
        node_status_want(ks, k);
    k->runtime_down = false;
    if (k->hang_blocks) {
        k->hang_blocks = false;
        resync(ks, k);
        syncloop_unblock(ks, k);
    }
    return 0;
}

int sandbox_fail(struct kubelets *ks, const char *node, const char *error)
{
    kubelets_node(ks, node)->sandbox_error =
        error ? error
              : "rpc error: code = Unknown desc = failed to setup network for sandbox: plugin type=\"bridge\" failed "
                "(add): no addresses available";
    return 0;
}

int sandbox_recover(struct kubelets *ks, const char *node)
{
    kubelets_node(ks, node)->sandbox_error = NULL;
    return 0;
}

int network_set(struct kubelets *ks, const char *node, bool up)
{
    struct kubelet *k = kubelets_node(ks, node);
    k->network_down = !up;
    if (!k->down)
        node_status_want(ks, k);
    return 0;
}
