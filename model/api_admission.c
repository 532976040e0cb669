/* api_admission.c - the chain of admission plugins, and those of them that are short: NamespaceLifecycle, Priority,
 * DefaultTolerationSeconds.
 *
 * k8s pkg/kubeapiserver/options/plugins.go, plugin/pkg/admission/priority/admission.go,
 * defaulttolerationseconds/admission.go, staging/src/k8s.io/apiserver/pkg/admission/plugin/namespace/lifecycle (v1.36);
 * semantics/api-objects.md 6. Left out on purpose: ServiceAccount (no token volumes), RuntimeClass, webhooks and
 * policies, everything about volumes and certificates; namespaces that nobody has created count as existing.
 */
#include "model/api_admission.h"

#include <string.h>

#include "model/api_policy.h"
#include "model/api_types.h"
#include "model/limit_ranger.h"
#include "model/pod_preset.h"
#include "model/quota.h"
#include "sim/cover.h"

/* ---- refusing ---- */

void admission_forbid(struct admission_request *r, const char *reason)
{
    const struct kind_info *k = &kind_infos[r->object->kind];
    r->error = STORE_FORBIDDEN;
    r->why = arena_printf(r->arena, "%s%s%s \"%s\" is forbidden: %s", k->resource, *k->group ? "." : "", k->group,
                          r->object->meta.name, reason);
}

void admission_annotate(struct admission_request *r, const char *key, const char *value)
{
    str_map *m = &r->object->meta.annotations, next = {arena_array(r->arena, struct str_pair, m->count + 1), 0};
    uint32_t i = 0;
    for (; i < m->count && strcmp(m->items[i].key, key) < 0; i++)
        next.items[next.count++] = m->items[i];
    next.items[next.count++] = (struct str_pair){key, value};
    for (i += i < m->count && strcmp(m->items[i].key, key) == 0; i < m->count; i++)
        next.items[next.count++] = m->items[i];
    *m = next;
}

/* ---- NamespaceLifecycle ---- */

static void check_namespace(struct admission_request *r)
{
    const char *name = r->object->meta.namespace_;
    const struct namespace_ *n = (const struct namespace_ *)store_get(r->store, KIND_NAMESPACE, NULL, name);
    if (n && text_is(n->phase, "Terminating")) {
        admission_forbid(r, arena_printf(r->arena,
                                         "unable to create new content in namespace %s because it is being terminated",
                                         name));
        r->error = STORE_TERMINATING;
    } else if (!n && store_namespace_is_gone(r->store, name)) {
        r->error = STORE_NOT_FOUND;
        r->why = arena_printf(r->arena, "namespaces \"%s\" not found", name);
    }
}

/* ---- Priority ---- */

/* k8s getDefaultPriorityClass: of several the least. */
static const struct priority_class *default_class(const struct store *st)
{
    const struct priority_class *least = NULL;
    uint32_t cursor = 0;
    for (const struct api_object *o; (o = store_next(st, KIND_PRIORITYCLASS, &cursor)) != NULL;) {
        const struct priority_class *pc = (const struct priority_class *)o;
        if (pc->global_default && (!least || least->value > pc->value))
            least = pc;
    }
    return least;
}

static void set_priority(struct admission_request *r)
{
    struct pod_spec *s = &((struct pod *)r->object)->spec;
    const char *name = s->priority_class_name;
    const struct priority_class *pc =
        name && *name ? (const struct priority_class *)store_get(r->store, KIND_PRIORITYCLASS, NULL, name)
                      : default_class(r->store);
    if (name && *name && !pc) {
        admission_forbid(r, arena_printf(r->arena, "no PriorityClass with name %s was found", name));
        return;
    }
    int64_t priority = pc ? pc->value : 0;
    const char *policy = pc ? pc->preemption_policy : "PreemptLowerPriority";
    if (s->priority.set && s->priority.value != priority) {
        admission_forbid(
            r, arena_printf(r->arena,
                            "the integer value of priority (%" PRId64
                            ") must not be provided in pod spec; priority admission controller computed %" PRId64
                            " from the given PriorityClass name",
                            s->priority.value, priority));
        return;
    }
    if (s->preemption_policy && policy && strcmp(s->preemption_policy, policy) != 0) {
        admission_forbid(
            r, arena_printf(r->arena,
                            "the string value of PreemptionPolicy (%s) must not be provided in pod spec; priority "
                            "admission controller computed %s from the given PriorityClass name",
                            s->preemption_policy, policy));
        return;
    }
    s->priority_class_name = pc ? pc->object.meta.name : NULL;
    s->priority = (struct opt_i64){priority, true};
    if (policy)
        s->preemption_policy = policy;
}

static void check_one_default_class(struct admission_request *r)
{
    const struct priority_class *other = default_class(r->store);
    if (((const struct priority_class *)r->object)->global_default && other)
        admission_forbid(r, arena_printf(r->arena,
                                         "PriorityClass %s is already marked as default. Only one default can exist",
                                         other->object.meta.name));
}

/* ---- DefaultTolerationSeconds ---- */

static void add_default_tolerations(struct admission_request *r)
{
    pod_default_tolerations(r->arena, &((struct pod *)r->object)->spec);
}

/* ---- the chain ---- */

static void quota(struct admission_request *r)
{
    if (r->object->kind != KIND_EVENT) /* pkg/quota/v1/install DefaultIgnoredResources */
        quota_validate(r);
}

enum { BIT_POD = 1u << KIND_POD, BIT_PRIORITYCLASS = 1u << KIND_PRIORITYCLASS, ANY_NAMESPACED = 0 };

enum {
    ADMITTED,
    REFUSED_NAMESPACE,
    REFUSED_PRIORITY,
    REFUSED_DEFAULT_CLASS,
    REFUSED_LIMIT,
    REFUSED_QUOTA,
    REFUSED_AS_CHANGED
};
COVER_TABLE(api_admission, "admission of the API server", "nobody refuses it", "NamespaceLifecycle: no such namespace",
            "Priority: not what the class says, or no class", "Priority: a second default class",
            "LimitRanger: too much or too little", "ResourceQuota: no room, or it is not said how much",
            "what plugins have made of it is invalid");

/* In the order of AllOrderedPlugins. */
static const struct plugin {
    const char *name;
    uint32_t kinds; /* 1 << KIND_x; ANY_NAMESPACED = all that are in a namespace */
    admission_fn *admit, *validate;
    int refusal; /* row of the table above, ADMITTED = it refuses nothing */
} chain[] = {
    {"NamespaceLifecycle", ANY_NAMESPACED, check_namespace, NULL, REFUSED_NAMESPACE},
    {"PodPreset", BIT_POD, pod_preset_admit, NULL, ADMITTED},
    {"LimitRanger", BIT_POD, limit_ranger_admit, limit_ranger_validate, REFUSED_LIMIT},
    {"Priority", BIT_POD, set_priority, NULL, REFUSED_PRIORITY},
    {"Priority", BIT_PRIORITYCLASS, NULL, check_one_default_class, REFUSED_DEFAULT_CLASS},
    {"DefaultTolerationSeconds", BIT_POD, add_default_tolerations, NULL, ADMITTED},
    {"ResourceQuota", ANY_NAMESPACED, NULL, quota, REFUSED_QUOTA},
};

static bool concerns(const struct plugin *p, const struct api_object *o)
{
    return p->kinds == ANY_NAMESPACED ? kind_infos[o->kind].namespaced : (p->kinds & 1u << o->kind) != 0;
}

static enum store_error run(struct admission_request *r, bool validates)
{
    for (size_t i = 0; i < ARRAY_LEN(chain) && r->error == STORE_OK; i++) {
        admission_fn *fn = validates ? chain[i].validate : chain[i].admit;
        if (!fn || !concerns(&chain[i], r->object))
            continue;
        fn(r);
        if (r->error != STORE_OK)
            COVER(api_admission, chain[i].refusal);
    }
    return r->error;
}

enum store_error admission_admit(struct admission_request *r) { return run(r, false); }

/* What plugins have made of a pod must be a valid pod, as the registry's strategy checks. */
static void validate_object(struct admission_request *r)
{
    const struct kind_info *k = &kind_infos[r->object->kind];
    struct diag_set d;
    diag_init(&d);
    if (api_validate(k->type, r->arena, &d, "", NULL, r->object) != 0) {
        const char *text = "";
        for (uint32_t i = 0; i < d.diags.count; i++)
            text = arena_printf(r->arena, "%s%s%s", text, i ? ", " : "",
                                ((const struct diag *)pool_at(&d.diags, i))->message);
        COVER(api_admission, REFUSED_AS_CHANGED);
        r->error = STORE_INVALID;
        r->why = arena_printf(r->arena, "%s \"%s\" is invalid: %s%s%s", k->kind, r->object->meta.name,
                              d.diags.count > 1 ? "[" : "", text, d.diags.count > 1 ? "]" : "");
    }
    diag_fini(&d);
}

enum store_error admission_validate(struct admission_request *r)
{
    if (r->changed)
        validate_object(r);
    run(r, true);
    if (r->error == STORE_OK)
        COVER(api_admission, ADMITTED);
    return r->error;
}
