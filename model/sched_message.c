/* sched_message.c - why a pod could not be placed, as kube-scheduler words it.
 *
 * Mirrors k8s pkg/scheduler/framework/types.go FitError.Error (v1.36); semantics/scheduler.md 6.
 */
#include <stdlib.h>
#include <string.h>

#include "model/sched_private.h"

static int by_text(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

const char *sched_histogram(struct arena *a, const char **reasons, uint32_t count)
{
    const char **lines = arena_array(a, const char *, count + 1);
    uint32_t n = 0;
    qsort(reasons, count, sizeof(*reasons), by_text);
    for (uint32_t i = 0, j; i < count; i = j) {
        for (j = i; j < count && strcmp(reasons[i], reasons[j]) == 0; j++)
            continue;
        lines[n++] = arena_printf(a, "%u %s", j - i, reasons[i]);
    }
    qsort(lines, n, sizeof(*lines), by_text);
    const char *text = "";
    for (uint32_t i = 0; i < n; i++)
        text = arena_printf(a, "%s%s%s", text, i ? ", " : " ", lines[i]);
    return arena_printf(a, "%s.", text);
}

/* The plugin DynamicResources speaks up, before preemption, when it is on. */
static const char *post_filter(struct sched_attempt *a, const struct preempt_plan *plan)
{
    if (plan->node)
        return "";
    const char *claims = store_has(a->s->store, FEATURE_DYNAMIC_RESOURCES) ? "no new claims to deallocate, " : "";
    return arena_printf(a->s->scratch, " %spreemption: %s", claims, plan->message);
}

const char *sched_failure(struct sched_attempt *a, const struct filter_result *refused, const struct preempt_plan *plan)
{
    struct scheduler *s = a->s;
    uint32_t nodes = s->order_count, count = 0;
    if (nodes == 0)
        return "no nodes available to schedule pods";
    if (a->p->rules->conflict)
        return arena_printf(s->scratch, "0/%u nodes are available: pod affinity terms conflict.%s", nodes,
                            post_filter(a, plan));
    const char **reasons = arena_array(s->scratch, const char *, nodes *MAX_REASONS);
    for (uint32_t i = 0; i < nodes; i++)
        for (uint32_t k = 0; k < refused[i].count; k++)
            reasons[count++] = refused[i].reasons[k];
    return arena_printf(s->scratch, "0/%u nodes are available:%s%s", nodes, sched_histogram(s->scratch, reasons, count),
                        post_filter(a, plan));
}
