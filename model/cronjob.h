/* cronjob.h - what a CronJob does: a pure function of what its controller's caches show.
 *
 * k8s pkg/controller/cronjob/cronjob_controllerv2.go syncCronJob, cleanupFinishedJobs; utils.go
 * mostRecentScheduleTime, v1.36. Rules: semantics/workloads.md 7. controller_cronjob.c carries it out.
 */
#ifndef MODEL_CRONJOB_H
#define MODEL_CRONJOB_H

#include "model/api_batch.h"
#include "model/cron_schedule.h"

struct cronjob_facts {
    const struct cron_job *cronjob;
    LIST_OF(const struct job *) jobs; /* its own */
    const bool *active_exists; /* of each in status.active that is not among them: does the API server have it? */
    int64_t epoch;             /* wall-clock second of time 0 */
    sim_time now;
};
struct cronjob_event {
    bool warning;
    const char *reason, *message;
};
struct cronjob_plan {
    LIST_OF(struct cronjob_event) events;
    LIST_OF(const struct job *) remove; /* of the history, then those that are replaced */
    sim_time scheduled;                 /* make the Job of this instant; SIM_NEVER = none */
    struct cron_job_status status;      /* without the Job that is made */
    bool write_status;                  /* also if none is made */
    sim_time recheck;                   /* look again after so long; SIM_NEVER = no need */
};
void cronjob_decide(struct arena *a, const struct cronjob_facts *facts, struct cronjob_plan *ret_plan);
/* How long until it is due again; SIM_NEVER: its schedule cannot be read. */
sim_time cronjob_next(struct arena *a, const struct cron_job *j, int64_t epoch, sim_time now);
/* "backup-29454721": the minutes since 1970. */
const char *cronjob_job_name(struct arena *a, const struct cron_job *j, int64_t epoch, sim_time scheduled);
/* What its template describes, as it stands there: without defaults of its own, without an owner. */
struct job *cronjob_job(struct arena *a, const struct cron_job *j, const char *name);
/* RFC 3339, as clocks in its zone show it. */
const char *cronjob_timestamp(struct arena *a, const struct cron_job *j, int64_t epoch, sim_time scheduled);

#endif
