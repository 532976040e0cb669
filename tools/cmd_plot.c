/* cmd_plot.c - podsim plot: simulate, and draw charts with gnuplot. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/plot.h"
#include "tools/child.h"
#include "tools/commands.h"
#include "tools/job.h"
#include "tools/output.h"
#include "tools/replace_file.h"

static int complain(int code, const char *text)
{
    struct strbuf b = STRBUF_INIT;
    strbuf_printf(&b, "podsim: %s\n", text);
    output_error(&b);
    strbuf_fini(&b);
    return code;
}

/* ---- what is asked for ---- */

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), k = strlen(end);
    return n > k && strcmp(text + n - k, end) == 0;
}

/* "gantt,replicas" */
static int parse_charts(const char *text, uint32_t *ret_charts, struct strbuf *complaint)
{
    *ret_charts = 0;
    for (size_t n; text && *text; text += n + (text[n] == ',')) {
        n = strcspn(text, ",");
        int c = 0;
        while (c < PLOT_CHART_COUNT && (strlen(plot_charts[c].name) != n || strncmp(plot_charts[c].name, text, n) != 0))
            c++;
        if (c < PLOT_CHART_COUNT) {
            *ret_charts |= 1u << c;
            continue;
        }
        strbuf_printf(complaint, "--chart: there is no chart \"%.*s\"; want", (int)n, text);
        for (c = 0; c < PLOT_CHART_COUNT; c++)
            strbuf_printf(complaint, "%s %s", c ? "," : "", plot_charts[c].name);
        return -1;
    }
    return 0;
}

/* "slide", "article", "1600x900", "1200" */
static int parse_size(const char *text, struct plot_options *ret, struct strbuf *complaint)
{
    char *end;
    if (!text || strcmp(text, "article") == 0)
        return 0;
    if (strcmp(text, "slide") == 0) {
        ret->width = 1600;
        ret->height = 900;
        return 0;
    }
    errno = 0;
    unsigned long width = *text >= '0' && *text <= '9' ? strtoul(text, &end, 10) : 0, height = 0;
    if (width && *end == 'x' && end[1] >= '0' && end[1] <= '9')
        height = strtoul(end + 1, &end, 10);
    if (errno || width < PLOT_SIZE_MIN || width > PLOT_SIZE_MAX || *end || height > PLOT_SIZE_MAX ||
        (height && height < PLOT_SIZE_MIN)) {
        strbuf_printf(complaint,
                      "--size: want slide, article, WIDTH or WIDTHxHEIGHT, each from %d to %d pixels, got \"%s\"",
                      PLOT_SIZE_MIN, PLOT_SIZE_MAX, text);
        return -1;
    }
    ret->width = (uint32_t)width;
    ret->height = (uint32_t)height;
    return 0;
}

static int parse(const struct options *o, struct plot_options *ret, struct strbuf *complaint)
{
    *ret = (struct plot_options){.dark = o->plot.theme == THEME_DARK};
    const char *file = o->plot.output;
    if (file && ends_with(file, ".png"))
        ret->terminal = PLOT_PNG;
    else if (file && strcmp(file, "-") != 0 && !ends_with(file, ".svg")) {
        strbuf_printf(complaint,
                      "--output: want a file that ends in .svg or .png, or - for SVG on standard output, got \"%s\"",
                      file);
        return -1;
    }
    if (!file && !o->plot.script && isatty(STDOUT_FILENO)) {
        strbuf_puts(complaint,
                    "plot does not write a picture to a terminal: give a file with -o, such as -o chart.svg");
        return -1;
    }
    return parse_charts(o->plot.charts, &ret->charts, complaint) < 0 || parse_size(o->plot.size, ret, complaint) < 0
               ? -1
               : 0;
}

/* ---- drawing ---- */

static int write_out(const char *file, const struct strbuf *bytes)
{
    struct strbuf complaint = STRBUF_INIT;
    int code = EXIT_OK;
    if (!file || strcmp(file, "-") == 0)
        strbuf_add(&output, strbuf_str(bytes), bytes->len);
    else if (replace_file(file, strbuf_str(bytes), bytes->len, &complaint) < 0)
        code = complain(EXIT_MACHINE, strbuf_str(&complaint));
    strbuf_fini(&complaint);
    return code;
}

static int draw(const struct strbuf *script, const char *file)
{
    static const char *const argv[] = {"gnuplot", "-d", "-", NULL};
    struct strbuf picture = STRBUF_INIT, errors = STRBUF_INIT;
    int code = EXIT_OK;
    switch (child_run(argv, script, &picture, &errors)) {
    case CHILD_OK:
        code = write_out(file, &picture);
        break;
    case CHILD_MISSING:
        code = complain(EXIT_MACHINE, "gnuplot is not installed, and charts are drawn with it; on Debian: apt install "
                                      "gnuplot-nox. --script FILE keeps what it would be given");
        break;
    case CHILD_FAILED:
        complain(0, "gnuplot failed:");
        output_error(&errors);
        code = EXIT_MACHINE;
        break;
    }
    strbuf_fini(&errors);
    strbuf_fini(&picture);
    return code;
}

static int plot(struct job *j, const struct options *o, struct plot_options *want)
{
    int code;
    struct strbuf script = STRBUF_INIT;
    struct cluster *c = job_run(j, o, &code);
    struct run_trace trace = cluster_trace(c);
    want->title = o->plot.title ? o->plot.title : j->scenario.name;
    if (plot_script(&trace, want, &script) < 0)
        code = complain(EXIT_NONE, "nothing happens in this run that these charts show");
    else if (o->plot.script)
        code = write_out(o->plot.script, &script);
    if (code == EXIT_OK && (o->plot.output || !o->plot.script))
        code = draw(&script, o->plot.output);
    strbuf_fini(&script);
    cluster_free(c);
    return code;
}

int cmd_plot(const struct options *o)
{
    struct plot_options want;
    struct strbuf complaint = STRBUF_INIT;
    struct job j;
    if (parse(o, &want, &complaint) < 0) {
        int code = output_usage_error(CMD_PLOT, strbuf_str(&complaint));
        strbuf_fini(&complaint);
        return code;
    }
    int code = job_load(&j, o) < 0 ? EXIT_INPUT : plot(&j, o, &want);
    job_fini(&j);
    strbuf_fini(&complaint);
    return code;
}
