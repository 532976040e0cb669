/* pod_control.c - see pod_control.h.
 */
#include "model/pod_control.h"

#include <string.h>

/* ---- finalizers ---- */

bool has_finalizer(const struct api_object *o, const char *name)
{
    for (uint32_t i = 0; i < o->meta.finalizers.count; i++)
        if (strcmp(o->meta.finalizers.items[i], name) == 0)
            return true;
    return false;
}

str_list finalizers_without(struct arena *a, const str_list *list, const char *name)
{
    str_list next = {arena_array(a, const char *, list->count + 1), 0};
    for (uint32_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i], name) != 0)
            next.items[next.count++] = list->items[i];
    return next;
}

str_list finalizers_with(struct arena *a, const str_list *list, const char *name)
{
    str_list next = finalizers_without(a, list, name);
    if (next.count < list->count)
        return *list;
    next.items[next.count++] = name;
    return next;
}

bool pod_remove_finalizer(struct store *st, enum trace_component who, uint32_t pod, const char *name)
{
    const struct api_object *current = store_by_ordinal(st, pod);
    if (!current || !has_finalizer(current, name))
        return current != NULL;
    struct api_object *next = store_edit(st, current);
    next->meta.finalizers = finalizers_without(store_arena(st), &current->meta.finalizers, name);
    store_update(st, who, next, false);
    return true;
}

/* ---- pods of a template ---- */

struct owner_reference *controller_reference(struct arena *a, const struct api_object *controller)
{
    struct owner_reference *r = arena_new(a, struct owner_reference);
    *r = (struct owner_reference){.api_version = kind_infos[controller->kind].api_version,
                                  .kind = kind_infos[controller->kind].kind,
                                  .name = controller->meta.name,
                                  .uid = controller->meta.uid,
                                  .controller = {true, true},
                                  .block_owner_deletion = {true, true}};
    return r;
}

struct pod *pod_from_template(struct arena *a, const struct api_object *controller, const struct pod_template *t,
                              struct owner_reference *owner)
{
    struct pod *p = api_new(a, kind_infos[KIND_POD].type, struct pod);
    p->object.kind = KIND_POD;
    p->object.api_version_text = "v1";
    p->object.kind_text = "Pod";
    p->object.source = workload_template_source(controller);
    struct object_meta *m = &p->object.meta;
    m->generate_name = arena_printf(a, "%s-", controller->meta.name);
    m->namespace_ = controller->meta.namespace_;
    m->labels = t->meta.labels;
    m->annotations = t->meta.annotations;
    m->finalizers = t->meta.finalizers;
    m->owner_references.items = owner;
    m->owner_references.count = 1;
    p->spec = t->spec;
    return p;
}

/* ---- whose they are ---- */

enum call_result pod_change_owner(struct store *st, enum trace_component who, const struct api_object *controller,
                                  uint32_t pod, bool adopt, const char *finalizer)
{
    struct arena *a = store_arena(st);
    const struct api_object *current = store_by_ordinal(st, pod), *fresh = store_by_ordinal(st, controller->ordinal);
    if (adopt && (!fresh || fresh->meta.deletion_timestamp != SIM_NEVER))
        return CALL_ABORT;
    if (!current)
        return CALL_OK;
    struct api_object *next = store_edit(st, current);
    uint32_t n = current->meta.owner_references.count, kept = 0;
    struct owner_reference *items = arena_array(a, struct owner_reference, n + 1);
    for (uint32_t i = 0; i < n; i++)
        if (strcmp(current->meta.owner_references.items[i].uid, controller->meta.uid) != 0)
            items[kept++] = current->meta.owner_references.items[i];
    if (adopt)
        items[kept++] = *controller_reference(a, controller);
    next->meta.owner_references.items = items;
    next->meta.owner_references.count = kept;
    if (finalizer)
        next->meta.finalizers = (adopt ? finalizers_with : finalizers_without)(a, &current->meta.finalizers, finalizer);
    store_update(st, who, next, false);
    return CALL_OK;
}
