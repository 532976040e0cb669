/* page.c - a run as one HTML file: lanes, charts, what kubectl showed at each time, what happened, and why.
 *
 * The file is a template (report/page/) and the data of the run as JSON, with times in milliseconds. What can be
 * computed from them (ages, tables) is left to the page.
 */
#include "report/page_data.h"
#include "report/private.h"

#include <string.h>

#include "report/lanes.h"
#include "report/plot.h"
#include "report/series.h"
#include "report/story.h"
#include "report/why_private.h"

enum { CHAINS_MAX = 150 }; /* a page stays small */

struct page {
    const struct run_trace *run;
    const struct report_options *o;
    struct strbuf json;
};

static const struct {
    const char *color, *pattern; /* a path in a square of 8 by 8; NULL = plain */
} paints[LANE_STATE_COUNT] = {
    [LANE_WAITING] = {"#a3a9b1", "M0 8L8 0"},
    [LANE_PENDING] = {"#c9b800", "M0 4H8"},
    [LANE_PULLING] = {"#3f96c9", "M4 0V8"},
    [LANE_INIT] = {"#0072b2", "M0 0L8 8"},
    [LANE_RUNNING] = {"#e69f00", "M0 8L8 0"},
    [LANE_READY] = {"#009e73", NULL},
    [LANE_BACKOFF] = {"#d55e00", "M0 0L8 8M8 0L0 8"},
    [LANE_TERMINATING] = {"#cc79a7", "M0 0L4 4L0 8"},
    [LANE_COMPLETED] = {"#8a9099", NULL},
    [LANE_FAILED] = {"#9c2b2b", NULL},
    [LANE_UNKNOWN] = {"#777777", "M0 0H8M0 4H8"},
};

/* ---- pieces of JSON ---- */

static void put_ms(struct page *p, sim_time t) { strbuf_int(&p->json, t / SIM_MS); }

static void put_text(struct page *p, const char *text)
{
    if (text)
        strbuf_json(&p->json, text);
    else
        strbuf_puts(&p->json, "null");
}

static void comma(struct page *p, bool *first)
{
    if (!*first)
        strbuf_putc(&p->json, ',');
    *first = false;
}

/* ---- what there is ---- */

static void put_states(struct page *p)
{
    strbuf_puts(&p->json, ",\"states\":[");
    for (int s = 0; s < LANE_STATE_COUNT; s++) {
        strbuf_puts(&p->json, s ? ",[" : "[");
        put_text(p, lane_states[s].name);
        strbuf_putc(&p->json, ',');
        put_text(p, lane_states[s].means);
        strbuf_printf(&p->json, ",\"%s\",", paints[s].color);
        put_text(p, paints[s].pattern);
        strbuf_printf(&p->json, ",%s]", lane_states[s].over ? "true" : "false");
    }
    strbuf_putc(&p->json, ']');
}

static void put_marks(struct page *p, const struct lane *lane)
{
    bool first = true;
    for (const struct lane_mark *m = lane->marks; m; m = m->next) {
        const char *sign = m->kind == MARK_PROBE_FAILED ? "✗"
                           : m->kind == MARK_RESTART    ? "↻"
                           : m->kind == MARK_OOM        ? "M"
                                                        : NULL;
        if (!sign)
            continue;
        comma(p, &first);
        strbuf_putc(&p->json, '[');
        put_ms(p, m->at);
        strbuf_printf(&p->json, ",\"%s\",", sign);
        struct strbuf text = STRBUF_INIT;
        strbuf_printf(&text, "%s%s%s", m->kind == MARK_RESTART ? "" : lane_marks[m->kind].name,
                      m->kind == MARK_RESTART ? "" : ": ", m->detail ? m->detail : "");
        put_text(p, strbuf_str(&text));
        strbuf_fini(&text);
        strbuf_putc(&p->json, ']');
    }
}

static void put_lanes(struct page *p)
{
    struct lanes l;
    bool first = true;
    lanes_init(&l, p->run);
    strbuf_puts(&p->json, ",\"lanes\":[");
    for (uint32_t i = 0; i < l.count; i++) {
        const struct lane *lane = &l.items[i];
        if (!lane_is_news(lane))
            continue;
        comma(p, &first);
        strbuf_printf(&p->json, "{\"k\":%d,\"n\":", lane->kind);
        put_text(p, lane->name);
        strbuf_puts(&p->json, ",\"s\":[");
        bool first_span = true;
        for (const struct lane_span *s = lane->first; s; s = s->next) {
            if (s->to <= s->from && s->next)
                continue;
            comma(p, &first_span);
            strbuf_putc(&p->json, '[');
            put_ms(p, s->from);
            strbuf_putc(&p->json, ',');
            put_ms(p, s->to);
            strbuf_printf(&p->json, ",%d,", s->state);
            put_text(p, s->detail);
            strbuf_putc(&p->json, ']');
        }
        strbuf_puts(&p->json, "],\"m\":[");
        put_marks(p, lane);
        strbuf_puts(&p->json, "]}");
    }
    strbuf_putc(&p->json, ']');
    lanes_fini(&l);
}

static void put_line(struct page *p, const struct series *s)
{
    bool first = true;
    strbuf_puts(&p->json, "{\"n\":");
    struct strbuf name = STRBUF_INIT;
    strbuf_printf(&name, "%s %s", s->object, series_names[s->kind]);
    put_text(p, strbuf_str(&name));
    strbuf_fini(&name);
    strbuf_printf(&p->json, ",\"d\":%s,\"p\":[", s->kind == SERIES_DESIRED ? "true" : "false");
    for (uint32_t i = 0; i < s->points.count; i++) {
        const struct series_point *point = pool_at(&s->points, i);
        comma(p, &first);
        strbuf_putc(&p->json, '[');
        put_ms(p, point->at);
        strbuf_printf(&p->json, ",%" PRId64 "]", point->value);
    }
    strbuf_puts(&p->json, "]}");
}

static void put_charts(struct page *p)
{
    struct series_set set;
    bool first = true;
    series_init(&set, p->run);
    strbuf_puts(&p->json, ",\"charts\":[");
    for (int c = 0; c < PLOT_CHART_COUNT; c++) {
        bool any = false;
        for (uint32_t i = 0; i < set.items.count; i++) {
            const struct series *s = series_at(&set, i);
            if (plot_chart_of(s) != (enum plot_chart)c || !plot_series_shown(s))
                continue;
            if (!any) {
                comma(p, &first);
                strbuf_puts(&p->json, "{\"title\":");
                put_text(p, plot_charts[c].name);
                strbuf_puts(&p->json, ",\"lines\":[");
            } else {
                strbuf_putc(&p->json, ',');
            }
            any = true;
            put_line(p, s);
        }
        if (any)
            strbuf_puts(&p->json, "]}");
    }
    strbuf_putc(&p->json, ']');
    series_fini(&set);
}

/* ---- pods, as kubectl get shows them ---- */

static bool same_columns(const struct pod_columns *a, const struct pod_columns *b)
{
    return a->ready == b->ready && a->total == b->total && a->restarts == b->restarts &&
           strcmp(a->status, b->status) == 0;
}

static void put_pod_row(struct page *p, sim_time at, const struct pod *pod, const struct pod_columns *c)
{
    strbuf_putc(&p->json, '[');
    put_ms(p, at);
    strbuf_printf(&p->json, ",\"%" PRIu32 "/%" PRIu32 "\",", c->ready, c->total);
    put_text(p, c->status);
    strbuf_printf(&p->json, ",%" PRId64 ",", c->restarts);
    if (c->last_restart == SIM_NEVER)
        strbuf_puts(&p->json, "null");
    else
        put_ms(p, c->last_restart);
    strbuf_putc(&p->json, ',');
    put_text(p, pod->status.pod_ip ? pod->status.pod_ip : "");
    strbuf_putc(&p->json, ',');
    put_text(p, pod->spec.node_name ? pod->spec.node_name : "");
    strbuf_putc(&p->json, ']');
}

/* All versions of one pod that kubectl would show in another way than the one before. */
static void put_pod_rows(struct page *p, uint32_t first_record, uint32_t object)
{
    const struct trace *t = p->run->trace;
    struct pod_columns last;
    const char *node = NULL, *ip = NULL;
    bool first = true;
    for (uint32_t i = first_record; i < trace_count(t); i++) {
        const struct trace_record *r = trace_at(t, i);
        if (r->kind != TRACE_WRITE || r->object != object)
            continue;
        const struct pod *pod = r->data;
        struct pod_columns c;
        printer_pod_columns(pod, p->run->features, &c);
        if (r->flags == WRITE_DELETE) {
            strbuf_puts(&p->json, ",[");
            put_ms(p, r->at);
            strbuf_puts(&p->json, ",\"\",null]");
        } else if (first || !same_columns(&c, &last) || !text_same(node, pod->spec.node_name) ||
                   !text_same(ip, pod->status.pod_ip)) {
            comma(p, &first);
            put_pod_row(p, r->at, pod, &c);
        }
        last = c;
        node = pod->spec.node_name;
        ip = pod->status.pod_ip;
    }
}

static void put_pods(struct page *p)
{
    const struct trace *t = p->run->trace;
    bool first = true;
    strbuf_puts(&p->json, ",\"pods\":[");
    for (uint32_t i = 1; i < trace_count(t); i++) {
        const struct trace_record *r = trace_at(t, i);
        const struct api_object *o = r->kind == TRACE_WRITE && r->flags == WRITE_CREATE ? r->data : NULL;
        if (!o || o->kind != KIND_POD)
            continue;
        comma(p, &first);
        strbuf_puts(&p->json, "{\"n\":");
        put_text(p, o->meta.name);
        strbuf_puts(&p->json, ",\"c\":");
        put_ms(p, o->meta.creation_timestamp);
        strbuf_puts(&p->json, ",\"v\":[");
        put_pod_rows(p, i, r->object);
        strbuf_puts(&p->json, "]}");
    }
    strbuf_putc(&p->json, ']');
}

/* ---- what happened, and why ---- */

static void put_chain(struct page *p, struct why *w, const struct story_row *row)
{
    struct strbuf symptom = STRBUF_INIT;
    strbuf_printf(&symptom, "%s %s", row->object ? row->object : "", row->what);
    strbuf_puts(&p->json, "{\"symptom\":");
    put_text(p, strbuf_str(&symptom));
    strbuf_fini(&symptom);
    strbuf_puts(&p->json, ",\"steps\":[");
    for (uint32_t i = w->steps.count; i > 0; i--) {
        const struct why_step *s = pool_at(&w->steps, i - 1);
        char name[WHY_WHO];
        strbuf_puts(&p->json, i < w->steps.count ? ",[" : "[");
        put_ms(p, s->at);
        strbuf_putc(&p->json, ',');
        put_text(p, why_who(w, s, name));
        strbuf_putc(&p->json, ',');
        put_text(p, s->what);
        strbuf_putc(&p->json, ',');
        put_text(p, why_rule_text(s->rule));
        strbuf_puts(&p->json, ",[");
        for (uint32_t k = 0; k < s->field_count; k++) {
            strbuf_puts(&p->json, k ? "," : "");
            put_text(p, s->fields[k]);
        }
        strbuf_puts(&p->json, "]]");
    }
    strbuf_puts(&p->json, "]}");
}

static void put_row(struct page *p, const struct story_row *r, int64_t chain)
{
    strbuf_putc(&p->json, '[');
    put_ms(p, r->at);
    strbuf_putc(&p->json, ',');
    put_text(p, r->object);
    strbuf_putc(&p->json, ',');
    put_text(p, r->what);
    strbuf_putc(&p->json, ',');
    put_text(p, r->why);
    strbuf_printf(&p->json, ",%d,", r->tone);
    if (chain < 0)
        strbuf_puts(&p->json, "null]");
    else
        strbuf_printf(&p->json, "%" PRId64 "]", chain);
}

/* Does anybody ask why? A restart, and whatever went wrong. */
static bool worth_asking(const struct story_row *r)
{
    return r->tone == TONE_BAD || r->tone == TONE_WARN || strstr(r->what, "started again") || strstr(r->what, "-> ");
}

static void put_rows(struct page *p)
{
    struct story s;
    struct why w;
    struct page chains = {.run = p->run, .o = p->o};
    int64_t count = 0;
    story_init(&s, p->run);
    why_begin(&w, p->run);
    strbuf_puts(&p->json, ",\"rows\":[");
    for (uint32_t i = 0; i < s.rows.count; i++) {
        const struct story_row *r = pool_at(&s.rows, i);
        int64_t chain = -1;
        if (count < CHAINS_MAX && worth_asking(r)) {
            pool_init(&w.steps, &w.view.arena, sizeof(struct why_step));
            why_follow(&w, r->record);
            if (w.steps.count > 1) {
                strbuf_puts(&chains.json, count ? "," : "");
                put_chain(&chains, &w, r);
                chain = count++;
            }
        }
        strbuf_puts(&p->json, i ? "," : "");
        put_row(p, r, chain);
    }
    strbuf_printf(&p->json, "],\"chains\":[%s]", strbuf_str(&chains.json));
    strbuf_fini(&chains.json);
    why_fini(&w);
    story_fini(&s);
}

static void put_head(struct page *p)
{
    struct view v;
    struct run_summary end;
    struct strbuf text = STRBUF_INIT;
    view_init(&v, p->run);
    run_summary(&v, &end);
    strbuf_puts(&text, "simulated ");
    strbuf_go_duration(&text, p->run->end);
    strbuf_printf(&text, ", %" PRIu32 " pods at the end, %" PRIu32 " gone, %" PRId64 " restarts, seed %" PRIu64,
                  end.pods_alive, end.pods_gone, end.restarts, p->run->seed);
    strbuf_puts(&p->json, "{\"title\":");
    put_text(p, p->o->scenario ? p->o->scenario : "podsim");
    strbuf_puts(&p->json, ",\"summary\":");
    put_text(p, strbuf_str(&text));
    strbuf_puts(&p->json, ",\"end\":");
    put_ms(p, p->run->end);
    strbuf_fini(&text);
    view_fini(&v);
}

/* ---- the file ---- */

static void put_html(struct strbuf *out, const char *text)
{
    for (; *text; text++)
        switch (*text) {
        case '<':
            strbuf_puts(out, "&lt;");
            break;
        case '&':
            strbuf_puts(out, "&amp;");
            break;
        default:
            strbuf_putc(out, *text);
        }
}

/* Inside of <script>: nothing that might end it. */
static void put_script(struct strbuf *out, const char *json)
{
    for (; *json; json++)
        if (*json == '<')
            strbuf_puts(out, "\\u003c");
        else
            strbuf_putc(out, *json);
}

void report_html(const struct run_trace *run, const struct report_options *o, struct strbuf *out)
{
    struct page p = {.run = run, .o = o};
    put_head(&p);
    put_states(&p);
    put_lanes(&p);
    put_charts(&p);
    put_pods(&p);
    put_rows(&p);
    strbuf_putc(&p.json, '}');
    for (const char *t = page_html; *t;) {
        size_t n = strcspn(t, "@");
        strbuf_add(out, t, n);
        t += n;
        if (strncmp(t, "@TITLE@", 7) == 0) {
            put_html(out, o->scenario ? o->scenario : "podsim");
            t += 7;
        } else if (strncmp(t, "@CSS@", 5) == 0) {
            strbuf_puts(out, page_css);
            t += 5;
        } else if (strncmp(t, "@DATA@", 6) == 0) {
            put_script(out, strbuf_str(&p.json));
            t += 6;
        } else if (strncmp(t, "@JS@", 4) == 0) {
            strbuf_puts(out, page_js);
            t += 4;
        } else if (*t) {
            strbuf_putc(out, *t++);
        }
    }
    strbuf_fini(&p.json);
}
