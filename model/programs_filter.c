/* programs_filter.c - filters and generators of text: seq, expr, cut, tr, sort, uniq, rev. */
#include <stdio.h>
#include <string.h>

#include "model/programs.h"
#include "model/programs_regex.h"
#include "model/shell.h"

/* ---- seq ---- */

struct seq_data {
    bool begun, pad, any;
    int64_t next, step, last;
    const char *separator;
    int width;
};

static bool seq_begin(struct cri *c, struct proc *p, struct seq_data *d)
{
    int64_t n[3] = {1, 1, 1};
    int first = 1, count;
    char text[32];
    d->separator = "\n";
    while (first < p->argc && p->argv[first][0] == '-' && !sh_is_digit(p->argv[first][1])) {
        if (strcmp(p->argv[first], "-s") == 0 && first + 1 < p->argc)
            d->separator = p->argv[++first];
        else if (strcmp(p->argv[first], "-w") == 0)
            d->pad = true;
        first++;
    }
    count = p->argc - first;
    for (int i = 0; i < count && i < 3; i++)
        if (!parse_int64(p->argv[first + i], &n[i])) {
            err_printf(c, p, is_gnu(p) ? "invalid floating point argument: '%s'" : "invalid number '%s'",
                       p->argv[first + i]);
            return false;
        }
    if (count < 1 || count > 3) {
        err_printf(c, p, "usage: seq [-w] [-s SEP] [FIRST [INC]] LAST");
        return false;
    }
    d->next = count > 1 ? n[0] : 1;
    d->step = count == 3 ? n[1] : 1;
    d->last = n[count - 1];
    int a = snprintf(text, sizeof text, "%lld", (long long)d->next),
        b = snprintf(text, sizeof text, "%lld", (long long)d->last);
    d->width = a > b ? a : b;
    return true;
}

static enum step seq_step(struct cri *c, struct proc *p)
{
    struct seq_data *d = p->data;
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
        int r = out_printf(c, p, 1, "%s%0*lld", d->any ? d->separator : "", d->pad ? d->width : 1, (long long)d->next);
        if (r != FD_OK)
            return proc_exit_with(p, 1);
        d->any = true;
        if (__builtin_add_overflow(d->next, d->step, &d->next))
            d->step = 0;
    }
    return STEP_AGAIN;
}

static const struct program program_seq = {.name = "seq", .step = seq_step, .data_bytes = sizeof(struct seq_data)};

/* ---- expr ---- */

struct expr {
    struct cri *c;
    struct proc *p;
    int at;
    uint32_t depth;
    const char *error;
};

struct expr_value {
    const char *text;
    char number[24];
};

static struct expr_value expr_or(struct expr *e);

static struct expr_value of_number(int64_t n)
{
    struct expr_value v = {.text = NULL};
    snprintf(v.number, sizeof v.number, "%lld", (long long)n);
    return v;
}
static const char *text_of(const struct expr_value *v) { return v->text ? v->text : v->number; }

static bool expr_true(const struct expr_value *v)
{
    int64_t n;
    const char *s = text_of(v);
    return *s && !(parse_int64(s, &n) && n == 0);
}

static const char *expr_word(const struct expr *e) { return e->at < e->p->argc ? e->p->argv[e->at] : NULL; }
static bool expr_is(const struct expr *e, const char *word) { return expr_word(e) && strcmp(expr_word(e), word) == 0; }

static int64_t expr_number(struct expr *e, const struct expr_value *v)
{
    int64_t n = 0;
    if (!parse_int64(text_of(v), &n) && !e->error)
        e->error = "non-integer argument";
    return n;
}

static struct expr_value expr_match(struct expr *e, const char *text, const char *pattern)
{
    struct regex_match m;
    char *anchored = arena_printf(sim_arena(e->c->sim), "%s%s", pattern[0] == '^' ? "" : "^", pattern);
    bool hit = regex_search(e->c, anchored, text, 0, 0, &m);
    if (strstr(pattern, "\\(")) {
        if (!hit || m.to[1] < m.from[1])
            return (struct expr_value){.text = ""};
        return (struct expr_value){.text = arena_strndup(sim_arena(e->c->sim), text + m.from[1], m.to[1] - m.from[1])};
    }
    return of_number(hit ? (int64_t)(m.to[0] - m.from[0]) : 0);
}

static struct expr_value expr_primary(struct expr *e)
{
    const char *word = expr_word(e);
    if (!word || ++e->depth > 100) {
        e->error = "syntax error";
        return (struct expr_value){.text = ""};
    }
    e->at++;
    if (strcmp(word, "(") == 0) {
        struct expr_value v = expr_or(e);
        if (expr_is(e, ")"))
            e->at++;
        else
            e->error = "syntax error";
        return v;
    }
    if (strcmp(word, "length") == 0 && expr_word(e))
        return of_number((int64_t)strlen(e->p->argv[e->at++]));
    if (strcmp(word, "match") == 0 && e->at + 1 < e->p->argc) {
        e->at += 2;
        return expr_match(e, e->p->argv[e->at - 2], e->p->argv[e->at - 1]);
    }
    if (strcmp(word, "substr") == 0 && e->at + 2 < e->p->argc) {
        int64_t from = 0, count = 0, n = (int64_t)strlen(e->p->argv[e->at]);
        parse_int64(e->p->argv[e->at + 1], &from);
        parse_int64(e->p->argv[e->at + 2], &count);
        const char *s = e->p->argv[e->at];
        e->at += 3;
        if (from < 1 || from > n || count < 1)
            return (struct expr_value){.text = ""};
        if (count > n - from + 1)
            count = n - from + 1;
        return (struct expr_value){.text = arena_strndup(sim_arena(e->c->sim), s + from - 1, (size_t)count)};
    }
    return (struct expr_value){.text = word};
}

static struct expr_value expr_colon(struct expr *e)
{
    struct expr_value v = expr_primary(e);
    while (expr_is(e, ":") && !e->error) {
        e->at++;
        struct expr_value right = expr_primary(e);
        v = expr_match(e, text_of(&v), text_of(&right));
    }
    return v;
}

static struct expr_value expr_product(struct expr *e)
{
    struct expr_value v = expr_colon(e);
    while ((expr_is(e, "*") || expr_is(e, "/") || expr_is(e, "%")) && !e->error) {
        char op = expr_word(e)[0];
        e->at++;
        struct expr_value right = expr_colon(e);
        int64_t x = expr_number(e, &v), y = expr_number(e, &right);
        if (op != '*' && y == 0) {
            e->error = "division by zero";
            return v;
        }
        v = of_number(op == '*'   ? (int64_t)((uint64_t)x * (uint64_t)y)
                      : y == -1   ? (op == '/' ? (int64_t)(0 - (uint64_t)x) : 0)
                      : op == '/' ? x / y
                                  : x % y);
    }
    return v;
}

static struct expr_value expr_sum(struct expr *e)
{
    struct expr_value v = expr_product(e);
    while ((expr_is(e, "+") || expr_is(e, "-")) && !e->error) {
        bool plus = expr_is(e, "+");
        e->at++;
        struct expr_value right = expr_product(e);
        uint64_t x = (uint64_t)expr_number(e, &v), y = (uint64_t)expr_number(e, &right);
        v = of_number((int64_t)(plus ? x + y : x - y));
    }
    return v;
}

static struct expr_value expr_compare(struct expr *e)
{
    static const char *const ops[] = {"=", "==", "!=", "<", "<=", ">", ">="};
    struct expr_value v = expr_sum(e);
    for (size_t i = 0; i < ARRAY_LEN(ops) && !e->error; i++) {
        if (!expr_is(e, ops[i]))
            continue;
        e->at++;
        struct expr_value right = expr_sum(e);
        int64_t x, y;
        int order = strcmp(text_of(&v), text_of(&right));
        if (parse_int64(text_of(&v), &x) && parse_int64(text_of(&right), &y))
            order = x < y ? -1 : x > y;
        bool r = i < 2    ? order == 0
                 : i == 2 ? order != 0
                 : i == 3 ? order < 0
                 : i == 4 ? order <= 0
                 : i == 5 ? order > 0
                          : order >= 0;
        v = of_number(r);
        i = (size_t)-1; /* once more from the start */
    }
    return v;
}

static struct expr_value expr_and(struct expr *e)
{
    struct expr_value v = expr_compare(e);
    while (expr_is(e, "&") && !e->error) {
        e->at++;
        struct expr_value right = expr_compare(e);
        if (!expr_true(&v) || !expr_true(&right))
            v = of_number(0);
    }
    return v;
}

static struct expr_value expr_or(struct expr *e)
{
    struct expr_value v = expr_and(e);
    while (expr_is(e, "|") && !e->error) {
        e->at++;
        struct expr_value right = expr_and(e);
        if (!expr_true(&v))
            v = right;
    }
    return v;
}

static int expr_run(struct cri *c, struct proc *p)
{
    struct expr e = {.c = c, .p = p, .at = 1};
    struct expr_value v = expr_or(&e);
    if (!e.error && e.at < p->argc)
        e.error = "syntax error";
    if (e.error) {
        err_printf(c, p, "%s", e.error);
        return 2;
    }
    out_printf(c, p, 1, "%s\n", text_of(&v));
    return !expr_true(&v);
}

/* ---- cut ---- */

enum { CUT_RANGES = 32 };
struct cut_data {
    struct input in;
    bool begun, suppress;
    char mode, delimiter; /* mode: c or f */
    int64_t from[CUT_RANGES], to[CUT_RANGES];
    uint32_t ranges;
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
                    buf_putc(&c->mem, NULL, &out, d->delimiter);
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
    struct options o = {.p = p};
    d->begun = true;
    d->delimiter = '\t';
    for (int letter; (letter = option_next(&o, "dfcb"));) {
        if (letter == 'd' && o.value)
            d->delimiter = o.value[0];
        d->suppress |= letter == 's';
        if (!strchr("fcb", letter) || !o.value)
            continue;
        d->mode = letter == 'f' ? 'f' : 'c';
        if (!cut_list(d, o.value)) {
            err_printf(c, p, "invalid list '%s'", o.value);
            return false;
        }
    }
    d->in.next = o.next;
    if (d->ranges)
        return true;
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

/* Expands "a-z", "[:upper:]", escapes; at most 256 characters. */
static int tr_set(const char *s, unsigned char out[256])
{
    static const struct {
        const char *name, *ranges;
    } classes[] = {{"[:upper:]", "AZ"},     {"[:lower:]", "az"},     {"[:digit:]", "09"},    {"[:alpha:]", "AZaz"},
                   {"[:alnum:]", "09AZaz"}, {"[:space:]", "\t\r  "}, {"[:blank:]", "\t\t  "}};
    static const char letters[] = "ntr\\0", values[] = "\n\t\r\\\0";
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
        unsigned char ch = (unsigned char)*s++;
        if (ch == '\\' && *s) {
            const char *at = strchr(letters, *s);
            ch = at ? (unsigned char)values[at - letters] : (unsigned char)*s;
            s++;
        }
        if (s[0] == '-' && s[1]) {
            for (int k = ch; k <= (unsigned char)s[1] && n < 256; k++)
                out[n++] = (unsigned char)k;
            s += 2;
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
    for (int letter; (letter = option_next(&o, ""));) {
        d->remove |= letter == 'd';
        d->squeeze |= letter == 's';
        d->complement |= letter == 'c' || letter == 'C';
    }
    if (o.next >= p->argc) {
        err_printf(c, p, "missing operand");
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

/* ---- uniq, rev, nl, tac: line by line ---- */

struct lines_data {
    struct cut_data cut; /* first: cut uses it alone */
    struct input in;
    bool begun, count, repeated, unique;
    char *previous;
    int64_t same;
    uint32_t line;
};

static void uniq_flush(struct cri *c, struct proc *p, struct lines_data *d)
{
    if (!d->previous || (d->repeated && d->same < 2) || (d->unique && d->same > 1))
        return;
    if (d->count)
        out_printf(c, p, 1, "%7lld ", (long long)d->same);
    out_printf(c, p, 1, "%s\n", d->previous);
}

static void uniq_line(struct cri *c, struct proc *p, struct lines_data *d)
{
    if (d->previous && strcmp(d->previous, buf_str(&d->in.line)) == 0) {
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

static bool lines_begin(struct cri *c, struct proc *p, struct lines_data *d, bool cut)
{
    struct options o = {.p = p};
    d->begun = true;
    if (cut && !cut_begin(c, p, &d->cut))
        return false;
    for (int letter; !cut && (letter = option_next(&o, ""));) {
        d->count |= letter == 'c';
        d->repeated |= letter == 'd';
        d->unique |= letter == 'u';
    }
    d->in.next = o.next;
    return true;
}

static enum step lines_step(struct cri *c, struct proc *p)
{
    struct lines_data *d = p->data;
    char which = p->program->name[0];
    if (!d->begun && !lines_begin(c, p, d, which == 'c'))
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
            return proc_exit_with(p, in->errors > 0);
        }
        if (which == 'c')
            cut_line(c, p, &d->cut);
        else if (which == 'u')
            uniq_line(c, p, d);
        else if (which == 'r')
            rev_line(c, p, d);
        else
            out_printf(c, p, 1, "%6u\t%s\n", ++d->line, buf_str(&d->in.line));
        in->line.len = 0;
    }
    return STEP_AGAIN;
}

static const struct program program_cut = {.name = "cut", .step = lines_step, .data_bytes = sizeof(struct lines_data)},
                            program_uniq = {.name = "uniq",
                                            .step = lines_step,
                                            .data_bytes = sizeof(struct lines_data)},
                            program_rev = {.name = "rev", .step = lines_step, .data_bytes = sizeof(struct lines_data)},
                            program_nl = {.name = "nl", .step = lines_step, .data_bytes = sizeof(struct lines_data)};

/* ---- sort, tac ---- */

struct sort_data {
    struct input in;
    bool begun, reverse, numeric, unique, tac;
    int64_t key;
    char separator;
    char **lines;
    uint32_t count, cap;
};

static const char *sort_key(const struct sort_data *d, const char *line)
{
    for (int64_t k = 1; k < d->key; k++) {
        const char *next = d->separator ? strchr(line, d->separator) : NULL;
        if (d->separator && !next)
            return "";
        if (next) {
            line = next + 1;
        } else {
            line += strspn(line, " \t");
            line += strcspn(line, " \t");
        }
    }
    return line;
}

static int64_t leading_number(const char *s)
{
    int64_t v = 0;
    s += strspn(s, " \t");
    bool negative = *s == '-';
    for (s += negative; sh_is_digit(*s) && v < INT64_MAX / 20; s++)
        v = v * 10 + (*s - '0');
    return negative ? -v : v;
}

static int sort_compare(const struct sort_data *d, const char *a, const char *b)
{
    const char *x = sort_key(d, a), *y = sort_key(d, b);
    int order;
    if (d->numeric) {
        int64_t m = leading_number(x), n = leading_number(y);
        order = m < n ? -1 : m > n;
    } else {
        order = strcmp(x, y);
    }
    if (!order && !d->unique) /* the last resort: the whole line */
        order = strcmp(a, b);
    if (d->reverse)
        order = -order;
    return order;
}

/* Merge sort: stable, so equal keys stay in order of input. */
static void merge_sort(const struct sort_data *d, char **v, char **scratch, uint32_t n)
{
    if (n < 2)
        return;
    uint32_t half = n / 2, i = 0, k = half, out = 0;
    merge_sort(d, v, scratch, half);
    merge_sort(d, v + half, scratch, n - half);
    while (i < half && k < n)
        scratch[out++] = sort_compare(d, v[i], v[k]) <= 0 ? v[i++] : v[k++];
    while (i < half)
        scratch[out++] = v[i++];
    while (k < n)
        scratch[out++] = v[k++];
    memcpy(v, scratch, sizeof *v * n);
}

static void sort_output(struct cri *c, struct proc *p, struct sort_data *d)
{
    if (d->tac) {
        for (uint32_t i = d->count; i-- > 0;)
            out_printf(c, p, 1, "%s\n", d->lines[i]);
        return;
    }
    char **scratch = proc_alloc(c, p, sizeof(char *) * (d->count + 1));
    merge_sort(d, d->lines, scratch, d->count);
    for (uint32_t i = 0; i < d->count; i++)
        if (!d->unique || i == 0 || sort_compare(d, d->lines[i - 1], d->lines[i]) != 0)
            out_printf(c, p, 1, "%s\n", d->lines[i]);
}

static enum step sort_step(struct cri *c, struct proc *p)
{
    struct sort_data *d = p->data;
    if (!d->begun) {
        struct options o = {.p = p};
        d->begun = true;
        d->tac = strcmp(p->program->name, "tac") == 0;
        for (int letter; (letter = option_next(&o, "kt"));) {
            d->reverse |= letter == 'r';
            d->numeric |= letter == 'n' || letter == 'g' || letter == 'h';
            d->unique |= letter == 'u';
            if (letter == 'k' && o.value) {
                d->key = leading_number(o.value);
                d->numeric |= strchr(o.value, 'n') != NULL;
                d->reverse |= strchr(o.value, 'r') != NULL;
                if (d->key > 1000)
                    d->key = 1000;
            }
            if (letter == 't' && o.value)
                d->separator = o.value[0];
        }
        d->in.next = o.next;
    }
    for (int budget = 0; budget < 256; budget++) {
        bool newline;
        enum input_result r = input_line(c, p, &d->in, &newline);
        if (r == INPUT_BLOCKED)
            return STEP_BLOCK;
        if (r == INPUT_END) {
            sort_output(c, p, d);
            return proc_exit_with(p, d->in.errors ? 2 : 0);
        }
        if (d->count == d->cap) {
            d->cap = d->cap ? d->cap * 2 : 64;
            d->lines = mem_grow(&c->mem, &p->mem, d->lines, sizeof(char *) * d->cap);
        }
        d->lines[d->count++] = proc_strdup(c, p, buf_str(&d->in.line));
        d->in.line.len = 0;
        if (d->count > 200000) {
            err_printf(c, p, "out of memory");
            return proc_exit_with(p, 1);
        }
    }
    return STEP_AGAIN;
}

static const struct program program_sort = {.name = "sort", .step = sort_step, .data_bytes = sizeof(struct sort_data)},
                            program_tac = {.name = "tac", .step = sort_step, .data_bytes = sizeof(struct sort_data)};

/* ---- the table ---- */

static const struct command command_expr = COMMAND("expr", expr_run);

const struct applet filter_applets[] = {
    {"cut", &program_cut, IMAGE_SHELLS},     {"expr", &command_expr.program, IMAGE_SHELLS},
    {"nl", &program_nl, IMAGE_SHELLS},       {"rev", &program_rev, IMAGE_SHELLS},
    {"sed", &program_sed, IMAGE_SHELLS},     {"seq", &program_seq, IMAGE_SHELLS},
    {"sort", &program_sort, IMAGE_SHELLS},   {"tac", &program_tac, IMAGE_SHELLS},
    {"tr", &program_tr, IMAGE_SHELLS},       {"uniq", &program_uniq, IMAGE_SHELLS},
    {"xargs", &program_xargs, IMAGE_SHELLS}, {NULL, NULL, 0},
};
