/* shell_parse.h - the shell's grammar: text to an immutable syntax tree.
 *
 * POSIX 2.10 with what busybox ash adds (`function f`, `&>`, `$'..'`, `${x//a/b}`, `${x:1:2}`) and what bash has
 * beyond that (`[[ ]]` as grammar, `<<<`, `+=`, `;&`). A script is a list of complete commands; a syntax
 * error does not discard the complete commands before it, because a shell has run those by then.
 */
#ifndef MODEL_SHELL_PARSE_H
#define MODEL_SHELL_PARSE_H

#include "sim/arena.h"

enum sh_part_kind {
    PART_LITERAL, /* text */
    PART_PARAM,   /* ${text op word} */
    PART_COMMAND, /* $(node) */
    PART_ARITH,   /* $((word)) */
    PART_TILDE,   /* ~ at the start of a word, or after = and : of an assignment */
};

enum sh_param_op {
    PARAM_PLAIN,
    PARAM_LENGTH,      /* ${#x} */
    PARAM_DEFAULT,     /* ${x-w}, with colon ${x:-w} */
    PARAM_ASSIGN,      /* ${x=w} */
    PARAM_ERROR,       /* ${x?w} */
    PARAM_ALTERNATIVE, /* ${x+w} */
    PARAM_PREFIX,      /* ${x#w} */
    PARAM_PREFIX_LONG, /* ${x##w} */
    PARAM_SUFFIX,      /* ${x%w} */
    PARAM_SUFFIX_LONG, /* ${x%%w} */
    PARAM_REPLACE,     /* ${x/w/w2} */
    PARAM_REPLACE_ALL, /* ${x//w/w2} */
    PARAM_SUBSTRING,   /* ${x:w:w2} */
    PARAM_BAD,         /* reported when it is expanded, as shells do */
};

/* Whose shell it is: what differs is what busybox ash (1.35), dash (0.5.12) and bash take and say. */
enum sh_dialect { DIALECT_BUSYBOX, DIALECT_DASH, DIALECT_BASH };

struct sh_node;
struct sh_word;

struct sh_part {
    uint8_t kind;     /* enum sh_part_kind */
    uint8_t op;       /* enum sh_param_op */
    bool quoted;      /* within quotes: no splitting, no globbing */
    bool colon;       /* the :- form: null counts as unset */
    bool in_value;    /* tilde: only in an assignment is it expanded */
    uint32_t length;  /* of text */
    const char *text; /* literal text, or the parameter's name */
    const struct sh_word *word, *word2;
    const struct sh_node *node;
};

struct sh_word {
    const struct sh_part *parts;
    uint32_t count;
    uint32_t offset; /* in the script's text */
    uint32_t line;
};

enum sh_redir_op {
    REDIR_READ,        /* < */
    REDIR_WRITE,       /* > */
    REDIR_APPEND,      /* >> */
    REDIR_CLOBBER,     /* >| */
    REDIR_READWRITE,   /* <> */
    REDIR_DUP_IN,      /* <& */
    REDIR_DUP_OUT,     /* >& */
    REDIR_BOTH,        /* &> */
    REDIR_HERE,        /* << and <<-: word is the body */
    REDIR_HERE_STRING, /* <<< */
};

struct sh_redir {
    uint8_t op;
    bool expanded; /* its word is not plain text */
    int32_t fd;
    const struct sh_word *word;
};

struct sh_assign {
    const char *name;
    const struct sh_word *value;
    bool append; /* += */
};

enum sh_node_kind {
    NODE_SIMPLE,
    NODE_PIPE,
    NODE_AND,
    NODE_OR,
    NODE_NOT,
    NODE_LIST,
    NODE_BACKGROUND,
    NODE_IF,
    NODE_WHILE,
    NODE_UNTIL,
    NODE_FOR,
    NODE_CASE,
    NODE_FUNCTION,
    NODE_GROUP,
    NODE_SUBSHELL,
};

struct sh_case_item {
    const struct sh_word *const *patterns;
    uint32_t pattern_count;
    bool falls_through;         /* ;& */
    const struct sh_node *body; /* NULL = empty */
};

struct sh_node {
    uint8_t kind;  /* enum sh_node_kind */
    bool in_words; /* for: "in" was given */
    bool dbracket; /* simple: [[ ]]: words are not split */
    uint32_t line, offset;
    uint32_t count; /* simple: words; list, pipe: nodes; for: words; case: items */
    uint32_t redir_count, assign_count;
    const struct sh_redir *redirs; /* simple and compound commands */
    const struct sh_assign *assigns;
    const struct sh_word *const *words;         /* simple, for; case: words[0] is the subject */
    const struct sh_node *const *nodes;         /* list, pipe */
    const struct sh_node *left, *right, *other; /* and, or; if: condition, then, else; while: condition, body */
    const struct sh_case_item *items;
    const char *name; /* for: the variable; function: its name */
    const char *text; /* background and pipe: the source, for jobs */
    uint32_t text_length;
};

struct sh_script {
    const char *text;
    size_t length;
    enum sh_dialect dialect;
    const struct sh_node *const *commands; /* complete commands before any error */
    const uint32_t *ends;                  /* where the line of each ends: behind its newline and here-documents */
    uint32_t count;
    uint32_t from; /* offset of the first */
    /* A syntax error: `error` set when there was one. */
    const char *error;     /* "unterminated quoted string", or NULL */
    const char *found;     /* what was not expected: "\"fi\"", "end of file", "newline", "word" */
    const char *expecting; /* "\"done\"", or NULL */
    bool failed;
    uint32_t error_line, error_offset;
};

/* Parses `length` bytes (copied). Never NULL. */
const struct sh_script *sh_parse(struct arena *a, const char *text, size_t length, enum sh_dialect dialect);
struct sh_parse_alias {
    struct sh_parse_alias *next;
    const char *name, *value;
};
/* Parses from the offset on, with aliases; `text` is kept. */
const struct sh_script *sh_parse_with(struct arena *a, const char *text, size_t length, uint32_t from,
                                      enum sh_dialect dialect, const struct sh_parse_alias *aliases);
/* A text as within double quotes, all of it: PS4. NULL if it is none. */
const struct sh_word *sh_parse_quoted(struct arena *a, const char *text, enum sh_dialect dialect);

bool sh_is_keyword(const char *s);
bool sh_is_special_builtin(const char *name); /* shell_builtin.c */

static inline bool sh_is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
static inline bool sh_is_digit(char c) { return c >= '0' && c <= '9'; }
static inline bool sh_is_name_char(char c) { return sh_is_name_start(c) || sh_is_digit(c); }
/* Length of the name at `s`, 0 if there is none. */
size_t sh_name_length(const char *s);

#endif
