/* kubectl_exec.c - kubectl exec and logs: what looks into containers.
 *
 * exec takes simulated time: the command runs in the container and its output is recorded when it has
 * ended. kubectl pkg/cmd/exec, pkg/cmd/logs; the kubelet's words for containers without logs:
 * k8s pkg/kubelet/kubelet_pods.go validateContainerLogStatus.
 */
#include <string.h>

#include "model/classes.h"
#include "model/kubectl_private.h"

static const struct pod *only_pod(struct kubectl_run *r)
{
    object_list list = kubectl_targets(r);
    return list.count && list.items[0]->kind == KIND_POD ? (const struct pod *)list.items[0] : NULL;
}

static bool pod_has_container(const struct pod *pod, const char *name)
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
    for (uint32_t i = 0; i < pod->spec.init_containers.count; i++)
        strbuf_printf(out, ", %s (init)", pod->spec.init_containers.items[i].name);
}

/* The container of -c, of the annotation, or the first one - which kubectl says when there are more.
 * k8s staging/src/k8s.io/kubectl/pkg/polymorphichelpers, pkg/cmd/util/podcmd. NULL after an error. */
static const char *choose_container(struct kubectl_run *r, const struct pod *pod)
{
    const char *name = r->command->container;
    if (name && pod_has_container(pod, name))
        return name;
    if (name && r->command->verb == VERB_LOGS)
        kubectl_fail(r, "error: container %s is not valid for pod %s", name, pod->object.meta.name);
    else if (name)
        kubectl_fail(r, "Error from server (BadRequest): container %s is not valid for pod %s", name,
                     pod->object.meta.name);
    if (name)
        return NULL;
    name = str_map_get(&pod->object.meta.annotations, "kubectl.kubernetes.io/default-container");
    if (name && pod_has_container(pod, name))
        return name;
    name = pod->spec.containers.items[0].name;
    if (pod->spec.containers.count + pod->spec.init_containers.count > 1) {
        strbuf_printf(r->out, "Defaulted container \"%s\" out of: ", name);
        put_container_names(r->out, pod);
        strbuf_putc(r->out, '\n');
    }
    return name;
}

static const struct container_status *find_status(const struct pod *pod, const char *name)
{
    for (uint32_t i = 0; i < pod->status.init_container_statuses.count; i++)
        if (text_is(pod->status.init_container_statuses.items[i].name, name))
            return &pod->status.init_container_statuses.items[i];
    for (uint32_t i = 0; i < pod->status.container_statuses.count; i++)
        if (text_is(pod->status.container_statuses.items[i].name, name))
            return &pod->status.container_statuses.items[i];
    return NULL;
}

/* ---- exec ---- */

struct exec_wait {
    struct sim *sim;
    struct cri *cri;
    uint32_t exec, record;
    const char *before; /* what was said when it began */
    struct sim_timer done;
};

static struct sim_timer *exec_timer(void *ctx, uint32_t local, uint32_t class, uint32_t index)
{
    (void)local, (void)class, (void)index;
    return &((struct exec_wait *)ctx)->done;
}

/* containerd's own streaming server answers for exec: its error has no gRPC wrapping. */
static const char *without_grpc(const char *error)
{
    const char *desc = strstr(error, " desc = ");
    return strncmp(error, "rpc error: ", 11) == 0 && desc ? desc + 8 : error;
}

static void exec_output(struct strbuf *b, const struct exec_wait *w, const struct cri_exec *e)
{
    strbuf_puts(b, w->before);
    if (e->output)
        strbuf_puts(b, e->output);
    if (b->len && b->data[b->len - 1] != '\n')
        strbuf_putc(b, '\n');
    if (e->error)
        strbuf_printf(b,
                      "error: Internal error occurred: Internal error occurred: error executing command in "
                      "container: %s\n",
                      without_grpc(e->error));
    else if (e->exit_code)
        strbuf_printf(b, "command terminated with exit code %" PRId32 "\n", e->exit_code);
}

static void exec_done(void *ctx, uint32_t local, uint32_t class, uint32_t index)
{
    (void)local, (void)class, (void)index;
    struct exec_wait *w = ctx;
    const struct cri_exec *e = cri_exec_result(w->cri, w->exec);
    struct strbuf b = STRBUF_INIT;
    exec_output(&b, w, e);
    sim_set_cause(w->sim, w->record);
    sim_record(w->sim, (struct trace_record){
                           .kind = TRACE_ACTION_OUTPUT,
                           .component = COMP_USER,
                           .aux = e->error ? 1 : (uint32_t)e->exit_code,
                           .text = arena_strdup(sim_arena(w->sim), strbuf_str(&b)),
                       });
    strbuf_fini(&b);
    cri_exec_release(w->cri, w->exec);
}

void kubectl_exec(struct kubectl_run *r)
{
    const struct pod *pod = only_pod(r);
    if (!pod)
        return;
    if (text_is(pod->status.phase, "Succeeded") || text_is(pod->status.phase, "Failed")) {
        kubectl_fail(r, "error: cannot exec into a container in a completed pod; current phase is %s",
                     pod->status.phase);
        return;
    }
    const char *name = choose_container(r, pod);
    if (!name)
        return;
    struct cri *cri = cluster_cri(r->cluster);
    uint32_t id = cluster_find_container(r->cluster, pod->object.ordinal, name);
    const struct cri_container *c = id ? cri_container(cri, id) : NULL;
    if (!pod->spec.node_name || !*pod->spec.node_name) {
        kubectl_fail(r, "Error from server (BadRequest): pod %s does not have a host assigned", pod->object.meta.name);
        return;
    }
    const char *unreachable = cluster_kubelet_error(r->cluster, pod->spec.node_name);
    if (unreachable) {
        kubectl_fail(r, "Error from server: error dialing backend: %s", unreachable);
        return;
    }
    if (!c || c->state != CRI_RUNNING) {
        kubectl_fail(r, "error: Internal error occurred: unable to upgrade connection: container not found (\"%s\")",
                     name);
        return;
    }
    struct exec_wait *w = arena_new(r->arena, struct exec_wait);
    *w = (struct exec_wait){.sim = r->sim, .cri = cri, .record = r->record};
    w->before = arena_strdup(r->arena, strbuf_str(r->out));
    strbuf_reset(r->out);
    uint32_t handler = sim_handler_add(r->sim, &(struct sim_handler){"kubectl exec", w, exec_timer, exec_done});
    uint32_t object = sim_object_new(r->sim, handler, 0);
    w->exec = cri_exec(cri, id, &r->command->argv, 0,
                       (struct sim_key){.class_ = CLASS_ACTION, .object = object, .index = 0, .set = true});
}

/* ---- logs ---- */

static void put_log(struct kubectl_run *r, uint32_t id)
{
    size_t len = 0;
    const char *log = cri_log(cluster_cri(r->cluster), id, &len);
    if (r->command->tail >= 0) {
        size_t at = len;
        int64_t lines = r->command->tail;
        if (at && log[at - 1] == '\n')
            at--;
        while (at > 0 && !(log[at - 1] == '\n' && --lines <= 0))
            at--;
        if (r->command->tail == 0)
            at = len;
        log += at;
        len -= at;
    }
    strbuf_add(r->out, log, len);
    if (len && log[len - 1] != '\n')
        strbuf_putc(r->out, '\n');
}

/* The instance before the newest: ids count up, so it is the next lower one of the same name and pod. */
static uint32_t previous_instance(struct kubectl_run *r, uint32_t newest)
{
    struct cri *cri = cluster_cri(r->cluster);
    const struct cri_container *n = cri_container(cri, newest);
    uint32_t pod = cri_sandbox(cri, n->sandbox)->config.pod_ordinal;
    for (uint32_t id = newest; id-- > 1;) {
        const struct cri_container *c = cri_container(cri, id);
        if (c && text_is(c->config.name, n->config.name) && cri_sandbox(cri, c->sandbox) &&
            cri_sandbox(cri, c->sandbox)->config.pod_ordinal == pod)
            return id;
    }
    return 0;
}

static void container_log(struct kubectl_run *r, const struct pod *pod, const char *name)
{
    const struct container_status *s = find_status(pod, name);
    uint32_t id = cluster_find_container(r->cluster, pod->object.ordinal, name);
    const char *waiting =
        s && s->state.waiting && s->state.waiting->reason ? s->state.waiting->reason : "ContainerCreating";
    if (!pod->spec.node_name || !*pod->spec.node_name)
        return; /* kubectl prints nothing for a pod without a node */
    const char *unreachable = cluster_kubelet_error(r->cluster, pod->spec.node_name);
    if (unreachable) {
        const char *address = unreachable + strlen("dial tcp ");
        kubectl_fail(r, "Error from server: Get \"https://%.*s/containerLogs/%s/%s/%s\": %s",
                     (int)(strstr(address, ": ") - address), address, pod->object.meta.namespace_,
                     pod->object.meta.name, name, unreachable);
        return;
    }
    if (r->command->previous) {
        uint32_t before = id ? previous_instance(r, id) : 0;
        if (before)
            put_log(r, before);
        else
            kubectl_fail(r,
                         "Error from server (BadRequest): previous terminated container \"%s\" in pod \"%s\" not found",
                         name, pod->object.meta.name);
        return;
    }
    if (id)
        put_log(r, id);
    else
        kubectl_fail(r, "Error from server (BadRequest): container \"%s\" in pod \"%s\" is waiting to start: %s", name,
                     pod->object.meta.name, waiting);
}

static void pod_logs(struct kubectl_run *r, const struct pod *pod)
{
    if (!r->command->all_containers) {
        const char *name = choose_container(r, pod);
        if (name)
            container_log(r, pod, name);
        return;
    }
    for (uint32_t i = 0; i < pod->spec.init_containers.count; i++)
        container_log(r, pod, pod->spec.init_containers.items[i].name);
    for (uint32_t i = 0; i < pod->spec.containers.count; i++)
        container_log(r, pod, pod->spec.containers.items[i].name);
}

void kubectl_logs(struct kubectl_run *r)
{
    object_list list = kubectl_targets(r);
    for (uint32_t i = 0; i < list.count; i++)
        if (list.items[i]->kind == KIND_POD)
            pod_logs(r, (const struct pod *)list.items[i]);
}
