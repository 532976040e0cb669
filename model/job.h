/* job.h - what a Job does: pure functions of what its controller's caches show.
 *
 * k8s pkg/controller/job/job_controller.go syncJob, manageJob, trackJobStatusAndRemoveFinalizers; backoff_utils.go,
 * indexed_job_utils.go, pod_failure_policy.go, success_policy.go, v1.36. Rules: semantics/workloads.md 6.
 * controller_job.c carries it out.
 *
 * A pod that has ended is counted once. It has a finalizer; its uid goes to status.uncountedTerminatedPods (the first
 * status that a sync writes), the finalizer goes, the uid goes and the count grows (the second one).
 */
#ifndef MODEL_JOB_H
#define MODEL_JOB_H

#include "model/api_batch.h"
#include "model/feature_gates.h"
#include "model/job_index.h"

/* ---- what a sync sees ---- */
struct job_pod {
    const struct pod *pod;
    uint8_t facts;  /* pod_facts() */
    bool finalizer; /* has the Job's */
    bool tracked;   /* and nobody has asked for its removal */
    bool failed;    /* isPodFailed */
    bool valid;     /* not Indexed, or its index is one of the Job's */
    int64_t index;  /* -1 = none */
};
typedef LIST_OF(struct job_pod) job_pods;

/* Failures since the last success: k8s backoffRecord. */
struct job_backoff {
    int64_t failures;
    sim_time last; /* SIM_NEVER = none */
};
struct job_facts {
    const struct job *job;
    const struct features *features;
    job_pods pods; /* its own, in order; of each: pod, facts, finalizer, tracked */
    struct job_backoff backoff;
    bool in_sync; /* no creation or deletion is expected to be seen still */
    sim_time now;
};

/* ---- what it does ---- */
struct job_creation {
    int64_t index;              /* -1 = not Indexed */
    const struct pod *replaces; /* the failed pod of the index, with limits per index; or NULL */
};
typedef LIST_OF(const struct pod *) job_pod_list;
struct job_plan {
    job_pod_list remove; /* the first goes first */
    bool untracked;      /* their finalizers go before them: they are not counted */
    LIST_OF(struct job_creation) create;
    /* Look again after so long; SIM_NEVER = no need. */
    sim_time deadline, backoff_over;
    bool suspended, resumed; /* just now */
    bool write_first;
    struct job_status first; /* `active` is less by what could not be created */
    job_pod_list strip;      /* whose finalizers go */
    bool write_second;
    struct job_status second;
    const struct workload_condition *finished; /* of `second`: Complete or Failed, just now */
    bool too_many_succeeded;
    struct job_backoff backoff; /* once the first status is written */
};
/* ret_plan's lists and statuses are in the arena. */
void job_decide(struct arena *a, const struct job_facts *facts, struct job_plan *ret_plan);

bool job_pod_is_tracked(const struct pod *p);
/* Of its annotation; -1 = none. */
int64_t job_pod_index(const struct pod *p);
/* The whole-second time at which a pod that failed or succeeded did so: getFinishedTime. */
sim_time job_pod_finished_at(const struct features *f, const struct pod *p);
/* What is left of the wait after so many failures in a row: getRemainingTimeForFailuresCount. */
sim_time job_backoff_left(int64_t failures, sim_time last, sim_time now);

/* ---- podFailurePolicy: matchPodFailurePolicy ---- */
enum failure_action { ACTION_NONE, ACTION_IGNORE, ACTION_FAIL_INDEX, ACTION_COUNT, ACTION_FAIL_JOB };
struct failure_match {
    enum failure_action action;
    bool counts;         /* to backoffLimit, and to status.failed */
    const char *message; /* of FailJob */
};
/* policy NULL: it counts. */
struct failure_match job_match_failure(struct arena *a, const struct features *f, const struct job *j,
                                       const struct pod *p);

/* What the annotations of the pod that replaces this one say (NULL: none is replaced): getNewIndexFailureCounts. */
struct index_failures {
    int64_t counted, ignored;
};
struct index_failures job_index_failures(const struct pod *p);
struct index_failures job_next_index_failures(struct arena *a, const struct features *f, const struct job *j,
                                              const struct pod *replaced);

#endif
