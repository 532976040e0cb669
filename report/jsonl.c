/* jsonl.c - the trace as JSON Lines, schema podsim.dev/trace/v1: docs/jsonl.md describes every member.
 *
 * Additions keep the version; a member that changes its meaning or goes away gets a new one. Members
 * that do not apply are left out.
 */
#include "report/private.h"

#include <string.h>

static const char *const write_verbs[] = {"create", "update", "delete"};

static void member(struct strbuf *out, const char *name) { strbuf_printf(out, ",\"%s\":", name); }

static void text_member(struct strbuf *out, const char *name, const char *text)
{
    if (!text)
        return;
    member(out, name);
    strbuf_json(out, text);
}

static void int_member(struct strbuf *out, const char *name, int64_t n)
{
    member(out, name);
    strbuf_int(out, n);
}

static void bool_member(struct strbuf *out, const char *name, bool b)
{
    member(out, name);
    strbuf_puts(out, b ? "true" : "false");
}

static void time_member(struct strbuf *out, const char *name, sim_time t)
{
    member(out, name);
    strbuf_seconds(out, t, 0);
}

/* {"kind":"Pod","namespace":"default","name":"web","uid":"..."} */
static void object_member(struct strbuf *out, const struct api_object *o)
{
    member(out, "object");
    strbuf_printf(out, "{\"kind\":\"%s\"", kind_infos[o->kind].kind);
    text_member(out, "namespace", o->meta.namespace_);
    text_member(out, "name", o->meta.name);
    text_member(out, "uid", o->meta.uid);
    strbuf_putc(out, '}');
}

/* -0, 007 and the like are text. */
static bool is_json_integer(const char *s)
{
    if (*s == '-')
        s++;
    if (*s < '0' || *s > '9' || (*s == '0' && s[1]))
        return false;
    while (*s >= '0' && *s <= '9')
        s++;
    return *s == '\0';
}

/* "..." as YAML writes it, if JSON reads it the same. */
static bool is_json_string(const char *s)
{
    size_t n = strlen(s);
    if (n < 2 || s[0] != '"' || s[n - 1] != '"')
        return false;
    for (const char *p = s + 1; p < s + n - 1; p++) {
        if (*p == '"' || (unsigned char)*p < ' ')
            return false;
        if (*p == '\\' && (!strchr("\"\\/bfnrtu", *++p) || p == s + n - 1))
            return false;
    }
    return true;
}

/* 'it''s' -> it's */
static void single_quoted(struct strbuf *out, const char *text)
{
    struct strbuf b = STRBUF_INIT;
    for (const char *p = text + 1; *p && p[1]; p++) {
        strbuf_putc(&b, *p);
        if (*p == '\'' && p[1] == '\'')
            p++;
    }
    strbuf_json(out, strbuf_str(&b));
    strbuf_fini(&b);
}

/* A leaf of api_diff(): YAML text of a scalar, JSON text of a list or map. */
static void leaf_member(struct strbuf *out, const char *name, const char *text)
{
    static const char *const literals[] = {"true", "false", "null"};
    if (!text)
        return;
    member(out, name);
    for (size_t i = 0; i < ARRAY_LEN(literals); i++) {
        if (strcmp(text, literals[i]) == 0) {
            strbuf_puts(out, text);
            return;
        }
    }
    size_t n = strlen(text);
    if (n >= 2 && text[0] == '\'' && text[n - 1] == '\'') {
        single_quoted(out, text);
        return;
    }
    if (is_json_integer(text) || is_json_string(text) || *text == '[' || *text == '{')
        strbuf_puts(out, text);
    else
        strbuf_json(out, text);
}

static void changes_member(struct view *v, struct strbuf *out, const struct api_object *o)
{
    struct field_change *changes;
    uint32_t n = api_diff(kind_infos[o->kind].type, &v->arena, o->prev, o, v->run->epoch, &changes);
    member(out, "changes");
    strbuf_putc(out, '[');
    bool first = true;
    for (uint32_t i = 0; i < n; i++) {
        if (strcmp(changes[i].path, "metadata.resourceVersion") == 0) /* the record has it */
            continue;
        strbuf_puts(out, first ? "{\"path\":" : ",{\"path\":");
        first = false;
        strbuf_json(out, changes[i].path);
        leaf_member(out, "from", changes[i].from);
        leaf_member(out, "to", changes[i].to);
        strbuf_putc(out, '}');
    }
    strbuf_putc(out, ']');
}

static void put_write(struct view *v, struct strbuf *out)
{
    const struct trace_record *r = v->record;
    const struct api_object *o = r->data;
    text_member(out, "verb", write_verbs[r->flags]);
    int_member(out, "resourceVersion", (int64_t)o->revision);
    if (r->flags != WRITE_DELETE)
        changes_member(v, out, o);
    if (o->kind == KIND_EVENT) {
        const struct k8s_event *e = (const struct k8s_event *)o;
        member(out, "event");
        strbuf_puts(out, "{\"type\":");
        strbuf_json(out, e->type ? e->type : "");
        text_member(out, "reason", e->reason);
        text_member(out, "message", e->message);
        int_member(out, "count", e->count ? e->count : 1);
        text_member(out, "involvedKind", e->involved_object.kind);
        text_member(out, "involvedName", e->involved_object.name);
        text_member(out, "fieldPath", e->involved_object.field_path);
        text_member(out, "source", e->source.component);
        strbuf_putc(out, '}');
    }
}

static void put_container(struct strbuf *out, const struct trace_record *r)
{
    const struct trace_container *c = r->data;
    if (!c)
        return;
    text_member(out, "container", c->container);
    int_member(out, "attempt", c->attempt);
    if (c->init)
        bool_member(out, "init", true);
    if (r->kind == TRACE_CONTAINER_EXITED) {
        int_member(out, "exitCode", c->exit_code);
        if (c->signal)
            int_member(out, "signal", c->signal);
    }
    text_member(out, "reason", c->reason);
    text_member(out, "message", c->message);
    if (c->bytes)
        int_member(out, "bytes", (int64_t)c->bytes);
}

static void put_probe(struct strbuf *out, const struct trace_record *r)
{
    static const char *const results[] = {"unknown", "success", "failure"};
    const struct trace_probe *p = r->data;
    text_member(out, "probe", probe_names[r->flags]);
    text_member(out, "container", p->container);
    text_member(out, "result", p->warning ? "warning" : results[p->result + 1]);
    int_member(out, "run", p->run);
    int_member(out, "threshold", p->threshold);
    bool_member(out, "manual", p->manual);
    bool_member(out, "published", p->published);
    time_member(out, "sentAt", p->sent_at);
    text_member(out, "output", p->output);
}

/* What the server printed, with the conversions of strftime where the time stands. */
static void line_member(struct strbuf *out, const struct trace_line *l)
{
    if (!l)
        return;
    struct strbuf text = STRBUF_INIT;
    strbuf_printf(&text, "%s%s%s", l->before, l->date, l->after);
    strbuf_printf(out, ",\"%s\":", l->is_stderr ? "stderr" : "stdout");
    strbuf_json(out, strbuf_str(&text));
    strbuf_fini(&text);
}

static void put_repeats(struct strbuf *out, const struct trace_record *r)
{
    const struct trace_repeats *p = r->data;
    text_member(out, "probe", probe_names[r->flags]);
    text_member(out, "container", r->text);
    text_member(out, "result", "success");
    int_member(out, "count", (int64_t)p->count);
    int_member(out, "run", p->run);
    member(out, "stretches");
    for (uint32_t i = 0; i < p->stretch_count; i++) {
        const struct probe_stretch *s = &p->stretches[i];
        strbuf_printf(out, "%s{\"count\":%" PRIu64, i ? "," : "[", s->count);
        time_member(out, "firstSentAt", s->first);
        if (s->count > 1)
            time_member(out, "every", s->period);
        if (s->took != SIM_NEVER)
            time_member(out, "took", s->took);
        line_member(out, s->line);
        strbuf_putc(out, '}');
    }
    strbuf_puts(out, p->stretch_count ? "]" : "[]");
    if (!p->unanswered)
        return;
    strbuf_puts(out, ",\"unanswered\":{\"sentAt\":");
    strbuf_seconds(out, p->unanswered_at, 0);
    line_member(out, p->unanswered);
    strbuf_putc(out, '}');
}

static void put_position(struct view *v, struct strbuf *out, struct src_pos at)
{
    const struct diag_set *d = v->run->diags;
    if (!d || at.line == 0 || at.file >= d->files.count)
        return;
    text_member(out, "file", ((const struct diag_file *)pool_at(&d->files, at.file))->name);
    int_member(out, "line", at.line);
    int_member(out, "column", at.column);
}

static void put_traffic(struct strbuf *out, const struct trace_record *r)
{
    const struct trace_traffic *t = r->data;
    text_member(out, "client", r->text);
    text_member(out, "to", t->to);
    text_member(out, "fate", traffic_fates[r->aux].name);
    text_member(out, "seen", t->seen);
    int_member(out, "count", (int64_t)t->count);
    int_member(out, "retried", (int64_t)t->retried);
    if (t->count) {
        time_member(out, "first", t->first);
        time_member(out, "last", t->last);
    }
    time_member(out, "interval", t->interval);
    int_member(out, "firstInterval", (int64_t)t->first_interval);
    member(out, "intervals");
    for (uint64_t i = 0; i < t->interval_count; i++)
        strbuf_printf(out, "%s%" PRIu32, i ? "," : "[", t->intervals[i]);
    strbuf_puts(out, t->interval_count ? "]" : "[]");
}

static void put_traffic_end(struct strbuf *out, const struct trace_record *r)
{
    const struct trace_traffic_end *t = r->data;
    text_member(out, "client", r->text);
    text_member(out, "to", t->to);
    int_member(out, "sent", (int64_t)t->sent);
    member(out, "fates");
    for (int f = 0; f < FATE_COUNT; f++)
        strbuf_printf(out, "%s\"%s\":%" PRIu64, f ? "," : "{", traffic_fates[f].name, t->fates[f]);
    strbuf_putc(out, '}');
    time_member(out, "start", t->start);
    time_member(out, "stop", t->stop);
}

static void put_output_repeats(struct strbuf *out, const struct trace_record *r)
{
    const struct trace_output_repeats *t = r->data;
    text_member(out, "container", r->text);
    text_member(out, "stream", t->is_stderr ? "stderr" : "stdout");
    text_member(out, "text", t->text);
    int_member(out, "count", (int64_t)t->count);
    time_member(out, "first", t->first);
    time_member(out, "every", t->every);
}

static void put_hook(struct strbuf *out, const struct trace_record *r)
{
    static const char *const phases[] = {"start", "ok", "failed", "abandoned"};
    text_member(out, "hook", r->flags ? "preStop" : "postStart");
    text_member(out, "phase", phases[r->aux % ARRAY_LEN(phases)]);
    put_container(out, r);
}

static void put_action_output(struct strbuf *out, const struct trace_record *r)
{
    text_member(out, "output", r->text);
    if (r->flags)
        bool_member(out, "runsOn", true);
    else
        int_member(out, "exitCode", r->aux);
}

static void put_signal(struct strbuf *out, const struct trace_record *r)
{
    static const char *const effects[] = {"default", "handled", "ignored"};
    int_member(out, "signal", r->aux);
    text_member(out, "effect", effects[r->flags % ARRAY_LEN(effects)]);
    put_container(out, r);
}

/* What the runtime and the kubelet do beside the API. */
static void put_container_kind(struct strbuf *out, const struct trace_record *r)
{
    switch (r->kind) {
    case TRACE_PULL_START:
        text_member(out, "image", r->text);
        put_container(out, r);
        break;
    case TRACE_PULL_END:
        text_member(out, "image", r->text);
        bool_member(out, "ok", r->aux == 0);
        put_container(out, r);
        break;
    case TRACE_SANDBOX_CREATED:
        text_member(out, "podIP", r->text);
        int_member(out, "attempt", r->aux);
        break;
    case TRACE_PAUSE_DIED:
    case TRACE_SANDBOX_STOPPED:
        int_member(out, "attempt", r->aux);
        break;
    case TRACE_CONTAINER_REMOVED:
        put_container(out, r);
        break;
    case TRACE_IMAGE_REMOVED:
        text_member(out, "image", r->text);
        int_member(out, "bytes", (int64_t)((const struct trace_container *)r->data)->bytes);
        break;
    case TRACE_OOM_KILL:
        int_member(out, "pid", r->aux);
        text_member(out, "command", ((const struct trace_container *)r->data)->message);
        put_container(out, r);
        break;
    case TRACE_SIGNAL:
        put_signal(out, r);
        break;
    case TRACE_PROBE:
        put_probe(out, r);
        break;
    case TRACE_PROBE_REPEATS:
        put_repeats(out, r);
        break;
    case TRACE_HOOK:
        put_hook(out, r);
        break;
    case TRACE_OUTPUT:
        text_member(out, "stream", r->flags ? "stderr" : "stdout");
        text_member(out, "text", r->text);
        put_container(out, r);
        break;
    case TRACE_OUTPUT_REPEATS:
        put_output_repeats(out, r);
        break;
    case TRACE_BACKOFF:
        time_member(out, "window", (sim_time)r->aux * SIM_MS);
        put_container(out, r);
        break;
    default:
        put_container(out, r);
        break;
    }
}

static void put_kind(struct view *v, struct strbuf *out)
{
    const struct trace_record *r = v->record;
    switch (r->kind) {
    case TRACE_WRITE:
        put_write(v, out);
        break;
    case TRACE_ACTION:
        text_member(out, r->flags ? "fault" : "line", r->text);
        int_member(out, "action", r->aux);
        break;
    case TRACE_ACTION_OUTPUT:
        put_action_output(out, r);
        break;
    case TRACE_KUBELET:
        text_member(out, "node", r->text);
        text_member(out, "what", r->aux ? "start" : "stop");
        break;
    case TRACE_TRAFFIC:
        put_traffic(out, r);
        break;
    case TRACE_TRAFFIC_END:
        put_traffic_end(out, r);
        break;
    case TRACE_DECISION:
        text_member(out, "text", r->text);
        break;
    case TRACE_EVICTION:
        text_member(out, "refused", r->text);
        break;
    case TRACE_DIAG:
        text_member(out, "message", ((const struct trace_diag *)r->data)->message);
        put_position(v, out, ((const struct trace_diag *)r->data)->at);
        break;
    case TRACE_END:
        text_member(out, "ended", run_end_names[r->aux % RUN_END_COUNT]);
        text_member(out, "text", r->text);
        break;
    default:
        put_container_kind(out, r);
        break;
    }
}

void report_jsonl(const struct run_trace *run, const struct report_options *o, struct strbuf *out)
{
    struct view v;
    view_init(&v, run);
    strbuf_puts(out, "{\"schema\":\"podsim.dev/trace/v1\",\"scenario\":");
    strbuf_json(out, o->scenario ? o->scenario : "");
    strbuf_printf(out, ",\"seed\":%" PRIu64 ",\"startTime\":\"", run->seed);
    strbuf_rfc3339(out, run->epoch, 0, false);
    strbuf_puts(out, "\",\"end\":");
    strbuf_seconds(out, run->end, 0);
    strbuf_puts(out, "}\n");
    while (view_next(&v)) {
        const struct trace_record *r = v.record;
        strbuf_puts(out, "{\"n\":");
        strbuf_int(out, v.index);
        time_member(out, "t", r->at);
        int_member(out, "cause", r->cause);
        text_member(out, "by", trace_component_names[r->component]);
        text_member(out, "kind", trace_kind_names[r->kind]);
        struct object_view *object = view_object(&v, r->object);
        if (object)
            object_member(out, object->latest);
        put_kind(&v, out);
        strbuf_puts(out, "}\n");
    }
    view_fini(&v);
}
