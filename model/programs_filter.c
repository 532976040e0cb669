/* programs_filter.c - filters and generators of text: seq, cut, tr, uniq, rev, nl, paste, fold, expand, dos2unix, cmp.
 * Left out: unexpand, join, comm.
 */
#include <stdio.h>
#include <string.h>

#include "model/programs.h"
#include "model/shell.h"

/* ---- seq ---- */

struct seq_data {
    bool begun, pad, any;
    int64_t next, step, last; /* in millionths */
    const char *separator;
    int width, digits; /* after the point */
};

/* "1.25" in units of 10^-6; *digits grows to the decimals it has. */
static bool seq_number(const char *s, int64_t *ret, int *digits)
{
    enum { DECIMALS = 6 };
    int64_t v = 0;
    int n = 0, any = 0;
    bool negative = *s == '-';
    for (s += *s == '-' || *s == '+'; sh_is_digit(*s); s++, any++)
        if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, *s - '0', &v))
            return false;
    if (*s == '.')
        for (s++; sh_is_digit(*s); s++, any++, n++)
            if (n < DECIMALS)
                v = v * 10 + (*s - '0');
    n = n > DECIMALS ? DECIMALS : n;
    *digits = n > *digits ? n : *digits;
    for (; n < DECIMALS; n++)
        if (__builtin_mul_overflow(v, 10, &v))
            return false;
    *ret = negative ? -v : v;
    return any && !*s;
}

static int seq_text(const struct seq_data *d, int64_t value, char out[48])
{
    int64_t whole = value / 1000000, rest = value % 1000000;
    for (int i = d->digits; i < 6; i++)
        rest /= 10;
    if (!d->digits)
        return snprintf(out, 48, "%0*lld", d->pad ? d->width : 1, (long long)whole);
    bool negative = value < 0;
    return snprintf(out, 48, "%s%0*lld.%0*lld", negative ? "-" : "", d->pad ? d->width - d->digits - 1 - negative : 1,
                    (long long)(negative ? -whole : whole), d->digits, (long long)(negative ? -rest : rest));
}

static bool is_negative(const char *s) { return *s == '-' && (sh_is_digit(s[1]) || s[1] == '.'); }

static bool seq_begin(struct cri *c, struct proc *p, struct seq_data *d)
{
    struct options o = {.p = p};
    int64_t n[3] = {1000000, 1000000, 1000000};
    int ignored = 0;
    char text[48];
    d->separator = "\n";
    for (o.next = 1; !(is_gnu(p) && o.next < p->argc && is_negative(p->argv[o.next]));) { /* busybox: an option */
        int letter = option_get(c, &o, "+ws:f:", NULL);
        if (letter == '?')
            return false;
        if (!letter)
            break;
        d->pad |= letter == 'w';
        if (letter == 's')
            d->separator = o.value;
    }
    int count = p->argc - o.next;
    if (count < 1 || count > 3) {
        usage_print(c, p,
                    !is_gnu(p)  ? ""
                    : count < 1 ? "missing operand"
                                : proc_printf(c, p, "extra operand '%s'", p->argv[o.next + 3]));
        return false;
    }
    for (int i = 0; i < count; i++)
        if (!seq_number(p->argv[o.next + i], &n[i], i < count - 1 ? &d->digits : &ignored)) {
            usage_print(
                c, p, is_gnu(p) ? proc_printf(c, p, "invalid floating point argument: '%s'", p->argv[o.next + i]) : "");
            return false;
        }
    d->next = count > 1 ? n[0] : 1000000;
    d->step = count == 3 ? n[1] : 1000000;
    d->last = n[count - 1];
    bool pad = d->pad;
    d->pad = false;
    int a = seq_text(d, d->next, text), b = seq_text(d, d->last, text);
    d->width = a > b ? a : b;
    d->pad = pad;
    return true;
}

static enum step seq_step(struct cri *c, struct proc *p)
{
    struct seq_data *d = p->data;
    char text[48];
    if (!d->begun) {
        d->begun = true;
        if (!seq_begin(c, p, d))
            return proc_exit_with(p, 1);
    }
    for (int budget = 0; budget < 256 && !p->full_pipe; budget++) {
        if (d->step == 0 || (d->step > 0 ? d->next > d->last : d->next < d->last)) {
            if (d->any)
                out_puts(c, p, 1, "\n");
            return proc_exit_with(p, 0);
        }
        seq_text(d, d->next, text);
        if (out_printf(c, p, 1, "%s%s", d->any ? d->separator : "", text) != FD_OK)
            return proc_exit_with(p, 1);
        d->any = true;
        if (__builtin_add_overflow(d->next, d->step, &d->next))
            d->step = 0;
    }
    return STEP_AGAIN;
}

static const struct program program_seq = {.name = "seq", .step = seq_step, .data_bytes = sizeof(struct seq_data)};

/* ---- cut ---- */

enum { CUT_RANGES = 32 };
struct cut_data {
    struct input in;
    bool begun, suppress;
    char mode, delimiter; /* mode: c or f */
    int64_t from[CUT_RANGES], to[CUT_RANGES];
    uint32_t ranges;
    const char *output; /* delimiter of coreutils */
};

static bool cut_list(struct cut_data *d, const char *s)
{
    while (*s && d->ranges < CUT_RANGES) {
        int64_t from = 0, to = 0;
        bool dash = false;
        for (; sh_is_digit(*s) && from < 1000000; s++)
            from = from * 10 + (*s - '0');
        if (*s == '-') {
            dash = true;
            for (s++; sh_is_digit(*s) && to < 1000000; s++)
                to = to * 10 + (*s - '0');
        }
        if (!from && (!dash || !to))
            return false;
        d->from[d->ranges] = from ? from : 1;
        d->to[d->ranges] = dash ? (to ? to : INT64_MAX) : from;
        d->ranges++;
        if (*s != ',')
            return !*s;
        s++;
    }
    return !*s;
}

static bool cut_wants(const struct cut_data *d, int64_t n)
{
    for (uint32_t i = 0; i < d->ranges; i++)
        if (n >= d->from[i] && n <= d->to[i])
            return true;
    return false;
}

static void cut_line(struct cri *c, struct proc *p, const struct cut_data *d)
{
    struct mem_buf out = {0};
    const char *s = buf_str(&d->in.line);
    if (d->mode == 'c') {
        for (size_t i = 0; i < d->in.line.len; i++)
            if (cut_wants(d, (int64_t)i + 1))
                buf_putc(&c->mem, NULL, &out, s[i]);
    } else if (!memchr(s, d->delimiter, d->in.line.len)) {
        if (d->suppress)
            return;
        buf_puts(&c->mem, NULL, &out, s);
    } else {
        bool any = false;
        int64_t field = 1;
        for (;; field++) {
            const char *end = strchr(s, d->delimiter);
            size_t n = end ? (size_t)(end - s) : strlen(s);
            if (cut_wants(d, field)) {
                if (any)
                    buf_add(&c->mem, NULL, &out, d->output ? d->output : &d->delimiter,
                            d->output ? strlen(d->output) : 1);
                buf_add(&c->mem, NULL, &out, s, n);
                any = true;
            }
            if (!end)
                break;
            s = end + 1;
        }
    }
    buf_putc(&c->mem, NULL, &out, '\n');
    fd_write(c, p, 1, out.data, out.len);
    buf_fini(&c->mem, &out);
}

static bool cut_begin(struct cri *c, struct proc *p, struct cut_data *d)
{
    static const struct long_option longs[] = {{"delimiter", 'd'}, {"fields", 'f'},         {"characters", 'c'},
                                               {"bytes", 'b'},     {"only-delimited", 's'}, {"output-delimiter", 'O'},
                                               {NULL, 0}};
    struct options o = {.p = p};
    d->begun = true;
    d->delimiter = '\t';
    d->in.plain = true;
    for (int letter;
         (letter = option_get(c, &o, is_gnu(p) ? "b:c:f:d:snO:" : "b:c:f:d:sn", is_gnu(p) ? longs : NULL));) {
        if (letter == '?')
            return false;
        if (letter == 'O')
            d->output = o.value;
        if (letter == 'd')
            d->delimiter = o.value[0];
        d->suppress |= letter == 's';
        if (!strchr("fcb", letter))
            continue;
        d->mode = letter == 'f' ? 'f' : 'c';
        if (!cut_list(d, o.value)) {
            if (is_gnu(p))
                usage_print(c, p, proc_printf(c, p, "invalid field value '%s'", o.value));
            else
                err_printf(c, p, "invalid number '%s'", o.value);
            return false;
        }
    }
    d->in.next = o.next;
    if (d->ranges)
        return true;
    if (is_gnu(p))
        usage_print(c, p, "you must specify a list of bytes, characters, or fields");
    else
        err_printf(c, p, "expected a list of bytes, characters, or fields");
    return false;
}

/* ---- tr ---- */

struct tr_data {
    bool begun, remove, squeeze, complement;
    int map[256]; /* the character it becomes, -1 = removed */
    bool in_first[256], in_second[256];
    int last;
};

/* One character, or what "\n" or "\101" stands for. */
static unsigned char tr_char(const char **s)
{
    static const char letters[] = "abfnrtv\\", values[] = "\a\b\f\n\r\t\v\\";
    unsigned char ch = (unsigned char)*(*s)++;
    if (ch != '\\' || !**s)
        return ch;
    if (**s >= '0' && **s <= '7') {
        int value = 0;
        for (int i = 0; i < 3 && **s >= '0' && **s <= '7'; i++)
            value = value * 8 + (*(*s)++ - '0');
        return (unsigned char)value;
    }
    const char *at = strchr(letters, **s);
    ch = at ? (unsigned char)values[at - letters] : (unsigned char)**s;
    (*s)++;
    return ch;
}

/* Expands "a-z", "[:upper:]", escapes; at most 256 characters. */
static int tr_set(const char *s, unsigned char out[256])
{
    static const struct {
        const char *name, *ranges;
    } classes[] = {{"[:upper:]", "AZ"},      {"[:lower:]", "az"},       {"[:digit:]", "09"},
                   {"[:alpha:]", "AZaz"},    {"[:alnum:]", "09AZaz"},   {"[:space:]", "\t\r  "},
                   {"[:blank:]", "\t\t  "},  {"[:punct:]", "!/:@[`{~"}, {"[:cntrl:]", "\001\037\177\177"},
                   {"[:xdigit:]", "09AFaf"}, {"[:graph:]", "!~"},       {"[:print:]", " ~"}};
    int n = 0;
    while (*s && n < 256) {
        bool known = false;
        for (size_t i = 0; i < ARRAY_LEN(classes) && *s == '['; i++) {
            if (strncmp(s, classes[i].name, strlen(classes[i].name)) != 0)
                continue;
            for (const char *r = classes[i].ranges; *r; r += 2)
                for (int ch = r[0]; ch <= r[1] && n < 256; ch++)
                    out[n++] = (unsigned char)ch;
            s += strlen(classes[i].name);
            known = true;
            break;
        }
        if (known)
            continue;
        if (s[0] == '[' && s[1] == '=' && s[2] && s[3] == '=' && s[4] == ']') {
            out[n++] = (unsigned char)s[2];
            s += 5;
            continue;
        }
        unsigned char ch = tr_char(&s);
        if (s[0] == '-' && s[1]) {
            s++;
            unsigned char last = tr_char(&s);
            for (int k = ch; k <= last && n < 256; k++)
                out[n++] = (unsigned char)k;
        } else {
            out[n++] = ch;
        }
    }
    return n;
}

static bool tr_begin(struct cri *c, struct proc *p, struct tr_data *d)
{
    struct options o = {.p = p};
    unsigned char first[256], second[256];
    d->begun = true;
    d->last = -1;
    for (int letter; (letter = option_get(c, &o, "+cCdst", NULL));) {
        if (letter == '?')
            return false;
        d->remove |= letter == 'd';
        d->squeeze |= letter == 's';
        d->complement |= letter == 'c' || letter == 'C';
    }
    if (o.next >= p->argc || (o.next + 1 >= p->argc && !d->remove && !d->squeeze && is_gnu(p))) {
        usage_print(c, p,
                    !is_gnu(p)          ? ""
                    : o.next >= p->argc ? "missing operand"
                                        : proc_printf(c, p, "missing operand after '%s'", p->argv[o.next]));
        return false;
    }
    int n = tr_set(p->argv[o.next], first), m = o.next + 1 < p->argc ? tr_set(p->argv[o.next + 1], second) : 0;
    for (int i = 0; i < n; i++)
        d->in_first[first[i]] = true;
    for (int i = 0; i < 256 && d->complement; i++)
        d->in_first[i] = !d->in_first[i];
    for (int i = 0; i < 256; i++)
        d->map[i] = d->remove && d->in_first[i] ? -1 : i;
    for (int i = 0; i < m; i++)
        d->in_second[second[i]] = true;
    if (!d->remove && m) {
        for (int i = 0; i < n && !d->complement; i++)
            d->map[first[i]] = second[i < m ? i : m - 1];
        for (int i = 0; i < 256 && d->complement; i++)
            if (d->in_first[i])
                d->map[i] = second[m - 1];
    }
    if (!m)
        memcpy(d->in_second, d->in_first, sizeof d->in_second);
    return true;
}

static enum step tr_step(struct cri *c, struct proc *p)
{
    struct tr_data *d = p->data;
    char bytes[1024];
    if (!d->begun && !tr_begin(c, p, d))
        return proc_exit_with(p, 1);
    int64_t n = fd_read(c, p, 0, bytes, sizeof bytes);
    if (n == READ_BLOCKED)
        return STEP_BLOCK;
    if (n <= 0)
        return proc_exit_with(p, 0);
    size_t out = 0;
    for (int64_t i = 0; i < n; i++) {
        int ch = d->map[(unsigned char)bytes[i]];
        if (ch < 0 || (d->squeeze && ch == d->last && d->in_second[ch]))
            continue;
        d->last = ch;
        bytes[out++] = (char)ch;
    }
    int r = fd_write(c, p, 1, bytes, out);
    return r == FD_OK ? STEP_AGAIN : proc_exit_with(p, 1);
}

static const struct program program_tr = {.name = "tr", .step = tr_step, .data_bytes = sizeof(struct tr_data)};

/* ---- uniq, rev, nl, fold, expand, dos2unix: line by line ---- */

struct lines_data {
    struct cut_data cut; /* first: cut uses it alone */
    struct input in;
    bool begun, count, repeated, unique, ignore_case, at_spaces, all_lines, any;
    char *previous;
    int64_t same, width, skip_fields, skip_chars, line;
    const char *separator;
    struct ofile *out;
};

static void put(struct cri *c, struct proc *p, const struct lines_data *d, const char *text, size_t n)
{
    ofile_write(c, p, d->out ? d->out : p->fds[1], text, n);
}

static void uniq_flush(struct cri *c, struct proc *p, struct lines_data *d)
{
    if (!d->previous || (d->repeated && d->same < 2) || (d->unique && d->same > 1))
        return;
    char *text = d->count ? proc_printf(c, p, "%7lld %s\n", (long long)d->same, d->previous)
                          : proc_printf(c, p, "%s\n", d->previous);
    put(c, p, d, text, strlen(text));
    mem_free(&c->mem, text);
}

/* What uniq compares of a line. */
static const char *uniq_part(const struct lines_data *d, const char *s)
{
    for (int64_t k = 0; k < d->skip_fields; k++) {
        s += strspn(s, " \t");
        s += strcspn(s, " \t");
    }
    for (int64_t k = 0; k < d->skip_chars && *s; k++)
        s++;
    return s;
}

static bool uniq_same(const struct lines_data *d, const char *a, const char *b)
{
    a = uniq_part(d, a);
    b = uniq_part(d, b);
    for (int64_t k = 0; k < d->width || !d->width; k++, a++, b++) {
        char x = *a, y = *b;
        if (d->ignore_case) {
            x = (char)(x >= 'A' && x <= 'Z' ? x | 32 : x);
            y = (char)(y >= 'A' && y <= 'Z' ? y | 32 : y);
        }
        if (x != y)
            return false;
        if (!x)
            return true;
    }
    return true;
}

static void uniq_line(struct cri *c, struct proc *p, struct lines_data *d)
{
    if (d->previous && uniq_same(d, d->previous, buf_str(&d->in.line))) {
        d->same++;
        return;
    }
    uniq_flush(c, p, d);
    mem_free(&c->mem, d->previous);
    d->previous = proc_strdup(c, p, buf_str(&d->in.line));
    d->same = 1;
}

static void rev_line(struct cri *c, struct proc *p, const struct lines_data *d)
{
    char *s = proc_strdup(c, p, buf_str(&d->in.line));
    for (size_t i = 0, n = strlen(s); i < n / 2; i++) {
        char swap = s[i];
        s[i] = s[n - 1 - i];
        s[n - 1 - i] = swap;
    }
    out_printf(c, p, 1, "%s\n", s);
    mem_free(&c->mem, s);
}

static void nl_line(struct cri *c, struct proc *p, struct lines_data *d)
{
    if (d->in.line.len == 0 && !d->all_lines)
        out_printf(c, p, 1, "%*s\n", (int)d->width + (int)strlen(d->separator), "");
    else
        out_printf(c, p, 1, "%*lld%s%s\n", (int)d->width, (long long)d->line++, d->separator, buf_str(&d->in.line));
}

static void fold_line(struct cri *c, struct proc *p, const struct lines_data *d)
{
    const char *s = buf_str(&d->in.line);
    size_t left = d->in.line.len, width = (size_t)d->width;
    while (left > width) {
        size_t n = width;
        for (size_t i = width; d->at_spaces && i > 0; i--)
            if (s[i - 1] == ' ') {
                n = i;
                break;
            }
        out_printf(c, p, 1, "%.*s\n", (int)n, s);
        s += n;
        left -= n;
    }
    out_printf(c, p, 1, "%s\n", s);
}

static void expand_line(struct cri *c, struct proc *p, const struct lines_data *d)
{
    struct mem_buf out = {0};
    size_t width = (size_t)d->width;
    for (const char *s = buf_str(&d->in.line); *s; s++) {
        do
            buf_putc(&c->mem, NULL, &out, *s == '\t' ? ' ' : *s);
        while (*s == '\t' && out.len % width);
    }
    out_printf(c, p, 1, "%s\n", buf_str(&out));
    buf_fini(&c->mem, &out);
}

static void dos_line(struct cri *c, struct proc *p, const struct lines_data *d, bool to_dos)
{
    size_t n = d->in.line.len;
    const char *s = buf_str(&d->in.line);
    n -= n && s[n - 1] == '\r';
    out_printf(c, p, 1, "%.*s%s\n", (int)n, s, to_dos ? "\r" : "");
}

static bool lines_option(struct cri *c, struct proc *p, struct lines_data *d, char which, int letter, const char *value)
{
    int64_t n = 0;
    if (letter == '?')
        return false;
    d->count |= letter == 'c';
    d->repeated |= letter == 'd';
    d->unique |= letter == 'u';
    d->ignore_case |= letter == 'i';
    d->at_spaces |= which == 'f' && letter == 's';
    d->all_lines |= letter == 'b' && value && *value == 'a';
    if (which == 'n' && letter == 's')
        d->separator = value;
    if (!value || letter == 'b' || (which == 'n' && letter == 's'))
        return true;
    if (!parse_int64(value, &n) || n < 0 || n > 100000) {
        err_printf(c, p, "invalid number '%s'", value);
        return false;
    }
    if (letter == 'w' || letter == 't')
        d->width = n ? n : 1;
    if (letter == 'f')
        d->skip_fields = n;
    if (letter == 's')
        d->skip_chars = n;
    if (letter == 'v')
        d->line = n;
    return true;
}

/* By the first letter of the command's name. */
static const char *lines_spec(char which)
{
    return which == 'u'   ? "cdiuf:s:w:z"
           : which == 'n' ? "pb:i:l:s:v:w:h:f:n:"
           : which == 'f' ? "bsw:"
           : which == 'e' ? "it:"
                          : "";
}

static bool lines_begin(struct cri *c, struct proc *p, struct lines_data *d, char which)
{
    struct options o = {.p = p};
    enum vfs_error e;
    d->begun = true;
    d->width = which == 'n' ? 6 : which == 'f' ? 80 : which == 'e' ? 8 : 0;
    d->separator = "\t";
    d->line = 1;
    if (which == 'c')
        return cut_begin(c, p, &d->cut);
    for (int letter; (letter = option_get(c, &o, lines_spec(which), NULL));)
        if (!lines_option(c, p, d, which, letter, o.value))
            return false;
    d->in.next = o.next;
    d->in.plain = which == 'f' || which == 'e';
    if (which == 'u' && p->argc - o.next > 1) { /* uniq INPUT OUTPUT */
        d->out = file_open(c, p, p->argv[o.next + 1], OPEN_WRITE | OPEN_CREATE | OPEN_TRUNCATE, &e);
        if (!d->out) {
            cannot_open(c, p, p->argv[o.next + 1], e);
            return false;
        }
        p->argc = o.next + 1;
    }
    return true;
}

static void lines_one(struct cri *c, struct proc *p, struct lines_data *d, char which)
{
    switch (which) {
    case 'c':
        cut_line(c, p, &d->cut);
        break;
    case 'u':
        uniq_line(c, p, d);
        break;
    case 'r':
        rev_line(c, p, d);
        break;
    case 'n':
        nl_line(c, p, d);
        break;
    case 'f':
        fold_line(c, p, d);
        break;
    case 'e':
        expand_line(c, p, d);
        break;
    default:
        dos_line(c, p, d, which == 'U');
    }
}

static enum step lines_step(struct cri *c, struct proc *p)
{
    struct lines_data *d = p->data;
    char which = p->program->name[0];
    if (strcmp(p->program->name, "unix2dos") == 0)
        which = 'U';
    if (!d->begun && !lines_begin(c, p, d, which))
        return proc_exit_with(p, 1);
    struct input *in = which == 'c' ? &d->cut.in : &d->in;
    for (int budget = 0; budget < 64 && !p->full_pipe; budget++) {
        bool newline;
        enum input_result r = input_line(c, p, in, &newline);
        if (r == INPUT_BLOCKED)
            return STEP_BLOCK;
        if (r == INPUT_END) {
            if (which == 'u')
                uniq_flush(c, p, d);
            ofile_unref(c, d->out);
            d->out = NULL;
            return proc_exit_with(p, in->errors > 0);
        }
        lines_one(c, p, d, which);
        in->line.len = 0;
    }
    return STEP_AGAIN;
}

#define LINES_PROGRAM(command)                                                                                         \
    {                                                                                                                  \
        .name = command, .step = lines_step, .data_bytes = sizeof(struct lines_data)                                   \
    }
static const struct program program_cut = LINES_PROGRAM("cut"), program_uniq = LINES_PROGRAM("uniq"),
                            program_rev = LINES_PROGRAM("rev"), program_nl = LINES_PROGRAM("nl"),
                            program_fold = LINES_PROGRAM("fold"), program_expand = LINES_PROGRAM("expand"),
                            program_dos2unix = LINES_PROGRAM("dos2unix"), program_unix2dos = LINES_PROGRAM("unix2dos");

/* ---- paste ---- */

struct paste_data {
    bool begun, serial;
    const char *delimiters;
    int first, at; /* serial: the file being read */
    struct input *in;
    int count;
    int column; /* of the row, or of the line */
    struct mem_buf row;
    bool some; /* a file of this row had a line */
};

static char paste_delimiter(const struct paste_data *d, int n)
{
    return *d->delimiters ? d->delimiters[n % (int)strlen(d->delimiters)] : '\0';
}

static bool paste_begin(struct cri *c, struct proc *p, struct paste_data *d)
{
    struct options o = {.p = p};
    d->begun = true;
    d->delimiters = "\t";
    for (int letter; (letter = option_get(c, &o, "d:s", NULL));) {
        if (letter == '?')
            return false;
        d->serial |= letter == 's';
        if (letter == 'd')
            d->delimiters = strcmp(o.value, "\\n") == 0   ? "\n"
                            : strcmp(o.value, "\\t") == 0 ? "\t"
                            : strcmp(o.value, "\\0") == 0 ? ""
                                                          : o.value;
    }
    d->count = p->argc > o.next ? p->argc - o.next : 1;
    d->in = proc_alloc(c, p, sizeof *d->in * (size_t)d->count);
    for (int i = 0; i < d->count; i++)
        d->in[i].next = o.next + i;
    return true;
}

/* The next line of file i alone. */
static enum input_result paste_line(struct cri *c, struct proc *p, struct paste_data *d, int i)
{
    bool newline;
    int argc = p->argc;
    if (d->in[i].next <= argc && d->in[i].begun && !d->in[i].file && !d->in[i].at_stdin)
        return INPUT_END;
    p->argc = d->in[i].begun ? d->in[i].next : d->in[i].next + 1 < argc ? d->in[i].next + 1 : argc;
    enum input_result r = input_line(c, p, &d->in[i], &newline);
    p->argc = argc;
    return r;
}

static void paste_end_row(struct cri *c, struct proc *p, struct paste_data *d)
{
    buf_putc(&c->mem, &p->mem, &d->row, '\n');
    fd_write(c, p, 1, d->row.data, d->row.len);
    d->row.len = 0;
    d->column = 0;
    d->some = false;
}

static enum step paste_step(struct cri *c, struct proc *p)
{
    struct paste_data *d = p->data;
    if (!d->begun && !paste_begin(c, p, d))
        return proc_exit_with(p, 1);
    for (int budget = 0; budget < 64 && !p->full_pipe; budget++) {
        int i = d->serial ? d->at : d->column;
        enum input_result r = paste_line(c, p, d, i);
        if (r == INPUT_BLOCKED)
            return STEP_BLOCK;
        char delimiter = paste_delimiter(d, d->column - 1);
        if (d->column && delimiter && !(d->serial && r == INPUT_END))
            buf_putc(&c->mem, &p->mem, &d->row, delimiter);
        if (r == INPUT_LINE)
            buf_puts(&c->mem, &p->mem, &d->row, buf_str(&d->in[i].line));
        d->some |= r == INPUT_LINE;
        d->in[i].line.len = 0;
        d->column++;
        if (d->serial && r == INPUT_END) {
            paste_end_row(c, p, d);
            if (++d->at == d->count)
                return proc_exit_with(p, d->in[0].errors > 0);
        } else if (!d->serial && d->column == d->count) {
            if (!d->some)
                return proc_exit_with(p, d->in[0].errors > 0);
            paste_end_row(c, p, d);
        }
    }
    return STEP_AGAIN;
}

static const struct program program_paste = {
    .name = "paste", .step = paste_step, .data_bytes = sizeof(struct paste_data)};

/* ---- cmp ---- */

static int cmp_run(struct cri *c, struct proc *p)
{
    struct options o = {.p = p};
    bool silent = false;
    const char *text[2];
    size_t len[2], line = 1, i = 0;
    for (int letter; (letter = option_get(c, &o, "sl", NULL));) {
        if (letter == '?')
            return 2;
        silent |= letter == 's';
    }
    if (p->argc - o.next < 2) {
        usage_print(c, p, is_gnu(p) ? "missing operand" : "");
        return 2;
    }
    for (int k = 0; k < 2; k++) {
        struct vnode *n;
        enum vfs_error e = vfs_find(c, p->container, p->cwd, p->argv[o.next + k], &n);
        if (e != VFS_OK) {
            if (!silent)
                err_printf(c, p, "%s: %s", p->argv[o.next + k], vfs_error_text(e));
            return 2;
        }
        text[k] = vfs_content(c, p->container, n, &len[k]);
    }
    for (; i < len[0] && i < len[1] && text[0][i] == text[1][i]; i++)
        line += text[0][i] == '\n';
    if (i == len[0] && i == len[1])
        return 0;
    if (!silent && i < len[0] && i < len[1])
        out_printf(c, p, 1, is_gnu(p) ? "%s %s differ: byte %zu, line %zu\n" : "%s %s differ: char %zu, line %zu\n",
                   p->argv[o.next], p->argv[o.next + 1], i + 1, line);
    else if (!silent)
        err_printf(c, p, "EOF on %s", p->argv[o.next + (i == len[1])]);
    return 1;
}

static const struct command command_cmp = COMMAND("cmp", cmp_run);

/* ---- the table ---- */

const struct applet filter_applets[] = {
    {"awk", &program_awk, IMAGE_SHELLS},
    {"cmp", &command_cmp.program, IMAGE_SHELLS},
    {"cut", &program_cut, IMAGE_SHELLS},
    {"dos2unix", &program_dos2unix, IMAGE_BUSYBOX},
    {"expand", &program_expand, IMAGE_SHELLS},
    {"fold", &program_fold, IMAGE_SHELLS},
    {"nl", &program_nl, IMAGE_SHELLS},
    {"paste", &program_paste, IMAGE_SHELLS},
    {"rev", &program_rev, IMAGE_SHELLS},
    {"sed", &program_sed, IMAGE_SHELLS},
    {"seq", &program_seq, IMAGE_SHELLS},
    {"tr", &program_tr, IMAGE_SHELLS},
    {"uniq", &program_uniq, IMAGE_SHELLS},
    {"unix2dos", &program_unix2dos, IMAGE_BUSYBOX},
    {"xargs", &program_xargs, IMAGE_SHELLS},
    {NULL, NULL, 0},
};
