/* What containers do that have a behaviour (script.c, programs_behaviour.c). */
#include "model/scenario.h"
#include "tests/unit/cri_world.h"
#include "tests/unit/tap.h"

static struct arena arena;
static const struct behaviour_time at_once = {.around = SIM_NEVER, .spread = SIM_NEVER};

/* A pod whose containers behave as the text says; the world's only one. */
static void begin(struct world *w, const char *text)
{
    struct diag_set diags;
    diag_init(&diags);
    world_init(w);
    const struct behaviour *b = behaviour_parse(&arena, &diags, text, NULL);
    if (!CHECK(b)) {
        struct strbuf out = STRBUF_INIT;
        diag_print(&diags, &out, 0);
        printf("# %s\n", strbuf_str(&out));
        exit(1);
    }
    struct scenario_behaviour *s = arena_new(&arena, struct scenario_behaviour);
    behaviour_list *list = arena_new(&arena, behaviour_list);
    *s = (struct scenario_behaviour){.container = "main", .behaviour = *b};
    if (!b->startup && behaviour_is_program(b)) /* not what the image says */
        s->behaviour.startup = &at_once;
    list->items = s;
    list->count = 1;
    cri_set_behaviours(w->cri, list);
    diag_fini(&diags);
}

static uint32_t run_of(struct world *w, const char *image, uint32_t attempt)
{
    return world_start(w, (struct cri_container_config){.name = "main", .image = image, .attempt = attempt});
}

static uint32_t start(struct world *w, const char *text)
{
    begin(w, text);
    return run_of(w, "example.com/app", 0);
}

static void at(struct world *w, int64_t ms) { world_run(w, ms * SIM_MS); }

static struct http_reply get(struct world *w, const char *path, int32_t port)
{
    struct http_reply reply;
    const struct http_request request = {.method = "GET",
                                         .ip = "10.244.1.5",
                                         .path = path,
                                         .host = "h",
                                         .user_agent = "kube-probe/1.36",
                                         .port = port,
                                         .hold_lines = true};
    cri_http(w->cri, &request, &reply);
    cri_held_lines(w->cri, true);
    return reply;
}

static enum net_result dial(struct world *w, int32_t port, sim_time *ret_until)
{
    return cri_tcp_connect(w->cri, "10.244.1.5", port, ret_until);
}

static struct grpc_reply health(struct world *w, const char *service)
{
    struct grpc_reply reply;
    cri_grpc_health(w->cri, "10.244.1.5", 9000, service, &reply);
    return reply;
}

static void it_runs_and_exits_by_restart(void)
{
    struct world w;
    begin(&w, "message: done\nruns:\n- {run: 5s, exit: 7}\n- exit: 1\n- {run: {between: [2s, 4s]}}\n");
    uint32_t first = run_of(&w, "busybox", 0), second = run_of(&w, "busybox", 1), third = run_of(&w, "busybox", 2),
             later = run_of(&w, "busybox", 9);
    at(&w, 1000);
    CHECK_INT(cri_container(w.cri, first)->state, CRI_RUNNING);
    CHECK_INT(cri_container(w.cri, second)->exit_code, 1);
    CHECK_INT(cri_container(w.cri, second)->finished_at, 0);
    at(&w, 6000);
    CHECK_INT(cri_container(w.cri, first)->exit_code, 7);
    CHECK_INT(cri_container(w.cri, first)->finished_at, 5 * SIM_SECOND);
    CHECK_STR(cri_container(w.cri, first)->message, "done");
    CHECK_INT(cri_container(w.cri, third)->exit_code, 0);
    CHECK_STR(cri_container(w.cri, third)->reason, "Completed");
    sim_time ended = cri_container(w.cri, third)->finished_at;
    CHECK(ended >= 2 * SIM_SECOND && ended <= 4 * SIM_SECOND);
    CHECK(cri_container(w.cri, later)->finished_at != ended); /* drawn anew */
    world_fini(&w);
}

static void it_listens_once_it_has_started(void)
{
    struct world w;
    sim_time until;
    start(&w, "startup: 5s\nlisten: [8080, 9090]\n");
    at(&w, 4999);
    CHECK_INT(dial(&w, 8080, &until), NET_REFUSED);
    at(&w, 5000);
    CHECK_INT(dial(&w, 8080, &until), NET_OK);
    CHECK_INT(until, SIM_TIME_MAX);
    CHECK_INT(dial(&w, 9090, &until), NET_OK);
    CHECK_INT(dial(&w, 80, &until), NET_REFUSED);
    CHECK_INT(get(&w, "/any", 8080).status, 200);
    world_fini(&w);
}

/* Without a word about ports: those of the image; of one that nobody knows, any. */
static void ports_are_the_images_if_nothing_is_said(void)
{
    static const struct {
        const char *behaviour, *image;
        int32_t port;
        enum net_result result;
    } rows[] = {
        {"startup: 1s", "nginx", 80, NET_OK},           {"startup: 1s", "nginx", 81, NET_REFUSED},
        {"startup: 1s", "example.com/a", 81, NET_OK},   {"startup: 1s", "busybox", 80, NET_REFUSED},
        {"http: 200", "busybox", 80, NET_OK},           {"http: {port: 81}", "nginx", 81, NET_OK},
        {"http: {port: 81}", "nginx", 80, NET_REFUSED},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world w;
        sim_time until;
        tap_row("%s, %s", rows[i].behaviour, rows[i].image);
        begin(&w, rows[i].behaviour);
        run_of(&w, rows[i].image, 0);
        at(&w, 1000);
        CHECK_INT(dial(&w, rows[i].port, &until), rows[i].result);
        world_fini(&w);
    }
}

static void a_taken_port_ends_it(void)
{
    struct world w;
    uint32_t a = start(&w, "listen: 80"), b = run_of(&w, "example.com/app", 1);
    at(&w, 10);
    CHECK_INT(cri_container(w.cri, a)->state, CRI_RUNNING);
    CHECK_INT(cri_container(w.cri, b)->exit_code, 1);
    world_fini(&w);
}

static void http_answers_are_a_function_of_time(void)
{
    static const struct {
        int64_t at_ms;
        const char *path;
        int32_t status;
        int64_t until_ms; /* -1: for ever */
    } rows[] = {
        {0, "/healthz", 200, 9999},          {0, "/", 200, -1},
        {10000, "/healthz?x=1", 500, 19999}, {10000, "/api/v1", 404, -1},
        {20000, "/healthz", 503, -1},        {20000, "/healthz2", 200, -1},
    };
    struct world w;
    start(&w, "http:\n- {path: /healthz, status: 500, from: 10s, until: 20s}\n"
              "- {path: /healthz, status: 503, from: 20s}\n- {path: /api/*, status: 404, body: nothing here}\n");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        tap_row("%s at %lld ms", rows[i].path, (long long)rows[i].at_ms);
        at(&w, rows[i].at_ms + 1);
        struct http_reply r = get(&w, rows[i].path, 80);
        CHECK_INT(r.status, rows[i].status);
        sim_time until = rows[i].until_ms < 0 ? SIM_TIME_MAX : (rows[i].until_ms + 1) * SIM_MS - 1;
        CHECK_INT(r.lasts_until, until);
    }
    CHECK_STR(get(&w, "/api/x", 80).body, "nothing here");
    world_fini(&w);
}

static void an_answer_takes_its_time(void)
{
    struct world w;
    start(&w,
          "http:\n- {path: /slow, latency: 3s, bodyLatency: 500ms}\n- {path: /some, latency: {between: [1s, 2s]}}\n");
    at(&w, 1);
    CHECK_INT(get(&w, "/slow", 80).took, 3 * SIM_SECOND);
    CHECK_INT(get(&w, "/slow", 80).body_took, 500 * SIM_MS);
    sim_time took = get(&w, "/some", 80).took;
    CHECK(took >= SIM_SECOND && took <= 2 * SIM_SECOND);
    at(&w, 1000);
    CHECK(get(&w, "/some", 80).took != took);
    world_fini(&w);
}

static void an_answer_has_its_headers(void)
{
    struct world w;
    begin(&w, "http:\n- {path: /old, status: 302, location: /new, headers: {X-Shop: eu, Cache-Control: no-store}}\n");
    run_of(&w, "example.com/app", 0);
    w.sandbox = world_pod_of(&w, "10.244.1.6", false);
    uint32_t client = world_start(
        &w, (struct cri_container_config){
                .name = "client",
                .image = "curlimages/curl",
                .command = world_list(&w, (const char *const[]){"curl", "-si", "http://10.244.1.5:80/old", NULL})});
    at(&w, 10);
    CHECK_STR(world_log(&w, client), "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: /new\r\n"
                                     "Cache-Control: no-store\r\nX-Shop: eu\r\n\r\n");
    world_fini(&w);
}

static void connections_are_treated_as_is_said(void)
{
    static const struct {
        const char *answer;
        enum net_result dialled, asked;
        sim_time took;
    } rows[] = {
        {"open", NET_OK, NET_OK, 0},
        {"refused", NET_REFUSED, NET_REFUSED, 0},
        {"drop", NET_TIMEOUT, NET_TIMEOUT, 0},
        {"reset", NET_OK, NET_RESET, 0},
        {"silent", NET_OK, NET_OK, NET_NEVER_ANSWERS},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world w;
        sim_time until;
        tap_row("%s", rows[i].answer);
        start(&w, arena_printf(&arena, "tcp: {port: 80, answer: %s, from: 2s, for: 3s}", rows[i].answer));
        at(&w, 1000);
        CHECK_INT(dial(&w, 80, &until), NET_OK);
        CHECK_INT(until, 2 * SIM_SECOND - 1);
        at(&w, 2000);
        CHECK_INT(dial(&w, 80, &until), rows[i].dialled);
        CHECK_INT(until, 5 * SIM_SECOND - 1);
        struct http_reply r = get(&w, "/", 80);
        CHECK_INT(r.result, rows[i].asked);
        CHECK_INT(r.took, rows[i].took);
        at(&w, 5000);
        CHECK_INT(dial(&w, 80, &until), NET_OK);
        CHECK_INT(until, SIM_TIME_MAX);
        world_fini(&w);
    }
}

static void grpc_health_is_per_service(void)
{
    struct world w;
    start(&w, "grpc:\n- {port: 9000, service: db, status: NOT_SERVING, from: 10s}\n"
              "- {port: 9000, service: cache, status: SERVICE_UNKNOWN}\n- {port: 9000, service: slow, status: SERVING, "
              "latency: 2s}\n");
    at(&w, 1);
    CHECK_INT(health(&w, "").health, GRPC_SERVING);
    CHECK_INT(health(&w, "db").health, GRPC_SERVING);
    CHECK_INT(health(&w, "db").lasts_until, 10 * SIM_SECOND - 1);
    CHECK_INT(health(&w, "cache").health, GRPC_UNKNOWN_SERVICE);
    CHECK_INT(health(&w, "slow").took, 2 * SIM_SECOND);
    at(&w, 10000);
    CHECK_INT(health(&w, "db").health, GRPC_NOT_SERVING);
    world_fini(&w);
}

static const struct cri_exec *exec(struct world *w, uint32_t ct, const char *const *argv, sim_time wait)
{
    str_list list = world_list(w, argv);
    uint32_t id = cri_exec_probe(w->cri, ct, &list, 0, (struct sim_key){0});
    world_run(w, sim_now(w->sim) + wait);
    return cri_exec_result(w->cri, id);
}
#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void commands_are_answered_or_really_run(void)
{
    struct world w;
    begin(&w, "exec:\n- {command: cat /tmp/healthy, exit: 1, output: unwell, from: 10s}\n"
              "- {command: [slow, one], latency: 2s, output: \"here\\n\"}\n");
    uint32_t ct = world_sh(&w, "busybox", "echo fine > /tmp/healthy; sleep 1000");
    at(&w, 1);
    const struct cri_exec *e = exec(&w, ct, WORDS("cat", "/tmp/healthy"), 0);
    CHECK_STR(e->output, "fine\n");
    CHECK_INT(e->lasts_until, 10 * SIM_SECOND - 1);
    e = exec(&w, ct, WORDS("slow", "one"), SIM_SECOND);
    CHECK(!e->done);
    at(&w, 4000);
    CHECK_STR(e->output, "here\n");
    CHECK_INT(e->exit_code, 0);
    CHECK_INT(e->lasts_until, 0);
    at(&w, 10000);
    e = exec(&w, ct, WORDS("cat", "/tmp/healthy"), 0);
    CHECK_STR(e->output, "unwell\n");
    CHECK_INT(e->exit_code, 1);
    CHECK_INT(e->lasts_until, SIM_TIME_MAX);
    CHECK_INT(exec(&w, ct, WORDS("sh", "-c", "cat /tmp/healthy && echo so"), 0)->exit_code, 1);
    CHECK_STR(exec(&w, ct, WORDS("ls", "/tmp"), 0)->output, "healthy\n");
    world_fini(&w);
}

static void signals_have_their_reactions(void)
{
    static const struct {
        const char *text;
        int number;
        int64_t ends_ms; /* after the signal; -1: it lives on */
        int code;
    } rows[] = {
        {"listen: 80", VSIGTERM, 0, 0},
        {"listen: 80", VSIGHUP, -1, 0},
        {"stop: ignore", VSIGTERM, -1, 0},
        {"stop: {exit: 3}", VSIGTERM, 0, 3},
        {"stop: {drain: 12s}", VSIGTERM, 12000, 0},
        {"stop: {drain: 12s, exit: 143}", VSIGTERM, 12000, 143},
        {"stop: {drain: 12s}", VSIGINT, 0, 0},
        {"signals: {SIGINT: ignore}", VSIGINT, -1, 0},
        {"signals: {SIGHUP: {exit: 4}}", VSIGHUP, 0, 4},
        {"signals: {SIGHUP: reload}", VSIGHUP, -1, 0},
        {"signals: {SIGUSR1: {drain: 3s}}", VSIGUSR1, 3000, 0},
        {"hang: 1s", VSIGTERM, -1, 0},
        {"{hang: 1s, stop: {drain: 2s}}", VSIGTERM, -1, 0},
        {"hang: 1s", VSIGKILL, 0, 137},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world w;
        tap_row("%s, signal %d", rows[i].text, rows[i].number);
        uint32_t ct = start(&w, rows[i].text);
        at(&w, 5000);
        cri_signal(w.cri, ct, rows[i].number);
        at(&w, 100000);
        const struct cri_container *k = cri_container(w.cri, ct);
        if (rows[i].ends_ms < 0) {
            CHECK_INT(k->state, CRI_RUNNING);
        } else {
            CHECK_INT(k->finished_at, (5000 + rows[i].ends_ms) * SIM_MS);
            CHECK_INT(k->exit_code, rows[i].code);
        }
        world_fini(&w);
    }
}

static void the_signal_that_stops_is_the_images(void)
{
    struct world w;
    begin(&w, "stop: {drain: 2s, exit: 5}");
    uint32_t ct = run_of(&w, "nginx", 0); /* STOPSIGNAL SIGQUIT */
    at(&w, 1000);
    cri_signal(w.cri, ct, cri_stop_signal(w.cri, ct));
    at(&w, 9000);
    CHECK_INT(cri_container(w.cri, ct)->finished_at, 3 * SIM_SECOND);
    CHECK_INT(cri_container(w.cri, ct)->exit_code, 5);
    world_fini(&w);
}

static void a_drain_serves_on_or_refuses(void)
{
    for (int refuse = 0; refuse < 2; refuse++) {
        struct world w;
        sim_time until;
        uint32_t ct = start(&w, refuse ? "stop: {drain: 10s, refuse: true}" : "stop: {drain: 10s}");
        at(&w, 1000);
        cri_signal(w.cri, ct, VSIGTERM);
        at(&w, 2000);
        CHECK_INT(dial(&w, 80, &until), refuse ? NET_REFUSED : NET_OK);
        cri_signal(w.cri, ct, VSIGTERM); /* once more: nothing comes of it */
        at(&w, 10999);
        CHECK_INT(cri_container(w.cri, ct)->state, CRI_RUNNING);
        at(&w, 11000);
        CHECK_INT(cri_container(w.cri, ct)->exit_code, 0);
        world_fini(&w);
    }
}

static void what_hangs_accepts_and_is_silent(void)
{
    struct world w;
    sim_time until;
    start(&w, "hang: 10s");
    at(&w, 9000);
    CHECK_INT(get(&w, "/", 80).lasts_until, 10 * SIM_SECOND - 1);
    at(&w, 10000);
    CHECK_INT(dial(&w, 80, &until), NET_OK);
    CHECK_INT(get(&w, "/", 80).took, NET_NEVER_ANSWERS);
    CHECK_INT(health(&w, "").took, NET_NEVER_ANSWERS);
    world_fini(&w);
}

static void it_crashes_at_a_time_or_on_a_request(void)
{
    struct world w;
    uint32_t ct = start(&w, "crash: {at: 5s, exit: 9}");
    at(&w, 6000);
    CHECK_INT(cri_container(w.cri, ct)->finished_at, 5 * SIM_SECOND);
    CHECK_INT(cri_container(w.cri, ct)->exit_code, 9);
    world_fini(&w);

    ct = start(&w, "crash: {path: /boom, signal: SIGSEGV}");
    at(&w, 1);
    CHECK_INT(get(&w, "/", 80).lasts_until, SIM_TIME_MAX);
    CHECK_INT(get(&w, "/boom?now", 80).result, NET_RESET);
    CHECK_INT(cri_container(w.cri, ct)->exit_code, 139);
    CHECK_INT(cri_container(w.cri, ct)->signal, VSIGSEGV);
    world_fini(&w);

    ct = start(&w, "crash: {afterRequests: 2}");
    at(&w, 1);
    CHECK_INT(get(&w, "/", 80).status, 200);
    struct http_reply second = get(&w, "/", 80);
    CHECK_INT(second.status, 200);
    CHECK_INT(second.lasts_until, 0); /* it counts */
    CHECK_INT(get(&w, "/", 80).result, NET_RESET);
    CHECK_INT(cri_container(w.cri, ct)->exit_code, 1);
    world_fini(&w);
}

static void each_request_leaks(void)
{
    struct world w;
    begin(&w, "memory: 10Mi\nmemoryPerRequest: 1Mi\n");
    uint32_t ct = world_start(
        &w, (struct cri_container_config){.name = "main", .image = "example.com/app", .memory_limit_bytes = 20 << 20});
    at(&w, 1);
    int64_t before = cri_memory_used(w.cri, ct);
    get(&w, "/", 80);
    CHECK_INT(cri_memory_used(w.cri, ct) - before, 1 << 20);
    for (int i = 0; i < 20 && cri_container(w.cri, ct)->state == CRI_RUNNING; i++)
        get(&w, "/", 80);
    CHECK_STR(cri_container(w.cri, ct)->reason, "OOMKilled");
    world_fini(&w);
}

static void use_is_laid_over_what_runs(void)
{
    struct world w;
    begin(&w, "memory: [10Mi, {at: 10s, use: 30Mi}]\ncpu: [100m, {at: 10s, use: \"1\"}]\n");
    uint32_t ct = world_sh(&w, "busybox", "sleep 5; echo here; sleep 1000");
    at(&w, 5000);
    CHECK_INT(cri_memory_used(w.cri, ct) >> 20, 21); /* and the shell */
    CHECK_INT(cri_cpu_milli(w.cri, ct), 550);
    at(&w, 60000);
    CHECK_INT(cri_cpu_milli(w.cri, ct), 1000);
    CHECK_STR(world_log(&w, ct), "here\n");
    world_fini(&w);
}

static uint32_t count_records(const struct world *w, enum trace_kind kind)
{
    const struct trace *t = sim_trace(w->sim);
    uint32_t n = 0;
    for (uint32_t i = 1; i < trace_count(t); i++)
        n += trace_at(t, i)->kind == kind;
    return n;
}

static void lines_come_at_their_times(void)
{
    struct world w;
    uint32_t ct =
        start(&w, "log:\n- hello\n- {text: tick, every: 10s}\n- {text: tock, every: 10s, at: 5s, until: 20s}\n"
                  "- {text: late, at: 12s, stderr: true}\n- {text: asked, onRequest: /x}\n");
    at(&w, 13000);
    CHECK_STR(world_log(&w, ct), "hello\ntock\ntick\nlate\n");
    get(&w, "/x", 80);
    get(&w, "/y", 80);
    at(&w, 31000);
    CHECK_STR(world_log(&w, ct), "hello\ntock\ntick\nlate\nasked\ntock\ntick\ntick\n");
    CHECK_UINT(count_records(&w, TRACE_OUTPUT), 3);
    cri_signal(w.cri, ct, VSIGTERM);
    at(&w, 40000);
    CHECK_UINT(count_records(&w, TRACE_OUTPUT_REPEATS), 2);
    CHECK_STR(world_log(&w, ct), "hello\ntock\ntick\nlate\nasked\ntock\ntick\ntick\n");
    world_fini(&w);
}

/* Whoever looks, and when, changes nothing. */
static void periodic_lines_cost_nothing_until_somebody_looks(void)
{
    struct world w;
    uint32_t ct = start(&w, "log: {text: tick, every: 1s}");
    at(&w, 2000);
    uint64_t before = sim_event_count(w.sim);
    at(&w, 86400000);
    CHECK_UINT(sim_event_count(w.sim) - before, 1); /* the test's own clock */
    CHECK_UINT(strlen(world_log(&w, ct)), 86400 * 5);
    at(&w, 90000000);
    CHECK_UINT(strlen(world_log(&w, ct)), 90000 * 5);
    world_fini(&w);
}

static void a_full_log_drops_what_comes(void)
{
    struct world w;
    uint32_t ct = start(&w, "log: {text: tick, every: 1ms}");
    at(&w, 200000);
    CHECK_UINT(strlen(world_log(&w, ct)), 100000 * 5);
    CHECK_UINT(count_records(&w, TRACE_DIAG), 1); /* that nobody knows the image */
    cri_end(w.cri);
    CHECK_UINT(count_records(&w, TRACE_DIAG), 2);
    world_fini(&w);
}

static void it_depends_on_another_service(void)
{
    struct world w;
    start(&w, "healthy: while service db has endpoints\nhttp:\n- {path: /cached, while: service db has no endpoints}\n"
              "- {path: /live}\n");
    w.names[0].fqdn = "db.default.svc.cluster.local";
    w.names[0].ip = "10.96.0.5";
    w.names[0].from = 10 * SIM_SECOND;
    w.name_count = 1;
    at(&w, 1000);
    CHECK_INT(get(&w, "/", 80).status, 503);
    CHECK_INT(health(&w, "").health, GRPC_NOT_SERVING);
    CHECK_INT(get(&w, "/live", 80).status, 200);
    CHECK_INT(get(&w, "/live", 80).lasts_until, SIM_TIME_MAX);
    CHECK_INT(get(&w, "/cached", 80).status, 200);
    at(&w, 10000);
    CHECK_INT(get(&w, "/", 80).status, 200);
    CHECK_INT(get(&w, "/", 80).lasts_until, 0); /* db may go at any time */
    CHECK_INT(health(&w, "").health, GRPC_SERVING);
    CHECK_INT(health(&w, "").lasts_until, 0);
    world_fini(&w);
}

static void annotations_come_after_the_scenario(void)
{
    struct world w;
    begin(&w, "startup: 5s");
    struct str_pair pairs[] = {
        {BEHAVIOUR_ANNOTATION, "{startup: 1s, exit: 2, run: 20s}"},
        {BEHAVIOUR_ANNOTATION ".main", "run: 10s"},
        {BEHAVIOUR_ANNOTATION ".other", "run: 1s"},
    };
    struct cri_sandbox_config config = {
        .pod_ordinal = 7, .namespace_ = "default", .name = "annotated", .ip = "10.244.1.9"};
    config.annotations.items = pairs;
    config.annotations.count = ARRAY_LEN(pairs);
    w.sandbox = cri_run_sandbox(w.cri, &config);
    uint32_t ct = run_of(&w, "example.com/app", 0);
    sim_time until;
    at(&w, 4000);
    CHECK_INT(cri_tcp_connect(w.cri, "10.244.1.9", 80, &until), NET_REFUSED);
    at(&w, 5000);
    CHECK_INT(cri_tcp_connect(w.cri, "10.244.1.9", 80, &until), NET_OK);
    at(&w, 20000);
    CHECK_INT(cri_container(w.cri, ct)->finished_at, 10 * SIM_SECOND);
    CHECK_INT(cri_container(w.cri, ct)->exit_code, 2);
    world_fini(&w);
}

static void an_image_has_a_behaviour_of_its_own_program(void)
{
    static const char text[] = "apiVersion: podsim.dev/v1\nkind: Scenario\nspec:\n  images:\n"
                               "  - name: mysql\n    behaviour: {run: 20s, exit: 3}\n"
                               "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: x}\n";
    const struct scenario_input input = {"s.yaml", text, sizeof text - 1};
    struct diag_set diags;
    struct scenario scenario;
    struct world w;
    diag_init(&diags);
    if (!CHECK_INT(scenario_load(&arena, &diags, &input, 1, NULL, NULL, &scenario), 0))
        return;
    world_init(&w);
    w.images = scenario.images;
    sim_time until;
    uint32_t own = run_of(&w, "mysql:8", 0), shell = world_sh(&w, "mysql:8", "sleep 100");
    at(&w, 11000);
    CHECK_INT(dial(&w, 3306, &until), NET_REFUSED); /* its start-up time and its port are still the image's */
    at(&w, 12000);
    CHECK_INT(dial(&w, 3306, &until), NET_OK);
    at(&w, 30000);
    CHECK_INT(cri_container(w.cri, own)->exit_code, 3);
    CHECK_INT(cri_container(w.cri, shell)->state, CRI_RUNNING);
    world_fini(&w);
    diag_fini(&diags);
}

static void a_run_can_be_saved_and_run_again(void)
{
    struct world w;
    struct arena_image saved;
    struct strbuf a = STRBUF_INIT, b = STRBUF_INIT;
    memset(&saved, 0, sizeof saved);
    start(&w,
          "{startup: {between: [1s, 9s]}, run: {around: 60s, spread: 5s}, log: [{text: t, every: 3s}], memory: 5Mi}");
    at(&w, 2000);
    sim_save(w.sim, &saved);
    for (int i = 0; i < 2; i++) {
        at(&w, 100000);
        world_print_trace(&w, i ? &b : &a);
        if (!i)
            sim_restore(w.sim, &saved);
    }
    CHECK_STR(strbuf_str(&b), strbuf_str(&a));
    arena_image_fini(&saved);
    strbuf_fini(&a);
    strbuf_fini(&b);
    world_fini(&w);
}

int main(void)
{
    static const struct tap_test tests[] = {
        TAP_TEST(it_runs_and_exits_by_restart),
        TAP_TEST(it_listens_once_it_has_started),
        TAP_TEST(ports_are_the_images_if_nothing_is_said),
        TAP_TEST(a_taken_port_ends_it),
        TAP_TEST(http_answers_are_a_function_of_time),
        TAP_TEST(an_answer_takes_its_time),
        TAP_TEST(an_answer_has_its_headers),
        TAP_TEST(connections_are_treated_as_is_said),
        TAP_TEST(grpc_health_is_per_service),
        TAP_TEST(commands_are_answered_or_really_run),
        TAP_TEST(signals_have_their_reactions),
        TAP_TEST(the_signal_that_stops_is_the_images),
        TAP_TEST(a_drain_serves_on_or_refuses),
        TAP_TEST(what_hangs_accepts_and_is_silent),
        TAP_TEST(it_crashes_at_a_time_or_on_a_request),
        TAP_TEST(each_request_leaks),
        TAP_TEST(use_is_laid_over_what_runs),
        TAP_TEST(lines_come_at_their_times),
        TAP_TEST(periodic_lines_cost_nothing_until_somebody_looks),
        TAP_TEST(a_full_log_drops_what_comes),
        TAP_TEST(it_depends_on_another_service),
        TAP_TEST(annotations_come_after_the_scenario),
        TAP_TEST(an_image_has_a_behaviour_of_its_own_program),
        TAP_TEST(a_run_can_be_saved_and_run_again),
    };
    arena_init(&arena, 0);
    int r = tap_run(tests, ARRAY_LEN(tests));
    arena_fini(&arena);
    return r;
}
