/* doc_roots.h - what a document can be: podsim's own kinds and Kubernetes', by the names that users call them. For the
 * JSON Schema and for `podsim explain-field`.
 */
#ifndef MODEL_DOC_ROOTS_H
#define MODEL_DOC_ROOTS_H

#include "model/apitype.h"

struct doc_root {
    const char *name;        /* "scenario", "pod" */
    const char *kind;        /* "Scenario", "Pod"; of what is part of a document its type's name */
    const char *api_version; /* "podsim.dev/v1"; NULL: no document of its own */
    const struct api_type *type;
    const char *doc;
};

enum { DOC_ROOTS_MAX = 64 };
/* All of them, podsim's own first; returns their number. */
uint32_t doc_roots(struct doc_root ret_roots[DOC_ROOTS_MAX]);
/* By name or kind in any case, or by kubectl's names for a kind (po, pods, deploy). False: there is none. */
bool doc_root_find(const char *word, struct doc_root *ret_root);
/* The name closest to a mistyped one, or NULL. */
const char *doc_root_closest(const char *word);

#endif
