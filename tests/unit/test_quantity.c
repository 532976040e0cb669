/* test_quantity.c - resource.Quantity: what is accepted, what it means, how it is printed. */
#include "model/quantity.h"
#include "sim/arena.h"
#include "tests/unit/tap.h"

static struct arena arena;

static void canonical_text_and_values(void)
{
    static const struct {
        const char *text, *canonical;
        int64_t value, milli;
    } rows[] = {
        {"0", "0", 0, 0},
        {"0.0Gi", "0", 0, 0},
        {"1", "1", 1, 1000},
        {"+1", "1", 1, 1000},
        {"-1", "-1", -1, -1000},
        {"0.5", "500m", 1, 500},
        {".5", "500m", 1, 500},
        {"5.", "5", 5, 5000},
        {"1000m", "1", 1, 1000},
        {"1500m", "1500m", 2, 1500},
        {"-1500m", "-1500m", -1, -1500},
        {"2000", "2k", 2000, 2000000},
        {"1e3", "1e3", 1000, 1000000},
        {"1E3", "1e3", 1000, 1000000},
        {"1E", "1E", INT64_C(1000000000000000000), INT64_MAX},
        {"12e-1", "1200e-3", 2, 1200},
        {"1Ki", "1Ki", 1024, 1024000},
        {"1.5Gi", "1536Mi", INT64_C(1610612736), INT64_C(1610612736000)},
        {"1024Mi", "1Gi", INT64_C(1073741824), INT64_C(1073741824000)},
        {"0.5Ki", "512", 512, 512000},
        {"0.1Ki", "102400m", 103, 102400},
        {"128974848", "128974848", 128974848, INT64_C(128974848000)},
        {"129e6", "129e6", 129000000, INT64_C(129000000000)},
        {"123Mi", "123Mi", 128974848, INT64_C(128974848000)},
        {"100u", "100u", 1, 1},
        {"1n", "1n", 1, 1},
        {"0.1n", "1n", 1, 1},
        {"-0.1n", "-1n", 0, 0},
        {"1.0000000001", "1000000001n", 2, 1001},
        {"8Ei", "9223372036854775807", INT64_MAX, INT64_MAX},
        {"9223372036854775807", "9223372036854775807", INT64_MAX, INT64_MAX},
        {"100E", "100E", INT64_MAX, INT64_MAX},
        {"1e99999", "1e99999", INT64_MAX, INT64_MAX},
        {"1e-99999", "1e-9", 1, 1},
        {"0e99999", "0", 0, 0},
        {"000000000000000000000000000000000000000000001", "1", 1, 1000},
        {"1.000000000000000000000000000000000000000000", "1", 1, 1000},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        tap_row("%s", rows[i].text);
        struct quantity q, again;
        if (!CHECK_STR(quantity_parse(&arena, rows[i].text, &q), NULL))
            continue;
        CHECK_STR(q.text, rows[i].canonical);
        CHECK_INT(quantity_value(&q), rows[i].value);
        CHECK_INT(quantity_milli(&q), rows[i].milli);
        CHECK_STR(quantity_parse(&arena, q.text, &again), NULL);
        CHECK_STR(again.text, q.text);
        CHECK_INT(quantity_compare(&q, &again), 0);
    }
}

static void malformed_quantities_are_refused_in_the_api_servers_words(void)
{
    static const char shape[] =
        "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
    static const char number[] = "unable to parse numeric part of quantity",
                      suffix[] = "unable to parse quantity's suffix";
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"", shape},         {" 1", shape},   {"1 Gi", shape},  {"1Gb", shape},  {"0x10", shape},
        {"1,5", shape},      {"abc", shape},  {"1.5.5", shape}, {"Ki", number},  {".", number},
        {"-", number},       {"1K", suffix},  {"1gi", shape},   {"1KiB", shape}, {"1eE", suffix},
        {"1e", suffix},      {"1mi", suffix}, {"1e+", suffix},  {"1--1", shape}, {"1m5", suffix},
        {"\xc3\xa9", shape},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        tap_row("%s", rows[i].text);
        struct quantity q;
        CHECK_STR(quantity_parse(&arena, rows[i].text, &q), rows[i].want);
    }
}

static struct quantity parse(const char *text)
{
    struct quantity q = {0};
    quantity_parse(&arena, text, &q);
    return q;
}

static void sums_are_exact(void)
{
    static const struct {
        const char *a, *b, *sum;
    } rows[] = {
        {"0.1", "0.2", "300m"},
        {"100m", "1", "1100m"},
        {"1Gi", "512Mi", "1536Mi"},
        {"-1", "0.25", "-750m"},
        {"-0.5", "-0.5", "-1"},
        {"1n", "-1n", "0"},
        {"9223372036854775807", "1", "9223372036854775807"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        tap_row("%s + %s", rows[i].a, rows[i].b);
        struct quantity a = parse(rows[i].a), b = parse(rows[i].b), sum = quantity_add(&arena, &a, &b);
        CHECK_STR(sum.text, rows[i].sum);
    }
}

static void order_and_sign(void)
{
    static const char *const rising[] = {"-2",   "-1500m", "-1",    "-1n", "0",    "1n", "1m",
                                         "999m", "1",      "1001m", "1Ki", "1.1k", "1Mi"};
    for (size_t i = 0; i < ARRAY_LEN(rising); i++) {
        for (size_t k = 0; k < ARRAY_LEN(rising); k++) {
            tap_row("%s, %s", rising[i], rising[k]);
            struct quantity a = parse(rising[i]), b = parse(rising[k]);
            CHECK_INT(quantity_compare(&a, &b), (i > k) - (i < k));
        }
        struct quantity q = parse(rising[i]);
        CHECK_INT(quantity_sign(&q), (i > 4) - (i < 4));
    }
}

static void amounts_finer_than_a_thousandth_are_rounded_up(void)
{
    struct quantity fine = parse("100u"), coarse = parse("1500m");
    CHECK_STR(quantity_round_up_milli(&arena, &fine).text, "1m");
    CHECK_STR(quantity_round_up_milli(&arena, &coarse).text, "1500m");
    CHECK_STR(quantity_from_milli(&arena, -1, QUANTITY_DECIMAL).text, "-1m");
    CHECK_STR(quantity_from_value(&arena, 3 << 20, QUANTITY_BINARY).text, "3Mi");
}

int main(void)
{
    static const struct tap_test tests[] = {
        TAP_TEST(canonical_text_and_values),
        TAP_TEST(malformed_quantities_are_refused_in_the_api_servers_words),
        TAP_TEST(sums_are_exact),
        TAP_TEST(order_and_sign),
        TAP_TEST(amounts_finer_than_a_thousandth_are_rounded_up),
    };
    arena_init(&arena, 0);
    int failed = tap_run(tests, ARRAY_LEN(tests));
    arena_fini(&arena);
    return failed;
}
