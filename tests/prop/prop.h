/* prop.h - one scenario, given as text, run and held against what must hold of every run.
 *
 * Beyond the promises of report/verify.h: it ends before any limit; run again it gives the same digest; so does
 * going on from a snapshot after a future that is forgotten, and a run in which nothing is fast-forwarded.
 */
#ifndef TESTS_PROP_PROP_H
#define TESTS_PROP_PROP_H

#include <stddef.h>

#include "sim/base.h"

enum prop_outcome {
    PROP_HELD,
    PROP_INVALID,  /* not a scenario */
    PROP_BROKEN,   /* promises of VERIFY_RULES */
    PROP_LIMIT,    /* a limit was reached */
    PROP_REPEAT,   /* not the same run when run again */
    PROP_SNAPSHOT, /* not the same run from a snapshot */
    PROP_TICKS,    /* not the same trace when every tick of a probe is an event */
    PROP_CRASHED,  /* an assertion failed, or worse */
    PROP_HUNG,
    PROP_OUTCOME_COUNT
};
extern const char *const prop_outcomes[PROP_OUTCOME_COUNT];

struct prop_options {
    uint64_t tie_seed; /* order of equal instants; 0 = canonical */
    bool again;        /* also run it again and from a snapshot */
    bool self_check;   /* assert whole-state invariants after every event */
    bool ticks;        /* also run it with every tick of a probe as an event */
};

enum { PROP_WHY_MAX = 4096 };
struct prop_result {
    enum prop_outcome outcome;
    uint64_t rules; /* of PROP_BROKEN: 1 << enum verify_rule */
    char why[PROP_WHY_MAX];
};

void prop_run(const char *text, size_t len, const struct prop_options *o, struct prop_result *ret_result);
/* In a process of its own: survives crashes and hangs. */
void prop_run_apart(const char *text, size_t len, const struct prop_options *o, struct prop_result *ret_result);
/* The same kind of failure: same outcome, and a rule in common or the same assertion. */
bool prop_same_failure(const struct prop_result *a, const struct prop_result *b);

#endif
