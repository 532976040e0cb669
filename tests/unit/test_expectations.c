/* Expectations held against runs: every kind of when, of what, and of what holds. */
#include "report/expect.h"
#include "tests/unit/tap.h"

#include "model/cluster.h"
#include "model/scenario.h"

/* A pod that runs for 30 s and fails, comes back after 10 s, and so on; deleted at 100 s. Running at 1.395 s. */
static const char crashing[] =
    "apiVersion: podsim.dev/v1\n"
    "kind: Scenario\n"
    "spec:\n"
    "  duration: 2m\n"
    "  actions: [{at: 100s, kubectl: delete pod web --grace-period=1}]\n"
    "  expect: [%s]\n"
    "---\n"
    "apiVersion: v1\n"
    "kind: Pod\n"
    "metadata: {name: web}\n"
    "spec:\n"
    "  containers: [{name: app, image: busybox:1.36, command: [sh, -c, sleep 30; exit 3]}]\n";

static char message[8000]; /* of the last one that failed */

/* 'p' passed, 'f' failed, 'x' invalid. */
static char outcome_of(const char *scenario, const char *expectation)
{
    char text[16000];
    struct arena a;
    struct diag_set d;
    struct scenario s;
    char result = 'x';
    snprintf(text, sizeof text, scenario, expectation);
    arena_init(&a, 0);
    diag_init(&d);
    struct scenario_input input = {"t.yaml", text, strlen(text)};
    if (scenario_load(&a, &d, &input, 1, NULL, NULL, &s) == 0) {
        struct cluster_options options = {.diags = &d};
        struct cluster *c = cluster_new(&s, &options);
        struct check_results r;
        cluster_run(c);
        struct run_trace run = cluster_trace(c);
        expect_check(&run, &s.expectations, &a, &r);
        result = r.count == 1 && r.items[0].outcome == CHECK_PASSED ? 'p' : 'f';
        snprintf(message, sizeof message, "%s", r.count && r.items[0].message ? r.items[0].message : "");
        cluster_free(c);
    } else {
        struct strbuf b = STRBUF_INIT;
        diag_print(&d, &b, 0);
        snprintf(message, sizeof message, "%s", strbuf_str(&b));
        strbuf_fini(&b);
    }
    diag_fini(&d);
    arena_fini(&a);
    return result;
}

struct row {
    const char *expectation;
    char want;
};

static void check_rows(const char *scenario, const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        tap_row("%s", rows[i].expectation);
        if (!CHECK_INT(outcome_of(scenario, rows[i].expectation), rows[i].want))
            tap_quote("message", message);
    }
}

static void states_of_a_pod(void)
{
    static const struct row rows[] = {
        {"{pod: web, phase: Running, at: 10s}", 'p'},
        {"{pod: web, phase: Pending, at: 10s}", 'f'},
        {"{pod: web, phase: Running, at: 1s}", 'f'},
        {"{pod: web, phase: Running, at: 1s, tolerance: 500ms}", 'p'},
        {"{pod: web, phase: Running, within: 2s}", 'p'},
        {"{pod: web, phase: Running, within: 1s}", 'f'},
        {"{pod: web, phase: Running, within: 1s, tolerance: 400ms}", 'p'},
        {"{pod: web, status: Error, eventually: true}", 'p'},
        {"{pod: web, status: CrashLoopBackOff, eventually: true}", 'p'},
        {"{pod: web, status: OOMKilled, eventually: true}", 'f'},
        {"{pod: web, status: CrashLoopBackOff, never: true}", 'f'},
        {"{pod: web, status: CrashLoopBackOff, never: true, to: 30s}", 'p'},
        {"{pod: web, status: OOMKilled, never: true}", 'p'},
        {"{pod: web, ready: 1/1, always: true}", 'f'},
        {"{pod: web, ready: 1/1, always: true, from: 2s, to: 30s}", 'p'},
        {"{pod: web, ready: 1/1, within: 2s, for: 29s}", 'p'},
        {"{pod: web, ready: 1/1, within: 2s, for: 31s}", 'f'},
        {"{pod: web, restarts: '>= 2', eventually: true}", 'p'},
        {"{pod: web, restarts: '> 2', eventually: true}", 'f'},
        {"{pod: web, exists: false}", 'p'},
        {"{pod: web, exists: true}", 'f'},
        {"{pod: web, exists: true, at: 90s}", 'p'},
        {"{pod: web, phase: Running}", 'f'},
        {"{pod: db, phase: Failed, never: true}", 'f'},
        {"{pod: web, phase: Running, at: 10s, within: 20s}", 'x'},
        {"{pod: web, restarts: many}", 'x'},
        {"{pod: web, phse: Running}", 'x'},
    };
    check_rows(crashing, rows, ARRAY_LEN(rows));
}

int main(void)
{
    static const struct tap_test tests[] = {
        TAP_TEST(states_of_a_pod),
    };
    return tap_run(tests, ARRAY_LEN(tests));
}
