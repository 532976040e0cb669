/* endpoint_tracker.h - what the EndpointSlice and the Endpoints controller share: which pods a Service selects, and
 * which Services an event concerns.
 *
 * A Service is known by an index, which stands for its namespace and name: one that is deleted and made anew keeps it,
 * as the key of a queue does. k8s pkg/controller/endpointslice/endpointslice_controller.go, pkg/controller/endpoint/
 * endpoints_controller.go, staging/src/k8s.io/endpointslice/util/controller_utils.go.
 */
#ifndef MODEL_ENDPOINT_TRACKER_H
#define MODEL_ENDPOINT_TRACKER_H

#include "model/informers.h"
#include "model/store.h"

#define LABEL_HEADLESS "service.kubernetes.io/headless" /* of what belongs to a Service without an address */

struct endpoint_tracker;
struct endpoint_tracker *tracker_new(struct store *st, struct informers *f);

/* Called for each Service that has to be looked at again. */
typedef void tracker_wake_fn(void *ctx, uint32_t service);
void tracker_listen(struct endpoint_tracker *t, tracker_wake_fn *wake, void *ctx);

/* Found, or made: the Service itself may not be there (yet, or any more). */
uint32_t tracker_index(struct endpoint_tracker *t, const char *namespace_, const char *name);
const char *tracker_namespace(const struct endpoint_tracker *t, uint32_t service);
const char *tracker_name(const struct endpoint_tracker *t, uint32_t service);
uint32_t tracker_stream(const struct endpoint_tracker *t, uint32_t service); /* of its random draws */
/* As the cache shows it; NULL = not there. */
const struct service *tracker_service(const struct endpoint_tracker *t, uint32_t service);
/* The pods that it selects, as the cache shows them, in order of creation. */
struct tracked_pods {
    const struct pod **items;
    uint32_t count;
};
struct tracked_pods tracker_pods(const struct endpoint_tracker *t, struct arena *scratch, uint32_t service);

/* When what these controllers publish last began to be out of date, by the time stamps of Service and pods: the
 * annotation endpoints.kubernetes.io/last-change-trigger-time. Each controller has one of its own. k8s endpointslice
 * util/trigger_time_tracker.go. */
#define ANNOTATION_TRIGGER_TIME "endpoints.kubernetes.io/last-change-trigger-time"
struct trigger_times {
    bool known;
    sim_time service; /* its creation */
    struct pool pods; /* struct trigger_pod */
};
void trigger_times_init(struct trigger_times *t, struct arena *a);
void trigger_times_forget(struct trigger_times *t); /* the Service is gone */
/* SIM_NEVER: nothing with a time stamp has changed since the last call. */
sim_time trigger_time(struct trigger_times *t, struct arena *scratch, const struct service *service,
                      const struct tracked_pods *pods);
/* The annotations with the trigger time set or removed. */
str_map with_trigger_time(struct store *st, const str_map *annotations, sim_time at);

/* ---- facts about pods; pure ---- */

/* A Service that these controllers look after: it has a selector and is no ExternalName. */
bool service_selects_pods(const struct service *s);
/* A pod's number for a Service port's target: the number itself, or the container port of that name
 * and protocol, app containers first, then sidecars; 0 = the pod has none. */
int64_t find_target_port(const struct pod *pod, const struct service_port *port);
/* Ready condition is True. */
bool pod_is_ready(const struct pod *pod);
/* Has an address and has not ended: a candidate for endpoints. */
bool pod_may_be_endpoint(const struct pod *pod);
struct object_reference *pod_reference(struct arena *a, const struct pod *pod);
/* The pod's host name, where it is a name under this Service; else NULL. */
const char *endpoint_hostname(const struct pod *pod, const struct service *service);
bool service_is_headless(const struct service *service); /* without an address of its own */

#endif
