/* pleg.c - the pod lifecycle event generator: what the kubelet knows of its pods' containers.
 *
 * Mirrors k8s pkg/kubelet/pleg/generic.go (v1.36) and what kubelet.go does with its events. A relist compares a list of
 * all containers with the one before; each pod with a difference is inspected into the cache and synced. Relists are
 * events only when something of a pod has changed. Rules: semantics/kubelet.md 1.2.
 * Left out on purpose: the evented PLEG, its health.
 */
#include <string.h>

#include "model/classes.h"
#include "model/kubelet.h"

static struct rt_instance look(const struct kpod *kp, uint32_t id)
{
    if (!id)
        return (struct rt_instance){.started_at = SIM_NEVER, .finished_at = SIM_NEVER};
    const struct cri_container *c = cri_container(kp->all->cri, id);
    return (struct rt_instance){
        .id = id,
        .attempt = c->config.attempt,
        .state = c->state,
        .started_at = c->started_at,
        .finished_at = c->finished_at,
        .exit_code = c->exit_code,
        .signal = c->signal,
        .reason = c->reason,
        .message = c->message,
        .container_id = c->id,
        .image = c->config.image,
        .current_sandbox = c->sandbox == kp->sandbox,
    };
}

/* Started and Died are events; created is not. */
static bool is_event(const struct rt_listed *before, const struct rt_listed *after)
{
    if (after->id == before->id && after->state == before->state)
        return false;
    return after->id && after->state != CRI_CREATED;
}

/* k8s pleg/generic.go Relist: a list of all containers first, from which the events are made, then the inspection of
 * each pod that has one. What ended in between is listed as running and inspected as ended: its event comes
 * with the next relist (recorded: crash-three-then-stable-slow-runtime, 13.8 s). */
static struct rt_listed listed(struct kpod *kp, const struct kcontainer *c, const struct rt_instance *n, bool relist)
{
    const struct profile *p = kp->all->profile;
    sim_time lag = relist && p->pleg_period ? kpod_draw_for(kp, c->spec->name, n->attempt, HOP_RELIST_LAG) : 0;
    if (kp->listed_at != SIM_NEVER && sim_now(kp->all->sim) - kp->listed_at > lag)
        lag = sim_now(kp->all->sim) - kp->listed_at;
    bool between = n->id && n->state == CRI_EXITED && lag > 0 && n->finished_at > sim_now(kp->all->sim) - lag;
    return (struct rt_listed){n->id, between && n->started_at != SIM_NEVER ? CRI_RUNNING : n->state};
}

/* kubelet.md 3.5: what the container left as its last words, from its log when the file is empty. */
static void last_words(struct kpod *kp, const struct kcontainer *c, struct rt_instance *n)
{
    bool from_log = c->spec->termination_message_policy &&
                    strcmp(c->spec->termination_message_policy, "FallbackToLogsOnError") == 0;
    if (n->id && n->state == CRI_EXITED && !n->message && from_log && n->exit_code != 0)
        n->message = cri_log_tail(kp->all->cri, n->id, 80, 2048);
}

static void mark_dirty(struct kpod *kp)
{
    struct kubelet *k = kpod_kubelet(kp);
    if (kp->pleg_dirty)
        return;
    kp->pleg_dirty = true;
    for (uint32_t i = k->dirty; i; i = kpod_at(kp->all, i - 1)->next_on_node)
        if (i == kp->index + 1)
            return; /* listed already */
    kp->next_on_node = k->dirty;
    k->dirty = kp->index + 1;
}

/* There is something for the next relist. */
static void relist_again(struct kpod *kp)
{
    mark_dirty(kp);
    if (kp->all->profile->pleg_period)
        sim_arm_by(kp->all->sim, profile_next_relist(kp->all->profile, kpod_kubelet(kp)->name, kpod_now(kp)),
                   CLASS_PLEG, kpod_kubelet(kp)->object, 0);
}

/* Dead instances beyond the newest one of a name are removed when a relist has seen it die, which the next
 * relist sees: k8s kubelet.go cleanUpContainersInPod, pod_container_deletor.go (MaxPerPodContainer 1;
 * recorded: delete-in-backoff, whose lastState goes). Their logs stay readable here. */
static void remove_dead(struct kpod *kp, struct kcontainer *c)
{
    if (!c->previous || c->listed.id != c->newest || c->listed.state != CRI_EXITED)
        return;
    c->previous = 0;
    relist_again(kp);
}

/* As the runtime answers now. */
static struct rt_container inspect(struct kpod *kp, const struct kcontainer *c)
{
    const struct rt_instance *before = &kp->view.containers[c->index].newest;
    struct rt_container n = {look(kp, c->newest), look(kp, c->previous)};
    n.newest.image_id = c->image_id;
    if (c->kill != KILL_IDLE && sim_now(kp->all->sim) < c->stop_returns && before->id == c->newest)
        n.newest = *before; /* the runtime has not finished with it */
    last_words(kp, c, &n.newest);
    last_words(kp, c, &n.previous);
    return n;
}

/* The containers of a pod; `lags`: something has ended since they were listed. */
static uint32_t refresh_containers(struct kpod *kp, bool relist, bool *lags)
{
    uint32_t events = kp->reinspect;
    struct rt_container *next = arena_array(kp->all->scratch, struct rt_container, kpod_all(kp));
    for (uint32_t i = 0; i < kpod_all(kp); i++) {
        struct kcontainer *c = &kp->containers[i];
        next[i] = inspect(kp, c);
        struct rt_listed now = listed(kp, c, &next[i].newest, relist);
        events += is_event(&c->listed, &now);
        c->listed = now;
        *lags |= now.state != next[i].newest.state;
    }
    if (events || !*lags) /* only a pod with an event is inspected */
        memcpy(kp->view.containers, next, kpod_all(kp) * sizeof *next);
    return events;
}

/* `relist`: else the pod alone is inspected. */
static uint32_t refresh(struct kpod *kp, bool relist)
{
    bool lags = false;
    uint32_t events = refresh_containers(kp, relist, &lags);
    struct rt_view *v = &kp->view;
    const struct cri_sandbox *s = kp->sandbox ? cri_sandbox(kp->all->cri, kp->sandbox) : NULL;
    bool same_sandbox = s && v->has_sandbox && v->sandbox_attempt == s->config.attempt;
    events += s && (!same_sandbox || v->sandbox_ready != s->ready);
    v->has_sandbox = s != NULL;
    v->sandbox_ready = s && s->ready;
    v->sandbox_attempt = s ? s->config.attempt : 0;
    v->ip = s ? s->config.ip : v->ip;
    kp->pleg_dirty = false;
    for (uint32_t i = 0; i < kpod_all(kp); i++)
        remove_dead(kp, &kp->containers[i]);
    if (lags)
        relist_again(kp);
    kp->reinspect = false;
    return events;
}

void kubelet_relist_pod(struct kpod *kp) { refresh(kp, false); }

/* k8s pleg/generic.go reconcilePodRecord, pod_workers.go UpdatePod. k8s-order: several events of one relist come one
 * after the other. Either they are all there when the worker's goroutine takes its update, and end in one sync (as in
 * all recordings: command-not-found, crash-exit1-always-kubelet-134), or it was quicker, and one more sync follows at
 * the next relist: drawn by `jittered`. */
static void relist_one(struct kpod *kp)
{
    const struct profile *p = kp->all->profile;
    sim_set_cause(kp->all->sim, kp->dirty_cause);
    uint32_t events = refresh(kp, true);
    kp->fresh = p->pleg_period == 0 || sim_now(kp->all->sim) > kp->last_end; /* SIM_NEVER: no run yet */
    bool waits = kp->waits_fresh;
    if (events && !waits)
        syncloop_queue(kp);
    if (events && (waits || (events > 1 && profile_events_apart(p, kp->stream, sim_now(kp->all->sim)))))
        kp->again = true;
    if (waits && kp->fresh)
        podworker_release(kp);
}

/* k8s pleg/generic.go Relist. The pods with events are inspected one after the other, in the order of a Go map, which
 * takes no time here but in a played back run. */
void pleg_relist(struct kubelets *ks, struct kubelet *k)
{
    uint32_t i = k->dirty;
    k->dirty = 0;
    while (i) {
        struct kpod *kp = kpod_at(ks, i - 1);
        i = kp->next_on_node;
        sim_time turn = kp->pleg_dirty ? profile_relist_turn(ks->profile, kp->pod->object.meta.name, kpod_now(kp)) : 0;
        if (turn > 0) {
            kp->listed_at = kpod_now(kp);
            kpod_arm(kp, kp->listed_at + turn, CLASS_PLEG, 0);
        } else if (kp->pleg_dirty) {
            relist_one(kp);
        }
    }
}

void pleg_relist_pod(struct kpod *kp)
{
    if (kp->listed_at != SIM_NEVER) {
        relist_one(kp);
        kp->listed_at = SIM_NEVER;
        return;
    }
    if (kp->pleg_dirty)
        sim_set_cause(kp->all->sim, kp->dirty_cause);
    uint32_t events = refresh(kp, true);
    kp->fresh = true;
    if (kp->pending && !kp->busy)
        podworker_release(kp);
    else if (events)
        syncloop_queue(kp);
}

/* The next relist that can see a change made now. A relist of this very instant may have gone by. */
static sim_time next_relist(const struct kubelets *ks, const struct kubelet *k)
{
    const struct profile *p = ks->profile;
    sim_time now = sim_now(ks->sim);
    if (p->pleg_period == 0)
        return now;
    bool passed = sim_instant_class(ks->sim) > CLASS_PLEG;
    return profile_next_relist(p, k->name, passed ? now : now - 1);
}

void kubelets_runtime_changed(struct kubelets *ks, uint32_t pod_ordinal)
{
    struct kpod *kp = kubelets_pod(ks, pod_ordinal);
    if (!kp)
        return;
    kp->dirty_cause = sim_cause(ks->sim);
    struct kubelet *k = kpod_kubelet(kp);
    if (k->down)
        return;
    mark_dirty(kp);
    sim_arm_by(ks->sim, next_relist(ks, k), CLASS_PLEG, k->object, 0);
}
