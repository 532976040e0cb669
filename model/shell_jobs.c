/* shell_jobs.c - kill, trap, jobs and wait. */
#include <string.h>

#include "model/pid_view.h"
#include "model/shell.h"

/* "%1", "%+", "%%": a job; else a pid. */
static bool job_pid(const struct shell *sh, const char *s, int32_t *ret)
{
    int64_t n;
    if (s[0] == '%') {
        if (!parse_int64(s + 1, &n))
            n = sh->job_count;
        if (n < 1 || n > sh->job_count)
            return false;
        *ret = sh->jobs[n - 1].pid;
        return true;
    }
    if (!parse_int64(s, &n) || n < INT32_MIN || n > INT32_MAX)
        return false;
    *ret = (int32_t)n;
    return true;
}

static int send_signal(struct shell *sh, const char *target, int number)
{
    int32_t pid;
    struct proc *p = sh->p;
    if (!job_pid(sh, target, &pid)) {
        sh_error(sh, sh->dialect == DIALECT_DASH ? "kill: Illegal number: %s" : "kill: invalid number '%s'", target);
        return 1;
    }
    if (pid == 0 || pid < -1)
        pid = pid == 0 ? p->pid : -pid;
    if (pid == -1) {
        pid_signal_all(sh->c, p, number);
        return 0;
    }
    struct seen_process q;
    bool there = pid_seen(sh->c, p->container, pid, &q);
    if (!there || (q.proc && q.proc->session))
        world_looked_beyond(sh->c); /* a later probe may have that process id */
    if (!there) {
        if (sh->dialect == DIALECT_BUSYBOX)
            sh_error(sh, "can't kill pid %d: No such process", (int)pid);
        else
            sh_error(sh, "kill: No such process");
        return 1;
    }
    if (number)
        pid_signal(sh->c, &q, number);
    return 0;
}

int builtin_kill(struct shell *sh, int argc, char **argv)
{
    int number = VSIGTERM, i = 1, status = 0;
    if (argc > 1 && argv[1][0] == '-' && argv[1][1] == 'l') {
        for (int n = 1; n < 32 && argc == 2; n++)
            if (cri_signal_name(n))
                out_printf(sh->c, sh->p, 1, "%2d) %s\n", n, cri_signal_name(n) + 3);
        return 0;
    }
    if (argc > 2 && strcmp(argv[1], "-s") == 0) {
        number = cri_signal_number(argv[2]);
        i = 3;
    } else if (argc > 1 && argv[1][0] == '-' && argv[1][1] && strcmp(argv[1], "--") != 0) {
        number = strcmp(argv[1], "-0") == 0 ? 0 : cri_signal_number(argv[1] + 1);
        i = 2;
    }
    if (i < argc && strcmp(argv[i], "--") == 0)
        i++;
    if (number < 0) {
        sh_error(sh, sh->dialect == DIALECT_DASH ? "kill: Illegal option %s" : "kill: bad signal name '%s'",
                 argv[1] + (sh->dialect == DIALECT_BUSYBOX));
        return 1;
    }
    if (i >= argc) {
        sh_error(sh, "kill: you need to specify whom to kill");
        return 1;
    }
    for (; i < argc; i++)
        status |= send_signal(sh, argv[i], number);
    return status;
}

static int trap_number(const char *name)
{
    if (strcmp(name, "EXIT") == 0 || strcmp(name, "0") == 0)
        return 0;
    return cri_signal_number(name);
}

static void set_trap(struct shell *sh, int number, const char *action)
{
    sh_set_trap(sh, number, action);
    if (number) {
        uint64_t bit = SIG_BIT(number);
        sh->p->sig_caught &= ~bit;
        sh->p->sig_ignored &= ~bit;
        if (action && *action)
            sh->p->sig_caught |= bit;
        else if (action)
            sh->p->sig_ignored |= bit;
        sh->p->sig_pending &= sh->p->sig_caught;
    }
    sh->has_traps = false;
    for (int i = 0; i < VSIG_COUNT; i++)
        sh->has_traps |= sh_trap(sh, i) && sh_trap(sh, i)[0];
}

int builtin_trap(struct shell *sh, int argc, char **argv)
{
    int i = 1, status = 0;
    int64_t n;
    if (i < argc && strcmp(argv[i], "--") == 0)
        i++;
    if (i == argc) {
        for (int k = 0; k < VSIG_COUNT; k++)
            if (sh_trap(sh, k))
                out_printf(sh->c, sh->p, 1, "trap -- '%s' %s\n", sh_trap(sh, k), k ? cri_signal_name(k) + 3 : "EXIT");
        return 0;
    }
    const char *action = argv[i];
    bool reset = strcmp(action, "-") == 0;
    if (parse_int64(action, &n) || (argc - i == 1 && trap_number(action) >= 0))
        reset = true; /* "trap 15": all are signals */
    else
        i++;
    for (; i < argc; i++) {
        int number = trap_number(argv[i]);
        if (number < 0 || number >= VSIG_COUNT) {
            sh_error(sh, sh->dialect == DIALECT_DASH ? "trap: bad trap" : "trap: %s: invalid signal specification",
                     argv[i]);
            status = 1;
            continue;
        }
        set_trap(sh, number, reset ? NULL : action);
    }
    return status;
}

int builtin_jobs(struct shell *sh, int argc, char **argv)
{
    bool pids = argc > 1 && strcmp(argv[1], "-p") == 0;
    sh_reap_jobs(sh);
    for (uint32_t i = 0; i < sh->job_count; i++) {
        if (pids && !sh->jobs[i].done)
            out_printf(sh->c, sh->p, 1, "%d\n", (int)sh->jobs[i].pid);
        else if (!pids)
            out_printf(sh->c, sh->p, 1, "[%u]%c %s\n", i + 1, i + 1 == sh->job_count ? '+' : ' ',
                       sh->jobs[i].done ? "Done" : "Running");
    }
    return 0;
}

/* ---- wait ---- */

struct sh_wait {
    uint32_t count, next; /* of pids; count 0: all */
    int status;
    int32_t pids[];
};

int builtin_wait(struct shell *sh, int argc, char **argv)
{
    int first = argc > 1 && strcmp(argv[1], "-n") == 0 ? 2 : 1;
    struct sh_wait *d = proc_alloc(sh->c, sh->p, sizeof *d + sizeof(int32_t) * (size_t)argc);
    for (int i = first; i < argc; i++)
        if (job_pid(sh, argv[i], &d->pids[d->count]))
            d->count++;
    struct sh_frame *f = sh_push(sh, FRAME_WAIT, NULL);
    if (!f)
        return 2;
    f->data = d;
    f->flag = first == 2;
    return BUILTIN_PUSHED;
}

static int forget_job(struct shell *sh, uint32_t i)
{
    int status = sh->jobs[i].status;
    memmove(&sh->jobs[i], &sh->jobs[i + 1], sizeof sh->jobs[0] * (sh->job_count - i - 1));
    sh->job_count--;
    return status;
}

/* The status of a job that is done: >= 0; -1: it still runs; 127: there is none. */
static int job_result(struct shell *sh, int32_t pid)
{
    for (uint32_t i = 0; i < sh->job_count; i++) {
        if (sh->jobs[i].pid != pid)
            continue;
        return sh->jobs[i].done ? forget_job(sh, i) : -1;
    }
    return 127;
}

static bool any_running(const struct shell *sh)
{
    for (uint32_t i = 0; i < sh->job_count; i++)
        if (!sh->jobs[i].done)
            return true;
    return false;
}

enum step sh_step_wait(struct shell *sh, struct sh_frame *f)
{
    struct sh_wait *d = f->data;
    sh_reap_jobs(sh);
    uint64_t pending = sh->p->sig_pending & sh->p->sig_caught & ~SIG_BIT(VSIGCHLD);
    if (pending) { /* POSIX 2.11: wait returns at once, and then the trap runs */
        sh->status = 128 + __builtin_ctzll(pending);
        sh_pop(sh);
        return STEP_AGAIN;
    }
    while (d->next < d->count) {
        int status = job_result(sh, d->pids[d->next]);
        if (status < 0)
            return proc_block_for(sh->p, WAIT_CHILD, SIM_NEVER);
        d->status = status;
        d->next++;
    }
    if (!d->count && f->flag) { /* wait -n: the next one */
        for (uint32_t i = 0; i < sh->job_count; i++)
            if (sh->jobs[i].done) {
                sh->status = forget_job(sh, i);
                sh_pop(sh);
                return STEP_AGAIN;
            }
        d->status = 127;
    }
    if (!d->count && any_running(sh))
        return proc_block_for(sh->p, WAIT_CHILD, SIM_NEVER);
    if (!d->count)
        sh->job_count = 0;
    sh->status = d->status;
    sh_pop(sh);
    return STEP_AGAIN;
}
