/* programs_regex.h - regular expressions for grep, sed and expr: POSIX basic and extended, by
 * backtracking with a step limit, so that no pattern can hang a run.
 */
#ifndef MODEL_PROGRAMS_REGEX_H
#define MODEL_PROGRAMS_REGEX_H

#include "model/process.h"

enum { REGEX_EXTENDED = 1, REGEX_FIXED = 2, REGEX_ICASE = 4 };
enum { REGEX_GROUPS = 10 };
struct regex_match {
    size_t from[REGEX_GROUPS], to[REGEX_GROUPS]; /* [0]: all of it; to < from: group not set */
};
/* What is wrong with a pattern, in the C library's words; NULL = nothing. */
const char *regex_error(const char *pattern, int flags);
/* The leftmost match at or after `from`. A malformed pattern matches nothing. */
bool regex_search(struct cri *c, const char *pattern, const char *text, size_t from, int flags,
                  struct regex_match *ret);

#endif
