/* shell_start.c - how a shell begins: its dialect, its arguments, where its commands come from. */
#include <string.h>

#include "model/shell.h"

static enum sh_dialect dialect_of(const struct proc *p)
{
    const char *name = p->argc ? p->argv[0] : "sh";
    size_t n = strlen(name);
    if (n >= 4 && strcmp(name + n - 4, "bash") == 0)
        return DIALECT_BASH;
    return p->container->image->userland == USERLAND_DEBIAN ? DIALECT_DASH : DIALECT_BUSYBOX;
}

static const struct {
    char letter;
    const char *name;
    uint32_t option;
} option_names[] = {
    {'e', "errexit", OPTION_ERREXIT}, {'u', "nounset", OPTION_NOUNSET}, {'x', "xtrace", OPTION_XTRACE},
    {'f', "noglob", OPTION_NOGLOB},   {'n', "noexec", OPTION_NOEXEC},   {'a', "allexport", OPTION_ALLEXPORT},
    {0, "pipefail", OPTION_PIPEFAIL}, {'v', "verbose", OPTION_VERBOSE}, {'C', "noclobber", OPTION_NOCLOBBER},
    {'m', "monitor", OPTION_MONITOR},
};

uint32_t sh_option_by_letter(char letter)
{
    for (size_t i = 0; i < ARRAY_LEN(option_names); i++)
        if (option_names[i].letter == letter)
            return option_names[i].option;
    return 0;
}

uint32_t sh_option_by_name(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(option_names); i++)
        if (strcmp(option_names[i].name, name) == 0)
            return option_names[i].option;
    return 0;
}

static void set_args(struct shell *sh, int argc, char **argv)
{
    sh->args = proc_alloc(sh->c, sh->p, sizeof(char *) * (size_t)(argc + 1));
    for (int i = 0; i < argc; i++)
        sh->args[i] = proc_strdup(sh->c, sh->p, argv[i]);
    sh->argc = (uint32_t)argc;
}

static void run_file(struct shell *sh, const char *path)
{
    struct vnode *n;
    size_t len;
    enum vfs_error e = vfs_find(sh->c, sh->p->container, sh->p->cwd, path, &n);
    if (e != VFS_OK || n->type != VNODE_FILE) {
        sh_error(sh, sh->dialect == DIALECT_BUSYBOX ? "can't open '%s': %s" : "cannot open %s: %s", path,
                 vfs_error_text(e == VFS_OK ? VFS_ISDIR : e));
        sh_exit(sh, sh->dialect == DIALECT_BUSYBOX ? 2 : 127);
        return;
    }
    const char *text = vfs_content(sh->c, sh->p->container, n, &len);
    mem_free(&sh->c->mem, sh->arg0);
    sh->arg0 = proc_strdup(sh->c, sh->p, path);
    sh_push_script(sh, text, len, true);
}

/* sh [-eux] [-o option] [-c text [name [args]] | file [args] | -s] */
static void parse_arguments(struct shell *sh)
{
    struct proc *p = sh->p;
    int i = 1;
    bool command = false, from_stdin = false;

    for (; i < p->argc && (p->argv[i][0] == '-' || p->argv[i][0] == '+') && p->argv[i][1]; i++) {
        const char *arg = p->argv[i];
        bool on = arg[0] == '-';
        if (strcmp(arg, "--") == 0) {
            i++;
            break;
        }
        for (const char *s = arg + 1; *s; s++) {
            uint32_t option = sh_option_by_letter(*s);
            if (*s == 'c')
                command = true;
            else if (*s == 's')
                from_stdin = true;
            else if (*s == 'o' && i + 1 < p->argc)
                option = sh_option_by_name(p->argv[++i]);
            sh->options = on ? sh->options | option : sh->options & ~option;
            if (*s == 'o')
                break;
        }
    }
    if (command && i < p->argc) {
        const char *text = p->argv[i++];
        if (i < p->argc)
            sh->arg0 = proc_strdup(sh->c, p, p->argv[i++]);
        set_args(sh, p->argc - i, p->argv + i);
        sh_push_script(sh, text, strlen(text), true);
    } else if (command) {
        sh_fatal(sh, 2,
                 sh->dialect == DIALECT_BUSYBOX ? "option requires an argument -- 'c'" : "-c requires an argument");
    } else if (i < p->argc && !from_stdin) {
        set_args(sh, p->argc - i - 1, p->argv + i + 1);
        run_file(sh, p->argv[i]);
    } else {
        set_args(sh, p->argc - i, p->argv + i);
        sh->from_stdin = true;
    }
}

void sh_begin(struct cri *c, struct proc *p)
{
    struct shell *sh = p->data;
    sh->c = c;
    sh->p = p;
    sh->begun = true;
    sh->dialect = dialect_of(p);
    sh->shell_pid = p->pid;
    sh->subst_status = -1;
    sh->optind = 1;
    sh->arg0 = proc_strdup(c, p, p->argc ? p->argv[0] : "sh");
    for (int i = 1; i < VSIG_COUNT; i++)
        if (p->sig_ignored & SIG_BIT(i))
            sh_set_trap(sh, i, "");
    sh_import_env(sh);
    sh_set(sh, "IFS", " \t\n");
    if (!sh_get(sh, "PATH"))
        sh_set(sh, "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    sh_set(sh, "PWD", p->cwd);
    sh_mark(sh, "PWD")->exported = true;
    parse_arguments(sh);
}

/* Commands from standard input: read to its end, then run (a terminal never ends). */
enum step sh_read_input(struct shell *sh)
{
    char bytes[512];
    int64_t n = fd_read(sh->c, sh->p, 0, bytes, sizeof bytes);
    if (n == READ_BLOCKED)
        return STEP_BLOCK;
    if (n > 0 && sh->input.len < STRING_MAX_BYTES) {
        buf_add(&sh->c->mem, &sh->p->mem, &sh->input, bytes, (size_t)n);
        return STEP_AGAIN;
    }
    sh->from_stdin = false;
    sh_push_script(sh, buf_str(&sh->input), sh->input.len, true);
    return STEP_AGAIN;
}
