/* job.c - from the files of a command line to a scenario, a run and a report. */
#include "tools/job.h"

#include <string.h>

#include "report/report.h"
#include "tools/output.h"

enum { DIAG_CAP = 50 };

void job_print_diags(const struct job *j)
{
    struct strbuf text = STRBUF_INIT;
    diag_print(&j->diags, &text, DIAG_CAP);
    output_error(&text);
    strbuf_fini(&text);
}

/* Fields that are accepted and have no effect: said once, grouped. */
static void print_unmodelled(const struct scenario *s)
{
    if (s->unmodelled.count == 0)
        return;
    struct strbuf text = STRBUF_INIT;
    strbuf_puts(&text, "podsim: accepted, not modelled:\n");
    for (uint32_t i = 0; i < s->unmodelled.count; i++)
        strbuf_printf(&text, "  %s\n", s->unmodelled.items[i]);
    output_error(&text);
    strbuf_fini(&text);
}

void job_fini(struct job *j)
{
    diag_fini(&j->diags);
    arena_fini(&j->arena);
    inputs_fini(&j->inputs);
}

int job_load(struct job *j, const struct options *o)
{
    struct strbuf complaint = STRBUF_INIT;
    *j = (struct job){0};
    arena_init(&j->arena, 0);
    diag_init(&j->diags);
    int bad = inputs_read(&j->inputs, o->files.items, o->files.count, &complaint);
    output_error(&complaint);
    strbuf_fini(&complaint);
    if (j->inputs.count && scenario_load(&j->arena, &j->diags, j->inputs.items, j->inputs.count, inputs_read_relative,
                                         &j->inputs, &j->scenario) < 0)
        bad = -1;
    if (j->diags.error_count || (!o->quiet && j->diags.warning_count))
        job_print_diags(j);
    if (bad == 0 && !o->quiet)
        print_unmodelled(&j->scenario);
    return bad;
}

static int limit_reached(struct cluster *c)
{
    struct strbuf text = STRBUF_INIT;
    const char *what = cluster_limit_text(c), *cycle = strstr(what, "; ");
    int n = cycle ? (int)(cycle - what) : (int)strlen(what);
    strbuf_printf(&text, "podsim: %.*s\n", n, what);
    if (cycle)
        strbuf_printf(&text, "  %s\n", cycle + 2);
    if (cluster_limit_can_be_set(c))
        strbuf_puts(&text, "  limits are set with --limit-events, --limit-instant and --limit-memory\n");
    output_error(&text);
    strbuf_fini(&text);
    return EXIT_LIMIT;
}

struct cluster *job_run(const struct job *j, const struct options *o, int *ret_code)
{
    struct cluster_options options = o->cluster;
    options.diags = &j->diags;
    struct cluster *c = cluster_new(&j->scenario, &options);
    *ret_code = cluster_run(c) == RUN_LIMIT ? limit_reached(c) : EXIT_OK;
    return c;
}

void job_report(const struct run_trace *trace, const struct job *j, const struct options *o)
{
    struct report_options r = {
        .format = o->command == CMD_LOGS ? REPORT_LOGS : o->format,
        .color = output_color(o->color),
        .header = !o->no_header,
        .width = (uint32_t)o->width,
        .scenario = j->scenario.name,
    };
    report_write(trace, &r, &output);
}
