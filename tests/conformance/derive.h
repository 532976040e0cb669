/* derive.h - what a recorded run drew, read off its runtime calls and its timeline. */
#ifndef TESTS_CONFORMANCE_DERIVE_H
#define TESTS_CONFORMANCE_DERIVE_H

#include "model/playback.h"
#include "tests/conformance/recording.h"

/* Times are shifted by `shift`: the simulated instant of the recording's t = 0. */
void derive_playback(struct arena *a, const struct recording *r, sim_time shift, struct playback *ret);

#endif
