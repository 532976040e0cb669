/* statefulset.c - see statefulset.h.
 *
 * Left out on purpose: pods whose claims another controller owns; metrics. k8s-order: pods of one batch are created in
 * order of their ordinals.
 */
#include "model/statefulset.h"

#include <stdlib.h>
#include <string.h>

#include "model/deployment.h"
#include "model/endpoint_tracker.h"
#include "sim/cover.h"

/* k8s stateful_set_control.go MaxBatchSize: pods that are worked on at once where nothing waits for another. */
enum { MAX_BATCH = 500 };
/* Within a batch: claims are stages of their own, one after the other, then the pod, then who owns its claims. */
enum { STAGE_PODS = 1 << 16, STAGE_OWNERS = 1 << 17 };

struct sts_step *sts_step(struct sts_sync *s, enum sts_write write, uint32_t stage, const struct api_object *object)
{
    struct sts_step *step = pool_at(&s->plan->steps, pool_add(&s->plan->steps));
    *step = (struct sts_step){.write = write, .first_of_batch = true, .stage = stage, .object = object};
    return step;
}

/* ---- facts about pods ---- */

static bool in_phase(const struct pod *p, const char *phase) { return text_is(p->status.phase, phase); }
static bool is_going(const struct pod *p) { return p->object.meta.deletion_timestamp != SIM_NEVER; }
static bool runs_and_is_ready(const struct pod *p) { return in_phase(p, "Running") && pod_is_ready(p); }

static bool is_available(const struct sts_sync *s, const struct pod *p)
{
    return pod_is_available(p, s->set->spec.min_ready_seconds, s->facts->now);
}

/* isUnavailable; before 1.34 isHealthy, which does not ask for how long it has been ready. */
static bool is_missed(const struct sts_sync *s, const struct sts_pod *p)
{
    if (!p->exists || is_going(p->pod))
        return true;
    return feature_on(s->facts->features, FEATURE_STATEFUL_AVAILABILITY) ? !is_available(s, p->pod)
                                                                         : !runs_and_is_ready(p->pod);
}

/* ---- revisions: getStatefulSetRevisions ---- */

static void find_revisions(struct sts_sync *s)
{
    const struct revision_list *all = &s->facts->revisions;
    const struct pod_template *now = &s->set->spec.template_;
    const struct controller_revision *equal = history_find(all, now);
    int64_t next = history_next_number(all);
    if (equal && history_equal(all->items[all->count - 1], now)) {
        s->update = all->items[all->count - 1];
    } else if (equal) {
        s->update = equal;
        sts_step(s, STS_RENUMBER, 0, &equal->object)->number = next;
    } else {
        const char *hash = history_hash(s->keep, now, s->facts->features, s->facts->collisions);
        s->update = history_new(s->keep, &s->set->object, now, next, REVISION_HASH_LABEL, hash);
        sts_step(s, STS_NEW_REVISION, 0, &s->update->object);
    }
    s->current = history_named(all, s->set->status.current_revision);
    if (!s->current)
        s->current = s->update;
}

/* truncateHistory: what nobody uses any more goes, the oldest first. */
static void truncate_history(struct sts_sync *s)
{
    const struct revision_list *all = &s->facts->revisions;
    const struct controller_revision **unused =
        arena_array(s->scratch, const struct controller_revision *, all->count + 1);
    int64_t n = 0, limit = s->set->spec.revision_history_limit.value;
    for (uint32_t i = 0; i < all->count; i++) {
        const struct controller_revision *r = all->items[i];
        bool live = r == s->current || r == s->update;
        for (uint32_t k = 0; k < s->facts->pods.count && !live; k++)
            live = strcmp(sts_pod_revision(s->facts->pods.items[k]), r->object.meta.name) == 0;
        if (!live)
            unused[n++] = r;
    }
    for (int64_t i = 0; limit >= 0 && i < n - limit; i++)
        sts_step(s, STS_DELETE_REVISION, 0, &unused[i]->object)->after_failure = true;
}

/* ---- status ---- */

static struct stateful_set_status count_pods(const struct sts_sync *s)
{
    const char *current = s->current->object.meta.name, *update = s->update->object.meta.name;
    struct stateful_set_status st = {.observed_generation = s->set->object.meta.generation,
                                     .current_revision = current,
                                     .update_revision = update,
                                     .collision_count = {s->facts->collisions, true}};
    for (uint32_t i = 0; i < s->facts->pods.count; i++) {
        const struct pod *p = s->facts->pods.items[i];
        bool there = p->status.phase && *p->status.phase;
        st.replicas += there;
        st.ready_replicas += runs_and_is_ready(p);
        st.available_replicas += runs_and_is_ready(p) && is_available(s, p);
        st.current_replicas += there && !is_going(p) && strcmp(sts_pod_revision(p), current) == 0;
        st.updated_replicas += there && !is_going(p) && strcmp(sts_pod_revision(p), update) == 0;
    }
    return st;
}

/* completeRollingUpdate */
static void complete_update(const struct stateful_set *set, struct stateful_set_status *st)
{
    int64_t wanted = set->spec.replicas.value;
    if (!text_is(set->spec.update_strategy.type, "RollingUpdate") || st->updated_replicas != wanted ||
        st->ready_replicas != wanted || st->replicas != wanted)
        return;
    st->current_replicas = st->updated_replicas;
    st->current_revision = st->update_revision;
}

/* inconsistentStatus */
static bool status_differs(const struct stateful_set_status *a, const struct stateful_set_status *b)
{
    return a->observed_generation > b->observed_generation || a->replicas != b->replicas ||
           a->current_replicas != b->current_replicas || a->ready_replicas != b->ready_replicas ||
           a->updated_replicas != b->updated_replicas || a->available_replicas != b->available_replicas ||
           !text_same(a->current_revision, b->current_revision) || !text_same(a->update_revision, b->update_revision);
}

static void write_status(struct sts_sync *s, struct stateful_set_status *st)
{
    complete_update(s->set, st);
    if (!status_differs(st, &s->set->status))
        return;
    struct sts_step *step = sts_step(s, STS_STATUS, 0, &s->set->object);
    step->status = *st;
    step->after_failure = true;
}

/* ---- wanted pods and those that are too many ---- */

static int by_falling_ordinal(const void *a, const void *b)
{
    int64_t x = ((const struct sts_pod *)a)->ordinal, y = ((const struct sts_pod *)b)->ordinal;
    return (x < y) - (x > y);
}

static void split_pods(struct sts_sync *s)
{
    uint32_t wanted = (uint32_t)s->set->spec.replicas.value;
    s->replicas = (struct sts_pods){arena_array(s->scratch, struct sts_pod, wanted + 1), wanted};
    s->condemned.items = arena_array(s->scratch, struct sts_pod, s->facts->pods.count + 1);
    for (uint32_t i = 0; i < s->facts->pods.count; i++) {
        const struct pod *p = s->facts->pods.items[i];
        struct sts_pod one = {p, sts_ordinal_of(s->set, p), true};
        if (sts_in_range(s->set, one.ordinal))
            s->replicas.items[one.ordinal - sts_start(s->set)] = one;
        else if (one.ordinal >= 0)
            s->condemned.items[s->condemned.count++] = one;
    }
    for (uint32_t i = 0; i < wanted; i++)
        if (!s->replicas.items[i].exists)
            s->replicas.items[i].ordinal = sts_start(s->set) + i;
    qsort(s->condemned.items, s->condemned.count, sizeof *s->condemned.items, by_falling_ordinal);
}

/* Made only where it is created: its object is of no use to anybody else. */
static const struct pod *pod_of(struct sts_sync *s, struct sts_pod *p)
{
    if (!p->pod)
        p->pod = sts_make_pod(s, p->ordinal);
    return p->pod;
}

enum { ENDED_GOING, ENDED, STALE_CLAIM, MISSING, GOING, NOT_READY, NOT_AVAILABLE, NOT_AS_IT_SHOULD, FINE };
COVER_TABLE(stateful_replica, "what a StatefulSet does about a pod that it wants", "it has ended and goes: waits",
            "it has ended: deleted", "not there, its claim is still a former pod's: waits", "not there: created",
            "goes: those after it wait", "not running and ready: those after it wait",
            "not ready for long enough: those after it wait", "its labels, volumes or claims are mended", "nothing");

static int replica_row(struct sts_sync *s, struct sts_pod *p, bool ordered)
{
    if (!p->exists)
        return pod_of(s, p) && sts_claim_is_stale(s, p) ? STALE_CLAIM : MISSING;
    if (in_phase(p->pod, "Failed") || in_phase(p->pod, "Succeeded"))
        return is_going(p->pod) ? ENDED_GOING : ENDED;
    if (ordered && is_going(p->pod))
        return GOING;
    if (ordered && !runs_and_is_ready(p->pod))
        return NOT_READY;
    if (ordered && !is_available(s, p->pod))
        return NOT_AVAILABLE;
    return sts_pod_is_as_it_should(s->set, p->pod) && sts_claims_match_policy(s, p) ? FINE : NOT_AS_IT_SHOULD;
}

/* processReplica. True: in order, nothing after it is looked at. */
static bool process_replica(struct sts_sync *s, struct sts_pod *p, bool ordered)
{
    int row = replica_row(s, p, ordered);
    COVER(stateful_replica, row);
    if (row == MISSING) {
        sts_create_claims(s, p);
        sts_step(s, STS_NEW_POD, STAGE_PODS, &p->pod->object);
        sts_apply_policy(s, p, STAGE_OWNERS);
    } else if (row == ENDED) {
        sts_step(s, STS_DELETE_POD, STAGE_PODS, &p->pod->object);
    } else if (p->exists && in_phase(p->pod, "Pending")) { /* createMissingPersistentVolumeClaims */
        sts_create_claims(s, p);
        sts_apply_policy(s, p, STAGE_OWNERS);
    }
    if (row == NOT_AS_IT_SHOULD) {
        sts_create_claims(s, p);
        sts_apply_policy(s, p, STAGE_PODS - MAX_BATCH);
        sts_step(s, STS_MEND_POD, STAGE_PODS, &p->pod->object);
    }
    return row < NOT_AS_IT_SHOULD;
}

enum { CONDEMNED_GOING, CONDEMNED_SKIPPED, CONDEMNED_WAITS, CONDEMNED_DELETED };
COVER_TABLE(stateful_condemned, "what a StatefulSet does about a pod that is too many", "goes: the next waits",
            "goes: the next is looked at", "another is not available: waits", "deleted");

/* processCondemned. first: the first of all that is missed. */
static bool process_condemned(struct sts_sync *s, struct sts_pod *p, const struct sts_pod *first, bool ordered)
{
    bool good = runs_and_is_ready(p->pod) && is_available(s, p->pod);
    int row = is_going(p->pod)                 ? (ordered ? CONDEMNED_GOING : CONDEMNED_SKIPPED)
              : ordered && !good && p != first ? CONDEMNED_WAITS
                                               : CONDEMNED_DELETED;
    COVER(stateful_condemned, row);
    if (row == CONDEMNED_DELETED)
        sts_step(s, STS_DELETE_POD, STAGE_PODS, &p->pod->object);
    return row != CONDEMNED_SKIPPED;
}

/* The first that is missed: wanted ones upwards, then those that are too many, upwards, too. */
static const struct sts_pod *first_missed(const struct sts_sync *s)
{
    for (uint32_t i = 0; i < s->replicas.count; i++)
        if (is_missed(s, &s->replicas.items[i]))
            return &s->replicas.items[i];
    for (uint32_t i = s->condemned.count; i-- > 0;)
        if (is_missed(s, &s->condemned.items[i]))
            return &s->condemned.items[i];
    return NULL;
}

/* ---- one after the other, or in batches: runForAll ---- */

static int by_stage(const void *a, const void *b)
{
    const struct sts_step *x = a, *y = b;
    if (x->stage != y->stage)
        return x->stage < y->stage ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

/* Steps of one batch are done stage by stage. */
static void close_batch(struct sts_sync *s, uint32_t from)
{
    struct pool *steps = &s->plan->steps;
    uint32_t n = steps->count - from;
    struct sts_step *batch = arena_array(s->scratch, struct sts_step, n + 1);
    for (uint32_t i = 0; i < n; i++) {
        batch[i] = *(struct sts_step *)pool_at(steps, from + i);
        batch[i].number = i;
    }
    qsort(batch, n, sizeof *batch, by_stage);
    for (uint32_t i = 0; i < n; i++) {
        batch[i].first_of_batch = i == 0 || batch[i].stage != batch[i - 1].stage;
        *(struct sts_step *)pool_at(steps, from + i) = batch[i];
    }
}

enum work { ON_REPLICAS, ON_CLAIMS, ON_CONDEMNED };

static bool work_on(struct sts_sync *s, enum work work, uint32_t i, const struct sts_pod *first, bool ordered)
{
    if (work == ON_REPLICAS)
        return process_replica(s, &s->replicas.items[i], ordered);
    if (work == ON_CONDEMNED)
        return process_condemned(s, &s->condemned.items[i], first, ordered);
    if (!sts_claims_match_policy(s, &s->condemned.items[i]))
        sts_apply_policy(s, &s->condemned.items[i], STAGE_OWNERS);
    return false;
}

/* True: nothing more is done in this sync. */
static bool run_for_all(struct sts_sync *s, enum work work, const struct sts_pod *first, bool ordered)
{
    uint32_t n = work == ON_REPLICAS ? s->replicas.count : s->condemned.count, done = 0;
    for (int64_t size = 1; done < n; size = ordered ? 1 : size < MAX_BATCH / 2 ? 2 * size : MAX_BATCH) {
        uint32_t from = s->plan->steps.count;
        bool stop = false;
        for (int64_t i = 0; i < size && done < n && !stop; i++)
            stop = work_on(s, work, done++, first, ordered) && ordered;
        close_batch(s, from);
        if (stop)
            return true;
    }
    return false;
}

/* ---- rolling update ---- */

enum { KEEPS, OLD_DELETED, WAITS_FOR_NEW, ALL_NEW };
COVER_TABLE(stateful_update, "how a StatefulSet gets to its update revision", "OnDelete: by itself not at all",
            "the highest old pod: deleted", "one that is not available is waited for",
            "all from the partition on are new");

static bool is_old(const struct sts_sync *s, const struct sts_pod *p)
{
    return p->exists && !is_going(p->pod) && strcmp(sts_pod_revision(p->pod), s->update->object.meta.name) != 0;
}

static void delete_old(struct sts_sync *s, const struct sts_pod *p, struct stateful_set_status *st)
{
    COVER(stateful_update, OLD_DELETED);
    sts_step(s, STS_DELETE_POD, STAGE_PODS, &p->pod->object);
    st->current_replicas--;
}

static int64_t partition_of(const struct stateful_set *set)
{
    const struct rolling_update_stateful_set *r = set->spec.update_strategy.rolling_update;
    return r ? r->partition.value : 0;
}

/* updateStatefulSetAfterInvariantEstablished: several at once. */
static void update_several(struct sts_sync *s, struct stateful_set_status *st)
{
    const struct rolling_update_stateful_set *r = s->set->spec.update_strategy.rolling_update;
    int64_t most =
        r && r->max_unavailable.set ? scaled_value(&r->max_unavailable, s->set->spec.replicas.value, false) : 1;
    int64_t room = most < 1 ? 1 : most;
    for (uint32_t i = 0; i < s->replicas.count; i++)
        room -= is_missed(s, &s->replicas.items[i]);
    COVER(stateful_update, room > 0 ? ALL_NEW : WAITS_FOR_NEW);
    for (int64_t i = (int64_t)s->replicas.count - 1; i >= partition_of(s->set) && room > 0; i--)
        if (is_old(s, &s->replicas.items[i])) {
            delete_old(s, &s->replicas.items[i], st);
            room--;
        }
}

static void update_pods(struct sts_sync *s, struct stateful_set_status *st)
{
    if (text_is(s->set->spec.update_strategy.type, "OnDelete")) {
        COVER(stateful_update, KEEPS);
        return;
    }
    if (feature_on(s->facts->features, FEATURE_MAX_UNAVAILABLE_STATEFUL_SET)) {
        update_several(s, st);
        return;
    }
    for (int64_t i = (int64_t)s->replicas.count - 1; i >= partition_of(s->set); i--) {
        const struct sts_pod *p = &s->replicas.items[i];
        if (is_old(s, p)) {
            delete_old(s, p, st);
            return;
        }
        if (is_missed(s, p)) {
            COVER(stateful_update, WAITS_FOR_NEW);
            return;
        }
    }
    COVER(stateful_update, ALL_NEW);
}

/* ---- one sync ---- */

/* updateStatefulSet, up to the status. */
static void update_set(struct sts_sync *s, struct stateful_set_status *st)
{
    bool ordered = !text_is(s->set->spec.pod_management_policy, "Parallel");
    if (s->set->object.meta.deletion_timestamp != SIM_NEVER)
        return;
    split_pods(s);
    const struct sts_pod *first = first_missed(s);
    if (!run_for_all(s, ON_REPLICAS, first, ordered) && !run_for_all(s, ON_CLAIMS, first, ordered) &&
        !run_for_all(s, ON_CONDEMNED, first, ordered))
        update_pods(s, st);
}

static sim_time next_check(const struct sts_facts *f, const struct stateful_set_status *st)
{
    const struct stateful_set *set = f->set;
    sim_time wait = set->spec.min_ready_seconds * SIM_SECOND,
             exact = pods_next_available(&f->pods, set->spec.min_ready_seconds, f->now);
    if (wait == 0)
        return SIM_NEVER;
    if (!feature_on(f->features, FEATURE_EXACT_STATEFUL_CHECK))
        return st->available_replicas != set->spec.replicas.value ? wait : SIM_NEVER;
    if (st->ready_replicas == st->available_replicas)
        return SIM_NEVER;
    return exact != SIM_NEVER ? exact : wait;
}

void sts_decide(struct arena *keep, struct arena *scratch, const struct sts_facts *facts, struct sts_plan *ret_plan)
{
    struct sts_sync s = {.keep = keep, .scratch = scratch, .facts = facts, .set = facts->set, .plan = ret_plan};
    *ret_plan = (struct sts_plan){.recheck = SIM_NEVER};
    pool_init(&ret_plan->steps, scratch, sizeof(struct sts_step));
    find_revisions(&s);
    struct stateful_set_status st = count_pods(&s);
    update_set(&s, &st);
    write_status(&s, &st);
    truncate_history(&s);
    ret_plan->recheck = next_check(facts, &st);
}
