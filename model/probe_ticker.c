/* probe_ticker.c - the ticks of probe workers: which are events, and the account of those that are not.
 *
 * Most ticks change nothing anybody can see. There are two kinds (DESIGN.md decision 8):
 *
 *   - ticks on which doProbe executes nothing: no status yet, on hold, not started, too young. The next tick
 *     that may do more is known (worker_tick_effect); whatever changes that calls prober_wake().
 *   - successes of a probe that is already held to be successful, whose answer is certain to stay the same:
 *     the pod's world has not changed since it was given (cri.h, "worlds"). The worker is then *repeating*:
 *     executions are counted in closed form when something intervenes, which is announced by
 *     cri_deps.disturbed, prober_wake(), a trigger or a stop.
 *
 * Exact, because what is left out would have changed nothing but the count of executions and of process ids,
 * both of which are brought up to date before anybody can look; because the latest execution, if its result
 * has not arrived yet, is put on its way again (ticker_settle); and because the order of events does not
 * depend on which of them exist (sim_passed). A result takes less time than a period: otherwise no repeating.
 * With TICKS_ALL each tick is an event that adds one; it checks the closed form.
 */
#include "model/prober.h"

#include <string.h>

#include "model/classes.h"

static struct kubelets *kubelets_of(struct worker p) { return p.kp->all; }

/* ---- the grid ---- */

/* The latest tick that has gone by; the anchor when there was none. */
static sim_time latest_tick(struct worker p)
{
    const struct probe_ticker *t = p.w->ticker;
    sim_time now = now_of(p);
    sim_time at = sim_time_floor(now - t->anchor, t->period) + t->anchor;
    if (at == now && at > t->anchor && !sim_passed(kubelets_of(p)->sim, at, CLASS_PROBE, t->object, TIMER_TICK))
        at -= t->period;
    return at;
}

/* The first tick at `from` or later that has not gone by. */
static sim_time next_tick(struct worker p, sim_time from)
{
    const struct probe_ticker *t = p.w->ticker;
    sim_time after = latest_tick(p);
    if (from - 1 > after)
        after = from - 1;
    return sim_time_next_tick(after, t->period, t->anchor);
}

static void arm(struct worker p, sim_time at)
{
    struct sim *s = kubelets_of(p)->sim;
    uint32_t cause = sim_cause(s);
    sim_set_cause(s, p.w->cause);
    sim_arm(s, at, CLASS_PROBE, p.w->ticker->object, TIMER_TICK);
    sim_set_cause(s, cause);
}

void ticker_arm(struct worker p)
{
    struct kubelets *ks = kubelets_of(p);
    sim_time from = now_of(p);
    bool matters = p.w->executing || worker_tick_effect(p, &from) != TICK_NOTHING;
    if (ks->ticks != TICKS_THAT_MATTER || p.w->executing)
        arm(p, next_tick(p, now_of(p)));
    else if (matters)
        arm(p, next_tick(p, from));
    else
        sim_cancel(ks->sim, CLASS_PROBE, p.w->ticker->object, TIMER_TICK);
}

/* ---- what has been counted ---- */

static sim_time last_of(const struct probe_stretch *s) { return s->first + (sim_time)(s->count - 1) * s->period; }

static struct probe_stretch *new_stretch(struct worker p)
{
    struct probe_worker *w = p.w;
    uint32_t n = w->repeats.stretch_count;
    if (n == w->stretch_capacity) {
        uint32_t capacity = n ? 2 * n : 1;
        struct probe_stretch *bigger = arena_array(kubelets_of(p)->arena, struct probe_stretch, capacity);
        if (n)
            memcpy(bigger, w->stretches, n * sizeof *bigger);
        w->stretches = bigger;
        w->stretch_capacity = capacity;
    }
    w->repeats.stretch_count++;
    return &w->stretches[n];
}

/* Whether an execution goes on with the stretch: the second one says what its period is. */
static bool goes_on(const struct probe_stretch *s, sim_time sent_at, sim_time took, const struct trace_line *line)
{
    return s->took == took && s->line == line && (s->count == 1 || sent_at - last_of(s) == s->period);
}

static void add_execution(struct worker p, sim_time sent_at, sim_time took, const struct trace_line *line)
{
    struct probe_stretch *s = p.w->repeats.stretch_count ? &p.w->stretches[p.w->repeats.stretch_count - 1] : NULL;
    if (!s || !goes_on(s, sent_at, took, line)) {
        *new_stretch(p) = (struct probe_stretch){.count = 1, .first = sent_at, .took = took, .line = line};
        return;
    }
    if (s->count == 1)
        s->period = sent_at - s->first;
    s->count++;
}

void ticker_repeated(struct worker p, uint32_t count, sim_time first, sim_time took, uint32_t line)
{
    enum { SETTLED = 3 }; /* by then the last stretch has the ticker's period */
    sim_time period = p.w->ticker->period;
    if (kubelets_of(p)->profile->kind == PROFILE_JITTERED)
        took = SIM_NEVER;
    if (!p.w->repeats.count)
        p.w->repeats.run = p.w->run + 1;
    p.w->repeats.count += count;
    int64_t run = (int64_t)p.w->run + count;
    p.w->run = run < INT32_MAX ? (int32_t)run : INT32_MAX;
    for (uint32_t i = 0; i < count && i < SETTLED; i++)
        add_execution(p, first + i * period, took, cri_line(kubelets_of(p)->cri, line));
    if (count > SETTLED)
        p.w->stretches[p.w->repeats.stretch_count - 1].count += count - SETTLED;
}

void ticker_record_repeats(struct worker p)
{
    struct kubelets *ks = kubelets_of(p);
    bool unanswered = p.w->executing && p.w->line_held_back;
    if (!p.w->repeats.count && !unanswered)
        return;
    struct trace_repeats *t = arena_new(ks->arena, struct trace_repeats);
    *t = p.w->repeats;
    t->stretches = p.w->stretches;
    if (unanswered) {
        t->unanswered = cri_line(ks->cri, p.w->line);
        t->unanswered_at = p.w->sent_at;
    }
    sim_record(ks->sim, (struct trace_record){
                            .object = p.kp->pod->object.ordinal,
                            .kind = TRACE_PROBE_REPEATS,
                            .component = COMP_PROBER,
                            .flags = (uint8_t)p.kind,
                            .text = p.c->spec->name,
                            .data = t,
                        });
    p.w->repeats = (struct trace_repeats){0};
    p.w->stretches = NULL;
    p.w->stretch_capacity = 0;
}

/* ---- repeating ---- */

static bool is_repeating(const struct probe_ticker *t) { return t->tick->until != SIM_NEVER; }

/* The latest tick that has been counted. */
static sim_time last_counted(const struct probe_ticker *t) { return t->since + t->tick->count * t->period; }

static enum hop hop_of(struct worker p) { return p.w->spec->exec ? HOP_PROBE_EXEC : HOP_PROBE_NET; }

static sim_time arrival(struct worker p, sim_time sent_at)
{
    sim_time took = profile_draw(kubelets_of(p)->profile, hop_of(p), p.kp->stream, sent_at);
    return sim_time_add(sent_at, took);
}

/* Counts the ticks that have gone by, and takes the process ids that their programs would have had. */
static void count_worker(struct worker p)
{
    struct kubelets *ks = kubelets_of(p);
    struct probe_ticker *t = p.w->ticker;
    sim_time latest = latest_tick(p);
    if (latest > t->tick->until)
        latest = sim_time_floor(t->tick->until - t->anchor, t->period) + t->anchor;
    if (latest > last_counted(t)) {
        ASSERT(ks->ticks == TICKS_THAT_MATTER);
        t->tick->count = (uint32_t)((latest - t->since) / t->period);
        ASSERT(last_counted(t) == latest);
    }
    if (p.w->spec->exec && t->tick->count > p.w->paid) {
        cri_exec_repeated(ks->cri, p.w->instance, p.w->pids, t->tick->count - p.w->paid);
        p.w->paid = t->tick->count;
    }
}

/* The lines that the servers have printed for those, in order of time: two probes may ask the same one. */
static void print_lines(struct kpod *kp)
{
    for (;;) {
        struct worker first = {0};
        sim_time at = 0;
        for (uint32_t i = 0; i < worker_count(kp); i++) {
            struct worker p = worker_of(kp, i);
            const struct probe_ticker *t = p.w->ticker;
            if (!t || !is_repeating(t) || !p.w->line || p.w->printed == t->tick->count)
                continue;
            sim_time due = t->since + (p.w->printed + (sim_time)1) * t->period;
            if (first.w && due >= at)
                continue;
            first = p;
            at = due;
        }
        if (!first.w)
            return;
        cri_line_repeated(kp->all->cri, first.w->line, at);
        first.w->printed++;
    }
}

static void count_ticks(struct kpod *kp)
{
    for (uint32_t i = 0; i < worker_count(kp); i++) {
        struct worker p = worker_of(kp, i);
        if (p.w->ticker && is_repeating(p.w->ticker))
            count_worker(p);
    }
    if (!kp->all->ending)
        print_lines(kp);
}

void ticker_settle(struct worker p)
{
    struct probe_ticker *t = p.w->ticker;
    if (!t || !is_repeating(t))
        return;
    count_ticks(p.kp);
    t->tick->until = SIM_NEVER;
    uint32_t count = t->tick->count;
    sim_time last = last_counted(t), arrives_at = arrival(p, last);
    bool flying = count && !sim_passed(kubelets_of(p)->sim, arrives_at, CLASS_PROBE_RESULT, t->object, 0);
    uint32_t arrived = count - flying;
    if (arrived)
        ticker_repeated(p, arrived, t->since + t->period, arrives_at - last, p.w->line);
    t->tick->count = 0;
    if (flying)
        worker_in_flight(p, last, arrives_at);
    if (!kubelets_of(p)->ending)
        ticker_arm(p);
}

/* As far as the kubelet is concerned. */
static bool executes_as_ever(struct worker p)
{
    sim_time from;
    bool answered = !p.w->spec->exec || !kpod_kubelet(p.kp)->hung;
    return worker_tick_effect(p, &from) == TICK_EXECUTES && from <= now_of(p) && answered && !worker_context_is_over(p);
}

static bool can_repeat(struct worker p)
{
    const struct kubelets *ks = kubelets_of(p);
    const struct probe_worker *w = p.w;
    sim_time longest = profile_draw_max(ks->profile, hop_of(p));
    bool success = w->has_result && w->result == RESULT_SUCCESS && w->last_result == RESULT_SUCCESS &&
                   w->run >= w->spec->success_threshold;
    return ks->ticks != TICKS_EXECUTED && success && !w->executing && !w->stop_wanted && longest < w->ticker->period &&
           longest < w->spec->timeout_seconds * SIM_SECOND && w->answer_until > now_of(p) &&
           w->answer_world == cri_world(ks->cri, w->instance) && executes_as_ever(p);
}

void ticker_try_repeating(struct worker p)
{
    struct kubelets *ks = kubelets_of(p);
    struct probe_ticker *t = p.w->ticker;
    if (!can_repeat(p))
        return;
    sim_time last = latest_tick(p), until = p.w->answer_until;
    if (p.w->line) { /* the end of the log is for executions */
        uint32_t room = cri_line_room(ks->cri, p.w->line);
        if (room == 0)
            return;
        if ((until - last) / t->period > room)
            until = last + (sim_time)room * t->period;
    }
    t->since = last;
    t->tick->until = until;
    t->tick->count = 0;
    p.w->paid = p.w->printed = 0;
    cri_watch(ks->cri, p.w->instance);
    if (ks->ticks != TICKS_THAT_MATTER)
        return;
    if (until == SIM_TIME_MAX)
        sim_cancel(ks->sim, CLASS_PROBE, t->object, TIMER_TICK);
    else
        arm(p, next_tick(p, until + 1));
}

void prober_disturbed(struct kpod *kp)
{
    for (uint32_t i = 0; i < worker_count(kp); i++)
        ticker_settle(worker_of(kp, i));
}

void prober_numbered(struct kpod *kp) { count_ticks(kp); }

/* Policy probePhase: the ticks are moved, once, when the probe may first be executed. True: one comes right now. */
static bool apply_phase(struct worker p)
{
    struct probe_ticker *t = p.w->ticker;
    sim_time from, phase = profile_probe_phase(kubelets_of(p)->profile, t->period);
    if (p.w->phased || phase == SIM_NEVER || !worker_first_chance(p, &from))
        return false;
    p.w->phased = true;
    sim_time ahead = from + phase - now_of(p);
    t->anchor = from + phase - (ahead / t->period + 1) * t->period;
    if (ahead == 0)
        arm(p, now_of(p));
    return ahead == 0;
}

void prober_wake(struct kpod *kp)
{
    for (uint32_t i = 0; i < worker_count(kp); i++) {
        struct worker p = worker_of(kp, i);
        if (!p.w->alive || p.w->asleep)
            continue;
        if (apply_phase(p))
            continue;
        if (!is_repeating(p.w->ticker))
            ticker_arm(p);
        else if (!executes_as_ever(p))
            ticker_settle(p);
    }
}

static struct worker worker_at(struct kubelets *ks, uint32_t local)
{
    const struct probe_ticker *t = pool_at(&ks->tickers, local);
    return worker_of(kpod_at(ks, t->kpod), t->worker);
}

/* Very many workers, each for the first time since long ago: their memory is asked for some workers ahead. */
static void fetch_ahead(struct kubelets *ks, uint32_t ticker)
{
    enum { POD_AHEAD = 24, WORKER_AHEAD = 8, LINE = 64 };
    if (ticker + POD_AHEAD >= ks->tickers.count)
        return;
    const struct probe_ticker *soon = pool_at(&ks->tickers, ticker + WORKER_AHEAD);
    const unsigned char *w = (const unsigned char *)worker_of(kpod_at(ks, soon->kpod), soon->worker).w;
    for (size_t at = 0; at < offsetof(struct probe_worker, attempt_at); at += LINE)
        __builtin_prefetch(w + at, 1);
    const struct probe_ticker *later = pool_at(&ks->tickers, ticker + POD_AHEAD);
    const struct kpod *kp = kpod_at(ks, later->kpod);
    __builtin_prefetch(&kp->all);
    __builtin_prefetch(&kp->containers);
}

void prober_end(struct kubelets *ks)
{
    ks->ending = true;
    for (uint32_t i = 0; i < ks->tickers.count; i++) {
        fetch_ahead(ks, i);
        struct worker p = worker_at(ks, i);
        ticker_settle(p);
        ticker_record_repeats(p);
    }
}

/* ---- the engine's side ---- */

static struct sim_timer *timer_of(void *ctx, uint32_t local, uint32_t class, uint32_t index)
{
    struct kubelets *ks = ctx;
    if (class == CLASS_PROBE && index == TIMER_TICK)
        return &((struct probe_tick *)pool_at(&ks->probe_ticks, local))->timer;
    struct worker p = worker_at(ks, local);
    return class == CLASS_PROBE ? &p.w->trigger : &p.w->done;
}

/* Nothing but another repetition? */
static bool repeat(struct sim *s, struct probe_tick *t)
{
    sim_time now = sim_now(s);
    if (now > t->until)
        return false;
    t->count++;
    sim_arm_again(s, now + t->period_seconds * SIM_SECOND);
    return true;
}

static void tick(struct worker p)
{
    ticker_settle(p);
    worker_tick(p);
    if (p.w->alive)
        ticker_arm(p);
}

static void fire(void *ctx, uint32_t local, uint32_t class, uint32_t index)
{
    struct kubelets *ks = ctx;
    bool ticks = class == CLASS_PROBE && index == TIMER_TICK;
    if (ticks && repeat(ks->sim, pool_at(&ks->probe_ticks, local)))
        return;
    struct worker p = worker_at(ks, local);
    arena_reset(ks->scratch);
    if (ticks)
        tick(p);
    else if (class == CLASS_PROBE_RESULT)
        worker_result(p);
    else
        worker_triggered(p);
}

void prober_init(struct kubelets *ks)
{
    ks->no_probe = arena_new(ks->arena, struct probe_worker);
    pool_init(&ks->tickers, ks->arena, sizeof(struct probe_ticker));
    pool_init(&ks->probe_ticks, ks->arena, sizeof(struct probe_tick));
    ks->probe_handler = sim_handler_add(ks->sim, &(struct sim_handler){"probe", ks, timer_of, fire});
    sim_handler_ahead(ks->sim, ks->probe_handler);
}

void prober_new_container(struct kubelets *ks, struct kcontainer *c)
{
    const struct probe *probes[PROBE_KIND_COUNT] = {0};
    if (c->spec) {
        probes[PROBE_STARTUP] = c->spec->startup_probe;
        probes[PROBE_READINESS] = c->spec->readiness_probe;
        probes[PROBE_LIVENESS] = c->spec->liveness_probe;
    }
    for (int kind = 0; kind < PROBE_KIND_COUNT; kind++) {
        c->probes[kind] = probes[kind] ? arena_new(ks->arena, struct probe_worker) : ks->no_probe;
        c->probes[kind]->spec = probes[kind];
    }
}

void prober_new_pod(struct kpod *kp)
{
    struct kubelets *ks = kp->all;
    for (uint32_t i = 0; i < worker_count(kp); i++) {
        struct worker p = worker_of(kp, i);
        if (!p.w->spec)
            continue;
        uint32_t local = pool_add(&ks->tickers);
        uint32_t hot = pool_add(&ks->probe_ticks);
        ASSERT(hot == local);
        struct probe_ticker *t = pool_at(&ks->tickers, local);
        *t = (struct probe_ticker){
            .tick = pool_at(&ks->probe_ticks, local),
            .period = p.w->spec->period_seconds * SIM_SECOND,
            .object = sim_object_new(ks->sim, ks->probe_handler, local),
            .kpod = kp->index,
            .worker = (uint16_t)i,
        };
        *t->tick = (struct probe_tick){.until = SIM_NEVER, .period_seconds = (uint32_t)p.w->spec->period_seconds};
        p.w->ticker = t;
    }
}

void ticker_start(struct worker p, sim_time from)
{
    p.w->cause = sim_cause(kubelets_of(p)->sim);
    p.w->ticker->anchor = from;
    ticker_arm(p);
}

void ticker_stop(struct worker p)
{
    ASSERT(!is_repeating(p.w->ticker));
    struct sim *s = kubelets_of(p)->sim;
    uint32_t object = p.w->ticker->object;
    sim_cancel(s, CLASS_PROBE, object, TIMER_TICK);
    sim_cancel(s, CLASS_PROBE, object, TIMER_TRIGGER);
    sim_cancel(s, CLASS_PROBE_RESULT, object, 0);
}
