/* programs_awk_parse.c - awk's expressions: a recursive descent that writes the machine's instructions at once.
 *
 * An assignment is seen after its left side has been written as a load: that instruction, the last one, is taken back.
 */
#include "model/programs_awk_parse.h"

#include <string.h>

/* ---- expressions ---- */

static void unary(struct parser *ps);

/* "(a, b) in c" aside, what may be assigned to. */
bool parse_place(struct parser *ps, struct place *ret)
{
    if (parse_accept(ps, "$")) {
        if (parse_is_sign(ps, "++") || parse_is_sign(ps, "--") || parse_is_sign(ps, "-") || parse_is_sign(ps, "+") ||
            parse_is_sign(ps, "!")) {
            unary(ps);
        } else {
            struct place inner;
            if (parse_place(ps, &inner)) {
                /* $NF, $i */
            } else if (ps->token == T_NUMBER) {
                parse_emit_const(ps, ps->value);
                parse_next(ps);
            } else if (parse_accept(ps, "(")) {
                bool in = ps->no_in, greater = ps->no_greater;
                ps->no_in = ps->no_greater = false;
                parse_expression(ps);
                ps->no_in = in;
                ps->no_greater = greater;
                parse_expect(ps, ")");
            } else {
                parse_fail(ps, "Unexpected token");
            }
        }
        *ret = (struct place){PLACE_FIELD, 0, parse_emit(ps, OP_LOAD_FIELD)};
        return true;
    }
    if (ps->token != T_NAME)
        return false;
    char name[sizeof ps->word];
    strcpy(name, ps->word);
    parse_next(ps);
    if (parse_accept(ps, "[")) {
        int subscripts = 0;
        bool in = ps->no_in, greater = ps->no_greater;
        ps->no_in = ps->no_greater = false;
        do {
            parse_expression(ps);
            subscripts++;
        } while (parse_accept(ps, ","));
        ps->no_in = in;
        ps->no_greater = greater;
        ps->operand = true;
        if (parse_is_sign(ps, "]"))
            parse_next(ps);
        else
            parse_fail(ps, "Unexpected token");
        if (subscripts > 1)
            parse_emit2(ps, OP_JOIN, subscripts);
        *ret = (struct place){PLACE_ELEM, parse_array_name(ps, name), ps->g->length};
        parse_emit2(ps, OP_LOAD_ELEM, ret->variable);
        return true;
    }
    int local = parse_local_name(ps, name);
    *ret = local >= 0 ? (struct place){PLACE_LOCAL, local, ps->g->length}
                      : (struct place){PLACE_VAR, awk_name(ps->a, name), ps->g->length};
    parse_emit2(ps, local >= 0 ? OP_LOAD_LOCAL : OP_LOAD_VAR, ret->variable);
    return true;
}

void parse_take_back(struct parser *ps, const struct place *at) { ps->g->length = at->load; }

static void call_arguments(struct parser *ps, int function, int *count)
{
    while (!parse_is_sign(ps, ")") && !ps->failed) {
        int start = ps->g->length;
        parse_expression(ps);
        int32_t *code = ps->g->code + start;
        /* A bare name may be an array: it is passed itself. */
        if (ps->g->length == start + 2 && (code[0] == OP_LOAD_VAR || code[0] == OP_LOAD_LOCAL)) {
            int32_t variable = code[0] == OP_LOAD_VAR ? code[1] : -1 - code[1];
            ps->g->length = start;
            parse_emit2(ps, OP_LOAD_ARG, variable);
            parse_emit2(ps, function, *count);
        }
        (*count)++;
        parse_newlines(ps);
        if (!parse_accept(ps, ","))
            break;
        parse_newlines(ps);
    }
}

void parse_arguments(struct parser *ps, int *count)
{
    while (!parse_is_sign(ps, ")") && !ps->failed) {
        parse_newlines(ps);
        parse_expression(ps);
        (*count)++;
        parse_newlines(ps);
        if (!parse_accept(ps, ","))
            break;
    }
}

/* A regular expression as an argument is text, not a match of the record. */
static void regex_argument(struct parser *ps)
{
    if (ps->token == T_REGEX) {
        struct awk_value text = ps->value;
        parse_next(ps);
        parse_emit_const(ps, text);
    } else {
        parse_expression(ps);
    }
}

static void builtin_call(struct parser *ps)
{
    int function = ps->builtin, count = 0;
    parse_next(ps);
    if (parse_accept(ps, "(")) {
        bool in = ps->no_in, greater = ps->no_greater;
        ps->no_in = ps->no_greater = false;
        if (function == FN_LENGTH && ps->token == T_NAME) { /* of an array, perhaps */
            call_arguments(ps, -1, &count);
        } else if (function == FN_MATCH) {
            parse_expression(ps);
            parse_expect(ps, ",");
            regex_argument(ps);
            count = 2;
        } else {
            parse_arguments(ps, &count);
        }
        ps->no_in = in;
        ps->no_greater = greater;
        ps->operand = true;
        if (parse_is_sign(ps, ")"))
            parse_next(ps);
        else
            parse_fail(ps, "Unexpected token");
    }
    parse_emit3(ps, OP_BUILTIN, function, count);
}

/* sub(regex, text[, target]), split(text, array[, separator]) */
static void sub_call(struct parser *ps)
{
    bool all = parse_is_word(ps, "gsub"), is_split = parse_is_word(ps, "split");
    parse_next(ps);
    parse_expect(ps, "(");
    bool in = ps->no_in, greater = ps->no_greater;
    ps->no_in = ps->no_greater = false;
    if (is_split) {
        parse_expression(ps);
        parse_expect(ps, ",");
        char name[sizeof ps->word];
        strcpy(name, ps->word);
        parse_next(ps);
        bool given = parse_accept(ps, ",");
        if (given)
            regex_argument(ps);
        parse_emit3(ps, OP_SPLIT, parse_array_name(ps, name), given);
    } else {
        struct place at = {PLACE_FIELD, 0, 0};
        regex_argument(ps);
        parse_expect(ps, ",");
        parse_expression(ps);
        if (parse_accept(ps, ",")) {
            if (parse_place(ps, &at))
                parse_take_back(ps, &at);
            else
                parse_fail(ps, "Unexpected token");
        } else {
            parse_emit_const(ps, awk_of(0));
        }
        parse_emit3(ps, OP_SUB, at.kind, at.variable);
        parse_emit(ps, all);
    }
    ps->no_in = in;
    ps->no_greater = greater;
    ps->operand = true;
    parse_expect(ps, ")");
}

static void user_call(struct parser *ps)
{
    int function = parse_function_number(ps, ps->word), count = 0;
    parse_next(ps);
    parse_expect(ps, "(");
    bool in = ps->no_in, greater = ps->no_greater;
    ps->no_in = ps->no_greater = false;
    parse_newlines(ps);
    call_arguments(ps, function, &count);
    ps->no_in = in;
    ps->no_greater = greater;
    ps->operand = true;
    parse_expect(ps, ")");
    parse_emit3(ps, OP_CALL, function, count);
}

/* getline [place] [< file]; with `command` its text is on the stack already. */
static void getline_call(struct parser *ps, bool command)
{
    struct place at = {PLACE_FIELD, -1, 0};
    enum awk_from from = command ? FROM_COMMAND : FROM_INPUT;
    parse_next(ps);
    bool named = (ps->token == T_NAME || parse_is_sign(ps, "$")) && parse_place(ps, &at);
    if (named)
        parse_take_back(ps, &at);
    if (!command && parse_is_sign(ps, "<")) {
        from = FROM_FILE;
        parse_next(ps);
        bool greater = ps->no_greater;
        ps->no_greater = true;
        unary(ps);
        ps->no_greater = greater;
    }
    parse_emit3(ps, OP_GETLINE, from, named);
    parse_emit2(ps, at.kind, at.variable);
}

static void group(struct parser *ps)
{
    bool in = ps->no_in, greater = ps->no_greater;
    int count = 1;
    ps->no_in = ps->no_greater = false;
    parse_expression(ps);
    while (parse_accept(ps, ",")) {
        parse_newlines(ps);
        parse_expression(ps);
        count++;
    }
    ps->no_in = in;
    ps->no_greater = greater;
    ps->operand = true;
    parse_expect(ps, ")");
    if (count == 1)
        return;
    parse_emit2(ps, OP_JOIN, count);
    if (!parse_is_word(ps, "in")) {
        parse_fail(ps, "Unexpected token");
        return;
    }
    parse_next(ps);
    parse_emit2(ps, OP_IN, parse_array_name(ps, ps->word));
    parse_next(ps);
}

static enum awk_op assignment(const struct parser *ps)
{
    static const char signs[] = "+-*/%^";
    static const enum awk_op ops[] = {OP_ADD, OP_SUBTRACT, OP_MULTIPLY, OP_DIVIDE, OP_MODULO, OP_POWER};
    if (ps->token != T_SIGN || ps->sign[strlen(ps->sign) - 1] != '=' || strchr("=!<>", ps->sign[0]))
        return OP_CONST;
    const char *at = strchr(signs, ps->sign[0]);
    return at ? ops[at - signs] : OP_CONST;
}

static void after_place(struct parser *ps, const struct place *at)
{
    enum awk_op op = assignment(ps);
    if (parse_is_sign(ps, "=") || op != OP_CONST) {
        parse_take_back(ps, at);
        parse_next(ps);
        parse_newlines(ps);
        parse_expression(ps);
        parse_emit3(ps, OP_STORE, at->kind, at->variable);
        parse_emit(ps, op);
    } else if (parse_is_sign(ps, "++") || parse_is_sign(ps, "--")) {
        int by = ps->sign[0] == '+' ? 1 : -1;
        parse_take_back(ps, at);
        ps->operand = true;
        parse_next(ps);
        parse_emit3(ps, OP_STEP, at->kind, at->variable);
        parse_emit2(ps, by, 1);
    }
}

static void primary(struct parser *ps)
{
    struct place at;
    if (ps->token == T_NUMBER || ps->token == T_STRING) {
        struct awk_value v = ps->value;
        parse_next(ps);
        parse_emit_const(ps, v);
    } else if (ps->token == T_REGEX) { /* of the record */
        struct awk_value v = ps->value;
        parse_next(ps);
        parse_emit_const(ps, awk_of(0));
        parse_emit(ps, OP_LOAD_FIELD);
        parse_emit_const(ps, v);
        parse_emit(ps, OP_MATCH);
    } else if (parse_accept(ps, "(")) {
        group(ps);
    } else if (ps->token == T_BUILTIN) {
        builtin_call(ps);
    } else if (ps->token == T_CALL) {
        user_call(ps);
    } else if (parse_is_word(ps, "sub") || parse_is_word(ps, "gsub") || parse_is_word(ps, "split")) {
        sub_call(ps);
    } else if (parse_is_word(ps, "getline")) {
        getline_call(ps, false);
    } else if (parse_place(ps, &at)) {
        after_place(ps, &at);
    } else {
        parse_fail(ps, ps->token == T_END ? "Unexpected end of string" : "Unexpected token");
    }
}

static void power_expression(struct parser *ps)
{
    primary(ps);
    if (!parse_is_sign(ps, "^"))
        return;
    parse_next(ps);
    if (parse_is_sign(ps, "-") || parse_is_sign(ps, "+") || parse_is_sign(ps, "!"))
        unary(ps);
    else
        power_expression(ps);
    parse_emit(ps, OP_POWER);
}

static void unary(struct parser *ps)
{
    if (parse_accept(ps, "!")) {
        unary(ps);
        parse_emit(ps, OP_NOT);
    } else if (parse_accept(ps, "-")) {
        unary(ps);
        parse_emit(ps, OP_NEGATE);
    } else if (parse_accept(ps, "+")) {
        unary(ps);
        parse_emit(ps, OP_PLUS);
    } else if (parse_is_sign(ps, "++") || parse_is_sign(ps, "--")) {
        struct place at;
        int by = ps->sign[0] == '+' ? 1 : -1;
        ps->operand = false;
        parse_next(ps);
        if (!parse_place(ps, &at)) {
            parse_fail(ps, "Unexpected token");
            return;
        }
        parse_take_back(ps, &at);
        parse_emit3(ps, OP_STEP, at.kind, at.variable);
        parse_emit2(ps, by, 0);
    } else {
        power_expression(ps);
    }
}

struct level {
    const char *sign;
    enum awk_op op;
};

static const struct level *find_level(const struct parser *ps, const struct level *levels)
{
    for (; levels->sign; levels++)
        if (parse_is_sign(ps, levels->sign))
            return levels;
    return NULL;
}

static void binary(struct parser *ps, const struct level *levels, void (*inner)(struct parser *ps))
{
    const struct level *l;
    inner(ps);
    while ((l = find_level(ps, levels)) && !ps->failed) {
        parse_next(ps);
        parse_newlines(ps);
        inner(ps);
        parse_emit(ps, l->op);
    }
}

static void product(struct parser *ps)
{
    static const struct level levels[] = {{"*", OP_MULTIPLY}, {"/", OP_DIVIDE}, {"%", OP_MODULO}, {NULL, 0}};
    binary(ps, levels, unary);
}

static void sum(struct parser *ps)
{
    static const struct level levels[] = {{"+", OP_ADD}, {"-", OP_SUBTRACT}, {NULL, 0}};
    binary(ps, levels, product);
}

bool parse_begins_operand(const struct parser *ps)
{
    switch (ps->token) {
    case T_NUMBER:
    case T_STRING:
    case T_NAME:
    case T_CALL:
    case T_BUILTIN:
        return true;
    case T_WORD:
        return strcmp(ps->word, "sub") == 0 || strcmp(ps->word, "gsub") == 0 || strcmp(ps->word, "split") == 0;
    case T_SIGN:
        return strcmp(ps->sign, "$") == 0 || strcmp(ps->sign, "(") == 0 || strcmp(ps->sign, "!") == 0;
    default:
        return false;
    }
}

static void concatenation(struct parser *ps)
{
    sum(ps);
    while (parse_begins_operand(ps) && !ps->failed) {
        sum(ps);
        parse_emit(ps, OP_CONCAT);
    }
}

static void comparison(struct parser *ps)
{
    static const struct level levels[] = {
        {"<", OP_LESS},    {"<=", OP_LESS_EQUAL},    {"==", OP_EQUAL}, {"!=", OP_NOT_EQUAL},
        {">", OP_GREATER}, {">=", OP_GREATER_EQUAL}, {NULL, 0}};
    concatenation(ps);
    while (parse_is_sign(ps, "|") && strncmp(ps->at + strspn(ps->at, " \t"), "getline", 7) == 0 && !ps->failed) {
        parse_next(ps);
        getline_call(ps, true);
    }
    const struct level *l = ps->no_greater && parse_is_sign(ps, ">") ? NULL : find_level(ps, levels);
    if (!l)
        return;
    parse_next(ps);
    concatenation(ps);
    parse_emit(ps, l->op);
}

static void match(struct parser *ps)
{
    comparison(ps);
    while ((parse_is_sign(ps, "~") || parse_is_sign(ps, "!~")) && !ps->failed) {
        bool negated = ps->sign[0] == '!';
        parse_next(ps);
        if (ps->token == T_REGEX) {
            struct awk_value v = ps->value;
            parse_next(ps);
            parse_emit_const(ps, v);
        } else {
            comparison(ps);
        }
        parse_emit(ps, negated ? OP_NO_MATCH : OP_MATCH);
    }
}

static void membership(struct parser *ps)
{
    match(ps);
    while (parse_is_word(ps, "in") && !ps->no_in && !ps->failed) {
        parse_next(ps);
        parse_emit2(ps, OP_IN, parse_array_name(ps, ps->word));
        ps->operand = true;
        parse_next(ps);
    }
}

static void conjunction(struct parser *ps)
{
    membership(ps);
    while (parse_is_sign(ps, "&&") && !ps->failed) {
        int out = parse_emit_jump(ps, OP_JUMP_FALSE), done;
        parse_next(ps);
        parse_newlines(ps);
        membership(ps);
        parse_emit(ps, OP_BOOL);
        done = parse_emit_jump(ps, OP_JUMP);
        parse_land(ps, out);
        parse_emit_const(ps, awk_of(0));
        parse_land(ps, done);
    }
}

static void disjunction(struct parser *ps)
{
    conjunction(ps);
    while (parse_is_sign(ps, "||") && !ps->failed) {
        int out = parse_emit_jump(ps, OP_JUMP_TRUE), done;
        parse_next(ps);
        parse_newlines(ps);
        conjunction(ps);
        parse_emit(ps, OP_BOOL);
        done = parse_emit_jump(ps, OP_JUMP);
        parse_land(ps, out);
        parse_emit_const(ps, awk_of(AWK_ONE));
        parse_land(ps, done);
    }
}

void parse_expression(struct parser *ps)
{
    disjunction(ps);
    if (!parse_accept(ps, "?"))
        return;
    int other = parse_emit_jump(ps, OP_JUMP_FALSE);
    parse_newlines(ps);
    parse_expression(ps);
    int done = parse_emit_jump(ps, OP_JUMP);
    parse_land(ps, other);
    parse_newlines(ps);
    parse_expect(ps, ":");
    parse_newlines(ps);
    parse_expression(ps);
    parse_land(ps, done);
}
