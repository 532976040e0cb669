/* shell_print.c - echo, printf and test, as builtins of the shell and as programs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/shell.h"

bool parse_int64(const char *s, int64_t *ret)
{
    bool negative = false;
    uint64_t v = 0;
    while (*s == ' ' || *s == '\t' || *s == '\n')
        s++;
    if (*s == '-' || *s == '+')
        negative = *s++ == '-';
    if (!sh_is_digit(*s))
        return false;
    for (; sh_is_digit(*s); s++) {
        if (v > (UINT64_MAX - 9) / 10)
            return false;
        v = v * 10 + (uint64_t)(*s - '0');
    }
    while (*s == ' ' || *s == '\t' || *s == '\n')
        s++;
    if (*s || v > (uint64_t)INT64_MAX + negative)
        return false;
    *ret = negative ? (int64_t)(0 - v) : (int64_t)v;
    return true;
}

/* ---- escapes ---- */

/* One backslash escape at *s (behind the backslash); returns the byte, -1 for \c, -2 for none. */
static int escape(const char **s, bool octal_needs_zero)
{
    static const char letters[] = "abefnrtv\\", values[] = "\a\b\033\f\n\r\t\v\\";
    const char *known = **s ? strchr(letters, **s) : NULL;
    if (known) {
        (*s)++;
        return values[known - letters];
    }
    if (**s == 'c') {
        (*s)++;
        return -1;
    }
    if (**s == 'x') {
        int v = 0, digits = 0;
        const char *p = *s + 1;
        for (; digits < 2; digits++, p++) {
            if (*p >= '0' && *p <= '9')
                v = v * 16 + *p - '0';
            else if ((*p | 32) >= 'a' && (*p | 32) <= 'f')
                v = v * 16 + (*p | 32) - 'a' + 10;
            else
                break;
        }
        if (!digits)
            return -2;
        *s = p;
        return v;
    }
    if (**s < '0' || **s > '7' || (octal_needs_zero && **s != '0'))
        return -2;
    int v = 0;
    const char *p = *s + octal_needs_zero;
    for (int digits = 0; digits < 3 && *p >= '0' && *p <= '7'; digits++)
        v = v * 8 + *p++ - '0';
    *s = p;
    return v & 0xff;
}

/* Adds `text` with escapes; false: \c says stop. */
static bool add_escaped(struct cri *c, struct mem_buf *b, const char *text, bool octal_needs_zero)
{
    while (*text) {
        if (*text != '\\' || !text[1]) {
            buf_putc(&c->mem, NULL, b, *text++);
            continue;
        }
        text++;
        int ch = escape(&text, octal_needs_zero);
        if (ch == -1)
            return false;
        if (ch == -2) {
            buf_putc(&c->mem, NULL, b, '\\');
            continue;
        }
        buf_putc(&c->mem, NULL, b, (char)ch);
    }
    return true;
}

static int write_out(struct cri *c, struct proc *p, const char *name, struct mem_buf *b)
{
    int r = fd_write(c, p, 1, buf_str(b), b->len);
    buf_fini(&c->mem, b);
    if (r == FD_OK || r == FD_CLOSED)
        return 0;
    out_printf(c, p, 2, "%s: write error: %s\n", name,
               r == FD_BADF ? "Bad file descriptor" : "No space left on device");
    return 1;
}

/* busybox and bash know -n, -e, -E; dash knows -n and always interprets escapes. */
int print_echo(struct cri *c, struct proc *p, int argc, char **argv, enum sh_dialect dialect)
{
    bool newline = true, escapes = dialect == DIALECT_DASH;
    int i = 1;
    for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
        const char *letters = dialect == DIALECT_DASH ? "n" : "neE";
        if (strspn(argv[i] + 1, letters) != strlen(argv[i] + 1))
            break;
        for (const char *s = argv[i] + 1; *s; s++) {
            if (*s == 'n')
                newline = false;
            else
                escapes = *s == 'e';
        }
    }
    struct mem_buf b = {0};
    for (int first = i; i < argc; i++) {
        if (i > first)
            buf_putc(&c->mem, NULL, &b, ' ');
        if (!escapes) {
            buf_puts(&c->mem, NULL, &b, argv[i]);
        } else if (!add_escaped(c, &b, argv[i], true)) {
            newline = false;
            break;
        }
    }
    if (newline)
        buf_putc(&c->mem, NULL, &b, '\n');
    return write_out(c, p, "echo", &b);
}

/* ---- printf ---- */

struct printf_run {
    struct cri *c;
    struct proc *p;
    struct mem_buf out;
    char **argv;
    int argc, next;
    int status;
    bool stop;
};

static const char *next_arg(struct printf_run *r) { return r->next < r->argc ? r->argv[r->next++] : NULL; }

static int64_t next_number(struct printf_run *r)
{
    const char *s = next_arg(r);
    int64_t v = 0;
    if (!s || !*s)
        return 0;
    if (*s == '\'' || *s == '"')
        return (unsigned char)s[1];
    if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X'))
        return (int64_t)strtoull(s, NULL, 16);
    if (s[0] == '0' && s[1])
        return (int64_t)strtoull(s, NULL, 8);
    if (!parse_int64(s, &v)) {
        r->status = 1;
        out_printf(r->c, r->p, 2, "printf: invalid number '%s'\n", s);
        v = strtoll(s, NULL, 10);
    }
    return v;
}

enum { PRINTF_WIDTH_MAX = 500 };

/* Puts `text` in a field of `width`; negative = left. */
static void pad(struct printf_run *r, const char *text, size_t n, int width, char fill)
{
    size_t w = (size_t)(width < 0 ? -width : width), blanks = w > n ? w - n : 0;
    if (width > 0)
        for (size_t i = 0; i < blanks; i++)
            buf_putc(&r->c->mem, NULL, &r->out, fill);
    buf_add(&r->c->mem, NULL, &r->out, text, n);
    if (width < 0)
        for (size_t i = 0; i < blanks; i++)
            buf_putc(&r->c->mem, NULL, &r->out, ' ');
}

static size_t format_integer(char text[80], char type, int64_t v, int precision, const char *flags)
{
    static const char digits_low[] = "0123456789abcdef", digits_up[] = "0123456789ABCDEF";
    unsigned base = type == 'x' || type == 'X' ? 16 : type == 'o' ? 8 : 10;
    bool negative = (type == 'd' || type == 'i') && v < 0;
    uint64_t u = negative ? 0 - (uint64_t)v : (uint64_t)v;
    char reversed[70];
    size_t n = 0, out = 0;
    do {
        reversed[n++] = (type == 'X' ? digits_up : digits_low)[u % base];
        u /= base;
    } while (u);
    while (precision > 0 && n < (size_t)precision && n < 60)
        reversed[n++] = '0';
    if (negative)
        text[out++] = '-';
    else if (strchr(flags, '+'))
        text[out++] = '+';
    else if (strchr(flags, ' '))
        text[out++] = ' ';
    if (strchr(flags, '#') && base == 16) {
        text[out++] = '0';
        text[out++] = type;
    }
    while (n)
        text[out++] = reversed[--n];
    return out;
}

/* %f and its like of a decimal text: digits are kept as text, rounded half up. */
static size_t format_decimal(char text[80], const char *s, int precision)
{
    int64_t whole = 0, fraction = 0, scale = 1;
    bool negative = *s == '-';
    if (precision < 0)
        precision = 6;
    if (precision > 9)
        precision = 9;
    if (*s == '-' || *s == '+')
        s++;
    for (; sh_is_digit(*s) && whole < INT64_MAX / 20; s++)
        whole = whole * 10 + (*s - '0');
    for (int i = 0; i < precision; i++)
        scale *= 10;
    if (*s == '.') {
        s++;
        int64_t unit = scale;
        for (; sh_is_digit(*s) && unit > 1; s++) {
            unit /= 10;
            fraction += unit * (*s - '0');
        }
        if (sh_is_digit(*s) && *s >= '5')
            fraction++;
    }
    if (fraction >= scale) {
        fraction -= scale;
        whole++;
    }
    int n = precision ? snprintf(text, 80, "%s%lld.%0*lld", negative ? "-" : "", (long long)whole, precision,
                                 (long long)fraction)
                      : snprintf(text, 80, "%s%lld", negative ? "-" : "", (long long)whole);
    return (size_t)n;
}

/* At a '%' of the format; returns what follows the conversion. */
static const char *conversion(struct printf_run *r, const char *f)
{
    char flags[8] = "", text[80];
    size_t flag_count = 0;
    int width = 0, precision = -1;

    f++;
    if (*f == '%') {
        buf_putc(&r->c->mem, NULL, &r->out, '%');
        return f + 1;
    }
    for (; *f && strchr("-+ #0", *f); f++)
        if (flag_count < sizeof flags - 1)
            flags[flag_count++] = *f;
    flags[flag_count] = '\0';
    if (*f == '*') {
        int64_t w = next_number(r);
        width = w > PRINTF_WIDTH_MAX ? PRINTF_WIDTH_MAX : w < -PRINTF_WIDTH_MAX ? -PRINTF_WIDTH_MAX : (int)w;
        f++;
    }
    for (; sh_is_digit(*f); f++)
        width = width > PRINTF_WIDTH_MAX / 10 ? width : width * 10 + (*f - '0');
    if (*f == '.') {
        precision = 0;
        f++;
        if (*f == '*') {
            int64_t w = next_number(r);
            precision = w < 0 ? -1 : w > PRINTF_WIDTH_MAX ? PRINTF_WIDTH_MAX : (int)w;
            f++;
        }
        for (; sh_is_digit(*f); f++)
            precision = precision > PRINTF_WIDTH_MAX / 10 ? precision : precision * 10 + (*f - '0');
    }
    while (*f == 'l' || *f == 'h' || *f == 'j' || *f == 'z')
        f++;
    if (strchr(flags, '-') && width > 0)
        width = -width;
    switch (*f) {
    case 's':
    case 'b': {
        const char *s = next_arg(r);
        struct mem_buf escaped = {0};
        if (*f == 'b') {
            r->stop = !add_escaped(r->c, &escaped, s ? s : "", true);
            s = buf_str(&escaped);
        }
        size_t n = strlen(s ? s : "");
        pad(r, s ? s : "", precision >= 0 && (size_t)precision < n ? (size_t)precision : n, width, ' ');
        buf_fini(&r->c->mem, &escaped);
        break;
    }
    case 'c': {
        const char *s = next_arg(r);
        pad(r, s ? s : "", s && *s ? 1 : 0, width, ' ');
        break;
    }
    case 'd':
    case 'i':
    case 'u':
    case 'x':
    case 'X':
    case 'o': {
        int64_t v = next_number(r);
        if (strchr(flags, '0') && width > 0 && precision < 0 && width < 60)
            precision = v < 0 && (*f == 'd' || *f == 'i') ? width - 1 : width;
        size_t n = format_integer(text, *f, v, precision, flags);
        pad(r, text, n, width, ' ');
        break;
    }
    case 'f':
    case 'F':
    case 'e':
    case 'g': {
        const char *s = next_arg(r);
        pad(r, text, format_decimal(text, s ? s : "0", precision), width, strchr(flags, '0') ? '0' : ' ');
        break;
    }
    default:
        out_printf(r->c, r->p, 2, "printf: %%%c: invalid format\n", *f ? *f : '%');
        r->status = 1;
        r->stop = true;
        return *f ? f + 1 : f;
    }
    return f + 1;
}

int print_printf(struct cri *c, struct proc *p, int argc, char **argv)
{
    int first = argc > 1 && strcmp(argv[1], "--") == 0 ? 2 : 1;
    if (argc <= first) {
        out_puts(c, p, 2, "printf: usage: printf FORMAT [ARG]...\n");
        return 2;
    }
    struct printf_run r = {.c = c, .p = p, .argv = argv, .argc = argc, .next = first + 1};
    int used;
    do {
        used = r.next;
        for (const char *f = argv[first]; *f && !r.stop;) {
            if (*f == '%') {
                f = conversion(&r, f);
            } else if (*f == '\\' && f[1]) {
                f++;
                int ch = escape(&f, false);
                if (ch == -1)
                    r.stop = true;
                else
                    buf_putc(&c->mem, NULL, &r.out, ch == -2 ? '\\' : (char)ch);
            } else {
                buf_putc(&c->mem, NULL, &r.out, *f++);
            }
        }
    } while (!r.stop && r.next < r.argc && r.next > used && r.out.len < STRING_MAX_BYTES);
    int status = write_out(c, p, "printf", &r.out);
    return status ? status : r.status;
}

/* ---- test ---- */

struct test_run {
    struct cri *c;
    struct proc *p;
    const char *name;
    char **argv;
    int argc, at;
    bool dbracket, error;
    uint32_t depth;
};

static bool test_or(struct test_run *t);

static void test_error(struct test_run *t, const char *what, const char *word)
{
    if (t->error)
        return;
    t->error = true;
    if (word && strcmp(what, "Illegal number") == 0)
        out_printf(t->c, t->p, 2, "%s: %s: %s\n", t->name, what, word);
    else
        out_printf(t->c, t->p, 2, word ? "%s: %s: %s\n" : "%s: %s\n", t->name, word ? word : what, what);
}

static int64_t test_number(struct test_run *t, const char *s)
{
    int64_t v = 0;
    if (!parse_int64(s, &v))
        test_error(t, t->p->container->image->userland == USERLAND_DEBIAN ? "Illegal number" : "bad number", s);
    return v;
}

static bool test_file(struct test_run *t, char op, const char *path)
{
    struct vfs_place at;
    enum vfs_error e = vfs_lookup(t->c, t->p->container, t->p->cwd, path, op != 'L' && op != 'h', &at);
    if (e != VFS_OK || !at.node)
        return false;
    const struct vnode *n = at.node;
    switch (op) {
    case 'f':
        return n->type == VNODE_FILE;
    case 'd':
        return n->type == VNODE_DIR;
    case 'L':
    case 'h':
        return n->type == VNODE_LINK;
    case 'c':
        return n->type == VNODE_DEVICE;
    case 's': {
        size_t len;
        vfs_content(t->c, t->p->container, at.node, &len);
        return len > 0 || n->type == VNODE_DIR;
    }
    case 'x':
        return n->type == VNODE_DIR || n->program || (n->mode & 0111);
    case 'w':
        return !at.read_only;
    case 'b':
    case 'p':
    case 'S':
    case 'u':
    case 'g':
    case 'k':
        return false;
    default: /* e, r, O, G */
        return true;
    }
}

static bool test_unary(struct test_run *t, char op, const char *arg)
{
    if (op == 'z')
        return !*arg;
    if (op == 'n')
        return *arg;
    if (op == 't') {
        int64_t fd = test_number(t, arg);
        return fd >= 0 && fd < PROC_FDS && t->p->fds[fd] && t->p->fds[fd]->kind == OFILE_TTY;
    }
    return test_file(t, op, arg);
}

static bool newer(struct test_run *t, const char *a, const char *b)
{
    struct vnode *x, *y;
    if (vfs_find(t->c, t->p->container, t->p->cwd, a, &x) != VFS_OK)
        return false;
    return vfs_find(t->c, t->p->container, t->p->cwd, b, &y) != VFS_OK || x->mtime > y->mtime;
}

static bool is_binary(const struct test_run *t, const char *op)
{
    static const char *const ops[] = {"=",   "==",  "!=",  "<",   ">",   "-eq", "-ne", "-lt",
                                      "-le", "-gt", "-ge", "-nt", "-ot", "-ef", "=~"};
    for (size_t i = 0; i < ARRAY_LEN(ops); i++)
        if (strcmp(op, ops[i]) == 0)
            return strcmp(op, "=~") != 0 || t->dbracket;
    return false;
}

static bool test_binary(struct test_run *t, const char *a, const char *op, const char *b)
{
    if (strcmp(op, "=") == 0 || strcmp(op, "==") == 0)
        return t->dbracket ? sh_pattern_match(b, a) : strcmp(a, b) == 0;
    if (strcmp(op, "!=") == 0)
        return t->dbracket ? !sh_pattern_match(b, a) : strcmp(a, b) != 0;
    if (strcmp(op, "=~") == 0) { /* the common cases: plain text, ^ and $ */
        size_t n = strlen(b);
        bool start = n && b[0] == '^', end = n > (size_t)start && b[n - 1] == '$';
        char *part = mem_strndup(&t->c->mem, NULL, b + start, n - start - end);
        const char *hit = strstr(a, part);
        bool r = start && end ? strcmp(a, part) == 0
                 : start      ? hit == a
                              : hit && (!end || strcmp(hit + strlen(hit) - strlen(part), part) == 0);
        mem_free(&t->c->mem, part);
        return r;
    }
    if (strcmp(op, "<") == 0)
        return strcmp(a, b) < 0;
    if (strcmp(op, ">") == 0)
        return strcmp(a, b) > 0;
    if (strcmp(op, "-nt") == 0)
        return newer(t, a, b);
    if (strcmp(op, "-ot") == 0)
        return newer(t, b, a);
    if (strcmp(op, "-ef") == 0)
        return strcmp(a, b) == 0;
    int64_t x = test_number(t, a), y = test_number(t, b);
    switch (op[1] << 8 | op[2]) {
    case 'e' << 8 | 'q':
        return x == y;
    case 'n' << 8 | 'e':
        return x != y;
    case 'l' << 8 | 't':
        return x < y;
    case 'l' << 8 | 'e':
        return x <= y;
    case 'g' << 8 | 't':
        return x > y;
    default:
        return x >= y;
    }
}

static const char *peek(const struct test_run *t, int ahead)
{
    return t->at + ahead < t->argc ? t->argv[t->at + ahead] : NULL;
}

static bool is_unary(const char *s) { return s[0] == '-' && s[1] && !s[2] && strchr("znfdeLhcsxwrbpSugktOG", s[1]); }

static bool test_primary(struct test_run *t)
{
    const char *first = peek(t, 0), *second = peek(t, 1), *third = peek(t, 2);
    if (!first) {
        test_error(t, "argument expected", NULL);
        return false;
    }
    if (second && third && is_binary(t, second)) {
        t->at += 3;
        return test_binary(t, first, second, third);
    }
    if (second && is_unary(first)) {
        t->at += 2;
        return test_unary(t, first[1], second);
    }
    if (second && strcmp(first, "(") == 0) {
        t->at++;
        bool r = test_or(t);
        if (!peek(t, 0) || strcmp(peek(t, 0), ")") != 0)
            test_error(t, "closing paren expected", NULL);
        t->at++;
        return r;
    }
    t->at++;
    return *first;
}

static bool test_not(struct test_run *t)
{
    bool negated = false;
    while (peek(t, 0) && strcmp(peek(t, 0), "!") == 0 && peek(t, 1) && !(peek(t, 2) && is_binary(t, peek(t, 1)))) {
        negated = !negated;
        t->at++;
    }
    return test_primary(t) != negated;
}

static bool test_and(struct test_run *t)
{
    bool r = test_not(t);
    while (!t->error && peek(t, 0) &&
           (strcmp(peek(t, 0), "-a") == 0 || (t->dbracket && strcmp(peek(t, 0), "&&") == 0))) {
        t->at++;
        r = test_not(t) && r;
    }
    return r;
}

static bool test_or(struct test_run *t)
{
    if (++t->depth > 50) {
        test_error(t, "too deep", NULL);
        return false;
    }
    bool r = test_and(t);
    while (!t->error && peek(t, 0) &&
           (strcmp(peek(t, 0), "-o") == 0 || (t->dbracket && strcmp(peek(t, 0), "||") == 0))) {
        t->at++;
        bool right = test_and(t);
        r = r || right;
    }
    t->depth--;
    return r;
}

int test_evaluate(struct cri *c, struct proc *p, const char *name, int argc, char **argv, bool dbracket)
{
    struct test_run t = {.c = c, .p = p, .name = name, .argv = argv, .argc = argc, .dbracket = dbracket};
    if (argc == 0)
        return 1;
    if (argc == 1)
        return !argv[0][0];
    bool r = test_or(&t);
    if (!t.error && t.at < argc)
        test_error(&t, p->container->image->userland == USERLAND_DEBIAN ? "unexpected operator" : "unknown operand",
                   argv[t.at]);
    return t.error ? 2 : !r;
}
