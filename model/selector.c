/* selector.c - label selectors as kubectl takes them. */
#include "model/selector.h"

#include <string.h>

#include "model/api_core.h"

static const char *trimmed(struct arena *a, const char *text, size_t n)
{
    while (n && (*text == ' ' || *text == '\t'))
        text++, n--;
    while (n && (text[n - 1] == ' ' || text[n - 1] == '\t'))
        n--;
    return arena_strndup(a, text, n);
}

/* "a, b" between the brackets of `key in (a, b)`. */
static str_list value_set(struct arena *a, const char *text, size_t n)
{
    str_list list = {arena_array(a, const char *, n + 1), 0};
    while (n) {
        const char *comma = memchr(text, ',', n);
        size_t one = comma ? (size_t)(comma - text) : n;
        list.items[list.count++] = trimmed(a, text, one);
        text += comma ? one + 1 : one;
        n -= comma ? one + 1 : one;
    }
    return list;
}

static str_list one_value(struct arena *a, const char *text)
{
    str_list list = {arena_array(a, const char *, 1), 1};
    list.items[0] = text;
    return list;
}

/* One requirement, without blanks around it. False if it is none. */
static bool selector_term(struct arena *a, const char *text, struct selector_term *ret)
{
    const char *open = strchr(text, '('), *close = open ? strchr(open, ')') : NULL;
    const char *in = strstr(text, " in "), *notin = strstr(text, " notin ");
    if (open && close && (in || notin)) {
        const char *word = notin ? notin : in;
        *ret = (struct selector_term){
            .key = trimmed(a, text, (size_t)(word - text)),
            .op = notin ? SELECT_NOT_IN : SELECT_IN,
            .values = value_set(a, open + 1, (size_t)(close - open - 1)),
        };
        return ret->key[0] != '\0';
    }
    const char *equals = strchr(text, '=');
    if (!equals) {
        bool negated = text[0] == '!';
        ret->key = trimmed(a, text + negated, strlen(text) - negated);
        ret->op = negated ? SELECT_NOT_EXISTS : SELECT_EXISTS;
        return ret->key[0] && !strchr(ret->key, ' ') && !open;
    }
    bool negated = equals > text && equals[-1] == '!';
    const char *value = equals + 1 + (equals[1] == '=');
    ret->key = trimmed(a, text, (size_t)(equals - text) - negated);
    ret->op = negated ? SELECT_NOT_IN : SELECT_IN;
    ret->values = one_value(a, trimmed(a, value, strlen(value)));
    return ret->key[0] && !strchr(ret->key, ' ');
}

/* Length up to the next comma outside of brackets. */
static size_t term_length(const char *text)
{
    int depth = 0;
    const char *p = text;
    for (; *p && !(*p == ',' && depth == 0); p++)
        depth += (*p == '(') - (*p == ')');
    return (size_t)(p - text);
}

bool selector_parse(struct arena *a, const char *text, selector *ret)
{
    selector s = {arena_array(a, struct selector_term, strlen(text) + 1), 0};
    for (const char *t = text; *t;) {
        size_t n = term_length(t);
        if (!selector_term(a, trimmed(a, t, n), &s.items[s.count++]))
            return false;
        t += n + (t[n] == ',');
    }
    *ret = s;
    return true;
}

static bool term_matches(const struct selector_term *t, const str_map *labels)
{
    const char *value = str_map_get(labels, t->key);
    bool listed = false;
    for (uint32_t i = 0; value && i < t->values.count; i++)
        listed = listed || strcmp(value, t->values.items[i]) == 0;
    switch (t->op) {
    case SELECT_IN:
        return listed;
    case SELECT_NOT_IN:
        return !listed;
    case SELECT_EXISTS:
        return value != NULL;
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
