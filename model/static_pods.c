/* static_pods.c - pods that a node runs by itself, from files, and their mirrors in the API.
 *
 * A file that appears is a pod that is added, at once (inotify); one that goes is a pod that is removed; one
 * that changes is both. The mirror is a Pod object that the kubelet creates so that the API can be asked about
 * the pod: deleting it stops nothing, the next sync creates another. Status goes to whatever mirror there is.
 *
 * Mirrors k8s pkg/kubelet/config/file_linux.go, kubelet.go tryReconcileMirrorPods, pod_workers.go
 * allowPodStart, pod/mirror_client.go (v1.36); rules: semantics/kubelet.md 9.1.
 * Left out on purpose: the 20 s re-read of the directory (inotify misses nothing here), a fixed UID.
 */
#include <string.h>

#include "model/classes.h"
#include "model/kubelet.h"
#include "model/kubelet_faults.h"

/* k8s pkg/kubelet/kubelet.go backOffPeriod. */
#define BACK_OFF_PERIOD   (10 * SIM_SECOND)
#define MIRROR_ANNOTATION "kubernetes.io/config.mirror"

static bool same_full_name(const struct object_meta *a, const struct object_meta *b)
{
    return text_same(a->name, b->name) && text_same(a->namespace_, b->namespace_);
}

const char *static_pods_mirror_hash(const struct pod *p)
{
    return str_map_get(&p->object.meta.annotations, MIRROR_ANNOTATION);
}

/* ---- mirrors, as the kubelet's watch shows them ---- */

static struct mirror *find_mirror(struct kubelet *k, const struct object_meta *m)
{
    for (uint32_t i = 0; i < k->mirrors.count; i++) {
        struct mirror *known = pool_at(&k->mirrors, i);
        if (known->pod && same_full_name(&known->pod->object.meta, m))
            return known;
    }
    return NULL;
}

const struct pod *static_pods_mirror_of(const struct kpod *kp)
{
    const struct mirror *m = find_mirror(kpod_kubelet((struct kpod *)kp), &kp->pod->object.meta);
    return m ? m->pod : NULL;
}

/* The pod whose file is there now, whatever became of earlier ones of that name. */
static struct kpod *current(struct kubelets *ks, struct kubelet *k, const struct object_meta *m)
{
    for (uint32_t i = 0; i < k->manifests.count; i++) {
        const struct manifest_file *f = pool_at(&k->manifests, i);
        if (f->pod && same_full_name(&f->pod->object.meta, m))
            return f->kpod ? kpod_at(ks, f->kpod - 1) : NULL;
    }
    return NULL;
}

bool static_pods_is_current(const struct kpod *kp)
{
    const struct kpod *now = current(kp->all, kpod_kubelet((struct kpod *)kp), &kp->pod->object.meta);
    return !now || now == kp;
}

static struct mirror *remember_mirror(struct kubelet *k, const struct pod *p)
{
    struct mirror *m = find_mirror(k, &p->object.meta);
    if (!m)
        m = pool_at(&k->mirrors, pool_add(&k->mirrors));
    m->pod = p;
    return m;
}

/* A change of status alone is a RECONCILE: no sync. */
static bool worth_a_sync(const struct pod *before, const struct pod *p)
{
    const struct object_meta *m = &p->object.meta, *old = before ? &before->object.meta : NULL;
    return !old || !text_same(m->uid, old->uid) || m->deletion_timestamp != old->deletion_timestamp ||
           m->generation != old->generation;
}

void static_pods_mirror_event(struct kubelets *ks, struct kubelet *k, enum write_verb verb, const struct pod *p)
{
    struct mirror *m = find_mirror(k, &p->object.meta);
    const struct pod *before = m ? m->pod : NULL;
    if (verb != WRITE_DELETE)
        remember_mirror(k, p);
    else if (m && text_same(before->object.meta.uid, p->object.meta.uid))
        m->pod = NULL;
    struct kpod *kp = current(ks, k, &p->object.meta);
    if (!kp)
        housekeeping_want(ks, k); /* the mirror of nothing */
    else if (verb == WRITE_DELETE || worth_a_sync(before, p))
        podworker_queue(kp, kpod_draw(kp, HOP_KUBELET_REACTION));
    if (kp && verb == WRITE_CREATE)
        status_bulk_want(ks, k);
}

/* ---- the mirror in a sync ---- */

static const struct api_object *mirror_in_api(const struct kpod *kp)
{
    const struct object_meta *m = &kp->pod->object.meta;
    return store_get(kp->all->store, KIND_POD, m->namespace_, m->name);
}

static void resume(struct kpod *kp) { kpod_arm(kp, sim_now(kp->all->sim), CLASS_RUNTIME, RT_OP); }

static void commit_delete(void *ctx, uint32_t arg)
{
    struct kubelets *ks = ctx;
    struct kpod *kp = kpod_at(ks, arg);
    const struct api_object *o = mirror_in_api(kp);
    if (o)
        store_delete(ks->store, COMP_KUBELET, o, 0);
    resume(kp);
}

static void own_by_node(struct kpod *kp, struct object_meta *m)
{
    const struct object_meta *node = &kpod_kubelet(kp)->node->object.meta;
    m->owner_references.items = arena_new(kp->all->arena, struct owner_reference);
    m->owner_references.items[0] = (struct owner_reference){
        .api_version = "v1", .kind = "Node", .name = node->name, .uid = node->uid, .controller = {true, true}};
    m->owner_references.count = 1;
}

static void add_mirror_annotation(struct arena *a, str_map *map, const char *hash)
{
    struct str_pair *items = arena_array(a, struct str_pair, map->count + 1);
    uint32_t n = 0;
    for (uint32_t i = 0; i < map->count; i++) {
        items[n++] = map->items[i];
        if (strcmp(map->items[i].key, "kubernetes.io/config.hash") == 0)
            items[n++] = (struct str_pair){MIRROR_ANNOTATION, hash};
    }
    map->items = items;
    map->count = n;
}

/* From now on what is told of the pod is told of this object. */
static void bind_to(struct kpod *kp, uint32_t ordinal)
{
    struct kubelets *ks = kp->all;
    kp->own->object.ordinal = ordinal;
    kubelets_map(ks, ordinal, kp->index);
    if (kp->sandbox)
        cri_sandbox_adopt(ks->cri, kp->sandbox, ordinal);
}

static void commit_create(void *ctx, uint32_t arg)
{
    struct kubelets *ks = ctx;
    struct kpod *kp = kpod_at(ks, arg);
    const struct api_object *stored;
    struct pod *copy = arena_new(ks->arena, struct pod);
    *copy = *kp->own;
    copy->object.ordinal = 0;
    own_by_node(kp, &copy->object.meta);
    add_mirror_annotation(ks->arena, &copy->object.meta.annotations, kp->own->object.meta.uid);
    if (store_create(ks->store, COMP_KUBELET, &copy->object, &stored) == STORE_OK)
        bind_to(kp, stored->ordinal);
    resume(kp);
}

/* k8s kubelet.go tryReconcileMirrorPods. */
enum mirror_action static_pods_mirror_action(const struct pod *static_pod, const struct pod *mirror)
{
    if (!mirror)
        return MIRROR_CREATE;
    bool other = !text_same(static_pods_mirror_hash(mirror), static_pod->object.meta.uid);
    return other || mirror->object.meta.deletion_timestamp != SIM_NEVER ? MIRROR_REPLACE : MIRROR_KEEP;
}

bool static_pods_reconcile(struct kpod *kp)
{
    struct kubelets *ks = kp->all;
    const struct pod *mirror = static_pods_mirror_of(kp);
    enum mirror_action action = kp->mirror_deleted ? MIRROR_CREATE : static_pods_mirror_action(kp->pod, mirror);
    bool known = mirror && mirror->object.ordinal == kp->pod->object.ordinal;
    if (action == MIRROR_KEEP && !known) /* of a former kubelet */
        bind_to(kp, mirror->object.ordinal);
    if (action == MIRROR_KEEP || kp->mirror_created)
        return false;
    sim_time cost = kpod_draw(kp, HOP_API_WRITE);
    kp->mirror_deleted = action == MIRROR_REPLACE;
    kp->mirror_created = action == MIRROR_CREATE;
    store_post_from(ks->store, kpod_kubelet(kp)->name, cost, action == MIRROR_CREATE ? commit_create : commit_delete, ks, kp->index);
    return true;
}

/* ---- one at a time ---- */

/* k8s pod_workers.go allowStaticPodStart: one pod of a name at a time, in order of appearance. */
static bool may_start(struct kpod *kp)
{
    struct kubelets *ks = kp->all;
    for (uint32_t i = 0; !kp->static_started && i < ks->pods.count; i++) {
        const struct kpod *o = kpod_at(ks, i);
        if (o == kp || !o->own || o->node != kp->node || o->work == WORK_FINISHED ||
            !same_full_name(&o->pod->object.meta, &kp->pod->object.meta))
            continue;
        if (o->static_started || (o->index < kp->index && !o->termination_asked))
            return false;
    }
    kp->static_started = true;
    return true;
}

/* A static pod whose turn has not come asks again later; one that goes before that never began.
 * k8s pod_workers.go allowPodStart, cleanupUnstartedPod. */
bool static_pods_turn(struct kpod *kp)
{
    sim_time now = sim_now(kp->all->sim);
    if (kp->termination_asked) {
        kp->work = WORK_FINISHED;
        kubelet_release(kpod_kubelet(kp), kp);
        return false;
    }
    bool turn = may_start(kp);
    if (!turn)
        podworker_retry_at(kp, profile_retry(kp->all->profile, kp->pod->object.meta.name, kp->stream, now,
                                             BACK_OFF_PERIOD, SIM_NEVER));
    return turn;
}

/* ---- the directory ---- */

static struct manifest_file *find_file(struct kubelet *k, const char *name)
{
    for (uint32_t i = 0; i < k->manifests.count; i++) {
        struct manifest_file *f = pool_at(&k->manifests, i);
        if (f->pod && strcmp(f->name, name) == 0)
            return f;
    }
    return NULL;
}

/* A pod of this UID that the runtime still has, from before a restart. */
static struct kpod *find_former(struct kubelets *ks, const struct kubelet *k, const char *uid)
{
    uint32_t cursor = 0;
    for (struct kpod *kp; (kp = node_next_pod(ks, k, &cursor));) {
        if (kp->own && kp->unknown && text_same(kp->pod->object.meta.uid, uid))
            return kp;
    }
    return NULL;
}

static void add(struct kubelets *ks, struct kubelet *k, struct manifest_file *f)
{
    f->kpod = kubelet_add_static_pod(k, ks, find_former(ks, k, f->pod->object.meta.uid), f->pod)->index + 1;
}

static void drop(struct kubelets *ks, struct kubelet *k, struct manifest_file *f)
{
    struct kpod *kp = f->kpod && !k->down ? kpod_at(ks, f->kpod - 1) : NULL;
    *f = (struct manifest_file){0};
    if (!kp)
        return;
    housekeeping_want(ks, k);
    podworker_terminate(kp, -1, -1);
    podworker_queue(kp, kpod_draw(kp, HOP_KUBELET_REACTION));
}

void static_pods_start(struct kubelets *ks, struct kubelet *k)
{
    uint32_t cause = sim_cause(ks->sim);
    for (uint32_t i = 0; i < k->manifests.count; i++) {
        struct manifest_file *f = pool_at(&k->manifests, i);
        sim_set_cause(ks->sim, cause);
        if (f->pod)
            add(ks, k, f);
    }
}

int static_pod_write(struct kubelets *ks, const char *node, const struct static_manifest *m, struct strbuf *out)
{
    struct kubelet *k = kubelets_node(ks, node);
    struct pod *p = static_manifest_pod(ks->arena, m, node);
    struct manifest_file *f = find_file(k, m->name);
    if (f && text_same(f->pod->object.meta.uid, p->object.meta.uid)) {
        strbuf_printf(out, "\"%s\" has that content already\n", m->name);
        return 0;
    }
    if (f)
        drop(ks, k, f);
    f = pool_at(&k->manifests, pool_add(&k->manifests));
    *f = (struct manifest_file){.name = m->name, .pod = p};
    if (!k->down)
        add(ks, k, f);
    return 0;
}

int static_pod_remove(struct kubelets *ks, const char *node, const char *name, struct strbuf *out)
{
    struct kubelet *k = kubelets_node(ks, node);
    struct manifest_file *f = find_file(k, name);
    if (!f) {
        strbuf_printf(out, "Error: there is no \"%s\" in the manifest directory of node \"%s\"\n", name, node);
        return 1;
    }
    drop(ks, k, f);
    return 0;
}

/* ---- mirrors of nothing ---- */

static void commit_delete_orphan(void *ctx, uint32_t arg)
{
    struct kubelets *ks = ctx;
    const struct api_object *o = store_by_ordinal(ks->store, arg);
    if (o)
        store_delete(ks->store, COMP_KUBELET, o, 0);
}

/* k8s pod_workers.go IsPodForMirrorPodTerminatingByFullName. */
static bool still_stopping(struct kubelets *ks, const struct kubelet *k, const struct object_meta *m)
{
    uint32_t cursor = 0;
    for (struct kpod *kp; (kp = node_next_pod(ks, k, &cursor));) {
        if (kp->own && kp->static_started && kp->work < WORK_TERMINATED && same_full_name(&kp->pod->object.meta, m))
            return true;
    }
    return false;
}

void static_pods_clean_mirrors(struct kubelets *ks, struct kubelet *k)
{
    for (uint32_t i = 0; i < k->mirrors.count; i++) {
        const struct pod *p = ((struct mirror *)pool_at(&k->mirrors, i))->pod;
        if (!p || current(ks, k, &p->object.meta))
            continue;
        if (still_stopping(ks, k, &p->object.meta)) {
            housekeeping_want(ks, k);
            continue;
        }
        sim_time cost = profile_draw(ks->profile, HOP_API_WRITE, k->stream, sim_now(ks->sim));
        store_post_from(ks->store, k->name, cost, commit_delete_orphan, ks, p->object.ordinal);
    }
}
