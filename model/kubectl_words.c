/* kubectl_words.c - splitting a command line as sh(1) does, without being a shell. */
#include <string.h>

#include "model/kubectl_private.h"

struct splitter {
    struct arena *arena;
    const char *line;
    const char *p;
    char *text; /* of all words, NUL after each; never longer than the line */
    size_t used;
    const char *error;
};

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

static void take(struct splitter *s, char c) { s->text[s->used++] = c; }

/* After the opening quote; to behind the closing one. */
static void single_quoted(struct splitter *s)
{
    for (; *s->p && *s->p != '\''; s->p++)
        take(s, *s->p);
    if (*s->p)
        s->p++;
    else
        s->error = "this quote is not closed";
}

static void double_quoted(struct splitter *s)
{
    for (; *s->p && *s->p != '"'; s->p++) {
        if (*s->p == '\\' && (s->p[1] == '"' || s->p[1] == '\\' || s->p[1] == '$' || s->p[1] == '`'))
            s->p++;
        take(s, *s->p);
    }
    if (*s->p)
        s->p++;
    else
        s->error = "this quote is not closed";
}

/* One word from s->p on; the position of a mistake is where s->p stood. */
static int read_word(struct splitter *s, size_t *ret_mistake)
{
    while (*s->p && !is_blank(*s->p)) {
        const char *at = s->p;
        char c = *s->p++;
        if (c == '\'') {
            single_quoted(s);
        } else if (c == '"') {
            double_quoted(s);
        } else if (c == '\\' && *s->p) {
            if (*s->p != '\n')
                take(s, *s->p);
            s->p++;
        } else if (strchr("|><;&`", c)) {
            s->error = "this needs a shell; an action is one kubectl command";
        } else {
            take(s, c);
        }
        if (s->error) {
            *ret_mistake = (size_t)(at - s->line);
            return -1;
        }
    }
    return 0;
}

int kubectl_split(struct arena *a, const char *line, word_list *ret_words, const char **ret_error, size_t *ret_offset)
{
    size_t len = strlen(line);
    struct splitter s = {.arena = a, .line = line, .p = line, .text = arena_alloc(a, len + 2)};
    struct word *words = arena_array(a, struct word, len / 2 + 2);
    uint32_t count = 0;
    for (;;) {
        while (is_blank(*s.p))
            s.p++;
        if (!*s.p)
            break;
        size_t offset = (size_t)(s.p - line);
        char *word = s.text + s.used;
        if (read_word(&s, ret_offset) < 0) {
            *ret_error = s.error;
            return -1;
        }
        take(&s, '\0');
        words[count++] = (struct word){word, offset, (size_t)(s.p - line) - offset};
    }
    ret_words->items = words;
    ret_words->count = count;
    return 0;
}
