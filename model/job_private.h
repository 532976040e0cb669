/* job_private.h - one sync of a Job while it is decided: shared by job.c, job_end.c, job_manage.c and job_count.c. */
#ifndef MODEL_JOB_PRIVATE_H
#define MODEL_JOB_PRIVATE_H

#include "model/job.h"
#include "model/replicaset.h"

/* k8s MaxUncountedPods, MaxPodCreateDeletePerSync */
enum { JOB_UNCOUNTED_MAX = 500, JOB_BURST = 500 };

struct job_sync {
    struct arena *arena;
    const struct job_facts *facts;
    const struct job *job;
    struct job_plan *plan;
    struct job_status status;       /* as it grows */
    struct workload_condition *end; /* finishedCondition; NULL = it goes on */
    int64_t active, ready, terminating, succeeded, failed;
    index_set succeeded_before, succeeded_indexes, failed_indexes;
    const struct pod **delayed; /* with limits per index: of each, the failed pod that waits for its replacement */
};

bool job_has(const struct job_sync *s, enum feature id);
bool job_replaces_failed_only(const struct job_sync *s); /* onlyReplaceFailedPods */
bool job_has_limit_per_index(const struct job_sync *s);
bool job_end_waits(const struct job_sync *s); /* delayTerminalCondition */

bool uid_in(const str_list *list, const char *uid);

/* job_end.c */
enum job_index_of { INDEX_OF_ACTIVE, INDEX_OF_TERMINATING, INDEX_OF_SUCCEEDED, INDEX_OF_FAILED };
index_set job_indexes(const struct job_sync *s, enum job_index_of which);
void job_calculate_indexes(struct job_sync *s);
void job_find_end(struct job_sync *s);
struct workload_condition *job_new_condition(struct job_sync *s, const char *type, const char *reason,
                                             const char *message);
void job_put_condition(struct job_sync *s, struct job_status *status, const struct workload_condition *c);
bool job_reached_completions(const struct job_sync *s);
/* job_manage.c */
void job_manage(struct job_sync *s);
/* job_count.c */
void job_track(struct job_sync *s, bool flush);

#endif
