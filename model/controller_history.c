/* controller_history.c - see controller_history.h.
 *
 * Left out on purpose: fields of a template that podsim does not know are not in the patch; StatefulSetSemantic-
 * RevisionComparison (1.34), which is about defaults that a newer API server adds.
 */
#include "model/controller_history.h"

#include <stdlib.h>
#include <string.h>

#include "model/api_types.h"
#include "model/deployment.h"
#include "model/document.h"
#include "model/pod_control.h"

/* k8s ControllerRevisionName: leaves room for the hash. */
enum { PREFIX_MAX = 223 };

const struct pod_template *history_template(const struct controller_revision *r)
{
    return &r->data.spec.template_.template_;
}

bool history_equal(const struct controller_revision *r, const struct pod_template *t)
{
    const struct pod_template *was = history_template(r);
    if (!api_equal(&object_meta_type, &was->meta, &t->meta))
        return false;
    /* One is mostly a copy of the other, down to the pointers. */
    return memcmp(&was->spec, &t->spec, sizeof t->spec) == 0 || api_equal(&pod_spec_type, &was->spec, &t->spec);
}

const struct controller_revision *history_find(const struct revision_list *list, const struct pod_template *t)
{
    for (uint32_t i = list->count; i-- > 0;)
        if (history_equal(list->items[i], t))
            return list->items[i];
    return NULL;
}

const struct controller_revision *history_named(const struct revision_list *list, const char *name)
{
    for (uint32_t i = 0; name && i < list->count; i++)
        if (strcmp(list->items[i]->object.meta.name, name) == 0)
            return list->items[i];
    return NULL;
}

/* ---- a new one ---- */

static const struct api_type *data_type(void)
{
    const struct api_field *f = controller_revision_type.fields;
    while (strcmp(f->name, "data") != 0)
        f++;
    return f->type;
}

/* FNV-1 of the patch as JSON, then of the number of collisions. Go wrote a time that is not set as null, until 1.34. */
const char *history_hash(struct arena *a, const struct pod_template *t, const struct features *f, int64_t collisions)
{
    struct revision_data data = {{{"replace", *t}}};
    const struct value *patch = api_to_value(data_type(), a, &data, 0);
    struct strbuf b = STRBUF_INIT;
    if (feature_on(f, FEATURE_UNSET_TIMES_ARE_NULL))
        patch = document_put(a, patch, "spec.template.metadata.creationTimestamp", document_new(a, VALUE_NULL, 0));
    value_write_json(patch, &b, 0);
    while (b.len && b.data[b.len - 1] == '\n')
        b.data[--b.len] = '\0';
    strbuf_printf(&b, "%" PRId64, collisions);
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < b.len; i++)
        hash = (hash * 16777619u) ^ (unsigned char)b.data[i];
    strbuf_fini(&b);
    return safe_encode(a, hash);
}

struct controller_revision *history_new(struct arena *a, const struct api_object *owner, const struct pod_template *t,
                                        int64_t number, const char *key, const char *hash)
{
    struct controller_revision *r = api_new(a, &controller_revision_type, struct controller_revision);
    r->object.kind = KIND_CONTROLLERREVISION;
    r->object.api_version_text = "apps/v1";
    r->object.kind_text = "ControllerRevision";
    r->object.source = owner->source;
    r->data.spec.template_ = (struct revision_template){"replace", *t};
    r->revision = number;
    struct object_meta *m = &r->object.meta;
    m->name = arena_printf(a, "%.*s-%s", PREFIX_MAX, owner->meta.name, hash);
    m->namespace_ = owner->meta.namespace_;
    m->labels = map_with(a, &t->meta.labels, key, hash);
    m->annotations = owner->meta.annotations;
    m->owner_references.items = controller_reference(a, owner);
    m->owner_references.count = 1;
    return r;
}

/* ---- those there are ---- */

static int by_revision(const void *a, const void *b)
{
    const struct controller_revision *x = *(const struct controller_revision *const *)a,
                                     *y = *(const struct controller_revision *const *)b;
    if (x->revision != y->revision)
        return x->revision < y->revision ? -1 : 1;
    if (x->object.meta.creation_timestamp != y->object.meta.creation_timestamp)
        return x->object.meta.creation_timestamp < y->object.meta.creation_timestamp ? -1 : 1;
    return strcmp(x->object.meta.name, y->object.meta.name);
}

struct revision_list history_list(struct arena *a, const struct informers *f, const struct api_object *owner,
                                  const struct label_selector *selector)
{
    uint32_t firsts[] = {informers_first_owned(f, KIND_CONTROLLERREVISION, owner->meta.uid),
                         informers_first_orphan(f, KIND_CONTROLLERREVISION, owner->meta.namespace_)};
    uint32_t most = 0;
    for (size_t list = 0; list < ARRAY_LEN(firsts); list++)
        for (uint32_t i = firsts[list]; i; i = informers_next(f, i))
            most++;
    struct revision_list l = {arena_array(a, const struct controller_revision *, most + 1), 0};
    for (size_t list = 0; list < ARRAY_LEN(firsts); list++)
        for (uint32_t i = firsts[list]; i; i = informers_next(f, i)) {
            const struct controller_revision *r = (const struct controller_revision *)informers_item(f, i);
            if (label_selector_matches(selector, &r->object.meta.labels))
                l.items[l.count++] = r;
        }
    qsort(l.items, l.count, sizeof *l.items, by_revision);
    return l;
}
