/* Each promise of report/verify.h can be seen broken: a good run's trace is spoilt in one place, and the checker says
 * which promise that breaks. The rows are the rules; one without a row fails the last test.
 */
#include <string.h>

#include "model/api_policy.h"
#include "model/api_batch.h"
#include "model/cluster.h"
#include "report/verify.h"
#include "tests/unit/tap.h"

static const char busy[] =
    "apiVersion: podsim.dev/v1\nkind: Scenario\nspec:\n  duration: 200s\n"
    "  traffic: [{name: users, to: web, rate: 5, start: 20s, stop: 100s}]\n"
    "  actions:\n  - {at: 30s, kubectl: delete pod bye}\n  - {at: 40s, kubectl: label pod web note=1}\n"
    "---\n{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {selector: {app: web}, ports: [{port: 80}]}}\n"
    "---\napiVersion: v1\nkind: Pod\nmetadata: {name: web, labels: {app: web}}\nspec:\n  initContainers:\n"
    "  - {name: init, image: busybox, command: [sleep, '1']}\n  containers:\n"
    "  - name: app\n    image: nginx\n    startupProbe: {exec: {command: ['true']}, periodSeconds: 2}\n"
    "    readinessProbe: {httpGet: {port: 80}, periodSeconds: 3}\n"
    "    livenessProbe: {exec: {command: ['true']}, periodSeconds: 5}\n"
    "---\napiVersion: v1\nkind: Pod\nmetadata: {name: crash}\nspec:\n  containers:\n"
    "  - {name: app, image: busybox, command: [sh, -c, 'sleep 3; exit 1']}\n"
    "---\napiVersion: v1\nkind: Pod\nmetadata: {name: done}\nspec:\n  restartPolicy: Never\n  containers:\n"
    "  - {name: app, image: busybox, command: [sh, -c, 'sleep 3; exit 0']}\n"
    "---\napiVersion: v1\nkind: Pod\nmetadata: {name: bye}\nspec:\n  terminationGracePeriodSeconds: 5\n  containers:\n"
    "  - name: app\n    image: busybox\n    command: [sleep, '1000']\n"
    "    lifecycle: {preStop: {exec: {command: [sleep, '1']}}}\n"
    "---\napiVersion: v1\nkind: Pod\nmetadata: {name: sick}\nspec:\n  containers:\n"
    "  - {name: app, image: nginx, livenessProbe: {exec: {command: ['false']}, periodSeconds: 10}}\n";

/* Ends by itself: for what holds once nothing moves. */
static const char quiet[] =
    "apiVersion: podsim.dev/v1\nkind: Scenario\nspec:\n  actions: [{at: 20s, kubectl: delete pod bye}]\n"
    "---\n{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {selector: {app: web}, ports: [{port: 80}]}}\n"
    "---\napiVersion: v1\nkind: Pod\nmetadata: {name: web, labels: {app: web}}\nspec:\n  containers:\n"
    "  - {name: app, image: nginx}\n"
    "---\napiVersion: v1\nkind: Pod\nmetadata: {name: bye}\nspec:\n  containers:\n  - {name: app, image: nginx}\n";

/* A rollout that ends. */
static const char rollout[] =
    "apiVersion: podsim.dev/v1\nkind: Scenario\nspec:\n"
    "  actions: [{at: 20s, kubectl: set image deployment web app=nginx:1.28}]\n"
    "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 3\n"
    "  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n"
    "    spec: {containers: [{name: app, image: 'nginx:1.27'}]}\n";

/* A drain that a budget holds up. */
static const char drained[] = "apiVersion: podsim.dev/v1\nkind: Scenario\nspec:\n"
                              "  nodes: [{name: a}]\n  actions: [{at: 20s, kubectl: drain a --force --timeout=30s}]\n"
                              "---\napiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: web}\n"
                              "spec: {minAvailable: 1, selector: {matchLabels: {app: web}}}\n"
                              "---\napiVersion: v1\nkind: Pod\nmetadata: {name: one, labels: {app: web}}\n"
                              "spec: {containers: [{name: app, image: 'nginx:1.27'}]}\n"
                              "---\napiVersion: v1\nkind: Pod\nmetadata: {name: two, labels: {app: web}}\n"
                              "spec: {containers: [{name: app, image: 'nginx:1.27'}]}\n";
/* A Job whose pods succeed, two at a time. */
static const char jobs[] = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: work}\nspec:\n"
                           "  completions: 3\n  parallelism: 2\n  template:\n    spec:\n"
                           "      restartPolicy: Never\n"
                           "      containers: [{name: app, image: 'busybox:1.36', command: [sleep, '5']}]\n";

struct world {
    struct arena arena;
    struct diag_set diags;
    struct scenario scenario;
    struct cluster *cluster;
    struct run_trace run;
};

static int no_files(void *ctx, struct arena *a, const char *path, const char **ret_text, size_t *ret_len,
                    const char **ret_error)
{
    (void)ctx, (void)a, (void)path, (void)ret_text, (void)ret_len;
    *ret_error = "no files here";
    return -1;
}

static void world_init(struct world *w, const char *text)
{
    struct scenario_input input = {"verify.yaml", text, strlen(text)};
    *w = (struct world){0};
    arena_init(&w->arena, 0);
    diag_init(&w->diags);
    CHECK_INT(scenario_load(&w->arena, &w->diags, &input, 1, no_files, NULL, &w->scenario), 0);
    w->cluster = cluster_new(&w->scenario, &(struct cluster_options){0});
    cluster_run(w->cluster);
    w->run = cluster_trace(w->cluster);
}

static void world_fini(struct world *w)
{
    cluster_free(w->cluster);
    diag_fini(&w->diags);
    arena_fini(&w->arena);
}

/* ---- finding a place to spoil; what a trace holds is const to everyone else ---- */

static struct trace_record *record_at(struct world *w, uint32_t i)
{
    return (struct trace_record *)trace_at(w->run.trace, i);
}

static uint32_t ordinal_of(struct world *w, const char *pod)
{
    for (uint32_t i = 1; i < trace_count(w->run.trace); i++) {
        const struct trace_record *r = record_at(w, i);
        const struct api_object *o = r->kind == TRACE_WRITE ? r->data : NULL;
        if (o && o->kind == KIND_POD && strcmp(o->meta.name, pod) == 0)
            return o->ordinal;
    }
    return 0;
}

/* The nth (from 0; -1 = the last) record of a kind about a pod. */
static struct trace_record *nth(struct world *w, const char *pod, enum trace_kind kind, int n)
{
    struct trace_record *found = NULL;
    uint32_t ordinal = ordinal_of(w, pod);
    for (uint32_t i = 1; i < trace_count(w->run.trace); i++) {
        struct trace_record *r = record_at(w, i);
        if (r->kind != kind || r->object != ordinal)
            continue;
        found = r;
        if (n-- == 0)
            break;
    }
    ASSERT(found);
    return found;
}

static struct pod *version(struct world *w, const char *pod, int n)
{
    return (struct pod *)nth(w, pod, TRACE_WRITE, n)->data;
}

/* The first version in which a condition has this status. */
static struct pod *when(struct world *w, const char *pod, const char *type, const char *status)
{
    for (int n = 0;; n++) {
        struct pod *p = version(w, pod, n);
        for (uint32_t i = 0; i < p->status.conditions.count; i++) {
            const struct pod_condition *c = &p->status.conditions.items[i];
            if (strcmp(c->type, type) == 0 && strcmp(c->status, status) == 0)
                return p;
        }
    }
}

static struct trace_container *facts(const struct trace_record *r) { return (struct trace_container *)r->data; }
static void drop(struct trace_record *r) { r->kind = TRACE_DECISION; }
static struct container_status *status(struct pod *p) { return &p->status.container_statuses.items[0]; }
static struct api_object *object(struct world *w, enum api_kind kind, bool last)
{
    struct api_object *found = NULL;
    for (uint32_t i = 1; i < trace_count(w->run.trace) && (last || !found); i++) {
        const struct trace_record *r = record_at(w, i);
        struct api_object *o = r->kind == TRACE_WRITE ? (struct api_object *)r->data : NULL;
        bool ours = o && o->kind == kind && (kind != KIND_ENDPOINTSLICE || strncmp(o->meta.name, "web", 3) == 0);
        found = ours ? o : found;
    }
    ASSERT(found);
    return found;
}

static struct k8s_event *event(struct world *w, const char *pod, const char *reason)
{
    for (uint32_t i = 1;; i++) {
        const struct trace_record *r = record_at(w, i);
        struct k8s_event *e = (struct k8s_event *)r->data;
        if (r->kind == TRACE_WRITE && e->object.kind == KIND_EVENT && strcmp(e->involved_object.name, pod) == 0 &&
            strcmp(e->reason, reason) == 0)
            return e;
    }
}

/* ---- one way to break each promise ---- */

static void spoil_time(struct world *w) { record_at(w, trace_count(w->run.trace) - 1)->at = 0; }
static void spoil_cause(struct world *w) { record_at(w, 20)->cause = 20; }
static void spoil_revision(struct world *w) { version(w, "web", 3)->object.revision = 1; }
static void spoil_lineage(struct world *w) { version(w, "web", 3)->object.prev = &version(w, "web", 1)->object; }
static void spoil_identity(struct world *w) { version(w, "web", 3)->object.meta.uid = "another"; }
static void spoil_gone(struct world *w) { nth(w, "web", TRACE_WRITE, 2)->flags = WRITE_DELETE; }
static void spoil_deletion(struct world *w) { version(w, "bye", -1)->object.meta.deletion_timestamp = SIM_NEVER; }
static void spoil_removal(struct world *w) { version(w, "bye", -1)->object.meta.finalizers.count = 1; }
static void spoil_generation(struct world *w) { version(w, "web", 4)->object.meta.generation++; }
static void spoil_writer(struct world *w) { version(w, "web", 4)->object.meta.labels.count = 0; }
static void spoil_phase_final(struct world *w) { version(w, "web", 3)->status.phase = "Failed"; }
static void spoil_phase_stopped(struct world *w) { drop(nth(w, "done", TRACE_CONTAINER_EXITED, 0)); }
static void spoil_restarts(struct world *w) { status(version(w, "crash", -1))->restart_count = 0; }
static void spoil_state(struct world *w)
{
    static struct container_state_waiting waiting = {"ContainerCreating", NULL};
    status(when(w, "web", "Ready", "True"))->state.waiting = &waiting;
}
static void spoil_covers(struct world *w) { when(w, "web", "Ready", "True")->status.container_statuses.count = 0; }
static void spoil_status_time(struct world *w)
{
    struct container_state_terminated *t = status(version(w, "done", -1))->state.terminated;
    t->started_at = t->finished_at + SIM_SECOND;
}
static void spoil_status_true(struct world *w) { status(version(w, "done", -1))->state.terminated->exit_code = 77; }
static void spoil_ready(struct world *w) { status(when(w, "web", "Ready", "True"))->ready = false; }
static void spoil_condition(struct world *w)
{
    struct pod *p = when(w, "web", "Ready", "True");
    p->status.conditions.items[1].type = p->status.conditions.items[0].type;
}
static void spoil_transition(struct world *w)
{
    struct pod *p = when(w, "web", "Ready", "True");
    for (uint32_t i = 0; i < p->status.conditions.count; i++)
        if (strcmp(p->status.conditions.items[i].type, "PodScheduled") == 0)
            p->status.conditions.items[i].last_transition_time += SIM_SECOND;
}
static void spoil_observed(struct world *w) { version(w, "web", 4)->status.observed_generation = 99; }
static void spoil_fixed(struct world *w) { version(w, "web", -1)->spec.node_name = "node2"; }
static void spoil_order(struct world *w) { drop(nth(w, "crash", TRACE_CONTAINER_CREATED, 1)); }
static void spoil_attempt(struct world *w) { facts(nth(w, "crash", TRACE_CONTAINER_CREATED, 1))->attempt = 0; }
static void spoil_one_instance(struct world *w) { drop(nth(w, "crash", TRACE_CONTAINER_EXITED, 0)); }
static void spoil_sandbox(struct world *w) { drop(nth(w, "web", TRACE_SANDBOX_CREATED, 0)); }
static void spoil_init(struct world *w) { facts(nth(w, "web", TRACE_CONTAINER_EXITED, 0))->exit_code = 3; }
static void spoil_all_versions(struct world *w, const char *pod, const char *policy, const char *phase_)
{
    uint32_t ordinal = ordinal_of(w, pod);
    for (uint32_t i = 1; i < trace_count(w->run.trace); i++) {
        if (record_at(w, i)->kind != TRACE_WRITE || record_at(w, i)->object != ordinal)
            continue;
        struct pod *p = (struct pod *)record_at(w, i)->data;
        p->spec.restart_policy = policy ? policy : p->spec.restart_policy;
        p->status.phase = phase_ ? phase_ : p->status.phase;
    }
}
static void spoil_policy(struct world *w) { spoil_all_versions(w, "crash", "Never", NULL); }
static void spoil_backoff(struct world *w) { nth(w, "crash", TRACE_BACKOFF, 0)->aux *= 10; }
static void spoil_after_end(struct world *w) { version(w, "crash", 3)->status.phase = "Failed"; }
static void spoil_signal(struct world *w) { drop(nth(w, "sick", TRACE_CONTAINER_STARTED, 0)); }
static void spoil_kill(struct world *w)
{
    struct trace_record *term = nth(w, "bye", TRACE_SIGNAL, 0), *kill = nth(w, "bye", TRACE_SIGNAL, 1);
    term->at = kill->at - SIM_SECOND;
}
static void spoil_probe_runs(struct world *w) { ((struct trace_probe *)nth(w, "sick", TRACE_PROBE, 1)->data)->run = 7; }
static void spoil_probe_gate(struct world *w)
{
    ((struct trace_probe *)nth(w, "web", TRACE_PROBE, 0)->data)->result = RESULT_FAILURE; /* the startup probe's */
}
static void spoil_hook(struct world *w) { drop(nth(w, "bye", TRACE_HOOK, 0)); }
static void spoil_event_count(struct world *w) { event(w, "crash", "Started")->count = 2; }
static void spoil_endpoint(struct world *w)
{
    ((struct endpoint_slice *)object(w, KIND_ENDPOINTSLICE, true))->endpoints.items[0].addresses.items[0] = "10.9.9.9";
}
static void spoil_requests(struct world *w)
{
    ((struct trace_traffic *)nth(w, "web", TRACE_TRAFFIC, 0)->data)->count--;
}
static void spoil_served(struct world *w)
{
    ((struct trace_traffic *)nth(w, "web", TRACE_TRAFFIC, 0)->data)->first = 0;
}
static void spoil_end_status(struct world *w)
{
    struct pod *p = version(w, "web", -1);
    status(p)->state = (struct container_state){.waiting = status(version(w, "web", 2))->state.waiting};
}
static void spoil_end_deleted(struct world *w) { drop(nth(w, "bye", TRACE_CONTAINER_EXITED, 0)); }
static void spoil_end_endpoints(struct world *w)
{
    struct endpoint_slice *s = (struct endpoint_slice *)object(w, KIND_ENDPOINTSLICE, true);
    s->endpoints.items[0].conditions.ready.value = false;
}

static void spoil_surge(struct world *w)
{
    ((struct replica_set *)object(w, KIND_REPLICASET, false))->spec.replicas.value = 9;
}
static void spoil_end_replicas(struct world *w)
{
    ((struct replica_set *)object(w, KIND_REPLICASET, true))->status.replicas = 7;
}

/* What the rollout made is not ready when it deletes what was. */
static void spoil_available(struct world *w)
{
    for (uint32_t i = 1; i < trace_count(w->run.trace); i++) {
        struct trace_record *r = record_at(w, i);
        const struct pod *p = r->data;
        if (r->kind != TRACE_WRITE || p->object.kind != KIND_POD || p->object.meta.creation_timestamp < 20 * SIM_SECOND)
            continue;
        for (uint32_t k = 0; k < p->status.conditions.count; k++)
            ((struct pod_condition *)(uintptr_t)&p->status.conditions.items[k])->status = "False";
    }
}
static void spoil_end_rollout(struct world *w)
{
    ((struct deployment *)object(w, KIND_DEPLOYMENT, true))->status.replicas = 7;
}
static void spoil_end_owned(struct world *w)
{
    const struct api_object *rs = object(w, KIND_REPLICASET, true);
    ((struct owner_reference *)(uintptr_t)rs->meta.owner_references.items)->uid = "nobody";
}
/* The grant of the one eviction is forgotten, so is the entry of its pod. */
static void spoil_budget(struct world *w)
{
    for (uint32_t i = 1; i < trace_count(w->run.trace); i++) {
        const struct trace_record *r = trace_at(w->run.trace, i);
        const struct api_object *o = r->kind == TRACE_WRITE ? r->data : NULL;
        if (o && o->kind == KIND_PODDISRUPTIONBUDGET && r->component == COMP_API_SERVER)
            ((struct pdb *)(uintptr_t)o)->status.disrupted_pods.count = 0;
    }
}
/* The budget has wanted both pods all the time. */
static void spoil_budget_kept(struct world *w)
{
    for (uint32_t i = 1; i < trace_count(w->run.trace); i++) {
        const struct trace_record *r = trace_at(w->run.trace, i);
        const struct api_object *o = r->kind == TRACE_WRITE ? r->data : NULL;
        if (o && o->kind == KIND_PODDISRUPTIONBUDGET)
            ((struct pdb *)(uintptr_t)o)->status.desired_healthy = 2;
    }
}
static void spoil_job_end(struct world *w) /* it was complete before it was */
{
    ((struct job *)object(w, KIND_JOB, true)->prev)->status.conditions.items[0].type = "Complete";
}
static void spoil_job_count(struct world *w) { ((struct job *)object(w, KIND_JOB, true))->status.succeeded = 4; }
static void spoil_job_parallelism(struct world *w)
{
    for (struct job *j = (struct job *)object(w, KIND_JOB, true); j; j = (struct job *)j->object.prev)
        j->spec.parallelism.value = 1;
}
static void spoil_end_job(struct world *w) { ((struct pod *)object(w, KIND_POD, true))->status.phase = "Running"; }

static const struct row {
    enum verify_rule rule;
    const char *scenario;
    void (*spoil)(struct world *w);
} rows[] = {
    {VERIFY_TIME, busy, spoil_time},
    {VERIFY_CAUSE, busy, spoil_cause},
    {VERIFY_REVISION, busy, spoil_revision},
    {VERIFY_LINEAGE, busy, spoil_lineage},
    {VERIFY_IDENTITY, busy, spoil_identity},
    {VERIFY_GONE, busy, spoil_gone},
    {VERIFY_DELETION, busy, spoil_deletion},
    {VERIFY_REMOVAL, busy, spoil_removal},
    {VERIFY_GENERATION, busy, spoil_generation},
    {VERIFY_WRITER, busy, spoil_writer},
    {VERIFY_PHASE_FINAL, busy, spoil_phase_final},
    {VERIFY_PHASE_STOPPED, busy, spoil_phase_stopped},
    {VERIFY_RESTARTS, busy, spoil_restarts},
    {VERIFY_STATE, busy, spoil_state},
    {VERIFY_COVERS, busy, spoil_covers},
    {VERIFY_STATUS_TIME, busy, spoil_status_time},
    {VERIFY_STATUS_TRUE, busy, spoil_status_true},
    {VERIFY_READY, busy, spoil_ready},
    {VERIFY_CONDITION, busy, spoil_condition},
    {VERIFY_TRANSITION, busy, spoil_transition},
    {VERIFY_OBSERVED, busy, spoil_observed},
    {VERIFY_FIXED, busy, spoil_fixed},
    {VERIFY_ORDER, busy, spoil_order},
    {VERIFY_ATTEMPT, busy, spoil_attempt},
    {VERIFY_ONE_INSTANCE, busy, spoil_one_instance},
    {VERIFY_SANDBOX, busy, spoil_sandbox},
    {VERIFY_INIT, busy, spoil_init},
    {VERIFY_POLICY, busy, spoil_policy},
    {VERIFY_BACKOFF, busy, spoil_backoff},
    {VERIFY_AFTER_END, busy, spoil_after_end},
    {VERIFY_SIGNAL, busy, spoil_signal},
    {VERIFY_KILL, busy, spoil_kill},
    {VERIFY_PROBE_RUNS, busy, spoil_probe_runs},
    {VERIFY_PROBE_GATE, busy, spoil_probe_gate},
    {VERIFY_HOOK, busy, spoil_hook},
    {VERIFY_EVENT_COUNT, busy, spoil_event_count},
    {VERIFY_ENDPOINT, busy, spoil_endpoint},
    {VERIFY_REQUESTS, busy, spoil_requests},
    {VERIFY_SERVED, busy, spoil_served},
    {VERIFY_END_STATUS, quiet, spoil_end_status},
    {VERIFY_END_READY, quiet, spoil_end_status},
    {VERIFY_END_DELETED, quiet, spoil_end_deleted},
    {VERIFY_END_RESTART, quiet, spoil_end_status},
    {VERIFY_END_ENDPOINTS, quiet, spoil_end_endpoints},
    {VERIFY_SURGE, rollout, spoil_surge},
    {VERIFY_BUDGET, drained, spoil_budget},
    {VERIFY_BUDGET_KEPT, drained, spoil_budget_kept},
    {VERIFY_END_REPLICAS, rollout, spoil_end_replicas},
    {VERIFY_AVAILABLE, rollout, spoil_available},
    {VERIFY_END_ROLLOUT, rollout, spoil_end_rollout},
    {VERIFY_END_OWNED, rollout, spoil_end_owned},
    {VERIFY_JOB_END, jobs, spoil_job_end},
    {VERIFY_JOB_COUNT, jobs, spoil_job_count},
    {VERIFY_JOB_PARALLELISM, jobs, spoil_job_parallelism},
    {VERIFY_END_JOB, jobs, spoil_end_job},
};

static void a_good_run_keeps_every_promise(void)
{
    const char *const scenarios[] = {busy, quiet, rollout, drained};
    for (size_t i = 0; i < ARRAY_LEN(scenarios); i++) {
        struct world w;
        struct verify_result result;
        struct strbuf out = STRBUF_INIT;
        world_init(&w, scenarios[i]);
        CHECK_UINT(verify_trace(&w.run, &out, &result), 0);
        CHECK_STR(strbuf_str(&out), "");
        strbuf_fini(&out);
        world_fini(&w);
    }
}

static void a_spoilt_trace_breaks_the_promise(void)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world w;
        struct verify_result result;
        struct strbuf out = STRBUF_INIT;
        tap_row("%s", verify_rule_names[rows[i].rule]);
        world_init(&w, rows[i].scenario);
        rows[i].spoil(&w);
        verify_trace(&w.run, &out, &result);
        CHECK(result.rules >> rows[i].rule & 1);
        CHECK_CONTAINS(strbuf_str(&out), verify_rule_texts[rows[i].rule]);
        strbuf_fini(&out);
        world_fini(&w);
    }
}

static void every_promise_has_a_row(void)
{
    for (int rule = 0; rule < VERIFY_RULE_COUNT; rule++) {
        bool found = false;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
            found |= (int)rows[i].rule == rule;
        tap_row("%s", verify_rule_names[rule]);
        CHECK(found);
    }
}

int main(void)
{
    static const struct tap_test tests[] = {
        TAP_TEST(a_good_run_keeps_every_promise),
        TAP_TEST(a_spoilt_trace_breaks_the_promise),
        TAP_TEST(every_promise_has_a_row),
    };
    return tap_run(tests, ARRAY_LEN(tests));
}
