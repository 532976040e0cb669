/* time_zone.c - see time_zone.h. POSIX TZ as in RFC 8536 section 3.3.1; Go's time/zoneinfo.go tzset, time.Date.
 */
#include "model/time_zone.h"

#include <stddef.h>
#include <string.h>

#include "sim/base.h"

#define DAY INT64_C(86400)

static const struct {
    const char *name, *rule;
} zones[] = {
#define X(name, rule) {name, rule},
#include "model/time_zones.def"
#undef X
};

const char *time_zone_rule(const char *name)
{
    size_t low = 0, high = ARRAY_LEN(zones);
    if (!*name)
        return "UTC0";
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(zones[middle].name, name);
        if (order == 0)
            return zones[middle].rule;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* ---- dates: days since 1970-01-01 of the Gregorian calendar ---- */

static int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); }

static int64_t days_before_year(int64_t y) /* of 1970 */
{
    int64_t n = y - 1;
    return 365 * (y - 1970) + floor_div(n, 4) - floor_div(n, 100) + floor_div(n, 400) - 477;
}

static bool is_leap(int64_t y) { return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0; }

static int days_in_month(int64_t y, int64_t month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(y));
}

int64_t civil_seconds(int64_t year, int64_t month, int64_t day, int64_t hour, int64_t minute, int64_t second)
{
    int64_t y = year + floor_div(month - 1, 12), m = month - 12 * floor_div(month - 1, 12);
    int64_t days = days_before_year(y) + day - 1;
    for (int64_t i = 1; i < m; i++)
        days += days_in_month(y, i);
    return ((days * 24 + hour) * 60 + minute) * 60 + second;
}

struct civil civil_of(int64_t seconds)
{
    int64_t days = floor_div(seconds, DAY), rest = seconds - days * DAY;
    int64_t year = 1970 + floor_div(days, 366);
    while (days_before_year(year + 1) <= days)
        year++;
    int64_t left = days - days_before_year(year);
    int month = 1;
    for (; left >= days_in_month(year, month); month++)
        left -= days_in_month(year, month);
    return (struct civil){.year = year,
                          .month = month,
                          .day = (int)left + 1,
                          .hour = (int)(rest / 3600),
                          .minute = (int)(rest / 60 % 60),
                          .second = (int)(rest % 60),
                          .weekday = (int)(floor_div(days + 4, 1) - 7 * floor_div(days + 4, 7))};
}

/* ---- rules ---- */

static int64_t read_number(const char **p)
{
    int64_t n = 0;
    for (; **p >= '0' && **p <= '9'; (*p)++)
        n = 10 * n + (**p - '0');
    return n;
}

/* [+-]h[:m[:s]] in seconds */
static int64_t read_time(const char **p)
{
    bool negative = **p == '-';
    if (**p == '-' || **p == '+')
        (*p)++;
    int64_t parts[3] = {0, 0, 0};
    for (int i = 0; i < 3; i++) {
        parts[i] = read_number(p);
        if (**p != ':')
            break;
        (*p)++;
    }
    int64_t t = (parts[0] * 60 + parts[1]) * 60 + parts[2];
    return negative ? -t : t;
}

/* "CET" or "<+01>" */
static void skip_name(const char **p)
{
    if (**p == '<')
        *p += strcspn(*p, ">") + 1;
    else
        while ((**p >= 'A' && **p <= 'Z') || (**p >= 'a' && **p <= 'z'))
            (*p)++;
}

static struct zone_change read_change(const char **p)
{
    struct zone_change c = {.at = 2 * 3600};
    ASSERT(**p == ',' && (*p)[1] == 'M'); /* no zone of today counts days of the year */
    *p += 2;
    c.month = (int)read_number(p);
    (*p)++;
    c.week = (int)read_number(p);
    (*p)++;
    c.day = (int)read_number(p);
    if (**p == '/') {
        (*p)++;
        c.at = read_time(p);
    }
    return c;
}

struct zone zone_of(const char *rule)
{
    struct zone z = {0};
    skip_name(&rule);
    z.standard = -read_time(&rule);
    z.daylight = z.standard + 3600;
    if (!*rule)
        return z;
    z.changes = true;
    skip_name(&rule);
    if (*rule != ',')
        z.daylight = -read_time(&rule);
    z.begins = read_change(&rule);
    z.ends = read_change(&rule);
    return z;
}

/* As the clock of standard time, or whatever is in force before it, shows it. */
static int64_t change_in(int64_t year, const struct zone_change *c)
{
    int64_t first = civil_seconds(year, c->month, 1, 0, 0, 0);
    int day = 1 + (c->day - civil_of(first).weekday + 7) % 7 + 7 * (c->week - 1);
    while (day > days_in_month(year, c->month))
        day -= 7;
    return first + (day - 1) * DAY + c->at;
}

int64_t zone_offset(const struct zone *z, int64_t unix_time)
{
    if (!z->changes)
        return z->standard;
    int64_t year = civil_of(unix_time + z->standard).year;
    int64_t begins = change_in(year, &z->begins) - z->standard, ends = change_in(year, &z->ends) - z->daylight;
    bool daylight =
        begins < ends ? begins <= unix_time && unix_time < ends : !(ends <= unix_time && unix_time < begins);
    return daylight ? z->daylight : z->standard;
}

struct civil zone_civil(const struct zone *z, int64_t unix_time)
{
    return civil_of(unix_time + zone_offset(z, unix_time));
}

/* Go looks up the offset in force at the time as if it were UTC, and tries the one before or after the change. */
int64_t zone_unix(const struct zone *z, int64_t year, int64_t month, int64_t day, int64_t hour, int64_t minute)
{
    int64_t local = civil_seconds(year, month, day, hour, minute, 0);
    int64_t offset = zone_offset(z, local), utc = local - offset, other = zone_offset(z, utc);
    if (other == offset)
        return utc;
    utc = local - other;
    return zone_offset(z, utc) == other ? utc : local - offset;
}
