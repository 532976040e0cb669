/* hpa_metrics.c - see hpa_metrics.h.
 *
 * Ratios are exact fractions. The original's are floating point numbers, which now and then lie a little above the true
 * value, and ask for a replica more where the product is whole.
 */
#include "model/hpa_metrics.h"

#include <string.h>

#include "sim/cover.h"

/* --horizontal-pod-autoscaler-cpu-initialization-period, -initial-readiness-delay */
#define CPU_INITIALIZATION (300 * SIM_SECOND)
#define READINESS_DELAY    (30 * SIM_SECOND)

/* ---- which pods count ---- */

static const struct pod_condition *ready_condition(const struct pod *p)
{
    for (uint32_t i = 0; i < p->status.conditions.count; i++)
        if (strcmp(p->status.conditions.items[i].type, "Ready") == 0)
            return &p->status.conditions.items[i];
    return NULL;
}

/* A CPU metric that says nothing (yet): the pod is starting, or its metric is older than its readiness. */
static bool is_cpu_unready(const struct pod *p, const struct hpa_pod_metric *m, sim_time now)
{
    const struct pod_condition *c = ready_condition(p);
    if (!c || p->status.start_time == SIM_NEVER)
        return true;
    bool not_ready = strcmp(c->status, "False") == 0;
    if (p->status.start_time + CPU_INITIALIZATION > now)
        return not_ready || m->at < c->last_transition_time + m->window;
    return not_ready && p->status.start_time + READINESS_DELAY > c->last_transition_time;
}

enum { GROUP_GOING, GROUP_PENDING, GROUP_MISSING, GROUP_UNREADY, GROUP_COUNTS };
COVER_TABLE(hpa_groups, "pods of a HorizontalPodAutoscaler", "deleted or failed: ignored", "Pending: not ready",
            "without a metric: missing", "CPU of a pod that is not ready", "counts");

enum hpa_group hpa_group_of(const struct pod *p, const struct hpa_pod_metric *m, bool is_cpu, sim_time now)
{
    static const enum hpa_group groups[] = {HPA_IGNORED, HPA_UNREADY, HPA_MISSING, HPA_UNREADY, HPA_READY};
    const bool holds[] = {p->object.meta.deletion_timestamp != SIM_NEVER || text_is(p->status.phase, "Failed"),
                          text_is(p->status.phase, "Pending"), !m->found,
                          is_cpu && m->found && is_cpu_unready(p, m, now), true};
    size_t i = 0;
    while (!holds[i])
        i++;
    COVER(hpa_groups, i);
    return groups[i];
}
_Static_assert(COVER_ROWS(hpa_groups) == GROUP_COUNTS + 1, "a name per row");

/* ---- requests ---- */

/* NULL, or which container asks for none of it. */
static const char *request_of(struct arena *a, const struct pod *p, const struct resource_metric *metric, int64_t *ret)
{
    *ret = 0;
    const struct pod_spec *s = &p->spec;
    for (uint32_t i = 0; i < s->containers.count + s->init_containers.count; i++) {
        bool app = i < s->containers.count;
        const struct container *c = app ? &s->containers.items[i] : &s->init_containers.items[i - s->containers.count];
        if ((!app && !container_is_sidecar(c)) || (metric->container && strcmp(c->name, metric->container) != 0))
            continue;
        const quantity_map *requests = &c->resources.requests;
        uint32_t k = 0;
        while (k < requests->count && strcmp(requests->items[k].key, metric->name) != 0)
            k++;
        if (k == requests->count)
            return arena_printf(a, "missing request for %s in container %s of Pod %s", metric->name, c->name,
                                p->object.meta.name);
        *ret += quantity_milli(&requests->items[k].value);
        if (metric->container)
            return NULL;
    }
    return metric->container
               ? arena_printf(a, "container %s not found in Pod %s", metric->container, p->object.meta.name)
               : NULL;
}

/* ---- ratios ---- */

struct calculation {
    const struct hpa_facts *facts;
    const struct resource_metric *metric;
    enum hpa_group *groups; /* per pod */
    bool *counted;          /* has a value */
    int64_t *values, *requests;
    uint32_t ready, unready, missing, entries;
};

static int64_t target_of(const struct resource_metric *m)
{
    return m->target.average_value.set ? quantity_milli(&m->target.average_value) : m->target.average_utilization.value;
}

struct ratio { /* of what is used to what shall be: now / target */
    int64_t now, target;
};

/* GetResourceUtilizationRatio, GetMetricUsageRatio. False: nothing was requested. */
static bool usage_ratio(struct calculation *c, struct ratio *ret_ratio, struct hpa_proposal *p)
{
    int64_t values = 0, requests = 0, entries = 0;
    for (uint32_t i = 0; i < c->facts->pod_count; i++) {
        if (!c->counted[i])
            continue;
        values += c->values[i];
        requests += c->requests[i];
        entries++;
    }
    c->entries = (uint32_t)entries;
    if (entries == 0 || (!c->metric->target.average_value.set && requests == 0))
        return false;
    p->average = values / entries;
    p->utilization = requests ? values * 100 / requests : 0;
    *ret_ratio =
        (struct ratio){c->metric->target.average_value.set ? p->average : p->utilization, target_of(c->metric)};
    return true;
}

static bool is_within(struct ratio r, struct hpa_tolerance t)
{
    return 1000 * r.now >= (1000 - t.down) * r.target && 1000 * r.now <= (1000 + t.up) * r.target;
}

static int64_t times(struct ratio r, int64_t pods) { return (r.now * pods + r.target - 1) / r.target; /* rounded up */ }

/* On the way up pods without a metric use nothing, on the way down all that they ask for (or the target). */
static void fill_in(struct calculation *c, struct ratio r, bool up_with_unready)
{
    bool plain = c->metric->target.average_value.set;
    for (uint32_t i = 0; i < c->facts->pod_count; i++) {
        if (c->groups[i] == HPA_MISSING && r.now != r.target) {
            int64_t fallback = plain ? r.target : c->requests[i] * (r.target > 100 ? r.target : 100) / 100;
            c->values[i] = r.now < r.target ? fallback : 0;
            c->counted[i] = true;
        } else if (c->groups[i] == HPA_UNREADY && up_with_unready) {
            c->values[i] = 0;
            c->counted[i] = true;
        }
    }
}

static void propose(struct calculation *c, struct hpa_tolerance tolerance, struct hpa_proposal *p)
{
    struct ratio r, again;
    if (!usage_ratio(c, &r, p)) {
        p->error = "no metrics returned matched known pods";
        return;
    }
    int64_t current = c->facts->replicas;
    bool up = r.now > r.target, down = r.now<r.target, up_with_unready = c->unready> 0 && up;
    if (!up_with_unready && c->missing == 0) {
        p->replicas = is_within(r, tolerance) ? current : times(r, c->ready);
        return;
    }
    struct hpa_proposal filled;
    fill_in(c, r, up_with_unready);
    usage_ratio(c, &again, &filled);
    int64_t wanted = times(again, c->entries);
    bool goes_up = again.now > again.target, goes_down = again.now < again.target;
    bool turns =
        (down && goes_up) || (up && goes_down) || (goes_down && wanted > current) || (goes_up && wanted < current);
    p->replicas = turns || is_within(again, tolerance) ? current : wanted;
}

/* NULL, or why nothing can be reckoned. */
static const char *gather(struct arena *a, struct calculation *c, const struct hpa_pod_metric *metrics)
{
    const struct hpa_facts *f = c->facts;
    bool any = false, left = false;
    for (uint32_t i = 0; i < f->pod_count; i++)
        any |= metrics[i].found;
    if (!any)
        return arena_printf(a, "unable to get metrics for resource %s: no metrics returned from resource metrics API",
                            c->metric->name);
    for (uint32_t i = 0; i < f->pod_count; i++) {
        c->groups[i] = hpa_group_of(f->pods[i], &metrics[i], strcmp(c->metric->name, "cpu") == 0, f->now);
        c->ready += c->groups[i] == HPA_READY;
        c->unready += c->groups[i] == HPA_UNREADY;
        c->missing += c->groups[i] == HPA_MISSING;
        c->counted[i] = c->groups[i] == HPA_READY;
        c->values[i] = metrics[i].value;
        left |= c->counted[i];
    }
    if (!left)
        return "did not receive metrics for targeted pods (pods might be unready)";
    for (uint32_t i = 0; i < f->pod_count && !c->metric->target.average_value.set; i++) {
        const char *why = request_of(a, f->pods[i], c->metric, &c->requests[i]);
        if (why)
            return why;
    }
    return NULL;
}

void hpa_propose(struct arena *a, const struct hpa_facts *f, const struct resource_metric *metric,
                 const struct hpa_pod_metric *metrics, struct hpa_tolerance tolerance, struct hpa_proposal *p)
{
    uint32_t n = f->pod_count + 1;
    struct calculation c = {.facts = f,
                            .metric = metric,
                            .groups = arena_array(a, enum hpa_group, n),
                            .counted = arena_array(a, bool, n),
                            .values = arena_array(a, int64_t, n),
                            .requests = arena_array(a, int64_t, n)};
    *p = (struct hpa_proposal){.error = gather(a, &c, metrics)};
    if (!p->error)
        propose(&c, tolerance, p);
}
