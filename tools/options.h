/* options.h - the command line, described once: the rows of commands.def and options.def drive parsing, --help, the
 * environment and the check of the manual page. Adding an option = one row there, and a field here.
 */
#ifndef TOOLS_OPTIONS_H
#define TOOLS_OPTIONS_H

#include "model/cluster.h"
#include "report/logs.h"
#include "report/report.h"

enum command_id {
#define COMMAND(id, function, name, operands, which, doc) CMD_##id,
#include "tools/commands.def"
#undef COMMAND
    CMD_COUNT
};
_Static_assert(CMD_COUNT <= 32, "option_info.commands is a set of bits");

enum option_id {
#define OPTION(id, name, letter, type, field, argument, from, commands, doc) OPT_##id,
#include "tools/options.def"
#undef OPTION
    OPT_COUNT
};

/* Stable: scripts and CI rely on them. */
#define EXIT_CODES(X)                                                                                                  \
    X(OK, 0, "success")                                                                                                \
    X(NONE, 1, "test: a check failed; diff: they differ; logs: there is no such pod, container or instance")           \
    X(USAGE, 2, "wrong command line; test: there is nothing to test")                                                  \
    X(INPUT, 3, "a file cannot be read, or is not a valid manifest or scenario")                                       \
    X(LIMIT, 4, "a limit was reached (events, events at one instant, memory; test: wall time)")                        \
    X(INTERNAL, 5, "internal error: a bug of podsim")                                                                  \
    X(MACHINE, 6, "the machine failed: no memory, disk full, output cannot be written")                                \
    X(INTERRUPTED, 130, "interrupted")

enum exit_code {
#define X(id, number, doc) EXIT_##id = number,
    EXIT_CODES(X)
#undef X
};

enum get_format { GET_TABLE, GET_WIDE, GET_JSON, GET_YAML, GET_NAME, GET_FORMAT_COUNT };

enum warnings { WARNINGS_SHOW, WARNINGS_OFF, WARNINGS_ERROR };

enum diagnostics { DIAGNOSTICS_TEXT, DIAGNOSTICS_JSON };


enum theme { THEME_LIGHT, THEME_DARK };

enum when { WHEN_AUTO, WHEN_ALWAYS, WHEN_NEVER };

/* The strongest comes last. */
enum option_origin {
    FROM_DEFAULT,
    FROM_FILE,    /* podsim.yaml, for all commands */
    FROM_SECTION, /* podsim.yaml, for this command */
    FROM_ENVIRONMENT,
    FROM_FLAG,
};

struct text_list {
    const char **items;
    uint32_t count;
};

/* podsim test */
struct test_options {
    struct text_list tags;
    const char *keyword, *shard;
    const char *junit, *tap, *json; /* files; "-" = standard output */
    uint64_t jobs;                  /* 0 = as many as there are cores */
    uint64_t durations;             /* slowest cases to be named */
    uint64_t fail_fast;             /* 0 = go on */
    sim_time max_wall;              /* of one case */
    bool last_failed, failed_first, no_state;
    bool watch;
    bool list, verbose, no_times, github;
    bool ci, no_actual, prune; /* of expected timelines; options.update, too */
    struct text_list create, ignore;
    sim_time tolerance;
};
#define TEST_MAX_WALL (600 * SIM_SECOND)

struct options {
    enum command_id command;
    struct text_list files;     /* -f and operands */
    struct text_list settings;  /* --set name=value */
    const char *topic;          /* the one operand of commands that take a word; help TOPIC, config show */
    const char *subject;        /* help images IMAGE, config show COMMAND */
    struct {
        struct text_list words; /* what is kubectl's of the command line, in order */
        bool about;             /* one of them says what it is about */
        const char *at;         /* --at */
    } kubectl;                  /* get, describe, events, top, rollout */
    const char *question;       /* why */
    struct {
        const char *output, *charts, *size, *title, *script;
        enum theme theme;
    } plot;
    enum report_format format;  /* run -o */
    enum get_format get_format; /* get -o */
    struct logs_query logs;     /* logs; pod NULL = all of them */
    struct cluster_options cluster;
    bool no_fast_forward;
    uint64_t width;
    bool ascii;
    uint64_t speed; /* play */
    enum narration_depth depth;
    enum when color;
    bool no_header, digest, verify;
    bool quiet, verbose;
    enum warnings warnings;
    enum diagnostics diagnostics;
    uint64_t max_diagnostics;
    struct test_options test;
    struct {
        bool full, unified;
    } diff;
    bool update;            /* doctest, test */
    bool allow_shell, keep; /* doctest */
    bool help;              /* of `command` */
    bool man;               /* help --man */
    const char *config;     /* --config FILE */
    bool no_config;
    bool show_origin, show_all; /* config show */
    bool version_json;
    bool recursive;            /* explain-field */
    const char *schema_kind;   /* schema --kind; NULL = all */
    uint8_t origin[OPT_COUNT];    /* enum option_origin: where each option has its value from */
    struct src_pos at[OPT_COUNT]; /* FROM_FILE, FROM_SECTION: where it stands */
    struct arena arena;           /* of what had to be copied */
};

/* From argv, then the environment; podsim.yaml is left to config_apply(), and options_derive() comes after it. Returns
 * 0, or -1 with one line of complaint in *complaint (usage error). Either way options_fini() is due. */
int options_parse(int argc, char **argv, struct options *ret_options, struct strbuf *complaint);
void options_fini(struct options *o);
/* What holds if nothing is said. */
void options_default(struct options *ret_options, enum command_id command);
/* -1 = a complaint: a variable has a wrong value. */
int options_read_environment(struct options *o, struct strbuf *complaint);
/* What follows from the options as they are given. */
void options_derive(struct options *o);
/* Was it given, wherever? */
static inline bool options_given(const struct options *o, enum option_id id) { return o->origin[id] != FROM_DEFAULT; }

/* podsim(1), in the language of man. */
void options_manual(struct strbuf *out);
/* Help of one command, or of podsim as a whole (CMD_COUNT). */
void options_help(enum command_id command, struct strbuf *out);
/* "podsim run [OPTIONS] FILE..."; of podsim as a whole for CMD_COUNT */
void options_usage(enum command_id command, struct strbuf *out);
/* -1 when there is no such command. */
int command_parse(const char *name, enum command_id *ret_command);

#endif
