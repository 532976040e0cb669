/* store.h - the API server and etcd: typed objects, one resourceVersion counter, watches.
 *
 * Objects are immutable: a write makes a new version that points at its predecessor. Every write is
 * one TRACE_WRITE record. Components never call one another: they write here, and a watch tells
 * whoever listens after the profile's watch_delivery latency. Mirrors kube-apiserver's generic
 * registry and etcd3 watch; admission that needs the cluster is in admission.c.
 *
 * Writes of components take api_write to commit: store_post() runs a function at that instant, in
 * order of posting (class COMMIT), and that function makes the write with store_update() and co.
 */
#ifndef MODEL_STORE_H
#define MODEL_STORE_H

#include "model/feature_gates.h"
#include "model/profile.h"
#include "model/trace.h"
#include "sim/sim.h"

struct store;

/* features: of the cluster's version, for every component (they outlive the run). */
struct store *store_new(struct sim *s, const struct profile *profile, const struct features *features, int64_t epoch);
struct sim *store_sim(struct store *st);
struct arena *store_arena(struct store *st);
int64_t store_epoch(const struct store *st);
const struct profile *store_profile(const struct store *st);
const struct features *store_features(const struct store *st);
bool store_has(const struct store *st, enum feature id); /* is this feature on in the cluster? */

/* ---- reading the committed truth (what a GET or LIST would return) ---- */
const struct api_object *store_get(const struct store *st, enum api_kind kind, const char *namespace_,
                                   const char *name);                                /* NULL: not found */
const struct api_object *store_by_ordinal(const struct store *st, uint32_t ordinal); /* NULL: deleted */
/* Every living object of a kind in order of creation: start with *cursor = 0; NULL at the end. */
const struct api_object *store_next(const struct store *st, enum api_kind kind, uint32_t *cursor);
/* The resourceVersion of the latest write of any object of a kind; 0: there is none. */
uint64_t store_latest_of(const struct store *st, enum api_kind kind);

/* ---- writing, at the instant of commit ---- */
enum store_error { STORE_OK, STORE_EXISTS, STORE_NOT_FOUND, STORE_FORBIDDEN, STORE_INVALID,
                   STORE_TERMINATING }; /* forbidden, because the namespace is being deleted */

/* Stores a new object. `object` (arena memory) is taken over: name made from generateName, uid,
 * creationTimestamp, resourceVersion, generation set; namespace defaults to "default". */
enum store_error store_create(struct store *st, enum trace_component who, struct api_object *object,
                              const struct api_object **ret_object);
/* Why the latest store_create() that was refused was: `pods "web" is forbidden: ...`, without "Error from server". */
const char *store_refusal(const struct store *st);
/* There was a namespace of that name, and it has been removed. */
bool store_namespace_is_gone(const struct store *st, const char *name);
/* A copy of `current` to edit and hand to store_update. Shallow: replace what you change. */
struct api_object *store_edit(struct store *st, const struct api_object *current);
/* `next` came from store_edit() on the latest version. generation_up: the spec changed. A change that
 * leaves deletionTimestamp set and nothing to wait for removes the object (finalizers empty). */
const struct api_object *store_update(struct store *st, enum trace_component who, struct api_object *next,
                                      bool generation_up);
/* Removes it now, whatever grace it has. */
void store_remove(struct store *st, enum trace_component who, const struct api_object *current);
/* DELETE as the API server does it: for pods grace rules of kubelet.md 8.1 (grace < 0 = not given);
 * other kinds are removed at once unless finalizers hold them. */
void store_delete(struct store *st, enum trace_component who, const struct api_object *current, int64_t grace);
/* What becomes of what it owns: the garbage collector deletes that afterwards, before, or sets it free. store_delete()
 * is `afterwards`. */
enum propagation { PROPAGATE_BACKGROUND, PROPAGATE_FOREGROUND, PROPAGATE_ORPHAN };
#define FINALIZER_FOREGROUND "foregroundDeletion"
#define FINALIZER_ORPHAN     "orphan"
void store_delete_as(struct store *st, enum trace_component who, const struct api_object *current, int64_t grace,
                     enum propagation propagation);

/* Runs apply(ctx, arg) when a write sent now by `who` commits: after `latency`, in order of posting
 * among equals. */
void store_post(struct store *st, sim_time latency, void (*apply)(void *ctx, uint32_t arg), void *ctx, uint32_t arg);

/* As store_post, of a node's kubelet. */
void store_post_from(struct store *st, const char *node, sim_time latency, void (*apply)(void *ctx, uint32_t arg),
                     void *ctx, uint32_t arg);

/* ---- who reaches it ---- */

/* While the API server is down nobody does, and while a node is cut off its kubelet does not: what they post is made
 * when they do again, at once and in order of posting. Real clients fail and try again, each with a back-off of its
 * own. */
void store_set_down(struct store *st, bool down);
void store_cut_node(struct store *st, const char *node, bool cut);
bool store_reachable(const struct store *st, const char *node); /* node NULL: from the control plane */

/* ---- watches ---- */
struct watch_event {
    enum write_verb verb;
    const struct api_object *object; /* the new version; for WRITE_DELETE the last one */
};
typedef void watch_fn(void *ctx, const struct watch_event *event);
/* Every later write of these kinds reaches `deliver` in order, in class WATCH; objects that exist
 * already are delivered first, as creations. node_name: only that node itself and pods bound to it, from
 * the write that binds them on. kinds: bit set 1 << KIND_x. */
uint32_t store_watch(struct store *st, uint32_t kinds, const char *node_name, watch_fn *deliver, void *ctx);
/* It delivers nothing from now on. */
void store_unwatch(struct store *st, uint32_t watch);

/* Wall-clock second of the API at simulated time t, as simulated time (floor to whole seconds). */
static inline sim_time api_second(sim_time t) { return sim_time_floor(t, SIM_SECOND); }

#endif
