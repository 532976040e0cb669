/* node_shutdown.c - a node that shuts down: its pods are stopped in order of priority, then the power goes.
 *
 * Mirrors k8s pkg/kubelet/nodeshutdown/nodeshutdown_manager.go and ..._linux.go (v1.36); rules:
 * semantics/kubelet.md 9.5, semantics/nodes.md 8. Off until a shutdownGracePeriod is configured: then the
 * power goes at once.
 * A shutdown that is cancelled is heard of when the last group is done: one goroutine reads the events and stops
 * the pods. Who has been stopped stays so. Nobody posts the node's status then, its next round does.
 * Left out on purpose: what systemd grants processes that are still there.
 */
#include <stdlib.h>
#include <string.h>

#include "model/classes.h"
#include "model/kubelet.h"
#include "model/kubelet_faults.h"

enum { SYSTEM_CRITICAL_PRIORITY = 2000000000 };
/* From the release of the inhibitor to the end of the kubelet: a modelling choice; its last writes arrive. */
#define POWER_DELAY SIM_SECOND

/* ---- who is in which group: pure ---- */

static int by_priority(const void *a, const void *b)
{
    const struct shutdown_group *x = a, *y = b;
    return x->priority < y->priority ? -1 : x->priority > y->priority;
}

uint32_t shutdown_groups(struct arena *a, const struct features *f, const struct kubelet_config *c,
                         const struct shutdown_group **ret_groups)
{
    uint32_t n = feature_on(f, FEATURE_GRACEFUL_NODE_SHUTDOWN_PRIORITY) ? c->shutdown_by_priority.count : 0;
    struct shutdown_group *groups = arena_array(a, struct shutdown_group, n + 2);
    *ret_groups = groups;
    if (!feature_on(f, FEATURE_GRACEFUL_NODE_SHUTDOWN))
        return 0;
    for (uint32_t i = 0; i < n; i++)
        groups[i] = c->shutdown_by_priority.items[i];
    sim_time whole = c->shutdown_grace_period, critical = c->shutdown_grace_period_critical_pods;
    if (n == 0 && whole != SIM_NEVER && whole > 0) {
        critical = critical == SIM_NEVER ? 0 : critical;
        groups[n++] = (struct shutdown_group){0, (whole - critical) / SIM_SECOND};
        groups[n++] = (struct shutdown_group){SYSTEM_CRITICAL_PRIORITY, critical / SIM_SECOND};
    }
    qsort(groups, n, sizeof *groups, by_priority);
    return n;
}

/* The group whose priority it has or exceeds; what is below the lowest goes with the lowest. */
uint32_t shutdown_group_of(const struct shutdown_group *groups, uint32_t n, int64_t priority)
{
    uint32_t i = 0;
    while (i + 1 < n && groups[i + 1].priority <= priority)
        i++;
    return i;
}

/* ---- one group after the other ---- */

static const struct pod_override why = {
    .reason = "Terminated",
    .message = "Pod was terminated in response to imminent node shutdown.",
    .disruption = "Pod was terminated in response to imminent node shutdown.",
};

static bool in_group(const struct kubelet *k, const struct kpod *kp, uint32_t group)
{
    const struct shutdown *s = &k->shutdown;
    const struct opt_i64 priority = kp->pod->spec.priority;
    return kp->work != WORK_FINISHED && !kp->unknown &&
           shutdown_group_of(s->groups, s->count, priority.set ? priority.value : 0) == group;
}

static bool group_empty(struct kubelets *ks, const struct kubelet *k, uint32_t group)
{
    uint32_t cursor = 0;
    for (const struct kpod *kp; (kp = node_next_pod(ks, k, &cursor));)
        if (in_group(k, kp, group))
            return false;
    return true;
}

static void kill_group(struct kubelets *ks, struct kubelet *k)
{
    int64_t grace = k->shutdown.groups[k->shutdown.at].grace_period_seconds;
    uint32_t cause = sim_cause(ks->sim);
    uint32_t cursor = 0;
    for (struct kpod *kp; (kp = node_next_pod(ks, k, &cursor));) {
        if (!in_group(k, kp, k->shutdown.at) || kp->work == WORK_TERMINATED)
            continue;
        const struct opt_i64 own = kpod_spec(kp)->termination_grace_period_seconds;
        sim_set_cause(ks->sim, cause);
        podworker_kill(kp, own.set && own.value <= grace ? own.value : grace, &why);
    }
    sim_set_cause(ks->sim, cause);
    node_arm(ks, k, sim_time_add(sim_now(ks->sim), grace * SIM_SECOND), NODE_SHUTDOWN);
}

/* The inhibitor is taken again. */
static void go_on(struct kubelets *ks, struct kubelet *k)
{
    uint32_t cause = sim_cause(ks->sim);
    sim_set_cause(ks->sim, k->shutdown.cancelled);
    node_event(ks, k, false, "Shutdown", "Shutdown manager detected shutdown cancellation");
    k->shutting_down = false;
    node_status_want(ks, k);
    sim_set_cause(ks->sim, cause);
}

static bool released(const struct kubelet *k) { return k->shutdown.at >= k->shutdown.count; }

/* An empty group costs no time. */
static void next_group(struct kubelets *ks, struct kubelet *k)
{
    struct shutdown *s = &k->shutdown;
    while (!released(k) && group_empty(ks, k, s->at))
        s->at++;
    if (!released(k))
        kill_group(ks, k);
    else if (s->cancelled)
        go_on(ks, k);
    else
        node_arm(ks, k, sim_time_add(sim_now(ks->sim), POWER_DELAY), NODE_POWER);
}

void shutdown_timeout(struct kubelets *ks, struct kubelet *k)
{
    k->shutdown.at++;
    next_group(ks, k);
}

void shutdown_pod_finished(struct kpod *kp)
{
    struct kubelets *ks = kp->all;
    struct kubelet *k = kpod_kubelet(kp);
    if (!k->shutting_down || released(k) || !group_empty(ks, k, k->shutdown.at))
        return;
    sim_cancel(ks->sim, CLASS_NODE_TIMER, k->object, NODE_SHUTDOWN);
    next_group(ks, k);
}

/* ---- faults ---- */

int node_shutdown(struct kubelets *ks, const char *node, struct strbuf *out)
{
    struct kubelet *k = kubelets_node(ks, node);
    if (k->off || k->shutting_down) {
        strbuf_printf(out, "Error: node \"%s\" is %s\n", node, k->off ? "off" : "shutting down already");
        return 1;
    }
    k->shutdown = (struct shutdown){0};
    if (!k->down)
        k->shutdown.count = shutdown_groups(ks->arena, ks->features, ks->config, &k->shutdown.groups);
    if (k->shutdown.count == 0) { /* no inhibitor: nobody is asked */
        node_power_off(ks, k);
        return 0;
    }
    k->shutting_down = true;
    node_event(ks, k, false, "Shutdown", "Shutdown manager detected shutdown event");
    node_status_post(ks, k);
    next_group(ks, k);
    return 0;
}

int node_cancel_shutdown(struct kubelets *ks, const char *node, struct strbuf *out)
{
    struct kubelet *k = kubelets_node(ks, node);
    if (!k->shutting_down || k->shutdown.cancelled) {
        strbuf_printf(out, "Error: node \"%s\" is %s\n", node, k->off ? "off" : "not shutting down");
        return 1;
    }
    k->shutdown.cancelled = sim_cause(ks->sim);
    if (released(k)) {
        sim_cancel(ks->sim, CLASS_NODE_TIMER, k->object, NODE_POWER);
        go_on(ks, k);
    }
    return 0;
}

int node_power_loss(struct kubelets *ks, const char *node, struct strbuf *out)
{
    struct kubelet *k = kubelets_node(ks, node);
    if (k->off) {
        strbuf_printf(out, "Error: node \"%s\" is off\n", node);
        return 1;
    }
    node_power_off(ks, k);
    return 0;
}

int node_boot(struct kubelets *ks, const char *node, struct strbuf *out)
{
    struct kubelet *k = kubelets_node(ks, node);
    if (!k->off) {
        strbuf_printf(out, "Error: node \"%s\" is running\n", node);
        return 1;
    }
    cri_power(ks->cri, k->ip, true);
    k->off = false;
    k->rebooted = true;
    return kubelet_start(ks, node, out);
}
