/* traffic.h - clients that ask Services again and again (spec.traffic), and what becomes of each request.
 *
 *     traffic:
 *     - {name: users, to: http://web/, rate: 400}
 *     - {name: pool, to: web:8080/api, rate: 50, connections: 10, timeout: 2s, retries: 1, from: {node: node1}}
 *     - {name: batch, to: web, concurrency: 4, pause: 100ms, start: 10s, stop: 60s}
 *
 * A client is in no container. A request of it goes where one of a pod would: the name by DNS, the Service's address by
 * the rules that kube-proxy has in force on the client's node at that instant, then to the process that listens at the
 * endpoint. Each request is counted under one fate (enum traffic_fate) at the instant at which it is sent.
 *
 * A request is an event only when it might end otherwise than the one before to the same endpoint. As long as the
 * rules, the names and the servers are what they were (cri.h "worlds"), those that would have been sent are counted
 * when something is about to change. With enum probe_ticks other than TICKS_THAT_MATTER each is an event; the trace is
 * the same.
 */
#ifndef MODEL_TRAFFIC_H
#define MODEL_TRAFFIC_H

#include "model/apitype.h"
#include "model/cri.h"
#include "model/kube_proxy.h"
#include "model/probe_ticks.h"
#include "model/store.h"

/* ---- spec.traffic ---- */

struct traffic_source {
    const char *place; /* "nodes", "outside" */
    const char *node, *pod, *container;
};
struct scenario_traffic {
    const char *name, *to, *namespace_, *method, *balance;
    struct traffic_source from;
    struct quantity rate;
    struct opt_i64 concurrency, connections, retries;
    sim_time pause, timeout, connect_timeout, start, stop, dns_cache, interval; /* SIM_NEVER = not said */
};
typedef LIST_OF(struct scenario_traffic) traffic_list;
extern const struct api_type scenario_traffic_type;
/* Names are used once, and those of nodes exist; called when all is read. Returns 0, or -1 with diagnostics. `list`:
 * where they stand. */
int traffic_check(struct arena *a, struct diag_set *d, const traffic_list *traffic, const char *const *nodes,
                  uint32_t node_count, const struct value *list);

/* "https://web.shop:8080/cart" taken apart. */
struct traffic_url {
    const char *host, *path;
    int32_t port;
    bool https;
};
/* NULL, or what is wrong with it. */
const char *traffic_url(struct arena *a, const char *text, struct traffic_url *ret);

/* ---- a run ---- */

/* What it asks of the cluster. */
struct traffic_deps {
    void *ctx;
    struct store *store;
    struct cri *cri;
    struct kube_proxy *proxy;
    void (*resolve)(void *ctx, struct arena *a, const char *fqdn, struct dns_answer *ret_answer);
    bool (*names_settled)(void *ctx); /* the DNS server knows all that it has heard of */
    bool (*node_off)(void *ctx, const char *node_name);
    /* The container that is a client; container NULL = the pod's first. 0: it does not run. */
    uint32_t (*source)(void *ctx, const char *namespace_, const char *pod, const char *container,
                       const char **ret_node);
    enum probe_ticks ticks;
};
struct traffic;
/* `nodes`: names, those that the clients are spread over. */
struct traffic *traffic_new(const struct traffic_deps *deps, const traffic_list *clients, const char *const *nodes,
                            uint32_t node_count);
/* Something is about to change: what is behind an address; a container's state; whether a node is on. */
void traffic_address_changes(struct traffic *t, const char *ip);
void traffic_pod_changed(struct traffic *t);
/* A Service or EndpointSlice has been delivered to those who carry traffic. */
void traffic_rules_heard(struct traffic *t);
/* The run is over. */
void traffic_end(struct traffic *t);

/* ---- why a request was lost; pure ---- */

struct traffic_facts {
    bool no_name;         /* the name does not resolve */
    enum net_route route; /* by the rules */
    bool known, unready;  /* struct proxy_rule */
    enum net_result result;
    bool answered_late; /* not before the client gave up */
    bool overloaded, error, going, off;
};
enum traffic_fate traffic_fate_of(const struct traffic_facts *f);

#endif
