/* Node-pressure eviction: thresholds, ranks, texts. Pure functions, a row per rule. */
#include <string.h>

#include "model/eviction.h"
#include "model/image_gc.h"
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
    CHECK_INT(eviction_thresholds(&arena, &c, t), 6);
    CHECK_INT(t[0].signal, SIGNAL_MEMORY);
    CHECK_INT(t[0].value.value, INT64_C(100) << 20);
    CHECK_INT(t[0].hard, true);
    CHECK_INT(t[5].signal, SIGNAL_ALLOCATABLE_MEMORY);
    CHECK_INT(t[5].value.value, INT64_C(100) << 20);

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
    CHECK_INT(eviction_thresholds(&arena, &c, t), 3);
    CHECK_INT(t[0].hard, true);
    CHECK_INT(t[1].hard, false);
    CHECK_INT(t[1].grace_period, 90 * SIM_SECOND);

    tap_row("hard ones of memory hold for the pods' cgroup too, soft ones do not; its limit may be not enforced");
    CHECK_INT(t[2].signal, SIGNAL_ALLOCATABLE_MEMORY);
    CHECK_INT(t[2].value.value, INT64_C(200) << 20);
    CHECK_INT(t[2].min_reclaim.value, INT64_C(50) << 20);
    const char *none[] = {"none"}, *some[] = {"kube-reserved", "pods"};
    c.enforce_node_allocatable.items = none;
    c.enforce_node_allocatable.count = 1;
    CHECK_INT(eviction_thresholds(&arena, &c, t), 2);
    c.enforce_node_allocatable.items = some;
    c.enforce_node_allocatable.count = 2;
    CHECK_INT(eviction_thresholds(&arena, &c, t), 3);

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
        tap_row("%s", rows[i].name);
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

/* 10 GiB, of which 1 GiB is available, and so on. */
static void images_are_collected_from_high_to_low(void)
{
    const int64_t gi = INT64_C(1) << 30;
    static const struct {
        const char *name;
        int64_t capacity, available, high, low, want;
    } rows[] = {
        {"used to the high threshold", 1000, 150, 85, 80, 50},
        {"15.9% available count as 15%", 1000, 159, 85, 80, 41},
        {"16% available are too much", 1000, 160, 85, 80, 0},
        {"full", 1000, 0, 85, 80, 200},
        {"down to what is available already", 1000, 500, 40, 60, -100},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        tap_row("%s", rows[i].name);
        CHECK_INT(image_gc_amount(rows[i].capacity, rows[i].available, rows[i].high, rows[i].low), rows[i].want);
        CHECK_INT(rows[i].available < image_gc_level(rows[i].capacity, rows[i].high), rows[i].want != 0);
    }
    tap_row("what is said when it is not enough");
    CHECK_STR(image_gc_message(&arena, false, 10 * gi, gi, 77, 5),
              "Failed to garbage collect required amount of images. Attempted to free 77 bytes, but only found 5 bytes "
              "eligible to free.");
    CHECK_STR(
        image_gc_message(&arena, true, 10 * gi + gi / 4, gi, 77, 5),
        "Insufficient free disk space on the node's image filesystem (91% of 10.3 GiB used). Failed to free "
        "sufficient space by deleting unused images (freed 5 bytes). Investigate disk usage, as it could be used by "
        "active images, logs, volumes, or other data.");
}

static void images_go_in_order(void)
{
    const sim_time now = 1000 * SIM_SECOND, old = 0, age = 120 * SIM_SECOND;
    static const struct {
        const char *name;
        int64_t bytes, freed;
        uint32_t chosen; /* 1 << record */
    } rows[] = {
        {"one is enough: the one that was never used", 10, 100, 1 << 2},
        {"two: then the one that was used longest ago", 150, 300, 1 << 2 | 1 << 1},
        {"all, but the one in use and the one of 119 s", INT64_MAX, 700, 1 << 2 | 1 << 1 | 1 << 4},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct gc_image list[] = {
            {0, 1000, old, now, true, false},                          /* in use */
            {1, 200, old, 300 * SIM_SECOND, false, false},             /* used, long ago */
            {2, 100, old, SIM_NEVER, false, false},                    /* never used */
            {3, 800, now - age + SIM_SECOND, SIM_NEVER, false, false}, /* young */
            {4, 400, now - age, 600 * SIM_SECOND, false, false},       /* as old as it takes */
        };
        uint32_t chosen = 0;
        tap_row("%s", rows[i].name);
        CHECK_INT(image_gc_choose(list, ARRAY_LEN(list), rows[i].bytes, now, age), rows[i].freed);
        for (size_t n = 0; n < ARRAY_LEN(list); n++)
            chosen |= list[n].chosen ? 1u << list[n].record : 0;
        CHECK_INT(chosen, rows[i].chosen);
    }
}

int main(void)
{
    static const struct tap_test tests[] = {
        TAP_TEST(amounts_are_quantities_or_percentages),
        TAP_TEST(thresholds_come_from_the_configuration),
        TAP_TEST(pods_are_ranked),
        TAP_TEST(messages_name_what_was_used),
        TAP_TEST(images_are_collected_from_high_to_low),
        TAP_TEST(images_go_in_order),
    };
    arena_init(&arena, 0);
    int code = tap_run(tests, ARRAY_LEN(tests));
    arena_fini(&arena);
    return code;
}
