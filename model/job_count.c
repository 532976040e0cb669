/* job_count.c - pods of a Job that have ended are counted, once. See job.h.
 * k8s pkg/controller/job/job_controller.go trackJobStatusAndRemoveFinalizers, flushUncountedAndRemoveFinalizers,
 * enactJobFinished, v1.36.
 */
#include "model/job_private.h"

#include "model/store.h"
#include "sim/cover.h"

/* ---- uncounted pods ---- */

/* Those of the list that are still tracked, unless they are among `stripped`. */
static str_list still_uncounted(const struct job_sync *s, const str_list *list, const job_pod_list *stripped)
{
    str_list kept = {arena_array(s->arena, const char *, list->count + 1), 0};
    for (uint32_t i = 0; i < list->count; i++) {
        bool tracked = false;
        for (uint32_t k = 0; k < s->facts->pods.count && !tracked; k++)
            tracked = s->facts->pods.items[k].tracked &&
                      text_same(s->facts->pods.items[k].pod->object.meta.uid, list->items[i]);
        for (uint32_t k = 0; stripped && k < stripped->count && tracked; k++)
            tracked = !text_same(stripped->items[k]->object.meta.uid, list->items[i]);
        if (tracked)
            kept.items[kept.count++] = list->items[i];
    }
    return kept;
}

/* k8s cleanUncountedPodsWithoutFinalizers; true when a count grew. */
static bool count_stripped(const struct job_sync *s, struct job_status *status, const job_pod_list *stripped)
{
    struct uncounted_pods *next = arena_new(s->arena, struct uncounted_pods);
    const struct uncounted_pods *u = status->uncounted;
    next->succeeded = still_uncounted(s, &u->succeeded, stripped);
    next->failed = still_uncounted(s, &u->failed, stripped);
    bool changed = next->succeeded.count != u->succeeded.count || next->failed.count != u->failed.count;
    status->succeeded += u->succeeded.count - next->succeeded.count;
    status->failed += u->failed.count - next->failed.count;
    status->uncounted = next;
    return changed;
}

/* ---- whose finalizers go ---- */

/* k8s canRemoveFinalizer */
static bool may_be_stripped(const struct job_sync *s, const struct job_pod *p)
{
    if (s->job->object.meta.deletion_timestamp != SIM_NEVER || s->end || text_is(p->pod->status.phase, "Succeeded"))
        return true;
    if (!p->failed)
        return false;
    /* It waits for the pod that takes over its counts. */
    return !(s->delayed && p->index >= 0 && p->index < s->job->spec.completions.value &&
             s->delayed[p->index] == p->pod);
}

enum { COUNT_SUCCESS, COUNT_INDEX, COUNT_FAILURE, COUNT_CUT_OFF, COUNT_IGNORED, COUNT_TWICE, COUNT_NOT };
COVER_TABLE(job_count, "how a pod of a Job is counted", "succeeded", "its index has succeeded", "failed",
            "failed: the Job ended while it ran", "not: a rule says Ignore", "not: it has been already",
            "not: it did not end");

struct counting {
    str_list succeeded, failed;
    int_list indexes;
    bool changed;
};

/* A pod that ran when the Job ended has failed; with a success, it is not counted. */
static int kind_of_count(const struct job_sync *s, const struct counting *c, const struct job_pod *p)
{
    const char *uid = p->pod->object.meta.uid;
    bool cut_off = s->end && !text_is(s->end->type, "SuccessCriteriaMet");
    if (text_is(p->pod->status.phase, "Succeeded") && !uid_in(&c->failed, uid)) {
        if (job_is_indexed(s->job))
            return p->valid && !index_set_has(&s->succeeded_before, p->index) ? COUNT_INDEX : COUNT_TWICE;
        return uid_in(&c->succeeded, uid) ? COUNT_TWICE : COUNT_SUCCESS;
    }
    if (!p->failed && !cut_off)
        return COUNT_NOT;
    if (uid_in(&c->failed, uid) || !p->valid)
        return COUNT_TWICE;
    if (!job_match_failure(s->arena, s->facts->features, s->job, p->pod).counts)
        return COUNT_IGNORED;
    return p->failed ? COUNT_FAILURE : COUNT_CUT_OFF;
}

static void count_pod(const struct job_sync *s, struct counting *c, const struct job_pod *p)
{
    const char *uid = p->pod->object.meta.uid;
    int kind = kind_of_count(s, c, p);
    COVER(job_count, kind);
    if (kind == COUNT_INDEX)
        c->indexes.items[c->indexes.count++] = p->index;
    else if (kind == COUNT_SUCCESS)
        c->succeeded.items[c->succeeded.count++] = uid;
    else if (kind == COUNT_FAILURE || kind == COUNT_CUT_OFF)
        c->failed.items[c->failed.count++] = uid;
    c->changed = c->changed || kind <= COUNT_CUT_OFF;
}

static str_list with_room(const struct job_sync *s, const str_list *list, uint32_t more)
{
    str_list next = {arena_array(s->arena, const char *, list->count + more + 1), list->count};
    for (uint32_t i = 0; i < list->count; i++)
        next.items[i] = list->items[i];
    return next;
}

/* Fills plan->strip and the uncounted pods; true when the status says more than before. False in *ret_all: there are
 * more, for the next sync. */
static bool count_pods(struct job_sync *s, bool *ret_all)
{
    uint32_t n = s->facts->pods.count;
    struct counting c = {with_room(s, &s->status.uncounted->succeeded, n),
                         with_room(s, &s->status.uncounted->failed, n),
                         {arena_array(s->arena, int64_t, n + 1), 0},
                         false};
    *ret_all = true;
    s->plan->strip.items = arena_array(s->arena, const struct pod *, n + 1);
    for (uint32_t i = 0; i < n && *ret_all; i++) {
        const struct job_pod *p = &s->facts->pods.items[i];
        if (!p->tracked || !may_be_stripped(s, p))
            continue;
        s->plan->strip.items[s->plan->strip.count++] = p->pod;
        count_pod(s, &c, p);
        *ret_all = c.indexes.count + c.succeeded.count + c.failed.count < JOB_UNCOUNTED_MAX;
    }
    struct uncounted_pods *next = arena_new(s->arena, struct uncounted_pods);
    *next = (struct uncounted_pods){c.succeeded, c.failed};
    s->status.uncounted = next;
    return c.changed;
}

/* ---- the two statuses ---- */

/* The texts of the indexes; true when they changed. */
static bool put_indexes(struct job_sync *s)
{
    struct job_status *status = &s->status;
    if (!job_is_indexed(s->job))
        return false;
    const char *succeeded = index_set_format(s->arena, &s->succeeded_indexes);
    const char *failed = s->delayed ? index_set_format(s->arena, &s->failed_indexes) : NULL;
    bool changed = !text_same(succeeded, status->completed_indexes) || !failed != !status->failed_indexes ||
                   !text_same(failed, status->failed_indexes);
    status->succeeded = index_set_total(&s->succeeded_indexes);
    status->completed_indexes = succeeded;
    status->failed_indexes = failed;
    return changed;
}

/* What it will be comes before what it is; true when that is news. From then on s->end is what it is. */
static bool put_target(struct job_sync *s)
{
    bool failing = s->end && text_is(s->end->type, "FailureTarget");
    bool succeeding = s->end && text_is(s->end->type, "SuccessCriteriaMet");
    if (!failing && !succeeding)
        return false;
    bool news = !job_condition(&s->status, s->end->type);
    if (news)
        job_put_condition(s, &s->status, s->end);
    s->end = job_new_condition(s, failing ? "Failed" : "Complete", s->end->reason, s->end->message);
    return news;
}

/* k8s enactJobFinished: not before every pod is counted and none is left that terminates. */
static void finish(struct job_sync *s, bool all)
{
    struct job_status *status = &s->plan->second;
    const struct uncounted_pods *u = status->uncounted;
    bool waits = job_end_waits(s) && s->terminating > 0;
    if (!s->end || !all || u->succeeded.count + u->failed.count > 0 || waits)
        return;
    job_put_condition(s, status, s->end);
    s->plan->finished = &status->conditions.items[status->conditions.count - 1];
    s->plan->write_second = true;
    if (!text_is(s->end->type, "Complete"))
        return;
    status->completion_time = api_second(s->facts->now);
    s->plan->too_many_succeeded = s->job->spec.completions.set && status->succeeded > s->job->spec.completions.value;
}

void job_track(struct job_sync *s, bool flush)
{
    bool all;
    flush |= count_stripped(s, &s->status, NULL);
    flush |= count_pods(s, &all);
    flush |= put_indexes(s);
    flush |= put_target(s);
    if (s->status.start_time != SIM_NEVER)
        s->status.start_time = api_second(s->status.start_time);
    s->plan->write_first = flush;
    s->plan->first = s->plan->second = s->status;
    s->plan->write_second = count_stripped(s, &s->plan->second, &s->plan->strip);
    finish(s, all);
}
