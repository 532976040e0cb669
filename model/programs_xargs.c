/* programs_xargs.c - xargs: words of standard input become arguments of commands, one after the other. */
#include <string.h>

#include "model/programs.h"
#include "model/shell.h"

struct xargs_data {
    bool begun, no_empty, read_all;
    int first;
    int64_t max;
    const char *replace;
    struct mem_buf text;
    size_t at;
    int32_t child;
    int status;
    bool ran;
};

/* The next word of the input (or line, with -I), or NULL. */
static char *xargs_word(struct cri *c, struct proc *p, struct xargs_data *d)
{
    const char *s = buf_str(&d->text);
    struct mem_buf word = {0};
    while (d->at < d->text.len && strchr(" \t\n", s[d->at]))
        d->at++;
    if (d->at >= d->text.len)
        return NULL;
    buf_add(&c->mem, &p->mem, &word, "", 0);
    for (char quote = 0; d->at < d->text.len; d->at++) {
        char ch = s[d->at];
        if (quote && ch == quote) {
            quote = 0;
        } else if (!quote && (ch == '\'' || ch == '"')) {
            quote = ch;
        } else if (!quote && (d->replace ? ch == '\n' : strchr(" \t\n", ch) != NULL)) {
            break;
        } else if (ch) {
            buf_putc(&c->mem, &p->mem, &word, ch);
        }
    }
    return word.data;
}

static char *xargs_replace(struct cri *c, struct proc *p, const char *arg, const char *what, const char *with)
{
    struct mem_buf b = {0};
    size_t n = strlen(what);
    buf_add(&c->mem, &p->mem, &b, "", 0);
    while (*arg) {
        if (n && strncmp(arg, what, n) == 0) {
            buf_puts(&c->mem, &p->mem, &b, with);
            arg += n;
        } else {
            buf_putc(&c->mem, &p->mem, &b, *arg++);
        }
    }
    return b.data;
}

/* Starts the command with the next words; false: nothing left. */
static bool xargs_start(struct cri *c, struct proc *p, struct xargs_data *d)
{
    static char echo[] = "echo";
    enum { WORDS_MAX = 2000 };
    char **argv = proc_alloc(c, p, sizeof(char *) * (WORDS_MAX + (size_t)p->argc + 2));
    int argc = 0, fixed;
    for (int i = d->first; i < p->argc; i++)
        argv[argc++] = p->argv[i];
    if (!argc)
        argv[argc++] = echo;
    fixed = argc;
    int64_t max = d->replace ? 1 : d->max ? d->max : WORDS_MAX;
    for (int64_t k = 0; k < max && argc < WORDS_MAX; k++) {
        char *word = xargs_word(c, p, d);
        if (!word)
            break;
        if (!d->replace) {
            argv[argc++] = word;
            continue;
        }
        for (int i = 0; i < fixed; i++)
            argv[i] = xargs_replace(c, p, argv[i], d->replace, word);
        argc++;
    }
    bool some = argc > fixed;
    if (d->replace)
        argc = fixed;
    if (!some && (d->ran || d->no_empty || d->replace))
        return false;
    d->ran = true;
    struct lookup_result found;
    const char *path = env_get(&p->env, "PATH");
    if (program_find(c, p->container, p->cwd, path ? path : "", argv[0], &found) != LOOKUP_FOUND || found.interpreter) {
        err_printf(c, p, "%s: No such file or directory", argv[0]);
        d->status = 127;
        d->at = d->text.len;
        return false;
    }
    struct proc_start start = {.program = found.program,
                               .parent = p,
                               .container = p->container,
                               .argc = argc,
                               .argv = argv,
                               .env = &p->env,
                               .cwd = p->cwd,
                               .fds = p->fds,
                               .sig_ignored = p->sig_ignored,
                               .umask = p->umask};
    struct proc *child = proc_start(c, &start);
    for (int i = fixed; i < argc; i++)
        mem_free(&c->mem, argv[i]);
    mem_free(&c->mem, argv);
    d->child = child ? child->pid : 0;
    return child;
}

static enum step xargs_step(struct cri *c, struct proc *p)
{
    struct xargs_data *d = p->data;
    char bytes[1024];
    if (!d->begun) {
        struct options o = {.p = p};
        d->begun = true;
        for (int letter; (letter = option_next(&o, "nIPsL"));) {
            if ((letter == 'n' || letter == 'L') && o.value)
                parse_int64(o.value, &d->max);
            if (letter == 'I')
                d->replace = o.value;
            d->no_empty |= letter == 'r';
        }
        d->first = o.next;
    }
    while (!d->read_all) {
        int64_t n = fd_read(c, p, 0, bytes, sizeof bytes);
        if (n == READ_BLOCKED)
            return STEP_BLOCK;
        if (n <= 0 || d->text.len > STRING_MAX_BYTES)
            d->read_all = true;
        else
            buf_add(&c->mem, &p->mem, &d->text, bytes, (size_t)n);
    }
    if (d->child) {
        struct proc *zombie = proc_zombie(p, d->child);
        if (!zombie && proc_has_child(p, d->child))
            return proc_block_for(p, WAIT_CHILD, SIM_NEVER);
        if (zombie && proc_wait_status(zombie))
            d->status = 123;
        if (zombie)
            proc_reap(c, zombie);
        d->child = 0;
    }
    return xargs_start(c, p, d) ? STEP_AGAIN : proc_exit_with(p, d->status);
}

const struct program program_xargs = {.name = "xargs", .step = xargs_step, .data_bytes = sizeof(struct xargs_data)};
