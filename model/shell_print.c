/* shell_print.c - echo and printf, as builtins of the shell and as programs. busybox coreutils/echo.c, printf.c. */
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

enum octal {
    OCTAL_PLAIN,      /* \101 */
    OCTAL_AFTER_ZERO, /* \0101 only */
    OCTAL_ANY,        /* both */
};

/* One backslash escape at *s (behind the backslash); returns the byte, -1 for \c, -2 for none. */
static int escape(const char **s, enum octal octal)
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
    if (**s < '0' || **s > '7' || (octal == OCTAL_AFTER_ZERO && **s != '0'))
        return -2;
    int v = 0;
    bool skip = **s == '0' && (octal == OCTAL_AFTER_ZERO || (octal == OCTAL_ANY && (*s)[1] >= '0' && (*s)[1] <= '7'));
    const char *p = *s + skip;
    for (int digits = 0; digits < 3 && *p >= '0' && *p <= '7'; digits++)
        v = v * 8 + *p++ - '0';
    *s = p;
    return v & 0xff;
}

/* Adds `text` with escapes; false: \c says stop. */
static bool add_escaped(struct cri *c, struct mem_buf *b, const char *text, enum octal octal)
{
    while (*text) {
        if (*text != '\\' || !text[1]) {
            buf_putc(&c->mem, NULL, b, *text++);
            continue;
        }
        text++;
        int ch = escape(&text, octal);
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
int print_echo(struct cri *c, struct proc *p, const char *name, int argc, char **argv, enum sh_dialect dialect)
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
            else if (*s == 'e' || dialect == DIALECT_BASH) /* to busybox -E does not undo -e */
                escapes = *s == 'e';
        }
    }
    struct mem_buf b = {0};
    for (int first = i; i < argc; i++) {
        if (i > first)
            buf_putc(&c->mem, NULL, &b, ' ');
        if (!escapes) {
            buf_puts(&c->mem, NULL, &b, argv[i]);
        } else if (!add_escaped(c, &b, argv[i], dialect == DIALECT_BUSYBOX ? OCTAL_ANY : OCTAL_AFTER_ZERO)) {
            newline = false;
            break;
        }
    }
    if (newline)
        buf_putc(&c->mem, NULL, &b, '\n');
    return write_out(c, p, name, &b);
}

/* ---- printf ---- */

struct printf_run {
    struct cri *c;
    struct proc *p;
    const char *name;
    struct mem_buf out;
    char **argv;
    int argc, next;
    int status;
    bool stop, busybox;
};

static const char *next_arg(struct printf_run *r) { return r->next < r->argc ? r->argv[r->next++] : NULL; }

enum { PRINTF_WIDTH_MAX = 500 };

static int64_t bad_number(struct printf_run *r, const char *s)
{
    r->status = 1;
    out_printf(r->c, r->p, 2, "%s: invalid number '%s'\n", r->name, s);
    return 0;
}

/* bb_strtoll with base 0: all of it must be a number. */
static int64_t next_number(struct printf_run *r, const char *s)
{
    const char *whole = s;
    char *end;
    while (*s == ' ' || *s == '\t')
        s++;
    if (*s == '\'' || *s == '"')
        return (unsigned char)s[1];
    if (*s == '+')
        s++;
    bool negative = *s == '-';
    s += negative;
    if (!sh_is_digit(*s))
        return bad_number(r, whole);
    uint64_t v = strtoull(s, &end, 0);
    return *end ? bad_number(r, whole) : negative ? (int64_t)(0 - v) : (int64_t)v;
}

/* A width or precision from an argument. */
static int next_width(struct printf_run *r)
{
    const char *s = next_arg(r);
    int64_t w = 0;
    if (s && !parse_int64(s, &w))
        bad_number(r, s);
    return w > PRINTF_WIDTH_MAX ? PRINTF_WIDTH_MAX : w < -PRINTF_WIDTH_MAX ? -PRINTF_WIDTH_MAX : (int)w;
}

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
    if (strchr(flags, '#') && base == 8 && reversed[n - 1] != '0')
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

/* A decimal number as digits without leading zeros, and where its point is; tests/tidy.sh allows no floating point.
 * What rounds half up or half even in the last binary digit may differ from a real printf. */
struct decimal {
    bool negative;
    char digits[80];
    int count, point; /* 0.d1d2d3... times ten to the `point` */
};

enum { DECIMAL_DIGITS = 70 };

static const char *read_decimal(const char *s, struct decimal *d)
{
    bool behind = false, any = false;
    *d = (struct decimal){.negative = *s == '-'};
    s += *s == '-' || *s == '+';
    for (; sh_is_digit(*s) || (*s == '.' && !behind); s++) {
        if (*s == '.') {
            behind = true;
            continue;
        }
        any = true;
        bool leading = d->count == 0 && *s == '0';
        if (!leading && d->count < DECIMAL_DIGITS)
            d->digits[d->count++] = *s;
        d->point += behind ? -(int)leading : !leading;
    }
    if (any && (*s == 'e' || *s == 'E')) {
        int sign = s[1] == '-' ? -1 : 1, e = 0;
        for (s += s[1] == '-' || s[1] == '+' ? 2 : 1; sh_is_digit(*s); s++)
            e = e > 999 ? e : e * 10 + *s - '0';
        d->point += sign * e;
    }
    while (d->count && d->digits[d->count - 1] == '0')
        d->count--;
    if (!d->count)
        d->point = 0;
    return any ? s : "x";
}

/* Keeps `keep` digits, half to even. */
static void round_decimal(struct decimal *d, int keep)
{
    if (keep >= d->count)
        return;
    if (keep < 0) {
        d->count = d->point = 0;
        return;
    }
    bool half = d->digits[keep] == '5' && d->count == keep + 1;
    bool up = d->digits[keep] > '5' || (d->digits[keep] == '5' && !half) ||
              (half && keep > 0 && (d->digits[keep - 1] - '0') % 2);
    d->count = keep;
    while (up && d->count && d->digits[d->count - 1] == '9')
        d->count--;
    if (up && d->count) {
        d->digits[d->count - 1]++;
    } else if (up) {
        d->digits[d->count++] = '1';
        d->point++;
    }
}

static char digit_at(const struct decimal *d, int i) { return i >= 0 && i < d->count ? d->digits[i] : '0'; }

static size_t put_fixed(char *text, const struct decimal *d, int precision)
{
    size_t n = 0;
    if (d->point <= 0)
        text[n++] = '0';
    for (int i = 0; i < d->point; i++)
        text[n++] = digit_at(d, i);
    if (precision)
        text[n++] = '.';
    for (int i = 0; i < precision; i++)
        text[n++] = digit_at(d, d->point + i);
    return n;
}

static size_t put_exponent(char *text, const struct decimal *d, int precision)
{
    int e = d->count ? d->point - 1 : 0;
    size_t n = 0;
    text[n++] = digit_at(d, 0);
    if (precision)
        text[n++] = '.';
    for (int i = 1; i <= precision; i++)
        text[n++] = digit_at(d, i);
    return n + (size_t)snprintf(text + n, 8, "e%c%02d", e < 0 ? '-' : '+', e < 0 ? -e : e);
}

static size_t cut_zeros(const char *text, size_t n)
{
    if (!memchr(text, '.', n))
        return n;
    while (text[n - 1] == '0')
        n--;
    return n - (text[n - 1] == '.');
}

static size_t format_decimal(char text[600], char type, struct decimal *d, int precision)
{
    char body[560];
    size_t n;
    precision = precision < 0 ? 6 : precision > 60 ? 60 : precision;
    if (d->point > 300)
        d->point = 300;
    if (type == 'f' || type == 'F') {
        round_decimal(d, d->point + precision);
        n = put_fixed(body, d, precision);
    } else if (type == 'e' || type == 'E') {
        round_decimal(d, precision + 1);
        n = put_exponent(body, d, precision);
    } else {
        int significant = precision ? precision : 1;
        round_decimal(d, significant);
        int e = d->count ? d->point - 1 : 0;
        if (e < -4 || e >= significant) {
            n = put_exponent(body, d, d->count > 1 ? d->count - 1 : 0);
        } else {
            n = put_fixed(body, d, significant - 1 - e);
            n = cut_zeros(body, n);
        }
    }
    size_t sign = d->negative;
    if (sign)
        text[0] = '-';
    memcpy(text + sign, body, n);
    return n + sign;
}

struct conversion {
    char flags[8];
    int width, precision; /* negative: on the left; none */
    char type;
};

static int take_digits(const char **f, int v)
{
    for (; sh_is_digit(**f); (*f)++)
        v = v > PRINTF_WIDTH_MAX / 10 ? v : v * 10 + (**f - '0');
    return v;
}

/* What stands between a '%' and its letter; returns the letter's place. */
static const char *take_conversion(struct printf_run *r, const char *f, struct conversion *ret)
{
    size_t count = 0;
    *ret = (struct conversion){.precision = -1};
    for (; *f && strchr("-+ #0", *f); f++)
        if (count < sizeof ret->flags - 1)
            ret->flags[count++] = *f;
    if (*f == '*') {
        ret->width = next_width(r);
        f++;
    }
    ret->width = take_digits(&f, ret->width);
    if (*f == '.' && f[1] == '*') {
        int w = next_width(r);
        ret->precision = w < 0 ? -1 : w;
        f += 2;
    } else if (*f == '.') {
        f++;
        ret->precision = take_digits(&f, 0);
    }
    while (*f == 'l' || *f == 'h' || *f == 'j' || *f == 'z')
        f++;
    if (strchr(ret->flags, '-') && ret->width > 0)
        ret->width = -ret->width;
    ret->type = *f;
    return f;
}

static void put_string(struct printf_run *r, const struct conversion *k)
{
    const char *s = next_arg(r);
    struct mem_buf escaped = {0};
    if (k->type == 'b') {
        r->stop = !add_escaped(r->c, &escaped, s ? s : "", OCTAL_ANY);
        s = buf_str(&escaped);
    }
    size_t n = k->type == 'c' ? s && *s : strlen(s ? s : "");
    if (k->type != 'c' && k->precision >= 0 && (size_t)k->precision < n)
        n = (size_t)k->precision;
    pad(r, s ? s : "", n, k->width, ' ');
    buf_fini(&r->c->mem, &escaped);
}

static void put_integer(struct printf_run *r, const struct conversion *k)
{
    char text[80];
    const char *s = next_arg(r);
    int64_t v = !s && !r->busybox ? 0 : next_number(r, s ? s : "");
    int precision = k->precision;
    if (strchr(k->flags, '0') && k->width > 0 && precision < 0 && k->width < 60)
        precision = v < 0 && (k->type == 'd' || k->type == 'i') ? k->width - 1 : k->width;
    pad(r, text, format_integer(text, k->type, v, precision, k->flags), k->width, ' ');
}

static void put_decimal(struct printf_run *r, const struct conversion *k)
{
    char text[600];
    struct decimal d;
    const char *s = next_arg(r);
    if (s && *s && *read_decimal(s, &d)) {
        bad_number(r, s);
        s = NULL;
    }
    if (!s || !*s)
        read_decimal("0", &d);
    size_t n = format_decimal(text, k->type, &d, k->precision);
    pad(r, text, n, k->width, strchr(k->flags, '0') ? '0' : ' ');
}

/* At a '%' of the format; returns what follows the conversion. */
static const char *conversion(struct printf_run *r, const char *start)
{
    struct conversion k;
    if (start[1] == '%') {
        buf_putc(&r->c->mem, NULL, &r->out, '%');
        return start + 2;
    }
    const char *f = take_conversion(r, start + 1, &k);
    if (k.type && strchr("sbc", k.type)) {
        put_string(r, &k);
    } else if (k.type && strchr("diuxXo", k.type)) {
        put_integer(r, &k);
    } else if (k.type && strchr("fFeEgG", k.type)) {
        put_decimal(r, &k);
    } else {
        out_printf(r->c, r->p, 2, "%s: %s: invalid format\n", r->name, start);
        r->status = 1;
        r->stop = true;
        return *f ? f + 1 : f;
    }
    return f + 1;
}

int print_printf(struct cri *c, struct proc *p, const char *name, int argc, char **argv)
{
    int first = argc > 1 && strcmp(argv[1], "--") == 0 ? 2 : 1;
    bool busybox = p->container->image->userland != USERLAND_DEBIAN;
    if (argc <= first) {
        out_printf(c, p, 2, "%s: usage: printf %s\n", name, busybox ? "FORMAT [ARGUMENT...]" : "format [arg ...]");
        return 2;
    }
    struct printf_run r = {
        .c = c, .p = p, .name = name, .busybox = busybox, .argv = argv, .argc = argc, .next = first + 1};
    int used;
    do {
        used = r.next;
        for (const char *f = argv[first]; *f && !r.stop;) {
            if (*f == '%') {
                f = conversion(&r, f);
            } else if (*f == '\\' && f[1]) {
                f++;
                int ch = escape(&f, OCTAL_PLAIN);
                if (ch == -1)
                    r.stop = true;
                else
                    buf_putc(&c->mem, NULL, &r.out, ch == -2 ? '\\' : (char)ch);
            } else {
                buf_putc(&c->mem, NULL, &r.out, *f++);
            }
        }
    } while (!r.stop && r.next < r.argc && r.next > used && r.out.len < STRING_MAX_BYTES);
    int status = write_out(c, p, name, &r.out);
    return status ? status : r.status;
}
