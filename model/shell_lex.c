/* shell_lex.c - characters to tokens, and words to their parts: quotes, expansions, here-documents.
 *
 * POSIX 2.2 (quoting), 2.3 (tokens), 2.6 (the forms of expansions). What is left out on purpose:
 * brace expansion (ash has none) and process substitution.
 */
#include "model/shell_lex.h"

#include <string.h>

size_t sh_name_length(const char *s)
{
    size_t n = 0;
    if (!sh_is_name_start(s[0]))
        return 0;
    while (sh_is_name_char(s[n]))
        n++;
    return n;
}

void lex_init(struct lexer *l, struct arena *a, const char *text, size_t length, enum sh_dialect dialect)
{
    memset(l, 0, sizeof *l);
    l->arena = a;
    l->text = text;
    l->length = length;
    l->dialect = dialect;
    l->line = 1;
    l->heredocs_end = &l->heredocs;
}

void lex_init_inner(struct lexer *l, const struct lexer *outer, const char *text, size_t length, uint32_t offset,
                    uint32_t line)
{
    lex_init(l, outer->arena, text, length, outer->dialect);
    l->base = offset;
    l->line = line;
    l->depth = outer->depth + 1;
    l->aliases = outer->aliases;
}

void *vec_push(struct arena *a, struct vec *v, size_t item_bytes)
{
    if (v->count == v->cap) {
        uint32_t cap = v->cap ? v->cap * 2 : 4;
        void *bigger = arena_alloc(a, cap * item_bytes);
        if (v->count)
            memcpy(bigger, v->items, v->count * item_bytes);
        v->items = bigger;
        v->cap = cap;
    }
    return (char *)v->items + item_bytes * v->count++;
}

void lex_fail(struct lexer *l, const char *error)
{
    if (l->failed)
        return;
    l->failed = true;
    l->error = error;
    l->error_line = l->line;
    l->error_offset = l->base + (uint32_t)l->pos;
}

bool lex_enter(struct lexer *l)
{
    if (++l->depth > PARSE_DEPTH_MAX)
        lex_fail(l, "nested too deeply");
    return !l->failed;
}

/* The byte at distance n, 0 at the end. */
static char at(const struct lexer *l, size_t n) { return l->pos + n < l->length ? l->text[l->pos + n] : '\0'; }

static bool at_end(const struct lexer *l) { return l->pos >= l->length; }

static char take(struct lexer *l)
{
    char c = l->text[l->pos++];
    if (c == '\n')
        l->line++;
    return c;
}

/* Backslash and newline are not there, even within an operator or a name. */
static char peek_joined(struct lexer *l)
{
    while (at(l, 0) == '\\' && at(l, 1) == '\n') {
        l->pos += 2;
        l->line++;
    }
    return at(l, 0);
}

/* A word being collected: finished parts and a run of literal text. */
struct building {
    struct vec parts; /* struct sh_part */
    struct vec run;   /* char */
    bool run_quoted;
    bool any; /* something was there, even if empty: "" is a word */
};

static void flush_run(struct lexer *l, struct building *b)
{
    if (!b->run.count)
        return;
    struct sh_part *p = vec_push(l->arena, &b->parts, sizeof *p);
    *p = (struct sh_part){.kind = PART_LITERAL, .quoted = b->run_quoted};
    p->text = arena_strndup(l->arena, b->run.items, b->run.count);
    p->length = b->run.count;
    b->run = (struct vec){0};
}

static void add_char(struct lexer *l, struct building *b, char c, bool quoted)
{
    if (b->run.count && b->run_quoted != quoted)
        flush_run(l, b);
    b->run_quoted = quoted;
    b->any = true;
    *(char *)vec_push(l->arena, &b->run, 1) = c;
}

static struct sh_part *add_part(struct lexer *l, struct building *b, enum sh_part_kind kind, bool quoted)
{
    flush_run(l, b);
    b->any = true;
    struct sh_part *p = vec_push(l->arena, &b->parts, sizeof *p);
    *p = (struct sh_part){.kind = (uint8_t)kind, .quoted = quoted, .text = ""};
    return p;
}

/* Quotes with nothing in them still make a field. */
static void add_empty_quoted(struct lexer *l, struct building *b)
{
    struct sh_part *p = add_part(l, b, PART_LITERAL, true);
    p->length = 0;
}

static const struct sh_word *finish_word(struct lexer *l, struct building *b, uint32_t offset, uint32_t line)
{
    flush_run(l, b);
    struct sh_word *w = arena_new(l->arena, struct sh_word);
    w->parts = b->parts.items;
    w->count = b->parts.count;
    w->offset = offset;
    w->line = line;
    return w;
}

static void single_quoted(struct lexer *l, struct building *b)
{
    size_t before = b->run.count + b->parts.count;
    for (;;) {
        if (at_end(l)) {
            lex_fail(l, "unterminated quoted string");
            return;
        }
        char c = take(l);
        if (c == '\'')
            break;
        add_char(l, b, c, true);
    }
    if (before == b->run.count + b->parts.count)
        add_empty_quoted(l, b);
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Up to `most` digits of the base; -1: there is none. */
static int escape_number(struct lexer *l, int base, int most)
{
    int v = -1;
    for (int n = 0; n < most && hex_value(at(l, 0)) >= 0 && hex_value(at(l, 0)) < base; n++)
        v = (v < 0 ? 0 : v) * base + hex_value(take(l));
    return v < 0 ? -1 : v & 0xff;
}

/* Behind a backslash; -1: it and what follows are plain. */
static int dollar_escape(struct lexer *l)
{
    static const char letters[] = "abfnrtv\\'\"", values[] = "\a\b\f\n\r\t\v\\'\"";
    char c = at(l, 0);
    const char *known = c ? strchr(letters, c) : NULL;
    if (known) {
        take(l);
        return (unsigned char)values[known - letters];
    }
    if (c >= '0' && c <= '7')
        return escape_number(l, 8, 3);
    if (c == 'x' && hex_value(at(l, 1)) >= 0) {
        take(l);
        return escape_number(l, 16, 2);
    }
    if (l->dialect == DIALECT_BASH && (c == 'e' || c == 'E' || c == '?')) {
        take(l);
        return c == '?' ? '?' : '\033';
    }
    return -1;
}

/* $'..': backslash escapes as in C. */
static void dollar_single_quoted(struct lexer *l, struct building *b)
{
    bool empty = true;
    for (;; empty = false) {
        if (at_end(l)) {
            lex_fail(l, "unterminated quoted string");
            return;
        }
        char c = take(l);
        if (c == '\'')
            break;
        int value = c == '\\' && !at_end(l) ? dollar_escape(l) : -1;
        if (value > 0)
            add_char(l, b, (char)value, true);
        else if (value < 0)
            add_char(l, b, c, true);
    }
    if (empty)
        add_empty_quoted(l, b);
}

static void dollar(struct lexer *l, struct building *b, bool quoted);
static void backquoted(struct lexer *l, struct building *b, bool quoted);

/* The inside of double quotes, up to `end` ('"', or 0 for a whole here-document or arithmetic). */
static void double_quoted(struct lexer *l, struct building *b, char end)
{
    bool empty = true;
    for (;;) {
        if (at_end(l)) {
            if (end)
                lex_fail(l, "unterminated quoted string");
            break;
        }
        char c = at(l, 0);
        if (end && c == end) {
            take(l);
            break;
        }
        empty = false;
        if (c == '\\') {
            take(l);
            char next = at(l, 0);
            if (next == '\n') {
                take(l);
            } else if (next && (strchr("$`\\", next) || (next == '"' && end == '"'))) {
                add_char(l, b, take(l), true);
            } else {
                add_char(l, b, '\\', true);
            }
        } else if (c == '$') {
            dollar(l, b, true);
        } else if (c == '`') {
            backquoted(l, b, true);
        } else {
            add_char(l, b, take(l), true);
        }
        if (l->failed)
            return;
    }
    if (empty)
        add_empty_quoted(l, b);
}

static const struct sh_node *substitution_of(struct lexer *l, const char *text, size_t length, uint32_t offset)
{
    struct lexer inner;
    lex_init_inner(&inner, l, text, length, l->base + offset, l->line);
    const struct sh_node *node = parse_substitution(&inner, true);
    if (inner.failed && !l->failed) {
        l->failed = true;
        l->error = inner.error;
        l->found = inner.found;
        l->expecting = inner.expecting;
        l->error_line = inner.error_line;
        l->error_offset = inner.error_offset;
    }
    return node;
}

static void backquoted(struct lexer *l, struct building *b, bool quoted)
{
    uint32_t offset = (uint32_t)l->pos + 1;
    struct vec text = {0};

    take(l);
    for (;;) {
        if (!peek_joined(l) && at_end(l)) {
            lex_fail(l, "EOF in backquote substitution");
            return;
        }
        char c = take(l);
        if (c == '`')
            break;
        if (c == '\\' && !at_end(l)) {
            char next = at(l, 0);
            if (strchr("$`\\", next) || (quoted && next == '"'))
                c = take(l);
        }
        *(char *)vec_push(l->arena, &text, 1) = c;
    }
    if (!lex_enter(l))
        return;
    struct sh_part *p = add_part(l, b, PART_COMMAND, quoted);
    p->node = substitution_of(l, text.items ? text.items : "", text.count, offset);
    lex_leave(l);
}

/* After "$(": a list and its ")". */
static void command_substitution(struct lexer *l, struct building *b, bool quoted)
{
    struct token saved = l->token;
    bool saved_peeked = l->peeked, saved_dbracket = l->in_dbracket;

    if (!lex_enter(l))
        return;
    struct sh_part *p = add_part(l, b, PART_COMMAND, quoted);
    l->peeked = false;
    l->in_dbracket = false;
    p->node = parse_substitution(l, false);
    l->in_dbracket = saved_dbracket;
    l->token = saved;
    l->peeked = saved_peeked;
    lex_leave(l);
}

/* Length of the text between "$((" and its "))", or SIZE_MAX: it does not end, or is "$( (" after all, to bash. */
static size_t arithmetic_length(const struct lexer *l)
{
    int depth = 0;
    for (size_t n = 0; l->pos + n < l->length; n++) {
        char c = at(l, n);
        if (c == '\\') {
            n++;
        } else if (c == '\'' || c == '"') {
            for (n++; l->pos + n < l->length && at(l, n) != c; n++)
                ;
        } else if (c == '(') {
            depth++;
        } else if (c == ')') {
            if (depth == 0 && at(l, n + 1) == ')')
                return n;
            if (depth == 0 && l->dialect == DIALECT_BASH)
                return SIZE_MAX;
            depth -= depth > 0;
        }
    }
    return SIZE_MAX;
}

static const struct sh_word *quoted_word(struct lexer *l, size_t length)
{
    struct building inner = {0};
    size_t end = l->length;
    uint32_t offset = l->base + (uint32_t)l->pos, line = l->line;

    l->length = l->pos + length;
    double_quoted(l, &inner, '\0');
    l->length = end;
    return finish_word(l, &inner, offset, line);
}

static bool is_special_param(char c) { return c && strchr("@*#?-$!0123456789", c); }

/* What begins at the next character of a word: a quotation, an expansion, or the character itself. */
static void word_part(struct lexer *l, struct building *b, bool quoted)
{
    char c = at(l, 0);
    if (c == '\'' && !quoted) {
        take(l);
        single_quoted(l, b);
    } else if (c == '"') {
        take(l);
        double_quoted(l, b, '"');
    } else if (c == '$') {
        dollar(l, b, quoted);
    } else if (c == '`') {
        backquoted(l, b, quoted);
    } else {
        add_char(l, b, take(l), quoted);
    }
}

static void tilde(struct lexer *l, struct building *b, bool in_value);

/* The word after an operator of ${}, up to "}" (or '/' or ':' when `stop` says so). */
static const struct sh_word *param_word(struct lexer *l, bool quoted, char stop)
{
    struct building b = {0};
    uint32_t offset = l->base + (uint32_t)l->pos, line = l->line;

    if (!quoted && at(l, 0) == '~')
        tilde(l, &b, false);
    if (stop == '/' && at(l, 0) == '/') /* a pattern is not empty */
        add_char(l, &b, take(l), quoted);
    while (!l->failed) {
        char c = at(l, 0);
        if (at_end(l)) {
            lex_fail(l, "missing '}'");
            break;
        }
        if (c == '}' || (stop && c == stop))
            break;
        if (c == '\\') {
            take(l);
            if (at_end(l))
                continue;
            char next = take(l);
            if (quoted && !strchr("$`\\\"}", next))
                add_char(l, &b, '\\', true);
            if (next != '\n')
                add_char(l, &b, next, true);
        } else {
            word_part(l, &b, quoted);
        }
    }
    return finish_word(l, &b, offset, line);
}

static void param_operator(struct lexer *l, struct sh_part *p, bool quoted)
{
    static const char ops[] = "-=?+";
    static const uint8_t kinds[] = {PARAM_DEFAULT, PARAM_ASSIGN, PARAM_ERROR, PARAM_ALTERNATIVE};
    char c = at(l, 0), next = at(l, 1);

    if (c == ':' && next && strchr(ops, next)) {
        p->colon = true;
        take(l);
        c = at(l, 0);
    }
    const char *known = c ? strchr(ops, c) : NULL;
    if (known) {
        take(l);
        p->op = kinds[known - ops];
        p->word = param_word(l, quoted, '\0');
    } else if (c == '#' || c == '%') {
        take(l);
        bool longest = at(l, 0) == c;
        if (longest)
            take(l);
        p->op = (uint8_t)((c == '#' ? PARAM_PREFIX : PARAM_SUFFIX) + longest);
        p->word = param_word(l, false, '\0');
    } else if (c == '/') {
        take(l);
        bool all = at(l, 0) == '/';
        if (all)
            take(l);
        p->op = all ? PARAM_REPLACE_ALL : PARAM_REPLACE;
        p->word = param_word(l, false, '/');
        if (at(l, 0) == '/') {
            take(l);
            p->word2 = param_word(l, false, '\0');
        }
    } else if (c == ':') {
        take(l);
        p->op = PARAM_SUBSTRING;
        p->word = param_word(l, true, ':');
        if (at(l, 0) == ':') {
            take(l);
            p->word2 = param_word(l, true, '\0');
        }
    } else {
        p->op = PARAM_BAD;
        p->word = param_word(l, quoted, '\0');
    }
}

/* After "${". */
static void braced_param(struct lexer *l, struct building *b, bool quoted)
{
    struct sh_part part = {.kind = PART_PARAM, .quoted = quoted, .text = ""};

    if (!lex_enter(l))
        return;
    if (peek_joined(l) == '#' && at(l, 1) != '}' &&
        (sh_is_name_char(at(l, 1)) || (is_special_param(at(l, 1)) && at(l, 2) == '}'))) {
        part.op = PARAM_LENGTH;
        take(l);
    }
    struct vec name = {0};
    char first = peek_joined(l);
    bool digits = sh_is_digit(first);
    if (digits || sh_is_name_start(first)) {
        for (char c = first; digits ? sh_is_digit(c) : sh_is_name_char(c); c = peek_joined(l))
            *(char *)vec_push(l->arena, &name, 1) = take(l);
    } else if (is_special_param(first)) {
        *(char *)vec_push(l->arena, &name, 1) = take(l);
    } else {
        part.op = PARAM_BAD;
    }
    part.length = name.count;
    part.text = arena_strndup(l->arena, name.items ? name.items : "", name.count);
    peek_joined(l);
    if (part.op == PARAM_BAD || (part.op == PARAM_LENGTH && at(l, 0) != '}')) {
        part.op = PARAM_BAD;
        part.word = param_word(l, quoted, '\0');
    } else if (at(l, 0) != '}') {
        param_operator(l, &part, quoted);
    }
    if (!l->failed && at(l, 0) == '}') {
        take(l);
    } else if (!l->failed) {
        lex_fail(l, "missing '}'");
    }
    *add_part(l, b, PART_PARAM, quoted) = part;
    lex_leave(l);
}

/* After "$((". */
static void arithmetic(struct lexer *l, struct building *b, bool quoted)
{
    size_t length = arithmetic_length(l);
    if (length != SIZE_MAX) {
        if (!lex_enter(l))
            return;
        const struct sh_word *word = quoted_word(l, length);
        add_part(l, b, PART_ARITH, quoted)->word = word;
        l->pos += 2;
        lex_leave(l);
    } else if (l->dialect == DIALECT_BASH) {
        l->pos -= 1;
        command_substitution(l, b, quoted);
    } else {
        l->pos = l->length;
        lex_fail(l, "missing '))'");
    }
}

static void named_param(struct lexer *l, struct building *b, bool quoted)
{
    struct vec name = {0};
    for (char c = peek_joined(l); sh_is_name_char(c); c = peek_joined(l))
        *(char *)vec_push(l->arena, &name, 1) = take(l);
    struct sh_part *p = add_part(l, b, PART_PARAM, quoted);
    p->text = arena_strndup(l->arena, name.items, name.count);
    p->length = name.count;
}

/* At a "$". */
static void dollar(struct lexer *l, struct building *b, bool quoted)
{
    take(l);
    char next = peek_joined(l);

    if (next == '(') {
        take(l);
        if (peek_joined(l) == '(') {
            take(l);
            arithmetic(l, b, quoted);
        } else {
            command_substitution(l, b, quoted);
        }
    } else if (next == '{') {
        take(l);
        braced_param(l, b, quoted);
    } else if (next == '\'' && !quoted && l->dialect != DIALECT_DASH) {
        take(l);
        dollar_single_quoted(l, b);
    } else if (sh_is_name_start(next)) {
        named_param(l, b, quoted);
    } else if (is_special_param(next)) {
        struct sh_part *p = add_part(l, b, PART_PARAM, quoted);
        p->text = arena_strndup(l->arena, l->text + l->pos, 1);
        p->length = 1;
        l->pos++;
    } else {
        add_char(l, b, '$', quoted);
    }
}

static bool ends_word(const struct lexer *l, char c)
{
    if (c == ' ' || c == '\t' || c == '\n')
        return true;
    return c && !l->in_dbracket && strchr(";&|<>()", c); /* a NUL is a character like others */
}

static void tilde(struct lexer *l, struct building *b, bool in_value)
{
    char next = at(l, 1);
    if (next && next != '/' && next != ':' && next != '}' && !ends_word(l, next)) {
        add_char(l, b, take(l), false);
        return;
    }
    take(l);
    add_part(l, b, PART_TILDE, false)->in_value = in_value;
}

static void lex_word(struct lexer *l, struct token *t)
{
    struct building b = {0};
    bool after_assign = false, assign = false;

    if (at(l, 0) == '~' && at(l, 1) != ':')
        tilde(l, &b, false);
    while (!at_end(l) && !l->failed) {
        char c = at(l, 0);
        if (ends_word(l, c))
            break;
        if (after_assign && c == '~') {
            tilde(l, &b, true);
            after_assign = false;
            continue;
        }
        if (c == '=' && b.parts.count == 0 && b.run.count && !b.run_quoted)
            after_assign = assign = true;
        else
            after_assign = assign && c == ':';
        if (c == '\\') {
            take(l);
            if (at_end(l)) {
                add_char(l, &b, '\\', true);
            } else if (at(l, 0) == '\n') {
                take(l);
            } else {
                add_char(l, &b, take(l), true);
            }
        } else {
            word_part(l, &b, false);
        }
    }
    t->kind = TOKEN_WORD;
    t->word = finish_word(l, &b, t->offset, t->line);
    t->literal = NULL;
    if (t->word->count == 1 && t->word->parts[0].kind == PART_LITERAL && !t->word->parts[0].quoted)
        t->literal = t->word->parts[0].text;
}

const char *lex_word_plain(struct lexer *l, const struct sh_word *w, bool *ret_quoted)
{
    struct vec text = {0};
    *ret_quoted = false;
    for (uint32_t i = 0; i < w->count; i++) {
        const struct sh_part *p = &w->parts[i];
        if (p->quoted)
            *ret_quoted = true;
        if (p->kind == PART_PARAM)
            *(char *)vec_push(l->arena, &text, 1) = '$';
        for (uint32_t k = 0; k < p->length; k++)
            *(char *)vec_push(l->arena, &text, 1) = p->text[k];
    }
    *(char *)vec_push(l->arena, &text, 1) = '\0';
    return text.items;
}

/* The raw body of a here-document, up to the line that is its delimiter. */
static void heredoc_body(struct lexer *l, const struct heredoc *h, struct vec *body)
{
    size_t delimiter = strlen(h->delimiter);
    while (!at_end(l)) {
        if (h->strip_tabs)
            while (at(l, 0) == '\t')
                l->pos++;
        size_t n = 0;
        while (l->pos + n < l->length && at(l, n) != '\n')
            n++;
        bool last = n == delimiter && memcmp(l->text + l->pos, h->delimiter, n) == 0;
        for (size_t i = 0; i < n && !last; i++)
            *(char *)vec_push(l->arena, body, 1) = at(l, i);
        bool newline = l->pos + n < l->length;
        l->pos += n + newline;
        l->line += newline;
        if (last)
            return;
        *(char *)vec_push(l->arena, body, 1) = '\n';
    }
}

static void read_heredocs(struct lexer *l)
{
    struct heredoc *h = l->heredocs;
    l->heredocs = NULL;
    l->heredocs_end = &l->heredocs;
    for (; h && !l->failed; h = h->next) {
        struct vec body = {0};
        struct building b = {0};
        uint32_t offset = l->base + (uint32_t)l->pos, line = l->line;

        heredoc_body(l, h, &body);
        if (h->quoted) {
            for (uint32_t i = 0; i < body.count; i++)
                add_char(l, &b, ((char *)body.items)[i], true);
        } else if (body.count) {
            struct lexer inner;
            lex_init_inner(&inner, l, body.items, body.count, offset, line);
            if (lex_enter(l)) {
                double_quoted(&inner, &b, '\0');
                lex_leave(l);
            }
            if (inner.failed) {
                lex_fail(l, inner.error);
                l->found = inner.found;
                l->expecting = inner.expecting;
            }
        }
        h->redir->word = finish_word(l, &b, offset, line);
    }
}

static void skip_blanks(struct lexer *l)
{
    for (;;) {
        char c = at(l, 0);
        if (c == ' ' || c == '\t') {
            l->pos++;
        } else if (c == '\\' && at(l, 1) == '\n') {
            l->pos += 2;
            l->line++;
        } else if (c == '#') {
            while (!at_end(l) && at(l, 0) != '\n')
                l->pos++;
        } else {
            return;
        }
    }
}

struct operator_ {
    char text[4];
    uint8_t kind, redir;
    uint8_t dialects; /* that know it */
};

enum { ALL_SHELLS = 7, BASH_ONLY = 1 << DIALECT_BASH, NOT_DASH = ALL_SHELLS & ~(1 << DIALECT_DASH) };

/* Longest first. */
static const struct operator_ operators[] = {
    {"<<<", TOKEN_REDIR, REDIR_HERE_STRING, BASH_ONLY},
    {"<<-", TOKEN_REDIR, REDIR_HERE, ALL_SHELLS},
    {"&&", TOKEN_AND, 0, ALL_SHELLS},
    {"||", TOKEN_OR, 0, ALL_SHELLS},
    {";;", TOKEN_DSEMI, 0, ALL_SHELLS},
    {";&", TOKEN_SEMI_AND, 0, BASH_ONLY},
    {"&>", TOKEN_REDIR, REDIR_BOTH, NOT_DASH},
    {"<<", TOKEN_REDIR, REDIR_HERE, ALL_SHELLS},
    {">>", TOKEN_REDIR, REDIR_APPEND, ALL_SHELLS},
    {"<&", TOKEN_REDIR, REDIR_DUP_IN, ALL_SHELLS},
    {">&", TOKEN_REDIR, REDIR_DUP_OUT, ALL_SHELLS},
    {"<>", TOKEN_REDIR, REDIR_READWRITE, ALL_SHELLS},
    {">|", TOKEN_REDIR, REDIR_CLOBBER, ALL_SHELLS},
    {"<", TOKEN_REDIR, REDIR_READ, ALL_SHELLS},
    {">", TOKEN_REDIR, REDIR_WRITE, ALL_SHELLS},
    {"&", TOKEN_AMP, 0, ALL_SHELLS},
    {"|", TOKEN_PIPE, 0, ALL_SHELLS},
    {";", TOKEN_SEMI, 0, ALL_SHELLS},
    {"(", TOKEN_LPAREN, 0, ALL_SHELLS},
    {")", TOKEN_RPAREN, 0, ALL_SHELLS},
};

static int32_t default_fd(uint8_t redir)
{
    switch (redir) {
    case REDIR_WRITE:
    case REDIR_APPEND:
    case REDIR_CLOBBER:
    case REDIR_DUP_OUT:
    case REDIR_BOTH:
        return 1;
    default:
        return 0;
    }
}

static bool lex_operator(struct lexer *l, struct token *t)
{
    for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++) {
        size_t n = 0, length = strlen(operators[i].text), pos = 0;
        if (!(operators[i].dialects & 1 << l->dialect))
            continue;
        for (; n < length; n++, pos++) {
            while (n && at(l, pos) == '\\' && at(l, pos + 1) == '\n')
                pos += 2;
            if (at(l, pos) != operators[i].text[n])
                break;
        }
        if (n < length)
            continue;
        t->kind = (enum token_kind)operators[i].kind;
        t->redir = operators[i].redir;
        t->strip_tabs = operators[i].text[2] == '-';
        t->fd = default_fd(t->redir);
        while (pos-- > 0)
            take(l);
        return true;
    }
    return false;
}

/* "2>": digits right before a redirection operator. */
static bool lex_io_number(struct lexer *l, struct token *t)
{
    size_t n = 0;
    int32_t fd = 0;
    while (sh_is_digit(at(l, n)) && n < 4)
        fd = fd * 10 + (at(l, n++) - '0');
    if (n == 0 || (at(l, n) != '<' && at(l, n) != '>'))
        return false;
    l->pos += n;
    lex_operator(l, t);
    t->fd = fd;
    return true;
}

const struct token *lex_peek(struct lexer *l)
{
    if (l->peeked)
        return &l->token;
    l->peeked = true;
    struct token *t = &l->token;
    memset(t, 0, sizeof *t);
    skip_blanks(l);
    t->offset = l->base + (uint32_t)l->pos;
    t->line = l->line;
    if (at_end(l) || l->failed) {
        read_heredocs(l);
        t->kind = TOKEN_EOF;
    } else if (at(l, 0) == '\n') {
        take(l);
        read_heredocs(l);
        t->kind = TOKEN_NEWLINE;
    } else if (l->in_dbracket || (!lex_io_number(l, t) && !lex_operator(l, t))) {
        lex_word(l, t);
    }
    if (l->failed)
        t->kind = TOKEN_EOF;
    return t;
}

const struct sh_word *lex_quoted_text(struct lexer *l)
{
    struct building b = {0};
    double_quoted(l, &b, '\0');
    return finish_word(l, &b, 0, 1);
}

const struct sh_word *lex_literal_word(struct lexer *l, const struct token *t, const char *text)
{
    struct building b = {0};
    for (; *text; text++)
        add_char(l, &b, *text, false);
    return finish_word(l, &b, t->offset, t->line);
}

bool sh_is_keyword(const char *s)
{
    static const char *const words[] = {"!",  "case", "do", "done", "elif", "else",  "esac",  "fi",      "for",
                                        "if", "in",   "{",  "}",    "then", "until", "while", "function"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(s, words[i]) == 0)
            return true;
    return false;
}

void lex_next(struct lexer *l)
{
    ASSERT(l->peeked);
    l->peeked = false;
}

const char *lex_token_text(struct lexer *l, const struct token *t)
{
    switch (t->kind) {
    case TOKEN_EOF:
        return "end of file";
    case TOKEN_NEWLINE:
        return "newline";
    case TOKEN_WORD:
        return t->literal && sh_is_keyword(t->literal) ? arena_printf(l->arena, "\"%s\"", t->literal) : "word";
    case TOKEN_REDIR:
        return "redirection";
    case TOKEN_SEMI:
        return "\";\"";
    case TOKEN_DSEMI:
        return "\";;\"";
    case TOKEN_SEMI_AND:
        return "\";&\"";
    case TOKEN_AMP:
        return "\"&\"";
    case TOKEN_AND:
        return "\"&&\"";
    case TOKEN_OR:
        return "\"||\"";
    case TOKEN_PIPE:
        return "\"|\"";
    case TOKEN_LPAREN:
        return "\"(\"";
    case TOKEN_RPAREN:
        return "\")\"";
    }
    return "word";
}
