/* verify_end.c - promises about Services, and those that hold once nothing moves. */
#include <string.h>

#include "report/verify_private.h"
#include "report/view.h"

/* ---- endpoints ---- */

static const struct service *service_of(struct verifier *v, const struct endpoint_slice *s)
{
    const char *name = str_map_get(&s->object.meta.labels, "kubernetes.io/service-name");
    for (uint32_t i = 0; name && i < v->objects.count; i++) {
        const struct vobject *o = pool_at(&v->objects, i);
        if (o->latest && !o->gone && o->latest->kind == KIND_SERVICE && strcmp(o->latest->meta.name, name) == 0 &&
            text_same(o->latest->meta.namespace_, s->object.meta.namespace_))
            return (const struct service *)o->latest;
    }
    return NULL;
}

static struct vobject *pod_with_uid(struct verifier *v, const char *uid)
{
    for (uint32_t i = 0; i < v->objects.count; i++) {
        struct vobject *o = pool_at(&v->objects, i);
        if (o->latest && o->latest->kind == KIND_POD && text_same(o->latest->meta.uid, uid))
            return o;
    }
    return NULL;
}

/* The slice follows the pod by a moment, so the pod may have changed since: it must have been so once. */
static bool had_address(const struct pod *p, const char *ip)
{
    for (; p; p = (const struct pod *)p->object.prev)
        if (text_same(p->status.pod_ip, ip))
            return true;
    return false;
}

void verify_slice_write(struct verifier *v, const struct endpoint_slice *s)
{
    const struct service *svc = service_of(v, s);
    for (uint32_t i = 0; i < s->endpoints.count; i++) {
        const struct endpoint *e = &s->endpoints.items[i];
        if (!e->target_ref || !e->conditions.ready.value)
            continue;
        const struct vobject *o = pod_with_uid(v, e->target_ref->uid);
        VERIFY(v, ENDPOINT, o, "%s: no pod %s", s->object.meta.name, e->target_ref->name);
        if (!o)
            continue;
        VERIFY(v, ENDPOINT, had_address((const struct pod *)o->latest, e->addresses.items[0]), "%s: %s never had %s",
               s->object.meta.name, e->target_ref->name, e->addresses.items[0]);
        VERIFY(v, ENDPOINT, o->was_ready || !svc || svc->spec.publish_not_ready_addresses, "%s: %s was never ready",
               s->object.meta.name, e->target_ref->name);
    }
}

/* ---- once nothing moves ---- */

static const struct pod *next_pod(struct verifier *v, uint32_t *cursor)
{
    while (*cursor < v->objects.count) {
        const struct vobject *o = pool_at(&v->objects, (*cursor)++);
        if (o->latest && !o->gone && o->latest->kind == KIND_POD)
            return (const struct pod *)o->latest;
    }
    return NULL;
}

static bool selected(const struct service *s, const struct pod *p)
{
    return s->spec.has_selector && text_same(s->object.meta.namespace_, p->object.meta.namespace_) &&
           labels_match(&s->spec.selector, &p->object.meta.labels);
}

static uint32_t ready_endpoints(struct verifier *v, const struct service *s)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < v->objects.count; i++) {
        const struct vobject *o = pool_at(&v->objects, i);
        if (!o->latest || o->gone || o->latest->kind != KIND_ENDPOINTSLICE)
            continue;
        const struct endpoint_slice *slice = (const struct endpoint_slice *)o->latest;
        if (service_of(v, slice) != s)
            continue;
        for (uint32_t k = 0; k < slice->endpoints.count; k++)
            n += slice->endpoints.items[k].conditions.ready.value;
    }
    return n;
}

static void check_endpoints(struct verifier *v)
{
    for (uint32_t i = 0; i < v->objects.count; i++) {
        const struct vobject *o = pool_at(&v->objects, i);
        if (!o->latest || o->gone || o->latest->kind != KIND_SERVICE)
            continue;
        const struct service *s = (const struct service *)o->latest;
        if (!s->spec.has_selector || s->spec.publish_not_ready_addresses || text_same(s->spec.type, "ExternalName"))
            continue;
        uint32_t ready = 0, cursor = 0;
        bool called_ended = false; /* a phase alone wakes no controller: whether it is listed is chance */
        for (const struct pod *p; (p = next_pod(v, &cursor));) {
            ready += selected(s, p) && pod_condition_true(p, "Ready") && p->status.pod_ip &&
                     !verify_phase_final(p->status.phase) && p->object.meta.deletion_timestamp == SIM_NEVER;
            called_ended |= selected(s, p) && verify_object(v, p->object.ordinal)->called_ended;
        }
        if (called_ended)
            continue;
        uint32_t listed = ready_endpoints(v, s);
        VERIFY(v, END_ENDPOINTS, listed == ready, "%s lists %u, %u pods are ready", s->object.meta.name, listed, ready);
    }
}

/* Nothing is pending any more: a container that its policy would run again has been forgotten. */
static void check_forgotten(struct verifier *v, const struct pod *p, const struct container *c,
                            const struct container_status *s)
{
    const struct container_state_terminated *t = s->state.terminated;
    bool over = t && !verify_policy_restarts(p, c, false, (int32_t)t->exit_code);
    VERIFY(v, END_RESTART, s->state.running || over || verify_has_rules(p), "%s of %s does not run", c->name,
           p->object.meta.name);
}

/* While the pod's worker waits for a hook or for the end of a stop, nothing is published. */
static bool worker_waits(struct verifier *v, const struct pod *p)
{
    for (uint32_t i = verify_object(v, p->object.ordinal)->containers; i;) {
        const struct vcontainer *c = pool_at(&v->containers, i - 1);
        if (c->hook[0] || c->hook[1])
            return true;
        i = c->next;
    }
    return p->object.meta.deletion_timestamp != SIM_NEVER;
}

static void check_pod_end(struct verifier *v, const struct pod *p, bool quiet)
{
    uint32_t ordinal = p->object.ordinal, inits = p->spec.init_containers.count;
    if (!quiet && worker_waits(v, p))
        return;
    bool final = verify_phase_final(p->status.phase);
    for (uint32_t i = 0; i < inits + p->spec.containers.count; i++) {
        const struct container *c =
            i < inits ? &p->spec.init_containers.items[i] : &p->spec.containers.items[i - inits];
        const struct container_status *s = view_status(p, c->name);
        if (!s)
            continue;
        bool runs = verify_instance_runs(verify_newest(v, verify_container(v, ordinal, c->name)));
        bool users = verify_object(v, ordinal)->called_ended; /* what a user has written then stays */
        VERIFY(v, END_STATUS, users || runs == (s->state.running != NULL), "%s of %s %s", c->name, p->object.meta.name,
               runs ? "runs" : "does not run");
        bool regular_init = i < inits && !container_is_sidecar(c);
        VERIFY(v, END_READY, !s->ready || s->state.running || regular_init, "%s of %s", c->name, p->object.meta.name);
        if (quiet && !final && i >= inits && p->object.meta.deletion_timestamp == SIM_NEVER &&
            text_same(p->status.phase, "Running"))
            check_forgotten(v, p, c, s);
    }
    VERIFY(v, END_DELETED, p->object.meta.deletion_timestamp == SIM_NEVER || p->object.meta.finalizers.count || !quiet,
           "%s is still there", p->object.meta.name);
}

static void check_gone(struct verifier *v)
{
    for (uint32_t i = 0; i < v->objects.count; i++) {
        const struct vobject *o = pool_at(&v->objects, i);
        const struct vcontainer *c = o->gone && o->latest->kind == KIND_POD ? verify_running(v, i) : NULL;
        VERIFY(v, END_DELETED, !c, "%s of %s runs on", c ? c->name : "", o->latest ? o->latest->meta.name : "");
    }
}

/* A pod that the node or the runtime has lost may stay as it was seen last. */
void verify_end(struct verifier *v)
{
    const sim_time settled_after = 60 * SIM_SECOND;
    const struct trace_record *last =
        trace_count(v->run->trace) > 1 ? trace_at(v->run->trace, trace_count(v->run->trace) - 1) : NULL;
    bool quiet = last && last->kind == TRACE_END && last->aux == RUN_QUIET;
    if (!quiet && v->run->end - v->last_move < settled_after)
        return;
    check_endpoints(v);
    if (v->faults)
        return;
    verify_workloads_end(v);
    verify_rollouts_end(v);
    verify_jobs_end(v);
    uint32_t cursor = 0;
    for (const struct pod *p; (p = next_pod(v, &cursor));)
        check_pod_end(v, p, quiet);
    if (quiet)
        check_gone(v);
}
