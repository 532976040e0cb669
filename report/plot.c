/* plot.c - plot.h. gnuplot 5.4 or later.
 *
 * Everything is placed in pixels: panels one below the other with the same left and right edge, a legend at the bottom.
 * States have a colour of Okabe and Ito's palette, which people with any colour vision can tell apart, and a pattern as
 * well. No text is interpreted (noenhanced), and there is no date in the script: the same run gives the same bytes.
 */
#include "report/plot.h"

#include <string.h>

#include "report/lanes.h"
#include "report/series.h"

const struct plot_chart_info plot_charts[PLOT_CHART_COUNT] = {
#define X(id, name, doc) [PLOT_##id] = {name, doc},
    PLOT_CHARTS(X)
#undef X
};

enum {
    FONT = 13,   /* pixels */
    ROW = 22,    /* of a lane */
    PANEL = 130, /* of a panel with lines */
    RIGHT = 24,
    LABEL_MAX = 44, /* characters of a row's name */
    ROWS_MAX = 120, /* with more, containers are left out, then the last pods */
    LINES_MAX = 8,  /* of a panel */
    LEGEND_LINE = 24,
};

/* ORDER LANE_STATE. pattern -1: solid. */
static const struct paint_of_state {
    const char *color;
    int pattern;
} states[LANE_STATE_COUNT] = {
    [LANE_WAITING] = {"#b8bcc2", 4}, [LANE_PENDING] = {"#f0e442", 5},     [LANE_PULLING] = {"#56b4e9", 2},
    [LANE_INIT] = {"#0072b2", 7},    [LANE_RUNNING] = {"#e69f00", 4},     [LANE_READY] = {"#009e73", -1},
    [LANE_BACKOFF] = {"#d55e00", 1}, [LANE_TERMINATING] = {"#cc79a7", 5}, [LANE_COMPLETED] = {"#8a9099", -1},
    [LANE_FAILED] = {"#7a1f1f", 2},  [LANE_UNKNOWN] = {"#555555", 1},
};

/* Okabe and Ito's again, in an order that begins with what stands out from the background. */
static const char *const line_colors[LINES_MAX] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                                   "#e69f00", "#56b4e9", "#999999", "#b59b00"},
                         *const dark_line_colors[LINES_MAX] = {"#56b4e9", "#e69f00", "#00c08b", "#e394c2",
                                                               "#f0e442", "#d55e00", "#b0b0b0", "#8fa8ff"};

struct theme {
    const char *background, *text, *grid, *mark;
    const char *const *lines;
};
static const struct theme light = {"#ffffff", "#1b1f24", "#d9dce1", "#a40000", line_colors},
                          dark_theme = {"#15181d", "#e6e9ee", "#3a404a", "#ff7a70", dark_line_colors};

/* A row of the Gantt chart. */
struct row {
    const struct lane *lane;
    const char *label;
};

struct plot {
    const struct plot_options *o;
    const struct theme *theme;
    struct strbuf *out;
    struct lanes lanes;
    struct series_set series;
    struct row *rows;
    uint32_t row_count, rows_left_out;
    uint32_t width, height, left, row_height, panel_height, legend_lines, font, gap;
    uint32_t panels[PLOT_CHART_COUNT]; /* lines of each; 0 = it is left out */
    bool used[LANE_STATE_COUNT], probes, restarts;
};

/* ---- what there is ---- */

static void choose_rows(struct plot *p)
{
    uint32_t shown[LANE_KIND_COUNT] = {0};
    for (uint32_t i = 0; i < p->lanes.count; i++)
        shown[p->lanes.items[i].kind] += lane_is_news(&p->lanes.items[i]);
    uint32_t all = shown[LANE_NODE] + shown[LANE_POD] + shown[LANE_CONTAINER];
    bool containers = all <= ROWS_MAX;
    p->rows = arena_array(&p->lanes.view.arena, struct row, all + 1);
    for (uint32_t i = 0; i < p->lanes.count; i++) {
        const struct lane *lane = &p->lanes.items[i];
        if (!lane_is_news(lane) || (lane->kind == LANE_CONTAINER && !containers))
            continue;
        if (p->row_count == ROWS_MAX) {
            p->rows_left_out++;
            continue;
        }
        const char *label =
            lane->kind == LANE_CONTAINER ? arena_printf(&p->lanes.view.arena, "   %s", lane->name) : lane->name;
        p->rows[p->row_count++] = (struct row){lane, label};
    }
}

enum plot_chart plot_chart_of(const struct series *s)
{
    switch (s->kind) {
    case SERIES_DESIRED:
    case SERIES_READY:
        return strncmp(s->object, "replicaset/", 11) == 0 ? PLOT_CHART_COUNT : PLOT_REPLICAS;
    case SERIES_ENDPOINTS:
        return PLOT_ENDPOINTS;
    case SERIES_RESTARTS:
        return PLOT_RESTARTS;
    case SERIES_SERVED:
    case SERIES_LOST:
        return PLOT_TRAFFIC;
    default:
        return PLOT_CHART_COUNT;
    }
}

/* Something that never changes is no news: a Service without endpoints, a pod without restarts. */
bool plot_series_shown(const struct series *s)
{
    const struct series_point *first = s->points.count ? pool_at(&s->points, 0) : NULL;
    return first && (s->points.count > 1 || (first->value != 0 && s->kind == SERIES_DESIRED));
}

static void choose_panels(struct plot *p)
{
    for (uint32_t i = 0; i < p->series.items.count; i++) {
        const struct series *s = series_at(&p->series, i);
        enum plot_chart c = plot_chart_of(s);
        if (c != PLOT_CHART_COUNT && plot_series_shown(s) && p->panels[c] < LINES_MAX)
            p->panels[c]++;
    }
    p->panels[PLOT_GANTT] = p->row_count;
    for (int c = 0; c < PLOT_CHART_COUNT; c++)
        if (p->o->charts && !(p->o->charts & 1u << c))
            p->panels[c] = 0;
}

/* ---- texts ---- */

/* gnuplot's '...': only ' itself is special. */
static void put_quoted(struct strbuf *out, const char *text)
{
    strbuf_putc(out, '\'');
    for (; *text; text++) {
        if (*text == '\'')
            strbuf_putc(out, '\'');
        strbuf_putc(out, (unsigned char)*text < ' ' ? ' ' : *text);
    }
    strbuf_putc(out, '\'');
}

static void put_time(struct strbuf *out, sim_time t) { strbuf_seconds(out, t, 3); }

static void put_label(struct strbuf *out, const char *text)
{
    struct strbuf cut = STRBUF_INIT;
    uint32_t width = text_width(text);
    if (width <= LABEL_MAX) {
        strbuf_puts(&cut, text);
    } else { /* the end tells pods of one owner apart */
        strbuf_add(&cut, text, 12);
        strbuf_puts(&cut, "…");
        const char *end = text + strlen(text);
        for (int n = LABEL_MAX - 13; n > 0 && end > text; n--)
            do
                end--;
            while (((unsigned char)*end & 0xc0) == 0x80 && end > text);
        strbuf_puts(&cut, end);
    }
    put_quoted(out, strbuf_str(&cut));
    strbuf_fini(&cut);
}

/* ---- layout ---- */

static uint32_t legend_entries(const struct plot *p)
{
    uint32_t n = p->probes + p->restarts;
    for (int s = 0; s < LANE_STATE_COUNT; s++)
        n += p->used[s];
    return n;
}

static uint32_t legend_entry(const struct plot *p) { return 9 * p->font + 5; } /* its width */

static uint32_t legend_columns(const struct plot *p)
{
    return p->width > legend_entry(p) + 60 ? (p->width - 60) / legend_entry(p) : 1;
}

static uint32_t top_of(const struct plot *p) { return (p->o->title ? 5 : 3) * p->font; }

static void lay_out(struct plot *p)
{
    uint32_t longest = 8, panels = 0, fixed;
    for (uint32_t i = 0; p->panels[PLOT_GANTT] && i < p->row_count; i++) {
        uint32_t n = text_width(p->rows[i].label);
        longest = n > longest ? n : longest;
        for (const struct lane_span *s = p->rows[i].lane->first; s; s = s->next)
            p->used[s->state] = p->used[s->state] || s->to - s->from > p->lanes.end / 2000; /* seen at all */
        for (const struct lane_mark *m = p->rows[i].lane->marks; m; m = m->next) {
            p->probes = p->probes || m->kind == MARK_PROBE_FAILED;
            p->restarts = p->restarts || m->kind == MARK_RESTART;
        }
    }
    longest = longest > LABEL_MAX ? LABEL_MAX : longest;
    p->width = p->o->width ? p->o->width : PLOT_WIDTH;
    p->font = p->width > PLOT_WIDTH ? FONT * p->width / PLOT_WIDTH : FONT;
    p->left = 30 + longest * p->font * 6 / 10;
    uint32_t per_line = legend_columns(p);
    p->legend_lines = p->panels[PLOT_GANTT] ? (legend_entries(p) + per_line - 1) / per_line : 0;
    p->gap = 3 * p->font + 8; /* the axis of one panel, the title of the next */
    fixed = top_of(p) + p->gap + 20 + p->legend_lines * LEGEND_LINE;
    for (int c = PLOT_GANTT + 1; c < PLOT_CHART_COUNT; c++)
        panels += p->panels[c] > 0;
    fixed += p->gap * (p->panels[PLOT_GANTT] ? panels : panels ? panels - 1 : 0);
    p->row_height = ROW;
    p->panel_height = PANEL;
    uint32_t natural = fixed + p->panels[PLOT_GANTT] * ROW + panels * PANEL;
    p->height = p->o->height ? p->o->height : natural;
    if (!p->o->height || natural == fixed)
        return;
    uint32_t room = p->height > fixed + 80 ? p->height - fixed : 80;
    p->panel_height = PANEL * room / (natural - fixed);
    p->row_height = ROW * room / (natural - fixed);
    p->row_height = p->row_height ? p->row_height : 1;
}

/* ---- the script ---- */

static void put_head(struct plot *p)
{
    struct strbuf *out = p->out;
    strbuf_puts(out, "# A chart of podsim. Edit it, and draw it again with: gnuplot THIS_FILE > chart\n");
    if (p->o->terminal == PLOT_SVG)
        strbuf_printf(
            out, "set terminal svg noenhanced size %" PRIu32 ",%" PRIu32 " font 'DejaVu Sans,%d' background '%s'\n",
            p->width, p->height, p->font, p->theme->background);
    else
        strbuf_printf(out,
                      "set terminal pngcairo noenhanced size %" PRIu32 ",%" PRIu32
                      " font 'DejaVu Sans,%d' background '%s'\n",
                      p->width, p->height, p->font * 3 / 4, p->theme->background);
    strbuf_puts(out, "set encoding utf8\nset decimalsign '.'\nset multiplot\n");
    strbuf_printf(out, "set border 3 lc rgb '%s'\nset tics nomirror out scale 0.5 textcolor rgb '%s'\n", p->theme->grid,
                  p->theme->text);
    strbuf_printf(out, "set grid x lc rgb '%s' lt 1 lw 1\nset key off\n", p->theme->grid);
    strbuf_printf(out,
                  "set lmargin at screen %" PRIu32 "./%" PRIu32 "\nset rmargin at screen %" PRIu32 "./%" PRIu32 "\n",
                  p->left, p->width, p->width - RIGHT, p->width);
    if (p->o->title) {
        strbuf_puts(out, "set label 900 ");
        put_quoted(out, p->o->title);
        strbuf_printf(out,
                      " at screen 20./%" PRIu32 ", screen %" PRIu32 "./%" PRIu32 " left front font ',%d' tc rgb '%s'\n",
                      p->width, p->height - 2 * p->font, p->height,
                      p->o->terminal == PLOT_SVG ? p->font * 4 / 3 : p->font, p->theme->text);
    }
}

/* Tics at round times, at most ten. */
static void put_time_axis(struct plot *p)
{
    static const int32_t steps[] = {10,      20,      50,      100,     200,      500,      1000,     2000,
                                    5000,    10000,   15000,   30000,   60000,    120000,   300000,   600000,
                                    1200000, 1800000, 3600000, 7200000, 14400000, 21600000, 43200000, 86400000};
    sim_time end = p->lanes.end > 0 ? p->lanes.end : SIM_SECOND, step = 0;
    for (size_t i = 0; i < ARRAY_LEN(steps) && !step; i++)
        if (end / (steps[i] * SIM_MS) <= 10)
            step = steps[i] * SIM_MS;
    if (!step)
        step = (end / (86400 * SIM_SECOND) / 10 + 1) * 86400 * SIM_SECOND;
    strbuf_puts(p->out, "set xrange [0:");
    put_time(p->out, end);
    strbuf_puts(p->out, "]\nset xtics (");
    for (sim_time t = 0; t <= end; t += step) {
        struct strbuf label = STRBUF_INIT;
        strbuf_go_duration(&label, t);
        strbuf_puts(p->out, t ? ", " : "");
        put_quoted(p->out, strbuf_str(&label));
        strbuf_putc(p->out, ' ');
        put_time(p->out, t);
        strbuf_fini(&label);
    }
    strbuf_puts(p->out, ")\n");
}

/* The panel from `top` pixels below the upper edge. */
static void put_panel(struct plot *p, const char *title, uint32_t top, uint32_t height)
{
    strbuf_printf(
        p->out, "set tmargin at screen 1-%" PRIu32 "./%" PRIu32 "\nset bmargin at screen 1-%" PRIu32 "./%" PRIu32 "\n",
        top, p->height, top + height, p->height);
    strbuf_puts(p->out, "set label 901 ");
    put_quoted(p->out, title);
    strbuf_printf(p->out, " at graph 0, graph 1 offset 0,0.7 left front tc rgb '%s'\n", p->theme->text);
}

static void put_style(struct plot *p, enum lane_state state)
{
    strbuf_printf(p->out, "fc rgb '%s' fs ", states[state].color);
    if (states[state].pattern < 0)
        strbuf_puts(p->out, "solid 1.0");
    else
        strbuf_printf(p->out, "transparent pattern %d", states[state].pattern);
    strbuf_printf(p->out, " border lc rgb '%s' lw 1\n", states[state].color);
}

static void put_spans(struct plot *p)
{
    uint32_t number = 1;
    for (uint32_t i = 0; i < p->row_count; i++) {
        bool pod = p->rows[i].lane->kind != LANE_CONTAINER;
        for (const struct lane_span *s = p->rows[i].lane->first; s; s = s->next) {
            bool thin = lane_states[s->state].over;
            strbuf_printf(p->out, "set object %" PRIu32 " rectangle from ", number++);
            put_time(p->out, s->from);
            strbuf_printf(p->out, ",%" PRIu32 "-%s to ", i + 1, thin ? "0.08" : pod ? "0.36" : "0.26");
            put_time(p->out, s->to);
            strbuf_printf(p->out, ",%" PRIu32 "+%s ", i + 1, thin ? "0.08" : pod ? "0.36" : "0.26");
            put_style(p, s->state);
        }
    }
}

static void put_marks(struct plot *p, enum lane_mark_kind kind, const char *name)
{
    bool any = false;
    strbuf_printf(p->out, "$%s << EOD\n", name);
    for (uint32_t i = 0; i < p->row_count; i++)
        for (const struct lane_mark *m = p->rows[i].lane->marks; m; m = m->next) {
            if (m->kind != kind)
                continue;
            put_time(p->out, m->at);
            strbuf_printf(p->out, " %" PRIu32 "%s\n", i + 1, kind == MARK_PROBE_FAILED ? ".38" : ".00");
            any = true;
        }
    strbuf_puts(p->out, any ? "EOD\n" : "-1 -1\nEOD\n");
}

static uint32_t put_gantt(struct plot *p, uint32_t top)
{
    uint32_t height = p->row_count * p->row_height;
    const char *title =
        p->rows_left_out ? arena_printf(&p->lanes.view.arena, "pods (%" PRIu32 " more are left out)", p->rows_left_out)
                         : "pods and containers";
    put_panel(p, title, top, height);
    put_spans(p);
    strbuf_printf(p->out, "set yrange [%" PRIu32 ".5:0.5]\nset ytics scale 0 (", p->row_count);
    for (uint32_t i = 0; i < p->row_count; i++) {
        strbuf_puts(p->out, i ? ", " : "");
        put_label(p->out, p->rows[i].label);
        strbuf_printf(p->out, " %" PRIu32, i + 1);
    }
    strbuf_puts(p->out, ")\n");
    put_marks(p, MARK_PROBE_FAILED, "probe_failures");
    put_marks(p, MARK_RESTART, "restarts");
    strbuf_printf(p->out,
                  "plot $probe_failures with points pt 2 ps 0.6 lw 1.6 lc rgb '%s', $restarts with points pt 9 ps 0.7 "
                  "lc rgb '%s'\n",
                  p->theme->mark, p->theme->text);
    strbuf_puts(p->out, "unset object\nunset label 900\nunset label 901\n");
    return top + height + p->gap;
}

static const char *const panel_titles[PLOT_CHART_COUNT] = {[PLOT_REPLICAS] = "replicas",
                                                           [PLOT_ENDPOINTS] = "endpoints that take requests",
                                                           [PLOT_RESTARTS] = "restarts",
                                                           [PLOT_TRAFFIC] = "requests in each interval"};

static void put_points(struct plot *p, const struct series *s, enum plot_chart chart, uint32_t line)
{
    sim_time end = s->gone == SIM_NEVER ? p->lanes.end : s->gone;
    int64_t value = 0;
    strbuf_printf(p->out, "$%s%" PRIu32 " << EOD\n", plot_charts[chart].name, line);
    for (uint32_t i = 0; i < s->points.count; i++) {
        const struct series_point *point = pool_at(&s->points, i);
        value = point->value;
        put_time(p->out, point->at);
        strbuf_printf(p->out, " %" PRId64 "\n", value);
    }
    put_time(p->out, end);
    strbuf_printf(p->out, " %" PRId64 "\nEOD\n", value);
}

static uint32_t put_lines(struct plot *p, enum plot_chart chart, uint32_t top)
{
    int64_t most = 1;
    uint32_t line = 0;
    struct strbuf command = STRBUF_INIT;
    put_panel(p, panel_titles[chart], top, p->panel_height);
    for (uint32_t i = 0; i < p->series.items.count && line < LINES_MAX; i++) {
        const struct series *s = series_at(&p->series, i);
        if (plot_chart_of(s) != chart || !plot_series_shown(s))
            continue;
        for (uint32_t k = 0; k < s->points.count; k++) {
            int64_t v = ((const struct series_point *)pool_at(&s->points, k))->value;
            most = v > most ? v : most;
        }
        put_points(p, s, chart, line);
        bool wanted = s->kind == SERIES_DESIRED;
        strbuf_printf(&command, "%s$%s%" PRIu32 " with steps lw %s dt %d lc rgb '%s' title ", line ? ", " : "plot ",
                      plot_charts[chart].name, line, wanted ? "1.5" : "2.5", wanted ? 2 : 1, p->theme->lines[line]);
        bool two_of_one = chart == PLOT_REPLICAS || chart == PLOT_TRAFFIC;
        const char *title = two_of_one ? arena_printf(&p->series.view.arena, "%s %s", s->object,
                                                      wanted ? "wanted" : series_names[s->kind])
                                       : s->object;
        put_quoted(&command, title);
        line++;
    }
    strbuf_printf(p->out, "set yrange [0:%" PRId64 "%s]\nset ytics scale 0.5 autofreq\n",
                  most < 10 ? most : most + most / 15, most < 10 ? ".3" : "");
    if (most <= 10)
        strbuf_puts(p->out, "set ytics 1\n");
    strbuf_printf(p->out,
                  "set key at graph 1, graph 1 right bottom horizontal samplen 2 tc rgb '%s'\n%s\nset key off\n",
                  p->theme->text, strbuf_str(&command));
    strbuf_puts(p->out, "unset label 900\nunset label 901\n");
    strbuf_fini(&command);
    return top + p->panel_height + p->gap;
}

/* The states that occur, with their patterns, below everything. */
static void put_legend(struct plot *p)
{
    enum { BOX = 18 };
    uint32_t per_line = legend_columns(p), n = 0;
    strbuf_puts(p->out, "unset xtics\nunset ytics\nunset border\nunset grid\n");
    strbuf_printf(p->out,
                  "set lmargin at screen 0\nset rmargin at screen 1\nset tmargin at screen 1\nset bmargin at screen 0\n"
                  "set xrange [0:%" PRIu32 "]\nset yrange [0:%" PRIu32 "]\n",
                  p->width, p->height);
    for (int s = 0; s < LANE_STATE_COUNT + 2; s++) {
        bool state = s < LANE_STATE_COUNT;
        if (state ? !p->used[s] : s == LANE_STATE_COUNT ? !p->probes : !p->restarts)
            continue;
        uint32_t x = 30 + n % per_line * legend_entry(p), y = 16 + (p->legend_lines - 1 - n / per_line) * LEGEND_LINE;
        n++;
        if (state) {
            strbuf_printf(p->out, "set object %d rectangle from %" PRIu32 ",%" PRIu32 " to %" PRIu32 ",%" PRIu32 " ",
                          2000 + s, x, y - 6, x + BOX, y + 6);
            put_style(p, (enum lane_state)s);
        } else {
            strbuf_printf(p->out, "$mark%d << EOD\n%" PRIu32 " %" PRIu32 "\nEOD\n", s, x + BOX / 2, y);
        }
        strbuf_puts(p->out, "set label ");
        put_quoted(p->out, state                   ? lane_states[s].name
                           : s == LANE_STATE_COUNT ? lane_marks[MARK_PROBE_FAILED].name
                                                   : lane_marks[MARK_RESTART].name);
        strbuf_printf(p->out, " at %" PRIu32 ",%" PRIu32 " left tc rgb '%s'\n", x + BOX + 6, y, p->theme->text);
    }
    const char *plot = "plot ";
    for (int s = LANE_STATE_COUNT; s < LANE_STATE_COUNT + 2; s++) {
        if (s == LANE_STATE_COUNT ? !p->probes : !p->restarts)
            continue;
        strbuf_printf(p->out, "%s$mark%d with points pt %d ps 0.7 lw 1.6 lc rgb '%s'", plot, s,
                      s == LANE_STATE_COUNT ? 2 : 9, s == LANE_STATE_COUNT ? p->theme->mark : p->theme->text);
        plot = ", ";
    }
    strbuf_puts(p->out, strcmp(plot, ", ") == 0 ? "\n" : "plot -1 notitle\n");
}

static void put_script(struct plot *p)
{
    lay_out(p);
    uint32_t top = top_of(p);
    put_head(p);
    put_time_axis(p);
    if (p->panels[PLOT_GANTT])
        top = put_gantt(p, top);
    for (int c = PLOT_GANTT + 1; c < PLOT_CHART_COUNT; c++)
        if (p->panels[c])
            top = put_lines(p, (enum plot_chart)c, top);
    if (p->panels[PLOT_GANTT])
        put_legend(p);
    strbuf_puts(p->out, "unset multiplot\n");
}

int plot_script(const struct run_trace *run, const struct plot_options *o, struct strbuf *out)
{
    struct plot p = {.o = o, .theme = o->dark ? &dark_theme : &light, .out = out};
    uint32_t panels = 0;
    lanes_init(&p.lanes, run);
    series_init(&p.series, run);
    choose_rows(&p);
    choose_panels(&p);
    for (int c = 0; c < PLOT_CHART_COUNT; c++)
        panels += p.panels[c] > 0;
    if (panels)
        put_script(&p);
    series_fini(&p.series);
    lanes_fini(&p.lanes);
    return panels ? 0 : -1;
}
