/* job_manage.c - which pods of a Job go, and which are made. See job.h.
 * k8s pkg/controller/job/job_controller.go manageJob, activePodsForRemoval, indexed_job_utils.go, v1.36.
 */
#include "model/job_private.h"

#include "model/pod_rank.h"
#include "sim/cover.h"

/* ---- pods that go ---- */

struct indexed_pods {
    const struct job_pod **items;
    uint32_t count;
};

/* Stable, by index. */
static void sort_by_index(struct indexed_pods *list, const struct job_pod **spare, uint32_t from, uint32_t to)
{
    if (to - from < 2)
        return;
    uint32_t half = from + (to - from) / 2, i = from, k = half;
    sort_by_index(list, spare, from, half);
    sort_by_index(list, spare, half, to);
    for (uint32_t at = from; at < to; at++)
        spare[at] = k == to || (i < half && list->items[i]->index <= list->items[k]->index) ? list->items[i++]
                                                                                            : list->items[k++];
    for (uint32_t at = from; at < to; at++)
        list->items[at] = spare[at];
}

static struct indexed_pods active_by_index(const struct job_sync *s)
{
    uint32_t n = s->facts->pods.count;
    struct indexed_pods list = {arena_array(s->arena, const struct job_pod *, n + 1), 0};
    for (uint32_t i = 0; i < n; i++)
        if (s->facts->pods.items[i].facts & POD_ACTIVE)
            list.items[list.count++] = &s->facts->pods.items[i];
    if (job_is_indexed(s->job))
        sort_by_index(&list, arena_array(s->arena, const struct job_pod *, n + 1), 0, list.count);
    return list;
}

static void add(job_pod_list *list, const struct pod *p) { list->items[list->count++] = p; }

/* k8s appendDuplicatedIndexPodsForRemoval: of each index one stays; those without a valid index go. */
static void split_by_index(const struct job_sync *s, const struct indexed_pods *pods, job_pod_list *go,
                           job_pod_list *stay)
{
    for (uint32_t i = 0, next; i < pods->count; i = next) {
        job_pod_list same = {arena_array(s->arena, const struct pod *, pods->count - i + 1), 0};
        for (next = i; next < pods->count && pods->items[next]->index == pods->items[i]->index; next++)
            add(&same, pods->items[next]->pod);
        bool valid = pods->items[i]->valid;
        if (valid && same.count > 1)
            rank_pods(s->arena, same.items, same.count, NULL, s->facts->now);
        for (uint32_t k = 0; k < same.count; k++)
            add(valid && k + 1 == same.count ? stay : go, same.items[k]);
    }
}

static job_pod_list choose_removals(const struct job_sync *s, int64_t at_least)
{
    struct indexed_pods pods = active_by_index(s);
    job_pod_list go = {arena_array(s->arena, const struct pod *, pods.count + 1), 0};
    job_pod_list stay = {arena_array(s->arena, const struct pod *, pods.count + 1), 0};
    if (job_is_indexed(s->job))
        split_by_index(s, &pods, &go, &stay);
    else
        for (uint32_t i = 0; i < pods.count; i++)
            add(&stay, pods.items[i]->pod);
    if (go.count >= at_least)
        return go;
    rank_pods(s->arena, stay.items, stay.count, NULL, s->facts->now);
    for (uint32_t i = 0; go.count < at_least; i++)
        add(&go, stay.items[i]);
    return go;
}

static void remove_pods(struct job_sync *s, job_pod_list go)
{
    s->plan->remove = go;
    s->plan->untracked = true;
    s->active -= go.count;
    s->terminating += go.count;
    for (uint32_t i = 0; i < s->facts->pods.count; i++) {
        const struct job_pod *p = &s->facts->pods.items[i];
        for (uint32_t k = 0; p->facts & POD_READY && k < go.count; k++)
            s->ready -= go.items[k] == p->pod;
    }
}

/* ---- pods that are made ---- */

/* k8s firstPendingIndexes: the lowest that nobody works on and that have no result. */
static int_list pending_indexes(const struct job_sync *s, int64_t count)
{
    int_list list = {arena_array(s->arena, int64_t, count + 1), 0};
    index_set taken = job_indexes(s, INDEX_OF_ACTIVE);
    taken = index_set_union(s->arena, &taken, &s->succeeded_indexes);
    taken = index_set_union(s->arena, &taken, &s->failed_indexes);
    if (job_replaces_failed_only(s)) {
        index_set terminating = job_indexes(s, INDEX_OF_TERMINATING);
        taken = index_set_union(s->arena, &taken, &terminating);
    }
    int64_t next = 0;
    for (uint32_t i = 0; i <= taken.count; i++) {
        int64_t end = i < taken.count ? taken.items[i].first : s->job->spec.completions.value;
        for (; next < end && next < s->job->spec.completions.value && list.count < count; next++)
            list.items[list.count++] = next;
        if (i < taken.count && next <= taken.items[i].last)
            next = taken.items[i].last + 1;
    }
    return list;
}

/* k8s getRemainingTimePerIndex; 0 = none, or it is over. */
static sim_time wait_of_index(const struct job_sync *s, int64_t index)
{
    const struct pod *last = s->delayed[index];
    if (!last)
        return 0;
    struct index_failures n = job_index_failures(last);
    return job_backoff_left(n.counted + n.ignored + 1, job_pod_finished_at(s->facts->features, last), s->facts->now);
}

/* k8s getPodCreationInfoForIndependentIndexes: those that need not wait; if all must, how long the first one. */
static sim_time drop_waiting(const struct job_sync *s, int_list *indexes)
{
    uint32_t kept = 0;
    sim_time least = SIM_NEVER;
    for (uint32_t i = 0; i < indexes->count; i++) {
        sim_time wait = wait_of_index(s, indexes->items[i]);
        if (wait == 0)
            indexes->items[kept++] = indexes->items[i];
        else if (least == SIM_NEVER || wait < least)
            least = wait;
    }
    indexes->count = kept;
    return kept || least == SIM_NEVER ? 0 : least;
}

static void make_pods(struct job_sync *s, int64_t count)
{
    sim_time wait = 0;
    int_list indexes = {NULL, 0};
    count = count < JOB_BURST ? count : JOB_BURST;
    if (!job_has_limit_per_index(s))
        wait = job_backoff_left(s->plan->backoff.failures, s->plan->backoff.last, s->facts->now);
    if (wait == 0 && job_is_indexed(s->job)) {
        indexes = pending_indexes(s, count);
        wait = s->delayed ? drop_waiting(s, &indexes) : 0;
        count = indexes.count;
    }
    if (wait > 0) {
        s->plan->backoff_over = wait;
        s->active = 0; /* as k8s reports it, though pods may run */
        return;
    }
    s->plan->create.items = arena_array(s->arena, struct job_creation, count + 1);
    for (int64_t i = 0; i < count; i++) {
        int64_t index = indexes.count ? indexes.items[i] : -1;
        s->plan->create.items[s->plan->create.count++] =
            (struct job_creation){index, s->delayed ? s->delayed[index] : NULL};
    }
    s->active += count;
}

/* ---- what there should be ---- */

enum { MANAGE_SUSPENDED, MANAGE_TOO_MANY, MANAGE_TOO_FEW, MANAGE_RIGHT };
COVER_TABLE(job_manage, "what a Job does about its pods", "suspended: the active ones go", "too many: some go",
            "too few: more are made", "as many as there should be: nothing");

static int64_t wanted_pods(const struct job_sync *s)
{
    const struct job_spec *spec = &s->job->spec;
    if (!spec->completions.set)
        return s->succeeded > 0 ? s->active : spec->parallelism.value;
    int64_t left = spec->completions.value - s->succeeded;
    left = left < spec->parallelism.value ? left : spec->parallelism.value;
    return left > 0 ? left : 0;
}

void job_manage(struct job_sync *s)
{
    if (job_is_suspended(s->job)) {
        COVER(job_manage, MANAGE_SUSPENDED);
        remove_pods(s, choose_removals(s, s->active));
        return;
    }
    int64_t wanted = wanted_pods(s), surplus = s->active > wanted ? s->active - wanted : 0;
    job_pod_list go = choose_removals(s, surplus);
    go.count = go.count < JOB_BURST ? go.count : JOB_BURST;
    if (go.count > 0) {
        COVER(job_manage, MANAGE_TOO_MANY);
        remove_pods(s, go);
        return;
    }
    int64_t missing = wanted - s->active - (job_replaces_failed_only(s) ? s->terminating : 0);
    COVER(job_manage, missing > 0 ? MANAGE_TOO_FEW : MANAGE_RIGHT);
    if (missing > 0)
        make_pods(s, missing);
}
