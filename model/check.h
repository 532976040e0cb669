/* check.h - decoding or validation in progress: where we are in an object and in its document, and
 * the API server's words for what is wrong there.
 *
 * A frame is one step of the path; frames live on the C stack and point at their parent, so entering a
 * field costs nothing unless something is wrong. AT(), AT_ITEM() and AT_KEY() step into a field, a list
 * element or a map key for the rest of the enclosing block:
 *
 *     static void validate_port(struct check *c, const void *object)
 *     {
 *         const struct container_port *p = object;
 *         if (p->container_port < 1)
 *             check_invalid_int(AT(c, "containerPort"), p->container_port, "must be ...");
 *     }
 *
 * Each report stands at the value it is about, or at its parent when it is missing.
 * Wording: k8s staging/src/k8s.io/apimachinery/pkg/util/validation/field/errors.go.
 */
#ifndef MODEL_CHECK_H
#define MODEL_CHECK_H

#include "model/apitype.h"

enum check_step {
    CHECK_ROOT,
    CHECK_FIELD,
    CHECK_ITEM,
    CHECK_MAP_KEY,
    CHECK_SHORT, /* the field that stands for its whole map: not shown */
};

struct check_run {
    struct arena *arena;
    struct diag_set *diags;
    const char *path;      /* of the root, "" for a whole document */
    const char *type_name; /* of the root, for decoding errors */
    int result;
};

struct check {
    struct check_run *run;
    const struct check *parent;
    enum check_step step;
    const char *name;            /* FIELD, MAP_KEY */
    uint32_t index;              /* ITEM */
    const struct value *value;   /* as written; NULL when missing or not from a document */
    struct src_pos key_at;       /* of the key in front of the value */
    const struct api_type *type; /* the struct type that the step starts in, or NULL */
};

struct check check_root(struct check_run *run, const struct value *v);
struct check check_at(const struct check *c, const char *field);
struct check check_at_item(const struct check *c, uint32_t index);
struct check check_at_key(const struct check *c, const char *key);
#define AT(c, field)      (&(struct check[1]){check_at((c), (field))}[0])
#define AT_ITEM(c, index) (&(struct check[1]){check_at_item((c), (index))}[0])
#define AT_KEY(c, key)    (&(struct check[1]){check_at_key((c), (key))}[0])

/* "spec.containers[0].name", in the run's arena. */
const char *check_path(const struct check *c);
struct src_pos check_pos(const struct check *c);

/* detail may be NULL. Each returns -1. */
int check_required(const struct check *c, const char *detail);
int check_forbidden(const struct check *c, const char *detail);
int check_invalid(const struct check *c, const char *value, const char *detail); /* string value, quoted */
int check_invalid_int(const struct check *c, int64_t value, const char *detail);
int check_invalid_raw(const struct check *c, const char *value, const char *detail); /* printed as it is */
int check_duplicate(const struct check *c, const char *value);
int check_not_found(const struct check *c, const char *value);
int check_too_long(const struct check *c, int64_t max_bytes);
int check_too_many(const struct check *c, int64_t count, int64_t max_items);
/* values: NULL-terminated, in the order to print; adds a suggestion when one is close. */
int check_unsupported(const struct check *c, const char *value, const char *const *values);
/* Unless it is unset or not negative. */
void check_duration(const struct check *c, sim_time d);
void check_amount(const struct check *c, const struct quantity *q);
/* Anything else, with a path in front: of the class CODE_INVALID, or of another. */
int check_report(const struct check *c, const char *suggestion, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int check_report_as(const struct check *c, enum diag_code code, const char *suggestion, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Without a path: decoding errors. */
int check_report_bare(const struct check *c, enum diag_code code, struct src_pos at, const char *suggestion,
                      const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Common number rules; each true when it holds. */
bool check_not_negative(const struct check *c, int64_t value);
bool check_between(const struct check *c, int64_t value, int64_t min, int64_t max);
bool check_positive(const struct check *c, int64_t value);

#endif
