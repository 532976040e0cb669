/* shell_parse.h - the shell's grammar: text to an immutable syntax tree.
 *
 * POSIX 2.10 with what busybox ash adds: `[[ ]]`, `function f`, `&>`, `<<<`, `$'..'`, `${x//a/b}`,
 * `${x:1:2}`, `local`. Aliases are not expanded. A script is a list of complete commands; a syntax
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
    PART_TILDE,   /* ~ at the start of a word */
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

struct sh_node;
struct sh_word;

struct sh_part {
    uint8_t kind;     /* enum sh_part_kind */
    uint8_t op;       /* enum sh_param_op */
    bool quoted;      /* within quotes: no splitting, no globbing */
    bool colon;       /* the :- form: null counts as unset */
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
    const struct sh_node *const *commands; /* complete commands before any error */
    uint32_t count;
    /* A syntax error: `error` set when there was one. */
    const char *error;     /* "unterminated quoted string", or NULL */
    const char *found;     /* what was not expected: "\"fi\"", "end of file", "newline", "word" */
    const char *expecting; /* "\"done\"", or NULL */
    bool failed;
    uint32_t error_line, error_offset;
};

/* Parses `length` bytes (copied). Never NULL. */
const struct sh_script *sh_parse(struct arena *a, const char *text, size_t length);

static inline bool sh_is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
static inline bool sh_is_digit(char c) { return c >= '0' && c <= '9'; }
static inline bool sh_is_name_char(char c) { return sh_is_name_start(c) || sh_is_digit(c); }
/* Length of the name at `s`, 0 if there is none. */
size_t sh_name_length(const char *s);

#endif
