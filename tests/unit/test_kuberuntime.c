/* What one sync decides (compute_pod_actions), and the crash back-off: a base pod, small mutations,
 * expected plans as rows. Compare k8s pkg/kubelet/kuberuntime TestComputePodActions. */
#include <string.h>

#include "model/kubelet.h"
#include "tests/unit/tap.h"

#include "tests/unit/cover_rows.h"

enum { MAX = 4 };

struct world { /* up to 2 init and 2 app containers */
    struct container inits[2], apps[2];
    struct probe startup;
    struct pod_spec spec;
    struct rt_container seen[MAX];
    struct rt_view view;
    enum probe_result liveness[MAX], startup_verdict[MAX];
    struct container_action out[MAX];
    uint32_t reset[MAX];
    bool restarting_all;
    enum resize_action resize[MAX];
    struct pod_actions plan;
};

static void base(struct world *w, uint32_t inits, uint32_t apps, const char *policy)
{
    static const char *const names[] = {"i0", "i1"}, *const app_names[] = {"a", "b"};
    *w = (struct world){.view = {.has_sandbox = true, .sandbox_ready = true}};
    for (uint32_t i = 0; i < 2; i++) {
        w->inits[i] = (struct container){.name = names[i], .image = "x"};
        w->apps[i] = (struct container){.name = app_names[i], .image = "x"};
    }
    w->spec.init_containers.items = w->inits;
    w->spec.init_containers.count = inits;
    w->spec.containers.items = w->apps;
    w->spec.containers.count = apps;
    w->spec.restart_policy = policy;
    w->view.containers = w->seen;
    for (uint32_t i = 0; i < MAX; i++)
        w->liveness[i] = w->startup_verdict[i] = RESULT_UNKNOWN;
}

static void is_running(struct world *w, uint32_t i)
{
    w->seen[i].newest = (struct rt_instance){.id = 10 + i, .state = CRI_RUNNING, .image = "x", .current_sandbox = true};
}

static void has_exited(struct world *w, uint32_t i, int32_t code)
{
    w->seen[i].newest = (struct rt_instance){.id = 10 + i,
                                             .state = CRI_EXITED,
                                             .exit_code = code,
                                             .image = "x",
                                             .reason = code ? "Error" : "Completed",
                                             .current_sandbox = true};
}

/* The plan in one line: "kill-pod new-sandbox kill:a start:a reset:b". */
static const char *decide(struct world *w)
{
    static char text[200];
    memset(w->out, 0, sizeof(w->out));
    w->plan = (struct pod_actions){.containers = w->out, .reset = w->reset};
    compute_pod_actions(&(struct actions_input){.spec = &w->spec,
                                                .view = &w->view,
                                                .liveness = w->liveness,
                                                .startup = w->startup_verdict,
                                                .restarting_all = w->restarting_all,
                                                .resize = w->resize},
                        &w->plan);
    text[0] = '\0';
    if (w->plan.kill_pod)
        strcat(text, " kill-pod");
    if (w->plan.create_sandbox)
        strcat(text, " new-sandbox");
    uint32_t inits = w->spec.init_containers.count;
    for (uint32_t i = 0; i < inits + w->spec.containers.count; i++) {
        const char *name = i < inits ? w->inits[i].name : w->apps[i - inits].name;
        if (w->out[i].kill)
            strcat(strcat(text, " kill:"), name);
        if (w->out[i].update)
            strcat(strcat(text, " update:"), name);
        if (w->out[i].start)
            strcat(strcat(text, " start:"), name);
    }
    for (uint32_t k = 0; k < w->plan.reset_count; k++) {
        uint32_t i = w->reset[k];
        strcat(strcat(text, " reset:"), i < inits ? w->inits[i].name : w->apps[i - inits].name);
    }
    return text[0] ? text + 1 : "nothing";
}

static void a_pod_without_a_live_sandbox_gets_a_new_one(void)
{
    struct world w;
    base(&w, 0, 2, "Always");
    w.view.has_sandbox = false;
    tap_row("a_new_pod_gets_a_sandbox_and_all_its_containers");
    CHECK_STR(decide(&w), "new-sandbox start:a start:b");
    tap_row("the_first_sandbox_is_attempt_0");
    CHECK_INT(w.plan.attempt, 0);

    base(&w, 2, 1, "Always");
    w.view.has_sandbox = false;
    tap_row("with_init_containers_only_the_first_one_starts");
    CHECK_STR(decide(&w), "new-sandbox start:i0");

    base(&w, 0, 2, "Always");
    w.view.sandbox_ready = false;
    is_running(&w, 0);
    tap_row("a_dead_sandbox_is_replaced_and_everything_restarts");
    CHECK_STR(decide(&w), "kill-pod new-sandbox start:a start:b");

    w.spec.restart_policy = "Never";
    tap_row("a_dead_sandbox_under_Never_is_not_replaced");
    CHECK_STR(decide(&w), "kill-pod");

    base(&w, 0, 2, "OnFailure");
    w.view.sandbox_ready = false;
    has_exited(&w, 0, 0);
    has_exited(&w, 1, 1);
    tap_row("under_OnFailure_what_succeeded_stays_done");
    CHECK_STR(decide(&w), "kill-pod new-sandbox start:b");
    has_exited(&w, 1, 0);
    tap_row("under_OnFailure_a_pod_that_is_done_gets_no_sandbox");
    CHECK_STR(decide(&w), "kill-pod");

    base(&w, 1, 1, "OnFailure");
    w.apps[0].restart_policy = "OnFailure";
    w.view.sandbox_ready = false;
    has_exited(&w, 0, 0);
    tap_row("a_pod_that_was_being_initialised_begins_again");
    CHECK_STR(decide(&w), "kill-pod new-sandbox start:i0");
}

static void a_rule_restarts_all_containers(void)
{
    struct container_restart_rule rule = {"RestartAllContainers",
                                          &(struct exit_codes_rule){"In", {(int64_t[]){88}, 1}}};
    struct pod_condition restarting = {.type = "AllContainersRestarting", .status = "True"};
    struct pod_status status = {0};
    struct world w;
    base(&w, 2, 2, "Never");
    w.apps[0].restart_policy = "Never";
    w.apps[0].restart_policy_rules.items = &rule;
    w.apps[0].restart_policy_rules.count = 1;
    has_exited(&w, 0, 0);
    is_running(&w, 1);
    has_exited(&w, 2, 88);
    is_running(&w, 3);
    tap_row("its_exit_code_asks_for_it");
    CHECK(restart_all_possible(&w.spec) && restart_all_wanted(&w.spec, &w.view, &status));
    w.restarting_all = true;
    tap_row("others_go_first_and_the_one_that_asked_last");
    CHECK_STR(decide(&w), "reset:b reset:i0 reset:i1 reset:a");
    w.view.sandbox_ready = false;
    tap_row("a_lost_sandbox_is_replaced_before");
    CHECK_STR(decide(&w), "kill-pod new-sandbox");
    w.view.sandbox_ready = true;
    w.restarting_all = false;

    has_exited(&w, 2, 1);
    tap_row("another_exit_code_does_not");
    CHECK(!restart_all_wanted(&w.spec, &w.view, &status));
    status.conditions.items = &restarting;
    status.conditions.count = 1;
    tap_row("once_begun_it_goes_on_until_nothing_is_left");
    CHECK(restart_all_wanted(&w.spec, &w.view, &status) && !restart_all_cleaned_up(&w.spec, &w.view));
    memset(w.seen, 0, sizeof w.seen);
    tap_row("then_it_is_cleaned_up_and_init_containers_begin");
    CHECK(restart_all_cleaned_up(&w.spec, &w.view));
    CHECK_STR(decide(&w), "start:i0");
}

static void ephemeral_containers_start_once(void)
{
    struct container debugger = {.name = "d", .image = "x"};
    struct world w;
    base(&w, 1, 1, "Never");
    w.spec.ephemeral_containers.items = &debugger;
    w.spec.ephemeral_containers.count = 1;
    is_running(&w, 0);
    decide(&w);
    tap_row("even_while_init_containers_run");
    CHECK(w.out[2].start);
    is_running(&w, 2);
    decide(&w);
    tap_row("not_while_it_runs");
    CHECK(!w.out[2].start);
    has_exited(&w, 2, 1);
    w.spec.restart_policy = "Always";
    decide(&w);
    tap_row("and_never_again");
    CHECK(!w.out[2].start);
    w.seen[2] = (struct rt_container){0};
    w.view.sandbox_ready = false;
    decide(&w);
    tap_row("not_with_a_new_sandbox");
    CHECK(!w.out[2].start);
}

static void exits_follow_the_restart_table(void)
{
    static const struct {
        const char *policy;
        int32_t code;
        const char *plan;
    } rows[] = {
        {"Always", 0, "start:a"},    {"Always", 1, "start:a"}, {"OnFailure", 0, "nothing"},
        {"OnFailure", 1, "start:a"}, {"Never", 0, "nothing"},  {"Never", 1, "nothing"},
    };
    struct world w;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        base(&w, 0, 2, rows[i].policy);
        has_exited(&w, 0, rows[i].code);
        is_running(&w, 1);
        tap_row("restart_table_%s_exit_%d", rows[i].policy, rows[i].code);
        CHECK_STR(decide(&w), rows[i].plan);
    }
    base(&w, 0, 1, "Never");
    has_exited(&w, 0, 0);
    tap_row("a_pod_with_nothing_left_to_run_is_stopped");
    CHECK_STR(decide(&w), "kill-pod");

    struct container_restart_rule rule = {"Restart", &(struct exit_codes_rule){"In", {(int64_t[]){42}, 1}}};
    base(&w, 0, 2, "Never");
    w.apps[0].restart_policy = "Never";
    w.apps[0].restart_policy_rules.items = &rule;
    w.apps[0].restart_policy_rules.count = 1;
    is_running(&w, 1);
    has_exited(&w, 0, 42);
    tap_row("a_restart_rule_overrides_the_policy");
    CHECK_STR(decide(&w), "start:a");
    has_exited(&w, 0, 1);
    tap_row("other_exit_codes_follow_the_container_policy");
    CHECK_STR(decide(&w), "nothing");
}

/* kubelet.md 6.1, the decision alone. */
static void who_decides_whether_an_exit_is_restarted(void)
{
    static const struct {
        const char *pod, *container; /* restartPolicy of each */
        bool init;
        int32_t code;
        bool restart;
    } rows[] = {
        {"Always", NULL, false, 0, true},       {"Always", NULL, false, 1, true},
        {"OnFailure", NULL, false, 0, false},   {"OnFailure", NULL, false, 1, true},
        {"Never", NULL, false, 0, false},       {"Never", NULL, false, 1, false},
        {"Always", NULL, true, 0, false},       {"Always", NULL, true, 1, true},
        {"OnFailure", NULL, true, 0, false},    {"OnFailure", NULL, true, 1, true},
        {"Never", NULL, true, 0, false},        {"Never", NULL, true, 1, false},
        {"Never", "Always", true, 0, true}, /* a sidecar */
        {"Never", "Always", false, 0, true},    {"Always", "OnFailure", false, 0, false},
        {"Never", "OnFailure", false, 1, true}, {"Always", "Never", false, 1, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct pod_spec spec = {.restart_policy = rows[i].pod};
        const struct container c = {.name = "c", .restart_policy = rows[i].container};
        tap_row("pod %s, %scontainer %s, exit %d", rows[i].pod, rows[i].init ? "init " : "",
                rows[i].container ? rows[i].container : "-", rows[i].code);
        CHECK_INT(should_restart_on_exit(&spec, &c, rows[i].init, rows[i].code), rows[i].restart);
    }
}

static void failed_probes_kill_and_restart(void)
{
    struct world w;
    base(&w, 0, 2, "Always");
    is_running(&w, 0);
    is_running(&w, 1);
    tap_row("healthy_containers_are_left_alone");
    CHECK_STR(decide(&w), "nothing");
    w.liveness[0] = RESULT_FAILURE;
    tap_row("a_failed_liveness_probe_kills_and_restarts");
    CHECK_STR(decide(&w), "kill:a start:a");
    w.spec.restart_policy = "Never";
    tap_row("under_Never_it_only_kills");
    CHECK_STR(decide(&w), "kill:a");
    w.liveness[0] = RESULT_SUCCESS;
    w.startup_verdict[0] = RESULT_FAILURE;
    tap_row("so_does_a_failed_startup_probe");
    CHECK_STR(decide(&w), "kill:a");
    w.seen[0].newest.state = CRI_CREATED;
    tap_row("an_instance_that_was_created_and_never_started_is_started_anew");
    CHECK_STR(decide(&w), "start:a");
    is_running(&w, 0);
    w.seen[1].newest.id = 0;
    w.spec.containers.count = 1;
    tap_row("the_only_container_of_a_Never_pod_takes_the_pod_with_it");
    CHECK_STR(decide(&w), "kill-pod");

    base(&w, 0, 1, "OnFailure");
    is_running(&w, 0);
    w.startup_verdict[0] = RESULT_FAILURE;
    tap_row("a_failed_startup_probe_restarts_whatever_the_exit_code_will_be");
    CHECK_STR(decide(&w), "kill:a start:a");

    base(&w, 0, 1, "Never");
    is_running(&w, 0);
    w.apps[0].image = "y";
    tap_row("a_new_image_restarts_even_under_Never");
    CHECK_STR(decide(&w), "kill:a start:a");
}

static struct container with_cpu_and_memory(struct quantity_pair pair[2], int64_t cpu, int64_t memory)
{
    struct container c = {.name = "a", .image = "x"};
    pair[0] = (struct quantity_pair){.key = "cpu", .value = {.nano_high = cpu, .set = true}};
    pair[1] = (struct quantity_pair){.key = "memory", .value = {.nano_high = memory, .set = true}};
    c.resources.limits.items = pair;
    c.resources.limits.count = memory ? 2 : 1;
    return c;
}

static const struct value *text_value(struct value *v, const char *text)
{
    *v = (struct value){.type = VALUE_STRING, .text = text};
    return v;
}

static void limits_of_the_pod_count_where_a_container_has_none(void)
{
    struct quantity_pair own[2], before[2], after[2];
    struct container was = with_cpu_and_memory(own, 1, 0), c = was;
    struct container pod_before = with_cpu_and_memory(before, 4, 64), pod_after = with_cpu_and_memory(after, 8, 64);
    struct pod_limits limits = {&pod_after.resources, &pod_before.resources};
    tap_row("the CPU of the pod changes, the container has its own");
    CHECK_INT(resize_action(&c, &was.resources, limits), RESIZE_NONE);
    tap_row("its memory changes, the container has none");
    pod_after = with_cpu_and_memory(after, 4, 128);
    CHECK_INT(resize_action(&c, &was.resources, limits), RESIZE_UPDATE);
    tap_row("a container that takes over what the pod's limit was");
    pod_after = with_cpu_and_memory(after, 4, 64);
    c = with_cpu_and_memory(own, 1, 64);
    CHECK_INT(resize_action(&c, &was.resources, limits), RESIZE_NONE);
}

static void what_can_never_be_granted_says_why(void)
{
    static const char swap[] = "In-place resize of containers with swap is not supported.";
    static const struct {
        const char *name;
        int minor;
        const char *cpu_policy, *memory_policy, *swap;
        int64_t cpu, memory, to_cpu, to_memory; /* limits */
        bool burstable, critical;
        const char *message;
    } rows[] = {
        {"nothing against it", 36, NULL, NULL, NULL, 1, 64, 2, 128, false, false, NULL},
        {"static CPUs", 36, "static", NULL, NULL, 1, 64, 2, 64, false, false,
         "Resize is infeasible for Guaranteed Pods alongside CPU Manager policy \"static\""},
        {"static CPUs, 1.33", 33, "static", NULL, NULL, 1, 64, 2, 64, false, false,
         "Resize is infeasible for Guaranteed Pods alongside CPU Manager static policy"},
        {"static CPUs, other memory", 36, "static", NULL, NULL, 1, 64, 1, 128, false, false, NULL},
        {"static CPUs of a Burstable pod", 36, "static", NULL, NULL, 1, 64, 2, 64, true, false, NULL},
        {"static memory", 36, NULL, "Static", NULL, 1, 64, 1, 128, false, false,
         "Resize is infeasible for Guaranteed Pods alongside Memory Manager policy \"Static\""},
        {"static memory, other CPUs", 36, NULL, "Static", NULL, 1, 64, 2, 64, false, false, NULL},
        {"both: CPUs first", 36, "static", "Static", NULL, 1, 64, 2, 128, false, false,
         "Resize is infeasible for Guaranteed Pods alongside CPU Manager policy \"static\""},
        {"swap, more memory", 36, NULL, NULL, "LimitedSwap", 1, 64, 1, 128, true, false, swap},
        {"swap, more CPUs", 36, NULL, NULL, "LimitedSwap", 1, 64, 2, 64, true, false, NULL},
        {"swap, a Guaranteed pod", 36, NULL, NULL, "LimitedSwap", 1, 64, 1, 128, false, false, NULL},
        {"swap, a critical pod", 36, NULL, NULL, "LimitedSwap", 1, 64, 1, 128, true, true, NULL},
        {"more CPUs than the node has, 1.35", 35, NULL, NULL, NULL, 1, 64, 5, 64, false, false,
         "Node didn't have enough capacity: cpu, requested: 5000, capacity: 4000"},
        {"more memory, too", 35, NULL, NULL, NULL, 1, 64, 5, 2048, false, false,
         "Node didn't have enough capacity: memory, requested: 2048, capacity: 1024"},
        {"since 1.36 the API has seen to it", 36, NULL, NULL, NULL, 1, 64, 5, 2048, false, false, NULL},
    };
    struct arena a;
    arena_init(&a, 0);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct quantity_pair from[2], to[2], all[2], half[2];
        struct container was = with_cpu_and_memory(from, rows[i].cpu, rows[i].memory);
        struct container now = with_cpu_and_memory(to, rows[i].to_cpu, rows[i].to_memory);
        was.resources.requests = was.resources.limits;
        now.resources.requests = now.resources.limits;
        if (rows[i].burstable) /* limits stay, twice as high as what is asked for at most */
            was.resources.limits = now.resources.limits =
                with_cpu_and_memory(half, 2 * rows[i].to_cpu, 2 * rows[i].to_memory).resources.limits;
        struct pod_spec before = {.containers = {&was, 1}}, after = {.containers = {&now, 1}};
        struct node node = {.status.allocatable = with_cpu_and_memory(all, 4, 1024).resources.limits};
        struct kubelet_config config = {.cpu_manager_policy = rows[i].cpu_policy,
                                        .memory_manager_policy = rows[i].memory_policy,
                                        .memory_swap.swap_behavior = rows[i].swap};
        struct features f;
        features_init(&f, rows[i].minor);
        tap_row("%s", rows[i].name);
        const char *message =
            resize_infeasible(&a, &(struct resize_request){&f, &config, &node, &before, &after, rows[i].critical});
        CHECK_STR(message ? message : "feasible", rows[i].message ? rows[i].message : "feasible");
    }
    arena_fini(&a);
}

static void a_resize_updates_or_restarts_as_its_policy_says(void)
{
    struct quantity_pair before[2], after[2];
    struct container was = with_cpu_and_memory(before, 1, 64), c = with_cpu_and_memory(after, 1, 64);
    struct value texts[2];
    struct value_entry entries[] = {{.key = "resourceName", .value = text_value(&texts[0], "memory")},
                                    {.key = "restartPolicy", .value = text_value(&texts[1], "RestartContainer")}};
    struct value policy = {.type = VALUE_MAP, .count = 2, .entries = entries};
    const struct value *policy_items[] = {&policy};
    struct value policies = {.type = VALUE_LIST, .count = 1, .items = policy_items};
    tap_row("the_same_resources");
    CHECK_INT(resize_action(&c, &was.resources, (struct pod_limits){0}), RESIZE_NONE);
    tap_row("without_a_policy_in_place");
    c = with_cpu_and_memory(after, 1, 128);
    CHECK_INT(resize_action(&c, &was.resources, (struct pod_limits){0}), RESIZE_UPDATE);
    tap_row("a_limit_that_was_not_there");
    was.resources.limits.count = 1;
    CHECK_INT(resize_action(&c, &was.resources, (struct pod_limits){0}), RESIZE_UPDATE);
    tap_row("its_policy_wants_a_restart");
    c.resize_policy = &policies;
    CHECK_INT(resize_action(&c, &was.resources, (struct pod_limits){0}), RESIZE_RESTART);
    tap_row("the_policy_of_another_resource");
    c = with_cpu_and_memory(after, 2, 64);
    c.resize_policy = &policies;
    was = with_cpu_and_memory(before, 1, 64);
    CHECK_INT(resize_action(&c, &was.resources, (struct pod_limits){0}), RESIZE_UPDATE);

    struct world w;
    base(&w, 1, 2, "Never");
    w.inits[0].restart_policy = "Always";
    for (uint32_t i = 0; i < 3; i++)
        is_running(&w, i);
    w.resize[0] = w.resize[1] = RESIZE_UPDATE;
    tap_row("updates_leave_everything_running");
    CHECK_STR(decide(&w), "update:i0 update:a");
    w.resize[0] = w.resize[1] = RESIZE_RESTART;
    tap_row("restarts_do_not_ask_the_policy_of_the_pod");
    CHECK_STR(decide(&w), "kill:i0 start:i0 kill:a start:a");
    w.liveness[1] = RESULT_FAILURE;
    tap_row("a_failed_probe_comes_first");
    CHECK_STR(decide(&w), "kill:i0 start:i0 kill:a");
}

static void init_containers_run_one_after_the_other(void)
{
    struct world w;
    base(&w, 2, 1, "Always");
    is_running(&w, 0);
    tap_row("a_running_init_container_is_waited_for");
    CHECK_STR(decide(&w), "nothing");
    has_exited(&w, 0, 0);
    tap_row("the_next_init_container_follows_success");
    CHECK_STR(decide(&w), "start:i1");
    has_exited(&w, 1, 0);
    tap_row("after_the_last_one_the_app_containers_start");
    CHECK_STR(decide(&w), "start:a");
    has_exited(&w, 1, 1);
    tap_row("a_failed_init_container_is_retried");
    CHECK_STR(decide(&w), "start:i1");
    w.spec.restart_policy = "Never";
    tap_row("under_Never_its_failure_ends_the_pod");
    CHECK_STR(decide(&w), "kill-pod");
    w.spec.restart_policy = "Always";
    has_exited(&w, 1, 0);
    is_running(&w, 2);
    tap_row("initialised_pods_ignore_old_init_containers");
    CHECK_STR(decide(&w), "nothing");
}

static void sidecars_start_in_order_and_keep_running(void)
{
    struct world w;
    base(&w, 2, 1, "Always");
    w.inits[0].restart_policy = "Always";
    is_running(&w, 0);
    tap_row("a_running_sidecar_lets_the_next_one_start");
    CHECK_STR(decide(&w), "start:i1");
    w.startup.failure_threshold = 3;
    w.inits[0].startup_probe = &w.startup;
    tap_row("a_sidecar_with_a_startup_probe_is_waited_for");
    CHECK_STR(decide(&w), "nothing");
    w.startup_verdict[0] = RESULT_SUCCESS;
    tap_row("until_it_has_passed");
    CHECK_STR(decide(&w), "start:i1");
    has_exited(&w, 0, 0);
    has_exited(&w, 1, 0);
    is_running(&w, 2);
    tap_row("a_dead_sidecar_is_restarted_whatever_its_exit_code");
    CHECK_STR(decide(&w), "start:i0");
    w.spec.restart_policy = "Never";
    has_exited(&w, 2, 0);
    is_running(&w, 0);
    tap_row("when_the_apps_are_over_sidecars_are_stopped");
    CHECK_STR(decide(&w), "kill-pod");
}

static void crash_backoff_doubles_and_forgives(void)
{
    /* Exits at once after each start: delays 0, 10, 20, 40, 80, 160, 300, 300 s. */
    static const int64_t delays[] = {0, 10, 20, 40, 80, 160, 300, 300};
    const struct backoff_limits limits = {10 * SIM_SECOND, 300 * SIM_SECOND};
    struct backoff b = {0};
    sim_time now = 0, until;
    tap_row("the_very_first_start_is_free");
    CHECK(!backoff_blocks(&b, limits, 1, SIM_NEVER, now, &until));
    for (size_t i = 0; i < ARRAY_LEN(delays); i++) {
        sim_time exited = now;
        bool blocked = backoff_blocks(&b, limits, 1, exited, now, &until);
        tap_row("crash_%zu_waits", i + 1);
        CHECK_INT(blocked ? (until - exited) / SIM_SECOND : 0, delays[i]);
        if (blocked) {
            now = until;
            tap_row("crash %zu, when the window is over", i + 1);
            CHECK(!backoff_blocks(&b, limits, 1, exited, now, &until));
        }
        now += 1; /* a nanosecond of life */
    }
    sim_time exited = now + 620 * SIM_SECOND;
    tap_row("ten_minutes_up_forgive_everything");
    CHECK(!backoff_blocks(&b, limits, 1, exited, exited, &until));
    tap_row("and_the_next_crash_waits");
    CHECK(backoff_blocks(&b, limits, 1, exited + 1, exited + 1, &until));
    tap_row("ten_seconds_again");
    CHECK_INT((until - exited - 1) / SIM_SECOND, 10);
    tap_row("another_image_begins_anew");
    CHECK(!backoff_blocks(&b, limits, 2, exited + 1, exited + 1, &until));
}

/* k8s pkg/kubelet/kubelet_test.go TestNewCrashLoopBackOff. */
static void crash_backoff_has_limits_by_configuration(void)
{
    static const struct {
        const char *name;
        int minor;
        bool reduced;
        sim_time period; /* SIM_NEVER = not configured */
        int64_t initial_s, max_s;
    } rows[] = {
        {"by_default", 36, false, SIM_NEVER, 10, 300},
        {"a_configured_maximum", 36, false, 60 * SIM_SECOND, 10, 60},
        {"below_the_initial_value_lowers_that", 36, false, 4 * SIM_SECOND, 4, 4},
        {"reduced_before_the_maximum_could_be_configured", 34, true, SIM_NEVER, 1, 60},
        {"reduced_with_the_default_maximum", 36, true, SIM_NEVER, 1, 300},
        {"reduced_with_a_configured_maximum", 36, true, 20 * SIM_SECOND, 1, 20},
        {"without_the_gate_the_configuration_is_not_read", 34, false, 60 * SIM_SECOND, 10, 300},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct kubelet_config config = {.crash_loop_back_off = {rows[i].period}};
        struct features f;
        features_init(&f, rows[i].minor);
        if (rows[i].reduced)
            feature_set(&f, FEATURE_CRASH_LOOP_BACK_OFF_REDUCED, true);
        struct backoff_limits l = crash_backoff_limits(&f, &config);
        tap_row("%s", rows[i].name);
        CHECK_INT(l.initial / SIM_SECOND, rows[i].initial_s);
        CHECK_INT(l.max / SIM_SECOND, rows[i].max_s);
    }
}

static void crash_backoff_is_kept_per_image_and_resources(void)
{
    struct quantity_pair limit = {.key = "memory", .value = {.text = "1Gi"}};
    struct container a = {.image = "x"}, b = {.image = "y"}, c = {.image = "x"};
    c.resources.limits.items = &limit;
    c.resources.limits.count = 1;
    tap_row("image");
    CHECK(crash_backoff_key(&a, false) != crash_backoff_key(&b, false));
    tap_row("resources_since_1.34");
    CHECK(crash_backoff_key(&a, true) != crash_backoff_key(&c, true));
    CHECK(crash_backoff_key(&a, false) == crash_backoff_key(&c, false));
}

/* ---- pulls ---- */

static void pulls_are_limited_by_tokens(void)
{
    static const struct {
        const char *name;
        int64_t at_ms, qps, burst;
        bool allowed;
    } rows[] = {
        {"a_burst_of_two", 0, 5, 2, true},
        {"its_second", 0, 5, 2, true},
        {"not_a_third", 0, 5, 2, false},
        {"nor_before_a_token_is_back", 199, 5, 2, false},
        {"one_after_200_ms", 200, 5, 2, true},
        {"and_no_more", 200, 5, 2, false},
        {"two_again_when_the_bucket_is_full", 600, 5, 2, true},
        {"its_second_again", 600, 5, 2, true},
        {"not_a_third_again", 600, 5, 2, false},
        {"no_limit", 600, 0, 2, true},
    };
    sim_time full_at = 0;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        tap_row("%s", rows[i].name);
        CHECK_INT(pull_token(&full_at, rows[i].at_ms * SIM_MS, rows[i].qps, rows[i].burst), rows[i].allowed);
    }
    full_at = 0;
    tap_row("a_burst_of_none_allows_nothing");
    CHECK(!pull_token(&full_at, 0, 5, 0));
}

/* k8s pkg/kubelet/images/image_manager_test.go TestEvalCRIPullErr. */
static void some_pull_errors_are_reasons(void)
{
    static const struct {
        const char *error, *reason, *message;
        bool special;
    } rows[] = {
        {"rpc error: x", "ErrImagePull", "rpc error: x", true},
        {"RegistryUnavailable", "RegistryUnavailable", "image pull failed for a:1 because the registry is unavailable",
         true},
        {"RegistryUnavailable: foo", "RegistryUnavailable",
         "image pull failed for a:1 because the registry is unavailable: foo", true},
        {"SignatureValidationFailed: bar", "SignatureValidationFailed",
         "image pull failed for a:1 because the signature validation failed: bar", true},
        {"SignatureValidationFailed: bar", "ErrImagePull", "SignatureValidationFailed: bar", false},
    };
    struct arena a = {0};
    arena_init(&a, 1 << 16);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct waiting_reason r = pull_failure(&a, "a:1", rows[i].error, rows[i].special);
        tap_row("%s", rows[i].error);
        CHECK_STR(r.reason, rows[i].reason);
        CHECK_STR(r.message, rows[i].message);
    }
    tap_row("a_registry_of_its_own");
    CHECK_CONTAINS(image_unavailable_error(&a, "ghcr.io/x/y:3"),
                   "\"ghcr.io/x/y:3\": unexpected status from HEAD request to https://ghcr.io/v2/x/y/manifests/3: 503");
    tap_row("the_default_registry");
    CHECK_CONTAINS(image_broken_error(&a, "y"),
                   "\"docker.io/library/y:latest\": failed to copy: httpReadSeeker: failed "
                   "open: unexpected status code "
                   "https://registry-1.docker.io/v2/library/y/manifests/latest: 503");
    arena_fini(&a);
}

extern const struct cover_table cover_new_sandbox, cover_app_container, cover_restart_source, cover_restart,
    cover_crash_backoff;

static void every_row_has_a_test(void)
{
    check_rows(&cover_new_sandbox, NULL);
    check_rows(&cover_app_container, NULL);
    check_rows(&cover_restart_source, NULL);
    check_rows(&cover_restart, NULL);
    check_rows(&cover_crash_backoff, NULL);
}

int main(void)
{
    static const struct tap_test tests[] = {
        TAP_TEST(a_pod_without_a_live_sandbox_gets_a_new_one),
        TAP_TEST(a_rule_restarts_all_containers),
        TAP_TEST(ephemeral_containers_start_once),
        TAP_TEST(exits_follow_the_restart_table),
        TAP_TEST(who_decides_whether_an_exit_is_restarted),
        TAP_TEST(failed_probes_kill_and_restart),
        TAP_TEST(a_resize_updates_or_restarts_as_its_policy_says),
        TAP_TEST(limits_of_the_pod_count_where_a_container_has_none),
        TAP_TEST(what_can_never_be_granted_says_why),
        TAP_TEST(init_containers_run_one_after_the_other),
        TAP_TEST(sidecars_start_in_order_and_keep_running),
        TAP_TEST(crash_backoff_doubles_and_forgives),
        TAP_TEST(crash_backoff_has_limits_by_configuration),
        TAP_TEST(pulls_are_limited_by_tokens),
        TAP_TEST(some_pull_errors_are_reasons),
        TAP_TEST(crash_backoff_is_kept_per_image_and_resources),
        TAP_TEST(every_row_has_a_test),
    };
    return tap_run(tests, ARRAY_LEN(tests));
}
