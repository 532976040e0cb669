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
/* cri_deps.has_endpoints: by the rules of that node somebody would answer a client of the Service; headless ones, too. */
bool kube_proxy_has_endpoints(struct kube_proxy *proxy, const char *node_name, const char *namespace_,
                              const char *service);

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
/* counts: how many endpoints are in each set. local: the policy is Local. */
enum proxy_choice proxy_choose(const uint32_t counts[CHOOSE_SETS], bool local);

#endif
