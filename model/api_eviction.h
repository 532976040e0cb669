/* api_eviction.h - the subresource eviction of pods: a DELETE that asks PodDisruptionBudgets first.
 *
 * k8s pkg/registry/core/pod/storage/eviction.go (v1.36); semantics/nodes.md 6.2.
 */
#ifndef MODEL_API_EVICTION_H
#define MODEL_API_EVICTION_H

#include "model/store.h"

enum eviction_code { EVICTION_OK = 201, EVICTION_FORBIDDEN = 403, EVICTION_TOO_MANY = 429, EVICTION_ERROR = 500 };
struct eviction_reply {
    enum eviction_code code;
    const char *message; /* of a refusal; NULL = it is granted */
    const char *cause;   /* why a budget refuses: details.causes[0].message; or NULL */
    bool terminating;    /* forbidden because the namespace is being deleted */
};

/* At the instant of commit. grace -1: the pod's own. Whose writes they are: the budget's and the condition are the API
 * server's, the DELETE is `who`'s. */
struct eviction_reply evict_pod(struct store *st, enum trace_component who, const struct pod *pod, int64_t grace,
                                bool dry_run);

#endif
