/* logs.c - what containers have written: all of it with simulated times (-o logs), or the log of one pod as
 * `kubectl logs` prints it (logs.h).
 *
 * Left out on purpose: rotation of log files (kubelet's containerLogMaxSize), --follow.
 */
#include "report/logs.h"

#include <stdlib.h>
#include <string.h>

#include "model/pod_logs.h"
#include "report/private.h"

struct log_line {
    sim_time at;
    uint32_t order; /* in which they came up */
    uint32_t object;
    const struct trace_container *container;
    const char *text;
    bool is_stderr;
};

struct log_lines {
    struct view view;
    struct pool pool;               /* struct log_line */
    const struct log_line **sorted; /* by time */
};

static void add_line(struct log_lines *l, sim_time at, const struct trace_container *container, const char *text,
                     bool is_stderr)
{
    uint32_t order = pool_add(&l->pool);
    *(struct log_line *)pool_at(&l->pool, order) =
        (struct log_line){at, order, l->view.record->object, container, text, is_stderr};
}

static void add_repeated(struct log_lines *l, const struct trace_line *line, sim_time at)
{
    struct strbuf b = STRBUF_INIT;
    trace_line_put(line, l->view.run->epoch + sim_time_floor(at, SIM_SECOND) / SIM_SECOND, &b);
    add_line(l, at, line->container, arena_strdup(&l->view.arena, strbuf_str(&b)), line->is_stderr);
    strbuf_fini(&b);
}

/* The lines of an access log that probes left. */
static void add_repeats(struct log_lines *l, const struct trace_repeats *t)
{
    for (uint32_t i = 0; i < t->stretch_count; i++) {
        const struct probe_stretch *s = &t->stretches[i];
        for (uint64_t k = 0; s->line && k < s->count; k++)
            add_repeated(l, s->line, s->first + (sim_time)k * s->period);
    }
    if (t->unanswered)
        add_repeated(l, t->unanswered, t->unanswered_at);
}

static void add_periodic(struct log_lines *l, const struct trace_output_repeats *t)
{
    for (uint64_t k = 0; k < t->count; k++)
        add_line(l, t->first + (sim_time)k * t->every, t->container, t->text, t->is_stderr);
}

static int compare_lines(const void *a, const void *b)
{
    const struct log_line *x = *(const struct log_line *const *)a, *y = *(const struct log_line *const *)b;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

static void lines_init(struct log_lines *l, const struct run_trace *run)
{
    view_init(&l->view, run);
    pool_init(&l->pool, &l->view.arena, sizeof(struct log_line));
    while (view_next(&l->view)) {
        const struct trace_record *r = l->view.record;
        if (r->kind == TRACE_OUTPUT)
            add_line(l, r->at, r->data, r->text, r->flags);
        else if (r->kind == TRACE_PROBE_REPEATS)
            add_repeats(l, r->data);
        else if (r->kind == TRACE_OUTPUT_REPEATS)
            add_periodic(l, r->data);
    }
    l->sorted = arena_array(&l->view.arena, const struct log_line *, l->pool.count + 1);
    for (uint32_t i = 0; i < l->pool.count; i++)
        l->sorted[i] = pool_at(&l->pool, i);
    qsort(l->sorted, l->pool.count, sizeof *l->sorted, compare_lines);
}

/* ---- all of it ---- */

static const char *source_of(struct log_lines *l, const struct log_line *line)
{
    return arena_printf(&l->view.arena, "%s[%s]", view_name(&l->view, line->object), line->container->container);
}

void report_logs(const struct run_trace *run, const struct report_options *o, struct strbuf *out)
{
    struct log_lines l = {0};
    uint32_t width = 0;
    lines_init(&l, run);
    for (uint32_t i = 0; i < l.pool.count; i++) {
        uint32_t w = text_width(source_of(&l, l.sorted[i]));
        width = w > width ? w : width;
    }
    for (uint32_t i = 0; i < l.pool.count; i++) {
        const struct log_line *line = l.sorted[i];
        report_time(out, line->at);
        strbuf_fill(out, ' ', 2);
        paint_begin(out, o->color, line->is_stderr ? PAINT_YELLOW : PAINT_CYAN);
        text_fit(out, source_of(&l, line), width);
        paint_end(out, o->color, PAINT_CYAN);
        strbuf_printf(out, "  %s\n", line->text);
    }
    view_fini(&l.view);
}

/* ---- one pod's, as kubectl prints it ---- */

/* The newest pod of that name; one that is gone counts when no other has the name. */
static uint32_t find_pod(struct view *v, const char *namespace_, const char *name)
{
    uint32_t found = 0;
    for (uint32_t i = 1; i < v->object_count; i++) {
        const struct pod *pod = view_pod(v, i);
        if (pod && text_is(pod->object.meta.name, name) && text_is(pod->object.meta.namespace_, namespace_) &&
            (!found || !v->objects[i].gone || v->objects[found].gone))
            found = i;
    }
    return found;
}

static void no_such_pod(struct view *v, const char *namespace_, const char *name, struct strbuf *notes)
{
    const char **names = arena_array(&v->arena, const char *, v->object_count);
    size_t count = 0;
    strbuf_printf(notes, "Error from server (NotFound): pods \"%s\" not found", name);
    for (uint32_t i = 1; i < v->object_count; i++) {
        const struct pod *pod = view_pod(v, i);
        if (pod && text_is(pod->object.meta.namespace_, namespace_)) {
            names[count++] = pod->object.meta.name;
        } else if (pod && text_is(pod->object.meta.name, name)) {
            strbuf_printf(notes, "; there is one in namespace %s (-n)\n", pod->object.meta.namespace_);
            return;
        }
    }
    const char *close = diag_closest(name, names, count);
    if (close)
        strbuf_printf(notes, "; did you mean \"%s\"?", close);
    else if (count == 1)
        strbuf_printf(notes, "; the only pod is \"%s\"", names[0]);
    strbuf_putc(notes, '\n');
}

static void put_timestamp(struct strbuf *out, const struct run_trace *run, sim_time at)
{
    sim_time second = sim_time_floor(at, SIM_SECOND);
    struct strbuf b = STRBUF_INIT;
    strbuf_rfc3339(&b, run->epoch + second / SIM_SECOND, 0, false);
    strbuf_printf(out, "%.*s.%09dZ ", (int)b.len - 1, strbuf_str(&b), (int)(at - second));
    strbuf_fini(&b);
}

static void put_instance(struct log_lines *l, const struct logs_query *q, uint32_t pod, const char *name,
                         const char *id, struct strbuf *out)
{
    const struct run_trace *run = l->view.run;
    uint32_t count = 0, skip = 0;
    const struct log_line **mine = arena_array(&l->view.arena, const struct log_line *, l->pool.count + 1);
    for (uint32_t i = 0; i < l->pool.count; i++) {
        const struct log_line *line = l->sorted[i];
        if (line->object == pod && text_is(line->container->id, id) &&
            (q->since == SIM_NEVER || line->at >= run->end - q->since))
            mine[count++] = line;
    }
    if (q->tail >= 0 && count > q->tail)
        skip = count - (uint32_t)q->tail;
    for (uint32_t i = skip; i < count; i++) {
        if (q->prefix)
            strbuf_printf(out, "[pod/%s/%s] ", view_pod(&l->view, pod)->object.meta.name, name);
        if (q->timestamps)
            put_timestamp(out, run, mine[i]->at);
        strbuf_printf(out, "%s\n", mine[i]->text);
    }
}

static int put_container(struct log_lines *l, const struct logs_query *q, uint32_t ordinal, const char *name,
                         struct strbuf *out, struct strbuf *notes)
{
    const struct pod *pod = view_pod(&l->view, ordinal);
    const char *error;
    if (!pod->spec.node_name || !*pod->spec.node_name)
        return 0; /* kubectl prints nothing for a pod without a node */
    const char *id = pod_log_container(&l->view.arena, pod, name, q->previous, &error);
    if (id)
        put_instance(l, q, ordinal, name, id, out);
    else
        strbuf_printf(notes, "Error from server (BadRequest): %s\n", error);
    return id ? 0 : -1;
}

static int put_all_containers(struct log_lines *l, const struct logs_query *q, uint32_t ordinal, struct strbuf *out,
                              struct strbuf *notes)
{
    const struct pod_spec *spec = &view_pod(&l->view, ordinal)->spec;
    int result = 0;
    for (uint32_t i = 0; i < spec->init_containers.count; i++)
        result |= put_container(l, q, ordinal, spec->init_containers.items[i].name, out, notes);
    for (uint32_t i = 0; i < spec->containers.count; i++)
        result |= put_container(l, q, ordinal, spec->containers.items[i].name, out, notes);
    for (uint32_t i = 0; i < spec->ephemeral_containers.count; i++)
        result |= put_container(l, q, ordinal, spec->ephemeral_containers.items[i].name, out, notes);
    return result;
}

static int put_pod(struct log_lines *l, const struct logs_query *q, uint32_t ordinal, struct strbuf *out,
                   struct strbuf *notes)
{
    const struct pod *pod = view_pod(&l->view, ordinal);
    const char *name = q->container, *note = NULL;
    if (q->all_containers)
        return put_all_containers(l, q, ordinal, out, notes);
    if (name && !pod_has_container(pod, name)) {
        strbuf_printf(notes, "error: container %s is not valid for pod %s\n", name, pod->object.meta.name);
        return -1;
    }
    if (!name)
        name = pod_default_container(&l->view.arena, pod, &note);
    if (note)
        strbuf_printf(notes, "%s\n", note);
    return put_container(l, q, ordinal, name, out, notes);
}

int report_pod_logs(const struct run_trace *run, const struct logs_query *q, struct strbuf *out, struct strbuf *notes)
{
    struct log_lines l = {0};
    const char *slash = strrchr(q->pod, '/'), *name = slash ? slash + 1 : q->pod;
    const char *namespace_ = q->namespace_ ? q->namespace_ : "default";
    int result = -1;
    lines_init(&l, run);
    uint32_t pod = find_pod(&l.view, namespace_, name);
    if (pod)
        result = put_pod(&l, q, pod, out, notes);
    else
        no_such_pod(&l.view, namespace_, name, notes);
    view_fini(&l.view);
    return result;
}
