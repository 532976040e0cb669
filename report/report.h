/* report.h - everything that is shown of a run: pure functions of its trace.
 *
 *     struct report_options o = {.format = REPORT_TIMELINE, .header = true, .width = 120};
 *     report_write(&trace, &o, &out);
 *
 * Same trace and options, same bytes. Reports read the trace and the object versions in it, never a
 * live model. A new format is one row in REPORT_FORMATS and one function.
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "model/trace.h"
#include "sim/strbuf.h"

/*    id        name        what it is */
#define REPORT_FORMATS(X)                                                                     \
    X(TIMELINE, "timeline", "one line per meaningful change, and why it happened (default)") \
    X(WIDE, "wide", "every record of the trace, with field changes and causes by number")    \
    X(EVENTS, "events", "Kubernetes Events in time order, with counts")                      \
    X(GET_PODS, "get-pods", "the lines `kubectl get pods --watch` would have printed")       \
    X(LOGS, "logs", "what the containers printed, with times")                               \
    X(GANTT, "gantt", "a chart for the terminal: what each node, pod and container was at each time")         \
    X(NARRATION, "narration", "sentences, in the depth that --depth says")                                        \
    X(HTML, "html", "one page for a browser: lanes, charts, kubectl at each time, what happened and why")      \
    X(TRANSCRIPT, "transcript", "the kubectl session: each line and what it printed")        \
    X(TRAFFIC, "traffic", "what became of requests: totals by client, fate and pod")         \
    X(TRAFFIC_CSV, "traffic-csv", "the same per interval, as chart data")                     \
    X(JSONL, "jsonl", "one JSON object per record (docs/jsonl.md)")                          \
    X(JSON, "json", "one JSON document: summary, events and objects at the end")             \
    X(YAML, "yaml", "objects at the end, as `kubectl get -o yaml` prints them")                                    \
    X(CSV, "csv", "the lines of the timeline, for a spreadsheet")                                                 \
    X(CSV_SERIES, "csv-series", "what was counted: restarts, replicas, endpoints; one line per change")            \
    X(PERFETTO, "perfetto", "Chrome's trace format, for ui.perfetto.dev: states as slices, counters")              \
    X(OPENMETRICS, "openmetrics", "what was counted, with times, for Prometheus")                                  \
    X(MERMAID, "mermaid", "a gantt diagram for Markdown")

enum report_format {
#define X(id, name, doc) REPORT_##id,
    REPORT_FORMATS(X)
#undef X
        REPORT_FORMAT_COUNT
};

struct report_format_info {
    const char *name, *doc;
};
extern const struct report_format_info report_formats[REPORT_FORMAT_COUNT];
/* -1 when there is no such format. */
int report_format_parse(const char *name, enum report_format *ret_format);

/* How deep a narration goes. */
enum narration_depth { NARRATE_BEGINNER, NARRATE_OPERATOR, NARRATE_KUBELET, NARRATE_COUNT };

enum { REPORT_WIDTH = 120, REPORT_WIDTH_MIN = 60 };

struct report_options {
    enum report_format format;
    bool color;     /* ANSI colours, for terminals */
    bool header;    /* column names; the footer of the timeline; the legend of the chart */
    bool ascii;     /* the chart in ASCII */
    uint32_t width; /* of the timeline and the chart in characters; 0 = REPORT_WIDTH */
    enum narration_depth depth;
    bool has_now; /* the chart ends at `now` */
    sim_time now;
    const char *scenario; /* name shown in JSON; may be NULL */
};

void report_write(const struct run_trace *run, const struct report_options *options, struct strbuf *out);

#endif
