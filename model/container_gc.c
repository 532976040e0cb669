/* container_gc.c - dead containers that a kubelet removes because the node's disk is short.
 *
 * All dead ones of pods that are over, and all but the newest dead one of each container of other pods; their logs
 * go with them. Beside that the runtime forgets what nobody can see: the dead containers of pods that are deleted or
 * evicted, and those beyond the newest (kubelet.c remove_dead). A kubelet does so when a relist has seen them die, or
 * in its round of every minute; here it is done when the pod is over.
 *
 * Mirrors k8s pkg/kubelet/container/container_gc.go DeleteAllUnusedContainers, kuberuntime/kuberuntime_gc.go
 * evictContainers (v1.36); rules: semantics/kubelet.md 9.8.
 * Left out on purpose: sandboxes, which take no space here; a limit for all dead containers of a node (off by default).
 */
#include "model/kubelet.h"

/* k8s pod_workers.go ShouldPodContentBeRemoved: evicted, or deleted and terminated. */
bool container_gc_pod_gone(const struct kpod *kp)
{
    bool evicted = kp->override && text_is(kp->override->reason, "Evicted");
    return kp->work == WORK_FINISHED && !kp->unknown && (kp->gone || kp->deleted || evicted);
}

bool container_gc_exists(const struct kpod *kp, uint32_t instance)
{
    return instance && cri_container_exists(kp->all->cri, instance) && !container_gc_pod_gone(kp);
}

void container_gc_remove(const struct kpod *kp, const struct kcontainer *c, uint32_t instance, enum trace_component by)
{
    struct kubelets *ks = kp->all;
    const struct cri_container *dead = cri_container(ks->cri, instance);
    struct trace_container *t = arena_new(ks->arena, struct trace_container);
    *t = (struct trace_container){.container = c->spec->name,
                                  .attempt = dead->config.attempt,
                                  .init = c->init,
                                  .bytes = (uint64_t)cri_disk_used(ks->cri, instance)};
    cri_remove_container(ks->cri, instance);
    sim_record(ks->sim, (struct trace_record){.object = kp->pod->object.ordinal,
                                              .kind = TRACE_CONTAINER_REMOVED,
                                              .component = (uint8_t)by,
                                              .aux = t->attempt,
                                              .text = t->container,
                                              .data = t});
}

static bool is_dead(const struct kpod *kp, uint32_t instance)
{
    return container_gc_exists(kp, instance) && cri_container(kp->all->cri, instance)->state != CRI_RUNNING;
}

void container_gc_unused(struct kubelets *ks, struct kubelet *k)
{
    uint32_t cursor = 0;
    for (struct kpod *kp; (kp = node_next_pod(ks, k, &cursor));) {
        bool over = kp->work >= WORK_TERMINATED && !kp->unknown;
        for (uint32_t i = 0; i < kpod_all(kp); i++) {
            struct kcontainer *c = &kp->containers[i];
            bool newest = is_dead(kp, c->newest);
            if (is_dead(kp, c->previous) && (over || newest))
                container_gc_remove(kp, c, c->previous, COMP_KUBELET);
            if (newest && over)
                container_gc_remove(kp, c, c->newest, COMP_KUBELET);
        }
    }
}
