/* gen_private.h - what the generator's files share.
 *
 *   gen.c          the dice, the Scenario document, Services and other objects
 *   gen_pod.c      pods: containers, probes, hooks, volumes
 *   gen_behaviour.c  what containers do, said explicitly
 *   gen_action.c   what users do, and what befalls the cluster
 *   gen_trouble.c  bursts of both
 *   gen_traffic.c  clients
 *   gen_workload.c  a Deployment or ReplicaSet
 */
#ifndef TESTS_PROP_GEN_PRIVATE_H
#define TESTS_PROP_GEN_PRIVATE_H

#include "model/feature_gates.h"
#include "sim/base.h"
#include "tests/prop/gen.h"

/*    id              one world in N has it */
#define GEN_FEATURES(X)                                                                                                \
    X(INIT, 2) /* init containers */                                                                                   \
    X(SIDECARS, 2)                                                                                                     \
    X(PROBES, 1)                                                                                                       \
    X(STARTUP, 2)     /* startup probes */                                                                             \
    X(PROBE_GRACE, 4) /* probes with a grace of their own */                                                           \
    X(HOOKS, 2)                                                                                                        \
    X(PRIORITY, 4) /* pods that are critical */                                                                        \
    X(DEADLINE, 4)                                                                                                     \
    X(RULES, 3)     /* restart policies and rules of containers */                                                     \
    X(GATES, 4)     /* readiness gates */                                                                              \
    X(CONFIG, 3)    /* ConfigMaps and Secrets, some missing */                                                         \
    X(IMAGES, 3)    /* images that are missing, slow, misspelt */                                                      \
    X(RESOURCES, 3) /* requests, limits, nodes that are full */                                                        \
    X(NODES, 3)     /* several, with labels and taints */                                                              \
    X(BOUND, 4)     /* spec.nodeName given: no scheduler */                                                            \
    X(FINALIZERS, 5)                                                                                                   \
    X(SHORT_GRACE, 3) /* 0, 1, 2 seconds */                                                                            \
    X(STOP_SIGNALS, 5)                                                                                                 \
    X(SHARING, 5)  /* host network, shared process namespace */                                                        \
    X(MESSAGES, 4) /* termination messages */                                                                          \
    X(VOLUMES, 4)                                                                                                      \
    X(MEMORY, 4) /* programs that outgrow their limit */                                                               \
    X(SERVICES, 2)                                                                                                     \
    X(DELETES, 1)                                                                                                      \
    X(EDITS, 2)        /* labels, images, patches */                                                                   \
    X(RESIZE, 4)       /* kubectl patch --subresource=resize */                                                        \
    X(EXECS, 3)        /* kubectl exec */                                                                              \
    X(LATER, 3)        /* pods that are created by an action */                                                        \
    X(NODE_ACTIONS, 4) /* cordon, taint */                                                                             \
    X(STATIC, 4)       /* static pods */                                                                               \
    X(FAULTS, 3)                                                                                                       \
    X(RESTARTS, 6) /* of a kubelet, one after the other */                                                             \
    X(HANGS, 8)    /* of a runtime */                                                                                  \
    X(SHUTDOWN, 8) /* of a node, while pods come */                                                                    \
    X(PRESSURE, 6) /* that comes and goes */                                                                           \
    X(DISK, 5)     /* small disks, and programs that fill them */                                                      \
    X(DEBUG, 5)    /* ephemeral containers */                                                                          \
    X(STATUSES, 6) /* that users write */                                                                              \
    X(TRAFFIC, 5)  /* to Services */                                                                                   \
    X(HOST_PID, 8)                                                                                                     \
    X(USERS, 6)   /* runAsUser, runAsNonRoot */                                                                        \
    X(PORTS, 6)   /* of the host */                                                                                    \
    X(LONG, 40)   /* back-offs reach their end */                                                                      \
    X(REFUSED, 5) /* what a node may refuse */                                                                         \
    X(GRPC, 5)                                                                                                         \
    X(VERSIONS, 2) /* not the newest Kubernetes */                                                                     \
    X(FEATURE_GATES, 4)                                                                                                \
    X(KUBELET, 4) /* settings of the kubelet */                                                                        \
    X(LATENCIES, 4)

enum gen_feature {
#define X(id, n) GEN_##id,
    GEN_FEATURES(X)
#undef X
        GEN_FEATURE_COUNT
};

enum { GEN_PODS_MAX = 4, GEN_STATIC_PODS = 2, GEN_CONTAINERS_MAX = 8 };

struct gen_pod { /* what actions need to know */
    const char *containers[GEN_CONTAINERS_MAX];
    uint32_t container_count;
    bool later; /* created by an action */
    bool never; /* its restartPolicy: a resize must not want restarts */
    bool host_port;
    bool host_network; /* no ports then: containers would want the same */
};

struct gen {
    uint64_t seed, thrown, workload_thrown;
    struct strbuf *out;
    uint64_t has;    /* 1 << enum gen_feature */
    bool behaviours; /* containers have some: drawn aside, so that worlds without are as they were before */
    bool workload, deployment; /* there is a Deployment, or a ReplicaSet */
    struct gen_variant variant;
    struct features features;
    bool instant; /* nothing takes time in its profile */
    uint32_t node_count, pod_count;
    struct gen_pod pods[GEN_PODS_MAX], static_pods[GEN_STATIC_PODS];
};

static inline bool gen_has(const struct gen *g, enum gen_feature f) { return g->has >> f & 1; }
uint32_t gen_throw(struct gen *g, uint32_t sides); /* 0 ... sides - 1 */
static inline bool gen_one_in(struct gen *g, uint32_t n) { return gen_throw(g, n) == 0; }
/* The feature is in this world, and one time in n it is used. */
static inline bool gen_use(struct gen *g, enum gen_feature f, uint32_t n) { return gen_has(g, f) && gen_one_in(g, n); }
const char *gen_pick(struct gen *g, const char *const *from, size_t count);
#define GEN_PICK(g, list) gen_pick((g), (list), ARRAY_LEN(list))

/* There are budgets, quotas, LimitRanges, and a drain. */
bool gen_has_policies(const struct gen *g);
/* The pod's manifest; every line begins with `indent` blanks. */
void gen_pod(struct gen *g, uint32_t n, int indent);
/* One that stands in a kubelet's manifest directory: it knows nothing of the API. */
void gen_static_pod(struct gen *g, uint32_t n, int indent);
/* spec.behaviours. */
void gen_behaviours(struct gen *g);
/* An annotation, in the flow of a pod's metadata, or nothing. */
void gen_annotations(struct gen *g);
void gen_draw_workload(struct gen *g);
void gen_workload(struct gen *g);         /* a document, or nothing */
void gen_workload_actions(struct gen *g); /* what is done to it */
void gen_actions(struct gen *g);
void gen_troubles(struct gen *g);
void gen_trouble_pods(struct gen *g);      /* documents */
void gen_trouble_manifests(struct gen *g); /* files under spec.manifests */
void gen_manifests(struct gen *g);         /* of pods that come later, and of static pods */

#endif
