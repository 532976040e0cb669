/* programs_proc.c - time, processes and the system: sleep, kill, ps, timeout, date, env, uname ... */
#include "model/programs.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "model/pid_view.h"
#include "model/shell.h"

/* ---- sleep ---- */

/* "1.5", "2m", "1h", "1d", "infinity": decimal digits, exactly. */
bool parse_duration(const char *s, sim_time *ret)
{
    sim_time whole = 0, fraction = 0, unit = SIM_SECOND;
    bool any = false;

    if (strcmp(s, "infinity") == 0 || strcmp(s, "inf") == 0) {
        *ret = SIM_TIME_MAX;
        return true;
    }
    for (; sh_is_digit(*s); s++, any = true)
        if (whole < INT64_C(100000000))
            whole = whole * 10 + (*s - '0');
    if (*s == '.') {
        int64_t scale = SIM_SECOND;
        for (s++; sh_is_digit(*s); s++, any = true) {
            scale /= 10;
            fraction += scale * (*s - '0');
        }
    }
    switch (*s) {
    case 's':
    case '\0':
        break;
    case 'm':
        unit = 60 * SIM_SECOND;
        break;
    case 'h':
        unit = 3600 * SIM_SECOND;
        break;
    case 'd':
        unit = 86400 * SIM_SECOND;
        break;
    default:
        return false;
    }
    if (!any || (*s && s[1]))
        return false;
    if (whole > INT64_MAX / 2 / unit)
        *ret = SIM_TIME_MAX;
    else
        *ret = whole * unit + fraction * (unit / SIM_SECOND);
    return true;
}

struct sleep_data {
    bool begun;
    sim_time until;
};

static enum step sleep_step(struct cri *c, struct proc *p)
{
    struct sleep_data *d = p->data;
    if (!d->begun) {
        sim_time total = 0, one;
        d->begun = true;
        if (p->argc < 2) {
            if (is_gnu(p))
                err_printf(c, p, "missing operand\nTry 'sleep --help' for more information.");
            else
                out_puts(c, p, 2,
                         "BusyBox v1.36.1 multi-call binary.\n\nUsage: sleep [N]...\n\nPause for a time equal to the "
                         "total of the args given\n");
            return proc_exit_with(p, 1);
        }
        for (int i = 1; i < p->argc; i++) {
            if (!parse_duration(p->argv[i], &one)) {
                if (is_gnu(p))
                    err_printf(c, p, "invalid time interval '%s'\nTry 'sleep --help' for more information.",
                               p->argv[i]);
                else
                    err_printf(c, p, "invalid number '%s'", p->argv[i]);
                return proc_exit_with(p, 1);
            }
            total = sim_time_add(total, one);
        }
        d->until = sim_time_add(proc_now(c), total);
    }
    if (proc_now(c) >= d->until)
        return proc_exit_with(p, 0);
    if (d->until == SIM_TIME_MAX)
        return proc_block_for(p, WAIT_FOREVER, SIM_NEVER);
    return proc_block_until(p, d->until);
}

static const struct program program_sleep = {
    .name = "sleep", .step = sleep_step, .data_bytes = sizeof(struct sleep_data)};

/* ---- timeout ---- */

struct timeout_data {
    int32_t child;
    int state;
    sim_time at;
    int signal;
    sim_time kill_after;
    bool sent;
};

static enum step timeout_begin(struct cri *c, struct proc *p, struct timeout_data *d)
{
    struct options o = {.p = p};
    struct lookup_result found;
    int letter;

    d->signal = VSIGTERM;
    d->kill_after = 0;
    sim_time duration = 10 * SIM_SECOND; /* the old busybox syntax: -t SECS, default 10 */
    bool old = false;
    while ((letter = option_next(&o, "skt"))) {
        if (letter == 's' && o.value)
            d->signal = cri_signal_number(o.value);
        else if (letter == 'k' && o.value)
            parse_duration(o.value, &d->kill_after);
        else if (letter == 't' && o.value)
            old = parse_duration(o.value, &duration);
    }
    if (!old && (o.next >= p->argc || !parse_duration(p->argv[o.next++], &duration))) {
        err_printf(c, p, "invalid time interval '%s'", o.next <= p->argc ? p->argv[o.next - 1] : "");
        return proc_exit_with(p, is_gnu(p) ? 125 : 1);
    }
    if (o.next >= p->argc || d->signal < 0) {
        err_printf(c, p, d->signal < 0 ? "invalid signal" : "missing operand");
        return proc_exit_with(p, is_gnu(p) ? 125 : 1);
    }
    const char *path = env_get(&p->env, "PATH");
    enum lookup why = program_find(c, p->container, p->cwd, path ? path : "", p->argv[o.next], &found);
    if (why != LOOKUP_FOUND || found.interpreter) {
        if (is_gnu(p))
            err_printf(c, p, "failed to run command '%s': No such file or directory", p->argv[o.next]);
        else
            err_printf(c, p, "can't execute '%s': No such file or directory", p->argv[o.next]);
        return proc_exit_with(p, 127);
    }
    struct proc_start start = {.program = found.program,
                               .parent = p,
                               .container = p->container,
                               .argc = p->argc - o.next,
                               .argv = p->argv + o.next,
                               .env = &p->env,
                               .cwd = p->cwd,
                               .fds = p->fds,
                               .sig_ignored = p->sig_ignored,
                               .umask = p->umask,
                               .uid = p->uid};
    struct proc *child = proc_start(c, &start);
    if (!child) {
        err_printf(c, p, "fork: Resource temporarily unavailable");
        return proc_exit_with(p, 125);
    }
    d->child = child->pid;
    d->at = sim_time_add(proc_now(c), duration);
    d->state = 1;
    return STEP_AGAIN;
}

static enum step timeout_step(struct cri *c, struct proc *p)
{
    struct timeout_data *d = p->data;
    if (d->state == 0)
        return timeout_begin(c, p, d);
    int forwarded = proc_take_signal(p);
    struct proc *zombie = proc_zombie(p, d->child), *child = proc_by_pid(p->ns, d->child);
    if (zombie) {
        int status = proc_wait_status(zombie);
        proc_reap(c, zombie);
        if (!d->sent)
            return proc_exit_with(p, status);
        if (is_gnu(p) && d->signal != VSIGKILL)
            return proc_exit_with(p, 124);
        proc_end(c, p, 0, d->signal); /* busybox: the command is the process that was started, its watcher the child */
        return proc_block_for(p, WAIT_FOREVER, SIM_NEVER);
    }
    if (!child)
        return proc_exit_with(p, 0);
    if (forwarded)
        proc_signal(c, child, forwarded, false, 0);
    if (proc_now(c) >= d->at) {
        int number = d->sent ? VSIGKILL : d->signal;
        d->sent = true;
        d->at = d->kill_after && number != VSIGKILL ? sim_time_add(proc_now(c), d->kill_after) : SIM_TIME_MAX;
        proc_signal(c, child, number, false, 0);
        return STEP_AGAIN;
    }
    return proc_block_for(p, WAIT_CHILD, d->at == SIM_TIME_MAX ? SIM_NEVER : d->at);
}

static const struct program program_timeout = {.name = "timeout",
                                               .step = timeout_step,
                                               .data_bytes = sizeof(struct timeout_data),
                                               .catches = SIG_BIT(VSIGTERM) | SIG_BIT(VSIGINT) | SIG_BIT(VSIGHUP)};

/* ---- become another command: env, nohup, nice ... ---- */

/* execvp(argv[first ..]); the status when it cannot. */
static enum step become(struct cri *c, struct proc *p, int first)
{
    struct lookup_result found;
    const char *path = env_get(&p->env, "PATH");
    enum lookup why = program_find(c, p->container, p->cwd, path ? path : "", p->argv[first], &found);
    if (why != LOOKUP_FOUND) {
        if (is_gnu(p))
            err_printf(c, p, "'%s': %s", p->argv[first],
                       why == LOOKUP_NOT_EXECUTABLE ? "Permission denied" : "No such file or directory");
        else
            err_printf(c, p, "can't execute '%s': %s", p->argv[first],
                       why == LOOKUP_NOT_EXECUTABLE ? "Permission denied" : "No such file or directory");
        return proc_exit_with(p, why == LOOKUP_NOT_EXECUTABLE ? 126 : 127);
    }
    int32_t argc = p->argc - first;
    char **argv = p->argv + first;
    if (found.interpreter) {
        char **all = proc_alloc(c, p, sizeof(char *) * (size_t)(argc + 1));
        all[0] = proc_strdup(c, p, found.interpreter);
        all[1] = proc_strdup(c, p, found.path);
        for (int32_t i = 1; i < argc; i++)
            all[i + 1] = argv[i];
        argv = all;
        argc++;
    }
    struct env env = p->env;
    proc_exec(c, p, found.program, argc, argv, &env);
    return STEP_AGAIN;
}

static enum step env_step(struct cri *c, struct proc *p)
{
    int i = 1;
    for (; i < p->argc; i++) {
        char *equals = strchr(p->argv[i], '=');
        if (strcmp(p->argv[i], "-i") == 0 || strcmp(p->argv[i], "-") == 0) {
            p->env.count = 0;
        } else if (strcmp(p->argv[i], "-u") == 0 && i + 1 < p->argc) {
            env_unset(c, &p->env, p->argv[++i]);
        } else if (equals && equals != p->argv[i]) {
            *equals = '\0';
            env_set(c, &p->mem, &p->env, p->argv[i], equals + 1);
            *equals = '=';
        } else {
            break;
        }
    }
    if (i < p->argc)
        return become(c, p, i);
    for (uint32_t k = 0; k < p->env.count; k++)
        out_printf(c, p, 1, "%s\n", p->env.items[k]);
    return proc_exit_with(p, 0);
}

static const struct program program_env = {.name = "env", .step = env_step};

static int printenv_run(struct cri *c, struct proc *p)
{
    int status = 0;
    for (uint32_t k = 0; k < p->env.count && p->argc == 1; k++)
        out_printf(c, p, 1, "%s\n", p->env.items[k]);
    for (int i = 1; i < p->argc; i++) {
        const char *value = env_get(&p->env, p->argv[i]);
        if (value)
            out_printf(c, p, 1, "%s\n", value);
        else
            status = 1;
    }
    return status;
}

static enum step nohup_step(struct cri *c, struct proc *p)
{
    int first = 1;
    if (p->argc < 2) {
        err_printf(c, p, "missing operand");
        return proc_exit_with(p, 125);
    }
    if (strcmp(p->program->name, "nice") == 0 && strcmp(p->argv[1], "-n") == 0 && p->argc > 3)
        first = 3;
    if (strcmp(p->program->name, "nohup") == 0)
        p->sig_ignored |= SIG_BIT(VSIGHUP);
    if (strcmp(p->program->name, "tini") == 0)
        while (first < p->argc - 1 && p->argv[first][0] == '-')
            first++;
    return become(c, p, first);
}

static const struct program program_nohup = {.name = "nohup", .step = nohup_step};
static const struct program program_nice = {.name = "nice", .step = nohup_step};
static const struct program program_setsid = {.name = "setsid", .step = nohup_step};

/* An image's entrypoint script: it sets things up, then becomes its arguments. Arguments that begin
 * with "-" are for the image's own server, as in the official images' scripts. */
static enum step entrypoint_step(struct cri *c, struct proc *p)
{
    const struct image *image = p->container->image;
    if (text_is(image->program, "nginx"))
        p->ns->last_pid += 24; /* what its scripts run */
    if (p->argc < 2)
        return proc_exit_with(p, 0);
    if (p->argv[1][0] == '-' && image->cmd) {
        p->argv[0] = proc_strdup(c, p, image->cmd[0]);
        return become(c, p, 0);
    }
    return become(c, p, 1);
}

const struct program program_entrypoint = {.name = "entrypoint", .step = entrypoint_step};

/* A program of an image podsim does not know: the container's own runs on as a server would, any
 * other is taken to succeed at once. Said once per name; of the server, by itself. */
static enum step assumed_step(struct cri *c, struct proc *p)
{
    struct vcontainer *ct = p->container;
    const char *name = p->argc ? p->argv[0] : "its program";
    if (!p->main && first_report(c, ct, name))
        report_diag(c, ct, script_pos(c, ct, NULL, 0),
                    arena_printf(sim_arena(c->sim),
                                 "image %s is not in podsim's catalogue: '%s' is taken to succeed at once",
                                 ct->pub.config.image, name));
    if (!p->main)
        return proc_exit_with(p, 0);
    struct env env = p->env;
    proc_exec(c, p, program_by_name("server"), p->argc, p->argv, &env);
    return STEP_AGAIN;
}

const struct program program_assumed = {.name = "assumed", .step = assumed_step};

/* ---- ps and friends ---- */

void proc_command_line(struct cri *c, const struct proc *p, struct mem_buf *out)
{
    if (p->title) {
        buf_puts(&c->mem, NULL, out, p->title);
        return;
    }
    if (p->zombie) {
        const char *slash = p->argc ? strrchr(p->argv[0], '/') : NULL;
        buf_putc(&c->mem, NULL, out, '[');
        buf_puts(&c->mem, NULL, out, slash ? slash + 1 : p->argc ? p->argv[0] : p->program->name);
        buf_putc(&c->mem, NULL, out, ']');
        return;
    }
    for (int i = 0; i < p->argc; i++) {
        if (i)
            buf_putc(&c->mem, NULL, out, ' ');
        buf_puts(&c->mem, NULL, out, p->argv[i]);
    }
}

static void ps_line(struct cri *c, struct proc *p, int32_t pid, const char *user, const char *command)
{
    char line[160];
    int n = snprintf(line, sizeof line, "%5d %-8.8s  0:00 ", (int)pid, user);
    out_printf(c, p, 1, "%.*s%s\n", n, line, command);
}

static void seen_command_line(struct cri *c, const struct seen_process *s, struct mem_buf *out)
{
    if (s->proc)
        proc_command_line(c, s->proc, out);
    else
        buf_puts(&c->mem, NULL, out, s->command);
}

static int ps_run(struct cri *c, struct proc *p)
{
    world_looked_beyond(c); /* other probes, its own process id */
    out_puts(c, p, 1, "PID   USER     TIME  COMMAND\n");
    struct seen_process s = {0};
    while (pid_next_seen(c, p->container, s.pid, &s)) {
        struct mem_buf text = {0};
        char user[16] = "root";
        if (!s.proc)
            snprintf(user, sizeof user, "%s", s.user);
        else if (s.proc->uid)
            snprintf(user, sizeof user, "%u", (unsigned)s.proc->uid);
        seen_command_line(c, &s, &text);
        ps_line(c, p, s.pid, user, buf_str(&text));
        buf_fini(&c->mem, &text);
    }
    return 0;
}

static bool matches(struct cri *c, const struct seen_process *q, const char *pattern, bool full, bool exact)
{
    struct mem_buf text = {0};
    if (full)
        seen_command_line(c, q, &text);
    else
        seen_name(c, NULL, q, &text);
    bool start = pattern[0] == '^';
    size_t n = strlen(pattern + start);
    bool end = n && pattern[start + n - 1] == '$';
    char *plain = mem_strndup(&c->mem, NULL, pattern + start, n - end);
    const char *hit = strstr(buf_str(&text), plain);
    bool r = exact ? strcmp(buf_str(&text), plain) == 0
                   : hit && (!start || strncmp(buf_str(&text), plain, n - end) == 0) &&
                         (!end || strcmp(buf_str(&text) + text.len - (n - end), plain) == 0);
    mem_free(&c->mem, plain);
    buf_fini(&c->mem, &text);
    return r;
}

/* pgrep, pkill, pidof, killall */
static int pgrep_run(struct cri *c, struct proc *p)
{
    struct options o = {.p = p};
    const char *name = p->program->name;
    bool kills = strcmp(name, "pkill") == 0 || strcmp(name, "killall") == 0, pidof = strcmp(name, "pidof") == 0;
    bool full = false, list = false, exact = pidof || strcmp(name, "killall") == 0, found = false, newest = false;
    int number = VSIGTERM, letter;

    if (kills && p->argc > 1 && p->argv[1][0] == '-' && cri_signal_number(p->argv[1] + 1) > 0) {
        number = cri_signal_number(p->argv[1] + 1);
        o.next = 2;
    }
    while ((letter = option_next(&o, "su"))) {
        full |= letter == 'f';
        list |= letter == 'l' || letter == 'a';
        exact |= letter == 'x';
        newest |= letter == 'n' || letter == 's';
        if (letter == 's' && kills && o.value)
            number = cri_signal_number(o.value);
    }
    if (o.next >= p->argc || number < 0) {
        err_printf(c, p, "usage: %s PATTERN", name);
        return 2;
    }
    struct seen_process s = {0};
    world_looked_beyond(c); /* other probes */
    while (pid_next_seen(c, p->container, s.pid, &s)) {
        if (s.proc == p || (s.proc && s.proc->zombie) || !matches(c, &s, p->argv[o.next], full, exact))
            continue;
        if (kills) {
            pid_signal(c, &s, number);
        } else if (list) {
            struct mem_buf text = {0};
            seen_command_line(c, &s, &text);
            out_printf(c, p, 1, "%d %s\n", (int)s.pid, buf_str(&text));
            buf_fini(&c->mem, &text);
        } else if (pidof) {
            out_printf(c, p, 1, found ? " %d" : "%d", (int)s.pid);
        } else {
            out_printf(c, p, 1, "%d\n", (int)s.pid);
        }
        found = true;
        if (newest && pidof)
            break;
    }
    if (found && pidof)
        out_puts(c, p, 1, "\n");
    return !found;
}

static int kill_run(struct cri *c, struct proc *p)
{
    int number = VSIGTERM, i = 1, status = 0;
    if (p->argc > 2 && strcmp(p->argv[1], "-s") == 0) {
        number = cri_signal_number(p->argv[2]);
        i = 3;
    } else if (p->argc > 1 && p->argv[1][0] == '-' && p->argv[1][1]) {
        number = strcmp(p->argv[1], "-0") == 0 ? 0 : cri_signal_number(p->argv[1] + 1);
        i = 2;
    }
    if (number < 0 || i >= p->argc) {
        err_printf(c, p, number < 0 ? "bad signal name '%s'" : "you need to specify whom to kill", p->argv[1] + 1);
        return 1;
    }
    for (; i < p->argc; i++) {
        int64_t pid;
        struct seen_process q;
        if (strcmp(p->argv[i], "-1") == 0) {
            pid_signal_all(c, p, number);
            continue;
        }
        bool there = parse_int64(p->argv[i], &pid) && pid > 0 && pid < INT32_MAX &&
                     pid_seen(c, p->container, (int32_t)pid, &q);
        if (!there || (q.proc && q.proc->session))
            world_looked_beyond(c); /* a later probe may have that process id */
        if (!there) {
            err_printf(c, p, is_gnu(p) ? "(%s) - No such process" : "can't kill pid %s: No such process", p->argv[i]);
            status = 1;
        } else if (number) {
            pid_signal(c, &q, number);
        }
    }
    return status;
}

/* ---- who and where ---- */

static int true_run(struct cri *c, struct proc *p)
{
    (void)c, (void)p;
    return 0;
}
static int false_run(struct cri *c, struct proc *p)
{
    (void)c, (void)p;
    return 1;
}

static int hostname_run(struct cri *c, struct proc *p)
{
    const struct cri_sandbox_config *s = &p->container->sandbox->pub.config;
    const char *option = p->argc > 1 ? p->argv[1] : "";
    out_printf(c, p, 1, "%s\n", strcmp(option, "-i") == 0 || strcmp(option, "-I") == 0 ? s->ip : s->hostname);
    return 0;
}

static int id_run(struct cri *c, struct proc *p)
{
    const char *option = p->argc > 1 ? p->argv[1] : "";
    bool name = strchr(option, 'n');
    if (option[0] == '-' && (strchr(option, 'u') || strchr(option, 'g')))
        out_puts(c, p, 1, name ? "root\n" : "0\n");
    else
        out_puts(c, p, 1, "uid=0(root) gid=0(root) groups=0(root)\n");
    return 0;
}

static int whoami_run(struct cri *c, struct proc *p)
{
    out_puts(c, p, 1, "root\n");
    return 0;
}

static int uname_run(struct cri *c, struct proc *p)
{
    const char *host = p->container->sandbox->pub.config.hostname, *option = p->argc > 1 ? p->argv[1] : "-s";
    if (strchr(option, 'a'))
        out_printf(c, p, 1, "Linux %s 6.1.0 #1 SMP PREEMPT_DYNAMIC x86_64 GNU/Linux\n", host);
    else if (strchr(option, 'n'))
        out_printf(c, p, 1, "%s\n", host);
    else
        out_printf(c, p, 1, "%s\n", strchr(option, 'r') ? "6.1.0" : strchr(option, 'm') ? "x86_64" : "Linux");
    return 0;
}

static int pwd_run(struct cri *c, struct proc *p)
{
    out_printf(c, p, 1, "%s\n", p->cwd);
    return 0;
}

static int nproc_run(struct cri *c, struct proc *p)
{
    out_puts(c, p, 1, "2\n");
    return 0;
}

static int which_run(struct cri *c, struct proc *p)
{
    struct lookup_result found;
    int status = p->argc < 2;
    const char *path = env_get(&p->env, "PATH");
    for (int i = 1; i < p->argc; i++) {
        if (program_find(c, p->container, p->cwd, path ? path : "", p->argv[i], &found) == LOOKUP_FOUND)
            out_printf(c, p, 1, "%s\n", found.path);
        else
            status = 1;
    }
    return status;
}

static int tty_run(struct cri *c, struct proc *p)
{
    out_puts(c, p, 1, "not a tty\n");
    return 1;
}

/* ---- date ---- */

int64_t epoch_now(struct cri *c)
{
    world_looked_beyond(c);
    return epoch_at(c, proc_now(c));
}

/* Proleptic Gregorian calendar of days since 1970 (H. Hinnant's algorithm). */
void calendar_of(int64_t epoch_seconds, struct calendar *ret)
{
    int64_t days = epoch_seconds / 86400, rest = epoch_seconds % 86400;
    if (rest < 0) {
        rest += 86400;
        days--;
    }
    ret->hour = (int)(rest / 3600);
    ret->minute = (int)(rest / 60 % 60);
    ret->second = (int)(rest % 60);
    ret->weekday = (int)(((days + 4) % 7 + 7) % 7);
    int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097, doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365, doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    ret->day = (int)(doy - (153 * mp + 2) / 5 + 1);
    ret->month = (int)(mp < 10 ? mp + 3 : mp - 9);
    ret->year = yoe + era * 400 + (ret->month <= 2);
    static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    bool leap = (ret->year % 4 == 0 && ret->year % 100 != 0) || ret->year % 400 == 0;
    ret->yearday = before[ret->month - 1] + ret->day + (leap && ret->month > 2);
}

/* A conversion that is short for others, as strftime(3) defines them. */
static const char *date_composite(char letter)
{
    static const struct {
        char letter;
        const char *expands;
    } composites[] = {
        {'T', "%H:%M:%S"}, {'R', "%H:%M"}, {'F', "%Y-%m-%d"}, {'D', "%m/%d/%y"}, {'c', "%a %b %e %H:%M:%S %Y"},
        {'Z', "UTC"},      {'z', "+0000"}, {'n', "\n"},       {'t', "\t"},       {'%', "%"},
    };
    for (size_t i = 0; i < sizeof composites / sizeof *composites; i++) {
        if (composites[i].letter == letter)
            return composites[i].expands;
    }
    return NULL;
}

static const char *date_name(char letter, const struct calendar *k, int *ret_length)
{
    static const char *const days[] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
    static const char *const months[] = {"January", "February", "March",     "April",   "May",      "June",
                                         "July",    "August",   "September", "October", "November", "December"};

    *ret_length = strchr("abh", letter) ? 3 : INT_MAX; /* the short names are the first three letters */
    switch (letter) {
    case 'a':
    case 'A':
        return days[k->weekday];
    case 'b':
    case 'h':
    case 'B':
        return months[k->month - 1];
    case 'p':
        return k->hour < 12 ? "AM" : "PM";
    default:
        return NULL;
    }
}

void format_date(struct cri *c, struct mem_buf *out, const char *format, int64_t epoch_seconds, int64_t nanoseconds)
{
    struct calendar k;
    char text[80];
    int length;

    calendar_of(epoch_seconds, &k);
    const struct {
        char letter;
        bool spaces; /* padded with spaces, the others with zeros */
        int width;
        int64_t value;
    } numbers[] = {
        {'Y', false, 1, k.year},        {'y', false, 2, k.year % 100},
        {'m', false, 2, k.month},       {'d', false, 2, k.day},
        {'e', true, 2, k.day},          {'H', false, 2, k.hour},
        {'k', true, 2, k.hour},         {'I', false, 2, (k.hour + 11) % 12 + 1},
        {'M', false, 2, k.minute},      {'S', false, 2, k.second},
        {'s', false, 1, epoch_seconds}, {'N', false, 9, nanoseconds},
        {'j', false, 3, k.yearday},     {'u', false, 1, (k.weekday + 6) % 7 + 1},
        {'w', false, 1, k.weekday},
    };
    for (; *format; format++) {
        if (*format != '%' || !format[1]) {
            buf_putc(&c->mem, NULL, out, *format);
            continue;
        }
        bool unpadded = format[1] == '-' && format[2];
        format += unpadded ? 2 : 1;
        const char *composite = date_composite(*format);
        const char *name = date_name(*format, &k, &length);
        if (composite) {
            format_date(c, out, composite, epoch_seconds, nanoseconds);
            continue;
        }
        snprintf(text, sizeof text, "%%%c", *format);
        if (name)
            snprintf(text, sizeof text, "%.*s", length, name);
        for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
            if (numbers[i].letter == *format)
                snprintf(text, sizeof text, numbers[i].spaces ? "%*" PRId64 : "%0*" PRId64,
                         unpadded ? 1 : numbers[i].width, numbers[i].value);
        }
        buf_puts(&c->mem, NULL, out, text);
    }
}

static int date_run(struct cri *c, struct proc *p)
{
    const char *format = is_gnu(p) ? "%a %b %e %H:%M:%S %Z %Y" : "%a %b %e %H:%M:%S %Z %Y";
    struct mem_buf out = {0};
    int64_t at = epoch_now(c), other;
    for (int i = 1; i < p->argc; i++) {
        const char *arg = p->argv[i];
        if (arg[0] == '+')
            format = arg + 1;
        else if (strncmp(arg, "-I", 2) == 0)
            format = strchr(arg, 's') ? "%Y-%m-%dT%H:%M:%S+00:00" : "%Y-%m-%d";
        else if (strcmp(arg, "-R") == 0)
            format = "%a, %d %b %Y %H:%M:%S %z";
        else if (strcmp(arg, "-d") == 0 && i + 1 < p->argc && p->argv[i + 1][0] == '@' &&
                 parse_int64(p->argv[i + 1] + 1, &other))
            at = other, i++;
        else if (strcmp(arg, "-d") == 0 && i + 1 < p->argc)
            i++;
    }
    format_date(c, &out, format, at, proc_now(c) - sim_time_floor(proc_now(c), SIM_SECOND));
    buf_putc(&c->mem, NULL, &out, '\n');
    fd_write(c, p, 1, out.data, out.len);
    buf_fini(&c->mem, &out);
    return 0;
}

/* ---- output without end ---- */

/* As the real one: blocks of a few KiB. */
static enum step yes_step(struct cri *c, struct proc *p)
{
    enum { BLOCK_BYTES = 4096 };
    struct mem_buf line = {0}, block = {0};
    for (int i = 1; i < p->argc; i++) {
        if (i > 1)
            buf_putc(&c->mem, NULL, &line, ' ');
        buf_puts(&c->mem, NULL, &line, p->argv[i]);
    }
    if (p->argc == 1)
        buf_putc(&c->mem, NULL, &line, 'y');
    buf_putc(&c->mem, NULL, &line, '\n');
    do
        buf_add(&c->mem, NULL, &block, line.data, line.len);
    while (block.len + line.len <= BLOCK_BYTES);
    int r = fd_write(c, p, 1, block.data, block.len);
    buf_fini(&c->mem, &line);
    buf_fini(&c->mem, &block);
    if (r == FD_OK)
        return STEP_AGAIN;
    if (r == FD_NOSPACE)
        err_printf(c, p, "standard output: No space left on device");
    return proc_exit_with(p, 1);
}

static const struct program program_yes = {.name = "yes", .step = yes_step};

/* ---- echo, printf, test ---- */

static int echo_run(struct cri *c, struct proc *p) { return print_echo(c, p, "echo", p->argc, p->argv, DIALECT_BUSYBOX); }
static int printf_run(struct cri *c, struct proc *p) { return print_printf(c, p, "printf", p->argc, p->argv); }
static int test_run(struct cri *c, struct proc *p)
{
    bool bracket = p->argv[0][strlen(p->argv[0]) - 1] == '[';
    if (bracket && (p->argc < 2 || strcmp(p->argv[p->argc - 1], "]") != 0)) {
        err_printf(c, p, "missing ]");
        return 2;
    }
    return test_evaluate(c, p, "test", p->argc - 1 - bracket, p->argv + 1, false);
}

static const struct command command_true = COMMAND("true", true_run), command_false = COMMAND("false", false_run),
                            command_ps = COMMAND("ps", ps_run), command_kill = COMMAND("kill", kill_run),
                            command_pgrep = COMMAND("pgrep", pgrep_run), command_pkill = COMMAND("pkill", pgrep_run),
                            command_pidof = COMMAND("pidof", pgrep_run),
                            command_killall = COMMAND("killall", pgrep_run),
                            command_printenv = COMMAND("printenv", printenv_run),
                            command_hostname = COMMAND("hostname", hostname_run), command_id = COMMAND("id", id_run),
                            command_whoami = COMMAND("whoami", whoami_run), command_uname = COMMAND("uname", uname_run),
                            command_pwd = COMMAND("pwd", pwd_run), command_nproc = COMMAND("nproc", nproc_run),
                            command_which = COMMAND("which", which_run), command_tty = COMMAND("tty", tty_run),
                            command_date = COMMAND("date", date_run), command_echo = COMMAND("echo", echo_run),
                            command_printf = COMMAND("printf", printf_run), command_test = COMMAND("test", test_run);

const struct applet proc_applets[] = {
    {"[", &command_test.program, IMAGE_SHELLS},
    {"bash", &program_shell, IMAGE_DEBIAN},
    {"ash", &program_shell, IMAGE_BUSYBOX},
    {"dash", &program_shell, IMAGE_DEBIAN},
    {"date", &command_date.program, IMAGE_SHELLS},
    {"echo", &command_echo.program, IMAGE_SHELLS},
    {"env", &program_env, IMAGE_SHELLS},
    {"false", &command_false.program, IMAGE_SHELLS},
    {"hostname", &command_hostname.program, IMAGE_SHELLS},
    {"id", &command_id.program, IMAGE_SHELLS},
    {"kill", &command_kill.program, IMAGE_BUSYBOX},
    {"killall", &command_killall.program, IMAGE_BUSYBOX},
    {"nice", &program_nice, IMAGE_SHELLS},
    {"nohup", &program_nohup, IMAGE_SHELLS},
    {"nproc", &command_nproc.program, IMAGE_SHELLS},
    {"pgrep", &command_pgrep.program, IMAGE_BUSYBOX},
    {"pidof", &command_pidof.program, IMAGE_BUSYBOX},
    {"pkill", &command_pkill.program, IMAGE_BUSYBOX},
    {"printenv", &command_printenv.program, IMAGE_SHELLS},
    {"printf", &command_printf.program, IMAGE_SHELLS},
    {"ps", &command_ps.program, IMAGE_BUSYBOX},
    {"pwd", &command_pwd.program, IMAGE_SHELLS},
    {"setsid", &program_setsid, IMAGE_SHELLS},
    {"sh", &program_shell, IMAGE_SHELLS},
    {"sleep", &program_sleep, IMAGE_SHELLS},
    {"test", &command_test.program, IMAGE_SHELLS},
    {"timeout", &program_timeout, IMAGE_SHELLS},
    {"true", &command_true.program, IMAGE_SHELLS},
    {"tty", &command_tty.program, IMAGE_SHELLS},
    {"uname", &command_uname.program, IMAGE_SHELLS},
    {"which", &command_which.program, IMAGE_SHELLS},
    {"whoami", &command_whoami.program, IMAGE_SHELLS},
    {"yes", &program_yes, IMAGE_SHELLS},
    {NULL, NULL, 0},
};
