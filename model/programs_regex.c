/* programs_regex.c - a small backtracking matcher that works on the pattern text itself.
 *
 * Repetition is greedy. Where a pattern has alternatives every way is tried and the longest match wins (POSIX), as long
 * as the steps last. What groups hold is what the first such way says.
 */
#include "model/programs_regex.h"

#include <string.h>

enum { STEPS_MAX = 200000, DEPTH_MAX = 2000 };

struct regex {
    const char *text;
    size_t length;
    bool extended, icase;
    uint32_t steps, depth;
    struct regex_match m;
    bool longest, found; /* alternatives: the best so far */
    struct regex_match best;
};

/* What comes after the piece being matched: another pattern text, or the end of a group. */
struct cont {
    const struct cont *next;
    const char *p, *end; /* the rest of this level's pattern */
    int group;           /* > 0: close this group first */
    /* a repetition: try again from `again` */
    const char *atom, *atom_end;
    int min, max, done;
    size_t at; /* where the last turn began: an empty turn ends the repetition */
};

static bool match_rest(struct regex *r, const char *p, const char *end, size_t i, const struct cont *k);

static char lower(char ch) { return ch >= 'A' && ch <= 'Z' ? (char)(ch - 'A' + 'a') : ch; }

static bool same_char(const struct regex *r, char a, char b) { return r->icase ? lower(a) == lower(b) : a == b; }

static bool is_open(const struct regex *r, const char *p, const char *end)
{
    return r->extended ? *p == '(' : p + 1 < end && p[0] == '\\' && p[1] == '(';
}
static bool is_close(const struct regex *r, const char *p, const char *end)
{
    return r->extended ? *p == ')' : p + 1 < end && p[0] == '\\' && p[1] == ')';
}
static bool is_bar(const struct regex *r, const char *p, const char *end)
{
    return r->extended ? *p == '|' : p + 1 < end && p[0] == '\\' && p[1] == '|';
}

/* End of the bracket expression at p. */
static const char *bracket_end(const char *p, const char *end)
{
    p++;
    if (p < end && *p == '^')
        p++;
    if (p < end && *p == ']')
        p++;
    while (p < end && *p != ']') {
        if (*p == '[' && p + 1 < end && (p[1] == ':' || p[1] == '.' || p[1] == '=')) {
            char kind = p[1];
            p += 2;
            while (p + 1 < end && !(p[0] == kind && p[1] == ']'))
                p++;
            p++;
        }
        p++;
    }
    return p < end ? p + 1 : end;
}

/* End of the group whose "(" is at p. */
static const char *group_end(const struct regex *r, const char *p, const char *end)
{
    int depth = 0;
    while (p < end) {
        if (*p == '[') {
            p = bracket_end(p, end);
            continue;
        }
        if (is_open(r, p, end))
            depth++;
        else if (is_close(r, p, end) && --depth == 0)
            return p + (r->extended ? 1 : 2);
        p += *p == '\\' && p + 1 < end ? 2 : 1;
    }
    return end;
}

static const char *atom_end(const struct regex *r, const char *p, const char *end)
{
    if (is_open(r, p, end))
        return group_end(r, p, end);
    if (*p == '[')
        return bracket_end(p, end);
    return p + (*p == '\\' && p + 1 < end ? 2 : 1);
}

static bool in_class(const char *name, size_t n, char ch)
{
    static const struct {
        const char *name, *ranges;
    } classes[] = {{"alpha", "azAZ"},     {"digit", "09"},     {"alnum", "azAZ09"}, {"upper", "AZ"},
                   {"lower", "az"},       {"space", "  \t\r"}, {"blank", "  \t\t"}, {"xdigit", "09afAF"},
                   {"punct", "!/:@[`{~"}, {"print", " ~"},     {"graph", "!~"},     {"cntrl", "\001\037\177\177"}};
    for (size_t i = 0; i < ARRAY_LEN(classes); i++)
        if (strlen(classes[i].name) == n && strncmp(classes[i].name, name, n) == 0)
            for (const char *s = classes[i].ranges; *s; s += 2)
                if (ch >= s[0] && ch <= s[1])
                    return true;
    return false;
}

static bool in_bracket(const struct regex *r, const char *p, const char *end, char ch)
{
    bool negated = false, hit = false;
    const char *last = bracket_end(p, end) - 1; /* its "]" */
    p++;
    if (*p == '^') {
        negated = true;
        p++;
    }
    for (bool first = true; p < last || (first && p <= last && *p == ']' && p < last); first = false) {
        if (*p == '[' && p + 1 < last && p[1] == ':') {
            const char *name = p + 2;
            p = name;
            while (p < last && *p != ':')
                p++;
            hit |= in_class(name, (size_t)(p - name), ch);
            p += 2;
            continue;
        }
        char from = *p++, to = from;
        if (p + 1 < last && *p == '-') {
            to = p[1];
            p += 2;
        }
        hit |= ((unsigned char)ch >= (unsigned char)from && (unsigned char)ch <= (unsigned char)to) ||
               (r->icase && lower(ch) >= lower(from) && lower(ch) <= lower(to));
    }
    return hit != negated;
}

static bool match_one(const struct regex *r, const char *p, const char *end, char ch)
{
    if (*p == '[')
        return in_bracket(r, p, end, ch);
    if (*p == '.')
        return true;
    if (*p != '\\' || p + 1 >= end)
        return same_char(r, *p, ch);
    bool word = (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') || ch == '_';
    switch (p[1]) {
    case 'w':
        return word;
    case 'W':
        return !word;
    case 's':
        return ch == ' ' || (ch >= '\t' && ch <= '\r');
    case 'S':
        return ch != ' ' && !(ch >= '\t' && ch <= '\r');
    case 'n':
        return ch == '\n';
    case 't':
        return ch == '\t';
    default:
        return same_char(r, p[1], ch);
    }
}

/* "*", "+", "?", "{m,n}" at p; false when there is none. */
static bool quantifier(const struct regex *r, const char **p, const char *end, int *min, int *max)
{
    const char *s = *p;
    if (s >= end)
        return false;
    bool escaped = !r->extended && *s == '\\' && s + 1 < end;
    char ch = escaped ? s[1] : *s;
    if (*s == '*') {
        *min = 0;
        *max = INT32_MAX;
        *p = s + 1;
        return true;
    }
    if (!r->extended && !escaped)
        return false;
    s += escaped ? 2 : 1;
    if (ch == '+' || ch == '?') {
        *min = ch == '+';
        *max = ch == '+' ? INT32_MAX : 1;
        *p = s;
        return true;
    }
    if (ch != '{' || s >= end || *s < '0' || *s > '9')
        return false;
    int n = 0;
    for (; s < end && *s >= '0' && *s <= '9' && n < 10000; s++)
        n = n * 10 + (*s - '0');
    *min = *max = n;
    if (s < end && *s == ',') {
        s++;
        *max = INT32_MAX;
        if (s < end && *s >= '0' && *s <= '9')
            for (*max = 0; s < end && *s >= '0' && *s <= '9' && *max < 10000; s++)
                *max = *max * 10 + (*s - '0');
    }
    if (s < end && *s == '\\')
        s++;
    if (s < end && *s == '}')
        s++;
    *p = s;
    return true;
}

static bool resume(struct regex *r, size_t i, const struct cont *k);

/* Any alternative of [p, end), then k. */
static bool match_alternatives(struct regex *r, const char *p, const char *end, size_t i, const struct cont *k)
{
    const char *start = p;
    while (p < end) {
        if (is_bar(r, p, end)) {
            if (match_rest(r, start, p, i, k))
                return true;
            p += r->extended ? 1 : 2;
            start = p;
            continue;
        }
        p = atom_end(r, p, end);
    }
    return match_rest(r, start, end, i, k);
}

/* Number of the group that opens at p: "(" before it in the whole pattern were counted on the way. */
static int group_number(const struct regex *r, const char *whole, const char *p, const char *end)
{
    int n = 1;
    for (const char *s = whole; s < p;) {
        if (*s == '[') {
            s = bracket_end(s, end);
            continue;
        }
        if (is_open(r, s, end))
            n++;
        s += *s == '\\' ? 2 : 1;
    }
    return n;
}

static const char *regex_whole(const struct regex *r);

static bool match_atom(struct regex *r, const char *p, const char *end, size_t i, const struct cont *k)
{
    if (is_open(r, p, end)) {
        const char *close = group_end(r, p, end), *inner = p + (r->extended ? 1 : 2);
        int group = group_number(r, regex_whole(r), p, end);
        const char *inner_end = close - (r->extended ? 1 : 2);
        if (inner_end < inner)
            inner_end = inner;
        size_t saved = group < REGEX_GROUPS ? r->m.from[group] : 0;
        if (group < REGEX_GROUPS)
            r->m.from[group] = i;
        struct cont closing = {.next = k, .group = group < REGEX_GROUPS ? group : -1};
        if (match_alternatives(r, inner, inner_end, i, &closing))
            return true;
        if (group < REGEX_GROUPS)
            r->m.from[group] = saved;
        return false;
    }
    if (*p == '\\' && p + 1 < end && p[1] >= '1' && p[1] <= '9') {
        int group = p[1] - '0';
        size_t from = r->m.from[group], to = r->m.to[group];
        size_t n = to > from ? to - from : 0;
        if (i + n > r->length || strncmp(r->text + from, r->text + i, n) != 0)
            return false;
        return resume(r, i + n, k);
    }
    if (i >= r->length || !match_one(r, p, end, r->text[i]))
        return false;
    return resume(r, i + 1, k);
}

static bool repeat(struct regex *r, size_t i, const struct cont *k)
{
    if (k->done < k->max && !(k->done > k->min && i == k->at)) {
        struct cont again = *k;
        again.done++;
        again.at = i;
        if (match_atom(r, k->atom, k->atom_end, i, &again))
            return true;
    }
    return k->done >= k->min && match_rest(r, k->p, k->end, i, k->next);
}

static bool resume(struct regex *r, size_t i, const struct cont *k)
{
    if (!k) {
        r->m.to[0] = i;
        if (!r->longest)
            return true;
        if (!r->found || i > r->best.to[0])
            r->best = r->m;
        r->found = true;
        return i == r->length;
    }
    if (k->atom)
        return repeat(r, i, k);
    if (k->group) {
        size_t saved = 0;
        if (k->group > 0) {
            saved = r->m.to[k->group];
            r->m.to[k->group] = i;
        }
        if (resume(r, i, k->next))
            return true;
        if (k->group > 0)
            r->m.to[k->group] = saved;
        return false;
    }
    return match_rest(r, k->p, k->end, i, k->next);
}

static bool is_word_at(const struct regex *r, size_t i)
{
    char ch = i < r->length ? r->text[i] : '\0';
    return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') || ch == '_';
}

/* Without |: pieces one after the other. A single character repeated is a loop, not a recursion. */
static bool match_rest(struct regex *r, const char *p, const char *end, size_t i, const struct cont *k)
{
    if (++r->steps > STEPS_MAX || r->depth > DEPTH_MAX)
        return false;
    if (p >= end)
        return resume(r, i, k);
    if (*p == '^' && (r->extended || p == regex_whole(r) || p[-1] == '(' || p[-1] == '|'))
        return i == 0 && match_rest(r, p + 1, end, i, k);
    if (*p == '$' && (p + 1 == end || r->extended))
        return i == r->length && match_rest(r, p + 1, end, i, k);
    if (*p == '\\' && p + 1 < end && strchr("<>bB", p[1])) {
        bool before = i > 0 && is_word_at(r, i - 1), after = is_word_at(r, i);
        bool ok = p[1] == '<' ? !before && after : p[1] == '>' ? before && !after : (before != after) == (p[1] == 'b');
        return ok && match_rest(r, p + 2, end, i, k);
    }
    const char *next = atom_end(r, p, end), *after = next;
    int min = 1, max = 1;
    bool simple = !is_open(r, p, end) && !(*p == '\\' && p + 1 < end && p[1] >= '1' && p[1] <= '9');
    if (*p == '*' && !r->extended) { /* a star with nothing before it is itself */
        return i < r->length && r->text[i] == '*' && match_rest(r, p + 1, end, i + 1, k);
    }
    bool repeated = quantifier(r, &after, end, &min, &max);
    r->depth++;
    bool ok = false;
    if (simple) {
        size_t n = 0;
        while ((int64_t)n < max && i + n < r->length && match_one(r, p, end, r->text[i + n]))
            n++;
        for (;; n--) {
            if ((int64_t)n < min)
                break;
            if (match_rest(r, after, end, i + n, k)) {
                ok = true;
                break;
            }
            if (n == 0)
                break;
        }
    } else if (!repeated) {
        struct cont rest = {.next = k, .p = after, .end = end};
        ok = match_atom(r, p, next, i, &rest);
    } else {
        struct cont rest = {
            .next = k, .p = after, .end = end, .atom = p, .atom_end = next, .min = min, .max = max, .at = SIZE_MAX};
        ok = repeat(r, i, &rest);
    }
    r->depth--;
    return ok;
}

/* The whole pattern is needed to number groups; one search runs at a time per regex. */
struct search {
    struct regex r;
    const char *whole;
};

static const char *regex_whole(const struct regex *r) { return ((const struct search *)(const void *)r)->whole; }

static bool fixed_search(const char *pattern, const char *text, size_t from, int flags, struct regex_match *ret)
{
    struct regex r = {.icase = flags & REGEX_ICASE};
    size_t n = strlen(pattern), length = strlen(text);
    for (size_t i = from; i + n <= length; i++) {
        size_t k = 0;
        while (k < n && same_char(&r, text[i + k], pattern[k]))
            k++;
        if (k == n) {
            ret->from[0] = i;
            ret->to[0] = i + n;
            return true;
        }
    }
    return false;
}

/* Where the bracket expression at p is not closed: NULL. */
static const char *bracket_close(const char *p, const char *end)
{
    const char *close = bracket_end(p, end);
    return close == end && (end[-1] != ']' || end - p < 3 || (p[1] == '^' && end - p < 4)) ? NULL : close;
}

/* Messages of glibc's regcomp(3). */
const char *regex_error(const char *pattern, int flags)
{
    struct regex r = {.extended = flags & REGEX_EXTENDED};
    const char *end = pattern + strlen(pattern);
    int depth = 0;
    for (const char *p = pattern; p < end;) {
        if (*p == '[') {
            p = bracket_close(p, end);
            if (!p)
                return "Unmatched [, [^, [:, [., or [=";
            continue;
        }
        if (*p == '\\' && p + 1 == end)
            return "Trailing backslash";
        if (is_open(&r, p, end))
            depth++;
        else if (is_close(&r, p, end) && --depth < 0)
            return "Unmatched ) or \\)";
        p += *p == '\\' ? 2 : 1;
    }
    return depth > 0 ? "Unmatched ( or \\(" : NULL;
}

bool regex_search(struct cri *c, const char *pattern, const char *text, size_t from, int flags, struct regex_match *ret)
{
    (void)c;
    if (flags & REGEX_FIXED)
        return fixed_search(pattern, text, from, flags, ret);
    struct search s = {.whole = pattern};
    s.r.text = text;
    s.r.length = strlen(text);
    s.r.extended = flags & REGEX_EXTENDED;
    s.r.icase = flags & REGEX_ICASE;
    s.r.longest = strchr(pattern, '|') != NULL;
    const char *end = pattern + strlen(pattern);
    for (size_t i = from; i <= s.r.length && s.r.steps <= STEPS_MAX; i++) {
        for (int g = 0; g < REGEX_GROUPS; g++) {
            s.r.m.from[g] = 1;
            s.r.m.to[g] = 0;
        }
        s.r.depth = 0;
        s.r.m.from[0] = i;
        if (match_alternatives(&s.r, pattern, end, i, NULL) || s.r.found) {
            *ret = s.r.longest ? s.r.best : s.r.m;
            return true;
        }
    }
    return false;
}
