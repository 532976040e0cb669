/* limit_ranger.c - see limit_ranger.h. Functions are named after those of admission.go.
 *
 * k8s-order: limit-ranges: those of a namespace count in order of creation, resources in order of their names; both are
 * Go maps there. Left out on purpose: PersistentVolumeClaims, resizes.
 */
#include "model/limit_ranger.h"

#include <string.h>

#include "model/api_quota.h"

#define ANNOTATION "kubernetes.io/limit-ranger"

static const struct limit_range *next_range(const struct admission_request *r, uint32_t *cursor)
{
    for (const struct api_object *o; (o = store_next(r->store, KIND_LIMITRANGE, cursor)) != NULL;)
        if (strcmp(o->meta.namespace_, r->object->meta.namespace_) == 0)
            return (const struct limit_range *)o;
    return NULL;
}

/* ---- defaults ---- */

/* Those that are missing; their names, "cpu, memory". */
static const char *merge(struct arena *a, quantity_map *to, const quantity_map *from)
{
    const char *names = "";
    for (uint32_t i = 0; i < from->count; i++) {
        if (quantity_map_get(to, from->items[i].key))
            continue;
        names = arena_printf(a, "%s%s%s", names, *names ? ", " : "", from->items[i].key);
        *to = quantity_map_with(a, to, from->items[i].key, &from->items[i].value);
    }
    return names;
}

static const char *note(struct arena *a, const char *notes, const char *names, const char *what, const char *prefix,
                        const char *container)
{
    if (!*names)
        return notes;
    return arena_printf(a, "%s%s%s %s for %s %s", notes, *notes ? "; " : "", names, what, prefix, container);
}

/* mergeContainerResources of each; the list is copied when something is set: a pod shares it with its template. */
static const char *merge_containers(struct arena *a, struct container **list, uint32_t count,
                                    const struct limit_range_item *item, const char *prefix, const char *notes)
{
    const char *before = notes;
    struct container *copy = arena_array(a, struct container, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        copy[i] = (*list)[i];
        const char *limits = merge(a, &copy[i].resources.limits, &item->default_);
        const char *requests = merge(a, &copy[i].resources.requests, &item->default_request);
        notes = note(a, notes, requests, "request", prefix, copy[i].name);
        notes = note(a, notes, limits, "limit", prefix, copy[i].name);
    }
    if (notes != before)
        *list = copy;
    return notes;
}

void limit_ranger_admit(struct admission_request *r)
{
    struct pod *p = (struct pod *)r->object;
    const struct limit_range *range;
    for (uint32_t cursor = 0; (range = next_range(r, &cursor)) != NULL;) {
        const char *notes = "";
        for (uint32_t i = 0; i < range->spec.limits.count; i++) {
            const struct limit_range_item *item = &range->spec.limits.items[i];
            if (!text_is(item->type, "Container"))
                continue;
            notes = merge_containers(r->arena, &p->spec.containers.items, p->spec.containers.count, item, "container",
                                     notes);
            notes = merge_containers(r->arena, &p->spec.init_containers.items, p->spec.init_containers.count, item,
                                     "init container", notes);
        }
        if (!*notes)
            continue;
        admission_annotate(r, ANNOTATION, arena_printf(r->arena, "LimitRanger plugin set: %s", notes));
        r->changed = true;
    }
}

/* ---- rules ---- */

/* requestLimitEnforcedValues: in thousandths where all of them can be. */
struct values {
    int64_t request, limit, enforced;
};

static struct values values_of(const struct quantity *request, const struct quantity *limit,
                               const struct quantity *enforced)
{
    static const struct quantity none;
    const struct quantity *q[] = {request ? request : &none, limit ? limit : &none, enforced};
    bool milli = true;
    for (size_t i = 0; i < ARRAY_LEN(q); i++)
        milli = milli && quantity_value(q[i]) <= INT64_MAX / 1000;
    return milli ? (struct values){quantity_milli(q[0]), quantity_milli(q[1]), quantity_milli(q[2])}
                 : (struct values){quantity_value(q[0]), quantity_value(q[1]), quantity_value(q[2])};
}

struct subject { /* a container, or the pod as a whole */
    struct arena *arena;
    const char *type, *resource;
    const struct quantity *request, *limit;
};

static const char *min_constraint(const struct subject *s, const struct quantity *enforced)
{
    struct values v = values_of(s->request, s->limit, enforced);
    if (!s->request)
        return arena_printf(s->arena, "minimum %s usage per %s is %s.  No request is specified", s->resource, s->type,
                            enforced->text);
    if (v.request < v.enforced)
        return arena_printf(s->arena, "minimum %s usage per %s is %s, but request is %s", s->resource, s->type,
                            enforced->text, s->request->text);
    if (s->limit && v.limit < v.enforced)
        return arena_printf(s->arena, "minimum %s usage per %s is %s, but limit is %s", s->resource, s->type,
                            enforced->text, s->limit->text);
    return NULL;
}

static const char *max_constraint(const struct subject *s, const struct quantity *enforced)
{
    struct values v = values_of(s->request, s->limit, enforced);
    if (!s->limit)
        return arena_printf(s->arena, "maximum %s usage per %s is %s.  No limit is specified", s->resource, s->type,
                            enforced->text);
    if (v.limit > v.enforced)
        return arena_printf(s->arena, "maximum %s usage per %s is %s, but limit is %s", s->resource, s->type,
                            enforced->text, s->limit->text);
    if (s->request && v.request > v.enforced)
        return arena_printf(s->arena, "maximum %s usage per %s is %s, but request is %s", s->resource, s->type,
                            enforced->text, s->request->text);
    return NULL;
}

/* Go's %f of a quotient, from integers: six digits, rounded. */
static const char *quotient(struct arena *a, int64_t n, int64_t by)
{
    int64_t whole = n / by, rest = n % by, digits = 0;
    for (int i = 0; i < 6; i++) {
        rest *= 10;
        digits = 10 * digits + rest / by;
        rest %= by;
    }
    digits += rest >= by - rest;
    return arena_printf(a, "%" PRId64 ".%06" PRId64, whole + digits / 1000000, digits % 1000000);
}

static const char *ratio_constraint(const struct subject *s, const struct quantity *enforced)
{
    struct values v = values_of(s->request, s->limit, enforced);
    if (!s->request || v.request == 0)
        return arena_printf(s->arena,
                            "%s max limit to request ratio per %s is %s, but no request is specified or request is 0",
                            s->resource, s->type, enforced->text);
    if (!s->limit || v.limit == 0)
        return arena_printf(s->arena,
                            "%s max limit to request ratio per %s is %s, but no limit is specified or limit is 0",
                            s->resource, s->type, enforced->text);
    /* limit / request > enforced, in thousandths, without fractions */
    int64_t thousandths = v.limit / v.request * 1000 + v.limit % v.request * 1000 / v.request,
            more = v.limit % v.request * 1000 % v.request, most = quantity_milli(enforced);
    if (thousandths < most || (thousandths == most && more == 0))
        return NULL;
    return arena_printf(s->arena, "%s max limit to request ratio per %s is %s, but provided ratio is %s", s->resource,
                        s->type, enforced->text, quotient(s->arena, v.limit, v.request));
}

struct errors {
    struct arena *arena;
    const char *text;
    uint32_t count;
};

/* utilerrors.NewAggregate: each message once. */
static void add_error(struct errors *e, const char *message)
{
    if (!message || (e->count && strstr(e->text, message)))
        return;
    e->text = e->count++ ? arena_printf(e->arena, "%s, %s", e->text, message) : message;
}

static void check_all(struct errors *e, const char *type, const struct limit_range_item *item,
                      const quantity_map *requests, const quantity_map *limits)
{
    static const struct {
        size_t map;
        const char *(*check)(const struct subject *s, const struct quantity *enforced);
    } rules[] = {
        {offsetof(struct limit_range_item, min), min_constraint},
        {offsetof(struct limit_range_item, max), max_constraint},
        {offsetof(struct limit_range_item, max_limit_request_ratio), ratio_constraint},
    };
    for (size_t k = 0; k < ARRAY_LEN(rules); k++) {
        const quantity_map *enforced = (const quantity_map *)((const char *)item + rules[k].map);
        for (uint32_t i = 0; i < enforced->count; i++) {
            const char *key = enforced->items[i].key;
            struct subject s = {e->arena, type, key, quantity_map_get(requests, key), quantity_map_get(limits, key)};
            add_error(e, rules[k].check(&s, &enforced->items[i].value));
        }
    }
}

static void check_containers(struct errors *e, const struct container *list, uint32_t count,
                             const struct limit_range_item *item)
{
    for (uint32_t i = 0; i < count; i++)
        check_all(e, item->type, item, &list[i].resources.requests, &list[i].resources.limits);
}

void limit_ranger_validate(struct admission_request *r)
{
    const struct pod_spec *s = &((const struct pod *)r->object)->spec;
    const struct limit_range *range;
    for (uint32_t cursor = 0; (range = next_range(r, &cursor)) != NULL && r->error == STORE_OK;) {
        struct errors e = {.arena = r->arena};
        for (uint32_t i = 0; i < range->spec.limits.count; i++) {
            const struct limit_range_item *item = &range->spec.limits.items[i];
            if (text_is(item->type, "Container")) {
                check_containers(&e, s->containers.items, s->containers.count, item);
                check_containers(&e, s->init_containers.items, s->init_containers.count, item);
            } else if (text_is(item->type, "Pod")) {
                quantity_map requests, limits;
                pod_request_map(r->arena, s, &requests);
                pod_limit_map(r->arena, s, &limits);
                check_all(&e, item->type, item, &requests, &limits);
            }
        }
        if (e.count)
            admission_forbid(r, e.count > 1 ? arena_printf(r->arena, "[%s]", e.text) : e.text);
    }
}
