/* lines.c - API writes of a trace as lines. */
#include "tests/conformance/lines.h"

#include <string.h>

#include "model/api_core.h"

struct line *lines_add(struct arena *a, struct lines *l)
{
    if (l->count == l->capacity) {
        l->capacity = l->capacity ? 2 * l->capacity : 256;
        struct line *items = arena_array(a, struct line, l->capacity);
        if (l->count)
            memcpy(items, l->items, l->count * sizeof *items);
        l->items = items;
    }
    l->items[l->count] = (struct line){.stamp = SIM_NEVER};
    return &l->items[l->count++];
}

/* ---- what differs from run to run ---- */

static bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static size_t hex_run(const char *s)
{
    size_t n = 0;
    while (is_hex(s[n]))
        n++;
    return n;
}

/* 8-4-4-4-12 hexadecimal digits. */
static size_t uid_at(const char *s)
{
    static const size_t groups[] = {8, 4, 4, 4, 12};
    size_t at = 0;
    for (size_t g = 0; g < ARRAY_LEN(groups); g++) {
        if (hex_run(s + at) != groups[g])
            return 0;
        at += groups[g];
        if (g + 1 < ARRAY_LEN(groups) && s[at++] != '-')
            return 0;
    }
    return at;
}

static size_t address_at(const char *s)
{
    size_t at = 0;
    for (int part = 0; part < 4; part++) {
        size_t digits = 0;
        while (is_digit(s[at + digits]) && digits < 3)
            digits++;
        if (digits == 0)
            return 0;
        at += digits;
        if (part < 3 && s[at++] != '.')
            return 0;
    }
    return is_digit(s[at]) || s[at] == '.' ? 0 : at;
}

/* "in 151ms (151ms including waiting). Image size: 1000 bytes." */
static size_t pull_at(const char *s)
{
    const char *end = strstr(s, "including waiting)");
    return strncmp(s, "in ", 3) == 0 && end && is_digit(s[3]) ? strlen(s) : 0;
}

/* "used: 2500, capacity": what other scenarios' pods had requested. */
static size_t used_at(const char *s)
{
    size_t digits = strspn(s + (strncmp(s, "used: ", 6) == 0 ? 6 : 0), "0123456789");
    return strncmp(s, "used: ", 6) == 0 && strncmp(s + 6 + digits, ", capacity", 10) == 0 ? 6 + digits : 0;
}

const char *lines_normalize(struct arena *a, const char *text)
{
    struct strbuf b = STRBUF_INIT;
    for (const char *s = text; *s;) {
        bool word = s == text || !is_hex(s[-1]);
        size_t n;
        if (word && (n = uid_at(s)) != 0)
            strbuf_puts(&b, "<uid>");
        else if (word && hex_run(s) == 64 && (n = 64) != 0)
            strbuf_puts(&b, "<id>");
        else if (word && s[0] == '1' && (n = address_at(s)) != 0)
            strbuf_puts(&b, "<ip>");
        else if ((n = pull_at(s)) != 0)
            strbuf_puts(&b, "in <time>");
        else if ((n = used_at(s)) != 0)
            strbuf_puts(&b, "used: <n>");
        else
            strbuf_putc(&b, s[(n = 1) - 1]);
        s += n;
    }
    const char *out = arena_strdup(a, strbuf_str(&b));
    strbuf_fini(&b);
    return out;
}

/* Whatever happens to any pod makes the scheduler try again, so how often it failed tells of the other scenarios. */
static bool repeated_attempt(const struct lines *l, uint32_t at)
{
    const struct line *line = &l->items[at];
    for (uint32_t i = 0; line->event && strstr(line->what, " FailedScheduling (") && i < at; i++)
        if (strcmp(l->items[i].what, line->what) == 0 && strcmp(l->items[i].object, line->object) == 0)
            return true;
    return false;
}

void lines_drop_repeated_attempts(struct lines *l)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < l->count; i++)
        if (!repeated_attempt(l, i))
            l->items[n++] = l->items[i];
    l->count = n;
}

/* ---- dates ---- */

static bool ends_with(const char *s, const char *tail)
{
    size_t n = strlen(s), m = strlen(tail);
    return n >= m && strcmp(s + n - m, tail) == 0;
}

bool lines_is_stamp(const char *path)
{
    return ends_with(path, ".lastTransitionTime") || ends_with(path, ".startedAt") || ends_with(path, ".finishedAt") ||
           strcmp(path, "status.startTime") == 0 || strcmp(path, "status.completionTime") == 0 ||
           strcmp(path, "metadata.deletionTimestamp") == 0;
}

const char *lines_stamp_path(struct arena *a, const char *path, const char *to)
{
    size_t n = strlen(path);
    if (strncmp(path, "status.conditions.", 18) == 0 && ends_with(path, ".status"))
        return arena_printf(a, "%.*slastTransitionTime", (int)(n - strlen("status")), path);
    if (ends_with(path, ".state") && to && strcmp(to, "waiting") != 0)
        return arena_printf(a, "%s.%s", path, strcmp(to, "running") == 0 ? "startedAt" : "finishedAt");
    if (strcmp(path, "metadata.deletionGracePeriodSeconds") == 0)
        return "metadata.deletionTimestamp";
    return NULL;
}

/* ---- objects as lists of fields ---- */

struct field {
    const char *path, *text;
    const char *raw; /* before it is normalized: another address is a change, too */
    sim_time stamp;
};

enum { FIELDS_MAX = 1024 };

struct fields {
    struct arena *arena;
    struct field items[FIELDS_MAX];
    uint32_t count;
};

static void put(struct fields *f, const char *path, const char *text)
{
    if (!text)
        return;
    ASSERT(f->count < FIELDS_MAX);
    f->items[f->count++] = (struct field){path, lines_normalize(f->arena, text), text, SIM_NEVER};
}

static void put_stamped(struct fields *f, const char *path, const char *text, sim_time stamp)
{
    put(f, path, text);
    if (text)
        f->items[f->count - 1].stamp = stamp;
}

static void put_int(struct fields *f, const char *path, int64_t n)
{
    put(f, path, arena_printf(f->arena, "%" PRId64, n));
}

static void put_bool(struct fields *f, const char *path, bool yes) { put(f, path, yes ? "true" : "false"); }

static const char *below(struct fields *f, const char *prefix, const char *name)
{
    return arena_printf(f->arena, "%s.%s", prefix, name);
}

static void put_state(struct fields *f, const char *prefix, const struct container_state *s, bool always)
{
    if (s->terminated) {
        put_stamped(f, prefix, "terminated", s->terminated->finished_at);
        put_int(f, below(f, prefix, "exitCode"), s->terminated->exit_code);
        put(f, below(f, prefix, "reason"), s->terminated->reason);
        put(f, below(f, prefix, "message"), s->terminated->message);
    } else if (s->running) {
        put_stamped(f, prefix, "running", s->running->started_at);
    } else if (s->waiting) {
        put(f, prefix, "waiting");
        put(f, below(f, prefix, "reason"), s->waiting->reason);
        put(f, below(f, prefix, "message"), s->waiting->message);
    } else if (always) {
        put(f, prefix, "waiting");
    }
}

static void put_container(struct fields *f, const char *list, const struct container_status *c)
{
    const char *prefix = arena_printf(f->arena, "status.%s.%s", list, c->name);
    put_state(f, below(f, prefix, "state"), &c->state, true);
    put_state(f, below(f, prefix, "lastState"), &c->last_state, false);
    put_int(f, below(f, prefix, "restartCount"), c->restart_count);
    put_bool(f, below(f, prefix, "ready"), c->ready);
    if (c->started.set)
        put_bool(f, below(f, prefix, "started"), c->started.value);
}

static const char *joined(struct fields *f, const str_list *l)
{
    const char *text = "";
    for (uint32_t i = 0; i < l->count; i++)
        text = arena_printf(f->arena, "%s%s%s", text, i ? "," : "", l->items[i]);
    return text;
}

static void put_meta(struct fields *f, const struct object_meta *m)
{
    put(f, "", "present");
    const char *labels = "";
    for (uint32_t i = 0; i < m->labels.count; i++)
        labels =
            arena_printf(f->arena, "%s%s%s=%s", labels, i ? "," : "", m->labels.items[i].key, m->labels.items[i].value);
    put(f, "metadata.labels", m->labels.count ? labels : NULL);
    put(f, "metadata.finalizers", m->finalizers.count ? joined(f, &m->finalizers) : NULL);
    if (m->deletion_grace_period_seconds.set)
        put_stamped(f, "metadata.deletionGracePeriodSeconds",
                    arena_printf(f->arena, "%" PRId64, m->deletion_grace_period_seconds.value), m->deletion_timestamp);
}

static void put_status(struct fields *f, const struct pod_status *s)
{
    put(f, "status.phase", s->phase);
    put(f, "status.reason", s->reason);
    put(f, "status.message", s->message);
    put(f, "status.podIP", s->pod_ip);
    if (s->observed_generation)
        put_int(f, "status.observedGeneration", s->observed_generation);
    for (uint32_t i = 0; i < s->conditions.count; i++) {
        const struct pod_condition *c = &s->conditions.items[i];
        const char *prefix = arena_printf(f->arena, "status.conditions.%s", c->type);
        put_stamped(f, below(f, prefix, "status"), c->status, c->last_transition_time);
        put(f, below(f, prefix, "reason"), c->reason);
        put(f, below(f, prefix, "message"), c->message);
    }
    for (uint32_t i = 0; i < s->init_container_statuses.count; i++)
        put_container(f, "initContainerStatuses", &s->init_container_statuses.items[i]);
    for (uint32_t i = 0; i < s->container_statuses.count; i++)
        put_container(f, "containerStatuses", &s->container_statuses.items[i]);
}

static void put_pod(struct fields *f, const struct pod *p)
{
    put_meta(f, &p->object.meta);
    put(f, "spec.nodeName", p->spec.node_name);
    const char *gates = NULL;
    for (uint32_t i = 0; i < p->spec.scheduling_gates.count; i++)
        gates = arena_printf(f->arena, "%s%s%s", gates ? gates : "", gates ? "," : "",
                             p->spec.scheduling_gates.items[i].name);
    put(f, "spec.schedulingGates", gates);
    put_status(f, &p->status);
}

static void put_slice(struct fields *f, const struct endpoint_slice *s)
{
    put(f, "", "present");
    for (uint32_t i = 0; i < s->endpoints.count; i++) {
        const struct endpoint *e = &s->endpoints.items[i];
        const char *prefix = arena_printf(f->arena, "endpoints.%s", e->target_ref ? e->target_ref->name : "?");
        put(f, below(f, prefix, "addresses"), joined(f, &e->addresses));
        if (e->conditions.ready.set)
            put_bool(f, below(f, prefix, "ready"), e->conditions.ready.value);
        if (e->conditions.serving.set)
            put_bool(f, below(f, prefix, "serving"), e->conditions.serving.value);
        if (e->conditions.terminating.set)
            put_bool(f, below(f, prefix, "terminating"), e->conditions.terminating.value);
    }
}

static void put_taken(void *ctx, const char *path, const char *text, sim_time stamp)
{
    put_stamped(ctx, path, text, stamp);
}

static void put_workload(struct fields *f, const struct api_object *o)
{
    put(f, "", "present");
    lines_of_workload(f->arena, o, put_taken, f);
}

static void put_object(struct fields *f, const struct api_object *o)
{
    f->count = 0;
    if (o && o->kind == KIND_POD)
        put_pod(f, (const struct pod *)o);
    else if (o && o->kind == KIND_ENDPOINTSLICE)
        put_slice(f, (const struct endpoint_slice *)o);
    else if (o)
        put_workload(f, o);
}

/* ---- writes as lines ---- */

static const struct field *find(const struct fields *f, const char *path)
{
    for (uint32_t i = 0; i < f->count; i++)
        if (strcmp(f->items[i].path, path) == 0)
            return &f->items[i];
    return NULL;
}

static const char *object_name(struct arena *a, const struct api_object *o)
{
    /* A slice is named after its Service and five random characters. */
    if (o->kind == KIND_ENDPOINTSLICE)
        return arena_printf(a, "endpointslice/%.*s", (int)(strlen(o->meta.name) - 6), o->meta.name);
    return arena_printf(a, "%s/%s", kind_infos[o->kind].singular, o->meta.name);
}

static void add_change(struct arena *a, struct lines *l, sim_time t, const char *object, const struct field *field,
                       const char *to)
{
    struct line *line = lines_add(a, l);
    line->t = t;
    line->object = object;
    line->what = field->path;
    line->to = to;
    line->stamp = to ? field->stamp : SIM_NEVER;
}

static void add_write(struct arena *a, struct lines *l, sim_time t, const struct api_object *o, bool removed)
{
    struct fields *before = arena_new(a, struct fields), *after = arena_new(a, struct fields);
    before->arena = after->arena = a;
    const char *object = object_name(a, o);
    if (removed) { /* the write that takes the last finalizer removes it: nobody sees that it has none */
        uint32_t n = 0;
        for (uint32_t i = 0; i < l->count; i++)
            if (l->items[i].t != t || l->items[i].to || strcmp(l->items[i].object, object) != 0 ||
                strcmp(l->items[i].what, "metadata.finalizers") != 0)
                l->items[n++] = l->items[i];
        l->count = n;
    }
    if (removed) { /* as the recorder saw it: the object goes, its fields are not spoken of */
        struct field gone = {"", NULL, NULL, SIM_NEVER};
        add_change(a, l, t, object, &gone, "removed");
        return;
    }
    put_object(before, o->prev);
    put_object(after, o);
    for (uint32_t i = 0; i < after->count; i++) {
        const struct field *old = find(before, after->items[i].path);
        if (!old || strcmp(old->raw, after->items[i].raw) != 0)
            add_change(a, l, t, object, &after->items[i], after->items[i].text);
    }
    for (uint32_t i = 0; i < before->count; i++)
        if (!find(after, before->items[i].path))
            add_change(a, l, t, object, &before->items[i], NULL);
}

static const char *event_object(struct arena *a, const struct k8s_event *e)
{
    enum api_kind kind = kind_of_resource(e->involved_object.kind);
    return arena_printf(a, "%s/%s", kind == KIND_NONE ? "" : kind_infos[kind].singular, e->involved_object.name);
}

static void add_event(struct arena *a, struct lines *l, sim_time t, const struct k8s_event *e)
{
    struct line *line = lines_add(a, l);
    line->t = t;
    line->object = event_object(a, e);
    line->what = arena_printf(
        a, "%s %s (%s%s%s) %s", e->type, e->reason, e->source.component, e->involved_object.field_path ? " " : "",
        e->involved_object.field_path ? e->involved_object.field_path : "", lines_normalize(a, e->message));
    line->to = arena_printf(a, "%" PRId64, e->count > 0 ? e->count : 1);
    line->event = true;
    if (strstr(line->what, "Successfully pulled")) /* counted apart when they took different times */
        line->to = "any";
}

void lines_of_run(struct arena *a, const struct run_trace *run, const char *namespace_, struct lines *ret_lines)
{
    *ret_lines = (struct lines){0};
    sim_time t0 = SIM_NEVER;
    for (uint32_t i = 0; i < trace_count(run->trace); i++) {
        const struct trace_record *r = trace_at(run->trace, i);
        const struct api_object *o = r->data;
        if (r->kind != TRACE_WRITE || !o->meta.namespace_ || strcmp(o->meta.namespace_, namespace_) != 0)
            continue;
        const struct k8s_event *e = r->data;
        const char *object = o->kind == KIND_EVENT ? event_object(a, e) : object_name(a, o);
        if (!lines_has_kind(object))
            continue;
        if (t0 == SIM_NEVER && o->kind != KIND_EVENT && o->kind != KIND_SERVICE)
            t0 = r->at;
        if (o->kind == KIND_EVENT)
            add_event(a, ret_lines, r->at, e);
        else
            add_write(a, ret_lines, r->at, o, r->flags == WRITE_DELETE);
    }
    for (uint32_t i = 0; i < ret_lines->count; i++)
        ret_lines->items[i].t -= t0;
    for (uint32_t i = 0; i < ret_lines->count; i++)
        if (ret_lines->items[i].stamp != SIM_NEVER)
            ret_lines->items[i].stamp -= t0;
    lines_drop_repeated_attempts(ret_lines);
}
