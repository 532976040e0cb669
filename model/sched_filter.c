/* sched_filter.c - may this pod be on that node, and if not, why?
 *
 * Mirrors the filter plugins of k8s pkg/scheduler/framework/plugins in the order of the default profile, and
 * framework/runtime RunFilterPluginsWithNominatedPods (v1.36); semantics/scheduler.md 3. The first plugin to refuse
 * gives a node's reasons. Left out on purpose: volumes (they are mounted empty), resource claims.
 */
#include <string.h>

#include "model/sched_private.h"
#include "sim/cover.h"

enum { FILTER_FITS = PLUGIN_COUNT, FILTER_NOT_ASKED };
COVER_TABLE(sched_filter, "scheduler: filter", "NodeUnschedulable", "NodeName", "TaintToleration", "NodeAffinity",
            "NodePorts", "NodeResourcesFit", "PodTopologySpread", "InterPodAffinity", "the node will do",
            "not asked: required affinity names other nodes");
_Static_assert(COVER_ROWS(sched_filter) == FILTER_NOT_ASKED + 1, "a row per plugin, and two");

typedef bool filter_fn(const struct sched_attempt *a, uint32_t node, struct filter_result *out);

static bool refuse(struct filter_result *out, enum filter_code code, const char *reason)
{
    out->code = code;
    out->reasons[out->count++] = reason;
    return false;
}

static bool node_unschedulable(const struct sched_attempt *a, uint32_t node, struct filter_result *out)
{
    return pod_accepts_cordon(&a->p->pod->spec, sched_node_at(a->s, node)->node) ||
           refuse(out, UNRESOLVABLE_NODE, "node(s) were unschedulable");
}

/* Pods that name a node never come here: the kubelet takes them. */
static bool node_name(const struct sched_attempt *a, uint32_t node, struct filter_result *out)
{
    const char *wanted = a->p->pod->spec.node_name;
    if (!wanted || !*wanted || strcmp(wanted, sched_node_at(a->s, node)->name) == 0)
        return true;
    return refuse(out, UNRESOLVABLE_NODE, "node(s) didn't match the requested node name");
}

/* k8s plugins/tainttoleration/taint_toleration.go: since 1.34 the text no longer says which taint. */
static bool taint_toleration(const struct sched_attempt *a, uint32_t node, struct filter_result *out)
{
    const struct taint *t = pod_repelled_by(&a->p->pod->spec, sched_node_at(a->s, node)->node);
    if (!t)
        return true;
    if (store_has(a->s->store, FEATURE_TAINTS_UNNAMED))
        return refuse(out, UNRESOLVABLE_NODE, "node(s) had untolerated taint(s)");
    return refuse(
        out, UNRESOLVABLE_NODE,
        arena_printf(a->s->scratch, "node(s) had untolerated taint {%s: %s}", t->key, t->value ? t->value : ""));
}

static bool node_affinity(const struct sched_attempt *a, uint32_t node, struct filter_result *out)
{
    if (node_affinity_matches(&a->p->pod->spec, sched_node_at(a->s, node)->node))
        return true;
    return refuse(out, UNRESOLVABLE_NODE, "node(s) didn't match Pod's node affinity/selector");
}

static bool node_ports(const struct sched_attempt *a, uint32_t node, struct filter_result *out)
{
    const struct sched_node *n = sched_node_at(a->s, node);
    if (!a->p->wants_ports || !n->with_ports)
        return true;
    for (uint32_t i = n->first_pod; i;) {
        const struct sched_pod *other = sched_pod_at(a->s, i - 1);
        if (other->wants_ports && pods_clash_on_host_ports(&a->p->pod->spec, &other->pod->spec))
            return refuse(out, UNSCHEDULABLE_NODE, "node(s) didn't have free ports for the requested pod ports");
        i = other->next_on;
    }
    return true;
}

struct fit {
    struct filter_result *out;
    bool hopeless; /* more is asked for than the whole node has */
};

static void fit_one(struct fit *f, const char *reason, int64_t asked, int64_t have, int64_t used)
{
    if (asked <= 0 || asked <= have - used)
        return;
    if (f->out->count < MAX_REASONS)
        f->out->reasons[f->out->count++] = reason;
    f->hopeless = f->hopeless || asked > have;
}

static void fit_others(const struct sched_attempt *a, const struct sched_node *n, struct fit *f)
{
    for (uint32_t i = 0; i < a->p->asked.other.count; i++) {
        const struct quantity_pair *q = &a->p->asked.other.items[i];
        int64_t have = 0, used = 0;
        for (uint32_t k = 0; k < n->other.count; k++) {
            if (strcmp(n->other.items[k].name, q->key) == 0) {
                have = n->other.items[k].have;
                used = n->other.items[k].used;
            }
        }
        if (quantity_value(&q->value) > have - used)
            fit_one(f, arena_printf(a->s->scratch, "Insufficient %s", q->key), quantity_value(&q->value), have, used);
    }
}

/* k8s plugins/noderesources/fit.go fitsRequest. A request beyond the node's whole allocatable cannot be helped, which
 * older versions do not see. */
static bool node_resources(const struct sched_attempt *a, uint32_t node, struct filter_result *out)
{
    const struct sched_node *n = sched_node_at(a->s, node);
    const struct sched_amounts *asked = &a->p->asked;
    struct fit f = {.out = out};
    if (n->used_pods + 1 > n->pods)
        out->reasons[out->count++] = "Too many pods";
    fit_one(&f, "Insufficient cpu", asked->cpu_milli, n->cpu_milli, n->used_cpu);
    fit_one(&f, "Insufficient memory", asked->memory, n->memory, n->used_memory);
    fit_one(&f, "Insufficient ephemeral-storage", asked->ephemeral, n->ephemeral, n->used_ephemeral);
    fit_others(a, n, &f);
    out->code = !out->count                                                       ? FIT
                : f.hopeless && store_has(a->s->store, FEATURE_HOPELESS_REQUESTS) ? UNRESOLVABLE_NODE
                                                                                  : UNSCHEDULABLE_NODE;
    return out->count == 0;
}

static bool topology_spread(const struct sched_attempt *a, uint32_t node, struct filter_result *out)
{
    enum filter_code code = FIT;
    const char *reason = a->p->rules->hard.count ? spread_filter(a, node, &code) : NULL;
    return !reason || refuse(out, code, reason);
}

static bool inter_pod_affinity(const struct sched_attempt *a, uint32_t node, struct filter_result *out)
{
    enum filter_code code = FIT;
    const char *reason = interpod_filter(a, node, &code);
    return !reason || refuse(out, code, reason);
}

static filter_fn *const filters[PLUGIN_COUNT] = {
    [PLUGIN_NODE_UNSCHEDULABLE] = node_unschedulable,
    [PLUGIN_NODE_NAME] = node_name,
    [PLUGIN_TAINT_TOLERATION] = taint_toleration,
    [PLUGIN_NODE_AFFINITY] = node_affinity,
    [PLUGIN_NODE_PORTS] = node_ports,
    [PLUGIN_NODE_RESOURCES] = node_resources,
    [PLUGIN_TOPOLOGY_SPREAD] = topology_spread,
    [PLUGIN_INTER_POD_AFFINITY] = inter_pod_affinity,
};

static struct filter_result filter_as_it_is(const struct sched_attempt *a, uint32_t node)
{
    struct filter_result out = {.code = FIT};
    for (int i = 0; i < PLUGIN_COUNT; i++) {
        if (filters[i](a, node, &out))
            continue;
        COVER(sched_filter, i);
        out.plugin = (enum sched_plugin)i;
        return out;
    }
    COVER(sched_filter, FILTER_FITS);
    return out;
}

void sched_attempt_prepare(struct sched_attempt *a)
{
    const struct pod_spec *spec = &a->p->pod->spec;
    const struct sched_rules *r = a->p->rules;
    spread_prepare(a);
    interpod_prepare(a);
    a->undemanding = !(spec->node_name && *spec->node_name) && !spec->node_selector.count && !spec->affinity &&
                     !a->p->wants_ports && !a->p->asked.other.count && !r->hard.count && !r->required.count &&
                     !r->anti.count && !a->existing_count && !a->s->nominated_count;
}

/* As fit_one() of each. */
static bool has_room(const struct sched_node *n, const struct sched_amounts *asked)
{
    return n->used_pods + 1 <= n->pods && (asked->cpu_milli <= 0 || asked->cpu_milli <= n->cpu_milli - n->used_cpu) &&
           (asked->memory <= 0 || asked->memory <= n->memory - n->used_memory) &&
           (asked->ephemeral <= 0 || asked->ephemeral <= n->ephemeral - n->used_ephemeral);
}

bool sched_fits(struct sched_attempt *a, uint32_t node)
{
    const struct sched_node *n = sched_node_at(a->s, node);
    if (a->undemanding && !n->picky && has_room(n, &a->p->asked)) {
        COVER(sched_filter, FILTER_FITS);
        return true;
    }
    return sched_filter(a, node).code == FIT;
}

/* Pods at least as important that wait for this node count as if they were there already. The node must do with them,
 * and without: they may not come. */
struct filter_result sched_filter(struct sched_attempt *a, uint32_t node)
{
    struct scheduler *s = a->s;
    uint32_t added[64], count = 0;
    for (uint32_t i = 0; s->nominated_count && i < s->pods.count && count < ARRAY_LEN(added); i++) {
        struct sched_pod *other = sched_pod_at(s, i);
        if (other->pod && other != a->p && !other->node && other->nominated == node + 1 &&
            sched_priority(other) >= sched_priority(a->p))
            added[count++] = i;
    }
    if (count == 0)
        return filter_as_it_is(a, node);
    for (uint32_t i = 0; i < count; i++)
        sched_attach(s, sched_pod_at(s, added[i]), node);
    sched_attempt_prepare(a);
    struct filter_result with = filter_as_it_is(a, node);
    for (uint32_t i = 0; i < count; i++)
        sched_detach(s, sched_pod_at(s, added[i]));
    sched_attempt_prepare(a);
    return with.code == FIT ? filter_as_it_is(a, node) : with;
}

const char *sched_not_asked(const struct sched_attempt *a, uint32_t node)
{
    const struct sched_rules *r = a->p->rules;
    if (!r->restricted)
        return NULL;
    for (uint32_t i = 0; i < r->only_nodes.count; i++)
        if (strcmp(r->only_nodes.items[i], sched_node_at(a->s, node)->name) == 0)
            return NULL;
    COVER(sched_filter, FILTER_NOT_ASKED);
    return "node(s) didn't satisfy plugin(s) [NodeAffinity]";
}
