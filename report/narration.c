/* narration.c - a run told in sentences, in three depths: what a pod goes through, for those who see one for the first
 * time; what happened and why, for those who run clusters; every fact, for those who know the kubelet.
 */
#include "report/private.h"

#include <string.h>

#include "report/facts.h"
#include "report/lanes.h"
#include "report/story.h"

struct sentence {
    sim_time at;
    uint32_t order; /* of sentences at one instant: as they were found */
    const char *text;
};

struct narration {
    struct lanes lanes;
    struct pool sentences; /* struct sentence */
};

/* ---- beginner: the states of pods, and what befalls containers ---- */

/* ORDER LANE_STATE. What it means that a pod has come to be so. %: the pod. */
static const char *const becomes[LANE_STATE_COUNT] = {
    [LANE_WAITING] = "% has a node now. The kubelet there prepares it: volumes, network, images, containers.",
    [LANE_PENDING] = "% has been asked for. The scheduler looks for a node that has room for it.",
    [LANE_PULLING] = "The image of % is on its way.",
    [LANE_INIT] = "The init containers of % do their work, one after the other. The app waits for them.",
    [LANE_RUNNING] = "% runs, but it is not ready: no Service sends it requests.",
    [LANE_READY] = "% is ready: from now on Services may send it requests.",
    [LANE_BACKOFF] = "% keeps failing. The kubelet waits before it tries again, longer each time.",
    [LANE_TERMINATING] = "% has been told to stop. It may finish what it is doing until its grace period is over.",
    [LANE_COMPLETED] = "% has done its work: all its containers have ended with exit code 0.",
    [LANE_FAILED] = "% has failed, and will not be started again.",
    [LANE_UNKNOWN] = "Nobody knows how % is: its node has not been heard of.",
};

static void say(struct narration *n, sim_time at, const char *format, const char *name)
{
    struct strbuf b = STRBUF_INIT;
    for (const char *p = format; *p; p++) {
        if (*p == '%')
            strbuf_puts(&b, name);
        else
            strbuf_putc(&b, *p);
    }
    uint32_t i = pool_add(&n->sentences);
    *(struct sentence *)pool_at(&n->sentences, i) =
        (struct sentence){at, i, arena_strdup(&n->lanes.view.arena, strbuf_str(&b))};
    strbuf_fini(&b);
}

static const char *about(struct narration *n, const struct lane *container)
{
    return arena_printf(&n->lanes.view.arena, "container %s of %s", container->name,
                        n->lanes.items[container->parent].name);
}

/* Failures of one probe in a row are one sentence; what came of them is the next. */
static void tell_marks(struct narration *n, const struct lane *lane)
{
    struct arena *a = &n->lanes.view.arena;
    for (const struct lane_mark *m = lane->marks; m; m = m->next) {
        uint32_t count = 1;
        sim_time first = m->at;
        while (m->kind == MARK_PROBE_FAILED && m->next && m->next->kind == MARK_PROBE_FAILED &&
               text_same(m->detail, m->next->detail)) {
            m = m->next;
            count++;
        }
        const char *name = about(n, lane);
        if (m->kind == MARK_PROBE_FAILED)
            say(n, first,
                arena_printf(a,
                             count > 1 ? "The %s probe of %% fails, %" PRIu32 " times in a row."
                                       : "The %s probe of %% fails.",
                             m->detail, count),
                name);
        else if (m->kind == MARK_EXIT)
            say(n, m->at, arena_printf(a, "The program in %% has ended: %s.", m->detail), name);
        else if (m->kind == MARK_RESTART)
            say(n, m->at, arena_printf(a, "The kubelet starts %% again: %s.", m->detail), name);
        else if (m->kind == MARK_OOM)
            say(n, m->at, "% needs more memory than it may have: the kernel kills it.", name);
    }
}

static void collect_beginner(struct narration *n)
{
    for (uint32_t i = 0; i < n->lanes.count; i++) {
        const struct lane *lane = &n->lanes.items[i];
        if (lane->kind == LANE_CONTAINER)
            tell_marks(n, lane);
        if (lane->kind != LANE_POD)
            continue;
        const struct lane_span *before = NULL;
        for (const struct lane_span *s = lane->first; s; s = s->next)
            if (!before || before->state != s->state) {
                say(n, s->from, becomes[s->state], lane->name);
                before = s;
            }
        if (lane->gone != SIM_NEVER)
            say(n, lane->gone, "% is gone: the API forgets it.", lane->name);
    }
}

/* ---- operator, kubelet ---- */

static void collect_operator(struct narration *n, const struct run_trace *run)
{
    struct story s;
    struct arena *a = &n->lanes.view.arena;
    story_init(&s, run);
    for (uint32_t i = 0; i < s.rows.count; i++) {
        const struct story_row *r = pool_at(&s.rows, i);
        const char *why = r->why ? arena_printf(a, ", because of %s", r->why) : "";
        say(n, r->at, "%",
            arena_printf(a, "%s%s%s%s.", r->object ? r->object : "", r->object ? ": " : "", r->what, why));
    }
    story_fini(&s);
}

static void collect_kubelet(struct narration *n, const struct run_trace *run)
{
    struct fact_list facts;
    struct arena *a = &n->lanes.view.arena;
    facts_collect(&facts, a, run);
    for (uint32_t i = 0; i < facts.facts.count; i++) {
        const struct fact *f = fact_at(&facts, i);
        const struct trace_record *r = trace_at(run->trace, f->record);
        say(n, f->at, "%", arena_printf(a, "%s: %s (%s)", f->object, f->what, trace_component_names[r->component]));
    }
}

/* ---- telling ---- */

/* A stable order of time: a merge sort, as one sentence comes from a lane and the next from another. */
static void sort(struct sentence *items, struct sentence *scratch, uint32_t count)
{
    if (count < 2)
        return;
    uint32_t half = count / 2, i = 0, k = half;
    sort(items, scratch, half);
    sort(items + half, scratch, count - half);
    for (uint32_t out = 0; out < count; out++) {
        bool left = k == count || (i < half && items[i].at <= items[k].at);
        scratch[out] = left ? items[i++] : items[k++];
    }
    memcpy(items, scratch, count * sizeof *items);
}

void report_narration(const struct run_trace *run, const struct report_options *o, struct strbuf *out)
{
    struct narration n;
    lanes_init(&n.lanes, run);
    pool_init(&n.sentences, &n.lanes.view.arena, sizeof(struct sentence));
    if (o->depth == NARRATE_BEGINNER)
        collect_beginner(&n);
    else if (o->depth == NARRATE_OPERATOR)
        collect_operator(&n, run);
    else
        collect_kubelet(&n, run);
    uint32_t count = n.sentences.count;
    struct sentence *items = arena_array(&n.lanes.view.arena, struct sentence, count + 1),
                    *scratch = arena_array(&n.lanes.view.arena, struct sentence, count + 1);
    for (uint32_t i = 0; i < count; i++)
        items[i] = *(const struct sentence *)pool_at(&n.sentences, i);
    sort(items, scratch, count);
    for (uint32_t i = 0; i < count; i++) {
        paint_begin(out, o->color, PAINT_DIM);
        report_time(out, items[i].at);
        paint_end(out, o->color, PAINT_DIM);
        strbuf_printf(out, "  %s\n", items[i].text);
    }
    lanes_fini(&n.lanes);
}
