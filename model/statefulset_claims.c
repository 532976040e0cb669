/* statefulset_claims.c - the claims of a StatefulSet's pods: made before the pod, kept or deleted as the policy says.
 *
 * Mirrors k8s pkg/controller/statefulset/stateful_pod_control.go, stateful_set_utils.go (v1.36). What deletes a claim
 * is the garbage collector: the policy is a matter of owner references. Left out on purpose: a claim that something
 * else controls (hasUnexpectedController).
 */
#include "model/statefulset.h"

#include <string.h>

#include "model/deployment.h"
#include "model/pod_control.h"

const char *sts_claim_name(struct arena *a, const struct stateful_set *set, uint32_t which, int64_t ordinal)
{
    return arena_printf(a, "%s-%s-%" PRId64, set->spec.volume_claim_templates.items[which].object.meta.name,
                        set->object.meta.name, ordinal);
}

static const struct persistent_volume_claim *claim_at(struct sts_sync *s, uint32_t which, const struct sts_pod *p)
{
    return s->facts->claim(s->facts->ctx, sts_claim_name(s->scratch, s->set, which, p->ordinal));
}

/* getPersistentVolumeClaims: the labels that the selector asks for are added. */
static struct persistent_volume_claim *make_claim(struct sts_sync *s, uint32_t which, const struct sts_pod *p)
{
    struct persistent_volume_claim *c = arena_new(s->keep, struct persistent_volume_claim);
    *c = s->set->spec.volume_claim_templates.items[which];
    c->object.kind = KIND_PERSISTENTVOLUMECLAIM;
    c->object.api_version_text = "v1";
    c->object.kind_text = "PersistentVolumeClaim";
    c->object.source = s->set->object.source;
    c->object.meta.name = sts_claim_name(s->keep, s->set, which, p->ordinal);
    c->object.meta.namespace_ = s->set->object.meta.namespace_;
    const str_map *labels = &s->set->spec.selector->match_labels;
    for (uint32_t i = 0; i < labels->count; i++)
        c->object.meta.labels = map_with(s->keep, &c->object.meta.labels, labels->items[i].key, labels->items[i].value);
    return c;
}

void sts_create_claims(struct sts_sync *s, const struct sts_pod *p)
{
    for (uint32_t i = 0; i < s->set->spec.volume_claim_templates.count; i++)
        if (!claim_at(s, i, p))
            sts_step(s, STS_NEW_CLAIM, i, &make_claim(s, i, p)->object)->pod = p->pod;
}

/* ---- owners ---- */

static bool names(const struct owner_reference *r, const char *kind, const struct api_object *o)
{
    return text_is(r->kind, kind) && text_same(r->name, o->meta.name);
}

static bool owned_by(const struct persistent_volume_claim *c, const struct api_object *o)
{
    for (uint32_t i = 0; i < c->object.meta.owner_references.count; i++)
        if (text_same(c->object.meta.owner_references.items[i].uid, o->meta.uid))
            return true;
    return false;
}

/* hasStaleOwnerRef */
static bool stale_owner(const struct persistent_volume_claim *c, const char *kind, const struct api_object *o)
{
    for (uint32_t i = 0; i < c->object.meta.owner_references.count; i++) {
        const struct owner_reference *r = &c->object.meta.owner_references.items[i];
        if (names(r, kind, o))
            return !o->meta.uid || strcmp(r->uid, o->meta.uid) != 0;
    }
    return false;
}

bool sts_claim_is_stale(struct sts_sync *s, const struct sts_pod *p)
{
    const struct claim_retention_policy *policy = s->set->spec.claim_retention;
    bool stale = false;
    for (uint32_t i = 0;
         policy && text_is(policy->when_scaled, "Delete") && !stale && i < s->set->spec.volume_claim_templates.count;
         i++) {
        const struct persistent_volume_claim *c = claim_at(s, i, p);
        stale = c && stale_owner(c, "Pod", &p->pod->object);
    }
    return stale;
}

/* updateClaimOwnerRefForSetAndPod: a claim goes with the set when that is deleted, with the pod when that is too many;
 * whatever both say, it has one owner at a time. */
struct owners {
    bool set, pod;
};
static struct owners wanted_owners(const struct sts_sync *s, const struct sts_pod *p)
{
    const struct claim_retention_policy *policy = s->set->spec.claim_retention;
    bool with_pod = policy && text_is(policy->when_scaled, "Delete") && !sts_in_range(s->set, p->ordinal);
    return (struct owners){policy && text_is(policy->when_deleted, "Delete") && !with_pod, with_pod};
}

/* isClaimOwnerUpToDate: what belongs to another of that name is left alone. */
static bool owners_are_right(const struct sts_sync *s, const struct persistent_volume_claim *c, const struct sts_pod *p)
{
    const struct api_object *set = &s->set->object, *pod = &p->pod->object;
    if (stale_owner(c, "StatefulSet", set) || stale_owner(c, "Pod", pod))
        return true;
    struct owners wanted = wanted_owners(s, p);
    return owned_by(c, set) == wanted.set && owned_by(c, pod) == wanted.pod;
}

bool sts_claims_match_policy(struct sts_sync *s, const struct sts_pod *p)
{
    bool match = true;
    for (uint32_t i = 0; p->exists && i < s->set->spec.volume_claim_templates.count; i++) {
        const struct persistent_volume_claim *c = claim_at(s, i, p);
        match = match && (!c || owners_are_right(s, c, p));
    }
    return match;
}

static void set_owners(struct sts_sync *s, const struct persistent_volume_claim *c, const struct sts_pod *p,
                       uint32_t stage)
{
    const struct object_meta *m = &c->object.meta;
    struct owner_reference *items = arena_array(s->keep, struct owner_reference, m->owner_references.count + 2);
    struct owners wanted = wanted_owners(s, p);
    uint32_t n = 0;
    for (uint32_t i = 0; i < m->owner_references.count; i++) {
        const struct owner_reference *r = &m->owner_references.items[i];
        if (!names(r, "StatefulSet", &s->set->object) && !names(r, "Pod", &p->pod->object))
            items[n++] = *r;
    }
    if (wanted.set)
        items[n++] = *controller_reference(s->keep, &s->set->object);
    if (wanted.pod)
        items[n++] = *controller_reference(s->keep, &p->pod->object);
    struct sts_step *step = sts_step(s, STS_CLAIM_OWNERS, stage, &c->object);
    step->owners = items;
    step->owner_count = n;
}

void sts_apply_policy(struct sts_sync *s, const struct sts_pod *p, uint32_t stage)
{
    for (uint32_t i = 0; i < s->set->spec.volume_claim_templates.count; i++) {
        const struct persistent_volume_claim *c = claim_at(s, i, p);
        if (c && !owners_are_right(s, c, p))
            set_owners(s, c, p, stage + i);
    }
}
