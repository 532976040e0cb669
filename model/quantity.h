/* quantity.h - resource.Quantity: exact decimal amounts with Kubernetes' suffixes.
 * k8s staging/src/k8s.io/apimachinery/pkg/api/resource/quantity.go; rules in api-objects.md section 3.
 */
#ifndef MODEL_QUANTITY_H
#define MODEL_QUANTITY_H

#include "sim/base.h"

struct quantity {
    int64_t nano_high; /* value = nano_high units + nano_low * 1e-9 */
    int32_t nano_low;  /* 0 .. 999999999, also for negative values (floor form) */
    bool set;
    const char *text; /* canonical text, owned by the arena it was parsed into */
};

struct arena;
/* Returns NULL, or what is wrong in the API server's words. */
const char *quantity_parse(struct arena *a, const char *text, struct quantity *ret_quantity);
int64_t quantity_value(const struct quantity *q); /* whole units, rounded up, saturated */
int64_t quantity_milli(const struct quantity *q); /* thousandths, rounded up, saturated */
int quantity_compare(const struct quantity *a, const struct quantity *b);

#endif
