/* logs.h - what a pod's containers have written, as `kubectl logs` prints it at the end of the run.
 *
 *     struct logs_query q = {.pod = "web", .tail = -1, .since = SIM_NEVER};
 *     if (report_pod_logs(&trace, &q, &out, &notes) < 0) ... nothing to print; `notes` says why
 *
 * A pod that is gone can still be asked: kubectl could not, a reader of a finished run wants to.
 */
#ifndef REPORT_LOGS_H
#define REPORT_LOGS_H

#include "model/trace.h"
#include "sim/strbuf.h"

struct logs_query {
    const char *pod;        /* "web" or "pod/web" */
    const char *namespace_; /* NULL = default */
    const char *container;  /* NULL = the one kubectl would choose */
    bool previous;          /* the instance before the newest */
    bool all_containers;
    bool prefix;            /* "[pod/web/app] " before each line */
    bool timestamps;        /* RFC 3339 with nanoseconds before each line */
    int64_t tail;           /* so many lines of each container; -1 = all */
    sim_time since;         /* not older than this at the end of the run; SIM_NEVER = all */
};

/* What kubectl prints on standard output goes to `out`, what it says on standard error to `notes`. Returns 0, or -1
 * when there is no such pod, container or instance. */
int report_pod_logs(const struct run_trace *run, const struct logs_query *query, struct strbuf *out,
                    struct strbuf *notes);

#endif
