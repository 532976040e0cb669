/* why_steps.c - from one record of a chain to the one before it.
 *
 * Each kind of record has a teller: it adds a step, or none when the record is only a link, and says which record comes
 * next. Most follow the cause in the trace. Where the trace links two things by way of the kubelet's bookkeeping, the
 * teller goes straight to what a person would name: from a restart to the exit before it, from an exit to the signal,
 * from a signal to the probe.
 */
#include <string.h>

#include "model/api_apps.h"
#include "report/why_private.h"

enum { STEPS_MAX = 24, LINKS_MAX = 4096 };
#define KILL_MARGIN (2100 * SIM_MS) /* what a hook that took all of the grace period leaves, and a bit */

static const struct trace_record *at(const struct why *w, uint32_t record)
{
    return trace_at(w->view.run->trace, record);
}

static struct why_step *add_step(struct why *w, uint32_t record, enum why_rule rule, const char *what)
{
    const struct trace_record *r = at(w, record);
    struct why_step *s = pool_at(&w->steps, pool_add(&w->steps));
    *s = (struct why_step){
        .at = r->at, .record = record, .who = (enum trace_component)r->component, .rule = rule, .what = what};
    return s;
}

static const char *seconds(struct why *w, sim_time t)
{
    struct strbuf b = STRBUF_INIT;
    strbuf_seconds(&b, t, 0);
    const char *text = arena_printf(&w->view.arena, "%s s", strbuf_str(&b));
    strbuf_fini(&b);
    return text;
}

static const char *port_text(struct why *w, const struct int_or_string *port)
{
    return port->text ? port->text : arena_printf(&w->view.arena, "%" PRId64, port->number);
}

static const char *number(struct why *w, int64_t n) { return arena_printf(&w->view.arena, "%" PRId64, n); }

const struct api_object *why_object(const struct why *w, uint32_t ordinal, uint32_t record)
{
    for (uint32_t i = record; i > TRACE_ROOT; i--) {
        const struct trace_record *r = at(w, i);
        if (r->kind == TRACE_WRITE && r->object == ordinal)
            return r->data;
    }
    return NULL;
}

static const struct pod *pod_at(const struct why *w, uint32_t ordinal, uint32_t record)
{
    const struct api_object *o = why_object(w, ordinal, record);
    return o && o->kind == KIND_POD ? (const struct pod *)o : NULL;
}

/* The last record before `record`, about the same pod and container, of that kind; 0 = none. */
static uint32_t before(const struct why *w, uint32_t record, enum trace_kind kind, const char *container)
{
    uint32_t object = at(w, record)->object;
    for (uint32_t i = record - 1; i > TRACE_ROOT && i < record; i--) {
        const struct trace_record *r = at(w, i);
        if (r->kind == kind && r->object == object && text_same(r->text, container))
            return i;
    }
    return 0;
}

/* ---- containers ---- */

static void add_restart_policy(struct why *w, struct why_step *s, uint32_t record, const struct trace_container *c)
{
    const struct pod *pod = pod_at(w, at(w, record)->object, record);
    const struct container *spec = pod ? view_spec(pod, c->container) : NULL;
    if (!spec)
        return;
    const char *policy = spec->restart_policy ? spec->restart_policy : pod->spec.restart_policy;
    if (s->rule == RULE_NONE)
        s->rule = text_same(policy, "Always") ? RULE_RESTART_ALWAYS : RULE_RESTART_ON_FAILURE;
    why_field(w, s, pod, spec->restart_policy ? c->container : NULL, "restartPolicy", policy);
}

static uint32_t tell_started(struct why *w, uint32_t record)
{
    const struct trace_record *r = at(w, record);
    const struct trace_container *c = r->data;
    uint32_t exit = r->aux ? before(w, record, TRACE_CONTAINER_EXITED, r->text) : 0;
    uint32_t wait = r->aux ? before(w, record, TRACE_BACKOFF, r->text) : 0;
    if (!exit || w->steps.count) { /* where a chain ends */
        add_step(w, record, RULE_NONE,
                 r->aux
                     ? arena_printf(&w->view.arena, "Container %s was started (restart %" PRIu32 ")", r->text, r->aux)
                     : arena_printf(&w->view.arena, "Container %s was started", r->text));
        return exit ? exit : r->cause;
    }
    bool waited = wait > exit;
    struct why_step *s = add_step(
        w, record, waited ? RULE_BACKOFF : RULE_NONE,
        arena_printf(&w->view.arena, "Container %s was started again (restart %" PRIu32 "), %s", r->text, r->aux,
                     waited ? arena_printf(&w->view.arena, "after a back-off of %s",
                                           seconds(w, (sim_time)at(w, wait)->aux * SIM_MS))
                            : "at once"));
    add_restart_policy(w, s, record, c);
    return exit;
}

/* What ended an instance: a signal of the kubelet or of a user, the kernel; 0 = it ended by itself. */
static uint32_t who_ended(const struct why *w, uint32_t record, const char *container)
{
    uint32_t start = before(w, record, TRACE_CONTAINER_STARTED, container);
    uint32_t signal = before(w, record, TRACE_SIGNAL, container), oom = before(w, record, TRACE_OOM_KILL, container);
    if (oom > start)
        return oom;
    return signal > start ? signal : 0;
}

static uint32_t tell_exited(struct why *w, uint32_t record)
{
    const struct trace_record *r = at(w, record);
    const struct trace_container *c = r->data;
    uint32_t by = who_ended(w, record, r->text), start = before(w, record, TRACE_CONTAINER_STARTED, r->text);
    const char *own = by || !start ? ""
                                   : arena_printf(&w->view.arena, " by itself, %s after its start",
                                                  seconds(w, r->at - at(w, start)->at));
    const char *how = text_same(c->reason, "StartError")
                          ? arena_printf(&w->view.arena, "Container %s could not be started: %s", r->text,
                                         c->message ? view_short_error(&w->view, c->message) : "")
                          : arena_printf(&w->view.arena, "Container %s ended with exit code %" PRId32 " (%s)%s",
                                         r->text, c->exit_code, c->reason ? c->reason : "", own);
    add_step(w, record, RULE_NONE, how);
    return by ? by : start;
}

static uint32_t tell_oom(struct why *w, uint32_t record)
{
    const struct trace_record *r = at(w, record);
    const struct trace_container *c = r->data;
    const struct pod *pod = pod_at(w, r->object, record);
    const struct container *spec = pod ? view_spec(pod, r->text) : NULL;
    struct why_step *s =
        add_step(w, record, RULE_OOM,
                 arena_printf(&w->view.arena, "%s in container %s had grown to %" PRIu64 " MiB: killed",
                              c->message ? c->message : "A process", r->text, c->bytes >> 20));
    if (spec)
        why_field(w, s, pod, r->text, "resources.limits.memory", NULL);
    return before(w, record, TRACE_CONTAINER_STARTED, r->text);
}

static const char *const signal_effects[] = {[SIGNAL_DEFAULT] = "it kills",
                                             [SIGNAL_HANDLED] = "the program handles it",
                                             [SIGNAL_IGNORED] = "the program ignores it"};

/* A SIGKILL at the end of a grace period is told by the signal that began it. */
static uint32_t tell_signal(struct why *w, uint32_t record)
{
    const struct trace_record *r = at(w, record);
    uint32_t first = before(w, record, TRACE_SIGNAL, r->text), hook = before(w, record, TRACE_HOOK, r->text);
    uint32_t start = before(w, record, TRACE_CONTAINER_STARTED, r->text);
    const char *name = view_signal_name((int32_t)r->aux);
    const struct pod *pod = pod_at(w, r->object, record);
    uint32_t began = hook > start && at(w, hook)->flags == 1 ? hook : first > start ? first : 0;
    bool kill = r->aux == 9 && began;
    struct why_step *s;
    if (kill) {
        sim_time waited = r->at - at(w, began)->at, grace = SIM_NEVER;
        if (pod && pod->spec.termination_grace_period_seconds.set)
            grace = pod->spec.termination_grace_period_seconds.value * SIM_SECOND;
        s = add_step(w, record, RULE_GRACE,
                     arena_printf(&w->view.arena,
                                  "The grace period was over: SIGKILL to container %s, %s after it was told "
                                  "to stop",
                                  r->text, seconds(w, waited)));
        if (grace != SIM_NEVER && waited >= grace && waited <= grace + KILL_MARGIN)
            why_field(w, s, pod, NULL, "terminationGracePeriodSeconds",
                      number(w, pod->spec.termination_grace_period_seconds.value));
        return began;
    }
    add_step(w, record, r->flags == SIGNAL_IGNORED ? RULE_PID1 : RULE_NONE,
             arena_printf(&w->view.arena, "%s was sent to container %s: %s", name, r->text, signal_effects[r->flags]));
    return began && at(w, began)->kind == TRACE_HOOK ? began : r->cause;
}

static uint32_t tell_hook(struct why *w, uint32_t record)
{
    static const char *const ends[] = {"began", "ended", "failed", "was abandoned, its time was over"};
    const struct trace_record *r = at(w, record);
    const struct pod *pod = pod_at(w, r->object, record);
    uint32_t begun = r->aux ? before(w, record, TRACE_HOOK, r->text) : 0;
    const char *took = begun ? arena_printf(&w->view.arena, " after %s", seconds(w, r->at - at(w, begun)->at)) : "";
    struct why_step *s = add_step(w, record, r->flags ? RULE_STOP : RULE_NONE,
                                  arena_printf(&w->view.arena, "The %s hook of container %s %s%s",
                                               r->flags ? "preStop" : "postStart", r->text, ends[r->aux], took));
    if (pod)
        why_field(w, s, pod, r->text, r->flags ? "lifecycle.preStop" : "lifecycle.postStart", NULL);
    return begun ? at(w, begun)->cause : r->cause;
}

/* ---- probes ---- */

static const char *const probe_fields[] = {
    [PROBE_STARTUP] = "startupProbe", [PROBE_READINESS] = "readinessProbe", [PROBE_LIVENESS] = "livenessProbe"};
static const enum why_rule probe_rules[] = {
    [PROBE_STARTUP] = RULE_STARTUP, [PROBE_READINESS] = RULE_READINESS, [PROBE_LIVENESS] = RULE_LIVENESS};

/* The failure before that one of the same probe and row; 0 = it was the first. */
static uint32_t failure_before(const struct why *w, uint32_t record)
{
    const struct trace_record *r = at(w, record);
    uint32_t i = record;
    if (((const struct trace_probe *)r->data)->run <= 1)
        return 0;
    do
        i = before(w, i, TRACE_PROBE, r->text);
    while (i && at(w, i)->flags != r->flags);
    return i;
}

static uint32_t first_failure(const struct why *w, uint32_t record)
{
    uint32_t first = record;
    for (uint32_t i; (i = failure_before(w, first)) != 0;)
        first = i;
    return first;
}

/* ", at 15.35 s, 20.35 s and 25.35 s"; of many ", since 15.35 s" */
static const char *times_of_run(struct why *w, uint32_t record, int32_t run)
{
    enum { SHOWN = 4 };
    if (run > SHOWN)
        return arena_printf(&w->view.arena, ", since %s", seconds(w, at(w, first_failure(w, record))->at));
    const char *text = seconds(w, at(w, record)->at);
    uint32_t i = record;
    for (int32_t k = 1; k < run && (i = failure_before(w, i)) != 0; k++)
        text = arena_printf(&w->view.arena, "%s%s%s", seconds(w, at(w, i)->at), k == 1 ? " and " : ", ", text);
    return arena_printf(&w->view.arena, ", at %s", text);
}

/* What the probe asks for, as far as its output names that. */
static void add_target(struct why *w, struct why_step *s, const struct pod *pod, const char *container,
                       const struct probe *probe, const char *field, const char *output)
{
    struct arena *a = &w->view.arena;
    if (probe->http_get && strstr(output, "statuscode"))
        why_field(w, s, pod, container, arena_printf(a, "%s.httpGet.path", field),
                  probe->http_get->path ? probe->http_get->path : "/");
    if (probe->http_get && strstr(output, "refused"))
        why_field(w, s, pod, container, arena_printf(a, "%s.httpGet.port", field),
                  port_text(w, &probe->http_get->port));
    if (probe->tcp_socket && strstr(output, "refused"))
        why_field(w, s, pod, container, arena_printf(a, "%s.tcpSocket.port", field),
                  port_text(w, &probe->tcp_socket->port));
    if (strstr(output, "deadline exceeded") || strstr(output, "timed out") || strstr(output, "timeout"))
        why_field(w, s, pod, container, arena_printf(a, "%s.timeoutSeconds", field), number(w, probe->timeout_seconds));
}

/* Before the first of the failures somebody has done something to the pod: the last such line, not longer ago than the
 * probe would have needed to see it; else the start of the container. */
static uint32_t what_changed(struct why *w, uint32_t record, const struct pod *pod, const struct probe *probe)
{
    const struct trace_record *last = at(w, record);
    uint32_t start = before(w, record, TRACE_CONTAINER_STARTED, last->text), first = first_failure(w, record);
    sim_time since = probe ? at(w, first)->at - probe->period_seconds * SIM_SECOND : last->at;
    for (uint32_t i = first; pod && i > start && at(w, i)->at >= since; i--)
        if (at(w, i)->kind == TRACE_ACTION && strstr(at(w, i)->text, pod->object.meta.name))
            return i;
    return start;
}

static uint32_t tell_probe(struct why *w, uint32_t record)
{
    const struct trace_record *r = at(w, record);
    const struct trace_probe *p = r->data;
    const struct pod *pod = pod_at(w, r->object, record);
    const char *field = probe_fields[r->flags];
    bool failed = p->result == RESULT_FAILURE;
    const char *what =
        !failed ? arena_printf(&w->view.arena, "The %s probe of container %s succeeded", probe_names[r->flags], r->text)
        : p->run == 1
            ? arena_printf(&w->view.arena, "The %s probe of container %s failed: %s", probe_names[r->flags], r->text,
                           view_probe_output(&w->view, p->output))
            : arena_printf(&w->view.arena, "The %s probe of container %s failed %" PRId32 " times in a row%s: %s",
                           probe_names[r->flags], r->text, p->run, times_of_run(w, record, p->run),
                           view_probe_output(&w->view, p->output));
    struct why_step *s = add_step(w, record, failed ? probe_rules[r->flags] : RULE_READY, what);
    const struct container *c = pod ? view_spec(pod, r->text) : NULL;
    const struct probe *probe = !c                           ? NULL
                                : r->flags == PROBE_LIVENESS ? c->liveness_probe
                                : r->flags == PROBE_STARTUP  ? c->startup_probe
                                                             : c->readiness_probe;
    if (pod) {
        why_field(w, s, pod, r->text,
                  arena_printf(&w->view.arena, "%s.%s", field, failed ? "failureThreshold" : "successThreshold"),
                  number(w, p->threshold));
        if (failed && probe)
            add_target(w, s, pod, r->text, probe, field, p->output);
        if (failed && r->flags == PROBE_LIVENESS && c && !c->startup_probe && p->run > 1 &&
            strstr(p->output, "connection refused"))
            why_field(w, s, pod, r->text, "startupProbe", "none, nothing holds the liveness probe back");
    }
    return failed ? what_changed(w, record, pod, probe) : before(w, record, TRACE_CONTAINER_STARTED, r->text);
}

/* ---- the rest of what the API does not show ---- */

static uint32_t tell_backoff(struct why *w, uint32_t record)
{
    const struct trace_record *r = at(w, record);
    const struct trace_container *c = r->data;
    uint32_t exit = before(w, record, TRACE_CONTAINER_EXITED, r->text);
    struct why_step *s =
        add_step(w, record, RULE_BACKOFF,
                 arena_printf(&w->view.arena, "The kubelet waits %s before it starts container %s again",
                              seconds(w, (sim_time)r->aux * SIM_MS), r->text));
    add_restart_policy(w, s, record, c);
    return exit ? exit : r->cause;
}

/* All tries that have failed so far are one step. */
static uint32_t tell_pull(struct why *w, uint32_t record)
{
    const struct trace_record *r = at(w, record);
    const struct trace_container *c = r->data;
    const struct pod *pod = pod_at(w, r->object, record);
    uint32_t first = record, tries = 1;
    if (r->kind == TRACE_PULL_START || !r->aux)
        return r->cause;
    for (uint32_t i; (i = before(w, first, TRACE_PULL_END, r->text)) != 0 && at(w, i)->aux; tries++)
        first = i;
    const char *times =
        tries > 1 ? arena_printf(&w->view.arena, " %" PRIu32 " times, first at %s", tries, seconds(w, at(w, first)->at))
                  : "";
    struct why_step *s = add_step(w, record, RULE_PULL,
                                  arena_printf(&w->view.arena, "The pull of image %s failed%s: %s", r->text, times,
                                               view_short_error(&w->view, c && c->message ? c->message : "")));
    if (pod && c)
        why_field(w, s, pod, c->container, "image", r->text);
    return at(w, first)->cause;
}

static uint32_t tell_action(struct why *w, uint32_t record)
{
    const struct trace_record *r = at(w, record);
    const struct src_pos *pos = r->data;
    const char *where = pos ? view_position(&w->view, *pos) : NULL;
    struct why_step *s =
        add_step(w, record, RULE_NONE,
                 arena_printf(&w->view.arena, r->flags ? "%s" : "kubectl %s", view_one_line(&w->view, r->text)));
    if (where)
        s->fields[s->field_count++] = where;
    return TRACE_ROOT;
}

/* ---- requests ---- */

static bool tells_of_deletion(const struct trace_record *r)
{
    const struct api_object *o = r->data;
    return o->kind == KIND_POD && o->meta.deletion_timestamp != SIM_NEVER &&
           (!o->prev || o->prev->meta.deletion_timestamp == SIM_NEVER);
}

/* The server that they were sent to ended, or was ending: the last thing that befell its pod before the first of them
 * was lost. */
static uint32_t befell(const struct why *w, uint32_t record, sim_time before_time)
{
    uint32_t object = at(w, record)->object;
    for (uint32_t i = record; object && i > TRACE_ROOT; i--) {
        const struct trace_record *r = at(w, i);
        bool ended = r->kind == TRACE_CONTAINER_EXITED || r->kind == TRACE_SIGNAL ||
                     (r->kind == TRACE_WRITE && tells_of_deletion(r));
        if (r->object == object && r->at <= before_time && ended)
            return i;
    }
    return at(w, record)->cause;
}

/* All of one client that ended alike at one pod are one step, whatever each client saw. */
static uint32_t tell_traffic(struct why *w, uint32_t record)
{
    const struct trace *trace = w->view.run->trace;
    const struct trace_record *r = at(w, record);
    const struct trace_traffic *t = r->data;
    const struct pod *pod = pod_at(w, r->object, record);
    bool dying = r->aux == FATE_STALE_ENDPOINT || r->aux == FATE_KILLED_IN_FLIGHT;
    uint64_t count = 0;
    sim_time first = t->first, last = t->last;
    for (uint32_t i = 1; i < trace_count(trace); i++) {
        const struct trace_record *other = at(w, i);
        const struct trace_traffic *d = other->kind == TRACE_TRAFFIC ? other->data : NULL;
        if (!d || !d->count || other->aux != r->aux || !text_same(other->text, r->text) || !text_same(d->pod, t->pod))
            continue;
        count += d->count;
        first = d->first < first ? d->first : first;
        last = d->last > last ? d->last : last;
    }
    struct why_step *s =
        add_step(w, record, dying ? RULE_ROUTES : RULE_NONE,
                 arena_printf(&w->view.arena, "%" PRIu64 " %s of client %s %s%s%s, sent from %s to %s: %s", count,
                              count == 1 ? "request" : "requests", r->text,
                              r->aux == FATE_SERVED ? "were served" : "were lost", t->pod ? " at pod " : "",
                              t->pod ? t->pod : "", seconds(w, first), seconds(w, last), traffic_fates[r->aux].what));
    for (uint32_t i = 0; pod && dying && i < pod->spec.containers.count; i++)
        if (!pod->spec.containers.items[i].lifecycle || !pod->spec.containers.items[i].lifecycle->pre_stop)
            why_field(w, s, pod, pod->spec.containers.items[i].name, "lifecycle.preStop",
                      "none, nothing keeps the server until the rules have changed");
    return r->object ? befell(w, record, first) : r->cause;
}

/* ---- writes ---- */

static bool ready(const struct pod *p) { return p && pod_condition_true(p, "Ready"); }

static bool deleting(const struct pod *p) { return p && p->object.meta.deletion_timestamp != SIM_NEVER; }

static uint32_t tell_created(struct why *w, uint32_t record)
{
    const struct trace_record *r = at(w, record);
    const struct api_object *o = r->data;
    const char *where = o->source ? view_position(&w->view, o->source->at) : NULL;
    enum why_rule rule = r->component == COMP_USER    ? RULE_NONE
                         : o->kind == KIND_REPLICASET ? RULE_NEW_SET
                                                      : RULE_REPLICAS;
    struct why_step *s =
        add_step(w, record, rule, arena_printf(&w->view.arena, "%s was created", view_object_name(&w->view, o)));
    if (where)
        s->fields[s->field_count++] = where;
    return r->cause;
}

/* Which filter's words name which fields. */
static const struct {
    const char *word, *field;
    bool of_container;
} filter_fields[] = {
    {"Insufficient cpu", "resources.requests.cpu", true},
    {"Insufficient memory", "resources.requests.memory", true},
    {"Insufficient ephemeral-storage", "resources.requests.ephemeral-storage", true},
    {"node affinity/selector", "nodeSelector", false},
    {"node affinity/selector", "affinity", false},
    {"anti-affinity", "affinity", false},
    {"pod affinity", "affinity", false},
    {"topology spread", "topologySpreadConstraints", false},
    {"free ports", "ports", true},
};

static uint32_t tell_unschedulable(struct why *w, uint32_t record, const struct pod *p, const struct pod_condition *c)
{
    struct why_step *s = add_step(w, record, RULE_FILTER,
                                  arena_printf(&w->view.arena, "No node takes %s: %s",
                                               view_object_name(&w->view, &p->object), c->message ? c->message : ""));
    for (size_t i = 0; c->message && i < ARRAY_LEN(filter_fields); i++) {
        bool own = !filter_fields[i].of_container;
        for (uint32_t k = 0; strstr(c->message, filter_fields[i].word) && k < (own ? 1 : p->spec.containers.count); k++)
            why_field(w, s, p, own ? NULL : p->spec.containers.items[k].name, filter_fields[i].field, NULL);
    }
    return at(w, record)->cause;
}

/* A waiting container that the status names a reason for. */
static const struct container_status *blocked(const struct pod *p)
{
    for (int init = 1; init >= 0; init--) {
        uint32_t n = init ? p->status.init_container_statuses.count : p->status.container_statuses.count;
        const struct container_status *list =
            init ? p->status.init_container_statuses.items : p->status.container_statuses.items;
        for (uint32_t i = 0; i < n; i++)
            if (list[i].state.waiting && list[i].state.waiting->message && *list[i].state.waiting->message)
                return &list[i];
    }
    return NULL;
}

/* STATUS becomes CrashLoopBackOff: the back-off it is about; 0 = it does not. */
static uint32_t begins_to_wait(const struct why *w, uint32_t record, const struct pod *p, const struct pod *was)
{
    struct pod_columns now, then;
    printer_pod_columns(p, w->view.run->features, &now);
    printer_pod_columns(was, w->view.run->features, &then);
    if (!strstr(now.status, "CrashLoopBackOff") || strcmp(now.status, then.status) == 0)
        return 0;
    for (uint32_t i = record - 1; i > TRACE_ROOT; i--)
        if (at(w, i)->kind == TRACE_BACKOFF && at(w, i)->object == at(w, record)->object)
            return i;
    return 0;
}

/* What is told of one version of a pod: the first row that holds. NULL = it is only a link. */
static uint32_t tell_pod(struct why *w, uint32_t record)
{
    const struct trace_record *r = at(w, record);
    const struct pod *p = r->data, *was = (const struct pod *)p->object.prev;
    const char *name = view_object_name(&w->view, &p->object);
    const struct pod_condition *scheduled = pod_condition_find(p, "PodScheduled"), *c;
    if (r->flags == WRITE_DELETE) {
        add_step(w, record, RULE_NONE, arena_printf(&w->view.arena, "%s was removed from the API", name));
        return r->cause;
    }
    if (!was)
        return tell_created(w, record);
    if (deleting(p) && !deleting(was)) {
        add_step(w, record, RULE_DELETE,
                 arena_printf(&w->view.arena, "%s was to be deleted, with %" PRId64 " s of grace", name,
                              p->object.meta.deletion_grace_period_seconds.value));
        return r->cause;
    }
    if (text_same(p->status.phase, "Failed") && !text_same(was->status.phase, "Failed")) {
        add_step(w, record, text_same(p->status.reason, "Evicted") ? RULE_EVICT : RULE_NONE,
                 arena_printf(&w->view.arena, "%s failed%s%s%s%s", name, p->status.reason ? ": " : "",
                              p->status.reason ? p->status.reason : "", p->status.message ? ": " : "",
                              p->status.message ? view_one_line(&w->view, p->status.message) : ""));
        return r->cause;
    }
    if (scheduled && text_same(scheduled->status, "False") && text_same(scheduled->reason, "Unschedulable"))
        return tell_unschedulable(w, record, p, scheduled);
    uint32_t wait = begins_to_wait(w, record, p, was);
    if (wait) {
        add_step(w, record, RULE_NONE,
                 arena_printf(&w->view.arena,
                              "kubectl shows CrashLoopBackOff for %s: a container waits for its restart", name));
        return wait;
    }
    if (ready(p) != ready(was)) {
        c = pod_condition_find(p, "Ready");
        add_step(w, record, RULE_POD_READY,
                 arena_printf(&w->view.arena, "%s %s%s%s", name, ready(p) ? "became Ready" : "was not Ready any more",
                              c && c->message && *c->message ? ": " : "", c && c->message ? c->message : ""));
        return r->cause;
    }
    const struct container_status *b = blocked(p);
    if (b && !text_same(b->state.waiting->reason, "CrashLoopBackOff")) {
        struct why_step *s =
            add_step(w, record, strstr(b->state.waiting->reason, "Image") ? RULE_PULL : RULE_NONE,
                     arena_printf(&w->view.arena, "Container %s waits: %s: %s", b->name, b->state.waiting->reason,
                                  view_one_line(&w->view, b->state.waiting->message)));
        if (strstr(b->state.waiting->reason, "Image"))
            why_field(w, s, p, b->name, "image", b->image);
    }
    return r->cause;
}

/* ---- rollouts ---- */

static int64_t revision_of(const struct api_object *o)
{
    const char *text = str_map_get(&o->meta.annotations, "deployment.kubernetes.io/revision");
    int64_t n = 0;
    for (; text && *text >= '0' && *text <= '9'; text++)
        n = n * 10 + (*text - '0');
    return n;
}

static bool owned_by(const struct api_object *o, const char *uid)
{
    for (uint32_t i = 0; i < o->meta.owner_references.count; i++)
        if (o->meta.owner_references.items[i].controller.value && text_same(o->meta.owner_references.items[i].uid, uid))
            return true;
    return false;
}

/* The pod of the newest revision that is not Ready as of `record`, the oldest of them; NULL = there is none. */
static const struct pod *laggard(struct why *w, const struct api_object *deployment, uint32_t record)
{
    const struct api_object *newest = NULL;
    for (uint32_t i = 1; i < w->view.object_count; i++) {
        const struct api_object *o = w->view.objects[i].latest;
        if (o && o->kind == KIND_REPLICASET && owned_by(o, deployment->meta.uid) &&
            (o = why_object(w, i, record)) != NULL && (!newest || revision_of(o) > revision_of(newest)))
            newest = o;
    }
    for (uint32_t i = 1; newest && i < w->view.object_count; i++) {
        const struct api_object *o = w->view.objects[i].latest;
        if (!o || o->kind != KIND_POD || !owned_by(o, newest->meta.uid))
            continue;
        const struct pod *p = pod_at(w, i, record);
        if (p && !ready(p) && !deleting(p))
            return p;
    }
    return NULL;
}

/* What last kept a pod from being Ready; 0 = nothing is known. */
static uint32_t obstacle(const struct why *w, const struct pod *p, uint32_t record)
{
    const struct pod_condition *c = pod_condition_find(p, "PodScheduled");
    bool unscheduled = c && text_same(c->status, "False");
    for (uint32_t i = record; i > TRACE_ROOT; i--) {
        const struct trace_record *r = at(w, i);
        const struct trace_probe *probe = r->kind == TRACE_PROBE ? r->data : NULL;
        if (r->object != p->object.ordinal)
            continue;
        if ((probe && probe->result == RESULT_FAILURE) || r->kind == TRACE_BACKOFF ||
            (r->kind == TRACE_PULL_END && r->aux) || (unscheduled && r->kind == TRACE_WRITE))
            return i;
    }
    return 0;
}

static uint32_t tell_stuck(struct why *w, uint32_t record, const struct deployment *d,
                           const struct workload_condition *c)
{
    struct why_step *s = add_step(w, record, RULE_PROGRESS,
                                  arena_printf(&w->view.arena, "%s is stuck: %s",
                                               view_object_name(&w->view, &d->object), c->message ? c->message : ""));
    why_own_field(w, s, &d->object, "progressDeadlineSeconds", number(w, d->spec.progress_deadline_seconds.value));
    const struct pod *p = laggard(w, &d->object, record);
    uint32_t why = p ? obstacle(w, p, record) : 0;
    if (!p)
        return at(w, record)->cause;
    if (!why)
        return at(w, record)->cause;
    s = add_step(
        w, why, RULE_AVAILABLE,
        arena_printf(&w->view.arena, "%s of the new revision is not Ready", view_object_name(&w->view, &p->object)));
    s->who = COMP_KUBELET;
    why_own_field(w, s, &d->object, "strategy",
                  text_same(d->spec.strategy.type, "Recreate") ? "Recreate" : "RollingUpdate");
    return why;
}

static const struct workload_condition *deployment_condition(const struct deployment *d, const char *type)
{
    for (uint32_t i = 0; d && i < d->status.conditions.count; i++)
        if (text_same(d->status.conditions.items[i].type, type))
            return &d->status.conditions.items[i];
    return NULL;
}

static uint32_t tell_workload(struct why *w, uint32_t record)
{
    const struct trace_record *r = at(w, record);
    const struct api_object *o = r->data;
    uint32_t because;
    if (r->flags == WRITE_CREATE)
        return tell_created(w, record);
    const struct deployment *d = o->kind == KIND_DEPLOYMENT ? (const struct deployment *)o : NULL;
    const struct workload_condition *now = deployment_condition(d, "Progressing"),
                                    *was = deployment_condition(d ? (const struct deployment *)o->prev : NULL,
                                                                "Progressing");
    if (now && text_same(now->status, "False") && !(was && text_same(was->status, "False")))
        return tell_stuck(w, record, d, now);
    /* What the view has to say of it as a cause, from the point of view of what follows it. */
    for (uint32_t i = record + 1; i < trace_count(w->view.run->trace); i++) {
        if (at(w, i)->cause != record)
            continue;
        const char *why = view_why(&w->view, i, &because);
        if (why && because == record)
            add_step(w, record, RULE_AVAILABLE, why);
        break;
    }
    return r->cause;
}

static const char *endpoint_pod(const struct endpoint *e)
{
    return e->target_ref && e->target_ref->name ? e->target_ref->name
           : e->addresses.count                 ? e->addresses.items[0]
                                                : "?";
}

static bool takes(const struct endpoint *e) { return e && (!e->conditions.ready.set || e->conditions.ready.value); }

static const struct endpoint *same_endpoint(const struct endpoint_slice *slice, const struct endpoint *e)
{
    for (uint32_t i = 0; slice && i < slice->endpoints.count; i++)
        if (text_same(endpoint_pod(&slice->endpoints.items[i]), endpoint_pod(e)))
            return &slice->endpoints.items[i];
    return NULL;
}

static uint32_t tell_slice(struct why *w, uint32_t record)
{
    const struct trace_record *r = at(w, record);
    const struct endpoint_slice *slice = r->data, *was = (const struct endpoint_slice *)slice->object.prev;
    struct strbuf b = STRBUF_INIT;
    for (uint32_t i = 0; i < slice->endpoints.count; i++) {
        const struct endpoint *e = &slice->endpoints.items[i];
        if (takes(e) != takes(same_endpoint(was, e)))
            strbuf_printf(&b, "%spod %s %s", b.len ? ", " : "", endpoint_pod(e),
                          takes(e) ? "takes requests" : "takes no requests any more");
    }
    for (uint32_t i = 0; was && i < was->endpoints.count; i++) {
        const struct endpoint *e = &was->endpoints.items[i];
        if (takes(e) && !same_endpoint(slice, e))
            strbuf_printf(&b, "%spod %s is no endpoint any more", b.len ? ", " : "", endpoint_pod(e));
    }
    if (b.len)
        add_step(w, record, RULE_ENDPOINT,
                 arena_printf(&w->view.arena, "%s: %s", view_object_name(&w->view, &slice->object), strbuf_str(&b)));
    strbuf_fini(&b);
    return r->cause;
}

static uint32_t tell_write(struct why *w, uint32_t record)
{
    const struct trace_record *r = at(w, record);
    const struct api_object *o = r->data;
    switch (o->kind) {
    case KIND_POD:
        return tell_pod(w, record);
    case KIND_ENDPOINTSLICE:
        return tell_slice(w, record);
    case KIND_EVENT:
        return r->cause;
    default:
        return r->flags == WRITE_CREATE && r->component == COMP_USER ? tell_created(w, record)
                                                                     : tell_workload(w, record);
    }
}

/* ---- the chain ---- */

static uint32_t tell(struct why *w, uint32_t record)
{
    switch (at(w, record)->kind) {
    case TRACE_WRITE:
        return tell_write(w, record);
    case TRACE_ACTION:
        return tell_action(w, record);
    case TRACE_CONTAINER_STARTED:
        return tell_started(w, record);
    case TRACE_CONTAINER_EXITED:
        return tell_exited(w, record);
    case TRACE_SIGNAL:
        return tell_signal(w, record);
    case TRACE_HOOK:
        return tell_hook(w, record);
    case TRACE_OOM_KILL:
        return tell_oom(w, record);
    case TRACE_PROBE:
        return tell_probe(w, record);
    case TRACE_BACKOFF:
        return tell_backoff(w, record);
    case TRACE_PULL_START:
    case TRACE_PULL_END:
        return tell_pull(w, record);
    case TRACE_TRAFFIC:
        return tell_traffic(w, record);
    case TRACE_DECISION:
        add_step(w, record, RULE_NONE, view_one_line(&w->view, at(w, record)->text));
        return at(w, record)->cause;
    default:
        return at(w, record)->cause;
    }
}

/* A restart is explained by the end of the instance before it. How that instance came to be is another question, and so
 * is where a pod came from that has run. */
static bool is_enough(const struct why *w)
{
    uint32_t n = w->steps.count;
    const struct why_step *last = n ? pool_at(&w->steps, n - 1) : NULL;
    return n > 1 && at(w, last->record)->kind == TRACE_CONTAINER_STARTED;
}

void why_follow(struct why *w, uint32_t record)
{
    for (int i = 0; i < LINKS_MAX && record != TRACE_ROOT && w->steps.count < STEPS_MAX && !is_enough(w); i++) {
        uint32_t next = tell(w, record);
        ASSERT(next < record);
        record = next;
    }
}
