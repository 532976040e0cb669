/* node_taints.h - changing a node's taints as kube-controller-manager does it.
 *
 * k8s pkg/controller/controller_utils.go AddOrUpdateTaintOnNode, RemoveTaintOffNode; pkg/util/taints/taints.go (v1.36).
 */
#ifndef MODEL_NODE_TAINTS_H
#define MODEL_NODE_TAINTS_H

#include "model/store.h"

/* At the commit: false, and nothing is written, when the node has them all (has none of them) already, or is gone. */
bool node_taints_add(struct store *st, uint32_t node, const char *const *keys, uint32_t count, const char *effect);
bool node_taints_remove(struct store *st, uint32_t node, const char *const *keys, uint32_t count, const char *effect);

#endif
