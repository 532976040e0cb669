/* compare.c - a recorded timeline against a simulated one, field by field and Event by Event. */
#include "tests/conformance/compare.h"

#include <string.h>

/* The lines of one field or Event, in order. */
struct track {
    const char *object, *what;
    LIST_OF(const struct line *) recorded, run;
};

struct tracks {
    struct track *items;
    uint32_t count;
};

static struct track *track_of(struct arena *a, struct tracks *all, const struct line *l)
{
    for (uint32_t i = 0; i < all->count; i++)
        if (strcmp(all->items[i].what, l->what) == 0 && strcmp(all->items[i].object, l->object) == 0)
            return &all->items[i];
    if ((all->count & (all->count - 1)) == 0) {
        struct track *items = arena_array(a, struct track, 2 * all->count + 1);
        if (all->count)
            memcpy(items, all->items, all->count * sizeof *items);
        all->items = items;
    }
    all->items[all->count] = (struct track){.object = l->object, .what = l->what};
    return &all->items[all->count++];
}

static const struct line **grown(struct arena *a, const struct line *const *items, uint32_t count)
{
    if (count & (count - 1))
        return (const struct line **)(uintptr_t)items;
    const struct line **more = arena_array(a, const struct line *, 2 * count + 1);
    if (count)
        memcpy(more, items, count * sizeof *more);
    return more;
}

static void sort_into_tracks(struct arena *a, const struct lines *recorded, const struct lines *run,
                             struct tracks *ret_tracks)
{
    for (uint32_t i = 0; i < recorded->count; i++) {
        struct track *t = track_of(a, ret_tracks, &recorded->items[i]);
        const struct line **items = grown(a, t->recorded.items, t->recorded.count);
        items[t->recorded.count++] = &recorded->items[i];
        t->recorded.items = items;
    }
    for (uint32_t i = 0; i < run->count; i++) {
        struct track *t = track_of(a, ret_tracks, &run->items[i]);
        const struct line **items = grown(a, t->run.items, t->run.count);
        items[t->run.count++] = &run->items[i];
        t->run.items = items;
    }
}

static const char *value_text(const struct line *l) { return l->to ? l->to : "(none)"; }

static const char *seconds_text(struct arena *a, sim_time t)
{
    struct strbuf b = STRBUF_INIT;
    strbuf_seconds(&b, t, 3);
    const char *text = arena_strdup(a, strbuf_str(&b));
    strbuf_fini(&b);
    return text;
}

/* NULL when the two agree. */
static const char *difference(struct arena *a, const struct line *recorded, const struct line *run, sim_time tolerance,
                              sim_time *worst)
{
    if (!recorded)
        return arena_printf(a, "podsim shows %s at %s, recorded nothing", value_text(run), seconds_text(a, run->t));
    if (!run)
        return arena_printf(a, "recorded %s, podsim shows nothing", value_text(recorded));
    sim_time apart = run->t > recorded->t ? run->t - recorded->t : recorded->t - run->t;
    if (strcmp(value_text(recorded), value_text(run)) != 0)
        return arena_printf(a, "recorded %s, podsim shows %s at %s", value_text(recorded), value_text(run),
                            seconds_text(a, run->t));
    if (apart > tolerance)
        return arena_printf(a, "%s: podsim shows it at %s", value_text(recorded), seconds_text(a, run->t));
    if (recorded->stamp != SIM_NEVER && run->stamp != SIM_NEVER) {
        sim_time dates = run->stamp > recorded->stamp ? run->stamp - recorded->stamp : recorded->stamp - run->stamp;
        if (dates > SIM_SECOND + tolerance)
            return arena_printf(a, "%s: dated %s, podsim dates it %s", value_text(recorded),
                                seconds_text(a, recorded->stamp), seconds_text(a, run->stamp));
    }
    *worst = apart > *worst ? apart : *worst;
    return NULL;
}

/* ---- what was overtaken ---- */

/* One writer serves all pods of a node, those of other scenarios too, and always writes the latest status: a value
 * that the next one replaces so soon may never be written. k8s pkg/kubelet/status/status_manager.go syncBatch. */
#define OVERTAKEN (30 * SIM_MS)
/* A controller writes what its latest sync has found; on a busy machine that takes several of these. */
#define OVERTAKEN_BY_SYNC (60 * SIM_MS)

static sim_time overtaken_within(const struct line *l)
{
    return strncmp(l->object, "pod/", 4) == 0 ? OVERTAKEN : OVERTAKEN_BY_SYNC;
}

/* How many lines go from `at` on when the value of the first is left out: 0 = it stands too long, 2 = what follows
 * it is what was before. */
static uint32_t overtaken(const struct line *const *items, uint32_t count, uint32_t at)
{
    if (items[at]->event || at + 1 >= count || items[at + 1]->t - items[at]->t > overtaken_within(items[at]))
        return 0;
    const char *before = at > 0 ? value_text(items[at - 1]) : "(none)";
    return strcmp(before, value_text(items[at + 1])) == 0 ? 2 : 1;
}

struct match {
    struct arena *arena;
    const struct track *track;
    sim_time end;
    tolerance_fn *tolerance;
    const void *ctx;
    bool *hopeless; /* [recorded][run]: the rest from here on does not agree */
};

static bool rest_agrees(const struct match *m, uint32_t i, uint32_t k);

static bool agrees_without(const struct match *m, uint32_t i, uint32_t k)
{
    const struct track *t = m->track;
    uint32_t n = k < t->run.count ? overtaken(t->run.items, t->run.count, k) : 0;
    if (n && rest_agrees(m, i, k + n))
        return true;
    n = i < t->recorded.count ? overtaken(t->recorded.items, t->recorded.count, i) : 0;
    return n && rest_agrees(m, i + n, k);
}

/* Do the recorded lines from i on and those of the run from k on agree, but for values that were overtaken? */
static bool rest_agrees(const struct match *m, uint32_t i, uint32_t k)
{
    const struct track *t = m->track;
    const struct line *recorded = i < t->recorded.count ? t->recorded.items[i] : NULL;
    const struct line *run = k < t->run.count ? t->run.items[k] : NULL;
    bool *hopeless = &m->hopeless[(size_t)i * (t->run.count + 1) + k];
    if (!recorded && !run)
        return true;
    if (*hopeless)
        return false;
    sim_time worst = 0, allowed = m->tolerance(m->ctx, recorded ? recorded : run);
    if (!recorded && run->t + allowed >= m->end)
        return true;
    bool same = !difference(m->arena, recorded, run, allowed, &worst) && rest_agrees(m, i + 1, k + 1);
    *hopeless = !same && !agrees_without(m, i, k);
    return !*hopeless;
}

static bool agrees_but_for_overtaken(struct arena *a, const struct track *t, sim_time end, tolerance_fn *tolerance,
                                     const void *ctx)
{
    struct match m = {a, t, end, tolerance, ctx, NULL};
    m.hopeless = arena_array(a, bool, (size_t)(t->recorded.count + 1) * (t->run.count + 1));
    return rest_agrees(&m, 0, 0);
}

/* False: they agree. */
static bool first_difference(struct arena *a, const struct track *t, sim_time end, tolerance_fn *tolerance,
                             const void *ctx, sim_time *worst, struct deviation *ret)
{
    for (uint32_t i = 0; i < t->recorded.count || i < t->run.count; i++) {
        const struct line *recorded = i < t->recorded.count ? t->recorded.items[i] : NULL;
        const struct line *run = i < t->run.count ? t->run.items[i] : NULL;
        sim_time allowed = tolerance(ctx, recorded ? recorded : run);
        if (!recorded && run->t + allowed >= end) /* it came after the recorder was stopped */
            return false;
        const char *text = difference(a, recorded, run, allowed, worst);
        if (text) {
            *ret = (struct deviation){recorded ? recorded->t : run->t, t->object, t->what, text};
            return true;
        }
    }
    return false;
}

void compare_lines(struct arena *a, const struct lines *recorded, const struct lines *run, sim_time end,
                   tolerance_fn *tolerance, const void *ctx, struct comparison *ret)
{
    struct tracks tracks = {0};
    sort_into_tracks(a, recorded, run, &tracks);
    struct deviation *all = arena_array(a, struct deviation, tracks.count);
    *ret = (struct comparison){.lines = recorded->count};
    for (uint32_t i = 0; i < tracks.count; i++) {
        struct deviation d;
        if (!first_difference(a, &tracks.items[i], end, tolerance, ctx, &ret->worst, &d) ||
            agrees_but_for_overtaken(a, &tracks.items[i], end, tolerance, ctx))
            continue;
        all[ret->deviating++] = d;
        if (ret->deviating == 1 || d.t < ret->first.t)
            ret->first = d;
    }
    ret->all.items = all;
    ret->all.count = ret->deviating;
}
