/* test_session.h - one run of the chosen cases: workers, results as they come, progress. */
#ifndef TOOLS_TEST_SESSION_H
#define TOOLS_TEST_SESSION_H

#include "report/test_result.h"
#include "tools/case.h"

struct test_session {
    const struct options *o;
    const struct test_case *cases; /* [count], in the order in which they are told */
    uint32_t count, jobs;
    struct case_settings settings;
    struct test_console_options console;
    bool console_on; /* standard output is for the console */
    /* What comes of it. */
    struct arena arena;
    struct test_result *results; /* [count]; those that have not run are TEST_SKIPPED */
    int64_t wall_ns;
    int output_errno; /* standard output could not be written, and why */
    bool interrupted;
    /* Private. */
    bool *done;        /* [count] */
    uint32_t told;     /* the first cases, that have been told */
    uint32_t failures; /* among them */
    uint32_t finished; /* in any order */
    bool progress;     /* there is a terminal to show it on */
    bool progress_shown;
    int64_t began, progress_at;
};

/* Returns 0, or -1 with errno when no worker can be started. */
int test_session_run(struct test_session *s);
void test_session_fini(struct test_session *s);

#endif
