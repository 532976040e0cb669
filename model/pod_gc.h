/* pod_gc.h - which pods the pod garbage collector deletes in a run: pure.
 *
 * Mirrors k8s pkg/controller/podgc/gc_controller.go (v1.36); rules: semantics/nodes.md 5. Carried out by
 * controller_pod_gc.c.
 */
#ifndef MODEL_POD_GC_H
#define MODEL_POD_GC_H

#include "model/api_core.h"

/* ORDER POD_GC_RULE, of a run. The last is not of one pod alone. */
enum pod_gc_rule {
    POD_GC_KEEP,
    POD_GC_OUT_OF_SERVICE, /* it is being deleted, and its node is off for good */
    POD_GC_ORPHAN,         /* its node is not in the cache: if the node has been missing for long enough it goes */
    POD_GC_UNSCHEDULED,    /* it is being deleted, and has no node */
    POD_GC_TERMINATED
};
/* node: as the cache has it, NULL = there is none of that name. */
enum pod_gc_rule pod_gc_rule_of(const struct pod *p, const struct node *node);

bool pod_gc_is_terminated(const struct pod *p);
/* The first `count` of these are to go: those that were evicted, then the oldest, by name. Sorts them. */
void pod_gc_sort(const struct pod **pods, uint32_t count);

#endif
