/* derive_relists.c - when a recorded kubelet listed its containers.
 *
 * A relist comes a second after the end of the one before, so the grid drifts, unevenly on a busy machine. It is not
 * recorded; it shows in what only it makes happen:
 *   - an exit (before 1.36 also a start) is seen: by the removal of the dead instance, the next start, the status;
 *   - a worker goes from one stage to the next, which it does when a relist has come after the stage;
 *   - readiness probes have the phase of the sync that follows the second relist after a start;
 *   - anything that a pod's worker begins to do for no other reason on record: no tick, probe, command or
 *     finished call just before it.
 * Of all these instants the weightiest series is taken that relists can have been at. The relist before one that saw
 * something had not seen it. In between they are taken to be evenly spaced (model/playback.h).
 */
#include "tests/conformance/derive.h"

#include <stdlib.h>

#define USUAL_PERIOD  (1004 * SIM_MS) /* where nothing tells it */
#define LAST_PERIOD   (1070 * SIM_MS) /* the longest that several relists in a row have on average */
#define WRITTEN_LATE  (100 * SIM_MS)  /* a status that it made change */
#define UNSEEN_MARGIN (20 * SIM_MS)
#define SAME_RELIST   (45 * SIM_MS)  /* what one relist makes happen begins within */
#define LONG_RELIST   (250 * SIM_MS) /* of many pods, one after the other */
#define BURST_GAP     (100 * SIM_MS) /* what a worker does in one go is closer together */

enum { WEIGHT_SEEN = 3, WEIGHT_UNEXPLAINED = 1 };

struct candidate {
    const char *pod;
    sim_time at;
    sim_time done; /* what was seen at `at` had happened at this instant; SIM_NEVER */
    sim_time late; /* it may have been that much earlier */
    uint32_t weight;
    uint32_t total, next; /* of the best series from here on */
};

struct candidates {
    struct candidate *items;
    uint32_t count;
};

/* Removals are made in the background: one tells of a relist when the pod's worker does something then, too. */
static bool has_company(const struct recording *r, const struct recorded_call *remove)
{
    for (uint32_t i = 0; i < r->lines.count; i++) {
        const struct line *l = &r->lines.items[i];
        sim_time apart = l->t > remove->t ? l->t - remove->t : remove->t - l->t;
        if (apart < 60 * SIM_MS && begins(l->object, "pod/") && is(l->object + 4, remove->pod))
            return true;
    }
    return false;
}

static bool shown_running_at(const struct recording *r, const struct line *of)
{
    size_t n = strlen(of->what) - strlen("restartCount");
    for (uint32_t i = 0; i < r->lines.count; i++) {
        const struct line *l = &r->lines.items[i];
        if (l->t == of->t && is(l->object, of->object) && strncmp(l->what, of->what, n) == 0 &&
            is(l->what + n, "state") && is(l->to, "running"))
            return true;
    }
    return false;
}

/* Something that the runtime did: until when did a relist see it? SIM_NEVER: nothing tells. */
static sim_time seen_at(const struct recording *r, const struct recorded_call *c, sim_time done, const char *state)
{
    sim_time least = done + 1300 * SIM_MS, limit = least;
    for (uint32_t i = 0; i < r->calls.count; i++) {
        const struct recorded_call *o = &r->calls.items[i];
        bool tells = (is(o->call, "RemoveContainer") && has_company(r, o)) ||
                     (is(o->call, "CreateContainer") && is(c->call, "exit"));
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
        bool shows =
            (is(name + n, ".state") && (is(l->to, state) || is(l->to, "terminated"))) ||
            (is(name + n, ".restartCount") && c->attempt > 0 && !(is(c->call, "exit") && shown_running_at(r, l)));
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
        return is(l->to, "2") || is(l->to, "4"); /* each sync says it: ticks, then the stages */
    if (!is(l->what, "metadata.deletionGracePeriodSeconds") || !is(l->to, "0"))
        return false;
    for (uint32_t i = 0; i < at; i++)
        if (is(r->lines.items[i].what, l->what) && is(r->lines.items[i].object, l->object))
            return true;
    return false;
}

static sim_time shifted(sim_time t, sim_time shift) { return t == SIM_NEVER ? t : t + shift; }

static void add(struct candidates *s, const char *pod, sim_time at, sim_time done, uint32_t weight)
{
    s->items[s->count++] = (struct candidate){.pod = pod, .at = at, .done = done, .weight = weight};
}

static void add_late(struct candidates *s, const char *pod, sim_time at, sim_time late)
{
    add(s, pod, at, SIM_NEVER, WEIGHT_UNEXPLAINED);
    s->items[s->count - 1].late = late;
}

/* A sync that failed is followed by no relist of its own: the sandbox is seen by the next of all pods. */
static sim_time sandbox_seen(const struct recording *r, const struct recorded_call *sandbox)
{
    for (uint32_t i = 0; i < r->lines.count; i++) {
        const struct line *l = &r->lines.items[i];
        if (!is(l->what, "status.podIP") || !is(l->object + 4, sandbox->pod) || l->t < sandbox->t)
            continue;
        for (uint32_t k = 0; r->minor >= 36 && k < r->calls.count; k++)
            if (is(r->calls.items[k].call, "StartContainer") && !r->calls.items[k].error &&
                is(r->calls.items[k].pod, sandbox->pod) && r->calls.items[k].t < l->t)
                return SIM_NEVER;
        return l->t - sandbox->t < 1300 * SIM_MS ? l->t - 8 * SIM_MS : SIM_NEVER;
    }
    return SIM_NEVER;
}

/* When podsim's program will have ended: it takes what its sleeps take, in tenths of a second, and no more. */
static sim_time simulated_exit(const struct recording *r, const struct recorded_call *exit)
{
    for (uint32_t i = 0; i < r->calls.count; i++) {
        const struct recorded_call *c = &r->calls.items[i];
        sim_time started = c->t + c->took, more = (exit->t - started) % (100 * SIM_MS);
        if (is(c->call, "StartContainer") && is(c->pod, exit->pod) && is(c->container, exit->container) &&
            c->attempt == exit->attempt && more >= 0 && more < 60 * SIM_MS)
            return exit->t - more;
    }
    return exit->t;
}

/* Since 1.36 the relist after a sync that started something sees, and has removed, what died before. */
static bool after_start(const struct recording *r, const struct recorded_call *remove)
{
    for (uint32_t i = 0; r->minor >= 36 && i < r->calls.count; i++) {
        const struct recorded_call *c = &r->calls.items[i];
        sim_time end = c->t + c->took;
        if (is(c->call, "StartContainer") && is(c->pod, remove->pod) && end <= remove->t && remove->t - end < BURST_GAP)
            return true;
    }
    return false;
}

static bool was_shown_running(const struct recording *r, const struct recorded_call *start)
{
    const char *suffix = ".state";
    size_t n = strlen(start->container);
    for (uint32_t i = 0; i < r->lines.count; i++) {
        const struct line *l = &r->lines.items[i];
        const char *name = strstr(l->what, "ontainerStatuses.");
        if (name && l->t > start->t + start->took && l->t < start->t + start->took + 1300 * SIM_MS &&
            is(l->object + 4, start->pod) && strncmp(name + 17, start->container, n) == 0 && is(name + 17 + n, suffix))
            return is(l->to, "running");
    }
    return false;
}

/* A start that was seen as one had not ended by then. */
static sim_time before_exit(const struct recording *r, const struct recorded_call *start, sim_time seen)
{
    for (uint32_t i = 0; i < r->calls.count; i++) {
        const struct recorded_call *c = &r->calls.items[i];
        if (is(c->call, "exit") && is(c->pod, start->pod) && is(c->container, start->container) &&
            c->attempt == start->attempt && c->t - start->t > BURST_GAP &&
            seen > simulated_exit(r, c) - UNSEEN_MARGIN && was_shown_running(r, start))
            return simulated_exit(r, c) - UNSEEN_MARGIN;
    }
    return seen;
}

static bool soon_dead(const struct recording *r, const struct recorded_call *start)
{
    for (uint32_t i = 0; i < r->calls.count; i++) {
        const struct recorded_call *c = &r->calls.items[i];
        if (is(c->call, "exit") && is(c->pod, start->pod) && is(c->container, start->container) &&
            c->attempt == start->attempt)
            return c->t < start->t + 1300 * SIM_MS && !was_shown_running(r, start);
    }
    return false;
}

/* What the relist before one that saw this start cannot have seen. Where it saw only the end, it had not even seen the
 * creation: a sync would have followed. */
static sim_time start_done(const struct recording *r, uint32_t start)
{
    const struct recorded_call *s = &r->calls.items[start];
    for (uint32_t i = start; i-- > 0 && soon_dead(r, s);) {
        const struct recorded_call *c = &r->calls.items[i];
        if (is(c->call, "CreateContainer") && is(c->pod, s->pod) && is(c->container, s->container) &&
            c->attempt == s->attempt && s->t + s->took - c->t < 2 * UNSEEN_MARGIN)
            return c->t + UNSEEN_MARGIN - 5 * SIM_MS;
    }
    return s->t + s->took;
}

static sim_time done_of(const struct recording *r, uint32_t call)
{
    const struct recorded_call *c = &r->calls.items[call];
    if (is(c->call, "exit"))
        return simulated_exit(r, c);
    return is(c->call, "StartContainer") ? start_done(r, call) : c->t + c->took;
}

/* A dead instance is removed when the next one has been seen dead: when that happened; SIM_NEVER. */
static sim_time successor_died(const struct recording *r, const struct recorded_call *remove, sim_time tick)
{
    sim_time died = SIM_NEVER;
    for (uint32_t i = 0; i < r->calls.count; i++) {
        const struct recorded_call *c = &r->calls.items[i];
        if (is(c->call, "exit") && is(c->pod, remove->pod) && is(c->container, remove->container) &&
            c->attempt == remove->attempt + 1 && c->t < remove->t)
            died = being_stopped(r, c) ? c->t : fell_into_relist(r, c, tick) ? SIM_NEVER : simulated_exit(r, c);
    }
    return died;
}

static void add_seen(const struct recording *r, sim_time shift, sim_time tick, struct candidates *s)
{
    for (uint32_t i = 0; i < r->lines.count; i++)
        if (ends_a_stage(r, i))
            add(s, r->lines.items[i].object + 4, r->lines.items[i].t + shift - 8 * SIM_MS, SIM_NEVER, WEIGHT_SEEN);
    for (uint32_t i = 0; i < r->calls.count; i++) {
        const struct recorded_call *c = &r->calls.items[i];
        sim_time seen = SIM_NEVER;
        if (is(c->call, "RemoveContainer") && !after_start(r, c) && has_company(r, c)) {
            add(s, c->pod, c->t + shift - 3 * SIM_MS, shifted(successor_died(r, c, tick), shift), WEIGHT_SEEN);
        } else if (is(c->call, "exit") && !being_stopped(r, c)) {
            seen = seen_at(r, c, c->t, "terminated");
            if (seen != SIM_NEVER && seen - c->t < 60 * SIM_MS && just_started(r, c))
                seen = SIM_NEVER;
        } else if (is(c->call, "StartContainer") && !c->error && r->minor < 36) {
            seen = seen_at(r, c, c->t + c->took, "running");
            if (seen != SIM_NEVER)
                seen = before_exit(r, c, seen);
        } else if (is(c->call, "RunPodSandbox") && !c->error) {
            seen = sandbox_seen(r, c);
        }
        if (seen != SIM_NEVER)
            add(s, c->pod, seen + shift, done_of(r, i) + shift, WEIGHT_SEEN);
    }
}

/* ---- what begins for no reason on record ---- */

static bool just_before(sim_time t, sim_time cause) { return cause > t - BURST_GAP && cause <= t + 3 * SIM_MS; }

/* Was some pod created or deleted? */
static bool told(const struct recording *r, sim_time t)
{
    for (uint32_t i = 0; i < r->lines.count && r->lines.items[i].t <= t; i++) {
        const struct line *l = &r->lines.items[i];
        bool created = !l->event && !*l->what && is(l->to, "present") && l->t > t - 2 * BURST_GAP;
        bool deleted = is(l->what, "metadata.deletionGracePeriodSeconds") && !is(l->to, "0") && just_before(t, l->t);
        if (begins(l->object, "pod/") && (created || deleted))
            return true;
    }
    return false;
}

static bool explained(const struct recording *r, sim_time shift, const struct playback *p, sim_time t)
{
    sim_time tick = p->sync_tick_phase;
    if (tick != SIM_NEVER && t + shift - tick - sim_time_floor(t + shift - tick, SIM_SECOND) < 60 * SIM_MS)
        return true;
    for (uint32_t i = 0; r->minor >= 36 && i < r->calls.count; i++) { /* relisted at once, written late */
        const struct recorded_call *c = &r->calls.items[i];
        if (is(c->call, "StartContainer") && c->t + c->took < t && t < c->t + c->took + LONG_RELIST)
            return true;
    }
    for (uint32_t i = 0; i < r->calls.count; i++)
        if (!is(r->calls.items[i].call, "exit") && !is(r->calls.items[i].call, "RemoveContainer") &&
            r->calls.items[i].t < t && just_before(t, r->calls.items[i].t + r->calls.items[i].took))
            return true;
    for (uint32_t i = 0; i < r->actions.count; i++)
        if (t >= r->actions.items[i].at && t <= r->actions.items[i].done + BURST_GAP)
            return true;
    return told(r, t);
}

static bool of_worker(const struct line *l)
{
    return begins(l->object, "pod/") &&
           (l->event ? strstr(l->what, "(kubelet") && !strstr(l->what, " Unhealthy (") &&
                           !strstr(l->what, " FailedMount (") && !strstr(l->what, " Pulled (")
                     : begins(l->what, "status."));
}

/* A call that the worker of `pod` begins to do something with. */
static bool begins_work(const struct recorded_call *c)
{
    return is(c->call, "RunPodSandbox") || is(c->call, "CreateContainer") || is(c->call, "StopContainer") ||
           is(c->call, "StopPodSandbox");
}

static bool quiet_before(const struct recording *r, const char *pod, sim_time t)
{
    for (uint32_t i = 0; i < r->lines.count; i++) {
        const struct line *l = &r->lines.items[i];
        if (l->t < t && l->t > t - BURST_GAP && begins(l->object, "pod/") && is(l->object + 4, pod))
            return false;
    }
    for (uint32_t i = 0; i < r->calls.count; i++) {
        const struct recorded_call *c = &r->calls.items[i];
        if (begins_work(c) && c->t < t && c->t > t - BURST_GAP && is(c->pod, pod))
            return false;
    }
    return true;
}

/* A startup probe's worker that finds a new instance says that it has not started. */
static bool of_seed(const struct recording *r, uint32_t at)
{
    const struct line *l = &r->lines.items[at];
    size_t n = strlen(l->what);
    return !l->event && n > 8 && is(l->what + n - 8, ".started") && is(l->to, "false") &&
           !(at > 0 && r->lines.items[at - 1].t == l->t) &&
           !(at + 1 < r->lines.count && r->lines.items[at + 1].t == l->t);
}

static void add_unexplained(const struct recording *r, sim_time shift, const struct playback *p, struct candidates *s)
{
    for (uint32_t i = 0; i < r->lines.count; i++) {
        const struct line *l = &r->lines.items[i];
        if (of_worker(l) && !of_seed(r, i) && quiet_before(r, l->object + 4, l->t) && !explained(r, shift, p, l->t))
            add_late(s, l->object + 4, l->t + shift - 6 * SIM_MS, l->event ? 0 : WRITTEN_LATE);
    }
    for (uint32_t i = 0; i < r->calls.count; i++) {
        const struct recorded_call *c = &r->calls.items[i];
        if (begins_work(c) && quiet_before(r, c->pod, c->t) && !explained(r, shift, p, c->t))
            add(s, c->pod, c->t + shift - 3 * SIM_MS, SIM_NEVER, WEIGHT_UNEXPLAINED);
    }
}

/* ---- readiness probes: the sync after the second relist sets their phase ---- */

static bool is_run(const struct recorded_call *c, const struct recorded_probe *probe)
{
    bool shows = is(c->call, "ExecSync") || is(c->call, "output");
    return shows && c->detail && is(c->pod, probe->pod) && is(c->container, probe->container) &&
           strstr(c->detail, probe->run);
}

/* The end of the sync that started it, which may have started others after it: since 1.36 a relist follows at once. */
sim_time sync_end(const struct recording *r, const struct recorded_call *start)
{
    sim_time end = start->t + start->took;
    for (uint32_t i = 0; r->minor >= 36 && i < r->calls.count; i++) {
        const struct recorded_call *c = &r->calls.items[i];
        bool next = is(c->call, "CreateContainer") || is(c->call, "StartContainer");
        if (next && is(c->pod, start->pod) && c->t >= end && c->t < end + BURST_GAP)
            end = c->t + c->took;
    }
    return end;
}

/* The first runs of an instance, traced back to the second after its start: probes.md 4. */
static void add_phase(const struct recording *r, sim_time shift, const struct recorded_call *start,
                      const struct recorded_probe *probe, struct candidates *s)
{
    enum { RUNS = 2 };
    sim_time started = start->t + start->took;
    for (uint32_t i = 0, runs = 0; i < r->calls.count && runs < RUNS; i++) {
        const struct recorded_call *c = &r->calls.items[i];
        if (!is_run(c, probe) || c->attempt != start->attempt || c->t < started)
            continue;
        sim_time after = (c->t - started) % probe->period;
        runs++;
        if (started + after > sync_end(r, start) + 60 * SIM_MS && after < 2200 * SIM_MS)
            add(s, c->pod, started + after + shift - 5 * SIM_MS, SIM_NEVER, WEIGHT_UNEXPLAINED);
    }
}

/* The first run of a probe that has to wait, where it is none of its worker's ticks, which are counted from the pod's
 * first sync: a sync asked for it. */
static void add_delayed_run(const struct recording *r, sim_time shift, const struct recorded_call *start,
                            const struct recorded_probe *probe, struct candidates *s)
{
    sim_time first_sync = SIM_NEVER;
    for (uint32_t i = 0; i < r->calls.count && probe->delayed && start->attempt == 0; i++) {
        const struct recorded_call *c = &r->calls.items[i];
        if (is(c->call, "RunPodSandbox") && is(c->pod, start->pod) && first_sync == SIM_NEVER)
            first_sync = c->t;
        if (!is_run(c, probe) || c->t < start->t)
            continue;
        sim_time off = (c->t - first_sync) % probe->period;
        if (off > 60 * SIM_MS && off < probe->period - 60 * SIM_MS)
            add(s, c->pod, c->t + shift - 5 * SIM_MS, SIM_NEVER, WEIGHT_UNEXPLAINED);
        return;
    }
}

/* Ticks are whole seconds after the pod's first sync. */
static bool at_a_tick(const struct recording *r, const struct recorded_call *run)
{
    const sim_time near = 60 * SIM_MS;
    for (uint32_t i = 0; i < r->calls.count; i++) {
        const struct recorded_call *c = &r->calls.items[i];
        sim_time apart = (run->t - c->t) % SIM_SECOND;
        if (is(c->call, "RunPodSandbox") && is(c->pod, run->pod))
            return apart < near || apart > SIM_SECOND - near;
    }
    return false;
}

/* An instance's first run that comes within a second of its start and is at no tick is of a readiness probe, by the
 * sync after a relist. */
static void add_early_run(const struct recording *r, sim_time shift, const struct recorded_call *start,
                          struct candidates *s)
{
    sim_time started = start->t + start->took;
    for (uint32_t i = 0; i < r->calls.count; i++) {
        const struct recorded_call *c = &r->calls.items[i];
        bool run = (is(c->call, "ExecSync") && c->detail && !begins(c->detail, "timeout=0")) ||
                   (is(c->call, "output") && c->detail && strstr(c->detail, " GET "));
        if (!run || !is(c->pod, start->pod) || !is(c->container, start->container) || c->attempt != start->attempt ||
            c->t <= sync_end(r, start) + 60 * SIM_MS)
            continue;
        if (c->t < started + (start->attempt ? 1050 : 900) * SIM_MS && (start->attempt == 0 || !at_a_tick(r, c)))
            add(s, c->pod, c->t + shift - 5 * SIM_MS, SIM_NEVER, WEIGHT_UNEXPLAINED);
        if (start->attempt > 0)
            return;
    }
}

static void add_phases(const struct recording *r, sim_time shift, struct candidates *s)
{
    for (uint32_t i = 0; i < r->calls.count; i++)
        if (is(r->calls.items[i].call, "StartContainer"))
            add_early_run(r, shift, &r->calls.items[i], s);
    for (uint32_t i = 0; i < r->readiness.count; i++)
        for (uint32_t k = 0; k < r->calls.count; k++) {
            const struct recorded_call *c = &r->calls.items[k];
            if (!is(c->call, "StartContainer") || !is(c->pod, r->readiness.items[i].pod) ||
                !is(c->container, r->readiness.items[i].container))
                continue;
            add_phase(r, shift, c, &r->readiness.items[i], s);
            add_delayed_run(r, shift, c, &r->readiness.items[i], s);
        }
}

/* The relist that a runtime that hung had held up is answered when it goes on; the next comes a second later. */
static void add_held(const struct recording *r, sim_time shift, struct candidates *s)
{
    for (uint32_t i = 0; i < r->actions.count; i++)
        if (r->actions.items[i].host && begins(r->actions.items[i].host, "the runtime continues"))
            add(s, NULL, r->actions.items[i].at + shift, SIM_NEVER, WEIGHT_SEEN);
}

/* ---- the series ---- */

static int by_instant(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    return x->at < y->at ? -1 : x->at > y->at ? 1 : (int)y->weight - (int)x->weight;
}

/* One instant each, told by whoever tells it first. */
static void merge(struct candidates *s, sim_time longest)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < s->count; i++) {
        if (n > 0 && s->items[i].at - s->items[n - 1].at < longest) {
            s->items[n - 1].weight += s->items[i].weight;
            if (s->items[i].late < s->items[n - 1].late)
                s->items[n - 1].late = s->items[i].late;
            sim_time done = s->items[i].done;
            if (s->items[n - 1].done == SIM_NEVER || (done != SIM_NEVER && done < s->items[n - 1].done))
                s->items[n - 1].done = done;
        } else {
            s->items[n++] = s->items[i];
        }
    }
    s->count = n;
}

static bool possible(sim_time before, sim_time t)
{
    sim_time gap = t - before, n = (gap + 15 * SIM_MS) / SIM_SECOND;
    return n > 0 && gap <= n * LAST_PERIOD + 60 * SIM_MS;
}

static uint32_t best_series(struct candidates *s)
{
    uint32_t first = 0;
    for (uint32_t i = s->count; i-- > 0;) {
        struct candidate *c = &s->items[i];
        c->total = c->weight;
        c->next = s->count;
        for (uint32_t k = s->count; k-- > i + 1;)
            if (possible(c->at, s->items[k].at) && s->items[k].total + c->weight >= c->total) {
                c->total = s->items[k].total + c->weight;
                c->next = k;
            }
        if (c->total >= s->items[first].total)
            first = i;
    }
    return first;
}

/* Of relists between two of the series: one that was too close to be of it as it is told, but not as early as it may
 * have been. */
static void add_between(const struct candidates *s, sim_time from, sim_time until, sim_time *relists, uint32_t *count)
{
    sim_time last = from;
    for (uint32_t i = 0; i < s->count; i++) {
        const struct candidate *c = &s->items[i];
        if (c->at <= from || c->at >= until)
            continue;
        sim_time after = (until - c->at + c->late) / SIM_SECOND, latest = until - after * SIM_SECOND;
        sim_time when = c->at < latest ? c->at : latest;
        if (after > 0 && when >= c->at - c->late && when >= last + SIM_SECOND && c->late)
            relists[(*count)++] = last = when;
    }
}

static bool many_pods(const struct recording *r)
{
    enum { MANY = 4 };
    uint32_t n = 0;
    for (uint32_t i = 0; i < r->lines.count; i++)
        n += is(r->lines.items[i].what, "spec.nodeName") && begins(r->lines.items[i].object, "pod/");
    return n >= MANY;
}

/* When each pod had its turn in a relist of many. */
static void add_turns(struct arena *a, const struct candidate *told, uint32_t count, struct playback *p)
{
    struct playback_instant *turns = arena_array(a, struct playback_instant, count);
    for (uint32_t i = 0; i < count; i++) {
        sim_time relist = SIM_NEVER;
        for (uint32_t k = 0; k < p->relist_count && p->relists[k] <= told[i].at; k++)
            relist = p->relists[k];
        if (relist != SIM_NEVER && told[i].pod && told[i].at - relist < LONG_RELIST)
            turns[p->turn_count++] = (struct playback_instant){.pod = told[i].pod, .at = told[i].at};
    }
    p->turns = turns;
}

/* The ticks of a probe have the phase of the relist after the first whole sync; none can have come within a second
 * before that, when the sync had ended. One that is told a moment too late came before its end. */
static void come_before(const struct recording *r, sim_time shift, const struct recorded_call *start,
                        const struct recorded_probe *probe, sim_time *relists, uint32_t count)
{
    const sim_time moment = 15 * SIM_MS;
    sim_time end = sync_end(r, start), first = SIM_NEVER;
    for (uint32_t i = 0; i < r->calls.count && first == SIM_NEVER; i++)
        if (is_run(&r->calls.items[i], probe) && r->calls.items[i].t > end)
            first = r->calls.items[i].t;
    if (first == SIM_NEVER || (first - end) % probe->period < 900 * SIM_MS)
        return;
    for (uint32_t i = 0; i < count; i++)
        if (relists[i] >= end + shift - moment && relists[i] < end + shift + moment)
            relists[i] = end + shift - moment;
}

void derive_relists(struct arena *a, const struct recording *r, sim_time shift, struct playback *p)
{
    struct candidates s = {arena_array(a, struct candidate, 5 * r->calls.count + 2 * r->lines.count + r->actions.count),
                           0};
    add_seen(r, shift, p->sync_tick_phase == SIM_NEVER ? SIM_NEVER : p->sync_tick_phase - shift, &s);
    add_unexplained(r, shift, p, &s);
    add_phases(r, shift, &s);
    add_held(r, shift, &s);
    qsort(s.items, s.count, sizeof *s.items, by_instant);
    struct candidate *told = arena_array(a, struct candidate, s.count);
    uint32_t told_count = s.count;
    if (s.count)
        memcpy(told, s.items, s.count * sizeof *told);
    merge(&s, many_pods(r) ? LONG_RELIST : SAME_RELIST);
    sim_time *relists = arena_array(a, sim_time, 3 * s.count);
    p->relists = relists;
    p->relist_period = USUAL_PERIOD;
    for (uint32_t i = best_series(&s); i < s.count; i = s.items[i].next) {
        const struct candidate *c = &s.items[i];
        sim_time unseen = c->at - USUAL_PERIOD, before = p->relist_count ? relists[p->relist_count - 1] : SIM_NEVER;
        if (c->done != SIM_NEVER && unseen > c->done - UNSEEN_MARGIN)
            unseen = c->done - UNSEEN_MARGIN;
        if (c->done != SIM_NEVER && before != SIM_NEVER && before > c->done - UNSEEN_MARGIN)
            relists[p->relist_count - 1] = c->done - UNSEEN_MARGIN;
        else if (c->done != SIM_NEVER && (before == SIM_NEVER || unseen - before > USUAL_PERIOD / 2))
            relists[p->relist_count++] = unseen;
        if (p->relist_count)
            add_between(&s, relists[p->relist_count - 1], c->at, relists, &p->relist_count);
        relists[p->relist_count++] = c->at;
    }
    for (uint32_t i = 0; i < r->readiness.count * r->calls.count; i++) {
        const struct recorded_probe *probe = &r->readiness.items[i % r->readiness.count];
        const struct recorded_call *c = &r->calls.items[i / r->readiness.count];
        if (probe->delayed && r->minor >= 36 && is(c->call, "StartContainer") && is(c->pod, probe->pod) &&
            is(c->container, probe->container))
            come_before(r, shift, c, probe, relists, p->relist_count);
    }
    if (many_pods(r))
        add_turns(a, told, told_count, p);
}
