/* programs_stress.c - programs that use memory: stress (polinux/stress) and vish/stress of the Kubernetes
 * documentation.
 *
 * Left out on purpose: what they do to CPU and disk.
 */
#include <string.h>

#include "model/programs.h"
#include "model/programs_server.h"
#include "model/shell.h"

/* ---- stress ---- */

/* "250M", as stress(1) reads sizes. */
static int64_t size_value(const char *s)
{
    int64_t v = 0;
    for (; *s >= '0' && *s <= '9' && v < INT64_MAX / 100; s++)
        v = v * 10 + (*s - '0');
    switch (*s | 32) {
    case 'k':
        return v << 10;
    case 'm':
        return v << 20;
    case 'g':
        return v << 30;
    default:
        return v;
    }
}

/* A hog of stress --vm: takes its memory and keeps it (it frees and fills it again and again). */
static enum step hog_step(struct cri *c, struct proc *p)
{
    if (!p->title) {
        p->title = "stress";
        proc_memory_grow(c, p, size_value(option_value(p, "vm-bytes", "256M")));
    }
    return proc_block_for(p, WAIT_FOREVER, SIM_NEVER);
}
static const struct program program_hog = {.name = "stress-hog", .step = hog_step};

struct stress_data {
    bool begun;
    int64_t hogs;
    sim_time timeout; /* 0 = none */
};

/* stress --vm N --vm-bytes SIZE: N children take that much each; stress itself only waits for them. */
static enum step stress_begin(struct cri *c, struct proc *p, struct stress_data *d)
{
    parse_int64(option_value(p, "vm", option_value(p, "m", "0")), &d->hogs);
    parse_duration(option_value(p, "timeout", option_value(p, "t", "0")), &d->timeout);
    if (p->argc == 1) {
        out_puts(
            c, p, 1,
            "`stress' imposes certain types of compute stress on your system\n\nUsage: stress [OPTION [ARG]] ...\n");
        return proc_exit_with(p, 0);
    }
    d->begun = true;
    p->title = "stress";
    out_printf(c, p, 1, "stress: info: [%d] dispatching hogs: 0 cpu, 0 io, %lld vm, 0 hdd\n", (int)p->pid,
               (long long)d->hogs);
    struct proc_start start = {.program = &program_hog,
                               .parent = p,
                               .container = p->container,
                               .argc = p->argc,
                               .argv = p->argv,
                               .env = &p->env,
                               .cwd = p->cwd,
                               .fds = p->fds,
                               .umask = p->umask,
                               .uid = p->uid};
    for (int64_t i = 0; i < d->hogs && proc_start(c, &start); i++)
        continue;
    return STEP_AGAIN;
}

/* Texts of stress 1.0.4, src/stress.c. */
static enum step stress_step(struct cri *c, struct proc *p)
{
    struct stress_data *d = p->data;
    if (!d->begun)
        return stress_begin(c, p, d);
    long long seconds = (long long)((proc_now(c) - p->started_at) / SIM_SECOND);
    struct proc *dead = proc_zombie(p, 0);
    if (dead) {
        out_printf(c, p, 2, "stress: FAIL: [%d] (415) <-- worker %d got signal %d\n", (int)p->pid, (int)dead->pid,
                   dead->exit_signal);
        out_printf(c, p, 2, "stress: WARN: [%d] (417) now reaping child worker processes\n", (int)p->pid);
        out_printf(c, p, 2, "stress: FAIL: [%d] (451) failed run completed in %llds\n", (int)p->pid, seconds);
        return proc_exit_with(p, 1);
    }
    if (d->timeout && proc_now(c) >= p->started_at + d->timeout) {
        out_printf(c, p, 1, "stress: info: [%d] successful run completed in %llds\n", (int)p->pid, seconds);
        return proc_exit_with(p, 0);
    }
    return proc_block_for(p, WAIT_CHILD, d->timeout ? p->started_at + d->timeout : SIM_NEVER);
}
const struct program program_stress = {.name = "stress", .step = stress_step, .data_bytes = sizeof(struct stress_data)};

/* ---- vish/stress: main.go; agnhost's stress is the same ---- */

struct vish_data {
    bool begun;
    struct memory_point points[2];
};

/* -mem-total 150Mi -mem-alloc-size 10Mi -mem-alloc-sleep 1s: a chunk, a sleep, and so on; as a straight line. */
static enum step vish_stress_step(struct cri *c, struct proc *p)
{
    struct vish_data *d = p->data;
    struct quantity total, chunk;
    sim_time sleep = SIM_MS;
    if (d->begun)
        return proc_block_for(p, WAIT_FOREVER, SIM_NEVER);
    d->begun = true;
    const char *mem = option_value(p, "mem-total", "0"), *step = option_value(p, "mem-alloc-size", "4Ki");
    if (quantity_parse(sim_arena(c->sim), mem, &total) || quantity_parse(sim_arena(c->sim), step, &chunk) ||
        quantity_value(&chunk) <= 0)
        return proc_exit_with(p, 1);
    if (sim_parse_duration(option_value(p, "mem-alloc-sleep", "1ms"), &sleep) != 0 || sleep < 0)
        sleep = SIM_MS;
    out_printf(c, p, 2, "Allocating \"%s\" memory, in \"%s\" chunks, with a %s sleep between allocations\n", mem, step,
               option_value(p, "mem-alloc-sleep", "1ms"));
    int64_t chunks = quantity_value(&total) / quantity_value(&chunk);
    sim_time takes = chunks < INT64_C(1000000000) && sleep < 3600 * SIM_SECOND ? chunks * sleep : SIM_TIME_MAX / 2;
    d->points[1] = (struct memory_point){takes > 0 ? takes : 1, chunks * quantity_value(&chunk)};
    p->memory = (struct memory_line){d->points, 2, proc_now(c)};
    container_memory_check(c, p->container);
    return proc_block_for(p, WAIT_FOREVER, SIM_NEVER);
}
const struct program program_vish_stress = {
    .name = "vish-stress", .step = vish_stress_step, .data_bytes = sizeof(struct vish_data), .flags = PROGRAM_GO};
