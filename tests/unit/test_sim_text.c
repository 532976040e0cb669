/* Numbers, durations, dates and JSON strings as text, and durations back. */
#include "sim/strbuf.h"

#include "tests/unit/tap.h"

#include <stdlib.h>

static void appending_keeps_everything_and_a_nul(void)
{
    struct strbuf b = STRBUF_INIT;
    CHECK_STR(strbuf_str(&b), "");
    for (int i = 0; i < 1000; i++)
        strbuf_add(&b, "0123456789", 10);
    CHECK_UINT(b.len, 10000);
    CHECK_UINT(strlen(strbuf_str(&b)), 10000);
    strbuf_reset(&b);
    CHECK_STR(strbuf_str(&b), "");
    strbuf_puts(&b, "ab");
    strbuf_putc(&b, 'c');
    strbuf_fill(&b, '.', 3);
    strbuf_fill(&b, '!', 0);
    strbuf_printf(&b, "%s=%d", "x", 7);
    CHECK_STR(strbuf_str(&b), "abc...x=7");
    strbuf_fini(&b);
    CHECK_STR(strbuf_str(&b), "");
    strbuf_fini(&b);
    strbuf_fini(NULL);
}

static void printf_grows_for_long_results(void)
{
    struct strbuf b = STRBUF_INIT;
    strbuf_printf(&b, "%0500d", 1);
    CHECK_UINT(b.len, 500);
    CHECK(b.data[499] == '1');
    strbuf_fini(&b);
}

static void integers_print_at_both_ends(void)
{
    struct strbuf b = STRBUF_INIT;
    static const int64_t values[] = {0, -1, 10, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < ARRAY_LEN(values); i++) {
        strbuf_int(&b, values[i]);
        strbuf_putc(&b, ' ');
    }
    CHECK_STR(strbuf_str(&b), "0 -1 10 9223372036854775807 -9223372036854775808 ");
    strbuf_fini(&b);
}

static void json_escapes_what_json_must(void)
{
    static const struct {
        const char *in, *want;
    } rows[] = {
        {"", "\"\""},
        {"plain text", "\"plain text\""},
        {"say \"hi\" \\ there", "\"say \\\"hi\\\" \\\\ there\""},
        {"a\nb\tc\rd\be\f", "\"a\\nb\\tc\\rd\\be\\f\""},
        {"\x01\x1b[0m\x7f", "\"\\u0001\\u001b[0m\\u007f\""},
        {"gr\xc3\xbc\xc3\x9f", "\"gr\xc3\xbc\xc3\x9f\""},
        {"\xe2\x82\xac \xf0\x9f\x98\x80", "\"\xe2\x82\xac \xf0\x9f\x98\x80\""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct strbuf b = STRBUF_INIT;
        strbuf_json(&b, rows[i].in);
        CHECK_STR(strbuf_str(&b), rows[i].want);
        strbuf_fini(&b);
    }
}

static void json_replaces_bytes_that_are_not_utf8(void)
{
#define BAD "\xef\xbf\xbd"
    static const struct {
        const char *name, *in, *want;
    } rows[] = {
        {"lone continuation", "a\x80z", "\"a" BAD "z\""},
        {"cut short", "a\xe2\x82", "\"a" BAD BAD "\""},
        {"overlong slash", "\xc0\xaf", "\"" BAD BAD "\""},
        {"overlong euro", "\xf0\x82\x82\xac", "\"" BAD BAD BAD BAD "\""},
        {"surrogate", "\xed\xa0\x80", "\"" BAD BAD BAD "\""},
        {"beyond U+10FFFF", "\xf4\x90\x80\x80", "\"" BAD BAD BAD BAD "\""},
        {"never in UTF-8", "\xff", "\"" BAD "\""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct strbuf b = STRBUF_INIT;
        tap_row("%s", rows[i].name);
        strbuf_json(&b, rows[i].in);
        CHECK_STR(strbuf_str(&b), rows[i].want);
        strbuf_fini(&b);
    }
}

static void seconds_are_cut_not_rounded(void)
{
    static const struct {
        sim_time t;
        int fixed;
        const char *want;
    } rows[] = {
        {0, 0, "0.0"},
        {12 * SIM_SECOND + 500 * SIM_MS, 0, "12.5"},
        {12 * SIM_SECOND + 500 * SIM_MS, 3, "12.500"},
        {5 * SIM_SECOND, 0, "5.0"},
        {1, 0, "0.000000001"},
        {SIM_SECOND - 1, 3, "0.999"},
        {SIM_SECOND - 1, 9, "0.999999999"},
        {-1500 * SIM_MS, 0, "-1.5"},
        {-1, 3, "0.000"},
        {SIM_TIME_MAX, 3, "9223372036.854"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct strbuf b = STRBUF_INIT;
        strbuf_seconds(&b, rows[i].t, rows[i].fixed);
        CHECK_STR(strbuf_str(&b), rows[i].want);
        strbuf_fini(&b);
    }
}

/* Expected texts as Go's time.Duration.String() gives them (time/example_test.go, time_test.go). */
static void durations_print_as_in_go(void)
{
    static const struct {
        sim_time d;
        const char *want;
    } rows[] = {
        {0, "0s"},
        {1, "1ns"},
        {1100, "1.1\xc2\xb5s"},
        {2200000, "2.2ms"},
        {350 * SIM_MS, "350ms"},
        {1500 * SIM_MS, "1.5s"},
        {3300 * SIM_MS, "3.3s"},
        {60 * SIM_SECOND, "1m0s"},
        {62 * SIM_SECOND + 500 * SIM_MS, "1m2.5s"},
        {4 * 60 * SIM_SECOND + 5 * SIM_SECOND, "4m5s"},
        {4 * 60 * SIM_SECOND + 5001 * SIM_MS, "4m5.001s"},
        {7200 * SIM_SECOND, "2h0m0s"},
        {5 * 3600 * SIM_SECOND + 6 * 60 * SIM_SECOND + 7001 * SIM_MS, "5h6m7.001s"},
        {8 * 60 * SIM_SECOND + 1, "8m0.000000001s"},
        {-1500 * SIM_MS, "-1.5s"},
        {INT64_MAX, "2562047h47m16.854775807s"},
        {INT64_MIN, "-2562047h47m16.854775808s"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct strbuf b = STRBUF_INIT;
        strbuf_go_duration(&b, rows[i].d);
        CHECK_STR(strbuf_str(&b), rows[i].want);
        strbuf_fini(&b);
    }
}

static void durations_parse_without_floating_point(void)
{
    static const struct {
        const char *in;
        sim_time want;
    } rows[] = {
        {"0", 0},
        {"90", 90 * SIM_SECOND},
        {"1.5", 1500 * SIM_MS},
        {"1.5s", 1500 * SIM_MS},
        {"+5s", 5 * SIM_SECOND},
        {"-1s", -SIM_SECOND},
        {"-0.5h", -1800 * SIM_SECOND},
        {"10m", 600 * SIM_SECOND},
        {"1h30m", 5400 * SIM_SECOND},
        {"250ms", 250 * SIM_MS},
        {"1m250ms", 60 * SIM_SECOND + 250 * SIM_MS},
        {"10us", 10 * SIM_US},
        {"10\xc2\xb5s", 10 * SIM_US},
        {"10\xce\xbcs", 10 * SIM_US},
        {"7ns", 7},
        {".5s", 500 * SIM_MS},
        {"5.s", 5 * SIM_SECOND},
        {"0.1s", 100 * SIM_MS},
        {"0.3333333333333333333h", 1199999999999},
        {"1.9999999999s", 1999999999},
        {"9223372036854775807ns", INT64_MAX},
        {"-9223372036854775807ns", -INT64_MAX},
        {"2562047h47m16.854775807s", INT64_MAX},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        sim_time d = -7;
        tap_row("%s", rows[i].in);
        CHECK_INT(sim_parse_duration(rows[i].in, &d), 0);
        CHECK_INT(d, rows[i].want);
    }
}

static void bad_durations_are_refused(void)
{
    static const char *const rows[] = {
        "",      "-",   "s",     ".",    ".s",  "5 s",  " 5s", "5s ",
        "1h30",  "1.x", "1.2.3", "+-5s", "5d",  "1e3s", "1,5s", "0x10s",
        "9223372036854775808ns", "9223372037s", "99999999999999999999999h", "2562047h47m16.854775808s",
        "-9223372036854775808ns",
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        sim_time d = -7;
        tap_row("%s", rows[i]);
        CHECK_INT(sim_parse_duration(rows[i], &d), -1);
        CHECK_INT(d, -7);
    }
}

static void printed_durations_parse_back(void)
{
    for (sim_time d = 1; d < SIM_TIME_MAX / 7; d = d * 7 + 3) {
        struct strbuf b = STRBUF_INIT;
        sim_time back = 0;
        strbuf_go_duration(&b, -d);
        CHECK_INT(sim_parse_duration(strbuf_str(&b), &back), 0);
        CHECK_INT(back, -d);
        strbuf_fini(&b);
    }
}

static void dates_print_as_rfc3339(void)
{
    static const struct {
        int64_t seconds;
        int32_t micros;
        bool micro;
        const char *want;
    } rows[] = {
        {0, 0, false, "1970-01-01T00:00:00Z"},
        {0, 0, true, "1970-01-01T00:00:00.000000Z"},
        {1704207845, 0, false, "2024-01-02T15:04:05Z"},
        {1704207845, 42, true, "2024-01-02T15:04:05.000042Z"},
        {951782400, 0, false, "2000-02-29T00:00:00Z"},
        {951868799, 999999, false, "2000-02-29T23:59:59Z"},
        {4107542400, 0, false, "2100-03-01T00:00:00Z"},
        {1709164800, 0, false, "2024-02-29T00:00:00Z"},
        {1735689599, 0, false, "2024-12-31T23:59:59Z"},
        {-1, 0, false, "1969-12-31T23:59:59Z"},
        {-62135596800, 0, false, "0001-01-01T00:00:00Z"},
        {253402300799, 0, false, "9999-12-31T23:59:59Z"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct strbuf b = STRBUF_INIT;
        strbuf_rfc3339(&b, rows[i].seconds, rows[i].micros, rows[i].micro);
        CHECK_STR(strbuf_str(&b), rows[i].want);
        strbuf_fini(&b);
    }
}

/* Every day of 400 years, against a calendar that counts. */
static void dates_follow_the_calendar_day_by_day(void)
{
    static const int month_days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t day = 0;
    for (int year = 1970; year < 2370; year++) {
        bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        for (int month = 0; month < 12; month++) {
            int days = month_days[month] + (month == 1 && leap);
            for (int d = 1; d <= days; d++, day++) {
                struct strbuf b = STRBUF_INIT;
                char want[40];
                strbuf_rfc3339(&b, day * 86400, 0, false);
                snprintf(want, sizeof want, "%04d-%02d-%02dT00:00:00Z", year, month + 1, d);
                bool same = CHECK_STR(strbuf_str(&b), want);
                strbuf_fini(&b);
                if (!same)
                    return;
            }
        }
    }
}

int main(void)
{
    static const struct tap_test tests[] = {
        TAP_TEST(appending_keeps_everything_and_a_nul),
        TAP_TEST(printf_grows_for_long_results),
        TAP_TEST(integers_print_at_both_ends),
        TAP_TEST(json_escapes_what_json_must),
        TAP_TEST(json_replaces_bytes_that_are_not_utf8),
        TAP_TEST(seconds_are_cut_not_rounded),
        TAP_TEST(durations_print_as_in_go),
        TAP_TEST(durations_parse_without_floating_point),
        TAP_TEST(bad_durations_are_refused),
        TAP_TEST(printed_durations_parse_back),
        TAP_TEST(dates_print_as_rfc3339),
        TAP_TEST(dates_follow_the_calendar_day_by_day),
    };
    return tap_run(tests, ARRAY_LEN(tests));
}
