/* value_scalar.c - what an unquoted scalar means, as kubectl reads it; and base64.
 *
 * kubectl turns YAML into JSON with sigs.k8s.io/yaml, that is go-yaml v2's resolve.go (YAML 1.1
 * booleans, octal numbers, underscores in numbers) followed by Go's JSON encoder (which writes 1.0 as
 * 1). Dates stay strings.
 */
#include "model/value.h"

#include <string.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The fixed words of resolve.go. */
static bool find_word(const char *text, enum value_type *ret_type, bool *ret_boolean)
{
    static const struct {
        char word[6];
        enum value_type type;
        bool boolean;
    } words[] = {
        {"", VALUE_NULL, false},       {"~", VALUE_NULL, false},      {"null", VALUE_NULL, false},
        {"Null", VALUE_NULL, false},   {"NULL", VALUE_NULL, false},   {"true", VALUE_BOOL, true},
        {"True", VALUE_BOOL, true},    {"TRUE", VALUE_BOOL, true},    {"false", VALUE_BOOL, false},
        {"False", VALUE_BOOL, false},  {"FALSE", VALUE_BOOL, false},  {"y", VALUE_BOOL, true},
        {"Y", VALUE_BOOL, true},       {"yes", VALUE_BOOL, true},     {"Yes", VALUE_BOOL, true},
        {"YES", VALUE_BOOL, true},     {"on", VALUE_BOOL, true},      {"On", VALUE_BOOL, true},
        {"ON", VALUE_BOOL, true},      {"n", VALUE_BOOL, false},      {"N", VALUE_BOOL, false},
        {"no", VALUE_BOOL, false},     {"No", VALUE_BOOL, false},     {"NO", VALUE_BOOL, false},
        {"off", VALUE_BOOL, false},    {"Off", VALUE_BOOL, false},    {"OFF", VALUE_BOOL, false},
        {".nan", VALUE_FLOAT, false},  {".NaN", VALUE_FLOAT, false},  {".NAN", VALUE_FLOAT, false},
        {".inf", VALUE_FLOAT, false},  {".Inf", VALUE_FLOAT, false},  {".INF", VALUE_FLOAT, false},
        {"+.inf", VALUE_FLOAT, false}, {"+.Inf", VALUE_FLOAT, false}, {"+.INF", VALUE_FLOAT, false},
        {"-.inf", VALUE_FLOAT, false}, {"-.Inf", VALUE_FLOAT, false}, {"-.INF", VALUE_FLOAT, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (strcmp(text, words[i].word) == 0) {
            *ret_type = words[i].type;
            *ret_boolean = words[i].boolean;
            return true;
        }
    }
    return false;
}

/* Two to nineteen digits' worth of a whole number in base 2, 8, 10 or 16 by its prefix, as Go's
 * ParseInt with base 0: 0x1f, 0o17, 017, 0b101. *ret_big: it is one, but beyond int64. */
static bool parse_integer(const char *s, int64_t *ret_value, bool *ret_big)
{
    bool negative = *s == '-';
    if (*s == '-' || *s == '+')
        s++;
    unsigned base = 10;
    if (s[0] == '0' && s[1]) {
        char p = s[1] >= 'A' && s[1] <= 'Z' ? (char)(s[1] + 32) : s[1];
        base = p == 'x' ? 16 : p == 'b' ? 2 : 8;
        s += p == 'x' || p == 'b' || p == 'o' ? 2 : 1;
    }
    if (!*s)
        return false;
    uint64_t value = 0;
    bool big = false;
    for (; *s; s++) {
        unsigned digit = is_digit(*s)             ? (unsigned)(*s - '0')
                         : *s >= 'a' && *s <= 'f' ? (unsigned)(*s - 'a') + 10
                         : *s >= 'A' && *s <= 'F' ? (unsigned)(*s - 'A') + 10
                                                  : 99;
        if (digit >= base)
            return false;
        big = big || __builtin_mul_overflow(value, base, &value) ||
              __builtin_add_overflow(value, digit, &value);
    }
    uint64_t limit = (uint64_t)INT64_MAX + negative;
    *ret_big = big || value > limit;
    *ret_value = negative ? (int64_t)(0 - value) : (int64_t)value;
    return true;
}

/* resolve.go yamlStyleFloat: [-+]?(.digits | digits[.digits*])([eE][-+]?digits)? */
static bool is_float(const char *s)
{
    if (*s == '-' || *s == '+')
        s++;
    size_t before = 0, after = 0;
    for (; is_digit(*s); s++)
        before++;
    if (*s == '.')
        for (s++; is_digit(*s); s++)
            after++;
    if (before + after == 0)
        return false;
    if (*s == 'e' || *s == 'E') {
        s++;
        if (*s == '-' || *s == '+')
            s++;
        if (!is_digit(*s))
            return false;
        while (is_digit(*s))
            s++;
    }
    return *s == '\0';
}

/* A float that is a whole number within int64 (1.0, 1e3): Go's JSON encoder writes it without a point. */
static bool float_is_integer(const char *s, int64_t *ret_value)
{
    bool negative = *s == '-';
    if (*s == '-' || *s == '+')
        s++;
    int64_t value = 0;
    int exponent = 0;
    bool in_fraction = false;
    for (; is_digit(*s) || *s == '.'; s++) {
        if (*s == '.') {
            in_fraction = true;
            continue;
        }
        if (*s == '0' && in_fraction) { /* trailing zeros of the fraction do not count */
            const char *rest = s;
            while (*rest == '0')
                rest++;
            if (!is_digit(*rest)) {
                s = rest - 1;
                continue;
            }
        }
        if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, *s - '0', &value))
            return false;
        exponent -= in_fraction;
    }
    if (*s) {
        bool minus = *++s == '-';
        int written = 0;
        for (s += *s == '-' || *s == '+'; is_digit(*s) && written < 1000; s++)
            written = written * 10 + (*s - '0');
        exponent += minus ? -written : written;
    }
    for (; value && exponent > 0; exponent--)
        if (__builtin_mul_overflow(value, 10, &value))
            return false;
    for (; value && exponent < 0; exponent++) {
        if (value % 10)
            return false;
        value /= 10;
    }
    *ret_value = negative ? -value : value;
    return true;
}

/* YYYY-... is a date if it is anything but a string; it stays a string for JSON. resolve.go
 * parseTimestamp is asked before numbers, but no number has this shape. */
enum value_type value_resolve(const char *text, int64_t *ret_integer, bool *ret_boolean)
{
    enum value_type type;
    if (find_word(text, &type, ret_boolean))
        return type;
    if (!is_digit(text[0]) && text[0] != '-' && text[0] != '+' && text[0] != '.')
        return VALUE_STRING;

    char plain[64]; /* without underscores; longer numbers are no integers */
    size_t len = 0;
    for (const char *s = text; *s; s++) {
        if (*s == '_' && text[0] != '.')
            continue;
        if (len + 1 >= sizeof plain)
            return is_float(text) ? VALUE_FLOAT : VALUE_STRING;
        plain[len++] = *s;
    }
    plain[len] = '\0';

    bool big;
    if (text[0] != '.' && parse_integer(plain, ret_integer, &big))
        return big ? VALUE_FLOAT : VALUE_INT;
    if (is_float(plain))
        return float_is_integer(plain, ret_integer) ? VALUE_INT : VALUE_FLOAT;
    return VALUE_STRING;
}

/* ---- base64 ---- */

static int base64_digit(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (is_digit(c))
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

char *value_base64_decode(struct arena *a, const char *text, size_t *ret_len)
{
    char *bytes = arena_alloc(a, strlen(text) / 4 * 3 + 4);
    size_t len = 0;
    uint32_t bits = 0;
    unsigned count = 0, padding = 0;
    for (; *text; text++) {
        if (*text == '\n' || *text == '\r')
            continue;
        if (*text == '=') {
            padding++;
            continue;
        }
        int digit = base64_digit(*text);
        if (digit < 0 || padding)
            return NULL;
        bits = bits << 6 | (uint32_t)digit;
        if (++count % 4 == 0) {
            bytes[len++] = (char)(bits >> 16);
            bytes[len++] = (char)(bits >> 8);
            bytes[len++] = (char)bits;
        }
    }
    unsigned rest = count % 4;
    if (rest == 1 || padding != (rest ? 4 - rest : 0))
        return NULL;
    if (rest == 2)
        bytes[len++] = (char)(bits >> 4);
    if (rest == 3) {
        bytes[len++] = (char)(bits >> 10);
        bytes[len++] = (char)(bits >> 2);
    }
    bytes[len] = '\0';
    *ret_len = len;
    return bytes;
}

char *value_base64_encode(struct arena *a, const char *bytes, size_t len)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *text = arena_alloc(a, (len + 2) / 3 * 4 + 1), *p = text;
    for (size_t i = 0; i < len; i += 3) {
        size_t have = len - i < 3 ? len - i : 3;
        uint32_t bits = 0;
        for (size_t k = 0; k < 3; k++)
            bits = bits << 8 | (k < have ? (unsigned char)bytes[i + k] : 0);
        for (size_t k = 0; k < 4; k++)
            *p++ = k <= have ? digits[bits >> (18 - 6 * k) & 63] : '=';
    }
    return text;
}
