/* doctest_match.c - see doctest_match.h. Both texts are aligned line by line at the least cost, which answers all three
 * questions at once: the cost is 0 if they match, what costs is the difference, what does not is kept by an update.
 */
#include "tools/doctest_match.h"

#include <stdlib.h>
#include <string.h>

struct line {
    const char *text;
    size_t len;
};

struct lines {
    struct line *items;
    uint32_t count;
};

/* Longer texts, beyond what they have in common at both ends, are not aligned: all of it differs. */
enum { CELLS_MAX = 16 << 20 };

/* A line that is lost, new or changed costs the same, so that a change stands beside what it has been. */
enum { COST = 1 };

struct aligner {
    struct arena arena;
    struct lines shown, seen;
    uint32_t *cost; /* [(i - first) * width + j - first]: of the rest from shown i and seen j on; NULL = too many */
    uint32_t first; /* lines that match at the beginning ... */
    uint32_t shown_end, seen_end; /* ... and where those at the end begin */
};

static struct lines split(struct arena *a, const char *text)
{
    uint32_t count = 1;
    for (const char *c = text; *c; c++)
        count += *c == '\n';
    struct lines ret = {arena_array(a, struct line, count), 0};
    while (*text) {
        size_t n = strcspn(text, "\n"), len = n;
        while (len && (text[len - 1] == ' ' || text[len - 1] == '\t' || text[len - 1] == '\r'))
            len--;
        ret.items[ret.count++] = (struct line){text, len};
        text += n + (text[n] == '\n');
    }
    while (ret.count && ret.items[ret.count - 1].len == 0)
        ret.count--;
    return ret;
}

static bool is_gap(struct line l)
{
    while (l.len && *l.text == ' ')
        l.text++, l.len--;
    return l.len == 3 && memcmp(l.text, "...", 3) == 0;
}

/* A glob whose only wildcard is "...": the last one that was passed takes one more character when the rest fails. */
static bool line_matches(struct line shown, struct line seen)
{
    size_t i = 0, j = 0, back_i = 0, back_j = 0;
    bool gap = false;
    while (j < seen.len) {
        if (shown.len - i >= 3 && memcmp(shown.text + i, "...", 3) == 0) {
            gap = true;
            i += 3;
            back_i = i;
            back_j = j;
        } else if (i < shown.len && shown.text[i] == seen.text[j]) {
            i++, j++;
        } else if (gap) {
            i = back_i;
            j = ++back_j;
        } else {
            return false;
        }
    }
    while (shown.len - i >= 3 && memcmp(shown.text + i, "...", 3) == 0)
        i += 3;
    return i == shown.len;
}

static uint32_t *cell(const struct aligner *g, uint32_t i, uint32_t j)
{
    return &g->cost[(size_t)(i - g->first) * (g->seen_end - g->first + 1) + (j - g->first)];
}

enum step { MATCH, ABSORB, END_GAP, CHANGE, LOSE, GAIN };

/* The first of the steps that cost least from here; a gap is as short as it can be. */
static enum step best(const struct aligner *g, uint32_t i, uint32_t j, uint32_t *ret_cost)
{
    bool shown = i < g->shown_end, seen = j < g->seen_end;
    enum step step = LOSE;
    uint32_t least = UINT32_MAX;
#define OFFER(possible, which, to_i, to_j, price)                                                                      \
    if ((possible) && *cell(g, (to_i), (to_j)) + (price) < least) {                                                    \
        least = *cell(g, (to_i), (to_j)) + (price);                                                                    \
        step = (which);                                                                                                \
    }
    bool gap = shown && is_gap(g->shown.items[i]);
    OFFER(gap, END_GAP, i + 1, j, 0)
    OFFER(gap && seen, ABSORB, i, j + 1, 0)
    OFFER(shown && seen && !gap && line_matches(g->shown.items[i], g->seen.items[j]), MATCH, i + 1, j + 1, 0)
    OFFER(shown && seen && !gap, CHANGE, i + 1, j + 1, COST)
    OFFER(shown && !gap, LOSE, i + 1, j, COST)
    OFFER(seen, GAIN, i, j + 1, COST)
#undef OFFER
    *ret_cost = least;
    return step;
}

/* Lines that match at both ends need no table; a gap ends them. */
static void trim(struct aligner *g)
{
    g->shown_end = g->shown.count;
    g->seen_end = g->seen.count;
    while (g->first < g->shown_end && g->first < g->seen_end && !is_gap(g->shown.items[g->first]) &&
           line_matches(g->shown.items[g->first], g->seen.items[g->first]))
        g->first++;
    while (g->shown_end > g->first && g->seen_end > g->first && !is_gap(g->shown.items[g->shown_end - 1]) &&
           line_matches(g->shown.items[g->shown_end - 1], g->seen.items[g->seen_end - 1]))
        g->shown_end--, g->seen_end--;
}

/* The cost of it all. */
static uint32_t align(struct aligner *g)
{
    trim(g);
    uint32_t n = g->shown_end - g->first, m = g->seen_end - g->first;
    if ((uint64_t)(n + 1) * (m + 1) > CELLS_MAX)
        return UINT32_MAX;
    g->cost = arena_array(&g->arena, uint32_t, (size_t)(n + 1) * (m + 1));
    for (uint32_t i = g->shown_end + 1; i-- > g->first;)
        for (uint32_t j = g->seen_end + 1; j-- > g->first;)
            if (i < g->shown_end || j < g->seen_end)
                best(g, i, j, cell(g, i, j));
    return *cell(g, g->first, g->first);
}

/* ---- what comes of it ---- */

enum { CONTEXT = 3 };

/* One line of the alignment. */
struct row {
    char mark; /* ' ' right, '-' shown only, '+' seen only */
    struct line line;
    uint32_t shown_line; /* before which it stands, from 0 */
};

struct rows {
    struct row *items;
    uint32_t count;
};

static void add_row(struct rows *r, char mark, struct line line, uint32_t i)
{
    r->items[r->count++] = (struct row){mark, line, i};
}

static void change_rows(const struct aligner *g, struct rows *r, uint32_t *i, uint32_t *j, enum step step)
{
    if (step == CHANGE || step == LOSE)
        add_row(r, '-', g->shown.items[*i], *i);
    if (step == CHANGE || step == GAIN)
        add_row(r, '+', g->seen.items[*j], *i);
    *i += step != GAIN;
    *j += step != LOSE;
}

static void middle_rows(const struct aligner *g, struct rows *r)
{
    uint32_t cost, i = g->first, j = g->first;
    while (i < g->shown_end || j < g->seen_end) {
        enum step step = g->cost ? best(g, i, j, &cost) : i < g->shown_end ? LOSE : GAIN;
        if (step == MATCH || step == END_GAP)
            add_row(r, ' ', g->shown.items[i], i);
        if (step == MATCH || step == END_GAP || step == ABSORB) {
            i += step != ABSORB;
            j += step != END_GAP;
        } else {
            change_rows(g, r, &i, &j, step);
        }
    }
}

static struct rows rows_of(struct aligner *g)
{
    struct rows r = {arena_array(&g->arena, struct row, (size_t)g->shown.count + g->seen.count + 1), 0};
    for (uint32_t i = 0; i < g->first; i++)
        add_row(&r, ' ', g->shown.items[i], i);
    middle_rows(g, &r);
    for (uint32_t i = g->shown_end; i < g->shown.count; i++)
        add_row(&r, ' ', g->shown.items[i], i);
    return r;
}

static void put_line(struct strbuf *out, struct line l)
{
    strbuf_add(out, l.text, l.len);
    strbuf_putc(out, '\n');
}

/* Within a run of differences: all that goes, then all that comes. */
static uint32_t put_run(const struct rows *r, uint32_t from, struct strbuf *diff)
{
    uint32_t to = from;
    while (to < r->count && r->items[to].mark != ' ')
        to++;
    for (const char *mark = "-+"; *mark; mark++)
        for (uint32_t i = from; i < to; i++)
            if (r->items[i].mark == *mark) {
                strbuf_putc(diff, *mark);
                put_line(diff, r->items[i].line);
            }
    return to;
}

static bool near_difference(const struct rows *r, uint32_t i)
{
    uint32_t from = i > CONTEXT ? i - CONTEXT : 0, to = i + CONTEXT < r->count ? i + CONTEXT + 1 : r->count;
    for (uint32_t k = from; k < to; k++)
        if (r->items[k].mark != ' ')
            return true;
    return false;
}

static void put_diff(const struct rows *r, uint32_t line, struct strbuf *diff)
{
    bool shown_before = false;
    for (uint32_t i = 0; i < r->count;) {
        bool shown = near_difference(r, i);
        if (shown && !shown_before)
            strbuf_printf(diff, "@@ line %" PRIu32 " @@\n", line + r->items[i].shown_line);
        shown_before = shown;
        if (r->items[i].mark != ' ') {
            i = put_run(r, i, diff);
            continue;
        }
        if (shown) {
            strbuf_putc(diff, ' ');
            put_line(diff, r->items[i].line);
        }
        i++;
    }
}

static void put_update(const struct rows *r, struct strbuf *update)
{
    for (uint32_t i = 0; i < r->count; i++)
        if (r->items[i].mark != '-')
            put_line(update, r->items[i].line);
}

bool doctest_match(const char *shown, const char *seen, uint32_t line, struct strbuf *diff, struct strbuf *update)
{
    struct aligner g = {0};
    arena_init(&g.arena, 0);
    g.shown = split(&g.arena, shown);
    g.seen = split(&g.arena, seen);
    bool same = align(&g) == 0;
    if (!same) {
        struct rows r = rows_of(&g);
        put_diff(&r, line, diff);
        put_update(&r, update);
    }
    arena_fini(&g.arena);
    return same;
}
