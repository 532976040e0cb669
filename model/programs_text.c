/* programs_text.c - text from files and standard input: cat, head, tail, grep, wc, tee. */
#include <string.h>

#include "model/programs.h"
#include "model/programs_regex.h"
#include "model/shell.h"

/* ---- cat ---- */

struct cat_data {
    struct input in;
    bool begun, number;
    uint32_t line;
};

/* What goes wrong with standard output; true when it is time to stop. */
static bool cannot_write(struct cri *c, struct proc *p, int r)
{
    if (r == FD_NOSPACE)
        err_printf(c, p, "write error: No space left on device");
    return r != FD_OK;
}

static enum step cat_step(struct cri *c, struct proc *p)
{
    struct cat_data *d = p->data;
    if (!d->begun) {
        struct options o = {.p = p};
        for (int letter; (letter = option_next(&o, ""));)
            d->number |= letter == 'n';
        d->begun = true;
        d->in.next = o.next;
    }
    for (int budget = 0; budget < 64; budget++) {
        bool newline;
        enum input_result r = input_line(c, p, &d->in, &newline);
        if (r == INPUT_BLOCKED)
            return STEP_BLOCK;
        if (r == INPUT_END)
            return proc_exit_with(p, d->in.errors > 0);
        int w = FD_OK;
        if (d->number)
            w = out_printf(c, p, 1, "%6u\t", ++d->line);
        if (newline)
            buf_putc(&c->mem, &p->mem, &d->in.line, '\n');
        if (w == FD_OK)
            w = fd_write(c, p, 1, buf_str(&d->in.line), d->in.line.len);
        d->in.line.len = 0;
        if (cannot_write(c, p, w))
            return proc_exit_with(p, 1);
        if (p->full_pipe)
            break;
    }
    return STEP_AGAIN;
}

static const struct program program_cat = {.name = "cat", .step = cat_step, .data_bytes = sizeof(struct cat_data)};

/* ---- head ---- */

struct head_data {
    struct input in;
    bool begun, bytes;
    int64_t left;
};

/* "-5" as in "head -5": the number, or -1. */
static int64_t dash_number(const char *s)
{
    int64_t n = -1;
    return s[0] == '-' && sh_is_digit(s[1]) && parse_int64(s + 1, &n) ? n : -1;
}

static enum step head_step(struct cri *c, struct proc *p)
{
    struct head_data *d = p->data;
    if (!d->begun) {
        struct options o = {.p = p};
        d->begun = true;
        d->left = 10;
        if (p->argc > 1 && dash_number(p->argv[1]) >= 0) {
            d->left = dash_number(p->argv[1]);
            o.next = 2;
        }
        for (int letter; (letter = option_next(&o, "nc"));) {
            if (o.value && (letter == 'n' || letter == 'c'))
                parse_int64(o.value, &d->left);
            d->bytes |= letter == 'c';
        }
        d->in.next = o.next;
    }
    while (d->left > 0) {
        bool newline;
        enum input_result r = input_line(c, p, &d->in, &newline);
        if (r == INPUT_BLOCKED)
            return STEP_BLOCK;
        if (r == INPUT_END)
            break;
        if (newline)
            buf_putc(&c->mem, &p->mem, &d->in.line, '\n');
        size_t n = d->in.line.len;
        if (d->bytes && (int64_t)n > d->left)
            n = (size_t)d->left;
        d->left -= d->bytes ? (int64_t)n : 1;
        int w = fd_write(c, p, 1, buf_str(&d->in.line), n);
        d->in.line.len = 0;
        if (cannot_write(c, p, w))
            return proc_exit_with(p, 1);
        if (p->full_pipe)
            return STEP_AGAIN;
    }
    return proc_exit_with(p, d->in.errors > 0);
}

static const struct program program_head = {.name = "head", .step = head_step, .data_bytes = sizeof(struct head_data)};

/* ---- tail ---- */

struct tail_file {
    struct ofile *file; /* NULL: not there (yet) */
    const char *name;
    bool begun;
};

struct tail_data {
    bool begun, follow, retry, from_start, bytes, quiet, verbose;
    int64_t count;
    int first, files, at, errors;
    struct mem_buf text; /* what the current file has said so far */
    struct tail_file *file;
    int shown;   /* the file whose header was printed last */
    bool eating; /* tail /dev/zero: memory grows */
};

static void tail_arguments(struct cri *c, struct proc *p, struct tail_data *d)
{
    struct options o = {.p = p};
    const char *count = NULL;
    d->count = 10;
    d->shown = -1;
    if (p->argc > 1 && (dash_number(p->argv[1]) >= 0 || (p->argv[1][0] == '+' && sh_is_digit(p->argv[1][1])))) {
        count = p->argv[1][0] == '+' ? p->argv[1] : p->argv[1] + 1;
        o.next = 2;
    }
    for (int letter; (letter = option_next(&o, "ncs"));) {
        if ((letter == 'n' || letter == 'c') && o.value) {
            count = o.value;
            d->bytes = letter == 'c';
        }
        d->follow |= letter == 'f' || letter == 'F' || (letter == '-' && strcmp(o.value, "follow") == 0);
        d->retry |= letter == 'F' || (letter == '-' && strcmp(o.value, "retry") == 0);
        d->quiet |= letter == 'q';
        d->verbose |= letter == 'v';
    }
    if (count) {
        d->from_start = count[0] == '+';
        parse_int64(count + (count[0] == '-'), &d->count);
        if (d->count < 0)
            d->count = -d->count;
    }
    d->first = o.next;
    d->files = p->argc > o.next ? p->argc - o.next : 1;
    d->file = proc_alloc(c, p, sizeof *d->file * (size_t)d->files);
    for (int i = 0; i < d->files; i++)
        d->file[i].name = p->argc > o.next ? p->argv[o.next + i] : "-";
    p->watch_period = is_gnu(p) ? 0 : SIM_SECOND;
}

static void tail_header(struct cri *c, struct proc *p, struct tail_data *d, int i)
{
    if ((d->files < 2 && !d->verbose) || d->quiet || d->shown == i)
        return;
    out_printf(c, p, 1, "%s==> %s <==\n", d->shown < 0 ? "" : "\n", d->file[i].name);
    d->shown = i;
}

/* Offset in `text` where the wanted part begins. */
static size_t tail_start(const struct tail_data *d, const char *text, size_t n)
{
    if (d->from_start) {
        int64_t skip = d->count - 1;
        size_t at = 0;
        for (; skip > 0 && at < n; at++)
            if (d->bytes || text[at] == '\n')
                skip--;
        return at;
    }
    if (d->bytes)
        return (size_t)d->count < n ? n - (size_t)d->count : 0;
    if (d->count == 0)
        return n;
    int64_t lines = 0;
    for (size_t at = n; at > 0; at--)
        if (text[at - 1] == '\n' && at < n && ++lines == d->count)
            return at;
    return 0;
}

/* Reads file i to its present end into d->text; false: blocked. */
static bool tail_slurp(struct cri *c, struct proc *p, struct tail_data *d, int i)
{
    char bytes[1024];
    struct tail_file *f = &d->file[i];
    for (int budget = 0; budget < 8192; budget++) {
        int64_t n = strcmp(f->name, "-") == 0 ? fd_read(c, p, 0, bytes, sizeof bytes)
                                              : ofile_read(c, p, f->file, bytes, sizeof bytes);
        if (n == READ_BLOCKED)
            return false;
        if (n <= 0)
            return true;
        if (d->text.len < VFS_FILE_MAX)
            buf_add(&c->mem, &p->mem, &d->text, bytes, (size_t)n);
        if (f->file && f->file->kind == OFILE_ZERO) {
            d->eating = true;
            return true;
        }
    }
    return true;
}

/* tail keeps the line it looks for in memory: /dev/zero never ends one. */
static enum step tail_eats_memory(struct cri *c, struct proc *p)
{
    enum { TIB_LOG2 = 40 };
    if (p->memory.count == 0)
        proc_memory_grow(c, p, (int64_t)1 << TIB_LOG2);
    return proc_block_for(p, WAIT_FOREVER, SIM_NEVER);
}

static void tail_open(struct cri *c, struct proc *p, struct tail_data *d, int i, bool report)
{
    enum vfs_error e;
    struct tail_file *f = &d->file[i];
    if (strcmp(f->name, "-") == 0 || f->file)
        return;
    f->file = file_open(c, p, f->name, OPEN_READ, &e);
    if (f->file || !report)
        return;
    if (is_gnu(p))
        err_printf(c, p, "cannot open '%s' for reading: %s", f->name, vfs_error_text(e));
    else
        cannot_open(c, p, f->name, e);
    d->errors++;
}

/* The first look at each file. */
static enum step tail_first(struct cri *c, struct proc *p, struct tail_data *d)
{
    int i = d->at;
    struct tail_file *f = &d->file[i];
    if (!f->begun) {
        f->begun = true;
        tail_open(c, p, d, i, true);
    }
    if (f->file || strcmp(f->name, "-") == 0) {
        if (!tail_slurp(c, p, d, i))
            return STEP_BLOCK;
        if (d->eating)
            return STEP_AGAIN;
        tail_header(c, p, d, i);
        size_t from = tail_start(d, buf_str(&d->text), d->text.len);
        fd_write(c, p, 1, buf_str(&d->text) + from, d->text.len - from);
        d->text.len = 0;
    }
    d->at++;
    return STEP_AGAIN;
}

static enum step tail_follow(struct cri *c, struct proc *p, struct tail_data *d)
{
    struct vnode *watch = NULL;
    bool waiting = false;
    for (int i = 0; i < d->files; i++) {
        struct tail_file *f = &d->file[i];
        if (!f->file && d->retry)
            tail_open(c, p, d, i, false);
        if (!f->file || !f->file->node) {
            waiting |= d->retry;
            continue;
        }
        if (f->file->offset > f->file->node->len) /* truncated: from the start again */
            f->file->offset = 0;
        tail_slurp(c, p, d, i);
        if (d->text.len) {
            tail_header(c, p, d, i);
            fd_write(c, p, 1, d->text.data, d->text.len);
            d->text.len = 0;
        }
        watch = f->file->node;
    }
    if (!watch && !waiting)
        return proc_exit_with(p, 1);
    if (waiting || d->files > 1) /* several files: looked at each second */
        return proc_block_until(p, sim_time_next_tick(proc_now(c), SIM_SECOND, p->started_at));
    p->wait_node = watch;
    p->node_next = watch->watchers;
    watch->watchers = p;
    return proc_block_for(p, WAIT_FILE, SIM_NEVER);
}

static enum step tail_step(struct cri *c, struct proc *p)
{
    struct tail_data *d = p->data;
    if (!d->begun) {
        d->begun = true;
        tail_arguments(c, p, d);
    }
    if (d->eating)
        return tail_eats_memory(c, p);
    if (d->at < d->files)
        return tail_first(c, p, d);
    if (!d->follow)
        return proc_exit_with(p, d->errors > 0);
    return tail_follow(c, p, d);
}

static const struct program program_tail = {.name = "tail", .step = tail_step, .data_bytes = sizeof(struct tail_data)};

/* ---- grep ---- */

struct grep_data {
    struct input in;
    bool begun, invert, ignore_case, quiet, count, names, numbers, fixed, extended, only, whole_line, many, silent,
        word;
    const char *pattern;
    int64_t hits, max;
    uint32_t line;
    const char *file; /* whose line numbers are counted */
};

static void grep_summary(struct cri *c, struct proc *p, const struct grep_data *d)
{
    if (d->count && !d->quiet)
        out_printf(c, p, 1, "%lld\n", (long long)d->hits);
}

static bool grep_begin(struct cri *c, struct proc *p, struct grep_data *d)
{
    struct options o = {.p = p};
    const char *name = p->argc ? p->argv[0] : "grep";
    d->begun = true;
    d->max = INT64_MAX;
    d->extended = strstr(name, "egrep");
    d->fixed = strstr(name, "fgrep");
    for (int letter; (letter = option_next(&o, "emABC"));) {
        d->invert |= letter == 'v';
        d->ignore_case |= letter == 'i';
        d->quiet |= letter == 'q';
        d->count |= letter == 'c';
        d->names |= letter == 'l';
        d->numbers |= letter == 'n';
        d->fixed |= letter == 'F';
        d->extended |= letter == 'E' || letter == 'P';
        d->only |= letter == 'o';
        d->whole_line |= letter == 'x';
        d->silent |= letter == 's';
        d->word |= letter == 'w';
        if (letter == 'e')
            d->pattern = o.value;
        if (letter == 'm' && o.value)
            parse_int64(o.value, &d->max);
    }
    if (!d->pattern && o.next < p->argc)
        d->pattern = p->argv[o.next++];
    d->in.next = o.next;
    d->many = p->argc - o.next > 1;
    if (d->pattern)
        return true;
    err_printf(c, p, "usage: grep PATTERN [FILE]...");
    return false;
}

static bool is_word_char(char ch) { return sh_is_name_char(ch); }

static bool grep_match(struct cri *c, struct grep_data *d, const char *line, size_t *ret_from, size_t *ret_len)
{
    size_t from = 0;
    for (;;) {
        struct regex_match m;
        if (!regex_search(c, d->pattern, line, from,
                          (d->extended ? REGEX_EXTENDED : 0) | (d->fixed ? REGEX_FIXED : 0) |
                              (d->ignore_case ? REGEX_ICASE : 0),
                          &m))
            return false;
        *ret_from = m.from[0];
        *ret_len = m.to[0] - m.from[0];
        bool whole = !d->whole_line || (m.from[0] == 0 && !line[m.to[0]]);
        bool word =
            !d->word || ((m.from[0] == 0 || !is_word_char(line[m.from[0] - 1])) && !is_word_char(line[m.to[0]]));
        if (whole && word)
            return true;
        from = m.from[0] + 1;
        if (!line[m.from[0]] || d->whole_line)
            return false;
    }
}

static void grep_hit(struct cri *c, struct proc *p, struct grep_data *d, size_t from, size_t len)
{
    const char *text = buf_str(&d->in.line);
    if (d->quiet || d->count || d->names)
        return;
    if (d->many)
        out_printf(c, p, 1, "%s:", d->in.name);
    if (d->numbers)
        out_printf(c, p, 1, "%u:", d->line);
    if (!d->only || d->invert) {
        fd_write(c, p, 1, text, d->in.line.len);
        out_puts(c, p, 1, "\n");
        return;
    }
    for (size_t at = from; len;) {
        fd_write(c, p, 1, text + at, len);
        out_puts(c, p, 1, "\n");
        struct regex_match m;
        if (!regex_search(c, d->pattern, text, at + len,
                          (d->extended ? REGEX_EXTENDED : 0) | (d->fixed ? REGEX_FIXED : 0) |
                              (d->ignore_case ? REGEX_ICASE : 0),
                          &m))
            break;
        at = m.from[0];
        len = m.to[0] - m.from[0];
    }
}

static enum step grep_step(struct cri *c, struct proc *p)
{
    struct grep_data *d = p->data;
    if (!d->begun && !grep_begin(c, p, d))
        return proc_exit_with(p, 2);
    for (int budget = 0; budget < 64; budget++) {
        bool newline;
        size_t from = 0, len = 0;
        enum input_result r = input_line(c, p, &d->in, &newline);
        if (r == INPUT_BLOCKED)
            return STEP_BLOCK;
        if (r == INPUT_END) {
            grep_summary(c, p, d);
            return proc_exit_with(p, d->in.errors && !(d->quiet && d->hits) ? 2 : d->hits == 0);
        }
        if (d->in.name != d->file) {
            d->file = d->in.name;
            d->line = 0;
        }
        d->line++;
        if (grep_match(c, d, buf_str(&d->in.line), &from, &len) != d->invert) {
            d->hits++;
            grep_hit(c, p, d, from, len);
            if (d->names && !d->quiet)
                out_printf(c, p, 1, "%s\n", d->in.at_stdin ? "(standard input)" : d->in.name);
        }
        d->in.line.len = 0;
        if (d->hits && (d->quiet || d->names || d->hits >= d->max)) {
            grep_summary(c, p, d);
            return proc_exit_with(p, 0);
        }
        if (p->full_pipe)
            break;
    }
    return STEP_AGAIN;
}

static const struct program program_grep = {.name = "grep", .step = grep_step, .data_bytes = sizeof(struct grep_data)};

/* ---- wc ---- */

struct wc_data {
    struct input in;
    bool begun, lines, words, bytes;
    const char *name;
    int64_t count[3], total[3];
    int files;
};

static void wc_line(struct cri *c, struct proc *p, const struct wc_data *d, const int64_t *n, const char *name)
{
    bool one = d->lines + d->words + d->bytes == 1, first = true;
    for (int i = 0; i < 3; i++) {
        if (!(i == 0 ? d->lines : i == 1 ? d->words : d->bytes))
            continue;
        out_printf(c, p, 1,
                   one         ? "%lld"
                   : is_gnu(p) ? (first ? "%7lld" : " %7lld")
                   : first     ? "%9lld"
                               : " %9lld",
                   (long long)n[i]);
        first = false;
    }
    if (name && strcmp(name, "-") != 0)
        out_printf(c, p, 1, " %s", name);
    out_puts(c, p, 1, "\n");
}

static void wc_end_file(struct cri *c, struct proc *p, struct wc_data *d)
{
    if (!d->name)
        return;
    wc_line(c, p, d, d->count, d->name);
    for (int i = 0; i < 3; i++) {
        d->total[i] += d->count[i];
        d->count[i] = 0;
    }
    d->files++;
}

static enum step wc_step(struct cri *c, struct proc *p)
{
    struct wc_data *d = p->data;
    if (!d->begun) {
        struct options o = {.p = p};
        d->begun = true;
        for (int letter; (letter = option_next(&o, ""));) {
            d->lines |= letter == 'l';
            d->words |= letter == 'w';
            d->bytes |= letter == 'c' || letter == 'm';
        }
        if (!d->lines && !d->words && !d->bytes)
            d->lines = d->words = d->bytes = true;
        d->in.next = o.next;
    }
    for (int budget = 0; budget < 256; budget++) {
        bool newline;
        enum input_result r = input_line(c, p, &d->in, &newline);
        if (r == INPUT_BLOCKED)
            return STEP_BLOCK;
        if (r == INPUT_END) {
            if (!d->name)
                d->name = d->in.errors ? NULL : d->in.name ? d->in.name : "-";
            wc_end_file(c, p, d);
            if (d->files > 1)
                wc_line(c, p, d, d->total, "total");
            return proc_exit_with(p, d->in.errors > 0);
        }
        if (d->name && d->name != d->in.name)
            wc_end_file(c, p, d);
        d->name = d->in.name;
        d->count[0] += newline;
        d->count[2] += (int64_t)d->in.line.len + newline;
        bool in_word = false;
        for (size_t i = 0; i < d->in.line.len; i++) {
            bool blank = d->in.line.data[i] == ' ' || d->in.line.data[i] == '\t';
            d->count[1] += !blank && !in_word;
            in_word = !blank;
        }
        d->in.line.len = 0;
    }
    return STEP_AGAIN;
}

static const struct program program_wc = {.name = "wc", .step = wc_step, .data_bytes = sizeof(struct wc_data)};

/* ---- tee ---- */

struct tee_data {
    bool begun;
    int status, count;
    struct ofile **files;
};

static enum step tee_step(struct cri *c, struct proc *p)
{
    struct tee_data *d = p->data;
    char bytes[1024];
    if (!d->begun) {
        struct options o = {.p = p};
        bool append = false;
        d->begun = true;
        for (int letter; (letter = option_next(&o, ""));)
            append |= letter == 'a';
        d->files = proc_alloc(c, p, sizeof *d->files * (size_t)(p->argc + 1));
        for (int i = o.next; i < p->argc; i++) {
            enum vfs_error e;
            struct ofile *f =
                file_open(c, p, p->argv[i], OPEN_WRITE | OPEN_CREATE | (append ? OPEN_APPEND : OPEN_TRUNCATE), &e);
            if (f) {
                d->files[d->count++] = f;
                continue;
            }
            err_printf(c, p, "%s: %s", p->argv[i], vfs_error_text(e));
            d->status = 1;
        }
    }
    int64_t n = fd_read(c, p, 0, bytes, sizeof bytes);
    if (n == READ_BLOCKED)
        return STEP_BLOCK;
    if (n > 0) {
        fd_write(c, p, 1, bytes, (size_t)n);
        for (int i = 0; i < d->count; i++)
            ofile_write(c, p, d->files[i], bytes, (size_t)n);
        return STEP_AGAIN;
    }
    for (int i = 0; i < d->count; i++)
        ofile_unref(c, d->files[i]);
    d->count = 0;
    return proc_exit_with(p, d->status);
}

static const struct program program_tee = {.name = "tee", .step = tee_step, .data_bytes = sizeof(struct tee_data)};

const struct applet text_applets[] = {
    {"cat", &program_cat, IMAGE_SHELLS},
    {"egrep", &program_grep, IMAGE_SHELLS},
    {"fgrep", &program_grep, IMAGE_SHELLS},
    {"grep", &program_grep, IMAGE_SHELLS},
    {"head", &program_head, IMAGE_SHELLS},
    {"tail", &program_tail, IMAGE_SHELLS},
    {"tee", &program_tee, IMAGE_SHELLS},
    {"wc", &program_wc, IMAGE_SHELLS},
    {NULL, NULL, 0},
};
