/* kubectl_document.c - objects as documents that are changed path by path: what scale, set, rollout and edit send.
 *
 * Documents are never changed in place: a map on the way to a change is copied, the rest is shared.
 */
#include <string.h>

#include "model/kubectl_private.h"

/* ---- making values ---- */

struct value *document_new(struct arena *a, enum value_type type, uint32_t room)
{
    struct value *v = arena_new(a, struct value);
    v->type = type;
    v->at = SRC_POS_NONE;
    if (type == VALUE_MAP)
        v->entries = arena_array(a, struct value_entry, room + 1);
    else if (type == VALUE_LIST)
        v->items = arena_array(a, const struct value *, room + 1);
    return v;
}

void document_add_entry(struct value *map, const char *key, const struct value *value)
{
    struct value_entry *entries = (struct value_entry *)(uintptr_t)map->entries; /* ours: document_new() */
    entries[map->count++] = (struct value_entry){key, SRC_POS_NONE, value};
}

void document_add_item(struct value *list, const struct value *item)
{
    const struct value **items = (const struct value **)(uintptr_t)list->items; /* ours: document_new() */
    items[list->count++] = item;
}

const struct value *document_text(struct arena *a, const char *text)
{
    struct value *v = document_new(a, VALUE_STRING, 0);
    v->text = text;
    return v;
}

const struct value *document_integer(struct arena *a, int64_t n)
{
    struct value *v = document_new(a, VALUE_INT, 0);
    v->integer = n;
    v->text = arena_printf(a, "%" PRId64, n);
    return v;
}

const struct value *document_boolean(struct arena *a, bool on)
{
    struct value *v = document_new(a, VALUE_BOOL, 0);
    v->boolean = on;
    v->text = on ? "true" : "false";
    return v;
}

/* ---- reading ---- */

/* The document is written with epoch 0 and read with epoch 0, so that times come back as they were. */
const struct value *kubectl_document(struct kubectl_run *r, const struct api_object *o)
{
    return api_to_value(kind_infos[o->kind].type, r->arena, o, 0);
}

/* The first step of a path; *rest = what is behind the dot. A key with dots in it ends the path: ":a.b/c". */
static const char *first_step(struct arena *a, const char *path, const char **rest)
{
    if (*path == ':') {
        *rest = "";
        return path + 1;
    }
    size_t n = strcspn(path, ".");
    *rest = path[n] ? path + n + 1 : "";
    return arena_strndup(a, path, n);
}

const struct value *document_get(const struct value *document, const char *path)
{
    while (document && *path) {
        size_t n = *path == ':' ? strlen(path) : strcspn(path, ".");
        const char *key = *path == ':' ? path + 1 : path;
        size_t key_len = *path == ':' ? n - 1 : n;
        const struct value *next = NULL;
        for (uint32_t i = 0; document->type == VALUE_MAP && i < document->count; i++) {
            const struct value_entry *e = &document->entries[i];
            if (strlen(e->key) == key_len && memcmp(e->key, key, key_len) == 0)
                next = e->value;
        }
        document = next;
        path += n + (path[n] == '.');
    }
    return document;
}

int64_t document_number(const struct value *document, const char *path, int64_t otherwise)
{
    const struct value *v = document_get(document, path);
    return v && v->type == VALUE_INT ? v->integer : otherwise;
}

const char *document_string(const struct value *document, const char *path)
{
    const struct value *v = document_get(document, path);
    return v && v->text ? v->text : "";
}

/* ---- changing ---- */

const struct value *document_put(struct arena *a, const struct value *document, const char *path,
                                 const struct value *value)
{
    if (!*path)
        return value;
    const char *rest, *key = first_step(a, path, &rest);
    uint32_t had = document && document->type == VALUE_MAP ? document->count : 0;
    struct value *map = document_new(a, VALUE_MAP, had + 1);
    const struct value *old = had ? value_get(document, key) : NULL;
    const struct value *next = !old && !value ? NULL : document_put(a, old, rest, value);
    for (uint32_t i = 0; i < had; i++) {
        const struct value_entry *e = &document->entries[i];
        if (strcmp(e->key, key) != 0)
            document_add_entry(map, e->key, e->value);
        else if (next)
            document_add_entry(map, key, next);
    }
    if (!old && next)
        document_add_entry(map, key, next);
    return map;
}

/* ---- tables ---- */

const struct api_field *type_field(const struct api_type *type, const char *path)
{
    const struct api_field *found = NULL;
    while (*path) {
        size_t n = strcspn(path, ".");
        found = NULL;
        for (uint32_t i = 0; type && i < type->field_count; i++)
            if (strlen(type->fields[i].name) == n && memcmp(type->fields[i].name, path, n) == 0)
                found = &type->fields[i];
        if (!found)
            return NULL;
        type = found->type;
        path += n + (path[n] == '.');
    }
    return found;
}

const char *pod_template_path(enum api_kind kind)
{
    const struct api_type *type = kind_infos[kind].type;
    if (kind == KIND_POD)
        return "";
    if (type_field(type, "spec.template"))
        return "spec.template";
    return type_field(type, "spec.jobTemplate.spec.template") ? "spec.jobTemplate.spec.template" : NULL;
}
