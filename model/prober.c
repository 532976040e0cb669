/* prober.c - probe workers: one per container name and probe kind.
 *
 * Mirrors k8s pkg/kubelet/prober/worker.go and prober_manager.go (v1.36); rules: semantics/probes.md.
 * What one execution asks and what it answers is probe_handlers.c; ticks that are left out, and executions that
 * are only counted, are probe_ticker.c.
 */
#include "model/prober.h"

#include <string.h>

#include "model/classes.h"

static const char *const kind_names[PROBE_KIND_COUNT] = {
    [PROBE_STARTUP] = "Startup",
    [PROBE_READINESS] = "Readiness",
    [PROBE_LIVENESS] = "Liveness",
};

/* ---- verdicts ---- */

/* What the main loop does with it, beside a sync: k8s kubelet.go syncLoopIteration. */
static void deliver(struct worker p)
{
    bool success = p.w->result == RESULT_SUCCESS;
    if (p.kind == PROBE_READINESS)
        status_set_ready(p.kp, p.c, p.w->instance, success);
    else if (p.kind == PROBE_STARTUP)
        status_set_started(p.kp, p.c, p.w->instance, success);
}

/* A published verdict that changed is an update to the sync loop: probes.md 6. */
static void publish(struct worker p, enum probe_result result)
{
    bool changed = !p.w->has_result || p.w->result != result;
    p.w->has_result = true;
    p.w->result = result;
    if (!changed)
        return;
    if (p.kind == PROBE_LIVENESS && result != RESULT_FAILURE)
        return;
    p.w->verdict_held = kpod_kubelet(p.kp)->blocked;
    if (!p.w->verdict_held)
        deliver(p);
    syncloop_queue(p.kp);
}

/* The main loop goes on and takes what has come meanwhile: the last word of each worker. */
void prober_deliver(struct kpod *kp)
{
    for (uint32_t i = 0; i < worker_count(kp); i++) {
        struct worker p = worker_of(kp, i);
        if (p.w->verdict_held && p.w->has_result)
            deliver(p);
        p.w->verdict_held = false;
    }
}

static void worker_end(struct worker p)
{
    struct kubelets *ks = p.kp->all;
    if (p.w->exec)
        cri_exec_release(ks->cri, p.w->exec);
    ticker_record_repeats(p);
    ticker_stop(p);
    if (p.w->alive)
        sim_release(ks->sim);
    struct probe_worker kept = {.spec = p.w->spec, .ticker = p.w->ticker, .trigger = p.w->trigger, .done = p.w->done};
    *p.w = kept;
}

/* ---- executing ---- */

/* One more success changes nothing: it is recorded together with others. */
static bool is_steady(struct worker p)
{
    const struct probe_worker *w = p.w;
    return w->last_result == RESULT_SUCCESS && w->run >= w->spec->success_threshold && w->has_result &&
           w->result == RESULT_SUCCESS && !w->manual;
}

static struct probe_target target_of(struct worker p)
{
    return (struct probe_target){p.kp, p.c, p.w->spec, is_steady(p), p.w->redials, now_of(p) - p.w->attempt_at};
}

/* 1.35 only: the context of an exec ends with the pod worker's first stage, so that it errors while the pod
 * terminates and readiness stays as it was. k8s pod_workers.go cancelFn; probes.md 9. */
bool worker_context_is_over(struct worker p)
{
    return p.w->spec->exec && p.kp->termination_asked && kpod_has(p.kp, FEATURE_READINESS_ENDS_WITH_WORKER);
}

static void arm_result(struct worker p, sim_time at)
{
    sim_arm(p.kp->all->sim, at, CLASS_PROBE_RESULT, p.w->ticker->object, 0);
}

/* No answer comes from a runtime that hangs, until the call expires. */
static void hold_exec(struct worker p)
{
    p.w->held = true;
    arm_result(p, runtime_exec_expires(p.w->attempt_at, p.w->spec->timeout_seconds * SIM_SECOND));
}

static void start_exec(struct worker p)
{
    if (worker_context_is_over(p)) {
        p.w->pending = (struct probe_answer){.result = RESULT_UNKNOWN,
                                             .error = true,
                                             .state = "unknown",
                                             .output = "rpc error: code = Canceled desc = context canceled"};
        p.w->answer_until = 0;
        arm_result(p, now_of(p));
        return;
    }
    if (kpod_kubelet(p.kp)->hung) { /* the call waits, and so does its time limit: probes.md 7 */
        hold_exec(p);
        return;
    }
    struct sim_key done = {CLASS_PROBE_RESULT, p.w->ticker->object, 0, true};
    struct probe_target target = target_of(p);
    p.w->exec = probe_exec_start(&target, p.w->instance, done);
}

static void start_network(struct worker p)
{
    struct probe_target target = target_of(p);
    p.w->answer_world = cri_world(p.kp->all->cri, p.w->instance);
    p.w->pending = probe_network(&target);
    p.w->answer_due = true;
    /* At the first attempt, with one request, answered at once: only such answers repeat themselves. */
    bool as_ever = now_of(p) == p.w->sent_at && p.w->pending.took == kpod_draw(p.kp, HOP_PROBE_NET);
    p.w->answer_until = as_ever ? p.w->pending.lasts_until : 0;
    p.w->line = p.w->pending.line;
    p.w->line_held_back = p.w->pending.line_held_back;
    arm_result(p, sim_time_add(now_of(p), p.w->pending.took));
}

static void attempt(struct worker p)
{
    p.w->attempts++;
    p.w->attempt_at = now_of(p);
    p.w->redials = 0;
    p.w->answer_due = false;
    if (p.w->spec->exec)
        start_exec(p);
    else
        start_network(p);
}

static void execute(struct worker p, bool manual)
{
    p.w->executing = true;
    p.w->manual = manual;
    p.w->sent_at = now_of(p);
    p.w->attempts = 0;
    attempt(p);
}

void worker_in_flight(struct worker p, sim_time sent_at, sim_time arrives_at)
{
    struct sim *s = p.kp->all->sim;
    uint32_t cause = sim_cause(s);
    p.w->executing = true;
    p.w->manual = false;
    p.w->answer_due = true;
    p.w->sent_at = sent_at;
    p.w->attempts = 1;
    p.w->pending = (struct probe_answer){.result = RESULT_SUCCESS, .output = ""};
    p.w->line_held_back = p.w->line;
    sim_set_cause(s, p.w->cause);
    arm_result(p, arrives_at);
    sim_set_cause(s, cause);
}

/* ---- doProbe, probes.md 3 ---- */

static enum probe_result initial_result(enum probe_kind kind)
{
    return kind == PROBE_READINESS ? RESULT_FAILURE : kind == PROBE_LIVENESS ? RESULT_SUCCESS : RESULT_UNKNOWN;
}

/* Step 4c. Since 1.35 a container that was started before the kubelet keeps what the API says of it until
 * its probe has run; a sidecar's startup counts as passed: k8s worker.go doProbe. */
static void publish_initial(struct worker p, const struct container_status *cs)
{
    sim_time kept_before = kpod_kept_before(p.kp);
    bool from_before = kept_before != SIM_NEVER && cs->state.running && cs->state.running->started_at < kept_before;
    bool sidecar = p.c->init && container_is_sidecar(p.c->spec);
    if (!from_before)
        publish(p, initial_result(p.kind));
    else if (sidecar && p.kind == PROBE_STARTUP && cs->started.value)
        publish(p, RESULT_SUCCESS);
}

/* Does a worker go on after its container has exited? k8s worker.go doProbe; up to 1.32 only the pod's policy
 * counted, though a sidecar is restarted in a Never pod, too. */
static bool outlives(struct worker p, int32_t exit_code)
{
    const struct pod_spec *s = &p.kp->pod->spec;
    bool sidecar = p.c->init && container_is_sidecar(p.c->spec);
    if (sidecar && !kpod_has(p.kp, FEATURE_SIDECAR_PROBES_OUTLIVE_EXIT))
        return strcmp(s->restart_policy, "Never") != 0;
    if (sidecar || !kpod_has(p.kp, FEATURE_CONTAINER_RESTART_RULES))
        return sidecar || strcmp(s->restart_policy, "Never") != 0;
    return should_restart_on_exit(s, p.c->spec, p.c->init, exit_code);
}

/* The instance that the status shows; the one before the newest while the status has not seen that. One that has
 * been removed meanwhile is the one this worker knows. 0: none of them. */
static uint32_t shown_instance(struct worker p, const struct container_status *cs)
{
    const uint32_t known[] = {p.c->newest, p.c->previous, p.w->instance};
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        if (known[i] && strcmp(cri_container(p.kp->all->cri, known[i])->id, cs->container_id) == 0)
            return known[i];
    }
    return 0;
}

/* It does not run: is it over for good? */
static bool never_again(struct worker p, const struct container_status *cs)
{
    const struct container_state_terminated *t = cs->state.terminated;
    return t && !outlives(p, (int32_t)t->exit_code);
}

/* k8s worker.go: elapsed is cut to whole seconds, and so is startedAt in the status. */
static sim_time old_enough_at(struct worker p, const struct container_status *cs)
{
    return cs->state.running->started_at + p.w->spec->initial_delay_seconds * SIM_SECOND;
}

/* As do_probe, in the same order. */
enum tick_effect worker_tick_effect(struct worker p, sim_time *ret_from)
{
    const struct probe_worker *w = p.w;
    *ret_from = now_of(p);
    if (!p.kp->status)
        return TICK_NOTHING;
    if (phase_is_terminal(p.kp->status->phase))
        return TICK_ACTS;
    const struct container_status *cs = pod_status_container(p.kp->status, p.c->spec->name);
    if (!cs || !cs->container_id)
        return TICK_NOTHING;
    uint32_t shown = shown_instance(p, cs);
    if (!shown)
        return TICK_NOTHING;
    if (shown != w->instance)
        return TICK_ACTS;
    if (w->on_hold)
        return TICK_NOTHING;
    if (!cs->state.running)
        return !w->has_result || w->result != RESULT_FAILURE || never_again(p, cs) ? TICK_ACTS : TICK_NOTHING;
    if (cs->started.value == (p.kind == PROBE_STARTUP))
        return TICK_NOTHING;
    if (old_enough_at(p, cs) > *ret_from)
        *ret_from = old_enough_at(p, cs);
    return TICK_EXECUTES;
}

bool worker_first_chance(struct worker p, sim_time *ret_from)
{
    const struct container_status *cs = p.kp->status ? pod_status_container(p.kp->status, p.c->spec->name) : NULL;
    if (!cs || !cs->state.running || cs->started.value == (p.kind == PROBE_STARTUP))
        return false;
    *ret_from = old_enough_at(p, cs) > now_of(p) ? old_enough_at(p, cs) : now_of(p);
    return true;
}

/* Steps 4 and 6: the instance the status shows, and what to do when it does not run.
 * Returns false when there is nothing to execute. */
static bool look_at_instance(struct worker p, const struct container_status *cs)
{
    uint32_t id = shown_instance(p, cs);
    if (!id)
        return false;
    if (id != p.w->instance) {
        ticker_record_repeats(p);
        p.w->has_result = false;
        p.w->instance = id;
        p.w->on_hold = false;
        publish_initial(p, cs);
    }
    if (p.w->on_hold)
        return false;
    if (cs->state.running)
        return true;
    publish(p, RESULT_FAILURE);
    if (never_again(p, cs))
        worker_end(p);
    return false;
}

static void do_probe(struct worker p, bool manual)
{
    if (!p.kp->status)
        return;
    if (phase_is_terminal(p.kp->status->phase)) {
        worker_end(p);
        return;
    }
    const struct container_status *cs = pod_status_container(p.kp->status, p.c->spec->name);
    if (!cs || !cs->container_id || !look_at_instance(p, cs))
        return;
    if (now_of(p) < old_enough_at(p, cs) || cs->started.value == (p.kind == PROBE_STARTUP))
        return;
    execute(p, manual);
}

/* ---- results ---- */

static void emit(struct worker p, const struct probe_answer *a)
{
    const char *kind = kind_names[p.kind];
    if (a->error && kpod_has(p.kp, FEATURE_PROBE_ERROR_SAYS_STATE))
        kpod_event(p.kp, p.c, true, "Unhealthy", "%s probe errored and resulted in %s state: %s", kind, a->state,
                   a->output);
    else if (a->error)
        kpod_event(p.kp, p.c, true, "Unhealthy", "%s probe errored: %s", kind, a->output);
    else if (a->result == RESULT_FAILURE)
        kpod_event(p.kp, p.c, true, "Unhealthy", "%s probe failed: %s", kind, a->output);
    else if (a->warning)
        kpod_event(p.kp, p.c, true, "ProbeWarning", "%s probe warning: %s", kind, a->output);
}

/* Steps 12 to 15. */
static bool count(struct worker p, enum probe_result result, int32_t *ret_threshold)
{
    struct probe_worker *w = p.w;
    w->run = w->last_result == result ? w->run + 1 : 1;
    w->last_result = result;
    int64_t threshold = result == RESULT_SUCCESS ? w->spec->success_threshold : w->spec->failure_threshold;
    *ret_threshold = (int32_t)threshold;
    return w->run >= threshold;
}

static void finish(struct worker p, const struct probe_answer *a)
{
    struct kubelets *ks = p.kp->all;
    if (a->result == RESULT_SUCCESS && !a->warning && is_steady(p)) {
        ticker_repeated(p, 1, p.w->sent_at, now_of(p) - p.w->sent_at, p.w->line_held_back ? p.w->line : 0);
        return;
    }
    ticker_record_repeats(p);
    struct trace_probe *t = arena_new(ks->arena, struct trace_probe);
    bool act = false;
    int32_t threshold = 0;
    if (!a->error)
        act = count(p, a->result, &threshold);
    *t = (struct trace_probe){
        .container = p.c->spec->name,
        .output = a->result == RESULT_SUCCESS && !a->warning ? "" : a->output,
        .result = a->result,
        .warning = a->warning,
        .run = p.w->run,
        .threshold = threshold,
        .manual = p.w->manual,
        .published = act && (!p.w->has_result || p.w->result != a->result),
        .sent_at = p.w->sent_at,
    };
    sim_set_cause(ks->sim, sim_record(ks->sim, (struct trace_record){
                                                   .object = p.kp->pod->object.ordinal,
                                                   .kind = TRACE_PROBE,
                                                   .component = COMP_PROBER,
                                                   .flags = (uint8_t)p.kind,
                                                   .aux = (uint32_t)p.w->run,
                                                   .text = t->container,
                                                   .data = t,
                                               }));
    emit(p, a);
    if (!act)
        return;
    publish(p, a->result);
    bool on_success = p.kind == PROBE_STARTUP && kpod_has(p.kp, FEATURE_STARTUP_PROBE_HOLDS);
    if (on_success || (p.kind != PROBE_READINESS && a->result == RESULT_FAILURE)) {
        p.w->on_hold = true;
        p.w->run = 0;
    }
}

static void after_run(struct worker p)
{
    p.w->executing = false;
    p.w->line_held_back = false;
    if (p.w->stop_wanted) { /* probe-select: stop, then tick, then trigger */
        worker_end(p);
    } else if (p.w->tick_buffered) {
        p.w->tick_buffered = false;
        do_probe(p, false);
    } else if (p.w->trigger_buffered) {
        p.w->trigger_buffered = false;
        prober_trigger(p.kp, p.c->index, p.kind, false);
    } else {
        ticker_try_repeating(p);
    }
}

/* k8s prober.go maxProbeRetries: attempts that error are repeated at once; an execution is no shorter for it. */
enum { MAX_PROBE_RETRIES = 3 };

/* An attempt has been answered. */
static void conclude(struct worker p, const struct probe_answer *a)
{
    if (a->error && p.w->attempts < MAX_PROBE_RETRIES) {
        attempt(p);
        return;
    }
    finish(p, a);
    after_run(p);
}

/* The program of an exec probe has ended (first call), or its answer has arrived (second call). */
static void exec_done(struct worker p)
{
    struct kubelets *ks = p.kp->all;
    const struct cri_exec *e = cri_exec_result(ks->cri, p.w->exec);
    sim_time cost = kpod_draw(p.kp, HOP_PROBE_EXEC);
    sim_time deadline = p.w->attempt_at + p.w->spec->timeout_seconds * SIM_SECOND;
    if (!p.w->answer_due && cost > 0) {
        p.w->answer_due = true;
        sim_time at = sim_time_add(now_of(p), cost);
        p.w->timed_out = e->timed_out || at > deadline;
        if (p.w->timed_out)
            at = deadline > now_of(p) ? deadline : now_of(p);
        arm_result(p, at);
        return;
    }
    struct probe_target target = target_of(p);
    struct probe_answer a = probe_exec_answer(&target, e, e->timed_out || p.w->timed_out);
    p.w->timed_out = false;
    p.w->answer_until = p.w->attempt_at == p.w->sent_at ? a.lasts_until : 0;
    p.w->answer_world = e->world;
    p.w->pids = e->pids;
    cri_exec_release(ks->cri, p.w->exec);
    p.w->exec = 0;
    conclude(p, &a);
}

/* k8s remote_runtime.go execSyncV1: as if the program had taken too long. */
static void exec_expired(struct worker p)
{
    struct probe_target target = target_of(p);
    struct probe_answer a = probe_exec_answer(&target, NULL, true);
    if (p.w->exec)
        cri_exec_release(p.kp->all->cri, p.w->exec);
    p.w->exec = 0;
    p.w->held = p.w->timed_out = false;
    p.w->answer_until = 0;
    conclude(p, &a);
}

void worker_result(struct worker p)
{
    if (p.w->held) {
        exec_expired(p);
        return;
    }
    if (p.w->exec && kpod_kubelet(p.kp)->hung) {
        hold_exec(p);
        return;
    }
    if (p.w->exec) {
        exec_done(p);
        return;
    }
    struct probe_answer a = p.w->pending;
    if (a.again) {
        p.w->redials++;
        start_network(p);
        return;
    }
    conclude(p, &a);
}

/* ---- workers ---- */

/* k8s worker.go run: a kubelet younger than one period waits a random part of it. */
static sim_time first_sleep(struct worker p)
{
    struct kubelets *ks = p.kp->all;
    sim_time started = kpod_kubelet(p.kp)->started_at;
    if (started == SIM_NEVER || p.w->ticker->period <= now_of(p) - started)
        return 0;
    return profile_probe_sleep(ks->profile, p.kp->stream, p.c->index * PROBE_KIND_COUNT + (uint32_t)p.kind, now_of(p),
                               p.w->ticker->period);
}

/* The loop runs once at once, which finds something only if the container is older than the worker. (A worker
 * that ends with its container is added again by each sync; its first run would tell nothing new.) */
static void begin_loop(struct worker p)
{
    p.w->asleep = false;
    ticker_start(p, now_of(p));
    const struct rt_instance *n = &p.kp->view.containers[p.c->index].newest;
    if (n->id && n->state == CRI_RUNNING)
        do_probe(p, false);
    if (p.w->trigger_buffered && !p.w->executing) { /* one that came during the sleep was kept */
        p.w->trigger_buffered = false;
        prober_trigger(p.kp, p.c->index, p.kind, false);
    }
}

void prober_add_pod(struct kpod *kp)
{
    sim_time now = sim_now(kp->all->sim);
    for (uint32_t i = 0; i < worker_count(kp); i++) {
        struct worker p = worker_of(kp, i);
        if (!p.w->spec || p.w->alive)
            continue;
        p.w->alive = true;
        sim_hold(kp->all->sim);
        sim_time sleep = first_sleep(p);
        p.w->asleep = sleep > 0;
        if (p.w->asleep)
            sim_arm(kp->all->sim, now + sleep, CLASS_PROBE, p.w->ticker->object, TIMER_TICK);
        else
            begin_loop(p);
    }
}

void prober_resume(struct kpod *kp)
{
    for (uint32_t i = 0; i < worker_count(kp); i++) {
        struct worker p = worker_of(kp, i);
        if (!p.w->alive || !p.w->held)
            continue;
        p.w->held = false;
        sim_cancel(kp->all->sim, CLASS_PROBE_RESULT, p.w->ticker->object, 0);
        if (p.w->exec) { /* it has ended meanwhile */
            arm_result(p, now_of(p));
            continue;
        }
        p.w->sent_at = p.w->attempt_at = now_of(p);
        start_exec(p);
    }
}

void prober_forget_pod(struct kpod *kp)
{
    for (uint32_t i = 0; i < worker_count(kp); i++) {
        struct worker p = worker_of(kp, i);
        ticker_settle(p);
        if (p.w->alive)
            worker_end(p);
    }
}

void prober_trigger(struct kpod *kp, uint32_t container, enum probe_kind kind, bool now)
{
    const struct probe_ticker *t = kp->containers[container].probes[kind]->ticker;
    if (now)
        worker_triggered(worker_of(kp, container * PROBE_KIND_COUNT + (uint32_t)kind));
    else
        sim_arm(kp->all->sim, sim_now(kp->all->sim), CLASS_PROBE, t->object, TIMER_TRIGGER);
}

static void stop(struct worker p)
{
    if (!p.w->alive)
        return;
    ticker_settle(p);
    if (p.w->executing) /* takes effect when the probe returns */
        p.w->stop_wanted = true;
    else
        worker_end(p);
}

/* k8s prober_manager.go StopLivenessAndStartup: regular containers only. */
void prober_stop_liveness_and_startup(struct kpod *kp)
{
    for (uint32_t i = kp->init_count; i < kp->container_count; i++) {
        stop(worker_of(kp, i * PROBE_KIND_COUNT + PROBE_LIVENESS));
        stop(worker_of(kp, i * PROBE_KIND_COUNT + PROBE_STARTUP));
    }
}

void prober_remove_pod(struct kpod *kp)
{
    for (uint32_t i = 0; i < worker_count(kp); i++)
        stop(worker_of(kp, i));
}

void worker_tick(struct worker p)
{
    if (p.w->asleep)
        begin_loop(p);
    else if (p.w->executing) /* one is kept, more are dropped */
        p.w->tick_buffered = true;
    else
        do_probe(p, false);
}

void worker_triggered(struct worker p)
{
    if (!p.w->alive)
        return;
    ticker_settle(p);
    if (p.w->executing || p.w->asleep) {
        p.w->trigger_buffered = true;
        return;
    }
    if (kpod_has(p.kp, FEATURE_MANUAL_PROBE_SETS_PHASE))
        ticker_start(p, now_of(p));
    do_probe(p, true);
    if (p.w->alive)
        ticker_arm(p);
}
