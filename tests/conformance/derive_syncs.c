/* derive_syncs.c - whether the sync of a Job that came at the moment at which a pod's end was written knew of it.
 *
 * A change of a pod wakes its Job a second later; the phase of the pod follows its container's end a second later as
 * well, by the next relist. So both often fall in the same few milliseconds, and when the sync comes too early the next
 * one is a second off. What the Job counts tells: at once, or not.
 */
#include "tests/conformance/derive.h"

#define AT_ONCE (100 * SIM_MS)

static bool has_ended(const struct line *l)
{
    return begins(l->object, "pod/") && is(l->what, "status.phase") && (is(l->to, "Succeeded") || is(l->to, "Failed"));
}

/* "j" for "pod/j-5mf6k" and "pod/j-0-9d8fk", if there is such a Job; or NULL. */
static const char *job_of(const struct recording *r, const struct line *pod)
{
    for (uint32_t i = 0; i < r->lines.count; i++) {
        const struct line *l = &r->lines.items[i];
        const char *name = begins(l->object, "job/") ? l->object + strlen("job/") : NULL;
        size_t n = name ? strlen(name) : 0;
        if (name && begins(pod->object + strlen("pod/"), name) && pod->object[strlen("pod/") + n] == '-')
            return name;
    }
    return NULL;
}

static bool counted_at_once(const struct recording *r, const char *job, sim_time t)
{
    static const char *const counts[] = {"status.active", "status.succeeded", "status.failed",
                                         "status.uncountedTerminatedPods"};
    for (uint32_t i = 0; i < r->lines.count; i++) {
        const struct line *l = &r->lines.items[i];
        bool soon = l->t >= t && l->t < t + AT_ONCE && begins(l->object, "job/") && is(l->object + 4, job);
        for (size_t k = 0; soon && k < ARRAY_LEN(counts); k++)
            if (is(l->what, counts[k]))
                return true;
    }
    return false;
}

void derive_syncs(struct arena *a, const struct recording *r, sim_time shift, struct playback *p)
{
    struct playback_side *sides = arena_array(a, struct playback_side, r->lines.count);
    for (uint32_t i = 0; i < r->lines.count; i++) {
        const struct line *l = &r->lines.items[i];
        const char *job = has_ended(l) ? job_of(r, l) : NULL;
        if (job)
            sides[p->side_count++] =
                (struct playback_side){"job", job, l->t + shift - SIM_MS, counted_at_once(r, job, l->t)};
    }
    p->sides = sides;
}
