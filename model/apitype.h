/* apitype.h - Kubernetes types described once, as data (DESIGN.md decision 4).
 *
 * One table per type: field name, kind, where it lives in the C struct, default, validation, doc.
 * The tables drive decoding (with file:line:column), unknown-field diagnosis, defaulting, validation
 * in the API server's own wording, YAML and JSON output, the field-by-field comparison of two
 * versions of an object, and the JSON Schema.
 *
 * Optional scalars are struct opt_*; lists are LIST_OF(T); string maps are struct str_map, sorted by
 * key as Go prints them. Times are sim_time with SIM_NEVER = unset. Fields that podsim knows but does
 * not model have no struct member of their own kind: they are kept as the parsed value (FIELD_RAW),
 * checked against their type and printed back.
 */
#ifndef MODEL_APITYPE_H
#define MODEL_APITYPE_H

#include "model/quantity.h"
#include "model/value.h"

struct opt_i64 {
    int64_t value;
    bool set;
};
struct opt_bool {
    bool value;
    bool set;
};
/* A number or a name ("http") or a percentage: metav1 IntOrString. text NULL = number. */
struct int_or_string {
    int64_t number;
    const char *text;
    bool set;
};

#define LIST_OF(T)                                                                                                     \
    struct {                                                                                                           \
        T *items;                                                                                                      \
        uint32_t count;                                                                                                \
    }

typedef LIST_OF(const char *) str_list;
typedef LIST_OF(int64_t) int_list;
struct str_pair {
    const char *key, *value;
};
typedef LIST_OF(struct str_pair) str_map; /* sorted by key */
struct quantity_pair {
    const char *key;
    struct quantity value;
};
typedef LIST_OF(struct quantity_pair) quantity_map; /* ResourceList, sorted by key */

enum field_kind {
    FIELD_STRING,   /* const char *; NULL = unset */
    FIELD_ENUM,     /* const char * from `values` */
    FIELD_BOOL,     /* bool, false = unset */
    FIELD_OPT_BOOL, /* struct opt_bool */
    FIELD_INT32,    /* int64_t held to int32's range, 0 = unset */
    FIELD_INT64,    /* int64_t */
    FIELD_OPT_INT32,
    FIELD_OPT_INT64,     /* struct opt_i64 */
    FIELD_INT_OR_STRING, /* struct int_or_string */
    FIELD_QUANTITY,      /* struct quantity */
    FIELD_TIME,          /* sim_time: metav1.Time, whole seconds in output */
    FIELD_MICRO_TIME,    /* sim_time: metav1.MicroTime */
    FIELD_DURATION,      /* sim_time: Go duration text or a number of seconds (podsim's own types) */
    FIELD_OBJECT,        /* an embedded struct of `type` */
    FIELD_POINTER,       /* struct pointer of `type`, NULL = unset */
    FIELD_LIST,          /* LIST_OF(struct of `type`) */
    FIELD_STRING_LIST,   /* str_list */
    FIELD_INT_LIST,      /* int_list */
    FIELD_STRING_MAP,    /* str_map */
    FIELD_BYTES_MAP,     /* str_map whose values are base64 in documents (Secret.data) */
    FIELD_QUANTITY_MAP,  /* quantity_map */
    FIELD_RAW,           /* const struct value *: known, checked against `type` if given, kept as is */
};

enum field_flags {
    FIELD_REQUIRED = 1 << 0,   /* '...: Required value' when missing */
    FIELD_UNMODELLED = 1 << 1, /* accepted and listed once as 'accepted, not modelled' */
    FIELD_READONLY = 1 << 2,   /* set by the system: ignored in what users give */
    FIELD_ALWAYS = 1 << 3,     /* printed even when zero or empty (no omitempty) */
    FIELD_IDENTITY = 1 << 4,   /* the key of list elements in comparisons: name, type, ip ... */
    FIELD_KEEP_EMPTY = 1 << 5, /* STRING: "" differs from unset (a *string in Go); else "" is unset */
    FIELD_SHARED = 1 << 6,     /* RAW: several rare fields share one member, which holds the map they stand in */
    FIELD_DROPPED = 1 << 7,    /* known and checked, but not kept: no member, offset unused */
    FIELD_ONE_OR_MORE =
        1 << 8, /* LIST, STRING_LIST, INT_LIST: one element may stand without its list (podsim's own types) */
};

struct api_type;
struct check; /* a validation in progress, check.h */

struct api_field {
    const char *name; /* as in JSON */
    enum field_kind kind;
    uint32_t flags;
    uint32_t offset;                                      /* in the struct of the owning type */
    const struct api_type *type;                          /* of OBJECT, POINTER, LIST, RAW */
    const char *const *values;                            /* of ENUM: NULL-terminated, sorted; the API server's order */
    const char *default_text;                             /* parsed like a document's value, or NULL */
    void (*validate)(struct check *c, const void *field); /* beyond the kind; or NULL */
    const char *doc;                                      /* one sentence */
    const char *schema;                                   /* of RAW without a type: members of its JSON Schema */
    enum field_kind raw_kind;                             /* of RAW: what it is checked as; 0 = an object of `type`, if
                                                             there is one, else anything; ENUM = a string */
};

struct api_type {
    const char *name; /* "Container" */
    size_t size;      /* of the C struct; 0 for types only ever kept RAW */
    const struct api_field *fields;
    uint32_t field_count;
    void (*set_defaults)(struct arena *a, void *object);   /* those that depend on other fields; or NULL */
    void (*validate)(struct check *c, const void *object); /* cross-field rules; or NULL */
    const char *doc;
    const char *short_field; /* what is no map stands for a map with this field; or NULL */
    bool plain;              /* podsim's own: wrong types are told without Go's words */
};

/* One difference between two versions of an object. */
struct field_change {
    const char *path; /* "status.containerStatuses[web].state.running.startedAt"; elements by identity */
    const char *from; /* text as in YAML, NULL = absent */
    const char *to;
};

/* Makes `object` (type->size bytes) the empty one: zeros, times and durations SIM_NEVER. Needed for
 * objects that are built by hand and have times; api_decode() does it itself. */
void api_init(const struct api_type *type, void *object);
#define api_new(a, type_of, struct_type) ((struct_type *)api_new_object((a), (type_of)))
void *api_new_object(struct arena *a, const struct api_type *type);

/* Decodes `v` into `object` (type->size bytes), reporting everything wrong in one pass with
 * field paths under `path`. Applies no defaults. Unknown fields are errors with a suggestion.
 * Strings are shared with `v`, which must live as long. RFC 3339 times become nanoseconds since 1970
 * (epoch 0). Readonly fields are decoded too: api_clear_readonly() drops them. Returns 0 or -1. */
int api_decode(const struct api_type *type, struct arena *a, struct diag_set *d, const char *path,
               const struct value *v, void *object);
void api_set_defaults(const struct api_type *type, struct arena *a, void *object);
/* `v` is the source for positions (may be NULL). Wording: api-objects.md section 1. */
int api_validate(const struct api_type *type, struct arena *a, struct diag_set *d, const char *path,
                 const struct value *v, const void *object);
/* Fields known but not modelled that `v` sets: their paths without indices, each once, in order. */
void api_unmodelled(const struct api_type *type, struct arena *a, const struct value *v, str_list *paths);

/* Unsets every FIELD_READONLY field, as the API server does with what users send. */
void api_clear_readonly(const struct api_type *type, void *object);

/* As `kubectl get -o json|yaml` print it: keys sorted, empty fields left out. JSON: `indent` blanks per
 * level (kubectl: 4), 0 = one line. YAML: every line is preceded by `indent` blanks. */
void api_write_json(const struct api_type *type, const void *object, int64_t epoch, struct strbuf *out, int indent);
void api_write_yaml(const struct api_type *type, const void *object, int64_t epoch, struct strbuf *out, int indent);
/* The object as a document: what the writers print. */
const struct value *api_to_value(const struct api_type *type, struct arena *a, const void *object, int64_t epoch);
void value_write_json(const struct value *v, struct strbuf *out, int indent);
void value_write_yaml(const struct value *v, struct strbuf *out, int indent);

/* Every leaf that differs, in table order; `from` or `to` may be NULL (created, removed). */
uint32_t api_diff(const struct api_type *type, struct arena *a, const void *from, const void *to, int64_t epoch,
                  struct field_change **ret_changes);
bool api_equal(const struct api_type *type, const void *a, const void *b);
/* Deep copy into `a`. */
void api_copy(const struct api_type *type, struct arena *a, const void *from, void *to);
/* As api_copy; but what is the same in `like`, an older one that does not change, is shared with it. NULL: nothing. */
void api_copy_like(const struct api_type *type, struct arena *a, const void *from, const void *like, void *to);
/* As api_copy_like, but of what is in `scratch` only: the rest lasts as long as the copy, and does not change. */
void api_keep(const struct api_type *type, struct arena *a, const struct arena *scratch, const void *from,
              const void *like, void *to);
/* Draft-07 JSON Schema of a document of one of these types, with definitions. */
void api_write_schema(const struct api_type *const *roots, uint32_t count, struct strbuf *out);

#endif
