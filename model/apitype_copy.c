/* apitype_copy.c - deep copies of objects and their parts, by their tables.
 *
 * A copy may share with an older one what is the same in both: versions of an object hardly differ, and do not change
 * once they are made.
 */
#include "model/apitype_private.h"

#include <string.h>

struct copier {
    struct arena *arena;         /* of the copies */
    const struct arena *scratch; /* what is not in here lasts, and is not copied; NULL: all is copied */
};

static bool lasts(const struct copier *k, const void *p) { return !p || (k->scratch && !arena_has(k->scratch, p)); }

static const char *copy_text(const struct copier *k, const char *s, const char *like)
{
    if (s && like && (s == like || strcmp(s, like) == 0))
        return like;
    return lasts(k, s) ? s : arena_strdup(k->arena, s);
}

/* Where a pointer's or text's address is; NULL when there is nothing to be like. */
#define LIKE(type, like) ((like) ? *(const type *const *)(like) : NULL)

static void *copy_bytes(const struct copier *k, const void *from, size_t bytes)
{
    void *to = arena_alloc(k->arena, bytes);
    if (bytes)
        memcpy(to, from, bytes);
    return to;
}

/* ---- the same, member by member: what they point at is shared already ---- */

static bool same_members(const struct api_type *type, const void *x, const void *y);

static bool same_member(const struct api_field *f, const void *x, const void *y)
{
    switch (f->kind) {
    case FIELD_BOOL:
        return *(const bool *)x == *(const bool *)y;
    case FIELD_OPT_BOOL: {
        const struct opt_bool *a = x, *b = y;
        return a->set == b->set && a->value == b->value;
    }
    case FIELD_OPT_INT32:
    case FIELD_OPT_INT64: {
        const struct opt_i64 *a = x, *b = y;
        return a->set == b->set && a->value == b->value;
    }
    case FIELD_INT_OR_STRING:
    case FIELD_QUANTITY: /* rare in what is shared: the same only when there is none */
        return !field_is_set(f, x) && !field_is_set(f, y);
    case FIELD_OBJECT:
        return same_members(f->type, x, y);
    case FIELD_LIST:
    case FIELD_STRING_LIST:
    case FIELD_INT_LIST:
    case FIELD_STRING_MAP:
    case FIELD_BYTES_MAP:
    case FIELD_QUANTITY_MAP: {
        const struct any_list *a = x, *b = y;
        return a->count == b->count && (a->count == 0 || a->items == b->items);
    }
    case FIELD_STRING:
    case FIELD_ENUM:
    case FIELD_POINTER:
    case FIELD_RAW:
        return *(const void *const *)x == *(const void *const *)y;
    case FIELD_INT32:
    case FIELD_INT64:
    case FIELD_TIME:
    case FIELD_MICRO_TIME:
    case FIELD_DURATION:
        return *(const int64_t *)x == *(const int64_t *)y;
    }
    return false;
}

static bool same_members(const struct api_type *type, const void *x, const void *y)
{
    for (uint32_t i = 0; i < type->field_count; i++) {
        const struct api_field *f = &type->fields[i];
        if (!(f->flags & FIELD_DROPPED) && !same_member(f, field_in(f, x), field_in(f, y)))
            return false;
    }
    return true;
}

/* ---- copies ---- */

static void copy_members(const struct api_type *type, const struct copier *k, void *to, const void *like);

static void copy_each(const struct api_type *type, const struct copier *k, void *items, uint32_t count,
                      const void *like, uint32_t like_count)
{
    for (uint32_t i = 0; i < count; i++) {
        size_t at = type->size * i;
        copy_members(type, k, (char *)items + at, like && i < like_count ? (const char *)like + at : NULL);
    }
}

/* Some items of a type. If they turn out to be the same as those in `like`, they are those. */
static void *copy_items(const struct api_type *type, const struct copier *k, const void *from, uint32_t count,
                        const void *like, uint32_t like_count)
{
    max_align_t usual[64];
    const size_t bytes = count * type->size;
    if (lasts(k, from))
        return (void *)(uintptr_t)from;
    if (!like || like_count != count || count == 0 || bytes > sizeof usual) {
        void *to = copy_bytes(k, from, bytes);
        copy_each(type, k, to, count, like, like_count);
        return to;
    }
    memcpy(usual, from, bytes);
    copy_each(type, k, usual, count, like, count);
    bool same = true;
    for (uint32_t i = 0; same && i < count; i++)
        same = same_members(type, (char *)usual + type->size * i, (const char *)like + type->size * i);
    return same ? (void *)(uintptr_t)like : copy_bytes(k, usual, bytes);
}

static void copy_strings(const struct copier *k, str_list *list)
{
    if (lasts(k, list->items))
        return;
    list->items = copy_bytes(k, list->items, list->count * sizeof *list->items);
    for (uint32_t i = 0; i < list->count; i++)
        list->items[i] = copy_text(k, list->items[i], NULL);
}

static void copy_string_map(const struct copier *k, str_map *map)
{
    if (lasts(k, map->items))
        return;
    map->items = copy_bytes(k, map->items, map->count * sizeof *map->items);
    for (uint32_t i = 0; i < map->count; i++)
        map->items[i] =
            (struct str_pair){copy_text(k, map->items[i].key, NULL), copy_text(k, map->items[i].value, NULL)};
}

static bool same_quantities(const quantity_map *x, const quantity_map *y)
{
    for (uint32_t i = 0; x->count == y->count && i < x->count; i++) {
        const struct quantity_pair *a = &x->items[i], *b = &y->items[i];
        if (strcmp(a->key, b->key) != 0 || a->value.set != b->value.set || a->value.format != b->value.format ||
            quantity_compare(&a->value, &b->value) != 0 || !text_same(a->value.text, b->value.text))
            return false;
    }
    return x->count == y->count;
}

static void copy_quantity_map(const struct copier *k, quantity_map *map, const quantity_map *like)
{
    if (like && map->count && same_quantities(map, like))
        map->items = like->items;
    else if (!lasts(k, map->items)) {
        map->items = copy_bytes(k, map->items, map->count * sizeof *map->items);
        for (uint32_t i = 0; i < map->count; i++) {
            map->items[i].key = copy_text(k, map->items[i].key, NULL);
            map->items[i].value.text = copy_text(k, map->items[i].value.text, NULL);
        }
    }
}

/* The member has been copied byte by byte; what it points at is copied now. */
static void copy_member(const struct api_field *f, const struct copier *k, void *member, const void *like)
{
    switch (f->kind) {
    case FIELD_STRING:
    case FIELD_ENUM:
        *(const char **)member = copy_text(k, *(const char **)member, LIKE(char, like));
        break;
    case FIELD_INT_OR_STRING:
        ((struct int_or_string *)member)->text = copy_text(k, ((struct int_or_string *)member)->text, NULL);
        break;
    case FIELD_QUANTITY:
        ((struct quantity *)member)->text = copy_text(k, ((struct quantity *)member)->text, NULL);
        break;
    case FIELD_OBJECT:
        copy_members(f->type, k, member, like);
        break;
    case FIELD_POINTER:
        if (*(void **)member)
            *(void **)member = copy_items(f->type, k, *(void **)member, 1, LIKE(void, like), 1);
        break;
    case FIELD_LIST: {
        struct any_list *list = member;
        const struct any_list *old = like;
        list->items = copy_items(f->type, k, list->items, list->count, old ? old->items : NULL, old ? old->count : 0);
        break;
    }
    case FIELD_STRING_LIST:
        copy_strings(k, member);
        break;
    case FIELD_INT_LIST: {
        int_list *list = member;
        if (!lasts(k, list->items))
            list->items = copy_bytes(k, list->items, list->count * sizeof *list->items);
        break;
    }
    case FIELD_STRING_MAP:
    case FIELD_BYTES_MAP:
        copy_string_map(k, member);
        break;
    case FIELD_QUANTITY_MAP:
        copy_quantity_map(k, member, like);
        break;
    case FIELD_RAW:
        if (!lasts(k, *(const struct value **)member))
            *(const struct value **)member = value_copy(k->arena, *(const struct value **)member);
        break;
    case FIELD_BOOL:
    case FIELD_OPT_BOOL:
    case FIELD_INT32:
    case FIELD_INT64:
    case FIELD_OPT_INT32:
    case FIELD_OPT_INT64:
    case FIELD_TIME:
    case FIELD_MICRO_TIME:
    case FIELD_DURATION:
        break;
    }
}

/* Fields that share one member copy it more than once; that is harmless. */
static void copy_members(const struct api_type *type, const struct copier *k, void *to, const void *like)
{
    for (uint32_t i = 0; i < type->field_count; i++) {
        const struct api_field *f = &type->fields[i];
        bool again = f->flags & FIELD_SHARED && i > 0 && type->fields[i - 1].flags & FIELD_SHARED &&
                     type->fields[i - 1].offset == f->offset;
        if (!again && !(f->flags & FIELD_DROPPED))
            copy_member(f, k, field_of(f, to), like ? field_in(f, like) : NULL);
    }
}

static void copy(const struct api_type *type, struct copier k, const void *from, const void *like, void *to)
{
    memcpy(to, from, type->size); /* members without a field come along as they are */
    copy_members(type, &k, to, like);
}

void api_keep(const struct api_type *type, struct arena *a, const struct arena *scratch, const void *from,
              const void *like, void *to)
{
    copy(type, (struct copier){a, scratch}, from, like, to);
}

void api_copy_like(const struct api_type *type, struct arena *a, const void *from, const void *like, void *to)
{
    copy(type, (struct copier){a, NULL}, from, like, to);
}

void api_copy(const struct api_type *type, struct arena *a, const void *from, void *to)
{
    api_copy_like(type, a, from, NULL, to);
}
