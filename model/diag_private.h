/* diag_private.h - between diag.c and the form that machines read. */
#ifndef MODEL_DIAG_PRIVATE_H
#define MODEL_DIAG_PRIVATE_H

#include "model/diag.h"

/* What is printed, in its order: notes follow what they belong to. */
struct diag_order {
    const struct diag **items;
    uint32_t count;
    uint32_t left_out;
};
struct diag_order diag_sort(const struct diag_set *d, const struct diag_style *style, struct arena *a);

extern const char *const diag_level_names[]; /* by enum diag_level */

void diag_put_json(const struct diag_set *d, const struct diag_order *order, struct strbuf *out);

#endif
