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
extern const struct applet file_applets[], text_applets[], filter_applets[], proc_applets[], net_applets[],
    dns_applets[];
/* Programs of images, by image.program; NULL name ends. */
extern const struct applet server_programs[], script_programs[];

/* ---- options ---- */
struct options {
    struct proc *p;
    int next;           /* index of the next argument */
    const char *letter; /* within a group of letters */
    const char *value;  /* of the last option that takes one */
};
/* The next option letter; those in `valued` take a value. 0: operands begin at o->next; '?': missing value;
 * a "--long" or "--long=value" option gives '-' with its text in value. */
int option_next(struct options *o, const char *valued);

/* ---- input by lines ---- */
/* Reads files named by argv[first ..] one after the other, or standard input. */
struct input {
    int next; /* next argument; begins at the first operand */
    bool begun, at_stdin, ended;
    struct ofile *file; /* the open one */
    const char *name;   /* its name, "-" for standard input */
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
bool parse_duration(const char *s, sim_time *ret); /* "1.5", "2m", "infinity" */
struct calendar {
    int64_t year;
    int month, day, hour, minute, second, weekday, yearday;
};
void calendar_of(int64_t epoch_seconds, struct calendar *ret);
/* strftime for the conversions that date(1) users meet; appends to out. */
void format_date(struct cri *c, struct mem_buf *out, const char *format, int64_t epoch_seconds, int64_t nanoseconds);
int64_t epoch_now(struct cri *c); /* by the clock */

int find_pids(struct cri *c, struct proc *p, const char *name, bool full, struct proc **ret, int max);
void proc_command_line(struct cri *c, const struct proc *p, struct mem_buf *out);
/* programs_client.c: redis-cli, pg_isready ... in the image that has it, else NULL. */
const struct program *client_program(const struct image *image, const char *name);
extern const struct program program_entrypoint, program_assumed, program_sed, program_xargs;

static inline bool is_gnu(const struct proc *p) { return p->container->image->userland == USERLAND_DEBIAN; }

#endif
