/* replicaset.h - what a ReplicaSet or a ReplicationController does: pure functions of what its controller's caches
 * show.
 *
 * k8s pkg/controller/replicaset/replica_set.go manageReplicas, replica_set_utils.go calculateStatus,
 * pkg/controller/controller_utils.go ActivePodsWithRanks, controller_ref_manager.go. Rules:
 * semantics/workloads.md 1.3, 2. controller_replicaset.c carries it out.
 */
#ifndef MODEL_REPLICASET_H
#define MODEL_REPLICASET_H

#include "model/api_apps.h"
#include "model/feature_gates.h"

/* ---- facts about pods ---- */
enum pod_fact {
    POD_ACTIVE = 1 << 0,      /* not ended, not being deleted */
    POD_TERMINATING = 1 << 1, /* being deleted, and not ended */
    POD_READY = 1 << 2,
};
uint8_t pod_facts(const struct pod *p);
sim_time pod_ready_since(const struct pod *p); /* SIM_NEVER: it is not ready */
/* Ready for so many seconds, by the whole-second time stamp of the condition. */
bool pod_is_available(const struct pod *p, int64_t min_ready_seconds, sim_time now);

struct pod_refs {
    const struct pod **items;
    uint8_t *facts; /* of each: pod_facts(), read off when the pod changed */
    uint32_t count;
};
/* After how long the next one that is ready becomes available; SIM_NEVER: none does. FindMinNextPodAvailabilityCheck.
 */
sim_time pods_next_available(const struct pod_refs *pods, int64_t min_ready_seconds, sim_time now);

/* ---- whose is it: controller_ref_manager.go ClaimObject ---- */
enum claim { CLAIM_OWNED, CLAIM_RELEASE, CLAIM_ADOPT, CLAIM_IGNORED };
enum claim claim_of(const struct api_object *controller, const struct label_selector *selector,
                    const struct api_object *o);
/* The same where more than a selector says whether it matches. */
enum claim claim_if(const struct api_object *controller, bool matches, const struct api_object *o);

/* ---- one sync ---- */
struct rs_facts {
    const struct replica_set *rs;
    const struct features *features;
    struct pod_refs active;  /* that are its own, in order */
    uint32_t terminating;    /* pods that are its own */
    struct pod_refs related; /* of all ReplicaSets of the same controller: rank of those to be deleted */
    bool in_sync;            /* no creation or deletion is expected to be seen still */
    sim_time now;
};
struct rs_plan {
    int64_t create;                   /* pods, in slow-start batches */
    struct pod_refs remove;           /* the first is deleted first */
    struct replica_set_status status; /* unless something fails */
    bool status_changed;
    sim_time recheck; /* look again after so long: a pod becomes available; SIM_NEVER = no need */
};
/* ret_plan's lists are in the arena. */
void rs_decide(struct arena *a, const struct rs_facts *facts, struct rs_plan *ret_plan);
/* k8s slowStartBatch: how many of `left` are tried at once after a batch of `before` (0 = none yet). */
int64_t slow_start_batch(int64_t before, int64_t left);
/* The status of a sync that went wrong: condition ReplicaFailure, unless it is there already. */
void rs_status_failed(struct arena *a, struct replica_set_status *status, bool creating, const char *message,
                      sim_time now);
bool rs_status_equal(const struct replica_set_status *a, const struct replica_set_status *b);

#endif
