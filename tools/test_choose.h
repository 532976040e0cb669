/* test_choose.h - which of the cases that were found are run, and in which order. */
#ifndef TOOLS_TEST_CHOOSE_H
#define TOOLS_TEST_CHOOSE_H

#include "tools/test_case.h"
#include "tools/test_state.h"
#include "tools/test_watch.h"

/* By --tag, -k, --shard, --last-failed and --failed-first. -1 with a complaint: an option is wrong, or nothing is left.
 */
int test_choose(struct test_cases *cases, const struct options *o, const struct test_state *state,
                struct strbuf *complaint);
/* Those that --watch has a reason to run now; there may be none. */
void test_choose_watched(struct test_cases *cases, const struct test_watch *watch);
/* --list */
void test_list(const struct test_cases *cases, const struct options *o, struct strbuf *out);

#endif
