/* expectation_compare.c - comparisons: a value, "!= x", ">= 2", "2..4", a glob, or a list of them.
 *
 * Numbers are exact (model/quantity.h): 1Gi is more than 1000Mi, 0.5 is 500m. What is compared as a number and is none
 * (a pod without an IP) meets no comparison of numbers.
 */
#include "model/expectation.h"

#include <stdio.h>
#include <string.h>

/* ---- globs ---- */

bool glob_is_pattern(const char *text) { return strpbrk(text, "*?\\") != NULL; }

/* Bytes of the character at p. */
static size_t char_len(const char *p)
{
    size_t n = 1;
    while (((unsigned char)p[n] & 0xc0) == 0x80)
        n++;
    return n;
}

/* Where the text goes on behind one pattern element that is no star; NULL = it does not fit. */
static const char *one_element(const char *p, const char *text)
{
    if (!*text)
        return NULL;
    if (*p == '?')
        return text + char_len(text);
    if (*p == '\\' && p[1])
        p++;
    return *p == *text ? text + 1 : NULL;
}

/* The last star is the only place to go back to: linear in pattern times text, never worse. */
bool glob_matches(const char *pattern, const char *text)
{
    const char *p = pattern, *star = NULL, *retry = NULL;
    while (*text || *p) {
        if (*p == '*') {
            star = ++p;
            retry = text;
            continue;
        }
        const char *next = *p ? one_element(p, text) : NULL;
        if (next) {
            p += *p == '\\' && p[1] ? 2 : 1;
            text = next;
            continue;
        }
        if (!star || !*retry)
            return false;
        p = star;
        text = ++retry;
    }
    return true;
}

/* ---- parsing ---- */

static const char *skip_blanks(const char *p)
{
    while (*p == ' ' || *p == '\t')
        p++;
    return p;
}

/* A number with blanks around it. */
static bool parse_number(struct arena *a, const char *text, size_t len, struct quantity *ret)
{
    while (len && (text[len - 1] == ' ' || text[len - 1] == '\t'))
        len--;
    const char *number = skip_blanks(arena_strndup(a, text, len));
    return *number && !quantity_parse(a, number, ret);
}

static const struct {
    const char *text;
    enum compare_op op;
} operators[] = {
    {"<=", COMPARE_AT_MOST}, {">=", COMPARE_AT_LEAST}, {"<", COMPARE_LESS}, {">", COMPARE_MORE}, {"!=", COMPARE_NOT},
};

static void parse_text(struct compare_term *t, enum compare_op equal, const char *text)
{
    t->op = glob_is_pattern(text) ? (equal == COMPARE_NOT ? COMPARE_NOT_GLOB : COMPARE_GLOB) : equal;
    t->text = text;
}

static const char *parse_operator(struct arena *a, const char *text, struct compare_term *t)
{
    for (size_t i = 0; i < ARRAY_LEN(operators); i++) {
        size_t n = strlen(operators[i].text);
        if (strncmp(text, operators[i].text, n) != 0)
            continue;
        const char *rest = skip_blanks(text + n);
        t->op = operators[i].op;
        if (t->op == COMPARE_NOT)
            parse_text(t, COMPARE_NOT, rest);
        else if (!parse_number(a, rest, strlen(rest), &t->from))
            return arena_printf(a, "want a number after %s, got \"%s\"", operators[i].text, rest);
        return NULL;
    }
    if (strncmp(text, "=<", 2) == 0 || strncmp(text, "=>", 2) == 0)
        return arena_printf(a, "there is no operator %.2s: write %s", text, text[1] == '<' ? "<=" : ">=");
    if (text[0] == '=')
        return arena_printf(a, "equal is the value alone: \"%s\"", skip_blanks(text + strspn(text, "=")));
    parse_text(t, COMPARE_EQUAL, text);
    return NULL;
}

/* "2..4" */
static const char *end_range(struct arena *a, const char *text, struct compare_term *t)
{
    t->op = COMPARE_RANGE;
    if (quantity_compare(&t->from, &t->to) > 0)
        return arena_printf(a, "the range %s is empty: want the smaller number first", text);
    return NULL;
}

static const char *parse_term(struct arena *a, const struct value *v, struct compare_term *t)
{
    if (v->type == VALUE_LIST || v->type == VALUE_MAP)
        return "want a value or a comparison such as \">= 2\", \"!= x\", \"1..3\", \"web-*\"";
    const char *text = v->text ? v->text : "";
    if (v->type == VALUE_BOOL) {
        *t = (struct compare_term){.op = COMPARE_EQUAL, .text = v->boolean ? "true" : "false", .truth = true};
        return NULL;
    }
    if (v->type == VALUE_INT) { /* 0777 is 511 */
        *t = (struct compare_term){.op = COMPARE_EQUAL, .text = arena_printf(a, "%" PRId64, v->integer)};
        return NULL;
    }
    if (v->type == VALUE_NULL)
        text = "";
    const char *dots = strstr(text, "..");
    if (dots && parse_number(a, text, (size_t)(dots - text), &t->from) &&
        parse_number(a, dots + 2, strlen(dots + 2), &t->to))
        return end_range(a, text, t);
    return parse_operator(a, text, t);
}

static const char *written(struct arena *a, const struct value *v)
{
    struct strbuf b = STRBUF_INIT;
    if (v->type != VALUE_LIST)
        return v->text && *v->text ? v->text : "\"\"";
    strbuf_puts(&b, "one of ");
    for (uint32_t i = 0; i < v->count; i++)
        strbuf_printf(&b, "%s%s", i ? ", " : "", v->items[i]->text ? v->items[i]->text : "\"\"");
    const char *text = arena_strdup(a, strbuf_str(&b));
    strbuf_fini(&b);
    return text;
}

const char *comparison_parse(struct arena *a, const struct value *v, struct comparison *ret)
{
    uint32_t count = v->type == VALUE_LIST ? v->count : 1;
    struct comparison c = {.terms = {arena_array(a, struct compare_term, count + 1), count}};
    if (count == 0)
        return "an empty list: nothing is one of none";
    for (uint32_t i = 0; i < count; i++) {
        const char *wrong = parse_term(a, v->type == VALUE_LIST ? v->items[i] : v, &c.terms.items[i]);
        if (wrong)
            return wrong;
    }
    c.text = written(a, v);
    *ret = c;
    return NULL;
}

/* ---- holding ---- */

static bool same_but_for_case(const char *a, const char *b)
{
    for (; *a && *b; a++, b++)
        if ((*a | 0x20) != (*b | 0x20))
            return false;
    return *a == *b;
}

/* Plain whole numbers come often, and need no arena. */
static bool to_number(struct arena *scratch, const char *text, struct quantity *ret)
{
    int64_t n = 0;
    const char *p = text;
    for (; *p >= '0' && *p <= '9' && n < INT64_MAX / 10 - 9; p++)
        n = n * 10 + (*p - '0');
    if (p > text && !*p) {
        *ret = (struct quantity){.nano_high = n, .set = true};
        return true;
    }
    return *text && !quantity_parse(scratch, text, ret);
}

static bool number_holds(const struct compare_term *t, const struct quantity *actual)
{
    int order = quantity_compare(actual, &t->from);
    switch (t->op) {
    case COMPARE_LESS:
        return order < 0;
    case COMPARE_AT_MOST:
        return order <= 0;
    case COMPARE_MORE:
        return order > 0;
    case COMPARE_AT_LEAST:
        return order >= 0;
    case COMPARE_RANGE:
        return order >= 0 && quantity_compare(actual, &t->to) <= 0;
    default:
        return false;
    }
}

static bool term_holds(const struct compare_term *t, struct arena *scratch, const char *actual)
{
    struct quantity number;
    switch (t->op) {
    case COMPARE_EQUAL:
        return strcmp(actual, t->text) == 0 || (t->truth && same_but_for_case(actual, t->text));
    case COMPARE_NOT:
        return strcmp(actual, t->text) != 0;
    case COMPARE_GLOB:
        return glob_matches(t->text, actual);
    case COMPARE_NOT_GLOB:
        return !glob_matches(t->text, actual);
    default:
        return to_number(scratch, actual, &number) && number_holds(t, &number);
    }
}

bool comparison_holds(const struct comparison *c, struct arena *scratch, const char *actual)
{
    for (uint32_t i = 0; i < c->terms.count; i++)
        if (term_holds(&c->terms.items[i], scratch, actual ? actual : ""))
            return true;
    return false;
}

bool comparison_holds_int(const struct comparison *c, int64_t actual)
{
    char text[24];
    struct quantity number = {.nano_high = actual, .set = true};
    snprintf(text, sizeof text, "%" PRId64, actual);
    for (uint32_t i = 0; i < c->terms.count; i++) {
        const struct compare_term *t = &c->terms.items[i];
        if (t->op < COMPARE_LESS ? term_holds(t, NULL, text) : number_holds(t, &number))
            return true;
    }
    return false;
}

static bool is_digits(const char *s) { return *s && s[strspn(s, "0123456789")] == '\0'; }

bool comparison_is_number(const struct comparison *c)
{
    for (uint32_t i = 0; i < c->terms.count; i++) {
        const struct compare_term *t = &c->terms.items[i];
        if (t->op < COMPARE_LESS && !((t->op == COMPARE_EQUAL || t->op == COMPARE_NOT) && is_digits(t->text)))
            return false;
    }
    return true;
}
