/* programs_text.c - text from files and standard input: cat, head, tail, wc, tee. Left out: head and tail of several
 * megabytes from the end of a pipe keep all of it in memory.
 */
#include <string.h>

#include "model/programs.h"
#include "model/shell.h"

/* ---- cat ---- */

struct cat_data {
    struct input in;
    bool begun, number, number_nonblank, visible, ends, tabs, squeeze, middle, blank;
    uint32_t line;
};

/* What goes wrong with standard output; true when it is time to stop. */
static bool cannot_write(struct cri *c, struct proc *p, int r)
{
    if (r == FD_NOSPACE)
        err_printf(c, p, "write error: No space left on device");
    return r != FD_OK;
}

/* "^A", "M-^?", "$" at the end. */
static void cat_visible(struct cri *c, struct proc *p, const struct cat_data *d, const char *s, size_t n,
                        struct mem_buf *out)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char ch = (unsigned char)s[i];
        if (ch == '\n' || (ch == '\t' && !d->tabs)) {
            if (ch == '\n' && d->ends)
                buf_putc(&c->mem, &p->mem, out, '$');
            buf_putc(&c->mem, &p->mem, out, (char)ch);
            continue;
        }
        if (d->visible && ch >= 128) {
            buf_puts(&c->mem, &p->mem, out, "M-");
            ch &= 127;
        }
        if (d->visible && (ch < 32 || ch == 127)) {
            buf_putc(&c->mem, &p->mem, out, '^');
            ch ^= 64;
        } else if (ch == '\t') {
            buf_putc(&c->mem, &p->mem, out, '^');
            ch = 'I';
        }
        buf_putc(&c->mem, &p->mem, out, (char)ch);
    }
}

static bool cat_begin(struct cri *c, struct proc *p, struct cat_data *d)
{
    static const struct long_option longs[] = {{"number", 'n'},    {"number-nonblank", 'b'}, {"show-all", 'A'},
                                               {"show-ends", 'E'}, {"squeeze-blank", 's'},   {NULL, 0}};
    struct options o = {.p = p};
    for (int letter; (letter = option_get(c, &o, is_gnu(p) ? "nbvteAETsu" : "nbvteAu", longs));) {
        if (letter == '?')
            return false;
        d->number |= letter == 'n' || letter == 'b';
        d->number_nonblank |= letter == 'b';
        d->visible |= strchr("vteA", letter) != NULL;
        d->ends |= strchr("eAE", letter) != NULL;
        d->tabs |= strchr("tAT", letter) != NULL;
        d->squeeze |= letter == 's';
    }
    d->begun = true;
    d->in.next = o.next;
    return true;
}

static int cat_line(struct cri *c, struct proc *p, struct cat_data *d, bool newline)
{
    struct mem_buf *line = &d->in.line, shown = {0};
    int w = FD_OK;
    bool empty = line->len == 0 && newline && !d->middle;
    if (d->squeeze && empty && d->blank)
        return FD_OK;
    d->blank = empty;
    newline |= d->number && !is_gnu(p);
    if (d->number && !d->middle && !(d->number_nonblank && empty))
        w = out_printf(c, p, 1, "%6u\t", ++d->line);
    if (newline)
        buf_putc(&c->mem, &p->mem, line, '\n');
    d->middle = !newline;
    if (d->visible || d->ends || d->tabs) {
        cat_visible(c, p, d, buf_str(line), line->len, &shown);
        w = fd_write(c, p, 1, buf_str(&shown), shown.len);
        buf_fini(&c->mem, &shown);
    } else if (w == FD_OK) {
        w = fd_write(c, p, 1, buf_str(line), line->len);
    }
    return w;
}

static enum step cat_step(struct cri *c, struct proc *p)
{
    struct cat_data *d = p->data;
    if (!d->begun && !cat_begin(c, p, d))
        return proc_exit_with(p, 1);
    for (int budget = 0; budget < 64; budget++) {
        bool newline;
        enum input_result r = input_line(c, p, &d->in, &newline);
        if (r == INPUT_BLOCKED)
            return STEP_BLOCK;
        if (r == INPUT_END)
            return proc_exit_with(p, d->in.errors > 0);
        int w = cat_line(c, p, d, newline);
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

enum { HEAD_BYTES = 4096 };
struct head_data {
    bool begun, bytes, negative, quiet, verbose, many, shown;
    int64_t count, left;
    int next, errors;
    struct ofile *file;
    bool opened;
    struct mem_buf held; /* with a negative count: what may be the end */
};

/* "-5" as in "head -5": the number, or -1. */
static int64_t dash_number(const char *s)
{
    int64_t n = -1;
    return s[0] == '-' && sh_is_digit(s[1]) && parse_int64(s + 1, &n) ? n : -1;
}

static bool head_begin(struct cri *c, struct proc *p, struct head_data *d)
{
    static const struct long_option longs[] = {{"lines", 'n'},  {"bytes", 'c'},   {"quiet", 'q'},
                                               {"silent", 'q'}, {"verbose", 'v'}, {NULL, 0}};
    struct options o = {.p = p};
    d->begun = true;
    d->count = 10;
    if (p->argc > 1 && dash_number(p->argv[1]) >= 0) {
        d->count = dash_number(p->argv[1]);
        o.next = 2;
    }
    for (int letter; (letter = option_get(c, &o, "n:c:qv", longs));) {
        if (letter == '?')
            return false;
        d->quiet |= letter == 'q';
        d->verbose |= letter == 'v';
        if (letter != 'n' && letter != 'c')
            continue;
        d->bytes = letter == 'c';
        d->negative = o.value[0] == '-';
        if (!parse_size(o.value + d->negative, is_gnu(p) ? "bkKMmGg" : "bkm", &d->count)) {
            if (is_gnu(p))
                err_printf(c, p, "invalid number of %s: '%s'", d->bytes ? "bytes" : "lines", o.value);
            else
                err_printf(c, p, "invalid number '%s'", o.value);
            return false;
        }
    }
    d->next = o.next;
    d->many = p->argc - o.next > 1;
    return true;
}

/* Opens the next file; false: there is none. */
static bool head_open(struct cri *c, struct proc *p, struct head_data *d)
{
    while (d->next < p->argc || !d->opened) {
        const char *name = d->next < p->argc ? p->argv[d->next] : "-";
        enum vfs_error e = VFS_OK;
        d->next++;
        d->opened = true;
        d->left = d->count;
        d->file = strcmp(name, "-") == 0 ? ofile_ref(p->fds[0]) : file_open(c, p, name, OPEN_READ, &e);
        if (!d->file) {
            say_error(c, p, "cannot open '%s' for reading", "%s", name, e);
            d->errors++;
            continue;
        }
        if ((d->many && !d->quiet) || d->verbose)
            out_printf(c, p, 1, "%s==> %s <==\n", d->shown ? "\n" : "",
                       strcmp(name, "-") == 0 ? "standard input" : name);
        d->shown = true;
        return true;
    }
    return false;
}

/* How many of these bytes are still wanted. */
static size_t head_take(struct head_data *d, const char *s, size_t n)
{
    size_t i = 0;
    if (d->bytes) {
        i = (int64_t)n > d->left ? (size_t)d->left : n;
        d->left -= (int64_t)i;
        return i;
    }
    for (; i < n && d->left > 0; i++)
        d->left -= s[i] == '\n';
    return i;
}

/* Without the last `count` lines or bytes. */
static size_t head_before_end(const struct head_data *d)
{
    size_t n = d->held.len;
    if (d->bytes)
        return (int64_t)n > d->count ? n - (size_t)d->count : 0;
    int64_t lines = d->count;
    if (n && d->held.data[n - 1] != '\n')
        lines--;
    for (; n > 0; n--)
        if (d->held.data[n - 1] == '\n' && lines-- == 0)
            break;
    return n;
}

static enum step head_step(struct cri *c, struct proc *p)
{
    struct head_data *d = p->data;
    char bytes[HEAD_BYTES];
    if (!d->begun && !head_begin(c, p, d))
        return proc_exit_with(p, 1);
    if (!d->file && !head_open(c, p, d))
        return proc_exit_with(p, d->errors > 0);
    size_t want = d->bytes && !d->negative && d->left < HEAD_BYTES ? (size_t)d->left : HEAD_BYTES;
    int64_t n = d->left > 0 || d->negative ? ofile_read(c, p, d->file, bytes, want) : 0;
    if (n == READ_BLOCKED)
        return STEP_BLOCK;
    int w = FD_OK;
    if (n > 0 && d->negative && d->held.len < VFS_FILE_MAX)
        buf_add(&c->mem, &p->mem, &d->held, bytes, (size_t)n);
    else if (n > 0)
        w = fd_write(c, p, 1, bytes, head_take(d, bytes, (size_t)n));
    if (n <= 0 && d->negative)
        w = fd_write(c, p, 1, buf_str(&d->held), head_before_end(d));
    if (cannot_write(c, p, w))
        return proc_exit_with(p, 1);
    if (n == READ_ISDIR) {
        err_printf(c, p, is_gnu(p) ? "error reading: Is a directory" : "read error: Is a directory");
        d->errors++;
    }
    if (n <= 0 || (d->left <= 0 && !d->negative)) {
        ofile_unref(c, d->file);
        d->file = NULL;
        d->held.len = 0;
    }
    return STEP_AGAIN;
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

static bool tail_arguments(struct cri *c, struct proc *p, struct tail_data *d)
{
    static const struct long_option longs[] = {{"lines", 'n'},          {"bytes", 'c'}, {"quiet", 'q'},
                                               {"follow", 'f'},         {"retry", 'R'}, {"verbose", 'v'},
                                               {"sleep-interval", 's'}, {"pid", 'P'},   {NULL, 0}};
    struct options o = {.p = p};
    const char *count = NULL;
    d->count = 10;
    d->shown = -1;
    if (p->argc > 1 && (dash_number(p->argv[1]) >= 0 || (p->argv[1][0] == '+' && sh_is_digit(p->argv[1][1])))) {
        count = p->argv[1][0] == '+' ? p->argv[1] : p->argv[1] + 1;
        o.next = 2;
    }
    for (int letter; (letter = option_get(c, &o, "n:c:s:fFqvRP:", longs));) {
        if (letter == '?')
            return false;
        if (letter == 'n' || letter == 'c') {
            count = o.value;
            d->bytes = letter == 'c';
        }
        d->follow |= letter == 'f' || letter == 'F';
        d->retry |= letter == 'F' || letter == 'R';
        d->quiet |= letter == 'q';
        d->verbose |= letter == 'v';
    }
    if (count) {
        d->from_start = count[0] == '+';
        if (!parse_size(count + (count[0] == '-' || count[0] == '+'), is_gnu(p) ? "bkKMmGg" : "bkm", &d->count)) {
            if (is_gnu(p))
                err_printf(c, p, "invalid number of %s: '%s'", d->bytes ? "bytes" : "lines", count);
            else
                err_printf(c, p, "invalid number '%s'", count);
            return false;
        }
    }
    d->first = o.next;
    d->files = p->argc > o.next ? p->argc - o.next : 1;
    d->file = proc_alloc(c, p, sizeof *d->file * (size_t)d->files);
    for (int i = 0; i < d->files; i++)
        d->file[i].name = p->argc > o.next ? p->argv[o.next + i] : "-";
    p->watch_period = is_gnu(p) ? 0 : SIM_SECOND;
    return true;
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
    bool waiting = false, silent = false; /* silent: one that never grows, such as /dev/null */
    for (int i = 0; i < d->files; i++) {
        struct tail_file *f = &d->file[i];
        if (!f->file && d->retry)
            tail_open(c, p, d, i, false);
        if (!f->file || !f->file->node) {
            silent |= f->file != NULL;
            waiting |= !f->file && d->retry;
            continue;
        }
        if (f->file->offset > vfs_size(f->file->node)) /* truncated: from the start again */
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
        return silent ? proc_block_for(p, WAIT_FOREVER, SIM_NEVER) : proc_exit_with(p, 1);
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
        if (!tail_arguments(c, p, d))
            return proc_exit_with(p, 1);
    }
    if (d->eating)
        return tail_eats_memory(c, p);
    if (d->at < d->files)
        return tail_first(c, p, d);
    if (d->errors == d->files && !(d->follow && d->retry) && !is_gnu(p))
        err_printf(c, p, "no files"); /* busybox coreutils/tail.c */
    if (!d->follow || (d->errors == d->files && !d->retry))
        return proc_exit_with(p, d->errors > 0);
    return tail_follow(c, p, d);
}

static const struct program program_tail = {.name = "tail", .step = tail_step, .data_bytes = sizeof(struct tail_data)};

/* ---- wc ---- */

enum wc_what { WC_LINES, WC_WORDS, WC_BYTES, WC_LONGEST, WC_COUNT };
struct wc_data {
    struct input in;
    bool begun, in_word, wanted[WC_COUNT];
    int64_t count[WC_COUNT], total[WC_COUNT], column;
    int files, next, errors, width;
    struct ofile *file;
    const char *name;
};

static void wc_line(struct cri *c, struct proc *p, const struct wc_data *d, const int64_t *n, const char *name)
{
    bool one = d->wanted[0] + d->wanted[1] + d->wanted[2] + d->wanted[3] == 1, first = true;
    bool bare = p->argc - d->in.next <= 1;
    int width = is_gnu(p) ? d->width : 9;
    for (int i = 0; i < WC_COUNT; i++) {
        if (!d->wanted[i])
            continue;
        out_printf(c, p, 1, first ? "%*lld" : " %*lld", one && bare ? 1 : width, (long long)n[i]);
        first = false;
    }
    if (name)
        out_printf(c, p, 1, " %s", name);
    out_puts(c, p, 1, "\n");
}

static void wc_end_file(struct cri *c, struct proc *p, struct wc_data *d)
{
    if (d->column > d->count[WC_LONGEST])
        d->count[WC_LONGEST] = d->column;
    wc_line(c, p, d, d->count, d->name);
    for (int i = 0; i < WC_COUNT; i++) {
        d->total[i] = i == WC_LONGEST && d->total[i] > d->count[i] ? d->total[i]
                      : i == WC_LONGEST                            ? d->count[i]
                                                                   : d->total[i] + d->count[i];
        d->count[i] = 0;
    }
    d->column = 0;
    d->in_word = false;
    d->files++;
    ofile_unref(c, d->file);
    d->file = NULL;
}

/* coreutils: as many digits as the sizes of all files together have; 7 for what has no size. */
static int wc_width(struct cri *c, struct proc *p, int first)
{
    size_t sum = 0;
    int digits = 1;
    for (int i = first; i < p->argc; i++) {
        struct vnode *n;
        if (vfs_find(c, p->container, p->cwd, p->argv[i], &n) == VFS_OK && n->type == VNODE_FILE)
            sum += vfs_size(n);
    }
    for (; sum > 9; sum /= 10)
        digits++;
    return first < p->argc ? digits : 7;
}

static bool wc_begin(struct cri *c, struct proc *p, struct wc_data *d)
{
    static const struct long_option longs[] = {{"lines", 'l'}, {"words", 'w'},           {"bytes", 'c'},
                                               {"chars", 'm'}, {"max-line-length", 'L'}, {NULL, 0}};
    struct options o = {.p = p};
    bool any = false;
    for (int letter; (letter = option_get(c, &o, "lwcmL", longs));) {
        if (letter == '?')
            return false;
        d->wanted[letter == 'l' ? WC_LINES : letter == 'w' ? WC_WORDS : letter == 'L' ? WC_LONGEST : WC_BYTES] = true;
        any = true;
    }
    for (int i = 0; i < WC_LONGEST && !any; i++)
        d->wanted[i] = true;
    d->begun = true;
    d->next = d->in.next = o.next;
    d->width = wc_width(c, p, o.next);
    return true;
}

/* Opens the next file; false: there is none. */
static bool wc_open(struct cri *c, struct proc *p, struct wc_data *d)
{
    while (d->next < p->argc || (d->next == d->in.next && p->argc == d->in.next)) {
        enum vfs_error e = VFS_OK;
        d->name = d->next < p->argc ? p->argv[d->next] : NULL;
        d->next++;
        d->file =
            !d->name || strcmp(d->name, "-") == 0 ? ofile_ref(p->fds[0]) : file_open(c, p, d->name, OPEN_READ, &e);
        if (d->file)
            return true;
        if (e != VFS_OK)
            err_printf(c, p, "%s: %s", d->name, vfs_error_text(e));
        d->errors++;
    }
    return false;
}

static void wc_bytes(struct wc_data *d, const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bool space = s[i] == ' ' || (s[i] >= '\t' && s[i] <= '\r');
        d->count[WC_WORDS] += !space && !d->in_word;
        d->in_word = !space;
        d->count[WC_LINES] += s[i] == '\n';
        d->column = s[i] == '\t' ? (d->column | 7) + 1 : s[i] == '\n' ? d->column : d->column + 1;
        if (d->column > d->count[WC_LONGEST])
            d->count[WC_LONGEST] = d->column;
        if (s[i] == '\n')
            d->column = 0;
    }
    d->count[WC_BYTES] += (int64_t)n;
}

static enum step wc_step(struct cri *c, struct proc *p)
{
    struct wc_data *d = p->data;
    char bytes[4096];
    if (!d->begun && !wc_begin(c, p, d))
        return proc_exit_with(p, 1);
    if (!d->file && !wc_open(c, p, d)) {
        if (d->files + d->errors > 1)
            wc_line(c, p, d, d->total, "total");
        return proc_exit_with(p, d->errors > 0);
    }
    int64_t n = ofile_read(c, p, d->file, bytes, sizeof bytes);
    if (n == READ_BLOCKED)
        return STEP_BLOCK;
    if (n == READ_ISDIR) {
        err_printf(c, p, is_gnu(p) ? "%s: Is a directory" : "read error: Is a directory", d->name);
        d->errors++;
    }
    if (n > 0)
        wc_bytes(d, bytes, (size_t)n);
    else
        wc_end_file(c, p, d);
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
        for (int letter; (letter = option_get(c, &o, "aip", NULL));) {
            if (letter == '?')
                return proc_exit_with(p, 1);
            append |= letter == 'a';
        }
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
