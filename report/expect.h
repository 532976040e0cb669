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

/* spec.stop.when while the run goes on: cluster_options.stop_when and stop_ctx. NULL for NULL.
 *
 *     options.stop_ctx = expect_stop_new(&arena, scenario.stop_when);
 *     options.stop_when = options.stop_ctx ? expect_stop_now : NULL;
 *     ... run ...
 *     expect_stop_free(options.stop_ctx);
 *
 * Lines that a behaviour prints every so often, and those that a server writes for probes, are seen when their
 * container ends: fast-forward only counts them before. */
void *expect_stop_new(struct arena *a, const struct expectation *when);
bool expect_stop_now(void *ctx, const struct run_trace *so_far);
void expect_stop_free(void *ctx);

/* One result per expectation, in the order written. */
void expect_check(const struct run_trace *run, const expectation_list *expected, struct arena *a,
                  struct check_results *ret);

#endif
