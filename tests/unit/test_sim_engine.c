/* The engine: timers in canonical order, cancelling, causes, limits, and going back in time. The world
 * here is a handful of objects that do what a small table tells them and log each event. */
#include "sim/sim.h"
#include "sim/rng.h"
#include "sim/strbuf.h"

#include "tests/unit/tap.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { OBJECTS = 64, CLASSES = 4, INDICES = 3 };

struct world {
    struct sim *sim;
    struct sim_timer timers[OBJECTS][CLASSES][INDICES];
    void (*on_event)(struct world *w, uint32_t object, uint32_t class, uint32_t index);
    uint64_t fired;
    uint64_t hash; /* of the log, order-sensitive */
    bool gone[OBJECTS];
    char log[2000];
};

static struct sim_timer *timer(void *ctx, uint32_t local, uint32_t class, uint32_t index)
{
    struct world *w = ctx;
    return w->gone[local] ? NULL : &w->timers[local][class][index];
}

static void fire(void *ctx, uint32_t local, uint32_t class, uint32_t index)
{
    struct world *w = ctx;
    uint64_t word = (uint64_t)sim_now(w->sim) ^ (uint64_t)local << 40 ^ (uint64_t)class << 50 ^ index;
    w->hash = rng_mix(w->hash ^ word);
    w->fired++;
    size_t len = strlen(w->log);
    if (len + 60 < sizeof w->log)
        snprintf(w->log + len, sizeof w->log - len, "%" PRId64 ":%u.%u.%u ", sim_now(w->sim), class,
                 local + 1, index);
    if (w->on_event)
        w->on_event(w, local + 1, class, index);
}

/* The world lives in the run's arena, as components' data must. */
static struct world *world_new(const struct sim_config *config)
{
    struct sim *s = sim_new(config);
    struct world *w = arena_new(sim_arena(s), struct world);
    w->sim = s;
    uint32_t handler = sim_handler_add(s, &(struct sim_handler){"tester", w, timer, fire});
    for (uint32_t i = 0; i < OBJECTS; i++)
        CHECK_UINT(sim_object_new(s, handler, i), i + 1);
    return w;
}

static struct world *plain_world(void)
{
    return world_new(&(struct sim_config){.seed = 1});
}

static void world_free(struct world *w)
{
    sim_free(w->sim);
}

static void a_run_without_timers_is_quiet_at_once(void)
{
    struct world *w = plain_world();
    CHECK_INT(sim_next(w->sim), SIM_NEVER);
    CHECK_INT(sim_run(w->sim, SIM_SECOND), SIM_STOP_QUIET);
    CHECK_INT(sim_now(w->sim), 0);
    CHECK_UINT(sim_event_count(w->sim), 0);
    world_free(w);
    sim_free(NULL);
}

static void simultaneous_timers_fire_by_class_object_index(void)
{
    struct world *w = plain_world();
    sim_arm(w->sim, 50, 3, 1, 0);
    sim_arm(w->sim, 50, 1, 2, 2);
    sim_arm(w->sim, 50, 1, 2, 1);
    sim_arm(w->sim, 50, 1, 1, 0);
    sim_arm(w->sim, 50, 0, 9, 0);
    sim_arm(w->sim, 49, 3, 9, 2);
    CHECK_INT(sim_next(w->sim), 49);
    CHECK_INT(sim_run(w->sim, SIM_TIME_MAX), SIM_STOP_QUIET);
    CHECK_STR(w->log, "49:3.9.2 50:0.9.0 50:1.1.0 50:1.2.1 50:1.2.2 50:3.1.0 ");
    CHECK_UINT(sim_event_count(w->sim), 6);
    CHECK_INT(sim_now(w->sim), 50);
    world_free(w);
}

static void arm_lower_class_now(struct world *w, uint32_t object, uint32_t class, uint32_t index)
{
    (void)index;
    if (object == 5 && class == 2)
        sim_arm(w->sim, 3, 0, 4, 0); /* the past becomes now */
}

static void what_is_armed_for_now_or_the_past_comes_next(void)
{
    struct world *w = plain_world();
    w->on_event = arm_lower_class_now;
    sim_arm(w->sim, 10, 2, 5, 0);
    sim_arm(w->sim, 10, 2, 6, 0);
    sim_run(w->sim, SIM_TIME_MAX);
    CHECK_STR(w->log, "10:2.5.0 10:0.4.0 10:2.6.0 ");
    CHECK_UINT(sim_instant_class(w->sim), 2);
    world_free(w);
}

static void a_cancelled_timer_does_not_fire(void)
{
    struct world *w = plain_world();
    sim_arm(w->sim, 10, 1, 1, 0);
    sim_arm(w->sim, 20, 1, 2, 0);
    CHECK(sim_armed(w->sim, 1, 1, 0));
    sim_cancel(w->sim, 1, 1, 0);
    sim_cancel(w->sim, 1, 1, 0);
    sim_cancel(w->sim, 1, 3, 0);
    CHECK(!sim_armed(w->sim, 1, 1, 0));
    CHECK_INT(sim_next(w->sim), 20);
    sim_run(w->sim, SIM_TIME_MAX);
    CHECK_STR(w->log, "20:1.2.0 ");
    CHECK_UINT(sim_event_count(w->sim), 1);
    world_free(w);
}

static void a_rearmed_timer_fires_once_at_its_last_time(void)
{
    struct world *w = plain_world();
    sim_arm(w->sim, 10, 1, 1, 0);
    sim_arm(w->sim, 30, 1, 1, 0);
    sim_arm(w->sim, 20, 1, 1, 0);
    sim_arm(w->sim, 20, 1, 1, 0);
    sim_arm(w->sim, 30, 1, 2, 0); /* and back to a time it had before */
    sim_arm(w->sim, 40, 1, 2, 0);
    sim_arm(w->sim, 30, 1, 2, 0);
    sim_run(w->sim, SIM_TIME_MAX);
    CHECK_STR(w->log, "20:1.1.0 30:1.2.0 ");
    world_free(w);
}

static void arm_by_only_moves_forward(void)
{
    struct world *w = plain_world();
    sim_arm_by(w->sim, 30, 1, 1, 0);
    sim_arm_by(w->sim, 40, 1, 1, 0);
    sim_arm_by(w->sim, 20, 1, 1, 0);
    sim_arm_by(w->sim, 20, 1, 1, 0);
    sim_run(w->sim, SIM_TIME_MAX);
    CHECK_STR(w->log, "20:1.1.0 ");
    world_free(w);
}

static void generations_may_wrap_around(void)
{
    struct world *w = plain_world();
    sim_arm(w->sim, SIM_SECOND, 1, 1, 0);
    for (uint32_t i = 1; i <= 65536; i++)
        sim_arm(w->sim, SIM_SECOND + i, 1, 1, 0);
    sim_run(w->sim, SIM_TIME_MAX);
    CHECK_STR(w->log, "1000065536:1.1.0 ");
    world_free(w);
}

static void stale_entries_are_swept(void)
{
    struct world *w = plain_world();
    for (uint32_t i = 0; i < 20; i++)
        sim_arm(w->sim, SIM_SECOND, 1, 1 + i, 0);
    size_t before = sim_arena(w->sim)->used;
    for (uint32_t i = 0; i < 200000; i++)
        sim_arm(w->sim, SIM_SECOND + 1 + i, 1, 1, 0);
    CHECK(sim_arena(w->sim)->used - before < 100000);
    sim_run(w->sim, SIM_TIME_MAX);
    CHECK_UINT(w->fired, 20);
    world_free(w);
}

static void events_of_what_is_gone_are_dropped(void)
{
    struct world *w = plain_world();
    sim_arm(w->sim, 10, 1, 1, 0);
    sim_arm(w->sim, 20, 1, 2, 0);
    w->gone[0] = true;
    sim_run(w->sim, SIM_TIME_MAX);
    CHECK_STR(w->log, "20:1.2.0 ");
    world_free(w);
}

static void a_run_stops_at_until_and_goes_on_later(void)
{
    struct world *w = plain_world();
    sim_arm(w->sim, 10, 1, 1, 0);
    sim_arm(w->sim, 20, 1, 2, 0);
    sim_arm(w->sim, 21, 1, 3, 0);
    CHECK_INT(sim_run(w->sim, 20), SIM_STOP_UNTIL);
    CHECK_INT(sim_now(w->sim), 20);
    CHECK_STR(w->log, "10:1.1.0 20:1.2.0 ");
    CHECK_INT(sim_run(w->sim, 5), SIM_STOP_UNTIL);
    CHECK_INT(sim_now(w->sim), 20);
    sim_arm(w->sim, 20, 0, 4, 0);
    CHECK_INT(sim_run(w->sim, 30), SIM_STOP_QUIET);
    CHECK_STR(w->log, "10:1.1.0 20:1.2.0 20:0.4.0 21:1.3.0 ");
    CHECK_INT(sim_now(w->sim), 21);
    world_free(w);
}

static void time_does_not_pass_over_cancelled_timers(void)
{
    struct world *w = plain_world();
    for (uint32_t i = 0; i < 60; i++)
        sim_arm(w->sim, 100 * SIM_SECOND, 1, 1 + i, 0);
    for (uint32_t i = 0; i < 60; i++)
        sim_cancel(w->sim, 1, 1 + i, 0);
    CHECK_INT(sim_run(w->sim, 200 * SIM_SECOND), SIM_STOP_QUIET);
    CHECK_INT(sim_now(w->sim), 0);
    sim_arm(w->sim, 1, 1, 1, 0);
    sim_run(w->sim, SIM_TIME_MAX);
    CHECK_STR(w->log, "1:1.1.0 ");
    world_free(w);
}

static void stop_when_asked(struct world *w, uint32_t object, uint32_t class, uint32_t index)
{
    (void)class;
    (void)index;
    if (object == 2)
        sim_stop(w->sim);
}

static void a_run_can_be_stopped_from_inside(void)
{
    struct world *w = plain_world();
    w->on_event = stop_when_asked;
    for (uint32_t i = 1; i <= 3; i++)
        sim_arm(w->sim, 10, 1, i, 0);
    CHECK_INT(sim_run(w->sim, SIM_TIME_MAX), SIM_STOP_ASKED);
    CHECK_STR(w->log, "10:1.1.0 10:1.2.0 ");
    CHECK_INT(sim_run(w->sim, SIM_TIME_MAX), SIM_STOP_QUIET);
    CHECK_STR(w->log, "10:1.1.0 10:1.2.0 10:1.3.0 ");
    world_free(w);
}

/* ---- causes ---- */

static void record_and_pass_on(struct world *w, uint32_t object, uint32_t class, uint32_t index)
{
    (void)index;
    uint32_t record = sim_record(w->sim, (struct trace_record){.object = object, .kind = 7});
    if (object == 1)
        sim_set_cause(w->sim, record);
    if (object < 3)
        sim_arm(w->sim, sim_now(w->sim) + 5, class, object + 1, 0);
}

static void records_and_timers_inherit_their_cause(void)
{
    struct world *w = plain_world();
    struct trace *t = sim_trace(w->sim);
    CHECK_UINT(trace_count(t), 1);
    uint32_t start = sim_record(w->sim, (struct trace_record){.kind = 1, .cause = 99, .at = 99});
    CHECK_UINT(start, 1);
    sim_set_cause(w->sim, start);
    w->on_event = record_and_pass_on;
    sim_arm(w->sim, 10, 1, 1, 0);
    sim_run(w->sim, SIM_TIME_MAX);

    CHECK_UINT(trace_count(t), 5);
    CHECK_UINT(trace_at(t, TRACE_ROOT)->cause, TRACE_ROOT);
    CHECK_UINT(trace_at(t, 1)->cause, TRACE_ROOT);
    CHECK_INT(trace_at(t, 1)->at, 0);
    CHECK_UINT(trace_at(t, 2)->cause, 1);
    CHECK_INT(trace_at(t, 2)->at, 10);
    CHECK_UINT(trace_at(t, 3)->cause, 2); /* narrowed to the record just written */
    CHECK_UINT(trace_at(t, 4)->cause, 2); /* inherited: object 2 did not narrow it */
    CHECK_UINT(trace_at(t, 4)->object, 3);
    CHECK_UINT(sim_cause(w->sim), TRACE_ROOT);
    world_free(w);
}

/* ---- going back ---- */

/* A busy world: events come again, pull others forward or cancel them, and leave records. */
static void busy(struct world *w, uint32_t object, uint32_t class, uint32_t index)
{
    static const sim_time distances[] = {0, 1, 100, SIM_US, SIM_MS, SIM_SECOND, 10 * SIM_SECOND};
    struct sim *s = w->sim;
    uint64_t draw = rng_draw(sim_seed(s), class, object, sim_event_count(s));
    sim_time far = distances[draw % ARRAY_LEN(distances)];
    uint32_t other = 1 + (uint32_t)(draw >> 8) % OBJECTS;
    uint32_t their_class = (uint32_t)(draw >> 16) % CLASSES, their_index = (uint32_t)(draw >> 24) % INDICES;

    uint32_t record = sim_record(s, (struct trace_record){.object = object, .aux = (uint32_t)draw});
    sim_set_cause(s, record);
    sim_arm(s, sim_now(s) + 100 * SIM_MS + (sim_time)(draw >> 32), class, object, index);
    if (draw >> 61 == 0)
        sim_cancel(s, their_class, other, their_index);
    else if (draw >> 61 < 4)
        sim_arm_by(s, sim_now(s) + far, their_class, other, their_index);
}

static uint64_t digest(const struct world *w)
{
    struct trace *t = sim_trace(w->sim);
    uint64_t h = w->hash;
    for (uint32_t i = 0; i < trace_count(t); i++) {
        const struct trace_record *r = trace_at(t, i);
        h = rng_mix(h ^ (uint64_t)r->at ^ (uint64_t)r->cause << 32 ^ r->object);
    }
    return rng_mix(h ^ sim_event_count(w->sim));
}

static struct world *busy_world(uint64_t seed, uint64_t tie_seed)
{
    struct world *w = world_new(
        &(struct sim_config){.seed = seed, .tie_order = {tie_seed}, .limits = {.events = 60000}});
    w->on_event = busy;
    for (uint32_t i = 1; i <= OBJECTS; i++)
        sim_arm(w->sim, (sim_time)i * SIM_MS, 1, i, 0);
    return w;
}

static void the_same_seed_gives_the_same_run(void)
{
    struct world *a = busy_world(3, 0), *b = busy_world(3, 0), *other = busy_world(4, 0);
    CHECK_INT(sim_run(a->sim, SIM_TIME_MAX), SIM_STOP_EVENTS);
    sim_run(b->sim, SIM_TIME_MAX);
    sim_run(other->sim, SIM_TIME_MAX);
    CHECK_UINT(digest(a), digest(b));
    CHECK(digest(a) != digest(other));
    CHECK_UINT(sim_event_count(a->sim), 60000);
    world_free(a);
    world_free(b);
    world_free(other);
}

static void stopping_on_the_way_changes_nothing(void)
{
    struct world *a = busy_world(5, 0), *b = busy_world(5, 0);
    sim_run(a->sim, 20 * SIM_SECOND);
    for (sim_time t = 0; t <= 20 * SIM_SECOND; t += 77 * SIM_MS)
        sim_run(b->sim, t);
    sim_run(b->sim, 20 * SIM_SECOND);
    CHECK_UINT(digest(a), digest(b));
    CHECK(a->fired > 1000);
    world_free(a);
    world_free(b);
}

static void a_restored_run_repeats_the_remainder(void)
{
    static const uint64_t tie_seeds[] = {0, 11};
    for (size_t i = 0; i < ARRAY_LEN(tie_seeds); i++) {
        tap_row("tie seed %d", (int)tie_seeds[i]);
        struct world *w = busy_world(6, tie_seeds[i]);
        struct arena_image image;
        sim_run(w->sim, 2 * SIM_SECOND);
        sim_save(w->sim, &image);
        uint64_t at_save = digest(w), fired = w->fired;

        sim_run(w->sim, SIM_TIME_MAX);
        uint64_t at_end = digest(w);
        CHECK(w->fired > fired);
        CHECK_CONTAINS(sim_limit_text(w->sim), "60000 events");
        for (int again = 0; again < 2; again++) {
            sim_restore(w->sim, &image);
            CHECK_INT(sim_now(w->sim), 2 * SIM_SECOND);
            CHECK_UINT(w->fired, fired);
            CHECK_UINT(digest(w), at_save);
            CHECK_STR(sim_limit_text(w->sim), "");
            sim_run(w->sim, SIM_TIME_MAX);
            CHECK_UINT(digest(w), at_end);
        }
        arena_image_fini(&image);
        world_free(w);
    }
}

static void a_renewed_run_knows_nothing_of_the_last(void)
{
    struct world *w = busy_world(7, 0);
    sim_run(w->sim, SIM_TIME_MAX);
    struct sim *s = sim_renew(w->sim, &(struct sim_config){.seed = 9});
    CHECK_UINT(sim_seed(s), 9);
    CHECK_INT(sim_now(s), 0);
    CHECK_UINT(sim_event_count(s), 0);
    CHECK_UINT(trace_count(sim_trace(s)), 1);
    CHECK_STR(sim_limit_text(s), "");
    CHECK_INT(sim_run(s, SIM_TIME_MAX), SIM_STOP_QUIET);
    sim_free(s);
}

/* ---- limits ---- */

static void rearm_now(struct world *w, uint32_t object, uint32_t class, uint32_t index)
{
    if (object <= 2)
        sim_arm(w->sim, sim_now(w->sim), class, 3 - object, index);
}

static void rearm_later(struct world *w, uint32_t object, uint32_t class, uint32_t index)
{
    sim_arm(w->sim, sim_now(w->sim) + SIM_SECOND, class, object, index);
}

static void rearm_random(struct world *w, uint32_t object, uint32_t class, uint32_t index)
{
    (void)object;
    uint64_t draw = rng_draw(1, 0, 0, w->fired);
    sim_arm(w->sim, sim_now(w->sim) + SIM_SECOND, class, 1 + (uint32_t)(draw % OBJECTS), index);
}

static void an_endless_instant_ends_with_its_cycle(void)
{
    struct world *w = world_new(&(struct sim_config){.limits = {.events_per_instant = 1000}});
    w->on_event = rearm_now;
    sim_arm(w->sim, 10, 1, 9, 0);
    sim_arm(w->sim, 2500 * SIM_MS, 2, 1, 1);
    CHECK_INT(sim_run(w->sim, SIM_TIME_MAX), SIM_STOP_INSTANT);
    CHECK_STR(sim_limit_text(w->sim),
              "limit reached: 1000 events at one instant, at simulated time 2.5s; a cycle of 2 events "
              "repeats: tester (class 2, object 1, index 1), tester (class 2, object 2, index 1)");
    CHECK_UINT(sim_event_count(w->sim), 1001);
    CHECK_INT(sim_run(w->sim, SIM_TIME_MAX), SIM_STOP_INSTANT);
    world_free(w);
}

static void the_event_limit_is_exact(void)
{
    struct world *w = world_new(&(struct sim_config){.limits = {.events = 40}});
    w->on_event = rearm_later;
    sim_arm(w->sim, SIM_SECOND, 1, 4, 0);
    CHECK_INT(sim_run(w->sim, 40 * SIM_SECOND), SIM_STOP_UNTIL);
    CHECK_INT(sim_run(w->sim, SIM_TIME_MAX), SIM_STOP_EVENTS);
    CHECK_UINT(w->fired, 40);
    CHECK_INT(sim_now(w->sim), 41 * SIM_SECOND);
    CHECK_STR(sim_limit_text(w->sim), "limit reached: 40 events in one run, at simulated time 41.0s; "
                                      "one event repeats: tester (class 1, object 4)");
    world_free(w);
}

static void give_up_at_the_third(struct world *w, uint32_t object, uint32_t class, uint32_t index)
{
    rearm_later(w, object, class, index);
    if (w->fired == 3)
        sim_limit(w->sim, "3 of something", "do less of it");
}

static void a_model_has_limits_of_its_own(void)
{
    struct world *w = world_new(&(struct sim_config){0});
    w->on_event = give_up_at_the_third;
    sim_arm(w->sim, SIM_SECOND, 1, 4, 0);
    CHECK_INT(sim_run(w->sim, SIM_TIME_MAX), SIM_STOP_LIMIT);
    CHECK_UINT(w->fired, 3);
    CHECK_INT(sim_now(w->sim), 3 * SIM_SECOND);
    CHECK_STR(sim_limit_text(w->sim), "limit reached: 3 of something, at simulated time 3.0s; do less of it");
    world_free(w);
}

static void a_limit_without_a_cycle_shows_the_latest_events(void)
{
    struct world *w = world_new(&(struct sim_config){.limits = {.events = 500}});
    w->on_event = rearm_random;
    sim_arm(w->sim, SIM_SECOND, 1, 4, 0);
    CHECK_INT(sim_run(w->sim, SIM_TIME_MAX), SIM_STOP_EVENTS);
    CHECK_CONTAINS(sim_limit_text(w->sim), "no short cycle repeats; the latest events were tester (class 1");
    world_free(w);
}

static void take_memory(struct world *w, uint32_t object, uint32_t class, uint32_t index)
{
    arena_alloc(sim_arena(w->sim), 10000);
    rearm_later(w, object, class, index);
}

static void the_memory_limit_ends_the_run(void)
{
    struct world *w = world_new(&(struct sim_config){.limits = {.memory_bytes = 1 << 20}});
    w->on_event = take_memory;
    sim_arm(w->sim, SIM_SECOND, 1, 4, 0);
    CHECK_INT(sim_run(w->sim, SIM_TIME_MAX), SIM_STOP_MEMORY);
    CHECK(w->fired > 50 && w->fired < 106);
    CHECK_CONTAINS(sim_limit_text(w->sim), "limit reached: 1048576 bytes of memory, at simulated time ");
    world_free(w);
}

static void no_limits_means_none(void)
{
    struct world *w = plain_world();
    w->on_event = rearm_later;
    sim_arm(w->sim, SIM_SECOND, 1, 4, 0);
    CHECK_INT(sim_run(w->sim, 300000 * SIM_SECOND), SIM_STOP_UNTIL);
    CHECK_UINT(w->fired, 300000);
    CHECK_STR(sim_limit_text(w->sim), "");
    world_free(w);
}

/* ---- assertions ---- */

static void fail_at_object_3(struct world *w, uint32_t object, uint32_t class, uint32_t index)
{
    (void)w;
    (void)class;
    (void)index;
    ASSERT(object != 3);
}

static void a_failed_assertion_prints_the_simulated_moment(void)
{
    int ends[2];
    char text[2000];
    fflush(stdout);
    if (!CHECK(pipe(ends) == 0))
        return;
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        struct world *w = world_new(&(struct sim_config){.seed = 42});
        w->on_event = fail_at_object_3;
        for (uint32_t i = 1; i <= 3; i++)
            sim_arm(w->sim, i * SIM_SECOND, 2, i, 0);
        sim_run(w->sim, SIM_TIME_MAX);
        _exit(0);
    }
    close(ends[1]);
    size_t len = 0;
    for (ssize_t n; (n = read(ends[0], text + len, sizeof text - 1 - len)) > 0;)
        len += (size_t)n;
    text[len] = '\0';
    close(ends[0]);
    int status = -1;
    waitpid(child, &status, 0);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    CHECK_CONTAINS(text, "assertion failed: object != 3");
    CHECK_CONTAINS(text, "at simulated time 3.0s, event 3, in tester (class 2, object 3), seed 42\n");
}

int main(void)
{
    static const struct tap_test tests[] = {
        TAP_TEST(a_run_without_timers_is_quiet_at_once),
        TAP_TEST(simultaneous_timers_fire_by_class_object_index),
        TAP_TEST(what_is_armed_for_now_or_the_past_comes_next),
        TAP_TEST(a_cancelled_timer_does_not_fire),
        TAP_TEST(a_rearmed_timer_fires_once_at_its_last_time),
        TAP_TEST(arm_by_only_moves_forward),
        TAP_TEST(generations_may_wrap_around),
        TAP_TEST(stale_entries_are_swept),
        TAP_TEST(events_of_what_is_gone_are_dropped),
        TAP_TEST(a_run_stops_at_until_and_goes_on_later),
        TAP_TEST(time_does_not_pass_over_cancelled_timers),
        TAP_TEST(a_run_can_be_stopped_from_inside),
        TAP_TEST(records_and_timers_inherit_their_cause),
        TAP_TEST(the_same_seed_gives_the_same_run),
        TAP_TEST(stopping_on_the_way_changes_nothing),
        TAP_TEST(a_restored_run_repeats_the_remainder),
        TAP_TEST(a_renewed_run_knows_nothing_of_the_last),
        TAP_TEST(an_endless_instant_ends_with_its_cycle),
        TAP_TEST(the_event_limit_is_exact),
        TAP_TEST(a_model_has_limits_of_its_own),
        TAP_TEST(a_limit_without_a_cycle_shows_the_latest_events),
        TAP_TEST(the_memory_limit_ends_the_run),
        TAP_TEST(no_limits_means_none),
        TAP_TEST(a_failed_assertion_prints_the_simulated_moment),
    };
    return tap_run(tests, ARRAY_LEN(tests));
}
