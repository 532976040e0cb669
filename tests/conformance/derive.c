/* derive.c - what a recorded run drew: call latencies, ticker phases, instants of retries.
 *
 * Latencies are in runtime.jsonl as they are. The tickers are not recorded; they are where things happen that
 * only they make happen:
 *   sync tick   a second exactly, no drift: starts after a crash back-off, repeated pulls and failures, the
 *               deadline. The phase that most of these share.
 *   relist      derive_relists.c
 * A retry's random factor is whatever makes it fall due before the tick at which the pod was seen to sync.
 */
#include "tests/conformance/derive.h"
#include "tests/conformance/replay.h"

#include <stdlib.h>
#include <string.h>

#define ONE_GO (100 * SIM_MS) /* what a worker does in one go is closer together */

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
    costs[p->cost_count++] = (struct playback_cost){hop, {c->pod, c->container, attempt, SIM_NEVER}, cost};
    p->costs = costs;
}

/* The relist or sync tick at which a sync began that did something at t; t: none tells. */
static sim_time sync_began(const struct playback *p, sim_time t)
{
    sim_time tick = p->sync_tick_phase, latest = t - ONE_GO;
    for (uint32_t i = 0; i < p->relist_count && p->relists[i] <= t; i++)
        latest = p->relists[i] > latest ? p->relists[i] : latest;
    if (tick != SIM_NEVER && sim_time_floor(t - tick, SIM_SECOND) + tick > latest)
        latest = sim_time_floor(t - tick, SIM_SECOND) + tick;
    return latest > t - ONE_GO ? latest : t;
}

/* From the end of what the worker did before, or its own beginning, to the start that follows: what the kubelet
 * does in between is part of it. */
static sim_time creation_cost(const struct recording *r, sim_time shift, const struct playback *p, uint32_t i)
{
    const struct recorded_call *created = &r->calls.items[i];
    sim_time from = SIM_NEVER, to = created->t + created->took;
    for (uint32_t k = 0; k < r->calls.count; k++) {
        const struct recorded_call *c = &r->calls.items[k];
        sim_time end = c->t + c->took;
        if (!is(c->pod, created->pod))
            continue;
        bool before =
            k < i && (is(c->call, "RunPodSandbox") || is(c->call, "StartContainer") || is(c->call, "StopContainer"));
        if (before && end <= created->t && created->t - end < ONE_GO)
            from = end;
        if (k > i && is(c->call, "StartContainer") && is(c->container, created->container) &&
            c->attempt == created->attempt)
            to = c->t;
    }
    return to - (from != SIM_NEVER ? from : sync_began(p, created->t + shift) - shift);
}

/* From the pod's binding to its sandbox. */
static void add_reaction(const struct recording *r, struct playback *p, struct playback_cost *costs,
                         const struct recorded_call *sandbox)
{
    for (uint32_t i = 0; i < r->lines.count; i++) {
        const struct line *l = &r->lines.items[i];
        if (!is(l->what, "spec.nodeName") || !is(l->object + 4, sandbox->pod))
            continue;
        sim_time cost = sandbox->t - l->t - p->hop[HOP_WATCH_DELIVERY];
        if (cost >= p->hop[HOP_VOLUME_SETUP])
            cost -= p->hop[HOP_VOLUME_SETUP];
        if (cost > 0 && cost < 250 * SIM_MS)
            costs[p->cost_count++] =
                (struct playback_cost){HOP_KUBELET_REACTION, {sandbox->pod, NULL, 0, SIM_NEVER}, cost};
    }
}

/* A pull stood in a queue with those of other scenarios, too: from the Event before it to the one after. */
static void add_pulls(struct arena *a, const struct recording *r, struct playback *p, struct playback_cost *costs)
{
    for (uint32_t i = 0; i < r->lines.count; i++) {
        const struct line *done = &r->lines.items[i];
        const char *field = strstr(done->what, "ontainers{");
        bool ended = strstr(done->what, "Successfully pulled") || strstr(done->what, "Failed to pull");
        if (!done->event || !ended || !field)
            continue;
        const char *name = arena_strndup(a, field + 10, strcspn(field + 10, "}"));
        uint32_t pulls = 0;
        sim_time asked = SIM_NEVER;
        for (uint32_t k = 0; k < i; k++) {
            const struct line *l = &r->lines.items[k];
            const char *other = strstr(l->what, "ontainers{");
            if (!l->event || strcmp(l->object, done->object) != 0 || !other ||
                strncmp(other, field, strcspn(field, "}")) != 0)
                continue;
            if (strstr(l->what, " Pulling (")) {
                asked = l->t;
                pulls++;
            }
        }
        if (asked != SIM_NEVER)
            costs[p->cost_count++] = (struct playback_cost){
                HOP_IMAGE_PULL_BASE, {done->object + 4, name, pulls - 1, SIM_NEVER}, done->t - asked};
    }
    p->costs = costs;
}

/* Was this instance seen running, before it was seen to have ended? */
static bool seen_running(const struct recording *r, const struct recorded_call *exit, sim_time started)
{
    size_t n = strlen(exit->container);
    for (uint32_t i = 0; i < r->lines.count; i++) {
        const struct line *l = &r->lines.items[i];
        const char *name = begins(l->what, "status.initContainerStatuses.") ? l->what + 29
                           : begins(l->what, "status.containerStatuses.")   ? l->what + 25
                                                                            : NULL;
        if (name && l->t > started && l->t < exit->t + SIM_SECOND && is(l->object + 4, exit->pod) &&
            strncmp(name, exit->container, n) == 0 && is(name + n, ".state") && !is(l->to, "waiting"))
            return is(l->to, "running"); /* waiting was the back-off before it */
    }
    return false;
}

/* Since 1.36 a sync is followed by a relist at once. Whether that sees a program that ends at once still
 * running is a matter of the milliseconds that the program takes: the status tells how it was. */
static void add_lifetime(const struct recording *r, struct playback *p, struct playback_cost *costs,
                         const struct recorded_call *exit)
{
    for (uint32_t i = 0; r->minor >= 36 && i < r->calls.count; i++) {
        const struct recorded_call *c = &r->calls.items[i];
        if (is(c->call, "StartContainer") && is(c->pod, exit->pod) && is(c->container, exit->container) &&
            c->attempt == exit->attempt && exit->t - c->t - c->took < 60 * SIM_MS)
            add_cost(p, costs, HOP_PROCESS_START, exit, exit->attempt,
                     seen_running(r, exit, c->t + c->took) ? exit->t - c->t - c->took : 0);
    }
}

/* The call about the instance that ended. */
static const struct recorded_call *call_about(const struct recording *r, const char *call,
                                              const struct recorded_call *exit)
{
    for (uint32_t i = 0; i < r->calls.count; i++) {
        const struct recorded_call *c = &r->calls.items[i];
        if (is(c->call, call) && is(c->pod, exit->pod) && is(c->container, exit->container) &&
            c->attempt == exit->attempt)
            return c;
    }
    return NULL;
}

/* A shell that polls obeys SIGTERM when the sleep in progress is over. When that is tells what each of its sleeps took
 * beside sleeping: one or two milliseconds to fork, execute and reap. Where the signal came within milliseconds of the
 * end of a sleep, it is kept on the side of it on which it was. */
static void add_program_start(const struct recording *r, struct playback *p, struct playback_cost *costs,
                              const struct recorded_call *exit)
{
    const sim_time least = 500 * SIM_US, most = 25 * SIM_MS, margin = 6 * SIM_MS;
    const struct recorded_call *start = call_about(r, "StartContainer", exit);
    const struct recorded_call *stop = call_about(r, "StopContainer", exit);
    for (uint32_t i = 0; start && stop && i < r->loops.count; i++) {
        const struct recorded_loop *l = &r->loops.items[i];
        sim_time obeyed = exit->t - l->end, begun = start->t + start->took + l->before;
        if (!is(l->pod, exit->pod) || !is(l->container, exit->container) || obeyed < stop->t)
            continue;
        if (obeyed < stop->t + margin)
            obeyed = stop->t + margin;
        else if (obeyed > stop->t + l->poll - margin && obeyed < stop->t + l->poll + margin)
            obeyed = stop->t + l->poll - margin;
        sim_time times = (obeyed - begun) / (l->poll + least);
        sim_time beside = (obeyed - begun - times * l->poll) / (times + l->programs);
        if (times >= 1 && beside < most)
            add_cost(p, costs, HOP_PROGRAM_START, exit, exit->attempt, beside);
    }
}

static bool serves(const struct recorded_call *c, const struct recorded_call *start)
{
    return is(c->call, "output") && c->detail && strstr(c->detail, " GET ") && is(c->pod, start->pod) &&
           is(c->container, start->container);
}

/* Since 1.36 the pod is relisted after the sync that started a container: at once readiness is probed. */
static void add_relist_pod(const struct recording *r, struct playback *p, struct playback_cost *costs,
                           const struct recorded_call *start)
{
    sim_time end = sync_end(r, start);
    for (uint32_t i = 0; r->minor >= 36 && i < r->calls.count; i++) {
        const struct recorded_call *c = &r->calls.items[i];
        bool run = (is(c->call, "ExecSync") && c->detail && !begins(c->detail, "timeout=0")) || serves(c, start);
        if (!run || c->t < end || c->t > end + 60 * SIM_MS || !is(c->pod, start->pod) ||
            !is(c->container, start->container) || c->attempt != start->attempt)
            continue;
        if (c->t > end + SIM_MS)
            add_cost(p, costs, HOP_RELIST_POD, start, start->attempt, c->t - end - SIM_MS);
        return;
    }
}

/* Until a server listens: what it usually takes, unless the first request after its start was answered. */
static void add_server_start(const struct recording *r, struct playback *p, struct playback_cost *costs,
                             const struct recorded_call *start)
{
    sim_time started = start->t + start->took, answered = SIM_NEVER;
    bool server = false, refused = false;
    for (uint32_t i = 0; i < r->calls.count; i++) {
        const struct recorded_call *c = &r->calls.items[i];
        server |= serves(c, start);
        if (answered == SIM_NEVER && serves(c, start) && c->attempt == start->attempt)
            answered = c->t;
    }
    for (uint32_t i = 0; i < r->lines.count; i++) {
        const struct line *l = &r->lines.items[i];
        refused |= l->event && l->t > started && l->t < answered && strstr(l->what, "connection refused") &&
                   is(l->object + 4, start->pod);
    }
    bool at_once = answered != SIM_NEVER && !refused && answered - started < ONE_GO;
    if (server)
        add_cost(p, costs, HOP_PROCESS_START, start, start->attempt, at_once ? 0 : SERVER_START);
}

enum { LAG = 100 * SIM_MS }; /* of the relists that exits fell into: long enough for any */

static void derive_lags(const struct recording *r, sim_time shift, struct playback *p)
{
    struct playback_cost *costs = (struct playback_cost *)(uintptr_t)p->costs;
    sim_time tick = p->sync_tick_phase == SIM_NEVER ? SIM_NEVER : p->sync_tick_phase - shift;
    for (uint32_t i = 0; i < r->calls.count; i++)
        if (is(r->calls.items[i].call, "exit") && fell_into_relist(r, &r->calls.items[i], tick))
            add_cost(p, costs, HOP_RELIST_LAG, &r->calls.items[i], r->calls.items[i].attempt, LAG);
}

/* What a mount's next attempt came later than its back-off says: 0.5 s doubling to 122 s. */
static void add_mounts(const struct recording *r, struct playback *p, struct playback_cost *costs)
{
    for (uint32_t i = 0; i < r->lines.count; i++) {
        const struct line *l = &r->lines.items[i];
        sim_time before = SIM_NEVER, gap = SIM_SECOND / 2;
        uint32_t failures = 0;
        for (uint32_t k = 0; k < i && strstr(l->what, " FailedMount ("); k++) {
            if (strcmp(r->lines.items[k].what, l->what) != 0 || strcmp(r->lines.items[k].object, l->object) != 0)
                continue;
            gap = failures++ ? 2 * gap : gap;
            before = r->lines.items[k].t;
        }
        gap = gap > 122 * SIM_SECOND ? 122 * SIM_SECOND : gap;
        if (before != SIM_NEVER && l->t - before > gap)
            costs[p->cost_count++] = (struct playback_cost){
                HOP_VOLUME_LOOP, {l->object + 4, NULL, failures - 1, SIM_NEVER}, l->t - before - gap};
    }
}

/* The attempt that worked leaves no Event: the wait for volumes, which looks every 0.3 s, had seen it when the
 * sandbox was asked for. */
static void add_last_mount(const struct recording *r, struct playback *p, struct playback_cost *costs)
{
    const struct line *last = NULL;
    sim_time gap = SIM_SECOND / 2;
    uint32_t failures = 0;
    for (uint32_t i = 0; i < r->lines.count; i++) {
        if (!strstr(r->lines.items[i].what, " FailedMount ("))
            continue;
        gap = failures++ ? 2 * gap : gap;
        last = &r->lines.items[i];
    }
    for (uint32_t i = 0; last && i < r->calls.count; i++) {
        const struct recorded_call *c = &r->calls.items[i];
        sim_time late = c->t - 50 * SIM_MS - last->t - gap;
        if (is(c->call, "RunPodSandbox") && is(c->pod, last->object + 4) && late > 0 && late < 500 * SIM_MS)
            costs[p->cost_count++] =
                (struct playback_cost){HOP_VOLUME_LOOP, {c->pod, NULL, failures - 1, SIM_NEVER}, late};
    }
}

static void derive_costs(struct arena *a, const struct recording *r, sim_time shift, struct playback *p)
{
    struct playback_cost *costs = arena_array(a, struct playback_cost, 5 * r->calls.count + r->lines.count);
    for (uint32_t i = 0; i < r->calls.count; i++) {
        const struct recorded_call *c = &r->calls.items[i];
        uint32_t before = 0; /* sandboxes are not numbered in the recording */
        for (uint32_t k = 0; k < i; k++)
            before += is(r->calls.items[k].call, c->call) && is(r->calls.items[k].pod, c->pod);
        if (is(c->call, "RunPodSandbox") && before == 0)
            add_reaction(r, p, costs, c);
        if (is(c->call, "RunPodSandbox"))
            add_cost(p, costs, HOP_SANDBOX_CREATE, c, before, c->took);
        else if (is(c->call, "StopPodSandbox"))
            add_cost(p, costs, HOP_SANDBOX_STOP, c, before, c->took);
        else if (is(c->call, "CreateContainer"))
            add_cost(p, costs, HOP_CONTAINER_CREATE, c, c->attempt, creation_cost(r, shift, p, i));
        else if (is(c->call, "StartContainer")) {
            add_cost(p, costs, HOP_CONTAINER_START, c, c->attempt, c->took);
            add_server_start(r, p, costs, c);
            add_relist_pod(r, p, costs, c);
        } else if (is(c->call, "StopContainer"))
            add_cost(p, costs, HOP_CONTAINER_STOP, c, c->attempt, c->took);
        else if (is(c->call, "exit")) {
            add_lifetime(r, p, costs, c);
            add_program_start(r, p, costs, c);
        }
    }
    add_mounts(r, p, costs);
    add_last_mount(r, p, costs);
    add_pulls(a, r, p, costs);
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
    p->hop[HOP_SLICE_RESPONSE] = 3 * SIM_MS;
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
            (strstr(l->what, " Pulling (") && !is(l->to, "1")) || (strstr(l->what, " Failed (") && !is(l->to, "1")) ||
            (strstr(l->what, " FailedCreatePodSandBox (") && !is(l->to, "1")));
}

/* What the runtime did in the last second brings a sync with the next relist. */
static bool after_change(const struct recording *r, const char *pod, sim_time t)
{
    for (uint32_t i = 0; i < r->calls.count; i++) {
        const struct recorded_call *c = &r->calls.items[i];
        bool change = is(c->call, "exit") || (is(c->call, "RunPodSandbox") && !c->error) ||
                      (is(c->call, "StartContainer") && r->minor < 36);
        if (change && is(c->pod, pod) && c->t < t && c->t > t - 1100 * SIM_MS)
            return true;
    }
    return false;
}

/* A tick comes a few milliseconds before what it makes happen. */
static void tick_candidates(struct arena *a, const struct recording *r, sim_time shift, struct instants *s)
{
    s->items = arena_array(a, sim_time, r->lines.count + r->calls.count);
    for (uint32_t i = 0; i < r->lines.count; i++)
        if (tick_driven(&r->lines.items[i]) && !after_change(r, r->lines.items[i].object + 4, r->lines.items[i].t))
            s->items[s->count++] = r->lines.items[i].t + shift - 6 * SIM_MS;
    for (uint32_t i = 0; i < r->calls.count; i++)
        if (is(r->calls.items[i].call, "CreateContainer") &&
            !after_change(r, r->calls.items[i].pod, r->calls.items[i].t))
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

/* ---- retries ---- */

/* An Event's count also tells of those that were dropped: how far apart they were, since the Event of before or the
 * exit that came after it. 0: it is the next one. */
static sim_time step_of(const struct recording *r, uint32_t at)
{
    const struct line *l = &r->lines.items[at], *before = NULL;
    for (uint32_t i = 0; i < at && l->event && strstr(l->what, " BackOff ("); i++)
        if (is(r->lines.items[i].what, l->what) && is(r->lines.items[i].object, l->object))
            before = &r->lines.items[i];
    long steps = before ? strtol(l->to, NULL, 10) - strtol(before->to, NULL, 10) : 1;
    sim_time from = before ? before->t : l->t;
    for (uint32_t i = 0; steps > 2 && i < r->calls.count; i++) {
        const struct recorded_call *c = &r->calls.items[i];
        if (is(c->call, "exit") && is(c->pod, l->object + 4) && c->t > before->t && c->t < l->t) {
            from = c->t + SIM_SECOND / 2; /* the relist that saw it brought one */
            steps--;
        }
    }
    return steps > 1 ? (l->t - from) / steps : 0;
}

static void add_retry(struct playback *p, struct playback_instant *retries, const char *pod, sim_time at, sim_time step)
{
    retries[p->retry_count++] = (struct playback_instant){.pod = pod, .at = at, .step = step};
    p->retries = retries;
}

static int by_instant(const void *a, const void *b)
{
    const struct playback_instant *x = a, *y = b;
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
    struct playback_instant *retries = arena_array(a, struct playback_instant, r->lines.count + r->calls.count);
    for (uint32_t i = 0; i < r->lines.count; i++) {
        const struct line *l = &r->lines.items[i];
        sim_time t = l->t + shift, tick = sim_time_floor(t - p->sync_tick_phase, SIM_SECOND) + p->sync_tick_phase;
        bool late = tick_driven(l) && !after_change(r, l->object + 4, l->t); /* on a busy machine */
        if (begins(l->object, "pod/") && by_worker(l) && t - tick < (late ? 300 * SIM_MS : 60 * SIM_MS))
            add_retry(p, retries, l->object + 4, tick, step_of(r, i));
    }
    for (uint32_t i = 0; i < r->calls.count; i++) {
        const struct recorded_call *c = &r->calls.items[i];
        sim_time t = c->t + shift, tick = sim_time_floor(t - p->sync_tick_phase, SIM_SECOND) + p->sync_tick_phase;
        if (is(c->call, "CreateContainer") && t - tick < 60 * SIM_MS)
            add_retry(p, retries, c->pod, tick, 0);
    }
    qsort(retries, p->retry_count, sizeof *retries, by_instant);
}

static void derive_execs(struct arena *a, const struct recording *r, sim_time shift, struct playback *p)
{
    struct playback_instant *execs = arena_array(a, struct playback_instant, r->calls.count);
    for (uint32_t i = 0; i < r->calls.count; i++) {
        const struct recorded_call *c = &r->calls.items[i];
        if (is(c->call, "ExecSync"))
            execs[p->exec_count++] = (struct playback_instant){.pod = c->pod, .at = c->t + c->took + shift};
    }
    qsort(execs, p->exec_count, sizeof *execs, by_instant);
    p->execs = execs;
}

/* The first readiness run after a start. */
static sim_time first_run(const struct recording *r, const struct recorded_probe *probe, sim_time started)
{
    for (uint32_t i = 0; i < r->calls.count; i++) {
        const struct recorded_call *c = &r->calls.items[i];
        bool shows = is(c->call, "ExecSync") || is(c->call, "output");
        if (shows && c->t >= started && is(c->pod, probe->pod) && is(c->container, probe->container) && c->detail &&
            strstr(c->detail, probe->run))
            return c->t;
    }
    return started;
}

/* Its first two runs came one right after the other: the first one set the initial verdict, which a sync had not found.
 */
static bool first_run_late(const struct recording *r, const struct recorded_probe *probe, sim_time first)
{
    sim_time next = first_run(r, probe, first + 1);
    return next > first + 1 && next - first < 30 * SIM_MS;
}

/* A run that reached no server shows only in its Event. */
static bool refused_between(const struct recording *r, const struct recorded_probe *probe, sim_time from,
                            sim_time until)
{
    for (uint32_t i = 0; i < r->lines.count; i++) {
        const struct line *l = &r->lines.items[i];
        if (l->event && l->t > from && l->t < until && is(l->object + 4, probe->pod) &&
            strstr(l->what, " Readiness probe failed: Get "))
            return true;
    }
    return false;
}

/* A run that a sync asked for between a start and the first run on record was lost, unless it had to wait anyway;
 * shortly before that run it may be the one. */
static void derive_unprobed(struct arena *a, const struct recording *r, sim_time shift, struct playback *p)
{
    enum { UNSURE = 500 * SIM_MS };
    struct playback_span *spans = arena_array(a, struct playback_span, r->calls.count * r->readiness.count + 1);
    for (uint32_t i = 0; i < r->calls.count * r->readiness.count; i++) {
        const struct recorded_call *c = &r->calls.items[i / r->readiness.count];
        const struct recorded_probe *probe = &r->readiness.items[i % r->readiness.count];
        if (!is(c->call, "StartContainer") || !is(c->pod, probe->pod) || !is(c->container, probe->container))
            continue;
        sim_time first = first_run(r, probe, c->t + c->took), until = first - UNSURE;
        if ((probe->delayed && !first_run_late(r, probe, first)) || refused_between(r, probe, c->t, first))
            continue;
        spans[p->unprobed_count++] =
            (struct playback_span){c->pod, c->container, c->t + shift - UNSURE / 10, until + shift};
    }
    p->unprobed = spans;
}

static void derive_events(struct arena *a, const struct recording *r, sim_time shift, struct playback *p)
{
    struct playback_instant *events = arena_array(a, struct playback_instant, r->lines.count);
    for (uint32_t i = 0; i < r->lines.count; i++) {
        const struct line *l = &r->lines.items[i];
        const char *reason = l->event ? strchr(l->what, ' ') + 1 : NULL; /* after the type */
        if (reason)
            events[p->event_count++] =
                (struct playback_instant){.pod = l->object + 4,
                                          .at = l->t + shift - SIM_MS,
                                          .reason = arena_strndup(a, reason, strcspn(reason, " "))};
    }
    p->events = events;
}

/* The pod garbage collector takes its turn every 20 s: what it did tells when. */
static sim_time pod_gc_turn(const struct recording *r, sim_time shift)
{
    for (uint32_t i = 0; i < r->lines.count; i++)
        if (is(r->lines.items[i].to, "DeletionByPodGC"))
            return r->lines.items[i].t + shift - 10 * SIM_MS;
    return SIM_NEVER;
}

/* No kubelet was young. */
static void derive_node(struct arena *a, const struct recording *r, sim_time shift, struct playback *p)
{
    *p = (struct playback){.sync_tick_phase = SIM_NEVER, .kubelet_uptime = SIM_NEVER, .pod_gc = pod_gc_turn(r, shift)};
    derive_hops(r, p);
    derive_sync_tick(a, r, shift, p);
    derive_relists(a, r, shift, p);
    derive_costs(a, r, shift, p);
    derive_lags(r, shift, p);
    derive_retries(a, r, shift, p);
    derive_writes(a, r, shift, p);
    derive_events(a, r, shift, p);
    derive_execs(a, r, shift, p);
    derive_unprobed(a, r, shift, p);
}

/* ---- several nodes: each has tickers and a writer of its own ---- */

static const char *node_of(const struct playback *p, const char *pod)
{
    for (uint32_t i = 0; i < p->place_count; i++)
        if (is(p->places[i].pod, pod))
            return p->places[i].node;
    return "";
}

static struct recording *part_of_node(struct arena *a, const struct recording *r, const struct playback *p,
                                      const char *node)
{
    struct recording *part = arena_new(a, struct recording);
    struct recorded_call *calls = arena_array(a, struct recorded_call, r->calls.count + 1);
    struct recorded_probe *readiness = arena_array(a, struct recorded_probe, r->readiness.count + 1);
    struct recorded_loop *loops = arena_array(a, struct recorded_loop, r->loops.count + 1);
    *part = *r;
    part->lines = (struct lines){0};
    part->calls.count = part->readiness.count = part->loops.count = 0;
    for (uint32_t i = 0; i < r->lines.count; i++)
        if (is(node_of(p, strchr(r->lines.items[i].object, '/') + 1), node))
            *lines_add(a, &part->lines) = r->lines.items[i];
    for (uint32_t i = 0; i < r->calls.count; i++)
        if (is(node_of(p, r->calls.items[i].pod), node))
            calls[part->calls.count++] = r->calls.items[i];
    for (uint32_t i = 0; i < r->readiness.count; i++)
        if (is(node_of(p, r->readiness.items[i].pod), node))
            readiness[part->readiness.count++] = r->readiness.items[i];
    for (uint32_t i = 0; i < r->loops.count; i++)
        if (is(node_of(p, r->loops.items[i].pod), node))
            loops[part->loops.count++] = r->loops.items[i];
    part->calls.items = calls;
    part->readiness.items = readiness;
    part->loops.items = loops;
    return part;
}

static bool has_node(const struct playback *nodes, uint32_t count, const char *node)
{
    for (uint32_t i = 0; i < count; i++)
        if (is(nodes[i].node, node))
            return true;
    return false;
}

void derive_playback(struct arena *a, const struct recording *r, sim_time shift, struct playback *p)
{
    derive_node(a, r, shift, p);
    derive_names(a, r, shift, p);
    derive_syncs(a, r, shift, p);
    struct playback *nodes = arena_array(a, struct playback, p->place_count + 1);
    for (uint32_t i = 0; i < p->place_count; i++) {
        if (has_node(nodes, p->node_count, p->places[i].node))
            continue;
        struct playback *n = &nodes[p->node_count++];
        derive_node(a, part_of_node(a, r, p, p->places[i].node), shift, n);
        n->node = p->places[i].node;
    }
    p->nodes = nodes;
    p->node_count = p->node_count > 1 ? p->node_count : 0;
}
