/* resize.c - in-place resize: other CPU and memory for containers that run.
 *
 * Mirrors k8s pkg/kubelet/allocation/allocation_manager.go, events/resize.go and kuberuntime_manager.go
 * computePodResizeAction, doPodResizeAction (v1.36). Rules: semantics/kubelet.md 9.7.
 *
 * What the API asks for is first allocated - if the node has room, else the resize is deferred -, then actuated:
 * at the next sync the runtime is told, or the container is restarted. Everything else the kubelet does reads the
 * allocated resources: kp->pod is the API's version with those in it.
 * Left out on purpose: preemption for a critical pod, the periodic retry (nothing but the events that are looked at
 * here makes room), runtimes that refuse. With the gate on before 1.33, where a resize was an alpha feature with a
 * field of its own in the status, it behaves as in 1.33.
 */
#include <string.h>

#include "model/api_types.h"
#include "model/kubelet.h"
#include "sim/cover.h"

static bool set(const struct pod_condition *c) { return c->type != NULL; }

/* ---- decisions, pure ---- */

/* What is asked of one resource; 0 and nothing are the same to a cgroup. */
static int64_t amount(const quantity_map *m, const char *resource)
{
    for (uint32_t i = 0; i < m->count; i++)
        if (text_is(m->items[i].key, resource))
            return text_is(resource, "cpu") ? quantity_milli(&m->items[i].value) : quantity_value(&m->items[i].value);
    return 0;
}

static bool differs(const struct resource_requirements *a, const struct resource_requirements *b, const char *resource)
{
    return amount(&a->requests, resource) != amount(&b->requests, resource) ||
           amount(&a->limits, resource) != amount(&b->limits, resource);
}

/* k8s pkg/kubelet/util/util.go GetLimits. */
static int64_t limit_in(const struct resource_requirements *own, const struct resource_requirements *pod,
                        const char *resource)
{
    int64_t limit = amount(&own->limits, resource);
    return limit || !pod ? limit : amount(&pod->limits, resource);
}

static bool restarts_for(const struct container *c, const char *resource)
{
    const struct value *policies = c->resize_policy;
    for (uint32_t i = 0; policies && i < policies->count; i++) {
        const struct value *name = value_get(policies->items[i], "resourceName");
        const struct value *policy = value_get(policies->items[i], "restartPolicy");
        if (name && policy && text_is(name->text, resource))
            return text_is(policy->text, "RestartContainer");
    }
    return false;
}

static const char *const resizable[] = {"cpu", "memory"};

enum resize_action resize_action(const struct container *c, const struct resource_requirements *actuated,
                                 struct pod_limits pod)
{
    enum resize_action action = RESIZE_NONE;
    for (size_t i = 0; i < ARRAY_LEN(resizable); i++) {
        const char *resource = resizable[i];
        if (amount(&c->resources.requests, resource) == amount(&actuated->requests, resource) &&
            limit_in(&c->resources, pod.allocated, resource) == limit_in(actuated, pod.actuated, resource))
            continue;
        if (restarts_for(c, resource))
            return RESIZE_RESTART;
        action = RESIZE_UPDATE;
    }
    return action;
}

/* ---- what can never be, pure: k8s allocation/handlers.go, and up to 1.35 allocation_manager.go canResizePod ---- */

static const struct container *container_at(const struct pod_spec *s, uint32_t i)
{
    return i < s->init_containers.count ? &s->init_containers.items[i]
                                        : &s->containers.items[i - s->init_containers.count];
}

bool container_is_resizable(const struct features *f, const struct container *c, bool init)
{
    return !init || container_is_sidecar(c) || feature_on(f, FEATURE_IN_PLACE_RESIZE_INIT);
}

static uint32_t all_containers(const struct pod_spec *s) { return s->init_containers.count + s->containers.count; }

/* k8s kuberuntime_container_linux.go GetContainerSwapBehavior. */
static bool may_swap(const struct resize_request *r, const struct pod_spec *s, const struct container *c)
{
    int64_t request = amount(&c->resources.requests, "memory"), limit = amount(&c->resources.limits, "memory");
    return !r->critical && text_is(pod_qos_class(s), "Burstable") && (request || limit) && request != limit;
}

static bool swaps(const struct resize_request *r)
{
    if (!text_is(r->config->memory_swap.swap_behavior, "LimitedSwap"))
        return false;
    for (uint32_t i = 0; i < all_containers(r->to); i++) {
        const struct container *from = container_at(r->from, i), *to = container_at(r->to, i);
        bool other = amount(&from->resources.requests, "memory") != amount(&to->resources.requests, "memory");
        if (other && !restarts_for(from, "memory") && (may_swap(r, r->from, from) || may_swap(r, r->to, to)))
            return true;
    }
    return false;
}

static bool guaranteed_needs(const struct resize_request *r, const char *resource)
{
    if (!text_is(pod_qos_class(r->to), "Guaranteed"))
        return false;
    for (uint32_t i = 0; i < all_containers(r->to); i++) {
        const struct container *to = container_at(r->to, i);
        if (container_is_resizable(r->features, to, i < r->to->init_containers.count) &&
            amount(&container_at(r->from, i)->resources.requests, resource) !=
                amount(&to->resources.requests, resource))
            return true;
    }
    return false;
}

static bool exclusive_cpus(const struct resize_request *r)
{
    return !feature_on(r->features, FEATURE_IN_PLACE_RESIZE_EXCLUSIVE_CPUS) &&
           text_is(r->config->cpu_manager_policy, "static") && guaranteed_needs(r, "cpu");
}

static bool exclusive_memory(const struct resize_request *r)
{
    return !feature_on(r->features, FEATURE_IN_PLACE_RESIZE_EXCLUSIVE_MEMORY) &&
           text_is(r->config->memory_manager_policy, "Static") && guaranteed_needs(r, "memory");
}

static const char *beyond_node(struct arena *a, const struct resize_request *r)
{
    struct pod_requests asked;
    pod_effective_requests(a, r->to, &asked);
    const quantity_map *allocatable = &r->node->status.allocatable;
    int64_t cpu = amount(allocatable, "cpu"), memory = amount(allocatable, "memory");
    if (asked.memory_bytes > memory)
        return arena_printf(a, "memory, requested: %" PRId64 ", capacity: %" PRId64, asked.memory_bytes, memory);
    if (asked.cpu_milli > cpu)
        return arena_printf(a, "cpu, requested: %" PRId64 ", capacity: %" PRId64, asked.cpu_milli, cpu);
    return NULL;
}

/* ORDER RESIZE_ROW */
enum {
    RESIZE_ALLOCATED,
    RESIZE_DEFERRED,
    RESIZE_STILL_DEFERRED,
    RESIZE_SWAPS,
    RESIZE_EXCLUSIVE_CPUS,
    RESIZE_EXCLUSIVE_MEMORY,
    RESIZE_BEYOND_NODE
};
COVER_TABLE(resize, "a resize that the kubelet is asked for", "there is room: allocated", "no room: deferred",
            "no room, again", "swap: infeasible", "static CPU manager: infeasible", "static memory manager: infeasible",
            "more than the node has, up to 1.35: infeasible");

static const struct {
    bool (*applies)(const struct resize_request *r);
    const char *message, *until_133;
} infeasible[] = {
    {swaps, "In-place resize of containers with swap is not supported.", NULL},
    {exclusive_cpus, "Resize is infeasible for Guaranteed Pods alongside CPU Manager policy \"static\"",
     "Resize is infeasible for Guaranteed Pods alongside CPU Manager static policy"},
    {exclusive_memory, "Resize is infeasible for Guaranteed Pods alongside Memory Manager policy \"Static\"",
     "Resize is infeasible for Guaranteed Pods alongside Memory Manager static policy"},
};

const char *resize_infeasible(struct arena *a, const struct resize_request *r)
{
    for (size_t i = 0; i < ARRAY_LEN(infeasible); i++) {
        if (!infeasible[i].applies(r))
            continue;
        COVER(resize, RESIZE_SWAPS + i);
        bool old = infeasible[i].until_133 && !feature_on(r->features, FEATURE_RESIZE_INFEASIBLE_BY_POLICY);
        return old ? infeasible[i].until_133 : infeasible[i].message;
    }
    if (feature_on(r->features, FEATURE_RESIZE_ADMISSION)) /* the API server has seen to it */
        return NULL;
    const char *what = beyond_node(a, r);
    if (!what)
        return NULL;
    COVER(resize, RESIZE_BEYOND_NODE);
    return arena_printf(a, "Node didn't have enough capacity: %s", what);
}

/* k8s allocation_manager.go isResizeIncreasingRequests. */
static bool increases(struct arena *a, const struct pod_spec *from, const struct pod_spec *to)
{
    struct pod_requests before, after;
    pod_effective_requests(a, from, &before);
    pod_effective_requests(a, to, &after);
    return after.cpu_milli > before.cpu_milli || after.memory_bytes > before.memory_bytes;
}

/* ---- who takes part ---- */

static bool takes_part(const struct kpod *kp, uint32_t i)
{
    return container_is_resizable(kp->all->features, kp->containers[i].spec, i < kp->init_count);
}

static bool whole_pod(const struct kpod *kp) { return kpod_has(kp, FEATURE_IN_PLACE_RESIZE_POD) && !kp->own; }

static struct pod_limits pod_limits(const struct kpod *kp)
{
    return whole_pod(kp) ? (struct pod_limits){&kpod_spec(kp)->resources, &kp->resize.actuated}
                         : (struct pod_limits){0};
}

static enum resize_action action_of(const struct kpod *kp, uint32_t i)
{
    return resize_action(kp->containers[i].spec, &kp->containers[i].actuated, pod_limits(kp));
}

/* Does the pod as a whole run with other resources than its own? */
static bool pod_differs(const struct kpod *kp)
{
    const struct resource_requirements *own = &kpod_spec(kp)->resources;
    return whole_pod(kp) && kp->sandbox && (own->requests.count || own->limits.count) &&
           (differs(own, &kp->resize.actuated, "cpu") || differs(own, &kp->resize.actuated, "memory"));
}

static bool runs_as_seen(const struct kpod *kp, uint32_t i)
{
    const struct rt_instance *n = &kp->view.containers[i].newest;
    return n->id && n->id == kp->containers[i].newest && n->state == CRI_RUNNING;
}

/* ---- the words of events ---- */

static void put_containers(struct kpod *kp, struct strbuf *b, const char *list, const struct container *items,
                           uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        strbuf_printf(b, i ? "," : "\"%s\":[", list);
        strbuf_printf(b, "{\"name\":\"%s\",\"resources\":", items[i].name);
        value_write_json(api_to_value(&resource_requirements_type, kp->all->scratch, &items[i].resources, 0), b, 0);
        strbuf_puts(b, "}");
    }
    strbuf_puts(b, count ? "]," : "");
}

/* k8s events/resize.go podResizeMessage. */
static const char *words(struct kpod *kp, const struct pod *p, const char *what, int64_t generation, const char *error)
{
    struct strbuf b = STRBUF_INIT;
    strbuf_printf(&b, "Pod resize %s: {", what);
    put_containers(kp, &b, "initContainers", p->spec.init_containers.items, p->spec.init_containers.count);
    put_containers(kp, &b, "containers", p->spec.containers.items, p->spec.containers.count);
    strbuf_printf(&b, "\"generation\":%" PRId64, generation);
    if (error) {
        strbuf_puts(&b, ",\"error\":");
        value_write_json(&(struct value){.type = VALUE_STRING, .text = error, .quoted = true}, &b, 0);
    }
    strbuf_puts(&b, "}");
    const char *text = arena_strdup(kp->all->arena, strbuf_str(&b));
    strbuf_fini(&b);
    return text;
}

/* ---- conditions: k8s status_manager.go updatedPodResizeCondition ---- */

static void put(struct kpod *kp, struct pod_condition *c, const char *type, const char *reason, const char *message,
                int64_t generation)
{
    bool keeps = set(c) && (c->reason ? text_is(reason, c->reason) : !reason);
    *c = (struct pod_condition){
        .type = type,
        .status = "True",
        .reason = reason,
        .message = message,
        .last_probe_time = api_second(kpod_now(kp)),
        .last_transition_time = keeps ? c->last_transition_time : api_second(kpod_now(kp)),
        .observed_generation = generation,
    };
}

static void put_in_progress(struct kpod *kp, int64_t generation)
{
    put(kp, &kp->resize.in_progress, "PodResizeInProgress", NULL, NULL, generation);
}

/* ---- allocating ---- */

static bool same_resources(const struct kpod *kp, const struct pod_spec *from, const struct pod_spec *to)
{
    for (uint32_t i = 0; i < kp->container_count; i++)
        if (takes_part(kp, i) &&
            !api_equal(&resource_requirements_type, &container_at(from, i)->resources, &container_at(to, i)->resources))
            return false;
    return !whole_pod(kp) || api_equal(&resource_requirements_type, &from->resources, &to->resources);
}

const struct pod *resize_allocated(struct kpod *kp, const struct pod *p)
{
    const struct pod *before = kp->resize.wanted;
    kp->resize.wanted = NULL;
    if (!before || !same_resources(kp, &before->spec, &p->spec))
        kp->resize.infeasible = false; /* a new request, if any */
    if (!kpod_has(kp, FEATURE_IN_PLACE_RESIZE) || kp->own || kp->rejected ||
        same_resources(kp, kpod_spec(kp), &p->spec)) {
        kp->resize.pending = (struct pod_condition){0};
        return p;
    }
    struct pod *copy = arena_new(kp->all->arena, struct pod);
    *copy = *p;
    pod_take_resources(kp->all->arena, &copy->spec, kpod_spec(kp));
    kp->resize.wanted = p;
    kpod_kubelet(kp)->resizes_wait = true;
    return copy;
}

static void wait(struct kpod *kp, const char *reason, const char *message)
{
    struct pod_resize *r = &kp->resize;
    int64_t generation = r->wanted->object.meta.generation;
    bool news = !set(&r->pending) || r->pending.observed_generation != generation;
    if (text_is(reason, "Deferred"))
        COVER(resize, news ? RESIZE_DEFERRED : RESIZE_STILL_DEFERRED);
    put(kp, &r->pending, "PodResizePending", reason, arena_strdup(kp->all->arena, message), generation);
    if (news && kpod_has(kp, FEATURE_RESIZE_EVENTS))
        kpod_event(kp, NULL, true, text_is(reason, "Deferred") ? "ResizeDeferred" : "ResizeInfeasible", "%s",
                   words(kp, r->wanted, reason, generation, message));
}

/* k8s allocation_manager.go handlePodResourcesResize. */
static void ask(struct kpod *kp)
{
    struct pod_resize *r = &kp->resize;
    const struct pod *wanted = r->wanted;
    int64_t generation = wanted->object.meta.generation;
    const struct resize_request request = {kp->all->features, kp->all->config, kpod_kubelet(kp)->node,
                                           kpod_spec(kp),     &wanted->spec,   pod_is_critical(wanted, false)};
    const char *never = resize_infeasible(kp->all->arena, &request);
    struct refusal no = never ? (struct refusal){0} : kubelet_may_resize(kp, wanted);
    r->infeasible = never != NULL;
    if (never || no.reason) {
        kpod_kubelet(kp)->resizes_wait |= !never;
        wait(kp, never ? "Infeasible" : "Deferred", never ? never : no.message);
        return;
    }
    COVER(resize, RESIZE_ALLOCATED);
    kubelet_resize(kp, wanted);
    r->wanted = NULL;
    r->pending = r->in_progress = (struct pod_condition){0};
    put_in_progress(kp, generation);
    if (kpod_has(kp, FEATURE_RESIZE_EVENTS))
        kpod_event(kp, NULL, false, "ResizeStarted", "%s", words(kp, wanted, "started", generation, NULL));
}

/* k8s allocation_manager.go sortPendingResizes. */
static bool goes_before(const struct kpod *a, const struct kpod *b)
{
    struct arena *scratch = a->all->scratch;
    bool grows[] = {increases(scratch, kpod_spec(a), &a->resize.wanted->spec),
                    increases(scratch, kpod_spec(b), &b->resize.wanted->spec)};
    int64_t priority[] = {kpod_spec(a)->priority.value, kpod_spec(b)->priority.value};
    bool guaranteed[] = {text_is(pod_qos_class(kpod_spec(a)), "Guaranteed"),
                         text_is(pod_qos_class(kpod_spec(b)), "Guaranteed")};
    if (grows[0] != grows[1])
        return grows[1];
    if (priority[0] != priority[1])
        return priority[0] > priority[1];
    if (guaranteed[0] != guaranteed[1])
        return guaranteed[0];
    if (!set(&a->resize.pending) || !set(&b->resize.pending))
        return set(&a->resize.pending);
    return a->resize.pending.last_transition_time < b->resize.pending.last_transition_time;
}

void resize_retry(struct kubelets *ks, struct kubelet *k)
{
    if (!k->resizes_wait || !feature_on(ks->features, FEATURE_RESIZE_QUEUE))
        return;
    k->resizes_wait = false;
    struct kpod **list = arena_array(ks->scratch, struct kpod *, ks->pods.count);
    uint32_t n = 0;
    uint32_t cursor = 0;
    for (struct kpod *kp; (kp = node_next_pod(ks, k, &cursor));) {
        if (!kp->resize.wanted || kp->resize.infeasible || !kp->counted || kp->unknown)
            continue;
        uint32_t at = n++;
        for (; at > 0 && goes_before(kp, list[at - 1]); at--)
            list[at] = list[at - 1];
        list[at] = kp;
    }
    for (uint32_t i = 0; i < n; i++) {
        ask(list[i]);
        podworker_queue(list[i], 0);
    }
}

bool resize_asks_each_sync(const struct kpod *kp)
{
    return kp->resize.wanted && kp->counted && !kpod_has(kp, FEATURE_RESIZE_QUEUE);
}

/* ---- actuating ---- */

void resize_check(struct kpod *kp)
{
    struct pod_resize *r = &kp->resize;
    bool differ = false;
    if (!kpod_has(kp, FEATURE_IN_PLACE_RESIZE) || kp->own)
        return;
    if (resize_asks_each_sync(kp))
        ask(kp);
    for (uint32_t i = 0; i < kp->container_count; i++)
        differ |= takes_part(kp, i) && runs_as_seen(kp, i) && action_of(kp, i) != RESIZE_NONE;
    differ |= pod_differs(kp);
    if (differ && !set(&r->in_progress)) {
        put_in_progress(kp, kp->pod->object.meta.generation);
    } else if (!differ && set(&r->in_progress)) {
        if (kpod_has(kp, FEATURE_RESIZE_COMPLETED_EVENT))
            kpod_event(kp, NULL, false, "ResizeCompleted", "%s",
                       words(kp, kp->pod, "completed", r->in_progress.observed_generation, NULL));
        r->in_progress = (struct pod_condition){0};
    }
}

const enum resize_action *resize_actions(struct kpod *kp)
{
    if (!kpod_has(kp, FEATURE_IN_PLACE_RESIZE) || kp->own)
        return NULL;
    enum resize_action *list = arena_array(kp->all->scratch, enum resize_action, kp->container_count);
    for (uint32_t i = 0; i < kp->container_count; i++)
        list[i] = takes_part(kp, i) && runs_as_seen(kp, i) ? action_of(kp, i) : RESIZE_NONE;
    return list;
}

/* 0 = no limit: some container has none, and the pod as a whole has none. */
static int64_t pod_limit(const struct kpod *kp, bool actuated)
{
    int64_t sum = 0, whole = memory_limit_of(actuated ? &kp->resize.actuated : &kpod_spec(kp)->resources);
    if (whole_pod(kp) && whole)
        return whole;
    for (uint32_t i = kp->init_count; i < kp->container_count; i++) {
        const struct kcontainer *c = &kp->containers[i];
        int64_t limit = memory_limit_of(actuated ? &c->actuated : &c->spec->resources);
        if (!limit)
            return 0;
        sum += limit;
    }
    return sum;
}

static bool lowers(int64_t from, int64_t to) { return to && (!from || to < from); }

/* k8s kuberuntime_manager.go validateMemoryResizeAction: no limit may go below what is in use. NULL = fine. */
static const char *below_usage(struct kpod *kp)
{
    struct arena *a = kp->all->arena;
    const char *errors = NULL;
    uint32_t n = 0;
    int64_t used = 0, limit = pod_limit(kp, false);
    for (uint32_t i = 0; i < kp->container_count; i++)
        used += kp->containers[i].newest ? cri_memory_used(kp->all->cri, kp->containers[i].newest) : 0;
    if (lowers(pod_limit(kp, true), limit) && used >= limit) {
        errors = arena_printf(a, "attempting to set pod memory limit (%" PRId64 ") below current usage (%" PRId64 ")",
                              limit, used);
        n++;
    }
    for (uint32_t i = 0; i < kp->container_count; i++) {
        const struct kcontainer *c = &kp->containers[i];
        int64_t own = memory_limit_of(&c->spec->resources);
        if (!kp->plan.containers[i].update || !lowers(memory_limit_of(&c->actuated), own) ||
            cri_memory_used(kp->all->cri, c->newest) < own)
            continue;
        errors = arena_printf(
            a, "%s%sattempting to set container \"%s\" memory limit (%" PRId64 ") below current usage (%" PRId64 ")",
            errors ? errors : "", errors ? ", " : "", c->spec->name, own, used);
        n++;
    }
    if (!n)
        return NULL;
    return arena_printf(a, "cannot decrease memory limits: %s%s%s", n > 1 ? "[" : "", errors, n > 1 ? "]" : "");
}

static void failed(struct kpod *kp, const char *error)
{
    struct pod_condition *c = &kp->resize.in_progress;
    bool news = !set(c) || !text_is(c->reason, "Error") || !text_is(c->message, error);
    put(kp, c, "PodResizeInProgress", "Error", error, c->observed_generation);
    if (news && kpod_has(kp, FEATURE_RESIZE_EVENTS))
        kpod_event(kp, NULL, true, "ResizeError", "%s", words(kp, kp->pod, "error", c->observed_generation, error));
    kp->failed = true;
}

void resize_sandbox_created(struct kpod *kp) { kp->resize.actuated = kpod_spec(kp)->resources; }

static void actuate_pod(struct kpod *kp)
{
    kp->resize.actuated = kpod_spec(kp)->resources;
    cri_limit_sandbox_memory(kp->all->cri, kp->sandbox, memory_limit_of(&kp->resize.actuated));
}

void resize_actuate(struct kpod *kp)
{
    bool any = false, whole = pod_differs(kp);
    for (uint32_t i = 0; i < kp->container_count; i++)
        any |= kp->plan.containers[i].update || kp->plan.containers[i].kill == KILL_RESIZE;
    const char *error = any ? below_usage(kp) : NULL; /* k8s validatePodResizeAction: not for the pod's own alone */
    if (error)
        failed(kp, error);
    if (!(any || whole) || error)
        return;
    if (whole)
        actuate_pod(kp);
    for (uint32_t i = 0; i < kp->container_count; i++) {
        struct kcontainer *c = &kp->containers[i];
        if (!kp->plan.containers[i].update)
            continue;
        c->actuated = c->spec->resources;
        cri_limit_memory(kp->all->cri, c->newest, memory_limit_of(&c->actuated));
    }
    kp->acted = kp->reinspect = true;
    kubelets_runtime_changed(kp->all, kp->pod->object.ordinal);
}

/* ---- status ---- */

const struct resource_requirements **resize_in_force(struct kpod *kp)
{
    if (!kpod_has(kp, FEATURE_IN_PLACE_RESIZE))
        return NULL;
    const struct resource_requirements **list =
        arena_array(kp->all->scratch, const struct resource_requirements *, kpod_all(kp));
    for (uint32_t i = 0; i < kpod_all(kp); i++) {
        bool running = kp->view.containers[i].newest.state == CRI_RUNNING && kp->containers[i].newest;
        list[i] = running ? &kp->containers[i].actuated : &kp->containers[i].spec->resources;
    }
    return list;
}

/* Left out: what the cgroup of a pod without resources of its own adds up to. k8s kubelet_pods.go
 * convertToAPIPodLevelResourcesStatus. */
const struct resource_requirements *resize_pod_in_force(struct kpod *kp)
{
    const struct resource_requirements *own = &kpod_spec(kp)->resources;
    if (!whole_pod(kp) || !(own->requests.count || own->limits.count))
        return NULL;
    return kp->sandbox ? &kp->resize.actuated : own;
}
