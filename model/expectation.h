/* expectation.h - what a scenario expects of its run (spec.expect), as it is written.
 *
 *     expect:
 *     - {pod: web, phase: Running, within: 60s}
 *     - {service: web, endpoints: ">= 1", always: true, from: 10s}
 *     - {pod: web, event: BackOff, count: ">= 3"}
 *
 * Each says when (at most one of at, within, eventually, never, always; none = at the end), what it is about and what
 * holds of it: states, or one happening. Here are the tables (expectation.c), what tables cannot say
 * (expectation_check.c) and comparisons (expectation_compare.c); report/expect.h holds a run against them.
 */
#ifndef MODEL_EXPECTATION_H
#define MODEL_EXPECTATION_H

#include "model/api_core.h"
#include "model/jsonpath.h"
#include "model/selector.h"

/* ---- comparisons ---- */

enum compare_op {
    COMPARE_EQUAL,
    COMPARE_NOT,
    COMPARE_GLOB, /* * and ?; \ before a character makes it ordinary */
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
bool glob_is_pattern(const char *text); /* has * or ?, or a \ */

/* ---- expectations ---- */

struct expectation;
typedef LIST_OF(struct expectation) expectation_list;

struct expectation {
    const char *name; /* NULL = made from the rest */

    /* when; SIM_NEVER = not said */
    sim_time at, within, after, from, to, lasts, tolerance;
    struct opt_bool eventually, never, always;

    /* what it is about */
    const char *traffic; /* a client of spec.traffic; then only name, pod, cause, served, lost, sent, from and to count */
    const char *cause;
    const struct value *served, *lost, *sent;
    const char *pod, *service, *node, *object, *objects, *selector, *namespace_;

    /* what holds: comparisons as written, maps of them */
    struct opt_bool exists;
    const struct value *phase, *status, *ready, *restarts, *conditions, *endpoints, *fields;
    const char *container, *state;
    const struct value *reason, *exit_code;
    /* or what happens */
    const struct value *event, *message, *count;
    const char *log, *happens;

    expectation_list order; /* instead of all that */

    struct src_pos pos;
    const struct value *written;
};

extern const struct api_type expectation_type;
/* What holds or happens, without a when: an item of `order`, spec.stop.when. */
extern const struct api_type expectation_item_type;

/* Notes where each stands: `list` is the document's list. */
void expectations_place(expectation_list *l, const struct value *list);
void expectation_item_place(struct expectation *item, const struct value *v);
/* Times that a run until then does not reach are mistakes; returns -1 if there is one. */
int expectations_check_times(const expectation_list *l, struct diag_set *d, sim_time until);
/* The last time that one of them names; 0 = none does. */
sim_time expectations_last_time(const expectation_list *l);

/* What it is about. */
struct expectation_subject {
    enum api_kind kind;
    const char *name;       /* or a pattern; NULL = any */
    const char *namespace_; /* NULL = objects of this kind are in none */
    selector select;
    bool many; /* `objects`, or a pattern */
};
/* Returns NULL, or what is wrong with the field named. */
const char *expectation_subject(struct arena *a, const struct expectation *e, struct expectation_subject *ret,
                                const char **ret_field, const char **ret_suggestion);
/* Does an object of this name in this namespace (NULL = in none) fit, but for its labels? */
bool expectation_names(const struct expectation_subject *s, const char *namespace_, const char *name);
bool expectation_happens(const struct expectation *e); /* it is about an event, a line, a fact */

/* A key of `fields`: a template with braces, or one path without. */
int expectation_path(struct arena *a, const char *text, const struct jsonpath **ret, struct jsonpath_error *ret_error);

/* The endpoints of a Service that are asked for, by their conditions. ORDER ENDPOINT_ROLE: endpoint_role_names */
enum endpoint_role {
    ENDPOINTS_READY,
    ENDPOINTS_SERVING,
    ENDPOINTS_TERMINATING,
    ENDPOINTS_NOT_READY,
    ENDPOINT_ROLE_COUNT
};
extern const char *const endpoint_role_names[ENDPOINT_ROLE_COUNT];
struct endpoints_wanted {
    str_list names;           /* patterns; there are no others */
    struct comparison number; /* text NULL = names are given */
};
const char *endpoints_wanted_parse(struct arena *a, const struct value *v, struct endpoints_wanted *ret);

#endif
