/* sched_score.c - which of the feasible nodes is best.
 *
 * Mirrors the score plugins of k8s pkg/scheduler/framework/plugins with the weights of
 * apis/config/v1/default_plugins.go (v1.36); semantics/scheduler.md 5. Each plugin gives 0 to 100 points. k8s-order:
 * sched-tie, equal scores go to the node that is looked at first.
 */
#include <string.h>

#include "model/sched_private.h"

enum { MAX_NODE_SCORE = 100 };

/* ---- resources ---- */

static int64_t least_allocated(int64_t used, int64_t asked, int64_t have)
{
    return used + asked > have ? 0 : (have - used - asked) * MAX_NODE_SCORE / have;
}

/* The mean over the resources that the node has: k8s plugins/noderesources/least_allocated.go. */
static int64_t resources_fit(const struct sched_pod *p, const struct sched_node *n)
{
    int64_t sum = 0, count = 0;
    if (n->cpu_milli > 0) {
        sum += least_allocated(n->nonzero_cpu, p->nonzero_cpu, n->cpu_milli);
        count++;
    }
    if (n->memory > 0) {
        sum += least_allocated(n->nonzero_memory, p->nonzero_memory, n->memory);
        count++;
    }
    return count ? sum / count : 0;
}

/* (1 - |f1 - f2| / 2) * 100 of the fractions that would be used, in parts per million: balanced_allocation.go. */
static int64_t balanced(const struct sched_pod *p, const struct sched_node *n)
{
    if (p->asked.cpu_milli == 0 && p->asked.memory == 0)
        return 0;
    int64_t ppm = 1000000;
    int64_t f1 = n->cpu_milli ? (n->used_cpu + p->asked.cpu_milli) * ppm / n->cpu_milli : 0;
    int64_t f2 = n->memory ? (n->used_memory + p->asked.memory) / (n->memory / ppm ? n->memory / ppm : 1) : 0;
    f1 = f1 > ppm ? ppm : f1;
    f2 = f2 > ppm ? ppm : f2;
    int64_t deviation = (f1 > f2 ? f1 - f2 : f2 - f1) / 2;
    return (ppm - deviation) * MAX_NODE_SCORE / ppm;
}

/* ---- taints, preferences, images ---- */

static int64_t soft_taints(const struct pod_spec *s, const struct sched_node *n)
{
    int64_t count = 0;
    for (uint32_t i = 0; i < n->node->spec.taints.count; i++) {
        const struct taint *t = &n->node->spec.taints.items[i];
        count += strcmp(t->effect, "PreferNoSchedule") == 0 && !pod_tolerates(s, t);
    }
    return count;
}

static int64_t preferences(const struct sched_rules *r, const struct node *n)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < r->preferred_nodes->count; i++) {
        const struct value *term = r->preferred_nodes->items[i], *weight = value_get(term, "weight");
        const struct value *preference = value_get(term, "preference");
        if (preference && weight && weight->type == VALUE_INT && node_term_holds(preference, n))
            sum += weight->integer;
    }
    return sum;
}

/* k8s plugins/imagelocality/image_locality.go. */
#define IMAGE_MIN               (INT64_C(23) * 1024 * 1024)
#define IMAGE_MAX_PER_CONTAINER (INT64_C(1000) * 1024 * 1024)

static int64_t image_size_on(const struct node *n, const char *image)
{
    for (uint32_t i = 0; i < n->status.images.count; i++) {
        const struct node_image *have = &n->status.images.items[i];
        for (uint32_t k = 0; k < have->names.count; k++)
            if (strcmp(have->names.items[k], image) == 0)
                return have->size_bytes;
    }
    return 0;
}

/* As node statuses and pod specs name it: with a tag. */
static const char *tagged(struct arena *a, const char *image)
{
    const char *slash = strrchr(image, '/'), *tag = strchr(slash ? slash : image, ':');
    return tag || strchr(image, '@') ? image : arena_printf(a, "%s:latest", image);
}

static int64_t image_points_of(struct sched_attempt *a, const struct container *list, uint32_t count, uint32_t node)
{
    struct scheduler *s = a->s;
    int64_t sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (!list[i].image)
            continue;
        const char *image = tagged(s->scratch, list[i].image);
        int64_t size = image_size_on(sched_node_at(s, node)->node, image), nodes = 0;
        for (uint32_t k = 0; size && k < s->order_count; k++)
            nodes += image_size_on(sched_node_at(s, s->order[k])->node, image) > 0;
        sum += size * nodes / (s->order_count ? s->order_count : 1);
    }
    return sum;
}

/* ---- all together ---- */

typedef bool score_fn(struct sched_attempt *a, const uint32_t *nodes, uint32_t count, int64_t *points);

static bool score_resources(struct sched_attempt *a, const uint32_t *nodes, uint32_t count, int64_t *points)
{
    const struct sched_pod *p = a->p;
    struct sched_resource_points r = {p->asked.cpu_milli, p->asked.memory, p->nonzero_cpu, p->nonzero_memory, -1};
    for (uint32_t i = 0; i < count; i++) {
        struct sched_node *n = sched_node_at(a->s, nodes[i]);
        const struct sched_resource_points *known = &n->scored;
        if (known->points < 0 || known->cpu_milli != r.cpu_milli || known->memory != r.memory ||
            known->nonzero_cpu != r.nonzero_cpu || known->nonzero_memory != r.nonzero_memory) {
            n->scored = r;
            n->scored.points = (int32_t)(resources_fit(p, n) + balanced(p, n));
        }
        points[i] = n->scored.points;
    }
    return true;
}

static int64_t largest(const int64_t *points, uint32_t count)
{
    int64_t most = 0;
    for (uint32_t i = 0; i < count; i++)
        most = points[i] > most ? points[i] : most;
    return most;
}

static bool score_taints(struct sched_attempt *a, const uint32_t *nodes, uint32_t count, int64_t *points)
{
    if (!a->s->with_soft_taints)
        return false;
    for (uint32_t i = 0; i < count; i++)
        points[i] = soft_taints(&a->p->pod->spec, sched_node_at(a->s, nodes[i]));
    int64_t most = largest(points, count);
    for (uint32_t i = 0; most && i < count; i++)
        points[i] = MAX_NODE_SCORE - MAX_NODE_SCORE * points[i] / most;
    return most > 0;
}

static bool score_preferences(struct sched_attempt *a, const uint32_t *nodes, uint32_t count, int64_t *points)
{
    if (!a->p->rules->preferred_nodes)
        return false;
    for (uint32_t i = 0; i < count; i++)
        points[i] = preferences(a->p->rules, sched_node_at(a->s, nodes[i])->node);
    int64_t most = largest(points, count);
    for (uint32_t i = 0; most && i < count; i++)
        points[i] = MAX_NODE_SCORE * points[i] / most;
    return most > 0;
}

static bool score_images(struct sched_attempt *a, const uint32_t *nodes, uint32_t count, int64_t *points)
{
    const struct pod_spec *spec = &a->p->pod->spec;
    int64_t containers = (int64_t)spec->containers.count + spec->init_containers.count;
    bool any = false;
    for (uint32_t i = 0; a->s->with_images && i < count; i++)
        any = any || sched_node_at(a->s, nodes[i])->node->status.images.count > 0;
    for (uint32_t i = 0; any && i < count; i++) {
        int64_t sum = image_points_of(a, spec->containers.items, spec->containers.count, nodes[i]) +
                      image_points_of(a, spec->init_containers.items, spec->init_containers.count, nodes[i]);
        int64_t max = IMAGE_MAX_PER_CONTAINER * containers;
        sum = sum < IMAGE_MIN ? IMAGE_MIN : sum > max ? max : sum;
        points[i] = MAX_NODE_SCORE * (sum - IMAGE_MIN) / (max - IMAGE_MIN);
    }
    return any;
}

/* A plugin that says the same of all nodes has nothing to say. */
static const struct {
    score_fn *score;
    int64_t weight;
} scores[] = {
    {score_taints, 3},   {score_preferences, 2}, {spread_score, 2},
    {interpod_score, 2}, {score_resources, 1},   {score_images, 1},
};

uint32_t sched_best(struct sched_attempt *a, const uint32_t *nodes, uint32_t count)
{
    if (count == 1)
        return nodes[0];
    int64_t *total = arena_array(a->s->scratch, int64_t, count), *points = arena_array(a->s->scratch, int64_t, count);
    for (size_t k = 0; k < ARRAY_LEN(scores); k++) {
        if (!scores[k].score(a, nodes, count, points))
            continue;
        for (uint32_t i = 0; i < count; i++)
            total[i] += scores[k].weight * points[i];
    }
    uint32_t best = 0;
    for (uint32_t i = 1; i < count; i++)
        if (total[i] > total[best])
            best = i;
    return nodes[best];
}
