/* job_end.c - whether a Job is over, and why. See job.h.
 * k8s pkg/controller/job/job_controller.go syncJob, success_policy.go, indexed_job_utils.go, v1.36.
 */
#include "model/job_private.h"

#include <stdlib.h>

#include "model/store.h"
#include "sim/cover.h"

/* ---- indexes ---- */

static int compare_numbers(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* k8s isIndexFailed */
static bool index_has_failed(const struct job_sync *s, const struct job_pod *p)
{
    if (!p->failed)
        return false;
    struct failure_match m = job_match_failure(s->arena, s->facts->features, s->job, p->pod);
    return m.action == ACTION_FAIL_INDEX ||
           (m.counts && job_index_failures(p->pod).counted >= s->job->spec.backoff_limit_per_index.value);
}

static bool is_meant(const struct job_sync *s, const struct job_pod *p, enum job_index_of which)
{
    switch (which) {
    case INDEX_OF_ACTIVE:
        return p->facts & POD_ACTIVE;
    case INDEX_OF_TERMINATING:
        return p->facts & POD_TERMINATING;
    case INDEX_OF_SUCCEEDED:
        return p->valid && p->finalizer && text_is(p->pod->status.phase, "Succeeded");
    case INDEX_OF_FAILED:
        return p->valid && p->finalizer && index_has_failed(s, p);
    }
    return false;
}

index_set job_indexes(const struct job_sync *s, enum job_index_of which)
{
    const index_set none = {NULL, 0};
    int_list list = {arena_array(s->arena, int64_t, s->facts->pods.count + 1), 0};
    for (uint32_t i = 0; i < s->facts->pods.count; i++)
        if (s->facts->pods.items[i].index >= 0 && is_meant(s, &s->facts->pods.items[i], which))
            list.items[list.count++] = s->facts->pods.items[i].index;
    qsort(list.items, list.count, sizeof *list.items, compare_numbers);
    return index_set_with(s->arena, &none, &list);
}

static bool is_later_failure(const struct job_sync *s, const struct pod *p, const struct pod *than)
{
    const struct features *f = s->facts->features;
    struct index_failures a = job_index_failures(p), b = job_index_failures(than);
    return b.counted + b.ignored <= a.counted + a.ignored && job_pod_finished_at(f, p) >= job_pod_finished_at(f, than);
}

/* k8s getPodsWithDelayedDeletionPerIndex: their counts go over to the pods that replace them. */
static void find_delayed_pods(struct job_sync *s)
{
    index_set active = job_indexes(s, INDEX_OF_ACTIVE);
    s->delayed = arena_array(s->arena, const struct pod *, s->job->spec.completions.value + 1);
    for (uint32_t i = 0; i < s->facts->pods.count; i++) {
        const struct job_pod *p = &s->facts->pods.items[i];
        if (!p->tracked || !p->failed || !p->valid || index_set_has(&s->succeeded_indexes, p->index) ||
            index_set_has(&s->failed_indexes, p->index) || index_set_has(&active, p->index))
            continue;
        const struct pod **slot = &s->delayed[p->index];
        if (!*slot || is_later_failure(s, p->pod, *slot))
            *slot = p->pod;
    }
}

void job_calculate_indexes(struct job_sync *s)
{
    const struct job_status *old = &s->job->status;
    int64_t completions = s->job->spec.completions.value;
    if (!job_is_indexed(s->job))
        return;
    index_set fresh = job_indexes(s, INDEX_OF_SUCCEEDED);
    s->succeeded_before = index_set_parse(s->arena, old->completed_indexes, completions);
    s->succeeded_indexes = index_set_union(s->arena, &s->succeeded_before, &fresh);
    s->succeeded = index_set_total(&s->succeeded_indexes);
    if (!job_has_limit_per_index(s))
        return;
    index_set before = index_set_parse(s->arena, old->failed_indexes, completions);
    fresh = job_indexes(s, INDEX_OF_FAILED);
    s->failed_indexes = index_set_union(s->arena, &before, &fresh);
    find_delayed_pods(s);
}

/* ---- conditions ---- */

struct workload_condition *job_new_condition(struct job_sync *s, const char *type, const char *reason,
                                             const char *message)
{
    struct workload_condition *c = arena_new(s->arena, struct workload_condition);
    sim_time now = api_second(s->facts->now);
    *c = (struct workload_condition){type, "True", reason, message, now, now};
    return c;
}

/* Instead of one of that type, or after all others. */
void job_put_condition(struct job_sync *s, struct job_status *status, const struct workload_condition *c)
{
    uint32_t n = status->conditions.count, at = 0;
    struct workload_condition *items = arena_array(s->arena, struct workload_condition, n + 1);
    for (uint32_t i = 0; i < n; i++)
        items[i] = status->conditions.items[i];
    while (at < n && !text_same(items[at].type, c->type))
        at++;
    items[at] = *c;
    status->conditions.items = items;
    status->conditions.count = at == n ? n + 1 : n;
}

/* ---- what may end it, in order: the first that holds ---- */

struct verdict {
    const char *type, *reason, *message; /* type NULL: the one of a failure */
};

static bool decided_success(struct job_sync *s, struct verdict *v)
{
    const struct workload_condition *c = job_condition(&s->job->status, "SuccessCriteriaMet");
    if (!c || !(job_has(s, FEATURE_JOB_SUCCESS_POLICY) || job_end_waits(s)))
        return false;
    *v = (struct verdict){"SuccessCriteriaMet", c->reason, c->message};
    return true;
}

/* Its FailureTarget is there: what remains is to say Failed. */
static bool decided_failure(struct job_sync *s, struct verdict *v)
{
    const struct workload_condition *c = job_condition(&s->job->status, "FailureTarget");
    if (c)
        *v = (struct verdict){"Failed", c->reason, c->message};
    return c != NULL;
}

/* k8s getFailJobMessage */
static bool rule_fails_job(struct job_sync *s, struct verdict *v)
{
    for (uint32_t i = 0; s->job->spec.pod_failure_policy && i < s->facts->pods.count; i++) {
        const struct job_pod *p = &s->facts->pods.items[i];
        struct failure_match m = {ACTION_NONE, true, NULL};
        if (p->failed)
            m = job_match_failure(s->arena, s->facts->features, s->job, p->pod);
        if (!m.message)
            continue;
        *v = (struct verdict){"FailureTarget", "PodFailurePolicy", m.message};
        return true;
    }
    return false;
}

static bool too_many_failures(struct job_sync *s, struct verdict *v)
{
    *v = (struct verdict){NULL, "BackoffLimitExceeded", "Job has reached the specified backoff limit"};
    return s->failed > s->job->spec.backoff_limit.value;
}

static int64_t restarts_of(const struct pod *p)
{
    int64_t n = 0;
    if (!text_is(p->status.phase, "Running") && !text_is(p->status.phase, "Pending"))
        return 0;
    for (uint32_t i = 0; i < p->status.init_container_statuses.count; i++)
        n += p->status.init_container_statuses.items[i].restart_count;
    for (uint32_t i = 0; i < p->status.container_statuses.count; i++)
        n += p->status.container_statuses.items[i].restart_count;
    return n;
}

/* k8s pastBackoffLimitOnFailure: pods that start again in place have not failed. */
static bool too_many_restarts(struct job_sync *s, struct verdict *v)
{
    int64_t restarts = 0, limit = s->job->spec.backoff_limit.value;
    if (!text_is(s->job->spec.template_.spec.restart_policy, "OnFailure"))
        return false;
    for (uint32_t i = 0; i < s->facts->pods.count; i++)
        restarts += restarts_of(s->facts->pods.items[i].pod);
    *v = (struct verdict){NULL, "BackoffLimitExceeded", "Job has reached the specified backoff limit"};
    return limit == 0 ? restarts > 0 : restarts >= limit;
}

/* Also says when it will be. */
static bool past_deadline(struct job_sync *s, struct verdict *v)
{
    const struct opt_i64 *deadline = &s->job->spec.active_deadline_seconds;
    if (!deadline->set || s->status.start_time == SIM_NEVER || job_is_suspended(s->job))
        return false;
    *v = (struct verdict){NULL, "DeadlineExceeded", "Job was active longer than specified deadline"};
    s->plan->deadline = deadline->value * SIM_SECOND - (s->facts->now - s->status.start_time);
    return s->plan->deadline <= 0;
}

static bool too_many_failed_indexes(struct job_sync *s, struct verdict *v)
{
    *v = (struct verdict){NULL, "MaxFailedIndexesExceeded",
                          "Job has exceeded the specified maximal number of failed indexes"};
    return s->job->spec.max_failed_indexes.set &&
           index_set_total(&s->failed_indexes) > s->job->spec.max_failed_indexes.value;
}

static bool no_index_left(struct job_sync *s, struct verdict *v)
{
    int64_t failed = index_set_total(&s->failed_indexes);
    *v = (struct verdict){NULL, "FailedIndexes", "Job has failed indexes"};
    return failed > 0 && failed + index_set_total(&s->succeeded_indexes) >= s->job->spec.completions.value;
}

/* k8s matchSucceededIndexesRule */
static bool rule_holds(const struct job_sync *s, const struct success_rule *r)
{
    if (!r->succeeded_indexes)
        return r->succeeded_count.set && index_set_total(&s->succeeded_indexes) >= r->succeeded_count.value;
    index_set wanted = index_set_parse(s->arena, r->succeeded_indexes, s->job->spec.completions.value);
    int64_t n = index_set_common(&wanted, &s->succeeded_indexes);
    return wanted.count > 0 &&
           (n == index_set_total(&wanted) || (r->succeeded_count.set && n >= r->succeeded_count.value));
}

static bool success_rule_holds(struct job_sync *s, struct verdict *v)
{
    const struct success_policy *p = s->job->spec.success_policy;
    if (!p || s->succeeded_indexes.count == 0 || !job_has(s, FEATURE_JOB_SUCCESS_POLICY))
        return false;
    for (uint32_t i = 0; i < p->rules.count; i++) {
        if (!rule_holds(s, &p->rules.items[i]))
            continue;
        *v = (struct verdict){"SuccessCriteriaMet", "SuccessPolicy",
                              arena_printf(s->arena, "Matched rules at index %" PRIu32, i)};
        return true;
    }
    return false;
}

COVER_TABLE(job_end, "why a Job ends", "it had succeeded already", "it had failed already", "podFailurePolicy: FailJob",
            "more failures than backoffLimit", "as many restarts as backoffLimit", "activeDeadlineSeconds",
            "more failed indexes than maxFailedIndexes", "no index is left, some have failed", "successPolicy",
            "it does not");
static bool (*const end_rules[])(struct job_sync *s, struct verdict *v) = {
    decided_success, decided_failure,         rule_fails_job, too_many_failures,  too_many_restarts,
    past_deadline,   too_many_failed_indexes, no_index_left,  success_rule_holds,
};
_Static_assert(ARRAY_LEN(end_rules) + 1 == COVER_ROWS(job_end), "a row per rule");

void job_find_end(struct job_sync *s)
{
    size_t row = 0;
    struct verdict v = {NULL, NULL, NULL};
    while (row < ARRAY_LEN(end_rules) && !end_rules[row](s, &v))
        row++;
    COVER(job_end, row);
    if (row == ARRAY_LEN(end_rules))
        return;
    const char *type = v.type ? v.type : job_end_waits(s) ? "FailureTarget" : "Failed";
    s->end = job_new_condition(s, type, v.reason, v.message);
}

/* Without a number of completions one success is enough, but the pods that run are waited for. */
bool job_reached_completions(const struct job_sync *s)
{
    const struct opt_i64 *completions = &s->job->spec.completions;
    bool enough = completions->set ? s->succeeded >= completions->value : s->succeeded > 0;
    return enough && s->active == 0;
}
