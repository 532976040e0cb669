/* derive.c - what a recorded run drew: call latencies, ticker phases, instants of retries.
 *
 * Latencies are in runtime.jsonl as they are. The tickers are not recorded; they are where things happen that
 * only they make happen:
 *   sync tick   a second exactly, no drift: starts after a crash back-off, repeated pulls and failures, the
 *               deadline. The phase that most of these share.
 *   relist      a second and what the last relist took, so it drifts, unevenly on a busy machine: whenever an
 *               exit (before 1.36 also a start) was seen, by a dead container's removal or by the status, a
 *               relist had just been. Between those instants they are taken to be evenly spaced.
 * A retry's random factor is whatever makes it fall due before the tick at which the pod was seen to sync.
 */
#include "tests/conformance/derive.h"

#include <stdlib.h>
#include <string.h>

static bool is(const char *a, const char *b) { return a && b && strcmp(a, b) == 0; }
static bool begins(const char *s, const char *head) { return strncmp(s, head, strlen(head)) == 0; }

#define USUAL_PERIOD (1004 * SIM_MS) /* of relists, where nothing tells it */

struct instants {
    sim_time *items;
    uint32_t count;
};

static int by_time(const void *a, const void *b)
{
    sim_time x = *(const sim_time *)a, y = *(const sim_time *)b;
    return x < y ? -1 : x > y;
}

static void sort(struct instants *s) { qsort(s->items, s->count, sizeof *s->items, by_time); }

/* ---- latencies ---- */

static void add_cost(struct playback *p, struct playback_cost *costs, enum hop hop, const struct recorded_call *c,
                     uint32_t attempt, sim_time cost)
{
    costs[p->cost_count++] = (struct playback_cost){hop, {c->pod, c->container, attempt}, cost};
    p->costs = costs;
}

/* From the creation to the start that follows it, what the kubelet does in between included. */
static sim_time creation_cost(const struct recording *r, uint32_t i)
{
    const struct recorded_call *created = &r->calls.items[i];
    for (uint32_t k = i + 1; k < r->calls.count; k++) {
        const struct recorded_call *c = &r->calls.items[k];
        if (is(c->call, "StartContainer") && is(c->pod, created->pod) && is(c->container, created->container) &&
            c->attempt == created->attempt)
            return c->t - created->t;
    }
    return created->took;
}

static void derive_costs(struct arena *a, const struct recording *r, struct playback *p)
{
    struct playback_cost *costs = arena_array(a, struct playback_cost, r->calls.count);
    for (uint32_t i = 0; i < r->calls.count; i++) {
        const struct recorded_call *c = &r->calls.items[i];
        uint32_t before = 0; /* sandboxes are not numbered in the recording */
        for (uint32_t k = 0; k < i; k++)
            before += is(r->calls.items[k].call, c->call) && is(r->calls.items[k].pod, c->pod);
        if (is(c->call, "RunPodSandbox"))
            add_cost(p, costs, HOP_SANDBOX_CREATE, c, before, c->took);
        else if (is(c->call, "StopPodSandbox"))
            add_cost(p, costs, HOP_SANDBOX_STOP, c, before, c->took);
        else if (is(c->call, "CreateContainer"))
            add_cost(p, costs, HOP_CONTAINER_CREATE, c, c->attempt, creation_cost(r, i));
        else if (is(c->call, "StartContainer"))
            add_cost(p, costs, HOP_CONTAINER_START, c, c->attempt, c->took);
    }
}

/* What an exec takes beside its program: the quickest of the recording, or 5 ms. */
static sim_time exec_cost(const struct recording *r)
{
    sim_time least = 500 * SIM_MS;
    for (uint32_t i = 0; i < r->calls.count; i++) {
        const struct recorded_call *c = &r->calls.items[i];
        if (is(c->call, "ExecSync") && !c->error && c->took < least)
            least = c->took;
    }
    return least < 500 * SIM_MS ? least : 5 * SIM_MS;
}

/* Pods with volumes wait 0.3 s between their first status and their sandbox; others do not (the recorded
 * cluster mounts no service-account token). */
static sim_time volume_cost(const struct recording *r)
{
    sim_time status = SIM_NEVER;
    for (uint32_t i = 0; i < r->lines.count && status == SIM_NEVER; i++)
        if (begins(r->lines.items[i].what, "status.containerStatuses"))
            status = r->lines.items[i].t;
    for (uint32_t i = 0; i < r->calls.count; i++)
        if (is(r->calls.items[i].call, "RunPodSandbox"))
            return status != SIM_NEVER && r->calls.items[i].t - status > 200 * SIM_MS ? 300 * SIM_MS : 0;
    return 0;
}

/* Hops that nothing in a recording times by itself: the machine was idle and everything local. */
static void derive_hops(const struct recording *r, struct playback *p)
{
    for (int h = 0; h < HOP_COUNT; h++)
        p->hop[h] = SIM_NEVER;
    p->hop[HOP_API_WRITE] = 3 * SIM_MS;
    p->hop[HOP_WATCH_DELIVERY] = 2 * SIM_MS;
    p->hop[HOP_KUBELET_REACTION] = 2 * SIM_MS;
    p->hop[HOP_SCHED_CYCLE] = 2 * SIM_MS;
    p->hop[HOP_CONTROLLER_SYNC] = 2 * SIM_MS;
    p->hop[HOP_UNMOUNT] = 2 * SIM_MS;
    p->hop[HOP_PROBE_NET] = 1 * SIM_MS;
    p->hop[HOP_PROBE_EXEC] = exec_cost(r);
    p->hop[HOP_VOLUME_SETUP] = volume_cost(r);
}

/* ---- the sync tick ---- */

static bool tick_driven(const struct line *l)
{
    return l->event &&
           (strstr(l->what, " BackOff (") || (strstr(l->what, " DeadlineExceeded (") && is(l->to, "1")) ||
            (strstr(l->what, " Pulling (") && !is(l->to, "1")) || (strstr(l->what, " Failed (") && !is(l->to, "1")));
}

/* A tick comes a few milliseconds before what it makes happen. */
static void tick_candidates(struct arena *a, const struct recording *r, sim_time shift, struct instants *s)
{
    s->items = arena_array(a, sim_time, r->lines.count + r->calls.count);
    for (uint32_t i = 0; i < r->lines.count; i++)
        if (tick_driven(&r->lines.items[i]))
            s->items[s->count++] = r->lines.items[i].t + shift - 6 * SIM_MS;
    for (uint32_t i = 0; i < r->calls.count; i++)
        if (is(r->calls.items[i].call, "CreateContainer") && r->calls.items[i].attempt >= 2)
            s->items[s->count++] = r->calls.items[i].t + shift - 3 * SIM_MS;
    sort(s);
}

/* The phase that most candidates share; of those, the one that lags least. */
static void derive_sync_tick(struct arena *a, const struct recording *r, sim_time shift, struct playback *p)
{
    enum { SHARED = 15 * SIM_MS };
    struct instants s = {0};
    tick_candidates(a, r, shift, &s);
    uint32_t best = 0;
    for (uint32_t i = 0; i < s.count; i++) {
        uint32_t votes = 0;
        for (uint32_t k = 0; k < s.count; k++) {
            sim_time later = s.items[k] - s.items[i] - sim_time_floor(s.items[k] - s.items[i], SIM_SECOND);
            votes += later <= 2 * SHARED;
        }
        if (votes > best) {
            best = votes;
            p->sync_tick_phase = s.items[i] - sim_time_floor(s.items[i], SIM_SECOND);
        }
    }
}

/* ---- relists ---- */

/* Something that the runtime did: until when did a relist see it? SIM_NEVER: nothing tells. */
static sim_time seen_at(const struct recording *r, const struct recorded_call *c, sim_time done, const char *state)
{
    sim_time least = done + 1300 * SIM_MS, limit = least;
    for (uint32_t i = 0; i < r->calls.count; i++) {
        const struct recorded_call *o = &r->calls.items[i];
        bool tells = is(o->call, "RemoveContainer") || (is(o->call, "CreateContainer") && is(c->call, "exit"));
        if (tells && is(o->pod, c->pod) && is(o->container, c->container) && o->t > done && o->t - 3 * SIM_MS < least)
            least = o->t - 3 * SIM_MS > done ? o->t - 3 * SIM_MS : done + SIM_MS;
    }
    size_t n = strlen(c->container);
    for (uint32_t i = 0; i < r->lines.count; i++) {
        const struct line *l = &r->lines.items[i];
        const char *name = begins(l->what, "status.initContainerStatuses.") ? l->what + 29
                           : begins(l->what, "status.containerStatuses.")   ? l->what + 25
                                                                            : NULL;
        if (!name || l->t <= done || !begins(l->object, "pod/") || !is(l->object + 4, c->pod) ||
            strncmp(name, c->container, n) != 0)
            continue;
        bool shows = (is(name + n, ".state") && (is(l->to, state) || is(l->to, "terminated"))) ||
                     (is(name + n, ".restartCount") && c->attempt > 0);
        if (shows && l->t - 8 * SIM_MS < least)
            least = l->t - 8 * SIM_MS > done ? l->t - 8 * SIM_MS : done + SIM_MS;
    }
    return least < limit ? least : SIM_NEVER;
}

/* The worker stops a container and sees its end itself. */
static bool being_stopped(const struct recording *r, const struct recorded_call *exit)
{
    for (uint32_t i = 0; i < r->calls.count; i++) {
        const struct recorded_call *c = &r->calls.items[i];
        if (is(c->call, "StopContainer") && is(c->pod, exit->pod) && is(c->container, exit->container) &&
            c->t <= exit->t && c->t + c->took + 5 * SIM_MS >= exit->t)
            return true;
    }
    return false;
}

/* Since 1.36 what a sync did is seen right after it, without a relist of all pods. */
static bool just_started(const struct recording *r, const struct recorded_call *exit)
{
    for (uint32_t i = 0; r->minor >= 36 && i < r->calls.count; i++) {
        const struct recorded_call *c = &r->calls.items[i];
        if (is(c->call, "StartContainer") && is(c->pod, exit->pod) && is(c->container, exit->container) &&
            c->attempt == exit->attempt)
            return exit->t - c->t - c->took < 60 * SIM_MS;
    }
    return false;
}

static bool stopped_before(const struct recording *r, const struct line *l)
{
    for (uint32_t i = 0; i < r->calls.count; i++) {
        const struct recorded_call *c = &r->calls.items[i];
        if (is(c->call, "StopContainer") && is(c->pod, l->object + 4) && c->t + c->took <= l->t &&
            c->t + c->took > l->t - 500 * SIM_MS)
            return true;
    }
    return false;
}

/* A worker goes from one stage to the next when a relist has come after the stage. */
static bool ends_a_stage(const struct recording *r, uint32_t at)
{
    const struct line *l = &r->lines.items[at];
    if (is(l->what, "status.phase"))
        return (is(l->to, "Succeeded") || is(l->to, "Failed")) && !stopped_before(r, l);
    if (strstr(l->what, " DeadlineExceeded ("))
        return is(l->to, "2");
    if (!is(l->what, "metadata.deletionGracePeriodSeconds") || !is(l->to, "0"))
        return false;
    for (uint32_t i = 0; i < at; i++)
        if (is(r->lines.items[i].what, l->what) && is(r->lines.items[i].object, l->object))
            return true;
    return false;
}

static void relist_candidates(struct arena *a, const struct recording *r, sim_time shift, struct instants *s)
{
    s->items = arena_array(a, sim_time, 2 * r->calls.count + r->lines.count);
    for (uint32_t i = 0; i < r->lines.count; i++)
        if (ends_a_stage(r, i))
            s->items[s->count++] = r->lines.items[i].t + shift - 8 * SIM_MS;
    for (uint32_t i = 0; i < r->calls.count; i++) {
        const struct recorded_call *c = &r->calls.items[i];
        sim_time seen = SIM_NEVER;
        if (is(c->call, "exit") && !being_stopped(r, c)) {
            seen = seen_at(r, c, c->t, "terminated");
            if (seen != SIM_NEVER && seen - c->t < 60 * SIM_MS && just_started(r, c))
                seen = SIM_NEVER;
        } else if (is(c->call, "StartContainer") && !c->error && r->minor < 36) {
            seen = seen_at(r, c, c->t + c->took, "running");
        }
        if (seen == SIM_NEVER)
            continue;
        s->items[s->count++] = seen + shift;
        /* The relist before did not see it. */
        sim_time unseen = seen - USUAL_PERIOD, done = is(c->call, "exit") ? c->t : c->t + c->took;
        s->items[s->count++] = (unseen < done - 15 * SIM_MS ? unseen : done - 15 * SIM_MS) + shift;
    }
    sort(s);
}

/* Relists are a second and a little apart. */
static bool possible(sim_time before, sim_time t)
{
    sim_time gap = t - before, n = gap / SIM_SECOND;
    return gap > 30 * SIM_SECOND || (n > 0 && gap - n * SIM_SECOND <= n * 20 * SIM_MS + 30 * SIM_MS);
}

/* The longest series of candidates of which each is possible after the one before. */
static void derive_relists(struct arena *a, const struct recording *r, sim_time shift, struct playback *p)
{
    struct instants s = {0};
    relist_candidates(a, r, shift, &s);
    uint32_t *length = arena_array(a, uint32_t, s.count), *next = arena_array(a, uint32_t, s.count), first = 0;
    for (uint32_t i = s.count; i-- > 0;) {
        length[i] = 1;
        next[i] = s.count;
        for (uint32_t k = s.count; k-- > i + 1;) {
            if (possible(s.items[i], s.items[k]) && length[k] + 1 >= length[i]) {
                length[i] = length[k] + 1;
                next[i] = k;
            }
        }
        if (length[i] >= length[first])
            first = i;
    }
    sim_time *relists = arena_array(a, sim_time, s.count);
    p->relists = relists;
    p->relist_period = USUAL_PERIOD;
    for (uint32_t i = first; i < s.count; i = next[i])
        relists[p->relist_count++] = s.items[i];
}

/* ---- retries ---- */

static void add_retry(struct playback *p, struct playback_retry *retries, const char *pod, sim_time at)
{
    retries[p->retry_count++] = (struct playback_retry){pod, at};
    p->retries = retries;
}

static int by_instant(const void *a, const void *b)
{
    const struct playback_retry *x = a, *y = b;
    return x->at < y->at ? -1 : x->at > y->at ? 1 : strcmp(x->pod, y->pod);
}

static bool by_worker(const struct line *l)
{
    return (l->event && strstr(l->what, "(kubelet") && !strstr(l->what, " Unhealthy (") &&
            !strstr(l->what, " FailedMount (")) ||
           begins(l->what, "status.");
}

static void derive_retries(struct arena *a, const struct recording *r, sim_time shift, struct playback *p)
{
    if (p->sync_tick_phase == SIM_NEVER)
        return;
    struct playback_retry *retries = arena_array(a, struct playback_retry, r->lines.count + r->calls.count);
    for (uint32_t i = 0; i < r->lines.count; i++) {
        const struct line *l = &r->lines.items[i];
        sim_time t = l->t + shift, tick = sim_time_floor(t - p->sync_tick_phase, SIM_SECOND) + p->sync_tick_phase;
        if (begins(l->object, "pod/") && by_worker(l) && t - tick < 60 * SIM_MS)
            add_retry(p, retries, l->object + 4, tick);
    }
    for (uint32_t i = 0; i < r->calls.count; i++) {
        const struct recorded_call *c = &r->calls.items[i];
        sim_time t = c->t + shift, tick = sim_time_floor(t - p->sync_tick_phase, SIM_SECOND) + p->sync_tick_phase;
        if (is(c->call, "CreateContainer") && t - tick < 60 * SIM_MS)
            add_retry(p, retries, c->pod, tick);
    }
    qsort(retries, p->retry_count, sizeof *retries, by_instant);
}

void derive_playback(struct arena *a, const struct recording *r, sim_time shift, struct playback *p)
{
    *p = (struct playback){.sync_tick_phase = SIM_NEVER};
    derive_hops(r, p);
    derive_costs(a, r, p);
    derive_sync_tick(a, r, shift, p);
    derive_relists(a, r, shift, p);
    derive_retries(a, r, shift, p);
}
