/* selector.c - label selectors as kubectl takes them: words, then requirements, with the words that kubectl has for
 * what is wrong. k8s staging/src/k8s.io/apimachinery/pkg/labels/selector.go Lexer, Parser, NewRequirement, Matches.
 */
#include "model/selector.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/api_types.h"

/* ---- tokens ---- */

enum token { T_END, T_WORD, T_COMMA, T_OPEN, T_CLOSE, T_NOT, T_EQUALS, T_NOT_EQUALS, T_MORE, T_LESS };

static const struct {
    const char *text;
    enum token token;
} symbols[] = {
    {"==", T_EQUALS}, {"!=", T_NOT_EQUALS}, {",", T_COMMA}, {"(", T_OPEN}, {")", T_CLOSE},
    {"!", T_NOT},     {"=", T_EQUALS},      {">", T_MORE},  {"<", T_LESS},
};

struct parser {
    struct arena *arena;
    const char *p; /* behind the token at hand */
    enum token token;
    const char *text; /* of the token; "" at the end */
    const char *wrong;
};

/* Longest first: the table has "==" before "=". */
static void next(struct parser *s)
{
    s->p += strspn(s->p, " \t\r\n");
    size_t n = strcspn(s->p, "=!(),>< \t\r\n");
    s->token = n ? T_WORD : T_END;
    for (size_t i = 0; n == 0 && *s->p && i < ARRAY_LEN(symbols); i++)
        if (strncmp(s->p, symbols[i].text, strlen(symbols[i].text)) == 0) {
            n = strlen(symbols[i].text);
            s->token = symbols[i].token;
        }
    s->text = arena_strndup(s->arena, s->p, n);
    s->p += n;
}

static bool is(const struct parser *s, enum token t) { return s->token == t; }

static bool found(struct parser *s, const char *expected)
{
    s->wrong = arena_printf(s->arena, "found '%s', expected: %s", s->text, expected);
    return false;
}

/* ---- requirements ---- */

static bool parse_key(struct parser *s, struct selector_term *t)
{
    if (is(s, T_NOT)) {
        t->op = SELECT_NOT_EXISTS;
        next(s);
    }
    if (!is(s, T_WORD))
        return found(s, "identifier");
    t->key = s->text;
    const char *wrong = wrong_qualified_name(s->arena, t->key);
    if (wrong)
        s->wrong = arena_printf(s->arena, "<nil>: Invalid value: \"%s\": %s", t->key, wrong);
    next(s);
    return !wrong;
}

static bool parse_operator(struct parser *s, struct selector_term *t)
{
    bool in = is(s, T_WORD) && strcmp(s->text, "in") == 0, notin = is(s, T_WORD) && strcmp(s->text, "notin") == 0;
    if (is(s, T_EQUALS) || in)
        t->op = SELECT_IN;
    else if (is(s, T_NOT_EQUALS) || notin)
        t->op = SELECT_NOT_IN;
    else if (is(s, T_MORE) || is(s, T_LESS))
        t->op = is(s, T_MORE) ? SELECT_GREATER : SELECT_LESS;
    else
        return found(s, "in, notin, =, ==, !=, gt, lt");
    return true;
}

static void add_value(struct parser *s, struct selector_term *t, const char *value)
{
    const char **items = arena_array(s->arena, const char *, t->values.count + 1);
    for (uint32_t i = 0; i < t->values.count; i++)
        items[i] = t->values.items[i];
    items[t->values.count] = value;
    t->values = (str_list){items, t->values.count + 1};
}

/* "(a, b)"; values may be empty: "(a,,b)", "()". */
static bool parse_values(struct parser *s, struct selector_term *t)
{
    if (!is(s, T_OPEN)) {
        s->wrong = arena_printf(s->arena, "found '%s' expected: '('", s->text); /* without a comma */
        return false;
    }
    next(s);
    if (!is(s, T_WORD) && !is(s, T_COMMA) && !is(s, T_CLOSE))
        return found(s, "',', ')' or identifier");
    for (;;) {
        bool word = is(s, T_WORD);
        add_value(s, t, word ? s->text : "");
        if (word)
            next(s);
        if (is(s, T_CLOSE))
            break;
        if (!is(s, T_COMMA))
            return found(s, word ? "',' or ')'" : "',', or identifier");
        next(s);
    }
    next(s);
    return true;
}

/* Nothing is the empty value. */
static bool parse_exact_value(struct parser *s, struct selector_term *t)
{
    if (is(s, T_END) || is(s, T_COMMA)) {
        add_value(s, t, "");
        return true;
    }
    if (!is(s, T_WORD))
        return found(s, "identifier");
    add_value(s, t, s->text);
    next(s);
    return true;
}

static bool to_number(const char *text, int64_t *ret)
{
    char *end;
    errno = 0;
    *ret = strtoll(text, &end, 10);
    return *text && !*end && errno == 0;
}

static bool check_values(struct parser *s, const struct selector_term *t)
{
    int64_t number;
    for (uint32_t i = 0; i < t->values.count && !s->wrong; i++) {
        const char *value = t->values.items[i], *wrong = wrong_label_value(s->arena, value);
        if ((t->op == SELECT_GREATER || t->op == SELECT_LESS) && !to_number(value, &number))
            s->wrong = arena_printf(s->arena,
                                    "values[%" PRIu32 "]: Invalid value: \"%s\": for 'Gt', 'Lt' operators, the value "
                                    "must be an integer",
                                    i, value);
        else if (wrong)
            s->wrong =
                arena_printf(s->arena, "values[%" PRIu32 "][%s]: Invalid value: \"%s\": %s", i, t->key, value, wrong);
    }
    return !s->wrong;
}

static bool parse_requirement(struct parser *s, struct selector_term *t)
{
    *t = (struct selector_term){.op = SELECT_EXISTS};
    if (!parse_key(s, t))
        return false;
    if (t->op == SELECT_NOT_EXISTS || is(s, T_END) || is(s, T_COMMA))
        return true;
    if (!parse_operator(s, t))
        return false;
    bool set = is(s, T_WORD);
    next(s);
    return (set ? parse_values(s, t) : parse_exact_value(s, t)) && check_values(s, t);
}

static const char *parse(struct parser *s, selector *ret)
{
    next(s);
    while (!is(s, T_END)) {
        if (!is(s, T_WORD) && !is(s, T_NOT)) {
            found(s, "!, identifier, or 'end of string'");
            return s->wrong;
        }
        if (!parse_requirement(s, &ret->items[ret->count++]))
            return arena_printf(s->arena, "unable to parse requirement: %s", s->wrong);
        if (is(s, T_END))
            break;
        if (!is(s, T_COMMA))
            found(s, "',' or 'end of string'");
        next(s);
        if (!s->wrong && !is(s, T_WORD) && !is(s, T_NOT))
            found(s, "identifier after ','");
        if (s->wrong)
            break;
    }
    return s->wrong;
}

const char *selector_parse(struct arena *a, const char *text, selector *ret)
{
    struct parser s = {.arena = a, .p = text};
    selector list = {arena_array(a, struct selector_term, strlen(text) + 1), 0};
    const char *wrong = parse(&s, &list);
    if (!wrong)
        *ret = list;
    return wrong;
}

/* ---- matching ---- */

static bool is_listed(const str_list *values, const char *value)
{
    for (uint32_t i = 0; value && i < values->count; i++)
        if (strcmp(value, values->items[i]) == 0)
            return true;
    return false;
}

static bool compares(const struct selector_term *t, const char *value)
{
    int64_t actual, wanted;
    if (!value || !to_number(value, &actual) || !to_number(t->values.items[0], &wanted))
        return false;
    return t->op == SELECT_GREATER ? actual > wanted : actual < wanted;
}

static bool term_matches(const struct selector_term *t, const str_map *labels)
{
    const char *value = str_map_get(labels, t->key);
    switch (t->op) {
    case SELECT_IN:
        return is_listed(&t->values, value);
    case SELECT_NOT_IN:
        return !is_listed(&t->values, value);
    case SELECT_EXISTS:
        return value != NULL;
    case SELECT_GREATER:
    case SELECT_LESS:
        return compares(t, value);
    case SELECT_NOT_EXISTS:
        break;
    }
    return value == NULL;
}

bool selector_matches(const selector *s, const str_map *labels)
{
    for (uint32_t i = 0; i < s->count; i++)
        if (!term_matches(&s->items[i], labels))
            return false;
    return true;
}
