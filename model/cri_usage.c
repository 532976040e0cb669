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

/* Millis times nanoseconds of one straight piece of a line, from `a` to `b`, between `from` and `until`. */
static int64_t piece(const struct memory_point *a, const struct memory_point *b, sim_time from, sim_time until)
{
    sim_time begin = a->at > from ? a->at : from, end = b->at < until ? b->at : until;
    if (begin >= end)
        return 0;
    /* Quantities are small, times are not: whole milliseconds keep the products in range. */
    int64_t run = (b->at - a->at) / SIM_MS, rise = b->bytes - a->bytes;
    int64_t at_begin = run ? a->bytes + rise * ((begin - a->at) / SIM_MS) / run : a->bytes;
    int64_t at_end = run ? a->bytes + rise * ((end - a->at) / SIM_MS) / run : a->bytes;
    return (at_begin + at_end) * (end - begin) / 2;
}

int64_t cri_cpu_average(const struct cri *c, uint32_t container, sim_time from, sim_time until)
{
    const struct vcontainer *ct = pool_at(&c->containers, container);
    if (!ct->script || until <= from)
        return 0;
    const struct memory_line *l = &ct->script->cpu;
    int64_t sum = 0;
    for (uint32_t i = 0; i < l->count; i++) {
        const struct memory_point *p = &l->points[i];
        sim_time begin = p->at > from - l->since ? p->at : from - l->since;
        if (i + 1 < l->count)
            sum += piece(p, p + 1, from - l->since, until - l->since);
        else if (begin < until - l->since) /* the last value stays */
            sum += p->bytes * (until - l->since - begin);
    }
    return sum / (until - from);
}
