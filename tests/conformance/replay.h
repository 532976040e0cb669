/* replay.h - a recorded scenario played by podsim. */
#ifndef TESTS_CONFORMANCE_REPLAY_H
#define TESTS_CONFORMANCE_REPLAY_H

#include "model/playback.h"
#include "tests/conformance/recording.h"

/* The instant of simulated time that is the recording's t = 0: as far into a second of the API's clock. */
sim_time replay_start(const struct recording *r);
#define SERVER_START (15 * SIM_MS) /* until a server listens; where it is played back, it is part of the playback */

/* The recording as a Scenario document: under the profile typical, or with a seed that is not 0 under jittered. */
const char *replay_scenario(struct arena *a, const struct recording *r, bool played_back, uint64_t seed);
/* Runs it with what was derived from it (derive.h). Returns 0, or -1 and the reason. */
int replay(struct arena *a, const struct recording *r, const struct playback *playback, uint64_t seed,
           struct lines *ret_lines, const char **ret_error);

#endif
