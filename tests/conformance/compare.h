/* compare.h - a recorded timeline against a simulated one. */
#ifndef TESTS_CONFORMANCE_COMPARE_H
#define TESTS_CONFORMANCE_COMPARE_H

#include "tests/conformance/lines.h"

struct deviation {
    sim_time t; /* where in the recording; of what only podsim shows: in the run */
    const char *object, *what;
    const char *text; /* what was recorded and what podsim shows */
};

struct comparison {
    uint32_t lines;     /* recorded */
    uint32_t deviating; /* fields and Events (each counted once) that deviate somewhere */
    struct deviation first;
    sim_time worst;                /* largest difference in time among lines that agree */
    LIST_OF(struct deviation) all; /* the first of each field or Event, in order of appearance */
};

/* How far apart a recorded line and podsim's may be. */
typedef sim_time tolerance_fn(const void *ctx, const struct line *recorded);

/* Each field and each Event of each object must take the same values in the same order, at the same times
 * within the tolerance. Times are not compared beyond `end`, where the recording stops. */
void compare_lines(struct arena *a, const struct lines *recorded, const struct lines *run, sim_time end,
                   tolerance_fn *tolerance, const void *ctx, struct comparison *ret);

#endif
