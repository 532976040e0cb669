/* cmd_run.c - podsim run: simulate, and report. */
#include "report/verify.h"
#include "tools/commands.h"
#include "tools/job.h"
#include "tools/output.h"

/* A broken promise is a bug of podsim. */
static int verified(const struct run_trace *trace)
{
    struct strbuf text = STRBUF_INIT;
    struct verify_result result;
    if (verify_trace(trace, &text, &result)) {
        strbuf_puts(&text, "podsim: this run does what no cluster does; please report it with its input\n");
        output_error(&text);
    }
    strbuf_fini(&text);
    return result.broken ? EXIT_INTERNAL : EXIT_OK;
}

/* What only the run could find out, such as a syntax error in a script, with the line it stands in. Not EXIT_OK when
 * warnings are errors. */
static int print_found(const struct run_trace *trace, struct job *j, const struct options *o)
{
    diag_clear(&j->diags);
    for (uint32_t i = 1; i < trace_count(trace->trace); i++) {
        const struct trace_record *r = trace_at(trace->trace, i);
        const struct trace_diag *d = r->kind == TRACE_DIAG ? r->data : NULL;
        if (d && d->at.line && d->at.file < j->diags.files.count)
            diag_report(&j->diags, CODE_SCRIPT, d->at, NULL, "%s", d->message);
    }
    output_diags(&j->diags, o);
    return j->diags.error_count ? EXIT_INPUT : EXIT_OK;
}

static int run_loaded(struct job *j, const struct options *o)
{
    int code;
    struct cluster *c = job_run(j, o, &code);
    struct run_trace trace = cluster_trace(c);
    job_report(&trace, j, o);
    if (print_found(&trace, j, o) != EXIT_OK && code == EXIT_OK)
        code = EXIT_INPUT;
    if (o->digest)
        strbuf_printf(&output, "digest: %016" PRIx64 "\n", cluster_digest(c));
    if (o->verify && verified(&trace) != EXIT_OK)
        code = EXIT_INTERNAL;
    cluster_free(c);
    return code;
}

int cmd_run(const struct options *o)
{
    struct job j;
    int code = job_load(&j, o) < 0 ? EXIT_INPUT : run_loaded(&j, o);
    job_fini(&j);
    return code;
}
