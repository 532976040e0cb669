/* why_not.h - what keeps a wish from coming true: the guards that are false, since when, and who could change them.
 *
 *     podsim why-not web.yaml 'deploy/web Available'
 *
 * A wish is an object and what it should be: pod/NAME Scheduled, Running or Ready; deploy/NAME Available or Complete;
 * svc/NAME endpoints; with @TIME as of a time, else at the end. A pod's guards are a table in the order in which they
 * come true; a workload's and a Service's are those of its pods.
 */
#ifndef REPORT_WHY_NOT_H
#define REPORT_WHY_NOT_H

#include "report/why.h"

/* Returns 1 when the wish is true, 0 when something is in its way (either way `out` says so), -1 with *ret_error. `w`
 * is the memory of the answer: why_fini() is due. */
int why_not_explain(struct why *w, const struct run_trace *run, const char *question, bool color, struct strbuf *out,
                    const char **ret_error);

#endif
