/* derive_names.c - how what controllers made was called, and which nodes pods went to.
 *
 * Names end in characters that were drawn. Of pods that are equally dispensable a ReplicaSet deletes the one with the
 * smaller uid, which was drawn as well: those that were deleted earlier get the smaller ones. Where a rule tells the
 * pods apart, the uid has no say, so that the rules are still put to the test.
 */
#include "tests/conformance/derive.h"

#include <stdlib.h>

static const char *name_of(const struct line *l) { return strchr(l->object, '/') + 1; }

static bool made(const struct line *l)
{
    bool kind = begins(l->object, "pod/") || begins(l->object, "replicaset/");
    return kind && !l->event && !*l->what && is(l->to, "present");
}

static sim_time deleted_at(const struct recording *r, const char *object)
{
    for (uint32_t i = 0; i < r->lines.count; i++)
        if (is(r->lines.items[i].object, object) && is(r->lines.items[i].what, "metadata.deletionGracePeriodSeconds"))
            return r->lines.items[i].t;
    return SIM_TIME_MAX;
}

/* How many were deleted before it. */
static uint32_t rank_of(const struct recording *r, uint32_t at)
{
    sim_time mine = deleted_at(r, r->lines.items[at].object);
    uint32_t rank = 0;
    for (uint32_t i = 0; i < r->lines.count; i++) {
        if (!made(&r->lines.items[i]) || i == at)
            continue;
        sim_time other = deleted_at(r, r->lines.items[i].object);
        rank += other < mine || (other == mine && i < at);
    }
    return rank;
}

/* A moment after it happened. */
static sim_time seen(const struct line *l, sim_time shift)
{
    return shift == SIM_NEVER ? SIM_NEVER : l->t + shift - SIM_MS;
}

/* The pods of the manifest are bound as they are: they are created at the recorded instants. */
static bool given(struct arena *a, const struct recording *r, const struct line *l)
{
    return strstr(r->manifest, arena_printf(a, "\n  name: %s\n", name_of(l))) != NULL;
}

void derive_placing(struct arena *a, const struct recording *r, struct playback *p)
{
    *p = (struct playback){.sync_tick_phase = SIM_NEVER, .kubelet_uptime = SIM_NEVER, .pod_gc = SIM_NEVER};
    for (int h = 0; h < HOP_COUNT; h++)
        p->hop[h] = SIM_NEVER;
    derive_names(a, r, SIM_NEVER, p);
}

/* A name is drawn for what is refused, too: only the Event tells it. */
static const char refusal[] = "Error creating: pods \"";

static struct playback_name refused(struct arena *a, const struct line *l, sim_time at)
{
    const char *text = strstr(l->what, refusal) + strlen(refusal);
    const char *name = arena_strndup(a, text, strcspn(text, "\""));
    size_t base = (size_t)(strrchr(name, '-') + 1 - name);
    return (struct playback_name){"pod", arena_strndup(a, name, base), name, 0, at};
}

/* The hash of a DaemonSet's revision is known from its pods: it is that of the template (util/hash DeepHashObject). */
static const char hash_label[] = "controller-revision-hash=";

static bool is_of_daemon_set(const struct line *l)
{
    return begins(l->object, "pod/") && is(l->what, "metadata.labels") && l->to && strstr(l->to, hash_label) &&
           strstr(l->to, "pod-template-generation=");
}

static void add_revision(struct arena *a, const struct line *pod, struct playback_name *names, uint32_t *count)
{
    const char *label = strstr(pod->to, hash_label) + strlen(hash_label), *dash = strrchr(pod->object, '-');
    if (!dash)
        return;
    const char *base = arena_strndup(a, name_of(pod), (size_t)(dash + 1 - name_of(pod)));
    const char *name = arena_printf(a, "%s%.*s", base, (int)strcspn(label, ","), label);
    for (uint32_t i = 0; i < *count; i++)
        if (is(names[i].kind, "controllerrevision") && is(names[i].name, name))
            return;
    names[(*count)++] = (struct playback_name){"controllerrevision", base, name, 0, SIM_NEVER};
}

void derive_names(struct arena *a, const struct recording *r, sim_time shift, struct playback *p)
{
    struct playback_name *names = arena_array(a, struct playback_name, r->lines.count);
    struct playback_place *places = arena_array(a, struct playback_place, r->lines.count);
    for (uint32_t i = 0; i < r->lines.count; i++) {
        const struct line *l = &r->lines.items[i];
        const char *dash = strrchr(l->object, '-');
        if (begins(l->object, "pod/") && is(l->what, "spec.nodeName"))
            places[p->place_count++] =
                (struct playback_place){name_of(l), l->to, given(a, r, l) ? SIM_NEVER : seen(l, shift)};
        if (l->event && strstr(l->what, refusal))
            names[p->name_count++] = refused(a, l, seen(l, shift));
        if (is_of_daemon_set(l))
            add_revision(a, l, names, &p->name_count);
        if (!made(l) || !dash)
            continue;
        const char *kind = arena_strndup(a, l->object, strcspn(l->object, "/"));
        const char *base = arena_strndup(a, name_of(l), (size_t)(dash + 1 - name_of(l)));
        names[p->name_count++] = (struct playback_name){kind, base, name_of(l), rank_of(r, i), seen(l, shift)};
    }
    p->names = names;
    p->places = places;
}
