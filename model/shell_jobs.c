/* shell_jobs.c - kill, trap, jobs and wait. */
#include <stdio.h>
#include <string.h>

#include "model/pid_view.h"
#include "model/shell.h"

/* "%1", "%+", "%-": a job; NULL: there is none (raised). */
static struct sh_job *job_named(struct shell *sh, const char *s)
{
    int64_t n;
    struct sh_job *job = NULL;
    const char *which = s + 1;
    if (!*which || strcmp(which, "+") == 0 || strcmp(which, "%") == 0 || strcmp(which, "-") == 0) {
        job = sh_current_job(sh, *which == '-');
        if (!job)
            sh_fatal(sh, 2, *which == '-' ? "No previous job" : "No current job");
        return job;
    }
    if (parse_int64(which, &n) && n > 0 && n <= sh->job_cap && sh->jobs[n - 1].used)
        return &sh->jobs[n - 1];
    sh_fatal(sh, 2, sh->dialect == DIALECT_DASH ? "No such job: %s" : "%s: no such job", s);
    return NULL;
}

static int signal_pid(struct shell *sh, int32_t pid, int number)
{
    struct proc *p = sh->p;
    struct seen_process q;
    if (pid == -1) {
        pid_signal_all(sh->c, p, number);
        return 0;
    }
    bool there = pid <= 0 ? pid_signal_group(sh->c, p, pid == 0 ? p->group : -pid, number)
                          : pid_seen(sh->c, p->container, pid, &q);
    if (pid <= 0 && there)
        return 0;
    if (!there || (q.proc && q.proc->session))
        world_looked_beyond(sh->c); /* a later probe may have that process id */
    if (!there) {
        if (sh->dialect == DIALECT_BUSYBOX)
            sh_applet_error(sh, "can't kill pid %d: No such process", (int)pid);
        else
            sh_applet_error(sh, "No such process");
        return 1;
    }
    if (number)
        pid_signal(sh->c, &q, number);
    return 0;
}

static int send_signal(struct shell *sh, const char *target, int number)
{
    int64_t n;
    int status = 0;
    if (target[0] == '%') {
        const struct sh_job *job = job_named(sh, target);
        for (uint32_t i = 0; job && i < job->count; i++)
            if (proc_has_child(sh->p, job->pids[i]) && !proc_zombie(sh->p, job->pids[i]))
                status |= signal_pid(sh, job->pids[i], number);
        return job ? status : 2;
    }
    if (!parse_int64(target, &n) || n < INT32_MIN || n > INT32_MAX) {
        sh_applet_error(sh, sh->dialect == DIALECT_DASH ? "Illegal number: %s" : "invalid number '%s'", target);
        return 1;
    }
    return signal_pid(sh, (int32_t)n, number);
}

/* kill -l [NUMBER or NAME]...: an exit code stands for its signal. */
static int list_signals(struct shell *sh, int argc, char **argv)
{
    for (int n = 1; n < 32 && argc == 2; n++)
        if (cri_signal_name(n))
            out_printf(sh->c, sh->p, 1, "%2d) %s\n", n, cri_signal_name(n) + 3);
    for (int i = 2; i < argc; i++) {
        int64_t n = 0;
        bool number = sh_is_digit(argv[i][0]);
        if (number ? !parse_int64(argv[i], &n) : (n = cri_signal_number(argv[i])) < 0) {
            sh_applet_error(sh, "unknown signal '%s'", argv[i]);
            return 1;
        }
        const char *name = number && (n & 127) ? cri_signal_name((int)(n & 127)) : NULL;
        if (!number)
            out_printf(sh->c, sh->p, 1, "%d\n", (int)n);
        else if (name || !(n & 127))
            out_printf(sh->c, sh->p, 1, "%s\n", name ? name + 3 : "EXIT");
        else
            out_printf(sh->c, sh->p, 1, "%d\n", (int)(n & 127));
    }
    return 0;
}

int builtin_kill(struct shell *sh, int argc, char **argv)
{
    int number = VSIGTERM, i = 1, status = 0;
    const char *name = NULL;
    if (argc > 1 && strcmp(argv[1], "-l") == 0)
        return list_signals(sh, argc, argv);
    if (argc > 2 && strcmp(argv[1], "-s") == 0) {
        name = argv[2];
        i = 3;
    } else if (argc > 1 && argv[1][0] == '-' && argv[1][1] && strcmp(argv[1], "--") != 0) {
        name = argv[1] + 1;
        i = 2;
    }
    bool dash = sh->dialect == DIALECT_DASH, with_sig = name && strncmp(name, "SIG", 3) == 0;
    if (name && dash && with_sig)
        number = -1;
    else if (name)
        number = strcmp(name, "0") == 0 ? 0 : cri_signal_number(name);
    if (i < argc && strcmp(argv[i], "--") == 0)
        i++;
    if (number < 0) {
        if (dash && i == 3)
            sh_applet_error(sh, "invalid signal number or name: %s", name);
        else if (dash)
            sh_applet_error(sh, "Illegal option -%c", *name);
        else
            sh_applet_error(sh, "bad signal name '%s'", name);
        return dash ? 2 : 1;
    }
    if (i >= argc) {
        sh_applet_error(sh, "you need to specify whom to kill");
        return 1;
    }
    for (; i < argc; i++)
        status += send_signal(sh, argv[i], number) != 0;
    return status;
}

static int trap_number(const struct shell *sh, const char *name)
{
    if (strcmp(name, "EXIT") == 0 || strcmp(name, "0") == 0)
        return SH_TRAP_EXIT;
    bool dash = sh->dialect == DIALECT_DASH; /* knows no ERR, and no names with SIG */
    if (dash && (strncmp(name, "SIG", 3) == 0 || strcmp(name, "ERR") == 0))
        return -1;
    int number = strcmp(name, "ERR") == 0 ? SH_TRAP_ERR : cri_signal_number(name);
    return number < SH_TRAP_COUNT ? number : -1;
}

static void set_trap(struct shell *sh, int number, const char *action)
{
    sh_set_trap(sh, number, action);
    if (number != SH_TRAP_EXIT && number != SH_TRAP_ERR) {
        uint64_t bit = SIG_BIT(number);
        sh->p->sig_caught &= ~bit;
        sh->p->sig_ignored &= ~bit;
        if ((action && *action) || (!action && number == VSIGINT && sh->ends_on_int))
            sh->p->sig_caught |= bit;
        else if (action || (sh->ignored_here & bit))
            sh->p->sig_ignored |= bit;
        if (action && !*action)
            sh->ignored_here &= ~bit;
        sh->p->sig_pending &= sh->p->sig_caught;
    }
    sh->has_traps |= action && *action; /* ash.c may_have_traps: for good */
}

static void print_traps(struct shell *sh)
{
    for (int k = 0; k < SH_TRAP_COUNT; k++) {
        const char *action = sh_trap(sh, k);
        struct mem_buf b = {0};
        if (!action)
            continue;
        buf_puts(&sh->c->mem, &sh->p->mem, &b, "trap -- ");
        sh_add_quoted(sh, &b, action, false);
        out_printf(sh->c, sh->p, 1, "%s %s\n", buf_str(&b),
                   k == SH_TRAP_EXIT  ? "EXIT"
                   : k == SH_TRAP_ERR ? "ERR"
                                      : cri_signal_name(k) + 3);
        buf_fini(&sh->c->mem, &b);
    }
}

int builtin_trap(struct shell *sh, int argc, char **argv)
{
    int i = 1, status = 0;
    if (i < argc && strcmp(argv[i], "--") == 0)
        i++;
    if (i == argc) {
        print_traps(sh);
        return 0;
    }
    /* "trap 15" and "trap INT": all are signals */
    const char *action = NULL;
    if (i + 1 < argc && !sh_is_number(argv[i]))
        action = argv[i++];
    if (action && strcmp(action, "-") == 0)
        action = NULL;
    for (; i < argc; i++) {
        int number = trap_number(sh, argv[i]);
        if (number < 0) {
            if (sh->dialect == DIALECT_DASH)
                out_printf(sh->c, sh->p, 2, "trap: %s: bad trap\n", argv[i]);
            else
                sh_error(sh, "%s: invalid signal specification", argv[i]);
            status = 1;
            continue;
        }
        set_trap(sh, number, action);
    }
    return status;
}

/* ---- jobs ---- */

static void print_job(struct shell *sh, uint32_t i, bool pids)
{
    struct sh_job *job = &sh->jobs[i];
    char text[64];
    int number = job->count ? job->signals[job->count - 1] : 0, status = job->count ? job->statuses[job->count - 1] : 0;
    char mark = job == sh_current_job(sh, 0) ? '+' : job == sh_current_job(sh, 1) ? '-' : ' ';
    if (pids) {
        out_printf(sh->c, sh->p, 1, "%d\n", (int)job->pids[0]);
    } else {
        if (job->running)
            snprintf(text, sizeof text, "Running");
        else if (number)
            snprintf(text, sizeof text, "%s",
                     number == VSIGTERM   ? "Terminated"
                     : number == VSIGKILL ? "Killed"
                                          : "Signal");
        else if (status)
            snprintf(text, sizeof text, "Done(%d)", status);
        else
            snprintf(text, sizeof text, "Done");
        out_printf(sh->c, sh->p, 1, "[%u]%c  %-26s \n", i + 1, mark, text);
    }
    if (!job->running)
        sh_forget_job(sh, job);
}

int builtin_jobs(struct shell *sh, int argc, char **argv)
{
    bool pids = argc > 1 && strcmp(argv[1], "-p") == 0;
    sh_reap_jobs(sh, NULL);
    for (uint32_t n = sh->job_cap; n-- > 0;) { /* the newest first, as ash's list goes */
        struct sh_job *newest = NULL;
        for (uint32_t i = 0; i < sh->job_cap; i++)
            if (sh->jobs[i].used && sh->jobs[i].started <= sh->jobs_started && !sh->jobs[i].shown &&
                (!newest || sh->jobs[i].started > newest->started))
                newest = &sh->jobs[i];
        if (!newest)
            break;
        newest->shown = true;
        print_job(sh, (uint32_t)(newest - sh->jobs), pids);
    }
    for (uint32_t i = 0; i < sh->job_cap; i++)
        sh->jobs[i].shown = false;
    return 0;
}

/* ---- wait ---- */

struct sh_wait {
    uint32_t count, next; /* of the words; 0: all jobs */
    int status;
    char *words[]; /* the builtin's arguments, which outlive this */
};

int builtin_wait(struct shell *sh, int argc, char **argv)
{
    bool one = argc > 1 && strcmp(argv[1], "-n") == 0;
    if (one && sh->dialect == DIALECT_DASH) {
        sh_fatal(sh, 2, "Illegal option -n");
        return 2;
    }
    int first = one || (argc > 1 && strcmp(argv[1], "--") == 0) ? 2 : 1;
    struct sh_wait *d = proc_alloc(sh->c, sh->p, sizeof *d + sizeof(char *) * (size_t)argc);
    for (int i = first; i < argc; i++)
        d->words[d->count++] = argv[i];
    d->status = d->count || one ? 127 : 0;
    struct sh_frame *f = sh_push(sh, FRAME_WAIT, NULL);
    if (!f) {
        mem_free(&sh->c->mem, d);
        return 2;
    }
    f->data = d;
    f->flag = one;
    return BUILTIN_PUSHED;
}

static enum step end_wait(struct shell *sh, int status)
{
    sh->status = status;
    sh_pop(sh);
    return STEP_AGAIN;
}

/* wait WORD...: false: a job that they name still runs. */
static bool next_word(struct shell *sh, struct sh_wait *d)
{
    for (; d->next < d->count; d->next++) {
        const char *word = d->words[d->next];
        struct sh_job *job = NULL;
        int64_t pid;
        if (word[0] == '%')
            job = job_named(sh, word);
        else if (sh_number(sh, word, &pid))
            job = sh_job_of_pid(sh, pid > INT32_MAX ? 0 : (int32_t)pid);
        if (sh->jump)
            return true;
        sh_reap_jobs(sh, job);
        if (job && job->running)
            return false;
        if (job)
            job->waited = true;
        if (job || sh->dialect == DIALECT_BASH) /* ash keeps the status of those before */
            d->status = job ? sh_job_status(sh, job) : 127;
    }
    return true;
}

/* wait without words: 0 some job runs; 1 none does. With -n, a job that is done is the one. */
static bool all_done(struct shell *sh, struct sh_wait *d, bool one)
{
    bool running = false;
    for (uint32_t i = 0; i < sh->job_cap; i++) {
        struct sh_job *job = &sh->jobs[i];
        if (!job->used || job->waited)
            continue;
        running |= job->running > 0;
        if (job->running)
            continue;
        job->waited = true;
        if (one) {
            d->status = sh_job_status(sh, job);
            return true;
        }
    }
    return !running;
}

enum step sh_step_wait(struct shell *sh, struct sh_frame *f)
{
    struct sh_wait *d = f->data;
    uint64_t pending = sh->p->sig_pending & sh->p->sig_caught & ~SIG_BIT(VSIGCHLD);
    if (pending) { /* POSIX 2.11: wait returns at once, and then the trap runs */
        sh_reap_jobs(sh, NULL);
        return end_wait(sh, 128 + __builtin_ctzll(pending));
    }
    if (!d->count)
        sh_reap_jobs(sh, NULL);
    bool done = d->count ? next_word(sh, d) : all_done(sh, d, f->flag);
    if (!done)
        return proc_block_for(sh->p, WAIT_CHILD, SIM_NEVER);
    if (sh->jump)
        return STEP_AGAIN;
    return end_wait(sh, d->status);
}
