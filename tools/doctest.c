/* doctest.c - see doctest.h. Steps are done in order, in one new directory per document; after a failure the others
 * are done all the same, so that one pass tells everything.
 */
#include "tools/doctest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/doctest_command.h"
#include "tools/doctest_match.h"
#include "tools/doctest_patch.h"
#include "tools/files.h"
#include "tools/interrupt.h"

/* A file that is no part of the document: what an output, or a scenario that stands alone, is run from. */
#define ASIDE_NAME "scenario.yaml"

struct state {
    struct arena *arena;
    const struct doctest_options *options;
    struct doctest_result *result;
    const struct doctest_document *document;
    struct doctest_place place;
    struct strbuf seen, why, diff, update;
    const char *text; /* the document's ... */
    size_t len, done; /* ... of which so much is in result->updated */
    uint32_t line;    /* of the first byte that is not, from 1 */
    bool crlf;
    int code; /* of the last command */
};

/* ---- results ---- */

/* Of the same command, the second is "... (2)". */
static const char *unique_name(const struct state *s, const char *name)
{
    const struct check_results *all = &s->result->test.checks;
    uint32_t same = 1;
    for (uint32_t i = 0; i < all->count; i++) {
        size_t n = strlen(name);
        const char *other = all->items[i].name;
        same += strncmp(other, name, n) == 0 && (other[n] == '\0' || (other[n] == ' ' && other[n + 1] == '('));
    }
    return same > 1 ? arena_printf(s->arena, "%s (%" PRIu32 ")", name, same) : name;
}

static struct check_result *add_check(struct state *s, const struct doctest_step *step, const char *name)
{
    const char *unique = unique_name(s, name);
    struct check_result *c = &s->result->test.checks.items[s->result->test.checks.count++];
    *c = (struct check_result){.name = unique,
                               .outcome = CHECK_PASSED,
                               .file = s->result->test.file,
                               .line = step->at.line,
                               .column = step->at.column};
    return c;
}

static void fail(struct state *s, struct check_result *c, const char *message, const struct strbuf *details)
{
    if (c->outcome != CHECK_FAILED)
        s->result->failed++;
    s->result->lasting++;
    c->outcome = CHECK_FAILED;
    c->message = c->message ? arena_printf(s->arena, "%s; %s", c->message, message) : message;
    if (details && details->len && !c->details)
        c->details = arena_strndup(s->arena, details->data, details->len);
}

/* ---- updates: the document is copied up to a shown output, then comes what it should be ---- */

static void copy_to_line(struct state *s, uint32_t line)
{
    size_t from = s->done;
    while (s->line < line && s->done < s->len) {
        const char *end = memchr(s->text + s->done, '\n', s->len - s->done);
        s->done = end ? (size_t)(end - s->text) + 1 : s->len;
        s->line++;
    }
    strbuf_add(&s->result->updated, s->text + from, s->done - from);
}

static void put_update(struct state *s, const struct doctest_step *step)
{
    copy_to_line(s, step->line);
    const char *text = strbuf_str(&s->update);
    while (*text) {
        size_t n = strcspn(text, "\n");
        strbuf_puts(&s->result->updated, n ? step->indent : "");
        strbuf_add(&s->result->updated, text, n);
        strbuf_puts(&s->result->updated, s->crlf ? "\r\n" : "\n");
        text += n + (text[n] == '\n');
    }
    size_t kept = s->result->updated.len;
    copy_to_line(s, step->line + step->line_count);
    s->result->updated.len = kept; /* what stood there goes */
    s->result->updates++;
}

/* ---- files ---- */

static int make_directories(char *path, const char *from)
{
    for (char *slash = strchr(from, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        int result = mkdir(path, 0777);
        *slash = '/';
        if (result < 0 && errno != EEXIST)
            return -1;
    }
    return 0;
}

static int write_file(struct state *s, const char *directory, const char *name, const char *text, size_t len)
{
    char *path = arena_printf(s->arena, "%s/%s", directory, name);
    if (make_directories(path, path + strlen(directory) + 1) < 0)
        return -1;
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        return -1;
    int result = write_all(fd, text, len);
    int saved = errno;
    if (close(fd) < 0 && result == 0)
        return -1;
    errno = saved;
    return result;
}

static void do_file(struct state *s, const struct doctest_step *step)
{
    if (write_file(s, s->place.directory, step->name, step->text, strlen(step->text)) == 0)
        return;
    const char *message = arena_printf(s->arena, "cannot write %s: %s", step->name, strerror(errno));
    fail(s, add_check(s, step, step->name), message, NULL);
}

static void do_change(struct state *s, const struct doctest_step *step)
{
    struct strbuf changed = STRBUF_INIT;
    char *text;
    size_t len;
    const char *path = arena_printf(s->arena, "%s/%s", s->place.directory, step->name), *message = NULL;
    if (read_path(path, &text, &len) < 0) {
        message = arena_printf(s->arena, "cannot read %s: %s", step->name, strerror(errno));
    } else {
        uint32_t line;
        if (doctest_patch(s->arena, text, step->text, &changed, &line) < 0)
            message = arena_printf(s->arena, "%s has no such lines, or more than once (line %" PRIu32 " of this)",
                                   step->name, step->at.line + line);
        else if (write_file(s, s->place.directory, step->name, strbuf_str(&changed), changed.len) < 0)
            message = arena_printf(s->arena, "cannot write %s: %s", step->name, strerror(errno));
        free(text);
    }
    if (message)
        fail(s, add_check(s, step, arena_printf(s->arena, "change of %s", step->name)), message, NULL);
    strbuf_fini(&changed);
}

/* ---- commands ---- */

static void compare(struct state *s, const struct doctest_step *step, struct check_result *c)
{
    strbuf_reset(&s->diff);
    strbuf_reset(&s->update);
    if (doctest_match(step->shown, strbuf_str(&s->seen), step->line, &s->diff, &s->update))
        return;
    fail(s, c, "prints something else than is shown", &s->diff);
    s->result->lasting--;
    put_update(s, step);
}

static bool code_is_shown(const struct state *s, const struct doctest_step *step)
{
    const struct doctest_step *next = step + 1;
    return next < s->document->steps + s->document->count && next->kind == DOCTEST_COMMAND && next->in_block &&
           doctest_command_kind(next->text) == DOCTEST_STATUS;
}

static void run(struct state *s, const char *directory, const char *command)
{
    strbuf_reset(&s->seen);
    strbuf_reset(&s->why);
    s->code = doctest_run(&s->place, directory, command, s->options->trust == DOCTEST_ANY_COMMAND, &s->seen, &s->why);
}

static void do_command(struct state *s, const struct doctest_step *step)
{
    struct check_result *c = add_check(s, step, step->text);
    if (doctest_command_kind(step->text) == DOCTEST_STATUS) {
        strbuf_reset(&s->seen);
        strbuf_printf(&s->seen, "%d\n", s->code);
    } else {
        run(s, s->place.directory, step->text);
    }
    if (s->code < 0) {
        fail(s, c, arena_strdup(s->arena, strbuf_str(&s->why)), &s->seen);
        return;
    }
    compare(s, step, c);
    if (s->code != 0 && doctest_command_kind(step->text) != DOCTEST_STATUS && !code_is_shown(s, step))
        fail(s, c, arena_printf(s->arena, "exit code %d, want 0 (`$ echo $?` after it says that it may fail)", s->code),
             &s->seen);
}

/* Runs YAML of the document: a file of it, or a block that has no name. NULL = that has failed already. */
static struct check_result *run_yaml(struct state *s, const struct doctest_step *step, const char *name,
                                     const char *command)
{
    struct check_result *c = add_check(s, step, command);
    if (!name && write_file(s, s->place.aside, ASIDE_NAME, step->text, strlen(step->text)) < 0) {
        fail(s, c, arena_printf(s->arena, "cannot write it: %s", strerror(errno)), NULL);
        return NULL;
    }
    run(s, name ? s->place.directory : s->place.aside, command);
    if (s->code == 0)
        return c;
    fail(s, c,
         s->code < 0 ? arena_strdup(s->arena, strbuf_str(&s->why))
                     : arena_printf(s->arena, "exit code %d, want 0", s->code),
         &s->seen);
    return NULL;
}

static void do_output(struct state *s, const struct doctest_step *step)
{
    const char *name = step->name ? step->name : ASIDE_NAME, *quote = strpbrk(name, " $*&;()") ? "'" : "";
    struct check_result *c =
        run_yaml(s, step, step->name,
                 arena_printf(s->arena, "podsim run --quiet -o %s %s%s%s", step->format, quote, name, quote));
    if (c)
        compare(s, step, c);
}

static void do_copy(struct state *s, const struct doctest_step *step)
{
    const char *slash = strrchr(s->result->test.file, '/');
    int directory = slash ? (int)(slash - s->result->test.file) + 1 : 0;
    const char *path = arena_printf(s->arena, "%.*s%s", directory, s->result->test.file, step->text);
    char *text = NULL;
    size_t len;
    if (read_path(path, &text, &len) < 0 || write_file(s, s->place.directory, step->name, text, len) < 0)
        fail(s, add_check(s, step, step->text), arena_printf(s->arena, "cannot copy it: %s", strerror(errno)), NULL);
    free(text);
}

static void do_step(struct state *s, const struct doctest_step *step)
{
    switch (step->kind) {
    case DOCTEST_FILE:
        do_file(s, step);
        break;
    case DOCTEST_COPY:
        do_copy(s, step);
        break;
    case DOCTEST_CHANGE:
        do_change(s, step);
        break;
    case DOCTEST_COMMAND:
        do_command(s, step);
        break;
    case DOCTEST_OUTPUT:
        do_output(s, step);
        break;
    case DOCTEST_SCENARIO:
        run_yaml(s, step, NULL, "podsim test --quiet --no-times " ASIDE_NAME);
        break;
    }
}

static void do_all(struct state *s)
{
    for (uint32_t i = 0; i < s->document->count && !interrupted(); i++)
        do_step(s, &s->document->steps[i]);
    copy_to_line(s, UINT32_MAX);
    if (s->options->keep)
        s->result->kept = arena_strdup(s->arena, s->place.directory);
}

/* The document itself is wrong. */
static void set_invalid(struct arena *a, const struct diag_set *d, struct test_result *ret)
{
    struct strbuf text = STRBUF_INIT;
    diag_print(d, &text, 0);
    ret->outcome = TEST_INVALID;
    ret->diagnostics = arena_strdup(a, strbuf_str(&text));
    ret->reason = arena_printf(a, "%" PRIu32 " error%s in it", d->error_count, d->error_count == 1 ? "" : "s");
    ret->error_file = ret->file;
    for (uint32_t i = d->diags.count; i-- > 0;) {
        const struct diag *g = pool_at(&d->diags, i);
        ret->error_line = g->at.line;
        ret->error_column = g->at.column;
    }
    strbuf_fini(&text);
}

static int do_document(struct arena *a, const struct doctest_document *document, const char *text, size_t len,
                       const struct doctest_options *o, struct doctest_result *ret)
{
    const char *first_end = memchr(text, '\n', len);
    struct state s = {.arena = a,
                      .options = o,
                      .result = ret,
                      .document = document,
                      .text = text,
                      .len = len,
                      .line = 1,
                      .crlf = first_end && first_end > text && first_end[-1] == '\r'};
    ret->passed_over = document->passed_over;
    ret->test.checks.items = arena_array(a, struct check_result, document->count + 1);
    if (doctest_place_init(&s.place) < 0)
        return -1;
    do_all(&s);
    ret->test.outcome = ret->failed ? TEST_FAILED : TEST_PASSED;
    doctest_place_fini(&s.place, o->keep);
    strbuf_fini(&s.seen);
    strbuf_fini(&s.why);
    strbuf_fini(&s.diff);
    strbuf_fini(&s.update);
    return 0;
}

int doctest_document(struct arena *a, const char *file, const char *text, size_t len, const struct doctest_options *o,
                     struct doctest_result *ret)
{
    struct doctest_document document;
    struct diag_set d;
    int result = 0;
    diag_init(&d);
    *ret = (struct doctest_result){.test = {.id = arena_strdup(a, file)}};
    ret->test.file = ret->test.id;
    ret->test.reproduce = arena_printf(a, "podsim doctest %s%s", o->trust ? "--allow-shell " : "", file);
    if (doctest_read(a, &d, diag_add_file(&d, file, text, len), text, len, o->trust, &document) < 0)
        set_invalid(a, &d, &ret->test);
    else
        result = do_document(a, &document, text, len, o, ret);
    diag_fini(&d);
    return result;
}

void doctest_result_fini(struct doctest_result *r) { strbuf_fini(&r->updated); }
