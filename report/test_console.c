/* test_console.c - results for people: one line per case, what failed below it, the command that shows it again.
 *
 *     ok   rollout.yaml              12 checks   sim 3m12s
 *     FAIL drain.yaml[grace=5]       1 of 7 checks failed   sim 10m0s
 *          pod/web: status Running within 1m0s   drain.yaml:61:5
 *            expected Running, seen Pending
 *          reproduce: podsim test 'drain.yaml[grace=5]'
 *     12 passed, 1 failed in 34 ms (2 jobs)
 */
#include <string.h>

#include "report/private.h"
#include "report/test_result.h"

enum { ID_WIDTH_MAX = 60, WORD_WIDTH = 5 };

static const struct {
    const char *word; /* in the first column */
    enum paint paint;
} outcomes[TEST_OUTCOME_COUNT] = {
    [TEST_PASSED] = {"ok", PAINT_GREEN},     [TEST_FAILED] = {"FAIL", PAINT_RED}, [TEST_INVALID] = {"BAD", PAINT_RED},
    [TEST_LIMIT] = {"LIM", PAINT_RED},       [TEST_CRASHED] = {"BUG", PAINT_RED}, [TEST_MACHINE] = {"SYS", PAINT_RED},
    [TEST_SKIPPED] = {"skip", PAINT_YELLOW},
};

/* "3 ..." in the last line */
static const char *const counted[TEST_OUTCOME_COUNT] = {
#define X(id, name, plural) [TEST_##id] = plural,
    TEST_OUTCOMES(X)
#undef X
};

uint32_t test_console_id_width(const struct test_result *results, uint32_t count)
{
    uint32_t widest = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t width = text_width(results[i].id);
        widest = width > widest && width <= ID_WIDTH_MAX ? width : widest;
    }
    return widest;
}

/* What came from a container or a file must not move the cursor. */
static void put_text(struct strbuf *out, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text[i];
        strbuf_putc(out, (c < ' ' && c != '\t') || c == 0x7f ? '?' : (char)c);
    }
}

static void put_lines(struct strbuf *out, const char *text, size_t indent)
{
    while (*text) {
        size_t n = strcspn(text, "\n");
        if (n)
            strbuf_fill(out, ' ', indent);
        put_text(out, text, n);
        strbuf_putc(out, '\n');
        text += n + (text[n] == '\n');
    }
}

static void put_place(struct strbuf *out, const struct check_result *c)
{
    if (!c->file)
        return;
    put_text(out, c->file, strlen(c->file));
    if (c->line)
        strbuf_printf(out, ":%" PRIu32, c->line);
    if (c->line && c->column)
        strbuf_printf(out, ":%" PRIu32, c->column);
}

static void put_check(const struct check_result *c, const struct test_console_options *o, struct strbuf *out)
{
    strbuf_fill(out, ' ', WORD_WIDTH);
    paint_begin(out, o->color, c->outcome == CHECK_FAILED ? PAINT_BOLD : PAINT_DIM);
    put_text(out, c->name, strlen(c->name));
    paint_end(out, o->color, PAINT_BOLD);
    if (c->outcome != CHECK_FAILED)
        strbuf_printf(out, ": %s", c->message ? c->message : c->outcome == CHECK_PASSED ? "ok" : "skipped");
    if (c->file) {
        strbuf_puts(out, "   ");
        paint_begin(out, o->color, PAINT_CYAN);
        put_place(out, c);
        paint_end(out, o->color, PAINT_CYAN);
    }
    strbuf_putc(out, '\n');
    if (c->outcome != CHECK_FAILED)
        return;
    if (c->message)
        put_lines(out, c->message, WORD_WIDTH + 2);
    if (c->details)
        put_lines(out, c->details, WORD_WIDTH + 4);
}

/* A golden that was rewritten is worth a line. */
static bool has_changed(const struct check_result *c) { return c->outcome == CHECK_PASSED && c->message; }

static void put_checks(const struct test_result *r, const struct test_console_options *o, struct strbuf *out)
{
    struct check_result run;
    test_run_check(r, &run);
    if (r->reason && run.outcome == CHECK_FAILED) {
        put_lines(out, run.message, WORD_WIDTH);
        if (run.details)
            put_lines(out, run.details, WORD_WIDTH + 2);
    }
    for (uint32_t i = 0; i < r->checks.count; i++)
        if (r->checks.items[i].outcome == CHECK_FAILED || has_changed(&r->checks.items[i]) ||
            o->verbosity == TEST_VERBOSE)
            put_check(&r->checks.items[i], o, out);
}

static void put_command(struct strbuf *out, const char *what, const char *command)
{
    if (!command)
        return;
    strbuf_fill(out, ' ', WORD_WIDTH);
    strbuf_printf(out, "%s", what);
    put_text(out, command, strlen(command));
    strbuf_putc(out, '\n');
}

/* "1 of 7 checks failed", "12 checks" */
static void put_tally(const struct test_result *r, struct strbuf *out)
{
    uint32_t failed = 0, count = r->checks.count;
    for (uint32_t i = 0; i < count; i++)
        failed += r->checks.items[i].outcome == CHECK_FAILED;
    if (failed)
        strbuf_printf(out, "%" PRIu32 " of ", failed);
    strbuf_printf(out, "%" PRIu32 " check%s%s", count, count == 1 ? "" : "s", failed ? " failed" : "");
}

void test_console_case(const struct test_result *r, const struct test_console_options *o, struct strbuf *out)
{
    bool fine = test_is_fine(r);
    if (fine && o->verbosity == TEST_QUIET)
        return;
    paint_begin(out, o->color, outcomes[r->outcome].paint);
    text_fit(out, outcomes[r->outcome].word, WORD_WIDTH);
    paint_end(out, o->color, outcomes[r->outcome].paint);
    uint32_t width = text_width(r->id);
    put_text(out, r->id, strlen(r->id));
    strbuf_fill(out, ' ', (width < o->id_width ? o->id_width - width : 0) + 3);
    if (r->ran || r->checks.count) {
        put_tally(r, out);
        strbuf_puts(out, r->ran ? "   sim " : ""); /* a document has checks, and no time of its own */
        if (r->ran)
            strbuf_go_duration(out, r->end);
    } else {
        strbuf_puts(out, r->outcome == TEST_SKIPPED && r->reason ? r->reason : test_outcome_names[r->outcome]);
    }
    strbuf_putc(out, '\n');
    if (r->outcome != TEST_SKIPPED)
        put_checks(r, o, out);
    if (fine) {
        if (r->diagnostics && o->verbosity == TEST_VERBOSE)
            put_lines(out, r->diagnostics, WORD_WIDTH);
        return;
    }
    put_command(out, "reproduce: ", r->reproduce);
    put_command(out, "look:      ", r->look);
}

/* "34 ms", "1.25 s" */
static void put_wall(struct strbuf *out, int64_t ns)
{
    const int64_t ms = 1000 * 1000;
    if (ns < 1000 * ms)
        strbuf_printf(out, "%" PRId64 " ms", (ns + ms - 1) / ms);
    else
        strbuf_printf(out, "%" PRId64 ".%02" PRId64 " s", ns / (1000 * ms), ns / (10 * ms) % 100);
}

/* The `slowest` cases, the slowest first. */
static void put_slowest(const struct test_run *run, struct strbuf *out)
{
    const struct test_result *last = NULL;
    for (uint32_t k = 0; k < run->slowest && k < run->count; k++) {
        const struct test_result *next = NULL;
        for (uint32_t i = 0; i < run->count; i++) {
            const struct test_result *r = &run->results[i];
            bool later = !last || r->wall_ns < last->wall_ns || (r->wall_ns == last->wall_ns && r > last);
            if (later && r->outcome != TEST_SKIPPED && (!next || r->wall_ns > next->wall_ns))
                next = r;
        }
        if (!next)
            return;
        strbuf_puts(out, k ? "         " : "slowest: ");
        put_wall(out, next->wall_ns);
        strbuf_puts(out, "  ");
        put_text(out, next->id, strlen(next->id));
        strbuf_putc(out, '\n');
        last = next;
    }
}

void test_console_summary(const struct test_run *run, const struct test_console_options *o, struct strbuf *out)
{
    static const enum test_outcome order[] = {TEST_PASSED,  TEST_FAILED,  TEST_INVALID, TEST_LIMIT,
                                              TEST_CRASHED, TEST_MACHINE, TEST_SKIPPED};
    _Static_assert(ARRAY_LEN(order) == TEST_OUTCOME_COUNT, "every outcome is counted");
    struct test_counts n;
    test_count(run, &n);
    for (uint32_t i = 0; i < run->obsolete.count; i++)
        strbuf_printf(out,
                      run->pruned ? "removed: %s (nothing asked for it)\n"
                                  : "obsolete: %s (nothing asks for it; --prune removes it)\n",
                      run->obsolete.items[i]);
    if (run->times)
        put_slowest(run, out);
    if (run->interrupted)
        strbuf_printf(out, "interrupted after %" PRIu32 " of %" PRIu32 " cases\n", run->count - n.cases[TEST_SKIPPED],
                      run->count);
    bool all = n.cases[TEST_PASSED] + n.cases[TEST_SKIPPED] == run->count && !run->interrupted;
    paint_begin(out, o->color, all ? PAINT_GREEN : PAINT_RED);
    for (size_t i = 0, shown = 0; i < ARRAY_LEN(order); i++)
        if (n.cases[order[i]] || order[i] == TEST_PASSED)
            strbuf_printf(out, "%s%" PRIu32 " %s", shown++ ? ", " : "", n.cases[order[i]], counted[order[i]]);
    paint_end(out, o->color, all ? PAINT_GREEN : PAINT_RED);
    if (n.written)
        strbuf_printf(out, ", %" PRIu32 " expected timeline%s written", n.written, n.written == 1 ? "" : "s");
    if (run->times) {
        strbuf_puts(out, " in ");
        put_wall(out, run->wall_ns);
        strbuf_printf(out, " (%" PRIu32 " job%s)", run->jobs, run->jobs == 1 ? "" : "s");
    }
    strbuf_putc(out, '\n');
}
