/* trace.h - the model's vocabulary of trace records: everything report/ may know about a run.
 *
 * An API write is one record that points at the new version of the object; what changed is the
 * table-driven difference to its predecessor (api_diff). Kubernetes Events are API objects too.
 * What the API does not show - processes, probes, pulls - has kinds of its own; their `object` is
 * the ordinal of the pod they belong to.
 */
#ifndef MODEL_TRACE_H
#define MODEL_TRACE_H

#include "model/api_core.h"
#include "model/feature_gates.h"
#include "sim/strbuf.h"
#include "sim/trace.h"

/* Who did it. ORDER COMPONENT: trace_component_names. */
enum trace_component {
    COMP_NONE,
    COMP_USER,       /* a kubectl line of the scenario, or the documents given */
    COMP_API_SERVER, /* defaulting, garbage it collects by itself */
    COMP_SCHEDULER,
    COMP_KUBELET,
    COMP_PROBER, /* part of the kubelet */
    COMP_RUNTIME,
    COMP_PROCESS, /* a program in a container */
    COMP_ENDPOINTSLICE_CONTROLLER,
    COMP_ENDPOINTS_CONTROLLER,
    COMP_DNS,
    COMP_TRAFFIC,
    COMP_NODE_CONTROLLER,
    COMP_ENGINE, /* limits */
    COMP_REPLICASET_CONTROLLER,
    COMP_REPLICATION_CONTROLLER,
    COMP_DEPLOYMENT_CONTROLLER,
    COMP_STATEFULSET_CONTROLLER,
    COMP_DAEMONSET_CONTROLLER,
    COMP_GARBAGE_COLLECTOR,
    COMP_DISRUPTION_CONTROLLER,
    COMP_TAINT_EVICTION,
    COMP_POD_GC,
    COMP_RESOURCEQUOTA_CONTROLLER,
    COMP_NAMESPACE_CONTROLLER,
    COMP_JOB_CONTROLLER,
    COMP_CRONJOB_CONTROLLER,
    COMP_TTL_CONTROLLER,
    COMP_HPA_CONTROLLER,
    COMP_COUNT
};
extern const char *const trace_component_names[COMP_COUNT]; /* "kubectl", "kube-apiserver", "kubelet" ... */

/* ORDER TRACE_KIND: trace_kind_names. The comment gives text | aux | flags | data. */
enum trace_kind {
    TRACE_NONE,
    TRACE_WRITE,             /* - | - | enum write_verb | struct api_object: the new (for deletes: last) version */
    TRACE_ACTION,            /* the kubectl line, or the fault | action index | 1 = a fault | struct src_pos: where it is written */
    TRACE_ACTION_OUTPUT,     /* what kubectl printed (may span lines) | exit code | 1 = it runs on | - */
    TRACE_PULL_START,        /* image | - | - | struct trace_container */
    TRACE_PULL_END,          /* image | 0 ok, 1 failed | - | struct trace_container; message = error */
    TRACE_SANDBOX_CREATED,   /* pod IP | attempt | - | - */
    TRACE_PAUSE_DIED,        /* - | attempt | - | -: the sandbox is not ready any more */
    TRACE_SANDBOX_STOPPED,   /* - | attempt | - | - */
    TRACE_CONTAINER_CREATED, /* container | attempt | - | struct trace_container */
    TRACE_CONTAINER_STARTED, /* container | attempt | - | struct trace_container */
    TRACE_CONTAINER_EXITED,  /* container | attempt | - | struct trace_container */
    TRACE_CONTAINER_REMOVED, /* container | attempt | - | struct trace_container; bytes = what that frees */
    TRACE_IMAGE_REMOVED,     /* image | - | - | struct trace_container; bytes; the object is the node */
    TRACE_SIGNAL,            /* container | signal number | enum signal_effect | struct trace_container */
    TRACE_OOM_KILL,          /* container | pid | - | struct trace_container; message = command, bytes = its use */
    TRACE_PROBE,             /* container | run length | enum probe_kind | struct trace_probe */
    TRACE_PROBE_REPEATS,     /* container | - | enum probe_kind | struct trace_repeats */
    TRACE_HOOK,              /* container | 0 start, 1 ok, 2 failed, 3 abandoned | 0 postStart, 1 preStop | struct trace_container; message = error */
    TRACE_OUTPUT,            /* one line a container printed | - | 1 = stderr | struct trace_container */
    TRACE_OUTPUT_REPEATS,    /* container | - | - | struct trace_output_repeats */
    TRACE_BACKOFF,           /* container | window in ms | - | struct trace_container; message as in the API */
    TRACE_KUBELET,           /* node | 0 it stops, 1 it starts | - | - */
    TRACE_TRAFFIC,           /* client | enum traffic_fate | - | struct trace_traffic: requests of one fate at one pod (the object; 0 = at none) */
    TRACE_TRAFFIC_END,       /* client | - | - | struct trace_traffic_end */
    TRACE_DECISION,          /* a sentence: why a component does what follows | - | - | - */
    TRACE_DIAG,              /* a warning about the user's own input | - | - | struct trace_diag */
    TRACE_EVICTION,          /* why a pod was not evicted | HTTP status | - | - */
    TRACE_END,               /* why the run ended | enum run_end | - | - */
    TRACE_KIND_COUNT
};
extern const char *const trace_kind_names[TRACE_KIND_COUNT];

enum write_verb { WRITE_CREATE, WRITE_UPDATE, WRITE_DELETE };
enum probe_kind { PROBE_STARTUP, PROBE_READINESS, PROBE_LIVENESS, PROBE_KIND_COUNT };
enum probe_result { RESULT_UNKNOWN = -1, RESULT_SUCCESS = 0, RESULT_FAILURE = 1 };
enum signal_effect { SIGNAL_DEFAULT, SIGNAL_HANDLED, SIGNAL_IGNORED };
enum run_end {
    RUN_QUIET,     /* nothing is pending */
    RUN_UNTIL,     /* the time is up */
    RUN_LIMIT,
    RUN_STILL,     /* nothing has happened for spec.stop.quiet */
    RUN_CONDITION, /* cluster_options.stop_when said so: spec.stop.when */
    RUN_END_COUNT
};
extern const char *const run_end_names[RUN_END_COUNT]; /* as in JSON: "quiet", "stop.when" */

struct trace_container {
    const char *container; /* name in the pod's spec */
    const char *id;        /* "containerd://..."; NULL: of no instance */
    uint32_t attempt;
    bool init;
    int32_t exit_code;   /* exits: 128 + signal when killed by one */
    int32_t signal;      /* exits: the signal that killed it, or 0 */
    const char *reason;  /* exits: "Completed", "Error", "OOMKilled", "StartError" */
    const char *message; /* or NULL */
    uint64_t bytes;      /* pulls: image size */
    struct src_pos at;   /* where the manifest says so; line 0 = nowhere */
};

struct trace_probe {
    const char *container;
    const char *output;       /* what the event shows after "probe failed: " */
    enum probe_result result; /* of this execution; RESULT_UNKNOWN = it errored and was discarded */
    int32_t run;              /* consecutive results like this one, itself included */
    int32_t threshold;
    bool manual;    /* fired by a sync, not by the ticker */
    bool published; /* this run changed the published verdict */
    bool warning;   /* a success that is told in an event: output */
    sim_time sent_at;
};

/* A line that a server prints for each of many requests: the same but for the time in it. */
struct trace_line {
    const char *before, *after;
    const char *date; /* between them, as of strftime: of %Y %m %b %d %H %M %S */
    const struct trace_container *container;
    bool is_stderr;
};
/* Without a newline. */
void trace_line_put(const struct trace_line *line, int64_t epoch_seconds, struct strbuf *out);

/* Successes of a probe that was successful already, since its last record: nothing came of any of them. The record is
 * made when the next one about the probe has to be, at the latest at the end of the run; it covers the results that have
 * arrived by then. Execution k of a stretch was sent at first + k * period. */
struct probe_stretch {
    uint64_t count;
    sim_time first;
    sim_time period; /* 0 while there is but one */
    sim_time took;   /* until the result: SIM_NEVER when latencies are drawn for each */
    const struct trace_line *line; /* what the server printed when it was asked; NULL = nothing */
};

struct trace_repeats {
    uint64_t count; /* in all stretches; 0: only one that is unanswered */
    int32_t run;    /* of the first: trace_probe.run */
    uint32_t stretch_count;
    const struct probe_stretch *stretches;
    /* One more was asked, and its result never came: when, and what was printed; NULL = there is none. */
    const struct trace_line *unanswered;
    sim_time unanswered_at;
};

/* A line that a container printed again and again, by itself; the record is made when the container ends, at the latest at
 * the end of the run. The k-th came at first + k * every. */
struct trace_output_repeats {
    const struct trace_container *container;
    const char *text;
    bool is_stderr;
    uint64_t count;
    sim_time first, every;
};

/* What becomes of a request of spec.traffic. Each has one fate; all but the first and the last are losses.
 * ORDER TRAFFIC_FATE: traffic_fates */
enum traffic_fate {
    FATE_SERVED,
    FATE_STALE_ENDPOINT,
    FATE_NOT_LISTENING,
    FATE_KILLED_IN_FLIGHT,
    FATE_NOT_READY,
    FATE_NO_ENDPOINT,
    FATE_OVERLOADED,
    FATE_TIMED_OUT,
    FATE_APP_ERROR,
    FATE_NODE_DEAD,
    FATE_NO_SERVICE,
    FATE_UNFINISHED,
    FATE_COUNT
};
struct traffic_fate_info {
    const char *name; /* "stale-endpoint" */
    const char *what; /* for timelines: why, in a few words */
    const char *doc;
};
extern const struct traffic_fate_info traffic_fates[FATE_COUNT];
static inline bool fate_is_loss(enum traffic_fate f) { return f != FATE_SERVED && f != FATE_UNFINISHED; }

/* Requests of one client that came to one end at one pod, one after the other: until one there came to another end. The
 * record is made with the first of them; count and the rest are those of the run's end, or of now. */
struct trace_traffic {
    const char *pod;       /* "web-0", "shop/web-0" outside of the default namespace; NULL = it got to none */
    const char *to;        /* as the scenario has it */
    const char *seen;      /* what the client saw: "200", "connection refused" */
    uint64_t count;        /* requests that ended so */
    uint64_t retried;      /* attempts that did, and were made again: no request of its own */
    sim_time first, last;  /* when they were sent */
    sim_time interval;     /* of the intervals */
    uint64_t first_interval, interval_count, interval_room;
    uint32_t *intervals;   /* how many of the requests were sent in each: first_interval * interval, and so on */
};
/* All requests of a client, counted as they were sent. */
struct trace_traffic_end {
    const char *to;
    uint64_t sent;              /* counted as they were sent */
    uint64_t fates[FATE_COUNT]; /* counted as they ended */
    sim_time start, stop; /* stop: of the run, if the client goes on */
};

struct trace_diag {
    struct src_pos at;
    const char *message;
};

/* What report/ is given: the records, and how simulated time maps to dates. */
struct run_trace {
    const struct trace *trace;
    int64_t epoch; /* seconds since 1970 of simulated time 0 */
    sim_time end;  /* simulated time at which the run ended */
    uint64_t seed;
    uint64_t events; /* engine events handled */
    const struct diag_set *diags; /* for src_pos file names; may be NULL */
    const struct features *features; /* of the simulated version; NULL = the newest */
};

#endif
