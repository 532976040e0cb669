/* programs_sed.c - sed: cycles of lines through a script (programs_sed_parse.c).
 *
 * busybox reads one line ahead, GNU sed only where a script asks for the last line; so does this. A script that reads
 * (n, N) and must wait goes on where it stood. Left out: e, W, R, F, v; lines longer than INPUT_LINE_MAX are split.
 */
#include "model/programs_sed.h"

#include <stdio.h>
#include <string.h>

#include "model/programs_regex.h"
#include "model/shell.h"

enum next_state { NEXT_UNKNOWN, NEXT_LINE, NEXT_END };
struct sed_file { /* of w */
    struct sed_file *more;
    const char *name;
    struct ofile *file;
};
struct sed_data {
    struct input in;
    bool begun, in_place, in_cycle, substituted, owes_newline, quit, restarted;
    const char *suffix; /* -i.bak */
    struct sed_script script;
    int64_t line;
    int pc;
    struct mem_buf space, hold, next, append, scratch;
    bool newline, next_newline;
    enum next_state next_state;
    const char *file, *next_file; /* where they are from */
    const char *last_pattern;
    struct mem_buf result; /* -i */
    struct sed_file *files;
    int exit_code;
    uint32_t jumps; /* in this cycle */
};

/* ---- arguments ---- */

static bool script_of_file(struct cri *c, struct proc *p, struct mem_buf *text, const char *path)
{
    struct vnode *n;
    size_t len;
    enum vfs_error e = vfs_find(c, p->container, p->cwd, path, &n);
    if (e != VFS_OK) {
        err_printf(c, p, is_gnu(p) ? "couldn't open file %s: %s" : "%s: %s", path, vfs_error_text(e));
        return false;
    }
    buf_puts(&c->mem, &p->mem, text, vfs_content(c, p->container, n, &len));
    return true;
}

static bool sed_options(struct cri *c, struct proc *p, struct sed_data *d, struct options *o, struct mem_buf *text)
{
    static const struct long_option longs[] = {{"expression", 'e'}, {"file", 'f'},     {"in-place", 'i'},
                                               {"quiet", 'n'},      {"silent", 'n'},   {"regexp-extended", 'E'},
                                               {"version", '\1'},   {"separate", 's'}, {NULL, 0}};
    bool script = false;
    for (int letter; (letter = option_get(c, o, is_gnu(p) ? "e:f:i::nrEsuz\1" : "e:f:i::nrE\1", longs));) {
        d->script.quiet |= letter == 'n';
        d->script.extended |= letter == 'E' || letter == 'r';
        if (letter == '?')
            return false;
        if (letter == '\1') {
            out_puts(c, p, 1, is_gnu(p) ? "sed (GNU sed) 4.9\n" : "This is not GNU sed version 4.0\n");
            d->quit = true;
            return true;
        }
        if (letter == 'i') {
            d->in_place = true;
            d->suffix = o->value;
        }
        if (letter != 'e' && letter != 'f')
            continue;
        if (script)
            buf_putc(&c->mem, &p->mem, text, '\n');
        script = true;
        if (letter == 'e')
            buf_puts(&c->mem, &p->mem, text, o->value);
        else if (!script_of_file(c, p, text, o->value))
            return false;
    }
    if (script)
        return true;
    if (o->next >= p->argc) {
        usage_print(c, p, "");
        return false;
    }
    buf_puts(&c->mem, &p->mem, text, p->argv[o->next++]);
    return true;
}

static bool sed_begin(struct cri *c, struct proc *p, struct sed_data *d)
{
    struct options o = {.p = p};
    struct mem_buf text = {0};
    d->begun = true;
    if (!sed_options(c, p, d, &o, &text))
        return false;
    d->in.next = o.next;
    d->in.plain = true;
    d->in.gnu_prefix = "can't read ";
    d->last_pattern = "";
    d->script.peeks = !is_gnu(p);
    return d->quit || sed_parse(c, p, &d->script, buf_str(&text));
}

/* ---- addresses ---- */

static bool matches(struct cri *c, struct sed_data *d, const char *pattern, bool icase, size_t from,
                    struct regex_match *m)
{
    int flags = (d->script.extended ? REGEX_EXTENDED : 0) | (icase ? REGEX_ICASE : 0);
    if (*pattern)
        d->last_pattern = pattern;
    return regex_search(c, d->last_pattern, buf_str(&d->space), from, flags, m);
}

static bool is_last(const struct sed_data *d)
{
    return d->next_state == NEXT_END || (d->in_place && d->next_state == NEXT_LINE && d->next_file != d->file);
}

static bool is_at(struct cri *c, struct sed_data *d, const struct sed_address *a)
{
    struct regex_match m;
    switch (a->kind) {
    case ADDRESS_LINE:
        return d->line == a->line;
    case ADDRESS_STEP:
        return a->step > 0 ? d->line >= a->line && (d->line - a->line) % a->step == 0 : d->line == a->line;
    case ADDRESS_LAST:
        return is_last(d);
    case ADDRESS_PATTERN:
        return matches(c, d, a->pattern, a->icase, 0, &m);
    default:
        return true;
    }
}

static bool selected(struct cri *c, struct sed_data *d, struct sed_command *k)
{
    bool r;
    if (k->to.kind == ADDRESS_NONE) {
        r = is_at(c, d, &k->from);
    } else if (k->active) {
        r = true;
        if (k->to.kind == ADDRESS_PLUS   ? d->line >= k->until
            : k->to.kind == ADDRESS_LINE ? d->line >= k->to.line
                                         : is_at(c, d, &k->to))
            k->active = false;
        if (k->to.kind == ADDRESS_LINE && d->line > k->to.line) /* passed meanwhile */
            r = is_at(c, d, &k->from);
    } else {
        r = is_at(c, d, &k->from);
        k->until = d->line + k->to.line;
        k->active = r && !(k->to.kind == ADDRESS_LINE && k->to.line <= d->line) &&
                    !(k->to.kind == ADDRESS_PLUS && k->to.line == 0) && !(k->to.kind == ADDRESS_LAST && is_last(d));
        if (k->from.kind == ADDRESS_LINE && k->from.line == 0 && d->line == 1) { /* 0,/x/: the end may be line 1 */
            r = true;
            k->active = !is_at(c, d, &k->to);
        }
    }
    return r != k->negated;
}

/* ---- output ---- */

static struct ofile *file_of(struct cri *c, struct proc *p, struct sed_data *d, const char *name)
{
    enum vfs_error e;
    if (strcmp(name, "/dev/stdout") == 0)
        return p->fds[1];
    for (struct sed_file *f = d->files; f; f = f->more)
        if (strcmp(f->name, name) == 0)
            return f->file;
    struct sed_file *f = proc_alloc(c, p, sizeof *f);
    *f = (struct sed_file){d->files, name, file_open(c, p, name, OPEN_WRITE | OPEN_CREATE | OPEN_TRUNCATE, &e)};
    if (!f->file)
        err_printf(c, p, "%s: %s", name, vfs_error_text(e));
    d->files = f;
    return f->file;
}

/* A line of output; what came before without a newline gets it now. */
static void put_line(struct cri *c, struct proc *p, struct sed_data *d, const char *s, size_t n, bool newline)
{
    d->scratch.len = 0;
    if (d->owes_newline)
        buf_putc(&c->mem, &p->mem, &d->scratch, '\n');
    buf_add(&c->mem, &p->mem, &d->scratch, s, n);
    if (newline)
        buf_putc(&c->mem, &p->mem, &d->scratch, '\n');
    d->owes_newline = !newline;
    if (d->in_place)
        buf_add(&c->mem, &p->mem, &d->result, d->scratch.data, d->scratch.len);
    else
        fd_write(c, p, 1, d->scratch.data, d->scratch.len);
}

static void put_space(struct cri *c, struct proc *p, struct sed_data *d)
{
    put_line(c, p, d, buf_str(&d->space), d->space.len, d->newline);
}

static void put_text(struct cri *c, struct proc *p, struct sed_data *d, const char *text)
{
    put_line(c, p, d, text, strlen(text), true);
}

static void write_file(struct cri *c, struct proc *p, struct sed_data *d, const char *name)
{
    struct ofile *f = file_of(c, p, d, name);
    if (!f)
        return;
    ofile_write(c, p, f, buf_str(&d->space), d->space.len);
    ofile_write(c, p, f, "\n", 1);
}

/* r: the file's content after the line; one that is not there is empty. */
static void append_file(struct cri *c, struct proc *p, struct sed_data *d, const char *name)
{
    struct vnode *n;
    size_t len;
    if (vfs_find(c, p->container, p->cwd, name, &n) != VFS_OK || n->type != VNODE_FILE)
        return;
    const char *text = vfs_content(c, p->container, n, &len);
    len -= len && text[len - 1] == '\n';
    buf_add(&c->mem, &p->mem, &d->append, text, len);
    buf_putc(&c->mem, &p->mem, &d->append, '\0');
}

static void put_appended(struct cri *c, struct proc *p, struct sed_data *d)
{
    for (size_t at = 0; at < d->append.len; at += strlen(d->append.data + at) + 1)
        put_text(c, p, d, d->append.data + at);
    d->append.len = 0;
}

static void end_cycle(struct cri *c, struct proc *p, struct sed_data *d, bool print)
{
    if (print && !d->script.quiet)
        put_space(c, p, d);
    put_appended(c, p, d);
    d->in_cycle = false;
}

/* -i: the result takes the file's place, which is kept under another name if asked for. */
static void write_back(struct cri *c, struct proc *p, struct sed_data *d)
{
    enum vfs_error e;
    if (!d->in_place || !d->file)
        return;
    if (d->suffix) {
        struct vnode *n;
        size_t len = 0;
        const char *old =
            vfs_find(c, p->container, p->cwd, d->file, &n) == VFS_OK ? vfs_content(c, p->container, n, &len) : "";
        struct ofile *backup = file_open(c, p, proc_printf(c, p, "%s%s", d->file, d->suffix),
                                         OPEN_WRITE | OPEN_CREATE | OPEN_TRUNCATE, &e);
        if (backup)
            ofile_write(c, p, backup, old, len);
        ofile_unref(c, backup);
    }
    struct ofile *f = file_open(c, p, d->file, OPEN_WRITE | OPEN_CREATE | OPEN_TRUNCATE, &e);
    if (f)
        ofile_write(c, p, f, buf_str(&d->result), d->result.len);
    else
        err_printf(c, p, "%s: %s", d->file, vfs_error_text(e));
    ofile_unref(c, f);
    d->result.len = 0;
    d->owes_newline = false;
}

/* ---- s and y ---- */

/* GNU's \U, \L, \u, \l, \E: what follows changes case. */
struct casing {
    char all, one; /* 'U', 'L', 0 */
};

static void put_cased(struct cri *c, struct mem_buf *out, struct casing *k, char ch)
{
    char how = k->one ? k->one : k->all;
    k->one = 0;
    if (how == 'U' && ch >= 'a' && ch <= 'z')
        ch = (char)(ch - 32);
    else if (how == 'L' && ch >= 'A' && ch <= 'Z')
        ch = (char)(ch + 32);
    buf_putc(&c->mem, NULL, out, ch);
}

static bool take_casing(struct casing *k, char letter)
{
    if (letter == 'u' || letter == 'l')
        k->one = letter == 'u' ? 'U' : 'L';
    else if (letter == 'U' || letter == 'L' || letter == 'E')
        k->all = letter == 'E' ? 0 : letter;
    else
        return false;
    return true;
}

static void add_replacement(struct cri *c, const struct proc *p, struct mem_buf *out, const char *text,
                            const char *line, const struct regex_match *m)
{
    struct casing k = {0};
    for (; *text; text++) {
        int group = -1;
        if (*text == '&')
            group = 0;
        else if (*text == '\\' && sh_is_digit(text[1]))
            group = *++text - '0';
        else if (*text == '\\' && (text[1] == 'n' || text[1] == 't'))
            buf_putc(&c->mem, NULL, out, *++text == 'n' ? '\n' : '\t');
        else if (*text == '\\' && is_gnu(p) && take_casing(&k, text[1]))
            text++;
        else if (*text == '\\' && text[1])
            put_cased(c, out, &k, *++text);
        else
            put_cased(c, out, &k, *text);
        for (size_t i = m->from[group < 0 ? 0 : group]; group >= 0 && i < m->to[group]; i++)
            put_cased(c, out, &k, line[i]);
    }
}

static bool substitute(struct cri *c, struct proc *p, struct sed_data *d, const struct sed_command *k)
{
    struct mem_buf out = {0};
    struct regex_match m;
    size_t at = 0, n = d->space.len, last_end = SIZE_MAX;
    int64_t hits = 0;
    bool done = false;
    buf_add(&c->mem, NULL, &out, "", 0);
    while (at <= n && !(done && !k->global) && matches(c, d, k->pattern, k->icase, at, &m)) {
        const char *line = buf_str(&d->space);
        bool empty = m.to[0] == m.from[0];
        buf_add(&c->mem, NULL, &out, line + at, m.from[0] - at);
        if (!(empty && m.from[0] == last_end)) { /* nothing right behind a match is no match */
            hits++;
            if (!k->nth || hits == k->nth || (k->global && hits > k->nth)) {
                add_replacement(c, p, &out, k->text, line, &m);
                done = true;
            } else {
                buf_add(&c->mem, NULL, &out, line + m.from[0], m.to[0] - m.from[0]);
            }
        }
        last_end = at = m.to[0];
        if (empty) {
            if (at < n)
                buf_putc(&c->mem, NULL, &out, line[at]);
            at++;
        }
        if (out.len > STRING_MAX_BYTES)
            break;
    }
    if (at < n)
        buf_add(&c->mem, NULL, &out, buf_str(&d->space) + at, n - at);
    if (done) {
        d->space.len = 0;
        buf_add(&c->mem, &p->mem, &d->space, out.data, out.len);
    }
    buf_fini(&c->mem, &out);
    return done;
}

static void transliterate(struct sed_data *d, const struct sed_command *k)
{
    for (size_t i = 0; i < d->space.len; i++) {
        const char *at = strchr(k->pattern, d->space.data[i]);
        if (at && *at && (size_t)(at - k->pattern) < strlen(k->text))
            d->space.data[i] = k->text[at - k->pattern];
    }
}

/* ---- commands ---- */

static void set(struct cri *c, struct proc *p, struct mem_buf *to, const struct mem_buf *from, bool append)
{
    if (!append)
        to->len = 0;
    else
        buf_putc(&c->mem, &p->mem, to, '\n');
    if (to->len + from->len < STRING_MAX_BYTES)
        buf_add(&c->mem, &p->mem, to, buf_str(from), from->len);
}

static void take_next(struct cri *c, struct proc *p, struct sed_data *d, bool append)
{
    if (d->in_place && d->file && d->next_file != d->file) {
        write_back(c, p, d);
        d->line = 0;
    }
    set(c, p, &d->space, &d->next, append);
    d->newline = d->next_newline;
    d->file = d->next_file;
    d->next_state = NEXT_UNKNOWN;
    d->line++;
}

/* Makes d->next_state known; false: blocked. */
static bool look_ahead(struct cri *c, struct proc *p, struct sed_data *d)
{
    if (d->next_state != NEXT_UNKNOWN)
        return true;
    enum input_result r = input_line(c, p, &d->in, &d->next_newline);
    if (r == INPUT_BLOCKED)
        return false;
    d->next_state = r == INPUT_END ? NEXT_END : NEXT_LINE;
    d->next.len = 0;
    if (r == INPUT_LINE)
        buf_add(&c->mem, &p->mem, &d->next, buf_str(&d->in.line), d->in.line.len);
    d->in.line.len = 0;
    d->next_file = d->in.name;
    return true;
}

/* n and N; false: blocked. */
static bool read_line(struct cri *c, struct proc *p, struct sed_data *d, char name)
{
    if (!look_ahead(c, p, d))
        return false;
    if (d->next_state == NEXT_END || (d->in_place && d->next_file != d->file)) {
        end_cycle(c, p, d, true);
        d->quit = d->next_state == NEXT_END;
        return true;
    }
    if (name == 'n' && !d->script.quiet)
        put_space(c, p, d);
    put_appended(c, p, d);
    take_next(c, p, d, name == 'N');
    d->pc++;
    return true;
}

/* D: without what stands before the first newline, and from the start. */
static void delete_first(struct cri *c, struct proc *p, struct sed_data *d)
{
    char *newline = memchr(buf_str(&d->space), '\n', d->space.len);
    end_cycle(c, p, d, false);
    if (!newline)
        return;
    size_t n = (size_t)(newline + 1 - d->space.data);
    memmove(d->space.data, d->space.data + n, d->space.len - n + 1);
    d->space.len -= n;
    d->restarted = true;
}

static void swap(struct mem_buf *a, struct mem_buf *b)
{
    struct mem_buf keep = *a;
    *a = *b;
    *b = keep;
}

static void run_substitution(struct cri *c, struct proc *p, struct sed_data *d, const struct sed_command *k)
{
    if (!substitute(c, p, d, k))
        return;
    d->substituted = true;
    if (k->print)
        put_space(c, p, d);
    if (k->file)
        write_file(c, p, d, k->file);
}

static void append_text(struct cri *c, struct proc *p, struct sed_data *d, const char *text)
{
    buf_add(&c->mem, &p->mem, &d->append, text, strlen(text) + 1);
}

static void branch(struct sed_data *d, const struct sed_command *k)
{
    bool go = k->name == 'b' || d->substituted == (k->name == 't');
    if (k->name != 'b')
        d->substituted = false;
    if (go)
        d->pc = k->end - 1;
}

/* What prints, keeps or copies lines; the flow of control is in run_command. */
static void run_simple(struct cri *c, struct proc *p, struct sed_data *d, struct sed_command *k)
{
    char number[24];
    switch (k->name) {
    case 's':
        run_substitution(c, p, d, k);
        break;
    case 'y':
        transliterate(d, k);
        break;
    case 'p':
        put_space(c, p, d);
        break;
    case 'P': {
        const char *s = buf_str(&d->space), *newline = memchr(s, '\n', d->space.len);
        put_line(c, p, d, s, newline ? (size_t)(newline - s) : d->space.len, true);
        break;
    }
    case '=':
        put_line(c, p, d, number, (size_t)snprintf(number, sizeof number, "%lld", (long long)d->line), true);
        break;
    case 'i':
        put_text(c, p, d, k->text);
        break;
    case 'a':
        append_text(c, p, d, k->text);
        break;
    case 'r':
        append_file(c, p, d, k->text);
        break;
    case 'w':
        write_file(c, p, d, k->text);
        break;
    case 'g':
    case 'G':
        set(c, p, &d->space, &d->hold, k->name == 'G');
        break;
    case 'h':
    case 'H':
        set(c, p, &d->hold, &d->space, k->name == 'H');
        break;
    case 'x':
        buf_puts(&c->mem, &p->mem, &d->hold, "");
        swap(&d->space, &d->hold);
        break;
    case 'z':
        d->space.len = 0;
        break;
    default:
        break;
    }
}

/* false: blocked. */
static bool run_command(struct cri *c, struct proc *p, struct sed_data *d, struct sed_command *k)
{
    switch (k->name) {
    case 'd':
        end_cycle(c, p, d, false);
        return true;
    case 'D':
        delete_first(c, p, d);
        return true;
    case 'c':
        if (k->to.kind == ADDRESS_NONE || k->negated || !k->active)
            put_text(c, p, d, k->text);
        end_cycle(c, p, d, false);
        return true;
    case 'q':
    case 'Q':
        d->quit = true;
        d->exit_code = (int)k->nth;
        end_cycle(c, p, d, k->name == 'q');
        return true;
    case 'n':
    case 'N':
        return read_line(c, p, d, k->name);
    case 'b':
    case 't':
    case 'T':
        branch(d, k);
        break;
    default:
        run_simple(c, p, d, k);
    }
    d->pc++;
    return true;
}

/* Runs the script for the present line to its end; false: blocked, or enough for one step. */
static bool run_script(struct cri *c, struct proc *p, struct sed_data *d, bool *ret_blocked)
{
    enum { JUMPS_MAX = 20000 };
    *ret_blocked = false;
    for (uint32_t steps = 0; d->in_cycle; steps++) {
        if (d->script.peeks && d->next_state == NEXT_UNKNOWN && !look_ahead(c, p, d)) {
            *ret_blocked = true;
            return false;
        }
        if (d->pc >= d->script.count) {
            end_cycle(c, p, d, true);
            break;
        }
        if (steps >= JUMPS_MAX) /* a loop without end: time must pass */
            return false;
        struct sed_command *k = &d->script.commands[d->pc];
        bool yes = selected(c, d, k);
        if (!yes) {
            d->pc = k->name == '{' ? k->end : d->pc + 1;
        } else if (!run_command(c, p, d, k)) {
            *ret_blocked = true;
            return false;
        }
    }
    return true;
}

static enum step sed_end(struct cri *c, struct proc *p, struct sed_data *d)
{
    write_back(c, p, d);
    for (struct sed_file *f = d->files; f; f = f->more)
        ofile_unref(c, f->file);
    d->files = NULL;
    return proc_exit_with(p, d->exit_code ? d->exit_code : d->in.errors ? (is_gnu(p) ? 2 : 1) : 0);
}

static enum step sed_step(struct cri *c, struct proc *p)
{
    struct sed_data *d = p->data;
    bool blocked;
    if (!d->begun && !sed_begin(c, p, d))
        return proc_exit_with(p, 1);
    for (int budget = 0; budget < 64 && !p->full_pipe; budget++) {
        if (!d->in_cycle && d->quit) {
            /* -i keeps what was not looked at */
            for (; d->in_place && look_ahead(c, p, d) && d->next_state == NEXT_LINE && d->next_file == d->file;
                 d->next_state = NEXT_UNKNOWN)
                put_line(c, p, d, buf_str(&d->next), d->next.len, d->next_newline);
            return sed_end(c, p, d);
        }
        if (!d->in_cycle) {
            if (!d->restarted && !look_ahead(c, p, d))
                return STEP_BLOCK;
            if (!d->restarted && d->next_state == NEXT_END)
                return sed_end(c, p, d);
            if (!d->restarted)
                take_next(c, p, d, false);
            d->restarted = false;
            d->in_cycle = true;
            d->pc = 0;
            d->substituted = false;
        }
        if (!run_script(c, p, d, &blocked))
            return blocked ? STEP_BLOCK : STEP_AGAIN;
    }
    return STEP_AGAIN;
}

const struct program program_sed = {.name = "sed", .step = sed_step, .data_bytes = sizeof(struct sed_data)};
