/* controller_node.h - the node-lifecycle controller: who looks whether the nodes are alive, and taints those that are
 * not. Its decisions are in node_lifecycle.c. */
#ifndef MODEL_CONTROLLER_NODE_H
#define MODEL_CONTROLLER_NODE_H

#include "model/events.h"
#include "model/informers.h"
#include "model/manager_config.h"
#include "model/node_lease.h"

void node_controller_new(struct store *st, struct informers *f, struct recorder *r, struct node_leases *leases,
                         const struct manager_config *config);

#endif
