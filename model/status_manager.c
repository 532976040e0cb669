/* status_manager.c - the kubelet's cached pod status: how it is computed and when it is to be written.
 *
 * Mirrors k8s pkg/kubelet/status/status_manager.go (v1.36) SetPodStatus, SetContainerReadiness, TerminatePod,
 * updateStatusInternal. Its way to the API is status_writer.c. Rules: semantics/kubelet.md 1.6.
 */
#include <string.h>

#include "model/api_types.h"
#include "model/classes.h"
#include "model/kubelet.h"

/* ---- computing ---- */

/* The verdict of a worker counts only for the instance that the cache shows. */
static bool knows(const struct kcontainer *c, const struct kpod *kp, enum probe_kind kind)
{
    const struct probe_worker *w = c->probes[kind];
    return w->alive && w->has_result && w->instance == kp->view.containers[c->index].newest.id;
}

static enum probe_result verdict(const struct kcontainer *c, const struct kpod *kp, enum probe_kind kind)
{
    return knows(c, kp, kind) ? c->probes[kind]->result : RESULT_UNKNOWN;
}

/* k8s prober_manager.go kubeletRestartGracePeriod: 10 s before the kubelet started. */
sim_time kpod_kept_before(const struct kpod *kp)
{
    sim_time started = kpod_kubelet((struct kpod *)kp)->started_at;
    bool keeps = !kpod_has(kp, FEATURE_CONTAINER_STATUS_ON_RESTART) && started != SIM_NEVER;
    return keeps ? started - 10 * SIM_SECOND : SIM_NEVER;
}

/* k8s pkg/kubelet/active_deadline.go pastActiveDeadline: counted from the stored, truncated startTime. */
static bool past_deadline(const struct kpod *kp)
{
    const struct opt_i64 d = kpod_spec(kp)->active_deadline_seconds;
    const struct pod_status *s = kp->status ? kp->status : &kp->pod->status;
    return d.set && s->start_time != SIM_NEVER && sim_now(kp->all->sim) - s->start_time >= d.value * SIM_SECOND;
}

static void arm_deadline(struct kpod *kp)
{
    const struct opt_i64 d = kpod_spec(kp)->active_deadline_seconds;
    const struct profile *p = kp->all->profile;
    if (!d.set || kp->work != WORK_SYNC)
        return;
    sim_time due = kp->status->start_time + d.value * SIM_SECOND;
    sim_time now = sim_now(kp->all->sim);
    sim_time after = due > now ? due - 1 : now;
    sim_time at = p->sync_tick_period ? profile_next_sync_tick(p, kpod_kubelet(kp)->name, after) : after + 1;
    kpod_arm(kp, at, CLASS_NODE_TIMER, NT_DEADLINE);
}

static void fill_input(struct kpod *kp, enum status_stage stage, struct status_input *in)
{
    struct arena *a = kp->all->scratch;
    uint32_t n = kpod_all(kp);
    const struct pod *mirror = kp->own ? static_pods_mirror_of(kp) : NULL;
    struct waiting_reason *reasons = arena_array(a, struct waiting_reason, n);
    enum probe_result *readiness = arena_array(a, enum probe_result, n);
    enum probe_result *startup = arena_array(a, enum probe_result, n);
    bool *has_readiness = arena_array(a, bool, n), *has_startup = arena_array(a, bool, n);
    bool *startup_known = arena_array(a, bool, n), *readiness_known = arena_array(a, bool, n);
    for (uint32_t i = 0; i < n; i++) {
        const struct kcontainer *c = &kp->containers[i];
        reasons[i] = c->reason;
        readiness[i] = verdict(c, kp, PROBE_READINESS);
        startup[i] = verdict(c, kp, PROBE_STARTUP);
        has_readiness[i] = c->probes[PROBE_READINESS]->alive;
        has_startup[i] = c->probes[PROBE_STARTUP]->alive;
        startup_known[i] = knows(c, kp, PROBE_STARTUP);
        readiness_known[i] = knows(c, kp, PROBE_READINESS);
    }
    *in = (struct status_input){
        .features = kp->all->features,
        .pod = kp->pod,
        .old = kp->status,
        .mirror = mirror ? &mirror->status : NULL,
        .view = &kp->view,
        .reasons = reasons,
        .readiness = readiness,
        .startup = startup,
        .has_readiness = has_readiness,
        .has_startup = has_startup,
        .startup_known = startup_known,
        .readiness_known = readiness_known,
        .kept_before = kpod_kept_before(kp),
        .restart_all = kpod_has(kp, FEATURE_RESTART_ALL_CONTAINERS),
        .stage = stage,
        .resources = resize_in_force(kp),
        .pod_resources = resize_pod_in_force(kp),
        .resizes = {&kp->resize.pending, &kp->resize.in_progress},
        .needs_sandbox = !kp->view.has_sandbox || !kp->view.sandbox_ready,
        .now = sim_now(kp->all->sim),
        .host_ip = kpod_kubelet(kp)->ip,
        .observed_generation = kpod_has(kp, FEATURE_OBSERVED_GENERATION) ? kp->pod->object.meta.generation : 0,
        .deadline_exceeded = past_deadline(kp),
        .static_pod = kp->own != NULL,
        .override_phase = kp->override ? "Failed" : NULL,
        .override_reason = kp->override ? kp->override->reason : NULL,
        .override_message = kp->override ? kp->override->message : NULL,
        .disruption = kp->override && kpod_has(kp, FEATURE_DISRUPTION_TARGET) ? kp->override->disruption : NULL,
    };
}

/* k8s prober_manager.go UpdatePodStatus: running, started and no success so far asks for a probe at once. The
 * run is asked for while the status is being computed, and reads what is stored microseconds later: a race.
 * k8s-order: probe-trigger-race. By default the run wins, as in 31 of 32 recorded pods, and is an event of
 * its own; when it loses, it is carried out here and reads the status from before this sync (probes.md 4). */
static bool wants_readiness(const struct kpod *kp, const struct kcontainer *c, const struct container_status *cs)
{
    return cs->state.running && cs->started.value && verdict(c, kp, PROBE_READINESS) != RESULT_SUCCESS &&
           c->probes[PROBE_READINESS]->alive;
}

/* Whether the run reads the status that is about to be written, or the one before: it only matters when they show
 * different instances. */
static bool reads_status_before(const struct kpod *kp, const struct kcontainer *c, const struct container_status *cs)
{
    const struct container_status *old = kp->status ? pod_status_container(kp->status, c->spec->name) : NULL;
    bool same = old && old->state.running && old->started.value && old->container_id &&
                strcmp(old->container_id, cs->container_id) == 0;
    struct profile_call call = {.pod = kp->pod->object.meta.name, .container = c->spec->name};
    return !same && profile_trigger_lost(kp->all->profile, kp->stream, c->index, sim_now(kp->all->sim), &call);
}

/* Stores the status of a sync, and asks for the readiness runs that it calls for. */
static void set_and_trigger(struct kpod *kp, const struct pod_status *s)
{
    bool *later = arena_array(kp->all->scratch, bool, kp->container_count);
    for (uint32_t i = 0; i < kp->container_count; i++) {
        struct kcontainer *c = &kp->containers[i];
        const struct container_status *cs = pod_status_container((struct pod_status *)s, c->spec->name);
        if (!wants_readiness(kp, c, cs))
            continue;
        later[i] = !reads_status_before(kp, c, cs);
        if (!later[i])
            prober_trigger(kp, i, PROBE_READINESS, true);
    }
    /* k8s status_manager.go SetPodStatus: of a pod that is being deleted each status is written, be it as before. */
    status_set(kp, s, kp->pod->object.meta.deletion_timestamp != SIM_NEVER);
    arm_deadline(kp);
    for (uint32_t i = 0; i < kp->container_count; i++) {
        if (!later[i])
            continue;
        prober_trigger(kp, i, PROBE_READINESS, false);
        kp->lets_probe = true;
    }
}

const char *status_sync(struct kpod *kp, enum status_stage stage)
{
    struct status_input in;
    fill_input(kp, stage, &in);
    struct pod_status *s = arena_new(kp->all->scratch, struct pod_status);
    pod_status_generate(kp->all->scratch, &in, s);
    if (in.deadline_exceeded)
        kpod_event(kp, NULL, false, "DeadlineExceeded",
                   "Pod was active on the node longer than the specified deadline");
    set_and_trigger(kp, s);
    return kp->status->phase;
}

/* The status of a container, if it is about this instance: a late verdict on a dead one changes nothing.
 * k8s status_manager.go SetContainerReadiness finds the status by container ID. */
static bool shows_instance(const struct kpod *kp, const struct kcontainer *c, uint32_t instance)
{
    if (!kp->status || !instance)
        return false;
    const char *shown = pod_status_container(kp->status, c->spec->name)->container_id;
    return shown && strcmp(shown, cri_container(kp->all->cri, instance)->id) == 0;
}

void status_set_ready(struct kpod *kp, struct kcontainer *c, uint32_t instance, bool ready)
{
    if (!shows_instance(kp, c, instance) || pod_status_container(kp->status, c->spec->name)->ready == ready)
        return;
    struct pod_status *s = pod_status_clone(kp->all->scratch, kp->status);
    pod_status_container(s, c->spec->name)->ready = ready;
    pod_status_update_ready(kp->all->scratch, kp->pod, s, sim_now(kp->all->sim));
    status_set(kp, s, false);
}

void status_set_started(struct kpod *kp, struct kcontainer *c, uint32_t instance, bool started)
{
    if (!shows_instance(kp, c, instance) || pod_status_container(kp->status, c->spec->name)->started.value == started)
        return;
    struct pod_status *s = pod_status_clone(kp->all->scratch, kp->status);
    pod_status_container(s, c->spec->name)->started.value = started;
    status_set(kp, s, false);
}

void status_terminate_pod(struct kpod *kp)
{
    struct pod_status *s = pod_status_clone(kp->all->scratch, kp->status);
    pod_status_terminate(kp->all->scratch, kp->all->features, &kp->pod->spec, kp->own != NULL, s);
    kp->final_status = true;
    status_set(kp, s, true);
}

/* ---- storing ---- */

/* The first status of a static pod follows what its mirror says, be it of the pod before it or of a former
 * kubelet: startTime stays, and so does the time of each condition that is as it was. k8s status_manager.go
 * updateStatusInternal (recorded: static-pod, 61.1 s). */
static void follow_mirror(const struct kpod *kp, struct pod_status *s)
{
    const struct pod *mirror = static_pods_mirror_of(kp);
    if (!mirror)
        return;
    if (mirror->status.start_time != SIM_NEVER)
        s->start_time = mirror->status.start_time;
    for (uint32_t i = 0; i < s->conditions.count; i++) {
        for (uint32_t m = 0; m < mirror->status.conditions.count; m++) {
            const struct pod_condition *old = &mirror->status.conditions.items[m];
            if (strcmp(old->type, s->conditions.items[i].type) == 0 &&
                strcmp(old->status, s->conditions.items[i].status) == 0)
                s->conditions.items[i].last_transition_time = old->last_transition_time;
        }
    }
}

void status_spare(struct kubelets *ks, const struct pod_status *s)
{
    struct spare_status *spare = (struct spare_status *)(uintptr_t)s;
    spare->next = ks->spare_statuses;
    ks->spare_statuses = spare;
}

static struct pod_status *new_status(struct kubelets *ks)
{
    struct spare_status *spare = ks->spare_statuses;
    if (!spare)
        return arena_new(ks->arena, struct pod_status);
    ks->spare_statuses = spare->next;
    return (struct pod_status *)spare;
}

/* An equal status is dropped, even if the phase in it was held back when it was written: then nobody writes the
 * phase before TerminatePod does, a relist later than kubelet.md T22, T33 and T39 have it (recorded:
 * sidecar-with-main-exit-never-kubelet-135, liveness-never-policy-kubelet-134). */
void status_set(struct kpod *kp, const struct pod_status *s, bool force)
{
    if (kp->status && !force && api_equal(&pod_status_type, kp->status, s))
        return;
    struct pod_status *copy = new_status(kp->all), *before = kp->status;
    api_keep(&pod_status_type, kp->all->arena, kp->all->scratch, s, kp->status, copy);
    if (kp->own && !kp->status)
        follow_mirror(kp, copy);
    kp->status = copy;
    if (before && before != kp->writing) /* the API's versions have copies of their own */
        status_spare(kp->all, before);
    kp->status_version++;
    kp->status_cause = sim_cause(kp->all->sim);
    prober_wake(kp);
    status_want_write(kp);
}
