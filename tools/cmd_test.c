/* cmd_test.c - podsim test: find the cases, choose, run, report. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tools/commands.h"
#include "tools/interrupt.h"
#include "tools/job.h"
#include "tools/options_table.h"
#include "tools/output.h"
#include "tools/test_report.h"
#include "tools/test_select.h"
#include "tools/test_session.h"
#include "tools/test_state.h"

#ifndef PODSIM_VERSION
#define PODSIM_VERSION "unknown"
#endif

enum { JOBS_MAX = 256 };

/* ---- what the command to reproduce a failure has to say, too ---- */

static void put_option(struct strbuf *out, const struct options *o, enum option_id id)
{
    const struct option_info *info = &option_infos[id];
    const void *field = (const char *)o + info->offset;
    if (!options_given(o, id))
        return;
    if (info->type == OPTION_FLAG) {
        strbuf_printf(out, *(const bool *)field ? " --%s" : "", info->name);
        return;
    }
    strbuf_printf(out, " --%s ", info->name);
    if (info->type == OPTION_CHOICE)
        strbuf_puts(out, info->choices->names[*(const int *)field]);
    else
        strbuf_printf(out, "%" PRIu64, *(const uint64_t *)field);
}

static void put_settings(struct strbuf *out, const struct options *o)
{
    static const enum option_id ids[] = {OPT_SEED,         OPT_PROFILE,       OPT_TIE_ORDER,   OPT_NO_FAST_FORWARD,
                                         OPT_LIMIT_EVENTS, OPT_LIMIT_INSTANT, OPT_LIMIT_MEMORY};
    for (size_t i = 0; i < ARRAY_LEN(ids); i++)
        put_option(out, o, ids[i]);
}

/* Those that choose among parameters: in the command to look at a case, they are all there anyway. */
static void put_parameters(struct strbuf *out, const struct options *o)
{
    for (uint32_t i = 0; i < o->settings.count; i++) {
        strbuf_puts(out, " --set ");
        put_shell_word(out, o->settings.items[i]);
    }
}

/* ---- choosing ---- */

static bool is_wanted(const struct options *o, const struct keyword *keyword, uint32_t shard, uint32_t shards,
                      const struct test_case *c)
{
    for (uint32_t i = 0; i < o->test.tags.count; i++)
        if (!tags_match(&c->tags, o->test.tags.items[i]))
            return false;
    if (keyword && !keyword_matches(keyword, c->id))
        return false;
    return shards == 0 || shard_of(c->id, shards) == shard;
}

static int choose(struct test_cases *cases, const struct options *o, struct strbuf *complaint)
{
    const struct keyword *keyword = NULL;
    uint32_t shard = 0, shards = 0, kept = 0, found = cases->count;
    if (o->test.keyword && !(keyword = keyword_parse(&cases->arena, o->test.keyword, complaint)))
        return -1;
    if (o->test.shard && shard_parse(o->test.shard, &shard, &shards, complaint) < 0)
        return -1;
    for (uint32_t i = 0; i < found; i++)
        if (is_wanted(o, keyword, shard, shards, &cases->items[i]))
            cases->items[kept++] = cases->items[i];
    cases->count = kept;
    if (found == 0) {
        strbuf_puts(complaint, "nothing to test: there is no Scenario, and no file with its expected timeline, in");
        for (uint32_t i = 0; i < o->files.count; i++)
            strbuf_printf(complaint, "%s %s", i ? "," : "", o->files.items[i]);
        if (o->files.count == 0)
            strbuf_puts(complaint, " the current directory");
    } else if (kept == 0 && !shards) { /* one of many shards may well be empty */
        strbuf_printf(complaint, "nothing to test: %" PRIu32 " case%s found, and none is chosen by --tag and -k", found,
                      found == 1 ? "" : "s");
    }
    return complaint->len ? -1 : 0;
}

static void note(const struct options *o, const char *text)
{
    struct strbuf line = STRBUF_INIT;
    strbuf_printf(&line, "podsim: %s\n", text);
    if (!o->quiet)
        output_error(&line);
    strbuf_fini(&line);
}

/* --last-failed, --failed-first: as pytest has it. */
static void remember_failures(struct test_cases *cases, const struct options *o, const struct test_state *state)
{
    uint32_t failed = 0;
    if (!o->test.last_failed && !o->test.failed_first)
        return;
    struct test_case *ordered = arena_array(&cases->arena, struct test_case, cases->count + 1);
    for (uint32_t i = 0; i < cases->count; i++)
        if (test_state_failed(state, &cases->items[i]))
            ordered[failed++] = cases->items[i];
    if (failed == 0) {
        if (o->test.last_failed)
            note(o, state->failed.count ? "no case that failed last time is among these: all are run"
                                        : "no case failed last time: all are run");
        return;
    }
    uint32_t count = failed;
    for (uint32_t i = 0; i < cases->count && !o->test.last_failed; i++)
        if (!test_state_failed(state, &cases->items[i]))
            ordered[count++] = cases->items[i];
    memcpy(cases->items, ordered, count * sizeof *ordered);
    cases->count = count;
}

static void list(const struct test_cases *cases, const struct options *o)
{
    for (uint32_t i = 0; i < cases->count; i++) {
        const struct test_case *c = &cases->items[i];
        strbuf_puts(&output, c->id);
        for (uint32_t k = 0; o->test.verbose && k < c->tags.count; k++)
            strbuf_printf(&output, "%s%s", k ? ", " : "  tags: ", c->tags.items[k]);
        strbuf_putc(&output, '\n');
    }
}

/* ---- running ---- */

static uint32_t job_count(const struct options *o, uint32_t cases)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    uint64_t jobs = o->test.jobs ? o->test.jobs : cores > 0 ? (uint64_t)cores : 1;
    if (jobs > JOBS_MAX)
        jobs = JOBS_MAX;
    return jobs < cases ? (uint32_t)jobs : cases ? cases : 1;
}

static void date_now(struct strbuf *out)
{
    char text[sizeof "2026-01-01T00:00:00Z"];
    time_t now = time(NULL);
    struct tm tm;
    if (gmtime_r(&now, &tm) && strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm))
        strbuf_puts(out, text);
}

/* The first that applies. */
static int exit_code_of(const struct test_run *run)
{
    static const struct {
        enum test_outcome outcome;
        enum exit_code code;
    } codes[] = {{TEST_MACHINE, EXIT_MACHINE},
                 {TEST_CRASHED, EXIT_INTERNAL},
                 {TEST_INVALID, EXIT_INPUT},
                 {TEST_LIMIT, EXIT_LIMIT},
                 {TEST_FAILED, EXIT_NONE}};
    struct test_counts n;
    test_count(run, &n);
    if (run->interrupted)
        return EXIT_INTERRUPTED;
    for (size_t i = 0; i < ARRAY_LEN(codes); i++)
        if (n.cases[codes[i].outcome])
            return codes[i].code;
    return EXIT_OK;
}

static void complain(const struct strbuf *complaint, const char *prefix)
{
    if (complaint->len == 0)
        return;
    struct strbuf text = STRBUF_INIT;
    strbuf_printf(&text, "%s%s%s", prefix, strbuf_str(complaint), *prefix ? "\n" : "");
    output_error(&text);
    strbuf_fini(&text);
}

static void say_line(struct test_session *s, const char *text)
{
    struct strbuf line = STRBUF_INIT;
    strbuf_puts(&line, text);
    if (test_say(&line) < 0)
        s->output_errno = errno;
    strbuf_fini(&line);
}

/* Everything after the last case: reports, the summary, the exit code. */
static int finish(struct test_session *s, struct test_run *run)
{
    struct strbuf complaint = STRBUF_INIT, text = STRBUF_INIT;
    int written = test_reports_write(s->o, run, &complaint);
    if (s->console_on)
        test_console_summary(run, &s->console, &text);
    if (test_say(&text) < 0)
        s->output_errno = errno;
    if (s->output_errno)
        strbuf_printf(&complaint, "podsim: cannot write output: %s\n", strerror(s->output_errno));
    complain(&complaint, "");
    strbuf_fini(&complaint);
    strbuf_fini(&text);
    if (run->interrupted)
        return EXIT_INTERRUPTED;
    return written < 0 || s->output_errno ? EXIT_MACHINE : exit_code_of(run);
}

/* What is to be done about expected timelines, and which nobody asks for. */
struct goldens {
    struct golden_policy policy;
    str_list obsolete;
};

/* Those that none of the cases asks for, chosen or not. */
static void find_obsolete(const struct options *o, struct test_cases *cases, str_list *ret_obsolete)
{
    struct arena *a = &cases->arena;
    str_list stems = {.items = arena_array(a, const char *, cases->count + 1)};
    str_list unknown = {.items = arena_array(a, const char *, cases->count + 1)};
    for (uint32_t i = 0; i < cases->count; i++) {
        const struct test_case *c = &cases->items[i];
        if (c->unknown || o->settings.count) /* --set leaves out cases that there are */
            unknown.items[unknown.count++] = golden_stem(a, c->file, "");
        else
            stems.items[stems.count++] = golden_stem(a, c->file, c->file_label);
    }
    golden_obsolete(a, &cases->directories, &stems, &unknown, ret_obsolete);
}

/* The first golden of a file makes it a test. */
static void take_those_to_create(struct test_cases *cases, const struct golden_policy *policy)
{
    for (uint32_t i = 0; policy->create && i < cases->count; i++)
        if (cases->items[i].wrong == test_case_nothing_to_hold)
            cases->items[i].wrong = NULL;
}

static int prepare_goldens(const struct options *o, struct test_cases *cases, struct goldens *g,
                           struct strbuf *complaint)
{
    if (golden_policy_of(o, &g->policy, complaint) < 0)
        return -1;
    take_those_to_create(cases, &g->policy);
    find_obsolete(o, cases, &g->obsolete);
    return 0;
}

static void prune(const struct goldens *g, struct test_run *run)
{
    struct strbuf complaint = STRBUF_INIT;
    run->obsolete = g->obsolete;
    if (g->policy.prune && !run->interrupted)
        run->pruned = golden_prune(&run->obsolete, &complaint) == 0;
    complain(&complaint, "");
    strbuf_fini(&complaint);
}

static int run_cases(const struct options *o, const struct test_cases *cases, const struct goldens *goldens,
                     struct test_state *state)
{
    bool github = test_report_github(o), to_stdout = test_report_takes_stdout(o);
    struct strbuf date = STRBUF_INIT, settings = STRBUF_INIT, more = STRBUF_INIT;
    put_settings(&settings, o);
    put_parameters(&more, o);
    struct test_session s = {
        .o = o,
        .cases = cases->items,
        .count = cases->count,
        .jobs = job_count(o, cases->count),
        .settings = {.options = o,
                     .goldens = goldens->policy,
                     .digest = o->test.junit || o->test.json,
                     .command = strbuf_str(&settings),
                     .more = strbuf_str(&more)},
        .console = {.color = output_color(o->color, STDOUT_FILENO),
                    .verbosity = o->quiet          ? TEST_QUIET
                                 : o->test.verbose ? TEST_VERBOSE
                                                   : TEST_NORMAL},
        .console_on = !to_stdout,
    };
    date_now(&date);
    if (github && s.console_on)
        say_line(&s, "::group::podsim test\n");
    if (test_session_run(&s) < 0) {
        struct strbuf complaint = STRBUF_INIT;
        strbuf_printf(&complaint, "cannot start a process: %s", strerror(errno));
        complain(&complaint, "podsim: ");
        strbuf_fini(&complaint);
        test_session_fini(&s);
        strbuf_fini(&date);
        strbuf_fini(&settings);
        strbuf_fini(&more);
        return EXIT_MACHINE;
    }
    if (github && s.console_on)
        say_line(&s, "::endgroup::\n");
    struct test_run run = {.results = s.results,
                           .count = s.count,
                           .jobs = s.jobs,
                           .wall_ns = s.wall_ns,
                           .times = !o->test.no_times,
                           .timestamp = o->test.no_times ? NULL : strbuf_str(&date),
                           .interrupted = s.interrupted,
                           .tap_version = text_is(getenv("TAP_VERSION"), "13") ? 13 : 14, /* prove says so */
                           .version = PODSIM_VERSION};
    test_state_save(state, s.results, s.count);
    prune(goldens, &run);
    int code = finish(&s, &run);
    test_session_fini(&s);
    strbuf_fini(&date);
    strbuf_fini(&settings);
    strbuf_fini(&more);
    return code;
}

static int test_found(const struct options *o, struct test_cases *cases)
{
    struct strbuf complaint = STRBUF_INIT;
    struct test_state state;
    struct goldens goldens = {0};
    int code = EXIT_OK;
    if (prepare_goldens(o, cases, &goldens, &complaint) < 0 || choose(cases, o, &complaint) < 0)
        code = EXIT_USAGE;
    test_state_load(&state, !o->test.no_state);
    if (code == EXIT_OK)
        remember_failures(cases, o, &state);
    if (code != EXIT_OK) {
        complain(&complaint, "podsim: ");
    } else if (o->test.list) {
        list(cases, o);
    } else {
        code = run_cases(o, cases, &goldens, &state);
    }
    test_state_fini(&state);
    strbuf_fini(&complaint);
    return code;
}

int cmd_test(const struct options *o)
{
    static const char *here[] = {"."};
    struct text_list operands = o->files;
    struct test_cases cases;
    struct strbuf complaint = STRBUF_INIT;
    if (operands.count == 0)
        operands = (struct text_list){here, 1};
    interrupt_catch();
    struct arena arena;
    arena_init(&arena, 0);
    int found = test_cases_find(&cases, &operands, job_settings(&arena, o), &complaint);
    complain(&complaint, "");
    int code = found < 0 ? EXIT_INPUT : test_found(o, &cases);
    strbuf_fini(&complaint);
    test_cases_fini(&cases);
    arena_fini(&arena);
    return code;
}
