/* gantt.c - a chart for the terminal: a row per node, pod and container, a character per stretch of time.
 *
 * A character shows the state that its stretch was in for longest; failures of probes have a row of their own, and
 * numbers (endpoints, replicas) stand where they change. A stretch is a round number of seconds, so that the marks of
 * the time axis stand at round times.
 */
#include "report/private.h"

#include <string.h>

#include "report/lanes.h"
#include "report/series.h"

enum { COLUMNS_MIN = 20, TICK_COLUMNS = 10, NAME_MAX_WIDTH = 40, INDENT = 2 };

struct glyph {
    const char *unicode;
    enum paint paint;
};

/* ORDER LANE_STATE. */
static const struct glyph glyphs[LANE_STATE_COUNT] = {
    [LANE_WAITING] = {"░", PAINT_DIM}, [LANE_PENDING] = {"┈", PAINT_YELLOW},     [LANE_PULLING] = {"↓", PAINT_CYAN},
    [LANE_INIT] = {"▚", PAINT_CYAN},   [LANE_RUNNING] = {"▒", PAINT_YELLOW},     [LANE_READY] = {"█", PAINT_GREEN},
    [LANE_BACKOFF] = {"·", PAINT_RED}, [LANE_TERMINATING] = {"»", PAINT_YELLOW}, [LANE_COMPLETED] = {"─", PAINT_DIM},
    [LANE_FAILED] = {"×", PAINT_RED},  [LANE_UNKNOWN] = {"?", PAINT_RED},
};
static const struct glyph probe_glyph = {"✗", PAINT_RED};
static const struct glyph restart_glyph = {"↻", PAINT_YELLOW};
enum { NUMBER_ASCII = '_' };
static const char number_unicode[] = "─";

/* The stretches there may be for one character, in milliseconds. */
static const int32_t steps[] = {
    10,     20,      50,      100,     200,     500,      1000,     2000,     3000,
    5000,   6000,    10000,   15000,   20000,   30000,    60000,    120000,   300000,
    600000, 1200000, 1800000, 3600000, 7200000, 10800000, 21600000, 43200000, 86400000,
};

struct gantt {
    const struct report_options *o;
    struct strbuf *out;
    struct lanes lanes;
    struct series_set series;
    uint32_t name_width, columns;
    sim_time step;
    bool used[LANE_STATE_COUNT], restarts, probes;
};

static sim_time step_for(sim_time end, uint32_t columns)
{
    for (size_t i = 0; i < ARRAY_LEN(steps); i++)
        if (end / (steps[i] * SIM_MS) < columns)
            return steps[i] * SIM_MS;
    sim_time day = steps[ARRAY_LEN(steps) - 1] * SIM_MS;
    return day * (end / day / columns + 1);
}

/* ---- what there is to show ---- */

/* Restarts are what the rows of containers show. */
static bool series_shown(const struct series *s)
{
    return s->points.count &&
           (s->kind == SERIES_ENDPOINTS
                ? ((const struct series_point *)pool_at(&s->points, s->points.count - 1))->at > 0
                : s->kind == SERIES_DESIRED || s->kind == SERIES_READY ||
                      (s->kind == SERIES_LOST && s->points.count > 1)) &&
           strncmp(s->object, "replicaset/", 11) != 0;
}

static const char *series_title(struct gantt *g, const struct series *s)
{
    return arena_printf(&g->series.view.arena, "%s %s", s->object, series_names[s->kind]);
}

static uint32_t larger(uint32_t a, uint32_t b) { return a > b ? a : b; }

static const char *probe_of(const struct lane *lane, enum probe_kind kind)
{
    for (const struct lane_mark *m = lane->marks; m; m = m->next)
        if (m->kind == MARK_PROBE_FAILED && text_same(m->detail, probe_names[kind]))
            return m->detail;
    return NULL;
}

static void lay_out(struct gantt *g)
{
    uint32_t width = g->o->width ? g->o->width : REPORT_WIDTH;
    for (uint32_t i = 0; i < g->lanes.count; i++) {
        const struct lane *lane = &g->lanes.items[i];
        uint32_t indent = lane->kind == LANE_CONTAINER ? INDENT : 0;
        if (!lane_is_news(lane))
            continue;
        g->name_width = larger(g->name_width, indent + text_width(lane->name));
        for (int k = 0; lane->kind == LANE_CONTAINER && k < PROBE_KIND_COUNT; k++)
            if (probe_of(lane, (enum probe_kind)k))
                g->name_width = larger(g->name_width, 2 * INDENT + text_width(probe_names[k]));
    }
    for (uint32_t i = 0; i < g->series.items.count; i++)
        if (series_shown(series_at(&g->series, i)))
            g->name_width = larger(g->name_width, text_width(series_title(g, series_at(&g->series, i))));
    uint32_t most = width > 2 * COLUMNS_MIN ? width - COLUMNS_MIN - INDENT : COLUMNS_MIN;
    most = most > NAME_MAX_WIDTH ? NAME_MAX_WIDTH : most;
    if (g->name_width > most)
        g->name_width = most;
    uint32_t room = width > g->name_width + INDENT ? width - g->name_width - INDENT : 0;
    room = room < COLUMNS_MIN ? COLUMNS_MIN : room;
    g->step = step_for(g->lanes.end, room);
    g->columns = (uint32_t)(g->lanes.end / g->step) + 1;
}

/* ---- rows ---- */

/* What has not happened yet is not shown. */
static bool told(const struct gantt *g, uint32_t column) { return !g->o->has_now || g->step * column <= g->o->now; }

static void put_name(struct gantt *g, uint32_t indent, const char *name, bool bold)
{
    strbuf_fill(g->out, ' ', indent);
    paint_begin(g->out, g->o->color && bold, PAINT_BOLD);
    text_fit(g->out, name, g->name_width - indent);
    paint_end(g->out, g->o->color && bold, PAINT_BOLD);
    strbuf_fill(g->out, ' ', INDENT);
}

/* A row ends without blanks. */
static void end_row(struct gantt *g)
{
    while (g->out->len && g->out->data[g->out->len - 1] == ' ')
        g->out->len--;
    strbuf_putc(g->out, '\n');
}

static void put_glyph(struct gantt *g, const struct glyph *glyph, char ascii)
{
    paint_begin(g->out, g->o->color, glyph->paint);
    if (g->o->ascii)
        strbuf_putc(g->out, ascii);
    else
        strbuf_puts(g->out, glyph->unicode);
    paint_end(g->out, g->o->color, glyph->paint);
}

/* The state that [from, from + step) was in for longest; what has just come counts when nothing else was there.
 * LANE_STATE_COUNT = nothing. *cursor: the first span that may matter, in and out. */
static enum lane_state state_in(const struct lane_span **cursor, sim_time from, sim_time to)
{
    enum lane_state best = LANE_STATE_COUNT;
    sim_time longest = -1;
    while (*cursor && (*cursor)->to <= from && (*cursor)->next)
        *cursor = (*cursor)->next;
    for (const struct lane_span *s = *cursor; s && s->from < to; s = s->next) {
        sim_time a = s->from > from ? s->from : from, b = s->to < to ? s->to : to;
        if (b - a > longest && (s->to > from || s->from == s->to)) {
            longest = b - a;
            best = s->state;
        }
    }
    return best;
}

/* What happened in a moment covers what was: a crash, then a restart. Returns whether there is such a thing. */
static bool put_moment(struct gantt *g, const struct lane_mark **mark, sim_time to)
{
    bool crashed = false, restarted = false;
    for (; *mark && (*mark)->at < to; *mark = (*mark)->next) {
        crashed = crashed || ((*mark)->kind == MARK_EXIT && strncmp((*mark)->detail, "exit 0", 6) != 0);
        restarted = restarted || (*mark)->kind == MARK_RESTART;
    }
    if (crashed) {
        g->used[LANE_FAILED] = true;
        put_glyph(g, &glyphs[LANE_FAILED], lane_states[LANE_FAILED].ascii);
    } else if (restarted) {
        g->restarts = true;
        put_glyph(g, &restart_glyph, lane_marks[MARK_RESTART].ascii);
    }
    return crashed || restarted;
}

static void put_lane(struct gantt *g, const struct lane *lane)
{
    const struct lane_span *cursor = lane->first;
    const struct lane_mark *marks = lane->marks;
    put_name(g, lane->kind == LANE_CONTAINER ? INDENT : 0, lane->name, lane->kind != LANE_CONTAINER);
    for (uint32_t i = 0; i < g->columns && told(g, i); i++) {
        enum lane_state s = state_in(&cursor, g->step * i, g->step * (i + 1));
        if (put_moment(g, &marks, g->step * (i + 1)))
            continue;
        if (s == LANE_STATE_COUNT) {
            strbuf_putc(g->out, ' ');
            continue;
        }
        g->used[s] = true;
        put_glyph(g, &glyphs[s], lane_states[s].ascii);
    }
    end_row(g);
}

static void put_probes(struct gantt *g, const struct lane *lane, enum probe_kind kind)
{
    if (!probe_of(lane, kind))
        return;
    g->probes = true;
    put_name(g, 2 * INDENT, probe_names[kind], false);
    const struct lane_mark *m = lane->marks;
    for (uint32_t i = 0; i < g->columns && m && told(g, i); i++) {
        bool any = false;
        for (; m && m->at < g->step * (i + 1); m = m->next)
            any = any || (m->kind == MARK_PROBE_FAILED && text_same(m->detail, probe_names[kind]));
        if (any)
            put_glyph(g, &probe_glyph, lane_marks[MARK_PROBE_FAILED].ascii);
        else
            strbuf_putc(g->out, ' ');
    }
    end_row(g);
}

/* A number where it changes, a line until the next. */
static void put_series(struct gantt *g, const struct series *s)
{
    put_name(g, 0, series_title(g, s), false);
    struct strbuf number = STRBUF_INIT;
    uint32_t next = 0, written = 0;
    for (uint32_t i = 0; i < g->columns && told(g, i); i++) {
        bool changed = false;
        for (;
             next < s->points.count && ((const struct series_point *)pool_at(&s->points, next))->at < g->step * (i + 1);
             next++) {
            strbuf_reset(&number);
            strbuf_int(&number, ((const struct series_point *)pool_at(&s->points, next))->value);
            changed = true;
        }
        written = changed ? 0 : written;
        if (!number.len || (s->gone != SIM_NEVER && s->gone <= g->step * i))
            strbuf_putc(g->out, ' ');
        else if (written < number.len)
            strbuf_putc(g->out, number.data[written++]);
        else if (g->o->ascii)
            strbuf_putc(g->out, NUMBER_ASCII);
        else
            strbuf_puts(g->out, number_unicode);
    }
    strbuf_fini(&number);
    end_row(g);
}

/* ---- the axis and the legend ---- */

static void put_axis(struct gantt *g)
{
    strbuf_fill(g->out, ' ', g->name_width + INDENT);
    uint32_t at = 0;
    for (uint32_t i = 0; i < g->columns; i += TICK_COLUMNS) {
        struct strbuf tick = STRBUF_INIT;
        strbuf_go_duration(&tick, g->step * i);
        if (i >= at) {
            strbuf_fill(g->out, ' ', i - at);
            strbuf_puts(g->out, strbuf_str(&tick));
            at = i + (uint32_t)tick.len;
        }
        strbuf_fini(&tick);
    }
    end_row(g);
}

static void put_legend_item(struct gantt *g, const struct glyph *glyph, char ascii, const char *name)
{
    put_glyph(g, glyph, ascii);
    strbuf_printf(g->out, " %s   ", name);
}

static void put_legend(struct gantt *g)
{
    strbuf_putc(g->out, '\n');
    for (int s = 0; s < LANE_STATE_COUNT; s++)
        if (g->used[s])
            put_legend_item(g, &glyphs[s], lane_states[s].ascii, lane_states[s].name);
    if (g->restarts)
        put_legend_item(g, &restart_glyph, lane_marks[MARK_RESTART].ascii, lane_marks[MARK_RESTART].name);
    if (g->probes)
        put_legend_item(g, &probe_glyph, lane_marks[MARK_PROBE_FAILED].ascii, lane_marks[MARK_PROBE_FAILED].name);
    strbuf_puts(g->out, "1 character = ");
    strbuf_go_duration(g->out, g->step);
    strbuf_putc(g->out, '\n');
}

void report_gantt(const struct run_trace *run, const struct report_options *o, struct strbuf *out)
{
    struct gantt g = {.o = o, .out = out};
    lanes_init(&g.lanes, run);
    series_init(&g.series, run);
    lay_out(&g);
    if (o->header)
        put_axis(&g);
    for (uint32_t i = 0; i < g.lanes.count; i++) {
        const struct lane *lane = &g.lanes.items[i];
        if (!lane_is_news(lane))
            continue;
        put_lane(&g, lane);
        for (int k = 0; lane->kind == LANE_CONTAINER && k < PROBE_KIND_COUNT; k++)
            put_probes(&g, lane, (enum probe_kind)k);
    }
    for (uint32_t i = 0; i < g.series.items.count; i++)
        if (series_shown(series_at(&g.series, i)))
            put_series(&g, series_at(&g.series, i));
    if (o->header)
        put_legend(&g);
    series_fini(&g.series);
    lanes_fini(&g.lanes);
}
