/* cri.c - the container runtime's calls: sandboxes, containers, volumes, logs, the node's network. What
 * starts a process is in cri_start.c.
 *
 * Stands where containerd and runc stand; texts and exit codes are theirs (semantics/kubelet.md 3.1).
 * Left out on purpose: checkpoints, attach.
 */
#include "model/cri_private.h"

#include <string.h>

#include "model/classes.h"
#include "model/net.h"
#include "model/process.h"
#include "model/script.h"

/* ---- the engine's side ---- */

static struct sim_timer *timer_of(void *ctx, uint32_t local, uint32_t class, uint32_t index)
{
    struct cri *c = ctx;
    struct vcontainer *ct = pool_at(&c->containers, local);
    (void)class;
    if (index == MEMORY_TIMER)
        return &ct->memory_timer;
    if (index == SCRIPT_TIMER)
        return &ct->script_timer;
    ASSERT(index < ct->slot_count);
    return &ct->slots[index]->timer;
}

static void fire(void *ctx, uint32_t local, uint32_t class, uint32_t index)
{
    struct cri *c = ctx;
    struct vcontainer *ct = pool_at(&c->containers, local);
    (void)class;
    if (index == MEMORY_TIMER) {
        container_memory_check(c, ct);
        return;
    }
    if (index == SCRIPT_TIMER) {
        script_fire(c, ct);
        return;
    }
    ASSERT(index < ct->slot_count);
    if (ct->slots[index]->proc)
        proc_fire(c, ct->slots[index]->proc);
}

struct cri *cri_new(struct sim *s, const struct image_catalogue *images, const struct cri_deps *deps, int64_t epoch)
{
    struct arena *a = sim_arena(s);
    struct cri *c = arena_new(a, struct cri);
    c->sim = s;
    c->images = images;
    if (deps)
        c->deps = *deps;
    c->epoch = epoch;
    c->burn_max = BURN_STEPS_MAX;
    c->burn_divisor = 1;
    c->disk_left = INT64_MAX;
    mem_init(&c->mem, a);
    pool_init(&c->sandboxes, a, sizeof(struct vsandbox));
    pool_init(&c->containers, a, sizeof(struct vcontainer));
    pool_init(&c->volumes, a, sizeof(struct vvolume));
    pool_init(&c->node_trees, a, sizeof(struct node_tree));
    pool_init(&c->execs, a, sizeof(struct vexec));
    pool_init(&c->lines, a, sizeof(struct vline));
    pool_add(&c->lines);
    pool_add(&c->sandboxes);
    pool_add(&c->containers);
    pool_add(&c->volumes);
    pool_add(&c->execs);
    c->handler = sim_handler_add(s, &(struct sim_handler){"runtime", c, timer_of, fire});
    return c;
}

void cri_set_behaviours(struct cri *c, const behaviour_list *behaviours)
{
    c->behaviours = behaviours;
    c->behaviour_used = arena_array(sim_arena(c->sim), bool, behaviours->count + 1);
}

/* A mistyped name would go unnoticed. */
static void report_unused(struct cri *c)
{
    for (uint32_t i = 0; c->behaviours && i < c->behaviours->count; i++) {
        if (c->behaviour_used[i])
            continue;
        struct trace_diag *d = arena_new(sim_arena(c->sim), struct trace_diag);
        *d =
            (struct trace_diag){c->behaviours->items[i].at, "no container that was started is meant by this behaviour"};
        sim_record(c->sim, (struct trace_record){.kind = TRACE_DIAG, .component = COMP_RUNTIME, .data = d});
    }
}

void cri_end(struct cri *c)
{
    for (uint32_t i = 1; i < c->containers.count; i++)
        script_end(c, container_at(c, i));
    report_unused(c);
}

void cri_set_diags(struct cri *c, const struct diag_set *diags) { c->diags = diags; }

/* ---- records ---- */

uint32_t cri_record(struct cri *c, const struct vsandbox *s, enum trace_kind kind, uint8_t flags, uint32_t aux,
                    const char *text, const void *data)
{
    return sim_record(c->sim, (struct trace_record){.object = s->pub.config.pod_ordinal,
                                                    .kind = (uint16_t)kind,
                                                    .component = COMP_RUNTIME,
                                                    .flags = flags,
                                                    .aux = aux,
                                                    .text = text,
                                                    .data = data});
}

void cri_changed(struct cri *c, const struct vsandbox *s)
{
    if (c->deps.changed)
        c->deps.changed(c->deps.ctx, s->pub.config.pod_ordinal);
}

void cri_arm_key(struct cri *c, const struct sim_key *key)
{
    if (key->set)
        sim_arm(c->sim, proc_now(c), key->class_, key->object, key->index);
}

uint32_t signal_record(struct cri *c, struct vcontainer *ct, enum trace_component by, int number,
                       enum signal_effect effect)
{
    return sim_record(c->sim, (struct trace_record){.object = ct->sandbox->pub.config.pod_ordinal,
                                                    .kind = TRACE_SIGNAL,
                                                    .component = (uint8_t)by,
                                                    .flags = (uint8_t)effect,
                                                    .aux = (uint32_t)number,
                                                    .text = ct->pub.config.name,
                                                    .data = ct->facts});
}

void report_diag(struct cri *c, struct vcontainer *ct, struct src_pos at, const char *message)
{
    struct trace_diag *d = arena_new(sim_arena(c->sim), struct trace_diag);
    d->at = at;
    d->message = message;
    cri_record(c, ct->sandbox, TRACE_DIAG, 0, 0, NULL, d);
}

bool first_report(struct cri *c, struct vcontainer *ct, const char *name)
{
    size_t n = strlen(name) + 1;
    for (size_t i = 0; i < ct->reported.len; i += strlen(ct->reported.data + i) + 1)
        if (strcmp(ct->reported.data + i, name) == 0)
            return false;
    if (ct->reported.len > 4096)
        return false;
    buf_add(&c->mem, &ct->mem, &ct->reported, name, n);
    return true;
}

static const struct value *item_of(const struct value *list, uint32_t i)
{
    return list && list->type == VALUE_LIST && i < list->count ? list->items[i] : NULL;
}

static struct src_pos source_pos(const struct cri_container_config *config)
{
    const struct value *v = config->command_source ? config->command_source : config->args_source;
    return v ? v->at : (struct src_pos){0};
}

/* A list's item with exactly this text anywhere below `v`: the command of a probe or a hook. */
static const struct value *find_item(const struct value *v, const char *text, uint32_t depth)
{
    const struct value *found = NULL;
    enum { DEPTH_MAX = 12 };
    if (!v || depth > DEPTH_MAX)
        return NULL;
    for (uint32_t i = 0; v->type == VALUE_LIST && i < v->count && !found; i++) {
        bool same = v->items[i]->type < VALUE_LIST && v->items[i]->text && strcmp(v->items[i]->text, text) == 0;
        found = same ? v->items[i] : find_item(v->items[i], text, depth + 1);
    }
    for (uint32_t i = 0; v->type == VALUE_MAP && i < v->count && !found; i++)
        found = find_item(v->entries[i].value, text, depth + 1);
    return found;
}

/* Where `part` begins in `text`; SIZE_MAX: nowhere, or in more than one place. */
static size_t only_place(const char *text, const char *part)
{
    const char *at = *part ? strstr(text, part) : NULL;
    return at && !strstr(at + 1, part) ? (size_t)(at - text) : SIZE_MAX;
}

struct src_pos script_pos(const struct cri *c, const struct vcontainer *ct, const char *script, uint32_t offset,
                          bool exec)
{
    const struct cri_container_config *config = &ct->pub.config;
    const str_list *lists[] = {&config->command, &config->args};
    const struct value *sources[] = {config->command_source, config->args_source};
    const struct value *v = script && c->diags ? find_item(config->source, script, 0) : NULL;

    if (v)
        return value_pos_at(v, c->diags, offset);
    for (size_t k = 0; k < 2 && script && c->diags; k++) {
        for (uint32_t i = 0; i < lists[k]->count; i++) {
            v = item_of(sources[k], i);
            size_t at = v && v->text ? only_place(v->text, script) : SIZE_MAX;
            if (at != SIZE_MAX)
                return value_pos_at(v, c->diags, at + offset);
            if (v && strcmp(lists[k]->items[i], script) == 0) /* its $(VARIABLES) have been replaced */
                return v->at;
        }
    }
    return exec ? SRC_POS_NONE : source_pos(config);
}

/* ---- ids ---- */

/* 64 hexadecimal digits that depend on nothing but the given words. */
void cri_hex_id(char out[65], const char *a, const char *b, uint64_t n)
{
    static const char digits[] = "0123456789abcdef";
    for (int word = 0; word < 4; word++) {
        uint64_t h = UINT64_C(14695981039346656037) + (uint64_t)word * UINT64_C(0x9e3779b97f4a7c15);
        for (const char *s = a; *s; s++)
            h = (h ^ (unsigned char)*s) * UINT64_C(1099511628211);
        for (const char *s = b; *s; s++)
            h = (h ^ (unsigned char)*s) * UINT64_C(1099511628211);
        h = (h ^ n) * UINT64_C(1099511628211);
        h = (h ^ h >> 29) * UINT64_C(0xbf58476d1ce4e5b9);
        h ^= h >> 32;
        for (int i = 0; i < 16; i++)
            out[word * 16 + i] = digits[h >> (4 * i) & 15];
    }
    out[64] = '\0';
}

/* ---- signals by name ---- */

static const char *const signal_names[VSIG_COUNT] = {
    [1] = "SIGHUP",   [2] = "SIGINT",     [3] = "SIGQUIT",  [4] = "SIGILL",     [5] = "SIGTRAP",  [6] = "SIGABRT",
    [7] = "SIGBUS",   [8] = "SIGFPE",     [9] = "SIGKILL",  [10] = "SIGUSR1",   [11] = "SIGSEGV", [12] = "SIGUSR2",
    [13] = "SIGPIPE", [14] = "SIGALRM",   [15] = "SIGTERM", [16] = "SIGSTKFLT", [17] = "SIGCHLD", [18] = "SIGCONT",
    [19] = "SIGSTOP", [20] = "SIGTSTP",   [21] = "SIGTTIN", [22] = "SIGTTOU",   [23] = "SIGURG",  [24] = "SIGXCPU",
    [25] = "SIGXFSZ", [26] = "SIGVTALRM", [27] = "SIGPROF", [28] = "SIGWINCH",  [29] = "SIGIO",   [30] = "SIGPWR",
    [31] = "SIGSYS",  [34] = "SIGRTMIN",
};

const char *cri_signal_name(int number) { return number > 0 && number < VSIG_COUNT ? signal_names[number] : NULL; }

int cri_signal_number(const char *name)
{
    if (*name >= '0' && *name <= '9') {
        int n = 0;
        for (; *name >= '0' && *name <= '9' && n < 1000; name++)
            n = n * 10 + (*name - '0');
        return *name || n <= 0 || n >= VSIG_COUNT ? -1 : n;
    }
    for (int n = 1; n < VSIG_COUNT; n++) {
        if (!signal_names[n])
            continue;
        for (int skip = 0; skip <= 3; skip += 3) {
            const char *a = signal_names[n] + skip, *b = name;
            while (*a && (*b == *a || (*b >= 'a' && *b <= 'z' && *b - 'a' + 'A' == *a)))
                a++, b++;
            if (!*a && !*b)
                return n;
        }
    }
    return -1;
}

/* ---- sandboxes ---- */

uint32_t cri_run_sandbox(struct cri *c, const struct cri_sandbox_config *config)
{
    uint32_t id = pool_add(&c->sandboxes);
    struct vsandbox *s = sandbox_at(c, id);
    s->pub.config = *config;
    s->pub.ready = true;
    s->pub.created_at = proc_now(c);
    if (!s->pub.config.ip)
        s->pub.config.ip = "127.0.0.1";
    if (!s->pub.config.hostname)
        s->pub.config.hostname = config->name ? config->name : "localhost";
    if (!s->pub.config.namespace_)
        s->pub.config.namespace_ = "default";
    s->net = net_attach(c, s->pub.config.ip, config->host_network);
    s->net->pod = config->pod_ordinal;
    s->index = id;
    s->shared_pids.block = 2 * id + 1;
    if (config->share_pid) { /* PID 1 is /pause; threads of its runc took the next five */
        s->shared_pids.shared = true;
        s->shared_pids.on_node = config->host_pid;
        s->shared_pids.last_pid = 6;
    }
    cri_record(c, s, TRACE_SANDBOX_CREATED, 0, config->attempt, s->pub.config.ip, NULL);
    cri_changed(c, s);
    return id;
}

static void kill_all(struct cri *c, struct vcontainer *ct)
{
    if (ct->main)
        proc_end(c, ct->main, 0, VSIGKILL);
}

void cri_stop_sandbox(struct cri *c, uint32_t sandbox)
{
    struct vsandbox *s = sandbox_at(c, sandbox);
    if (s->pub.stopped)
        return;
    world_touch(c, s);
    for (struct vcontainer *ct = s->containers; ct; ct = ct->next)
        kill_all(c, ct);
    s->pub.ready = false;
    s->pub.stopped = true;
    net_detach(c, s->net);
    cri_record(c, s, TRACE_SANDBOX_STOPPED, 0, s->pub.config.attempt, NULL, NULL);
    cri_changed(c, s);
}

void cri_kill_pause(struct cri *c, uint32_t sandbox)
{
    struct vsandbox *s = sandbox_at(c, sandbox);
    if (!s->pub.ready)
        return;
    bool dies = s->pub.config.share_pid && !s->pub.config.host_pid; /* with PID 1 everything goes */
    s->pub.ready = false;
    cri_record(c, s, TRACE_PAUSE_DIED, 0, s->pub.config.attempt, NULL, NULL);
    for (struct vcontainer *ct = s->containers; ct && dies; ct = ct->next)
        kill_all(c, ct);
    cri_changed(c, s);
}

void cri_power_off(struct cri *c, uint32_t sandbox)
{
    sandbox_at(c, sandbox)->power_off = true;
    cri_stop_sandbox(c, sandbox);
}

void cri_sandbox_adopt(struct cri *c, uint32_t sandbox, uint32_t pod_ordinal)
{
    sandbox_at(c, sandbox)->pub.config.pod_ordinal = pod_ordinal;
}

const struct cri_sandbox *cri_sandbox(const struct cri *c, uint32_t sandbox) { return &sandbox_at(c, sandbox)->pub; }

/* ---- volumes ---- */

static bool same(const char *a, const char *b) { return a == b || (a && b && strcmp(a, b) == 0); }

uint32_t cri_volume_new(struct cri *c, const char *node_name, const char *host_path)
{
    for (uint32_t i = 1; host_path && i < c->volumes.count; i++) {
        const struct vvolume *v = pool_at(&c->volumes, i);
        if (v->host_path && same(v->node_name, node_name) && strcmp(v->host_path, host_path) == 0)
            return i;
    }
    uint32_t id = pool_add(&c->volumes);
    struct vvolume *v = pool_at(&c->volumes, id);
    v->root = host_path ? node_file(c, node_name, host_path) : vfs_volume_root(c);
    v->root->refs += host_path != NULL;
    v->node_name = node_name;
    v->host_path = host_path;
    v->shared = v->root->shared = host_path != NULL;
    return id;
}

void cri_volume_write(struct cri *c, uint32_t volume, const char *path, const char *content, size_t len)
{
    ASSERT(volume > 0);
    const struct vvolume *v = pool_at(&c->volumes, volume);
    if (v->sandbox)
        world_touch(c, v->sandbox);
    vfs_put(c, v->root, path, content, len);
}

/* ---- containers ---- */

static const struct trace_container *facts_of(struct cri *c, const struct vcontainer *ct)
{
    struct trace_container *t = arena_new(sim_arena(c->sim), struct trace_container);
    t->container = ct->pub.config.name;
    t->id = ct->pub.id;
    t->attempt = ct->pub.config.attempt;
    t->init = ct->pub.config.init;
    t->at = source_pos(&ct->pub.config);
    return t;
}

static void container_hex_id(const struct vsandbox *s, const char *name, uint32_t attempt, char out[65])
{
    const struct cri_sandbox_config *config = &s->pub.config;
    cri_hex_id(out,
               config->uid    ? config->uid
               : config->name ? config->name
                              : "",
               name, (uint64_t)config->attempt << 32 | attempt);
}

/* containerd internal/cri/server/container_create.go CreateContainer; internal/cri/opts WithProcessArgs. */
const char *cri_create_error(struct cri *c, uint32_t sandbox, const struct cri_container_config *config,
                             bool names_taken)
{
    char id[65];
    const struct vsandbox *s = sandbox_at(c, sandbox);
    const struct cri_sandbox_config *pod = &s->pub.config;
    const struct image *image = image_find(c->images, config->image ? config->image : "");
    struct arena *a = sim_arena(c->sim);
    container_hex_id(s, config->name, config->attempt, id);
    if (names_taken) {
        const char *name = arena_printf(a, "%s_%s_%s_%s_%" PRIu32, config->name, pod->name, pod->namespace_,
                                        pod->uid ? pod->uid : "", config->attempt);
        return arena_printf(a, "failed to reserve container name \"%s\": name \"%s\" is reserved for \"%s\"", name,
                            name, id);
    }
    bool image_says = (image->entrypoint && image->entrypoint[0]) || (image->cmd && image->cmd[0]) || image->generic;
    if (config->command.count == 0 && config->args.count == 0 && !image_says)
        return arena_printf(
            a, "failed to generate container \"%s\" spec: failed to generate spec: no command specified", id);
    return NULL;
}

uint32_t cri_create_container(struct cri *c, uint32_t sandbox, const struct cri_container_config *config)
{
    char id[65];
    struct vsandbox *s = sandbox_at(c, sandbox);
    uint32_t index = pool_add(&c->containers);
    struct vcontainer *ct = container_at(c, index);

    ct->pub.config = *config;
    if (!ct->pub.config.name)
        ct->pub.config.name = "container";
    ct->pub.sandbox = sandbox;
    ct->pub.created_at = proc_now(c);
    ct->pub.started_at = -c->epoch * SIM_SECOND; /* until it is: containerd's zero time, 1970 */
    ct->index = index;
    ct->own_pids.block = 2 * index;
    ct->sandbox = s;
    ct->target = config->target ? container_at(c, config->target) : NULL;
    ct->next = s->containers;
    s->containers = ct;
    ct->image = image_find(c->images, config->image ? config->image : "");
    container_hex_id(s, ct->pub.config.name, config->attempt, id);
    ct->pub.id = arena_printf(sim_arena(c->sim), "containerd://%s", id);
    ct->memory_timer.at = ct->script_timer.at = SIM_NEVER;
    ct->object = sim_object_new(c->sim, c->handler, index);
    ct->facts = facts_of(c, ct);
    cri_disk_grows(c, CRI_DISK_BASE);
    cri_record(c, s, TRACE_CONTAINER_CREATED, 0, config->attempt, ct->pub.config.name, ct->facts);
    return index;
}

void cri_mark_exited(struct cri *c, struct vcontainer *ct, int code, int signal_number, const char *reason)
{
    struct trace_container *t = arena_new(sim_arena(c->sim), struct trace_container);
    ct->pub.state = CRI_EXITED;
    ct->pub.finished_at = proc_now(c);
    if (ct->sandbox->power_off) { /* containerd internal/cri/server/restart.go: unknownExitCode, unknownExitReason */
        code = 255;
        signal_number = 0;
        reason = "Unknown";
    }
    ct->pub.exit_code = signal_number ? 128 + signal_number : code;
    ct->pub.signal = signal_number;
    ct->pub.reason = reason;
    *t = *ct->facts;
    t->exit_code = ct->pub.exit_code;
    t->signal = signal_number;
    t->reason = reason;
    t->message = ct->pub.message;
    uint32_t r = cri_record(c, ct->sandbox, TRACE_CONTAINER_EXITED, 0, ct->pub.config.attempt, ct->pub.config.name, t);
    uint32_t before = sim_cause(c->sim);
    sim_set_cause(c->sim, r);
    cri_arm_key(c, &ct->pub.config.exited);
    cri_changed(c, ct->sandbox);
    sim_set_cause(c->sim, before);
}

/* ---- exit ---- */

static const char *termination_message(struct cri *c, struct vcontainer *ct)
{
    enum {
        MESSAGE_MAX = 4096
    }; /* k8s container/runtime.go MaxContainerTerminationMessageLength; pkg/util/tail: the end */
    struct vnode *n;
    size_t len;
    if (vfs_find(c, ct, "/", ct->pub.config.termination_message_path, &n) != VFS_OK || n->type != VNODE_FILE)
        return NULL;
    const char *text = vfs_content(c, ct, n, &len);
    size_t cut = len > MESSAGE_MAX ? len - MESSAGE_MAX : 0;
    return len ? arena_strndup(sim_arena(c->sim), text + cut, len - cut) : NULL;
}

/* When PID 1 of a namespace ends, the kernel kills whoever else is in it. */
static void kill_guests(struct cri *c, struct vcontainer *ct)
{
    for (struct vcontainer *guest = ct->sandbox->containers; guest; guest = guest->next)
        if (guest->target == ct)
            kill_all(c, guest);
}

void container_exited(struct cri *c, struct vcontainer *ct, int code, int signal_number)
{
    kill_guests(c, ct);
    script_end(c, ct);
    log_flush(c, ct);
    ct->pub.message = termination_message(c, ct);
    bool clean = !signal_number && code == 0;
    cri_mark_exited(c, ct, code, signal_number, ct->oom ? "OOMKilled" : clean ? "Completed" : "Error");
    ct->files_left = cri_files_size(ct);
    vfs_container_fini(c, ct); /* nothing can look into it any more */
}

void cri_signal(struct cri *c, uint32_t container, int signal_number)
{
    struct vcontainer *ct = container_at(c, container);
    ASSERT(signal_number > 0 && signal_number < VSIG_COUNT);
    if (ct->pub.state != CRI_RUNNING || !ct->main)
        return;
    /* The record says what will come of it, so the effect is asked first and the end comes second. */
    struct proc *p = ct->main;
    uint64_t bit = SIG_BIT(signal_number);
    enum signal_effect effect = SIGNAL_DEFAULT;
    bool go = (p->program->flags & PROGRAM_GO) && signal_number == VSIGTERM;
    if (signal_number != VSIGKILL && signal_number != VSIGSTOP) {
        if (p->sig_caught & bit)
            effect = SIGNAL_HANDLED;
        else if (((p->sig_ignored | p->program->ignores) & bit) || (proc_is_init(p) && !go))
            effect = SIGNAL_IGNORED;
    }
    uint32_t r = signal_record(c, ct, COMP_RUNTIME, signal_number, effect);
    uint32_t before = sim_cause(c->sim);
    sim_set_cause(c->sim, r);
    proc_signal(c, p, signal_number, true, r);
    sim_set_cause(c->sim, before);
}

void cri_exit(struct cri *c, uint32_t container, int code)
{
    struct vcontainer *ct = container_at(c, container);
    if (ct->pub.state == CRI_RUNNING && ct->main)
        proc_end(c, ct->main, code, 0);
}

const struct cri_container *cri_container(const struct cri *c, uint32_t container)
{
    return &container_at(c, container)->pub;
}

uint32_t cri_find_container(const struct cri *c, const char *id)
{
    for (uint32_t i = c->containers.count; i-- > 1;)
        if (text_is(container_at(c, i)->pub.id, id))
            return container_at(c, i)->removed ? 0 : i;
    return 0;
}

bool cri_container_exists(const struct cri *c, uint32_t container) { return !container_at(c, container)->removed; }

void cri_remove_container(struct cri *c, uint32_t container)
{
    struct vcontainer *ct = container_at(c, container);
    if (ct->removed)
        return;
    kill_all(c, ct);
    vfs_container_fini(c, ct);
    mem_free_all(&c->mem, &ct->mem);
    ct->env = (struct env){0};
    ct->files_left = 0;
    ct->log = ct->reported = ct->partial[0] = ct->partial[1] = (struct mem_buf){0};
    ct->script = NULL;
    ct->removed = true;
}

int cri_stop_signal(const struct cri *c, uint32_t container)
{
    const struct vcontainer *ct = container_at(c, container);
    int n = ct->image->stop_signal ? cri_signal_number(ct->image->stop_signal) : VSIGTERM;
    return n > 0 ? n : VSIGTERM;
}

/* ---- logs ---- */

const char *cri_log(struct cri *c, uint32_t container, size_t *ret_len)
{
    const struct vcontainer *ct = container_at(c, container);
    log_settle(c, ct->sandbox);
    *ret_len = ct->log.len;
    return buf_str(&ct->log);
}

const char *cri_log_tail(struct cri *c, uint32_t container, uint32_t lines, size_t bytes)
{
    const struct vcontainer *ct = container_at(c, container);
    log_settle(c, ct->sandbox);
    size_t end = ct->log.len, from = end;
    uint32_t seen = 0;
    while (from > 0 && end - from < bytes) {
        if (ct->log.data[from - 1] == '\n' && from < end && ++seen == lines)
            break;
        from--;
    }
    return arena_strndup(sim_arena(c->sim), buf_str(&ct->log) + from, end - from);
}

/* ---- worlds ---- */

uint64_t cri_world(const struct cri *c, uint32_t container) { return container_at(c, container)->sandbox->world; }

void cri_watch(struct cri *c, uint32_t container)
{
    ASSERT(c->deps.disturbed);
    ASSERT(c->deps.numbered);
    container_at(c, container)->sandbox->watched = true;
}

void cri_exec_repeated(struct cri *c, uint32_t container, uint32_t pids, uint32_t times)
{
    struct vcontainer *ct = container_at(c, container);
    struct pidns *ns = pids_of(ct);
    int64_t last = ns->last_pid + (int64_t)pids * times;
    ns->last_pid = last < INT32_MAX / 2 ? (int32_t)last : INT32_MAX / 2;
    ct->exec_count += times;
}

/* ---- network from the node ---- */

void cri_add_node(struct cri *c, const char *ip) { net_attach(c, ip, true); }

void cri_http(struct cri *c, const struct http_request *request, struct http_reply *ret_reply)
{
    c->holding = request->hold_lines;
    c->looked_beyond = false;
    if (!net_is_ip(request->ip))
        net_http_outside(c, request, ret_reply);
    else
        net_http(c, request, NULL, ret_reply);
    c->holding = false;
}

void cri_held_lines(struct cri *c, bool record) { log_held(c, record); }

const struct trace_line *cri_line(const struct cri *c, uint32_t line)
{
    return line ? &((const struct vline *)pool_at(&c->lines, line))->pub : NULL;
}

enum net_result cri_tcp_connect(struct cri *c, const char *ip, int32_t port, sim_time *ret_lasts_until)
{
    struct proc *p = NULL;
    *ret_lasts_until = 0;
    if (!net_is_ip(ip))
        return net_is_outside(ip) ? NET_OK : NET_NO_HOST;
    return net_connect(c, ip, port, &p, ret_lasts_until);
}

void cri_grpc_health(struct cri *c, const char *ip, int32_t port, const char *service, struct grpc_reply *ret_reply)
{
    struct proc *p = NULL;
    sim_time connected_until;
    *ret_reply = (struct grpc_reply){.health = GRPC_NO_CONNECTION, .lasts_until = SIM_TIME_MAX};
    enum net_result r = net_connect(c, ip, port, &p, &connected_until);
    if (r == NET_OK && !p->stopped && p->program->health)
        ret_reply->health = p->program->health(c, p, port, service ? service : "", ret_reply);
    if (connected_until < ret_reply->lasts_until)
        ret_reply->lasts_until = connected_until;
}
