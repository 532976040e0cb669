/* programs_awk_rules.c - awk's statements, functions and rules. BEGIN's rules, the others and END's each become one
 * stretch of instructions; a script is read once for each.
 */
#include "model/programs_awk_parse.h"

#include <string.h>

/* ---- statements ---- */

static void statement(struct parser *ps);

static void block(struct parser *ps)
{
    while (!parse_is_sign(ps, "}") && !ps->failed) {
        if (ps->token == T_END) {
            parse_fail(ps, "Unexpected end of string");
            return;
        }
        statement(ps);
    }
    parse_next(ps);
}

/* The end of a simple statement. */
static void end_statement(struct parser *ps)
{
    if (ps->token == T_NEWLINE)
        parse_next(ps);
    else if (!parse_is_sign(ps, "}") && ps->token != T_END)
        parse_fail(ps, "Unexpected token");
}

static void body(struct parser *ps)
{
    parse_newlines(ps);
    statement(ps);
}

static void begin_loop(struct parser *ps)
{
    if (ps->loop_depth == (int)ARRAY_LEN(ps->break_from)) {
        parse_fail(ps, "loops too deep");
        return;
    }
    ps->break_from[ps->loop_depth] = ps->break_count;
    ps->continue_from[ps->loop_depth++] = ps->continue_count;
}

static void land_continues(struct parser *ps)
{
    while (ps->continue_count > ps->continue_from[ps->loop_depth - 1])
        parse_land(ps, ps->continues[--ps->continue_count]);
}

static void end_loop(struct parser *ps)
{
    ps->loop_depth--;
    while (ps->break_count > ps->break_from[ps->loop_depth])
        parse_land(ps, ps->breaks[--ps->break_count]);
}

static void leave_loop(struct parser *ps, bool again)
{
    int *count = again ? &ps->continue_count : &ps->break_count;
    parse_next(ps);
    if (!ps->loop_depth || *count == (int)ARRAY_LEN(ps->breaks)) {
        parse_fail(ps, "Unexpected token");
        return;
    }
    (again ? ps->continues : ps->breaks)[(*count)++] = parse_emit_jump(ps, OP_JUMP);
    end_statement(ps);
}

static void if_statement(struct parser *ps)
{
    parse_next(ps);
    parse_expect(ps, "(");
    parse_expression(ps);
    ps->operand = false;
    parse_expect(ps, ")");
    int other = parse_emit_jump(ps, OP_JUMP_FALSE);
    if (parse_is_sign(ps, ";"))
        parse_next(ps);
    else
        body(ps);
    struct parser keep = *ps;
    while (ps->token == T_NEWLINE)
        parse_next(ps);
    if (!parse_is_word(ps, "else")) {
        bool failed = ps->failed;
        *ps = keep;
        ps->failed |= failed;
        parse_land(ps, other);
        return;
    }
    parse_next(ps);
    int done = parse_emit_jump(ps, OP_JUMP);
    parse_land(ps, other);
    body(ps);
    parse_land(ps, done);
}

/* What is done each time round, and back to `start`; ";" is nothing. */
static void loop_body(struct parser *ps, int start)
{
    begin_loop(ps);
    if (parse_is_sign(ps, ";"))
        parse_next(ps);
    else
        body(ps);
    land_continues(ps);
    parse_emit2(ps, OP_JUMP, start);
}

static void while_statement(struct parser *ps)
{
    int start = ps->g->length;
    parse_next(ps);
    parse_expect(ps, "(");
    parse_expression(ps);
    ps->operand = false;
    parse_expect(ps, ")");
    int out = parse_emit_jump(ps, OP_JUMP_FALSE);
    loop_body(ps, start);
    parse_land(ps, out);
    end_loop(ps);
}

static void do_statement(struct parser *ps)
{
    int start = ps->g->length;
    parse_next(ps);
    begin_loop(ps);
    body(ps);
    while (ps->token == T_NEWLINE)
        parse_next(ps);
    land_continues(ps);
    if (!parse_is_word(ps, "while")) {
        parse_fail(ps, "Unexpected token");
        return;
    }
    parse_next(ps);
    parse_expect(ps, "(");
    parse_expression(ps);
    parse_expect(ps, ")");
    parse_emit2(ps, OP_JUMP_TRUE, start);
    end_loop(ps);
    end_statement(ps);
}

/* for (name in array): seen by looking ahead. */
static bool is_each(const struct parser *ps)
{
    struct parser ahead = *ps;
    if (ahead.token != T_NAME)
        return false;
    parse_next(&ahead);
    if (!parse_is_word(&ahead, "in"))
        return false;
    parse_next(&ahead);
    parse_next(&ahead);
    return parse_is_sign(&ahead, ")");
}

static void each_statement(struct parser *ps)
{
    struct place at;
    parse_place(ps, &at);
    parse_take_back(ps, &at);
    parse_next(ps);
    parse_emit2(ps, OP_EACH_BEGIN, parse_array_name(ps, ps->word));
    parse_next(ps);
    ps->operand = false;
    parse_expect(ps, ")");
    int start = ps->g->length;
    parse_emit3(ps, OP_EACH_NEXT, at.kind, at.variable);
    int out = parse_emit(ps, -1);
    loop_body(ps, start);
    end_loop(ps); /* break comes here: the walk ends */
    parse_land(ps, out);
    parse_emit(ps, OP_EACH_END);
}

static void simple_statement(struct parser *ps);

static void for_statement(struct parser *ps)
{
    parse_next(ps);
    parse_expect(ps, "(");
    if (is_each(ps)) {
        each_statement(ps);
        return;
    }
    if (!parse_is_sign(ps, ";"))
        simple_statement(ps);
    parse_expect(ps, ";");
    parse_newlines(ps);
    int start = ps->g->length, out = -1;
    if (!parse_is_sign(ps, ";")) {
        parse_expression(ps);
        out = parse_emit_jump(ps, OP_JUMP_FALSE);
    }
    parse_expect(ps, ";");
    parse_newlines(ps);
    int over = parse_emit_jump(ps, OP_JUMP), step = ps->g->length;
    if (!parse_is_sign(ps, ")"))
        simple_statement(ps);
    parse_emit2(ps, OP_JUMP, start);
    parse_land(ps, over);
    ps->operand = false;
    parse_expect(ps, ")");
    begin_loop(ps);
    if (parse_is_sign(ps, ";"))
        parse_next(ps);
    else
        body(ps);
    land_continues(ps);
    parse_emit2(ps, OP_JUMP, step);
    if (out >= 0)
        parse_land(ps, out);
    end_loop(ps);
}

static void print_statement(struct parser *ps)
{
    bool format = parse_is_word(ps, "printf");
    int count = 0;
    parse_next(ps);
    ps->no_greater = true;
    if (parse_is_sign(ps, "(")) { /* a list in brackets, unless something follows them */
        struct parser keep = *ps;
        int length = ps->g->length, constants = ps->g->constant_count;
        parse_next(ps);
        ps->no_greater = false;
        parse_arguments(ps, &count);
        ps->no_greater = true;
        ps->operand = true;
        bool closed = parse_accept(ps, ")");
        if (ps->failed || !closed ||
            !(ps->token == T_NEWLINE || ps->token == T_END || parse_is_sign(ps, "}") || parse_is_sign(ps, ">") ||
              parse_is_sign(ps, ">>") || parse_is_sign(ps, "|"))) {
            bool failed = ps->failed;
            *ps = keep;
            ps->failed |= failed;
            ps->g->length = length;
            ps->g->constant_count = constants;
            count = 0;
        }
    }
    while (count == 0 && ps->token != T_NEWLINE && ps->token != T_END && !parse_is_sign(ps, "}") &&
           !parse_is_sign(ps, ">") && !parse_is_sign(ps, ">>") && !parse_is_sign(ps, "|") && !ps->failed) {
        do {
            parse_newlines(ps);
            parse_expression(ps);
            count++;
        } while (parse_accept(ps, ","));
    }
    enum awk_redirect to = parse_is_sign(ps, ">")    ? TO_FILE
                           : parse_is_sign(ps, ">>") ? TO_APPEND
                           : parse_is_sign(ps, "|")  ? TO_COMMAND
                                                     : TO_STDOUT;
    if (to != TO_STDOUT) {
        parse_next(ps);
        parse_expression(ps);
    }
    ps->no_greater = false;
    parse_emit3(ps, format ? OP_PRINTF : OP_PRINT, count, to);
}

static void delete_statement(struct parser *ps)
{
    parse_next(ps);
    char name[sizeof ps->word];
    strcpy(name, ps->word);
    parse_next(ps);
    if (!parse_accept(ps, "[")) {
        parse_emit2(ps, OP_CLEAR, parse_array_name(ps, name));
        return;
    }
    int subscripts = 0;
    do {
        parse_expression(ps);
        subscripts++;
    } while (parse_accept(ps, ","));
    parse_expect(ps, "]");
    if (subscripts > 1)
        parse_emit2(ps, OP_JOIN, subscripts);
    parse_emit2(ps, OP_DELETE, parse_array_name(ps, name));
}

static void simple_statement(struct parser *ps)
{
    if (parse_is_word(ps, "print") || parse_is_word(ps, "printf")) {
        print_statement(ps);
    } else if (parse_is_word(ps, "delete")) {
        delete_statement(ps);
    } else {
        parse_expression(ps);
        parse_emit(ps, OP_POP);
    }
}

static void jump_statement(struct parser *ps)
{
    bool returns = parse_is_word(ps, "return"), exits = parse_is_word(ps, "exit");
    parse_next(ps);
    if (ps->token != T_NEWLINE && ps->token != T_END && !parse_is_sign(ps, "}") && (returns || exits)) {
        parse_expression(ps);
        parse_emit2(ps, returns ? OP_RETURN : OP_EXIT, 1);
    } else if (returns) {
        parse_emit_const(ps, (struct awk_value){.kind = AWK_NONE});
        parse_emit2(ps, OP_RETURN, 1);
    } else if (exits) {
        parse_emit2(ps, OP_EXIT, 0);
    } else {
        parse_emit(ps, OP_NEXT);
    }
    end_statement(ps);
}

static void statement(struct parser *ps)
{
    if (ps->token == T_NEWLINE)
        parse_next(ps);
    else if (parse_accept(ps, "{"))
        block(ps);
    else if (parse_is_word(ps, "if"))
        if_statement(ps);
    else if (parse_is_word(ps, "while"))
        while_statement(ps);
    else if (parse_is_word(ps, "do"))
        do_statement(ps);
    else if (parse_is_word(ps, "for"))
        for_statement(ps);
    else if (parse_is_word(ps, "break") || parse_is_word(ps, "continue"))
        leave_loop(ps, parse_is_word(ps, "continue"));
    else if (parse_is_word(ps, "next") || parse_is_word(ps, "exit") || parse_is_word(ps, "return"))
        jump_statement(ps);
    else {
        simple_statement(ps);
        end_statement(ps);
    }
}

/* ---- rules ---- */

static void function_rule(struct parser *ps)
{
    parse_next(ps);
    struct awk_function *f = &ps->g->functions[parse_function_number(ps, ps->word)];
    parse_next(ps);
    parse_expect(ps, "(");
    while ((ps->token == T_NAME || ps->token == T_CALL) && f->count < AWK_PARAMS && !ps->failed) {
        f->params[f->count++] = proc_strdup(ps->a->c, ps->a->p, ps->word);
        parse_next(ps);
        parse_newlines(ps);
        if (!parse_accept(ps, ","))
            break;
        parse_newlines(ps);
    }
    ps->operand = false;
    parse_expect(ps, ")");
    parse_newlines(ps);
    f->defined = true;
    f->start = ps->g->length;
    ps->function = f;
    parse_expect(ps, "{");
    block(ps);
    ps->function = NULL;
    parse_emit_const(ps, (struct awk_value){.kind = AWK_NONE});
    parse_emit2(ps, OP_RETURN, 1);
}

static void action(struct parser *ps)
{
    if (parse_accept(ps, "{")) {
        block(ps);
        return;
    }
    parse_emit3(ps, OP_PRINT, 0, TO_STDOUT);
}

static void pattern_rule(struct parser *ps)
{
    int skip = -1;
    if (!parse_is_sign(ps, "{")) {
        int number = ps->g->range_count;
        parse_expression(ps);
        if (parse_accept(ps, ",")) { /* from one match to another */
            parse_newlines(ps);
            ps->g->range_count += number < 63;
            parse_emit2(ps, OP_RANGE, number); /* inside already: as if it began here */
            skip = parse_emit_jump(ps, OP_JUMP_FALSE);
            parse_expression(ps);
            parse_emit2(ps, OP_RANGE_SET, number);
        } else {
            skip = parse_emit_jump(ps, OP_JUMP_FALSE);
        }
    }
    action(ps);
    if (skip >= 0)
        parse_land(ps, skip);
}

/* All rules of one kind, one after the other: BEGIN's, the others, END's. */
static int compile_pass(struct parser *ps, const char *text, const char *wanted)
{
    int start = ps->g->length, found = 0;
    ps->g->range_count = 0;
    ps->at = text;
    ps->line = 1;
    ps->operand = false;
    parse_next(ps);
    for (;;) {
        while (ps->token == T_NEWLINE && !ps->failed)
            parse_next(ps);
        if (ps->token == T_END || ps->failed)
            break;
        bool begin = parse_is_word(ps, "BEGIN"), end = parse_is_word(ps, "END"),
             function = parse_is_word(ps, "function") || parse_is_word(ps, "func");
        bool mine = strcmp(wanted, begin ? "BEGIN" : end ? "END" : function ? "function" : "") == 0;
        int length = ps->g->length;
        if (begin || end) {
            parse_next(ps);
            parse_newlines(ps);
            parse_expect(ps, "{");
            block(ps);
        } else if (function) {
            if (mine)
                function_rule(ps);
            else
                while (!parse_is_sign(ps, "{") && ps->token != T_END)
                    parse_next(ps);
            if (!mine) { /* its body means nothing here */
                int depth = 0;
                do {
                    depth += parse_is_sign(ps, "{") - parse_is_sign(ps, "}");
                    parse_next(ps);
                } while (depth && ps->token != T_END && !ps->failed);
            }
        } else {
            pattern_rule(ps);
        }
        found += mine;
        if (!mine)
            ps->g->length = length;
        if (ps->token != T_NEWLINE && ps->token != T_END && !parse_is_sign(ps, "{") && ps->token != T_WORD &&
            !parse_begins_operand(ps) && ps->token != T_REGEX)
            parse_fail(ps, "Unexpected token");
    }
    if (strcmp(wanted, "function") != 0)
        parse_emit(ps, OP_END);
    return found ? start : -1;
}

bool awk_compile(struct awk *a, const char *text)
{
    struct parser ps = {.a = a, .g = &a->program};
    compile_pass(&ps, text, "function");
    a->program.begin = compile_pass(&ps, text, "BEGIN");
    a->program.rules = compile_pass(&ps, text, "");
    a->program.end = compile_pass(&ps, text, "END");
    for (int i = 0; i < a->program.function_count && !ps.failed; i++)
        if (!a->program.functions[i].defined)
            parse_fail(&ps, "Call to undefined function");
    return !ps.failed;
}
