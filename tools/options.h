/* options.h - the command line, described once: OPTIONS drives parsing, --help and the check of the
 * manual page. Adding an option = one row here and one case in options.c.
 */
#ifndef TOOLS_OPTIONS_H
#define TOOLS_OPTIONS_H

#include "model/cluster.h"
#include "report/logs.h"
#include "report/report.h"

/*    id       name        summary */
#define COMMANDS(X)                                                                     \
    X(RUN, "run", "FILE...", "simulate manifests or scenarios and show what happens")   \
    X(GET, "get", "-f FILE", "print the given objects as the API server would have them") \
    X(LOGS, "logs", "FILE... [POD]", "print what containers have written, as kubectl logs would") \
    X(SCHEMA, "schema", "", "print the JSON Schema of scenarios and manifests")         \
    X(VERSION, "version", "", "print the version")                                      \
    X(HELP, "help", "[COMMAND]", "explain podsim, or one of its commands")

enum command_id {
#define X(id, name, operands, doc) CMD_##id,
    COMMANDS(X)
#undef X
        CMD_COUNT
};

#define ON(c) (1u << CMD_##c)
/*    id            long name       letter argument     commands          what it does */
#define OPTIONS(X)                                                                                          \
    X(OUTPUT,       "output",        'o', "FORMAT",    ON(RUN) | ON(GET), "what to print; see FORMATS")      \
    X(FILENAME,     "filename",      'f', "FILE",      ON(RUN) | ON(GET) | ON(LOGS), "a file, a directory, or - for standard input") \
    X(UNTIL,        "until",         0,   "DURATION",  ON(RUN), "simulate this long, whatever the scenario says") \
    X(AT,           "at",            0,   "TIME",      ON(LOGS), "as of this simulated time, such as 95s (default: the end)") \
    X(CONTAINER,    "container",     'c', "NAME",      ON(LOGS), "of this container (default: the one kubectl would choose)") \
    X(ALL_CONTAINERS, "all-containers", 0, NULL,       ON(LOGS), "of all containers of the pod")             \
    X(PREVIOUS,     "previous",      'p', NULL,        ON(LOGS), "of the instance before the last restart")  \
    X(TAIL,         "tail",          0,   "N",         ON(LOGS), "the last N lines of each container")       \
    X(SINCE,        "since",         0,   "DURATION",  ON(LOGS), "only lines that are not older than this")  \
    X(TIMESTAMPS,   "timestamps",    0,   NULL,        ON(LOGS), "a date before each line")                  \
    X(PREFIX,       "prefix",        0,   NULL,        ON(LOGS), "pod and container before each line")       \
    X(NAMESPACE,    "namespace",     'n', "NAME",      ON(LOGS), "of a pod in this namespace (default: default)") \
    X(SEED,         "seed",          0,   "N",         ON(RUN) | ON(LOGS), "seed of everything random (default: the scenario's, or 0)") \
    X(PROFILE,      "profile",       0,   "NAME",      ON(RUN) | ON(LOGS), "latencies: instant, typical (default), jittered, ref") \
    X(NO_FAST_FORWARD, "no-fast-forward", 0, NULL,     ON(RUN), "make every probe tick an event: slower, the same trace") \
    X(TIE_ORDER,    "tie-order",     0,   "N",         ON(RUN) | ON(LOGS), "another order of what happens at one instant (default 0)") \
    X(WIDTH,        "width",         0,   "COLUMNS",   ON(RUN), "width of the timeline (default 120)")        \
    X(COLOR,        "color",         0,   "WHEN",      ON(RUN) | ON(LOGS), "auto (default), always, never; NO_COLOR is honoured") \
    X(NO_HEADER,    "no-header",     0,   NULL,        ON(RUN) | ON(GET), "leave out column names and the closing line") \
    X(DIGEST,       "digest",        0,   NULL,        ON(RUN), "print a hash of the whole trace at the end") \
    X(VERIFY,       "verify",        0,   NULL,        ON(RUN), "check the run against what must hold of every run (exit code 5)") \
    X(QUIET,        "quiet",         'q', NULL,        ON(RUN) | ON(GET) | ON(LOGS), "no warnings on standard error")    \
    X(LIMIT_EVENTS, "limit-events",  0,   "N",         ON(RUN) | ON(LOGS), "stop after N engine events (exit code 4)")   \
    X(LIMIT_INSTANT, "limit-instant", 0,  "N",         ON(RUN) | ON(LOGS), "stop after N events at one instant (exit code 4)") \
    X(LIMIT_MEMORY, "limit-memory",  0,   "BYTES",     ON(RUN) | ON(LOGS), "stop when a run needs more memory, e.g. 2Gi (exit code 4)") \
    X(HELP,         "help",          'h', NULL,        ~0u,     "show this help")

enum option_id {
#define X(id, name, letter, argument, commands, doc) OPT_##id,
    OPTIONS(X)
#undef X
        OPT_COUNT
};

/* Stable: scripts and CI rely on them. */
enum exit_code {
    EXIT_OK = 0,
    EXIT_NONE = 1,        /* what was asked for is not there */
    EXIT_USAGE = 2,       /* wrong command line */
    EXIT_INPUT = 3,       /* a file cannot be read, or is not a valid manifest or scenario */
    EXIT_LIMIT = 4,       /* a limit was reached */
    EXIT_INTERNAL = 5,    /* a bug of podsim */
    EXIT_MACHINE = 6,     /* no memory, disk full, output cannot be written */
    EXIT_INTERRUPTED = 130,
};

enum get_format { GET_TABLE, GET_WIDE, GET_JSON, GET_YAML, GET_NAME, GET_FORMAT_COUNT };

enum when { WHEN_AUTO, WHEN_ALWAYS, WHEN_NEVER };

struct options {
    enum command_id command;
    enum report_format format;  /* run -o */
    enum get_format get_format; /* get -o */
    struct logs_query logs;     /* logs; pod NULL = all of them */
    const char **files;         /* [file_count], of argv */
    uint32_t file_count;
    struct cluster_options cluster;
    uint32_t width;
    enum when color;
    bool no_header, digest, verify, quiet;
    bool help;             /* of `command` */
    const char *topic;     /* help TOPIC */
    const char *subject;   /* help images IMAGE */
};

/* Returns 0, or -1 with one line of complaint in *complaint (usage error). */
int options_parse(int argc, char **argv, struct options *ret_options, struct strbuf *complaint);
void options_fini(struct options *o);

/* Help of one command, or of podsim as a whole (CMD_COUNT). */
void options_help(enum command_id command, struct strbuf *out);
/* -1 when there is no such command. */
int command_parse(const char *name, enum command_id *ret_command);

#endif
