/* why.h - the chain of causes from what began it to what somebody asks about, and what keeps a wish from coming true.
 *
 *     podsim why web.yaml 'pod/web restart#3'
 *
 * A question is an object and a symptom, with a time or without: `pod/web NotReady@73s`, `svc/web endpoints@40s`,
 * `deploy/web Progressing`. A symptom is a fact of facts.h or a short word for one (WHY_SYMPTOMS). Without a time the
 * last one of the run is meant.
 *
 * A chain is followed backwards from the record of the symptom: along the causes in the trace, and where a rule of
 * Kubernetes links two things (an exit and the restart after it), along that rule. Each step is one sentence with its
 * time, who did it, the rule, and the lines of the manifest that decided.
 */
#ifndef REPORT_WHY_H
#define REPORT_WHY_H

#include "report/facts.h"
#include "report/view.h"

/* What holds in every cluster.
 *    id, rule, Kubernetes file */
#define WHY_RULES(X)                                                                                                   \
    X(NONE, NULL, NULL)                                                                                                \
    X(RESTART_ALWAYS, "restartPolicy Always: a container that ends is started again, whatever its exit code",          \
      "pkg/kubelet/container/helpers.go")                                                                              \
    X(RESTART_ON_FAILURE,                                                                                              \
      "restartPolicy OnFailure: a container that ends with another exit code than 0 is started again",                 \
      "pkg/kubelet/container/helpers.go")                                                                              \
    X(RESTART_NEVER, "restartPolicy Never: a container that has ended stays so", "pkg/kubelet/container/helpers.go")   \
    X(BACKOFF,                                                                                                         \
      "the first restart is free; then the wait is 10 s and doubles with each one, up to 5 min, and begins anew "      \
      "after 10 min of running",                                                                                       \
      "pkg/kubelet/kuberuntime/kuberuntime_manager.go")                                                                \
    X(LIVENESS, "failureThreshold failures in a row: the kubelet stops the container and starts it again",             \
      "pkg/kubelet/prober/worker.go")                                                                                  \
    X(STARTUP, "failureThreshold failures in a row: the container has not started in time and is started again",       \
      "pkg/kubelet/prober/worker.go")                                                                                  \
    X(READINESS, "failureThreshold failures in a row: the container is not ready; it goes on running",                 \
      "pkg/kubelet/prober/worker.go")                                                                                  \
    X(READY, "successThreshold successes in a row: the container is ready", "pkg/kubelet/prober/worker.go")            \
    X(POD_READY, "a pod is Ready while all its containers are and all its readiness gates are True",                   \
      "pkg/kubelet/status/generate.go")                                                                                \
    X(GRACE, "what has not ended when the grace period is over gets SIGKILL",                                          \
      "pkg/kubelet/kuberuntime/kuberuntime_container.go")                                                              \
    X(STOP, "first the preStop hook, then the stop signal, both within terminationGracePeriodSeconds",                 \
      "pkg/kubelet/kuberuntime/kuberuntime_container.go")                                                              \
    X(PID1, "PID 1 of a container gets no signal that it has not asked for", "Linux, kernel/signal.c")                 \
    X(DELETE, "the object stays until the kubelet has stopped its containers", "pkg/registry/core/pod/strategy.go")    \
    X(OOM, "who needs more memory than its limit is killed by the kernel", "Linux, mm/memcontrol.c")                   \
    X(ENDPOINT, "an endpoint takes requests while its pod is Ready and is not being deleted",                          \
      "staging/src/k8s.io/endpointslice/utils.go")                                                                     \
    X(PULL, "a pull that fails is tried again after 10 s, doubled each time, up to 5 min",                             \
      "pkg/kubelet/images/image_manager.go")                                                                           \
    X(FILTER, "a pod waits until a node passes all filters of the scheduler", "pkg/scheduler/schedule_one.go")         \
    X(EVICT, "an evicted pod fails; it is not started again, its controller makes another",                            \
      "pkg/kubelet/eviction/eviction_manager.go")                                                                      \
    X(PROGRESS, "no progress for progressDeadlineSeconds: the rollout is said to be stuck; nothing is undone",         \
      "pkg/controller/deployment/progress.go")                                                                         \
    X(AVAILABLE, "a new pod counts when it has been Ready for minReadySeconds; until then old ones stay",              \
      "pkg/controller/deployment/rolling.go")                                                                          \
    X(NEW_SET, "a change of the pod template makes a new ReplicaSet; pods are never changed",                          \
      "pkg/controller/deployment/sync.go")                                                                             \
    X(ROUTES,                                                                                                          \
      "the rules on the nodes change after the EndpointSlice has; the kubelet stops the pod meanwhile, nobody waits "  \
      "for anybody",                                                                                                   \
      "pkg/proxy/iptables/proxier.go")                                                                                 \
    X(REPLICAS, "a controller makes and deletes pods until there are as many as it wants",                             \
      "pkg/controller/replicaset/replica_set.go")

enum why_rule {
#define X(id, text, file) RULE_##id,
    WHY_RULES(X)
#undef X
        RULE_COUNT
};

enum { WHY_FIELDS = 3 };

struct why_step {
    sim_time at;
    uint32_t record;
    enum trace_component who;
    enum why_rule rule;
    const char *what;               /* a sentence without its full stop */
    const char *fields[WHY_FIELDS]; /* "web.yaml:31 livenessProbe.failureThreshold: 3" */
    uint32_t field_count;
};

struct why {
    struct view view;    /* walked to its end; owns the memory */
    struct pool steps;   /* struct why_step, the symptom first */
    const char *symptom; /* what was found: "pod/web restart 3" */
};

/* Returns 0, or -1 with what is wrong with the question, or that nothing like it happened (`*ret_error`, with
 * suggestions; it lives as long as `w`). why_fini() is due either way. */
int why_explain(struct why *w, const struct run_trace *run, const char *question, const char **ret_error);
void why_fini(struct why *w);
void why_print(const struct why *w, bool color, struct strbuf *out);

#endif
