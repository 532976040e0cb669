/* check_result.h - what came of one check of a run: an expectation of its scenario, or a golden held against it. */
#ifndef REPORT_CHECK_RESULT_H
#define REPORT_CHECK_RESULT_H

#include "model/apitype.h"

enum check_outcome { CHECK_PASSED, CHECK_FAILED, CHECK_SKIPPED };

/* Strings live in the arena that was given to who made it. */
struct check_result {
    const char *name; /* unique within its case */
    enum check_outcome outcome;
    const char *file; /* where it is written; NULL = nowhere */
    uint32_t line, column;
    const char *message; /* failed: one line, expected and seen; passed: "rewritten", when it has not passed by itself */
    sim_time until; /* failed: all that shows it has happened by then; 0 = at the end of the run */
    const char *details; /* failed: more lines, each with its newline (nearest, causes, differences); NULL = none */
};

struct check_results {
    struct check_result *items;
    uint32_t count;
};

#endif
