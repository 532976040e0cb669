/* job.h - what every command that takes files needs: its input, read and decoded, and a run of it.
 *
 *     struct job j;
 *     int code = job_load(&j, o) < 0 ? EXIT_INPUT : ...;
 *     job_fini(&j);
 */
#ifndef TOOLS_JOB_H
#define TOOLS_JOB_H

#include "tools/files.h"
#include "tools/options.h"

struct job {
    struct inputs inputs;
    struct arena arena;
    struct diag_set diags;
    struct scenario scenario;
};

/* Reads and decodes o->files; says on standard error what is wrong with them. -1 = there were errors. */
int job_load(struct job *j, const struct options *o);
void job_fini(struct job *j); /* also after a job_load() that failed */

/* What --set says. */
parameter_settings job_settings(struct arena *a, const struct options *o);

/* A cluster that has run to its end; the caller frees it. A limit that was reached is said, and is *ret_code. */
struct cluster *job_run(struct job *j, const struct options *o, int *ret_code);
/* Adds the report that is asked for to `output`. */
void job_report(const struct run_trace *trace, const struct job *j, const struct options *o);

#endif
