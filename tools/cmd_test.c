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
#include "tools/test_choose.h"
#include "tools/test_report.h"
#include "tools/test_session.h"
#include "tools/test_state.h"
#include "tools/test_watch.h"

#ifndef PODSIM_VERSION
#define PODSIM_VERSION "unknown"
#endif

enum { JOBS_MAX = 256 };

/* ---- what the command to reproduce a failure has to say, too ---- */

static void put_value(struct strbuf *out, const struct option_info *info, const void *field)
{
    if (info->type == OPTION_CHOICE)
        strbuf_puts(out, info->choices->names[*(const int *)field]);
    else if (info->type == OPTION_TEXT)
        put_shell_word(out, *(const char *const *)field);
    else if (info->type == OPTION_DURATION)
        strbuf_go_duration(out, *(const sim_time *)field);
    else
        strbuf_printf(out, "%" PRIu64, *(const uint64_t *)field);
}

static void put_option(struct strbuf *out, const struct options *o, enum option_id id)
{
    const struct option_info *info = &option_infos[id];
    const void *field = (const char *)o + info->offset;
    if (o->origin[id] < FROM_ENVIRONMENT) /* podsim.yaml will be found again */
        return;
    if (info->type == OPTION_FLAG) {
        if (*(const bool *)field)
            strbuf_printf(out, " --%s", info->name);
        return;
    }
    const struct text_list *list = field;
    for (uint32_t i = 0; info->type == OPTION_LIST && i < list->count; i++) {
        strbuf_printf(out, " --%s ", info->name);
        put_shell_word(out, list->items[i]);
    }
    if (info->type != OPTION_LIST) {
        strbuf_printf(out, " --%s ", info->name);
        put_value(out, info, field);
    }
}

/* Those of the simulation, for podsim run, too. */
static void put_settings(struct strbuf *out, const struct options *o)
{
    static const enum option_id ids[] = {OPT_CONFIG,       OPT_NO_CONFIG,       OPT_SEED,         OPT_PROFILE,
                                         OPT_TIE_ORDER,    OPT_NO_FAST_FORWARD, OPT_LIMIT_EVENTS, OPT_LIMIT_INSTANT,
                                         OPT_LIMIT_MEMORY, OPT_VERIFY,          OPT_WARNINGS};
    for (size_t i = 0; i < ARRAY_LEN(ids); i++)
        put_option(out, o, ids[i]);
}

/* Parameters: the command to look at a case names them all anyway. And how goldens are compared. */
static void put_parameters(struct strbuf *out, const struct options *o)
{
    static const enum option_id ids[] = {OPT_SET, OPT_TOLERANCE, OPT_IGNORE, OPT_MAX_WALL};
    for (size_t i = 0; i < ARRAY_LEN(ids); i++)
        put_option(out, o, ids[i]);
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

/* What a session needs for as long as it lasts. */
struct texts {
    struct strbuf date, settings, parameters;
};

static void texts_init(struct texts *t, const struct options *o)
{
    *t = (struct texts){STRBUF_INIT, STRBUF_INIT, STRBUF_INIT};
    date_now(&t->date);
    put_settings(&t->settings, o);
    put_parameters(&t->parameters, o);
}

static void texts_fini(struct texts *t)
{
    strbuf_fini(&t->date);
    strbuf_fini(&t->settings);
    strbuf_fini(&t->parameters);
}

static struct test_session new_session(const struct options *o, const struct test_cases *cases,
                                       const struct goldens *goldens, const struct texts *t)
{
    return (struct test_session){
        .o = o,
        .cases = cases->items,
        .count = cases->count,
        .jobs = job_count(o, cases->count),
        .settings = {.options = o,
                     .goldens = goldens->policy,
                     .digest = o->test.junit || o->test.json,
                     .command = strbuf_str(&t->settings),
                     .more = strbuf_str(&t->parameters)},
        .console = {.color = output_color(o->color, STDOUT_FILENO),
                    .verbosity = o->quiet          ? TEST_QUIET
                                 : o->test.verbose ? TEST_VERBOSE
                                                   : TEST_NORMAL},
        .console_on = !test_report_takes_stdout(o),
    };
}

static struct test_run results_of(struct test_session *s, const struct texts *t)
{
    return (struct test_run){
        .results = s->results,
        .count = s->count,
        .jobs = s->jobs,
        .wall_ns = s->wall_ns,
        .times = !s->o->test.no_times,
        .timestamp = s->o->test.no_times ? NULL : strbuf_str(&t->date),
        .slowest = s->o->test.durations > UINT32_MAX ? UINT32_MAX : (uint32_t)s->o->test.durations,
        .interrupted = s->interrupted,
        .directory = test_report_directory(&s->arena),
        .tap_version = text_is(getenv("TAP_VERSION"), "13") ? 13 : 14, /* prove says so */
        .version = PODSIM_VERSION,
    };
}

static int no_process(void)
{
    struct strbuf complaint = STRBUF_INIT;
    strbuf_printf(&complaint, "cannot start a process: %s", strerror(errno));
    complain(&complaint, "podsim: ");
    strbuf_fini(&complaint);
    return EXIT_MACHINE;
}

static int run_cases(const struct options *o, const struct test_cases *cases, const struct goldens *goldens,
                     struct test_state *state, struct test_watch *watch)
{
    struct texts texts;
    texts_init(&texts, o);
    struct test_session s = new_session(o, cases, goldens, &texts);
    bool group = s.console_on && test_report_github(o);
    int code;
    if (group)
        say_line(&s, "::group::podsim test\n");
    if (test_session_run(&s) < 0) {
        code = no_process();
    } else {
        if (group)
            say_line(&s, "::endgroup::\n");
        struct test_run run = results_of(&s, &texts);
        test_state_save(state, s.results, s.count);
        if (watch)
            test_watch_learn(watch, cases, s.results, s.count);
        prune(goldens, &run);
        code = finish(&s, &run);
    }
    test_session_fini(&s);
    texts_fini(&texts);
    return code;
}

static int test_found(const struct options *o, struct test_cases *cases, struct test_watch *watch)
{
    struct strbuf complaint = STRBUF_INIT;
    struct test_state state;
    struct goldens goldens = {0};
    int code = EXIT_OK;
    test_state_load(&state, !o->test.no_state);
    if (prepare_goldens(o, cases, &goldens, &complaint) < 0 || test_choose(cases, o, &state, &complaint) < 0)
        code = EXIT_USAGE;
    if (watch) {
        test_watch_learn(watch, cases, NULL, 0);
        test_choose_watched(cases, watch);
    }
    if (code != EXIT_OK)
        complain(&complaint, "podsim: ");
    else if (o->test.list)
        test_list(cases, o, &output);
    else if (cases->count || !watch)
        code = run_cases(o, cases, &goldens, &state, watch);
    test_state_fini(&state);
    strbuf_fini(&complaint);
    return code;
}

/* ---- parameters that are set ---- */

static bool has_parameter(const struct test_case *c, const char *name)
{
    size_t n = strlen(name);
    for (uint32_t i = 0; i < c->settings.count; i++)
        if (strncmp(c->settings.items[i], name, n) == 0 && c->settings.items[i][n] == '=')
            return true;
    return false;
}

static bool is_listed(const str_list *list, const char *text)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i], text) == 0)
            return true;
    return false;
}

/* Names of all parameters that cases have, each once. */
static str_list parameters_of(struct arena *a, const struct test_cases *cases)
{
    str_list names = {0};
    uint32_t max = 0;
    for (uint32_t i = 0; i < cases->count; i++)
        max += cases->items[i].settings.count;
    names.items = arena_array(a, const char *, max + 1);
    for (uint32_t i = 0; i < cases->count; i++)
        for (uint32_t k = 0; k < cases->items[i].settings.count; k++) {
            const char *text = cases->items[i].settings.items[k];
            const char *name = arena_strndup(a, text, strcspn(text, "="));
            if (!is_listed(&names, name))
                names.items[names.count++] = name;
        }
    return names;
}

static void say_no_parameter(const struct parameter_setting *s, const str_list *names, struct strbuf *complaint)
{
    const char *close = diag_closest(s->name, names->items, names->count);
    strbuf_printf(complaint, "--set %s=%s: no case has a parameter \"%s\"", s->name, s->value, s->name);
    for (uint32_t i = 0; i < names->count; i++)
        strbuf_printf(complaint, "%s%s", i ? ", " : "; there are: ", names->items[i]);
    if (close)
        strbuf_printf(complaint, "; did you mean \"%s\"?", close);
    else if (names->count == 0)
        strbuf_puts(complaint, ", or any other");
}

/* What is set has to be a parameter of some case; those of files that cannot be read are unknown. */
static int check_settings(struct test_cases *cases, const parameter_settings *settings, struct strbuf *complaint)
{
    for (uint32_t k = 0; k < cases->count; k++)
        if (cases->items[k].unknown || cases->items[k].wrong)
            return 0;
    for (uint32_t i = 0; i < settings->count && cases->count; i++) {
        bool found = false;
        for (uint32_t k = 0; k < cases->count && !found; k++)
            found = has_parameter(&cases->items[k], settings->items[i].name);
        if (found)
            continue;
        str_list names = parameters_of(&cases->arena, cases);
        say_no_parameter(&settings->items[i], &names, complaint);
        return -1;
    }
    return 0;
}

/* Everything from the operands on, once. */
static int test_once(const struct options *o, struct test_watch *watch)
{
    static const char *here[] = {"."};
    struct text_list operands = o->files;
    struct test_cases cases;
    struct arena arena;
    struct strbuf complaint = STRBUF_INIT;
    if (operands.count == 0)
        operands = (struct text_list){here, 1};
    arena_init(&arena, 0);
    const parameter_settings settings = job_settings(&arena, o);
    int found = test_cases_find(&cases, &operands, settings, &complaint), wrong = 0;
    complain(&complaint, "");
    if (found == 0 && (wrong = check_settings(&cases, &settings, &complaint)) < 0)
        complain(&complaint, "podsim: ");
    int code = found < 0 ? EXIT_INPUT : wrong < 0 ? EXIT_USAGE : test_found(o, &cases, watch);
    strbuf_fini(&complaint);
    test_cases_fini(&cases);
    arena_fini(&arena);
    return code;
}

int cmd_test(const struct options *o)
{
    interrupt_catch();
    return o->test.watch && !o->test.list ? test_watch(o, test_once) : test_once(o, NULL);
}
