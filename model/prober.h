/* prober.h - private to prober.c and probe_ticker.c: one probe worker, and what the two files tell each other. */
#ifndef MODEL_PROBER_H
#define MODEL_PROBER_H

#include "model/kubelet.h"

struct worker { /* names one worker */
    struct kpod *kp;
    struct kcontainer *c;
    enum probe_kind kind;
    struct probe_worker *w;
};

static inline struct worker worker_of(struct kpod *kp, uint32_t index)
{
    struct kcontainer *c = &kp->containers[index / PROBE_KIND_COUNT];
    enum probe_kind kind = (enum probe_kind)(index % PROBE_KIND_COUNT);
    return (struct worker){kp, c, kind, c->probes[kind]};
}
static inline uint32_t worker_count(const struct kpod *kp) { return kp->container_count * PROBE_KIND_COUNT; }
static inline sim_time now_of(struct worker p) { return sim_now(p.kp->all->sim); }

enum { TIMER_TICK = 0, TIMER_TRIGGER = 1 }; /* of CLASS_PROBE; CLASS_PROBE_RESULT has one, 0 */

/* ---- prober.c ---- */
/* What a tick would do, going by what is known now. */
enum tick_effect {
    TICK_NOTHING,  /* until the status, the instances or the worker change */
    TICK_ACTS,     /* publishes, or ends the worker */
    TICK_EXECUTES, /* if it is not before *ret_from */
};
enum tick_effect worker_tick_effect(struct worker p, sim_time *ret_from);
/* May it be executed now, or from *ret_from on, as the status shows its container? */
bool worker_first_chance(struct worker p, sim_time *ret_from);
/* Executions are errors from now on. */
bool worker_context_is_over(struct worker p);
void worker_tick(struct worker p);
void worker_triggered(struct worker p);
void worker_result(struct worker p);
/* An execution whose answer is known to be a success is on its way since sent_at. */
void worker_in_flight(struct worker p, sim_time sent_at, sim_time arrives_at);

/* ---- probe_ticker.c ---- */
/* Ticks at from + period, from + 2 * period ... */
void ticker_start(struct worker p, sim_time from);
void ticker_stop(struct worker p);
/* Has the next tick that may matter be an event. */
void ticker_arm(struct worker p);
/* After a success: repeats it without executing, from now on, if it is certain to stay the same. */
void ticker_try_repeating(struct worker p);
/* Ends that; everything is as if each tick had been executed. */
void ticker_settle(struct worker p);
/* `count` executions, sent at `first` and at the ticks after it, succeeded and changed nothing; each took so long and
 * made a server print this, cri_line(). */
void ticker_repeated(struct worker p, uint32_t count, sim_time first, sim_time took, uint32_t line);
/* The record of those, if there are any. */
void ticker_record_repeats(struct worker p);

#endif
