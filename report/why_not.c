/* why_not.c - why_not.h: the guards, and where they stand. */
#include "report/why_not.h"

#include <string.h>

#include "model/api_apps.h"
#include "report/private.h"
#include "report/why_private.h"

/* ---- guards of a pod ---- */

/* One container in the eyes of its pod's status. */
struct part {
    const struct pod *pod;
    const struct container *spec;          /* NULL: the guard is the pod's own */
    const struct container_status *status; /* NULL: none yet */
};

static bool is_scheduled(const struct part *p) { return p->pod->spec.node_name && *p->pod->spec.node_name; }

static bool has_sandbox(const struct part *p)
{
    const struct pod_condition *c = pod_condition_find(p->pod, "PodReadyToStartContainers");
    return (c && text_same(c->status, "True")) || (p->pod->status.pod_ip && *p->pod->status.pod_ip);
}

static const char *waiting_for(const struct part *p)
{
    return p->status && p->status->state.waiting && p->status->state.waiting->reason ? p->status->state.waiting->reason
                                                                                     : "";
}

static bool has_image(const struct part *p) { return !strstr(waiting_for(p), "Image"); }

static bool can_be_made(const struct part *p)
{
    return !strstr(waiting_for(p), "CreateContainer") && !strstr(waiting_for(p), "RunContainerError");
}

static bool is_running(const struct part *p) { return p->status && p->status->state.running; }

static bool has_ended_well(const struct part *p)
{
    return p->status && p->status->state.terminated && p->status->state.terminated->exit_code == 0;
}

static bool has_started(const struct part *p) { return p->status && p->status->started.value; }

static bool is_ready(const struct part *p) { return p->status && p->status->ready; }

enum applies { TO_POD, TO_INIT, TO_ALL, TO_APP, TO_STARTUP, TO_READINESS };

/* In the order in which they come true. `level`: Scheduled 0, Running 1, Ready 2. */
static const struct guard {
    enum applies applies;
    int level;
    bool (*holds)(const struct part *p);
    const char *text;  /* %s: the container */
    const char *who;   /* could change it */
    const char *field; /* of the container's or pod's spec that matters; NULL = none */
} guards[] = {
    {TO_POD, 0, is_scheduled, "a node has been found",
     "the scheduler, once a node fits; you: requests, nodeSelector, tolerations", "nodeSelector"},
    {TO_POD, 1, has_sandbox, "its sandbox and volumes are there",
     "the kubelet and the runtime; you: what its volumes name", "volumes"},
    {TO_ALL, 1, has_image, "the image of %s is there", "the registry; you: the name of the image", "image"},
    {TO_ALL, 1, can_be_made, "container %s can be made", "you: what its environment and its command name", "command"},
    {TO_INIT, 1, has_ended_well, "init container %s has ended with 0", "its program", "command"},
    {TO_APP, 1, is_running, "container %s runs", "its program, and the kubelet when its back-off is over", "command"},
    {TO_STARTUP, 2, has_started, "the startup probe of %s has passed", "its program", "startupProbe"},
    {TO_READINESS, 2, is_ready, "the readiness probe of %s passes", "its program, and whatever that depends on",
     "readinessProbe"},
};

static bool applies(const struct guard *g, const struct container *c, bool init)
{
    bool runs = !init || container_is_sidecar(c);
    switch (g->applies) {
    case TO_INIT:
        return !runs;
    case TO_ALL:
        return true;
    case TO_APP:
        return runs;
    case TO_STARTUP:
        return runs && c->startup_probe;
    case TO_READINESS:
        return runs && c->readiness_probe;
    case TO_POD:
        break;
    }
    return false;
}

struct answer {
    struct why *w;
    struct strbuf *out;
    bool color;
    uint32_t record; /* as of it */
    sim_time now;
    uint32_t false_guards;
};

/* Since when the guard has been as it is: the oldest version without a break. */
static sim_time since(const struct answer *a, const struct guard *g, const struct part *p, bool value)
{
    const struct trace *t = a->w->view.run->trace;
    sim_time at = p->pod->object.meta.creation_timestamp;
    for (uint32_t i = a->record; i > TRACE_ROOT; i--) {
        const struct trace_record *r = trace_at(t, i);
        if (r->kind != TRACE_WRITE || r->object != p->pod->object.ordinal)
            continue;
        const struct pod *version = r->data;
        struct part then = {version, p->spec, p->spec ? view_status(version, p->spec->name) : NULL};
        if (g->holds(&then) != value)
            return at;
        at = r->at;
    }
    return at;
}

static void put_seconds(struct strbuf *out, sim_time t)
{
    strbuf_seconds(out, t, 3);
    strbuf_putc(out, 's');
}

/* What the API says beside it: a message of a condition or of a waiting state. */
static const char *detail(const struct guard *g, const struct part *p)
{
    const struct pod_condition *c = pod_condition_find(p->pod, "PodScheduled");
    if (g->holds == is_scheduled)
        return c && c->message && *c->message ? c->message : NULL;
    if (p->status && p->status->state.waiting && p->status->state.waiting->message)
        return *p->status->state.waiting->message ? p->status->state.waiting->message : NULL;
    return NULL;
}

static void put_guard(struct answer *a, const struct guard *g, const struct part *p)
{
    struct why_step fields = {0};
    const char *name = p->spec ? p->spec->name : "", *percent = strstr(g->text, "%s");
    strbuf_puts(a->out, "    ");
    paint_begin(a->out, a->color, PAINT_RED);
    strbuf_puts(a->out, "no");
    paint_end(a->out, a->color, PAINT_RED);
    strbuf_puts(a->out, "  ");
    if (percent)
        strbuf_printf(a->out, "%.*s%s%s", (int)(percent - g->text), g->text, name, percent + 2);
    else
        strbuf_puts(a->out, g->text);
    strbuf_puts(a->out, ": false since ");
    put_seconds(a->out, since(a, g, p, false));
    strbuf_putc(a->out, '\n');
    if (detail(g, p))
        strbuf_printf(a->out, "        %s\n", view_short_error(&a->w->view, view_one_line(&a->w->view, detail(g, p))));
    strbuf_printf(a->out, "        who could change it: %s\n", g->who);
    why_field(a->w, &fields, p->pod, p->spec ? p->spec->name : NULL, g->field,
              strcmp(g->field, "image") == 0 ? p->spec->image : NULL);
    for (uint32_t i = 0; i < fields.field_count; i++)
        strbuf_printf(a->out, "        %s\n", fields.fields[i]);
    a->false_guards++;
}

static void ask_containers(struct answer *a, const struct guard *g, const struct pod *pod, bool init)
{
    uint32_t n = init ? pod->spec.init_containers.count : pod->spec.containers.count;
    const struct container *list = init ? pod->spec.init_containers.items : pod->spec.containers.items;
    for (uint32_t i = 0; i < n; i++) {
        struct part p = {pod, &list[i], view_status(pod, list[i].name)};
        if (applies(g, &list[i], init) && !g->holds(&p))
            put_guard(a, g, &p);
    }
}

static bool gate_holds(const struct pod *pod, const char *type) { return pod_condition_true(pod, type); }

/* Guards of one pod up to a level. What comes later waits for what comes first: after the first kind of guard that is
 * false, only those that do not depend on it are told. */
static void ask_pod(struct answer *a, const struct pod *pod, int level)
{
    uint32_t before = a->false_guards;
    for (size_t i = 0; i < ARRAY_LEN(guards) && a->false_guards == before; i++) {
        const struct guard *g = &guards[i];
        struct part p = {pod, NULL, NULL};
        if (g->level > level)
            continue;
        if (g->applies == TO_POD && !g->holds(&p))
            put_guard(a, g, &p);
        else if (g->applies != TO_POD)
            ask_containers(a, g, pod, true), ask_containers(a, g, pod, false);
    }
    for (uint32_t i = 0; level == 2 && a->false_guards == before && i < pod->spec.readiness_gates.count; i++) {
        const char *type = pod->spec.readiness_gates.items[i].condition_type;
        if (gate_holds(pod, type))
            continue;
        strbuf_printf(a->out,
                      "    no  readiness gate %s is True\n        who could change it: whoever sets that condition\n",
                      type);
        a->false_guards++;
    }
}

/* ---- wishes ---- */

static const struct pod *pod_as_of(const struct answer *a, uint32_t ordinal)
{
    const struct api_object *o = why_object(a->w, ordinal, a->record);
    const struct trace *t = a->w->view.run->trace;
    for (uint32_t i = a->record; o && i > TRACE_ROOT; i--)
        if (trace_at(t, i)->kind == TRACE_WRITE && trace_at(t, i)->object == ordinal)
            return trace_at(t, i)->flags == WRITE_DELETE ? NULL : (const struct pod *)o;
    return NULL;
}

static void put_head(struct answer *a, const char *what, bool holds)
{
    paint_begin(a->out, a->color, PAINT_BOLD);
    strbuf_puts(a->out, what);
    paint_end(a->out, a->color, PAINT_BOLD);
    strbuf_printf(a->out, ": %s at ", holds ? "yes" : "no");
    put_seconds(a->out, a->now);
    strbuf_putc(a->out, '\n');
}

static const struct api_object *find(const struct answer *a, enum api_kind kind, const char *name)
{
    const struct view *v = &a->w->view;
    for (uint32_t i = 1; i < v->object_count; i++) {
        const struct api_object *o = v->objects[i].latest;
        if (o && o->kind == kind && text_same(o->meta.name, name))
            return why_object(a->w, i, a->record);
    }
    return NULL;
}

static void ask_one(struct answer *a, const struct pod *pod, const char *wish, int level)
{
    struct strbuf text = STRBUF_INIT, *out = a->out;
    const char *what = arena_printf(&a->w->view.arena, "%s %s", view_object_name(&a->w->view, &pod->object), wish);
    uint32_t before = a->false_guards;
    a->out = &text;
    ask_pod(a, pod, level);
    a->out = out;
    put_head(a, what, a->false_guards == before);
    strbuf_puts(out, strbuf_str(&text));
    strbuf_fini(&text);
}

/* Is it owned by `uid`, directly or through a ReplicaSet? */
static bool belongs(const struct answer *a, const struct api_object *o, const char *uid)
{
    for (uint32_t i = 0; i < o->meta.owner_references.count; i++) {
        const struct owner_reference *ref = &o->meta.owner_references.items[i];
        if (text_same(ref->uid, uid))
            return true;
        const struct api_object *owner =
            text_same(ref->kind, "ReplicaSet") ? find(a, KIND_REPLICASET, ref->name) : NULL;
        if (owner && belongs(a, owner, uid))
            return true;
    }
    return false;
}

static void ask_deployment(struct answer *a, const struct deployment *d, const char *wish)
{
    struct why_step fields = {0};
    int64_t wanted = d->spec.replicas.value;
    bool complete =
        d->status.updated_replicas == wanted && d->status.replicas == wanted && d->status.available_replicas == wanted;
    bool available = false;
    for (uint32_t i = 0; i < d->status.conditions.count; i++)
        available = available || (text_same(d->status.conditions.items[i].type, "Available") &&
                                  text_same(d->status.conditions.items[i].status, "True"));
    bool holds = strcmp(wish, "Available") == 0 ? available : complete;
    put_head(a, arena_printf(&a->w->view.arena, "%s %s", view_object_name(&a->w->view, &d->object), wish), holds);
    strbuf_printf(a->out,
                  "    %" PRId64 " wanted, %" PRId64 " there, %" PRId64 " of the newest revision, %" PRId64
                  " ready, %" PRId64 " available\n",
                  wanted, d->status.replicas, d->status.updated_replicas, d->status.ready_replicas,
                  d->status.available_replicas);
    if (holds)
        return;
    a->false_guards++;
    why_own_field(a->w, &fields, &d->object, "replicas", NULL);
    why_own_field(a->w, &fields, &d->object, "minReadySeconds", NULL);
    for (uint32_t i = 0; i < fields.field_count; i++)
        strbuf_printf(a->out, "    %s\n", fields.fields[i]);
    for (uint32_t i = 1; i < a->w->view.object_count; i++) {
        const struct api_object *o = a->w->view.objects[i].latest;
        const struct pod *pod = o && o->kind == KIND_POD && belongs(a, o, d->object.meta.uid) ? pod_as_of(a, i) : NULL;
        if (pod && !pod_condition_true(pod, "Ready") && pod->object.meta.deletion_timestamp == SIM_NEVER)
            ask_one(a, pod, "Ready", 2);
    }
}

static bool selects(const struct service *svc, const struct pod *pod)
{
    for (uint32_t i = 0; i < svc->spec.selector.count; i++) {
        const char *value = str_map_get(&pod->object.meta.labels, svc->spec.selector.items[i].key);
        if (!value || strcmp(value, svc->spec.selector.items[i].value) != 0)
            return false;
    }
    return svc->spec.selector.count && text_same(svc->object.meta.namespace_, pod->object.meta.namespace_);
}

static void ask_service(struct answer *a, const struct service *svc)
{
    uint32_t selected = 0, ready = 0;
    struct why_step fields = {0};
    struct strbuf text = STRBUF_INIT, *out = a->out;
    a->out = &text;
    for (uint32_t i = 1; i < a->w->view.object_count; i++) {
        const struct api_object *o = a->w->view.objects[i].latest;
        const struct pod *pod = o && o->kind == KIND_POD ? pod_as_of(a, i) : NULL;
        if (!pod || !selects(svc, pod))
            continue;
        selected++;
        if (pod_condition_true(pod, "Ready") && pod->object.meta.deletion_timestamp == SIM_NEVER)
            ready++;
        else
            ask_one(a, pod, "Ready", 2);
    }
    a->out = out;
    put_head(a, arena_printf(&a->w->view.arena, "%s endpoints", view_object_name(&a->w->view, &svc->object)),
             ready > 0);
    strbuf_printf(out, "    its selector means %" PRIu32 " pods; %" PRIu32 " of them take requests\n", selected, ready);
    a->false_guards += !ready;
    if (!selected)
        why_own_field(a->w, &fields, &svc->object, "selector", NULL);
    for (uint32_t i = 0; i < fields.field_count; i++)
        strbuf_printf(out, "    %s\n    no pod has these labels: you could change them, or the selector\n",
                      fields.fields[i]);
    strbuf_puts(out, strbuf_str(&text));
    strbuf_fini(&text);
}

static int ask(struct answer *a, const struct why_question *q, const char **ret_error)
{
    static const struct {
        const char *wish;
        int level;
    } wishes[] = {{"Scheduled", 0}, {"Running", 1}, {"Ready", 2}};
    const struct api_object *o = find(a, q->kind, q->name);
    if (!o) {
        *ret_error = arena_printf(&a->w->view.arena, "there is no %s/%s at that time", q->type, q->name);
        return -1;
    }
    if (q->kind == KIND_DEPLOYMENT && (strcmp(q->symptom, "Available") == 0 || strcmp(q->symptom, "Complete") == 0)) {
        ask_deployment(a, (const struct deployment *)o, q->symptom);
        return 0;
    }
    if (q->kind == KIND_SERVICE && strcmp(q->symptom, "endpoints") == 0) {
        ask_service(a, (const struct service *)o);
        return 0;
    }
    for (size_t i = 0; q->kind == KIND_POD && i < ARRAY_LEN(wishes); i++) {
        if (strcmp(wishes[i].wish, q->symptom) != 0)
            continue;
        ask_one(a, (const struct pod *)o, q->symptom, wishes[i].level);
        return 0;
    }
    *ret_error =
        arena_printf(&a->w->view.arena,
                     "%s/%s %s: want pod/NAME Scheduled, Running or Ready, deploy/NAME Available or Complete, or "
                     "svc/NAME endpoints",
                     q->type, q->name, q->symptom);
    return -1;
}

int why_not_explain(struct why *w, const struct run_trace *run, const char *question, bool color, struct strbuf *out,
                    const char **ret_error)
{
    struct why_question q;
    struct answer a = {.w = w, .out = out, .color = color, .now = run->end};
    why_begin(w, run);
    if (why_parse(w, question, &q, ret_error) < 0)
        return -1;
    if (q.at != SIM_NEVER && q.at < a.now)
        a.now = q.at;
    for (uint32_t i = 1; i < trace_count(run->trace) && trace_at(run->trace, i)->at <= a.now; i++)
        a.record = i;
    if (ask(&a, &q, ret_error) < 0)
        return -1;
    return a.false_guards == 0;
}
