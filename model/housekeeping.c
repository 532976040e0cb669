/* housekeeping.c - the kubelet's clean-up, every 2 s: what nobody wants any more is stopped.
 *
 * Mirrors k8s pkg/kubelet/kubelet_pods.go HandlePodCleanups (v1.36); rules: semantics/kubelet.md 9.1, 9.2.
 * A round is an event only when something waits for it.
 * Left out on purpose: directories, cgroups and volumes of pods that are gone, container GC.
 */
#include "model/kubelet.h"

/* k8s kubelet.go housekeepingPeriod. REF: at even seconds and a half, after the sync tick. */
#define HOUSEKEEPING_PERIOD (2 * SIM_SECOND)

sim_time housekeeping_next_tick(const struct kubelets *ks, sim_time t)
{
    return sim_time_next_tick(t, HOUSEKEEPING_PERIOD, ks->profile->sync_tick_phase);
}

void housekeeping_want(struct kubelets *ks, struct kubelet *k)
{
    node_arm(ks, k, housekeeping_next_tick(ks, sim_now(ks->sim)), NODE_HOUSEKEEPING);
}

/* A pod that the runtime has and no source wants: killed with a grace of one second. It has no status. */
static void kill_orphan(struct kpod *kp)
{
    kp->unknown = kp->rejected = false;
    kp->gone = kp->orphan = true;
    kp->work = WORK_SYNC;
    kubelet_relist_pod(kp);
    podworker_terminate(kp, -1, 1);
    podworker_queue(kp, 0);
}

void housekeeping_run(struct kubelets *ks, struct kubelet *k)
{
    k->housekeeping_held = k->blocked > 0; /* it is the loop's work */
    if (k->housekeeping_held)
        return;
    uint32_t cause = sim_cause(ks->sim);
    static_pods_clean_mirrors(ks, k);
    uint32_t cursor = 0;
    for (struct kpod *kp; (kp = node_next_pod(ks, k, &cursor));) {
        if (!(kp->unknown || kp->rejected) || !kpod_runs(kp))
            continue;
        sim_set_cause(ks->sim, cause);
        kill_orphan(kp);
    }
}
