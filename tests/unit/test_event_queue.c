/* The event queue alone: canonical order, whatever the population and the spans of time. The fuzz target
 * fuzz_event_queue compares far more cases with a sorted list. */
#include "sim/event_queue.h"
#include "sim/rng.h"

#include "tests/unit/tap.h"

#include <stdlib.h>

enum { CLASS = 6 };

static struct arena arena;
static struct event_queue q;

static void setup(uint64_t tie_seed)
{
    arena_init(&arena, 0);
    evq_init(&q, &arena);
    evq_set_tie_order(&q, (struct tie_order){.seed = tie_seed});
}

static void push(sim_time at, uint32_t class, uint32_t object, uint32_t index)
{
    evq_push(&q, (struct event){.at = at, .key = event_key(class, object, index, 0)});
}

static struct event pop(void)
{
    struct event e = {.at = SIM_NEVER};
    CHECK(evq_pop(&q, &e));
    return e;
}

static int compare_events(const void *a, const void *b)
{
    const struct event *x = a, *y = b;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return (x->key > y->key) - (x->key < y->key);
}

/* Pushes all of `events`, then checks that they come out sorted. */
static void check_sorts(struct event *events, size_t n)
{
    for (size_t i = 0; i < n; i++)
        evq_push(&q, events[i]);
    CHECK_UINT(evq_count(&q), n);
    qsort(events, n, sizeof *events, compare_events);
    for (size_t i = 0; i < n; i++) {
        struct event e = pop();
        if (!CHECK_INT(e.at, events[i].at) || !CHECK_UINT(e.key, events[i].key))
            return;
    }
    CHECK_UINT(evq_count(&q), 0);
}

static void keys_hold_all_their_fields(void)
{
    struct event e = {.key = event_key(31, UINT32_MAX, 2047, UINT16_MAX)};
    CHECK_UINT(event_class(e), 31);
    CHECK_UINT(event_object(e), UINT32_MAX);
    CHECK_UINT(event_index(e), 2047);
    CHECK_UINT(event_generation(e), UINT16_MAX);
    e.key = event_key(17, 123456789, 1000, 4660);
    CHECK_UINT(event_class(e), 17);
    CHECK_UINT(event_object(e), 123456789);
    CHECK_UINT(event_index(e), 1000);
    CHECK_UINT(event_generation(e), 4660);
    CHECK(event_key(1, 0, 0, 0) > event_key(0, UINT32_MAX, 2047, UINT16_MAX));
    CHECK(event_key(1, 2, 0, 0) > event_key(1, 1, 2047, UINT16_MAX));
    CHECK(event_key(1, 2, 3, 0) > event_key(1, 2, 2, UINT16_MAX));
}

static void an_empty_queue_has_no_next_event(void)
{
    struct event e;
    setup(0);
    CHECK(!evq_pop(&q, &e));
    CHECK(!evq_peek(&q, &e));
    CHECK(!evq_pop_until(&q, 5, &e));
    CHECK_UINT(evq_count(&q), 0);
    push(7, CLASS, 1, 0);
    CHECK_INT(pop().at, 7);
    CHECK(!evq_pop(&q, &e));
    arena_fini(&arena);
}

static void simultaneous_events_come_by_class_object_index(void)
{
    setup(0);
    push(10, 2, 1, 0);
    push(10, 1, 9, 5);
    push(10, 1, 9, 4);
    push(10, 1, 2, 7);
    push(9, 9, 9, 9);
    CHECK_UINT(event_class(pop()), 9);
    CHECK_UINT(event_object(pop()), 2);
    CHECK_UINT(event_index(pop()), 4);
    CHECK_UINT(event_index(pop()), 5);
    CHECK_UINT(event_class(pop()), 2);
    arena_fini(&arena);
}

static void order_does_not_depend_on_who_was_pushed_first(void)
{
    static const uint32_t sizes[] = {2, 31, 32, 33, 500, 513, 20000};
    for (size_t s = 0; s < ARRAY_LEN(sizes); s++) {
        uint32_t n = sizes[s];
        tap_row("%u at one instant, backwards", n);
        setup(0);
        for (uint32_t i = n; i > 0; i--)
            push(SIM_SECOND, CLASS, i, 0);
        bool right = true;
        for (uint32_t i = 1; i <= n && right; i++)
            right = CHECK_UINT(event_object(pop()), i);
        arena_fini(&arena);
    }
}

static void a_smaller_key_at_the_current_instant_comes_next(void)
{
    setup(0);
    for (uint32_t i = 1; i <= 1000; i++)
        push(SIM_SECOND, 5, 2 * i, 0);
    CHECK_UINT(event_object(pop()), 2);
    CHECK_UINT(event_object(pop()), 4);
    push(SIM_SECOND, 5, 1, 0);
    push(SIM_SECOND, 4, 77, 0);
    push(SIM_SECOND, 5, 1001, 0);
    CHECK_UINT(event_object(pop()), 77);
    CHECK_UINT(event_object(pop()), 1);
    CHECK_UINT(event_object(pop()), 6);
    for (uint32_t object = 8; object <= 1000; object += 2)
        pop();
    CHECK_UINT(event_object(pop()), 1001);
    CHECK_UINT(event_object(pop()), 1002);
    arena_fini(&arena);
}

static void any_span_of_time_is_sorted(void)
{
    enum { COUNT = 5000 };
    static struct event events[COUNT];
    for (uint32_t bits = 0; bits <= 63; bits++) {
        tap_row("times of %u bits", bits);
        setup(0);
        for (uint32_t i = 0; i < COUNT; i++) {
            uint64_t at = bits ? rng_draw(bits, 0, 0, i) >> (64 - bits) : 0;
            uint32_t object = (uint32_t)rng_below(rng_draw(bits, 1, 0, i), 100);
            events[i] = (struct event){(sim_time)at, event_key(i % 3, object, 0, (uint16_t)i)};
        }
        check_sorts(events, COUNT);
        arena_fini(&arena);
    }
}

static void mixed_spans_are_sorted(void)
{
    enum { COUNT = 20000 };
    static struct event events[COUNT];
    setup(0);
    for (uint32_t i = 0; i < COUNT; i++) {
        uint64_t draw = rng_draw(3, 0, 0, i);
        uint64_t bits = 1 + rng_below(rng_draw(3, 1, 0, i), 62);
        events[i] = (struct event){(sim_time)(draw >> (64 - bits)), event_key(0, i, 0, 0)};
    }
    check_sorts(events, COUNT);
    arena_fini(&arena);
}

static void the_end_of_time_is_a_time(void)
{
    setup(0);
    for (uint32_t i = 100; i > 0; i--) {
        push(SIM_TIME_MAX, CLASS, i, 0);
        push(SIM_TIME_MAX - 1, CLASS, i, 0);
    }
    for (uint32_t i = 1; i <= 200; i++) {
        struct event e = pop();
        CHECK_INT(e.at, i <= 100 ? SIM_TIME_MAX - 1 : SIM_TIME_MAX);
        CHECK_UINT(event_object(e), i <= 100 ? i : i - 100);
    }
    push(SIM_TIME_MAX, CLASS, 1, 0);
    CHECK_INT(pop().at, SIM_TIME_MAX);
    arena_fini(&arena);
}

static void pop_until_leaves_room_for_earlier_events(void)
{
    struct event e;
    static const uint32_t counts[] = {1, 40, 1000};
    for (size_t c = 0; c < ARRAY_LEN(counts); c++) {
        tap_row("%u pending", counts[c]);
        setup(0);
        for (uint32_t i = 0; i < counts[c]; i++)
            push(100 * SIM_SECOND + i, CLASS, i, 0);
        CHECK(!evq_pop_until(&q, 100 * SIM_SECOND - 1, &e));
        CHECK(evq_peek(&q, &e) && e.at == 100 * SIM_SECOND);
        push(50 * SIM_SECOND, CLASS, 7, 0);
        CHECK(evq_pop_until(&q, 50 * SIM_SECOND, &e));
        CHECK_INT(e.at, 50 * SIM_SECOND);
        push(50 * SIM_SECOND, CLASS, 8, 0);
        CHECK_INT(pop().at, 50 * SIM_SECOND);
        CHECK_INT(pop().at, 100 * SIM_SECOND);
        arena_fini(&arena);
    }
}

static bool is_even(void *ctx, struct event e)
{
    (void)ctx;
    return event_object(e) % 2 == 0;
}

static void compacting_drops_the_dead_and_keeps_the_order(void)
{
    static const uint64_t seeds[] = {0, 5};
    for (size_t s = 0; s < ARRAY_LEN(seeds); s++) {
        tap_row("tie seed %d", (int)seeds[s]);
        setup(seeds[s]);
        for (uint32_t i = 0; i < 10000; i++)
            push((sim_time)rng_below(rng_draw(9, 0, 0, i), 1000), CLASS, i, 0);
        sim_time last = pop().at;
        uint64_t before = evq_count(&q);
        evq_compact(&q, is_even, NULL);
        CHECK(evq_count(&q) < before);
        uint64_t left = evq_count(&q), odd = 0, backwards = 0;
        for (uint64_t i = 0; i < left; i++) {
            struct event e = pop();
            odd += event_object(e) % 2;
            backwards += e.at < last;
            last = e.at;
        }
        CHECK_UINT(odd, 0);
        CHECK_UINT(backwards, 0);
        CHECK_UINT(evq_count(&q), 0);
        arena_fini(&arena);
    }
}

/* Timers of more periods than there are rings, with others among them: as if all were in the wheel. */
static void rings_keep_the_order(void)
{
    enum { COUNT = 3000, POPS = 50 * COUNT };
    struct event last = {0};
    uint64_t in_rings = 0, backwards = 0;
    setup(0);
    for (uint32_t i = 0; i < COUNT; i++)
        push((sim_time)rng_below(rng_draw(7, 0, 0, i), 10 * SIM_SECOND), CLASS, i + 1, 0);
    for (uint32_t i = 0; i < POPS; i++) {
        struct event e = pop();
        backwards += compare_events(&e, &last) < 0;
        in_rings += q.taken != NULL;
        last = e;
        sim_time delay = (1 + event_object(e) % 11) * SIM_SECOND;
        e.at += delay;
        if (event_object(e) % 13 == 0)
            evq_push(&q, e);
        else
            evq_push_after(&q, e, delay);
    }
    CHECK_UINT(backwards, 0);
    CHECK(in_rings > POPS / 4);
    CHECK_UINT(evq_count(&q), COUNT);
    arena_fini(&arena);
}

/* What is pushed at one instant out of order may be offered to a ring; it does not get in. */
static void a_ring_takes_only_what_is_in_order(void)
{
    setup(0);
    for (uint32_t i = 100; i > 0; i--)
        evq_push_after(&q, (struct event){.at = SIM_SECOND, .key = event_key(CLASS, i, 0, 0)}, SIM_SECOND);
    for (uint32_t i = 1; i <= 100; i++)
        CHECK_UINT(event_object(pop()), i);
    arena_fini(&arena);
}

/* Events of a ring are shown in good time, once each. */
static void a_ring_shows_what_comes(void)
{
    enum { COUNT = 1000 };
    static uint32_t shown[COUNT];
    uint64_t late = 0;
    memset(shown, 0, sizeof shown);
    setup(0);
    for (uint32_t i = 0; i < COUNT; i++)
        evq_push_after(&q, (struct event){.at = i, .key = event_key(CLASS, i, 0, 0)}, 0);
    for (uint32_t i = 0; i < COUNT; i++) {
        const struct event *soon;
        late += shown[event_object(pop())] != 1 && i > 2 * EVQ_CHUNK_EVENTS && i < COUNT - 2 * EVQ_CHUNK_EVENTS;
        for (size_t n = evq_look_ahead(&q, &soon); n > 0; n--)
            shown[event_object(soon[n - 1])]++;
    }
    CHECK_UINT(late, 0);
    arena_fini(&arena);
}

/* Position of each object among simultaneous events under a tie seed. */
static void tie_positions(uint64_t seed, uint32_t *ret_objects, uint32_t count)
{
    setup(seed);
    for (uint32_t i = 0; i < count; i++)
        push(SIM_SECOND, 3, i + 1, 0);
    for (uint32_t i = 0; i < count; i++)
        ret_objects[i] = event_object(pop());
    arena_fini(&arena);
}

static void a_tie_seed_permutes_objects(void)
{
    enum { COUNT = 50 };
    uint32_t a[COUNT], b[COUNT], again[COUNT], sum = 0;
    tie_positions(1, a, COUNT);
    tie_positions(2, b, COUNT);
    tie_positions(1, again, COUNT);
    for (uint32_t i = 0; i < COUNT; i++)
        sum += a[i];
    CHECK_UINT(sum, COUNT * (COUNT + 1) / 2);
    CHECK(memcmp(a, b, sizeof a) != 0);
    CHECK(memcmp(a, again, sizeof a) == 0);
}

static void a_tie_seed_never_crosses_classes_or_times(void)
{
    for (uint64_t seed = 1; seed <= 20; seed++) {
        setup(seed);
        for (uint32_t i = 0; i < 300; i++)
            push(i % 4, i % 5, 1000 - i, i % 7);
        uint64_t last = 0, wrong = 0;
        for (uint32_t i = 0; i < 300; i++) {
            struct event e = pop();
            uint64_t rank = (uint64_t)e.at << 8 | event_class(e);
            wrong += rank < last;
            last = rank;
        }
        CHECK_UINT(wrong, 0);
        arena_fini(&arena);
    }
}

static void a_small_queue_takes_little_memory(void)
{
    setup(0);
    size_t empty = arena.used;
    for (uint32_t i = 0; i < 20; i++)
        push((sim_time)i * SIM_SECOND, CLASS, i, 0);
    for (uint32_t i = 0; i < 10000; i++) {
        struct event e = pop();
        push(e.at + 20 * SIM_SECOND, CLASS, event_object(e), 0);
    }
    CHECK_UINT(arena.used, empty);
    CHECK(empty < 4096);
    arena_fini(&arena);
}

static void memory_follows_the_population_not_the_events(void)
{
    enum { COUNT = 20000 };
    setup(0);
    for (uint32_t i = 0; i < COUNT; i++)
        push((sim_time)rng_below(rng_draw(4, 0, 0, i), 10 * SIM_SECOND), CLASS, i, 0);
    for (uint32_t i = 0; i < 50 * COUNT; i++) {
        struct event e = pop();
        push(e.at + 10 * SIM_SECOND, CLASS, event_object(e), 0);
    }
    CHECK(arena.used < COUNT * 100);
    arena_fini(&arena);
}

static void after_a_reset_time_starts_again(void)
{
    setup(0);
    for (uint32_t i = 0; i < 2000; i++)
        push(SIM_SECOND * i, CLASS, i, 0);
    for (uint32_t i = 0; i < 1000; i++)
        pop();
    evq_reset(&q);
    CHECK_UINT(evq_count(&q), 0);
    push(1, CLASS, 1, 0);
    push(0, CLASS, 2, 0);
    CHECK_UINT(event_object(pop()), 2);
    CHECK_UINT(event_object(pop()), 1);
    arena_fini(&arena);
}

int main(void)
{
    static const struct tap_test tests[] = {
        TAP_TEST(keys_hold_all_their_fields),
        TAP_TEST(an_empty_queue_has_no_next_event),
        TAP_TEST(simultaneous_events_come_by_class_object_index),
        TAP_TEST(order_does_not_depend_on_who_was_pushed_first),
        TAP_TEST(a_smaller_key_at_the_current_instant_comes_next),
        TAP_TEST(any_span_of_time_is_sorted),
        TAP_TEST(mixed_spans_are_sorted),
        TAP_TEST(the_end_of_time_is_a_time),
        TAP_TEST(pop_until_leaves_room_for_earlier_events),
        TAP_TEST(compacting_drops_the_dead_and_keeps_the_order),
        TAP_TEST(rings_keep_the_order),
        TAP_TEST(a_ring_takes_only_what_is_in_order),
        TAP_TEST(a_ring_shows_what_comes),
        TAP_TEST(a_tie_seed_permutes_objects),
        TAP_TEST(a_tie_seed_never_crosses_classes_or_times),
        TAP_TEST(a_small_queue_takes_little_memory),
        TAP_TEST(memory_follows_the_population_not_the_events),
        TAP_TEST(after_a_reset_time_starts_again),
    };
    return tap_run(tests, ARRAY_LEN(tests));
}
