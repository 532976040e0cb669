/* test_session.c - runs cases in worker processes and tells what comes of them, in their order.
 *
 * A result is told when those of all cases before it have been: so nothing that is printed depends on the number of
 * workers. --fail-fast counts failures in that order, too, and forgets results that came early.
 */
#include "tools/test_session.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "tools/interrupt.h"
#include "tools/output.h"
#include "tools/test_report.h"
#include "tools/test_wire.h"
#include "tools/workers.h"

/* ---- in a worker ---- */

static void work(void *ctx, uint32_t job, struct strbuf *out)
{
    static struct arena arena; /* of one worker: memory that was touched is used again */
    const struct test_session *s = ctx;
    if (!arena.base)
        arena_init(&arena, 0);
    arena_reset(&arena);
    struct test_result r;
    case_run(&s->cases[job], &s->settings, &arena, &r);
    test_result_pack(&r, out);
}

/* ---- progress: one line on the terminal, while there is something to wait for ---- */

static void hide_progress(struct test_session *s)
{
    if (!s->progress_shown)
        return;
    s->progress_shown = false;
    (void)!write(STDERR_FILENO, "\r\033[K", 4);
}

static void show_progress(struct test_session *s)
{
    const int64_t patience = SIM_SECOND / 2, often = SIM_SECOND / 10;
    int64_t now = wall_now();
    if (!s->progress || now - s->began < patience || now - s->progress_at < often)
        return;
    struct strbuf text = STRBUF_INIT;
    strbuf_printf(&text, "\r\033[K%" PRIu32 " of %" PRIu32 " cases", s->finished, s->count);
    if (s->failures)
        strbuf_printf(&text, ", %" PRIu32 " failed", s->failures);
    output_error(&text);
    strbuf_fini(&text);
    s->progress_shown = true;
    s->progress_at = now;
}

/* ---- in the parent ---- */

static bool has_failed_enough(const struct test_session *s)
{
    return s->o->test.fail_fast && s->failures >= s->o->test.fail_fast;
}

static void tell(struct test_session *s)
{
    struct strbuf text = STRBUF_INIT, diagnostics = STRBUF_INIT;
    while (s->told < s->count && s->done[s->told] && !has_failed_enough(s)) {
        const struct test_result *r = &s->results[s->told++];
        s->failures += !test_is_fine(r);
        if (s->console_on)
            test_console_case(r, &s->console, &text);
        if (r->diagnostics_json)
            strbuf_puts(&diagnostics, r->diagnostics_json);
    }
    if (text.len || diagnostics.len)
        hide_progress(s);
    output_error(&diagnostics);
    if (text.len && test_say(&text) < 0 && !s->output_errno)
        s->output_errno = errno;
    strbuf_fini(&diagnostics);
    strbuf_fini(&text);
}

static void has_result(struct test_session *s, uint32_t job, int64_t wall_ns)
{
    s->results[job].wall_ns = wall_ns;
    s->done[job] = true;
    s->finished++;
    tell(s);
    show_progress(s);
}

static void done(void *ctx, uint32_t job, const char *bytes, size_t n, int64_t wall_ns)
{
    struct test_session *s = ctx;
    test_result_unpack(&s->arena, bytes, n, &s->results[job]);
    has_result(s, job, wall_ns);
}

/* Out of memory, or the kernel's way to say so, is the machine's fault; a case that takes too long is a limit; anything
 * else is a bug. */
static void died(void *ctx, uint32_t job, const struct worker_death *how)
{
    enum { SIGNAL_KILL = 9 };
    struct test_session *s = ctx;
    struct test_result *r = &s->results[job];
    case_result(&s->cases[job], &s->settings, &s->arena, r);
    if (how->timed_out) {
        struct strbuf limit = STRBUF_INIT;
        strbuf_go_duration(&limit, s->o->test.max_wall);
        r->outcome = TEST_LIMIT;
        r->reason = arena_printf(&s->arena, "it took longer than --max-wall %s", strbuf_str(&limit));
        strbuf_fini(&limit);
    } else if (how->exit_code == EXIT_MACHINE) {
        r->outcome = TEST_MACHINE;
        r->reason = "the machine failed";
    } else if (how->signal == SIGNAL_KILL) {
        r->outcome = TEST_MACHINE;
        r->reason = "killed by SIGKILL, as happens when the machine has no memory left";
    } else {
        r->outcome = TEST_CRASHED;
        r->reason =
            how->signal
                ? arena_printf(&s->arena, "podsim crashed (signal %d): this is a bug, please report it", how->signal)
                : arena_printf(&s->arena, "podsim gave up (exit code %d): this is a bug, please report it",
                               how->exit_code);
    }
    if (*how->said)
        r->diagnostics = arena_strdup(&s->arena, how->said);
    has_result(s, job, how->wall_ns);
}

static bool enough(void *ctx)
{
    struct test_session *s = ctx;
    show_progress(s);
    return interrupted() || has_failed_enough(s) || s->output_errno;
}

/* What was not told has not been, even if a worker was quicker than others. */
static void skip_from(struct test_session *s, uint32_t from)
{
    for (uint32_t i = from; i < s->count; i++) {
        case_result(&s->cases[i], &s->settings, &s->arena, &s->results[i]);
        s->results[i].outcome = TEST_SKIPPED;
        s->results[i].reason = s->interrupted ? "not run: interrupted" : "not run: --fail-fast";
    }
}

int test_session_run(struct test_session *s)
{
    arena_init(&s->arena, 0);
    s->results = arena_array(&s->arena, struct test_result, s->count + 1);
    s->done = arena_array(&s->arena, bool, s->count + 1);
    skip_from(s, 0);
    s->console.id_width = test_console_id_width(s->results, s->count);
    s->progress = s->console.verbosity != TEST_QUIET && isatty(STDERR_FILENO);
    s->began = wall_now();
    struct workers w = {.ctx = s,
                        .jobs = s->count,
                        .count = s->jobs,
                        .max_wall_ns = s->o->test.max_wall,
                        .work = work,
                        .done = done,
                        .died = died,
                        .enough = enough};
    int result = workers_run(&w);
    hide_progress(s);
    s->interrupted = interrupted();
    if (result == 0)
        skip_from(s, s->told);
    s->wall_ns = wall_now() - s->began;
    return result;
}

void test_session_fini(struct test_session *s) { arena_fini(&s->arena); }
