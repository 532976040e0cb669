/* apitype_private.h - what the files of the table machinery share. */
#ifndef MODEL_APITYPE_PRIVATE_H
#define MODEL_APITYPE_PRIVATE_H

#include "model/check.h"

/* Every LIST_OF(T) has this layout. */
struct any_list {
    void *items;
    uint32_t count;
};

static inline const void *field_in(const struct api_field *f, const void *object)
{
    return (const char *)object + f->offset;
}

static inline void *field_of(const struct api_field *f, void *object)
{
    return (char *)object + f->offset;
}

static inline const void *list_item(const struct api_field *f, const struct any_list *list, uint32_t index)
{
    return (const char *)list->items + f->type->size * index;
}

/* Does the member hold anything? An embedded object does when one of its fields does. */
bool field_is_set(const struct api_field *f, const void *member);
size_t field_bytes(const struct api_field *f); /* of the member itself */
/* Times and durations of an object to SIM_NEVER. */
void init_times(const struct api_type *type, void *object);

/* How the API server calls the type of a field in its messages: "int32", "[]v1.Container". */
const char *field_go_type(struct arena *a, const struct api_field *f);

/* RFC 3339 to nanoseconds since 1970; false if it is none. */
bool parse_rfc3339(const char *s, sim_time *ret_time);

#endif
