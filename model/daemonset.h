/* daemonset.h - what a DaemonSet does: pure functions of what its controller's caches show.
 *
 * Mirrors k8s pkg/controller/daemon/daemon_controller.go, update.go, util/daemonset_util.go (v1.36). Rules:
 * semantics/workloads.md 5. daemonset.c decides about pods, daemonset_update.c about rolling updates, daemonset_pod.c
 * what pods look like and on which nodes they belong; controller_daemonset.c carries it out.
 */
#ifndef MODEL_DAEMONSET_H
#define MODEL_DAEMONSET_H

#include "model/controller_history.h"
#include "model/replicaset.h"

#define TEMPLATE_GENERATION_LABEL "pod-template-generation"

/* ---- pods (daemonset_pod.c) ---- */
/* The template's tolerations, and those that every daemon pod has. */
struct pod_spec ds_spec_of_pods(struct arena *a, const struct daemon_set *set);
struct pod *ds_make_pod(struct arena *a, const struct daemon_set *set, const char *hash, const char *node);
/* Where it is, or is meant for: GetTargetNodeName; "" = nowhere. */
const char *ds_target_node(const struct pod *p);
/* Of the revision with that hash, or of the generation of the template: IsPodUpdated. */
bool ds_pod_is_new(const struct daemon_set *set, const struct pod *p, const char *hash);

/* ---- should it run there: NodeShouldRunDaemonPod ---- */
struct ds_should {
    bool run, go_on;
};
/* spec: ds_spec_of_pods(). */
struct ds_should ds_should_run(const struct pod_spec *spec, const struct node *node);

/* ---- one sync ---- */
struct ds_nodes {
    const struct node **items;
    uint32_t count;
};
struct ds_facts {
    const struct daemon_set *set;
    struct ds_nodes nodes;
    struct pod_refs pods; /* that are its own */
    struct revision_list revisions;
    bool in_sync; /* no creation or deletion is expected to be seen still */
    /* How long a failed pod on that node is left alone; 0 = it may be deleted now. */
    sim_time (*failed_wait)(void *ctx, const char *node);
    void *ctx;
    sim_time now;
    const char *hash; /* of a new revision, in a run that is played back; NULL: of its template */
};
struct ds_pods {
    const struct pod **items;
    uint32_t count;
};
struct ds_plan {
    const struct controller_revision *current; /* of the template as it is */
    bool is_new_revision;                      /* to be created */
    int64_t renumber;                          /* it gets this number; 0 = it has the right one */
    const char *hash;                          /* label of pods */
    struct ds_nodes create;
    struct ds_pods remove, failed, succeeded; /* the latter two are among those that are removed */
    struct revision_list forget;
    struct daemon_set_status status;
    bool status_changed;
    sim_time retry; /* look at failed pods again after so long; SIM_NEVER = no need */
    sim_time recheck;
};
/* keep: what the plan points at lives there. */
void ds_decide(struct arena *keep, struct arena *scratch, const struct ds_facts *facts, struct ds_plan *ret_plan);

/* ---- between the files: a sync in progress ---- */
struct ds_node {
    const struct node *node; /* NULL: pods of a node that is no more */
    struct ds_should should;
    struct ds_pods pods; /* without those that have ended and go; in order of age, those with a node first */
};
struct ds_sync {
    struct arena *keep, *scratch;
    const struct ds_facts *facts;
    const struct daemon_set *set;
    struct ds_node *nodes;
    uint32_t node_count;
    struct ds_plan *plan;
};
bool ds_is_available(const struct ds_sync *s, const struct pod *p);
bool ds_allows_surge(const struct daemon_set *set);
void ds_remove(struct ds_sync *s, const struct pod *p);
void ds_create(struct ds_sync *s, const struct node *n);
/* daemonset_update.c */
void ds_rolling_update(struct ds_sync *s);

#endif
