/* kubelet.c - a node's agent: pods it hears of, admission, the timers of its pods.
 *
 * Mirrors k8s pkg/kubelet/kubelet.go (syncLoop, HandlePodAdditions/Updates/Removes),
 * and pkg/kubelet/pleg/generic.go (v1.36). Rules: semantics/kubelet.md 1.2, 1.4, 2.1. Tickers cost nothing while
 * nothing changes: a relist is an event only when the runtime has changed since the last one.
 * Left out on purpose: container GC of whole pods.
 */
#include "model/kubelet.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "model/classes.h"
#include "model/playback.h"
#include "sim/cover.h"

/* ---- small services for the kubelet's other files ---- */

struct kpod *kpod_at(struct kubelets *ks, uint32_t index) { return pool_at(&ks->pods, index); }
struct kpod *node_next_pod(struct kubelets *ks, const struct kubelet *k, uint32_t *cursor)
{
    uint32_t next = *cursor ? kpod_at(ks, *cursor - 1)->next_of_node : k->first_pod;
    if (!next)
        return NULL;
    *cursor = next;
    return kpod_at(ks, next - 1);
}

struct kubelet *kpod_kubelet(const struct kpod *kp) { return pool_at(&kp->all->nodes, kp->node); }
const struct pod_spec *kpod_spec(const struct kpod *kp) { return &kp->pod->spec; }

sim_time kpod_draw(struct kpod *kp, enum hop hop) { return kpod_draw_for(kp, NULL, 0, hop); }

bool kpod_recorded(struct kpod *kp, const char *container, uint32_t attempt, enum hop hop)
{
    struct profile_call call = {kp->pod->object.meta.name, container, attempt, SIM_NEVER};
    const struct playback *p = kp->all->profile->playback;
    return p && playback_cost(p, hop, &call) != SIM_NEVER;
}

sim_time kpod_draw_for(struct kpod *kp, const char *container, uint32_t attempt, enum hop hop)
{
    struct profile_call call = {kp->pod->object.meta.name, container, attempt, kp->written_at};
    return profile_draw_call(kp->all->profile, hop, kp->stream, sim_now(kp->all->sim), &call);
}

bool kpod_has(const struct kpod *kp, enum feature id) { return feature_on(kp->all->features, id); }

void kpod_arm(struct kpod *kp, sim_time at, uint32_t class, uint32_t index)
{
    sim_arm(kp->all->sim, at, class, kp->object, index);
}

static const char *list_of(const struct kcontainer *c)
{
    return c->init ? "initContainers" : c->ephemeral ? "ephemeralContainers" : "containers";
}

void kpod_event(struct kpod *kp, const struct kcontainer *c, bool warning, const char *reason, const char *format, ...)
{
    char text[4096];
    va_list ap;
    va_start(ap, format);
    text_format(text, sizeof(text), format, ap);
    va_end(ap);
    const char *path = NULL;
    if (c)
        path = arena_printf(kp->all->arena, "spec.%s{%s}", list_of(c), c->spec->name);
    const struct api_object *about = kp->own ? kp->event_about : &kp->pod->object;
    recorder_event(kp->all->recorder, &kpod_kubelet(kp)->origin, about, path, warning, reason, "%s", text);
}

void node_arm(struct kubelets *ks, struct kubelet *k, sim_time at, enum node_timer_index index)
{
    sim_arm(ks->sim, at, CLASS_NODE_TIMER, k->object, index);
}

void node_event(struct kubelets *ks, struct kubelet *k, bool warning, const char *reason, const char *format, ...)
{
    char text[1024];
    va_list ap;
    va_start(ap, format);
    text_format(text, sizeof(text), format, ap);
    va_end(ap);
    recorder_event(ks->recorder, &k->origin, &k->node->object, NULL, warning, reason, "%s", text);
}

struct kubelet *kubelets_node(struct kubelets *ks, const char *name)
{
    for (uint32_t i = 0; i < ks->nodes.count; i++) {
        struct kubelet *k = pool_at(&ks->nodes, i);
        if (strcmp(k->name, name) == 0)
            return k;
    }
    return NULL;
}

static bool ip_in_use(struct kubelets *ks, const struct kubelet *k, const char *ip)
{
    uint32_t cursor = 0;
    const struct kpod *kp;
    while ((kp = node_next_pod(ks, k, &cursor))) {
        if (kp->ip && strcmp(kp->ip, ip) == 0 && cri_sandbox(ks->cri, kp->sandbox)->ready)
            return true;
    }
    return false;
}

/* As the host-local plugin does it: a /24 per node, the next address round robin. */
const char *kubelet_allocate_ip(struct kubelet *k, struct kubelets *ks)
{
    enum { FIRST = 2, PER_NODE = 252 };
    uint32_t subnet = k->index + 1;
    for (;;) {
        bool around = k->next_ip >= PER_NODE;
        const char *ip =
            arena_printf(ks->arena, "10.%u.%u.%u", 244 - subnet / 256, subnet % 256, FIRST + k->next_ip++ % PER_NODE);
        if (!around || !ip_in_use(ks, k, ip))
            return ip;
    }
}

bool container_runs(const struct kpod *kp, const struct kcontainer *c)
{
    return c->newest && cri_container(kp->all->cri, c->newest)->state == CRI_RUNNING;
}

bool kpod_runs(const struct kpod *kp)
{
    if (kp->sandbox && cri_sandbox(kp->all->cri, kp->sandbox)->ready)
        return true;
    for (uint32_t i = 0; i < kpod_all(kp); i++) {
        if (container_runs(kp, &kp->containers[i]))
            return true;
    }
    return false;
}

struct kpod *kubelets_pod(struct kubelets *ks, uint32_t ordinal)
{
    if (ordinal >= ks->by_ordinal.count)
        return NULL;
    uint32_t i = *(uint32_t *)pool_at(&ks->by_ordinal, ordinal);
    return i ? kpod_at(ks, i - 1) : NULL;
}

void kubelets_map(struct kubelets *ks, uint32_t ordinal, uint32_t kpod)
{
    while (ks->by_ordinal.count <= ordinal)
        pool_add(&ks->by_ordinal);
    *(uint32_t *)pool_at(&ks->by_ordinal, ordinal) = kpod + 1;
}

/* ---- admission ---- */

/* Specs of the admitted pods of the node that have host ports; only asked for when it matters. */
static void others_with_ports(struct kubelet *k, const struct kpod *kp, struct admission_input *in)
{
    struct kubelets *ks = kp->all;
    const struct pod_spec **list = arena_array(ks->scratch, const struct pod_spec *, (size_t)k->used_pods + 1);
    uint32_t cursor = 0;
    const struct kpod *o;
    while ((o = node_next_pod(ks, k, &cursor))) {
        if (o->counted && o != kp && pod_wants_host_ports(kpod_spec(o)))
            list[in->other_count++] = kpod_spec(o);
    }
    in->others = list;
}

/* Extended resources are rare: what is used of them is added up when one is asked for. */
static void used_extended(struct kubelet *k, const struct kpod *kp, struct admission_input *in)
{
    struct kubelets *ks = kp->all;
    struct pod_requests asked;
    pod_effective_requests(ks->scratch, kpod_spec(kp), &asked);
    in->used.other = asked.other;
    for (uint32_t r = 0; r < asked.other.count; r++) {
        struct quantity sum = {0};
        uint32_t cursor = 0;
        const struct kpod *o;
        while ((o = node_next_pod(ks, k, &cursor))) {
            if (!o->counted || o == kp)
                continue;
            struct pod_requests has;
            pod_effective_requests(ks->scratch, kpod_spec(o), &has);
            for (uint32_t h = 0; h < has.other.count; h++)
                if (strcmp(has.other.items[h].key, asked.other.items[r].key) == 0)
                    sum = quantity_add(ks->scratch, &sum, &has.other.items[h].value);
        }
        in->used.other.items[r].value = sum;
    }
}

static void admit(struct kubelet *k, struct kpod *kp, const struct pod *p, bool critical, struct admission *ret)
{
    struct admission_input in = {
        .pod = p,
        .node = k->node,
        .used = {.cpu_milli = k->used_cpu_milli, .memory_bytes = k->used_memory, .ephemeral_bytes = k->used_storage},
        .used_pods = k->used_pods,
        .pressure = k->pressure,
        .is_static = kp->own != NULL,
        .critical = critical,
        .shutting_down = k->shutting_down,
    };
    if (pod_wants_host_ports(kpod_spec(kp)))
        others_with_ports(k, kp, &in);
    used_extended(k, kp, &in);
    admission_ask(kp->all->arena, &in, ret);
}

static void account(struct kubelets *ks, struct kubelet *k, const struct pod *p, int sign)
{
    struct pod_requests r;
    pod_effective_requests(ks->scratch, &p->spec, &r);
    k->used_pods += sign;
    k->used_cpu_milli += sign * r.cpu_milli;
    k->used_memory += sign * r.memory_bytes;
    k->used_storage += sign * r.ephemeral_bytes;
}

void kubelet_release(struct kubelet *k, struct kpod *kp)
{
    if (kp->counted)
        account(kp->all, k, kp->pod, -1);
    kp->counted = false;
}

static void reject(struct kpod *kp, struct refusal r)
{
    struct kubelets *ks = kp->all;
    kp->rejected = true;
    kp->work = WORK_FINISHED;
    kpod_event(kp, NULL, true, r.reason, "%s", r.message);
    struct pod_status *s = arena_new(ks->scratch, struct pod_status);
    *s = (struct pod_status){
        .phase = "Failed",
        .reason = r.reason,
        .message = arena_printf(ks->arena, "Pod was rejected: %s", r.message),
        /* k8s status_manager.go updateStatusInternal: the start time does not change across updates. */
        .start_time =
            kp->pod->status.start_time != SIM_NEVER ? kp->pod->status.start_time : api_second(sim_now(ks->sim)),
        .qos_class = kp->pod->status.qos_class,
        .observed_generation = kpod_has(kp, FEATURE_OBSERVED_GENERATION) ? kp->pod->object.meta.generation : 0,
    };
    kp->final_status = true;
    status_set(kp, s, true);
    if (kpod_runs(kp)) /* from before a restart: no worker knows it, so it is an orphan */
        housekeeping_want(ks, kpod_kubelet(kp));
}

/* ---- pods ---- */

static void init_container(struct kubelets *ks, struct kcontainer *c, const struct container *spec, uint32_t index,
                           bool init)
{
    c->spec = spec;
    c->index = index;
    c->init = init;
    prober_new_container(ks, c);
}

static struct kpod *new_pod(struct kubelets *ks, struct kubelet *k, const struct pod *p)
{
    uint32_t index = pool_add(&ks->pods);
    struct kpod *kp = kpod_at(ks, index);
    const struct pod_spec *s = &p->spec;
    uint32_t n = s->init_containers.count + s->containers.count;
    *kp = (struct kpod){
        .all = ks,
        .index = index,
        .node = k->index,
        .object = sim_object_new(ks->sim, ks->pod_handler, index),
        .stream = api_stream(&p->object),
        .pod = p,
        .container_count = n,
        .init_count = s->init_containers.count,
        .containers = arena_array(ks->arena, struct kcontainer, n),
        .view.containers = arena_array(ks->arena, struct rt_container, n),
        .plan.containers = arena_array(ks->arena, struct container_action, n),
        .plan.reset = arena_array(ks->arena, uint32_t, n),
        .volume_ids = arena_array(ks->arena, uint32_t, s->volumes.count + 1),
        .volume_retries = arena_array(ks->arena, struct volume_retry, s->volumes.count + 1),
        .last_end = SIM_NEVER,
        .written_at = SIM_NEVER,
        .listed_at = SIM_NEVER,
    };
    for (uint32_t i = 0; i < n; i++) {
        bool init = i < kp->init_count;
        init_container(ks, &kp->containers[i],
                       init ? &s->init_containers.items[i] : &s->containers.items[i - kp->init_count], i, init);
    }
    if (k->last_pod)
        kpod_at(ks, k->last_pod - 1)->next_of_node = index + 1;
    else
        k->first_pod = index + 1;
    k->last_pod = index + 1;
    if (p->object.ordinal)
        kubelets_map(ks, p->object.ordinal, index);
    prober_new_pod(kp);
    ephemeral_adopt(kp);
    return kp;
}

/* The specs the containers point at belong to a version of the object; follow this one. */
static void follow(struct kpod *kp, const struct pod *p)
{
    kp->pod = p;
    for (uint32_t i = 0; i < kp->container_count; i++)
        kp->containers[i].spec =
            i < kp->init_count ? &p->spec.init_containers.items[i] : &p->spec.containers.items[i - kp->init_count];
    ephemeral_adopt(kp);
}

/* The API has a newer version. */
static void adopt(struct kpod *kp, const struct pod *p) { follow(kp, resize_allocated(kp, p)); }

/* k8s pod_workers.go UpdatePod: a pod that the API calls finished, seen for the first time (after a
 * restart), is only cleaned up; what still runs of it is stopped first. */
static void take_finished(struct kpod *kp)
{
    if (kpod_runs(kp))
        podworker_terminate(kp, -1, -1);
    else
        kp->work = WORK_TERMINATED;
}

struct refusal kubelet_may_resize(struct kpod *kp, const struct pod *wanted)
{
    struct admission asked = {0};
    account(kp->all, kpod_kubelet(kp), kp->pod, -1);
    admit(kpod_kubelet(kp), kp, wanted, false, &asked);
    account(kp->all, kpod_kubelet(kp), kp->pod, 1);
    return asked.refusal;
}

void kubelet_resize(struct kpod *kp, const struct pod *wanted)
{
    account(kp->all, kpod_kubelet(kp), kp->pod, -1);
    follow(kp, wanted);
    account(kp->all, kpod_kubelet(kp), kp->pod, 1);
}

/* k8s preemption.go evictPodsToFreeRequests when all the pods together would not do. */
static struct refusal no_room(struct arena *a, const struct admission *asked)
{
    const char *list = "";
    for (uint32_t i = 0; i < asked->shortage_count; i++)
        list = arena_printf(a, "%s(res: %s, q: %" PRId64 "), ", list, asked->shortages[i].resource,
                            asked->shortages[i].amount);
    return (struct refusal){
        "UnexpectedAdmissionError",
        arena_printf(a,
                     "Unexpected error while attempting to recover from admission failure: preemption: error finding "
                     "a set of pods to preempt: no set of running pods found to reclaim resources: [%s]",
                     list)};
}

/* k8s kubelet.go HandlePodAdditions. What is being deleted or has ended is not asked for admission. */
static void begin_pod(struct kpod *kp)
{
    struct kubelets *ks = kp->all;
    struct kubelet *k = kpod_kubelet(kp);
    const struct pod *p = kp->pod;
    bool deleting = p->object.meta.deletion_timestamp != SIM_NEVER, ended = phase_is_terminal(p->status.phase);
    struct admission asked = {0};
    if (!deleting && !ended)
        admit(k, kp, p, pod_is_critical(p, kp->own != NULL), &asked);
    if (asked.refusal.reason) {
        reject(kp, asked.refusal);
    } else if (asked.shortage_count) {
        if (!preemption_begin(kp, &asked))
            reject(kp, no_room(ks->arena, &asked));
    } else {
        if (ended)
            take_finished(kp);
        kubelet_admitted(kp);
    }
}

void kubelet_admitted(struct kpod *kp)
{
    struct kubelets *ks = kp->all;
    const struct object_meta *m = &kp->pod->object.meta;
    sim_time reaction = kpod_draw(kp, HOP_KUBELET_REACTION);
    if (kp->work == WORK_TERMINATED) {
        podworker_queue(kp, reaction);
        return;
    }
    kp->counted = true;
    account(ks, kpod_kubelet(kp), kp->pod, 1);
    eviction_pod_added(kp);
    if (m->deletion_timestamp != SIM_NEVER)
        podworker_terminate(kp, m->deletion_grace_period_seconds.value, -1);
    podworker_queue(kp, sim_time_add(reaction, ks->profile->first_seen_delay));
}

/* What a former kubelet left: the first relist comes before the pods do; its events find no pod. */
static void find_again(struct kpod *kp, const struct pod *p)
{
    kp->unknown = false;
    kp->work = WORK_SYNC;
    adopt(kp, p);
    kubelet_relist_pod(kp);
}

void kubelet_add_pod(struct kubelet *k, struct kubelets *ks, const struct pod *p)
{
    struct kpod *kp = kubelets_pod(ks, p->object.ordinal);
    if (kp)
        find_again(kp, p);
    else
        kp = new_pod(ks, k, p);
    begin_pod(kp);
    resize_retry(ks, k);
}

struct kpod *kubelet_add_static_pod(struct kubelet *k, struct kubelets *ks, struct kpod *former, struct pod *p)
{
    struct kpod *kp = former ? former : new_pod(ks, k, p);
    if (former) {
        find_again(kp, kp->own);
    } else { /* no API object: Events about it are filed under an ordinal of the pod's own */
        struct pod *about = arena_new(ks->arena, struct pod);
        *about = *p;
        about->object.ordinal = kp->object;
        kp->event_about = &about->object;
        kp->own = p;
    }
    begin_pod(kp);
    return kp;
}

static bool gates_changed(const struct pod *before, const struct pod *after)
{
    if (after->spec.readiness_gates.count == 0)
        return false;
    if (before->status.conditions.count != after->status.conditions.count)
        return true;
    for (uint32_t i = 0; i < after->status.conditions.count; i++) {
        if (!text_same(before->status.conditions.items[i].status, after->status.conditions.items[i].status))
            return true;
    }
    return false;
}

/* k8s pkg/kubelet/config/config.go podsDifferSemantically, the part that is not the spec. */
static bool labels_changed(const struct object_meta *before, const struct object_meta *after)
{
    return !labels_same(&before->labels, &after->labels) || !labels_same(&before->annotations, &after->annotations);
}

static void update_pod(struct kpod *kp, const struct pod *p)
{
    const struct pod *before = kp->pod;
    const struct object_meta *m = &p->object.meta, *old = &before->object.meta;
    adopt(kp, p);
    status_api_changed(kp);
    bool deletion = m->deletion_timestamp != old->deletion_timestamp;
    if (kp->rejected) { /* the phase may have been written over: the refusal comes again, and then it can go */
        kp->final_status |= deletion;
        return;
    }
    sim_time reaction = kpod_draw(kp, HOP_KUBELET_REACTION);
    if (m->deletion_timestamp != SIM_NEVER && deletion) {
        podworker_terminate(kp, m->deletion_grace_period_seconds.value, -1);
        podworker_queue(kp, reaction);
        if (kp->work == WORK_FINISHED)
            status_retry_delete(kp);
    } else if (m->spec_version != old->spec_version || gates_changed(before, p) || labels_changed(old, m)) {
        podworker_queue(kp, reaction);
        resize_retry(kp->all, kpod_kubelet(kp));
    } else if (phase_is_terminal(p->status.phase) && !phase_is_terminal(before->status.phase) &&
               kpod_has(kp, FEATURE_RESIZE_AT_TERMINAL_PHASE)) {
        resize_retry(kp->all, kpod_kubelet(kp));
    }
}

static void remove_pod(struct kpod *kp, const struct pod *last)
{
    kp->gone = true;
    adopt(kp, last);
    kp->resize.wanted = NULL;
    resize_retry(kp->all, kpod_kubelet(kp));
    if (kp->work == WORK_FINISHED)
        return;
    const struct opt_i64 grace = last->object.meta.deletion_grace_period_seconds;
    podworker_terminate(kp, grace.set ? grace.value : -1, -1);
    podworker_queue(kp, kpod_draw(kp, HOP_KUBELET_REACTION));
}

struct node_ctx { /* what a watch callback needs: which node */
    struct kubelets *ks;
    uint32_t node;
};

void kubelet_config_event(struct kubelets *ks, struct kubelet *k, enum write_verb verb, const struct pod *p)
{
    if (!k->listed || syncloop_holds(ks, k, verb, p))
        return; /* not listed: the list will have it */
    if (static_pods_mirror_hash(p)) {
        static_pods_mirror_event(ks, k, verb, p);
        return;
    }
    struct kpod *kp = kubelets_pod(ks, p->object.ordinal);
    if (kp && !kp->unknown && p->object.revision <= kp->pod->object.revision)
        return;
    if ((!kp || kp->unknown) && verb != WRITE_DELETE)
        kubelet_add_pod(k, ks, p);
    else if (kp && verb == WRITE_DELETE)
        remove_pod(kp, p);
    else if (kp)
        update_pod(kp, p);
}

void kubelet_gone_event(struct kpod *kp) { remove_pod(kp, kp->pod); }

/* Whoever is cut off hears nothing, and lists when it is not any more. */
static bool hears(const struct node_ctx *n) { return !((const struct kubelet *)pool_at(&n->ks->nodes, n->node))->cut; }

static void on_pod(void *ctx, const struct watch_event *e)
{
    const struct node_ctx *n = ctx;
    if (!hears(n))
        return;
    kubelet_config_event(n->ks, pool_at(&n->ks->nodes, n->node), e->verb, (const struct pod *)e->object);
}

static void on_node(void *ctx, const struct watch_event *e)
{
    const struct node_ctx *n = ctx;
    struct kubelet *k = pool_at(&n->ks->nodes, n->node);
    if (!hears(n) || e->object->ordinal != k->node_ordinal || e->verb == WRITE_DELETE)
        return;
    k->node = (const struct node *)e->object;
    if (!k->down && node_status_is_unknown(k->node)) /* somebody has missed it */
        node_status_want(n->ks, k);
}

/* k8s pkg/kubelet/util/manager/watch_based_manager.go: the kubelet follows what its pods use. It looks at a mounted
 * volume again at the pod's next sync: the resync, if nothing else comes first. */
static void on_data(void *ctx, const struct watch_event *e)
{
    const struct node_ctx *n = ctx;
    uint32_t cursor = 0;
    if (!hears(n))
        return;
    for (struct kpod *kp; (kp = node_next_pod(n->ks, pool_at(&n->ks->nodes, n->node), &cursor));)
        if (!kp->unknown && kp->volumes_ready && volumes_show(kp, e->object))
            podworker_resync_matters(kp);
}

/* ---- timers ---- */

static struct sim_timer *node_timer(void *ctx, uint32_t local, uint32_t class, uint32_t index)
{
    struct kubelet *k = pool_at(&((struct kubelets *)ctx)->nodes, local);
    if (class == CLASS_NODE_TIMER)
        return &k->timers[index];
    ASSERT(class == CLASS_PLEG);
    return &k->relist;
}

/* ORDER enum node_timer_index */
static void (*const node_timer_fired[NODE_TIMER_COUNT])(struct kubelets *ks, struct kubelet *k) = {
    [NODE_START] = kubelet_begin,           [NODE_LIST] = kubelet_list,          [NODE_HOUSEKEEPING] = housekeeping_run,
    [NODE_STATUS_BULK] = status_bulk,       [NODE_EVICTION] = eviction_run,      [NODE_STATUS] = node_status_post,
    [NODE_PREEMPTION] = preemption_timeout, [NODE_SHUTDOWN] = shutdown_timeout,  [NODE_POWER] = node_power_off,
    [NODE_HANG] = runtime_hang_timer,       [NODE_IMAGE_GC] = image_gc_run,      [NODE_KILLED] = kubelet_killed,
    [NODE_RELIST] = kubelet_relist,         [NODE_NETWORK] = node_network_ready,
};

static void node_fire(void *ctx, uint32_t local, uint32_t class, uint32_t index)
{
    struct kubelets *ks = ctx;
    struct kubelet *k = pool_at(&ks->nodes, local);
    arena_reset(ks->scratch);
    if (class == CLASS_NODE_TIMER)
        node_timer_fired[index](ks, k);
    else if (k->hung)
        k->hang.relist_held = true;
    else
        pleg_relist(ks, k);
}

static struct sim_timer *runtime_timer(struct kpod *kp, uint32_t index)
{
    if (index == RT_OP)
        return &kp->op;
    if (index < RT_HOOK)
        return &kp->containers[index - RT_EXITED].exited;
    return index < RT_DEADLINE ? &kp->containers[index - RT_HOOK].hook : &kp->containers[index - RT_DEADLINE].deadline;
}

static struct sim_timer *pod_timer(void *ctx, uint32_t local, uint32_t class, uint32_t index)
{
    struct kpod *kp = kpod_at(ctx, local);
    switch (class) {
    case CLASS_RUNTIME:
        return runtime_timer(kp, index);
    case CLASS_PLEG:
        return &kp->relist;
    case CLASS_NODE_TIMER:
        return index == NT_REQUEUE    ? &kp->requeue
               : index == NT_DEADLINE ? &kp->deadline
                                      : &kp->volume_retries[index - NT_VOLUME].timer;
    default:
        ASSERT(class == CLASS_POD_WORKER);
        return &kp->worker;
    }
}

/* Nobody waits any more for the call that this timer stands for. */
static void runtime_expired(struct kpod *kp, uint32_t index)
{
    if (index != RT_OP) {
        kill_expired(kp, &kp->containers[index < RT_HOOK ? index - RT_EXITED : index - RT_DEADLINE]);
        return;
    }
    kp->call_expired = true;
    podworker_resume(kp);
}

static void runtime_fire(struct kpod *kp, uint32_t index)
{
    if (index == RT_OP)
        podworker_resume(kp);
    else if (index < RT_HOOK)
        kill_timer(kp, &kp->containers[index - RT_EXITED], RT_EXITED);
    else if (index < RT_DEADLINE)
        kill_timer(kp, &kp->containers[index - RT_HOOK], RT_HOOK);
    else
        kill_timer(kp, &kp->containers[index - RT_DEADLINE], RT_DEADLINE);
}

static void pod_fire(void *ctx, uint32_t local, uint32_t class, uint32_t index)
{
    struct kubelets *ks = ctx;
    struct kpod *kp = kpod_at(ks, local);
    arena_reset(ks->scratch);
    bool asks = class == CLASS_RUNTIME || class == CLASS_PLEG;
    enum stall stall = asks ? runtime_stalls(kp, class, index) : STALL_NOT;
    if (stall == STALL_EXPIRED)
        runtime_expired(kp, index);
    if (stall != STALL_NOT)
        return;
    switch (class) {
    case CLASS_RUNTIME:
        runtime_fire(kp, index);
        break;
    case CLASS_PLEG:
        pleg_relist_pod(kp);
        break;
    case CLASS_NODE_TIMER:
        if (index == NT_REQUEUE || index == NT_DEADLINE)
            syncloop_queue(kp);
        else
            volume_retry(kp, index - NT_VOLUME);
        break;
    default:
        podworker_run(kp);
        if (kp->again) { /* something came while it was waiting for the relist */
            kp->again = false;
            syncloop_queue(kp);
        }
        break;
    }
}

/* ---- nodes ---- */

struct kubelets *kubelets_new(struct store *st, struct cri *cri, struct recorder *r,
                              const struct image_catalogue *images, struct arena *scratch,
                              const struct features *features, const struct kubelet_config *config)
{
    struct arena *a = store_arena(st);
    struct kubelets *ks = arena_new(a, struct kubelets);
    *ks = (struct kubelets){
        .sim = store_sim(st),
        .store = st,
        .cri = cri,
        .profile = store_profile(st),
        .recorder = r,
        .images = images,
        .arena = a,
        .scratch = scratch,
        .features = features,
        .config = config,
        .leases = node_leases_new(st),
        .crash_backoff = crash_backoff_limits(features, config),
    };
    ks->threshold_count = eviction_thresholds(a, config, ks->thresholds);
    pool_init(&ks->nodes, a, sizeof(struct kubelet));
    pool_init(&ks->pods, a, sizeof(struct kpod));
    pool_init(&ks->service_envs, a, sizeof(struct service_env));
    pool_init(&ks->by_ordinal, a, sizeof(uint32_t));
    ks->node_handler = sim_handler_add(ks->sim, &(struct sim_handler){"kubelet", ks, node_timer, node_fire});
    prober_init(ks);
    ks->pod_handler = sim_handler_add(ks->sim, &(struct sim_handler){"kubelet pod", ks, pod_timer, pod_fire});
    return ks;
}

static const char *node_ip(struct kubelets *ks, const struct node *n, uint32_t index)
{
    for (uint32_t i = 0; i < n->status.addresses.count; i++) {
        if (strcmp(n->status.addresses.items[i].type, "InternalIP") == 0)
            return n->status.addresses.items[i].address;
    }
    return arena_printf(ks->arena, "10.0.%u.%u", (index + 10) / 250, (index + 10) % 250);
}

void kubelet_add_node(struct kubelets *ks, const struct node *node, sim_time started)
{
    uint32_t i = pool_add(&ks->nodes);
    struct kubelet *k = pool_at(&ks->nodes, i);
    *k = (struct kubelet){
        .name = node->object.meta.name,
        .ip = node_ip(ks, node, i),
        .index = i,
        .node_ordinal = node->object.ordinal,
        .object = sim_object_new(ks->sim, ks->node_handler, i),
        .stream = api_stream(&node->object),
        .node = node,
        .listed = true,
        .started_at = started,
        .hang.since = SIM_NEVER,
    };
    eviction_forget(k);
    pool_init(&k->manifests, ks->arena, sizeof(struct manifest_file));
    pool_init(&k->mirrors, ks->arena, sizeof(struct mirror));
    k->origin = (struct event_origin){COMP_KUBELET, "kubelet", k->name, false};
    node_lease_add(ks->leases, &node->object, started);
    cri_add_node(ks->cri, k->ip);
    node_images_init(ks, k);
    eviction_disk_changed(ks, k);
    struct node_ctx *ctx = arena_new(ks->arena, struct node_ctx);
    *ctx = (struct node_ctx){ks, i};
    store_watch(ks->store, 1u << KIND_POD, k->name, on_pod, ctx);
    store_watch(ks->store, 1u << KIND_NODE, k->name, on_node, ctx);
    store_watch(ks->store, 1u << KIND_CONFIGMAP | 1u << KIND_SECRET, NULL, on_data, ctx);
}
