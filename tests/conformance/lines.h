/* lines.h - a timeline as lines, each one change of one field or one write of an Event, in the vocabulary of
 * the recordings (README.md): the form in which a recording and a run are compared.
 */
#ifndef TESTS_CONFORMANCE_LINES_H
#define TESTS_CONFORMANCE_LINES_H

#include "model/trace.h"

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

/* Of FailedScheduling Events only the first of each text stays. */
void lines_drop_repeated_attempts(struct lines *l);

/* "status.containerStatuses.main.state" -> the path that dates it, NULL if none does. */
const char *lines_stamp_path(struct arena *a, const char *path, const char *to);
bool lines_is_stamp(const char *path);

/* Of a run: pods, EndpointSlices and the Events about pods in one namespace. t0: the first pod's creation. */
void lines_of_run(struct arena *a, const struct run_trace *run, const char *namespace_, struct lines *ret_lines);

#endif
