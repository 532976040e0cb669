/* endpointslice_hints.h - who should use an endpoint: trafficDistribution, and the older annotation
 * service.kubernetes.io/topology-mode: Auto, which shares endpoints out by the zones' CPUs. Pure.
 *
 * k8s staging/src/k8s.io/endpointslice/trafficdist, topologycache (v1.36); semantics/endpoints-and-traffic.md 10.
 */
#ifndef MODEL_ENDPOINTSLICE_HINTS_H
#define MODEL_ENDPOINTSLICE_HINTS_H

#include "model/api_core.h"
#include "model/feature_gates.h"

/* What becomes of a slice in this sync. */
enum draft_fate { DRAFT_UNCHANGED, DRAFT_UPDATE, DRAFT_CREATE, DRAFT_DELETE };
struct slice_draft {
    const struct endpoint_slice *was; /* NULL: new */
    enum draft_fate fate;
    struct endpoint *endpoints; /* of DRAFT_UPDATE and DRAFT_CREATE */
    uint32_t count, room;
    struct endpoint_port *ports;
    uint32_t port_count;
    str_map labels;
};
struct draft_list {
    struct arena *scratch, *keep; /* for drafts, and for what is written */
    struct slice_draft *items;
    uint32_t count;
};

/* CPUs of the ready nodes by zone. */
struct topology {
    const char **zones; /* in order of their first node */
    int64_t *cpu_milli;
    uint32_t room;
    uint32_t count; /* 0: not enough is known */
    int64_t total;
};
void topology_set_nodes(struct topology *t, struct arena *a, const struct node *const *nodes, uint32_t count);

/* What the controller remembers of one Service. */
struct service_hints {
    bool populated;
    struct pool zones; /* struct hinted_zone: how many endpoints each was given */
};
void service_hints_init(struct service_hints *h, struct arena *a);
/* Its zones' shares are no more what the nodes ask for: it is synced again. */
bool service_is_overloaded(const struct service_hints *h, const struct topology *t);

/* The Service has the annotation: its hints follow the topology. */
bool service_wants_shares(const struct service *s);

struct hint_event {
    const char *reason; /* NULL: none */
    const char *message;
    bool warning;
};
/* Sets or removes the hints of what is created or updated, and makes updates of what has wrong ones. */
void hints_reconcile(const struct service *service, const struct features *features, const struct topology *topology,
                     struct service_hints *remembered, struct draft_list *drafts, struct hint_event *ret_event);
/* Content of a draft that has been left alone so far, to be changed. */
void draft_update(struct arena *scratch, struct slice_draft *draft);

#endif
