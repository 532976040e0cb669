/* golden_diff_text.c - two texts of a timeline: equal but for times, alike, and where they differ, by words. */
#include "report/golden_diff_private.h"
#include "report/private.h"

#include <string.h>

/* ---- words ---- */

struct piece {
    const char *text;
    size_t length;
};

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static bool is_word_char(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c && strchr("._-/:%+@", c)) ||
           (unsigned char)c >= 0x80;
}

/* The word, the blanks or the single character that `text` begins with. A dot or colon at the end of a word is
 * punctuation. */
static struct piece next_piece(const char *text)
{
    size_t n = 0;
    if (*text == ' ') {
        n = strspn(text, " ");
    } else if (is_word_char(*text)) {
        while (is_word_char(text[n]))
            n++;
        while (n > 1 && (text[n - 1] == '.' || text[n - 1] == ':'))
            n--;
    } else if (*text) {
        n = 1;
    }
    return (struct piece){text, n};
}

/* ---- durations ---- */

static const struct {
    const char *name;
    sim_time value;
} units[] = {
    /* the longer name first */
    {"ns", SIM_NS},
    {"us", SIM_US},
    {"ms", SIM_MS},
    {"s", SIM_SECOND},
    {"m", 60 * SIM_SECOND},
    {"h", 3600 * SIM_SECOND},
    {"d", 86400 * SIM_SECOND},
    {"y", 365 * 86400 * SIM_SECOND},
};

/* One number and its unit, "1h" of "1h30m". Returns the bytes, 0 = there is none. */
static size_t read_span(const char *text, size_t length, sim_time *ret_value, sim_time *ret_unit)
{
    enum { DIGITS_MAX = 9 };
    size_t n = 0, digits = 0;
    sim_time whole = 0, fraction = 0, scale = 1;
    for (; n < length && is_digit(text[n]) && digits < DIGITS_MAX; n++, digits++)
        whole = whole * 10 + (text[n] - '0');
    if (digits == 0)
        return 0;
    if (n < length && text[n] == '.')
        for (n++; n < length && is_digit(text[n]) && scale < SIM_SECOND; n++, scale *= 10)
            fraction = fraction * 10 + (text[n] - '0');
    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        size_t name = strlen(units[i].name);
        if (length - n < name || memcmp(text + n, units[i].name, name) != 0)
            continue;
        if (__builtin_mul_overflow(whole, units[i].value, ret_value) || fraction > SIM_TIME_MAX / units[i].value)
            return 0;
        *ret_value = sim_time_add(*ret_value, fraction * units[i].value / scale);
        *ret_unit = scale > 1 ? 0 : units[i].value;
        return n + name;
    }
    return 0;
}

/* "12.5s", "350ms", "1m30s", "2d3h" (kubectl counts days); `unit`: the smallest whole one, 0 = it has decimals. That
 * 100m of a CPU are no minutes nobody can tell; they are only compared. */
static bool duration_of(struct piece p, sim_time *ret_value, sim_time *ret_unit)
{
    sim_time sum = 0;
    for (size_t at = 0; at < p.length;) {
        sim_time value;
        size_t n = read_span(p.text + at, p.length - at, &value, ret_unit);
        if (n == 0)
            return false;
        sum = sim_time_add(sum, value);
        at += n;
    }
    *ret_value = sum;
    return p.length > 0;
}

/* ---- equal ---- */

static bool pieces_equal(struct piece a, struct piece b)
{
    return a.length == b.length && memcmp(a.text, b.text, a.length) == 0;
}

/* "web.yaml:12" */
static bool is_position(struct piece p)
{
    static const char *const suffixes[] = {".yaml:", ".yml:", ".json:"};
    size_t n = p.length;
    while (n > 0 && is_digit(p.text[n - 1]))
        n--;
    for (size_t i = 0; n < p.length && i < ARRAY_LEN(suffixes); i++) {
        size_t k = strlen(suffixes[i]);
        if (n > k && memcmp(p.text + n - k, suffixes[i], k) == 0)
            return true;
    }
    return false;
}

static bool pieces_near(struct piece a, struct piece b, const struct golden_leeway *leeway)
{
    sim_time x, y, x_unit, y_unit;
    if (pieces_equal(a, b))
        return true;
    if (leeway->any_position && is_position(a) && is_position(b))
        return true;
    if (!duration_of(a, &x, &x_unit) || !duration_of(b, &y, &y_unit))
        return false;
    if (leeway->shift && y - x == leeway->shift)
        return true;
    sim_time apart = x > y ? x - y : y - x, unit = x_unit > y_unit ? x_unit : y_unit;
    return leeway->tolerance && apart <= (leeway->rounded ? sim_time_add(leeway->tolerance, unit) : leeway->tolerance);
}

bool golden_texts_near(const char *a, const char *b, const struct golden_leeway *leeway)
{
    if (strcmp(a, b) == 0)
        return true;
    if (!leeway->tolerance && !leeway->shift && !leeway->any_position)
        return false;
    for (;;) {
        struct piece x = next_piece(a), y = next_piece(b);
        if (x.length == 0 || y.length == 0)
            return x.length == y.length;
        bool blank = *x.text == ' ' && *y.text == ' '; /* widths follow from what stands before them */
        if (!blank && !pieces_near(x, y, leeway))
            return false;
        a += x.length;
        b += y.length;
    }
}

bool golden_texts_cut(const char *a, const char *b)
{
    static const char dots[] = "...";
    const size_t n = sizeof dots - 1;
    size_t a_length = strlen(a), b_length = strlen(b);
    bool a_cut = a_length >= n && strcmp(a + a_length - n, dots) == 0;
    bool b_cut = b_length >= n && strcmp(b + b_length - n, dots) == 0;
    if (a_cut && b_cut) {
        size_t shown = a_length < b_length ? a_length - n : b_length - n;
        return memcmp(a, b, shown) == 0;
    }
    return (a_cut && strncmp(a, b, a_length - n) == 0) || (b_cut && strncmp(a, b, b_length - n) == 0);
}

const char *golden_loose(struct arena *a, const char *text)
{
    struct strbuf b = STRBUF_INIT;
    bool any = false;
    for (struct piece p; (p = next_piece(text)).length; text += p.length) {
        sim_time value, unit;
        bool is_duration = is_digit(*p.text) && duration_of(p, &value, &unit);
        any = any || is_duration;
        strbuf_add(&b, is_duration ? "#" : p.text, is_duration ? 1 : p.length);
    }
    const char *loose = any ? arena_strndup(a, b.data, b.len) : NULL;
    strbuf_fini(&b);
    return loose;
}

/* ---- alike ---- */

enum { PIECES_MAX = 400 };

/* The pieces of a text, those from `max` on as one. */
static uint32_t split(const char *text, bool blanks, struct piece *pieces, uint32_t max)
{
    uint32_t count = 0;
    for (struct piece p; (p = next_piece(text)).length; text += p.length) {
        if (!blanks && *p.text == ' ')
            continue;
        if (count == max - 1) {
            pieces[count++] = (struct piece){text, strlen(text)};
            break;
        }
        pieces[count++] = p;
    }
    return count;
}

static void match_pieces(struct arena *scratch, const struct piece *a, uint32_t a_count, const struct piece *b,
                         uint32_t b_count, uint32_t *match)
{
    uint32_t x[PIECES_MAX], y[PIECES_MAX];
    struct words w;
    words_init(&w, scratch);
    for (uint32_t i = 0; i < a_count; i++)
        x[i] = words_number(&w, a[i].text, a[i].length);
    for (uint32_t i = 0; i < b_count; i++)
        y[i] = words_number(&w, b[i].text, b[i].length);
    myers_match(scratch, x, a_count, y, b_count, match);
}

uint32_t golden_similarity(struct arena *scratch, const char *a, const char *b)
{
    struct piece x[PIECES_MAX], y[PIECES_MAX];
    uint32_t match[PIECES_MAX], shared = 0;
    uint32_t x_count = split(a, false, x, PIECES_MAX), y_count = split(b, false, y, PIECES_MAX);
    match_pieces(scratch, x, x_count, y, y_count, match);
    for (uint32_t i = 0; i < x_count; i++)
        shared += match[i] != 0;
    return x_count + y_count ? 200 * shared / (x_count + y_count) : 100;
}

/* ---- where they differ ---- */

static void put_marked(struct strbuf *out, bool color, enum paint p, const char *open, const char *text, size_t length,
                       const char *close)
{
    enum { SHOWN_MAX = 240 };
    if (length == 0)
        return;
    size_t shown = length;
    if (length > SHOWN_MAX) /* not in the middle of a character */
        for (shown = SHOWN_MAX; shown > 0 && ((unsigned char)text[shown] & 0xc0) == 0x80;)
            shown--;
    paint_begin(out, color, p);
    strbuf_puts(out, open);
    strbuf_add(out, text, shown);
    if (shown < length)
        strbuf_puts(out, "...");
    strbuf_puts(out, close);
    paint_end(out, color, p);
}

/* A stretch of equal words; of a long one only what stands beside a difference. */
static void put_equal(struct strbuf *out, const char *text, size_t length, bool first, bool last)
{
    enum { WHOLE = 100, BESIDE = 40 };
    size_t head = first ? 0 : BESIDE, tail = last ? 0 : BESIDE;
    if (length <= WHOLE) {
        strbuf_add(out, text, length);
        return;
    }
    while (head < length && ((unsigned char)text[head] & 0xc0) == 0x80)
        head++;
    while (tail < length && ((unsigned char)text[length - tail] & 0xc0) == 0x80)
        tail++;
    strbuf_add(out, text, head);
    strbuf_puts(out, first ? "... " : last ? " ..." : " ... ");
    strbuf_add(out, text + length - tail, tail);
}

/* Bytes from piece `i` up to piece `end`, which stand beside each other in the text. */
static size_t span(const struct piece *pieces, uint32_t i, uint32_t end)
{
    return i < end ? (size_t)(pieces[end - 1].text + pieces[end - 1].length - pieces[i].text) : 0;
}

void golden_word_diff(const char *from, const char *to, bool color, struct strbuf *out)
{
    struct piece x[PIECES_MAX], y[PIECES_MAX];
    uint32_t match[PIECES_MAX];
    struct arena scratch;
    arena_init(&scratch, 0);
    uint32_t x_count = split(from, true, x, PIECES_MAX), y_count = split(to, true, y, PIECES_MAX);
    match_pieces(&scratch, x, x_count, y, y_count, match);
    for (uint32_t i = 0, k = 0; i < x_count || k < y_count;) {
        uint32_t same = i;
        while (same < x_count && match[same] == k + 1 + (same - i))
            same++;
        put_equal(out, i < x_count ? x[i].text : "", span(x, i, same), i == 0,
                  same == x_count && k + same - i == y_count);
        k += same - i;
        i = same;
        uint32_t i_end = i;
        while (i_end < x_count && !match[i_end])
            i_end++;
        uint32_t k_end = i_end < x_count ? match[i_end] - 1 : y_count;
        put_marked(out, color, PAINT_RED, "[-", i < i_end ? x[i].text : "", span(x, i, i_end), "-]");
        put_marked(out, color, PAINT_GREEN, "{+", k < k_end ? y[k].text : "", span(y, k, k_end), "+}");
        i = i_end;
        k = k_end;
    }
    arena_fini(&scratch);
}

bool golden_glob(const char *pattern, const char *text)
{
    const char *star = NULL, *resume = NULL; /* the last `*`, and what it has not swallowed yet */
    while (*text) {
        if (*pattern == '*') {
            star = ++pattern;
            resume = text;
        } else if (*pattern == '?' || *pattern == *text) {
            pattern++;
            text++;
        } else if (star) {
            pattern = star;
            text = ++resume;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}
