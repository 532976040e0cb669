/* diag.c - collecting diagnostics, and showing them with the source line they are about.
 *
 * Order of output is a pure function of what was reported: position first, then order of report, and
 * notes stay with the diagnostic they explain.
 */
#include "model/diag_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    EXCERPT_MAX = 100,   /* characters of a source line that are shown */
    EXCERPT_BEFORE = 60, /* of a cut line: characters kept before the caret */
    WORD_MAX = 63,       /* longest word for which a similar one is looked for */
    DIAGS_MAX = 10000,   /* kept; nobody reads more, and aliases can multiply them */
};
static const uint32_t NO_PARENT = UINT32_MAX;

const struct diag_code_info diag_code_infos[CODE_COUNT] = {
#define X(id, number, level, name, doc) [CODE_##id] = {number, DIAG_##level, name, doc},
    DIAG_CODES(X)
#undef X
};

void diag_init(struct diag_set *d)
{
    *d = (struct diag_set){0};
    arena_init(&d->arena, 0);
    pool_init(&d->files, &d->arena, sizeof(struct diag_file));
    pool_init(&d->diags, &d->arena, sizeof(struct diag));
    pool_init(&d->uses, &d->arena, sizeof(struct diag_use));
}

void diag_fini(struct diag_set *d)
{
    if (d)
        arena_fini(&d->arena);
}

uint32_t diag_add_file(struct diag_set *d, const char *name, const char *text, size_t len)
{
    uint32_t index = pool_add(&d->files);
    struct diag_file *file = pool_at(&d->files, index);
    file->name = arena_strdup(&d->arena, name);
    file->text = arena_strndup(&d->arena, text, len);
    file->text_len = len;
    return index;
}

void diag_clear(struct diag_set *d)
{
    d->diags.count = 0;
    d->error_count = d->warning_count = d->left_out = 0;
}

/* NULL when the set is full. */
static struct diag *add(struct diag_set *d, enum diag_level level, enum diag_code code, struct src_pos at,
                        const char *format, va_list args)
{
    ASSERT(format);
    if (d->diags.count >= DIAGS_MAX) {
        d->left_out += level == DIAG_ERROR;
        return NULL;
    }
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    ASSERT(len >= 0);
    char *message = arena_alloc(&d->arena, (size_t)len + 1);
    vsnprintf(message, (size_t)len + 1, format, again);
    va_end(again);

    struct diag *diag = pool_at(&d->diags, pool_add(&d->diags));
    *diag = (struct diag){.level = level, .code = code, .at = at, .message = message, .parent = NO_PARENT};
    return diag;
}

void diag_add_use(struct diag_set *d, const struct diag_use *use)
{
    struct diag_use *kept = pool_at(&d->uses, pool_add(&d->uses));
    *kept = *use;
    kept->note = arena_strdup(&d->arena, use->note);
}

void diag_mute(struct diag_set *d, struct src_pos from, struct src_pos to)
{
    struct diag_use *use = pool_at(&d->uses, pool_add(&d->uses));
    *use = (struct diag_use){.from = from, .to = to};
}

static int compare_position(struct src_pos a, struct src_pos b);

static bool within(const struct diag_use *use, struct src_pos at)
{
    return compare_position(at, use->from) >= 0 && compare_position(at, use->to) <= 0;
}

static bool overlap(struct src_pos a, struct src_pos b)
{
    uint32_t length = b.length ? b.length : 1;
    return a.line == b.line && a.column < b.column + length && b.column < a.column + a.length;
}

/* Is the place that of the whole value, or where something was put in? */
static bool depends(const struct diag_use *use, struct src_pos at)
{
    bool whole = compare_position(at, use->from) == 0 && at.length == use->from.length;
    return use->note && within(use, at) && (whole || overlap(use->place, at));
}

static bool is_muted(const struct diag_set *d, struct src_pos at)
{
    for (uint32_t i = 0; i < d->uses.count; i++) {
        const struct diag_use *use = pool_at(&d->uses, i);
        if (!use->note && within(use, at))
            return true;
    }
    return false;
}

static bool same_note(const struct diag_use *a, const struct diag_use *b)
{
    return compare_position(a->note_at, b->note_at) == 0 && strcmp(a->note, b->note) == 0;
}

/* Has the note been given for a use before this one? Values are reached by aliases, too. */
static bool noted(const struct diag_set *d, const struct diag_use *use, uint32_t index)
{
    for (uint32_t i = 0; i < index; i++) {
        const struct diag_use *other = pool_at(&d->uses, i);
        if (other->note && same_note(other, use) && compare_position(other->from, use->from) == 0)
            return true;
    }
    return false;
}

static void note_uses(struct diag_set *d, struct src_pos at)
{
    for (uint32_t i = 0; i < d->uses.count; i++) {
        const struct diag_use *use = pool_at(&d->uses, i);
        if (depends(use, at) && !noted(d, use, i))
            diag_note(d, use->note_at, "%s", use->note);
    }
}

static int report(struct diag_set *d, enum diag_code code, struct src_pos at, const char *suggestion,
                  const char *format, va_list args)
{
    enum diag_level level = diag_code_infos[code].level;
    d->muted = is_muted(d, at);
    if (d->muted)
        return -1;
    if (level == DIAG_WARNING && d->strict)
        level = DIAG_ERROR;
    struct diag *diag = add(d, level, code, at, format, args);
    if (diag && suggestion)
        diag->suggestion = arena_strdup(&d->arena, suggestion);
    *(level == DIAG_ERROR ? &d->error_count : &d->warning_count) += 1;
    note_uses(d, at);
    return -1;
}

int diag_report(struct diag_set *d, enum diag_code code, struct src_pos at, const char *suggestion, const char *format,
                ...)
{
    va_list args;
    va_start(args, format);
    report(d, code, at, suggestion, format, args);
    va_end(args);
    return -1;
}

int diag_error(struct diag_set *d, struct src_pos at, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    report(d, CODE_INVALID, at, NULL, format, args);
    va_end(args);
    return -1;
}

int diag_error_suggest(struct diag_set *d, struct src_pos at, const char *suggestion, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    report(d, CODE_INVALID, at, suggestion, format, args);
    va_end(args);
    return -1;
}

void diag_note(struct diag_set *d, struct src_pos at, const char *format, ...)
{
    uint32_t parent = d->diags.count;
    if (d->muted)
        return;
    while (parent-- > 0)
        if (((const struct diag *)pool_at(&d->diags, parent))->level != DIAG_NOTE)
            break;
    va_list args;
    va_start(args, format);
    struct diag *diag = add(d, DIAG_NOTE, CODE_COUNT, at, format, args);
    va_end(args);
    if (diag)
        diag->parent = parent; /* NO_PARENT when there was nothing before */
}

/* ---- order ---- */

struct sort_item {
    const struct diag *diag;   /* what is printed */
    const struct diag *anchor; /* what decides where: itself, or the note's parent */
    uint32_t anchor_index, index;
};

static int compare_uint(uint32_t a, uint32_t b) { return (a > b) - (a < b); }

static int compare_position(struct src_pos a, struct src_pos b)
{
    int c = compare_uint(a.file, b.file);
    if (!c)
        c = compare_uint(a.line, b.line);
    return c ? c : compare_uint(a.column, b.column);
}

static int compare_items(const void *pa, const void *pb)
{
    const struct sort_item *a = pa, *b = pb;
    int c = compare_position(a->anchor->at, b->anchor->at);
    if (!c)
        c = compare_uint(a->anchor_index, b->anchor_index);
    return c ? c : compare_uint(a->index, b->index);
}

/* Was the same thing said already? Items before `index` at the same position are looked through. */
static bool is_repetition(const struct sort_item *items, uint32_t index)
{
    const struct diag *diag = items[index].diag;
    while (index-- > 0 && compare_position(items[index].anchor->at, diag->at) == 0) {
        const struct diag *other = items[index].diag;
        if (other->level == diag->level && other->parent == diag->parent && strcmp(other->message, diag->message) == 0)
            return true;
    }
    return false;
}

/* ---- one diagnostic ---- */

/* Length in bytes of the UTF-8 character at s; 1 for anything malformed. */
static size_t char_bytes(const unsigned char *s, size_t left)
{
    size_t n = *s < 0x80 ? 1 : *s >= 0xf0 ? 4 : *s >= 0xe0 ? 3 : *s >= 0xc0 ? 2 : 1;
    if (n > left)
        return 1;
    for (size_t i = 1; i < n; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 1;
    return n;
}

/* The line found last: diagnostics come in rising order, so the next one is near. */
struct line_finder {
    uint32_t file, line; /* line 0 = nothing found yet */
    const char *start;
};

/* The text of line `line` (1-based) without its end; NULL when there is no such line. */
static const char *find_line(struct line_finder *finder, const struct diag_file *file, struct src_pos at,
                             size_t *ret_len)
{
    const char *end = file->text + file->text_len;
    if (finder->line == 0 || finder->file != at.file || finder->line > at.line) {
        *finder = (struct line_finder){.file = at.file, .line = 1, .start = file->text};
        if (file->text_len >= 3 && memcmp(file->text, "\xef\xbb\xbf", 3) == 0)
            finder->start += 3; /* a byte order mark is no character of the line */
    }
    for (; finder->line < at.line; finder->line++) {
        const char *newline = memchr(finder->start, '\n', (size_t)(end - finder->start));
        if (!newline)
            return NULL;
        finder->start = newline + 1;
    }
    const char *newline = memchr(finder->start, '\n', (size_t)(end - finder->start));
    size_t len = (size_t)((newline ? newline : end) - finder->start);
    if (len > 0 && finder->start[len - 1] == '\r')
        len--;
    *ret_len = len;
    return finder->start;
}

/* Prints characters [first, last) of the line, one column each; returns how many there were. */
static uint32_t put_characters(struct strbuf *out, const char *line, size_t len, uint32_t first, uint32_t last)
{
    uint32_t at = 0, put = 0;
    for (size_t i = 0; i < len && at < last; at++) {
        size_t n = char_bytes((const unsigned char *)line + i, len - i);
        unsigned char c = (unsigned char)line[i];
        if (at >= first) {
            if (c == '\t')
                strbuf_putc(out, ' ');
            else if (n == 1 && (c < 0x20 || c >= 0x7f))
                strbuf_putc(out, '?');
            else
                strbuf_add(out, line + i, n);
            put++;
        }
        i += n;
    }
    return put;
}

static uint32_t count_characters(const char *line, size_t len)
{
    uint32_t count = 0;
    for (size_t i = 0; i < len; count++)
        i += char_bytes((const unsigned char *)line + i, len - i);
    return count;
}

/* What text looks like on a terminal, as compilers do it. */
enum ink { INK_PLAIN, INK_PLACE, INK_ERROR, INK_WARNING, INK_NOTE, INK_MARK };
static const char *const inks[] = {
    [INK_PLAIN] = "\033[0m",      [INK_PLACE] = "\033[1m",   [INK_ERROR] = "\033[1;31m",
    [INK_WARNING] = "\033[1;35m", [INK_NOTE] = "\033[1;36m", [INK_MARK] = "\033[1;32m",
};

static void ink(struct strbuf *out, bool color, enum ink which)
{
    if (color)
        strbuf_puts(out, inks[which]);
}

static void put_excerpt(struct line_finder *finder, const struct diag_set *d, struct strbuf *out, struct src_pos at,
                        bool color)
{
    size_t len;
    const char *line = find_line(finder, pool_at(&d->files, at.file), at, &len);
    if (!line)
        return;

    uint32_t total = count_characters(line, len), column = at.column ? at.column - 1 : 0;
    uint32_t first = 0, last = total;
    if (total > EXCERPT_MAX) {
        first = column > EXCERPT_BEFORE ? column - EXCERPT_BEFORE : 0;
        last = total - first > EXCERPT_MAX ? first + EXCERPT_MAX : total;
    }
    strbuf_printf(out, "%5" PRIu32 " | %s", at.line, first > 0 ? "..." : "");
    put_characters(out, line, len, first, last);
    strbuf_puts(out, last < total ? "...\n" : "\n");

    uint32_t marks = at.length > 1 ? at.length : 1, room = last > column ? last - column : 1;
    if (marks > room)
        marks = room;
    strbuf_puts(out, "      | ");
    strbuf_fill(out, ' ', (first > 0 ? 3 : 0) + column - first);
    ink(out, color, INK_MARK);
    strbuf_putc(out, '^');
    strbuf_fill(out, '~', marks - 1);
    ink(out, color, INK_PLAIN);
    strbuf_putc(out, '\n');
}

const char *const diag_level_names[] = {[DIAG_ERROR] = "error", [DIAG_WARNING] = "warning", [DIAG_NOTE] = "note"};

static void put_diag(struct line_finder *finder, const struct diag_set *d, struct strbuf *out, const struct diag *diag,
                     bool color)
{
    static const enum ink of_level[] = {[DIAG_ERROR] = INK_ERROR, [DIAG_WARNING] = INK_WARNING, [DIAG_NOTE] = INK_NOTE};
    bool in_file = diag->at.file < d->files.count;

    if (in_file) {
        ink(out, color, INK_PLACE);
        strbuf_puts(out, ((const struct diag_file *)pool_at(&d->files, diag->at.file))->name);
        if (diag->at.line)
            strbuf_printf(out, ":%" PRIu32 ":%" PRIu32, diag->at.line, diag->at.column);
        strbuf_puts(out, ": ");
    }
    ink(out, color, of_level[diag->level]);
    strbuf_puts(out, diag_level_names[diag->level]);
    if (diag->code != CODE_COUNT)
        strbuf_printf(out, "[PS%d]", diag_code_infos[diag->code].number);
    ink(out, color, INK_PLAIN);
    strbuf_printf(out, ": %s\n", diag->message);
    if (in_file && diag->at.line)
        put_excerpt(finder, d, out, diag->at, color);
    if (diag->suggestion)
        strbuf_printf(out, "      = help: %s\n", diag->suggestion);
}

/* ---- all of them ---- */

/* One more error than is shown, or one more warning? */
static bool beyond(const struct diag_style *style, enum diag_level level, uint32_t *errors, uint32_t *warnings)
{
    if (level == DIAG_ERROR)
        return style->cap && ++*errors > style->cap;
    return style->cap && ++*warnings > style->cap;
}

struct diag_order diag_sort(const struct diag_set *d, const struct diag_style *style, struct arena *a)
{
    uint32_t count = d->diags.count, errors = 0, warnings = 0;
    struct sort_item *items = arena_array(a, struct sort_item, count);
    for (uint32_t i = 0; i < count; i++) {
        const struct diag *diag = pool_at(&d->diags, i);
        uint32_t anchor = diag->parent == NO_PARENT ? i : diag->parent;
        items[i] = (struct sort_item){diag, pool_at(&d->diags, anchor), anchor, i};
    }
    qsort(items, count, sizeof *items, compare_items);

    struct diag_order order = {.items = arena_array(a, const struct diag *, count), .left_out = d->left_out};
    bool skipping = false; /* what is left out takes its notes with it */
    for (uint32_t i = 0; i < count; i++) {
        const struct diag *diag = items[i].diag;
        if (diag->parent == NO_PARENT) {
            skipping = is_repetition(items, i) || (style->quiet && diag->level != DIAG_ERROR);
            if (!skipping && beyond(style, diag->level, &errors, &warnings)) {
                skipping = true;
                order.left_out++;
            }
        }
        if (!skipping)
            order.items[order.count++] = diag;
    }
    return order;
}

static void put_text(const struct diag_set *d, const struct diag_order *order, bool color, struct strbuf *out)
{
    struct line_finder finder = {0};
    for (uint32_t i = 0; i < order->count; i++)
        put_diag(&finder, d, out, order->items[i], color);
    if (order->left_out)
        strbuf_printf(out, "... and %" PRIu32 " more\n", order->left_out);
}

void diag_write(const struct diag_set *d, const struct diag_style *style, struct strbuf *out)
{
    if (d->diags.count == 0)
        return;
    struct arena scratch;
    arena_init(&scratch, 0);
    struct diag_order order = diag_sort(d, style, &scratch);
    if (style->json)
        diag_put_json(d, &order, out);
    else
        put_text(d, &order, style->color, out);
    arena_fini(&scratch);
}

void diag_print(const struct diag_set *d, struct strbuf *out, uint32_t cap)
{
    diag_write(d, &(struct diag_style){.cap = cap}, out);
}

/* ---- similar words ---- */

static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c; }

static bool equal_ignoring_case(const char *a, const char *b)
{
    for (; *a && *b; a++, b++)
        if (lower(*a) != lower(*b))
            return false;
    return *a == *b;
}

static uint32_t min3(uint32_t a, uint32_t b, uint32_t c)
{
    uint32_t m = a < b ? a : b;
    return m < c ? m : c;
}

/* Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours, each 1;
 * case does not count. Both words are at most WORD_MAX long. */
static uint32_t distance(const char *a, size_t n, const char *b, size_t m)
{
    uint32_t rows[3][WORD_MAX + 1];
    for (size_t j = 0; j <= m; j++)
        rows[0][j] = (uint32_t)j;
    for (size_t i = 1; i <= n; i++) {
        uint32_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *two_above = rows[(i + 1) % 3];
        row[0] = (uint32_t)i;
        for (size_t j = 1; j <= m; j++) {
            bool equal = lower(a[i - 1]) == lower(b[j - 1]);
            row[j] = min3(above[j] + 1, row[j - 1] + 1, above[j - 1] + !equal);
            bool swapped = i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]);
            if (swapped && two_above[j - 2] + 1 < row[j])
                row[j] = two_above[j - 2] + 1;
        }
    }
    return rows[n % 3][m];
}

const char *diag_closest(const char *word, const char *const *candidates, size_t count)
{
    size_t len = strlen(word);
    if (len == 0 || len > WORD_MAX)
        return NULL;
    for (size_t i = 0; i < count; i++)
        if (equal_ignoring_case(word, candidates[i]))
            return candidates[i];

    /* A third of the word may be wrong: one letter in three to five, two in six to eight ... */
    uint32_t best = (uint32_t)(len < 3 ? 1 : len / 3) + 1;
    const char *closest = NULL;
    for (size_t i = 0; i < count; i++) {
        size_t other = strlen(candidates[i]);
        if (other > WORD_MAX || other + best <= len || len + best <= other)
            continue;
        uint32_t d = distance(word, len, candidates[i], other);
        if (d < best && d < len) {
            best = d;
            closest = candidates[i];
        }
    }
    return closest;
}
