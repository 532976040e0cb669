/* statefulset_pod.c - what pods of a StatefulSet look like: names, labels, volumes, which revision they are made from.
 *
 * Mirrors k8s pkg/controller/statefulset/stateful_set_utils.go (v1.36).
 */
#include "model/statefulset.h"

#include <string.h>

#include "model/deployment.h"
#include "model/pod_control.h"

/* ---- names: getParentNameAndOrdinal ---- */

int64_t sts_ordinal_of(const struct stateful_set *set, const struct pod *p)
{
    const char *name = p->object.meta.name, *parent = set->object.meta.name;
    size_t n = strlen(parent);
    if (strncmp(name, parent, n) != 0 || name[n] != '-')
        return -1;
    const char *digits = name + n + 1;
    size_t count = strspn(digits, "0123456789");
    if (count == 0 || count > 10 || digits[count])
        return -1;
    int64_t ordinal = 0;
    for (size_t i = 0; i < count; i++)
        ordinal = 10 * ordinal + (digits[i] - '0');
    return ordinal <= INT32_MAX ? ordinal : -1;
}

int64_t sts_start(const struct stateful_set *set) { return set->spec.ordinals ? set->spec.ordinals->start : 0; }

bool sts_in_range(const struct stateful_set *set, int64_t ordinal)
{
    return ordinal >= sts_start(set) && ordinal < sts_start(set) + set->spec.replicas.value;
}

const char *sts_pod_revision(const struct pod *p)
{
    const char *revision = str_map_get(&p->object.meta.labels, POD_REVISION_LABEL);
    return revision ? revision : "";
}

/* ---- identity and storage ---- */

static const struct value *claim_of_volume(const struct volume *v)
{
    const struct value *source = v->other ? value_get(v->other, "persistentVolumeClaim") : NULL;
    return source ? value_get(source, "claimName") : NULL;
}

/* storageMatches */
static bool has_its_claims(const struct stateful_set *set, const struct pod *p)
{
    size_t parent = strlen(set->object.meta.name);
    for (uint32_t i = 0; i < set->spec.volume_claim_templates.count; i++) {
        const char *name = set->spec.volume_claim_templates.items[i].object.meta.name;
        const struct value *claim = NULL;
        for (uint32_t k = 0; k < p->spec.volumes.count && !claim; k++)
            if (text_is(p->spec.volumes.items[k].name, name))
                claim = claim_of_volume(&p->spec.volumes.items[k]);
        /* <template>-<pod> */
        size_t n = strlen(name);
        if (!claim || !claim->text || strncmp(claim->text, name, n) != 0 || claim->text[n] != '-' ||
            strcmp(claim->text + n + 1, p->object.meta.name) != 0 || strlen(claim->text) < n + parent)
            return false;
    }
    return true;
}

/* identityMatches, storageMatches; that the name is right is known. */
bool sts_pod_is_as_it_should(const struct stateful_set *set, const struct pod *p)
{
    const char *label = str_map_get(&p->object.meta.labels, POD_NAME_LABEL);
    return label && strcmp(label, p->object.meta.name) == 0 && has_its_claims(set, p);
}

/* updateStorage. k8s-order: volumes of claims are in the order of the templates; a real one's is that of a Go map. */
static void put_volumes(struct arena *a, const struct stateful_set *set, struct pod *p, int64_t ordinal)
{
    uint32_t claims = set->spec.volume_claim_templates.count, before = p->spec.volumes.count;
    const struct volume *were = p->spec.volumes.items;
    if (claims == 0)
        return;
    p->spec.volumes.items = arena_array(a, struct volume, claims + before);
    p->spec.volumes.count = 0;
    for (uint32_t i = 0; i < claims; i++)
        p->spec.volumes.items[p->spec.volumes.count++] = claim_volume(
            a, set->spec.volume_claim_templates.items[i].object.meta.name, sts_claim_name(a, set, i, ordinal));
    for (uint32_t i = 0; i < before; i++) {
        bool replaced = false;
        for (uint32_t k = 0; k < claims; k++)
            replaced = replaced || text_same(were[i].name, p->spec.volumes.items[k].name);
        if (!replaced)
            p->spec.volumes.items[p->spec.volumes.count++] = were[i];
    }
}

/* updateIdentity, updateStorage. */
void sts_mend_pod(struct arena *a, const struct stateful_set *set, struct pod *p)
{
    int64_t ordinal = sts_ordinal_of(set, p);
    struct object_meta *m = &p->object.meta;
    m->labels = map_with(a, &m->labels, POD_NAME_LABEL, m->name);
    m->labels = map_with(a, &m->labels, POD_INDEX_LABEL, arena_printf(a, "%" PRId64, ordinal));
    if (!has_its_claims(set, p))
        put_volumes(a, set, p, ordinal);
}

/* newVersionedStatefulSetPod: what is below the partition, or belongs to what has not been updated yet, stays old. */
static const struct controller_revision *revision_for(const struct sts_sync *s, int64_t ordinal)
{
    const struct stateful_set_update_strategy *u = &s->set->spec.update_strategy;
    int64_t start = sts_start(s->set);
    bool old = u->rolling_update
                   ? ordinal < start + u->rolling_update->partition.value
                   : text_is(u->type, "RollingUpdate") && ordinal < start + s->set->status.current_replicas;
    return old ? s->current : s->update;
}

struct pod *sts_make_pod(struct sts_sync *s, int64_t ordinal)
{
    const struct controller_revision *r = revision_for(s, ordinal);
    const struct api_object *set = &s->set->object;
    struct pod *p = pod_from_template(s->keep, set, history_template(r), controller_reference(s->keep, set));
    struct object_meta *m = &p->object.meta;
    m->name = arena_printf(s->keep, "%s-%" PRId64, set->meta.name, ordinal);
    m->labels = map_with(s->keep, &m->labels, POD_REVISION_LABEL, r->object.meta.name);
    sts_mend_pod(s->keep, s->set, p);
    p->spec.hostname = m->name;
    p->spec.subdomain = s->set->spec.service_name;
    return p;
}
