/* node_lease.h - the Leases by which kubelets show that they are alive, in closed form.
 *
 * A kubelet renews the Lease of its node (namespace kube-node-lease) every 10 s. That changes nothing anybody waits
 * for, so a renewal is no event: when the last one was is computed when somebody asks. What is told is that a Lease
 * begins or ceases to be renewed. Mirrors k8s component-helpers/apimachinery/lease/controller.go as
 * pkg/kubelet/kubelet.go sets it up (v1.36); rules: semantics/nodes.md 1.
 */
#ifndef MODEL_NODE_LEASE_H
#define MODEL_NODE_LEASE_H

#include "model/store.h"

struct node_leases;

struct node_leases *node_leases_new(struct store *st);

/* ---- kubelets ---- */

/* A node has registered; its kubelet has run since `started`, SIM_NEVER = since long before the run. */
void node_lease_add(struct node_leases *l, const struct api_object *node, sim_time started);
void node_lease_runs(struct node_leases *l, uint32_t node, bool runs);
/* Its renewals arrive at the API server, or do not. */
void node_lease_arrives(struct node_leases *l, uint32_t node, bool arrives);
void node_leases_api_server(struct node_leases *l, bool up);

/* ---- who looks at them ---- */

typedef void node_lease_fn(void *ctx, uint32_t node);
/* Called when a Lease begins or ceases to be renewed. */
void node_leases_listen(struct node_leases *l, node_lease_fn *fn, void *ctx);
bool node_lease_is_renewed(const struct node_leases *l, uint32_t node);
/* spec.renewTime as the API had it at t, which is not before anything asked or told earlier; SIM_NEVER = there is no
 * such Lease. */
sim_time node_lease_renew_time(struct node_leases *l, uint32_t node, sim_time t);
/* When that version was committed. */
sim_time node_lease_committed(const struct node_leases *l, uint32_t node, sim_time renew_time);

#endif
