/* pod_status.c - container states, phase and conditions from what the runtime cache shows.
 *
 * Mirrors k8s pkg/kubelet/kubelet_pods.go (convertToAPIContainerStatuses, getPhase,
 * generateAPIPodStatus), pkg/kubelet/status/generate.go (conditions) and
 * pkg/kubelet/prober/prober_manager.go UpdatePodStatus (ready, started), v1.36.
 * Rules: semantics/kubelet.md 3.2-3.3, 4, 5. Derived from the facts on every sync, never accumulated.
 * Left out on purpose: resize conditions.
 */
#include <stdlib.h>
#include <string.h>

#include "model/kubelet.h"
#include "sim/cover.h"

static bool has(const struct status_input *in, enum feature id) { return feature_on(in->features, id); }

bool phase_is_terminal(const char *phase) { return text_is(phase, "Succeeded") || text_is(phase, "Failed"); }

struct container_status *pod_status_container(struct pod_status *s, const char *name)
{
    for (uint32_t i = 0; i < s->init_container_statuses.count; i++) {
        if (text_same(s->init_container_statuses.items[i].name, name))
            return &s->init_container_statuses.items[i];
    }
    for (uint32_t i = 0; i < s->container_statuses.count; i++) {
        if (text_same(s->container_statuses.items[i].name, name))
            return &s->container_statuses.items[i];
    }
    for (uint32_t i = 0; i < s->ephemeral_container_statuses.count; i++) {
        if (text_same(s->ephemeral_container_statuses.items[i].name, name))
            return &s->ephemeral_container_statuses.items[i];
    }
    return NULL;
}

#define CLONE_LIST(a, list)                                                                                            \
    do {                                                                                                               \
        if ((list).count) {                                                                                            \
            void *copy_ = arena_alloc((a), (list).count * sizeof(*(list).items));                                      \
            memcpy(copy_, (list).items, (list).count * sizeof(*(list).items));                                         \
            (list).items = copy_;                                                                                      \
        }                                                                                                              \
    } while (0)

struct pod_status *pod_status_clone(struct arena *a, const struct pod_status *s)
{
    struct pod_status *copy = arena_new(a, struct pod_status);
    *copy = *s;
    CLONE_LIST(a, copy->conditions);
    CLONE_LIST(a, copy->init_container_statuses);
    CLONE_LIST(a, copy->container_statuses);
    CLONE_LIST(a, copy->ephemeral_container_statuses);
    return copy;
}

static const struct pod_condition *condition(const struct pod_status *s, const char *type)
{
    for (uint32_t i = 0; i < s->conditions.count; i++) {
        if (strcmp(s->conditions.items[i].type, type) == 0)
            return &s->conditions.items[i];
    }
    return NULL;
}

/* ---- one container ---- */

static struct container_state waiting(struct arena *a, const char *reason, const char *message)
{
    struct container_state_waiting *w = arena_new(a, struct container_state_waiting);
    *w = (struct container_state_waiting){reason, message};
    return (struct container_state){.waiting = w};
}

static struct container_state terminated(struct arena *a, struct container_state_terminated t)
{
    struct container_state_terminated *copy = arena_new(a, struct container_state_terminated);
    *copy = t;
    return (struct container_state){.terminated = copy};
}

/* All messages of a pod share 12 KiB: k8s status/status_manager.go normalizeStatus. */
static const char *cut_message(struct arena *a, const struct pod_spec *spec, const char *message)
{
    enum { ALL_MESSAGES = 12288 }; /* container/runtime.go MaxPodTerminationMessageLogLength */
    size_t room = ALL_MESSAGES / (spec->containers.count + spec->init_containers.count);
    return message && strlen(message) > room ? arena_strndup(a, message, room) : message;
}

static struct container_state instance_state(struct arena *a, const struct pod_spec *spec, const struct rt_instance *n)
{
    if (n->state == CRI_RUNNING) {
        struct container_state_running *r = arena_new(a, struct container_state_running);
        r->started_at = api_second(n->started_at);
        return (struct container_state){.running = r};
    }
    if (n->state == CRI_CREATED)
        return waiting(a, NULL, NULL);
    return terminated(a, (struct container_state_terminated){
                             .exit_code = n->exit_code,
                             .reason = n->reason,
                             .message = cut_message(a, spec, n->message),
                             .container_id = n->container_id,
                             .started_at = n->started_at == SIM_NEVER ? SIM_NEVER : api_second(n->started_at),
                             .finished_at = api_second(n->finished_at),
                         });
}

static struct container_state unknown_exit(struct arena *a, const char *message)
{
    return terminated(a, (struct container_state_terminated){.exit_code = 137,
                                                             .reason = "ContainerStatusUnknown",
                                                             .message = message,
                                                             .started_at = SIM_NEVER,
                                                             .finished_at = SIM_NEVER});
}

/* Will the kubelet start it (again)? k8s pkg/kubelet/container/helpers.go ShouldContainerBeRestarted. */
static bool to_be_started(const struct status_input *in, const struct container *c, bool init,
                          const struct rt_instance *n)
{
    if (in->pod->object.meta.deletion_timestamp != SIM_NEVER)
        return false;
    if (!n->id || n->state == CRI_CREATED)
        return true;
    if (n->state == CRI_RUNNING)
        return false;
    if (init && !container_is_sidecar(c) && n->exit_code == 0)
        return false;
    return should_restart_on_exit(&in->pod->spec, c, init, n->exit_code);
}

/* What the kubelet said last, or what the API has of an earlier kubelet. */
static const struct pod_status *before_of(const struct status_input *in)
{
    return in->old ? in->old : &in->pod->status;
}

/* Which status' dates are kept where nothing changes. A new static pod takes over those of the mirror that it
 * finds, even the one of the pod it replaces (recorded: static-pod, 61.1 s). k8s status_manager.go
 * updateStatusInternal. */
static const struct pod_status *dates_of(const struct status_input *in)
{
    return !in->old && in->mirror ? in->mirror : before_of(in);
}

enum state_row {
    STATE_WAITING,
    STATE_INITIALIZING,
    STATE_OLD,
    STATE_LOST,
    STATE_RESET,
    STATE_INFERRED,
    STATE_CREATED,
    STATE_RUNNING,
    STATE_EXITED
};
COVER_TABLE(container_state, "container state", "no instance: ContainerCreating", "no instance: PodInitializing",
            "no instance: terminated as last seen", "no instance, was running: ContainerStatusUnknown",
            "no instance, removed: RestartingAllContainers",
            "no instance of an init container of an initialized pod: Completed", "instance created", "instance running",
            "instance exited");
enum { REASON_NONE, REASON_HIDES_EXIT, REASON_SHOWN, REASON_UNUSED };
COVER_TABLE(waiting_reason, "waiting reason and state", "no reason", "the reason hides a termination",
            "the reason replaces waiting", "a reason, but it will not be started again");

#define RESTARTING_ALL "RestartingAllContainers"

/* It was removed so that the whole pod restarts: kubelet.md 6.6 step 3. */
static void reset_state(struct arena *a, const struct container_status *old, struct container_status *s)
{
    static const char message[] = "The container is removed because RestartAllContainers in place";
    s->state = waiting(a, RESTARTING_ALL, message);
    s->last_state = terminated(a, (struct container_state_terminated){.exit_code = 137,
                                                                      .reason = RESTARTING_ALL,
                                                                      .message = message,
                                                                      .started_at = SIM_NEVER,
                                                                      .finished_at = SIM_NEVER});
    s->restart_count = old->restart_count + 1;
}

/* Steps 1 to 3 of kubelet.md 3.2: the runtime knows no instance. */
static enum state_row missing_state(struct arena *a, const struct status_input *in, const struct container_status *old,
                                    struct container_status *s)
{
    bool has_init = in->pod->spec.init_containers.count > 0;
    const char *name = s->name, *image = s->image;
    *s = (struct container_status){.name = name, .image = image};
    s->state = waiting(a, has_init ? "PodInitializing" : "ContainerCreating", NULL);
    enum state_row row = has_init ? STATE_INITIALIZING : STATE_WAITING;
    if (!old)
        return row;
    if (old->state.terminated) {
        *s = *old;
        row = STATE_OLD;
    } else {
        s->restart_count = old->restart_count;
        s->last_state = old->last_state;
    }
    if (in->restart_all && !old->state.waiting && restart_all_wanted(&in->pod->spec, in->view, before_of(in))) {
        reset_state(a, old, s);
        return STATE_RESET;
    }
    if (old->state.running && !s->last_state.terminated) {
        s->last_state = unknown_exit(a, "The container could not be located when the pod was deleted.  The "
                                        "container used to be Running");
        s->restart_count += in->pod->object.meta.deletion_timestamp == SIM_NEVER;
        return STATE_LOST;
    }
    return row;
}

/* What the API knew of earlier instances and the runtime has forgotten. k8s kubelet_pods.go
 * convertContainerStatus; since RestartAllContainers removes instances, recorded: sandbox-lost-always. */
static void carry_over(const struct container_status *old, bool running, struct container_status *s)
{
    if (old->restart_count > s->restart_count)
        s->restart_count = old->restart_count;
    if (old->state.terminated && !text_is(old->container_id, s->container_id))
        s->last_state = (struct container_state){.terminated = old->state.terminated};
    else if (old->last_state.terminated)
        s->last_state = (struct container_state){.terminated = old->last_state.terminated};
    if (running && old->state.terminated && old->restart_count >= s->restart_count)
        s->restart_count = old->restart_count + 1;
}

/* Step 4: from the newest instances. */
static enum state_row instance_status(struct arena *a, const struct status_input *in, uint32_t i,
                                      const struct container_status *old, struct container_status *s)
{
    const struct rt_instance *n = &in->view->containers[i].newest, *p = &in->view->containers[i].previous;
    *s = (struct container_status){
        .name = s->name,
        .state = instance_state(a, &in->pod->spec, n),
        .restart_count = n->attempt,
        .image = n->image,
        .container_id = n->container_id,
        .image_id = n->image_id,
    };
    if (old && in->restart_all)
        carry_over(old, n->state == CRI_RUNNING, s);
    if (p->id)
        s->last_state = instance_state(a, &in->pod->spec, p);
    return n->state == CRI_CREATED ? STATE_CREATED : n->state == CRI_RUNNING ? STATE_RUNNING : STATE_EXITED;
}

static bool some_app_created(const struct status_input *in)
{
    const struct pod_spec *s = &in->pod->spec;
    for (uint32_t i = 0; i < s->containers.count; i++) {
        if (in->view->containers[s->init_containers.count + i].newest.id)
            return true;
    }
    return false;
}

/* Step 6: neither the runtime nor any status knows of this init container, and the pod has gone on after it. k8s
 * kubelet_pods.go convertToAPIContainerStatuses. Its reason, if it has one, does not show. */
static bool infer_completed(struct arena *a, const struct status_input *in, const struct container *c,
                            struct container_status *s)
{
    if (!has(in, FEATURE_INIT_STATUS_INFERRED) || container_is_sidecar(c) || !s->state.waiting || !some_app_created(in))
        return false;
    s->state = terminated(a, (struct container_state_terminated){
                                 .reason = "Completed",
                                 .message = "Unable to get init container status from container runtime and pod has "
                                            "been initialized, treat it as exited normally",
                                 .started_at = SIM_NEVER,
                                 .finished_at = SIM_NEVER});
    return true;
}

/* Steps 1 to 6 of kubelet.md 3.2. */
void pod_status_container_state(struct arena *a, const struct status_input *in, const struct container *c, bool init,
                                uint32_t i, const struct container_status *old, struct container_status *s)
{
    const struct rt_instance *n = &in->view->containers[i].newest;
    s->name = c->name;
    s->image = c->image;
    enum state_row row = n->id ? instance_status(a, in, i, old, s) : missing_state(a, in, old, s);
    bool inferred = init && !n->id && infer_completed(a, in, c, s);
    COVER(container_state, inferred ? STATE_INFERRED : row);
    if (inferred)
        return;
    if (in->resources && n->id) { /* k8s kubelet_pods.go convertContainerStatusResources */
        s->allocated_resources = c->resources.requests;
        s->resources = arena_new(a, struct resource_requirements);
        *s->resources = *in->resources[i];
    }
    const struct waiting_reason *reason = &in->reasons[i];
    bool shown = reason->reason && to_be_started(in, c, init, n);
    COVER(waiting_reason, !reason->reason       ? REASON_NONE
                          : !shown              ? REASON_UNUSED
                          : s->state.terminated ? REASON_HIDES_EXIT
                                                : REASON_SHOWN);
    if (shown) {
        if (s->state.terminated)
            s->last_state = s->state;
        s->state = waiting(a, reason->reason, reason->message);
    }
}

/* k8s prober_manager.go isContainerStarted. Since 1.35 (KEP-4781) a running container whose startup probe
 * has not been heard of yet keeps the `started` it had: a kill and restart within one sync leaves it true
 * until the startup worker's next tick (recorded: startup-with-liveness-then-fail and its -kubelet-134). */
static bool is_started(const struct status_input *in, uint32_t i, const struct container_status *old,
                       const struct container_status *s)
{
    if (!s->state.running)
        return false;
    if (!in->has_startup[i] || in->startup[i] == RESULT_SUCCESS)
        return true;
    return !in->startup_known[i] && !has(in, FEATURE_CONTAINER_STATUS_ON_RESTART) && old && old->started.value;
}

enum { READINESS_SUCCESS, READINESS_NONE, READINESS_NOT, READINESS_KEPT, READINESS_KEPT_FALSE };
COVER_TABLE(readiness, "ready, of a started container", "its probe's verdict is Success", "it has no probe",
            "its probe has not succeeded", "from before a kubelet restart: as the API has it, True",
            "from before a kubelet restart: as the API has it, False");

/* k8s prober_manager.go UpdatePodStatus, setReadyStateOnKubeletRestart (1.35). */
static bool is_ready(const struct status_input *in, const struct container *c, uint32_t i)
{
    const struct rt_instance *n = &in->view->containers[i].newest;
    if (in->has_readiness[i] && in->readiness[i] == RESULT_SUCCESS) {
        COVER(readiness, READINESS_SUCCESS);
        return true;
    }
    bool from_before = in->kept_before != SIM_NEVER && n->started_at < in->kept_before;
    if (!from_before || !c->readiness_probe) {
        COVER(readiness, in->has_readiness[i] ? READINESS_NOT : READINESS_NONE);
        return !in->has_readiness[i];
    }
    if (in->readiness_known[i]) {
        COVER(readiness, READINESS_NOT);
        return false;
    }
    const struct pod_condition *ready = condition(&in->pod->status, "Ready");
    bool kept = ready && text_is(ready->status, "True");
    COVER(readiness, kept ? READINESS_KEPT : READINESS_KEPT_FALSE);
    return kept;
}

static void ready_of(const struct status_input *in, const struct container *c, bool init, uint32_t i,
                     const struct container_status *old, struct container_status *s)
{
    bool started = is_started(in, i, old, s);
    s->started = (struct opt_bool){started, true};
    /* An init container that was ready and has been removed keeps it: UpdatePodStatus only ever sets it
     * (recorded: restart-all-containers-rule). */
    if (init && !container_is_sidecar(c))
        s->ready |= s->state.terminated && s->state.terminated->exit_code == 0;
    else
        s->ready = started && is_ready(in, c, i);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct container_status *)a)->name, ((const struct container_status *)b)->name);
}

static void container_statuses(struct arena *a, const struct status_input *in, struct pod_status *out)
{
    const struct pod_spec *spec = &in->pod->spec;
    const struct pod_status *before = before_of(in);
    uint32_t inits = spec->init_containers.count, apps = spec->containers.count;
    out->init_container_statuses.items = inits ? arena_array(a, struct container_status, inits) : NULL;
    out->init_container_statuses.count = inits;
    out->container_statuses.items = arena_array(a, struct container_status, apps);
    out->container_statuses.count = apps;
    for (uint32_t i = 0; i < inits + apps; i++) {
        bool init = i < inits;
        const struct container *c = init ? &spec->init_containers.items[i] : &spec->containers.items[i - inits];
        struct container_status *s =
            init ? &out->init_container_statuses.items[i] : &out->container_statuses.items[i - inits];
        const struct container_status *old = pod_status_container((struct pod_status *)before, c->name);
        pod_status_container_state(a, in, c, init, i, old, s);
        ready_of(in, c, init, i, old, s);
    }
    /* k8s kubelet_pods.go: app statuses are sorted by name, init ones keep the spec's order. */
    qsort(out->container_statuses.items, apps, sizeof(struct container_status), by_name);
    ephemeral_statuses(a, in, before, out);
    if (out->ephemeral_container_statuses.count)
        qsort(out->ephemeral_container_statuses.items, out->ephemeral_container_statuses.count,
              sizeof(struct container_status), by_name);
}

/* ---- phase ---- */

struct phase_facts {
    uint32_t pending_init, failed_init_final;
    uint32_t pending_sidecar;
    uint32_t waiting, running, stopped, succeeded, final, unknown;
    bool app_created; /* an app container instance exists in the current sandbox */
    bool app_ran;     /* an app container runs or has ended, in whichever sandbox */
    bool by_app_ran;  /* 1.28 to 1.32 look at that */
    bool for_good;    /* the containers are stopped for good, and that decides the phase */
};

static const struct container *app_spec(const struct pod_spec *spec, const char *name)
{
    for (uint32_t i = 0; i < spec->containers.count; i++) {
        if (strcmp(spec->containers.items[i].name, name) == 0)
            return &spec->containers.items[i];
    }
    return NULL;
}

/* It will not be started again. Removed by RestartAllContainers it will, whatever its policy says. */
static bool is_final(const struct pod_spec *spec, const struct container *c, bool init,
                     const struct container_state_terminated *t)
{
    return !text_is(t->reason, RESTARTING_ALL) && !should_restart_on_exit(spec, c, init, (int32_t)t->exit_code);
}

static void count_init(const struct pod_spec *spec, const struct container *c, const struct container_status *s,
                       struct phase_facts *f)
{
    const struct container_state_terminated *t = s->state.terminated ? s->state.terminated
                                                 : s->state.waiting  ? s->last_state.terminated
                                                                     : NULL;
    if (s->state.running || (s->state.waiting && !t))
        f->pending_init++;
    else if (t && t->exit_code != 0 && is_final(spec, c, true, t))
        f->failed_init_final++;
}

/* getPhase looks at `started`, but the prober sets that afterwards (kubelet_pods.go generateAPIPodStatus): no running
 * sidecar has it yet (recorded: restart-all-containers-rule, Pending again when s1 runs). */
static void count_sidecar(const struct container_status *s, struct phase_facts *f)
{
    if (s->state.running) {
        f->running++;
        f->pending_sidecar++;
    } else if (s->state.waiting && !s->last_state.terminated) {
        f->pending_sidecar++;
        f->waiting++;
    }
}

static void count_app(const struct pod_spec *spec, const struct container_status *s, struct phase_facts *f)
{
    const struct container *c = app_spec(spec, s->name);
    const struct container_state_terminated *t = s->state.terminated ? s->state.terminated : s->last_state.terminated;
    if (s->state.running) {
        f->running++;
    } else if (t) {
        f->stopped++;
        f->succeeded += s->state.terminated && t->exit_code == 0;
        f->final += is_final(spec, c, false, t);
    } else {
        f->waiting++;
    }
}

/* kubelet.md 4.2, first match wins; `when` reads the facts. k8s kubelet_pods.go getPhase. */
static bool init_failed(const struct phase_facts *f) { return f->failed_init_final > 0; }
static bool init_pending(const struct phase_facts *f)
{
    if (f->by_app_ran)
        return f->pending_init + f->pending_sidecar > 0 && !f->app_ran;
    return f->pending_init > 0 || (f->pending_sidecar > 0 && !f->app_created);
}
static bool some_waiting(const struct phase_facts *f) { return f->waiting > 0; }
static bool some_running(const struct phase_facts *f) { return f->running > 0 && f->unknown == 0; }
static bool all_stopped(const struct phase_facts *f) { return f->running == 0 && f->stopped > 0 && f->unknown == 0; }
static bool ended_well(const struct phase_facts *f)
{
    return all_stopped(f) && f->for_good && f->stopped == f->succeeded;
}
static bool ended_badly(const struct phase_facts *f) { return all_stopped(f) && f->for_good; }
static bool will_restart(const struct phase_facts *f) { return all_stopped(f) && f->final < f->stopped; }
static bool all_succeeded(const struct phase_facts *f) { return all_stopped(f) && f->succeeded == f->stopped; }

static const struct phase_rule {
    bool (*when)(const struct phase_facts *f);
    const char *phase;
} phase_rules[] = {
    {init_failed, "Failed"},   {init_pending, "Pending"},    {some_waiting, "Pending"},
    {some_running, "Running"}, {ended_well, "Succeeded"},    {ended_badly, "Failed"},
    {will_restart, "Running"}, {all_succeeded, "Succeeded"}, {all_stopped, "Failed"},
};

COVER_TABLE(phase, "phase", "an init container has failed for good", "an init container is to come or runs",
            "some container waits", "some container runs", "stopped for good, all succeeded",
            "stopped for good, not all succeeded", "all exited, some will be restarted", "all exited with 0",
            "all exited, not all with 0", "none of these: Pending");
_Static_assert(COVER_ROWS(phase) == ARRAY_LEN(phase_rules) + 1, "a name per rule");

static const char *phase_of(const struct status_input *in, const struct pod_status *s)
{
    const struct pod_spec *spec = &in->pod->spec;
    struct phase_facts f = {
        .by_app_ran = has(in, FEATURE_PHASE_BY_APP_STATUS),
        .for_good = in->stage == STATUS_FINAL && !in->static_pod && has(in, FEATURE_TERMINAL_PHASE_ON_DELETE),
    };
    for (uint32_t i = 0; i < spec->init_containers.count; i++) {
        const struct container *c = &spec->init_containers.items[i];
        if (container_is_sidecar(c))
            count_sidecar(&s->init_container_statuses.items[i], &f);
        else
            count_init(spec, c, &s->init_container_statuses.items[i], &f);
    }
    for (uint32_t i = 0; i < s->container_statuses.count; i++)
        count_app(spec, &s->container_statuses.items[i], &f);
    for (uint32_t i = 0; i < spec->containers.count; i++) {
        const struct rt_instance *n = &in->view->containers[spec->init_containers.count + i].newest;
        f.app_created |= n->id && n->current_sandbox;
        f.app_ran |= !s->container_statuses.items[i].state.waiting;
    }
    for (size_t i = 0; i < ARRAY_LEN(phase_rules); i++) {
        if (phase_rules[i].when(&f)) {
            COVER(phase, i);
            return phase_rules[i].phase;
        }
    }
    COVER(phase, ARRAY_LEN(phase_rules));
    return "Pending";
}

enum { HELD_BY_CACHE, HELD_BY_API, HELD_OVERRIDDEN, HELD_NOT_OVERRIDDEN, HELD_DEADLINE };
COVER_TABLE(phase_override, "phase, what overrules it", "a terminal phase computed before stays",
            "a terminal phase in the API stays", "an eviction sets Failed", "an eviction does not touch Succeeded",
            "the active deadline sets Failed");

/* kubelet.md 4.3. */
static void set_phase(const struct status_input *in, const struct pod_status *before, struct pod_status *s)
{
    s->phase = phase_of(in, s);
    if (!phase_is_terminal(s->phase)) {
        if (phase_is_terminal(before->phase)) {
            COVER(phase_override, HELD_BY_CACHE);
            s->phase = before->phase;
        } else if (phase_is_terminal(in->pod->status.phase)) {
            COVER(phase_override, HELD_BY_API);
            s->phase = in->pod->status.phase;
        }
    }
    if (text_is(before->phase, s->phase)) {
        s->reason = before->reason;
        s->message = before->message;
    }
    bool spared = in->stage == STATUS_FINAL && text_is(s->phase, "Succeeded");
    if (in->override_phase)
        COVER(phase_override, spared ? HELD_NOT_OVERRIDDEN : HELD_OVERRIDDEN);
    if (in->override_phase && !spared) {
        s->phase = in->override_phase;
        s->reason = in->override_reason;
        s->message = in->override_message;
    }
    if (in->deadline_exceeded) { /* k8s pkg/kubelet/active_deadline.go, kubelet_pods.go generateAPIPodStatus */
        COVER(phase_override, HELD_DEADLINE);
        s->phase = "Failed";
        s->reason = "DeadlineExceeded";
        s->message = "Pod was active on the node longer than the specified deadline";
    }
    /* Rule 4: a terminal phase that the API shows is final, whatever else says. */
    if (phase_is_terminal(in->pod->status.phase))
        s->phase = in->pod->status.phase;
}

/* ---- conditions ---- */

struct verdict {
    bool status;
    const char *reason, *message;
};

static const char *name_list(struct arena *a, const char *prefix, const char *const *names, uint32_t count)
{
    const char *text = prefix;
    for (uint32_t i = 0; i < count; i++)
        text = arena_printf(a, "%s%s%s", text, i ? " " : "[", names[i]);
    return arena_printf(a, "%s]", text);
}

/* Names of containers that are not ready, sidecars first, in the spec's order. */
static uint32_t unready(struct arena *a, const struct pod *pod, struct pod_status *s, const char ***ret_names)
{
    const struct pod_spec *spec = &pod->spec;
    const char **names = arena_array(a, const char *, spec->init_containers.count + spec->containers.count);
    uint32_t n = 0;
    for (uint32_t i = 0; i < spec->init_containers.count; i++) {
        if (container_is_sidecar(&spec->init_containers.items[i]) && !s->init_container_statuses.items[i].ready)
            names[n++] = spec->init_containers.items[i].name;
    }
    for (uint32_t i = 0; i < spec->containers.count; i++) {
        if (!pod_status_container(s, spec->containers.items[i].name)->ready)
            names[n++] = spec->containers.items[i].name;
    }
    *ret_names = names;
    return n;
}

enum { CONTAINERS_COMPLETED, CONTAINERS_FAILED, CONTAINERS_UNKNOWN, CONTAINERS_READY, CONTAINERS_UNREADY };
COVER_TABLE(containers_ready, "condition ContainersReady", "False PodCompleted", "False PodFailed",
            "False UnknownContainerStatuses", "True", "False ContainersNotReady");

/* k8s status/generate.go GenerateContainersReadyCondition. */
static struct verdict containers_ready(struct arena *a, const struct pod *pod, struct pod_status *s)
{
    if (text_is(s->phase, "Succeeded")) {
        COVER(containers_ready, CONTAINERS_COMPLETED);
        return (struct verdict){false, "PodCompleted", NULL};
    }
    if (text_is(s->phase, "Failed")) {
        COVER(containers_ready, CONTAINERS_FAILED);
        return (struct verdict){false, "PodFailed", NULL};
    }
    if (s->container_statuses.count == 0) {
        COVER(containers_ready, CONTAINERS_UNKNOWN);
        return (struct verdict){false, "UnknownContainerStatuses", NULL};
    }
    const char **names;
    uint32_t n = unready(a, pod, s, &names);
    COVER(containers_ready, n == 0 ? CONTAINERS_READY : CONTAINERS_UNREADY);
    if (n == 0)
        return (struct verdict){true, NULL, NULL};
    return (struct verdict){false, "ContainersNotReady", name_list(a, "containers with unready status: ", names, n)};
}

enum { READY_AS_CONTAINERS, READY_TRUE, READY_GATE_MISSING, READY_GATE_FALSE, READY_GATES_FALSE };
COVER_TABLE(ready, "condition Ready", "False as ContainersReady", "True", "False: a gate has no condition",
            "False: a gate's condition is not True", "False: several gates");

/* k8s status/generate.go GeneratePodReadyCondition: gates are read from the API's conditions. */
static struct verdict ready(struct arena *a, const struct pod *pod, struct verdict containers)
{
    if (!containers.status) {
        COVER(ready, READY_AS_CONTAINERS);
        return containers;
    }
    const char *message = NULL;
    for (uint32_t i = 0; i < pod->spec.readiness_gates.count; i++) {
        const char *type = pod->spec.readiness_gates.items[i].condition_type;
        const struct pod_condition *c = condition(&pod->status, type);
        const char *one = NULL;
        if (!c)
            one = arena_printf(a, "corresponding condition of pod readiness gate \"%s\" does not exist.", type);
        else if (!text_is(c->status, "True"))
            one = arena_printf(a, "the status of pod readiness gate \"%s\" is not \"True\", but %s", type,
                               c->status ? c->status : "");
        if (one) {
            COVER(ready, message ? READY_GATES_FALSE : c ? READY_GATE_FALSE : READY_GATE_MISSING);
            message = message ? arena_printf(a, "%s, %s", message, one) : one;
        }
    }
    if (message)
        return (struct verdict){false, "ReadinessGatesNotReady", message};
    COVER(ready, READY_TRUE);
    return (struct verdict){true, NULL, NULL};
}

enum { INITIALIZED_COMPLETED, INITIALIZED_APP_RAN, INITIALIZED_NONE_LEFT, INITIALIZED_BEFORE, INITIALIZED_NOT };
COVER_TABLE(initialized, "condition Initialized", "True PodCompleted", "True: an app container has run",
            "True: no init container is left", "True: it was so before, since RestartAllContainers",
            "False ContainersNotInitialized");

/* k8s status/generate.go GeneratePodInitializedCondition. */
static struct verdict initialized(struct arena *a, const struct status_input *in, const struct pod_status *before,
                                  struct pod_status *s)
{
    const struct pod_spec *spec = &in->pod->spec;
    if (text_is(s->phase, "Succeeded")) {
        COVER(initialized, INITIALIZED_COMPLETED);
        return (struct verdict){true, "PodCompleted", NULL};
    }
    for (uint32_t i = 0; i < s->container_statuses.count; i++) {
        if (s->container_statuses.items[i].state.running || s->container_statuses.items[i].state.terminated) {
            COVER(initialized, INITIALIZED_APP_RAN);
            return (struct verdict){true, NULL, NULL};
        }
    }
    const char **names = arena_array(a, const char *, spec->init_containers.count + 1);
    uint32_t n = 0;
    for (uint32_t i = 0; i < spec->init_containers.count; i++) {
        const struct container_status *c = &s->init_container_statuses.items[i];
        bool sidecar = container_is_sidecar(&spec->init_containers.items[i]);
        if (sidecar ? !c->started.value : !c->ready)
            names[n++] = c->name;
    }
    const struct pod_condition *old = in->restart_all && n ? condition(before, "Initialized") : NULL;
    bool kept = old && text_is(old->status, "True");
    COVER(initialized, n == 0 ? INITIALIZED_NONE_LEFT : kept ? INITIALIZED_BEFORE : INITIALIZED_NOT);
    if (n == 0 || kept)
        return (struct verdict){true, NULL, NULL};
    return (struct verdict){false, "ContainersNotInitialized",
                            name_list(a, "containers with incomplete status: ", names, n)};
}

enum { RESTARTING_COMPLETED, RESTARTING_FAILED, RESTARTING_NO, RESTARTING_DONE, RESTARTING_YES };
COVER_TABLE(restarting_all, "condition AllContainersRestarting", "False PodCompleted", "False PodFailed",
            "False: no container asks for it", "False: every instance is removed", "True RestartAllContainersStarted");

/* k8s status/generate.go GenerateAllContainersRestartingCondition. */
static struct verdict all_containers_restarting(const struct status_input *in, const struct pod_status *s)
{
    const struct pod_spec *spec = &in->pod->spec;
    int row = text_is(s->phase, "Succeeded")                       ? RESTARTING_COMPLETED
              : text_is(s->phase, "Failed")                        ? RESTARTING_FAILED
              : !restart_all_wanted(spec, in->view, before_of(in)) ? RESTARTING_NO
              : restart_all_cleaned_up(spec, in->view)             ? RESTARTING_DONE
                                                                   : RESTARTING_YES;
    static const struct verdict verdicts[] = {
        [RESTARTING_COMPLETED] = {false, "PodCompleted", NULL},
        [RESTARTING_FAILED] = {false, "PodFailed", NULL},
        [RESTARTING_NO] = {false, NULL, NULL},
        [RESTARTING_DONE] = {false, NULL, NULL},
        [RESTARTING_YES] = {true, "RestartAllContainersStarted", "container exited with restart policy rule"},
    };
    COVER(restarting_all, row);
    return verdicts[row];
}

static void put_condition(struct pod_status *s, const struct pod_status *before, const char *type, struct verdict v,
                          sim_time now)
{
    const char *status = v.status ? "True" : "False";
    const struct pod_condition *old = condition(before, type);
    bool same = old && text_is(old->status, status);
    s->conditions.items[s->conditions.count++] = (struct pod_condition){
        .type = type,
        .status = status,
        .reason = v.reason,
        .message = v.message,
        .last_probe_time = SIM_NEVER,
        .last_transition_time = same ? old->last_transition_time : api_second(now),
        .observed_generation = s->observed_generation,
    };
}

static void conditions(struct arena *a, const struct status_input *in, const struct pod_status *before,
                       struct pod_status *s)
{
    const struct pod_status *dates = dates_of(in);
    struct verdict containers = containers_ready(a, in->pod, s);
    s->conditions.items = arena_array(a, struct pod_condition, 9);
    for (size_t i = 0; i < ARRAY_LEN(in->resizes) && !phase_is_terminal(s->phase); i++)
        if (in->resizes[i] && in->resizes[i]->type) {
            struct pod_condition *c = &s->conditions.items[s->conditions.count++];
            *c = *in->resizes[i];
            c->observed_generation = has(in, FEATURE_OBSERVED_GENERATION) ? c->observed_generation : 0;
        }
    if (has(in, FEATURE_READY_TO_START_CONDITION))
        put_condition(s, dates, "PodReadyToStartContainers", (struct verdict){!in->needs_sandbox, NULL, NULL}, in->now);
    put_condition(s, dates, "Initialized", initialized(a, in, before, s), in->now);
    put_condition(s, dates, "Ready", ready(a, in->pod, containers), in->now);
    put_condition(s, dates, "ContainersReady", containers, in->now);
    put_condition(s, dates, "PodScheduled", (struct verdict){true, NULL, NULL}, in->now);
    if (in->disruption) /* written with the terminal phase: status_manager.c */
        put_condition(s, dates, "DisruptionTarget", (struct verdict){true, "TerminationByKubelet", in->disruption},
                      in->now);
    if (!in->restart_all || !restart_all_possible(&in->pod->spec))
        return;
    put_condition(s, dates, "AllContainersRestarting", all_containers_restarting(in, s), in->now);
    s->conditions.items[s->conditions.count - 1].observed_generation = 0; /* the only one without: generate.go */
}

static void replace_condition(struct pod_status *s, const char *type, struct verdict v, sim_time now)
{
    for (uint32_t i = 0; i < s->conditions.count; i++) {
        struct pod_condition *c = &s->conditions.items[i];
        if (strcmp(c->type, type) != 0)
            continue;
        const char *status = v.status ? "True" : "False";
        if (!text_is(c->status, status))
            c->last_transition_time = api_second(now);
        c->status = status;
        c->reason = v.reason;
        c->message = v.message;
        c->observed_generation = s->observed_generation;
    }
}

void pod_status_update_ready(struct arena *a, const struct pod *pod, struct pod_status *s, sim_time now)
{
    struct verdict containers = containers_ready(a, pod, s);
    replace_condition(s, "Ready", ready(a, pod, containers), now);
    replace_condition(s, "ContainersReady", containers, now);
}

/* ---- the whole ---- */

void pod_status_generate(struct arena *a, const struct status_input *in, struct pod_status *s)
{
    const struct pod_status *before = before_of(in);
    *s = (struct pod_status){
        .qos_class = in->pod->status.qos_class,
        .start_time = dates_of(in)->start_time,
        .observed_generation = in->observed_generation,
        .host_ip = in->host_ip,
        .pod_ip = in->view->ip ? in->view->ip : before->pod_ip,
    };
    /* The first status says startTime = now: k8s kubelet.go SyncPod; SIM_NEVER or an unset 0. */
    if (!in->old && s->start_time == SIM_NEVER)
        s->start_time = api_second(in->now);
    if (has(in, FEATURE_POD_HOST_IPS)) {
        s->host_ips.items = arena_new(a, struct pod_ip);
        s->host_ips.items[0].ip = in->host_ip;
        s->host_ips.count = 1;
    }
    if (s->pod_ip) {
        s->pod_ips.items = arena_new(a, struct pod_ip);
        s->pod_ips.items[0].ip = s->pod_ip;
        s->pod_ips.count = 1;
    }
    if (has(in, FEATURE_IN_PLACE_RESIZE_POD)) /* k8s kubelet_pods.go generateAPIPodStatus */
        pod_request_map(a, &in->pod->spec, &s->allocated_resources);
    if (in->pod_resources) {
        s->resources = arena_new(a, struct resource_requirements);
        *s->resources = *in->pod_resources;
    }
    container_statuses(a, in, s);
    set_phase(in, before, s);
    conditions(a, in, before, s);
}

/* An init container counts as having run if it or a later one ever left Waiting. */
static uint32_t init_containers_begun(const struct pod_status *s)
{
    for (uint32_t i = s->init_container_statuses.count; i-- > 0;) {
        const struct container_status *c = &s->init_container_statuses.items[i];
        if (!c->state.waiting || c->last_state.terminated)
            return i + 1;
    }
    return s->init_container_statuses.count ? 1 : 0;
}

static bool pod_was_initialised(const struct pod_spec *spec, const struct pod_status *s)
{
    for (uint32_t i = 0; i < s->container_statuses.count; i++) {
        if (!s->container_statuses.items[i].state.waiting || s->container_statuses.items[i].last_state.terminated)
            return true;
    }
    for (uint32_t i = 0; i < spec->init_containers.count; i++) {
        const struct container_status *c = &s->init_container_statuses.items[i];
        bool sidecar = container_is_sidecar(&spec->init_containers.items[i]);
        if (!sidecar && !(c->state.terminated && c->state.terminated->exit_code == 0))
            return false;
    }
    return true;
}

static void lose(struct arena *a, struct container_status *c)
{
    if (!c->state.terminated)
        c->state = unknown_exit(a, "The container could not be located when the pod was terminated");
}

enum { TERMINATE_ALL, TERMINATE_INIT_BEGUN, TERMINATE_FAILED };
COVER_TABLE(terminate_pod, "final status", "initialised: every container ends",
            "not initialised: those that had begun end", "a phase that is not terminal becomes Failed");

void pod_status_terminate(struct arena *a, const struct features *f, const struct pod_spec *spec, bool static_pod,
                          struct pod_status *s)
{
    bool initialised = pod_was_initialised(spec, s);
    COVER(terminate_pod, initialised ? TERMINATE_ALL : TERMINATE_INIT_BEGUN);
    for (uint32_t i = 0; initialised && i < s->container_statuses.count; i++)
        lose(a, &s->container_statuses.items[i]);
    uint32_t begun = initialised ? s->init_container_statuses.count : init_containers_begun(s);
    for (uint32_t i = 0; i < begun; i++)
        lose(a, &s->init_container_statuses.items[i]);
    if (!static_pod && !phase_is_terminal(s->phase) && feature_on(f, FEATURE_TERMINAL_PHASE_ON_DELETE)) {
        COVER(terminate_pod, TERMINATE_FAILED);
        s->phase = "Failed";
    }
}
