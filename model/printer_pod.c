/* printer_pod.c - the columns of `kubectl get pods` as values: READY, STATUS, RESTARTS.
 * k8s pkg/printers/internalversion/printers.go printPod (v1.36); rules: api-objects.md 10.3.
 */
#include "model/printer.h"

#include <string.h>

#include "sim/cover.h"

const struct pod_condition *pod_condition_find(const struct pod *pod, const char *type)
{
    for (uint32_t i = 0; i < pod->status.conditions.count; i++)
        if (strcmp(pod->status.conditions.items[i].type, type) == 0)
            return &pod->status.conditions.items[i];
    return NULL;
}

bool pod_condition_true(const struct pod *pod, const char *type)
{
    const struct pod_condition *c = pod_condition_find(pod, type);
    return c && c->status && strcmp(c->status, "True") == 0;
}

static bool has(const struct features *f, enum feature id) { return !f || feature_on(f, id); }

static bool given(const char *text) { return text && *text; }

/* Appends to a status word, cut at the buffer's end. */
static void status_put(struct pod_columns *c, const char *text)
{
    size_t used = strlen(c->status);
    size_t room = POD_STATUS_MAX - 1 - used;
    size_t n = strlen(text);
    memcpy(c->status + used, text, n < room ? n : room);
    c->status[used + (n < room ? n : room)] = '\0';
}

static void status_set(struct pod_columns *c, const char *prefix, const char *text)
{
    c->status[0] = '\0';
    status_put(c, prefix);
    status_put(c, text);
}

static void status_number(struct pod_columns *c, int64_t n)
{
    struct strbuf b = STRBUF_INIT;
    strbuf_int(&b, n);
    status_put(c, strbuf_str(&b));
    strbuf_fini(&b);
}

enum status_row {
    STATUS_REASON,
    STATUS_PHASE,
    STATUS_GATED,
    STATUS_INIT_EXITED,
    STATUS_INIT_WAITING,
    STATUS_INIT_COUNT,
    STATUS_APP_WAITING,
    STATUS_APP_EXITED,
    STATUS_NO_REASON_SIGNAL,
    STATUS_NO_REASON_CODE,
    STATUS_ALL_RUNNING,
    STATUS_SOME_FAILED,
    STATUS_NOT_READY,
    STATUS_UNKNOWN,
    STATUS_TERMINATING,
};
COVER_TABLE(status_column, "STATUS column", "status.reason", "the phase", "SchedulingGated", "Init: reason of an exit",
            "Init: reason of waiting", "Init:n/m", "an app container's reason of waiting",
            "an app container's reason of exit", "Signal:n", "ExitCode:n",
            "Completed, others run and the pod is Ready: Running", "Completed, another failed: its reason",
            "Completed, others run, not Ready: NotReady", "being deleted, NodeLost: Unknown",
            "being deleted: Terminating");

static void status_terminated(struct pod_columns *c, const char *prefix, const struct container_state_terminated *t)
{
    if (given(t->reason)) {
        status_set(c, prefix, t->reason);
        return;
    }
    COVER(status_column, t->signal ? STATUS_NO_REASON_SIGNAL : STATUS_NO_REASON_CODE);
    status_set(c, prefix, t->signal ? "Signal:" : "ExitCode:");
    status_number(c, t->signal ? t->signal : t->exit_code);
}

static bool is_sidecar(const struct pod *pod, const char *name)
{
    for (uint32_t i = 0; i < pod->spec.init_containers.count; i++)
        if (text_is(pod->spec.init_containers.items[i].name, name))
            return container_is_sidecar(&pod->spec.init_containers.items[i]);
    return false;
}

static uint32_t sidecar_count(const struct pod *pod)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < pod->spec.init_containers.count; i++)
        n += container_is_sidecar(&pod->spec.init_containers.items[i]);
    return n;
}

static void newest(sim_time *last, const struct container_status *s)
{
    if (s->last_state.terminated && s->last_state.terminated->finished_at > *last)
        *last = s->last_state.terminated->finished_at;
}

struct restart_count {
    int64_t restarts;
    sim_time last;
};

/* Step 3: the first init container that is not done names the status. True when one was found. */
static bool init_status(const struct pod *pod, struct pod_columns *c, struct restart_count *sidecars)
{
    for (uint32_t i = 0; i < pod->status.init_container_statuses.count; i++) {
        const struct container_status *s = &pod->status.init_container_statuses.items[i];
        bool sidecar = is_sidecar(pod, s->name);
        c->restarts += s->restart_count;
        newest(&c->last_restart, s);
        if (sidecar) {
            sidecars->restarts += s->restart_count;
            newest(&sidecars->last, s);
        }
        if (s->state.terminated && s->state.terminated->exit_code == 0)
            continue;
        if (sidecar && s->started.set && s->started.value) {
            c->ready += s->ready;
            continue;
        }
        if (s->state.terminated) {
            COVER(status_column, STATUS_INIT_EXITED);
            status_terminated(c, "Init:", s->state.terminated);
        } else if (s->state.waiting && given(s->state.waiting->reason) &&
                   !text_is(s->state.waiting->reason, "PodInitializing")) {
            COVER(status_column, STATUS_INIT_WAITING);
            status_set(c, "Init:", s->state.waiting->reason);
        } else {
            COVER(status_column, STATUS_INIT_COUNT);
            status_set(c, "Init:", "");
            status_number(c, i);
            status_put(c, "/");
            status_number(c, pod->spec.init_containers.count);
        }
        return true;
    }
    return false;
}

/* Step 4: app containers from last to first, so that the first one has the last word. */
static void app_status(const struct pod *pod, const struct features *server, struct pod_columns *c)
{
    bool running = false;
    char failed[POD_STATUS_MAX] = "";
    for (uint32_t i = pod->status.container_statuses.count; i-- > 0;) {
        const struct container_status *s = &pod->status.container_statuses.items[i];
        c->restarts += s->restart_count;
        newest(&c->last_restart, s);
        if (s->state.waiting && given(s->state.waiting->reason)) {
            COVER(status_column, STATUS_APP_WAITING);
            status_set(c, "", s->state.waiting->reason);
        } else if (s->state.terminated) {
            COVER(status_column, STATUS_APP_EXITED);
            status_terminated(c, "", s->state.terminated);
            if (s->state.terminated->exit_code != 0)
                memcpy(failed, c->status, sizeof failed);
        } else if (s->state.running && s->ready) {
            running = true;
            c->ready++;
        }
    }
    if (strcmp(c->status, "Completed") != 0)
        return;
    if (running && pod_condition_true(pod, "Ready")) {
        COVER(status_column, STATUS_ALL_RUNNING);
        status_set(c, "", "Running");
    } else if (failed[0] && has(server, FEATURE_STATUS_SHOWS_FAILED_CONTAINER)) {
        COVER(status_column, STATUS_SOME_FAILED);
        status_set(c, "", failed);
    } else if (running) {
        COVER(status_column, STATUS_NOT_READY);
        status_set(c, "", "NotReady");
    }
}

static bool phase_is_terminal(const struct pod *pod)
{
    return text_is(pod->status.phase, "Succeeded") || text_is(pod->status.phase, "Failed");
}

/* k8s printPod. */
void printer_pod_columns(const struct pod *pod, const struct features *server, struct pod_columns *ret)
{
    struct pod_columns *c = ret;
    *c = (struct pod_columns){.last_restart = SIM_NEVER};
    c->total = pod->spec.containers.count + sidecar_count(pod);
    status_set(c, "", given(pod->status.reason) ? pod->status.reason : pod->status.phase ? pod->status.phase : "");
    COVER(status_column, given(pod->status.reason) ? STATUS_REASON : STATUS_PHASE);
    const struct pod_condition *scheduled = pod_condition_find(pod, "PodScheduled");
    if (scheduled && text_is(scheduled->reason, "SchedulingGated")) {
        COVER(status_column, STATUS_GATED);
        status_set(c, "", "SchedulingGated");
    }

    struct restart_count sidecars = {0, SIM_NEVER};
    bool initializing = init_status(pod, c, &sidecars);
    if (!initializing || pod_condition_true(pod, "Initialized")) {
        c->restarts = sidecars.restarts;
        c->last_restart = sidecars.last;
        app_status(pod, server, c);
    }
    if (pod->object.meta.deletion_timestamp == SIM_NEVER)
        return;
    if (text_is(pod->status.reason, "NodeLost")) {
        COVER(status_column, STATUS_UNKNOWN);
        status_set(c, "", "Unknown");
    } else if (!phase_is_terminal(pod) || !has(server, FEATURE_TERMINATING_IF_NOT_TERMINAL)) {
        COVER(status_column, STATUS_TERMINATING);
        status_set(c, "", "Terminating");
    }
}
