/* explain_field.h - what a field of a document is, as `kubectl explain` says it, from the tables.
 *
 *     KIND:       Scenario
 *     VERSION:    podsim.dev/v1
 *
 *     FIELD: actions <[]ScenarioAction>
 *     ...
 */
#ifndef MODEL_EXPLAIN_FIELD_H
#define MODEL_EXPLAIN_FIELD_H

#include "sim/arena.h"
#include "sim/strbuf.h"

/* path: "scenario.spec.actions", "pod.spec.containers"; recursive: only names and types, to the bottom.
 * Returns 0, or -1 with one line of complaint. */
int explain_field(struct arena *a, const char *path, bool recursive, struct strbuf *out, struct strbuf *complaint);
/* The kinds that a path can begin with. */
void explain_roots(struct strbuf *out);

#endif
