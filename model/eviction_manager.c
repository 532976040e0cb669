/* eviction_manager.c - a node under pressure: its conditions, and pods that are stopped to relieve it.
 *
 * Every 10 s what is available is compared with the thresholds (eviction.c). A condition stays True for five
 * minutes after it was last seen. At most one pod is evicted per round; the manager waits until it is cleaned up
 * and looks again. A round is an event only while something may come of it: a fault has put the node under
 * pressure, a condition is True, memory is on the move or short, the disk is short, or a pod has a limit of local
 * storage.
 *
 * Mirrors k8s pkg/kubelet/eviction/eviction_manager.go (v1.36); rules: semantics/kubelet.md 9.3, nodes.md 7.
 * Left out on purpose: the kernel's notification about memory (with cgroups v2 it does nothing); statistics that are
 * older than the round before; a file system of their own for images or containers.
 */
#include <string.h>

#include "model/classes.h"
#include "model/eviction.h"
#include "model/kubelet.h"
#include "model/kubelet_faults.h"

/* k8s kubelet.go evictionMonitoringPeriod, REF: at 10 k + 3 s; eviction_manager.go podCleanupTimeout, ...PollFreq. */
#define MONITOR_PERIOD  (10 * SIM_SECOND)
#define MONITOR_PHASE   (3 * SIM_SECOND)
#define CLEANUP_TIMEOUT (30 * SIM_SECOND)
#define CLEANUP_POLL    SIM_SECOND
/* k8s eviction_manager.go immediateEvictionGracePeriodSeconds. */
enum { IMMEDIATE_GRACE = 1 };

static sim_time now_of(const struct kubelets *ks) { return sim_now(ks->sim); }

static bool active(const struct kpod *kp) { return kp->counted && kp->work < WORK_TERMINATED; }

/* ---- when to look ---- */

static bool limits_storage(const struct pod_spec *s)
{
    for (uint32_t v = 0; v < s->volumes.count; v++)
        if (s->volumes.items[v].empty_dir && s->volumes.items[v].empty_dir->size_limit.set)
            return true;
    for (uint32_t i = 0; i < s->containers.count; i++)
        for (uint32_t l = 0; l < s->containers.items[i].resources.limits.count; l++)
            if (strcmp(s->containers.items[i].resources.limits.items[l].key, "ephemeral-storage") == 0)
                return true;
    return false;
}

static bool is_disk(enum eviction_signal s) { return s == SIGNAL_NODEFS || s == SIGNAL_IMAGEFS; }
static bool is_memory(enum eviction_signal s) { return s == SIGNAL_MEMORY || s == SIGNAL_ALLOCATABLE_MEMORY; }

/* Whether another round can do anything, as things stand: but for the disk, which eviction_disk_changed() sees to. */
static bool matters(struct kubelets *ks, const struct kubelet *k)
{
    const struct eviction *e = &k->eviction;
    if (e->met || k->pressure)
        return true;
    for (uint32_t t = 0; t < ks->threshold_count; t++) {
        if (is_disk(ks->thresholds[t].signal))
            continue;
        struct observation o = stats_observe(ks, k, ks->thresholds[t].signal);
        if (threshold_met(&ks->thresholds[t], &o, false))
            return true;
    }
    uint32_t cursor = 0;
    const struct kpod *kp;
    while ((kp = node_next_pod(ks, k, &cursor))) {
        if (!active(kp))
            continue;
        if (limits_storage(kpod_spec(kp)))
            return true;
        for (uint32_t c = 0; c < kp->container_count; c++)
            if (kp->containers[c].newest && cri_memory_moves(ks->cri, kp->containers[c].newest))
                return true;
    }
    return false;
}

void eviction_want(struct kubelets *ks, struct kubelet *k)
{
    sim_time phase = ks->profile->kind == PROFILE_INSTANT ? 0 : MONITOR_PHASE;
    if (k->down || k->eviction.victim_count || ks->threshold_count == 0)
        return;
    if (!k->pressure && !k->eviction.met)
        k->eviction.cause = sim_cause(ks->sim);
    sim_arm_by(ks->sim, sim_time_next_tick(now_of(ks), MONITOR_PERIOD, phase), CLASS_NODE_TIMER, k->object,
               NODE_EVICTION);
}

/* Rounds of eviction and of image collection are wanted while the disk is short for them; else the runtime says when as
 * much has been written as is left. */
void eviction_disk_changed(struct kubelets *ks, struct kubelet *k)
{
    const struct observation o = stats_observe(ks, k, SIGNAL_NODEFS);
    int64_t level, left = INT64_MAX;
    if (image_gc_matters(ks, k, &level))
        image_gc_want(ks, k);
    else
        left = o.available - level + 1;
    for (uint32_t t = 0; t < ks->threshold_count; t++) {
        const struct eviction_threshold *threshold = &ks->thresholds[t];
        if (!is_disk(threshold->signal))
            continue;
        int64_t margin = o.available - eviction_amount_of(&threshold->value, o.capacity);
        if (margin < 0)
            eviction_want(ks, k);
        else if (margin + 1 < left)
            left = margin + 1;
    }
    cri_watch_disk(ks->cri, left);
}

/* In the middle of what a process does: nobody looks before the next round. */
void kubelets_disk_grew(struct kubelets *ks)
{
    for (uint32_t i = 0; i < ks->nodes.count; i++)
        eviction_want(ks, pool_at(&ks->nodes, i));
}

void eviction_begin(struct kubelets *ks, struct kubelet *k)
{
    eviction_disk_changed(ks, k);
    if (matters(ks, k))
        eviction_want(ks, k);
}

void eviction_pod_added(struct kpod *kp)
{
    if (limits_storage(kpod_spec(kp)))
        eviction_want(kp->all, kpod_kubelet(kp));
}

/* ---- one eviction ---- */

static bool is_victim(const struct eviction *e, const struct kpod *kp)
{
    for (uint32_t i = 0; i < e->victim_count; i++)
        if (e->victims[i] == kp->index)
            return true;
    return false;
}

static void add_victim(struct kubelets *ks, struct kubelet *k, const struct kpod *kp)
{
    uint32_t *list = arena_array(ks->arena, uint32_t, k->eviction.victim_count + 1);
    if (k->eviction.victim_count)
        memcpy(list, k->eviction.victims, k->eviction.victim_count * sizeof *list);
    list[k->eviction.victim_count++] = kp->index;
    k->eviction.victims = list;
}

/* False: critical pods are not evicted. k8s eviction_manager.go evictPod. */
static bool evict(struct kpod *kp, int64_t grace, const char *message, bool disruption)
{
    struct kubelets *ks = kp->all;
    if (pod_is_critical(kp->pod, kp->own != NULL))
        return false;
    struct pod_override *why = arena_new(ks->arena, struct pod_override);
    *why = (struct pod_override){"Evicted", message, disruption ? message : NULL};
    kpod_event(kp, NULL, true, "Evicted", "%s", message);
    add_victim(ks, kpod_kubelet(kp), kp);
    podworker_kill(kp, grace, why);
    return true;
}

static int64_t grace_of(struct kubelets *ks, const struct kpod *kp, const struct eviction_threshold *t)
{
    if (t->hard)
        return feature_on(ks->features, FEATURE_HARD_EVICTION_GRACE) ? IMMEDIATE_GRACE : 0;
    int64_t longest = ks->config->eviction_max_pod_grace_period.value;
    const struct opt_i64 own = kpod_spec(kp)->termination_grace_period_seconds;
    bool cut = feature_on(ks->features, FEATURE_SOFT_EVICTION_KEEPS_SPEC_GRACE) && own.set && own.value < longest;
    return cut ? own.value : longest;
}

static const char *message_for(struct kubelets *ks, const struct kpod *kp, const struct eviction_threshold *t,
                               const struct observation *o)
{
    struct container_usage *list = arena_array(ks->scratch, struct container_usage, kp->container_count);
    uint32_t n = 0;
    for (uint32_t pass = 0; pass < 2; pass++) { /* app containers, then init containers */
        for (uint32_t i = 0; i < kp->container_count; i++) {
            const struct kcontainer *c = &kp->containers[i];
            if (c->init != (pass == 1) || !c->newest || cri_container(ks->cri, c->newest)->state != CRI_RUNNING)
                continue;
            list[n] = (struct container_usage){c->spec->name, stats_container(kp, i, t->signal), {0}};
            const quantity_map *requests = &c->spec->resources.requests;
            for (uint32_t r = 0; r < requests->count; r++)
                if (strcmp(requests->items[r].key, signal_infos[t->signal].resource) == 0)
                    list[n].request = requests->items[r].value;
            n++;
        }
    }
    return eviction_message(ks->arena, t, o, list, n);
}

/* Removes dead containers and unused images; true: no threshold is met any more, not even one whose grace period is not
 * over. k8s eviction_manager.go reclaimNodeLevelResources, helpers.go buildSignalToNodeReclaimFuncs. */
static bool reclaim(struct kubelets *ks, struct kubelet *k, enum eviction_signal signal)
{
    if (is_memory(signal) || signal == SIGNAL_PID)
        return false;
    container_gc_unused(ks, k);
    image_gc_unused(ks, k);
    for (uint32_t t = 0; t < ks->threshold_count; t++) {
        struct observation o = stats_observe(ks, k, ks->thresholds[t].signal);
        if (threshold_met(&ks->thresholds[t], &o, true))
            return false;
    }
    return true;
}

/* One pod at most. */
static void relieve(struct kubelets *ks, struct kubelet *k, const struct eviction_threshold *t)
{
    struct observation o = stats_observe(ks, k, t->signal);
    struct eviction_candidate *list = arena_array(ks->scratch, struct eviction_candidate, (size_t)k->used_pods + 1);
    uint32_t n = 0, cursor = 0;
    const struct kpod *pod;
    node_event(ks, k, true, "EvictionThresholdMet", "Attempting to reclaim %s", signal_infos[t->signal].resource);
    if (reclaim(ks, k, t->signal))
        return;
    while ((pod = node_next_pod(ks, k, &cursor))) {
        struct pod_requests r;
        if (!active(pod))
            continue;
        pod_effective_requests(ks->scratch, kpod_spec(pod), &r);
        list[n++] = (struct eviction_candidate){
            .pod = pod->pod,
            .kpod = pod->index,
            .priority = pod->pod->spec.priority.set ? pod->pod->spec.priority.value : 0,
            .usage = stats_pod(pod, t->signal),
            .request = t->signal == SIGNAL_PID ? 0 : pod_request_of(&r, signal_infos[t->signal].resource),
        };
    }
    eviction_rank(t->signal, list, n);
    for (uint32_t i = 0; i < n; i++) {
        struct kpod *kp = kpod_at(ks, list[i].kpod);
        if (evict(kp, grace_of(ks, kp, t), message_for(ks, kp, t, &o), true))
            return;
    }
}

/* ---- limits of local storage ---- */

static const struct quantity *storage_limit(const struct container *c)
{
    for (uint32_t i = 0; i < c->resources.limits.count; i++)
        if (strcmp(c->resources.limits.items[i].key, "ephemeral-storage") == 0)
            return &c->resources.limits.items[i].value;
    return NULL;
}

/* The text about the first limit that is exceeded, or NULL. k8s eviction_manager.go localStorageEviction. */
static const char *storage_exceeded(struct kubelets *ks, const struct kpod *kp)
{
    const struct pod_spec *s = kpod_spec(kp);
    struct quantity total = {0};
    for (uint32_t v = 0; v < s->volumes.count; v++) {
        const struct empty_dir_volume *e = s->volumes.items[v].empty_dir;
        bool limited = e && e->size_limit.set && quantity_sign(&e->size_limit) > 0 && kp->volume_ids[v];
        if (limited && cri_volume_size(ks->cri, kp->volume_ids[v]) > quantity_value(&e->size_limit))
            return arena_printf(ks->arena, "Usage of EmptyDir volume \"%s\" exceeds the limit \"%s\". ",
                                s->volumes.items[v].name, e->size_limit.text);
    }
    for (uint32_t i = 0; i < s->containers.count; i++) {
        const struct quantity *limit = storage_limit(&s->containers.items[i]);
        if (limit)
            total = quantity_add(ks->arena, &total, limit);
    }
    if (total.set && stats_pod(kp, SIGNAL_NODEFS) > quantity_value(&total))
        return arena_printf(ks->arena, "Pod ephemeral local storage usage exceeds the total limit of containers %s. ",
                            total.text);
    for (uint32_t i = kp->init_count; i < kp->container_count; i++) {
        const struct quantity *limit = storage_limit(kp->containers[i].spec);
        if (limit && quantity_sign(limit) > 0 && stats_container(kp, i, SIGNAL_NODEFS) > quantity_value(limit))
            return arena_printf(ks->arena, "Container %s exceeded its local ephemeral storage limit \"%s\". ",
                                kp->containers[i].spec->name, limit->text);
    }
    return NULL;
}

static void evict_for_storage(struct kubelets *ks, struct kubelet *k)
{
    uint32_t cursor = 0;
    struct kpod *kp;
    while ((kp = node_next_pod(ks, k, &cursor))) {
        const char *why = active(kp) && !kp->termination_asked ? storage_exceeded(ks, kp) : NULL;
        if (why)
            evict(kp, IMMEDIATE_GRACE, why, false);
    }
}

/* ---- a round ---- */

/* Which thresholds are met, and since when; the conditions they stand for. k8s synchronize(). */
static void take_stock(struct kubelets *ks, struct kubelet *k)
{
    struct eviction *e = &k->eviction;
    uint32_t seen = 0, pressure = 0;
    sim_time now = now_of(ks), hold = ks->config->eviction_pressure_transition_period;
    for (uint32_t t = 0; t < ks->threshold_count; t++) {
        const struct eviction_threshold *threshold = &ks->thresholds[t];
        struct observation o = stats_observe(ks, k, threshold->signal);
        bool was = e->met & 1u << t;
        if (!threshold_met(threshold, &o, false) && !(was && threshold_met(threshold, &o, true))) {
            e->first_seen[t] = SIM_NEVER;
            continue;
        }
        seen |= 1u << t;
        if (e->first_seen[t] == SIM_NEVER)
            e->first_seen[t] = now;
        e->last_seen[signal_infos[threshold->signal].pressure] = now;
    }
    e->met = 0;
    for (uint32_t t = 0; t < ks->threshold_count; t++)
        if (seen & 1u << t && now - e->first_seen[t] >= ks->thresholds[t].grace_period)
            e->met |= 1u << t;
    e->waiting = seen != e->met;
    for (int p = 0; p < PRESSURE_COUNT; p++)
        if (e->last_seen[p] != SIM_NEVER && now - e->last_seen[p] < hold)
            pressure |= 1u << p;
    if (pressure != k->pressure)
        node_status_want(ks, k);
    k->pressure = pressure;
}

static void look_again(struct kubelets *ks, struct kubelet *k)
{
    if (k->eviction.victim_count) {
        sim_time patience = 10 * SIM_SECOND; /* k8s pod_workers.go killPodNow */
        for (uint32_t i = 0; i < k->eviction.victim_count; i++) {
            sim_time grace = kpod_at(ks, k->eviction.victims[i])->grace * SIM_SECOND * 3 / 2;
            patience = grace > patience ? grace : patience;
        }
        k->eviction.killing = true;
        node_arm(ks, k, sim_time_add(now_of(ks), patience), NODE_EVICTION);
        return;
    }
    eviction_disk_changed(ks, k);
    if (k->eviction.waiting || matters(ks, k))
        eviction_want(ks, k);
}

static void synchronize(struct kubelets *ks, struct kubelet *k)
{
    take_stock(ks, k);
    evict_for_storage(ks, k);
    if (!k->eviction.victim_count && k->eviction.met) { /* thresholds stand in order: memory comes first */
        uint32_t first = 0;
        while (!(k->eviction.met & 1u << first))
            first++;
        for (uint32_t t = first; t < ks->threshold_count; t++)
            if (k->eviction.met & 1u << t && is_memory(ks->thresholds[t].signal)) {
                first = t;
                break;
            }
        relieve(ks, k, &ks->thresholds[first]);
    }
    look_again(ks, k);
}

/* The victims have stopped (or will not): their clean-up is polled once a second. */
static void begin_cleanup(struct kubelets *ks, struct kubelet *k)
{
    k->eviction.killing = false;
    k->eviction.cleanup_since = now_of(ks);
    node_arm(ks, k, sim_time_add(now_of(ks), CLEANUP_POLL), NODE_EVICTION);
}

static bool stopped(const struct kpod *kp) { return kp->work >= WORK_TERMINATED; }
static bool cleaned_up(const struct kpod *kp) { return kp->work == WORK_FINISHED; }

static bool all_victims(struct kubelets *ks, const struct kubelet *k, bool (*are)(const struct kpod *kp))
{
    for (uint32_t i = 0; i < k->eviction.victim_count; i++)
        if (!are(kpod_at(ks, k->eviction.victims[i])))
            return false;
    return true;
}

void eviction_run(struct kubelets *ks, struct kubelet *k)
{
    struct eviction *e = &k->eviction;
    sim_set_cause(ks->sim, e->cause); /* what began it, not what the round before has done */
    if (e->killing) {
        for (uint32_t i = 0; i < e->victim_count; i++)
            if (!stopped(kpod_at(ks, e->victims[i])))
                kpod_event(kpod_at(ks, e->victims[i]), NULL, true, "ExceededGracePeriod",
                           "Container runtime did not kill the pod within specified grace period.");
        begin_cleanup(ks, k);
        return;
    }
    bool over = now_of(ks) - e->cleanup_since >= CLEANUP_TIMEOUT;
    if (e->victim_count && !over && !all_victims(ks, k, cleaned_up)) {
        node_arm(ks, k, sim_time_add(now_of(ks), CLEANUP_POLL), NODE_EVICTION);
        return;
    }
    e->victim_count = 0;
    synchronize(ks, k);
}

void eviction_pod_stopped(struct kpod *kp)
{
    struct kubelet *k = kpod_kubelet(kp);
    if (k->eviction.killing && is_victim(&k->eviction, kp) && all_victims(kp->all, k, stopped))
        begin_cleanup(kp->all, k);
}

void eviction_forget(struct kubelet *k)
{
    struct eviction *e = &k->eviction;
    int64_t taken[SIGNAL_COUNT]; /* the world's, not the manager's */
    memcpy(taken, e->taken, sizeof taken);
    *e = (struct eviction){0};
    memcpy(e->taken, taken, sizeof taken);
    for (int t = 0; t < THRESHOLDS_MAX; t++)
        e->first_seen[t] = SIM_NEVER;
    for (int p = 0; p < PRESSURE_COUNT; p++)
        e->last_seen[p] = SIM_NEVER;
}

void kubelets_memory_changed(struct kubelets *ks, uint32_t pod_ordinal)
{
    struct kpod *kp = kubelets_pod(ks, pod_ordinal);
    if (kp && !sim_armed(ks->sim, CLASS_NODE_TIMER, kpod_kubelet(kp)->object, NODE_EVICTION) &&
        matters(ks, kpod_kubelet(kp)))
        eviction_want(ks, kpod_kubelet(kp));
}

/* ---- faults ---- */

static const struct {
    enum eviction_signal signals[2];
    uint32_t count;
} pressed[NODE_AMOUNT_COUNT] = {
    [NODE_MEMORY] = {{SIGNAL_MEMORY}, 1},
    [NODE_DISK] = {{SIGNAL_NODEFS, SIGNAL_IMAGEFS}, 2},
    [NODE_INODES] = {{SIGNAL_NODEFS_INODES, SIGNAL_IMAGEFS_INODES}, 2},
    [NODE_PIDS] = {{SIGNAL_PID}, 1},
};

int node_pressure(struct kubelets *ks, const char *node, const struct eviction_amount available[NODE_AMOUNT_COUNT])
{
    struct kubelet *k = kubelets_node(ks, node);
    for (int i = 0; i < NODE_AMOUNT_COUNT; i++) {
        if (!available[i].set)
            continue;
        for (uint32_t s = 0; s < pressed[i].count; s++) {
            enum eviction_signal signal = pressed[i].signals[s];
            int64_t capacity = stats_capacity(ks, k, signal), used = stats_in_use(ks, k, signal);
            k->eviction.taken[signal] = capacity - used - eviction_amount_of(&available[i], capacity);
        }
    }
    eviction_begin(ks, k);
    return 0;
}

int node_relieve(struct kubelets *ks, const char *node)
{
    struct kubelet *k = kubelets_node(ks, node);
    memset(k->eviction.taken, 0, sizeof k->eviction.taken);
    return 0;
}
