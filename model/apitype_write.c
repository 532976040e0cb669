/* apitype_write.c - objects back to documents, and from one version to the next: output, comparison,
 * differences. All of it walks the same tables as decoding. Copies: apitype_copy.c.
 */
#include "model/apitype_private.h"

#include <string.h>

/* ---- object to value ---- */

struct writer {
    struct arena *arena;
    int64_t epoch;
};

static struct value *make(const struct writer *w, enum value_type type)
{
    struct value *v = arena_new(w->arena, struct value);
    v->type = type;
    v->at = SRC_POS_NONE;
    return v;
}

static const struct value *string_value(const struct writer *w, const char *text)
{
    struct value *v = make(w, VALUE_STRING);
    v->text = text ? text : "";
    v->quoted = true;
    return v;
}

static const struct value *int_value(const struct writer *w, int64_t integer)
{
    struct value *v = make(w, VALUE_INT);
    v->integer = integer;
    v->text = "";
    return v;
}

static const struct value *bool_value(const struct writer *w, bool boolean)
{
    struct value *v = make(w, VALUE_BOOL);
    v->boolean = boolean;
    v->text = boolean ? "true" : "false";
    return v;
}

static const struct value *time_value(const struct writer *w, sim_time t, bool micro)
{
    if (t == SIM_NEVER)
        return make(w, VALUE_NULL);
    struct strbuf b = STRBUF_INIT;
    sim_time second = sim_time_floor(t, SIM_SECOND);
    strbuf_rfc3339(&b, w->epoch + second / SIM_SECOND, (int32_t)((t - second) / SIM_US), micro);
    const struct value *v = string_value(w, arena_strdup(w->arena, strbuf_str(&b)));
    strbuf_fini(&b);
    return v;
}

static const struct value *duration_value(const struct writer *w, sim_time d)
{
    if (d == SIM_NEVER)
        return make(w, VALUE_NULL);
    struct strbuf b = STRBUF_INIT;
    strbuf_go_duration(&b, d);
    const struct value *v = string_value(w, arena_strdup(w->arena, strbuf_str(&b)));
    strbuf_fini(&b);
    return v;
}

static const struct value *string_list_value(const struct writer *w, const str_list *list)
{
    struct value *v = make(w, VALUE_LIST);
    const struct value **items = arena_array(w->arena, const struct value *, list->count);
    for (uint32_t i = 0; i < list->count; i++)
        items[i] = string_value(w, list->items[i]);
    v->items = items;
    v->count = list->count;
    return v;
}

static const struct value *int_list_value(const struct writer *w, const int_list *list)
{
    struct value *v = make(w, VALUE_LIST);
    const struct value **items = arena_array(w->arena, const struct value *, list->count);
    for (uint32_t i = 0; i < list->count; i++)
        items[i] = int_value(w, list->items[i]);
    v->items = items;
    v->count = list->count;
    return v;
}

static const struct value *string_map_value(const struct writer *w, const str_map *map, bool bytes)
{
    struct value *v = make(w, VALUE_MAP);
    struct value_entry *entries = arena_array(w->arena, struct value_entry, map->count);
    for (uint32_t i = 0; i < map->count; i++) {
        const char *text = map->items[i].value;
        if (bytes)
            text = value_base64_encode(w->arena, text, strlen(text));
        entries[i] = (struct value_entry){.key = map->items[i].key, .value = string_value(w, text)};
    }
    v->entries = entries;
    v->count = map->count;
    return v;
}

static const struct value *quantity_map_value(const struct writer *w, const quantity_map *map)
{
    struct value *v = make(w, VALUE_MAP);
    struct value_entry *entries = arena_array(w->arena, struct value_entry, map->count);
    for (uint32_t i = 0; i < map->count; i++)
        entries[i] = (struct value_entry){.key = map->items[i].key, .value = string_value(w, map->items[i].value.text)};
    v->entries = entries;
    v->count = map->count;
    return v;
}

static const struct value *object_value(const struct writer *w, const struct api_type *type, const void *object);

static const struct value *object_list_value(const struct writer *w, const struct api_field *f,
                                             const struct any_list *list)
{
    if (list->count == 0) /* a nil slice in Go */
        return make(w, VALUE_NULL);
    struct value *v = make(w, VALUE_LIST);
    const struct value **items = arena_array(w->arena, const struct value *, list->count);
    for (uint32_t i = 0; i < list->count; i++)
        items[i] = object_value(w, f->type, list_item(f, list, i));
    v->items = items;
    v->count = list->count;
    return v;
}

static const struct value *int_or_string_value(const struct writer *w, const struct int_or_string *x)
{
    return x->text ? string_value(w, x->text) : int_value(w, x->number);
}

static const struct value *member_value(const struct writer *w, const struct api_field *f, const void *member)
{
    switch (f->kind) {
    case FIELD_STRING:
    case FIELD_ENUM:
        return string_value(w, *(const char *const *)member);
    case FIELD_BOOL:
        return bool_value(w, *(const bool *)member);
    case FIELD_OPT_BOOL:
        return bool_value(w, ((const struct opt_bool *)member)->value);
    case FIELD_INT32:
    case FIELD_INT64:
        return int_value(w, *(const int64_t *)member);
    case FIELD_OPT_INT32:
    case FIELD_OPT_INT64:
        return int_value(w, ((const struct opt_i64 *)member)->value);
    case FIELD_INT_OR_STRING:
        return int_or_string_value(w, member);
    case FIELD_QUANTITY: {
        const struct quantity *q = member;
        return string_value(w, q->text ? q->text : "0");
    }
    case FIELD_TIME:
    case FIELD_MICRO_TIME:
        return time_value(w, *(const sim_time *)member, f->kind == FIELD_MICRO_TIME);
    case FIELD_DURATION:
        return duration_value(w, *(const sim_time *)member);
    case FIELD_OBJECT:
        return object_value(w, f->type, member);
    case FIELD_POINTER:
        return *(void *const *)member ? object_value(w, f->type, *(void *const *)member) : make(w, VALUE_NULL);
    case FIELD_LIST:
        return object_list_value(w, f, member);
    case FIELD_STRING_LIST:
        return string_list_value(w, member);
    case FIELD_INT_LIST:
        return int_list_value(w, member);
    case FIELD_STRING_MAP:
    case FIELD_BYTES_MAP:
        return string_map_value(w, member, f->kind == FIELD_BYTES_MAP);
    case FIELD_QUANTITY_MAP:
        return quantity_map_value(w, member);
    case FIELD_RAW:
        break;
    }
    const struct value *raw = *(const struct value *const *)member;
    if (f->flags & FIELD_SHARED)
        raw = value_get(raw, f->name);
    return raw ? raw : make(w, VALUE_NULL);
}

static const struct value *object_value(const struct writer *w, const struct api_type *type, const void *object)
{
    struct value *v = make(w, VALUE_MAP);
    struct value_entry *entries = arena_array(w->arena, struct value_entry, type->field_count);
    for (uint32_t i = 0; i < type->field_count; i++) {
        const struct api_field *f = &type->fields[i];
        const void *member = field_in(f, object);
        bool always = f->flags & FIELD_ALWAYS && !(f->flags & FIELD_DROPPED);
        if (field_is_set(f, member) || always)
            entries[v->count++] = (struct value_entry){.key = f->name, .value = member_value(w, f, member)};
    }
    v->entries = entries;
    return v;
}

const struct value *api_to_value(const struct api_type *type, struct arena *a, const void *object, int64_t epoch)
{
    struct writer w = {a, epoch};
    return object_value(&w, type, object);
}

void api_write_json(const struct api_type *type, const void *object, int64_t epoch, struct strbuf *out, int indent)
{
    struct arena scratch;
    arena_init(&scratch, 0);
    value_write_json(api_to_value(type, &scratch, object, epoch), out, indent);
    arena_fini(&scratch);
}

void api_write_yaml(const struct api_type *type, const void *object, int64_t epoch, struct strbuf *out, int indent)
{
    struct arena scratch;
    arena_init(&scratch, 0);
    value_write_yaml(api_to_value(type, &scratch, object, epoch), out, indent);
    arena_fini(&scratch);
}

/* ---- equality ---- */

static bool same_text(const char *a, const char *b) { return a == b || (a && b && strcmp(a, b) == 0); }

static bool equal_member(const struct api_field *f, const void *a, const void *b);

static bool equal_lists(const struct api_field *f, const struct any_list *a, const struct any_list *b)
{
    if (a->count != b->count)
        return false;
    if (a->items == b->items)
        return true;
    for (uint32_t i = 0; i < a->count; i++)
        if (!api_equal(f->type, list_item(f, a, i), list_item(f, b, i)))
            return false;
    return true;
}

static bool equal_string_lists(const str_list *a, const str_list *b)
{
    bool equal = a->count == b->count;
    for (uint32_t i = 0; equal && i < a->count; i++)
        equal = same_text(a->items[i], b->items[i]);
    return equal;
}

static bool equal_string_maps(const str_map *a, const str_map *b)
{
    bool equal = a->count == b->count;
    for (uint32_t i = 0; equal && a->items != b->items && i < a->count; i++)
        equal = same_text(a->items[i].key, b->items[i].key) && same_text(a->items[i].value, b->items[i].value);
    return equal;
}

static bool equal_quantity_maps(const quantity_map *a, const quantity_map *b)
{
    bool equal = a->count == b->count;
    for (uint32_t i = 0; equal && a->items != b->items && i < a->count; i++)
        equal = same_text(a->items[i].key, b->items[i].key) &&
                quantity_compare(&a->items[i].value, &b->items[i].value) == 0;
    return equal;
}

/* Both are set, or both are not (checked by the caller). */
static bool equal_member(const struct api_field *f, const void *a, const void *b)
{
    switch (f->kind) {
    case FIELD_STRING:
    case FIELD_ENUM:
        return same_text(*(const char *const *)a, *(const char *const *)b);
    case FIELD_BOOL:
        return *(const bool *)a == *(const bool *)b;
    case FIELD_OPT_BOOL:
        return ((const struct opt_bool *)a)->value == ((const struct opt_bool *)b)->value;
    case FIELD_INT32:
    case FIELD_INT64:
    case FIELD_TIME:
    case FIELD_MICRO_TIME:
    case FIELD_DURATION:
        return *(const int64_t *)a == *(const int64_t *)b;
    case FIELD_OPT_INT32:
    case FIELD_OPT_INT64:
        return ((const struct opt_i64 *)a)->value == ((const struct opt_i64 *)b)->value;
    case FIELD_INT_OR_STRING: {
        const struct int_or_string *x = a, *y = b;
        return x->number == y->number && same_text(x->text, y->text);
    }
    case FIELD_QUANTITY:
        return quantity_compare(a, b) == 0;
    case FIELD_OBJECT:
        return api_equal(f->type, a, b);
    case FIELD_POINTER: {
        const void *x = *(void *const *)a, *y = *(void *const *)b;
        return x == y || api_equal(f->type, x, y);
    }
    case FIELD_LIST:
        return equal_lists(f, a, b);
    case FIELD_STRING_LIST:
        return equal_string_lists(a, b);
    case FIELD_INT_LIST: {
        const int_list *x = a, *y = b;
        return x->count == y->count && (x->count == 0 || memcmp(x->items, y->items, x->count * sizeof *x->items) == 0);
    }
    case FIELD_STRING_MAP:
    case FIELD_BYTES_MAP:
        return equal_string_maps(a, b);
    case FIELD_QUANTITY_MAP:
        return equal_quantity_maps(a, b);
    case FIELD_RAW:
        break;
    }
    const struct value *x = *(const struct value *const *)a, *y = *(const struct value *const *)b;
    if (f->flags & FIELD_SHARED) {
        x = value_get(x, f->name);
        y = value_get(y, f->name);
    }
    return value_equal(x, y);
}

/* One text, pointer or number in both? Most often it is. */
static bool identical(const struct api_field *f, const void *a, const void *b)
{
    switch (f->kind) {
    case FIELD_STRING:
    case FIELD_ENUM:
    case FIELD_POINTER:
    case FIELD_RAW:
        return *(const void *const *)a == *(const void *const *)b;
    case FIELD_INT32:
    case FIELD_INT64:
    case FIELD_TIME:
    case FIELD_MICRO_TIME:
    case FIELD_DURATION:
        return *(const int64_t *)a == *(const int64_t *)b;
    default:
        return false;
    }
}

static bool equal_field(const struct api_field *f, const void *a, const void *b)
{
    if (f->flags & FIELD_DROPPED || identical(f, a, b))
        return true;
    if (f->kind == FIELD_OBJECT)
        return api_equal(f->type, a, b);
    bool set = field_is_set(f, a);
    return set == field_is_set(f, b) && (!set || equal_member(f, a, b));
}

bool api_equal(const struct api_type *type, const void *a, const void *b)
{
    if (a == b)
        return true;
    for (uint32_t i = 0; i < type->field_count; i++)
        if (!equal_field(&type->fields[i], field_in(&type->fields[i], a), field_in(&type->fields[i], b)))
            return false;
    return true;
}

/* ---- differences ---- */

struct differ {
    struct writer w;
    struct strbuf path, text;
    struct field_change *changes; /* grows in the arena */
    uint32_t count, cap;
};

static const char *text_of(struct differ *d, const struct value *v)
{
    if (!v)
        return NULL;
    strbuf_reset(&d->text);
    if (v->type >= VALUE_LIST)
        value_write_json(v, &d->text, 0);
    else
        value_write_yaml(v, &d->text, 0);
    if (d->text.len && d->text.data[d->text.len - 1] == '\n')
        d->text.data[--d->text.len] = '\0';
    bool folded = v->type == VALUE_STRING && strchr(strbuf_str(&d->text), '\n') && !strchr(v->text, '\n');
    return arena_strdup(d->w.arena, folded ? v->text : strbuf_str(&d->text));
}

static void add_change(struct differ *d, const struct value *from, const struct value *to)
{
    if (d->count == d->cap) {
        d->cap = d->cap ? 2 * d->cap : 8;
        struct field_change *grown = arena_array(d->w.arena, struct field_change, d->cap);
        if (d->count)
            memcpy(grown, d->changes, d->count * sizeof *grown);
        d->changes = grown;
    }
    const char *path = arena_strdup(d->w.arena, strbuf_str(&d->path));
    d->changes[d->count++] = (struct field_change){path, text_of(d, from), text_of(d, to)};
}

static void push(struct differ *d, const char *name)
{
    if (d->path.len)
        strbuf_putc(&d->path, '.');
    strbuf_puts(&d->path, name);
}

static void pop(struct differ *d, size_t len)
{
    d->path.len = len;
    if (d->path.data)
        d->path.data[len] = '\0';
}

static void diff_objects(struct differ *d, const struct api_type *type, const void *from, const void *to);

/* A struct that came or went without any field of its own: emptyDir: {} */
static void diff_presence(struct differ *d, const struct api_type *type, const void *from, const void *to)
{
    uint32_t before = d->count;
    diff_objects(d, type, from, to);
    if (d->count == before && !from != !to) {
        struct value *empty = make(&d->w, VALUE_MAP);
        add_change(d, from ? empty : NULL, to ? empty : NULL);
    }
}

/* The name of a list element in paths: its identity fields, or NULL. */
static const char *identity(struct differ *d, const struct api_type *type, const void *item)
{
    struct strbuf b = STRBUF_INIT;
    for (uint32_t i = 0; i < type->field_count; i++) {
        const struct api_field *f = &type->fields[i];
        if (!(f->flags & FIELD_IDENTITY) || !field_is_set(f, field_in(f, item)))
            continue;
        const struct value *v = member_value(&d->w, f, field_in(f, item));
        if (b.len)
            strbuf_putc(&b, '/');
        if (v->type == VALUE_STRING)
            strbuf_puts(&b, v->text);
        else
            strbuf_int(&b, v->integer);
    }
    const char *text = b.len ? arena_strdup(d->w.arena, b.data) : NULL;
    strbuf_fini(&b);
    return text;
}

static uint32_t find_identity(struct differ *d, const struct api_field *f, const struct any_list *list, const char *id)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (same_text(identity(d, f->type, list_item(f, list, i)), id))
            return i;
    return UINT32_MAX;
}

static void diff_lists(struct differ *d, const struct api_field *f, const struct any_list *from,
                       const struct any_list *to)
{
    static const struct any_list none = {0};
    size_t len = d->path.len;
    from = from ? from : &none;
    to = to ? to : &none;
    if (from->items == to->items && from->count == to->count)
        return;
    for (uint32_t i = 0; i < from->count; i++) {
        const void *old = list_item(f, from, i);
        const char *id = identity(d, f->type, old);
        uint32_t other = id ? find_identity(d, f, to, id) : i < to->count ? i : UINT32_MAX;
        strbuf_printf(&d->path, "[%s]", id ? id : arena_printf(d->w.arena, "%" PRIu32, i));
        diff_presence(d, f->type, old, other != UINT32_MAX ? list_item(f, to, other) : NULL);
        pop(d, len);
    }
    for (uint32_t i = 0; i < to->count; i++) {
        const void *item = list_item(f, to, i);
        const char *id = identity(d, f->type, item);
        bool known = id ? find_identity(d, f, from, id) != UINT32_MAX : i < from->count;
        if (known)
            continue;
        strbuf_printf(&d->path, "[%s]", id ? id : arena_printf(d->w.arena, "%" PRIu32, i));
        diff_presence(d, f->type, NULL, item);
        pop(d, len);
    }
}

/* Entries of two maps sorted by key, side by side. */
static void diff_maps(struct differ *d, const struct value *from, const struct value *to)
{
    size_t len = d->path.len;
    uint32_t i = 0, k = 0, from_count = from ? from->count : 0, to_count = to ? to->count : 0;
    while (i < from_count || k < to_count) {
        int order = i == from_count ? 1 : k == to_count ? -1 : strcmp(from->entries[i].key, to->entries[k].key);
        const struct value_entry *old = order <= 0 ? &from->entries[i++] : NULL;
        const struct value_entry *new = order >= 0 ? &to->entries[k++] : NULL;
        if (old && new &&value_equal(old->value, new->value))
            continue;
        strbuf_printf(&d->path, "[%s]", old ? old->key : new->key);
        add_change(d, old ? old->value : NULL, new ? new->value : NULL);
        pop(d, len);
    }
}

/* from, to: the members, NULL where there is no object. */
static void diff_field(struct differ *d, const struct api_field *f, const void *from, const void *to)
{
    if (f->flags & FIELD_DROPPED)
        return;
    /* What is always printed is there as long as its object is. */
    bool always = f->flags & FIELD_ALWAYS;
    bool had = from && (always || field_is_set(f, from)), has = to && (always || field_is_set(f, to));
    if (!had && !has)
        return;
    switch (f->kind) {
    case FIELD_OBJECT:
        diff_objects(d, f->type, from, to);
        break;
    case FIELD_POINTER:
        diff_presence(d, f->type, had ? *(void *const *)from : NULL, has ? *(void *const *)to : NULL);
        break;
    case FIELD_LIST:
        diff_lists(d, f, from, to);
        break;
    case FIELD_STRING_MAP:
    case FIELD_BYTES_MAP:
    case FIELD_QUANTITY_MAP:
        diff_maps(d, had ? member_value(&d->w, f, from) : NULL, has ? member_value(&d->w, f, to) : NULL);
        break;
    case FIELD_STRING:
    case FIELD_ENUM:
    case FIELD_BOOL:
    case FIELD_OPT_BOOL:
    case FIELD_INT32:
    case FIELD_INT64:
    case FIELD_OPT_INT32:
    case FIELD_OPT_INT64:
    case FIELD_INT_OR_STRING:
    case FIELD_QUANTITY:
    case FIELD_TIME:
    case FIELD_MICRO_TIME:
    case FIELD_DURATION:
    case FIELD_STRING_LIST:
    case FIELD_INT_LIST:
    case FIELD_RAW:
        if (had && has && equal_member(f, from, to))
            break;
        add_change(d, had ? member_value(&d->w, f, from) : NULL, has ? member_value(&d->w, f, to) : NULL);
        break;
    }
}

static void diff_objects(struct differ *d, const struct api_type *type, const void *from, const void *to)
{
    if (from == to)
        return;
    size_t len = d->path.len;
    for (uint32_t i = 0; i < type->field_count; i++) {
        const struct api_field *f = &type->fields[i];
        push(d, f->name);
        diff_field(d, f, from ? field_in(f, from) : NULL, to ? field_in(f, to) : NULL);
        pop(d, len);
    }
}

uint32_t api_diff(const struct api_type *type, struct arena *a, const void *from, const void *to, int64_t epoch,
                  struct field_change **ret_changes)
{
    struct differ d = {.w = {a, epoch}, .path = STRBUF_INIT, .text = STRBUF_INIT};
    diff_objects(&d, type, from, to);
    strbuf_fini(&d.path);
    strbuf_fini(&d.text);
    *ret_changes = d.changes;
    return d.count;
}
