/* why_field.c - where in the manifest a field stands that has decided something. Pods of a workload have no document of
 * their own: theirs is the template of whoever owns them.
 */
#include <string.h>

#include "report/why_private.h"

static const struct api_object *owner_of(const struct why *w, const struct api_object *o)
{
    for (uint32_t i = 0; i < o->meta.owner_references.count; i++) {
        const struct owner_reference *ref = &o->meta.owner_references.items[i];
        for (uint32_t k = 1; ref->controller.value && k < w->view.object_count; k++) {
            const struct api_object *owner = w->view.objects[k].latest;
            if (owner && text_same(owner->meta.uid, ref->uid))
                return owner;
        }
    }
    return NULL;
}

static const struct value *template_of(const struct value *document)
{
    const struct value *spec = document ? value_get(document, "spec") : NULL;
    const struct value *job = spec ? value_get(spec, "jobTemplate") : NULL;
    if (job)
        spec = value_get(job, "spec");
    return spec ? value_get(spec, "template") : NULL;
}

/* The mapping that is the pod's spec in some document; NULL = nobody wrote one. */
static const struct value *spec_source(const struct why *w, const struct pod *pod)
{
    enum { GENERATIONS = 4 };
    if (pod->object.source)
        return value_get(pod->object.source, "spec");
    const struct api_object *o = &pod->object;
    for (int i = 0; i < GENERATIONS && (o = owner_of(w, o)) != NULL; i++) {
        const struct value *template_ = template_of(o->source);
        if (template_)
            return value_get(template_, "spec");
    }
    return NULL;
}

static const struct value *named(const struct value *list, const char *name)
{
    for (uint32_t i = 0; list && list->type == VALUE_LIST && i < list->count; i++) {
        const struct value *own = value_get(list->items[i], "name");
        if (own && own->type != VALUE_MAP && own->type != VALUE_LIST && text_same(own->text, name))
            return list->items[i];
    }
    return NULL;
}

static void add(struct why *w, struct why_step *step, const struct value *from, const char *path, const char *value)
{
    const struct value *at = from;
    struct src_pos pos = from ? from->at : SRC_POS_NONE;
    bool written = true;
    for (const char *p = path; *p && at;) {
        size_t n = strcspn(p, ".");
        const struct value_entry *e =
            at->type == VALUE_MAP ? value_entry(at, arena_strndup(&w->view.arena, p, n)) : NULL;
        if (!e) {
            written = false;
            break;
        }
        pos = e->key_at;
        at = e->value;
        p += n + (p[n] == '.');
    }
    const char *where = at ? view_position(&w->view, pos) : NULL;
    if (step->field_count == WHY_FIELDS || (!value && !written))
        return;
    if (!value)
        value = at && at->type != VALUE_MAP && at->type != VALUE_LIST ? at->text : "...";
    bool scalar = written && at && at->type != VALUE_MAP && at->type != VALUE_LIST;
    const char *note = !written || !where                       ? " (default)"
                       : scalar && strcmp(at->text, value) != 0 ? arena_printf(&w->view.arena,
                                                                               " (changed since; the manifest "
                                                                               "says %s)",
                                                                               at->text)
                                                                : "";
    step->fields[step->field_count++] =
        arena_printf(&w->view.arena, "%s%s%s: %s%s", where ? where : "", where ? " " : "", path, value, note);
}

void why_field(struct why *w, struct why_step *step, const struct pod *pod, const char *container, const char *path,
               const char *value)
{
    const struct value *spec = spec_source(w, pod), *from = spec;
    static const char *const lists[] = {"containers", "initContainers", "ephemeralContainers"};
    for (size_t i = 0; container && spec && i < ARRAY_LEN(lists); i++) {
        const struct value *found = named(value_get(spec, lists[i]), container);
        from = found ? found : from;
    }
    add(w, step, from, path, value);
}

void why_own_field(struct why *w, struct why_step *step, const struct api_object *o, const char *path,
                   const char *value)
{
    add(w, step, o->source ? value_get(o->source, "spec") : NULL, path, value);
}
