/* pid_view.h - the processes that a process sees, under the ids it sees them by.
 *
 * A container's own, unless the pod shares them; with hostPID all of the node: init, kubelet and containerd, and the
 * processes of every pod with the shim and the /pause of its sandbox.
 *
 *     struct seen_process s = {0};
 *     while (pid_next_seen(c, p->container, s.pid, &s))
 *         ...
 */
#ifndef MODEL_PID_VIEW_H
#define MODEL_PID_VIEW_H

#include "model/process.h"

struct seen_process {
    int32_t pid;
    struct proc *proc;        /* NULL: the node's own, or a sandbox's */
    const char *command, *user; /* of that */
    struct vsandbox *pause;   /* whose /pause it is */
    bool kubelet;
    bool outside; /* it lives in another name space: signals come from outside of that */
};

/* The one with the lowest id above `after`. False: there is none. */
bool pid_next_seen(struct cri *c, const struct vcontainer *by, int32_t after, struct seen_process *ret);
bool pid_seen(struct cri *c, const struct vcontainer *by, int32_t pid, struct seen_process *ret);
/* As pgrep and /proc/PID/comm know it. */
void seen_name(struct cri *c, struct mem_owner *owner, const struct seen_process *s, struct mem_buf *out);
/* As kill(2); the signal is not 0. */
void pid_signal(struct cri *c, const struct seen_process *s, int number);
/* kill(0), kill(-group): all of that process group; number 0 asks only. False: there is none. */
bool pid_signal_group(struct cri *c, const struct proc *by, int32_t group, int number);
void pid_signal_all(struct cri *c, const struct proc *by, int number); /* kill(-1): but itself, and PID 1 */

/* Process `n`, counted in its own name space, of that block: its id on the node. */
int32_t pid_on_node(uint32_t block, int32_t n);

#endif
