/* Node-pressure eviction: thresholds, ranks, texts. Pure functions, a row per rule. */
#include <string.h>

#include "model/eviction.h"
#include "tests/unit/tap.h"

static struct arena arena;

static void amounts_are_quantities_or_percentages(void)
{
    static const struct {
        const char *text;
        int64_t capacity, want; /* -1: refused */
    } rows[] = {
        {"100Mi", 0, INT64_C(100) << 20},
        {"5", 1000, 5},
        {"50%", 1000, 500},
        /* as 32-bit floating point has it: a tenth is a bit more than a tenth */
        {"10%", INT64_C(100) << 30, INT64_C(10737418400)},
        {"15%", INT64_C(100) << 30, INT64_C(16106128000)},
        {"12.5%", 800, 100},
        {"0%", 1000, 0},
        {"100%", 1000, 1000},
        {"101%", 0, -1},
        {"%", 0, -1},
        {"-5Mi", 0, -1},
        {"a lot", 0, -1},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct eviction_amount a;
        tap_row("%s", rows[i].text);
        int bad = eviction_amount_parse(&arena, rows[i].text, &a);
        CHECK_INT(bad < 0 ? -1 : eviction_amount_of(&a, rows[i].capacity), rows[i].want);
    }
}

static void thresholds_come_from_the_configuration(void)
{
    struct kubelet_config c = {0};
    struct eviction_threshold t[THRESHOLDS_MAX];
    tap_row("defaults");
    CHECK_INT(eviction_thresholds(&arena, &c, t), 5);
    CHECK_INT(t[0].signal, SIGNAL_MEMORY);
    CHECK_INT(t[0].value.value, INT64_C(100) << 20);
    CHECK_INT(t[0].hard, true);

    tap_row("given ones replace them; 0 percent is off");
    struct str_pair hard[] = {{"memory.available", "200Mi"}, {"nodefs.available", "0%"}};
    struct str_pair soft[] = {{"memory.available", "1Gi"}}, grace[] = {{"memory.available", "1m30s"}};
    struct str_pair reclaim[] = {{"memory.available", "50Mi"}};
    c.eviction_hard.items = hard;
    c.eviction_hard.count = 2;
    c.eviction_soft.items = soft;
    c.eviction_soft.count = 1;
    c.eviction_soft_grace_period.items = grace;
    c.eviction_soft_grace_period.count = 1;
    c.eviction_minimum_reclaim.items = reclaim;
    c.eviction_minimum_reclaim.count = 1;
    CHECK_INT(eviction_thresholds(&arena, &c, t), 2);
    CHECK_INT(t[0].hard, true);
    CHECK_INT(t[1].hard, false);
    CHECK_INT(t[1].grace_period, 90 * SIM_SECOND);

    tap_row("met below, not at, the threshold; relieved beyond the minimum reclaim");
    const int64_t mi = 1 << 20;
    CHECK(threshold_met(&t[0], &(struct observation){200 * mi - 1, 1}, false));
    CHECK(!threshold_met(&t[0], &(struct observation){200 * mi, 1}, false));
    CHECK(threshold_met(&t[0], &(struct observation){250 * mi - 1, 1}, true));
    CHECK(!threshold_met(&t[0], &(struct observation){250 * mi, 1}, true));
}

static void pods_are_ranked(void)
{
    static const struct {
        const char *name;
        enum eviction_signal signal;
        struct eviction_candidate first, second;
    } rows[] = {
        {"who uses more than requested, whatever the priority",
         SIGNAL_MEMORY,
         {.priority = 100, .usage = 11, .request = 10},
         {.priority = 0, .usage = 10, .request = 10}},
        {"then the lower priority, whatever the use",
         SIGNAL_MEMORY,
         {.priority = 0, .usage = 11, .request = 10},
         {.priority = 1, .usage = 500, .request = 10}},
        {"then who is further beyond the request",
         SIGNAL_MEMORY,
         {.usage = 100, .request = 0},
         {.usage = 1000, .request = 950}},
        {"below the request, who is closer to it",
         SIGNAL_MEMORY,
         {.usage = 100, .request = 110},
         {.usage = 100, .request = 200}},
        {"disk like memory",
         SIGNAL_NODEFS,
         {.priority = 7, .usage = 11, .request = 10},
         {.priority = 0, .usage = 10, .request = 10}},
        {"process ids: the lower priority first",
         SIGNAL_PID,
         {.priority = 0, .usage = 1},
         {.priority = 1, .usage = 900}},
        {"process ids: then who has more", SIGNAL_PID, {.usage = 9}, {.usage = 8}},
        {"equal: the older one", SIGNAL_MEMORY, {.kpod = 1, .usage = 5}, {.kpod = 2, .usage = 5}},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct eviction_candidate list[] = {rows[i].second, rows[i].first};
        struct pod first, second;
        list[0].pod = &second;
        list[1].pod = &first;
        tap_row(rows[i].name);
        eviction_rank(rows[i].signal, list, 2);
        CHECK(list[0].pod == &first);
    }
}

static void messages_name_what_was_used(void)
{
    struct eviction_threshold t = {.signal = SIGNAL_MEMORY, .value = {true, false, INT64_C(100) << 20}};
    struct container_usage use[] = {{.name = "app", .usage = INT64_C(900) << 20}, {.name = "side", .usage = 5 << 20}};
    quantity_parse(&arena, "100Mi", &use[0].request);
    quantity_parse(&arena, "10Mi", &use[1].request);
    CHECK_STR(eviction_message(&arena, &t, &(struct observation){INT64_C(85) << 20, 0}, use, 2),
              "The node was low on resource: memory. Threshold quantity: 100Mi, available: 85Mi. "
              "Container app was using 900Mi, request is 100Mi, has larger consumption of memory. ");
    t.signal = SIGNAL_PID;
    t.value.value = 1000;
    CHECK_STR(eviction_message(&arena, &t, &(struct observation){12, 0}, use, 2),
              "The node was low on resource: pids. Threshold quantity: 1k, available: 12. ");
}

int main(void)
{
    static const struct tap_test tests[] = {
        TAP_TEST(amounts_are_quantities_or_percentages),
        TAP_TEST(thresholds_come_from_the_configuration),
        TAP_TEST(pods_are_ranked),
        TAP_TEST(messages_name_what_was_used),
    };
    arena_init(&arena, 0);
    int code = tap_run(tests, ARRAY_LEN(tests));
    arena_fini(&arena);
    return code;
}
