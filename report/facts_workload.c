/* facts_workload.c - facts about Deployments, ReplicaSets, ReplicationControllers and Jobs: see facts.h. */
#include "report/facts_workload.h"

#include "model/api_batch.h"
#include "model/api_sets.h"
#include "report/private.h"

struct collector {
    struct arena *arena;
    fact_fn *add;
    void *ctx;
};

static void tell_number(struct collector *c, const char *object, const char *what, int64_t was, int64_t is)
{
    if (was != is)
        c->add(c->ctx, object, arena_printf(c->arena, "%s %" PRId64, what, is));
}

static void tell_text(struct collector *c, const char *object, const char *what, const char *was, const char *is)
{
    if (is && !text_same(was, is))
        c->add(c->ctx, object, arena_printf(c->arena, "%s %s", what, is));
}

static void tell_revision(struct collector *c, const char *object, const struct api_object *o)
{
    const char *is = str_map_get(&o->meta.annotations, "deployment.kubernetes.io/revision");
    const char *was = o->prev ? str_map_get(&o->prev->meta.annotations, "deployment.kubernetes.io/revision") : NULL;
    if (is && !text_same(was, is))
        c->add(c->ctx, object, arena_printf(c->arena, "revision %s", is));
}

static const struct workload_condition *find(const struct workload_condition *list, uint32_t count, const char *type)
{
    for (uint32_t i = 0; i < count; i++)
        if (text_same(list[i].type, type))
            return &list[i];
    return NULL;
}

static void tell_conditions(struct collector *c, const char *object, const struct workload_condition *is,
                            uint32_t count, const struct workload_condition *was, uint32_t was_count)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct workload_condition *before = find(was, was_count, is[i].type);
        if (!before || !text_same(before->status, is[i].status) || !text_same(before->reason, is[i].reason))
            c->add(c->ctx, object,
                   arena_printf(c->arena, "%s %s %s: %s", is[i].type, is[i].status, is[i].reason, is[i].message));
    }
}

static void tell_deployment(struct collector *c, const char *name, const struct deployment *d)
{
    static const struct deployment none;
    const struct deployment *old = d->object.prev ? (const struct deployment *)d->object.prev : &none;
    tell_revision(c, name, &d->object);
    tell_number(c, name, "replicas", old->spec.replicas.value, d->spec.replicas.value);
    tell_number(c, name, "pods", old->status.replicas, d->status.replicas);
    tell_number(c, name, "updated", old->status.updated_replicas, d->status.updated_replicas);
    tell_number(c, name, "ready", old->status.ready_replicas, d->status.ready_replicas);
    tell_number(c, name, "available", old->status.available_replicas, d->status.available_replicas);
    tell_number(c, name, "terminating", old->status.terminating_replicas.value, d->status.terminating_replicas.value);
    tell_conditions(c, name, d->status.conditions.items, d->status.conditions.count, old->status.conditions.items,
                    old->status.conditions.count);
}

static void tell_set(struct collector *c, const char *name, const struct replica_set *rs)
{
    static const struct replica_set none;
    const struct replica_set *old = rs->object.prev ? (const struct replica_set *)rs->object.prev : &none;
    tell_revision(c, name, &rs->object);
    tell_number(c, name, "replicas", old->spec.replicas.value, rs->spec.replicas.value);
    tell_number(c, name, "pods", old->status.replicas, rs->status.replicas);
    tell_number(c, name, "ready", old->status.ready_replicas, rs->status.ready_replicas);
    tell_number(c, name, "available", old->status.available_replicas, rs->status.available_replicas);
    tell_number(c, name, "terminating", old->status.terminating_replicas.value, rs->status.terminating_replicas.value);
    tell_conditions(c, name, rs->status.conditions.items, rs->status.conditions.count, old->status.conditions.items,
                    old->status.conditions.count);
}

static void tell_indexes(struct collector *c, const char *object, const char *what, const char *was, const char *is)
{
    if (is && *is && !text_same(was, is))
        c->add(c->ctx, object, arena_printf(c->arena, "%s %s", what, is));
}

static void tell_job(struct collector *c, const char *name, const struct job *j)
{
    static const struct job none;
    const struct job *old = j->object.prev ? (const struct job *)j->object.prev : &none;
    tell_number(c, name, "active", old->status.active, j->status.active);
    tell_number(c, name, "ready", old->status.ready.value, j->status.ready.value);
    tell_number(c, name, "succeeded", old->status.succeeded, j->status.succeeded);
    tell_number(c, name, "failed", old->status.failed, j->status.failed);
    tell_number(c, name, "terminating", old->status.terminating.value, j->status.terminating.value);
    tell_indexes(c, name, "completedIndexes", old->status.completed_indexes, j->status.completed_indexes);
    tell_indexes(c, name, "failedIndexes", old->status.failed_indexes, j->status.failed_indexes);
    tell_conditions(c, name, j->status.conditions.items, j->status.conditions.count, old->status.conditions.items,
                    old->status.conditions.count);
}

static void tell_stateful_set(struct collector *c, const char *name, const struct stateful_set *s)
{
    static const struct stateful_set none;
    const struct stateful_set *old = s->object.prev ? (const struct stateful_set *)s->object.prev : &none;
    tell_number(c, name, "replicas", old->spec.replicas.value, s->spec.replicas.value);
    tell_number(c, name, "pods", old->status.replicas, s->status.replicas);
    tell_number(c, name, "ready", old->status.ready_replicas, s->status.ready_replicas);
    tell_number(c, name, "available", old->status.available_replicas, s->status.available_replicas);
    tell_number(c, name, "current", old->status.current_replicas, s->status.current_replicas);
    tell_number(c, name, "updated", old->status.updated_replicas, s->status.updated_replicas);
    tell_text(c, name, "currentRevision", old->status.current_revision, s->status.current_revision);
    tell_text(c, name, "updateRevision", old->status.update_revision, s->status.update_revision);
}

static void tell_daemon_set(struct collector *c, const char *name, const struct daemon_set *s)
{
    static const struct daemon_set none;
    const struct daemon_set *old = s->object.prev ? (const struct daemon_set *)s->object.prev : &none;
    const struct daemon_set_status *was = &old->status, *is = &s->status;
    tell_number(c, name, "desired", was->desired_number_scheduled, is->desired_number_scheduled);
    tell_number(c, name, "scheduled", was->current_number_scheduled, is->current_number_scheduled);
    tell_number(c, name, "misscheduled", was->number_misscheduled, is->number_misscheduled);
    tell_number(c, name, "ready", was->number_ready, is->number_ready);
    tell_number(c, name, "available", was->number_available, is->number_available);
    tell_number(c, name, "updated", was->updated_number_scheduled, is->updated_number_scheduled);
}

void workload_facts(struct arena *a, const struct api_object *o, bool deleted, fact_fn *add, void *ctx)
{
    const char *name = arena_printf(a, "%s/%s", kind_infos[o->kind].singular, o->meta.name);
    struct collector c = {a, add, ctx};
    if (deleted)
        add(ctx, name, "gone");
    else if (!o->prev)
        add(ctx, name, "created");
    else if (o->meta.deletion_timestamp != SIM_NEVER && o->prev->meta.deletion_timestamp == SIM_NEVER)
        add(ctx, name, "deleting");
    if (deleted)
        return;
    if (o->kind == KIND_DEPLOYMENT)
        tell_deployment(&c, name, (const struct deployment *)o);
    else if (o->kind == KIND_JOB)
        tell_job(&c, name, (const struct job *)o);
    else if (o->kind == KIND_STATEFULSET)
        tell_stateful_set(&c, name, (const struct stateful_set *)o);
    else if (o->kind == KIND_DAEMONSET)
        tell_daemon_set(&c, name, (const struct daemon_set *)o);
    else
        tell_set(&c, name, (const struct replica_set *)o);
}
