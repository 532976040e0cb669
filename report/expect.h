/* expect.h - a finished run held against what its scenario expects (spec.expect; model/expectation.h).
 *
 *     struct check_results r;
 *     expect_check(&trace, &scenario.expectations, &arena, &r);
 *     for (uint32_t i = 0; i < r.count; i++) ... r.items[i].outcome ...
 *
 * A pure function of the trace. All expectations share one walk over it.
 */
#ifndef REPORT_EXPECT_H
#define REPORT_EXPECT_H

#include "model/expectation.h"
#include "model/trace.h"
#include "report/check_result.h"

/* One result per expectation, in the order written. */
void expect_check(const struct run_trace *run, const expectation_list *expected, struct arena *a,
                  struct check_results *ret);

#endif
