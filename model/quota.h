/* quota.h - ResourceQuotas: what an object uses of a namespace's resources, and whether there is room for it.
 *
 * k8s pkg/quota/v1/evaluator/core, staging/src/k8s.io/apiserver/pkg/admission/plugin/resourcequota/controller.go
 * (v1.36); semantics/api-objects.md 6.2. The admission plugin writes what is used; controller_quota.c counts it anew
 * when something has gone.
 */
#ifndef MODEL_QUOTA_H
#define MODEL_QUOTA_H

#include "model/api_admission.h"
#include "model/api_quota.h"

/* Kinds that some resource of these counts: a set of 1 << KIND_x. */
uint32_t quota_kinds(const quantity_map *hard);
/* It counts as a pod, as far as "pods" and what pods take are concerned: neither over, nor stuck in its deletion. */
bool quota_counts_pod(const struct pod *p, sim_time now);
/* Status.used of a quota with these limits, of all there is now. */
quantity_map quota_used(const struct store *st, struct arena *a, const struct resource_quota *q, sim_time now);

/* Admission plugin ResourceQuota. */
void quota_validate(struct admission_request *r);

#endif
