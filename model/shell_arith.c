/* shell_arith.c - $(( )): C's integer expressions on 64 bits, as ash has them (POSIX 2.6.4, plus
 * ++, --, ** and the comma; busybox shell/math.c). Overflow wraps; division by zero is an error.
 */
#include <string.h>

#include "model/shell.h"

struct arith {
    struct shell *sh;
    const char *s;
    const char *error;
    uint32_t depth;
    uint32_t skipping;  /* within a branch that is not taken: no assignments, no division errors. Not in busybox, which
                         * evaluates everything */
    uint32_t in_choice; /* between ? and : */
    const struct reading *reading; /* variables whose values are being evaluated */
};

struct reading {
    const struct reading *outer;
    const char *name;
};

static int64_t expression(struct arith *a, int min_level);
static int64_t assignment(struct arith *a);

enum { ARITH_DEPTH_MAX = 100 };

static void blanks(struct arith *a)
{
    while (*a->s == ' ' || *a->s == '\t' || *a->s == '\n')
        a->s++;
}

/* dash (arith_yacc.c) knows no ++, --, ** and comma, no bases, and only numbers in variables. */
static bool is_dash(const struct arith *a) { return a->sh->dialect == DIALECT_DASH; }

static int64_t fail(struct arith *a, const char *error)
{
    if (!a->error)
        a->error = error;
    return 0;
}

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'Z' ? c - 'A' + 10 : 99;
}

/* A digit in a base beyond 36, where capitals are other digits. */
static int wide_digit(char c, int base)
{
    if (base <= 36 || digit_value(c) < 10)
        return digit_value(c);
    if (c >= 'A' && c <= 'Z')
        return c - 'A' + 36;
    return c == '@' ? 62 : c == '_' ? 63 : digit_value(c);
}

static int64_t number(struct arith *a)
{
    int base = 10;
    uint64_t v = 0;
    bool overflow = false, digits = a->s[0] >= '1' && a->s[0] <= '9';
    if (a->s[0] == '0' && (a->s[1] == 'x' || a->s[1] == 'X')) {
        base = 16;
        a->s += 2;
    } else if (a->s[0] == '0') {
        base = 8;
    }
    for (; digit_value(*a->s) < base; a->s++) {
        uint64_t next = v * (unsigned)base + (unsigned)digit_value(*a->s);
        overflow |= next / (unsigned)base != v;
        v = next;
    }
    if (*a->s == '#' && !is_dash(a) && digits && v >= 2 && v <= 64) {
        base = (int)v;
        a->s++;
        for (v = 0; wide_digit(*a->s, base) < base; a->s++)
            v = v * (unsigned)base + (unsigned)wide_digit(*a->s, base);
        overflow = false;
    }
    if (is_dash(a))
        return overflow || v > INT64_MAX ? INT64_MAX : (int64_t)v;
    if (sh_is_name_char(*a->s))
        return fail(a, "arithmetic syntax error");
    return overflow ? 0 : (int64_t)v;
}

/* The value of a variable: a number, or an expression in turn. */
static int64_t variable(struct arith *a, const char *name)
{
    char scratch[24];
    const char *text = sh_param(a->sh, name, scratch);
    if (!text && (a->sh->options & OPTION_NOUNSET) && !a->skipping && a->sh->dialect == DIALECT_BASH)
        return fail(a, "parameter not set");
    if (!text || !*text)
        return 0;
    int64_t v;
    if (parse_int64(text, &v) && (text[0] != '0' || !text[1]))
        return v;
    const char *digits = text + strspn(text, " \t\n");
    digits += *digits == '-' || *digits == '+';
    if (is_dash(a) && !sh_is_digit(*digits)) {
        sh_fatal(a->sh, 2, "Illegal number: %s", text);
        return fail(a, "");
    }
    struct reading reading = {.outer = a->reading, .name = name};
    struct arith inner = {.sh = a->sh, .s = text, .depth = a->depth + 1, .skipping = a->skipping, .reading = &reading};
    for (const struct reading *r = a->reading; r; r = r->outer)
        if (strcmp(r->name, name) == 0)
            return fail(a, "expression recursion loop detected");
    if (inner.depth > ARITH_DEPTH_MAX)
        return fail(a, "expression recursion loop detected");
    v = assignment(&inner);
    blanks(&inner);
    if (inner.error || *inner.s)
        return fail(a, inner.error ? inner.error : "arithmetic syntax error");
    return v;
}

static void store(struct arith *a, const char *name, int64_t value)
{
    char text[24];
    if (a->skipping || a->error)
        return;
    uint64_t u = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    size_t n = sizeof text;
    text[--n] = '\0';
    do {
        text[--n] = (char)('0' + u % 10);
        u /= 10;
    } while (u);
    if (value < 0)
        text[--n] = '-';
    if (!sh_set(a->sh, name, text + n))
        fail(a, "");
}

static int64_t wrap_add(int64_t x, int64_t y) { return (int64_t)((uint64_t)x + (uint64_t)y); }
static int64_t wrap_sub(int64_t x, int64_t y) { return (int64_t)((uint64_t)x - (uint64_t)y); }
static int64_t wrap_mul(int64_t x, int64_t y) { return (int64_t)((uint64_t)x * (uint64_t)y); }

static int64_t divide(struct arith *a, int64_t x, int64_t y, bool remainder)
{
    if (y == 0)
        return a->skipping ? 0 : fail(a, "divide by zero");
    if (y == -1)
        return remainder ? 0 : wrap_sub(0, x);
    return remainder ? x % y : x / y;
}

static int64_t power(struct arith *a, int64_t x, int64_t y)
{
    int64_t v = 1;
    if (y < 0)
        return fail(a, "exponent less than 0");
    for (; y; y >>= 1) {
        if (y & 1)
            v = wrap_mul(v, x);
        x = wrap_mul(x, x);
    }
    return v;
}

static char *take_name(struct arith *a)
{
    size_t n = sh_name_length(a->s);
    char *name = mem_strndup(&a->sh->c->mem, &a->sh->p->mem, a->s, n);
    a->s += n;
    return name;
}

/* x, x++, x--, x = ..., x += ... */
static int64_t name_expression(struct arith *a)
{
    static const char ops[] = "+-*/%&|^";
    char *name = take_name(a);
    blanks(a);
    const char *s = a->s;
    int64_t v;

    if (!is_dash(a) && ((s[0] == '+' && s[1] == '+') || (s[0] == '-' && s[1] == '-'))) {
        a->s += 2;
        v = variable(a, name);
        store(a, name, wrap_add(v, s[0] == '+' ? 1 : -1));
    } else if (s[0] == '=' && s[1] != '=') {
        a->s++;
        v = assignment(a);
        store(a, name, v);
    } else if (s[0] && strchr(ops, s[0]) && s[1] == '=') {
        a->s += 2;
        int64_t right = assignment(a), left = variable(a, name);
        switch (s[0]) {
        case '+':
            v = wrap_add(left, right);
            break;
        case '-':
            v = wrap_sub(left, right);
            break;
        case '*':
            v = wrap_mul(left, right);
            break;
        case '/':
            v = divide(a, left, right, false);
            break;
        case '%':
            v = divide(a, left, right, true);
            break;
        case '&':
            v = left & right;
            break;
        case '|':
            v = left | right;
            break;
        default:
            v = left ^ right;
            break;
        }
        store(a, name, v);
    } else if ((s[0] == '<' || s[0] == '>') && s[1] == s[0] && s[2] == '=') {
        a->s += 3;
        int64_t right = assignment(a), left = variable(a, name);
        v = s[0] == '<' ? (int64_t)((uint64_t)left << (right & 63)) : left >> (right & 63);
        store(a, name, v);
    } else {
        v = variable(a, name);
    }
    mem_free(&a->sh->c->mem, name);
    return v;
}

static int64_t primary(struct arith *a)
{
    if (++a->depth > ARITH_DEPTH_MAX) {
        a->depth--;
        return fail(a, "arithmetic syntax error");
    }
    int64_t v = 0;
    blanks(a);
    char ch = *a->s;
    if (ch == '(') {
        uint32_t in_choice = a->in_choice;
        a->in_choice = 0;
        a->s++;
        v = expression(a, -1);
        a->in_choice = in_choice;
        blanks(a);
        if (*a->s == ')')
            a->s++;
        else
            fail(a, "arithmetic syntax error");
    } else if (!is_dash(a) && (ch == '+' || ch == '-') && a->s[1] == ch && sh_is_name_start(a->s[2])) {
        a->s += 2;
        char *name = take_name(a);
        v = wrap_add(variable(a, name), ch == '+' ? 1 : -1);
        store(a, name, v);
        mem_free(&a->sh->c->mem, name);
    } else if (ch == '-' || ch == '+' || ch == '!' || ch == '~') {
        a->s++;
        v = primary(a);
        v = ch == '-' ? wrap_sub(0, v) : ch == '!' ? !v : ch == '~' ? ~v : v;
    } else if (sh_is_digit(ch)) {
        v = number(a);
    } else if (sh_is_name_start(ch)) {
        v = name_expression(a);
    } else {
        fail(a, "arithmetic syntax error");
    }
    a->depth--;
    return v;
}

/* Binary operators, weakest first; of equal starts the longer comes first. */
static const struct {
    const char *text;
    int level;
} binary[] = {
    {"||", 1}, {"&&", 2}, {"|", 3}, {"^", 4}, {"&", 5}, {"==", 6},  {"!=", 6}, {"<<", 8}, {">>", 8}, {"<=", 7},
    {">=", 7}, {"<", 7},  {">", 7}, {"+", 9}, {"-", 9}, {"**", 11}, {"*", 10}, {"/", 10}, {"%", 10},
};

static int find_binary(const char *s, int min_level)
{
    for (size_t i = 0; i < ARRAY_LEN(binary); i++) {
        size_t n = strlen(binary[i].text);
        if (strncmp(s, binary[i].text, n) == 0)
            return binary[i].level >= min_level ? (int)i : -1;
    }
    return -1;
}

static int64_t apply(struct arith *a, const char *op, int64_t x, int64_t y)
{
    switch (op[0]) {
    case '+':
        return wrap_add(x, y);
    case '-':
        return wrap_sub(x, y);
    case '*':
        return op[1] ? power(a, x, y) : wrap_mul(x, y);
    case '/':
        return divide(a, x, y, false);
    case '%':
        return divide(a, x, y, true);
    case '|':
        return op[1] ? x || y : x | y;
    case '&':
        return op[1] ? x && y : x & y;
    case '^':
        return x ^ y;
    case '=':
        return x == y;
    case '!':
        return x != y;
    case '<':
        return op[1] == '<' ? (int64_t)((uint64_t)x << (y & 63)) : op[1] ? x <= y : x < y;
    default:
        return op[1] == '>' ? x >> (y & 63) : op[1] ? x >= y : x > y;
    }
}

static int64_t binary_expression(struct arith *a, int min_level)
{
    int64_t left = primary(a);
    for (;;) {
        blanks(a);
        int i = a->error ? -1 : find_binary(a->s, min_level);
        if (i < 0)
            return left;
        if (is_dash(a) && strcmp(binary[i].text, "**") == 0)
            return fail(a, "arithmetic syntax error");
        const char *op = binary[i].text;
        int level = binary[i].level;
        a->s += strlen(op);
        bool skip =
            a->sh->dialect != DIALECT_BUSYBOX && ((op[0] == '|' && op[1] && left) || (op[0] == '&' && op[1] && !left));
        a->skipping += skip;
        int64_t right = binary_expression(a, level == 11 ? level : level + 1);
        a->skipping -= skip;
        left = apply(a, op, left, right);
    }
}

static int64_t assignment(struct arith *a)
{
    if (++a->depth > ARITH_DEPTH_MAX) {
        a->depth--;
        return fail(a, "arithmetic syntax error");
    }
    int64_t v = binary_expression(a, 1);
    blanks(a);
    if (*a->s == ':' && !a->error && !a->in_choice && a->sh->dialect == DIALECT_BUSYBOX)
        fail(a, "malformed ?: operator");
    if (*a->s == '?' && !a->error && a->in_choice && a->sh->dialect == DIALECT_BUSYBOX)
        fail(a, "malformed ?: operator"); /* 1?0?4:5:6 is not understood */
    if (*a->s == '?' && !a->error) {
        bool taken = v, evaluates_both = a->sh->dialect == DIALECT_BUSYBOX;
        a->s++;
        a->skipping += !taken && !evaluates_both;
        a->in_choice++;
        int64_t yes = assignment(a);
        a->in_choice--;
        a->skipping -= !taken && !evaluates_both;
        blanks(a);
        if (*a->s != ':') {
            a->depth--;
            return fail(a, evaluates_both ? "malformed ?: operator"
                           : is_dash(a)   ? "expecting ':'"
                                          : "arithmetic syntax error");
        }
        a->s++;
        a->skipping += taken && !evaluates_both;
        int64_t no = assignment(a);
        a->skipping -= taken && !evaluates_both;
        v = taken ? yes : no;
    }
    a->depth--;
    return v;
}

/* With commas. */
static int64_t expression(struct arith *a, int min_level)
{
    (void)min_level;
    int64_t v = assignment(a);
    blanks(a);
    while (*a->s == ',' && !a->error && !is_dash(a)) {
        a->s++;
        v = assignment(a);
        blanks(a);
    }
    return v;
}

int sh_arith(struct shell *sh, const char *text, int64_t *ret_value, const char **ret_error)
{
    struct arith a = {.sh = sh, .s = text};
    blanks(&a);
    *ret_value = 0;
    if (!*a.s && (!*text || !is_dash(&a)))
        return 0;
    int64_t v = expression(&a, -1);
    if (!a.error && *a.s)
        a.error = is_dash(&a) ? "expecting EOF" : "arithmetic syntax error";
    if (a.error) {
        *ret_error = a.error;
        return -1;
    }
    *ret_value = v;
    return 0;
}
