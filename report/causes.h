/* causes.h - why a row of the story happened: the rows that led to it, back to what the scenario says.
 *
 *     because pod/web container app exited 1 at 48.0 s
 *     because pod/web container app started again (restart 1) at 28.0 s (restartPolicy Always, exit 1)
 */
#ifndef REPORT_CAUSES_H
#define REPORT_CAUSES_H

#include "report/story.h"
#include "sim/strbuf.h"

/* Adds a line for each of at most `steps` rows that have something to say, the nearest first; none when the scenario
 * itself is the cause. The row's own reason comes first. */
void story_causes(struct story *s, const struct story_row *row, uint32_t steps, struct strbuf *out);

/* The row at that millisecond, about that object ("pod/web"; "" = an action), that says this; where several do not, the
 * last one about the object. Texts may be cut ("..."), as a timeline prints them. NULL = there is none. */
const struct story_row *story_find(const struct story *s, sim_time at, const char *object, const char *what);

#endif
