/* programs_awk_value.c - awk's numbers, strings, arrays and printf. */
#include "model/programs_awk.h"

#include <stdio.h>
#include <string.h>

#include "model/shell.h"

/* ---- strings and values ---- */

struct awk_string *awk_string_new(struct awk *a, const char *s, size_t n)
{
    struct awk_string *t = proc_alloc(a->c, a->p, sizeof *t + n + 1);
    t->refs = 1;
    t->len = n;
    if (n)
        memcpy(t->text, s, n);
    return t;
}

void awk_string_drop(struct awk *a, struct awk_string *s)
{
    if (s && --s->refs == 0)
        mem_free(&a->c->mem, s);
}

void awk_drop(struct awk *a, struct awk_value *v)
{
    awk_string_drop(a, v->string);
    *v = (struct awk_value){.kind = AWK_NONE};
}

struct awk_value awk_copy(const struct awk_value *v)
{
    if (v->string)
        v->string->refs++;
    return *v;
}

struct awk_value awk_text(struct awk *a, const char *s, size_t n)
{
    return (struct awk_value){.kind = AWK_STRING, .string = awk_string_new(a, s, n)};
}

struct awk_value awk_of(awk_number n) { return (struct awk_value){.kind = AWK_NUMBER, .number = n}; }

struct awk_value awk_input(struct awk *a, const char *s, size_t n)
{
    struct awk_value v = awk_text(a, s, n);
    const char *text = v.string->text + strspn(v.string->text, " \t\n"), *end;
    awk_number number = awk_parse(text, &end);
    if (end > text && !end[strspn(end, " \t\n")]) {
        v.kind = AWK_STRNUM;
        v.number = number;
    }
    return v;
}

/* ---- numbers ---- */

int64_t awk_whole(awk_number n)
{
    awk_number whole = n / AWK_ONE;
    return whole > INT64_MAX ? INT64_MAX : whole < INT64_MIN ? INT64_MIN : (int64_t)whole;
}

static awk_number times(awk_number x, awk_number y)
{
    awk_number product;
    if (!__builtin_mul_overflow(x, y, &product))
        return product / AWK_ONE;
    if (__builtin_mul_overflow(x / AWK_ONE, y, &product))
        return 0;
    return product;
}

static awk_number power_of_ten(int n)
{
    awk_number v = 1;
    while (n-- > 0)
        v *= 10;
    return v;
}

/* A decimal number at the start of the text: "12", "-.5", "1e3". */
awk_number awk_parse(const char *s, const char **ret_end)
{
    enum { DIGITS_MAX = 28, DECIMALS = 9 };
    const char *start = s;
    awk_number v = 0;
    int digits = 0, decimals = 0, exponent = 0;
    bool negative = *s == '-', any = false;
    s += *s == '-' || *s == '+';
    for (; sh_is_digit(*s); s++, any = true)
        if (digits < DIGITS_MAX && (v || *s != '0'))
            v = v * 10 + (*s - '0'), digits++;
    if (*s == '.')
        for (s++; sh_is_digit(*s); s++, any = true)
            if (decimals < DECIMALS + 1 && digits < DIGITS_MAX)
                v = v * 10 + (*s - '0'), decimals++, digits++;
    if (any && (*s == 'e' || *s == 'E') && (sh_is_digit(s[1]) || ((s[1] == '-' || s[1] == '+') && sh_is_digit(s[2])))) {
        bool down = s[1] == '-';
        for (s += 1 + !sh_is_digit(s[1]); sh_is_digit(*s); s++)
            exponent = exponent < 100 ? exponent * 10 + (*s - '0') : exponent;
        exponent = down ? -exponent : exponent;
    }
    if (ret_end)
        *ret_end = any ? s : start;
    int shift = DECIMALS - decimals + exponent;
    if (shift > DIGITS_MAX)
        return 0;
    v = shift >= 0 ? v * power_of_ten(shift) : shift < -DIGITS_MAX ? 0 : v / power_of_ten(-shift);
    return negative ? -v : v;
}

awk_number awk_to_number(const struct awk_value *v)
{
    if (v->kind == AWK_NUMBER || v->kind == AWK_STRNUM)
        return v->number;
    if (v->kind != AWK_STRING)
        return 0;
    return awk_parse(v->string->text + strspn(v->string->text, " \t\n"), NULL);
}

static awk_number square_root(awk_number x)
{
    if (x <= 0)
        return 0;
    awk_number target = x * AWK_ONE, r = AWK_ONE; /* r * r = x * 10^9 */
    while (r * r < target)
        r *= 2;
    for (awk_number next; (next = (r + target / r) / 2) < r;)
        r = next;
    return r;
}

static awk_number power(awk_number x, awk_number y)
{
    awk_number r = AWK_ONE;
    if (y == AWK_ONE / 2)
        return square_root(x);
    int64_t n = awk_whole(y < 0 ? -y : y);
    for (int64_t i = 0; i < n && i < 1000; i++)
        r = times(r, x);
    return y < 0 && r ? AWK_ONE * AWK_ONE / r : r;
}

awk_number awk_arithmetic(enum awk_op op, awk_number x, awk_number y)
{
    switch (op) {
    case OP_ADD:
        return x + y;
    case OP_SUBTRACT:
        return x - y;
    case OP_MULTIPLY:
        return times(x, y);
    case OP_DIVIDE:
        return y ? x * AWK_ONE / y : 0;
    case OP_MODULO:
        return y ? x % y : 0;
    default:
        return power(x, y);
    }
}

/* ---- numbers as text ---- */

/* Digits of |n|, rounded to so many decimals, with a point. */
static void put_fixed(struct awk *a, struct mem_buf *out, awk_number n, int decimals)
{
    char digits[64];
    int count = 0, zeros = decimals > 9 ? decimals - 9 : 0, kept = decimals > 9 ? 9 : decimals;
    awk_number unit = power_of_ten(9 - kept), v = n < 0 ? -n : n, half = unit / 2, rest = v % unit;
    v /= unit;
    if (unit > 1 && (rest > half || (rest == half && v % 2))) /* halves to even, as the C library's exact ones */
        v++;
    do {
        digits[count++] = (char)('0' + (int)(v % 10));
        v /= 10;
    } while (v || count <= kept);
    for (int i = count; i-- > 0;) {
        buf_putc(&a->c->mem, NULL, out, digits[i]);
        if (i == kept && kept)
            buf_putc(&a->c->mem, NULL, out, '.');
    }
    while (zeros-- > 0)
        buf_putc(&a->c->mem, NULL, out, '0');
}

/* The power of ten of the first digit; 0 for 0. */
static int magnitude(awk_number n)
{
    awk_number v = n < 0 ? -n : n;
    int exponent = -9;
    for (; v >= 10; v /= 10)
        exponent++;
    return v ? exponent : 0;
}

static awk_number shifted(awk_number n, int by)
{
    n = n < 0 ? -n : n;
    if (by >= 0)
        return n * power_of_ten(by);
    awk_number unit = power_of_ten(-by);
    return (n + unit / 2) / unit;
}

static void put_exponent(struct awk *a, struct mem_buf *out, awk_number n, int decimals, char letter)
{
    char text[16];
    int exponent = magnitude(n);
    size_t start = out->len;
    put_fixed(a, out, shifted(n, -exponent), decimals);
    if (out->len > start + 1 && out->data[start + 1] == '0' && out->data[start] == '1' &&
        (decimals == 0 || out->data[start + 2] == '.')) {
        out->len = start; /* 9.99 became 10.0 */
        put_fixed(a, out, shifted(n, -++exponent), decimals);
    }
    snprintf(text, sizeof text, "%c%c%02d", letter, exponent < 0 ? '-' : '+', exponent < 0 ? -exponent : exponent);
    buf_puts(&a->c->mem, NULL, out, text);
}

static void put_general(struct awk *a, struct mem_buf *out, awk_number n, int precision, char letter, bool keep_zeros)
{
    int exponent = magnitude(n);
    size_t start = out->len, point;
    precision = precision ? precision : 1;
    struct mem_buf probe = {0}; /* rounding may add a digit */
    put_exponent(a, &probe, n, precision - 1, 'e');
    const char *e = strchr(buf_str(&probe), 'e');
    int64_t rounded = 0;
    if (e && parse_int64(e + 1 + (e[1] == '+'), &rounded))
        exponent = (int)rounded;
    buf_fini(&a->c->mem, &probe);
    bool scientific = n && (exponent < -4 || exponent >= precision);
    if (scientific)
        put_exponent(a, out, n, precision - 1, (char)(letter - 2));
    else
        put_fixed(a, out, n, precision - 1 - exponent > 0 ? precision - 1 - exponent : 0);
    for (point = start; point < out->len && out->data[point] != '.'; point++)
        ;
    if (keep_zeros || point == out->len)
        return;
    size_t tail = out->len;
    while (tail > point && out->data[tail - 1] != 'e' && out->data[tail - 1] != 'E')
        tail--;
    size_t end = tail > point ? tail - 1 : out->len, cut = end;
    while (cut > point && out->data[cut - 1] == '0')
        cut--;
    cut -= cut == point + 1;
    memmove(out->data + cut, out->data + end, out->len - end);
    out->len -= end - cut;
}

struct awk_string *awk_to_string(struct awk *a, const struct awk_value *v, const char *format)
{
    struct mem_buf out = {0};
    if (v->string) {
        v->string->refs++;
        return v->string;
    }
    if (v->kind != AWK_NUMBER)
        return awk_string_new(a, "", 0);
    buf_puts(&a->c->mem, NULL, &out, "");
    if (v->number % AWK_ONE == 0) {
        if (v->number < 0)
            buf_putc(&a->c->mem, NULL, &out, '-');
        put_fixed(a, &out, v->number, 0);
    } else {
        awk_format(a, &out, format, v, 1);
    }
    struct awk_string *s = awk_string_new(a, out.data, out.len);
    buf_fini(&a->c->mem, &out);
    return s;
}

bool awk_true(const struct awk_value *v)
{
    return v->kind == AWK_NUMBER || v->kind == AWK_STRNUM ? v->number != 0
                                                          : v->kind == AWK_STRING && v->string->len > 0;
}

int awk_compare(struct awk *a, const struct awk_value *x, const struct awk_value *y)
{
    if (x->kind != AWK_STRING && y->kind != AWK_STRING) {
        awk_number m = awk_to_number(x), n = awk_to_number(y);
        return m < n ? -1 : m > n;
    }
    struct awk_string *s = awk_to_string(a, x, awk_var_text(a, VAR_CONVFMT)),
                      *t = awk_to_string(a, y, awk_var_text(a, VAR_CONVFMT));
    int order = strcmp(s->text, t->text);
    awk_string_drop(a, s);
    awk_string_drop(a, t);
    return order < 0 ? -1 : order > 0;
}

/* ---- printf ---- */

struct conversion {
    bool left, zero, plus, space, alternate, has_precision;
    int64_t width, precision;
    char letter;
};

static void put_padded(struct awk *a, struct mem_buf *out, const struct conversion *k, const char *sign, const char *s,
                       size_t n)
{
    int64_t pad = k->width - (int64_t)n - (int64_t)strlen(sign);
    pad = pad > 4096 ? 4096 : pad;
    for (; !k->left && !k->zero && pad > 0; pad--)
        buf_putc(&a->c->mem, NULL, out, ' ');
    buf_puts(&a->c->mem, NULL, out, sign);
    for (; k->zero && !k->left && pad > 0; pad--)
        buf_putc(&a->c->mem, NULL, out, '0');
    buf_add(&a->c->mem, NULL, out, s, n);
    for (; k->left && pad > 0; pad--)
        buf_putc(&a->c->mem, NULL, out, ' ');
}

static void put_number(struct awk *a, struct mem_buf *out, struct conversion *k, awk_number n)
{
    struct mem_buf text = {0};
    char digits[32];
    const char *sign = n < 0 ? "-" : k->plus ? "+" : k->space ? " " : "";
    int precision = k->has_precision ? (int)(k->precision > 60 ? 60 : k->precision) : 6;
    buf_puts(&a->c->mem, NULL, &text, "");
    if (strchr("di", k->letter)) {
        put_fixed(a, &text, n / AWK_ONE * AWK_ONE, 0);
        k->zero &= !k->has_precision;
    } else if (strchr("ouxX", k->letter)) {
        uint64_t v = (uint64_t)awk_whole(n);
        snprintf(digits, sizeof digits,
                 k->letter == 'o'   ? "%llo"
                 : k->letter == 'u' ? "%llu"
                 : k->letter == 'x' ? "%llx"
                                    : "%llX",
                 (unsigned long long)v);
        if (k->alternate && k->letter != 'u' && v)
            buf_puts(&a->c->mem, NULL, &text, k->letter == 'o' ? "0" : k->letter == 'x' ? "0x" : "0X");
        buf_puts(&a->c->mem, NULL, &text, digits);
        sign = "";
    } else if (strchr("eE", k->letter)) {
        put_exponent(a, &text, n, precision, k->letter);
    } else if (strchr("gG", k->letter)) {
        put_general(a, &text, n, precision, k->letter, k->alternate);
    } else {
        put_fixed(a, &text, n, precision);
    }
    if (strchr("diouxX", k->letter))
        for (; k->has_precision && (int64_t)text.len < k->precision && text.len < 64;) {
            buf_putc(&a->c->mem, NULL, &text, '0');
            memmove(text.data + 1, text.data, text.len - 1);
            text.data[0] = '0';
        }
    put_padded(a, out, k, sign, text.data, text.len);
    buf_fini(&a->c->mem, &text);
}

static void put_conversion(struct awk *a, struct mem_buf *out, struct conversion *k, const struct awk_value *v)
{
    char one;
    if (k->letter == 'c' && (v->kind == AWK_NUMBER)) {
        one = (char)awk_whole(v->number);
        put_padded(a, out, k, "", &one, 1);
        return;
    }
    if (k->letter != 's' && k->letter != 'c') {
        put_number(a, out, k, awk_to_number(v));
        return;
    }
    struct awk_string *s = awk_to_string(a, v, awk_var_text(a, VAR_CONVFMT));
    size_t n = k->letter == 'c'                                    ? s->len > 0
               : k->has_precision && (size_t)k->precision < s->len ? (size_t)k->precision
                                                                   : s->len;
    k->zero = false;
    put_padded(a, out, k, "", s->text, n);
    awk_string_drop(a, s);
}

static int64_t format_number(const char **format, const struct awk_value *args, int count, int *next)
{
    int64_t n = 0;
    if (**format == '*') {
        (*format)++;
        return *next < count ? awk_whole(awk_to_number(&args[(*next)++])) : 0;
    }
    for (; sh_is_digit(**format); (*format)++)
        n = n < 10000 ? n * 10 + (**format - '0') : n;
    return n;
}

void awk_format(struct awk *a, struct mem_buf *out, const char *format, const struct awk_value *args, int count)
{
    static const struct awk_value nothing = {.kind = AWK_NONE};
    int next = 0;
    for (; *format; format++) {
        if (*format != '%' || !format[1]) {
            buf_putc(&a->c->mem, NULL, out, *format);
            continue;
        }
        if (*++format == '%') {
            buf_putc(&a->c->mem, NULL, out, '%');
            continue;
        }
        struct conversion k = {0};
        for (; *format && strchr("-0+ #", *format); format++) {
            k.left |= *format == '-';
            k.zero |= *format == '0';
            k.plus |= *format == '+';
            k.space |= *format == ' ';
            k.alternate |= *format == '#';
        }
        k.width = format_number(&format, args, count, &next);
        if (k.width < 0) {
            k.left = true;
            k.width = -k.width;
        }
        if (*format == '.') {
            format++;
            k.has_precision = true;
            k.precision = format_number(&format, args, count, &next);
        }
        format += strspn(format, "hlLq");
        k.letter = *format;
        if (!*format || !strchr("diouxXeEfFgGsc", *format)) {
            buf_putc(&a->c->mem, NULL, out, '%');
            format--;
            continue;
        }
        put_conversion(a, out, &k, next < count ? &args[next] : &nothing);
        next++;
    }
}

/* ---- arrays: busybox editors/awk.c hash_*, so that "for (k in a)" has its order ---- */

enum { FIRST_PRIME = 61, CHAIN_MAX = 10 };

struct awk_array *awk_array_new(struct awk *a)
{
    struct awk_array *t = proc_alloc(a->c, a->p, sizeof *t);
    t->bucket_count = FIRST_PRIME;
    t->buckets = proc_alloc(a->c, a->p, sizeof *t->buckets * FIRST_PRIME);
    return t;
}

static uint32_t hash_of(const char *key)
{
    uint32_t h = 0;
    while (*key)
        h = h * 63 + (uint32_t)*key++;
    return h;
}

static void array_grow(struct awk *a, struct awk_array *t)
{
    static const uint32_t primes[] = {251, 1021, 4093, 16381, 65521};
    size_t i = 0;
    while (i < ARRAY_LEN(primes) && primes[i] <= t->bucket_count)
        i++;
    if (i == ARRAY_LEN(primes))
        return;
    struct awk_item **old = t->buckets;
    uint32_t old_count = t->bucket_count;
    t->bucket_count = primes[i];
    t->buckets = proc_alloc(a->c, a->p, sizeof *t->buckets * primes[i]);
    for (uint32_t b = 0; b < old_count; b++) {
        for (struct awk_item *it = old[b], *next; it; it = next) {
            struct awk_item **head = &t->buckets[hash_of(it->key->text) % t->bucket_count];
            next = it->next;
            it->next = *head;
            *head = it;
        }
    }
    mem_free(&a->c->mem, old);
}

struct awk_value *awk_array_at(struct awk *a, struct awk_array *t, const char *key, bool make)
{
    uint32_t h = hash_of(key);
    for (struct awk_item *it = t->buckets[h % t->bucket_count]; it; it = it->next)
        if (strcmp(it->key->text, key) == 0)
            return &it->value;
    if (!make)
        return NULL;
    if (++t->count / t->bucket_count > CHAIN_MAX)
        array_grow(a, t);
    struct awk_item *it = proc_alloc(a->c, a->p, sizeof *it), **head = &t->buckets[h % t->bucket_count];
    it->key = awk_string_new(a, key, strlen(key));
    it->next = *head;
    *head = it;
    return &it->value;
}

void awk_array_delete(struct awk *a, struct awk_array *t, const char *key)
{
    struct awk_item **at = &t->buckets[hash_of(key) % t->bucket_count];
    while (*at && strcmp((*at)->key->text, key) != 0)
        at = &(*at)->next;
    if (!*at)
        return;
    struct awk_item *it = *at;
    *at = it->next;
    t->count--;
    awk_drop(a, &it->value);
    awk_string_drop(a, it->key);
    mem_free(&a->c->mem, it);
}

void awk_array_clear(struct awk *a, struct awk_array *t)
{
    for (uint32_t b = 0; b < t->bucket_count; b++)
        while (t->buckets[b])
            awk_array_delete(a, t, t->buckets[b]->key->text);
}
