/* shell_fork.c - what a shell does with children: forks, subshells, pipelines, background jobs and their table.
 *
 * busybox ash, shell/ash.c: forkshell, evalsubshell, evalpipe, makejob, waitone. Job control is left out: a script has
 * none, so jobs have no process groups of their own.
 */
#include <string.h>

#include "model/shell.h"

/* ---- the job table ---- */

void sh_forget_job(struct shell *sh, struct sh_job *job)
{
    mem_free(&sh->c->mem, job->pids);
    mem_free(&sh->c->mem, job->statuses);
    mem_free(&sh->c->mem, job->signals);
    *job = (struct sh_job){0};
}

/* ash.c makejob: the first place that is free, or whose job is done and has been waited for. */
void sh_forget_waited_job(struct shell *sh)
{
    for (uint32_t i = 0; i < sh->job_cap && sh->jobs[i].used; i++)
        if (!sh->jobs[i].running && sh->jobs[i].waited) {
            sh_forget_job(sh, &sh->jobs[i]);
            return;
        }
}

static struct sh_job *oldest_job(const struct shell *sh)
{
    struct sh_job *oldest = &sh->jobs[0];
    for (uint32_t i = 1; i < sh->job_cap; i++)
        if (sh->jobs[i].started < oldest->started)
            oldest = &sh->jobs[i];
    return oldest;
}

static struct sh_job *new_job(struct shell *sh, uint32_t count)
{
    uint32_t i = 0;
    sh_forget_waited_job(sh);
    while (i < sh->job_cap && sh->jobs[i].used)
        i++;
    if (i == SH_JOBS_MAX) {
        struct sh_job *oldest = oldest_job(sh);
        i = (uint32_t)(oldest - sh->jobs);
        sh_forget_job(sh, oldest);
    } else if (i == sh->job_cap) {
        uint32_t cap = sh->job_cap ? sh->job_cap * 2 : 4;
        sh->jobs = mem_grow(&sh->c->mem, &sh->p->mem, sh->jobs, sizeof *sh->jobs * cap);
        memset(sh->jobs + sh->job_cap, 0, sizeof *sh->jobs * (cap - sh->job_cap));
        sh->job_cap = cap;
    }
    struct sh_job *job = &sh->jobs[i];
    *job = (struct sh_job){.used = true, .started = ++sh->jobs_started};
    job->pids = proc_alloc(sh->c, sh->p, sizeof(int32_t) * count);
    job->statuses = proc_alloc(sh->c, sh->p, sizeof(int32_t) * count);
    job->signals = proc_alloc(sh->c, sh->p, sizeof(int32_t) * count);
    return job;
}

static void add_to_job(struct sh_job *job, int32_t pid)
{
    job->pids[job->count++] = pid;
    job->running++;
}

/* The job whose last process this is. */
struct sh_job *sh_job_of_pid(const struct shell *sh, int32_t pid)
{
    for (uint32_t i = 0; i < sh->job_cap; i++)
        if (sh->jobs[i].used && sh->jobs[i].count && sh->jobs[i].pids[sh->jobs[i].count - 1] == pid)
            return &sh->jobs[i];
    return NULL;
}

struct sh_job *sh_current_job(const struct shell *sh, uint32_t nth)
{
    uint32_t below = UINT32_MAX;
    for (;; nth--) {
        struct sh_job *newest = NULL;
        for (uint32_t i = 0; i < sh->job_cap; i++)
            if (sh->jobs[i].used && sh->jobs[i].started < below && (!newest || sh->jobs[i].started > newest->started))
                newest = &sh->jobs[i];
        if (!newest || nth == 0)
            return newest;
        below = newest->started;
    }
}

int sh_job_status(const struct shell *sh, const struct sh_job *job)
{
    uint32_t i = job->count - 1;
    while ((sh->options & OPTION_PIPEFAIL) && i > 0 && job->statuses[i] == 0)
        i--;
    return job->statuses[i];
}

/* `waited_for`: a job whose signals are told as its processes end, or NULL. */
static void note_end(struct shell *sh, const struct proc *zombie, const struct sh_job *waited_for)
{
    for (uint32_t i = 0; i < sh->job_cap; i++) {
        struct sh_job *job = &sh->jobs[i];
        for (uint32_t k = 0; job->used && job->running && k < job->count; k++) {
            if (job->pids[k] != zombie->pid)
                continue;
            job->statuses[k] = proc_wait_status(zombie);
            job->signals[k] = zombie->exit_signal;
            job->running--;
            if (job == waited_for)
                sh_report_signal(sh, zombie->exit_signal);
            return;
        }
    }
}

void sh_reap_jobs(struct shell *sh, const struct sh_job *waited_for)
{
    struct proc *z;
    while ((z = proc_zombie(sh->p, 0))) {
        note_end(sh, z, waited_for);
        proc_reap(sh->c, z);
    }
}

void sh_report_signal(struct shell *sh, int number)
{
    static const char *const texts[] = {
        [VSIGHUP] = "Hangup",
        [VSIGQUIT] = "Quit",
        [VSIGILL] = "Illegal instruction",
        [VSIGABRT] = "Aborted",
        [VSIGBUS] = "Bus error",
        [VSIGFPE] = "Floating point exception",
        [VSIGKILL] = "Killed",
        [VSIGUSR1] = "User defined signal 1",
        [VSIGSEGV] = "Segmentation fault",
        [VSIGUSR2] = "User defined signal 2",
        [VSIGALRM] = "Alarm clock",
        [VSIGTERM] = "Terminated",
    };
    if (number > 0 && number < (int)ARRAY_LEN(texts) && texts[number])
        out_printf(sh->c, sh->p, 2, "%s\n", texts[number]);
}

/* ---- fork ---- */

struct proc *sh_fork(struct shell *sh, const struct sh_node *node, struct ofile *const *fds, bool background,
                     bool tested)
{
    struct proc *p = sh->p;
    struct proc_start start = {.program = &program_shell,
                               .parent = p,
                               .container = p->container,
                               .argc = p->argc,
                               .argv = p->argv,
                               .cwd = p->cwd,
                               .fds = fds,
                               .sig_ignored = sh_inherited_ignores(sh),
                               .umask = p->umask,
                               .uid = p->uid};
    if (background)
        start.sig_ignored |= SIG_BIT(VSIGINT) | SIG_BIT(VSIGQUIT);
    struct proc *child = proc_start(sh->c, &start);
    if (!child) {
        sh_limit_reached(sh, "can't fork: Resource temporarily unavailable",
                         "the container has as many processes as podsim gives it (512); the shell cannot fork");
        return NULL;
    }
    struct shell *to = child->data;
    to->c = sh->c;
    to->p = child;
    to->begun = true;
    to->subshell = true;
    to->subst_status = -1;
    sh_copy_state(sh, to);
    if (node)
        sh_push_node(to, node, tested, true);
    return child;
}

enum step sh_step_subshell(struct shell *sh, struct sh_frame *f, const struct sh_node *n)
{
    if (f->state == 0 && f->exits && !sh->has_traps && sh->dialect == DIALECT_BUSYBOX) {
        /* ash.c evalsubshell: nothing follows, so no child is needed */
        bool tested = f->tested;
        sh_pop(sh);
        sh_push_node(sh, n->left, tested, true);
        return STEP_AGAIN;
    }
    if (f->state == 0) {
        f->state = 1;
        sh_forget_waited_job(sh);
        struct proc *child = sh_fork(sh, n->left, sh->p->fds, false, f->tested);
        if (child)
            f->i = (uint32_t)child->pid;
        return STEP_AGAIN;
    }
    struct proc *zombie = proc_zombie(sh->p, (int32_t)f->i);
    if (!zombie && proc_has_child(sh->p, (int32_t)f->i))
        return proc_block_for(sh->p, WAIT_CHILD, SIM_NEVER);
    sh->status = zombie ? proc_wait_status(zombie) : 0;
    if (zombie) {
        int number = zombie->exit_signal;
        proc_reap(sh->c, zombie);
        sh_report_signal(sh, number);
    }
    bool tested = f->tested;
    sh_pop(sh);
    sh_failed_command(sh, tested);
    return STEP_AGAIN;
}

/* ---- pipelines ---- */

struct sh_pipeline {
    uint32_t count;
    int status;
    int32_t pids[];
};

/* Starts the parts; their process ids in `pids`. false: there is no room for them all. */
static bool start_parts(struct shell *sh, const struct sh_node *n, bool background, bool tested, int32_t *pids)
{
    struct ofile *fds[PROC_FDS], *previous = background ? ofile_new(sh->c, OFILE_NULL) : NULL;

    for (uint32_t i = 0; i < n->count; i++) {
        struct ofile *read = NULL, *write = NULL;
        memcpy(fds, sh->p->fds, sizeof fds);
        if (previous)
            fds[0] = previous;
        if (i + 1 < n->count) {
            pipe_new(sh->c, sh->p->container, &read, &write);
            fds[1] = write;
        }
        struct proc *child = sh_fork(sh, n->nodes[i], fds, background, tested);
        ofile_unref(sh->c, write);
        ofile_unref(sh->c, previous);
        previous = read;
        if (!child) {
            ofile_unref(sh->c, previous);
            return false;
        }
        pids[i] = child->pid;
    }
    return true;
}

enum step sh_step_pipe(struct shell *sh, struct sh_frame *f, const struct sh_node *n)
{
    if (f->state == 0) {
        struct sh_pipeline *d = proc_alloc(sh->c, sh->p, sizeof *d + sizeof(int32_t) * n->count);
        f->state = 1;
        f->data = d;
        d->count = n->count;
        sh_forget_waited_job(sh);
        start_parts(sh, n, false, f->tested, d->pids);
        return STEP_AGAIN;
    }
    struct sh_pipeline *d = f->data;
    for (uint32_t i = 0; i < d->count; i++) {
        if (!d->pids[i])
            continue;
        struct proc *zombie = proc_zombie(sh->p, d->pids[i]);
        if (!zombie && proc_has_child(sh->p, d->pids[i]))
            return proc_block_for(sh->p, WAIT_CHILD, SIM_NEVER);
        int status = zombie ? proc_wait_status(zombie) : 0;
        if (i + 1 == d->count ? !(d->status && !status && (sh->options & OPTION_PIPEFAIL))
                              : (sh->options & OPTION_PIPEFAIL) && status)
            d->status = status;
        if (zombie) {
            int number = zombie->exit_signal;
            proc_reap(sh->c, zombie);
            sh_report_signal(sh, number);
        }
        d->pids[i] = 0;
    }
    sh->status = d->status;
    bool tested = f->tested;
    sh_pop(sh);
    sh_failed_command(sh, tested);
    return STEP_AGAIN;
}

/* ---- in the background ---- */

enum step sh_step_background(struct shell *sh, const struct sh_node *n)
{
    const struct sh_node *what = n->left;
    bool pipeline = what->kind == NODE_PIPE && !what->redir_count;
    uint32_t count = pipeline ? what->count : 1;

    sh_reap_jobs(sh, NULL);
    struct sh_job *job = new_job(sh, count);
    int32_t *pids = proc_alloc(sh->c, sh->p, sizeof(int32_t) * count);
    if (pipeline) {
        start_parts(sh, what, true, false, pids);
    } else {
        struct ofile *fds[PROC_FDS], *null = ofile_new(sh->c, OFILE_NULL);
        memcpy(fds, sh->p->fds, sizeof fds);
        fds[0] = null;
        struct proc *child = sh_fork(sh, what, fds, true, false);
        ofile_unref(sh->c, null);
        pids[0] = child ? child->pid : 0;
    }
    for (uint32_t i = 0; i < count && pids[i]; i++) {
        add_to_job(job, pids[i]);
        sh->last_background = pids[i];
    }
    mem_free(&sh->c->mem, pids);
    if (!job->count)
        sh_forget_job(sh, job);
    sh->status = 0;
    sh_pop(sh);
    return STEP_AGAIN;
}
