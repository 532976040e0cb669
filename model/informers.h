/* informers.h - the caches that the controllers of kube-controller-manager share: one watch per kind, and indices by
 * controlling owner and by namespace for what has none.
 *
 * A handler hears of an object when the cache has it already. k8s client-go tools/cache/shared_informer.go,
 * pkg/controller/controller_utils.go AddPodControllerIndexer.
 */
#ifndef MODEL_INFORMERS_H
#define MODEL_INFORMERS_H

#include "model/api_apps.h"
#include "model/store.h"

struct informers;

/* before NULL: it is new; after NULL: it is gone. */
typedef void informer_fn(void *ctx, const struct api_object *before, const struct api_object *after);

struct informers *informers_new(struct store *st);
bool informers_have(enum api_kind kind);
/* Called in order of registration, all for one kind at one instant. */
void informers_listen(struct informers *f, enum api_kind kind, informer_fn *fn, void *ctx);

/* As the cache shows it; NULL: not (any more) in it. */
const struct api_object *informers_get(const struct informers *f, uint32_t ordinal);
/* Who is meant by a reference: the object of that kind and uid, NULL when the cache has none. */
const struct api_object *informers_owner(const struct informers *f, const struct owner_reference *ref);
/* Who manages `o`, when that is one of `kind` and the cache has it; else NULL: resolveControllerRef of each controller, k8s
 * pkg/controller/replicaset/replica_set.go and its like. */
const struct api_object *informers_controller(const struct informers *f, const struct api_object *o, enum api_kind kind);

/* What has `uid` for its controller, and what of that kind has none in a namespace; in order of arrival:
 *     for (uint32_t i = informers_first_owned(f, KIND_POD, uid); i; i = informers_next(f, i))
 *         ... informers_item(f, i) ...
 */
uint32_t informers_first_owned(const struct informers *f, enum api_kind kind, const char *uid);
uint32_t informers_first_orphan(const struct informers *f, enum api_kind kind, const char *namespace_);
uint32_t informers_next(const struct informers *f, uint32_t item);
const struct api_object *informers_item(const struct informers *f, uint32_t item);
uint8_t informers_facts(const struct informers *f, uint32_t item); /* of a pod: pod_facts() */
/* All of a kind, in order of arrival: start with *cursor = 0; NULL at the end. */
const struct api_object *informers_each(const struct informers *f, enum api_kind kind, uint32_t *cursor);

/* The one owner that manages it: metav1.GetControllerOf; NULL = none. */
const struct owner_reference *controller_of(const struct api_object *o);

#endif
