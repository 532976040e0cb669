/* lanes.h - a run as lanes: what each node, pod and container was at each time, and what happened on the way.
 *
 * What a Gantt chart, the page and exports draw; a pure function of the trace. A lane is a row of spans that do not
 * overlap, each one state from a time to a time, and of marks, points in time. Containers are told by the runtime
 * (processes, pulls, signals), pods and nodes by their API objects.
 *
 *     struct lanes l;
 *     lanes_init(&l, run);
 *     for (uint32_t i = 0; i < l.count; i++)
 *         for (const struct lane_span *s = l.items[i].first; s; s = s->next)
 *             ... s->state, s->from, s->to ...
 *     lanes_fini(&l);
 */
#ifndef REPORT_LANES_H
#define REPORT_LANES_H

#include "report/view.h"

enum lane_kind { LANE_NODE, LANE_POD, LANE_CONTAINER, LANE_KIND_COUNT };

/* ORDER LANE_STATE: lane_states. */
enum lane_state {
    LANE_WAITING, /* it is there and not started: not its turn, volumes, ContainerCreating */
    LANE_PENDING, /* pods: no node yet */
    LANE_PULLING, /* its image is on its way */
    LANE_INIT,    /* an init container runs; pods: such a one is the one to wait for */
    LANE_RUNNING, /* runs and is not ready; nodes: not Ready */
    LANE_READY,
    LANE_BACKOFF,     /* waits for its next try */
    LANE_TERMINATING, /* is being stopped: hook, signal; pods: deletionTimestamp */
    LANE_COMPLETED,   /* exit code 0, Succeeded */
    LANE_FAILED,      /* another exit code, Failed */
    LANE_UNKNOWN,     /* nodes: nobody has heard of it */
    LANE_STATE_COUNT
};
struct lane_state_info {
    const char *name;  /* as in legends: "back-off" */
    const char *means; /* one line for a beginner */
    char ascii;        /* how a terminal draws it */
    bool over;         /* nothing runs any more */
};
extern const struct lane_state_info lane_states[LANE_STATE_COUNT];

struct lane_span {
    struct lane_span *next;
    sim_time from, to; /* from < to, but for the last one of a run that ends where it begins */
    enum lane_state state;
    uint32_t record;    /* of the trace, that began it */
    const char *detail; /* "CrashLoopBackOff", "exit 137 OOMKilled", the image; NULL = nothing to add */
};

/* ORDER LANE_MARK: lane_marks. */
enum lane_mark_kind {
    MARK_PROBE_FAILED,
    MARK_SIGNAL,
    MARK_EXIT,
    MARK_OOM,
    MARK_RESTART,
    MARK_WARNING, /* a Kubernetes Event of type Warning */
    MARK_KIND_COUNT
};
struct lane_mark_info {
    const char *name;
    char ascii;
};
extern const struct lane_mark_info lane_marks[MARK_KIND_COUNT];

struct lane_mark {
    struct lane_mark *next;
    sim_time at;
    enum lane_mark_kind kind;
    uint32_t record;
    const char *detail; /* "liveness", "SIGTERM", "exit 1", the Event's reason */
};

struct lane {
    enum lane_kind kind;
    const char *name;  /* "node/n1", "pod/web (ns)"; of a container its name */
    uint32_t object;   /* ordinal of the node or pod */
    uint32_t parent;   /* of a container: the index of its pod's lane */
    uint32_t restarts; /* containers: of the newest instance */
    bool init, sidecar, ephemeral;
    const char *node;               /* pods: where it was bound to; NULL = never */
    sim_time created, gone;         /* gone: SIM_NEVER = still there at the end */
    struct lane_span *first, *last; /* in order of time */
    struct lane_mark *marks, *last_mark;
};

/* Nodes, then pods, both in order of creation; a pod is followed by its containers, in the order of its spec. */
struct lanes {
    struct view view; /* walked to its end; owns the memory */
    struct lane *items;
    uint32_t count;
    sim_time end;
};

void lanes_init(struct lanes *l, const struct run_trace *run);
void lanes_fini(struct lanes *l);

/* Is it worth a row? A node that is Ready from beginning to end is no news. */
bool lane_is_news(const struct lane *lane);

/* The lane's span at an instant; NULL = it was not there, or nothing was known of it. */
const struct lane_span *lane_at(const struct lane *lane, sim_time at);

#endif
