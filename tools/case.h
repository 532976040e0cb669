/* case.h - one case of `podsim test`: load, run, check. */
#ifndef TOOLS_CASE_H
#define TOOLS_CASE_H

#include "report/test_result.h"
#include "tools/golden.h"
#include "tools/test_case.h"

struct case_settings {
    const struct options *options;
    struct golden_policy goldens;
    bool digest;         /* somebody wants to see it */
    const char *command; /* options that the command to reproduce it needs: " --seed 17" */
    const char *more;    /* those that podsim run has no use for */
};

/* Strings of the result are in `a` or in `c`. */
void case_run(const struct test_case *c, const struct case_settings *settings, struct arena *a,
              struct test_result *ret_result);
/* What is known of a case that has not run. */
void case_result(const struct test_case *c, const struct case_settings *settings, struct arena *a,
                 struct test_result *ret_result);
/* `text` as one word of a POSIX shell. */
void put_shell_word(struct strbuf *out, const char *text);

#endif
