/* golden.c - finds, compares, creates and rewrites the goldens of one case. */
#include "tools/golden.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/vocabulary.h"
#include "report/causes.h"
#include "tools/case.h"
#include "tools/files.h"
#include "tools/replace_file.h"

/* ---- what to do ---- */

/* As GitHub, GitLab and nearly everybody else say it. */
static bool runs_in_ci(const struct options *o)
{
    const char *ci = getenv("CI");
    if (options_given(o, OPT_CI))
        return o->test.ci;
    return ci && *ci && strcmp(ci, "false") != 0 && strcmp(ci, "0") != 0;
}

static int parse_format(const char *name, uint32_t *formats, struct strbuf *complaint)
{
    enum report_format format;
    if (report_format_parse(name, &format) == 0 && golden_format_is(format)) {
        *formats |= 1u << format;
        return 0;
    }
    strbuf_puts(complaint, "--create: want one of ");
    for (int f = 0, shown = 0; f < REPORT_FORMAT_COUNT; f++)
        if (golden_format_is((enum report_format)f))
            strbuf_printf(complaint, "%s%s", shown++ ? ", " : "", report_formats[f].name);
    strbuf_printf(complaint, ", got \"%s\"", name);
    return -1;
}

/* "timeline,events", again and again. */
static int parse_formats(const struct text_list *given, uint32_t *ret_formats, struct strbuf *complaint)
{
    struct arena a;
    int result = 0;
    arena_init(&a, 0);
    *ret_formats = 0;
    for (uint32_t i = 0; i < given->count; i++)
        for (const char *p = given->items[i]; *p && result == 0;) {
            size_t n = strcspn(p, ",");
            result = parse_format(arena_strndup(&a, p, n), ret_formats, complaint);
            p += n + (p[n] == ',');
        }
    arena_fini(&a);
    return result;
}

int golden_ignore_wrong(const struct text_list *ignore, struct strbuf *complaint)
{
    struct arena a;
    arena_init(&a, 0);
    int result = 0;
    for (uint32_t i = 0; i < ignore->count && result == 0; i++) {
        const char *suggestion, *wrong = golden_ignore_check(&a, ignore->items[i], &suggestion);
        if (wrong) {
            strbuf_printf(complaint, "--ignore: %s%s%s", wrong, suggestion ? "; " : "", suggestion ? suggestion : "");
            result = -1;
        }
    }
    arena_fini(&a);
    return result;
}

/* An option that makes another run of the scenario than everybody else's. */
static const char *another_run(const struct options *o)
{
    static const struct {
        enum option_id id;
        const char *name;
    } options[] = {{OPT_SEED, "--seed"}, {OPT_PROFILE, "--profile"}, {OPT_TIE_ORDER, "--tie-order"}};
    for (size_t i = 0; i < ARRAY_LEN(options); i++)
        if (o->origin[options[i].id] >= FROM_ENVIRONMENT) /* podsim.yaml is part of what is written */
            return options[i].name;
    return NULL;
}

int golden_policy_of(const struct options *o, struct golden_policy *ret, struct strbuf *complaint)
{
    bool ci = runs_in_ci(o);
    struct golden_policy p = {
        .update = o->update,
        .keep_actual = !ci && !o->test.no_actual,
        .prune = o->test.prune,
        .another_run = another_run(o),
        .tolerance_given = options_given(o, OPT_TOLERANCE),
        .tolerance = o->test.tolerance,
        .ignore = o->test.ignore,
    };
    if (parse_formats(&o->test.create, &p.create, complaint) < 0 || golden_ignore_wrong(&p.ignore, complaint) < 0)
        return -1;
    const char *writes = p.update ? "--update" : p.create ? "--create" : p.prune ? "--prune" : NULL;
    if (writes && ci) {
        strbuf_printf(
            complaint,
            "%s: expected timelines are not changed in CI (%s): change them where you can look at what has changed, "
            "and commit them",
            writes, options_given(o, OPT_CI) ? "--ci" : "CI is set in the environment; --ci=false to override");
        return -1;
    }
    if ((p.update || p.create) && p.another_run) {
        strbuf_printf(complaint,
                      "%s: cannot be combined with %s: expected timelines are of the scenario as it is written", writes,
                      p.another_run);
        return -1;
    }
    if ((p.update || p.create) && o->test.fail_fast) { /* how far other workers are by then is chance */
        strbuf_printf(complaint, "%s: cannot be combined with --fail-fast: expected timelines of all cases are written",
                      writes);
        return -1;
    }
    *ret = p;
    return 0;
}

/* ---- names ---- */

const char *golden_stem(struct arena *a, const char *file, const char *label)
{
    const char *slash = strrchr(file, '/'), *dot = strrchr(slash ? slash : file, '.');
    int length = dot ? (int)(dot - file) : (int)strlen(file);
    return arena_printf(a, "%.*s%s%s", length, file, *label ? "@" : "", label);
}

bool golden_is_beside(const char *file)
{
    struct arena a;
    bool found = false;
    arena_init(&a, 0);
    const char *stem = golden_stem(&a, file, "");
    for (int f = 0; f < REPORT_FORMAT_COUNT && !found; f++)
        found = golden_format_is((enum report_format)f) &&
                access(arena_printf(&a, "%s.%s", stem, report_formats[f].name), F_OK) == 0;
    arena_fini(&a);
    return found;
}

/* ---- one golden ---- */

struct checker {
    const struct run_trace *run;
    const struct golden_case *c;
    const struct golden_policy *policy;
    struct golden_settings settings;
    struct arena *arena;
    struct check_results *results;
    const char *wrong; /* the first file that could not be written */
    struct strbuf actual;
};

static void add_result(struct checker *k, const struct check_result *r)
{
    struct check_results *to = k->results;
    struct check_result *items = arena_array(k->arena, struct check_result, to->count + 1);
    if (to->count)
        memcpy(items, to->items, to->count * sizeof *items);
    items[to->count++] = *r;
    to->items = items;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* 0, or -1 with errno. */
static int write_file(struct checker *k, const char *path, struct check_result *r)
{
    struct strbuf complaint = STRBUF_INIT;
    int result = replace_file(path, strbuf_str(&k->actual), k->actual.len, &complaint);
    if (result < 0) {
        r->outcome = CHECK_FAILED;
        r->message = arena_strdup(k->arena, strbuf_str(&complaint));
        if (!k->wrong)
            k->wrong = r->message;
    }
    strbuf_fini(&complaint);
    return result;
}

static void print(struct checker *k, enum report_format format)
{
    const char *name = k->c->scenario->name;
    strbuf_reset(&k->actual);
    report_write(k->run, &(struct report_options){.format = format, .header = true, .scenario = name}, &k->actual);
}

void golden_explain_row(const struct run_trace *run, const struct golden_row *row, struct strbuf *out)
{
    enum { STEPS = 4 };
    struct story s;
    story_init(&s, run);
    const struct story_row *r = row->at == SIM_NEVER ? NULL : story_find(&s, row->at, row->object, row->what);
    if (r)
        story_causes(&s, r, STEPS, out);
    story_fini(&s);
}

static void explain(void *ctx, const struct golden_row *row, struct strbuf *out)
{
    const struct checker *k = ctx;
    golden_explain_row(k->run, row, out);
}

/* What failed, where it can be seen whole, and how to accept it. */
static void fail(struct checker *k, const struct golden_comparison *c, const char *path, struct check_result *r)
{
    struct strbuf b = STRBUF_INIT;
    const char *actual = arena_printf(k->arena, "%s.actual", path);
    struct golden_telling telling = {.explain = explain,
                                     .explain_ctx = k,
                                     .first_is_told = true,
                                     .from = path,
                                     .to = k->policy->keep_actual ? actual : "this run"};
    golden_tell_first(c, &b);
    r->outcome = CHECK_FAILED;
    r->message = arena_strdup(k->arena, strbuf_str(&b));
    r->line =
        c->count ? (c->items[0].expected && c->items[0].kind != GOLDEN_ORDER ? c->items[0].expected->line : 1) : 1;
    for (uint32_t i = 0; i < 2 && c->count; i++) {
        const struct golden_row *row = i ? c->items[0].actual : c->items[0].expected;
        if (row && row->at > r->until)
            r->until = row->at;
    }
    strbuf_reset(&b);
    golden_tell(c, &telling, &b);
    if (k->policy->keep_actual) {
        struct check_result other = {0};
        const char *wrong = k->wrong; /* a directory that cannot be written to is no reason to fail otherwise */
        if (write_file(k, actual, &other) < 0)
            strbuf_printf(&b, "note: %s\n", other.message);
        k->wrong = wrong;
    }
    strbuf_puts(&b, "if this is right: podsim test --update ");
    put_shell_word(&b, k->c->id);
    strbuf_putc(&b, '\n');
    r->details = arena_strdup(k->arena, strbuf_str(&b));
    strbuf_fini(&b);
}

static void check_one(struct checker *k, enum report_format format, const char *path,
                      const struct golden_text *expected)
{
    struct check_result r = {.name = base_name(path), .file = path, .outcome = CHECK_PASSED};
    struct golden_comparison c;
    if (k->policy->another_run) {
        r.outcome = CHECK_SKIPPED;
        r.message = arena_printf(k->arena, "not compared: %s makes another run of it", k->policy->another_run);
        add_result(k, &r);
        return;
    }
    print(k, format);
    struct golden_text actual = {strbuf_str(&k->actual), k->actual.len};
    golden_compare(k->arena, format, expected, &actual, &k->settings, &c);
    bool rewritten = !c.equal && k->policy->update && write_file(k, path, &r) == 0;
    if (rewritten)
        r.message = "rewritten";
    else if (!c.equal && !k->policy->update)
        fail(k, &c, path, &r);
    if (r.outcome == CHECK_PASSED && k->policy->keep_actual)
        unlink(arena_printf(k->arena, "%s.actual", path));
    add_result(k, &r);
}

static void create(struct checker *k, enum report_format format, const char *path)
{
    struct check_result r = {.name = base_name(path), .file = path, .outcome = CHECK_PASSED, .message = "created"};
    print(k, format);
    write_file(k, path, &r);
    add_result(k, &r);
}

static void cannot_read(struct checker *k, const char *path)
{
    add_result(k, &(struct check_result){.name = base_name(path),
                                         .file = path,
                                         .outcome = CHECK_FAILED,
                                         .message = arena_printf(k->arena, "cannot be read: %s", strerror(errno))});
}

/* The scenario's, and those of the command line: its tolerance wins, its ignore is added. */
static void merge_settings(struct checker *k)
{
    const struct scenario_golden *own = &k->c->scenario->golden;
    const struct text_list *more = &k->policy->ignore;
    uint32_t count = own->ignore.count + more->count;
    const char **items = arena_array(k->arena, const char *, count + 1);
    for (uint32_t i = 0; i < count; i++)
        items[i] = i < own->ignore.count ? own->ignore.items[i] : more->items[i - own->ignore.count];
    k->settings.ignore = (str_list){.items = items, .count = count};
    k->settings.tolerance = own->tolerance == SIM_NEVER ? 0 : own->tolerance;
    if (k->policy->tolerance_given)
        k->settings.tolerance = k->policy->tolerance;
}

int golden_check(const struct run_trace *run, const struct golden_case *c, const struct golden_policy *policy,
                 struct arena *a, struct check_results *results, const char **ret_wrong)
{
    struct checker k = {.run = run, .c = c, .policy = policy, .arena = a, .results = results};
    const char *stem = golden_stem(a, c->file, c->label);
    merge_settings(&k);
    for (int f = 0; f < REPORT_FORMAT_COUNT; f++) {
        enum report_format format = (enum report_format)f;
        struct golden_text expected;
        char *text;
        if (!golden_format_is(format))
            continue;
        const char *path = arena_printf(a, "%s.%s", stem, report_formats[f].name);
        if (read_path(path, &text, &expected.length) == 0) {
            expected.text = text;
            check_one(&k, format, path, &expected);
            free(text);
        } else if (errno != ENOENT) {
            cannot_read(&k, path);
        } else if (policy->create & 1u << f) {
            create(&k, format, path);
        }
    }
    strbuf_fini(&k.actual);
    *ret_wrong = k.wrong;
    return k.wrong ? -1 : 0;
}
