/* cron_schedule.c - see cron_schedule.h.
 */
#include "model/cron_schedule.h"

#include <string.h>

#include "sim/strbuf.h"

/* ---- fields ---- */

struct bounds {
    int64_t min, max;
    const char *const *names; /* of the numbers from min on; or NULL */
};
static const char *const month_names[] = {"jan", "feb", "mar", "apr", "may", "jun", "jul",
                                          "aug", "sep", "oct", "nov", "dec", NULL};
static const char *const day_names[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat", NULL};
enum { MINUTE, HOUR, DAY_OF_MONTH, MONTH, DAY_OF_WEEK, FIELDS };
static const struct bounds bounds[FIELDS] = {
    {0, 59, NULL}, {0, 23, NULL}, {1, 31, NULL}, {1, 12, month_names}, {0, 6, day_names},
};

static bool same_name(const char *s, const char *name)
{
    for (; *s && *name; s++, name++)
        if ((*s >= 'A' && *s <= 'Z' ? *s + 32 : *s) != *name)
            return false;
    return *s == *name;
}

/* NULL = fine. */
static const char *read_int(struct arena *a, const char *s, int64_t *ret)
{
    enum { DIGITS_MAX = 9 };
    const char *digits = *s == '-' || *s == '+' ? s + 1 : s;
    size_t n = strspn(digits, "0123456789");
    int64_t value = 0;
    if (n == 0 || digits[n] || n > DIGITS_MAX)
        return arena_printf(a, "failed to parse int from %s: strconv.Atoi: parsing \"%s\": invalid syntax", s, s);
    for (size_t i = 0; i < n; i++)
        value = 10 * value + (digits[i] - '0');
    if (*s == '-' && value > 0)
        return arena_printf(a, "negative number (-%" PRId64 ") not allowed: %s", value, s);
    *ret = value;
    return NULL;
}

static const char *read_int_or_name(struct arena *a, const char *s, const struct bounds *b, int64_t *ret)
{
    for (int64_t i = 0; b->names && b->names[i]; i++) {
        if (!same_name(s, b->names[i]))
            continue;
        *ret = b->min + i;
        return NULL;
    }
    return read_int(a, s, ret);
}

static uint32_t count_of(const char *s, char c)
{
    uint32_t n = 0;
    for (; *s; s++)
        n += *s == c;
    return n;
}

/* The ends of "a", "a-b" or "*". */
static const char *read_ends(struct arena *a, const char *expr, const char *range, const struct bounds *b,
                             int64_t *ret_start, int64_t *ret_end)
{
    const char *dash = strchr(range, '-');
    const char *low = dash ? arena_strndup(a, range, (size_t)(dash - range)) : range;
    if (strcmp(low, "*") == 0 || strcmp(low, "?") == 0) {
        *ret_start = b->min;
        *ret_end = b->max;
        return NULL;
    }
    const char *wrong = read_int_or_name(a, low, b, ret_start);
    if (wrong)
        return wrong;
    *ret_end = *ret_start;
    if (count_of(range, '-') > 1)
        return arena_printf(a, "too many hyphens: %s", expr);
    return dash ? read_int_or_name(a, dash + 1, b, ret_end) : NULL;
}

/* k8s getRange: number | number "-" number [ "/" number ] */
static const char *read_range(struct arena *a, const char *expr, const struct bounds *b, uint64_t *bits)
{
    const char *slash = strchr(expr, '/');
    const char *range = slash ? arena_strndup(a, expr, (size_t)(slash - expr)) : expr;
    bool star = *range == '*' || *range == '?';
    int64_t start = 0, end = 0, step = 1;
    const char *wrong = read_ends(a, expr, range, b, &start, &end);
    if (wrong)
        return wrong;
    if (count_of(expr, '/') > 1)
        return arena_printf(a, "too many slashes: %s", expr);
    if (slash && (wrong = read_int(a, slash + 1, &step)))
        return wrong;
    if (slash && !strchr(range, '-'))
        end = b->max;
    if (start < b->min)
        return arena_printf(a, "beginning of range (%" PRId64 ") below minimum (%" PRId64 "): %s", start, b->min, expr);
    if (end > b->max)
        return arena_printf(a, "end of range (%" PRId64 ") above maximum (%" PRId64 "): %s", end, b->max, expr);
    if (start > end)
        return arena_printf(a, "beginning of range (%" PRId64 ") beyond end of range (%" PRId64 "): %s", start, end,
                            expr);
    if (step == 0)
        return arena_printf(a, "step of range should be a positive number: %s", expr);
    for (int64_t i = start; i <= end; i += step)
        *bits |= UINT64_C(1) << i;
    if (star && step == 1)
        *bits |= CRON_STAR;
    return NULL;
}

static const char *read_field(struct arena *a, const char *field, const struct bounds *b, uint64_t *bits)
{
    for (const char *p = field; *p;) {
        size_t n = strcspn(p, ",");
        const char *wrong = n ? read_range(a, arena_strndup(a, p, n), b, bits) : NULL;
        if (wrong)
            return wrong;
        p += n + (p[n] == ',');
    }
    return NULL;
}

/* ---- the whole of it ---- */

static const struct {
    const char *name, *fields;
} descriptors[] = {
    {"@yearly", "0 0 1 1 *"}, {"@annually", "0 0 1 1 *"}, {"@monthly", "0 0 1 * *"}, {"@weekly", "0 0 * * 0"},
    {"@daily", "0 0 * * *"},  {"@midnight", "0 0 * * *"}, {"@hourly", "0 * * * *"},
};

static const char *parse_descriptor(struct arena *a, const char *text, struct cron_schedule *s, const char **ret_fields)
{
    static const char every[] = "@every ";
    for (size_t i = 0; i < ARRAY_LEN(descriptors); i++)
        if (strcmp(text, descriptors[i].name) == 0) {
            *ret_fields = descriptors[i].fields;
            return NULL;
        }
    if (strncmp(text, every, strlen(every)) != 0)
        return arena_printf(a, "unrecognized descriptor: %s", text);
    sim_time d;
    if (sim_parse_duration(text + strlen(every), &d) != 0)
        return arena_printf(a, "failed to parse duration %s: time: invalid duration \"%s\"", text,
                            text + strlen(every));
    s->every = d < SIM_SECOND ? 1 : d / SIM_SECOND;
    return NULL;
}

static const char *parse_fields(struct arena *a, const char *text, struct cron_schedule *s)
{
    uint64_t *const bits[FIELDS] = {&s->minute, &s->hour, &s->day, &s->month, &s->weekday};
    const char *fields[FIELDS], *list = "";
    uint32_t n = 0;
    for (const char *p = text + strspn(text, " \t"); *p; n++) {
        size_t len = strcspn(p, " \t");
        const char *field = arena_strndup(a, p, len);
        list = arena_printf(a, "%s%s%s", list, n ? " " : "", field);
        if (n < FIELDS)
            fields[n] = field;
        p += len;
        p += strspn(p, " \t");
    }
    if (n != FIELDS)
        return arena_printf(a, "expected exactly 5 fields, found %" PRIu32 ": [%s]", n, list);
    for (uint32_t i = 0; i < FIELDS; i++) {
        const char *wrong = read_field(a, fields[i], &bounds[i], bits[i]);
        if (wrong)
            return wrong;
    }
    return NULL;
}

const char *cron_parse(struct arena *a, const char *text, struct cron_schedule *s)
{
    *s = (struct cron_schedule){.zone = zone_of("UTC0")};
    if (!*text)
        return "empty spec string";
    if (strncmp(text, "TZ=", 3) == 0 || strncmp(text, "CRON_TZ=", 8) == 0) {
        const char *name = strchr(text, '=') + 1;
        size_t n = strcspn(name, " ");
        const char *rule = time_zone_rule(arena_strndup(a, name, n));
        if (!rule)
            return arena_printf(a, "provided bad location %.*s: unknown time zone %.*s", (int)n, name, (int)n, name);
        s->zone = zone_of(rule);
        text = name + n + strspn(name + n, " ");
    }
    const char *fields = text;
    if (*text == '@') {
        const char *wrong = parse_descriptor(a, text, s, &fields);
        if (wrong || s->every)
            return wrong;
    }
    return parse_fields(a, fields, s);
}

/* ---- the next instant: SpecSchedule.Next ---- */

static bool has(uint64_t bits, int64_t n) { return bits >> n & 1; }

/* A day is meant by either of the two fields, unless one of them is a star. */
static bool day_matches(const struct cron_schedule *s, const struct civil *c)
{
    bool day = has(s->day, c->day), weekday = has(s->weekday, c->weekday);
    return s->day & CRON_STAR || s->weekday & CRON_STAR ? day && weekday : day || weekday;
}

/* Midnight of the day after, or what comes first on a day that has none. */
static int64_t next_day(const struct zone *z, const struct civil *c)
{
    int64_t t = zone_unix(z, c->year, c->month, c->day + 1, 0, 0);
    int hour = zone_civil(z, t).hour;
    return hour > 12 ? t + (24 - hour) * 3600 : t - hour * 3600;
}

static int64_t start_of_hour(int64_t t, const struct civil *c) { return t - c->minute * 60 - c->second; }

int64_t cron_next(const struct cron_schedule *s, int64_t t)
{
    enum { YEARS = 5 };
    if (s->every)
        return t + s->every;
    const struct zone *z = &s->zone;
    t++;
    struct civil c = zone_civil(z, t);
    int64_t last_year = c.year + YEARS;
    while (c.year <= last_year) {
        if (!has(s->month, c.month))
            t = zone_unix(z, c.year, c.month + 1, 1, 0, 0);
        else if (!day_matches(s, &c))
            t = next_day(z, &c);
        else if (!has(s->hour, c.hour))
            t = start_of_hour(t, &c) + 3600;
        else if (!has(s->minute, c.minute) || c.second)
            t = t - c.second + 60;
        else
            return t;
        c = zone_civil(z, t);
    }
    return CRON_NEVER;
}
