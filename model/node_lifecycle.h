/* node_lifecycle.h - the node-lifecycle controller's decisions: pure functions of what it knows of a node or a zone.
 *
 * Mirrors k8s pkg/controller/nodelifecycle/node_lifecycle_controller.go, scheduler/rate_limited_queue.go and
 * pkg/controller/util/node/controller_utils.go (v1.36); rules: semantics/nodes.md 2. Carried out by controller_node.c.
 */
#ifndef MODEL_NODE_LIFECYCLE_H
#define MODEL_NODE_LIFECYCLE_H

#include "model/api_core.h"
#include "model/manager_config.h"

#define TAINT_NOT_READY      "node.kubernetes.io/not-ready"
#define TAINT_UNREACHABLE    "node.kubernetes.io/unreachable"
#define TAINT_OUT_OF_SERVICE "node.kubernetes.io/out-of-service"

/* ---- health ---- */

enum node_ready { NODE_READY, NODE_NOT_READY, NODE_UNKNOWN };
const struct node_condition *node_condition_find(const struct node *n, const char *type); /* NULL = it has none */
enum node_ready node_ready_status(const struct node *n); /* Unknown when there is no such condition */

/* probe: when the controller last noticed a sign of life; for a node that has never had conditions, its creation. */
bool node_is_lost(const struct manager_config *c, const struct node *n, sim_time probe, sim_time now);
sim_time node_grace(const struct manager_config *c, const struct node *n);
/* Nothing is known of it any more: its conditions, but for the one that is not the kubelet's. */
void node_set_unknown(struct arena *a, struct node *n, sim_time now);

/* ---- taints ---- */

/* Of `n`, in order of its conditions: the NoSchedule taints that it should have and has not, and those that it has and
 * should not. */
struct taint_changes {
    const char *add[8], *remove[8]; /* keys */
    uint32_t added, removed;
};
void node_schedule_taints(const struct node *n, struct taint_changes *ret_changes);

bool node_has_taint(const struct node *n, const char *key, const char *effect); /* effect NULL = any */

/* What a pass does about NoExecute taints. */
enum taint_step {
    TAINT_STEP_CLEAR, /* it is ready: has none of them, and waits for none */
    TAINT_STEP_SWAP,  /* it has the other one: the right one takes its place at once */
    TAINT_STEP_QUEUE, /* it gets one as the zone's limiter allows */
    TAINT_STEP_NONE   /* it has the right one */
};
enum taint_step node_taint_step(const struct node *n, enum node_ready status);
/* The keys of the taint for that status, and of its opposite; NULL for a node that is ready. */
const char *node_taint_key(enum node_ready status);
const char *node_taint_opposite(enum node_ready status);

/* ---- zones and rates ---- */

enum zone_state { ZONE_NORMAL, ZONE_PARTIAL_DISRUPTION, ZONE_FULL_DISRUPTION };
enum zone_state zone_state_of(const struct manager_config *c, int64_t ready, int64_t not_ready);
/* Labels of region and zone; "" = neither. */
const char *node_zone(struct arena *a, const struct node *n);
bool node_excluded_from_disruption(const struct node *n);

/* k8s client-go util/flowcontrol/throttle.go with a burst of 1 (EvictionRateLimiterBurst). */
struct rate_limiter {
    sim_time interval; /* 0 = it never accepts */
    sim_time free_at;  /* from when it accepts */
};
bool limiter_accepts(struct rate_limiter *l, sim_time now);
/* A new one takes its place, without what this one refuses just now; none does when they are the same. */
void limiter_swap(struct rate_limiter *l, sim_time interval, sim_time now);
sim_time zone_interval(const struct manager_config *c, enum zone_state state, int64_t nodes);

/* What the states of all zones, before and after a pass, ask for. */
enum disruption {
    DISRUPTION_NONE,
    DISRUPTION_ENTER, /* no node answers: it is us. All taints go, and no more are set */
    DISRUPTION_LEAVE, /* some do again: all nodes get their full grace anew */
    DISRUPTION_ZONES  /* each zone for itself */
};
enum disruption disruption_of(bool all_were_full, bool all_are_full);

#endif
