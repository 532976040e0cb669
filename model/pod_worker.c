/* pod_worker.c - one pod's worker: SyncPod, SyncTerminatingPod, SyncTerminatedPod as one resumable
 * program. A run goes from step to step until a call blocks (a pull, a hook, a stop); what completes
 * the call resumes it. Runs are strictly serial; updates that come meanwhile cause one more run.
 *
 * Mirrors k8s pkg/kubelet/pod_workers.go, kubelet.go SyncPod/SyncTerminatingPod/SyncTerminatedPod and
 * kuberuntime_manager.go SyncPod (v1.36). Rules: semantics/kubelet.md 1.3, 1.5, 2.4, 2.5, 8.3, 8.4.
 * Left out on purpose: cgroups.
 */
#include <string.h>

#include "model/classes.h"
#include "model/kubelet.h"
#include "model/pod_dns.h"
#include "sim/cover.h"

/* k8s pkg/kubelet/kubelet.go backOffPeriod; config v1beta1 syncFrequency;
 * volumemanager/volume_manager.go podAttachAndMountRetryInterval, ...Timeout. */
#define RETRY_AFTER_ERROR (10 * SIM_SECOND)
/* k8s pkg/kubelet/pod_workers.go backOffOnTransientErrorPeriod. */
#define RETRY_WITHOUT_NETWORK SIM_SECOND
#define SYNC_FREQUENCY        (60 * SIM_SECOND)
#define VOLUME_POLL           (300 * SIM_MS)
#define VOLUME_TIMEOUT        (123 * SIM_SECOND)

static void advance(struct kpod *kp);

/* ---- when to run ---- */

/* The first instant at which the runtime cache is newer than the end of the previous run:
 * kubelet.md 1.3 step 3. */
static sim_time fresh_at(const struct kpod *kp)
{
    const struct profile *p = kp->all->profile;
    if (kp->last_end == SIM_NEVER || kp->fresh || p->pleg_period == 0)
        return kpod_now(kp);
    return profile_next_relist(p, kpod_kubelet(kp)->name, kp->last_end);
}

void podworker_queue(struct kpod *kp, sim_time delay)
{
    if (kp->work == WORK_FINISHED || kp->rejected)
        return;
    /* k8s pod_workers.go UpdatePod: a terminal phase in the API, whoever wrote it, begins the teardown. Writing it is
     * no update of its own (kubelet.go HandlePodReconcile): it counts at the next one. */
    if (kp->work == WORK_SYNC && !kp->termination_asked && phase_is_terminal(kp->pod->status.phase))
        podworker_terminate(kp, -1, -1);
    /* A worker that waits for fresh data has taken its update already: what comes meanwhile asks for one more
     * run (k8s pod_workers.go podWorkerLoop; recorded: poststart-fails, BackOff at 10.0 and 11.0;
     * probes-many-phases, the container behind a startup probe). Its run takes no time here: what comes at
     * the instant at which it ended came while it ran. */
    if (kp->waits_fresh && kpod_now(kp) > kp->waits_since) {
        kp->again = true;
        return;
    }
    kp->pending = true;
    if (kp->busy)
        return;
    sim_time at = sim_time_add(kpod_now(kp), delay), fresh = fresh_at(kp);
    if (fresh > at && !kp->waits_fresh) {
        kp->waits_fresh = true;
        kp->waits_since = at;
    }
    sim_arm_by(kp->all->sim, at > fresh ? at : fresh, CLASS_POD_WORKER, kp->object, PW_WORKER);
}

void podworker_release(struct kpod *kp)
{
    kp->waits_fresh = false;
    sim_arm(kp->all->sim, kpod_now(kp), CLASS_POD_WORKER, kp->object, PW_WORKER);
}

/* kubelet.md 8.4: the worker's grace only ever shrinks. */
void podworker_terminate(struct kpod *kp, int64_t deletion_grace, int64_t override_grace)
{
    const int64_t given[] = {deletion_grace, override_grace}, before = kp->grace;
    for (size_t i = 0; i < ARRAY_LEN(given); i++) {
        if (given[i] >= 0 && (kp->grace == 0 || given[i] < kp->grace))
            kp->grace = given[i] < 1 ? 1 : given[i];
    }
    const struct opt_i64 spec = kpod_spec(kp)->termination_grace_period_seconds;
    if (kp->grace == 0)
        kp->grace = spec.set && spec.value > 0 ? spec.value : spec.set ? 1 : 30;
    ASSERT(kp->grace >= 1);
    ASSERT(before == 0 || kp->grace <= before);
    kp->termination_asked = true;
    prober_wake(kp);
    kp->grace_overrides = true;
    if (kp->busy && kp->step == STEP_VOLUMES) { /* the wait for volumes is cancelled, nothing else is */
        sim_cancel(kp->all->sim, CLASS_RUNTIME, kp->object, RT_OP);
        kp->volume_cancelled = true;
        kp->pending = true;
        advance(kp);
        return;
    }
}

void podworker_kill(struct kpod *kp, int64_t grace, const struct pod_override *why)
{
    if (!kp->override)
        kp->override = why;
    podworker_terminate(kp, -1, grace);
    podworker_queue(kp, 0);
}

/* ---- blocking ---- */

bool podworker_block(struct kpod *kp, sim_time cost)
{
    if (cost <= 0)
        return runtime_stalls(kp, CLASS_RUNTIME, RT_OP) == STALL_WAITS;
    kpod_arm(kp, sim_time_add(kpod_now(kp), cost), CLASS_RUNTIME, RT_OP);
    return true;
}

void podworker_resume(struct kpod *kp)
{
    ASSERT(kp->busy);
    advance(kp);
}

void podworker_container_stopped(struct kcontainer *c, struct kpod *kp)
{
    (void)c;
    bool waits = kp->step == STEP_KILL_POD || kp->step == STEP_KILL_MARKED || kp->step == STEP_RESET ||
                 kp->step == STEP_TERM_KILL || kp->step == STEP_POST_START_KILL;
    if (waits && !kp->killing && !kills_pending(kp))
        advance(kp);
}

/* ---- stopping containers ---- */

static const struct rt_instance *seen(const struct kpod *kp, uint32_t i) { return &kp->view.containers[i].newest; }

static void kill_all(struct kpod *kp)
{
    kp->killing = true;
    for (uint32_t i = 0; i < kpod_all(kp); i++) {
        if (container_runs(kp, &kp->containers[i]))
            kill_mark(&kp->containers[i]);
    }
    for (uint32_t i = 0; i < kpod_all(kp); i++) {
        struct kcontainer *c = &kp->containers[i];
        if (c->kill == KILL_MARKED)
            kill_container(kp, c, kill_grace(kp, c, KILL_NONE), kill_message(kp, c, KILL_NONE, false));
    }
    kp->killing = false;
}

static void forget_failed_stops(struct kpod *kp)
{
    for (uint32_t i = 0; i < kpod_all(kp); i++)
        kp->containers[i].stop_failed = false;
}

/* StopContainer has expired: the runtime hangs. */
static bool some_stop_failed(const struct kpod *kp)
{
    for (uint32_t i = 0; i < kpod_all(kp); i++) {
        if (kp->containers[i].stop_failed)
            return true;
    }
    return false;
}

static bool sandbox_up(const struct kpod *kp)
{
    return kp->sandbox && !cri_sandbox(kp->all->cri, kp->sandbox)->stopped;
}

/* ---- the end of a run ---- */

/* A resync can only matter to a pod that a readiness run might make ready: everything else that
 * changes announces itself. k8s syncFrequency, kubelet.md 1.3 step 6. */
static bool resync_matters(const struct kpod *kp)
{
    if (resize_asks_each_sync(kp))
        return true;
    for (uint32_t i = 0; i < kp->container_count; i++) {
        const struct kcontainer *c = &kp->containers[i];
        if (!c->probes[PROBE_READINESS]->alive || !kp->status)
            continue;
        const struct container_status *s = pod_status_container(kp->status, c->spec->name);
        if (s->state.running && s->started.value && !s->ready)
            return true;
    }
    return false;
}

void podworker_retry_at(struct kpod *kp, sim_time due)
{
    const struct profile *p = kp->all->profile;
    sim_time at = p->sync_tick_period ? profile_next_sync_tick(p, kpod_kubelet(kp)->name, due) : due;
    kpod_arm(kp, at, CLASS_NODE_TIMER, NT_REQUEUE);
}

enum { REQUEUE_SUCCESS, REQUEUE_ERROR, REQUEUE_EXPIRY, REQUEUE_CAPPED, REQUEUE_NETWORK };
COVER_TABLE(requeue, "when a sync is repeated", "success: at the resync", "error: after 10 s",
            "error, since 1.35: when the back-off expires", "error, since 1.35: at most after 60 s",
            "the network is not ready: after 1 s");

sim_time podworker_resync_at(const struct kpod *kp)
{
    return profile_retry(kp->all->profile, kp->pod->object.meta.name, kp->stream, kp->last_end, SYNC_FREQUENCY,
                         SIM_NEVER);
}

void podworker_resync_matters(struct kpod *kp)
{
    const struct profile *p = kp->all->profile;
    if (kp->work != WORK_SYNC || kp->busy || kp->last_end == SIM_NEVER)
        return;
    sim_time due = podworker_resync_at(kp), now = kpod_now(kp);
    if (due <= now) /* there have been some already, which changed nothing */
        due = sim_time_next_tick(now, SYNC_FREQUENCY, due % SYNC_FREQUENCY);
    sim_time at = p->sync_tick_period ? profile_next_sync_tick(p, kpod_kubelet(kp)->name, due) : due;
    sim_arm_by(kp->all->sim, at, CLASS_NODE_TIMER, kp->object, NT_REQUEUE);
}

static void requeue(struct kpod *kp)
{
    const struct profile *p = kp->all->profile;
    const char *pod = kp->pod->object.meta.name;
    sim_time now = kpod_now(kp), wait = RETRY_AFTER_ERROR;
    sim_cancel(kp->all->sim, CLASS_NODE_TIMER, kp->object, NT_REQUEUE);
    if (!kp->failed) {
        COVER(requeue, REQUEUE_SUCCESS);
        if (resync_matters(kp))
            podworker_retry_at(kp, profile_retry(p, pod, kp->stream, now, SYNC_FREQUENCY, SIM_NEVER));
        return;
    }
    if (kp->no_network) {
        COVER(requeue, REQUEUE_NETWORK);
        podworker_retry_at(kp, profile_retry(p, pod, kp->stream, now, RETRY_WITHOUT_NETWORK, SIM_NEVER));
        return;
    }
    bool expires = kpod_has(kp, FEATURE_RETRY_AT_BACK_OFF_EXPIRY) && kp->retry_at != SIM_NEVER;
    COVER(requeue, !expires ? REQUEUE_ERROR : kp->retry_at - now > SYNC_FREQUENCY ? REQUEUE_CAPPED : REQUEUE_EXPIRY);
    if (expires) {
        wait = kp->retry_at - now;
        wait = wait < 0 ? 0 : wait > SYNC_FREQUENCY ? SYNC_FREQUENCY : wait;
    }
    podworker_retry_at(kp, profile_retry(p, pod, kp->stream, now, wait, kp->retry_at));
}

/* `transition`: the worker goes on to its next stage by itself. */
static void end_run(struct kpod *kp, bool transition)
{
    kp->busy = false;
    kp->step = STEP_IDLE;
    kp->last_end = kpod_now(kp);
    kp->fresh = false;
    bool relist = kpod_has(kp, FEATURE_PLEG_ON_DEMAND_RELIST);
    if (relist && kp->work == WORK_SYNC && kp->acted && !kp->failed)
        kpod_arm(kp, kpod_now(kp) + kpod_draw_for(kp, kp->created, kp->created_attempt, HOP_RELIST_POD), CLASS_PLEG,
                 0);
    if (transition)
        kp->pending = true;
    else if (kp->work != WORK_FINISHED)
        requeue(kp);
    if (kp->work == WORK_FINISHED)
        kp->pending = false;
    if (kp->pending)
        podworker_queue(kp, 0);
}

/* ---- SyncPod ---- */

static void begin_sync(struct kpod *kp)
{
    kp->acted = kp->failed = false;
    kp->retry_at = SIM_NEVER;
    resize_check(kp);
    const char *phase = status_sync(kp, STATUS_SYNC);
    if (phase_is_terminal(phase)) { /* natural end or deadline: spec grace for what is left */
        kp->work = WORK_TERMINATING;
        end_run(kp, true);
        return;
    }
    kp->no_network = kpod_kubelet(kp)->network_down && !kpod_spec(kp)->host_network;
    if (kp->no_network) {
        kpod_event(kp, NULL, true, "NetworkNotReady", "network is not ready: %s", NETWORK_NOT_READY);
        kp->failed = true;
        kp->step = STEP_END;
        return;
    }
    kp->mirror_deleted = kp->mirror_created = false;
    kp->step = STEP_LET_PROBE;
    kp->volumes_since = SIM_NEVER;
}

/* A readiness run that this status asks for is on its way at once, while the worker still sees to directories,
 * volumes and secrets: it comes before a signal of this sync (recorded: liveness-and-readiness-http-fail, where the
 * server that is about to be killed answers). */
static bool let_probe(struct kpod *kp)
{
    if (kp->lets_probe) {
        kp->lets_probe = false;
        sim_arm(kp->all->sim, kpod_now(kp), CLASS_POD_WORKER, kp->object, PW_WORKER);
        return true;
    }
    kp->step = kp->own ? STEP_MIRROR : STEP_VOLUMES;
    return false;
}

/* Any volume costs one poll; the service-account token volume is one. kubelet.md 2.3. */
static sim_time volume_cost(struct kpod *kp)
{
    const struct pod_spec *s = kpod_spec(kp);
    bool token = !s->automount_service_account_token.set || s->automount_service_account_token.value;
    return token || s->volumes.count ? kpod_draw(kp, HOP_VOLUME_SETUP) : 0;
}

static bool volumes(struct kpod *kp)
{
    sim_time now = kpod_now(kp);
    if (kp->volume_cancelled) {
        kp->volume_cancelled = false;
        kp->failed = true;
        kp->step = STEP_END;
        return false;
    }
    if (kp->volumes_ready) {
        volumes_refresh(kp);
        kp->step = STEP_PLAN;
        return false;
    }
    bool first = kp->volumes_since == SIM_NEVER;
    if (first)
        kp->volumes_since = now;
    bool all = volumes_mount(kp);
    sim_time cost = volume_cost(kp);
    if (all && first && podworker_block(kp, cost))
        return true;
    if (all) {
        kp->volumes_ready = true;
        kp->step = STEP_PLAN;
        return false;
    }
    if (now - kp->volumes_since >= VOLUME_TIMEOUT) {
        volumes_timed_out(kp);
        kp->failed = true;
        kp->step = STEP_END;
        return false;
    }
    sim_time left = kp->volumes_since + VOLUME_TIMEOUT - now;
    return podworker_block(kp, left);
}

void podworker_volumes_changed(struct kpod *kp)
{
    if (!kp->busy || kp->step != STEP_VOLUMES)
        return;
    /* The wait polls every 0.3 s from its beginning. */
    sim_time at = sim_time_next_tick(kpod_now(kp) - 1, VOLUME_POLL, kp->volumes_since % VOLUME_POLL);
    kpod_arm(kp, at, CLASS_RUNTIME, RT_OP);
}

static void plan(struct kpod *kp)
{
    struct arena *a = kp->all->scratch;
    prober_add_pod(kp);
    enum probe_result *liveness = arena_array(a, enum probe_result, kp->container_count);
    enum probe_result *startup = arena_array(a, enum probe_result, kp->container_count);
    for (uint32_t i = 0; i < kp->container_count; i++) {
        const struct probe_worker *live = kp->containers[i].probes[PROBE_LIVENESS];
        const struct probe_worker *start = kp->containers[i].probes[PROBE_STARTUP];
        uint32_t id = seen(kp, i)->id;
        liveness[i] = live->has_result && live->instance == id ? live->result : RESULT_UNKNOWN;
        startup[i] = start->has_result && start->instance == id ? start->result : RESULT_UNKNOWN;
    }
    memset(kp->plan.containers, 0, kpod_all(kp) * sizeof(*kp->plan.containers));
    kp->plan = (struct pod_actions){.containers = kp->plan.containers, .reset = kp->plan.reset};
    struct actions_input in = {
        .spec = kpod_spec(kp),
        .view = &kp->view,
        .liveness = liveness,
        .startup = startup,
        .deleting = kp->pod->object.meta.deletion_timestamp != SIM_NEVER,
        .restarting_all = kpod_has(kp, FEATURE_RESTART_ALL_CONTAINERS) && restart_all_in_progress(kp->status),
        .resize = resize_actions(kp),
    };
    compute_pod_actions(&in, &kp->plan);
    kp->plan_at = 0;
    forget_failed_stops(kp);
    if (!kp->plan.kill_pod) {
        kp->step = kp->plan.create_sandbox ? STEP_SANDBOX : STEP_KILL_MARKED;
        kp->op_began = SIM_NEVER;
        return;
    }
    if (kp->plan.create_sandbox)
        kpod_event(kp, NULL, false, "SandboxChanged", "Pod sandbox changed, it will be killed and re-created.");
    kp->acted = true;
    kp->step = STEP_KILL_POD;
    kill_all(kp);
}

/* It goes no further. */
static bool fail_sync(struct kpod *kp)
{
    kp->failed = true;
    kp->step = STEP_END;
    return false;
}

/* One marked container after the other. True when it blocks. */
static bool kill_marked(struct kpod *kp)
{
    if (some_stop_failed(kp))
        return fail_sync(kp);
    while (kp->plan_at < kp->container_count) {
        struct kcontainer *c = &kp->containers[kp->plan_at];
        const struct container_action *action = &kp->plan.containers[kp->plan_at++];
        if (action->kill == KILL_NONE)
            continue;
        kp->acted = true;
        kp->killing = true;
        kill_container(kp, c, kill_grace(kp, c, action->kill), kill_message(kp, c, action->kill, action->start));
        kp->killing = false;
        if (kills_pending(kp))
            return true;
    }
    kp->plan_at = 0;
    kp->step = STEP_RESET;
    return false;
}

static void forget_instances(struct kpod *kp, struct kcontainer *c)
{
    if (c->newest)
        cri_remove_container(kp->all->cri, c->newest);
    if (c->previous)
        cri_remove_container(kp->all->cri, c->previous);
    c->newest = c->previous = 0;
    prober_wake(kp);
}

/* A kubelet lets no time pass between rounds: there is no back-off, it syncs again at once and looks for itself
 * (kubelet.go SyncPod: UpdatePod, RequestPodRelist). Only what the runtime's calls and the program take holds it up. */
static void count_round(struct kpod *kp)
{
    enum { ROUNDS_MAX = 200 };
    const struct object_meta *m = &kp->pod->object.meta;
    sim_time now = kpod_now(kp);
    kp->reset_rounds = kp->reset_at == now ? kp->reset_rounds + 1 : 1;
    kp->reset_at = now;
    if (kp->reset_rounds <= ROUNDS_MAX)
        return;
    sim_limit(kp->all->sim,
              arena_printf(kp->all->scratch, "%d rounds of RestartAllContainers at one instant, pod %s/%s", ROUNDS_MAX,
                           m->namespace_, m->name),
              "the action has no back-off, and nothing takes time here: set spec.timing.profile to typical, or "
              "spec.timing.latencies.containerStart to 100ms, or let the container sleep before it exits");
}

/* RestartAllContainers: stops and removes one container after the other, then syncs again at once
 * (k8s kuberuntime_manager.go SyncPod step 3, kubelet.go SyncPod). True when it blocks. */
static bool reset_containers(struct kpod *kp)
{
    if (some_stop_failed(kp))
        return fail_sync(kp);
    if (kp->plan_at == 0 && kp->plan.reset_count)
        count_round(kp);
    while (kp->plan_at < kp->plan.reset_count) {
        struct kcontainer *c = &kp->containers[kp->plan.reset[kp->plan_at]];
        if (container_runs(kp, c)) {
            kp->killing = true;
            kill_container(kp, c, (struct stop_grace){0, -1}, "killing");
            kp->killing = false;
        }
        if (kills_pending(kp))
            return true;
        forget_instances(kp, c);
        kp->acted = kp->pending = true;
        kp->plan_at++;
    }
    resize_actuate(kp);
    container_starts_begin(kp);
    return false;
}

/* Stops the sandbox if it is up. True when it blocks; call again after that. It may expire. */
static bool stop_sandbox(struct kpod *kp)
{
    kp->call_failed = kp->call_expired;
    kp->call_expired = false;
    if (kp->call_failed)
        return false;
    if (!sandbox_up(kp))
        return false;
    if (kp->op_began == SIM_NEVER) {
        kp->op_began = kpod_now(kp);
        if (podworker_block(kp, kpod_draw(kp, HOP_SANDBOX_STOP)))
            return true;
    }
    cri_stop_sandbox(kp->all->cri, kp->sandbox);
    kp->acted = true;
    return false;
}

static void after_sandbox_stop(struct kpod *kp)
{
    kp->failed |= kp->call_failed || some_stop_failed(kp);
    if (!kp->plan.create_sandbox || kp->failed) {
        kp->step = STEP_END;
        return;
    }
    for (uint32_t i = 0; i < kp->init_count; i++) /* they run again; their old instances are removed first */
        forget_instances(kp, &kp->containers[i]);
    kp->step = STEP_SANDBOX;
    kp->op_began = SIM_NEVER;
}

/* The condition is published as soon as the sandbox is up. */
static void publish_sandbox(struct kpod *kp)
{
    if (!kpod_has(kp, FEATURE_SANDBOX_PUBLISHED_AT_ONCE))
        return;
    struct pod_status *s = pod_status_clone(kp->all->scratch, kp->status);
    for (uint32_t i = 0; i < s->conditions.count; i++) {
        struct pod_condition *c = &s->conditions.items[i];
        if (strcmp(c->type, "PodReadyToStartContainers") == 0 && !text_is(c->status, "True")) {
            c->status = "True";
            c->last_transition_time = api_second(kpod_now(kp));
        }
    }
    status_set(kp, s, false);
}

static bool create_sandbox(struct kpod *kp)
{
    struct kubelets *ks = kp->all;
    struct kubelet *k = kpod_kubelet(kp);
    if (kp->op_began == SIM_NEVER) {
        kp->op_began = kpod_now(kp);
        if (podworker_block(kp, kpod_draw_for(kp, NULL, kp->plan.attempt, HOP_SANDBOX_CREATE)))
            return true;
    }
    const char *error = kp->call_expired ? CALL_EXPIRED : k->sandbox_error;
    kp->call_expired = false;
    if (error) {
        kpod_event(kp, NULL, true, "FailedCreatePodSandBox", "Failed to create pod sandbox: %s", error);
        kp->failed = true;
        kp->step = STEP_END;
        return false;
    }
    const struct pod_spec *s = kpod_spec(kp);
    const struct object_meta *m = &kp->pod->object.meta;
    kp->ip = s->host_network ? k->ip : kubelet_allocate_ip(k, ks);
    struct cri_sandbox_config config = {
        .pod_ordinal = kp->pod->object.ordinal,
        .namespace_ = m->namespace_,
        .name = m->name,
        .uid = m->uid,
        .hostname = s->hostname ? s->hostname : m->name,
        .domain = s->subdomain && *s->subdomain
                      ? arena_printf(kp->all->arena, "%s.%s.svc.cluster.local", s->subdomain, m->namespace_)
                      : NULL,
        .ip = kp->ip,
        .node_name = k->name,
        .attempt = kp->plan.attempt,
        .host_network = s->host_network,
        .share_pid = s->share_process_namespace.value || s->host_pid,
        .host_pid = s->host_pid,
        .oom_single = !kpod_has(kp, FEATURE_OOM_KILLS_GROUP) || ks->config->single_process_oom_kill,
        .memory_limit_bytes = kpod_has(kp, FEATURE_POD_LEVEL_RESOURCES) ? memory_limit_of(&s->resources) : 0,
    };
    config.host_aliases.items = s->host_aliases.items;
    config.host_aliases.count = s->host_aliases.count;
    str_list warnings;
    config.dns = pod_dns(ks->arena, kp->pod, &warnings);
    for (uint32_t i = 0; i < warnings.count; i++)
        kpod_event(kp, NULL, true, "DNSConfigForming", "%s", warnings.items[i]);
    config.labels = m->labels;
    config.annotations = m->annotations;
    kp->sandbox = cri_run_sandbox(ks->cri, &config);
    kp->acted = true;
    resize_sandbox_created(kp);
    publish_sandbox(kp);
    container_starts_begin(kp);
    return false;
}

/* ---- termination ---- */

static void begin_terminating(struct kpod *kp)
{
    kp->acted = kp->failed = false;
    if (!kp->orphan)
        status_sync(kp, STATUS_TERMINATING);
    prober_stop_liveness_and_startup(kp);
    forget_failed_stops(kp);
    kp->step = STEP_TERM_KILL;
    kill_all(kp);
}

/* k8s container/sync_result.go PodSyncResult.Error: everything that failed. */
static const char *kill_errors(struct kpod *kp)
{
    struct strbuf b = STRBUF_INIT;
    uint32_t count = 0;
    for (uint32_t i = 0; i < kpod_all(kp); i++) {
        if (kp->containers[i].stop_failed)
            strbuf_printf(&b, "%sfailed to \"KillContainer\" for \"%s\" with KillContainerError: \"%s\"",
                          count++ ? ", " : "", kp->containers[i].spec->name, CALL_EXPIRED);
    }
    if (kp->call_failed)
        strbuf_printf(&b, "%sfailed to \"KillPodSandbox\" for \"%s\" with KillPodSandboxError: \"%s\"",
                      count++ ? ", " : "", kp->pod->object.meta.uid, CALL_EXPIRED);
    const char *list = arena_printf(kp->all->arena, count > 1 ? "[%s]" : "%s", strbuf_str(&b));
    strbuf_fini(&b);
    return list;
}

/* The sandbox was asked to stop, too, whatever became of the containers: k8s kuberuntime_manager.go
 * killPodWithSyncResult, kubelet.go SyncTerminatingPod. True: the stage is repeated. */
static bool terminating_failed(struct kpod *kp)
{
    kp->failed = kp->call_failed || some_stop_failed(kp);
    if (!kp->failed)
        return false;
    kpod_event(kp, NULL, true, "FailedKillPod", "error killing pod: %s", kill_errors(kp));
    kp->retry_at = SIM_NEVER;
    kp->no_network = false;
    end_run(kp, false);
    return true;
}

static void finish_terminating(struct kpod *kp)
{
    if (terminating_failed(kp))
        return;
    prober_remove_pod(kp);
    kubelet_relist_pod(kp);
    kubelet_release(kpod_kubelet(kp), kp);
    preemption_pod_stopped(kp);
    if (kp->orphan) { /* k8s SyncTerminatingRuntimePod: nothing comes after it */
        kp->work = WORK_FINISHED;
        end_run(kp, false);
        if (kp->final_status) { /* it was refused; its phase has been held back */
            kp->reconcile = true;
            status_bulk_want(kp->all, kpod_kubelet(kp));
        }
        return;
    }
    if (kpod_has(kp, FEATURE_TERMINAL_PHASE_ON_DELETE)) /* before: only SyncTerminatedPod says how they ended */
        status_sync(kp, STATUS_FINAL);
    kp->work = WORK_TERMINATED;
    eviction_pod_stopped(kp);
    end_run(kp, true);
}

static bool begin_terminated(struct kpod *kp)
{
    status_sync(kp, STATUS_FINAL);
    kp->step = STEP_UNMOUNT;
    return podworker_block(kp, kpod_draw(kp, HOP_UNMOUNT));
}

static void finish_terminated(struct kpod *kp)
{
    node_images_look(kp->all, kpod_kubelet(kp));
    kp->work = WORK_FINISHED;
    kp->acted = kp->failed = false;
    status_terminate_pod(kp);
    end_run(kp, false);
    shutdown_pod_finished(kp);
}

/* ---- the program ---- */

static void begin(struct kpod *kp)
{
    if (kp->work == WORK_SYNC && kp->termination_asked)
        kp->work = WORK_TERMINATING;
    switch (kp->work) {
    case WORK_SYNC:
        begin_sync(kp);
        break;
    case WORK_TERMINATING:
        begin_terminating(kp);
        break;
    case WORK_TERMINATED:
    case WORK_FINISHED:
        kp->step = STEP_UNMOUNT_BEGIN;
        break;
    }
}

static bool step(struct kpod *kp) /* true: blocked */
{
    switch (kp->step) {
    case STEP_IDLE:
        return true;
    case STEP_BEGIN:
        begin(kp);
        return false;
    case STEP_LET_PROBE:
        return let_probe(kp);
    case STEP_MIRROR:
        if (static_pods_reconcile(kp))
            return true;
        kp->step = STEP_VOLUMES;
        return false;
    case STEP_VOLUMES:
        return volumes(kp);
    case STEP_PLAN:
        plan(kp);
        return false;
    case STEP_KILL_POD:
        if (kills_pending(kp))
            return true;
        kp->step = STEP_STOP_SANDBOX;
        kp->op_began = SIM_NEVER;
        return false;
    case STEP_STOP_SANDBOX:
        if (stop_sandbox(kp))
            return true;
        after_sandbox_stop(kp);
        return false;
    case STEP_KILL_MARKED:
        return kills_pending(kp) || kill_marked(kp);
    case STEP_RESET:
        return kills_pending(kp) || reset_containers(kp);
    case STEP_SANDBOX:
        return create_sandbox(kp);
    case STEP_START_NEXT:
    case STEP_INSPECT:
    case STEP_PULL:
    case STEP_CREATE:
    case STEP_START:
    case STEP_POST_START:
    case STEP_POST_START_KILL:
        return container_start_step(kp);
    case STEP_END:
        end_run(kp, false);
        return false;
    case STEP_TERM_KILL:
        if (kills_pending(kp))
            return true;
        kp->step = STEP_TERM_SANDBOX;
        kp->op_began = SIM_NEVER;
        return false;
    case STEP_TERM_SANDBOX:
        if (stop_sandbox(kp))
            return true;
        finish_terminating(kp);
        return false;
    case STEP_UNMOUNT_BEGIN:
        return begin_terminated(kp);
    case STEP_UNMOUNT:
        finish_terminated(kp);
        return false;
    }
    return true;
}

static void advance(struct kpod *kp)
{
    while (!step(kp))
        continue;
}

void podworker_run(struct kpod *kp)
{
    if (kp->busy && kp->step == STEP_LET_PROBE) {
        advance(kp);
        return;
    }
    if (kp->busy || !kp->pending)
        return;
    if (kp->waits_fresh && kpod_kubelet(kp)->hung) /* no relist has an answer: runtime_hang.c wakes it */
        return;
    kp->pending = kp->waits_fresh = false;
    if (kp->own && !kp->static_started && !kp->orphan && !static_pods_turn(kp))
        return;
    kp->busy = true;
    kp->step = STEP_BEGIN;
    advance(kp);
}
