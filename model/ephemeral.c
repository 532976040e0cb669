/* ephemeral.c - containers that join a running pod, for debugging: the kubelet's record of them.
 *
 * k8s pkg/kubelet/kuberuntime/kuberuntime_manager.go computePodActions, SyncPod step 6: each is started once,
 * before all others, and never again; nothing else about the pod waits for it. They come behind the init and
 * app containers in the kubelet's lists and have no probes.
 */
#include <string.h>

#include "model/kubelet.h"

static void *grown(struct arena *a, const void *list, size_t item, uint32_t from, uint32_t to)
{
    char *copy = arena_alloc(a, item * to);
    memset(copy, 0, item * to);
    if (from)
        memcpy(copy, list, item * from);
    return copy;
}

void ephemeral_adopt(struct kpod *kp)
{
    struct arena *a = kp->all->arena;
    const struct pod_spec *s = kpod_spec(kp);
    uint32_t from = kpod_all(kp), to = kp->container_count + s->ephemeral_containers.count;
    if (to > from) {
        kp->containers = grown(a, kp->containers, sizeof *kp->containers, from, to);
        kp->view.containers = grown(a, kp->view.containers, sizeof *kp->view.containers, from, to);
        kp->plan.containers = grown(a, kp->plan.containers, sizeof *kp->plan.containers, from, to);
        kp->plan.reset = grown(a, kp->plan.reset, sizeof *kp->plan.reset, from, to);
    }
    for (uint32_t i = from; i < to; i++) {
        struct kcontainer *c = &kp->containers[i];
        c->index = i;
        c->ephemeral = true;
        prober_new_container(kp->all, c);
    }
    kp->ephemeral_count = s->ephemeral_containers.count;
    for (uint32_t i = 0; i < kp->ephemeral_count; i++)
        kp->containers[kp->container_count + i].spec = &s->ephemeral_containers.items[i];
}

void ephemeral_plan(const struct actions_input *in, struct pod_actions *out)
{
    uint32_t first = in->spec->init_containers.count + in->spec->containers.count;
    for (uint32_t i = 0; i < in->spec->ephemeral_containers.count; i++)
        out->containers[first + i].start = !in->view->containers[first + i].newest.id;
}

void ephemeral_statuses(struct arena *a, const struct status_input *in, const struct pod_status *before,
                        struct pod_status *out)
{
    const struct pod_spec *spec = &in->pod->spec;
    uint32_t first = spec->init_containers.count + spec->containers.count, n = spec->ephemeral_containers.count;
    out->ephemeral_container_statuses.items = n ? arena_array(a, struct container_status, n) : NULL;
    out->ephemeral_container_statuses.count = n;
    for (uint32_t i = 0; i < n; i++) {
        const struct container *c = &spec->ephemeral_containers.items[i];
        const struct container_status *old = pod_status_container((struct pod_status *)(uintptr_t)before, c->name);
        pod_status_container_state(a, in, c, false, first + i, old, &out->ephemeral_container_statuses.items[i]);
    }
}
