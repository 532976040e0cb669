/* shell_builtin.c - commands of the shell itself (POSIX 2.14 and what ash adds). */
#include <stdio.h>
#include <string.h>

#include "model/shell.h"

/* ---- control ---- */

bool sh_is_number(const char *s) { return *s && strspn(s, "0123456789") == strlen(s); }

bool sh_number(struct shell *sh, const char *s, int64_t *ret)
{
    if (sh_is_number(s) && parse_int64(s, ret))
        return true;
    sh_fatal(sh, 2, "Illegal number: %s", s);
    return false;
}

static int status_argument(struct shell *sh, int argc, char **argv, int otherwise)
{
    int64_t n;
    if (argc < 2)
        return otherwise;
    return sh_number(sh, argv[1], &n) ? (int)(n & 0xff) : 2;
}

/* Within a trap, exit without a number means the status before it. */
static int default_exit_status(const struct shell *sh)
{
    for (uint32_t i = sh->frame_count; i-- > 0;)
        if (sh->frames[i].kind == FRAME_TRAP || sh->frames[i].kind == FRAME_EXIT)
            return (int)sh->frames[i].i;
    return sh->status;
}

static int builtin_exit(struct shell *sh, int argc, char **argv)
{
    int status = status_argument(sh, argc, argv, default_exit_status(sh));
    if (!sh->jump)
        sh_exit(sh, status);
    return status;
}

static int builtin_return(struct shell *sh, int argc, char **argv)
{
    int status = status_argument(sh, argc, argv, sh->status);
    if (sh->jump)
        return status;
    sh->jump = JUMP_RETURN;
    sh->jump_count = status;
    return status;
}

static int jump_loop(struct shell *sh, int argc, char **argv, enum sh_jump jump)
{
    int64_t n = 1;
    uint32_t loops = sh_loops(sh);
    if (argc > 1 && !sh_number(sh, argv[1], &n))
        return 2;
    if (n < 1) {
        sh_fatal(sh, 2, "Illegal number: %s", argv[1]);
        return 2;
    }
    if (!loops)
        return 0;
    sh->jump = jump;
    sh->jump_count = n > loops ? (int)loops : (int)n;
    sh->status = 0;
    return 0;
}

static int builtin_break(struct shell *sh, int argc, char **argv) { return jump_loop(sh, argc, argv, JUMP_BREAK); }
static int builtin_continue(struct shell *sh, int argc, char **argv)
{
    return jump_loop(sh, argc, argv, JUMP_CONTINUE);
}
static int builtin_true(struct shell *sh, int argc, char **argv)
{
    (void)sh, (void)argc, (void)argv;
    return 0;
}
static int builtin_false(struct shell *sh, int argc, char **argv)
{
    (void)sh, (void)argc, (void)argv;
    return 1;
}

static int builtin_eval(struct shell *sh, int argc, char **argv)
{
    struct mem_buf b = {0};
    for (int i = 1; i < argc; i++) {
        if (i > 1)
            buf_putc(&sh->c->mem, &sh->p->mem, &b, ' ');
        buf_puts(&sh->c->mem, &sh->p->mem, &b, argv[i]);
    }
    if (!b.len) {
        buf_fini(&sh->c->mem, &b);
        return 0;
    }
    bool tested = sh_top(sh)->tested; /* eval is looked at as what it runs; "." is not */
    struct sh_frame *f = sh_push_script(sh, b.data, b.len, sh->line, false);
    if (f)
        f->tested = tested;
    buf_fini(&sh->c->mem, &b);
    return BUILTIN_PUSHED;
}

/* The parameters of the caller while those of ". file arguments" are there. */
struct sh_dot {
    bool has_args;
    char **args;
    uint32_t argc;
};

void sh_end_dot(struct shell *sh, void *data)
{
    struct sh_dot *d = data;
    if (!d->has_args)
        return;
    for (uint32_t i = 0; i < sh->argc; i++)
        mem_free(&sh->c->mem, sh->args[i]);
    mem_free(&sh->c->mem, sh->args);
    sh->args = d->args;
    sh->argc = d->argc;
}

/* Without a slash, the PATH is searched; owned, or NULL. */
static char *find_dot_file(struct shell *sh, const char *name)
{
    const char *path = sh_get(sh, "PATH");
    struct vnode *n;
    for (const char *s = path ? path : ""; !strchr(name, '/'); s++) {
        size_t len = strcspn(s, ":");
        struct mem_buf b = {0};
        buf_add(&sh->c->mem, &sh->p->mem, &b, s, len);
        if (len)
            buf_putc(&sh->c->mem, &sh->p->mem, &b, '/');
        buf_puts(&sh->c->mem, &sh->p->mem, &b, name);
        if (vfs_find(sh->c, sh->p->container, sh->p->cwd, b.data, &n) == VFS_OK && n->type == VNODE_FILE)
            return b.data;
        buf_fini(&sh->c->mem, &b);
        s += len;
        if (!*s)
            return sh->dialect == DIALECT_BASH ? proc_strdup(sh->c, sh->p, name) : NULL;
    }
    return proc_strdup(sh->c, sh->p, name);
}

static int run_dot_file(struct shell *sh, const char *path, int argc, char **argv)
{
    struct vnode *n = NULL;
    size_t len;
    enum vfs_error e = vfs_find(sh->c, sh->p->container, sh->p->cwd, path, &n);
    if (e == VFS_OK && n->type == VNODE_DIR)
        e = VFS_ISDIR;
    if (e != VFS_OK) {
        sh_fatal(sh, sh->dialect == DIALECT_BASH ? 1 : 2,
                 sh->dialect == DIALECT_DASH ? "cannot open %s: %s" : "can't open '%s': %s", path,
                 e == VFS_NOENT && sh->dialect == DIALECT_DASH ? "No such file" : vfs_error_text(e));
        return 2;
    }
    const char *text = vfs_content(sh->c, sh->p->container, n, &len);
    struct sh_dot *d = proc_alloc(sh->c, sh->p, sizeof *d);
    bool tested = sh->dialect == DIALECT_BASH && sh_top(sh)->tested;
    struct sh_frame *f = sh_push(sh, FRAME_DOT, NULL);
    if (!f)
        return 2;
    f->data = d;
    if (argc > 0) {
        *d = (struct sh_dot){.has_args = true, .args = sh->args, .argc = sh->argc};
        sh->args = NULL;
        sh->argc = 0;
        sh_replace_args(sh, argc, argv);
    }
    if (sh->dialect != DIALECT_BASH)
        sh_set_command(sh, path);
    f = sh_push_script(sh, text, len, 1, false);
    if (f) {
        f->flag = true;
        f->tested = tested;
    }
    return BUILTIN_PUSHED;
}

static int builtin_dot(struct shell *sh, int argc, char **argv)
{
    int i = argc > 1 && strcmp(argv[1], "--") == 0 ? 2 : 1;
    if (i >= argc) {
        if (sh->dialect == DIALECT_BASH)
            sh_error(sh, "filename argument required");
        return 2;
    }
    char *path = find_dot_file(sh, argv[i]);
    if (!path) {
        sh_fatal(sh, 2, "%s: not found", argv[i]);
        return 2;
    }
    int status = run_dot_file(sh, path, sh->dialect == DIALECT_DASH ? 0 : argc - i - 1, argv + i + 1);
    mem_free(&sh->c->mem, path);
    return status;
}

/* ---- exec ---- */

static void exec_failed(struct shell *sh, const char *name, enum lookup why)
{
    int status = why == LOOKUP_NOT_EXECUTABLE || why == LOOKUP_DIRECTORY ? 126 : 127;
    sh_error(sh, "%s: %s", name, status == 126 ? "Permission denied" : "not found");
    sh_exit(sh, status);
}

/* Where the first argument of the builtin that runs stands in its script. */
static uint32_t second_word_offset(struct shell *sh)
{
    const struct sh_frame *f = sh_top(sh);
    const struct sh_node *n = f->kind == FRAME_NODE ? f->node : NULL;
    return !n ? 0 : n->kind == NODE_SIMPLE && n->count > 1 ? n->words[1]->offset : n->offset;
}

static int builtin_exec(struct shell *sh, int argc, char **argv)
{
    struct lookup_result found;
    struct env env;
    const char *arg0 = NULL;
    if (argc > 3 && strcmp(argv[1], "-a") == 0 && sh->dialect != DIALECT_DASH) {
        arg0 = argv[2];
        argc -= 2;
        argv += 2;
    }
    if (argc > 1 && strcmp(argv[1], "--") == 0) {
        argc--;
        argv++;
    }
    if (argc < 2)
        return 0;
    enum lookup why = sh_find_program(sh, argv[1], &found);
    if (why != LOOKUP_FOUND) {
        if (first_report(sh->c, sh->p->container, argv[1]))
            report_diag(sh->c, sh->p->container, sh_pos(sh, second_word_offset(sh)),
                        arena_printf(sim_arena(sh->c->sim), "command not found in image %s: %s",
                                     sh->p->container->pub.config.image, argv[1]));
        exec_failed(sh, argv[1], why);
        return 127;
    }
    sh_export_env(sh, &env);
    sh_drop_saved_fds(sh);
    sh->p->sig_ignored = sh_inherited_ignores(sh);
    for (int i = 1; i < VSIG_COUNT; i++)
        if (sh_trap(sh, i) && !sh_trap(sh, i)[0])
            sh->p->sig_ignored |= SIG_BIT(i);
    if (found.interpreter) {
        char **all = proc_alloc(sh->c, sh->p, sizeof(char *) * (size_t)(argc + 2));
        all[0] = proc_strdup(sh->c, sh->p, found.interpreter);
        all[1] = proc_strdup(sh->c, sh->p, found.path);
        for (int i = 2; i < argc; i++)
            all[i] = argv[i];
        proc_exec(sh->c, sh->p, found.program, argc, all, &env);
    } else {
        if (arg0)
            argv[1] = proc_strdup(sh->c, sh->p, arg0);
        proc_exec(sh->c, sh->p, found.program, argc - 1, argv + 1, &env);
    }
    return BUILTIN_GONE;
}

/* ---- variables ---- */

/* ash.c single_quote, maybe_single_quote. */
void sh_add_quoted(struct shell *sh, struct mem_buf *b, const char *s, bool only_if_needed)
{
    struct mem *heap = &sh->c->mem;
    struct mem_owner *owner = &sh->p->mem;
    bool plain = true;
    for (const char *t = s; *t && plain; t++)
        plain = sh_is_name_char(*t) || strchr("+,-./:@]^", *t);
    if (only_if_needed && plain) {
        buf_puts(heap, owner, b, s);
        return;
    }
    do {
        size_t n = strcspn(s, "'");
        buf_putc(heap, owner, b, '\'');
        buf_add(heap, owner, b, s, n);
        buf_putc(heap, owner, b, '\'');
        s += n;
        n = strspn(s, "'");
        if (n) {
            buf_putc(heap, owner, b, '"');
            buf_add(heap, owner, b, s, n);
            buf_putc(heap, owner, b, '"');
        }
        s += n;
    } while (*s);
}

static void print_var(struct shell *sh, const char *prefix, const char *name, const char *value)
{
    struct mem_buf b = {0};
    buf_puts(&sh->c->mem, &sh->p->mem, &b, prefix);
    buf_puts(&sh->c->mem, &sh->p->mem, &b, name);
    if (value) {
        buf_putc(&sh->c->mem, &sh->p->mem, &b, '=');
        sh_add_quoted(sh, &b, value, false);
    }
    buf_puts(&sh->c->mem, &sh->p->mem, &b, "\n");
    fd_write(sh->c, sh->p, 1, b.data, b.len);
    buf_fini(&sh->c->mem, &b);
}

/* Those that `set` shows beside the variables, in order. */
static uint32_t print_computed(struct shell *sh, uint32_t next, const char *before)
{
    static const char *const names[] = {"FUNCNAME", "LINENO", "PPID"};
    char scratch[24];
    for (; next < ARRAY_LEN(names) && (!before || strcmp(names[next], before) < 0); next++) {
        bool shown = strcmp(names[next], "PPID") == 0;
        if (sh->dialect == DIALECT_BUSYBOX || shown)
            print_var(sh, "", names[next], shown ? sh_param(sh, "PPID", scratch) : "");
    }
    return next;
}

static void print_vars(struct shell *sh, const char *prefix, bool exported, bool readonly)
{
    struct sh_var **sorted;
    uint32_t n = sh_vars_sorted(sh, &sorted), computed = 0;
    for (uint32_t i = 0; i < n; i++) {
        if ((exported && !sorted[i]->exported) || (readonly && !sorted[i]->readonly))
            continue;
        if (!exported && !readonly && !sorted[i]->value)
            continue;
        if (!*prefix)
            computed = print_computed(sh, computed, sorted[i]->name);
        print_var(sh, prefix, sorted[i]->name, sorted[i]->value);
    }
    if (!*prefix)
        print_computed(sh, computed, NULL);
    mem_free(&sh->c->mem, sorted);
}

void sh_print_all_vars(struct shell *sh) { print_vars(sh, "", false, false); }

static void bad_name(struct shell *sh, const char *arg)
{
    int n = sh->dialect == DIALECT_BUSYBOX ? (int)strcspn(arg, "=") : (int)strlen(arg);
    sh_fatal(sh, 2, "%.*s: bad variable name", n, arg);
}

/* The letters of options at the start of the arguments, each handed to `flags`; the index behind them, or -1: an
 * option that `known` does not have (raised). */
static int take_options(struct shell *sh, int argc, char **argv, const char *known, char *flags)
{
    int i = 1;
    size_t count = 0;
    for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
        if (strcmp(argv[i], "--") == 0) {
            i++;
            break;
        }
        for (const char *s = argv[i] + 1; *s; s++) {
            if (!strchr(known, *s)) {
                sh_fatal(sh, 2, sh->dialect == DIALECT_DASH ? "Illegal option -%c" : "illegal option -%c", *s);
                return -1;
            }
            if (count < 7)
                flags[count++] = *s;
        }
    }
    flags[count] = '\0';
    return i;
}

/* export and readonly: name[=value] ... */
static int mark_vars(struct shell *sh, int argc, char **argv, bool export)
{
    char flags[8];
    int i = take_options(sh, argc, argv, "np", flags);
    if (i < 0)
        return 2;
    bool remove = strchr(flags, 'n') != NULL;
    if (i == argc)
        print_vars(sh, export ? "export " : "readonly ", export, !export);
    for (; i < argc; i++) {
        size_t n = sh_name_length(argv[i]);
        if (!n || (argv[i][n] && argv[i][n] != '=')) {
            bad_name(sh, argv[i]);
            return 2;
        }
        char *name = mem_strndup(&sh->c->mem, &sh->p->mem, argv[i], n);
        if (argv[i][n] && !sh_set(sh, name, argv[i] + n + 1)) {
            mem_free(&sh->c->mem, name);
            return 2;
        }
        struct sh_var *v = sh_mark(sh, name);
        if (v && export)
            v->exported = !remove;
        else if (v)
            v->readonly = true;
        mem_free(&sh->c->mem, name);
    }
    return 0;
}

static int builtin_export(struct shell *sh, int argc, char **argv) { return mark_vars(sh, argc, argv, true); }
static int builtin_readonly(struct shell *sh, int argc, char **argv) { return mark_vars(sh, argc, argv, false); }

static int builtin_unset(struct shell *sh, int argc, char **argv)
{
    char flags[8];
    int i = take_options(sh, argc, argv, "vf", flags);
    if (i < 0)
        return 2;
    bool functions = flags[0] && flags[strlen(flags) - 1] == 'f';
    for (; i < argc; i++) {
        if (functions) {
            for (struct sh_function **at = &sh->functions; *at; at = &(*at)->next) {
                if (strcmp((*at)->name, argv[i]) == 0) {
                    *at = (*at)->next;
                    break;
                }
            }
        } else if (!argv[i][0] || sh_name_length(argv[i]) != strlen(argv[i])) {
            bad_name(sh, argv[i]);
            return 2;
        } else if (!sh_unset(sh, argv[i])) {
            return 2;
        }
    }
    return 0;
}

static bool is_local(const struct shell *sh, const char *name)
{
    for (const struct sh_saved *s = sh->call->saved; s; s = s->next)
        if (strcmp(s->name, name) == 0)
            return true;
    return false;
}

static int builtin_local(struct shell *sh, int argc, char **argv)
{
    if (!sh->call) {
        sh_fatal(sh, 2, "not in a function");
        return 2;
    }
    for (int i = 1; i < argc; i++) {
        size_t n = sh_name_length(argv[i]);
        if (strcmp(argv[i], "-") == 0) {
            sh->call->keeps_options = true;
            continue;
        }
        if (!n || (argv[i][n] && argv[i][n] != '=')) {
            bad_name(sh, argv[i]);
            return 2;
        }
        char *name = mem_strndup(&sh->c->mem, &sh->p->mem, argv[i], n);
        bool again = is_local(sh, name);
        sh_save_var(sh, &sh->call->saved, name);
        struct sh_var *v = sh_mark(sh, name);
        if (argv[i][n])
            sh_set(sh, name, argv[i] + n + 1);
        else if (v && v->readonly && sh->dialect == DIALECT_BUSYBOX)
            sh_fatal(sh, 2, "%s: is read only", name);
        else if (!again && sh->dialect != DIALECT_DASH && v) { /* dash leaves the caller's value */
            mem_free(&sh->c->mem, v->value);
            v->value = NULL;
        }
        mem_free(&sh->c->mem, name);
    }
    return 0;
}

static int builtin_shift(struct shell *sh, int argc, char **argv)
{
    int64_t n = 1;
    if (argc > 1 && !sh_number(sh, argv[1], &n))
        return 2;
    if (n > sh->argc) {
        if (sh->dialect == DIALECT_DASH)
            sh_fatal(sh, 2, "can't shift that many");
        return 1;
    }
    for (int64_t i = 0; i < n; i++)
        mem_free(&sh->c->mem, sh->args[i]);
    memmove(sh->args, sh->args + n, sizeof(char *) * (sh->argc - (size_t)n));
    sh->argc -= (uint32_t)n;
    if (sh->dialect == DIALECT_BUSYBOX) {
        sh->optind = 1;
        sh->optchar = 0;
    }
    return 0;
}

static int builtin_let(struct shell *sh, int argc, char **argv)
{
    int64_t v = 0;
    const char *error;
    if (argc < 2)
        sh_fatal(sh, 2, "expression expected");
    for (int i = 1; i < argc; i++)
        if (sh_arith(sh, argv[i], &v, &error) != 0) {
            if (!sh->jump)
                sh_fatal(sh, 2, "%s", error);
            return 2;
        }
    return v == 0;
}

/* ---- output and tests ---- */

static int builtin_echo(struct shell *sh, int argc, char **argv)
{
    char name[300];
    sh_applet_prefix(sh, argv[0], name, sizeof name);
    return print_echo(sh->c, sh->p, name, argc, argv, sh->dialect);
}

static int builtin_printf(struct shell *sh, int argc, char **argv)
{
    char name[300];
    sh_applet_prefix(sh, argv[0], name, sizeof name);
    return print_printf(sh->c, sh->p, name, argc, argv);
}

static int builtin_test(struct shell *sh, int argc, char **argv)
{
    bool bracket = argv[0][0] == '[', two = bracket && argv[0][1] == '[';
    char name[300];
    sh_applet_prefix(sh, argv[0], name, sizeof name);
    if (bracket && (argc < 2 || strcmp(argv[argc - 1], two ? "]]" : "]") != 0)) {
        out_printf(sh->c, sh->p, 2, "%s: missing ]%s\n", name, two ? "]" : "");
        return 2;
    }
    return test_evaluate(sh->c, sh->p, name, argc - 1 - bracket, argv + 1, two, sh->dialect == DIALECT_DASH);
}

static int builtin_times(struct shell *sh, int argc, char **argv)
{
    (void)argc, (void)argv;
    out_puts(sh->c, sh->p, 1, "0m0.00s 0m0.00s\n0m0.00s 0m0.00s\n");
    return 0;
}

static int builtin_no_job(struct shell *sh, int argc, char **argv)
{
    (void)argc, (void)argv;
    sh_fatal(sh, 2, "No current job");
    return 2;
}

/* ---- the table ---- */

/* ash.c builtintab. */
static const struct sh_builtin_info builtins[] = {
    /* name, function, special, takes assignments, not in dash */
    {".", builtin_dot, true, false, false},
    {":", builtin_true, true, false, false},
    {"[", builtin_test, false, false, false},
    {"[[", builtin_test, false, false, true},
    {"alias", builtin_alias, false, true, false},
    {"bg", builtin_no_job, false, false, false},
    {"break", builtin_break, true, false, false},
    {"cd", builtin_cd, false, false, false},
    {"chdir", builtin_cd, false, false, false},
    {"command", builtin_command, false, false, false},
    {"continue", builtin_continue, true, false, false},
    {"echo", builtin_echo, false, false, false},
    {"eval", builtin_eval, true, false, false},
    {"exec", builtin_exec, true, false, false},
    {"exit", builtin_exit, true, false, false},
    {"export", builtin_export, true, true, false},
    {"false", builtin_false, false, false, false},
    {"fg", builtin_no_job, false, false, false},
    {"getopts", builtin_getopts, false, false, false},
    {"hash", builtin_hash, false, false, false},
    {"jobs", builtin_jobs, false, false, false},
    {"kill", builtin_kill, false, false, false},
    {"let", builtin_let, false, false, true},
    {"local", builtin_local, true, true, false},
    {"printf", builtin_printf, false, false, false},
    {"pwd", builtin_pwd, false, false, false},
    {"read", builtin_read, false, false, false},
    {"readonly", builtin_readonly, true, true, false},
    {"return", builtin_return, true, false, false},
    {"set", builtin_set, true, false, false},
    {"shift", builtin_shift, true, false, false},
    {"source", builtin_dot, true, false, true},
    {"test", builtin_test, false, false, false},
    {"times", builtin_times, true, false, false},
    {"trap", builtin_trap, true, false, false},
    {"true", builtin_true, false, false, false},
    {"type", builtin_type, false, false, false},
    {"ulimit", builtin_ulimit, false, false, false},
    {"umask", builtin_umask, false, false, false},
    {"unalias", builtin_unalias, false, false, false},
    {"unset", builtin_unset, true, false, false},
    {"wait", builtin_wait, false, false, false},
};

static const struct sh_builtin_info *find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(builtins); i++)
        if (builtins[i].name[0] == name[0] && strcmp(builtins[i].name, name) == 0)
            return &builtins[i];
    return NULL;
}

bool sh_is_special_builtin(const char *name)
{
    const struct sh_builtin_info *b = find(name);
    return b && b->special;
}

const struct sh_builtin_info *sh_builtin_find(const struct shell *sh, const char *name)
{
    const struct sh_builtin_info *b = find(name);
    return b && b->not_dash && sh->dialect == DIALECT_DASH ? NULL : b;
}
