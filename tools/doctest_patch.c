/* doctest_patch.c - see doctest_patch.h. */
#include "tools/doctest_patch.h"

#include <string.h>

struct hunk {
    struct strbuf old, new; /* whole lines */
    uint32_t line;          /* where it begins in the diff */
};

static const char *line_end(const char *line)
{
    const char *end = strchr(line, '\n');
    return end ? end + 1 : line + strlen(line);
}

/* Where `lines` stands in `text` as whole lines; NULL = nowhere. */
static const char *find_lines(const char *text, const char *lines)
{
    size_t n = strlen(lines);
    for (; *text; text = line_end(text))
        if (strncmp(text, lines, n) == 0)
            return text;
    return NULL;
}

static int apply_hunk(struct hunk *h, const char **text, struct strbuf *ret)
{
    const char *old = strbuf_str(&h->old);
    const char *at = h->old.len ? find_lines(*text, old) : NULL;
    if (!at || find_lines(line_end(at), old))
        return -1;
    strbuf_add(ret, *text, (size_t)(at - *text));
    strbuf_add(ret, strbuf_str(&h->new), h->new.len);
    *text = at + h->old.len;
    strbuf_reset(&h->old);
    strbuf_reset(&h->new);
    return 0;
}

static void add_line(struct hunk *h, const char *line, const char *end)
{
    /* An editor may have cut the blank of an empty line. */
    char mark = *line == '\n' ? ' ' : *line;
    const char *rest = *line == '\n' ? line : line + 1;
    if (mark != '+')
        strbuf_add(&h->old, rest, (size_t)(end - rest));
    if (mark != '-')
        strbuf_add(&h->new, rest, (size_t)(end - rest));
}

static int apply_all(struct hunk *h, const char *text, const char *diff, struct strbuf *ret)
{
    uint32_t number = 1;
    for (const char *line = diff, *end; *line; line = end, number++) {
        end = line_end(line);
        bool header = !h->old.len && !h->new.len && (strncmp(line, "--- ", 4) == 0 || strncmp(line, "+++ ", 4) == 0);
        if (header)
            continue;
        if (strncmp(line, "@@", 2) != 0) {
            if (!h->old.len && !h->new.len)
                h->line = number;
            add_line(h, line, end);
        } else if (h->old.len + h->new.len && apply_hunk(h, &text, ret) < 0) {
            return -1;
        }
    }
    if (h->old.len + h->new.len == 0)
        h->line = 1;
    if (apply_hunk(h, &text, ret) < 0)
        return -1;
    strbuf_puts(ret, text);
    return 0;
}

int doctest_patch(struct arena *a, const char *text, const char *diff, struct strbuf *ret, uint32_t *ret_line)
{
    struct hunk h = {.line = 1};
    size_t n = strlen(text);
    if (n && text[n - 1] != '\n') /* so that its last line can be found */
        text = arena_printf(a, "%s\n", text);
    int result = apply_all(&h, text, diff, ret);
    *ret_line = h.line;
    strbuf_fini(&h.old);
    strbuf_fini(&h.new);
    return result;
}
