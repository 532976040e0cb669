/* cover_rows.h - "a unit test per row": which rows of a decision table the tests of this program have reached.
 * Call as the last test, with every table the program is about. Include after tap.h.
 */
#ifndef TESTS_UNIT_COVER_ROWS_H
#define TESTS_UNIT_COVER_ROWS_H

#include "sim/cover.h"

/* excused: rows that this program's tests cannot reach, NULL-terminated, or NULL. */
static void check_rows(const struct cover_table *t, const char *const *excused)
{
    for (uint32_t row = 0; row < t->count; row++) {
        bool excuse = false;
        for (const char *const *e = excused; e && *e; e++)
            excuse |= strcmp(*e, t->rows[row]) == 0;
        tap_row("%s: %s", t->name, t->rows[row]);
        if (excuse)
            CHECK(!t->hit[row]);
        else
            CHECK(t->hit[row]);
    }
}

#endif
