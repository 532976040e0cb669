/* toleration.c - does a toleration match a taint? Asked by the scheduler and the kubelet.
 * k8s staging/src/k8s.io/component-helpers/scheduling/corev1/helpers.go, api/core/v1/toleration.go.
 */
#include <string.h>

#include "model/api_core.h"

static bool empty(const char *s) { return !s || !*s; }
static bool same(const char *a, const char *b) { return strcmp(a ? a : "", b ? b : "") == 0; }

bool toleration_matches(const struct toleration *t, const struct taint *taint)
{
    if (!empty(t->effect) && !same(t->effect, taint->effect))
        return false;
    if (!empty(t->key) && !same(t->key, taint->key))
        return false;
    if (same(t->operator_, "Exists"))
        return true;
    return !empty(t->key) && same(t->value, taint->value);
}
