/* lines.h - a timeline as lines, each one change of one field or one write of an Event, in the vocabulary of
 * the recordings (README.md): the form in which a recording and a run are compared.
 */
#ifndef TESTS_CONFORMANCE_LINES_H
#define TESTS_CONFORMANCE_LINES_H

#include "model/api_core.h"
#include "model/trace.h"
#include "model/value.h"

struct line {
    sim_time t;         /* from the creation of the scenario's first pod */
    const char *object; /* "pod/p", "endpointslice/web" */
    const char *what;   /* "status.phase"; of Events: reason, source, field and message */
    const char *to;     /* the new value, NULL: the field is gone; of Events: the count */
    sim_time stamp;     /* the date the API gives this change, in whole seconds of its clock; SIM_NEVER: none */
    bool event;
};

struct lines {
    struct line *items;
    uint32_t count, capacity;
};

struct line *lines_add(struct arena *a, struct lines *l);

/* What names objects of one run only is made equal: uids, container ids, addresses, how long a pull took. */
const char *lines_normalize(struct arena *a, const char *text);

/* A value of a document as one text: lists with commas, maps as key=value. NULL: there is none. */
const char *lines_flat(struct arena *a, const struct value *v);

/* Objects of namespaces whose kinds are compared, "pod" or "job"; false: others. */
bool lines_has_kind(const char *object);
/* Every field of a workload that the recorder wrote down; add() is called with path, text, and the date it has. */
typedef void lines_add_field(void *ctx, const char *path, const char *text, sim_time stamp);
void lines_of_workload(struct arena *a, const struct api_object *o, lines_add_field *add, void *ctx);

/* Of FailedScheduling Events only the first of each text stays. */
void lines_drop_repeated_attempts(struct lines *l);

/* "status.containerStatuses.main.state" -> the path that dates it, NULL if none does. */
const char *lines_stamp_path(struct arena *a, const char *path, const char *to);
bool lines_is_stamp(const char *path);

/* Of a run: pods, EndpointSlices, Services, workloads and the Events about them in one namespace. t0: the creation of
 * the first pod or workload. */
void lines_of_run(struct arena *a, const struct run_trace *run, const char *namespace_, struct lines *ret_lines);

#endif
