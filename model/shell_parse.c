/* shell_parse.c - recursive descent over the tokens of shell_lex.c; POSIX 2.10.2. */
#include "model/shell_parse.h"

#include <string.h>

#include "model/shell_lex.h"

enum list_kind {
    LIST_LINE,     /* up to a newline or the end of the text */
    LIST_REQUIRED, /* at least one command */
    LIST_OPTIONAL,
};
static const struct sh_node *parse_list(struct lexer *l, enum list_kind kind);
static const struct sh_node *parse_and_or(struct lexer *l);

static struct sh_node *new_node(struct lexer *l, enum sh_node_kind kind)
{
    const struct token *t = lex_peek(l);
    struct sh_node *n = arena_new(l->arena, struct sh_node);
    n->kind = (uint8_t)kind;
    n->line = t->line;
    n->offset = t->offset;
    return n;
}

static void unexpected(struct lexer *l, const char *expecting)
{
    if (l->failed)
        return;
    const struct token *t = lex_peek(l);
    if (l->failed) /* the token itself was bad */
        return;
    const char *found = lex_token_text(l, t);
    lex_fail(l, NULL);
    l->found = found;
    l->expecting = expecting;
    l->error_line = t->line;
    l->error_offset = t->offset;
}

static bool is_reserved(const struct token *t, const char *word)
{
    return t->kind == TOKEN_WORD && t->literal && strcmp(t->literal, word) == 0;
}

static bool accept_reserved(struct lexer *l, const char *word)
{
    if (!is_reserved(lex_peek(l), word))
        return false;
    lex_next(l);
    return true;
}

static void expect_reserved(struct lexer *l, const char *word)
{
    if (!accept_reserved(l, word))
        unexpected(l, arena_printf(l->arena, "\"%s\"", word));
}

static void skip_newlines(struct lexer *l)
{
    while (lex_peek(l)->kind == TOKEN_NEWLINE)
        lex_next(l);
}

static bool in_use(const struct lexer *l, const struct sh_parse_alias *a)
{
    for (const struct alias_use *u = l->alias_uses; u; u = u->outer)
        if (u->alias == a)
            return true;
    return false;
}

/* POSIX 2.3.1: the alias' text is read in place of the word. */
void lex_expand_alias(struct lexer *l)
{
    while (l->aliases && !l->failed && lex_peek(l)->kind == TOKEN_WORD && lex_peek(l)->literal) {
        const struct sh_parse_alias *a = l->aliases;
        while (a && strcmp(a->name, lex_peek(l)->literal) != 0)
            a = a->next;
        size_t rest = l->length - l->pos, n = a ? strlen(a->value) : 0;
        while (l->alias_uses && rest < l->alias_uses->rest)
            l->alias_uses = l->alias_uses->outer;
        if (!a || in_use(l, a))
            return;
        char *text = arena_alloc(l->arena, n + rest + 1);
        memcpy(text, a->value, n);
        memcpy(text + n, l->text + l->pos, rest);
        l->base += (uint32_t)(l->pos - n); /* right again behind the alias' text */
        l->text = text;
        l->length = n + rest;
        l->pos = 0;
        l->peeked = false;
        struct alias_use *use = arena_new(l->arena, struct alias_use);
        *use = (struct alias_use){.outer = l->alias_uses, .alias = a, .rest = rest};
        l->alias_uses = use;
        l->alias_goes_on = n && strchr(" \t", a->value[n - 1]) ? rest + 1 : 0;
    }
}

/* A word behind an alias that ended in a blank. */
static void expand_next_alias(struct lexer *l)
{
    const struct token *t = lex_peek(l);
    size_t start = l->length - (t->offset - l->base);
    if (!l->alias_goes_on || start >= l->alias_goes_on)
        return;
    l->alias_goes_on = 0;
    lex_expand_alias(l);
}

/* Words that end a list because they belong to what encloses it. */
static bool ends_list(const struct token *t)
{
    static const char *const closers[] = {"then", "else", "elif", "fi", "do", "done", "esac", "}"};
    if (t->kind == TOKEN_EOF || t->kind == TOKEN_RPAREN || t->kind == TOKEN_DSEMI || t->kind == TOKEN_SEMI_AND)
        return true;
    if (t->kind != TOKEN_WORD || !t->literal)
        return false;
    for (size_t i = 0; i < sizeof closers / sizeof closers[0]; i++)
        if (strcmp(t->literal, closers[i]) == 0)
            return true;
    return false;
}

static void add_redir(struct lexer *l, struct vec *redirs)
{
    const struct token t = *lex_peek(l);
    lex_next(l);
    const struct token *target = lex_peek(l);
    if (target->kind != TOKEN_WORD) {
        unexpected(l, NULL);
        return;
    }
    struct sh_redir *r = arena_new(l->arena, struct sh_redir);
    r->op = t.redir;
    r->fd = t.fd;
    r->word = target->word;
    r->expanded = !target->literal;
    if (r->op == REDIR_HERE && !l->failed) {
        struct heredoc *h = arena_new(l->arena, struct heredoc);
        h->redir = r;
        h->delimiter = lex_word_plain(l, target->word, &h->quoted);
        h->strip_tabs = t.strip_tabs;
        *l->heredocs_end = h;
        l->heredocs_end = &h->next;
    }
    *(struct sh_redir **)vec_push(l->arena, redirs, sizeof(struct sh_redir *)) = r;
    lex_next(l);
}

/* The tree wants an array; here-documents whose bodies are still to come are told the new place. */
static void set_redirs(struct lexer *l, struct sh_node *n, const struct vec *redirs)
{
    n->redir_count = redirs->count;
    if (!redirs->count)
        return;
    struct sh_redir *items = arena_array(l->arena, struct sh_redir, redirs->count);
    struct sh_redir **from = redirs->items;
    for (uint32_t i = 0; i < redirs->count; i++) {
        items[i] = *from[i];
        for (struct heredoc *h = l->heredocs; h; h = h->next)
            if (h->redir == from[i])
                h->redir = &items[i];
    }
    n->redirs = items;
}

static void redirs_after(struct lexer *l, struct sh_node *n)
{
    struct vec redirs = {0};
    while (!l->failed && lex_peek(l)->kind == TOKEN_REDIR)
        add_redir(l, &redirs);
    set_redirs(l, n, &redirs);
}

/* name=value at the start of a simple command; NULL if the word is none. */
static bool split_assignment(struct lexer *l, const struct sh_word *w, struct sh_assign *ret)
{
    if (!w->count || w->parts[0].kind != PART_LITERAL || w->parts[0].quoted)
        return false;
    const struct sh_part *first = &w->parts[0];
    size_t name = sh_name_length(first->text);
    bool append = l->dialect == DIALECT_BASH && name && first->text[name] == '+' && first->text[name + 1] == '=';
    if (!name || first->text[name + append] != '=')
        return false;
    ret->name = arena_strndup(l->arena, first->text, name);
    ret->append = append;
    struct sh_part *parts = arena_array(l->arena, struct sh_part, w->count);
    memcpy(parts, w->parts, sizeof *parts * w->count);
    size_t skip = name + append + 1;
    parts[0].text += skip;
    parts[0].length -= (uint32_t)skip;
    struct sh_word *value = arena_new(l->arena, struct sh_word);
    *value = *w;
    value->parts = parts[0].length ? parts : parts + 1;
    value->count = parts[0].length ? w->count : w->count - 1;
    ret->value = value;
    return true;
}

/* bash; to ash "[[" is a command whose words && and || may be. */
static void parse_dbracket(struct lexer *l, struct vec *words)
{
    l->in_dbracket = true;
    for (;;) {
        const struct token *t = lex_peek(l);
        if (t->kind == TOKEN_NEWLINE) {
            lex_next(l);
            continue;
        }
        if (t->kind != TOKEN_WORD)
            break;
        *(const struct sh_word **)vec_push(l->arena, words, sizeof(void *)) = t->word;
        bool last = is_reserved(t, "]]");
        lex_next(l);
        if (last) {
            l->in_dbracket = false;
            return;
        }
    }
    l->in_dbracket = false;
    unexpected(l, "\"]]\"");
}

static const struct sh_node *parse_function(struct lexer *l, struct sh_node *n, const char *name);

static void add_word(struct lexer *l, struct vec *words, const struct sh_word *w)
{
    *(const struct sh_word **)vec_push(l->arena, words, sizeof(void *)) = w;
}

/* At the "(" behind the only word of a command. */
static const struct sh_node *parse_parentheses(struct lexer *l, struct sh_node *n, const struct sh_word *w)
{
    bool quoted;
    const char *name = lex_word_plain(l, w, &quoted);
    lex_next(l);
    if (lex_peek(l)->kind != TOKEN_RPAREN) {
        unexpected(l, "\")\"");
        return n;
    }
    lex_next(l);
    /* busybox takes any name since 1.37 */
    bool odd = l->dialect == DIALECT_DASH && sh_name_length(name) != strlen(name);
    if (quoted || odd || w->count != 1 || w->parts[0].kind != PART_LITERAL ||
        (l->dialect != DIALECT_BASH && sh_is_special_builtin(name))) {
        lex_fail(l, "bad function name");
        return n;
    }
    return parse_function(l, n, name);
}

/* The next word of a simple command; `in_test`: within the [[ ]] of ash. */
static void parse_word(struct lexer *l, struct sh_node *n, struct vec *words, struct vec *assigns, bool *in_test)
{
    const struct token *t = lex_peek(l);
    struct sh_assign assign = {0};
    if (!words->count && split_assignment(l, t->word, &assign)) {
        *(struct sh_assign *)vec_push(l->arena, assigns, sizeof assign) = assign;
        lex_next(l);
        return;
    }
    add_word(l, words, t->word);
    bool opens = is_reserved(t, "[["), closes = is_reserved(t, "]]");
    lex_next(l);
    if (l->dialect == DIALECT_BUSYBOX)
        *in_test = opens || (*in_test && !closes);
    if (l->dialect == DIALECT_BASH && opens && words->count == 1) {
        n->dbracket = true;
        parse_dbracket(l, words);
    }
}

static const struct sh_node *parse_simple(struct lexer *l)
{
    struct sh_node *n = new_node(l, NODE_SIMPLE);
    struct vec words = {0}, redirs = {0}, assigns = {0};
    bool in_test = false;

    while (!l->failed) {
        if (!words.count)
            lex_expand_alias(l);
        else
            expand_next_alias(l);
        const struct token *t = lex_peek(l);
        if (t->kind == TOKEN_REDIR) {
            add_redir(l, &redirs);
        } else if (t->kind == TOKEN_LPAREN && words.count == 1 && !assigns.count && !redirs.count) {
            return parse_parentheses(l, n, ((const struct sh_word **)words.items)[0]);
        } else if (in_test && (t->kind == TOKEN_AND || t->kind == TOKEN_OR)) {
            add_word(l, &words, lex_literal_word(l, t, t->kind == TOKEN_AND ? "&&" : "||"));
            lex_next(l);
        } else if (t->kind == TOKEN_WORD) {
            parse_word(l, n, &words, &assigns, &in_test);
        } else {
            break;
        }
    }
    if (!words.count && !redirs.count && !assigns.count)
        unexpected(l, NULL);
    n->words = words.items;
    n->count = words.count;
    n->assigns = assigns.items;
    n->assign_count = assigns.count;
    set_redirs(l, n, &redirs);
    return n;
}

static const struct sh_node *parse_if(struct lexer *l)
{
    struct sh_node *n = new_node(l, NODE_IF);
    lex_next(l);
    n->left = parse_list(l, LIST_REQUIRED);
    expect_reserved(l, "then");
    n->right = parse_list(l, LIST_REQUIRED);
    if (is_reserved(lex_peek(l), "elif")) {
        if (lex_enter(l)) {
            n->other = parse_if(l); /* it eats the "fi" */
            lex_leave(l);
        }
        return n;
    }
    if (accept_reserved(l, "else"))
        n->other = parse_list(l, LIST_REQUIRED);
    expect_reserved(l, "fi");
    return n;
}

static const struct sh_node *parse_do_group(struct lexer *l)
{
    expect_reserved(l, "do");
    const struct sh_node *body = parse_list(l, LIST_REQUIRED);
    expect_reserved(l, "done");
    return body;
}

static struct sh_node *parse_loop(struct lexer *l, enum sh_node_kind kind)
{
    struct sh_node *n = new_node(l, kind);
    lex_next(l);
    n->left = parse_list(l, LIST_REQUIRED);
    n->right = parse_do_group(l);
    return n;
}

static struct sh_node *parse_for(struct lexer *l)
{
    struct sh_node *n = new_node(l, NODE_FOR);
    struct vec words = {0};

    lex_next(l);
    const struct token *t = lex_peek(l);
    if (t->kind != TOKEN_WORD || !t->literal || sh_name_length(t->literal) != strlen(t->literal)) {
        if (!l->failed)
            lex_fail(l, "bad for loop variable");
        return n;
    }
    n->name = t->literal;
    lex_next(l);
    skip_newlines(l);
    if (accept_reserved(l, "in")) {
        n->in_words = true;
        while (lex_peek(l)->kind == TOKEN_WORD) {
            *(const struct sh_word **)vec_push(l->arena, &words, sizeof(void *)) = lex_peek(l)->word;
            lex_next(l);
        }
        if (lex_peek(l)->kind != TOKEN_SEMI && lex_peek(l)->kind != TOKEN_NEWLINE) {
            unexpected(l, NULL);
            return n;
        }
        lex_next(l);
    } else if (lex_peek(l)->kind == TOKEN_SEMI) {
        lex_next(l);
    }
    skip_newlines(l);
    n->words = words.items;
    n->count = words.count;
    n->right = parse_do_group(l);
    return n;
}

static void parse_case_item(struct lexer *l, struct sh_case_item *item)
{
    struct vec patterns = {0};
    if (lex_peek(l)->kind == TOKEN_LPAREN)
        lex_next(l);
    for (;;) {
        if (lex_peek(l)->kind != TOKEN_WORD) {
            unexpected(l, "\")\"");
            return;
        }
        *(const struct sh_word **)vec_push(l->arena, &patterns, sizeof(void *)) = lex_peek(l)->word;
        lex_next(l);
        if (lex_peek(l)->kind != TOKEN_PIPE)
            break;
        lex_next(l);
    }
    item->patterns = patterns.items;
    item->pattern_count = patterns.count;
    if (lex_peek(l)->kind != TOKEN_RPAREN) {
        unexpected(l, "\")\"");
        return;
    }
    lex_next(l);
    item->body = parse_list(l, LIST_OPTIONAL);
    if (lex_peek(l)->kind == TOKEN_DSEMI || lex_peek(l)->kind == TOKEN_SEMI_AND) {
        item->falls_through = lex_peek(l)->kind == TOKEN_SEMI_AND;
        lex_next(l);
    } else if (!is_reserved(lex_peek(l), "esac")) {
        unexpected(l, "\";;\"");
    }
    skip_newlines(l);
}

static struct sh_node *parse_case(struct lexer *l)
{
    struct sh_node *n = new_node(l, NODE_CASE);
    struct vec items = {0};

    lex_next(l);
    if (lex_peek(l)->kind != TOKEN_WORD) {
        unexpected(l, "word");
        return n;
    }
    const struct sh_word **subject = arena_array(l->arena, const struct sh_word *, 1);
    subject[0] = lex_peek(l)->word;
    n->words = subject;
    lex_next(l);
    skip_newlines(l);
    expect_reserved(l, "in");
    skip_newlines(l);
    while (!l->failed && !is_reserved(lex_peek(l), "esac")) {
        struct sh_case_item *item = vec_push(l->arena, &items, sizeof *item);
        *item = (struct sh_case_item){0};
        parse_case_item(l, item);
    }
    lex_next(l);
    n->items = items.items;
    n->count = items.count;
    return n;
}

static struct sh_node *parse_group(struct lexer *l)
{
    struct sh_node *n = new_node(l, NODE_GROUP);
    lex_next(l);
    n->left = parse_list(l, LIST_REQUIRED);
    expect_reserved(l, "}");
    return n;
}

static struct sh_node *parse_subshell(struct lexer *l)
{
    struct sh_node *n = new_node(l, NODE_SUBSHELL);
    lex_next(l);
    n->left = parse_list(l, LIST_REQUIRED);
    if (lex_peek(l)->kind != TOKEN_RPAREN) {
        unexpected(l, "\")\"");
        return n;
    }
    lex_next(l);
    return n;
}

/* A compound command, or NULL if the current token begins none. */
static const struct sh_node *parse_compound(struct lexer *l)
{
    const struct token *t = lex_peek(l);
    struct sh_node *n = NULL;

    if (t->kind == TOKEN_LPAREN)
        n = parse_subshell(l);
    else if (is_reserved(t, "{"))
        n = parse_group(l);
    else if (is_reserved(t, "if"))
        n = (struct sh_node *)parse_if(l);
    else if (is_reserved(t, "while"))
        n = parse_loop(l, NODE_WHILE);
    else if (is_reserved(t, "until"))
        n = parse_loop(l, NODE_UNTIL);
    else if (is_reserved(t, "for"))
        n = parse_for(l);
    else if (is_reserved(t, "case"))
        n = parse_case(l);
    if (n && !l->failed)
        redirs_after(l, n);
    return n;
}

/* After "name()". */
static const struct sh_node *parse_function(struct lexer *l, struct sh_node *n, const char *name)
{
    n->kind = NODE_FUNCTION;
    n->name = name;
    skip_newlines(l);
    if (!lex_enter(l))
        return n;
    n->left = parse_compound(l);
    if (!n->left && !l->failed)
        n->left = parse_simple(l); /* ash takes any command as a body */
    lex_leave(l);
    return n;
}

static const struct sh_node *parse_function_keyword(struct lexer *l)
{
    struct sh_node *n = new_node(l, NODE_FUNCTION);
    lex_next(l);
    const struct token *t = lex_peek(l);
    if (t->kind != TOKEN_WORD || !t->literal) {
        unexpected(l, "word");
        return n;
    }
    const char *name = t->literal;
    lex_next(l);
    if (lex_peek(l)->kind == TOKEN_LPAREN) {
        lex_next(l);
        if (lex_peek(l)->kind != TOKEN_RPAREN)
            unexpected(l, "\")\"");
        else
            lex_next(l);
    }
    return parse_function(l, n, name);
}

static const struct sh_node *parse_command(struct lexer *l)
{
    if (!lex_enter(l))
        return NULL;
    lex_expand_alias(l);
    const struct sh_node *n = parse_compound(l);
    if (!n && l->dialect != DIALECT_DASH && is_reserved(lex_peek(l), "function"))
        n = parse_function_keyword(l);
    else if (!n && (ends_list(lex_peek(l)) || is_reserved(lex_peek(l), "!")))
        unexpected(l, NULL);
    else if (!n && !l->failed)
        n = parse_simple(l);
    lex_leave(l);
    return n;
}

static const struct sh_node *parse_pipeline(struct lexer *l)
{
    struct vec nodes = {0};

    if (is_reserved(lex_peek(l), "!")) {
        struct sh_node *not = new_node(l, NODE_NOT);
        lex_next(l);
        if (!lex_enter(l))
            return not ;
        if (l->dialect != DIALECT_BASH && is_reserved(lex_peek(l), "!"))
            unexpected(l, NULL);
        not ->left = parse_pipeline(l);
        lex_leave(l);
        return not ;
    }
    struct sh_node *pipe = new_node(l, NODE_PIPE);
    const struct sh_node *first = parse_command(l);
    if (l->failed || lex_peek(l)->kind != TOKEN_PIPE)
        return first;
    *(const struct sh_node **)vec_push(l->arena, &nodes, sizeof(void *)) = first;
    while (!l->failed && lex_peek(l)->kind == TOKEN_PIPE) {
        lex_next(l);
        skip_newlines(l);
        *(const struct sh_node **)vec_push(l->arena, &nodes, sizeof(void *)) = parse_command(l);
    }
    pipe->nodes = nodes.items;
    pipe->count = nodes.count;
    return pipe;
}

static const struct sh_node *parse_and_or(struct lexer *l)
{
    const struct sh_node *left = parse_pipeline(l);
    while (!l->failed && (lex_peek(l)->kind == TOKEN_AND || lex_peek(l)->kind == TOKEN_OR)) {
        struct sh_node *n = new_node(l, lex_peek(l)->kind == TOKEN_AND ? NODE_AND : NODE_OR);
        lex_next(l);
        skip_newlines(l);
        n->left = left;
        n->offset = left ? left->offset : n->offset;
        n->right = parse_pipeline(l);
        left = n;
    }
    return left;
}

/* Commands up to what ends a list. NULL when there is none. */
static const struct sh_node *parse_list(struct lexer *l, enum list_kind kind)
{
    struct vec nodes = {0};

    if (!lex_enter(l))
        return NULL;
    if (kind != LIST_LINE)
        skip_newlines(l);
    if (kind == LIST_REQUIRED && ends_list(lex_peek(l)) && lex_peek(l)->kind != TOKEN_EOF)
        unexpected(l, NULL);
    struct sh_node *list = new_node(l, NODE_LIST);
    while (!l->failed && !ends_list(lex_peek(l))) {
        const struct sh_node *n = parse_and_or(l);
        if (l->failed)
            break;
        enum token_kind next = lex_peek(l)->kind;
        if (l->failed)
            break;
        if (next == TOKEN_AMP) {
            struct sh_node *background = new_node(l, NODE_BACKGROUND);
            background->left = n;
            background->line = n->line;
            background->offset = n->offset;
            n = background;
        }
        *(const struct sh_node **)vec_push(l->arena, &nodes, sizeof(void *)) = n;
        if (next != TOKEN_SEMI && next != TOKEN_AMP && (next != TOKEN_NEWLINE || kind == LIST_LINE))
            break;
        lex_next(l);
        if (kind != LIST_LINE)
            skip_newlines(l);
        else if (lex_peek(l)->kind == TOKEN_NEWLINE)
            break;
    }
    lex_leave(l);
    list->nodes = nodes.items;
    list->count = nodes.count;
    if (nodes.count == 0)
        return NULL;
    return nodes.count == 1 ? ((const struct sh_node *const *)nodes.items)[0] : list;
}

const struct sh_node *parse_substitution(struct lexer *l, bool to_eof)
{
    const struct sh_node *n = parse_list(l, LIST_OPTIONAL);
    const struct token *t = lex_peek(l);
    if (l->failed)
        return n;
    if (to_eof && t->kind != TOKEN_EOF)
        unexpected(l, NULL);
    else if (!to_eof && t->kind != TOKEN_RPAREN)
        unexpected(l, "\")\"");
    else
        lex_next(l);
    return n;
}

static void parse_script(struct sh_script *s, struct lexer *l)
{
    struct vec commands = {0}, ends = {0};
    for (;;) {
        skip_newlines(l);
        if (lex_peek(l)->kind == TOKEN_EOF)
            break;
        const struct sh_node *n = parse_list(l, LIST_LINE);
        enum token_kind kind = lex_peek(l)->kind;
        if (kind != TOKEN_EOF && kind != TOKEN_NEWLINE)
            unexpected(l, NULL);
        if (l->failed)
            break;
        *(const struct sh_node **)vec_push(l->arena, &commands, sizeof(void *)) = n;
        *(uint32_t *)vec_push(l->arena, &ends, sizeof(uint32_t)) = l->base + (uint32_t)l->pos;
    }
    s->commands = commands.items;
    s->ends = ends.items;
    s->count = commands.count;
    s->failed = l->failed;
    s->error = l->error;
    s->found = l->found;
    s->expecting = l->expecting;
    s->error_line = l->error_line;
    s->error_offset = l->error_offset;
}

const struct sh_script *sh_parse(struct arena *a, const char *text, size_t length, enum sh_dialect dialect)
{
    struct lexer l;
    struct sh_script *s = arena_new(a, struct sh_script);
    s->text = arena_strndup(a, text, length);
    s->length = length;
    s->dialect = dialect;
    lex_init(&l, a, s->text, length, dialect);
    parse_script(s, &l);
    return s;
}

const struct sh_script *sh_parse_with(struct arena *a, const char *text, size_t length, uint32_t from,
                                      enum sh_dialect dialect, const struct sh_parse_alias *aliases)
{
    struct lexer l;
    struct sh_script *s = arena_new(a, struct sh_script);
    s->text = text;
    s->length = length;
    s->dialect = dialect;
    lex_init(&l, a, text + from, length - from, dialect);
    l.base = s->from = from;
    for (uint32_t i = 0; i < from; i++)
        l.line += text[i] == '\n';
    l.aliases = aliases;
    parse_script(s, &l);
    return s;
}

const struct sh_word *sh_parse_quoted(struct arena *a, const char *text, enum sh_dialect dialect)
{
    struct lexer l;
    lex_init(&l, a, text, strlen(text), dialect);
    const struct sh_word *w = lex_quoted_text(&l);
    return l.failed ? NULL : w;
}
