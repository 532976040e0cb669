/* controller_history.h - the revisions of StatefulSets and DaemonSets: pure functions.
 *
 * Mirrors k8s pkg/controller/history/controller_history.go, and newRevision, getPatch of
 * pkg/controller/statefulset/stateful_set_utils.go and pkg/controller/daemon/update.go (v1.36). A revision holds a
 * pod template; its name ends in a hash of that.
 */
#ifndef MODEL_CONTROLLER_HISTORY_H
#define MODEL_CONTROLLER_HISTORY_H

#include "model/api_sets.h"
#include "model/feature_gates.h"
#include "model/informers.h"

#define REVISION_HASH_LABEL "controller.kubernetes.io/hash" /* of revisions */
#define POD_REVISION_LABEL  "controller-revision-hash"      /* of pods */

struct revision_list {
    const struct controller_revision **items; /* the latest is the last: SortControllerRevisions */
    uint32_t count;
};

/* In the cache: its own, and those of nobody that its selector matches. ListControllerRevisions. */
struct revision_list history_list(struct arena *a, const struct informers *f, const struct api_object *owner,
                                  const struct label_selector *selector);
/* HashControllerRevision: of a StatefulSet's revision; what a real one has, too. */
const char *history_hash(struct arena *a, const struct pod_template *t, const struct features *f, int64_t collisions);
/* Not stored yet: the template as it is now; the hash ends its name and is its label `key`. */
struct controller_revision *history_new(struct arena *a, const struct api_object *owner, const struct pod_template *t,
                                        int64_t number, const char *key, const char *hash);
/* Both restore the same template. EqualRevision. */
bool history_equal(const struct controller_revision *a, const struct pod_template *t);
/* The latest of those that restore the template, or NULL. FindEqualRevisions. */
const struct controller_revision *history_find(const struct revision_list *list, const struct pod_template *t);
const struct controller_revision *history_named(const struct revision_list *list, const char *name);
static inline int64_t history_next_number(const struct revision_list *list)
{
    return list->count ? list->items[list->count - 1]->revision + 1 : 1;
}
const struct pod_template *history_template(const struct controller_revision *r);

#endif
