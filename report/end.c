/* end.c - what is left at the end of a run: JSON and YAML of the objects, and the numbers. */
#include "report/private.h"

#include <string.h>

/* As kubectl's column counts them: init containers' restarts count while the pod is initialized. */
static int64_t restarts_of(const struct view *v, const struct pod *pod)
{
    struct pod_columns c;
    printer_pod_columns(pod, v->run->features, &c);
    return c.restarts;
}

void run_summary(struct view *v, struct run_summary *ret)
{
    *ret = (struct run_summary){.end = RUN_UNTIL};
    while (view_next(v))
        continue;
    for (uint32_t i = 1; i < v->object_count; i++) {
        const struct pod *pod = view_pod(v, i);
        if (!pod)
            continue;
        ret->pods_gone += v->objects[i].gone;
        ret->pods_alive += !v->objects[i].gone;
        ret->restarts += restarts_of(v, pod);
    }
    uint32_t last = trace_count(v->run->trace) - 1;
    const struct trace_record *r = trace_at(v->run->trace, last);
    if (last && r->kind == TRACE_END && r->aux < RUN_END_COUNT) {
        ret->end = (enum run_end)r->aux;
        ret->end_text = r->text;
    }
}

/* ---- the objects that are left, in order of creation ---- */

static const struct api_object *alive(const struct view *v, uint32_t i)
{
    const struct object_view *o = &v->objects[i];
    return o->latest && !o->gone ? o->latest : NULL;
}

static void json_summary(struct view *v, const struct report_options *o, struct strbuf *out)
{
    struct run_summary sum;
    run_summary(v, &sum);
    strbuf_puts(out, "  \"summary\": {\n    \"scenario\": ");
    strbuf_json(out, o->scenario ? o->scenario : "");
    strbuf_printf(out, ",\n    \"seed\": %" PRIu64 ",\n    \"startTime\": \"", v->run->seed);
    strbuf_rfc3339(out, v->run->epoch, 0, false);
    strbuf_puts(out, "\",\n    \"endSeconds\": ");
    strbuf_seconds(out, v->run->end, 0);
    strbuf_printf(out, ",\n    \"ended\": \"%s\"", run_end_names[sum.end]);
    strbuf_printf(out, ",\n    \"records\": %" PRIu32, trace_count(v->run->trace) - 1);
    strbuf_printf(out, ",\n    \"pods\": %" PRIu32 ",\n    \"podsGone\": %" PRIu32, sum.pods_alive, sum.pods_gone);
    strbuf_printf(out, ",\n    \"restarts\": %" PRId64 "\n  },\n", sum.restarts);
}

static void json_objects(const struct view *v, struct strbuf *out, bool events)
{
    strbuf_printf(out, "  \"%s\": [", events ? "events" : "objects");
    bool first = true;
    for (uint32_t i = 1; i < v->object_count; i++) {
        const struct api_object *o = alive(v, i);
        if (!o || (o->kind == KIND_EVENT) != events)
            continue;
        strbuf_puts(out, first ? "\n" : ",\n");
        first = false;
        api_write_json(kind_infos[o->kind].type, o, v->run->epoch, out, 4);
        while (out->len && out->data[out->len - 1] == '\n')
            out->data[--out->len] = '\0';
    }
    strbuf_puts(out, first ? "]" : "\n  ]");
}

void report_json(const struct run_trace *run, const struct report_options *o, struct strbuf *out)
{
    struct view v;
    view_init(&v, run);
    strbuf_puts(out, "{\n  \"schema\": \"podsim.dev/run/v1\",\n");
    json_summary(&v, o, out);
    json_objects(&v, out, true);
    strbuf_puts(out, ",\n");
    json_objects(&v, out, false);
    strbuf_puts(out, "\n}\n");
    view_fini(&v);
}

/* The objects of people's concern: not the nodes and namespaces that are there anyway. */
static bool worth_printing(const struct api_object *o)
{
    return o->kind != KIND_EVENT && o->kind != KIND_NODE && o->kind != KIND_NAMESPACE;
}

void report_yaml(const struct run_trace *run, const struct report_options *o, struct strbuf *out)
{
    (void)o;
    struct view v;
    view_init(&v, run);
    while (view_next(&v))
        continue;
    const struct api_object **objects = arena_array(&v.arena, const struct api_object *, v.object_count);
    uint32_t count = 0;
    for (uint32_t i = 1; i < v.object_count; i++) {
        const struct api_object *object = alive(&v, i);
        if (object && worth_printing(object))
            objects[count++] = object;
    }
    printer_documents(out, objects, count, run->epoch, false, false);
    view_fini(&v);
}
