/* programs_watch.c - time, watch, getopt: commands about commands. Nothing takes processor time here, so time says what
 * passed by the clock. Left out: long options of getopt, -d of watch.
 */
#include <string.h>

#include "model/programs.h"
#include "model/shell.h"

/* ---- time ---- */

struct time_data {
    int32_t child;
    bool posix;
    sim_time since;
};

static void time_print(struct cri *c, struct proc *p, const struct time_data *d)
{
    int64_t centi = (proc_now(c) - d->since) / (10 * SIM_MS);
    if (d->posix)
        out_printf(c, p, 2, "real %lld.%02lld\nuser 0.00\nsys 0.00\n", (long long)centi / 100, (long long)centi % 100);
    else
        out_printf(c, p, 2, "real\t%lldm %lld.%02llds\nuser\t0m 0.00s\nsys\t0m 0.00s\n", (long long)centi / 6000,
                   (long long)centi / 100 % 60, (long long)centi % 100);
}

static enum step time_step(struct cri *c, struct proc *p)
{
    struct time_data *d = p->data;
    if (!d->child) {
        struct options o = {.p = p};
        enum lookup why;
        for (int letter; (letter = option_get(c, &o, "+vpao:f:", NULL));) {
            if (letter == '?')
                return proc_exit_with(p, 1);
            d->posix |= letter == 'p';
        }
        if (o.next >= p->argc)
            return proc_exit_with(p, usage_missing(c, p));
        struct proc *child = command_start(c, p, p->argc - o.next, p->argv + o.next, &why);
        if (!child) {
            err_printf(c, p, "can't execute '%s': No such file or directory", p->argv[o.next]);
            return proc_exit_with(p, 127);
        }
        d->child = child->pid;
        d->since = proc_now(c);
    }
    struct proc *zombie = proc_zombie(p, d->child);
    if (!zombie)
        return proc_block_for(p, WAIT_CHILD, SIM_NEVER);
    int status = proc_wait_status(zombie);
    proc_reap(c, zombie);
    time_print(c, p, d);
    return proc_exit_with(p, status);
}

static const struct program program_time = {.name = "time", .step = time_step, .data_bytes = sizeof(struct time_data)};

/* ---- watch ---- */

struct watch_data {
    bool begun, no_title;
    int first;
    int32_t child;
    sim_time period, next;
    const char *every; /* as it was given */
};

/* "Every 2.0s: ls" and the time at the right. */
static void watch_title(struct cri *c, struct proc *p, const struct watch_data *d)
{
    enum { WIDTH = 79 };
    struct mem_buf line = {0}, date = {0};
    format_date(c, &date, "%Y-%m-%d %H:%M:%S", epoch_now(c), -1);
    buf_puts(&c->mem, NULL, &line, "Every ");
    buf_puts(&c->mem, NULL, &line, d->every);
    buf_puts(&c->mem, NULL, &line, "s:");
    for (int i = d->first; i < p->argc; i++) {
        buf_putc(&c->mem, NULL, &line, ' ');
        buf_puts(&c->mem, NULL, &line, p->argv[i]);
    }
    int gap = WIDTH - (int)line.len - (int)date.len;
    out_printf(c, p, 1, "%s%*s%s\n\n", line.data, gap > 1 ? gap : 1, "", buf_str(&date));
    buf_fini(&c->mem, &line);
    buf_fini(&c->mem, &date);
}

static bool watch_begin(struct cri *c, struct proc *p, struct watch_data *d)
{
    struct options o = {.p = p};
    d->begun = true;
    d->period = 2 * SIM_SECOND;
    d->every = "2.0";
    for (int letter; (letter = option_get(c, &o, "+dtn:", NULL));) {
        if (letter == '?')
            return false;
        d->no_title |= letter == 't';
        if (letter == 'n' && !parse_duration(o.value, &d->period)) {
            err_printf(c, p, "invalid number '%s'", o.value);
            return false;
        }
        if (letter == 'n')
            d->every = strchr(o.value, '.') ? o.value : proc_printf(c, p, "%s.0", o.value);
    }
    d->first = o.next;
    d->next = proc_now(c);
    if (d->period < 100 * SIM_MS)
        d->period = 100 * SIM_MS;
    if (o.next < p->argc)
        return true;
    usage_missing(c, p);
    return false;
}

/* sh -c of all its words. */
static struct proc *watch_start(struct cri *c, struct proc *p, const struct watch_data *d)
{
    static char sh[] = "sh", option[] = "-c";
    struct mem_buf line = {0};
    enum lookup why;
    for (int i = d->first; i < p->argc; i++) {
        if (i > d->first)
            buf_putc(&c->mem, NULL, &line, ' ');
        buf_puts(&c->mem, NULL, &line, p->argv[i]);
    }
    struct proc *child = command_start(c, p, 3, (char *[]){sh, option, line.data}, &why);
    buf_fini(&c->mem, &line);
    return child;
}

static enum step watch_step(struct cri *c, struct proc *p)
{
    struct watch_data *d = p->data;
    if (!d->begun && !watch_begin(c, p, d))
        return proc_exit_with(p, 1);
    if (d->child) {
        struct proc *zombie = proc_zombie(p, d->child);
        if (!zombie)
            return proc_block_for(p, WAIT_CHILD, SIM_NEVER);
        proc_reap(c, zombie);
        d->child = 0;
        d->next = sim_time_add(proc_now(c), d->period);
    }
    if (proc_now(c) < d->next)
        return proc_block_until(p, d->next);
    out_puts(c, p, 1, "\033[H\033[J");
    if (!d->no_title)
        watch_title(c, p, d);
    struct proc *child = watch_start(c, p, d);
    if (!child)
        return proc_exit_with(p, 1);
    d->child = child->pid;
    return proc_block_for(p, WAIT_CHILD, SIM_NEVER);
}

static const struct program program_watch = {
    .name = "watch", .step = watch_step, .data_bytes = sizeof(struct watch_data)};

/* ---- getopt ---- */

/* getopt SPEC ARGS...: the options, "--", the operands, each after a blank. */
static int getopt_run(struct cri *c, struct proc *p)
{
    if (p->argc < 2)
        return usage_missing(c, p);
    const char *spec = p->argv[1];
    struct options o = {.p = p, .next = 2};
    struct mem_buf out = {0};
    int status = 0;
    for (int letter; (letter = option_get(c, &o, spec, NULL));) {
        if (letter == '?') {
            status = 1;
            continue;
        }
        buf_puts(&c->mem, NULL, &out, " -");
        buf_putc(&c->mem, NULL, &out, (char)letter);
        if (o.value) {
            buf_putc(&c->mem, NULL, &out, ' ');
            buf_puts(&c->mem, NULL, &out, o.value);
        }
    }
    buf_puts(&c->mem, NULL, &out, " --");
    for (int i = o.next; i < p->argc; i++) {
        buf_putc(&c->mem, NULL, &out, ' ');
        buf_puts(&c->mem, NULL, &out, p->argv[i]);
    }
    out_printf(c, p, 1, "%s\n", out.data);
    buf_fini(&c->mem, &out);
    return status;
}

static const struct command command_getopt = COMMAND("getopt", getopt_run);

const struct applet watch_applets[] = {
    {"getopt", &command_getopt.program, IMAGE_SHELLS},
    {"time", &program_time, IMAGE_BUSYBOX},
    {"watch", &program_watch, IMAGE_BUSYBOX},
    {NULL, NULL, 0},
};
