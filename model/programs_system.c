/* programs_system.c - who, where and how much: hostname, id, whoami, uname, nproc, which, free, top, uptime, usleep ...
 * A node is taken to have the memory and load that /proc says (vfs_image.c). Left out: what changes a machine.
 */
#include <string.h>

#include "model/pid_view.h"
#include "model/programs.h"
#include "model/shell.h"

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
    struct options o = {.p = p};
    char which = 0;
    for (int letter; (letter = option_get(c, &o, is_gnu(p) ? "sfdiAIFyb" : "sfidF:", NULL));) {
        if (letter == '?')
            return 1;
        which = (char)letter;
    }
    if (o.next < p->argc) {
        err_printf(c, p,
                   is_gnu(p) ? "you must be root to change the host name" : "sethostname: Operation not permitted");
        return 1;
    }
    const char *dot = strchr(s->hostname, '.');
    if (which == 'i' || which == 'I')
        out_printf(c, p, 1, "%s%s\n", s->ip, is_gnu(p) ? " " : "");
    else if (which == 's')
        out_printf(c, p, 1, "%.*s\n", dot ? (int)(dot - s->hostname) : (int)strlen(s->hostname), s->hostname);
    else if (which == 'd')
        out_printf(c, p, 1, "%s\n", dot ? dot + 1 : s->domain ? s->domain : "");
    else if (which == 'f' && s->domain)
        out_printf(c, p, 1, "%s.%s\n", s->hostname, s->domain);
    else
        out_printf(c, p, 1, "%s\n", s->hostname);
    return 0;
}

/* A user's number and group by the image's /etc/passwd. */
static bool passwd_entry(struct cri *c, struct proc *p, const char *name, uint32_t *uid, uint32_t *gid)
{
    struct vnode *n;
    size_t size, len = strlen(name);
    if (vfs_find(c, p->container, "/", "/etc/passwd", &n) != VFS_OK)
        return false;
    for (const char *line = vfs_content(c, p->container, n, &size); *line;
         line += strcspn(line, "\n"), line += *line != '\0') {
        const char *at = strncmp(line, name, len) == 0 && line[len] == ':' ? strchr(line + len + 1, ':') : NULL;
        if (!at)
            continue;
        for (*uid = 0, at++; sh_is_digit(*at); at++)
            *uid = *uid * 10 + (uint32_t)(*at - '0');
        for (*gid = 0, at++; sh_is_digit(*at); at++)
            *gid = *gid * 10 + (uint32_t)(*at - '0');
        return true;
    }
    return false;
}

static int id_run(struct cri *c, struct proc *p)
{
    struct options o = {.p = p};
    uint32_t uid = p->uid, gid = p->uid;
    char which = 0;
    bool name = false;
    for (int letter; (letter = option_get(c, &o, "ugGnr", NULL));) {
        if (letter == '?')
            return 1;
        name |= letter == 'n';
        if (letter != 'n' && letter != 'r')
            which = (char)letter;
    }
    if (p->uid)
        gid = 0;
    if (o.next < p->argc && !passwd_entry(c, p, p->argv[o.next], &uid, &gid)) {
        err_printf(c, p, is_gnu(p) ? "'%s': no such user" : "unknown user %s", p->argv[o.next]);
        return 1;
    }
    const char *user = id_name(c, p, uid, false), *group = id_name(c, p, gid, true);
    if (which)
        out_printf(c, p, 1, name ? "%s\n" : "%.0s%u\n", which == 'u' ? user : group, which == 'u' ? uid : gid);
    else if (sh_is_digit(*user))
        out_printf(c, p, 1, "uid=%u gid=%u(%s) groups=%u(%s)\n", uid, gid, group, gid, group);
    else
        out_printf(c, p, 1, "uid=%u(%s) gid=%u(%s) groups=%u(%s)\n", uid, user, gid, group, gid, group);
    return 0;
}

static int whoami_run(struct cri *c, struct proc *p)
{
    const char *name = id_name(c, p, p->uid, false);
    if (sh_is_digit(*name)) {
        if (is_gnu(p))
            err_printf(c, p, "cannot find name for user ID %s", name);
        else
            err_printf(c, p, "unknown uid %s", name);
        return 1;
    }
    out_printf(c, p, 1, "%s\n", name);
    return 0;
}

static int uname_run(struct cri *c, struct proc *p)
{
    static const struct long_option longs[] = {
        {"all", 'a'}, {"kernel-name", 's'}, {"nodename", 'n'}, {"kernel-release", 'r'}, {"machine", 'm'}, {NULL, 0}};
    const struct {
        char letter;
        const char *text;
    } parts[] = {{'s', "Linux"},  {'n', p->container->sandbox->pub.config.hostname},
                 {'r', "6.1.0"},  {'v', "#1 SMP PREEMPT_DYNAMIC"},
                 {'m', "x86_64"}, {'o', is_gnu(p) ? "GNU/Linux" : "Linux"}};
    struct options o = {.p = p};
    char wanted[16] = "";
    for (int letter; (letter = option_get(c, &o, "snrvmpioa", longs));) {
        if (letter == '?')
            return 1;
        size_t n = strlen(wanted);
        if (letter == 'a')
            strcpy(wanted, "snrvmo");
        else if (n < sizeof wanted - 1)
            wanted[n] = (char)(letter == 'p' || letter == 'i' ? 'm' : letter);
    }
    const char *gap = "";
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        if (!strchr(*wanted ? wanted : "s", parts[i].letter))
            continue;
        out_printf(c, p, 1, "%s%s", gap, parts[i].text);
        gap = " ";
    }
    out_puts(c, p, 1, "\n");
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
    struct options o = {.p = p};
    bool all = false;
    int status = 0;
    for (int letter; (letter = option_get(c, &o, "as", NULL));) {
        if (letter == '?')
            return 1;
        all |= letter == 'a';
    }
    (void)all;
    if (o.next >= p->argc)
        return 1;
    for (int i = o.next; i < p->argc; i++) {
        if (command_find(c, p, p->argv[i], &found) == LOOKUP_FOUND)
            out_printf(c, p, 1, "%s\n", found.path);
        else
            status = 1;
    }
    return status;
}

static int tty_run(struct cri *c, struct proc *p)
{
    out_puts(c, p, 1, p->container->pub.config.tty ? "/dev/pts/0\n" : "not a tty\n");
    return !p->container->pub.config.tty;
}

static int clear_run(struct cri *c, struct proc *p)
{
    out_puts(c, p, 1, "\033[H\033[J");
    return 0;
}

/* ---- memory and load ---- */

enum { NODE_MEMORY_KB = 16384000, NODE_FREE_KB = 12288000, NODE_AVAILABLE_KB = 14336000 };

static int free_run(struct cri *c, struct proc *p)
{
    struct options o = {.p = p};
    int shift = 0;
    bool human = false;
    for (int letter; (letter = option_get(c, &o, "bkmghtw", NULL));) {
        if (letter == '?')
            return 1;
        shift = letter == 'm' ? 10 : letter == 'g' ? 20 : letter == 'b' ? -10 : shift;
        human |= letter == 'h';
    }
    int64_t values[] = {
        NODE_MEMORY_KB,   NODE_MEMORY_KB - NODE_AVAILABLE_KB, NODE_FREE_KB, 0, NODE_AVAILABLE_KB - NODE_FREE_KB,
        NODE_AVAILABLE_KB};
    out_puts(c, p, 1, "              total        used        free      shared  buff/cache   available\nMem:   ");
    for (size_t i = 0; i < ARRAY_LEN(values); i++) {
        if (human)
            out_printf(c, p, 1, "%s%11lldM", i ? "" : "", (long long)values[i] >> 10);
        else
            out_printf(c, p, 1, i ? " %11lld" : "%12lld",
                       (long long)(shift < 0 ? values[i] << -shift : values[i] >> shift));
    }
    out_puts(c, p, 1, "\nSwap:             0           0           0\n");
    return 0;
}

/* "03:04:05 up 1 day,  0:00,  0 users,  load average: 0.00, 0.00, 0.00" */
static int uptime_run(struct cri *c, struct proc *p)
{
    enum { UP_BEFORE = 86400 }; /* as /proc/uptime has it */
    struct mem_buf time = {0};
    int64_t up = proc_now(c) / SIM_SECOND + UP_BEFORE, days = up / 86400;
    format_date(c, &time, "%H:%M:%S", epoch_now(c), -1);
    out_printf(c, p, 1, " %s up %lld day%s, %2lld:%02lld,  0 users,  load average: 0.00, 0.00, 0.00\n", buf_str(&time),
               (long long)days, days == 1 ? "" : "s", (long long)(up % 86400 / 3600), (long long)(up % 3600 / 60));
    buf_fini(&c->mem, &time);
    return 0;
}

/* ---- usleep ---- */

struct usleep_data {
    bool begun;
    sim_time until;
};

static enum step usleep_step(struct cri *c, struct proc *p)
{
    struct usleep_data *d = p->data;
    int64_t n;
    if (!d->begun) {
        d->begun = true;
        if (p->argc != 2)
            return proc_exit_with(p, usage_missing(c, p));
        if (!parse_int64(p->argv[1], &n) || n < 0) {
            err_printf(c, p, "invalid number '%s'", p->argv[1]);
            return proc_exit_with(p, 1);
        }
        d->until = sim_time_add(proc_now(c), n > INT64_MAX / 1000 ? SIM_TIME_MAX : n * 1000);
    }
    return proc_now(c) >= d->until ? proc_exit_with(p, 0) : proc_block_until(p, d->until);
}

static const struct program program_usleep = {
    .name = "usleep", .step = usleep_step, .data_bytes = sizeof(struct usleep_data)};

/* ---- top ---- */

struct top_data {
    bool begun, batch;
    int64_t rounds;
    sim_time period, next;
};

static void top_print(struct cri *c, struct proc *p)
{
    world_looked_beyond(c);
    out_printf(c, p, 1,
               "Mem: %dK used, %dK free, 0K shrd, 0K buff, %dK cached\nCPU:   0%% usr   0%% sys   0%% nic 100%% idle   "
               "0%% io   0%% irq   0%% sirq\nLoad average: 0.00 0.00 0.00 1/1 %d\n  PID  PPID USER     STAT   VSZ "
               "%%VSZ CPU %%CPU COMMAND\n",
               NODE_MEMORY_KB - NODE_FREE_KB, NODE_FREE_KB, NODE_AVAILABLE_KB - NODE_FREE_KB, (int)p->pid);
    struct seen_process q = {0};
    while (pid_next_seen(c, p->container, q.pid, &q)) {
        struct mem_buf text = {0};
        if (q.proc)
            proc_command_line(c, q.proc, &text);
        else
            buf_puts(&c->mem, NULL, &text, q.command);
        out_printf(c, p, 1, "%5d %5d %-8.8s %s     4408   0%%   0   0%% %s\n", (int)q.pid,
                   q.proc && q.proc->parent ? (int)q.proc->parent->pid : 0,
                   q.proc ? id_name(c, p, q.proc->uid, false) : q.user,
                   q.proc == p                ? "R"
                   : q.proc && q.proc->zombie ? "Z"
                                              : "S",
                   buf_str(&text));
        buf_fini(&c->mem, &text);
    }
}

static enum step top_step(struct cri *c, struct proc *p)
{
    struct top_data *d = p->data;
    if (!d->begun) {
        struct options o = {.p = p};
        d->begun = true;
        d->rounds = INT64_MAX;
        d->period = 5 * SIM_SECOND;
        for (int letter; (letter = option_get(c, &o, "bn:d:mHo:p:", NULL));) {
            if (letter == '?')
                return proc_exit_with(p, 1);
            if (letter == 'n')
                parse_int64(o.value, &d->rounds);
            if (letter == 'd')
                parse_duration(o.value, &d->period);
        }
        d->next = proc_now(c);
    }
    if (proc_now(c) < d->next)
        return proc_block_until(p, d->next);
    top_print(c, p);
    d->next = sim_time_add(d->next, d->period < SIM_MS ? SIM_MS : d->period);
    return --d->rounds > 0 ? proc_block_until(p, d->next) : proc_exit_with(p, 0);
}

static const struct program program_top = {.name = "top", .step = top_step, .data_bytes = sizeof(struct top_data)};

static const struct command command_true = COMMAND("true", true_run), command_false = COMMAND("false", false_run),
                            command_hostname = COMMAND("hostname", hostname_run), command_id = COMMAND("id", id_run),
                            command_whoami = COMMAND("whoami", whoami_run), command_uname = COMMAND("uname", uname_run),
                            command_pwd = COMMAND("pwd", pwd_run), command_nproc = COMMAND("nproc", nproc_run),
                            command_which = COMMAND("which", which_run), command_tty = COMMAND("tty", tty_run),
                            command_clear = COMMAND("clear", clear_run), command_free = COMMAND("free", free_run),
                            command_uptime = COMMAND("uptime", uptime_run);

const struct applet system_applets[] = {
    {"clear", &command_clear.program, IMAGE_SHELLS},
    {"date", &command_date.program, IMAGE_SHELLS},
    {"false", &command_false.program, IMAGE_SHELLS},
    {"free", &command_free.program, IMAGE_BUSYBOX},
    {"hostname", &command_hostname.program, IMAGE_SHELLS},
    {"id", &command_id.program, IMAGE_SHELLS},
    {"nproc", &command_nproc.program, IMAGE_SHELLS},
    {"pwd", &command_pwd.program, IMAGE_SHELLS},
    {"top", &program_top, IMAGE_BUSYBOX},
    {"true", &command_true.program, IMAGE_SHELLS},
    {"tty", &command_tty.program, IMAGE_SHELLS},
    {"uname", &command_uname.program, IMAGE_SHELLS},
    {"uptime", &command_uptime.program, IMAGE_BUSYBOX},
    {"usleep", &program_usleep, IMAGE_BUSYBOX},
    {"which", &command_which.program, IMAGE_SHELLS},
    {"whoami", &command_whoami.program, IMAGE_SHELLS},
    {NULL, NULL, 0},
};
