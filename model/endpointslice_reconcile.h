/* endpointslice_reconcile.h - which EndpointSlices a Service should have, given the ones it has: pure.
 *
 * The caller gathers facts from its caches, makes the changes of the plan in order, and stops at the first that fails.
 * k8s staging/src/k8s.io/endpointslice/reconciler.go, utils.go (v1.36).
 */
#ifndef MODEL_ENDPOINTSLICE_RECONCILE_H
#define MODEL_ENDPOINTSLICE_RECONCILE_H

#include "model/endpoint_tracker.h"
#include "model/endpointslice_hints.h"

#define SLICE_LABEL_SERVICE    "kubernetes.io/service-name"
#define SLICE_LABEL_MANAGED_BY "endpointslice.kubernetes.io/managed-by"
#define SLICE_CONTROLLER       "endpointslice-controller.k8s.io"

struct slice_facts {
    const struct service *service;
    struct tracked_pods pods;
    const struct node *const *nodes; /* of each pod; NULL: its Node does not exist */
    const struct endpoint_slice *const *slices;
    uint32_t slice_count; /* those it has, in order of creation */
    uint32_t max_endpoints;
    const struct features *features;
    const struct topology *topology;
    struct service_hints *hints; /* what is remembered of the Service; changed */
};

struct slice_change {
    const struct endpoint_slice *was; /* NULL: is created */
    struct endpoint_slice *now;       /* NULL: is deleted; else endpoints, ports, labels, addressType */
};

struct slice_plan {
    struct slice_change *changes; /* in order */
    uint32_t count;
    const char *skipped; /* the sync has failed all the same: why; or NULL */
    struct hint_event event;
};

/* keep: where the new slices' contents go; what has not changed is shared with the old ones. */
void slices_reconcile(struct arena *scratch, struct arena *keep, const struct slice_facts *facts,
                      struct slice_plan *ret_plan);
/* Owned by this very Service, not by one of the same name. */
bool slice_is_owned_by(const struct endpoint_slice *slice, const struct service *service);

#endif
