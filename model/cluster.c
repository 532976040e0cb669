/* cluster.c - one simulated cluster put together: engine, store, controllers, nodes, actions, the end.
 *
 * Components are created in a fixed order, which fixes their ordinals. Objects that every cluster has
 * (namespaces, the API server's own Service, DNS) are created first, by the API server.
 */
#include "model/cluster.h"

#include <string.h>

#include "model/api_policy.h"
#include "model/api_types.h"
#include "model/classes.h"
#include "model/controller_cronjob.h"
#include "model/controller_daemonset.h"
#include "model/controller_deployment.h"
#include "model/controller_ttl.h"
#include "model/controller_disruption.h"
#include "model/controller_hpa.h"
#include "model/controller_node.h"
#include "model/controller_pod_gc.h"
#include "model/controller_namespace.h"
#include "model/controller_quota.h"
#include "model/controller_job.h"
#include "model/controller_replicaset.h"
#include "model/controller_statefulset.h"
#include "model/controller_taint_eviction.h"
#include "model/dns.h"
#include "model/endpoints.h"
#include "model/endpointslice.h"
#include "model/endpointslice_mirroring.h"
#include "model/fault.h"
#include "model/garbage_collector.h"
#include "model/kube_proxy.h"
#include "model/kubectl.h"
#include "model/kubelet.h"
#include "model/kubelet_faults.h"
#include "model/scheduler.h"
#include "model/self_check.h"
#include "model/traffic.h"
#include "sim/rng.h"

/* A scenario that never becomes quiet ends here, unless it says otherwise. */
#define DEFAULT_UNTIL (600 * SIM_SECOND)

static const struct sim_limits default_limits = {
    .events = 200 * 1000 * 1000,
    .events_per_instant = 1000 * 1000,
    .memory_bytes = (uint64_t)4 << 30,
};

/* What happens at one instant, in order; for diagnostics. ORDER EVENT_CLASS */
static const char *const class_names[CLASS_COUNT] = {
    [CLASS_RUNTIME] = "container runtime",
    [CLASS_PLEG] = "relist",
    [CLASS_WATCH] = "watch delivery",
    [CLASS_NODE_TIMER] = "node timer",
    [CLASS_PROBE] = "probe",
    [CLASS_PROBE_RESULT] = "probe result",
    [CLASS_POD_WORKER] = "pod worker",
    [CLASS_COMMIT] = "API write",
    [CLASS_ENDPOINTS] = "endpoints controller",
    [CLASS_DATAPLANE] = "data plane",
    [CLASS_WORKLOAD] = "workload controller",
    [CLASS_PARENT] = "parent controller",
    [CLASS_SCHEDULER] = "scheduler",
    [CLASS_ACTION] = "action",
    [CLASS_REQUEST] = "request",
    [CLASS_EXPECT] = "expectation",
};

struct cluster {
    const struct scenario *scenario;
    struct sim *sim;
    struct store *store;
    struct cri *cri;
    struct recorder *recorder;
    struct kubelets *kubelets;
    struct dns *dns;
    struct kube_proxy *proxy;
    struct traffic *traffic; /* NULL = there are no clients */
    struct profile profile;
    /* The scratch arena's own book-keeping must not go back with the run when it is restored, so it lives in
     * an arena of its own that never changes after this. */
    struct arena keeper;
    struct arena *scratch; /* emptied between events */
    sim_time until;
    bool until_given;
    bool (*stop_when)(void *ctx, const struct run_trace *so_far);
    void *stop_ctx;
    sim_time changed_at;   /* when something last happened, as spec.stop.quiet understands it */
    uint32_t records_seen; /* of the trace, by what may end the run */
    enum run_end end;
    bool limit_is_models;
    const struct diag_set *diags;
    uint32_t actions, action_handler; /* simulation object */
    uint32_t next_action;
    struct sim_timer action, creation;
    struct pool held; /* struct held_script */
};

/* The lines of a script that wait for one before them to be over. */
struct held_script {
    uint32_t record; /* of the action they wait for; 0 = none */
    uint32_t next, end;
    uint32_t object;
    struct sim_timer timer;
};

/* ---- what the runtime asks of the cluster ---- */

static void resolve(void *ctx, struct arena *a, const char *fqdn, struct dns_answer *answer)
{
    dns_resolve(((struct cluster *)ctx)->dns, a, fqdn, answer);
}

static enum net_route route(void *ctx, const struct net_client *client, const char **ip, int32_t *port)
{
    return kube_proxy_route(((struct cluster *)ctx)->proxy, client, ip, port);
}

/* Whoever carries traffic hears of Services and slices at the same instant, through one watch. */
static void dataplane_changed(void *ctx, const struct watch_event *e)
{
    struct cluster *c = ctx;
    dns_deliver(c->dns, e);
    kube_proxy_deliver(c->proxy, e);
    if (c->traffic)
        traffic_rules_heard(c->traffic);
}

static void address_changes(void *ctx, const char *ip)
{
    traffic_address_changes(((struct cluster *)ctx)->traffic, ip);
}

static bool has_endpoints(void *ctx, const char *node_name, const char *namespace_, const char *service)
{
    return kube_proxy_has_endpoints(((struct cluster *)ctx)->proxy, node_name, namespace_, service);
}

static void memory_changed(void *ctx, uint32_t pod)
{
    struct cluster *c = ctx;
    if (c->kubelets)
        kubelets_memory_changed(c->kubelets, pod);
}

static void disk_grew(void *ctx) { kubelets_disk_grew(((struct cluster *)ctx)->kubelets); }

static void runtime_changed(void *ctx, uint32_t pod)
{
    struct cluster *c = ctx;
    if (c->kubelets)
        kubelets_runtime_changed(c->kubelets, pod);
    if (c->traffic)
        traffic_pod_changed(c->traffic);
}

static bool kubelet_runs(void *ctx, const char *node_name)
{
    return node_kubelet_runs(((struct cluster *)ctx)->kubelets, node_name);
}

static void process_kills_kubelet(void *ctx, const char *node_name)
{
    kubelet_is_killed(((struct cluster *)ctx)->kubelets, node_name);
}

static void pod_disturbed(void *ctx, uint32_t pod)
{
    struct kpod *kp = kubelets_pod(((struct cluster *)ctx)->kubelets, pod);
    if (kp)
        prober_disturbed(kp);
}

static void pod_numbered(void *ctx, uint32_t pod)
{
    struct kpod *kp = kubelets_pod(((struct cluster *)ctx)->kubelets, pod);
    if (kp)
        prober_numbered(kp);
}

/* ---- what clients ask of the cluster ---- */

static bool names_settled(void *ctx) { return dns_is_settled(((struct cluster *)ctx)->dns); }

static bool node_is_off(void *ctx, const char *node_name)
{
    const struct kubelet *k = kubelets_node(((struct cluster *)ctx)->kubelets, node_name);
    return !k || k->off;
}

static uint32_t traffic_source(void *ctx, const char *namespace_, const char *pod, const char *container,
                               const char **ret_node)
{
    struct cluster *c = ctx;
    const struct pod *p = (const struct pod *)store_get(c->store, KIND_POD, namespace_, pod);
    const char *name = container ? container : p && p->spec.containers.count ? p->spec.containers.items[0].name : NULL;
    uint32_t id = p && name ? cluster_find_container(c, p->object.ordinal, name) : 0;
    if (!id || cri_container(c->cri, id)->state != CRI_RUNNING)
        return 0;
    *ret_node = p->spec.node_name;
    return id;
}

static void clients_new(struct cluster *c, enum probe_ticks ticks)
{
    const struct scenario *s = c->scenario;
    const struct traffic_deps deps = {.ctx = c,
                                      .store = c->store,
                                      .cri = c->cri,
                                      .proxy = c->proxy,
                                      .resolve = resolve,
                                      .names_settled = names_settled,
                                      .node_off = node_is_off,
                                      .source = traffic_source,
                                      .ticks = ticks};
    const char **nodes = arena_array(sim_arena(c->sim), const char *, s->nodes.count + 1);
    for (uint32_t i = 0; i < s->nodes.count; i++)
        nodes[i] = s->nodes.items[i]->object.meta.name;
    if (s->traffic.count)
        c->traffic = traffic_new(&deps, &s->traffic, nodes, s->nodes.count);
}

/* ---- what every cluster has ---- */

static void create_namespace(struct cluster *c, const char *name)
{
    struct arena *a = sim_arena(c->sim);
    struct namespace_ *n = arena_new(a, struct namespace_);
    n->object.kind = KIND_NAMESPACE;
    n->object.api_version_text = "v1";
    n->object.kind_text = "Namespace";
    n->object.meta.name = name;
    n->object.meta.labels.items = arena_new(a, struct str_pair);
    n->object.meta.labels.items[0] = (struct str_pair){"kubernetes.io/metadata.name", name};
    n->object.meta.labels.count = 1;
    n->phase = "Active";
    store_create(c->store, COMP_API_SERVER, &n->object, NULL);
}

static void create_service(struct cluster *c, const char *namespace_, const char *name, const char *ip,
                           const char *port_name, int64_t port, int64_t target)
{
    struct arena *a = sim_arena(c->sim);
    struct service *s = arena_new(a, struct service);
    s->object.kind = KIND_SERVICE;
    s->object.api_version_text = "v1";
    s->object.kind_text = "Service";
    s->object.meta.name = name;
    s->object.meta.namespace_ = namespace_;
    s->spec.cluster_ip = ip;
    s->spec.ports.items = arena_new(a, struct service_port);
    s->spec.ports.items[0] = (struct service_port){
        .name = port_name, .protocol = "TCP", .port = port, .target_port = {.number = target, .set = true}};
    s->spec.ports.count = 1;
    api_set_defaults(kind_infos[KIND_SERVICE].type, a, s);
    store_create(c->store, COMP_API_SERVER, &s->object, NULL);
}

/* k8s pkg/registry/scheduling/rest/storage_scheduling.go AddSystemPriorityClasses. */
static void create_priority_classes(struct cluster *c)
{
    struct arena *a = sim_arena(c->sim);
    for (size_t i = 0; i < SYSTEM_CLASS_COUNT; i++) {
        struct priority_class *pc = api_new(a, &priority_class_type, struct priority_class);
        pc->object.kind = KIND_PRIORITYCLASS;
        pc->object.meta.name = system_priority_classes[i].name;
        pc->value = system_priority_classes[i].value;
        pc->description = system_priority_classes[i].description;
        api_set_defaults(&priority_class_type, a, pc);
        sim_set_cause(c->sim, TRACE_ROOT);
        store_create(c->store, COMP_API_SERVER, &pc->object, NULL);
    }
}

static void create_basics(struct cluster *c)
{
    static const char *const namespaces[] = {"default", "kube-node-lease", "kube-public", "kube-system"};
    for (size_t i = 0; i < ARRAY_LEN(namespaces); i++) {
        sim_set_cause(c->sim, TRACE_ROOT);
        create_namespace(c, namespaces[i]);
    }
    sim_set_cause(c->sim, TRACE_ROOT);
    create_service(c, "default", "kubernetes", "10.96.0.1", "https", 443, 6443);
    sim_set_cause(c->sim, TRACE_ROOT);
    create_service(c, "kube-system", "kube-dns", "10.96.0.10", "dns-tcp", 53, 53);
    create_priority_classes(c);
}

static void create_nodes(struct cluster *c)
{
    const struct scenario *s = c->scenario;
    for (uint32_t i = 0; i < s->nodes.count; i++) {
        const struct api_object *stored;
        sim_set_cause(c->sim, TRACE_ROOT);
        if (store_create(c->store, COMP_API_SERVER, api_object_copy(sim_arena(c->sim), &s->nodes.items[i]->object),
                         &stored) == STORE_OK)
            kubelet_add_node(c->kubelets, (const struct node *)stored, profile_kubelet_start(&c->profile));
    }
}

/* ---- actions ---- */

enum { NEXT_ACTION, CREATE_OBJECTS }; /* indices of CLASS_ACTION */

/* local 0: the actions at their times; others: held script local - 1. */
static struct sim_timer *action_timer(void *ctx, uint32_t local, uint32_t class, uint32_t index)
{
    (void)class;
    struct cluster *c = ctx;
    if (local)
        return &((struct held_script *)pool_at(&c->held, local - 1))->timer;
    return index == CREATE_OBJECTS ? &c->creation : &c->action;
}

static void arm_next_action(struct cluster *c)
{
    if (c->next_action < c->scenario->actions.count)
        sim_arm(c->sim, c->scenario->actions.items[c->next_action].at, CLASS_ACTION, c->actions, NEXT_ACTION);
}

static void record_output(struct cluster *c, uint32_t action, uint32_t code, bool runs_on, const char *text)
{
    sim_set_cause(c->sim, action);
    sim_record(c->sim, (struct trace_record){
                           .kind = TRACE_ACTION_OUTPUT,
                           .component = COMP_USER,
                           .flags = runs_on,
                           .aux = code,
                           .text = arena_strdup(sim_arena(c->sim), text),
                       });
}

/* True: it is not over. */
static bool run_action(struct cluster *c, uint32_t index, uint32_t *ret_record)
{
    const struct scenario_action *action = &c->scenario->actions.items[index];
    sim_set_cause(c->sim, TRACE_ROOT);
    uint32_t record = sim_record(c->sim, (struct trace_record){
                                             .kind = TRACE_ACTION,
                                             .component = COMP_USER,
                                             .flags = action->fault != NULL,
                                             .aux = index,
                                             .text = action->line,
                                             .data = &action->pos,
                                         });
    sim_set_cause(c->sim, record);
    struct strbuf out = STRBUF_INIT;
    int status = action->fault ? fault_execute(c, action->fault, &out) : kubectl_execute(c, action->command, &out);
    bool runs_on = !action->fault && status == KUBECTL_RUNS_ON;
    if (out.len || status != 0)
        record_output(c, record, runs_on ? 0 : (uint32_t)status, runs_on, strbuf_str(&out));
    strbuf_fini(&out);
    *ret_record = record;
    return runs_on;
}

/* Lines of a script up to the first that takes time; `held`: what is kept of the rest, NULL = none yet. */
static void run_script(struct cluster *c, uint32_t next, uint32_t end, struct held_script *held)
{
    uint32_t record;
    while (next < end) {
        if (!run_action(c, next++, &record) || next == end)
            continue;
        if (!held) {
            uint32_t i = pool_add(&c->held);
            held = pool_at(&c->held, i);
            held->object = sim_object_new(c->sim, c->action_handler, i + 1);
        }
        held->record = record;
        held->next = next;
        held->end = end;
        return;
    }
}

void cluster_action_said(struct cluster *c, uint32_t action, const char *text)
{
    record_output(c, action, 0, true, text);
}

void cluster_action_done(struct cluster *c, uint32_t action, int code, const char *text)
{
    record_output(c, action, (uint32_t)code, false, text);
    for (uint32_t i = 0; i < c->held.count; i++) {
        struct held_script *h = pool_at(&c->held, i);
        if (h->record != action)
            continue;
        h->record = 0;
        sim_arm(c->sim, sim_now(c->sim), CLASS_ACTION, h->object, 0);
    }
}

/* A document that the API server refuses, as `kubectl apply` would say. */
static void tell_refused(struct cluster *c, const struct api_object *o)
{
    struct trace_diag *d = arena_new(sim_arena(c->sim), struct trace_diag);
    *d = (struct trace_diag){o->source ? o->source->at : SRC_POS_NONE, store_refusal(c->store)};
    sim_record(c->sim, (struct trace_record){.kind = TRACE_DIAG, .component = COMP_USER, .data = d});
}

/* The scenario's documents come first at time 0; then each action at its time. */
static void create_objects(struct cluster *c)
{
    for (uint32_t i = 0; i < c->scenario->objects.count; i++) {
        sim_set_cause(c->sim, TRACE_ROOT);
        const struct api_object *given = c->scenario->objects.items[i];
        const struct api_object *stored = NULL;
        enum store_error error = store_create(c->store, COMP_USER, api_object_copy(sim_arena(c->sim), given), &stored);
        if (error == STORE_OK && given->kind == KIND_RESOURCEQUOTA)
            quota_count_at_once(c->store, stored);
        if (error != STORE_OK)
            tell_refused(c, given);
    }
    struct strbuf none = STRBUF_INIT;
    for (uint32_t i = 0; i < c->scenario->static_pods.count; i++) {
        const struct scenario_static_pod *s = &c->scenario->static_pods.items[i];
        sim_set_cause(c->sim, TRACE_ROOT);
        static_pod_write(c->kubelets, s->node, s->manifest, &none);
    }
    strbuf_fini(&none);
}

static void action_fire(void *ctx, uint32_t local, uint32_t class, uint32_t index)
{
    (void)class;
    struct cluster *c = ctx;
    arena_reset(c->scratch);
    if (local) {
        struct held_script *h = pool_at(&c->held, local - 1);
        uint32_t next = h->next;
        h->next = h->end;
        run_script(c, next, h->end, h);
        return;
    }
    if (index == CREATE_OBJECTS) {
        create_objects(c);
        arm_next_action(c);
        return;
    }
    const struct scenario *s = c->scenario;
    while (c->next_action < s->actions.count && s->actions.items[c->next_action].at <= sim_now(c->sim)) {
        uint32_t first = c->next_action, script = s->actions.items[first].script;
        while (c->next_action < s->actions.count && s->actions.items[c->next_action].script == script)
            c->next_action++;
        run_script(c, first, c->next_action, NULL);
    }
    arm_next_action(c);
}

/* ---- life of a cluster ---- */

static void set_limits(const struct cluster_options *o, struct sim_limits *l)
{
    *l = default_limits;
    if (o->limits.events)
        l->events = o->limits.events;
    if (o->limits.events_per_instant)
        l->events_per_instant = o->limits.events_per_instant;
    if (o->limits.memory_bytes)
        l->memory_bytes = o->limits.memory_bytes;
}

static void self_check(void *ctx)
{
    struct cluster *c = ctx;
    store_check(c->store);
    self_check_kubelets(c->kubelets);
}

#ifdef PODSIM_VERIFY /* meson setup -Dverify=true */
enum { SELF_CHECK_ALWAYS = true };
#else
enum { SELF_CHECK_ALWAYS = false };
#endif

/* kube-controller-manager's, on the caches that they share. */
static void controllers_new(struct cluster *c)
{
    struct informers *f = informers_new(c->store);
    struct endpoint_tracker *t = tracker_new(c->store, f);
    endpointslice_controller_new(c->store, f, t, c->recorder, c->scratch);
    endpoints_controller_new(c->store, f, t, c->recorder, c->scratch);
    endpointslice_mirroring_new(c->store, f, t);
    replicaset_controller_new(c->store, f, c->recorder, c->scratch, KIND_REPLICASET);
    replicaset_controller_new(c->store, f, c->recorder, c->scratch, KIND_REPLICATIONCONTROLLER);
    deployment_controller_new(c->store, f, c->recorder, c->scratch);
    disruption_controller_new(c->store, f, c->recorder, c->scratch);
    quota_controller_new(c->store, f, c->scratch);
    statefulset_controller_new(c->store, f, c->recorder, c->scratch);
    daemonset_controller_new(c->store, f, c->recorder, c->scratch);
    hpa_controller_new(c->store, f, c->recorder, c->kubelets, c->scratch);
    garbage_collector_new(c->store, f, c->scratch);
    node_controller_new(c->store, f, c->recorder, c->kubelets->leases, &c->scenario->manager);
    taint_eviction_controller_new(c->store, f, c->recorder);
    pod_gc_new(c->store, f, c->scratch, &c->scenario->manager);
    namespace_controller_new(c->store);
    job_controller_new(c->store, f, c->recorder, c->scratch);
    cronjob_controller_new(c->store, f, c->recorder, c->scratch);
    ttl_controller_new(c->store, f);
}

struct cluster *cluster_new(const struct scenario *scenario, const struct cluster_options *o)
{
    struct sim_config config = {.seed = o->has_seed ? o->seed : scenario->seed, .tie_order = o->tie_order};
    set_limits(o, &config.limits);
    config.class_names = class_names;
    config.class_count = CLASS_COUNT;
    struct sim *sim = sim_new(&config);
    struct arena *a = sim_arena(sim);
    struct cluster *c = arena_new(a, struct cluster);
    *c = (struct cluster){
        .scenario = scenario,
        .sim = sim,
        .diags = o->diags,
        .until_given = o->has_until || scenario->has_until,
        .until = o->has_until          ? o->until
                 : scenario->has_until ? scenario->until
                                       : DEFAULT_UNTIL,
        .stop_when = o->stop_when,
        .stop_ctx = o->stop_ctx,
    };
    arena_init(&c->keeper, 0);
    c->scratch = arena_new(&c->keeper, struct arena);
    arena_init(c->scratch, 0);
    profile_init(&c->profile, o->has_profile ? o->profile : scenario->profile, config.seed);
    for (int h = 0; h < HOP_COUNT; h++)
        if (scenario->latencies[h] != SIM_NEVER)
            c->profile.hop[h] = scenario->latencies[h];
    c->profile.playback = o->playback;
    c->profile.probes = scenario->probes;
    c->profile.kubelet_uptime = scenario->kubelet_uptime;
    c->store = store_new(sim, &c->profile, &scenario->features, scenario->epoch);
    c->recorder = recorder_new(c->store);
    struct cri_deps deps = {.ctx = c,
                            .nothing_takes_time = c->profile.kind == PROFILE_INSTANT,
                            .resolve = resolve,
                            .route = route,
                            .changed = runtime_changed,
                            .memory = memory_changed,
                            .disk = disk_grew,
                            .kubelet_runs = kubelet_runs,
                            .kubelet_killed = process_kills_kubelet,
                            .disturbed = pod_disturbed,
                            .numbered = pod_numbered,
                            .address = address_changes,
                            .has_endpoints = has_endpoints};
    c->cri = cri_new(sim, &scenario->images, &deps, scenario->epoch);
    cri_set_diags(c->cri, o->diags);
    cri_set_behaviours(c->cri, &scenario->behaviours);
    create_basics(c);
    scheduler_new(c->store, c->recorder, c->scratch);
    c->dns = dns_new(c->store);
    c->proxy = kube_proxy_new(c->store);
    store_watch(c->store, 1u << KIND_SERVICE | 1u << KIND_ENDPOINTSLICE, NULL, dataplane_changed, c);
    c->kubelets = kubelets_new(c->store, c->cri, c->recorder, &scenario->images, c->scratch, &scenario->features,
                               &scenario->kubelet);
    c->kubelets->ticks = o->ticks;
    create_nodes(c);
    controllers_new(c);
    clients_new(c, o->ticks);
    pool_init(&c->held, a, sizeof(struct held_script));
    c->action_handler = sim_handler_add(sim, &(struct sim_handler){"actions", c, action_timer, action_fire});
    c->actions = sim_object_new(sim, c->action_handler, 0);
    sim_arm(sim, 0, CLASS_ACTION, c->actions, CREATE_OBJECTS);
    if (o->self_check || SELF_CHECK_ALWAYS)
        sim_check_with(sim, self_check, c);
    return c;
}

void cluster_free(struct cluster *c)
{
    if (!c)
        return;
    arena_fini(c->scratch);
    arena_fini(&c->keeper);
    sim_free(c->sim); /* c itself lives in the run's arena */
}

static enum run_end end_of(enum sim_stop stop)
{
    switch (stop) {
    case SIM_STOP_QUIET:
    case SIM_STOP_ASKED:
        return RUN_QUIET;
    case SIM_STOP_UNTIL:
        return RUN_UNTIL;
    case SIM_STOP_EVENTS:
    case SIM_STOP_INSTANT:
    case SIM_STOP_MEMORY:
    case SIM_STOP_LIMIT:
        break;
    }
    return RUN_LIMIT;
}

/* Does the record say that something in the cluster has changed, begun or ended? What is only told (Events, output),
 * looked at (probes) or decided leaves it as it was. */
static bool is_change(const struct trace_record *r)
{
    static const bool changes[TRACE_KIND_COUNT] = {
        [TRACE_WRITE] = true,
        [TRACE_ACTION] = true,
        [TRACE_PULL_START] = true,
        [TRACE_PULL_END] = true,
        [TRACE_SANDBOX_CREATED] = true,
        [TRACE_PAUSE_DIED] = true,
        [TRACE_SANDBOX_STOPPED] = true,
        [TRACE_CONTAINER_CREATED] = true,
        [TRACE_CONTAINER_STARTED] = true,
        [TRACE_CONTAINER_EXITED] = true,
        [TRACE_CONTAINER_REMOVED] = true,
        [TRACE_IMAGE_REMOVED] = true,
        [TRACE_SIGNAL] = true,
        [TRACE_OOM_KILL] = true,
        [TRACE_HOOK] = true,
        [TRACE_KUBELET] = true,
    };
    const struct api_object *o = r->kind == TRACE_WRITE ? r->data : NULL;
    return changes[r->kind] && !(o && o->kind == KIND_EVENT);
}

/* Looks at what the last instant has added to the trace. Returns whether there is any. */
static bool trace_grew(struct cluster *c)
{
    const struct trace *t = sim_trace(c->sim);
    uint32_t count = trace_count(t);
    if (c->records_seen == count)
        return false;
    for (; c->records_seen < count; c->records_seen++)
        if (is_change(trace_at(t, c->records_seen)))
            c->changed_at = sim_now(c->sim);
    return true;
}

/* When the run is over unless something happens before; not before the scenario's last action. */
static sim_time still_at(const struct cluster *c)
{
    bool waits = c->scenario->stop_quiet != SIM_NEVER && c->next_action >= c->scenario->actions.count;
    return waits ? sim_time_add(c->changed_at, c->scenario->stop_quiet) : SIM_NEVER;
}

static sim_time earlier(sim_time a, sim_time b)
{
    bool first = a != SIM_NEVER && (b == SIM_NEVER || a < b);
    return first ? a : b;
}

/* One instant after the other, asking after each whether that was the last. */
static enum run_end run_by_instants(struct cluster *c, enum sim_stop *ret_stop)
{
    for (;;) {
        sim_time still = still_at(c), to = earlier(earlier(sim_next(c->sim), still), c->until);
        enum sim_stop stop = *ret_stop = sim_run(c->sim, to);
        if (end_of(stop) == RUN_LIMIT)
            return RUN_LIMIT;
        bool grew = trace_grew(c);
        if (grew && c->stop_when) {
            struct run_trace so_far = cluster_trace(c);
            if (c->stop_when(c->stop_ctx, &so_far))
                return RUN_CONDITION;
        }
        if (stop != SIM_STOP_UNTIL || to >= c->until)
            return end_of(stop);
        if (to == still && still_at(c) == still)
            return RUN_STILL;
    }
}

/* Lines that no time was left for: the one before them was not over. */
static void tell_unreached(struct cluster *c)
{
    for (uint32_t i = 0; i < c->held.count; i++) {
        const struct held_script *h = pool_at(&c->held, i);
        if (h->next == h->end)
            continue;
        const struct scenario_action *first = &c->scenario->actions.items[h->next];
        struct trace_diag *d = arena_new(sim_arena(c->sim), struct trace_diag);
        *d = (struct trace_diag){first->pos, arena_printf(sim_arena(c->sim), "not reached: kubectl %s", first->line)};
        if (h->end - h->next > 1)
            d->message =
                arena_printf(sim_arena(c->sim), "%s, and %" PRIu32 " more after it", d->message, h->end - h->next - 1);
        sim_record(c->sim, (struct trace_record){.kind = TRACE_DIAG, .component = COMP_USER, .data = d});
    }
}

enum run_end cluster_run(struct cluster *c)
{
    enum sim_stop stop;
    if (c->stop_when || c->scenario->stop_quiet != SIM_NEVER)
        c->end = run_by_instants(c, &stop);
    else
        c->end = end_of(stop = sim_run(c->sim, c->until));
    c->limit_is_models = stop == SIM_STOP_LIMIT;
    static const char *const why[] = {
        [RUN_QUIET] = "nothing more can happen",
        [RUN_UNTIL] = "end of the simulated time",
        [RUN_LIMIT] = "a limit was reached",
        [RUN_STILL] = "nothing has happened for as long as stop.quiet says",
        [RUN_CONDITION] = "what stop.when waits for has come true",
    };
    sim_set_cause(c->sim, TRACE_ROOT);
    if (c->traffic)
        traffic_end(c->traffic);
    prober_end(c->kubelets);
    cri_end(c->cri);
    tell_unreached(c);
    sim_record(c->sim, (struct trace_record){
                           .kind = TRACE_END, .component = COMP_ENGINE, .aux = (uint32_t)c->end, .text = why[c->end]});
    return c->end;
}

const char *cluster_limit_text(const struct cluster *c) { return sim_limit_text(c->sim); }
bool cluster_limit_can_be_set(const struct cluster *c) { return !c->limit_is_models; }

struct run_trace cluster_trace(const struct cluster *c)
{
    return (struct run_trace){
        .trace = sim_trace(c->sim),
        .epoch = c->scenario->epoch,
        .end = c->end == RUN_UNTIL ? c->until : sim_now(c->sim),
        .seed = sim_seed(c->sim),
        .events = sim_event_count(c->sim),
        .diags = c->diags,
        .features = &c->scenario->features,
    };
}

static uint64_t mix_text(uint64_t h, const char *s)
{
    for (; s && *s; s++)
        h = (h ^ (unsigned char)*s) * UINT64_C(0x100000001b3);
    return rng_mix(h);
}

static uint64_t mix_line(uint64_t h, const struct trace_line *l)
{
    return l ? mix_text(mix_text(mix_text(h, l->before), l->date), l->after) + l->is_stderr : h;
}

/* What hangs on a record beside its text. */
static uint64_t mix_payload(uint64_t h, const struct trace_record *r)
{
    switch (r->kind) {
    case TRACE_PROBE: {
        const struct trace_probe *p = r->data;
        h = rng_mix(h ^ (uint64_t)p->sent_at) + (uint64_t)p->result;
        return mix_text(mix_text(h, p->container), p->output);
    }
    case TRACE_PROBE_REPEATS: {
        const struct trace_repeats *p = r->data;
        for (uint32_t i = 0; i < p->stretch_count; i++) {
            const struct probe_stretch *s = &p->stretches[i];
            h = rng_mix(rng_mix(h ^ s->count) ^ (uint64_t)s->first);
            h = mix_line(rng_mix(rng_mix(h ^ (uint64_t)s->period) ^ (uint64_t)s->took), s->line);
        }
        h = mix_line(h, p->unanswered) ^ (p->unanswered ? (uint64_t)p->unanswered_at : 0);
        return rng_mix(h ^ p->count) + (uint32_t)p->run;
    }
    case TRACE_OUTPUT_REPEATS: {
        const struct trace_output_repeats *t = r->data;
        return rng_mix(rng_mix(mix_text(h, t->text) ^ t->count) ^ (uint64_t)t->first) ^ rng_mix((uint64_t)t->every);
    }
    case TRACE_TRAFFIC: {
        const struct trace_traffic *t = r->data;
        h = rng_mix(rng_mix(mix_text(mix_text(h, t->pod), t->seen) ^ t->count) ^ t->retried);
        h = rng_mix(rng_mix(rng_mix(h ^ (uint64_t)t->first) ^ (uint64_t)t->last) ^ t->first_interval);
        for (uint64_t i = 0; i < t->interval_count; i++)
            h = rng_mix(h ^ t->intervals[i]);
        return h;
    }
    case TRACE_TRAFFIC_END:
        return rng_mix(h ^ ((const struct trace_traffic_end *)r->data)->sent);
    case TRACE_PULL_START:
    case TRACE_PULL_END:
    case TRACE_CONTAINER_CREATED:
    case TRACE_CONTAINER_STARTED:
    case TRACE_CONTAINER_EXITED:
    case TRACE_CONTAINER_REMOVED:
    case TRACE_IMAGE_REMOVED:
    case TRACE_SIGNAL:
    case TRACE_HOOK:
    case TRACE_OUTPUT:
    case TRACE_BACKOFF: {
        const struct trace_container *t = r->data;
        if (!t)
            return h;
        h = rng_mix(h ^ ((uint64_t)t->attempt << 32 | (uint32_t)t->exit_code)) + t->bytes;
        return mix_text(mix_text(mix_text(h, t->container), t->reason), t->message);
    }
    case TRACE_DIAG:
        return r->data ? mix_text(h, ((const struct trace_diag *)r->data)->message) : h;
    default:
        return h;
    }
}

uint64_t cluster_digest(const struct cluster *c)
{
    const struct trace *t = sim_trace(c->sim);
    struct strbuf b = STRBUF_INIT;
    uint64_t h = 0;
    for (uint32_t i = 1; i < trace_count(t); i++) {
        const struct trace_record *r = trace_at(t, i);
        h = rng_mix(h ^ (uint64_t)r->at) + r->cause;
        h = rng_mix(h ^ ((uint64_t)r->object << 32 | r->kind << 16 | r->component << 8 | r->flags)) + r->aux;
        h = mix_payload(mix_text(h, r->text), r);
        if (r->kind == TRACE_WRITE) {
            const struct api_object *o = r->data;
            strbuf_reset(&b);
            api_write_json(kind_infos[o->kind].type, o, c->scenario->epoch, &b, 0);
            h = mix_text(h, strbuf_str(&b));
        }
    }
    strbuf_fini(&b);
    return h;
}

struct sim *cluster_sim(struct cluster *c) { return c->sim; }
struct store *cluster_store(struct cluster *c) { return c->store; }
struct cri *cluster_cri(struct cluster *c) { return c->cri; }
struct kubelets *cluster_kubelets(struct cluster *c) { return c->kubelets; }

const char *cluster_kubelet_error(struct cluster *c, const char *node)
{
    const struct kubelet *k = kubelets_node(c->kubelets, node);
    if (k && k->cut && !k->off)
        return arena_printf(sim_arena(c->sim), "dial tcp %s:10250: i/o timeout", k->ip);
    if (!k || (!k->down && !k->off))
        return NULL;
    return arena_printf(sim_arena(c->sim), "dial tcp %s:10250: connect: %s", k->ip,
                        k->off ? "no route to host" : "connection refused");
}

uint32_t cluster_find_sandbox(struct cluster *c, uint32_t pod_ordinal)
{
    struct kpod *kp = kubelets_pod(c->kubelets, pod_ordinal);
    return kp ? kp->sandbox : 0;
}

uint32_t cluster_find_container(struct cluster *c, uint32_t pod_ordinal, const char *container)
{
    struct kpod *kp = kubelets_pod(c->kubelets, pod_ordinal);
    for (uint32_t i = 0; kp && i < kpod_all(kp); i++) {
        if (strcmp(kp->containers[i].spec->name, container) == 0)
            return kp->containers[i].newest;
    }
    return 0;
}
