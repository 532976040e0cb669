/* kubelet.h - the node agents: what their files share. Nobody but the kubelet's own files and
 * cluster.c includes this.
 *
 *   kubelet.c         the sync loop of a node: config updates, PLEG, ticks
 *   pleg.c            relists: what the runtime has become, and who is to be told
 *   admission.c       decisions: may a pod run here - pure
 *   preemption.c      which pods make room for a critical one
 *   eviction.c        decisions: thresholds, who is evicted first - pure (eviction.h)
 *   eviction_manager.c a node under pressure
 *   runtime_faults.c  a runtime that fails, or has no network
 *   runtime_hang.c    a runtime that does not answer: calls that expire
 *   node_status.c     the node's conditions
 *   node_shutdown.c   a node that shuts down, in order of priority
 *   sync_loop.c       what waits while the main loop stands still
 *   pod_worker.c      one pod's worker: sync, terminating, terminated, as a resumable program
 *   container_start.c starting one container after the other
 *   security_context.c decisions: may a container run as its user - pure
 *   kuberuntime.c     decisions: what a sync does (compute_pod_actions) - pure
 *   crash_backoff.c   decisions: how long a container that ended waits - pure
 *   restart_all.c     decisions: RestartAllContainers - pure
 *   ephemeral.c       ephemeral containers
 *   resize.c          in-place resize
 *   kill_container.c  stopping containers: preStop, SIGTERM, SIGKILL
 *   pod_config.c      volumes, environment, command lines
 *   image_manager.c   pull policies, image back-off
 *   image_puller.c    pulls: how many at a time, how long; the registry
 *   image_gc.c        decisions: which images a node can do without - pure (image_gc.h)
 *   node_images.c     the images of a node, and their garbage collection
 *   container_gc.c    dead containers that are removed when the disk is short
 *   node_stats.c      what is used on a node, and what is left
 *   pod_status.c      container states, phase, conditions - pure
 *   status_manager.c  the cached status
 *   status_writer.c   its way to the API
 *   kubelet_restart.c a kubelet that stops and starts: what it forgets, what it finds
 *   static_pods.c     pods from files, and their mirrors in the API
 *   housekeeping.c    the 2 s clean-up: what nobody wants any more is stopped
 *   http_get.c        the request of an httpGet action, a probe's or a hook's
 *   http_client.c     sending it: redirects, timeouts, the words of errors
 *   prober.c          probe workers: what a tick does, and what the answers add up to
 *   probe_ticker.c    which ticks are events; counting the others
 *   probe_handlers.c  one execution of a probe
 *
 * What the decisions see and say is in kubelet_decisions.h.
 *
 * k8s pkg/kubelet; rules: semantics/kubelet.md, semantics/probes.md.
 */
#ifndef MODEL_KUBELET_H
#define MODEL_KUBELET_H

#include "model/cri.h"
#include "model/events.h"
#include "model/eviction.h"
#include "model/feature_gates.h"
#include "model/kubelet_config.h"
#include "model/kubelet_decisions.h"
#include "model/node_lease.h"
#include "model/probe_ticks.h"
#include "model/store.h"

/* ---- one node, one pod ---- */

/* What a pod that the kubelet stops by itself says of it. */
struct pod_override {
    const char *reason, *message;
    const char *disruption; /* message of condition DisruptionTarget, or NULL */
};

struct kubelets;
struct kpod;

enum probe_handler_kind { HANDLER_EXEC, HANDLER_HTTP, HANDLER_TCP, HANDLER_GRPC };

struct probe_answer {
    enum probe_result result;
    bool error;        /* it is no answer: the execution counts for nothing */
    bool warning;      /* a success with something to say */
    bool again;        /* there is none yet: connect again after `took` */
    const char *state; /* of an error: what its event says that it resulted in */
    const char *output;
    sim_time took;        /* of network probes, at most the timeout */
    sim_time lasts_until; /* it would be the same until then, while the world is as it is: cri_world() */
    uint32_t line;        /* what the server prints each time: cri_line(), 0 = nothing */
    bool line_held_back;  /* it has no record of its own this time: the worker counts it */
};

/* All that a tick touches while executions only repeat themselves: it counts them. Two in a cache line. */
struct probe_tick {
    struct sim_timer timer;
    sim_time until; /* a tick after this one is executed again; SIM_NEVER: nothing repeats itself */
    uint32_t count; /* executions that were not carried out, on the ticks after ticker.since */
    uint32_t period_seconds;
};
_Static_assert(sizeof(struct probe_tick) == 32, "few bytes, very often");

/* The ticker of a probe worker. */
struct probe_ticker {
    struct probe_tick *tick;
    sim_time period, anchor; /* ticks at anchor + k * period, k >= 1 */
    sim_time since;          /* the tick before the first of those counted */
    uint32_t object;         /* of the engine */
    uint32_t kpod;
    uint16_t worker; /* index in the pod: PROBE_KIND_COUNT * container + kind */
};

struct probe_worker {         /* k8s pkg/kubelet/prober/worker.go */
    const struct probe *spec; /* NULL: no worker here */
    struct probe_ticker *ticker;
    bool alive;
    bool held;         /* an exec that the runtime has not taken yet, or has not answered: it hangs */
    bool verdict_held; /* it has changed; the main loop is blocked */
    bool phased;       /* probePhase has been applied, or does not matter */
    bool asleep;       /* of a young kubelet: its loop has not begun; its tick is the end of the sleep */
    bool executing;
    bool on_hold;
    bool tick_buffered, trigger_buffered, stop_wanted;
    bool manual;     /* this execution was triggered by a sync */
    bool answer_due; /* the program has ended; its result is on the way */
    bool timed_out;
    bool has_result;
    bool line_held_back; /* of the execution under way */
    uint32_t instance;   /* cri container last seen, 0 = none */
    int32_t run;
    uint32_t pids;    /* that an execution uses up */
    uint32_t paid;    /* of tick->count: those whose process ids have been taken */
    uint32_t line;    /* that each prints: cri_line(), 0 = none */
    uint32_t printed; /* of tick->count: those whose line is in the log */
    struct probe_stretch *stretches;
    struct trace_repeats repeats; /* that have not been recorded yet; stretches are in `stretches` */
    uint32_t stretch_capacity;
    uint32_t exec;                 /* running exec, 0 = none */
    enum probe_result result;      /* published verdict */
    enum probe_result last_result; /* of the counter */
    uint32_t cause;                /* why it ticks */
    sim_time sent_at;
    uint8_t attempts; /* of this execution, so far */
    uint8_t redials;  /* of this attempt */
    sim_time attempt_at;
    struct probe_answer pending; /* of an attempt whose answer is under way; not of an exec */
    sim_time answer_until;       /* the last answer would be the same until then, */
    uint64_t answer_world;       /* in the world with this number: cri_world() */
    struct sim_timer trigger, done;
};

enum kill_step { KILL_IDLE, KILL_MARKED, KILL_PRESTOP, KILL_WAIT_TURN, KILL_HELD, KILL_TERM, KILL_KILLED };

struct kcontainer {
    const struct container *spec;
    bool init, ephemeral;
    uint32_t index;            /* in kpod.containers */
    uint32_t newest, previous; /* cri ids of the last two instances, the truth (0 = none) */
    struct rt_listed listed;   /* of the newest, as of the last relist */
    uint32_t term_sent;        /* the instance that was sent its stop signal: a runtime never repeats it */
    uint32_t next_attempt;
    const char *image_id;                  /* of the newest */
    struct resource_requirements actuated; /* what the newest runs with */
    uint32_t pulls;                        /* of its image, so far */
    struct backoff backoff;
    struct waiting_reason reason;
    /* a stop in progress */
    enum kill_step kill;
    uint32_t kill_instance;
    int64_t grace_left_s;
    int64_t stop_timeout_s; /* struct stop_grace */
    sim_time kill_step_at;
    sim_time stop_called, stop_grace; /* StopContainer, with this timeout */
    sim_time stop_returns;            /* it does not before */
    bool stop_failed;                 /* it has expired */
    bool hook_held;                   /* its exec waits for a runtime that hangs */
    uint32_t hook_exec;
    bool hook_posted; /* a postStart or preStop is running */
    bool hook_is_post_start;
    bool hook_answer_due;                      /* its program has ended; the answer is on the way */
    const char *hook_error;                    /* of the last one; NULL = it succeeded */
    const char *hook_exec_error, *hook_output; /* of an exec hook */
    const char *hook_text;                     /* the error as the kubelet tells it */
    struct sim_timer exited, hook, deadline;
    struct probe_worker *probes[PROBE_KIND_COUNT]; /* where there is no probe: kubelets.no_probe */
};

enum work_type { WORK_SYNC, WORK_TERMINATING, WORK_TERMINATED, WORK_FINISHED };

enum worker_step {
    STEP_IDLE,
    STEP_BEGIN,
    STEP_LET_PROBE,
    STEP_MIRROR,
    STEP_VOLUMES,
    STEP_PLAN,
    STEP_KILL_POD,
    STEP_STOP_SANDBOX,
    STEP_KILL_MARKED,
    STEP_RESET,
    STEP_SANDBOX,
    STEP_START_NEXT,
    STEP_INSPECT,
    STEP_PULL,
    STEP_CREATE,
    STEP_START,
    STEP_POST_START,
    STEP_POST_START_KILL,
    STEP_END,
    STEP_TERM_KILL,
    STEP_TERM_SANDBOX,
    STEP_UNMOUNT_BEGIN,
    STEP_UNMOUNT,
};

/* A status that was replaced before anybody took it for long: the next one may have its place. */
struct spare_status {
    struct spare_status *next;
};

/* What a container is created with. Few are being created at any time: these are used again. */
struct creation {
    struct cri_container_config config;
    struct creation *next; /* that is not in use */
};

struct kpod {
    struct kubelets *all;
    uint32_t index;        /* in kubelets' pool */
    uint32_t node;         /* index of its kubelet */
    uint32_t object;       /* simulation object */
    uint32_t stream;       /* of random draws: api_stream */
    const struct pod *pod; /* latest version from the API watch, with the resources that are allocated */
    struct pod_resize {
        const struct pod *wanted; /* the API's version, if its resources are not allocated; else NULL */
        bool infeasible;          /* it will not be asked again */
        struct pod_condition pending, in_progress; /* type NULL = there is none */
        struct resource_requirements actuated;     /* of the pod as a whole, by the runtime */
    } resize;
    bool reinspect;  /* the next relist has an event for it */
    bool gone;       /* the API object vanished */
    bool unknown;    /* of a former kubelet: this one has not heard of it */
    struct pod *own; /* static pods: kp->pod, which no API object is; its ordinal is the mirror's */
    const struct api_object *event_about; /* static pods: what Events about it are filed under */
    bool static_started;                  /* it is its turn among the static pods of its name */
    bool mirror_deleted, mirror_created;  /* by the sync in progress */
    uint32_t written_mirror;              /* ordinal of the mirror that has the status of written_version */
    bool orphan;                          /* only the runtime has it: it has no status and goes when it is stopped */
    bool rejected;
    bool counted;                         /* its requests are part of the node's used resources */
    uint32_t dirty_cause;                 /* the record that made it pleg_dirty */
    bool again;                           /* one more run after the one that waits: see podworker_queue */
    uint32_t container_count, init_count; /* container_count: init and app containers */
    uint32_t ephemeral_count;             /* behind them */
    bool starting_ephemeral;              /* the worker starts these first */
    struct kcontainer *containers;
    struct rt_view view; /* PLEG's cache */
    bool pleg_dirty;
    sim_time listed_at; /* by a relist in which its turn is still to come; SIM_NEVER */

    /* worker */
    enum work_type work;
    enum worker_step step;
    bool busy, pending;
    bool lets_probe;  /* its status asks for readiness probes, which are sent before the run goes on */
    bool waits_fresh; /* pending, and held back until the cache is newer than the previous run */
    sim_time waits_since;
    sim_time last_end; /* of the previous run; SIM_NEVER */
    bool fresh;        /* a single-pod relist came after it */
    bool termination_asked;
    int64_t grace;                       /* g of kubelet.md 8.4, 0 = unset */
    const struct pod_override *override; /* why the kubelet stops it, or NULL */
    bool held;                           /* an event for its worker waits for the main loop */
    uint32_t held_cause;
    struct pod_actions plan;
    uint32_t plan_at;  /* container being started or killed */
    sim_time reset_at; /* the latest RestartAllContainers, and how many there were at that instant */
    uint32_t reset_rounds;
    bool killing; /* inside a loop that starts several stops */
    bool hook_began;
    const char *hook_error;
    struct creation *creation; /* of the container being created; NULL = of none */
    const char *created;       /* the last one: name */
    uint32_t created_attempt;
    bool grace_overrides; /* termination was asked for, as opposed to a natural end */
    bool volume_cancelled;
    bool acted, failed, no_network;
    bool call_expired; /* the one that it was blocked in; */
    bool call_failed;  /* and that was to stop the sandbox */
    sim_time retry_at; /* earliest back-off expiry among the errors; SIM_NEVER = none */
    sim_time op_began; /* of the blocking call in progress */
    bool volumes_ready;
    sim_time volumes_since;
    uint32_t *volume_ids; /* cri volume per spec volume, 0 = not mounted */
    struct volume_retry {
        sim_time gap;
        uint32_t failures;
        struct sim_timer timer;
    } * volume_retries;
    uint32_t sandbox; /* cri id, 0 = none */
    const char *ip;
    bool pulling; /* its pull has begun; op fires when it ends */
    sim_time pull_asked, pull_began;
    const char *pull_error; /* what it will end with, NULL = it works */

    /* status manager */
    struct pod_status *status;        /* cached; NULL before the first */
    const struct pod_status *writing; /* of the writer's last batch with this pod */
    bool could_run;                   /* as status_could_run(), when the kubelet stopped */
    bool writing_final;               /* it is the one of TerminatePod */
    uint32_t writing_cause;
    uint64_t status_version, writing_version, written_version;
    uint64_t written_revision; /* of the API object, after our last write */
    sim_time written_at;       /* when that was; SIM_NEVER */
    bool reconcile;            /* somebody else has changed the status: the next bulk pass repairs it */
    uint32_t status_cause;     /* the record that made it change */
    bool status_queued;
    bool final_status; /* TerminatePod was done */
    bool deleted;

    struct sim_timer worker, op, requeue, deadline, relist;
    uint32_t next_of_node; /* kpod index + 1 of the next pod of the node, in order of appearance */
    uint32_t next_on_node; /* kpod index + 1 of the node's next dirty pod, while pleg_dirty */
};

struct pull_backoff { /* per pod and image: kubelet.md 2.7 */
    uint32_t kpod;
    const char *image;
    sim_time window, failed_at;
    struct waiting_reason cause; /* how the last pull failed */
    struct pull_backoff *next;
};

/* Timers of a node, CLASS_NODE_TIMER: index, which is their order at one instant. */
enum node_timer_index {
    NODE_START,
    NODE_LIST,
    NODE_HOUSEKEEPING,
    NODE_STATUS_BULK,
    NODE_EVICTION,
    NODE_STATUS,
    NODE_PREEMPTION,
    NODE_SHUTDOWN,
    NODE_POWER,
    NODE_HANG,
    NODE_IMAGE_GC,
    NODE_KILLED,
    NODE_RELIST,  /* it reaches the API server again */
    NODE_NETWORK, /* the network plugin of a node that has joined runs */
    NODE_TIMER_COUNT
};

struct manifest_file { /* of the node's manifest directory; pod NULL = removed */
    const char *name;
    struct pod *pod; /* what the kubelet makes of it */
    uint32_t kpod;   /* index + 1 of the pod that runs it */
};

struct image_record { /* that the node has, or had */
    const char *name;
    int64_t size;
    bool from_start;                    /* by the catalogue: under any tag */
    bool gone;                          /* removed since */
    bool detected;                      /* the kubelet has looked since it came */
    sim_time first_detected, last_used; /* as in struct gc_image */
};

struct mirror {            /* a mirror pod as the watch shows it */
    const struct pod *pod; /* NULL = gone */
};

struct kpod_list {
    uint32_t *items; /* kpod indices */
    uint32_t count, capacity;
};

struct call_loop { /* calls that are made over and over again: the first, and how long after the end of each */
    sim_time first, gap;
};

struct hang {       /* runtime_hang.c; of the last time that the runtime hung */
    sim_time since; /* SIM_NEVER: it has always answered */
    struct call_loop checks, relists, versions;
    sim_time checked_at, relisted_at; /* when the first of them had an answer again; SIM_TIME_MAX: not yet */
    bool blocks;                      /* the main loop */
    sim_time loop_waits_since;
    bool relist_held, start_held;
};

struct kubelet { /* one node */
    const char *name, *ip;
    uint32_t index;
    uint32_t node_ordinal;
    uint32_t object, stream;
    const struct node *node;
    uint32_t first_pod, last_pod; /* every pod it ever had: index + 1 */
    uint32_t dirty;               /* first pod whose runtime state changed since the last relist, index + 1 */
    uint32_t next_ip;
    struct pool images;           /* struct image_record */
    sim_time images_looked;       /* the last tick at which the kubelet has looked; SIM_NEVER */
    bool image_gc_failed;         /* the last collection did not free enough */
    LIST_OF(uint32_t) pull_queue; /* kpods whose pull has not begun, in order */
    int64_t pulls;                /* that have */
    sim_time pull_tokens_full_at;
    uint32_t pull_capacity;
    struct pull_backoff *pull_backoffs;
    struct kpod_list status_queue; /* whose status is not in the API yet, nor in the batch as it is */
    struct kpod_list status_batch; /* what the writer is at, in order; status_next: whose turn comes next */
    uint32_t status_next;
    bool status_writing; /* a write is under way, or a batch is about to begin */
    bool status_all;     /* the next batch is one of the 10 s pass, too */
    int64_t used_cpu_milli, used_memory, used_storage, used_pods; /* of admitted, not stopped pods */
    bool resizes_wait;                                            /* maybe: some pod's resize is not allocated */
    uint32_t pressure;                                            /* 1 << PRESSURE_x: node conditions that are True */
    bool shutting_down, off, rebooted, network_down;
    bool left;                 /* removed for good */
    sim_time network_at;       /* of a node that joins: its network plugin runs then; 0 = it does */
    const char *sandbox_error; /* why no sandbox can be made, or NULL */
    const char *create_error;  /* and no container; "": their names are taken */
    bool hung;                 /* the runtime does not answer */
    struct hang hang;
    sim_time status_at;  /* the node's status has been computed */
    struct pool stalled; /* struct stalled */
    struct shutdown {
        const struct shutdown_group *groups; /* from low to high priority */
        uint32_t count, at;
        uint32_t cancelled; /* the record that did it, 0 = not */
    } shutdown;
    struct eviction {
        int64_t taken[SIGNAL_COUNT]; /* in use beside what the pods use: faults say so */
        uint32_t met;                /* 1 << threshold: met, and its grace period is over */
        bool waiting;                /* some threshold is met, its grace period is not over */
        sim_time first_seen[THRESHOLDS_MAX], last_seen[PRESSURE_COUNT]; /* SIM_NEVER = not */
        const uint32_t *victims;                                        /* being evicted */
        uint32_t victim_count;
        uint32_t cause; /* the record that began it all */
        bool killing;   /* they have not stopped yet; else their clean-up is waited for */
        sim_time cleanup_since;
    } eviction;
    uint32_t blocked; /* calls that the main loop waits for */
    bool housekeeping_held;
    struct pool held; /* struct held_event: config events that wait for it */
    struct preemption {
        uint32_t critical; /* the pod that waits: index + 1 */
        uint32_t *victims, victim_count, at;
    } preemption;
    struct pool manifests; /* struct manifest_file */
    struct pool mirrors;   /* struct mirror */
    bool down;             /* the process does not run: nothing of the API is seen, nothing is done */
    bool listed;           /* it has the API's list of its pods */
    bool cut;              /* it does not reach the API server: node_membership.c */
    sim_time started_at;   /* SIM_NEVER = long before the run */
    struct sim_timer relist, pull, timers[NODE_TIMER_COUNT];
    struct event_origin origin;
};

struct registry_entry { /* what a fault said of one image */
    const char *image;
    bool gone;
    struct registry_entry *next;
};
struct registry { /* of every image; what it has is in the catalogue */
    bool down;
    const char *error; /* of pulls while it is down; NULL = containerd's words */
    struct registry_entry *entries;
};

struct service_env { /* the variables that a version of a Service gives to containers */
    const struct api_object *of;
    struct str_pair *items;
    uint32_t count;
};

struct namespace_env { /* those of all Services together, for containers of a namespace */
    const char *namespace_;
    bool links;        /* enableServiceLinks */
    uint64_t revision; /* of the latest Service then */
    struct str_pair *items;
    uint32_t count;
    struct namespace_env *next;
};
enum { NAMESPACE_BUCKETS = 64 };

struct known_digest { /* of an image that was asked for lately */
    const char *image, *digest;
};
enum { KNOWN_DIGESTS = 64 };

struct kubelets {
    struct sim *sim;
    struct store *store;
    struct cri *cri;
    const struct profile *profile;
    struct recorder *recorder;
    const struct image_catalogue *images;
    struct arena *arena;
    struct arena *scratch;    /* emptied between events */
    struct pool service_envs; /* struct service_env */
    struct namespace_env *namespace_envs[NAMESPACE_BUCKETS];
    struct known_digest digests[KNOWN_DIGESTS];
    struct creation *free_creations;
    struct spare_status *spare_statuses;
    const struct features *features;
    const struct kubelet_config *config;
    struct backoff_limits crash_backoff;
    struct registry registry;
    enum probe_ticks ticks;
    struct pool tickers;           /* struct probe_ticker */
    struct probe_worker *no_probe; /* never alive */
    struct pool probe_ticks;       /* struct probe_tick, one for each of those */
    uint32_t probe_handler;
    bool ending; /* nobody will look at a log any more */
    struct node_leases *leases;
    struct pool nodes;      /* struct kubelet */
    struct pool pods;       /* struct kpod */
    struct pool by_ordinal; /* uint32_t: kpod index + 1 by API ordinal */
    uint32_t node_handler, pod_handler;
    struct eviction_threshold thresholds[THRESHOLDS_MAX]; /* of every node */
    uint32_t threshold_count;
};

/* Timers of a kpod by class: index spaces. */
enum { /* CLASS_RUNTIME */
       RT_OP = 0,
       RT_EXITED = 1,     /* + container */
       RT_HOOK = 512,     /* + container */
       RT_DEADLINE = 1024 /* + container */
};
enum { NT_REQUEUE = 0, NT_DEADLINE = 1, NT_VOLUME = 2 }; /* CLASS_NODE_TIMER; NT_VOLUME + volume */
enum { PW_WORKER = 0 };                                  /* CLASS_POD_WORKER */
/* A probe worker is an object of its own: prober.c. */

/* ---- kubelet.c ---- */
struct kubelets *kubelets_new(struct store *st, struct cri *cri, struct recorder *r,
                              const struct image_catalogue *images, struct arena *scratch,
                              const struct features *features, const struct kubelet_config *config);
/* Its kubelet has run since `started`, SIM_NEVER = since long before the run. */
void kubelet_add_node(struct kubelets *ks, const struct node *node, sim_time started);
void kubelets_runtime_changed(struct kubelets *ks, uint32_t pod_ordinal);
struct kpod *kubelets_pod(struct kubelets *ks, uint32_t ordinal); /* NULL when unknown */
struct kpod *kpod_at(struct kubelets *ks, uint32_t index);
/* Every pod the node ever had, in order of appearance: start with *cursor = 0; NULL at the end. */
struct kpod *node_next_pod(struct kubelets *ks, const struct kubelet *k, uint32_t *cursor);
bool kpod_runs(const struct kpod *kp); /* something of it does, in the runtime's eyes */
bool container_runs(const struct kpod *kp, const struct kcontainer *c); /* its newest instance does */
struct kubelet *kpod_kubelet(const struct kpod *kp);
void kubelet_relist_pod(struct kpod *kp); /* re-reads the runtime state into the cache, at once */
void kpod_event(struct kpod *kp, const struct kcontainer *c, bool warning, const char *reason, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
static inline sim_time kpod_now(const struct kpod *kp) { return sim_now(kp->all->sim); }
sim_time kpod_draw(struct kpod *kp, enum hop hop);
/* What this call about a container (or NULL: the pod's sandbox) takes. */
sim_time kpod_draw_for(struct kpod *kp, const char *container, uint32_t attempt, enum hop hop);
/* A recorded run says what it took: nothing else has a say. */
bool kpod_recorded(struct kpod *kp, const char *container, uint32_t attempt, enum hop hop);
bool kpod_has(const struct kpod *kp, enum feature id); /* is this feature on in the cluster? */
void kpod_arm(struct kpod *kp, sim_time at, uint32_t class, uint32_t index);
const struct pod_spec *kpod_spec(const struct kpod *kp);
const char *image_digest(struct kubelets *ks, const char *image); /* "sha256:..." */
const char *kubelet_allocate_ip(struct kubelet *k, struct kubelets *ks);
/* Its containers are stopped for good: what it had requested is free. */
void kubelet_release(struct kubelet *k, struct kpod *kp);

/* A pod of the node is heard of: for the first time, or again after a restart. */
void kubelet_add_pod(struct kubelet *k, struct kubelets *ks, const struct pod *p);
/* former: what the runtime has of it, or NULL. */
struct kpod *kubelet_add_static_pod(struct kubelet *k, struct kubelets *ks, struct kpod *former, struct pod *p);
void kubelets_map(struct kubelets *ks, uint32_t ordinal, uint32_t kpod); /* this API object is that pod */
struct kubelet *kubelets_node(struct kubelets *ks, const char *name);    /* NULL when unknown */
void node_arm(struct kubelets *ks, struct kubelet *k, sim_time at, enum node_timer_index index);
/* An event about the node itself. */
void node_event(struct kubelets *ks, struct kubelet *k, bool warning, const char *reason, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* ---- kubelet_restart.c; stopping and starting is in kubelet_faults.h ---- */
void kubelet_begin(struct kubelets *ks, struct kubelet *k);      /* NODE_START: the process starts */
void kubelet_killed(struct kubelets *ks, struct kubelet *k);     /* NODE_KILLED: systemd starts it again */
void kubelet_relist(struct kubelets *ks, struct kubelet *k);     /* NODE_RELIST: node_membership.c */
void node_network_ready(struct kubelets *ks, struct kubelet *k); /* NODE_NETWORK: node_membership.c */
/* node_membership.c: a kubelet that starts registers its node where the API has none, and waits for the network. */
void node_register(struct kubelets *ks, struct kubelet *k);
void kubelet_gone_event(struct kpod *kp);                  /* its object is not in a list any more */
void kubelet_list(struct kubelets *ks, struct kubelet *k); /* NODE_LIST: the API's pods arrive */

/* ---- housekeeping.c ---- */
void housekeeping_want(struct kubelets *ks, struct kubelet *k); /* something waits for the next one */
void housekeeping_run(struct kubelets *ks, struct kubelet *k);
sim_time housekeeping_next_tick(const struct kubelets *ks, sim_time t); /* strictly after t */

/* A pod of the API was added, changed or removed. */
void kubelet_config_event(struct kubelets *ks, struct kubelet *k, enum write_verb verb, const struct pod *p);
void kubelet_admitted(struct kpod *kp); /* there is room for it now */

/* ---- sync_loop.c ---- */
void syncloop_queue(struct kpod *kp); /* an event for the pod's worker; waits while the loop is blocked */
void syncloop_block(struct kubelet *k);
void syncloop_unblock(struct kubelets *ks, struct kubelet *k);
/* True: the loop is blocked, and will come back to this. */
bool syncloop_holds(struct kubelets *ks, struct kubelet *k, enum write_verb verb, const struct pod *p);

/* ---- eviction_manager.c ---- */
void eviction_want(struct kubelets *ks, struct kubelet *k); /* a round may matter */
void eviction_run(struct kubelets *ks, struct kubelet *k);  /* NODE_EVICTION */
void eviction_pod_added(struct kpod *kp);
void eviction_pod_stopped(struct kpod *kp);
void eviction_begin(struct kubelets *ks, struct kubelet *k); /* a kubelet starts */
void eviction_forget(struct kubelet *k);
void kubelets_memory_changed(struct kubelets *ks, uint32_t pod_ordinal);
void kubelets_disk_grew(struct kubelets *ks); /* cri_watch_disk() */

void eviction_disk_changed(struct kubelets *ks, struct kubelet *k); /* less may be left of it */

/* ---- node_stats.c ---- */
int64_t stats_container(const struct kpod *kp, uint32_t i, enum eviction_signal s);
int64_t stats_pod(const struct kpod *kp, enum eviction_signal s);
int64_t stats_capacity(const struct kubelets *ks, const struct kubelet *k, enum eviction_signal s);
int64_t stats_in_use(struct kubelets *ks, const struct kubelet *k, enum eviction_signal s); /* by pods and images */
struct observation stats_observe(struct kubelets *ks, const struct kubelet *k, enum eviction_signal s);

/* ---- container_gc.c ---- */
/* The runtime has nothing of it any more, or soon will not. */
bool container_gc_pod_gone(const struct kpod *kp);
/* Whether the runtime has this instance, running or dead. */
bool container_gc_exists(const struct kpod *kp, uint32_t instance);
void container_gc_remove(const struct kpod *kp, const struct kcontainer *c, uint32_t instance, enum trace_component by);
void container_gc_unused(struct kubelets *ks, struct kubelet *k); /* when the disk is short */

/* ---- runtime_hang.c ---- */
/* The error of a call that has expired: of gRPC, and the message in it. */
#define CALL_EXPIRED_MESSAGE "context deadline exceeded"
#define CALL_EXPIRED         "rpc error: code = DeadlineExceeded desc = " CALL_EXPIRED_MESSAGE
enum stall {
    STALL_NOT,    /* the runtime answers, or is not asked */
    STALL_WAITS,  /* this timer of the pod fires again when it answers, or when the call expires */
    STALL_EXPIRED /* the call that it stands for has */
};
enum stall runtime_stalls(struct kpod *kp, uint32_t class, uint32_t index);
void runtime_gave_up(struct kpod *kp, uint32_t index); /* nobody waits for that any more */
/* When an exec probe that began then gives up. */
sim_time runtime_exec_expires(sim_time began, sim_time timeout);
/* What keeps the node from being Ready, or NULL. */
const char *runtime_down_error(const struct kubelet *k, sim_time now);
const char *runtime_pleg_error(struct kubelets *ks, const struct kubelet *k, sim_time now);
void runtime_status_posted(struct kubelets *ks, struct kubelet *k); /* there may be more to say */
void runtime_hang_timer(struct kubelets *ks, struct kubelet *k);    /* NODE_HANG */
void runtime_hang_forget(struct kubelet *k);                        /* the kubelet is gone */

/* ---- node_status.c ---- */
#define NODE_STATUS_PERIOD (10 * SIM_SECOND) /* k8s kubelet config nodeStatusUpdateFrequency */
sim_time node_status_next_tick(const struct kubelets *ks, sim_time t); /* strictly after t */
#define NETWORK_NOT_READY                                                                                              \
    "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin "     \
    "returns error: cni plugin not initialized"
void node_status_post(struct kubelets *ks, struct kubelet *k); /* NODE_STATUS; or at once: writes what differs */
void node_status_want(struct kubelets *ks, struct kubelet *k); /* something may have changed */
bool node_status_is_unknown(const struct node *n);             /* so says the node controller */

/* ---- node_shutdown.c ---- */
/* Groups of a shutdown, low priority first; 0 = pods are not asked. */
uint32_t shutdown_groups(struct arena *a, const struct features *f, const struct kubelet_config *c,
                         const struct shutdown_group **ret_groups);
uint32_t shutdown_group_of(const struct shutdown_group *groups, uint32_t count, int64_t priority);
void shutdown_pod_finished(struct kpod *kp);
void shutdown_timeout(struct kubelets *ks, struct kubelet *k); /* NODE_SHUTDOWN */
void node_power_off(struct kubelets *ks, struct kubelet *k);   /* NODE_POWER; kubelet_restart.c */

/* ---- preemption.c ---- */
/* Begins to make room; kubelet_admitted() comes when there is. False: there are not enough pods. */
bool preemption_begin(struct kpod *critical, const struct admission *asked);
void preemption_pod_stopped(struct kpod *kp);
void preemption_timeout(struct kubelets *ks, struct kubelet *k); /* NODE_PREEMPTION */

/* ---- static_pods.c; writing and removing files is in kubelet_faults.h ---- */
void static_pods_start(struct kubelets *ks, struct kubelet *k); /* the kubelet reads the directory */
/* The hash in a mirror pod's annotation; NULL = it is none. */
const char *static_pods_mirror_hash(const struct pod *p);
void static_pods_mirror_event(struct kubelets *ks, struct kubelet *k, enum write_verb verb, const struct pod *p);
const struct pod *static_pods_mirror_of(const struct kpod *kp); /* as the watch shows it; NULL = none */
bool static_pods_is_current(const struct kpod *kp);             /* its file has not been replaced by another */
enum mirror_action { MIRROR_KEEP, MIRROR_CREATE, MIRROR_REPLACE };
enum mirror_action static_pods_mirror_action(const struct pod *static_pod, const struct pod *mirror);
bool static_pods_reconcile(struct kpod *kp); /* true: a write blocks the worker */
bool static_pods_turn(struct kpod *kp);      /* before its first sync: may it begin? Else it asks again */
void static_pods_clean_mirrors(struct kubelets *ks, struct kubelet *k);

/* All containers, ephemeral ones included. */
static inline uint32_t kpod_all(const struct kpod *kp) { return kp->container_count + kp->ephemeral_count; }
/* ephemeral.c: takes over those of the newest version of the pod. */
void ephemeral_adopt(struct kpod *kp);

/* ---- resize.c ---- */
/* The version of the pod to follow when the API's is `p`: with the resources that are allocated. */
const struct pod *resize_allocated(struct kpod *kp, const struct pod *p);
void resize_retry(struct kubelets *ks, struct kubelet *k);                /* there may be room for what waits */
void resize_check(struct kpod *kp);                                       /* a sync begins: is it still in progress? */
const enum resize_action *resize_actions(struct kpod *kp);                /* in scratch; NULL = none */
const struct resource_requirements *resize_pod_in_force(struct kpod *kp); /* NULL = not shown */
void resize_sandbox_created(struct kpod *kp);
bool resize_asks_each_sync(const struct kpod *kp);                            /* up to 1.33: there is one that waits */
void resize_actuate(struct kpod *kp);                                         /* carries out the plan's updates */
const struct resource_requirements **resize_in_force(struct kpod *kp);        /* in scratch; NULL = not shown */
struct refusal kubelet_may_resize(struct kpod *kp, const struct pod *wanted); /* kubelet.c */
void kubelet_resize(struct kpod *kp, const struct pod *wanted);               /* allocates; kubelet.c */

/* ---- pod_worker.c ---- */
void podworker_queue(struct kpod *kp, sim_time delay); /* a sync is wanted */
/* The runtime cache is newer than the previous run now: what waits for that goes on at once. */
void podworker_release(struct kpod *kp);
void podworker_terminate(struct kpod *kp, int64_t deletion_grace, int64_t override_grace);
void podworker_retry_at(struct kpod *kp, sim_time due); /* its worker runs at the sync tick after that */
void podworker_resync_matters(struct kpod *kp);         /* its next one, for once */
sim_time podworker_resync_at(const struct kpod *kp);    /* after the last run, if it went well */
/* The kubelet itself stops it. grace -1: that of its spec. */
void podworker_kill(struct kpod *kp, int64_t grace, const struct pod_override *why);
/* The call in progress takes `cost`; podworker_resume() comes when it has completed. False: it takes no time. */
bool podworker_block(struct kpod *kp, sim_time cost);
void podworker_run(struct kpod *kp);    /* its POD_WORKER timer fired */
void podworker_resume(struct kpod *kp); /* the call it was blocked in has completed */
/* A volume that was missing is there now. */
void podworker_volumes_changed(struct kpod *kp);
void podworker_container_stopped(struct kcontainer *c, struct kpod *kp);

/* ---- container_start.c ---- */
/* The sync goes on to the containers that it starts: ephemeral ones first, then the others in the spec's order. */
void container_starts_begin(struct kpod *kp);
bool container_start_step(struct kpod *kp); /* one step of STEP_START_NEXT and the following; true: it blocks */

/* ---- kill_container.c ---- */
struct stop_grace {  /* in seconds: kubelet.md 8.5 */
    int64_t seconds; /* for preStop, the turn among sidecars and SIGTERM together */
    int64_t timeout; /* of SIGTERM alone, whatever went before (up to 1.27); -1 = what is left */
};
struct stop_grace kill_grace(const struct kpod *kp, const struct kcontainer *c, enum kill_reason why);
/* What the Event says. */
const char *kill_message(struct kpod *kp, const struct kcontainer *c, enum kill_reason why, bool restart);
/* Begins to stop the newest instance; podworker_container_stopped() is called when it is done (maybe
 * before this returns). */
void kill_container(struct kpod *kp, struct kcontainer *c, struct stop_grace grace, const char *message);
/* Several that stop together are marked first, so that sidecars know whom to wait for. */
void kill_mark(struct kcontainer *c);
void kill_timer(struct kpod *kp, struct kcontainer *c, uint32_t which); /* RT_EXITED, RT_HOOK, RT_DEADLINE */
bool kills_pending(const struct kpod *kp);
/* Starts a lifecycle hook; when it has finished, RT_HOOK fires for the container. */
void hook_start(struct kpod *kp, struct kcontainer *c, const struct lifecycle_handler *h, bool post_start);
void hooks_resume(struct kpod *kp);                       /* the runtime answers again */
void kill_expired(struct kpod *kp, struct kcontainer *c); /* StopContainer has */
/* The event of a hook that failed. */
void hook_failed_event(struct kpod *kp, struct kcontainer *c);
/* Whether it succeeded, and what the kubelet says of its error. */
bool hook_result(struct kpod *kp, struct kcontainer *c, const char **ret_error);

/* ---- pod_config.c ---- */
/* Mounts every volume that can be mounted; true when all are. Failures emit FailedMount. */
bool volumes_mount(struct kpod *kp);
/* A sync of a pod whose volumes are mounted: what its ConfigMaps and the like say now will be in them soon. */
void volumes_refresh(struct kpod *kp);
/* A ConfigMap or Secret has changed: whether a volume of the pod shows it. */
bool volumes_show(const struct kpod *kp, const struct api_object *o);
void volume_retry(struct kpod *kp, uint32_t volume);
/* SyncPod gives up waiting for volumes, until it is repeated. */
void volumes_timed_out(struct kpod *kp);
/* $(VAR) in a probe's or hook's command, from the literal values of the container's env. */
str_list expand_command(struct kpod *kp, const struct kcontainer *c, const str_list *command);
/* limits.memory in bytes; 0 = none */
int64_t memory_limit_of(const struct resource_requirements *r);
/* NULL, or why the container cannot be configured ('configmap "cm" not found'). */
const char *make_container_config(struct kpod *kp, struct kcontainer *c, struct cri_container_config *ret_config);

/* ---- node_images.c ---- */
void node_images_init(struct kubelets *ks, struct kubelet *k);
void node_images_begin(struct kubelets *ks, struct kubelet *k); /* a kubelet starts */
bool node_has_image(const struct kubelet *k, const struct image *image, const char *name);
void node_add_image(struct kubelets *ks, struct kubelet *k, const char *name);
/* Containers are about to come or go. */
void node_images_look(struct kubelets *ks, struct kubelet *k);
int64_t node_images_size(const struct kubelet *k);
void image_gc_unused(struct kubelets *ks, struct kubelet *k); /* when the disk is short */
void image_gc_run(struct kubelets *ks, struct kubelet *k);    /* NODE_IMAGE_GC */
void image_gc_want(struct kubelets *ks, struct kubelet *k);   /* its next round may matter */
bool image_gc_matters(struct kubelets *ks, const struct kubelet *k, int64_t *ret_level);

/* ---- image_puller.c ---- */
/* The image of the container that the worker is about to start; podworker_resume() comes when it has ended. */
void pull_ask(struct kpod *kp);
const char *pull_ended(struct kpod *kp); /* the runtime's error text, or NULL */
/* A token of the bucket that is full again at *full_at; qps 0 = no limit. */
bool pull_token(sim_time *full_at, sim_time now, int64_t qps, int64_t burst);
void pulls_forget(struct kubelet *k, struct kubelets *ks);

/* ---- image_manager.c ---- */
/* What a failed pull makes the container wait for. special: the CRI's error words have reasons. */
struct waiting_reason pull_failure(struct arena *a, const char *image, const char *error, bool special);
enum image_step { IMAGE_READY, IMAGE_WAIT, IMAGE_FAILED };
/* Ensures the image of `c`; IMAGE_WAIT: podworker_resume() comes when the pull has ended, then call
 * image_pulled(). On IMAGE_FAILED *ret_reason is set. */
enum image_step image_ensure(struct kpod *kp, struct kcontainer *c, struct waiting_reason *ret_reason);
/* Does that ask the runtime what it has? */
bool image_asks_runtime(const struct kcontainer *c);
/* It did not say. */
void image_unknown(struct kpod *kp, struct kcontainer *c, const char *error, struct waiting_reason *ret_reason);
enum image_step image_pulled(struct kpod *kp, struct kcontainer *c, struct waiting_reason *ret_reason);
/* The kubelet is gone: its pulls are given up, its back-offs are lost. */
void image_manager_forget(struct kubelet *k, struct kubelets *ks);

/* ---- pleg.c ---- */
void pleg_relist(struct kubelets *ks, struct kubelet *k); /* of all pods */
void pleg_relist_pod(struct kpod *kp);                    /* asked for by a sync */

/* ---- status_manager.c ---- */
/* Stores a freshly generated status (copied into the run's arena) and has it written if it differs. */
void status_set(struct kpod *kp, const struct pod_status *s, bool force);
/* Computes the status from the cache and stores it; fires manual readiness runs. Returns the phase. */
const char *status_sync(struct kpod *kp, enum status_stage stage);
void status_terminate_pod(struct kpod *kp);
/* Since 1.35 containers started before this keep their readiness over a kubelet restart; SIM_NEVER = none do. */
sim_time kpod_kept_before(const struct kpod *kp);
/* Nobody looks at it any more. */
void status_spare(struct kubelets *ks, const struct pod_status *s);
/* A probe's verdict on one instance. */
void status_set_ready(struct kpod *kp, struct kcontainer *c, uint32_t instance, bool ready);
void status_set_started(struct kpod *kp, struct kcontainer *c, uint32_t instance, bool started);

/* ---- status_writer.c ---- */
void status_want_write(struct kpod *kp);   /* its cached status has changed */
void status_retry_delete(struct kpod *kp); /* a deletion was asked for when all was over */
/* Another version of the object has come; the bulk pass repairs what others have written. */
void status_api_changed(struct kpod *kp);
void status_bulk(struct kubelets *ks, struct kubelet *k); /* NODE_STATUS_BULK */
/* What waited to be written is forgotten; a write under way arrives. */
bool status_could_run(const struct kpod *kp); /* its phase may not be terminal yet */
void status_forget(struct kubelet *k, struct kubelets *ks);
void status_bulk_want(struct kubelets *ks, struct kubelet *k); /* something waits for the 10 s pass */

/* ---- probe_handlers.c ---- */
struct probe_target { /* whom a probe asks, and how */
    struct kpod *kp;
    const struct kcontainer *c;
    const struct probe *probe;
    bool steady;      /* a success would change nothing */
    uint32_t redials; /* of grpc: connections of this attempt that have failed, */
    sim_time waited;  /* and the time that they took */
};
/* Asks an httpGet, tcpSocket or grpc probe now. */
struct probe_answer probe_network(const struct probe_target *p);
/* Starts an exec probe in a container; `done` is armed when its program ends. */
uint32_t probe_exec_start(const struct probe_target *p, uint32_t instance, struct sim_key done);
/* What the ended (or timed out) program means. */
struct probe_answer probe_exec_answer(const struct probe_target *p, const struct cri_exec *e, bool timed_out);

/* ---- prober.c ---- */
void prober_init(struct kubelets *ks);
void prober_new_container(struct kubelets *ks, struct kcontainer *c); /* its spec is there, if it may have probes */
void prober_new_pod(struct kpod *kp);                                 /* before all else */
void prober_add_pod(struct kpod *kp);
void prober_stop_liveness_and_startup(struct kpod *kp);
void prober_remove_pod(struct kpod *kp);
/* Asks for a run outside the ticks: as an event of its own, or `now`. */
void prober_trigger(struct kpod *kp, uint32_t container, enum probe_kind kind, bool now);
/* The kubelet is gone, and its workers with it. */
void prober_forget_pod(struct kpod *kp);
void prober_resume(struct kpod *kp);  /* the runtime answers again */
void prober_deliver(struct kpod *kp); /* verdicts that waited for the main loop */
/* What a tick goes by - the status, the instances - has changed. */
void prober_wake(struct kpod *kp);
/* cri_deps.disturbed and .numbered of this pod. */
void prober_disturbed(struct kpod *kp);
void prober_numbered(struct kpod *kp);
void prober_end(struct kubelets *ks); /* of the run: what has been counted is recorded */

#endif
