/* shell.c - the shell's step loop: frames, compound commands, traps, exit.
 *
 * Follows busybox ash (shell/ash.c, 1.35) where shells differ; dash and bash differ in messages and
 * in some of the language (enum sh_dialect). Left out on purpose: job control, history, line editing.
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
        sh_exit(sh, 128 + VSIGSEGV);
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
    if (call->keeps_options)
        sh->options = call->options;
    sh->optind = call->optind;
    sh->optchar = call->optchar;
    sh->line_base = f->n;
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
        sh->line_base = f->n;
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
        if (f->flag)
            sh->in_err_trap = false;
        break;
    case FRAME_DOT:
        sh_end_dot(sh, f->data);
        break;
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

static struct src_pos place_of(const struct shell *sh, const char *text, uint32_t offset)
{
    const struct proc *first = sh->p;
    while (first->parent && !first->exec && !first->main)
        first = first->parent;
    return script_pos(sh->c, sh->p->container, text, offset, first->exec != NULL);
}

struct src_pos sh_pos(struct shell *sh, uint32_t offset)
{
    return place_of(sh, sh->script ? sh->script->text : NULL, offset);
}

void sh_limit_reached(struct shell *sh, const char *error, const char *limit)
{
    if (sh->jump != JUMP_EXIT && sh->jump != JUMP_ERROR && first_report(sh->c, sh->p->container, limit))
        report_diag(sh->c, sh->p->container, sh_pos(sh, 0), arena_strdup(sim_arena(sh->c->sim), limit));
    sh_fatal(sh, 2, "%s", error);
}

void sh_set_command(struct shell *sh, const char *name)
{
    char *copy = name ? proc_strdup(sh->c, sh->p, name) : NULL;
    mem_free(&sh->c->mem, sh->command);
    sh->command = copy;
}

/* ash.c ash_vmsg: the line only with a command or script. */
static void error_prefix(struct shell *sh)
{
    bool named = sh->command && strcmp(sh->command, sh->arg0) != 0;
    out_printf(sh->c, sh->p, 2, "%s: ", sh->arg0);
    if (sh->dialect == DIALECT_BUSYBOX) {
        if (named)
            out_printf(sh->c, sh->p, 2, "%s: ", sh->command);
        if (sh->command)
            out_printf(sh->c, sh->p, 2, "line %u: ", sh->line);
        return;
    }
    out_printf(sh->c, sh->p, 2, sh->dialect == DIALECT_DASH ? "%u: " : "line %u: ", sh->line ? sh->line : 1);
    if (named)
        out_printf(sh->c, sh->p, 2, "%s: ", sh->command);
}

void sh_applet_prefix(const struct shell *sh, const char *command, char *buffer, size_t bytes)
{
    const char *program = sh->p->argc ? sh->p->argv[0] : "sh", *slash = strrchr(program, '/');
    if (sh->dialect == DIALECT_BUSYBOX)
        snprintf(buffer, bytes, "%.200s", slash ? slash + 1 : program);
    else
        snprintf(buffer, bytes, sh->dialect == DIALECT_DASH ? "%.200s: %u: %s" : "%.200s: line %u: %s", sh->arg0,
                 sh->line ? sh->line : 1, command);
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

void sh_applet_error(struct shell *sh, const char *format, ...)
{
    char prefix[300], text[1024];
    va_list args;
    sh_applet_prefix(sh, sh->command ? sh->command : "sh", prefix, sizeof prefix);
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    out_printf(sh->c, sh->p, 2, "%s: %s\n", prefix, text);
}

void sh_raise(struct shell *sh, int status)
{
    if (sh->jump == JUMP_EXIT)
        return;
    sh->jump = JUMP_ERROR;
    sh->jump_count = status;
}

void sh_fatal(struct shell *sh, int status, const char *format, ...)
{
    if (sh->jump == JUMP_EXIT || sh->jump == JUMP_ERROR)
        return;
    va_list args;
    va_start(args, format);
    verror(sh, format, args);
    va_end(args);
    sh_raise(sh, status);
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
    sh->line = sh->line_base + s->error_line - 1;
    sh_error(sh, "%s: %s", sh->dialect == DIALECT_BUSYBOX ? "syntax error" : "Syntax error", text);
    report_diag(sh->c, sh->p->container, place_of(sh, s->text, s->error_offset),
                arena_printf(sim_arena(sh->c->sim), "the shell script has a syntax error: %s", text));
}

/* ---- scripts ---- */

struct script_entry {
    struct script_entry *next;
    const struct sh_script *script;
};

/* Each distinct text is parsed once per run, unless aliases change what it means. */
static const struct sh_script *parse_cached(struct shell *sh, const char *text, size_t length)
{
    struct cri *c = sh->c;
    uint32_t h = 2166136261u + sh->dialect;
    for (size_t i = 0; i < length; i++)
        h = (h ^ (unsigned char)text[i]) * 16777619u;
    struct script_entry **at = &c->scripts[h % SCRIPT_BUCKETS];
    for (; *at; at = &(*at)->next)
        if ((*at)->script->length == length && (*at)->script->dialect == sh->dialect &&
            memcmp((*at)->script->text, text, length) == 0)
            return (*at)->script;
    *at = arena_new(sim_arena(c->sim), struct script_entry);
    (*at)->script = sh_parse(sim_arena(c->sim), text, length, sh->dialect);
    return (*at)->script;
}

struct sh_frame *sh_push_script(struct shell *sh, const char *text, size_t length, uint32_t line_base, bool exits)
{
    const struct sh_script *script = parse_cached(sh, text, length);
    if (sh->aliases)
        script = sh_parse_rest(sh, script, 0);
    struct sh_frame *f = sh_push(sh, FRAME_SCRIPT, script);
    if (!f)
        return NULL;
    f->exits = exits;
    f->state = sh->alias_version;
    f->n = sh->line_base;
    sh->line_base = line_base;
    sh->script = script;
    return f;
}

/* set -v: the lines that have been read since the command before. */
static void show_input(struct shell *sh, const struct sh_script *s, uint32_t from, uint32_t to)
{
    if ((sh->options & OPTION_VERBOSE) && to > from)
        fd_write(sh->c, sh->p, 2, s->text + from, to - from);
}

static enum step step_script(struct shell *sh, struct sh_frame *f)
{
    const struct sh_script *s = f->node;
    uint32_t before = f->i ? s->ends[f->i - 1] : s->from;

    if (f->state != sh->alias_version) { /* what has not been read yet is read with other aliases */
        f->state = sh->alias_version;
        f->node = sh->script = s = sh_parse_rest(sh, s, before);
        f->i = 0;
    }
    if (f->i < s->count) {
        if (f->flag)
            show_input(sh, s, before, s->ends[f->i]);
        const struct sh_node *n = s->commands[f->i++];
        bool last = f->i == s->count && !s->failed;
        if (sh->options & OPTION_NOEXEC)
            return STEP_AGAIN;
        sh_push_node(sh, n, f->tested, f->exits && last);
        return STEP_AGAIN;
    }
    if (f->flag)
        show_input(sh, s, before, (uint32_t)s->length);
    if (s->failed) {
        syntax_error(sh, s);
        sh_raise(sh, 2);
        return STEP_AGAIN;
    }
    if (s->count == 0 && !before)
        sh->status = 0;
    sh_pop(sh);
    return STEP_AGAIN;
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
    const char *trap = sh->traps_shown ? NULL : sh_trap(sh, SH_TRAP_EXIT);
    if (sh->exiting || !trap || !*trap)
        return proc_exit_with(sh->p, status);
    sh->exiting = true;
    struct sh_frame *f = sh_push(sh, FRAME_EXIT, NULL);
    if (!f)
        return proc_exit_with(sh->p, status);
    f->i = (uint32_t)status;
    sh_push_script(sh, trap, strlen(trap), sh->line, false);
    return STEP_AGAIN;
}

static bool is_loop(const struct sh_frame *f)
{
    if (f->kind != FRAME_NODE)
        return false;
    uint8_t kind = ((const struct sh_node *)f->node)->kind;
    return kind == NODE_WHILE || kind == NODE_UNTIL || kind == NODE_FOR;
}

/* To ash, loops go on within functions, traps and subshells; elsewhere a function hides them. */
uint32_t sh_loops(const struct shell *sh)
{
    uint32_t n = 0;
    for (uint32_t i = sh->frame_count; i-- > 0;) {
        const struct sh_frame *f = &sh->frames[i];
        if (f->kind == FRAME_CALL && sh->dialect != DIALECT_BUSYBOX)
            return n;
        n += is_loop(f);
    }
    return n + sh->loops_outside;
}

/* break, continue, return, exit and errors throw frames away up to the one they are about. */
static bool jump_lands(struct shell *sh, struct sh_frame *f)
{
    if (sh->jump == JUMP_ERROR && sh_catches_errors(f)) {
        sh->jump = JUMP_NONE;
        sh->status = sh->jump_count;
        return true;
    }
    if (sh->jump == JUMP_RETURN && (f->kind == FRAME_CALL || f->kind == FRAME_DOT)) {
        sh->status = sh->jump_count;
        sh->jump = JUMP_NONE;
        sh_pop(sh);
        return true;
    }
    if (sh->jump != JUMP_BREAK && sh->jump != JUMP_CONTINUE)
        return false;
    if (f->kind == FRAME_TRAP)
        sh->status = (int)f->i;
    if (!is_loop(f) || --sh->jump_count > 0)
        return false;
    if (sh->jump == JUMP_BREAK)
        sh_pop(sh);
    else
        f->state = ((const struct sh_node *)f->node)->kind == NODE_FOR ? 2 : 0; /* the next turn */
    sh->jump = JUMP_NONE;
    return true;
}

static enum step unwind(struct shell *sh)
{
    while (sh->frame_count > 0 && !jump_lands(sh, sh_top(sh)))
        sh_pop(sh);
    drop_texts(sh);
    if (!sh->jump)
        return STEP_AGAIN;
    bool loop = sh->jump == JUMP_BREAK || sh->jump == JUMP_CONTINUE; /* of a loop outside of this subshell */
    int status = loop ? sh->status : sh->jump_count;
    sh->jump = JUMP_NONE;
    return end_shell(sh, status);
}

/* ---- traps ---- */

void sh_set_trap(struct shell *sh, int number, const char *action)
{
    if (!sh->traps && !action)
        return;
    if (!sh->traps)
        sh->traps = proc_alloc(sh->c, sh->p, sizeof *sh->traps * SH_TRAP_COUNT);
    mem_free(&sh->c->mem, sh->traps[number]);
    sh->traps[number] = action ? proc_strdup(sh->c, sh->p, action) : NULL;
}

bool sh_signal_pending(const struct shell *sh) { return sh->p->sig_pending & sh->p->sig_caught; }

/* The trap of the lowest of the signals that are due. */
static bool push_due_trap(struct shell *sh)
{
    while (sh->traps_due) {
        int number = __builtin_ctzll(sh->traps_due);
        const char *action = sh_trap(sh, number);
        sh->traps_due &= ~SIG_BIT(number);
        if (!action || !*action)
            continue;
        struct sh_frame *f = sh_push(sh, FRAME_TRAP, NULL);
        if (!f)
            return true;
        f->i = (uint32_t)sh->status;
        sh_push_script(sh, action, strlen(action), sh->line, false);
        return true;
    }
    return false;
}

/* ash.c raise_interrupt: it kills itself with the signal, which PID 1 survives; then it exits. */
static void interrupted(struct shell *sh)
{
    if (proc_is_init(sh->p))
        sh_exit(sh, 128 + VSIGINT);
    else
        proc_end(sh->c, sh->p, 0, VSIGINT);
}

/* Between commands only: a shell in a foreground child runs its traps when the child has returned, one after the
 * other (ash.c dotrap). */
static bool run_traps(struct shell *sh)
{
    for (int number; (number = proc_take_signal(sh->p));)
        sh->traps_due |= SIG_BIT(number);
    if ((sh->traps_due & SIG_BIT(VSIGINT)) && !sh_trap(sh, VSIGINT)) {
        sh->traps_due &= ~SIG_BIT(VSIGINT);
        interrupted(sh);
        return true;
    }
    if (sh->p->sig_cause && sh->traps_due) {
        sim_set_cause(sh->c->sim, sh->p->sig_cause);
        sh->p->sig_cause = 0;
    }
    return push_due_trap(sh);
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

/* ash.c evaltree: the trap on ERR, which functions do not inherit, comes before the exit of set -e. */
static bool run_err_trap(struct shell *sh)
{
    const char *action = sh_trap(sh, SH_TRAP_ERR);
    if (!action || !*action || sh->in_err_trap || (sh->call && !(sh->options & OPTION_ERRTRACE)))
        return false;
    struct sh_frame *f = sh_push(sh, FRAME_TRAP, NULL);
    if (!f)
        return true;
    f->i = (uint32_t)sh->status;
    f->flag = sh->in_err_trap = true;
    sh_push_script(sh, action, strlen(action), sh->line, false);
    return true;
}

void sh_failed_command(struct shell *sh, bool tested)
{
    if (sh->status == 0 || tested || sh->jump || run_err_trap(sh))
        return;
    if (sh->options & OPTION_ERREXIT)
        sh_exit(sh, sh->status);
}

static enum step step_trap(struct shell *sh, struct sh_frame *f)
{
    bool failed = f->flag;
    sh->status = (int)f->i;
    sh_pop(sh);
    if (!failed && push_due_trap(sh))
        return STEP_AGAIN;
    if (failed && (sh->options & OPTION_ERREXIT))
        sh_exit(sh, sh->status);
    return STEP_AGAIN;
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
    if (!sh_set(sh, n->name, value))
        return STEP_AGAIN;
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
    fn->line_base = sh->line_base;
    sh->status = 0;
}

static enum step step_node(struct shell *sh, struct sh_frame *f)
{
    const struct sh_node *n = f->node;
    sh->line = sh->line_base + n->line - 1;
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
        return sh_step_subshell(sh, f, n);
    case NODE_PIPE:
        return sh_step_pipe(sh, f, n);
    case NODE_BACKGROUND:
        return sh_step_background(sh, n);
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
        return step_trap(sh, f);
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
    if (sh_signal_pending(sh) && may_trap(f) && between_commands(f) && run_traps(sh))
        return STEP_AGAIN;
    return step_frame(sh, f);
}

const struct program program_shell = {
    .name = "sh", .step = shell_step, .data_bytes = sizeof(struct shell), .flags = PROGRAM_REAPS};
