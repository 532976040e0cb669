/* replicaset.c - see replicaset.h. Lists are in order of arrival.
 */
#include "model/replicaset.h"

#include <stdlib.h>
#include <string.h>

#include "model/endpoint_tracker.h"
#include "model/informers.h"
#include "model/pod_rank.h"
#include "model/printer.h"
#include "model/store.h"
#include "sim/cover.h"

/* k8s replica_set.go BurstReplicas: pods that one sync creates or deletes. */
enum { BURST_REPLICAS = 500 };

/* ---- facts about pods ---- */

uint8_t pod_facts(const struct pod *p)
{
    bool ended = text_is(p->status.phase, "Succeeded") || text_is(p->status.phase, "Failed");
    uint8_t ready = pod_is_ready(p) ? POD_READY : 0;
    if (ended)
        return ready;
    return ready | (p->object.meta.deletion_timestamp == SIM_NEVER ? POD_ACTIVE : POD_TERMINATING);
}

sim_time pod_ready_since(const struct pod *p)
{
    const struct pod_condition *c = pod_condition_find(p, "Ready");
    return c && text_is(c->status, "True") ? c->last_transition_time : SIM_NEVER;
}

bool pod_is_available(const struct pod *p, int64_t min_ready_seconds, sim_time now)
{
    if (min_ready_seconds == 0)
        return pod_is_ready(p);
    sim_time since = pod_ready_since(p);
    return since != SIM_NEVER && since + min_ready_seconds * SIM_SECOND <= now;
}

/* ---- whose is it ---- */

enum { BY_OTHER, BY_ME, BY_ME_NO_MORE, BY_ME_DELETED, BY_NONE_DELETED, BY_NONE_NO_MATCH, BY_NONE_GOING, BY_NONE };
COVER_TABLE(claim, "whose an object is", "another controller's", "its own", "its own, labels changed: released",
            "its own, labels changed, and it goes: left alone", "nobody's, and it goes: left alone",
            "nobody's, does not match", "nobody's, but being deleted", "nobody's: adopted");

enum claim claim_if(const struct api_object *controller, bool matches, const struct api_object *o)
{
    static const enum claim claims[] = {
        [BY_OTHER] = CLAIM_IGNORED,        [BY_ME] = CLAIM_OWNED,
        [BY_ME_NO_MORE] = CLAIM_RELEASE,   [BY_ME_DELETED] = CLAIM_IGNORED,
        [BY_NONE_DELETED] = CLAIM_IGNORED, [BY_NONE_NO_MATCH] = CLAIM_IGNORED,
        [BY_NONE_GOING] = CLAIM_IGNORED,   [BY_NONE] = CLAIM_ADOPT,
    };
    const struct owner_reference *owner = controller_of(o);
    bool mine = owner && strcmp(owner->uid, controller->meta.uid) == 0;
    bool goes = controller->meta.deletion_timestamp != SIM_NEVER;
    int row = BY_NONE;
    if (owner && !mine)
        row = BY_OTHER;
    else if (mine && matches)
        row = BY_ME;
    else if (mine)
        row = goes ? BY_ME_DELETED : BY_ME_NO_MORE;
    else if (goes)
        row = BY_NONE_DELETED;
    else if (!matches)
        row = BY_NONE_NO_MATCH;
    else if (o->meta.deletion_timestamp != SIM_NEVER)
        row = BY_NONE_GOING;
    COVER(claim, row);
    return claims[row];
}

enum claim claim_of(const struct api_object *controller, const struct label_selector *selector,
                    const struct api_object *o)
{
    return claim_if(controller, label_selector_matches(selector, &o->meta.labels), o);
}

/* All, or the first `count` by rank: getPodsToDelete. */
static struct pod_refs pods_to_delete(struct arena *a, const struct rs_facts *f, uint32_t count)
{
    struct pod_refs chosen = {arena_array(a, const struct pod *, f->active.count + 1), NULL, count};
    memcpy(chosen.items, f->active.items, f->active.count * sizeof *chosen.items);
    if (count < f->active.count)
        rank_pods(a, chosen.items, f->active.count, &f->related, f->now);
    return chosen;
}

/* ---- status ---- */

bool rs_status_equal(const struct replica_set_status *a, const struct replica_set_status *b)
{
    return a->replicas == b->replicas && a->fully_labeled_replicas == b->fully_labeled_replicas &&
           a->ready_replicas == b->ready_replicas && a->available_replicas == b->available_replicas &&
           a->terminating_replicas.set == b->terminating_replicas.set &&
           a->terminating_replicas.value == b->terminating_replicas.value &&
           a->observed_generation == b->observed_generation && a->conditions.count == b->conditions.count &&
           a->conditions.items == b->conditions.items;
}

static struct replica_set_status status_of(const struct rs_facts *f)
{
    const struct replica_set *rs = f->rs;
    int64_t held = rs->spec.min_ready_seconds;
    struct replica_set_status s = {.replicas = f->active.count, .observed_generation = rs->object.meta.generation};
    for (uint32_t i = 0; i < f->active.count; i++) {
        const struct pod *p = f->active.items[i];
        bool ready = f->active.facts[i] & POD_READY;
        const str_map *wanted = &rs->spec.template_.meta.labels;
        s.fully_labeled_replicas +=
            p->object.meta.labels.items == wanted->items || labels_match(wanted, &p->object.meta.labels);
        s.ready_replicas += ready;
        s.available_replicas += ready && (!held || pod_is_available(p, held, f->now));
    }
    if (rs->object.kind == KIND_REPLICASET && feature_on(f->features, FEATURE_TERMINATING_REPLICAS))
        s.terminating_replicas = (struct opt_i64){f->terminating, true};
    return s; /* conditions: none, unless something fails */
}

void rs_status_failed(struct arena *a, struct replica_set_status *status, bool creating, const char *message,
                      sim_time now)
{
    if (status->conditions.count) /* it is there already */
        return;
    status->conditions.items = arena_new(a, struct workload_condition);
    status->conditions.count = 1;
    status->conditions.items[0] = (struct workload_condition){
        .type = "ReplicaFailure",
        .status = "True",
        .reason = creating ? "FailedCreate" : "FailedDelete",
        .message = message,
        .last_update_time = SIM_NEVER,
        .last_transition_time = api_second(now),
    };
}

sim_time pods_next_available(const struct pod_refs *pods, int64_t min_ready_seconds, sim_time now)
{
    sim_time least = SIM_NEVER;
    for (uint32_t i = 0; i < pods->count; i++) {
        sim_time since = pod_ready_since(pods->items[i]);
        sim_time left = since == SIM_NEVER ? 0 : since + min_ready_seconds * SIM_SECOND - now;
        if (left > 0 && (least == SIM_NEVER || left < least))
            least = left;
    }
    return least;
}

/* The smallest time that is missing to a pod that is ready; before 1.34 all of minReadySeconds. */
static sim_time next_check(const struct rs_facts *f)
{
    sim_time least = pods_next_available(&f->active, f->rs->spec.min_ready_seconds, f->now);
    bool exact = least != SIM_NEVER && feature_on(f->features, FEATURE_EXACT_AVAILABILITY_CHECK);
    return exact ? least : f->rs->spec.min_ready_seconds * SIM_SECOND;
}

/* ---- one sync ---- */

int64_t slow_start_batch(int64_t before, int64_t left)
{
    int64_t size = before ? 2 * before : 1;
    return size < left ? size : left;
}

void rs_decide(struct arena *a, const struct rs_facts *f, struct rs_plan *plan)
{
    const struct replica_set *rs = f->rs;
    *plan = (struct rs_plan){.recheck = SIM_NEVER, .status = status_of(f)};
    int64_t surplus = (int64_t)f->active.count - rs->spec.replicas.value;
    if (f->in_sync && rs->object.meta.deletion_timestamp == SIM_NEVER) {
        if (surplus < 0)
            plan->create = -surplus < BURST_REPLICAS ? -surplus : BURST_REPLICAS;
        else if (surplus > 0)
            plan->remove = pods_to_delete(a, f, (uint32_t)(surplus < BURST_REPLICAS ? surplus : BURST_REPLICAS));
    }
    plan->status_changed = !rs_status_equal(&plan->status, &rs->status);
    if (rs->spec.min_ready_seconds > 0 && plan->status.ready_replicas != plan->status.available_replicas)
        plan->recheck = next_check(f);
}
