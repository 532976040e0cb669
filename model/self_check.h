/* self_check.h - the state of a whole cluster, checked after every event: what the model believes of itself.
 *
 * The other half of the pair with report/verify.h, which sees only what came out. Costs time per event, so runs do
 * it when asked to: cluster_options.self_check, or everywhere in a build with -Dverify=true. A check that fails is
 * a failed ASSERT: it names simulated time, event and component.
 */
#ifndef MODEL_SELF_CHECK_H
#define MODEL_SELF_CHECK_H

#include "model/store.h"

struct kubelets;

/* Nothing of the pods' and nodes' books contradicts the runtime or itself. */
void self_check_kubelets(struct kubelets *ks);
/* Every living object is found by its name and by its ordinal, and no version is older than its predecessor. */
void store_check(const struct store *st);

#endif
