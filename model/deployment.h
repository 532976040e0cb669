/* deployment.h - what a Deployment does: pure functions of what its controller's caches show.
 *
 * One sync reads the Deployment and its ReplicaSets and makes a list of writes. Mirrors k8s
 * pkg/controller/deployment: sync.go, rolling.go, recreate.go, progress.go, util/deployment_util.go (v1.36).
 * Rules: semantics/workloads.md 3. deployment.c decides what is scaled, deployment_revision.c which ReplicaSet is the
 * new one, deployment_status.c what the status says; controller_deployment.c carries it out.
 */
#ifndef MODEL_DEPLOYMENT_H
#define MODEL_DEPLOYMENT_H

#include "model/api_apps.h"
#include "model/feature_gates.h"

#define REVISION_ANNOTATION         "deployment.kubernetes.io/revision"
#define REVISION_HISTORY_ANNOTATION "deployment.kubernetes.io/revision-history"
#define DESIRED_ANNOTATION          "deployment.kubernetes.io/desired-replicas"
#define MAX_ANNOTATION              "deployment.kubernetes.io/max-replicas"
#define ROLLBACK_ANNOTATION         "deprecated.deployment.rollback.to"
#define LAST_APPLIED_ANNOTATION     "kubectl.kubernetes.io/last-applied-configuration"
#define TEMPLATE_HASH_LABEL         "pod-template-hash"

/* ---- arithmetic ---- */
int64_t deployment_max_surge(const struct deployment *d);
int64_t deployment_max_unavailable(const struct deployment *d);
bool deployment_has_deadline(const struct deployment *d);

/* ---- templates and revisions (deployment_revision.c) ---- */
/* Equal but for the label pod-template-hash. */
bool templates_equal(struct arena *a, const struct pod_template *x, const struct pod_template *y);
/* What stands in the name of its ReplicaSet: decimal digits in the alphabet of names. */
const char *template_hash(struct arena *a, const struct pod_template *t, const struct opt_i64 *collisions);
/* k8s apimachinery/pkg/util/rand SafeEncodeString of its decimal digits: each is the symbol at its code modulo 27. */
const char *safe_encode(struct arena *a, uint32_t hash);
int64_t revision_of(const struct api_object *o); /* 0 = none */

/* A ReplicaSet in the course of a sync: as the cache has it, and what the sync has made of it. */
struct rs_view {
    const struct replica_set *rs; /* as it was read; one to be created has no ordinal */
    int64_t replicas;             /* spec.replicas */
    str_map annotations;
    bool written; /* by this sync: it is known as it is now */
};
struct rs_views {
    struct rs_view **items;
    uint32_t count;
};

/* ---- the writes of a sync, in order ---- */
enum deployment_write {
    WRITE_NEW_SET, /* creates `set`; a name that is taken is a collision */
    WRITE_SET,     /* replicas, annotations, minReadySeconds */
    WRITE_OLD_SET, /* deletes it */
    WRITE_STATUS   /* status and annotations of the Deployment */
};
struct deployment_step {
    enum deployment_write write;
    bool as_read;                  /* SET: conflicts if this sync has written it before */
    const struct replica_set *set; /* NEW_SET: what is created; else as it was read */
    int64_t min_ready_seconds;     /* SET */
    str_map annotations;           /* SET, STATUS */
    int64_t from, to;              /* SET, NEW_SET: spec.replicas; an event tells if they differ */
    struct deployment_status status;
};
struct deployment_plan {
    struct pool steps; /* struct deployment_step */
    sim_time recheck;  /* look again after so long; SIM_NEVER = no need */
    bool retry;        /* look again soon, more slowly each time */
};

struct deployment_facts {
    const struct deployment *deployment;
    const struct replica_set *const *sets; /* that are its own */
    uint32_t set_count;
    const struct features *features;
    /* Recreate: does a set have a pod that has not ended? */
    bool (*runs_pods)(void *ctx, const struct replica_set *rs);
    void *ctx;
    sim_time now;
    const char *hash; /* in the name of the next set; NULL: of the template */
};
/* keep: what steps point at lives there; scratch: nothing of the plan does. The pool is in scratch. */
void deployment_decide(struct arena *keep, struct arena *scratch, const struct deployment_facts *facts,
                       struct deployment_plan *ret_plan);

/* ---- between the files: a sync in progress ---- */
struct deployment_sync {
    struct arena *keep, *scratch;
    const struct deployment_facts *facts;
    const struct deployment *read; /* the Deployment as it was read */
    struct deployment d;           /* and as it is now: status and annotations */
    struct rs_views all;           /* in order of age; by name where it is the same second */
    struct rs_views old;
    struct rs_view *new_set; /* NULL = there is none */
    struct deployment_plan *plan;
};
struct deployment_step *plan_step(struct deployment_sync *s, enum deployment_write write);
void write_deployment_status(struct deployment_sync *s); /* as s->d has it */
int64_t total_replicas(const struct rs_views *sets);     /* spec.replicas of all */

/* deployment_revision.c: getAllReplicaSetsAndSyncRevision, once and for every time it is called. */
void find_sets(struct deployment_sync *s);
void sync_revision(struct deployment_sync *s, bool create);
/* deployment.c */
int64_t replicas_for_new_set(const struct deployment_sync *s, const struct rs_view *new_set, int64_t total);

/* deployment_status.c */
void put_condition(struct deployment_sync *s, struct deployment_status *status, struct workload_condition condition);
void set_condition(struct deployment_sync *s, struct deployment_status *status, const char *type, const char *value,
                   const char *reason, const char *message);
const struct workload_condition *find_condition(const struct deployment_status *status, const char *type);
bool deployment_is_complete(const struct deployment *d, const struct deployment_status *status);
void sync_status(struct deployment_sync *s);         /* syncDeploymentStatus: without judging progress */
void sync_rollout_status(struct deployment_sync *s); /* syncRolloutStatus */

#endif
