/* verify_workload.c - promises about Deployments and ReplicaSets. */
#include "model/api_apps.h"
#include "report/verify_private.h"

const char *verify_controller_uid(const struct api_object *o)
{
    for (uint32_t i = 0; i < o->meta.owner_references.count; i++)
        if (o->meta.owner_references.items[i].controller.value)
            return o->meta.owner_references.items[i].uid;
    return NULL;
}

static bool is_set(const struct api_object *o)
{
    return o->kind == KIND_REPLICASET || o->kind == KIND_REPLICATIONCONTROLLER;
}

static const struct deployment *deployment_of(struct verifier *v, const struct api_object *set)
{
    const char *uid = verify_controller_uid(set);
    for (uint32_t i = 0; uid && i < v->objects.count; i++) {
        const struct vobject *o = pool_at(&v->objects, i);
        if (o->latest && !o->gone && o->latest->kind == KIND_DEPLOYMENT && text_same(o->latest->meta.uid, uid))
            return (const struct deployment *)o->latest;
    }
    return NULL;
}

static int64_t most_pods(const struct deployment *d)
{
    const struct rolling_update_deployment *r = d->spec.strategy.rolling_update;
    bool rolling = text_same(d->spec.strategy.type, "RollingUpdate") && r;
    return d->spec.replicas.value + (rolling ? scaled_value(&r->max_surge, d->spec.replicas.value, true) : 0);
}

/* A set grows: all sets of its Deployment together want no more than the Deployment allows. It may have been changed
 * since the controller read it. */
void verify_set_write(struct verifier *v, const struct replica_set *rs)
{
    const struct replica_set *before = (const struct replica_set *)rs->object.prev;
    if (v->record->component != COMP_DEPLOYMENT_CONTROLLER ||
        (before && rs->spec.replicas.value <= before->spec.replicas.value))
        return;
    const struct deployment *d = deployment_of(v, &rs->object);
    int64_t total = rs->spec.replicas.value, most = 0;
    for (uint32_t i = 0; d && i < v->objects.count; i++) {
        const struct vobject *o = pool_at(&v->objects, i);
        if (o->latest && !o->gone && o->latest->kind == KIND_REPLICASET && o->latest->ordinal != rs->object.ordinal &&
            text_same(verify_controller_uid(o->latest), d->object.meta.uid))
            total += ((const struct replica_set *)o->latest)->spec.replicas.value;
    }
    for (const struct deployment *version = d; version; version = (const struct deployment *)version->object.prev)
        most = most_pods(version) > most ? most_pods(version) : most;
    VERIFY(v, SURGE, !d || total <= most, "%s: its ReplicaSets want %" PRId64 ", at most %" PRId64 " are allowed",
           d ? d->object.meta.name : "", total, most);
}

static int64_t pods_of(struct verifier *v, const char *uid)
{
    int64_t n = 0;
    for (uint32_t i = 0; i < v->objects.count; i++) {
        const struct vobject *o = pool_at(&v->objects, i);
        if (!o->latest || o->gone || o->latest->kind != KIND_POD || o->latest->meta.deletion_timestamp != SIM_NEVER)
            continue;
        const struct pod *p = (const struct pod *)o->latest;
        n += !verify_phase_final(p->status.phase) && text_same(verify_controller_uid(o->latest), uid);
    }
    return n;
}

void verify_workloads_end(struct verifier *v)
{
    for (uint32_t i = 0; i < v->objects.count; i++) {
        const struct vobject *o = pool_at(&v->objects, i);
        if (!o->latest || o->gone || !is_set(o->latest) || o->latest->meta.deletion_timestamp != SIM_NEVER)
            continue;
        const struct replica_set *rs = (const struct replica_set *)o->latest;
        int64_t pods = pods_of(v, o->latest->meta.uid);
        bool failing = rs->status.conditions.count > 0;
        VERIFY(v, END_REPLICAS, failing || pods == rs->spec.replicas.value, "%s wants %" PRId64 ", has %" PRId64,
               o->latest->meta.name, rs->spec.replicas.value, pods);
        VERIFY(v, END_REPLICAS, rs->status.replicas == pods, "%s says %" PRId64 ", has %" PRId64, o->latest->meta.name,
               rs->status.replicas, pods);
    }
}
