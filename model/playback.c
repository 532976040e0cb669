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
#define EXEC_LONGEST  (100 * SIM_MS)
#define EVENT_LONGEST (150 * SIM_MS)
#define WRITE_SOON    (100 * SIM_MS)

sim_time playback_cost(const struct playback *p, enum hop hop, const struct profile_call *call)
{
    for (uint32_t i = 0; i < p->cost_count; i++) {
        const struct playback_cost *c = &p->costs[i];
        if (c->hop == hop && c->call.attempt == call->attempt && text_same(c->call.pod, call->pod) &&
            text_same(c->call.container, call->container))
            return c->cost;
    }
    return p->hop[hop];
}

/* The first write of the pod that was seen after t and no more than `within` later; SIM_NEVER. */
static sim_time next_write(const struct playback *p, const char *pod, sim_time t, sim_time within)
{
    for (uint32_t i = 0; i < p->write_count && p->writes[i].at <= t + within; i++)
        if (p->writes[i].at > t && text_same(p->writes[i].pod, pod))
            return p->writes[i].at;
    return SIM_NEVER;
}

sim_time playback_write(const struct playback *p, enum hop hop, const char *pod, sim_time now)
{
    sim_time seen = next_write(p, pod, now, p->write_longest);
    if (seen == SIM_NEVER)
        return SIM_NEVER;
    if (hop == HOP_API_WRITE)
        return seen - now;
    bool another = next_write(p, pod, seen, WRITE_SOON) != SIM_NEVER;
    return another || seen - now < WRITE_SLOW ? 0 : seen - now - WRITE_USUAL;
}

sim_time playback_batch_place(const struct playback *p, const char *pod, sim_time now)
{
    sim_time seen = next_write(p, pod, now, SIM_SECOND);
    return seen == SIM_NEVER ? SIM_TIME_MAX : seen;
}

sim_time playback_exec(const struct playback *p, const char *pod, sim_time now)
{
    for (uint32_t i = 0; i < p->exec_count && p->execs[i].at <= now + EXEC_LONGEST; i++)
        if (p->execs[i].at >= now && text_same(p->execs[i].pod, pod))
            return p->execs[i].at - now;
    return SIM_NEVER;
}

sim_time playback_event(const struct playback *p, const char *pod, const char *reason, sim_time now)
{
    for (uint32_t i = 0; i < p->event_count && p->events[i].at <= now + EVENT_LONGEST; i++)
        if (p->events[i].at > now && text_same(p->events[i].pod, pod) && text_same(p->events[i].reason, reason))
            return p->events[i].at - now;
    return SIM_NEVER;
}

/* A tick serves what fell due before it: a due time half a tick before the recorded sync leads there. */
sim_time playback_retry(const struct playback *p, const char *pod, sim_time now, sim_time wait)
{
    sim_time earliest = sim_time_add(now, wait), latest = sim_time_add(earliest, wait / 2);
    for (uint32_t i = 0; i < p->retry_count; i++) {
        sim_time at = p->retries[i].at;
        if (!text_same(p->retries[i].pod, pod) || at <= earliest)
            continue;
        /* Some in between may have left no trace: they are taken to be evenly spaced. */
        sim_time longest = latest - now + SYNC_TICK, steps = (at - now + longest - 1) / longest;
        sim_time due = now + (at - now) / steps - SYNC_TICK / 2;
        if (due < earliest - SYNC_TICK / 2)
            return SIM_NEVER;
        return due < earliest ? earliest : due > latest ? latest : due;
    }
    return SIM_NEVER;
}

bool playback_trigger_lost(const struct playback *p, const struct profile_call *call, sim_time now)
{
    for (uint32_t i = 0; i < p->unprobed_count; i++) {
        const struct playback_span *s = &p->unprobed[i];
        if (text_same(s->pod, call->pod) && text_same(s->container, call->container) && now >= s->from &&
            now < s->until)
            return true;
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
