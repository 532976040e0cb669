/* pid_view.c - whom a process sees, and what its signals do to them.
 *
 * On a real node processes are numbered as they come. Here every sandbox and every container has a block of ids, in the
 * order of creation, so that what a probe starts in one pod changes no id of another.
 *
 * Left out on purpose: what a signal does to init, containerd and shims (nothing: systemd has them back at once); a
 * kubelet's id when it is started again; kernel threads but for one; who may signal whom - containers run as root, and
 * no AppArmor profile forbids it.
 */
#include "model/pid_view.h"

#include <string.h>

/* A modelling choice: 1000 ids to a block, FIRST_ID were given before; who needs more goes on far above the others. */
enum { FIRST_ID = 4100, BLOCK = 1000, BLOCKS = 2048 };

int32_t pid_on_node(uint32_t block, int32_t n)
{
    int64_t id = FIRST_ID + (int64_t)(block % BLOCKS) * BLOCK + n % BLOCK + (int64_t)(n / BLOCK) * BLOCK * BLOCKS;
    return id < INT32_MAX ? (int32_t)id : INT32_MAX;
}

/* kubeadm's and Debian's paths. */
static const struct seen_process node_processes[] = {
    {.pid = 1, .command = "/sbin/init", .user = "root"},
    {.pid = 2, .command = "[kthreadd]", .user = "root"},
    {.pid = 418, .command = "/usr/lib/systemd/systemd-journald", .user = "root"},
    {.pid = 702, .command = "/usr/bin/containerd", .user = "root"},
    {.pid = 816,
     .command = "/usr/bin/kubelet --kubeconfig=/etc/kubernetes/kubelet.conf --config=/var/lib/kubelet/config.yaml",
     .user = "root",
     .kubelet = true},
};
#define SHIM "/usr/bin/containerd-shim-runc-v2 -namespace k8s.io -address /run/containerd/containerd.sock"
enum { SHIM_ID = 0, PAUSE_ID = 1 }; /* in the sandbox's block */

/* ---- the next one ---- */

struct search {
    int32_t after;
    struct seen_process *best; /* pid 0: none yet */
};

static void consider(struct search *s, struct seen_process candidate)
{
    if (candidate.pid > s->after && (s->best->pid == 0 || candidate.pid < s->best->pid))
        *s->best = candidate;
}

static void consider_namespace(struct search *s, const struct pidns *ns)
{
    if (ns->shared)
        consider(s, (struct seen_process){.pid = 1, .command = "/pause", .user = "65535"});
    for (struct proc *p = ns->first; p; p = p->ns_next)
        consider(s, (struct seen_process){.pid = p->pid, .proc = p});
}

static bool same_node(const struct vsandbox *a, const struct vsandbox *b)
{
    return text_same(a->pub.config.node_name, b->pub.config.node_name);
}

static void consider_sandbox(struct search *s, struct vsandbox *of)
{
    if (of->pub.stopped)
        return;
    consider(
        s, (struct seen_process){.pid = pid_on_node(of->shared_pids.block, SHIM_ID), .command = SHIM, .user = "root"});
    if (of->pub.ready)
        consider(s, (struct seen_process){.pid = pid_on_node(of->shared_pids.block, PAUSE_ID),
                                          .command = "/pause",
                                          .user = "65535",
                                          .pause = of});
}

static void consider_container(struct search *s, const struct vcontainer *ct, const struct pidns *by)
{
    for (uint32_t i = 0; i < ct->slot_count; i++) {
        struct proc *p = ct->slots[i]->proc;
        if (p)
            consider(s, (struct seen_process){.pid = p->ns->on_node ? p->pid : pid_on_node(p->ns->block, p->pid),
                                              .proc = p,
                                              .outside = p->ns != by});
    }
}

static void consider_node(struct cri *c, struct search *s, const struct vcontainer *by)
{
    const struct vsandbox *home = by->sandbox;
    world_looked_beyond(c);
    for (size_t i = 0; i < ARRAY_LEN(node_processes); i++)
        if (!node_processes[i].kubelet || !c->deps.kubelet_runs ||
            c->deps.kubelet_runs(c->deps.ctx, home->pub.config.node_name))
            consider(s, node_processes[i]);
    for (uint32_t i = 1; i < c->sandboxes.count; i++) {
        struct vsandbox *of = pool_at(&c->sandboxes, i);
        if (!same_node(of, home))
            continue;
        consider_sandbox(s, of);
        for (const struct vcontainer *ct = of->containers; ct; ct = ct->next)
            consider_container(s, ct, pids_of(by));
    }
}

bool pid_next_seen(struct cri *c, const struct vcontainer *by, int32_t after, struct seen_process *ret)
{
    struct search s = {after, ret};
    *ret = (struct seen_process){0};
    if (pids_of(by)->on_node)
        consider_node(c, &s, by);
    else
        consider_namespace(&s, pids_of(by));
    return ret->pid != 0;
}

bool pid_seen(struct cri *c, const struct vcontainer *by, int32_t pid, struct seen_process *ret)
{
    return pid > 0 && pid_next_seen(c, by, pid - 1, ret) && ret->pid == pid;
}

void seen_name(struct cri *c, struct mem_owner *owner, const struct seen_process *s, struct mem_buf *out)
{
    const struct proc *p = s->proc;
    if (p && p->title) { /* "nginx: worker process" */
        buf_add(&c->mem, owner, out, p->title, strcspn(p->title, ": "));
        return;
    }
    const char *command = !p ? s->command : p->argc ? p->argv[0] : p->program->name;
    size_t len = p ? strlen(command) : strcspn(command, " "), from = len;
    while (from > 0 && command[from - 1] != '/')
        from--;
    buf_add(&c->mem, owner, out, command + from, len - from);
}

/* ---- signals ---- */

static bool ends_a_server(int number)
{
    return number == VSIGKILL || number == VSIGTERM || number == VSIGINT || number == VSIGQUIT;
}

void pid_signal(struct cri *c, const struct seen_process *s, int number)
{
    if (s->proc) {
        proc_signal(c, s->proc, number, s->outside, 0);
    } else if (ends_a_server(number)) {
        world_changes(c);
        if (s->kubelet && c->deps.kubelet_killed)
            c->deps.kubelet_killed(c->deps.ctx, c->running->container->sandbox->pub.config.node_name);
        else if (s->pause)
            cri_kill_pause(c, s->pause->index);
    }
}

bool pid_signal_group(struct cri *c, const struct proc *by, int32_t group, int number)
{
    bool found = false;
    struct proc *next;
    for (struct proc *q = by->ns->first; q; q = next) {
        next = q->ns_next;
        if (q->group != group || q->zombie)
            continue;
        found = true;
        if (number)
            proc_signal(c, q, number, false, 0);
    }
    return found;
}

void pid_signal_all(struct cri *c, const struct proc *by, int number)
{
    struct seen_process s = {0};
    while (pid_next_seen(c, by->container, s.pid, &s))
        if (s.proc != by && s.pid != 1 && number)
            pid_signal(c, &s, number);
}
