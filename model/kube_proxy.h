/* kube_proxy.h - the Service proxy of every node: where a connection to a Service's address goes, by the rules that are
 * in force on the client's node at that instant.
 *
 * Nothing here is an event. When a node's rules were written follows from the instants at which changes arrived, so it
 * is computed when somebody connects: a node that nobody asks costs nothing.
 *
 *     struct kube_proxy *proxy = kube_proxy_new(store);
 *     switch (kube_proxy_route(proxy, &client, &ip, &port)) ...
 */
#ifndef MODEL_KUBE_PROXY_H
#define MODEL_KUBE_PROXY_H

#include "model/cri.h"
#include "model/store.h"

struct kube_proxy;
struct kube_proxy *kube_proxy_new(struct store *st);
/* A Service or EndpointSlice that its watch has seen change. */
void kube_proxy_deliver(struct kube_proxy *proxy, const struct watch_event *event);

/* cri_deps.route. Addresses that are no Service's stay as they are. */
enum net_route kube_proxy_route(struct kube_proxy *proxy, const struct net_client *client, const char **ip,
                                int32_t *port);
/* cri_deps.has_endpoints: by the rules of that node somebody would answer a client of the Service; headless ones, too.
 */
bool kube_proxy_has_endpoints(struct kube_proxy *proxy, const char *node_name, const char *namespace_,
                              const char *service);

/* ---- for who makes very many connections (traffic.h) ---- */

/* Changes whenever the rules of the node do, or might. */
struct proxy_stamp {
    sim_time in_force;
    uint32_t heard;
};
struct proxy_stamp kube_proxy_stamp(struct kube_proxy *proxy, const char *node_name);
/* When the node's rules change next, as far as is known; SIM_NEVER: not until something is delivered. */
sim_time kube_proxy_next_change(struct kube_proxy *proxy, const char *node_name);

/* Where a new connection may go: every endpoint is as likely. */
struct proxy_target {
    const char *ip;
    int32_t port;
    const struct endpoint *endpoint;
};
struct proxy_rule {
    enum net_route route; /* ROUTE_TO without targets: it is no Service's address, and stays as it is */
    bool known;           /* the rules know address and port */
    bool unready;         /* some endpoint of the Service is not used, and not because its pod goes */
    sim_time affinity;    /* a client keeps its endpoint for so long since its last connection; 0 = it does not */
    uint32_t count, room;
    struct proxy_target *targets;
};
/* `rule` is used again from call to call; `outside`: the client is not in the cluster, which externalTrafficPolicy is
 * about. */
void kube_proxy_rule(struct kube_proxy *proxy, const struct net_client *client, bool outside, const char *ip,
                     int32_t port, struct proxy_rule *rule);

/* ---- when rules are written; pure, for tests ---- */
struct proxy_runner {
    bool running;
    sim_time start, end; /* of the newest run; -1 = none yet */
    sim_time in_force;   /* start of the newest run that has ended: changes up to then are in the rules */
    sim_time tokens;     /* of the older runner, times minSyncPeriod; as of `start` */
};
void proxy_runner_init(struct proxy_runner *r, sim_time min_period);
/* When the run starts that a change at `at` (after r->start) asks for. `burst`: the runner up to Kubernetes 1.33. */
sim_time proxy_runner_next(const struct proxy_runner *r, sim_time at, sim_time min_period, bool burst);
void proxy_runner_begin(struct proxy_runner *r, sim_time at, sim_time took, sim_time min_period);

/* ---- which endpoints may be used; pure, for tests ---- */
enum proxy_choice {
    CHOOSE_READY,
    CHOOSE_TERMINATING, /* and serving */
    CHOOSE_LOCAL_READY, /* on this node */
    CHOOSE_LOCAL_TERMINATING,
    CHOOSE_SETS, /* those before are sets of endpoints */
    CHOOSE_REJECT = CHOOSE_SETS,
    CHOOSE_DROP,
};
/* Whose hints are heeded: trafficDistribution and its predecessors. */
enum proxy_topology { TOPOLOGY_ALL, TOPOLOGY_SAME_NODE, TOPOLOGY_SAME_ZONE };
struct proxy_hints { /* of the ready endpoints */
    uint32_t ready;
    uint32_t node_hints, for_node; /* have hints for nodes; for this one */
    uint32_t zone_hints, for_zone;
};
/* nodes: hints for nodes are known in this version. */
enum proxy_topology proxy_topology(const struct proxy_hints *hints, bool nodes);
/* counts: how many endpoints are in each set. local: the policy is Local. */
enum proxy_choice proxy_choose(const uint32_t counts[CHOOSE_SETS], bool local);

#endif
