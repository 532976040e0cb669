/* shell.h - a POSIX shell (busybox ash, dash) as a steppable program; private to shell*.c.
 *
 * The syntax tree is immutable (shell_parse.h). Where a run stands is an explicit stack of frames:
 * one per node, word or expansion in progress. A frame that needs something evaluated pushes another
 * and is called again when that one has popped; waiting for a child or for input is a frame that
 * says STEP_BLOCK. So a shell can stop anywhere, be signalled, be killed, or be copied by a fork.
 *
 *     FRAME_SCRIPT        sh -c 'for i in $(seq 3); do sleep $i; done'
 *       FRAME_NODE        for
 *         FRAME_WORDS     $(seq 3)            -> fields
 *           FRAME_PARTS   one word            -> sh->text (characters with attributes)
 *             FRAME_SUBST forked child, its output is being read
 */
#ifndef MODEL_SHELL_H
#define MODEL_SHELL_H

#include "model/process.h"
#include "model/shell_parse.h"

enum frame_kind {
    FRAME_NODE,   /* node: struct sh_node */
    FRAME_SCRIPT, /* node: struct sh_script; i: next command; n: line_base before; flag: from a file;
                   * state: the alias_version it was parsed with */
    FRAME_REDIR,  /* node: struct sh_node, a compound command with redirections */
    FRAME_CALL,   /* a function body runs; data: struct sh_call; n: line_base before */
    FRAME_TRAP,   /* a trap's action runs; i: $? before; flag: it is that of ERR */
    FRAME_DOT,    /* around the script of "." (return ends it) */
    FRAME_EXIT,   /* exit in progress: the EXIT trap runs; i: the status */
    FRAME_WORDS,  /* node: array of words, i: next, n: count; data: struct sh_fields */
    FRAME_STRING, /* node: one word; n: enum expand_mode; result in sh->result */
    FRAME_PARTS,  /* node: struct sh_word, i: next part; flag: splits */
    FRAME_PARAM,  /* node: struct sh_part */
    FRAME_ARITH,  /* node: struct sh_part */
    FRAME_SUBST,  /* node: struct sh_part; i: child's pid; data: struct sh_subst */
    FRAME_WAIT,   /* the builtin wait; data: struct sh_wait */
    FRAME_READ,   /* the builtin read; data: struct sh_read */
};

struct sh_frame {
    uint8_t kind;  /* enum frame_kind */
    uint8_t state; /* per kind: what comes next */
    bool tested;   /* its failure is looked at: set -e does not apply */
    bool exits;    /* nothing follows: an external command may replace the shell */
    bool flag;
    uint32_t i, n;
    const void *node;
    void *data; /* owned; freed when the frame is popped */
};

enum expand_mode { EXPAND_STRING, EXPAND_PATTERN };

/* Characters under expansion, each with what may still happen to it. */
enum char_attr {
    ATTR_LITERAL, /* unquoted text: globbing */
    ATTR_SPLIT,   /* from an unquoted expansion: splitting and globbing */
    ATTR_QUOTED,
    ATTR_BREAK, /* no character: a field ends here ("$@") */
    ATTR_GAP,   /* no character: fields are apart here ($@, $*), and no empty ones between */
    ATTR_EMPTY, /* no character: quotes were here, so there is a field */
};
struct sh_text {
    struct sh_text *below; /* stack: nested words */
    struct mem_buf chars, attrs;
};

struct sh_fields {
    char **items;
    uint32_t count, cap;
};

struct sh_var {
    struct sh_var *next;
    char *name;
    char *value; /* NULL = unset (but marked) */
    bool exported, readonly;
};

struct sh_function {
    struct sh_function *next;
    const char *name;
    const struct sh_node *body;
    uint32_t line_base; /* where it was defined */
};

struct sh_alias {
    struct sh_alias *next;
    char *name, *value;
};

/* A variable as it was before `local` or a prefix assignment. */
struct sh_saved {
    struct sh_saved *next;
    char *name, *value;
    bool existed, exported, readonly;
};

struct sh_call {
    char **args; /* the caller's, as all of this */
    uint32_t argc;
    uint32_t optind, optchar;
    struct sh_saved *saved;
    const char *function; /* its own name */
    uint32_t options;
    bool keeps_options; /* "local -" */
};

/* A command in the background: one process, or those of a pipeline. Its number is its place in the table. */
struct sh_job {
    bool used;
    bool waited;    /* somebody has its status: the place may be taken */
    bool shown;     /* private to jobs */
    uint32_t count; /* processes */
    uint32_t running;
    uint32_t started; /* counts up: the newest is the current job */
    int32_t *pids, *statuses, *signals;
};
enum { SH_JOBS_MAX = 256 };

struct sh_saved_fd {
    int fd;
    struct ofile *old;
};

enum sh_option {
    OPTION_ERREXIT = 1 << 0,
    OPTION_NOUNSET = 1 << 1,
    OPTION_XTRACE = 1 << 2,
    OPTION_NOGLOB = 1 << 3,
    OPTION_NOEXEC = 1 << 4,
    OPTION_ALLEXPORT = 1 << 5,
    OPTION_PIPEFAIL = 1 << 6,
    OPTION_VERBOSE = 1 << 7,
    OPTION_NOCLOBBER = 1 << 8,
    OPTION_MONITOR = 1 << 9,
    OPTION_NOTIFY = 1 << 10,
    OPTION_ERRTRACE = 1 << 11,
    OPTION_IGNOREEOF = 1 << 12,
    OPTION_VI = 1 << 13,
    OPTION_COMMAND = 1 << 14, /* -c */
    OPTION_STDIN = 1 << 15,   /* -s */
};

enum sh_jump {
    JUMP_NONE,
    JUMP_BREAK,
    JUMP_CONTINUE,
    JUMP_RETURN,
    JUMP_EXIT,
    JUMP_ERROR, /* as exit, unless it is the error of a regular builtin: POSIX 2.8.1 */
};
enum { SH_TRAP_EXIT = 0, SH_TRAP_ERR = VSIG_COUNT, SH_TRAP_COUNT };

#define SH_STRING_LIMIT "a string of the shell has grown beyond 1 MiB, or it has more than 4000 variables"
enum { SH_FRAMES_MAX = 4000, SH_VAR_BUCKETS = 32, SH_ARGS_MAX = 20000, SH_VARS_MAX = 4000 };

struct shell {
    struct cri *c;
    struct proc *p;
    bool begun, subshell, from_stdin;
    struct mem_buf input; /* commands read from standard input */
    enum sh_dialect dialect;
    uint32_t options;
    struct sh_frame *frames;
    uint32_t frame_count, frame_cap;
    const struct sh_script *script; /* the innermost one that runs */
    uint32_t line_base;             /* number of its first line: LINENO goes on in eval and traps */
    uint32_t line;
    char *command;    /* for messages: the builtin that runs, or the script file; NULL = none */
    int status;       /* $? */
    int subst_status; /* of the last command substitution of a command, -1 = none */
    char *arg0;
    char **args; /* $1 ... */
    uint32_t argc;
    struct sh_var *vars[SH_VAR_BUCKETS];
    uint32_t var_count;
    struct sh_function *functions;
    struct sh_call *call; /* the innermost function's, NULL outside */
    const char *function; /* the one this subshell was forked in */
    uint32_t call_depth;
    char **traps; /* SH_TRAP_COUNT actions by signal, or NULL: none; NULL = default, "" = ignore */
    bool has_traps, exiting, in_err_trap, in_ps4;
    uint64_t traps_due;    /* signals whose traps are to run, one after the other */
    uint64_t ignored_here; /* signals that are ignored by the shell alone */
    bool ends_on_int;      /* SIGINT without a trap is caught and ends it, even as PID 1, when its child has returned */
    bool traps_shown;      /* "$(trap)": they are the parent's, and only there to be shown */
    uint32_t loops_outside;  /* loops that run in the shells this one was forked from */
    int32_t shell_pid;       /* $$: of the outermost shell */
    int32_t last_background; /* $! */
    struct sh_job *jobs;
    uint32_t job_cap, jobs_started;
    struct sh_alias *aliases;
    uint8_t alias_version; /* changes with them */
    int64_t limits[8];     /* ulimit: shell_limits.c */
    struct sh_text *text;  /* what is being expanded */
    char *result;          /* of FRAME_STRING */
    enum sh_jump jump;
    int jump_count; /* levels, or the status of exit and return */
    uint32_t optind, optchar;
    uint64_t random_count;
};

/* ---- shell.c ---- */
struct sh_frame *sh_push(struct shell *sh, enum frame_kind kind, const void *node);
struct sh_frame *sh_push_node(struct shell *sh, const struct sh_node *node, bool tested, bool exits);
struct sh_frame *sh_top(struct shell *sh);
void sh_pop(struct shell *sh);
/* Runs a text as eval, ".", trap and -c do; its first line counts as line_base. NULL: too deep. */
struct sh_frame *sh_push_script(struct shell *sh, const char *text, size_t length, uint32_t line_base, bool exits);
/* The shell ends with `status` once the EXIT trap has run. */
void sh_exit(struct shell *sh, int status);
void sh_error(struct shell *sh, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* As busybox' applets say it: with the name of the program instead of the script's. */
void sh_applet_error(struct shell *sh, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* What sh_applet_error begins with, without the colon. */
void sh_applet_prefix(const struct shell *sh, const char *command, char *buffer, size_t bytes);
/* sh_error, then JUMP_ERROR: what a non-interactive shell does on expansion errors and the like. */
void sh_fatal(struct shell *sh, int status, const char *format, ...) __attribute__((format(printf, 3, 4)));
void sh_raise(struct shell *sh, int status); /* the same, said already */
/* A limit of podsim, which a real shell has elsewhere: sh_fatal with `error`, and a diagnostic, once per container. */
void sh_limit_reached(struct shell *sh, const char *error, const char *limit);
uint32_t sh_loops(const struct shell *sh); /* that break could leave */
void sh_set_command(struct shell *sh, const char *name);
struct src_pos sh_pos(struct shell *sh, uint32_t offset);
bool sh_signal_pending(const struct shell *sh);
static inline const char *sh_trap(const struct shell *sh, int number) { return sh->traps ? sh->traps[number] : NULL; }
void sh_set_trap(struct shell *sh, int number, const char *action); /* the action alone */

/* ---- shell_fork.c ---- */
/* Signals that a child ignores: not SIGQUIT, which ash ignores for itself. */
static inline uint64_t sh_inherited_ignores(const struct shell *sh) { return sh->p->sig_ignored & ~sh->ignored_here; }
struct proc *sh_fork(struct shell *sh, const struct sh_node *node, struct ofile *const *fds, bool background,
                     bool tested);
/* "Terminated" and the like for a child that was waited for and that a signal has killed. */
void sh_report_signal(struct shell *sh, int number);
/* Children that have ended go into the job table, so that they do not stay zombies. If it is the job that `wait`
 * waits for, its signal is told. */
void sh_reap_jobs(struct shell *sh, const struct sh_job *waited_for);
void sh_forget_waited_job(struct shell *sh); /* a new job takes the place of one whose status is known */
struct sh_job *sh_job_of_pid(const struct shell *sh, int32_t pid);
struct sh_job *sh_current_job(const struct shell *sh, uint32_t nth); /* 0: the newest; NULL: none */
void sh_forget_job(struct shell *sh, struct sh_job *job);
int sh_job_status(const struct shell *sh, const struct sh_job *job);
enum step sh_step_subshell(struct shell *sh, struct sh_frame *f, const struct sh_node *n);
enum step sh_step_pipe(struct shell *sh, struct sh_frame *f, const struct sh_node *n);
enum step sh_step_background(struct shell *sh, const struct sh_node *n);
/* After a command: set -e ends the shell if it failed and nobody looked. */
void sh_failed_command(struct shell *sh, bool tested);

/* ---- shell_start.c ---- */
void sh_begin(struct cri *c, struct proc *p);
enum step sh_read_input(struct shell *sh);                         /* commands from standard input */
uint32_t sh_option_by_letter(const struct shell *sh, char letter); /* 0: no such option */
uint32_t sh_option_by_name(const struct shell *sh, const char *name);
const char *sh_option_letters(const struct shell *sh, char scratch[24]); /* $- */
void sh_print_options(struct shell *sh, bool as_commands);               /* set -o, set +o */

/* ---- shell_command.c ---- */
enum step sh_step_simple(struct shell *sh, struct sh_frame *f);
enum step sh_step_redir(struct shell *sh, struct sh_frame *f);
void sh_simple_cleanup(struct shell *sh, struct sh_frame *f);
void sh_redir_cleanup(struct shell *sh, struct sh_frame *f);
void sh_drop_saved_fds(struct shell *sh);
bool sh_catches_errors(const struct sh_frame *f); /* a regular builtin, or one behind `command` */
bool sh_word_is_assignment(const struct sh_word *w);

/* ---- shell_expand.c ---- */
enum step sh_step_expand(struct shell *sh, struct sh_frame *f);
void sh_expand_cleanup(struct shell *sh, struct sh_frame *f);
void sh_expand_string(struct shell *sh, const struct sh_word *word, enum expand_mode mode);
struct sh_fields *sh_expand_words(struct shell *sh, const struct sh_word *const *words, uint32_t count, bool split);
char *sh_take_result(struct shell *sh);
void sh_fields_add(struct shell *sh, struct sh_fields *f, char *owned);
void sh_fields_free(struct shell *sh, struct sh_fields *f);
bool sh_pattern_match(const char *pattern, const char *text);

/* ---- shell_glob.c ---- */
void sh_glob(struct shell *sh, const char *pattern, struct sh_fields *out); /* adds what matches, sorted */

/* ---- shell_vars.c ---- */
struct sh_var *sh_var_find(const struct shell *sh, const char *name);
const char *sh_get(const struct shell *sh, const char *name);       /* NULL when unset */
bool sh_set(struct shell *sh, const char *name, const char *value); /* false: read-only, which is an error (raised) */
bool sh_unset(struct shell *sh, const char *name);
struct sh_var *sh_mark(struct shell *sh, const char *name); /* finds or makes it, unset */
void sh_save_var(struct shell *sh, struct sh_saved **list, const char *name);
void sh_restore_vars(struct shell *sh, struct sh_saved **list);
void sh_import_env(struct shell *sh);
void sh_export_env(struct shell *sh, struct env *ret_env); /* in the process' memory */
/* A parameter's value ("x", "1", "?", "#" ...); NULL when unset. `scratch` holds numbers. */
const char *sh_param(struct shell *sh, const char *name, char scratch[24]);
void sh_copy_state(const struct shell *from, struct shell *to); /* a fork */
struct sh_function *sh_function_find(const struct shell *sh, const char *name);
uint32_t sh_vars_sorted(struct shell *sh, struct sh_var ***ret);

/* ---- shell_arith.c ---- */
/* 0, or -1 with *ret_error. */
int sh_arith(struct shell *sh, const char *text, int64_t *ret_value, const char **ret_error);

/* ---- shell_builtin.c ---- */
typedef int (*sh_builtin)(struct shell *sh, int argc, char **argv);
enum {
    BUILTIN_PUSHED = -1, /* it pushed a frame that will set the status */
    BUILTIN_GONE = -2,   /* exec: the process is another program now */
};
struct sh_builtin_info {
    const char *name;
    sh_builtin run;
    bool special; /* POSIX 2.14: assignments before it persist, its errors end the shell */
    bool assigns; /* its arguments may be assignments: they are not split */
    bool not_dash;
};
const struct sh_builtin_info *sh_builtin_find(const struct shell *sh, const char *name);
void sh_end_dot(struct shell *sh, void *data);                 /* what FRAME_DOT keeps is put back */
bool sh_number(struct shell *sh, const char *s, int64_t *ret); /* false: "Illegal number" (raised) */
bool sh_is_number(const char *s);
/* Text in single quotes; with `only_if_needed` as set -x shows it. */
void sh_add_quoted(struct shell *sh, struct mem_buf *b, const char *s, bool only_if_needed);
/* shell_jobs.c, shell_read.c, shell_options.c, shell_cd.c, shell_limits.c, shell_alias.c, shell_what.c */
int builtin_kill(struct shell *sh, int argc, char **argv);
int builtin_trap(struct shell *sh, int argc, char **argv);
int builtin_jobs(struct shell *sh, int argc, char **argv);
int builtin_wait(struct shell *sh, int argc, char **argv);
int builtin_read(struct shell *sh, int argc, char **argv);
int builtin_set(struct shell *sh, int argc, char **argv);
int builtin_getopts(struct shell *sh, int argc, char **argv);
int builtin_cd(struct shell *sh, int argc, char **argv);
int builtin_pwd(struct shell *sh, int argc, char **argv);
int builtin_umask(struct shell *sh, int argc, char **argv);
int builtin_ulimit(struct shell *sh, int argc, char **argv);
int builtin_alias(struct shell *sh, int argc, char **argv);
int builtin_unalias(struct shell *sh, int argc, char **argv);
int builtin_type(struct shell *sh, int argc, char **argv);
int builtin_command(struct shell *sh, int argc, char **argv); /* command -v, -V; else it is undone before */
int builtin_hash(struct shell *sh, int argc, char **argv);
void sh_print_all_vars(struct shell *sh); /* set */
void sh_limits_init(struct shell *sh);
void sh_replace_args(struct shell *sh, int argc, char **argv);
const struct sh_alias *sh_alias_find(const struct shell *sh, const char *name);
/* The rest of a script from the offset on, with the aliases of now. */
const struct sh_script *sh_parse_rest(struct shell *sh, const struct sh_script *s, uint32_t from);
enum step sh_step_wait(struct shell *sh, struct sh_frame *f);
enum step sh_step_read(struct shell *sh, struct sh_frame *f);
enum lookup sh_find_program(struct shell *sh, const char *name, struct lookup_result *ret);

/* ---- shell_print.c: also the programs echo, printf; messages begin with `name` ---- */
int print_echo(struct cri *c, struct proc *p, const char *name, int argc, char **argv, enum sh_dialect dialect);
int print_printf(struct cri *c, struct proc *p, const char *name, int argc, char **argv);

/* ---- shell_test.c: also the program test ---- */
/* 0 true, 1 false, 2 error (reported with `name`). argv without the command and "]". */
int test_evaluate(struct cri *c, struct proc *p, const char *name, int argc, char **argv, bool dbracket, bool dash);
bool parse_int64(const char *s, int64_t *ret); /* all of it a decimal number, blanks around allowed */

#endif
