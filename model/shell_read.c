/* shell_read.c - the builtin read: a line, split into variables. */
#include <string.h>

#include "model/shell.h"

struct sh_read {
    bool raw;
    bool polls; /* -t 0: only whether there is something to read */
    bool escaped;
    int startword; /* 0 within a word; 1, 2: before one, so many separators that are no blanks are passed over */
    int fd;
    int64_t max, taken; /* -n; 0 = a line */
    char delimiter;
    sim_time deadline;
    struct mem_buf line;
    uint32_t count, next;
    char *names[];
};

/* Seconds with up to three decimals, in ms; false: not a number. */
static bool read_timeout(const char *s, int64_t *ret_ms)
{
    int64_t ms = 0;
    if (!sh_is_digit(*s))
        return false;
    for (; sh_is_digit(*s); s++)
        ms = ms > 2000000 ? ms : ms * 10 + (*s - '0');
    ms *= 1000;
    if (*s && *s != '.')
        return false;
    for (int64_t unit = 100; *s && *++s && unit; unit /= 10) {
        if (!sh_is_digit(*s))
            return false;
        ms += unit * (*s - '0');
    }
    *ret_ms = ms;
    return true;
}

/* One option with its value; NULL: well, else what is wrong. */
static const char *read_option(struct shell *sh, struct sh_read *d, char option, const char *value)
{
    int64_t n = 0;
    switch (option) {
    case 't':
        if (!read_timeout(value, &n))
            return "invalid timeout";
        d->polls = n == 0;
        d->deadline = sim_time_add(proc_now(sh->c), n * SIM_MS);
        return NULL;
    case 'n':
        if (!sh_is_number(value) || !parse_int64(value, &d->max))
            return "invalid count";
        return NULL;
    case 'u':
        if (!sh_is_number(value) || !parse_int64(value, &n) || n >= PROC_FDS)
            return "invalid file descriptor";
        d->fd = (int)n;
        return NULL;
    case 'd':
        d->delimiter = *value;
        return NULL;
    default: /* -p: only a terminal would see it */
        return NULL;
    }
}

/* The index behind the options, or -1 (raised). */
static int read_options(struct shell *sh, struct sh_read *d, int argc, char **argv)
{
    int i = 1;
    for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
        if (strcmp(argv[i], "--") == 0)
            return i + 1;
        for (const char *s = argv[i] + 1; *s; s++) {
            if (sh->dialect == DIALECT_DASH && !strchr("rp", *s)) {
                sh_fatal(sh, 2, "Illegal option -%c", *s);
                return -1;
            } else if (*s == 'r') {
                d->raw = true;
            } else if (strchr("tnupd", *s)) {
                const char *value = s[1] ? s + 1 : i + 1 < argc ? argv[++i] : NULL;
                const char *wrong = value ? read_option(sh, d, *s, value) : "no arg";
                if (wrong && !value)
                    sh_fatal(sh, 2, sh->dialect == DIALECT_DASH ? "No arg for -%c option" : "no arg for -%c option",
                             *s);
                else if (wrong)
                    sh_fatal(sh, 2, "%s", wrong);
                if (wrong)
                    return -1;
                break;
            } else if (*s != 's') {
                sh_fatal(sh, 2, sh->dialect == DIALECT_DASH ? "Illegal option -%c" : "illegal option -%c", *s);
                return -1;
            }
        }
    }
    return i;
}

int builtin_read(struct shell *sh, int argc, char **argv)
{
    struct sh_read *d = proc_alloc(sh->c, sh->p, sizeof *d + sizeof(char *) * (size_t)(argc + 1));
    d->deadline = SIM_NEVER;
    d->delimiter = '\n';
    int i = read_options(sh, d, argc, argv);
    for (int k = i; k >= 0 && k < argc; k++) {
        if (sh_name_length(argv[k]) == strlen(argv[k]) && argv[k][0])
            continue;
        if (sh->dialect == DIALECT_DASH)
            sh_fatal(sh, 2, "%s: bad variable name", argv[k]);
        else
            sh_applet_error(sh, "read: '%s': bad variable name", argv[k]);
        mem_free(&sh->c->mem, d);
        return sh->dialect == DIALECT_DASH ? 2 : 1;
    }
    if (i == argc && sh->dialect == DIALECT_DASH) {
        sh_fatal(sh, 2, "arg count");
        i = -1;
    }
    struct sh_frame *f = i < 0 ? NULL : sh_push(sh, FRAME_READ, NULL);
    if (!f) {
        mem_free(&sh->c->mem, d);
        return 2;
    }
    for (; i < argc; i++)
        d->names[d->count++] = proc_strdup(sh->c, sh->p, argv[i]);
    d->startword = 1;
    f->data = d;
    return BUILTIN_PUSHED;
}

static const char *ifs_of(const struct shell *sh)
{
    const char *ifs = sh_get(sh, "IFS");
    return ifs ? ifs : " \t\n";
}

static bool is_blank(char ch) { return ch == ' ' || ch == '\t' || ch == '\n'; }

static bool in(const char *set, char ch) { return ch && strchr(set, ch); }

static void assign_next(struct shell *sh, struct sh_read *d, size_t length)
{
    char *value = mem_strndup(&sh->c->mem, &sh->p->mem, buf_str(&d->line), length);
    if (!sh->jump)
        sh_set(sh, d->count ? d->names[d->next++] : "REPLY", value);
    mem_free(&sh->c->mem, value);
    d->line.len = 0;
}

/* The last variable takes the rest, without blanks at its end; a lone separator at the end belongs to the field. */
static void assign_rest(struct shell *sh, struct sh_read *d)
{
    const char *ifs = ifs_of(sh), *line = buf_str(&d->line);
    size_t n = d->line.len;
    while (n && is_blank(line[n - 1]) && in(ifs, line[n - 1]))
        n--;
    if (n && in(ifs, line[n - 1])) {
        size_t before = n - 1, first = 0;
        while (before && is_blank(line[before - 1]) && in(ifs, line[before - 1]))
            before--;
        while (first < n && !in(ifs, line[first]))
            first++;
        if (first >= before)
            n = before;
    }
    assign_next(sh, d, n);
    while (d->next < d->count)
        assign_next(sh, d, 0);
}

static bool would_block(const struct ofile *f)
{
    return f && (f->kind == OFILE_TTY || (f->kind == OFILE_PIPE_READ && !f->pipe->len && f->pipe->writers));
}

/* `cut_off`: by the time or a signal; ash then leaves the variables as they are. */
static enum step end_read(struct shell *sh, struct sh_read *d, int status, bool cut_off)
{
    if (cut_off && sh->dialect == DIALECT_BUSYBOX)
        ;
    else if (d->count)
        assign_rest(sh, d);
    else
        assign_next(sh, d, d->line.len);
    for (uint32_t i = 0; i < d->count; i++)
        mem_free(&sh->c->mem, d->names[i]);
    buf_fini(&sh->c->mem, &d->line);
    sh->status = status;
    if (!sh->jump)
        sh_pop(sh);
    return STEP_AGAIN;
}

static void put_char(struct shell *sh, struct sh_read *d, char ch)
{
    buf_putc(&sh->c->mem, &sh->p->mem, &d->line, ch);
    d->taken++;
}

/* shell_common.c shell_builtin_read: a character that no backslash protects. */
static void take_char(struct shell *sh, struct sh_read *d, char ch)
{
    bool separates = d->count && in(ifs_of(sh), ch);
    if (d->count && d->startword && separates) {
        if (is_blank(ch))
            return;
        if (--d->startword == 1) /* the first such: it ends the word before */
            return;
    }
    d->startword = 0;
    if (separates && d->next + 1 < d->count) {
        assign_next(sh, d, d->line.len);
        d->startword = is_blank(ch) ? 2 : 1;
        return;
    }
    put_char(sh, d, ch);
}

/* A byte at a time, as read must: what follows the line is the next reader's. */
enum step sh_step_read(struct shell *sh, struct sh_frame *f)
{
    struct sh_read *d = f->data;
    uint64_t pending = sh->p->sig_pending & sh->p->sig_caught & ~SIG_BIT(VSIGCHLD);
    if (d->polls)
        return end_read(sh, d, would_block(sh->p->fds[d->fd]), true);
    if (pending)
        return end_read(sh, d, sh->dialect == DIALECT_BASH ? 128 + __builtin_ctzll(pending) : 1, true);
    for (int budget = 0; budget < 4096; budget++) {
        char ch;
        int64_t n = fd_read(sh->c, sh->p, d->fd, &ch, 1);
        if (n == READ_BLOCKED) {
            if (d->deadline == SIM_NEVER)
                return STEP_BLOCK;
            if (proc_now(sh->c) >= d->deadline)
                return end_read(sh, d, sh->dialect == DIALECT_BASH ? 142 : 1, true);
            return proc_block_for(sh->p, sh->p->wait, d->deadline);
        }
        if (n <= 0)
            return end_read(sh, d, 1, false);
        if (d->escaped) {
            d->escaped = false;
            d->startword = ch == '\n' ? d->startword : 0;
            if (ch != '\n')
                put_char(sh, d, ch);
        } else if (ch == '\\' && !d->raw) {
            d->escaped = true;
        } else if (ch == d->delimiter) {
            return end_read(sh, d, 0, false);
        } else if (ch) {
            take_char(sh, d, ch);
        }
        if (sh->jump || (d->max && d->taken >= d->max) || d->line.len >= STRING_MAX_BYTES)
            return end_read(sh, d, 0, false);
    }
    return STEP_AGAIN;
}
