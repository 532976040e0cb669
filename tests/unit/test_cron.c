/* test_cron.c - schedules and time zones: what is due when, and what is wrong with a schedule. */
#include "model/cron_schedule.h"

#include <string.h>

#include "tests/unit/tap.h"

static struct arena arena;

static const char *shown(const struct zone *z, int64_t t)
{
    struct civil c = zone_civil(z, t);
    return arena_printf(&arena, "%04" PRId64 "-%02d-%02d %02d:%02d:%02d", c.year, c.month, c.day, c.hour, c.minute,
                        c.second);
}

static void the_next_instant(void)
{
    static const struct {
        const char *schedule;
        int64_t after[6]; /* UTC */
        const char *want; /* in the zone of the schedule */
    } rows[] = {
        {"* * * * *", {2026, 1, 1, 0, 0, 0}, "2026-01-01 00:01:00"},
        {"* * * * *", {2026, 1, 1, 0, 0, 59}, "2026-01-01 00:01:00"},
        {"*/15 9-17 * * mon-fri", {2026, 1, 2, 17, 50, 0}, "2026-01-05 09:00:00"},
        {"30 3 1,15 * 5", {2026, 1, 2, 4, 0, 0}, "2026-01-09 03:30:00"}, /* the day or the weekday */
        {"0 0 29 2 *", {2026, 1, 1, 0, 0, 0}, "2028-02-29 00:00:00"},
        {"@monthly", {2026, 1, 31, 0, 0, 0}, "2026-02-01 00:00:00"},
        {"@yearly", {2026, 1, 1, 0, 0, 0}, "2027-01-01 00:00:00"},
        {"@weekly", {2026, 1, 1, 0, 0, 0}, "2026-01-04 00:00:00"},
        {"@every 90m", {2026, 1, 1, 0, 0, 7}, "2026-01-01 01:30:07"},
        {"5/20 * * * *", {2026, 1, 1, 0, 6, 0}, "2026-01-01 00:25:00"},
        {"TZ=Europe/Berlin 30 2 * * *", {2026, 3, 28, 2, 0, 0}, "2026-03-30 02:30:00"}, /* 2:30 does not exist */
        {"TZ=Europe/Berlin 30 3 * * *", {2026, 3, 28, 3, 0, 0}, "2026-03-29 03:30:00"},
        {"TZ=Europe/Berlin 30 2 * * *", {2026, 10, 25, 0, 30, 0}, "2026-10-25 02:30:00"}, /* 2:30 comes twice */
        {"TZ=America/New_York 0 8 * * *", {2026, 7, 1, 0, 0, 0}, "2026-07-01 08:00:00"},
        {"TZ=Asia/Kolkata 0 0 * * *", {2026, 7, 1, 0, 0, 0}, "2026-07-02 00:00:00"},
        {"TZ=Australia/Sydney 0 8 * * *", {2026, 1, 1, 0, 0, 0}, "2026-01-02 08:00:00"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct cron_schedule s;
        const int64_t *t = rows[i].after;
        tap_row("%s", rows[i].schedule);
        CHECK(!cron_parse(&arena, rows[i].schedule, &s));
        CHECK_STR(shown(&s.zone, cron_next(&s, civil_seconds(t[0], t[1], t[2], t[3], t[4], t[5]))), rows[i].want);
    }
    struct cron_schedule never;
    CHECK(!cron_parse(&arena, "59 23 31 2 *", &never));
    CHECK(cron_next(&never, 0) == CRON_NEVER);
}

static void what_is_wrong(void)
{
    static const struct {
        const char *schedule, *wrong;
    } rows[] = {
        {"", "empty spec string"},
        {"* * * *", "expected exactly 5 fields, found 4: [* * * *]"},
        {"60 * * * *", "end of range (60) above maximum (59): 60"},
        {"* * 0 * *", "beginning of range (0) below minimum (1): 0"},
        {"5-1 * * * *", "beginning of range (5) beyond end of range (1): 5-1"},
        {"1-2-3 * * * *", "too many hyphens: 1-2-3"},
        {"*/2/3 * * * *", "too many slashes: */2/3"},
        {"*/0 * * * *", "step of range should be a positive number: */0"},
        {"x * * * *", "failed to parse int from x: strconv.Atoi: parsing \"x\": invalid syntax"},
        {"@often", "unrecognized descriptor: @often"},
        {"TZ=Mars/Olympus * * * * *", "provided bad location Mars/Olympus: unknown time zone Mars/Olympus"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct cron_schedule s;
        tap_row("%s", rows[i].schedule);
        CHECK_STR(cron_parse(&arena, rows[i].schedule, &s), rows[i].wrong);
    }
}

static void dates(void)
{
    static const struct {
        int64_t unix_time;
        const char *utc, *berlin;
    } rows[] = {
        {0, "1970-01-01 00:00:00", "1970-01-01 01:00:00"},
        {951782399, "2000-02-28 23:59:59", "2000-02-29 00:59:59"},
        {1774745999, "2026-03-29 00:59:59", "2026-03-29 01:59:59"},
        {1774746000, "2026-03-29 01:00:00", "2026-03-29 03:00:00"},
        {1792889999, "2026-10-25 00:59:59", "2026-10-25 02:59:59"},
        {1792890000, "2026-10-25 01:00:00", "2026-10-25 02:00:00"},
        {4102444800, "2100-01-01 00:00:00", "2100-01-01 01:00:00"},
    };
    struct zone utc = zone_of("UTC0"), berlin = zone_of(time_zone_rule("Europe/Berlin"));
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        tap_row("%" PRId64, rows[i].unix_time);
        CHECK_STR(shown(&utc, rows[i].unix_time), rows[i].utc);
        CHECK_STR(shown(&berlin, rows[i].unix_time), rows[i].berlin);
    }
    CHECK(!time_zone_rule("Europe/Atlantis"));
}

int main(void)
{
    static const struct tap_test tests[] = {TAP_TEST(the_next_instant), TAP_TEST(what_is_wrong), TAP_TEST(dates)};
    arena_init(&arena, 0);
    int result = tap_run(tests, ARRAY_LEN(tests));
    arena_fini(&arena);
    return result;
}
