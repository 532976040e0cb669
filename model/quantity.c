/* quantity.c - parsing, rounding and printing of resource.Quantity, exact, in integers only.
 *
 * k8s staging/src/k8s.io/apimachinery/pkg/api/resource/{quantity,suffix,amount}.go. A quantity is held
 * as units and nano-units. Kubernetes holds arbitrarily large decimals; here every value ends at
 * int64's range (beyond it the text is kept as it was written).
 */
#include "model/quantity.h"

#include "sim/arena.h"

#include <string.h>

enum {
    NANO = 1000000000,
    LIMBS = 24,        /* 768 bits: more than every accepted number needs, see DIGITS_MAX */
    DIGITS_MAX = 120,  /* significant digits accepted in one number */
    EXPONENT_MAX = 60, /* larger ones saturate, smaller than the negative round to 1n */
    NANO_DIGITS = 9,
    INT64_DIGITS = 19,
    TEXT_MAX = 64,
};

static const char bad_shape[] =
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
static const char bad_number[] = "unable to parse numeric part of quantity";
static const char bad_suffix[] = "unable to parse quantity's suffix";

/* k8s suffix.go: what each suffix means, as base^exponent. */
struct suffix {
    char text[3];
    enum quantity_format format;
    int exponent; /* of 2 for binary suffixes, of 10 otherwise */
};
static const struct suffix suffixes[] = {
    {"Ki", QUANTITY_BINARY, 10}, {"Mi", QUANTITY_BINARY, 20}, {"Gi", QUANTITY_BINARY, 30},
    {"Ti", QUANTITY_BINARY, 40}, {"Pi", QUANTITY_BINARY, 50}, {"Ei", QUANTITY_BINARY, 60},
    {"n", QUANTITY_DECIMAL, -9}, {"u", QUANTITY_DECIMAL, -6}, {"m", QUANTITY_DECIMAL, -3},
    {"", QUANTITY_DECIMAL, 0},   {"k", QUANTITY_DECIMAL, 3},  {"M", QUANTITY_DECIMAL, 6},
    {"G", QUANTITY_DECIMAL, 9},  {"T", QUANTITY_DECIMAL, 12}, {"P", QUANTITY_DECIMAL, 15},
    {"E", QUANTITY_DECIMAL, 18},
};

/* ---- a small natural number, little-endian limbs ---- */

struct natural {
    uint32_t limb[LIMBS];
};

static void multiply_add(struct natural *n, uint32_t factor, uint32_t summand)
{
    uint64_t carry = summand;
    for (size_t i = 0; i < LIMBS; i++) {
        carry += (uint64_t)n->limb[i] * factor;
        n->limb[i] = (uint32_t)carry;
        carry >>= 32;
    }
    ASSERT(carry == 0);
}

static uint32_t divide(struct natural *n, uint32_t divisor)
{
    uint64_t rest = 0;
    for (size_t i = LIMBS; i-- > 0;) {
        rest = rest << 32 | n->limb[i];
        n->limb[i] = (uint32_t)(rest / divisor);
        rest %= divisor;
    }
    return (uint32_t)rest;
}

static bool exceeds_64_bits(const struct natural *n)
{
    for (size_t i = 2; i < LIMBS; i++)
        if (n->limb[i])
            return true;
    return false;
}

/* ---- parsing ---- */

/* The parts of a number as written: sign, digits without the point, suffix. */
struct parts {
    bool negative;
    const char *digits; /* integer part, may contain one point */
    size_t digits_len;
    const char *suffix;
    size_t suffix_len;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* k8s quantity.go parseQuantityString. */
static const char *split(const char *text, struct parts *ret)
{
    const char *p = text;
    struct parts parts = {0};
    if (*p == '+' || *p == '-')
        parts.negative = *p++ == '-';
    parts.digits = p;
    while (is_digit(*p))
        p++;
    if (*p == '.')
        p++;
    while (is_digit(*p))
        p++;
    parts.digits_len = (size_t)(p - parts.digits);
    parts.suffix = p;
    while (*p && strchr("eEinumkKMGTP", *p))
        p++;
    if (*p == '-' || *p == '+')
        p++;
    while (is_digit(*p))
        p++;
    parts.suffix_len = (size_t)(p - parts.suffix);
    if (*p || !*text)
        return bad_shape;
    *ret = parts;
    return NULL;
}

/* k8s suffix.go interpret: a table lookup, else e or E with a signed number. */
static const char *interpret_suffix(const char *s, size_t len, enum quantity_format *ret_format,
                                    int *ret_exponent)
{
    for (size_t i = 0; i < ARRAY_LEN(suffixes); i++) {
        if (strlen(suffixes[i].text) == len && memcmp(suffixes[i].text, s, len) == 0) {
            *ret_format = suffixes[i].format;
            *ret_exponent = suffixes[i].exponent;
            return NULL;
        }
    }
    if (len < 2 || (s[0] != 'e' && s[0] != 'E'))
        return bad_suffix;
    size_t i = 1;
    bool negative = s[i] == '-';
    if (s[i] == '-' || s[i] == '+')
        i++;
    if (i == len)
        return bad_suffix;
    int exponent = 0;
    for (; i < len; i++) {
        if (!is_digit(s[i]))
            return bad_suffix;
        if (exponent <= EXPONENT_MAX)
            exponent = exponent * 10 + (s[i] - '0');
    }
    *ret_format = QUANTITY_EXPONENT;
    *ret_exponent = negative ? -exponent : exponent;
    return NULL;
}

/* Splits a magnitude of nano-units and applies the sign; held at int64's range. */
static void set_nanos(struct quantity *q, struct natural n, bool negative)
{
    uint32_t nanos = divide(&n, NANO);
    uint64_t units = (uint64_t)n.limb[1] << 32 | n.limb[0];
    if (exceeds_64_bits(&n) || units > INT64_MAX) {
        units = INT64_MAX;
        nanos = 0;
    }
    if (!negative) {
        q->nano_high = (int64_t)units;
        q->nano_low = (int32_t)nanos;
    } else if (nanos == 0) {
        q->nano_high = -(int64_t)units;
        q->nano_low = 0;
    } else { /* floor form: -1.25 is -2 + 0.75 */
        q->nano_high = -(int64_t)units - 1;
        q->nano_low = NANO - (int32_t)nanos;
    }
}

/* Integer digits times 2^exponent or 10^exponent over 10^fraction, in nano-units, rounded away from
 * zero (k8s quantity.go: "rounds non-zero values up into the minimum representable value"). */
static void scale_to_nanos(struct natural *n, bool binary, int exponent, size_t fraction)
{
    int tens = NANO_DIGITS - (int)fraction + (binary ? 0 : exponent);
    if (binary)
        for (int i = 0; i < exponent; i += 10)
            multiply_add(n, 1024, 0);
    for (; tens > 0; tens--)
        multiply_add(n, 10, 0);
    uint32_t rest = 0;
    for (; tens < 0; tens++)
        rest |= divide(n, 10);
    if (rest)
        multiply_add(n, 1, 1);
}

static void format_canonical(struct arena *a, struct quantity *q);

const char *quantity_parse(struct arena *a, const char *text, struct quantity *ret_quantity)
{
    struct parts parts;
    enum quantity_format format;
    int exponent;
    const char *wrong = split(text, &parts);
    if (wrong)
        return wrong;
    wrong = interpret_suffix(parts.suffix, parts.suffix_len, &format, &exponent);
    if (wrong)
        return wrong;

    struct natural n = {0};
    size_t digits = 0, significant = 0, fraction = 0;
    bool in_fraction = false, zero = true;
    for (size_t i = 0; i < parts.digits_len; i++) {
        char c = parts.digits[i];
        if (c == '.') {
            in_fraction = true;
            continue;
        }
        digits++;
        zero = zero && c == '0';
        significant += !zero;
        if (significant > DIGITS_MAX)
            return bad_number;
        multiply_add(&n, 10, (uint32_t)(c - '0'));
        fraction += in_fraction;
        if (fraction > DIGITS_MAX)
            return bad_number;
    }
    if (digits == 0)
        return bad_number;

    struct quantity q = {.set = true, .format = format};
    bool huge = exponent > EXPONENT_MAX, tiny = exponent < -EXPONENT_MAX;
    if (huge && !zero)
        q.nano_high = parts.negative ? -INT64_MAX : INT64_MAX;
    else if (tiny && !zero)
        set_nanos(&q, (struct natural){.limb = {1}}, parts.negative);
    else if (!zero) {
        scale_to_nanos(&n, format == QUANTITY_BINARY, exponent, fraction);
        set_nanos(&q, n, parts.negative);
    }
    bool saturated = q.nano_high == INT64_MAX || q.nano_high == -INT64_MAX;
    if (saturated && format != QUANTITY_BINARY)
        q.text = arena_strdup(a, text);
    else
        format_canonical(a, &q);
    *ret_quantity = q;
    return NULL;
}

/* ---- printing: k8s quantity.go CanonicalizeBytes ---- */

static uint64_t magnitude_units(const struct quantity *q, uint32_t *ret_nanos)
{
    bool negative = q->nano_high < 0;
    if (!negative) {
        *ret_nanos = (uint32_t)q->nano_low;
        return (uint64_t)q->nano_high;
    }
    uint64_t units = 0 - (uint64_t)q->nano_high;
    *ret_nanos = q->nano_low ? (uint32_t)(NANO - q->nano_low) : 0;
    return q->nano_low ? units - 1 : units;
}

static void add_number(char *to, uint64_t value)
{
    char digits[INT64_DIGITS + 2];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    size_t len = strlen(to);
    memcpy(to + len, digits + at, sizeof digits - at);
    to[len + sizeof digits - at] = '\0';
}

/* Moves factors of `base` from *value into the returned count, `step` factors at a time. */
static int remove_factors(uint64_t *value, uint64_t factor, int step, int limit)
{
    int removed = 0;
    while (removed < limit && *value && *value % factor == 0) {
        *value /= factor;
        removed += step;
    }
    return removed;
}

static void add_suffix(char *to, enum quantity_format format, int exponent)
{
    if (format == QUANTITY_EXPONENT) {
        if (exponent == 0)
            return;
        strcat(to, exponent < 0 ? "e-" : "e");
        add_number(to, (uint64_t)(exponent < 0 ? -exponent : exponent));
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(suffixes); i++)
        if (suffixes[i].format == format && suffixes[i].exponent == exponent)
            strcat(to, suffixes[i].text);
}

static void format_canonical(struct arena *a, struct quantity *q)
{
    char text[TEXT_MAX] = "";
    uint32_t nanos;
    uint64_t units = magnitude_units(q, &nanos);
    enum quantity_format format = q->format;
    int exponent = 0;

    /* Small numbers and fractions of a binary format are shown as decimals. */
    if (format == QUANTITY_BINARY && (units < 1024 || nanos != 0))
        format = QUANTITY_DECIMAL;
    if (q->nano_high < 0)
        strcat(text, "-");
    if (units == 0 && nanos == 0) {
        strcat(text, "0");
    } else if (format == QUANTITY_BINARY) {
        exponent = remove_factors(&units, 1024, 10, 60);
        add_number(text, units);
        if (exponent)
            add_suffix(text, format, exponent);
    } else if (nanos == 0) {
        exponent = remove_factors(&units, 1000, 3, 18);
        add_number(text, units);
        add_suffix(text, format, exponent);
    } else { /* the fraction decides the suffix: n, u or m */
        uint64_t rest = nanos;
        exponent = -NANO_DIGITS + remove_factors(&rest, 1000, 3, NANO_DIGITS);
        if (units)
            add_number(text, units);
        char digits[NANO_DIGITS + 1] = "";
        size_t width = (size_t)(NANO_DIGITS + (exponent + NANO_DIGITS) * -1);
        for (size_t i = width; i-- > 0; rest /= 10)
            digits[i] = (char)('0' + rest % 10);
        const char *shown = digits;
        while (!units && *shown == '0')
            shown++;
        strcat(text, shown);
        add_suffix(text, format, exponent);
    }
    q->text = arena_strdup(a, text);
}

/* ---- arithmetic ---- */

int64_t quantity_value(const struct quantity *q)
{
    return q->nano_low > 0 && q->nano_high < INT64_MAX ? q->nano_high + 1 : q->nano_high;
}

int64_t quantity_milli(const struct quantity *q)
{
    enum { NANOS_PER_MILLI = NANO / 1000 };
    int64_t milli, part = (q->nano_low + NANOS_PER_MILLI - 1) / NANOS_PER_MILLI;
    if (__builtin_mul_overflow(q->nano_high, 1000, &milli) || __builtin_add_overflow(milli, part, &milli))
        return q->nano_high < 0 ? -INT64_MAX : INT64_MAX;
    return milli;
}

int quantity_compare(const struct quantity *a, const struct quantity *b)
{
    if (a->nano_high != b->nano_high)
        return a->nano_high < b->nano_high ? -1 : 1;
    return (a->nano_low > b->nano_low) - (a->nano_low < b->nano_low);
}

int quantity_sign(const struct quantity *q)
{
    return q->nano_high < 0 ? -1 : q->nano_high > 0 || q->nano_low > 0;
}

void quantity_accumulate(struct quantity *sum, const struct quantity *q)
{
    if (!sum->set)
        sum->format = q->format;
    sum->set = true;
    sum->text = NULL;
    int32_t nanos = sum->nano_low + q->nano_low; /* below 2e9, fits */
    int64_t carry = nanos >= NANO;
    bool negative = q->nano_high < 0;
    sum->nano_low = nanos - (carry ? NANO : 0);
    if (__builtin_add_overflow(sum->nano_high, q->nano_high, &sum->nano_high) ||
        __builtin_add_overflow(sum->nano_high, carry, &sum->nano_high)) {
        sum->nano_high = negative ? -INT64_MAX : INT64_MAX;
        sum->nano_low = 0;
    }
}

struct quantity quantity_add(struct arena *a, const struct quantity *x, const struct quantity *y)
{
    struct quantity sum = *x;
    quantity_accumulate(&sum, y);
    format_canonical(a, &sum);
    return sum;
}

struct quantity quantity_from_milli(struct arena *a, int64_t milli, enum quantity_format format)
{
    int64_t units = milli / 1000, rest = milli % 1000;
    if (rest < 0) {
        rest += 1000;
        units--;
    }
    struct quantity q = {
        .nano_high = units, .nano_low = (int32_t)(rest * (NANO / 1000)), .set = true, .format = format};
    format_canonical(a, &q);
    return q;
}

struct quantity quantity_from_value(struct arena *a, int64_t units, enum quantity_format format)
{
    struct quantity q = {.nano_high = units, .set = true, .format = format};
    format_canonical(a, &q);
    return q;
}

struct quantity quantity_round_up_milli(struct arena *a, const struct quantity *q)
{
    if (q->nano_low % (NANO / 1000) == 0)
        return *q;
    return quantity_from_milli(a, quantity_milli(q), q->format);
}
