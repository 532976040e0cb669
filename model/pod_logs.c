/* pod_logs.c - see pod_logs.h.
 *
 * Mirrors k8s pkg/kubelet/kubelet_pods.go validateContainerLogStatus and, for the choice of the container,
 * staging/src/k8s.io/kubectl/pkg/cmd/util/podcmd/podcmd.go.
 */
#include "model/pod_logs.h"

#include <string.h>

bool pod_has_container(const struct pod *pod, const char *name)
{
    for (uint32_t i = 0; i < pod->spec.init_containers.count; i++)
        if (text_is(pod->spec.init_containers.items[i].name, name))
            return true;
    for (uint32_t i = 0; i < pod->spec.containers.count; i++)
        if (text_is(pod->spec.containers.items[i].name, name))
            return true;
    for (uint32_t i = 0; i < pod->spec.ephemeral_containers.count; i++)
        if (text_is(pod->spec.ephemeral_containers.items[i].name, name))
            return true;
    return false;
}

/* "web, log, setup (init)" */
static void put_container_names(struct strbuf *out, const struct pod *pod)
{
    for (uint32_t i = 0; i < pod->spec.containers.count; i++)
        strbuf_printf(out, "%s%s", i ? ", " : "", pod->spec.containers.items[i].name);
    for (uint32_t i = 0; i < pod->spec.ephemeral_containers.count; i++)
        strbuf_printf(out, ", %s (ephem)", pod->spec.ephemeral_containers.items[i].name);
    for (uint32_t i = 0; i < pod->spec.init_containers.count; i++)
        strbuf_printf(out, ", %s (init)", pod->spec.init_containers.items[i].name);
}

const char *pod_default_container(struct arena *a, const struct pod *pod, const char **ret_note)
{
    const char *name = str_map_get(&pod->object.meta.annotations, "kubectl.kubernetes.io/default-container");
    *ret_note = NULL;
    if (name && pod_has_container(pod, name))
        return name;
    name = pod->spec.containers.items[0].name;
    if (pod->spec.containers.count + pod->spec.init_containers.count + pod->spec.ephemeral_containers.count > 1) {
        struct strbuf b = STRBUF_INIT;
        strbuf_printf(&b, "Defaulted container \"%s\" out of: ", name);
        put_container_names(&b, pod);
        *ret_note = arena_strdup(a, strbuf_str(&b));
        strbuf_fini(&b);
    }
    return name;
}

const struct container_status *pod_container_status(const struct pod *pod, const char *name)
{
    const struct pod_status *s = &pod->status;
    for (uint32_t i = 0; i < s->container_statuses.count; i++)
        if (text_is(s->container_statuses.items[i].name, name))
            return &s->container_statuses.items[i];
    for (uint32_t i = 0; i < s->init_container_statuses.count; i++)
        if (text_is(s->init_container_statuses.items[i].name, name))
            return &s->init_container_statuses.items[i];
    for (uint32_t i = 0; i < s->ephemeral_container_statuses.count; i++)
        if (text_is(s->ephemeral_container_statuses.items[i].name, name))
            return &s->ephemeral_container_statuses.items[i];
    return NULL;
}

static const char *ended_id(const struct container_state *state)
{
    const char *id = state->terminated ? state->terminated->container_id : NULL;
    return id && *id ? id : NULL;
}

/* What the kubelet says of the most common reasons why nothing has run yet. */
static const char *waiting_words(const char *reason)
{
    return text_is(reason, "ErrImagePull")       ? "image can't be pulled"
           : text_is(reason, "ImagePullBackOff") ? "trying and failing to pull image"
                                                 : reason;
}

const char *pod_log_container(struct arena *a, const struct pod *pod, const char *name, bool previous,
                              const char **ret_error)
{
    const struct container_status *s = pod_container_status(pod, name);
    const char *id = NULL, *pod_name = pod->object.meta.name;
    *ret_error = NULL;
    if (!s) {
        *ret_error = arena_printf(a, "container \"%s\" in pod \"%s\" is not available", name, pod_name);
    } else if (previous) {
        id = ended_id(&s->last_state);
        if (!id)
            *ret_error =
                arena_printf(a, "previous terminated container \"%s\" in pod \"%s\" not found", name, pod_name);
    } else if (s->state.running) {
        id = s->container_id;
    } else if (s->state.terminated || s->last_state.terminated) {
        id = ended_id(&s->state) ? ended_id(&s->state) : ended_id(&s->last_state);
        if (!id)
            *ret_error = arena_printf(a, "container \"%s\" in pod \"%s\" is terminated", name, pod_name);
    } else if (s->state.waiting && s->state.waiting->reason) {
        *ret_error = arena_printf(a, "container \"%s\" in pod \"%s\" is waiting to start: %s", name, pod_name,
                                  waiting_words(s->state.waiting->reason));
    } else {
        *ret_error =
            arena_printf(a, "container \"%s\" in pod \"%s\" is waiting to start - no logs yet", name, pod_name);
    }
    return id;
}

size_t log_tail(const char *log, size_t len, int64_t lines)
{
    size_t at = len;
    if (lines <= 0)
        return lines < 0 ? 0 : len;
    if (at && log[at - 1] == '\n')
        at--;
    while (at > 0 && !(log[at - 1] == '\n' && --lines <= 0))
        at--;
    return at;
}
