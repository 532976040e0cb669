/* The parts of podsim test that can be had by themselves: reporters on hand-made results, the wire from a worker to its
 * parent, selection, worker processes.
 */
#include "report/test_result.h"
#include "tests/unit/tap.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "tools/test_select.h"
#include "tools/test_wire.h"
#include "tools/workers.h"

static struct arena arena;
static struct strbuf out;

/* ---- hand-made results ---- */

static struct check_result checks[] = {
    {.name = "pod/web: ready", .outcome = CHECK_PASSED, .file = "a.yaml", .line = 4, .column = 5},
    {.name = "<odd> & \"name\" # 1 \\",
     .outcome = CHECK_FAILED,
     .file = "a.yaml",
     .line = 5,
     .column = 7,
     .message = "seen \033[31m\001 and \xff",
     .details = "line 1\n\n  line 3\n"},
    {.name = "later", .outcome = CHECK_SKIPPED, .message = "not asked"},
};
static struct test_result results[] = {
    {.id = "d/a.yaml[x=1.5]",
     .file = "d/a.yaml",
     .line = 1,
     .name = "a",
     .outcome = TEST_FAILED,
     .checks = {checks, ARRAY_LEN(checks)},
     .ran = true,
     .end = 192 * SIM_SECOND,
     .events = 7,
     .digest = 0xabc,
     .seed = 17,
     .kubernetes_version = "1.36",
     .wall_ns = 1234567,
     .reproduce = "podsim test 'd/a.yaml[x=1.5]'",
     .look = "podsim run d/a.yaml --set x=1.5"},
    {.id = "b.yaml",
     .file = "b.yaml",
     .outcome = TEST_INVALID,
     .reason = "unknown field \"x\"",
     .diagnostics = "b.yaml:3:1: error: unknown field \"x\"\n",
     .error_file = "b.yaml",
     .error_line = 3,
     .error_column = 1,
     .reproduce = "podsim test b.yaml"},
    {.id = "c.yaml", .file = "c.yaml", .outcome = TEST_SKIPPED, .reason = "not run: interrupted"},
};
static const struct test_run hand_made = {.results = results,
                                          .count = ARRAY_LEN(results),
                                          .jobs = 2,
                                          .wall_ns = 34 * SIM_MS,
                                          .times = true,
                                          .interrupted = true,
                                          .version = "0.1.0",
                                          .timestamp = "2026-01-01T00:00:00Z"};

static void the_console_tells_what_failed_and_how_to_see_it_again(void)
{
    struct test_console_options o = {.verbosity = TEST_NORMAL};
    o.id_width = test_console_id_width(results, ARRAY_LEN(results));
    strbuf_reset(&out);
    for (size_t i = 0; i < ARRAY_LEN(results); i++)
        test_console_case(&results[i], &o, &out);
    test_console_summary(&hand_made, &o, &out);
    CHECK_STR(strbuf_str(&out), "FAIL d/a.yaml[x=1.5]   1 of 3 checks failed   sim 3m12s\n"
                                "     <odd> & \"name\" # 1 \\   a.yaml:5:7\n"
                                "       seen ?[31m? and \xff\n"
                                "         line 1\n"
                                "\n"
                                "           line 3\n"
                                "     reproduce: podsim test 'd/a.yaml[x=1.5]'\n"
                                "     look:      podsim run d/a.yaml --set x=1.5\n"
                                "BAD  b.yaml            invalid\n"
                                "     unknown field \"x\"\n"
                                "       b.yaml:3:1: error: unknown field \"x\"\n"
                                "     reproduce: podsim test b.yaml\n"
                                "skip c.yaml            not run: interrupted\n"
                                "interrupted after 2 of 3 cases\n"
                                "0 passed, 1 failed, 1 invalid, 1 not run in 34 ms (2 jobs)\n");
}

static void junit_has_everything_twice_where_servers_differ(void)
{
    strbuf_reset(&out);
    test_junit(&hand_made, &out);
    const char *text = strbuf_str(&out);
    CHECK_CONTAINS(text, "<testsuites name=\"podsim test\" tests=\"6\" failures=\"1\" errors=\"1\" skipped=\"2\" "
                         "time=\"0.034000\">");
    CHECK_CONTAINS(text, "<testsuite name=\"d/a.yaml[x=1.5]\" tests=\"4\" failures=\"1\" errors=\"0\" skipped=\"1\" "
                         "time=\"0.001234\" timestamp=\"2026-01-01T00:00:00Z\" file=\"d/a.yaml\">");
    CHECK_CONTAINS(text, "<testcase name=\"&lt;odd&gt; &amp; &quot;name&quot; # 1 \\ [x=1.5]\" classname=\"d/a\" "
                         "time=\"0.000000\" file=\"a.yaml\" line=\"5\">");
    CHECK_CONTAINS(text, "<failure message=\"seen \\x1b[31m\\x01 and \\xff\" type=\"failed\">"
                         "a.yaml:5: seen \\x1b[31m\\x01 and \\xff\nline 1\n\n  line 3\n");
    CHECK_CONTAINS(text, "<property name=\"seed\" value=\"17\"/>");
    CHECK_CONTAINS(text, "<property name=\"version\" value=\"0.1.0\"/>");
    CHECK_CONTAINS(text, "<property name=\"fingerprint\" value=\"0000000000000abc\"/>");
    CHECK_CONTAINS(text, "<error message=\"unknown field &quot;x&quot;\" type=\"invalid\">");
    CHECK_CONTAINS(text, "<skipped message=\"not run: interrupted\"/>");
}

static void tap_is_the_version_that_the_reader_knows(void)
{
    struct test_run run = hand_made;
    strbuf_reset(&out);
    run.times = false;
    test_tap(&run, &out);
    CHECK_STR(strbuf_str(&out), "TAP version 14\n"
                                "1..3\n"
                                "# Subtest: d/a.yaml[x=1.5]\n"
                                "    1..4\n"
                                "    ok 1 - run\n"
                                "    ok 2 - pod/web: ready\n"
                                "    not ok 3 - <odd> & \"name\" \\# 1 \\\\\n"
                                "      ---\n"
                                "      message: \"seen \\u001b[31m\\u0001 and \xef\xbf\xbd\"\n"
                                "      at:\n"
                                "        file: \"a.yaml\"\n"
                                "        line: 5\n"
                                "        column: 7\n"
                                "      details: |\n"
                                "        line 1\n"
                                "        \n"
                                "          line 3\n"
                                "      ...\n"
                                "    ok 4 - later # SKIP not asked\n"
                                "not ok 1 - d/a.yaml[x=1.5]\n"
                                "  ---\n"
                                "  outcome: \"failed\"\n"
                                "  reproduce: \"podsim test 'd/a.yaml[x=1.5]'\"\n"
                                "  look: \"podsim run d/a.yaml --set x=1.5\"\n"
                                "  ...\n"
                                "# Subtest: b.yaml\n"
                                "    1..1\n"
                                "    not ok 1 - run\n"
                                "      ---\n"
                                "      message: \"unknown field \\\"x\\\"\"\n"
                                "      at:\n"
                                "        file: \"b.yaml\"\n"
                                "        line: 3\n"
                                "        column: 1\n"
                                "      details: |\n"
                                "        b.yaml:3:1: error: unknown field \"x\"\n"
                                "      ...\n"
                                "not ok 2 - b.yaml\n"
                                "  ---\n"
                                "  outcome: \"invalid\"\n"
                                "  message: \"unknown field \\\"x\\\"\"\n"
                                "  reproduce: \"podsim test b.yaml\"\n"
                                "  ...\n"
                                "ok 3 - c.yaml # SKIP not run: interrupted\n");
    run.tap_version = 13;
    strbuf_reset(&out);
    test_tap(&run, &out);
    CHECK(strncmp(strbuf_str(&out), "TAP version 13\n", 15) == 0);
}

static void github_gets_ten_annotations_and_a_page_with_all(void)
{
    enum { MANY = 25 };
    struct strbuf page = STRBUF_INIT;
    struct test_result many[MANY];
    for (int i = 0; i < MANY; i++) {
        many[i] = results[1];
        many[i].id = arena_printf(&arena, "case,%d:50%%|", i);
    }
    struct test_run run = {.results = many, .count = MANY, .version = "0.1.0"};
    strbuf_reset(&out);
    test_github(&run, &out, &page);
    const char *text = strbuf_str(&out);
    CHECK_CONTAINS(text, "::error file=b.yaml,line=3,col=1,title=case%2C9%3A50%25|%3A run::unknown field \"x\"%0A"
                         "reproduce: podsim test b.yaml\n");
    CHECK(!strstr(text, "case%2C10"));
    CHECK_CONTAINS(text, "::notice title=podsim test::15 more failures are in the step's summary\n");
    CHECK_CONTAINS(strbuf_str(&page), "| case,24:50%\\| | run | unknown field \"x\" | b.yaml:3 |\n");
    CHECK_CONTAINS(strbuf_str(&page), "0 passed, 25 invalid");
    strbuf_fini(&page);
}

static void a_result_survives_the_wire(void)
{
    struct strbuf json[2] = {STRBUF_INIT, STRBUF_INIT};
    struct test_result copies[ARRAY_LEN(results)];
    for (size_t i = 0; i < ARRAY_LEN(results); i++) {
        strbuf_reset(&out);
        test_result_pack(&results[i], &out);
        test_result_unpack(&arena, strbuf_str(&out), out.len, &copies[i]);
        copies[i].wall_ns = results[i].wall_ns; /* the parent's affair */
        CHECK((copies[i].diagnostics == NULL) == (results[i].diagnostics == NULL));
    }
    struct test_run run = hand_made;
    test_json(&run, &json[0]);
    run.results = copies;
    test_json(&run, &json[1]);
    CHECK_STR(strbuf_str(&json[1]), strbuf_str(&json[0]));
    strbuf_fini(&json[0]);
    strbuf_fini(&json[1]);
}

/* ---- selection ---- */

static void keywords_are_looked_for_in_ids(void)
{
    static const struct {
        const char *text, *id;
        bool want;
    } rows[] = {
        {"web", "dir/WEB.yaml", true},
        {"Web", "dir/web.yaml", true},
        {"web", "dir/wxeb.yaml", false},
        {"not web", "web", false},
        {"not not web", "web", true},
        {"a or b and c", "a", true},
        {"a or b and c", "bc", true},
        {"a or b and c", "b", false},
        {"(a or b) and c", "a", false},
        {"not a and b", "b", true},
        {"not (a and b)", "ab", false},
        {"android", "android", true},
        {"grace=5", "x.yaml[grace=5,y=2]", true},
        {"(((a)))", "a", true},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct strbuf complaint = STRBUF_INIT;
        tap_row("%s in %s", rows[i].text, rows[i].id);
        const struct keyword *k = keyword_parse(&arena, rows[i].text, &complaint);
        CHECK(k && keyword_matches(k, rows[i].id) == rows[i].want);
        strbuf_fini(&complaint);
    }
}

static void broken_keywords_say_where(void)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"", "-k: want a word at column 1 of \"\", got the end"},
        {"a and", "-k: want a word at column 6 of \"a and\", got the end"},
        {"and a", "-k: want a word at column 1 of \"and a\", got \"and\""},
        {"(a", "-k: want `)` at column 3 of \"(a\", got the end"},
        {"a)", "-k: want `and`, `or` or the end at column 2 of \"a)\", got \")\""},
        {"a not b", "-k: want `and`, `or` or the end at column 3 of \"a not b\", got \"not\""},
        {"()", "-k: want a word at column 2 of \"()\", got \")\""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct strbuf complaint = STRBUF_INIT;
        tap_row("%s", rows[i].text);
        CHECK(!keyword_parse(&arena, rows[i].text, &complaint));
        CHECK_STR(strbuf_str(&complaint), rows[i].want);
        strbuf_fini(&complaint);
    }
    struct strbuf deep = STRBUF_INIT, complaint = STRBUF_INIT;
    strbuf_fill(&deep, '(', 100000);
    CHECK(!keyword_parse(&arena, strbuf_str(&deep), &complaint));
    strbuf_fini(&deep);
    strbuf_fini(&complaint);
}

static void tags_are_wanted_or_not(void)
{
    const char *names[] = {"slow", "net"};
    const str_list both = {names, 2}, none = {0};
    CHECK(tags_match(&both, "slow"));
    CHECK(!tags_match(&both, "slo"));
    CHECK(!tags_match(&both, "!net"));
    CHECK(tags_match(&both, "fast,net"));
    CHECK(tags_match(&none, "!net"));
    CHECK(!tags_match(&none, "net"));
    CHECK(!tags_match(&none, ""));
}

/* So that machines that share a suite are done at about the same time. */
static void shards_are_even(void)
{
    enum { CASES = 10000, SHARDS = 7 };
    uint32_t size[SHARDS + 1] = {0};
    for (int i = 0; i < CASES; i++)
        size[shard_of(arena_printf(&arena, "scenarios/%04d.yaml", i), SHARDS)]++;
    CHECK_UINT(size[0], 0);
    for (int i = 1; i <= SHARDS; i++)
        CHECK(size[i] > CASES / SHARDS * 9 / 10 && size[i] < CASES / SHARDS * 11 / 10);
}

/* ---- workers ---- */

enum { JOBS = 150 };
struct tally {
    uint32_t done[JOBS], died[JOBS];
    struct worker_death how[JOBS];
    bool said[JOBS];
    uint32_t enough_after, total;
    bool hangs; /* KIND_HANGS does; otherwise it is a job like any other */
    pid_t parent;
};

/* Every job is of some kind, by its number. */
enum { KIND_ABORTS = 11, KIND_EXITS = 12, KIND_HANGS = 13, KIND_LARGE = 14, KIND_KINDS = 50 };

static void do_job(void *ctx, uint32_t job, struct strbuf *result)
{
    const struct tally *t = ctx;
    if (t->enough_after == 0) {
        switch (job % KIND_KINDS) {
        case KIND_ABORTS:
            fprintf(stderr, "job %u gives up\n", (unsigned)job);
            abort();
        case KIND_EXITS:
            _exit(6);
        case KIND_HANGS:
            while (t->hangs)
                pause();
            break;
        case KIND_LARGE:
            strbuf_fill(result, 'x', 3 << 20);
            return;
        }
    }
    strbuf_printf(result, "%u", (unsigned)(job * job));
}

static void job_done(void *ctx, uint32_t job, const char *bytes, size_t n, int64_t wall_ns)
{
    struct tally *t = ctx;
    t->done[job]++;
    t->total++;
    CHECK(wall_ns >= 0);
    if (t->enough_after == 0 && job % KIND_KINDS == KIND_LARGE)
        CHECK_UINT(n, 3 << 20);
    else
        CHECK(n > 0 && strtoul(arena_strndup(&arena, bytes, n), NULL, 10) == job * job);
}

static void job_died(void *ctx, uint32_t job, const struct worker_death *how)
{
    struct tally *t = ctx;
    t->died[job]++;
    t->how[job] = *how;
    t->said[job] = strstr(how->said, "gives up") != NULL;
}

static bool enough_done(void *ctx)
{
    struct tally *t = ctx;
    CHECK(getpid() == t->parent);
    return t->enough_after && t->total >= t->enough_after;
}

/* Without a limit of time: a busy machine may be as slow as it likes. */
static void a_worker_that_dies_takes_only_its_job_with_it(void)
{
    for (uint32_t count = 1; count <= 5; count += 2) {
        struct tally t = {.parent = getpid()};
        struct workers w = {.ctx = &t,
                            .jobs = JOBS,
                            .count = count,
                            .work = do_job,
                            .done = job_done,
                            .died = job_died,
                            .enough = enough_done};
        tap_row("%u workers", (unsigned)count);
        CHECK_INT(workers_run(&w), 0);
        for (uint32_t i = 0; i < JOBS; i++) {
            uint32_t kind = i % KIND_KINDS;
            bool dies = kind == KIND_ABORTS || kind == KIND_EXITS;
            tap_row("%u workers, job %u", (unsigned)count, (unsigned)i);
            CHECK_UINT(t.done[i], !dies);
            CHECK_UINT(t.died[i], dies);
            if (kind == KIND_ABORTS)
                CHECK(t.how[i].signal == SIGABRT && t.said[i]);
            if (kind == KIND_EXITS)
                CHECK(t.how[i].exit_code == 6 && !t.how[i].signal);
            CHECK(!t.how[i].timed_out);
        }
    }
}

/* Any job may be over time on a busy machine, and a job that hangs is: each is settled once, one way or the other. */
static void a_worker_that_hangs_is_killed(void)
{
    for (uint32_t count = 1; count <= 5; count += 2) {
        struct tally t = {.parent = getpid(), .hangs = true};
        struct workers w = {.ctx = &t,
                            .jobs = JOBS,
                            .count = count,
                            .max_wall_ns = 300 * SIM_MS,
                            .work = do_job,
                            .done = job_done,
                            .died = job_died,
                            .enough = enough_done};
        tap_row("%u workers", (unsigned)count);
        CHECK_INT(workers_run(&w), 0);
        for (uint32_t i = 0; i < JOBS; i++) {
            uint32_t kind = i % KIND_KINDS;
            tap_row("%u workers, job %u", (unsigned)count, (unsigned)i);
            CHECK_UINT(t.done[i] + t.died[i], 1);
            if (kind == KIND_HANGS)
                CHECK(t.died[i] && t.how[i].timed_out && t.how[i].signal == SIGKILL);
            else if (kind != KIND_ABORTS && kind != KIND_EXITS)
                CHECK(t.done[i] || t.how[i].timed_out);
        }
    }
}

static void enough_is_enough(void)
{
    struct tally t = {.parent = getpid(), .enough_after = 20};
    struct workers w = {
        .ctx = &t, .jobs = JOBS, .count = 2, .work = do_job, .done = job_done, .died = job_died, .enough = enough_done};
    CHECK_INT(workers_run(&w), 0);
    CHECK(t.total >= 20);
}

static void no_jobs_are_no_work(void)
{
    struct tally t = {.parent = getpid()};
    struct workers w = {
        .ctx = &t, .count = 3, .work = do_job, .done = job_done, .died = job_died, .enough = enough_done};
    CHECK_INT(workers_run(&w), 0);
    CHECK_UINT(t.total, 0);
}

int main(void)
{
    static const struct tap_test tests[] = {
        TAP_TEST(the_console_tells_what_failed_and_how_to_see_it_again),
        TAP_TEST(junit_has_everything_twice_where_servers_differ),
        TAP_TEST(tap_is_the_version_that_the_reader_knows),
        TAP_TEST(github_gets_ten_annotations_and_a_page_with_all),
        TAP_TEST(a_result_survives_the_wire),
        TAP_TEST(keywords_are_looked_for_in_ids),
        TAP_TEST(broken_keywords_say_where),
        TAP_TEST(tags_are_wanted_or_not),
        TAP_TEST(shards_are_even),
        TAP_TEST(a_worker_that_dies_takes_only_its_job_with_it),
        TAP_TEST(a_worker_that_hangs_is_killed),
        TAP_TEST(enough_is_enough),
        TAP_TEST(no_jobs_are_no_work),
    };
    arena_init(&arena, 0);
    int result = tap_run(tests, ARRAY_LEN(tests));
    arena_fini(&arena);
    strbuf_fini(&out);
    return result;
}
