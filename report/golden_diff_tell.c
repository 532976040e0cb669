/* golden_diff_tell.c - differences of rows in words, the first divergence first, then as a unified diff. */
#include "report/golden_diff_private.h"
#include "report/private.h"
#include "report/unified_diff.h"

#include <string.h>

struct wording {
    const char *at, *missing, *extra, *order;
};
static const struct wording of_golden = {", expected at ", ": missing", ": not expected", ", expected after it"};
static const struct wording of_runs = {", before at ", ": gone", ": new", ", which was the other way round"};

enum { DIFFERENCES_MAX = 12, LINES_MAX = 60, WHAT_WIDTH = 100 };

static void put_seconds(struct strbuf *out, sim_time t)
{
    strbuf_seconds(out, t, 0);
    strbuf_puts(out, " s");
}

static void put_at(struct strbuf *out, const char *before, sim_time at)
{
    if (at == SIM_NEVER)
        return;
    strbuf_puts(out, before);
    put_seconds(out, at);
}

static void put_shift(struct strbuf *out, sim_time shift)
{
    if (shift > 0)
        strbuf_putc(out, '+');
    put_seconds(out, shift);
}

/* "pod/web container web started" */
static void put_row(struct strbuf *out, const struct golden_row *r)
{
    if (*r->object)
        strbuf_printf(out, "%s ", r->object);
    text_cut(out, *r->what ? r->what : "(an empty line)", WHAT_WIDTH);
}

static void put_moved(struct strbuf *out, const struct golden_difference *d, const struct wording *w)
{
    if (!d->shift)
        return;
    put_at(out, w->at, d->expected->at);
    strbuf_puts(out, " (");
    put_shift(out, d->shift);
    strbuf_putc(out, ')');
}

/* "pod/web at 60.0 s: Running -> [-Error-]{+Completed+}" */
static void put_changed(struct strbuf *out, const struct golden_difference *d, const struct golden_column *columns,
                        const struct wording *w, bool color)
{
    const struct golden_row *e = d->expected, *a = d->actual;
    bool what = false, object = *a->object != '\0';
    for (uint32_t i = 0; i < GOLDEN_CELLS; i++)
        what = what || (d->cells & 1u << i && columns[i].role == ROLE_WHAT);
    strbuf_puts(out, a->object);
    put_at(out, object ? " at " : "at ", a->at);
    put_moved(out, d, w);
    strbuf_puts(out, object || a->at != SIM_NEVER ? ": " : "");
    if (what)
        golden_word_diff(e->what, a->what, color, out);
    else
        text_cut(out, a->what, WHAT_WIDTH);
    for (uint32_t i = 0; i < GOLDEN_CELLS; i++) {
        if (!(d->cells & 1u << i) || columns[i].role == ROLE_WHAT)
            continue;
        strbuf_printf(out, "; %s: ", columns[i].name);
        golden_word_diff(e->cells[i], a->cells[i], color, out);
    }
}

static void put_difference(struct strbuf *out, const struct golden_difference *d, enum report_format format,
                           const struct wording *w, bool color)
{
    switch (d->kind) {
    case GOLDEN_MOVED:
        put_row(out, d->actual);
        put_at(out, " at ", d->actual->at);
        put_moved(out, d, w);
        break;
    case GOLDEN_CHANGED:
        put_changed(out, d, golden_columns(format), w, color);
        break;
    case GOLDEN_MISSING:
        put_row(out, d->expected);
        strbuf_puts(out, w->missing);
        put_at(out, w->at, d->expected->at);
        break;
    case GOLDEN_EXTRA:
        put_row(out, d->actual);
        put_at(out, " at ", d->actual->at);
        strbuf_puts(out, w->extra);
        break;
    case GOLDEN_ORDER:
        put_row(out, d->actual);
        put_at(out, " at ", d->at);
        strbuf_puts(out, " comes before ");
        put_row(out, d->expected);
        strbuf_puts(out, w->order);
        break;
    }
}

/* "then 14 later rows shifted by +10.0 s" */
static void put_followers(struct strbuf *out, const struct golden_difference *d)
{
    const char *s = d->followers == 1 ? "" : "s";
    if (d->alike)
        strbuf_printf(out, "  and %" PRIu32 " later row%s in the same way\n", d->alike, d->alike == 1 ? "" : "s");
    if (!d->followers)
        return;
    if (d->shift) {
        strbuf_printf(out, "  then %" PRIu32 " later row%s shifted by ", d->followers, s);
        put_shift(out, d->shift);
    } else {
        strbuf_printf(out, "  and the %" PRIu32 " row%s%s%s after it", d->followers, s, *d->last->object ? " of " : "",
                      d->last->object);
        put_at(out, ", until ", d->last->at);
    }
    strbuf_putc(out, '\n');
}

static void put_cause(struct strbuf *out, const struct golden_difference *d, const struct golden_telling *t)
{
    struct strbuf lines = STRBUF_INIT;
    if (t->explain && d->actual && d->kind != GOLDEN_ORDER)
        t->explain(t->explain_ctx, d->actual, &lines);
    for (const char *p = strbuf_str(&lines); *p;) {
        size_t n = strcspn(p, "\n");
        strbuf_printf(out, "  %.*s\n", (int)n, p);
        p += n + (p[n] == '\n');
    }
    strbuf_fini(&lines);
}

/* Differences that are told with another one count as well. */
static void put_more(struct strbuf *out, uint32_t count)
{
    if (count)
        strbuf_printf(out, "%" PRIu32 " more difference%s", count, count == 1 ? "" : "s");
}

void golden_tell_first(const struct golden_comparison *c, struct strbuf *out)
{
    if (c->count == 0) {
        strbuf_puts(out, c->unequal_layout ? c->unequal_layout : "as expected");
        return;
    }
    put_difference(out, &c->items[0], c->format, &of_golden, false);
    if (c->count > 1)
        strbuf_puts(out, "; ");
    put_more(out, c->count - 1);
}

static void put_unified(const struct golden_comparison *c, const struct golden_telling *t, struct strbuf *out)
{
    struct unified_options o = {.from = t->from, .to = t->to, .context = 3, .color = t->color};
    o.lines_max = t->lines_max == 0 ? LINES_MAX : t->lines_max == UINT32_MAX ? 0 : t->lines_max;
    unified_diff(c->expected.text, c->expected.length, c->actual.text, c->actual.length, &o, out);
}

void golden_tell(const struct golden_comparison *c, const struct golden_telling *t, struct strbuf *out)
{
    uint32_t max = t->differences_max ? t->differences_max : DIFFERENCES_MAX, told = 0, left = 0;
    bool explained = false; /* the first thing that happened otherwise */
    for (uint32_t i = 0; i < c->count; i++) {
        const struct golden_difference *d = &c->items[i];
        if (d->leader)
            continue;
        if (told == max) {
            left += 1 + d->followers + d->alike;
            continue;
        }
        if (told++ || !t->first_is_told) {
            put_difference(out, d, c->format, t->two_runs ? &of_runs : &of_golden, t->color);
            strbuf_putc(out, '\n');
        }
        if (d->actual && d->at == c->items[0].at && !explained) {
            put_cause(out, d, t);
            explained = true;
        }
        put_followers(out, d);
    }
    if (left) {
        strbuf_puts(out, "and ");
        put_more(out, left);
        strbuf_putc(out, '\n');
    }
    if (c->count == 0 && c->unequal_layout && !t->first_is_told)
        strbuf_printf(out, "%s\n", c->unequal_layout);
    if (t->from && !c->equal)
        put_unified(c, t, out);
}
