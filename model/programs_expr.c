/* programs_expr.c - expr: arithmetic of 64 bits, comparison and regular expressions. */
#include <stdio.h>
#include <string.h>

#include "model/programs.h"
#include "model/programs_regex.h"
#include "model/shell.h"

struct expr {
    struct cri *c;
    struct proc *p;
    int at;
    uint32_t depth;
    const char *error;
};

struct expr_value {
    const char *text;
    char number[24];
};

static struct expr_value expr_or(struct expr *e);

static struct expr_value of_number(int64_t n)
{
    struct expr_value v = {.text = NULL};
    snprintf(v.number, sizeof v.number, "%lld", (long long)n);
    return v;
}
static const char *text_of(const struct expr_value *v) { return v->text ? v->text : v->number; }

static bool expr_true(const struct expr_value *v)
{
    const char *s = text_of(v);
    return *s && strcmp(s, "0") != 0;
}

static const char *expr_word(const struct expr *e) { return e->at < e->p->argc ? e->p->argv[e->at] : NULL; }
static bool expr_is(const struct expr *e, const char *word) { return expr_word(e) && strcmp(expr_word(e), word) == 0; }

static int64_t expr_number(struct expr *e, const struct expr_value *v)
{
    int64_t n = 0;
    if (!parse_int64(text_of(v), &n) && !e->error)
        e->error = is_gnu(e->p) ? "non-integer argument" : "non-numeric argument";
    return n;
}

static struct expr_value expr_match(struct expr *e, const char *text, const char *pattern)
{
    struct regex_match m;
    char *anchored = proc_printf(e->c, e->p, "%s%s", pattern[0] == '^' ? "" : "^", pattern);
    bool hit = regex_search(e->c, anchored, text, 0, 0, &m);
    if (strstr(pattern, "\\(")) {
        if (!hit || m.to[1] < m.from[1])
            return (struct expr_value){.text = ""};
        return (struct expr_value){.text = mem_strndup(&e->c->mem, &e->p->mem, text + m.from[1], m.to[1] - m.from[1])};
    }
    return of_number(hit ? (int64_t)(m.to[0] - m.from[0]) : 0);
}

static struct expr_value expr_primary(struct expr *e)
{
    const char *word = expr_word(e);
    if (!word || ++e->depth > 100) {
        if (!e->error)
            e->error = "syntax error";
        return (struct expr_value){.text = ""};
    }
    e->at++;
    if (strcmp(word, "(") == 0) {
        struct expr_value v = expr_or(e);
        if (expr_is(e, ")"))
            e->at++;
        else
            e->error = "syntax error";
        return v;
    }
    if (strcmp(word, "length") == 0 && expr_word(e))
        return of_number((int64_t)strlen(e->p->argv[e->at++]));
    if (strcmp(word, "quote") == 0 && expr_word(e))
        return (struct expr_value){.text = e->p->argv[e->at++]};
    if (strcmp(word, "index") == 0 && e->at + 1 < e->p->argc) {
        const char *s = e->p->argv[e->at], *found = strpbrk(s, e->p->argv[e->at + 1]);
        e->at += 2;
        return of_number(found ? found - s + 1 : 0);
    }
    if (strcmp(word, "match") == 0 && e->at + 1 < e->p->argc) {
        e->at += 2;
        return expr_match(e, e->p->argv[e->at - 2], e->p->argv[e->at - 1]);
    }
    if (strcmp(word, "substr") == 0 && e->at + 2 < e->p->argc) {
        int64_t from = 0, count = 0, n = (int64_t)strlen(e->p->argv[e->at]);
        parse_int64(e->p->argv[e->at + 1], &from);
        parse_int64(e->p->argv[e->at + 2], &count);
        const char *s = e->p->argv[e->at];
        e->at += 3;
        if (from < 1 || from > n || count < 1)
            return (struct expr_value){.text = ""};
        if (count > n - from + 1)
            count = n - from + 1;
        return (struct expr_value){.text = mem_strndup(&e->c->mem, &e->p->mem, s + from - 1, (size_t)count)};
    }
    return (struct expr_value){.text = word};
}

static struct expr_value expr_colon(struct expr *e)
{
    struct expr_value v = expr_primary(e);
    while (expr_is(e, ":") && !e->error) {
        e->at++;
        struct expr_value right = expr_primary(e);
        v = expr_match(e, text_of(&v), text_of(&right));
    }
    return v;
}

static struct expr_value expr_product(struct expr *e)
{
    struct expr_value v = expr_colon(e);
    while ((expr_is(e, "*") || expr_is(e, "/") || expr_is(e, "%")) && !e->error) {
        char op = expr_word(e)[0];
        e->at++;
        struct expr_value right = expr_colon(e);
        int64_t x = expr_number(e, &v), y = expr_number(e, &right);
        if (op != '*' && y == 0) {
            e->error = "division by zero";
            return v;
        }
        v = of_number(op == '*'   ? (int64_t)((uint64_t)x * (uint64_t)y)
                      : y == -1   ? (op == '/' ? (int64_t)(0 - (uint64_t)x) : 0)
                      : op == '/' ? x / y
                                  : x % y);
    }
    return v;
}

static struct expr_value expr_sum(struct expr *e)
{
    struct expr_value v = expr_product(e);
    while ((expr_is(e, "+") || expr_is(e, "-")) && !e->error) {
        bool plus = expr_is(e, "+");
        e->at++;
        struct expr_value right = expr_product(e);
        uint64_t x = (uint64_t)expr_number(e, &v), y = (uint64_t)expr_number(e, &right);
        v = of_number((int64_t)(plus ? x + y : x - y));
    }
    return v;
}

static struct expr_value expr_compare(struct expr *e)
{
    static const char *const ops[] = {"=", "==", "!=", "<", "<=", ">", ">="};
    struct expr_value v = expr_sum(e);
    for (size_t i = 0; i < ARRAY_LEN(ops) && !e->error; i++) {
        if (!expr_is(e, ops[i]))
            continue;
        e->at++;
        struct expr_value right = expr_sum(e);
        int64_t x, y;
        int order = strcmp(text_of(&v), text_of(&right));
        if (parse_int64(text_of(&v), &x) && parse_int64(text_of(&right), &y))
            order = x < y ? -1 : x > y;
        bool r = i < 2    ? order == 0
                 : i == 2 ? order != 0
                 : i == 3 ? order < 0
                 : i == 4 ? order <= 0
                 : i == 5 ? order > 0
                          : order >= 0;
        v = of_number(r);
        i = (size_t)-1; /* once more from the start */
    }
    return v;
}

static struct expr_value expr_and(struct expr *e)
{
    struct expr_value v = expr_compare(e);
    while (expr_is(e, "&") && !e->error) {
        e->at++;
        struct expr_value right = expr_compare(e);
        if (!expr_true(&v) || !expr_true(&right))
            v = of_number(0);
    }
    return v;
}

static struct expr_value expr_or(struct expr *e)
{
    struct expr_value v = expr_and(e);
    while (expr_is(e, "|") && !e->error) {
        e->at++;
        struct expr_value right = expr_and(e);
        if (!expr_true(&v))
            v = right;
    }
    return v;
}

static int expr_run(struct cri *c, struct proc *p)
{
    struct expr e = {.c = c, .p = p, .at = 1};
    if (p->argc < 2) {
        if (is_gnu(p))
            usage_print(c, p, "missing operand");
        else
            err_printf(c, p, "too few arguments");
        return 2;
    }
    struct expr_value v = expr_or(&e);
    if (!e.error && e.at < p->argc)
        e.error = "syntax error";
    if (e.error) {
        err_printf(c, p, "%s", e.error);
        return 2;
    }
    out_printf(c, p, 1, "%s\n", text_of(&v));
    return !expr_true(&v);
}

const struct command command_expr = COMMAND("expr", expr_run);
