/* document.h - documents that are read and changed path by path: kubectl_document.c.
 *
 * Paths are "spec.template.metadata". A document never changes: a map on the way to a change is copied, the rest is
 * shared.
 */
#ifndef MODEL_DOCUMENT_H
#define MODEL_DOCUMENT_H

#include "model/value.h"

const struct value *document_get(const struct value *document, const char *path);
/* value NULL: the field goes. What is missing on the way is made. */
const struct value *document_put(struct arena *a, const struct value *document, const char *path,
                                 const struct value *value);
const struct value *document_text(struct arena *a, const char *text);
const struct value *document_integer(struct arena *a, int64_t n);
const struct value *document_boolean(struct arena *a, bool on);
struct value *document_new(struct arena *a, enum value_type type, uint32_t room); /* map or list */
void document_add_entry(struct value *map, const char *key, const struct value *value);
void document_add_item(struct value *list, const struct value *item);
int64_t document_number(const struct value *document, const char *path, int64_t otherwise);
const char *document_string(const struct value *document, const char *path); /* "" when it is none */

#endif
