/* profile.h - latencies are a profile, not constants in code (DESIGN.md decision 7).
 *
 * Every hop that costs time on a real cluster stands in one table with its value per profile:
 * semantics/README.md section 3. `instant` shows pure semantics, `typical` (default) what a normal
 * small cluster does, `jittered` draws from the seed around `typical`.
 */
#ifndef MODEL_PROFILE_H
#define MODEL_PROFILE_H

#include "sim/base.h"

/* clang-format off */
/*    id                      name              instant  typical (ns)       jitter %  what it is */
#define PROFILE_HOPS(X)                                                                                                            \
    X(API_WRITE,              "apiWrite",             0, 10 * SIM_MS,   50, "a write: from the component to committed in the store")\
    X(WATCH_DELIVERY,         "watchDelivery",        0, 10 * SIM_MS,   80, "a committed write: until a watcher's cache has it")   \
    X(KUBELET_REACTION,       "kubeletReaction",      0, 10 * SIM_MS,   50, "a pod in the kubelet's cache: until its worker starts")\
    X(SCHED_CYCLE,            "schedCycle",           0, 5 * SIM_MS,    50, "one scheduling cycle")                                \
    X(CONTROLLER_SYNC,        "controllerSync",       0, 5 * SIM_MS,    80, "a controller's work on one key")                      \
    X(SANDBOX_CREATE,         "sandboxCreate",        0, 400 * SIM_MS,  50, "RunPodSandbox: pause container and network")          \
    X(SANDBOX_STOP,           "sandboxStop",          0, 100 * SIM_MS,  50, "StopPodSandbox")                                      \
    X(CONTAINER_CREATE,       "containerCreate",      0, 40 * SIM_MS,   50, "CreateContainer")                                     \
    X(CONTAINER_START,        "containerStart",       0, 60 * SIM_MS,   50, "StartContainer")                                      \
    X(PROCESS_START,          "processStart",         0, 0,              0, "a container's first process: until its first instruction")\
    X(IMAGE_PULL_BASE,        "imagePullBase",        0, 500 * SIM_MS,  50, "an image pull, plus size / 50 MB/s")                  \
    X(VOLUME_SETUP,           "volumeSetup",          0, 300 * SIM_MS,   0, "waiting for volumes, any pod with a volume")          \
    X(UNMOUNT,                "unmount",              0, 100 * SIM_MS,  50, "volumes unmounted after termination")                 \
    X(PROBE_EXEC,             "probeExec",            0, 100 * SIM_MS,  50, "an exec probe or hook, beside what the program takes")\
    X(PROBE_NET,              "probeNet",             0, 5 * SIM_MS,    80, "an HTTP, TCP or gRPC probe, beside the server's time")\
    X(DNS_APPLY,              "dnsApply",             0, 10 * SIM_MS,   80, "a Service or slice in the DNS server's answers")\
    X(STATUS_WAIT,            "statusWait",           0, 0,              0, "a changed pod status: until the kubelet's writer takes it")  \
    X(CONTAINER_STOP,         "containerStop",        0, 0,              0, "StopContainer, at least")                                \
    X(VOLUME_LOOP,            "volumeLoop",           0, 0,              0, "a volume to mount again: until the reconciler looks")\
    X(PROXY_SYNC,             "proxySync",            0, 100 * SIM_MS,  50, "kube-proxy writes a node's rules")\
    X(PROXY_MIN_SYNC,         "proxyMinSync",         0, SIM_SECOND,     0, "kube-proxy's minSyncPeriod: between two such writes")\
    X(PROGRAM_START,          "programStart",         0, 0,              0, "a program run by a shell or an exec: until its first instruction")\
    X(RELIST_LAG,             "relistLag",            0, 0,              0, "a relist: from its list of containers to a pod's inspection")\
    X(RELIST_POD,             "relistPod",            0, 0,              0, "since 1.36, a sync that did something: until its pod is relisted")\
    X(NETWORK_READY,          "networkReady",         0, 15 * SIM_SECOND, 50, "a node that joins: until its network plugin runs")\
    X(SLICE_RESPONSE,         "sliceResponse",        0, 15 * SIM_MS,   50, "a committed write of slices: until their controller goes on")
/* clang-format on */

enum hop {
#define X(id, name, instant, typical, jitter, doc) HOP_##id,
    PROFILE_HOPS(X)
#undef X
        HOP_COUNT
};

struct playback; /* playback.h */

struct hop_info {
    const char *name; /* "apiWrite": of spec.timing.latencies too */
    sim_time instant, typical;
    int jitter_percent; /* `jittered`: uniform in typical * [1 - j/200, 1 + j/100 ...] see profile_draw */
    const char *doc;
};
extern const struct hop_info hop_infos[HOP_COUNT];

enum profile_kind { PROFILE_INSTANT, PROFILE_TYPICAL, PROFILE_JITTERED, PROFILE_REF };

/* Where the original is unordered: semantics/README.md section 6, probes.md 4. */
enum trigger_race { /* k8s-order: probe-trigger-race, a readiness run that a sync asks for and that sync's status */
                    RACE_WIN,    /* it reads the status that its sync has written */
                    RACE_LOSE,   /* it reads the one before */
                    RACE_SEEDED, /* one or the other, from the seed */
};
enum probe_phase {                /* when the first tick comes, after a probe could first be executed */
                   PHASE_NATURAL, /* as it falls: ticks are counted from the pod's first sync */
                   PHASE_BEST,    /* at once */
                   PHASE_WORST,   /* one has just gone by */
                   PHASE_AFTER,   /* after a given time */
};
struct probe_policy {
    enum trigger_race race;
    int64_t loss_percent; /* of RACE_SEEDED */
    enum probe_phase phase;
    sim_time after; /* of PHASE_AFTER */
};

/* REF is the tests' profile: reference phases, all latencies 0 (semantics/README.md section 2). */
struct profile {
    enum profile_kind kind;
    uint64_t seed;
    sim_time hop[HOP_COUNT];
    sim_time pleg_period;      /* 0: exits are seen in the same instant */
    sim_time pleg_phase;       /* relists at phase + k * period */
    sim_time sync_tick_period; /* 0: at the exact due time */
    sim_time sync_tick_phase;
    sim_time first_seen_delay; /* REF: pods reach the kubelet 0.30 s after creation */
    bool event_throttle;
    int jitter_permille; /* J = 1 + u * this / 1000; 0 = always 1 */
    struct probe_policy probes;
    sim_time kubelet_uptime;         /* of all kubelets when the run begins; SIM_NEVER = a long time */
    const struct playback *playback; /* what a recorded run drew, or NULL; outlives the run */
};

void profile_init(struct profile *p, enum profile_kind kind, uint64_t seed);
int profile_kind_parse(const char *name, enum profile_kind *ret_kind);
/* The cost of one hop for `object` at `now`; a pure function of its arguments and the profile. */
sim_time profile_draw(const struct profile *p, enum hop hop, uint32_t object, sim_time now);
/* No draw is larger. */
sim_time profile_draw_max(const struct profile *p, enum hop hop);
/* The same for a call about a pod (or one of its containers, else NULL), as a recording names them. */
struct profile_call {
    const char *pod, *container;
    uint32_t attempt;
    sim_time after; /* of a write: when the pod's last one was made; SIM_NEVER */
};
sim_time profile_draw_call(const struct profile *p, enum hop hop, uint32_t object, sim_time now,
                           const struct profile_call *call);
/* The cost of writing an Event of that reason. */
sim_time profile_draw_event(const struct profile *p, uint32_t object, sim_time now, const char *about,
                            const char *reason);
/* When a retry of `pod` falls due that is wanted `wait` from now: now + J * wait, J = 1 + u/2 (kubelet.md
 * section 0). `over`: when the back-off is, that it is about; SIM_NEVER: none. */
sim_time profile_retry(const struct profile *p, const char *pod, uint32_t object, sim_time now, sim_time wait,
                       sim_time over);
/* Does the readiness run that a sync asks for read the status of before? */
bool profile_trigger_lost(const struct profile *p, uint32_t object, uint32_t container, sim_time now,
                          const struct profile_call *call);
/* How long after its first chance a probe's tick comes; SIM_NEVER = as it falls. */
sim_time profile_probe_phase(const struct profile *p, sim_time period);
/* When a kubelet was started that runs when the run begins; SIM_NEVER = long before. */
sim_time profile_kubelet_start(const struct profile *p);
/* What a probe worker of a young kubelet waits before its first run: a random part of its period. */
sim_time profile_probe_sleep(const struct profile *p, uint32_t object, uint32_t worker, sim_time now, sim_time period);
/* Where in a batch of the status writer that begins now a pod's status has its turn: the smallest place first, equal
 * places in order of appearance. */
uint64_t profile_batch_place(const struct profile *p, uint32_t object, sim_time now, const struct profile_call *call);
/* Only in a played back run, whose changes come a little earlier or later: it was not in the batch that begins now. */
bool profile_batch_later(const struct profile *p, sim_time now, const struct profile_call *call);
/* How long after a relist began the pod has its turn. */
sim_time profile_relist_turn(const struct profile *p, const char *pod, sim_time now);
/* Does a worker begin between two events of one relist, so that the second asks for a run of its own? */
bool profile_events_apart(const struct profile *p, uint32_t object, sim_time now);
/* The first relist, and the first sync tick, strictly after t; both periods must not be 0. */
sim_time profile_next_relist(const struct profile *p, const char *node, sim_time t);
sim_time profile_next_sync_tick(const struct profile *p, const char *node, sim_time t);

/* ---- beside the pods: nodes.md 1, 2, 5 ---- */

/* A kubelet's heartbeats: a first one of one that has run for long, and from that at t until the next. */
sim_time profile_first_heartbeat(const struct profile *p, uint32_t node);
sim_time profile_heartbeat_period(const struct profile *p, uint32_t node, sim_time t);
bool profile_heartbeats_alike(const struct profile *p); /* all periods are equal */
/* What kube-controller-manager does over and over again: its first turn that is not before t. */
enum manager_turn {
    TURN_NODE_MONITOR,  /* every `period`, and what the pass takes */
    TURN_NODE_TAINTING, /* every 0.1 s */
    TURN_POD_GC         /* every 20 s */
};
sim_time profile_manager_turn(const struct profile *p, enum manager_turn turn, sim_time period, sim_time t);

#endif
