/* test_watch.h - podsim test --watch: after the first run, again and again those cases that a change is about.
 *
 * A case is about the files that it read when it ran last, and its expected timelines. New cases are run; when files
 * appear or vanish, so are all cases that include others, which may be meant by a pattern. On a terminal, keys: a all
 * cases, f those that failed, u rewrite the expected timelines of those that failed, q end.
 */
#ifndef TOOLS_TEST_WATCH_H
#define TOOLS_TEST_WATCH_H

#include "report/test_result.h"
#include "tools/test_case.h"

struct test_watch; /* what is known of the cases from runs before, and what is to be run next */

/* Is this case to be run now? */
bool test_watch_wants(const struct test_watch *w, const struct test_case *c);
/* Told by the run: which cases there are, where, and what came of those that ran. */
void test_watch_learn(struct test_watch *w, const struct test_cases *cases, const struct test_result *results,
                      uint32_t count);

/* `run` finds, chooses, runs and reports, with the options given; its exit code is that of the command when the user
 * ends it. */
int test_watch(const struct options *o, int (*run)(const struct options *o, struct test_watch *w));

#endif
