/* programs.h - private to programs*.c: how the commands and servers in containers are written.
 *
 * Most commands do their work in one step and never wait: they are a `run` function that returns
 * the exit status. Those that wait or read input are step functions of their own.
 */
#ifndef MODEL_PROGRAMS_H
#define MODEL_PROGRAMS_H

#include "model/process.h"

struct command {
    struct program program;
    int (*run)(struct cri *c, struct proc *p); /* with programs_step_once */
};
enum step programs_step_once(struct cri *c, struct proc *p);
#define COMMAND(command_name, function)                                                                                \
    {                                                                                                                  \
        .program = {.name = command_name, .step = programs_step_once}, .run = function                                 \
    }

struct applet {
    const char *name;
    const struct program *program;
    uint8_t where; /* IMAGE_* */
};
enum {
    IMAGE_BUSYBOX = 1,
    IMAGE_DEBIAN = 2,
    IMAGE_EXTRA = 4, /* only in images that are known for it, and in unknown ones */
    IMAGE_SHELLS = IMAGE_BUSYBOX | IMAGE_DEBIAN,
};
/* Each file of programs gives its part; ends with a NULL name. */
extern const struct applet file_applets[], copy_applets[], list_applets[], text_applets[], filter_applets[],
    sort_applets[], sum_applets[], dump_applets[], proc_applets[], system_applets[], watch_applets[], net_applets[],
    dns_applets[], nc_applets[], sysctl_applets[];
/* Programs of images, by image.program; NULL name ends. */
extern const struct applet server_programs[], script_programs[];

/* ---- options ---- */
struct options {
    struct proc *p;
    int next;           /* index of the next argument */
    const char *letter; /* within a group of letters */
    const char *value;  /* of the last option that takes one */
    int moved;          /* operands that the option was moved before */
    bool ended;         /* by "--" */
};
/* The next option letter; those in `valued` take a value. 0: operands begin at o->next; '?': missing value;
 * a "--long" or "--long=value" option gives '-' with its text in value. */
int option_next(struct options *o, const char *valued);

/* As getopt_long(3) with `spec`: "ab:c::" (":" takes a value, "::" an attached one; a leading "+": options end at the
 * first operand, else operands may stand before options and are moved behind them). The next letter; 0: operands
 * begin at o->next; '?': not an option, and said so with the usage. */
struct long_option {
    const char *name; /* NULL ends the list */
    char letter;
};
int option_get(struct cri *c, struct options *o, const char *spec, const struct long_option *longs);
/* How the command is used, to standard error, after what is wrong ("" = nothing more to say). */
void usage_print(struct cri *c, struct proc *p, const char *wrong);
/* usage_print of a command without its operands; the exit status. */
int usage_missing(struct cri *c, struct proc *p);
/* What went wrong with a file: `gnu` or `busybox` has one "%s" for the path; then ": " and the error. */
void say_error(struct cri *c, struct proc *p, const char *gnu, const char *busybox, const char *path, enum vfs_error e);
/* "4k", "1M", "512b": a number with one of the units of busybox's kmg_i_suffixes or bkm_suffixes; false: neither. */
bool parse_size(const char *s, const char *units, int64_t *ret);
/* In memory of the process. */
char *proc_printf(struct cri *c, struct proc *p, const char *format, ...) __attribute__((format(printf, 3, 4)));
const char *path_base(const char *path);                                           /* after the last slash */
char *path_join(struct cri *c, struct proc *p, const char *dir, const char *name); /* with one slash between */
/* "rwsr-xr-t", without the type. */
void mode_letters(uint32_t mode, char out[10]);
/* Octal or symbolic ("u+x,go-w", chmod(1)); false: it is neither. */
bool apply_mode(const char *s, uint32_t umask, bool directory, uint16_t *mode);
/* The name of a user or group, or its number as text. */
const char *id_name(struct cri *c, struct proc *p, uint32_t id, bool group);

/* ---- children ---- */
/* execvp's search: PATH, or "/bin:/usr/bin". */
enum lookup command_find(struct cri *c, struct proc *p, const char *name, struct lookup_result *ret);
/* fork and execvp; NULL: *ret_why says why not, LOOKUP_FOUND = no room for a process. */
struct proc *command_start(struct cri *c, struct proc *p, int32_t argc, char **argv, enum lookup *ret_why);
/* execvp(argv[first ..]) by the process itself; its step is over. */
enum step command_become(struct cri *c, struct proc *p, int first);

/* ---- input by lines ---- */
/* Reads files named by argv[first ..] one after the other, or standard input. */
struct input {
    int next; /* next argument; begins at the first operand */
    bool begun, at_stdin, ended;
    bool nul;               /* lines end with NUL */
    bool quiet;             /* files that cannot be opened are not mentioned */
    bool any_dir;           /* a directory is an empty file */
    bool plain;             /* "cut: x: No such file" instead of "can't open 'x'" (busybox fopen_or_warn_stdin) */
    const char *gnu_prefix; /* before the path in coreutils' and GNU's words, or NULL */
    struct ofile *file;     /* the open one */
    const char *name;       /* its name, "-" for standard input */
    struct mem_buf line;
    size_t pos; /* unread bytes of chunk begin here */
    size_t have;
    int errors;
    char chunk[1024];
};
enum { INPUT_LINE_MAX = 65536 }; /* a longer line is given in pieces */
enum input_result { INPUT_LINE, INPUT_END, INPUT_BLOCKED };
/* The next line in in->line (the caller empties it afterwards), without its newline; *ret_newline: it had one. A file
 * that cannot be opened is reported as the program's userland does and counted in errors. */
enum input_result input_line(struct cri *c, struct proc *p, struct input *in, bool *ret_newline);
void input_close(struct cri *c, struct input *in);
/* "cat: can't open 'x': No such file or directory" (busybox), "cat: x: No such ..." (GNU). */
void cannot_open(struct cri *c, struct proc *p, const char *path, enum vfs_error e);
static inline bool is_gnu(const struct proc *p);

/* ---- numbers and times ---- */
struct calendar {
    int64_t year;
    int month, day, hour, minute, second, weekday, yearday;
};
bool parse_duration(const char *s, sim_time *ret); /* "1.5", "2m", "infinity" */
int64_t epoch_of(const struct calendar *k);        /* year to second */
/* What date -d and touch -d take; false: cannot be understood. */
bool parse_date(const char *s, bool gnu, int64_t now, int64_t *ret);
void calendar_of(int64_t epoch_seconds, struct calendar *ret);
/* strftime for the conversions that date(1) users meet; appends to out. Without nanoseconds (-1) there is no %N. */
void format_date(struct cri *c, struct mem_buf *out, const char *format, int64_t epoch_seconds, int64_t nanoseconds);
int64_t epoch_now(struct cri *c); /* by the clock */

int find_pids(struct cri *c, struct proc *p, const char *name, bool full, struct proc **ret, int max);
void proc_command_line(struct cri *c, const struct proc *p, struct mem_buf *out);
/* programs_client.c: redis-cli, pg_isready ... in the image that has it, else NULL. */
const struct program *client_program(const struct image *image, const char *name);
extern const struct program program_entrypoint, program_assumed, program_awk, program_dd, program_find_files,
    program_grep, program_sed, program_xargs;
extern const struct command command_date, command_expr, command_kubectl;

static inline bool is_gnu(const struct proc *p) { return p->container->image->userland == USERLAND_DEBIAN; }

#endif
