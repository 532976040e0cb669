/* verify_container.c - promises about what the runtime did: instances, sandboxes, signals, probes, hooks. */
#include <string.h>

#include "report/verify_private.h"

/* ---- who is who ---- */

const struct container *verify_spec(const struct pod *p, const char *name, uint32_t *ret_index)
{
    uint32_t inits = p->spec.init_containers.count;
    for (uint32_t i = 0; i < inits + p->spec.containers.count; i++) {
        const struct container *c =
            i < inits ? &p->spec.init_containers.items[i] : &p->spec.containers.items[i - inits];
        if (strcmp(c->name, name) == 0) {
            *ret_index = i;
            return c;
        }
    }
    return NULL;
}

struct vcontainer *verify_container(struct verifier *v, uint32_t pod, const char *name)
{
    struct vobject *o = verify_object(v, pod);
    for (uint32_t i = o->containers; i;) {
        struct vcontainer *c = pool_at(&v->containers, i - 1);
        if (strcmp(c->name, name) == 0)
            return c;
        i = c->next;
    }
    uint32_t i = pool_add(&v->containers);
    struct vcontainer *c = pool_at(&v->containers, i);
    *c = (struct vcontainer){.name = name, .next = o->containers, .signalled = SIM_NEVER, .blocked_until = SIM_NEVER};
    o->containers = i + 1;
    return c;
}

static struct vinstance *instance_at(struct verifier *v, uint32_t index)
{
    return index ? pool_at(&v->instances, index - 1) : NULL;
}

struct vinstance *verify_newest(struct verifier *v, const struct vcontainer *c) { return instance_at(v, c->newest); }
struct vinstance *verify_older(struct verifier *v, const struct vinstance *i) { return instance_at(v, i->older); }
bool verify_instance_runs(const struct vinstance *i) { return i && i->started != SIM_NEVER && i->exited == SIM_NEVER; }

const struct vcontainer *verify_running(struct verifier *v, uint32_t pod)
{
    for (uint32_t i = verify_object(v, pod)->containers; i;) {
        const struct vcontainer *c = pool_at(&v->containers, i - 1);
        if (verify_instance_runs(verify_newest(v, c)))
            return c;
        i = c->next;
    }
    return NULL;
}

static const struct pod *pod_of(struct verifier *v, uint32_t ordinal)
{
    return (const struct pod *)verify_object(v, ordinal)->latest;
}

/* A static pod lives in its file: taken away and put back it is a new pod with the old uid. */
bool verify_mirror(struct verifier *v, uint32_t ordinal)
{
    const struct pod *p = pod_of(v, ordinal);
    return p && str_map_get(&p->object.meta.annotations, "kubernetes.io/config.mirror");
}

/* ---- may it start? ---- */

bool verify_has_rules(const struct pod *p)
{
    uint32_t inits = p->spec.init_containers.count;
    for (uint32_t i = 0; i < inits + p->spec.containers.count; i++) {
        const struct container *c =
            i < inits ? &p->spec.init_containers.items[i] : &p->spec.containers.items[i - inits];
        if (c->restart_policy_rules.count)
            return true;
    }
    return false;
}

bool verify_policy_restarts(const struct pod *p, const struct container *c, bool init, int32_t exit_code)
{
    const char *policy = c->restart_policy ? c->restart_policy : p->spec.restart_policy;
    if (text_same(policy, "Never"))
        return false;
    if (exit_code == 0 && init && !container_is_sidecar(c))
        return false;
    return exit_code != 0 || !text_same(policy, "OnFailure");
}

/* An app container that was created and never started, because the sandbox or the kubelet died in between, counts as
 * "has been initialized", in a new sandbox, too: k8s computeInitContainerActions does not look at the sandbox. */
static bool init_is_skipped(struct verifier *v, const struct pod *p)
{
    struct vobject *o = verify_object(v, p->object.ordinal);
    for (uint32_t i = 0; i < p->spec.containers.count; i++) {
        const struct vcontainer *c = verify_container(v, p->object.ordinal, p->spec.containers.items[i].name);
        for (const struct vinstance *n = verify_newest(v, c); n; n = verify_older(v, n))
            o->init_skipped |= n->sandbox < o->sandboxes && n->started == SIM_NEVER && n->exited == SIM_NEVER;
    }
    return o->init_skipped;
}

/* Every regular init container before it has succeeded in this sandbox, every sidecar before it was started. */
static void check_init_order(struct verifier *v, const struct pod *p, uint32_t index, const char *name)
{
    struct vobject *o = verify_object(v, p->object.ordinal);
    for (uint32_t i = 0; i < index && i < p->spec.init_containers.count; i++) {
        const struct container *c = &p->spec.init_containers.items[i];
        bool done = false;
        const struct vinstance *n = verify_newest(v, verify_container(v, p->object.ordinal, c->name));
        for (; n && n->sandbox == o->sandboxes && !done; n = verify_older(v, n))
            done = container_is_sidecar(c) ? n->started != SIM_NEVER : n->exited != SIM_NEVER && n->exit_code == 0;
        VERIFY(v, INIT, done || init_is_skipped(v, p), "%s of %s starts, %s has not", name, p->object.meta.name,
               c->name);
    }
}

static void check_policy(struct verifier *v, const struct pod *p, const struct container *c, bool init,
                         const struct vinstance *now, const struct vinstance *before)
{
    const struct vobject *o = verify_object(v, p->object.ordinal);
    if (!before || before->exited == SIM_NEVER || before->removed || o->spec_changed || verify_has_rules(p))
        return;
    const char *policy = c->restart_policy ? c->restart_policy : p->spec.restart_policy;
    bool never = text_same(policy, "Never"), done = text_same(policy, "OnFailure") && before->exit_code == 0;
    /* A kill by a probe restarts whatever the exit code says, but not under Never. In a new sandbox all begins
     * again, unless the pod is a Never one, or an app container has succeeded under OnFailure: kubelet.md 2.6, 6.1. */
    bool again = now->sandbox != before->sandbox && !text_same(p->spec.restart_policy, "Never") && (init || !done);
    bool other_file = now->attempt == 0 && verify_mirror(v, p->object.ordinal); /* of the same name, or once more */
    bool may = verify_policy_restarts(p, c, init, before->exit_code) || (before->asked && !never) || again ||
               other_file || text_same(before->reason, "OOMKilled");
    VERIFY(v, POLICY, may || before->started == SIM_NEVER, "%s of %s (%s) comes back after exit code %d", c->name,
           p->object.meta.name, policy, before->exit_code);
}

static void check_start(struct verifier *v, struct vcontainer *vc, const struct vinstance *i)
{
    uint32_t pod = v->record->object, index;
    struct vobject *o = verify_object(v, pod);
    const struct pod *p = pod_of(v, pod);
    const struct vinstance *before = verify_older(v, i);
    VERIFY(v, ONE_INSTANCE, !verify_instance_runs(before), "%s of %s", vc->name, verify_name(v, pod));
    VERIFY(v, SANDBOX, o->sandbox_up, "%s of %s starts without a sandbox", vc->name, verify_name(v, pod));
    /* Another image is another back-off, RestartAllContainers leaves nothing to back off from: kubelet.md 6.2, 6.6. */
    VERIFY(v, BACKOFF,
           vc->blocked_until == SIM_NEVER || v->record->at >= vc->blocked_until || o->spec_changed ||
               (p && verify_has_rules(p)),
           "%s of %s waits for %" PRId64 " ms more", vc->name, verify_name(v, pod),
           (vc->blocked_until - v->record->at) / SIM_MS);
    VERIFY(v, AFTER_END, !o->ended || verify_mirror(v, pod), "%s of %s", vc->name, verify_name(v, pod));
    const struct container *c = p ? verify_spec(p, vc->name, &index) : NULL;
    if (!c)
        return; /* an ephemeral container */
    check_init_order(v, p, index, vc->name);
    check_policy(v, p, c, index < p->spec.init_containers.count, i, before);
}

/* ---- lives of instances ---- */

static void created(struct verifier *v, struct vcontainer *c, const struct trace_container *t)
{
    uint32_t pod = v->record->object;
    const struct vinstance *before = verify_newest(v, c);
    VERIFY(v, ATTEMPT, !before || t->attempt > before->attempt || verify_mirror(v, pod), "%s of %s: %u again", c->name,
           verify_name(v, pod), t->attempt);
    uint32_t older = c->newest, i = pool_add(&v->instances);
    *(struct vinstance *)pool_at(&v->instances, i) = (struct vinstance){
        .older = older,
        .attempt = t->attempt,
        .sandbox = verify_object(v, pod)->sandboxes,
        .created = v->record->at,
        .started = SIM_NEVER,
        .exited = SIM_NEVER,
    };
    c->newest = i + 1;
    for (int kind = 0; kind < PROBE_KIND_COUNT; kind++)
        c->probes[kind] = (struct vprobe){0};
    verify_happened(v, pod, "Created", c->name, NULL, NULL);
}

static void started(struct verifier *v, struct vcontainer *c, const struct trace_container *t)
{
    struct vinstance *i = verify_newest(v, c);
    VERIFY(v, ORDER, i && i->attempt == t->attempt && i->started == SIM_NEVER && i->exited == SIM_NEVER,
           "%s of %s starts", c->name, verify_name(v, v->record->object));
    if (!i)
        return;
    check_start(v, c, i);
    i->started = v->last_move = v->record->at;
    c->signalled = c->blocked_until = SIM_NEVER;
    verify_happened(v, v->record->object, "Started", c->name, NULL, NULL);
}

static void exited(struct verifier *v, struct vcontainer *c, const struct trace_container *t)
{
    struct vinstance *i = verify_newest(v, c);
    bool start_error = text_same(t->reason, "StartError");
    VERIFY(v, ORDER,
           i && i->attempt == t->attempt && i->exited == SIM_NEVER && (i->started != SIM_NEVER || start_error),
           "%s of %s exits", c->name, verify_name(v, v->record->object));
    if (!i)
        return;
    i->exited = v->last_move = v->record->at;
    i->exit_code = t->exit_code;
    i->reason = t->reason;
}

/* A signal that a fault or a process sent is nobody's stop. */
static bool from_kubelet(const struct verifier *v)
{
    const struct trace_record *cause = v->record->cause ? trace_at(v->run->trace, v->record->cause) : NULL;
    bool fault = cause && cause->kind == TRACE_ACTION && cause->text && strstr(cause->text, "container kill");
    return v->record->component == COMP_RUNTIME && !fault;
}

static void signalled(struct verifier *v, struct vcontainer *c)
{
    enum { SIGKILL_NUMBER = 9 };
    struct vinstance *i = verify_newest(v, c);
    VERIFY(v, SIGNAL, verify_instance_runs(i), "%s of %s", c->name, verify_name(v, v->record->object));
    if (!i || !from_kubelet(v))
        return;
    i->asked = true;
    if (v->record->aux != SIGKILL_NUMBER)
        c->signalled = v->record->at;
    else if (c->signalled != SIM_NEVER)
        VERIFY(v, KILL, v->record->at - c->signalled >= (v->minor < 28 ? 1 : 2) * SIM_SECOND, "%s of %s", c->name,
               verify_name(v, v->record->object));
}

/* The window counts from the newest exit. One of this very instant may be news to the kubelet: then from the
 * one before, which is earlier. */
static void backed_off(struct verifier *v, struct vcontainer *c)
{
    const struct vinstance *i = verify_newest(v, c);
    if (i && (i->exited == SIM_NEVER || i->exited == v->record->at))
        i = verify_older(v, i);
    const struct pod *p = pod_of(v, v->record->object);
    uint32_t index;
    bool init = p && verify_spec(p, c->name, &index) && index < p->spec.init_containers.count;
    bool removed = init && i && i->sandbox != verify_object(v, v->record->object)->sandboxes;
    if (i && i->exited != SIM_NEVER && !removed)
        c->blocked_until = i->exited + (sim_time)v->record->aux * SIM_MS;
    verify_happened(v, v->record->object, "BackOff", c->name, NULL, NULL);
}

/* Nobody can say any more how it ended: it does not count, and nothing waits for it. */
static void removed(struct verifier *v, struct vcontainer *c, const struct trace_container *t)
{
    struct vinstance *i = verify_newest(v, c);
    if (i && i->attempt == t->attempt)
        c->blocked_until = SIM_NEVER;
    while (i && i->attempt != t->attempt)
        i = verify_older(v, i);
    if (i)
        i->removed = true;
}

static void sandbox_created(struct verifier *v)
{
    struct vobject *o = verify_object(v, v->record->object);
    const struct vcontainer *c = verify_running(v, v->record->object);
    VERIFY(v, SANDBOX, !o->sandbox_up, "%s has two", verify_name(v, v->record->object));
    VERIFY(v, SANDBOX, !c, "%s: %s runs outside", verify_name(v, v->record->object), c ? c->name : "");
    o->sandbox_up = true;
    o->sandboxes++;
    /* The old instances of init containers are removed, and with them what they waited for: kubelet.md 6.3. */
    const struct pod *p = pod_of(v, v->record->object);
    for (uint32_t i = 0; p && i < p->spec.init_containers.count; i++)
        verify_container(v, v->record->object, p->spec.init_containers.items[i].name)->blocked_until = SIM_NEVER;
}

static void sandbox_stopped(struct verifier *v)
{
    struct vobject *o = verify_object(v, v->record->object);
    const struct vcontainer *c = verify_running(v, v->record->object);
    VERIFY(v, SANDBOX, o->sandbox_up, "%s: none is up", verify_name(v, v->record->object));
    VERIFY(v, SANDBOX, !c, "%s: %s runs on", verify_name(v, v->record->object), c ? c->name : "");
    o->sandbox_up = false;
}

void verify_runtime(struct verifier *v)
{
    const struct trace_record *r = v->record;
    const struct trace_container *t = r->data;
    switch (r->kind) {
    case TRACE_SANDBOX_CREATED:
        sandbox_created(v);
        break;
    case TRACE_SANDBOX_STOPPED:
        sandbox_stopped(v);
        break;
    case TRACE_CONTAINER_CREATED:
        created(v, verify_container(v, r->object, t->container), t);
        break;
    case TRACE_CONTAINER_STARTED:
        started(v, verify_container(v, r->object, t->container), t);
        break;
    case TRACE_CONTAINER_EXITED:
        exited(v, verify_container(v, r->object, t->container), t);
        break;
    case TRACE_CONTAINER_REMOVED:
        removed(v, verify_container(v, r->object, t->container), t);
        break;
    case TRACE_SIGNAL:
        signalled(v, verify_container(v, r->object, t->container));
        break;
    case TRACE_BACKOFF:
        backed_off(v, verify_container(v, r->object, t->container));
        break;
    default:
        break;
    }
}

/* A kubelet that stops forgets back-offs and what its probes and its Events have counted. */
void verify_kubelet(struct verifier *v)
{
    for (uint32_t i = 0; i < v->objects.count; i++) {
        struct vobject *o = verify_object(v, i);
        const struct pod *p = o->latest && o->latest->kind == KIND_POD ? (const struct pod *)o->latest : NULL;
        if (!p || !text_same(p->spec.node_name, v->record->text))
            continue;
        o->kubelet_back = v->record->at;
        if (v->record->aux) /* it starts */
            continue;
        o->kubelet_gone = v->record->at;
        o->kubelet_stops++;
        for (uint32_t k = o->containers; k;) {
            struct vcontainer *c = pool_at(&v->containers, k - 1);
            k = c->next;
            c->blocked_until = SIM_NEVER;
            memset(c->probes, 0, sizeof c->probes);
            c->hook[0] = c->hook[1] = false;
        }
    }
}

void verify_containers_changed(struct verifier *v, uint32_t pod)
{
    for (uint32_t k = verify_object(v, pod)->containers; k;) {
        struct vcontainer *c = pool_at(&v->containers, k - 1);
        k = c->next;
        c->blocked_until = SIM_NEVER;
    }
}

/* ---- probes, hooks ---- */

/* Since 1.35 an instance that was started in the sync that killed the one before keeps `started` until the startup
 * worker has seen it (pod_status.c is_started), and so does one that runs when the kubelet starts: only first
 * instances wait for certain. */
static void check_gate(struct verifier *v, const struct vcontainer *c, enum probe_kind kind)
{
    uint32_t index;
    const struct vinstance *i = verify_newest(v, c);
    sim_time kubelet_gone = verify_object(v, v->record->object)->kubelet_gone;
    bool first = i && !i->older && (!kubelet_gone || i->started > kubelet_gone);
    const struct pod *p = pod_of(v, v->record->object);
    const struct container *spec = p ? verify_spec(p, c->name, &index) : NULL;
    bool passed = !spec || !spec->startup_probe || c->probes[PROBE_STARTUP].startup_done;
    VERIFY(v, PROBE_GATE, kind == PROBE_STARTUP || passed || !first,
           "%s of %s is probed before its startup probe has passed", c->name, verify_name(v, v->record->object));
    VERIFY(v, PROBE_GATE, kind != PROBE_STARTUP || !c->probes[kind].startup_done,
           "startup probe of %s of %s after its success", c->name, verify_name(v, v->record->object));
}

/* The status names this instance. While a hook holds the sync up it names the one before, and the worker takes the
 * answer for that one's. */
static bool is_shown(struct verifier *v, const struct vcontainer *c, const struct vinstance *i)
{
    const struct pod *p = pod_of(v, v->record->object);
    for (uint32_t n = 0; p && n < p->status.container_statuses.count; n++)
        if (text_same(p->status.container_statuses.items[n].name, c->name))
            return p->status.container_statuses.items[n].restart_count == i->attempt;
    return true;
}

void verify_probe(struct verifier *v)
{
    static const char *const names[PROBE_KIND_COUNT] = {"Startup", "Readiness", "Liveness"};
    const struct trace_record *r = v->record;
    const struct trace_probe *t = r->data;
    enum probe_kind kind = (enum probe_kind)r->flags;
    struct vcontainer *c = verify_container(v, r->object, t->container);
    struct vprobe *p = &c->probes[kind];
    if (t->result == RESULT_UNKNOWN) { /* how it goes on depends on the version */
        verify_happened(v, r->object, "Unhealthy", c->name, arena_printf(&v->arena, "%s probe errored", names[kind]),
                        t->output);
        return;
    }
    if (t->result == RESULT_FAILURE)
        verify_happened(v, r->object, "Unhealthy", c->name, arena_printf(&v->arena, "%s probe failed: ", names[kind]),
                        t->output);
    const struct vinstance *i = verify_newest(v, c);
    if (i && (i->started == SIM_NEVER || t->sent_at < i->started)) { /* the answer is about the instance before */
        *p = (struct vprobe){.any = true, .last = t->result, .run = t->run};
        return;
    }
    check_gate(v, c, kind);
    /* The counter goes on over instances: the first answer about one only begins. */
    VERIFY(v, PROBE_RUNS, t->run >= 1 && (!p->any || t->run == 1 || (p->last == t->result && t->run == p->run + 1)),
           "%s probe of %s of %s: %d after %d", names[kind], c->name, verify_name(v, r->object), t->run, p->run);
    VERIFY(v, PROBE_RUNS, !t->published || t->run >= t->threshold, "%s probe of %s of %s: verdict after %d of %d",
           names[kind], c->name, verify_name(v, r->object), t->run, t->threshold);
    if (kind == PROBE_READINESS && t->published)
        verify_object(v, r->object)->flips++;
    p->any = true;
    p->last = t->result;
    p->run = t->run;
    if (kind == PROBE_STARTUP && t->result == RESULT_SUCCESS)
        p->startup_done = i && is_shown(v, c, i);
    /* The kill that follows may find that it has just exited by itself. */
    if (kind != PROBE_READINESS && t->published && t->result == RESULT_FAILURE && verify_newest(v, c))
        verify_newest(v, c)->asked = true;
    if (t->warning)
        verify_happened(v, r->object, "ProbeWarning", c->name,
                        arena_printf(&v->arena, "%s probe warning: ", names[kind]), t->output);
}

/* Successes that follow a success. */
void verify_repeats(struct verifier *v)
{
    const struct trace_record *r = v->record;
    const struct trace_repeats *t = r->data;
    struct vprobe *p = &verify_container(v, r->object, r->text)->probes[r->flags];
    if (t->count == 0 && t->unanswered)
        return; /* one that was asked, and nothing came of it */
    VERIFY(v, PROBE_RUNS, t->count >= 1 && (!p->any || (p->last == RESULT_SUCCESS && t->run == p->run + 1)),
           "%s of %s: repeats from %d after %d", r->text, verify_name(v, r->object), t->run, p->run);
    p->any = true;
    p->last = RESULT_SUCCESS;
    p->run = (int32_t)(t->run + (int64_t)t->count - 1);
}

void verify_hook(struct verifier *v)
{
    enum { BEGUN, OK, FAILED, ABANDONED };
    const struct trace_record *r = v->record;
    struct vcontainer *c = verify_container(v, r->object, ((const struct trace_container *)r->data)->container);
    bool *running = &c->hook[r->flags & 1];
    const char *which = r->flags & 1 ? "preStop" : "postStart";
    VERIFY(v, HOOK, (r->aux == BEGUN) != *running, "%s of %s of %s", which, c->name, verify_name(v, r->object));
    *running = r->aux == BEGUN || r->aux == ABANDONED; /* an abandoned one still ends */
    if (r->aux == FAILED && v->minor >= 26)            /* before, the Event has the hook's words */
        verify_happened(v, r->object, r->flags & 1 ? "FailedPreStopHook" : "FailedPostStartHook", c->name, NULL, NULL);
}
