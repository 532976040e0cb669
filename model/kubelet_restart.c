/* kubelet_restart.c - a kubelet that stops and starts again: what it forgets, what it finds.
 *
 * The containers run on, and nothing of the API is seen or written meanwhile. What lived in the
 * process's memory is lost: crash and pull back-off, reason cache, probe verdicts and workers, cached
 * statuses, work queue, the runtime cache, stops under way (their SIGTERM has been sent, their SIGKILL
 * never comes). The new process reads the runtime, then the API's list of its pods: each is admitted
 * again and synced against what runs. Pods of the runtime that nobody lists are housekeeping's.
 *
 * Mirrors k8s pkg/kubelet/kubelet.go Run, syncLoop and pod_workers.go UpdatePod (v1.36); rules:
 * semantics/kubelet.md 9.2, semantics/probes.md 11.
 * Left out on purpose: the phases of the tickers stay as they were; the lease and the node's Ready
 * condition (the node controller's matter).
 */
#include "model/kubelet_faults.h"

#include <string.h>

#include "model/classes.h"
#include "model/kubelet.h"
#include "sim/rng.h"

/* ---- forgetting ---- */

static void cancel_timers(struct kpod *kp)
{
    struct sim *s = kp->all->sim;
    sim_cancel(s, CLASS_RUNTIME, kp->object, RT_OP);
    for (uint32_t i = 0; i < kpod_all(kp); i++) {
        sim_cancel(s, CLASS_RUNTIME, kp->object, RT_EXITED + i);
        sim_cancel(s, CLASS_RUNTIME, kp->object, RT_HOOK + i);
        sim_cancel(s, CLASS_RUNTIME, kp->object, RT_DEADLINE + i);
    }
    sim_cancel(s, CLASS_PLEG, kp->object, 0);
    sim_cancel(s, CLASS_NODE_TIMER, kp->object, NT_REQUEUE);
    sim_cancel(s, CLASS_NODE_TIMER, kp->object, NT_DEADLINE);
    for (uint32_t i = 0; i < kpod_spec(kp)->volumes.count; i++)
        sim_cancel(s, CLASS_NODE_TIMER, kp->object, NT_VOLUME + i);
    sim_cancel(s, CLASS_POD_WORKER, kp->object, PW_WORKER);
}

/* Of a container the runtime still knows its instances, and which of them has had its signal. */
static void forget_container(struct kpod *kp, struct kcontainer *c)
{
    if (c->hook_exec)
        cri_exec_release(kp->all->cri, c->hook_exec);
    struct kcontainer old = *c;
    *c = (struct kcontainer){
        .spec = old.spec,
        .init = old.init,
        .ephemeral = old.ephemeral,
        .index = old.index,
        .newest = old.newest,
        .previous = old.previous,
        .next_attempt = old.next_attempt,
        .image_id = old.image_id,
        .actuated = old.actuated,
        .term_sent = old.term_sent,
        .exited = old.exited,
        .hook = old.hook,
        .deadline = old.deadline,
    };
    memcpy(c->probes, old.probes, sizeof c->probes);
}

/* What is left of a pod is what the runtime has, and what it takes to find it again. */
static void forget_pod(struct kpod *kp)
{
    bool could_run = status_could_run(kp);
    cancel_timers(kp);
    prober_forget_pod(kp);
    for (uint32_t i = 0; i < kpod_all(kp); i++)
        forget_container(kp, &kp->containers[i]);
    memset(kp->view.containers, 0, kpod_all(kp) * sizeof *kp->view.containers);
    memset(kp->plan.containers, 0, kpod_all(kp) * sizeof *kp->plan.containers);
    for (uint32_t i = 0; i < kpod_spec(kp)->volumes.count; i++)
        kp->volume_retries[i].gap = 0;
    struct kpod old = *kp;
    *kp = (struct kpod){
        .all = old.all,
        .index = old.index,
        .node = old.node,
        .object = old.object,
        .pod = old.pod,
        .resize = old.resize,
        .own = old.own,
        .event_about = old.event_about,
        .written_mirror = old.written_mirror,
        .container_count = old.container_count,
        .init_count = old.init_count,
        .ephemeral_count = old.ephemeral_count,
        .containers = old.containers,
        .view.containers = old.view.containers,
        .plan = {.containers = old.plan.containers, .reset = old.plan.reset},
        .next_of_node = old.next_of_node,
        .work = WORK_FINISHED,
        .unknown = true,
        .could_run = could_run,
        .last_end = SIM_NEVER,
        .written_at = old.written_at,
        .listed_at = SIM_NEVER,
        .volume_ids = old.volume_ids,
        .volume_retries = old.volume_retries,
        .sandbox = old.sandbox,
        .ip = old.ip,
        .writing = old.writing,
        .writing_final = old.writing_final,
        .writing_cause = old.writing_cause,
        .status_version = old.status_version,
        .writing_version = old.writing_version,
        .written_version = old.written_version,
        .worker = old.worker,
        .op = old.op,
        .requeue = old.requeue,
        .deadline = old.deadline,
        .relist = old.relist,
    };
}

static void record(struct kubelets *ks, const struct kubelet *k, bool starts)
{
    sim_record(ks->sim, (struct trace_record){
                            .object = k->node_ordinal,
                            .kind = TRACE_KUBELET,
                            .component = COMP_KUBELET,
                            .aux = starts,
                            .text = k->name,
                        });
}

static void stop(struct kubelets *ks, struct kubelet *k)
{
    record(ks, k, false);
    k->down = true;
    k->listed = false;
    node_lease_runs(ks->leases, k->node_ordinal, false);
    sim_cancel(ks->sim, CLASS_PLEG, k->object, 0);
    for (uint32_t i = 0; i < NODE_TIMER_COUNT; i++)
        sim_cancel(ks->sim, CLASS_NODE_TIMER, k->object, i);
    status_forget(k, ks);
    image_manager_forget(k, ks);
    recorder_forget(ks->recorder, &k->origin);
    k->dirty = 0;
    k->mirrors.count = 0;
    k->used_cpu_milli = k->used_memory = k->used_storage = k->used_pods = 0;
    k->held.count = k->blocked = k->pressure = 0;
    runtime_hang_forget(k);
    eviction_forget(k);
    k->housekeeping_held = false;
    k->preemption = (struct preemption){0};
    uint32_t cursor = 0;
    for (struct kpod *kp; (kp = node_next_pod(ks, k, &cursor));)
        forget_pod(kp);
}

void node_power_off(struct kubelets *ks, struct kubelet *k)
{
    if (!k->down)
        stop(ks, k);
    cri_power(ks->cri, k->ip, false);
    k->off = true;
    k->shutting_down = k->hung = false; /* another boot, another runtime */
    uint32_t cursor = 0;
    for (struct kpod *kp; (kp = node_next_pod(ks, k, &cursor));) {
        if (kp->sandbox && cri_sandbox(ks->cri, kp->sandbox)->ready)
            cri_power_off(ks->cri, kp->sandbox);
    }
}

/* ---- starting ---- */

static const char *boot_id(struct kubelets *ks, const struct kubelet *k)
{
    uint64_t hi = rng_draw(sim_seed(ks->sim), COMP_KUBELET, k->stream, (uint64_t)sim_now(ks->sim)), lo = rng_mix(hi);
    return arena_printf(ks->arena, "%08x-%04x-4%03x-%04x-%012" PRIx64, (uint32_t)(hi >> 32),
                        (uint32_t)(hi >> 16) & 0xffff, (uint32_t)hi & 0xfff, ((uint32_t)(lo >> 48) & 0x3fff) | 0x8000,
                        lo & UINT64_C(0xffffffffffff));
}

/* k8s kubelet.go BirthCry, and the first LIST of the node's pods. */
void kubelet_begin(struct kubelets *ks, struct kubelet *k)
{
    k->hang.start_held = k->hung;
    if (k->hung) /* k8s cri-client/pkg/remote_runtime.go NewRemoteRuntimeService: without a runtime it ends at once */
        return;
    node_register(ks, k);
    record(ks, k, true);
    k->down = false;
    node_lease_runs(ks->leases, k->node_ordinal, true);
    k->started_at = sim_now(ks->sim);
    node_event(ks, k, false, "Starting", "Starting kubelet.");
    if (k->rebooted) /* k8s setters.go MachineInfo; the boot id is 128 random bits */
        node_event(ks, k, true, "Rebooted", "Node %s has been rebooted, boot id: %s", k->name, boot_id(ks, k));
    k->rebooted = false;
    node_images_begin(ks, k);
    eviction_begin(ks, k);
    node_status_post(ks, k);
    sim_time list = profile_draw(ks->profile, HOP_WATCH_DELIVERY, k->stream, sim_now(ks->sim));
    node_arm(ks, k, sim_time_add(sim_now(ks->sim), list), NODE_LIST);
}

/* In order of creation: k8s HandlePodAdditions sorts them so. */
void kubelet_list(struct kubelets *ks, struct kubelet *k)
{
    const struct api_object *o;
    uint32_t cursor = 0, cause = sim_cause(ks->sim);
    static_pods_start(ks, k);
    if (k->cut) /* node_heal() arms it again */
        return;
    k->listed = true;
    k->node = (const struct node *)store_by_ordinal(ks->store, k->node_ordinal);
    while ((o = store_next(ks->store, KIND_POD, &cursor))) {
        const struct pod *p = (const struct pod *)o;
        if (!p->spec.node_name || strcmp(p->spec.node_name, k->name) != 0)
            continue;
        sim_set_cause(ks->sim, cause);
        kubelet_config_event(ks, k, WRITE_CREATE, p);
    }
    sim_set_cause(ks->sim, cause);
    cursor = 0;
    for (struct kpod *kp; (kp = node_next_pod(ks, k, &cursor));) {
        if (kp->unknown && kpod_runs(kp))
            housekeeping_want(ks, k);
    }
}

/* ---- faults ---- */

static struct kubelet *find(struct kubelets *ks, const char *node, bool down, struct strbuf *out)
{
    struct kubelet *k = kubelets_node(ks, node);
    if (k && k->down == down && !k->off)
        return k;
    if (k->off) {
        strbuf_printf(out, "Error: node \"%s\" is off\n", node);
        return NULL;
    }
    strbuf_printf(out, "Error: the kubelet of node \"%s\" is %srunning\n", node, down ? "" : "not ");
    return NULL;
}

/* The process is gone, and with it what kept a machine that shuts down from it. */
static void stop_process(struct kubelets *ks, struct kubelet *k)
{
    stop(ks, k);
    if (k->shutting_down && !k->shutdown.cancelled)
        node_power_off(ks, k);
    k->shutting_down = false;
}

/* ... and starts again in a while. */
static void restart_process(struct kubelets *ks, struct kubelet *k, sim_time down)
{
    stop_process(ks, k);
    if (!k->off)
        node_arm(ks, k, sim_time_add(sim_now(ks->sim), down), NODE_START);
}

int kubelet_stop(struct kubelets *ks, const char *node, struct strbuf *out)
{
    struct kubelet *k = find(ks, node, false, out);
    if (k)
        stop_process(ks, k);
    return k == NULL;
}

int kubelet_start(struct kubelets *ks, const char *node, struct strbuf *out)
{
    struct kubelet *k = find(ks, node, true, out);
    if (k)
        node_arm(ks, k, sim_now(ks->sim), NODE_START);
    return k == NULL;
}

int kubelet_restart(struct kubelets *ks, const char *node, sim_time down, struct strbuf *out)
{
    struct kubelet *k = find(ks, node, false, out);
    if (k)
        restart_process(ks, k, down);
    return k == NULL;
}

bool node_kubelet_runs(struct kubelets *ks, const char *node)
{
    const struct kubelet *k = kubelets_node(ks, node);
    return k && !k->down;
}

/* In the middle of what a process does: it is gone when that is over. */
void kubelet_is_killed(struct kubelets *ks, const char *node)
{
    struct kubelet *k = kubelets_node(ks, node);
    if (k && !k->down)
        node_arm(ks, k, sim_now(ks->sim), NODE_KILLED);
}

/* kubeadm's kubelet.service: Restart=always, RestartSec=10. */
void kubelet_killed(struct kubelets *ks, struct kubelet *k)
{
    if (!k->down)
        restart_process(ks, k, 10 * SIM_SECOND);
}
