/* options_table.h - the rows of commands.def and options.def as data, for what walks over them: the parser, help, the
 * environment, configuration, completion, the manual page.
 */
#ifndef TOOLS_OPTIONS_TABLE_H
#define TOOLS_OPTIONS_TABLE_H

#include "tools/options.h"

struct exit_code_info {
    enum exit_code code;
    const char *doc;
};
extern const struct exit_code_info exit_code_infos[];
extern const uint32_t exit_code_count;

enum operands {
    OPERANDS_NOTHING,
    OPERANDS_FILES,         /* at least one, or -f */
    OPERANDS_PATHS,         /* any number */
    OPERANDS_FILES_AND_POD, /* logs: what looks like a file is one */
    OPERANDS_KUBECTL,       /* what looks like a file is one; the rest is kubectl's */
    OPERANDS_QUESTION,      /* the same; the other words are a question */
    OPERANDS_WORD,          /* one: `topic` */
    OPERANDS_TOPIC,         /* none, or a topic, or a topic and its subject: help images nginx, config show run */
};

struct command_info {
    int (*run)(const struct options *o);
    const char *name, *operands;
    enum operands which;
    const char *doc;
};
extern const struct command_info command_infos[CMD_COUNT];

enum option_type {
    OPTION_FLAG,
    OPTION_TEXT,
    OPTION_NUMBER,
    OPTION_POSITIVE,
    OPTION_MAYBE,
    OPTION_COUNT,
    OPTION_DURATION,
    OPTION_AMOUNT,
    OPTION_CHOICE,
    OPTION_LIST,
};

/* The names of an enum's values, in its order. */
struct choice_set {
    const char *const *names;
    uint32_t count;
};

enum option_from {
    ON_LINE,     /* a flag only */
    NOT_IN_FILE, /* or a variable of the environment */
    IN_SECTION,  /* or in the section of its command in podsim.yaml */
    ANYWHERE,
};
/* What may stand in podsim.yaml. */
#define CAN_BE_CONFIGURED(from) ((from) >= IN_SECTION)

struct option_info {
    const char *name;
    char letter;
    enum option_type type;
    const struct choice_set *choices; /* OPTION_CHOICE */
    size_t offset;                    /* of its field in struct options */
    const char *argument;             /* NULL: a flag */
    enum option_from from;
    uint32_t commands; /* bit CMD_X: X takes it */
    const char *doc;
};
extern const struct option_info option_infos[OPT_COUNT];

static inline bool command_takes(enum command_id command, enum option_id id)
{
    return (option_infos[id].commands & 1u << command) != 0;
}
/* OPT_COUNT when `command` has no option of this name (`len` bytes). */
enum option_id option_find(enum command_id command, const char *name, size_t len);
static inline bool option_has_variable(enum option_id id)
{
    return option_infos[id].from == ANYWHERE || option_infos[id].from == NOT_IN_FILE;
}
/* PODSIM_NO_HEADER for no-header. */
void option_variable(enum option_id id, struct strbuf *out);

/* Gives an option its value; `what` begins the complaint: "--until", "PODSIM_UNTIL". A weaker origin does not change
 * what a stronger one has set; a list grows as long as the origin stays. -1 = a complaint. */
int option_set(struct options *o, enum option_id id, enum option_origin origin, const char *what, const char *text,
               struct strbuf *complaint);
/* The value as YAML. */
void option_print(const struct options *o, enum option_id id, struct strbuf *out);
void text_list_add(struct options *o, struct text_list *list, const char *text);

#endif
