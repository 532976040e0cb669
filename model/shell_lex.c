/* shell_lex.c - characters to tokens, and words to their parts: quotes, expansions, here-documents.
 *
 * POSIX 2.2 (quoting), 2.3 (tokens), 2.6 (the forms of expansions). What is left out on purpose:
 * aliases, and brace expansion (ash has none).
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

void lex_init(struct lexer *l, struct arena *a, const char *text, size_t length, uint32_t base, uint32_t line)
{
    memset(l, 0, sizeof *l);
    l->arena = a;
    l->text = text;
    l->length = length;
    l->base = base;
    l->line = line;
    l->heredocs_end = &l->heredocs;
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

/* $'..': backslash escapes as in C. */
static void dollar_single_quoted(struct lexer *l, struct building *b)
{
    static const char letters[] = "abefnrtv\\'\"?", values[] = "\a\b\033\f\n\r\t\v\\'\"?";
    bool empty = true;
    for (;; empty = false) {
        if (at_end(l)) {
            lex_fail(l, "unterminated quoted string");
            return;
        }
        char c = take(l);
        if (c == '\'')
            break;
        if (c != '\\' || at_end(l)) {
            add_char(l, b, c, true);
            continue;
        }
        c = take(l);
        const char *known = c ? strchr(letters, c) : NULL;
        if (known) {
            add_char(l, b, values[known - letters], true);
        } else if (c == 'x' && hex_value(at(l, 0)) >= 0) {
            int v = 0;
            for (int n = 0; n < 2 && hex_value(at(l, 0)) >= 0; n++)
                v = v * 16 + hex_value(take(l));
            if (v)
                add_char(l, b, (char)v, true);
        } else {
            add_char(l, b, '\\', true);
            add_char(l, b, c, true);
        }
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
    lex_init(&inner, l->arena, text, length, l->base + offset, l->line);
    inner.depth = l->depth + 1;
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
        if (at_end(l)) {
            lex_fail(l, "unterminated quoted string");
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

/* Length of the text between "$((" and its "))", or SIZE_MAX if this is "$( (" after all. */
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
            if (depth == 0)
                return at(l, n + 1) == ')' ? n : SIZE_MAX;
            depth--;
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

/* The word after an operator of ${}, up to "}" (or '/' or ':' when `stop` says so). */
static const struct sh_word *param_word(struct lexer *l, bool quoted, char stop)
{
    struct building b = {0};
    uint32_t offset = l->base + (uint32_t)l->pos, line = l->line;

    while (!l->failed) {
        char c = at(l, 0);
        if (at_end(l)) {
            lex_fail(l, "unterminated quoted string");
            l->error = NULL;
            l->found = "end of file";
            l->expecting = "\"}\"";
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
    if (at(l, 0) == '#' && at(l, 1) != '}' && (sh_is_name_start(at(l, 1)) || is_special_param(at(l, 1)))) {
        part.op = PARAM_LENGTH;
        take(l);
    }
    size_t start = l->pos;
    if (sh_is_name_start(at(l, 0))) {
        while (sh_is_name_char(at(l, 0)))
            take(l);
    } else if (sh_is_digit(at(l, 0))) {
        while (sh_is_digit(at(l, 0)))
            take(l);
    } else if (is_special_param(at(l, 0))) {
        take(l);
    } else {
        part.op = PARAM_BAD;
    }
    part.length = (uint32_t)(l->pos - start);
    part.text = arena_strndup(l->arena, l->text + start, l->pos - start);
    if (part.op == PARAM_BAD || (part.op == PARAM_LENGTH && at(l, 0) != '}')) {
        part.op = PARAM_BAD;
        part.word = param_word(l, quoted, '\0');
    } else if (at(l, 0) != '}') {
        param_operator(l, &part, quoted);
    }
    if (!l->failed && at(l, 0) == '}') {
        take(l);
    } else if (!l->failed) {
        lex_fail(l, NULL);
        l->found = "end of file";
        l->expecting = "\"}\"";
    }
    *add_part(l, b, PART_PARAM, quoted) = part;
    lex_leave(l);
}

/* At a "$". */
static void dollar(struct lexer *l, struct building *b, bool quoted)
{
    char next = at(l, 1);

    if (next == '(' && at(l, 2) == '(') {
        l->pos += 3;
        size_t length = arithmetic_length(l);
        if (length != SIZE_MAX) {
            if (!lex_enter(l))
                return;
            const struct sh_word *word = quoted_word(l, length);
            struct sh_part *p = add_part(l, b, PART_ARITH, quoted);
            p->word = word;
            l->pos += 2;
            lex_leave(l);
            return;
        }
        l->pos -= 1;
        command_substitution(l, b, quoted);
    } else if (next == '(') {
        l->pos += 2;
        command_substitution(l, b, quoted);
    } else if (next == '{') {
        l->pos += 2;
        braced_param(l, b, quoted);
    } else if (next == '\'' && !quoted) {
        l->pos += 2;
        dollar_single_quoted(l, b);
    } else if (sh_is_name_start(next)) {
        size_t start = ++l->pos;
        while (sh_is_name_char(at(l, 0)))
            l->pos++;
        struct sh_part *p = add_part(l, b, PART_PARAM, quoted);
        p->text = arena_strndup(l->arena, l->text + start, l->pos - start);
        p->length = (uint32_t)(l->pos - start);
    } else if (is_special_param(next)) {
        struct sh_part *p = add_part(l, b, PART_PARAM, quoted);
        p->text = arena_strndup(l->arena, l->text + l->pos + 1, 1);
        p->length = 1;
        l->pos += 2;
    } else {
        add_char(l, b, take(l), quoted);
    }
}

static bool ends_word(const struct lexer *l, char c)
{
    if (c == ' ' || c == '\t' || c == '\n')
        return true;
    return !l->in_dbracket && strchr(";&|<>()", c);
}

static void tilde(struct lexer *l, struct building *b)
{
    char next = at(l, 1);
    if (next && next != '/' && next != ':' && !ends_word(l, next)) {
        add_char(l, b, take(l), false);
        return;
    }
    take(l);
    add_part(l, b, PART_TILDE, false);
}

static void lex_word(struct lexer *l, struct token *t)
{
    struct building b = {0};
    bool after_assign = false, assign = false;

    if (at(l, 0) == '~')
        tilde(l, &b);
    while (!at_end(l) && !l->failed) {
        char c = at(l, 0);
        if (ends_word(l, c))
            break;
        if (after_assign && c == '~') {
            tilde(l, &b);
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
            lex_init(&inner, l->arena, body.items, body.count, offset, line);
            inner.depth = l->depth + 1;
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
        if (c == ' ' || c == '\t' || (c == '\r' && at(l, 1) == '\n')) {
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
};

/* Longest first. */
static const struct operator_ operators[] = {
    {"<<<", TOKEN_REDIR, REDIR_HERE_STRING},
    {"<<-", TOKEN_REDIR, REDIR_HERE},
    {"&&", TOKEN_AND, 0},
    {"||", TOKEN_OR, 0},
    {";;", TOKEN_DSEMI, 0},
    {";&", TOKEN_SEMI_AND, 0},
    {"&>", TOKEN_REDIR, REDIR_BOTH},
    {"<<", TOKEN_REDIR, REDIR_HERE},
    {">>", TOKEN_REDIR, REDIR_APPEND},
    {"<&", TOKEN_REDIR, REDIR_DUP_IN},
    {">&", TOKEN_REDIR, REDIR_DUP_OUT},
    {"<>", TOKEN_REDIR, REDIR_READWRITE},
    {">|", TOKEN_REDIR, REDIR_CLOBBER},
    {"<", TOKEN_REDIR, REDIR_READ},
    {">", TOKEN_REDIR, REDIR_WRITE},
    {"&", TOKEN_AMP, 0},
    {"|", TOKEN_PIPE, 0},
    {";", TOKEN_SEMI, 0},
    {"(", TOKEN_LPAREN, 0},
    {")", TOKEN_RPAREN, 0},
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
        size_t n = strlen(operators[i].text);
        if (l->pos + n > l->length || memcmp(l->text + l->pos, operators[i].text, n) != 0)
            continue;
        t->kind = (enum token_kind)operators[i].kind;
        t->redir = operators[i].redir;
        t->strip_tabs = operators[i].text[2] == '-';
        t->fd = default_fd(t->redir);
        l->pos += n;
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
        return t->literal ? arena_printf(l->arena, "\"%s\"", t->literal) : "word";
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
