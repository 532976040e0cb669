/* behaviour.h - what a container does, said explicitly (DESIGN.md decision 5, third way).
 *
 *     behaviours:                                podsim.dev/behaviour: |
 *     - pod: web-*                                 startup: 5s
 *       startup: {between: [5s, 20s]}              http: {path: /healthz, status: 500, from: 30s}
 *       http: {path: /healthz, status: 500, from: 30s}
 *
 * It comes from the scenario (spec.behaviours), from a pod's annotations, or from an image; what the first says counts
 * before the second, and that before the third, field by field. Everything is a function of the time since the
 * container's start (spans), of what it was asked (requests, signals), and of draws keyed by pod, container and
 * restart; or of whether a Service has endpoints. So it is known how long an answer lasts, and steady probes are
 * skipped.
 *
 * A behaviour that says how the container runs replaces its program (programs_behaviour.c): behaviour_is_program().
 * Memory, CPU, log lines and the answers of exec are laid over whatever runs.
 */
#ifndef MODEL_BEHAVIOUR_H
#define MODEL_BEHAVIOUR_H

#include "model/apitype.h"

/* A time, or what it is drawn from. */
struct behaviour_duration {
    sim_time time;
};
struct behaviour_time {
    sim_time exactly;
    LIST_OF(struct behaviour_duration) between; /* two: each as likely */
    LIST_OF(struct behaviour_duration) one_of;
    sim_time around, spread; /* about normal: mean and standard deviation */
};

/* When something holds, since the start of the container. */
struct behaviour_span {
    sim_time from, until, every, lasts; /* SIM_NEVER = not said */
    const char *condition;              /* "service db has endpoints", or NULL */
};

struct behaviour_http {
    const char *path; /* pattern; NULL = any */
    struct opt_i64 port, status;
    const char *body, *location;
    str_map headers;
    const struct behaviour_time *latency, *body_latency;
    struct behaviour_span when;
};

struct behaviour_tcp {
    struct opt_i64 port;
    const char *answer;
    struct behaviour_span when;
};

struct behaviour_grpc {
    struct opt_i64 port;
    const char *service, *status; /* service NULL = any */
    const struct behaviour_time *latency;
    struct behaviour_span when;
};

struct behaviour_exec {
    str_list command; /* what its line begins with; none = any */
    struct opt_i64 exit;
    const char *output, *errors;
    const struct behaviour_time *latency;
    struct behaviour_span when;
};

/* A point of a line over time. */
struct behaviour_point {
    sim_time at; /* SIM_NEVER = 0 */
    struct quantity use;
};

struct behaviour_log {
    const char *text;
    sim_time at, every, until;
    const char *request; /* printed when this path is asked for */
    bool is_stderr;
};

struct behaviour_reaction { /* to a signal */
    const char *action;
    const struct behaviour_time *drain;
    struct opt_i64 exit;
    bool refuse;
};
struct behaviour_signals {
    const struct behaviour_reaction *hup, *interrupt, *quit, *usr1, *usr2, *term, *winch;
};

struct behaviour_crash {
    const struct behaviour_time *at;
    const char *path;
    struct opt_i64 after_requests, exit;
    const char *signal;
};

struct behaviour {
    const struct behaviour_time *startup, *run, *hang;
    struct opt_i64 exit;
    const char *message; /* termination message */
    int_list listen;
    LIST_OF(struct behaviour_http) http;
    LIST_OF(struct behaviour_tcp) tcp;
    LIST_OF(struct behaviour_grpc) grpc;
    LIST_OF(struct behaviour_exec) exec;
    const char *healthy; /* condition */
    LIST_OF(struct behaviour_point) memory, cpu;
    struct quantity memory_per_request;
    struct opt_i64 workers, backlog; /* HTTP requests it answers at once; how many more wait */
    LIST_OF(struct behaviour_log) log;
    const struct behaviour_reaction *stop;
    const struct behaviour_signals *signals;
    LIST_OF(struct behaviour_crash) crash;
    LIST_OF(struct behaviour) runs;
};
extern const struct api_type behaviour_type; /* behaviour_type.c */

/* spec.behaviours: whose it is, and what. */
struct scenario_behaviour {
    const char *pod, *namespace_, *container; /* patterns; NULL = any */
    str_map labels;
    struct behaviour behaviour;
    struct src_pos at; /* where it stands */
};
extern const struct api_type scenario_behaviour_type;
typedef LIST_OF(struct scenario_behaviour) behaviour_list;

/* ---- reading it off ---- */

/* What `into` does not say is as in `from`. */
void behaviour_merge(struct behaviour *into, const struct behaviour *from);
/* What holds in the attempt-th run (0 = the first): `runs` is resolved. */
struct behaviour behaviour_of_run(const struct behaviour *b, uint32_t attempt);
bool behaviour_is_empty(const struct behaviour *b);
/* It says how the container runs. */
bool behaviour_is_program(const struct behaviour *b);

/* Does it hold at t after the start, its condition aside? *ret_until: the last instant at which the answer is the same.
 */
bool span_holds(const struct behaviour_span *s, sim_time t, sim_time *ret_until);

/* A draw is a pure function of the key (seed, pod, container), of what is drawn, and of n (restart, instant). */
enum behaviour_draw { DRAW_STARTUP, DRAW_RUN, DRAW_HANG, DRAW_CRASH, DRAW_DRAIN, DRAW_LATENCY, DRAW_BODY, DRAW_EXEC };
struct behaviour_key {
    uint64_t seed, whose;
};
struct behaviour_key behaviour_key(uint64_t seed, const char *namespace_, const char *pod, const char *container);
/* NULL draws 0. */
sim_time behaviour_draw(const struct behaviour_time *t, struct behaviour_key key, enum behaviour_draw what, uint64_t n);
/* Always the same. */
bool behaviour_time_is_fixed(const struct behaviour_time *t);

/* "service db has endpoints", "service shop/db has no endpoints"; a leading "while" may stand before it. */
enum { CONDITION_NAME_MAX = 64 }; /* k8s: a label has 63 characters at most */
struct behaviour_condition {
    char namespace_[CONDITION_NAME_MAX], service[CONDITION_NAME_MAX]; /* namespace "" = the pod's */
    bool none;
};
bool behaviour_condition(const char *text, struct behaviour_condition *ret);

/* A shell pattern: * ? [a-z]. */
bool behaviour_matches(const char *pattern, const char *text);

/* ---- where it comes from ---- */

#define BEHAVIOUR_ANNOTATION "podsim.dev/behaviour"
/* The text of an annotation; NULL with diagnostics. `source`: the scalar as it stands in the manifest, so that mistakes
 * are told where they stand; NULL = it has no place. */
const struct behaviour *behaviour_parse(struct arena *a, struct diag_set *d, const char *text,
                                        const struct value *source);
/* The annotations of a pod or of a template are well-formed, and name containers that exist. */
struct check;
void behaviour_check_annotations(struct check *metadata, const str_map *annotations, const char *const *containers,
                                 uint32_t count);

#endif
