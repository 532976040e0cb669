/* wide.c - every record of the trace in full: number, time, cause, who, object, what; field changes
 * with from and to on lines of their own. For looking into what the timeline leaves out.
 */
#include "report/private.h"

#include <string.h>

static const char *const write_verbs[] = {"create", "update", "delete"};

/* "exit 137, SIGKILL, Error: text" as far as set. */
static void put_container(struct strbuf *out, const struct trace_record *r)
{
    const struct trace_container *c = r->data;
    if (r->kind == TRACE_CONTAINER_EXITED) {
        strbuf_printf(out, " exit %" PRId32, c->exit_code);
        if (c->signal)
            strbuf_printf(out, " by %s", view_signal_name(c->signal));
        if (c->reason)
            strbuf_printf(out, " (%s)", c->reason);
    }
    bool sized = r->kind == TRACE_PULL_END || r->kind == TRACE_CONTAINER_REMOVED || r->kind == TRACE_IMAGE_REMOVED;
    if (sized && c->bytes)
        strbuf_printf(out, " %" PRIu64 " bytes", c->bytes);
    if (c->init)
        strbuf_puts(out, " [init]");
}

static void put_message(struct view *v, struct strbuf *out, const char *message)
{
    if (message && *message)
        strbuf_printf(out, ": %s", view_one_line(v, message));
}

static void put_probe(struct view *v, struct strbuf *out, const struct trace_record *r)
{
    const struct trace_probe *p = r->data;
    static const char *const results[] = {"unknown", "success", "failure"};
    strbuf_printf(out, "%s probe of %s: %s (%" PRId32 "/%" PRId32 ")", probe_names[r->flags], r->text,
                  results[p->result + 1], p->run, p->threshold);
    if (p->manual)
        strbuf_puts(out, " manual");
    if (p->published)
        strbuf_puts(out, " published");
    if (p->sent_at != r->at) {
        strbuf_puts(out, " took ");
        strbuf_go_duration(out, r->at - p->sent_at);
    }
    put_message(v, out, p->output);
}

static void put_repeats(struct strbuf *out, const struct trace_record *r)
{
    const struct trace_repeats *p = r->data;
    strbuf_printf(out, "%s probe of %s: ", probe_names[r->flags], r->text);
    if (p->count) {
        const struct probe_stretch *first = &p->stretches[0], *last = &p->stretches[p->stretch_count - 1];
        strbuf_printf(out, "%" PRIu64 " more %s, sent ", p->count, p->count == 1 ? "success" : "successes");
        strbuf_seconds(out, first->first, 3);
        strbuf_puts(out, p->count == 1 ? "s" : "s to ");
        if (p->count > 1) {
            strbuf_seconds(out, last->first + (sim_time)(last->count - 1) * last->period, 3);
            strbuf_putc(out, 's');
        }
    }
    if (p->unanswered) {
        strbuf_puts(out, p->count ? "; one more, sent " : "one, sent ");
        strbuf_seconds(out, p->unanswered_at, 3);
        strbuf_puts(out, "s, not answered");
    }
}

/* ": Warning BackOff x3 pod/web spec.containers{app}: message" */
static void put_event(struct view *v, struct strbuf *out, const struct k8s_event *e)
{
    strbuf_printf(out, ": %s %s", e->type ? e->type : "", e->reason ? e->reason : "");
    if (e->count > 1)
        strbuf_printf(out, " x%" PRId64, e->count);
    strbuf_printf(out, " %s", view_subject_name(v, &e->involved_object));
    if (e->involved_object.field_path)
        strbuf_printf(out, " %s", e->involved_object.field_path);
    put_message(v, out, e->message);
}

static void put_what(struct view *v, struct strbuf *out, const struct trace_record *r)
{
    const struct trace_container *c = r->data;
    switch (r->kind) {
    case TRACE_WRITE: {
        const struct api_object *o = r->data;
        strbuf_printf(out, "%s, resourceVersion %" PRIu64, write_verbs[r->flags], o->revision);
        if (o->kind == KIND_EVENT)
            put_event(v, out, (const struct k8s_event *)o);
        return;
    }
    case TRACE_ACTION:
        strbuf_printf(out, r->flags ? "fault: %s" : "$ kubectl %s", view_one_line(v, r->text));
        return;
    case TRACE_PROBE:
        put_probe(v, out, r);
        return;
    case TRACE_PROBE_REPEATS:
        put_repeats(out, r);
        return;
    case TRACE_OUTPUT_REPEATS: {
        const struct trace_output_repeats *t = r->data;
        strbuf_printf(out, "%s of %s, %" PRIu64 " times since ", t->is_stderr ? "stderr" : "stdout", r->text, t->count);
        strbuf_seconds(out, t->first, 3);
        strbuf_puts(out, "s, every ");
        strbuf_go_duration(out, t->every);
        strbuf_printf(out, ": %s", t->text);
        return;
    }
    case TRACE_SIGNAL: {
        static const char *const effects[] = {"default action", "handled", "ignored"};
        strbuf_printf(out, "%s to %s: %s", view_signal_name((int32_t)r->aux), r->text,
                      effects[r->flags % ARRAY_LEN(effects)]);
        return;
    }
    case TRACE_HOOK: {
        static const char *const ends[] = {"start", "ok", "failed", "abandoned"};
        strbuf_printf(out, "%s hook of %s: %s", r->flags ? "preStop" : "postStart", r->text,
                      ends[r->aux % ARRAY_LEN(ends)]);
        put_message(v, out, c ? c->message : NULL);
        return;
    }
    case TRACE_BACKOFF:
        strbuf_printf(out, "back-off of %s: ", r->text);
        strbuf_go_duration(out, (sim_time)r->aux * SIM_MS);
        put_message(v, out, c ? c->message : NULL);
        return;
    case TRACE_OUTPUT:
        strbuf_printf(out, "%s of %s: %s", r->flags ? "stderr" : "stdout", c->container, r->text);
        return;
    case TRACE_DIAG:
        strbuf_printf(out, "warning: %s", ((const struct trace_diag *)r->data)->message);
        return;
    case TRACE_KUBELET:
        strbuf_printf(out, "the kubelet of %s %s", r->text, r->aux ? "starts" : "stops");
        return;
    case TRACE_EVICTION:
        strbuf_printf(out, "eviction refused: %s", r->text);
        return;
    case TRACE_TRAFFIC: {
        const struct trace_traffic *t = r->data;
        strbuf_printf(out, "requests of %s, %s: %" PRIu64 " %s", r->text, t->seen, t->count,
                      traffic_fates[r->aux].name);
        if (t->retried)
            strbuf_printf(out, ", %" PRIu64 " made again", t->retried);
        return;
    }
    case TRACE_TRAFFIC_END:
        strbuf_printf(out, "requests of %s: %" PRIu64 " sent", r->text,
                      ((const struct trace_traffic_end *)r->data)->sent);
        return;
    case TRACE_DECISION:
        strbuf_puts(out, view_one_line(v, r->text));
        return;
    default:
        strbuf_puts(out, trace_kind_names[r->kind]);
        if (r->text)
            strbuf_printf(out, " %s", view_one_line(v, r->text));
        if (r->kind >= TRACE_SANDBOX_CREATED && r->kind <= TRACE_CONTAINER_REMOVED)
            strbuf_printf(out, " attempt %" PRIu32, r->aux);
        if (r->kind >= TRACE_PULL_START && r->kind <= TRACE_IMAGE_REMOVED && c) {
            put_container(out, r);
            put_message(v, out, c->message);
        }
        return;
    }
}

enum { INDENT = 28 }; /* below WHO */

/* A null where nothing was says nothing; the resourceVersion stands in the record's line. */
static bool worth_a_line(const struct field_change *c)
{
    if (!c->from && c->to && strcmp(c->to, "null") == 0)
        return false;
    return strcmp(c->path, "metadata.resourceVersion") != 0;
}

static void put_changes(struct view *v, struct strbuf *out, const struct report_options *o)
{
    const struct api_object *obj = v->record->data;
    struct field_change *changes;
    if (v->record->flags == WRITE_DELETE || obj->kind == KIND_EVENT)
        return;
    uint32_t n = api_diff(kind_infos[obj->kind].type, &v->arena, obj->prev, obj, v->run->epoch, &changes);
    for (uint32_t i = 0; i < n; i++) {
        if (!worth_a_line(&changes[i]))
            continue;
        strbuf_fill(out, ' ', INDENT);
        paint_begin(out, o->color, PAINT_DIM);
        strbuf_printf(out, "%s: ", changes[i].path);
        paint_end(out, o->color, PAINT_DIM);
        if (changes[i].from)
            strbuf_printf(out, "%s -> ", view_one_line(v, changes[i].from));
        strbuf_printf(out, "%s\n", changes[i].to ? view_one_line(v, changes[i].to) : "(none)");
    }
}

static void put_block(struct strbuf *out, const char *text)
{
    while (text && *text) {
        size_t n = strcspn(text, "\n");
        strbuf_fill(out, ' ', INDENT);
        strbuf_add(out, text, n);
        strbuf_putc(out, '\n');
        text += n + (text[n] == '\n');
    }
}

static void put_record(struct view *v, struct strbuf *out, const struct report_options *o)
{
    const struct trace_record *r = v->record;
    strbuf_printf(out, "%6" PRIu32 " ", v->index);
    report_time(out, r->at);
    if (r->cause)
        strbuf_printf(out, " %6" PRIu32 "  ", r->cause);
    else
        strbuf_puts(out, "      -  ");
    paint_begin(out, o->color, PAINT_CYAN);
    text_fit(out, trace_component_names[r->component], 24);
    paint_end(out, o->color, PAINT_CYAN);
    strbuf_putc(out, ' ');
    strbuf_puts(out, view_name(v, r->object));
    strbuf_puts(out, "  ");
    put_what(v, out, r);
    strbuf_putc(out, '\n');
    if (r->kind == TRACE_WRITE)
        put_changes(v, out, o);
    if (r->kind == TRACE_ACTION_OUTPUT)
        put_block(out, r->text);
}

void report_wide(const struct run_trace *run, const struct report_options *o, struct strbuf *out)
{
    struct view v;
    view_init(&v, run);
    if (o->header) {
        paint_begin(out, o->color, PAINT_BOLD);
        strbuf_puts(out, "RECORD       TIME  CAUSE  WHO                      OBJECT  WHAT");
        paint_end(out, o->color, PAINT_BOLD);
        strbuf_putc(out, '\n');
    }
    while (view_next(&v))
        put_record(&v, out, o);
    view_fini(&v);
}
