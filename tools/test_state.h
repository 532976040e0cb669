/* test_state.h - which cases have failed when they ran last: for --last-failed and --failed-first.
 *
 * One small file per directory that `podsim test` is run in: podsim/failed-HASH in $XDG_CACHE_HOME, or else in
 * ~/.cache. A cache: it may be lost, and what goes wrong with it is not told.
 */
#ifndef TOOLS_TEST_STATE_H
#define TOOLS_TEST_STATE_H

#include "report/test_result.h"
#include "tools/test_case.h"

struct test_state {
    struct arena arena;
    const char *path;      /* NULL = there is no place for it */
    const char *directory; /* the one that podsim runs in */
    str_list failed;       /* "/home/me/app/web.yaml[grace=5]" */
};

/* `on` false: nothing is known, and nothing will be kept. */
void test_state_load(struct test_state *ret_state, bool on);
bool test_state_failed(const struct test_state *s, const struct test_case *c);
/* Keeps what these results say; of other cases it stays known what it was. */
void test_state_save(struct test_state *s, const struct test_result *results, uint32_t count);
void test_state_fini(struct test_state *s);

#endif
