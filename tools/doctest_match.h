/* doctest_match.h - is this what the document shows? Line by line; blanks at the ends of lines and empty lines at the
 * end do not count. In what is shown, "..." stands for anything within a line, and a line of "..." for any lines, as
 * in Python's doctest.
 */
#ifndef TOOLS_DOCTEST_MATCH_H
#define TOOLS_DOCTEST_MATCH_H

#include "sim/arena.h"
#include "sim/strbuf.h"

/* Whether `seen` is what is `shown`. When it is not: *diff gets the lines that differ ("-" shown, "+" seen, with up to
 * three lines around them; `line` is the document's of the first that is shown), and *update what the document should
 * show: lines that are right stay as they are written, "..." and all. */
bool doctest_match(const char *shown, const char *seen, uint32_t line, struct strbuf *diff, struct strbuf *update);

#endif
