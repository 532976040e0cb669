/* api_eviction.c - see api_eviction.h.
 *
 * Left out on purpose: conflicts with other writers (an eviction is one instant here, so none is tried again), and
 * preconditions.
 */
#include "model/api_eviction.h"

#include <string.h>

#include "model/disruption.h"
#include "sim/cover.h"

enum { MAX_DISRUPTED_POD_SIZE = 2000 };

enum {
    EVICT_IGNORES_PDB,
    EVICT_NO_PDB,
    EVICT_SEVERAL_PDBS,
    EVICT_UNHEALTHY_ALWAYS,
    EVICT_UNHEALTHY_BUDGET,
    EVICT_NOT_OBSERVED,
    EVICT_NONE_ALLOWED,
    EVICT_TOO_MANY_GRANTED,
    EVICT_DECREMENTED
};
COVER_TABLE(api_eviction, "eviction of a pod", "Pending, ended or being deleted: no budget is asked",
            "no budget selects it", "several budgets: an error", "not ready, AlwaysAllow: granted",
            "not ready, and the others are enough: granted", "the budget has not been counted yet: 429",
            "no disruption is allowed: 429", "too many evictions are under way: 403", "one disruption less is allowed");

/* ---- the budget ---- */

static bool ignores_pdb(const struct pod *p)
{
    static const char *const phases[] = {"Succeeded", "Failed", "Pending"};
    for (size_t i = 0; i < ARRAY_LEN(phases); i++)
        if (text_is(p->status.phase, phases[i]))
            return true;
    return p->object.meta.deletion_timestamp != SIM_NEVER;
}

static uint32_t budgets_of(const struct store *st, const struct pod *p, const struct pdb **ret_first)
{
    uint32_t cursor = 0, n = 0;
    for (const struct api_object *o; (o = store_next(st, KIND_PODDISRUPTIONBUDGET, &cursor)) != NULL;) {
        const struct pdb *b = (const struct pdb *)o;
        if (strcmp(o->meta.namespace_, p->object.meta.namespace_) != 0 || !pdb_selects(b, &p->object.meta.labels))
            continue;
        if (n++ == 0)
            *ret_first = b;
    }
    return n;
}

static struct eviction_reply too_many_requests(const char *cause)
{
    return (struct eviction_reply){.code = EVICTION_TOO_MANY,
                                   .message = "Cannot evict pod as it would violate the pod's disruption budget.",
                                   .cause = cause};
}

static const struct meta_condition *allowed_condition(const struct pdb *b)
{
    for (uint32_t i = 0; i < b->status.conditions.count; i++)
        if (strcmp(b->status.conditions.items[i].type, "DisruptionAllowed") == 0)
            return &b->status.conditions.items[i];
    return NULL;
}

static const char *why_none(struct arena *a, const struct pdb *b)
{
    const struct meta_condition *c = allowed_condition(b);
    const char *name = b->object.meta.name;
    bool says = c && text_is(c->status, "False") && c->message && *c->message;
    if (says && text_is(c->reason, "SyncFailed"))
        return arena_printf(
            a, "The disruption budget %s does not allow evicting pods currently because it failed sync: %s", name,
            c->message);
    if (b->status.current_healthy <= b->status.desired_healthy)
        return arena_printf(a, "The disruption budget %s needs %" PRId64 " healthy pods and has %" PRId64 " currently",
                            name, b->status.desired_healthy, b->status.current_healthy);
    if (says)
        return arena_printf(a, "The disruption budget %s does not allow evicting pods currently (%s): %s", name,
                            c->reason, c->message);
    return arena_printf(a, "The disruption budget %s does not allow evicting pods currently", name);
}

static struct eviction_reply forbidden(struct arena *a, const struct pdb *b, const char *why)
{
    return (struct eviction_reply){
        .code = EVICTION_FORBIDDEN,
        .message = arena_printf(a, "poddisruptionbudget.policy \"%s\" is forbidden: %s", b->object.meta.name, why)};
}

/* Grants it: the map of disrupted pods keeps its order. */
static void decrement(struct store *st, const struct pdb *b, const char *pod)
{
    struct arena *a = store_arena(st);
    sim_time now = sim_now(store_sim(st));
    struct pdb *next = (struct pdb *)store_edit(st, &b->object);
    struct strbuf date = STRBUF_INIT;
    strbuf_rfc3339(&date, store_epoch(st) + now / SIM_SECOND, 0, false);
    const str_map *before = &b->status.disrupted_pods;
    str_map after = {arena_array(a, struct str_pair, before->count + 1), 0};
    uint32_t i = 0;
    for (; i < before->count && strcmp(before->items[i].key, pod) < 0; i++)
        after.items[after.count++] = before->items[i];
    after.items[after.count++] = (struct str_pair){pod, arena_strdup(a, strbuf_str(&date))};
    for (i += i < before->count && strcmp(before->items[i].key, pod) == 0; i < before->count; i++)
        after.items[after.count++] = before->items[i];
    strbuf_fini(&date);
    next->status.disrupted_pods = after;
    next->status.disruptions_allowed--;
    if (next->status.disruptions_allowed == 0)
        pdb_set_allowed_condition(a, &next->status, now);
    store_update(st, COMP_API_SERVER, &next->object, false);
}

static struct eviction_reply check_and_decrement(struct store *st, const struct pdb *b, const char *pod, bool dry_run)
{
    struct arena *a = store_arena(st);
    if (b->status.observed_generation < b->object.meta.generation) {
        COVER(api_eviction, EVICT_NOT_OBSERVED);
        return too_many_requests(
            arena_printf(a, "The disruption budget %s is still being processed by the server.", b->object.meta.name));
    }
    if (b->status.disrupted_pods.count > MAX_DISRUPTED_POD_SIZE) {
        COVER(api_eviction, EVICT_TOO_MANY_GRANTED);
        return forbidden(a, b, "DisruptedPods map too big - too many evictions not confirmed by PDB controller");
    }
    if (b->status.disruptions_allowed == 0) {
        COVER(api_eviction, EVICT_NONE_ALLOWED);
        return too_many_requests(why_none(a, b));
    }
    COVER(api_eviction, EVICT_DECREMENTED);
    if (!dry_run)
        decrement(st, b, pod);
    return (struct eviction_reply){.code = EVICTION_OK};
}

static struct eviction_reply ask_budgets(struct store *st, const struct pod *p, bool dry_run)
{
    const struct pdb *b = NULL;
    const struct eviction_reply granted = {.code = EVICTION_OK};
    uint32_t n = budgets_of(st, p, &b);
    if (n == 0) {
        COVER(api_eviction, EVICT_NO_PDB);
        return granted;
    }
    if (n > 1) {
        COVER(api_eviction, EVICT_SEVERAL_PDBS);
        return (struct eviction_reply){
            .code = EVICTION_ERROR,
            .message =
                "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."};
    }
    if (pod_is_healthy_for_pdb(p))
        return check_and_decrement(st, b, p->object.meta.name, dry_run);
    bool policy = store_has(st, FEATURE_PDB_UNHEALTHY_POLICY);
    if (policy && text_is(b->spec.unhealthy_pod_eviction, "AlwaysAllow")) {
        COVER(api_eviction, EVICT_UNHEALTHY_ALWAYS);
        return granted;
    }
    if (b->status.current_healthy >= b->status.desired_healthy && b->status.desired_healthy > 0) {
        COVER(api_eviction, EVICT_UNHEALTHY_BUDGET);
        return granted;
    }
    return check_and_decrement(st, b, p->object.meta.name, dry_run);
}

/* ---- the pod: addConditionAndDeletePod ---- */

static const struct api_object *add_condition(struct store *st, const struct pod *p)
{
    struct pod *next = (struct pod *)store_edit(st, &p->object);
    uint32_t n = p->status.conditions.count, at = 0;
    struct pod_condition *list = arena_array(store_arena(st), struct pod_condition, n + 1);
    for (uint32_t i = 0; i < n; i++)
        list[i] = p->status.conditions.items[i];
    while (at < n && strcmp(list[at].type, "DisruptionTarget") != 0)
        at++;
    bool was_true = at < n && text_is(list[at].status, "True");
    sim_time since = was_true ? list[at].last_transition_time : api_second(sim_now(store_sim(st)));
    list[at] = (struct pod_condition){.type = "DisruptionTarget",
                                      .status = "True",
                                      .reason = "EvictionByEvictionAPI",
                                      .message = "Eviction API: evicting",
                                      .last_probe_time = SIM_NEVER,
                                      .last_transition_time = since};
    next->status.conditions.items = list;
    next->status.conditions.count = n + (at == n);
    return store_update(st, COMP_API_SERVER, &next->object, false);
}

struct eviction_reply evict_pod(struct store *st, enum trace_component who, const struct pod *p, int64_t grace,
                                bool dry_run)
{
    struct sim *sim = store_sim(st);
    const char *ns = p->object.meta.namespace_;
    const struct namespace_ *n = (const struct namespace_ *)store_get(st, KIND_NAMESPACE, NULL, ns);
    struct eviction_reply reply = {.code = EVICTION_OK};
    if (n && text_is(n->phase, "Terminating"))
        return (struct eviction_reply){
            .code = EVICTION_FORBIDDEN,
            .terminating = true,
            .message = arena_printf(store_arena(st),
                                    "pods \"%s\" is forbidden: unable to create new content in namespace %s because it "
                                    "is being terminated",
                                    p->object.meta.name, ns)};
    uint32_t cause = sim_cause(sim);
    if (ignores_pdb(p))
        COVER(api_eviction, EVICT_IGNORES_PDB);
    else
        reply = ask_budgets(st, p, dry_run);
    if (reply.code != EVICTION_OK)
        sim_record(sim, (struct trace_record){.kind = TRACE_EVICTION,
                                              .component = COMP_API_SERVER,
                                              .object = p->object.ordinal,
                                              .aux = (uint32_t)reply.code,
                                              .text = reply.cause ? reply.cause : reply.message});
    if (reply.code != EVICTION_OK || dry_run)
        return reply;
    const struct api_object *current = &p->object;
    sim_set_cause(sim, cause);
    if (store_has(st, FEATURE_DISRUPTION_TARGET))
        current = add_condition(st, p);
    sim_set_cause(sim, cause);
    store_delete(st, who, current, grace);
    return reply;
}
