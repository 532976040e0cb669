/* test_cri.c - containers as the kubelet sees them: life, signals, exec, servers, names, forks of a run. */
#include "cri_world.h"
#include "model/classes.h"
#include "model/image_doc.h"
#include "model/pid_view.h"
#include "tap.h"

static const struct trace_record *last_record(const struct world *w, enum trace_kind kind)
{
    const struct trace *t = sim_trace(w->sim);
    for (uint32_t i = trace_count(t); i-- > 1;)
        if (trace_at(t, i)->kind == kind)
            return trace_at(t, i);
    return NULL;
}

static uint32_t count_records(const struct world *w, enum trace_kind kind)
{
    uint32_t n = 0;
    for (uint32_t i = 1; i < trace_count(sim_trace(w->sim)); i++)
        n += trace_at(sim_trace(w->sim), i)->kind == kind;
    return n;
}

static const struct cri_exec *exec_wait(struct world *w, uint32_t ct, const char *const *argv, sim_time timeout)
{
    uint32_t id = world_exec(w, ct, argv, timeout);
    world_run(w, sim_now(w->sim) + (timeout ? timeout : 60 * SIM_SECOND));
    return cri_exec_result(w->cri, id);
}

static struct cri_container_config image(const char *name)
{
    return (struct cri_container_config){.name = "main", .image = name};
}

/* ---- life ---- */

static void the_liveness_sample_fails_its_probe_after_30_seconds(void)
{
    static const char *const probe[] = {"cat", "/tmp/healthy", NULL};
    struct world w;
    world_init(&w);
    uint32_t ct = world_sh(&w, "busybox", "touch /tmp/healthy; sleep 30; rm -rf /tmp/healthy; sleep 600");
    world_run(&w, 25 * SIM_SECOND);
    CHECK_INT(exec_wait(&w, ct, probe, SIM_SECOND)->exit_code, 0);
    world_run(&w, 35 * SIM_SECOND);
    const struct cri_exec *e = exec_wait(&w, ct, probe, SIM_SECOND);
    CHECK_INT(e->exit_code, 1);
    CHECK_STR(e->output, "cat: can't open '/tmp/healthy': No such file or directory\n");
    world_run(&w, 1000 * SIM_SECOND);
    CHECK_INT(cri_container(w.cri, ct)->state, CRI_EXITED);
    CHECK_INT(cri_container(w.cri, ct)->finished_at, 630 * SIM_SECOND);
    CHECK_STR(cri_container(w.cri, ct)->reason, "Completed");
    world_fini(&w);
}

static void a_program_that_is_not_there_is_a_start_error(void)
{
    static const struct {
        const char *image, *command, *error;
    } rows[] = {
        {"busybox", "nosuchprogram", "exec: \"nosuchprogram\": executable file not found in $PATH"},
        {"busybox", "/no/such", "exec: \"/no/such\": stat /no/such: no such file or directory"},
        {"busybox", "/etc", "exec: \"/etc\": is a directory"},
        {"busybox", "/etc/passwd", "exec: \"/etc/passwd\": permission denied"},
        {"k8s.gcr.io/liveness", "sh", "exec: \"sh\": executable file not found in $PATH"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world w;
        const char *error = NULL;
        world_init(&w);
        tap_row("%s", rows[i].command);
        struct cri_container_config config = image(rows[i].image);
        config.command = world_list(&w, (const char *const[]){rows[i].command, NULL});
        uint32_t ct = cri_create_container(w.cri, w.sandbox, &config);
        CHECK_INT(cri_start_container(w.cri, ct, &error), -1);
        CHECK_CONTAINS(error,
                       "failed to create containerd task: failed to create shim task: OCI runtime create failed: ");
        CHECK_CONTAINS(error, rows[i].error);
        CHECK_INT(cri_container(w.cri, ct)->state, CRI_EXITED);
        CHECK_INT(cri_container(w.cri, ct)->exit_code, 128);
        CHECK_STR(cri_container(w.cri, ct)->reason, "StartError");
        CHECK_STR(cri_container(w.cri, ct)->message, error);
        world_fini(&w);
    }
}

static void command_and_args_replace_entrypoint_and_cmd(void)
{
    static const char *const none[] = {NULL}, *const echo[] = {"echo", NULL}, *const a[] = {"a", "b", NULL};
    static const char *entry[] = {"printf", "%s\n"}, *cmd[] = {"c", "d"};
    static const struct {
        const char *const *command, *const *args, *want;
    } rows[] = {
        {none, none, "c\nd\n"}, /* entrypoint cmd */
        {echo, none, "\n"},     /* command alone: the image's cmd is ignored */
        {none, a, "a\nb\n"},    /* entrypoint args */
        {echo, a, "a b\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world w;
        struct image_entry own = {0};
        api_init(&image_entry_type, &own);
        own.name = "own";
        own.facts.entrypoint = (str_list){entry, 2};
        own.facts.cmd = (str_list){cmd, 2};
        world_init(&w);
        tap_row("%zu", i);
        CHECK_INT(image_catalogue_add(&w.images, NULL, &own, 1, NULL), 0);
        struct cri_container_config config = image("registry.example.com/own:v1");
        config.command = world_list(&w, rows[i].command);
        config.args = world_list(&w, rows[i].args);
        uint32_t ct = world_start(&w, config);
        world_run(&w, SIM_SECOND);
        CHECK_STR(world_log(&w, ct), rows[i].want);
        world_fini(&w);
    }
}

static void a_container_without_input_or_terminal_ends_its_shell(void)
{
    struct world w;
    world_init(&w);
    uint32_t plain = world_start(&w, image("busybox"));
    struct cri_container_config tty = image("busybox");
    tty.tty = tty.stdin_ = true;
    uint32_t waiting = world_start(&w, tty);
    world_run(&w, 100 * SIM_SECOND);
    CHECK_INT(cri_container(w.cri, plain)->state, CRI_EXITED);
    CHECK_INT(cri_container(w.cri, plain)->exit_code, 0);
    CHECK_INT(cri_container(w.cri, waiting)->state, CRI_RUNNING);
    world_fini(&w);
}

static void the_termination_message_is_read_at_the_exit(void)
{
    struct world w;
    world_init(&w);
    uint32_t a = world_sh(&w, "busybox", "echo it broke > /dev/termination-log; exit 3");
    struct cri_container_config own = image("busybox");
    own.termination_message_path = "/tmp/why";
    own.command = world_list(&w, (const char *const[]){"sh", "-c", "echo why >> /tmp/why", NULL});
    uint32_t b = world_start(&w, own), c = world_sh(&w, "busybox", "true");
    world_run(&w, SIM_SECOND);
    CHECK_STR(cri_container(w.cri, a)->message, "it broke\n");
    CHECK_STR(cri_container(w.cri, b)->message, "why\n");
    CHECK(!cri_container(w.cri, c)->message);
    uint32_t d =
        world_sh(&w, "busybox", "yes | head -n 2499 > /dev/termination-log; echo END >> /dev/termination-log; exit 3");
    world_run(&w, 2 * SIM_SECOND);
    tap_row("its last 4096 bytes");
    CHECK_UINT(strlen(cri_container(w.cri, d)->message), 4096);
    CHECK_STR(cri_container(w.cri, d)->message + 4090, "y\nEND\n");
    world_fini(&w);
}

static void what_execve_refuses_comes_after_the_start(void)
{
    static const struct {
        const char *file, *log;
    } rows[] = {
        {"#!/bin/nosuch", "exec /v/x: no such file or directory\n"},
        {"echo hello", "exec /v/x: exec format error\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world w;
        world_init(&w);
        struct cri_mount mount = {.volume = cri_volume_new(w.cri, "node1", NULL), .path = "/v"};
        struct cri_container_config c = image("busybox");
        c.mounts.items = &mount;
        c.mounts.count = 1;
        char script[100];
        snprintf(script, sizeof script, "echo '%s' > /v/x; chmod +x /v/x", rows[i].file);
        c.command = world_list(&w, (const char *const[]){"sh", "-c", script, NULL});
        world_start(&w, c);
        world_run(&w, SIM_SECOND);
        c.command = world_list(&w, (const char *const[]){"/v/x", NULL});
        uint32_t ct = world_start(&w, c);
        world_run(&w, 2 * SIM_SECOND);
        tap_row("%s", rows[i].file);
        CHECK_INT(cri_container(w.cri, ct)->exit_code, 255);
        CHECK_STR(cri_container(w.cri, ct)->reason, "Error");
        CHECK_STR(world_log(&w, ct), rows[i].log);
        world_fini(&w);
    }
}

/* mkdir of the working directory, the bind mounts. */
static void what_runc_prepares_can_fail(void)
{
    static const struct {
        const char *dir, *mount, *error;
    } rows[] = {
        {"/etc/hostname", NULL, "error during container init: mkdir /etc/hostname: not a directory"},
        {"/etc/hostname/x", NULL, "error during container init: mkdir /etc/hostname: not a directory"},
        {"here", NULL, "OCI runtime create failed: runc create failed: Cwd must be an absolute path"},
        {"/", "/etc/passwd",
         "error during container init: error mounting \"/src\" to rootfs at \"/etc/passwd\": mount /src:/etc/passwd "
         "(via "
         "/proc/self/fd/6), flags: 0x5001: not a directory"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world w;
        const char *error = "";
        world_init(&w);
        struct cri_mount mount = {
            .volume = cri_volume_new(w.cri, "node1", NULL), .path = rows[i].mount, .source = "/src", .read_only = true};
        struct cri_container_config c = image("busybox");
        c.mounts.items = &mount;
        c.mounts.count = rows[i].mount != NULL;
        c.working_dir = rows[i].dir;
        uint32_t ct = cri_create_container(w.cri, w.sandbox, &c);
        tap_row("%s %s", rows[i].dir, rows[i].mount ? rows[i].mount : "");
        CHECK_INT(cri_start_container(w.cri, ct, &error), -1);
        CHECK_CONTAINS(error, rows[i].error);
        CHECK_INT(cri_container(w.cri, ct)->exit_code, 128);
        world_fini(&w);
    }
}

static void ids_depend_on_the_instance_alone(void)
{
    struct world w, v;
    world_init(&w);
    world_init(&v);
    struct cri_container_config config = image("busybox");
    const char *first = cri_container(w.cri, cri_create_container(w.cri, w.sandbox, &config))->id;
    CHECK_STR(cri_container(v.cri, cri_create_container(v.cri, v.sandbox, &config))->id, first);
    CHECK_UINT(strlen(first), strlen("containerd://") + 64);
    config.attempt = 1;
    CHECK(strcmp(cri_container(v.cri, cri_create_container(v.cri, v.sandbox, &config))->id, first) != 0);
    world_fini(&w);
    world_fini(&v);
}

/* ---- signals: kubelet.md 3.1 ---- */

static void sigterm_as_real_programs_take_it(void)
{
    static const struct {
        const char *image, *script; /* NULL: the image's own */
        int exit_code;              /* -1: it is still running 5 s later */
        enum signal_effect effect;
        sim_time after; /* ms */
    } rows[] = {
        {"busybox", "sleep 3600", -1, SIGNAL_IGNORED, 0},
        {"busybox", "trap 'exit 7' TERM; while :; do sleep 0.2; done", 7, SIGNAL_HANDLED, 200},
        {"busybox", "trap 'sleep 1; exit 4' TERM; sleep 3600 & wait", 4, SIGNAL_HANDLED, 1000},
        {"busybox", "trap 'exit 5' TERM; sleep 3; sleep 3600", 5, SIGNAL_HANDLED, 2000}, /* when the child returns */
        {"busybox", "trap '' TERM; sleep 3600", -1, SIGNAL_IGNORED, 0},
        {"busybox", "exec sleep 3600", -1, SIGNAL_IGNORED, 0},
        {"nginx", NULL, 0, SIGNAL_HANDLED, 0},
        {"httpd", NULL, 0, SIGNAL_HANDLED, 0},
        {"redis:7", NULL, 0, SIGNAL_HANDLED, 0},
        {"registry.k8s.io/pause:3.9", NULL, 0, SIGNAL_HANDLED, 0},
        {"k8s.gcr.io/liveness", NULL, 2, SIGNAL_DEFAULT, 0}, /* Go without a handler, as PID 1 */
        {"registry.k8s.io/e2e-test-images/agnhost:2.40", NULL, 2, SIGNAL_HANDLED, 0},
        {"company.example/app:1", NULL, 0, SIGNAL_HANDLED, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world w;
        world_init(&w);
        tap_row("%s: %s", rows[i].image, rows[i].script ? rows[i].script : "its own program");
        uint32_t ct =
            rows[i].script ? world_sh(&w, rows[i].image, rows[i].script) : world_start(&w, image(rows[i].image));
        world_run(&w, SIM_SECOND);
        cri_signal(w.cri, ct, VSIGTERM);
        CHECK_INT(last_record(&w, TRACE_SIGNAL)->flags, rows[i].effect);
        world_run(&w, 6 * SIM_SECOND);
        const struct cri_container *p = cri_container(w.cri, ct);
        if (rows[i].exit_code < 0) {
            CHECK_INT(p->state, CRI_RUNNING);
            cri_signal(w.cri, ct, VSIGKILL);
            CHECK_INT(p->exit_code, 137);
            CHECK_INT(p->signal, 9);
            CHECK_STR(p->reason, "Error");
        } else if (CHECK_INT(p->state, CRI_EXITED)) {
            CHECK_INT(p->exit_code, rows[i].exit_code);
            CHECK_INT((p->finished_at - SIM_SECOND) / SIM_MS, rows[i].after);
        }
        world_fini(&w);
    }
}

static void the_exit_is_caused_by_the_signal(void)
{
    struct world w;
    world_init(&w);
    uint32_t ct = world_sh(&w, "busybox", "trap 'exit 0' TERM; sleep 3; sleep 3600");
    world_run(&w, SIM_SECOND);
    cri_signal(w.cri, ct, VSIGTERM);
    world_run(&w, 10 * SIM_SECOND);
    const struct trace_record *exited = last_record(&w, TRACE_CONTAINER_EXITED);
    CHECK_INT(exited->at, 3 * SIM_SECOND);
    CHECK_INT(trace_at(sim_trace(w.sim), exited->cause)->kind, TRACE_SIGNAL);
    CHECK_INT(((const struct trace_container *)exited->data)->exit_code, 0);
    world_fini(&w);
}

static void a_hook_that_stops_the_server_is_why_it_exits(void)
{
    struct world w;
    world_init(&w);
    uint32_t ct = world_start(&w, image("nginx"));
    world_run(&w, SIM_SECOND);
    exec_wait(&w, ct, (const char *const[]){"nginx", "-s", "quit", NULL}, 0);
    CHECK_INT(cri_container(w.cri, ct)->state, CRI_EXITED);
    CHECK_INT(cri_container(w.cri, ct)->exit_code, 0);
    const struct trace_record *signal = last_record(&w, TRACE_SIGNAL),
                              *exited = last_record(&w, TRACE_CONTAINER_EXITED);
    if (CHECK(signal != NULL)) {
        CHECK_INT(signal->component, COMP_PROCESS);
        CHECK_INT(signal->aux, VSIGQUIT);
        CHECK(trace_at(sim_trace(w.sim), exited->cause) == signal);
    }
    world_fini(&w);
}

static void signals_inside_a_pid_namespace(void)
{
    struct world w;
    world_init(&w);
    uint32_t ct = world_sh(
        &w, "busybox",
        "sleep 100 & kill -TERM $!; wait $!; echo $?; sh -c 'trap \"echo t; exit 9\" TERM; kill $$; sleep 1'; echo $?; "
        "kill -STOP $$ 1; kill -KILL 1; echo alive; sleep 50 & sleep 1; kill -STOP $!; sleep 60; kill -CONT $!; wait "
        "$!; date +%S");
    world_run(&w, 200 * SIM_SECOND);
    CHECK_STR(world_log(&w, ct), "Terminated\n143\nt\n9\nalive\n06\n");
    world_fini(&w);
}

static void pid_1_takes_all_others_with_it(void)
{
    struct world w;
    world_init(&w);
    uint32_t ct = world_sh(&w, "busybox", "(sleep 5; echo late) & sleep 1");
    world_run(&w, 100 * SIM_SECOND);
    CHECK_INT(cri_container(w.cri, ct)->finished_at, SIM_SECOND);
    CHECK_STR(world_log(&w, ct), "");
    world_fini(&w);
}

static void a_shared_pid_namespace_has_pause_as_pid_1(void)
{
    static const char *const ps[] = {"ps", "-ef", NULL};
    struct world w;
    world_init(&w);
    w.sandbox = world_pod_of(&w, "10.244.1.9", true);
    world_start(&w, image("nginx"));
    world_run(&w, SIM_SECOND);
    struct cri_container_config shell = image("busybox:1.28");
    shell.tty = shell.stdin_ = true;
    uint32_t ct = world_start(&w, shell);
    world_run(&w, 2 * SIM_SECOND);
    CHECK_STR(exec_wait(&w, ct, ps, 0)->output,
              "PID   USER     TIME  COMMAND\n    1 65535     0:00 /pause\n"
              "    7 root      0:00 nginx: master process nginx -g daemon off;\n"
              "   37 101       0:00 nginx: worker process\n   38 101       0:00 nginx: worker process\n"
              "   39 root      0:00 sh\n   45 root      0:00 ps -ef\n");
    CHECK_INT(exec_wait(&w, ct, (const char *const[]){"kill", "-HUP", "7", NULL}, 0)->exit_code, 0);
    CHECK_CONTAINS(exec_wait(&w, ct, ps, 0)->output, "   57 101       0:00 nginx: worker process\n");
    /* PID 1's protection is /pause's: the shell is an ordinary process here. */
    cri_signal(w.cri, ct, VSIGTERM);
    CHECK_INT(cri_container(w.cri, ct)->exit_code, 143);
    world_fini(&w);
}

/* A pod with hostPID: its tool, beside a pod of one shell (of sandbox 1). */
static uint32_t host_tool(struct world *w, const char *script)
{
    struct cri_sandbox_config config = {.pod_ordinal = ++w->pods,
                                        .namespace_ = "default",
                                        .name = "tool",
                                        .uid = "tool",
                                        .ip = "10.244.1.9",
                                        .node_name = "node1",
                                        .share_pid = true,
                                        .host_pid = true};
    uint32_t other = w->sandbox;
    w->sandbox = cri_run_sandbox(w->cri, &config);
    uint32_t tool = world_sh(w, "busybox", script);
    w->sandbox = other;
    return tool;
}

#define SHIM "root      0:00 /usr/bin/containerd-shim-runc-v2 -namespace k8s.io -address /run/containerd/containerd.sock\n"

static void host_pid_shows_the_node(void)
{
    struct world w;
    world_init(&w);
    uint32_t pod = world_sh(&w, "busybox", "sleep 1000 & wait");
    world_run(&w, SIM_SECOND);
    uint32_t tool = host_tool(&w, "ps; echo $$; cat /proc/816/comm; kill -0 2 && echo there; kill -0 3 || echo gone");
    world_run(&w, 10 * SIM_SECOND);
    CHECK_INT(cri_container(w.cri, pod)->state, CRI_RUNNING);
    CHECK_STR(world_log(&w, tool),
              "PID   USER     TIME  COMMAND\n"
              "    1 root      0:00 /sbin/init\n"
              "    2 root      0:00 [kthreadd]\n"
              "  418 root      0:00 /usr/lib/systemd/systemd-journald\n"
              "  702 root      0:00 /usr/bin/containerd\n"
              "  816 root      0:00 /usr/bin/kubelet --kubeconfig=/etc/kubernetes/kubelet.conf "
              "--config=/var/lib/kubelet/config.yaml\n"
              " 6101 root      0:00 sh -c sleep 1000 & wait\n"
              " 6107 root      0:00 sleep 1000\n"
              " 7100 " SHIM " 7101 65535     0:00 /pause\n"
              " 9100 " SHIM " 9101 65535     0:00 /pause\n"
              " 9107 root      0:00 sh -c ps; echo $$; cat /proc/816/comm; kill -0 2 && echo there; kill -0 3 || "
              "echo gone\n"
              " 9113 root      0:00 ps\n"
              "9107\nkubelet\nthere\nsh: can't kill pid 3: No such process\ngone\n");
    world_fini(&w);
}

static void host_pid_kills_what_it_sees(void)
{
    static const struct {
        const char *name, *script;
        int exit_code; /* of the other pod's shell; -1: it runs on */
        bool paused;   /* its sandbox is still ready */
    } rows[] = {
        {"PID 1 of another name space ignores what it has no handler for", "pkill -TERM -f 'sleep 100;'", -1, true},
        {"but not SIGKILL", "pkill -KILL -f 'sleep 100;'", 137, true},
        {"by its id on the node", "kill -9 6101", 137, true},
        {"its own id means nothing here", "kill -9 7", -1, true},
        {"everything but itself", "kill -9 -1", 137, false},
        {"its /pause", "pkill pause", -1, false},
        {"init, containerd and shims stay", "pkill -9 containerd; kill -9 1 2", -1, true},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world w;
        tap_row("%s", rows[i].name);
        world_init(&w);
        uint32_t pod = world_sh(&w, "busybox", "while :; do sleep 100; done");
        world_run(&w, SIM_SECOND);
        uint32_t tool = host_tool(&w, rows[i].script);
        world_run(&w, 10 * SIM_SECOND);
        const struct cri_container *c = cri_container(w.cri, pod);
        CHECK_INT(cri_container(w.cri, tool)->state, CRI_EXITED);
        CHECK_INT(c->state == CRI_EXITED ? c->exit_code : -1, rows[i].exit_code);
        CHECK_INT(cri_sandbox(w.cri, c->sandbox)->ready, rows[i].paused);
        world_fini(&w);
    }
}

static void ids_on_the_node_do_not_meet(void)
{
    CHECK_INT(pid_on_node(2, 1), 6101);
    CHECK_INT(pid_on_node(2, 999), 7099);
    CHECK_INT(pid_on_node(3, 0), 7100);
    CHECK_INT(pid_on_node(2, 1000), 2048000 + 6100); /* beyond all first blocks */
    CHECK_INT(pid_on_node(2050, 1), 6101);           /* two thousand containers later */
}

static void oom_ends_everything(void)
{
    struct world w;
    world_init(&w);
    uint32_t ct = world_sh(&w, "busybox", "sleep 1000");
    struct cri_container_config hog = image("polinux/stress");
    hog.command = world_list(&w, (const char *const[]){"stress", "--vm", "1", "--vm-bytes", "250M", NULL});
    hog.memory_limit_bytes = 100 << 20;
    uint32_t b = world_start(&w, hog);
    struct cri_container_config tail = image("busybox");
    tail.command = world_list(&w, (const char *const[]){"tail", "/dev/zero", NULL});
    tail.memory_limit_bytes = 100 << 20;
    uint32_t c = world_start(&w, tail);
    world_run(&w, SIM_SECOND);
    cri_oom_kill(w.cri, ct);
    world_run(&w, 2 * SIM_SECOND);
    const uint32_t all[] = {ct, b, c};
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        CHECK_INT(cri_container(w.cri, all[i])->exit_code, 137);
        CHECK_STR(cri_container(w.cri, all[i])->reason, "OOMKilled");
    }
    world_fini(&w);
}

/* A sandbox of its own for w. */
static void memory_world(struct world *w, bool single, int64_t pod_limit)
{
    world_init(w);
    struct cri_sandbox_config config = {
        .pod_ordinal = ++w->pods, .ip = "10.244.1.9", .oom_single = single, .memory_limit_bytes = pod_limit};
    w->sandbox = cri_run_sandbox(w->cri, &config);
}

enum { MIB = 1 << 20 };

static void memory_in_use_follows_its_points(void)
{
    static const struct memory_point points[] = {{SIM_SECOND, 10 * MIB}, {3 * SIM_SECOND, 30 * MIB}};
    static const int64_t used[] = {0, 10, 20, 30, 30}; /* MiB after n seconds, beside the process itself */
    struct world w;
    memory_world(&w, false, 0);
    uint32_t ct = world_sh(&w, "busybox", "sleep 1000");
    world_run(&w, 0);
    int64_t base = cri_memory_used(w.cri, ct);
    tap_row("a process takes something");
    CHECK_INT(base, MIB); /* the shell became sleep */
    container_memory_follow(w.cri, pool_at(&w.cri->containers, ct), points, ARRAY_LEN(points));
    for (size_t i = 0; i < ARRAY_LEN(used); i++) {
        world_run(&w, (sim_time)i * SIM_SECOND);
        tap_row("after_%zu_s", i);
        CHECK_INT((cri_memory_used(w.cri, ct) - base) / MIB, used[i]);
    }
    cri_oom_kill(w.cri, ct);
    tap_row("nothing when it has ended");
    CHECK_INT(cri_memory_used(w.cri, ct), 0);
    world_fini(&w);
}

static void the_limit_is_passed_at_its_instant(void)
{
    static const struct memory_point points[] = {{0, 0}, {100 * SIM_SECOND, 100 * MIB}, {200 * SIM_SECOND, 0}};
    struct world w;
    memory_world(&w, false, 0);
    struct cri_container_config c = image("busybox");
    c.command = world_list(&w, (const char *const[]){"sleep", "1000", NULL});
    c.memory_limit_bytes = 51 * MIB;
    uint32_t over = world_start(&w, c);
    c.memory_limit_bytes = 102 * MIB;
    uint32_t below = world_start(&w, c);
    container_memory_follow(w.cri, pool_at(&w.cri->containers, over), points, ARRAY_LEN(points));
    container_memory_follow(w.cri, pool_at(&w.cri->containers, below), points, ARRAY_LEN(points));
    world_run(&w, 300 * SIM_SECOND);
    tap_row("1 MiB of the process, 50 MiB after 50 s, and one byte");
    CHECK_STR(cri_container(w.cri, over)->reason, "OOMKilled");
    CHECK_INT(cri_container(w.cri, over)->finished_at / SIM_MS, 50000);
    tap_row("one that stays below");
    CHECK_INT(cri_container(w.cri, below)->state, CRI_RUNNING);
    world_fini(&w);
}

static void a_pods_limit_hits_the_largest_container(void)
{
    struct world w;
    memory_world(&w, false, 100 * MIB);
    uint32_t a = world_sh(&w, "busybox", "sleep 1000"), b = world_sh(&w, "busybox", "sleep 1000");
    world_run(&w, SIM_SECOND);
    cri_set_memory(w.cri, a, 60 * MIB);
    CHECK_INT(cri_container(w.cri, a)->state, CRI_RUNNING);
    cri_set_memory(w.cri, b, 50 * MIB);
    world_run(&w, 2 * SIM_SECOND);
    CHECK_STR(cri_container(w.cri, a)->reason, "OOMKilled");
    CHECK_INT(cri_container(w.cri, b)->state, CRI_RUNNING);
    world_fini(&w);
}

static void one_process_or_the_whole_group(void)
{
    static const struct {
        const char *name;
        bool single;
        int64_t exit_code;
        const char *log;
    } rows[] = {
        {"since_1.28_all_of_the_container", false, 137, ""},
        {"before_the_largest_process", true, 3, "Killed\n137\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world w;
        memory_world(&w, rows[i].single, 0);
        struct cri_container_config c = image("busybox");
        c.command = world_list(&w, (const char *const[]){"sh", "-c", "tail /dev/zero; echo $?; exit 3", NULL});
        c.memory_limit_bytes = 64 * MIB;
        uint32_t ct = world_start(&w, c);
        world_run(&w, SIM_SECOND);
        tap_row("%s", rows[i].name);
        CHECK_INT(cri_container(w.cri, ct)->exit_code, rows[i].exit_code);
        CHECK_STR(cri_container(w.cri, ct)->reason, "OOMKilled");
        CHECK_STR(world_log(&w, ct), rows[i].log);
        world_fini(&w);
    }
}

/* ---- exec ---- */

static void exec_has_the_runtimes_words(void)
{
    struct world w;
    world_init(&w);
    uint32_t ct = world_sh(&w, "busybox", "sleep 5");
    const struct cri_exec *e = exec_wait(&w, ct, (const char *const[]){"checkhealth", NULL}, SIM_SECOND);
    CHECK(e->done);
    CHECK_CONTAINS(e->error, "rpc error: code = Unknown desc = failed to exec in container: failed to start exec \"");
    CHECK_CONTAINS(
        e->error, "\": OCI runtime exec failed: exec failed: unable to start container process: exec: \"checkhealth\": "
                  "executable file not found in $PATH");
    e = exec_wait(&w, ct, (const char *const[]){"sh", "-c", "echo out; echo err >&2; echo more; exit 3", NULL},
                  SIM_SECOND);
    CHECK_INT(e->exit_code, 3);
    CHECK_STR(e->output, "out\nmore\nerr\n");
    CHECK(!e->error);
    world_run(&w, 10 * SIM_SECOND);
    e = exec_wait(&w, ct, (const char *const[]){"true", NULL}, SIM_SECOND);
    CHECK_CONTAINS(e->error, "container is in CONTAINER_EXITED state");
    world_fini(&w);
}

static void exec_is_killed_at_its_timeout(void)
{
    struct world w;
    world_init(&w);
    uint32_t ct = world_sh(&w, "busybox", "sleep 100");
    uint32_t id =
        world_exec(&w, ct, (const char *const[]){"sh", "-c", "echo begin; sleep 30; echo end", NULL}, 2 * SIM_SECOND);
    world_run(&w, 50 * SIM_SECOND);
    const struct cri_exec *e = cri_exec_result(w.cri, id);
    CHECK(e->done);
    CHECK(e->timed_out);
    CHECK_INT(e->finished_at, 2 * SIM_SECOND);
    CHECK_STR(e->output, "begin\n");
    cri_exec_release(w.cri, id);
    /* One that is let go runs on. */
    id = world_exec(&w, ct, (const char *const[]){"sh", "-c", "sleep 3; echo x > /tmp/done", NULL}, 0);
    cri_exec_release(w.cri, id);
    world_run(&w, 60 * SIM_SECOND);
    CHECK_INT(exec_wait(&w, ct, (const char *const[]){"cat", "/tmp/done", NULL}, SIM_SECOND)->exit_code, 0);
    world_fini(&w);
}

static void exec_output_is_cut_at_10_kib(void)
{
    struct world w;
    world_init(&w);
    uint32_t ct = world_sh(&w, "busybox", "sleep 100");
    const struct cri_exec *e = exec_wait(&w, ct, (const char *const[]){"seq", "100000", NULL}, 0);
    CHECK_INT(e->exit_code, 0);
    CHECK_UINT(strlen(e->output), 10240);
    world_fini(&w);
}

/* ---- servers ---- */

static struct http_reply get(struct world *w, const char *method, const char *path, int32_t port)
{
    struct http_reply reply;
    struct http_request request = {.method = method,
                                   .ip = "10.244.1.5",
                                   .path = path,
                                   .host = "10.244.1.5:80",
                                   .user_agent = "kube-probe/1.36",
                                   .port = port};
    cri_http(w->cri, &request, &reply);
    return reply;
}

static void nginx_serves_files(void)
{
    struct world w;
    world_init(&w);
    uint32_t ct = world_start(&w, image("nginx:1.17.3"));
    CHECK_INT(get(&w, "GET", "/", 80).result, NET_REFUSED);
    world_run(&w, SIM_SECOND);
    CHECK_INT(get(&w, "GET", "/", 80).status, 200);
    CHECK_UINT(strlen(get(&w, "GET", "/index.html", 80).body), 612);
    CHECK_INT(get(&w, "GET", "/", 81).result, NET_REFUSED);
    exec_wait(&w, ct,
              (const char *const[]){"/bin/sh", "-c",
                                    "echo hello from postStart handler > /usr/share/nginx/html/hello.html", NULL},
              SIM_SECOND);
    CHECK_STR(get(&w, "GET", "/hello.html?x=1", 80).body, "hello from postStart handler\n");
    exec_wait(&w, ct,
              (const char *const[]){"sh", "-c", "rm -f /usr/share/nginx/html/index.html; nginx -s reload", NULL},
              SIM_SECOND);
    CHECK_INT(get(&w, "GET", "/index.html", 80).status, 404);
    CHECK_UINT(strlen(get(&w, "GET", "/index.html", 80).body), 153);
    CHECK_INT(get(&w, "HEAD", "/", 80).status, 403);
    CHECK_CONTAINS(world_log(&w, ct), "10.244.1.1 - - [02/Jan/2024:03:04:06 +0000] \"GET /index.html HTTP/1.1\" 200 "
                                      "612 \"-\" \"kube-probe/1.36\" \"-\"\n");
    CHECK_CONTAINS(
        world_log(&w, ct),
        "open() \"/usr/share/nginx/html/index.html\" failed (2: No such file or directory), client: 10.244.1.1, "
        "server: localhost, request: \"GET /index.html HTTP/1.1\", host: \"10.244.1.5:80\"\n");
    CHECK_INT(exec_wait(&w, ct, (const char *const[]){"nginx", "-s", "quit", NULL}, SIM_SECOND)->exit_code, 0);
    CHECK_INT(cri_container(w.cri, ct)->exit_code, 0);
    CHECK_INT(get(&w, "GET", "/", 80).result, NET_REFUSED);
    world_fini(&w);
}

static void the_liveness_server_is_well_for_ten_seconds(void)
{
    struct world w;
    world_init(&w);
    struct cri_container_config config = image("k8s.gcr.io/liveness");
    config.args = world_list(&w, (const char *const[]){"/server", NULL});
    world_start(&w, config);
    world_run(&w, 10 * SIM_SECOND);
    CHECK_INT(get(&w, "GET", "/healthz", 8080).status, 200);
    world_run(&w, 13 * SIM_SECOND + 500 * SIM_MS);
    CHECK_INT(get(&w, "GET", "/healthz", 8080).status, 500);
    CHECK_STR(get(&w, "GET", "/healthz", 8080).body, "error: 13.5");
    CHECK_INT(get(&w, "GET", "/other", 8080).status, 404);
    world_fini(&w);
}

static void a_port_belongs_to_one_container_of_the_pod(void)
{
    struct world w;
    world_init(&w);
    uint32_t a = world_start(&w, image("nginx")), b = world_start(&w, image("nginx"));
    world_run(&w, 10 * SIM_SECOND);
    CHECK_INT(cri_container(w.cri, a)->state, CRI_RUNNING);
    CHECK_INT(cri_container(w.cri, b)->state, CRI_EXITED);
    CHECK_INT(cri_container(w.cri, b)->exit_code, 1);
    CHECK_CONTAINS(world_log(&w, b), "bind() to 0.0.0.0:80 failed (98: Address already in use)\n");
    /* Another pod has ports of its own. */
    w.sandbox = world_pod_of(&w, "10.244.1.6", false);
    uint32_t c = world_start(&w, image("nginx"));
    world_run(&w, 20 * SIM_SECOND);
    CHECK_INT(cri_container(w.cri, c)->state, CRI_RUNNING);
    world_fini(&w);
}

static enum net_result connect(struct world *w, const char *ip, int32_t port)
{
    sim_time until;
    return cri_tcp_connect(w->cri, ip, port, &until);
}

static struct grpc_reply health(struct world *w, const char *ip, int32_t port, const char *service)
{
    struct grpc_reply reply;
    cri_grpc_health(w->cri, ip, port, service, &reply);
    return reply;
}

static void a_stopped_pod_does_not_answer(void)
{
    struct world w;
    world_init(&w);
    uint32_t ct = world_start(&w, image("nginx"));
    world_run(&w, SIM_SECOND);
    CHECK_INT(connect(&w, "10.244.1.5", 80), NET_OK);
    cri_signal(w.cri, ct, VSIGSTOP);
    CHECK_INT(connect(&w, "10.244.1.5", 80), NET_OK);
    CHECK_INT(get(&w, "GET", "/", 80).took, NET_NEVER_ANSWERS);
    cri_stop_sandbox(w.cri, w.sandbox);
    CHECK_INT(connect(&w, "10.244.1.5", 80), NET_TIMEOUT);
    CHECK_INT(cri_container(w.cri, ct)->exit_code, 137);
    CHECK_INT(connect(&w, "10.9.9.9", 80), NET_TIMEOUT);
    CHECK_UINT(count_records(&w, TRACE_SANDBOX_STOPPED), 1);
    world_fini(&w);
}

static void grpc_health_of_servers(void)
{
    struct world w;
    world_init(&w);
    world_start(&w, image("registry.k8s.io/etcd:3.5.1-0"));
    world_start(&w, image("redis"));
    world_run(&w, SIM_SECOND);
    CHECK_INT(health(&w, "10.244.1.5", 2379, NULL).health, GRPC_SERVING);
    CHECK_INT(health(&w, "10.244.1.5", 6379, NULL).health, GRPC_NO_CONNECTION);
    CHECK_INT(health(&w, "10.244.1.5", 1, NULL).health, GRPC_NO_CONNECTION);
    world_fini(&w);
}

/* ---- clients ---- */

static void a_loop_waits_until_the_name_appears(void)
{
    struct world w;
    world_init(&w);
    w.names[w.name_count].fqdn = "myservice.default.svc.cluster.local";
    w.names[w.name_count].ip = "10.96.12.7";
    w.names[w.name_count++].from = 5 * SIM_SECOND;
    w.names[w.name_count].fqdn = "7.12.96.10.in-addr.arpa";
    w.names[w.name_count++].canonical = "myservice.default.svc.cluster.local";
    uint32_t ct = world_sh(
        &w, "busybox:1.28",
        "until nslookup myservice.$(cat /var/run/secrets/kubernetes.io/serviceaccount/namespace).svc.cluster.local; "
        "do echo waiting for myservice; sleep 2; done");
    world_run(&w, 100 * SIM_SECOND);
    CHECK_INT(cri_container(w.cri, ct)->finished_at, 6 * SIM_SECOND);
    CHECK_INT(cri_container(w.cri, ct)->exit_code, 0);
#define SERVER "Server:    10.96.0.10\nAddress 1: 10.96.0.10 kube-dns.kube-system.svc.cluster.local\n\n"
#define FAILS  SERVER "nslookup: can't resolve 'myservice.default.svc.cluster.local'\nwaiting for myservice\n"
    CHECK_STR(
        world_log(&w, ct), FAILS FAILS FAILS SERVER
        "Name:      myservice.default.svc.cluster.local\nAddress 1: 10.96.12.7 myservice.default.svc.cluster.local\n");
    world_fini(&w);
}

static void names_are_searched_in_the_pods_namespace(void)
{
    static const struct {
        const char *name, *want; /* "" = does not resolve */
    } rows[] = {
        {"web", "10.96.0.7"},
        {"web.default", "10.96.0.7"},
        {"web.default.svc", "10.96.0.7"},
        {"web.default.svc.cluster.local", "10.96.0.7"},
        {"web.default.svc.cluster.local.", "10.96.0.7"},
        {"web.other", ""},
        {"nope", ""},
        {"localhost", "127.0.0.1"},
        {"pod", "10.244.1.5"},
        {"10.1.2.3", "10.1.2.3"},
        {"info.cern.ch", "188.184.21.108"},
        {"nope.default.svc.cluster.local", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world w;
        world_init(&w);
        tap_row("%s", rows[i].name);
        w.names[w.name_count].fqdn = "web.default.svc.cluster.local";
        w.names[w.name_count++].ip = "10.96.0.7";
        char script[200];
        snprintf(script, sizeof script, "getent hosts %s | cut -d' ' -f1", rows[i].name);
        uint32_t ct = world_sh(&w, "debian", script);
        world_run(&w, SIM_SECOND);
        CHECK_CONTAINS(world_log(&w, ct), rows[i].want);
        if (!*rows[i].want)
            CHECK_STR(world_log(&w, ct), "");
        world_fini(&w);
    }
}

static void clients_talk_to_pods_and_the_world(void)
{
    struct world w;
    world_init(&w);
    world_start(&w, image("nginx"));
    world_run(&w, SIM_SECOND);
    w.sandbox = world_pod_of(&w, "10.244.1.6", false);
    uint32_t ct = world_sh(
        &w, "busybox:1.36",
        "wget -qO- http://10.244.1.5/ | head -4 | tail -1; wget -q -O /tmp/p http://info.cern.ch; head -1 /tmp/p; "
        "wget -qO- 10.244.1.5/none; echo $?; wget -qO- 10.244.1.5:81; echo $?; wget -q -T 3 10.9.9.9; echo $?; "
        "wget -q http://nope; echo $?; nc -z 10.244.1.5 80; echo $?; nc -z 10.244.1.5 81; echo $?; "
        "wget --spider 10.244.1.5; date +%S");
    world_run(&w, 20 * SIM_SECOND);
    CHECK_STR(world_log(&w, ct),
              "<title>Welcome to nginx!</title>\n<html><head></head><body><header>\n"
              "wget: server returned error: HTTP/1.1 404 Not Found\n1\n"
              "wget: can't connect to remote host (10.244.1.5): Connection refused\n1\nwget: download timed out\n1\n"
              "wget: bad address 'nope'\n1\n0\n1\nConnecting to 10.244.1.5 (10.244.1.5:80)\nremote file exists\n09\n");
    world_fini(&w);
}

static void dates_are_written_as_date_writes_them(void)
{
    struct world w;
    world_init(&w);
    uint32_t ct =
        world_sh(&w, "busybox:1.36", "date '+%Y-%m-%-d %e %T %A %a %B %p %I %j %u %y %% %q %Z'; date '+%c|%F|%D|%s|%'");
    world_run(&w, SIM_SECOND);
    CHECK_STR(world_log(&w, ct), "2024-01-2  2 03:04:05 Tuesday Tue January AM 03 002 2 24 % %q UTC\n"
                                 "Tue Jan  2 03:04:05 2024|2024-01-02|01/02/24|1704164645|%\n");
    world_fini(&w);
}

/* ---- limits ---- */

static void an_endless_loop_is_slowed_down_and_said_once(void)
{
    struct world w;
    world_init(&w);
    uint32_t ct = world_sh(&w, "busybox", "while true; do :; done");
    uint32_t other = world_sh(&w, "busybox", "i=0; while [ $i -lt 50000 ]; do i=$((i+1)); done; echo $i");
    world_run(&w, 600 * SIM_SECOND);
    CHECK_INT(cri_container(w.cri, ct)->state, CRI_RUNNING);
    CHECK_STR(world_log(&w, other), "50000\n");
    CHECK_UINT(count_records(&w, TRACE_DIAG), 2); /* one per container */
    CHECK(sim_event_count(w.sim) < 2000);
    world_fini(&w);
}

static void a_fork_bomb_runs_into_the_process_limit(void)
{
    struct world w;
    world_init(&w);
    uint32_t ct = world_sh(&w, "busybox", "f() { f | f & }; f; sleep 5; echo done");
    world_run(&w, 60 * SIM_SECOND);
    CHECK_CONTAINS(world_log(&w, ct), "sh: can't fork: Resource temporarily unavailable\n");
    CHECK(sim_event_count(w.sim) < 2000000);
    world_fini(&w);
}

static void a_missing_command_is_told_once_with_its_place(void)
{
    struct world w;
    struct diag_set diags;
    struct document_list documents;
    static const char text[] = "command:\n- sh\n- -c\n- |\n  echo a\n  foo bar\n  foo\n";
    diag_init(&diags);
    world_init(&w);
    value_parse(&diags.arena, &diags, "pod.yaml", text, strlen(text), &documents);
    const struct value *command = value_get(documents.items[0].root, "command");
    cri_set_diags(w.cri, &diags);
    struct cri_container_config config = image("busybox");
    config.command = world_list(&w, (const char *const[]){"sh", "-c", command->items[2]->text, NULL});
    config.command_source = command;
    world_start(&w, config);
    world_run(&w, SIM_SECOND);
    CHECK_UINT(count_records(&w, TRACE_DIAG), 1);
    const struct trace_diag *d = last_record(&w, TRACE_DIAG)->data;
    CHECK_UINT(d->at.line, 6);
    CHECK_UINT(d->at.column, 3);
    CHECK_STR(d->message, "command not found in image busybox: foo");
    world_fini(&w);
    diag_fini(&diags);
}

/* ---- the log ---- */

static void the_log_has_whole_lines_of_both_streams(void)
{
    struct world w;
    world_init(&w);
    uint32_t ct = world_sh(&w, "busybox", "echo a; echo b >&2; printf c; sleep 2; printf 'd\\ne'; sleep 2");
    world_run(&w, SIM_SECOND);
    CHECK_STR(world_log(&w, ct), "a\nb\n");
    world_run(&w, 3 * SIM_SECOND);
    CHECK_STR(world_log(&w, ct), "a\nb\ncd\n");
    world_run(&w, 5 * SIM_SECOND);
    CHECK_STR(world_log(&w, ct), "a\nb\ncd\ne");
    CHECK_STR(cri_log_tail(w.cri, ct, 2, 100), "cd\ne");
    CHECK_STR(cri_log_tail(w.cri, ct, 80, 3), "d\ne");
    CHECK_UINT(count_records(&w, TRACE_OUTPUT), 4);
    world_fini(&w);
}

/* ---- forks of a run ---- */

static void a_run_can_be_saved_and_run_again(void)
{
    struct world w;
    struct arena_image saved;
    struct strbuf first = STRBUF_INIT, second = STRBUF_INIT;
    world_init(&w);
    world_start(&w, image("nginx"));
    uint32_t ct =
        world_sh(&w, "busybox",
                 "trap 'echo bye >&2; exit 0' TERM; f() { local n=$1; (sleep 1; echo \"$n $(date +%S)\") | cat; }; "
                 "i=0; while :; do i=$((i+1)); f $i >> /tmp/log; tail -1 /tmp/log; wget -qO- localhost | wc -c; done");
    world_run(&w, 3 * SIM_SECOND + SIM_SECOND / 2);
    sim_save(w.sim, &saved);
    for (int turn = 0; turn < 2; turn++) {
        world_run(&w, 7 * SIM_SECOND);
        cri_signal(w.cri, ct, VSIGTERM);
        world_exec(&w, ct, (const char *const[]){"cat", "/tmp/log", NULL}, SIM_SECOND);
        world_run(&w, 20 * SIM_SECOND);
        world_print_trace(&w, turn ? &second : &first);
        if (!turn)
            sim_restore(w.sim, &saved);
    }
    CHECK_STR(strbuf_str(&second), strbuf_str(&first));
    CHECK_CONTAINS(strbuf_str(&first), "bye");
    arena_image_fini(&saved);
    strbuf_fini(&first);
    strbuf_fini(&second);
    world_fini(&w);
}

static void a_long_run_does_not_grow(void)
{
    struct world w;
    world_init(&w);
    world_sh(&w, "busybox",
             "i=0; while :; do i=$(($(cat /tmp/n 2>/dev/null || echo 0)+1)); echo $i > /tmp/n; (echo x | cat "
             ">/dev/null) & sleep 1; done");
    world_run(&w, 1000 * SIM_SECOND); /* the job table has reached its limit by then */
    size_t used = sim_arena(w.sim)->used;
    world_run(&w, 5000 * SIM_SECOND);
    CHECK_INT((int64_t)(sim_arena(w.sim)->used - used), 0);
    world_fini(&w);
}

int main(void)
{
    static const struct tap_test tests[] = {
        TAP_TEST(the_liveness_sample_fails_its_probe_after_30_seconds),
        TAP_TEST(a_program_that_is_not_there_is_a_start_error),
        TAP_TEST(command_and_args_replace_entrypoint_and_cmd),
        TAP_TEST(a_container_without_input_or_terminal_ends_its_shell),
        TAP_TEST(the_termination_message_is_read_at_the_exit),
        TAP_TEST(what_execve_refuses_comes_after_the_start),
        TAP_TEST(what_runc_prepares_can_fail),
        TAP_TEST(ids_depend_on_the_instance_alone),
        TAP_TEST(sigterm_as_real_programs_take_it),
        TAP_TEST(the_exit_is_caused_by_the_signal),
        TAP_TEST(a_hook_that_stops_the_server_is_why_it_exits),
        TAP_TEST(signals_inside_a_pid_namespace),
        TAP_TEST(pid_1_takes_all_others_with_it),
        TAP_TEST(a_shared_pid_namespace_has_pause_as_pid_1),
        TAP_TEST(host_pid_shows_the_node),
        TAP_TEST(host_pid_kills_what_it_sees),
        TAP_TEST(ids_on_the_node_do_not_meet),
        TAP_TEST(oom_ends_everything),
        TAP_TEST(memory_in_use_follows_its_points),
        TAP_TEST(the_limit_is_passed_at_its_instant),
        TAP_TEST(a_pods_limit_hits_the_largest_container),
        TAP_TEST(one_process_or_the_whole_group),
        TAP_TEST(exec_has_the_runtimes_words),
        TAP_TEST(exec_is_killed_at_its_timeout),
        TAP_TEST(exec_output_is_cut_at_10_kib),
        TAP_TEST(nginx_serves_files),
        TAP_TEST(the_liveness_server_is_well_for_ten_seconds),
        TAP_TEST(a_port_belongs_to_one_container_of_the_pod),
        TAP_TEST(a_stopped_pod_does_not_answer),
        TAP_TEST(grpc_health_of_servers),
        TAP_TEST(a_loop_waits_until_the_name_appears),
        TAP_TEST(names_are_searched_in_the_pods_namespace),
        TAP_TEST(clients_talk_to_pods_and_the_world),
        TAP_TEST(dates_are_written_as_date_writes_them),
        TAP_TEST(an_endless_loop_is_slowed_down_and_said_once),
        TAP_TEST(a_fork_bomb_runs_into_the_process_limit),
        TAP_TEST(a_missing_command_is_told_once_with_its_place),
        TAP_TEST(the_log_has_whole_lines_of_both_streams),
        TAP_TEST(a_run_can_be_saved_and_run_again),
        TAP_TEST(a_long_run_does_not_grow),
    };
    return tap_run(tests, ARRAY_LEN(tests));
}
