/* expect_private.h - what the files of report/expect*.c share.
 *
 *   expect.c         expectations against a run: verdicts
 *   expect_claim.c   when something said of objects was true, from the trace
 *   expect_tell.c    words: names of expectations, what failed and why
 */
#ifndef REPORT_EXPECT_PRIVATE_H
#define REPORT_EXPECT_PRIVATE_H

#include "model/expectation.h"
#include "model/trace.h"
#include "report/check_result.h"

/* A stretch of the run, from one record to another: [from, to). Both at one instant: in between, only who watches saw
 * it. */
struct span {
    sim_time from, to;    /* to: SIM_NEVER while it lasts */
    uint32_t first, last; /* records that began and ended it; last 0 while it lasts */
};

/* An object that a claim is about. */
struct member {
    uint32_t ordinal;
    const struct api_object *version; /* the newest; NULL = not, or no more, one of those */
    bool holds;
};

/* Something said of objects, without a when. It is true of a run for some of the time. */
struct claim {
    const struct expectation *said;
    enum api_kind kind;
    struct comparison phase, status, ready, restarts; /* text NULL = not said */

    const struct features *features;
    struct arena *arena, *scratch;   /* scratch is emptied at each record */
    struct pool members;             /* struct member */
    uint32_t living, holding;        /* members there now, and those it holds of */
    bool ever;                       /* there was one at some time */
    bool holds, broken;              /* now; broken: there is something, and it does not hold */
    struct pool truth, broken_spans; /* struct span */
};

void claim_init(struct claim *c, const struct expectation *e, const struct run_trace *run, struct arena *a,
                struct arena *scratch);
/* Record `index` of the trace; they come in order. */
void claim_follow(struct claim *c, uint32_t index, const struct trace_record *r);

/* ---- expect_tell.c ---- */

const char *expect_name(struct arena *a, const struct expectation *e);

#endif
