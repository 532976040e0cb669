/* disruption.h - what a PodDisruptionBudget allows right now: pure decisions of facts.
 *
 * k8s pkg/controller/disruption/disruption.go (v1.36); semantics/nodes.md 6.1. controller_disruption.c collects the
 * facts and carries the plan out; api_eviction.c asks the status that is written.
 */
#ifndef MODEL_DISRUPTION_H
#define MODEL_DISRUPTION_H

#include "model/api_policy.h"

#define DELETION_TIMEOUT             (120 * SIM_SECOND) /* an eviction that was granted must be seen by then */
#define STALE_POD_DISRUPTION_TIMEOUT (120 * SIM_SECOND)

/* A pod that the budget selects, and who manages it. */
struct pdb_pod {
    const struct pod *pod;
    const char
        *controller; /* uid of what has the scale: of the Deployment above a ReplicaSet; NULL = nobody manages it */
    bool found;      /* the controller and its scale are known */
    int64_t scale;
};

struct pdb_facts {
    const struct pdb *pdb;
    const struct pdb_pod *pods;
    uint32_t count;
    sim_time now;
    int64_t epoch;
};

struct pdb_plan {
    bool changed; /* status has to be written */
    struct pdb_status status;
    const char *failure; /* the status could not be computed; NULL = it could */
    bool no_pods, unmanaged;
    const struct pod **not_deleted; /* granted long ago, and still here */
    uint32_t not_deleted_count;
    sim_time recheck; /* SIM_NEVER = none: when a grant runs out */
};

/* Everything in `ret_plan` lives in `a`. */
void pdb_decide(struct arena *a, const struct pdb_facts *f, struct pdb_plan *ret_plan);

/* Ready, and not on its way out. */
bool pod_is_healthy_for_pdb(const struct pod *p);
/* Condition DisruptionAllowed says what disruptionsAllowed says. */
void pdb_set_allowed_condition(struct arena *a, struct pdb_status *s, sim_time now);
/* The condition DisruptionTarget of a pod that nobody deletes; false = none, or not a stale one ever. *ret_left: how
 * long until it is stale, 0 = it is. */
bool pod_disruption_is_stale(const struct pod *p, sim_time now, sim_time *ret_left);

#endif
