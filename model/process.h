/* process.h - processes of virtual containers; private to the runtime (cri.c, shell*.c, programs*.c,
 * vfs*.c, net.c).
 *
 * A process is a state machine. Its program's step() does a bounded piece of work and says what
 * comes next: again, blocked, or exit. There are no threads; what a process knows lives in memory it
 * owns (mem), so that it can be killed at any point and a copy of the run's arena forks it.
 *
 *     static enum step sleep_step(struct cri *c, struct proc *p)
 *     {
 *         struct sleep_data *d = p->data;
 *         if (!d->begun) { d->begun = true; d->until = proc_now(c) + parse(p->argv[1]); }
 *         return proc_now(c) < d->until ? proc_block_until(p, d->until) : proc_exit_with(p, 0);
 *     }
 *
 * A blocked step is called again whenever something it might wait for has happened, so it checks its
 * condition itself. Time only passes between steps: commands cost nothing unless they wait. What
 * would run for ever without waiting is slowed down instead (process.c, "burning").
 *
 * Signals follow signal(7) and pid_namespaces(7): PID 1 of a namespace gets only what it handles,
 * except SIGKILL and SIGSTOP from outside.
 */
#ifndef MODEL_PROCESS_H
#define MODEL_PROCESS_H

#include "model/cri.h"
#include "model/process_heap.h"
#include "model/vfs.h"

enum {
    VSIGHUP = 1,
    VSIGINT = 2,
    VSIGQUIT = 3,
    VSIGILL = 4,
    VSIGTRAP = 5,
    VSIGABRT = 6,
    VSIGBUS = 7,
    VSIGFPE = 8,
    VSIGKILL = 9,
    VSIGUSR1 = 10,
    VSIGSEGV = 11,
    VSIGUSR2 = 12,
    VSIGPIPE = 13,
    VSIGALRM = 14,
    VSIGTERM = 15,
    VSIGCHLD = 17,
    VSIGCONT = 18,
    VSIGSTOP = 19,
    VSIGTSTP = 20,
    VSIGTTIN = 21,
    VSIGTTOU = 22,
    VSIGURG = 23,
    VSIGWINCH = 28,
    VSIG_COUNT = 64, /* SIGRTMAX, 64, is left out: a set of signals is 64 bits */
};
#define SIG_BIT(n) (UINT64_C(1) << (n))

enum {
    PROC_FDS = 16,        /* descriptors per process */
    PROC_SLOTS_MAX = 512, /* processes per container; the next fork fails */
    PROC_STEPS_PER_INSTANT = 100000,
    PROC_STEPS_BURST = 50000,  /* then so many each 10 ms: about what a real shell does */
    PROC_BURSTS = 40,          /* but only so often; then it is held to be endless */
    PROC_STEPS_ENDLESS = 5000, /* per burst, ever more rarely */
    BURN_STEPS_MAX = 3000000,  /* in a whole run; then every burner is held to be endless at once */
    PIPE_CAPACITY = 65536,
    ARGS_MAX_BYTES = 131072,
    STRING_MAX_BYTES = 1 << 20, /* longest string a shell or program keeps */
    LOG_MAX_BYTES = 4 << 20,    /* of one container's log */
    LOG_MAX_LINES = 100000,
    EXEC_OUTPUT_MAX = 10240,
};
#define PROC_BURN_FIRST (10 * SIM_MS)
#define PROC_BURN_MAX   (60 * SIM_SECOND)

struct proc;
struct program;
struct script;
struct vcontainer;
struct vexec;
struct netns;
struct listener;

enum step {
    STEP_AGAIN, /* call me again at once */
    STEP_BLOCK, /* a proc_block_...() was called */
    STEP_EXIT,  /* proc_exit_with() was called */
};

enum program_flags {
    PROGRAM_REAPS = 1 << 0,    /* as PID 1 it collects zombies */
    PROGRAM_GO = 1 << 1,       /* Go runtime: as PID 1 without a handler it exits 2 on SIGTERM and SIGINT */
    PROGRAM_HANGS_UP = 1 << 2, /* keeps a listening socket: shown as a server */
};

struct net_request {
    const struct http_request *http;
    const char *client_ip;
};

struct program {
    const char *name;
    enum step (*step)(struct cri *c, struct proc *p);
    size_t data_bytes;
    uint64_t catches; /* signals left in sig_pending for step() to see */
    uint64_t ignores;
    uint32_t flags;
    /* Answers a request to a port it listens on, at once; NULL = it only accepts connections. Sets lasts_until if
     * it knows how long it would answer like that and left no trace of the request. */
    void (*serve)(struct cri *c, struct proc *p, const struct net_request *request, struct http_reply *reply);
    /* NULL = no gRPC. Sets reply->lasts_until if time alone changes its answer. */
    enum grpc_health (*health)(struct cri *c, struct proc *p, int32_t port, const char *service,
                               struct grpc_reply *reply);
    /* What becomes of a connection to a port it listens on, NULL = it is accepted. As health. */
    enum net_result (*connect)(struct cri *c, struct proc *p, int32_t port, sim_time *ret_lasts_until);
};

/* ---- open files ---- */
struct pipe {
    char *data;
    size_t start, len, cap;
    uint32_t readers, writers;
};

enum ofile_kind {
    OFILE_FILE,
    OFILE_PIPE_READ,
    OFILE_PIPE_WRITE,
    OFILE_NULL,
    OFILE_ZERO,
    OFILE_RANDOM,
    OFILE_FULL,
    OFILE_TTY,  /* standard input that never says anything */
    OFILE_LOG,  /* standard output or error of a container */
    OFILE_EXEC, /* the same of an exec */
};

struct ofile {
    uint32_t refs;
    uint8_t kind; /* enum ofile_kind */
    bool readable, writable, append;
    uint8_t stream; /* LOG, EXEC: 1 = stdout, 2 = stderr */
    struct vnode *node;
    size_t offset;
    struct pipe *pipe;
    struct vcontainer *container; /* LOG; pipes: whose processes may wait for it */
    struct vexec *exec;           /* EXEC */
    uint32_t exec_generation;
};

enum { FD_OK = 0, FD_BADF = -1, FD_CLOSED = -2, FD_NOSPACE = -3 };
enum { READ_EOF = 0, READ_BLOCKED = -1, READ_ERROR = -2, READ_ISDIR = -3 };

/* ---- processes ---- */
struct pidns {
    int32_t last_pid;
    struct proc *first, *last; /* by pid */
    struct proc *init;         /* PID 1; NULL while the pod's /pause is it */
    bool shared;               /* of the whole pod: PID 1 is /pause */
    bool on_node;              /* its ids are the node's: hostPID */
    uint32_t block;            /* of ids on the node: pid_view.c */
};

/* Most processes have the environment of their container, and most of them never look at it: it is made when somebody
 * does (proc_env), and shared until somebody changes it. */
struct env {
    char **items; /* "NAME=value"; in `block`, or set later and the owner's */
    uint32_t count, cap;
    char *block;
    bool unmade; /* that of the container, which nobody has looked at yet */
    bool lent;   /* items and block belong to the container */
};

enum wait_kind {
    WAIT_NOTHING,
    WAIT_TIME,
    WAIT_CHILD,
    WAIT_PIPE, /* data, room, or the other end gone */
    WAIT_FILE, /* growth of a file */
    WAIT_FOREVER,
};

/* Memory in use over time: straight lines through points, the first one at `since`. */
struct memory_line {
    const struct memory_point *points;
    uint32_t count;
    sim_time since;
};

enum { /* of a container's object, beside those of its processes */
       MEMORY_TIMER = PROC_SLOTS_MAX,
       SCRIPT_TIMER, /* lines of its behaviour */
};

struct proc_slot {
    struct sim_timer timer;
    struct proc *proc; /* NULL = free */
};

struct proc {
    struct vcontainer *container;
    struct pidns *ns;
    uint32_t slot;
    int32_t pid;
    int32_t group;       /* its process group: the id of who began it, by a session of its own */
    struct proc *parent; /* NULL: started by the runtime from outside the namespace */
    struct proc *ns_next, *ns_prev;
    struct vexec *exec;    /* it is the main process of this exec */
    struct vexec *session; /* it belongs to this probe; NULL = it is part of the world */
    bool main;             /* it is the container's main process */
    bool zombie;
    bool stopped;
    bool woken;  /* private to process.c */
    bool doomed; /* it ends when the running step is over; by doom_code or doom_signal */
    int doom_code, doom_signal;
    uint32_t doom_cause; /* trace record that explains it, 0 = none */
    struct proc *doomed_next;
    const struct program *program;
    void *data; /* program->data_bytes, owned */
    struct mem_owner mem;
    struct memory_line memory; /* what its program takes; in its own memory, so a new program begins with none */
    int32_t argc;
    char **argv;
    struct env env;
    char *cwd;
    const char *title; /* what ps shows instead of argv, or NULL */
    struct ofile *fds[PROC_FDS];
    uint32_t umask;
    uint32_t uid;
    uint64_t sig_ignored, sig_caught, sig_pending;
    uint32_t sig_cause; /* trace record of the last signal it got, 0 = none */
    enum wait_kind wait;
    sim_time wake_at; /* SIM_NEVER = no time */
    struct pipe *wait_pipe;
    struct vnode *wait_node;
    sim_time watch_period;  /* how often it looks at that file; 0 = it is told at once */
    struct proc *node_next; /* others that wait for the same file */
    struct pipe *full_pipe; /* it wrote more than fits and must wait for room */
    sim_time kill_at;       /* exec timeout */
    int32_t exit_code, exit_signal;
    sim_time started_at;
    uint32_t requests;          /* served so far */
    struct net_waiter *waiters; /* who waits for its answers: net.c; in its own memory */
    uint32_t waiter_count, waiter_cap;
    uint32_t steps; /* at steps_at */
    sim_time steps_at;
};

/* ---- containers as the runtime sees them ---- */
struct vsandbox {
    uint32_t index; /* in cri.sandboxes */
    bool power_off; /* its machine is: what ran has no exit that anybody saw */
    struct cri_sandbox pub;
    struct netns *net;
    struct pidns shared_pids; /* with shareProcessNamespace */
    uint64_t world;           /* changes so far: cri_world */
    uint32_t connections;     /* made so far to other addresses */
    bool watched;
    struct vcontainer *containers;
};

struct vcontainer {
    struct cri_container pub;
    uint32_t index;  /* in cri.containers */
    uint32_t object; /* of the engine */
    bool removed;
    const struct image *image;
    struct vsandbox *sandbox;
    struct vcontainer *next;   /* of the sandbox */
    struct vcontainer *target; /* whose processes it sees, or NULL */
    struct pidns own_pids;
    struct proc_slot **slots; /* PROC_SLOTS_MAX at most */
    uint32_t slot_count;
    uint32_t proc_count;
    struct proc *main;
    int64_t files_left; /* bytes of its files, when it ended: they stay until it is removed */
    struct vnode *root;
    struct mem_owner mem; /* log, environment: until it is removed */
    struct env env;       /* what its processes start with */
    struct mem_buf log;
    struct mem_buf partial[2]; /* stdout, stderr: not yet a whole line */
    uint32_t log_lines;
    bool log_full;
    const struct trace_container *facts; /* shared by the records about it */
    bool burn_reported, generic_reported;
    sim_time burn_delay;
    uint32_t burns, endless_bursts;
    struct mem_buf reported;   /* names of commands already reported as missing, NUL-separated */
    struct script *script;     /* what its behaviour says, NULL = nothing */
    bool oom;                  /* the OOM killer has hit a process of it */
    struct memory_line memory; /* beside what its programs take */
    struct sim_timer memory_timer, script_timer;
    uint32_t lines; /* first struct vline, 0 = none */
    uint32_t exec_count;
    const char *last_output; /* of an exec */
};

/* The process ids its processes have. */
static inline struct pidns *pids_of(const struct vcontainer *ct)
{
    struct vcontainer *mine = (struct vcontainer *)(uintptr_t)ct;
    if (ct->sandbox->pub.config.share_pid)
        return &mine->sandbox->shared_pids;
    return mine->target ? &mine->target->own_pids : &mine->own_pids;
}

struct vexec {
    struct cri_exec pub;
    struct vcontainer *container;
    struct proc *proc; /* NULL once it ended */
    struct sim_key done_key;
    struct mem_owner mem;
    struct mem_buf out, err;
    bool used;
    bool probe;
    sim_time began_at;
    uint32_t generation; /* open files know which exec of this record they belong to */
    uint32_t next_free;
};

struct vline { /* what a server prints for requests of one kind */
    struct trace_line pub;
    struct vcontainer *container;
    struct proc *server;
    uint32_t next; /* of the container, 0 = none */
};

struct held_line {
    struct vcontainer *container;
    const char *text;
    bool is_stderr;
};
enum { HELD_LINES_MAX = 8 };

struct vvolume {
    struct vnode *root;
    struct vsandbox *sandbox;          /* the last one that mounted it */
    bool shared;                       /* between pods */
    const char *node_name, *host_path; /* host_path NULL: its own */
};

struct node_tree { /* the files of a node */
    const char *node_name;
    struct vnode *root;
};
struct vnode *node_file(struct cri *c, const char *node_name, const char *path); /* cri_volume.c */
struct vnode *node_files_root(struct cri *c, const char *node_name);

struct script_entry;
struct annotation;
enum { SCRIPT_BUCKETS = 256, ANNOTATION_BUCKETS = 64 };

struct cri {
    struct sim *sim;
    const struct image_catalogue *images;
    bool *behaviour_used;                               /* per entry of `behaviours` */
    const behaviour_list *behaviours;                   /* of the scenario, or NULL */
    struct annotation *annotations[ANNOTATION_BUCKETS]; /* behaviours that were read, by text */
    struct cri_deps deps;
    int64_t epoch;
    uint32_t handler;
    struct mem mem;
    struct pool sandboxes, containers, volumes, execs, lines; /* item 0 is unused */
    struct pool node_trees;                                   /* struct node_tree */
    bool holding;                                             /* http_request.hold_lines */
    bool unlogged;                                            /* what servers print of this request is left out */
    bool looked_beyond;                                       /* a server did, for a request whose lines are held */
    uint32_t inodes;                                          /* files made so far */
    uint32_t held_count;
    struct held_line held[HELD_LINES_MAX];
    struct script_entry *scripts[SCRIPT_BUCKETS];
    struct netns **nets; /* by address; net_bucket_count is a power of two */
    uint32_t net_count, net_bucket_count;
    uint32_t free_exec;        /* first unused of execs, 0 = none */
    struct ofile *no_input;    /* standard input of all whose container has none; NULL = of nobody yet */
    struct proc *running;      /* whose step() is being called */
    struct proc *doomed;       /* to be ended when it returns */
    int64_t disk_left;         /* until deps.disk is called; INT64_MAX: it is not */
    uint64_t burned, burn_max; /* steps of burning processes so far; BURN_STEPS_MAX */
    uint32_t burn_divisor;     /* 1; tests that meet many endless loops stop them sooner */
    struct mem_buf found_path, found_interpreter; /* of the last program_find */
    struct mem_buf assumed;                       /* what was said to be taken for granted: strings */
    struct mem_buf reply;                         /* body of the last HTTP answer that was made up */
    struct net_peer answered;                     /* who made the last HTTP answer */
    const struct diag_set *diags;                 /* positions inside block scalars; may be NULL */
};

static inline sim_time proc_now(const struct cri *c) { return sim_now(c->sim); }
static inline int64_t epoch_at(const struct cri *c, sim_time at)
{
    return c->epoch + sim_time_floor(at, SIM_SECOND) / SIM_SECOND;
}

/* ---- worlds: cri.h ---- */
/* About to change, by whom it may be. */
void world_touch(struct cri *c, struct vsandbox *s);
/* The step that is running changes its world. */
void world_changes(struct cri *c);
/* The step that is running depends on something beside its world, which may change unseen. */
void world_looked_beyond(struct cri *c);
/* The probe that p belongs to, if any, has done something that lasts. */
void world_session_acts(struct cri *c, const struct proc *p);

/* ---- for step functions ---- */
enum step proc_block_until(struct proc *p, sim_time at);                          /* at that time at the latest */
enum step proc_block_for(struct proc *p, enum wait_kind kind, sim_time deadline); /* SIM_NEVER = none */
enum step proc_exit_with(struct proc *p, int code);
/* The lowest signal that is caught and pending, removed from pending; 0 = none. */
int proc_take_signal(struct proc *p);
/* As proc_take_signal; what follows is because of the signal. */
int proc_obey_signal(struct cri *c, struct proc *p);

/* ---- life ---- */
struct proc_start {
    const struct program *program;
    struct proc *parent; /* NULL: by the runtime */
    struct vcontainer *container;
    int32_t argc;
    char *const *argv;        /* copied */
    const struct env *env;    /* copied */
    const char *cwd;          /* copied */
    struct ofile *const *fds; /* PROC_FDS; each gets a reference */
    uint64_t sig_ignored;
    uint32_t umask, uid;
    struct vexec *session; /* without a parent: the probe it is for */
    sim_time after;        /* until its first step */
};
/* NULL: no free slot (a fork would say "Resource temporarily unavailable"). Runs at this instant, or `after`. */
struct proc *proc_start(struct cri *c, const struct proc_start *start);
/* execve: same process, new program. `argv` may be its own memory. */
void proc_exec(struct cri *c, struct proc *p, const struct program *program, int32_t argc, char *const *argv,
               const struct env *env);
/* Ends by exit code or signal (0 = none): at once, or right after the step that is running. */
void proc_end(struct cri *c, struct proc *p, int code, int signal_number);
void proc_fire(struct cri *c, struct proc *p); /* its timer */
void proc_wake(struct cri *c, struct proc *p); /* step it at this instant */
/* Sends a signal as kill(2) from inside the namespace, or from the runtime outside. */
enum signal_effect proc_signal(struct cri *c, struct proc *p, int number, bool from_outside, uint32_t cause);
/* A zombie child of p with this pid (0 = any), or NULL; reaping frees it. */
struct proc *proc_zombie(const struct proc *p, int32_t pid);
bool proc_has_child(const struct proc *p, int32_t pid);
void proc_reap(struct cri *c, struct proc *zombie);
int proc_wait_status(const struct proc *p); /* exit code, or 128 + signal */
struct proc *proc_by_pid(const struct pidns *ns, int32_t pid);
void proc_kill_container(struct cri *c, struct vcontainer *ct, struct proc *except);
bool proc_is_init(const struct proc *p);
int32_t pid_next(struct pidns *ns);

/* ---- memory of a process ---- */
static inline void *proc_alloc(struct cri *c, struct proc *p, size_t n) { return mem_alloc(&c->mem, &p->mem, n); }
static inline char *proc_strdup(struct cri *c, struct proc *p, const char *s)
{
    return mem_strdup(&c->mem, &p->mem, s);
}

/* ---- memory that is accounted (process_memory.c) ---- */
/* What the program takes from now on, beside what every process does. May end the process, or others. */
void proc_memory_set(struct cri *c, struct proc *p, int64_t bytes);
/* It fills that much, as fast as memory is written. */
void proc_memory_grow(struct cri *c, struct proc *p, int64_t to);
void container_memory_follow(struct cri *c, struct vcontainer *ct, const struct memory_point *points, uint32_t count);
void container_memory_check(struct cri *c, struct vcontainer *ct); /* MEMORY_TIMER */

/* Where the line is at that time; 0 before its first point. */
int64_t memory_line_at(const struct memory_line *l, sim_time now);

/* ---- environment ---- */
struct env *proc_env(struct cri *c, struct proc *p);                   /* to be looked at */
const struct env *container_env(struct cri *c, struct vcontainer *ct); /* cri_start.c */
const char *env_get(const struct env *e, const char *name);            /* NULL when unset */
void env_set(struct cri *c, struct mem_owner *owner, struct env *e, const char *name, const char *value);
void env_unset(struct cri *c, struct mem_owner *owner, struct env *e, const char *name);
void env_copy(struct cri *c, struct mem_owner *owner, struct env *to, const struct env *from);
void env_free(struct cri *c, struct env *e); /* what env_copy made */

/* ---- descriptors (process_io.c) ---- */
struct ofile *ofile_new(struct cri *c, enum ofile_kind kind);
struct ofile *ofile_ref(struct ofile *f); /* NULL is fine */
void ofile_unref(struct cri *c, struct ofile *f);
void fd_put(struct cri *c, struct proc *p, int fd, struct ofile *f); /* takes the reference */
void fd_close_all(struct cri *c, struct proc *p);
/* Two new open files; each has one reference. */
void pipe_new(struct cri *c, struct vcontainer *ct, struct ofile **ret_read, struct ofile **ret_write);
/* Opens as open(2): flags are OPEN_*; returns an open file or NULL with *ret_error. */
enum open_flags { OPEN_READ = 1, OPEN_WRITE = 2, OPEN_CREATE = 4, OPEN_TRUNCATE = 8, OPEN_APPEND = 16 };
struct ofile *file_open(struct cri *c, struct proc *p, const char *path, int flags, enum vfs_error *ret_error);
int fd_write(struct cri *c, struct proc *p, int fd, const void *bytes, size_t n); /* FD_* */
int ofile_write(struct cri *c, struct proc *p, struct ofile *f, const void *bytes, size_t n);
/* > 0 bytes, or READ_*; READ_BLOCKED has set what p waits for. */
int64_t fd_read(struct cri *c, struct proc *p, int fd, void *bytes, size_t n);
int64_t ofile_read(struct cri *c, struct proc *p, struct ofile *f, void *bytes, size_t n);
int out_puts(struct cri *c, struct proc *p, int fd, const char *s);
int out_printf(struct cri *c, struct proc *p, int fd, const char *format, ...) __attribute__((format(printf, 4, 5)));
/* The program's name, ": ", the message, a newline, to standard error. */
void err_printf(struct cri *c, struct proc *p, const char *format, ...) __attribute__((format(printf, 3, 4)));
void pipe_changed(struct cri *c, struct vcontainer *ct, const struct pipe *pipe);

int64_t cri_files_size(const struct vcontainer *ct); /* what it wrote; cri_usage.c */

/* ---- the container's log (process_io.c) ---- */
void log_write(struct cri *c, struct vcontainer *ct, int stream, const char *bytes, size_t n);
void log_flush(struct cri *c, struct vcontainer *ct); /* lines without a newline, at exit */
/* What is owed to the logs of a pod is in them: before anybody looks or writes. */
void log_settle(struct cri *c, struct vsandbox *s);
void log_held(struct cri *c, bool record);
/* A line that was owed; false: there is no room, and nothing is said about it. */
bool log_owed(struct cri *c, struct vcontainer *ct, const char *line);
/* The line of a server that is like this one. */
uint32_t log_template(struct cri *c, struct proc *server, const struct trace_line *like);

/* ---- records (cri.c) ---- */
void container_exited(struct cri *c, struct vcontainer *ct, int code, int signal_number);
void exec_ended(struct cri *c, struct vexec *e, int code, int signal_number);
/* TRACE_SIGNAL to the container's main process; the record. */
uint32_t signal_record(struct cri *c, struct vcontainer *ct, enum trace_component by, int number,
                       enum signal_effect effect);
void report_diag(struct cri *c, struct vcontainer *ct, struct src_pos at, const char *message);
/* Position of byte `offset` of a script in the manifest, for diagnostics: the script is one of the container's
 * arguments, of its probes' or hooks' commands, or text within one of its arguments. Otherwise the container's command,
 * or no position for what was not started by it (`exec`). */
struct src_pos script_pos(const struct cri *c, const struct vcontainer *ct, const char *script, uint32_t offset,
                          bool exec);
/* Once per container and command name. */
bool first_report(struct cri *c, struct vcontainer *ct, const char *name);

/* ---- who runs what (programs.c) ---- */
enum lookup {
    LOOKUP_FOUND,
    LOOKUP_MISSING,
    LOOKUP_NOT_EXECUTABLE,
    LOOKUP_DIRECTORY,
    LOOKUP_NO_FILE,
    LOOKUP_NO_INTERPRETER, /* the file is there, what its "#!" names is not */
};
struct lookup_result {
    const struct program *program;
    const char *interpreter; /* a script: what "#!" names ("/bin/sh"), else NULL */
    const char *path;        /* where it was found; valid until the next lookup */
    bool bare;               /* a script without "#!": shells run it, execve does not */
};
/* `name` with a slash is a path, else it is looked for in `path` (a PATH). */
enum lookup program_find(struct cri *c, struct vcontainer *ct, const char *cwd, const char *path, const char *name,
                         struct lookup_result *ret);
/* The program an image's binary `name` in directory `dir` is, or NULL: fills the lower layer of /bin. */
const struct program *applet_in(const struct vcontainer *ct, const char *dir, const char *name);
/* The i-th applet in `dir`; NULL at the end. */
const char *applet_at(const struct vcontainer *ct, const char *dir, uint32_t i);
const struct program *program_by_name(const char *name); /* servers and images' own programs */
const char *program_name(uint32_t i);                    /* the i-th of them; NULL at the end */
/* Version "1.28.3" as a number, 12803; INT32_MAX when none is known. */
int image_version(const struct image *image);

extern const struct program program_shell, program_pause;

#endif
