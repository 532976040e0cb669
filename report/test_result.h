/* test_result.h - what `podsim test` has found out: one result per case, and all of them together.
 *
 * A case is one scenario file, or one combination of its parameters. This is all that the reporters
 * (test_console.c, test_junit.c, test_tap.c, test_json.c, test_github.c) know; each is a pure function of it.
 */
#ifndef REPORT_TEST_RESULT_H
#define REPORT_TEST_RESULT_H

#include "report/check_result.h"
#include "sim/strbuf.h"

/*    id        name       of several: "3 failed" */
#define TEST_OUTCOMES(X)                                                                                               \
    X(PASSED, "passed", "passed")                                                                                      \
    X(FAILED, "failed", "failed")                    /* a check failed */                                              \
    X(INVALID, "invalid", "invalid")                 /* the input is wrong */                                          \
    X(LIMIT, "limit", "stopped by a limit")          /* events, memory, wall time */                                   \
    X(CRASHED, "crashed", "crashed")                 /* a bug of podsim */                                             \
    X(MACHINE, "machine", "given up by the machine") /* no memory, a file cannot be written */                         \
    X(SKIPPED, "skipped", "not run")                 /* --fail-fast, an interrupt */

enum test_outcome {
#define X(id, name, plural) TEST_##id,
    TEST_OUTCOMES(X)
#undef X
        TEST_OUTCOME_COUNT
};
extern const char *const test_outcome_names[TEST_OUTCOME_COUNT];

struct test_result {
    const char *id;   /* "web.yaml[grace=5]" */
    const char *file; /* "web.yaml" */
    uint32_t line;    /* of its Scenario document; 0 = it has none */
    const char *name; /* metadata.name; NULL = unknown */
    enum test_outcome outcome;
    const char *reason; /* one line: why it neither passed nor failed; NULL = no reason needed */
    struct check_results checks;
    const char *diagnostics;           /* warnings and errors, lines as `podsim run` prints them; NULL = none */
    const char *diagnostics_json;      /* the same with --diagnostics json; NULL = not wanted, or none */
    uint32_t error_line, error_column; /* of the first error in error_file */
    const char *error_file;            /* NULL = no position */
    bool ran;                          /* the following is known */
    sim_time end;                      /* simulated time at the end */
    uint64_t events, digest, seed;
    const char *kubernetes_version;
    int64_t wall_ns;       /* the only thing here that differs from run to run */
    const char *reproduce; /* "podsim test ..." */
    const char *look;      /* "podsim run ..."; NULL = there is nothing to look at */
    str_list files;        /* everything that was read, for --watch */
    str_list tags;
};

struct test_run {
    const struct test_result *results; /* in the order of the input */
    uint32_t count;
    uint32_t jobs;
    int64_t wall_ns;
    bool times; /* wall times and the number of jobs are shown */
    uint32_t slowest; /* so many are named at the end */
    bool interrupted;
    const char *version;   /* of podsim */
    const char *timestamp; /* when it began, "2026-01-01T00:00:00Z"; NULL = not shown */
    const char *directory; /* where it runs, below the root of the repository: "charts/"; NULL = there */
    uint32_t tap_version;  /* that the reader of --tap knows: 13, else 14 */
    str_list obsolete;     /* goldens that no case has asked for */
    bool pruned;           /* ... and that have been removed */
};

struct test_counts {
    uint32_t cases[TEST_OUTCOME_COUNT];
    uint32_t checks, failed_checks;
    uint32_t written; /* goldens that were rewritten or created */
};
void test_count(const struct test_run *run, struct test_counts *ret_counts);
/* Passed, or not run: nothing that has to be looked at. */
bool test_is_fine(const struct test_result *r);
/* That the case could be run is its first check, before its expectations and goldens: this one. */
void test_run_check(const struct test_result *r, struct check_result *ret_check);

/* ---- reporters ---- */

enum test_verbosity { TEST_QUIET, TEST_NORMAL, TEST_VERBOSE };
struct test_console_options {
    bool color;
    enum test_verbosity verbosity;
    uint32_t id_width; /* of the longest id; 0 = find out */
};
uint32_t test_console_id_width(const struct test_result *results, uint32_t count);
/* One case: one line, and what failed below it. */
void test_console_case(const struct test_result *r, const struct test_console_options *o, struct strbuf *out);
/* The last lines. */
void test_console_summary(const struct test_run *run, const struct test_console_options *o, struct strbuf *out);

void test_junit(const struct test_run *run, struct strbuf *out);
void test_tap(const struct test_run *run, struct strbuf *out);
void test_json(const struct test_run *run, struct strbuf *out);
/* Annotations for standard output, and the Markdown of the step's summary; either may be NULL. */
void test_github(const struct test_run *run, struct strbuf *annotations, struct strbuf *summary);

#endif
