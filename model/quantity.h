/* quantity.h - resource.Quantity: exact decimal amounts with Kubernetes' suffixes.
 * k8s staging/src/k8s.io/apimachinery/pkg/api/resource/quantity.go; rules in api-objects.md section 3.
 */
#ifndef MODEL_QUANTITY_H
#define MODEL_QUANTITY_H

#include "sim/base.h"

/* The family of suffixes that a quantity was written in, and is printed in. */
enum quantity_format { QUANTITY_DECIMAL, QUANTITY_BINARY, QUANTITY_EXPONENT };

struct quantity {
    int64_t nano_high; /* value = nano_high units + nano_low * 1e-9 */
    int32_t nano_low;  /* 0 .. 999999999, also for negative values (floor form) */
    bool set;
    enum quantity_format format;
    const char *text; /* canonical text, owned by the arena it was parsed into */
};

struct arena;
/* Returns NULL, or what is wrong in the API server's words. */
const char *quantity_parse(struct arena *a, const char *text, struct quantity *ret_quantity);
int64_t quantity_value(const struct quantity *q); /* whole units, rounded up, saturated */
int64_t quantity_milli(const struct quantity *q); /* thousandths, rounded up, saturated */
int quantity_compare(const struct quantity *a, const struct quantity *b); /* an unset one counts as 0 */
int quantity_sign(const struct quantity *q);                              /* -1, 0, 1 */

/* Arithmetic, held at the ends of int64; the result's format is a's (b's when a is unset). */
struct quantity quantity_add(struct arena *a, const struct quantity *x, const struct quantity *y);
/* As quantity_add into *sum, without a text: for sums that are only compared. */
void quantity_accumulate(struct quantity *sum, const struct quantity *q);
struct quantity quantity_from_milli(struct arena *a, int64_t milli, enum quantity_format format);
struct quantity quantity_from_value(struct arena *a, int64_t units, enum quantity_format format);
/* Rounded up to whole thousandths, as the API server defaults resource lists. */
struct quantity quantity_round_up_milli(struct arena *a, const struct quantity *q);

#endif
