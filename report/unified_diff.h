/* unified_diff.h - two texts, line by line, in the format of diff -u.
 *
 *     struct unified_options o = {.from = "web.timeline", .to = "this run", .context = 3, .lines_max = 80};
 *     unified_diff(expected, expected_length, actual, actual_length, &o, &out);
 */
#ifndef REPORT_UNIFIED_DIFF_H
#define REPORT_UNIFIED_DIFF_H

#include "sim/strbuf.h"

struct unified_options {
    const char *from, *to; /* what the two are called in the first lines */
    uint32_t context;      /* unchanged lines around a change */
    uint32_t lines_max;    /* so many lines, and how many more there are; 0 = all */
    bool color;
};

/* Nothing is added when the texts are equal. */
void unified_diff(const char *from, size_t from_length, const char *to, size_t to_length,
                  const struct unified_options *options, struct strbuf *out);

#endif
