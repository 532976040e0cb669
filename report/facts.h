/* facts.h - what happened in a run, as short lines that a person would write down.
 *
 *     0.3   web        sandbox created
 *     0.3   web/app    start 0
 *     0.3   web/app    event Pulled: Container image "busybox" already present on machine
 *     1     web        phase Running
 *     1     web        Ready True
 *     1     web/app    state Running
 *
 * One fact per change, in the order of the trace. `object` is a pod, pod/container, node/NAME, or
 * slice/POD (a pod's entry in its EndpointSlice). The first word of `what` says which of the object's
 * properties it is about:
 *
 *   pod        created, deleting GRACE, gone, phase P, reason R, message M, STATUS S, READY n/m (the columns
 *              of kubectl), CONDITION-TYPE STATUS [REASON][: MESSAGE], sandbox created|stopped,
 *              event REASON: MESSAGE, eviction STATUS WHY (a refused one)
 *   container  start N, exit CODE REASON, signal NAME, state Waiting|Running|Terminated REASON [CODE][: MESSAGE],
 *              last REASON CODE, restarts N, ready B, started B, pulling IMAGE, pulled IMAGE|failed: ERROR,
 *              probe KIND success|failure|error RUN, hook NAME start|ok|failed|abandoned, backoff WINDOW,
 *              event REASON: MESSAGE
 *   node       CONDITION-TYPE STATUS [REASON][: MESSAGE], (un)taint KEY=VALUE:EFFECT, event REASON: MESSAGE
 *   deployment/NAME, replicaset/NAME, replicationcontroller/NAME
 *              created, deleting, gone, revision N, replicas N (wanted), pods N, updated N, ready N, available N,
 *              terminating N, CONDITION-TYPE STATUS REASON: MESSAGE, event REASON: MESSAGE
 *   poddisruptionbudget/NAME
 *              created, gone, expected N, desired N, healthy N, allowed N, grants POD, event REASON: MESSAGE
 *   client/NAME
 *              served N [POD], stale-endpoint N [POD] ... : so many requests ended so, one after the other, from then on
 *   slice      ready B, serving B, terminating B, added, removed
 */
#ifndef REPORT_FACTS_H
#define REPORT_FACTS_H

#include "model/trace.h"

struct fact {
    sim_time at;
    uint32_t record; /* of the trace */
    const char *object, *what;
    const struct api_object *about; /* the version at that time of the object that the record is about, or NULL */
    bool used;                      /* by the matching of expectations */
};

struct fact_list {
    struct arena *arena;
    struct pool facts; /* struct fact */
};

/* Of a whole run, in order of time: what came to light late (probes that fast-forward has folded) stands where it
 * belongs. */
void facts_collect(struct fact_list *l, struct arena *a, const struct run_trace *run);

/* Record by record, in their order, as long as the trace grows: each follow adds the facts of one. */
struct fact_reader {
    struct fact_list list;
    const struct run_trace *run;
    /* private */
    uint32_t index;
    const struct trace_record *record;
    const struct api_object **objects; /* newest version, by ordinal */
    uint32_t object_room;
    const struct api_object *about;
};
void fact_reader_init(struct fact_reader *r, struct arena *a, const struct run_trace *run);
void fact_reader_follow(struct fact_reader *r, uint32_t index);

static inline struct fact *fact_at(const struct fact_list *l, uint32_t i) { return pool_at(&l->facts, i); }

#endif
