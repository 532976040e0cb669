/* sched_private.h - the scheduler's own view of the cluster, shared by the files that work on it, and nobody else's.
 *
 *   scheduler.c         watches, the scheduling cycle, binding
 *   sched_cache.c       nodes and the pods on them: what is used, in which order nodes are looked at
 *   sched_sets.c        pods counted by node: those that a selector means
 *   sched_rules.c       what a pod says of its place: affinity, spread constraints, read once per template
 *   sched_filter.c      may this pod be on that node, and if not, why
 *   sched_spread.c      plugin PodTopologySpread
 *   sched_interpod.c    plugin InterPodAffinity
 *   sched_score.c       which of the feasible nodes is best
 *   sched_preempt.c     whom to stop for a pod that fits nowhere
 *   sched_queue.c       who is tried when; back-off; what wakes whom
 *   sched_message.c     why a pod could not be placed, in kube-scheduler's words
 *
 * Mirrors k8s pkg/scheduler (v1.36); rules and texts: semantics/scheduler.md.
 */
#ifndef MODEL_SCHED_PRIVATE_H
#define MODEL_SCHED_PRIVATE_H

#include "model/api_apps.h"
#include "model/events.h"

struct scheduler;
struct sched_pod;

/* ---- plugins, in the order in which they filter: k8s pkg/scheduler/apis/config/v1/default_plugins.go ---- */
enum sched_plugin {
    PLUGIN_NODE_UNSCHEDULABLE,
    PLUGIN_NODE_NAME,
    PLUGIN_TAINT_TOLERATION,
    PLUGIN_NODE_AFFINITY,
    PLUGIN_NODE_PORTS,
    PLUGIN_NODE_RESOURCES,
    PLUGIN_TOPOLOGY_SPREAD,
    PLUGIN_INTER_POD_AFFINITY,
    PLUGIN_COUNT
};

/* ---- what a pod says of its place ---- */

struct sched_term { /* of pod affinity, or what a spread constraint counts */
    struct label_selector selector;
    bool nothing; /* no selector was given: no pod is meant */
    str_list namespaces;
    const struct label_selector *namespace_selector; /* NULL = none; an empty one means all namespaces */
    const char *topology_key;
    int64_t weight;
};
typedef LIST_OF(struct sched_term) sched_terms;

struct spread_constraint {
    const char *topology_key;
    int64_t max_skew, min_domains;
    bool honor_affinity, honor_taints;
    struct pod_set *pods;
    bool self;     /* the pod is one of those it counts */
    bool per_node; /* each node is a domain: what is on it is known */
};
typedef LIST_OF(struct spread_constraint) spread_constraints;

struct sched_rules {
    /* whose they are: equal in all of these, equal rules */
    const struct value *affinity, *constraints;
    const char *namespace_, *owner; /* uid of the controller */
    const str_map *labels;
    uint32_t index, hash;
    sched_terms required, anti, preferred, preferred_anti;
    spread_constraints hard, soft; /* explicit ones */
    const struct value *preferred_nodes;
    bool restricted, conflict; /* required node affinity names nodes, or contradicts itself */
    str_list only_nodes;
    bool explicit_spread;        /* it has constraints of its own, of whatever kind */
    bool concerns_others;        /* it has terms of pod affinity */
    uint32_t *on_node;           /* pods with these rules, by node; NULL unless it has such terms */
    uint32_t next_concern;       /* of those that have: index + 1 */
    struct pod_set *default_set; /* what system-default spreading counts, as of: */
    uint32_t default_version;
};

/* ---- pods and nodes ---- */

enum queue_state { NOT_QUEUED, ACTIVE, UNSCHEDULABLE, BACKING_OFF, GATED, IN_FLIGHT, BOUND };

struct sched_amounts {
    int64_t cpu_milli, memory, ephemeral;
    quantity_map other;
};

struct sched_pod {
    const struct pod *pod; /* as the watch shows it; NULL once it is gone */
    uint32_t index, ordinal, object;
    enum queue_state state;
    uint32_t heap_at; /* 1 + place in the active heap, 0 = not there */
    sim_time queued_at;
    uint32_t node;                     /* assumed or bound: index + 1 */
    uint32_t next_on, prev_on;         /* pods of one node: index + 1 */
    uint32_t next_parked, prev_parked; /* rejected ones, in order of rejection: index + 1 */
    uint32_t rejections, errors;       /* errors: in a row */
    uint32_t rejected_by;              /* set of enum sched_plugin */
    uint32_t nominated;                /* node that is being emptied for it: index + 1 */
    sim_time backs_off_until;
    struct sched_amounts asked;
    int64_t nonzero_cpu, nonzero_memory;
    bool wants_ports, resizing;
    bool announced; /* others have been told that it is bound */
    struct sched_rules *rules;
    uint32_t cause;
    const char *message;  /* of the last rejection */
    uint32_t preemptions; /* at one instant: */
    sim_time preempted_at;
    struct sim_timer retry;
};

struct sched_resource { /* beside the native ones */
    const char *name;
    int64_t have, used;
};

/* What NodeResourcesFit and NodeResourcesBalancedAllocation said of a node for a pod that asks for so much: it is the
 * same for the next such pod while no other one comes or goes. */
struct sched_resource_points {
    int64_t cpu_milli, memory, nonzero_cpu, nonzero_memory;
    int32_t points; /* of both, which have the same weight; -1 = they have not been asked */
};

struct sched_node {
    /* Hundreds of nodes are looked at for each pod: of most of them only this. */
    int64_t cpu_milli, memory, ephemeral, pods;               /* allocatable */
    int64_t used_cpu, used_memory, used_ephemeral, used_pods; /* requested by pods assumed or bound here */
    struct sched_resource_points scored;
    bool picky;                     /* it has taints, or is cordoned */
    bool lists_images, soft_taints; /* it may have a say in ImageLocality; in TaintToleration */
    const struct node *node;        /* NULL once it is gone */
    const char *name;
    uint32_t ordinal;
    int64_t nonzero_cpu, nonzero_memory;
    LIST_OF(struct sched_resource) other;
    uint32_t first_pod;  /* index + 1 */
    uint32_t with_ports; /* pods that want ports of the host */
};

/* Nodes whose label `key` has one value are one domain. */
struct sched_topology {
    const char *key;
    uint32_t version;
    uint32_t *domain; /* by node: 1.. ; 0 = the node has no such label */
    uint32_t count;   /* of domains */
};

struct scheduler {
    struct store *store;
    struct sim *sim;
    struct arena *arena, *scratch;
    struct recorder *recorder;
    struct pool pods, nodes; /* struct sched_pod, struct sched_node */
    struct pool by_ordinal;  /* uint32_t: pod index + 1 */
    uint32_t *nodes_by_name; /* indices of nodes, sorted */
    uint32_t nodes_capacity; /* of every array by node */
    uint32_t *order;         /* living nodes as they are looked at */
    uint32_t order_count, order_version;
    uint32_t node_version;                  /* grows with every change of nodes' labels or number */
    uint32_t next_start;                    /* where the next search for feasible nodes begins */
    uint32_t with_images, with_soft_taints; /* nodes */
    struct pool topologies;                 /* struct sched_topology */
    struct pool rules;                      /* struct sched_rules */
    uint32_t *rules_table, rules_table_size;
    uint32_t first_concern;   /* rules that concern other pods: index + 1 */
    uint32_t service_version; /* grows with every change of a Service */
    struct pool sets;         /* struct pod_set */
    uint32_t *set_table, set_table_size;
    struct pool pairs; /* struct label_pair */
    uint32_t *pair_table, pair_table_size;
    uint32_t first_unpaired; /* sets without a label pair: index + 1 */
    uint32_t nominated_count;
    uint32_t *heap, heap_count, heap_capacity; /* active pods */
    uint32_t first_parked, last_parked;        /* index + 1 */
    uint32_t object, handler;
    uint32_t in_flight; /* pod index + 1 */
    struct sim_timer cycle;
    struct event_origin origin;
};

static inline struct sched_pod *sched_pod_at(const struct scheduler *s, uint32_t i)
{
    return (struct sched_pod *)pool_at((struct pool *)&s->pods, i);
}
static inline struct sched_node *sched_node_at(const struct scheduler *s, uint32_t i)
{
    return (struct sched_node *)pool_at((struct pool *)&s->nodes, i);
}

static inline int64_t sched_priority(const struct sched_pod *p)
{
    return p->pod->spec.priority.set ? p->pod->spec.priority.value : 0;
}

/* ---- sched_cache.c ---- */

static inline bool sched_is_over(const struct pod *p)
{
    return p->status.phase && (text_is(p->status.phase, "Succeeded") || text_is(p->status.phase, "Failed"));
}
/* What the pod takes, from its spec and, while it is resized, its status. */
void sched_measure(struct scheduler *s, struct sched_pod *p);
/* The pod counts on that node (an index) from now on, or no more. */
void sched_attach(struct scheduler *s, struct sched_pod *p, uint32_t node);
void sched_detach(struct scheduler *s, struct sched_pod *p);
struct sched_node *sched_add_node(struct scheduler *s, const struct api_object *o);
void sched_set_node(struct scheduler *s, struct sched_node *n, const struct node *node); /* NULL = it is gone */
uint32_t sched_find_node(const struct scheduler *s, const char *name);                   /* index + 1, 0 = none */
/* The order is up to date after this: zones take turns, in a zone the older node comes first. */
void sched_order_nodes(struct scheduler *s);
const struct sched_topology *sched_topology(struct scheduler *s, const char *key);

/* ---- sched_sets.c ---- */

struct label_pair {
    const char *key, *value;
    uint32_t pods;      /* on nodes, with this label */
    uint32_t first_set; /* index + 1 */
};
struct pod_set {
    const char *identity;
    uint64_t hash;
    const struct sched_term *terms; /* all of them hold; namespaces and selectors only */
    uint32_t term_count;
    bool alive_only;   /* pods that are being deleted do not count */
    uint32_t *on_node; /* how many, by node */
    uint32_t next;     /* in its list: index + 1 */
};
struct pod_set *sched_set(struct scheduler *s, const struct sched_term *terms, uint32_t count, bool alive_only);
bool sched_term_matches(const struct scheduler *s, const struct sched_term *t, const struct pod *pod);
bool sched_terms_match(const struct scheduler *s, const struct sched_term *terms, uint32_t count,
                       const struct pod *pod);
/* A pod on a node joins the sets it belongs to, or leaves them. */
void sched_sets_count(struct scheduler *s, struct sched_pod *p, const struct pod *as, int sign);
/* It is being deleted from now on. */
void sched_sets_dying(struct scheduler *s, struct sched_pod *p, const struct pod *as);
/* Labels of a namespace changed: who is in which set is found out anew. */
void sched_sets_recount(struct scheduler *s);

/* ---- sched_rules.c ---- */

struct sched_rules *sched_rules_of(struct scheduler *s, const struct pod *pod);
/* The pods that system-default spreading means for this one: those of its Services and its owner. NULL = none. */
struct pod_set *sched_default_set(struct scheduler *s, struct sched_rules *r, const struct pod *pod);

/* ---- one attempt ---- */

enum filter_code { FIT, UNSCHEDULABLE_NODE, UNRESOLVABLE_NODE };

enum { MAX_REASONS = 12 };
struct filter_result {
    enum filter_code code;
    enum sched_plugin plugin;
    const char *reasons[MAX_REASONS];
    uint32_t count;
};

struct domain_counts {
    const struct sched_topology *topology;
    uint32_t *count; /* by domain */
    uint32_t *seen;  /* by domain: it is one of those that count; NULL = not asked */
    uint32_t domains;
    int64_t min, total;
};

/* What is computed once per attempt, before nodes are looked at. Lives in the scratch arena. */
struct sched_attempt {
    struct scheduler *s;
    struct sched_pod *p;
    struct domain_counts *spread;   /* per hard constraint */
    struct domain_counts *required; /* per required affinity term */
    struct domain_counts *anti;     /* per required anti-affinity term */
    struct domain_counts *existing; /* per topology key of others' anti-affinity terms that mean this pod */
    uint32_t existing_count;
    bool nobody_matches; /* no pod anywhere satisfies the required affinity */
    bool undemanding;    /* only the node itself and its resources could refuse the pod */
};
/* Both for the attempt as a whole; again after pods have been taken from nodes or put back. */
void spread_prepare(struct sched_attempt *a);
void interpod_prepare(struct sched_attempt *a);
const char *spread_filter(const struct sched_attempt *a, uint32_t node, enum filter_code *ret_code);
const char *interpod_filter(const struct sched_attempt *a, uint32_t node, enum filter_code *ret_code);
/* Raw points of feasible nodes; false: the plugin has nothing to say. */
bool spread_score(struct sched_attempt *a, const uint32_t *nodes, uint32_t count, int64_t *ret_points);
bool interpod_score(struct sched_attempt *a, const uint32_t *nodes, uint32_t count, int64_t *ret_points);

void sched_attempt_prepare(struct sched_attempt *a);
/* With the pods that are nominated to the node, and without. */
struct filter_result sched_filter(struct sched_attempt *a, uint32_t node);
/* Whether that is FIT. */
bool sched_fits(struct sched_attempt *a, uint32_t node);
/* Why `node` is not even looked at: required affinity names others. NULL = it is. */
const char *sched_not_asked(const struct sched_attempt *a, uint32_t node);

/* The best of the feasible nodes (indices); k8s-order: sched-tie, the first of equals. */
uint32_t sched_best(struct sched_attempt *a, const uint32_t *nodes, uint32_t count);

/* ---- sched_preempt.c ---- */

struct preempt_plan {
    uint32_t node;                       /* index + 1; 0 = nothing can be done: */
    const char *message;                 /* why not */
    bool gives_up;                       /* a node that was nominated before is nominated no more */
    LIST_OF(struct sched_pod *) victims; /* the most important first */
};
/* refused: per place in s->order. */
struct preempt_plan sched_preempt(struct sched_attempt *a, const struct filter_result *refused);

/* ---- sched_message.c ---- */

/* " 2 Insufficient cpu, 1 node(s) were unschedulable." of reasons in any order. */
const char *sched_histogram(struct arena *a, const char **reasons, uint32_t count);
const char *sched_failure(struct sched_attempt *a, const struct filter_result *refused,
                          const struct preempt_plan *plan);

/* ---- sched_queue.c ---- */

void queue_activate(struct scheduler *s, struct sched_pod *p);
struct sched_pod *queue_pop(struct scheduler *s); /* NULL = nobody is due */
/* Rejected by p->rejected_by (by none: an error, nothing but the end of the back-off helps). */
void queue_park(struct scheduler *s, struct sched_pod *p);
void queue_forget(struct scheduler *s, struct sched_pod *p);
/* Its timer went off. */
void queue_due(struct scheduler *s, struct sched_pod *p);
/* Its own object was changed. */
void queue_own_change(struct scheduler *s, struct sched_pod *p, const struct pod *before);

/* What happened to another object: k8s framework/types.go ClusterEvent. */
enum sched_event {
    EVENT_POD_ADDED, /* or nominated */
    EVENT_POD_LABELS,
    EVENT_POD_SCALED_DOWN,
    EVENT_POD_GONE,
    EVENT_NODE_ADDED,
    EVENT_NODE_LABELS,
    EVENT_NODE_TAINTS, /* cordoning counts as one */
    EVENT_NODE_ALLOCATABLE,
    EVENT_NODE_GONE,
    EVENT_COUNT
};
struct sched_change {
    enum sched_event event;
    const struct pod *pod, *pod_before;    /* events of pods */
    const struct node *node, *node_before; /* events of nodes */
};
/* Those whom it may help are tried again. */
void queue_wake(struct scheduler *s, const struct sched_change *c);

#endif
