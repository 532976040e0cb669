/* programs_xargs.c - xargs: words of standard input become arguments of commands, one after the other (-P runs them one
 * after the other, too).
 */
#include <string.h>

#include "model/programs.h"
#include "model/shell.h"

struct xargs_data {
    bool begun, no_empty, read_all, nul, trace, stop;
    int first;
    int64_t max;
    const char *replace, *end_word;
    struct mem_buf text;
    size_t at;
    int32_t child;
    int status;
    bool ran;
};

/* The next word of the input (or line, with -I; or up to NUL, with -0), or NULL. */
static char *xargs_word(struct cri *c, struct proc *p, struct xargs_data *d)
{
    const char *s = buf_str(&d->text), *ends = d->replace ? "\n" : " \t\n";
    struct mem_buf word = {0};
    if (d->nul) {
        if (d->at >= d->text.len)
            return NULL;
        char *text = proc_strdup(c, p, s + d->at);
        d->at += strlen(s + d->at) + 1;
        return text;
    }
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
        } else if (!quote && ch == '\\' && d->at + 1 < d->text.len) {
            buf_putc(&c->mem, &p->mem, &word, s[++d->at]);
        } else if (!quote && strchr(ends, ch)) {
            break;
        } else if (ch) {
            buf_putc(&c->mem, &p->mem, &word, ch);
        }
    }
    if (d->end_word && strcmp(word.data, d->end_word) == 0) {
        d->at = d->text.len;
        mem_free(&c->mem, word.data);
        return NULL;
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
    for (int i = 0; d->trace && i < argc; i++)
        out_printf(c, p, 2, "%s%s", argv[i], i + 1 < argc ? " " : "\n");
    enum lookup why;
    struct proc *child = command_start(c, p, argc, argv, &why);
    if (!child) {
        err_printf(c, p, "%s: %s", argv[0],
                   why == LOOKUP_FOUND            ? "Resource temporarily unavailable"
                   : why == LOOKUP_NOT_EXECUTABLE ? "Permission denied"
                                                  : "No such file or directory");
        d->status = why == LOOKUP_NOT_EXECUTABLE ? 126 : 127;
        d->at = d->text.len;
    }
    for (int i = fixed; i < argc; i++)
        mem_free(&c->mem, argv[i]);
    mem_free(&c->mem, argv);
    d->child = child ? child->pid : 0;
    return child;
}

/* What a command's end means: busybox findutils/xargs.c xargs_exec. */
static void xargs_ended(struct cri *c, struct proc *p, struct xargs_data *d, int code)
{
    if (code == 255) {
        err_printf(c, p, "%s: exited with status 255; aborting", d->first < p->argc ? p->argv[d->first] : "echo");
        d->status = 124;
        d->stop = true;
    } else if (code >= 128) {
        err_printf(c, p, is_gnu(p) ? "%s: terminated by signal %d" : "'%s' terminated by signal %d",
                   d->first < p->argc ? p->argv[d->first] : "echo", code - 128);
        d->status = 125;
        d->stop = true;
    } else if (code) {
        d->status = 123;
    }
}

static bool xargs_begin(struct cri *c, struct proc *p, struct xargs_data *d)
{
    static const struct long_option longs[] = {{"null", '0'},      {"no-run-if-empty", 'r'}, {"max-args", 'n'},
                                               {"max-procs", 'P'}, {"replace", 'I'},         {"verbose", 't'},
                                               {NULL, 0}};
    struct options o = {.p = p};
    d->begun = true;
    for (int letter; (letter = option_get(c, &o, "+trpn:s:e::E:x0I:i::P:a:L:d:", longs));) {
        if (letter == '?')
            return false;
        if ((letter == 'n' || letter == 'L') && (!parse_int64(o.value, &d->max) || d->max < 1)) {
            err_printf(c, p, "invalid number '%s'", o.value);
            return false;
        }
        if (letter == 'I' || letter == 'i')
            d->replace = o.value ? o.value : "{}";
        if (letter == 'E' || letter == 'e')
            d->end_word = o.value;
        d->no_empty |= letter == 'r';
        d->nul |= letter == '0';
        d->trace |= letter == 't';
    }
    d->first = o.next;
    return true;
}

static enum step xargs_step(struct cri *c, struct proc *p)
{
    struct xargs_data *d = p->data;
    char bytes[1024];
    if (!d->begun && !xargs_begin(c, p, d))
        return proc_exit_with(p, 1);
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
        if (zombie) {
            xargs_ended(c, p, d, proc_wait_status(zombie));
            proc_reap(c, zombie);
        }
        d->child = 0;
    }
    return !d->stop && xargs_start(c, p, d) ? STEP_AGAIN : proc_exit_with(p, d->status);
}

const struct program program_xargs = {.name = "xargs", .step = xargs_step, .data_bytes = sizeof(struct xargs_data)};
