/* cmd_doctest.c - podsim doctest: run what Markdown documents show, and check the output they show. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tools/commands.h"
#include "tools/doctest.h"
#include "tools/files.h"
#include "tools/job.h"
#include "tools/output.h"
#include "tools/replace_file.h"

struct doctest_run {
    const struct options *options;
    struct arena arena;
    struct diag_set diags;
    struct doctest_options how;
    uint32_t documents, checks, failed, passed_over, updated;
    int code;
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

static void put_indented(const char *text)
{
    while (*text) {
        size_t n = strcspn(text, "\n");
        strbuf_puts(&output, n ? "       " : "");
        strbuf_add(&output, text, n);
        strbuf_putc(&output, '\n');
        text += n + (text[n] == '\n');
    }
}

static void report(const struct doctest_run *r, const struct doctest_result *d)
{
    strbuf_printf(&output, "%s %s: ", d->failed ? "FAIL" : "ok  ", d->file);
    if (d->failed)
        strbuf_printf(&output, "%" PRIu32 " of %" PRIu32 " checks failed", d->failed, d->checks.count);
    else
        strbuf_printf(&output, "%" PRIu32 " check%s", d->checks.count, d->checks.count == 1 ? "" : "s");
    if (d->passed_over)
        strbuf_printf(&output, ", %" PRIu32 " block%s of other commands passed over", d->passed_over,
                      d->passed_over == 1 ? "" : "s");
    strbuf_putc(&output, '\n');
    for (uint32_t i = 0; i < d->checks.count; i++) {
        const struct check_result *c = &d->checks.items[i];
        if (c->outcome != CHECK_FAILED)
            continue;
        strbuf_printf(&output, "     %s:%" PRIu32 ": %s: %s\n", c->file, c->line, strchr(c->name, ':') + 2, c->message);
        put_indented(c->details ? c->details : "");
    }
    if (d->failed)
        strbuf_printf(&output, "     reproduce: podsim doctest %s%s\n", r->how.trust ? "--allow-shell " : "", d->file);
    if (d->kept)
        strbuf_printf(&output, "     its files are in %s\n", d->kept);
}

static void update(struct doctest_run *r, const struct doctest_result *d)
{
    struct strbuf why = STRBUF_INIT;
    if (replace_file(d->file, strbuf_str(&d->updated), d->updated.len, &why) < 0) {
        complain(r, EXIT_MACHINE, "cannot write ", strbuf_str(&why));
    } else {
        strbuf_printf(&output, "     %" PRIu32 " output%s of %s rewritten\n", d->updates, d->updates == 1 ? "" : "s",
                      d->file);
        r->updated += d->updates;
    }
    strbuf_fini(&why);
}

/* `named`: on the command line, so that there has to be something to check. */
static void check_text(struct doctest_run *r, const char *file, const char *text, size_t len, bool named)
{
    struct doctest_result d;
    if (doctest_document(&r->arena, &r->diags, file, text, len, &r->how, &d) < 0) {
        set_code(r, EXIT_INPUT);
    } else if (d.interrupted) {
        set_code(r, EXIT_INTERRUPTED);
    } else if (d.checks.count == 0) {
        if (named)
            complain(r, EXIT_USAGE, "nothing to check in ", file);
    } else {
        report(r, &d);
        r->documents++;
        r->checks += d.checks.count;
        r->failed += d.failed;
        r->passed_over += d.passed_over;
        if (d.updates && r->options->update)
            update(r, &d);
        if (d.lasting || (d.failed && !r->options->update))
            set_code(r, EXIT_NONE);
    }
    doctest_result_fini(&d);
}

static void check_path(struct doctest_run *r, const char *path, bool named);

static bool is_markdown(const char *name)
{
    size_t n = strlen(name);
    return n > 3 && (strcmp(name + n - 3, ".md") == 0 || (n > 9 && strcmp(name + n - 9, ".markdown") == 0));
}

static int by_name(const struct dirent **a, const struct dirent **b) { return strcmp((*a)->d_name, (*b)->d_name); }

static int no_dots(const struct dirent *e) { return e->d_name[0] != '.'; }

static void check_directory(struct doctest_run *r, const char *path)
{
    struct dirent **entries;
    struct stat st;
    size_t len = strlen(path);
    int count = scandir(path, &entries, no_dots, by_name);
    for (int i = 0; i < count; i++) {
        const char *name =
            arena_printf(&r->arena, "%s%s%s", path, len && path[len - 1] == '/' ? "" : "/", entries[i]->d_name);
        if (lstat(name, &st) == 0 && (S_ISDIR(st.st_mode) || is_markdown(name)))
            check_path(r, name, false);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
}

static void check_path(struct doctest_run *r, const char *path, bool named)
{
    struct stat st;
    char *text;
    size_t len;
    if (r->code == EXIT_INTERRUPTED)
        return;
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
        uint32_t before = r->documents;
        check_directory(r, path);
        if (named && r->documents == before && r->code == EXIT_OK)
            complain(r, EXIT_USAGE, "nothing to check in ", path);
        return;
    }
    if (read_path(path, &text, &len) < 0) {
        complain(r, EXIT_INPUT, arena_printf(&r->arena, "cannot read %s: ", path), strerror(errno));
        return;
    }
    check_text(r, path, text, len, named);
    free(text);
}

static void put_summary(const struct doctest_run *r)
{
    if (r->documents == 0)
        return;
    strbuf_printf(&output, "%" PRIu32 " document%s, %" PRIu32 " check%s, ", r->documents, r->documents == 1 ? "" : "s",
                  r->checks, r->checks == 1 ? "" : "s");
    if (r->failed)
        strbuf_printf(&output, "%" PRIu32 " failed\n", r->failed);
    else
        strbuf_puts(&output, "all passed\n");
    if (r->updated)
        strbuf_printf(&output, "%" PRIu32 " output%s rewritten; look at the difference before it is committed\n",
                      r->updated, r->updated == 1 ? "" : "s");
}

int cmd_doctest(const struct options *o)
{
    const char *ci = getenv("CI");
    if (o->update && ci && *ci)
        return output_usage_error(CMD_DOCTEST, "--update rewrites documents, which is not done where CI is set");
    struct doctest_run r = {
        .options = o, .how = {.trust = o->allow_shell ? DOCTEST_ANY_COMMAND : DOCTEST_PODSIM_ONLY, .keep = o->keep}};
    arena_init(&r.arena, 0);
    diag_init(&r.diags);
    for (uint32_t i = 0; i < o->files.count; i++)
        check_path(&r, o->files.items[i], true);
    put_summary(&r);
    struct strbuf text = STRBUF_INIT;
    diag_print(&r.diags, &text, 0);
    output_error(&text);
    strbuf_fini(&text);
    diag_fini(&r.diags);
    arena_fini(&r.arena);
    return r.code;
}
