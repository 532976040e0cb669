/* story.h - the run told as rows: one per meaningful change, with its reason.
 *
 * What is steady is left out (probes that keep passing, syncs that change nothing); changes of one
 * write share a row. The timeline prints the rows; charts and pages can use the same story.
 */
#ifndef REPORT_STORY_H
#define REPORT_STORY_H

#include "report/view.h"

enum story_tone {
    TONE_PLAIN,
    TONE_GOOD,
    TONE_WARN, /* something failed, and may recover */
    TONE_BAD,  /* something was killed, crashed or cannot start */
    TONE_ACTION,
    TONE_DIM,
};

struct story_row {
    sim_time at;
    const char *object; /* "pod/web"; NULL: `what` is a kubectl line and begins in the object's column */
    const char *what;
    const char *why;   /* NULL = goes without saying */
    const char *block; /* lines printed under the row (what kubectl printed); NULL = none */
    enum story_tone tone;
    uint32_t record; /* where it comes from */
};

struct story {
    struct view view;
    struct pool rows;     /* struct story_row, in order of happening */
    uint32_t last_action; /* private: 1 + its row, 0 = none */
    struct pool slices;   /* private: uint32_t, ordinals of the EndpointSlices seen */
    struct pool traffic;  /* private: uint32_t, records about requests */
    struct pool diags;    /* private: const struct trace_diag *, those told */
};

void story_init(struct story *s, const struct run_trace *run); /* tells the whole run */
void story_fini(struct story *s);

#endif
