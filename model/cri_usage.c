/* cri_usage.c - what containers and volumes use, as the kubelet's statistics show it: disk, processes, memory.
 * k8s pkg/kubelet/stats/cri_stats_provider.go.
 */
#include "model/cri.h"
#include "model/process.h"
#include "model/script.h"
#include "model/vfs.h"

/* Files that were written; what the image brought is not counted, nor what is mounted. */
static int64_t tree_size(const struct vnode *n)
{
    int64_t sum = n->type == VNODE_FILE && !n->base && !n->special ? (int64_t)vfs_size(n) : 0;
    for (const struct vnode *child = n->child; child; child = child->next)
        if (child->type != VNODE_MOUNT)
            sum += tree_size(child);
    return sum;
}

int64_t cri_files_size(const struct vcontainer *ct) { return ct->root ? tree_size(ct->root) : ct->files_left; }

int64_t cri_volume_size(const struct cri *c, uint32_t volume)
{
    ASSERT(volume > 0);
    const struct vvolume *v = pool_at(&c->volumes, volume);
    return v->root ? tree_size(v->root) : 0;
}

int64_t cri_disk_used(struct cri *c, uint32_t container)
{
    const struct vcontainer *ct = pool_at(&c->containers, container);
    size_t log = 0;
    cri_log(c, container, &log);
    return CRI_DISK_BASE + (int64_t)log + cri_files_size(ct);
}

void cri_watch_disk(struct cri *c, int64_t bytes)
{
    if (bytes < c->disk_left)
        c->disk_left = bytes;
}

void cri_disk_grows(struct cri *c, int64_t bytes)
{
    if (c->disk_left == INT64_MAX)
        return;
    c->disk_left -= bytes;
    if (c->disk_left > 0)
        return;
    c->disk_left = INT64_MAX;
    c->deps.disk(c->deps.ctx);
}

int64_t cri_process_count(const struct cri *c, uint32_t container)
{
    const struct vcontainer *ct = pool_at(&c->containers, container);
    int64_t n = 0;
    for (uint32_t i = 0; i < ct->slot_count; i++)
        n += ct->slots[i]->proc != NULL;
    return n;
}

int64_t cri_cpu_milli(const struct cri *c, uint32_t container)
{
    const struct vcontainer *ct = pool_at(&c->containers, container);
    bool said = ct->script && ct->pub.state == CRI_RUNNING;
    return said ? memory_line_at(&ct->script->cpu, proc_now(c)) : 0;
}
