/* event_queue.c - a binary heap. */
#include "sim/event_queue.h"

#include <string.h>

static bool before(struct event a, struct event b)
{
    return a.at != b.at ? a.at < b.at : a.key < b.key;
}

void evq_init(struct event_queue *q, struct arena *arena)
{
    *q = (struct event_queue){.arena = arena};
}

void evq_reset(struct event_queue *q)
{
    q->count = 0;
    q->floor = 0;
}

void evq_set_tie_order(struct event_queue *q, struct tie_order order)
{
    ASSERT(q->count == 0);
    q->tie_seed = order.seed;
}

static void sift_up(struct event_queue *q, uint64_t i, struct event e)
{
    for (; i && before(e, q->heap[(i - 1) / 2]); i = (i - 1) / 2)
        q->heap[i] = q->heap[(i - 1) / 2];
    q->heap[i] = e;
}

static void sift_down(struct event_queue *q, uint64_t i, struct event e)
{
    for (uint64_t child; (child = 2 * i + 1) < q->count; i = child) {
        if (child + 1 < q->count && before(q->heap[child + 1], q->heap[child]))
            child++;
        if (!before(q->heap[child], e))
            break;
        q->heap[i] = q->heap[child];
    }
    q->heap[i] = e;
}

void evq_push(struct event_queue *q, struct event e)
{
    ASSERT(e.at >= q->floor);
    if (q->count == q->cap) {
        uint64_t cap = q->cap ? q->cap * 2 : 64;
        struct event *heap = arena_array(q->arena, struct event, cap);
        if (q->count)
            memcpy(heap, q->heap, q->count * sizeof *heap);
        q->heap = heap;
        q->cap = cap;
    }
    sift_up(q, q->count++, e);
}

bool evq_peek(struct event_queue *q, struct event *ret_event)
{
    if (q->count)
        *ret_event = q->heap[0];
    return q->count > 0;
}

bool evq_pop_until(struct event_queue *q, sim_time until, struct event *ret_event)
{
    if (!q->count || q->heap[0].at > until)
        return false;
    *ret_event = q->heap[0];
    q->floor = ret_event->at;
    struct event last = q->heap[--q->count];
    if (q->count)
        sift_down(q, 0, last);
    return true;
}

bool evq_pop(struct event_queue *q, struct event *ret_event)
{
    return evq_pop_until(q, SIM_TIME_MAX, ret_event);
}

uint64_t evq_count(const struct event_queue *q)
{
    return q->count;
}

void evq_compact(struct event_queue *q, bool (*live)(void *ctx, struct event e), void *ctx)
{
    uint64_t kept = 0;
    for (uint64_t i = 0; i < q->count; i++)
        if (live(ctx, q->heap[i]))
            q->heap[kept++] = q->heap[i];
    q->count = kept;
    for (uint64_t i = kept / 2; i-- > 0;)
        sift_down(q, i, q->heap[i]);
}
