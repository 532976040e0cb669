/* self_check.c - what holds of the kubelets' state between any two events.
 *
 * Left out on purpose: what may be untrue for a moment (a status behind the runtime, an endpoint behind a pod).
 */
#include "model/self_check.h"

#include "model/kubelet.h"

static bool runs(const struct kpod *kp, uint32_t id)
{
    return id && cri_container(kp->all->cri, id)->state == CRI_RUNNING;
}

/* ---- one container ---- */

static void check_stop(const struct kpod *kp, const struct kcontainer *c)
{
    switch (c->kill) {
    case KILL_IDLE:
    case KILL_MARKED:
    case KILL_HELD:
        break;
    case KILL_PRESTOP:
        ASSERT(c->hook_posted && !c->hook_is_post_start);
        break;
    case KILL_WAIT_TURN:
        ASSERT(c->init && container_is_sidecar(c->spec));
        ASSERT(c->deadline.armed);
        break;
    case KILL_TERM: /* the runtime waits for the exit, or has yet to say that it has come */
        ASSERT(c->deadline.armed || !runs(kp, c->newest));
        ASSERT(c->kill_instance == c->newest);
        break;
    case KILL_KILLED:
        ASSERT(!c->deadline.armed);
        break;
    }
}

static void check_container(const struct kpod *kp, const struct kcontainer *c)
{
    /* One instance at a time: an older one is over before the next is made. */
    ASSERT(!runs(kp, c->previous));
    ASSERT(!c->previous || c->newest);
    ASSERT(!c->hook_posted || c->hook_exec || c->hook.armed);
    check_stop(kp, c);
    for (int kind = 0; kind < PROBE_KIND_COUNT; kind++) {
        const struct probe_worker *w = c->probes[kind];
        ASSERT(!w->alive || w->spec);
        ASSERT(!w->executing || w->alive);
        ASSERT(!w->executing || w->exec || w->done.armed);
    }
}

/* ---- one pod ---- */

/* A pod that is over has a worker that is gone: nothing runs, nothing is to come. */
static void check_finished(const struct kpod *kp)
{
    ASSERT(!kp->busy);
    ASSERT(!kp->pending);
    for (uint32_t i = 0; i < kp->container_count; i++) {
        const struct kcontainer *c = &kp->containers[i];
        ASSERT(c->kill == KILL_IDLE);
        ASSERT(!runs(kp, c->newest));
        for (int kind = 0; kind < PROBE_KIND_COUNT; kind++)
            ASSERT(!c->probes[kind]->alive || c->probes[kind]->executing);
    }
}

static void check_pod(const struct kpod *kp)
{
    ASSERT(kp->busy == (kp->step != STEP_IDLE));
    ASSERT(kp->grace >= 0);
    ASSERT(kp->written_version <= kp->writing_version);
    ASSERT(kp->writing_version <= kp->status_version);
    for (uint32_t i = 0; i < kp->container_count; i++)
        check_container(kp, &kp->containers[i]);
    bool has_worker = !kp->rejected && !kp->unknown;
    if (kp->work == WORK_FINISHED && has_worker)
        check_finished(kp);
}

/* ---- one node ---- */

struct sums {
    int64_t pods, cpu, memory;
};

static void check_node(struct kubelets *ks, const struct kubelet *k, const struct sums *s)
{
    (void)ks;
    ASSERT(k->used_pods == s->pods);
    ASSERT(k->used_cpu_milli == s->cpu);
    ASSERT(k->used_memory == s->memory);
    for (uint32_t i = 0; i < k->status_queue.count; i++)
        ASSERT(kpod_at(ks, k->status_queue.items[i])->status_queued);
    ASSERT(k->status_next <= k->status_batch.count);
    ASSERT(k->status_writing || (k->status_next == k->status_batch.count && k->status_queue.count == 0));
}

static void add_requests(struct kubelets *ks, const struct kpod *kp, struct sums *s)
{
    struct pod_requests r;
    pod_effective_requests(ks->scratch, &kp->pod->spec, &r);
    s->pods++;
    s->cpu += r.cpu_milli;
    s->memory += r.memory_bytes;
}

void self_check_kubelets(struct kubelets *ks)
{
    arena_reset(ks->scratch); /* what the last event left there is not needed any more */
    struct sums *sums = arena_array(ks->scratch, struct sums, ks->nodes.count + 1);
    for (uint32_t i = 0; i < ks->pods.count; i++) {
        const struct kpod *kp = kpod_at(ks, i);
        const struct kubelet *k = pool_at(&ks->nodes, kp->node);
        if (!k->down && !k->hung) /* calls to a runtime that hangs wait for nothing that is known */
            check_pod(kp);
        if (kp->counted)
            add_requests(ks, kp, &sums[kp->node]);
    }
    for (uint32_t i = 0; i < ks->nodes.count; i++)
        check_node(ks, pool_at(&ks->nodes, i), &sums[i]);
}
