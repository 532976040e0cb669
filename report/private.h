/* private.h - what the files of report/ share and nobody else needs. */
#ifndef REPORT_PRIVATE_H
#define REPORT_PRIVATE_H

#include "report/report.h"
#include "report/view.h"

void report_timeline(const struct run_trace *run, const struct report_options *o, struct strbuf *out);
void report_wide(const struct run_trace *run, const struct report_options *o, struct strbuf *out);
void report_events(const struct run_trace *run, const struct report_options *o, struct strbuf *out);
void report_get_pods(const struct run_trace *run, const struct report_options *o, struct strbuf *out);
void report_logs(const struct run_trace *run, const struct report_options *o, struct strbuf *out);
void report_jsonl(const struct run_trace *run, const struct report_options *o, struct strbuf *out);
void report_json(const struct run_trace *run, const struct report_options *o, struct strbuf *out);
void report_csv(const struct run_trace *run, const struct report_options *o, struct strbuf *out);
void report_csv_series(const struct run_trace *run, const struct report_options *o, struct strbuf *out);
void report_perfetto(const struct run_trace *run, const struct report_options *o, struct strbuf *out);
void report_openmetrics(const struct run_trace *run, const struct report_options *o, struct strbuf *out);
void report_mermaid(const struct run_trace *run, const struct report_options *o, struct strbuf *out);
void report_narration(const struct run_trace *run, const struct report_options *o, struct strbuf *out);
void report_html(const struct run_trace *run, const struct report_options *o, struct strbuf *out);
void report_gantt(const struct run_trace *run, const struct report_options *o, struct strbuf *out);
void report_transcript(const struct run_trace *run, const struct report_options *o, struct strbuf *out);
void report_traffic(const struct run_trace *run, const struct report_options *o, struct strbuf *out);
void report_traffic_csv(const struct run_trace *run, const struct report_options *o, struct strbuf *out);
void report_yaml(const struct run_trace *run, const struct report_options *o, struct strbuf *out);

/* ---- text.c ---- */

/* "   32.300s", right-aligned to at least 10 characters. */
void report_time(struct strbuf *out, sim_time t);

/* ANSI colours; nothing when `on` is false. */
enum paint { PAINT_NONE, PAINT_DIM, PAINT_BOLD, PAINT_GREEN, PAINT_YELLOW, PAINT_RED, PAINT_CYAN };
void paint_begin(struct strbuf *out, bool on, enum paint p);
void paint_end(struct strbuf *out, bool on, enum paint p);

/* `text` padded with blanks to `width` characters; longer texts are cut, ending in "...". */
void text_fit(struct strbuf *out, const char *text, uint32_t width);
/* As text_fit, without padding; returns the characters printed. */
uint32_t text_cut(struct strbuf *out, const char *text, uint32_t width);

/* ---- end.c: what is left at the end ---- */
struct run_summary {
    uint32_t pods_alive, pods_gone;
    int64_t restarts; /* of all pods that ever lived, as the RESTARTS column counts them */
    enum run_end end;
    const char *end_text; /* why it ended, or NULL */
};
/* `v` is walked to its end. */
void run_summary(struct view *v, struct run_summary *ret_summary);

#endif
