/* A pod that does nothing costs nothing: an hour and a day of it are as many events. */
#include "tests/unit/cluster_world.h"

static uint64_t events_until(const char *head, const char *spec, int64_t hours)
{
    struct world w;
    run(&w, head, spec, "1.36", hours * 3600);
    uint64_t events = w.trace.events;
    CHECK_INT(trace_at(w.trace.trace, trace_count(w.trace.trace) - 1)->kind, TRACE_END);
    end(&w);
    return events;
}

#define PROBES(handler)                                                                                                \
    ", livenessProbe: {" handler "}, readinessProbe: {" handler ", periodSeconds: 5}, startupProbe: {" handler ", "    \
    "failureThreshold: 99}"
#define BEHAVIOUR(text)                                                                                                \
    "apiVersion: podsim.dev/v1\nkind: Scenario\nspec:\n  duration: 1h\n  behaviours:\n  - {" text "}\n"

static void a_day_is_as_cheap_as_an_hour(void)
{
    static const struct {
        const char *what, *head, *container;
    } rows[] = {
        {"one that only accepts", "", "image: redis" PROBES("tcpSocket: {port: 6379}")},
        {"a command", "", "image: registry.k8s.io/pause"},
        {"an image that nobody knows", "", "image: example.com/app" PROBES("httpGet: {port: 8080}")},
        {"a shell that sleeps", "", "image: busybox, command: [sleep, infinity]" PROBES("exec: {command: ['true']}")},
        {"a behaviour without probes", BEHAVIOUR("startup: 5s"), "image: example.com/app"},
        {"http", BEHAVIOUR("startup: 5s, http: [{path: /x, status: 500}]"),
         "image: example.com/app" PROBES("httpGet: {port: 8080}")},
        {"http that was ill", BEHAVIOUR("http: {status: 500, until: 30s}, memory: 30Mi, cpu: 100m"),
         "image: example.com/app" PROBES("httpGet: {port: 8080}")},
        {"tcp", BEHAVIOUR("tcp: {port: 9000, answer: open}"),
         "image: example.com/app" PROBES("tcpSocket: {port: 9000}")},
        {"grpc", BEHAVIOUR("grpc: {port: 9000, status: SERVING}"),
         "image: example.com/app" PROBES("grpc: {port: 9000}")},
        {"exec", BEHAVIOUR("exec: {command: check, exit: 0}"),
         "image: busybox, command: [sleep, infinity]" PROBES("exec: {command: [check]}")},
        {"lines", BEHAVIOUR("log: [{text: tick, every: 10s}, {text: asked, onRequest: '*'}]"),
         "image: example.com/app"},
        {"a drain to come", BEHAVIOUR("stop: {drain: 12s}, signals: {SIGHUP: reload}, crash: {path: /boom}"),
         "image: example.com/app" PROBES("httpGet: {port: 8080}")},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char spec[1000];
        snprintf(spec, sizeof spec, "  containers: [{name: c, %s}]\n", rows[i].container);
        tap_row("%s", rows[i].what);
        CHECK_UINT(events_until(rows[i].head, spec, 25), events_until(rows[i].head, spec, 1));
    }
}

/* Lines of requests are owed as far as there is room for them; now and then somebody looks how much there is. */
static void a_log_that_probes_are_written_to_costs_some_looks(void)
{
    static const struct {
        const char *head, *container;
    } rows[] = {
        {"", "image: nginx, livenessProbe: {httpGet: {port: 80}}"},
        {BEHAVIOUR("log: {text: asked, onRequest: '*'}"), "image: example.com/app" PROBES("httpGet: {port: 8080}")},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char spec[1000];
        snprintf(spec, sizeof spec, "  containers: [{name: c, %s}]\n", rows[i].container);
        tap_row("%s", rows[i].container);
        uint64_t day = events_until(rows[i].head, spec, 25), hour = events_until(rows[i].head, spec, 1);
        CHECK(day - hour <= 40);
    }
}

/* What changes costs an event each time, and no more. */
static void what_changes_costs_what_changes(void)
{
    static const char spec[] =
        "  containers: [{name: c, image: example.com/app, readinessProbe: {httpGet: {port: 80}, periodSeconds: 1, "
        "failureThreshold: 1}}]\n";
    static const char head[] = BEHAVIOUR("http: {status: 500, every: 1h, for: 3s}");
    uint64_t day = events_until(head, spec, 25), hours = events_until(head, spec, 13);
    CHECK(day > hours);
    CHECK(day - hours < 12 * 100);
}

int main(void)
{
    static const struct tap_test tests[] = {
        TAP_TEST(a_day_is_as_cheap_as_an_hour),
        TAP_TEST(a_log_that_probes_are_written_to_costs_some_looks),
        TAP_TEST(what_changes_costs_what_changes),
    };
    return tap_run(tests, ARRAY_LEN(tests));
}
