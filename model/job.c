/* job.c - see job.h. One sync from its facts to its plan; when pods have ended, and how long the next ones wait.
 */
#include "model/job_private.h"

#include <string.h>

#include "model/pod_control.h"
#include "model/printer.h"
#include "model/store.h"
#include "sim/cover.h"

/* k8s DefaultJobPodFailureBackOff, MaxJobPodFailureBackOff (the documentation says 6 minutes) */
#define BACKOFF_FIRST (10 * SIM_SECOND)
#define BACKOFF_MAX   (600 * SIM_SECOND)

/* ---- small questions ---- */

bool job_has(const struct job_sync *s, enum feature id) { return feature_on(s->facts->features, id); }

bool job_replaces_failed_only(const struct job_sync *s)
{
    const struct job_spec *spec = &s->job->spec;
    return spec->pod_failure_policy ||
           (job_has(s, FEATURE_JOB_POD_REPLACEMENT_POLICY) && text_is(spec->pod_replacement_policy, "Failed"));
}

bool job_has_limit_per_index(const struct job_sync *s)
{
    return job_has(s, FEATURE_JOB_BACKOFF_LIMIT_PER_INDEX) && s->job->spec.backoff_limit_per_index.set;
}

bool job_end_waits(const struct job_sync *s) { return job_has(s, FEATURE_JOB_TERMINAL_CONDITION_WAITS); }

bool uid_in(const str_list *list, const char *uid)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i], uid) == 0)
            return true;
    return false;
}

bool job_pod_is_tracked(const struct pod *p) { return has_finalizer(&p->object, JOB_TRACKING_FINALIZER); }

int64_t job_pod_index(const struct pod *p)
{
    enum { DIGITS_MAX = 9 };
    const char *text = str_map_get(&p->object.meta.annotations, JOB_INDEX_ANNOTATION);
    size_t n = text ? strspn(text, "0123456789") : 0;
    int64_t index = 0;
    if (n == 0 || n > DIGITS_MAX || text[n])
        return -1;
    for (size_t i = 0; i < n; i++)
        index = 10 * index + (text[i] - '0');
    return index;
}

/* ---- when a pod ended ---- */

enum { ENDED_CONTAINERS, ENDED_NOT_READY, ENDED_DELETED, ENDED_CREATED };
COVER_TABLE(job_ended_at, "when a pod of a Job is taken to have ended", "its last container ended", "it turned unready",
            "it was deleted", "it was created");

/* The latest end; SIM_NEVER when one has not ended. `only_sidecars` of the spec's init containers. */
static sim_time latest_end(const struct pod *p, bool of_sidecars, sim_time latest)
{
    const struct container_status *items =
        of_sidecars ? p->status.init_container_statuses.items : p->status.container_statuses.items;
    uint32_t count = of_sidecars ? p->status.init_container_statuses.count : p->status.container_statuses.count;
    for (uint32_t i = 0; i < count; i++) {
        const struct container_state_terminated *t = items[i].state.terminated;
        bool sidecar = false;
        for (uint32_t k = 0; of_sidecars && k < p->spec.init_containers.count; k++)
            sidecar = sidecar || (container_is_sidecar(&p->spec.init_containers.items[k]) &&
                                  text_same(p->spec.init_containers.items[k].name, items[i].name));
        if (of_sidecars && !sidecar)
            continue;
        if (!t || t->finished_at == SIM_NEVER)
            return SIM_NEVER;
        if (latest == SIM_NEVER || latest < t->finished_at)
            latest = t->finished_at;
    }
    return latest;
}

sim_time job_pod_finished_at(const struct features *f, const struct pod *p)
{
    const struct object_meta *m = &p->object.meta;
    sim_time t = latest_end(p, false, SIM_NEVER);
    if (feature_on(f, FEATURE_SIDECAR_CONTAINERS))
        t = latest_end(p, true, t);
    const struct pod_condition *ready = pod_condition_find(p, "Ready");
    int row = ENDED_CONTAINERS;
    if (t == SIM_NEVER && ready && text_is(ready->status, "False") && ready->last_transition_time != SIM_NEVER) {
        row = ENDED_NOT_READY;
        t = ready->last_transition_time;
    } else if (t == SIM_NEVER && m->deletion_timestamp != SIM_NEVER) {
        row = ENDED_DELETED;
        t = m->deletion_timestamp - m->deletion_grace_period_seconds.value * SIM_SECOND;
    } else if (t == SIM_NEVER) {
        row = ENDED_CREATED;
        t = m->creation_timestamp;
    }
    COVER(job_ended_at, row);
    return api_second(t);
}

/* ---- back-off ---- */

sim_time job_backoff_left(int64_t failures, sim_time last, sim_time now)
{
    sim_time wait = BACKOFF_FIRST;
    if (failures == 0)
        return 0;
    for (int64_t i = 1; i < failures && wait < BACKOFF_MAX; i++)
        wait = 2 * wait < BACKOFF_MAX ? 2 * wait : BACKOFF_MAX;
    return wait < now - last ? 0 : wait - (now - last);
}

/* k8s newBackoffRecord: a success forgets the failures before it. */
static struct job_backoff count_failures(const struct job_sync *s, const job_pods *succeeded, const job_pods *failed)
{
    const struct features *f = s->facts->features;
    struct job_backoff b = s->facts->backoff;
    sim_time success = SIM_NEVER, last = SIM_NEVER;
    int64_t n = 0;
    for (uint32_t i = 0; i < succeeded->count; i++) {
        sim_time t = job_pod_finished_at(f, succeeded->items[i].pod);
        success = success == SIM_NEVER || t > success ? t : success;
    }
    for (uint32_t i = 0; i < failed->count; i++) {
        sim_time t = job_pod_finished_at(f, failed->items[i].pod);
        if (success != SIM_NEVER && t <= success)
            continue;
        last = last == SIM_NEVER || t > last ? t : last;
        n++;
    }
    if (success != SIM_NEVER)
        return (struct job_backoff){n, last};
    if (n > 0)
        b = (struct job_backoff){b.failures + n, last};
    return b;
}

/* ---- counts ---- */

static void look_at_pods(struct job_sync *s)
{
    for (uint32_t i = 0; i < s->facts->pods.count; i++) {
        struct job_pod *p = &s->facts->pods.items[i];
        bool going = p->pod->object.meta.deletion_timestamp != SIM_NEVER;
        p->index = job_pod_index(p->pod);
        p->valid = !job_is_indexed(s->job) || (p->index >= 0 && p->index < s->job->spec.completions.value);
        /* A deleted pod has failed, too: it may never get to its phase. */
        p->failed = text_is(p->pod->status.phase, "Failed") ||
                    (!job_replaces_failed_only(s) && going && !text_is(p->pod->status.phase, "Succeeded"));
        s->active += (p->facts & POD_ACTIVE) != 0;
        s->ready += p->facts & POD_ACTIVE && p->facts & POD_READY;
        s->terminating += (p->facts & POD_TERMINATING) != 0;
    }
}

/* k8s getNewFinishedPods, and the counts that include them. */
static void count_new_ends(struct job_sync *s)
{
    const struct uncounted_pods *u = s->status.uncounted;
    uint32_t n = s->facts->pods.count;
    job_pods succeeded = {arena_array(s->arena, struct job_pod, n + 1), 0};
    job_pods failed = {arena_array(s->arena, struct job_pod, n + 1), 0};
    int64_t ignored = 0;
    for (uint32_t i = 0; i < n; i++) {
        const struct job_pod *p = &s->facts->pods.items[i];
        const char *uid = p->pod->object.meta.uid;
        if (!p->tracked || !p->valid)
            continue;
        if (text_is(p->pod->status.phase, "Succeeded") && !uid_in(&u->succeeded, uid))
            succeeded.items[succeeded.count++] = *p;
        if (p->failed && !uid_in(&u->failed, uid)) {
            failed.items[failed.count++] = *p;
            ignored += !job_match_failure(s->arena, s->facts->features, s->job, p->pod).counts;
        }
    }
    s->succeeded = s->status.succeeded + succeeded.count + u->succeeded.count;
    s->failed = s->status.failed + failed.count - ignored + u->failed.count;
    s->plan->backoff = count_failures(s, &succeeded, &failed);
}

/* ---- one sync ---- */

static void begin(struct job_sync *s)
{
    struct uncounted_pods *u = arena_new(s->arena, struct uncounted_pods);
    s->status = s->job->status;
    if (s->status.uncounted)
        *u = *s->status.uncounted;
    s->status.uncounted = u;
    look_at_pods(s);
    count_new_ends(s);
    if (s->status.start_time == SIM_NEVER && !job_is_suspended(s->job))
        s->status.start_time = s->facts->now;
}

/* k8s deleteActivePods: with their grace, and their finalizers stay until they are counted. */
static void stop_active_pods(struct job_sync *s)
{
    s->plan->remove.items = arena_array(s->arena, const struct pod *, s->facts->pods.count + 1);
    for (uint32_t i = 0; i < s->facts->pods.count; i++)
        if (s->facts->pods.items[i].facts & POD_ACTIVE)
            s->plan->remove.items[s->plan->remove.count++] = s->facts->pods.items[i].pod;
    if (!s->facts->in_sync) /* there may be pods that the cache has not shown yet */
        s->end = NULL;
    s->terminating += s->active;
    s->active = s->ready = 0;
}

/* k8s ensureJobConditionStatus of Suspended: what was never suspended is not resumed. */
static void tell_suspension(struct job_sync *s)
{
    bool suspended = job_is_suspended(s->job), known = false, was = false;
    for (uint32_t i = 0; i < s->status.conditions.count; i++) {
        known = known || text_is(s->status.conditions.items[i].type, "Suspended");
        was = was || (text_is(s->status.conditions.items[i].type, "Suspended") &&
                      text_is(s->status.conditions.items[i].status, "True"));
    }
    if (suspended == was || (!suspended && !known))
        return;
    struct workload_condition *c = job_new_condition(s, "Suspended", suspended ? "JobSuspended" : "JobResumed",
                                                     suspended ? "Job suspended" : "Job resumed");
    c->status = suspended ? "True" : "False";
    job_put_condition(s, &s->status, c);
    s->plan->suspended = suspended;
    s->plan->resumed = !suspended;
    if (!suspended)
        s->status.start_time = s->facts->now;
    else if (job_has(s, FEATURE_JOB_MUTABLE_SCHEDULING))
        s->status.start_time = SIM_NEVER;
}

static void go_on(struct job_sync *s)
{
    bool manages = s->facts->in_sync && s->job->object.meta.deletion_timestamp == SIM_NEVER;
    if (manages)
        job_manage(s);
    if (job_reached_completions(s))
        s->end = job_new_condition(s, job_end_waits(s) ? "SuccessCriteriaMet" : "Complete",
                                   job_has(s, FEATURE_JOB_SUCCESS_POLICY) ? "CompletionsReached" : NULL,
                                   job_has(s, FEATURE_JOB_SUCCESS_POLICY) ? "Reached expected number of succeeded pods"
                                                                          : NULL);
    else if (manages)
        tell_suspension(s);
}

static bool same_number(struct opt_i64 a, struct opt_i64 b) { return a.set == b.set && a.value == b.value; }

void job_decide(struct arena *a, const struct job_facts *facts, struct job_plan *plan)
{
    *plan = (struct job_plan){.deadline = SIM_NEVER, .backoff_over = SIM_NEVER};
    struct job_sync s = {.arena = a, .facts = facts, .job = facts->job, .plan = plan};
    begin(&s);
    job_calculate_indexes(&s);
    job_find_end(&s);
    if (s.end)
        stop_active_pods(&s);
    else
        go_on(&s);
    struct opt_i64 terminating = {s.terminating, job_has(&s, FEATURE_JOB_POD_REPLACEMENT_POLICY)};
    struct opt_i64 ready = {s.ready, true};
    terminating.value = terminating.set ? terminating.value : 0;
    bool flush = plan->suspended || plan->resumed || s.active != s.status.active ||
                 !same_number(ready, s.status.ready) || !same_number(terminating, s.status.terminating);
    s.status.active = s.active;
    s.status.ready = ready;
    s.status.terminating = terminating;
    job_track(&s, flush);
}
