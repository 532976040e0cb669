/* cmd_doctest.c - podsim doctest: run what Markdown documents show, and check the output they show. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tools/commands.h"
#include "tools/doctest.h"
#include "tools/files.h"
#include "tools/interrupt.h"
#include "tools/output.h"
#include "tools/replace_file.h"
#include "tools/test_report.h"

#ifndef PODSIM_VERSION
#define PODSIM_VERSION "unknown"
#endif

struct doctest_run {
    const struct options *options;
    struct doctest_options how;
    struct test_console_options console;
    bool console_on;
    struct arena arena;
    struct pool results; /* struct test_result */
    uint32_t updated, lasting;
    int code; /* of what is no result */
};

/* Of several, the first that applies (as for `podsim test`). */
static void set_code(struct doctest_run *r, int code)
{
    static const int order[] = {EXIT_INTERRUPTED, EXIT_MACHINE, EXIT_INPUT, EXIT_USAGE, EXIT_NONE, EXIT_OK};
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        if (order[i] == code || order[i] == r->code) {
            r->code = order[i];
            return;
        }
    }
}

static void complain(struct doctest_run *r, int code, const char *what, const char *about)
{
    struct strbuf text = STRBUF_INIT;
    strbuf_printf(&text, "podsim: %s%s\n", what, about);
    output_error(&text);
    strbuf_fini(&text);
    set_code(r, code);
}

static void say(struct doctest_run *r, const struct strbuf *text)
{
    if (r->console_on && test_say(text) < 0)
        complain(r, EXIT_MACHINE, "cannot write output: ", strerror(errno));
}

static int64_t wall_clock(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * SIM_SECOND + t.tv_nsec;
}

/* ---- a document ---- */

static void report(struct doctest_run *r, const struct doctest_result *d)
{
    struct strbuf text = STRBUF_INIT;
    test_console_case(&d->test, &r->console, &text);
    if (d->passed_over && r->console.verbosity == TEST_VERBOSE)
        strbuf_printf(&text, "     %" PRIu32 " block%s of other commands passed over\n", d->passed_over,
                      d->passed_over == 1 ? "" : "s");
    if (d->kept)
        strbuf_printf(&text, "     its files are in %s\n", d->kept);
    say(r, &text);
    strbuf_fini(&text);
}

static void update(struct doctest_run *r, const struct doctest_result *d)
{
    struct strbuf text = STRBUF_INIT;
    if (replace_file(d->test.file, strbuf_str(&d->updated), d->updated.len, &text) < 0) {
        complain(r, EXIT_MACHINE, "", strbuf_str(&text));
    } else {
        strbuf_printf(&text, "     %" PRIu32 " output%s rewritten\n", d->updates, d->updates == 1 ? "" : "s");
        say(r, &text);
        r->updated += d->updates;
    }
    strbuf_fini(&text);
}

static void add_result(struct doctest_run *r, const struct doctest_result *d)
{
    *(struct test_result *)pool_at(&r->results, pool_add(&r->results)) = d->test;
    r->lasting += d->lasting;
    report(r, d);
    if (d->updates && r->options->update)
        update(r, d);
}

/* `named`: on the command line, so that there has to be something to check. */
static void check_text(struct doctest_run *r, const char *file, const char *text, size_t len, bool named)
{
    struct doctest_result d;
    int64_t began = wall_clock();
    if (doctest_document(&r->arena, file, text, len, &r->how, &d) < 0) {
        complain(r, EXIT_MACHINE, "cannot make a temporary directory: ", strerror(errno));
    } else if (interrupted()) {
        set_code(r, EXIT_INTERRUPTED);
    } else if (d.test.outcome == TEST_INVALID || d.test.checks.count) {
        d.test.wall_ns = wall_clock() - began;
        add_result(r, &d);
    } else if (named) {
        complain(r, EXIT_USAGE, "nothing to check in ", file);
    }
    doctest_result_fini(&d);
}

/* ---- what is on the command line ---- */

static void check_path(struct doctest_run *r, const char *path, bool named);

static bool is_markdown(const char *name)
{
    size_t n = strlen(name);
    return (n > 3 && strcmp(name + n - 3, ".md") == 0) || (n > 9 && strcmp(name + n - 9, ".markdown") == 0);
}

static int by_name(const struct dirent **a, const struct dirent **b) { return strcmp((*a)->d_name, (*b)->d_name); }

static int no_dots(const struct dirent *e) { return e->d_name[0] != '.'; }

static void check_directory(struct doctest_run *r, const char *path)
{
    struct dirent **entries;
    struct stat st;
    size_t len = strlen(path);
    int count = scandir(path, &entries, no_dots, by_name);
    if (count < 0) {
        complain(r, EXIT_INPUT, arena_printf(&r->arena, "cannot read %s: ", path), strerror(errno));
        return;
    }
    for (int i = 0; i < count; i++) {
        const char *slash = len && path[len - 1] == '/' ? "" : "/";
        const char *name = arena_printf(&r->arena, "%s%s%s", path, slash, entries[i]->d_name);
        if (lstat(name, &st) == 0 && (S_ISDIR(st.st_mode) || is_markdown(name)))
            check_path(r, name, false);
        free(entries[i]);
    }
    free(entries);
}

static void check_path(struct doctest_run *r, const char *path, bool named)
{
    struct stat st;
    char *text;
    size_t len;
    if (interrupted())
        return;
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
        uint32_t before = r->results.count;
        check_directory(r, path);
        if (named && r->results.count == before && r->code == EXIT_OK)
            complain(r, EXIT_USAGE, "nothing to check in ", path);
        return;
    }
    bool is_stdin = strcmp(path, "-") == 0;
    if (is_stdin && r->options->update) {
        complain(r, EXIT_USAGE, "--update wants a file: standard input cannot be rewritten", "");
        return;
    }
    if (read_path(is_stdin ? "/dev/stdin" : path, &text, &len) < 0) {
        complain(r, EXIT_INPUT, arena_printf(&r->arena, "cannot read %s: ", path), strerror(errno));
        return;
    }
    check_text(r, is_stdin ? "<stdin>" : path, text, len, named);
    free(text);
}

/* ---- the end ---- */

/* What an update has put right does not count. */
static int code_of(const struct doctest_run *r, const struct test_run *run)
{
    struct test_counts n;
    test_count(run, &n);
    if (n.cases[TEST_INVALID])
        return EXIT_INPUT;
    return r->options->update ? r->lasting > 0 : n.cases[TEST_FAILED] > 0;
}

static void finish(struct doctest_run *r, int64_t began)
{
    struct strbuf text = STRBUF_INIT, complaint = STRBUF_INIT;
    struct test_result *results = arena_array(&r->arena, struct test_result, r->results.count + 1);
    for (uint32_t i = 0; i < r->results.count; i++)
        results[i] = *(const struct test_result *)pool_at(&r->results, i);
    struct test_run run = {.results = results,
                           .count = r->results.count,
                           .jobs = 1,
                           .wall_ns = wall_clock() - began,
                           .times = !r->options->test.no_times,
                           .interrupted = interrupted(),
                           .version = PODSIM_VERSION};
    if (run.count)
        test_console_summary(&run, &r->console, &text);
    if (r->updated)
        strbuf_printf(&text, "%" PRIu32 " output%s rewritten: look at the difference before you commit it\n",
                      r->updated, r->updated == 1 ? "" : "s");
    say(r, &text);
    if (test_reports_write(r->options, &run, &complaint) < 0)
        set_code(r, EXIT_MACHINE);
    output_error(&complaint);
    set_code(r, code_of(r, &run));
    if (run.interrupted)
        set_code(r, EXIT_INTERRUPTED);
    strbuf_fini(&complaint);
    strbuf_fini(&text);
}

int cmd_doctest(const struct options *o)
{
    const char *ci = getenv("CI");
    if (o->update && ci && *ci)
        return output_usage_error(CMD_DOCTEST, "--update rewrites documents, which is not done where CI is set");
    struct doctest_run r = {
        .options = o,
        .how = {.trust = o->allow_shell ? DOCTEST_ANY_COMMAND : DOCTEST_PODSIM_ONLY, .keep = o->keep},
        .console = {.color = output_color(o->color, STDOUT_FILENO),
                    .verbosity = o->quiet          ? TEST_QUIET
                                 : o->test.verbose ? TEST_VERBOSE
                                                   : TEST_NORMAL},
        .console_on = !test_report_takes_stdout(o)};
    int64_t began = wall_clock();
    arena_init(&r.arena, 0);
    pool_init(&r.results, &r.arena, sizeof(struct test_result));
    interrupt_catch();
    for (uint32_t i = 0; i < o->files.count; i++)
        check_path(&r, o->files.items[i], true);
    finish(&r, began);
    arena_fini(&r.arena);
    return r.code;
}
