/* time_zone.h - wall-clock time in a named time zone, the same on every machine: the rules are built in.
 *
 * time_zones.def holds, of every zone of the IANA database 2025b, the rule that is in force today. Left out on purpose:
 * what was before it, and changes that are listed one by one (Ramadan in Morocco).
 */
#ifndef MODEL_TIME_ZONE_H
#define MODEL_TIME_ZONE_H

#include <stdbool.h>
#include <stdint.h>

struct time_zone;

/* "Europe/Berlin"; NULL: there is none of that name. "" is UTC, as in Go. */
const char *time_zone_rule(const char *name);

/* A rule, taken apart. */
struct zone_change { /* Mm.w.d/time */
    int month, week, day;
    int64_t at; /* seconds after midnight; may be negative, or more than a day */
};
struct zone {
    int64_t standard, daylight; /* seconds east of Greenwich */
    bool changes;               /* there is daylight saving time */
    struct zone_change begins, ends;
};
struct zone zone_of(const char *rule);
/* Seconds east of Greenwich at that moment. */
int64_t zone_offset(const struct zone *z, int64_t unix_time);

/* A date and time of day as it is read off a clock. */
struct civil {
    int64_t year;
    int month, day, hour, minute, second, weekday; /* month, day from 1; weekday: 0 = Sunday */
};
struct civil civil_of(int64_t seconds); /* of a clock that shows UTC + 0 */
int64_t civil_seconds(int64_t year, int64_t month, int64_t day, int64_t hour, int64_t minute, int64_t second);
struct civil zone_civil(const struct zone *z, int64_t unix_time);
/* Go's time.Date: fields out of range are carried over; a time that does not exist moves as there. */
int64_t zone_unix(const struct zone *z, int64_t year, int64_t month, int64_t day, int64_t hour, int64_t minute);

#endif
