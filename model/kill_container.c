/* kill_container.c - stopping one container: event, preStop, turn among sidecars, SIGTERM, SIGKILL.
 *
 * Mirrors k8s pkg/kubelet/kuberuntime/kuberuntime_container.go killContainer,
 * kuberuntime_termination_order.go and pkg/kubelet/lifecycle/handlers.go (v1.36); rules:
 * semantics/kubelet.md 7, 8.5. Every container of a pod runs through this on its own, in parallel;
 * each step that takes time is a timer of the container.
 */
#include <string.h>

#include "model/classes.h"
#include "model/http_get.h"
#include "sim/cover.h"

/* k8s kuberuntime_manager.go minimumGracePeriodInSeconds. */
enum { MINIMUM_GRACE_S = 2 };
enum { SIGKILL_NUMBER = 9 };

bool kills_pending(const struct kpod *kp)
{
    for (uint32_t i = 0; i < kpod_all(kp); i++) {
        if (kp->containers[i].kill != KILL_IDLE)
            return true;
    }
    return false;
}

/* ---- how long, and in what words ---- */

enum { GRACE_TERMINATING, GRACE_DELETION, GRACE_PROBE, GRACE_SPEC, GRACE_NONE };
COVER_TABLE(stop_grace, "grace of a stop", "the worker's, shortest so far", "deletionGracePeriodSeconds",
            "of the probe that failed", "terminationGracePeriodSeconds", "none given: the minimum");

/* kubelet.md 8.5 step 1. */
static int64_t own_grace(const struct kpod *kp, const struct kcontainer *c, enum kill_reason why)
{
    const struct object_meta *m = &kp->pod->object.meta;
    const struct probe *p = why == KILL_LIVENESS  ? c->spec->liveness_probe
                            : why == KILL_STARTUP ? c->spec->startup_probe
                                                  : NULL;
    if (m->deletion_grace_period_seconds.set) {
        COVER(stop_grace, GRACE_DELETION);
        return m->deletion_grace_period_seconds.value;
    }
    if (p && p->termination_grace_period_seconds.set) {
        COVER(stop_grace, GRACE_PROBE);
        return p->termination_grace_period_seconds.value;
    }
    const struct opt_i64 spec = kpod_spec(kp)->termination_grace_period_seconds;
    COVER(stop_grace, spec.set ? GRACE_SPEC : GRACE_NONE);
    return spec.set ? spec.value : 2;
}

/* Steps 1 and 3: the worker's own grace comes first; until 1.27 it came last, when preStop had run. */
struct stop_grace kill_grace(const struct kpod *kp, const struct kcontainer *c, enum kill_reason why)
{
    if (kp->work != WORK_TERMINATING || !kp->grace_overrides)
        return (struct stop_grace){own_grace(kp, c, why), -1};
    COVER(stop_grace, GRACE_TERMINATING);
    if (kpod_has(kp, FEATURE_GRACE_OVERRIDE_FIRST))
        return (struct stop_grace){kp->grace, -1};
    return (struct stop_grace){own_grace(kp, c, why), kp->grace};
}

COVER_TABLE(kill_reason, "why a container is stopped", "with its pod", "liveness", "startup", "definition changed",
            "resize", "init container: liveness", "init container: startup", "init container: definition changed",
            "init container: resize");

/* Event texts of k8s kuberuntime_manager.go computePodActions and kuberuntime_container.go. */
const char *kill_message(struct kpod *kp, const struct kcontainer *c, enum kill_reason why, bool restart)
{
    struct arena *a = kp->all->arena;
    const char *name = c->spec->name, *kind = c->init ? "Init container" : "Container";
    const char *tail = restart && !c->init ? ", will be restarted" : "";
    COVER(kill_reason, why + (c->init && why != KILL_NONE ? KILL_RESIZE : 0));
    switch (why) {
    case KILL_LIVENESS:
        return arena_printf(a, "%s %s failed liveness probe%s", kind, name, tail);
    case KILL_STARTUP:
        return arena_printf(a, "%s %s failed startup probe%s", kind, name, tail);
    case KILL_DEFINITION:
        return arena_printf(a, "%s %s definition changed%s", kind, name, tail);
    case KILL_RESIZE:
        return arena_printf(a, "Container %s resize requires restart", name);
    case KILL_NONE:
        break;
    }
    return arena_printf(a, "Stopping container %s", name);
}

/* ---- hooks ---- */

enum { HOOK_START, HOOK_OK, HOOK_FAILED, HOOK_ABANDONED };

static void record_hook(struct kpod *kp, struct kcontainer *c, bool pre_stop, uint32_t what, const char *error)
{
    struct trace_container *t = arena_new(kp->all->arena, struct trace_container);
    *t = (struct trace_container){.container = c->spec->name, .init = c->init, .message = error};
    sim_set_cause(kp->all->sim, sim_record(kp->all->sim, (struct trace_record){
                                                             .object = kp->pod->object.ordinal,
                                                             .kind = TRACE_HOOK,
                                                             .component = COMP_KUBELET,
                                                             .flags = pre_stop,
                                                             .aux = what,
                                                             .text = c->spec->name,
                                                             .data = t,
                                                         }));
}

/* Up to 1.25 a hook knew no scheme and no headers, and put a slash before the path: k8s lifecycle/handlers.go. */
static void simplify(struct kpod *kp, struct http_get *get)
{
    struct http_request *r = &get->request;
    r->path = arena_printf(kp->all->arena, "/%s", r->path);
    r->headers.count = 0;
    r->host = NULL;
    r->user_agent = "Go-http-client/1.1";
    get->https = false;
}

static const char *hook_http(struct kpod *kp, struct kcontainer *c, const struct http_get_action *h, sim_time *ret_took)
{
    struct http_get get;
    if (!http_get_request(kp, c->spec, h, "lifecycle", &get))
        return get.error;
    if (!kpod_has(kp, FEATURE_CONSISTENT_HTTP_HOOKS))
        simplify(kp, &get);
    const struct http_client client = {0, kpod_draw(kp, HOP_PROBE_NET)}; /* without a timeout */
    struct http_outcome out;
    http_exchange(kp, &get, &client, &out);
    if (out.not_tls) {
        get.https = false;
        struct http_outcome first = out;
        http_exchange(kp, &get, &client, &out);
        if (out.kind == HTTP_ANSWERED)
            kpod_event(kp, NULL, true, "LifecycleHTTPFallback",
                       "request to HTTPS lifecycle hook %s got HTTP response, retry with HTTP succeeded",
                       get.authority);
        else
            out.error = first.error;
    }
    *ret_took = out.took;
    return out.error; /* any answer counts, whatever its status code; only the transport can fail */
}

static void hook_overtaken(struct kpod *kp, struct kcontainer *c);

static void hook_exec(struct kpod *kp, struct kcontainer *c, const struct lifecycle_handler *h)
{
    str_list argv = expand_command(kp, c, &h->exec->command);
    struct sim_key done = {CLASS_RUNTIME, kp->object, RT_HOOK + c->index, true};
    c->hook_exec = cri_exec(kp->all->cri, c->newest, &argv, 0, done);
}

/* The runtime takes the execs that it has been asked for; they have no time limit of their own. */
void hooks_resume(struct kpod *kp)
{
    for (uint32_t i = 0; i < kpod_all(kp); i++) {
        struct kcontainer *c = &kp->containers[i];
        const struct lifecycle *l = c->spec->lifecycle;
        if (c->hook_held)
            hook_exec(kp, c, c->hook_is_post_start ? l->post_start : l->pre_stop);
        c->hook_held = false;
    }
}

void hook_start(struct kpod *kp, struct kcontainer *c, const struct lifecycle_handler *h, bool post_start)
{
    if (c->hook_posted)
        hook_overtaken(kp, c);
    ASSERT(!c->hook_posted);
    c->hook_posted = true;
    c->hook_is_post_start = post_start;
    c->hook_error = c->hook_exec_error = c->hook_output = c->hook_text = NULL;
    c->hook_answer_due = false;
    record_hook(kp, c, !post_start, HOOK_START, NULL);
    sim_time took = 0;
    if (h->exec) {
        c->hook_held = kpod_kubelet(kp)->hung;
        if (!c->hook_held)
            hook_exec(kp, c, h);
        return;
    }
    if (h->http_get)
        c->hook_error = hook_http(kp, c, h->http_get, &took);
    else if (h->sleep)
        took = h->sleep->seconds * SIM_SECOND;
    else /* k8s lifecycle/handlers.go: tcpSocket is accepted by the API and cannot be run */
        c->hook_error = "invalid handler";
    c->hook_answer_due = true;
    kpod_arm(kp, sim_time_add(kpod_now(kp), took), CLASS_RUNTIME, RT_HOOK + c->index);
}

static const char *join_words(struct arena *a, const str_list *words)
{
    const char *text = "";
    for (uint32_t i = 0; i < words->count; i++)
        text = arena_printf(a, "%s%s%s", text, i ? " " : "", words->items[i]);
    return text;
}

/* The error of an exec as the kubelet has it quotes stderr: k8s cri-client/pkg/remote_runtime.go ExecSync. The
 * trace shows all that the program said. */
static void take_exec_result(struct kpod *kp, struct kcontainer *c, const struct cri_exec *e)
{
    struct arena *a = kp->all->arena;
    c->hook_output = e->output;
    c->hook_error = e->error;
    c->hook_exec_error = NULL;
    if (e->error || e->exit_code == 0)
        return;
    const struct lifecycle *l = c->spec->lifecycle;
    const struct exec_action *x = c->hook_is_post_start ? l->post_start->exec : l->pre_stop->exec;
    c->hook_error = arena_printf(a, "command exited with %d: %s", e->exit_code, e->output);
    c->hook_exec_error = arena_printf(a, "command '%s' exited with %d: %s", join_words(kp->all->scratch, &x->command),
                                      e->exit_code, e->errors);
}

/* k8s lifecycle/handlers.go Run: the text that a failed postStart leaves in the container's state, and until
 * 1.25 in the events, too. */
static const char *hook_text(struct kpod *kp, const struct kcontainer *c, const struct lifecycle_handler *h)
{
    struct arena *a = kp->all->arena;
    const struct object_meta *m = &kp->pod->object.meta;
    const char *pod = arena_printf(a, "%s_%s(%s)", m->name, m->namespace_, m->uid);
    bool output = h->exec || !kpod_has(kp, FEATURE_SHORT_HOOK_EVENTS);
    if (!h->exec && !h->http_get)
        return arena_printf(a, "Cannot run handler: %s", c->hook_error);
    struct strbuf b = STRBUF_INIT;
    if (h->exec)
        strbuf_printf(&b, "Exec lifecycle hook ([%s])", join_words(kp->all->scratch, &h->exec->command));
    else
        strbuf_printf(&b, "HTTP lifecycle hook (%s)", h->http_get->path);
    strbuf_printf(&b, " for Container \"%s\" in Pod \"%s\" failed - error: %s%s", c->spec->name, pod,
                  c->hook_exec_error ? c->hook_exec_error : c->hook_error, output ? ", message: " : "");
    if (output)
        strbuf_go_quote(&b, c->hook_output ? c->hook_output : "");
    const char *text = arena_strdup(a, strbuf_str(&b));
    strbuf_fini(&b);
    return text;
}

void hook_failed_event(struct kpod *kp, struct kcontainer *c)
{
    const char *what = c->hook_is_post_start ? "PostStartHook" : "PreStopHook";
    const char *reason = c->hook_is_post_start ? "FailedPostStartHook" : "FailedPreStopHook";
    if (kpod_has(kp, FEATURE_SHORT_HOOK_EVENTS))
        kpod_event(kp, c, true, reason, "%s failed", what);
    else
        kpod_event(kp, c, true, reason, "%s", c->hook_text);
}

/* False: the program has ended, its answer is still on the way. */
static bool hook_finished(struct kpod *kp, struct kcontainer *c)
{
    if (c->hook_exec) {
        sim_time cost = kpod_draw(kp, HOP_PROBE_EXEC);
        if (!c->hook_answer_due && cost > 0) {
            c->hook_answer_due = true;
            kpod_arm(kp, sim_time_add(kpod_now(kp), cost), CLASS_RUNTIME, RT_HOOK + c->index);
            return false;
        }
        take_exec_result(kp, c, cri_exec_result(kp->all->cri, c->hook_exec));
        cri_exec_release(kp->all->cri, c->hook_exec);
        c->hook_exec = 0;
    }
    c->hook_posted = false;
    const struct lifecycle *l = c->spec->lifecycle;
    if (c->hook_error)
        c->hook_text = hook_text(kp, c, c->hook_is_post_start ? l->post_start : l->pre_stop);
    record_hook(kp, c, !c->hook_is_post_start, c->hook_error ? HOOK_FAILED : HOOK_OK, c->hook_error);
    return true;
}

/* A preStop that was abandoned has ended with its instance, and now the next one has a hook: what the old one still
 * has to say comes at once. One that still runs, in an instance whose stop has failed, is not heard of again. */
static void hook_overtaken(struct kpod *kp, struct kcontainer *c)
{
    ASSERT(!c->hook_is_post_start);
    sim_cancel(kp->all->sim, CLASS_RUNTIME, kp->object, RT_HOOK + c->index);
    bool runs = c->hook_exec && !cri_exec_result(kp->all->cri, c->hook_exec)->done;
    if (runs)
        cri_exec_release(kp->all->cri, c->hook_exec);
    if (runs || c->hook_held) {
        c->hook_exec = 0;
        c->hook_posted = c->hook_held = false;
        return;
    }
    c->hook_answer_due = true;
    if (hook_finished(kp, c) && c->hook_error)
        hook_failed_event(kp, c);
}

bool hook_result(struct kpod *kp, struct kcontainer *c, const char **ret_error)
{
    (void)kp;
    *ret_error = c->hook_text;
    return c->hook_error == NULL;
}

/* ---- the steps of a stop ---- */

static void stopped(struct kpod *kp, struct kcontainer *c)
{
    c->kill = KILL_IDLE;
    sim_cancel(kp->all->sim, CLASS_RUNTIME, kp->object, RT_DEADLINE + c->index);
    podworker_container_stopped(c, kp);
}

static int stop_signal(const struct kpod *kp, const struct kcontainer *c)
{
    const struct lifecycle *l = c->spec->lifecycle;
    int own = l && l->stop_signal ? cri_signal_number(l->stop_signal) : -1;
    return own > 0 ? own : cri_stop_signal(kp->all->cri, c->newest);
}

enum {
    STOP_GONE,
    STOP_MINIMUM,
    STOP_TERM,
    STOP_PRESTOP,
    STOP_NO_BUDGET,
    STOP_WAITS,
    STOP_HOOK_ABANDONED,
    STOP_TURN_FORCED,
    STOP_KILLED,
};
COVER_TABLE(stop_step, "steps of a stop", "it has exited by itself", "the grace is raised to the minimum",
            "the signal with the grace left", "preStop runs first", "preStop is skipped: no grace",
            "a sidecar waits for its turn", "preStop used the grace up: abandoned",
            "a sidecar's turn is forced by its grace", "SIGKILL");

void kill_expired(struct kpod *kp, struct kcontainer *c)
{
    c->stop_failed = true;
    runtime_gave_up(kp, RT_EXITED + c->index);
    runtime_gave_up(kp, RT_DEADLINE + c->index);
    sim_cancel(kp->all->sim, CLASS_RUNTIME, kp->object, RT_EXITED + c->index);
    stopped(kp, c);
}

static void send_term(struct kpod *kp, struct kcontainer *c)
{
    if (!container_runs(kp, c)) {
        COVER(stop_step, STOP_GONE);
        stopped(kp, c);
        return;
    }
    COVER(stop_step, c->grace_left_s < MINIMUM_GRACE_S ? STOP_MINIMUM : STOP_TERM);
    if (c->grace_left_s < MINIMUM_GRACE_S)
        c->grace_left_s = MINIMUM_GRACE_S;
    int64_t timeout = c->stop_timeout_s >= 0 ? c->stop_timeout_s : c->grace_left_s;
    if (c->kill != KILL_HELD) {
        c->stop_called = kpod_now(kp);
        c->stop_grace = timeout * SIM_SECOND;
    }
    c->kill = KILL_HELD;
    if (runtime_stalls(kp, CLASS_RUNTIME, RT_DEADLINE + c->index) == STALL_WAITS)
        return;
    c->kill = KILL_TERM;
    uint32_t attempt = cri_container(kp->all->cri, c->newest)->config.attempt;
    c->stop_returns = sim_time_add(kpod_now(kp), kpod_draw_for(kp, c->spec->name, attempt, HOP_CONTAINER_STOP));
    kpod_arm(kp, kpod_now(kp) + timeout * SIM_SECOND, CLASS_RUNTIME, RT_DEADLINE + c->index);
    if (c->term_sent != c->newest) /* containerd container_stop.go: not twice, not after a kubelet restart either */
        cri_signal(kp->all->cri, c->newest, stop_signal(kp, c));
    c->term_sent = c->newest;
}

/* A sidecar goes when every app container and every later sidecar has stopped. */
static bool its_turn(const struct kpod *kp, const struct kcontainer *c)
{
    if (!c->init || !container_is_sidecar(c->spec) || !kpod_has(kp, FEATURE_SIDECARS_STOP_LAST))
        return true;
    for (uint32_t i = c->index + 1; i < kp->container_count; i++) {
        const struct kcontainer *other = &kp->containers[i];
        bool waits_for = !other->init || container_is_sidecar(other->spec);
        if (waits_for && (other->kill != KILL_IDLE || other->stop_failed))
            return false;
    }
    return true;
}

/* Whole seconds used so far come off the grace period. */
static void charge(struct kpod *kp, struct kcontainer *c)
{
    c->grace_left_s -= (kpod_now(kp) - c->kill_step_at) / SIM_SECOND;
}

static void wait_turn(struct kpod *kp, struct kcontainer *c)
{
    c->kill = KILL_WAIT_TURN;
    c->kill_step_at = kpod_now(kp);
    if (c->grace_left_s <= 0 || its_turn(kp, c)) {
        send_term(kp, c);
        return;
    }
    COVER(stop_step, STOP_WAITS);
    kpod_arm(kp, kpod_now(kp) + c->grace_left_s * SIM_SECOND, CLASS_RUNTIME, RT_DEADLINE + c->index);
}

/* Others that waited for this one: called when a container of the pod has stopped. */
static void advance_waiters(struct kpod *kp)
{
    for (uint32_t i = kp->init_count; i-- > 0;) {
        struct kcontainer *c = &kp->containers[i];
        if (c->kill == KILL_WAIT_TURN && its_turn(kp, c)) {
            charge(kp, c);
            sim_cancel(kp->all->sim, CLASS_RUNTIME, kp->object, RT_DEADLINE + c->index);
            send_term(kp, c);
        }
    }
}

void kill_mark(struct kcontainer *c)
{
    ASSERT(c->kill == KILL_IDLE);
    c->kill = KILL_MARKED;
}

void kill_container(struct kpod *kp, struct kcontainer *c, struct stop_grace grace, const char *message)
{
    ASSERT(c->kill == KILL_IDLE || c->kill == KILL_MARKED);
    c->stop_failed = false;
    kpod_event(kp, c, false, "Killing", "%s", message);
    c->kill = KILL_PRESTOP;
    c->kill_instance = c->newest;
    c->grace_left_s = grace.seconds;
    c->stop_timeout_s = grace.timeout;
    c->kill_step_at = kpod_now(kp);
    const struct lifecycle *l = c->spec->lifecycle;
    if (l && l->pre_stop)
        COVER(stop_step, grace.seconds > 0 ? STOP_PRESTOP : STOP_NO_BUDGET);
    if (l && l->pre_stop && grace.seconds > 0 && container_runs(kp, c)) {
        kpod_arm(kp, kpod_now(kp) + grace.seconds * SIM_SECOND, CLASS_RUNTIME, RT_DEADLINE + c->index);
        hook_start(kp, c, l->pre_stop, false);
    } else {
        wait_turn(kp, c);
    }
    advance_waiters(kp);
}

static void hook_timer(struct kpod *kp, struct kcontainer *c)
{
    if (!hook_finished(kp, c))
        return;
    if (c->hook_is_post_start) {
        podworker_resume(kp);
        return;
    }
    if (c->hook_error)
        hook_failed_event(kp, c);
    if (c->kill != KILL_PRESTOP)
        return; /* abandoned: the stop went on without it */
    sim_cancel(kp->all->sim, CLASS_RUNTIME, kp->object, RT_DEADLINE + c->index);
    charge(kp, c);
    wait_turn(kp, c);
}

static void deadline_timer(struct kpod *kp, struct kcontainer *c)
{
    switch (c->kill) {
    case KILL_PRESTOP: /* the budget is used up; the hook is abandoned, not cancelled */
        c->grace_left_s = 0;
        COVER(stop_step, STOP_HOOK_ABANDONED);
        record_hook(kp, c, true, HOOK_ABANDONED, NULL);
        wait_turn(kp, c);
        break;
    case KILL_WAIT_TURN:
        c->grace_left_s = 0;
        COVER(stop_step, STOP_TURN_FORCED);
        send_term(kp, c);
        break;
    case KILL_HELD: /* the runtime takes the call now */
        send_term(kp, c);
        break;
    case KILL_TERM:
        c->kill = KILL_KILLED;
        COVER(stop_step, STOP_KILLED);
        cri_signal(kp->all->cri, c->kill_instance, SIGKILL_NUMBER);
        break;
    case KILL_IDLE:
    case KILL_MARKED:
    case KILL_KILLED:
        break;
    }
}

void kill_timer(struct kpod *kp, struct kcontainer *c, uint32_t which)
{
    if (which == RT_HOOK) {
        hook_timer(kp, c);
    } else if (which == RT_DEADLINE) {
        deadline_timer(kp, c);
    } else if (c->kill != KILL_TERM && c->kill != KILL_KILLED) {
        return;
    } else if (kpod_now(kp) < c->stop_returns) { /* it has ended, the call has not */
        sim_cancel(kp->all->sim, CLASS_RUNTIME, kp->object, RT_DEADLINE + c->index);
        kpod_arm(kp, c->stop_returns, CLASS_RUNTIME, RT_EXITED + c->index);
    } else {
        if (kpod_now(kp) == c->stop_returns) /* it may have ended before: only now it can be seen */
            kubelets_runtime_changed(kp->all, kp->pod->object.ordinal);
        stopped(kp, c);
        advance_waiters(kp);
    }
}
