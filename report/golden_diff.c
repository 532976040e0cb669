/* golden_diff.c - rows of two texts, aligned, and how they differ.
 *
 * Rows are aligned object by object: by what they say, then by what they say apart from durations, then by how much of
 * their words they share. What is left over and stands only once on either side has changed its place. Rows that say
 * the same again and again can be aligned in several ways: a second try begins with those of the same time, too, and
 * what needs fewer lines to tell is taken.
 */
#include "report/golden_diff.h"

#include <stdlib.h>
#include <string.h>

#include "report/golden_diff_private.h"

struct side {
    struct golden_rows rows;  /* those that are compared */
    const uint32_t *by_group; /* indices of rows, group by group, in order */
    const uint32_t *first;    /* [group + 1]: where a group begins in by_group */
};

struct comparer {
    struct arena *arena, scratch;
    struct golden_comparison *to;
    const struct golden_column *columns;
    struct side expected, actual;
    uint32_t groups, texts; /* numbers given */
    bool ignored[GOLDEN_CELLS];
    bool layouts_differ;
    uint32_t similar_left; /* so many more texts may be compared by their words */
};

/* ---- what to ignore ---- */

static bool is_glob(const char *entry) { return strpbrk(entry, "*?") != NULL; }

static bool equal_but_case(const char *a, const char *b)
{
    for (; *a && *b; a++, b++)
        if ((*a | 0x20) != (*b | 0x20))
            return false;
    return *a == *b;
}

static bool row_is_ignored(const struct golden_settings *s, struct strbuf *b, const struct golden_row *row)
{
    for (uint32_t i = 0; i < s->ignore.count; i++) {
        if (!is_glob(s->ignore.items[i]))
            continue;
        strbuf_reset(b);
        strbuf_printf(b, "%s%s%s", row->object, *row->object ? " " : "", row->what);
        if (golden_glob(s->ignore.items[i], strbuf_str(b)))
            return true;
    }
    return false;
}

static void leave_out_ignored(const struct golden_settings *s, struct golden_rows *rows)
{
    struct strbuf b = STRBUF_INIT;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < rows->count; i++)
        if (!row_is_ignored(s, &b, &rows->items[i]))
            rows->items[kept++] = rows->items[i];
    rows->count = kept;
    strbuf_fini(&b);
}

/* ---- alignment ---- */

static void number_rows(struct arena *a, struct words *groups, struct words *texts, struct golden_rows *rows)
{
    for (uint32_t i = 0; i < rows->count; i++) {
        struct golden_row *r = &rows->items[i];
        const char *loose = golden_loose(a, r->what);
        const char *timed = arena_printf(a, "%lld %s", (long long)r->at, r->what);
        r->group = words_number(groups, r->object, strlen(r->object));
        r->timed = words_number(texts, timed, strlen(timed));
        r->exact = words_number(texts, r->what, strlen(r->what));
        r->loose = loose ? words_number(texts, loose, strlen(loose)) : r->exact;
    }
}

static void sort_by_group(struct arena *a, struct side *s, uint32_t groups)
{
    uint32_t *first = arena_array(a, uint32_t, groups + 2), *by_group = arena_array(a, uint32_t, s->rows.count + 1);
    for (uint32_t i = 0; i < s->rows.count; i++)
        first[s->rows.items[i].group + 2]++;
    for (uint32_t g = 2; g < groups + 2; g++)
        first[g] += first[g - 1];
    for (uint32_t i = 0; i < s->rows.count; i++) /* first[g + 1] runs from the beginning of g to its end */
        by_group[first[s->rows.items[i].group + 1]++] = i;
    s->first = first;
    s->by_group = by_group;
}

static struct golden_row *row_of(const struct side *s, uint32_t position)
{
    return &s->rows.items[s->by_group[position]];
}

/* Positions in by_group: [e, e_end) of what is expected, [a, a_end) of what is. */
struct gap {
    uint32_t e, e_end, a, a_end;
};

static void pair(struct comparer *c, uint32_t e, uint32_t a)
{
    row_of(&c->expected, e)->match = c->actual.by_group[a] + 1;
    row_of(&c->actual, a)->match = c->expected.by_group[e] + 1;
}

/* Each row that is expected with the one of the next few that is most like it, if any is. */
static void align_similar(struct comparer *c, struct gap g)
{
    enum { WINDOW = 16, ALIKE_PERCENT = 50 };
    for (; g.e < g.e_end && g.a < g.a_end; g.e++) {
        uint32_t best = 0, best_score = ALIKE_PERCENT - 1;
        for (uint32_t a = g.a; a < g.a_end && a - g.a < WINDOW && c->similar_left; a++, c->similar_left--) {
            uint32_t score =
                golden_similarity(&c->scratch, row_of(&c->expected, g.e)->what, row_of(&c->actual, a)->what);
            arena_reset(&c->scratch);
            if (score > best_score) {
                best = a;
                best_score = score;
            }
        }
        if (best_score >= ALIKE_PERCENT) {
            pair(c, g.e, best);
            g.a = best + 1;
        }
    }
}

enum alignment { BY_TIME, BY_TEXT, LOOSELY }; /* each with what the one before has left */

static uint32_t key_of(const struct golden_row *r, enum alignment by)
{
    return by == BY_TIME ? r->timed : by == BY_TEXT ? r->exact : r->loose;
}

static void align(struct comparer *c, struct gap g, enum alignment by)
{
    uint32_t e_count = g.e_end - g.e, a_count = g.a_end - g.a;
    if (e_count == 0 || a_count == 0)
        return;
    uint32_t *match = arena_array(c->arena, uint32_t, e_count);
    uint32_t *e = arena_array(&c->scratch, uint32_t, e_count), *a = arena_array(&c->scratch, uint32_t, a_count);
    for (uint32_t i = 0; i < e_count; i++)
        e[i] = key_of(row_of(&c->expected, g.e + i), by);
    for (uint32_t i = 0; i < a_count; i++)
        a[i] = key_of(row_of(&c->actual, g.a + i), by);
    myers_match(&c->scratch, e, e_count, a, a_count, match);
    arena_reset(&c->scratch);

    struct gap between = {g.e, g.e, g.a, g.a};
    for (uint32_t i = 0; i <= e_count; i++) {
        if (i < e_count && !match[i])
            continue;
        between.e_end = g.e + i;
        between.a_end = i < e_count ? g.a + match[i] - 1 : g.a_end;
        if (by == LOOSELY)
            align_similar(c, between);
        else
            align(c, between, by + 1);
        if (i < e_count)
            pair(c, between.e_end, between.a_end);
        between.e = between.e_end + 1;
        between.a = between.a_end + 1;
    }
}

/* Rows of one group that are left over, and say what no other row left over of their side says, belong together. */
static void align_left_over(struct comparer *c, struct gap g, uint32_t *seen)
{
    const uint32_t SEVERAL = UINT32_MAX;
    for (uint32_t a = g.a; a < g.a_end; a++) {
        const struct golden_row *r = row_of(&c->actual, a);
        if (!r->match)
            seen[r->exact] = seen[r->exact] ? SEVERAL : a + 1;
    }
    for (uint32_t e = g.e; e < g.e_end; e++) {
        const struct golden_row *r = row_of(&c->expected, e);
        if (!r->match && seen[r->exact] && seen[r->exact] != SEVERAL) {
            pair(c, e, seen[r->exact] - 1);
            seen[r->exact] = SEVERAL;
        }
    }
    for (uint32_t a = g.a; a < g.a_end; a++)
        seen[row_of(&c->actual, a)->exact] = 0;
}

static void number_all(struct comparer *c)
{
    struct words groups, texts;
    words_init(&groups, c->arena);
    words_init(&texts, c->arena);
    number_rows(c->arena, &groups, &texts, &c->expected.rows);
    number_rows(c->arena, &groups, &texts, &c->actual.rows);
    c->groups = groups.count;
    c->texts = texts.count;
    sort_by_group(c->arena, &c->expected, groups.count);
    sort_by_group(c->arena, &c->actual, groups.count);
}

static void align_all(struct comparer *c, enum alignment by)
{
    uint32_t *seen = arena_array(c->arena, uint32_t, c->texts + 1);
    for (uint32_t i = 0; i < c->expected.rows.count; i++)
        c->expected.rows.items[i].match = 0;
    for (uint32_t i = 0; i < c->actual.rows.count; i++)
        c->actual.rows.items[i].match = 0;
    for (uint32_t g = 0; g < c->groups; g++) {
        struct gap all = {c->expected.first[g], c->expected.first[g + 1], c->actual.first[g], c->actual.first[g + 1]};
        align(c, all, by);
        align_left_over(c, all, seen);
    }
}

/* ---- differences ---- */

static bool cells_differ(const struct comparer *c, uint32_t i, const struct golden_difference *d)
{
    enum golden_role role = c->columns[i].role;
    const char *e = d->expected->cells[i], *a = d->actual->cells[i];
    struct golden_leeway leeway = {.tolerance = c->to->settings.tolerance,
                                   .shift = d->shift,
                                   .any_position = c->to->settings.any_position,
                                   .rounded = role == ROLE_AGE || c->to->format == REPORT_TRANSCRIPT};
    if (c->ignored[i] || (role != ROLE_WHAT && role != ROLE_TEXT && role != ROLE_AGE))
        return false;
    return !golden_texts_near(e, a, &leeway) && !(c->layouts_differ && golden_texts_cut(e, a));
}

static bool time_is_ignored(const struct comparer *c)
{
    for (uint32_t i = 0; i < GOLDEN_CELLS; i++)
        if (c->columns[i].role == ROLE_TIME)
            return c->ignored[i];
    return false;
}

static sim_time shift_of(const struct comparer *c, const struct golden_row *e, const struct golden_row *a)
{
    if (e->at == SIM_NEVER || a->at == SIM_NEVER || time_is_ignored(c))
        return 0;
    sim_time shift = a->at - e->at, apart = shift < 0 ? -shift : shift;
    return apart > c->to->settings.tolerance ? shift : 0;
}

static void add(struct comparer *c, const struct golden_difference *d) { c->to->items[c->to->count++] = *d; }

static void add_pair(struct comparer *c, const struct golden_row *e, const struct golden_row *a)
{
    struct golden_difference d = {.expected = e, .actual = a, .shift = shift_of(c, e, a)};
    for (uint32_t i = 0; i < GOLDEN_CELLS; i++) {
        bool follows = d.shift && c->columns[i].role == ROLE_AGE; /* from the time, which is told */
        if (!follows && cells_differ(c, i, &d))
            d.cells |= 1u << i;
    }
    d.kind = d.cells ? GOLDEN_CHANGED : GOLDEN_MOVED;
    d.at = e->at == SIM_NEVER ? a->at : a->at == SIM_NEVER || e->at < a->at ? e->at : a->at;
    if (d.cells || d.shift)
        add(c, &d);
}

/* Rows of one instant that have changed places. With a tolerance they may. */
static void add_orders(struct comparer *c)
{
    const struct golden_row *last = NULL; /* the latest of the run among those of the instant */
    if (c->to->settings.tolerance || time_is_ignored(c))
        return;
    for (uint32_t i = 0; i < c->expected.rows.count; i++) {
        const struct golden_row *e = &c->expected.rows.items[i];
        const struct golden_row *a = e->match ? &c->actual.rows.items[e->match - 1] : NULL;
        if (!a || a->at != e->at || a->at == SIM_NEVER)
            continue;
        if (!last || last->at != a->at) {
            last = a;
        } else if (a > last) {
            last = a;
        } else {
            add(c, &(struct golden_difference){.kind = GOLDEN_ORDER, .expected = last, .actual = a, .at = a->at});
        }
    }
}

static uint32_t place(const struct golden_difference *d) { return d->expected ? d->expected->line : d->actual->line; }

/* By time; what has no time comes first. No two have the same rows. */
static int compare_differences(const void *a, const void *b)
{
    const struct golden_difference *x = a, *y = b;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    if (place(x) != place(y))
        return place(x) < place(y) ? -1 : 1;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    uint32_t x_line = x->actual ? x->actual->line : 0, y_line = y->actual ? y->actual->line : 0;
    return x_line < y_line ? -1 : x_line > y_line;
}

/* A row without a time is where the one before it is. */
static sim_time time_near(const struct golden_rows *rows, const struct golden_row *r)
{
    while (r->at == SIM_NEVER && r > rows->items)
        r--;
    return r->at;
}

static void find_differences(struct comparer *c)
{
    const struct golden_rows *expected = &c->expected.rows, *actual = &c->actual.rows;
    c->to->count = 0;
    c->to->items = arena_array(c->arena, struct golden_difference, 2 * (size_t)expected->count + actual->count + 1);
    for (uint32_t i = 0; i < expected->count; i++) {
        const struct golden_row *e = &expected->items[i];
        if (e->match)
            add_pair(c, e, &actual->items[e->match - 1]);
        else
            add(c, &(struct golden_difference){.kind = GOLDEN_MISSING, .expected = e, .at = time_near(expected, e)});
    }
    for (uint32_t i = 0; i < actual->count; i++) {
        const struct golden_row *a = &actual->items[i];
        if (!a->match)
            add(c, &(struct golden_difference){.kind = GOLDEN_EXTRA, .actual = a, .at = time_near(actual, a)});
    }
    add_orders(c);
    qsort(c->to->items, c->to->count, sizeof *c->to->items, compare_differences);
}

/* ---- which differences are told with an earlier one ---- */

struct shift_slot {
    sim_time shift; /* 0 = free */
    struct golden_difference *first;
};

/* What else moved by as much as an earlier row moved follows from that, as far as anybody can see. */
static void follow_shift(struct shift_slot *slots, uint32_t mask, struct golden_difference *d)
{
    uint32_t at = (uint32_t)((uint64_t)d->shift * UINT64_C(0x9e3779b97f4a7c15) >> 33) & mask;
    while (slots[at].shift && slots[at].shift != d->shift)
        at = (at + 1) & mask;
    if (!slots[at].shift)
        slots[at] = (struct shift_slot){d->shift, d};
    else if (d->kind == GOLDEN_MOVED)
        d->leader = slots[at].first;
}

/* Several rows of one object in a row that are missing, or too many. */
static void follow_object(struct golden_difference **last, struct golden_difference *d)
{
    const struct golden_row *row = d->expected ? d->expected : d->actual;
    struct golden_difference **mine = &last[row->group];
    bool same = *mine && (*mine)->kind == d->kind && (d->kind == GOLDEN_MISSING || d->kind == GOLDEN_EXTRA);
    if (same)
        d->leader = *mine;
    else
        *mine = d;
}

/* The same change of the same text, maybe of many objects: a number for each such change, from 0. */
static uint32_t number_change(struct comparer *c, struct words *changes, const struct golden_difference *d)
{
    struct strbuf b = STRBUF_INIT;
    strbuf_int(&b, d->shift);
    for (uint32_t i = 0; i < GOLDEN_CELLS; i++)
        if (d->cells & 1u << i)
            strbuf_printf(&b, "\n%" PRIu32 "\n%s\n%s", i, d->expected->cells[i], d->actual->cells[i]);
    const char *text = arena_strdup(c->arena, strbuf_str(&b));
    strbuf_fini(&b);
    return words_number(changes, text, strlen(text));
}

/* Changes that an earlier one tells, too. */
static void find_alike(struct comparer *c)
{
    struct words changes;
    struct golden_difference **firsts = arena_array(c->arena, struct golden_difference *, c->to->count + 1);
    words_init(&changes, c->arena);
    for (uint32_t i = 0; i < c->to->count; i++) {
        struct golden_difference *d = &c->to->items[i];
        if (d->kind != GOLDEN_CHANGED)
            continue;
        uint32_t number = number_change(c, &changes, d);
        if (!firsts[number]) {
            firsts[number] = d;
            continue;
        }
        d->leader = firsts[number];
        firsts[number]->alike++;
    }
}

static void find_leaders(struct comparer *c)
{
    find_alike(c);
    uint32_t size = 16;
    while (size < 2 * c->to->count)
        size *= 2;
    struct shift_slot *slots = arena_array(c->arena, struct shift_slot, size);
    struct golden_difference **last = arena_array(c->arena, struct golden_difference *, c->groups + 1);
    for (uint32_t i = 0; i < c->to->count; i++) {
        struct golden_difference *d = &c->to->items[i];
        if (d->leader)
            continue;
        if (d->shift)
            follow_shift(slots, size - 1, d);
        if (!d->leader)
            follow_object(last, d);
        if (!d->leader)
            continue;
        struct golden_difference *leader = &c->to->items[d->leader - c->to->items];
        leader->followers++;
        leader->last = d->expected ? d->expected : d->actual;
    }
}

/* ---- all together ---- */

/* Line ends of Windows count as others do. */
static bool same_but_line_ends(const struct golden_text *a, const struct golden_text *b)
{
    size_t i = 0, k = 0;
    for (;;) {
        while (i + 1 < a->length && a->text[i] == '\r' && a->text[i + 1] == '\n')
            i++;
        while (k + 1 < b->length && b->text[k] == '\r' && b->text[k + 1] == '\n')
            k++;
        if (i == a->length || k == b->length)
            return i == a->length && k == b->length;
        if (a->text[i++] != b->text[k++])
            return false;
    }
}

static bool is_text(const struct golden_text *t) { return t->length == 0 || !memchr(t->text, '\0', t->length); }

/* How many differences are to be told by themselves. */
static uint32_t compare_by(struct comparer *c, enum alignment by)
{
    uint32_t told = 0;
    align_all(c, by);
    find_differences(c);
    find_leaders(c);
    for (uint32_t i = 0; i < c->to->count; i++)
        told += !c->to->items[i].leader;
    return told;
}

static void compare_rows(struct arena *a, struct golden_comparison *to)
{
    const uint32_t patience = 300000; /* about a second */
    struct comparer c = {.arena = a, .to = to, .columns = golden_columns(to->format), .similar_left = patience};
    arena_init(&c.scratch, 0);
    for (uint32_t i = 0; i < GOLDEN_CELLS; i++)
        for (uint32_t k = 0; c.columns[i].name && k < to->settings.ignore.count; k++)
            c.ignored[i] = c.ignored[i] || equal_but_case(c.columns[i].name, to->settings.ignore.items[k]);
    golden_read(a, to->format, &to->expected, &c.expected.rows);
    golden_read(a, to->format, &to->actual, &c.actual.rows);
    c.layouts_differ = !text_same(c.expected.rows.layout, c.actual.rows.layout);
    leave_out_ignored(&to->settings, &c.expected.rows);
    leave_out_ignored(&to->settings, &c.actual.rows);
    to->expected_rows = c.expected.rows.count;
    to->actual_rows = c.actual.rows.count;
    number_all(&c);
    uint32_t told = compare_by(&c, BY_TEXT);
    const struct golden_comparison by_text = *to;
    if (told > 1 && compare_by(&c, BY_TIME) >= told)
        *to = by_text;
    arena_fini(&c.scratch);
}

static const char *layout_difference(const struct golden_comparison *c)
{
    if (!is_text(&c->expected))
        return "the expected text has NUL bytes";
    if (c->expected.length == 0)
        return "nothing is expected";
    if (c->actual.length == 0)
        return "nothing was printed";
    if (c->expected.text[c->expected.length - 1] != '\n')
        return "the rows are the same; the last line has no line end";
    return "the rows are the same; columns or blanks differ";
}

void golden_compare(struct arena *a, enum report_format format, const struct golden_text *expected,
                    const struct golden_text *actual, const struct golden_settings *settings,
                    struct golden_comparison *ret)
{
    ASSERT(golden_format_is(format));
    *ret =
        (struct golden_comparison){.format = format, .settings = *settings, .expected = *expected, .actual = *actual};
    ret->equal = same_but_line_ends(expected, actual);
    if (ret->equal)
        return;
    if (is_text(expected) && is_text(actual)) {
        compare_rows(a, ret);
        ret->equal = ret->count == 0 && (settings->tolerance || settings->any_position || settings->ignore.count);
    }
    if (!ret->equal && ret->count == 0)
        ret->unequal_layout = layout_difference(ret);
}
