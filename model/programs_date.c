/* programs_date.c - date, and what others need to know of the calendar. The zone is UTC: images without tzdata know no
 * other. Left out: setting the clock.
 */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "model/programs.h"
#include "model/shell.h"

/* ---- the calendar ---- */

int64_t epoch_now(struct cri *c)
{
    world_looked_beyond(c);
    return epoch_at(c, proc_now(c));
}

/* Proleptic Gregorian calendar of days since 1970 (H. Hinnant's algorithm). */
void calendar_of(int64_t epoch_seconds, struct calendar *ret)
{
    int64_t days = epoch_seconds / 86400, rest = epoch_seconds % 86400;
    if (rest < 0) {
        rest += 86400;
        days--;
    }
    ret->hour = (int)(rest / 3600);
    ret->minute = (int)(rest / 60 % 60);
    ret->second = (int)(rest % 60);
    ret->weekday = (int)(((days + 4) % 7 + 7) % 7);
    int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097, doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365, doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    ret->day = (int)(doy - (153 * mp + 2) / 5 + 1);
    ret->month = (int)(mp < 10 ? mp + 3 : mp - 9);
    ret->year = yoe + era * 400 + (ret->month <= 2);
    static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    bool leap = (ret->year % 4 == 0 && ret->year % 100 != 0) || ret->year % 400 == 0;
    ret->yearday = before[ret->month - 1] + ret->day + (leap && ret->month > 2);
}

/* A conversion that is short for others, as strftime(3) defines them. */
static const char *date_composite(char letter)
{
    static const struct {
        char letter;
        const char *expands;
    } composites[] = {
        {'T', "%H:%M:%S"},    {'R', "%H:%M"},    {'F', "%Y-%m-%d"}, {'D', "%m/%d/%y"}, {'c', "%a %b %e %H:%M:%S %Y"},
        {'Z', "UTC"},         {'z', "+0000"},    {'n', "\n"},       {'t', "\t"},       {'%', "%"},
        {'r', "%I:%M:%S %p"}, {'x', "%m/%d/%y"}, {'X', "%H:%M:%S"},
    };
    for (size_t i = 0; i < sizeof composites / sizeof *composites; i++) {
        if (composites[i].letter == letter)
            return composites[i].expands;
    }
    return NULL;
}

static const char *date_name(char letter, const struct calendar *k, int *ret_length)
{
    static const char *const days[] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
    static const char *const months[] = {"January", "February", "March",     "April",   "May",      "June",
                                         "July",    "August",   "September", "October", "November", "December"};

    *ret_length = strchr("abh", letter) ? 3 : INT_MAX; /* the short names are the first three letters */
    switch (letter) {
    case 'a':
    case 'A':
        return days[k->weekday];
    case 'b':
    case 'h':
    case 'B':
        return months[k->month - 1];
    case 'p':
        return k->hour < 12 ? "AM" : "PM";
    case 'P':
        return k->hour < 12 ? "am" : "pm";
    default:
        return NULL;
    }
}

static bool is_leap(int64_t year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

/* ISO 8601: weeks begin on Monday, the first has the year's first Thursday. */
static int64_t iso_week(const struct calendar *k, int64_t *ret_year)
{
    int day = (k->weekday + 6) % 7, week = (k->yearday - 1 - day + 10) / 7;
    *ret_year = k->year;
    if (week == 0) {
        *ret_year = k->year - 1;
        int before = is_leap(k->year - 1) ? 366 : 365;
        return (k->yearday + before - 1 - day + 10) / 7;
    }
    int jan1_next = (day + (is_leap(k->year) ? 366 : 365) - k->yearday + 1) % 7;
    if (week == 53 && jan1_next <= 3) {
        *ret_year = k->year + 1;
        return 1;
    }
    return week;
}

void format_date(struct cri *c, struct mem_buf *out, const char *format, int64_t epoch_seconds, int64_t nanoseconds)
{
    struct calendar k;
    char text[80];
    int length;

    calendar_of(epoch_seconds, &k);
    int64_t iso_year = k.year;
    iso_week(&k, &iso_year);
    const struct {
        char letter;
        bool spaces; /* padded with spaces, the others with zeros */
        int width;
        int64_t value;
    } numbers[] = {
        {'Y', false, 1, k.year},
        {'y', false, 2, k.year % 100},
        {'m', false, 2, k.month},
        {'d', false, 2, k.day},
        {'e', true, 2, k.day},
        {'H', false, 2, k.hour},
        {'k', true, 2, k.hour},
        {'I', false, 2, (k.hour + 11) % 12 + 1},
        {'M', false, 2, k.minute},
        {'S', false, 2, k.second},
        {'s', false, 1, epoch_seconds},
        {'N', false, 9, nanoseconds},
        {'j', false, 3, k.yearday},
        {'u', false, 1, (k.weekday + 6) % 7 + 1},
        {'w', false, 1, k.weekday},
        {'C', false, 2, k.year / 100},
        {'l', true, 2, (k.hour + 11) % 12 + 1},
        {'V', false, 2, iso_week(&k, &iso_year)},
        {'G', false, 4, iso_year},
        {'g', false, 2, iso_year % 100},
        {'U', false, 2, (k.yearday + 6 - k.weekday) / 7},
        {'W', false, 2, (k.yearday + 6 - (k.weekday + 6) % 7) / 7},
    };
    for (; *format; format++) {
        if (*format != '%' || !format[1]) {
            buf_putc(&c->mem, NULL, out, *format);
            continue;
        }
        bool unpadded = format[1] == '-' && format[2];
        format += unpadded ? 2 : 1;
        const char *composite = date_composite(*format);
        const char *name = date_name(*format, &k, &length);
        if (composite) {
            format_date(c, out, composite, epoch_seconds, nanoseconds);
            continue;
        }
        snprintf(text, sizeof text, "%%%c", *format);
        if (name)
            snprintf(text, sizeof text, "%.*s", length, name);
        for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
            if (numbers[i].letter == *format && !(*format == 'N' && nanoseconds < 0)) /* busybox does not know %N */
                snprintf(text, sizeof text, numbers[i].spaces ? "%*" PRId64 : "%0*" PRId64,
                         unpadded ? 1 : numbers[i].width, numbers[i].value);
        }
        buf_puts(&c->mem, NULL, out, text);
    }
}

/* ---- dates as text ---- */

int64_t epoch_of(const struct calendar *k)
{
    int64_t y = k->month <= 2 ? k->year - 1 : k->year, era = (y >= 0 ? y : y - 399) / 400, yoe = y - era * 400;
    int64_t doy = (153 * (k->month + (k->month > 2 ? -3 : 9)) + 2) / 5 + k->day - 1;
    int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return (era * 146097 + doe - 719468) * 86400 + k->hour * 3600 + k->minute * 60 + k->second;
}

static bool take_number(const char **s, int digits, int *ret)
{
    *ret = 0;
    for (int i = 0; i < digits; i++, (*s)++) {
        if (!sh_is_digit(**s))
            return false;
        *ret = *ret * 10 + (**s - '0');
    }
    return true;
}

static bool in_range(const struct calendar *k)
{
    return k->month >= 1 && k->month <= 12 && k->day >= 1 && k->day <= 31 && k->hour <= 24 && k->minute <= 59 &&
           k->second <= 61;
}

/* "%Y", "-", "%m" ...: as strptime(3) for two-digit numbers and the four of a year. The rest of the text, or NULL. */
static const char *scan_date(const char *s, const char *format, struct calendar *k)
{
    static const char letters[] = "mdHMS";
    for (; *format; format++) {
        int n, year;
        if (*format != '%') {
            if (*s++ != *format)
                return NULL;
            continue;
        }
        format++;
        if (*format == 'T' || *format == 'F') {
            s = scan_date(s, *format == 'T' ? "%H:%M:%S" : "%Y-%m-%d", k);
            if (!s)
                return NULL;
            continue;
        }
        if (*format == 's') {
            int64_t at = 0;
            for (; sh_is_digit(*s) && at < INT64_MAX / 20; s++)
                at = at * 10 + (*s - '0');
            calendar_of(at, k);
            continue;
        }
        if (*format == 'Y') {
            if (!take_number(&s, 4, &year))
                return NULL;
            k->year = year;
            continue;
        }
        if (!take_number(&s, 2, &n))
            return NULL;
        int *fields[] = {&k->month, &k->day, &k->hour, &k->minute, &k->second};
        const char *at = *format ? strchr(letters, *format) : NULL;
        if (!at)
            return NULL;
        *fields[at - letters] = n;
    }
    return s;
}

/* "1 day ago", "+5 minutes", "yesterday": seconds to add. */
static bool scan_relative(const char *s, int64_t *ret)
{
    static const struct {
        const char *name;
        int64_t seconds;
    } units[] = {{"sec", 1},       {"min", 60},           {"hour", 3600},     {"day", 86400},
                 {"week", 604800}, {"month", 2592000},    {"year", 31536000}, {"now", 0},
                 {"today", 0},     {"yesterday", -86400}, {"tomorrow", 86400}};
    *ret = 0;
    while (*s) {
        s += strspn(s, " ");
        int64_t n = 0, sign = *s == '-' ? -1 : 1, digits = 0;
        s += *s == '-' || *s == '+';
        for (; sh_is_digit(*s) && n < 1000000000; s++, digits++)
            n = n * 10 + (*s - '0');
        s += strspn(s, " ");
        size_t i = 0;
        while (i < ARRAY_LEN(units) && strncmp(s, units[i].name, strlen(units[i].name)) != 0)
            i++;
        if (i == ARRAY_LEN(units))
            return false;
        s += strspn(s, "abcdefghijklmnopqrstuvwxyz");
        s += strspn(s, " ");
        if (strncmp(s, "ago", 3) == 0) {
            sign = -sign;
            s += 3;
        }
        *ret += sign * (digits ? n : 1) * units[i].seconds;
        s += strspn(s, " ");
    }
    return true;
}

/* The forms of busybox libbb/time.c parse_datestr, and the usual ones of GNU date. */
bool parse_date(const char *s, bool gnu, int64_t now, int64_t *ret)
{
    static const char *const forms[] = {"%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d %H",    "%Y-%m-%d",
                                        "%Y.%m.%d-%H:%M:%S", "%Y.%m.%d-%H:%M", "%m.%d-%H:%M:%S", "%m.%d-%H:%M",
                                        "%H:%M:%S",          "%H:%M",          "%Y%m%d%H%M.%S",  "%Y%m%d%H%M",
                                        "%m%d%H%M",          "%d%H%M",         "%H%M",           "%M"};
    static const char *const gnu_forms[] = {"%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S", "%Y%m%d", "%Y/%m/%d",
                                            "%Y-%m-%d %H:%M:%S UTC"};
    if (*s == '@')
        return parse_int64(s + 1, ret);
    for (size_t i = 0; i < ARRAY_LEN(forms) + (gnu ? ARRAY_LEN(gnu_forms) : 0); i++) {
        const char *form = i < ARRAY_LEN(forms) ? forms[i] : gnu_forms[i - ARRAY_LEN(forms)], *rest;
        struct calendar k;
        calendar_of(now, &k);
        k.second = 0;
        if (strchr(form, 'd') && !strchr(form, 'H'))
            k.hour = k.minute = 0;
        if (strchr(form, 'H') && !strchr(form, 'M'))
            k.minute = 0;
        rest = scan_date(s, form, &k);
        if (!rest || *rest || !in_range(&k))
            continue;
        *ret = epoch_of(&k);
        return true;
    }
    int64_t add;
    if (!gnu || !scan_relative(s, &add))
        return false;
    *ret = now + add;
    return true;
}

/* ---- date ---- */

struct date {
    const char *format, *text, *text_format, *file;
    bool set;
};

/* -I[SPEC] */
static const char *iso_format(const char *spec)
{
    static const struct {
        const char *name, *format;
    } specs[] = {{"date", "%Y-%m-%d"},
                 {"hours", "%Y-%m-%dT%H+00:00"},
                 {"minutes", "%Y-%m-%dT%H:%M+00:00"},
                 {"seconds", "%Y-%m-%dT%H:%M:%S+00:00"},
                 {"ns", "%Y-%m-%dT%H:%M:%S,%N+00:00"}};
    for (size_t i = 0; i < ARRAY_LEN(specs); i++)
        if (!spec || (*spec && strncmp(specs[i].name, spec, strlen(spec)) == 0))
            return specs[i].format;
    return NULL;
}

static bool date_options(struct cri *c, struct proc *p, struct date *d)
{
    static const struct long_option longs[] = {{"utc", 'u'},      {"date", 'd'},      {"reference", 'r'},
                                               {"rfc-2822", 'R'}, {"rfc-email", 'R'}, {"iso-8601", 'I'},
                                               {"set", 's'},      {"rfc-3339", '\1'}, {NULL, 0}};
    struct options o = {.p = p};
    for (int letter; (letter = option_get(c, &o, "Rs:ud:r:I::D:\1:", longs));) {
        if (letter == '?')
            return false;
        if (letter == 'd' || letter == 's')
            d->text = o.value;
        if (letter == 'D')
            d->text_format = o.value;
        d->set |= letter == 's';
        if (letter == 'r')
            d->file = o.value;
        if (letter == 'R')
            d->format = "%a, %d %b %Y %H:%M:%S +0000";
        if (letter == '\1')
            d->format = *o.value == 'd' ? "%Y-%m-%d" : "%Y-%m-%d %H:%M:%S+00:00";
        if (letter == 'I' && !(d->format = iso_format(o.value))) {
            usage_print(c, p, "");
            return false;
        }
    }
    for (; o.next < p->argc && p->argv[o.next][0] == '+'; o.next++)
        d->format = p->argv[o.next] + 1;
    if (o.next + 1 < p->argc) {
        usage_print(c, p, is_gnu(p) ? proc_printf(c, p, "extra operand '%s'", p->argv[o.next + 1]) : "");
        return false;
    }
    if (o.next < p->argc) {
        d->text = p->argv[o.next];
        d->set = true;
    }
    return true;
}

static bool date_when(struct cri *c, struct proc *p, const struct date *d, int64_t *at, int64_t *nanoseconds)
{
    sim_time now = proc_now(c);
    struct calendar k;
    struct vnode *n;
    *at = epoch_now(c);
    *nanoseconds = now - sim_time_floor(now, SIM_SECOND);
    if (d->file) {
        enum vfs_error e = vfs_find(c, p->container, p->cwd, d->file, &n);
        if (e != VFS_OK) {
            say_error(c, p, "%s", "can't stat '%s'", d->file, e);
            return false;
        }
        *at = epoch_at(c, n->mtime);
    }
    if (!d->text)
        return true;
    *nanoseconds = 0;
    calendar_of(*at, &k);
    const char *rest = NULL;
    if (d->text_format) {
        k.hour = k.minute = k.second = 0;
        rest = scan_date(d->text, d->text_format, &k);
    }
    if (d->text_format ? !rest || !in_range(&k) : !parse_date(d->text, is_gnu(p), *at, at)) {
        err_printf(c, p, "invalid date '%s'", d->text);
        return false;
    }
    if (d->text_format)
        *at = epoch_of(&k);
    if (d->set)
        err_printf(c, p,
                   is_gnu(p) ? "cannot set date: Operation not permitted" : "can't set date: Operation not permitted");
    return true;
}

static int date_run(struct cri *c, struct proc *p)
{
    struct date d = {.format = "%a %b %e %H:%M:%S %Z %Y"};
    struct mem_buf out = {0};
    int64_t at, nanoseconds;
    if (!date_options(c, p, &d) || !date_when(c, p, &d, &at, &nanoseconds))
        return 1;
    format_date(c, &out, d.format, at, is_gnu(p) ? nanoseconds : -1);
    buf_putc(&c->mem, NULL, &out, '\n');
    fd_write(c, p, 1, out.data, out.len);
    buf_fini(&c->mem, &out);
    return d.set;
}

const struct command command_date = COMMAND("date", date_run);
