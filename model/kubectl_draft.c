/* kubectl_draft.c - what create --dry-run=client -o yaml prints: the object as kubectl would send it, without what the
 * API server adds.
 *
 * kubectl pkg/cmd/create/create_*.go, pkg/cmd/run/run.go (v1.34). Objects that kubectl makes up are Go structs: fields
 * without omitempty are printed empty. Those of a file are printed as they stand there, with their namespace.
 */
#include <string.h>

#include "model/kubectl_private.h"

/* Fields that such a struct prints even when they are empty. */
static const struct {
    const char *kind, *path;
} empty_fields[] = {
    {"Deployment", "spec.strategy"}, {"Deployment", "status"}, {"Namespace", "spec"},
    {"Namespace", "status"},         {"Pod", "status"},        {"Service", "status.loadBalancer"},
};

/* resources: {} of every container. */
static const struct value *with_resources(struct kubectl_run *r, const struct value *document, const char *path)
{
    const struct value *list = document_get(document, path);
    if (!list || list->type != VALUE_LIST)
        return document;
    struct value *next = document_new(r->arena, VALUE_LIST, list->count);
    for (uint32_t i = 0; i < list->count; i++)
        document_add_item(
            next, document_get(list->items[i], "resources")
                      ? list->items[i]
                      : document_put(r->arena, list->items[i], "resources", document_new(r->arena, VALUE_MAP, 0)));
    return document_put(r->arena, document, path, next);
}

/* kubectl run sets these two itself. */
static const struct value *with_policies(struct kubectl_run *r, const struct value *document)
{
    document = document_put(r->arena, document, "spec.dnsPolicy", document_text(r->arena, "ClusterFirst"));
    if (!document_get(document, "spec.restartPolicy"))
        document = document_put(r->arena, document, "spec.restartPolicy", document_text(r->arena, "Always"));
    return document;
}

/* A Secret's data are base64. */
static const struct value *with_data(struct kubectl_run *r, const struct value *document)
{
    const struct value *texts = document_get(document, "stringData");
    struct value *data = document_new(r->arena, VALUE_MAP, texts ? texts->count : 0);
    for (uint32_t i = 0; texts && i < texts->count; i++) {
        const char *text = texts->entries[i].value->text;
        document_add_entry(data, texts->entries[i].key,
                           document_text(r->arena, value_base64_encode(r->arena, text, strlen(text))));
    }
    document = document_put(r->arena, document, "stringData", NULL);
    return data->count ? document_put(r->arena, document, "data", data) : document;
}

const struct value *kubectl_draft(struct kubectl_run *r, const struct api_object *o)
{
    const struct value *document = r->command->draft ? r->command->draft : o->source;
    const char *kind = kind_infos[o->kind].kind;
    if (!document)
        return NULL;
    bool made_up = r->command->draft || r->command->made_name;
    bool given = kind_infos[o->kind].namespaced && (!made_up || r->command->namespace_);
    if (given)
        document = document_put(r->arena, document, "metadata.namespace", document_text(r->arena, o->meta.namespace_));
    if (!made_up)
        return document;
    for (size_t i = 0; i < ARRAY_LEN(empty_fields); i++)
        if (strcmp(empty_fields[i].kind, kind) == 0 && !document_get(document, empty_fields[i].path))
            document = document_put(r->arena, document, empty_fields[i].path, document_new(r->arena, VALUE_MAP, 0));
    if (o->kind == KIND_POD)
        document = with_policies(r, document);
    if (o->kind == KIND_SECRET)
        document = with_data(r, document);
    document = with_resources(r, document, "spec.containers");
    return with_resources(r, document, "spec.template.spec.containers");
}
