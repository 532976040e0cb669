/* restart_all.c - RestartAllContainers: one container's exit code restarts all of the pod in place.
 *
 * Mirrors k8s pkg/kubelet/container/helpers.go ShouldAllContainersRestart, AllContainersRestartCleanedUp,
 * pkg/api/v1/pod/util.go AllContainersCouldRestart and kuberuntime_manager.go getContainersToReset
 * (v1.36, KEP-5532). Rules: semantics/kubelet.md 6.6. What the API shows of it is in pod_status.c.
 */
#include <string.h>

#include "model/kubelet.h"

static uint32_t count_of(const struct pod_spec *spec) { return spec->init_containers.count + spec->containers.count; }

static const struct container *container_at(const struct pod_spec *spec, uint32_t i)
{
    uint32_t inits = spec->init_containers.count;
    return i < inits ? &spec->init_containers.items[i] : &spec->containers.items[i - inits];
}

bool restart_all_possible(const struct pod_spec *spec)
{
    for (uint32_t i = 0; i < count_of(spec); i++) {
        const struct container *c = container_at(spec, i);
        for (uint32_t r = 0; r < c->restart_policy_rules.count; r++) {
            if (text_is(c->restart_policy_rules.items[r].action, "RestartAllContainers"))
                return true;
        }
    }
    return false;
}

/* Its newest instance has exited with a code whose first matching rule restarts everything. */
static bool is_source(const struct container *c, const struct rt_instance *n)
{
    if (!n->id || n->state != CRI_EXITED)
        return false;
    const struct container_restart_rule *r = matching_restart_rule(c, n->exit_code);
    return r && text_is(r->action, "RestartAllContainers");
}

bool restart_all_in_progress(const struct pod_status *status)
{
    for (uint32_t i = 0; status && i < status->conditions.count; i++) {
        const struct pod_condition *c = &status->conditions.items[i];
        if (text_is(c->type, "AllContainersRestarting") && text_is(c->status, "True"))
            return true;
    }
    return false;
}

bool restart_all_wanted(const struct pod_spec *spec, const struct rt_view *view, const struct pod_status *status)
{
    if (restart_all_in_progress(status))
        return true;
    for (uint32_t i = 0; i < count_of(spec); i++) {
        if (is_source(container_at(spec, i), &view->containers[i].newest))
            return true;
    }
    return false;
}

bool restart_all_cleaned_up(const struct pod_spec *spec, const struct rt_view *view)
{
    for (uint32_t i = 0; i < count_of(spec); i++) {
        if (view->containers[i].newest.id)
            return false;
    }
    return true;
}

/* Those of [first, end) that are sources, or those that are not, join the list. */
static void add(const struct actions_input *in, struct pod_actions *out, uint32_t first, uint32_t end, bool sources)
{
    for (uint32_t i = first; i < end; i++) {
        const struct rt_instance *n = &in->view->containers[i].newest;
        if (n->id && is_source(container_at(in->spec, i), n) == sources)
            out->reset[out->reset_count++] = i;
    }
}

/* Whoever asked for the restart goes last, so that the reason is seen until all others are gone. */
void restart_all_plan(const struct actions_input *in, struct pod_actions *out)
{
    uint32_t inits = in->spec->init_containers.count, all = count_of(in->spec);
    add(in, out, inits, all, false);
    add(in, out, 0, inits, false);
    add(in, out, inits, all, true);
    add(in, out, 0, inits, true);
}
