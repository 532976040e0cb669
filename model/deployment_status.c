/* deployment_status.c - what a Deployment's status says: counts, Available, Progressing, ReplicaFailure.
 *
 * Mirrors k8s pkg/controller/deployment/sync.go calculateStatus, progress.go syncRolloutStatus and
 * util/deployment_util.go SetDeploymentCondition (v1.36). Rules: semantics/workloads.md 3.7.
 */
#include "model/deployment.h"

#include <string.h>

#include "model/store.h"
#include "sim/cover.h"

/* ---- conditions ---- */

const struct workload_condition *find_condition(const struct deployment_status *status, const char *type)
{
    for (uint32_t i = 0; i < status->conditions.count; i++)
        if (strcmp(status->conditions.items[i].type, type) == 0)
            return &status->conditions.items[i];
    return NULL;
}

/* The list without that one; with room for one more. */
static void remove_condition(struct deployment_sync *s, struct deployment_status *status, const char *type)
{
    struct workload_condition *items = arena_array(s->keep, struct workload_condition, status->conditions.count + 1);
    uint32_t n = 0;
    for (uint32_t i = 0; i < status->conditions.count; i++)
        if (strcmp(status->conditions.items[i].type, type) != 0)
            items[n++] = status->conditions.items[i];
    status->conditions.items = items;
    status->conditions.count = n;
}

/* It goes to the end of the list, unless it says the same as before. */
void put_condition(struct deployment_sync *s, struct deployment_status *status, struct workload_condition c)
{
    const struct workload_condition *was = find_condition(status, c.type);
    if (was && text_is(was->status, c.status) && text_is(was->reason, c.reason))
        return;
    if (was && text_is(was->status, c.status))
        c.last_transition_time = was->last_transition_time;
    remove_condition(s, status, c.type);
    status->conditions.items[status->conditions.count++] = c;
}

void set_condition(struct deployment_sync *s, struct deployment_status *status, const char *type, const char *value,
                   const char *reason, const char *message)
{
    sim_time now = api_second(s->facts->now);
    put_condition(s, status, (struct workload_condition){type, value, reason, message, now, now});
}

/* ---- counts ---- */

static struct deployment_status count(struct deployment_sync *s)
{
    const struct deployment *d = &s->d;
    struct deployment_status status = {.observed_generation = d->object.meta.generation,
                                       .collision_count = d->status.collision_count};
    status.conditions.items = d->status.conditions.items;
    status.conditions.count = d->status.conditions.count;
    status.terminating_replicas.set = feature_on(s->facts->features, FEATURE_TERMINATING_REPLICAS);
    int64_t total = 0; /* as it was read: what this sync has scaled shows in the next (recorded: deployment-scale) */
    for (uint32_t i = 0; i < s->all.count; i++) {
        const struct replica_set_status *rs = &s->all.items[i]->rs->status;
        total += s->all.items[i]->rs->spec.replicas.value;
        status.replicas += rs->replicas;
        status.ready_replicas += rs->ready_replicas;
        status.available_replicas += rs->available_replicas;
        status.terminating_replicas.value += rs->terminating_replicas.value;
        if (!rs->terminating_replicas.set && rs->observed_generation != 0)
            status.terminating_replicas.set = false;
    }
    if (!status.terminating_replicas.set)
        status.terminating_replicas.value = 0;
    status.updated_replicas = s->new_set ? s->new_set->rs->status.replicas : 0;
    int64_t missing = total - status.available_replicas;
    status.unavailable_replicas = missing > 0 ? missing : 0;
    if (status.available_replicas >= d->spec.replicas.value - deployment_max_unavailable(d))
        set_condition(s, &status, "Available", "True", "MinimumReplicasAvailable",
                      "Deployment has minimum availability.");
    else
        set_condition(s, &status, "Available", "False", "MinimumReplicasUnavailable",
                      "Deployment does not have minimum availability.");
    return status;
}

static bool same_status(const struct deployment_status *a, const struct deployment_status *b)
{
    return a->observed_generation == b->observed_generation && a->replicas == b->replicas &&
           a->updated_replicas == b->updated_replicas && a->ready_replicas == b->ready_replicas &&
           a->available_replicas == b->available_replicas && a->unavailable_replicas == b->unavailable_replicas &&
           a->terminating_replicas.set == b->terminating_replicas.set &&
           a->terminating_replicas.value == b->terminating_replicas.value &&
           a->collision_count.value == b->collision_count.value && a->conditions.items == b->conditions.items &&
           a->conditions.count == b->conditions.count;
}

void sync_status(struct deployment_sync *s)
{
    struct deployment_status status = count(s);
    if (same_status(&status, &s->d.status))
        return;
    s->d.status = status;
    write_deployment_status(s);
}

/* ---- progress ---- */

bool deployment_is_complete(const struct deployment *d, const struct deployment_status *status)
{
    int64_t wanted = d->spec.replicas.value;
    return status->updated_replicas == wanted && status->replicas == wanted && status->available_replicas == wanted &&
           status->observed_generation >= d->object.meta.generation;
}

static bool is_progressing(const struct deployment_status *was, const struct deployment_status *now)
{
    return now->updated_replicas > was->updated_replicas ||
           now->replicas - now->updated_replicas < was->replicas - was->updated_replicas ||
           now->ready_replicas > was->ready_replicas || now->available_replicas > was->available_replicas;
}

static bool has_timed_out(const struct deployment_sync *s, const struct deployment_status *status)
{
    const struct workload_condition *c = find_condition(status, "Progressing");
    if (!c || text_is(c->reason, "NewReplicaSetAvailable"))
        return false;
    return text_is(c->reason, "ProgressDeadlineExceeded") ||
           c->last_update_time + s->d.spec.progress_deadline_seconds.value * SIM_SECOND < s->facts->now;
}

static const char *about_new_set(struct deployment_sync *s, const char *what)
{
    return s->new_set ? arena_printf(s->keep, "ReplicaSet \"%s\" %s", s->new_set->rs->object.meta.name, what)
                      : arena_printf(s->keep, "Deployment \"%s\" %s", s->d.object.meta.name, what);
}

/* Progress is told again and again: the condition is replaced though it says the same. */
static void say_progress(struct deployment_sync *s, struct deployment_status *status)
{
    const struct workload_condition *was = find_condition(&s->d.status, "Progressing");
    struct workload_condition before = was ? *was : (struct workload_condition){0};
    remove_condition(s, status, "Progressing");
    set_condition(s, status, "Progressing", "True", "ReplicaSetUpdated", about_new_set(s, "is progressing."));
    if (text_is(before.status, "True"))
        status->conditions.items[status->conditions.count - 1].last_transition_time = before.last_transition_time;
}

enum { PROGRESS_OVER, PROGRESS_COMPLETE, PROGRESS_MADE, PROGRESS_TIMED_OUT, PROGRESS_NONE };
COVER_TABLE(progress, "progress of a rollout", "it was complete before", "it is complete", "it progresses",
            "it has timed out", "nothing new");

static void judge_progress(struct deployment_sync *s, struct deployment_status *status)
{
    const struct workload_condition *c = find_condition(&s->d.status, "Progressing");
    if (status->replicas == status->updated_replicas && c && text_is(c->reason, "NewReplicaSetAvailable")) {
        COVER(progress, PROGRESS_OVER);
    } else if (deployment_is_complete(&s->d, status)) {
        COVER(progress, PROGRESS_COMPLETE);
        set_condition(s, status, "Progressing", "True", "NewReplicaSetAvailable",
                      about_new_set(s, "has successfully progressed."));
    } else if (is_progressing(&s->d.status, status)) {
        COVER(progress, PROGRESS_MADE);
        say_progress(s, status);
    } else if (has_timed_out(s, status)) {
        COVER(progress, PROGRESS_TIMED_OUT);
        set_condition(s, status, "Progressing", "False", "ProgressDeadlineExceeded",
                      about_new_set(s, "has timed out progressing."));
    } else {
        COVER(progress, PROGRESS_NONE);
    }
}

/* getReplicaFailures: the new set's, else that of the first that has one. */
static const struct workload_condition *replica_failure(const struct deployment_sync *s)
{
    const struct replica_set_status *new_status = s->new_set ? &s->new_set->rs->status : NULL;
    if (new_status && new_status->conditions.count)
        return &new_status->conditions.items[0];
    for (uint32_t i = 0; i < s->old.count; i++)
        if (s->old.items[i]->rs->status.conditions.count)
            return &s->old.items[i]->rs->status.conditions.items[0];
    return NULL;
}

/* requeueStuckDeployment: when nothing changes, the deadline has to be looked at. */
static void watch_deadline(struct deployment_sync *s, const struct deployment_status *status)
{
    const struct workload_condition *c = find_condition(&s->d.status, "Progressing");
    if (!deployment_has_deadline(&s->d) || !c || deployment_is_complete(&s->d, status) ||
        text_is(c->reason, "ProgressDeadlineExceeded"))
        return;
    sim_time left = c->last_update_time + s->d.spec.progress_deadline_seconds.value * SIM_SECOND - s->facts->now;
    if (left < SIM_SECOND)
        s->plan->retry = true;
    else
        s->plan->recheck = left + SIM_SECOND;
}

void sync_rollout_status(struct deployment_sync *s)
{
    struct deployment_status status = count(s);
    if (deployment_has_deadline(&s->d))
        judge_progress(s, &status);
    else if (find_condition(&status, "Progressing"))
        remove_condition(s, &status, "Progressing");
    const struct workload_condition *failure = replica_failure(s);
    if (failure)
        put_condition(s, &status,
                      (struct workload_condition){"ReplicaFailure", failure->status, failure->reason, failure->message,
                                                  failure->last_transition_time, failure->last_transition_time});
    else if (find_condition(&status, "ReplicaFailure"))
        remove_condition(s, &status, "ReplicaFailure");
    if (same_status(&status, &s->d.status)) {
        watch_deadline(s, &status);
        return;
    }
    s->d.status = status;
    write_deployment_status(s);
}
