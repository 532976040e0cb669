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

/* How a scalar is written in its document. */
enum value_style { STYLE_PLAIN, STYLE_SINGLE_QUOTED, STYLE_DOUBLE_QUOTED, STYLE_LITERAL, STYLE_FOLDED };

struct value;
struct value_entry {
    const char *key;
    struct src_pos key_at;
    const struct value *value;
};

/* Text that was put into a scalar in place of something else: parameters.h. */
struct value_piece {
    uint32_t written_from, written_to; /* bytes of the text as written */
    uint32_t from, to;                 /* what they became in the value's text */
};
struct value_fill {
    const char *text; /* as written */
    const struct value_piece *pieces;
    uint32_t count;
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
    enum value_style style;
    uint32_t source_from, source_to; /* scalars: bytes of the file's text; both 0 = not from a file */
    struct src_pos alias_at;         /* reached by `*name` or `<<` here; line 0 = written in place */
    const struct value_fill *fill;   /* a scalar whose text is not as written; NULL = it is */
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

/* Where the byte `text_offset` of a scalar's text stands in its document: exact for plain, quoted and
 * literal scalars; in a folded one the character that became it. v->at for what is no scalar. */
struct src_pos value_pos_at(const struct value *v, const struct diag_set *d, size_t text_offset);

/* What an unquoted scalar means to kubectl (go-yaml v2 resolve, then JSON). *ret_integer and
 * *ret_boolean are set for VALUE_INT and VALUE_BOOL. */
enum value_type value_resolve(const char *text, int64_t *ret_integer, bool *ret_boolean);
/* Deep copy into `a`; positions stay. */
const struct value *value_copy(struct arena *a, const struct value *v);
/* Same content, whatever the positions and the order of keys. NULL equals NULL only. */
bool value_equal(const struct value *a, const struct value *b);

/* Standard base64 with padding; white space is skipped, as Go does. NULL if it is none. */
char *value_base64_decode(struct arena *a, const char *text, size_t *ret_len);
char *value_base64_encode(struct arena *a, const char *bytes, size_t len);

const struct value *value_get(const struct value *map, const char *key); /* NULL when absent or not a map */
const struct value_entry *value_entry(const struct value *map, const char *key);

#endif
