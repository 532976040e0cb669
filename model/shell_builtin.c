/* shell_builtin.c - commands of the shell itself (POSIX 2.14 and what ash adds). */
#include <stdio.h>
#include <string.h>

#include "model/shell.h"

/* ---- control ---- */

static int status_argument(struct shell *sh, int argc, char **argv, int otherwise)
{
    int64_t n;
    if (argc < 2)
        return otherwise;
    if (!parse_int64(argv[1], &n) || n < 0) {
        sh_fatal(sh, 2, sh->dialect == DIALECT_DASH ? "%s: Illegal number: %s" : "%s: invalid number '%s'", argv[0],
                 argv[1]);
        return 2;
    }
    return (int)(n & 0xff);
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

static bool in_loop(const struct shell *sh)
{
    for (uint32_t i = sh->frame_count; i-- > 0;) {
        const struct sh_frame *f = &sh->frames[i];
        if (f->kind == FRAME_CALL || f->kind == FRAME_TRAP)
            return false;
        if (f->kind != FRAME_NODE)
            continue;
        uint8_t kind = ((const struct sh_node *)f->node)->kind;
        if (kind == NODE_WHILE || kind == NODE_UNTIL || kind == NODE_FOR)
            return true;
    }
    return false;
}

static int jump_loop(struct shell *sh, int argc, char **argv, enum sh_jump jump)
{
    int64_t n = 1;
    if (argc > 1 && (!parse_int64(argv[1], &n) || n < 1)) {
        sh_fatal(sh, 2, "%s: Illegal number: %s", argv[0], argv[1]);
        return 2;
    }
    if (!in_loop(sh))
        return 0;
    sh->jump = jump;
    sh->jump_count = n > 1000 ? 1000 : (int)n;
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
    sh_push_script(sh, b.data, b.len, false);
    buf_fini(&sh->c->mem, &b);
    return BUILTIN_PUSHED;
}

static int builtin_dot(struct shell *sh, int argc, char **argv)
{
    struct vnode *n = NULL;
    size_t len;
    if (argc < 2) {
        sh_fatal(sh, 2, ".: filename argument required");
        return 2;
    }
    enum vfs_error e = vfs_find(sh->c, sh->p->container, sh->p->cwd, argv[1], &n);
    if (e != VFS_OK || n->type == VNODE_DIR) {
        sh_fatal(sh, sh->dialect == DIALECT_BASH ? 1 : 2,
                 sh->dialect == DIALECT_DASH ? ".: cannot open %s: %s" : ".: can't open '%s': %s", argv[1],
                 e == VFS_NOENT && sh->dialect == DIALECT_DASH ? "No such file"
                                                               : vfs_error_text(e == VFS_OK ? VFS_ISDIR : e));
        return 2;
    }
    const char *text = vfs_content(sh->c, sh->p->container, n, &len);
    if (!sh_push(sh, FRAME_DOT, NULL))
        return 2;
    sh->status = 0;
    sh_push_script(sh, text, len, false);
    return BUILTIN_PUSHED;
}

/* ---- exec, command, type ---- */

static void exec_failed(struct shell *sh, const char *name, enum lookup why)
{
    int status = why == LOOKUP_NOT_EXECUTABLE || why == LOOKUP_DIRECTORY ? 126 : 127;
    sh_fatal(sh, status, "exec: %s: %s", name, status == 126 ? "Permission denied" : "not found");
}

static int builtin_exec(struct shell *sh, int argc, char **argv)
{
    struct lookup_result found;
    struct env env;
    if (argc < 2)
        return 0;
    enum lookup why = sh_find_program(sh, argv[1], &found);
    if (why != LOOKUP_FOUND) {
        if (first_report(sh->c, sh->p->container, argv[1]))
            report_diag(sh->c, sh->p->container, sh_pos(sh, 0),
                        arena_printf(sim_arena(sh->c->sim), "command not found in image %s: %s",
                                     sh->p->container->pub.config.image, argv[1]));
        exec_failed(sh, argv[1], why);
        return 127;
    }
    sh_export_env(sh, &env);
    sh_drop_saved_fds(sh);
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
        proc_exec(sh->c, sh->p, found.program, argc - 1, argv + 1, &env);
    }
    return BUILTIN_GONE;
}

static const char *what_is(struct shell *sh, const char *name, struct lookup_result *found)
{
    static const char *const reserved[] = {"if",    "then",  "else", "elif", "fi", "do", "done", "case",    "esac",
                                           "while", "until", "for",  "{",    "}",  "!",  "in",   "function"};
    for (size_t i = 0; i < ARRAY_LEN(reserved); i++)
        if (strcmp(name, reserved[i]) == 0)
            return "keyword";
    if (sh_function_find(sh, name))
        return "function";
    if (sh_builtin_find(name))
        return "builtin";
    return sh_find_program(sh, name, found) == LOOKUP_FOUND ? "file" : NULL;
}

static int builtin_type(struct shell *sh, int argc, char **argv)
{
    int status = 0;
    for (int i = 1; i < argc; i++) {
        struct lookup_result found;
        const char *what = what_is(sh, argv[i], &found);
        if (!what) {
            out_printf(sh->c, sh->p, 1, "%s: not found\n", argv[i]);
            status = 127;
        } else if (strcmp(what, "file") == 0) {
            out_printf(sh->c, sh->p, 1, "%s is %s\n", argv[i], found.path);
        } else {
            out_printf(sh->c, sh->p, 1, "%s is a shell %s\n", argv[i], what);
        }
    }
    return status;
}

static int builtin_command(struct shell *sh, int argc, char **argv)
{
    int i = 1;
    bool verbose = false, path = false;
    for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
        verbose |= strchr(argv[i], 'V') != NULL;
        path |= strchr(argv[i], 'v') != NULL;
    }
    if (i >= argc)
        return 0;
    if (verbose)
        return builtin_type(sh, argc - i + 1, argv + i - 1);
    if (path) {
        struct lookup_result found;
        const char *what = what_is(sh, argv[i], &found);
        if (!what)
            return 127;
        out_printf(sh->c, sh->p, 1, "%s\n", strcmp(what, "file") == 0 ? found.path : argv[i]);
        return 0;
    }
    /* Run it, functions aside: the words are quoted again for eval's parser. */
    struct mem_buf b = {0};
    const struct sh_builtin_info *info = sh_builtin_find(argv[i]);
    if (info)
        return info->run(sh, argc - i, argv + i);
    for (; i < argc; i++) {
        buf_puts(&sh->c->mem, &sh->p->mem, &b, "'");
        for (const char *s = argv[i]; *s; s++) {
            if (*s == '\'')
                buf_puts(&sh->c->mem, &sh->p->mem, &b, "'\\'");
            buf_putc(&sh->c->mem, &sh->p->mem, &b, *s);
        }
        buf_puts(&sh->c->mem, &sh->p->mem, &b, "' ");
    }
    sh_push_script(sh, b.data, b.len, false);
    buf_fini(&sh->c->mem, &b);
    return BUILTIN_PUSHED;
}

/* ---- variables ---- */

static void print_quoted(struct shell *sh, const char *prefix, const struct sh_var *v)
{
    struct mem_buf b = {0};
    buf_puts(&sh->c->mem, &sh->p->mem, &b, prefix);
    buf_puts(&sh->c->mem, &sh->p->mem, &b, v->name);
    if (v->value) {
        buf_puts(&sh->c->mem, &sh->p->mem, &b, "='");
        for (const char *s = v->value; *s; s++) {
            if (*s == '\'')
                buf_puts(&sh->c->mem, &sh->p->mem, &b, "'\"'\"'");
            else
                buf_putc(&sh->c->mem, &sh->p->mem, &b, *s);
        }
        buf_puts(&sh->c->mem, &sh->p->mem, &b, "'");
    }
    buf_puts(&sh->c->mem, &sh->p->mem, &b, "\n");
    fd_write(sh->c, sh->p, 1, b.data, b.len);
    buf_fini(&sh->c->mem, &b);
}

static void print_vars(struct shell *sh, const char *prefix, bool exported, bool readonly)
{
    struct sh_var **sorted;
    uint32_t n = sh_vars_sorted(sh, &sorted);
    for (uint32_t i = 0; i < n; i++)
        if ((!exported || sorted[i]->exported) && (!readonly || sorted[i]->readonly))
            print_quoted(sh, prefix, sorted[i]);
    mem_free(&sh->c->mem, sorted);
}

/* export and readonly: name[=value] ... */
static int mark_vars(struct shell *sh, int argc, char **argv, bool export)
{
    bool remove = false;
    int i = 1;
    for (; i < argc && argv[i][0] == '-'; i++)
        remove |= strchr(argv[i], 'n') != NULL;
    if (i == argc)
        print_vars(sh, export ? "export " : "readonly ", export, !export);
    for (; i < argc; i++) {
        size_t n = sh_name_length(argv[i]);
        if (!n || (argv[i][n] && argv[i][n] != '=')) {
            sh_fatal(sh, 2, "%s: %s: bad variable name", argv[0], argv[i]);
            return 2;
        }
        char *name = mem_strndup(&sh->c->mem, &sh->p->mem, argv[i], n);
        if (argv[i][n] && !sh_set(sh, name, argv[i] + n + 1)) {
            sh_exit(sh, 2);
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
    bool functions = false;
    int status = 0;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-f") == 0) {
            functions = true;
        } else if (functions) {
            for (struct sh_function **at = &sh->functions; *at; at = &(*at)->next) {
                if (strcmp((*at)->name, argv[i]) == 0) {
                    *at = (*at)->next;
                    break;
                }
            }
        } else if (strcmp(argv[i], "-v") != 0 && !sh_unset(sh, argv[i])) {
            status = 1;
        }
    }
    return status;
}

static int builtin_local(struct shell *sh, int argc, char **argv)
{
    if (!sh->call) {
        sh_fatal(sh, 2, "local: not in a function");
        return 2;
    }
    for (int i = 1; i < argc; i++) {
        size_t n = sh_name_length(argv[i]);
        if (!n || (argv[i][n] && argv[i][n] != '=')) {
            sh_fatal(sh, 2, "local: %s: bad variable name", argv[i]);
            return 2;
        }
        char *name = mem_strndup(&sh->c->mem, &sh->p->mem, argv[i], n);
        sh_save_var(sh, &sh->call->saved, name);
        if (argv[i][n])
            sh_set(sh, name, argv[i] + n + 1);
        mem_free(&sh->c->mem, name);
    }
    return 0;
}

static int builtin_shift(struct shell *sh, int argc, char **argv)
{
    int64_t n = 1;
    if (argc > 1 && (!parse_int64(argv[1], &n) || n < 0)) {
        sh_fatal(sh, 2, "shift: Illegal number: %s", argv[1]);
        return 2;
    }
    if (n > sh->argc) {
        if (sh->dialect == DIALECT_DASH)
            sh_fatal(sh, 2, "shift: can't shift that many");
        return 1;
    }
    for (int64_t i = 0; i < n; i++)
        mem_free(&sh->c->mem, sh->args[i]);
    memmove(sh->args, sh->args + n, sizeof(char *) * (sh->argc - (size_t)n));
    sh->argc -= (uint32_t)n;
    return 0;
}

static void replace_args(struct shell *sh, int argc, char **argv)
{
    char **args = proc_alloc(sh->c, sh->p, sizeof(char *) * (size_t)(argc + 1));
    for (int i = 0; i < argc; i++)
        args[i] = proc_strdup(sh->c, sh->p, argv[i]);
    for (uint32_t i = 0; i < sh->argc; i++)
        mem_free(&sh->c->mem, sh->args[i]);
    mem_free(&sh->c->mem, sh->args);
    sh->args = args;
    sh->argc = (uint32_t)argc;
    sh->optind = 1;
    sh->optchar = 0;
}

static int builtin_set(struct shell *sh, int argc, char **argv)
{
    int i = 1;
    if (argc == 1) {
        print_vars(sh, "", false, false);
        return 0;
    }
    for (; i < argc && (argv[i][0] == '-' || argv[i][0] == '+') && argv[i][1]; i++) {
        bool on = argv[i][0] == '-';
        if (strcmp(argv[i], "--") == 0) {
            replace_args(sh, argc - i - 1, argv + i + 1);
            return 0;
        }
        for (const char *s = argv[i] + 1; *s; s++) {
            uint32_t option = sh_option_by_letter(*s);
            if (*s == 'o') {
                if (i + 1 >= argc)
                    return 0;
                option = sh_option_by_name(argv[++i]);
                if (!option) {
                    sh_fatal(sh, 2,
                             sh->dialect == DIALECT_DASH ? "set: Illegal option -o %s" : "set: illegal option -o %s",
                             argv[i]);
                    return 2;
                }
            } else if (!option && !strchr("bhi", *s)) {
                sh_fatal(sh, 2, sh->dialect == DIALECT_DASH ? "set: Illegal option -%c" : "set: illegal option -%c",
                         *s);
                return 2;
            }
            sh->options = on ? sh->options | option : sh->options & ~option;
            if (*s == 'o')
                break;
        }
    }
    if (i < argc)
        replace_args(sh, argc - i, argv + i);
    return 0;
}

static int builtin_getopts(struct shell *sh, int argc, char **argv)
{
    if (argc < 3) {
        sh_fatal(sh, 2, "usage: getopts optstring var [arg ...]");
        return 2;
    }
    char **args = argc > 3 ? argv + 3 : sh->args, name[2] = "?", number[24];
    uint32_t count = argc > 3 ? (uint32_t)argc - 3 : sh->argc;
    const char *spec = argv[1], *arg = sh->optind - 1 < count ? args[sh->optind - 1] : NULL;
    bool quiet = spec[0] == ':';
    int status = 0;

    sh_unset(sh, "OPTARG");
    if (!sh->optchar && (!arg || arg[0] != '-' || !arg[1] || strcmp(arg, "--") == 0)) {
        if (arg && strcmp(arg, "--") == 0)
            sh->optind++;
        status = 1;
    } else if (arg) {
        uint32_t at = sh->optchar ? sh->optchar : 1;
        name[0] = arg[at++];
        const char *known = name[0] == ':' ? NULL : strchr(spec, name[0]);
        bool ends = !arg[at];
        sh->optchar = ends ? 0 : at;
        sh->optind += ends;
        if (!known) {
            if (quiet)
                sh_set(sh, "OPTARG", name);
            else
                out_printf(sh->c, sh->p, 2, "Illegal option -%s\n", name);
            name[0] = '?';
        } else if (known[1] == ':') {
            const char *value = !ends ? arg + at : sh->optind - 1 < count ? args[sh->optind - 1] : NULL;
            if (value)
                sh_set(sh, "OPTARG", value);
            else if (quiet)
                sh_set(sh, "OPTARG", name), name[0] = ':';
            else
                out_printf(sh->c, sh->p, 2, "No arg for -%s option\n", name), name[0] = '?';
            sh->optind++;
            sh->optchar = 0;
        }
    }
    uint32_t optind = sh->optind, optchar = sh->optchar;
    snprintf(number, sizeof number, "%u", optind);
    sh_set(sh, "OPTIND", number);
    sh->optind = optind;
    sh->optchar = optchar;
    sh_set(sh, argv[2], name);
    return status;
}

static int builtin_let(struct shell *sh, int argc, char **argv)
{
    int64_t v = 0;
    const char *error;
    for (int i = 1; i < argc; i++)
        if (sh_arith(sh, argv[i], &v, &error) != 0) {
            sh_fatal(sh, 2, "%s", error);
            return 2;
        }
    return v == 0;
}

/* ---- directories ---- */

static int builtin_cd(struct shell *sh, int argc, char **argv)
{
    int i = 1;
    while (i < argc && (strcmp(argv[i], "-L") == 0 || strcmp(argv[i], "-P") == 0 || strcmp(argv[i], "--") == 0))
        i++;
    const char *to = i < argc ? argv[i] : sh_get(sh, "HOME");
    bool back = to && strcmp(to, "-") == 0;
    if (back)
        to = sh_get(sh, "OLDPWD");
    if (!to || !*to)
        return 0;
    struct vnode *n = NULL;
    enum vfs_error e = vfs_find(sh->c, sh->p->container, sh->p->cwd, to, &n);
    if (e == VFS_OK && n->type != VNODE_DIR)
        e = VFS_NOTDIR;
    if (e != VFS_OK) {
        sh_error(sh, "cd: can't cd to %s%s%s", to, sh->dialect == DIALECT_DASH ? "" : ": ",
                 sh->dialect == DIALECT_DASH ? "" : vfs_error_text(e));
        return sh->dialect == DIALECT_DASH ? 2 : 1;
    }
    char *cwd = vfs_normalize(sh->c, &sh->p->mem, sh->p->cwd, to);
    sh_set(sh, "OLDPWD", sh->p->cwd);
    mem_free(&sh->c->mem, sh->p->cwd);
    sh->p->cwd = cwd;
    sh_set(sh, "PWD", cwd);
    if (back)
        out_printf(sh->c, sh->p, 1, "%s\n", cwd);
    return 0;
}

static int builtin_pwd(struct shell *sh, int argc, char **argv)
{
    (void)argc, (void)argv;
    out_printf(sh->c, sh->p, 1, "%s\n", sh->p->cwd);
    return 0;
}

static int builtin_umask(struct shell *sh, int argc, char **argv)
{
    if (argc < 2) {
        out_printf(sh->c, sh->p, 1, "%04o\n", (unsigned)sh->p->umask);
        return 0;
    }
    uint32_t mask = 0;
    for (const char *s = argv[1]; *s >= '0' && *s <= '7'; s++)
        mask = (mask * 8 + (uint32_t)(*s - '0')) & 0777;
    sh->p->umask = mask;
    return 0;
}

/* ---- output and tests ---- */

static int builtin_echo(struct shell *sh, int argc, char **argv)
{
    return print_echo(sh->c, sh->p, argc, argv, sh->dialect);
}
static int builtin_printf(struct shell *sh, int argc, char **argv) { return print_printf(sh->c, sh->p, argc, argv); }

static int builtin_test(struct shell *sh, int argc, char **argv)
{
    bool bracket = argv[0][0] == '[', two = bracket && argv[0][1] == '[';
    char name[300];
    if (bracket && (argc < 2 || strcmp(argv[argc - 1], two ? "]]" : "]") != 0)) {
        sh_error(sh, "%s: missing ]%s", argv[0], two ? "]" : "");
        return 2;
    }
    /* Errors begin as the shell's own do. */
    if (sh->dialect == DIALECT_BUSYBOX)
        snprintf(name, sizeof name, "%.200s", sh->arg0);
    else if (sh->dialect == DIALECT_DASH)
        snprintf(name, sizeof name, "%.200s: %u: %s", sh->arg0, sh->line ? sh->line : 1, argv[0]);
    else
        snprintf(name, sizeof name, "%.200s: line %u: %s", sh->arg0, sh->line ? sh->line : 1, argv[0]);
    return test_evaluate(sh->c, sh->p, name, argc - 1 - bracket, argv + 1, two);
}

static int builtin_times(struct shell *sh, int argc, char **argv)
{
    (void)argc, (void)argv;
    out_puts(sh->c, sh->p, 1, "0m0.00s 0m0.00s\n0m0.00s 0m0.00s\n");
    return 0;
}

static int builtin_ulimit(struct shell *sh, int argc, char **argv)
{
    (void)argv;
    if (argc < 3)
        out_puts(sh->c, sh->p, 1, "unlimited\n");
    return 0;
}

/* ---- the table ---- */

static const struct sh_builtin_info builtins[] = {
    {".", builtin_dot, true},
    {":", builtin_true, true},
    {"[", builtin_test, false},
    {"[[", builtin_test, false},
    {"alias", builtin_true, false},
    {"bg", builtin_true, false},
    {"break", builtin_break, true},
    {"cd", builtin_cd, false},
    {"chdir", builtin_cd, false},
    {"command", builtin_command, false},
    {"continue", builtin_continue, true},
    {"echo", builtin_echo, false},
    {"eval", builtin_eval, true},
    {"exec", builtin_exec, true},
    {"exit", builtin_exit, true},
    {"export", builtin_export, true},
    {"false", builtin_false, false},
    {"fg", builtin_true, false},
    {"getopts", builtin_getopts, false},
    {"hash", builtin_true, false},
    {"jobs", builtin_jobs, false},
    {"kill", builtin_kill, false},
    {"let", builtin_let, false},
    {"local", builtin_local, false},
    {"printf", builtin_printf, false},
    {"pwd", builtin_pwd, false},
    {"read", builtin_read, false},
    {"readonly", builtin_readonly, true},
    {"return", builtin_return, true},
    {"set", builtin_set, true},
    {"shift", builtin_shift, true},
    {"source", builtin_dot, true},
    {"test", builtin_test, false},
    {"times", builtin_times, true},
    {"trap", builtin_trap, true},
    {"true", builtin_true, false},
    {"type", builtin_type, false},
    {"ulimit", builtin_ulimit, false},
    {"umask", builtin_umask, false},
    {"unalias", builtin_true, false},
    {"unset", builtin_unset, true},
    {"wait", builtin_wait, false},
};

const struct sh_builtin_info *sh_builtin_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(builtins); i++)
        if (builtins[i].name[0] == name[0] && strcmp(builtins[i].name, name) == 0)
            return &builtins[i];
    return NULL;
}
