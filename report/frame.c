/* frame.c - frame.h. */
#include "report/frame.h"

#include <string.h>

#include "report/private.h"
#include "report/story.h"

/* ---- kubectl get pods ---- */

static int by_name(const struct api_object *a, const struct api_object *b)
{
    int order = strcmp(a->meta.namespace_, b->meta.namespace_);
    return order ? order : strcmp(a->meta.name, b->meta.name);
}

/* As `kubectl get pods` prints them, from the versions in force at `at`. */
static void put_pods(const struct run_trace *run, sim_time at, struct strbuf *out)
{
    struct view v;
    struct table t = TABLE_INIT;
    uint32_t count = 0;
    view_init(&v, run);
    const struct api_object **pods = arena_array(&v.arena, const struct api_object *, v.object_count + 1);
    while (view_next(&v) && v.record->at <= at)
        ;
    for (uint32_t i = 1; i < v.object_count; i++) {
        const struct object_view *o = &v.objects[i];
        if (!o->latest || o->gone || o->latest->kind != KIND_POD)
            continue;
        uint32_t k = count++;
        for (; k > 0 && by_name(pods[k - 1], o->latest) > 0; k--)
            pods[k] = pods[k - 1];
        pods[k] = o->latest;
    }
    printer_header(&t, NULL, KIND_POD, 0);
    for (uint32_t i = 0; i < count; i++)
        printer_row(&t, run->features, pods[i], run->epoch, at, 0);
    if (count)
        table_print(&t, out);
    else
        strbuf_puts(out, "No resources found in default namespace.\n");
    table_fini(&t);
    view_fini(&v);
}

/* ---- what happened last ---- */

static void put_story(const struct run_trace *run, const struct frame_options *o, uint32_t lines, struct strbuf *out)
{
    struct story s;
    uint32_t end = 0;
    story_init(&s, run);
    while (end < s.rows.count && ((const struct story_row *)pool_at(&s.rows, end))->at <= o->at)
        end++;
    for (uint32_t i = end > lines ? end - lines : 0; i < end; i++) {
        const struct story_row *r = pool_at(&s.rows, i);
        report_time(out, r->at);
        strbuf_printf(out, "  %s%s%s%s%s\n", r->object ? r->object : "", r->object ? "  " : "", r->what,
                      r->why ? "  - " : "", r->why ? r->why : "");
    }
    story_fini(&s);
}

sim_time report_next(const struct run_trace *run, sim_time at, int direction)
{
    struct story s;
    sim_time found = direction > 0 ? run->end : 0;
    story_init(&s, run);
    for (uint32_t i = 0; i < s.rows.count; i++) {
        sim_time t = ((const struct story_row *)pool_at(&s.rows, i))->at;
        if (direction > 0 ? t > at && t < found : t < at && t > found)
            found = t;
    }
    story_fini(&s);
    return found;
}

/* ---- the frame ---- */

static uint32_t count_lines(const struct strbuf *b)
{
    uint32_t n = 0;
    for (size_t i = 0; i < b->len; i++)
        n += b->data[i] == '\n';
    return n;
}

/* At most `lines` lines of `text`; escape sequences take no room. */
static void put_cut(const struct strbuf *text, uint32_t lines, uint32_t width, struct strbuf *out)
{
    uint32_t used = 0;
    bool escape = false;
    for (size_t i = 0; i < text->len && lines; i++) {
        unsigned char c = (unsigned char)text->data[i];
        if (c == '\n') {
            strbuf_putc(out, '\n');
            lines--;
            used = 0;
            continue;
        }
        escape = escape || c == '\033';
        bool begins = (c & 0xc0) != 0x80;
        if (!escape && begins)
            used++;
        if (escape || used <= width)
            strbuf_putc(out, (char)c);
        if (escape && c == 'm')
            escape = false;
    }
}

void report_frame(const struct run_trace *run, const struct frame_options *o, struct strbuf *out)
{
    enum { STORY_MIN = 6 };
    struct strbuf chart = STRBUF_INIT, pods = STRBUF_INIT, story = STRBUF_INIT, head = STRBUF_INIT;
    struct report_options r = {
        .format = REPORT_GANTT, .color = o->color, .header = true, .ascii = o->ascii, .width = o->width, .now = o->at};
    r.has_now = true;
    uint32_t room = o->height > 3 ? o->height - 3 : 1; /* the head and two empty lines */
    report_gantt(run, &r, &chart);
    put_pods(run, o->at, &pods);
    uint32_t for_chart = count_lines(&chart), for_pods = count_lines(&pods);
    if (for_chart > room / 2)
        for_chart = room / 2;
    uint32_t rest = room - for_chart;
    if (for_pods + STORY_MIN > rest)
        for_pods = rest > STORY_MIN + 2 ? rest - STORY_MIN : rest / 2;
    put_story(run, o, rest - for_pods, &story);
    strbuf_printf(&head, "%s\n", o->head ? o->head : "");
    put_cut(&head, 1, o->width, out);
    put_cut(&chart, for_chart, o->width, out);
    strbuf_putc(out, '\n');
    put_cut(&pods, for_pods, o->width, out);
    strbuf_putc(out, '\n');
    put_cut(&story, rest - for_pods, o->width, out);
    strbuf_fini(&head);
    strbuf_fini(&story);
    strbuf_fini(&pods);
    strbuf_fini(&chart);
}
