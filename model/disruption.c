/* disruption.c - see disruption.h. Functions are named after those of disruption.go.
 *
 * Left out on purpose: controllers that are known only by their scale subresource.
 */
#include "model/disruption.h"

#include <string.h>

#include "sim/cover.h"

/* ---- how many there shall be: getExpectedPodCount ---- */

enum { EXPECT_MAX_UNAVAILABLE, EXPECT_MIN_NUMBER, EXPECT_MIN_SHARE, EXPECT_NOTHING, EXPECT_FAILED };
COVER_TABLE(pdb_expected, "how many pods a PodDisruptionBudget expects", "maxUnavailable: the scale of the controllers",
            "minAvailable is a number: the pods there are", "minAvailable is a share: the scale of the controllers",
            "neither is given: nothing", "a pod's controller has no scale: SyncFailed");

/* The scale of each controller once; false: somebody's is not known. */
static bool expected_scale(struct arena *a, const struct pdb_facts *f, struct pdb_plan *plan, int64_t *ret)
{
    *ret = 0;
    for (uint32_t i = 0; i < f->count; i++) {
        const struct pdb_pod *p = &f->pods[i];
        bool counted = false;
        if (!p->controller) {
            plan->unmanaged = true;
            continue;
        }
        for (uint32_t k = 0; k < i && !counted; k++)
            counted = f->pods[k].controller && strcmp(f->pods[k].controller, p->controller) == 0;
        if (counted)
            continue;
        if (!p->found) {
            plan->failure = arena_printf(a, "found no controllers for pod \"%s\"", p->pod->object.meta.name);
            return false;
        }
        *ret += p->scale;
    }
    return true;
}

static int64_t not_negative(int64_t n) { return n < 0 ? 0 : n; }

static void expected_pod_count(struct arena *a, const struct pdb_facts *f, struct pdb_plan *plan)
{
    const struct pdb_spec *s = &f->pdb->spec;
    int64_t expected = 0;
    bool by_scale = s->max_unavailable.set || (s->min_available.set && s->min_available.text);
    if (by_scale && !expected_scale(a, f, plan, &expected)) {
        COVER(pdb_expected, EXPECT_FAILED);
        return;
    }
    if (s->max_unavailable.set) {
        COVER(pdb_expected, EXPECT_MAX_UNAVAILABLE);
        plan->status.desired_healthy = not_negative(expected - scaled_value(&s->max_unavailable, expected, true));
    } else if (s->min_available.set && s->min_available.text) {
        COVER(pdb_expected, EXPECT_MIN_SHARE);
        plan->status.desired_healthy = scaled_value(&s->min_available, expected, true);
    } else if (s->min_available.set) {
        COVER(pdb_expected, EXPECT_MIN_NUMBER);
        plan->status.desired_healthy = s->min_available.number;
        expected = f->count;
    } else {
        COVER(pdb_expected, EXPECT_NOTHING);
    }
    plan->status.expected_pods = expected;
}

/* ---- who is healthy ---- */

static bool is_ready(const struct pod *p)
{
    for (uint32_t i = 0; i < p->status.conditions.count; i++)
        if (strcmp(p->status.conditions.items[i].type, "Ready") == 0)
            return text_is(p->status.conditions.items[i].status, "True");
    return false;
}

bool pod_is_healthy_for_pdb(const struct pod *p)
{
    return p->object.meta.deletion_timestamp == SIM_NEVER && is_ready(p);
}

/* buildDisruptedPodMap: of the evictions that were granted those that nobody has carried out yet. A pod in it does not
 * count as healthy. */
static void disrupted_pods(struct arena *a, const struct pdb_facts *f, struct pdb_plan *plan)
{
    const str_map *before = &f->pdb->status.disrupted_pods;
    str_map *after = &plan->status.disrupted_pods;
    *after = (str_map){arena_array(a, struct str_pair, before->count + 1), 0};
    plan->not_deleted = arena_array(a, const struct pod *, before->count + 1);
    for (uint32_t i = 0; i < before->count; i++) {
        const struct pod *pod = NULL;
        for (uint32_t k = 0; k < f->count && !pod; k++)
            if (strcmp(f->pods[k].pod->object.meta.name, before->items[i].key) == 0)
                pod = f->pods[k].pod;
        if (!pod || pod->object.meta.deletion_timestamp != SIM_NEVER)
            continue;
        sim_time until = sim_time_add(pdb_disrupted_at(f->pdb, before->items[i].key, f->epoch), DELETION_TIMEOUT);
        if (until < f->now) {
            plan->not_deleted[plan->not_deleted_count++] = pod;
            continue;
        }
        plan->recheck = plan->recheck == SIM_NEVER || until < plan->recheck ? until : plan->recheck;
        after->items[after->count++] = before->items[i];
    }
}

static void count_healthy_pods(const struct pdb_facts *f, struct pdb_plan *plan)
{
    for (uint32_t i = 0; i < f->count; i++) {
        const struct pod *p = f->pods[i].pod;
        bool disrupted = str_map_get(&plan->status.disrupted_pods, p->object.meta.name) != NULL;
        plan->status.current_healthy += !disrupted && pod_is_healthy_for_pdb(p);
    }
}

/* ---- the status ---- */

/* k8s apimachinery api/meta/conditions.go SetStatusCondition. */
static void set_condition(struct arena *a, struct pdb_status *s, const char *status, const char *reason,
                          const char *message, sim_time now)
{
    static const char type[] = "DisruptionAllowed";
    uint32_t n = s->conditions.count, at = 0;
    struct meta_condition *list = arena_array(a, struct meta_condition, n + 1);
    if (n)
        memcpy(list, s->conditions.items, n * sizeof *list);
    while (at < n && strcmp(list[at].type, type) != 0)
        at++;
    if (at == n)
        list[n++] = (struct meta_condition){.type = type, .status = "", .last_transition_time = SIM_NEVER};
    if (strcmp(list[at].status, status) != 0)
        list[at].last_transition_time = sim_time_floor(now, SIM_SECOND);
    list[at].status = status;
    list[at].reason = reason;
    list[at].message = message;
    list[at].observed_generation = s->observed_generation;
    s->conditions.items = list;
    s->conditions.count = n;
}

void pdb_set_allowed_condition(struct arena *a, struct pdb_status *s, sim_time now)
{
    bool allowed = s->disruptions_allowed > 0;
    set_condition(a, s, allowed ? "True" : "False", allowed ? "SufficientPods" : "InsufficientPods", "", now);
}

/* failSafe: nothing is allowed, the rest stays as it was. */
static void fail_safe(struct arena *a, const struct pdb_facts *f, struct pdb_plan *plan)
{
    plan->status = f->pdb->status;
    plan->status.disruptions_allowed = 0;
    plan->recheck = SIM_NEVER;
    set_condition(a, &plan->status, "False", "SyncFailed", plan->failure, f->now);
}

void pdb_decide(struct arena *a, const struct pdb_facts *f, struct pdb_plan *plan)
{
    *plan = (struct pdb_plan){.no_pods = f->count == 0, .recheck = SIM_NEVER};
    plan->status.conditions.items = f->pdb->status.conditions.items;
    plan->status.conditions.count = f->pdb->status.conditions.count;
    plan->status.observed_generation = f->pdb->object.meta.generation;
    expected_pod_count(a, f, plan);
    if (plan->failure) {
        fail_safe(a, f, plan);
    } else {
        struct pdb_status *s = &plan->status;
        disrupted_pods(a, f, plan);
        count_healthy_pods(f, plan);
        s->disruptions_allowed = s->expected_pods > 0 ? not_negative(s->current_healthy - s->desired_healthy) : 0;
        pdb_set_allowed_condition(a, s, f->now);
    }
    plan->changed = !pdb_status_equal(&plan->status, &f->pdb->status);
}

/* ---- pods that were to be disrupted: nonTerminatingPodHasStaleDisruptionCondition ---- */

bool pod_disruption_is_stale(const struct pod *p, sim_time now, sim_time *ret_left)
{
    const struct pod_condition *c = NULL;
    for (uint32_t i = 0; i < p->status.conditions.count; i++)
        if (strcmp(p->status.conditions.items[i].type, "DisruptionTarget") == 0)
            c = &p->status.conditions.items[i];
    bool terminal = text_is(p->status.phase, "Succeeded") || text_is(p->status.phase, "Failed");
    if (!c || p->object.meta.deletion_timestamp != SIM_NEVER || terminal || !text_is(c->status, "True") ||
        text_is(c->reason, "TerminationByKubelet"))
        return false;
    bool dated = c->last_transition_time != SIM_NEVER; /* without a date: since the year 1 */
    sim_time until = dated ? sim_time_add(c->last_transition_time, STALE_POD_DISRUPTION_TIMEOUT) : now;
    *ret_left = until > now ? until - now : 0;
    return true;
}
