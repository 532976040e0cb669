/* pod_disruption.h - condition DisruptionTarget: a pod is about to be ended by somebody who says why.
 *
 * k8s pkg/api/v1/pod/util.go UpdatePodCondition, as the taint-eviction controller and the pod GC use it.
 */
#ifndef MODEL_POD_DISRUPTION_H
#define MODEL_POD_DISRUPTION_H

#include "model/store.h"

/* One write, at its commit: the condition (reason NULL: none) and the phase (NULL: as it is). Returns the version that
 * is stored then; nothing is written that is so already. */
const struct api_object *pod_disruption_write(struct store *st, enum trace_component who, const struct api_object *pod,
                                              const char *reason, const char *message, const char *phase);

#endif
