/* verify.h - does a trace keep the promises that every run must keep?
 *
 * A pair assertion (STYLE: "check one property on two paths"): the model asserts at its transitions what it
 * relies on; this reads only what came out - records and object versions - and knows nothing of how. Each
 * promise is a row of VERIFY_RULES. "Always" rules are checked at every record; END_* rules once nothing has
 * moved for a while, since a running cluster may be between two of them.
 *
 *     struct verify_result r;
 *     if (verify_trace(&trace, &out, &r)) ...     // out: a paragraph per promise that is broken
 */
#ifndef REPORT_VERIFY_H
#define REPORT_VERIFY_H

#include "model/trace.h"
#include "sim/strbuf.h"

#define VERIFY_RULES(X)                                                                                                \
    /* the trace itself */                                                                                             \
    X(TIME, "time never goes back")                                                                                    \
    X(CAUSE, "a record's cause is an earlier record")                                                                  \
    /* API objects */                                                                                                  \
    X(REVISION, "resourceVersion grows with every write")                                                              \
    X(LINEAGE, "a version follows the version that was written before it")                                             \
    X(IDENTITY, "kind, name, namespace, uid and creationTimestamp never change")                                       \
    X(GONE, "nothing is written to an object that was removed")                                                        \
    X(DELETION, "deletionTimestamp is never unset and its grace never grows")                                          \
    X(REMOVAL, "an object is removed when its deletion was asked for and no finalizer holds it")                       \
    X(GENERATION, "generation grows with the spec or a deletion, and with nothing else")                               \
    X(WRITER, "a component writes only its own part of an object")                                                     \
    /* pods */                                                                                                         \
    X(PHASE_FINAL, "a pod never leaves Succeeded or Failed, unless a user writes so")                                  \
    X(PHASE_STOPPED, "a terminal phase is published when no container of the pod runs any more")                       \
    X(RESTARTS, "restartCount never falls")                                                                            \
    X(STATE, "a container status has exactly one state")                                                               \
    X(COVERS, "container statuses are those of the spec, app containers by name")                                      \
    X(STATUS_TIME, "a container has started before it finished, and its last instance before this one")                \
    X(STATUS_TRUE, "what a status says of an instance is what the runtime did")                                        \
    X(READY, "a Ready pod is Running and all its containers are ready")                                                \
    X(CONDITION, "each condition type stands once")                                                                    \
    X(TRANSITION, "lastTransitionTime moves when the status changes, and only then")                                   \
    X(OBSERVED, "observedGeneration never falls and is never ahead of generation")                                     \
    X(FIXED, "node, start time and QoS class of a pod never change")                                                   \
    /* containers */                                                                                                   \
    X(ORDER, "a container is created, starts and exits, in this order")                                                \
    X(ATTEMPT, "each instance of a container has a higher number than the one before")                                 \
    X(ONE_INSTANCE, "a container is never started while another instance of it runs")                                  \
    X(SANDBOX, "containers run in a sandbox that is up, and a pod has one at a time")                                  \
    X(INIT, "a container starts after the init containers before it")                                                  \
    X(POLICY, "a container comes back only if its restart policy says so")                                             \
    X(BACKOFF, "a container does not start inside its back-off")                                                       \
    X(AFTER_END, "no container starts once the pod is Succeeded or Failed")                                            \
    X(SIGNAL, "signals go to containers that run")                                                                     \
    X(KILL, "SIGKILL comes no sooner than 2 s (before 1.28: 1 s) after the signal to stop")                            \
    X(PROBE_RUNS, "consecutive probe results are counted one by one")                                                  \
    X(PROBE_GATE, "readiness and liveness wait for the startup probe, which ends with its success")                    \
    X(HOOK, "a hook ends once, after it began")                                                                        \
    /* Events and Services */                                                                                          \
    X(EVENT_COUNT, "an Event has happened as often as it says, and when it says")                                      \
    X(ENDPOINT, "a ready endpoint has been a ready pod at this address, or publishNotReadyAddresses")                  \
    X(REQUESTS, "each request of a client ends in one way, and as many end as were sent")                              \
    X(SERVED, "requests are served by pods of which a container runs")                                                 \
    /* workloads */                                                                                                    \
    X(AVAILABLE, "a rollout deletes no pod that serves when it would leave fewer than maxUnavailable allows")          \
    X(SURGE, "a Deployment's ReplicaSets never grow beyond replicas and maxSurge together")                            \
    X(JOB_END, "a Job that is Complete or Failed stays so, and its counts stay")                                       \
    X(JOB_COUNT, "a Job counts each of its pods at most once: counts never fall and are covered by pods that ended")   \
    X(JOB_PARALLELISM, "a Job makes no pod beyond its parallelism")                                                    \
    /* once nothing moves */                                                                                           \
    X(BUDGET_KEPT, "an eviction leaves as many healthy pods as its PodDisruptionBudget wants")                             \
    X(BUDGET, "a healthy pod is evicted only when its PodDisruptionBudget has granted it")                              \
    X(END_STATUS, "in the end the status shows what the runtime has")                                                  \
    X(END_READY, "in the end a ready container is a running one")                                                      \
    X(END_DELETED, "in the end nothing is left of a deleted pod, neither object nor containers")                       \
    X(END_RESTART, "in the end every container that should run runs")                                                  \
    X(END_ENDPOINTS, "in the end the ready endpoints of a Service are its ready pods")                                 \
    X(END_REPLICAS, "in the end a ReplicaSet has the pods that it wants, and says so")                                 \
    X(END_ROLLOUT, "in the end a Deployment says what its ReplicaSets say, and the newest has all pods that can run")  \
    X(END_OWNED, "in the end every object was made by a user, or has an owner that exists, or was let go by one")      \
    X(END_JOB, "in the end no pod of a Job that is over runs or keeps its finalizer")

enum verify_rule {
#define X(id, text) VERIFY_##id,
    VERIFY_RULES(X)
#undef X
        VERIFY_RULE_COUNT
};
_Static_assert(VERIFY_RULE_COUNT <= 64, "verify_result.rules has a bit for each");

extern const char *const verify_rule_texts[VERIFY_RULE_COUNT];
extern const char *const verify_rule_names[VERIFY_RULE_COUNT]; /* "PHASE_FINAL" */

struct verify_result {
    uint32_t broken; /* how often any promise was broken */
    uint64_t rules;  /* which: 1 << enum verify_rule */
};

/* Returns ret_result->broken. `out` may be NULL. */
uint32_t verify_trace(const struct run_trace *run, struct strbuf *out, struct verify_result *ret_result);

#endif
