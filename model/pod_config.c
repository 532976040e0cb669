/* pod_config.c - what a container is started with: volumes, environment, command line.
 *
 * Mirrors k8s pkg/kubelet/kubelet_pods.go makeEnvironmentVariables, pkg/kubelet/container/helpers.go
 * (expansion), pkg/volume/{configmap,secret,emptydir,hostpath,downwardapi,projected} and the retry
 * times of the volume reconciler. Rules: semantics/kubelet.md 2.3, 2.5 step 4.
 * Left out on purpose: persistent volumes (mounted empty), live updates of mounted ConfigMaps, file
 * modes and owners.
 */
#include <string.h>

#include "model/classes.h"
#include "model/kubelet.h"

/* ---- fields of the pod ---- */

/* "metadata.labels['app']" -> "app" when `path` begins with `map`. */
static const char *subscript(struct arena *a, const char *path, const char *map)
{
    size_t n = strlen(map), len = strlen(path);
    if (strncmp(path, map, n) != 0 || len < n + 4 || path[n] != '[' || path[n + 1] != '\'')
        return NULL;
    return arena_strndup(a, path + n + 2, len - n - 4);
}

static const char *all_pairs(struct arena *a, const str_map *m)
{
    const char *text = "";
    for (uint32_t i = 0; i < m->count; i++)
        text = arena_printf(a, "%s%s%s=\"%s\"", text, i ? "\n" : "", m->items[i].key, m->items[i].value);
    return text;
}

static const char *pod_field(struct kpod *kp, const char *path)
{
    struct arena *a = kp->all->arena;
    const struct object_meta *m = &kp->pod->object.meta;
    const struct pod_spec *s = kpod_spec(kp);
    const struct {
        const char *path, *value;
    } fields[] = {
        {"metadata.name", m->name},
        {"metadata.namespace", m->namespace_},
        {"metadata.uid", m->uid},
        {"spec.nodeName", s->node_name},
        {"spec.serviceAccountName", s->service_account_name ? s->service_account_name : "default"},
        {"status.hostIP", kpod_kubelet(kp)->ip},
        {"status.hostIPs", kpod_kubelet(kp)->ip},
        {"status.podIP", kp->ip ? kp->ip : ""},
        {"status.podIPs", kp->ip ? kp->ip : ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        if (strcmp(path, fields[i].path) == 0)
            return fields[i].value;
    }
    const char *key = subscript(a, path, "metadata.labels"), *value = NULL;
    if (key)
        value = str_map_get(&m->labels, key);
    else if ((key = subscript(a, path, "metadata.annotations")))
        value = str_map_get(&m->annotations, key);
    if (key)
        return value ? value : "";
    if (strcmp(path, "metadata.labels") == 0)
        return all_pairs(a, &m->labels);
    if (strcmp(path, "metadata.annotations") == 0)
        return all_pairs(a, &m->annotations);
    return NULL;
}

/* A resource of one container, in units of the divisor, rounded up; a missing limit is the node's. */
static const char *resource_field(struct kpod *kp, const struct container *self,
                                  const struct resource_field_selector *r)
{
    const struct pod_spec *s = kpod_spec(kp);
    const struct container *c = self;
    for (uint32_t i = 0; r->container_name && i < s->containers.count; i++) {
        if (strcmp(s->containers.items[i].name, r->container_name) == 0)
            c = &s->containers.items[i];
    }
    bool limits = strncmp(r->resource, "limits.", 7) == 0;
    const char *key = strchr(r->resource, '.') ? strchr(r->resource, '.') + 1 : "";
    const quantity_map *m = limits ? &c->resources.limits : &c->resources.requests;
    const struct quantity *q = NULL;
    for (uint32_t i = 0; i < m->count; i++) {
        if (strcmp(m->items[i].key, key) == 0)
            q = &m->items[i].value;
    }
    const quantity_map *node = &kpod_kubelet(kp)->node->status.allocatable;
    for (uint32_t i = 0; limits && !q && i < node->count; i++) {
        if (strcmp(node->items[i].key, key) == 0)
            q = &node->items[i].value;
    }
    if (!q)
        return "0";
    int64_t divisor = r->divisor.set && quantity_milli(&r->divisor) > 0 ? quantity_milli(&r->divisor) : 1000;
    int64_t milli = quantity_milli(q);
    if (milli == INT64_MAX) /* too large for thousandths: bytes of a big machine */
        return arena_printf(kp->all->arena, "%" PRId64, quantity_value(q) / (divisor / 1000 ? divisor / 1000 : 1));
    return arena_printf(kp->all->arena, "%" PRId64, milli / divisor + (milli % divisor != 0));
}

/* ---- $(VAR) ---- */

typedef LIST_OF(struct str_pair) env_list;

static const char *lookup(const env_list *env, const char *name, size_t n)
{
    for (uint32_t i = env->count; i-- > 0;) {
        if (strncmp(env->items[i].key, name, n) == 0 && env->items[i].key[n] == '\0')
            return env->items[i].value;
    }
    return NULL;
}

/* k8s third_party/forked/golang/expansion: $(X) if known, $$ is $, everything else stays. */
static const char *expand(struct arena *a, const char *s, const env_list *env)
{
    if (!strchr(s, '$'))
        return s;
    struct strbuf b = STRBUF_INIT;
    while (*s) {
        const char *close = s[0] == '$' && s[1] == '(' ? strchr(s, ')') : NULL;
        const char *value = close ? lookup(env, s + 2, (size_t)(close - s - 2)) : NULL;
        if (s[0] == '$' && s[1] == '$') {
            strbuf_putc(&b, '$');
            s += 2;
        } else if (value) {
            strbuf_puts(&b, value);
            s = close + 1;
        } else {
            strbuf_putc(&b, *s++);
        }
    }
    const char *text = arena_strdup(a, strbuf_str(&b));
    strbuf_fini(&b);
    return text;
}

static const char *in_list(struct arena *a, const char *list, const char *name, size_t n)
{
    return arena_printf(a, "%s%s%.*s", list, *list ? ", " : "", (int)n, name);
}

/* k8s pkg/kubelet/container/helpers.go ExpandContainerVolumeMounts: every $(VAR) must have a value. */
static const char *expand_sub_path(struct arena *a, const char *s, const env_list *env, const char **ret_error)
{
    struct str_pair *missing = arena_array(a, struct str_pair, strlen(s) / 3 + 1);
    uint32_t count = 0;
    for (const char *at = s; (at = strchr(at, '$')); at += at[1] == '$' ? 2 : 1) {
        const char *close = at[1] == '(' ? strchr(at, ')') : NULL, *value;
        if (!close)
            continue;
        value = lookup(env, at + 2, (size_t)(close - at - 2));
        if (value && *value)
            continue;
        const char *name = arena_strndup(a, at + 2, (size_t)(close - at - 2));
        uint32_t i = 0;
        while (i < count && strcmp(missing[i].key, name) < 0)
            i++;
        if (i < count && strcmp(missing[i].key, name) == 0)
            continue;
        memmove(&missing[i + 1], &missing[i], (count++ - i) * sizeof *missing);
        missing[i].key = name;
    }
    const char *list = "";
    for (uint32_t i = 0; i < count; i++)
        list = in_list(a, list, missing[i].key, strlen(missing[i].key));
    if (count)
        *ret_error = arena_printf(a, "missing value for %s", list);
    return count ? NULL : expand(a, s, env);
}

/* k8s kubelet_pods.go makeMounts. */
static const char *sub_path_error(struct arena *a, const char *path)
{
    if (path[0] == '/')
        return arena_printf(a, "error SubPath `%s` must not be an absolute path", path);
    for (const char *part = path; part; part = strchr(part, '/')) {
        part += *part == '/';
        if (strncmp(part, "..", 2) == 0 && (part[2] == '/' || !part[2]))
            return arena_printf(a, "unable to provision SubPath `%s`: must not contain '..'", path);
    }
    return NULL;
}

static str_list expand_list(struct arena *a, const str_list *list, const env_list *env)
{
    str_list out = {list->count ? arena_array(a, const char *, list->count) : NULL, list->count};
    for (uint32_t i = 0; i < list->count; i++)
        out.items[i] = expand(a, list->items[i], env);
    return out;
}

str_list expand_command(struct kpod *kp, const struct kcontainer *c, const str_list *command)
{
    struct arena *a = kp->all->arena;
    env_list env = {arena_array(a, struct str_pair, c->spec->env.count + 1), 0};
    for (uint32_t i = 0; i < c->spec->env.count; i++) {
        const struct env_var *v = &c->spec->env.items[i];
        if (!v->value_from)
            env.items[env.count++] = (struct str_pair){v->name, v->value ? v->value : ""};
    }
    return expand_list(a, command, &env);
}

/* ---- environment ---- */

struct env_builder {
    struct kpod *kp;
    const struct container *spec;
    struct arena *a;
    env_list list;
    uint32_t capacity;
    const char *error;
};

static void env_add(struct env_builder *b, const char *key, const char *value)
{
    for (uint32_t i = 0; i < b->list.count; i++) {
        if (strcmp(b->list.items[i].key, key) == 0) {
            b->list.items[i].value = value;
            return;
        }
    }
    if (b->list.count == b->capacity) {
        b->capacity = b->capacity ? 2 * b->capacity : 16;
        struct str_pair *items = arena_array(b->a, struct str_pair, b->capacity);
        if (b->list.count)
            memcpy(items, b->list.items, b->list.count * sizeof(*items));
        b->list.items = items;
    }
    b->list.items[b->list.count++] = (struct str_pair){key, value};
}

static const char *service_variable(struct arena *a, const char *service, const char *suffix)
{
    char *name = arena_printf(a, "%s%s", service, suffix);
    for (char *p = name; *p; p++)
        *p = (char)(*p == '-' ? '_' : *p >= 'a' && *p <= 'z' ? *p - 'a' + 'A' : *p);
    return name;
}

/* k8s pkg/kubelet/envvars: Services of the namespace, and the API server's own. */
static void env_services(struct env_builder *b)
{
    struct store *st = b->kp->all->store;
    const struct pod_spec *spec = kpod_spec(b->kp);
    bool links = !spec->enable_service_links.set || spec->enable_service_links.value;
    uint32_t cursor = 0;
    const struct api_object *o;
    while ((o = store_next(st, KIND_SERVICE, &cursor))) {
        const struct service *s = (const struct service *)o;
        bool api = strcmp(o->meta.name, "kubernetes") == 0 && strcmp(o->meta.namespace_, "default") == 0;
        bool mine = links && strcmp(o->meta.namespace_, b->kp->pod->object.meta.namespace_) == 0;
        if ((!api && !mine) || !s->spec.cluster_ip || strcmp(s->spec.cluster_ip, "None") == 0 ||
            s->spec.ports.count == 0)
            continue;
        env_add(b, service_variable(b->a, o->meta.name, "_SERVICE_HOST"), s->spec.cluster_ip);
        env_add(b, service_variable(b->a, o->meta.name, "_SERVICE_PORT"),
                arena_printf(b->a, "%" PRId64, s->spec.ports.items[0].port));
    }
}

static const str_map *data_of(struct kpod *kp, enum api_kind kind, const char *name)
{
    const struct api_object *o = store_get(kp->all->store, kind, kp->pod->object.meta.namespace_, name);
    if (!o)
        return NULL;
    return kind == KIND_CONFIGMAP ? &((const struct config_map *)o)->data : &((const struct secret *)o)->data;
}

static const char *missing(struct arena *a, enum api_kind kind, const char *name)
{
    return arena_printf(a, "%s \"%s\" not found", kind == KIND_CONFIGMAP ? "configmap" : "secret", name);
}

static void env_from(struct env_builder *b, const struct env_from_source *f)
{
    enum api_kind kind = f->config_map_ref ? KIND_CONFIGMAP : KIND_SECRET;
    const struct env_source *ref = f->config_map_ref ? f->config_map_ref : f->secret_ref;
    if (!ref)
        return;
    const str_map *m = data_of(b->kp, kind, ref->name);
    if (!m && !ref->optional.value && !b->error)
        b->error = missing(b->a, kind, ref->name);
    for (uint32_t i = 0; m && i < m->count; i++)
        env_add(b, arena_printf(b->a, "%s%s", f->prefix ? f->prefix : "", m->items[i].key), m->items[i].value);
}

static void env_key(struct env_builder *b, const struct env_var *v, enum api_kind kind, const struct key_selector *ref)
{
    const str_map *m = data_of(b->kp, kind, ref->name);
    const char *value = m ? str_map_get(m, ref->key) : NULL;
    if (value) {
        env_add(b, v->name, value);
        return;
    }
    if (ref->optional.value || b->error)
        return;
    b->error = !m ? missing(b->a, kind, ref->name)
                  : arena_printf(b->a, "couldn't find key %s in %s %s/%s", ref->key,
                                 kind == KIND_CONFIGMAP ? "ConfigMap" : "Secret", b->kp->pod->object.meta.namespace_,
                                 ref->name);
}

static void env_one(struct env_builder *b, const struct env_var *v)
{
    const struct env_var_source *from = v->value_from;
    if (!from) {
        env_add(b, v->name, expand(b->a, v->value ? v->value : "", &b->list));
    } else if (from->field_ref) {
        const char *value = pod_field(b->kp, from->field_ref->field_path);
        env_add(b, v->name, value ? value : "");
    } else if (from->resource_field_ref) {
        env_add(b, v->name, resource_field(b->kp, b->spec, from->resource_field_ref));
    } else if (from->config_map_key_ref) {
        env_key(b, v, KIND_CONFIGMAP, from->config_map_key_ref);
    } else if (from->secret_key_ref) {
        env_key(b, v, KIND_SECRET, from->secret_key_ref);
    }
}

/* ---- volumes ---- */

/* k8s pkg/volume/volumemanager: populator and reconciler, 100 ms each, see a new pod's volumes after
 * 0.2 s; goroutinemap/exponentialbackoff: gaps 0.5 s doubling to 122 s. */
#define FIRST_MOUNT_ATTEMPT (200 * SIM_MS)
#define MOUNT_GAP_FIRST     (500 * SIM_MS)
#define MOUNT_GAP_MAX       (122 * SIM_SECOND)

static const char *write_map(struct kpod *kp, uint32_t id, enum api_kind kind, const struct config_map_volume *v)
{
    struct arena *a = kp->all->arena;
    const str_map *m = data_of(kp, kind, v->name);
    if (!m)
        return v->optional.value ? NULL : missing(a, kind, v->name);
    for (uint32_t i = 0; i < v->items.count; i++) {
        const char *value = str_map_get(m, v->items.items[i].key);
        if (value)
            cri_volume_write(kp->all->cri, id, v->items.items[i].path, value, strlen(value));
        else if (!v->optional.value)
            return arena_printf(a, "%s references non-existent %s key: %s",
                                kind == KIND_CONFIGMAP ? "configmap" : "secret",
                                kind == KIND_CONFIGMAP ? "config" : "secret", v->items.items[i].key);
    }
    for (uint32_t i = 0; v->items.count == 0 && i < m->count; i++)
        cri_volume_write(kp->all->cri, id, m->items[i].key, m->items[i].value, strlen(m->items[i].value));
    return NULL;
}

static void write_downward(struct kpod *kp, uint32_t id, const struct downward_api_volume *v)
{
    for (uint32_t i = 0; i < v->items.count; i++) {
        const struct downward_api_file *f = &v->items.items[i];
        const char *value = f->field_ref ? pod_field(kp, f->field_ref->field_path)
                            : f->resource_field_ref
                                ? resource_field(kp, &kpod_spec(kp)->containers.items[0], f->resource_field_ref)
                                : "";
        if (value)
            cri_volume_write(kp->all->cri, id, f->path, value, strlen(value));
    }
}

static const char *write_projected(struct kpod *kp, uint32_t id, const struct projected_volume *v)
{
    const char *error = NULL;
    for (uint32_t i = 0; i < v->sources.count && !error; i++) {
        const struct projection *p = &v->sources.items[i];
        if (p->config_map)
            error = write_map(kp, id, KIND_CONFIGMAP, p->config_map);
        if (p->secret && !error)
            error = write_map(kp, id, KIND_SECRET, p->secret);
        if (p->downward_api)
            write_downward(kp, id, p->downward_api);
        if (p->service_account_token)
            cri_volume_write(kp->all->cri, id, "token", "podsim-service-account-token", 28);
    }
    return error;
}

static const char *mount_one(struct kpod *kp, uint32_t i)
{
    const struct volume *v = &kpod_spec(kp)->volumes.items[i];
    const char *host = v->host_path ? v->host_path->path : NULL;
    uint32_t id = cri_volume_new(kp->all->cri, kpod_kubelet(kp)->name, host);
    const char *error = NULL;
    if (v->config_map)
        error = write_map(kp, id, KIND_CONFIGMAP, v->config_map);
    else if (v->secret)
        error = write_map(kp, id, KIND_SECRET, v->secret);
    else if (v->downward_api)
        write_downward(kp, id, v->downward_api);
    else if (v->projected)
        error = write_projected(kp, id, v->projected);
    if (!error)
        kp->volume_ids[i] = id;
    return error;
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

void volume_retry(struct kpod *kp, uint32_t i)
{
    if (kp->volume_ids[i])
        return;
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

/* ---- the whole configuration ---- */

/* Where the kubelet has a volume on the node: k8s pkg/kubelet/kubelet_getters.go, the plugins' names. */
static const char *volume_path(const struct kpod *kp, const struct volume *v)
{
    static const char pods[] = "/var/lib/kubelet/pods";
    const char *plugin = v->config_map     ? "configmap"
                         : v->secret       ? "secret"
                         : v->downward_api ? "downward-api"
                         : v->projected    ? "projected"
                                           : "empty-dir";
    if (v->host_path)
        return v->host_path->path;
    return arena_printf(kp->all->arena, "%s/%s/volumes/kubernetes.io~%s/%s", pods, kp->pod->object.meta.uid, plugin,
                        v->name);
}

static const char *mount_source(const struct kpod *kp, const struct container *c, uint32_t i, const struct volume *v)
{
    if (!c->volume_mounts.items[i].sub_path && !c->volume_mounts.items[i].sub_path_expr)
        return volume_path(kp, v);
    return arena_printf(kp->all->arena, "/var/lib/kubelet/pods/%s/volume-subpaths/%s/%s/%" PRIu32,
                        kp->pod->object.meta.uid, v->name, c->name, i);
}

/* NULL, or why a mount cannot be made. */
static const char *add_mounts(struct kpod *kp, const struct container *c, const env_list *env,
                              struct cri_container_config *config)
{
    const struct pod_spec *s = kpod_spec(kp);
    const char *error = NULL;
    if (c->volume_mounts.count == 0)
        return NULL;
    config->mounts.items = arena_array(kp->all->arena, struct cri_mount, c->volume_mounts.count);
    for (uint32_t i = 0; i < c->volume_mounts.count; i++) {
        const struct volume_mount *m = &c->volume_mounts.items[i];
        const char *sub_path = m->sub_path;
        if (m->sub_path_expr && *m->sub_path_expr)
            sub_path = expand_sub_path(kp->all->arena, m->sub_path_expr, env, &error);
        if (!error && sub_path && *sub_path)
            error = sub_path_error(kp->all->arena, sub_path);
        if (error)
            return error;
        for (uint32_t v = 0; v < s->volumes.count; v++) {
            if (strcmp(s->volumes.items[v].name, m->name) == 0)
                config->mounts.items[config->mounts.count++] =
                    (struct cri_mount){.volume = kp->volume_ids[v],
                                       .path = m->mount_path,
                                       .sub_path = sub_path,
                                       .source = mount_source(kp, c, i, &s->volumes.items[v]),
                                       .read_only = m->read_only};
        }
    }
    return NULL;
}

static const struct value *container_source(const struct kpod *kp, const struct kcontainer *c)
{
    const struct value *spec = kp->pod->object.source ? value_get(kp->pod->object.source, "spec") : NULL;
    if (c->ephemeral)
        return NULL; /* it came with a patch */
    const struct value *list = spec ? value_get(spec, c->init ? "initContainers" : "containers") : NULL;
    uint32_t i = c->init ? c->index : c->index - kp->init_count;
    return list && list->type == VALUE_LIST && i < list->count ? list->items[i] : NULL;
}

int64_t memory_limit_of(const struct resource_requirements *r)
{
    for (uint32_t i = 0; i < r->limits.count; i++) {
        if (strcmp(r->limits.items[i].key, "memory") == 0)
            return quantity_value(&r->limits.items[i].value);
    }
    return 0;
}

/* The container whose processes an ephemeral one sees; 0 = none, or it does not run. */
static uint32_t target_of(const struct kpod *kp, const struct kcontainer *c)
{
    for (uint32_t i = 0; c->spec->target_container_name && i < kp->container_count; i++) {
        const struct kcontainer *t = &kp->containers[i];
        if (strcmp(t->spec->name, c->spec->target_container_name) == 0)
            return t->newest && cri_container(kp->all->cri, t->newest)->state == CRI_RUNNING ? t->newest : 0;
    }
    return 0;
}

const char *make_container_config(struct kpod *kp, struct kcontainer *c, struct cri_container_config *config)
{
    struct arena *a = kp->all->arena;
    struct env_builder b = {.kp = kp, .spec = c->spec, .a = a};
    env_add(&b, "HOSTNAME", kpod_spec(kp)->hostname ? kpod_spec(kp)->hostname : kp->pod->object.meta.name);
    env_services(&b);
    for (uint32_t i = 0; i < c->spec->env_from.count; i++)
        env_from(&b, &c->spec->env_from.items[i]);
    for (uint32_t i = 0; i < c->spec->env.count; i++)
        env_one(&b, &c->spec->env.items[i]);
    if (b.error)
        return b.error;
    const struct value *source = container_source(kp, c);
    *config = (struct cri_container_config){
        .name = c->spec->name,
        .image = c->spec->image,
        .attempt = c->next_attempt,
        .init = c->init,
        .target = target_of(kp, c),
        .command = expand_list(a, &c->spec->command, &b.list),
        .args = expand_list(a, &c->spec->args, &b.list),
        .working_dir = c->spec->working_dir,
        .termination_message_path = c->spec->termination_message_path,
        .memory_limit_bytes = memory_limit_of(&c->spec->resources),
        .tty = c->spec->tty,
        .stdin_ = c->spec->stdin_,
        .spec = c->spec,
        .command_source = source ? value_get(source, "command") : NULL,
        .args_source = source ? value_get(source, "args") : NULL,
        .source = source,
        .exited = {CLASS_RUNTIME, kp->object, RT_EXITED + c->index, true},
    };
    config->env.items = b.list.items;
    config->env.count = b.list.count;
    const char *error = add_mounts(kp, c->spec, &b.list, config);
    const struct image *image = image_find(kp->all->images, c->spec->image);
    return error ? error : verify_run_as_non_root(a, kp->pod, c->spec, image->user);
}
