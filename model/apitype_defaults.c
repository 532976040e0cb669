/* apitype_defaults.c - what the API server fills in, and what it does not take from users.
 *
 * Mirrors k8s pkg/apis/core/v1/defaults.go as far as tables can say it; what depends on other fields is
 * the type's own set_defaults (pod_defaults.c ...).
 */
#include <string.h>

#include "model/apitype_private.h"

static const struct value empty_map_value = {.type = VALUE_MAP};

static int64_t parse_default_int(const char *text)
{
    int64_t value;
    bool unused;
    enum value_type type = value_resolve(text, &value, &unused);
    ASSERT(type == VALUE_INT);
    return value;
}

/* default_text, for the kinds that can have one. */
static void set_default(struct arena *a, const struct api_field *f, void *member)
{
    const char *text = f->default_text;
    switch (f->kind) {
    case FIELD_STRING:
    case FIELD_ENUM:
        *(const char **)member = text;
        break;
    case FIELD_OPT_BOOL:
        *(struct opt_bool *)member = (struct opt_bool){strcmp(text, "true") == 0, true};
        break;
    case FIELD_INT32:
    case FIELD_INT64:
        *(int64_t *)member = parse_default_int(text);
        break;
    case FIELD_OPT_INT32:
    case FIELD_OPT_INT64:
        *(struct opt_i64 *)member = (struct opt_i64){parse_default_int(text), true};
        break;
    case FIELD_QUANTITY: {
        const char *wrong = quantity_parse(a, text, member);
        ASSERT(!wrong);
        break;
    }
    case FIELD_DURATION: {
        int parsed = sim_parse_duration(text, member);
        ASSERT(parsed == 0);
        break;
    }
    case FIELD_RAW:
        ASSERT(strcmp(text, "{}") == 0);
        *(const struct value **)member = &empty_map_value;
        break;
    case FIELD_BOOL:
    case FIELD_INT_OR_STRING:
    case FIELD_TIME:
    case FIELD_MICRO_TIME:
    case FIELD_OBJECT:
    case FIELD_POINTER:
    case FIELD_LIST:
    case FIELD_STRING_LIST:
    case FIELD_INT_LIST:
    case FIELD_STRING_MAP:
    case FIELD_BYTES_MAP:
    case FIELD_QUANTITY_MAP:
        ASSERT(f->default_text == NULL); /* this kind of field has no default */
    }
}

/* k8s defaults.go SetDefaults_ResourceList: finer than 1m is rounded up. */
static void round_resources(struct arena *a, quantity_map *map)
{
    for (uint32_t i = 0; i < map->count; i++)
        map->items[i].value = quantity_round_up_milli(a, &map->items[i].value);
}

void api_set_defaults(const struct api_type *type, struct arena *a, void *object)
{
    for (uint32_t i = 0; i < type->field_count; i++) {
        const struct api_field *f = &type->fields[i];
        if (f->flags & FIELD_DROPPED)
            continue;
        void *member = field_of(f, object);
        if (f->default_text && !field_is_set(f, member))
            set_default(a, f, member);
        if (f->kind == FIELD_OBJECT) {
            api_set_defaults(f->type, a, member);
        } else if (f->kind == FIELD_POINTER && *(void **)member) {
            api_set_defaults(f->type, a, *(void **)member);
        } else if (f->kind == FIELD_QUANTITY_MAP) {
            round_resources(a, member);
        } else if (f->kind == FIELD_LIST) {
            struct any_list *list = member;
            for (uint32_t k = 0; k < list->count; k++)
                api_set_defaults(f->type, a, (char *)list->items + f->type->size * k);
        }
    }
    if (type->set_defaults)
        type->set_defaults(a, object);
}

static void unset(const struct api_field *f, void *member)
{
    memset(member, 0, field_bytes(f));
    if (f->kind == FIELD_TIME || f->kind == FIELD_MICRO_TIME || f->kind == FIELD_DURATION)
        *(sim_time *)member = SIM_NEVER;
    else if (f->kind == FIELD_OBJECT)
        init_times(f->type, member);
}

void api_clear_readonly(const struct api_type *type, void *object)
{
    for (uint32_t i = 0; i < type->field_count; i++) {
        const struct api_field *f = &type->fields[i];
        if (f->flags & FIELD_DROPPED)
            continue;
        void *member = field_of(f, object);
        if (f->flags & FIELD_READONLY) {
            unset(f, member);
        } else if (f->kind == FIELD_OBJECT) {
            api_clear_readonly(f->type, member);
        } else if (f->kind == FIELD_POINTER && *(void **)member) {
            api_clear_readonly(f->type, *(void **)member);
        } else if (f->kind == FIELD_LIST) {
            struct any_list *list = member;
            for (uint32_t k = 0; k < list->count; k++)
                api_clear_readonly(f->type, (char *)list->items + f->type->size * k);
        }
    }
}
