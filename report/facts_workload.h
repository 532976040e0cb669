/* facts_workload.h - the facts about Deployments, ReplicaSets, ReplicationControllers and Jobs, for facts.c. */
#ifndef REPORT_FACTS_WORKLOAD_H
#define REPORT_FACTS_WORKLOAD_H

#include "model/api_core.h"

typedef void fact_fn(void *ctx, const char *object, const char *what);
/* What this version of a workload says that the one before did not; strings are in the arena. */
void workload_facts(struct arena *a, const struct api_object *o, bool deleted, fact_fn *add, void *ctx);

/* facts_policy.c: the same of a PodDisruptionBudget. */
void budget_facts(struct arena *a, const struct api_object *o, bool deleted, fact_fn *add, void *ctx);

#endif
