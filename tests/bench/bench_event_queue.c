/* bench_event_queue.c - nanoseconds per event of the queue, beside the physical limit (a ring that
 * does not order at all) and the textbook answer (a binary heap), on the same events in the same run; and of the
 * queue with its rings for periodic events.
 *
 * HOLD model: take the earliest event, put it back later. What differs is how much later:
 *   mixed      90 % periodic every 1..30 s with random phase, 10 % exponential with mean 5 s
 *   seconds    as mixed, but the periodic ones all fall on whole seconds
 *   grid10     90 % every 10 s on whole seconds, 10 % exponential
 * Queue and heap must give the same hash of the popped (time, key) sequence, or this fails.
 *
 *     bench_event_queue [million-events [pending]]
 */
#include "sim/event_queue.h"
#include "sim/rng.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    KINDS = 1024,  /* of objects: object & (KINDS - 1) says which; a power of two */
    DELAYS = 4096, /* precomputed irregular delays */
    REPEATS = 3,
};

struct workload {
    const char *name;
    bool whole_seconds;
    bool one_period;
};

/* How long after its event an object's next one comes. */
struct delays {
    sim_time period[KINDS]; /* 0: irregular */
    sim_time irregular[DELAYS];
    uint32_t cursor;
};

/* ln 2 * 2^32, for exponential delays without floating point. */
static const uint64_t LN2_Q32 = UINT64_C(2977044472);

/* -ln(u) in 1/2^32 for u = (draw + 1) / 2^64: the leading zeros give whole powers of two, squaring
 * the rest gives one bit of the logarithm at a time. */
static uint64_t minus_log_q32(uint64_t draw)
{
    uint64_t u = draw | 1;
    int zeros = __builtin_clzll(u);
    uint64_t mantissa = u << zeros >> 32; /* 1.31 fixed point in [1, 2) */
    uint64_t log2_q32 = 0;
    for (int bit = 31; bit >= 0; bit--) {
        mantissa = mantissa * mantissa >> 31;
        if (mantissa >> 32) {
            mantissa >>= 1;
            log2_q32 |= UINT64_C(1) << bit;
        }
    }
    uint64_t minus_log2 = ((uint64_t)(zeros + 1) << 32) - log2_q32;
    return (minus_log2 >> 16) * (LN2_Q32 >> 16);
}

static void delays_init(struct delays *d, const struct workload *w)
{
    const uint64_t seed = 1;
    *d = (struct delays){0};
    for (uint32_t i = 0; i < KINDS; i++) {
        uint64_t draw = rng_draw(seed, 0, i, 0);
        if (i % 10 == 0)
            continue;
        d->period[i] = (w->one_period ? 10 : 1 + (sim_time)rng_below(draw, 30)) * SIM_SECOND;
    }
    for (uint32_t i = 0; i < DELAYS; i++) {
        uint64_t mean_ms = 5000;
        uint64_t e = minus_log_q32(rng_draw(seed, 1, i, 0));
        d->irregular[i] = (sim_time)((e >> 12) * mean_ms * SIM_MS >> 20) + 1;
    }
}

static inline sim_time next_delay(struct delays *d, struct event e)
{
    sim_time period = d->period[event_object(e) & (KINDS - 1)];
    return period ? period : d->irregular[d->cursor++ & (DELAYS - 1)];
}

static struct event first_event(const struct delays *d, const struct workload *w, uint32_t object)
{
    sim_time period = d->period[object & (KINDS - 1)];
    sim_time span = period ? period : 5 * SIM_SECOND;
    sim_time at = (sim_time)rng_below(rng_draw(2, 0, object, 0), (uint64_t)span);
    if (period && w->whole_seconds)
        at = sim_time_floor(at, SIM_SECOND);
    return (struct event){.at = at, .key = event_key(6, object, 0, 0)};
}

/* ---- what it is measured against ---- */

struct array {
    struct event *events;
    uint32_t count, head, mask;
};

static void array_init(struct array *a, uint32_t n)
{
    uint32_t cap = 1;
    while (cap < n + 1)
        cap *= 2;
    *a = (struct array){.events = calloc(cap, sizeof(struct event)), .mask = cap - 1};
    if (!a->events)
        sim_die("out of memory");
}

static inline void ring_push(struct array *a, struct event e) { a->events[(a->head + a->count++) & a->mask] = e; }

static inline void ring_pop(struct array *a, struct event *ret_event)
{
    *ret_event = a->events[a->head++ & a->mask];
    a->count--;
}

static inline bool before(struct event a, struct event b) { return a.at != b.at ? a.at < b.at : a.key < b.key; }

static inline void heap_push(struct array *a, struct event e)
{
    uint32_t i = a->count++;
    for (; i && before(e, a->events[(i - 1) / 2]); i = (i - 1) / 2)
        a->events[i] = a->events[(i - 1) / 2];
    a->events[i] = e;
}

static inline void heap_pop(struct array *a, struct event *ret_event)
{
    struct event *h = a->events;
    *ret_event = h[0];
    struct event last = h[--a->count];
    uint32_t i = 0;
    for (uint32_t child; (child = 2 * i + 1) < a->count; i = child) {
        child += child + 1 < a->count && before(h[child + 1], h[child]);
        if (!before(h[child], last))
            break;
        h[i] = h[child];
    }
    h[i] = last;
}

/* ---- measuring ---- */

struct result {
    double ns; /* per event, median of the repeats */
    uint64_t hash;
};

static double clock_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Defines hold_NAME: the HOLD loop over one kind of queue, inlined. */
#define DEFINE_HOLD(name, type, push, pop)                                                                             \
    static uint64_t turn_##name(type *q, struct delays *d, uint64_t events, uint64_t hash)                             \
    {                                                                                                                  \
        for (uint64_t i = 0; i < events; i++) {                                                                        \
            struct event e;                                                                                            \
            pop(q, &e);                                                                                                \
            hash = (hash ^ (uint64_t)e.at ^ e.key) * UINT64_C(0x9e3779b97f4a7c15);                                     \
            e.at += next_delay(d, e);                                                                                  \
            push(q, e);                                                                                                \
        }                                                                                                              \
        return hash;                                                                                                   \
    }                                                                                                                  \
    static struct result hold_##name(type *q, const struct workload *w, uint32_t n, uint64_t events)                   \
    {                                                                                                                  \
        static struct delays d;                                                                                        \
        double ns[REPEATS];                                                                                            \
        delays_init(&d, w);                                                                                            \
        for (uint32_t i = 0; i < n; i++)                                                                               \
            push(q, first_event(&d, w, i));                                                                            \
        uint64_t hash = turn_##name(q, &d, 3 * (uint64_t)n + events / 4, 0);                                           \
        for (int i = 0; i < REPEATS; i++) {                                                                            \
            double start = clock_ns();                                                                                 \
            hash = turn_##name(q, &d, events, hash);                                                                   \
            ns[i] = (clock_ns() - start) / (double)events;                                                             \
        }                                                                                                              \
        qsort(ns, REPEATS, sizeof ns[0], compare_doubles);                                                             \
        return (struct result){.ns = ns[REPEATS / 2], .hash = hash};                                                   \
    }

/* Rings are for what is periodic. */
static inline void push_periodic(struct event_queue *q, struct event e)
{
    sim_time delay = e.at - q->popped;
    if (delay % SIM_SECOND == 0)
        evq_push_after(q, e, delay);
    else
        evq_push(q, e);
}

DEFINE_HOLD(wheel, struct event_queue, evq_push, evq_pop)
DEFINE_HOLD(rings, struct event_queue, push_periodic, evq_pop)
DEFINE_HOLD(ring, struct array, ring_push, ring_pop)
DEFINE_HOLD(heap, struct array, heap_push, heap_pop)

/* Bytes per pending event that the queue's arena ends up with. */
static struct result measure_queue(const struct workload *w, uint32_t n, uint64_t events, bool rings, double *ret_bytes)
{
    struct arena arena;
    struct event_queue *q;
    arena_init(&arena, 0);
    q = arena_new(&arena, struct event_queue);
    evq_init(q, &arena);
    struct result r = rings ? hold_rings(q, w, n, events) : hold_wheel(q, w, n, events);
    *ret_bytes = (double)arena.used / n;
    arena_fini(&arena);
    return r;
}

static bool measure(const struct workload *w, uint32_t n, uint64_t events)
{
    struct array ring, heap;
    double bytes, bytes_with_rings;
    array_init(&ring, n);
    array_init(&heap, n);
    struct result r = hold_ring(&ring, w, n, events);
    struct result h = hold_heap(&heap, w, n, events);
    struct result q = measure_queue(w, n, events, false, &bytes);
    struct result p = measure_queue(w, n, events, true, &bytes_with_rings);
    free(ring.events);
    free(heap.events);

    bool same = q.hash == h.hash && p.hash == h.hash;
    printf("%-8s %8u  %7.2f %7.1f  %7.2f %7.1f  %7.1f %7.1f  %8.1fx %8.2fx %8.1f  %7.2f  %s\n", w->name, n, q.ns,
           1e3 / q.ns, r.ns, 1e3 / r.ns, h.ns, 1e3 / h.ns, q.ns / r.ns, h.ns / q.ns, bytes, p.ns,
           same ? "same order" : "ORDER DIFFERS");
    fflush(stdout);
    return same;
}

int main(int argc, char **argv)
{
    static const struct workload workloads[] = {
        {"mixed", false, false},
        {"seconds", true, false},
        {"grid10", true, true},
    };
    static const uint32_t sizes[] = {100, 10000, 150000, 1000000};
    uint64_t events = (argc > 1 ? strtoull(argv[1], NULL, 10) : 3) * 1000000;
    uint32_t only = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 0;
    bool same = true;

    printf(
        "workload  pending  -- queue ------  -- ring -------  -- heap -------   slower   faster     bytes   rings\n"
        "                   ns/evt   M ev/s  ns/evt   M ev/s  ns/evt   M ev/s  than ring than heap /pending  ns/evt\n");
    for (size_t i = 0; i < ARRAY_LEN(workloads); i++) {
        if (only)
            same &= measure(&workloads[i], only, events);
        for (size_t k = 0; !only && k < ARRAY_LEN(sizes); k++)
            same &= measure(&workloads[i], sizes[k], events);
    }
    return same ? 0 : 1;
}
