/* event_queue.c - a radix wheel with a sorted run.
 *
 * A time is read as digits of up to 8 bits, one per level. Whatever agrees with `base` in all digits
 * above some level waits in that level's bucket; the lowest occupied bucket of the lowest occupied level
 * holds the earliest events. When the run is used up, that bucket is opened:
 *
 *     few events, a small part     they are sorted into the run
 *     of all, or all at one time
 *     otherwise                    `base` moves to the bucket's start, which spreads its events over the
 *                                  level below; then look again
 *
 * So an event is moved a few times in all, whatever the number of pending ones: there is no log n. How
 * many bits the next digit has is chosen when a bucket is spread, for buckets of a few events.
 * Events pushed before `horizon`, the end of the opened bucket, are inserted into the run. A queue of a
 * few events never leaves the run, and so touches no bucket at all.
 */
#include "sim/event_queue.h"

#include "sim/rng.h"

#include <string.h>

enum {
    RUN_CAP_MIN = 64,
    LATE_CAP_MIN = 64,
    INSERT_MAX = 32,               /* events to move aside for one insertion into the run */
    LATE_MAX = 32,                 /* late events before the run is put back into narrower buckets */
    SMALL_SORT = EVQ_CHUNK_EVENTS, /* as many are sorted by counting */
    BUCKET_SIZE = 6,               /* events that spreading aims at in one bucket */
    SORT_MAX = 512,                /* events at different times that are sorted at once */
    GROUP_SIZE = 4,                /* and sorting in one group */
    GROUP_BITS_MAX = 12,           /* so that a sort's counters fit the nearest cache */
    CHUNK_BLOCK_MIN = 4 << 10,
    CHUNK_BLOCK_MAX = 256 << 10,
};

static const uint64_t UNLIMITED = UINT64_MAX;

/* ---- life ---- */

/* Divides the lowest `bits` bits of a time among the levels below `level`, which are empty: the highest
 * of them gets `width` bits or, if the others cannot hold the rest, more. */
static void divide_bits(struct event_queue *q, uint32_t level, uint32_t bits, uint32_t width)
{
    ASSERT(bits <= level * EVQ_DIGIT_BITS);
    while (bits > 0) {
        uint32_t rest_max = (level - 1) * EVQ_DIGIT_BITS;
        if (bits > rest_max + width)
            width = bits - rest_max;
        if (width > bits)
            width = bits;
        bits -= width;
        level--;
        q->shift[level] = (uint8_t)bits;
        for (uint32_t bit = bits; bit < bits + width; bit++)
            q->digit_of_bit[bit] = (struct evq_digit){(uint8_t)level, (uint8_t)bits};
        width = EVQ_DIGIT_BITS;
    }
}

static void start_at_zero(struct event_queue *q)
{
    divide_bits(q, EVQ_LEVELS, EVQ_TIME_BITS, EVQ_DIGIT_BITS);
    q->run_first = q->run_end = q->run;
    q->base = 0;
    q->horizon = UNLIMITED;
    q->popped = 0;
    q->taken = NULL;
}

void evq_init(struct event_queue *q, struct arena *arena)
{
    *q = (struct event_queue){.arena = arena, .chunk_block = CHUNK_BLOCK_MIN};
    q->run = arena_array(arena, struct event, RUN_CAP_MIN);
    q->run_cap = RUN_CAP_MIN;
    q->usual_ring = q->rings;
    start_at_zero(q);
}

/* ---- chunks and buckets ---- */

/* Blocks grow with the queue, so that a small one stays small. */
static void add_chunks(struct event_queue *q)
{
    unsigned char *block = arena_alloc(q->arena, q->chunk_block);
    uintptr_t skew = (uintptr_t)block % EVQ_CHUNK_BYTES;
    size_t begin = skew ? EVQ_CHUNK_BYTES - skew : 0;
    size_t count = (q->chunk_block - begin) / EVQ_CHUNK_BYTES;
    while (count-- > 0) { /* lowest address on top: used in the order of addresses */
        struct evq_chunk *c = (struct evq_chunk *)(void *)(block + begin + count * EVQ_CHUNK_BYTES);
        c->next = q->free_chunks;
        q->free_chunks = c;
    }
    if (q->chunk_block < CHUNK_BLOCK_MAX)
        q->chunk_block *= 2;
}

static void free_chunk(struct event_queue *q, struct evq_chunk *c)
{
    c->next = q->free_chunks;
    q->free_chunks = c;
}

static struct evq_chunk *chunk_before(struct event *full_tail)
{
    return (struct evq_chunk *)(void *)((unsigned char *)full_tail - EVQ_CHUNK_BYTES);
}

static struct evq_chunk *take_chunk(struct event_queue *q)
{
    if (!q->free_chunks)
        add_chunks(q);
    struct evq_chunk *c = q->free_chunks;
    q->free_chunks = c->next;
    c->next = NULL;
    return c;
}

/* Gives an empty or full bucket a chunk to write to. */
void evq_open_bucket(struct event_queue *q, uint32_t level, uint32_t digit)
{
    struct evq_level *l = &q->levels[level];
    struct evq_chunk *c = take_chunk(q);
    if (l->tail[digit]) {
        chunk_before(l->tail[digit])->next = c;
    } else {
        l->first[digit] = c;
        l->occupied[digit / 64] |= UINT64_C(1) << digit % 64;
        q->levels_occupied |= 1u << level;
    }
    l->tail[digit] = c->events;
}

static void clear_bucket(struct event_queue *q, uint32_t level, uint32_t digit)
{
    struct evq_level *l = &q->levels[level];
    l->tail[digit] = NULL;
    l->first[digit] = NULL;
    l->occupied[digit / 64] &= ~(UINT64_C(1) << digit % 64);
    if (!(l->occupied[0] | l->occupied[1] | l->occupied[2] | l->occupied[3]))
        q->levels_occupied &= ~(1u << level);
}

/* Events in chunk c of a bucket with this tail. */
static size_t chunk_count(const struct evq_chunk *c, const struct event *tail)
{
    return c->next ? EVQ_CHUNK_EVENTS : (size_t)(tail - c->events);
}

static uint32_t first_digit(const struct evq_level *l)
{
    uint32_t word = 0;
    while (!l->occupied[word]) {
        word++;
        ASSERT(word < ARRAY_LEN(l->occupied));
    }
    return word * 64 + (uint32_t)__builtin_ctzll(l->occupied[word]);
}

/* ---- sorting ---- */

/* Up to SMALL_SORT events, by counting for each how many come later: no branch to mispredict. */
static void rank_sort(const struct event *from, struct event *to, size_t n)
{
    uint32_t rank[SMALL_SORT + 1];
    for (size_t i = 0; i < n; i++) {
        struct event e = from[i];
        uint32_t after = 0;
        for (size_t k = 0; k < i; k++) {
            uint32_t is_after = evq_before(e, from[k]);
            rank[k] += is_after;
            after += is_after;
        }
        rank[i] = (uint32_t)i - after;
    }
    for (size_t i = 0; i < n; i++)
        to[rank[i]] = from[i];
}

static uint32_t bit_length(uint64_t x) { return x ? EVQ_TIME_BITS - (uint32_t)__builtin_clzll(x) : 0; }

/* What a larger sort goes by: the time, or at one instant the key, counted from the least one. */
struct sort_digit {
    bool sorted; /* nothing to do */
    bool by_key;
    uint64_t min;
    uint32_t shift; /* low bits that the groups ignore */
    uint32_t groups;
};

static inline size_t group_of(const struct sort_digit *d, bool by_key, struct event e)
{
    return ((by_key ? e.key : (uint64_t)e.at) - d->min) >> d->shift;
}

static struct sort_digit choose_digit(const struct event *a, size_t n)
{
    uint64_t at_min = UINT64_MAX, at_max = 0, key_min = UINT64_MAX, key_max = 0;
    bool sorted = true;
    for (size_t i = 0; i < n; i++) {
        uint64_t at = (uint64_t)a[i].at, key = a[i].key;
        sorted &= i == 0 || !evq_before(a[i], a[i - 1]);
        at_min = at < at_min ? at : at_min;
        at_max = at > at_max ? at : at_max;
        key_min = key < key_min ? key : key_min;
        key_max = key > key_max ? key : key_max;
    }
    struct sort_digit d = {.sorted = sorted, .by_key = at_min == at_max};
    d.min = d.by_key ? key_min : at_min;
    uint64_t span = d.by_key ? key_max - key_min : at_max - at_min;
    uint32_t width = bit_length(span), group_bits = bit_length(n / GROUP_SIZE);
    if (group_bits > GROUP_BITS_MAX)
        group_bits = GROUP_BITS_MAX;
    d.shift = width > group_bits ? width - group_bits : 0;
    d.groups = (uint32_t)(span >> d.shift) + 1;
    return d;
}

/* Moves a's events to `to`, grouped by the leading bits of their digit; group g then begins at
 * ret_begin[g] and ends at ret_begin[g + 1]. */
static inline void scatter(const struct event *a, struct event *to, size_t n, const struct sort_digit *d, bool by_key,
                           uint32_t *ret_begin)
{
    uint32_t *next = ret_begin + 1; /* becomes each group's end, which is the next one's begin */
    memset(ret_begin, 0, (d->groups + 2) * sizeof *ret_begin);
    for (size_t i = 0; i < n; i++)
        ret_begin[group_of(d, by_key, a[i]) + 2]++;
    for (uint32_t g = 1; g <= d->groups; g++)
        ret_begin[g + 1] += ret_begin[g];
    for (size_t i = 0; i < n; i++)
        to[next[group_of(d, by_key, a[i])]++] = a[i];
}

/* Any number of events: one pass that spreads them over many small groups by the leading bits of what
 * they differ in, then each group for itself. Groups that come out large differ in ever fewer bits. */
static void spread_sort(struct event *a, struct event *spare, size_t n)
{
    uint32_t begin[(1 << GROUP_BITS_MAX) + 2];
    struct sort_digit d = choose_digit(a, n);
    if (d.sorted)
        return;
    if (d.by_key)
        scatter(a, spare, n, &d, true, begin);
    else
        scatter(a, spare, n, &d, false, begin);
    for (uint32_t g = 0; g < d.groups; g++) {
        size_t at = begin[g], count = begin[g + 1] - begin[g];
        if (count <= SMALL_SORT) {
            rank_sort(spare + at, a + at, count);
        } else {
            spread_sort(spare + at, a + at, count);
            memcpy(a + at, spare + at, count * sizeof *a);
        }
    }
}

/* ---- the late heap ---- */

static void sift_up(struct event *heap, uint64_t i, struct event e)
{
    for (; i && evq_before(e, heap[(i - 1) / 2]); i = (i - 1) / 2)
        heap[i] = heap[(i - 1) / 2];
    heap[i] = e;
}

static void sift_down(struct event *heap, uint64_t count, uint64_t i, struct event e)
{
    for (uint64_t child; (child = 2 * i + 1) < count; i = child) {
        if (child + 1 < count && evq_before(heap[child + 1], heap[child]))
            child++;
        if (!evq_before(heap[child], e))
            break;
        heap[i] = heap[child];
    }
    heap[i] = e;
}

static void late_push(struct event_queue *q, struct event e)
{
    if (q->late_count == q->late_cap) {
        size_t cap = q->late_cap ? q->late_cap * 2 : LATE_CAP_MIN;
        struct event *heap = arena_array(q->arena, struct event, cap);
        if (q->late_count)
            memcpy(heap, q->late, q->late_count * sizeof *heap);
        q->late = heap;
        q->late_cap = cap;
    }
    sift_up(q->late, q->late_count++, e);
}

static void late_drop_first(struct event_queue *q)
{
    struct event last = q->late[--q->late_count];
    if (q->late_count)
        sift_down(q->late, q->late_count, 0, last);
}

/* ---- pushing among the run ---- */

/* Puts the run back into buckets, which are narrower now that `base` has moved up. Every event goes to
 * a lower level than its run came from, so this cannot go on for ever. */
static void spill(struct event_queue *q)
{
    if (!q->levels) /* a small queue never comes here */
        q->levels = arena_array(q->arena, struct evq_level, EVQ_LEVELS);
    q->base = (uint64_t)q->popped;
    q->horizon = q->base;
    for (const struct event *e = q->run_first; e < q->run_end; e++)
        evq_file(q, *e);
    for (uint64_t i = 0; i < q->late_count; i++)
        evq_file(q, q->late[i]);
    q->run_first = q->run_end = q->run;
    q->late_count = 0;
}

static void push_late(struct event_queue *q, struct event e)
{
    late_push(q, e);
    bool one_instant = q->horizon - q->base <= 1;
    if (q->late_count > LATE_MAX && !one_instant)
        spill(q);
}

/* Room for one more event at the end of the run, if it need not grow for that. */
static bool make_room(struct event_queue *q)
{
    if (q->run_end < q->run + q->run_cap)
        return true;
    size_t count = (size_t)(q->run_end - q->run_first);
    if (count > q->run_cap - q->run_cap / 4)
        return false;
    memmove(q->run, q->run_first, count * sizeof *q->run);
    q->run_first = q->run;
    q->run_end = q->run + count;
    return true;
}

/* An event that belongs among those of the run: next of all, or near the end, or late. */
void evq_push_early(struct event_queue *q, struct event e)
{
    if (q->run_first == q->run_end) {
        q->run_first = q->run_end = q->run;
    } else if (q->run_first > q->run && evq_before(e, *q->run_first)) {
        *--q->run_first = e;
        return;
    }
    bool deep = q->run_end - q->run_first > INSERT_MAX && evq_before(e, q->run_end[-INSERT_MAX]);
    if (deep || !make_room(q)) {
        push_late(q, e);
        return;
    }
    struct event *p = q->run_end++;
    for (; p > q->run_first && evq_before(e, p[-1]); p--)
        *p = p[-1];
    *p = e;
}

/* ---- opening the next bucket ---- */

struct bucket {
    uint32_t level, digit;
    uint32_t width;      /* bits in which its times may differ */
    uint64_t begin, end; /* times t with begin <= t < end */
    struct evq_chunk *first;
    struct event *tail;
};

static struct bucket next_bucket(const struct event_queue *q)
{
    ASSERT(q->levels_occupied);
    struct bucket b = {.level = (uint32_t)__builtin_ctz(q->levels_occupied)};
    const struct evq_level *l = &q->levels[b.level];
    uint64_t above = UNLIMITED << q->shift[b.level] << EVQ_DIGIT_BITS; /* what base and bucket share */
    b.width = q->shift[b.level];
    b.digit = first_digit(l);
    b.begin = (q->base & above) | (uint64_t)b.digit << b.width;
    b.end = b.begin + (UINT64_C(1) << b.width);
    b.first = l->first[b.digit];
    b.tail = l->tail[b.digit];
    return b;
}

static struct event bucket_min(const struct bucket *b)
{
    struct event min = b->first->events[0];
    for (const struct evq_chunk *c = b->first; c; c = c->next) {
        size_t n = chunk_count(c, b->tail);
        for (size_t i = 0; i < n; i++)
            if (evq_before(c->events[i], min))
                min = c->events[i];
    }
    return min;
}

/* Events in the bucket, or some number above `enough`. */
static size_t count_events(const struct bucket *b, size_t enough)
{
    size_t count = 0;
    for (const struct evq_chunk *c = b->first; c && count <= enough; c = c->next)
        count += chunk_count(c, b->tail);
    return count;
}

static bool at_one_instant(const struct bucket *b)
{
    sim_time at = b->first->events[0].at;
    for (const struct evq_chunk *c = b->first; c; c = c->next) {
        size_t n = chunk_count(c, b->tail);
        for (size_t i = 0; i < n; i++)
            if (c->events[i].at != at)
                return false;
    }
    return true;
}

static void reserve_run(struct event_queue *q, size_t count)
{
    if (q->spare && q->run_cap >= count)
        return;
    size_t cap = q->run_cap;
    while (cap < count)
        cap *= 2;
    q->run = arena_array(q->arena, struct event, cap);
    q->spare = arena_array(q->arena, struct event, cap);
    q->run_cap = cap;
}

static void set_run(struct event_queue *q, size_t count)
{
    q->run_first = q->run;
    q->run_end = q->run + count;
}

/* Sorts the bucket's few events into the empty run. */
static void take_few(struct event_queue *q, const struct bucket *b, size_t count)
{
    rank_sort(b->first->events, q->run, count);
    set_run(q, count);
    clear_bucket(q, b->level, b->digit);
    free_chunk(q, b->first);
    q->base = b->begin;
    q->horizon = q->levels_occupied ? b->end : UNLIMITED; /* nothing else is left: stay in the run */
}

/* Sorts the bucket's events into the empty run. */
static void take_many(struct event_queue *q, const struct bucket *b)
{
    size_t count = count_events(b, SIZE_MAX), at = 0;
    reserve_run(q, count);
    clear_bucket(q, b->level, b->digit);
    for (struct evq_chunk *c = b->first, *next; c; c = next) {
        next = c->next;
        size_t n = chunk_count(c, b->tail);
        for (size_t i = 0; i < n; i++)
            q->run[at++] = c->events[i];
        free_chunk(q, c);
    }
    ASSERT(at == count);
    spread_sort(q->run, q->spare, count);
    set_run(q, count);
    q->base = b->begin;
    q->horizon = b->end;
    if (q->run[0].at == q->run[count - 1].at) { /* leave other times to buckets */
        q->base = (uint64_t)q->run[0].at;
        q->horizon = q->base + 1;
    }
}

/* Spreads the bucket's events over the level below its own. */
static void spread_bucket(struct event_queue *q, const struct bucket *b, size_t count)
{
    uint32_t digit_bits = bit_length(count / BUCKET_SIZE);
    clear_bucket(q, b->level, b->digit);
    ASSERT(!(q->levels_occupied & ((1u << b->level) - 1)));
    divide_bits(q, b->level, b->width, digit_bits < EVQ_DIGIT_BITS ? digit_bits : EVQ_DIGIT_BITS);
    q->base = b->begin;
    q->horizon = b->begin;
    for (struct evq_chunk *c = b->first, *next; c; c = next) {
        next = c->next;
        size_t n = chunk_count(c, b->tail);
        for (size_t i = 0; i < n; i++)
            evq_file(q, c->events[i]);
        free_chunk(q, c);
    }
}

/* Sorting a bucket is quicker than spreading it, but then what is pushed into its span must be inserted.
 * A small part of all pending events means a span that is short beside the usual delay. */
static bool worth_sorting(const struct event_queue *q, size_t count)
{
    return count <= SORT_MAX && count <= q->count / 16;
}

/* Fills the empty run from what is in buckets; false when that is nothing that is due. Only in sight of an event
 * that will be popped may base move: times before it could still be pushed otherwise. That is an event of the
 * bucket, up to `until`; or if `ring` is set, the one that will be popped at `until` at the latest. */
static bool refill(struct event_queue *q, sim_time until, bool ring)
{
    while (q->levels_occupied) {
        struct bucket b = next_bucket(q);
        if (ring && (uint64_t)until < b.begin) {
            q->horizon = b.begin;
            return false;
        }
        if (!ring && (uint64_t)until < b.end - 1 && bucket_min(&b).at > until)
            return false;
        size_t count = count_events(&b, BUCKET_SIZE << EVQ_DIGIT_BITS);
        if (count <= SMALL_SORT) {
            take_few(q, &b, count);
            return true;
        }
        if (worth_sorting(q, count) || at_one_instant(&b)) {
            take_many(q, &b);
            return true;
        }
        spread_bucket(q, &b, count);
    }
    q->horizon = UNLIMITED;
    return false;
}

/* ---- rings ---- */

static struct evq_chunk *chunk_of(const struct event *e)
{
    return (struct evq_chunk *)((uintptr_t)e / EVQ_CHUNK_BYTES * EVQ_CHUNK_BYTES);
}

/* The ring for this duration, or an empty one; NULL when all are in use. */
struct evq_ring *evq_find_ring(struct event_queue *q, sim_time delay)
{
    struct evq_ring *found = NULL;
    for (struct evq_ring *r = q->rings; r < q->rings + EVQ_RINGS; r++)
        if (r->delay == delay || (!found && !r->head))
            found = r;
    if (found) {
        found->delay = delay;
        q->usual_ring = found;
    }
    return found;
}

static void clear_ring(struct event_queue *q, struct evq_ring *r)
{
    *r = (struct evq_ring){.delay = r->delay};
    q->rings_occupied &= ~(1u << (r - q->rings));
}

static void choose_first_ring(struct event_queue *q)
{
    const struct event never = {.at = -1, .key = UINT64_MAX}; /* unsigned in comparisons */
    struct event first = never;
    q->first_ring = NULL;
    q->other_rings = never;
    for (uint32_t left = q->rings_occupied; left; left &= left - 1) {
        struct evq_ring *r = &q->rings[__builtin_ctz(left)];
        struct event head = *r->head;
        if (evq_before(head, first)) {
            q->other_rings = first;
            q->first_ring = r;
            first = head;
        } else if (evq_before(head, q->other_rings)) {
            q->other_rings = head;
        }
    }
}

/* Appends e to a ring whose last chunk is full, or that is empty. */
void evq_extend_ring(struct event_queue *q, struct evq_ring *r, struct event e)
{
    struct evq_chunk *c = take_chunk(q);
    c->events[0] = e;
    if (r->head) {
        chunk_before(r->tail)->next = c;
    } else {
        r->head = c->events;
        q->rings_occupied |= 1u << (r - q->rings);
    }
    r->tail = c->events + 1;
    choose_first_ring(q);
}

static struct event ring_drop_first(struct event_queue *q)
{
    struct evq_ring *r = q->first_ring;
    struct event e = *r->head;
    q->taken = r->head++;
    if (r->head == r->tail) {
        free_chunk(q, chunk_of(q->taken));
        q->taken = NULL;
        clear_ring(q, r);
    } else if ((uintptr_t)r->head % EVQ_CHUNK_BYTES == 0) {
        struct evq_chunk *c = chunk_of(q->taken);
        r->head = c->next->events;
        free_chunk(q, c);
    }
    choose_first_ring(q);
    return e;
}

/* Those that are as far into the next chunk as `taken` is into its own. */
size_t evq_next_in_sight(const struct event_queue *q, const struct event **ret_events)
{
    const struct evq_chunk *c = chunk_of(q->taken), *next = c->next;
    size_t at = (size_t)(q->taken - c->events);
    if (!next || !next->next || q->tie_seed != 0)
        return 0;
    *ret_events = next->events + at;
    return at + EVQ_SIGHT < EVQ_CHUNK_EVENTS ? EVQ_SIGHT : EVQ_CHUNK_EVENTS - at;
}

/* ---- popping ---- */

/* Of those in the run and the late ones; NULL when there is none. */
static const struct event *first_of_run(const struct event_queue *q)
{
    const struct event *run = q->run_first != q->run_end ? q->run_first : NULL;
    return q->late_count && (!run || evq_before(q->late[0], *run)) ? q->late : run;
}

static struct event drop_first_of_run(struct event_queue *q)
{
    struct event e = *first_of_run(q);
    if (q->late_count && first_of_run(q) == q->late)
        late_drop_first(q);
    else
        q->run_first++;
    return e;
}

/* The first event of the wheel, if it is up to `until` and before `ring`. */
static const struct event *first_of_wheel(struct event_queue *q, sim_time until, const struct event *ring)
{
    if (!first_of_run(q)) {
        if (ring && (uint64_t)ring->at < q->horizon)
            return NULL;
        if (!refill(q, ring ? ring->at : until, ring != NULL))
            return NULL;
    }
    const struct event *e = first_of_run(q);
    return e->at > until || (ring && evq_before(*ring, *e)) ? NULL : e;
}

/* Whatever evq_pop_until() does not do itself: the run is empty, some events are late, or there are rings. */
bool evq_pop_slowly(struct event_queue *q, sim_time until, struct event *ret_event)
{
    if (until < 0)
        return false;
    const struct event *ring = q->first_ring && q->first_ring->head->at <= until ? q->first_ring->head : NULL;
    bool wheel = first_of_wheel(q, until, ring) != NULL;
    if (!wheel && !ring)
        return false;
    struct event e = wheel ? drop_first_of_run(q) : ring_drop_first(q);
    if (wheel)
        q->taken = NULL;
    q->count--;
    q->popped = e.at;
    e.key = evq_tie_unmix(q, e.key);
    *ret_event = e;
    return true;
}

/* The smallest event without removing it; false when empty. */
bool evq_peek(struct event_queue *q, struct event *ret_event)
{
    if (q->count == 0)
        return false;
    struct event first = {.at = SIM_TIME_MAX, .key = UINT64_MAX};
    if (first_of_run(q)) {
        first = *first_of_run(q);
    } else if (q->levels_occupied) {
        struct bucket b = next_bucket(q);
        first = bucket_min(&b);
    }
    if (q->first_ring && !evq_before(first, *q->first_ring->head))
        first = *q->first_ring->head;
    first.key = evq_tie_unmix(q, first.key);
    *ret_event = first;
    return true;
}

/* ---- sweeping ---- */

struct filter {
    const struct event_queue *q;
    bool (*live)(void *ctx, struct event e);
    void *ctx;
};

static bool keep(const struct filter *f, struct event e)
{
    e.key = evq_tie_unmix(f->q, e.key);
    return f->live(f->ctx, e);
}

static size_t filter_array(const struct filter *f, struct event *a, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (keep(f, a[i]))
            a[kept++] = a[i];
    return kept;
}

/* Takes the bucket apart and files again what stays: in the same bucket, since base has not moved. */
static uint64_t filter_bucket(struct event_queue *q, const struct filter *f, const struct bucket *b)
{
    uint64_t kept = 0;
    clear_bucket(q, b->level, b->digit);
    for (struct evq_chunk *c = b->first, *next; c; c = next) {
        next = c->next;
        size_t n = chunk_count(c, b->tail);
        for (size_t i = 0; i < n; i++) {
            if (keep(f, c->events[i])) {
                evq_file(q, c->events[i]);
                kept++;
            }
        }
        free_chunk(q, c);
    }
    return kept;
}

static uint64_t filter_level(struct event_queue *q, const struct filter *f, uint32_t level)
{
    struct evq_level *l = &q->levels[level];
    uint64_t kept = 0;
    for (uint32_t digit = 0; digit < EVQ_DIGITS; digit++) {
        struct bucket b = {.level = level, .digit = digit, .first = l->first[digit], .tail = l->tail[digit]};
        if (b.tail)
            kept += filter_bucket(q, f, &b);
    }
    return kept;
}

/* Takes the ring apart and appends again what stays. */
static uint64_t filter_ring(struct event_queue *q, const struct filter *f, struct evq_ring *r)
{
    struct evq_ring old = *r;
    uint64_t kept = 0;
    clear_ring(q, r);
    for (const struct event *e = old.head; e;) {
        struct evq_chunk *c = chunk_of(e), *next = c->next;
        const struct event *end = c->events + chunk_count(c, old.tail);
        for (; e < end; e++) {
            if (keep(f, *e)) {
                evq_append(q, r, *e);
                kept++;
            }
        }
        e = next ? next->events : NULL;
        free_chunk(q, c);
    }
    return kept;
}

void evq_compact(struct event_queue *q, bool (*live)(void *ctx, struct event e), void *ctx)
{
    struct filter f = {q, live, ctx};
    size_t run_count = filter_array(&f, q->run_first, (size_t)(q->run_end - q->run_first));
    q->run_end = q->run_first + run_count;
    q->late_count = filter_array(&f, q->late, q->late_count);
    for (uint64_t i = q->late_count / 2; i-- > 0;)
        sift_down(q->late, q->late_count, i, q->late[i]);
    q->count = run_count + q->late_count;
    for (uint32_t level = 0; level < EVQ_LEVELS; level++)
        if (q->levels_occupied >> level & 1)
            q->count += filter_level(q, &f, level);
    for (uint32_t i = 0; i < EVQ_RINGS; i++)
        q->count += filter_ring(q, &f, &q->rings[i]);
    choose_first_ring(q);
    q->taken = NULL;
}

static bool none(void *ctx, struct event e)
{
    (void)ctx;
    (void)e;
    return false;
}

void evq_reset(struct event_queue *q)
{
    if (q->count)
        evq_compact(q, none, NULL);
    start_at_zero(q);
}

/* ---- tie order ----
 *
 * Keys are kept in the queue as a bijection of themselves that leaves class and generation alone, so that
 * everything else here just compares numbers. Two rounds of add, multiply (by an odd number, modulo
 * 2^43) and fold; a fold by half the width or more undoes itself.
 */

enum { TIE_BITS = EVENT_OBJECT_BITS + EVENT_INDEX_BITS, TIE_FOLD = TIE_BITS / 2 + 1, TIE_ROUNDS = 2 };
static const uint64_t TIE_MASK = (UINT64_C(1) << TIE_BITS) - 1;

/* Newton: each step doubles the number of right bits, of which x = m has three. */
static uint64_t inverse_of_odd(uint64_t m)
{
    uint64_t x = m;
    for (int i = 0; i < 5; i++)
        x *= 2 - m * x;
    ASSERT(x * m == 1);
    return x;
}

void evq_set_tie_order(struct event_queue *q, struct tie_order order)
{
    ASSERT(q->count == 0);
    q->tie_seed = order.seed;
    for (uint32_t i = 0; i < TIE_ROUNDS; i++) {
        q->tie_multiplier[i] = rng_draw(order.seed, 0, 0, i) | 1;
        q->tie_inverse[i] = inverse_of_odd(q->tie_multiplier[i]);
    }
}

static uint64_t with_tie_bits(uint64_t key, uint64_t bits)
{
    return (key & ~(TIE_MASK << EVENT_GENERATION_BITS)) | bits << EVENT_GENERATION_BITS;
}

uint64_t evq_tie_mix(const struct event_queue *q, uint64_t key)
{
    uint64_t x = key >> EVENT_GENERATION_BITS;
    for (uint32_t i = 0; i < TIE_ROUNDS; i++) {
        x = (x + q->tie_seed) * q->tie_multiplier[i] & TIE_MASK;
        x ^= x >> TIE_FOLD;
    }
    return with_tie_bits(key, x);
}

uint64_t evq_tie_unmix(const struct event_queue *q, uint64_t key)
{
    if (q->tie_seed == 0)
        return key;
    uint64_t x = key >> EVENT_GENERATION_BITS & TIE_MASK;
    for (uint32_t i = TIE_ROUNDS; i-- > 0;) {
        x ^= x >> TIE_FOLD;
        x = (x * q->tie_inverse[i] - q->tie_seed) & TIE_MASK;
    }
    return with_tie_bits(key, x);
}
