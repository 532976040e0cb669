/* verify_rollout.c - what a rollout may take away and what it comes to, and whose the objects are that are left. */
#include "model/api_policy.h"
#include "report/verify_private.h"

/* A controller may have read what was true so long ago: a watch or a write may be made slow. */
#define OUTDATED (10 * SIM_SECOND)

static struct vobject *owner_of(struct verifier *v, const struct api_object *o, enum api_kind kind)
{
    const char *uid = verify_controller_uid(o);
    for (uint32_t i = 0; uid && i < v->objects.count; i++) {
        struct vobject *owner = pool_at(&v->objects, i);
        if (owner->latest && owner->latest->kind == kind && text_same(owner->latest->meta.uid, uid))
            return owner;
    }
    return NULL;
}

/* ---- how many pods a rollout leaves ---- */

/* k8s pkg/controller/deployment/util/deployment_util.go MaxUnavailable, ResolveFenceposts. */
static int64_t least_available(const struct deployment *d)
{
    const struct rolling_update_deployment *r = d->spec.strategy.rolling_update;
    int64_t replicas = d->spec.replicas.value;
    if (!text_same(d->spec.strategy.type, "RollingUpdate") || !r)
        return 0;
    int64_t unavailable = scaled_value(&r->max_unavailable, replicas, false);
    if (unavailable == 0 && scaled_value(&r->max_surge, replicas, true) == 0)
        unavailable = 1;
    return replicas > unavailable ? replicas - unavailable : 0;
}

static bool serves(const struct api_object *o)
{
    const struct pod *p = (const struct pod *)o;
    return o->meta.deletion_timestamp == SIM_NEVER && !verify_phase_final(p->status.phase) &&
           pod_condition_true(p, "Ready");
}

/* Is it a version that was still the latest a moment ago? `next`: the version that followed. */
static bool recent(struct verifier *v, const struct trace_record *next) { return next->at >= v->record->at - OUTDATED; }

/* Replicas and strategy may have been others when the controller read them. 0: they were; who knows. */
static int64_t promised(struct verifier *v, const struct vobject *o)
{
    const struct deployment *d = (const struct deployment *)o->latest;
    int64_t least = least_available(d), replicas = d->spec.replicas.value;
    if (o->gone || d->object.meta.deletion_timestamp != SIM_NEVER)
        return 0;
    for (uint32_t i = v->index; i-- > 1;) {
        const struct trace_record *r = trace_at(v->run->trace, i);
        const struct deployment *version = r->data;
        if (!recent(v, r))
            break;
        if (r->kind != TRACE_WRITE || ((const struct api_object *)r->data)->ordinal != d->object.ordinal ||
            !version->object.prev)
            continue;
        version = (const struct deployment *)version->object.prev;
        if (version->spec.replicas.value != replicas)
            return 0;
        least = least_available(version) < least ? least_available(version) : least;
    }
    return least;
}

static bool steady(struct verifier *v, const struct vobject *pod)
{
    return pod->unsteady == 0 || pod->unsteady - 1 < v->record->at - OUTDATED;
}

/* A ReplicaSet deletes a pod that serves: enough others do. Whose readiness has come and gone meanwhile, or who was
 * deleted by others, counts as serving, since the controllers may have seen so. */
static void check_deletion(struct verifier *v, const struct pod *p)
{
    const struct vobject *set = owner_of(v, &p->object, KIND_REPLICASET);
    const struct vobject *o = set && !set->gone ? owner_of(v, set->latest, KIND_DEPLOYMENT) : NULL;
    int64_t least = o ? promised(v, o) : 0, left = 0;
    for (uint32_t i = 0; least > 0 && i < v->objects.count; i++) {
        const struct vobject *pod = pool_at(&v->objects, i);
        if (!pod->latest || pod->latest->kind != KIND_POD)
            continue;
        const struct vobject *its = owner_of(v, pod->latest, KIND_REPLICASET);
        if (its && owner_of(v, its->latest, KIND_DEPLOYMENT) == o)
            left += !steady(v, pod) || (!pod->gone && serves(pod->latest));
    }
    VERIFY(v, AVAILABLE, left >= least, "%s is deleted, %" PRId64 " serve, %" PRId64 " must", p->object.meta.name, left,
           least);
}

void verify_rollout_pod(struct verifier *v, const struct pod *p)
{
    struct vobject *o = verify_object(v, p->object.ordinal);
    bool before = p->object.prev && serves(p->object.prev), now = serves(&p->object);
    bool by_set = v->record->component == COMP_REPLICASET_CONTROLLER;
    if ((before && !now && !by_set) || (!before && now && o->served))
        o->unsteady = v->record->at + 1;
    o->served |= now;
    if (before && !now)
        o->stopped = v->record->at + 1;
    if (before && !now && by_set)
        check_deletion(v, p);
}

/* ---- how many pods an eviction leaves ---- */

/* The least that the budget wanted a moment ago. */
static int64_t least_healthy(struct verifier *v, const struct pdb *b)
{
    int64_t least = b->status.desired_healthy;
    for (uint32_t i = v->index; i-- > 1 && recent(v, trace_at(v->run->trace, i));) {
        const struct trace_record *r = trace_at(v->run->trace, i);
        const struct pdb *version = r->data;
        if (r->kind == TRACE_WRITE && version->object.ordinal == b->object.ordinal && version->object.prev &&
            ((const struct pdb *)version->object.prev)->status.desired_healthy < least)
            least = ((const struct pdb *)version->object.prev)->status.desired_healthy;
    }
    return least;
}

/* Who has just stopped serving may have been seen serving. */
void verify_budget_kept(struct verifier *v, const struct pdb *b, const struct pod *evicted)
{
    int64_t left = 0, least = least_healthy(v, b);
    for (uint32_t i = 0; i < v->objects.count; i++) {
        const struct vobject *o = pool_at(&v->objects, i);
        if (!o->latest || o->latest->kind != KIND_POD || o->latest->ordinal == evicted->object.ordinal ||
            !text_same(o->latest->meta.namespace_, b->object.meta.namespace_) ||
            !pdb_selects(b, &o->latest->meta.labels))
            continue;
        bool stopped = o->stopped && o->stopped - 1 >= v->record->at - OUTDATED;
        bool granted = str_map_get(&b->status.disrupted_pods, o->latest->meta.name) != NULL;
        left += stopped || !steady(v, o) || (!o->gone && !granted && serves(o->latest));
    }
    VERIFY(v, BUDGET_KEPT, left >= least, "%s is evicted, %" PRId64 " healthy pods are left, %s wants %" PRId64,
           evicted->object.meta.name, left, b->object.meta.name, least);
}

/* ---- once nothing moves ---- */

static int64_t revision_of(const struct api_object *set)
{
    const char *digits = str_map_get(&set->meta.annotations, "deployment.kubernetes.io/revision");
    int64_t n = 0;
    for (; digits && *digits >= '0' && *digits <= '9'; digits++)
        n = 10 * n + (*digits - '0');
    return n;
}

static void check_rollout(struct verifier *v, const struct vobject *o)
{
    const struct deployment *d = (const struct deployment *)o->latest;
    const struct deployment_status *s = &d->status;
    const struct replica_set *newest = NULL;
    int64_t replicas = 0, ready = 0, available = 0, wanted = 0;
    for (uint32_t i = 0; i < v->objects.count; i++) {
        const struct vobject *set = pool_at(&v->objects, i);
        if (!set->latest || set->gone || set->latest->kind != KIND_REPLICASET ||
            owner_of(v, set->latest, KIND_DEPLOYMENT) != o)
            continue;
        const struct replica_set *rs = (const struct replica_set *)set->latest;
        replicas += rs->status.replicas;
        ready += rs->status.ready_replicas;
        available += rs->status.available_replicas;
        wanted += rs->spec.replicas.value;
        newest = !newest || revision_of(&rs->object) > revision_of(&newest->object) ? rs : newest;
    }
    const char *name = d->object.meta.name;
    VERIFY(v, END_ROLLOUT, s->replicas == replicas && s->ready_replicas == ready && s->available_replicas == available,
           "%s says %" PRId64 " pods, %" PRId64 " ready; its ReplicaSets %" PRId64 " and %" PRId64, name, s->replicas,
           s->ready_replicas, replicas, ready);
    VERIFY(v, END_ROLLOUT, s->observed_generation == d->object.meta.generation, "%s: its spec has not been seen", name);
    if (d->spec.paused || available < wanted || !newest)
        return;
    VERIFY(v, END_ROLLOUT, newest->spec.replicas.value == d->spec.replicas.value && wanted == d->spec.replicas.value,
           "%s wants %" PRId64 ", its ReplicaSets want %" PRId64 ", the newest %" PRId64, name, d->spec.replicas.value,
           wanted, newest->spec.replicas.value);
}

static bool exists(struct verifier *v, const char *uid)
{
    for (uint32_t i = 0; i < v->objects.count; i++) {
        const struct vobject *o = pool_at(&v->objects, i);
        if (o->latest && !o->gone && text_same(o->latest->meta.uid, uid))
            return true;
    }
    return false;
}

static bool named(struct verifier *v, enum api_kind kind, const struct object_meta *like)
{
    for (uint32_t i = 0; i < v->objects.count; i++) {
        const struct vobject *o = pool_at(&v->objects, i);
        if (o->latest && !o->gone && o->latest->kind == kind && text_same(o->latest->meta.name, like->name) &&
            text_same(o->latest->meta.namespace_, like->namespace_))
            return true;
    }
    return false;
}

/* It has lost an owner on purpose: it was released, or left behind as an orphan. */
static bool let_go(const struct api_object *o)
{
    for (; o->prev; o = o->prev)
        if (o->prev->meta.owner_references.count > o->meta.owner_references.count)
            return true;
    return false;
}

static bool belongs(struct verifier *v, const struct vobject *o)
{
    const struct object_meta *m = &o->latest->meta;
    bool by_component = o->creator != COMP_USER && o->creator != COMP_API_SERVER && o->creator != COMP_NONE;
    if (!by_component || o->latest->kind == KIND_EVENT || o->latest->kind == KIND_NODE)
        return true;
    if (o->latest->kind == KIND_ENDPOINTS)
        return named(v, KIND_SERVICE, m);
    if (o->latest->kind == KIND_PERSISTENTVOLUMECLAIM && m->owner_references.count == 0)
        return true; /* a claim outlives who uses it, unless the policy says otherwise */
    for (uint32_t i = 0; i < m->owner_references.count; i++)
        if (exists(v, m->owner_references.items[i].uid))
            return true;
    return m->owner_references.count == 0 && let_go(o->latest);
}

void verify_rollouts_end(struct verifier *v)
{
    for (uint32_t i = 0; i < v->objects.count; i++) {
        const struct vobject *o = pool_at(&v->objects, i);
        if (!o->latest || o->gone || o->latest->meta.deletion_timestamp != SIM_NEVER)
            continue;
        if (o->latest->kind == KIND_DEPLOYMENT)
            check_rollout(v, o);
        VERIFY(v, END_OWNED, belongs(v, o), "%s has no owner any more", verify_name(v, o->latest->ordinal));
    }
}
