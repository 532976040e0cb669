/* pods.c - `kubectl get pods --watch`: a line whenever a pod's row changes, times in front. Also the
 * Events, which are a table of the same kind.
 */
#include "report/private.h"

#include <stdlib.h>
#include <string.h>

/* ---- get-pods ---- */

struct pod_line {
    bool printed;
    bool gone;
    struct pod_columns columns;
};

/* What a watcher sees as a new row. The age and "(5s ago)" alone are not a change. */
static bool line_changed(const struct pod_line *was, const struct pod_columns *is)
{
    const struct pod_columns *c = &was->columns;
    return !was->printed || c->ready != is->ready || c->total != is->total || c->restarts != is->restarts ||
           strcmp(c->status, is->status) != 0;
}

static void cell_fit(struct strbuf *out, const char *text, uint32_t width)
{
    uint32_t have = text_width(text);
    strbuf_puts(out, text);
    strbuf_fill(out, ' ', (have < width ? width - have : 0) + 3);
}

static enum paint status_paint(const char *status)
{
    if (strcmp(status, "Running") == 0 || strcmp(status, "Completed") == 0)
        return PAINT_GREEN;
    if (strstr(status, "Err") || strstr(status, "BackOff") || strcmp(status, "OOMKilled") == 0)
        return PAINT_RED;
    return PAINT_NONE;
}

struct pod_table {
    uint32_t namespace_, name; /* widths of the columns; NAMESPACE only when there is more than one: 0 */
    const struct report_options *options;
};
enum { READY_WIDTH = 5, STATUS_WIDTH = 17, RESTARTS_WIDTH = 12 };

static void pod_line(struct strbuf *out, const struct pod_table *t, sim_time now, const struct pod *pod,
                     const struct pod_columns *c, bool gone)
{
    struct strbuf cell = STRBUF_INIT;
    enum paint p = status_paint(c->status);
    report_time(out, now);
    strbuf_fill(out, ' ', 2);
    if (t->namespace_)
        cell_fit(out, pod->object.meta.namespace_, t->namespace_);
    cell_fit(out, pod->object.meta.name, t->name);
    if (gone) {
        strbuf_puts(out, "(removed)\n");
        return;
    }
    strbuf_printf(&cell, "%" PRIu32 "/%" PRIu32, c->ready, c->total);
    cell_fit(out, strbuf_str(&cell), READY_WIDTH);
    paint_begin(out, t->options->color, p);
    strbuf_puts(out, c->status);
    paint_end(out, t->options->color, p);
    uint32_t used = text_width(c->status);
    strbuf_fill(out, ' ', (used < STATUS_WIDTH ? STATUS_WIDTH - used : 0) + 3);
    strbuf_reset(&cell);
    printer_restarts(&cell, c, now);
    cell_fit(out, strbuf_str(&cell), RESTARTS_WIDTH);
    printer_age(out, now - pod->object.meta.creation_timestamp);
    strbuf_putc(out, '\n');
    strbuf_fini(&cell);
}

static void measure(struct pod_table *t, const struct run_trace *run)
{
    const char *only = NULL;
    bool several = false;
    t->name = 4;
    for (uint32_t i = 1; i < trace_count(run->trace); i++) {
        const struct trace_record *r = trace_at(run->trace, i);
        const struct api_object *o = r->data;
        if (r->kind != TRACE_WRITE || o->kind != KIND_POD || r->flags != WRITE_CREATE)
            continue;
        uint32_t name = text_width(o->meta.name), namespace_ = text_width(o->meta.namespace_);
        t->name = name > t->name ? name : t->name;
        t->namespace_ = namespace_ > t->namespace_ ? namespace_ : t->namespace_;
        several = several || (only && strcmp(only, o->meta.namespace_) != 0);
        only = o->meta.namespace_;
    }
    if (!several)
        t->namespace_ = 0;
    else if (t->namespace_ < 9) /* as wide as its title */
        t->namespace_ = 9;
}

static void pod_header(struct strbuf *out, const struct pod_table *t)
{
    paint_begin(out, t->options->color, PAINT_BOLD);
    strbuf_puts(out, "      TIME  ");
    if (t->namespace_)
        cell_fit(out, "NAMESPACE", t->namespace_);
    cell_fit(out, "NAME", t->name);
    cell_fit(out, "READY", READY_WIDTH);
    cell_fit(out, "STATUS", STATUS_WIDTH);
    cell_fit(out, "RESTARTS", RESTARTS_WIDTH);
    strbuf_puts(out, "AGE");
    paint_end(out, t->options->color, PAINT_BOLD);
    strbuf_putc(out, '\n');
}

void report_get_pods(const struct run_trace *run, const struct report_options *o, struct strbuf *out)
{
    struct view v;
    view_init(&v, run);
    struct pod_line *lines = arena_array(&v.arena, struct pod_line, v.object_count);
    struct pod_table t = {.options = o};
    measure(&t, run);
    if (o->header)
        pod_header(out, &t);
    while (view_next(&v)) {
        const struct pod *pod = v.record->kind == TRACE_WRITE ? view_pod(&v, v.record->object) : NULL;
        if (!pod)
            continue;
        struct pod_line *line = &lines[v.record->object];
        struct pod_columns c;
        printer_pod_columns(pod, run->features, &c);
        bool gone = v.record->flags == WRITE_DELETE;
        if (!gone && !line_changed(line, &c))
            continue;
        *line = (struct pod_line){true, gone, c};
        pod_line(out, &t, v.record->at, pod, &c, gone);
    }
    view_fini(&v);
}

/* ---- events ---- */

struct event_line {
    const struct k8s_event *event; /* newest version */
    sim_time first, last;
    int64_t count;
};

/* "x3 over 10s" */
static void event_count(struct strbuf *out, const struct event_line *e)
{
    if (e->count <= 1)
        return;
    strbuf_printf(out, "x%" PRId64 " over ", e->count);
    printer_age(out, e->last - e->first);
}

static void event_cells(struct view *v, struct table *t, const struct event_line *e, bool color)
{
    (void)color;
    struct strbuf b = STRBUF_INIT;
    report_time(&b, e->first);
    table_cell(t, strbuf_str(&b));
    table_cell(t, e->event->type ? e->event->type : "");
    table_cell(t, e->event->reason ? e->event->reason : "");
    table_cell(t, view_subject_name(v, &e->event->involved_object));
    strbuf_reset(&b);
    event_count(&b, e);
    table_cell(t, strbuf_str(&b));
    table_cell(t, e->event->source.component ? e->event->source.component : "");
    table_cell(t, view_one_line(v, e->event->message));
    table_end_row(t);
    strbuf_fini(&b);
}

static const char *const event_columns[] = {"      TIME", "TYPE", "REASON", "OBJECT", "COUNT", "FROM", "MESSAGE"};

void report_events(const struct run_trace *run, const struct report_options *o, struct strbuf *out)
{
    struct view v;
    view_init(&v, run);
    struct event_line *by_ordinal = arena_array(&v.arena, struct event_line, v.object_count);
    struct pool order; /* uint32_t: ordinals by first occurrence */
    pool_init(&order, &v.arena, sizeof(uint32_t));
    while (view_next(&v)) {
        const struct trace_record *r = v.record;
        const struct api_object *obj = r->kind == TRACE_WRITE ? r->data : NULL;
        if (!obj || obj->kind != KIND_EVENT || r->flags == WRITE_DELETE)
            continue;
        struct event_line *e = &by_ordinal[r->object];
        if (!e->event) {
            e->first = r->at;
            *(uint32_t *)pool_at(&order, pool_add(&order)) = r->object;
        }
        e->event = (const struct k8s_event *)obj;
        e->last = r->at;
        e->count = e->event->count ? e->event->count : 1;
    }
    struct table t = TABLE_INIT;
    t.gap = 2;
    for (size_t i = 0; o->header && i < ARRAY_LEN(event_columns); i++)
        table_cell(&t, event_columns[i]);
    if (o->header)
        table_end_row(&t);
    for (uint32_t i = 0; i < order.count; i++)
        event_cells(&v, &t, &by_ordinal[*(uint32_t *)pool_at(&order, i)], o->color);
    table_print(&t, out);
    table_fini(&t);
    view_fini(&v);
}
