/* story_api.c - rows for writes to the API: what changed between two versions of an object, in kubectl's
 * words. Statuses, reasons and messages are quoted letter for letter.
 */
#include "report/story_private.h"

/* ---- pods ---- */

static enum story_tone status_tone(const char *status)
{
    static const char *const bad[] = {"Error",   "CrashLoopBackOff",  "OOMKilled",         "ErrImagePull",
                                      "Failed",  "ImagePullBackOff",  "RunContainerError", "StartError",
                                      "Evicted", "ErrImageNeverPull", "InvalidImageName"};
    if (strncmp(status, "Init:", 5) == 0)
        status += 5;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        if (strcmp(status, bad[i]) == 0)
            return TONE_BAD;
    if (strncmp(status, "Create", 6) == 0)
        return TONE_BAD;
    return strcmp(status, "Running") == 0 || strcmp(status, "Completed") == 0 ? TONE_GOOD : TONE_PLAIN;
}

/* The message that goes with a waiting reason, if it says more than the reason does. */
static const char *waiting_message(struct story *s, const struct pod *pod, const char *status)
{
    if (strncmp(status, "Init:", 5) == 0)
        status += 5;
    for (int init = 1; init >= 0; init--) {
        uint32_t n = init ? pod->status.init_container_statuses.count : pod->status.container_statuses.count;
        const struct container_status *list =
            init ? pod->status.init_container_statuses.items : pod->status.container_statuses.items;
        for (uint32_t i = 0; i < n; i++) {
            const struct container_state_waiting *w = list[i].state.waiting;
            if (w && text_same(w->reason, status) && given(w->message))
                return view_short_error(&s->view, w->message);
        }
    }
    return NULL;
}

/* Waiting reasons whose message has stood in a row of its own. */
static bool told_by_rows(const char *status)
{
    static const char *const words[] = {"BackOff",
                                        "ErrImagePull",
                                        "RunContainerError",
                                        "PostStartHookError",
                                        "InvalidImageName",
                                        "ErrImageNeverPull",
                                        "RestartingAllContainers",
                                        "RegistryUnavailable",
                                        "SignatureValidationFailed"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strstr(status, words[i]))
            return true;
    return false;
}

static void status_part(struct story *s, struct strbuf *b, const struct pod *to, const struct pod_columns *was,
                        const struct pod_columns *is)
{
    if (strcmp(was->status, is->status) == 0)
        return;
    story_part(b);
    strbuf_printf(b, "%s -> %s", was->status, is->status);
    const char *message = told_by_rows(is->status) ? NULL : waiting_message(s, to, is->status);
    if (message)
        strbuf_printf(b, " (%s)", message);
}

static void phase_part(struct strbuf *b, const struct pod *from, const struct pod *to, const struct pod_columns *is)
{
    if (text_same(from->status.phase, to->status.phase) || text_same(to->status.phase, is->status))
        return;
    story_part(b);
    strbuf_printf(b, "phase %s", to->status.phase);
}

static void ready_part(struct strbuf *b, const struct pod *from, const struct pod *to, const struct pod_columns *was,
                       const struct pod_columns *is)
{
    bool ready_was = pod_condition_true(from, "Ready"), ready_is = pod_condition_true(to, "Ready");
    if (was->ready != is->ready) {
        story_part(b);
        strbuf_printf(b, "ready %" PRIu32 "/%" PRIu32, is->ready, is->total);
    }
    bool implied = was->ready != is->ready && ready_is == (is->ready == is->total);
    if (ready_was != ready_is && !implied) {
        story_part(b);
        strbuf_printf(b, "Ready is %s", ready_is ? "True" : "False");
        const struct pod_condition *c = pod_condition_find(to, "Ready");
        if (c && given(c->reason))
            strbuf_printf(b, " (%s)", c->reason);
    }
}

static void conditions_part(struct strbuf *b, const struct pod *from, const struct pod *to)
{
    static const char *const told_otherwise[] = {
        "PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled",
    };
    for (uint32_t i = 0; i < to->status.conditions.count; i++) {
        const struct pod_condition *c = &to->status.conditions.items[i];
        const struct pod_condition *old = pod_condition_find(from, c->type);
        bool told = false;
        for (size_t k = 0; k < ARRAY_LEN(told_otherwise); k++)
            told = told || strcmp(c->type, told_otherwise[k]) == 0;
        bool first_no = !old && text_same(c->type, "AllContainersRestarting") && text_same(c->status, "False");
        if (told || first_no || (old && text_same(old->status, c->status)))
            continue;
        story_part(b);
        strbuf_printf(b, "%s is %s", c->type, c->status);
        if (given(c->reason))
            strbuf_printf(b, " (%s)", c->reason);
    }
}

static void map_part(struct strbuf *b, const char *what, const str_map *from, const str_map *to)
{
    for (uint32_t i = 0; i < to->count; i++) {
        const char *old = str_map_get(from, to->items[i].key);
        if (old && strcmp(old, to->items[i].value) == 0)
            continue;
        story_part(b);
        strbuf_printf(b, "%s %s=%s", what, to->items[i].key, to->items[i].value);
    }
    for (uint32_t i = 0; i < from->count; i++) {
        if (str_map_get(to, from->items[i].key))
            continue;
        story_part(b);
        strbuf_printf(b, "%s %s removed", what, from->items[i].key);
    }
}

static void spec_part(struct strbuf *b, const struct pod *from, const struct pod *to)
{
    map_part(b, "label", &from->object.meta.labels, &to->object.meta.labels);
    for (uint32_t i = 0; i < to->spec.containers.count && i < from->spec.containers.count; i++) {
        if (text_same(from->spec.containers.items[i].image, to->spec.containers.items[i].image))
            continue;
        story_part(b);
        strbuf_printf(b, "image of %s is now %s", to->spec.containers.items[i].name,
                      to->spec.containers.items[i].image);
    }
    if (from->spec.scheduling_gates.count > to->spec.scheduling_gates.count) {
        story_part(b);
        strbuf_puts(b, "scheduling gate removed");
    }
    if (from->object.meta.finalizers.count > to->object.meta.finalizers.count) {
        story_part(b);
        strbuf_puts(b, "finalizer removed");
    }
}

static void deletion_part(struct strbuf *b, const struct pod *from, const struct pod *to)
{
    const struct object_meta *was = &from->object.meta, *is = &to->object.meta;
    int64_t grace = is->deletion_grace_period_seconds.value;
    if (is->deletion_timestamp == SIM_NEVER)
        return;
    if (was->deletion_timestamp == SIM_NEVER) {
        story_part(b);
        strbuf_printf(b, "grace %" PRId64 "s", grace);
        if (is->finalizers.count)
            strbuf_printf(b, ", held by finalizer %s", is->finalizers.items[0]);
    } else if (grace != was->deletion_grace_period_seconds.value && grace > 0) {
        story_part(b);
        strbuf_printf(b, "grace shortened to %" PRId64 "s", grace);
    }
}

/* A delete without grace is two writes at one instant; the second one says it all. */
static bool removed_at_once(const struct pod *from, const struct pod *to)
{
    const struct object_meta *is = &to->object.meta;
    return from->object.meta.deletion_timestamp == SIM_NEVER && is->deletion_timestamp != SIM_NEVER &&
           is->deletion_grace_period_seconds.value == 0 && is->finalizers.count == 0;
}

/* ---- why a pod looks as it does now, where that teaches something ---- */

static bool waits_for(const struct container_status *c, const char *reason)
{
    return c->state.waiting && text_same(c->state.waiting->reason, reason);
}

static const struct container_status *newly_waiting(const struct container_status *was, uint32_t was_count,
                                                    const struct container_status *is, uint32_t is_count,
                                                    const char *reason)
{
    for (uint32_t i = 0; i < is_count; i++) {
        bool before = i < was_count && text_same(was[i].name, is[i].name) && waits_for(&was[i], reason);
        if (waits_for(&is[i], reason) && !before)
            return &is[i];
    }
    return NULL;
}

/* What ended before the wait: "app exited 1". */
static const char *why_crash_loop(struct story *s, const struct pod *from, const struct pod *to)
{
    static const char reason[] = "CrashLoopBackOff";
    const struct pod_status *was = &from->status, *is = &to->status;
    const struct container_status *c =
        newly_waiting(was->init_container_statuses.items, was->init_container_statuses.count,
                      is->init_container_statuses.items, is->init_container_statuses.count, reason);
    if (!c)
        c = newly_waiting(was->container_statuses.items, was->container_statuses.count, is->container_statuses.items,
                          is->container_statuses.count, reason);
    const struct container_view *view = c ? view_container(&s->view, s->view.record->object, c->name) : NULL;
    return view && view->ended ? view_ending(&s->view, view->ended) : NULL;
}

static const char *why_pull_wait(struct story *s)
{
    uint32_t n = view_object(&s->view, s->view.record->object)->failed_pulls;
    if (n == 0)
        return NULL;
    return n == 1 ? "the pull failed" : arena_printf(&s->view.arena, "the pull failed %" PRIu32 " times", n);
}

/* A pod that is not deleted is over because nothing in it is to be started again. */
static const char *why_over(struct story *s, const struct pod *from, const struct pod *to)
{
    bool over = text_same(to->status.phase, "Succeeded") || text_same(to->status.phase, "Failed");
    if (!over || s->view.record->component == COMP_POD_GC || text_same(from->status.phase, to->status.phase) ||
        given(to->status.reason) || to->object.meta.deletion_timestamp != SIM_NEVER)
        return NULL;
    for (uint32_t i = 0; i < to->spec.containers.count; i++)
        if (to->spec.containers.items[i].restart_policy)
            return NULL;
    return arena_printf(&s->view.arena, "restartPolicy %s", to->spec.restart_policy);
}

/* A container that was started again is not ready before its startup probe has passed. */
static const char *why_not_ready(const struct pod *to)
{
    for (uint32_t i = 0; i < to->status.container_statuses.count; i++) {
        const struct container_status *c = &to->status.container_statuses.items[i];
        const struct container *spec = view_spec(to, c->name);
        if (c->state.running && !c->ready && c->started.set && !c->started.value && spec && spec->startup_probe)
            return "the startup probe has not passed yet";
    }
    return NULL;
}

static const char *why_ready_changed(struct story *s, const struct pod *to, bool lost)
{
    const char *reason = story_why(s);
    return reason || !lost ? reason : why_not_ready(to);
}

/* NULL = the cause of the record will do. */
static const char *why_changed(struct story *s, const struct pod *from, const struct pod *to,
                               const struct pod_columns *was, const struct pod_columns *is)
{
    if (strcmp(was->status, is->status) == 0)
        return was->ready != is->ready ? why_ready_changed(s, to, is->ready < was->ready) : why_over(s, from, to);
    if (strstr(is->status, "CrashLoopBackOff"))
        return why_crash_loop(s, from, to);
    if (strstr(is->status, "ImagePullBackOff"))
        return why_pull_wait(s);
    return why_over(s, from, to);
}

/* Has it ever been Running before this version? Then its address has been told. */
static bool ran_before(const struct pod *p)
{
    while (p && !text_same(p->status.phase, "Running"))
        p = (const struct pod *)p->object.prev;
    return p != NULL;
}

static void pod_changed(struct story *s, const struct pod *from, const struct pod *to)
{
    struct strbuf b = STRBUF_INIT;
    struct pod_columns was, is;
    if (removed_at_once(from, to))
        return;
    printer_pod_columns(from, s->view.run->features, &was);
    printer_pod_columns(to, s->view.run->features, &is);
    bool bound = !given(from->spec.node_name) && given(to->spec.node_name);
    if (bound)
        strbuf_printf(&b, "scheduled to %s", to->spec.node_name);
    status_part(s, &b, to, &was, &is);
    deletion_part(&b, from, to);
    phase_part(&b, from, to, &is);
    ready_part(&b, from, to, &was, &is);
    bool runs =
        !text_same(from->status.phase, to->status.phase) && text_same(to->status.phase, "Running") && !ran_before(from);
    bool moved = given(from->status.pod_ip) && !text_same(from->status.pod_ip, to->status.pod_ip);
    if (given(to->status.pod_ip) && (runs || moved)) {
        story_part(&b);
        strbuf_printf(&b, "IP %s", to->status.pod_ip);
    }
    conditions_part(&b, from, to);
    spec_part(&b, from, to);
    if (b.len == 0) {
        strbuf_fini(&b);
        return;
    }
    enum story_tone tone = TONE_PLAIN;
    if (strcmp(was.status, is.status) != 0)
        tone = status_tone(is.status);
    else if (is.ready != was.ready)
        tone = is.ready > was.ready ? TONE_GOOD : TONE_WARN;
    const char *reason = why_changed(s, from, to, &was, &is);
    struct story_row *row = story_add_following(s, story_text(s, &b), tone);
    if (reason)
        row->why = reason;
}

/* "gone, 5.360s after the request" */
static void object_gone(struct story *s, const struct api_object *o)
{
    struct strbuf b = STRBUF_INIT;
    struct object_view *view = view_object(&s->view, s->view.record->object);
    strbuf_puts(&b, "gone");
    if (o->kind == KIND_POD && view->delete_requested != SIM_NEVER && view->delete_requested < s->view.record->at) {
        strbuf_puts(&b, ", ");
        strbuf_seconds(&b, s->view.record->at - view->delete_requested, 3);
        strbuf_puts(&b, "s after the request");
    }
    story_add(s, view_name(&s->view, s->view.record->object), story_text(s, &b), TONE_PLAIN);
}

/* Why an object appeared: the line of the manifest, or whatever caused it. */
const char *story_why_created(struct story *s, const struct api_object *o)
{
    const char *hash = str_map_get(&o->meta.annotations, "kubernetes.io/config.mirror");
    if (o->kind == KIND_POD && hash)
        return arena_printf(&s->view.arena, "mirror of a static pod of %s", ((const struct pod *)o)->spec.node_name);
    if (s->view.record->component != COMP_USER)
        return story_why(s);
    if (s->view.record->cause != TRACE_ROOT)
        return NULL; /* the kubectl line stands right above */
    return o->source ? view_position(&s->view, o->source->at) : NULL;
}

static void pod_created(struct story *s, const struct pod *pod)
{
    struct pod_columns is;
    printer_pod_columns(pod, s->view.run->features, &is);
    const char *what = arena_printf(&s->view.arena, "created, %s", is.status);
    struct story_row *row = story_add(s, view_object_name(&s->view, &pod->object), what, TONE_PLAIN);
    row->why = story_why_created(s, &pod->object);
}

/* ---- nodes ---- */

static const struct node_condition *node_condition(const struct node *n, const char *type)
{
    for (uint32_t i = 0; i < n->status.conditions.count; i++)
        if (text_same(n->status.conditions.items[i].type, type))
            return &n->status.conditions.items[i];
    return NULL;
}

static bool has_taint(const struct node *n, const struct taint *t)
{
    for (uint32_t i = 0; i < n->spec.taints.count; i++)
        if (text_same(n->spec.taints.items[i].key, t->key) && text_same(n->spec.taints.items[i].effect, t->effect))
            return true;
    return false;
}

static void taint_parts(struct strbuf *b, const char *verb, const struct node *has, const struct node *lacks)
{
    for (uint32_t i = 0; i < has->spec.taints.count; i++) {
        const struct taint *t = &has->spec.taints.items[i];
        if (has_taint(lacks, t))
            continue;
        story_part(b);
        strbuf_printf(b, "taint %s%s%s:%s %s", t->key, given(t->value) ? "=" : "", t->value ? t->value : "", t->effect,
                      verb);
    }
}

static void node_changed(struct story *s, const struct node *from, const struct node *to)
{
    struct strbuf b = STRBUF_INIT;
    const struct node_condition *was = node_condition(from, "Ready"), *is = node_condition(to, "Ready");
    bool bad = false;
    if (is && !(was && text_same(was->status, is->status))) {
        strbuf_printf(&b, "Ready is %s", is->status);
        bad = strcmp(is->status, "True") != 0;
    }
    if (from->spec.unschedulable != to->spec.unschedulable) {
        story_part(&b);
        strbuf_puts(&b, to->spec.unschedulable ? "cordoned" : "uncordoned");
    }
    taint_parts(&b, "added", to, from);
    taint_parts(&b, "removed", from, to);
    map_part(&b, "label", &from->object.meta.labels, &to->object.meta.labels);
    if (b.len)
        story_add_caused(s, story_text(s, &b), bad ? TONE_BAD : TONE_PLAIN);
    else
        strbuf_fini(&b);
}

/* ---- Kubernetes Events: those that no other record tells ---- */

static bool event_told_otherwise(const char *reason)
{
    static const char *const reasons[] = {
        "Scheduled",         "Pulling",           "Pulled",           "Created",          "Started",
        "Unhealthy",         "ProbeWarning",      "BackOff",          "Killing",          "FailedPostStartHook",
        "FailedPreStopHook", "ScalingReplicaSet", "SuccessfulCreate", "SuccessfulDelete", "NodeReady",
        "NodeNotReady",      "SawCompletedJob",   "Suspended",        "Resumed",          "Completed",
    };
    for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
        if (text_same(reason, reasons[i]))
            return true;
    return false;
}

/* Why a pod does not fit is told; that preempting others would not help either goes without saying. What
 * is wrong with an image's name is told, not twice what the name is. */
static const char *event_message(struct story *s, const struct k8s_event *e)
{
    static const char *const rest[] = {" no new claims to deallocate", " preemption: "};
    const char *line = view_one_line(&s->view, e->message);
    for (size_t i = 0; i < ARRAY_LEN(rest) && text_same(e->reason, "FailedScheduling"); i++) {
        const char *cut = strstr(line, rest[i]);
        if (cut)
            return arena_strndup(&s->view.arena, line, (size_t)(cut - line));
    }
    const char *point = text_same(e->reason, "InspectFailed") ? strstr(line, "invalid reference format") : NULL;
    return point ? point : line;
}

/* Only the first of equal failures, and one line each time its text changes. */
static void event_written(struct story *s, const struct k8s_event *e)
{
    if (s->view.record->flags == WRITE_DELETE)
        return;
    if (event_told_otherwise(e->reason) || e->count > 1)
        return;
    /* "Error: ErrImagePull" says what the status column says; a failed pull has a record of its own. */
    if (text_same(e->reason, "Failed") &&
        (strncmp(e->message, "Error: ", 7) == 0 || strncmp(e->message, "Failed to pull image", 20) == 0))
        return;
    bool warning = text_same(e->type, "Warning");
    const char *what = arena_printf(&s->view.arena, "%s: %s", e->reason, event_message(s, e));
    struct story_row *row =
        story_add(s, view_subject_name(&s->view, &e->involved_object), what, warning ? TONE_WARN : TONE_PLAIN);
    row->why = story_why_unless_told(s);
}

/* ---- writes ---- */

static void other_written(struct story *s, const struct api_object *o)
{
    const struct trace_record *r = s->view.record;
    if (r->component != COMP_USER)
        return;
    if (r->cause != TRACE_ROOT && trace_at(s->view.run->trace, r->cause)->at == r->at)
        return; /* the action's own output says so */
    struct story_row *row;
    if (o->prev) {
        story_add_caused(s, "changed", TONE_PLAIN);
    } else {
        row = story_add(s, view_object_name(&s->view, o), "created", TONE_PLAIN);
        row->why = story_why_created(s, o);
    }
}

void story_tell_write(struct story *s)
{
    const struct api_object *o = s->view.record->data;
    const struct api_object *prev = o->prev;
    bool deleted = s->view.record->flags == WRITE_DELETE;
    switch (o->kind) {
    case KIND_EVENT:
        event_written(s, (const struct k8s_event *)o);
        return;
    case KIND_ENDPOINTS:          /* the older API for the same facts */
    case KIND_CONTROLLERREVISION: /* told by its owner */
        return;
    case KIND_ENDPOINTSLICE:
        if (!prev)
            *(uint32_t *)pool_at(&s->slices, pool_add(&s->slices)) = s->view.record->object;
        story_endpoints_changed(s, (const struct endpoint_slice *)prev,
                                deleted ? NULL : (const struct endpoint_slice *)o);
        return;
    default:
        break;
    }
    if (!prev && s->view.record->component == COMP_API_SERVER && s->view.record->at == 0)
        return; /* what every cluster has */
    if (deleted)
        object_gone(s, o);
    else if (o->kind == KIND_POD && prev)
        pod_changed(s, (const struct pod *)prev, (const struct pod *)o);
    else if (o->kind == KIND_POD)
        pod_created(s, (const struct pod *)o);
    else if (o->kind == KIND_SERVICE && !prev)
        story_service_created(s, (const struct service *)o);
    else if (o->kind == KIND_NODE && prev)
        node_changed(s, (const struct node *)prev, (const struct node *)o);
    else if (!story_workload_written(s, o) && !story_budget_written(s, o))
        other_written(s, o);
}
