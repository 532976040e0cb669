/* export.c - a run for other programs: CSV for spreadsheets, Chrome's trace format for Perfetto, OpenMetrics for
 * Prometheus and Grafana, Mermaid for documents. What each says comes from the same readings as the charts: story,
 * lanes, series.
 */
#include "report/private.h"

#include <string.h>

#include "report/lanes.h"
#include "report/series.h"
#include "report/story.h"

/* ---- CSV: RFC 4180 ---- */

static void put_field(struct strbuf *out, const char *text, bool last)
{
    bool quote = text && strpbrk(text, ",\"\r\n");
    if (quote)
        strbuf_putc(out, '"');
    for (const char *p = text ? text : ""; *p; p++) {
        if (*p == '"')
            strbuf_putc(out, '"');
        strbuf_putc(out, *p);
    }
    if (quote)
        strbuf_putc(out, '"');
    strbuf_puts(out, last ? "\n" : ",");
}

void report_csv(const struct run_trace *run, const struct report_options *o, struct strbuf *out)
{
    struct story s;
    story_init(&s, run);
    if (o->header)
        strbuf_puts(out, "seconds,object,what,why\n");
    for (uint32_t i = 0; i < s.rows.count; i++) {
        const struct story_row *r = pool_at(&s.rows, i);
        strbuf_seconds(out, r->at, 3);
        strbuf_putc(out, ',');
        put_field(out, r->object, false);
        put_field(out, r->what, false);
        put_field(out, r->why, true);
    }
    story_fini(&s);
}

void report_csv_series(const struct run_trace *run, const struct report_options *o, struct strbuf *out)
{
    struct series_set set;
    series_init(&set, run);
    if (o->header)
        strbuf_puts(out, "seconds,object,series,value\n");
    for (uint32_t i = 0; i < set.items.count; i++) {
        const struct series *s = series_at(&set, i);
        for (uint32_t k = 0; k < s->points.count; k++) {
            const struct series_point *p = pool_at(&s->points, k);
            strbuf_seconds(out, p->at, 3);
            strbuf_putc(out, ',');
            put_field(out, s->object, false);
            put_field(out, series_names[s->kind], false);
            strbuf_printf(out, "%" PRId64 "\n", p->value);
        }
    }
    series_fini(&set);
}

/* ---- Chrome's trace event format, which Perfetto reads: pods and nodes are processes, containers their threads ----
 */

static void put_micros(struct strbuf *out, sim_time t) { strbuf_printf(out, "%" PRId64, t / SIM_US); }

static void trace_name(struct strbuf *out, const char *what, uint32_t pid, uint32_t tid, const char *name)
{
    strbuf_printf(out,
                  ",\n{\"ph\":\"M\",\"name\":\"%s\",\"pid\":%" PRIu32 ",\"tid\":%" PRIu32 ",\"args\":{\"name\":", what,
                  pid, tid);
    strbuf_json(out, name);
    strbuf_puts(out, "}}");
}

static void trace_lane(struct strbuf *out, const struct lane *lane, uint32_t pid, uint32_t tid)
{
    for (const struct lane_span *s = lane->first; s; s = s->next) {
        strbuf_printf(
            out, ",\n{\"ph\":\"X\",\"name\":\"%s\",\"cat\":\"state\",\"pid\":%" PRIu32 ",\"tid\":%" PRIu32 ",\"ts\":",
            lane_states[s->state].name, pid, tid);
        put_micros(out, s->from);
        strbuf_puts(out, ",\"dur\":");
        put_micros(out, s->to - s->from);
        strbuf_puts(out, ",\"args\":{\"detail\":");
        strbuf_json(out, s->detail ? s->detail : "");
        strbuf_puts(out, "}}");
    }
    for (const struct lane_mark *m = lane->marks; m; m = m->next) {
        strbuf_puts(out, ",\n{\"ph\":\"i\",\"s\":\"t\",\"cat\":\"mark\",\"name\":");
        strbuf_json(out, lane_marks[m->kind].name);
        strbuf_printf(out, ",\"pid\":%" PRIu32 ",\"tid\":%" PRIu32 ",\"ts\":", pid, tid);
        put_micros(out, m->at);
        strbuf_puts(out, ",\"args\":{\"detail\":");
        strbuf_json(out, m->detail ? m->detail : "");
        strbuf_puts(out, "}}");
    }
}

static void trace_counters(struct strbuf *out, const struct run_trace *run)
{
    struct series_set set;
    series_init(&set, run);
    for (uint32_t i = 0; i < set.items.count; i++) {
        const struct series *s = series_at(&set, i);
        for (uint32_t k = 0; k < s->points.count; k++) {
            const struct series_point *p = pool_at(&s->points, k);
            strbuf_puts(out, ",\n{\"ph\":\"C\",\"pid\":0,\"name\":");
            strbuf_json(out, s->object);
            strbuf_puts(out, ",\"ts\":");
            put_micros(out, p->at);
            strbuf_printf(out, ",\"args\":{\"%s\":%" PRId64 "}}", series_names[s->kind], p->value);
        }
    }
    series_fini(&set);
}

void report_perfetto(const struct run_trace *run, const struct report_options *o, struct strbuf *out)
{
    struct lanes l;
    uint32_t pid = 0, tid = 0;
    (void)o;
    lanes_init(&l, run);
    strbuf_puts(out, "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n"
                     "{\"ph\":\"M\",\"name\":\"process_name\",\"pid\":0,\"tid\":0,\"args\":{\"name\":\"cluster\"}}");
    for (uint32_t i = 0; i < l.count; i++) {
        const struct lane *lane = &l.items[i];
        tid = lane->kind == LANE_CONTAINER ? tid + 1 : 0;
        pid += lane->kind != LANE_CONTAINER;
        if (tid == 0)
            trace_name(out, "process_name", pid, 0, lane->name);
        trace_name(out, "thread_name", pid, tid, tid ? lane->name : "status");
        trace_lane(out, lane, pid, tid);
    }
    trace_counters(out, run);
    strbuf_puts(out, "\n]}\n");
    lanes_fini(&l);
}

/* ---- OpenMetrics, in the manner of kube-state-metrics, with times: for `promtool tsdb create-blocks-from openmetrics`
 * ---- */

/* ORDER SERIES_KIND. */
static const struct metric {
    const char *name, *type, *help;
} metrics[SERIES_KIND_COUNT] = {
    [SERIES_RESTARTS] = {"kube_pod_container_status_restarts", "counter", "Restarts of the containers of a pod."},
    [SERIES_DESIRED] = {"kube_workload_spec_replicas", "gauge", "Replicas that are wanted."},
    [SERIES_PODS] = {"kube_workload_status_replicas", "gauge", "Pods there are."},
    [SERIES_UPDATED] = {"kube_workload_status_replicas_updated", "gauge", "Pods of the newest revision."},
    [SERIES_READY] = {"kube_workload_status_replicas_ready", "gauge", "Pods that are Ready."},
    [SERIES_AVAILABLE] = {"kube_workload_status_replicas_available", "gauge", "Pods that are available."},
    [SERIES_ENDPOINTS] = {"kube_endpoint_address_available", "gauge", "Endpoints that take requests."},
    [SERIES_SERVED] = {"podsim_client_requests_served", "gauge", "Requests of an interval that were served."},
    [SERIES_LOST] = {"podsim_client_requests_lost", "gauge", "Requests of an interval that were lost."},
};

static void put_label_value(struct strbuf *out, const char *text)
{
    strbuf_putc(out, '"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            strbuf_putc(out, '\\');
        strbuf_putc(out, *text == '\n' ? ' ' : *text);
    }
    strbuf_putc(out, '"');
}

static void put_samples(struct strbuf *out, const struct run_trace *run, const struct series *s)
{
    const struct metric *m = &metrics[s->kind];
    for (uint32_t k = 0; k < s->points.count; k++) {
        const struct series_point *p = pool_at(&s->points, k);
        strbuf_printf(out, "%s%s{object=", m->name, s->kind == SERIES_RESTARTS ? "_total" : "");
        put_label_value(out, s->object);
        strbuf_printf(out, "} %" PRId64 " ", p->value);
        strbuf_seconds(out, run->epoch * SIM_SECOND + p->at, 3);
        strbuf_putc(out, '\n');
    }
}

void report_openmetrics(const struct run_trace *run, const struct report_options *o, struct strbuf *out)
{
    struct series_set set;
    (void)o;
    series_init(&set, run);
    for (int kind = 0; kind < SERIES_KIND_COUNT; kind++) {
        bool first = true;
        for (uint32_t i = 0; i < set.items.count; i++) {
            const struct series *s = series_at(&set, i);
            if ((int)s->kind != kind)
                continue;
            if (first)
                strbuf_printf(out, "# TYPE %s %s\n# HELP %s %s\n", metrics[kind].name, metrics[kind].type,
                              metrics[kind].name, metrics[kind].help);
            first = false;
            put_samples(out, run, s);
        }
    }
    strbuf_puts(out, "# EOF\n");
    series_fini(&set);
}

/* ---- Mermaid: a gantt diagram, in milliseconds ---- */

/* Of a task's name: what would end it. */
static void put_mermaid(struct strbuf *out, const char *text)
{
    for (; *text; text++)
        strbuf_putc(out, strchr(":;#,\n", *text) ? ' ' : *text);
}

static const char *const mermaid_tags[LANE_STATE_COUNT] = {
    [LANE_READY] = "done, ",  [LANE_RUNNING] = "active, ", [LANE_BACKOFF] = "crit, ",
    [LANE_FAILED] = "crit, ", [LANE_UNKNOWN] = "crit, ",
};

void report_mermaid(const struct run_trace *run, const struct report_options *o, struct strbuf *out)
{
    struct lanes l;
    const char *pod = "";
    lanes_init(&l, run);
    strbuf_puts(out, "gantt\n    title ");
    put_mermaid(out, o->scenario ? o->scenario : "podsim");
    strbuf_puts(out, "\n    dateFormat x\n    axisFormat %M:%S\n");
    for (uint32_t i = 0; i < l.count; i++) {
        const struct lane *lane = &l.items[i];
        if (lane->kind == LANE_NODE || !lane->first)
            continue;
        if (lane->kind == LANE_POD)
            pod = lane->name;
        strbuf_puts(out, "    section ");
        put_mermaid(out, pod);
        if (lane->kind == LANE_CONTAINER) {
            strbuf_putc(out, ' ');
            put_mermaid(out, lane->name);
        }
        strbuf_putc(out, '\n');
        for (const struct lane_span *s = lane->first; s; s = s->next) {
            if (s->to - s->from < SIM_MS)
                continue;
            strbuf_printf(out, "    %s :%s%" PRId64 ", %" PRId64 "\n", lane_states[s->state].name,
                          mermaid_tags[s->state] ? mermaid_tags[s->state] : "", s->from / SIM_MS, s->to / SIM_MS);
        }
    }
    lanes_fini(&l);
}
