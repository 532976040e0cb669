/* derive_writes.c - when statuses were written, and as of when.
 *
 * When is when they were seen. A node has one writer; it writes batches, each status as it was when its batch began.
 * Where it served several pods of the recording without a pause, a batch began at the end of the one before it. Which
 * write was the first of a batch follows from what it shows: no pod is in one batch twice; what had not happened when
 * the batch began is not in it; what had been noticed by then is.
 */
#include "tests/conformance/derive.h"

#include <stdlib.h>

#define PAUSE (200 * SIM_MS) /* between two writes of a writer that has enough to do */

/* What made a write necessary may be on record: the end of the pod's last call, when nothing else of the pod was seen
 * since. Otherwise it is taken not to have been longer ago than the node's one writer takes on a busy node. */
static sim_time necessary_within(const struct recording *r, const struct line *write)
{
    enum { USUAL = 180 * SIM_MS, LONGEST = 400 * SIM_MS, MARGIN = 10 * SIM_MS };
    sim_time since = SIM_NEVER;
    for (uint32_t i = 0; i < r->calls.count; i++) {
        const struct recorded_call *c = &r->calls.items[i];
        sim_time end = c->t + c->took;
        bool tells = is(c->call, "ExecSync") || is(c->call, "StartContainer") || is(c->call, "StopContainer") ||
                     is(c->call, "StopPodSandbox");
        if (tells && is(c->pod, write->object + 4) && end < write->t && (since == SIM_NEVER || end > since))
            since = end;
    }
    for (uint32_t i = 0; i < r->lines.count; i++)
        if (r->lines.items[i].t > since && r->lines.items[i].t < write->t &&
            is(r->lines.items[i].object, write->object))
            return USUAL;
    sim_time within = since == SIM_NEVER ? SIM_NEVER : write->t - since + MARGIN;
    return within > USUAL && within < LONGEST ? within : USUAL;
}

/* ---- batches ---- */

struct write {
    const char *pod, *node;
    sim_time at;
    sim_time since; /* what it shows had happened then; SIM_NEVER */
    sim_time until; /* before then: what it does not show was noticed then; SIM_NEVER */
    sim_time batch; /* began then; SIM_NEVER: unknown */
};

static const char *node_of(const struct recording *r, const char *pod)
{
    for (uint32_t i = 0; i < r->lines.count; i++)
        if (is(r->lines.items[i].what, "spec.nodeName") && is(r->lines.items[i].object + 4, pod))
            return r->lines.items[i].to;
    return NULL;
}

/* The end of the pod's first call of that kind; SIM_NEVER. */
static sim_time done(const struct recording *r, const char *pod, const char *call)
{
    for (uint32_t i = 0; i < r->calls.count; i++)
        if (is(r->calls.items[i].call, call) && is(r->calls.items[i].pod, pod))
            return r->calls.items[i].t + r->calls.items[i].took;
    return SIM_NEVER;
}

/* What of the pod was shown by `at`. */
static bool shown(const struct recording *r, const char *pod, sim_time at, const char *path_end, const char *value)
{
    size_t n = strlen(path_end);
    for (uint32_t i = 0; i < r->lines.count && r->lines.items[i].t <= at; i++) {
        const struct line *l = &r->lines.items[i];
        size_t len = strlen(l->what);
        if (!l->event && is(l->object + 4, pod) && begins(l->what, "status.") && len > n &&
            is(l->what + len - n, path_end) && is(l->to, value))
            return true;
    }
    return false;
}

/* A readiness run comes right after the status that shows the container running; its result is the next status. */
static void date(const struct recording *r, struct write *w)
{
    const sim_time notice = 5 * SIM_MS;
    const struct {
        const char *path_end, *value;
        sim_time happened, noticed;
    } facts[] = {
        {"PodReadyToStartContainers.status", "True", done(r, w->pod, "RunPodSandbox"),
         r->minor >= 36 ? done(r, w->pod, "RunPodSandbox") : SIM_NEVER},
        {".state", "running", done(r, w->pod, "StartContainer"), done(r, w->pod, "ExecSync")},
        {".ready", "true", done(r, w->pod, "ExecSync"), done(r, w->pod, "ExecSync")},
    };
    for (size_t i = 0; i < ARRAY_LEN(facts); i++) {
        bool shows = shown(r, w->pod, w->at, facts[i].path_end, facts[i].value);
        if (shows && facts[i].happened != SIM_NEVER && (w->since == SIM_NEVER || facts[i].happened > w->since))
            w->since = facts[i].happened;
        if (!shows && facts[i].noticed != SIM_NEVER &&
            (w->until == SIM_NEVER || facts[i].noticed + notice < w->until) &&
            shown(r, w->pod, SIM_TIME_MAX, facts[i].path_end, facts[i].value))
            w->until = facts[i].noticed + notice;
    }
}

/* The writes of the node so far in the batch of writes[from]; is the pod among them? */
static bool in_batch(const struct write *writes, uint32_t from, uint32_t at)
{
    for (uint32_t i = from; i < at; i++)
        if (is(writes[i].pod, writes[at].pod))
            return true;
    return false;
}

/* Of one node, in order of time. */
static void find_batches(struct write *writes, uint32_t count)
{
    uint32_t first = 0;
    for (uint32_t i = 1; i < count; i++) {
        sim_time before = writes[i - 1].at, began = writes[first].batch;
        bool pause = writes[i].at - before > PAUSE;
        bool later = in_batch(writes, first, i) || (began != SIM_NEVER && writes[i].since > began) ||
                     (began == SIM_NEVER && writes[i].since > writes[first].at);
        bool earlier = writes[i].until != SIM_NEVER && writes[i].until < before;
        if (pause || (later && !earlier) || in_batch(writes, first, i)) {
            first = i;
            writes[i].batch = pause ? SIM_NEVER : before;
        } else {
            writes[i].batch = began;
        }
    }
}

/* By the kubelet. */
static bool is_write(const struct recording *r, const struct line *l)
{
    bool own = begins(l->what, "status.") && !begins(l->what, "status.conditions.PodScheduled");
    return begins(l->object, "pod/") && !l->event && !created_then(r, l) &&
           (own || is(l->what, "metadata.deletionGracePeriodSeconds"));
}

static uint32_t writes_of_node(const struct recording *r, const char *node, struct write *ret)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < r->lines.count; i++) {
        const struct line *l = &r->lines.items[i];
        if (!is_write(r, l) || !is(node_of(r, l->object + 4), node) ||
            (n > 0 && ret[n - 1].at == l->t && is(ret[n - 1].pod, l->object + 4)))
            continue;
        ret[n] = (struct write){l->object + 4, node, l->t, SIM_NEVER, SIM_NEVER, SIM_NEVER};
        date(r, &ret[n++]);
    }
    return n;
}

static bool several_pods(const struct write *writes, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++)
        if (!is(writes[i].pod, writes[0].pod))
            return true;
    return false;
}

/* Writes of the kubelet are seen a moment after they are made. */
void derive_writes(struct arena *a, const struct recording *r, sim_time shift, struct playback *p)
{
    struct playback_instant *items = arena_array(a, struct playback_instant, r->lines.count);
    struct write *writes = arena_array(a, struct write, r->lines.count);
    for (uint32_t i = 0; i < r->lines.count; i++)
        if (is_write(r, &r->lines.items[i]))
            items[p->write_count++] = (struct playback_instant){.pod = r->lines.items[i].object + 4,
                                                                .at = r->lines.items[i].t + shift - SIM_MS,
                                                                .within = necessary_within(r, &r->lines.items[i]),
                                                                .batch = SIM_NEVER};
    for (uint32_t i = 0; i < r->lines.count; i++) {
        const struct line *l = &r->lines.items[i];
        uint32_t n = is(l->what, "spec.nodeName") && begins(l->object, "pod/") ? writes_of_node(r, l->to, writes) : 0;
        if (!several_pods(writes, n))
            continue;
        find_batches(writes, n);
        for (uint32_t k = 0; k < n; k++)
            for (uint32_t m = 0; m < p->write_count; m++)
                if (is(items[m].pod, writes[k].pod) && items[m].at == writes[k].at + shift - SIM_MS &&
                    writes[k].batch != SIM_NEVER) {
                    items[m].batch = writes[k].batch + shift - SIM_MS;
                    items[m].within = SIM_SECOND;
                }
    }
    p->writes = items;
}
