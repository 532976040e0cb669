/* timeline.c - the story in aligned columns: TIME OBJECT WHAT WHY.
 *
 * One line per row, at most `width` characters; what does not fit is cut with "..." (`-o wide` has it
 * in full). WHAT may run on over an empty WHY. Column widths depend on the whole run, so that a slide
 * or a diff has no ragged edges.
 */
#include "report/private.h"
#include "report/story.h"

#include <string.h>

enum {
    TIME_WIDTH = 10,
    GAP = 2,
    OBJECT_MIN = 6,
    OBJECT_MAX = 44,
    WHAT_MIN = 24,
    WHY_MIN = 12,
};

struct layout {
    uint32_t time, object, what, why; /* widths; why 0 = no such column */
    uint32_t room;                    /* for WHAT and WHY together */
};

static const enum paint tone_paint[] = {
    [TONE_PLAIN] = PAINT_NONE, [TONE_GOOD] = PAINT_GREEN,  [TONE_WARN] = PAINT_YELLOW,
    [TONE_BAD] = PAINT_RED,    [TONE_ACTION] = PAINT_BOLD, [TONE_DIM] = PAINT_DIM,
};

static uint32_t larger(uint32_t a, uint32_t b) { return a > b ? a : b; }

static uint32_t smaller(uint32_t a, uint32_t b) { return a < b ? a : b; }

static const struct story_row *row_at(const struct story *s, uint32_t i) { return pool_at(&s->rows, i); }

/* WHY gets what it needs, up to nine twentieths of the room; WHAT the rest. Rows without a WHY do not
 * count: they may run on. */
static struct layout lay_out(const struct story *s, uint32_t width)
{
    struct layout l = {.time = TIME_WIDTH, .object = OBJECT_MIN};
    uint32_t what = WHAT_MIN, why = 0;
    for (uint32_t i = 0; i < s->rows.count; i++) {
        const struct story_row *r = row_at(s, i);
        if (!r->object)
            continue;
        l.object = larger(l.object, smaller(text_width(r->object), OBJECT_MAX));
        if (!r->why)
            continue;
        what = larger(what, text_width(r->what));
        why = larger(why, text_width(r->why));
    }
    uint32_t fixed = l.time + GAP + l.object + GAP;
    l.room = larger(width > fixed ? width - fixed : 0, WHAT_MIN + GAP + WHY_MIN);
    l.why = smaller(why, larger(l.room * 9 / 20, WHY_MIN));
    l.what = smaller(what, l.room - GAP - l.why);
    return l;
}

static void put_time(struct strbuf *out, const struct report_options *o, sim_time at)
{
    paint_begin(out, o->color, PAINT_DIM);
    report_time(out, at);
    paint_end(out, o->color, PAINT_DIM);
    strbuf_fill(out, ' ', GAP);
}

/* The lines under an action, aligned with its text. */
static void put_block(struct strbuf *out, const char *text)
{
    while (*text) {
        size_t n = strcspn(text, "\n");
        if (n)
            strbuf_fill(out, ' ', TIME_WIDTH + GAP + 2);
        strbuf_add(out, text, n);
        strbuf_putc(out, '\n');
        text += n + (text[n] == '\n');
    }
}

/* A WHAT that is too long for its column pushes its WHY to the right as far as there is room: a ragged
 * row loses less than a cut one. Returns the characters WHAT took. */
static uint32_t put_what(struct strbuf *out, const struct report_options *o, const struct layout *l,
                         const struct story_row *r)
{
    uint32_t room = l->room;
    if (r->why) {
        uint32_t why = text_width(r->why);
        room = larger(l->what, l->room > why + GAP ? l->room - why - GAP : 0);
    }
    paint_begin(out, o->color, tone_paint[r->tone]);
    uint32_t used = text_cut(out, r->what, room);
    paint_end(out, o->color, tone_paint[r->tone]);
    return used;
}

static void put_why(struct strbuf *out, const struct report_options *o, const struct layout *l, const char *why,
                    uint32_t used)
{
    uint32_t at = larger(used, l->what) + GAP;
    strbuf_fill(out, ' ', at - used);
    paint_begin(out, o->color, PAINT_DIM);
    text_cut(out, why, l->room - at);
    paint_end(out, o->color, PAINT_DIM);
}

static void put_row(struct strbuf *out, const struct report_options *o, const struct layout *l,
                    const struct story_row *r)
{
    put_time(out, o, r->at);
    if (r->object) {
        text_fit(out, r->object, l->object);
        strbuf_fill(out, ' ', GAP);
        uint32_t used = put_what(out, o, l, r);
        if (r->why)
            put_why(out, o, l, r->why, used);
    } else {
        paint_begin(out, o->color, tone_paint[r->tone]);
        text_cut(out, r->what, l->object + GAP + l->room);
        paint_end(out, o->color, tone_paint[r->tone]);
    }
    strbuf_putc(out, '\n');
    if (r->block)
        put_block(out, r->block);
}

static void put_header(struct strbuf *out, const struct report_options *o, const struct layout *l)
{
    paint_begin(out, o->color, PAINT_BOLD);
    strbuf_fill(out, ' ', TIME_WIDTH - 4);
    strbuf_puts(out, "TIME");
    strbuf_fill(out, ' ', GAP);
    text_fit(out, "OBJECT", l->object);
    strbuf_fill(out, ' ', GAP);
    if (l->why) {
        text_fit(out, "WHAT", l->what);
        strbuf_fill(out, ' ', GAP);
        strbuf_puts(out, "WHY");
    } else {
        strbuf_puts(out, "WHAT");
    }
    paint_end(out, o->color, PAINT_BOLD);
    strbuf_putc(out, '\n');
}

static const char *plural(int64_t n) { return n == 1 ? "" : "s"; }

/* "pod web Running, ready 1/1" for one pod; counts by status for many. */
static void put_pods(struct strbuf *out, struct view *v, const struct run_summary *sum)
{
    enum { STATUSES = 12 };
    char names[STATUSES][POD_STATUS_MAX];
    uint32_t counts[STATUSES] = {0}, kinds = 0;
    const struct pod *only = NULL;
    for (uint32_t i = 1; i < v->object_count; i++) {
        const struct pod *pod = view_pod(v, i);
        if (!pod || v->objects[i].gone)
            continue;
        struct pod_columns c;
        printer_pod_columns(pod, v->run->features, &c);
        only = pod;
        uint32_t k = 0;
        while (k < kinds && strcmp(names[k], c.status) != 0)
            k++;
        if (k == kinds && kinds < STATUSES)
            memcpy(names[kinds++], c.status, POD_STATUS_MAX);
        if (k < STATUSES)
            counts[k]++;
    }
    if (sum->pods_alive == 1) {
        struct pod_columns c;
        printer_pod_columns(only, v->run->features, &c);
        strbuf_printf(out, "; pod %s %s, ready %" PRIu32 "/%" PRIu32, only->object.meta.name, c.status, c.ready,
                      c.total);
    } else if (sum->pods_alive > 1) {
        strbuf_printf(out, "; %" PRIu32 " pods:", sum->pods_alive);
        for (uint32_t k = 0; k < kinds; k++)
            strbuf_printf(out, "%s %" PRIu32 " %s", k ? "," : "", counts[k], names[k]);
    }
    if (sum->pods_gone)
        strbuf_printf(out, "; %" PRIu32 " pod%s gone", sum->pods_gone, plural(sum->pods_gone));
    if (sum->restarts)
        strbuf_printf(out, "; %" PRId64 " restart%s", sum->restarts, plural(sum->restarts));
}

static void put_footer(struct strbuf *out, const struct report_options *o, struct story *s)
{
    static const char *const ends[] = {
        [RUN_QUIET] = "end: nothing more happens after ", [RUN_UNTIL] = "end: simulated ",
        [RUN_LIMIT] = "end: stopped at a limit after ",   [RUN_STILL] = "end: stop.quiet, after ",
        [RUN_CONDITION] = "end: stop.when, after ",
    };
    struct run_summary sum;
    run_summary(&s->view, &sum);
    paint_begin(out, o->color, PAINT_DIM);
    strbuf_puts(out, ends[sum.end]);
    sim_time end = s->view.run->end;
    if (sum.end == RUN_QUIET && s->rows.count) /* what came later changed nothing */
        end = row_at(s, s->rows.count - 1)->at;
    strbuf_go_duration(out, end / SIM_MS * SIM_MS);
    put_pods(out, &s->view, &sum);
    paint_end(out, o->color, PAINT_DIM);
    strbuf_putc(out, '\n');
}

void report_timeline(const struct run_trace *run, const struct report_options *o, struct strbuf *out)
{
    struct story s;
    uint32_t width = larger(o->width ? o->width : REPORT_WIDTH, REPORT_WIDTH_MIN);
    story_init(&s, run);
    struct layout l = lay_out(&s, width);
    if (o->header)
        put_header(out, o, &l);
    for (uint32_t i = 0; i < s.rows.count; i++)
        put_row(out, o, &l, row_at(&s, i));
    if (o->header)
        put_footer(out, o, &s);
    story_fini(&s);
}
