/* sim.h - the engine: a clock, an event queue, objects with timers, limits, and the cause of
 * everything. It knows nothing of what is simulated.
 *
 * A component registers a handler and creates objects. Each object may have many timers, told apart
 * by (class, index); the struct sim_timer of each lives inside the component's own data and is found
 * through the handler. Arming a timer posts an entry to the queue; re-arming or cancelling bumps its
 * generation, so the old entry is skipped when it comes up.
 *
 *     static void fire(void *ctx, uint32_t local, uint32_t class, uint32_t index) { ... }
 *     uint32_t h = sim_handler_add(s, &(struct sim_handler){"worker", w, timer, fire});
 *     uint32_t object = sim_object_new(s, h, job_index);
 *     sim_arm(s, sim_now(s) + 5 * SIM_SECOND, CLASS_WORKER, object, 0);
 *     sim_run(s, until);
 *
 * Cause: while an event is handled, sim_cause() is the trace record that armed it; records and
 * timers made meanwhile inherit it. sim_set_cause() narrows it to a record just written.
 * Thread safety: none; a run belongs to one thread. Everything lives in one arena.
 */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include "sim/arena.h"
#include "sim/event_queue.h"
#include "sim/trace.h"

struct sim_timer {
    sim_time at;    /* SIM_NEVER when not armed; meaningless otherwise unless armed */
    uint32_t cause; /* trace record that armed it */
    uint16_t generation;
    bool armed;
};

struct sim_handler {
    const char *name; /* shown in diagnostics */
    void *ctx;
    /* May return NULL for what no longer exists: its pending events are then dropped. */
    struct sim_timer *(*timer)(void *ctx, uint32_t local, uint32_t class, uint32_t index);
    void (*fire)(void *ctx, uint32_t local, uint32_t class, uint32_t index);
};

/* A limit of 0 means none. */
struct sim_limits {
    uint64_t events;             /* in the whole run */
    uint64_t events_per_instant; /* at one simulated instant: a loop without progress */
    uint64_t memory_bytes;       /* of the run's arena */
};

enum sim_stop {
    SIM_STOP_QUIET,  /* nothing is pending and nothing is held */
    SIM_STOP_UNTIL,  /* simulated time reached `until`; later events are still pending */
    SIM_STOP_ASKED,  /* sim_stop() */
    SIM_STOP_EVENTS, /* limits: sim_limit_text() says which and shows the repeating cycle */
    SIM_STOP_INSTANT,
    SIM_STOP_MEMORY,
    SIM_STOP_LIMIT, /* a limit of the model's own: sim_limit() */
};

struct sim_config {
    uint64_t seed;
    struct tie_order tie_order;
    struct sim_limits limits;
    const char *const *class_names; /* of classes 0 ... class_count - 1, for diagnostics; may be NULL */
    uint32_t class_count;
};

struct sim; /* allocated in its own arena */

struct sim *sim_new(const struct sim_config *config);
void sim_free(struct sim *s); /* accepts NULL */
/* Ends this run and begins another in the same memory, which costs less than free and new: pages
 * that were touched once are slow to get again. Returns the new run; `s` is no more. */
struct sim *sim_renew(struct sim *s, const struct sim_config *config);

struct arena *sim_arena(struct sim *s);
struct trace *sim_trace(struct sim *s);
uint64_t sim_seed(const struct sim *s);
sim_time sim_now(const struct sim *s);

uint32_t sim_handler_add(struct sim *s, const struct sim_handler *handler);
/* For handlers with very many periodic timers (sim_arm_again) whose timer() mostly just computes where the timer is: it
 * is then also called some events ahead, to have the timer in the processor's cache by the time of its event. */
void sim_handler_ahead(struct sim *s, uint32_t handler);
/* Ordinals count from 1; 0 is no object. They are the `object` of the canonical order. */
uint32_t sim_object_new(struct sim *s, uint32_t handler, uint32_t local);
/* As sim_object_new, of what is there only until its event, in great numbers. Their ordinals are above all others, so
 * that tables by ordinal are not full of them. All have the same handler. */
uint32_t sim_passing_new(struct sim *s, uint32_t handler, uint32_t local);

/* Arms (or re-arms) the timer (class, object, index) for `at`; at < now is raised to now. SIM_NEVER is
 * not a time to arm for: that is sim_cancel. */
void sim_arm(struct sim *s, sim_time at, uint32_t class, uint32_t object, uint32_t index);
/* As sim_arm, but keeps an earlier or equal time that is already armed. */
void sim_arm_by(struct sim *s, sim_time at, uint32_t class, uint32_t object, uint32_t index);
/* Inside fire(): arms the timer that has just gone off again, for the same reason. Quicker than sim_arm, most of all
 * for very many timers with few different periods, which need no sorting (evq_push_after). */
void sim_arm_again(struct sim *s, sim_time at);
void sim_cancel(struct sim *s, uint32_t class, uint32_t object, uint32_t index);
bool sim_armed(const struct sim *s, uint32_t class, uint32_t object, uint32_t index);

/* Runs until nothing is pending or held, the next event is later than `until`, or a limit is reached.
 * Events at exactly `until` are handled. May be called again with a later `until`.
 * Afterwards now is `until` after SIM_STOP_UNTIL, the last event's time when quiet, and the time of
 * the event that was not handled after a limit. */
enum sim_stop sim_run(struct sim *s, sim_time until);
void sim_stop(struct sim *s); /* from inside an event: ends sim_run after this event */

/* From inside an event: ends sim_run after this event, as a limit does. `what`: that is too much ("200 rounds at one
 * instant"), `advice`: what to do about it. Both are copied. */
void sim_limit(struct sim *s, const char *what, const char *advice);

/* `check` is called after every event, to assert what holds between any two of them; NULL = none. It must change
 * nothing. */
void sim_check_with(struct sim *s, void (*check)(void *ctx), void *ctx);

/* The highest class handled so far at the current instant: an event of a lower class that a ticking
 * component would have had now has already gone by. */
uint32_t sim_instant_class(const struct sim *s);

/* Whether an event (class, object, index) at `at`, armed in good time, would have been handled by now. For what
 * ticks for ever and leaves out the ticks that change nothing: it has to know which of them have gone by. */
bool sim_passed(const struct sim *s, sim_time at, uint32_t class, uint32_t object, uint32_t index);

/* While something is held, the run does not become quiet: something ticks on, without events. */
void sim_hold(struct sim *s);
void sim_release(struct sim *s);

/* Time of the next live event; SIM_NEVER when quiet. */
sim_time sim_next(struct sim *s);

uint32_t sim_cause(const struct sim *s);
void sim_set_cause(struct sim *s, uint32_t record);

/* Appends a record stamped with now and the current cause; returns its index (> 0). */
uint32_t sim_record(struct sim *s, struct trace_record record);

uint64_t sim_event_count(const struct sim *s); /* events handled so far, stale ones not counted */
/* What limit was reached and the cycle that repeats; "" unless sim_run ended with a limit. */
const char *sim_limit_text(const struct sim *s);

/* The whole state of the run, to go back to later (see arena_save). What components keep outside
 * the run's arena must not change during a run. */
void sim_save(const struct sim *s, struct arena_image *ret_image);
void sim_restore(struct sim *s, const struct arena_image *image);

#endif
