/* runtime_faults.c - a container runtime that fails, forgets, or has no network. One that does not answer is
 * runtime_hang.c.
 *
 * Rules: semantics/kubelet.md 1.5 step 5, 2.4 step 5, 2.5 step 5; k8s pkg/kubelet/kubelet.go updateRuntimeUp (v1.36).
 * Left out on purpose: an outage is known to the kubelet at once, not at the next of its checks, every 5 s.
 */
#include <string.h>

#include "model/kubelet.h"
#include "model/kubelet_faults.h"

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

int containers_fail(struct kubelets *ks, const char *node, const char *error)
{
    kubelets_node(ks, node)->create_error = error ? error : "";
    return 0;
}

int containers_recover(struct kubelets *ks, const char *node)
{
    kubelets_node(ks, node)->create_error = NULL;
    return 0;
}

/* crictl rm. A relist tells nobody that something is gone: kubelet.md 1.4 step 2. */
static bool remove_dead(struct kpod *kp, struct kcontainer *c)
{
    uint32_t *const instances[] = {&c->newest, &c->previous};
    bool any = false;
    for (size_t i = 0; i < ARRAY_LEN(instances); i++) {
        uint32_t id = *instances[i];
        if (!id || cri_container(kp->all->cri, id)->state != CRI_EXITED)
            continue;
        container_gc_remove(kp, c, id, COMP_RUNTIME);
        *instances[i] = 0;
        any = true;
    }
    return any;
}

bool container_remove_dead(struct kubelets *ks, uint32_t pod_ordinal, const char *container)
{
    struct kpod *kp = kubelets_pod(ks, pod_ordinal);
    for (uint32_t i = 0; kp && i < kpod_all(kp); i++) {
        struct kcontainer *c = &kp->containers[i];
        if (strcmp(c->spec->name, container) != 0 || !remove_dead(kp, c))
            continue;
        prober_wake(kp);
        kubelets_runtime_changed(ks, pod_ordinal);
        podworker_resync_matters(kp);
        return true;
    }
    return false;
}

int network_set(struct kubelets *ks, const char *node, bool up)
{
    struct kubelet *k = kubelets_node(ks, node);
    k->network_down = !up;
    if (!k->down)
        node_status_want(ks, k);
    return 0;
}
