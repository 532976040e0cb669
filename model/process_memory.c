/* process_memory.c - what the processes of a container use, and the kernel's OOM killer.
 *
 * Stands where the kernel's memory controller stands: mm/memcontrol.c (limits of a container's and of a pod's
 * cgroup, memory.oom.group) and mm/oom_kill.c (whom it hits). Rules: semantics/kubelet.md 3.1.
 *
 * A program says what it takes (proc_memory_...); an image or a fault may say it for the whole container. Use is
 * a line through points, so it is known at every instant and costs nothing while nobody asks; only the instant
 * at which it passes a limit is an event. Left out on purpose: page cache, tmpfs, swap, soft limits.
 */
#include "model/classes.h"
#include "model/process.h"
#include "model/programs.h"

/* What any process takes: its stack, its heap, its part of the C library. A modelling choice. */
#define PROCESS_BASE ((int64_t)1 << 20)

/* ---- how much ---- */

/* d * part / whole, exact where the product does not fit: bit by bit, the remainder below `whole`. */
static int64_t share(int64_t d, sim_time part, sim_time whole)
{
    ASSERT(part >= 0 && part < whole);
    uint64_t n = d < 0 ? -(uint64_t)d : (uint64_t)d, quotient = 0, rest = 0;
    for (int bit = 63; bit >= 0; bit--) {
        rest = 2 * rest;
        quotient = 2 * quotient + (rest >= (uint64_t)whole);
        rest -= rest >= (uint64_t)whole ? (uint64_t)whole : 0;
        rest += n >> bit & 1 ? (uint64_t)part : 0;
        quotient += rest >= (uint64_t)whole;
        rest -= rest >= (uint64_t)whole ? (uint64_t)whole : 0;
    }
    return d < 0 ? -(int64_t)quotient : (int64_t)quotient;
}

/* Where the line through the points is, `t` after its beginning. It holds the last value. */
int64_t memory_line_at(const struct memory_line *l, sim_time now)
{
    sim_time t = now - l->since;
    if (l->count == 0)
        return 0;
    uint32_t i = 0;
    while (i < l->count && l->points[i].at <= t)
        i++;
    if (i == 0)
        return 0; /* before the first point */
    const struct memory_point *from = &l->points[i - 1];
    if (i == l->count)
        return from->bytes;
    const struct memory_point *to = &l->points[i];
    return from->bytes + share(to->bytes - from->bytes, t - from->at, to->at - from->at);
}

/* The next instant after `now` at which the line bends. */
static sim_time next_bend(const struct memory_line *l, sim_time now)
{
    for (uint32_t i = 0; i < l->count; i++) {
        sim_time at = sim_time_add(l->since, l->points[i].at);
        if (at > now)
            return at;
    }
    return SIM_NEVER;
}

static int64_t process_memory(const struct proc *p, sim_time now)
{
    return p->zombie ? 0 : PROCESS_BASE + memory_line_at(&p->memory, now);
}

static int64_t container_memory(const struct vcontainer *ct, sim_time now)
{
    int64_t sum = 0;
    if (ct->pub.state != CRI_RUNNING)
        return 0;
    for (uint32_t i = 0; i < ct->slot_count; i++)
        if (ct->slots[i]->proc)
            sum += process_memory(ct->slots[i]->proc, now);
    return sum + memory_line_at(&ct->memory, now);
}

static int64_t pod_memory(const struct vsandbox *s, sim_time now)
{
    int64_t sum = 0;
    for (const struct vcontainer *ct = s->containers; ct; ct = ct->next)
        sum += container_memory(ct, now);
    return sum;
}

int64_t cri_memory_used(const struct cri *c, uint32_t container)
{
    ASSERT(container > 0);
    return container_memory(pool_at(&c->containers, container), proc_now(c));
}

/* ---- the OOM killer ---- */

/* What a process counts for when a victim is looked for. What is known of the container as a whole is its main
 * process's. */
static int64_t badness(const struct vcontainer *ct, const struct proc *p, sim_time now)
{
    return process_memory(p, now) + (p == ct->main ? memory_line_at(&ct->memory, now) : 0);
}

/* The process that uses most; of equals the first. k8s-order: the kernel's order of tasks is by start. */
static struct proc *victim(const struct vcontainer *ct, struct proc *best, sim_time now)
{
    for (uint32_t i = 0; i < ct->slot_count; i++) {
        struct proc *p = ct->slots[i]->proc;
        if (p && !p->zombie && !p->doomed && (!best || badness(ct, p, now) > badness(best->container, best, now)))
            best = p;
    }
    return best;
}

static void record_kill(struct cri *c, const struct proc *p)
{
    struct mem_buf command = {0};
    struct trace_container *t = arena_new(sim_arena(c->sim), struct trace_container);
    *t = *p->container->facts;
    proc_command_line(c, p, &command);
    t->message = arena_strndup(sim_arena(c->sim), buf_str(&command), command.len);
    t->bytes = (uint64_t)process_memory(p, proc_now(c));
    buf_fini(&c->mem, &command);
    sim_record(c->sim, (struct trace_record){.object = p->container->sandbox->pub.config.pod_ordinal,
                                             .kind = TRACE_OOM_KILL,
                                             .component = COMP_PROCESS,
                                             .aux = (uint32_t)p->pid,
                                             .text = p->container->pub.config.name,
                                             .data = t});
}

/* memory.oom.group of the container's cgroup: all of it goes, or one process. Either way the runtime calls the
 * container OOMKilled when it ends (containerd, internal/cri/server/events.go). */
static void kill_victim(struct cri *c, struct proc *p)
{
    struct vcontainer *ct = p->container;
    ct->oom = true;
    if (!ct->sandbox->pub.config.oom_single && ct->main)
        p = ct->main;
    if (p != ct->main)
        record_kill(c, p);
    proc_end(c, p, 0, VSIGKILL);
}

void cri_oom_kill(struct cri *c, uint32_t container)
{
    struct vcontainer *ct = pool_at(&c->containers, container);
    struct proc *p = victim(ct, NULL, proc_now(c));
    if (ct->pub.state == CRI_RUNNING && p)
        kill_victim(c, p);
}

/* ---- limits ---- */

/* A cgroup with a limit: of one container, or of the pod (container NULL). */
struct domain {
    struct vsandbox *sandbox;
    struct vcontainer *container;
    int64_t limit; /* 0 = none */
};

static int64_t domain_memory(const struct domain *d, sim_time now)
{
    return d->container ? container_memory(d->container, now) : pod_memory(d->sandbox, now);
}

static struct proc *domain_victim(const struct domain *d, sim_time now)
{
    struct proc *best = NULL;
    for (struct vcontainer *ct = d->sandbox->containers; ct; ct = ct->next)
        if ((!d->container || ct == d->container) && ct->pub.state == CRI_RUNNING)
            best = victim(ct, best, now);
    return best;
}

static void earlier(sim_time *at, sim_time other)
{
    if (other != SIM_NEVER && (*at == SIM_NEVER || other < *at))
        *at = other;
}

static sim_time domain_bend(const struct domain *d, sim_time now)
{
    sim_time at = SIM_NEVER;
    for (const struct vcontainer *ct = d->sandbox->containers; ct; ct = ct->next) {
        if ((d->container && ct != d->container) || ct->pub.state != CRI_RUNNING)
            continue;
        earlier(&at, next_bend(&ct->memory, now));
        for (uint32_t i = 0; i < ct->slot_count; i++)
            if (ct->slots[i]->proc)
                earlier(&at, next_bend(&ct->slots[i]->proc->memory, now));
    }
    return at;
}

/* Up to `bend` the use is a straight line: the first instant at which it is over the limit. */
static sim_time crossing(const struct domain *d, sim_time now, sim_time bend)
{
    sim_time low = now, high = bend; /* not over at low, over at high */
    while (high - low > 1) {
        sim_time middle = low + (high - low) / 2;
        if (domain_memory(d, middle) > d->limit)
            high = middle;
        else
            low = middle;
    }
    return high;
}

/* Kills what is over the limit now; returns when to look again. */
static sim_time enforce(struct cri *c, const struct domain *d)
{
    sim_time now = proc_now(c);
    if (d->limit <= 0)
        return SIM_NEVER;
    if (domain_memory(d, now) > d->limit) {
        struct proc *p = domain_victim(d, now);
        if (p)
            kill_victim(c, p);
        return SIM_NEVER; /* what is left says so when it takes more */
    }
    sim_time bend = domain_bend(d, now);
    if (bend == SIM_NEVER)
        return SIM_NEVER;
    return domain_memory(d, bend) > d->limit ? crossing(d, now, bend) : bend;
}

bool cri_memory_moves(const struct cri *c, uint32_t container)
{
    struct vcontainer *ct = pool_at(&c->containers, container);
    return domain_bend(&(struct domain){ct->sandbox, ct, 0}, proc_now(c)) != SIM_NEVER;
}

void container_memory_check(struct cri *c, struct vcontainer *ct)
{
    struct vsandbox *s = ct->sandbox;
    if (ct->pub.state != CRI_RUNNING)
        return;
    if (c->deps.memory)
        c->deps.memory(c->deps.ctx, s->pub.config.pod_ordinal);
    sim_time at = enforce(c, &(struct domain){s, ct, ct->pub.config.memory_limit_bytes});
    if (ct->main && !ct->main->doomed)
        earlier(&at, enforce(c, &(struct domain){s, NULL, s->pub.config.memory_limit_bytes}));
    if (at != SIM_NEVER && ct->pub.state == CRI_RUNNING)
        sim_arm(c->sim, at, CLASS_RUNTIME, ct->object, MEMORY_TIMER);
}

/* ---- what programs and faults say ---- */

void proc_memory_set(struct cri *c, struct proc *p, int64_t bytes)
{
    struct memory_point *points = proc_alloc(c, p, sizeof *points);
    points[0] = (struct memory_point){0, bytes};
    p->memory = (struct memory_line){points, 1, proc_now(c)};
    container_memory_check(c, p->container);
}

void proc_memory_grow(struct cri *c, struct proc *p, int64_t to)
{
    struct memory_point *points = proc_alloc(c, p, 2 * sizeof *points);
    points[0] = (struct memory_point){0, 0};
    points[1] = (struct memory_point){to / (1 << 10) * SIM_SECOND / (1 << 20) + 1, to}; /* 1 GiB/s */
    p->memory = (struct memory_line){points, 2, proc_now(c)};
    container_memory_check(c, p->container);
}

void container_memory_follow(struct cri *c, struct vcontainer *ct, const struct memory_point *points, uint32_t count)
{
    ct->memory = (struct memory_line){points, count, proc_now(c)};
    container_memory_check(c, ct);
}

void cri_set_memory(struct cri *c, uint32_t container, int64_t bytes)
{
    struct vcontainer *ct = pool_at(&c->containers, container);
    struct memory_point *point = arena_new(sim_arena(c->sim), struct memory_point);
    *point = (struct memory_point){0, bytes};
    container_memory_follow(c, ct, point, 1);
}

void cri_limit_sandbox_memory(struct cri *c, uint32_t sandbox, int64_t bytes)
{
    struct vsandbox *s = pool_at(&c->sandboxes, sandbox);
    s->pub.config.memory_limit_bytes = bytes;
    for (struct vcontainer *ct = s->containers; ct; ct = ct->next)
        container_memory_check(c, ct);
}

void cri_limit_memory(struct cri *c, uint32_t container, int64_t bytes)
{
    struct vcontainer *ct = pool_at(&c->containers, container);
    ct->pub.config.memory_limit_bytes = bytes;
    container_memory_check(c, ct);
}
