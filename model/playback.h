/* playback.h - a run that draws what a recorded run drew: what each call took, when the tickers of the node
 * ticked, which random factor a retry got. Everything else still follows from the rules, so that a replay
 * of a recording tests them and nothing but them.
 *
 * The tables are read only and belong to the caller; every answer is a pure function of them and of the
 * question. What they do not say is drawn from the profile.
 */
#ifndef MODEL_PLAYBACK_H
#define MODEL_PLAYBACK_H

#include "model/profile.h"

struct playback_cost { /* what one call took */
    enum hop hop;
    struct profile_call call; /* container NULL: a call about the pod */
    sim_time cost;
};

struct playback_instant {
    const char *pod;
    sim_time at;
    const char *reason; /* of an Event's write */
    sim_time within;    /* of a write: what made it necessary was no longer before */
    sim_time step;      /* of a retry: how far apart those before it were that left no trace; 0: it is not known */
    sim_time batch;     /* of a write: its batch began then; SIM_NEVER: it is not known */
};

struct playback_span { /* without a run of the container's readiness probe */
    const char *pod, *container;
    sim_time from, until;
};

struct playback_name { /* that the API server or a controller drew */
    const char *kind, *base, *name;
    uint32_t uid; /* its uids are in this order: they break ties */
    sim_time at;  /* it was seen then */
};

struct playback_place { /* where a pod went: what else there was on the nodes is not known */
    const char *pod, *node;
    sim_time at; /* it was seen bound then */
};

struct playback_side { /* on which side of a write that an object waits for its controller's sync was */
    const char *kind, *name;
    sim_time at; /* of the write, a pod's */
    bool after;  /* the sync knew of it */
};

struct playback {
    sim_time hop[HOP_COUNT]; /* of calls that have no entry of their own; SIM_NEVER: the profile's */
    const struct playback_cost *costs;
    uint32_t cost_count;
    /* Relists that were seen, in order. Between two of them there were as many as fit, a second apart or
     * more, evenly spaced;
     * before the first and after the last they go on with the period given. None: the profile's grid. */
    const sim_time *relists;
    uint32_t relist_count;
    sim_time relist_period;
    const struct playback_instant *turns; /* at which relists came to a pod, where they took long */
    uint32_t turn_count;
    sim_time sync_tick_phase;               /* SIM_NEVER: the profile's */
    sim_time kubelet_uptime;                /* when the run begins; SIM_NEVER: the profile's */
    const struct playback_instant *retries; /* at which a pod was synced at a tick; in order of time */
    uint32_t retry_count;
    const struct playback_instant *writes; /* at which the kubelet's writes of a pod were seen; in order of time */
    uint32_t write_count;
    const struct playback_instant *execs; /* at which execs in a pod had their answer; in order of time */
    uint32_t exec_count;
    const struct playback_instant *events; /* at which writes of Events were seen; in order of time */
    uint32_t event_count;
    const struct playback_span *unprobed; /* after starts; NULL: the profile tells which triggers are lost */
    uint32_t unprobed_count;
    const struct playback_name *names; /* in order of creation */
    uint32_t name_count;
    const struct playback_place *places;
    uint32_t place_count;
    const struct playback_side *sides; /* of syncs that are due at that moment; NULL: the rules decide */
    uint32_t side_count;
    /* Where several nodes were recorded: what each of them drew, for its pods and tickers. The names and places above
     * are those of all. */
    sim_time pod_gc; /* of the pod garbage collector: one of its turns; SIM_NEVER: the profile's */
    const char *node;
    const struct playback *nodes;
    uint32_t node_count;
};

/* What a node drew: the whole when nodes are not told apart. */
const struct playback *playback_of_node(const struct playback *p, const char *node);

/* SIM_NEVER: the tables do not say. */
sim_time playback_cost(const struct playback *p, enum hop hop, const struct profile_call *call);
/* A write of the pod that is wanted (HOP_STATUS_WAIT) or begins (HOP_API_WRITE) now ends at the next instant at
 * which one was seen. If another was seen soon after that, it took all the time: what came meanwhile went with the
 * other. Otherwise it waited, and what came meanwhile went with it. SIM_NEVER: none was seen soon. */
sim_time playback_write(const struct playback *p, enum hop hop, const struct profile_call *call, sim_time now);
/* When the pod's next write was seen: batches are written in that order. */
sim_time playback_batch_place(const struct playback *p, const struct profile_call *call, sim_time now);
/* Was it in a later batch than one that begins now? */
bool playback_batch_later(const struct playback *p, const struct profile_call *call, sim_time now);
/* What an exec takes whose program has ended now. SIM_NEVER: none had its answer soon. */
sim_time playback_exec(const struct playback *p, const char *pod, sim_time now);
/* What the write of an Event of that reason takes. SIM_NEVER: none was seen soon. */
sim_time playback_event(const struct playback *p, const char *pod, const char *reason, sim_time now);
/* The due time now + J * wait, 1 <= J < 1.5, that explains the pod's next recorded sync at a tick. `over`: when the
 * back-off is, that made it fail; SIM_NEVER. */
sim_time playback_retry(const struct playback *p, const char *pod, sim_time now, sim_time wait, sim_time over);
/* A readiness run that is asked for now, and of which there is no trace, was lost. */
bool playback_trigger_lost(const struct playback *p, const struct profile_call *call, sim_time now);
/* How long after the relist that begins now the pod has its turn. */
sim_time playback_relist_turn(const struct playback *p, const char *pod, sim_time now);
/* The name after the first `nth` that were drawn for the kind from this base, without its namespace; or NULL. */
const char *playback_name(const struct playback *p, const char *kind, const char *base, uint32_t nth);
/* The same, without the name of the owner and the dash before it; `p` may be NULL. */
const char *playback_hash(const struct playback *p, const char *kind, const char *owner, uint32_t nth);
/* When the object's sync comes that is due at that instant. */
sim_time playback_sync(const struct playback *p, const char *kind, const char *name, sim_time due);
/* Until `count` pods with names from this base were all seen, after the first `made` of them. SIM_NEVER: not soon. */
sim_time playback_creation(const struct playback *p, const char *base, uint32_t made, int64_t count, sim_time now);
/* Until the pod was seen bound. SIM_NEVER: not soon. */
sim_time playback_binding(const struct playback *p, const char *pod, sim_time now);
/* How its uid begins; false: the tables do not say. */
bool playback_uid(const struct playback *p, const char *kind, const char *name, uint32_t *ret_uid);
const char *playback_node(const struct playback *p, const char *pod); /* NULL: it is not known */
sim_time playback_next_relist(const struct playback *p, sim_time t);  /* the first one strictly after t */

#endif
