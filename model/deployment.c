/* deployment.c - see deployment.h: what is scaled when.
 *
 * Left out on purpose: a selector that matches everything (the API server refuses it); the deprecated rollback by
 * annotation (kubectl rollout undo writes the template).
 */
#include "model/deployment.h"

#include <stdlib.h>
#include <string.h>

#include "sim/cover.h"

/* ---- arithmetic ---- */

static bool is_rolling(const struct deployment *d) { return text_is(d->spec.strategy.type, "RollingUpdate"); }

int64_t deployment_max_surge(const struct deployment *d)
{
    return is_rolling(d) ? scaled_value(&d->spec.strategy.rolling_update->max_surge, d->spec.replicas.value, true) : 0;
}

/* k8s ResolveFenceposts: both cannot be 0; MaxUnavailable. */
int64_t deployment_max_unavailable(const struct deployment *d)
{
    int64_t wanted = d->spec.replicas.value;
    if (!is_rolling(d) || wanted == 0)
        return 0;
    int64_t unavailable = scaled_value(&d->spec.strategy.rolling_update->max_unavailable, wanted, false);
    if (unavailable == 0 && deployment_max_surge(d) == 0)
        unavailable = 1;
    return unavailable < wanted ? unavailable : wanted;
}

bool deployment_has_deadline(const struct deployment *d)
{
    return d->spec.progress_deadline_seconds.set && d->spec.progress_deadline_seconds.value != INT32_MAX;
}

int64_t total_replicas(const struct rs_views *sets)
{
    int64_t total = 0;
    for (uint32_t i = 0; i < sets->count; i++)
        total += sets->items[i]->replicas;
    return total;
}

/* k8s NewRSNewReplicas; `total`: of all sets, the new one included. */
int64_t replicas_for_new_set(const struct deployment_sync *s, const struct rs_view *new_set, int64_t total)
{
    int64_t wanted = s->d.spec.replicas.value, most = wanted + deployment_max_surge(&s->d);
    if (!is_rolling(&s->d))
        return wanted;
    if (total >= most)
        return new_set->replicas;
    int64_t room = most - total, missing = wanted - new_set->replicas;
    return new_set->replicas + (room < missing ? room : missing);
}

/* ---- steps ---- */

struct deployment_step *plan_step(struct deployment_sync *s, enum deployment_write write)
{
    struct deployment_step *step = pool_at(&s->plan->steps, pool_add(&s->plan->steps));
    step->write = write;
    return step;
}

void write_deployment_status(struct deployment_sync *s)
{
    struct deployment_step *step = plan_step(s, WRITE_STATUS);
    step->status = s->d.status;
    step->annotations = s->d.object.meta.annotations;
}

/* k8s scaleReplicaSet. True when its size changes. */
static bool scale_set(struct deployment_sync *s, struct rs_view *v, int64_t size, bool annotations_too)
{
    if (v->replicas == size && !annotations_too)
        return false;
    int64_t wanted = s->d.spec.replicas.value;
    const char *desired = arena_printf(s->keep, "%" PRId64, wanted);
    const char *most = arena_printf(s->keep, "%" PRId64, wanted + deployment_max_surge(&s->d));
    bool said = text_is(str_map_get(&v->annotations, DESIRED_ANNOTATION), desired) &&
                text_is(str_map_get(&v->annotations, MAX_ANNOTATION), most);
    if (v->replicas == size && said)
        return false;
    str_map annotations = map_with(s->keep, &v->annotations, DESIRED_ANNOTATION, desired);
    annotations = map_with(s->keep, &annotations, MAX_ANNOTATION, most);
    struct deployment_step *step = plan_step(s, WRITE_SET);
    *step =
        (struct deployment_step){.write = WRITE_SET,
                                 .set = v->rs,
                                 .annotations = annotations,
                                 .from = v->replicas,
                                 .to = size,
                                 .min_ready_seconds = v->written && v == s->new_set ? s->d.spec.min_ready_seconds
                                                                                    : v->rs->spec.min_ready_seconds};
    bool scaled = v->replicas != size;
    v->replicas = size;
    v->annotations = annotations;
    v->written = true;
    return scaled;
}

/* k8s cleanupDeployment: old sets beyond the limit go, the lowest revisions first. */
static int by_revision(const void *a, const void *b)
{
    const struct rs_view *x = *(struct rs_view *const *)a, *y = *(struct rs_view *const *)b;
    int64_t p = revision_of(&x->rs->object), q = revision_of(&y->rs->object);
    if (p != q)
        return p < q ? -1 : 1;
    const struct object_meta *m = &x->rs->object.meta, *n = &y->rs->object.meta;
    if (m->creation_timestamp != n->creation_timestamp)
        return m->creation_timestamp < n->creation_timestamp ? -1 : 1;
    return strcmp(m->name, n->name);
}

static void clean_up(struct deployment_sync *s)
{
    const struct opt_i64 *limit = &s->d.spec.revision_history_limit;
    if (!limit->set || limit->value == INT32_MAX)
        return;
    struct rs_views alive = {arena_array(s->scratch, struct rs_view *, s->old.count + 1), 0};
    for (uint32_t i = 0; i < s->old.count; i++)
        if (s->old.items[i]->rs->object.meta.deletion_timestamp == SIM_NEVER)
            alive.items[alive.count++] = s->old.items[i];
    int64_t surplus = (int64_t)alive.count - limit->value;
    qsort(alive.items, alive.count, sizeof *alive.items, by_revision);
    for (int64_t i = 0; i < surplus; i++) {
        const struct replica_set *rs = alive.items[i]->rs;
        bool used = rs->status.replicas != 0 || rs->spec.replicas.value != 0 ||
                    rs->object.meta.generation > rs->status.observed_generation;
        if (!used)
            plan_step(s, WRITE_OLD_SET)->set = rs;
    }
}

/* ---- rolling update: rolling.go ---- */

static bool reconcile_new_set(struct deployment_sync *s)
{
    struct rs_view *v = s->new_set;
    int64_t wanted = s->d.spec.replicas.value;
    if (v->replicas == wanted)
        return false;
    int64_t size = v->replicas > wanted ? wanted : replicas_for_new_set(s, v, total_replicas(&s->all));
    return scale_set(s, v, size, false);
}

static int64_t at_most(int64_t a, int64_t b) { return a < b ? a : b; }

/* Pods of old sets that are not available go first. -1: what a set says of itself cannot be. */
static int64_t clean_unhealthy(struct deployment_sync *s, int64_t budget)
{
    int64_t removed = 0;
    for (uint32_t i = 0; i < s->old.count && removed < budget; i++) {
        struct rs_view *v = s->old.items[i];
        int64_t unhealthy = v->replicas - v->rs->status.available_replicas;
        if (v->replicas == 0 || unhealthy == 0)
            continue;
        int64_t less = at_most(budget - removed, unhealthy);
        if (less < 0)
            return -1;
        scale_set(s, v, v->replicas - less, false);
        removed += less;
    }
    return removed;
}

static int64_t scale_down_healthy(struct deployment_sync *s, int64_t least)
{
    int64_t available = 0, removed = 0;
    for (uint32_t i = 0; i < s->all.count; i++)
        available += s->all.items[i]->rs->status.available_replicas;
    int64_t budget = available - least;
    for (uint32_t i = 0; i < s->old.count && removed < budget; i++) {
        struct rs_view *v = s->old.items[i];
        if (v->replicas == 0)
            continue;
        int64_t less = at_most(v->replicas, budget - removed);
        scale_set(s, v, v->replicas - less, false);
        removed += less;
    }
    return removed;
}

static bool reconcile_old_sets(struct deployment_sync *s)
{
    if (total_replicas(&s->old) == 0)
        return false;
    int64_t least = s->d.spec.replicas.value - deployment_max_unavailable(&s->d);
    int64_t new_missing = s->new_set->replicas - s->new_set->rs->status.available_replicas;
    int64_t budget = total_replicas(&s->all) - least - new_missing;
    if (budget <= 0)
        return false;
    int64_t unhealthy = clean_unhealthy(s, budget);
    if (unhealthy < 0)
        return false;
    return unhealthy + scale_down_healthy(s, least) > 0;
}

enum { ROLL_UP, ROLL_DOWN, ROLL_COMPLETE, ROLL_WAIT };
COVER_TABLE(rolling_update, "what a rolling update does next", "the new set grows, or shrinks to what is wanted",
            "old sets shrink", "complete: old sets beyond the limit go", "it waits");

static void roll(struct deployment_sync *s)
{
    sync_revision(s, true);
    if (reconcile_new_set(s)) {
        COVER(rolling_update, ROLL_UP);
    } else if (reconcile_old_sets(s)) {
        COVER(rolling_update, ROLL_DOWN);
    } else if (deployment_is_complete(&s->d, &s->read->status)) {
        COVER(rolling_update, ROLL_COMPLETE);
        clean_up(s);
    } else {
        COVER(rolling_update, ROLL_WAIT);
    }
    sync_rollout_status(s);
}

/* ---- recreate: recreate.go ---- */

static bool old_pods_run(const struct deployment_sync *s)
{
    for (uint32_t i = 0; i < s->old.count; i++)
        if (s->old.items[i]->rs->status.replicas > 0 || s->facts->runs_pods(s->facts->ctx, s->old.items[i]->rs))
            return true;
    return false;
}

enum { RECREATE_DOWN, RECREATE_WAIT, RECREATE_UP };
COVER_TABLE(recreate, "what a Recreate does next", "old sets go to 0", "pods of old sets still run",
            "the new set is made, or has what is wanted");

static void recreate(struct deployment_sync *s)
{
    bool scaled = false;
    sync_revision(s, false);
    for (uint32_t i = 0; i < s->old.count; i++)
        if (s->old.items[i]->replicas > 0)
            scaled |= scale_set(s, s->old.items[i], 0, false);
    if (scaled || old_pods_run(s)) {
        COVER(recreate, scaled ? RECREATE_DOWN : RECREATE_WAIT);
        sync_rollout_status(s);
        return;
    }
    COVER(recreate, RECREATE_UP);
    if (!s->new_set)
        sync_revision(s, true);
    scale_set(s, s->new_set, s->d.spec.replicas.value, false);
    if (deployment_is_complete(&s->d, &s->read->status))
        clean_up(s);
    sync_rollout_status(s);
}

/* ---- scaling: sync.go scale ---- */

static bool annotated_number(const str_map *annotations, const char *key, int64_t *ret)
{
    const char *text = str_map_get(annotations, key);
    size_t n = text ? strspn(text, "0123456789") : 0;
    if (n == 0 || n > 10 || text[n])
        return false;
    int64_t value = 0;
    for (size_t i = 0; i < n; i++)
        value = 10 * value + (text[i] - '0');
    *ret = value;
    return value <= INT32_MAX;
}

/* k8s FindActiveOrLatest: the one that has pods; if none has, the new one, else the youngest. NULL: several have. */
static struct rs_view *active_or_latest(const struct deployment_sync *s)
{
    struct rs_view *active = NULL;
    for (uint32_t i = 0; i < s->all.count; i++) {
        if (s->all.items[i]->replicas == 0)
            continue;
        if (active)
            return NULL;
        active = s->all.items[i];
    }
    if (active || s->new_set)
        return active ? active : s->new_set;
    return s->old.items[s->old.count - 1];
}

/* k8s IsSaturated */
static bool is_saturated(const struct deployment_sync *s)
{
    const struct rs_view *v = s->new_set;
    int64_t desired, wanted = s->d.spec.replicas.value;
    return v && annotated_number(&v->annotations, DESIRED_ANNOTATION, &desired) && desired == wanted &&
           v->replicas == wanted && v->rs->status.available_replicas == wanted;
}

/* k8s integer.RoundToInt32 of a quotient that is not negative: halves are rounded up. */
static int64_t rounded(int64_t value, int64_t by) { return (2 * value + by) / (2 * by); }

/* k8s getReplicaSetFraction: what a set gains (or loses) to keep its part of the whole. */
static int64_t fraction(const struct deployment_sync *s, const struct rs_view *v)
{
    int64_t wanted = s->d.spec.replicas.value, most_before = 0;
    if (wanted == 0)
        return -v->replicas;
    if (!annotated_number(&v->annotations, MAX_ANNOTATION, &most_before) || most_before == 0)
        most_before = s->d.status.replicas;
    if (most_before == 0)
        return 0;
    return rounded(v->replicas * (wanted + deployment_max_surge(&s->d)), most_before) - v->replicas;
}

static int64_t proportion(const struct deployment_sync *s, const struct rs_view *v, int64_t to_add, int64_t added)
{
    if (v->replicas == 0 || to_add == 0 || to_add == added)
        return 0;
    int64_t share = fraction(s, v), allowed = to_add - added;
    return to_add > 0 ? at_most(share, allowed) : share > allowed ? share : allowed;
}

/* The larger first; of equal ones the older (grow: the younger) first. `sets` is in order of age. */
static void sort_by_size(struct rs_views *sets, bool grow)
{
    for (uint32_t i = 1; i < sets->count; i++) { /* few */
        struct rs_view *v = sets->items[i];
        uint32_t at = i;
        for (; at > 0 &&
               (sets->items[at - 1]->replicas < v->replicas || (grow && sets->items[at - 1]->replicas == v->replicas));
             at--)
            sets->items[at] = sets->items[at - 1];
        sets->items[at] = v;
    }
}

static void scale_proportionally(struct deployment_sync *s)
{
    int64_t wanted = s->d.spec.replicas.value, allowed = wanted > 0 ? wanted + deployment_max_surge(&s->d) : 0;
    struct rs_views active = {arena_array(s->scratch, struct rs_view *, s->all.count + 1), 0};
    for (uint32_t i = 0; i < s->all.count; i++)
        if (s->all.items[i]->replicas > 0)
            active.items[active.count++] = s->all.items[i];
    int64_t to_add = allowed - total_replicas(&active), added = 0;
    int64_t *sizes = arena_array(s->scratch, int64_t, active.count + 1);
    if (to_add != 0)
        sort_by_size(&active, to_add > 0);
    for (uint32_t i = 0; i < active.count; i++) {
        int64_t more = proportion(s, active.items[i], to_add, added);
        sizes[i] = active.items[i]->replicas + more;
        added += more;
    }
    if (active.count && to_add != 0)
        sizes[0] = sizes[0] + to_add - added > 0 ? sizes[0] + to_add - added : 0;
    for (uint32_t i = 0; i < active.count; i++)
        scale_set(s, active.items[i], sizes[i], true);
}

enum { SCALE_ONE, SCALE_SATURATED, SCALE_PROPORTIONALLY, SCALE_NOTHING };
COVER_TABLE(scaling, "how a Deployment is scaled", "the one set that has pods", "the new set is full: the others go",
            "all sets, in proportion", "nothing to scale");

static void scale(struct deployment_sync *s)
{
    if (s->all.count == 0) {
        COVER(scaling, SCALE_NOTHING);
        return;
    }
    struct rs_view *one = active_or_latest(s);
    if (one) {
        COVER(scaling, SCALE_ONE);
        scale_set(s, one, s->d.spec.replicas.value, false);
    } else if (is_saturated(s)) {
        COVER(scaling, SCALE_SATURATED);
        for (uint32_t i = 0; i < s->old.count; i++)
            if (s->old.items[i]->replicas > 0)
                scale_set(s, s->old.items[i], 0, false);
    } else if (is_rolling(&s->d)) {
        COVER(scaling, SCALE_PROPORTIONALLY);
        scale_proportionally(s);
    }
}

static bool is_scaling_event(const struct deployment_sync *s)
{
    for (uint32_t i = 0; i < s->all.count; i++) {
        const struct rs_view *v = s->all.items[i];
        int64_t desired;
        if (v->replicas > 0 && annotated_number(&v->annotations, DESIRED_ANNOTATION, &desired) &&
            desired != s->d.spec.replicas.value)
            return true;
    }
    return false;
}

/* k8s sync: of a scaled or paused Deployment. */
static void scale_and_report(struct deployment_sync *s)
{
    sync_revision(s, false);
    scale(s);
    if (s->d.spec.paused)
        clean_up(s);
    sync_status(s);
}

/* ---- one sync: deployment_controller.go syncDeployment ---- */

static void check_paused(struct deployment_sync *s)
{
    const struct workload_condition *c = find_condition(&s->d.status, "Progressing");
    if (!deployment_has_deadline(&s->d) || (c && text_is(c->reason, "ProgressDeadlineExceeded")))
        return;
    bool said = c && text_is(c->reason, "DeploymentPaused");
    if (s->d.spec.paused == said)
        return;
    if (s->d.spec.paused)
        set_condition(s, &s->d.status, "Progressing", "Unknown", "DeploymentPaused", "Deployment is paused");
    else
        set_condition(s, &s->d.status, "Progressing", "Unknown", "DeploymentResumed", "Deployment is resumed");
    write_deployment_status(s);
}

enum { SYNC_GOING, SYNC_PAUSED, SYNC_SCALED, SYNC_RECREATE, SYNC_ROLL };
COVER_TABLE(deployment_sync, "what a Deployment's sync does", "it is being deleted: the status only", "it is paused",
            "it was scaled", "Recreate", "RollingUpdate");

void deployment_decide(struct arena *keep, struct arena *scratch, const struct deployment_facts *f,
                       struct deployment_plan *plan)
{
    struct deployment_sync s = {
        .keep = keep, .scratch = scratch, .facts = f, .read = f->deployment, .d = *f->deployment, .plan = plan};
    *plan = (struct deployment_plan){.recheck = SIM_NEVER};
    pool_init(&plan->steps, scratch, sizeof(struct deployment_step));
    find_sets(&s);
    if (s.d.object.meta.deletion_timestamp != SIM_NEVER) {
        COVER(deployment_sync, SYNC_GOING);
        sync_revision(&s, false);
        sync_status(&s);
        return;
    }
    check_paused(&s);
    if (s.d.spec.paused) {
        COVER(deployment_sync, SYNC_PAUSED);
        scale_and_report(&s);
        return;
    }
    sync_revision(&s, false);
    if (is_scaling_event(&s)) {
        COVER(deployment_sync, SYNC_SCALED);
        scale_and_report(&s);
    } else if (is_rolling(&s.d)) {
        COVER(deployment_sync, SYNC_ROLL);
        roll(&s);
    } else {
        COVER(deployment_sync, SYNC_RECREATE);
        recreate(&s);
    }
}
