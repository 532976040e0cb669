/* sched_preempt.c - room for a pod that fits nowhere: which less important pods are stopped for it, and on which node.
 *
 * Mirrors k8s plugins/defaultpreemption/default_preemption.go and framework/preemption/preemption.go (v1.36);
 * semantics/scheduler.md 8. This file decides; scheduler.c carries it out. k8s-order: sched-preempt-offset, nodes are
 * tried from the first one; Kubernetes begins anywhere.
 */
#include <stdlib.h>
#include <string.h>

#include "model/api_policy.h"
#include "model/sched_private.h"
#include "sim/cover.h"

enum {
    PREEMPT_NEVER,
    PREEMPT_UNDER_WAY,
    PREEMPT_NOT_HELPFUL,
    PREEMPT_NO_VICTIMS,
    PREEMPT_STILL_NO_FIT,
    PREEMPT_VICTIMS
};
COVER_TABLE(sched_preempt, "scheduler: preemption", "preemptionPolicy Never",
            "victims of before still terminate on the nominated node", "no pods' going would help on this node",
            "nobody on this node is less important", "the node would not do even without them", "there are victims");

/* k8s pkg/scheduler/apis/config/v1/defaults.go: the share of the nodes that is tried. */
enum { MIN_CANDIDATES_PERCENT = 10, MIN_CANDIDATES = 100 };

/* ---- may it? ---- */

static bool stopped_by_preemption(const struct pod *pod)
{
    if (pod->object.meta.deletion_timestamp == SIM_NEVER)
        return false;
    for (uint32_t i = 0; i < pod->status.conditions.count; i++) {
        const struct pod_condition *c = &pod->status.conditions.items[i];
        if (text_is(c->type, "DisruptionTarget"))
            return text_is(c->status, "True") && text_is(c->reason, "PreemptionByScheduler");
    }
    return false;
}

static bool victims_under_way(const struct sched_attempt *a, const struct filter_result *refused)
{
    struct scheduler *s = a->s;
    const char *nominated = a->p->pod->status.nominated_node_name;
    uint32_t node = nominated && *nominated ? sched_find_node(s, nominated) : 0;
    if (!node)
        return false;
    for (uint32_t i = 0; i < s->order_count; i++)
        if (s->order[i] == node - 1 && refused[i].code == UNRESOLVABLE_NODE)
            return false;
    for (uint32_t i = sched_node_at(s, node - 1)->first_pod; i;) {
        const struct sched_pod *other = sched_pod_at(s, i - 1);
        if (sched_priority(other) < sched_priority(a->p) && stopped_by_preemption(other->pod))
            return true;
        i = other->next_on;
    }
    return false;
}

/* ---- one node ---- */

struct candidate {
    uint32_t node;
    uint32_t violations;        /* victims that a PodDisruptionBudget protects */
    struct sched_pod **victims; /* the most important first */
    uint32_t count;
};

/* k8s pkg/scheduler/util/utils.go GetPodStartTime: a pod that has not been started yet is as of now. */
static sim_time start_of(const struct sched_pod *p)
{
    return p->pod->status.start_time == SIM_NEVER ? INT64_MAX : p->pod->status.start_time;
}

/* k8s pkg/scheduler/util/utils.go MoreImportantPod */
static int by_importance(const void *a, const void *b)
{
    const struct sched_pod *x = *(struct sched_pod *const *)a, *y = *(struct sched_pod *const *)b;
    if (sched_priority(x) != sched_priority(y))
        return sched_priority(x) > sched_priority(y) ? -1 : 1;
    if (start_of(x) != start_of(y))
        return start_of(x) < start_of(y) ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

static uint32_t less_important(const struct sched_attempt *a, uint32_t node, struct sched_pod **out)
{
    uint32_t n = 0;
    for (uint32_t i = sched_node_at(a->s, node)->first_pod; i;) {
        struct sched_pod *other = sched_pod_at(a->s, i - 1);
        if (sched_priority(other) < sched_priority(a->p))
            out[n++] = other;
        i = other->next_on;
    }
    return n;
}

static void take_away(struct sched_attempt *a, struct sched_pod *p)
{
    sched_detach(a->s, p);
    sched_attempt_prepare(a);
}

static void put_back(struct sched_attempt *a, struct sched_pod *p, uint32_t node)
{
    sched_attach(a->s, p, node);
    sched_attempt_prepare(a);
}

/* k8s filterPodsWithPDBViolation: whose going would break a budget, if all of them went, the most important first. Here
 * an empty selector means nothing; an eviction that was granted before costs nothing. */
static bool *violations(const struct sched_attempt *a, struct sched_pod **pods, uint32_t n)
{
    bool *violates = arena_array(a->s->scratch, bool, n + 1);
    uint32_t cursor = 0;
    for (const struct api_object *o; (o = store_next(a->s->store, KIND_PODDISRUPTIONBUDGET, &cursor)) != NULL;) {
        const struct pdb *b = (const struct pdb *)o;
        int64_t allowed = b->status.disruptions_allowed;
        if (!b->spec.selector || label_selector_is_empty(b->spec.selector))
            continue;
        for (uint32_t i = 0; i < n; i++) {
            const struct object_meta *m = &pods[i]->pod->object.meta;
            if (m->labels.count == 0 || strcmp(m->namespace_, o->meta.namespace_) != 0 || !pdb_selects(b, &m->labels) ||
                str_map_get(&b->status.disrupted_pods, m->name))
                continue;
            allowed--;
            violates[i] = violates[i] || allowed < 0;
        }
    }
    return violates;
}

/* Those whose staying does no harm stay; first the ones that a budget protects. The rest are victims. */
static void reprieve(struct sched_attempt *a, uint32_t node, struct sched_pod **all, uint32_t n, struct candidate *c)
{
    const bool *violates = violations(a, all, n);
    for (int protected = 1; protected >= 0; protected --) {
        for (uint32_t i = 0; i < n; i++) {
            if (violates[i] != (protected == 1))
                continue;
            put_back(a, all[i], node);
            if (sched_filter(a, node).code == FIT)
                continue;
            take_away(a, all[i]);
            c->victims[c->count++] = all[i];
            c->violations += violates[i];
        }
    }
    qsort(c->victims, c->count, sizeof *c->victims, by_importance);
}

/* All less important pods go; then those stay who need not. The node is as it was before afterwards. */
static struct filter_result victims_on(struct sched_attempt *a, uint32_t node, struct candidate *c)
{
    struct scheduler *s = a->s;
    struct sched_pod **all = arena_array(s->scratch, struct sched_pod *, (size_t)sched_node_at(s, node)->used_pods + 1);
    uint32_t n = less_important(a, node, all);
    if (n == 0) {
        COVER(sched_preempt, PREEMPT_NO_VICTIMS);
        return (struct filter_result){
            .code = UNRESOLVABLE_NODE, .reasons = {"No preemption victims found for incoming pod"}, .count = 1};
    }
    qsort(all, n, sizeof *all, by_importance);
    for (uint32_t i = 0; i < n; i++)
        sched_detach(s, all[i]);
    sched_attempt_prepare(a);
    struct filter_result r = sched_filter(a, node);
    *c = (struct candidate){.node = node, .victims = arena_array(s->scratch, struct sched_pod *, n)};
    if (r.code == FIT)
        reprieve(a, node, all, n, c);
    for (uint32_t i = 0; r.code != FIT && i < n; i++)
        put_back(a, all[i], node);
    for (uint32_t i = 0; i < c->count; i++)
        put_back(a, c->victims[i], node);
    COVER(sched_preempt, r.code == FIT ? PREEMPT_VICTIMS : PREEMPT_STILL_NO_FIT);
    return r;
}

/* ---- which node ---- */

static sim_time first_start(const struct candidate *c)
{
    sim_time first = INT64_MAX;
    for (uint32_t i = 0; i < c->count && sched_priority(c->victims[i]) == sched_priority(c->victims[0]); i++)
        if (start_of(c->victims[i]) < first)
            first = start_of(c->victims[i]);
    return first;
}

static int64_t sum_of_priorities(const struct candidate *c)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < c->count; i++)
        sum += sched_priority(c->victims[i]) + INT64_C(2147483648);
    return sum;
}

/* k8s preemption.go pickOneNodeForPreemption: the first difference decides; the node that is tried first wins. */
static bool better(const struct candidate *a, const struct candidate *b)
{
    if (a->violations != b->violations)
        return a->violations < b->violations;
    int64_t pa = sched_priority(a->victims[0]), pb = sched_priority(b->victims[0]);
    if (pa != pb)
        return pa < pb;
    if (sum_of_priorities(a) != sum_of_priorities(b))
        return sum_of_priorities(a) < sum_of_priorities(b);
    if (a->count != b->count)
        return a->count < b->count;
    return first_start(a) > first_start(b);
}

static uint32_t candidates_wanted(uint32_t potential)
{
    uint32_t n = potential * MIN_CANDIDATES_PERCENT / 100;
    return n < MIN_CANDIDATES ? MIN_CANDIDATES : n;
}

static const char *nothing_helps(struct scheduler *s, struct filter_result *tried)
{
    const char **reasons = arena_array(s->scratch, const char *, s->order_count *MAX_REASONS + 1);
    uint32_t count = 0;
    for (uint32_t i = 0; i < s->order_count; i++) {
        if (!tried[i].count)
            reasons[count++] = "Preemption is not helpful for scheduling";
        for (uint32_t k = 0; k < tried[i].count; k++)
            reasons[count++] = tried[i].reasons[k];
    }
    return arena_printf(s->scratch, "0/%u nodes are available:%s", s->order_count,
                        sched_histogram(s->scratch, reasons, count));
}

static struct preempt_plan choose(struct sched_attempt *a, const struct filter_result *refused)
{
    struct scheduler *s = a->s;
    struct filter_result *tried = arena_array(s->scratch, struct filter_result, s->order_count + 1);
    struct candidate best = {0};
    uint32_t potential = 0, found = 0;
    for (uint32_t i = 0; i < s->order_count; i++)
        potential += refused[i].code == UNSCHEDULABLE_NODE;
    for (uint32_t i = 0; i < s->order_count && found < candidates_wanted(potential); i++) {
        struct candidate c = {0};
        if (refused[i].code != UNSCHEDULABLE_NODE) {
            COVER(sched_preempt, PREEMPT_NOT_HELPFUL);
            continue;
        }
        tried[i] = victims_on(a, s->order[i], &c);
        found += c.count > 0;
        if (c.count && (!best.count || better(&c, &best)))
            best = c;
    }
    if (!best.count)
        return (struct preempt_plan){.message = nothing_helps(s, tried), .gives_up = true};
    return (struct preempt_plan){.node = best.node + 1, .victims = {best.victims, best.count}};
}

struct preempt_plan sched_preempt(struct sched_attempt *a, const struct filter_result *refused)
{
    if (text_is(a->p->pod->spec.preemption_policy, "Never")) {
        COVER(sched_preempt, PREEMPT_NEVER);
        return (struct preempt_plan){.message = "not eligible due to preemptionPolicy=Never."};
    }
    if (victims_under_way(a, refused)) {
        COVER(sched_preempt, PREEMPT_UNDER_WAY);
        return (struct preempt_plan){.message = "not eligible due to a terminating pod on the nominated node."};
    }
    return choose(a, refused);
}
