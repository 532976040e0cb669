/* shell_start.c - how a shell begins: its dialect, its arguments, where its commands come from. */
#include <stdio.h>
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
    bool empty = e == VFS_OK && n->type == VNODE_DIR && sh->dialect == DIALECT_BUSYBOX; /* opened, then not read */
    if (e != VFS_OK || (n->type != VNODE_FILE && !empty)) {
        sh_error(sh, sh->dialect == DIALECT_BUSYBOX ? "can't open '%s': %s" : "cannot open %s: %s", path,
                 vfs_error_text(e == VFS_OK ? VFS_ISDIR : e));
        sh_exit(sh, sh->dialect == DIALECT_BUSYBOX ? 2 : 127);
        return;
    }
    const char *text = empty ? "" : vfs_content(sh->c, sh->p->container, n, &len);
    mem_free(&sh->c->mem, sh->arg0);
    sh->arg0 = proc_strdup(sh->c, sh->p, path);
    if (sh->dialect == DIALECT_BUSYBOX)
        sh_set_command(sh, path);
    struct sh_frame *f = sh_push_script(sh, text, empty ? 0 : len, 1, false);
    if (f)
        f->flag = true;
}

/* Does nothing follow the last command, not even a newline? Only then ash, reading on, has seen the end and lets that
 * command take the shell's place (ash.c evalstring); dash forks always. */
static bool last_replaces(const struct shell *sh, const char *text)
{
    size_t n = strlen(text);
    if (sh->dialect == DIALECT_DASH)
        return false;
    return sh->dialect == DIALECT_BASH || !n || text[n - 1] != '\n';
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
            uint32_t option = sh_option_by_letter(sh, *s);
            if (*s == 'c')
                command = true;
            else if (*s == 's')
                from_stdin = true;
            else if (*s == 'o' && i + 1 < p->argc)
                option = sh_option_by_name(sh, p->argv[++i]);
            else if (!option && !strchr("ilo", *s) && sh->dialect != DIALECT_BASH) {
                sh_fatal(sh, 2, sh->dialect == DIALECT_DASH ? "Illegal option -%c" : "illegal option -%c", *s);
                return;
            }
            sh->options = on ? sh->options | option : sh->options & ~option;
            if (*s == 'o')
                break;
        }
    }
    if (command && i < p->argc) {
        const char *text = p->argv[i++];
        if (i < p->argc) {
            mem_free(&sh->c->mem, sh->arg0);
            sh->arg0 = proc_strdup(sh->c, p, p->argv[i++]);
            if (sh->dialect == DIALECT_BUSYBOX)
                sh_set_command(sh, sh->arg0);
        }
        sh->options |= OPTION_COMMAND;
        set_args(sh, p->argc - i, p->argv + i);
        sh_push_script(sh, text, strlen(text), sh->dialect == DIALECT_BUSYBOX ? 0 : 1, last_replaces(sh, text));
    } else if (command) {
        sh_fatal(sh, 2, "-c requires an argument");
    } else if (i < p->argc && !from_stdin) {
        set_args(sh, p->argc - i - 1, p->argv + i + 1);
        run_file(sh, p->argv[i]);
    } else {
        set_args(sh, p->argc - i, p->argv + i);
        sh->options |= OPTION_STDIN;
        sh->from_stdin = true;
    }
}

static void set_default(struct shell *sh, const char *name, const char *value)
{
    if (!sh_get(sh, name))
        sh_set(sh, name, value);
}

/* ash.c init, initvar. */
static void first_variables(struct shell *sh)
{
    int64_t level = 0;
    char text[24];
    sh_import_env(sh);
    sh_set(sh, "IFS", " \t\n");
    sh_set(sh, "OPTIND", "1");
    set_default(sh, "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    set_default(sh, "PS1", sh->dialect == DIALECT_DASH ? "# " : "\\w \\$ ");
    set_default(sh, "PS2", "> ");
    set_default(sh, "PS4", "+ ");
    sh_set(sh, "PWD", sh->p->cwd);
    sh_mark(sh, "PWD")->exported = true;
    if (sh->dialect == DIALECT_DASH)
        return;
    set_default(sh, "HOSTNAME", sh->p->container->sandbox->pub.config.hostname);
    if (sh_get(sh, "SHLVL"))
        parse_int64(sh_get(sh, "SHLVL"), &level);
    snprintf(text, sizeof text, "%lld", level < 0 || level > 1000 ? 1LL : (long long)level + 1);
    sh_set(sh, "SHLVL", text);
    sh_mark(sh, "SHLVL")->exported = true;
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
    if (sh->dialect == DIALECT_BUSYBOX && !(p->sig_ignored & SIG_BIT(VSIGQUIT))) { /* ash.c setsignal */
        sh->ignored_here = SIG_BIT(VSIGQUIT);
        p->sig_ignored |= sh->ignored_here;
    }
    sh_limits_init(sh);
    first_variables(sh);
    parse_arguments(sh);
    /* ash.c setsignal: with -c or a script */
    sh->ends_on_int = sh->dialect != DIALECT_BASH && !sh->from_stdin && !(p->sig_ignored & SIG_BIT(VSIGINT));
    if (sh->ends_on_int)
        p->sig_caught |= SIG_BIT(VSIGINT);
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
    struct sh_frame *f = sh_push_script(sh, buf_str(&sh->input), sh->input.len, 1, false);
    if (f)
        f->flag = true;
    return STEP_AGAIN;
}
