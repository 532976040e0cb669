/* series.h - what can be counted in a run, as step functions of time: restarts of pods, replicas of workloads,
 * endpoints of Services. What charts and exports plot; a pure function of the trace.
 *
 * A value holds from its point to the next one. Points of one series have growing times; of several values at one
 * instant the last is kept.
 */
#ifndef REPORT_SERIES_H
#define REPORT_SERIES_H

#include "report/view.h"

/* ORDER SERIES_KIND: series_names. */
enum series_kind {
    SERIES_RESTARTS, /* of a pod, as kubectl counts them */
    SERIES_DESIRED,  /* of a workload: spec.replicas and the like */
    SERIES_PODS,     /* status.replicas */
    SERIES_UPDATED,  /* of the newest revision */
    SERIES_READY,
    SERIES_AVAILABLE,
    SERIES_ENDPOINTS, /* of a Service: those that take requests */
    SERIES_SERVED,    /* of a client: requests sent in an interval that were served, and that were lost */
    SERIES_LOST,
    SERIES_KIND_COUNT
};
extern const char *const series_names[SERIES_KIND_COUNT]; /* "restarts" ... */

struct series_point {
    sim_time at;
    int64_t value;
    uint32_t record; /* of the trace, that made it so */
};

struct series {
    enum series_kind kind;
    const char *object; /* "deployment/web" */
    struct pool points; /* struct series_point */
    sim_time gone;      /* of its object; SIM_NEVER = never */
};

struct series_set {
    struct view view;  /* walked to its end; owns the memory */
    struct pool items; /* struct series, in order of first appearance; those of one object stand together */
    sim_time end;
};

void series_init(struct series_set *s, const struct run_trace *run);
void series_fini(struct series_set *s);

static inline const struct series *series_at(const struct series_set *s, uint32_t i) { return pool_at(&s->items, i); }
/* 0 before the first point. */
int64_t series_value(const struct series *s, sim_time at);

#endif
