/* preemption.c - room for a critical pod: which pods are stopped for it, and the wait until they are.
 *
 * Mirrors k8s pkg/kubelet/preemption/preemption.go (v1.36); rules: semantics/kubelet.md 9.4. The kubelet's main
 * loop stands still meanwhile: one victim is stopped after the other, with the grace of its spec.
 * k8s-order: among equal candidates the older one; Kubernetes reads a map.
 */
#include <string.h>

#include "model/classes.h"
#include "model/kubelet.h"

/* ---- whom: pure ---- */

enum { QOS_LAST_TO_GO = 3 }; /* BestEffort, Burstable, Guaranteed */

static uint32_t qos_rank(const struct pod_spec *s)
{
    const char *qos = pod_qos_class(s);
    return strcmp(qos, "BestEffort") == 0 ? 0 : strcmp(qos, "Burstable") == 0 ? 1 : 2;
}

struct wanted { /* what is still missing */
    struct shortage items[ADMISSION_SHORTAGES_MAX];
    uint32_t count;
};

static struct wanted subtract(struct wanted w, const struct preemption_candidate *c)
{
    struct wanted left = {0};
    for (uint32_t i = 0; i < w.count; i++) {
        struct shortage s = w.items[i];
        s.amount -= pod_request_of(&c->requests, s.resource);
        if (s.amount > 0)
            left.items[left.count++] = s;
    }
    return left;
}

/* The sum of the squared missing parts, each in parts per million: k8s admissionRequirementList.distance. */
static uint64_t distance(const struct wanted *w, const struct preemption_candidate *c)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < w->count; i++) {
        int64_t left = w->items[i].amount - pod_request_of(&c->requests, w->items[i].resource);
        uint64_t part = left > 0 ? (uint64_t)left * 1000 / ((uint64_t)w->items[i].amount / 1000 + 1) : 0;
        sum += part * part;
    }
    return sum;
}

static bool smaller(const struct preemption_candidate *a, const struct preemption_candidate *b)
{
    if (a->requests.memory_bytes != b->requests.memory_bytes)
        return a->requests.memory_bytes < b->requests.memory_bytes;
    return a->requests.cpu_milli <= b->requests.cpu_milli;
}

/* Marks candidates of one class until nothing is missing, each time the one that brings most of it. */
static void take_by_distance(struct preemption_candidate *c, uint32_t n, uint32_t rank, struct wanted w)
{
    while (w.count) {
        struct preemption_candidate *best = NULL;
        for (uint32_t i = 0; i < n; i++) {
            if (c[i].rank != rank || c[i].chosen)
                continue;
            uint64_t here = distance(&w, &c[i]), there = best ? distance(&w, best) : 0;
            if (!best || here < there || (here == there && smaller(&c[i], best)))
                best = &c[i];
        }
        if (!best)
            return;
        best->chosen = true;
        w = subtract(w, best);
    }
}

/* What would be missing if all of the lower classes, and those chosen of higher ones, were gone. */
static struct wanted beside(struct wanted w, const struct preemption_candidate *c, uint32_t n, uint32_t rank)
{
    for (uint32_t i = 0; i < n; i++)
        if (c[i].rank < rank || (c[i].rank > rank && c[i].chosen))
            w = subtract(w, &c[i]);
    return w;
}

bool preemption_choose(struct arena *a, struct preemption_candidate *c, uint32_t n, const struct admission *asked)
{
    struct wanted w = {.count = asked->shortage_count}, left;
    memcpy(w.items, asked->shortages, sizeof w.items);
    left = w;
    for (uint32_t i = 0; i < n; i++) {
        pod_effective_requests(a, &c[i].pod->spec, &c[i].requests);
        c[i].rank = qos_rank(&c[i].pod->spec);
        left = subtract(left, &c[i]);
    }
    if (left.count)
        return false;
    for (uint32_t rank = QOS_LAST_TO_GO; rank-- > 0;)
        take_by_distance(c, n, rank, beside(w, c, n, rank));
    return true;
}

/* ---- the wait ---- */

/* k8s pod_workers.go killPodNow: the caller waits so long at most. */
static sim_time patience(const struct kpod *kp)
{
    sim_time grace = kp->grace * SIM_SECOND * 3 / 2;
    return grace > 10 * SIM_SECOND ? grace : 10 * SIM_SECOND;
}

static void next_victim(struct kubelets *ks, struct kubelet *k)
{
    struct preemption *p = &k->preemption;
    static const struct pod_override why = {
        .reason = "Preempting",
        .message = "Preempted in order to admit critical pod",
        .disruption = "Pod was preempted by Kubelet to accommodate a critical pod.",
    };
    if (p->at == p->victim_count) {
        struct kpod *critical = kpod_at(ks, p->critical - 1);
        *p = (struct preemption){0};
        kubelet_admitted(critical);
        syncloop_unblock(ks, k);
        return;
    }
    struct kpod *victim = kpod_at(ks, p->victims[p->at]);
    kpod_event(victim, NULL, true, why.reason, "%s", why.message);
    podworker_kill(victim, -1, &why);
    node_arm(ks, k, sim_time_add(sim_now(ks->sim), patience(victim)), NODE_PREEMPTION);
}

static bool may_go(const struct kpod *kp, const struct kpod *critical)
{
    const struct opt_i64 a = critical->pod->spec.priority, b = kp->pod->spec.priority;
    if (!pod_is_critical(kp->pod, kp->own != NULL))
        return true;
    return a.set && b.set && a.value > b.value;
}

bool preemption_begin(struct kpod *critical, const struct admission *asked)
{
    struct kubelets *ks = critical->all;
    struct kubelet *k = kpod_kubelet(critical);
    struct preemption_candidate *c = arena_array(ks->scratch, struct preemption_candidate, ks->pods.count);
    uint32_t n = 0;
    uint32_t cursor = 0;
    for (struct kpod *kp; (kp = node_next_pod(ks, k, &cursor));) {
        if (kp->counted && kp != critical && may_go(kp, critical))
            c[n++] = (struct preemption_candidate){.pod = kp->pod, .kpod = kp->index};
    }
    if (!preemption_choose(ks->scratch, c, n, asked))
        return false;
    struct preemption *p = &k->preemption;
    *p = (struct preemption){.critical = critical->index + 1, .victims = arena_array(ks->arena, uint32_t, n)};
    for (uint32_t rank = 0; rank < QOS_LAST_TO_GO; rank++)
        for (uint32_t i = 0; i < n; i++)
            if (c[i].chosen && c[i].rank == rank)
                p->victims[p->victim_count++] = c[i].kpod;
    syncloop_block(k);
    next_victim(ks, k);
    return true;
}

static void gone(struct kubelets *ks, struct kubelet *k)
{
    k->preemption.at++;
    sim_cancel(ks->sim, CLASS_NODE_TIMER, k->object, NODE_PREEMPTION);
    next_victim(ks, k);
}

void preemption_pod_stopped(struct kpod *kp)
{
    struct kubelet *k = kpod_kubelet(kp);
    const struct preemption *p = &k->preemption;
    if (p->critical && p->victims[p->at] == kp->index)
        gone(kp->all, k);
}

void preemption_timeout(struct kubelets *ks, struct kubelet *k)
{
    struct kpod *victim = kpod_at(ks, k->preemption.victims[k->preemption.at]);
    kpod_event(victim, NULL, true, "ExceededGracePeriod",
               "Container runtime did not kill the pod within specified grace period.");
    gone(ks, k);
}
