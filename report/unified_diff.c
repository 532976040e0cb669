/* unified_diff.c - diff -u: POSIX's format, with GNU's line about a missing newline at the end. */
#include "report/unified_diff.h"

#include "report/myers.h"
#include "report/private.h"

struct lines {
    const char **starts; /* [count + 1]: the last one is the end */
    uint32_t count;
    uint32_t *numbers;
};

static void split(struct arena *a, struct words *w, const char *text, size_t length, struct lines *ret)
{
    uint32_t count = 0;
    for (const char *p = text, *end = text + length; p < end; count++) {
        const char *newline = memchr(p, '\n', (size_t)(end - p));
        p = newline ? newline + 1 : end;
    }
    ret->count = count;
    ret->starts = arena_array(a, const char *, count + 1);
    ret->numbers = arena_array(a, uint32_t, count + 1);
    const char *p = text, *end = text + length;
    for (uint32_t i = 0; i < count; i++) {
        const char *newline = memchr(p, '\n', (size_t)(end - p));
        ret->starts[i] = p;
        p = newline ? newline + 1 : end;
        ret->numbers[i] = words_number(w, ret->starts[i], (size_t)(p - ret->starts[i]));
    }
    ret->starts[count] = end;
}

/* A stretch in which the two differ: lines [from, from_end) became [to, to_end). */
struct change {
    uint32_t from, from_end, to, to_end;
};

struct unified {
    const struct unified_options *options;
    struct lines from, to;
    struct strbuf *out;
    uint32_t printed, left_out; /* lines */
};

static void put_line(struct unified *u, char mark, const struct lines *l, uint32_t i)
{
    enum paint p = mark == '-' ? PAINT_RED : mark == '+' ? PAINT_GREEN : PAINT_NONE;
    size_t length = (size_t)(l->starts[i + 1] - l->starts[i]);
    if (u->options->lines_max && u->printed == u->options->lines_max) {
        u->left_out++;
        return;
    }
    u->printed++;
    bool ended = length && l->starts[i][length - 1] == '\n';
    paint_begin(u->out, u->options->color, p);
    strbuf_putc(u->out, mark);
    strbuf_add(u->out, l->starts[i], length - ended);
    paint_end(u->out, u->options->color, p);
    strbuf_puts(u->out, ended ? "\n" : "\n\\ No newline at end of file\n");
}

/* "3,2", "3" for one line, "2,0" for none after line 2. */
static void put_range(struct strbuf *out, uint32_t first, uint32_t end)
{
    uint32_t count = end - first;
    strbuf_int(out, count ? first + 1 : first);
    if (count != 1)
        strbuf_printf(out, ",%" PRIu32, count);
}

/* Changes that are near to each other, with the context around them. */
static void put_hunk(struct unified *u, const struct change *changes, uint32_t count)
{
    const struct change *last = &changes[count - 1];
    uint32_t context = u->options->context, before = changes[0].from < context ? changes[0].from : context;
    uint32_t rest = u->from.count - last->from_end, after = rest < context ? rest : context;
    if (!u->options->lines_max || u->printed < u->options->lines_max) {
        paint_begin(u->out, u->options->color, PAINT_CYAN);
        strbuf_puts(u->out, "@@ -");
        put_range(u->out, changes[0].from - before, last->from_end + after);
        strbuf_puts(u->out, " +");
        put_range(u->out, changes[0].to - before, last->to_end + after);
        strbuf_puts(u->out, " @@");
        paint_end(u->out, u->options->color, PAINT_CYAN);
        strbuf_putc(u->out, '\n');
    }
    uint32_t at = changes[0].from - before;
    for (uint32_t i = 0; i < count; i++) {
        for (; at < changes[i].from; at++)
            put_line(u, ' ', &u->from, at);
        for (; at < changes[i].from_end; at++)
            put_line(u, '-', &u->from, at);
        for (uint32_t k = changes[i].to; k < changes[i].to_end; k++)
            put_line(u, '+', &u->to, k);
    }
    for (; at < last->from_end + after; at++)
        put_line(u, ' ', &u->from, at);
}

static uint32_t find_changes(const struct unified *u, const uint32_t *match, struct change *changes)
{
    uint32_t count = 0, to = 0;
    for (uint32_t from = 0; from < u->from.count || to < u->to.count;) {
        if (from < u->from.count && match[from] == to + 1) {
            from++, to++;
            continue;
        }
        struct change c = {from, from, to, to};
        while (c.from_end < u->from.count && !match[c.from_end])
            c.from_end++;
        c.to_end = c.from_end < u->from.count ? match[c.from_end] - 1 : u->to.count;
        changes[count++] = c;
        from = c.from_end;
        to = c.to_end;
    }
    return count;
}

static void put_all(struct unified *u, const struct change *changes, uint32_t count)
{
    strbuf_printf(u->out, "--- %s\n+++ %s\n", u->options->from, u->options->to);
    for (uint32_t i = 0; i < count;) {
        uint32_t end = i + 1;
        while (end < count && changes[end].from - changes[end - 1].from_end <= 2 * u->options->context)
            end++;
        put_hunk(u, &changes[i], end - i);
        i = end;
    }
    if (u->left_out)
        strbuf_printf(u->out, "... %" PRIu32 " more lines\n", u->left_out);
}

void unified_diff(const char *from, size_t from_length, const char *to, size_t to_length,
                  const struct unified_options *options, struct strbuf *out)
{
    struct arena a;
    struct words w;
    struct unified u = {.options = options, .out = out};
    arena_init(&a, 0);
    words_init(&w, &a);
    split(&a, &w, from, from_length, &u.from);
    split(&a, &w, to, to_length, &u.to);
    uint32_t *match = arena_array(&a, uint32_t, u.from.count + 1);
    struct change *changes = arena_array(&a, struct change, (size_t)u.from.count + u.to.count + 1);
    myers_match(&a, u.from.numbers, u.from.count, u.to.numbers, u.to.count, match);
    uint32_t count = find_changes(&u, match, changes);
    if (count)
        put_all(&u, changes, count);
    arena_fini(&a);
}
