/* verify.c - the walk through the trace, and the promises about API objects of every kind. */
#include "report/verify.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "report/verify_private.h"

const char *const verify_rule_texts[VERIFY_RULE_COUNT] = {
#define X(id, text) [VERIFY_##id] = text,
    VERIFY_RULES(X)
#undef X
};
const char *const verify_rule_names[VERIFY_RULE_COUNT] = {
#define X(id, text) [VERIFY_##id] = #id,
    VERIFY_RULES(X)
#undef X
};

/* More are counted, not shown. */
enum { SHOWN_MAX = 20 };

void verify_broken(struct verifier *v, enum verify_rule rule, const char *format, ...)
{
    char text[512];
    va_list ap;
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    v->result.rules |= UINT64_C(1) << rule;
    if (v->result.broken++ >= SHOWN_MAX || !v->out)
        return;
    strbuf_printf(v->out, "broken: %s (%s)\n  record %u at ", verify_rule_texts[rule], verify_rule_names[rule],
                  v->index);
    strbuf_go_duration(v->out, v->record ? v->record->at : v->run->end);
    strbuf_printf(v->out, ": %s\n", text);
}

bool verify_phase_final(const char *phase) { return text_same(phase, "Succeeded") || text_same(phase, "Failed"); }

struct vobject *verify_object(struct verifier *v, uint32_t ordinal)
{
    while (v->objects.count <= ordinal)
        pool_add(&v->objects);
    return pool_at(&v->objects, ordinal);
}

const char *verify_name(struct verifier *v, uint32_t ordinal)
{
    const struct api_object *o = verify_object(v, ordinal)->latest;
    return o ? arena_printf(&v->arena, "%s/%s", kind_infos[o->kind].singular, o->meta.name) : "unknown object";
}

/* ---- objects ---- */

static void check_identity(struct verifier *v, const struct api_object *before, const struct api_object *o)
{
    const struct object_meta *m = &o->meta, *b = &before->meta;
    VERIFY(v, IDENTITY,
           o->kind == before->kind && text_same(m->name, b->name) && text_same(m->uid, b->uid) &&
               text_same(m->namespace_, b->namespace_) && m->creation_timestamp == b->creation_timestamp,
           "%s", verify_name(v, o->ordinal));
}

static void check_deletion(struct verifier *v, const struct object_meta *b, const struct object_meta *m)
{
    if (b->deletion_timestamp == SIM_NEVER)
        return;
    const struct opt_i64 was = b->deletion_grace_period_seconds, is = m->deletion_grace_period_seconds;
    VERIFY(v, DELETION, m->deletion_timestamp != SIM_NEVER, "%s: deletionTimestamp unset", m->name);
    VERIFY(v, DELETION, !was.set || (is.set && is.value <= was.value),
           "%s: deletionGracePeriodSeconds from %" PRId64 " to %" PRId64, m->name, was.value, is.value);
}

static bool starts_with(const char *s, const char *prefix) { return strncmp(s, prefix, strlen(prefix)) == 0; }

/* What a component may change of a pod; NULL-terminated prefixes of field paths. Users may change all. */
static const char *const *pod_fields_of(enum trace_component who)
{
    static const char *const kubelet[] = {"status.", NULL};
    static const char *const scheduler[] = {"spec.nodeName", "status.conditions[PodScheduled]",
                                            "status.nominatedNodeName", "status.conditions[DisruptionTarget]", NULL};
    static const char *const controller[] = {"status.conditions[DisruptionTarget]", "status.conditions[Ready]", NULL};
    static const char *const evictor[] = {"status.conditions[DisruptionTarget]", NULL};
    static const char *const pod_gc[] = {"status.conditions[DisruptionTarget]", "status.phase",
                                         "status.observedGeneration", NULL};
    static const char *const owners[] = {"metadata.ownerReferences", "metadata.finalizers", NULL};
    /* StatefulPodControl.UpdateStatefulPod */
    static const char *const identity[] = {"metadata.ownerReferences", "metadata.labels", "spec.volumes", NULL};
    static const char *const nothing[] = {NULL};
    switch (who) {
    case COMP_KUBELET:
    case COMP_PROBER:
        return kubelet;
    case COMP_SCHEDULER:
        return scheduler;
    case COMP_DISRUPTION_CONTROLLER:
    case COMP_NODE_CONTROLLER:
        return controller;
    case COMP_TAINT_EVICTION:
        return evictor;
    case COMP_POD_GC:
        return pod_gc;
    case COMP_REPLICASET_CONTROLLER:
    case COMP_REPLICATION_CONTROLLER:
    case COMP_DAEMONSET_CONTROLLER:
    case COMP_GARBAGE_COLLECTOR:
    case COMP_JOB_CONTROLLER:
        return owners;
    case COMP_STATEFULSET_CONTROLLER:
        return identity;
    case COMP_USER:
    case COMP_API_SERVER:
        return NULL;
    default:
        return nothing;
    }
}

static bool is_deletion(const char *path)
{
    return starts_with(path, "metadata.deletion") || starts_with(path, "metadata.generation") ||
           starts_with(path, "metadata.resourceVersion");
}

static bool one_of(const char *path, const char *const *prefixes)
{
    for (; *prefixes; prefixes++)
        if (starts_with(path, *prefixes))
            return true;
    return false;
}

/* Field by field, with the tables that decode and print them. */
static void check_fields(struct verifier *v, const struct api_object *before, const struct api_object *o)
{
    struct field_change *changes;
    arena_reset(&v->scratch);
    uint32_t n = api_diff(kind_infos[o->kind].type, &v->scratch, before, o, v->run->epoch, &changes);
    const char *const *allowed = pod_fields_of((enum trace_component)v->record->component);
    /* A shorter grace for what is being deleted does not count: k8s registry/rest/delete.go BeforeDelete. */
    bool spec = false,
         deletion = before->meta.deletion_timestamp == SIM_NEVER && o->meta.deletion_timestamp != SIM_NEVER;
    for (uint32_t i = 0; i < n; i++) {
        const char *path = changes[i].path;
        /* Binding writes past the strategy that counts generations: k8s pkg/registry/core/pod/storage assignPod. */
        spec |= starts_with(path, "spec.") && !starts_with(path, "spec.nodeName");
        VERIFY(v, WRITER, !allowed || one_of(path, allowed) || is_deletion(path), "%s wrote %s of %s",
               trace_component_names[v->record->component], path, o->meta.name);
    }
    verify_object(v, o->ordinal)->spec_changed |= spec;
    if (spec)
        verify_containers_changed(v, o->ordinal);
    int64_t step = o->meta.generation - before->meta.generation;
    if (o->meta.generation == 0 && before->meta.generation == 0)
        return; /* generations of pods are not counted before 1.34 */
    VERIFY(v, GENERATION, spec || deletion ? step == 1 : step == 0,
           "%s: from %" PRId64 " to %" PRId64 ", spec %s, deletion %s", o->meta.name, before->meta.generation,
           o->meta.generation, spec ? "changed" : "as before", deletion ? "changed" : "as before");
}

static void check_removal(struct verifier *v, const struct api_object *o)
{
    bool pod = o->kind == KIND_POD;
    VERIFY(v, REMOVAL, o->meta.finalizers.count == 0, "%s has a finalizer", o->meta.name);
    VERIFY(v, REMOVAL, !pod || o->meta.deletion_timestamp != SIM_NEVER, "%s was not being deleted", o->meta.name);
    if (pod)
        verify_pod_removed(v, (const struct pod *)o);
}

static bool moves(enum api_kind kind)
{
    return kind == KIND_POD || kind == KIND_SERVICE || kind == KIND_ENDPOINTSLICE || kind == KIND_NODE ||
           kind == KIND_REPLICASET || kind == KIND_REPLICATIONCONTROLLER || kind == KIND_DEPLOYMENT ||
           kind == KIND_STATEFULSET || kind == KIND_DAEMONSET || kind == KIND_JOB;
}

static uint64_t number(const char *digits)
{
    uint64_t n = 0;
    for (; digits && *digits >= '0' && *digits <= '9'; digits++)
        n = n * 10 + (uint64_t)(*digits - '0');
    return n;
}

/* A mirror pod stands for a static pod of its node; a new one for what the one before stood for. */
static void inherit(struct verifier *v, struct vobject *mirror, const struct api_object *o)
{
    const char *hash = str_map_get(&o->meta.annotations, "kubernetes.io/config.mirror");
    for (uint32_t i = v->objects.count; hash && i-- > 0;) {
        const struct vobject *old = pool_at(&v->objects, i);
        const char *its =
            old->latest ? str_map_get(&old->latest->meta.annotations, "kubernetes.io/config.mirror") : NULL;
        if (!text_same(its, hash) || old == mirror)
            continue;
        struct vobject was = *old;
        was.latest = mirror->latest;
        was.gone = was.was_ready = was.spec_changed = false;
        *mirror = was;
        return;
    }
}

static void check_write(struct verifier *v)
{
    const struct api_object *o = v->record->data;
    VERIFY(v, REVISION, o->revision > v->revision, "%" PRIu64 " after %" PRIu64, o->revision, v->revision);
    VERIFY(v, REVISION, o->revision == number(o->meta.resource_version), "resourceVersion \"%s\" is number %" PRIu64,
           o->meta.resource_version, o->revision);
    v->revision = o->revision;
    struct vobject *known = verify_object(v, o->ordinal);
    VERIFY(v, GONE, !known->gone, "%s", o->meta.name);
    VERIFY(v, LINEAGE, o->prev == known->latest && (v->record->flags == WRITE_CREATE) == !o->prev, "%s", o->meta.name);
    if (o->prev) {
        check_identity(v, o->prev, o);
        check_deletion(v, &o->prev->meta, &o->meta);
    }
    if (o->prev && o->kind == KIND_POD && v->record->flags == WRITE_UPDATE)
        check_fields(v, o->prev, o);
    if (o->prev && o->kind == KIND_POD && v->record->flags == WRITE_UPDATE)
        verify_eviction(v, (const struct pod *)o->prev, (const struct pod *)o);
    if (v->record->flags == WRITE_CREATE && o->kind == KIND_POD)
        inherit(v, known, o);
    known->latest = o;
    if (v->record->flags == WRITE_CREATE)
        known->creator = v->record->component;
    if (moves(o->kind))
        v->last_move = v->record->at;
    if (v->record->flags == WRITE_DELETE) {
        check_removal(v, o);
        known->gone = true;
    } else if (o->kind == KIND_POD) {
        verify_pod_write(v, (const struct pod *)o);
        verify_rollout_pod(v, (const struct pod *)o);
        verify_job_pod_write(v, (const struct pod *)o);
    } else if (o->kind == KIND_EVENT) {
        verify_event_write(v, (const struct k8s_event *)o);
    } else if (o->kind == KIND_PODDISRUPTIONBUDGET) {
        verify_budget_write(v, (const struct pdb *)o);
    } else if (o->kind == KIND_REPLICASET) {
        verify_set_write(v, (const struct replica_set *)o);
    } else if (o->kind == KIND_JOB) {
        verify_job_write(v, (const struct job *)o);
    } else if (o->kind == KIND_ENDPOINTSLICE) {
        verify_slice_write(v, (const struct endpoint_slice *)o);
    }
}

/* ---- the walk ---- */

static void check_record(struct verifier *v, sim_time last)
{
    const struct trace_record *r = v->record;
    VERIFY(v, TIME, r->at >= last, "after a record of a later time");
    /* An earlier record each: every chain ends at record 0, because the scenario says so. */
    VERIFY(v, CAUSE, r->cause < v->index, "its cause is record %u", r->cause);
    switch (r->kind) {
    case TRACE_WRITE:
        check_write(v);
        break;
    case TRACE_ACTION:
        v->faults |= r->flags == 1;
        break;
    case TRACE_KUBELET:
        verify_kubelet(v);
        break;
    case TRACE_PROBE:
        verify_probe(v);
        break;
    case TRACE_PROBE_REPEATS:
        verify_repeats(v);
        break;
    case TRACE_HOOK:
        verify_hook(v);
        break;
    case TRACE_TRAFFIC:
        verify_traffic(v);
        break;
    case TRACE_TRAFFIC_END:
        verify_traffic_end(v);
        break;
    default:
        verify_runtime(v);
        break;
    }
}

uint32_t verify_trace(const struct run_trace *run, struct strbuf *out, struct verify_result *ret_result)
{
    struct verifier v = {.run = run, .out = out, .minor = run->features ? run->features->minor : MINOR_NEWEST};
    arena_init(&v.arena, 0);
    arena_init(&v.scratch, 0);
    pool_init(&v.objects, &v.arena, sizeof(struct vobject));
    pool_init(&v.containers, &v.arena, sizeof(struct vcontainer));
    pool_init(&v.instances, &v.arena, sizeof(struct vinstance));
    pool_init(&v.happenings, &v.arena, sizeof(struct vhappening));
    sim_time last = 0;
    for (v.index = 1; v.index < trace_count(run->trace); v.index++) {
        v.record = trace_at(run->trace, v.index);
        check_record(&v, last);
        last = v.record->at;
    }
    v.record = NULL;
    verify_end(&v);
    if (out && v.result.broken > SHOWN_MAX)
        strbuf_printf(out, "... and %u more\n", v.result.broken - SHOWN_MAX);
    arena_fini(&v.scratch);
    arena_fini(&v.arena);
    *ret_result = v.result;
    return v.result.broken;
}
