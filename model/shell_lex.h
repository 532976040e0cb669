/* shell_lex.h - private to shell_lex.c and shell_parse.c: tokens and words of the shell grammar. */
#ifndef MODEL_SHELL_LEX_H
#define MODEL_SHELL_LEX_H

#include "model/shell_parse.h"

enum token_kind {
    TOKEN_EOF,
    TOKEN_NEWLINE,
    TOKEN_SEMI,
    TOKEN_DSEMI,
    TOKEN_SEMI_AND, /* ;& */
    TOKEN_AMP,
    TOKEN_AND,
    TOKEN_OR,
    TOKEN_PIPE,
    TOKEN_LPAREN,
    TOKEN_RPAREN,
    TOKEN_WORD,
    TOKEN_REDIR,
};

struct token {
    enum token_kind kind;
    uint32_t offset, line;
    const struct sh_word *word; /* TOKEN_WORD */
    const char *literal;        /* TOKEN_WORD: its text if nothing in it is quoted or expanded */
    uint8_t redir;              /* TOKEN_REDIR: enum sh_redir_op */
    bool strip_tabs;            /* <<- */
    int32_t fd;                 /* TOKEN_REDIR: as written or the default */
};

/* An alias whose text is being read: not expanded again until no more than `rest` of all text is left. */
struct alias_use {
    struct alias_use *outer;
    const struct sh_parse_alias *alias;
    size_t rest;
};

/* A here-document whose body has not been read yet. */
struct heredoc {
    struct heredoc *next;
    struct sh_redir *redir;
    const char *delimiter;
    bool quoted, strip_tabs;
};

struct vec { /* a growing array in the arena while something is parsed */
    void *items;
    uint32_t count, cap;
};

struct lexer {
    struct arena *arena;
    const char *text;
    size_t length, pos;
    uint32_t line;
    uint32_t base; /* offset of `text` in the script: backquoted text is lexed on its own */
    uint32_t depth;
    struct token token; /* the current one */
    bool peeked;
    bool in_dbracket; /* bash, between [[ and ]]: operators are words */
    enum sh_dialect dialect;
    struct heredoc *heredocs, **heredocs_end;
    const struct sh_parse_alias *aliases;
    struct alias_use *alias_uses;
    size_t alias_goes_on; /* the alias that ended with so much left ended in a blank: the next word may be one; or 0 */
    /* first error */
    bool failed;
    const char *error, *found, *expecting;
    uint32_t error_line, error_offset;
};

enum { PARSE_DEPTH_MAX = 200 };

void lex_init(struct lexer *l, struct arena *a, const char *text, size_t length, enum sh_dialect dialect);
/* For a text within the one of `outer`. */
void lex_init_inner(struct lexer *l, const struct lexer *outer, const char *text, size_t length, uint32_t offset,
                    uint32_t line);
const struct token *lex_peek(struct lexer *l);
void lex_next(struct lexer *l); /* the current token is consumed */
void lex_fail(struct lexer *l, const char *error);
/* The current token, a command word, gives way to its alias if it has one; shell_parse.c. */
void lex_expand_alias(struct lexer *l);
/* Depth of nesting is limited; false (and failed) when it is exceeded. Pair with lex_leave. */
bool lex_enter(struct lexer *l);
static inline void lex_leave(struct lexer *l) { l->depth--; }
const char *lex_token_text(struct lexer *l, const struct token *t); /* for messages */

void *vec_push(struct arena *a, struct vec *v, size_t item_bytes);

/* shell_parse.c: a list up to (not including) a closing token, for $( ) and backquotes. */
const struct sh_node *parse_substitution(struct lexer *l, bool to_eof);

const struct sh_word *lex_quoted_text(struct lexer *l); /* all of the lexer's text as within double quotes */
const struct sh_word *lex_literal_word(struct lexer *l, const struct token *t, const char *text);

/* The delimiter of a here-document as plain text. */
const char *lex_word_plain(struct lexer *l, const struct sh_word *w, bool *ret_quoted);

#endif
