/* kubectl_exec.c - kubectl exec and logs: what looks into containers.
 *
 * exec takes simulated time: the command runs in the container and its output is recorded when it has
 * ended. kubectl pkg/cmd/exec, pkg/cmd/logs; which log it is: pod_logs.c.
 */
#include <string.h>

#include "model/classes.h"
#include "model/kubectl_private.h"
#include "model/pod_logs.h"

static const struct pod *only_pod(struct kubectl_run *r)
{
    object_list list = kubectl_targets(r);
    return list.count ? kubectl_pod_of(r, list.items[0]) : NULL;
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
    const char *note;
    name = pod_default_container(r->arena, pod, &note);
    if (note)
        strbuf_printf(r->out, "%s\n", note);
    return name;
}

/* ---- exec ---- */

struct exec_wait {
    struct cluster *cluster;
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
    cluster_action_done(w->cluster, w->record, e->error ? 1 : e->exit_code, strbuf_str(&b));
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
    *w = (struct exec_wait){.cluster = r->cluster, .cri = cri, .record = r->record};
    w->before = arena_strdup(r->arena, strbuf_str(r->out));
    strbuf_reset(r->out);
    uint32_t handler = sim_handler_add(r->sim, &(struct sim_handler){"kubectl exec", w, exec_timer, exec_done});
    uint32_t object = sim_object_new(r->sim, handler, 0);
    w->exec = cri_exec(cri, id, &r->command->argv, 0,
                       (struct sim_key){.class_ = CLASS_ACTION, .object = object, .index = 0, .set = true});
    r->code = KUBECTL_RUNS_ON;
}

/* ---- logs ---- */

/* The kubelet of its node has them, if the API server reaches it. */
static bool kubelet_answers(struct kubectl_run *r, const struct pod *pod, const char *name)
{
    const char *unreachable = cluster_kubelet_error(r->cluster, pod->spec.node_name);
    if (!unreachable)
        return true;
    const char *address = unreachable + strlen("dial tcp ");
    kubectl_fail(r, "Error from server: Get \"https://%.*s/containerLogs/%s/%s/%s\": %s",
                 (int)(strstr(address, ": ") - address), address, pod->object.meta.namespace_, pod->object.meta.name,
                 name, unreachable);
    return false;
}

static void container_log(struct kubectl_run *r, const struct pod *pod, const char *name)
{
    struct cri *cri = cluster_cri(r->cluster);
    const char *error;
    size_t len = 0;
    if (!pod->spec.node_name || !*pod->spec.node_name)
        return; /* kubectl prints nothing for a pod without a node */
    if (!kubelet_answers(r, pod, name))
        return;
    const char *id = pod_log_container(r->arena, pod, name, r->command->previous, &error);
    if (!id) {
        kubectl_fail(r, "Error from server (BadRequest): %s", error);
        return;
    }
    uint32_t container = cri_find_container(cri, id);
    if (!container) { /* k8s pkg/kubelet/kuberuntime/kuberuntime_container.go GetContainerLogs */
        strbuf_printf(r->out, "unable to retrieve container logs for %s\n", id);
        return;
    }
    const char *log = cri_log(cri, container, &len);
    for (size_t at = log_tail(log, len, r->command->tail); at < len;) {
        const char *end = memchr(log + at, '\n', len - at);
        size_t n = end ? (size_t)(end - (log + at)) : len - at;
        if (r->command->prefix)
            strbuf_printf(r->out, "[pod/%s/%s] ", pod->object.meta.name, name);
        strbuf_add(r->out, log + at, n);
        strbuf_putc(r->out, '\n');
        at += n + 1;
    }
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
    for (uint32_t i = 0; i < list.count; i++) {
        const struct pod *pod = kubectl_pod_of(r, list.items[i]);
        if (pod)
            pod_logs(r, pod);
    }
    if (list.count == 0 && r->code == 0)
        strbuf_printf(r->out, "No resources found in %s namespace.\n", kubectl_namespace(r));
}

/* ---- run --attach ---- */

struct attached {
    const char *namespace_, *name;
    size_t shown; /* bytes of the log */
};

/* What the container has printed since the last look. */
static void show_more(struct kubectl_job *j, struct attached *a, const struct pod *pod)
{
    struct cri *cri = cluster_cri(j->run.cluster);
    const char *error;
    const char *id = pod_log_container(j->run.arena, pod, pod->spec.containers.items[0].name, false, &error);
    uint32_t container = id ? cri_find_container(cri, id) : 0;
    size_t len = 0;
    const char *log = container ? cri_log(cri, container, &len) : "";
    if (len > a->shown)
        strbuf_add(j->run.out, log + a->shown, len - a->shown);
    a->shown = len > a->shown ? len : a->shown;
}

/* kubectl pkg/cmd/run/run.go: until the pod is over; with --restart=Always until the container has ended once. */
static bool attach_step(struct kubectl_job *j, const struct watch_event *event)
{
    struct attached *a = j->data;
    (void)event;
    const struct api_object *o = store_get(j->run.store, KIND_POD, a->namespace_, a->name);
    const struct pod *pod = (const struct pod *)o;
    if (!pod)
        return true;
    bool over = text_is(pod->status.phase, "Succeeded") || text_is(pod->status.phase, "Failed");
    const struct container_status *first = pod->status.container_statuses.items;
    bool ended = text_is(pod->spec.restart_policy, "Always") && pod->status.container_statuses.count &&
                 (first->state.terminated || first->restart_count > 0);
    show_more(j, a, pod);
    if (!over && !ended)
        return false;
    if (ended && !j->run.command->remove && pod->spec.containers.items[0].tty)
        strbuf_printf(j->run.out,
                      "Session ended, resume using 'kubectl attach %s -c %s -i -t' command when the pod is running\n",
                      a->name, pod->spec.containers.items[0].name);
    if (j->run.command->remove) {
        kubectl_begin_write(&j->run);
        store_delete(j->run.store, COMP_USER, o, -1);
        strbuf_printf(j->run.out, "pod \"%s\" deleted from %s namespace\n", a->name, a->namespace_);
    }
    for (uint32_t i = 0; over && i < pod->status.container_statuses.count; i++) {
        const struct container_state_terminated *t = pod->status.container_statuses.items[i].state.terminated;
        if (!t || t->exit_code == 0)
            continue;
        j->run.code = (int)t->exit_code;
        strbuf_printf(j->run.out, "pod %s/%s terminated (%s)\n", a->namespace_, a->name, t->reason ? t->reason : "");
        break;
    }
    return true;
}

void kubectl_attach(struct kubectl_run *r, const struct api_object *pod)
{
    struct attached *a = arena_new(r->arena, struct attached);
    *a = (struct attached){kubectl_namespace(r), pod->meta.name, 0};
    kubectl_run_on(r, 1u << KIND_POD, attach_step, a);
}
