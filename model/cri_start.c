/* cri_start.c - how a process comes to run in a container: its files, its command line, its first step; exec.
 *
 * Stands where containerd and runc stand; texts and exit codes are theirs (semantics/kubelet.md 2.5, 3.1).
 */
#include "model/cri_private.h"
#include "model/script.h"

#include <string.h>

/* ---- files ---- */

/* The volume's root, or what sub_path names in it (made as a directory when missing). */
static struct vnode *mount_target(struct cri *c, const struct cri_mount *m)
{
    const struct vvolume *v = pool_at(&c->volumes, m->volume);
    if (!m->sub_path || !*m->sub_path)
        return v->root;
    struct vcontainer scratch = {.root = v->root};
    struct vnode *n = NULL;
    const char *path = m->sub_path + strspn(m->sub_path, "/");
    for (size_t end = 0; path[end];) {
        end += strspn(path + end, "/");
        end += strcspn(path + end, "/");
        char *part = mem_strndup(&c->mem, NULL, path, end);
        struct vfs_place at;
        enum vfs_error e = vfs_lookup(c, &scratch, "/", part, true, &at);
        if (e == VFS_OK && !at.node)
            e = vfs_create(c, &scratch, &at, VNODE_DIR, 0755, &at.node);
        n = e == VFS_OK ? at.node : NULL;
        mem_free(&c->mem, part);
        if (!n)
            return v->root;
    }
    return n ? n : v->root;
}

/* A directory goes onto a directory, a file onto a file. runc libcontainer/rootfs_linux.go. */
static const char *mount_error(struct cri *c, const struct cri_mount *m)
{
    enum { BIND = 0x5000, READ_ONLY = 1 };
    const char *source = m->source ? m->source : "volume";
    return arena_printf(
        sim_arena(c->sim),
        "error mounting \"%s\" to rootfs at \"%s\": mount %s:%s (via /proc/self/fd/6), flags: 0x%x: not "
        "a directory",
        source, m->path, source, m->path, (unsigned)(BIND + (m->read_only ? READ_ONLY : 0)));
}

/* A volume that several pods mount may change without any of one pod's processes doing so. */
static const char *mount_volume(struct cri *c, struct vcontainer *ct, const struct cri_mount *m)
{
    struct vvolume *v = pool_at(&c->volumes, m->volume);
    struct vnode *target = mount_target(c, m);
    if (v->sandbox && v->sandbox->pub.config.pod_ordinal != ct->sandbox->pub.config.pod_ordinal)
        v->shared = v->root->shared = true;
    if (v->sandbox && v->shared)
        world_touch(c, v->sandbox);
    v->sandbox = ct->sandbox;
    target->shared |= v->shared;
    struct vnode *old;
    if (vfs_find(c, ct, "/", m->path, &old) == VFS_OK && (old->type == VNODE_DIR) != (target->type == VNODE_DIR))
        return mount_error(c, m);
    vfs_mount(c, ct, m->path, target, m->read_only);
    return NULL;
}

/* NULL, or why a file system cannot be put together. */
static const char *prepare_files(struct cri *c, struct vcontainer *ct)
{
    const char *why = NULL;
    vfs_container_init(c, ct);
    for (uint32_t i = 0; i < ct->pub.config.mounts.count && !why; i++) {
        const struct cri_mount *m = &ct->pub.config.mounts.items[i];
        if (m->volume)
            why = mount_volume(c, ct, m);
    }
    if (!ct->pub.config.termination_message_path)
        ct->pub.config.termination_message_path = "/dev/termination-log";
    return why;
}

/* command, args, entrypoint and cmd: the manifest's command replaces both of the image's. */
static int32_t make_argv(struct cri *c, const struct vcontainer *ct, char ***ret)
{
    const struct cri_container_config *config = &ct->pub.config;
    const struct image *image = ct->image;
    const char *const *entrypoint = config->command.count ? NULL : image->entrypoint;
    const char *const *cmd = config->command.count || config->args.count ? NULL : image->cmd;
    uint32_t n = 0, max = config->command.count + config->args.count + 1;
    for (uint32_t i = 0; entrypoint && entrypoint[i]; i++)
        max++;
    for (uint32_t i = 0; cmd && cmd[i]; i++)
        max++;
    char **argv = mem_alloc(&c->mem, NULL, sizeof(char *) * max);
    for (uint32_t i = 0; i < config->command.count; i++)
        argv[n++] = (char *)(uintptr_t)config->command.items[i];
    for (uint32_t i = 0; entrypoint && entrypoint[i]; i++)
        argv[n++] = (char *)(uintptr_t)entrypoint[i];
    for (uint32_t i = 0; i < config->args.count; i++)
        argv[n++] = (char *)(uintptr_t)config->args.items[i];
    for (uint32_t i = 0; cmd && cmd[i]; i++)
        argv[n++] = (char *)(uintptr_t)cmd[i];
    *ret = argv;
    return (int32_t)n;
}

#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

const struct env *container_env(struct cri *c, struct vcontainer *ct)
{
    const struct cri_container_config *config = &ct->pub.config;
    struct env *env = &ct->env;
    if (!env->unmade)
        return env;
    *env = (struct env){0};
    env_set(c, &ct->mem, env, "PATH", DEFAULT_PATH);
    for (uint32_t i = 0; i < ct->image->env.count; i++)
        env_set(c, &ct->mem, env, ct->image->env.items[i].key, ct->image->env.items[i].value);
    env_set(c, &ct->mem, env, "HOSTNAME", ct->sandbox->pub.config.hostname);
    if (config->tty)
        env_set(c, &ct->mem, env, "TERM", "xterm");
    for (uint32_t i = 0; i < config->env.count; i++)
        env_set(c, &ct->mem, env, config->env.items[i].key,
                config->env.items[i].value ? config->env.items[i].value : "");
    if (!env_get(env, "HOME"))
        env_set(c, &ct->mem, env, "HOME", "/root");
    env->lent = true;
    return env;
}

static const char *last_of(const struct str_pair *items, uint32_t count, const char *key, const char *otherwise)
{
    while (count-- > 0)
        if (strcmp(items[count].key, key) == 0)
            return items[count].value ? items[count].value : "";
    return otherwise;
}

/* PATH of container_env(), without making all of it. */
static const char *container_path(const struct vcontainer *ct)
{
    const char *of_image = last_of(ct->image->env.items, ct->image->env.count, "PATH", DEFAULT_PATH);
    return last_of(ct->pub.config.env.items, ct->pub.config.env.count, "PATH", of_image);
}

static const char *working_dir(const struct vcontainer *ct)
{
    if (ct->pub.config.working_dir && ct->pub.config.working_dir[0])
        return ct->pub.config.working_dir;
    return ct->image->working_dir ? ct->image->working_dir : "/";
}

static const char *lookup_error(struct cri *c, enum lookup why, const char *name)
{
    struct arena *a = sim_arena(c->sim);
    switch (why) {
    case LOOKUP_MISSING:
        return arena_printf(a, "exec: \"%s\": executable file not found in $PATH", name);
    case LOOKUP_NO_FILE:
        return arena_printf(a, "exec: \"%s\": stat %s: no such file or directory", name, name);
    case LOOKUP_DIRECTORY:
        return arena_printf(a, "exec: \"%s\": is a directory", name);
    case LOOKUP_NOT_EXECUTABLE:
        return arena_printf(a, "exec: \"%s\": permission denied", name);
    case LOOKUP_NO_INTERPRETER:
    case LOOKUP_FOUND:
        break;
    }
    return "";
}

/* What execve itself refuses comes after runc has started the container: the container says so and exits with
 * 255 (runc libcontainer/standard_init_linux.go). */
static enum step exec_failed_step(struct cri *c, struct proc *p)
{
    ASSERT(p->argc == 2);
    out_printf(c, p, 2, "exec %s: %s\n", p->argv[0], p->argv[1]);
    return proc_exit_with(p, 255);
}
static const struct program program_exec_failed = {.name = "runc", .step = exec_failed_step};

/* execve's answer, or NULL. */
static const char *execve_error(enum lookup why, const struct lookup_result *found)
{
    if (why == LOOKUP_NO_INTERPRETER)
        return "no such file or directory";
    return why == LOOKUP_FOUND && found->interpreter && found->bare ? "exec format error" : NULL;
}

/* containerd 2, core/runtime/v2/shim.go and runc's own words (containerd 1 added ": unknown"). */
static int start_failed(struct cri *c, struct vcontainer *ct, const char *why, const char **ret_error)
{
    ct->pub.message = arena_printf(sim_arena(c->sim),
                                   "failed to create containerd task: failed to create shim task: OCI runtime create "
                                   "failed: runc create failed: %s",
                                   why);
    if (ret_error)
        *ret_error = ct->pub.message;
    cri_mark_exited(c, ct, 128, 0, "StartError");
    return -1;
}

static struct ofile *log_file(struct cri *c, struct vcontainer *ct, uint8_t stream)
{
    struct ofile *f = ofile_new(c, OFILE_LOG);
    f->container = ct;
    f->stream = stream;
    return f;
}

/* runc's own threads use up five process ids after the one it turns into the program. */
static void skip_pids(struct proc *p)
{
    enum { THREADS = 5 };
    p->ns->last_pid += THREADS;
    if (p->session)
        p->session->pub.pids += THREADS;
}

static struct proc *start_process(struct cri *c, struct vcontainer *ct, const struct lookup_result *found, int32_t argc,
                                  char **argv, struct ofile *const *fds, struct vexec *session)
{
    char **all = argv;
    if (found->interpreter) {
        all = mem_alloc(&c->mem, NULL, sizeof(char *) * (size_t)(argc + 1));
        all[0] = (char *)(uintptr_t)found->interpreter;
        all[1] = (char *)(uintptr_t)found->path;
        for (int32_t i = 1; i < argc; i++)
            all[i + 1] = argv[i];
        argc++;
    }
    struct proc_start start = {.program = found->program,
                               .container = ct,
                               .argc = argc,
                               .argv = all,
                               .env = &ct->env,
                               .cwd = working_dir(ct),
                               .fds = fds,
                               .umask = 022,
                               .session = session,
                               .after = session ? ct->pub.config.program_start : ct->pub.config.first_step_after};
    struct proc *p = proc_start(c, &start);
    if (p)
        skip_pids(p);
    if (all != argv)
        mem_free(&c->mem, all);
    return p;
}

/* In the container runc looks for the program and the working directory. */
static int init_failed(struct cri *c, struct vcontainer *ct, const char *why, const char **ret_error)
{
    return start_failed(
        c, ct,
        arena_printf(sim_arena(c->sim), "unable to start container process: error during container init: %s", why),
        ret_error);
}

/* runc makes it, parents too; NULL, or what is in the way. Go's os.MkdirAll. */
static const char *ensure_working_dir(struct cri *c, struct vcontainer *ct)
{
    struct vfs_place at;
    const char *dir = working_dir(ct), *why = NULL;
    for (size_t end = 1; dir[end - 1] && !why; end++) {
        if (dir[end] != '/' && dir[end])
            continue;
        char *part = mem_strndup(&c->mem, NULL, dir, end);
        if (vfs_lookup(c, ct, "/", part, true, &at) == VFS_OK && !at.node)
            vfs_create(c, ct, &at, VNODE_DIR, 0755, &at.node);
        if (at.node && at.node->type != VNODE_DIR)
            why = arena_printf(sim_arena(c->sim), "mkdir %s: not a directory", part);
        mem_free(&c->mem, part);
        if (!dir[end])
            break;
    }
    return why;
}

/* Nothing is known of an open /dev/null but that it is one. */
static struct ofile *no_input(struct cri *c)
{
    if (!c->no_input)
        c->no_input = ofile_new(c, OFILE_NULL);
    return ofile_ref(c->no_input);
}

static void run_main(struct cri *c, struct vcontainer *ct, const struct lookup_result *found, int32_t argc, char **argv)
{
    struct ofile *fds[PROC_FDS] = {0};
    fds[0] = ct->pub.config.stdin_ || ct->pub.config.tty ? ofile_new(c, OFILE_TTY) : no_input(c);
    fds[1] = log_file(c, ct, 1);
    fds[2] = log_file(c, ct, ct->pub.config.tty ? 1 : 2);
    ct->pub.state = CRI_RUNNING;
    ct->pub.started_at = proc_now(c);
    uint32_t started =
        cri_record(c, ct->sandbox, TRACE_CONTAINER_STARTED, 0, ct->pub.config.attempt, ct->pub.config.name, ct->facts);
    uint32_t before = sim_cause(c->sim);
    sim_set_cause(c->sim, started);
    ct->main = start_process(c, ct, found, argc, argv, fds, NULL);
    ASSERT(ct->main); /* the first process of a container always finds a slot */
    ct->main->main = true;
    cri_changed(c, ct->sandbox);
    if (ct->image->memory.count && ct->pub.config.command.count == 0) /* what the image's own program takes */
        container_memory_follow(c, ct, ct->image->memory.items, ct->image->memory.count);
    script_started(c, ct);
    sim_set_cause(c->sim, before);
    for (int fd = 0; fd < 3; fd++)
        ofile_unref(c, fds[fd]);
}

static int find_and_start(struct cri *c, struct vcontainer *ct, int32_t argc, char **argv, const char **ret_error)
{
    struct lookup_result found = {0};
    enum lookup why = LOOKUP_FOUND;

    if (argc == 0 && ct->image->generic) {
        static char name[] = "app";
        found = (struct lookup_result){.program = program_by_name("server"), .path = "/app"};
        argv[0] = name;
        argc = 1;
    } else {
        ASSERT(argc > 0); /* cri_create_error */
        why = program_find(c, ct, working_dir(ct), container_path(ct), argv[0], &found);
    }
    const char *refused = execve_error(why, &found);
    if (why != LOOKUP_FOUND && !refused)
        return init_failed(c, ct, lookup_error(c, why, argv[0]), ret_error);
    if (refused) {
        char *words[] = {argv[0], (char *)(uintptr_t)refused};
        run_main(c, ct, &(struct lookup_result){.program = &program_exec_failed}, 2, words);
    } else {
        run_main(c, ct, &found, argc, argv);
    }
    return 0;
}

int cri_start_container(struct cri *c, uint32_t container, const char **ret_error)
{
    struct vcontainer *ct = container_at(c, container);
    char **argv;

    ASSERT(ct->pub.state == CRI_CREATED);
    if (!ct->sandbox->pub.ready)
        return start_failed(c, ct, "sandbox container is not running", ret_error);
    if (working_dir(ct)[0] != '/')
        return start_failed(c, ct, "Cwd must be an absolute path", ret_error);
    const char *why = prepare_files(c, ct);
    if (!why)
        why = ensure_working_dir(c, ct);
    if (why)
        return init_failed(c, ct, why, ret_error);
    ct->root->read_only = ct->pub.config.read_only_root;
    ct->env.unmade = true;
    int32_t argc = make_argv(c, ct, &argv), r = 0;
    if (script_begin(c, ct)) /* the command is what ps shows; what runs is what was said */
        run_main(c, ct, &(struct lookup_result){.program = &program_scripted}, argc, argv);
    else
        r = find_and_start(c, ct, argc, argv, ret_error);
    mem_free(&c->mem, argv);
    return r;
}

/* ---- exec ---- */

static struct vexec *exec_at(const struct cri *c, uint32_t id)
{
    ASSERT(id > 0);
    return pool_at(&c->execs, id);
}

/* Records are used again, so that a probe every few seconds does not grow the run. */
static uint32_t new_exec(struct cri *c)
{
    uint32_t id = c->free_exec;
    if (!id)
        return pool_add(&c->execs);
    c->free_exec = exec_at(c, id)->next_free;
    return id;
}

static void exec_failed(struct cri *c, struct vexec *e, const char *text)
{
    e->pub.done = true;
    e->pub.error = text;
    e->pub.output = e->pub.errors = "";
    e->pub.exit_code = -1;
    e->pub.finished_at = proc_now(c);
    cri_arm_key(c, &e->done_key);
}

static struct ofile *exec_file(struct cri *c, struct vexec *e, uint8_t stream)
{
    struct ofile *f = ofile_new(c, OFILE_EXEC);
    f->exec = e;
    f->exec_generation = e->generation;
    f->stream = stream;
    return f;
}

static char *exec_error(struct cri *c, struct vcontainer *ct, const char *why)
{
    char id[65];
    cri_hex_id(id, ct->pub.id, "exec", ct->exec_count);
    return arena_printf(
        sim_arena(c->sim),
        "rpc error: code = Unknown desc = failed to exec in container: failed to start exec \"%s\": OCI runtime exec "
        "failed: exec failed: unable to start container process: %s",
        id, why);
}

/* What a probe leaves running is part of the world from here on. */
static void join_world(struct cri *c, const struct vexec *e)
{
    const struct vcontainer *ct = e->container;
    for (uint32_t i = 0; i < ct->slot_count; i++) {
        struct proc *p = ct->slots[i]->proc;
        if (!p || p->session != e || (p->exec == e && p->zombie))
            continue;
        world_session_acts(c, p);
        p->session = NULL;
    }
}

static void begin_probe(struct cri *c, struct vexec *e)
{
    e->pub.world = e->container->sandbox->world;
    e->pub.lasts_until = SIM_TIME_MAX;
    e->began_at = proc_now(c);
}

static void end_probe(struct cri *c, struct vexec *e)
{
    join_world(c, e);
    if (e->pub.world != e->container->sandbox->world || e->began_at != proc_now(c))
        e->pub.lasts_until = 0;
}

static void start_exec(struct cri *c, struct vexec *e, const str_list *argv, sim_time timeout)
{
    struct vcontainer *ct = e->container;
    struct ofile *fds[PROC_FDS] = {0};
    struct lookup_result found;
    sim_time lasts_until;

    bool scripted = script_exec(c, ct, argv, &lasts_until) != NULL;
    if (lasts_until < e->pub.lasts_until)
        e->pub.lasts_until = lasts_until;
    enum lookup why = scripted      ? LOOKUP_FOUND
                      : argv->count ? program_find(c, ct, working_dir(ct), container_path(ct), argv->items[0], &found)
                                    : LOOKUP_MISSING;
    if (scripted)
        found = (struct lookup_result){.program = &program_scripted_exec};
    if (why != LOOKUP_FOUND || found.bare) {
        if (execve_error(why, &found))
            exec_failed(
                c, e,
                exec_error(c, ct,
                           arena_printf(sim_arena(c->sim), "exec %s: %s", argv->items[0], execve_error(why, &found))));
        else
            exec_failed(c, e, exec_error(c, ct, lookup_error(c, why, argv->count ? argv->items[0] : "")));
        return;
    }
    fds[0] = ofile_new(c, OFILE_NULL);
    fds[1] = exec_file(c, e, 1);
    fds[2] = exec_file(c, e, 2);
    struct proc *p =
        start_process(c, ct, &found, (int32_t)argv->count, (char **)(uintptr_t)argv->items, fds, e->probe ? e : NULL);
    for (int fd = 0; fd < 3; fd++)
        ofile_unref(c, fds[fd]);
    if (!p) {
        exec_failed(c, e, exec_error(c, ct, "fork/exec: resource temporarily unavailable"));
        return;
    }
    p->exec = e;
    e->proc = p;
    if (timeout > 0)
        p->kill_at = sim_time_add(proc_now(c), timeout);
}

static uint32_t exec(struct cri *c, uint32_t container, const str_list *argv, sim_time timeout, struct sim_key done,
                     bool probe)
{
    static const char *const states[] = {"CONTAINER_CREATED", "CONTAINER_RUNNING", "CONTAINER_EXITED"};
    struct vcontainer *ct = container_at(c, container);
    uint32_t id = new_exec(c);
    struct vexec *e = exec_at(c, id);

    *e = (struct vexec){
        .container = ct, .done_key = done, .used = true, .probe = probe, .generation = e->generation + 1};
    if (ct->sandbox->watched) /* executions are counted from here on */
        c->deps.numbered(c->deps.ctx, ct->sandbox->pub.config.pod_ordinal);
    if (probe)
        begin_probe(c, e);
    ct->exec_count++;
    if (ct->pub.state != CRI_RUNNING || !ct->main)
        exec_failed(
            c, e,
            arena_printf(sim_arena(c->sim),
                         "rpc error: code = Unknown desc = failed to exec in container: container is in %s state",
                         states[ct->pub.state]));
    else
        start_exec(c, e, argv, timeout);
    return id;
}

uint32_t cri_exec(struct cri *c, uint32_t container, const str_list *argv, sim_time timeout, struct sim_key done)
{
    return exec(c, container, argv, timeout, done, false);
}

uint32_t cri_exec_probe(struct cri *c, uint32_t container, const str_list *argv, sim_time timeout, struct sim_key done)
{
    return exec(c, container, argv, timeout, done, true);
}

/* The caller may keep the output for good, so it is not recycled; a probe mostly says the same again. */
static const char *lasting_output(struct cri *c, struct vcontainer *ct, const struct mem_buf *b)
{
    if (!b->len)
        return "";
    if (!ct->last_output || strcmp(ct->last_output, b->data) != 0)
        ct->last_output = arena_strndup(sim_arena(c->sim), b->data, b->len);
    return ct->last_output;
}

void exec_ended(struct cri *c, struct vexec *e, int code, int signal_number)
{
    if (!e->used)
        return;
    size_t out_len = e->out.len;
    size_t room = out_len < EXEC_OUTPUT_MAX ? EXEC_OUTPUT_MAX - out_len : 0;
    buf_add(&c->mem, &e->mem, &e->out, buf_str(&e->err), e->err.len < room ? e->err.len : room);
    if (e->probe)
        end_probe(c, e);
    e->pub.done = true;
    e->pub.exit_code = signal_number ? 128 + signal_number : code;
    e->pub.output = lasting_output(c, e->container, &e->out);
    e->pub.errors = e->pub.output + out_len;
    e->pub.finished_at = proc_now(c);
    cri_arm_key(c, &e->done_key);
}

const struct cri_exec *cri_exec_result(const struct cri *c, uint32_t exec) { return &exec_at(c, exec)->pub; }

void cri_exec_release(struct cri *c, uint32_t exec)
{
    struct vexec *e = exec_at(c, exec);
    if (!e->used)
        return;
    if (e->proc) { /* it runs on; what it writes goes nowhere */
        e->proc->exec = NULL;
        join_world(c, e);
    }
    mem_free_all(&c->mem, &e->mem);
    *e = (struct vexec){.generation = e->generation, .next_free = c->free_exec};
    c->free_exec = exec;
}
