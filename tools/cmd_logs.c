/* cmd_logs.c - podsim logs: simulate, and print what containers have written. */
#include "tools/commands.h"
#include "tools/job.h"
#include "tools/output.h"

static int logs_loaded(struct job *j, const struct options *o)
{
    struct strbuf notes = STRBUF_INIT;
    int code;
    struct cluster *c = job_run(j, o, &code);
    struct run_trace trace = cluster_trace(c);
    if (!o->logs.pod)
        job_report(&trace, j, o);
    else if (report_pod_logs(&trace, &o->logs, &output, &notes) < 0 && code == EXIT_OK)
        code = EXIT_NONE;
    output_error(&notes);
    strbuf_fini(&notes);
    cluster_free(c);
    return code;
}

int cmd_logs(const struct options *o)
{
    struct job j;
    int code = job_load(&j, o) < 0 ? EXIT_INPUT : logs_loaded(&j, o);
    job_fini(&j);
    return code;
}
