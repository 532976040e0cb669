/* view.h - a walk through a trace: who is who at each record, and why things happened.
 *
 * The view follows the records in order and knows, at each, the current version of every object.
 *
 *     struct view v;
 *     view_init(&v, run);
 *     while (view_next(&v)) { ... v.record, v.index ... }
 *     view_fini(&v);
 */
#ifndef REPORT_VIEW_H
#define REPORT_VIEW_H

#include "model/printer.h"
#include "model/trace.h"

/* What a report remembers of one object; also kept after its removal. */
struct object_view {
    const struct api_object *latest;
    bool gone;
    sim_time delete_requested; /* SIM_NEVER = not asked */
    uint32_t failed_pulls;     /* since the last one that worked */
    uint32_t sandbox_attempt;  /* of a pod's newest sandbox */
    uint32_t last_row;         /* 1 + its newest row of the story, 0 = none */
    struct container_view *containers;
};

/* The failures of one probe that have been told. */
struct probe_view {
    const char *output; /* of the last one; NULL after a success */
    uint32_t row;       /* 1 + the row that equal ones are folded into, 0 = none */
    int32_t first;      /* number of the first one there */
};

/* What a report remembers of one container of a pod. */
struct container_view {
    const char *name;
    struct container_view *next;
    uint32_t attempt;                    /* its newest instance: 0 = the first, n = restart n */
    const char *image;                   /* what that was started from */
    const struct trace_container *ended; /* how that ended; NULL = not yet, or never started */
    sim_time exited_at;                  /* when; SIM_NEVER = not yet */
    bool removed;                        /* the runtime has that no more */
    sim_time signalled_at;               /* first signal to the running instance, SIM_NEVER = none */
    int32_t first_signal;                /* its number */
    const char *failed_probe;            /* "liveness", when that is what it was sent for; else NULL */
    sim_time backoff;                    /* window it is waiting for, 0 = none */
    sim_time backoff_until;              /* end of the wait told last */
    uint32_t sandbox_attempt;            /* of the sandbox of its newest instance */
    bool hook_cut_off;                   /* its hook was abandoned: how it ends is no news */
    const char *start_error;             /* the last one told */
    struct probe_view probes[PROBE_KIND_COUNT];
};

struct view {
    const struct run_trace *run;
    struct arena arena; /* texts made for the report */
    uint32_t index;     /* of the record at hand */
    const struct trace_record *record;
    struct object_view *objects; /* by ordinal */
    uint32_t object_count;
};

void view_init(struct view *v, const struct run_trace *run);
void view_fini(struct view *v);
bool view_next(struct view *v); /* first call: the first record; false at the end */

/* The object a record is about as of the record at hand; NULL when it has none. */
struct object_view *view_object(struct view *v, uint32_t ordinal);
const struct pod *view_pod(struct view *v, uint32_t ordinal); /* NULL unless a pod */
struct container_view *view_container(struct view *v, uint32_t ordinal, const char *name);

/* "pod/web", "pod/web (ns)" outside of the default namespace, "node/node1", "endpoints/web" for a
 * slice of Service web. */
const char *view_object_name(struct view *v, const struct api_object *o);
const char *view_name(struct view *v, uint32_t ordinal); /* "-" when unknown */

/* A pod's name of an Event's subject: as view_object_name would say. */
const char *view_subject_name(struct view *v, const struct object_reference *ref);

/* "web.yaml:12", or NULL when the position is unknown. */
const char *view_position(struct view *v, struct src_pos at);

/* Why record `index` happened, in a few plain words, and which record says so; NULL when there is
 * nothing to add: it is the plain next step of what came before. */
const char *view_why(struct view *v, uint32_t index, uint32_t *ret_because);

/* "readiness probe"; in a pod with several containers "readiness probe of web". */
const char *view_probe_name(struct view *v, const struct trace_record *probe);
/* "app exited 1", "app was killed by SIGKILL", "app could not start". */
const char *view_ending(struct view *v, const struct trace_container *c);
/* The status of that name, of any list; NULL = none. */
const struct container_status *view_status(const struct pod *pod, const char *name);
/* The container of that name in the pod's spec, init containers included; NULL = none. */
const struct container *view_spec(const struct pod *pod, const char *name);

/* A runtime's error text without its wrapping: "... desc = failed to ...: x: not found" -> "x: not found".
 * Other texts stay as they are. */
const char *view_short_error(struct view *v, const char *text);
/* A probe's output without the request it was an answer to. */
const char *view_probe_output(struct view *v, const char *text);
/* One line: newlines become blanks, blanks at the end go. */
const char *view_one_line(struct view *v, const char *text);

const char *view_signal_name(int32_t number);           /* "SIGTERM"; "signal 42" is spelled by the caller */
extern const char *const probe_names[PROBE_KIND_COUNT]; /* "startup" ... */

#endif
