/* runtime_faults.c - a container runtime that fails, or has no network. One that does not answer is runtime_hang.c.
 *
 * Rules: semantics/kubelet.md 1.5 step 5, 2.4 step 5, 2.5 step 5; k8s pkg/kubelet/kubelet.go updateRuntimeUp (v1.36).
 * Left out on purpose: an outage is known to the kubelet at once, not at the next of its checks, every 5 s.
 */
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

int network_set(struct kubelets *ks, const char *node, bool up)
{
    struct kubelet *k = kubelets_node(ks, node);
    k->network_down = !up;
    if (!k->down)
        node_status_want(ks, k);
    return 0;
}
