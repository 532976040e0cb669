/* hpa.c - see hpa.h: from the proposals of the metrics to the number of replicas, and what the status says.
 *
 * Left out on purpose: metrics of pods, objects and from outside, which nobody offers here: the API that they come from
 * is not there; scaling to zero (gate HPAScaleToZero).
 */
#include "model/hpa.h"

#include <string.h>

#include "model/hpa_metrics.h"
#include "sim/cover.h"

enum { DEFAULT_TOLERANCE = 100 /* thousandths: --horizontal-pod-autoscaler-tolerance */ };
enum { SCALE_UP_FACTOR = 2, SCALE_UP_MINIMUM = 4 };
#define DOWNSCALE_STABILIZATION (300 * SIM_SECOND) /* --horizontal-pod-autoscaler-downscale-stabilization */

struct decision {
    struct arena *keep;
    const struct hpa_facts *f;
    const struct hpa_spec *spec;
    struct hpa_memory *memory;
    struct hpa_plan *plan;
    int64_t min;
};

/* ---- memory ---- */

void hpa_memory_init(struct hpa_memory *m, struct arena *a)
{
    pool_init(&m->recommendations, a, sizeof(struct hpa_past));
    pool_init(&m->ups, a, sizeof(struct hpa_past));
    pool_init(&m->downs, a, sizeof(struct hpa_past));
}

/* In the place of the last one from before `cutoff`, else at the end. */
static void remember(struct pool *past, int64_t replicas, sim_time now, sim_time cutoff)
{
    struct hpa_past *place = NULL;
    for (uint32_t i = 0; i < past->count; i++) {
        struct hpa_past *p = pool_at(past, i);
        place = p->at < cutoff ? p : place;
    }
    if (!place)
        place = pool_at(past, pool_add(past));
    *place = (struct hpa_past){replicas, now};
}

static int64_t longest_period(const struct scaling_rules *r)
{
    int64_t longest = 0;
    for (uint32_t i = 0; i < r->policies.count; i++)
        longest = r->policies.items[i].period_seconds > longest ? r->policies.items[i].period_seconds : longest;
    return longest;
}

void hpa_rescaled(struct hpa_memory *m, const struct hpa *h, int64_t from, int64_t to, sim_time now)
{
    const struct hpa_behavior *b = h->spec.behavior;
    if (!b)
        return;
    const struct scaling_rules *rules = to > from ? b->scale_up : b->scale_down;
    remember(to > from ? &m->ups : &m->downs, to > from ? to - from : from - to, now,
             now - longest_period(rules) * SIM_SECOND);
}

static int64_t changed_within(const struct pool *past, int64_t seconds, sim_time now)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < past->count; i++) {
        const struct hpa_past *p = pool_at(past, i);
        sum += p->at > now - seconds * SIM_SECOND ? p->replicas : 0;
    }
    return sum;
}

/* ---- status ---- */

void hpa_set_condition(struct arena *keep, struct hpa_status *s, const char *type, bool is_true, const char *reason,
                       const char *message, sim_time now)
{
    uint32_t i = 0;
    while (i < s->conditions.count && strcmp(s->conditions.items[i].type, type) != 0)
        i++;
    struct hpa_condition *items = arena_array(keep, struct hpa_condition, s->conditions.count + 1);
    if (s->conditions.count)
        memcpy(items, s->conditions.items, s->conditions.count * sizeof *items);
    s->conditions.items = items;
    s->conditions.count += i == s->conditions.count;
    const char *status = is_true ? "True" : "False";
    sim_time since = text_is(items[i].status, status) ? items[i].last_transition_time : sim_time_floor(now, SIM_SECOND);
    items[i] = (struct hpa_condition){type, status, reason, message, since};
}

static void condition(struct decision *d, const char *type, bool is_true, const char *reason, const char *message)
{
    hpa_set_condition(d->keep, &d->plan->status, type, is_true, reason, message, d->f->now);
}

static void event(struct decision *d, bool warning, const char *reason, const char *message)
{
    if (d->plan->event_count < HPA_EVENTS_MAX)
        d->plan->events[d->plan->event_count++] = (struct hpa_event){warning, reason, message};
}

/* ---- metrics ---- */

static struct hpa_tolerance tolerance_of(const struct decision *d)
{
    struct hpa_tolerance t = {DEFAULT_TOLERANCE, DEFAULT_TOLERANCE};
    const struct hpa_behavior *b = d->spec->behavior;
    if (!b || !feature_on(d->f->features, FEATURE_HPA_TOLERANCE))
        return t;
    if (b->scale_up->tolerance.set)
        t.up = quantity_milli(&b->scale_up->tolerance);
    if (b->scale_down->tolerance.set)
        t.down = quantity_milli(&b->scale_down->tolerance);
    return t;
}

/* Metrics by type: how their failures are called. k8s computeReplicasForMetric. */
static const struct metric_words {
    const char *type, *failed, *api;
} metric_words[] = {
    {"Resource", "FailedGetResourceMetric", NULL},
    {"ContainerResource", "FailedGetContainerResourceMetric", NULL},
    {"Pods", "FailedGetPodsMetric", "custom"},
    {"Object", "FailedGetObjectMetric", "custom"},
    {"External", "FailedGetExternalMetric", "external"},
};

static const struct metric_words *words_of(const struct metric_spec *m)
{
    size_t i = 0;
    while (i + 1 < ARRAY_LEN(metric_words) && strcmp(metric_words[i].type, m->type) != 0)
        i++;
    return &metric_words[i];
}

static const char *metric_name(struct decision *d, const struct metric_spec *m, const struct resource_metric *r)
{
    if (r->target.average_value.set)
        return arena_printf(d->keep, "%s resource", r->name);
    return arena_printf(d->keep, "%s %sresource utilization (percentage of request)", r->name,
                        m->container_resource ? "container " : "");
}

static struct metric_status status_of(struct decision *d, const struct metric_spec *m, const struct resource_metric *r,
                                      const struct hpa_proposal *p)
{
    struct resource_metric_status *s = arena_new(d->keep, struct resource_metric_status);
    s->name = r->name;
    s->container = r->container;
    s->current.average_value =
        quantity_from_milli(d->keep, p->average, strcmp(r->name, "memory") == 0 ? QUANTITY_BINARY : QUANTITY_DECIMAL);
    if (!r->target.average_value.set)
        s->current.average_utilization = (struct opt_i64){p->utilization, true};
    struct metric_status status = {.type = m->type};
    *(m->container_resource ? &status.container_resource : &status.resource) = s;
    return status;
}

struct metrics_result {
    int64_t replicas;
    const char *name, *error, *condition_reason, *condition_message;
    uint32_t invalid;
};

/* What a metric that cannot be had says: condition, Event, and the error that goes up. */
static void is_invalid(struct decision *d, struct metrics_result *all, const struct metric_spec *m, const char *error)
{
    const struct metric_words *w = words_of(m);
    event(d, true, w->failed, error);
    if (all->invalid++)
        return;
    all->condition_reason = w->failed;
    all->condition_message = arena_printf(d->keep, "the HPA was unable to compute the replica count: %s", error);
    const struct resource_metric *r = m->container_resource ? m->container_resource : m->resource;
    const char *whose = m->resource                      ? arena_printf(d->keep, "%s resource", r->name)
                        : m->container_resource          ? arena_printf(d->keep, "%s container", r->container)
                        : strcmp(m->type, "Pods") == 0   ? "pods"
                        : strcmp(m->type, "Object") == 0 ? "object"
                                                         : "external";
    all->error = arena_printf(d->keep, "failed to get %s metric value: %s", whose, error);
}

static void ask_metric(struct decision *d, uint32_t index, struct metrics_result *all)
{
    const struct metric_spec *m = &d->spec->metrics.items[index];
    const struct resource_metric *r = m->container_resource ? m->container_resource : m->resource;
    if (!r) {
        is_invalid(d, all, m,
                   arena_printf(d->keep,
                                "unable to get metric: unable to fetch metrics from %s metrics API: the server "
                                "could not find the requested resource",
                                words_of(m)->api));
        return;
    }
    struct hpa_proposal p;
    hpa_propose(d->keep, d->f, r, d->f->metrics + (size_t)index * d->f->pod_count, tolerance_of(d), &p);
    if (p.error) {
        is_invalid(d, all, m,
                   arena_printf(d->keep, "failed to get %s %s: %s", r->name,
                                r->target.average_value.set ? "usage" : "utilization", p.error));
        return;
    }
    d->plan->status.current_metrics.items[index] = status_of(d, m, r, &p);
    if (all->replicas == 0 || p.replicas > all->replicas) {
        all->replicas = p.replicas;
        all->name = metric_name(d, m, r);
    }
}

/* computeReplicasForMetrics: the largest proposal counts. False: nothing can be said. */
static bool ask_metrics(struct decision *d, struct metrics_result *all)
{
    uint32_t count = d->spec->metrics.count;
    *all = (struct metrics_result){0};
    d->plan->status.current_metrics.items = arena_array(d->keep, struct metric_status, count + 1);
    d->plan->status.current_metrics.count = count;
    for (uint32_t i = 0; i < count; i++) {
        d->plan->status.current_metrics.items[i].type = "";
        ask_metric(d, i, all);
    }
    if (all->invalid >= count || (all->invalid && all->replicas < d->f->replicas)) {
        condition(d, "ScalingActive", false, all->condition_reason, all->condition_message);
        event(d, true, "FailedComputeMetricsReplicas",
              arena_printf(d->keep, "invalid metrics (%u invalid out of %u), first error is: %s", all->invalid, count,
                           all->error));
        return false;
    }
    condition(d, "ScalingActive", true, "ValidMetricFound",
              arena_printf(d->keep, "the HPA was able to successfully calculate a replica count from %s", all->name));
    return true;
}

/* ---- how far, how fast ---- */

enum { LIMIT_NONE, LIMIT_MIN, LIMIT_MAX, LIMIT_UP, LIMIT_DOWN };
static const struct {
    const char *reason, *message;
} limits[] = {
    [LIMIT_NONE] = {"DesiredWithinRange", "the desired count is within the acceptable range"},
    [LIMIT_MIN] = {"TooFewReplicas", "the desired replica count is less than the minimum replica count"},
    [LIMIT_MAX] = {"TooManyReplicas", "the desired replica count is more than the maximum replica count"},
    [LIMIT_UP] = {"ScaleUpLimit", "the desired replica count is increasing faster than the maximum scale rate"},
    [LIMIT_DOWN] = {"ScaleDownLimit", "the desired replica count is decreasing faster than the maximum scale rate"},
};
COVER_TABLE(hpa_limits, "what holds a HorizontalPodAutoscaler back", "nothing", "minReplicas", "maxReplicas",
            "twice as many at most, or its policies", "policies of scaleDown");
_Static_assert(COVER_ROWS(hpa_limits) == ARRAY_LEN(limits), "a name per row");

static int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }
static int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

/* convertDesiredReplicasWithRules */
static int64_t limit_plainly(struct decision *d, int64_t wanted, size_t *ret_limit)
{
    int64_t fastest = larger(SCALE_UP_FACTOR * d->f->replicas, SCALE_UP_MINIMUM);
    int64_t most = smaller(d->spec->max_replicas, fastest);
    *ret_limit = LIMIT_NONE;
    if (wanted < d->min) {
        *ret_limit = LIMIT_MIN;
        return d->min;
    }
    if (wanted > most)
        *ret_limit = d->spec->max_replicas > fastest ? LIMIT_UP : LIMIT_MAX;
    return smaller(wanted, most);
}

/* calculateScaleUpLimitWithScalingRules, calculateScaleDownLimitWithBehaviors. */
static int64_t policy_limit(const struct decision *d, const struct scaling_rules *r, bool up)
{
    bool least = strcmp(r->select_policy, "Min") == 0; /* the policy that allows the least change */
    int64_t result = d->f->replicas, now = d->f->replicas;
    for (uint32_t i = 0; i < r->policies.count && strcmp(r->select_policy, "Disabled") != 0; i++) {
        const struct scaling_policy *p = &r->policies.items[i];
        int64_t begin = now - changed_within(&d->memory->ups, p->period_seconds, d->f->now) +
                        changed_within(&d->memory->downs, p->period_seconds, d->f->now);
        int64_t percent = begin * (up ? 100 + p->value : 100 - p->value);
        int64_t proposed = strcmp(p->type, "Pods") == 0 ? (up ? begin + p->value : begin - p->value)
                           : up                         ? (percent + 99) / 100
                                                        : percent / 100;
        bool take_larger = up != least;
        result = i == 0 ? proposed : take_larger ? larger(result, proposed) : smaller(result, proposed);
    }
    return up ? larger(result, now) : smaller(result, now);
}

/* convertDesiredReplicasWithBehaviorRate */
static int64_t limit_by_behavior(struct decision *d, int64_t wanted, size_t *ret_limit)
{
    *ret_limit = LIMIT_NONE;
    if (wanted > d->f->replicas) {
        int64_t fastest = policy_limit(d, d->spec->behavior->scale_up, true);
        int64_t most = smaller(d->spec->max_replicas, fastest);
        if (wanted > most)
            *ret_limit = d->spec->max_replicas > fastest ? LIMIT_UP : LIMIT_MAX;
        return smaller(wanted, most);
    }
    if (wanted < d->f->replicas) {
        int64_t fastest = policy_limit(d, d->spec->behavior->scale_down, false), least = larger(d->min, fastest);
        if (wanted < least)
            *ret_limit = d->min < fastest ? LIMIT_DOWN : LIMIT_MIN;
        return larger(wanted, least);
    }
    return wanted;
}

/* stabilizeRecommendation: the largest of the last five minutes. */
static int64_t stabilize_plainly(struct decision *d, int64_t wanted)
{
    int64_t result = wanted;
    sim_time cutoff = d->f->now - DOWNSCALE_STABILIZATION;
    for (uint32_t i = 0; i < d->memory->recommendations.count; i++) {
        const struct hpa_past *p = pool_at(&d->memory->recommendations, i);
        result = p->at >= cutoff ? larger(result, p->replicas) : result;
    }
    remember(&d->memory->recommendations, wanted, d->f->now, cutoff);
    return result;
}

static sim_time window_of(const struct scaling_rules *r)
{
    return r->stabilization_window_seconds.set ? r->stabilization_window_seconds.value * SIM_SECOND
                                               : DOWNSCALE_STABILIZATION;
}

/* stabilizeRecommendationWithBehaviors: no more than the least of the one window, no less than the most of the other.
 */
static int64_t stabilize_by_behavior(struct decision *d, int64_t wanted)
{
    sim_time up_from = d->f->now - window_of(d->spec->behavior->scale_up);
    sim_time down_from = d->f->now - window_of(d->spec->behavior->scale_down);
    int64_t up = wanted, down = wanted;
    for (uint32_t i = 0; i < d->memory->recommendations.count; i++) {
        const struct hpa_past *p = pool_at(&d->memory->recommendations, i);
        up = p->at > up_from ? smaller(up, p->replicas) : up;
        down = p->at > down_from ? larger(down, p->replicas) : down;
    }
    remember(&d->memory->recommendations, wanted, d->f->now, smaller(up_from, down_from));
    return smaller(larger(d->f->replicas, up), down);
}

static int64_t normalize(struct decision *d, int64_t wanted)
{
    bool plain = !d->spec->behavior;
    int64_t stable = plain ? stabilize_plainly(d, wanted) : stabilize_by_behavior(d, wanted);
    bool shrinks = plain || wanted < d->f->replicas;
    if (stable == wanted)
        condition(d, "AbleToScale", true, "ReadyForNewScale", "recommended size matches current size");
    else if (shrinks)
        condition(d, "AbleToScale", true, "ScaleDownStabilized",
                  "recent recommendations were higher than current one, applying the highest recent recommendation");
    else
        condition(d, "AbleToScale", true, "ScaleUpStabilized",
                  "recent recommendations were lower than current one, applying the lowest recent recommendation");
    size_t limit;
    int64_t result = plain ? limit_plainly(d, stable, &limit) : limit_by_behavior(d, stable, &limit);
    COVER(hpa_limits, limit);
    condition(d, "ScalingLimited", result != stable, limits[limit].reason, limits[limit].message);
    return result;
}

/* ---- all of it: reconcileAutoscaler ---- */

/* False: nothing is changed but the status. */
static bool by_metrics(struct decision *d)
{
    struct metrics_result m;
    int64_t now = d->f->replicas;
    if (!ask_metrics(d, &m))
        return false;
    if (m.replicas > now)
        d->plan->why = arena_printf(d->keep, "%s above target", m.name);
    else if (m.replicas < now)
        d->plan->why = "All metrics below target";
    d->plan->replicas = normalize(d, m.replicas);
    return true;
}

static void want(struct decision *d, int64_t replicas, const char *why)
{
    d->plan->replicas = replicas;
    d->plan->why = why;
}

void hpa_decide(struct arena *keep, const struct hpa_facts *f, struct hpa_memory *memory, struct hpa_plan *plan)
{
    struct decision d = {keep, f, &f->hpa->spec, memory, plan, f->hpa->spec.min_replicas.value};
    *plan = (struct hpa_plan){.status = f->hpa->status, .replicas = f->replicas, .why = ""};
    if (f->target_error) {
        event(&d, true, "FailedGetScale", f->target_error);
        condition(
            &d, "AbleToScale", false, "FailedGetScale",
            arena_printf(keep, "the HPA controller was unable to get the target's current scale: %s", f->target_error));
        return;
    }
    condition(&d, "AbleToScale", true, "SucceededGetScale",
              "the HPA controller was able to get the target's current scale");
    if (memory->recommendations.count == 0)
        remember(&memory->recommendations, f->replicas, f->now, f->now);
    plan->status.current_metrics.count = 0;
    plan->status.current_replicas = f->replicas;
    if (f->replicas == 0) {
        condition(&d, "ScalingActive", false, "ScalingDisabled",
                  "scaling is disabled since the replica count of the target is zero");
        plan->status.desired_replicas = 0;
        return;
    }
    if (f->replicas > d.spec->max_replicas)
        want(&d, d.spec->max_replicas, "Current number of replicas above Spec.MaxReplicas");
    else if (f->replicas < d.min)
        want(&d, d.min, "Current number of replicas below Spec.MinReplicas");
    else if (!by_metrics(&d))
        return;
    plan->rescale = plan->replicas != f->replicas;
    plan->status.desired_replicas = plan->replicas;
    if (plan->rescale)
        plan->status.last_scale_time = sim_time_floor(f->now, SIM_SECOND);
}
