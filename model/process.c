/* process.c - life of processes: start, step, signals, exit, wait.
 *
 * Rules: signal(7), pid_namespaces(7), wait(2); semantics/kubelet.md 3.1. Each process has one timer
 * of the engine (class RUNTIME, object = container instance, index = its slot). Something happening
 * to a process is: arm its timer for now, and let step() look.
 */
#include "model/process.h"

#include <string.h>

#include "model/classes.h"
#include "model/net.h"
#include "model/pid_view.h"

/* ---- worlds ----
 *
 * The processes of a probe are a session. What they do is no change unless they say so (world_changes); what
 * any other process does may be one, so that each of its steps counts. */

void world_touch(struct cri *c, struct vsandbox *s)
{
    if (s->watched) { /* first, so that what is owed up to now is paid in the old world */
        s->watched = false;
        c->deps.disturbed(c->deps.ctx, s->pub.config.pod_ordinal);
    }
    net_disturb(c, s->net);
    s->world++;
}

static void session_ends_pure(struct vexec *session) { session->pub.lasts_until = 0; }

void world_session_acts(struct cri *c, const struct proc *p)
{
    if (!p->session)
        return;
    session_ends_pure(p->session);
    world_touch(c, p->container->sandbox);
}

void world_changes(struct cri *c)
{
    if (c->running)
        world_session_acts(c, c->running);
}

void world_looked_beyond(struct cri *c)
{
    if (c->running && c->running->session)
        session_ends_pure(c->running->session);
    c->looked_beyond = true;
}

/* Before p, which is not counted yet, takes a process id. */
static void world_starts(struct cri *c, const struct proc *p)
{
    struct vsandbox *s = p->container->sandbox;
    if (!p->session)
        world_touch(c, s);
    else if (s->watched)
        c->deps.numbered(c->deps.ctx, s->pub.config.pod_ordinal);
}

/* ---- timers ---- */

static void arm(struct cri *c, const struct proc *p, sim_time at)
{
    sim_arm(c->sim, at, CLASS_RUNTIME, p->container->object, p->slot);
}

void proc_wake(struct cri *c, struct proc *p)
{
    if (p->zombie || p->stopped)
        return;
    p->woken = true;
    arm(c, p, proc_now(c));
}

enum step proc_block_for(struct proc *p, enum wait_kind kind, sim_time deadline)
{
    p->wait = kind;
    p->wake_at = deadline;
    return STEP_BLOCK;
}

enum step proc_block_until(struct proc *p, sim_time at) { return proc_block_for(p, WAIT_TIME, at); }

enum step proc_exit_with(struct proc *p, int code)
{
    p->exit_code = code & 0xff;
    return STEP_EXIT;
}

/* After a step that blocked: the earlier of what it waits for and of being killed. */
static void arm_blocked(struct cri *c, struct proc *p)
{
    sim_time at = p->wake_at;
    if (p->kill_at != SIM_NEVER && (at == SIM_NEVER || p->kill_at < at))
        at = p->kill_at;
    if (at != SIM_NEVER)
        arm(c, p, at);
}

static void forget_wait(struct proc *p)
{
    if (p->wait == WAIT_FILE && p->wait_node) {
        struct proc **at = &p->wait_node->watchers;
        while (*at && *at != p)
            at = &(*at)->node_next;
        if (*at)
            *at = p->node_next;
    }
    p->wait = WAIT_NOTHING;
    p->wait_node = NULL;
    p->wait_pipe = NULL;
    p->node_next = NULL;
}

/* ---- pids ---- */

int32_t pid_next(struct pidns *ns)
{
    int32_t n = ++ns->last_pid;
    return ns->on_node ? pid_on_node(ns->block, n) : n;
}

static void ns_add(struct pidns *ns, struct proc *p)
{
    p->ns = ns;
    p->ns_prev = ns->last;
    p->ns_next = NULL;
    if (ns->last)
        ns->last->ns_next = p;
    else
        ns->first = p;
    ns->last = p;
}

static void ns_remove(struct proc *p)
{
    struct pidns *ns = p->ns;
    if (p->ns_prev)
        p->ns_prev->ns_next = p->ns_next;
    else
        ns->first = p->ns_next;
    if (p->ns_next)
        p->ns_next->ns_prev = p->ns_prev;
    else
        ns->last = p->ns_prev;
    if (ns->init == p)
        ns->init = NULL;
}

struct proc *proc_by_pid(const struct pidns *ns, int32_t pid)
{
    for (struct proc *p = ns->first; p; p = p->ns_next)
        if (p->pid == pid)
            return p;
    return NULL;
}

bool proc_is_init(const struct proc *p) { return p->pid == 1; }

/* ---- start ---- */

static struct proc_slot *free_slot(struct cri *c, struct vcontainer *ct, uint32_t *ret_index)
{
    for (uint32_t i = 0; i < ct->slot_count; i++) {
        if (ct->slots[i]->proc)
            continue;
        *ret_index = i;
        return ct->slots[i];
    }
    if (ct->slot_count == PROC_SLOTS_MAX)
        return NULL;
    ct->slots = mem_grow(&c->mem, NULL, ct->slots, sizeof(struct proc_slot *) * (ct->slot_count + 1));
    struct proc_slot *s = mem_alloc(&c->mem, NULL, sizeof *s);
    s->timer.at = SIM_NEVER;
    ct->slots[ct->slot_count] = s;
    *ret_index = ct->slot_count++;
    return s;
}

static void set_program(struct cri *c, struct proc *p, const struct program *program, int32_t argc, char *const *argv,
                        const struct env *env)
{
    char **copy = proc_alloc(c, p, sizeof(char *) * (size_t)(argc + 1));
    for (int32_t i = 0; i < argc; i++)
        copy[i] = proc_strdup(c, p, argv[i]);
    p->argc = argc;
    p->argv = copy;
    struct env fresh = {0};
    if (env)
        env_copy(c, &p->mem, &fresh, env);
    p->env = fresh;
    p->program = program;
    p->sig_caught = program->catches;
    p->data = program->data_bytes ? proc_alloc(c, p, program->data_bytes) : NULL;
    p->title = NULL;
    p->memory = (struct memory_line){0};
}

struct proc *proc_start(struct cri *c, const struct proc_start *start)
{
    struct vcontainer *ct = start->container;
    uint32_t index;
    struct proc_slot *slot = free_slot(c, ct, &index);
    if (!slot)
        return NULL;
    struct proc *p = mem_alloc(&c->mem, NULL, sizeof *p);
    slot->proc = p;
    ct->proc_count++;
    p->slot = index;
    p->container = ct;
    p->parent = start->parent;
    p->wake_at = SIM_NEVER;
    p->kill_at = SIM_NEVER;
    p->started_at = proc_now(c);
    p->umask = start->umask;
    p->uid = start->uid;
    p->sig_ignored = start->sig_ignored;
    p->session = start->parent ? start->parent->session : start->session;
    world_starts(c, p);
    struct pidns *ns = pids_of(ct);
    p->pid = pid_next(ns);
    p->group = start->parent ? start->parent->group : p->pid;
    ns_add(ns, p);
    if (p->session)
        p->session->pub.pids++;
    if (p->pid == 1)
        ns->init = p;
    p->cwd = proc_strdup(c, p, start->cwd);
    set_program(c, p, start->program, start->argc, start->argv, start->env);
    for (int fd = 0; fd < PROC_FDS; fd++)
        p->fds[fd] = start->fds ? ofile_ref(start->fds[fd]) : NULL;
    arm(c, p, sim_time_add(proc_now(c), start->after));
    return p;
}

void proc_exec(struct cri *c, struct proc *p, const struct program *program, int32_t argc, char *const *argv,
               const struct env *env)
{
    struct mem_owner old = {0};
    net_close_all(c, p);
    net_gone(c, p);
    p->waiters = NULL; /* they were in its old memory */
    p->waiter_cap = 0;
    mem_move(&p->mem, &old);
    p->cwd = proc_strdup(c, p, p->cwd);
    set_program(c, p, program, argc, argv, env);
    p->sig_pending &= p->sig_caught;
    mem_free_all(&c->mem, &old);
}

/* ---- end ---- */

static void free_proc(struct cri *c, struct proc *p)
{
    struct vcontainer *ct = p->container;
    ASSERT(ct->slots[p->slot]->proc == p);
    ct->slots[p->slot]->proc = NULL;
    ct->proc_count--;
    ns_remove(p);
    if (ct->main == p)
        ct->main = NULL;
    mem_free_all(&c->mem, &p->mem);
    mem_free(&c->mem, p);
}

void proc_reap(struct cri *c, struct proc *zombie)
{
    ASSERT(zombie->zombie);
    free_proc(c, zombie);
}

static bool reaps_orphans(const struct pidns *ns)
{
    if (ns->shared)
        return true; /* /pause waits for its children */
    return ns->init && !ns->init->zombie && (ns->init->program->flags & PROGRAM_REAPS);
}

/* Children of a process that ends go to PID 1. */
static void orphan_children(struct cri *c, struct proc *p)
{
    struct proc *next;
    for (struct proc *child = p->ns->first; child; child = next) {
        next = child->ns_next;
        if (child->parent != p)
            continue;
        child->parent = p->ns->init == p ? NULL : p->ns->init;
        if (child->zombie && reaps_orphans(p->ns))
            free_proc(c, child);
    }
}

/* A child has ended: its parent learns of it. */
static void tell_parent(struct cri *c, struct proc *p)
{
    struct proc *parent = p->parent;
    if (!parent || parent->zombie) {
        bool started_by_runtime = !parent && (p->main || p->exec || p->ns->shared || !p->ns->init);
        if (started_by_runtime || reaps_orphans(p->ns))
            free_proc(c, p);
        return;
    }
    if (parent == p->ns->init && (parent->program->flags & PROGRAM_REAPS) && parent->program != &program_shell &&
        !(parent->sig_caught & SIG_BIT(VSIGCHLD))) {
        free_proc(c, p);
        proc_wake(c, parent);
        return;
    }
    if (parent->sig_caught & SIG_BIT(VSIGCHLD))
        parent->sig_pending |= SIG_BIT(VSIGCHLD);
    proc_wake(c, parent);
}

/* In the middle of a step nobody goes away: not the one that runs, not those it might be looking at. */
static void doom(struct cri *c, struct proc *p, int code, int signal_number)
{
    if (p->doomed)
        return;
    p->doomed = true;
    p->doom_code = code;
    p->doom_signal = signal_number;
    struct proc **at = &c->doomed;
    while (*at)
        at = &(*at)->doomed_next;
    *at = p;
}

static void forget_doom(struct cri *c, struct proc *p)
{
    struct proc **at = &c->doomed;
    while (p->doomed && *at && *at != p)
        at = &(*at)->doomed_next;
    if (p->doomed && *at)
        *at = p->doomed_next;
    p->doomed = false;
    p->doomed_next = NULL;
}

static void end_doomed(struct cri *c)
{
    while (c->doomed) {
        struct proc *p = c->doomed;
        forget_doom(c, p);
        uint32_t before = sim_cause(c->sim);
        if (p->doom_cause)
            sim_set_cause(c->sim, p->doom_cause);
        proc_end(c, p, p->doom_code, p->doom_signal);
        sim_set_cause(c->sim, before);
    }
}

void proc_end(struct cri *c, struct proc *p, int code, int signal_number)
{
    if (p->zombie)
        return;
    if (c->running) {
        doom(c, p, code, signal_number);
        return;
    }
    forget_doom(c, p);
    struct vcontainer *ct = p->container;
    struct vexec *exec = p->exec;
    bool main = p->main;
    if (!p->session)
        world_touch(c, ct->sandbox);

    p->zombie = true;
    p->exit_code = signal_number ? 128 + signal_number : code & 0xff;
    p->exit_signal = signal_number;
    forget_wait(p);
    sim_cancel(c->sim, CLASS_RUNTIME, ct->object, p->slot);
    net_close_all(c, p);
    net_gone(c, p);
    fd_close_all(c, p);
    orphan_children(c, p);
    if (exec) {
        exec->proc = NULL;
        exec_ended(c, exec, code, signal_number);
    }
    if (main) {
        proc_kill_container(c, ct, p);
        container_exited(c, ct, code, signal_number);
        p->main = true;
        free_proc(c, p);
        return;
    }
    tell_parent(c, p);
}

void proc_kill_container(struct cri *c, struct vcontainer *ct, struct proc *except)
{
    for (uint32_t i = 0; i < ct->slot_count; i++) {
        struct proc *p = ct->slots[i]->proc;
        if (!p || p == except)
            continue;
        p->parent = NULL;
        if (!p->zombie)
            proc_end(c, p, 0, VSIGKILL);
        p = ct->slots[i]->proc; /* still there if nobody reaped it */
        if (p && p != except && p->zombie)
            free_proc(c, p);
    }
}

int proc_wait_status(const struct proc *p) { return p->exit_code; }

struct proc *proc_zombie(const struct proc *p, int32_t pid)
{
    for (struct proc *q = p->ns->first; q; q = q->ns_next)
        if (q->parent == p && q->zombie && (pid == 0 || q->pid == pid))
            return q;
    return NULL;
}

bool proc_has_child(const struct proc *p, int32_t pid)
{
    for (const struct proc *q = p->ns->first; q; q = q->ns_next)
        if (q->parent == p && (pid == 0 || q->pid == pid))
            return true;
    return false;
}

/* ---- signals ---- */

static bool ignored_by_default(int number)
{
    return number == VSIGCHLD || number == VSIGCONT || number == VSIGURG || number == VSIGWINCH;
}

static bool stops(int number)
{
    return number == VSIGSTOP || number == VSIGTSTP || number == VSIGTTIN || number == VSIGTTOU;
}

int proc_take_signal(struct proc *p)
{
    uint64_t pending = p->sig_pending & p->sig_caught;
    if (!pending)
        return 0;
    int number = __builtin_ctzll(pending);
    p->sig_pending &= ~SIG_BIT(number);
    return number;
}

int proc_obey_signal(struct cri *c, struct proc *p)
{
    int number = proc_take_signal(p);
    if (number && p->sig_cause) {
        sim_set_cause(c->sim, p->sig_cause);
        p->sig_cause = 0;
    }
    return number;
}

static void continue_proc(struct cri *c, struct proc *p)
{
    if (!p->stopped)
        return;
    p->stopped = false;
    proc_wake(c, p);
}

/* Ends a process by the default action of a signal. The Go runtime handles SIGTERM and SIGINT by
 * raising them again; as PID 1 nothing happens then, and it exits with 2 (kubelet.md 3.1). */
static void default_action(struct cri *c, struct proc *p, int number)
{
    bool go = p->program->flags & PROGRAM_GO;
    if (go && proc_is_init(p))
        proc_end(c, p, 2, 0);
    else
        proc_end(c, p, 0, number);
}

static bool go_dies(const struct proc *p, int number)
{
    return (p->program->flags & PROGRAM_GO) &&
           (number == VSIGTERM || number == VSIGINT || number == VSIGQUIT || number == VSIGHUP);
}

static enum signal_effect deliver(struct cri *c, struct proc *p, int number, bool from_outside, uint32_t cause)
{
    ASSERT(number > 0 && number < VSIG_COUNT);
    if (p->zombie)
        return SIGNAL_IGNORED;
    if (!p->session) {
        world_changes(c);
        world_touch(c, p->container->sandbox);
    }
    if (number == VSIGKILL || number == VSIGSTOP) {
        if (proc_is_init(p) && !from_outside)
            return SIGNAL_IGNORED;
        if (number == VSIGKILL)
            proc_end(c, p, 0, VSIGKILL);
        else
            p->stopped = true;
        return SIGNAL_DEFAULT;
    }
    if (number == VSIGCONT)
        continue_proc(c, p);
    if (p->sig_caught & SIG_BIT(number)) {
        p->sig_pending |= SIG_BIT(number);
        if (cause)
            p->sig_cause = cause;
        proc_wake(c, p);
        return SIGNAL_HANDLED;
    }
    if (((p->sig_ignored | p->program->ignores) & SIG_BIT(number)) || ignored_by_default(number))
        return SIGNAL_IGNORED;
    if (proc_is_init(p) && !go_dies(p, number))
        return SIGNAL_IGNORED;
    if (stops(number)) {
        p->stopped = true;
        return SIGNAL_DEFAULT;
    }
    default_action(c, p, number);
    return SIGNAL_DEFAULT;
}

/* What processes do to the container's main process is worth a record: a preStop hook's "kill 1". */
enum signal_effect proc_signal(struct cri *c, struct proc *p, int number, bool from_outside, uint32_t cause)
{
    bool told = p->main && c->running && c->running != p;
    enum signal_effect effect = deliver(c, p, number, from_outside, cause);
    if (!told)
        return effect;
    uint32_t r = signal_record(c, p->container, COMP_PROCESS, number, effect);
    if (effect == SIGNAL_HANDLED)
        p->sig_cause = r;
    p->doom_cause = effect == SIGNAL_DEFAULT ? r : 0;
    return effect;
}

/* ---- stepping ---- */

static bool endless(const struct cri *c, const struct vcontainer *ct)
{
    return ct->burns >= PROC_BURSTS || c->burned >= c->burn_max;
}

/* Too many steps at one instant: a real program would use up CPU time here, so time passes. */
static void burn(struct cri *c, struct proc *p)
{
    struct vcontainer *ct = p->container;
    if (!ct->burn_reported) {
        ct->burn_reported = true;
        ct->burn_delay = PROC_BURN_FIRST;
        struct src_pos at = ct->pub.config.command_source ? ct->pub.config.command_source->at : (struct src_pos){0};
        report_diag(c, ct, at,
                    arena_printf(sim_arena(c->sim),
                                 "container %s runs without ever waiting (%d steps at one instant): it burns CPU; "
                                 "from here on its loop is slowed down",
                                 ct->pub.config.name, (int)PROC_STEPS_PER_INSTANT));
    }
    c->burned += p->steps;
    if (endless(c, ct) && ++ct->endless_bursts % 4 == 0 && ct->burn_delay < PROC_BURN_MAX)
        ct->burn_delay *= 2;
    ct->burns++;
    p->wait = WAIT_TIME;
    p->wake_at = sim_time_add(proc_now(c), ct->burn_delay);
    arm_blocked(c, p);
}

static bool count_step(struct cri *c, struct proc *p)
{
    sim_time now = proc_now(c);
    if (p->steps_at != now) {
        p->steps_at = now;
        p->steps = 0;
    }
    const struct vcontainer *ct = p->container;
    uint32_t limit = !ct->burn_reported ? PROC_STEPS_PER_INSTANT
                     : endless(c, ct)   ? PROC_STEPS_ENDLESS
                                        : PROC_STEPS_BURST;
    return ++p->steps <= limit / c->burn_divisor;
}

static bool pipe_blocks(struct proc *p)
{
    struct pipe *pipe = p->full_pipe;
    if (!pipe)
        return false;
    if (pipe->readers && pipe->len > PIPE_CAPACITY)
        return true;
    p->full_pipe = NULL;
    return false;
}

static void run(struct cri *c, struct proc *p)
{
    struct proc_slot *slot = p->container->slots[p->slot];
    for (;;) {
        if (pipe_blocks(p)) {
            p->wait = WAIT_PIPE;
            p->wait_pipe = p->full_pipe;
            p->wake_at = SIM_NEVER;
            arm_blocked(c, p);
            return;
        }
        if (!count_step(c, p)) {
            burn(c, p);
            return;
        }
        if (!p->session)
            world_touch(c, p->container->sandbox);
        p->woken = false; /* what happens to it during its own step must not get lost */
        c->running = p;
        enum step step = p->program->step(c, p);
        c->running = NULL;
        end_doomed(c);
        if (slot->proc != p || p->zombie)
            return; /* it was killed by what it did */
        if (step == STEP_EXIT) {
            proc_end(c, p, p->exit_code, 0);
            return;
        }
        if (p->stopped)
            return;
        if (step == STEP_BLOCK && !p->woken) {
            arm_blocked(c, p);
            return;
        }
        forget_wait(p);
    }
}

void proc_fire(struct cri *c, struct proc *p)
{
    if (p->zombie)
        return;
    if (p->kill_at != SIM_NEVER && proc_now(c) >= p->kill_at) {
        p->kill_at = SIM_NEVER;
        if (p->exec)
            p->exec->pub.timed_out = true;
        proc_end(c, p, 0, VSIGKILL);
        return;
    }
    if (p->stopped)
        return;
    forget_wait(p);
    run(c, p);
}

/* ---- environment ---- */

static uint32_t env_index(const struct env *e, const char *name, size_t n)
{
    for (uint32_t i = 0; i < e->count; i++)
        if (strncmp(e->items[i], name, n) == 0 && e->items[i][n] == '=')
            return i;
    return e->count;
}

const char *env_get(const struct env *e, const char *name)
{
    size_t n = strlen(name);
    uint32_t i = env_index(e, name, n);
    return i < e->count ? e->items[i] + n + 1 : NULL;
}

struct env *proc_env(struct cri *c, struct proc *p)
{
    if (p->env.unmade)
        p->env = *container_env(c, p->container);
    return &p->env;
}

/* About to be changed: the list becomes the owner's; the strings are good as long as the container is. */
static void env_own(struct cri *c, struct mem_owner *owner, struct env *e)
{
    ASSERT(!e->unmade);
    if (!e->lent)
        return;
    char **items = mem_alloc(&c->mem, owner, sizeof(char *) * (e->count + 1));
    memcpy(items, e->items, sizeof(char *) * e->count);
    *e = (struct env){.items = items, .count = e->count, .cap = e->count + 1};
}

void env_set(struct cri *c, struct mem_owner *owner, struct env *e, const char *name, const char *value)
{
    env_own(c, owner, e);
    size_t n = strlen(name), v = strlen(value);
    uint32_t i = env_index(e, name, n);
    char *item = mem_alloc(&c->mem, owner, n + v + 2);
    memcpy(item, name, n);
    item[n] = '=';
    memcpy(item + n + 1, value, v + 1);
    if (i == e->count) {
        if (e->count == e->cap) {
            e->cap = e->cap ? e->cap * 2 : 16;
            e->items = mem_grow(&c->mem, owner, e->items, sizeof(char *) * e->cap);
        }
        e->count++;
    }
    e->items[i] = item; /* the old one stays until its owner goes */
}

void env_unset(struct cri *c, struct mem_owner *owner, struct env *e, const char *name)
{
    env_own(c, owner, e);
    uint32_t i = env_index(e, name, strlen(name));
    if (i == e->count)
        return;
    memmove(&e->items[i], &e->items[i + 1], sizeof(char *) * (e->count - i - 1));
    e->count--;
}

void env_copy(struct cri *c, struct mem_owner *owner, struct env *to, const struct env *from)
{
    size_t total = 0, at = 0;
    *to = (struct env){0};
    if (from->unmade || from->lent)
        *to = *from;
    if (from->unmade || from->lent || !from->count)
        return;
    for (uint32_t i = 0; i < from->count; i++)
        total += strlen(from->items[i]) + 1;
    to->cap = to->count = from->count;
    to->items = mem_alloc(&c->mem, owner, sizeof(char *) * from->count);
    to->block = mem_alloc(&c->mem, owner, total);
    for (uint32_t i = 0; i < from->count; i++) {
        size_t n = strlen(from->items[i]) + 1;
        to->items[i] = memcpy(to->block + at, from->items[i], n);
        at += n;
    }
}

void env_free(struct cri *c, struct env *e)
{
    if (!e->lent) {
        mem_free(&c->mem, e->items);
        mem_free(&c->mem, e->block);
    }
    *e = (struct env){0};
}
