/* container_start.c - starting the containers that a sync starts, one after the other: back-off, image,
 * configuration, create, start, postStart.
 *
 * Mirrors k8s pkg/kubelet/kuberuntime/kuberuntime_container.go startContainer (v1.36); rules: semantics/kubelet.md
 * 2.4 steps 6 to 9, 2.5, 7.1. A part of the pod worker's program: each step that takes time blocks it (pod_worker.c).
 */
#include "model/classes.h"
#include "model/kubelet.h"

static sim_time newest_exit(const struct kpod *kp, uint32_t i)
{
    const struct rt_container *c = &kp->view.containers[i];
    if (c->newest.id && c->newest.state == CRI_EXITED)
        return c->newest.finished_at;
    return c->previous.id ? c->previous.finished_at : SIM_NEVER;
}

static void start_failed(struct kpod *kp, struct kcontainer *c, struct waiting_reason reason, sim_time retry_at)
{
    c->reason = reason;
    kp->failed = true;
    if (retry_at != SIM_NEVER && (kp->retry_at == SIM_NEVER || retry_at < kp->retry_at))
        kp->retry_at = retry_at;
    bool regular_init = c->init && !container_is_sidecar(c->spec);
    kp->plan_at = regular_init ? kp->container_count : kp->plan_at + 1;
    kp->step = STEP_START_NEXT;
}

/* What the runtime, or the container's configuration, has against it. */
static void start_fails(struct kpod *kp, struct kcontainer *c, const char *reason, const char *error)
{
    kpod_event(kp, c, true, "Failed", "Error: %s", error);
    start_failed(kp, c, (struct waiting_reason){reason, error}, SIM_NEVER);
}

static void record_backoff(struct kpod *kp, const struct kcontainer *c, const char *message, sim_time window)
{
    struct trace_container *t = arena_new(kp->all->arena, struct trace_container);
    *t = (struct trace_container){
        .container = c->spec->name, .attempt = c->next_attempt, .init = c->init, .message = message};
    sim_record(kp->all->sim, (struct trace_record){
                                 .object = kp->pod->object.ordinal,
                                 .kind = TRACE_BACKOFF,
                                 .component = COMP_KUBELET,
                                 .aux = (uint32_t)(window / SIM_MS),
                                 .text = c->spec->name,
                                 .data = t,
                             });
}

/* True: it must wait; the reason is stored. */
static bool in_backoff(struct kpod *kp, struct kcontainer *c)
{
    sim_time until;
    uint64_t key = crash_backoff_key(c->spec, kpod_has(kp, FEATURE_BACK_OFF_KEY_HAS_RESOURCES));
    if (!backoff_blocks(&c->backoff, kp->all->crash_backoff, key, newest_exit(kp, c->index), kpod_now(kp), &until))
        return false;
    struct arena *a = kp->all->arena;
    const struct object_meta *m = &kp->pod->object.meta;
    const char *pod = arena_printf(a, "%s_%s(%s)", m->name, m->namespace_, m->uid);
    struct strbuf b = STRBUF_INIT;
    strbuf_go_duration(&b, c->backoff.window);
    const char *message =
        arena_printf(a, "back-off %s restarting failed container=%s pod=%s", strbuf_str(&b), c->spec->name, pod);
    strbuf_fini(&b);
    if (kpod_has(kp, FEATURE_BACK_OFF_NAMES_CONTAINER))
        kpod_event(kp, c, true, "BackOff", "Back-off restarting failed container %s in pod %s", c->spec->name, pod);
    else
        kpod_event(kp, c, true, "BackOff", "Back-off restarting failed container");
    record_backoff(kp, c, message, c->backoff.window);
    start_failed(kp, c, (struct waiting_reason){"CrashLoopBackOff", message}, until);
    return true;
}

void container_starts_begin(struct kpod *kp)
{
    kp->starting_ephemeral = kp->ephemeral_count > 0;
    kp->plan_at = kp->starting_ephemeral ? kp->container_count : 0;
    kp->step = STEP_START_NEXT;
}

/* Did the call that blocked the worker end without an answer? */
static bool call_expired(struct kpod *kp)
{
    bool expired = kp->call_expired;
    kp->call_expired = false;
    return expired;
}

static void ensure_image(struct kpod *kp, struct kcontainer *c)
{
    struct waiting_reason reason;
    kp->step = STEP_PULL;
    switch (image_ensure(kp, c, &reason)) {
    case IMAGE_READY:
        kp->step = STEP_CREATE;
        kp->op_began = SIM_NEVER;
        break;
    case IMAGE_WAIT:
        break;
    case IMAGE_FAILED:
        start_failed(kp, c, reason, SIM_NEVER);
        break;
    }
}

static void start_next(struct kpod *kp)
{
    uint32_t end = kp->starting_ephemeral ? kpod_all(kp) : kp->container_count;
    while (kp->plan_at < end && !kp->plan.containers[kp->plan_at].start)
        kp->plan_at++;
    if (kp->plan_at == end && kp->starting_ephemeral) {
        kp->starting_ephemeral = false;
        kp->plan_at = 0;
        return;
    }
    if (kp->plan_at == end) {
        kp->step = STEP_END;
        return;
    }
    struct kcontainer *c = &kp->containers[kp->plan_at];
    if (in_backoff(kp, c))
        return;
    kp->step = STEP_INSPECT;
    kp->op_began = kpod_now(kp);
    if (!image_asks_runtime(c) || !podworker_block(kp, 0))
        ensure_image(kp, c);
}

static void after_inspect(struct kpod *kp)
{
    struct kcontainer *c = &kp->containers[kp->plan_at];
    if (!call_expired(kp)) {
        ensure_image(kp, c);
        return;
    }
    struct waiting_reason reason;
    image_unknown(kp, c, CALL_EXPIRED, &reason);
    start_failed(kp, c, reason, SIM_NEVER);
}

static void after_pull(struct kpod *kp)
{
    struct kcontainer *c = &kp->containers[kp->plan_at];
    struct waiting_reason reason;
    if (image_pulled(kp, c, &reason) == IMAGE_READY) {
        kp->step = STEP_CREATE;
        kp->op_began = SIM_NEVER;
    } else {
        start_failed(kp, c, reason, SIM_NEVER);
    }
}

/* The container has started: its hook, or on to the next one. */
static void started(struct kpod *kp, struct kcontainer *c)
{
    c->reason = (struct waiting_reason){0};
    const struct lifecycle *l = c->spec->lifecycle;
    if (l && l->post_start) {
        kp->step = STEP_POST_START;
        kp->hook_began = false;
    } else {
        kp->plan_at++;
        kp->step = STEP_START_NEXT;
    }
}

/* What the runtime answers; NULL = the container can be created. */
static const char *create_error(struct kpod *kp)
{
    const char *broken = kpod_kubelet(kp)->create_error;
    if (call_expired(kp))
        return CALL_EXPIRED_MESSAGE;
    if (broken && *broken)
        return broken;
    return cri_create_error(kp->all->cri, kp->sandbox, &kp->creation->config, broken != NULL);
}

/* True when a call blocks. First entry: configuration; second: the runtime has created it. */
static const char *begin_creation(struct kpod *kp, struct kcontainer *c)
{
    struct kubelets *ks = kp->all;
    if (!kp->creation && ks->free_creations) {
        kp->creation = ks->free_creations;
        ks->free_creations = kp->creation->next;
    } else if (!kp->creation) {
        kp->creation = arena_new(ks->arena, struct creation);
    }
    *kp->creation = (struct creation){0};
    const char *error = make_container_config(kp, c, &kp->creation->config);
    kp->created = c->spec->name;
    kp->created_attempt = c->next_attempt;
    return error;
}

static void end_creation(struct kpod *kp)
{
    kp->creation->next = kp->all->free_creations;
    kp->all->free_creations = kp->creation;
    kp->creation = NULL;
}

static bool create(struct kpod *kp)
{
    struct kubelets *ks = kp->all;
    struct kcontainer *c = &kp->containers[kp->plan_at];
    if (kp->op_began == SIM_NEVER) {
        const char *error = begin_creation(kp, c);
        if (error) {
            end_creation(kp);
            start_fails(kp, c, "CreateContainerConfigError", error);
            return false;
        }
        kp->op_began = kpod_now(kp);
        if (podworker_block(kp, kpod_draw_for(kp, c->spec->name, kp->created_attempt, HOP_CONTAINER_CREATE)))
            return true;
    }
    const char *error = create_error(kp);
    if (error) {
        end_creation(kp);
        start_fails(kp, c, "CreateContainerError", error);
        return false;
    }
    kp->creation->config.first_step_after = kpod_draw_for(kp, c->spec->name, kp->created_attempt, HOP_PROCESS_START);
    kp->creation->config.program_start = kpod_draw_for(kp, c->spec->name, kp->created_attempt, HOP_PROGRAM_START);
    ASSERT(!container_runs(kp, c)); /* one instance at a time */
    node_images_look(ks, kpod_kubelet(kp));
    c->previous = c->newest;
    c->newest = cri_create_container(ks->cri, kp->sandbox, &kp->creation->config);
    end_creation(kp);
    prober_wake(kp);
    c->next_attempt = kp->created_attempt + 1;
    c->image_id = image_digest(ks, c->spec->image);
    c->actuated = c->spec->resources;
    kp->acted = true;
    if (kpod_has(kp, FEATURE_SHORT_CONTAINER_EVENTS))
        kpod_event(kp, c, false, "Created", "Container created");
    else
        kpod_event(kp, c, false, "Created", "Created container%s %s",
                   kpod_has(kp, FEATURE_CREATED_WITH_COLON) ? ":" : "", c->spec->name);
    kp->step = STEP_START;
    kp->op_began = kpod_now(kp);
    return podworker_block(kp, kpod_draw_for(kp, c->spec->name, kp->created_attempt, HOP_CONTAINER_START));
}

static void start(struct kpod *kp)
{
    struct kubelets *ks = kp->all;
    struct kcontainer *c = &kp->containers[kp->plan_at];
    const char *name = c->spec->name, *error = call_expired(kp) ? CALL_EXPIRED_MESSAGE : NULL;
    if (error || cri_start_container(ks->cri, c->newest, &error) != 0) {
        start_fails(kp, c, "RunContainerError", error);
        return;
    }
    if (kpod_has(kp, FEATURE_SHORT_CONTAINER_EVENTS))
        kpod_event(kp, c, false, "Started", "Container started");
    else
        kpod_event(kp, c, false, "Started", "Started container %s", name);
    started(kp, c);
}

/* True when it blocks: kubelet.md 7.1. */
static bool post_start(struct kpod *kp)
{
    struct kcontainer *c = &kp->containers[kp->plan_at];
    if (!kp->hook_began) {
        kp->hook_began = true;
        hook_start(kp, c, c->spec->lifecycle->post_start, true);
        return true;
    }
    if (hook_result(kp, c, &kp->hook_error)) {
        kp->plan_at++;
        kp->step = STEP_START_NEXT;
        return false;
    }
    hook_failed_event(kp, c);
    kp->step = STEP_POST_START_KILL;
    kp->killing = true;
    kill_mark(c);
    kill_container(kp, c, kill_grace(kp, c, KILL_NONE), "FailedPostStartHook");
    kp->killing = false;
    return kills_pending(kp);
}

static void post_start_killed(struct kpod *kp)
{
    struct kcontainer *c = &kp->containers[kp->plan_at];
    start_failed(kp, c, (struct waiting_reason){"PostStartHookError", kp->hook_error}, SIM_NEVER);
}

bool container_start_step(struct kpod *kp)
{
    switch (kp->step) {
    case STEP_START_NEXT:
        start_next(kp);
        return kp->step == STEP_INSPECT || kp->step == STEP_PULL;
    case STEP_INSPECT:
        after_inspect(kp);
        return kp->step == STEP_PULL;
    case STEP_PULL:
        after_pull(kp);
        return false;
    case STEP_CREATE:
        return create(kp);
    case STEP_START:
        start(kp);
        return false;
    case STEP_POST_START:
        return post_start(kp);
    default:
        ASSERT(kp->step == STEP_POST_START_KILL);
        if (kills_pending(kp))
            return true;
        post_start_killed(kp);
        return false;
    }
}
