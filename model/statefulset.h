/* statefulset.h - what a StatefulSet does: pure functions of what its controller's caches show.
 *
 * Mirrors k8s pkg/controller/statefulset/stateful_set_control.go, stateful_set_utils.go and stateful_pod_control.go
 * (v1.36). Rules: semantics/workloads.md 4. statefulset.c decides about pods and revisions, statefulset_claims.c about
 * claims, statefulset_pod.c what its pods look like; controller_statefulset.c carries it out.
 */
#ifndef MODEL_STATEFULSET_H
#define MODEL_STATEFULSET_H

#include "model/controller_history.h"
#include "model/feature_gates.h"
#include "model/replicaset.h"

#define POD_NAME_LABEL  "statefulset.kubernetes.io/pod-name"
#define POD_INDEX_LABEL "apps.kubernetes.io/pod-index"

/* ---- names ---- */
/* The number at the end of a pod's name, if the rest is the set's name; else -1. */
int64_t sts_ordinal_of(const struct stateful_set *set, const struct pod *p);
int64_t sts_start(const struct stateful_set *set);
bool sts_in_range(const struct stateful_set *set, int64_t ordinal);

/* ---- the writes of a sync, in order ---- */
enum sts_write {
    STS_NEW_REVISION, /* creates `object` */
    STS_RENUMBER,     /* the revision `object` gets the number, which makes it the latest */
    STS_NEW_CLAIM,    /* creates `object` for `pod` */
    STS_NEW_POD,      /* creates `object` */
    STS_MEND_POD,     /* the pod `object` gets name labels and volumes */
    STS_CLAIM_OWNERS, /* the claim `object` gets `owners` */
    STS_DELETE_POD,
    STS_STATUS,
    STS_DELETE_REVISION,
};
struct sts_step {
    enum sts_write write;
    bool first_of_batch, after_failure;
    uint32_t stage; /* within a batch: what is done for all of it before the next */
    const struct api_object *object;
    const struct pod *pod;
    const struct owner_reference *owners;
    uint32_t owner_count;
    int64_t number;
    struct stateful_set_status status;
};
struct sts_plan {
    struct pool steps; /* struct sts_step */
    sim_time recheck;  /* look again after so long; SIM_NEVER = no need */
};

struct sts_facts {
    const struct stateful_set *set;
    const struct features *features;
    struct pod_refs pods;           /* that are its own */
    struct revision_list revisions; /* those, too */
    int64_t collisions;             /* of names of revisions */
    /* The claim of that name in the cache, or NULL. */
    const struct persistent_volume_claim *(*claim)(void *ctx, const char *name);
    void *ctx;
    sim_time now;
};
/* keep: what steps point at lives there; scratch: nothing of the plan does. The pool is in scratch. */
void sts_decide(struct arena *keep, struct arena *scratch, const struct sts_facts *facts, struct sts_plan *ret_plan);

/* ---- between the files: a sync in progress ---- */
struct sts_pod {
    const struct pod *pod; /* as the cache has it, or as it would be created */
    int64_t ordinal;
    bool exists;
};
struct sts_pods {
    struct sts_pod *items;
    uint32_t count;
};
struct sts_sync {
    struct arena *keep, *scratch;
    const struct sts_facts *facts;
    const struct stateful_set *set;
    const struct controller_revision *current, *update;
    struct sts_pods replicas;  /* by ordinal */
    struct sts_pods condemned; /* whose ordinal is out of range; the highest first */
    struct sts_plan *plan;
};
struct sts_step *sts_step(struct sts_sync *s, enum sts_write write, uint32_t stage, const struct api_object *object);

/* statefulset_pod.c */
struct pod *sts_make_pod(struct sts_sync *s, int64_t ordinal);
bool sts_pod_is_as_it_should(const struct stateful_set *set, const struct pod *p);
/* Labels of its name, volumes of its claims. */
void sts_mend_pod(struct arena *a, const struct stateful_set *set, struct pod *p);
const char *sts_pod_revision(const struct pod *p); /* "" = none */

/* statefulset_claims.c */
const char *sts_claim_name(struct arena *a, const struct stateful_set *set, uint32_t which, int64_t ordinal);
/* Claims that are missing are created, each in a stage of its own. */
void sts_create_claims(struct sts_sync *s, const struct sts_pod *p);
/* A claim is still owned by a pod of that name that is gone. */
bool sts_claim_is_stale(struct sts_sync *s, const struct sts_pod *p);
bool sts_claims_match_policy(struct sts_sync *s, const struct sts_pod *p);
void sts_apply_policy(struct sts_sync *s, const struct sts_pod *p, uint32_t stage);

#endif
