/* value_tree.c - reading a tree of values: look-up, copies, comparison. */
#include <string.h>

#include "model/value.h"

const struct value_entry *value_entry(const struct value *map, const char *key)
{
    if (!map || map->type != VALUE_MAP)
        return NULL;
    for (uint32_t i = 0; i < map->count; i++)
        if (strcmp(map->entries[i].key, key) == 0)
            return &map->entries[i];
    return NULL;
}

const struct value *value_get(const struct value *map, const char *key)
{
    const struct value_entry *e = value_entry(map, key);
    return e ? e->value : NULL;
}

const struct value *value_copy(struct arena *a, const struct value *v)
{
    if (!v)
        return NULL;
    struct value *copy = arena_new(a, struct value);
    *copy = *v;
    if (v->text)
        copy->text = arena_strdup(a, v->text);
    if (v->type == VALUE_LIST) {
        const struct value **items = arena_array(a, const struct value *, v->count);
        for (uint32_t i = 0; i < v->count; i++)
            items[i] = value_copy(a, v->items[i]);
        copy->items = items;
    } else if (v->type == VALUE_MAP) {
        struct value_entry *entries = arena_array(a, struct value_entry, v->count);
        for (uint32_t i = 0; i < v->count; i++) {
            entries[i] = v->entries[i];
            entries[i].key = arena_strdup(a, v->entries[i].key);
            entries[i].value = value_copy(a, v->entries[i].value);
        }
        copy->entries = entries;
    }
    return copy;
}

bool value_equal(const struct value *a, const struct value *b)
{
    if (!a || !b)
        return a == b;
    if (a == b)
        return true;
    if (a->type != b->type || (a->type >= VALUE_LIST && a->count != b->count))
        return false;
    switch (a->type) {
    case VALUE_NULL:
        return true;
    case VALUE_BOOL:
        return a->boolean == b->boolean;
    case VALUE_INT:
        return a->integer == b->integer;
    case VALUE_FLOAT:
    case VALUE_STRING:
        return strcmp(a->text, b->text) == 0;
    case VALUE_LIST:
        for (uint32_t i = 0; i < a->count; i++)
            if (!value_equal(a->items[i], b->items[i]))
                return false;
        return true;
    case VALUE_MAP:
    default:
        for (uint32_t i = 0; i < a->count; i++)
            if (!value_equal(a->entries[i].value, value_get(b, a->entries[i].key)))
                return false;
        return true;
    }
}
