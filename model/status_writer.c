/* status_writer.c - the way of the pods' statuses to the API.
 *
 * Mirrors k8s pkg/kubelet/status/status_manager.go Start, syncBatch, syncPod, mergePodStatus (v1.36). One goroutine per
 * node writes. A change of any status wakes it (podStatusChannel holds one signal): it collects the status of every pod
 * whose version is not in the API yet, as it is then, and writes one after the other; what changes meanwhile is for the
 * batch after that. Every 10 s a batch also has the pods whose copy in the API differs from what the kubelet wrote.
 * Each write: the merge with the API's copy, the terminal phase held back while containers may run, and after the
 * last one the DELETE. Rules: semantics/kubelet.md 1.6, 5.5, 8.6.
 * The 10 s pass is an event only when somebody else has written what the kubelet owns, or a static pod's mirror has
 * been made anew.
 */
#include <stdlib.h>
#include <string.h>

#include "model/api_types.h"
#include "model/classes.h"
#include "model/kubelet.h"

/* ---- who shows it ---- */

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

/* ---- the merge with the API's copy ---- */

static bool kubelet_owns(const char *type)
{
    static const char *const owned[] = {
        "PodReadyToStartContainers", "Initialized",         "Ready",
        "ContainersReady",           "PodScheduled",        "AllContainersRestarting",
        "PodResizePending",          "PodResizeInProgress",
    };
    for (size_t i = 0; i < ARRAY_LEN(owned); i++) {
        if (type[0] == owned[i][0] && strcmp(type, owned[i]) == 0)
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

/* A condition that the kubelet shares with others stands once; its time stays while its status does. k8s
 * status_manager.go updateLastTransitionTime, util ReplaceOrAppendPodCondition. */
static uint32_t put_shared(struct pod_condition *list, uint32_t n, struct pod_condition c, sim_time now)
{
    uint32_t at = 0;
    while (at < n && strcmp(list[at].type, c.type) != 0)
        at++;
    bool same = at < n && text_same(list[at].status, c.status);
    c.last_transition_time = same ? list[at].last_transition_time : api_second(now);
    list[at] = c;
    return at < n ? n : n + 1;
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
        if (owned)
            list[n++] = c;
        else
            n = put_shared(list, n, c, sim_now(kp->all->sim));
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
bool status_could_run(const struct kpod *kp)
{
    if (kp->unknown) /* the kubelet is gone; it knew when it sent the write that is under way */
        return kp->could_run;
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
    bool may_run = status_could_run(kp) || outdated(kp, s->phase);
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

/* k8s status_manager.go canBeDeleted: the final status is in the API and a deletion was asked for. Before
 * 1.27 its phase did not matter. `final`: of the status that is there. */
static bool can_be_deleted(const struct kpod *kp, const struct pod *p, bool final)
{
    bool over = phase_is_terminal(p->status.phase) || !kpod_has(kp, FEATURE_TERMINAL_PHASE_ON_DELETE);
    return final && over && !kp->deleted && !kp->own && p->object.meta.deletion_timestamp != SIM_NEVER;
}

/* ---- what waits to be written ---- */

static void list_add(struct arena *a, struct kpod_list *l, uint32_t kpod)
{
    if (l->count == l->capacity) {
        l->capacity = l->capacity ? 2 * l->capacity : 16;
        uint32_t *items = arena_array(a, uint32_t, l->capacity);
        if (l->count)
            memcpy(items, l->items, l->count * sizeof *items);
        l->items = items;
    }
    l->items[l->count++] = kpod;
}

static void enqueue(struct kubelet *k, struct kpod *kp)
{
    if (kp->status_queued)
        return;
    kp->status_queued = true;
    list_add(kp->all->arena, &k->status_queue, kp->index);
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

/* ---- a batch ---- */

struct update {
    uint64_t place;
    uint32_t kpod;
};

static int by_place(const void *a, const void *b)
{
    const struct update *x = a, *y = b;
    if (x->place != y->place)
        return x->place < y->place ? -1 : 1;
    return x->kpod < y->kpod ? -1 : x->kpod > y->kpod;
}

/* k8s-order: status-batch. A Go map's order; here the pods' order of appearance, under `jittered` one from the seed. */
static void sort_batch(struct kubelets *ks, struct kpod_list *batch)
{
    struct update *updates = arena_array(ks->scratch, struct update, batch->count);
    for (uint32_t i = 0; i < batch->count; i++) {
        struct kpod *kp = kpod_at(ks, batch->items[i]);
        updates[i].kpod = kp->index;
        struct profile_call call = {.pod = kp->pod->object.meta.name, .after = kp->written_at};
        updates[i].place = profile_batch_place(ks->profile, kp->stream, sim_now(ks->sim), &call);
    }
    qsort(updates, batch->count, sizeof *updates, by_place);
    for (uint32_t i = 0; i < batch->count; i++)
        batch->items[i] = updates[i].kpod;
}

static void enqueue_differing(struct kubelet *k, struct kubelets *ks)
{
    uint32_t cursor = 0;
    for (struct kpod *kp; (kp = node_next_pod(ks, k, &cursor));) {
        if (!kp->reconcile)
            continue;
        kp->reconcile = false;
        if (!differs_from_api(kp) && !can_be_deleted(kp, kp->pod, kp->final_status))
            continue;
        kp->status_cause = sim_cause(ks->sim);
        enqueue(k, kp);
    }
}

static void take(struct kpod *kp)
{
    kp->status_queued = false;
    if (kp->writing && kp->writing != kp->status)
        status_spare(kp->all, kp->writing);
    kp->writing = kp->status;
    kp->writing_version = kp->status_version;
    kp->writing_final = kp->final_status;
    kp->writing_cause = kp->status_cause;
}

/* k8s status_manager.go syncBatch: the statuses are those of now, whenever their turn comes. */
static void collect(struct kubelet *k, struct kubelets *ks)
{
    struct kpod_list queue = k->status_queue;
    k->status_queue = k->status_batch;
    k->status_batch = queue;
    k->status_queue.count = k->status_batch.count = k->status_next = 0;
    for (uint32_t i = 0; i < queue.count; i++) {
        struct kpod *kp = kpod_at(ks, queue.items[i]);
        struct profile_call call = {.pod = kp->pod->object.meta.name, .after = kp->written_at};
        if (profile_batch_later(ks->profile, sim_now(ks->sim), &call)) {
            list_add(ks->arena, &k->status_queue, kp->index);
            continue;
        }
        take(kp);
        k->status_batch.items[k->status_batch.count++] = kp->index;
    }
    sort_batch(ks, &k->status_batch);
}

/* k8s status_manager.go syncPod; true: a call is under way. */
static bool sync_pod(struct kpod *kp);

/* The next call of the batch; false: there is none. */
static bool write_next(struct kubelet *k, struct kubelets *ks)
{
    while (k->status_next < k->status_batch.count)
        if (sync_pod(kpod_at(ks, k->status_batch.items[k->status_next++])))
            return true;
    return false;
}

static void begin_batch(void *ctx, uint32_t arg)
{
    struct kubelets *ks = ctx;
    struct kubelet *k = pool_at(&ks->nodes, arg);
    if (k->status_all)
        enqueue_differing(k, ks);
    if (k->status_all || k->status_queue.count)
        enqueue_mirrors(k, ks);
    k->status_all = false;
    collect(k, ks);
    k->status_writing = write_next(k, ks);
}

/* The writer looks whether there is something to do, if it has nothing to do. */
static void wake(struct kubelet *k, struct kubelets *ks)
{
    if (k->status_writing || (!k->status_queue.count && !k->status_all))
        return;
    sim_time wait = k->status_all ? 0 : SIM_TIME_MAX;
    for (uint32_t i = 0; i < k->status_queue.count && wait > 0; i++) {
        sim_time one = kpod_draw(kpod_at(ks, k->status_queue.items[i]), HOP_STATUS_WAIT);
        wait = one < wait ? one : wait;
    }
    k->status_writing = true;
    if (wait > 0)
        store_post(ks->store, wait, begin_batch, ks, k->index);
    else
        begin_batch(ks, k->index);
}

static void written(struct kubelet *k, struct kubelets *ks)
{
    k->status_writing = write_next(k, ks);
    wake(k, ks);
}

void status_want_write(struct kpod *kp)
{
    struct kubelet *k = kpod_kubelet(kp);
    enqueue(k, kp);
    wake(k, kp->all);
}

void status_forget(struct kubelet *k, struct kubelets *ks)
{
    for (uint32_t i = 0; i < k->status_queue.count; i++)
        kpod_at(ks, k->status_queue.items[i])->status_queued = false;
    k->status_queue.count = k->status_batch.count = k->status_next = 0;
    k->status_all = false;
}

/* ---- one pod ---- */

static void commit_delete(void *ctx, uint32_t arg)
{
    struct kubelets *ks = ctx;
    struct kpod *kp = kpod_at(ks, arg);
    const struct api_object *current = store_by_ordinal(ks->store, kp->pod->object.ordinal);
    if (current)
        store_delete(ks->store, COMP_KUBELET, current, 0);
    written(kpod_kubelet(kp), ks);
}

/* `current` shows the status; true: so now the object is deleted. */
static bool is_written(struct kpod *kp, const struct api_object *current)
{
    kp->written_version = kp->writing_version;
    kp->written_mirror = current->ordinal;
    kp->written_revision = current->revision;
    if (!can_be_deleted(kp, (const struct pod *)current, kp->writing_final))
        return false;
    kp->deleted = true;
    store_post_from(kp->all->store, kpod_kubelet(kp)->name, kpod_draw(kp, HOP_API_WRITE), commit_delete, kp->all,
                    kp->index);
    return true;
}

/* What the API would have; false: it has that already. */
static bool merged_status(const struct kpod *kp, const struct api_object *current, struct pod_status *ret_merged)
{
    const struct pod *p = (const struct pod *)current;
    *ret_merged = *kp->writing;
    merge(kp, &p->status, ret_merged);
    return !api_equal(&pod_status_type, &p->status, ret_merged);
}

static void commit_status(void *ctx, uint32_t arg)
{
    struct kubelets *ks = ctx;
    struct kpod *kp = kpod_at(ks, arg);
    const struct api_object *current = shown_as(kp);
    struct pod_status merged;
    if (current && merged_status(kp, current, &merged)) {
        struct pod *next = (struct pod *)store_edit(ks->store, current);
        /* A mirror shows what its file's pod does, also when that runs again after a boot. */
        ASSERT(kp->own || !phase_is_terminal(next->status.phase) || strcmp(next->status.phase, merged.phase) == 0);
        next->status = merged;
        current = store_update(ks->store, COMP_KUBELET, &next->object, false);
        kp->written_at = sim_now(ks->sim);
    }
    if (!current || !is_written(kp, current))
        written(kpod_kubelet(kp), ks);
}

/* It reads the pod first, which takes no time here, and writes if there is something to write. */
static bool sync_pod(struct kpod *kp)
{
    const struct api_object *current = shown_as(kp);
    struct pod_status merged;
    if (!current)
        return false;
    uint32_t cause = sim_cause(kp->all->sim);
    bool writes = merged_status(kp, current, &merged);
    sim_set_cause(kp->all->sim, kp->writing_cause); /* not the write that this one waited for */
    if (writes)
        store_post_from(kp->all->store, kpod_kubelet(kp)->name, kpod_draw(kp, HOP_API_WRITE), commit_status, kp->all,
                        kp->index);
    else
        writes = is_written(kp, current);
    sim_set_cause(kp->all->sim, cause);
    return writes;
}

/* ---- the 10 s pass ---- */

/* k8s status_manager.go syncPeriod. REF: half a second after the whole tens. */
#define STATUS_BULK_PERIOD (10 * SIM_SECOND)

void status_bulk_want(struct kubelets *ks, struct kubelet *k)
{
    node_arm(ks, k, sim_time_next_tick(sim_now(ks->sim), STATUS_BULK_PERIOD, ks->profile->sync_tick_phase),
             NODE_STATUS_BULK);
}

static void want_pass(struct kpod *kp)
{
    kp->reconcile = true;
    status_bulk_want(kp->all, kpod_kubelet(kp));
}

void status_api_changed(struct kpod *kp)
{
    if (kp->pod->object.revision != kp->written_revision && differs_from_api(kp))
        want_pass(kp);
}

void status_retry_delete(struct kpod *kp)
{
    bool stays = store_by_ordinal(kp->all->store, kp->pod->object.ordinal) != NULL; /* it need not, if nothing runs */
    if (stays && can_be_deleted(kp, kp->pod, kp->final_status))
        want_pass(kp);
}

void status_bulk(struct kubelets *ks, struct kubelet *k)
{
    k->status_all = true;
    wake(k, ks);
}
