/* runtime_hang.c - a container runtime that does not answer.
 *
 * The containers run on, HTTP and TCP probes too; every call to the runtime waits: relists, starts, stops, exec
 * probes, the check of the runtime, the version that a node status shows. The next housekeeping waits inside the
 * kubelet's main loop, so that from then on no delete, no retry and no event reaches a pod's worker (recorded:
 * runtime-hang-75s). A call that has waited too long expires, and whoever made it goes on with an error: probes
 * fail, starts and stops fail, the node says that it is not Ready, and the main loop, which has its housekeeping
 * back, takes no pods as long as it knows that the runtime is down.
 *
 * Mirrors the time limits of k8s cri-client/pkg/remote_runtime.go and remote_image.go, and pkg/kubelet/runtime.go
 * runtimeErrors, kubelet.go updateRuntimeUp and syncLoop, pleg/generic.go Relist and Healthy, nodestatus/setters.go
 * VersionInfo (v1.36). semantics/nodes.md 7 has the node not Ready 30 s after a call has expired; in the source the
 * status that is being computed waits for the runtime's version and goes on when that has expired.
 * k8s-order: at the instant at which the runtime answers again its check comes first, then the relist, the pods'
 * calls, the node's status (recorded: runtime-hang-75s, whose node stays Ready).
 * Left out on purpose: what a runtime does later with calls that nobody waits for any more; the collection of dead
 * containers, statistics and log rotation, whose calls show nowhere.
 */
#include "model/classes.h"
#include "model/kubelet.h"
#include "model/kubelet_faults.h"
#include "sim/cover.h"

/* k8s kubelet config runtimeRequestTimeout. */
#define CALL_LIMIT (120 * SIM_SECOND)
#define NO_LIMIT   SIM_TIME_MAX
/* k8s kubelet.go: updateRuntimeUp runs every 5 s. REF: at 5 k. */
#define CHECK_PERIOD (5 * SIM_SECOND)
/* k8s kubelet.go maxWaitForContainerRuntime, genericPlegRelistThreshold. */
#define CHECK_GRACE (30 * SIM_SECOND)
#define PLEG_GRACE  (180 * SIM_SECOND)

/* ---- the calls ---- */

/* ORDER HUNG_CALL */
enum hung_call {
    CALL_IMAGE_STATUS,
    CALL_PULL_IMAGE,
    CALL_RUN_SANDBOX,
    CALL_CREATE,
    CALL_START,
    CALL_STOP,
    CALL_STOP_SANDBOX,
    CALL_EXEC_HOOK,
    CALL_EXEC_PROBE,
    CALL_COUNT,
    CALL_NONE
};

COVER_TABLE(hung_call, "calls that expire, or wait for a hung runtime as long as it takes", "ImageStatus",
            "PullImage: no limit", "RunPodSandbox: twice as long", "CreateContainer", "StartContainer",
            "StopContainer: and the grace", "StopPodSandbox", "ExecSync of a hook: no limit",
            "ExecSync of a probe: and its timeout");

/* Beside what the call itself is given. */
static const sim_time call_limits[CALL_COUNT] = {
    [CALL_IMAGE_STATUS] = CALL_LIMIT, [CALL_PULL_IMAGE] = NO_LIMIT,     [CALL_RUN_SANDBOX] = 2 * CALL_LIMIT,
    [CALL_CREATE] = CALL_LIMIT,       [CALL_START] = CALL_LIMIT,        [CALL_STOP] = CALL_LIMIT,
    [CALL_EXEC_HOOK] = NO_LIMIT,      [CALL_STOP_SANDBOX] = CALL_LIMIT, [CALL_EXEC_PROBE] = CALL_LIMIT,
};

/* What the pod's worker waits for. Volumes, mirrors and the API do not need the runtime. */
static enum hung_call call_of_worker(const struct kpod *kp)
{
    switch (kp->step) {
    case STEP_INSPECT:
        return CALL_IMAGE_STATUS;
    case STEP_PULL:
        return CALL_PULL_IMAGE;
    case STEP_SANDBOX:
        return CALL_RUN_SANDBOX;
    case STEP_CREATE:
        return CALL_CREATE;
    case STEP_START:
        return CALL_START;
    case STEP_STOP_SANDBOX:
    case STEP_TERM_SANDBOX:
        return CALL_STOP_SANDBOX;
    default:
        return CALL_NONE;
    }
}

/* The call that this timer of the pod stands for, and when it expires. */
static enum hung_call call_of(struct kpod *kp, uint32_t index, sim_time *ret_expires)
{
    const struct kcontainer *c = NULL;
    enum hung_call call = CALL_NONE;
    sim_time began = kp->op_began;
    if (index == RT_OP) {
        call = call_of_worker(kp);
    } else if (index >= RT_HOOK && index < RT_DEADLINE) {
        call = kp->containers[index - RT_HOOK].hook_exec ? CALL_EXEC_HOOK : CALL_NONE;
    } else { /* the end of a container, or of its grace, matters to the call that stops it */
        c = &kp->containers[index < RT_HOOK ? index - RT_EXITED : index - RT_DEADLINE];
        call = c->kill == KILL_HELD || c->kill == KILL_TERM || c->kill == KILL_KILLED ? CALL_STOP : CALL_NONE;
        began = c->stop_called + c->stop_grace;
    }
    bool limited = call != CALL_NONE && call_limits[call] != NO_LIMIT;
    *ret_expires = limited ? sim_time_add(began, call_limits[call]) : NO_LIMIT;
    return call;
}

struct stalled { /* a timer of a pod that needs an answer of the runtime */
    uint32_t kpod, class_, index, cause;
};

/* True: it was one of those; now it is not. */
static bool take_back(struct kubelet *k, const struct kpod *kp, uint32_t class, uint32_t index)
{
    bool found = false;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < k->stalled.count; i++) {
        const struct stalled s = *(struct stalled *)pool_at(&k->stalled, i);
        if (s.kpod == kp->index && s.class_ == class && s.index == index)
            found = true;
        else
            *(struct stalled *)pool_at(&k->stalled, kept++) = s;
    }
    k->stalled.count = kept;
    return found;
}

static void put_aside(struct kubelet *k, struct kpod *kp, uint32_t class, uint32_t index)
{
    if (!k->stalled.item_bytes)
        pool_init(&k->stalled, kp->all->arena, sizeof(struct stalled));
    *(struct stalled *)pool_at(&k->stalled, pool_add(&k->stalled)) =
        (struct stalled){kp->index, class, index, sim_cause(kp->all->sim)};
}

void runtime_gave_up(struct kpod *kp, uint32_t index) { take_back(kpod_kubelet(kp), kp, CLASS_RUNTIME, index); }

enum stall runtime_stalls(struct kpod *kp, uint32_t class, uint32_t index)
{
    struct kubelet *k = kpod_kubelet(kp);
    sim_time expires = NO_LIMIT;
    if (!k->hung)
        return STALL_NOT;
    enum hung_call call = class == CLASS_PLEG ? CALL_NONE : call_of(kp, index, &expires);
    if (class != CLASS_PLEG && call == CALL_NONE)
        return STALL_NOT;
    if (take_back(k, kp, class, index) && kpod_now(kp) >= expires)
        return STALL_EXPIRED;
    if (call != CALL_NONE)
        COVER(hung_call, call);
    put_aside(k, kp, class, index);
    if (expires != NO_LIMIT)
        kpod_arm(kp, expires > kpod_now(kp) ? expires : kpod_now(kp), class, index);
    return STALL_WAITS;
}

sim_time runtime_exec_expires(sim_time began, sim_time timeout)
{
    COVER(hung_call, CALL_EXEC_PROBE);
    return sim_time_add(began, sim_time_add(timeout, call_limits[CALL_EXEC_PROBE]));
}

/* ---- what the kubelet asks over and over again ---- */

/* Is a call on its way at `t`? Each expires, and the next is made `gap` later. */
static bool in_flight(const struct call_loop *l, sim_time t)
{
    return t >= l->first && (t - l->first) % (CALL_LIMIT + l->gap) < CALL_LIMIT;
}

/* When the kubelet has an answer of a runtime that answers from `t` on. */
static sim_time answered_at(const struct call_loop *l, sim_time t)
{
    if (t < l->first || in_flight(l, t))
        return t;
    sim_time round = CALL_LIMIT + l->gap;
    return l->first + ((t - l->first) / round + 1) * round;
}

static bool runtime_is_down(const struct kubelet *k, sim_time now)
{
    const struct hang *h = &k->hang;
    return h->since != SIM_NEVER && now < h->checked_at && now >= h->checks.first - CHECK_PERIOD + CHECK_GRACE;
}

/* How long ago the last relist was that had an answer, if that is too long; else 0. */
static sim_time pleg_is_late(const struct kubelet *k, sim_time now)
{
    const struct hang *h = &k->hang;
    if (h->since == SIM_NEVER || now >= h->relisted_at || now - (h->relists.first - h->relists.gap) <= PLEG_GRACE)
        return 0;
    return now - (h->relists.first - h->relists.gap);
}

const char *runtime_down_error(const struct kubelet *k, sim_time now)
{
    return runtime_is_down(k, now) ? "container runtime is down" : NULL;
}

const char *runtime_pleg_error(struct kubelets *ks, const struct kubelet *k, sim_time now)
{
    sim_time late = pleg_is_late(k, now);
    if (!late)
        return NULL;
    struct strbuf b = STRBUF_INIT;
    strbuf_puts(&b, "PLEG is not healthy: pleg was last seen active ");
    strbuf_go_duration(&b, late);
    strbuf_puts(&b, " ago; threshold is ");
    strbuf_go_duration(&b, PLEG_GRACE);
    const char *text = arena_strdup(ks->arena, strbuf_str(&b));
    strbuf_fini(&b);
    return text;
}

/* ---- the node's status ---- */

/* Its computation asks for the runtime's version: it goes on when that has expired, and the next begins one
 * period later. */
static void next_status(struct kubelets *ks, struct kubelet *k)
{
    const struct call_loop *l = &k->hang.versions;
    sim_time round = CALL_LIMIT + l->gap, now = sim_now(ks->sim);
    sim_time at = l->first + CALL_LIMIT;
    if (now >= at)
        at += ((now - at) / round + 1) * round;
    sim_cancel(ks->sim, CLASS_NODE_TIMER, k->object, NODE_STATUS);
    node_arm(ks, k, at, NODE_STATUS);
}

void runtime_status_posted(struct kubelets *ks, struct kubelet *k)
{
    sim_time now = sim_now(ks->sim);
    if (k->hung)
        next_status(ks, k);
    else if (runtime_is_down(k, now) || pleg_is_late(k, now))
        node_status_want(ks, k);
}

static void resume_status(struct kubelets *ks, struct kubelet *k)
{
    sim_time now = sim_now(ks->sim);
    sim_cancel(ks->sim, CLASS_NODE_TIMER, k->object, NODE_STATUS);
    if (in_flight(&k->hang.versions, now))
        node_arm(ks, k, now, NODE_STATUS);
    else
        node_status_want(ks, k);
}

/* ---- the main loop ---- */

/* Workers whose resync has fallen due meanwhile: k8s syncFrequency. Else it changes nothing (pod_worker.c). */
static void resync(struct kubelets *ks, struct kubelet *k)
{
    uint32_t cursor = 0;
    for (struct kpod *kp; (kp = node_next_pod(ks, k, &cursor));) {
        bool idle = kp->work == WORK_SYNC && !kp->busy && !kp->pending && kp->last_end != SIM_NEVER;
        if (!kp->unknown && idle && podworker_resync_at(kp) <= sim_now(ks->sim))
            podworker_queue(kp, 0);
    }
}

static void unblock(struct kubelets *ks, struct kubelet *k)
{
    k->hang.blocks = false;
    resync(ks, k);
    syncloop_unblock(ks, k);
}

/* k8s kubelet.go syncLoop: with its housekeeping back, the loop looks whether the runtime is well and sleeps 0.1 s
 * if not; then twice as long each time, up to 5 s. When does it find that it may go on, not before `from`? */
static sim_time loop_free_at(const struct kubelet *k, sim_time from)
{
    sim_time nap = 100 * SIM_MS, longest = 5 * SIM_SECOND;
    sim_time at = k->hang.loop_waits_since + CALL_LIMIT;
    if (from < at)
        at = from; /* its housekeeping is answered */
    while (at < from || runtime_is_down(k, at) || pleg_is_late(k, at)) {
        if (nap == longest && from - at > longest)
            at += (from - at) / longest * longest;
        else
            at += nap;
        nap = 2 * nap < longest ? 2 * nap : longest;
    }
    return at;
}

/* The housekeeping that waits; or the loop that may go on. */
void runtime_hang_timer(struct kubelets *ks, struct kubelet *k)
{
    if (!k->hung) {
        unblock(ks, k);
        return;
    }
    k->hang.blocks = true;
    k->hang.loop_waits_since = sim_now(ks->sim);
    syncloop_block(k);
}

/* ---- the faults ---- */

static void begin(struct kubelets *ks, struct kubelet *k, sim_time now)
{
    const struct profile *p = ks->profile;
    bool blocks = k->hang.blocks;
    sim_time relist = p->pleg_period ? profile_next_relist(p, k->name, now) : now;
    k->hang = (struct hang){
        .since = now,
        .checks = {sim_time_next_tick(now, CHECK_PERIOD, 0), CHECK_PERIOD},
        .relists = {relist, p->pleg_period},
        .versions = {node_status_next_tick(ks, now), NODE_STATUS_PERIOD},
        .checked_at = SIM_TIME_MAX,
        .relisted_at = SIM_TIME_MAX,
        .blocks = blocks,
        .loop_waits_since = now,
    };
    if (blocks) /* it has not come back from the last time */
        sim_cancel(ks->sim, CLASS_NODE_TIMER, k->object, NODE_HANG);
    else
        node_arm(ks, k, housekeeping_next_tick(ks, now), NODE_HANG);
    next_status(ks, k);
}

int runtime_hang(struct kubelets *ks, const char *node, struct strbuf *out)
{
    struct kubelet *k = kubelets_node(ks, node);
    if (k->hung) {
        strbuf_printf(out, "Error: the runtime of node \"%s\" hangs already\n", node);
        return 1;
    }
    k->hung = true;
    if (k->down)
        return 0;
    begin(ks, k, sim_now(ks->sim));
    uint32_t cursor = 0;
    for (struct kpod *kp; (kp = node_next_pod(ks, k, &cursor));)
        prober_wake(kp);
    return 0;
}

/* What the pods wait for. */
static void answer(struct kubelets *ks, struct kubelet *k)
{
    uint32_t cause = sim_cause(ks->sim);
    for (uint32_t i = 0; i < k->stalled.count; i++) {
        const struct stalled *s = pool_at(&k->stalled, i);
        sim_set_cause(ks->sim, s->cause);
        sim_arm(ks->sim, sim_now(ks->sim), s->class_, kpod_at(ks, s->kpod)->object, s->index);
    }
    k->stalled.count = 0;
    sim_set_cause(ks->sim, cause);
    uint32_t cursor = 0;
    for (struct kpod *kp; (kp = node_next_pod(ks, k, &cursor));) {
        prober_resume(kp);
        hooks_resume(kp);
    }
}

/* The relist, and the workers that wait for one. */
static void relist(struct kubelets *ks, struct kubelet *k)
{
    if (k->hang.relist_held)
        sim_arm(ks->sim, k->hang.relisted_at, CLASS_PLEG, k->object, 0);
    k->hang.relist_held = false;
    uint32_t cursor = 0;
    for (struct kpod *kp; (kp = node_next_pod(ks, k, &cursor));) {
        if (kp->pending && kp->waits_fresh && !kp->busy)
            sim_arm(ks->sim, k->hang.relisted_at, CLASS_POD_WORKER, kp->object, PW_WORKER);
    }
}

static void resume(struct kubelets *ks, struct kubelet *k)
{
    sim_time now = sim_now(ks->sim);
    k->hang.checked_at = answered_at(&k->hang.checks, now);
    k->hang.relisted_at = answered_at(&k->hang.relists, now);
    sim_cancel(ks->sim, CLASS_NODE_TIMER, k->object, NODE_HANG);
    answer(ks, k);
    relist(ks, k);
    resume_status(ks, k);
    if (!k->hang.blocks)
        return;
    sim_time free_at = loop_free_at(k, now);
    if (free_at == now)
        unblock(ks, k);
    else
        node_arm(ks, k, free_at, NODE_HANG);
}

int runtime_resume(struct kubelets *ks, const char *node, struct strbuf *out)
{
    struct kubelet *k = kubelets_node(ks, node);
    if (!k->hung) {
        strbuf_printf(out, "Error: the runtime of node \"%s\" does not hang\n", node);
        return 1;
    }
    k->hung = false;
    if (k->hang.start_held) { /* a kubelet without a runtime does not come up */
        k->hang.start_held = false;
        node_arm(ks, k, sim_now(ks->sim), NODE_START);
    }
    if (k->hang.since != SIM_NEVER)
        resume(ks, k);
    return 0;
}

void runtime_hang_forget(struct kubelet *k)
{
    k->stalled.count = 0;
    k->hang = (struct hang){.since = SIM_NEVER};
}
