/* shell.c - the shell's step loop: frames, compound commands, traps, exit, fork.
 *
 * Follows busybox ash (shell/ash.c, 1.36) where shells differ; dash and bash differ in messages and
 * in what echo does (enum sh_dialect). Left out on purpose: job control, history, line editing,
 * aliases.
 */
#include "model/shell.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- frames ---- */

struct sh_frame *sh_top(struct shell *sh)
{
    ASSERT(sh->frame_count > 0);
    return &sh->frames[sh->frame_count - 1];
}

/* NULL: too deep; the shell then dies as real ones do. */
struct sh_frame *sh_push(struct shell *sh, enum frame_kind kind, const void *node)
{
    if (sh->frame_count == SH_FRAMES_MAX) {
        report_diag(sh->c, sh->p->container, sh_pos(sh, 0),
                    "the shell's recursion is too deep; a real one runs out of stack here (SIGSEGV)");
        sh->jump = JUMP_EXIT;
        sh->jump_count = 128 + VSIGSEGV;
        return NULL;
    }
    if (sh->frame_count == sh->frame_cap) {
        sh->frame_cap = sh->frame_cap ? sh->frame_cap * 2 : 16;
        sh->frames = mem_grow(&sh->c->mem, &sh->p->mem, sh->frames, sizeof *sh->frames * sh->frame_cap);
    }
    struct sh_frame *f = &sh->frames[sh->frame_count++];
    *f = (struct sh_frame){.kind = (uint8_t)kind, .node = node};
    return f;
}

struct sh_frame *sh_push_node(struct shell *sh, const struct sh_node *node, bool tested, bool exits)
{
    bool redirected = node->redir_count && node->kind != NODE_SIMPLE;
    struct sh_frame *f = sh_push(sh, redirected ? FRAME_REDIR : FRAME_NODE, node);
    if (f) {
        f->tested = tested;
        f->exits = exits && !redirected;
    }
    return f;
}

static void end_call(struct shell *sh, struct sh_frame *f)
{
    struct sh_call *call = f->data;
    sh_restore_vars(sh, &call->saved);
    for (uint32_t i = 0; i < sh->argc; i++)
        mem_free(&sh->c->mem, sh->args[i]);
    mem_free(&sh->c->mem, sh->args);
    sh->args = call->args;
    sh->argc = call->argc;
    sh->call = NULL;
    for (uint32_t i = sh->frame_count - 1; i-- > 0 && !sh->call;)
        if (sh->frames[i].kind == FRAME_CALL)
            sh->call = sh->frames[i].data;
    sh->call_depth--;
}

void sh_pop(struct shell *sh)
{
    struct sh_frame *f = sh_top(sh);
    switch ((enum frame_kind)f->kind) {
    case FRAME_NODE: {
        const struct sh_node *node = f->node;
        if (node->kind == NODE_SIMPLE)
            sh_simple_cleanup(sh, f);
        else if (node->kind == NODE_FOR)
            sh_fields_free(sh, f->data), f->data = NULL;
        break;
    }
    case FRAME_REDIR:
        sh_redir_cleanup(sh, f);
        break;
    case FRAME_CALL:
        end_call(sh, f);
        break;
    case FRAME_SCRIPT:
        sh->script = NULL;
        for (uint32_t i = sh->frame_count - 1; i-- > 0 && !sh->script;)
            if (sh->frames[i].kind == FRAME_SCRIPT)
                sh->script = sh->frames[i].node;
        break;
    case FRAME_WORDS:
    case FRAME_STRING:
    case FRAME_PARTS:
    case FRAME_PARAM:
    case FRAME_ARITH:
    case FRAME_SUBST:
        sh_expand_cleanup(sh, f);
        break;
    case FRAME_TRAP:
    case FRAME_DOT:
    case FRAME_EXIT:
    case FRAME_WAIT:
    case FRAME_READ:
        break;
    }
    mem_free(&sh->c->mem, f->data);
    sh->frame_count--;
}

/* Text under expansion when frames are thrown away belongs to nobody. */
static void drop_texts(struct shell *sh)
{
    while (sh->text) {
        struct sh_text *t = sh->text;
        sh->text = t->below;
        buf_fini(&sh->c->mem, &t->chars);
        buf_fini(&sh->c->mem, &t->attrs);
        mem_free(&sh->c->mem, t);
    }
    mem_free(&sh->c->mem, sh->result);
    sh->result = NULL;
}

/* ---- messages ---- */

struct src_pos sh_pos(struct shell *sh, uint32_t offset)
{
    return script_pos(sh->c, sh->p->container, sh->script ? sh->script->text : NULL, offset);
}

static void error_prefix(struct shell *sh)
{
    if (sh->dialect == DIALECT_BUSYBOX)
        out_printf(sh->c, sh->p, 2, "%s: ", sh->arg0);
    else if (sh->dialect == DIALECT_DASH)
        out_printf(sh->c, sh->p, 2, "%s: %u: ", sh->arg0, sh->line ? sh->line : 1);
    else
        out_printf(sh->c, sh->p, 2, "%s: line %u: ", sh->arg0, sh->line ? sh->line : 1);
}

static void verror(struct shell *sh, const char *format, va_list args)
{
    char text[1024];
    vsnprintf(text, sizeof text, format, args);
    error_prefix(sh);
    out_printf(sh->c, sh->p, 2, "%s\n", text);
}

void sh_error(struct shell *sh, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    verror(sh, format, args);
    va_end(args);
}

void sh_fatal(struct shell *sh, int status, const char *format, ...)
{
    if (sh->jump == JUMP_EXIT)
        return;
    va_list args;
    va_start(args, format);
    verror(sh, format, args);
    va_end(args);
    sh->jump = JUMP_EXIT;
    sh->jump_count = status;
}

static void syntax_error(struct shell *sh, const struct sh_script *s)
{
    char text[300], expecting[120] = "";
    const char *found = s->found ? s->found : "word";

    if (s->expecting)
        snprintf(expecting, sizeof expecting, " (expecting %.100s)", s->expecting);
    if (s->error)
        snprintf(text, sizeof text, "%s", s->error);
    else if (sh->dialect == DIALECT_BUSYBOX)
        snprintf(text, sizeof text, "unexpected %.100s%s", found, expecting);
    else
        snprintf(text, sizeof text, "%.100s unexpected%s", found, expecting);
    if (sh->dialect != DIALECT_BUSYBOX && s->error && text[0] >= 'a' && text[0] <= 'z')
        text[0] = (char)(text[0] - 'a' + 'A');
    sh->line = s->error_line;
    sh_error(sh, "%s: %s", sh->dialect == DIALECT_BUSYBOX ? "syntax error" : "Syntax error", text);
    report_diag(sh->c, sh->p->container, script_pos(sh->c, sh->p->container, s->text, s->error_offset),
                arena_printf(sim_arena(sh->c->sim), "the shell script has a syntax error: %s", text));
}

/* ---- scripts ---- */

struct script_entry {
    struct script_entry *next;
    const struct sh_script *script;
};

/* Each distinct text is parsed once per run. */
static const struct sh_script *parse_cached(struct cri *c, const char *text, size_t length)
{
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < length; i++)
        h = (h ^ (unsigned char)text[i]) * 16777619u;
    struct script_entry **at = &c->scripts[h % SCRIPT_BUCKETS];
    for (; *at; at = &(*at)->next)
        if ((*at)->script->length == length && memcmp((*at)->script->text, text, length) == 0)
            return (*at)->script;
    *at = arena_new(sim_arena(c->sim), struct script_entry);
    (*at)->script = sh_parse(sim_arena(c->sim), text, length);
    return (*at)->script;
}

void sh_push_script(struct shell *sh, const char *text, size_t length, bool exits)
{
    const struct sh_script *script = parse_cached(sh->c, text, length);
    struct sh_frame *f = sh_push(sh, FRAME_SCRIPT, script);
    if (!f)
        return;
    f->exits = exits;
    sh->script = script;
}

static enum step step_script(struct shell *sh, struct sh_frame *f)
{
    const struct sh_script *s = f->node;
    if (f->i < s->count) {
        const struct sh_node *n = s->commands[f->i++];
        bool last = f->i == s->count && !s->failed;
        if (sh->options & OPTION_NOEXEC)
            return STEP_AGAIN;
        sh_push_node(sh, n, false, f->exits && last);
        return STEP_AGAIN;
    }
    if (s->failed) {
        syntax_error(sh, s);
        sh->jump = JUMP_EXIT;
        sh->jump_count = 2;
        return STEP_AGAIN;
    }
    if (s->count == 0)
        sh->status = 0;
    sh_pop(sh);
    return STEP_AGAIN;
}

/* ---- fork ---- */

/* Children that have ended go into the job table, so that they do not stay zombies. */
void sh_reap_jobs(struct shell *sh)
{
    struct proc *z;
    while ((z = proc_zombie(sh->p, 0))) {
        for (uint32_t i = 0; i < sh->job_count; i++) {
            if (sh->jobs[i].pid != z->pid || sh->jobs[i].done)
                continue;
            sh->jobs[i].done = true;
            sh->jobs[i].status = proc_wait_status(z);
        }
        proc_reap(sh->c, z);
    }
}

static void add_job(struct shell *sh, int32_t pid)
{
    if (sh->job_count == SH_JOBS_MAX) { /* forget the oldest that is done, or the oldest */
        uint32_t at = 0;
        while (at < SH_JOBS_MAX - 1 && !sh->jobs[at].done)
            at++;
        memmove(&sh->jobs[at], &sh->jobs[at + 1], sizeof sh->jobs[0] * (SH_JOBS_MAX - 1 - at));
        sh->job_count--;
    }
    if (sh->job_count == sh->job_cap) {
        sh->job_cap = sh->job_cap ? sh->job_cap * 2 : 4;
        sh->jobs = mem_grow(&sh->c->mem, &sh->p->mem, sh->jobs, sizeof *sh->jobs * sh->job_cap);
    }
    sh->jobs[sh->job_count++] = (struct sh_job){.pid = pid};
}

struct proc *sh_fork(struct shell *sh, const struct sh_node *node, struct ofile *const *fds, bool background,
                     bool tested)
{
    struct proc *p = sh->p;
    struct proc_start start = {.program = &program_shell,
                               .parent = p,
                               .container = p->container,
                               .argc = p->argc,
                               .argv = p->argv,
                               .cwd = p->cwd,
                               .fds = fds,
                               .sig_ignored = p->sig_ignored,
                               .umask = p->umask,
                               .uid = p->uid};
    if (background)
        start.sig_ignored |= SIG_BIT(VSIGINT) | SIG_BIT(VSIGQUIT);
    struct proc *child = proc_start(sh->c, &start);
    if (!child) {
        sh_fatal(sh, 2, "can't fork: Resource temporarily unavailable");
        return NULL;
    }
    struct shell *to = child->data;
    to->c = sh->c;
    to->p = child;
    to->begun = true;
    to->subshell = true;
    to->subst_status = -1;
    sh_copy_state(sh, to);
    if (node)
        sh_push_node(to, node, tested, true);
    if (background)
        add_job(sh, child->pid);
    return child;
}

void sh_report_signal(struct shell *sh, int number)
{
    static const char *const texts[] = {
        [VSIGHUP] = "Hangup",
        [VSIGQUIT] = "Quit",
        [VSIGILL] = "Illegal instruction",
        [VSIGABRT] = "Aborted",
        [VSIGFPE] = "Floating point exception",
        [VSIGKILL] = "Killed",
        [VSIGUSR1] = "User defined signal 1",
        [VSIGSEGV] = "Segmentation fault",
        [VSIGUSR2] = "User defined signal 2",
        [VSIGALRM] = "Alarm clock",
        [VSIGTERM] = "Terminated",
    };
    if (number > 0 && number < (int)ARRAY_LEN(texts) && texts[number])
        out_printf(sh->c, sh->p, 2, "%s\n", texts[number]);
}

/* ---- exit ---- */

void sh_exit(struct shell *sh, int status)
{
    sh->jump = JUMP_EXIT;
    sh->jump_count = status;
}

static enum step end_shell(struct shell *sh, int status)
{
    sh->status = status & 0xff;
    const char *trap = sh_trap(sh, 0);
    if (sh->exiting || !trap || !*trap)
        return proc_exit_with(sh->p, status);
    sh->exiting = true;
    struct sh_frame *f = sh_push(sh, FRAME_EXIT, NULL);
    if (!f)
        return proc_exit_with(sh->p, status);
    f->i = (uint32_t)status;
    sh_push_script(sh, trap, strlen(trap), false);
    return STEP_AGAIN;
}

/* break, continue, return and exit throw frames away up to the one they are about. */
static bool jump_lands(struct shell *sh, struct sh_frame *f)
{
    if (f->kind == FRAME_CALL || f->kind == FRAME_DOT || f->kind == FRAME_TRAP) {
        if (sh->jump == JUMP_RETURN) {
            sh->status = sh->jump_count;
            sh->jump = JUMP_NONE;
            sh_pop(sh);
            return true;
        }
        if (sh->jump != JUMP_EXIT && f->kind != FRAME_DOT) {
            sh->jump = JUMP_NONE; /* no loop inside the function: break does nothing */
            return true;
        }
        return false;
    }
    if (f->kind != FRAME_NODE || sh->jump == JUMP_RETURN || sh->jump == JUMP_EXIT)
        return false;
    uint8_t kind = ((const struct sh_node *)f->node)->kind;
    if (kind != NODE_WHILE && kind != NODE_UNTIL && kind != NODE_FOR)
        return false;
    if (--sh->jump_count > 0)
        return false;
    if (sh->jump == JUMP_BREAK)
        sh_pop(sh);
    else
        f->state = kind == NODE_FOR ? 2 : 0; /* the next turn */
    sh->jump = JUMP_NONE;
    return true;
}

static enum step unwind(struct shell *sh)
{
    int status = sh->jump_count;
    bool exit = sh->jump == JUMP_EXIT;

    while (sh->frame_count > 0 && !jump_lands(sh, sh_top(sh)))
        sh_pop(sh);
    if (!sh->jump)
        return STEP_AGAIN;
    drop_texts(sh);
    enum sh_jump jump = sh->jump;
    sh->jump = JUMP_NONE;
    if (exit)
        return end_shell(sh, status);
    if (jump == JUMP_RETURN)
        return end_shell(sh, status); /* return outside a function ends the script */
    return end_shell(sh, sh->status);
}

/* ---- traps ---- */

void sh_set_trap(struct shell *sh, int number, const char *action)
{
    if (!sh->traps && !action)
        return;
    if (!sh->traps)
        sh->traps = proc_alloc(sh->c, sh->p, sizeof *sh->traps * VSIG_COUNT);
    mem_free(&sh->c->mem, sh->traps[number]);
    sh->traps[number] = action ? proc_strdup(sh->c, sh->p, action) : NULL;
}

bool sh_signal_pending(const struct shell *sh) { return sh->p->sig_pending & sh->p->sig_caught; }

/* Between commands only: a shell in a foreground child runs its trap when the child has returned. */
static bool run_trap(struct shell *sh)
{
    int number = proc_take_signal(sh->p);
    const char *action = number ? sh_trap(sh, number) : NULL;
    if (!action || !*action)
        return false;
    struct sh_frame *f = sh_push(sh, FRAME_TRAP, NULL);
    if (!f)
        return true;
    f->i = (uint32_t)sh->status;
    if (sh->p->sig_cause) {
        sim_set_cause(sh->c->sim, sh->p->sig_cause);
        sh->p->sig_cause = 0;
    }
    sh_push_script(sh, action, strlen(action), false);
    return true;
}

static bool may_trap(const struct sh_frame *f)
{
    return f->kind == FRAME_NODE || f->kind == FRAME_SCRIPT || f->kind == FRAME_CALL || f->kind == FRAME_REDIR ||
           f->kind == FRAME_DOT;
}

/* A simple command that runs, a pipeline or subshell that is waited for: not between commands. */
static bool between_commands(const struct sh_frame *f)
{
    if (f->kind != FRAME_NODE)
        return true;
    uint8_t kind = ((const struct sh_node *)f->node)->kind;
    return f->state == 0 || (kind != NODE_SIMPLE && kind != NODE_PIPE && kind != NODE_SUBSHELL);
}

/* ---- compound commands ---- */

void sh_failed_command(struct shell *sh, bool tested)
{
    if (sh->status != 0 && (sh->options & OPTION_ERREXIT) && !tested && !sh->jump)
        sh_exit(sh, sh->status);
}

static enum step step_list(struct shell *sh, struct sh_frame *f, const struct sh_node *n)
{
    if (f->i == n->count) {
        sh_pop(sh);
        return STEP_AGAIN;
    }
    f->state = 1;
    const struct sh_node *next = n->nodes[f->i++];
    bool tested = f->tested;
    sh_push_node(sh, next, tested, f->exits && f->i == n->count);
    return STEP_AGAIN;
}

/* The frame becomes one for `node`. */
static enum step tail(struct shell *sh, struct sh_frame *f, const struct sh_node *node)
{
    bool tested = f->tested, exits = f->exits;
    sh_pop(sh);
    if (node)
        sh_push_node(sh, node, tested, exits);
    return STEP_AGAIN;
}

static enum step step_and_or(struct shell *sh, struct sh_frame *f, const struct sh_node *n)
{
    if (f->state == 0) {
        f->state = 1;
        sh_push_node(sh, n->left, true, false);
        return STEP_AGAIN;
    }
    if ((sh->status == 0) == (n->kind == NODE_AND))
        return tail(sh, f, n->right);
    sh_pop(sh);
    return STEP_AGAIN;
}

static enum step step_not(struct shell *sh, struct sh_frame *f, const struct sh_node *n)
{
    if (f->state == 0) {
        f->state = 1;
        sh_push_node(sh, n->left, true, false);
        return STEP_AGAIN;
    }
    sh->status = !sh->status;
    sh_pop(sh);
    return STEP_AGAIN;
}

static enum step step_if(struct shell *sh, struct sh_frame *f, const struct sh_node *n)
{
    if (f->state == 0) {
        f->state = 1;
        if (n->left)
            sh_push_node(sh, n->left, true, false);
        return STEP_AGAIN;
    }
    const struct sh_node *branch = sh->status == 0 ? n->right : n->other;
    if (!branch)
        sh->status = 0;
    return tail(sh, f, branch);
}

/* States: 0 the condition is next, 1 it has run, 2 the body has run. */
static enum step step_while(struct shell *sh, struct sh_frame *f, const struct sh_node *n)
{
    if (f->state == 2)
        f->i = (uint32_t)sh->status; /* of the body: the loop's own */
    if (f->state != 1) {
        f->state = 1;
        if (n->left)
            sh_push_node(sh, n->left, true, false);
        return STEP_AGAIN;
    }
    if ((sh->status == 0) != (n->kind == NODE_WHILE)) {
        sh->status = (int)f->i;
        sh_pop(sh);
        return STEP_AGAIN;
    }
    f->state = 2;
    if (n->right)
        sh_push_node(sh, n->right, f->tested, false);
    return STEP_AGAIN;
}

static struct sh_fields *params_as_fields(struct shell *sh)
{
    struct sh_fields *fields = proc_alloc(sh->c, sh->p, sizeof *fields);
    for (uint32_t i = 0; i < sh->argc; i++)
        sh_fields_add(sh, fields, proc_strdup(sh->c, sh->p, sh->args[i]));
    return fields;
}

/* States: 0 expand, 1 expanded, 2 next turn. */
static enum step step_for(struct shell *sh, struct sh_frame *f, const struct sh_node *n)
{
    if (f->state == 0) {
        f->state = 1;
        uint32_t own = sh->frame_count - 1;
        struct sh_fields *fields = n->in_words ? sh_expand_words(sh, n->words, n->count, true) : params_as_fields(sh);
        sh->frames[own].data = fields;
        return STEP_AGAIN;
    }
    struct sh_fields *fields = f->data;
    if (f->state == 1) {
        f->state = 2;
        if (!fields->count)
            sh->status = 0;
    }
    if (f->i == fields->count) {
        sh_pop(sh);
        return STEP_AGAIN;
    }
    const char *value = fields->items[f->i++];
    if (!sh_set(sh, n->name, value)) {
        sh_exit(sh, 2);
        return STEP_AGAIN;
    }
    if (n->right)
        sh_push_node(sh, n->right, f->tested, false);
    return STEP_AGAIN;
}

/* data: the subject. States: 0 expand it, 1 take it, 2 expand a pattern, 3 compare. i: item, n: pattern. */
static enum step step_case(struct shell *sh, struct sh_frame *f, const struct sh_node *n)
{
    switch (f->state) {
    case 0:
        f->state = 1;
        sh_expand_string(sh, n->words[0], EXPAND_STRING);
        return STEP_AGAIN;
    case 1:
        f->data = sh_take_result(sh);
        f->state = 2;
        return STEP_AGAIN;
    case 3: {
        char *pattern = sh_take_result(sh);
        bool match = sh_pattern_match(pattern, f->data);
        mem_free(&sh->c->mem, pattern);
        if (match) {
            const struct sh_case_item *item = &n->items[f->i];
            while (item->falls_through && !item->body && f->i + 1 < n->count)
                item = &n->items[++f->i];
            sh->status = 0;
            return tail(sh, f, item->body);
        }
        f->n++;
        f->state = 2;
        return STEP_AGAIN;
    }
    default:
        break;
    }
    while (f->i < n->count && f->n >= n->items[f->i].pattern_count) {
        f->i++;
        f->n = 0;
    }
    if (f->i == n->count) {
        sh->status = 0;
        sh_pop(sh);
        return STEP_AGAIN;
    }
    f->state = 3;
    sh_expand_string(sh, n->items[f->i].patterns[f->n], EXPAND_PATTERN);
    return STEP_AGAIN;
}

static void define_function(struct shell *sh, const struct sh_node *n)
{
    struct sh_function *fn = sh_function_find(sh, n->name);
    if (!fn) {
        fn = proc_alloc(sh->c, sh->p, sizeof *fn);
        fn->name = n->name;
        fn->next = sh->functions;
        sh->functions = fn;
    }
    fn->body = n->left;
    sh->status = 0;
}

static enum step step_subshell(struct shell *sh, struct sh_frame *f, const struct sh_node *n)
{
    if (f->state == 0) {
        if (!n->left) {
            sh->status = 0;
            sh_pop(sh);
            return STEP_AGAIN;
        }
        f->state = 1;
        struct proc *child = sh_fork(sh, n->left, sh->p->fds, false, f->tested);
        if (child)
            f->i = (uint32_t)child->pid;
        return STEP_AGAIN;
    }
    struct proc *zombie = proc_zombie(sh->p, (int32_t)f->i);
    if (!zombie && proc_has_child(sh->p, (int32_t)f->i))
        return proc_block_for(sh->p, WAIT_CHILD, SIM_NEVER);
    sh->status = zombie ? proc_wait_status(zombie) : 0;
    if (zombie) {
        int number = zombie->exit_signal;
        proc_reap(sh->c, zombie);
        sh_report_signal(sh, number);
    }
    bool tested = f->tested;
    sh_pop(sh);
    sh_failed_command(sh, tested);
    return STEP_AGAIN;
}

struct sh_pipeline {
    uint32_t count, done;
    int status;
    int32_t pids[];
};

static bool start_pipeline(struct shell *sh, struct sh_frame *f, const struct sh_node *n)
{
    struct sh_pipeline *d = proc_alloc(sh->c, sh->p, sizeof *d + sizeof(int32_t) * n->count);
    struct ofile *fds[PROC_FDS], *previous = NULL;

    f->data = d;
    d->count = n->count;
    for (uint32_t i = 0; i < n->count; i++) {
        struct ofile *read = NULL, *write = NULL;
        bool last = i + 1 == n->count;
        memcpy(fds, sh->p->fds, sizeof fds);
        if (previous)
            fds[0] = previous;
        if (!last) {
            pipe_new(sh->c, sh->p->container, &read, &write);
            fds[1] = write;
        }
        struct proc *child = sh_fork(sh, n->nodes[i], fds, false, f->tested);
        ofile_unref(sh->c, write);
        ofile_unref(sh->c, previous);
        previous = read;
        if (!child) {
            ofile_unref(sh->c, previous);
            return false;
        }
        d->pids[i] = child->pid;
    }
    return true;
}

static enum step step_pipe(struct shell *sh, struct sh_frame *f, const struct sh_node *n)
{
    if (f->state == 0) {
        f->state = 1;
        start_pipeline(sh, f, n);
        return STEP_AGAIN;
    }
    struct sh_pipeline *d = f->data;
    for (uint32_t i = 0; i < d->count; i++) {
        if (!d->pids[i])
            continue;
        struct proc *zombie = proc_zombie(sh->p, d->pids[i]);
        if (!zombie && proc_has_child(sh->p, d->pids[i]))
            return proc_block_for(sh->p, WAIT_CHILD, SIM_NEVER);
        int status = zombie ? proc_wait_status(zombie) : 0;
        if (i + 1 == d->count ? !(d->status && !status && (sh->options & OPTION_PIPEFAIL))
                              : (sh->options & OPTION_PIPEFAIL) && status)
            d->status = status;
        if (zombie)
            proc_reap(sh->c, zombie);
        d->pids[i] = 0;
    }
    sh->status = d->status;
    bool tested = f->tested;
    sh_pop(sh);
    sh_failed_command(sh, tested);
    return STEP_AGAIN;
}

static enum step step_background(struct shell *sh, const struct sh_node *n)
{
    struct ofile *fds[PROC_FDS], *null = ofile_new(sh->c, OFILE_NULL);
    memcpy(fds, sh->p->fds, sizeof fds);
    fds[0] = null;
    sh_reap_jobs(sh);
    struct proc *child = sh_fork(sh, n->left, fds, true, false);
    ofile_unref(sh->c, null);
    if (child)
        sh->last_background = child->pid;
    sh->status = 0;
    sh_pop(sh);
    return STEP_AGAIN;
}

static enum step step_node(struct shell *sh, struct sh_frame *f)
{
    const struct sh_node *n = f->node;
    sh->line = n->line;
    switch ((enum sh_node_kind)n->kind) {
    case NODE_SIMPLE:
        return sh_step_simple(sh, f);
    case NODE_LIST:
        return step_list(sh, f, n);
    case NODE_AND:
    case NODE_OR:
        return step_and_or(sh, f, n);
    case NODE_NOT:
        return step_not(sh, f, n);
    case NODE_IF:
        return step_if(sh, f, n);
    case NODE_WHILE:
    case NODE_UNTIL:
        return step_while(sh, f, n);
    case NODE_FOR:
        return step_for(sh, f, n);
    case NODE_CASE:
        return step_case(sh, f, n);
    case NODE_GROUP:
        if (!n->left)
            sh->status = 0;
        return tail(sh, f, n->left);
    case NODE_SUBSHELL:
        return step_subshell(sh, f, n);
    case NODE_PIPE:
        return step_pipe(sh, f, n);
    case NODE_BACKGROUND:
        return step_background(sh, n);
    case NODE_FUNCTION:
        define_function(sh, n);
        sh_pop(sh);
        return STEP_AGAIN;
    }
    return STEP_AGAIN;
}

/* ---- the program ---- */

static enum step step_frame(struct shell *sh, struct sh_frame *f)
{
    switch ((enum frame_kind)f->kind) {
    case FRAME_NODE:
        return step_node(sh, f);
    case FRAME_SCRIPT:
        return step_script(sh, f);
    case FRAME_REDIR:
        return sh_step_redir(sh, f);
    case FRAME_TRAP:
        sh->status = (int)f->i;
        sh_pop(sh);
        return STEP_AGAIN;
    case FRAME_EXIT:
        return proc_exit_with(sh->p, (int)f->i);
    case FRAME_CALL:
    case FRAME_DOT:
        sh_pop(sh);
        return STEP_AGAIN;
    case FRAME_WAIT:
        return sh_step_wait(sh, f);
    case FRAME_READ:
        return sh_step_read(sh, f);
    case FRAME_WORDS:
    case FRAME_STRING:
    case FRAME_PARTS:
    case FRAME_PARAM:
    case FRAME_ARITH:
    case FRAME_SUBST:
        break;
    }
    return sh_step_expand(sh, f);
}

static enum step shell_step(struct cri *c, struct proc *p)
{
    struct shell *sh = p->data;
    if (!sh->begun)
        sh_begin(c, p);
    if (sh->jump)
        return unwind(sh);
    if (sh->from_stdin)
        return sh_read_input(sh);
    if (sh->frame_count == 0)
        return end_shell(sh, sh->status);
    struct sh_frame *f = sh_top(sh);
    if (sh_signal_pending(sh) && may_trap(f) && between_commands(f) && run_trap(sh))
        return STEP_AGAIN;
    return step_frame(sh, f);
}

const struct program program_shell = {
    .name = "sh", .step = shell_step, .data_bytes = sizeof(struct shell), .flags = PROGRAM_REAPS};
