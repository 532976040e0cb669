/* cluster.h - one simulated cluster: engine, store, control plane, nodes, put together and run.
 *
 *     struct cluster *c = cluster_new(&scenario, &options);
 *     cluster_run(c);
 *     struct run_trace t = cluster_trace(c);
 *     ... report ...
 *     cluster_free(c);
 */
#ifndef MODEL_CLUSTER_H
#define MODEL_CLUSTER_H

#include "model/cri.h"
#include "model/probe_ticks.h"
#include "model/scenario.h"
#include "model/store.h"

struct cluster;

struct cluster_options {
    bool has_until; /* overrides the scenario's */
    sim_time until;
    bool has_seed;
    uint64_t seed;
    bool has_profile;
    enum profile_kind profile;
    struct tie_order tie_order;
    enum probe_ticks ticks;
    bool self_check; /* assert whole-state invariants after every event: model/self_check.h */
    const struct playback *playback; /* what a recorded run drew (playback.h), or NULL */
    struct sim_limits limits;    /* 0s: the defaults of cluster.c */
    const struct diag_set *diags; /* for file names of positions in the trace */
    /* Asked after each instant in which the trace has grown, with all of it so far; true ends the run there, as
     * RUN_CONDITION. It must change nothing. NULL: nobody is asked. */
    bool (*stop_when)(void *ctx, const struct run_trace *so_far);
    void *stop_ctx;
};

/* Creates the nodes, then the scenario's objects at time 0; arms the actions. */
struct cluster *cluster_new(const struct scenario *scenario, const struct cluster_options *options);
void cluster_free(struct cluster *c);

/* Runs to the end of the scenario; returns how it ended (also in the trace as TRACE_END). */
enum run_end cluster_run(struct cluster *c);
/* After a RUN_LIMIT: the diagnostic that names the limit and the repeating cycle. */
const char *cluster_limit_text(const struct cluster *c);
bool cluster_limit_can_be_set(const struct cluster *c); /* by an option: sim_limits */
struct run_trace cluster_trace(const struct cluster *c);
/* Order-sensitive hash of the whole trace: equal runs have equal digests on every machine, however many events it took
 * to make it (options.ticks). */
uint64_t cluster_digest(const struct cluster *c);

/* What a command says that is not over when kubectl_execute() returns (kubectl.h). `action`: the record of the action.
 * cluster_action_done() ends it: the lines of its script that it has held back follow at this instant. */
void cluster_action_said(struct cluster *c, uint32_t action, const char *text);
void cluster_action_done(struct cluster *c, uint32_t action, int code, const char *text);

/* For actions and tests. */
struct sim *cluster_sim(struct cluster *c);
struct store *cluster_store(struct cluster *c);
struct cri *cluster_cri(struct cluster *c);
struct kubelets *cluster_kubelets(struct cluster *c);
/* How the API server fails to reach the kubelet of a node; NULL = it does. */
const char *cluster_kubelet_error(struct cluster *c, const char *node);
/* The running (or newest) instance of a pod's container, 0 = none; for exec and logs. */
uint32_t cluster_find_container(struct cluster *c, uint32_t pod_ordinal, const char *container);
/* The newest sandbox of a pod, 0 = none. */
uint32_t cluster_find_sandbox(struct cluster *c, uint32_t pod_ordinal);

#endif
