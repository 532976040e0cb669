/* pod_volumes.c - a pod's volumes: when they are mounted, what is in them, how changes get there.
 *
 * Mirrors k8s pkg/volume/{configmap,secret,downwardapi,projected,emptydir,hostpath} and the retry times of the volume
 * reconciler; semantics/kubelet.md 2.3. Changes of a ConfigMap, Secret or label come with the pod's next sync (a resync
 * at the latest) and the reconciler's next pass; a subPath keeps what it had.
 * Left out on purpose: persistent volumes and others (mounted empty), fsGroup, ClusterTrustBundles; a FailedMount when
 * something disappears later; an emptyDir's medium changes nothing but its name.
 */
#include <string.h>

#include "model/classes.h"
#include "model/pod_config.h"

/* k8s pkg/volume/volumemanager: populator and reconciler, 100 ms each, see a new pod's volumes after
 * 0.2 s; goroutinemap/exponentialbackoff: gaps 0.5 s doubling to 122 s. */
#define RECONCILER_PERIOD   (100 * SIM_MS)
#define FIRST_MOUNT_ATTEMPT (200 * SIM_MS)
#define MOUNT_GAP_FIRST     (500 * SIM_MS)
#define MOUNT_GAP_MAX       (122 * SIM_SECOND)

/* ---- what a volume is to show ---- */

struct payload {
    struct kpod *kp;
    struct cri_file *items; /* in scratch */
    uint32_t count, capacity;
    int64_t default_mode;
};

static void add_file(struct payload *f, const char *path, const char *text, const struct opt_i64 *mode)
{
    int64_t bits = mode && mode->set ? mode->value : f->default_mode;
    struct cri_file file = {path, text, strlen(text), (uint16_t)(bits & 07777)};
    for (uint32_t i = 0; i < f->count; i++) {
        if (strcmp(f->items[i].path, path) == 0) { /* a later source wins */
            f->items[i] = file;
            return;
        }
    }
    if (f->count == f->capacity) {
        f->capacity = f->capacity ? 2 * f->capacity : 8;
        struct cri_file *items = arena_array(f->kp->all->scratch, struct cri_file, f->capacity);
        if (f->count)
            memcpy(items, f->items, f->count * sizeof *items);
        f->items = items;
    }
    f->items[f->count++] = file;
}

static const str_map *binary_of(struct kpod *kp, enum api_kind kind, const char *name)
{
    static const str_map none;
    const struct api_object *o = store_get(kp->all->store, kind, kp->pod->object.meta.namespace_, name);
    return o && kind == KIND_CONFIGMAP ? &((const struct config_map *)o)->binary_data : &none;
}

/* k8s pkg/volume/configmap/configmap.go and secret/secret.go MakePayload. NULL, or what is wrong. */
static const char *collect_map(struct payload *f, enum api_kind kind, const struct config_map_volume *v)
{
    struct arena *a = f->kp->all->arena;
    const str_map *m = pod_data_of(f->kp, kind, v->name), *binary = binary_of(f->kp, kind, v->name);
    if (!m)
        return v->optional.value ? NULL : pod_data_missing(a, kind, v->name);
    for (uint32_t i = 0; i < v->items.count; i++) {
        const struct key_to_path *item = &v->items.items[i];
        const char *value = str_map_get(m, item->key);
        if (!value)
            value = str_map_get(binary, item->key);
        if (value)
            add_file(f, item->path, value, &item->mode);
        else if (!v->optional.value)
            return arena_printf(a,
                                kind == KIND_CONFIGMAP ? "configmap references non-existent config key: %s"
                                                       : "references non-existent secret key: %s",
                                item->key);
    }
    for (uint32_t i = 0; v->items.count == 0 && i < m->count; i++)
        add_file(f, m->items[i].key, m->items[i].value, NULL);
    for (uint32_t i = 0; v->items.count == 0 && i < binary->count; i++)
        add_file(f, binary->items[i].key, binary->items[i].value, NULL);
    return NULL;
}

/* k8s pkg/volume/downwardapi/downwardapi.go CollectData. */
static void collect_downward(struct payload *f, const struct downward_api_volume *v)
{
    for (uint32_t i = 0; i < v->items.count; i++) {
        const struct downward_api_file *item = &v->items.items[i];
        const char *value =
            item->field_ref ? pod_field(f->kp, item->field_ref->field_path)
            : item->resource_field_ref
                ? pod_resource_field(f->kp, &kpod_spec(f->kp)->containers.items[0], item->resource_field_ref)
                : "";
        if (value)
            add_file(f, item->path, value, &item->mode);
    }
}

static void collect_token(struct payload *f, const struct value *token)
{
    const struct value *path = value_get(token, "path");
    add_file(f, path && path->text ? path->text : "token", "eyJhbGciOiJSUzI1NiJ9.podsim.token", NULL);
}

/* k8s pkg/volume/projected/projected.go collectData: all that is wrong, at once. */
static const char *collect_projected(struct payload *f, const struct projected_volume *v)
{
    struct arena *a = f->kp->all->arena;
    const char *errors = NULL;
    uint32_t count = 0;
    for (uint32_t i = 0; i < v->sources.count; i++) {
        const struct projection *p = &v->sources.items[i];
        const char *error = p->config_map ? collect_map(f, KIND_CONFIGMAP, p->config_map)
                            : p->secret   ? collect_map(f, KIND_SECRET, p->secret)
                                          : NULL;
        if (p->downward_api)
            collect_downward(f, p->downward_api);
        if (p->service_account_token)
            collect_token(f, p->service_account_token);
        if (error)
            errors = count++ ? arena_printf(a, "%s, %s", errors, error) : error;
    }
    return count > 1 ? arena_printf(a, "[%s]", errors) : errors;
}

static const char *collect(struct payload *f, const struct volume *v)
{
    enum { MODE = 0644 }; /* k8s pkg/apis/core/v1/defaults.go */
    const struct opt_i64 *mode = v->config_map     ? &v->config_map->default_mode
                                 : v->secret       ? &v->secret->default_mode
                                 : v->downward_api ? &v->downward_api->default_mode
                                 : v->projected    ? &v->projected->default_mode
                                                   : NULL;
    f->default_mode = mode && mode->set ? mode->value : MODE;
    if (v->config_map)
        return collect_map(f, KIND_CONFIGMAP, v->config_map);
    if (v->secret)
        return collect_map(f, KIND_SECRET, v->secret);
    if (v->downward_api)
        collect_downward(f, v->downward_api);
    return v->projected ? collect_projected(f, v->projected) : NULL;
}

bool is_projected(const struct volume *v) { return v->config_map || v->secret || v->downward_api || v->projected; }

static bool shows_map(const struct config_map_volume *v, const struct api_object *o)
{
    return v && v->name && strcmp(v->name, o->meta.name) == 0;
}

/* ---- mounting ---- */

static const char *mount_one(struct kpod *kp, uint32_t i)
{
    const struct volume *v = &kpod_spec(kp)->volumes.items[i];
    const char *host = v->host_path ? v->host_path->path : NULL, *node = kpod_kubelet(kp)->name;
    struct payload files = {.kp = kp};
    const char *error = host ? cri_host_path_error(kp->all->cri, node, host, v->host_path->type) : collect(&files, v);
    if (error)
        return error;
    kp->volume_ids[i] = cri_volume_new(kp->all->cri, node, host);
    if (is_projected(v))
        cri_volume_project(kp->all->cri, kp->volume_ids[i], files.items, files.count);
    return NULL;
}

bool volumes_mount(struct kpod *kp)
{
    bool all = true;
    for (uint32_t i = 0; i < kpod_spec(kp)->volumes.count; i++) {
        if (kp->volume_ids[i] || !mount_one(kp, i))
            continue;
        all = false;
        if (kp->volume_retries[i].gap == 0) {
            kp->volume_retries[i].gap = MOUNT_GAP_FIRST;
            kpod_arm(kp, sim_now(kp->all->sim) + FIRST_MOUNT_ATTEMPT, CLASS_NODE_TIMER, NT_VOLUME + i);
        }
    }
    return all;
}

/* ---- later versions of what is shown ---- */

bool volumes_show(const struct kpod *kp, const struct api_object *o)
{
    const struct pod_spec *s = kpod_spec(kp);
    if (strcmp(o->meta.namespace_, kp->pod->object.meta.namespace_) != 0)
        return false;
    for (uint32_t i = 0; i < s->volumes.count; i++) {
        const struct volume *v = &s->volumes.items[i];
        if (shows_map(o->kind == KIND_CONFIGMAP ? v->config_map : v->secret, o))
            return true;
        for (uint32_t k = 0; v->projected && k < v->projected->sources.count; k++) {
            const struct projection *p = &v->projected->sources.items[k];
            if (shows_map(o->kind == KIND_CONFIGMAP ? p->config_map : p->secret, o))
                return true;
        }
    }
    return false;
}

/* A failure leaves what was there. */
static void refresh_one(struct kpod *kp, uint32_t i)
{
    struct payload files = {.kp = kp};
    if (!collect(&files, &kpod_spec(kp)->volumes.items[i]))
        cri_volume_project(kp->all->cri, kp->volume_ids[i], files.items, files.count);
}

/* k8s volume_manager.go: a sync marks the volumes of plugins that RequiresRemount; the reconciler does it. */
void volumes_refresh(struct kpod *kp)
{
    const struct pod_spec *s = kpod_spec(kp);
    for (uint32_t i = 0; i < s->volumes.count; i++) {
        struct payload files = {.kp = kp};
        if (!kp->volume_ids[i] || !is_projected(&s->volumes.items[i]) || collect(&files, &s->volumes.items[i]) ||
            cri_volume_shows(kp->all->cri, kp->volume_ids[i], files.items, files.count))
            continue;
        kpod_arm(kp, sim_time_next_tick(sim_now(kp->all->sim), RECONCILER_PERIOD, 0), CLASS_NODE_TIMER, NT_VOLUME + i);
    }
}

void volume_retry(struct kpod *kp, uint32_t i)
{
    if (kp->volume_ids[i]) {
        refresh_one(kp, i);
        return;
    }
    const char *error = mount_one(kp, i);
    if (!error) {
        podworker_volumes_changed(kp);
        return;
    }
    kpod_event(kp, NULL, true, "FailedMount", "MountVolume.SetUp failed for volume \"%s\" : %s",
               kpod_spec(kp)->volumes.items[i].name, error);
    struct volume_retry *r = &kp->volume_retries[i];
    sim_time late = kpod_draw_for(kp, NULL, r->failures++, HOP_VOLUME_LOOP);
    kpod_arm(kp, sim_now(kp->all->sim) + r->gap + late, CLASS_NODE_TIMER, NT_VOLUME + i);
    r->gap = 2 * r->gap > MOUNT_GAP_MAX ? MOUNT_GAP_MAX : 2 * r->gap;
}

/* A list as Go prints it: "[a b]". */
static const char *unmounted(const struct kpod *kp)
{
    const char *text = "";
    for (uint32_t i = 0; i < kpod_spec(kp)->volumes.count; i++) {
        if (!kp->volume_ids[i])
            text = arena_printf(kp->all->arena, "%s%s%s", text, *text ? " " : "", kpod_spec(kp)->volumes.items[i].name);
    }
    return arena_printf(kp->all->arena, "[%s]", text);
}

static const char *all_volumes(const struct kpod *kp)
{
    const char *text = "";
    for (uint32_t i = 0; i < kpod_spec(kp)->volumes.count; i++)
        text = arena_printf(kp->all->arena, "%s%s%s", text, *text ? " " : "", kpod_spec(kp)->volumes.items[i].name);
    return arena_printf(kp->all->arena, "[%s]", text);
}

/* k8s kubelet.go SyncPod and volume_manager.go WaitForAttachAndMount. Until 1.26 every volume counted as
 * unattached, being no attachable one. The token volume has no name here. */
void volumes_timed_out(struct kpod *kp)
{
    if (kpod_has(kp, FEATURE_SILENT_VOLUME_TIMEOUT))
        return;
    bool unprocessed = kpod_has(kp, FEATURE_VOLUME_TIMEOUT_SAYS_UNPROCESSED);
    kpod_event(kp, NULL, true, "FailedMount",
               "Unable to attach or mount volumes: unmounted volumes=%s, unattached volumes=%s%s: timed out waiting "
               "for the condition",
               unmounted(kp), unprocessed ? "[]" : all_volumes(kp),
               unprocessed ? ", failed to process volumes=[]" : "");
}
