/* verify_private.h - what the files of the trace checker share.
 *
 *   verify.c            the walk; causes, versions, generations, who writes what
 *   verify_pod.c        versions of pods: phase, conditions, container statuses
 *   verify_container.c  what the runtime did: instances, sandboxes, signals, restarts, probes, hooks
 *   verify_event.c      Events against what happened
 *   verify_policy.c     PodDisruptionBudgets
 *   verify_workload.c   Deployments and ReplicaSets
 *   verify_rollout.c    what a rollout may take away and comes to; whose the objects are
 *   verify_traffic.c    requests of clients
 *   verify_end.c        once nothing moves; endpoints
 */
#ifndef REPORT_VERIFY_PRIVATE_H
#define REPORT_VERIFY_PRIVATE_H

#include "model/api_policy.h"
#include "model/feature_gates.h"
#include "model/printer.h"
#include "report/verify.h"

struct vinstance {  /* one instance of a container, as the runtime's records tell */
    uint32_t older; /* index + 1 of the one before */
    uint32_t attempt, sandbox;
    sim_time created, started, exited; /* SIM_NEVER = not yet */
    int32_t exit_code;
    const char *reason;
    bool removed; /* the runtime has it no more */
    bool asked;   /* the kubelet has sent it a signal, or a probe has found that it should */
};

struct vprobe {
    bool any, startup_done;
    enum probe_result last;
    int32_t run;
};

struct vcontainer {
    const char *name;
    uint32_t next;      /* of the same pod; index + 1 */
    uint32_t newest;    /* instance index + 1 */
    sim_time signalled; /* signal to stop, SIM_NEVER = none */
    sim_time blocked_until;
    int64_t restarts;
    bool told;    /* a user has written how it ended */
    bool hook[2]; /* postStart, preStop in progress */
    struct vprobe probes[PROBE_KIND_COUNT];
};

struct vhappening { /* something that Events tell of */
    uint32_t next;  /* index + 1 */
    const char *reason, *container;
    const char *begin, *end; /* of the message; NULL = the reason says it all */
    sim_time at;
    uint32_t era; /* how often the kubelet had stopped before */
};

struct vobject { /* by ordinal */
    const struct api_object *latest;
    bool gone, spec_changed;
    uint8_t creator;   /* enum trace_component */
    bool served;       /* pod: was ready to serve once */
    sim_time stopped;  /* pod: when it last stopped serving; + 1; 0 = never */
    sim_time unsteady; /* pod: when it last stopped serving but by its ReplicaSet's deletion, or began again; + 1; 0 =
                          never */
    bool was_ready;    /* pod: some version was Ready and not being deleted */
    bool ended;        /* pod: its kubelet has published a terminal phase */
    bool called_ended; /* pod: a user has written one while it lived */
    bool others_conditions; /* pod: somebody has written one that is the kubelet's */
    bool init_skipped;      /* pod: its app containers were started without init containers, as Kubernetes would */
    bool sandbox_up, sandbox_again, restarted_all;
    bool phase_by_user;                 /* a user has written the phase last */
    uint32_t flips, flips_before;       /* pod: readiness verdicts since its status was written last, and before that */
    uint32_t sandboxes, sandboxes_told; /* so far; when its status was written last */
    uint32_t containers;                /* index + 1 */
    uint32_t happened, happened_last;
    uint32_t kubelet_stops;
    sim_time kubelet_gone; /* pod: when its kubelet last stopped and forgot what it had seen */
    sim_time kubelet_back; /* and when it started again */
    uint32_t unhealthy;    /* different messages of Unhealthy Events: the 10th and later are folded together */
};

struct verifier {
    const struct run_trace *run;
    int minor; /* Kubernetes 1.<minor> */
    struct arena arena, scratch;
    struct pool objects;    /* struct vobject */
    struct pool containers; /* struct vcontainer */
    struct pool instances;  /* struct vinstance */
    struct pool happenings; /* struct vhappening */
    uint64_t revision;
    uint32_t index; /* of the record at hand */
    const struct trace_record *record;
    sim_time last_move; /* of pods, containers, Services, slices */
    bool faults;        /* some fault happened: what belongs to nobody may be left */
    struct strbuf *out;
    struct verify_result result;
};

/* One promise is broken at the record at hand; the rest says how. */
void verify_broken(struct verifier *v, enum verify_rule rule, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
#define VERIFY(v, rule, fact, ...)                                                                                     \
    do {                                                                                                               \
        if (!(fact))                                                                                                   \
            verify_broken((v), VERIFY_##rule, __VA_ARGS__);                                                            \
    } while (0)

struct vobject *verify_object(struct verifier *v, uint32_t ordinal);
const char *verify_name(struct verifier *v, uint32_t ordinal); /* "pod/web" */
bool verify_phase_final(const char *phase);

struct replica_set;
void verify_set_write(struct verifier *v, const struct replica_set *rs);
/* verify_policy.c */
void verify_budget_write(struct verifier *v, const struct pdb *b);
void verify_eviction(struct verifier *v, const struct pod *before, const struct pod *p);
void verify_workloads_end(struct verifier *v);
const char *verify_controller_uid(const struct api_object *o); /* or NULL */
/* verify_rollout.c */
void verify_rollout_pod(struct verifier *v, const struct pod *p);
void verify_rollouts_end(struct verifier *v);
struct pdb;
void verify_budget_kept(struct verifier *v, const struct pdb *b, const struct pod *evicted);
/* verify_job.c */
struct job;
void verify_job_write(struct verifier *v, const struct job *j);
void verify_job_pod_write(struct verifier *v, const struct pod *p);
void verify_jobs_end(struct verifier *v);
void verify_pod_write(struct verifier *v, const struct pod *p);
void verify_pod_removed(struct verifier *v, const struct pod *last);

/* The container's spec in `p`, or NULL; *ret_index: init containers first. */
const struct container *verify_spec(const struct pod *p, const char *name, uint32_t *ret_index);
struct vcontainer *verify_container(struct verifier *v, uint32_t pod, const char *name);
struct vinstance *verify_newest(struct verifier *v, const struct vcontainer *c); /* or NULL */
struct vinstance *verify_older(struct verifier *v, const struct vinstance *i);   /* or NULL */
bool verify_instance_runs(const struct vinstance *i);
/* First running container of the pod, or NULL. */
const struct vcontainer *verify_running(struct verifier *v, uint32_t pod);
/* What the policy says of an exit. Rules may say more: see verify_has_rules. */
bool verify_policy_restarts(const struct pod *p, const struct container *c, bool init, int32_t exit_code);
bool verify_mirror(struct verifier *v, uint32_t ordinal); /* a mirror pod */
bool verify_has_rules(const struct pod *p);
void verify_runtime(struct verifier *v);
void verify_kubelet(struct verifier *v);
/* What a pod's containers are has been changed: image and resources are part of the back-off's key. */
void verify_containers_changed(struct verifier *v, uint32_t pod);
void verify_probe(struct verifier *v);
void verify_repeats(struct verifier *v);
void verify_hook(struct verifier *v);

void verify_happened(struct verifier *v, uint32_t pod, const char *reason, const char *container, const char *begin,
                     const char *end);
void verify_event_write(struct verifier *v, const struct k8s_event *e);

void verify_traffic(struct verifier *v);
void verify_traffic_end(struct verifier *v);
void verify_slice_write(struct verifier *v, const struct endpoint_slice *s);
void verify_end(struct verifier *v);

#endif
