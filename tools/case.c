/* case.c - load, run and check one case. Runs in a worker process; what it finds out is a struct test_result. */
#include "tools/case.h"

#include <string.h>
#include <unistd.h>

#include "report/expect.h"
#include "report/report.h"
#include "report/verify.h"
#include "tools/files.h"
#include "tools/output.h"

/* What one case needs while it runs. */
struct world {
    const struct test_case *c;
    const struct case_settings *settings;
    struct arena *arena;
    struct test_result *result;
    struct inputs inputs;
    struct diag_set diags;
    struct scenario scenario;
    uint32_t read_cap;
};

/* ---- commands ---- */

void put_shell_word(struct strbuf *out, const char *text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,@%+";
    if (*text && strspn(text, plain) == strlen(text)) {
        strbuf_puts(out, text);
        return;
    }
    strbuf_putc(out, '\'');
    for (; *text; text++) {
        if (*text == '\'')
            strbuf_puts(out, "'\\''");
        else
            strbuf_putc(out, *text);
    }
    strbuf_putc(out, '\'');
}

/* A file that begins with a dash would be taken for an option; - is standard input. */
static void put_file(struct strbuf *out, const char *file)
{
    struct strbuf name = STRBUF_INIT;
    strbuf_printf(&name, "%s%s", *file == '-' && file[1] ? "./" : "", file);
    put_shell_word(out, strbuf_str(&name));
    strbuf_fini(&name);
}

static const char *reproduce(struct arena *a, const struct test_case *c, const struct case_settings *s)
{
    struct strbuf b = STRBUF_INIT;
    strbuf_puts(&b, "podsim test ");
    put_file(&b, c->id);
    strbuf_puts(&b, s->command);
    strbuf_puts(&b, s->more);
    const char *text = arena_strdup(a, strbuf_str(&b));
    strbuf_fini(&b);
    return text;
}

/* until 0 = to the end. */
static const char *look(struct arena *a, const struct test_case *c, const struct case_settings *s, sim_time until)
{
    struct strbuf b = STRBUF_INIT;
    strbuf_puts(&b, "podsim run ");
    put_file(&b, c->file);
    for (uint32_t i = 0; i < c->settings.count; i++) {
        strbuf_puts(&b, " --set ");
        put_shell_word(&b, c->settings.items[i]);
    }
    strbuf_puts(&b, s->command);
    if (until > 0) {
        strbuf_puts(&b, " --until ");
        strbuf_go_duration(&b, until);
    }
    const char *text = arena_strdup(a, strbuf_str(&b));
    strbuf_fini(&b);
    return text;
}

/* ---- input ---- */

static void note_file(struct world *w, const char *file)
{
    str_list *list = &w->result->files;
    if (list->count == w->read_cap) {
        w->read_cap = w->read_cap ? 2 * w->read_cap : 4;
        const char **items = arena_array(w->arena, const char *, w->read_cap);
        if (list->count)
            memcpy(items, list->items, list->count * sizeof *items);
        list->items = items;
    }
    list->items[list->count++] = arena_strdup(w->arena, file);
}

/* As inputs_read_file, and remembers what was read. */
static int read_file(void *ctx, struct arena *a, const char *path, const char **ret_text, size_t *ret_len,
                     const char **ret_error)
{
    struct world *w = ctx;
    note_file(w, path);
    return inputs_read_file(&w->inputs, a, path, ret_text, ret_len, ret_error);
}

static int find_files(void *ctx, struct arena *a, const char *pattern, str_list *ret_paths, const char **ret_error)
{
    return inputs_find_files(&((struct world *)ctx)->inputs, a, pattern, ret_paths, ret_error);
}

/* The case's parameters. */
static parameter_settings settings_of(const struct world *w)
{
    const str_list *texts = &w->c->settings;
    parameter_settings list = {arena_array(w->arena, struct parameter_setting, texts->count), texts->count};
    for (uint32_t i = 0; i < texts->count; i++) {
        size_t n = strcspn(texts->items[i], "=");
        const char *value = texts->items[i] + n + (texts->items[i][n] == '=');
        list.items[i] = (struct parameter_setting){arena_strndup(w->arena, texts->items[i], n), value};
    }
    return list;
}

static int load_scenario(struct world *w)
{
    const struct scenario_source source = {
        .inputs = w->inputs.items,
        .count = w->inputs.count,
        .read_file = read_file,
        .find_files = find_files,
        .ctx = w,
        .settings = settings_of(w),
    };
    return scenario_load_source(w->arena, &w->diags, &source, &w->scenario);
}

static const char *diags_as(struct world *w, bool json)
{
    struct strbuf text = STRBUF_INIT;
    struct diag_style style = output_diag_style(w->settings->options);
    style.quiet = w->settings->options->warnings == WARNINGS_OFF; /* --quiet is about the cases */
    style.color = false;
    style.json = json;
    diag_write(&w->diags, &style, &text);
    const char *result = text.len ? arena_strdup(w->arena, strbuf_str(&text)) : NULL;
    strbuf_fini(&text);
    return result;
}

static void note_diags(struct world *w)
{
    w->result->diagnostics = diags_as(w, false);
    if (w->settings->options->diagnostics == DIAGNOSTICS_JSON)
        w->result->diagnostics_json = diags_as(w, true);
}

static bool comes_before(const struct src_pos *a, const struct src_pos *b)
{
    if (a->file != b->file)
        return a->file < b->file;
    return a->line != b->line ? a->line < b->line : a->column < b->column;
}

static const struct diag *first_error(const struct diag_set *d)
{
    const struct diag *first = NULL;
    for (uint32_t i = 0; i < d->diags.count; i++) {
        const struct diag *x = pool_at(&d->diags, i);
        if (x->level == DIAG_ERROR && (!first || comes_before(&x->at, &first->at)))
            first = x;
    }
    return first;
}

static void is_invalid(struct world *w, const char *reason)
{
    w->result->outcome = TEST_INVALID;
    w->result->reason = reason;
    w->result->look = NULL;
}

/* The first error is the reason, the rest is in the diagnostics. */
static void has_errors(struct world *w)
{
    struct test_result *r = w->result;
    const struct diag *e = first_error(&w->diags);
    uint32_t more = w->diags.error_count > 1 ? w->diags.error_count - 1 : 0;
    is_invalid(w, e ? arena_strdup(w->arena, e->message) : "the input is wrong");
    if (more)
        r->reason = arena_printf(w->arena, "%s (and %" PRIu32 " more error%s)", r->reason, more, more == 1 ? "" : "s");
    if (e && e->at.file < w->diags.files.count && e->at.line) {
        const struct diag_file *f = pool_at(&w->diags.files, e->at.file);
        r->error_file = arena_strdup(w->arena, f->name);
        r->error_line = e->at.line;
        r->error_column = e->at.column;
    }
}

static int load(struct world *w)
{
    struct strbuf complaint = STRBUF_INIT;
    const char *file = w->c->file;
    int bad = inputs_read(&w->inputs, &file, 1, &complaint);
    note_file(w, file);
    if (bad < 0) {
        const char *text = strbuf_str(&complaint), *prefix = "podsim: ";
        size_t skip = strncmp(text, prefix, strlen(prefix)) == 0 ? strlen(prefix) : 0;
        is_invalid(w, arena_strndup(w->arena, text + skip, strcspn(text + skip, "\n")));
    } else if (load_scenario(w) < 0 || w->diags.error_count) {
        bad = -1;
        note_diags(w);
        has_errors(w);
    }
    strbuf_fini(&complaint);
    return bad;
}

/* ---- checks ---- */

/* When an expectation of some time is either true or not; 0 = at the end. */
static sim_time decided_by(const struct expectation *e)
{
    if (e->at != SIM_NEVER)
        return e->at;
    if (e->within != SIM_NEVER)
        return sim_time_add(e->after == SIM_NEVER ? 0 : e->after, e->within);
    return e->to == SIM_NEVER ? 0 : e->to;
}

static void hold_expectations(struct world *w, const struct run_trace *trace)
{
    expect_check(trace, &w->scenario.expectations, w->arena, &w->result->checks);
    for (uint32_t i = 0; i < w->result->checks.count; i++) {
        struct check_result *c = &w->result->checks.items[i];
        c->file = c->file ? arena_strdup(w->arena, c->file) : NULL; /* it is the diagnostics' */
        c->until = decided_by(&w->scenario.expectations.items[i]);
        if (c->outcome == CHECK_FAILED)
            w->result->outcome = TEST_FAILED;
    }
}

static void hold_goldens(struct world *w, const struct run_trace *trace)
{
    struct test_result *r = w->result;
    struct golden_case c = {.id = w->c->id, .file = w->c->file, .label = w->c->file_label, .scenario = &w->scenario};
    uint32_t before = r->checks.count;
    if (golden_check(trace, &c, &w->settings->goldens, w->arena, &r->checks, &r->reason) < 0)
        r->outcome = TEST_MACHINE;
    for (uint32_t i = before; i < r->checks.count; i++)
        if (r->checks.items[i].outcome == CHECK_FAILED && r->outcome == TEST_PASSED)
            r->outcome = TEST_FAILED;
}

/* Up to the first failure: what comes after it need not be looked at. */
static void look_until_it_failed(struct world *w)
{
    struct test_result *r = w->result;
    sim_time first = r->end;
    for (uint32_t i = 0; i < r->checks.count; i++) {
        const struct check_result *c = &r->checks.items[i];
        sim_time until = c->until > 0 ? c->until : r->end;
        if (c->outcome == CHECK_FAILED && until < first)
            first = until;
    }
    if (first < r->end)
        r->look = look(w->arena, w->c, w->settings, first);
}

/* What only the run could find out, such as a syntax error in a script, with the line it stands in. */
static void note_found(struct world *w, const struct run_trace *trace)
{
    for (uint32_t i = 1; i < trace_count(trace->trace); i++) {
        const struct trace_record *r = trace_at(trace->trace, i);
        const struct trace_diag *d = r->kind == TRACE_DIAG ? r->data : NULL;
        if (d && d->at.line && d->at.file < w->diags.files.count)
            diag_report(&w->diags, CODE_SCRIPT, d->at, NULL, "%s", d->message);
    }
}

/* A broken promise is a bug of podsim. */
static void verify(struct world *w, const struct run_trace *trace)
{
    struct strbuf text = STRBUF_INIT;
    struct verify_result result;
    if (verify_trace(trace, &text, &result)) {
        w->result->outcome = TEST_CRASHED;
        w->result->reason = "this run does what no cluster does: this is a bug, please report it";
        w->result->diagnostics = arena_strdup(w->arena, strbuf_str(&text));
    }
    strbuf_fini(&text);
}

static void run(struct world *w)
{
    struct test_result *r = w->result;
    struct cluster_options options = w->settings->options->cluster;
    options.diags = &w->diags;
    options.stop_ctx = expect_stop_new(w->arena, w->scenario.stop_when);
    options.stop_when = options.stop_ctx ? expect_stop_now : NULL;
    struct cluster *c = cluster_new(&w->scenario, &options);
    enum run_end end = cluster_run(c);
    expect_stop_free(options.stop_ctx);
    struct run_trace trace = cluster_trace(c);
    r->ran = true;
    r->name = w->scenario.name;
    r->end = trace.end;
    r->events = trace.events;
    r->seed = trace.seed;
    r->kubernetes_version = w->scenario.kubernetes_version;
    r->digest = w->settings->digest ? cluster_digest(c) : 0;
    if (end == RUN_LIMIT) {
        r->outcome = TEST_LIMIT;
        r->reason = arena_strdup(w->arena, cluster_limit_text(c));
    } else {
        hold_expectations(w, &trace);
        hold_goldens(w, &trace);
        look_until_it_failed(w);
    }
    note_found(w, &trace);
    note_diags(w);
    if (w->diags.error_count) /* -W error */
        has_errors(w);
    if (w->settings->options->verify)
        verify(w, &trace);
    cluster_free(c);
}

/* ---- one case ---- */

void case_result(const struct test_case *c, const struct case_settings *settings, struct arena *a,
                 struct test_result *ret_result)
{
    *ret_result = (struct test_result){
        .id = c->id,
        .file = c->file,
        .line = c->line,
        .tags = c->tags,
        .reproduce = reproduce(a, c, settings),
        .look = look(a, c, settings, 0),
    };
}

void case_run(const struct test_case *c, const struct case_settings *settings, struct arena *a,
              struct test_result *ret_result)
{
    struct world w = {.c = c, .settings = settings, .arena = a, .result = ret_result};
    case_result(c, settings, a, ret_result);
    diag_init(&w.diags);
    w.diags.strict = settings->options->warnings == WARNINGS_ERROR;
    if (c->wrong)
        is_invalid(&w, c->wrong);
    else if (load(&w) == 0)
        run(&w);
    if (ret_result->outcome == TEST_INVALID && w.diags.error_count == 0) { /* it could not even be read */
        diag_report(&w.diags, CODE_FILE, SRC_POS_NONE, NULL, "%s: %s", c->file, ret_result->reason);
        note_diags(&w);
        ret_result->diagnostics = NULL;
    }
    diag_fini(&w.diags);
    inputs_fini(&w.inputs);
}
