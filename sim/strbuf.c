/* strbuf.c - text output and the few text formats the engine shares with everyone: numbers,
 * durations, dates, JSON strings. All by hand, because printf and strftime follow the locale and cost
 * several times as much.
 */
#include "sim/strbuf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__extension__ typedef unsigned __int128 uint128;

enum {
    CAP_MIN = 64,
    DIGITS_MAX = 20, /* of a uint64_t */
    NS_DIGITS = 9,   /* a nanosecond is the 9th decimal of a second */
};

/* Room for n more bytes and the NUL. */
static char *reserve(struct strbuf *b, size_t n)
{
    if (b->cap - b->len <= n) {
        size_t cap = b->cap ? b->cap : CAP_MIN;
        while (cap - b->len <= n)
            cap *= 2;
        b->data = realloc(b->data, cap);
        if (!b->data)
            sim_die("out of memory");
        b->cap = cap;
    }
    return b->data + b->len;
}

static void advance(struct strbuf *b, size_t n)
{
    b->len += n;
    b->data[b->len] = '\0';
}

void strbuf_fini(struct strbuf *b)
{
    if (!b)
        return;
    free(b->data);
    *b = (struct strbuf)STRBUF_INIT;
}

void strbuf_reset(struct strbuf *b)
{
    b->len = 0;
    if (b->data)
        b->data[0] = '\0';
}

const char *strbuf_str(const struct strbuf *b) { return b->data ? b->data : ""; }

void strbuf_add(struct strbuf *b, const void *bytes, size_t n)
{
    char *to = reserve(b, n);
    if (n)
        memcpy(to, bytes, n);
    advance(b, n);
}

void strbuf_puts(struct strbuf *b, const char *s) { strbuf_add(b, s, strlen(s)); }

void strbuf_putc(struct strbuf *b, char c)
{
    *reserve(b, 1) = c;
    advance(b, 1);
}

void strbuf_fill(struct strbuf *b, char c, size_t n)
{
    memset(reserve(b, n), c, n);
    advance(b, n);
}

void strbuf_printf(struct strbuf *b, const char *format, ...)
{
    ASSERT(format);
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    ASSERT(len >= 0);
    vsnprintf(reserve(b, (size_t)len), (size_t)len + 1, format, again);
    advance(b, (size_t)len);
    va_end(again);
    va_end(args);
}

static uint64_t magnitude(int64_t v) { return v < 0 ? 0 - (uint64_t)v : (uint64_t)v; }

static void add_uint(struct strbuf *b, uint64_t v)
{
    char digits[DIGITS_MAX];
    size_t at = DIGITS_MAX;
    do {
        digits[--at] = (char)('0' + v % 10);
        v /= 10;
    } while (v);
    strbuf_add(b, digits + at, DIGITS_MAX - at);
}

/* Exactly `width` digits, the lowest ones of v. */
static void add_digits(struct strbuf *b, uint64_t v, size_t width)
{
    char *to = reserve(b, width);
    for (size_t i = width; i-- > 0; v /= 10)
        to[i] = (char)('0' + v % 10);
    advance(b, width);
}

/* The fraction v / 10^width as ".25", without trailing zeros; nothing when v is 0. */
static void add_fraction(struct strbuf *b, uint64_t v, size_t width)
{
    if (v == 0)
        return;
    while (v % 10 == 0) {
        v /= 10;
        width--;
    }
    strbuf_putc(b, '.');
    add_digits(b, v, width);
}

void strbuf_int(struct strbuf *b, int64_t v)
{
    if (v < 0)
        strbuf_putc(b, '-');
    add_uint(b, magnitude(v));
}

/* ---- JSON ---- */

/* Length of the valid UTF-8 sequence at s, or 0. No overlong forms, no surrogates (RFC 3629). */
static size_t utf8_length(const unsigned char *s)
{
    static const struct {
        unsigned char first_min, first_max, second_min, second_max, length;
    } forms[] = {
        {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
        {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4},
        {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        if (s[0] < forms[i].first_min || s[0] > forms[i].first_max)
            continue;
        if (s[1] < forms[i].second_min || s[1] > forms[i].second_max)
            return 0;
        for (size_t k = 2; k < forms[i].length; k++)
            if ((s[k] & 0xc0) != 0x80)
                return 0;
        return forms[i].length;
    }
    return 0;
}

static void json_control(struct strbuf *b, unsigned char c)
{
    static const char letters[32] = {
        ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't',
    };
    static const char hex[] = "0123456789abcdef";
    strbuf_putc(b, '\\');
    if (c < 32 && letters[c]) {
        strbuf_putc(b, letters[c]);
        return;
    }
    strbuf_puts(b, "u00");
    strbuf_putc(b, hex[c >> 4]);
    strbuf_putc(b, hex[c & 15]);
}

static bool json_plain(unsigned char c) { return c >= ' ' && c < 0x7f && c != '"' && c != '\\'; }

void strbuf_json(struct strbuf *b, const char *s)
{
    const unsigned char *p = (const unsigned char *)s;
    strbuf_putc(b, '"');
    while (*p) {
        size_t plain = 0;
        while (json_plain(p[plain]))
            plain++;
        strbuf_add(b, p, plain);
        p += plain;
        if (*p == '\0')
            break;
        if (*p == '"' || *p == '\\') {
            strbuf_putc(b, '\\');
            strbuf_putc(b, (char)*p++);
        } else if (*p < 0x80) {
            json_control(b, *p++);
        } else {
            size_t n = utf8_length(p);
            strbuf_add(b, n ? (const void *)p : "\xef\xbf\xbd", n ? n : 3);
            p += n ? n : 1;
        }
    }
    strbuf_putc(b, '"');
}

void strbuf_go_quote(struct strbuf *b, const char *s)
{
    static const char named[] = "\a\b\f\n\r\t\v\"\\", letters[] = "abfnrtv\"\\";
    strbuf_putc(b, '"');
    for (const unsigned char *p = (const unsigned char *)s; *p;) {
        const char *known = strchr(named, *p);
        size_t n = *p < 0x80 ? 1 : utf8_length(p);
        if (known)
            strbuf_printf(b, "\\%c", letters[known - named]);
        else if (n == 0 || *p < 0x20 || *p == 0x7f)
            strbuf_printf(b, "\\x%02x", *p);
        else
            strbuf_add(b, p, n);
        p += n ? n : 1;
    }
    strbuf_putc(b, '"');
}

/* ---- time ---- */

void strbuf_seconds(struct strbuf *b, sim_time t, int fixed)
{
    ASSERT(fixed >= 0);
    ASSERT(fixed <= NS_DIGITS);
    uint64_t ns = magnitude(t);
    uint64_t unit = 1; /* the weight of the last decimal: the rest is cut, never rounded up */
    for (int i = fixed ? fixed : NS_DIGITS; i < NS_DIGITS; i++)
        unit *= 10;
    if (t < 0 && ns >= unit)
        strbuf_putc(b, '-');
    add_uint(b, ns / SIM_SECOND);
    uint64_t fraction = ns % SIM_SECOND / unit;
    if (fixed) {
        strbuf_putc(b, '.');
        add_digits(b, fraction, (size_t)fixed);
    } else if (fraction) {
        add_fraction(b, fraction, NS_DIGITS);
    } else {
        strbuf_puts(b, ".0");
    }
}

/* Go time.Duration.String: below a second the unit is the largest that keeps a non-zero whole part. */
static void go_subsecond(struct strbuf *b, uint64_t ns)
{
    uint64_t unit = ns < SIM_US ? SIM_NS : ns < SIM_MS ? SIM_US : SIM_MS;
    size_t width = ns < SIM_US ? 0 : ns < SIM_MS ? 3 : 6;
    add_uint(b, ns / unit);
    add_fraction(b, ns % unit, width);
    strbuf_puts(b, width == 0 ? "ns" : width == 3 ? "\xc2\xb5s" : "ms");
}

void strbuf_go_duration(struct strbuf *b, sim_time d)
{
    uint64_t ns = magnitude(d);
    if (ns == 0) {
        strbuf_puts(b, "0s");
        return;
    }
    if (d < 0)
        strbuf_putc(b, '-');
    if (ns < SIM_SECOND) {
        go_subsecond(b, ns);
        return;
    }
    uint64_t seconds = ns / SIM_SECOND;
    if (seconds >= 3600) {
        add_uint(b, seconds / 3600);
        strbuf_putc(b, 'h');
    }
    if (seconds >= 60) {
        add_uint(b, seconds / 60 % 60);
        strbuf_putc(b, 'm');
    }
    add_uint(b, seconds % 60);
    add_fraction(b, ns % SIM_SECOND, NS_DIGITS);
    strbuf_putc(b, 's');
}

/* Proleptic Gregorian date of a day number (0 = 1970-01-01), any sign. Years are counted from March,
 * so that the leap day is a year's last; 400 years have 146097 days (Howard Hinnant, chrono-compatible
 * low-level date algorithms). */
static void civil_from_days(int64_t days, int64_t *ret_year, uint64_t *ret_month, uint64_t *ret_day)
{
    int64_t shifted = days + 719468; /* 0000-03-01 */
    int64_t era = sim_time_floor(shifted, 146097) / 146097;
    uint64_t day_of_era = (uint64_t)(shifted - era * 146097);
    uint64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    uint64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    uint64_t month_from_march = (5 * day_of_year + 2) / 153;

    *ret_day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    *ret_month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    *ret_year = (int64_t)year_of_era + era * 400 + (*ret_month <= 2);
}

static void add_field(struct strbuf *b, char before, uint64_t v)
{
    strbuf_putc(b, before);
    add_digits(b, v, 2);
}

void strbuf_rfc3339(struct strbuf *b, int64_t epoch_seconds, int32_t micros, bool micro)
{
    ASSERT(micros >= 0);
    ASSERT(micros < 1000000);
    const int64_t day_seconds = 86400;
    int64_t midnight = sim_time_floor(epoch_seconds, day_seconds);
    uint64_t second = (uint64_t)(epoch_seconds - midnight);
    int64_t year;
    uint64_t month, day;
    civil_from_days(midnight / day_seconds, &year, &month, &day);

    if (year >= 0 && year <= 9999)
        add_digits(b, (uint64_t)year, 4);
    else
        strbuf_int(b, year); /* outside RFC 3339, yet readable */
    add_field(b, '-', month);
    add_field(b, '-', day);
    add_field(b, 'T', second / 3600);
    add_field(b, ':', second / 60 % 60);
    add_field(b, ':', second % 60);
    if (micro) {
        strbuf_putc(b, '.');
        add_digits(b, (uint64_t)micros, 6);
    }
    strbuf_putc(b, 'Z');
}

/* ---- parsing durations ---- */

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* Digits to *ret; false on overflow. */
static bool read_whole(const char **s, uint64_t *ret)
{
    uint64_t v = 0;
    for (; is_digit(**s); (*s)++) {
        uint64_t digit = (uint64_t)(**s - '0');
        if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, digit, &v))
            return false;
    }
    *ret = v;
    return true;
}

/* The digits after a decimal point, as a ratio. What is beyond 18 digits is less than a nanosecond of
 * any unit and is dropped, as Go does. */
static void read_fraction(const char **s, uint64_t *ret_part, uint64_t *ret_scale)
{
    const uint64_t scale_max = UINT64_C(1000000000000000000);
    uint64_t part = 0, scale = 1;
    for (; is_digit(**s); (*s)++) {
        if (scale == scale_max)
            continue;
        part = part * 10 + (uint64_t)(**s - '0');
        scale *= 10;
    }
    *ret_part = part;
    *ret_scale = scale;
}

/* The unit at *s; 0 when there is none. A number that stands alone counts seconds. */
static uint64_t read_unit(const char **s, bool may_be_bare)
{
    static const struct {
        const char *name;
        sim_time ns;
    } units[] = {
        {"ns", SIM_NS}, {"us", SIM_US},    {"\xc2\xb5s", SIM_US},  {"\xce\xbcs", SIM_US}, /* micro sign, Greek mu */
        {"ms", SIM_MS}, {"s", SIM_SECOND}, {"m", 60 * SIM_SECOND}, {"h", 3600 * SIM_SECOND},
    };
    if (**s == '\0')
        return may_be_bare ? SIM_SECOND : 0;
    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        size_t n = strlen(units[i].name);
        if (strncmp(*s, units[i].name, n) == 0) {
            *s += n;
            return (uint64_t)units[i].ns;
        }
    }
    return 0;
}

/* One "1.5h" at *s, added to *total. */
static bool read_term(const char **s, bool may_be_bare, uint64_t *total)
{
    const char *begin = *s;
    uint64_t whole, part = 0, scale = 1;
    if (!read_whole(s, &whole))
        return false;
    size_t digits = (size_t)(*s - begin);
    if (**s == '.') {
        const char *point = (*s)++;
        read_fraction(s, &part, &scale);
        digits += (size_t)(*s - point) - 1;
    }
    uint64_t unit = digits ? read_unit(s, may_be_bare) : 0;
    if (unit == 0 || __builtin_mul_overflow(whole, unit, &whole))
        return false;
    uint64_t fraction = (uint64_t)((uint128)part * unit / scale);
    return !__builtin_add_overflow(whole, fraction, &whole) && !__builtin_add_overflow(*total, whole, total);
}

int sim_parse_duration(const char *s, sim_time *ret_duration)
{
    bool negative = *s == '-';
    if (*s == '-' || *s == '+')
        s++;
    uint64_t total = 0;
    bool first = true;
    do {
        if (!read_term(&s, first, &total) || total > (uint64_t)SIM_TIME_MAX)
            return -1;
        first = false;
    } while (*s);
    *ret_duration = negative ? -(sim_time)total : (sim_time)total;
    return 0;
}
