/* verify_policy.c - promises about PodDisruptionBudgets. */
#include "model/api_policy.h"
#include "report/verify_private.h"

/* A grant takes one from what is allowed, and there was one. The controller counts; the API server grants. */
void verify_budget_write(struct verifier *v, const struct pdb *b)
{
    const struct pdb *before = (const struct pdb *)b->object.prev;
    if (!before || v->record->component != COMP_API_SERVER)
        return;
    VERIFY(v, BUDGET,
           before->status.disruptions_allowed > 0 &&
               b->status.disruptions_allowed == before->status.disruptions_allowed - 1,
           "%s grants an eviction: allowed %" PRId64 ", then %" PRId64, b->object.meta.name,
           before->status.disruptions_allowed, b->status.disruptions_allowed);
}

static bool has(const struct pod *p, const char *type, const char *reason)
{
    for (uint32_t i = 0; i < p->status.conditions.count; i++) {
        const struct pod_condition *c = &p->status.conditions.items[i];
        if (text_same(c->type, type) && text_same(c->status, "True"))
            return !reason || text_same(c->reason, reason);
    }
    return false;
}

/* Somebody is evicted through the API: of one that was healthy its budget knows. */
void verify_eviction(struct verifier *v, const struct pod *before, const struct pod *p)
{
    static const char type[] = "DisruptionTarget", reason[] = "EvictionByEvictionAPI";
    const struct object_meta *m = &before->object.meta;
    if (v->record->component != COMP_API_SERVER || !has(p, type, reason) || has(before, type, reason))
        return;
    if (!text_same(before->status.phase, "Running") || !has(before, "Ready", NULL) ||
        m->deletion_timestamp != SIM_NEVER)
        return;
    for (uint32_t i = 0; i < v->objects.count; i++) {
        const struct vobject *o = pool_at(&v->objects, i);
        if (!o->latest || o->gone || o->latest->kind != KIND_PODDISRUPTIONBUDGET ||
            !text_same(o->latest->meta.namespace_, m->namespace_))
            continue;
        const struct pdb *b = (const struct pdb *)o->latest;
        if (!pdb_selects(b, &m->labels))
            continue;
        VERIFY(v, BUDGET,
               str_map_get(&b->status.disrupted_pods, m->name) && b->object.prev &&
                   ((const struct pdb *)b->object.prev)->status.disruptions_allowed > 0,
               "%s is evicted, %s has not granted it", m->name, b->object.meta.name);
        verify_budget_kept(v, b, p);
    }
}
