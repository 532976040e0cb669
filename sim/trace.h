/* trace.h - the product of a run: one typed record per observable change, in order of happening.
 *
 * The engine gives each record its time and its cause; what kinds, components and payloads mean is
 * the model's vocabulary (model/trace.h). Strings and payloads are immutable and live as long as
 * the run. Record 0 is the root: "because the scenario says so".
 */
#ifndef SIM_TRACE_H
#define SIM_TRACE_H

#include "sim/arena.h"

enum { TRACE_ROOT = 0 };

struct trace_record {
    sim_time at;       /* set by sim_record */
    uint32_t cause;    /* index of an earlier record; set by sim_record */
    uint32_t object;   /* ordinal of the object concerned, 0 = none */
    uint16_t kind;     /* enum trace_kind of the model */
    uint8_t component; /* enum trace_component of the model: who did it */
    uint8_t flags;     /* per kind */
    uint32_t aux;      /* per kind: a small number */
    const char *text;  /* per kind, or NULL */
    const void *data;  /* per kind, or NULL */
};
_Static_assert(sizeof(struct trace_record) == 40, "a run of a million changes is 40 MB of records");

struct trace {
    struct pool records; /* of struct trace_record; index 0 is the root */
};

void trace_init(struct trace *t, struct arena *arena);
uint32_t trace_add(struct trace *t, const struct trace_record *record); /* use sim_record() */
uint32_t trace_count(const struct trace *t); /* root included: valid indices are 1 .. count-1 */
const struct trace_record *trace_at(const struct trace *t, uint32_t index);

#endif
