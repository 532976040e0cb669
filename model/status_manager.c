/* status_manager.c - the kubelet's cached pod status and its way to the API.
 *
 * Mirrors k8s pkg/kubelet/status/status_manager.go (v1.36): one writer per node, a status is written
 * when it differs, the merge with the API's copy, the terminal phase held back while containers may
 * run, and the final DELETE. Rules: semantics/kubelet.md 1.6, 5.5, 8.6.
 * The bulk pass, every 10 s, is an event only when somebody else has written what the kubelet owns, or a static pod's
 * mirror has been made anew.
 */
#include <string.h>

#include "model/api_types.h"
#include "model/classes.h"
#include "model/kubelet.h"

/* ---- computing ---- */

/* The verdict of a worker counts only for the instance that the cache shows. */
static bool knows(const struct kcontainer *c, const struct kpod *kp, enum probe_kind kind)
{
    const struct probe_worker *w = &c->probes[kind];
    return w->alive && w->has_result && w->instance == kp->view.containers[c->index].newest.id;
}

static enum probe_result verdict(const struct kcontainer *c, const struct kpod *kp, enum probe_kind kind)
{
    return knows(c, kp, kind) ? c->probes[kind].result : RESULT_UNKNOWN;
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
    sim_time at = p->sync_tick_period ? profile_next_sync_tick(p, after) : after + 1;
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
        has_readiness[i] = c->probes[PROBE_READINESS].alive;
        has_startup[i] = c->probes[PROBE_STARTUP].alive;
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
           c->probes[PROBE_READINESS].alive;
}

/* Whether the run reads the status that is about to be written, or the one before: it only matters when they show
 * different instances. */
static bool reads_status_before(const struct kpod *kp, const struct kcontainer *c, const struct container_status *cs)
{
    const struct container_status *old = kp->status ? pod_status_container(kp->status, c->spec->name) : NULL;
    bool same = old && old->state.running && old->started.value && old->container_id &&
                strcmp(old->container_id, cs->container_id) == 0;
    struct profile_call call = {.pod = kp->pod->object.meta.name, .container = c->spec->name};
    return !same && profile_trigger_lost(kp->all->profile, kp->object, c->index, sim_now(kp->all->sim), &call);
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
    status_set(kp, s, false);
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

/* ---- writing ---- */

static void enqueue(struct kubelet *k, struct kpod *kp)
{
    if (kp->status_queued)
        return;
    kp->status_queued = true;
    if (k->status_queue.count == k->status_capacity) {
        uint32_t capacity = k->status_capacity ? 2 * k->status_capacity : 16;
        uint32_t *items = arena_array(kp->all->arena, uint32_t, capacity);
        if (k->status_queue.count)
            memcpy(items, k->status_queue.items, k->status_queue.count * sizeof(*items));
        k->status_queue.items = items;
        k->status_capacity = capacity;
    }
    k->status_queue.items[k->status_queue.count++] = kp->index;
}

static void commit_status(void *ctx, uint32_t arg);

/* The object in the API that shows this pod's status; NULL = none. A static pod has its mirror, unless another
 * pod has taken its name (k8s status_manager.go syncPod, TranslatePodUID). The mirror of the pod before it is
 * left alone: the sync that would write is the one that replaces it (recorded: static-pod, 61.1 s). */
static const struct api_object *shown_as(struct kpod *kp)
{
    const struct object_meta *m = &kp->pod->object.meta;
    if (!kp->own)
        return store_by_ordinal(kp->all->store, kp->pod->object.ordinal);
    const struct pod *mirror = static_pods_mirror_of(kp);
    bool writes = mirror && static_pods_is_current(kp) && strcmp(static_pods_mirror_hash(mirror), m->uid) == 0;
    return writes ? store_get(kp->all->store, KIND_POD, m->namespace_, m->name) : NULL;
}

/* k8s status_manager.go needsUpdate: versions are kept per object, and the mirror may be a new one. */
static bool mirror_lacks_status(struct kpod *kp)
{
    const struct api_object *mirror = kp->own && kp->status ? shown_as(kp) : NULL;
    return mirror && (kp->written_mirror != mirror->ordinal || kp->written_version != kp->status_version);
}

static struct kpod *take_next(struct kubelet *k, struct kubelets *ks)
{
    while (k->status_queue.count) {
        struct kpod *kp = kpod_at(ks, k->status_queue.items[0]);
        k->status_queue.count--;
        memmove(k->status_queue.items, k->status_queue.items + 1, k->status_queue.count * sizeof(uint32_t));
        kp->status_queued = false;
        if (!kp->own || shown_as(kp))
            return kp;
    }
    return NULL;
}

static void write_next(struct kubelet *k, struct kubelets *ks)
{
    struct kpod *kp = k->status_writing ? NULL : take_next(k, ks);
    if (!kp)
        return;
    kp->writing = kp->status;
    kp->writing_version = kp->status_version;
    k->status_writing = true;
    uint32_t cause = sim_cause(ks->sim);
    sim_set_cause(ks->sim, kp->status_cause); /* not the write that this one waited for */
    store_post(ks->store, kpod_draw(kp, HOP_API_WRITE), commit_status, ks, kp->index);
    sim_set_cause(ks->sim, cause);
}

/* Whatever status is written, those that could not be before are tried again. */
static void enqueue_mirrors(struct kubelet *k, struct kubelets *ks)
{
    for (uint32_t i = 0; i < k->manifests.count; i++) {
        const struct manifest_file *f = pool_at(&k->manifests, i);
        struct kpod *kp = f->kpod ? kpod_at(ks, f->kpod - 1) : NULL;
        if (kp && mirror_lacks_status(kp))
            enqueue(k, kp);
    }
}

void status_forget(struct kubelet *k, struct kubelets *ks)
{
    for (uint32_t i = 0; i < k->status_queue.count; i++)
        kpod_at(ks, k->status_queue.items[i])->status_queued = false;
    k->status_queue.count = 0;
}

static void write_late(void *ctx, uint32_t arg)
{
    struct kpod *kp = kpod_at(ctx, arg);
    kp->status_queued = false;
    if (kpod_kubelet(kp)->down || !kp->status)
        return;
    enqueue(kpod_kubelet(kp), kp);
    write_next(kpod_kubelet(kp), kp->all);
}

/* The one writer of the node gets to it when it has time; what it writes is what is known then. */
static void want_write(struct kpod *kp)
{
    struct kubelet *k = kpod_kubelet(kp);
    sim_time wait = kp->status_queued ? 0 : kpod_draw(kp, HOP_STATUS_WAIT);
    if (wait > 0) {
        kp->status_queued = true;
        store_post(kp->all->store, wait, write_late, kp->all, kp->index);
    } else {
        enqueue(k, kp);
        enqueue_mirrors(k, kp->all);
        write_next(k, kp->all);
    }
}

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

/* An equal status is dropped, even if the phase in it was held back when it was written: then nobody writes the
 * phase before TerminatePod does, a relist later than kubelet.md T22, T33 and T39 have it (recorded:
 * sidecar-with-main-exit-never-kubelet-135, liveness-never-policy-kubelet-134). */
void status_set(struct kpod *kp, const struct pod_status *s, bool force)
{
    if (kp->status && !force && api_equal(&pod_status_type, kp->status, s))
        return;
    struct pod_status *copy = arena_new(kp->all->arena, struct pod_status);
    api_copy(&pod_status_type, kp->all->arena, s, copy);
    if (kp->own && !kp->status)
        follow_mirror(kp, copy);
    kp->status = copy;
    kp->status_version++;
    kp->status_cause = sim_cause(kp->all->sim);
    prober_wake(kp);
    want_write(kp);
}

static bool kubelet_owns(const char *type)
{
    static const char *const owned[] = {
        "PodReadyToStartContainers", "Initialized",         "Ready",
        "ContainersReady",           "PodScheduled",        "AllContainersRestarting",
        "PodResizePending",          "PodResizeInProgress",
    };
    for (size_t i = 0; i < ARRAY_LEN(owned); i++) {
        if (strcmp(type, owned[i]) == 0)
            return true;
    }
    return false;
}

static bool all_owned(const struct pod_status *s)
{
    for (uint32_t i = 0; i < s->conditions.count; i++)
        if (!kubelet_owns(s->conditions.items[i].type))
            return false;
    return true;
}

/* `ends`: the merged status brings the terminal phase. */
static void merge_conditions(const struct kpod *kp, const struct pod_status *api, struct pod_status *s, bool ends)
{
    if (all_owned(api) && all_owned(s)) /* mostly: nothing has to be copied */
        return;
    struct arena *a = kp->all->arena;
    struct pod_condition *list = arena_array(a, struct pod_condition, api->conditions.count + s->conditions.count);
    uint32_t n = 0;
    for (uint32_t i = 0; i < api->conditions.count; i++) {
        if (!kubelet_owns(api->conditions.items[i].type))
            list[n++] = api->conditions.items[i];
    }
    for (uint32_t i = 0; i < s->conditions.count; i++) {
        struct pod_condition c = s->conditions.items[i];
        bool owned = kubelet_owns(c.type);
        if (!owned && !ends) /* DisruptionTarget comes with the terminal phase, and is of that moment */
            continue;
        if (!owned)
            c.last_transition_time = api_second(sim_now(kp->all->sim));
        list[n++] = c;
    }
    s->conditions.items = list;
    s->conditions.count = n;
}

static bool claims_to_be_ready(const struct pod_status *s)
{
    for (uint32_t i = 0; i < s->conditions.count; i++) {
        const struct pod_condition *c = &s->conditions.items[i];
        bool about = strcmp(c->type, "Ready") == 0 || strcmp(c->type, "ContainersReady") == 0;
        if (about && strcmp(c->status, "True") == 0)
            return true;
    }
    return false;
}

/* A terminal phase leaves the conditions as they are (recorded: delete-while-init-runs stays ContainersNotReady)
 * unless they would contradict it. */
static void deny_ready(const struct kpod *kp, struct pod_status *s)
{
    struct pod_condition *list = arena_array(kp->all->arena, struct pod_condition, s->conditions.count);
    memcpy(list, s->conditions.items, s->conditions.count * sizeof *list);
    s->conditions.items = list;
    pod_status_update_ready(kp->all->arena, kp->pod, s, sim_now(kp->all->sim));
}

/* k8s pod_workers.go CouldHaveRunningContainers. A pod that was refused has no worker, unless it runs all the same
 * (after a restart of the kubelet): then not until housekeeping has stopped it. */
static bool could_run(const struct kpod *kp)
{
    if (kp->rejected)
        return kpod_runs(kp);
    return !kp->own && kp->work < WORK_TERMINATED;
}

/* A terminal phase is final once it is written; where a newer status says otherwise, that one is to be written. It
 * matters only where a stop takes less time than a write. */
static bool outdated(const struct kpod *kp, const char *phase)
{
    return kp->writing_version != kp->status_version && kp->status && strcmp(kp->status->phase, phase) != 0;
}

/* kubelet.md 5.5. k8s status_manager.go mergePodStatus. */
static void merge(const struct kpod *kp, const struct pod_status *api, struct pod_status *s)
{
    /* Rule 4 of kubelet.md 4.3 at the last moment: the status under way did not know of a phase that somebody else
     * has written meanwhile. */
    if (phase_is_terminal(api->phase) && !kp->own) {
        s->phase = api->phase;
        s->reason = api->reason;
        s->message = api->message;
    }
    bool may_run = could_run(kp) || outdated(kp, s->phase);
    merge_conditions(kp, api, s, !may_run && phase_is_terminal(s->phase) && !phase_is_terminal(api->phase));
    if (phase_is_terminal(s->phase) && may_run && !phase_is_terminal(api->phase)) {
        s->phase = api->phase;
        s->reason = api->reason;
        s->message = api->message;
    }
    if (phase_is_terminal(s->phase) && claims_to_be_ready(s))
        deny_ready(kp, s);
}

/* k8s status_manager.go needsReconcile. A terminal phase that somebody wrote stays. */
static bool differs_from_api(const struct kpod *kp)
{
    const struct pod_status *api = &kp->pod->status;
    if (!kp->status || kp->written_version != kp->status_version || phase_is_terminal(api->phase))
        return false;
    struct pod_status merged = *kp->status;
    merge(kp, api, &merged);
    return !api_equal(&pod_status_type, api, &merged);
}

/* k8s status_manager.go syncPeriod. REF: half a second after the whole tens. */
#define STATUS_BULK_PERIOD (10 * SIM_SECOND)

void status_bulk_want(struct kubelets *ks, struct kubelet *k)
{
    node_arm(ks, k, sim_time_next_tick(sim_now(ks->sim), STATUS_BULK_PERIOD, ks->profile->sync_tick_phase),
             NODE_STATUS_BULK);
}

void status_api_changed(struct kpod *kp)
{
    struct kubelets *ks = kp->all;
    if (kp->pod->object.revision == kp->written_revision || !differs_from_api(kp))
        return;
    kp->reconcile = true;
    status_bulk_want(ks, kpod_kubelet(kp));
}

void status_bulk(struct kubelets *ks, struct kubelet *k)
{
    uint32_t cursor = 0;
    for (struct kpod *kp; (kp = node_next_pod(ks, k, &cursor));) {
        if (!kp->reconcile)
            continue;
        kp->reconcile = false;
        if (!differs_from_api(kp))
            continue;
        kp->status_cause = sim_cause(ks->sim);
        enqueue(k, kp);
    }
    enqueue_mirrors(k, ks);
    write_next(k, ks);
}

static void commit_delete(void *ctx, uint32_t arg)
{
    struct kubelets *ks = ctx;
    struct kpod *kp = kpod_at(ks, arg);
    const struct api_object *current = store_by_ordinal(ks->store, kp->pod->object.ordinal);
    if (current)
        store_delete(ks->store, COMP_KUBELET, current, 0);
}

/* k8s status_manager.go canBeDeleted: the final status is in the API and a deletion was asked for. Before
 * 1.27 its phase did not matter. */
static void delete_if_finished(struct kpod *kp, const struct api_object *current)
{
    const struct pod *p = (const struct pod *)current;
    bool over = phase_is_terminal(p->status.phase) || !kpod_has(kp, FEATURE_TERMINAL_PHASE_ON_DELETE);
    if (!kp->final_status || kp->deleted || kp->own || current->meta.deletion_timestamp == SIM_NEVER || !over)
        return;
    kp->deleted = true;
    store_post(kp->all->store, kpod_draw(kp, HOP_API_WRITE), commit_delete, kp->all, kp->index);
}

void status_retry_delete(struct kpod *kp)
{
    const struct api_object *current = store_by_ordinal(kp->all->store, kp->pod->object.ordinal);
    if (current && kp->written_version == kp->status_version)
        delete_if_finished(kp, current);
}

static void commit_status(void *ctx, uint32_t arg)
{
    struct kubelets *ks = ctx;
    struct kpod *kp = kpod_at(ks, arg);
    struct kubelet *k = kpod_kubelet(kp);
    k->status_writing = false;
    const struct api_object *current = shown_as(kp);
    if (current) {
        const struct pod *p = (const struct pod *)current;
        struct pod_status merged = *kp->writing;
        merge(kp, &p->status, &merged);
        kp->written_version = kp->writing_version;
        kp->written_mirror = current->ordinal;
        if (!api_equal(&pod_status_type, &p->status, &merged)) {
            struct pod *next = (struct pod *)store_edit(ks->store, current);
            next->status = merged;
            /* A mirror shows what its file's pod does, also when that runs again after a boot. */
            ASSERT(kp->own || !phase_is_terminal(p->status.phase) || strcmp(p->status.phase, merged.phase) == 0);
            current = store_update(ks->store, COMP_KUBELET, &next->object, false);
        }
        kp->written_revision = current->revision;
        if (kp->written_version == kp->status_version)
            delete_if_finished(kp, current);
    }
    write_next(k, ks);
}
