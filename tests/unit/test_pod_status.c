/* What a status says: container states, phase and conditions from what the runtime shows, row by row of
 * kubelet.md 3.2, 4.2, 4.3 and 5. Compare k8s pkg/kubelet TestPodPhaseWithRestart..., status/generate_test.go. */
#include <stdlib.h>
#include <string.h>

#include "model/kubelet.h"
#include "tests/unit/tap.h"

#include "tests/unit/cover_rows.h"

enum { MAX = 4 };

static struct arena arena;

/* A pod of up to four containers, and what is known of them. */
struct world {
    struct container specs[MAX];
    struct probe probe;
    struct pod_readiness_gate gates[2];
    struct container_restart_rule rule;
    struct exit_codes_rule codes;
    int64_t values[1];
    struct pod pod;
    struct pod_status old;
    struct rt_container seen[MAX];
    struct rt_view view;
    struct waiting_reason reasons[MAX];
    enum probe_result readiness[MAX], startup[MAX];
    bool has_readiness[MAX], has_startup[MAX], startup_known[MAX], readiness_known[MAX];
    struct features features;
    struct status_input in;
    struct pod_status out;
};

/* One container: "i:exit0", "s:run", "a:exit1!CrashLoopBackOff", "b:run/unready". The name's first letter says
 * what it is: i = init container, s = sidecar, others = app container. Before the "!" what the runtime has: none,
 * created, run, exitN; behind it the reason cache. After the "/": ready, unready (its probe has, has not succeeded),
 * starting (a startup probe without a verdict). */
static void add_container(struct world *w, uint32_t i, char *text)
{
    char *colon = strchr(text, ':'), *bang = strchr(text, '!'), *slash = strchr(text, '/');
    *colon = '\0';
    if (bang)
        *bang = '\0';
    if (slash)
        *slash = '\0';
    const char *state = colon + 1;
    struct rt_instance *n = &w->seen[i].newest;
    w->specs[i] = (struct container){.name = text, .image = "x", .restart_policy = *text == 's' ? "Always" : NULL};
    w->reasons[i].reason = bang ? bang + 1 : NULL;
    if (strcmp(state, "none") != 0) {
        *n = (struct rt_instance){.id = i + 1,
                                  .image = "x",
                                  .container_id = text,
                                  .current_sandbox = true,
                                  .started_at = 5 * SIM_SECOND,
                                  .finished_at = 7 * SIM_SECOND};
        n->state = strcmp(state, "run") == 0 ? CRI_RUNNING : strcmp(state, "created") == 0 ? CRI_CREATED : CRI_EXITED;
        n->exit_code = strncmp(state, "exit", 4) == 0 ? atoi(state + 4) : 0;
        n->reason = n->exit_code ? "Error" : "Completed";
    }
    w->readiness[i] = slash && strcmp(slash + 1, "ready") == 0 ? RESULT_SUCCESS : RESULT_UNKNOWN;
    w->has_readiness[i] = slash && strcmp(slash + 1, "starting") != 0;
    w->startup[i] = RESULT_UNKNOWN;
    w->has_startup[i] = slash && strcmp(slash + 1, "starting") == 0;
    w->startup_known[i] = true;
}

/* "i:exit0 a:run": init containers and sidecars first. */
static struct world *world(const char *policy, const char *containers)
{
    struct world *w = arena_new(&arena, struct world);
    char *text = arena_strdup(&arena, containers), *save;
    uint32_t n = 0, inits = 0;
    for (char *c = strtok_r(text, " ", &save); c && n < MAX; c = strtok_r(NULL, " ", &save)) {
        inits += *c == 'i' || *c == 's';
        add_container(w, n++, c);
    }
    struct pod_spec *spec = &w->pod.spec;
    spec->restart_policy = policy;
    spec->init_containers.items = w->specs;
    spec->init_containers.count = inits;
    spec->containers.items = w->specs + inits;
    spec->containers.count = n - inits;
    w->pod.object.meta.deletion_timestamp = SIM_NEVER;
    w->pod.status.phase = "Pending";
    w->pod.status.start_time = SIM_NEVER;
    w->view = (struct rt_view){.containers = w->seen, .has_sandbox = true, .sandbox_ready = true, .ip = "10.0.0.1"};
    features_init(&w->features, 36);
    w->in = (struct status_input){.features = &w->features,
                                  .pod = &w->pod,
                                  .view = &w->view,
                                  .reasons = w->reasons,
                                  .readiness = w->readiness,
                                  .startup = w->startup,
                                  .has_readiness = w->has_readiness,
                                  .has_startup = w->has_startup,
                                  .startup_known = w->startup_known,
                                  .readiness_known = w->readiness_known,
                                  .restart_all = true,
                                  .kept_before = SIM_NEVER,
                                  .now = 10 * SIM_SECOND,
                                  .host_ip = "10.0.0.9"};
    return w;
}

static struct pod_status *status(struct world *w)
{
    pod_status_generate(&arena, &w->in, &w->out);
    return &w->out;
}

/* The status so far becomes what the kubelet said last; the runtime may then be changed. */
static void remember(struct world *w)
{
    w->old = *status(w);
    w->in.old = &w->old;
}

/* "Running", "Waiting Reason", "Terminated Error 1". */
static const char *state_text(const struct container_state *s)
{
    if (s->running)
        return "Running";
    if (s->terminated)
        return arena_printf(&arena, "Terminated %s %" PRId64, s->terminated->reason, s->terminated->exit_code);
    return s->waiting && s->waiting->reason ? arena_printf(&arena, "Waiting %s", s->waiting->reason) : "Waiting";
}

/* "True", "False Reason: message"; "absent". */
static const char *condition_text(const struct pod_status *s, const char *type)
{
    for (uint32_t i = 0; i < s->conditions.count; i++) {
        const struct pod_condition *c = &s->conditions.items[i];
        if (strcmp(c->type, type) == 0)
            return arena_printf(&arena, "%s%s%s%s%s", c->status, c->reason ? " " : "", c->reason ? c->reason : "",
                                c->message ? ": " : "", c->message ? c->message : "");
    }
    return "absent";
}

/* ---- phase: kubelet.md 4.2 and its examples ---- */

static void phase_follows_the_table(void)
{
    static const struct {
        const char *policy, *containers, *phase;
        enum status_stage stage;
    } rows[] = {
        {"Never", "i:exit1 a:none", "Failed", STATUS_SYNC},
        {"Always", "i:run a:none", "Pending", STATUS_SYNC},
        {"Always", "i:exit0 j:none", "Pending", STATUS_SYNC},
        {"Always", "i:exit1 a:none", "Pending", STATUS_SYNC}, /* will be retried; the app waits */
        {"Always", "s:run/starting a:none", "Pending", STATUS_SYNC},
        {"Always", "s:run/starting a:run", "Running", STATUS_SYNC}, /* the app has been there */
        {"Always", "a:none", "Pending", STATUS_SYNC},
        {"Never", "a:exit0 b:none!ErrImagePull", "Pending", STATUS_SYNC}, /* a first start is missing */
        {"Always", "a:run b:none!ImagePullBackOff", "Pending", STATUS_SYNC},
        {"Always", "a:run b:exit1!ImagePullBackOff", "Running", STATUS_SYNC}, /* it ran before */
        {"Always", "a:run b:exit1", "Running", STATUS_SYNC},
        {"Never", "s:run a:exit0", "Running", STATUS_SYNC}, /* only the sidecar is left */
        {"Always", "a:exit0", "Succeeded", STATUS_FINAL},
        {"Always", "a:exit0 b:exit1", "Failed", STATUS_FINAL},
        {"Always", "a:exit0", "Running", STATUS_SYNC},
        {"Always", "a:exit1!CrashLoopBackOff", "Running", STATUS_SYNC},
        {"OnFailure", "a:exit0 b:exit1", "Running", STATUS_SYNC},
        {"OnFailure", "a:exit0 b:exit0", "Succeeded", STATUS_SYNC},
        {"Never", "s:exit9 a:exit0", "Succeeded", STATUS_SYNC}, /* a sidecar's end does not matter */
        {"Never", "a:exit0 b:exit1", "Failed", STATUS_SYNC},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world *w = world(rows[i].policy, rows[i].containers);
        w->in.stage = rows[i].stage;
        tap_row("%s %s", rows[i].policy, rows[i].containers);
        CHECK_STR(status(w)->phase, rows[i].phase);
    }
}

static void older_versions_and_static_pods_have_no_forced_end(void)
{
    struct world *w = world("Always", "a:exit0");
    w->in.stage = STATUS_FINAL;
    w->in.static_pod = true;
    CHECK_STR(status(w)->phase, "Running");
    w = world("Always", "a:exit0");
    w->in.stage = STATUS_FINAL;
    features_init(&w->features, 26);
    CHECK_STR(status(w)->phase, "Running");
    features_init(&w->features, 27);
    CHECK_STR(status(w)->phase, "Succeeded");
}

/* kubelet.md 4.3. */
static void some_things_overrule_the_phase(void)
{
    struct world *w = world("Never", "a:exit1");
    w->old = *status(w);
    w->in.old = &w->old;
    w->seen[0].newest.state = CRI_RUNNING;
    tap_row("a terminal phase computed before stays");
    CHECK_STR(status(w)->phase, "Failed");

    w = world("Always", "a:run");
    w->pod.status.phase = "Succeeded";
    w->old.phase = "Running";
    w->in.old = &w->old;
    tap_row("a terminal phase in the API stays");
    CHECK_STR(status(w)->phase, "Succeeded");

    w = world("Always", "a:run");
    w->in.override_phase = "Failed";
    w->in.override_reason = "Evicted";
    w->in.override_message = "The node was low on resource: memory.";
    tap_row("an eviction sets Failed");
    CHECK_STR(status(w)->phase, "Failed");
    CHECK_STR(w->out.reason, "Evicted");
    CHECK_STR(w->out.message, "The node was low on resource: memory.");
    w->in.stage = STATUS_FINAL;
    w->seen[0].newest.state = CRI_EXITED;
    tap_row("an eviction does not touch Succeeded");
    CHECK_STR(status(w)->phase, "Succeeded");
    CHECK(!w->out.reason || !*w->out.reason);

    w = world("Always", "a:run");
    w->in.deadline_exceeded = true;
    tap_row("the active deadline sets Failed");
    CHECK_STR(status(w)->phase, "Failed");
    CHECK_STR(w->out.reason, "DeadlineExceeded");
    CHECK_STR(w->out.message, "Pod was active on the node longer than the specified deadline");
}

static void reason_and_message_stay_as_long_as_the_phase_does(void)
{
    struct world *w = world("Always", "a:run");
    w->old = (struct pod_status){.phase = "Running", .reason = "R", .message = "M"};
    w->in.old = &w->old;
    CHECK_STR(status(w)->reason, "R");
    CHECK_STR(w->out.message, "M");
    w->old.phase = "Pending";
    CHECK_STR(status(w)->reason, NULL);
    CHECK_STR(w->out.message, NULL);
}

/* ---- container states: kubelet.md 3.2 ---- */

static void container_states_follow_the_runtime(void)
{
    static const struct {
        const char *policy, *containers, *state, *last; /* of the last container */
    } rows[] = {
        {"Always", "a:none", "Waiting ContainerCreating", "Waiting"},
        {"Always", "i:run a:none", "Waiting PodInitializing", "Waiting"},
        {"Always", "a:created", "Waiting", "Waiting"},
        {"Always", "a:run", "Running", "Waiting"},
        {"Always", "a:exit0", "Terminated Completed 0", "Waiting"},
        {"Always", "a:exit1", "Terminated Error 1", "Waiting"},
        {"Always", "a:none!ErrImagePull", "Waiting ErrImagePull", "Waiting"},
        {"Always", "a:exit1!CrashLoopBackOff", "Waiting CrashLoopBackOff", "Terminated Error 1"},
        {"Never", "a:exit1!CrashLoopBackOff", "Terminated Error 1", "Waiting"}, /* it will not be started again */
        {"OnFailure", "a:exit0!CrashLoopBackOff", "Terminated Completed 0", "Waiting"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world *w = world(rows[i].policy, rows[i].containers);
        tap_row("%s %s", rows[i].policy, rows[i].containers);
        const struct container_status *s = &status(w)->container_statuses.items[0];
        CHECK_STR(state_text(&s->state), rows[i].state);
        CHECK_STR(state_text(&s->last_state), rows[i].last);
    }
}

static void a_deleted_pod_shows_no_reason_to_wait(void)
{
    struct world *w = world("Always", "a:exit1!CrashLoopBackOff");
    w->pod.object.meta.deletion_timestamp = 40 * SIM_SECOND;
    CHECK_STR(state_text(&status(w)->container_statuses.items[0].state), "Terminated Error 1");
}

static void what_the_runtime_has_forgotten_is_remembered(void)
{
    struct world *w = world("Always", "i:exit0 a:run");
    remember(w);
    w->seen[0].newest.id = w->seen[1].newest.id = 0;
    const struct pod_status *s = status(w);
    tap_row("terminated as last seen");
    CHECK_STR(state_text(&s->init_container_statuses.items[0].state), "Terminated Completed 0");
    tap_row("was running");
    CHECK_STR(state_text(&s->container_statuses.items[0].state), "Waiting PodInitializing");
    CHECK_STR(state_text(&s->container_statuses.items[0].last_state), "Terminated ContainerStatusUnknown 137");
    CHECK_STR(s->container_statuses.items[0].last_state.terminated->message,
              "The container could not be located when the pod was deleted.  The container used to be Running");
    CHECK_INT(s->container_statuses.items[0].restart_count, 1);
}

static void an_init_container_that_nobody_remembers_has_completed(void)
{
    static const struct {
        const char *name, *containers;
        bool inferred;
    } rows[] = {
        {"an app container runs", "i:none a:run", true},
        {"has exited", "i:none a:exit1", true},
        {"has been created", "i:none a:created", true},
        {"its reason does not show", "i:none!ErrImagePull a:run", true},
        {"none of them", "i:none a:none", false},
        {"another init container is no app container", "i:none i2:run a:none", false},
        {"a sidecar is started again", "s:none a:run", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        for (int minor = 35; minor <= 36; minor++) {
            struct world *w = world("Always", rows[i].containers);
            features_init(&w->features, minor);
            tap_row("%s, 1.%d", rows[i].name, minor);
            const struct container_status *s = &status(w)->init_container_statuses.items[0];
            CHECK_INT(s->state.terminated != NULL, rows[i].inferred && minor == 36);
            if (s->state.terminated)
                CHECK_STR(state_text(&s->state), "Terminated Completed 0");
            CHECK_INT(s->ready, rows[i].inferred && minor == 36);
        }
    }
}

static void statuses_of_apps_are_sorted_by_name(void)
{
    struct world *w = world("Always", "z:run a:run");
    CHECK_STR(status(w)->container_statuses.items[0].name, "a");
    CHECK_STR(w->out.container_statuses.items[1].name, "z");
}

/* ---- ready and started: probes.md 6 ---- */

static void ready_and_started_follow_the_probes(void)
{
    static const struct {
        const char *container;
        bool started, ready;
    } rows[] = {
        {"a:none", false, false},         {"a:exit0", false, false},      {"a:run", true, true},
        {"a:run/ready", true, true},      {"a:run/unready", true, false}, {"a:run/starting", false, false},
        {"i:exit0 a:none", false, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world *w = world("Always", rows[i].container);
        tap_row("%s", rows[i].container);
        CHECK_INT(status(w)->container_statuses.items[0].started.value, rows[i].started);
        CHECK_INT(w->out.container_statuses.items[0].ready, rows[i].ready);
    }
    struct world *w = world("Always", "i:exit0 a:none");
    tap_row("a regular init container is ready when it has succeeded");
    CHECK(status(w)->init_container_statuses.items[0].ready);
    CHECK(!w->out.init_container_statuses.items[0].started.value);
}

/* probes.md 11, since 1.35. */
static void a_restarted_kubelet_keeps_ready(void)
{
    for (int was_ready = 0; was_ready < 2; was_ready++) {
        struct world *w = world("Always", "a:run/unready");
        struct pod_condition c = {.type = "Ready", .status = was_ready ? "True" : "False"};
        w->pod.status.conditions.items = &c;
        w->pod.status.conditions.count = 1;
        w->specs[0].readiness_probe = &w->probe;
        w->in.kept_before = 8 * SIM_SECOND; /* the container started at 5 s */
        tap_row("was %sready", was_ready ? "" : "not ");
        CHECK_INT(status(w)->container_statuses.items[0].ready, was_ready);
        w->readiness_known[0] = true;
        tap_row("and the probe has failed since");
        CHECK_INT(status(w)->container_statuses.items[0].ready, false);
    }
}

/* ---- conditions: kubelet.md 5 ---- */

static void conditions_follow_the_table(void)
{
    static const struct {
        const char *policy, *containers, *type, *want;
    } rows[] = {
        {"Always", "a:run", "PodScheduled", "True"},
        {"Always", "a:run", "PodReadyToStartContainers", "True"},
        {"Always", "a:run b:run/unready", "ContainersReady",
         "False ContainersNotReady: containers with unready status: [b]"},
        {"Always", "s:run/unready b:none a:none", "ContainersReady",
         "False ContainersNotReady: containers with unready status: [s b a]"},
        {"OnFailure", "a:exit0 b:run", "ContainersReady",
         "False ContainersNotReady: containers with unready status: [a]"},
        {"Always", "s:run a:run", "ContainersReady", "True"},
        {"Never", "a:exit0", "ContainersReady", "False PodCompleted"},
        {"Never", "a:exit1", "ContainersReady", "False PodFailed"},
        {"Always", "a:run", "Ready", "True"},
        {"Always", "a:none", "Ready", "False ContainersNotReady: containers with unready status: [a]"},
        {"Never", "a:exit0", "Ready", "False PodCompleted"},
        {"Never", "a:exit1", "Ready", "False PodFailed"},
        {"Always", "a:none", "Initialized", "True"}, /* there is nothing to wait for */
        {"Always", "i:run s:none a:none", "Initialized",
         "False ContainersNotInitialized: containers with incomplete status: [i s]"},
        {"Always", "i:exit0 s:run a:none", "Initialized", "True"},
        {"Always", "i:exit0 s:run/starting a:none", "Initialized",
         "False ContainersNotInitialized: containers with incomplete status: [s]"},
        {"Always", "i:run a:run", "Initialized", "True"}, /* an app container has run */
        {"Never", "i:exit0 a:exit0", "Initialized", "True PodCompleted"},
        {"Never", "i:exit1 a:none", "Initialized",
         "False ContainersNotInitialized: containers with incomplete status: [i]"},
        {"Never", "a:exit1", "Initialized", "True"}, /* Failed does not overrule it */
        {"Always", "a:run", "AllContainersRestarting", "absent"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world *w = world(rows[i].policy, rows[i].containers);
        tap_row("%s of %s %s", rows[i].type, rows[i].policy, rows[i].containers);
        CHECK_STR(condition_text(status(w), rows[i].type), rows[i].want);
    }
}

static void a_missing_sandbox_and_old_versions(void)
{
    struct world *w = world("Always", "a:none");
    w->in.needs_sandbox = true;
    CHECK_STR(condition_text(status(w), "PodReadyToStartContainers"), "False");
    features_init(&w->features, 28);
    CHECK_STR(condition_text(status(w), "PodReadyToStartContainers"), "absent");
}

static void readiness_gates_are_read_from_the_api(void)
{
    static const struct {
        const char *g, *h, *want; /* what the API has of the two gates */
    } rows[] = {
        {"True", "True", "True"},
        {"True", NULL,
         "False ReadinessGatesNotReady: corresponding condition of pod readiness gate \"h\" does not exist."},
        {"False", "True",
         "False ReadinessGatesNotReady: the status of pod readiness gate \"g\" is not \"True\", but False"},
        {NULL, "Unknown",
         "False ReadinessGatesNotReady: corresponding condition of pod readiness gate \"g\" does not exist., the "
         "status "
         "of pod readiness gate \"h\" is not \"True\", but Unknown"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world *w = world("Always", "a:run");
        struct pod_condition c[2];
        uint32_t n = 0;
        w->gates[0].condition_type = "g";
        w->gates[1].condition_type = "h";
        w->pod.spec.readiness_gates.items = w->gates;
        w->pod.spec.readiness_gates.count = 2;
        if (rows[i].g)
            c[n++] = (struct pod_condition){.type = "g", .status = rows[i].g};
        if (rows[i].h)
            c[n++] = (struct pod_condition){.type = "h", .status = rows[i].h};
        w->pod.status.conditions.items = c;
        w->pod.status.conditions.count = n;
        tap_row("%s %s", rows[i].g ? rows[i].g : "-", rows[i].h ? rows[i].h : "-");
        CHECK_STR(condition_text(status(w), "Ready"), rows[i].want);
        CHECK_STR(condition_text(&w->out, "ContainersReady"), "True");
    }
}

/* kubelet.md 5.4. */
static void a_transition_time_moves_with_the_status_only(void)
{
    struct world *w = world("Always", "a:run b:run/unready");
    remember(w);
    w->in.now = 20 * SIM_SECOND;
    w->seen[0].newest.state = CRI_EXITED; /* the message changes, the status does not */
    const struct pod_status *s = status(w);
    CHECK_STR(condition_text(s, "Ready"), "False ContainersNotReady: containers with unready status: [a b]");
    for (uint32_t i = 0; i < s->conditions.count; i++)
        CHECK_INT(s->conditions.items[i].last_transition_time, 10 * SIM_SECOND);
    w->seen[0].newest.state = CRI_RUNNING;
    w->readiness[1] = RESULT_SUCCESS;
    s = status(w);
    for (uint32_t i = 0; i < s->conditions.count; i++)
        CHECK_INT(s->conditions.items[i].last_transition_time,
                  strstr(s->conditions.items[i].type, "Ready") == s->conditions.items[i].type ||
                          strcmp(s->conditions.items[i].type, "ContainersReady") == 0
                      ? 20 * SIM_SECOND
                      : 10 * SIM_SECOND);
}

/* kubelet.md 6.6. */
static void a_rule_that_restarts_all_has_a_condition(void)
{
    static const struct {
        const char *policy, *containers, *want;
    } rows[] = {
        {"Always", "a:run b:run", "False"},
        {"Always", "a:exit88 b:run", "True RestartAllContainersStarted: container exited with restart policy rule"},
        {"Never", "a:exit0 b:exit0", "False PodCompleted"},
        {"Never", "a:exit1 b:exit0", "False PodFailed"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows) + 1; i++) {
        bool removed = i == ARRAY_LEN(rows);
        struct world *w = world(removed ? "Always" : rows[i].policy, removed ? "a:exit88 b:run" : rows[i].containers);
        w->values[0] = 88;
        w->codes = (struct exit_codes_rule){.operator_ = "In", .values = {w->values, 1}};
        w->rule = (struct container_restart_rule){.action = "RestartAllContainers", .exit_codes = &w->codes};
        w->specs[0].restart_policy = w->pod.spec.restart_policy;
        w->specs[0].restart_policy_rules.items = &w->rule;
        w->specs[0].restart_policy_rules.count = 1;
        if (!removed) {
            tap_row("%s %s", rows[i].policy, rows[i].containers);
            CHECK_STR(condition_text(status(w), "AllContainersRestarting"), rows[i].want);
            continue;
        }
        remember(w);
        w->seen[0].newest.id = w->seen[1].newest.id = 0;
        tap_row("every instance is removed");
        CHECK_STR(condition_text(status(w), "AllContainersRestarting"), "False");
        CHECK_STR(condition_text(&w->out, "Initialized"), "True");
        CHECK_STR(state_text(&w->out.container_statuses.items[0].state), "Waiting RestartingAllContainers");
        CHECK_STR(state_text(&w->out.container_statuses.items[0].last_state), "Terminated RestartingAllContainers 137");
        CHECK_INT(w->out.container_statuses.items[0].restart_count, 1);
    }
}

static void initialized_stays_when_all_containers_restart(void)
{
    struct world *w = world("Always", "i:exit0 a:run");
    remember(w);
    w->seen[0].newest.id = w->seen[1].newest.id = 0;
    w->old.init_container_statuses.items[0].state.terminated = NULL; /* as if it had never run */
    w->old.container_statuses.items[0].state.running = NULL;
    CHECK_STR(condition_text(status(w), "Initialized"), "True");
    w->in.restart_all = false;
    CHECK_STR(condition_text(status(w), "Initialized"),
              "False ContainersNotInitialized: containers with incomplete status: [i]");
}

/* ---- the end: kubelet.md 8.6 ---- */

static void a_final_status_leaves_nothing_running(void)
{
    static const struct {
        const char *containers, *phase, *init, *app;
    } rows[] = {
        {"i:exit0 a:run", "Failed", "Terminated Completed 0", "Terminated ContainerStatusUnknown 137"},
        {"i:run a:none", "Failed", "Terminated ContainerStatusUnknown 137", "Waiting PodInitializing"},
        {"i:none a:none", "Failed", "Terminated ContainerStatusUnknown 137", "Waiting PodInitializing"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world *w = world("Always", rows[i].containers);
        struct pod_status *s = status(w);
        tap_row("%s", rows[i].containers);
        pod_status_terminate(&arena, &w->features, &w->pod.spec, false, s);
        CHECK_STR(s->phase, rows[i].phase);
        CHECK_STR(state_text(&s->init_container_statuses.items[0].state), rows[i].init);
        CHECK_STR(state_text(&s->container_statuses.items[0].state), rows[i].app);
    }
    struct world *w = world("Never", "a:exit0");
    struct pod_status *s = status(w);
    tap_row("a terminal phase stays");
    pod_status_terminate(&arena, &w->features, &w->pod.spec, false, s);
    CHECK_STR(s->phase, "Succeeded");
}

extern const struct cover_table cover_phase, cover_phase_override, cover_container_state, cover_waiting_reason,
    cover_readiness, cover_containers_ready, cover_ready, cover_initialized, cover_restarting_all, cover_terminate_pod;

static void every_row_has_a_test(void)
{
    static const char *const no_phase[] = {"none of these: Pending", NULL}; /* the kubelet lists every container */
    static const char *const no_statuses[] = {"False UnknownContainerStatuses", NULL};
    check_rows(&cover_phase, no_phase);
    check_rows(&cover_containers_ready, no_statuses);
    const struct cover_table *const whole[] = {
        &cover_phase_override, &cover_container_state, &cover_waiting_reason, &cover_readiness,
        &cover_ready,          &cover_initialized,     &cover_restarting_all, &cover_terminate_pod,
    };
    for (size_t i = 0; i < ARRAY_LEN(whole); i++)
        check_rows(whole[i], NULL);
}

int main(void)
{
    static const struct tap_test tests[] = {
        TAP_TEST(phase_follows_the_table),
        TAP_TEST(older_versions_and_static_pods_have_no_forced_end),
        TAP_TEST(some_things_overrule_the_phase),
        TAP_TEST(reason_and_message_stay_as_long_as_the_phase_does),
        TAP_TEST(container_states_follow_the_runtime),
        TAP_TEST(a_deleted_pod_shows_no_reason_to_wait),
        TAP_TEST(what_the_runtime_has_forgotten_is_remembered),
        TAP_TEST(an_init_container_that_nobody_remembers_has_completed),
        TAP_TEST(statuses_of_apps_are_sorted_by_name),
        TAP_TEST(ready_and_started_follow_the_probes),
        TAP_TEST(a_restarted_kubelet_keeps_ready),
        TAP_TEST(conditions_follow_the_table),
        TAP_TEST(a_missing_sandbox_and_old_versions),
        TAP_TEST(readiness_gates_are_read_from_the_api),
        TAP_TEST(a_transition_time_moves_with_the_status_only),
        TAP_TEST(a_rule_that_restarts_all_has_a_condition),
        TAP_TEST(initialized_stays_when_all_containers_restart),
        TAP_TEST(a_final_status_leaves_nothing_running),
        TAP_TEST(every_row_has_a_test),
    };
    arena_init(&arena, 0);
    return tap_run(tests, ARRAY_LEN(tests));
}
