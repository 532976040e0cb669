/* test_select.c - --tag, -k and --shard. */
#include "tools/test_select.h"

#include <string.h>

/* ---- -k ---- */

enum keyword_kind { KEYWORD_WORD, KEYWORD_NOT, KEYWORD_AND, KEYWORD_OR };

struct keyword {
    enum keyword_kind kind;
    const char *word; /* in lower case */
    const struct keyword *left, *right;
};

struct parser {
    struct arena *arena;
    struct strbuf *complaint;
    const char *text, *at;
    size_t token; /* bytes of the token at `at`; 0 = the end */
    uint32_t depth;
};

static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c; }

/* To the next token: a parenthesis, or what stands between blanks and parentheses. */
static void next(struct parser *p)
{
    p->at += p->token;
    p->at += strspn(p->at, " \t\n");
    p->token = *p->at == '(' || *p->at == ')' ? 1 : strcspn(p->at, " \t\n()");
}

static bool is(const struct parser *p, const char *token)
{
    if (strlen(token) != p->token)
        return false;
    for (size_t i = 0; i < p->token; i++)
        if (lower(p->at[i]) != token[i])
            return false;
    return true;
}

static const struct keyword *wrong(struct parser *p, const char *wanted)
{
    if (p->complaint->len == 0) {
        strbuf_printf(p->complaint, "-k: want %s at column %zu of \"%s\", got ", wanted, (size_t)(p->at - p->text) + 1,
                      p->text);
        strbuf_puts(p->complaint, p->token ? "\"" : "the end");
        strbuf_add(p->complaint, p->at, p->token);
        strbuf_puts(p->complaint, p->token ? "\"" : "");
    }
    return NULL;
}

static const struct keyword *join(struct parser *p, enum keyword_kind kind, const struct keyword *left,
                                  const struct keyword *right)
{
    struct keyword *k = arena_new(p->arena, struct keyword);
    *k = (struct keyword){.kind = kind, .left = left, .right = right};
    return k;
}

static const struct keyword *parse_or(struct parser *p);

static const struct keyword *parse_word(struct parser *p)
{
    if (p->token == 0 || is(p, ")") || is(p, "and") || is(p, "or"))
        return wrong(p, "a word");
    struct keyword *k = arena_new(p->arena, struct keyword);
    char *word = arena_strndup(p->arena, p->at, p->token);
    for (char *c = word; *c; c++)
        *c = lower(*c);
    *k = (struct keyword){.kind = KEYWORD_WORD, .word = word};
    next(p);
    return k;
}

static const struct keyword *parse_not(struct parser *p)
{
    enum { DEPTH_MAX = 100 };
    const struct keyword *k;
    if (p->depth++ > DEPTH_MAX)
        return wrong(p, "less nesting");
    if (is(p, "not")) {
        next(p);
        k = parse_not(p);
        k = k ? join(p, KEYWORD_NOT, k, NULL) : NULL;
    } else if (is(p, "(")) {
        next(p);
        k = parse_or(p);
        if (k && !is(p, ")"))
            k = wrong(p, "`)`");
        if (k)
            next(p);
    } else {
        k = parse_word(p);
    }
    p->depth--;
    return k;
}

static const struct keyword *parse_and(struct parser *p)
{
    const struct keyword *k = parse_not(p);
    while (k && is(p, "and")) {
        next(p);
        const struct keyword *right = parse_not(p);
        k = right ? join(p, KEYWORD_AND, k, right) : NULL;
    }
    return k;
}

static const struct keyword *parse_or(struct parser *p)
{
    const struct keyword *k = parse_and(p);
    while (k && is(p, "or")) {
        next(p);
        const struct keyword *right = parse_and(p);
        k = right ? join(p, KEYWORD_OR, k, right) : NULL;
    }
    return k;
}

const struct keyword *keyword_parse(struct arena *a, const char *text, struct strbuf *complaint)
{
    struct parser p = {.arena = a, .complaint = complaint, .text = text, .at = text};
    next(&p);
    const struct keyword *k = parse_or(&p);
    return k && p.token ? wrong(&p, "`and`, `or` or the end") : k;
}

/* `word` is in lower case. */
static bool contains(const char *text, const char *word)
{
    for (; *text; text++) {
        size_t i = 0;
        while (word[i] && lower(text[i]) == word[i])
            i++;
        if (!word[i])
            return true;
    }
    return false;
}

bool keyword_matches(const struct keyword *k, const char *id)
{
    switch (k->kind) {
    case KEYWORD_WORD:
        return contains(id, k->word);
    case KEYWORD_NOT:
        return !keyword_matches(k->left, id);
    case KEYWORD_AND:
        return keyword_matches(k->left, id) && keyword_matches(k->right, id);
    case KEYWORD_OR:
        break;
    }
    return keyword_matches(k->left, id) || keyword_matches(k->right, id);
}

/* ---- --tag ---- */

static bool has_tag(const str_list *tags, const char *name, size_t n)
{
    for (uint32_t i = 0; i < tags->count; i++)
        if (strlen(tags->items[i]) == n && memcmp(tags->items[i], name, n) == 0)
            return true;
    return false;
}

bool tags_match(const str_list *tags, const char *wanted)
{
    while (*wanted) {
        size_t n = strcspn(wanted, ",");
        bool absent = *wanted == '!';
        if (n > (size_t)absent && has_tag(tags, wanted + absent, n - absent) != absent)
            return true;
        wanted += n + (wanted[n] == ',');
    }
    return false;
}

/* ---- --shard ---- */

static const char *parse_count(const char *p, uint32_t *ret)
{
    enum { DIGITS_MAX = 6 };
    uint32_t n = 0, digits = 0;
    for (; *p >= '0' && *p <= '9' && digits < DIGITS_MAX; p++, digits++)
        n = 10 * n + (uint32_t)(*p - '0');
    *ret = n;
    return digits ? p : NULL;
}

int shard_parse(const char *text, uint32_t *ret_index, uint32_t *ret_count, struct strbuf *complaint)
{
    uint32_t index = 0, count = 0;
    const char *p = parse_count(text, &index);
    if (p && *p == '/')
        p = parse_count(p + 1, &count);
    if (p && *p == '\0' && index >= 1 && index <= count) {
        *ret_index = index;
        *ret_count = count;
        return 0;
    }
    strbuf_printf(complaint, "--shard: want I/N with I from 1 to N, such as 2/5, got \"%s\"", text);
    return -1;
}

uint32_t shard_of(const char *id, uint32_t count)
{
    uint64_t h = text_hash64(TEXT_HASH64, id);
    h ^= h >> 33; /* FNV's low bits alone are not even enough: mixed as MurmurHash3's finaliser does */
    h *= UINT64_C(0xff51afd7ed558ccd);
    h ^= h >> 33;
    return (uint32_t)(h % count) + 1;
}
