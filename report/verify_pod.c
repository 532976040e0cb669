/* verify_pod.c - promises about the versions of a pod: phase, conditions, container statuses.
 *
 * Statuses that users write are theirs; what the kubelet writes is checked in full.
 */
#include <string.h>

#include "report/verify_private.h"

static bool by_kubelet(const struct verifier *v)
{
    return v->record->component == COMP_KUBELET || v->record->component == COMP_PROBER;
}

/* ---- container statuses ---- */

static sim_time second_of(sim_time t) { return t == SIM_NEVER ? SIM_NEVER : sim_time_floor(t, SIM_SECOND); }

static bool made_up(const struct container_state_terminated *t)
{
    static const char inferred[] = "Unable to get init container status from container runtime";
    if (t->message && strncmp(t->message, inferred, strlen(inferred)) == 0)
        return true; /* of an init container whose instance is gone: kubelet.md 3.2 step 6 */
    return text_same(t->reason, "ContainerStatusUnknown") || text_same(t->reason, "RestartingAllContainers");
}

/* Is there an instance that ended so? */
static bool ended_so(struct verifier *v, const struct vcontainer *c, const struct container_state_terminated *t)
{
    for (struct vinstance *i = verify_newest(v, c); i; i = verify_older(v, i)) {
        if (i->exited != SIM_NEVER && second_of(i->exited) == t->finished_at && i->exit_code == t->exit_code &&
            text_same(i->reason, t->reason))
            return true;
    }
    return false;
}

static bool same_end(const struct container_state_terminated *a, const struct container_state_terminated *b)
{
    return a && a->exit_code == b->exit_code && a->finished_at == b->finished_at && text_same(a->reason, b->reason);
}

static const struct container_status *status_in(const struct pod *p, const char *name)
{
    for (uint32_t i = 0; i < p->status.container_statuses.count; i++)
        if (text_same(p->status.container_statuses.items[i].name, name))
            return &p->status.container_statuses.items[i];
    return NULL;
}

/* A kubelet that has no status of its own yet goes by the API's, whoever wrote that: kubelet.md 3.2. */
static bool told_so(const struct vcontainer *c, const struct pod *p, const struct container_state_terminated *t)
{
    for (const struct pod *b = p; c->told && (b = (const struct pod *)b->object.prev);) {
        const struct container_status *s = status_in(b, c->name);
        if (s && same_end(s->state.terminated, t))
            return true;
    }
    return false;
}

static bool patched_conditions(const struct pod *before, const struct pod *p)
{
    static const char *const own[] = {"Ready", "ContainersReady", "Initialized", "PodReadyToStartContainers"};
    for (size_t i = 0; i < ARRAY_LEN(own); i++) {
        const struct pod_condition *a = pod_condition_find(before, own[i]), *b = pod_condition_find(p, own[i]);
        if (!a != !b || (a && !text_same(a->status, b->status)))
            return true;
    }
    return false;
}

/* What a user says of how containers ended, and how often they were started; that the node controller makes a lost
 * node's pods not Ready. */
static void hear_others(struct verifier *v, const struct pod *before, const struct pod *p)
{
    if (before->status.conditions.items != p->status.conditions.items && patched_conditions(before, p))
        verify_object(v, p->object.ordinal)->others_conditions = true;
    for (uint32_t i = verify_object(v, p->object.ordinal)->containers; i;) {
        struct vcontainer *c = pool_at(&v->containers, i - 1);
        const struct container_status *s = status_in(p, c->name);
        if (s != status_in(before, c->name))
            c->restarts = s ? s->restart_count : 0;
        i = c->next;
    }
    for (uint32_t i = 0; i < p->status.container_statuses.count; i++) {
        const struct container_status *s = &p->status.container_statuses.items[i];
        const struct container_status *old = status_in(before, s->name);
        if (s->state.terminated && !(old && same_end(old->state.terminated, s->state.terminated)))
            verify_container(v, p->object.ordinal, s->name)->told = true;
    }
}

static bool started_so(struct verifier *v, const struct vcontainer *c, const struct container_status *s)
{
    /* Restarts that only the API remembers count, too: kubelet_pods.go convertContainerStatus. */
    for (struct vinstance *i = verify_newest(v, c); i; i = verify_older(v, i)) {
        bool remembered = i->attempt < s->restart_count && (v->minor >= 36 || c->told);
        if (i->attempt == s->restart_count || remembered)
            return i->started != SIM_NEVER && second_of(i->started) == s->state.running->started_at;
    }
    return false;
}

static void check_times(struct verifier *v, const struct container_status *s)
{
    const struct container_state_terminated *t = s->state.terminated, *last = s->last_state.terminated;
    sim_time now = v->record->at;
    VERIFY(v, STATUS_TIME, !s->state.running || s->state.running->started_at <= now, "%s starts in the future",
           s->name);
    VERIFY(v, STATUS_TIME, !t || t->finished_at <= now, "%s finishes in the future", s->name);
    VERIFY(v, STATUS_TIME, !t || t->started_at <= t->finished_at, "%s finished before it started", s->name);
    VERIFY(v, STATUS_TIME, !last || last->started_at <= last->finished_at, "%s: last state", s->name);
    if (t && text_same(t->reason, "StartError"))
        return; /* it never started: startedAt is the beginning of 1970 */
    sim_time began = s->state.running ? s->state.running->started_at : t ? t->started_at : SIM_NEVER;
    /* A container that waited shows its exit as last state, and once it is not to start again as state, too. */
    bool same = t && last && t->finished_at == last->finished_at && t->exit_code == last->exit_code;
    VERIFY(v, STATUS_TIME, !last || began == SIM_NEVER || last->finished_at <= began || same,
           "%s started before its last instance had finished", s->name);
}

/* A pod that a restarted kubelet no longer admits loses its container statuses: k8s kubelet.go rejectPod writes a
 * status without any, kubelet.md 2.1. Later ones begin with no count but that of the instances the runtime still knows,
 * and RestartAllContainers has removed those (kubelet.md 6.6). */
static void forget_counts(struct verifier *v, const struct pod *p)
{
    if (p->status.container_statuses.count > 0 || p->status.init_container_statuses.count > 0)
        return;
    for (uint32_t i = 0; i < p->spec.init_containers.count; i++)
        verify_container(v, p->object.ordinal, p->spec.init_containers.items[i].name)->restarts = 0;
    for (uint32_t i = 0; i < p->spec.containers.count; i++)
        verify_container(v, p->object.ordinal, p->spec.containers.items[i].name)->restarts = 0;
}

static void check_container(struct verifier *v, const struct pod *p, const struct container_status *s)
{
    struct vcontainer *c = verify_container(v, p->object.ordinal, s->name);
    VERIFY(v, RESTARTS, s->restart_count >= c->restarts || verify_mirror(v, p->object.ordinal),
           "%s of %s from %" PRId64 " to %" PRId64, s->name, p->object.meta.name, c->restarts, s->restart_count);
    c->restarts = s->restart_count;
    VERIFY(v, STATE, (s->state.waiting != NULL) + (s->state.running != NULL) + (s->state.terminated != NULL) == 1,
           "%s of %s", s->name, p->object.meta.name);
    check_times(v, s);
    if (verify_mirror(v, p->object.ordinal))
        return; /* the runtime's records are those of the static pod */
    const struct container_state_terminated *t = s->state.terminated, *last = s->last_state.terminated;
    VERIFY(v, STATUS_TRUE, !s->state.running || started_so(v, c, s), "%s of %s: no such instance runs", s->name,
           p->object.meta.name);
    VERIFY(v, STATUS_TRUE, !t || made_up(t) || ended_so(v, c, t) || told_so(c, p, t),
           "%s of %s: no instance ended like its state", s->name, p->object.meta.name);
    VERIFY(v, STATUS_TRUE, !last || made_up(last) || ended_so(v, c, last) || told_so(c, p, last),
           "%s of %s: no instance ended like its last state", s->name, p->object.meta.name);
}

static void check_covers(struct verifier *v, const struct pod *p)
{
    const struct pod_status *s = &p->status;
    bool refused = verify_phase_final(s->phase) || verify_object(v, p->object.ordinal)->kubelet_gone;
    if (s->container_statuses.count == 0 && refused)
        return; /* rejected, maybe by a kubelet that has just started: kubelet.md 2.1, 9.2 */
    const struct pod *before = (const struct pod *)p->object.prev;
    if (s->container_statuses.count == 0 && p->object.meta.deletion_timestamp != SIM_NEVER && before &&
        before->status.container_statuses.count == 0)
        return; /* a mirror that the kubelet deletes before it had a status to write: kubelet.md 9.1 */
    VERIFY(v, COVERS, s->container_statuses.count == p->spec.containers.count, "%s: %u statuses, %u containers",
           p->object.meta.name, s->container_statuses.count, p->spec.containers.count);
    VERIFY(v, COVERS, s->init_container_statuses.count == p->spec.init_containers.count,
           "%s: %u statuses, %u init containers", p->object.meta.name, s->init_container_statuses.count,
           p->spec.init_containers.count);
    for (uint32_t i = 0; i < s->container_statuses.count; i++) {
        const char *name = s->container_statuses.items[i].name;
        uint32_t at;
        VERIFY(v, COVERS, verify_spec(p, name, &at), "%s of %s is not in the spec", name, p->object.meta.name);
        VERIFY(v, COVERS, i == 0 || strcmp(s->container_statuses.items[i - 1].name, name) < 0,
               "%s of %s is not in order of names", name, p->object.meta.name);
    }
    for (uint32_t i = 0; i < s->init_container_statuses.count && i < p->spec.init_containers.count; i++)
        VERIFY(v, COVERS, text_same(s->init_container_statuses.items[i].name, p->spec.init_containers.items[i].name),
               "init container %u of %s is another", i, p->object.meta.name);
}

/* ---- conditions ---- */

/* Up to 1.35 an init container that nobody remembers keeps its pod Pending, whatever else it has: kubelet.md 3.2. */
static bool init_forgotten(const struct verifier *v, const struct pod *p)
{
    for (uint32_t i = 0; v->minor < 36 && i < p->status.init_container_statuses.count; i++) {
        const struct container_status *c = &p->status.init_container_statuses.items[i];
        if (c->state.waiting && !c->last_state.terminated && !(c->container_id && *c->container_id))
            return true;
    }
    return false;
}

static void check_ready(struct verifier *v, const struct pod *p)
{
    if (!pod_condition_true(p, "Ready") || verify_object(v, p->object.ordinal)->init_skipped)
        return;
    const struct pod_status *s = &p->status;
    const char *name = p->object.meta.name;
    VERIFY(v, READY, pod_condition_true(p, "ContainersReady"), "%s: ContainersReady is not True", name);
    VERIFY(v, READY, text_same(s->phase, "Running") || init_forgotten(v, p), "%s: phase %s", name, s->phase);
    for (uint32_t i = 0; i < s->container_statuses.count; i++)
        VERIFY(v, READY, s->container_statuses.items[i].ready, "%s: container %s", name,
               s->container_statuses.items[i].name);
    for (uint32_t i = 0; i < s->init_container_statuses.count; i++) {
        const struct container_status *c = &s->init_container_statuses.items[i];
        uint32_t at;
        const struct container *spec = verify_spec(p, c->name, &at);
        VERIFY(v, READY, !spec || !container_is_sidecar(spec) || c->ready, "%s: sidecar %s", name, c->name);
    }
    for (uint32_t i = 0; i < p->spec.readiness_gates.count; i++) {
        const char *gate = p->spec.readiness_gates.items[i].condition_type;
        const struct pod *before = (const struct pod *)p->object.prev;
        /* The kubelet may not have heard yet of a gate that closed. */
        VERIFY(v, READY, pod_condition_true(p, gate) || (before && pod_condition_true(before, "Ready")), "%s: gate %s",
               name, gate);
    }
}

static bool other_instance(const struct container_status *a, const struct container_status *b)
{
    return a->restart_count != b->restart_count || !a->state.running != !b->state.running ||
           !text_same(a->container_id, b->container_id);
}

/* A node writes one status at a time and always the newest: a condition that went there and back between two
 * writes keeps its value and has a new time. Then some container is another instance, or the sandbox is. */
static bool went_and_came(const struct pod_status *b, const struct pod_status *s)
{
    bool other = !text_same(b->pod_ip, s->pod_ip);
    for (uint32_t i = 0; i < b->container_statuses.count && i < s->container_statuses.count; i++)
        other |= other_instance(&b->container_statuses.items[i], &s->container_statuses.items[i]);
    for (uint32_t i = 0; i < b->init_container_statuses.count && i < s->init_container_statuses.count; i++)
        other |= other_instance(&b->init_container_statuses.items[i], &s->init_container_statuses.items[i]);
    return other;
}

/* A static pod's status begins anew with its file and its kubelet. A kubelet that has just started goes by what it
 * found in the API; a write of its predecessor may come after that. */
static bool kubelet_began(struct verifier *v, const struct pod *p)
{
    sim_time back = verify_object(v, p->object.ordinal)->kubelet_back;
    if (verify_mirror(v, p->object.ordinal))
        return true;
    bool stopped = verify_object(v, p->object.ordinal)->kubelet_stops > 0; /* maybe at time 0 */
    return stopped && v->record->at - back < 30 * SIM_SECOND;
}

/* A probe has changed its mind twice: maybe between two writes, the first of which knew nothing of it when it was sent.
 */
static bool flapped(struct verifier *v, const struct pod *p)
{
    const struct vobject *o = verify_object(v, p->object.ordinal);
    return o->flips + o->flips_before >= 2;
}

/* Since 1.36 the condition is published before anything else of the new sandbox is known. */
static bool new_sandbox(struct verifier *v, const struct pod *p)
{
    const struct vobject *o = verify_object(v, p->object.ordinal);
    return o->sandboxes != o->sandboxes_told;
}

/* A user has called it Failed while its containers run. The kubelet goes on computing its conditions and makes Ready
 * False each time it writes them: k8s status_manager.go mergePodStatus. */
static bool called_ended(struct verifier *v, const struct pod *p)
{
    return verify_object(v, p->object.ordinal)->called_ended;
}

static void check_condition(struct verifier *v, const struct pod *p, const struct pod_condition *c)
{
    const struct pod *before = (const struct pod *)p->object.prev;
    const struct pod_condition *old = before ? pod_condition_find(before, c->type) : NULL;
    const char *name = p->object.meta.name;
    VERIFY(v, CONDITION, pod_condition_find(p, c->type) == c, "%s: %s stands twice", name, c->type);
    VERIFY(v, OBSERVED, c->observed_generation <= p->object.meta.generation, "%s: %s is ahead", name, c->type);
    VERIFY(v, TRANSITION, c->last_transition_time <= v->record->at, "%s: %s changes in the future", name, c->type);
    if (!old || strcmp(c->type, "DisruptionTarget") == 0) /* kubelet.md 5.5: its time is refreshed */
        return;
    if (strncmp(c->type, "PodResize", 9) == 0) /* that of the reason: k8s status_manager.go */
        return;
    bool moved = c->last_transition_time != old->last_transition_time;
    bool changed = !text_same(c->status, old->status) || went_and_came(&before->status, &p->status) ||
                   new_sandbox(v, p) || flapped(v, p) || kubelet_began(v, p) || called_ended(v, p);
    changed |= verify_object(v, p->object.ordinal)->others_conditions;
    VERIFY(v, TRANSITION, !moved || changed, "%s: %s is still %s", name, c->type, c->status);
    /* What a former kubelet, or a user, has written meanwhile is not what this one had changed. */
    bool others = kubelet_began(v, p) || verify_object(v, p->object.ordinal)->others_conditions;
    VERIFY(v, TRANSITION, others || c->last_transition_time >= old->last_transition_time, "%s: %s changes back in time",
           name, c->type);
}

/* ---- the whole ---- */

static void check_fixed(struct verifier *v, const struct pod *b, const struct pod *p)
{
    const char *name = p->object.meta.name, *node = b->spec.node_name;
    VERIFY(v, FIXED, !node || !*node || text_same(node, p->spec.node_name), "%s moves from %s to %s", name, node,
           p->spec.node_name);
    VERIFY(v, FIXED,
           b->status.start_time == SIM_NEVER || b->status.start_time == p->status.start_time || kubelet_began(v, p),
           "%s: startTime", name);
    /* A mirror's is that of its static pod, which no admission plugin has given requests. */
    bool mirror = str_map_get(&p->object.meta.annotations, "kubernetes.io/config.mirror") != NULL;
    VERIFY(v, FIXED, mirror || !b->status.qos_class || text_same(b->status.qos_class, p->status.qos_class),
           "%s: QoS class", name);
}

static void check_phase(struct verifier *v, const struct pod *b, const struct pod *p)
{
    const char *name = p->object.meta.name;
    /* A mirror shows what its file's pod does, also when that runs again after a boot of the node. */
    VERIFY(v, PHASE_FINAL,
           !verify_phase_final(b->status.phase) || text_same(b->status.phase, p->status.phase) ||
               verify_mirror(v, p->object.ordinal) || v->record->component == COMP_USER,
           "%s from %s to %s", name, b->status.phase, p->status.phase);
    if (!text_same(b->status.phase, p->status.phase))
        verify_object(v, p->object.ordinal)->phase_by_user = v->record->component == COMP_USER;
    if (v->record->component == COMP_USER && !verify_phase_final(p->status.phase))
        verify_object(v, p->object.ordinal)->ended = false; /* a kubelet that has not seen it end may run it again */
    if (verify_phase_final(b->status.phase) || !verify_phase_final(p->status.phase))
        return;
    if (v->record->component == COMP_USER)
        verify_object(v, p->object.ordinal)->called_ended = true;
    if (!by_kubelet(v))
        return;
    /* The kubelet asks its workers about the mirror's uid, which none has: k8s status_manager.go syncPod. */
    if (verify_mirror(v, p->object.ordinal))
        return;
    const struct vcontainer *c = verify_running(v, p->object.ordinal);
    verify_object(v, p->object.ordinal)->ended = true;
    VERIFY(v, PHASE_STOPPED, !c, "%s is %s while %s runs", name, p->status.phase, c ? c->name : "");
}

void verify_pod_write(struct verifier *v, const struct pod *p)
{
    const struct pod *before = (const struct pod *)p->object.prev;
    struct vobject *o = verify_object(v, p->object.ordinal);
    if (pod_condition_true(p, "Ready") && p->object.meta.deletion_timestamp == SIM_NEVER)
        o->was_ready = true;
    if (!before)
        return;
    check_fixed(v, before, p);
    check_phase(v, before, p);
    VERIFY(v, OBSERVED, p->status.observed_generation <= p->object.meta.generation, "%s", p->object.meta.name);
    if (v->record->component == COMP_USER || v->record->component == COMP_NODE_CONTROLLER)
        hear_others(v, before, p);
    if (!by_kubelet(v))
        return;
    VERIFY(v, OBSERVED, p->status.observed_generation >= before->status.observed_generation, "%s: from %" PRId64,
           p->object.meta.name, before->status.observed_generation);
    check_covers(v, p);
    check_ready(v, p);
    for (uint32_t i = 0; i < p->status.conditions.count; i++)
        check_condition(v, p, &p->status.conditions.items[i]);
    forget_counts(v, p);
    for (uint32_t i = 0; i < p->status.init_container_statuses.count; i++)
        check_container(v, p, &p->status.init_container_statuses.items[i]);
    for (uint32_t i = 0; i < p->status.container_statuses.count; i++)
        check_container(v, p, &p->status.container_statuses.items[i]);
    o->sandboxes_told = o->sandboxes;
    o->flips_before = o->flips;
    o->flips = 0;
}

void verify_pod_removed(struct verifier *v, const struct pod *last)
{
    bool mirror = str_map_get(&last->object.meta.annotations, "kubernetes.io/config.mirror") != NULL;
    if (!by_kubelet(v) || mirror) /* a static pod outlives its mirrors */
        return;
    const struct vcontainer *c = verify_running(v, last->object.ordinal);
    VERIFY(v, PHASE_STOPPED, !c, "%s is removed while %s runs", last->object.meta.name, c ? c->name : "");
    /* What a user has written over the phase meanwhile, the DELETE does not look at. */
    bool by_user = verify_object(v, last->object.ordinal)->phase_by_user;
    VERIFY(v, PHASE_STOPPED, verify_phase_final(last->status.phase) || v->minor < 27 || by_user,
           "%s is removed in phase %s", last->object.meta.name, last->status.phase);
}
