/* kubelet_decisions.h - what the kubelet's decisions see and say: pure functions from facts to a plan.
 *
 * Part of kubelet.h, which says which file decides what. Nobody else includes this.
 */
#ifndef MODEL_KUBELET_DECISIONS_H
#define MODEL_KUBELET_DECISIONS_H

#include "model/cri.h"
#include "model/feature_gates.h"
#include "model/kubelet_config.h"

/* ---- what the runtime cache (PLEG) knows of one pod ---- */

struct rt_instance {
    uint32_t id; /* cri container, 0 = none */
    uint32_t attempt;
    enum cri_state state;
    sim_time started_at, finished_at;
    int32_t exit_code, signal;
    const char *reason, *message, *container_id;
    const char *image, *image_id;
    bool current_sandbox; /* it lives in the sandbox of now */
};

struct rt_listed { /* an instance as the last relist listed it */
    uint32_t id;
    enum cri_state state;
};

struct rt_container { /* newest and second newest instance of one container name */
    struct rt_instance newest, previous;
};

struct rt_view {
    struct rt_container *containers; /* [container_count], init containers first, spec order */
    bool has_sandbox;                /* one exists, ready or not */
    bool sandbox_ready;
    uint32_t sandbox_attempt;
    sim_time sandbox_created_at;
    const char *ip; /* last one given */
};

/* ---- decisions (kuberuntime.c), pure ---- */

enum kill_reason { KILL_NONE, KILL_LIVENESS, KILL_STARTUP, KILL_DEFINITION, KILL_RESIZE };
enum resize_action { RESIZE_NONE, RESIZE_UPDATE, RESIZE_RESTART };

struct actions_input {
    const struct pod_spec *spec;
    const struct rt_view *view;
    const enum probe_result *liveness, *startup; /* verdict per container; RESULT_UNKNOWN = none */
    bool deleting;
    bool restarting_all;              /* the status says AllContainersRestarting */
    const enum resize_action *resize; /* per container; NULL = none */
};

struct container_action {
    bool start;
    bool update;           /* it runs on with other resources */
    enum kill_reason kill; /* of the newest instance, before the start */
};

struct pod_actions {
    bool kill_pod;                       /* all containers and the sandbox */
    bool create_sandbox;                 /* after the kill, if any */
    uint32_t attempt;                    /* of that sandbox */
    struct container_action *containers; /* [container_count], caller's memory, zeroed */
    uint32_t *reset;                     /* [container_count], caller's memory: stopped and removed, in this order */
    uint32_t reset_count;
};

void compute_pod_actions(const struct actions_input *in, struct pod_actions *out);

/* KEP-5307: the first rule that names this exit code, or NULL. */
const struct container_restart_rule *matching_restart_rule(const struct container *c, int32_t exit_code);
/* Restart decision for an exited instance: kubelet.md 6.1. */
bool should_restart_on_exit(const struct pod_spec *spec, const struct container *c, bool init, int32_t exit_code);

/* ---- crash back-off (crash_backoff.c), pure: kubelet.md 6.2, 6.3 ---- */

struct backoff { /* of one container; window 0 = no entry */
    sim_time window, updated_at;
    uint64_t key; /* what it is for; another key begins anew */
};
struct backoff_limits {
    sim_time initial, max;
};
struct backoff_limits crash_backoff_limits(const struct features *f, const struct kubelet_config *config);
uint64_t crash_backoff_key(const struct container *c, bool with_resources);
/* May the container be started now, given its newest exited instance (finished_at, SIM_NEVER = none)? If
 * not, returns true and *ret_until; the entry changes only when the start is allowed. */
bool backoff_blocks(struct backoff *b, struct backoff_limits limits, uint64_t key, sim_time finished_at, sim_time now,
                    sim_time *ret_until);

/* ---- RestartAllContainers (restart_all.c), pure: kubelet.md 6.6 ---- */

/* Some container has a rule with that action. */
bool restart_all_possible(const struct pod_spec *spec);
/* `status`: the pod's status as it was. */
bool restart_all_wanted(const struct pod_spec *spec, const struct rt_view *view, const struct pod_status *status);
/* No instance is left. */
bool restart_all_cleaned_up(const struct pod_spec *spec, const struct rt_view *view);
/* Condition AllContainersRestarting is True in it. */
bool restart_all_in_progress(const struct pod_status *status);
void restart_all_plan(const struct actions_input *in, struct pod_actions *out);

/* ---- ephemeral containers (ephemeral.c) ---- */

void ephemeral_plan(const struct actions_input *in, struct pod_actions *out); /* pure */

/* ---- users (security_context.c), pure ---- */

/* NULL, or why the container may not run as the user that it would run as. `user`: the image's, NULL = root. */
const char *verify_run_as_non_root(struct arena *a, const struct pod *p, const struct container *c, const char *user);

/* ---- in-place resize (resize.c) ---- */

/* What a container that runs with other resources than its spec's needs. Pure. */
struct pod_limits { /* of the pod as a whole, which count for containers that have none; NULL: they do not */
    const struct resource_requirements *allocated, *actuated;
};
enum resize_action resize_action(const struct container *c, const struct resource_requirements *actuated,
                                 struct pod_limits pod);

struct resize_request {
    const struct features *features;
    const struct kubelet_config *config;
    const struct node *node;
    const struct pod_spec *from, *to;
    bool critical;
};
/* May this container ever be resized? */
bool container_is_resizable(const struct features *f, const struct container *c, bool init);
/* NULL, or why the request can never be granted. */
const char *resize_infeasible(struct arena *a, const struct resize_request *r);

/* ---- status (pod_status.c), pure ---- */

struct waiting_reason {
    const char *reason, *message; /* NULL = no entry */
};

enum status_stage { STATUS_SYNC, STATUS_TERMINATING, STATUS_FINAL /* containers stopped for good */ };

struct status_input {
    const struct features *features; /* of the cluster's version */
    const struct pod *pod;           /* as the kubelet's cache has it */
    const struct pod_status *old;    /* cached by the status manager, or NULL: then the API's */
    const struct pod_status *mirror; /* of a static pod's mirror, or NULL */
    const struct rt_view *view;
    const struct waiting_reason *reasons;         /* the reason cache, per container */
    const enum probe_result *readiness, *startup; /* verdicts; RESULT_UNKNOWN with has_* = no result yet */
    const bool *has_readiness, *has_startup;      /* a probe worker exists */
    const bool *startup_known;                    /* its worker has seen this instance */
    const bool *readiness_known;                  /* its worker has a result for this instance */
    bool restart_all;                             /* RestartAllContainers, and what came with it */
    sim_time kept_before;                         /* containers started before keep their ready; SIM_NEVER = none */
    enum status_stage stage;
    bool needs_sandbox;
    sim_time now;
    const char *host_ip;
    int64_t observed_generation; /* 0: this kubelet does not say */
    bool static_pod;
    bool deadline_exceeded;                                          /* activeDeadlineSeconds */
    const char *override_phase, *override_reason, *override_message; /* eviction; or NULL */
    const char *disruption;                                          /* message of DisruptionTarget, or NULL */
    const struct resource_requirements *const *resources;            /* in force, per container; NULL = not shown */
    const struct resource_requirements *pod_resources;               /* of the pod as a whole; NULL = not shown */
    const struct pod_condition *resizes[2]; /* conditions of a resize; NULL or without a type = none */
};

/* The state of one container: kubelet.md 3.2. */
void pod_status_container_state(struct arena *a, const struct status_input *in, const struct container *c, bool init,
                                uint32_t i, const struct container_status *old, struct container_status *s);
void ephemeral_statuses(struct arena *a, const struct status_input *in, const struct pod_status *before,
                        struct pod_status *out); /* ephemeral.c */
/* Everything in *ret_status is in `a`. */
void pod_status_generate(struct arena *a, const struct status_input *in, struct pod_status *ret_status);
/* TerminatePod: kubelet.md 8.6. */
void pod_status_terminate(struct arena *a, const struct features *features, const struct pod_spec *spec,
                          bool static_pod, struct pod_status *s);
/* Recomputes ContainersReady and Ready after a container's `ready` changed. */
void pod_status_update_ready(struct arena *a, const struct pod *pod, struct pod_status *s, sim_time now);
bool phase_is_terminal(const char *phase);
struct container_status *pod_status_container(struct pod_status *s, const char *name);
/* A copy of `s` whose lists may be changed without touching the original. */
struct pod_status *pod_status_clone(struct arena *a, const struct pod_status *s);

/* ---- admission (admission.c), pure: kubelet.md 2.1 ---- */

enum { PRESSURE_MEMORY, PRESSURE_DISK, PRESSURE_PID, PRESSURE_COUNT };
extern const char *const pressure_conditions[PRESSURE_COUNT]; /* "MemoryPressure" ... */

struct admission_input {
    const struct pod *pod;
    const struct node *node;
    struct pod_requests used; /* of the pods that are admitted and not stopped */
    int64_t used_pods;
    const struct pod_spec *const *others; /* those of them with host ports, if this pod wants any */
    uint32_t other_count;
    uint32_t pressure; /* 1 << PRESSURE_x */
    bool is_static, critical, shutting_down;
};
struct refusal {
    const char *reason, *message; /* reason NULL = admitted */
};
struct shortage {
    const char *resource;
    int64_t amount;
};
enum { ADMISSION_SHORTAGES_MAX = 5 };
struct admission {
    struct refusal refusal;
    struct shortage shortages[ADMISSION_SHORTAGES_MAX]; /* not refused, but this must be made free first */
    uint32_t shortage_count;
};
void admission_ask(struct arena *a, const struct admission_input *in, struct admission *ret_admission);
bool pod_is_critical(const struct pod *p, bool is_static);
int64_t pod_request_of(const struct pod_requests *r, const char *resource);

struct preemption_candidate {
    const struct pod *pod;
    uint32_t kpod;
    bool chosen;
    /* filled in */
    uint32_t rank; /* class of service: 0 goes first */
    struct pod_requests requests;
};
/* Marks those that make room; false: not even all of them would do. */
bool preemption_choose(struct arena *a, struct preemption_candidate *candidates, uint32_t count,
                       const struct admission *asked);

#endif
