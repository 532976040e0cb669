/* kubectl_parse.h - a kubectl line while it is parsed: shared by the files that do it, and nobody else's.
 *
 *   kubectl_parse.c   words and flags; which verb
 *   kubectl_target.c  what a line is about: kinds, names, selectors, files
 *   kubectl_verb.c    one function per verb
 *   kubectl_make.c    verbs that make up objects: create KIND, run, expose
 *
 * A mistake is reported where it stands and remembered in `result`; parsing goes on, so that one line
 * can have several.
 */
#ifndef MODEL_KUBECTL_PARSE_H
#define MODEL_KUBECTL_PARSE_H

#include "model/kubectl_private.h"

extern const char *const kubectl_verb_names[VERB_COUNT];

/* ---- flags ---- */

#define V(id) (1u << VERB_##id)
#define V_ALL (~0u)
#define V_FILE (V(APPLY) | V(CREATE) | V(DELETE) | V(GET) | V(LABEL) | V(ANNOTATE) | V(DESCRIBE) | V(EXPOSE))
#define V_SELECT (V(DELETE) | V(GET) | V(LABEL) | V(ANNOTATE) | V(DESCRIBE) | V(TAINT) | V(CORDON) | V(UNCORDON) | V(LOGS) | V(SET))

enum takes { TAKES_NOTHING, TAKES_VALUE, TAKES_MAYBE /* --wait, --wait=false */ };

/*    id              name               letter  value          verbs */
#define FLAGS(X)                                                                                       \
    X(NAMESPACE,      "namespace",        'n', TAKES_VALUE,   V_ALL)                                    \
    X(ALL_NAMESPACES, "all-namespaces",   'A', TAKES_MAYBE,   V(GET) | V(DELETE) | V(LABEL) | V(ANNOTATE) | V(DESCRIBE)) \
    X(SELECTOR,       "selector",         'l', TAKES_VALUE,   V_SELECT)                                 \
    X(FIELD_SELECTOR, "field-selector",    0,  TAKES_VALUE,   V(GET) | V(DELETE) | V(LABEL) | V(ANNOTATE)) \
    X(ALL,            "all",               0,  TAKES_MAYBE,   V(DELETE) | V(LABEL) | V(ANNOTATE) | V(TAINT) | V(SET)) \
    X(FILENAME,       "filename",         'f', TAKES_VALUE,   V_FILE)                                   \
    X(OUTPUT,         "output",           'o', TAKES_VALUE,   V(GET))                                   \
    X(NO_HEADERS,     "no-headers",        0,  TAKES_MAYBE,   V(GET))                                   \
    X(GRACE,          "grace-period",      0,  TAKES_VALUE,   V(DELETE))                                \
    X(FORCE,          "force",             0,  TAKES_MAYBE,   V(DELETE))                                \
    X(NOW,            "now",               0,  TAKES_MAYBE,   V(DELETE))                                \
    X(NOT_FOUND,      "ignore-not-found",  0,  TAKES_MAYBE,   V(DELETE) | V(GET))                       \
    X(CONTAINER,      "container",        'c', TAKES_VALUE,   V(EXEC) | V(LOGS) | V(DEBUG))                        \
    X(PREVIOUS,       "previous",         'p', TAKES_MAYBE,   V(LOGS))                                  \
    X(TAIL,           "tail",              0,  TAKES_VALUE,   V(LOGS))                                  \
    X(ALL_CONTAINERS, "all-containers",    0,  TAKES_MAYBE,   V(LOGS))                                  \
    X(OVERWRITE,      "overwrite",         0,  TAKES_MAYBE,   V(LABEL) | V(ANNOTATE) | V(TAINT))        \
    X(PATCH,          "patch",            'p', TAKES_VALUE,   V(PATCH))                                 \
    X(PATCH_TYPE,     "type",              0,  TAKES_VALUE,   V(PATCH) | V(EXPOSE))                     \
    X(SUBRESOURCE,    "subresource",       0,  TAKES_VALUE,   V(PATCH) | V(GET))                        \
    X(IMAGE,          "image",             0,  TAKES_VALUE,   V(RUN) | V(DEBUG))                        \
    X(TARGET,         "target",            0,  TAKES_VALUE,   V(DEBUG))                                 \
    X(PROFILE,        "profile",           0,  TAKES_VALUE,   V(DEBUG))                                 \
    X(RESTART,        "restart",           0,  TAKES_VALUE,   V(RUN))                                   \
    X(LABELS,         "labels",           'l', TAKES_VALUE,   V(RUN) | V(EXPOSE))                       \
    X(ENV,            "env",               0,  TAKES_VALUE,   V(RUN))                                   \
    X(COMMAND,        "command",           0,  TAKES_MAYBE,   V(RUN))                                   \
    X(PULL_POLICY,    "image-pull-policy", 0,  TAKES_VALUE,   V(RUN))                                   \
    X(PORT,           "port",              0,  TAKES_VALUE,   V(RUN) | V(EXPOSE))                       \
    X(TARGET_PORT,    "target-port",       0,  TAKES_VALUE,   V(EXPOSE))                                \
    X(NAME,           "name",              0,  TAKES_VALUE,   V(EXPOSE))                                \
    X(EXPOSE_SELECTOR, "selector",         0,  TAKES_VALUE,   V(EXPOSE))                                \
    X(LITERAL,        "from-literal",      0,  TAKES_VALUE,   V(CREATE))                                \
    /* accepted, without meaning here */                                                                \
    X(STDIN,          "stdin",            'i', TAKES_MAYBE,   V(EXEC) | V(RUN) | V(DEBUG))               \
    X(TTY,            "tty",              't', TAKES_MAYBE,   V(EXEC) | V(RUN) | V(DEBUG))               \
    X(QUIET,          "quiet",            'q', TAKES_MAYBE,   V(EXEC) | V(RUN) | V(DEBUG))               \
    X(WAIT,           "wait",              0,  TAKES_MAYBE,   V(DELETE) | V(APPLY))                     \
    X(TIMEOUT,        "timeout",           0,  TAKES_VALUE,   V(DELETE) | V(APPLY))                     \
    X(REQUEST_TIMEOUT, "request-timeout",  0,  TAKES_VALUE,   V_ALL)                                    \
    X(RECURSIVE,      "recursive",        'R', TAKES_MAYBE,   V_FILE)                                   \
    X(VALIDATE,       "validate",          0,  TAKES_MAYBE,   V(APPLY) | V(CREATE))                     \
    X(SERVER_SIDE,    "server-side",       0,  TAKES_MAYBE,   V(APPLY))                                 \
    X(FIELD_MANAGER,  "field-manager",     0,  TAKES_VALUE,   V_ALL)                                    \
    X(SAVE_CONFIG,    "save-config",       0,  TAKES_MAYBE,   V(CREATE))                                \
    X(RECORD,         "record",            0,  TAKES_MAYBE,   V_ALL)                                    \
    X(SORT_BY,        "sort-by",           0,  TAKES_VALUE,   V(GET))                                   \
    X(SHOW_EVENTS,    "show-events",       0,  TAKES_MAYBE,   V(DESCRIBE))                              \
    X(CASCADE,        "cascade",           0,  TAKES_MAYBE,   V(DELETE))

enum flag_id {
#define X(id, name, letter, takes, verbs) FLAG_##id,
    FLAGS(X)
#undef X
        FLAG_COUNT
};

struct flag_info {
    const char *name;
    char letter;
    enum takes takes;
    uint32_t verbs;
};
extern const struct flag_info kubectl_flags[FLAG_COUNT];

/* ---- the parser ---- */

struct flag_value {
    const struct word *word; /* where it was given */
    const char *text;        /* "true" for flags without a value */
};

struct parser {
    struct arena *arena;
    struct diag_set *diags;
    struct src_pos pos;         /* of the line */
    const struct value *source; /* the scalar the line stands in, or NULL */
    size_t skipped;             /* bytes of the scalar before the line */
    scenario_read_file *read_file;
    void *ctx;
    struct kubectl_command *cmd;
    word_list words;     /* of the line */
    word_list operands;  /* words that are neither flags nor their values */
    uint32_t dash_dash;  /* operands from here on came after `--`; operands.count = none did */
    struct flag_value given[FLAG_COUNT];
    struct pool literals; /* struct flag_value: --from-literal, --env, each time */
    struct pool objects;  /* const struct api_object * */
    int result;
};

/* Where a word of the line stands in the document. */
struct src_pos parser_at(const struct parser *p, const struct word *w);

#define MISTAKE(p, at, ...) ((p)->result = diag_report((p)->diags, CODE_COMMAND, (at), NULL, __VA_ARGS__))
#define MISTAKE_SUGGEST(p, at, help, ...) \
    ((p)->result = diag_report((p)->diags, CODE_COMMAND, (at), (help), __VA_ARGS__))

/* "did you mean "..."?", or NULL. */
const char *parser_suggest(struct parser *p, const char *word, const char *const *names, size_t count);
bool parser_is_one_of(const char *word, const char *const *names, size_t count);

const char *parser_flag_text(const struct parser *p, enum flag_id f); /* NULL = not given */
bool parser_flag_on(struct parser *p, enum flag_id f);
int64_t parser_flag_integer(struct parser *p, enum flag_id f, int64_t otherwise);
bool parser_integer(const char *text, int64_t *ret);

/* ---- kubectl_target.c ---- */

void parser_selector(struct parser *p, const struct flag_value *given);
void parser_field_selector(struct parser *p, const struct flag_value *given);
/* KIND_NONE after a mistake. */
enum api_kind parser_kind(struct parser *p, const struct word *w, const char *text);
void parser_add_target(struct parser *p, enum api_kind kind, const char *name);
/* TYPE/NAME... or TYPE NAME... or TYPE; from operand `at` to where changes (key=value) begin. Returns
 * the first operand that was not taken. `otherwise`: the kind of bare names, for verbs that have one. */
uint32_t parser_targets(struct parser *p, uint32_t at, enum api_kind otherwise, bool names_wanted);
bool parser_is_change(const char *text);
/* Operands from `at` on are too many. */
void parser_no_more(struct parser *p, uint32_t at);
/* -f: reads it into `objects`. */
void parser_file(struct parser *p);
/* Objects that a command makes up are written as a document (JSON) and read like any other: same
 * defaults, same validation. */
void parser_read_made_up(struct parser *p, const struct strbuf *text, struct src_pos at);

/* ---- kubectl_verb.c, kubectl_make.c ---- */

void parser_verb(struct parser *p); /* what is special about the command's verb */
void parser_create(struct parser *p);
void parser_debug(struct parser *p);
void parser_run(struct parser *p);
void parser_expose(struct parser *p);

#endif
