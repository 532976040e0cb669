/* derive.h - what a recorded run drew, read off its runtime calls and its timeline. */
#ifndef TESTS_CONFORMANCE_DERIVE_H
#define TESTS_CONFORMANCE_DERIVE_H

#include <string.h>

#include "model/playback.h"
#include "tests/conformance/recording.h"

/* What derive.c's files share. */
static inline bool is(const char *a, const char *b) { return a && b && strcmp(a, b) == 0; }
static inline bool begins(const char *s, const char *head) { return strncmp(s, head, strlen(head)) == 0; }

/* derive_lags.c: this exit fell between the list and the inspection of a relist. `tick`: the sync tick's phase on the
 * recording's clock. */
bool fell_into_relist(const struct recording *r, const struct recorded_call *exit, sim_time tick);

/* derive_writes.c */
void derive_writes(struct arena *a, const struct recording *r, sim_time shift, struct playback *p);

/* derive_syncs.c: which syncs of Jobs knew of a write of the same moment. */
void derive_syncs(struct arena *a, const struct recording *r, sim_time shift, struct playback *p);

/* derive_names.c: how what controllers made was called, which nodes pods went to. */
void derive_names(struct arena *a, const struct recording *r, sim_time shift, struct playback *p);

/* derive_relists.c: the end of the sync that started a container, which may have started others after it. */
sim_time sync_end(const struct recording *r, const struct recorded_call *start);
/* Sets relists and relist_period; the sync tick must be known. */
void derive_relists(struct arena *a, const struct recording *r, sim_time shift, struct playback *p);

/* No times: only how what controllers made was called, and where pods went. */
void derive_placing(struct arena *a, const struct recording *r, struct playback *ret);

/* Times are shifted by `shift`: the simulated instant of the recording's t = 0. */
void derive_playback(struct arena *a, const struct recording *r, sim_time shift, struct playback *ret);

#endif
