/* doctest_markdown.c - see doctest_markdown.h. Blocks are found as CommonMark says (spec 0.31, 4.5 Fenced code blocks:
 * at least three ` or ~, closed by at least as many of the same), except that a block may be indented as far as the
 * list that it stands in wants. Left out: blocks within quotes (>), and comments that begin after other text.
 */
#include "tools/doctest_markdown.h"

#include <stdlib.h>
#include <string.h>

#include "report/report.h"
#include "tools/doctest_command.h"

/* One line, without its end. */
struct line {
    const char *text;
    size_t len;
};

struct block {
    uint32_t fence;        /* the line it begins with, from 0 */
    uint32_t first, count; /* lines between the fences */
    size_t indent, width;  /* of the fence */
    char mark;
    bool closed;
    struct line info;
    const char *language, *title, *format;
};

struct reader {
    struct arena *arena;
    struct diag_set *diags;
    uint32_t file;
    enum doctest_trust trust;
    struct line *lines;
    uint32_t line_count;
    struct pool steps;     /* struct doctest_step */
    const char *yaml;      /* the last YAML block or file; NULL = there was none */
    const char *yaml_name; /* NULL = it has none */
    uint32_t scenario;     /* 1 + the step that it is; 0 = it is none, or its output is shown */
    uint32_t skip_line;    /* of a comment that waits for its block, from 1; 0 = none */
    uint32_t passed_over;
};

static void split_lines(struct reader *r, const char *text, size_t len)
{
    uint32_t count = 0;
    for (size_t i = 0; i < len; i++)
        count += text[i] == '\n';
    r->lines = arena_array(r->arena, struct line, count + 1);
    for (size_t i = 0; i < len;) {
        const char *end = memchr(text + i, '\n', len - i);
        size_t n = end ? (size_t)(end - text) - i : len - i;
        struct line *line = &r->lines[r->line_count++];
        *line = (struct line){text + i, n};
        while (line->len && line->text[line->len - 1] == '\r')
            line->len--;
        i += n + 1;
    }
}

static struct line trimmed(struct line l)
{
    while (l.len && (*l.text == ' ' || *l.text == '\t'))
        l.text++, l.len--;
    while (l.len && (l.text[l.len - 1] == ' ' || l.text[l.len - 1] == '\t'))
        l.len--;
    return l;
}

static bool begins(struct line l, const char *with)
{
    size_t n = strlen(with);
    return l.len >= n && memcmp(l.text, with, n) == 0;
}

static struct src_pos position(const struct reader *r, uint32_t index, size_t column, size_t length)
{
    return (struct src_pos){r->file, index + 1, (uint32_t)column + 1, (uint32_t)length};
}

/* ---- fences ---- */

static bool opens(struct line l, struct block *ret)
{
    struct line t = trimmed(l);
    size_t width = 0;
    while (width < t.len && t.text[width] == t.text[0])
        width++;
    if (width < 3 || (t.text[0] != '`' && t.text[0] != '~'))
        return false;
    struct line info = trimmed((struct line){t.text + width, t.len - width});
    if (t.text[0] == '`' && memchr(info.text, '`', info.len))
        return false;
    *ret = (struct block){.indent = (size_t)(t.text - l.text), .width = width, .mark = t.text[0], .info = info};
    return true;
}

static bool closes(struct line l, const struct block *b)
{
    struct line t = trimmed(l);
    size_t width = 0;
    while (width < t.len && t.text[width] == b->mark)
        width++;
    return width >= b->width && width == t.len;
}

/* The line as the block's author means it: its indentation is the fence's. */
static struct line content(const struct reader *r, const struct block *b, uint32_t i)
{
    struct line l = r->lines[b->first + i];
    for (size_t n = 0; n < b->indent && l.len && *l.text == ' '; n++)
        l.text++, l.len--;
    return l;
}

static char *join(struct reader *r, const struct block *b, uint32_t from, uint32_t to)
{
    size_t len = 0;
    for (uint32_t i = from; i < to; i++)
        len += content(r, b, i).len + 1;
    char *text = arena_alloc(r->arena, len + 1), *at = text;
    for (uint32_t i = from; i < to; i++) {
        struct line l = content(r, b, i);
        memcpy(at, l.text, l.len);
        at[l.len] = '\n';
        at += l.len + 1;
    }
    return text;
}

/* ---- the info string: a language, then words ---- */

static bool is_yaml(const struct block *b) { return text_is(b->language, "yaml") || text_is(b->language, "yml"); }

/* A name may not leave the directory that all of this happens in. */
static bool stays_inside(const char *path)
{
    if (*path == '\0' || *path == '/')
        return false;
    for (const char *p = path; p; p = strchr(p, '/'), p = p ? p + 1 : NULL)
        if (strncmp(p, "..", 2) == 0 && (p[2] == '/' || p[2] == '\0'))
            return false;
    return path[strlen(path) - 1] != '/';
}

static int wrong_word(struct reader *r, const struct block *b, const char *word, const char *close, const char *help)
{
    size_t column = (size_t)(b->info.text - r->lines[b->fence].text);
    const char *suggestion = arena_printf(r->arena, "did you mean \"%s\"?", close ? close : "");
    return diag_error_suggest(r->diags, position(r, b->fence, column, b->info.len), close ? suggestion : NULL, help,
                              word);
}

/* Words that nobody here knows belong to somebody else, unless they look like a mistake. */
static int read_word(struct reader *r, struct block *b, char *word)
{
    char *value = strchr(word, '=');
    if (value) {
        *value++ = '\0';
        if (strcmp(word, "title") == 0) {
            b->title = value;
            return stays_inside(value) ? 0
                                       : wrong_word(r, b, value, NULL,
                                                    "title: want the name of a file in the document's own directory, "
                                                    "such as lifecycle/web.yaml, got \"%s\"");
        }
        const char *close = diag_closest(word, (const char *const[]){"title"}, 1);
        return close ? wrong_word(r, b, word, close, "unknown attribute \"%s\"") : 0;
    }
    if (!text_is(b->language, "text"))
        return 0;
    const char *names[REPORT_FORMAT_COUNT];
    for (int i = 0; i < REPORT_FORMAT_COUNT; i++) {
        names[i] = report_formats[i].name;
        if (strcmp(names[i], word) == 0)
            b->format = names[i];
    }
    const char *close = b->format ? NULL : diag_closest(word, names, REPORT_FORMAT_COUNT);
    return close ? wrong_word(r, b, word, close, "unknown format \"%s\"") : 0;
}

/* The next word of the info string, without its quotes; NULL = no more. */
static char *next_word(struct reader *r, struct line *rest)
{
    *rest = trimmed(*rest);
    if (rest->len == 0)
        return NULL;
    char *word = arena_alloc(r->arena, rest->len + 1), quote = '\0';
    size_t n = 0, i = 0;
    for (; i < rest->len && (quote || (rest->text[i] != ' ' && rest->text[i] != '\t')); i++) {
        char c = rest->text[i];
        if (quote ? c == quote : c == '"' || c == '\'')
            quote = quote ? '\0' : c;
        else
            word[n++] = c;
    }
    *rest = (struct line){rest->text + i, rest->len - i};
    return word;
}

static int read_info(struct reader *r, struct block *b)
{
    struct line rest = b->info;
    char *word = next_word(r, &rest);
    int result = 0;
    b->language = word ? word : "";
    while (result == 0 && (word = next_word(r, &rest)))
        result = read_word(r, b, word);
    return result;
}

/* ---- blocks ---- */

static struct doctest_step *add_step(struct reader *r)
{
    struct doctest_step *s = pool_at(&r->steps, pool_add(&r->steps));
    *s = (struct doctest_step){.text = "", .shown = "", .indent = ""};
    return s;
}

static struct src_pos fence_position(const struct reader *r, const struct block *b)
{
    return position(r, b->fence, b->indent, r->lines[b->fence].len - b->indent);
}

static void set_shown(struct reader *r, const struct block *b, struct doctest_step *s, uint32_t from, uint32_t to)
{
    char *indent = arena_alloc(r->arena, b->indent + 1);
    memset(indent, ' ', b->indent);
    s->shown = join(r, b, from, to);
    s->line = b->first + from + 1;
    s->line_count = to - from;
    s->indent = indent;
}

static bool is_command(struct line l) { return begins(l, "$ "); }

/* The command of line `i`, with the lines that a backslash joins to it; *ret_next is the line after them. */
static const char *command_at(struct reader *r, const struct block *b, uint32_t i, uint32_t *ret_next)
{
    struct strbuf text = STRBUF_INIT;
    bool more = true;
    for (uint32_t first = i; more && i < b->count; i++) {
        struct line l = content(r, b, i);
        size_t skip = i == first || begins(l, "> ") ? 2 : 0;
        l = trimmed((struct line){l.text + skip, l.len - skip});
        more = l.len && l.text[l.len - 1] == '\\';
        strbuf_puts(&text, i == first ? "" : " ");
        l = trimmed((struct line){l.text, l.len - more});
        strbuf_add(&text, l.text, l.len);
    }
    *ret_next = i;
    char *copy = arena_strndup(r->arena, strbuf_str(&text), text.len);
    strbuf_fini(&text);
    return copy;
}

/* Is there something to run? A block of other programs is no matter of ours; one that mixes them is (the run says so).
 */
static bool is_ours(struct reader *r, const struct block *b, uint32_t *ret_commands)
{
    bool podsim = false, others = false;
    uint32_t next;
    *ret_commands = 0;
    for (uint32_t i = 0; i < b->count; i = next) {
        next = i + 1;
        if (!is_command(content(r, b, i)))
            continue;
        const char *command = command_at(r, b, i, &next);
        ++*ret_commands;
        podsim |= doctest_command_kind(command) == DOCTEST_PODSIM;
        others |= doctest_command_kind(command) == DOCTEST_OTHER;
    }
    return *ret_commands && (r->trust == DOCTEST_ANY_COMMAND || podsim || !others);
}

static int read_console(struct reader *r, const struct block *b)
{
    uint32_t commands, next, from = 0;
    if (!is_ours(r, b, &commands)) {
        r->passed_over += commands > 0;
        return 0;
    }
    if (!is_command(content(r, b, 0)))
        return diag_error(r->diags, position(r, b->first, b->indent, 0),
                          "output without a command: want a line that begins with \"$ \" above it");
    for (uint32_t i = 0; i < b->count; i = next) {
        struct doctest_step *s = add_step(r);
        s->kind = DOCTEST_COMMAND;
        s->at = position(r, b->first + i, b->indent, content(r, b, i).len);
        s->in_block = i > 0;
        s->text = command_at(r, b, i, &from);
        for (next = from; next < b->count && !is_command(content(r, b, next));)
            next++;
        set_shown(r, b, s, from, next);
    }
    return 0;
}

static int read_output(struct reader *r, const struct block *b)
{
    if (!r->yaml)
        return diag_error(r->diags, fence_position(r, b),
                          "%s of what? want a YAML block above it, with manifests or a scenario", b->format);
    struct doctest_step *s = r->scenario ? pool_at(&r->steps, r->scenario - 1) : add_step(r);
    r->scenario = 0;
    s->kind = DOCTEST_OUTPUT;
    s->at = fence_position(r, b);
    s->format = b->format;
    s->name = r->yaml_name;
    s->text = r->yaml;
    set_shown(r, b, s, 0, b->count);
    return 0;
}

/* What an output below is the output of. */
static void set_yaml(struct reader *r, const char *name, const char *text)
{
    r->yaml = text;
    r->yaml_name = name;
    r->scenario = 0;
}

static void read_yaml(struct reader *r, const struct block *b)
{
    set_yaml(r, NULL, join(r, b, 0, b->count));
    if (!strstr(r->yaml, "kind: Scenario") || !strstr(r->yaml, "podsim.dev/"))
        return;
    struct doctest_step *s = add_step(r);
    s->kind = DOCTEST_SCENARIO;
    s->at = fence_position(r, b);
    s->text = r->yaml;
    r->scenario = r->steps.count;
}

static int read_titled(struct reader *r, const struct block *b)
{
    bool change = text_is(b->language, "diff") || text_is(b->language, "patch");
    struct doctest_step *s = add_step(r);
    s->kind = change ? DOCTEST_CHANGE : DOCTEST_FILE;
    s->at = fence_position(r, b);
    s->name = b->title;
    s->text = join(r, b, 0, b->count);
    if (is_yaml(b)) {
        set_yaml(r, s->name, s->text);
    }
    return 0;
}

static int read_block(struct reader *r, struct block *b)
{
    bool skipped = r->skip_line != 0;
    r->skip_line = 0;
    if (skipped || read_info(r, b) < 0)
        return skipped ? 0 : -1;
    bool console = text_is(b->language, "console") || text_is(b->language, "shell-session");
    if (!b->closed && (b->title || b->format || console || is_yaml(b)))
        return diag_error(r->diags, fence_position(r, b), "this block does not end: want a line of %.*s after it",
                          (int)b->width, r->lines[b->fence].text + b->indent);
    if (b->title)
        return read_titled(r, b);
    if (b->format)
        return read_output(r, b);
    if (console)
        return read_console(r, b);
    if (is_yaml(b))
        read_yaml(r, b);
    return 0;
}

/* ---- the document ---- */

/* A file of the repository: it keeps its path, but for the directories above the document. */
static int read_copy(struct reader *r, struct src_pos at, struct line path)
{
    const char *text = arena_strndup(r->arena, path.text, path.len), *name = text;
    while (strncmp(name, "../", 3) == 0)
        name += 3;
    if (!stays_inside(name))
        return diag_error(r->diags, at, "want a path from the document, such as ../scenarios/web.yaml, got \"%s\"",
                          text);
    struct doctest_step *s = add_step(r);
    s->kind = DOCTEST_COPY;
    s->at = at;
    s->name = name;
    s->text = text;
    set_yaml(r, name, "");
    return 0;
}

static struct line after(struct line l, const char *word)
{
    size_t n = strlen(word);
    return trimmed((struct line){l.text + n, l.len - n});
}

static int read_directive(struct reader *r, uint32_t index, struct line comment)
{
    struct line t = after(comment, "<!--");
    if (!begins(t, "doctest:"))
        return 0;
    t = after(t, "doctest:");
    if (t.len >= 3 && memcmp(t.text + t.len - 3, "-->", 3) == 0)
        t = trimmed((struct line){t.text, t.len - 3});
    struct src_pos at = position(r, index, (size_t)(t.text - r->lines[index].text), t.len);
    if (t.len == 4 && begins(t, "skip")) {
        r->skip_line = index + 1;
        return 0;
    }
    if (begins(t, "file "))
        return read_copy(r, at, after(t, "file "));
    return diag_error(r->diags, at, "unknown instruction \"%.*s\": want doctest: skip, or doctest: file PATH",
                      (int)t.len, t.text);
}

/* The line that the comment of line `i` ends in; the number of lines: in none. */
static uint32_t comment_end(const struct reader *r, uint32_t i)
{
    for (; i < r->line_count; i++) {
        struct line l = r->lines[i];
        for (size_t k = 0; k + 3 <= l.len; k++)
            if (memcmp(l.text + k, "-->", 3) == 0)
                return i;
    }
    return r->line_count;
}

static uint32_t block_at(const struct reader *r, uint32_t i, struct block *b)
{
    b->fence = i;
    b->first = i + 1;
    for (i++; i < r->line_count; i++) {
        b->closed = closes(r->lines[i], b);
        if (b->closed)
            break;
        b->count++;
    }
    return i;
}

int doctest_read(struct arena *a, struct diag_set *d, uint32_t file, const char *text, size_t len,
                 enum doctest_trust trust, struct doctest_document *ret)
{
    struct reader r = {.arena = a, .diags = d, .file = file, .trust = trust};
    struct block b;
    int result = 0;
    pool_init(&r.steps, a, sizeof(struct doctest_step));
    split_lines(&r, text, len);
    for (uint32_t i = 0; i < r.line_count; i++) {
        struct line t = trimmed(r.lines[i]);
        if (begins(t, "<!--")) {
            uint32_t begin = i;
            result |= read_directive(&r, i, t);
            i = comment_end(&r, i);
            if (i == r.line_count)
                result = diag_error(d, position(&r, begin, 0, 0), "this comment does not end: want --> after it");
        } else if (opens(r.lines[i], &b)) {
            i = block_at(&r, i, &b);
            result |= read_block(&r, &b);
        }
    }
    if (r.skip_line)
        result = diag_error(d, position(&r, r.skip_line - 1, 0, 0), "there is no block after this to skip");
    struct doctest_step *steps = arena_array(a, struct doctest_step, r.steps.count + 1);
    for (uint32_t i = 0; i < r.steps.count; i++)
        steps[i] = *(struct doctest_step *)pool_at(&r.steps, i);
    *ret = (struct doctest_document){steps, r.steps.count, r.passed_over};
    return result;
}
