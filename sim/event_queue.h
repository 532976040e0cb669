/* event_queue.h - pending events in canonical order: (time, class, object, index).
 *
 * A radix wheel (monotone radix heap of 256-way digits, chunked FIFO buckets, a small sorted run):
 * engine.md section 5 measured it against every other queue. Canonical order, not insertion order:
 * only then can an event that changes nothing be left out without changing what follows.
 *
 * Timers that go off again and again, each after the same duration, need no sorting: what is pushed at
 * "now + d" comes after all that was pushed at "now + d" before. evq_push_after() keeps them in a ring per
 * duration, in front of the wheel; the order is the same as if they were in it.
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
    return (uint64_t) class << 59 | (uint64_t)object << 27 | (uint64_t)index << 16 | generation;
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
static inline void evq_push(struct event_queue *q, struct event e);

/* As evq_push, and the same order; quicker if many events are pushed `delay` before their time. */
static inline void evq_push_after(struct event_queue *q, struct event e, sim_time delay);

/* Removes the smallest event; false when empty. */
static inline bool evq_pop(struct event_queue *q, struct event *ret_event);

/* As evq_pop, but leaves an event that is later than `until`; false then, and when empty. */
static inline bool evq_pop_until(struct event_queue *q, sim_time until, struct event *ret_event);

/* The smallest event without removing it; false when empty. */
bool evq_peek(struct event_queue *q, struct event *ret_event);

static inline uint64_t evq_count(const struct event_queue *q);

/* Events of a well-filled ring that will be popped some dozens of events from now, each shown about once: for
 * fetching into the cache what they are about. To be called after each pop; mostly there is nothing new (0). */
static inline size_t evq_look_ahead(const struct event_queue *q, const struct event **ret_events);

/* Drops every entry for which `live` says false. */
void evq_compact(struct event_queue *q, bool (*live)(void *ctx, struct event e), void *ctx);

/* Empty again, and times may start again from 0. The tie order stays. */
void evq_reset(struct event_queue *q);

/* ---- private from here on: the paths that every event takes, inlined ---- */

enum {
    EVQ_LEVELS = 12, /* eight would do to tell times apart; the rest allow narrower digits */
    EVQ_DIGIT_BITS = 8,
    EVQ_DIGITS = 1 << EVQ_DIGIT_BITS, /* buckets per level */
    EVQ_TIME_BITS = 64,
    EVQ_CHUNK_EVENTS = 31,
    EVQ_CHUNK_BYTES = 512, /* and aligned to as much */
    EVQ_RINGS = 4,         /* durations with a ring of their own at one time; comparing more costs more than it saves */
    EVQ_SIGHT = 16,        /* events that evq_look_ahead() shows at a time, at most */
};

struct evq_chunk {
    struct evq_chunk *next;
    uint64_t unused;
    struct event events[EVQ_CHUNK_EVENTS];
};
_Static_assert(sizeof(struct evq_chunk) == EVQ_CHUNK_BYTES, "a full chunk ends where the next may begin");

/* The buckets of one digit. A bucket is a list of chunks, all full but the last; `tail` is its next free
 * slot, NULL when it is empty. An aligned tail therefore means: no room. */
struct evq_level {
    struct event *tail[EVQ_DIGITS];
    struct evq_chunk *first[EVQ_DIGITS];
    uint64_t occupied[EVQ_DIGITS / 64]; /* bit per bucket that is not empty */
};

/* Which digit a bit of a time belongs to. */
struct evq_digit {
    uint8_t level;
    uint8_t shift; /* of the digit's lowest bit */
};

/* Events in order, in a list of chunks, all full but the last. A ring is for whatever is not before its last event;
 * that it is offered only what was pushed `delay` before its time makes it likely that this is so. */
struct evq_ring {
    struct event *head; /* the first; NULL when the ring is empty */
    struct event *tail; /* next free slot, as in a bucket */
    struct event last;  /* the latest one; zero when the ring is empty */
    sim_time delay;
};

/* An entry is in one of four places:
 *   rings    sorted each; what follows is "the wheel"
 *   run      sorted; its events are taken from the front
 *   late     a heap of what belongs among the run's events but would have to be moved in too far
 *   levels   t >= horizon: level = highest digit in which t differs from base, bucket = that digit of t
 * base <= every time that may still be pushed; all in the run and in `late` is earlier than horizon. */
struct event_queue {
    struct event *run_first, *run_end; /* [first, end) within [run, run + run_cap) */
    uint64_t horizon;
    uint64_t base;
    uint64_t count;
    sim_time popped; /* time of the last popped event */
    uint64_t late_count;
    uint64_t tie_seed;
    struct evq_ring *usual_ring; /* the one that was looked for last; never NULL */
    struct evq_ring *first_ring; /* the one whose head is the earliest; NULL when all are empty */
    struct event other_rings;    /* the earliest of the other rings; later than all if they are empty */
    const struct event *taken;   /* the event that was popped last, if it came from a ring that is not empty now */
    struct evq_level *levels;    /* NULL until the run is first put into buckets */
    struct evq_digit digit_of_bit[EVQ_TIME_BITS];
    struct evq_ring rings[EVQ_RINGS];

    uint32_t levels_occupied;  /* bit per level that is not empty */
    uint32_t rings_occupied;   /* bit per ring that is not empty */
    uint8_t shift[EVQ_LEVELS]; /* of each level's digit; level 0 is the narrowest */
    struct event *run, *spare; /* equally large; spare is where a run is sorted */
    size_t run_cap;
    struct event *late;
    size_t late_cap;
    struct evq_chunk *free_chunks;
    size_t chunk_block; /* bytes of the next block of chunks */
    uint64_t tie_multiplier[2], tie_inverse[2];
    struct arena *arena;
};

struct evq_ring *evq_find_ring(struct event_queue *q, sim_time delay);
void evq_extend_ring(struct event_queue *q, struct evq_ring *r, struct event e);
size_t evq_next_in_sight(const struct event_queue *q, const struct event **ret_events);
void evq_open_bucket(struct event_queue *q, uint32_t level, uint32_t digit);
void evq_push_early(struct event_queue *q, struct event e);
bool evq_pop_slowly(struct event_queue *q, sim_time until, struct event *ret_event);
uint64_t evq_tie_mix(const struct event_queue *q, uint64_t key);
uint64_t evq_tie_unmix(const struct event_queue *q, uint64_t key);

/* As one number of 128 bits: two instructions and no branch. */
__extension__ typedef unsigned __int128 evq_uint128;
static inline bool evq_before(struct event a, struct event b)
{
    return ((evq_uint128)(uint64_t)a.at << 64 | a.key) < ((evq_uint128)(uint64_t)b.at << 64 | b.key);
}

/* Puts e into its bucket; e.at >= horizon. */
static inline void evq_file(struct event_queue *q, struct event e)
{
    uint64_t t = (uint64_t)e.at;
    struct evq_digit d = q->digit_of_bit[63 - __builtin_clzll((t ^ q->base) | 1)];
    uint32_t digit = t >> d.shift & (EVQ_DIGITS - 1);
    struct event **tail = &q->levels[d.level].tail[digit];
    if (__builtin_expect((uintptr_t)*tail % EVQ_CHUNK_BYTES == 0, 0))
        evq_open_bucket(q, d.level, digit);
    *(*tail)++ = e;
}

static inline void evq_push(struct event_queue *q, struct event e)
{
    ASSERT(e.at >= q->popped);
    if (__builtin_expect(q->tie_seed != 0, 0))
        e.key = evq_tie_mix(q, e.key);
    q->count++;
    if ((uint64_t)e.at >= q->horizon)
        evq_file(q, e);
    else
        evq_push_early(q, e);
}

static inline void evq_append(struct event_queue *q, struct evq_ring *r, struct event e)
{
    r->last = e;
    if (__builtin_expect((uintptr_t)r->tail % EVQ_CHUNK_BYTES == 0, 0))
        evq_extend_ring(q, r, e);
    else
        *r->tail++ = e;
}

static inline void evq_push_after(struct event_queue *q, struct event e, sim_time delay)
{
    struct event kept = e;
    if (__builtin_expect(q->tie_seed != 0, 0))
        kept.key = evq_tie_mix(q, e.key);
    struct evq_ring *r = q->usual_ring->delay == delay ? q->usual_ring : evq_find_ring(q, delay);
    if (__builtin_expect(!r || evq_before(kept, r->last), 0)) {
        evq_push(q, e);
        return;
    }
    ASSERT(e.at >= q->popped);
    q->count++;
    evq_append(q, r, kept);
}

/* The usual case: the first event of the run is the first of all. */
static inline bool evq_pop_run(struct event_queue *q, sim_time until, struct event *ret_event)
{
    struct event e = *q->run_first;
    if (e.at > until)
        return false;
    q->run_first++;
    q->count--;
    q->popped = e.at;
    q->taken = NULL;
    if (__builtin_expect(q->tie_seed != 0, 0))
        e.key = evq_tie_unmix(q, e.key);
    *ret_event = e;
    return true;
}

/* Or the first event of the first ring is. Stops short of the end of a chunk and of changing from one ring to another:
 * false then, and nothing has been done. */
static inline bool evq_pop_ring(struct event_queue *q, struct evq_ring *ring, sim_time until, struct event *ret_event)
{
    struct event e = *ring->head;
    struct event *next = ring->head + 1;
    if (e.at > until || next == ring->tail || (uintptr_t)next % EVQ_CHUNK_BYTES == 0 ||
        evq_before(q->other_rings, *next) || q->tie_seed != 0)
        return false;
    q->taken = ring->head;
    ring->head = next;
    q->count--;
    q->popped = e.at;
    *ret_event = e;
    return true;
}

static inline bool evq_pop_until(struct event_queue *q, sim_time until, struct event *ret_event)
{
    bool run = q->run_first != q->run_end;
    struct evq_ring *ring = q->first_ring;
    if (__builtin_expect(q->late_count == 0, 1)) {
        if (run && (!ring || evq_before(*q->run_first, *ring->head)))
            return evq_pop_run(q, until, ret_event);
        if (ring && (run || (uint64_t)ring->head->at < q->horizon) && evq_pop_ring(q, ring, until, ret_event))
            return true;
    }
    return evq_pop_slowly(q, until, ret_event);
}

static inline bool evq_pop(struct event_queue *q, struct event *ret_event)
{
    return evq_pop_until(q, SIM_TIME_MAX, ret_event);
}

/* Where `taken` is in its chunk; if there is none, no multiple of EVQ_SIGHT. */
static inline uint32_t evq_taken_index(const struct event_queue *q)
{
    return (uint32_t)((uintptr_t)q->taken % EVQ_CHUNK_BYTES / sizeof(struct event) - 1) % (EVQ_CHUNK_EVENTS + 1);
}

static inline size_t evq_look_ahead(const struct event_queue *q, const struct event **ret_events)
{
    if (__builtin_expect(evq_taken_index(q) % EVQ_SIGHT != 0, 1))
        return 0;
    return evq_next_in_sight(q, ret_events);
}

static inline uint64_t evq_count(const struct event_queue *q) { return q->count; }

#endif
