/* shell_command.c - simple commands: words, redirections, assignments, then a function, builtin or
 * program (POSIX 2.9.1); and redirections of compound commands.
 */
#include <string.h>

#include "model/shell.h"

enum simple_state {
    SIMPLE_BEGIN,
    SIMPLE_WORDS,  /* the words have been expanded */
    SIMPLE_REDIR,  /* a redirection's word has been expanded */
    SIMPLE_ASSIGN, /* an assignment's value has been expanded */
    SIMPLE_TRACE,  /* PS4 has been expanded, for set -x */
    SIMPLE_WAIT,   /* for a foreground child */
    SIMPLE_AFTER,  /* a function or a builtin that pushed frames has returned */
};

struct sh_simple {
    struct sh_fields *fields;
    uint32_t redir, assign;         /* next */
    char **values;                  /* of assignments */
    struct ofile *opened[PROC_FDS]; /* fd -> what it shall be; with touched[fd] */
    bool touched[PROC_FDS];
    struct sh_saved_fd saved[PROC_FDS];
    uint32_t saved_count;
    struct sh_saved *saved_vars;
    int32_t pid;
    bool keep_redirs; /* exec without a command */
    bool catches;     /* an error ends this command only */
    bool by_command;  /* it stood behind `command`: no function, nothing special */
    bool named;       /* sh->command was set for it */
    char *outer_command;
};

bool sh_catches_errors(const struct sh_frame *f)
{
    if (f->kind != FRAME_NODE || ((const struct sh_node *)f->node)->kind != NODE_SIMPLE || !f->data)
        return false;
    return ((const struct sh_simple *)f->data)->catches;
}

/* ---- redirections ---- */

static struct ofile *here_file(struct shell *sh, const char *text, bool newline)
{
    struct ofile *read, *write;
    pipe_new(sh->c, sh->p->container, &read, &write);
    ofile_write(sh->c, NULL, write, text, strlen(text));
    if (newline)
        ofile_write(sh->c, NULL, write, "\n", 1);
    ofile_unref(sh->c, write);
    return read;
}

static void open_error(struct shell *sh, const char *path, bool create, enum vfs_error e)
{
    const char *reason = vfs_error_text(e);
    if (e == VFS_NOENT && sh->dialect != DIALECT_BASH)
        reason = create ? "nonexistent directory" : "no such file";
    if (sh->dialect == DIALECT_BASH)
        sh_error(sh, "%s: %s", path, reason);
    else if (sh->dialect == DIALECT_DASH)
        sh_error(sh, "cannot %s %s: %s", create ? "create" : "open", path,
                 e == VFS_NOENT ? (create ? "Directory nonexistent" : "No such file") : reason);
    else
        sh_error(sh, "can't %s %s: %s", create ? "create" : "open", path, reason);
}

/* What fd `n` is while this command's redirections are being collected. */
static struct ofile *current_fd(const struct shell *sh, struct ofile *const *opened, const bool *touched, int n)
{
    return touched[n] ? opened[n] : sh->p->fds[n];
}

static void put_fd(struct shell *sh, struct ofile **opened, bool *touched, int fd, struct ofile *f)
{
    if (touched[fd])
        ofile_unref(sh->c, opened[fd]);
    opened[fd] = f;
    touched[fd] = true;
}

static bool dup_fd(struct shell *sh, int fd, const char *word, struct ofile **opened, bool *touched)
{
    int64_t from;
    if (strcmp(word, "-") == 0) {
        put_fd(sh, opened, touched, fd, NULL);
        return true;
    }
    if (!parse_int64(word, &from) || from < 0 || from >= PROC_FDS || !current_fd(sh, opened, touched, (int)from)) {
        sh_error(sh, "%s: Bad file descriptor", word);
        return false;
    }
    put_fd(sh, opened, touched, fd, ofile_ref(current_fd(sh, opened, touched, (int)from)));
    return true;
}

/* set -C: what is there already and no device is not written over. */
static bool would_clobber(struct shell *sh, const struct sh_redir *r, const char *path)
{
    struct vnode *n;
    if (!(sh->options & OPTION_NOCLOBBER) || (r->op != REDIR_WRITE && r->op != REDIR_BOTH && r->op != REDIR_DUP_OUT))
        return false;
    return vfs_find(sh->c, sh->p->container, sh->p->cwd, path, &n) == VFS_OK && n->type == VNODE_FILE;
}

/* One redirection with its word expanded; false: it failed and that has been said. */
static bool redirect(struct shell *sh, const struct sh_redir *r, const char *word, struct ofile **opened, bool *touched)
{
    static const int flags[] = {
        [REDIR_READ] = OPEN_READ,
        [REDIR_WRITE] = OPEN_WRITE | OPEN_CREATE | OPEN_TRUNCATE,
        [REDIR_APPEND] = OPEN_WRITE | OPEN_CREATE | OPEN_APPEND,
        [REDIR_CLOBBER] = OPEN_WRITE | OPEN_CREATE | OPEN_TRUNCATE,
        [REDIR_READWRITE] = OPEN_READ | OPEN_WRITE | OPEN_CREATE,
        [REDIR_BOTH] = OPEN_WRITE | OPEN_CREATE | OPEN_TRUNCATE,
        [REDIR_DUP_OUT] = OPEN_WRITE | OPEN_CREATE | OPEN_TRUNCATE,
    };
    int64_t n;
    enum vfs_error e;

    if (r->fd >= PROC_FDS) {
        sh_error(sh, "%d: Bad file descriptor", (int)r->fd);
        return false;
    }
    if (r->op == REDIR_HERE || r->op == REDIR_HERE_STRING) {
        put_fd(sh, opened, touched, r->fd, here_file(sh, word, r->op == REDIR_HERE_STRING));
        return true;
    }
    bool file_after_dup = r->op == REDIR_DUP_OUT && strcmp(word, "-") != 0 && !parse_int64(word, &n);
    bool bad = (file_after_dup && (r->fd != 1 || sh->dialect == DIALECT_DASH)) ||
               (r->op == REDIR_DUP_IN && strcmp(word, "-") != 0 && !parse_int64(word, &n)) ||
               (r->op == REDIR_DUP_OUT && strcmp(word, "-") == 0 && r->expanded && sh->dialect == DIALECT_BUSYBOX);
    if (bad && sh->dialect != DIALECT_BASH) { /* ash.c expredir: that ends the shell */
        sh_fatal(sh, 2, sh->dialect == DIALECT_DASH ? "Syntax error: Bad fd number" : "redir error");
        return false;
    }
    if (r->op == REDIR_DUP_IN || (r->op == REDIR_DUP_OUT && !file_after_dup))
        return dup_fd(sh, r->fd, word, opened, touched);
    /* /dev/stdout and the like mean this command's own, as redirected so far. */
    for (int fd = 0; fd < 3; fd++)
        if (strcmp(word, fd == 0 ? "/dev/stdin" : fd == 1 ? "/dev/stdout" : "/dev/stderr") == 0) {
            put_fd(sh, opened, touched, r->fd, ofile_ref(current_fd(sh, opened, touched, fd)));
            return true;
        }
    if (would_clobber(sh, r, word)) {
        sh_error(sh,
                 sh->dialect == DIALECT_BUSYBOX ? "can't create %s: File exists"
                 : sh->dialect == DIALECT_DASH  ? "cannot create %s: File exists"
                                                : "%s: cannot overwrite existing file",
                 word);
        return false;
    }
    struct ofile *f = file_open(sh->c, sh->p, word, flags[r->op], &e);
    if (!f) {
        open_error(sh, word, flags[r->op] & OPEN_CREATE, e);
        return false;
    }
    put_fd(sh, opened, touched, r->fd, f);
    if (r->op == REDIR_BOTH || file_after_dup)
        put_fd(sh, opened, touched, 2, ofile_ref(f));
    return true;
}

/* The shell's own descriptors become the redirected ones; the old are kept for later. */
static void apply(struct shell *sh, struct sh_simple *d)
{
    for (int fd = 0; fd < PROC_FDS; fd++) {
        if (!d->touched[fd])
            continue;
        d->saved[d->saved_count++] = (struct sh_saved_fd){.fd = fd, .old = sh->p->fds[fd]};
        sh->p->fds[fd] = d->opened[fd];
        d->opened[fd] = NULL;
        d->touched[fd] = false;
    }
}

static void restore(struct shell *sh, struct sh_simple *d)
{
    while (d->saved_count) {
        struct sh_saved_fd *s = &d->saved[--d->saved_count];
        if (d->keep_redirs)
            ofile_unref(sh->c, s->old);
        else
            fd_put(sh->c, sh->p, s->fd, s->old);
    }
}

/* Before the process becomes another program: what would have been put back is closed. */
void sh_drop_saved_fds(struct shell *sh)
{
    for (uint32_t i = 0; i < sh->frame_count; i++) {
        struct sh_frame *f = &sh->frames[i];
        bool simple = f->kind == FRAME_NODE && ((const struct sh_node *)f->node)->kind == NODE_SIMPLE;
        struct sh_simple *d = simple || f->kind == FRAME_REDIR ? f->data : NULL;
        while (d && d->saved_count)
            ofile_unref(sh->c, d->saved[--d->saved_count].old);
    }
}

static void close_opened(struct shell *sh, struct sh_simple *d)
{
    for (int fd = 0; fd < PROC_FDS; fd++)
        if (d->touched[fd])
            ofile_unref(sh->c, d->opened[fd]);
}

/* ---- redirections of compound commands ---- */

void sh_redir_cleanup(struct shell *sh, struct sh_frame *f)
{
    struct sh_simple *d = f->data;
    if (!d)
        return;
    restore(sh, d);
    close_opened(sh, d);
}

enum step sh_step_redir(struct shell *sh, struct sh_frame *f)
{
    const struct sh_node *n = f->node;
    struct sh_simple *d = f->data;

    if (!d) {
        d = f->data = proc_alloc(sh->c, sh->p, sizeof *d);
    } else if (f->state == 1) {
        char *word = sh_take_result(sh);
        bool ok = redirect(sh, &n->redirs[d->redir++], word, d->opened, d->touched);
        mem_free(&sh->c->mem, word);
        if (!ok) {
            /* ash opens those of a subshell in the child, which an error ends; set -e looks at no others */
            bool subshell = n->kind == NODE_SUBSHELL, tested = f->tested;
            if (sh->jump)
                return STEP_AGAIN;
            sh->status = sh->dialect == DIALECT_DASH || (subshell && sh->dialect == DIALECT_BUSYBOX) ? 2 : 1;
            sh_pop(sh);
            if (subshell || sh->dialect != DIALECT_BUSYBOX)
                sh_failed_command(sh, tested);
            return STEP_AGAIN;
        }
    } else if (f->state == 2) {
        sh_pop(sh);
        return STEP_AGAIN;
    }
    if (d->redir < n->redir_count) {
        f->state = 1;
        sh_expand_string(sh, n->redirs[d->redir].word, EXPAND_STRING);
        return STEP_AGAIN;
    }
    apply(sh, d);
    f->state = 2;
    bool tested = f->tested;
    struct sh_frame *body = sh_push(sh, FRAME_NODE, n);
    if (body)
        body->tested = tested;
    return STEP_AGAIN;
}

/* ---- looking for programs ---- */

enum lookup sh_find_program(struct shell *sh, const char *name, struct lookup_result *ret)
{
    const char *path = sh_get(sh, "PATH");
    return program_find(sh->c, sh->p->container, sh->p->cwd, path ? path : "", name, ret);
}

static void report_missing(struct shell *sh, const char *name, uint32_t offset)
{
    struct vcontainer *ct = sh->p->container;
    if (!first_report(sh->c, ct, name))
        return;
    report_diag(sh->c, ct, sh_pos(sh, offset),
                arena_printf(sim_arena(sh->c->sim), "command not found in image %s: %s", ct->pub.config.image, name));
}

/* Says why `name` cannot run; the status. */
static int lookup_failed(struct shell *sh, enum lookup why, const char *name, uint32_t offset)
{
    if (why == LOOKUP_NOT_EXECUTABLE || why == LOOKUP_DIRECTORY) {
        const char *text =
            why == LOOKUP_DIRECTORY && sh->dialect == DIALECT_BASH ? "Is a directory" : "Permission denied";
        sh_error(sh, "%s: %s", name, text);
        return 126;
    }
    if (!*name && sh->dialect != DIALECT_BASH) { /* "" is looked for in the PATH, and is its first directory */
        sh_error(sh, ": Permission denied");
        return 127;
    }
    report_missing(sh, name, offset);
    if (sh->dialect == DIALECT_BASH && why == LOOKUP_MISSING)
        sh_error(sh, "%s: command not found", name);
    else if (sh->dialect == DIALECT_BASH)
        sh_error(sh, "%s: No such file or directory", name);
    else
        sh_error(sh, "%s: not found", name);
    return 127;
}

/* argv for a "#!" script: interpreter, path, arguments. */
static char **script_argv(struct shell *sh, const struct lookup_result *found, int argc, char **argv)
{
    char **all = proc_alloc(sh->c, sh->p, sizeof(char *) * (size_t)(argc + 2));
    all[0] = proc_strdup(sh->c, sh->p, found->interpreter);
    all[1] = proc_strdup(sh->c, sh->p, found->path);
    for (int i = 1; i < argc; i++)
        all[i + 1] = argv[i];
    return all;
}

/* ---- running ---- */

/* set -x: the command with `prefix`, the expanded PS4. ash.c evalcommand. */
static void xtrace(struct shell *sh, const struct sh_node *n, const struct sh_simple *d, const char *prefix)
{
    struct mem_buf b = {0};
    bool quote = sh->dialect != DIALECT_DASH;
    const char *gap = "";
    buf_puts(&sh->c->mem, &sh->p->mem, &b, prefix);
    for (uint32_t i = 0; i < n->assign_count; i++, gap = " ") {
        buf_puts(&sh->c->mem, &sh->p->mem, &b, gap);
        buf_puts(&sh->c->mem, &sh->p->mem, &b, n->assigns[i].name);
        buf_putc(&sh->c->mem, &sh->p->mem, &b, '=');
        if (quote)
            sh_add_quoted(sh, &b, d->values[i], true);
        else
            buf_puts(&sh->c->mem, &sh->p->mem, &b, d->values[i]);
    }
    for (uint32_t i = 0; i < d->fields->count; i++, gap = " ") {
        const char *word = d->fields->items[i];
        buf_puts(&sh->c->mem, &sh->p->mem, &b, gap);
        if (quote)
            sh_add_quoted(sh, &b, word, !sh_is_keyword(word));
        else
            buf_puts(&sh->c->mem, &sh->p->mem, &b, word);
    }
    buf_putc(&sh->c->mem, &sh->p->mem, &b, '\n');
    fd_write(sh->c, sh->p, 2, b.data, b.len);
    buf_fini(&sh->c->mem, &b);
}

static void call_function(struct shell *sh, struct sh_frame *f, const struct sh_function *fn, struct sh_simple *d)
{
    bool tested = f->tested;

    apply(sh, d);
    f->state = SIMPLE_AFTER;
    struct sh_call *call = proc_alloc(sh->c, sh->p, sizeof *call);
    *call = (struct sh_call){.args = sh->args,
                             .argc = sh->argc,
                             .optind = sh->optind,
                             .optchar = sh->optchar,
                             .function = fn->name,
                             .options = sh->options};
    sh->argc = d->fields->count - 1;
    sh->args = proc_alloc(sh->c, sh->p, sizeof(char *) * (sh->argc + 1));
    for (uint32_t i = 0; i < sh->argc; i++)
        sh->args[i] = proc_strdup(sh->c, sh->p, d->fields->items[i + 1]);
    if (sh->dialect != DIALECT_BASH) { /* getopts begins anew */
        sh->optind = 1;
        sh->optchar = 0;
    }
    struct sh_frame *frame = sh_push(sh, FRAME_CALL, NULL);
    if (!frame)
        return;
    frame->data = call;
    frame->n = sh->line_base;
    sh->line_base = fn->line_base;
    sh->call = call;
    sh->call_depth++;
    sh_push_node(sh, fn->body, tested, false);
}

static enum step finish(struct shell *sh, struct sh_frame *f)
{
    bool tested = f->tested;
    sh_pop(sh);
    if (!sh->jump)
        sh_failed_command(sh, tested);
    return STEP_AGAIN;
}

static enum step run_builtin(struct shell *sh, struct sh_frame *f, const struct sh_builtin_info *b, struct sh_simple *d)
{
    uint32_t own = sh->frame_count - 1;

    apply(sh, d);
    if (strcmp(b->name, "exec") == 0 && d->fields->count == 1)
        d->keep_redirs = true;
    d->catches = !b->special || d->by_command;
    d->outer_command = sh->command;
    d->named = true;
    sh->command = proc_strdup(sh->c, sh->p, d->fields->items[0]);
    f->state = SIMPLE_AFTER;
    int status = b->run(sh, (int)d->fields->count, d->fields->items);
    if (status == BUILTIN_PUSHED || status == BUILTIN_GONE)
        return STEP_AGAIN;
    if (sh->jump == JUMP_EXIT || sh->jump == JUMP_ERROR)
        return STEP_AGAIN;
    sh->status = status & 0xff;
    if (sh->jump)
        return STEP_AGAIN;
    return finish(sh, &sh->frames[own]);
}

static enum step run_program(struct shell *sh, struct sh_frame *f, struct sh_simple *d)
{
    const struct sh_node *n = f->node;
    int argc = (int)d->fields->count;
    char **argv = d->fields->items;
    struct lookup_result found;
    enum lookup why = sh_find_program(sh, argv[0], &found);

    if (why != LOOKUP_FOUND) {
        apply(sh, d); /* the message goes where the command's would */
        sh->status = lookup_failed(sh, why, argv[0], n->words[0]->offset);
        return finish(sh, f);
    }
    char **owned = NULL;
    if (found.interpreter) {
        owned = argv = script_argv(sh, &found, argc, argv);
        argc++;
    }
    struct env env;
    sh_export_env(sh, &env);
    sh_restore_vars(sh, &d->saved_vars);
    if (f->exits && !sh->has_traps && !sh->from_stdin) {
        apply(sh, d);
        sh_drop_saved_fds(sh);
        sh->p->sig_ignored = sh_inherited_ignores(sh);
        proc_exec(sh->c, sh->p, found.program, argc, argv, &env);
        return STEP_AGAIN; /* sh is gone */
    }
    apply(sh, d); /* the shell's own, too: "Killed" goes there */
    sh_forget_waited_job(sh);
    struct proc_start start = {.program = found.program,
                               .parent = sh->p,
                               .container = sh->p->container,
                               .argc = argc,
                               .argv = argv,
                               .env = &env,
                               .cwd = sh->p->cwd,
                               .fds = sh->p->fds,
                               .sig_ignored = sh_inherited_ignores(sh),
                               .umask = sh->p->umask,
                               .uid = sh->p->uid,
                               .after = sh->p->container->pub.config.program_start};
    struct proc *child = proc_start(sh->c, &start);
    env_free(sh->c, &env);
    if (owned) {
        mem_free(&sh->c->mem, owned[0]);
        mem_free(&sh->c->mem, owned[1]);
        mem_free(&sh->c->mem, owned);
    }
    if (!child) {
        sh_limit_reached(sh, "can't fork: Resource temporarily unavailable",
                         "the container has as many processes as podsim gives it (512); the shell cannot fork");
        return STEP_AGAIN;
    }
    d->pid = child->pid;
    f->state = SIMPLE_WAIT;
    return STEP_AGAIN;
}

static void drop_first_field(struct shell *sh, struct sh_fields *fields)
{
    mem_free(&sh->c->mem, fields->items[0]);
    memmove(fields->items, fields->items + 1, sizeof(char *) * --fields->count);
}

static bool is_option(const char *s) { return s[0] == '-' && s[1]; }

/* `command x` is x, without functions and what is special about it. `command -v x` stays. */
static void undo_command(struct shell *sh, struct sh_simple *d)
{
    while (d->fields->count > 1 && strcmp(d->fields->items[0], "command") == 0 &&
           !(sh_function_find(sh, "command") && !d->by_command)) {
        uint32_t n = 1;
        while (n < d->fields->count && strcmp(d->fields->items[n], "-p") == 0)
            n++;
        if (n < d->fields->count && strcmp(d->fields->items[n], "--") == 0)
            n++;
        else if (n == d->fields->count || is_option(d->fields->items[n]))
            return;
        if (n == d->fields->count)
            return;
        while (n-- > 0)
            drop_first_field(sh, d->fields);
        d->by_command = true;
    }
}

/* What the words name, once they are expanded; NULL: a function or program. */
static const struct sh_builtin_info *builtin_of(const struct shell *sh, const struct sh_simple *d)
{
    if (!d->fields->count)
        return NULL;
    const char *name = d->fields->items[0];
    const struct sh_builtin_info *b = sh_builtin_find(sh, name);
    if (b && (b->special || d->by_command))
        return b;
    return sh_function_find(sh, name) ? NULL : b;
}

static enum step run_command(struct shell *sh, struct sh_frame *f, struct sh_simple *d)
{
    if (!d->fields->count) { /* assignments and redirections only */
        sh->status = sh->subst_status >= 0 ? sh->subst_status : 0;
        return finish(sh, f);
    }
    const char *name = d->fields->items[0];
    const struct sh_builtin_info *b = builtin_of(sh, d);
    if (b)
        return run_builtin(sh, f, b, d);
    const struct sh_function *fn = d->by_command ? NULL : sh_function_find(sh, name);
    if (fn) {
        call_function(sh, f, fn, d);
        return STEP_AGAIN;
    }
    if (!*name) { /* "" or an empty quoted variable */
        sh->status = lookup_failed(sh, LOOKUP_NO_FILE, name, ((const struct sh_node *)f->node)->offset);
        return finish(sh, f);
    }
    return run_program(sh, f, d);
}

/* set -x comes right before the command. */
static enum step trace_command(struct shell *sh, struct sh_frame *f, struct sh_simple *d)
{
    const char *ps4 = sh_get(sh, "PS4");
    if (!(sh->options & OPTION_XTRACE) || sh->in_ps4)
        return run_command(sh, f, d);
    const struct sh_word *word =
        ps4 && strpbrk(ps4, "$`\\") ? sh_parse_quoted(sim_arena(sh->c->sim), ps4, sh->dialect) : NULL;
    if (word && word->count) {
        sh->in_ps4 = true;
        f->state = SIMPLE_TRACE;
        sh_expand_string(sh, word, EXPAND_STRING);
        return STEP_AGAIN;
    }
    xtrace(sh, f->node, d, ps4 ? ps4 : "");
    return run_command(sh, f, d);
}

static enum step wait_child(struct shell *sh, struct sh_frame *f, const struct sh_simple *d)
{
    struct proc *zombie = proc_zombie(sh->p, d->pid);
    if (!zombie && proc_has_child(sh->p, d->pid))
        return proc_block_for(sh->p, WAIT_CHILD, SIM_NEVER);
    sh->status = zombie ? proc_wait_status(zombie) : 0;
    if (zombie) {
        int signal_number = zombie->exit_signal;
        proc_reap(sh->c, zombie);
        sh_report_signal(sh, signal_number);
        bool dies_too = sh->dialect == DIALECT_BASH; /* ash does so under job control only */
        if (dies_too && signal_number == VSIGINT && !sh_trap(sh, VSIGINT) && !proc_is_init(sh->p))
            sh_exit(sh, 130);
    }
    sh_reap_jobs(sh, NULL);
    return finish(sh, f);
}

static enum step next_part(struct shell *sh, struct sh_frame *f, struct sh_simple *d)
{
    const struct sh_node *n = f->node;
    if (d->redir < n->redir_count) {
        f->state = SIMPLE_REDIR;
        sh_expand_string(sh, n->redirs[d->redir].word, EXPAND_STRING);
        return STEP_AGAIN;
    }
    if (d->assign < n->assign_count) {
        f->state = SIMPLE_ASSIGN;
        sh_expand_string(sh, n->assigns[d->assign].value, EXPAND_STRING);
        return STEP_AGAIN;
    }
    return trace_command(sh, f, d);
}

static void take_assignment(struct shell *sh, const struct sh_node *n, struct sh_simple *d)
{
    const struct sh_assign *a = &n->assigns[d->assign];
    char *value = sh_take_result(sh);
    const char *old = a->append ? sh_get(sh, a->name) : NULL;
    if (old) {
        struct mem_buf b = {0};
        buf_puts(&sh->c->mem, &sh->p->mem, &b, old);
        buf_puts(&sh->c->mem, &sh->p->mem, &b, value);
        mem_free(&sh->c->mem, value);
        value = b.data;
    }
    d->values[d->assign++] = value;
    /* Each sees those before it. Without a command, or with a special builtin, they stay. */
    const struct sh_builtin_info *b = builtin_of(sh, d);
    bool stays = !d->fields->count || (b && b->special && !d->by_command);
    bool exported = !stays || (b && strcmp(b->name, "exec") == 0 && d->fields->count > 1);
    if (!stays)
        sh_save_var(sh, &d->saved_vars, a->name);
    if (sh_set(sh, a->name, value) && exported)
        sh_mark(sh, a->name)->exported = true;
}

/* name=...: what `export` and its like do not split. */
bool sh_word_is_assignment(const struct sh_word *w)
{
    if (!w->count || w->parts[0].kind != PART_LITERAL || w->parts[0].quoted)
        return false;
    size_t n = sh_name_length(w->parts[0].text);
    return n && w->parts[0].text[n] == '=';
}

static enum step begin(struct shell *sh, struct sh_frame *f)
{
    const struct sh_node *n = f->node;
    struct sh_simple *d = proc_alloc(sh->c, sh->p, sizeof *d);
    f->data = d;
    f->state = SIMPLE_WORDS;
    sh->subst_status = -1;
    if (n->assign_count)
        d->values = proc_alloc(sh->c, sh->p, sizeof(char *) * n->assign_count);
    d->fields = sh_expand_words(sh, n->words, n->count, !n->dbracket);
    return STEP_AGAIN;
}

enum step sh_step_simple(struct shell *sh, struct sh_frame *f)
{
    struct sh_simple *d = f->data;
    const struct sh_node *n = f->node;

    switch ((enum simple_state)f->state) {
    case SIMPLE_BEGIN:
        return begin(sh, f);
    case SIMPLE_WORDS:
        undo_command(sh, d);
        return next_part(sh, f, d);
    case SIMPLE_REDIR: {
        char *word = sh_take_result(sh);
        bool ok = redirect(sh, &n->redirs[d->redir++], word, d->opened, d->touched);
        mem_free(&sh->c->mem, word);
        if (sh->jump)
            return STEP_AGAIN;
        if (ok)
            return next_part(sh, f, d);
        sh->status = sh->dialect == DIALECT_DASH ? 2 : 1;
        const struct sh_builtin_info *b = builtin_of(sh, d);
        if (b && b->special && !d->by_command && sh->dialect != DIALECT_BASH) {
            sh_raise(sh, sh->status);
            return STEP_AGAIN;
        }
        return finish(sh, f);
    }
    case SIMPLE_TRACE: {
        char *prefix = sh_take_result(sh);
        sh->in_ps4 = false;
        xtrace(sh, n, d, prefix);
        mem_free(&sh->c->mem, prefix);
        return run_command(sh, f, d);
    }
    case SIMPLE_ASSIGN:
        take_assignment(sh, n, d);
        if (sh->jump)
            return STEP_AGAIN;
        return next_part(sh, f, d);
    case SIMPLE_WAIT:
        return wait_child(sh, f, d);
    case SIMPLE_AFTER:
        return finish(sh, f);
    }
    return STEP_AGAIN;
}

void sh_simple_cleanup(struct shell *sh, struct sh_frame *f)
{
    struct sh_simple *d = f->data;
    const struct sh_node *n = f->node;
    if (!d)
        return;
    restore(sh, d);
    close_opened(sh, d);
    sh_restore_vars(sh, &d->saved_vars);
    if (d->named) {
        mem_free(&sh->c->mem, sh->command);
        sh->command = d->outer_command;
    }
    sh_fields_free(sh, d->fields);
    for (uint32_t i = 0; i < n->assign_count; i++)
        mem_free(&sh->c->mem, d->values[i]);
    mem_free(&sh->c->mem, d->values);
}
