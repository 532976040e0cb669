/* taint_eviction.h - which pods a node's NoExecute taints evict, and when: pure.
 *
 * Mirrors k8s pkg/controller/tainteviction/taint_eviction.go processPodOnNode and component-helpers/scheduling/corev1
 * GetMatchingTolerations (v1.36); rules: semantics/nodes.md 3. Carried out by controller_taint_eviction.c.
 */
#ifndef MODEL_TAINT_EVICTION_H
#define MODEL_TAINT_EVICTION_H

#include "model/api_core.h"

/* ORDER TAINT_VERDICT */
enum taint_verdict {
    TAINT_NONE,      /* the node has no such taint: whatever was to be is not to be any more */
    TAINT_REFUSED,   /* some taint is not tolerated: at once */
    TAINT_TOLERATED, /* all are, for ever: what was to be is not to be any more */
    TAINT_PENDING,   /* its time runs already; no change of taints or tolerations starts it anew */
    TAINT_TIMED      /* after `delay` */
};
struct taint_decision {
    enum taint_verdict verdict;
    sim_time delay;
};
/* pending: it is to be deleted at some time already. */
struct taint_decision taint_decide(const struct pod_spec *pod, const struct node *node, bool pending);

#endif
