/* daemonset.c - see daemonset.h.
 *
 * Left out on purpose: several revisions that restore the same template (dedupCurHistories). k8s-order: nodes are in
 * the order of their creation; a real lister gives them in that of a Go map.
 */
#include "model/daemonset.h"

#include <stdlib.h>
#include <string.h>

#include "model/deployment.h"
#include "model/endpoint_tracker.h"
#include "sim/cover.h"

/* k8s daemon_controller.go BurstReplicas: pods that one sync creates or deletes. */
enum { BURST_REPLICAS = 250 };

static bool is_going(const struct pod *p) { return p->object.meta.deletion_timestamp != SIM_NEVER; }
static bool in_phase(const struct pod *p, const char *phase) { return text_is(p->status.phase, phase); }
static bool has_ended(const struct pod *p) { return in_phase(p, "Failed") || in_phase(p, "Succeeded"); }

bool ds_is_available(const struct ds_sync *s, const struct pod *p)
{
    return pod_is_available(p, s->set->spec.min_ready_seconds, s->facts->now);
}

bool ds_allows_surge(const struct daemon_set *set)
{
    const struct rolling_update_deployment *r = set->spec.update_strategy.rolling_update;
    return text_is(set->spec.update_strategy.type, "RollingUpdate") && r && scaled_value(&r->max_surge, 100, true) > 0;
}

void ds_remove(struct ds_sync *s, const struct pod *p)
{
    if (s->plan->remove.count < BURST_REPLICAS)
        s->plan->remove.items[s->plan->remove.count++] = p;
}

void ds_create(struct ds_sync *s, const struct node *n)
{
    if (s->plan->create.count < BURST_REPLICAS)
        s->plan->create.items[s->plan->create.count++] = n;
}

/* ---- pods by node: getNodesToDaemonPods ---- */

struct slot {
    const char *name;
    uint32_t node; /* index + 1 */
};
struct names {
    struct slot *slots;
    uint32_t size; /* a power of two */
};

static struct slot *slot_of(const struct names *n, const char *name)
{
    uint32_t i = text_hash(TEXT_HASH, name);
    while (n->slots[i & (n->size - 1)].name && strcmp(n->slots[i & (n->size - 1)].name, name) != 0)
        i++;
    return &n->slots[i & (n->size - 1)];
}

/* podByCreationTimestampAndPhase */
static int by_age(const void *a, const void *b)
{
    const struct pod *x = *(const struct pod *const *)a, *y = *(const struct pod *const *)b;
    bool x_bound = x->spec.node_name && *x->spec.node_name, y_bound = y->spec.node_name && *y->spec.node_name;
    if (x_bound != y_bound)
        return x_bound ? -1 : 1;
    if (x->object.meta.creation_timestamp != y->object.meta.creation_timestamp)
        return x->object.meta.creation_timestamp < y->object.meta.creation_timestamp ? -1 : 1;
    return strcmp(x->object.meta.name, y->object.meta.name);
}

static struct ds_node *node_named(struct ds_sync *s, const struct names *names, const char *name)
{
    struct slot *slot = slot_of(names, name);
    if (!slot->node) {
        slot->name = name;
        slot->node = ++s->node_count;
    }
    return &s->nodes[slot->node - 1];
}

static bool counts(const struct pod *p) { return !(has_ended(p) && is_going(p)) && *ds_target_node(p); }

/* Nodes first, in order; then those that are no more, of which there are pods. */
static void group_pods(struct ds_sync *s)
{
    const struct ds_facts *f = s->facts;
    uint32_t most = f->nodes.count + f->pods.count;
    struct names names = {.size = 16};
    struct pod_spec spec = ds_spec_of_pods(s->scratch, s->set);
    while (names.size < 2 * most)
        names.size *= 2;
    names.slots = arena_array(s->scratch, struct slot, names.size);
    s->nodes = arena_array(s->scratch, struct ds_node, most + 1);
    for (uint32_t i = 0; i < f->nodes.count; i++) {
        struct ds_node *n = node_named(s, &names, f->nodes.items[i]->object.meta.name);
        n->node = f->nodes.items[i];
        n->should = ds_should_run(&spec, n->node);
    }
    for (uint32_t i = 0; i < f->pods.count; i++)
        if (counts(f->pods.items[i]))
            node_named(s, &names, ds_target_node(f->pods.items[i]))->pods.count++;
    for (uint32_t i = 0; i < s->node_count; i++) {
        s->nodes[i].pods.items = arena_array(s->scratch, const struct pod *, s->nodes[i].pods.count + 1);
        s->nodes[i].pods.count = 0;
    }
    for (uint32_t i = 0; i < f->pods.count; i++) {
        if (!counts(f->pods.items[i]))
            continue;
        struct ds_pods *list = &node_named(s, &names, ds_target_node(f->pods.items[i]))->pods;
        list->items[list->count++] = f->pods.items[i];
    }
    for (uint32_t i = 0; i < s->node_count; i++)
        if (s->nodes[i].pods.count > 1)
            qsort(s->nodes[i].pods.items, s->nodes[i].pods.count, sizeof *s->nodes[i].pods.items, by_age);
}

/* ---- revisions: constructHistory, cleanupHistory ---- */

static void find_revision(struct ds_sync *s)
{
    const struct revision_list *all = &s->facts->revisions;
    struct ds_plan *p = s->plan;
    int64_t number = 1;
    p->current = history_find(all, &s->set->spec.template_);
    for (uint32_t i = 0; i < all->count; i++)
        if (all->items[i] != p->current && all->items[i]->revision >= number)
            number = all->items[i]->revision + 1;
    if (!p->current) {
        const char *hash = s->facts->hash
                               ? s->facts->hash
                               : template_hash(s->keep, &s->set->spec.template_, &s->set->status.collision_count);
        p->current = history_new(s->keep, &s->set->object, &s->set->spec.template_, number, POD_REVISION_LABEL, hash);
        p->is_new_revision = true;
    } else if (p->current->revision < number) {
        p->renumber = number;
    }
    p->hash = str_map_get(&p->current->object.meta.labels, POD_REVISION_LABEL);
    if (!p->hash)
        p->hash = p->current->object.meta.name;
}

static bool has_pods(const struct ds_sync *s, const struct controller_revision *r)
{
    const char *hash = str_map_get(&r->object.meta.labels, POD_REVISION_LABEL);
    for (uint32_t i = 0; hash && i < s->facts->pods.count; i++) {
        const char *has = str_map_get(&s->facts->pods.items[i]->object.meta.labels, POD_REVISION_LABEL);
        if (has && strcmp(has, hash) == 0)
            return true;
    }
    return false;
}

static void forget_history(struct ds_sync *s)
{
    const struct revision_list *all = &s->facts->revisions;
    int64_t old = (int64_t)all->count - !s->plan->is_new_revision,
            surplus = old - s->set->spec.revision_history_limit.value;
    s->plan->forget.items = arena_array(s->keep, const struct controller_revision *, all->count + 1);
    for (uint32_t i = 0; i < all->count && surplus > 0; i++) {
        if (all->items[i] == s->plan->current || has_pods(s, all->items[i]))
            continue;
        s->plan->forget.items[s->plan->forget.count++] = all->items[i];
        surplus--;
    }
}

/* ---- one node: podsShouldBeOnNode ---- */

enum { MISSING, KEPT, SURPLUS, SURGES, NOT_WANTED, NOTHING };
COVER_TABLE(daemon_manage, "what a DaemonSet does on a node", "none there: created", "one: stays",
            "several: the oldest stays", "several, with surge: one old and one new stay", "not wanted: deleted",
            "not wanted, none there: nothing");

enum { ENDED_FAILED, ENDED_WAITS, ENDED_SUCCEEDED };
COVER_TABLE(daemon_ended, "a daemon pod that has ended", "Failed: deleted", "Failed again, too soon: left for a while",
            "Succeeded: deleted");

/* Pods that have ended are deleted; what is left goes to `ret_running`. */
static void clear_ended(struct ds_sync *s, const struct ds_node *n, struct ds_pods *ret_running)
{
    ret_running->items = arena_array(s->scratch, const struct pod *, n->pods.count + 1);
    for (uint32_t i = 0; i < n->pods.count; i++) {
        const struct pod *p = n->pods.items[i];
        if (is_going(p))
            continue;
        if (!has_ended(p)) {
            ret_running->items[ret_running->count++] = p;
            continue;
        }
        bool failed = in_phase(p, "Failed");
        sim_time wait = failed ? s->facts->failed_wait(s->facts->ctx, n->node->object.meta.name) : 0;
        COVER(daemon_ended, !failed ? ENDED_SUCCEEDED : wait ? ENDED_WAITS : ENDED_FAILED);
        if (wait) {
            s->plan->retry = s->plan->retry == SIM_NEVER || wait < s->plan->retry ? wait : s->plan->retry;
            continue;
        }
        struct ds_pods *told = failed ? &s->plan->failed : &s->plan->succeeded;
        told->items[told->count++] = p;
        ds_remove(s, p);
    }
}

/* The oldest new one and the oldest old one stay, until the new one is available or the old one is not ready. */
static void keep_two(struct ds_sync *s, const struct ds_pods *running)
{
    const struct pod *new_pod = NULL, *old_pod = NULL;
    for (uint32_t i = 0; i < running->count; i++) {
        const char *hash = str_map_get(&running->items[i]->object.meta.labels, POD_REVISION_LABEL);
        const struct pod **kept = hash && strcmp(hash, s->plan->hash) == 0 ? &new_pod : &old_pod;
        if (*kept)
            ds_remove(s, running->items[i]);
        else
            *kept = running->items[i];
    }
    if (new_pod && old_pod && (!pod_is_ready(old_pod) || ds_is_available(s, new_pod)))
        ds_remove(s, old_pod);
}

static int manage_node(struct ds_sync *s, const struct ds_node *n)
{
    struct ds_pods running = {0};
    if (n->should.run && n->pods.count == 0) {
        ds_create(s, n->node);
        return MISSING;
    }
    if (!n->should.go_on) {
        for (uint32_t i = 0; i < n->pods.count; i++)
            if (!is_going(n->pods.items[i]))
                ds_remove(s, n->pods.items[i]);
        return n->pods.count ? NOT_WANTED : NOTHING;
    }
    clear_ended(s, n, &running);
    if (running.count > 1 && ds_allows_surge(s->set)) {
        keep_two(s, &running);
        return SURGES;
    }
    for (uint32_t i = 1; i < running.count; i++)
        ds_remove(s, running.items[i]);
    if (running.count == 0 && ds_allows_surge(s->set) && n->should.run)
        ds_create(s, n->node);
    return running.count > 1 ? SURPLUS : KEPT;
}

static void manage(struct ds_sync *s)
{
    for (uint32_t i = 0; i < s->node_count; i++) {
        const struct ds_node *n = &s->nodes[i];
        if (n->node) {
            int row = manage_node(s, n);
            COVER(daemon_manage, row);
            continue;
        }
        for (uint32_t k = 0; k < n->pods.count; k++) /* getUnscheduledPodsWithoutNode */
            if (!n->pods.items[k]->spec.node_name || !*n->pods.items[k]->spec.node_name)
                ds_remove(s, n->pods.items[k]);
    }
}

/* ---- status: updateDaemonSetStatus ---- */

static struct daemon_set_status count_pods(const struct ds_sync *s)
{
    struct daemon_set_status st = s->set->status;
    st.desired_number_scheduled = st.current_number_scheduled = st.number_misscheduled = st.number_ready = 0;
    st.updated_number_scheduled = st.number_available = 0;
    for (uint32_t i = 0; i < s->node_count; i++) {
        const struct ds_node *n = &s->nodes[i];
        const struct pod *p = n->pods.count ? n->pods.items[0] : NULL;
        if (!n->node)
            continue;
        if (!n->should.run) {
            st.number_misscheduled += p != NULL;
            continue;
        }
        st.desired_number_scheduled++;
        if (!p)
            continue;
        st.current_number_scheduled++;
        st.number_ready += pod_is_ready(p);
        st.number_available += pod_is_ready(p) && ds_is_available(s, p);
        st.updated_number_scheduled += ds_pod_is_new(s->set, p, s->plan->hash);
    }
    st.number_unavailable = st.desired_number_scheduled - st.number_available;
    if (s->facts->in_sync)
        st.observed_generation = s->set->object.meta.generation;
    return st;
}

static bool status_differs(const struct daemon_set *set, const struct daemon_set_status *a)
{
    const struct daemon_set_status *b = &set->status;
    return a->desired_number_scheduled != b->desired_number_scheduled ||
           a->current_number_scheduled != b->current_number_scheduled ||
           a->number_misscheduled != b->number_misscheduled || a->number_ready != b->number_ready ||
           a->updated_number_scheduled != b->updated_number_scheduled || a->number_available != b->number_available ||
           a->number_unavailable != b->number_unavailable || b->observed_generation < set->object.meta.generation;
}

/* ---- one sync: syncDaemonSet ---- */

void ds_decide(struct arena *keep, struct arena *scratch, const struct ds_facts *f, struct ds_plan *plan)
{
    struct ds_sync s = {.keep = keep, .scratch = scratch, .facts = f, .set = f->set, .plan = plan};
    *plan = (struct ds_plan){.retry = SIM_NEVER, .recheck = SIM_NEVER};
    plan->create.items = arena_array(scratch, const struct node *, BURST_REPLICAS);
    plan->remove.items = arena_array(scratch, const struct pod *, BURST_REPLICAS);
    plan->failed.items = arena_array(scratch, const struct pod *, f->pods.count + 1);
    plan->succeeded.items = arena_array(scratch, const struct pod *, f->pods.count + 1);
    find_revision(&s);
    group_pods(&s);
    if (f->in_sync) {
        manage(&s);
        if (plan->create.count == 0 && plan->remove.count == 0) {
            if (text_is(s.set->spec.update_strategy.type, "RollingUpdate"))
                ds_rolling_update(&s);
            forget_history(&s);
        }
    }
    plan->status = count_pods(&s);
    plan->status_changed = status_differs(s.set, &plan->status);
    if (s.set->spec.min_ready_seconds > 0 && plan->status.number_ready != plan->status.number_available)
        plan->recheck = s.set->spec.min_ready_seconds * SIM_SECOND;
}
