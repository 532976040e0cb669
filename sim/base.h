/* base.h - what every layer stands on: simulated time, always-on assertions, checked arithmetic,
 * comparing optional texts.
 *
 * Time is an int64 count of nanoseconds since the start of the scenario (DESIGN.md decision 1).
 * There is no wall clock anywhere below tools/.
 */
#ifndef SIM_BASE_H
#define SIM_BASE_H

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Nanoseconds since the start of the scenario; also used for durations. */
typedef int64_t sim_time;

#define SIM_NS       INT64_C(1)
#define SIM_US       (1000 * SIM_NS)
#define SIM_MS       (1000 * SIM_US)
#define SIM_SECOND   (1000 * SIM_MS)
#define SIM_TIME_MAX INT64_MAX
/* "No such instant": an optional time that is not set, a timer that is not armed. */
#define SIM_NEVER INT64_MIN

/* ASSERT states what the code relies on. It stays on in release builds: a wrong timeline is worse
 * than a crash. One fact per ASSERT, no side effects inside. */
#define ASSERT(fact) ((fact) ? (void)0 : sim_assert_failed(#fact, __FILE__, __LINE__, __func__))

_Noreturn void sim_assert_failed(const char *fact, const char *file, int line, const char *function);

/* Called by a failed ASSERT before it stops, to print simulated time, event and replay command;
 * `sim` installs one for the run in progress. NULL removes it. */
void sim_assert_set_context(void (*print)(void *ctx), void *ctx);

/* The machine failed us (no memory, no disk): says so on standard error and exits with code 6. */
_Noreturn void sim_die(const char *what);

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* a + b, held at SIM_TIME_MAX instead of overflowing. b must not be negative. */
static inline sim_time sim_time_add(sim_time a, sim_time b)
{
    sim_time sum;
    return __builtin_add_overflow(a, b, &sum) ? SIM_TIME_MAX : sum;
}

/* Largest multiple of `step` that is <= t, also for negative t. */
static inline sim_time sim_time_floor(sim_time t, sim_time step)
{
    sim_time r = t % step;
    return r < 0 ? t - r - step : t - r;
}

/* First instant of the grid {phase + k * step} that is strictly after t. */
static inline sim_time sim_time_next_tick(sim_time t, sim_time step, sim_time phase)
{
    return sim_time_add(sim_time_floor(t - phase, step) + phase, step);
}

/* FNV-1a; begin with TEXT_HASH. A hash of several texts: one after the other, each with its end. */
#define TEXT_HASH 2166136261u
static inline uint32_t text_hash(uint32_t hash, const char *text)
{
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 16777619u;
    return (hash ^ '/') * 16777619u;
}

#define TEXT_HASH64 UINT64_C(0xcbf29ce484222325)
static inline uint64_t text_hash64(uint64_t hash, const char *text)
{
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    return (hash ^ '/') * UINT64_C(0x100000001b3);
}

/* Optional texts: NULL is never what is wanted ... */
static inline bool text_is(const char *text, const char *wanted) { return text && strcmp(text, wanted) == 0; }
/* ... or counts as empty on both sides. */
static inline bool text_same(const char *a, const char *b) { return a == b || strcmp(a ? a : "", b ? b : "") == 0; }

#endif
