/* test_case.h - the cases of `podsim test`: which files there are, and what is a test among them. */
#ifndef TOOLS_TEST_CASE_H
#define TOOLS_TEST_CASE_H

#include "model/scenario.h"
#include "tools/options.h"

struct test_case {
    const char *id;         /* "web.yaml[grace=5]" */
    const char *file;       /* "web.yaml" */
    const char *file_label; /* its parameters as part of a file's name: "grace=5"; "" = none */
    uint32_t line;          /* of the Scenario document; 0 = there is none */
    str_list settings;      /* "grace=5": its parameters */
    str_list tags;
    bool unknown;      /* it cannot be read: nobody knows its cases */
    const char *wrong; /* why it cannot be a test; NULL = nothing found so far */
};

/* Why a file that was named is no test, when that is all that is wrong with it. */
extern const char test_case_nothing_to_hold[];

struct test_cases {
    struct arena arena;
    struct test_case *items;
    uint32_t count, cap;
    str_list files;       /* every file that was looked at, test or not */
    str_list directories; /* every directory */
};

/* Operands are files, directories (searched to the bottom), patterns and ids of cases, in this order; each case is
 * there once. Files that were not named and are no test are passed over. Returns 0, or -1 with a line per operand that
 * nothing is found for. */
int test_cases_find(struct test_cases *ret_cases, const struct text_list *operands, parameter_settings settings,
                    struct strbuf *complaint);
void test_cases_fini(struct test_cases *cases);

#endif
