/* event_queue.h - pending events in canonical order: (time, class, object, index).
 *
 * A radix wheel (monotone radix heap of 256-way digits, chunked FIFO buckets, a small sorted run):
 * engine.md section 5 measured it against every other queue. Canonical order, not insertion order:
 * only then can an event that changes nothing be left out without changing what follows.
 *
 * The queue holds plain 16-byte entries and knows nothing of what they mean. Cancelling is the
 * owner's business: it bumps the timer's generation, and a popped entry whose generation is old is
 * skipped (sim.c). If stale entries come to outnumber live ones, evq_compact() sweeps them.
 *
 *     struct event_queue q;
 *     evq_init(&q, &arena);
 *     evq_push(&q, (struct event){.at = 5 * SIM_SECOND, .key = event_key(6, object, 0, gen)});
 *     struct event e;
 *     while (evq_pop(&q, &e)) ...
 */
#ifndef SIM_EVENT_QUEUE_H
#define SIM_EVENT_QUEUE_H

#include "sim/arena.h"

enum {
    EVENT_CLASS_BITS = 5,
    EVENT_OBJECT_BITS = 32,
    EVENT_INDEX_BITS = 11,
    EVENT_GENERATION_BITS = 16,
};

struct event {
    sim_time at;  /* >= 0 */
    uint64_t key; /* class | object | index | generation, most significant first */
};
_Static_assert(sizeof(struct event) == 16, "four events per cache line");

static inline uint64_t event_key(uint32_t class, uint32_t object, uint32_t index, uint16_t generation)
{
    return (uint64_t)class << 59 | (uint64_t)object << 27 | (uint64_t)index << 16 | generation;
}
static inline uint32_t event_class(struct event e) { return (uint32_t)(e.key >> 59); }
static inline uint32_t event_object(struct event e) { return (uint32_t)(e.key >> 27); }
static inline uint32_t event_index(struct event e) { return (uint32_t)(e.key >> 16) & 0x7ff; }
static inline uint16_t event_generation(struct event e) { return (uint16_t)e.key; }

/* Order of events at one instant. `seed` 0 is the canonical order; any other seed permutes objects
 * and indices within a class (never across classes: those carry causality), for searches. */
struct tie_order {
    uint64_t seed;
};

struct event_queue; /* layout private, below, so that it can live inside another struct */

void evq_init(struct event_queue *q, struct arena *arena);
void evq_set_tie_order(struct event_queue *q, struct tie_order order); /* only while empty */

/* Requires e.at >= the time of the last popped event (time does not run backwards). An event pushed
 * at the current instant with a smaller key than the last popped one simply comes next. */
void evq_push(struct event_queue *q, struct event e);

/* Removes the smallest event; false when empty. */
bool evq_pop(struct event_queue *q, struct event *ret_event);

/* As evq_pop, but leaves an event that is later than `until`; false then, and when empty. Until the
 * time of what this returns, earlier times than those left in the queue can still be pushed. */
bool evq_pop_until(struct event_queue *q, sim_time until, struct event *ret_event);

/* The smallest event without removing it; false when empty. */
bool evq_peek(struct event_queue *q, struct event *ret_event);

uint64_t evq_count(const struct event_queue *q);

/* Drops every entry for which `live` says false. */
void evq_compact(struct event_queue *q, bool (*live)(void *ctx, struct event e), void *ctx);

/* Empty again, and times may start again from 0. The tie order stays. */
void evq_reset(struct event_queue *q);

struct event_queue {
    struct arena *arena;
    struct event *heap;
    uint64_t count, cap;
    uint64_t tie_seed;
    sim_time floor;
};

#endif
