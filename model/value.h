/* value.h - a parsed document: YAML or JSON as a tree of values with positions.
 *
 * Built by value_parse() on libyaml; owned by the arena it was parsed into. Scalars keep their text;
 * `type` is what kubectl makes of it (sigs.k8s.io/yaml: YAML 1.1 core as Kubernetes reads it, then
 * JSON): unquoted yes/no/on/off/true/false are booleans, 0777 and 0o777 octal integers, 1_000 an
 * integer, ~ and empty are null.
 */
#ifndef MODEL_VALUE_H
#define MODEL_VALUE_H

#include "model/diag.h"

enum value_type { VALUE_NULL, VALUE_BOOL, VALUE_INT, VALUE_FLOAT, VALUE_STRING, VALUE_LIST, VALUE_MAP };

struct value;
struct value_entry {
    const char *key;
    struct src_pos key_at;
    const struct value *value;
};

struct value {
    enum value_type type;
    struct src_pos at;
    uint32_t count; /* list items or map entries */
    bool quoted;    /* a scalar written with quotes or as a block */
    union {
        bool boolean;
        int64_t integer;
        const struct value *const *items;
        const struct value_entry *entries; /* in document order; keys unique */
    };
    const char *text; /* scalars: the text as written (after unescaping); no NUL inside */
};

struct document {
    const struct value *root; /* never NULL; empty documents are left out */
    struct src_pos at;
};

struct document_list {
    struct document *items;
    uint32_t count;
};

/* Parses every document of `text` (YAML or JSON; `kind: List` is not unpacked here). Reports every
 * problem it can; returns 0, or -1 if any document could not be read (the others are still given).
 * Handled: duplicate keys (error naming both places), tabs, BOM, CRLF, anchors and merge keys,
 * alias bombs and deep nesting (limits with a clear error), NUL and invalid UTF-8, non-string keys. */
int value_parse(struct arena *a, struct diag_set *d, const char *name, const char *text, size_t len,
                struct document_list *ret_documents);

const struct value *value_get(const struct value *map, const char *key); /* NULL when absent or not a map */
const struct value_entry *value_entry(const struct value *map, const char *key);

#endif
