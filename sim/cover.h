/* cover.h - marks of the rows of decision tables that runs of this process have reached.
 *
 * A decision table (an ordered list of rules, a switch, a ladder of ifs) names its rows once, at file
 * scope, and marks the row that decided:
 *
 *     enum { ROW_FIRST, ROW_OTHER };
 *     COVER_TABLE(choice, "choice of a thing", "the first one", "any other");
 *     ...
 *     COVER(choice, i == 0 ? ROW_FIRST : ROW_OTHER);
 *
 * A test runs all scenarios and fails when a row of a listed table is reached by none. A mark costs one
 * byte written. Marks are no state of a run: nothing reads them while one is in progress, and saving,
 * restoring and digests do not see them.
 */
#ifndef SIM_COVER_H
#define SIM_COVER_H

#include "sim/base.h"

struct cover_table {
    const char *name;
    const char *const *rows; /* [count], in the table's own order */
    uint32_t count;
    uint8_t *hit; /* [count]: 1 = reached since the last cover_reset() */
};

#define COVER_TABLE(id, title, ...)                                                                                    \
    static const char *const id##_cover_rows[] = {__VA_ARGS__};                                                        \
    static uint8_t id##_cover_hit[ARRAY_LEN(id##_cover_rows)];                                                         \
    const struct cover_table cover_##id = {title, id##_cover_rows, ARRAY_LEN(id##_cover_rows), id##_cover_hit}

#define COVER(id, row) ((void)(id##_cover_hit[(row)] = 1))

/* How many rows a table has, to tie it to the array it describes with a _Static_assert. */
#define COVER_ROWS(id) ARRAY_LEN(id##_cover_rows)

#endif
