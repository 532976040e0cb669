/* expectation.h - what a scenario expects of its run (spec.expect), as it is written.
 *
 *     expect:
 *     - {pod: web, phase: Running, within: 60s}
 *     - {service: web, endpoints: ">= 1", always: true, from: 10s}
 *     - {pod: web, event: BackOff, count: ">= 3"}
 *
 * Each says when (at most one of at, within, eventually, never, always; none = at the end), what it is about and what
 * holds of it. Here are the tables, what tables cannot say, and comparisons; report/expect.h holds a run against them.
 */
#ifndef MODEL_EXPECTATION_H
#define MODEL_EXPECTATION_H

#include "model/api_core.h"

/* ---- comparisons ---- */

enum compare_op {
    COMPARE_EQUAL,
    COMPARE_NOT,
    COMPARE_GLOB, /* * and ?; \ before them makes them ordinary */
    COMPARE_NOT_GLOB,
    COMPARE_LESS,
    COMPARE_AT_MOST,
    COMPARE_MORE,
    COMPARE_AT_LEAST,
    COMPARE_RANGE,
};

struct compare_term {
    enum compare_op op;
    const char *text;         /* of EQUAL, NOT and the globs */
    struct quantity from, to; /* of the others: a number, or an amount such as 500m and 1Gi; `to` of RANGE only */
    bool truth;               /* text is true or false, in any case */
};

/* One of the terms holds. */
struct comparison {
    const char *text; /* as it was written, for messages: ">= 2", "one of a, b" */
    LIST_OF(struct compare_term) terms;
};

/* Returns NULL, or what is wrong with it. */
const char *comparison_parse(struct arena *a, const struct value *v, struct comparison *ret_comparison);
/* actual NULL = there is no such value: equal to nothing but "". */
bool comparison_holds(const struct comparison *c, struct arena *scratch, const char *actual);
bool comparison_holds_int(const struct comparison *c, int64_t actual);
/* Is it about a number: `2`, `">= 2"`, `"1..3"`? */
bool comparison_is_number(const struct comparison *c);
bool glob_matches(const char *pattern, const char *text);
bool glob_is_pattern(const char *text); /* has an unescaped * or ? */

/* ---- expectations ---- */

struct expectation {
    const char *name; /* NULL = made from the rest */

    /* when; SIM_NEVER = not said */
    sim_time at, within, after, from, to, lasts, tolerance;
    struct opt_bool eventually, never, always;

    /* what it is about */
    const char *pod, *namespace_;

    /* what holds: comparisons as written */
    struct opt_bool exists;
    const struct value *phase, *status, *ready, *restarts;

    struct src_pos pos;
};
typedef LIST_OF(struct expectation) expectation_list;

extern const struct api_type expectation_type;

/* Notes where each stands: `list` is the document's list, or the only one. */
void expectations_place(expectation_list *l, const struct value *list);

#endif
