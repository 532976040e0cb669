/* verify_event.c - Events tell of things that are in the trace, as often as they happened, when they happened.
 *
 * The n-th version of an Event's count belongs to the n-th happening: its lastTimestamp is that one's second.
 * Counts of Events that were folded together ("combined from similar events") are shared, and not checked.
 */
#include <stdlib.h>
#include <string.h>

#include "report/verify_private.h"

/* k8s client-go tools/record/events_cache.go defaultAggregateMaxEvents. */
enum { FOLDED_FROM = 10 };

static bool told_before(const struct verifier *v, const struct vobject *o, const char *begin, const char *end)
{
    for (uint32_t i = o->happened; i;) {
        const struct vhappening *h = pool_at(&v->happenings, i - 1);
        i = h->next;
        if (h->begin && strcmp(h->begin, begin) == 0 && strcmp(h->end, end) == 0)
            return true;
    }
    return false;
}

void verify_happened(struct verifier *v, uint32_t pod, const char *reason, const char *container, const char *begin,
                     const char *end)
{
    struct vobject *o = verify_object(v, pod);
    if (begin && o->unhealthy < FOLDED_FROM)
        o->unhealthy += !told_before(v, o, begin, end);
    uint32_t i = pool_add(&v->happenings);
    *(struct vhappening *)pool_at(&v->happenings, i) = (struct vhappening){.reason = reason,
                                                                           .container = container,
                                                                           .begin = begin,
                                                                           .end = end,
                                                                           .at = v->record->at,
                                                                           .era = o->kubelet_stops};
    if (o->happened_last)
        ((struct vhappening *)pool_at(&v->happenings, o->happened_last - 1))->next = i + 1;
    else
        o->happened = i + 1;
    o->happened_last = i + 1;
}

/* "spec.containers{web}", "spec.initContainers{web}". */
static bool names_container(const char *path, const char *container)
{
    const char *brace = path ? strchr(path, '{') : NULL;
    size_t n = strlen(container);
    return brace && strncmp(brace + 1, container, n) == 0 && brace[1 + n] == '}';
}

/* Events keep 1024 characters: the end of what is longer is lost. */
static bool tells(const struct k8s_event *e, const struct vhappening *h)
{
    if (strcmp(h->reason, e->reason) != 0 || !names_container(e->involved_object.field_path, h->container))
        return false;
    if (!h->begin)
        return true;
    /* What stands between depends on the version, and is nothing but for probes that errored. */
    static const char *const between[] = {"", ": ",
                                          " and resulted in unknown state: ", " and resulted in failure state: "};
    size_t begin = strlen(h->begin);
    for (size_t i = 0; strncmp(e->message, h->begin, begin) == 0 && i < ARRAY_LEN(between); i++) {
        size_t n = strlen(between[i]);
        const char *rest = e->message + begin + n;
        if (strncmp(e->message + begin, between[i], n) == 0 && strncmp(rest, h->end, strlen(rest)) == 0 &&
            (strlen(rest) == strlen(h->end) || strlen(e->message) >= 1024))
            return true;
    }
    return false;
}

/* What verify_happened() is told of; BackOff also stands for image pulls, which are Normal. */
static bool is_told(const struct verifier *v, const struct k8s_event *e)
{
    if (v->minor < 26 && strstr(e->reason, "Hook"))
        return false;
    static const char *const told[] = {
        "Created", "Started", "BackOff", "Unhealthy", "ProbeWarning", "FailedPreStopHook", "FailedPostStartHook"};
    for (size_t i = 0; i < ARRAY_LEN(told); i++)
        if (strcmp(told[i], e->reason) == 0)
            return strcmp(e->reason, "BackOff") != 0 || strcmp(e->type, "Warning") == 0;
    return false;
}

/* A kubelet that is started again begins to count anew: the era of the first happening that this Event tells of. */
static uint32_t era_of(struct verifier *v, const struct k8s_event *e, const struct vobject *about)
{
    for (uint32_t i = about->happened; i;) {
        const struct vhappening *h = pool_at(&v->happenings, i - 1);
        i = h->next;
        if (tells(e, h) && sim_time_floor(h->at, SIM_SECOND) == e->first_timestamp)
            return h->era;
    }
    return 0;
}

static void check_count(struct verifier *v, const struct k8s_event *e, const struct vobject *about)
{
    if (about->kubelet_gone && e->first_timestamp == sim_time_floor(about->kubelet_gone, SIM_SECOND))
        return; /* told by the kubelet that stopped or by the one that started? */
    uint32_t era = era_of(v, e, about);
    sim_time first = SIM_NEVER, last = SIM_NEVER;
    int64_t n = 0;
    for (uint32_t i = about->happened; i && n < e->count;) {
        const struct vhappening *h = pool_at(&v->happenings, i - 1);
        i = h->next;
        if (h->era != era || !tells(e, h))
            continue;
        n++;
        last = sim_time_floor(h->at, SIM_SECOND);
        first = first == SIM_NEVER ? last : first;
    }
    VERIFY(v, EVENT_COUNT, n == e->count, "%s of %s (%s) says %" PRId64 ", it was %" PRId64, e->reason,
           e->involved_object.name, e->message, e->count, n);
    VERIFY(v, EVENT_COUNT, n != e->count || (first == e->first_timestamp && last == e->last_timestamp),
           "%s of %s (%s) from %" PRId64 " to %" PRId64 " s, it was %" PRId64 " to %" PRId64, e->reason,
           e->involved_object.name, e->message, e->first_timestamp / SIM_SECOND, e->last_timestamp / SIM_SECOND,
           first / SIM_SECOND, last / SIM_SECOND);
}

static struct vobject *about_of(struct verifier *v, const struct k8s_event *e)
{
    for (uint32_t i = v->objects.count; i-- > 0;) {
        struct vobject *o = pool_at(&v->objects, i);
        if (o->latest && text_same(o->latest->meta.uid, e->involved_object.uid))
            return o;
    }
    return NULL;
}

void verify_event_write(struct verifier *v, const struct k8s_event *e)
{
    const struct k8s_event *before = (const struct k8s_event *)e->object.prev;
    VERIFY(v, EVENT_COUNT, !before || e->count > before->count, "%s of %s: from %" PRId64 " to %" PRId64, e->reason,
           e->involved_object.name, before ? before->count : 0, e->count);
    if (e->first_timestamp != SIM_NEVER)
        VERIFY(v, EVENT_COUNT, e->first_timestamp <= e->last_timestamp && e->last_timestamp <= v->record->at,
               "%s of %s: times", e->reason, e->involved_object.name);
    struct vobject *about = about_of(v, e);
    if (!about || about->latest->kind != KIND_POD)
        return;
    bool folded = strcmp(e->reason, "Unhealthy") == 0 && about->unhealthy >= FOLDED_FROM;
    if (!folded && is_told(v, e))
        check_count(v, e, about);
}
