/* story_workload.c - rollouts and Jobs in the story: revisions, ReplicaSets that grow and shrink, what is available,
 * what has been completed.
 *
 * Of a status only what a reader waits for is told: what is available, a minimum that is missed, a rollout that is
 * complete or stuck. Events of the controllers say the same once more (event_told_otherwise).
 */
#include "report/story_private.h"

#include "model/api_batch.h"
#include "model/api_sets.h"
#include "report/private.h"

#define REVISION "deployment.kubernetes.io/revision"

static const char *revision_of(const struct api_object *o)
{
    const char *text = o ? str_map_get(&o->meta.annotations, REVISION) : NULL;
    return text ? text : "";
}

static const struct workload_condition *condition_of(const struct deployment *d, const char *type)
{
    for (uint32_t i = 0; i < d->status.conditions.count; i++)
        if (text_same(d->status.conditions.items[i].type, type))
            return &d->status.conditions.items[i];
    return NULL;
}

/* The condition, if it says something else than before. */
static const struct workload_condition *news_of(const struct deployment *from, const struct deployment *to,
                                                const char *type)
{
    const struct workload_condition *was = condition_of(from, type), *is = condition_of(to, type);
    return is && !(was && text_same(was->reason, is->reason)) ? is : NULL;
}

static void put_available(struct strbuf *b, int64_t was, int64_t is, int64_t wanted)
{
    if (was == is)
        return;
    story_part(b);
    strbuf_printf(b, "available %" PRId64 "/%" PRId64, is, wanted);
}

static const struct {
    const char *reason, *text;
    bool bad;
} progress_words[] = {
    {"NewReplicaSetAvailable", "rollout complete", false},
    {"ProgressDeadlineExceeded", "rollout stuck: ProgressDeadlineExceeded", true},
    {"DeploymentPaused", "paused", false},
    {"DeploymentResumed", "resumed", false},
};

static bool put_progress(struct strbuf *b, const struct workload_condition *news)
{
    for (size_t i = 0; news && i < ARRAY_LEN(progress_words); i++) {
        if (!text_same(news->reason, progress_words[i].reason))
            continue;
        story_part(b);
        strbuf_puts(b, progress_words[i].text);
        return progress_words[i].bad;
    }
    return false;
}

static void add_row(struct story *s, struct strbuf *b, bool bad)
{
    if (b->len)
        story_add_following(s, story_text(s, b), bad ? TONE_BAD : TONE_PLAIN);
    else
        strbuf_fini(b);
}

static void deployment_changed(struct story *s, const struct deployment *from, const struct deployment *to)
{
    struct strbuf b = STRBUF_INIT;
    const char *was = revision_of(&from->object), *is = revision_of(&to->object);
    if (!text_same(was, is))
        strbuf_printf(&b, *was ? "rollout of revision %s begins" : "revision %s", is);
    put_available(&b, from->status.available_replicas, to->status.available_replicas, to->spec.replicas.value);
    const struct workload_condition *minimum = news_of(from, to, "Available");
    bool missed = minimum && condition_of(from, "Available") && text_same(minimum->status, "False");
    if (missed) {
        story_part(&b);
        strbuf_puts(&b, "less than its minimum");
    }
    missed |= put_progress(&b, news_of(from, to, "Progressing"));
    add_row(s, &b, missed);
}

/* Of a StatefulSet: currentRevision follows updateRevision when all pods are of that. */
static void stateful_set_changed(struct story *s, const struct stateful_set *from, const struct stateful_set *to)
{
    struct strbuf b = STRBUF_INIT;
    const struct stateful_set_status *was = &from->status, *is = &to->status;
    if (from->spec.replicas.value != to->spec.replicas.value)
        strbuf_printf(&b, "scaled %" PRId64 " -> %" PRId64, from->spec.replicas.value, to->spec.replicas.value);
    if (was->update_revision && !text_same(was->update_revision, is->update_revision)) {
        story_part(&b);
        strbuf_printf(&b, "update to %s begins", is->update_revision);
    }
    put_available(&b, was->available_replicas, is->available_replicas, to->spec.replicas.value);
    if (was->current_revision && !text_same(was->current_revision, is->current_revision)) {
        story_part(&b);
        strbuf_puts(&b, "update complete");
    }
    add_row(s, &b, false);
}

static void daemon_set_changed(struct story *s, const struct daemon_set *from, const struct daemon_set *to)
{
    struct strbuf b = STRBUF_INIT;
    const struct daemon_set_status *was = &from->status, *is = &to->status;
    if (was->desired_number_scheduled != is->desired_number_scheduled)
        strbuf_printf(&b, "wanted on %" PRId64 " node%s", is->desired_number_scheduled,
                      is->desired_number_scheduled == 1 ? "" : "s");
    if (was->updated_number_scheduled != is->updated_number_scheduled && was->desired_number_scheduled) {
        story_part(&b);
        strbuf_printf(&b, "updated %" PRId64 "/%" PRId64, is->updated_number_scheduled, is->desired_number_scheduled);
    }
    put_available(&b, was->number_available, is->number_available, is->desired_number_scheduled);
    if (was->number_misscheduled != is->number_misscheduled) {
        story_part(&b);
        strbuf_printf(&b, "not wanted on %" PRId64 " that have one", is->number_misscheduled);
    }
    add_row(s, &b, false);
}

static bool is_controlled(const struct api_object *o)
{
    for (uint32_t i = 0; i < o->meta.owner_references.count; i++)
        if (o->meta.owner_references.items[i].controller.value)
            return true;
    return false;
}

static void set_changed(struct story *s, const struct replica_set *from, const struct replica_set *to)
{
    struct strbuf b = STRBUF_INIT;
    if (from->spec.replicas.value != to->spec.replicas.value)
        strbuf_printf(&b, "scaled %" PRId64 " -> %" PRId64, from->spec.replicas.value, to->spec.replicas.value);
    if (!is_controlled(&to->object))
        put_available(&b, from->status.available_replicas, to->status.available_replicas, to->spec.replicas.value);
    add_row(s, &b, false);
}

static void set_created(struct story *s, const struct replica_set *rs)
{
    const char *what = arena_printf(&s->view.arena, "created, %" PRId64 " wanted", rs->spec.replicas.value);
    story_add(s, view_object_name(&s->view, &rs->object), what, TONE_PLAIN)->why = story_why_created(s, &rs->object);
}

/* ---- Jobs ---- */

/* "failed 2 (7 end it)"; limits that nobody reaches are not told. */
static void put_failed(struct strbuf *b, const struct job *from, const struct job *to)
{
    const struct opt_i64 *limit = &to->spec.backoff_limit;
    if (from->status.failed == to->status.failed)
        return;
    story_part(b);
    strbuf_printf(b, "failed %" PRId64, to->status.failed);
    if (limit->set && limit->value < INT32_MAX && !job_finished(to))
        strbuf_printf(b, " (%" PRId64 " would end it)", limit->value + 1);
}

static void put_succeeded(struct strbuf *b, const struct job *from, const struct job *to)
{
    if (from->status.succeeded == to->status.succeeded)
        return;
    story_part(b);
    strbuf_printf(b, "succeeded %" PRId64, to->status.succeeded);
    if (to->spec.completions.set)
        strbuf_printf(b, "/%" PRId64, to->spec.completions.value);
}

/* Conditions that were not there before; true when it is a failure. */
static bool put_end(struct strbuf *b, const struct job *from, const struct job *to)
{
    static const struct {
        const char *type, *text;
        bool says_reason, bad;
    } rows[] = {
        {"FailureTarget", "fails: ", true, true}, {"SuccessCriteriaMet", "done: ", true, false},
        {"Complete", "Complete", false, false},   {"Failed", "Failed", false, true},
        {"Suspended", "suspended", false, false},
    };
    bool bad = false;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct workload_condition *is = job_condition(&to->status, rows[i].type);
        if (!is || job_condition(&from->status, rows[i].type))
            continue;
        story_part(b);
        strbuf_printf(b, "%s%s", rows[i].text, rows[i].says_reason ? is->reason : "");
        bad |= rows[i].bad;
    }
    if (job_condition(&from->status, "Suspended") && !job_condition(&to->status, "Suspended")) {
        story_part(b);
        strbuf_puts(b, "resumed");
    }
    return bad;
}

static void job_changed(struct story *s, const struct job *from, const struct job *to)
{
    struct strbuf b = STRBUF_INIT;
    put_succeeded(&b, from, to);
    put_failed(&b, from, to);
    bool bad = put_end(&b, from, to);
    add_row(s, &b, bad);
}

/* The line of a user who scaled it says so. */
static bool told_by_its_action(const struct story *s)
{
    const struct trace_record *r = s->view.record;
    return r->component == COMP_USER && r->cause != TRACE_ROOT && trace_at(s->view.run->trace, r->cause)->at == r->at;
}

/* The kinds of model/api_sets.h. */
static bool set_kind_written(struct story *s, const struct api_object *o)
{
    if (o->kind == KIND_STATEFULSET && o->prev)
        stateful_set_changed(s, (const struct stateful_set *)o->prev, (const struct stateful_set *)o);
    else if (o->kind == KIND_DAEMONSET && o->prev)
        daemon_set_changed(s, (const struct daemon_set *)o->prev, (const struct daemon_set *)o);
    else
        return false;
    return true;
}

bool story_workload_written(struct story *s, const struct api_object *o)
{
    if (!told_by_its_action(s) && set_kind_written(s, o))
        return true;
    bool is_set = o->kind == KIND_REPLICASET || o->kind == KIND_REPLICATIONCONTROLLER;
    bool made = o->kind == KIND_JOB && !o->prev && is_controlled(o);
    if (made)
        story_add(s, view_object_name(&s->view, o), "created", TONE_PLAIN)->why = story_why_created(s, o);
    if (made)
        return true;
    bool told = is_set || ((o->kind == KIND_DEPLOYMENT || o->kind == KIND_JOB) && o->prev);
    if (told_by_its_action(s) || !told)
        return false;
    if (o->kind == KIND_JOB) {
        job_changed(s, (const struct job *)o->prev, (const struct job *)o);
        return true;
    }
    if (is_set && o->prev)
        set_changed(s, (const struct replica_set *)o->prev, (const struct replica_set *)o);
    else if (is_set)
        set_created(s, (const struct replica_set *)o);
    else
        deployment_changed(s, (const struct deployment *)o->prev, (const struct deployment *)o);
    return true;
}
