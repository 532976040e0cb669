/* job.c - from the files of a command line to a scenario, a run and a report. */
#include "tools/job.h"

#include <string.h>
#include <unistd.h>

#include "report/expect.h"
#include "report/report.h"
#include "tools/output.h"

/* Fields that are accepted and have no effect: said once, grouped. */
static void print_unmodelled(struct job *j, const struct options *o)
{
    const struct scenario *s = &j->scenario;
    if (o->quiet || s->unmodelled.count == 0)
        return;
    if (o->diagnostics == DIAGNOSTICS_JSON) {
        diag_clear(&j->diags);
        for (uint32_t i = 0; i < s->unmodelled.count; i++)
            diag_report(&j->diags, CODE_NO_EFFECT, SRC_POS_NONE, NULL, "accepted, not modelled: %s",
                        s->unmodelled.items[i]);
        output_diags(&j->diags, o);
        return;
    }
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

/* What could not be read, a line each, as diagnostics beside the others. */
static void report_unreadable(struct diag_set *d, const char *lines)
{
    static const char prefix[] = "podsim: ";
    while (*lines) {
        size_t n = strcspn(lines, "\n"), skip = strncmp(lines, prefix, sizeof prefix - 1) == 0 ? sizeof prefix - 1 : 0;
        diag_report(d, CODE_FILE, SRC_POS_NONE, NULL, "%.*s", (int)(n - skip), lines + skip);
        lines += n + (lines[n] == '\n');
    }
}

static void say_what_was_read(const struct job *j)
{
    struct strbuf text = STRBUF_INIT;
    for (uint32_t i = 0; i < j->inputs.count; i++)
        strbuf_printf(&text, "podsim: read %s, %zu bytes\n", j->inputs.items[i].name, j->inputs.items[i].len);
    strbuf_printf(&text, "podsim: %" PRIu32 " objects, %" PRIu32 " actions\n", j->scenario.objects.count,
                  j->scenario.actions.count);
    output_error(&text);
    strbuf_fini(&text);
}

parameter_settings job_settings(struct arena *a, const struct options *o)
{
    parameter_settings list = {arena_array(a, struct parameter_setting, o->settings.count), o->settings.count};
    for (uint32_t i = 0; i < list.count; i++) {
        const char *text = o->settings.items[i], *equals = strchr(text, '=');
        list.items[i] = (struct parameter_setting){arena_strndup(a, text, (size_t)(equals - text)), equals + 1};
    }
    return list;
}

int job_load(struct job *j, const struct options *o)
{
    struct strbuf complaint = STRBUF_INIT;
    *j = (struct job){0};
    arena_init(&j->arena, 0);
    diag_init(&j->diags);
    j->diags.strict = o->warnings == WARNINGS_ERROR;
    int bad = inputs_read(&j->inputs, o->files.items, o->files.count, &complaint);
    report_unreadable(&j->diags, strbuf_str(&complaint));
    strbuf_fini(&complaint);
    struct scenario_source source = inputs_source(&j->inputs);
    source.settings = job_settings(&j->arena, o);
    source.command = o->command == CMD_LOGS ? "podsim logs" : o->command == CMD_GET ? "podsim get" : "podsim run";
    if (source.count)
        scenario_load_source(&j->arena, &j->diags, &source, &j->scenario);
    output_diags(&j->diags, o);
    if (bad || j->diags.error_count)
        return -1;
    if (o->verbose)
        say_what_was_read(j);
    print_unmodelled(j, o);
    return 0;
}

static void put_limit(const char *what, bool can_be_set, struct strbuf *text)
{
    const char *cycle = strstr(what, "; ");
    int n = cycle ? (int)(cycle - what) : (int)strlen(what);
    strbuf_printf(text, "podsim: %.*s\n", n, what);
    if (cycle)
        strbuf_printf(text, "  %s\n", cycle + 2);
    if (can_be_set)
        strbuf_puts(text, "  limits are set with --limit-events, --limit-instant and --limit-memory\n");
}

static int limit_reached(struct job *j, const struct options *o, const struct cluster *c)
{
    struct strbuf text = STRBUF_INIT;
    const char *what = cluster_limit_text(c);
    if (o->diagnostics == DIAGNOSTICS_JSON) {
        diag_clear(&j->diags);
        diag_report(&j->diags, CODE_LIMIT, SRC_POS_NONE, NULL, "%s", what);
        output_diags(&j->diags, o);
    } else {
        put_limit(what, cluster_limit_can_be_set(c), &text);
        output_error(&text);
    }
    strbuf_fini(&text);
    return EXIT_LIMIT;
}

static void say_how_long(struct cluster *c)
{
    struct strbuf text = STRBUF_INIT;
    struct run_trace trace = cluster_trace(c);
    const struct sim *sim = cluster_sim(c);
    strbuf_puts(&text, "podsim: simulated ");
    strbuf_go_duration(&text, sim_now(sim));
    strbuf_printf(&text, ", %" PRIu64 " events, %" PRIu32 " records\n", sim_event_count(sim), trace_count(trace.trace));
    output_error(&text);
    strbuf_fini(&text);
}

struct cluster *job_run(struct job *j, const struct options *o, int *ret_code)
{
    struct cluster_options options = o->cluster;
    options.diags = &j->diags;
    options.stop_ctx = expect_stop_new(&j->arena, j->scenario.stop_when);
    options.stop_when = options.stop_ctx ? expect_stop_now : NULL;
    struct cluster *c = cluster_new(&j->scenario, &options);
    *ret_code = cluster_run(c) == RUN_LIMIT ? limit_reached(j, o, c) : EXIT_OK;
    expect_stop_free(options.stop_ctx);
    if (o->verbose)
        say_how_long(c);
    return c;
}

void job_report(const struct run_trace *trace, const struct job *j, const struct options *o)
{
    struct report_options r = {
        .format = o->command == CMD_LOGS ? REPORT_LOGS : o->format,
        .color = output_color(o->color, STDOUT_FILENO),
        .header = !o->no_header,
        .width = o->format == REPORT_GANTT && !options_given(o, OPT_WIDTH) ? output_width(STDOUT_FILENO)
                                                                           : (uint32_t)o->width,
        .ascii = o->ascii || (!options_given(o, OPT_ASCII) && !output_utf8()),
        .depth = o->depth,
        .scenario = j->scenario.name,
    };
    report_write(trace, &r, &output);
}
