/* story.c - which records make a row, and in which words. See story.h.
 *
 * Each kind of record has a function; pods' writes are compared with their predecessor. Words of the
 * API (statuses, reasons, messages) are quoted letter for letter.
 */
#include "report/story.h"

#include <string.h>

static bool same(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "") == 0;
}

static bool given(const char *text)
{
    return text && *text;
}

/* ---- rows ---- */

static struct story_row *add_row(struct story *s, const char *object, const char *what, enum story_tone tone)
{
    uint32_t i = pool_add(&s->rows);
    struct story_row *row = pool_at(&s->rows, i);
    *row = (struct story_row){
        .at = s->view.record->at,
        .object = object,
        .what = what,
        .tone = tone,
        .record = s->view.index,
    };
    return row;
}

static struct story_row *last_row(struct story *s)
{
    return s->rows.count ? pool_at(&s->rows, s->rows.count - 1) : NULL;
}

/* What a node does to a pod is explained by something about that pod: a relist that another pod set
 * off explains nothing. */
static bool about_this_pod(struct story *s, uint32_t because)
{
    const struct trace *t = s->view.run->trace;
    const struct trace_record *r = s->view.record;
    bool node = r->component == COMP_KUBELET || r->component == COMP_RUNTIME || r->component == COMP_PROBER ||
                r->component == COMP_PROCESS;
    if (!node || !view_pod(&s->view, r->object))
        return true;
    for (uint32_t i = r->cause; i != TRACE_ROOT && i >= because; i = trace_at(t, i)->cause)
        if (trace_at(t, i)->object == r->object)
            return true;
    return false;
}

/* NULL also when the action that caused it stands right above, at the same instant. */
static const char *why_with(struct story *s, uint32_t *ret_because)
{
    const char *text = view_why(&s->view, s->view.index, ret_because);
    if (!text || !about_this_pod(s, *ret_because))
        return NULL;
    const struct trace_record *cause = trace_at(s->view.run->trace, *ret_because);
    return cause->kind == TRACE_ACTION && cause->at == s->view.record->at ? NULL : text;
}

static const char *why(struct story *s)
{
    uint32_t because;
    return why_with(s, &because);
}

/* As why(), but nothing when one of the object's latest rows has told the reason. */
static const char *why_unless_told(struct story *s)
{
    enum { LATEST = 2, FAR = 64 };
    uint32_t because = 0, seen = 0;
    const char *text = why_with(s, &because), *object = view_name(&s->view, s->view.record->object);
    for (uint32_t i = s->rows.count; text && i-- > 0 && seen < LATEST && i + FAR >= s->rows.count;) {
        const struct story_row *row = pool_at(&s->rows, i);
        if (!row->object || strcmp(row->object, object) != 0)
            continue;
        if (row->record == because)
            return NULL;
        seen++;
    }
    return text;
}

/* A row of the object the record is about, with the cause of the record as its reason. */
static struct story_row *add_caused(struct story *s, const char *what, enum story_tone tone)
{
    const char *reason = why(s);
    struct story_row *row = add_row(s, view_name(&s->view, s->view.record->object), what, tone);
    row->why = reason;
    return row;
}

/* The same for what follows from the rows above as a matter of course. */
static struct story_row *add_following(struct story *s, const char *what, enum story_tone tone)
{
    const char *reason = why_unless_told(s);
    struct story_row *row = add_row(s, view_name(&s->view, s->view.record->object), what, tone);
    row->why = reason;
    return row;
}

static const char *text_from(struct story *s, struct strbuf *b)
{
    const char *text = arena_strdup(&s->view.arena, strbuf_str(b));
    strbuf_fini(b);
    return text;
}

/* A list of changes that share a row: "a, b, c". */
static void part(struct strbuf *b)
{
    if (b->len)
        strbuf_puts(b, ", ");
}

/* ---- pods ---- */

static enum story_tone status_tone(const char *status)
{
    static const char *const bad[] = {"Error",        "CrashLoopBackOff", "OOMKilled",        "ErrImagePull",
                                      "Failed",       "ImagePullBackOff", "RunContainerError", "StartError",
                                      "Evicted",      "ErrImageNeverPull", "InvalidImageName"};
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
            if (w && same(w->reason, status) && given(w->message))
                return view_short_error(&s->view, w->message);
        }
    }
    return NULL;
}

/* Waiting reasons whose message has stood in a row of its own. */
static bool told_by_rows(const char *status)
{
    static const char *const words[] = {"BackOff", "ErrImagePull", "RunContainerError", "PostStartHookError",
                                        "InvalidImageName"};
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
    part(b);
    strbuf_printf(b, "%s -> %s", was->status, is->status);
    const char *message = told_by_rows(is->status) ? NULL : waiting_message(s, to, is->status);
    if (message)
        strbuf_printf(b, " (%s)", message);
}

static void phase_part(struct strbuf *b, const struct pod *from, const struct pod *to,
                       const struct pod_columns *is)
{
    if (same(from->status.phase, to->status.phase) || same(to->status.phase, is->status))
        return;
    part(b);
    strbuf_printf(b, "phase %s", to->status.phase);
}

static void ready_part(struct strbuf *b, const struct pod *from, const struct pod *to,
                       const struct pod_columns *was, const struct pod_columns *is)
{
    bool ready_was = pod_condition_true(from, "Ready"), ready_is = pod_condition_true(to, "Ready");
    if (was->ready != is->ready) {
        part(b);
        strbuf_printf(b, "ready %" PRIu32 "/%" PRIu32, is->ready, is->total);
    }
    bool implied = was->ready != is->ready && ready_is == (is->ready == is->total);
    if (ready_was != ready_is && !implied) {
        part(b);
        strbuf_printf(b, "Ready is %s", ready_is ? "True" : "False");
        const struct pod_condition *c = pod_condition_find(to, "Ready");
        if (c && given(c->reason))
            strbuf_printf(b, " (%s)", c->reason);
    }
}

static void restarts_part(struct strbuf *b, const struct pod_columns *was, const struct pod_columns *is)
{
    if (is->restarts <= was->restarts)
        return;
    part(b);
    strbuf_printf(b, "restart count %" PRId64, is->restarts);
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
        if (told || (old && same(old->status, c->status)))
            continue;
        part(b);
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
        part(b);
        strbuf_printf(b, "%s %s=%s", what, to->items[i].key, to->items[i].value);
    }
    for (uint32_t i = 0; i < from->count; i++) {
        if (str_map_get(to, from->items[i].key))
            continue;
        part(b);
        strbuf_printf(b, "%s %s removed", what, from->items[i].key);
    }
}

static void spec_part(struct strbuf *b, const struct pod *from, const struct pod *to)
{
    map_part(b, "label", &from->object.meta.labels, &to->object.meta.labels);
    for (uint32_t i = 0; i < to->spec.containers.count && i < from->spec.containers.count; i++) {
        if (same(from->spec.containers.items[i].image, to->spec.containers.items[i].image))
            continue;
        part(b);
        strbuf_printf(b, "image of %s is now %s", to->spec.containers.items[i].name,
                      to->spec.containers.items[i].image);
    }
    if (from->spec.scheduling_gates.count > to->spec.scheduling_gates.count) {
        part(b);
        strbuf_puts(b, "scheduling gate removed");
    }
    if (from->object.meta.finalizers.count > to->object.meta.finalizers.count) {
        part(b);
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
        part(b);
        strbuf_printf(b, "grace %" PRId64 "s", grace);
        if (is->finalizers.count)
            strbuf_printf(b, ", held by finalizer %s", is->finalizers.items[0]);
    } else if (grace != was->deletion_grace_period_seconds.value && grace > 0) {
        part(b);
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

static void pod_changed(struct story *s, const struct pod *from, const struct pod *to)
{
    struct strbuf b = STRBUF_INIT;
    struct pod_columns was, is;
    if (removed_at_once(from, to))
        return;
    printer_pod_columns(from, &was);
    printer_pod_columns(to, &is);
    bool bound = !given(from->spec.node_name) && given(to->spec.node_name);
    if (bound)
        strbuf_printf(&b, "scheduled to %s", to->spec.node_name);
    status_part(s, &b, to, &was, &is);
    deletion_part(&b, from, to);
    phase_part(&b, from, to, &is);
    ready_part(&b, from, to, &was, &is);
    restarts_part(&b, &was, &is);
    if (!same(from->status.phase, to->status.phase) && same(to->status.phase, "Running") &&
        given(to->status.pod_ip)) {
        part(&b);
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
    add_following(s, text_from(s, &b), tone);
}

/* "gone, 5.360s after the request" */
static void object_gone(struct story *s, const struct api_object *o)
{
    struct strbuf b = STRBUF_INIT;
    struct object_view *view = view_object(&s->view, s->view.record->object);
    strbuf_puts(&b, "gone");
    if (o->kind == KIND_POD && view->delete_requested != SIM_NEVER &&
        view->delete_requested < s->view.record->at) {
        strbuf_puts(&b, ", ");
        strbuf_seconds(&b, s->view.record->at - view->delete_requested, 3);
        strbuf_puts(&b, "s after the request");
    }
    add_row(s, view_name(&s->view, s->view.record->object), text_from(s, &b), TONE_PLAIN);
}

/* Why an object appeared: the line of the manifest, or whatever caused it. */
static const char *why_created(struct story *s, const struct api_object *o)
{
    if (s->view.record->component != COMP_USER)
        return why(s);
    if (s->view.record->cause != TRACE_ROOT)
        return NULL; /* the kubectl line stands right above */
    return o->source ? view_position(&s->view, o->source->at) : NULL;
}

static void pod_created(struct story *s, const struct pod *pod)
{
    struct pod_columns is;
    printer_pod_columns(pod, &is);
    const char *what = arena_printf(&s->view.arena, "created, %s", is.status);
    struct story_row *row = add_row(s, view_object_name(&s->view, &pod->object), what, TONE_PLAIN);
    row->why = why_created(s, &pod->object);
}

/* ---- Services and their endpoints ---- */

static void service_created(struct story *s, const struct service *svc)
{
    struct strbuf b = STRBUF_INIT;
    strbuf_puts(&b, "created");
    if (given(svc->spec.cluster_ip))
        strbuf_printf(&b, ", %s%s", strcmp(svc->spec.cluster_ip, "None") == 0 ? "headless" : "cluster IP ",
                      strcmp(svc->spec.cluster_ip, "None") == 0 ? "" : svc->spec.cluster_ip);
    if (svc->spec.ports.count) {
        strbuf_puts(&b, ", ");
        printer_service_ports(&b, svc);
    }
    struct story_row *row =
        add_row(s, view_object_name(&s->view, &svc->object), text_from(s, &b), TONE_PLAIN);
    row->why = why_created(s, &svc->object);
}

static bool is_true(struct opt_bool b)
{
    return b.set && b.value;
}

/* An endpoint without a `ready` condition counts as ready (discovery/v1). */
static bool takes_traffic(const struct endpoint *e)
{
    return !e->conditions.ready.set || e->conditions.ready.value;
}

static const struct endpoint *find_endpoint(const struct endpoint_slice *slice, const char *address)
{
    if (!slice)
        return NULL;
    for (uint32_t i = 0; i < slice->endpoints.count; i++) {
        const struct endpoint *e = &slice->endpoints.items[i];
        if (e->addresses.count && strcmp(e->addresses.items[0], address) == 0)
            return e;
    }
    return NULL;
}

/* Endpoints that take traffic, over all slices of the Service that `slice` belongs to: named ports that
 * differ from pod to pod make several. */
static uint32_t ready_endpoints(struct story *s, const struct endpoint_slice *slice)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < s->slices.count; i++) {
        const struct object_view *o = view_object(&s->view, *(const uint32_t *)pool_at(&s->slices, i));
        const struct endpoint_slice *other = (const struct endpoint_slice *)o->latest;
        if (o->gone || !same(printer_slice_service(other), printer_slice_service(slice)) ||
            !same(other->object.meta.namespace_, slice->object.meta.namespace_))
            continue;
        for (uint32_t k = 0; k < other->endpoints.count; k++)
            n += takes_traffic(&other->endpoints.items[k]);
    }
    return n;
}

static void put_address(struct strbuf *b, const struct endpoint_slice *slice, const struct endpoint *e)
{
    strbuf_puts(b, e->addresses.items[0]);
    if (slice->ports.count && slice->ports.items[0].port.set) {
        strbuf_putc(b, ':');
        strbuf_int(b, slice->ports.items[0].port.value);
    }
}

/* What became of an endpoint; `now` is NULL when it has left the slice. True if it took traffic and
 * does so no more. */
static bool endpoint_lost(struct strbuf *b, const struct endpoint_slice *slice, const struct endpoint *was,
                          const struct endpoint *now)
{
    bool stopped = takes_traffic(was) && !(now && takes_traffic(now));
    bool still_serving = now && is_true(now->conditions.serving);
    if (stopped) {
        part(b);
        strbuf_putc(b, '-');
        put_address(b, slice, was);
        if (still_serving && is_true(now->conditions.terminating))
            strbuf_puts(b, " (still serving)");
    } else if (is_true(was->conditions.terminating) && (!now || (is_true(was->conditions.serving) && !still_serving))) {
        part(b);
        put_address(b, slice, was);
        strbuf_puts(b, now ? " no longer serving" : " removed");
    }
    return stopped;
}

/* Who came and who went between two versions; either may be NULL. */
static void endpoints_changed(struct story *s, const struct endpoint_slice *from,
                              const struct endpoint_slice *to)
{
    struct strbuf b = STRBUF_INIT;
    bool lost = false, gained = false;
    for (uint32_t i = 0; from && i < from->endpoints.count; i++) {
        const struct endpoint *e = &from->endpoints.items[i];
        if (e->addresses.count)
            lost |= endpoint_lost(&b, from, e, find_endpoint(to, e->addresses.items[0]));
    }
    for (uint32_t i = 0; to && i < to->endpoints.count; i++) {
        const struct endpoint *e = &to->endpoints.items[i];
        if (!e->addresses.count || !takes_traffic(e))
            continue;
        const struct endpoint *before = find_endpoint(from, e->addresses.items[0]);
        if (before && takes_traffic(before))
            continue;
        part(&b);
        strbuf_putc(&b, '+');
        put_address(&b, to, e);
        gained = true;
    }
    if (b.len == 0) {
        strbuf_fini(&b);
        return;
    }
    uint32_t left = ready_endpoints(s, to ? to : from);
    if ((lost || gained) && left)
        strbuf_printf(&b, ", now %" PRIu32, left);
    else if (lost)
        strbuf_puts(&b, ", now none");
    add_caused(s, text_from(s, &b), lost ? TONE_WARN : gained ? TONE_GOOD : TONE_PLAIN);
}

/* ---- nodes ---- */

static const struct node_condition *node_condition(const struct node *n, const char *type)
{
    for (uint32_t i = 0; i < n->status.conditions.count; i++)
        if (same(n->status.conditions.items[i].type, type))
            return &n->status.conditions.items[i];
    return NULL;
}

static bool has_taint(const struct node *n, const struct taint *t)
{
    for (uint32_t i = 0; i < n->spec.taints.count; i++)
        if (same(n->spec.taints.items[i].key, t->key) && same(n->spec.taints.items[i].effect, t->effect))
            return true;
    return false;
}

static void taint_parts(struct strbuf *b, const char *verb, const struct node *has, const struct node *lacks)
{
    for (uint32_t i = 0; i < has->spec.taints.count; i++) {
        const struct taint *t = &has->spec.taints.items[i];
        if (has_taint(lacks, t))
            continue;
        part(b);
        strbuf_printf(b, "taint %s%s%s:%s %s", t->key, given(t->value) ? "=" : "", t->value ? t->value : "",
                      t->effect, verb);
    }
}

static void node_changed(struct story *s, const struct node *from, const struct node *to)
{
    struct strbuf b = STRBUF_INIT;
    const struct node_condition *was = node_condition(from, "Ready"), *is = node_condition(to, "Ready");
    bool bad = false;
    if (is && !(was && same(was->status, is->status))) {
        strbuf_printf(&b, "Ready is %s", is->status);
        bad = strcmp(is->status, "True") != 0;
    }
    if (from->spec.unschedulable != to->spec.unschedulable) {
        part(&b);
        strbuf_puts(&b, to->spec.unschedulable ? "cordoned" : "uncordoned");
    }
    taint_parts(&b, "added", to, from);
    taint_parts(&b, "removed", from, to);
    map_part(&b, "label", &from->object.meta.labels, &to->object.meta.labels);
    if (b.len)
        add_caused(s, text_from(s, &b), bad ? TONE_BAD : TONE_PLAIN);
    else
        strbuf_fini(&b);
}

/* ---- Kubernetes Events: those that no other record tells ---- */

static bool event_told_otherwise(const char *reason)
{
    static const char *const reasons[] = {
        "Scheduled", "Pulling", "Pulled",  "Created", "Started",
        "Unhealthy", "BackOff", "Killing", "FailedPostStartHook", "FailedPreStopHook",
    };
    for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
        if (same(reason, reasons[i]))
            return true;
    return false;
}

/* Why a pod does not fit is told; that preempting others would not help either goes without saying. */
static const char *event_message(struct story *s, const struct k8s_event *e)
{
    static const char *const rest[] = {" no new claims to deallocate", " preemption: "};
    const char *line = view_one_line(&s->view, e->message);
    for (size_t i = 0; i < ARRAY_LEN(rest) && same(e->reason, "FailedScheduling"); i++) {
        const char *cut = strstr(line, rest[i]);
        if (cut)
            return arena_strndup(&s->view.arena, line, (size_t)(cut - line));
    }
    return line;
}

/* Only the first of equal failures, and one line each time its text changes. */
static void event_written(struct story *s, const struct k8s_event *e)
{
    if (s->view.record->flags == WRITE_DELETE)
        return;
    if (event_told_otherwise(e->reason) || e->count > 1)
        return;
    /* "Error: ErrImagePull" says what the status column says; a failed pull has a record of its own. */
    if (same(e->reason, "Failed") &&
        (strncmp(e->message, "Error: ", 7) == 0 || strncmp(e->message, "Failed to pull image", 20) == 0))
        return;
    bool warning = same(e->type, "Warning");
    const char *what =
        arena_printf(&s->view.arena, "%s: %s", e->reason, event_message(s, e));
    struct story_row *row =
        add_row(s, view_subject_name(&s->view, &e->involved_object), what, warning ? TONE_WARN : TONE_PLAIN);
    row->why = why_unless_told(s);
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
        add_caused(s, "changed", TONE_PLAIN);
    } else {
        row = add_row(s, view_object_name(&s->view, o), "created", TONE_PLAIN);
        row->why = why_created(s, o);
    }
}

static void told_write(struct story *s)
{
    const struct api_object *o = s->view.record->data;
    const struct api_object *prev = o->prev;
    bool deleted = s->view.record->flags == WRITE_DELETE;
    switch (o->kind) {
    case KIND_EVENT:
        event_written(s, (const struct k8s_event *)o);
        return;
    case KIND_ENDPOINTS: /* the older API for the same facts */
        return;
    case KIND_ENDPOINTSLICE:
        if (!prev)
            *(uint32_t *)pool_at(&s->slices, pool_add(&s->slices)) = s->view.record->object;
        endpoints_changed(s, (const struct endpoint_slice *)prev,
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
        service_created(s, (const struct service *)o);
    else if (o->kind == KIND_NODE && prev)
        node_changed(s, (const struct node *)prev, (const struct node *)o);
    else
        other_written(s, o);
}

/* ---- what the API does not show ---- */

static void told_pull(struct story *s)
{
    const struct trace_record *r = s->view.record;
    const struct trace_container *c = r->data;
    struct strbuf b = STRBUF_INIT;
    if (r->aux) {
        strbuf_printf(&b, "pull of %s failed: %s", r->text,
                      view_short_error(&s->view, c && c->message ? c->message : ""));
    } else {
        strbuf_printf(&b, "image %s pulled", r->text);
        const struct trace_record *start = r->cause ? trace_at(s->view.run->trace, r->cause) : NULL;
        if (start && start->kind == TRACE_PULL_START) {
            strbuf_puts(&b, " in ");
            strbuf_seconds(&b, r->at - start->at, 3);
            strbuf_putc(&b, 's');
        }
    }
    add_row(s, view_name(&s->view, r->object), text_from(s, &b), r->aux ? TONE_BAD : TONE_PLAIN);
}

/* "container", "init container", "sidecar" */
static const char *container_word(struct story *s, const struct trace_container *c)
{
    const struct pod *pod = view_pod(&s->view, s->view.record->object);
    if (!c->init)
        return "container";
    for (uint32_t i = 0; pod && i < pod->spec.init_containers.count; i++)
        if (same(pod->spec.init_containers.items[i].name, c->container) &&
            container_is_sidecar(&pod->spec.init_containers.items[i]))
            return "sidecar";
    return "init container";
}

static const char *why_after_backoff(struct story *s, const struct container_view *c)
{
    struct strbuf b = STRBUF_INIT;
    strbuf_puts(&b, "its back-off of ");
    strbuf_go_duration(&b, c->backoff);
    strbuf_puts(&b, " is over");
    return text_from(s, &b);
}

static void told_started(struct story *s)
{
    const struct trace_record *r = s->view.record;
    const struct trace_container *c = r->data;
    struct container_view *view = view_container(&s->view, r->object, r->text);
    view->signalled_at = SIM_NEVER;
    memset(view->probe_output, 0, sizeof view->probe_output);
    view->hook_cut_off = false;
    const char *kind = container_word(s, c);
    const char *what = r->aux ? arena_printf(&s->view.arena, "%s %s started again (restart %" PRIu32 ")", kind,
                                             r->text, r->aux)
                              : arena_printf(&s->view.arena, "%s %s started", kind, r->text);
    struct story_row *row = add_following(s, what, TONE_PLAIN);
    if (view->backoff)
        row->why = why_after_backoff(s, view);
    view->backoff = 0;
}

/* "30s", "2.400s": whole seconds without decimals. */
static void put_elapsed(struct strbuf *b, sim_time d)
{
    if (d % SIM_SECOND == 0)
        strbuf_int(b, d / SIM_SECOND);
    else
        strbuf_seconds(b, d, 3);
    strbuf_putc(b, 's');
}

/* Why a signal is sent: the stop that sends it; for SIGKILL after SIGTERM, that time is up. */
static const char *why_signal(struct story *s, const struct container_view *c)
{
    enum { SIGKILL_NUMBER = 9 };
    sim_time now = s->view.record->at;
    if (s->view.record->aux != SIGKILL_NUMBER || c->signalled_at == SIM_NEVER || c->signalled_at == now)
        return why(s);
    struct strbuf b = STRBUF_INIT;
    strbuf_puts(&b, "still running ");
    put_elapsed(&b, now - c->signalled_at);
    strbuf_printf(&b, " after %s", view_signal_name(c->first_signal));
    return text_from(s, &b);
}

static void told_signal(struct story *s)
{
    const struct trace_record *r = s->view.record;
    static const char *const effects[] = {
        [SIGNAL_DEFAULT] = "",
        [SIGNAL_HANDLED] = ": handled",
        [SIGNAL_IGNORED] = ": ignored, no handler",
    };
    struct container_view *c = view_container(&s->view, r->object, r->text);
    const char *reason = why_signal(s, c);
    const char *what = arena_printf(&s->view.arena, "%s to %s%s", view_signal_name((int32_t)r->aux), r->text,
                                    r->flags < ARRAY_LEN(effects) ? effects[r->flags] : "");
    add_row(s, view_name(&s->view, r->object), what, TONE_WARN)->why = reason;
    if (c->signalled_at == SIM_NEVER) {
        c->signalled_at = r->at;
        c->first_signal = (int32_t)r->aux;
    }
}

/* The row of a signal that ended the container at this very instant. */
static struct story_row *ending_signal(struct story *s)
{
    struct story_row *last = last_row(s);
    if (!last || last->at != s->view.record->at)
        return NULL;
    const struct trace_record *r = trace_at(s->view.run->trace, last->record);
    bool same_container = r->kind == TRACE_SIGNAL && r->object == s->view.record->object &&
                          same(r->text, s->view.record->text);
    return same_container ? last : NULL;
}

static void told_exited(struct story *s)
{
    const struct trace_record *r = s->view.record;
    const struct trace_container *c = r->data;
    struct container_view *view = view_container(&s->view, r->object, r->text);
    view->exited_at = r->at;
    struct strbuf b = STRBUF_INIT;
    struct story_row *signal = ending_signal(s);
    const char *kind = container_word(s, c);
    if (same(c->reason, "StartError")) {
        strbuf_printf(&b, "%s %s cannot start: %s", kind, r->text, view_short_error(&s->view, c->message));
        struct story_row *row = add_row(s, view_name(&s->view, r->object), text_from(s, &b), TONE_BAD);
        row->why = view->backoff ? why_after_backoff(s, view) : NULL;
        view->backoff = 0;
        return;
    }
    if (signal)
        strbuf_printf(&b, "%s to %s: exit %" PRId32,
                      view_signal_name((int32_t)trace_at(s->view.run->trace, signal->record)->aux), r->text,
                      c->exit_code);
    else if (c->signal)
        strbuf_printf(&b, "%s %s killed by %s, exit %" PRId32, kind, r->text, view_signal_name(c->signal), c->exit_code);
    else
        strbuf_printf(&b, "%s %s exited %" PRId32, kind, r->text, c->exit_code);
    if (given(c->reason) && strcmp(c->reason, "Error") != 0 && strcmp(c->reason, "Completed") != 0)
        strbuf_printf(&b, " (%s)", c->reason);
    if (given(c->message))
        strbuf_printf(&b, ": %s", view_short_error(&s->view, c->message));
    enum story_tone tone = c->exit_code ? TONE_BAD : TONE_PLAIN;
    if (signal) {
        signal->what = text_from(s, &b);
        signal->tone = tone;
        signal->record = s->view.index;
        return;
    }
    struct story_row *row = add_following(s, text_from(s, &b), tone);
    if (!row->why && view->signalled_at != SIM_NEVER && view->signalled_at < r->at) {
        put_elapsed(&b, r->at - view->signalled_at);
        strbuf_printf(&b, " after %s", view_signal_name(view->first_signal));
        row->why = text_from(s, &b);
    }
}

static void probe_failed(struct story *s, const struct trace_probe *p)
{
    const struct trace_record *r = s->view.record;
    const char **shown = &view_container(&s->view, r->object, r->text)->probe_output[r->flags];
    if (p->run > p->threshold) /* steady: the verdict has been told */
        return;
    const char *output = view_one_line(&s->view, p->output);
    bool again = *shown && strcmp(*shown, output) == 0;
    *shown = output;
    if (again)
        output = "";
    add_row(s, view_name(&s->view, r->object),
            arena_printf(&s->view.arena, "%s probe failed (%" PRId32 "/%" PRId32 ")%s%s", probe_names[r->flags],
                         p->run, p->threshold, *output ? ": " : "", output),
            TONE_WARN);
}

static void told_probe(struct story *s)
{
    const struct trace_record *r = s->view.record;
    const struct trace_probe *p = r->data;
    const char **shown = &view_container(&s->view, r->object, r->text)->probe_output[r->flags];
    if (p->result == RESULT_FAILURE) {
        probe_failed(s, p);
        return;
    }
    if (p->result == RESULT_UNKNOWN) {
        const char *output = view_short_error(&s->view, p->output);
        if (*shown && strcmp(*shown, output) == 0)
            return;
        *shown = output;
        add_row(s, view_name(&s->view, r->object),
                arena_printf(&s->view.arena, "%s probe could not run: %s", probe_names[r->flags], output),
                TONE_WARN);
        return;
    }
    /* A pass is news when it changes the verdict or ends a series of failures. */
    bool news = *shown || (p->published && r->flags != PROBE_LIVENESS);
    *shown = NULL;
    if (news)
        add_row(s, view_name(&s->view, r->object),
                arena_printf(&s->view.arena, "%s probe passed", probe_names[r->flags]), TONE_GOOD);
}

static void told_hook(struct story *s)
{
    const struct trace_record *r = s->view.record;
    const struct trace_container *c = r->data;
    static const char *const ends[] = {"started", "finished", "failed", "cut off: the grace period is over"};
    enum { STARTED, CUT_OFF = 3 };
    struct container_view *view = view_container(&s->view, r->object, r->text);
    if (view->hook_cut_off && r->aux != STARTED)
        return;
    view->hook_cut_off = r->aux == CUT_OFF;
    struct strbuf b = STRBUF_INIT;
    strbuf_printf(&b, "%s hook of %s %s", r->flags ? "preStop" : "postStart", r->text,
                  r->aux < ARRAY_LEN(ends) ? ends[r->aux] : "ended");
    if (c && given(c->message))
        strbuf_printf(&b, ": %s", view_short_error(&s->view, c->message));
    add_row(s, view_name(&s->view, r->object), text_from(s, &b), r->aux >= 2 ? TONE_BAD : TONE_PLAIN);
}

/* The window runs from the exit. A wait that is looked at again is still the same wait. */
static void told_backoff(struct story *s)
{
    const struct trace_record *r = s->view.record;
    struct container_view *c = view_container(&s->view, r->object, r->text);
    sim_time window = (sim_time)r->aux * SIM_MS;
    sim_time until = sim_time_add(c->exited_at != SIM_NEVER ? c->exited_at : r->at, window);
    if (c->backoff && c->backoff_until == until)
        return;
    c->backoff = window;
    c->backoff_until = until;
    struct strbuf b = STRBUF_INIT;
    strbuf_printf(&b, "%s waits ", r->text);
    strbuf_go_duration(&b, window);
    strbuf_puts(&b, " before the next start, until ");
    strbuf_seconds(&b, until, 3);
    strbuf_putc(&b, 's');
    add_following(s, text_from(s, &b), TONE_WARN);
}

static void told_action(struct story *s)
{
    const char *line = view_one_line(&s->view, s->view.record->text);
    add_row(s, NULL, arena_printf(&s->view.arena, "$ kubectl %s", line), TONE_ACTION);
}

/* The row of the action that record `index` is, if it is of this instant. */
static struct story_row *action_row(struct story *s, uint32_t index)
{
    for (uint32_t i = s->rows.count; i-- > 0;) {
        struct story_row *row = pool_at(&s->rows, i);
        if (row->at < s->view.record->at)
            break;
        if (row->record == index)
            return row;
    }
    return NULL;
}

/* Output stands under its action, before what the action sets off, as in a terminal; when time has
 * passed in between, under a row of its own. */
static void told_output(struct story *s)
{
    const struct trace_record *r = s->view.record;
    if (!given(r->text) && r->aux == 0)
        return;
    struct story_row *row = action_row(s, r->cause);
    if (!row) {
        const char *line = r->cause ? view_one_line(&s->view, trace_at(s->view.run->trace, r->cause)->text) : "";
        row = add_row(s, NULL, arena_printf(&s->view.arena, "finished: kubectl %s", line), TONE_ACTION);
    }
    row->block = r->text;
}

/* A mistake in a script is told once, however often the script runs. */
static bool diag_told(struct story *s, const struct trace_diag *d)
{
    for (uint32_t i = 0; i < s->diags.count; i++) {
        const struct trace_diag *old = *(const struct trace_diag **)pool_at(&s->diags, i);
        if (old->at.file == d->at.file && old->at.line == d->at.line && same(old->message, d->message))
            return true;
    }
    *(const struct trace_diag **)pool_at(&s->diags, pool_add(&s->diags)) = d;
    return false;
}

static void told_diag(struct story *s)
{
    const struct trace_diag *d = s->view.record->data;
    if (diag_told(s, d))
        return;
    add_row(s, view_name(&s->view, s->view.record->object), d->message, TONE_WARN)->why =
        view_position(&s->view, d->at);
}

static void tell(struct story *s)
{
    switch (s->view.record->kind) {
    case TRACE_WRITE:
        told_write(s);
        break;
    case TRACE_ACTION:
        told_action(s);
        break;
    case TRACE_ACTION_OUTPUT:
        told_output(s);
        break;
    case TRACE_PULL_END:
        told_pull(s);
        break;
    case TRACE_CONTAINER_STARTED:
        told_started(s);
        break;
    case TRACE_CONTAINER_EXITED:
        told_exited(s);
        break;
    case TRACE_SIGNAL:
        told_signal(s);
        break;
    case TRACE_PROBE:
        told_probe(s);
        break;
    case TRACE_HOOK:
        told_hook(s);
        break;
    case TRACE_BACKOFF:
        told_backoff(s);
        break;
    case TRACE_DIAG:
        told_diag(s);
        break;
    default: /* steps that lead to one of the above */
        break;
    }
}

void story_init(struct story *s, const struct run_trace *run)
{
    view_init(&s->view, run);
    pool_init(&s->rows, &s->view.arena, sizeof(struct story_row));
    pool_init(&s->slices, &s->view.arena, sizeof(uint32_t));
    pool_init(&s->diags, &s->view.arena, sizeof(const struct trace_diag *));
    while (view_next(&s->view))
        tell(s);
}

void story_fini(struct story *s)
{
    view_fini(&s->view);
}
