/* fuzz_event_queue.c - bytes become operations on an event queue and on a plain sorted list; both must
 * give the same events in the same order. Meant to reach what a simulation rarely does: growing and
 * shrinking populations, bursts at one instant, times at the end of time, sweeps in the middle. The first
 * byte says whether events go to the wheel only, or three of four are offered to the rings: under their true
 * durations, or under others, so that they do not come in order.
 */
#include "sim/event_queue.h"
#include "sim/rng.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LIST_MAX = 6000, EVENTS_MAX = 60000 };

/* The reference: sorted so that the next event is the last item. */
struct list {
    struct event events[LIST_MAX];
    size_t count;
};

enum rings { RINGS_NONE, RINGS_BY_DURATION, RINGS_MIXED, RINGS_ONE };

struct world {
    enum rings rings;
    struct event_queue queue;
    struct list list;
    struct arena arena;
    sim_time now;
    uint64_t pushed;
    const uint8_t *data, *end;
};

static void must(bool fact)
{
    if (!fact)
        abort();
}

static uint64_t take(struct world *w, size_t bytes)
{
    uint64_t v = 0;
    while (bytes-- > 0)
        v = v << 8 | (w->data < w->end ? *w->data++ : 0);
    return v;
}

/* Position of an event in the order the queue promises. */
static uint64_t tie_rank(const struct world *w, struct event e)
{
    if (w->queue.tie_seed == 0)
        return e.key;
    uint64_t mixed = evq_tie_mix(&w->queue, e.key);
    must(evq_tie_unmix(&w->queue, mixed) == e.key);
    must(event_class((struct event){.key = mixed}) == event_class(e));
    return mixed;
}

static bool comes_after(const struct world *w, struct event a, struct event b)
{
    return a.at != b.at ? a.at > b.at : tie_rank(w, a) > tie_rank(w, b);
}

/* Where e is in the list, or belongs. */
static size_t list_find(const struct world *w, struct event e)
{
    size_t low = 0, high = w->list.count;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (comes_after(w, w->list.events[mid], e))
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static void list_push(struct world *w, struct event e)
{
    struct list *l = &w->list;
    size_t low = list_find(w, e);
    memmove(l->events + low + 1, l->events + low, (l->count - low) * sizeof e);
    l->events[low] = e;
    l->count++;
}

static void push(struct world *w, sim_time delta, uint64_t key)
{
    if (w->list.count == LIST_MAX || w->pushed == EVENTS_MAX)
        return;
    struct event e = {.at = sim_time_add(w->now, delta), .key = key};
    if (w->rings == RINGS_NONE || w->pushed % 4 == 0)
        evq_push(&w->queue, e);
    else
        evq_push_after(&w->queue, e, w->rings == RINGS_BY_DURATION ? delta : w->rings == RINGS_MIXED ? delta % 3 : 0);
    list_push(w, e);
    w->pushed++;
}

static sim_time take_delta(struct world *w)
{
    static const uint8_t bits[16] = {0, 0, 1, 2, 4, 8, 8, 16, 20, 24, 28, 32, 33, 40, 48, 63};
    uint64_t width = bits[take(w, 1) & 15];
    uint64_t v = take(w, (width + 7) / 8);
    return (sim_time)(v & ((UINT64_C(1) << width) - 1));
}

static uint64_t take_key(struct world *w)
{
    uint32_t a = (uint32_t)take(w, 1), b = (uint32_t)take(w, 1);
    return event_key(a >> 5, (b & 63) + 1, a & 3, (uint16_t)(b >> 6));
}

/* Many events, spread over a span or at a few instants, in an order that depends on the bytes. */
static void push_burst(struct world *w)
{
    uint64_t shape = take(w, 1), seed = take(w, 2);
    uint64_t count = 1 + (seed & 1023);
    sim_time span = take_delta(w), grid = shape & 1 ? span / 3 + 1 : 1;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t draw = rng_draw(seed, 0, 0, i);
        sim_time delta = span ? sim_time_floor((sim_time)(draw >> 1) % span, grid) : 0;
        uint32_t object = (uint32_t)(shape & 2 ? i : draw >> 40) + 1;
        uint32_t class = shape & 4 ? 6 : (uint32_t)(draw & 31);
        push(w, delta, event_key(class, object, shape & 8 ? (uint32_t)(draw >> 5) & 2047 : 0, (uint16_t)i));
    }
}

/* What is shown is pending. */
static void look_ahead(struct world *w)
{
    const struct event *soon;
    size_t count = evq_look_ahead(&w->queue, &soon);
    for (size_t i = 0; i < count; i++) {
        size_t at = list_find(w, soon[i]);
        must(at < w->list.count && w->list.events[at].at == soon[i].at && w->list.events[at].key == soon[i].key);
    }
}

static void pop(struct world *w, uint64_t count, sim_time until)
{
    while (count-- > 0) {
        struct event e, peeked;
        size_t left = w->list.count;
        const struct event *want = left ? &w->list.events[left - 1] : NULL;
        must(evq_count(&w->queue) == left);
        must(evq_peek(&w->queue, &peeked) == (want != NULL));
        must(!want || (peeked.at == want->at && peeked.key == want->key));
        bool popped = evq_pop_until(&w->queue, until, &e);
        must(popped == (want && want->at <= until));
        if (!popped)
            return;
        must(e.at == want->at);
        must(e.key == want->key);
        w->now = e.at;
        w->list.count--;
        look_ahead(w);
    }
}

/* Pops and pushes back later, as simulations do; with rings, after one of three durations. */
static void hold(struct world *w)
{
    uint64_t count = take(w, 1);
    sim_time delta = take_delta(w);
    uint64_t key = take_key(w);
    for (uint64_t i = 0; i < count && w->list.count; i++) {
        pop(w, 1, SIM_TIME_MAX);
        push(w, w->rings ? delta / (sim_time)(1 + i % 3) : delta, key + (i % 7 << EVENT_GENERATION_BITS));
    }
}

struct liveness {
    uint64_t seed, one_in;
};

static bool is_live(void *ctx, struct event e)
{
    const struct liveness *l = ctx;
    return rng_mix(e.key ^ (uint64_t)e.at ^ l->seed) % l->one_in != 0;
}

static void compact(struct world *w)
{
    struct liveness l = {.seed = take(w, 1), .one_in = 1 + take(w, 1) % 5};
    evq_compact(&w->queue, is_live, &l);
    size_t kept = 0;
    for (size_t i = 0; i < w->list.count; i++)
        if (is_live(&l, w->list.events[i]))
            w->list.events[kept++] = w->list.events[i];
    w->list.count = kept;
}

static void start_over(struct world *w)
{
    evq_reset(&w->queue);
    evq_set_tie_order(&w->queue, (struct tie_order){.seed = take(w, 1) & 3});
    w->list.count = 0;
    w->now = 0;
}

static void step(struct world *w)
{
    uint64_t op = take(w, 1), count = 1 + (op >> 4);
    switch (op & 15) {
    case 0:
    case 1:
    case 2:
    case 3:
        while (count-- > 0)
            push(w, take_delta(w), take_key(w));
        break;
    case 4:
    case 5:
        pop(w, count, SIM_TIME_MAX);
        break;
    case 6:
        pop(w, 40 * count, SIM_TIME_MAX);
        break;
    case 7:
        pop(w, 40 * count, sim_time_add(w->now, take_delta(w)));
        break;
    case 8:
    case 9:
    case 10:
        push_burst(w);
        break;
    case 11:
    case 12:
    case 13:
        hold(w);
        break;
    case 14:
        compact(w);
        break;
    default:
        if (count == 16)
            start_over(w);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct world w;
    w.data = data;
    w.end = data + size;
    w.list.count = 0;
    w.now = 0;
    w.pushed = 0;
    uint64_t mode = take(&w, 1);
    w.rings = (enum rings)(mode >> 2 & 3);
    arena_init(&w.arena, 0);
    evq_init(&w.queue, &w.arena);
    evq_set_tie_order(&w.queue, (struct tie_order){.seed = mode & 3});
    while (w.data < w.end)
        step(&w);
    pop(&w, UINT64_MAX, SIM_TIME_MAX);
    must(evq_count(&w.queue) == 0);
    arena_fini(&w.arena);
    return 0;
}
