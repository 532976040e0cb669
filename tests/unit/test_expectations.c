/* Expectations held against runs: every kind of when, of what, and of what holds. */
#include "report/expect.h"
#include "tests/unit/tap.h"

#include "model/cluster.h"
#include "model/scenario.h"

/* A pod that runs for 30 s and fails, at 31.385 and 62.1 s; deleted in its third run at 100 s, gone at 103.11 s. */
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
static char outcome_of(const char *scenario, const char *expectation, enum probe_ticks ticks)
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
        struct cluster_options options = {.diags = &d, .ticks = ticks};
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
        if (!CHECK_INT(outcome_of(scenario, rows[i].expectation, TICKS_THAT_MATTER), rows[i].want))
            tap_quote("message", message);
        if (!CHECK_INT(outcome_of(scenario, rows[i].expectation, TICKS_ALL), rows[i].want))
            tap_quote("message without fast-forward", message);
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

/* Ready from 1.395 to 32.010, 32.110 to 63.010, 72.610 to 102.130. */
static void tolerance_and_for(void)
{
    static const struct row rows[] = {
        {"{pod: web, ready: 1/1, at: 32s}", 'p'},
        {"{pod: web, ready: 1/1, at: 32050ms}", 'f'},
        {"{pod: web, ready: 1/1, at: 32050ms, tolerance: 20ms}", 'f'},
        {"{pod: web, ready: 1/1, at: 32050ms, tolerance: 50ms}", 'p'},
        {"{pod: web, ready: 1/1, always: true, from: 1s, to: 31s}", 'f'},
        {"{pod: web, ready: 1/1, always: true, from: 1s, to: 31s, tolerance: 400ms}", 'p'},
        {"{pod: web, ready: 0/1, never: true, from: 1s, to: 31s}", 'f'},
        {"{pod: web, ready: 0/1, never: true, from: 1s, to: 31s, tolerance: 400ms}", 'p'},
        {"{pod: web, ready: 1/1, eventually: true, for: 30900ms}", 'p'},
        {"{pod: web, ready: 1/1, eventually: true, for: 31s}", 'f'},
        {"{pod: web, ready: 1/1, eventually: true, for: 31s, tolerance: 200ms}", 'p'},
        {"{pod: web, ready: 1/1, within: 5s, after: 20s, for: 12s}", 'p'},
        {"{pod: web, ready: 1/1, within: 5s, after: 20s, for: 13s}", 'f'},
        {"{pod: web, ready: 0/1, within: 12s, after: 20s}", 'f'},
        {"{pod: web, ready: 0/1, within: 13s, after: 20s}", 'p'},
        {"{pod: web, exists: false, within: 100s}", 'p'}, /* not there yet */
        {"{pod: web, exists: true, always: true, from: 1s, to: 99s}", 'p'},
        {"{pod: web, exists: true, always: true, from: 1s}", 'f'},
        {"{pod: web, exists: false, never: true, from: 1s, to: 99s}", 'p'},
    };
    check_rows(crashing, rows, ARRAY_LEN(rows));
}

static void containers(void)
{
    static const struct row rows[] = {
        {"{pod: web, container: app, state: running, at: 10s}", 'p'},
        {"{pod: web, container: app, state: waiting, at: 10s}", 'f'},
        {"{pod: web, container: app, state: terminated, reason: Error, exitCode: 3, eventually: true}", 'p'},
        {"{pod: web, container: app, state: terminated, reason: Completed, eventually: true}", 'f'},
        {"{pod: web, container: app, state: waiting, reason: CrashLoopBackOff, exitCode: 3, eventually: true}", 'p'},
        {"{pod: web, container: app, state: running, exitCode: 3, eventually: true}", 'p'}, /* its last run's */
        {"{pod: web, container: app, exitCode: '!= 0', at: 10s}", 'p'},                     /* none is not 0 */
        {"{pod: web, container: app, exitCode: 0, at: 10s}", 'f'},
        {"{pod: web, container: app, restarts: 1..2, at: 90s}", 'p'},
        {"{pod: web, container: app, restarts: 0, at: 90s}", 'f'},
        {"{pod: web, container: app, reason: [Error, Completed], eventually: true}", 'p'},
        {"{pod: web, container: web, state: running, eventually: true}", 'f'},
        {"{pod: web, conditions: {Ready: True, PodScheduled: 'True'}, at: 10s}", 'p'},
        {"{pod: web, conditions: {Ready: false, PodScheduled: 'True'}, at: 10s}", 'f'},
        {"{pod: web, conditions: {Ready: false, ContainersReady: false}, eventually: true}", 'p'},
    };
    check_rows(crashing, rows, ARRAY_LEN(rows));
}

static void fields(void)
{
    static const struct row rows[] = {
        {"{pod: web, fields: {'{.spec.nodeName}': node1}, at: 10s}", 'p'},
        {"{pod: web, fields: {.spec.nodeName: node1, .status.phase: Run*}, at: 10s}", 'p'},
        {"{pod: web, fields: {.spec.nodeName: node1, .status.phase: Stop*}, at: 10s}", 'f'},
        {"{pod: web, fields: {$.spec.nodeName: '!= node2'}, at: 10s}", 'p'},
        {"{pod: web, fields: {spec.nodeName: ''}, at: 10s}", 'f'},
        {"{pod: web, fields: {spec.nodeSelector: ''}, at: 10s}", 'p'},
        {"{pod: web, fields: {'{.status.containerStatuses[0].restartCount}': '>= 1'}, at: 90s}", 'p'},
        {"{pod: web, fields: {'{.status.containerStatuses[0].restartCount}': '< 1'}, at: 90s}", 'f'},
        {"{pod: web, fields: {'{.status.containerStatuses[7].restartCount}': 0}, at: 90s}", 'f'},
        {"{pod: web, fields: {'{.status.conditions[?(@.type==\"Ready\")].status}': true}, at: 10s}", 'p'},
        {"{pod: web, fields: {'{range .spec.containers[*]}{.name}={.image};{end}': 'app=busybox:*;'}, at: 10s}", 'p'},
        {"{node: node1, fields: {.status.allocatable.memory: '> 1Gi'}, at: 0}", 'p'},
        {"{node: node1, fields: {.status.allocatable.memory: '> 1Ti'}, at: 0}", 'f'},
        {"{node: node1, status: Ready, conditions: {Ready: true}}", 'p'},
        {"{node: node1, status: NotReady}", 'f'},
        {"{object: svc/kube-dns, namespace: kube-system, fields: {'{.spec.ports[*].port}': 53}}", 'p'},
        {"{object: svc/kube-dns, fields: {'{.spec.ports[*].port}': 53}}", 'f'},
        {"{object: svc/kube-*, namespace: '*', fields: {.spec.type: ClusterIP}}", 'p'},
        {"{objects: services, namespace: '*', count: 2}", 'p'},
        {"{objects: services, namespace: kube-*, count: 1}", 'p'},
        {"{objects: services, count: 2}", 'f'},
        {"{object: namespaces/default, phase: Active}", 'p'},
        {"{object: namespaces/default, phase: Terminating}", 'f'},
    };
    check_rows(crashing, rows, ARRAY_LEN(rows));
}

static void happenings(void)
{
    static const struct row rows[] = {
        {"{pod: web, event: Scheduled}", 'p'},
        {"{pod: web, event: Scheduled, count: 1}", 'p'},
        {"{pod: web, event: Scheduled, count: 2}", 'f'},
        {"{pod: web, event: Scheduled, at: 35ms}", 'p'},
        {"{pod: web, event: Scheduled, at: 1s}", 'f'},
        {"{pod: web, event: Scheduled, at: 1s, tolerance: 1s}", 'p'},
        {"{pod: web, event: Started, container: app, count: '>= 2'}", 'p'},
        {"{pod: web, event: Started, container: web}", 'f'},
        {"{pod: web, event: Started, within: 1s}", 'f'},
        {"{pod: web, event: Started, within: 2s}", 'p'},
        {"{pod: web, event: Started, from: 2s, to: 30s}", 'f'},
        {"{pod: web, event: Started, never: true, from: 2s, to: 30s}", 'p'},
        {"{pod: web, event: Started, never: true, to: 30s}", 'f'},
        {"{pod: db, event: Started, never: true}", 'f'}, /* there was no db */
        {"{pod: web, event: '*', message: '*node1*'}", 'p'},
        {"{pod: web, event: '*', message: '*node2*'}", 'f'},
        {"{pod: web, event: Back*, eventually: true}", 'p'},
        {"{pod: web, happens: exit 3, count: 2}", 'p'},
        {"{pod: web, happens: exit 3, count: 1}", 'f'},
        {"{pod: web, happens: exit, count: 3}", 'p'},
        {"{pod: web, happens: exit 33}", 'f'},
        {"{pod: web, happens: exit 3, at: 31385ms}", 'p'},
        {"{pod: web, happens: exit 3, at: 31386ms}", 'f'},
        {"{pod: web, container: app, happens: start 1}", 'p'},
        {"{pod: web, container: web, happens: start 1}", 'f'},
        {"{pod: web, happens: phase Running, count: 1}", 'p'},
        {"{pod: web, happens: gone, at: 100s, tolerance: 4s}", 'p'},
        {"{pod: web, happens: 'signal *'}", 'p'}, /* it is deleted while it runs */
        {"{node: node1, happens: Ready False}", 'f'},
    };
    check_rows(crashing, rows, ARRAY_LEN(rows));
}

static void orders(void)
{
    static const struct row rows[] = {
        {"{order: [{pod: web, phase: Pending}, {pod: web, phase: Running}, {pod: web, exists: false}]}", 'p'},
        {"{order: [{pod: web, phase: Running}, {pod: web, phase: Pending}]}", 'f'},
        {"{order: [{pod: web, happens: exit 3}, {pod: web, happens: exit 3}]}", 'p'},
        {"{order: [{pod: web, happens: start 0}, {pod: web, happens: exit 3}, {pod: web, happens: exit 3},"
         " {pod: web, happens: exit 3}]}",
         'f'},
        {"{order: [{pod: web, happens: start 0}, {pod: web, status: Error}, {pod: web, happens: start 1}], within: "
         "40s}",
         'p'},
        {"{order: [{pod: web, happens: start 0}, {pod: web, status: Error}, {pod: web, happens: start 1}], within: "
         "30s}",
         'f'},
        {"{order: [{pod: web, happens: start 0}, {pod: web, status: Error}, {pod: web, happens: start 1}],"
         " within: 30s, tolerance: 3s}",
         'p'},
        {"{order: [{pod: web, event: Started}, {pod: web, event: Scheduled}]}", 'f'},
    };
    check_rows(crashing, rows, ARRAY_LEN(rows));
}

/* Two of three are ready after 5 s; web-c never. web-b is deleted at 20 s, with its endpoint terminating. */
static const char service[] =
    "apiVersion: podsim.dev/v1\n"
    "kind: Scenario\n"
    "spec:\n"
    "  duration: 1m\n"
    "  behaviours: [{pod: web-c, http: 500}]\n"
    "  actions: [{at: 20s, kubectl: delete pod web-b}]\n"
    "  expect: [%s]\n"
    "---\n"
    "{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {selector: {app: web}, ports: [{port: 80}]}}\n"
    "---\n"
    "{apiVersion: v1, kind: Pod, metadata: {name: web-a, labels: {app: web, rank: first}}, spec: {containers: [{name: "
    "app, image: nginx, readinessProbe: {httpGet: {port: 80}, initialDelaySeconds: 4, periodSeconds: 1}}]}}\n"
    "---\n"
    "{apiVersion: v1, kind: Pod, metadata: {name: web-b, labels: {app: web}}, spec: {containers: [{name: app, image: "
    "nginx, readinessProbe: {httpGet: {port: 80}, initialDelaySeconds: 4, periodSeconds: 1}, lifecycle: {preStop: "
    "{sleep: {seconds: 10}}}}]}}\n"
    "---\n"
    "{apiVersion: v1, kind: Pod, metadata: {name: web-c, labels: {app: web}}, spec: {containers: [{name: app, image: "
    "nginx, readinessProbe: {httpGet: {port: 80}, periodSeconds: 1}}]}}\n";

static void endpoints_and_objects(void)
{
    static const struct row rows[] = {
        {"{service: web, endpoints: [web-b, web-a], at: 15s}", 'p'},
        {"{service: web, endpoints: [web-a], at: 15s}", 'f'},
        {"{service: web, endpoints: [web-a, web-b, web-c], at: 15s}", 'f'},
        {"{service: web, endpoints: web-a}", 'p'},
        {"{service: web, endpoints: web-b}", 'f'},
        {"{service: web, endpoints: ['web-?'], at: 15s}", 'p'},
        {"{service: web, endpoints: 2, at: 15s}", 'p'},
        {"{service: web, endpoints: '>= 1', always: true, from: 10s}", 'p'},
        {"{service: web, endpoints: '>= 2', always: true, from: 10s}", 'f'},
        {"{service: web, endpoints: '>= 1', always: true}", 'f'},
        {"{service: web, endpoints: 3, never: true}", 'p'},
        {"{service: web, endpoints: {ready: [web-a], terminating: [web-b], serving: 2, notReady: 2}, at: 25s}", 'p'},
        {"{service: web, endpoints: {ready: [web-a], terminating: [web-a]}, at: 25s}", 'f'},
        {"{service: web, endpoints: []}", 'f'},
        {"{service: web, endpoints: [], at: 1s}", 'p'},
        {"{object: svc/web, endpoints: 2, within: 10s, for: 5s}", 'p'},
        {"{objects: pods, selector: app=web, count: 3, at: 15s}", 'p'},
        {"{objects: pods, selector: app=web, count: 3}", 'f'},
        {"{objects: pods, selector: app=web, ready: 1/1, count: 2, at: 15s}", 'p'},
        {"{objects: pods, selector: app=web, ready: 1/1, at: 15s}", 'f'},
        {"{objects: pods, selector: 'app=web,rank', ready: 1/1, at: 15s}", 'p'},
        {"{objects: pods, selector: 'app=web,rank=second', ready: 1/1, at: 15s}", 'f'},
        {"{objects: pods, phase: Running, at: 15s}", 'p'},
        {"{objects: pods, phase: Failed, never: true}", 'p'},
        {"{objects: pods, ready: 1/1, never: true}", 'f'}, /* one of them was */
        {"{objects: pods, selector: app=db, phase: Failed, never: true}", 'f'},
        {"{objects: pods, selector: app=db, count: 0, always: true}", 'p'},
        {"{objects: pods, selector: app=web, count: '<= 3', always: true}", 'p'},
        {"{objects: pods, selector: app=web, count: '<= 2', always: true}", 'f'},
        {"{pod: web-*, phase: Running, at: 15s}", 'p'},
        {"{pod: web-*, ready: 1/1, at: 15s}", 'f'},
        {"{objects: pods, event: Unhealthy, count: '>= 3'}", 'p'},
        {"{objects: pods, selector: rank=first, event: Killing}", 'f'},
        {"{pod: web-b, event: Killing, within: 1s, after: 20s}", 'p'},
        {"{pod: web-a, log: 'GET / HTTP/1.1', count: '> 40'}", 'p'},
        {"{pod: web-a, log: 'GET /nowhere'}", 'f'},
        {"{pod: web-a, log: '*kube-probe*', within: 10s}", 'p'},
    };
    check_rows(service, rows, ARRAY_LEN(rows));
}

/* "tick" at 5, 10, ... 100 s after the start at 2.605 s; "once" at 7 s. The probe keeps the run going. */
static const char printing[] =
    "apiVersion: podsim.dev/v1\n"
    "kind: Scenario\n"
    "spec:\n"
    "  duration: 2m\n"
    "  behaviours: [{pod: web, log: [{text: tick tock, every: 5s, until: 100s}, {text: 'once [1]?', at: 7s}]}]\n"
    "  expect: [%s]\n"
    "---\n"
    "{apiVersion: v1, kind: Pod, metadata: {name: web}, spec: {containers: [{name: app, image: nginx, livenessProbe: "
    "{tcpSocket: {port: 80}}}]}}\n";

static void lines_that_are_counted(void)
{
    static const struct row rows[] = {
        {"{pod: web, log: tick, count: 20}", 'p'},
        {"{pod: web, log: tick, count: 21}", 'f'},
        {"{pod: web, log: tick, count: 9, to: 50s}", 'p'},
        {"{pod: web, log: tick, count: 10, to: 50s}", 'f'},
        {"{pod: web, log: tick, count: 10, to: 53s}", 'p'},
        {"{pod: web, log: tick, count: 1, from: 10s, to: 15s}", 'p'},
        {"{pod: web, log: tick, never: true, from: 8s, to: 12s}", 'p'},
        {"{pod: web, log: tick, never: true, from: 8s, to: 13s}", 'f'},
        {"{pod: web, log: 'tick*', container: app}", 'p'},
        {"{pod: web, log: 'tick', container: other}", 'f'},
        {"{pod: web, log: 'tick?'}", 'f'}, /* a pattern is of the whole line */
        {"{pod: web, log: 'once [1]\\?', count: 1}", 'p'},
        {"{order: [{pod: web, log: tick}, {pod: web, log: once}, {pod: web, log: tick}], within: 13s}", 'p'},
        {"{order: [{pod: web, log: once}, {pod: web, log: once}]}", 'f'},
        {"{order: [{pod: web, log: tick}, {pod: web, log: tick}, {pod: web, log: tick}], within: 18s}", 'p'},
        {"{order: [{pod: web, log: tick}, {pod: web, log: tick}, {pod: web, log: tick}], within: 17s}", 'f'},
    };
    check_rows(printing, rows, ARRAY_LEN(rows));
}

/* Lines that are owed keep a run going, as probes do; it ends when there are no more. */
static const char quiet_printing[] =
    "apiVersion: podsim.dev/v1\n"
    "kind: Scenario\n"
    "spec:\n"
    "  behaviours: [{pod: web, log: [{text: tick tock, every: 5s, until: 100s}]}, {pod: db, log: [{text: tack, every: "
    "10s}]}]\n"
    "  expect: [%s]\n"
    "---\n"
    "{apiVersion: v1, kind: Pod, metadata: {name: web}, spec: {containers: [{name: app, image: nginx}]}}\n";
static const char endless_printing[] =
    "apiVersion: podsim.dev/v1\n"
    "kind: Scenario\n"
    "spec:\n"
    "  duration: 5m\n"
    "  behaviours: [{pod: db, log: [{text: tack, every: 10s}]}]\n"
    "  expect: [%s]\n"
    "---\n"
    "{apiVersion: v1, kind: Pod, metadata: {name: db}, spec: {containers: [{name: app, image: nginx}]}}\n";

static void a_run_is_not_quiet_while_lines_are_owed(void)
{
    static const struct row until[] = {{"{pod: web, log: tick, count: 20}", 'p'}};
    static const struct row endless[] = {{"{pod: db, log: tack, count: 29}", 'p'}};
    check_rows(quiet_printing, until, ARRAY_LEN(until));
    check_rows(endless_printing, endless, ARRAY_LEN(endless));
}

/* ---- comparisons ---- */

static void comparisons(void)
{
    static const struct {
        const char *yaml, *actual;
        bool holds;
    } rows[] = {
        {"Running", "Running", true},
        {"Running", "running", false},
        {"Run*", "Running", true},
        {"R?n*g", "Running", true},
        {"'*'", "", true},
        {"'?'", "", false},
        {"'?'", "\xc3\xa4", true},
        {"'!= a*'", "abc", false},
        {"'!= a*'", "cba", true},
        {"a\\*b", "a*b", true},
        {"a\\*b", "aab", false},
        {"'>= 2'", "2", true},
        {"'>= 2'", "1.9", false},
        {"'> 1Gi'", "1025Mi", true},
        {"'<= 500m'", "0.5", true},
        {"'< 500m'", "0.5", false},
        {"2..4", "4", true},
        {"2..4", "5", false},
        {"'1.5..2'", "1500m", true},
        {"[a, b]", "b", true},
        {"[a, b]", "c", false},
        {"[a, '>= 3']", "7", true},
        {"'> 2'", "", false},
        {"'> 2'", "many", false},
        {"true", "True", true},
        {"'true'", "True", false},
        {"0x10", "16", true},
        {"''", "", true},
        {"''", "x", false},
        {"'!= '", "x", true},
        {"'>=2'", "3", true},
        {"10.244.1.2", "10.244.1.2", true},
        {"-1", "-1", true},
        {"'< 0'", "-1", true},
        {"a..b", "a..b", true},
        {"null", "", true},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena a;
        struct diag_set d;
        struct document_list docs;
        struct comparison c;
        char text[100];
        snprintf(text, sizeof text, "x: %s\n", rows[i].yaml);
        tap_row("%s of %s", rows[i].yaml, rows[i].actual);
        arena_init(&a, 0);
        diag_init(&d);
        value_parse(&a, &d, "t.yaml", text, strlen(text), &docs);
        if (!CHECK_UINT(docs.count, 1))
            continue;
        const char *wrong = comparison_parse(&a, docs.items[0].root->entries[0].value, &c);
        CHECK_STR(wrong, NULL);
        CHECK(comparison_holds(&c, &a, *rows[i].actual ? rows[i].actual : NULL) == rows[i].holds);
        diag_fini(&d);
        arena_fini(&a);
    }
}

/* ---- stop.when ---- */

static sim_time stopped_at(const char *when)
{
    char text[2000];
    struct arena a;
    struct diag_set d;
    struct scenario s;
    sim_time end = -1;
    snprintf(text, sizeof text,
             "apiVersion: podsim.dev/v1\nkind: Scenario\nspec: {stop: {after: 2m, when: %s}}\n---\n"
             "{apiVersion: v1, kind: Pod, metadata: {name: web}, spec: {containers: [{name: app, image: busybox, "
             "command: [sh, -c, 'sleep 30; echo done; exit 3']}]}}\n",
             when);
    arena_init(&a, 0);
    diag_init(&d);
    struct scenario_input input = {"t.yaml", text, strlen(text)};
    if (scenario_load(&a, &d, &input, 1, NULL, NULL, &s) == 0) {
        struct cluster_options options = {.diags = &d, .stop_ctx = expect_stop_new(&a, s.stop_when)};
        options.stop_when = expect_stop_now;
        struct cluster *c = cluster_new(&s, &options);
        cluster_run(c);
        end = cluster_trace(c).end;
        cluster_free(c);
        expect_stop_free(options.stop_ctx);
    }
    diag_fini(&d);
    arena_fini(&a);
    return end;
}

static void a_run_stops_when_it_has_come_true(void)
{
    static const struct {
        const char *when;
        int64_t ms; /* -1: invalid */
    } rows[] = {
        {"{pod: web, phase: Running}", 1395},
        {"{pod: web, status: Error}", 32010},
        {"{pod: web, happens: exit 3}", 31385},
        {"{pod: web, happens: exit 3, count: 2}", 62600},
        {"{pod: web, log: done}", 31385},
        {"{pod: web, event: Started}", 1395},
        {"{pod: web, event: Started, count: 2}", 32610},
        {"{pod: web, phase: Failed}", 120000},
        {"{pod: db, exists: false}", 120000},
        {"{pod: web, restarts: '>= 2'}", -2},
        {"{pod: web, at: 3s, phase: Failed}", -1},
        {"{pod: web, happens: probe readiness}", -1},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        tap_row("%s", rows[i].when);
        sim_time end = stopped_at(rows[i].when);
        if (rows[i].ms == -2) /* somewhere in between */
            CHECK(end > 60 * SIM_SECOND && end < 120 * SIM_SECOND);
        else
            CHECK_INT(end, rows[i].ms < 0 ? -1 : rows[i].ms * SIM_MS);
    }
}

int main(void)
{
    static const struct tap_test tests[] = {
        TAP_TEST(states_of_a_pod),
        TAP_TEST(tolerance_and_for),
        TAP_TEST(containers),
        TAP_TEST(fields),
        TAP_TEST(happenings),
        TAP_TEST(orders),
        TAP_TEST(endpoints_and_objects),
        TAP_TEST(lines_that_are_counted),
        TAP_TEST(a_run_is_not_quiet_while_lines_are_owed),
        TAP_TEST(comparisons),
        TAP_TEST(a_run_stops_when_it_has_come_true),
    };
    return tap_run(tests, ARRAY_LEN(tests));
}
