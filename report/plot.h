/* plot.h - charts of a run, as a script for gnuplot: what each pod and container was at each time, and below it, on the
 * same time axis, what was counted. The script has its data in it, so that it can be kept, edited and run again.
 */
#ifndef REPORT_PLOT_H
#define REPORT_PLOT_H

#include "report/series.h"
#include "sim/strbuf.h"

/* ORDER of the panels.
 *    id, name, what it shows */
#define PLOT_CHARTS(X)                                                                                                 \
    X(GANTT, "gantt", "what each node, pod and container was: pulling, init, running, ready, back-off, terminating")   \
    X(REPLICAS, "replicas", "replicas of workloads: wanted, and ready")                                                \
    X(ENDPOINTS, "endpoints", "endpoints of Services that take requests")                                              \
    X(TRAFFIC, "traffic", "requests of clients, served and lost, by the time they were sent")                          \
    X(RESTARTS, "restarts", "restarts of pods")

enum plot_chart {
#define X(id, name, doc) PLOT_##id,
    PLOT_CHARTS(X)
#undef X
        PLOT_CHART_COUNT
};
struct plot_chart_info {
    const char *name, *doc;
};
extern const struct plot_chart_info plot_charts[PLOT_CHART_COUNT];

enum plot_terminal { PLOT_SVG, PLOT_PNG };

struct plot_options {
    uint32_t charts; /* 1 << enum plot_chart; those without data are left out; 0 = all */
    enum plot_terminal terminal;
    bool dark;
    uint32_t width, height; /* pixels; height 0 = as the rows need it */
    const char *title;      /* NULL = none */
};
enum { PLOT_WIDTH = 1200, PLOT_SIZE_MIN = 320, PLOT_SIZE_MAX = 8000 };

/* Which chart a series is a line of; PLOT_CHART_COUNT = of none. */
enum plot_chart plot_chart_of(const struct series *s);
/* Something that never changes is no news: a Service without endpoints, a pod without restarts. */
bool plot_series_shown(const struct series *s);

/* -1 when no chart that is wanted has anything to show. */
int plot_script(const struct run_trace *run, const struct plot_options *options, struct strbuf *out);

#endif
