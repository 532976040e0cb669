/* Simulated time's arithmetic, random draws, and what a failed ASSERT says. */
#include "sim/base.h"
#include "sim/rng.h"

#include "tests/unit/tap.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static void adding_times_saturates(void)
{
    CHECK_INT(sim_time_add(3, 4), 7);
    CHECK_INT(sim_time_add(-3, 4), 1);
    CHECK_INT(sim_time_add(SIM_TIME_MAX, 1), SIM_TIME_MAX);
    CHECK_INT(sim_time_add(SIM_TIME_MAX - 1, SIM_TIME_MAX), SIM_TIME_MAX);
}

static void flooring_works_below_zero(void)
{
    CHECK_INT(sim_time_floor(25, 10), 20);
    CHECK_INT(sim_time_floor(20, 10), 20);
    CHECK_INT(sim_time_floor(0, 10), 0);
    CHECK_INT(sim_time_floor(-1, 10), -10);
    CHECK_INT(sim_time_floor(-10, 10), -10);
    CHECK_INT(sim_time_floor(-11, 10), -20);
}

static void the_next_tick_is_strictly_later(void)
{
    CHECK_INT(sim_time_next_tick(0, 10, 0), 10);
    CHECK_INT(sim_time_next_tick(9, 10, 0), 10);
    CHECK_INT(sim_time_next_tick(10, 10, 0), 20);
    CHECK_INT(sim_time_next_tick(0, 10, 3), 3);
    CHECK_INT(sim_time_next_tick(3, 10, 3), 13);
    CHECK_INT(sim_time_next_tick(-8, 10, 3), -7);
}

/* The second is the first output of every published SplitMix64 with seed 0. The draws are pinned: to
 * change them is to change every seeded run that anybody has kept. */
static void draws_have_their_golden_values(void)
{
    CHECK_UINT(rng_mix(0), 0);
    CHECK_UINT(rng_mix(UINT64_C(0x9e3779b97f4a7c15)), UINT64_C(0xe220a8397b1dcdaf));
    CHECK_UINT(rng_mix(UINT64_MAX), UINT64_C(0xb4d055fcf2cbbd7b));
    CHECK_UINT(rng_draw(0, 0, 0, 0), UINT64_C(0x48218226ff3cd4bf));
    CHECK_UINT(rng_draw(1, 2, 3, 4), UINT64_C(0x1549a2c365d63499));
    CHECK_UINT(rng_draw(1, 2, 3, 5), UINT64_C(0x221ab02a242a91cb));
    CHECK_UINT(rng_draw(UINT64_MAX, UINT32_MAX, UINT32_MAX, UINT64_MAX), UINT64_C(0xd6bdf7544574c9cb));
}

static void every_part_of_the_key_matters(void)
{
    uint64_t base = rng_draw(1, 2, 3, 4);
    CHECK(rng_draw(2, 2, 3, 4) != base);
    CHECK(rng_draw(1, 3, 3, 4) != base);
    CHECK(rng_draw(1, 2, 4, 4) != base);
    CHECK(rng_draw(1, 2, 3, 5) != base);
    CHECK(rng_draw(1, 3, 2, 4) != base);
}

static void draws_below_a_bound_fill_it_evenly(void)
{
    enum { BOUND = 10, DRAWS = 100000 };
    uint32_t seen[BOUND] = {0};
    for (uint64_t i = 0; i < DRAWS; i++) {
        uint64_t v = rng_below(rng_draw(7, 0, 1, i), BOUND);
        if (!CHECK(v < BOUND))
            return;
        seen[v]++;
    }
    for (uint32_t i = 0; i < BOUND; i++)
        CHECK(seen[i] > DRAWS / BOUND * 95 / 100 && seen[i] < DRAWS / BOUND * 105 / 100);
    CHECK_UINT(rng_below(UINT64_MAX, 1), 0);
    CHECK_UINT(rng_below(UINT64_MAX, UINT64_MAX), UINT64_MAX - 1);
    CHECK_UINT(rng_below(0, UINT64_MAX), 0);
}

/* Half of the bits differ between draws whose keys differ in one bit. */
static void neighbouring_keys_give_unrelated_draws(void)
{
    uint64_t bits = 0, pairs = 0;
    for (uint32_t i = 0; i < 2000; i++) {
        uint64_t d = rng_draw(1, 1, i, 0);
        bits += (uint64_t)__builtin_popcountll(d ^ rng_draw(1, 1, i ^ 1, 0));
        bits += (uint64_t)__builtin_popcountll(d ^ rng_draw(1, 1, i, 1));
        bits += (uint64_t)__builtin_popcountll(d ^ rng_draw(0, 1, i, 0));
        pairs += 3;
    }
    CHECK(bits > pairs * 31 && bits < pairs * 33);
}

/* ---- dying ---- */

static void say_where(void *ctx)
{
    fprintf(stderr, "context: %s\n", (const char *)ctx);
}

static void fail_an_assertion(void)
{
    int count = 3;
    static char where[] = "at 12.5s";
    sim_assert_set_context(say_where, where);
    ASSERT(count == 4);
}

static void run_out_of_memory(void)
{
    sim_die("out of memory");
}

/* Runs `dies` in a child process; returns its wait status and what it wrote to standard error. */
static int watch(void (*dies)(void), char *ret_text, size_t size)
{
    int ends[2];
    fflush(stdout);
    if (pipe(ends) != 0)
        return -1;
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        dies();
        _exit(0);
    }
    close(ends[1]);
    size_t len = 0;
    for (ssize_t n; len + 1 < size && (n = read(ends[0], ret_text + len, size - 1 - len)) > 0;)
        len += (size_t)n;
    ret_text[len] = '\0';
    close(ends[0]);
    int status = -1;
    waitpid(child, &status, 0);
    return status;
}

static void a_failed_assertion_says_what_where_and_when(void)
{
    char text[2000];
    int status = watch(fail_an_assertion, text, sizeof text);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    CHECK_CONTAINS(text, "test_sim_base.c:");
    CHECK_CONTAINS(text, "fail_an_assertion: assertion failed: count == 4\n");
    CHECK_CONTAINS(text, "context: at 12.5s\n");
}

static void a_failing_machine_has_its_own_exit_code(void)
{
    char text[2000];
    int status = watch(run_out_of_memory, text, sizeof text);
    CHECK(WIFEXITED(status));
    CHECK_INT(WEXITSTATUS(status), 6);
    CHECK_STR(text, "fatal: out of memory\n");
}

int main(void)
{
    static const struct tap_test tests[] = {
        TAP_TEST(adding_times_saturates),
        TAP_TEST(flooring_works_below_zero),
        TAP_TEST(the_next_tick_is_strictly_later),
        TAP_TEST(draws_have_their_golden_values),
        TAP_TEST(every_part_of_the_key_matters),
        TAP_TEST(draws_below_a_bound_fill_it_evenly),
        TAP_TEST(neighbouring_keys_give_unrelated_draws),
        TAP_TEST(a_failed_assertion_says_what_where_and_when),
        TAP_TEST(a_failing_machine_has_its_own_exit_code),
    };
    return tap_run(tests, ARRAY_LEN(tests));
}
