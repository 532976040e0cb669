/* programs_awk_lex.c - awk's scripts: words and signs; the instructions that the parser writes. */
#include "model/programs_awk_parse.h"

#include <string.h>

#include "model/programs_regex.h"
#include "model/shell.h"

void parse_fail(struct parser *ps, const char *what)
{
    if (!ps->failed)
        err_printf(ps->a->c, ps->a->p, "cmd. line:%d: %s", ps->line, what);
    ps->failed = true;
    ps->token = T_END;
}

/* ---- the lexer ---- */

static const struct {
    const char *name;
    int function;
} builtins[] = {
    {"length", FN_LENGTH},   {"substr", FN_SUBSTR},   {"index", FN_INDEX},     {"match", FN_MATCH},
    {"sprintf", FN_SPRINTF}, {"sqrt", FN_SQRT},       {"int", FN_INT},         {"rand", FN_RAND},
    {"srand", FN_SRAND},     {"tolower", FN_TOLOWER}, {"toupper", FN_TOUPPER}, {"system", FN_SYSTEM},
    {"close", FN_CLOSE},     {"fflush", FN_FFLUSH},   {"systime", FN_SYSTIME}, {"strftime", FN_STRFTIME},
    {"and", FN_AND},         {"or", FN_OR},           {"xor", FN_XOR},         {"lshift", FN_LSHIFT},
    {"rshift", FN_RSHIFT},   {"compl", FN_COMPL},
};
static const char *const words[] = {"BEGIN",   "END",   "function", "func", "if",   "else",   "while",   "for",
                                    "do",      "break", "continue", "next", "exit", "return", "delete",  "in",
                                    "getline", "print", "printf",   "sub",  "gsub", "split",  "nextfile"};

char *awk_unescape(struct awk *a, const char *s, size_t n, bool regex)
{
    static const char letters[] = "abfnrtv\"/", values[] = "\a\b\f\n\r\t\v\"/";
    char *out = proc_alloc(a->c, a->p, n + 1), *to = out;
    for (const char *end = s + n; s < end; s++) {
        if (*s != '\\' || s + 1 == end) {
            *to++ = *s;
            continue;
        }
        s++;
        const char *at = strchr(letters, *s);
        if (*s >= '0' && *s <= '7' && !regex) {
            int value = 0;
            for (int i = 0; i < 3 && s < end && *s >= '0' && *s <= '7'; i++, s++)
                value = value * 8 + (*s - '0');
            *to++ = (char)value;
            s--;
        } else if (at && *s && !(regex && (*s == 'b' || *s == '"'))) {
            *to++ = values[at - letters];
        } else {
            if (*s != '\\' || regex)
                *to++ = '\\';
            *to++ = *s;
        }
    }
    *to = '\0';
    return out;
}

static void lex_text(struct parser *ps, char end)
{
    const char *start = ps->at;
    bool bracket = false;
    while (*ps->at && *ps->at != '\n' && (*ps->at != end || bracket)) {
        if (*ps->at == '\\' && ps->at[1])
            ps->at++;
        else if (end == '/' && *ps->at == '[' && !bracket)
            bracket = strchr(ps->at, ']') != NULL;
        else if (*ps->at == ']')
            bracket = false;
        ps->at++;
    }
    if (*ps->at != end) {
        parse_fail(ps, end == '"' ? "Unterminated string" : "Unexpected token");
        return;
    }
    char *text = awk_unescape(ps->a, start, (size_t)(ps->at - start), end == '/');
    ps->at++;
    ps->value = awk_text(ps->a, text, strlen(text));
    mem_free(&ps->a->c->mem, text);
    ps->token = end == '/' ? T_REGEX : T_STRING;
    const char *wrong = end == '/' ? regex_error(ps->value.string->text, REGEX_EXTENDED) : NULL;
    if (wrong)
        parse_fail(ps, wrong);
}

static void lex_word(struct parser *ps)
{
    size_t n = 0;
    while (sh_is_name_char(ps->at[n]))
        n++;
    size_t kept = n < sizeof ps->word - 1 ? n : sizeof ps->word - 1;
    memcpy(ps->word, ps->at, kept);
    ps->word[kept] = '\0';
    ps->at += n;
    ps->token = *ps->at == '(' ? T_CALL : T_NAME;
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strcmp(words[i], ps->word) == 0)
            ps->token = T_WORD;
    for (size_t i = 0; i < ARRAY_LEN(builtins); i++) {
        if (strcmp(builtins[i].name, ps->word) != 0)
            continue;
        ps->token = T_BUILTIN;
        ps->builtin = builtins[i].function;
    }
}

static void lex_sign(struct parser *ps)
{
    static const char *const signs[] = {
        "**=", "!~", "&&", "||", "++", "--", "==", "!=", "<=", ">=", ">>", "+=", "-=", "*=", "/=", "%=", "^=", "**"};
    size_t n = 1;
    for (size_t i = 0; i < ARRAY_LEN(signs); i++) {
        if (strncmp(ps->at, signs[i], strlen(signs[i])) == 0) {
            n = strlen(signs[i]);
            break;
        }
    }
    memcpy(ps->sign, ps->at, n);
    ps->sign[n] = '\0';
    ps->at += n;
    if (strcmp(ps->sign, "**") == 0)
        strcpy(ps->sign, "^");
    if (strcmp(ps->sign, "**=") == 0)
        strcpy(ps->sign, "^=");
    ps->token = T_SIGN;
    if (!strchr("{}()[];,+-*/%^!<>|?:~$=&", ps->sign[0]))
        parse_fail(ps, "Unexpected token");
}

void parse_next(struct parser *ps)
{
    bool operand = ps->operand;
    if (ps->failed)
        return;
    for (;; ps->at++) {
        if (ps->at[0] == '\\' && ps->at[1] == '\n')
            ps->at++, ps->line++;
        else if (*ps->at != ' ' && *ps->at != '\t' && *ps->at != '\r')
            break;
    }
    if (*ps->at == '#')
        ps->at += strcspn(ps->at, "\n");
    ps->operand = false;
    ps->sign[0] = '\0';
    if (!*ps->at) {
        ps->token = T_END;
    } else if (*ps->at == '\n' || *ps->at == ';') {
        ps->line += *ps->at == '\n';
        ps->sign[0] = *ps->at == ';' ? ';' : '\0';
        ps->sign[1] = '\0';
        ps->at++;
        ps->token = T_NEWLINE;
    } else if (*ps->at == '"') {
        ps->at++;
        lex_text(ps, '"');
        ps->operand = true;
    } else if (*ps->at == '/' && !operand) {
        ps->at++;
        lex_text(ps, '/');
        ps->operand = true;
    } else if (sh_is_digit(*ps->at) || (*ps->at == '.' && sh_is_digit(ps->at[1]))) {
        ps->value = awk_of(awk_parse(ps->at, &ps->at));
        ps->token = T_NUMBER;
        ps->operand = true;
    } else if (sh_is_name_char(*ps->at)) {
        lex_word(ps);
        ps->operand =
            ps->token == T_NAME || ps->token == T_BUILTIN || (ps->token == T_WORD && strcmp(ps->word, "getline") == 0);
    } else {
        lex_sign(ps);
        ps->operand = strchr(")]$", ps->sign[0]) || strcmp(ps->sign, "++") == 0 || strcmp(ps->sign, "--") == 0;
        ps->operand &= ps->sign[0] != '$';
    }
}

bool parse_is_sign(const struct parser *ps, const char *s)
{
    return (ps->token == T_SIGN || ps->token == T_NEWLINE) && strcmp(ps->sign, s) == 0;
}
bool parse_is_word(const struct parser *ps, const char *s) { return ps->token == T_WORD && strcmp(ps->word, s) == 0; }

bool parse_accept(struct parser *ps, const char *sign)
{
    if (!parse_is_sign(ps, sign))
        return false;
    parse_next(ps);
    return true;
}

void parse_expect(struct parser *ps, const char *sign)
{
    if (!parse_accept(ps, sign))
        parse_fail(ps, ps->token == T_END ? "Unexpected end of string" : "Unexpected token");
}

void parse_newlines(struct parser *ps)
{
    while (ps->token == T_NEWLINE && !ps->sign[0] && !ps->failed)
        parse_next(ps);
}

/* ---- instructions ---- */

int parse_emit(struct parser *ps, int32_t word)
{
    struct awk_program *g = ps->g;
    if (g->length == g->capacity) {
        g->capacity = g->capacity ? 2 * g->capacity : 256;
        g->code = mem_grow(&ps->a->c->mem, &ps->a->p->mem, g->code, sizeof *g->code * (size_t)g->capacity);
    }
    g->code[g->length] = word;
    return g->length++;
}

void parse_emit2(struct parser *ps, int32_t a, int32_t b) { parse_emit(ps, a), parse_emit(ps, b); }
void parse_emit3(struct parser *ps, int32_t a, int32_t b, int32_t c) { parse_emit2(ps, a, b), parse_emit(ps, c); }

int parse_emit_jump(struct parser *ps, enum awk_op op)
{
    parse_emit(ps, op);
    return parse_emit(ps, -1);
}

void parse_land(struct parser *ps, int jump) { ps->g->code[jump] = ps->g->length; }

void parse_emit_const(struct parser *ps, struct awk_value v)
{
    struct awk_program *g = ps->g;
    if (g->constant_count == g->constant_capacity) {
        g->constant_capacity = g->constant_capacity ? 2 * g->constant_capacity : 32;
        g->constants =
            mem_grow(&ps->a->c->mem, &ps->a->p->mem, g->constants, sizeof *g->constants * (size_t)g->constant_capacity);
    }
    g->constants[g->constant_count] = v;
    parse_emit2(ps, OP_CONST, g->constant_count++);
}

int awk_name(struct awk *a, const char *name)
{
    struct awk_program *g = &a->program;
    for (int i = 0; i < g->name_count; i++)
        if (strcmp(g->names[i], name) == 0)
            return i;
    if (g->name_count == AWK_NAMES)
        return AWK_NAMES - 1;
    g->names[g->name_count] = proc_strdup(a->c, a->p, name);
    return g->name_count++;
}

int parse_local_name(const struct parser *ps, const char *name)
{
    for (int i = 0; ps->function && i < ps->function->count; i++)
        if (strcmp(ps->function->params[i], name) == 0)
            return i;
    return -1;
}

int parse_function_number(struct parser *ps, const char *name)
{
    struct awk_program *g = ps->g;
    for (int i = 0; i < g->function_count; i++)
        if (strcmp(g->functions[i].name, name) == 0)
            return i;
    if (g->function_count == AWK_FUNCTIONS) {
        parse_fail(ps, "too many functions");
        return 0;
    }
    g->functions[g->function_count] = (struct awk_function){.name = proc_strdup(ps->a->c, ps->a->p, name)};
    return g->function_count++;
}

/* An array: number >= 0 of a global, -1 - number of a local. */
int32_t parse_array_name(struct parser *ps, const char *name)
{
    int local = parse_local_name(ps, name);
    if (local >= 0) {
        ps->function->is_array[local] = true;
        return -1 - local;
    }
    int global = awk_name(ps->a, name);
    ps->g->is_array[global] = true;
    return global;
}
