/* taint_eviction.c - see taint_eviction.h. semantics/nodes.md 3 has a shorter toleration bring a pending deletion
 * forward; in the source whatever is pending was created before now, and stays. */
#include "model/taint_eviction.h"

#include "sim/cover.h"

COVER_TABLE(taint_verdict, "what NoExecute taints do to a pod", "there are none", "not tolerated: now",
            "tolerated for ever", "its time runs already", "tolerated for a while");

static const struct toleration *toleration_of(const struct pod_spec *pod, const struct taint *t)
{
    for (uint32_t i = 0; i < pod->tolerations.count; i++)
        if (toleration_matches(&pod->tolerations.items[i], t))
            return &pod->tolerations.items[i];
    return NULL;
}

struct taint_decision taint_decide(const struct pod_spec *pod, const struct node *node, bool pending)
{
    struct taint_decision d = {TAINT_NONE, 0};
    sim_time shortest = SIM_NEVER;
    for (uint32_t i = 0; i < node->spec.taints.count && d.verdict != TAINT_REFUSED; i++) {
        const struct taint *t = &node->spec.taints.items[i];
        if (!text_is(t->effect, "NoExecute"))
            continue;
        const struct toleration *tolerates = toleration_of(pod, t);
        d.verdict = tolerates ? TAINT_TOLERATED : TAINT_REFUSED;
        if (!tolerates || !tolerates->toleration_seconds.set)
            continue;
        int64_t seconds = tolerates->toleration_seconds.value > 0 ? tolerates->toleration_seconds.value : 0;
        if (shortest == SIM_NEVER || seconds * SIM_SECOND < shortest)
            shortest = seconds * SIM_SECOND;
    }
    if (d.verdict == TAINT_TOLERATED && shortest != SIM_NEVER)
        d = (struct taint_decision){pending ? TAINT_PENDING : TAINT_TIMED, shortest};
    COVER(taint_verdict, d.verdict);
    return d;
}
