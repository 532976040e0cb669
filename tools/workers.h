/* workers.h - a fixed number of processes that share out numbered jobs. Knows nothing of what they do.
 *
 * Workers are forked once, with everything in memory that they need, and take job numbers from a counter in shared
 * memory; what a job comes to is bytes, sent to the parent through a pipe. A worker that dies takes only its job with
 * it: the parent is told how it died, and what it had on standard error, and starts another one. Workers never outlive
 * the parent.
 */
#ifndef TOOLS_WORKERS_H
#define TOOLS_WORKERS_H

#include "sim/strbuf.h"

struct worker_death {
    bool timed_out; /* it took longer than `max_wall_ns` */
    int signal;     /* that killed it; 0 = it exited */
    int exit_code;
    const char *said; /* on standard error, its last 64 KiB */
    int64_t wall_ns;  /* since the job began */
};

struct workers {
    void *ctx;
    uint32_t jobs;       /* their number */
    uint32_t count;      /* of processes, at least 1 */
    int64_t max_wall_ns; /* of one job; 0 = no limit */
    /* In a worker: does job `job`; what it appends to *out is sent. */
    void (*work)(void *ctx, uint32_t job, struct strbuf *out);
    /* In the parent, once per job that was done, in any order. */
    void (*done)(void *ctx, uint32_t job, const char *bytes, size_t n, int64_t wall_ns);
    void (*died)(void *ctx, uint32_t job, const struct worker_death *how);
    /* In the parent, after each of these and at least ten times a second: true = enough, stop. Those who are at work
     * are killed. */
    bool (*enough)(void *ctx);
};

/* Returns when all jobs are done, or `enough` said so. -1 = no process can be started (errno). */
int workers_run(const struct workers *w);

int64_t wall_now(void); /* ns on a clock that only goes forward */

#endif
