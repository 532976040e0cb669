/* report.c - the table of formats. */
#include "report/report.h"

#include <string.h>

#include "report/private.h"

const struct report_format_info report_formats[REPORT_FORMAT_COUNT] = {
#define X(id, name, doc) [REPORT_##id] = {name, doc},
    REPORT_FORMATS(X)
#undef X
};

static void (*const writers[REPORT_FORMAT_COUNT])(const struct run_trace *, const struct report_options *,
                                                  struct strbuf *) = {
    [REPORT_TIMELINE] = report_timeline,
    [REPORT_WIDE] = report_wide,
    [REPORT_EVENTS] = report_events,
    [REPORT_LOGS] = report_logs,
    [REPORT_GET_PODS] = report_get_pods,
    [REPORT_JSONL] = report_jsonl,
    [REPORT_JSON] = report_json,
    [REPORT_YAML] = report_yaml,
    [REPORT_TRANSCRIPT] = report_transcript,
    [REPORT_GANTT] = report_gantt,
    [REPORT_HTML] = report_html,
    [REPORT_NARRATION] = report_narration,
    [REPORT_CSV] = report_csv,
    [REPORT_CSV_SERIES] = report_csv_series,
    [REPORT_PERFETTO] = report_perfetto,
    [REPORT_OPENMETRICS] = report_openmetrics,
    [REPORT_MERMAID] = report_mermaid,
    [REPORT_TRAFFIC] = report_traffic,
    [REPORT_TRAFFIC_CSV] = report_traffic_csv,
};

int report_format_parse(const char *name, enum report_format *ret_format)
{
    for (int i = 0; i < REPORT_FORMAT_COUNT; i++) {
        if (strcmp(report_formats[i].name, name) == 0) {
            *ret_format = (enum report_format)i;
            return 0;
        }
    }
    return -1;
}

void report_write(const struct run_trace *run, const struct report_options *options, struct strbuf *out)
{
    ASSERT(options->format < REPORT_FORMAT_COUNT);
    writers[options->format](run, options, out);
}
