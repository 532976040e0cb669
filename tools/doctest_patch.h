/* doctest_patch.h - a diff as documents show it, applied to a file: " " and "-" lines must stand in the text, once,
 * and " " and "+" lines replace them. "@@" lines separate hunks, each after the one before; their numbers do not count,
 * nor do "---" and "+++" lines at the beginning.
 */
#ifndef TOOLS_DOCTEST_PATCH_H
#define TOOLS_DOCTEST_PATCH_H

#include "sim/arena.h"
#include "sim/strbuf.h"

/* 0, or -1 with the line of the diff, from 1, where a hunk begins that does not fit, or fits twice. */
int doctest_patch(struct arena *a, const char *text, const char *diff, struct strbuf *ret, uint32_t *ret_line);

#endif
