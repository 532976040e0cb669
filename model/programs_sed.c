/* programs_sed.c - sed: s, d, p, q, =, a, i, c with addresses and ranges; -n, -e, -E, -i. The hold
 * space, labels and y are left out.
 */
#include <stdio.h>
#include <string.h>

#include "model/programs.h"
#include "model/programs_regex.h"
#include "model/shell.h"

enum { SED_COMMANDS = 32 };
struct sed_address {
    char kind; /* 0 none, 'n' number, '$', '/' pattern */
    int64_t line;
    const char *pattern;
};
struct sed_command {
    struct sed_address from, to;
    bool negated, active;
    char name;
    char *pattern, *text;
    bool global, print, icase;
    int64_t nth;
};
struct sed_data {
    struct input in;
    bool begun, quiet, extended, in_place, have;
    struct sed_command commands[SED_COMMANDS];
    uint32_t count;
    int64_t line;
    struct mem_buf space, next; /* the pattern space, and the line after it */
    bool next_newline, newline;
    const char *file;
    struct mem_buf result; /* -i */
    bool quit;
};

static char *sed_delimited(struct cri *c, struct proc *p, const char **s, char end)
{
    struct mem_buf b = {0};
    buf_add(&c->mem, &p->mem, &b, "", 0);
    bool bracket = false;
    while (**s && (**s != end || bracket)) {
        if (**s == '\\' && (*s)[1] == end) {
            (*s)++;
        } else if (**s == '\\' && (*s)[1]) {
            buf_putc(&c->mem, &p->mem, &b, *(*s)++);
        } else if (**s == '[') {
            bracket = strchr(*s + 1, ']') != NULL && end != '[';
        } else if (**s == ']') {
            bracket = false;
        }
        buf_putc(&c->mem, &p->mem, &b, *(*s)++);
    }
    if (**s)
        (*s)++;
    return b.data;
}

static void sed_parse_address(struct cri *c, struct proc *p, const char **s, struct sed_address *a)
{
    if (sh_is_digit(**s)) {
        a->kind = 'n';
        for (; sh_is_digit(**s) && a->line < 1000000000; (*s)++)
            a->line = a->line * 10 + (**s - '0');
    } else if (**s == '$') {
        a->kind = '$';
        (*s)++;
    } else if (**s == '/') {
        (*s)++;
        a->kind = '/';
        a->pattern = sed_delimited(c, p, s, '/');
    }
}

/* false: cannot be understood. */
static bool sed_parse(struct cri *c, struct proc *p, struct sed_data *d, const char *s)
{
    for (;;) {
        s += strspn(s, "; \t\n}");
        if (!*s)
            return true;
        if (d->count == SED_COMMANDS)
            return false;
        struct sed_command *k = &d->commands[d->count++];
        sed_parse_address(c, p, &s, &k->from);
        if (*s == ',') {
            s++;
            sed_parse_address(c, p, &s, &k->to);
        }
        s += strspn(s, " \t");
        if (*s == '!') {
            k->negated = true;
            s++;
        }
        k->name = *s++;
        switch (k->name) {
        case 's': {
            char end = *s;
            if (!end)
                return false;
            s++;
            k->pattern = sed_delimited(c, p, &s, end);
            k->text = sed_delimited(c, p, &s, end);
            for (; *s && strchr("gpiI0123456789", *s); s++) {
                k->global |= *s == 'g';
                k->print |= *s == 'p';
                k->icase |= *s == 'i' || *s == 'I';
                if (sh_is_digit(*s))
                    k->nth = k->nth * 10 + (*s - '0');
            }
            break;
        }
        case 'a':
        case 'i':
        case 'c':
            s += strspn(s, " \t\\\n");
            k->text = mem_strndup(&c->mem, &p->mem, s, strcspn(s, "\n"));
            s += strcspn(s, "\n");
            break;
        case 'd':
        case 'p':
        case 'q':
        case '=':
        case 'n':
            break;
        default:
            return false;
        }
    }
}

static bool sed_begin(struct cri *c, struct proc *p, struct sed_data *d)
{
    struct options o = {.p = p};
    bool script = false, ok = true;
    d->begun = true;
    for (int letter; (letter = option_next(&o, "e"));) {
        d->quiet |= letter == 'n';
        d->extended |= letter == 'E' || letter == 'r';
        d->in_place |= letter == 'i';
        if (letter == 'e' && o.value) {
            script = true;
            ok = ok && sed_parse(c, p, d, o.value);
        }
        if (letter == 'i')
            o.letter = NULL; /* a suffix */
    }
    if (!script && o.next < p->argc)
        ok = sed_parse(c, p, d, p->argv[o.next++]);
    else if (!script)
        ok = false;
    d->in.next = o.next;
    if (!ok)
        err_printf(c, p, "unsupported command or bad script");
    return ok;
}

static bool sed_is(struct cri *c, const struct sed_data *d, const struct sed_address *a, bool last)
{
    struct regex_match m;
    switch (a->kind) {
    case 'n':
        return d->line == a->line;
    case '$':
        return last;
    case '/':
        return regex_search(c, a->pattern, buf_str(&d->space), 0, d->extended ? REGEX_EXTENDED : 0, &m);
    default:
        return true;
    }
}

static bool sed_selected(struct cri *c, const struct sed_data *d, struct sed_command *k, bool last)
{
    bool r;
    if (!k->to.kind) {
        r = sed_is(c, d, &k->from, last);
    } else if (k->active) {
        r = true;
        if (sed_is(c, d, &k->to, last) || (k->to.kind == 'n' && d->line >= k->to.line))
            k->active = false;
    } else {
        r = sed_is(c, d, &k->from, last);
        k->active = r && !(k->to.kind == 'n' && k->to.line <= d->line);
    }
    return r != k->negated;
}

static void sed_out(struct cri *c, struct proc *p, struct sed_data *d, const char *s, size_t n, bool newline)
{
    if (d->in_place) {
        buf_add(&c->mem, &p->mem, &d->result, s, n);
        if (newline)
            buf_putc(&c->mem, &p->mem, &d->result, '\n');
        return;
    }
    fd_write(c, p, 1, s, n);
    if (newline)
        out_puts(c, p, 1, "\n");
}

static void sed_add_replacement(struct cri *c, struct mem_buf *out, const char *text, const char *line,
                                const struct regex_match *m)
{
    for (; *text; text++) {
        int group = -1;
        if (*text == '&')
            group = 0;
        else if (*text == '\\' && sh_is_digit(text[1]))
            group = *++text - '0';
        else if (*text == '\\' && text[1] == 'n')
            text++, buf_putc(&c->mem, NULL, out, '\n');
        else if (*text == '\\' && text[1])
            buf_putc(&c->mem, NULL, out, *++text);
        else
            buf_putc(&c->mem, NULL, out, *text);
        if (group >= 0 && m->to[group] >= m->from[group])
            buf_add(&c->mem, NULL, out, line + m->from[group], m->to[group] - m->from[group]);
    }
}

static bool sed_substitute(struct cri *c, struct proc *p, struct sed_data *d, const struct sed_command *k)
{
    struct mem_buf out = {0};
    struct regex_match m;
    const char *line = buf_str(&d->space);
    size_t at = 0, n = d->space.len;
    int64_t hits = 0;
    bool done = false;
    int flags = (d->extended ? REGEX_EXTENDED : 0) | (k->icase ? REGEX_ICASE : 0);
    buf_add(&c->mem, NULL, &out, "", 0);
    while (at <= n && !(done && !k->global) && regex_search(c, k->pattern, line, at, flags, &m)) {
        buf_add(&c->mem, NULL, &out, line + at, m.from[0] - at);
        hits++;
        if (!k->nth || hits == k->nth || (k->global && hits > k->nth)) {
            sed_add_replacement(c, &out, k->text, line, &m);
            done = true;
        } else {
            buf_add(&c->mem, NULL, &out, line + m.from[0], m.to[0] - m.from[0]);
        }
        at = m.to[0];
        if (m.to[0] == m.from[0]) { /* an empty match: one character on */
            if (at < n)
                buf_putc(&c->mem, NULL, &out, line[at]);
            at++;
        }
        if (out.len > STRING_MAX_BYTES)
            break;
    }
    if (at < n)
        buf_add(&c->mem, NULL, &out, line + at, n - at);
    if (done) {
        d->space.len = 0;
        buf_add(&c->mem, &p->mem, &d->space, out.data, out.len);
    }
    buf_fini(&c->mem, &out);
    return done;
}

static void sed_line(struct cri *c, struct proc *p, struct sed_data *d, bool last)
{
    bool deleted = false;
    const char *append = NULL;
    for (uint32_t i = 0; i < d->count && !deleted; i++) {
        struct sed_command *k = &d->commands[i];
        char number[24];
        if (!sed_selected(c, d, k, last))
            continue;
        switch (k->name) {
        case 's':
            if (sed_substitute(c, p, d, k) && k->print)
                sed_out(c, p, d, buf_str(&d->space), d->space.len, true);
            break;
        case 'p':
            sed_out(c, p, d, buf_str(&d->space), d->space.len, true);
            break;
        case '=':
            sed_out(c, p, d, number, (size_t)snprintf(number, sizeof number, "%lld", (long long)d->line), true);
            break;
        case 'i':
            sed_out(c, p, d, k->text, strlen(k->text), true);
            break;
        case 'a':
            append = k->text;
            break;
        case 'c':
            sed_out(c, p, d, k->text, strlen(k->text), true);
            deleted = true;
            break;
        case 'd':
            deleted = true;
            break;
        case 'q':
            d->quit = true;
            i = d->count - 1;
            break;
        default:
            break;
        }
    }
    if (!deleted && !d->quiet)
        sed_out(c, p, d, buf_str(&d->space), d->space.len, d->newline || append);
    if (append)
        sed_out(c, p, d, append, strlen(append), true);
}

static void sed_write_back(struct cri *c, struct proc *p, struct sed_data *d)
{
    enum vfs_error e;
    if (!d->in_place || !d->file)
        return;
    struct ofile *f = file_open(c, p, d->file, OPEN_WRITE | OPEN_CREATE | OPEN_TRUNCATE, &e);
    if (f)
        ofile_write(c, p, f, buf_str(&d->result), d->result.len);
    else
        err_printf(c, p, "%s: %s", d->file, vfs_error_text(e));
    ofile_unref(c, f);
    d->result.len = 0;
}

static enum step sed_step(struct cri *c, struct proc *p)
{
    struct sed_data *d = p->data;
    if (!d->begun && !sed_begin(c, p, d))
        return proc_exit_with(p, 1);
    for (int budget = 0; budget < 64 && !p->full_pipe; budget++) {
        bool newline;
        enum input_result r = d->quit ? INPUT_END : input_line(c, p, &d->in, &newline);
        if (r == INPUT_BLOCKED)
            return STEP_BLOCK;
        bool new_file = r == INPUT_LINE && d->in_place && d->have && d->file != d->in.name;
        if (d->have) {
            d->line++;
            sed_line(c, p, d, r == INPUT_END || new_file);
            d->have = false;
        }
        if (r == INPUT_END || d->quit) {
            sed_write_back(c, p, d);
            return proc_exit_with(p, d->in.errors > 0);
        }
        if (new_file) {
            sed_write_back(c, p, d);
            d->line = 0;
        }
        d->file = d->in.name;
        d->space.len = 0;
        buf_add(&c->mem, &p->mem, &d->space, buf_str(&d->in.line), d->in.line.len);
        d->in.line.len = 0;
        d->newline = newline;
        d->have = true;
    }
    return STEP_AGAIN;
}

const struct program program_sed = {.name = "sed", .step = sed_step, .data_bytes = sizeof(struct sed_data)};
