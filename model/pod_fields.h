/* pod_fields.h - fields of pods that a feature gate guards: the API server drops or refuses them while it is off.
 *
 * k8s pkg/api/pod/util.go DropDisabledPodFields, called by pkg/registry/core/pod/strategy.go PrepareForCreate
 * (v1.36; older versions by their own release).
 */
#ifndef MODEL_POD_FIELDS_H
#define MODEL_POD_FIELDS_H

#include "model/api_sets.h"
#include "model/diag.h"
#include "model/feature_gates.h"

/* The spec is the caller's own copy. */
void pod_drop_disabled_fields(struct arena *a, const struct features *f, struct pod_spec *s);
/* Says of a manifest what will be dropped (warnings) and what the API server would refuse (errors). Returns 0,
 * or -1 with errors. */
int pod_check_features(struct arena *a, struct diag_set *d, const struct features *f, const struct pod *p);

/* k8s pkg/registry/apps/statefulset/strategy.go dropStatefulSetDisabledFields. */
void stateful_set_drop_disabled_fields(const struct features *f, struct stateful_set *set);

#endif
