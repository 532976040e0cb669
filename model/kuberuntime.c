/* kuberuntime.c - what one sync does to a pod's containers, as a pure function from facts to a plan.
 *
 * Mirrors k8s pkg/kubelet/kuberuntime/kuberuntime_manager.go computePodActions and
 * kuberuntime_container.go computeInitContainerActions (v1.36); rules: semantics/kubelet.md 2.6, 2.8,
 * 6.1; removing everything after a rule said RestartAllContainers: restart_all.c.
 */
#include <string.h>

#include "model/kubelet.h"
#include "sim/cover.h"

static uint32_t init_count(const struct actions_input *in) { return in->spec->init_containers.count; }

static const struct container *container_spec(const struct actions_input *in, uint32_t i)
{
    return i < init_count(in) ? &in->spec->init_containers.items[i] : &in->spec->containers.items[i - init_count(in)];
}

static uint32_t total(const struct actions_input *in) { return init_count(in) + in->spec->containers.count; }

static const struct rt_instance *newest(const struct actions_input *in, uint32_t i)
{
    return &in->view->containers[i].newest;
}

/* ---- restart policy ---- */

/* What a policy says of an exit: k8s pkg/kubelet/container/helpers.go, pkg/api/v1/pod/util.go. */
static const struct {
    const char *policy;
    bool exit_zero, exit_other;
} restart_table[] = {
    /* clang-format off */
    /*             exit 0  exit != 0 */
    {"Always",     true,   true},
    {"OnFailure",  false,  true},
    {"Never",      false,  false},
    /* clang-format on */
};

COVER_TABLE(restart, "restart policy", "Always, exit 0", "Always, exit other", "OnFailure, exit 0",
            "OnFailure, exit other", "Never, exit 0", "Never, exit other");
_Static_assert(COVER_ROWS(restart) == 2 * ARRAY_LEN(restart_table), "a name per policy and outcome");

static bool policy_restarts(const char *policy, int32_t exit_code)
{
    for (size_t i = 0; i < ARRAY_LEN(restart_table); i++) {
        if (!text_is(policy, restart_table[i].policy))
            continue;
        COVER(restart, 2 * i + (exit_code != 0));
        return exit_code == 0 ? restart_table[i].exit_zero : restart_table[i].exit_other;
    }
    return true; /* defaulting has put a known policy there */
}

const struct container_restart_rule *matching_restart_rule(const struct container *c, int32_t exit_code)
{
    for (uint32_t i = 0; i < c->restart_policy_rules.count; i++) {
        const struct container_restart_rule *r = &c->restart_policy_rules.items[i];
        if (!r->exit_codes)
            continue;
        bool listed = false;
        for (uint32_t v = 0; v < r->exit_codes->values.count; v++)
            listed |= r->exit_codes->values.items[v] == exit_code;
        if (listed == text_is(r->exit_codes->operator_, "In"))
            return r;
    }
    return NULL;
}

enum { SOURCE_RULE, SOURCE_CONTAINER, SOURCE_INIT_DONE, SOURCE_POD };
COVER_TABLE(restart_source, "who says whether it is restarted", "a rule of the container", "the container's policy",
            "an init container that succeeded: never", "the pod's policy");

bool should_restart_on_exit(const struct pod_spec *spec, const struct container *c, bool init, int32_t exit_code)
{
    /* Both actions, Restart and RestartAllContainers, start it again. */
    if (c->restart_policy && matching_restart_rule(c, exit_code)) {
        COVER(restart_source, SOURCE_RULE);
        return true;
    }
    if (c->restart_policy) {
        COVER(restart_source, SOURCE_CONTAINER);
        return policy_restarts(c->restart_policy, exit_code);
    }
    /* A regular init container under Always is retried on failure and not run again after success. */
    if (init && exit_code == 0) {
        COVER(restart_source, SOURCE_INIT_DONE);
        return false;
    }
    COVER(restart_source, SOURCE_POD);
    return policy_restarts(spec->restart_policy, exit_code);
}

/* After a probe kill exit codes are not consulted. */
static bool restarts_after_probe_kill(const struct pod_spec *spec, const struct container *c)
{
    return !text_is(c->restart_policy ? c->restart_policy : spec->restart_policy, "Never");
}

/* ---- a new sandbox ---- */

/* An instance of a container from `first` on. */
static bool any_instance(const struct actions_input *in, uint32_t first)
{
    for (uint32_t i = first; i < total(in); i++) {
        if (newest(in, i)->id)
            return true;
    }
    return false;
}

static bool done_under_on_failure(const struct actions_input *in, uint32_t i)
{
    const struct container *c = container_spec(in, i);
    const struct rt_instance *n = newest(in, i);
    bool on_failure = text_is(c->restart_policy ? c->restart_policy : in->spec->restart_policy, "OnFailure");
    return on_failure && n->id && n->state == CRI_EXITED && n->exit_code == 0;
}

enum { SANDBOX_NEVER, SANDBOX_ALL_DONE, SANDBOX_FIRST_INIT, SANDBOX_INIT_AGAIN, SANDBOX_FIRST, SANDBOX_AGAIN };
COVER_TABLE(new_sandbox, "no ready sandbox", "Never, and it has run: none", "OnFailure, all succeeded: none",
            "first, init containers begin", "another, init containers again", "first, app containers start",
            "another, app containers start");

static void replace_sandbox(const struct actions_input *in, struct pod_actions *out)
{
    out->kill_pod = in->view->has_sandbox;
    out->create_sandbox = true;
    out->attempt = in->view->has_sandbox ? in->view->sandbox_attempt + 1 : 0;
}

static void plan_new_sandbox(const struct actions_input *in, struct pod_actions *out)
{
    replace_sandbox(in, out);
    if (text_is(in->spec->restart_policy, "Never") && out->attempt != 0 && any_instance(in, 0)) {
        COVER(new_sandbox, SANDBOX_NEVER);
        out->create_sandbox = false;
        return;
    }
    uint32_t wanted = 0;
    for (uint32_t i = init_count(in); i < total(in); i++)
        wanted += !done_under_on_failure(in, i);
    if (wanted == 0 && any_instance(in, init_count(in))) { /* it was initialised, and nothing is left to do */
        out->kill_pod = true;
        out->create_sandbox = false;
        COVER(new_sandbox, SANDBOX_ALL_DONE);
        return;
    }
    COVER(new_sandbox, (init_count(in) > 0 ? SANDBOX_FIRST_INIT : SANDBOX_FIRST) + (out->attempt != 0));
    if (init_count(in) > 0) {
        out->containers[0].start = true;
        return;
    }
    for (uint32_t i = 0; i < total(in); i++)
        out->containers[i].start = !done_under_on_failure(in, i);
}

/* ---- init containers ---- */

enum init_outcome { INIT_WAIT, INIT_DONE, INIT_FAILED };

struct init_walk {
    bool initialised; /* of what comes later: earlier regular ones are skipped then */
    bool pod_done;    /* the app containers may run */
};

static void start_after(const struct actions_input *in, struct pod_actions *out, struct init_walk *w, uint32_t i)
{
    if (w->initialised)
        return; /* something later exists already */
    if (i + 1 == init_count(in))
        w->pod_done = true;
    else
        out->containers[i + 1].start = true;
}

static void kill_and_start(struct pod_actions *out, uint32_t i, enum kill_reason reason)
{
    out->containers[i].kill = reason;
    out->containers[i].start = true;
}

static enum resize_action resize_of(const struct actions_input *in, uint32_t i)
{
    return in->resize ? in->resize[i] : RESIZE_NONE;
}

static void walk_running_sidecar(const struct actions_input *in, struct pod_actions *out, struct init_walk *w,
                                 uint32_t i)
{
    const struct container *c = container_spec(in, i);
    if (c->startup_probe && in->startup[i] != RESULT_SUCCESS) {
        if (in->startup[i] == RESULT_FAILURE)
            kill_and_start(out, i, KILL_STARTUP);
        return;
    }
    start_after(in, out, w, i);
    if (strcmp(newest(in, i)->image, c->image) != 0)
        kill_and_start(out, i, KILL_DEFINITION);
    else if (in->liveness[i] == RESULT_FAILURE)
        kill_and_start(out, i, KILL_LIVENESS);
    else if (resize_of(in, i) == RESIZE_RESTART)
        kill_and_start(out, i, KILL_RESIZE);
    else
        out->containers[i].update = resize_of(in, i) == RESIZE_UPDATE;
}

static enum init_outcome walk_regular(const struct actions_input *in, struct pod_actions *out, struct init_walk *w,
                                      uint32_t i)
{
    const struct rt_instance *n = newest(in, i);
    if (n->state == CRI_CREATED) {
        out->containers[i].start = true;
    } else if (n->state == CRI_EXITED) {
        bool ok = n->exit_code == 0 && !text_is(n->reason, "OOMKilled");
        if (ok)
            start_after(in, out, w, i);
        else if (should_restart_on_exit(in->spec, container_spec(in, i), true, n->exit_code ? n->exit_code : 1))
            out->containers[i].start = true;
        else
            return INIT_FAILED;
    } else if (resize_of(in, i) == RESIZE_RESTART) {
        kill_and_start(out, i, KILL_RESIZE);
    } else {
        out->containers[i].update = resize_of(in, i) == RESIZE_UPDATE;
    }
    return INIT_WAIT;
}

/* k8s kuberuntime_container.go computeInitContainerActions: from the last one to the first. */
static enum init_outcome plan_init(const struct actions_input *in, struct pod_actions *out)
{
    struct init_walk w = {false, init_count(in) == 0};
    for (uint32_t i = init_count(in); i < total(in); i++) {
        const struct rt_instance *n = newest(in, i);
        if (n->id && n->state != CRI_EXITED)
            w.initialised = w.pod_done = true;
    }
    bool nothing = true;
    for (uint32_t i = init_count(in); i-- > 0;) {
        const struct rt_instance *n = newest(in, i);
        bool sidecar = container_is_sidecar(container_spec(in, i));
        if (!n->id) {
            if (w.initialised && sidecar)
                out->containers[i].start = true;
            continue;
        }
        nothing = false;
        if (sidecar && n->state == CRI_RUNNING)
            walk_running_sidecar(in, out, &w, i);
        else if (sidecar)
            out->containers[i].start = true;
        else if (!w.initialised && walk_regular(in, out, &w, i) == INIT_FAILED)
            return INIT_FAILED;
        w.initialised = true;
    }
    if (nothing && init_count(in) > 0 && !w.initialised)
        out->containers[0].start = true;
    return w.pod_done ? INIT_DONE : INIT_WAIT;
}

/* ---- app containers ---- */

enum {
    APP_MISSING,
    APP_CREATED,
    APP_RESTARTED,
    APP_OVER,
    APP_KEPT,
    APP_DEFINITION,
    APP_RESIZE,
    APP_PROBE_RESTART = APP_RESIZE + 1, /* + enum kill_reason - KILL_LIVENESS */
    APP_PROBE_END = APP_PROBE_RESTART + 2,
};
COVER_TABLE(app_container, "app container in a sync", "no instance: start", "created, never started: start",
            "exited: restart", "exited: it is over", "running: keep", "image changed: kill and start",
            "resized: kill and start", "liveness failed: kill and start", "startup failed: kill and start",
            "liveness failed: kill only", "startup failed: kill only");

static enum kill_reason why_kill(const struct actions_input *in, uint32_t i)
{
    if (strcmp(newest(in, i)->image, container_spec(in, i)->image) != 0)
        return KILL_DEFINITION;
    if (in->liveness[i] == RESULT_FAILURE)
        return KILL_LIVENESS;
    if (in->startup[i] == RESULT_FAILURE)
        return KILL_STARTUP;
    if (resize_of(in, i) == RESIZE_RESTART)
        return KILL_RESIZE;
    return KILL_NONE;
}

/* True if the container is kept running as it is. */
static bool plan_app(const struct actions_input *in, struct pod_actions *out, uint32_t i)
{
    const struct container *c = container_spec(in, i);
    const struct rt_instance *n = newest(in, i);
    struct container_action *action = &out->containers[i];
    if (!n->id || n->state == CRI_CREATED) {
        COVER(app_container, n->id ? APP_CREATED : APP_MISSING);
        action->start = !in->deleting;
        return false;
    }
    if (n->state == CRI_EXITED) {
        action->start = !in->deleting && should_restart_on_exit(in->spec, c, false, n->exit_code);
        COVER(app_container, action->start ? APP_RESTARTED : APP_OVER);
        return false;
    }
    action->kill = why_kill(in, i);
    action->update = action->kill == KILL_NONE && resize_of(in, i) == RESIZE_UPDATE;
    action->start = action->kill == KILL_DEFINITION || action->kill == KILL_RESIZE ||
                    (action->kill != KILL_NONE && restarts_after_probe_kill(in->spec, c));
    COVER(app_container, action->kill == KILL_NONE         ? APP_KEPT
                         : action->kill == KILL_DEFINITION ? APP_DEFINITION
                         : action->kill == KILL_RESIZE
                             ? APP_RESIZE
                             : (action->start ? APP_PROBE_RESTART : APP_PROBE_END) + (action->kill - KILL_LIVENESS));
    return action->kill == KILL_NONE;
}

static void clear_containers(const struct actions_input *in, struct pod_actions *out)
{
    memset(out->containers, 0, (total(in) + in->spec->ephemeral_containers.count) * sizeof(*out->containers));
}

void compute_pod_actions(const struct actions_input *in, struct pod_actions *out)
{
    ASSERT(in->spec->containers.count > 0);
    bool new_sandbox = !in->view->has_sandbox || !in->view->sandbox_ready;
    if (new_sandbox && in->restarting_all) { /* it comes first; what is left of the containers is reset after it */
        replace_sandbox(in, out);
        return;
    }
    if (in->restarting_all) {
        restart_all_plan(in, out);
        return;
    }
    if (new_sandbox) {
        plan_new_sandbox(in, out);
        return;
    }
    ephemeral_plan(in, out);
    enum init_outcome init = plan_init(in, out);
    if (init == INIT_FAILED) {
        clear_containers(in, out);
        out->kill_pod = true;
        return;
    }
    if (init == INIT_WAIT)
        return;
    uint32_t alive = 0;
    for (uint32_t i = init_count(in); i < total(in); i++) {
        alive += plan_app(in, out, i);
        alive += out->containers[i].start;
    }
    if (alive == 0) { /* nothing kept, nothing to start: the pod is over, sidecars too */
        clear_containers(in, out);
        out->kill_pod = true;
    }
}
