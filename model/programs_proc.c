/* programs_proc.c - time, processes and the system: sleep, kill, ps, timeout, date, env, uname ... */
#include "model/programs.h"

#include <stdio.h>
#include <string.h>

#include "model/pid_view.h"
#include "model/programs_regex.h"
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
            return proc_exit_with(p, usage_missing(c, p));
        }
        for (int i = 1; i < p->argc; i++) {
            if (p->argv[i][0] == '-' && p->argv[i][1] && is_gnu(p)) {
                usage_print(c, p, proc_printf(c, p, "invalid option -- '%c'", p->argv[i][1]));
                return proc_exit_with(p, 1);
            }
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
    bool sent, preserve;
};

static enum step timeout_begin(struct cri *c, struct proc *p, struct timeout_data *d)
{
    static const struct long_option longs[] = {{"signal", 's'},          {"kill-after", 'k'}, {"foreground", 'f'},
                                               {"preserve-status", 'p'}, {"verbose", 'v'},    {NULL, 0}};
    struct options o = {.p = p};
    int letter, bad = is_gnu(p) ? 125 : 1;
    sim_time duration = 10 * SIM_SECOND; /* the old busybox syntax: -t SECS, default 10 */
    bool old = false;

    d->signal = VSIGTERM;
    while ((letter = option_get(c, &o, is_gnu(p) ? "+s:k:fpv" : "+s:k:t:", longs))) {
        if (letter == '?')
            return proc_exit_with(p, bad);
        d->preserve |= letter == 'p';
        if (letter == 's')
            d->signal = cri_signal_number(o.value);
        else if (letter == 'k')
            parse_duration(o.value, &d->kill_after);
        else if (letter == 't')
            old = parse_duration(o.value, &duration);
    }
    if (p->argc - o.next < 2 - old)
        return usage_print(c, p, ""), proc_exit_with(p, bad);
    if (!old && !parse_duration(p->argv[o.next++], &duration)) {
        err_printf(c, p, is_gnu(p) ? "invalid time interval '%s'" : "invalid number '%s'", p->argv[o.next - 1]);
        return proc_exit_with(p, bad);
    }
    if (d->signal < 0) {
        err_printf(c, p, "invalid signal");
        return proc_exit_with(p, bad);
    }
    enum lookup why;
    struct proc *child = command_start(c, p, p->argc - o.next, p->argv + o.next, &why);
    if (!child && why == LOOKUP_FOUND) {
        err_printf(c, p, "fork: Resource temporarily unavailable");
        return proc_exit_with(p, 125);
    }
    if (!child) {
        bool forbidden = why == LOOKUP_NOT_EXECUTABLE || why == LOOKUP_DIRECTORY;
        err_printf(c, p, is_gnu(p) ? "failed to run command '%s': %s" : "can't execute '%s': %s", p->argv[o.next],
                   forbidden ? "Permission denied" : "No such file or directory");
        return proc_exit_with(p, forbidden ? 126 : 127);
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
        if (!d->sent || d->preserve)
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

static enum step env_step(struct cri *c, struct proc *p)
{
    struct env *env = proc_env(c, p);
    int i = 1;
    for (; i < p->argc; i++) {
        char *equals = strchr(p->argv[i], '=');
        if (strcmp(p->argv[i], "-i") == 0 || strcmp(p->argv[i], "-") == 0) {
            env->count = 0;
        } else if (strcmp(p->argv[i], "-u") == 0 && i + 1 < p->argc) {
            env_unset(c, &p->mem, env, p->argv[++i]);
        } else if (equals && equals != p->argv[i]) {
            *equals = '\0';
            env_set(c, &p->mem, env, p->argv[i], equals + 1);
            *equals = '=';
        } else {
            break;
        }
    }
    if (i < p->argc)
        return command_become(c, p, i);
    for (uint32_t k = 0; k < env->count; k++)
        out_printf(c, p, 1, "%s\n", env->items[k]);
    return proc_exit_with(p, 0);
}

static const struct program program_env = {.name = "env", .step = env_step};

static int printenv_run(struct cri *c, struct proc *p)
{
    const struct env *env = proc_env(c, p);
    int status = 0;
    for (uint32_t k = 0; k < env->count && p->argc == 1; k++)
        out_printf(c, p, 1, "%s\n", env->items[k]);
    for (int i = 1; i < p->argc; i++) {
        const char *value = env_get(env, p->argv[i]);
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
    if (strcmp(p->program->name, "setsid") == 0)
        p->group = p->pid;
    if (strcmp(p->program->name, "nohup") == 0)
        p->sig_ignored |= SIG_BIT(VSIGHUP);
    if (strcmp(p->program->name, "tini") == 0)
        while (first < p->argc - 1 && p->argv[first][0] == '-')
            first++;
    return command_become(c, p, first);
}

static const struct program program_nohup = {.name = "nohup", .step = nohup_step};
static const struct program program_nice = {.name = "nice", .step = nohup_step};
static const struct program program_setsid = {.name = "setsid", .step = nohup_step};

static bool is_command(struct cri *c, struct proc *p, const char *name)
{
    struct lookup_result found;
    const char *path = env_get(proc_env(c, p), "PATH");
    return program_find(c, p->container, p->cwd, path ? path : "", name, &found) == LOOKUP_FOUND;
}

/* An image's entrypoint script: it sets things up, then becomes its arguments. Arguments that begin
 * with "-" are for the image's own server, as in the official images' scripts; so is a first word that is
 * no command if that of the image's CMD is none either (vault's "server -dev"). */
static enum step entrypoint_step(struct cri *c, struct proc *p)
{
    const struct image *image = p->container->image;
    if (text_is(image->program, "nginx"))
        p->ns->last_pid += 24; /* what its scripts run */
    if (p->argc < 2)
        return proc_exit_with(p, 0);
    if (p->argv[1][0] == '-' && image->cmd && image->cmd[0][0] != '-') {
        p->argv[0] = proc_strdup(c, p, image->cmd[0]);
        return command_become(c, p, 0);
    }
    if (image->binaries.count && image->cmd && !is_command(c, p, image->cmd[0]) && !is_command(c, p, p->argv[1])) {
        p->argv[0] = proc_strdup(c, p, image->binaries.items[0]);
        return command_become(c, p, 0);
    }
    return command_become(c, p, 1);
}

const struct program program_entrypoint = {.name = "entrypoint", .step = entrypoint_step};

/* A program of an image podsim does not know: the container's own runs on as a server would, any
 * other is taken to succeed at once. Said once per name; of the server, by itself. */
static enum step assumed_step(struct cri *c, struct proc *p)
{
    struct vcontainer *ct = p->container;
    const char *name = p->argc ? p->argv[0] : "its program";
    if (!p->main && first_report(c, ct, name))
        report_diag(c, ct, script_pos(c, ct, NULL, 0, false),
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

/* kill -l: all of them, or what the arguments are called. */
static int kill_list(struct cri *c, struct proc *p)
{
    for (int n = 1; n < 32 && p->argc == 2; n++)
        if (cri_signal_name(n))
            out_printf(c, p, 1, "%2d) %s\n", n, cri_signal_name(n) + 3);
    for (int i = 2; i < p->argc; i++) {
        int64_t n;
        const char *name = parse_int64(p->argv[i], &n) ? cri_signal_name((int)(n & 127)) : NULL;
        if (name)
            out_printf(c, p, 1, "%s\n", name + 3);
        else
            out_printf(c, p, 1, "%d\n", cri_signal_number(p->argv[i]));
    }
    return 0;
}

struct choice { /* of processes */
    bool kills, full, list, exact, invert, one, newest, quiet, count;
    int signal;
    int found;
};

static bool is_chosen(struct cri *c, const struct choice *h, const struct seen_process *q, const char *pattern)
{
    struct regex_match m;
    struct mem_buf text = {0};
    if (h->full)
        seen_command_line(c, q, &text);
    else
        seen_name(c, NULL, q, &text);
    bool r = h->exact ? strcmp(buf_str(&text), pattern) == 0
                      : regex_search(c, pattern, buf_str(&text), 0, REGEX_EXTENDED, &m);
    buf_fini(&c->mem, &text);
    return r != h->invert;
}

/* The process does what the command is for: gets the signal, or is shown. */
static void deal_with(struct cri *c, struct proc *p, const struct choice *h, const struct seen_process *q,
                      const char *separator)
{
    struct mem_buf text = {0};
    seen_command_line(c, q, &text);
    if (h->kills && h->signal)
        pid_signal(c, q, h->signal);
    else if (!h->kills && h->list)
        out_printf(c, p, 1, "%d %s\n", (int)q->pid, buf_str(&text));
    else if (!h->kills && !h->count)
        out_printf(c, p, 1, "%s%d", h->found ? separator : "", (int)q->pid);
    buf_fini(&c->mem, &text);
}

static void choose(struct cri *c, struct proc *p, struct choice *h, const char *pattern, const char *separator)
{
    struct seen_process q = {0}, last = {0};
    world_looked_beyond(c); /* other probes */
    while (pid_next_seen(c, p->container, q.pid, &q)) {
        if (q.proc == p || (q.proc && q.proc->zombie) || !is_chosen(c, h, &q, pattern) || (h->one && h->found))
            continue;
        last = q;
        if (!h->newest)
            deal_with(c, p, h, &q, separator);
        h->found++;
    }
    if (h->newest && h->found)
        deal_with(c, p, h, &last, "");
}

/* A signal as the first argument: "-9", "-HUP". */
static int leading_signal(const struct proc *p, struct options *o)
{
    int number = p->argc > 1 && p->argv[1][0] == '-' ? cri_signal_number(p->argv[1] + 1) : -1;
    if (p->argc > 1 && strcmp(p->argv[1], "-0") == 0)
        number = 0;
    if (number < 0)
        return VSIGTERM;
    o->next = 2;
    return number;
}

static int pgrep_run(struct cri *c, struct proc *p)
{
    static const struct long_option longs[] = {{"full", 'f'},      {"exact", 'x'},  {"signal", 's'},
                                               {"list-full", 'a'}, {"newest", 'n'}, {NULL, 0}};
    struct options o = {.p = p};
    struct choice h = {.kills = strcmp(p->program->name, "pkill") == 0};
    h.signal = h.kills ? leading_signal(p, &o) : 0;
    for (int letter; (letter = option_get(c, &o, "vlafonxcs:P:u:", longs));) {
        if (letter == '?')
            return 1;
        h.full |= letter == 'f';
        h.list |= letter == 'l' || letter == 'a';
        h.exact |= letter == 'x';
        h.invert |= letter == 'v';
        h.newest |= letter == 'n';
        h.one |= letter == 'o';
        h.count |= letter == 'c';
        if (letter == 's')
            h.signal = cri_signal_number(o.value);
    }
    if (o.next >= p->argc) {
        usage_print(c, p, "");
        return 1;
    }
    choose(c, p, &h, p->argv[o.next], "\n");
    if (h.count)
        out_printf(c, p, 1, "%d", h.found);
    if (!h.kills && !h.list && (h.found || h.count))
        out_puts(c, p, 1, "\n");
    return !h.found;
}

static int pidof_run(struct cri *c, struct proc *p)
{
    struct options o = {.p = p};
    struct choice h = {.exact = true};
    for (int letter; (letter = option_get(c, &o, "so:x", NULL));) {
        if (letter == '?')
            return 1;
        h.one |= letter == 's';
    }
    for (int i = o.next; i < p->argc; i++)
        choose(c, p, &h, path_base(p->argv[i]), " ");
    out_puts(c, p, 1, h.found ? "\n" : "");
    return !h.found;
}

static int killall_run(struct cri *c, struct proc *p)
{
    struct options o = {.p = p};
    bool quiet = false;
    int status = 0, number = leading_signal(p, &o);
    if (p->argc > 1 && strcmp(p->argv[1], "-l") == 0)
        return kill_list(c, p);
    for (int letter; (letter = option_get(c, &o, "qs:", NULL));) {
        if (letter == '?')
            return 1;
        quiet |= letter == 'q';
        if (letter == 's')
            number = cri_signal_number(o.value);
    }
    if (o.next >= p->argc || number < 0) {
        err_printf(c, p, number < 0 ? "bad signal name" : "you need to specify whom to kill");
        return 1;
    }
    for (int i = o.next; i < p->argc; i++) {
        struct choice h = {.kills = true, .exact = true, .signal = number};
        choose(c, p, &h, path_base(p->argv[i]), "");
        if (h.found)
            continue;
        if (!quiet)
            err_printf(c, p, is_gnu(p) ? "%s: no process found" : "%s: no process killed", p->argv[i]);
        status = 1;
    }
    return status;
}

static int kill_run(struct cri *c, struct proc *p)
{
    int number = VSIGTERM, i = 1, status = 0;
    if (p->argc > 1 && strcmp(p->argv[1], "-l") == 0)
        return kill_list(c, p);
    if (p->argc > 2 && strcmp(p->argv[1], "-s") == 0) {
        number = cri_signal_number(p->argv[2]);
        i = 3;
    } else if (p->argc > 1 && p->argv[1][0] == '-' && p->argv[1][1]) {
        number = strcmp(p->argv[1], "-0") == 0 ? 0 : cri_signal_number(p->argv[1] + 1);
        i = 2;
    }
    if (number < 0)
        err_printf(c, p, "bad signal name '%s'", p->argv[1] + 1);
    else if (i >= p->argc)
        err_printf(c, p, "you need to specify whom to kill");
    if (number < 0 || i >= p->argc)
        return 1;
    for (; i < p->argc; i++) {
        int64_t pid;
        struct seen_process q;
        if (strcmp(p->argv[i], "-1") == 0) {
            pid_signal_all(c, p, number);
            continue;
        }
        bool there =
            parse_int64(p->argv[i], &pid) && pid > 0 && pid < INT32_MAX && pid_seen(c, p->container, (int32_t)pid, &q);
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

static int echo_run(struct cri *c, struct proc *p)
{
    return print_echo(c, p, "echo", p->argc, p->argv, DIALECT_BUSYBOX);
}
static int printf_run(struct cri *c, struct proc *p) { return print_printf(c, p, "printf", p->argc, p->argv); }
static int test_run(struct cri *c, struct proc *p)
{
    bool bracket = p->argv[0][strlen(p->argv[0]) - 1] == '[';
    if (bracket && (p->argc < 2 || strcmp(p->argv[p->argc - 1], "]") != 0)) {
        err_printf(c, p, "missing ]");
        return 2;
    }
    return test_evaluate(c, p, "test", p->argc - 1 - bracket, p->argv + 1, false, false);
}

static const struct command command_ps = COMMAND("ps", ps_run), command_kill = COMMAND("kill", kill_run),
                            command_pgrep = COMMAND("pgrep", pgrep_run), command_pkill = COMMAND("pkill", pgrep_run),
                            command_pidof = COMMAND("pidof", pidof_run),
                            command_killall = COMMAND("killall", killall_run),
                            command_printenv = COMMAND("printenv", printenv_run),
                            command_echo = COMMAND("echo", echo_run), command_printf = COMMAND("printf", printf_run),
                            command_test = COMMAND("test", test_run);

const struct applet proc_applets[] = {
    {"[", &command_test.program, IMAGE_SHELLS},
    {"bash", &program_shell, IMAGE_DEBIAN},
    {"ash", &program_shell, IMAGE_BUSYBOX},
    {"dash", &program_shell, IMAGE_DEBIAN},
    {"echo", &command_echo.program, IMAGE_SHELLS},
    {"env", &program_env, IMAGE_SHELLS},
    {"kill", &command_kill.program, IMAGE_BUSYBOX},
    {"killall", &command_killall.program, IMAGE_BUSYBOX},
    {"nice", &program_nice, IMAGE_SHELLS},
    {"nohup", &program_nohup, IMAGE_SHELLS},
    {"pgrep", &command_pgrep.program, IMAGE_BUSYBOX},
    {"pidof", &command_pidof.program, IMAGE_BUSYBOX},
    {"pkill", &command_pkill.program, IMAGE_BUSYBOX},
    {"printenv", &command_printenv.program, IMAGE_SHELLS},
    {"printf", &command_printf.program, IMAGE_SHELLS},
    {"ps", &command_ps.program, IMAGE_BUSYBOX},
    {"setsid", &program_setsid, IMAGE_SHELLS},
    {"sh", &program_shell, IMAGE_SHELLS},
    {"sleep", &program_sleep, IMAGE_SHELLS},
    {"test", &command_test.program, IMAGE_SHELLS},
    {"timeout", &program_timeout, IMAGE_SHELLS},
    {"yes", &program_yes, IMAGE_SHELLS},
    {NULL, NULL, 0},
};
