/* expect_private.h - what the files of report/expect*.c share.
 *
 *   expect.c            expectations against a run: verdicts
 *   expect_claim.c      when what is said of objects was true, and what happened, from the trace
 *   expect_test.c       one thing said of one version of an object
 *   expect_happening.c  Events, lines of logs and facts, as points in time
 *   expect_traffic.c    requests
 *   expect_tell.c       expectations in words
 *   expect_explain.c    what a failed one expected, what was there instead, and why
 */
#ifndef REPORT_EXPECT_PRIVATE_H
#define REPORT_EXPECT_PRIVATE_H

#include "model/expectation.h"
#include "model/trace.h"
#include "report/check_result.h"
#include "report/facts.h"

/* ---- a walk over the trace, shared by all claims ---- */

struct expect_walk {
    const struct run_trace *run;
    struct arena *arena;                /* of everything that lasts */
    struct arena scratch;               /* emptied at each record */
    const struct api_object **versions; /* the newest of each object, by ordinal; stays when it is gone */
    uint32_t version_room;
    bool wants_facts;
    struct fact_reader facts; /* when some claim wants them */
    uint32_t next;            /* record */
};

void walk_init(struct expect_walk *w, const struct run_trace *run, struct arena *a);
void walk_fini(struct expect_walk *w);
const struct api_object *walk_version(const struct expect_walk *w, uint32_t ordinal); /* or NULL */

/* ---- one thing said of a version ---- */

enum test_kind {
    TEST_PHASE,
    TEST_COLUMN,   /* of kubectl get: STATUS, READY */
    TEST_RESTARTS, /* of the pod */
    TEST_CONDITION,
    TEST_POD_REASON,
    TEST_STATE, /* of the container, and so on */
    TEST_REASON,
    TEST_EXIT_CODE,
    TEST_CONTAINER_RESTARTS,
    TEST_ENDPOINTS,
    TEST_FIELD,
};

struct test {
    enum test_kind kind;
    const char *label; /* "phase", "{.status.podIP}", "exit code" */
    const char *name;  /* of the condition, the container, the column */
    struct comparison compare;
    const struct jsonpath *path;
    enum endpoint_role role;
    struct endpoints_wanted endpoints;
};

struct claim;
void tests_make(struct claim *c);
/* What is there: NULL = nothing. Scratch memory. */
const char *test_value(const struct claim *c, const struct test *t, const struct api_object *o);
bool test_holds(const struct claim *c, const struct test *t, const struct api_object *o);
const char *test_wanted(struct arena *a, const struct test *t); /* "Running", ">= 2", "web-0, web-1" */

/* ---- claims ---- */

#define SPAN_OPEN SIM_TIME_MAX

/* A stretch of the run, from one record to another: [from, to). Both at one instant: in between, only who watches saw
 * it. */
struct span {
    sim_time from, to;    /* to: SPAN_OPEN while it lasts */
    uint32_t first, last; /* records that began and ended it; last 0 while it lasts */
};

/* An object that a claim is about. */
struct member {
    uint32_t ordinal;
    const struct api_object *version; /* the newest; NULL = not, or no more, one of those */
    bool holds;
};

/* Occurrences first, first + every ... */
struct happening {
    sim_time first, every;
    uint64_t count;
    uint32_t record;
    const char *text; /* what it was */
};

/* Something said of objects, without a when. It is true of a run for some of the time, or happens now and then. */
struct claim {
    const struct expectation *said;
    struct expect_walk *walk;
    struct expectation_subject subject;
    bool any; /* one member is enough: never */
    bool happens;
    struct comparison count; /* text NULL = not said */
    struct comparison event, message;
    LIST_OF(struct test) tests;

    struct pool members; /* struct member, in order of appearance */
    uint32_t *slots;     /* 1 + index of a member, by ordinal */
    uint32_t slot_room;
    uint32_t living, holding;        /* members there now, and those it holds of */
    bool ever;                       /* there was one at some time */
    struct pool slices;              /* struct member: EndpointSlices, when endpoints are asked for */
    bool holds, broken;              /* now; broken: there is something, and it does not hold */
    struct pool truth, broken_spans; /* struct span */
    struct pool happenings;          /* struct happening */
};

void claim_init(struct claim *c, const struct expectation *e, struct expect_walk *w);
void claims_step(struct claim *claims, uint32_t count, struct expect_walk *w); /* one record */
/* Follows the trace to its (present) end. */
void claims_follow(struct claim *claims, uint32_t count, struct expect_walk *w);

/* ---- expect_happening.c ---- */

void happening_follow(struct claim *c, uint32_t index, const struct trace_record *r);
void happening_fact(struct claim *c, const struct fact *f);

/* Those in [from, to]. */
uint64_t happenings_in(const struct claim *c, sim_time from, sim_time to);
struct occurrence {
    sim_time at;
    const struct happening *of;
};
/* The first one not before `from`; if it is the very thing that `except` (or NULL) is, after `from`. false = none. */
bool happening_next(const struct claim *c, sim_time from, const struct happening *except, struct occurrence *ret);
bool happening_before(const struct claim *c, sim_time before, struct occurrence *ret); /* the last one before */

/* ---- verdicts ---- */

struct window {
    sim_time from, to;
};
/* Where what is wanted must be found (tolerance widens it), or must not (tolerance narrows it). */
struct window expect_window(const struct expectation *e, sim_time end);
bool expect_touches(const struct span *s, const struct window *w);
sim_time expect_tolerance(const struct expectation *e);

/* An expectation with its claim, or those of its order. */
struct expect_check {
    const struct expectation *said;
    struct claim *claims;
    uint32_t count;
    uint32_t met;    /* items of an order, from its beginning */
    sim_time *times; /* when each came true */
};
bool expect_run_is_over(const struct run_trace *run); /* nothing would have happened after its end */

/* ---- expect_traffic.c ---- */

/* Of an expectation about requests; false: *ret says what was seen. */
bool expect_traffic_met(const struct expectation *e, const struct expect_walk *w, struct check_result *ret);

/* ---- expect_tell.c ---- */

const char *expect_name(struct arena *a, const struct expectation *e);
const char *expect_subject_name(struct arena *a, const struct expectation *e); /* "pod/web", "pods with app=web" */
const char *expect_what(struct arena *a, const struct expectation *e);         /* "status Running" */
const char *expect_when(struct arena *a, const struct expectation *e);         /* " within 1m0s", "" */
const char *expect_wanted(struct arena *a, const struct expectation *e);       /* "never status Error from 10s" */
const char *expect_seconds(struct arena *a, sim_time t);                       /* "35.445s", as timelines have it */
const char *expect_cut(struct arena *a, const char *text);                     /* one line, not too long */

/* ---- expect_explain.c ---- */

void expect_explain(const struct expect_check *k, struct expect_walk *w, struct check_result *ret);

#endif
