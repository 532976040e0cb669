/* endpoint_tracker.h - what the EndpointSlice and the Endpoints controller share: caches of Services
 * and pods, which pod events concern which Service, and a queue of Services to sync.
 * k8s pkg/controller/endpointslice/endpointslice_controller.go, pkg/controller/endpoint/
 * endpoints_controller.go, pkg/controller/util/endpoint/controller_utils.go.
 */
#ifndef MODEL_ENDPOINT_TRACKER_H
#define MODEL_ENDPOINT_TRACKER_H

#include "model/store.h"

struct endpoint_tracker;

/* Called at the end of the controller's work on one Service. Matching pods come in order of creation,
 * as this controller's cache shows them. service is NULL-free: removed Services are not synced. */
struct tracked_pods {
    const struct pod **items;
    uint32_t count;
};
typedef void tracker_sync_fn(void *ctx, const struct service *service, const struct tracked_pods *pods);

struct endpoint_tracker *tracker_new(struct store *st, struct arena *scratch, const char *name,
                                     tracker_sync_fn *sync, void *ctx);

/* A pod's number for a Service port's target: the number itself, or the container port of that name
 * and protocol, app containers first, then sidecars; 0 = the pod has none. */
int64_t find_target_port(const struct pod *pod, const struct service_port *port);
/* Ready condition is True. */
bool pod_is_ready(const struct pod *pod);
/* Has an address and has not ended: a candidate for endpoints. */
bool pod_may_be_endpoint(const struct pod *pod);
struct object_reference *pod_reference(struct arena *a, const struct pod *pod);

#endif
