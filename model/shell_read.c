/* shell_read.c - the builtin read: a line, split into variables. */
#include <string.h>

#include "model/shell.h"

struct sh_read {
    bool raw, silent;
    int fd;
    int64_t max; /* -n; 0 = a line */
    char delimiter;
    sim_time deadline;
    struct mem_buf line, quoted; /* characters and whether a backslash protected each */
    bool escaped;
    uint32_t count;
    char *names[];
};

int builtin_read(struct shell *sh, int argc, char **argv)
{
    struct sh_read *d = proc_alloc(sh->c, sh->p, sizeof *d + sizeof(char *) * (size_t)(argc + 1));
    int i = 1;
    int64_t n = 0;
    d->deadline = SIM_NEVER;
    d->delimiter = '\n';
    for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
        for (const char *s = argv[i] + 1; *s; s++) {
            const char *value = NULL;
            if (*s == 'r')
                d->raw = true;
            else if (*s == 's')
                d->silent = true;
            else if (strchr("tnupd", *s)) {
                value = s[1] ? s + 1 : i + 1 < argc ? argv[++i] : "";
                if (*s == 'd')
                    d->delimiter = *value;
                else if (*s != 'p')
                    parse_int64(value, &n);
                if (*s == 't')
                    d->deadline = sim_time_add(proc_now(sh->c), (n < 0 ? 0 : n > 1000000 ? 1000000 : n) * SIM_SECOND);
                else if (*s == 'n')
                    d->max = n;
                else if (*s == 'u')
                    d->fd = n >= 0 && n < PROC_FDS ? (int)n : 0;
                break;
            }
        }
    }
    for (; i < argc; i++) {
        if (sh_name_length(argv[i]) != strlen(argv[i])) {
            sh_error(sh, "read: '%s': bad variable name", argv[i]);
            return 2;
        }
        d->names[d->count++] = proc_strdup(sh->c, sh->p, argv[i]);
    }
    struct sh_frame *f = sh_push(sh, FRAME_READ, NULL);
    if (!f)
        return 2;
    f->data = d;
    return BUILTIN_PUSHED;
}

static void assign_span(struct shell *sh, const struct sh_read *d, const char *name, size_t from, size_t to)
{
    char *value = mem_strndup(&sh->c->mem, &sh->p->mem, buf_str(&d->line) + from, to - from);
    if (!sh_set(sh, name, value))
        sh_exit(sh, 2);
    mem_free(&sh->c->mem, value);
}

static void assign_fields(struct shell *sh, const struct sh_read *d)
{
    const char *ifs = sh_get(sh, "IFS"), *line = buf_str(&d->line);
    size_t at = 0, n = d->line.len;
    if (!ifs)
        ifs = " \t\n";
#define IS_IFS(k)   (!d->quoted.data[k] && line[k] && strchr(ifs, line[k]))
#define IS_BLANK(k) (IS_IFS(k) && (line[k] == ' ' || line[k] == '\t' || line[k] == '\n'))
    if (!d->count) {
        assign_span(sh, d, "REPLY", 0, n);
        return;
    }
    while (at < n && IS_BLANK(at))
        at++;
    for (uint32_t i = 0; i < d->count; i++) {
        size_t from = at;
        if (i + 1 == d->count) {
            size_t end = n;
            while (end > from && IS_BLANK(end - 1))
                end--;
            assign_span(sh, d, d->names[i], from, end);
            return;
        }
        while (at < n && !IS_IFS(at))
            at++;
        assign_span(sh, d, d->names[i], from, at);
        bool delimiter = false;
        while (at < n && IS_IFS(at)) {
            if (!IS_BLANK(at)) {
                if (delimiter)
                    break;
                delimiter = true;
            }
            at++;
        }
    }
#undef IS_IFS
#undef IS_BLANK
}

static enum step end_read(struct shell *sh, struct sh_read *d, int status)
{
    assign_fields(sh, d);
    for (uint32_t i = 0; i < d->count; i++)
        mem_free(&sh->c->mem, d->names[i]);
    buf_fini(&sh->c->mem, &d->line);
    buf_fini(&sh->c->mem, &d->quoted);
    sh->status = status;
    sh_pop(sh);
    return STEP_AGAIN;
}

static void add_read_char(struct shell *sh, struct sh_read *d, char ch, bool quoted)
{
    buf_putc(&sh->c->mem, &sh->p->mem, &d->line, ch);
    buf_putc(&sh->c->mem, &sh->p->mem, &d->quoted, quoted);
}

/* A byte at a time, as read must: what follows the line is the next reader's. */
enum step sh_step_read(struct shell *sh, struct sh_frame *f)
{
    struct sh_read *d = f->data;
    uint64_t pending = sh->p->sig_pending & sh->p->sig_caught & ~SIG_BIT(VSIGCHLD);
    if (pending)
        return end_read(sh, d, 128 + __builtin_ctzll(pending));
    for (int budget = 0; budget < 4096; budget++) {
        char ch;
        int64_t n = fd_read(sh->c, sh->p, d->fd, &ch, 1);
        if (n == READ_BLOCKED) {
            if (d->deadline == SIM_NEVER)
                return STEP_BLOCK;
            if (proc_now(sh->c) >= d->deadline)
                return end_read(sh, d, sh->dialect == DIALECT_BASH ? 142 : 1);
            return proc_block_for(sh->p, sh->p->wait, d->deadline);
        }
        if (n <= 0)
            return end_read(sh, d, 1);
        if (d->escaped) {
            d->escaped = false;
            if (ch != '\n')
                add_read_char(sh, d, ch, true);
        } else if (ch == '\\' && !d->raw) {
            d->escaped = true;
        } else if (ch == d->delimiter) {
            return end_read(sh, d, 0);
        } else if (ch) {
            add_read_char(sh, d, ch, false);
        }
        if ((d->max && (int64_t)d->line.len >= d->max) || d->line.len >= STRING_MAX_BYTES)
            return end_read(sh, d, 0);
    }
    return STEP_AGAIN;
}
