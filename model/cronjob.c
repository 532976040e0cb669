/* cronjob.c - see cronjob.h.
 */
#include "model/cronjob.h"

#include <string.h>

#include "model/api_types.h"
#include "sim/cover.h"

/* k8s nextScheduleDelta: clocks differ a little. */
#define SCHEDULE_DELTA (100 * SIM_MS)
enum { TOO_MANY_MISSED = 100, EVENTS_MAX = 4 };

struct cron_sync {
    struct arena *arena;
    const struct cronjob_facts *facts;
    const struct cron_job *cronjob;
    struct cronjob_plan *plan;
    struct cron_schedule schedule;
};

/* ---- instants ---- */

static sim_time next_after(const struct cron_schedule *s, int64_t epoch, sim_time t)
{
    int64_t unix_time = cron_next(s, epoch + sim_time_floor(t, SIM_SECOND) / SIM_SECOND);
    return unix_time == CRON_NEVER ? SIM_NEVER : (unix_time - epoch) * SIM_SECOND;
}

static const char *parse(struct arena *a, const struct cron_job *j, struct cron_schedule *s)
{
    const char *text = j->spec.schedule;
    if (j->spec.time_zone && !strstr(text, "TZ") && time_zone_rule(j->spec.time_zone))
        text = arena_printf(a, "TZ=%s %s", j->spec.time_zone, text);
    return cron_parse(a, text, s);
}

struct recent {
    sim_time earliest, time; /* time: the latest that is due; SIM_NEVER = none */
    int64_t missed;
    bool wrong; /* the schedule never comes */
};

/* k8s mostRecentScheduleTime */
static struct recent most_recent(const struct cron_schedule *s, const struct cron_job *j, int64_t epoch, sim_time now,
                                 bool with_deadline)
{
    struct recent r = {.earliest = j->object.meta.creation_timestamp, .time = SIM_NEVER};
    const struct opt_i64 *deadline = &j->spec.starting_deadline_seconds;
    if (j->status.last_schedule_time != SIM_NEVER)
        r.earliest = j->status.last_schedule_time;
    if (with_deadline && deadline->set && now - deadline->value * SIM_SECOND > r.earliest)
        r.earliest = now - deadline->value * SIM_SECOND;
    sim_time first = next_after(s, epoch, r.earliest);
    sim_time second = first == SIM_NEVER ? SIM_NEVER : next_after(s, epoch, first);
    r.wrong = first == SIM_NEVER || second == SIM_NEVER;
    if (r.wrong || now < first)
        return r;
    r.time = first;
    if (now < second)
        return r;
    /* Those between are counted roughly: as if they were as far apart as the first two. */
    sim_time apart = second - first;
    r.missed = (now - first) / SIM_SECOND / (apart / SIM_SECOND) + 1;
    r.time = SIM_NEVER;
    sim_time t = next_after(s, epoch, first + (r.missed - 2) * apart);
    for (; t != SIM_NEVER && t <= now; t = next_after(s, epoch, t))
        r.time = t;
    return r;
}

/* k8s nextScheduleTimeDuration */
static sim_time wait_of(const struct cron_schedule *s, const struct cron_job *j, int64_t epoch, sim_time now)
{
    struct recent r = most_recent(s, j, epoch, now, false);
    sim_time from = r.wrong || (r.time == SIM_NEVER && r.missed) ? now : r.time == SIM_NEVER ? r.earliest : r.time;
    sim_time next = next_after(s, epoch, from);
    return next == SIM_NEVER ? SIM_NEVER : next + SCHEDULE_DELTA - now;
}

sim_time cronjob_next(struct arena *a, const struct cron_job *j, int64_t epoch, sim_time now)
{
    struct cron_schedule s;
    return parse(a, j, &s) ? SIM_NEVER : wait_of(&s, j, epoch, now);
}

const char *cronjob_job_name(struct arena *a, const struct cron_job *j, int64_t epoch, sim_time scheduled)
{
    return arena_printf(a, "%s-%" PRId64, j->object.meta.name, (epoch + scheduled / SIM_SECOND) / 60);
}

/* k8s getJobFromTemplate2; kubectl pkg/cmd/create/create_job.go createJobFromCronJob */
struct job *cronjob_job(struct arena *a, const struct cron_job *cj, const char *name)
{
    const struct job_template *t = &cj->spec.job_template;
    const struct value *spec = cj->object.source ? value_get(cj->object.source, "spec") : NULL;
    struct job *j = api_new(a, &job_type, struct job);
    j->object.kind = KIND_JOB;
    j->object.source = spec ? value_get(spec, "jobTemplate") : NULL;
    j->object.meta.name = name;
    j->object.meta.namespace_ = cj->object.meta.namespace_;
    j->object.meta.labels = t->meta.labels;
    j->object.meta.annotations = t->meta.annotations;
    j->spec = t->spec;
    return j;
}

const char *cronjob_timestamp(struct arena *a, const struct cron_job *j, int64_t epoch, sim_time scheduled)
{
    const char *rule = time_zone_rule(j->spec.time_zone ? j->spec.time_zone : "");
    struct zone z = zone_of(rule ? rule : "UTC0");
    int64_t at = epoch + scheduled / SIM_SECOND, offset = zone_offset(&z, at) / 60;
    struct civil c = zone_civil(&z, at);
    const char *text =
        arena_printf(a, "%04" PRId64 "-%02d-%02dT%02d:%02d:%02d", c.year, c.month, c.day, c.hour, c.minute, c.second);
    int64_t minutes = offset < 0 ? -offset : offset;
    return offset == 0 ? arena_printf(a, "%sZ", text)
                       : arena_printf(a, "%s%c%02" PRId64 ":%02" PRId64, text, offset < 0 ? '-' : '+', minutes / 60,
                                      minutes % 60);
}

/* ---- history: cleanupFinishedJobs ---- */

static void tell(struct cron_sync *s, bool warning, const char *reason, const char *message)
{
    s->plan->events.items[s->plan->events.count++] = (struct cronjob_event){warning, reason, message};
}

/* k8s byJobStartTime: those without a start time are the youngest. */
static bool is_older(const struct job *a, const struct job *b)
{
    sim_time x = a->status.start_time, y = b->status.start_time;
    if (x == y)
        return strcmp(a->object.meta.name, b->object.meta.name) < 0;
    return y == SIM_NEVER || (x != SIM_NEVER && x < y);
}

static bool ended_as(const struct job *j, const char *type)
{
    const struct workload_condition *c = job_finished(j);
    return c && text_is(c->type, type);
}

static void leave_active(struct cron_sync *s, const char *uid)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < s->plan->status.active.count; i++)
        if (!text_same(s->plan->status.active.items[i].uid, uid))
            s->plan->status.active.items[kept++] = s->plan->status.active.items[i];
    s->plan->status.active.count = kept;
}

static void remove_job(struct cron_sync *s, const struct job *j)
{
    s->plan->remove.items[s->plan->remove.count++] = j;
    leave_active(s, j->object.meta.uid);
    s->plan->write_status = true;
}

/* The oldest of those that ended so, beyond the limit. */
static void clean_history(struct cron_sync *s, const char *type, int64_t limit)
{
    const struct cronjob_facts *f = s->facts;
    int64_t surplus = -limit;
    for (uint32_t i = 0; i < f->jobs.count; i++)
        surplus += ended_as(f->jobs.items[i], type);
    for (const struct job *last = NULL; surplus > 0; surplus--) {
        const struct job *oldest = NULL;
        for (uint32_t i = 0; i < f->jobs.count; i++) {
            const struct job *j = f->jobs.items[i];
            if (ended_as(j, type) && (!last || is_older(last, j)) && (!oldest || is_older(j, oldest)))
                oldest = j;
        }
        remove_job(s, oldest);
        last = oldest;
    }
}

/* ---- what runs ---- */

static bool is_active(const struct cron_sync *s, const char *uid)
{
    for (uint32_t i = 0; i < s->plan->status.active.count; i++)
        if (text_same(s->plan->status.active.items[i].uid, uid))
            return true;
    return false;
}

static void note_success(struct cron_sync *s, const struct job *j)
{
    sim_time *last = &s->plan->status.last_successful_time;
    if (!ended_as(j, "Complete") || j->status.completion_time == SIM_NEVER)
        return;
    if (*last != SIM_NEVER && *last >= j->status.completion_time)
        return;
    *last = j->status.completion_time;
    s->plan->write_status = true;
}

static void look_at_jobs(struct cron_sync *s)
{
    for (uint32_t i = 0; i < s->facts->jobs.count; i++) {
        const struct job *j = s->facts->jobs.items[i];
        const struct workload_condition *end = job_finished(j);
        bool found = is_active(s, j->object.meta.uid);
        if (!found && !end)
            tell(s, true, "UnexpectedJob",
                 arena_printf(s->arena, "Saw a job that the controller did not create or forgot: %s",
                              j->object.meta.name));
        if (found && end) {
            leave_active(s, j->object.meta.uid);
            tell(s, false, "SawCompletedJob",
                 arena_printf(s->arena, "Saw completed job: %s, condition: %s", j->object.meta.name, end->type));
            s->plan->write_status = true;
        }
        note_success(s, j);
    }
}

static void drop_missing(struct cron_sync *s)
{
    const struct cron_job_status *was = &s->cronjob->status;
    for (uint32_t i = 0; i < was->active.count; i++) {
        const char *uid = was->active.items[i].uid;
        bool known = s->facts->active_exists[i];
        for (uint32_t k = 0; k < s->facts->jobs.count; k++)
            known = known || text_same(s->facts->jobs.items[k]->object.meta.uid, uid);
        if (known || !is_active(s, uid))
            continue;
        tell(s, false, "MissingJob", arena_printf(s->arena, "Active job went missing: %s", was->active.items[i].name));
        leave_active(s, uid);
        s->plan->write_status = true;
    }
}

/* ---- whether a Job is made, in order: the first that holds ---- */

enum {
    CRON_DELETED,
    CRON_NO_ZONE,
    CRON_SUSPENDED,
    CRON_NO_SCHEDULE,
    CRON_NOT_DUE,
    CRON_DONE,
    CRON_FORBIDDEN,
    CRON_REPLACES,
    CRON_STARTS
};
COVER_TABLE(cronjob, "what a CronJob does when it is looked at", "it is being deleted: nothing",
            "its time zone is unknown: nothing", "it is suspended: nothing", "its schedule cannot be read: nothing",
            "no Job is due", "the one that is due has been made", "Forbid: one still runs",
            "Replace: what still runs goes, and a Job is made", "a Job is made");

static bool is_done(const struct cron_sync *s, sim_time due)
{
    const char *name = cronjob_job_name(s->arena, s->cronjob, s->facts->epoch, due);
    for (uint32_t i = 0; i < s->plan->status.active.count; i++)
        if (text_same(s->plan->status.active.items[i].name, name))
            return true;
    return s->cronjob->status.last_schedule_time == due;
}

static int row_of(struct cron_sync *s, sim_time *ret_due)
{
    const struct cron_job_spec *spec = &s->cronjob->spec;
    if (s->cronjob->object.meta.deletion_timestamp != SIM_NEVER)
        return CRON_DELETED;
    if (spec->time_zone && !time_zone_rule(spec->time_zone))
        return CRON_NO_ZONE;
    if (spec->suspend.value)
        return CRON_SUSPENDED;
    if (parse(s->arena, s->cronjob, &s->schedule))
        return CRON_NO_SCHEDULE;
    struct recent r = most_recent(&s->schedule, s->cronjob, s->facts->epoch, s->facts->now, true);
    if (r.wrong)
        tell(s, true, "InvalidSchedule",
             arena_printf(s->arena,
                          "invalid schedule: %s : time difference between two schedules is less than 1 second",
                          spec->schedule));
    if (r.wrong)
        return CRON_NO_SCHEDULE;
    if (r.time == SIM_NEVER)
        return CRON_NOT_DUE;
    if (r.missed > TOO_MANY_MISSED)
        tell(s, true, "TooManyMissedTimes",
             "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew");
    *ret_due = r.time;
    if (is_done(s, r.time))
        return CRON_DONE;
    bool busy = s->plan->status.active.count > 0;
    if (text_is(spec->concurrency_policy, "Forbid") && busy)
        return CRON_FORBIDDEN;
    return text_is(spec->concurrency_policy, "Replace") && busy ? CRON_REPLACES : CRON_STARTS;
}

static void replace_active(struct cron_sync *s)
{
    for (uint32_t i = 0; i < s->facts->jobs.count; i++)
        if (is_active(s, s->facts->jobs.items[i]->object.meta.uid))
            remove_job(s, s->facts->jobs.items[i]);
}

static void schedule_job(struct cron_sync *s)
{
    sim_time due = SIM_NEVER;
    int row = row_of(s, &due);
    COVER(cronjob, row);
    if (row <= CRON_NO_SCHEDULE)
        return;
    if (row == CRON_FORBIDDEN)
        tell(s, false, "JobAlreadyActive",
             "Not starting job because prior execution is running and concurrency policy is Forbid");
    if (row == CRON_REPLACES)
        replace_active(s);
    struct cron_job after = *s->cronjob;
    if (row >= CRON_REPLACES)
        s->plan->scheduled = after.status.last_schedule_time = due;
    s->plan->recheck = wait_of(&s->schedule, &after, s->facts->epoch, s->facts->now);
}

void cronjob_decide(struct arena *a, const struct cronjob_facts *f, struct cronjob_plan *plan)
{
    struct cron_sync s = {.arena = a, .facts = f, .cronjob = f->cronjob, .plan = plan};
    const struct cron_job *j = f->cronjob;
    uint32_t active = j->status.active.count, most = 2 * f->jobs.count + active + EVENTS_MAX;
    *plan = (struct cronjob_plan){.scheduled = SIM_NEVER, .recheck = SIM_NEVER, .status = j->status};
    plan->events.items = arena_array(a, struct cronjob_event, most);
    plan->remove.items = arena_array(a, const struct job *, 2 * f->jobs.count + 1);
    plan->status.active.items = arena_array(a, struct object_reference, active + 2);
    for (uint32_t i = 0; i < active; i++)
        plan->status.active.items[i] = j->status.active.items[i];
    clean_history(&s, "Complete", j->spec.successful_jobs_history_limit.value);
    clean_history(&s, "Failed", j->spec.failed_jobs_history_limit.value);
    look_at_jobs(&s);
    drop_missing(&s);
    schedule_job(&s);
}
