/* pod_rank.h - which pods go first when there are too many.
 *
 * k8s pkg/controller/controller_utils.go ActivePodsWithRanks (ReplicaSets), ActivePods (Jobs), v1.36.
 */
#ifndef MODEL_POD_RANK_H
#define MODEL_POD_RANK_H

#include "model/replicaset.h"

/* Sorts them: the first goes first. related: pods that count as a node's load, and ages on a logarithmic scale, as of
 * ReplicaSets; NULL: neither, as of Jobs. */
void rank_pods(struct arena *a, const struct pod **pods, uint32_t count, const struct pod_refs *related, sim_time now);

#endif
