/* profile.c - the latency table as profiles. Values: semantics/README.md section 3. */
#include "model/profile.h"

#include <string.h>

#include "model/playback.h"
#include "sim/rng.h"

/* Numbers of the random streams: a new hop must not change what others draw. */
enum {
    STREAM_PHASES = 15,
    STREAM_RETRIES,
    STREAM_FIRST_SLEEPS,
    STREAM_TRIGGER_RACES,
    STREAM_EVENTS,
    STREAM_BATCHES,
    STREAM_HEARTBEATS,
    STREAM_MANAGER,
    STREAM_HOPS = 1000
};

const struct hop_info hop_infos[HOP_COUNT] = {
#define X(id, name, instant, typical, jitter, doc) {name, instant, typical, jitter, doc},
    PROFILE_HOPS(X)
#undef X
};

/* Periods and phases of the node's own tickers, per profile. */
static const struct {
    const char *name;
    sim_time pleg_period, sync_tick_period, sync_tick_phase, first_seen_delay;
    bool event_throttle;
    int jitter_permille;
} tickers[] = {
    [PROFILE_INSTANT] = {"instant", 0, 0, 0, 0, false, 0},
    [PROFILE_TYPICAL] = {"typical", SIM_SECOND, SIM_SECOND, SIM_SECOND / 2, 0, true, 0},
    [PROFILE_JITTERED] = {"jittered", SIM_SECOND, SIM_SECOND, SIM_SECOND / 2, 0, true, 500},
    [PROFILE_REF] = {"ref", SIM_SECOND, SIM_SECOND, SIM_SECOND / 2, 300 * SIM_MS, false, 0},
};

void profile_init(struct profile *p, enum profile_kind kind, uint64_t seed)
{
    *p = (struct profile){
        .kind = kind,
        .seed = seed,
        .pleg_period = tickers[kind].pleg_period,
        .sync_tick_period = tickers[kind].sync_tick_period,
        .sync_tick_phase = tickers[kind].sync_tick_phase,
        .first_seen_delay = tickers[kind].first_seen_delay,
        .event_throttle = tickers[kind].event_throttle,
        .jitter_permille = tickers[kind].jitter_permille,
        .kubelet_uptime = SIM_NEVER,
    };
    bool zero = kind == PROFILE_INSTANT || kind == PROFILE_REF;
    for (int h = 0; h < HOP_COUNT; h++)
        p->hop[h] = zero ? hop_infos[h].instant : hop_infos[h].typical;
    if (kind == PROFILE_JITTERED) { /* free phases, as on a real node; whole milliseconds */
        p->pleg_phase = (sim_time)rng_below(rng_draw(seed, STREAM_PHASES, 0, 0), 1000) * SIM_MS;
        p->sync_tick_phase = (sim_time)rng_below(rng_draw(seed, STREAM_PHASES, 0, 1), 1000) * SIM_MS;
    }
}

int profile_kind_parse(const char *name, enum profile_kind *ret_kind)
{
    for (size_t k = 0; k < ARRAY_LEN(tickers); k++) {
        if (strcmp(tickers[k].name, name) == 0) {
            *ret_kind = (enum profile_kind)k;
            return 0;
        }
    }
    return -1;
}

sim_time profile_draw(const struct profile *p, enum hop hop, uint32_t object, sim_time now)
{
    sim_time base = p->playback && p->playback->hop[hop] != SIM_NEVER ? p->playback->hop[hop] : p->hop[hop];
    int percent = hop_infos[hop].jitter_percent;
    if (p->kind != PROFILE_JITTERED || percent == 0 || base == 0)
        return base;
    /* Uniform in [base * (1 - percent/200), base * (1 + percent/100)], in whole microseconds: the
     * long tail of real latencies is on the slow side. */
    sim_time low = base - base / 200 * percent, high = base + base / 100 * percent;
    uint64_t draw = rng_draw(p->seed, STREAM_HOPS + (uint32_t)hop, object, (uint64_t)now);
    return low + (sim_time)rng_below(draw, (uint64_t)((high - low) / SIM_US + 1)) * SIM_US;
}

sim_time profile_draw_max(const struct profile *p, enum hop hop)
{
    sim_time base = p->hop[hop];
    int percent = p->kind == PROFILE_JITTERED ? hop_infos[hop].jitter_percent : 0;
    return p->playback ? SIM_TIME_MAX : base + base / 100 * percent;
}

sim_time profile_draw_call(const struct profile *p, enum hop hop, uint32_t object, sim_time now,
                           const struct profile_call *call)
{
    sim_time cost = SIM_NEVER;
    if (p->playback && (hop == HOP_API_WRITE || hop == HOP_STATUS_WAIT))
        cost = playback_write(p->playback, hop, call, now);
    else if (p->playback && hop == HOP_PROBE_EXEC)
        cost = playback_exec(p->playback, call->pod, now);
    else if (p->playback)
        cost = playback_cost(p->playback, hop, call);
    return cost != SIM_NEVER ? cost : profile_draw(p, hop, object, now);
}

sim_time profile_draw_event(const struct profile *p, uint32_t object, sim_time now, const char *about,
                            const char *reason)
{
    sim_time cost = p->playback ? playback_event(p->playback, about, reason, now) : SIM_NEVER;
    return cost != SIM_NEVER ? cost : profile_draw(p, HOP_API_WRITE, object, now);
}

sim_time profile_retry(const struct profile *p, const char *pod, uint32_t object, sim_time now, sim_time wait,
                       sim_time over)
{
    sim_time due = p->playback ? playback_retry(p->playback, pod, now, wait, over) : SIM_NEVER;
    if (due != SIM_NEVER)
        return due;
    if (p->jitter_permille == 0)
        return sim_time_add(now, wait);
    uint64_t draw = rng_draw(p->seed, STREAM_RETRIES, object, (uint64_t)now);
    sim_time permille = (sim_time)rng_below(draw, (uint64_t)p->jitter_permille);
    return sim_time_add(now, wait + wait / 1000 * permille);
}

bool profile_trigger_lost(const struct profile *p, uint32_t object, uint32_t container, sim_time now,
                          const struct profile_call *call)
{
    if (p->playback && p->playback->unprobed)
        return playback_trigger_lost(p->playback, call, now);
    if (p->probes.race != RACE_SEEDED)
        return p->probes.race == RACE_LOSE;
    uint64_t draw = rng_draw(p->seed, STREAM_TRIGGER_RACES, object, (uint64_t)now ^ (uint64_t)container << 48);
    return (int64_t)rng_below(draw, 100) < p->probes.loss_percent;
}

/* A worst phase is one just short of the period: at the period itself the tick would come at once. */
sim_time profile_probe_phase(const struct profile *p, sim_time period)
{
    switch (p->probes.phase) {
    case PHASE_NATURAL:
        return SIM_NEVER;
    case PHASE_BEST:
        return 0;
    case PHASE_WORST:
        return period - SIM_MS;
    case PHASE_AFTER:
        return p->probes.after % period;
    }
    return SIM_NEVER;
}

sim_time profile_kubelet_start(const struct profile *p)
{
    sim_time uptime =
        p->playback && p->playback->kubelet_uptime != SIM_NEVER ? p->playback->kubelet_uptime : p->kubelet_uptime;
    return uptime == SIM_NEVER ? SIM_NEVER : -uptime;
}

sim_time profile_probe_sleep(const struct profile *p, uint32_t object, uint32_t worker, sim_time now, sim_time period)
{
    if (p->kind == PROFILE_INSTANT)
        return 0;
    uint64_t draw = rng_draw(p->seed, STREAM_FIRST_SLEEPS, object, (uint64_t)now ^ (uint64_t)worker << 48);
    return period / 1000 * (sim_time)rng_below(draw, 1000);
}

uint64_t profile_batch_place(const struct profile *p, uint32_t object, sim_time now, const struct profile_call *call)
{
    if (p->playback && p->playback->write_count)
        return (uint64_t)playback_batch_place(p->playback, call, now);
    return p->kind == PROFILE_JITTERED ? rng_draw(p->seed, STREAM_BATCHES, object, (uint64_t)now) : 0;
}

bool profile_batch_later(const struct profile *p, sim_time now, const struct profile_call *call)
{
    return p->playback && playback_batch_later(p->playback, call, now);
}

sim_time profile_relist_turn(const struct profile *p, const char *pod, sim_time now)
{
    return p->playback ? playback_relist_turn(p->playback, pod, now) : 0;
}

bool profile_events_apart(const struct profile *p, uint32_t object, sim_time now)
{
    return p->kind == PROFILE_JITTERED && rng_draw(p->seed, STREAM_EVENTS, object, (uint64_t)now) & 1;
}

sim_time profile_next_relist(const struct profile *p, const char *node, sim_time t)
{
    const struct playback *recorded = p->playback ? playback_of_node(p->playback, node) : NULL;
    if (recorded && recorded->relist_count)
        return playback_next_relist(recorded, t);
    return sim_time_next_tick(t, p->pleg_period, p->pleg_phase);
}

sim_time profile_next_sync_tick(const struct profile *p, const char *node, sim_time t)
{
    const struct playback *recorded = p->playback ? playback_of_node(p->playback, node) : NULL;
    bool ticks = recorded && recorded->sync_tick_phase != SIM_NEVER;
    return sim_time_next_tick(t, p->sync_tick_period, ticks ? recorded->sync_tick_phase : p->sync_tick_phase);
}

/* ---- beside the pods ---- */

/* k8s pkg/kubelet/kubelet.go: lease duration 40 s, a fraction of 0.25; component-helpers/apimachinery/lease/controller.go
 * jitterFactor 0.04. */
#define HEARTBEAT_PERIOD (10 * SIM_SECOND)
#define HEARTBEAT_JITTER (HEARTBEAT_PERIOD / 25)
/* semantics/README.md section 2, REF: lease renewals at 10 k + 6 s, here before the run begins. */
#define HEARTBEAT_PHASE (-4 * SIM_SECOND)

sim_time profile_first_heartbeat(const struct profile *p, uint32_t node)
{
    if (p->kind != PROFILE_JITTERED)
        return HEARTBEAT_PHASE;
    uint64_t draw = rng_draw(p->seed, STREAM_HEARTBEATS, node, 0);
    return -(sim_time)rng_below(draw, HEARTBEAT_PERIOD / SIM_MS) * SIM_MS;
}

sim_time profile_heartbeat_period(const struct profile *p, uint32_t node, sim_time t)
{
    if (p->kind != PROFILE_JITTERED)
        return HEARTBEAT_PERIOD;
    uint64_t draw = rng_draw(p->seed, STREAM_HEARTBEATS, node, (uint64_t)t | 1);
    return HEARTBEAT_PERIOD + (sim_time)rng_below(draw, HEARTBEAT_JITTER / SIM_MS) * SIM_MS;
}

bool profile_heartbeats_alike(const struct profile *p) { return p->kind != PROFILE_JITTERED; }

/* A real pass takes some ms, after which the period begins. nodes.md 14: with none, one that falls just on the end of
 * the grace period would be one too early. */
#define MONITOR_PASS (10 * SIM_MS)

sim_time profile_manager_turn(const struct profile *p, enum manager_turn turn, sim_time period, sim_time t)
{
    /* nodes.md 11: 3 s before and 13 s after a failure at 0. */
    static const sim_time phases[] = {
        [TURN_NODE_MONITOR] = -3 * SIM_SECOND, [TURN_NODE_TAINTING] = 0, [TURN_POD_GC] = 13 * SIM_SECOND};
    sim_time phase = p->kind == PROFILE_INSTANT ? 0 : phases[turn];
    if (turn == TURN_NODE_MONITOR && p->kind != PROFILE_INSTANT)
        period += MONITOR_PASS;
    if (p->kind == PROFILE_JITTERED)
        phase = (sim_time)rng_below(rng_draw(p->seed, STREAM_MANAGER, turn, 0), (uint64_t)(period / SIM_MS)) * SIM_MS;
    if (turn == TURN_POD_GC && p->playback && p->playback->pod_gc != SIM_NEVER)
        phase = p->playback->pod_gc;
    return sim_time_next_tick(t - 1, period, phase);
}
