/* Behaviours: how they are read, when they hold, what is drawn, and what containers make of them. */
#include "model/behaviour.h"
#include "tests/unit/tap.h"

static struct arena arena;

static const char *messages(const struct diag_set *d)
{
    static struct strbuf b;
    strbuf_reset(&b);
    diag_print(d, &b, 0);
    return strbuf_str(&b);
}

static const struct behaviour *read(const char *text)
{
    struct diag_set diags;
    diag_init(&diags);
    const struct behaviour *b = behaviour_parse(&arena, &diags, text, NULL);
    if (!b)
        printf("# %s\n", messages(&diags));
    diag_fini(&diags);
    return b;
}

static void short_forms_stand_for_long_ones(void)
{
    const struct behaviour *b =
        read("startup: 5s\nlisten: 8080\nhttp: 503\ntcp: silent\ngrpc: NOT_SERVING\nexec: 1\nmemory: 20Mi\n"
             "log: hello\nstop: ignore\ncrash: 30s\n");
    if (!CHECK(b))
        return;
    CHECK_INT(b->startup->exactly, 5 * SIM_SECOND);
    CHECK_INT(b->listen.count, 1);
    CHECK_INT(b->listen.items[0], 8080);
    CHECK_INT(b->http.items[0].status.value, 503);
    CHECK_STR(b->tcp.items[0].answer, "silent");
    CHECK_STR(b->grpc.items[0].status, "NOT_SERVING");
    CHECK_INT(b->exec.items[0].exit.value, 1);
    CHECK_INT(quantity_value(&b->memory.items[0].use), 20 << 20);
    CHECK_STR(b->log.items[0].text, "hello");
    CHECK_STR(b->stop->action, "ignore");
    CHECK_INT(b->crash.items[0].at->exactly, 30 * SIM_SECOND);
}

static void lists_and_maps_are_taken_as_well(void)
{
    const struct behaviour *b = read("startup: {between: [5s, 20]}\nlisten: [80, 81]\n"
                                     "http:\n- 500\n- {path: /x, latency: {oneOf: [1s, 2s]}}\n");
    if (!CHECK(b))
        return;
    CHECK_INT(b->startup->between.items[1].time, 20 * SIM_SECOND);
    CHECK_INT(b->listen.items[1], 81);
    CHECK_INT(b->http.count, 2);
    CHECK_STR(b->http.items[1].path, "/x");
    CHECK_INT(b->http.items[1].latency->one_of.count, 2);
}

static void commands_are_words_or_a_line(void)
{
    const struct behaviour *b = read("exec:\n- {command: cat /tmp/x}\n- {command: [cat, /tmp/x]}\n");
    if (!CHECK(b))
        return;
    CHECK_INT(b->exec.items[0].command.count, 1);
    CHECK_STR(b->exec.items[0].command.items[0], "cat /tmp/x");
    CHECK_INT(b->exec.items[1].command.count, 2);
}

/* Editors are told of both forms. */
static void the_schema_has_the_short_forms(void)
{
    const struct api_type *const roots[] = {&behaviour_type};
    struct strbuf b = STRBUF_INIT;
    api_write_schema(roots, 1, &b);
    CHECK_CONTAINS(strbuf_str(&b), "\"http\": {\"description\": \"Answers to HTTP requests.\", \"anyOf\": [{\"$ref\": "
                                   "\"#/definitions/BehaviourHTTP\"}, {\"type\": \"array\", \"items\": {\"$ref\": "
                                   "\"#/definitions/BehaviourHTTP\"}}]}");
    CHECK_CONTAINS(strbuf_str(&b), "\"listen\": {\"description\": \"Ports");
    CHECK_CONTAINS(strbuf_str(&b), "\"anyOf\": [{\"type\": [\"integer\", \"string\"], \"pattern\": ");
    const char *time = strstr(strbuf_str(&b), "\"BehaviourTime\": {");
    if (CHECK(time))
        CHECK_CONTAINS(time, "\"anyOf\": [{\"type\": [\"string\", \"number\"], \"pattern\": \"^(-?");
    strbuf_fini(&b);
}

/* A mistake is told at the value that is wrong, short or long. */
static void mistakes_stand_where_they_are(void)
{
    static const struct {
        const char *text;
        uint32_t line, column;
    } rows[] = {
        {"startup: -5s", 1, 10},
        {"startup:\n  exactly: -5s", 2, 12},
        {"http:\n  path: /x\n  status: 5", 3, 11},
        {"http:\n- {path: /x, status: 5}", 2, 22},
        {"http: 5", 1, 7},
        {"listen: [80, 0]", 1, 14},
        {"listen: 0", 1, 9},
        {"hang: {between: [1s, -1s]}", 1, 22},
        {"runs:\n- exit: 1\n- stop: drain", 3, 9},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct diag_set diags;
        struct document_list docs;
        struct behaviour b;
        diag_init(&diags);
        tap_row("%s", rows[i].text);
        value_parse(&arena, &diags, "b", rows[i].text, strlen(rows[i].text), &docs);
        api_decode(&behaviour_type, &arena, &diags, "", docs.items[0].root, &b);
        api_validate(&behaviour_type, &arena, &diags, "", docs.items[0].root, &b);
        if (CHECK(diags.diags.count > 0)) {
            const struct diag *d = pool_at(&diags.diags, 0);
            CHECK_INT(d->at.line, rows[i].line);
            CHECK_INT(d->at.column, rows[i].column);
        }
        diag_fini(&diags);
    }
}

static void spans(void)
{
    static const struct {
        const char *text;
        int64_t at_ms;
        bool holds;
        int64_t change_ms; /* -1: none */
    } rows[] = {
        {"{}", 0, true, -1},
        {"{from: 10s}", 0, false, 10000},
        {"{from: 10s}", 10000, true, -1},
        {"{until: 10s}", 9999, true, 10000},
        {"{until: 10s}", 10000, false, -1},
        {"{from: 10s, until: 20s}", 0, false, 10000},
        {"{from: 10s, until: 20s}", 15000, true, 20000},
        {"{from: 10s, until: 20s}", 20000, false, -1},
        {"{from: 10s, for: 5s}", 12000, true, 15000},
        {"{from: 10s, for: 5s}", 15000, false, -1},
        {"{for: 5s}", 0, true, 5000},
        {"{every: 60s, for: 10s}", 0, false, 60000},
        {"{every: 60s, for: 10s}", 60000, true, 70000},
        {"{every: 60s, for: 10s}", 69999, true, 70000},
        {"{every: 60s, for: 10s}", 70000, false, 120000},
        {"{every: 60s, for: 10s}", 3600000, true, 3610000},
        {"{every: 60s, for: 10s, from: 5s}", 0, false, 5000},
        {"{every: 60s, for: 10s, from: 5s}", 5000, true, 15000},
        {"{every: 60s, for: 10s, from: 5s}", 15000, false, 65000},
        {"{every: 60s, for: 10s, from: 0s, until: 65s}", 61000, true, 65000},
        {"{every: 60s, for: 10s, from: 0s, until: 65s}", 65000, false, -1},
        {"{every: 60s, for: 10s, from: 0s, until: 65s}", 20000, false, 60000},
        {"{every: 60s, for: 10s, until: 60s}", 0, false, -1},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char text[200];
        snprintf(text, sizeof text, "tcp: {answer: open, %s", rows[i].text + 1);
        const struct behaviour *b = read(text);
        if (!CHECK(b))
            continue;
        sim_time until;
        bool holds = span_holds(&b->tcp.items[0].when, rows[i].at_ms * SIM_MS, &until);
        sim_time change = rows[i].change_ms < 0 ? SIM_TIME_MAX : rows[i].change_ms * SIM_MS - 1;
        if (!CHECK_INT(holds, rows[i].holds) || !CHECK_INT(until, change))
            printf("# %s at %lld ms\n", rows[i].text, (long long)rows[i].at_ms);
    }
}

/* What span_holds() promises is what it answers at every instant up to then. */
static void spans_keep_their_word(void)
{
    static const char *const texts[] = {"{answer: open, every: 7s, for: 3s}",
                                        "{answer: open, every: 7s, for: 3s, from: 2s, until: 31s}",
                                        "{answer: open, from: 4s, until: 9s}", "{answer: open, from: 4s, for: 9s}"};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        const struct behaviour *b = read(arena_printf(&arena, "tcp: %s", texts[i]));
        const struct behaviour_span *s = &b->tcp.items[0].when;
        sim_time promised = -1;
        bool last = false;
        for (sim_time t = 0; t < 60 * SIM_SECOND; t += 100 * SIM_MS) {
            sim_time until;
            bool holds = span_holds(s, t, &until);
            CHECK(until >= t);
            if (t <= promised && t > 0)
                CHECK_INT(holds, last);
            else if (t > 0)
                CHECK_INT(holds, !last);
            promised = until;
            last = holds;
        }
    }
}

static void draws_are_keyed(void)
{
    const struct behaviour *b = read("startup: {between: [5s, 20s]}\nrun: {around: 60s, spread: 5s}\n"
                                     "hang: {oneOf: [1s, 2s, 3s]}\n");
    struct behaviour_key web = behaviour_key(7, "default", "web", "app"), db = behaviour_key(7, "default", "db", "app");
    int64_t sum = 0, squares = 0, distinct = 0, seen[4] = {0};
    sim_time before = -1;
    enum { N = 2000 };
    for (uint32_t n = 0; n < N; n++) {
        sim_time t = behaviour_draw(b->startup, web, DRAW_STARTUP, n), r = behaviour_draw(b->run, web, DRAW_RUN, n);
        CHECK(t >= 5 * SIM_SECOND && t <= 20 * SIM_SECOND);
        CHECK(t % SIM_MS == 0);
        CHECK_INT(t, behaviour_draw(b->startup, web, DRAW_STARTUP, n));
        distinct += t != before && t != behaviour_draw(b->startup, db, DRAW_STARTUP, n);
        before = t;
        int64_t d = r / SIM_MS - 60000;
        sum += d;
        squares += d * d;
        seen[behaviour_draw(b->hang, web, DRAW_HANG, n) / SIM_SECOND]++;
    }
    CHECK(distinct > N - 10);
    CHECK(sum / N > -400 && sum / N < 400);
    CHECK(squares / N > 20000000 && squares / N < 30000000); /* (5 s)^2 = 25e6 ms^2 */
    CHECK(seen[1] > N / 4 && seen[2] > N / 4 && seen[3] > N / 4);
}

static void runs_overrule_what_stands_beside_them(void)
{
    const struct behaviour *b = read("startup: 3s\nexit: 1\nruns:\n- run: 5s\n- {run: 1h, exit: 0}\n");
    struct behaviour first = behaviour_of_run(b, 0), second = behaviour_of_run(b, 1), ninth = behaviour_of_run(b, 8);
    CHECK_INT(first.startup->exactly, 3 * SIM_SECOND);
    CHECK_INT(first.run->exactly, 5 * SIM_SECOND);
    CHECK_INT(first.exit.value, 1);
    CHECK_INT(second.exit.value, 0);
    CHECK_INT(ninth.run->exactly, 3600 * SIM_SECOND);
}

static void conditions(void)
{
    struct behaviour_condition c;
    CHECK(behaviour_condition("while service db has endpoints", &c));
    CHECK_STR(c.service, "db");
    CHECK(!c.none && !*c.namespace_);
    CHECK(behaviour_condition("service shop/db has no endpoints", &c));
    CHECK_STR(c.namespace_, "shop");
    CHECK(c.none);
    static const char *const bad[] = {
        "", "db", "service db", "service db has", "service", "service / has endpoints", "service db has endpoints now"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        CHECK(!behaviour_condition(bad[i], &c));
}

static void what_is_laid_over_replaces_nothing(void)
{
    CHECK(!behaviour_is_program(read("{memory: 20Mi, cpu: 100m, exec: 0, log: hello}")));
    CHECK(behaviour_is_program(read("{log: {text: hello, onRequest: /}}")));
    CHECK(behaviour_is_program(read("run: 5s")));
    CHECK(behaviour_is_program(read("http: 200")));
}

int main(void)
{
    arena_init(&arena, 0);
    static const struct tap_test tests[] = {
        TAP_TEST(short_forms_stand_for_long_ones),
        TAP_TEST(lists_and_maps_are_taken_as_well),
        TAP_TEST(commands_are_words_or_a_line),
        TAP_TEST(the_schema_has_the_short_forms),
        TAP_TEST(mistakes_stand_where_they_are),
        TAP_TEST(spans),
        TAP_TEST(spans_keep_their_word),
        TAP_TEST(draws_are_keyed),
        TAP_TEST(runs_overrule_what_stands_beside_them),
        TAP_TEST(conditions),
        TAP_TEST(what_is_laid_over_replaces_nothing),
    };
    return tap_run(tests, ARRAY_LEN(tests));
}
