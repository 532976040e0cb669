/* programs_awk.h - awk; private to programs_awk*.c.
 *
 *     programs_awk_{lex,parse,rules}.c  a script becomes instructions of a machine with a stack
 *     programs_awk.c, _call.c           the machine: it can stop at any instruction (for input, for a command) and go
 * on programs_awk_io.c                 records and fields, files, commands programs_awk_value.c              numbers,
 * strings, arrays, printf
 *
 * POSIX awk with what busybox adds (editors/awk.c): and, or, xor, lshift, rshift, compl, systime, strftime. Numbers are
 * decimal with nine digits behind the point and 29 before it, not floating point: no sin, cos, atan2, exp, log.
 */
#ifndef MODEL_PROGRAMS_AWK_H
#define MODEL_PROGRAMS_AWK_H

#include "model/programs.h"

/* In units of 10^-9. The heap aligns to 8 bytes. */
__extension__ typedef __int128 awk_number __attribute__((aligned(8)));
#define AWK_ONE ((awk_number)1000000000)

struct awk_string {
    uint32_t refs;
    size_t len;
    char text[];
};

enum awk_kind { AWK_NONE, AWK_NUMBER, AWK_STRING, AWK_STRNUM, AWK_ARRAY }; /* STRNUM: input that looks like a number */
struct awk_array;
struct awk_value {
    enum awk_kind kind;
    awk_number number;         /* NUMBER, STRNUM */
    struct awk_string *string; /* STRING, STRNUM */
    struct awk_array *array;   /* ARRAY; not owned */
};

struct awk_item {
    struct awk_item *next;
    struct awk_string *key;
    struct awk_value value;
};
struct awk_array {
    struct awk_item **buckets;
    uint32_t bucket_count, count;
};

enum awk_op {
    OP_CONST,
    OP_LOAD_VAR,
    OP_LOAD_LOCAL,
    OP_LOAD_FIELD,
    OP_LOAD_ELEM,
    OP_LOAD_ARG, /* variable, function, argument: an array is passed itself */
    OP_STORE,    /* enum awk_place, variable, enum awk_op or 0 */
    OP_STEP,     /* enum awk_place, variable, +1 or -1, 1 = the old value is the result */
    OP_JOIN,     /* n subscripts become one */
    OP_IN,
    OP_DELETE,
    OP_CLEAR,
    OP_ADD,
    OP_SUBTRACT,
    OP_MULTIPLY,
    OP_DIVIDE,
    OP_MODULO,
    OP_POWER,
    OP_CONCAT,
    OP_LESS,
    OP_LESS_EQUAL,
    OP_EQUAL,
    OP_NOT_EQUAL,
    OP_GREATER,
    OP_GREATER_EQUAL,
    OP_MATCH,
    OP_NO_MATCH,
    OP_NOT,
    OP_NEGATE,
    OP_PLUS,
    OP_BOOL,
    OP_POP,
    OP_JUMP,
    OP_JUMP_FALSE,
    OP_JUMP_TRUE,
    OP_RANGE, /* number: pops "end", "begin" are jumps around it; see the compiler */
    OP_RANGE_SET,
    OP_EACH_BEGIN,
    OP_EACH_NEXT, /* enum awk_place, variable, where to go at the end */
    OP_EACH_END,
    OP_PRINT,  /* count, enum awk_redirect */
    OP_PRINTF, /* count, enum awk_redirect */
    OP_GETLINE,
    OP_CALL,    /* function, count */
    OP_BUILTIN, /* enum awk_builtin, count */
    OP_SUB,     /* enum awk_place, variable, 1 = all */
    OP_SPLIT,   /* array, 1 = with a separator */
    OP_RETURN,
    OP_NEXT,
    OP_EXIT,
    OP_END, /* of the rules, or of BEGIN or END */
};
enum awk_place { PLACE_VAR, PLACE_LOCAL, PLACE_FIELD, PLACE_ELEM };
enum awk_redirect { TO_STDOUT, TO_FILE, TO_APPEND, TO_COMMAND };
enum awk_from { FROM_INPUT, FROM_FILE, FROM_COMMAND };
enum awk_builtin {
    FN_LENGTH,
    FN_SUBSTR,
    FN_INDEX,
    FN_MATCH,
    FN_SPRINTF,
    FN_SQRT,
    FN_INT,
    FN_RAND,
    FN_SRAND,
    FN_TOLOWER,
    FN_TOUPPER,
    FN_SYSTEM,
    FN_CLOSE,
    FN_FFLUSH,
    FN_SYSTIME,
    FN_STRFTIME,
    FN_AND,
    FN_OR,
    FN_XOR,
    FN_LSHIFT,
    FN_RSHIFT,
    FN_COMPL,
};

/* Variables the machine knows: the first ones, in this order. */
enum awk_special {
    VAR_NF,
    VAR_NR,
    VAR_FNR,
    VAR_FS,
    VAR_OFS,
    VAR_RS,
    VAR_ORS,
    VAR_SUBSEP,
    VAR_FILENAME,
    VAR_RSTART,
    VAR_RLENGTH,
    VAR_OFMT,
    VAR_CONVFMT,
    VAR_ENVIRON,
    VAR_ARGV,
    VAR_ARGC,
    VAR_SPECIALS,
};

enum { AWK_PARAMS = 24, AWK_FUNCTIONS = 48, AWK_NAMES = 256, AWK_STACK = 1024, AWK_CALLS = 128, AWK_FIELDS = 1024 };
struct awk_function {
    char *name, *params[AWK_PARAMS];
    bool is_array[AWK_PARAMS], defined;
    int count, start;
};
struct awk_program {
    int32_t *code;
    int length, capacity;
    struct awk_value *constants;
    int constant_count, constant_capacity;
    char *names[AWK_NAMES];
    bool is_array[AWK_NAMES];
    int name_count;
    struct awk_function functions[AWK_FUNCTIONS];
    int function_count, range_count;
    int begin, rules, end; /* where they start; -1 = there are none */
};

struct awk_frame {
    int back, base, function, eaches;
};
struct awk_each {
    struct awk_string **keys;
    uint32_t count, at;
};
struct awk_stream { /* an open file or command */
    struct awk_stream *next;
    struct awk_string *name;
    struct ofile *file;
    bool reads, at_end;
    int32_t child;
    struct mem_buf text; /* read and not used */
    size_t used;
};

struct awk {
    struct cri *c;
    struct proc *p;
    struct awk_program program;
    bool begun, failed, in_rules, main_open, at_end, nothing_left, exiting, ending;
    int phase; /* 0 BEGIN, 1 rules, 2 END, 3 over */
    int pc, sp, calls, eaches, exit_code;
    struct awk_value stack[AWK_STACK], *vars;
    struct awk_frame frames[AWK_CALLS];
    struct awk_each each[AWK_CALLS];
    bool ranges[64];
    /* the record */
    struct awk_value record, fields[AWK_FIELDS];
    int field_count;
    bool split, rebuild;
    /* input */
    struct awk_stream *streams;
    struct awk_stream input;
    int next_arg;
    int32_t child;   /* of system() */
    bool child_wait; /* an instruction waits for a child, not for input */
    uint64_t seed, last_seed;
    struct mem_buf out;
};

/* ---- values ---- */
struct awk_string *awk_string_new(struct awk *a, const char *s, size_t n);
void awk_string_drop(struct awk *a, struct awk_string *s);
void awk_drop(struct awk *a, struct awk_value *v); /* becomes AWK_NONE */
struct awk_value awk_copy(const struct awk_value *v);
struct awk_value awk_text(struct awk *a, const char *s, size_t n);
struct awk_value awk_input(struct awk *a, const char *s, size_t n); /* a STRNUM if it looks like a number */
struct awk_value awk_of(awk_number n);
awk_number awk_to_number(const struct awk_value *v);
/* A reference that the caller drops. */
struct awk_string *awk_to_string(struct awk *a, const struct awk_value *v, const char *format);
bool awk_true(const struct awk_value *v);
int awk_compare(struct awk *a, const struct awk_value *x, const struct awk_value *y);
int64_t awk_whole(awk_number n);
awk_number awk_parse(const char *s, const char **ret_end);
void awk_format(struct awk *a, struct mem_buf *out, const char *format, const struct awk_value *args, int count);
struct awk_array *awk_array_new(struct awk *a);
struct awk_value *awk_array_at(struct awk *a, struct awk_array *t, const char *key, bool make); /* NULL: not there */
void awk_array_delete(struct awk *a, struct awk_array *t, const char *key);
void awk_array_clear(struct awk *a, struct awk_array *t);
awk_number awk_arithmetic(enum awk_op op, awk_number x, awk_number y);

/* ---- scripts ---- */
bool awk_compile(struct awk *a, const char *text);
int awk_name(struct awk *a, const char *name); /* the number of a global variable */
char *awk_unescape(struct awk *a, const char *s, size_t n, bool regex);

/* ---- records, files ---- */
const char *awk_var_text(struct awk *a, int var);
void awk_set_var(struct awk *a, int var, struct awk_value v);
void awk_set_record(struct awk *a, struct awk_value v);
struct awk_value awk_get_field(struct awk *a, int64_t n);
void awk_set_field(struct awk *a, int64_t n, struct awk_value v);
void awk_split_record(struct awk *a);
int awk_split(struct awk *a, const char *text, const char *separator, struct awk_array *to, bool to_fields);
/* 1 a record, 0 end, -1 error; -2 blocked. */
int awk_read_record(struct awk *a, struct awk_stream *s, struct awk_value *ret);
int awk_main_record(struct awk *a, struct awk_value *ret);
struct awk_stream *awk_open(struct awk *a, const char *name, int how, bool reads); /* NULL: it cannot be opened */
int awk_close(struct awk *a, const char *name, bool *ret_wait);
bool awk_finish(struct awk *a); /* closes everything; false: a command must be waited for */
struct proc *awk_shell(struct awk *a, const char *command, struct ofile *in, struct ofile *out);

#endif
