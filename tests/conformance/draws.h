/* draws.h - the profile typical with other phases, factors and latencies: do any lead to what was recorded? */
#ifndef TESTS_CONFORMANCE_DRAWS_H
#define TESTS_CONFORMANCE_DRAWS_H

#include "tests/conformance/compare.h"
#include "tests/conformance/replay.h"

/* Tries draws until one agrees with the recording. Where the closest one has fewer deviations than *found, it
 * replaces *run and *found; returns its seed, or 0. */
uint64_t draws_closest(struct arena *a, const struct recording *r, const struct playback *playback,
                       tolerance_fn *tolerance, struct lines *run, struct comparison *found);

#endif
