/* pod_config.c - what a container is started with: its mounts, its command line; variables are in pod_env.c, volumes in
 * pod_volumes.c. Mirrors k8s pkg/kubelet/kubelet_pods.go GenerateRunContainerOptions. Rules: semantics/kubelet.md 2.5
 * step 4.
 */
#include <string.h>

#include "model/classes.h"
#include "model/pod_config.h"

/* ---- mounts ---- */

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
                                       .read_only = m->read_only || is_projected(&s->volumes.items[v])};
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

static bool is_true(const struct value *map, const char *field)
{
    const struct value *v = map ? value_get(map, field) : NULL;
    return v && v->type == VALUE_BOOL && v->boolean;
}

const char *make_container_config(struct kpod *kp, struct kcontainer *c, struct cri_container_config *config)
{
    struct arena *a = kp->all->arena;
    const struct pod_spec *spec = kpod_spec(kp);
    env_list env = {0};
    const char *error = make_environment(kp, c->spec, &env);
    if (error)
        return error;
    const struct value *source = container_source(kp, c);
    *config = (struct cri_container_config){
        .name = c->spec->name,
        .image = c->spec->image,
        .attempt = c->next_attempt,
        .init = c->init,
        .target = target_of(kp, c),
        .command = expand_list(a, &c->spec->command, &env),
        .args = expand_list(a, &c->spec->args, &env),
        .working_dir = c->spec->working_dir,
        .termination_message_path = c->spec->termination_message_path,
        .memory_limit_bytes = memory_limit_of(&c->spec->resources),
        .tty = c->spec->tty,
        .stdin_ = c->spec->stdin_,
        .spec = c->spec,
        .command_source = source ? value_get(source, "command") : NULL,
        .args_source = source ? value_get(source, "args") : NULL,
        .source = source,
        .read_only_root = is_true(c->spec->security_context, "readOnlyRootFilesystem"),
        .no_token = spec->automount_service_account_token.set && !spec->automount_service_account_token.value,
        .exited = {CLASS_RUNTIME, kp->object, RT_EXITED + c->index, true},
    };
    config->env.items = env.items;
    config->env.count = env.count;
    error = add_mounts(kp, c->spec, &env, config);
    const struct image *image = image_find(kp->all->images, c->spec->image);
    return error ? error : verify_run_as_non_root(a, kp->pod, c->spec, image->user);
}
