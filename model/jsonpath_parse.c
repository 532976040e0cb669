/* jsonpath_parse.c - templates into nodes. k8s client-go util/jsonpath/parser.go.
 *
 * What stands between brackets, or on a side of a comparison, is parsed as an action of its own: there the end of the
 * text is its closing brace. Every letter beyond ASCII counts as a letter.
 */
#include <string.h>

#include "model/jsonpath_private.h"

enum { END = -1 };

struct jsonpath_parser {
    struct arena *arena;
    const char *text; /* of the whole template */
    size_t pos, end;
    bool inner; /* a part of an action: `end` closes it */
    int depth;  /* of actions in actions */
    struct jsonpath_error error, doubt;
};

enum { DEPTH_MAX = 100 }; /* of filters in filters */

static int fail(struct jsonpath_parser *p, size_t at, const char *text)
{
    if (!p->error.text)
        p->error = (struct jsonpath_error){text, at};
    return -1;
}

static void doubt(struct jsonpath_parser *p, size_t at, const char *text)
{
    if (!p->doubt.text)
        p->doubt = (struct jsonpath_error){text, at};
}

static int peek(const struct jsonpath_parser *p) { return p->pos < p->end ? (unsigned char)p->text[p->pos] : END; }

static int next(struct jsonpath_parser *p)
{
    int c = peek(p);
    p->pos += c != END;
    return c;
}

static bool at_word(const struct jsonpath_parser *p, const char *word)
{
    size_t n = strlen(word);
    return p->end - p->pos >= n && strncmp(p->text + p->pos, word, n) == 0;
}

static const char *cut(struct jsonpath_parser *p, size_t from, size_t to)
{
    return arena_strndup(p->arena, p->text + from, to - from);
}

static bool is_digit(int c) { return c >= '0' && c <= '9'; }

static bool is_word(int c)
{
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c >= 0x80;
}

static bool ends_word(int c) { return c == END || strchr(" \t\r\n.,[]$@{}", c) != NULL; }

/* ---- nodes ---- */

static struct jsonpath_node *add(struct pool *nodes, enum jsonpath_kind kind)
{
    struct jsonpath_node *n = pool_at(nodes, pool_add(nodes));
    n->kind = kind;
    return n;
}

static jsonpath_nodes finish(struct jsonpath_parser *p, const struct pool *nodes)
{
    jsonpath_nodes list = {arena_array(p->arena, struct jsonpath_node, nodes->count + 1), nodes->count};
    for (uint32_t i = 0; i < nodes->count; i++)
        list.items[i] = *(const struct jsonpath_node *)pool_at(nodes, i);
    return list;
}

static struct value *literal(struct jsonpath_parser *p, struct pool *nodes, enum value_type type, const char *text)
{
    struct value *v = arena_new(p->arena, struct value);
    *v = (struct value){.type = type, .at = SRC_POS_NONE, .text = text};
    add(nodes, JSONPATH_LITERAL)->value = v;
    return v;
}

static int parse_inside(struct jsonpath_parser *p, struct pool *nodes);

/* A part of the text as an action. */
static int parse_part(struct jsonpath_parser *p, size_t from, size_t to, jsonpath_nodes *ret)
{
    struct jsonpath_parser part = *p;
    struct pool nodes;
    if (++part.depth > DEPTH_MAX)
        return fail(p, from, "nested too deeply");
    part.pos = from;
    part.end = to;
    part.inner = true;
    pool_init(&nodes, p->arena, sizeof(struct jsonpath_node));
    int result = parse_inside(&part, &nodes);
    p->error = part.error;
    p->doubt = part.doubt;
    *ret = finish(p, &nodes);
    return result;
}

/* ---- words, numbers, texts ---- */

static int parse_word(struct jsonpath_parser *p, struct pool *nodes)
{
    size_t from = p->pos;
    while (!ends_word(peek(p)))
        next(p);
    const char *word = cut(p, from, p->pos);
    if (strcmp(word, "true") == 0 || strcmp(word, "false") == 0) {
        literal(p, nodes, VALUE_BOOL, word)->boolean = *word == 't';
        return 0;
    }
    if (strcmp(word, "range") != 0 && strcmp(word, "end") != 0)
        doubt(p, from, arena_printf(p->arena, "unrecognized identifier %s", word));
    add(nodes, JSONPATH_IDENTIFIER)->text = word;
    return 0;
}

/* Go's strconv.Atoi. */
static bool to_int(const char *text, int64_t *ret)
{
    bool minus = *text == '-';
    int64_t n = 0;
    text += *text == '-' || *text == '+';
    if (!*text)
        return false;
    for (; is_digit(*text); text++)
        if (__builtin_mul_overflow(n, 10, &n) || __builtin_sub_overflow(n, *text - '0', &n))
            return false;
    if (*text || (!minus && n == INT64_MIN))
        return false;
    *ret = minus ? n : -n;
    return true;
}

static int parse_number(struct jsonpath_parser *p, struct pool *nodes)
{
    size_t from = p->pos, points = 0, digits = 0;
    if (peek(p) == '+' || peek(p) == '-')
        next(p);
    for (; is_digit(peek(p)) || peek(p) == '.'; next(p)) {
        points += peek(p) == '.';
        digits += peek(p) != '.';
    }
    const char *text = cut(p, from, p->pos);
    int64_t n;
    if (to_int(text, &n))
        literal(p, nodes, VALUE_INT, text)->integer = n;
    else if (points <= 1 && digits)
        literal(p, nodes, VALUE_FLOAT, text);
    else
        return fail(p, from, arena_printf(p->arena, "cannot parse number %s", text));
    return 0;
}

static void put_utf8(struct strbuf *b, uint32_t c)
{
    if (c < 0x80) {
        strbuf_putc(b, (char)c);
    } else if (c < 0x800) {
        strbuf_putc(b, (char)(0xc0 | c >> 6));
        strbuf_putc(b, (char)(0x80 | (c & 0x3f)));
    } else if (c < 0x10000) {
        strbuf_putc(b, (char)(0xe0 | c >> 12));
        strbuf_putc(b, (char)(0x80 | (c >> 6 & 0x3f)));
        strbuf_putc(b, (char)(0x80 | (c & 0x3f)));
    } else {
        strbuf_putc(b, (char)(0xf0 | c >> 18));
        strbuf_putc(b, (char)(0x80 | (c >> 12 & 0x3f)));
        strbuf_putc(b, (char)(0x80 | (c >> 6 & 0x3f)));
        strbuf_putc(b, (char)(0x80 | (c & 0x3f)));
    }
}

/* `count` digits of a base at s; -1 when there are not so many. */
static int64_t digits_of(const char *s, const char *end, int count, int base)
{
    static const char all[] = "0123456789abcdef";
    int64_t n = 0;
    for (int i = 0; i < count; i++, s++) {
        const char *digit = s < end && *s ? strchr(all, *s >= 'A' && *s <= 'F' ? *s + 32 : *s) : NULL;
        if (!digit || digit - all >= base)
            return -1;
        n = n * base + (digit - all);
    }
    return n;
}

/* One escape of Go's strconv.UnquoteChar, behind its backslash; returns the bytes read, 0 = it is none. */
static size_t put_escape(struct strbuf *b, const char *s, const char *end, char quote)
{
    static const char letters[] = "abfnrtv\\", codes[] = "\a\b\f\n\r\t\v\\";
    static const struct {
        char letter;
        int count;
    } numbers[] = {{'x', 2}, {'u', 4}, {'U', 8}};
    if (s >= end || !*s)
        return 0;
    const char *simple = strchr(letters, *s);
    if (simple || *s == quote) {
        strbuf_putc(b, simple ? codes[simple - letters] : quote);
        return 1;
    }
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        int64_t n = *s == numbers[i].letter ? digits_of(s + 1, end, numbers[i].count, 16) : -1;
        if (n < 0)
            continue;
        if (*s == 'x' && n)
            strbuf_putc(b, (char)n);
        else if (n > 0x10ffff || (n >= 0xd800 && n < 0xe000))
            return 0;
        else if (n)
            put_utf8(b, (uint32_t)n);
        return (size_t)numbers[i].count + 1;
    }
    int64_t octal = digits_of(s, end, 3, 8);
    if (octal < 0 || octal > 255)
        return 0;
    if (octal)
        strbuf_putc(b, (char)octal);
    return 3;
}

static const char *unquote(struct jsonpath_parser *p, const char *s, const char *end, char quote)
{
    struct strbuf b = STRBUF_INIT;
    const char *result = NULL;
    while (s < end) {
        size_t n = 1;
        if (*s != '\\')
            strbuf_putc(&b, *s);
        else if ((n = put_escape(&b, s + 1, end, quote)) == 0)
            goto out;
        else
            n++;
        s += n;
    }
    result = arena_strdup(p->arena, strbuf_str(&b));
out:
    strbuf_fini(&b);
    return result;
}

static int parse_quote(struct jsonpath_parser *p, struct pool *nodes)
{
    size_t from = p->pos;
    int quote = next(p);
    for (;;) {
        int c = next(p);
        if (c == END || c == '\n')
            return fail(p, from, "unterminated quoted string");
        if (c == quote && p->text[p->pos - 2] != '\\')
            break;
    }
    const char *text = unquote(p, p->text + from + 1, p->text + p->pos - 1, (char)quote);
    if (!text)
        return fail(p, from, arena_printf(p->arena, "unquote string %s error invalid syntax", cut(p, from, p->pos)));
    literal(p, nodes, VALUE_STRING, text);
    return 0;
}

/* ---- fields ---- */

/* Behind the dot. */
static int parse_field(struct jsonpath_parser *p, struct pool *nodes)
{
    size_t from = p->pos, kept = 0;
    while (!ends_word(peek(p)))
        if (next(p) == '\\')
            next(p);
    char *name = arena_strndup(p->arena, p->text + from, p->pos - from);
    if (strcmp(name, "*") == 0) {
        add(nodes, JSONPATH_WILDCARD);
        return 0;
    }
    for (const char *c = name; *c; c++)
        if (*c != '\\')
            name[kept++] = *c;
    name[kept] = '\0';
    add(nodes, JSONPATH_FIELD)->text = name;
    return 0;
}

static int parse_recursive(struct jsonpath_parser *p, struct pool *nodes)
{
    const struct jsonpath_node *before = nodes->count ? pool_at(nodes, nodes->count - 1) : NULL;
    if (before && before->kind == JSONPATH_RECURSIVE)
        return fail(p, p->pos, "invalid multiple recursive descent");
    p->pos += strlen("..");
    add(nodes, JSONPATH_RECURSIVE);
    return is_word(peek(p)) ? parse_field(p, nodes) : 0;
}

/* ---- brackets ---- */

/* ['a'] is .a: dots in it separate, as they do outside. */
static int parse_key(struct jsonpath_parser *p, struct pool *nodes, size_t from, size_t to)
{
    struct jsonpath_parser part = *p;
    part.pos = from;
    part.end = to;
    part.inner = true;
    int result = parse_field(&part, nodes) < 0 ? -1 : parse_inside(&part, nodes);
    p->error = part.error;
    p->doubt = part.doubt;
    return result;
}

/* One of a:b:c; what is not given is not known, but a single index is one element long. */
static int parse_param(struct jsonpath_parser *p, size_t from, size_t to, struct jsonpath_param *ret)
{
    const char *text = cut(p, from, to);
    if (!*text)
        return 0;
    ret->known = true;
    return to_int(text, &ret->value) ? 0
                                     : fail(p, from, arena_printf(p->arena, "array index %s is not a number", text));
}

static int parse_slice(struct jsonpath_parser *p, struct pool *nodes, size_t from, size_t to)
{
    struct jsonpath_param params[3] = {{0}};
    size_t starts[4] = {from}, count = 1;
    for (size_t i = from; i < to; i++) {
        bool minus = p->text[i] == '-' && i == starts[count - 1];
        if (p->text[i] == ':' && count < 3)
            starts[count++] = i + 1;
        else if (!minus && !is_digit(p->text[i]))
            return fail(p, from, arena_printf(p->arena, "invalid array index %s", cut(p, from, to)));
    }
    starts[count] = to + 1;
    for (size_t i = 0; i < count; i++)
        if (parse_param(p, starts[i], starts[i + 1] - 1, &params[i]) < 0)
            return -1;
    if (count == 1)
        params[1] = (struct jsonpath_param){params[0].value + 1, true, true};
    struct jsonpath_node *n = add(nodes, JSONPATH_ARRAY);
    memcpy(n->params, params, sizeof params);
    return 0;
}

/* What stands in brackets, without commas. */
static int parse_index(struct jsonpath_parser *p, struct pool *nodes, size_t from, size_t to)
{
    const char *text = p->text + from;
    size_t n = to - from;
    if (n == 1 && *text == '*') {
        struct jsonpath_node *all = add(nodes, JSONPATH_ARRAY);
        memset(all->params, 0, sizeof all->params);
        return 0;
    }
    if (n >= 2 && text[0] == '\'' && memchr(text + 1, '\'', n - 1) == text + n - 1)
        return parse_key(p, nodes, from + 1, to - 1);
    return parse_slice(p, nodes, from, to);
}

static int parse_union(struct jsonpath_parser *p, struct pool *nodes, size_t from, size_t to)
{
    struct pool lists;
    pool_init(&lists, p->arena, sizeof(struct jsonpath_node));
    for (size_t start = from; start <= to;) {
        const char *comma = memchr(p->text + start, ',', to - start);
        size_t stop = comma ? (size_t)(comma - p->text) : to, left = start, right = stop;
        struct pool part;
        pool_init(&part, p->arena, sizeof(struct jsonpath_node));
        while (left < right && p->text[left] == ' ')
            left++;
        while (left < right && p->text[right - 1] == ' ')
            right--;
        if (parse_index(p, &part, left, right) < 0)
            return -1;
        add(&lists, JSONPATH_LIST)->list = finish(p, &part);
        start = stop + 1;
    }
    add(nodes, JSONPATH_UNION)->list = finish(p, &lists);
    return 0;
}

static int parse_array(struct jsonpath_parser *p, struct pool *nodes)
{
    size_t open = p->pos++;
    for (int c = next(p); c != ']'; c = next(p))
        if (c == END || c == '\n')
            return fail(p, open, "unterminated array");
    size_t from = open + 1, to = p->pos - 1;
    return (memchr(p->text + from, ',', to - from) ? parse_union : parse_index)(p, nodes, from, to);
}

/* To the parenthesis that ends a filter: one in quotes does not. */
static int skip_filter(struct jsonpath_parser *p, size_t open)
{
    bool begun = false, ended = false;
    int pair = 0;
    for (;;) {
        int c = next(p);
        if (c == END || c == '\n')
            return fail(p, open, "unterminated filter");
        if ((c == '"' || c == '\'') && !begun) {
            begun = true;
            pair = c;
        } else if (c == pair && p->text[p->pos - 2] != '\\') {
            ended = true;
        } else if (c == ')' && begun == ended) {
            break;
        }
    }
    if (peek(p) != ']')
        return fail(p, p->pos, "unclosed array expect ]");
    next(p);
    return 0;
}

static bool is_operator(char c) { return c == '!' || c == '<' || c == '>' || c == '='; }

static int parse_filter(struct jsonpath_parser *p, struct pool *nodes)
{
    static const char *const known[] = {"<", ">", "==", "!=", "<=", ">="};
    size_t open = p->pos, from = open + strlen("[?(");
    p->pos = from;
    if (skip_filter(p, open) < 0)
        return -1;
    size_t to = p->pos - strlen(")]"), op = from, rest;
    struct jsonpath_node n = {.kind = JSONPATH_FILTER};
    while (op < to && !is_operator(p->text[op]))
        op++;
    for (rest = op; rest < to && is_operator(p->text[rest]);)
        rest++;
    rest -= rest == to && rest > op + 1; /* as the regular expression there gives one back */
    if (op == from || op == rest || rest == to) {
        if (parse_part(p, from, to, &n.list) < 0)
            return -1;
    } else {
        if (parse_part(p, from, op, &n.list) < 0 || parse_part(p, rest, to, &n.right) < 0)
            return -1;
        n.text = cut(p, op, rest);
        bool good = false;
        for (size_t i = 0; i < ARRAY_LEN(known); i++)
            good |= strcmp(n.text, known[i]) == 0;
        if (!good)
            doubt(p, op, arena_printf(p->arena, "unrecognized filter operator %s", n.text));
    }
    *add(nodes, JSONPATH_FILTER) = n;
    return 0;
}

/* ---- actions ---- */

static int unknown_character(struct jsonpath_parser *p)
{
    int c = peek(p);
    if (c < ' ' || c == 0x7f)
        return fail(p, p->pos, arena_printf(p->arena, "unrecognized character in action: U+%04X", (unsigned)c));
    return fail(p, p->pos, arena_printf(p->arena, "unrecognized character in action: U+%04X '%c'", (unsigned)c, c));
}

/* One element; `}` and the end are seen to. */
static int parse_element(struct jsonpath_parser *p, struct pool *nodes)
{
    if (at_word(p, "[?("))
        return parse_filter(p, nodes);
    if (at_word(p, ".."))
        return parse_recursive(p, nodes);
    int c = peek(p);
    if (c == ' ' || c == '@' || c == '$') {
        next(p);
        return 0;
    }
    if (c == '[')
        return parse_array(p, nodes);
    if (c == '"' || c == '\'')
        return parse_quote(p, nodes);
    if (c == '.') {
        next(p);
        return parse_field(p, nodes);
    }
    if (c == '+' || c == '-' || is_digit(c))
        return parse_number(p, nodes);
    return is_word(c) ? parse_word(p, nodes) : unknown_character(p);
}

static int parse_inside(struct jsonpath_parser *p, struct pool *nodes)
{
    for (;;) {
        int c = peek(p);
        if (c == '}' || (c == END && p->inner)) {
            next(p);
            return 0;
        }
        if (c == END || c == '\n' || c == '\r')
            return fail(p, p->pos, "unclosed action");
        if (parse_element(p, nodes) < 0)
            return -1;
    }
}

/* {range} and {end} in pairs. */
static void check_ranges(struct jsonpath_parser *p, const jsonpath_nodes *action, size_t at, int *depth)
{
    for (uint32_t i = 0; i < action->count; i++) {
        const struct jsonpath_node *n = &action->items[i];
        if (n->kind != JSONPATH_IDENTIFIER)
            continue;
        if (strcmp(n->text, "range") == 0)
            ++*depth;
        else if (strcmp(n->text, "end") == 0 && --*depth < 0)
            doubt(p, at, "not in range, nothing to end");
    }
}

static int parse_template(struct jsonpath_parser *p, struct jsonpath *ret)
{
    struct pool root, nodes;
    int depth = 0;
    size_t last_range = 0;
    pool_init(&root, p->arena, sizeof(struct jsonpath_node));
    while (p->pos < p->end) {
        size_t from = p->pos;
        while (peek(p) != END && peek(p) != '{')
            next(p);
        if (p->pos > from)
            literal(p, &root, VALUE_STRING, cut(p, from, p->pos));
        if (next(p) == END)
            break;
        pool_init(&nodes, p->arena, sizeof(struct jsonpath_node));
        size_t open = p->pos - 1;
        int before = depth;
        if (parse_inside(p, &nodes) < 0)
            return -1;
        struct jsonpath_node *n = add(&root, JSONPATH_LIST);
        n->list = finish(p, &nodes);
        check_ranges(p, &n->list, open, &depth);
        last_range = depth > before ? open : last_range;
    }
    if (depth > 0)
        doubt(p, last_range, "a range without {end}");
    *ret = (struct jsonpath){finish(p, &root), p->doubt};
    return 0;
}

int jsonpath_parse(struct arena *a, const char *text, const struct jsonpath **ret, struct jsonpath_error *ret_error)
{
    struct jsonpath_parser p = {.arena = a, .text = text, .end = strlen(text)};
    struct jsonpath *result = arena_new(a, struct jsonpath);
    if (parse_template(&p, result) < 0) {
        *ret_error = p.error;
        return -1;
    }
    *ret = result;
    return 0;
}

/* k8s kubectl cmd/get/customcolumn.go RelaxedJSONPathExpression. */
int jsonpath_parse_relaxed(struct arena *a, const char *text, const struct jsonpath **ret,
                           struct jsonpath_error *ret_error)
{
    size_t len = strlen(text), from = 0, to = len;
    if (len == 0)
        return jsonpath_parse(a, text, ret, ret_error);
    if (text[0] == '{' && text[len - 1] == '}' && len >= 3) {
        from++;
        to--;
    }
    from += text[from] == '.' && from + 1 < to;
    if (from == to || strcspn(text + from, "{}") < to - from) {
        *ret_error = (struct jsonpath_error){"unexpected path string, expected a 'name1.name2' or '.name1.name2' or "
                                             "'{name1.name2}' or '{.name1.name2}'",
                                             0};
        return -1;
    }
    const char *whole = arena_printf(a, "{.%.*s}", (int)(to - from), text + from);
    int result = jsonpath_parse(a, whole, ret, ret_error);
    if (result < 0) {
        size_t at = ret_error->at >= 2 ? ret_error->at - 2 + from : 0;
        ret_error->at = at < len ? at : len;
    }
    return result;
}

const struct jsonpath_error *jsonpath_doubt(const struct jsonpath *p) { return p->doubt.text ? &p->doubt : NULL; }
