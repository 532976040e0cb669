/* Printers and reports on hand-made objects and traces: no cluster runs here. */
#include "report/report.h"
#include "tests/unit/tap.h"

#include "tests/unit/cover_rows.h"

#include "model/printer.h"
#include "report/view.h"
#include "sim/sim.h"

static struct arena arena;

static const char *age(sim_time d)
{
    static struct strbuf b;
    strbuf_reset(&b);
    printer_age(&b, d);
    return strbuf_str(&b);
}

/* api-objects.md 10.2 */
static void ages_are_truncated_as_kubectl_does(void)
{
    static const struct {
        int64_t seconds;
        const char *want;
    } rows[] = {
        {-2, "<invalid>"}, {-1, "0s"},       {0, "0s"},         {119, "119s"},    {120, "2m"},      {126, "2m6s"},
        {599, "9m59s"},    {600, "10m"},     {10799, "179m"},   {10800, "3h"},    {11100, "3h5m"},  {28800, "8h"},
        {172799, "47h"},   {172800, "2d"},   {176400, "2d1h"},  {691200, "8d"},   {63072000, "2y"}, {63158400, "2y1d"},
        {252288000, "8y"}, {252374400, "8y"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        tap_row("%" PRId64, rows[i].seconds);
        CHECK_STR(age(rows[i].seconds * SIM_SECOND), rows[i].want);
    }
    tap_row("%s", "half a second is no second");
    CHECK_STR(age(SIM_SECOND / 2), "0s");
    CHECK_STR(age(-SIM_SECOND / 2), "0s");
}

/* ---- pods ---- */

static struct pod *new_pod(const char *name)
{
    struct pod *p = api_new(&arena, kind_infos[KIND_POD].type, struct pod);
    p->object.kind = KIND_POD;
    p->object.meta.name = name;
    p->object.meta.namespace_ = "default";
    p->object.meta.uid = "uid-1";
    p->object.meta.creation_timestamp = 0;
    p->spec.containers.items = arena_array(&arena, struct container, 4);
    p->spec.init_containers.items = arena_array(&arena, struct container, 4);
    p->status.container_statuses.items = arena_array(&arena, struct container_status, 4);
    p->status.init_container_statuses.items = arena_array(&arena, struct container_status, 4);
    p->status.conditions.items = arena_array(&arena, struct pod_condition, 4);
    p->status.phase = "Pending";
    return p;
}

enum how { WAITING, RUNNING, READY, EXITED };

/* detail: the reason of waiting or of the end; NULL = none. */
static struct container_status *add_status(struct pod *p, bool init, const char *name, enum how how, const char *detail,
                                           int64_t exit_code)
{
    struct container *c = init ? &p->spec.init_containers.items[p->spec.init_containers.count++]
                               : &p->spec.containers.items[p->spec.containers.count++];
    struct container_status *s =
        init ? &p->status.init_container_statuses.items[p->status.init_container_statuses.count++]
             : &p->status.container_statuses.items[p->status.container_statuses.count++];
    *s = (struct container_status){.name = name};
    c->name = name;
    if (how == WAITING) {
        s->state.waiting = arena_new(&arena, struct container_state_waiting);
        s->state.waiting->reason = detail;
    } else if (how == EXITED) {
        s->state.terminated = arena_new(&arena, struct container_state_terminated);
        s->state.terminated->reason = detail;
        s->state.terminated->exit_code = exit_code;
        s->state.terminated->started_at = s->state.terminated->finished_at = 0;
    } else {
        s->state.running = arena_new(&arena, struct container_state_running);
        s->ready = how == READY;
        s->started = (struct opt_bool){true, true};
    }
    return s;
}

static void add_condition(struct pod *p, const char *type, const char *status)
{
    p->status.conditions.items[p->status.conditions.count++] =
        (struct pod_condition){.type = type, .status = status, .last_transition_time = 0};
}

struct status_case {
    const char *name;
    struct {
        const char *name;
        bool init, sidecar;
        enum how how;
        const char *detail;
        int64_t exit_code;
    } c[3];
    const char *phase, *pod_reason;
    bool ready, initialized, deleting;
    const char *want_status, *want_ready;
};

/* api-objects.md 10.3 */
static void status_says_what_kubectl_says(void)
{
    static const struct status_case rows[] = {
        {"unscheduled", {{0}}, "Pending", NULL, false, false, false, "Pending", "0/0"},
        {"creating", {{"a", false, false, WAITING, "ContainerCreating", 0}}, "Pending", NULL, false, true, false,
         "ContainerCreating", "0/1"},
        {"running", {{"a", false, false, READY, NULL, 0}}, "Running", NULL, true, true, false, "Running", "1/1"},
        {"not ready", {{"a", false, false, RUNNING, NULL, 0}}, "Running", NULL, false, true, false, "Running", "0/1"},
        {"first init runs", {{"i", true, false, RUNNING, NULL, 0}, {"j", true, false, WAITING, "PodInitializing", 0},
                             {"a", false, false, WAITING, "PodInitializing", 0}},
         "Pending", NULL, false, false, false, "Init:0/2", "0/1"},
        {"second init waits", {{"i", true, false, EXITED, "Completed", 0}, {"j", true, false, WAITING, "PodInitializing", 0},
                               {"a", false, false, WAITING, "PodInitializing", 0}},
         "Pending", NULL, false, false, false, "Init:1/2", "0/1"},
        {"init failed", {{"i", true, false, EXITED, "Error", 1}, {"a", false, false, WAITING, "PodInitializing", 0}},
         "Failed", NULL, false, false, false, "Init:Error", "0/1"},
        {"init without reason", {{"i", true, false, EXITED, NULL, 3}, {"a", false, false, WAITING, "PodInitializing", 0}},
         "Pending", NULL, false, false, false, "Init:ExitCode:3", "0/1"},
        {"init backs off", {{"i", true, false, WAITING, "CrashLoopBackOff", 0},
                            {"a", false, false, WAITING, "PodInitializing", 0}},
         "Pending", NULL, false, false, false, "Init:CrashLoopBackOff", "0/1"},
        {"inits done", {{"i", true, false, EXITED, "Completed", 0}, {"a", false, false, WAITING, "PodInitializing", 0}},
         "Pending", NULL, false, true, false, "PodInitializing", "0/1"},
        {"sidecar counts", {{"s", true, true, READY, NULL, 0}, {"a", false, false, READY, NULL, 0}}, "Running", NULL, true,
         true, false, "Running", "2/2"},
        {"crash loop", {{"a", false, false, WAITING, "CrashLoopBackOff", 0}}, "Running", NULL, false, true, false,
         "CrashLoopBackOff", "0/1"},
        {"first listed wins", {{"a", false, false, EXITED, "Error", 1}, {"b", false, false, WAITING, "CrashLoopBackOff", 0}},
         "Running", NULL, false, true, false, "Error", "0/2"},
        {"exit without reason", {{"a", false, false, EXITED, NULL, 2}}, "Failed", NULL, false, true, false, "ExitCode:2",
         "0/1"},
        {"all done", {{"a", false, false, EXITED, "Completed", 0}}, "Succeeded", NULL, false, true, false, "Completed",
         "0/1"},
        {"one done, one runs", {{"a", false, false, EXITED, "Completed", 0}, {"b", false, false, READY, NULL, 0}},
         "Running", NULL, false, true, false, "NotReady", "1/2"},
        {"one done, pod Ready", {{"a", false, false, EXITED, "Completed", 0}, {"b", false, false, READY, NULL, 0}},
         "Running", NULL, true, true, false, "Running", "1/2"},
        {"one done, one failed", {{"a", false, false, EXITED, "Completed", 0}, {"b", false, false, EXITED, "Error", 1}},
         "Failed", NULL, false, true, false, "Error", "0/2"},
        {"deleted", {{"a", false, false, READY, NULL, 0}}, "Running", NULL, true, true, true, "Terminating", "1/1"},
        {"deleted when done", {{"a", false, false, EXITED, "Completed", 0}}, "Succeeded", NULL, false, true, true,
         "Completed", "0/1"},
        {"node lost", {{"a", false, false, READY, NULL, 0}}, "Running", "NodeLost", true, true, true, "Unknown", "1/1"},
        {"evicted", {{0}}, "Failed", "Evicted", false, false, false, "Evicted", "0/0"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct status_case *r = &rows[i];
        struct pod *p = new_pod("web");
        struct pod_columns c;
        char ready[32];
        tap_row("%s", r->name);
        for (size_t k = 0; k < 3 && r->c[k].name; k++) {
            add_status(p, r->c[k].init, r->c[k].name, r->c[k].how, r->c[k].detail, r->c[k].exit_code);
            if (r->c[k].sidecar)
                p->spec.init_containers.items[p->spec.init_containers.count - 1].restart_policy = "Always";
        }
        p->status.phase = r->phase;
        p->status.reason = r->pod_reason;
        add_condition(p, "Ready", r->ready ? "True" : "False");
        add_condition(p, "Initialized", r->initialized ? "True" : "False");
        if (r->deleting)
            p->object.meta.deletion_timestamp = 30 * SIM_SECOND;
        printer_pod_columns(p, NULL, &c);
        snprintf(ready, sizeof ready, "%" PRIu32 "/%" PRIu32, c.ready, c.total);
        CHECK_STR(c.status, r->want_status);
        CHECK_STR(ready, r->want_ready);
    }
}

static void status_of_gates_and_signals(void)
{
    struct pod *p = new_pod("web");
    struct pod_columns c;
    p->status.phase = "Pending";
    add_condition(p, "PodScheduled", "False");
    p->status.conditions.items[0].reason = "SchedulingGated";
    printer_pod_columns(p, NULL, &c);
    CHECK_STR(c.status, "SchedulingGated");

    p = new_pod("web");
    p->status.phase = "Running";
    add_status(p, false, "a", EXITED, NULL, 137)->state.terminated->signal = 9;
    printer_pod_columns(p, NULL, &c);
    CHECK_STR(c.status, "Signal:9");
}

static void restarts_carry_the_age_of_the_last_exit(void)
{
    struct pod *p = new_pod("web");
    struct container_status *s = add_status(p, false, "a", READY, NULL, 0);
    struct pod_columns c;
    struct strbuf b = STRBUF_INIT;
    s->restart_count = 3;
    s->last_state.terminated = arena_new(&arena, struct container_state_terminated);
    s->last_state.terminated->finished_at = 40 * SIM_SECOND;
    printer_pod_columns(p, NULL, &c);
    printer_restarts(&b, &c, 62 * SIM_SECOND + 700 * SIM_MS);
    CHECK_STR(strbuf_str(&b), "3 (22s ago)");
    strbuf_fini(&b);
}

/* ---- tables ---- */

static void columns_are_as_wide_as_their_widest_cell(void)
{
    struct table t = TABLE_INIT;
    struct strbuf b = STRBUF_INIT;
    table_cell(&t, "NAME");
    table_cell(&t, "A");
    table_cell(&t, "LAST");
    table_end_row(&t);
    table_cell(&t, "h\xc3\xa9lice");
    table_cell(&t, "");
    table_cell(&t, "two\nlines");
    table_end_row(&t);
    table_print(&t, &b);
    CHECK_STR(strbuf_str(&b), "NAME     A     LAST\nh\xc3\xa9lice         two...\n");
    table_fini(&t);
    strbuf_fini(&b);
}

/* Go text/tabwriter: a column ends where a line lacks it. */
static void tabs_align_within_blocks(void)
{
    struct strbuf b = STRBUF_INIT;
    text_align_tabs(&b, "Name:\tweb\nContainers:\n  a:\n    Image:\tx\n    Restart Count:\t0\nEnd:\ty\n");
    CHECK_STR(strbuf_str(&b), "Name:  web\nContainers:\n  a:\n    Image:          x\n    Restart Count:  0\nEnd:                y\n");
    strbuf_reset(&b);
    text_align_tabs(&b, "a\tbb\tc\naaa\tb\tc");
    CHECK_STR(strbuf_str(&b), "a    bb  c\naaa  b   c\n");
    strbuf_fini(&b);
}

/* ---- a trace made by hand: a pod that is created, runs, fails its probe and is deleted ---- */

struct maker {
    struct trace trace;
    struct pod *pod;
    uint64_t revision;
};

static uint32_t add(struct maker *m, sim_time at, uint32_t cause, struct trace_record r)
{
    r.at = at;
    r.cause = cause;
    return trace_add(&m->trace, &r);
}

/* A new version of the pod, to edit; write_pod() records it. */
static struct pod *next_version(struct maker *m)
{
    struct pod *next = arena_new(&arena, struct pod);
    *next = *m->pod;
    next->object.prev = &m->pod->object;
    next->status.container_statuses.items = arena_array(&arena, struct container_status, 4);
    memcpy(next->status.container_statuses.items, m->pod->status.container_statuses.items,
           sizeof(struct container_status) * 4);
    next->status.conditions.items = arena_array(&arena, struct pod_condition, 4);
    memcpy(next->status.conditions.items, m->pod->status.conditions.items, sizeof(struct pod_condition) * 4);
    m->pod = next;
    return next;
}

static uint32_t write_pod(struct maker *m, sim_time at, uint32_t cause, enum trace_component who, enum write_verb verb)
{
    m->pod->object.ordinal = 1;
    m->pod->object.revision = ++m->revision;
    return add(m, at, cause, (struct trace_record){.object = 1, .kind = TRACE_WRITE, .component = (uint8_t)who,
                                                   .flags = (uint8_t)verb, .data = m->pod});
}

static const struct trace_container *container(int32_t exit_code, int32_t signal)
{
    struct trace_container *c = arena_new(&arena, struct trace_container);
    *c = (struct trace_container){.container = "app", .exit_code = exit_code, .signal = signal,
                                  .reason = exit_code ? "Error" : "Completed"};
    return c;
}

static uint32_t probe(struct maker *m, sim_time at, int32_t run)
{
    struct trace_probe *p = arena_new(&arena, struct trace_probe);
    *p = (struct trace_probe){.container = "app", .output = "boom\n", .result = RESULT_FAILURE, .run = run,
                              .threshold = 2, .published = run == 2, .sent_at = at};
    return add(m, at, TRACE_ROOT, (struct trace_record){.object = 1, .kind = TRACE_PROBE, .component = COMP_PROBER,
                                                        .flags = PROBE_LIVENESS, .aux = (uint32_t)run, .text = "app",
                                                        .data = p});
}

static uint32_t signal_sent(struct maker *m, sim_time at, uint32_t cause, uint32_t number, enum signal_effect effect)
{
    return add(m, at, cause, (struct trace_record){.object = 1, .kind = TRACE_SIGNAL, .component = COMP_KUBELET,
                                                   .flags = (uint8_t)effect, .aux = number, .text = "app",
                                                   .data = container(0, 0)});
}

static void make_life(struct maker *m)
{
    trace_init(&m->trace, &arena);
    m->revision = 0;
    m->pod = new_pod("web");
    add_condition(m->pod, "Ready", "False");
    uint32_t created = write_pod(m, 0, TRACE_ROOT, COMP_USER, WRITE_CREATE);

    next_version(m)->spec.node_name = "node1";
    uint32_t bound = write_pod(m, 25 * SIM_MS, created, COMP_SCHEDULER, WRITE_UPDATE);
    struct pod *p = next_version(m);
    add_status(p, false, "app", WAITING, "ContainerCreating", 0);
    write_pod(m, 55 * SIM_MS, bound, COMP_KUBELET, WRITE_UPDATE);

    uint32_t started = add(m, SIM_SECOND, bound, (struct trace_record){
                                                     .object = 1, .kind = TRACE_CONTAINER_STARTED,
                                                     .component = COMP_RUNTIME, .text = "app", .data = container(0, 0)});
    p = next_version(m);
    p->status.container_statuses.count = 0;
    p->spec.containers.count = 0;
    add_status(p, false, "app", READY, NULL, 0);
    p->status.phase = "Running";
    p->status.pod_ip = "10.244.1.2";
    p->status.conditions.items[0].status = "True";
    write_pod(m, 1010 * SIM_MS, started, COMP_KUBELET, WRITE_UPDATE);

    probe(m, 20 * SIM_SECOND, 1);
    uint32_t failed = probe(m, 25 * SIM_SECOND, 2);
    probe(m, 30 * SIM_SECOND, 3); /* beyond the threshold: steady */
    signal_sent(m, 25 * SIM_SECOND, failed, 15, SIGNAL_IGNORED);
    uint32_t killed = signal_sent(m, 55 * SIM_SECOND, failed, 9, SIGNAL_DEFAULT);
    add(m, 55 * SIM_SECOND, killed, (struct trace_record){.object = 1, .kind = TRACE_CONTAINER_EXITED,
                                                          .component = COMP_RUNTIME, .text = "app",
                                                          .data = container(137, 9)});
    uint32_t action = add(m, 60 * SIM_SECOND, TRACE_ROOT,
                          (struct trace_record){.kind = TRACE_ACTION, .component = COMP_USER, .text = "delete pod web"});
    p = next_version(m);
    p->object.meta.deletion_timestamp = 90 * SIM_SECOND;
    p->object.meta.deletion_grace_period_seconds = (struct opt_i64){30, true};
    write_pod(m, 60 * SIM_SECOND, action, COMP_USER, WRITE_UPDATE);
    add(m, 60 * SIM_SECOND, action, (struct trace_record){.kind = TRACE_ACTION_OUTPUT, .component = COMP_USER,
                                                          .text = "pod \"web\" deleted from default namespace\n"});
    next_version(m);
    write_pod(m, 61500 * SIM_MS, action, COMP_KUBELET, WRITE_DELETE);
    add(m, 62 * SIM_SECOND, TRACE_ROOT, (struct trace_record){.kind = TRACE_END, .component = COMP_ENGINE, .aux = RUN_QUIET});
}

static const char *report(enum report_format format, bool header)
{
    static struct strbuf b;
    struct maker m;
    make_life(&m);
    struct run_trace run = {.trace = &m.trace, .epoch = 1767225600, .end = 62 * SIM_SECOND};
    struct report_options o = {.format = format, .header = header, .width = 100, .scenario = "life"};
    strbuf_reset(&b);
    report_write(&run, &o, &b);
    return strbuf_str(&b);
}

static void timeline_tells_changes_and_reasons(void)
{
    CHECK_STR(report(REPORT_TIMELINE, true),
              "      TIME  OBJECT   WHAT                                 WHY\n"
              "    0.000s  pod/web  created, Pending\n"
              "    0.025s  pod/web  scheduled to node1\n"
              "    0.055s  pod/web  Pending -> ContainerCreating\n"
              "    1.000s  pod/web  container app started\n"
              "    1.010s  pod/web  ContainerCreating -> Running, ready 1/1, IP 10.244.1.2\n"
              "   20.000s  pod/web  liveness probe failed (1/2): boom\n"
              "   25.000s  pod/web  liveness probe failed (2/2)\n"
              "   25.000s  pod/web  SIGTERM to app: ignored, no handler  liveness probe failed 2 times in a row\n"
              "   55.000s  pod/web  SIGKILL to app: exit 137             still running 30s after SIGTERM\n"
              "   60.000s  $ kubectl delete pod web\n"
              "              pod \"web\" deleted from default namespace\n"
              "   60.000s  pod/web  Running -> Terminating, grace 30s\n"
              "   61.500s  pod/web  gone, 1.500s after the request\n"
              "end: nothing more happens after 1m1.5s; 1 pod gone\n");
}

static void startup_probe(struct maker *m, sim_time at, int32_t run, const char *output)
{
    struct trace_probe *p = arena_new(&arena, struct trace_probe);
    *p = (struct trace_probe){.container = "app", .output = output, .result = RESULT_FAILURE, .run = run,
                              .threshold = 6, .sent_at = at};
    add(m, at, TRACE_ROOT, (struct trace_record){.object = 1, .kind = TRACE_PROBE, .component = COMP_PROBER,
                                                 .flags = PROBE_STARTUP, .aux = (uint32_t)run, .text = "app", .data = p});
}

/* The first failure, one row for equal ones that follow, and the one that counts. */
static void equal_probe_failures_share_a_row(void)
{
    struct maker m;
    struct strbuf b = STRBUF_INIT;
    trace_init(&m.trace, &arena);
    m.revision = 0;
    m.pod = new_pod("slow");
    add_status(m.pod, false, "app", RUNNING, NULL, 0);
    write_pod(&m, 0, TRACE_ROOT, COMP_USER, WRITE_CREATE);
    for (int32_t i = 1; i <= 6; i++)
        startup_probe(&m, i * 10 * SIM_SECOND, i, "refused");
    startup_probe(&m, 70 * SIM_SECOND, 1, "refused");
    startup_probe(&m, 80 * SIM_SECOND, 2, "refused");
    startup_probe(&m, 90 * SIM_SECOND, 3, "refused");
    startup_probe(&m, 100 * SIM_SECOND, 4, "timed out");
    struct run_trace run = {.trace = &m.trace, .epoch = 1767225600, .end = 100 * SIM_SECOND};
    struct report_options o = {.format = REPORT_TIMELINE, .width = 100};
    report_write(&run, &o, &b);
    CHECK_STR(strbuf_str(&b), "    0.000s  pod/slow  created, Pending\n"
                              "   10.000s  pod/slow  startup probe failed (1/6): refused\n"
                              "   20.000s  pod/slow  startup probe failed (2..5/6), until 50.000s\n"
                              "   60.000s  pod/slow  startup probe failed (6/6)\n"
                              "   70.000s  pod/slow  startup probe failed (1/6)\n"
                              "   80.000s  pod/slow  startup probe failed (2..3/6), until 90.000s\n"
                              "  100.000s  pod/slow  startup probe failed (4/6): timed out\n");
    strbuf_fini(&b);
}

static void watched_pods_print_a_line_per_visible_change(void)
{
    CHECK_STR(report(REPORT_GET_PODS, true),
              "      TIME  NAME   READY   STATUS              RESTARTS       AGE\n"
              "    0.000s  web    0/0     Pending             0              0s\n"
              "    0.055s  web    0/1     ContainerCreating   0              0s\n"
              "    1.010s  web    1/1     Running             0              1s\n"
              "   60.000s  web    1/1     Terminating         0              60s\n"
              "   61.500s  web    (removed)\n");
}

static void jsonl_begins_with_its_schema(void)
{
    const char *text = report(REPORT_JSONL, true);
    CHECK(strncmp(text, "{\"schema\":\"podsim.dev/trace/v1\",\"scenario\":\"life\",\"seed\":0,"
                        "\"startTime\":\"2026-01-01T00:00:00Z\",\"end\":62.0}\n{\"n\":1,\"t\":0.0,\"cause\":0,", 130) == 0);
    CHECK_CONTAINS(text, "\"verb\":\"update\",\"resourceVersion\":2,\"changes\":[{\"path\":\"spec.nodeName\",\"to\":\"node1\"}]}");
    CHECK_CONTAINS(text, "\"kind\":\"probe\",\"object\":{\"kind\":\"Pod\",\"namespace\":\"default\",\"name\":\"web\",\"uid\":\"uid-1\"},"
                         "\"probe\":\"liveness\",\"container\":\"app\",\"result\":\"failure\",\"run\":2,\"threshold\":2,"
                         "\"manual\":false,\"published\":true,\"sentAt\":25.0,\"output\":\"boom\\n\"}");
    CHECK_CONTAINS(text, "\"kind\":\"container-exited\"");
    CHECK_CONTAINS(text, "\"exitCode\":137,\"signal\":9,\"reason\":\"Error\"}");
}

static void every_format_has_a_name_and_prints(void)
{
    for (int i = 0; i < REPORT_FORMAT_COUNT; i++) {
        enum report_format f;
        tap_row("%s", report_formats[i].name);
        CHECK_INT(report_format_parse(report_formats[i].name, &f), 0);
        CHECK_INT(f, i);
        CHECK(report((enum report_format)i, false) != NULL);
    }
    enum report_format f;
    CHECK_INT(report_format_parse("xml", &f), -1);
}

static void two_reports_are_the_same_bytes(void)
{
    for (int i = 0; i < REPORT_FORMAT_COUNT; i++) {
        char *first = arena_strdup(&arena, report((enum report_format)i, true));
        tap_row("%s", report_formats[i].name);
        CHECK_STR(report((enum report_format)i, true), first);
    }
}

static void runtime_errors_are_shortened_to_their_point(void)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"short", "short"},
        {"rpc error: code = NotFound desc = failed to pull and unpack image \"docker.io/library/x:1\": failed to resolve "
         "reference \"docker.io/library/x:1\": docker.io/library/x:1: not found",
         "docker.io/library/x:1: not found"},
        {"rpc error: code = Unknown desc = no such host\n", "no such host"},
    };
    struct maker m;
    make_life(&m);
    struct run_trace run = {.trace = &m.trace};
    struct view v;
    view_init(&v, &run);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        CHECK_STR(view_short_error(&v, rows[i].text), rows[i].want);
    view_fini(&v);
}

extern const struct cover_table cover_status_column;

static void every_row_has_a_test(void)
{
    check_rows(&cover_status_column, NULL);
}

int main(void)
{
    static const struct tap_test tests[] = {
        TAP_TEST(ages_are_truncated_as_kubectl_does),
        TAP_TEST(status_says_what_kubectl_says),
        TAP_TEST(status_of_gates_and_signals),
        TAP_TEST(restarts_carry_the_age_of_the_last_exit),
        TAP_TEST(columns_are_as_wide_as_their_widest_cell),
        TAP_TEST(tabs_align_within_blocks),
        TAP_TEST(timeline_tells_changes_and_reasons),
        TAP_TEST(equal_probe_failures_share_a_row),
        TAP_TEST(watched_pods_print_a_line_per_visible_change),
        TAP_TEST(jsonl_begins_with_its_schema),
        TAP_TEST(every_format_has_a_name_and_prints),
        TAP_TEST(two_reports_are_the_same_bytes),
        TAP_TEST(runtime_errors_are_shortened_to_their_point),
        TAP_TEST(every_row_has_a_test),
    };
    arena_init(&arena, 0);
    return tap_run(tests, ARRAY_LEN(tests));
}
