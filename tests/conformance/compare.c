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
        if (!first_difference(a, &tracks.items[i], end, tolerance, ctx, &ret->worst, &d))
            continue;
        all[ret->deviating++] = d;
        if (ret->deviating == 1 || d.t < ret->first.t)
            ret->first = d;
    }
    ret->all.items = all;
    ret->all.count = ret->deviating;
}
