/* selector.h - label selectors as kubectl takes them: app=web,tier!=db,env in (a, b),!debug,canary,rank>3.
 * k8s staging/src/k8s.io/apimachinery/pkg/labels/selector.go.
 */
#ifndef MODEL_SELECTOR_H
#define MODEL_SELECTOR_H

#include "model/apitype.h"

enum selector_op { SELECT_IN, SELECT_NOT_IN, SELECT_EXISTS, SELECT_NOT_EXISTS, SELECT_GREATER, SELECT_LESS };
struct selector_term {
    const char *key;
    enum selector_op op;
    str_list values;
};
typedef LIST_OF(struct selector_term) selector;

/* Returns NULL, or what is wrong with it, in kubectl's words. */
const char *selector_parse(struct arena *a, const char *text, selector *ret);
bool selector_matches(const selector *s, const str_map *labels);

#endif
