/* facts.c - a trace as facts. What an API write changed is the difference to the version before. */
#include "report/facts.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "model/printer.h"
#include "report/facts_workload.h"
#include "report/view.h"

__attribute__((format(printf, 3, 4))) static void add(struct fact_reader *c, const char *object, const char *format,
                                                      ...)
{
    char text[4000];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    for (char *p = text; *p; p++)
        if (*p == '\n')
            *p = ' ';
    for (size_t n = strlen(text); n > 0 && text[n - 1] == ' '; n--)
        text[n - 1] = '\0';
    struct fact *f = pool_at(&c->list.facts, pool_add(&c->list.facts));
    *f = (struct fact){c->record->at, c->index, object, arena_strdup(c->list.arena, text), c->about, false};
}

static bool same(const char *a, const char *b) { return strcmp(a ? a : "", b ? b : "") == 0; }

static const char *or_empty(const char *s) { return s ? s : ""; }

/* "Reason: message", either may be missing; starts with a blank. */
static const char *reason_text(struct fact_reader *c, const char *reason, const char *message)
{
    const char *text = reason && *reason ? arena_printf(c->list.arena, " %s", reason) : "";
    return message && *message ? arena_printf(c->list.arena, "%s: %s", text, message) : text;
}

/* ---- conditions ---- */

struct condition {
    const char *type, *status, *reason, *message;
};

static void tell_condition(struct fact_reader *c, const char *object, const struct condition *now,
                           const struct condition *before)
{
    if (!before || !same(now->status, before->status) || !same(now->reason, before->reason) ||
        !same(now->message, before->message))
        add(c, object, "%s %s%s", now->type, now->status, reason_text(c, now->reason, now->message));
}

static struct condition pod_condition(const struct pod *p, const char *type)
{
    const struct pod_condition *found = p ? pod_condition_find(p, type) : NULL;
    return found ? (struct condition){found->type, found->status, found->reason, found->message}
                 : (struct condition){0};
}

static void tell_pod_conditions(struct fact_reader *c, const char *name, const struct pod *p, const struct pod *old)
{
    for (uint32_t i = 0; i < p->status.conditions.count; i++) {
        const struct pod_condition *n = &p->status.conditions.items[i];
        struct condition now = {n->type, n->status, n->reason, n->message}, before = pod_condition(old, n->type);
        tell_condition(c, name, &now, before.type ? &before : NULL);
    }
    for (uint32_t i = 0; old && i < old->status.conditions.count; i++)
        if (!pod_condition_find(p, old->status.conditions.items[i].type))
            add(c, name, "%s absent", old->status.conditions.items[i].type);
}

/* ---- container statuses ---- */

static const char *state_text(struct fact_reader *c, const struct container_state *s)
{
    if (s->running)
        return "Running";
    if (s->terminated)
        return arena_printf(c->list.arena, "Terminated %s %" PRId64 "%s", or_empty(s->terminated->reason),
                            s->terminated->exit_code, reason_text(c, NULL, s->terminated->message));
    if (s->waiting)
        return arena_printf(c->list.arena, "Waiting%s", reason_text(c, s->waiting->reason, s->waiting->message));
    return "Waiting";
}

static const char *last_text(struct fact_reader *c, const struct container_state *s)
{
    return s && s->terminated
               ? arena_printf(c->list.arena, "%s %" PRId64, or_empty(s->terminated->reason), s->terminated->exit_code)
               : "";
}

static void tell_container(struct fact_reader *c, const char *name, const struct container_status *s,
                           const struct container_status *old)
{
    static const struct container_status none;
    const char *state = state_text(c, &s->state);
    bool another = !s->state.waiting && old && !same(s->container_id, old->container_id);
    if (!old || another || !same(state, state_text(c, &old->state)))
        add(c, name, "state %s", state);
    old = old ? old : &none;
    if (!same(last_text(c, &s->last_state), last_text(c, &old->last_state)))
        add(c, name, "last %s", last_text(c, &s->last_state));
    if (s->restart_count != old->restart_count)
        add(c, name, "restarts %" PRId64, s->restart_count);
    if (s->ready != old->ready)
        add(c, name, "ready %s", s->ready ? "true" : "false");
    if (s->started.value != old->started.value)
        add(c, name, "started %s", s->started.value ? "true" : "false");
}

static const struct container_status *status_of(const struct container_status *items, uint32_t count, const char *name)
{
    for (uint32_t i = 0; i < count; i++)
        if (same(items[i].name, name))
            return &items[i];
    return NULL;
}

static void tell_containers(struct fact_reader *c, const char *pod, const struct container_status *items,
                            uint32_t count, const struct container_status *old, uint32_t old_count)
{
    for (uint32_t i = 0; i < count; i++)
        tell_container(c, arena_printf(c->list.arena, "%s/%s", pod, items[i].name), &items[i],
                       status_of(old, old_count, items[i].name));
}

/* ---- pods ---- */

static void tell_columns(struct fact_reader *c, const char *name, const struct pod *p, const struct pod *old)
{
    struct pod_columns now, before;
    printer_pod_columns(p, c->run->features, &now);
    printer_pod_columns(old, c->run->features, &before);
    if (!same(now.status, before.status))
        add(c, name, "STATUS %s", now.status);
    if (now.ready != before.ready || now.total != before.total)
        add(c, name, "READY %" PRIu32 "/%" PRIu32, now.ready, now.total);
}

static void tell_pod(struct fact_reader *c, const struct pod *p)
{
    const struct pod *old = (const struct pod *)p->object.prev;
    const char *name = p->object.meta.name;
    if (c->record->flags == WRITE_DELETE) {
        add(c, name, "gone");
        return;
    }
    if (!old) {
        add(c, name, "created");
        return;
    }
    /* Grace 0 of what was being deleted is the write right before it goes: "gone" says it. */
    bool goes = old->object.meta.deletion_timestamp != SIM_NEVER &&
                p->object.meta.deletion_grace_period_seconds.value == 0 && p->object.meta.finalizers.count == 0;
    if (p->object.meta.deletion_timestamp != old->object.meta.deletion_timestamp && !goes)
        add(c, name, "deleting %" PRId64, p->object.meta.deletion_grace_period_seconds.value);
    const struct pod_status *s = &p->status, *o = &old->status;
    if (!same(s->phase, o->phase))
        add(c, name, "phase %s", s->phase);
    if (!same(s->reason, o->reason))
        add(c, name, "reason %s", or_empty(s->reason));
    if (!same(s->message, o->message))
        add(c, name, "message %s", or_empty(s->message));
    tell_columns(c, name, p, old);
    tell_pod_conditions(c, name, p, old);
    tell_containers(c, name, s->init_container_statuses.items, s->init_container_statuses.count,
                    o->init_container_statuses.items, o->init_container_statuses.count);
    tell_containers(c, name, s->container_statuses.items, s->container_statuses.count, o->container_statuses.items,
                    o->container_statuses.count);
}

/* ---- nodes, slices, events ---- */

static void tell_taints(struct fact_reader *c, const char *name, const char *word, const struct node *has,
                        const struct node *other)
{
    for (uint32_t i = 0; i < has->spec.taints.count; i++) {
        const struct taint *t = &has->spec.taints.items[i];
        bool both = false;
        for (uint32_t k = 0; k < other->spec.taints.count; k++)
            both |=
                same(other->spec.taints.items[k].key, t->key) && same(other->spec.taints.items[k].effect, t->effect);
        if (!both)
            add(c, name, "%s %s%s%s:%s", word, t->key, t->value ? "=" : "", or_empty(t->value), t->effect);
    }
}

static void tell_node(struct fact_reader *c, const struct node *n)
{
    const struct node *old = (const struct node *)n->object.prev;
    const char *name = arena_printf(c->list.arena, "node/%s", n->object.meta.name);
    if (!old)
        return;
    for (uint32_t i = 0; i < n->status.conditions.count; i++) {
        const struct node_condition *w = &n->status.conditions.items[i];
        struct condition now = {w->type, w->status, w->reason, w->message}, before = {0};
        for (uint32_t k = 0; k < old->status.conditions.count; k++) {
            const struct node_condition *b = &old->status.conditions.items[k];
            if (same(b->type, w->type))
                before = (struct condition){b->type, b->status, b->reason, b->message};
        }
        tell_condition(c, name, &now, before.type ? &before : NULL);
    }
    tell_taints(c, name, "taint", n, old);
    tell_taints(c, name, "untaint", old, n);
}

static const char *endpoint_name(struct fact_reader *c, const struct endpoint *e)
{
    return arena_printf(c->list.arena, "slice/%s", e->target_ref ? e->target_ref->name : "-");
}

static const struct endpoint *endpoint_of(const struct endpoint_slice *s, const struct endpoint *e)
{
    for (uint32_t i = 0; s && e->target_ref && i < s->endpoints.count; i++)
        if (s->endpoints.items[i].target_ref && same(s->endpoints.items[i].target_ref->uid, e->target_ref->uid))
            return &s->endpoints.items[i];
    return NULL;
}

static void tell_slice(struct fact_reader *c, const struct endpoint_slice *s)
{
    static const struct endpoint none;
    const struct endpoint_slice *before = (const struct endpoint_slice *)s->object.prev;
    for (uint32_t i = 0; i < s->endpoints.count; i++) {
        const struct endpoint *e = &s->endpoints.items[i], *old = endpoint_of(before, e);
        const char *name = endpoint_name(c, e);
        if (!old)
            add(c, name, "added");
        old = old ? old : &none;
        const struct endpoint_conditions *n = &e->conditions, *o = &old->conditions;
        if (n->ready.value != o->ready.value)
            add(c, name, "ready %s", n->ready.value ? "true" : "false");
        if (n->serving.value != o->serving.value)
            add(c, name, "serving %s", n->serving.value ? "true" : "false");
        if (n->terminating.value != o->terminating.value)
            add(c, name, "terminating %s", n->terminating.value ? "true" : "false");
    }
    for (uint32_t i = 0; before && i < before->endpoints.count; i++)
        if (!endpoint_of(s, &before->endpoints.items[i]))
            add(c, endpoint_name(c, &before->endpoints.items[i]), "removed");
}

/* "spec.containers{web}" -> "web" */
static const char *container_of_path(struct fact_reader *c, const char *path)
{
    const char *open = path ? strchr(path, '{') : NULL, *close = open ? strchr(open, '}') : NULL;
    return close ? arena_strndup(c->list.arena, open + 1, (size_t)(close - open - 1)) : NULL;
}

static const char *kind_name(const struct object_reference *about)
{
    enum api_kind kind = about->kind ? kind_of_resource(about->kind) : KIND_NONE;
    return kind == KIND_NONE ? or_empty(about->kind) : kind_infos[kind].singular;
}

static void tell_event(struct fact_reader *c, const struct k8s_event *e)
{
    const struct object_reference *about = &e->involved_object;
    if (c->record->flags == WRITE_DELETE)
        return;
    const char *container = container_of_path(c, about->field_path), *object = about->name;
    if (container)
        object = arena_printf(c->list.arena, "%s/%s", about->name, container);
    else if (!same(about->kind, "Pod"))
        object = arena_printf(c->list.arena, "%s/%s", kind_name(about), about->name);
    add(c, object, "event %s: %s", e->reason, e->message);
}

static void tell(void *ctx, const char *object, const char *what) { add(ctx, object, "%s", what); }

static void tell_write(struct fact_reader *c)
{
    const struct api_object *o = c->record->data;
    switch (o->kind) {
    case KIND_POD:
        tell_pod(c, (const struct pod *)o);
        break;
    case KIND_NODE:
        tell_node(c, (const struct node *)o);
        break;
    case KIND_ENDPOINTSLICE:
        tell_slice(c, (const struct endpoint_slice *)o);
        break;
    case KIND_EVENT:
        tell_event(c, (const struct k8s_event *)o);
        break;
    case KIND_DEPLOYMENT:
    case KIND_REPLICASET:
    case KIND_REPLICATIONCONTROLLER:
    case KIND_JOB:
    case KIND_STATEFULSET:
    case KIND_DAEMONSET:
        workload_facts(c->list.arena, o, c->record->flags == WRITE_DELETE, tell, c);
        break;
    case KIND_PODDISRUPTIONBUDGET:
        budget_facts(c->list.arena, o, c->record->flags == WRITE_DELETE, tell, c);
        break;
    default:
        break;
    }
}

/* ---- what the API does not show ---- */

static void tell_probe(struct fact_reader *c, const char *object)
{
    static const char *const results[] = {"error", "success", "failure"};
    const struct trace_probe *p = c->record->data;
    add(c, object, "probe %s %s %" PRId32, probe_names[c->record->flags], results[p->result + 1], p->run);
}

/* Each of them at its time; facts_collect() puts them in order. */
static void tell_repeats(struct fact_reader *c, const char *pod)
{
    const struct trace_repeats *t = c->record->data;
    const char *object = arena_printf(c->list.arena, "%s/%s", pod, c->record->text);
    int64_t run = t->run;
    for (uint32_t i = 0; i < t->stretch_count; i++) {
        const struct probe_stretch *s = &t->stretches[i];
        for (uint64_t k = 0; k < s->count; k++, run++) {
            add(c, object, "probe %s success %" PRId64, probe_names[c->record->flags], run);
            struct fact *f = pool_at(&c->list.facts, c->list.facts.count - 1);
            f->at = s->first + (sim_time)k * s->period + (s->took == SIM_NEVER ? 0 : s->took);
        }
    }
}

static void tell_container_record(struct fact_reader *c, const char *pod)
{
    static const char *const hook_phases[] = {"start", "ok", "failed", "abandoned"};
    const struct trace_record *r = c->record;
    const struct trace_container *t = r->data;
    const char *signal;
    const char *object =
        arena_printf(c->list.arena, "%s/%s", pod,
                     r->kind == TRACE_PROBE ? ((const struct trace_probe *)r->data)->container : t->container);
    struct strbuf window = STRBUF_INIT;
    switch (r->kind) {
    case TRACE_CONTAINER_STARTED:
        add(c, object, "start %" PRIu32, t->attempt);
        break;
    case TRACE_CONTAINER_EXITED:
        add(c, object, "exit %" PRId32 " %s", t->exit_code, or_empty(t->reason));
        break;
    case TRACE_CONTAINER_REMOVED:
        add(c, object, "removed");
        break;
    case TRACE_SIGNAL:
        signal = view_signal_name((int32_t)r->aux);
        add(c, object, "signal %s", signal ? signal : "?");
        break;
    case TRACE_PULL_START:
        add(c, object, "pulling %s", r->text);
        break;
    case TRACE_PULL_END:
        add(c, object, "pulled %s%s", r->aux ? "failed: " : r->text, r->aux ? or_empty(t->message) : "");
        break;
    case TRACE_PROBE:
        tell_probe(c, object);
        break;
    case TRACE_HOOK:
        add(c, object, "hook %s %s", r->flags ? "preStop" : "postStart", hook_phases[r->aux % ARRAY_LEN(hook_phases)]);
        break;
    case TRACE_BACKOFF:
        strbuf_go_duration(&window, (sim_time)r->aux * SIM_MS);
        add(c, object, "backoff %s", strbuf_str(&window));
        break;
    default:
        break;
    }
    strbuf_fini(&window);
}

/* Of a pod they say nothing. */
static void tell_traffic(struct fact_reader *c)
{
    const struct trace_record *r = c->record;
    const struct trace_traffic *t = r->data;
    c->about = NULL;
    if (t->count)
        add(c, arena_printf(c->list.arena, "client/%s", r->text), "%s %" PRIu64 "%s%s", traffic_fates[r->aux].name,
            t->count, t->pod ? " " : "", t->pod ? t->pod : "");
}

static void note_version(struct fact_reader *c, const struct api_object *o)
{
    if (o->ordinal >= c->object_room) {
        uint32_t room = c->object_room ? c->object_room : 64;
        while (room <= o->ordinal)
            room *= 2;
        const struct api_object **objects = arena_array(c->list.arena, const struct api_object *, room);
        if (c->object_room)
            memcpy(objects, c->objects, c->object_room * sizeof *objects);
        c->objects = objects;
        c->object_room = room;
    }
    c->objects[o->ordinal] = o;
}

static void tell_record(struct fact_reader *c)
{
    const struct trace_record *r = c->record;
    if (r->kind == TRACE_WRITE)
        note_version(c, r->data);
    const struct api_object *o = c->about = r->object < c->object_room ? c->objects[r->object] : NULL;
    if (r->kind == TRACE_WRITE)
        tell_write(c);
    else if (r->kind == TRACE_TRAFFIC)
        tell_traffic(c);
    else if (!o || o->kind != KIND_POD)
        return;
    else if (r->kind == TRACE_SANDBOX_CREATED || r->kind == TRACE_SANDBOX_STOPPED)
        add(c, o->meta.name, "sandbox %s", r->kind == TRACE_SANDBOX_CREATED ? "created" : "stopped");
    else if (r->kind == TRACE_EVICTION)
        add(c, o->meta.name, "eviction %" PRIu32 " %s", r->aux, r->text);
    else if (r->kind == TRACE_PROBE_REPEATS)
        tell_repeats(c, o->meta.name);
    else if (r->data && r->kind != TRACE_DIAG)
        tell_container_record(c, o->meta.name);
}

void fact_reader_init(struct fact_reader *r, struct arena *a, const struct run_trace *run)
{
    *r = (struct fact_reader){.list.arena = a, .run = run};
    pool_init(&r->list.facts, a, sizeof(struct fact));
}

void fact_reader_follow(struct fact_reader *r, uint32_t index)
{
    r->index = index;
    r->record = trace_at(r->run->trace, index);
    tell_record(r);
}

/* Moves fact i, which came to light late, to where it belongs: behind what happened up to its time. */
static void sink(struct fact_list *l, const struct trace *trace, uint32_t i)
{
    struct fact late = *fact_at(l, i);
    for (; i > 0 && fact_at(l, i - 1)->at > late.at; i--)
        *fact_at(l, i) = *fact_at(l, i - 1);
    while (late.record > 1 && trace_at(trace, late.record)->at > late.at)
        late.record--;
    *fact_at(l, i) = late;
}

void facts_collect(struct fact_list *l, struct arena *a, const struct run_trace *run)
{
    struct fact_reader r;
    fact_reader_init(&r, a, run);
    for (uint32_t index = TRACE_ROOT + 1; index < trace_count(run->trace); index++) {
        uint32_t before = r.list.facts.count;
        fact_reader_follow(&r, index);
        for (uint32_t i = before; i < r.list.facts.count && r.record->kind == TRACE_PROBE_REPEATS; i++)
            sink(&r.list, run->trace, i);
    }
    *l = r.list;
}
