/* cron_schedule.h - when a CronJob is due: "30 3 * * 1-5", "@daily", "@every 90m".
 *
 * github.com/robfig/cron/v3 parser.go, spec.go, constantdelay.go, which Kubernetes uses.
 */
#ifndef MODEL_CRON_SCHEDULE_H
#define MODEL_CRON_SCHEDULE_H

#include "model/time_zone.h"
#include "sim/arena.h"

struct cron_schedule {
    uint64_t minute, hour, day, month, weekday; /* bits; CRON_STAR: the field is * */
    int64_t every;                              /* s; 0 = by the fields */
    struct zone zone;
};
#define CRON_STAR (UINT64_C(1) << 63)

/* NULL, or what is wrong. TZ=... in front of it names a zone. */
const char *cron_parse(struct arena *a, const char *text, struct cron_schedule *ret);
/* The first instant after t; CRON_NEVER: none within five years. */
#define CRON_NEVER INT64_MIN
int64_t cron_next(const struct cron_schedule *s, int64_t t);

#endif
