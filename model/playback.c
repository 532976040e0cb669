/* playback.c - answers from the tables of a recorded run. */
#include "model/playback.h"

#include <string.h>

/* k8s pkg/kubelet/kubelet.go syncLoop: the sync ticker. */
#define SYNC_TICK SIM_SECOND
/* k8s pkg/kubelet/pleg/generic.go: a second after the end of the last relist; how exactly one can be told. */
#define RELIST_LEAST  SIM_SECOND
#define RELIST_JITTER (20 * SIM_MS)
#define WRITE_USUAL   (4 * SIM_MS)
#define WRITE_SLOW    (15 * SIM_MS)
#define TURN_LATEST   (300 * SIM_MS)
#define EXEC_LONGEST  (100 * SIM_MS)
#define EXEC_MARGIN   (5 * SIM_MS) /* it begins a moment later here */
#define EVENT_LONGEST (200 * SIM_MS)
#define EVENT_MARGIN  (3 * SIM_MS)
#define WRITE_SOON    (150 * SIM_MS)
#define WRITE_MARGIN  (8 * SIM_MS)
#define SIDE_NEAR     (30 * SIM_MS) /* that far from the write either side is possible */
#define SIDE_MARGIN   (8 * SIM_MS)  /* both the watch and the queue take a few milliseconds */

const struct playback *playback_of_node(const struct playback *p, const char *node)
{
    for (uint32_t i = 0; i < p->node_count; i++)
        if (text_same(p->nodes[i].node, node))
            return &p->nodes[i];
    return p;
}

const char *playback_node(const struct playback *p, const char *pod)
{
    for (uint32_t i = 0; i < p->place_count; i++)
        if (strcmp(p->places[i].pod, pod) == 0)
            return p->places[i].node;
    return NULL;
}

/* What the node of a pod drew. */
static const struct playback *of_pod(const struct playback *p, const char *pod)
{
    return p->node_count ? playback_of_node(p, playback_node(p, pod)) : p;
}

sim_time playback_cost(const struct playback *p, enum hop hop, const struct profile_call *call)
{
    p = of_pod(p, call->pod);
    for (uint32_t i = 0; i < p->cost_count; i++) {
        const struct playback_cost *c = &p->costs[i];
        if (c->hop == hop && c->call.attempt == call->attempt && text_same(c->call.pod, call->pod) &&
            text_same(c->call.container, call->container))
            return c->cost;
    }
    return p->hop[hop];
}

/* The first write of the pod that was seen after t, if it can have been necessary already at `since`; or NULL. */
static const struct playback_instant *next_write(const struct playback *p, const char *pod, sim_time t, sim_time since)
{
    p = of_pod(p, pod);
    for (uint32_t i = 0; i < p->write_count; i++) {
        const struct playback_instant *w = &p->writes[i];
        if (w->at > t && text_same(w->pod, pod))
            return w->at <= since + w->within ? w : NULL;
    }
    return NULL;
}

/* What makes the change may be a moment later here: the write after the last one counts. */
static sim_time from_when(const struct profile_call *call, sim_time now)
{
    sim_time from = now - WRITE_MARGIN;
    return call->after != SIM_NEVER && call->after > from ? call->after : from;
}

sim_time playback_write(const struct playback *p, enum hop hop, const struct profile_call *call, sim_time now)
{
    const struct playback_instant *seen = next_write(p, call->pod, from_when(call, now), now);
    if (!seen)
        return SIM_NEVER;
    if (hop == HOP_API_WRITE)
        return seen->at > now ? seen->at - now : 0;
    if (seen->batch != SIM_NEVER)
        return seen->batch > now ? seen->batch - now : 0;
    const struct playback_instant *next = next_write(p, call->pod, seen->at, SIM_TIME_MAX / 2);
    bool another = next && next->at <= seen->at + WRITE_SOON;
    return another || seen->at - now < WRITE_SLOW ? 0 : seen->at - now - WRITE_USUAL;
}

sim_time playback_batch_place(const struct playback *p, const struct profile_call *call, sim_time now)
{
    const struct playback_instant *seen = next_write(p, call->pod, from_when(call, now), now);
    return seen ? seen->at : SIM_TIME_MAX;
}

bool playback_batch_later(const struct playback *p, const struct profile_call *call, sim_time now)
{
    const struct playback_instant *seen = next_write(p, call->pod, from_when(call, now), now);
    return seen && seen->batch != SIM_NEVER && seen->batch > now + WRITE_MARGIN;
}

sim_time playback_exec(const struct playback *p, const char *pod, sim_time now)
{
    p = of_pod(p, pod);
    for (uint32_t i = 0; i < p->exec_count && p->execs[i].at <= now + EXEC_LONGEST; i++)
        if (p->execs[i].at >= now - EXEC_MARGIN && text_same(p->execs[i].pod, pod))
            return p->execs[i].at > now ? p->execs[i].at - now : 0;
    return SIM_NEVER;
}

sim_time playback_event(const struct playback *p, const char *pod, const char *reason, sim_time now)
{
    p = of_pod(p, pod);
    for (uint32_t i = 0; i < p->event_count && p->events[i].at <= now + EVENT_LONGEST; i++)
        if (p->events[i].at >= now - EVENT_MARGIN && text_same(p->events[i].pod, pod) &&
            text_same(p->events[i].reason, reason))
            return p->events[i].at > now ? p->events[i].at - now : 0;
    return SIM_NEVER;
}

/* Where retries that left no trace lead from a sync now to the recorded one `at`. None of them found the back-off to be
 * over, and the last one was at least a wait before that sync. */
static sim_time hidden_retries_until(sim_time now, sim_time at, sim_time wait, sim_time longest, sim_time over)
{
    sim_time last = at - wait - SYNC_TICK;
    if (over == SIM_NEVER || over >= at || at - now <= longest)
        return at;
    last = over - SYNC_TICK / 2 < last ? over - SYNC_TICK / 2 : last;
    return last > now + wait ? last : at;
}

/* A tick serves what fell due before it: a due time half a tick before the recorded sync leads there. */
sim_time playback_retry(const struct playback *p, const char *pod, sim_time now, sim_time wait, sim_time over)
{
    p = of_pod(p, pod);
    sim_time earliest = sim_time_add(now, wait), latest = sim_time_add(earliest, wait / 2);
    for (uint32_t i = 0; i < p->retry_count; i++) {
        sim_time at = p->retries[i].at;
        if (!text_same(p->retries[i].pod, pod) || at <= earliest)
            continue;
        /* Some in between may have left no trace: they are taken to be evenly spaced. */
        sim_time longest = latest - now + SYNC_TICK, to = hidden_retries_until(now, at, wait, longest, over);
        sim_time step = p->retries[i].step;
        sim_time steps = step > wait && to == at ? (to - now + step / 2) / step : (to - now + longest - 1) / longest;
        steps = steps < 1 ? 1 : steps;
        sim_time due = now + (to - now) / steps - SYNC_TICK / 2;
        if (due < earliest - SYNC_TICK / 2)
            return SIM_NEVER;
        return due < earliest ? earliest : due > latest ? latest : due;
    }
    return SIM_NEVER;
}

bool playback_trigger_lost(const struct playback *p, const struct profile_call *call, sim_time now)
{
    p = of_pod(p, call->pod);
    for (uint32_t i = 0; i < p->unprobed_count; i++) {
        const struct playback_span *s = &p->unprobed[i];
        if (text_same(s->pod, call->pod) && text_same(s->container, call->container) && now >= s->from &&
            now < s->until)
            return true;
    }
    return false;
}

sim_time playback_relist_turn(const struct playback *p, const char *pod, sim_time now)
{
    p = of_pod(p, pod);
    for (uint32_t i = 0; i < p->turn_count; i++) {
        const struct playback_instant *t = &p->turns[i];
        if (t->at >= now && t->at <= now + TURN_LATEST && text_same(t->pod, pod))
            return t->at - now;
    }
    return 0;
}

const char *playback_name(const struct playback *p, const char *kind, const char *base, uint32_t nth)
{
    for (uint32_t i = 0; i < p->name_count; i++) {
        const struct playback_name *n = &p->names[i];
        if (strcmp(n->kind, kind) == 0 && strcmp(n->base, base) == 0 && nth-- == 0)
            return n->name;
    }
    return NULL;
}

const char *playback_hash(const struct playback *p, const char *kind, const char *owner, uint32_t nth)
{
    size_t n = strlen(owner);
    for (uint32_t i = 0; p && i < p->name_count; i++) {
        const struct playback_name *of = &p->names[i];
        if (strcmp(of->kind, kind) == 0 && strncmp(of->base, owner, n) == 0 && strcmp(of->base + n, "-") == 0 &&
            nth-- == 0)
            return of->name + n + 1;
    }
    return NULL;
}

sim_time playback_sync(const struct playback *p, const char *kind, const char *name, sim_time due)
{
    for (uint32_t i = 0; i < p->side_count; i++) {
        const struct playback_side *s = &p->sides[i];
        bool near = due > s->at - SIDE_NEAR && due < s->at + SIDE_NEAR;
        if (!near || strcmp(s->name, name) != 0 || strcmp(s->kind, kind) != 0)
            continue;
        sim_time least = s->at + SIDE_MARGIN, most = s->at - SIDE_MARGIN;
        return s->after ? (due > least ? due : least) : (due < most ? due : most);
    }
    return due;
}

/* Controllers and the scheduler are a moment early or late here, too. */
static sim_time soon(sim_time at, sim_time now)
{
    bool known = at >= now - WRITE_MARGIN && at <= now + EVENT_LONGEST;
    return !known ? SIM_NEVER : at > now ? at - now : 0;
}

sim_time playback_creation(const struct playback *p, const char *base, uint32_t made, int64_t count, sim_time now)
{
    sim_time last = SIM_NEVER;
    for (uint32_t i = 0; i < p->name_count && count > 0; i++) {
        const struct playback_name *n = &p->names[i];
        if (strcmp(n->kind, "pod") != 0 || strcmp(n->base, base) != 0)
            continue;
        if (made > 0) {
            made--;
            continue;
        }
        last = n->at > last ? n->at : last;
        count--;
    }
    return count > 0 || last == SIM_NEVER ? SIM_NEVER : soon(last, now);
}

sim_time playback_binding(const struct playback *p, const char *pod, sim_time now)
{
    for (uint32_t i = 0; i < p->place_count; i++)
        if (strcmp(p->places[i].pod, pod) == 0)
            return soon(p->places[i].at, now);
    return SIM_NEVER;
}

bool playback_uid(const struct playback *p, const char *kind, const char *name, uint32_t *ret_uid)
{
    for (uint32_t i = 0; i < p->name_count; i++) {
        if (strcmp(p->names[i].kind, kind) == 0 && strcmp(p->names[i].name, name) == 0) {
            *ret_uid = p->names[i].uid;
            return true;
        }
    }
    return false;
}

sim_time playback_next_relist(const struct playback *p, sim_time t)
{
    uint32_t i = 0;
    while (i < p->relist_count && p->relists[i] <= t)
        i++;
    if (i == 0)
        return sim_time_next_tick(t, p->relist_period, p->relists[0]);
    sim_time before = p->relists[i - 1];
    if (i == p->relist_count)
        return sim_time_next_tick(t, p->relist_period, before);
    sim_time gap = p->relists[i] - before;
    sim_time relists = (gap + RELIST_JITTER) / RELIST_LEAST; /* never closer than that, whatever a list takes */
    if (relists < 1)
        relists = 1;
    sim_time k = (t - before) * relists / gap; /* whole parts: the first that is after t may be the next but one */
    while (before + gap * k / relists <= t)
        k++;
    return before + gap * k / relists;
}
