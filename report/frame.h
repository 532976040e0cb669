/* frame.h - one picture of a run as it is played in a terminal: the chart up to an instant, kubectl's view of that
 * instant, and what happened last.
 */
#ifndef REPORT_FRAME_H
#define REPORT_FRAME_H

#include "report/report.h"

struct frame_options {
    sim_time at;
    uint32_t width, height; /* of the terminal */
    bool color, ascii;
    const char *head; /* the first line */
};

/* At most `height` lines, each at most `width` characters and ended by "\n". */
void report_frame(const struct run_trace *run, const struct frame_options *options, struct strbuf *out);

/* The time of the next (direction 1) or previous (-1) thing that happened after or before `at`; the end or 0 when there
 * is none. */
sim_time report_next(const struct run_trace *run, sim_time at, int direction);

#endif
