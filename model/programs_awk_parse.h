/* programs_awk_parse.h - awk's parser; private to programs_awk_lex.c (words), programs_awk_parse.c (expressions) and
 * programs_awk_rules.c (statements, rules).
 */
#ifndef MODEL_PROGRAMS_AWK_PARSE_H
#define MODEL_PROGRAMS_AWK_PARSE_H

#include "model/programs_awk.h"

enum token {
    T_END,
    T_NEWLINE, /* or ";" */
    T_NUMBER,
    T_STRING,
    T_REGEX,
    T_NAME,
    T_CALL, /* a name with "(" right behind it */
    T_BUILTIN,
    T_WORD, /* of the language: parser.word */
    T_SIGN, /* parser.sign: up to three characters */
};

struct parser {
    struct awk *a;
    struct awk_program *g;
    const char *at;
    int line;
    enum token token;
    char word[64], sign[4];
    struct awk_value value;
    int builtin;
    bool operand; /* an operand came before: "/" divides */
    bool no_in, no_greater, failed;
    struct awk_function *function; /* whose body this is */
    int loop_depth, break_count, continue_count;
    int breaks[64], continues[64];
    int break_from[32], continue_from[32];
};

/* ---- words: programs_awk_lex.c ---- */
void parse_fail(struct parser *ps, const char *what); /* once; then every word is T_END */
void parse_next(struct parser *ps);
bool parse_is_sign(const struct parser *ps, const char *s);
bool parse_is_word(const struct parser *ps, const char *s);
bool parse_accept(struct parser *ps, const char *sign);
void parse_expect(struct parser *ps, const char *sign);
void parse_newlines(struct parser *ps);

/* ---- instructions: programs_awk_lex.c ---- */
int parse_emit(struct parser *ps, int32_t word);
void parse_emit2(struct parser *ps, int32_t a, int32_t b);
void parse_emit3(struct parser *ps, int32_t a, int32_t b, int32_t c);
int parse_emit_jump(struct parser *ps, enum awk_op op); /* where its target stands: parse_land() says it is here */
void parse_land(struct parser *ps, int jump);
void parse_emit_const(struct parser *ps, struct awk_value v);
int parse_function_number(struct parser *ps, const char *name);
int parse_local_name(const struct parser *ps, const char *name); /* -1: none */
int32_t parse_array_name(struct parser *ps, const char *name);   /* >= 0 a global, -1 - number of a local */

/* ---- expressions: programs_awk_parse.c ---- */
struct place { /* what may be assigned to */
    enum awk_place kind;
    int32_t variable;
    int load; /* where its load instruction begins */
};
bool parse_place(struct parser *ps, struct place *ret);
void parse_take_back(struct parser *ps,
                     const struct place *at); /* the load: only its key or number stays on the stack */
void parse_expression(struct parser *ps);
void parse_arguments(struct parser *ps, int *count);
bool parse_begins_operand(const struct parser *ps);

#endif
