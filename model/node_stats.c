/* node_stats.c - what is used on a node and what is left, as the eviction signals see it.
 *
 * Memory: what processes use. Disk: files that containers wrote, their logs, emptyDirs, images; the node has one file
 * system. Beside that a fault may say how much is taken by something else. Process ids and inodes: a fault says.
 *
 * Mirrors k8s pkg/kubelet/stats, eviction/helpers.go makeSignalObservations, and cm/node_container_manager_linux.go
 * for the limit of the pods' cgroup (v1.36).
 * Left out on purpose: a file system of its own for images or for containers; page cache; inodes of files.
 */
#include <string.h>

#include "model/kubelet.h"

/* ext4 makes an inode per 16 KiB; k8s pkg/kubelet/stats/pidlimit: /proc/sys/kernel/pid_max. */
enum { BYTES_PER_INODE = 16384, PID_MAX = 32768 };

static bool is_disk(enum eviction_signal s) { return s == SIGNAL_NODEFS || s == SIGNAL_IMAGEFS; }
static bool is_memory(enum eviction_signal s) { return s == SIGNAL_MEMORY || s == SIGNAL_ALLOCATABLE_MEMORY; }

/* ---- pods ---- */

static int64_t instance_disk(const struct kpod *kp, uint32_t instance)
{
    return container_gc_exists(kp, instance) ? cri_disk_used(kp->all->cri, instance) : 0;
}

int64_t stats_container(const struct kpod *kp, uint32_t i, enum eviction_signal s)
{
    uint32_t id = kp->containers[i].newest;
    if (is_disk(s))
        return instance_disk(kp, id);
    if (id == 0)
        return 0;
    return is_memory(s) ? cri_memory_used(kp->all->cri, id) : s == SIGNAL_PID ? cri_process_count(kp->all->cri, id) : 0;
}

/* An emptyDir is emptied when the pod's volumes are unmounted. */
static int64_t volumes_disk(const struct kpod *kp)
{
    const struct pod_spec *spec = kpod_spec(kp);
    int64_t sum = 0;
    for (uint32_t v = 0; kp->work != WORK_FINISHED && v < spec->volumes.count; v++)
        if (spec->volumes.items[v].empty_dir && kp->volume_ids[v])
            sum += cri_volume_size(kp->all->cri, kp->volume_ids[v]);
    return sum;
}

int64_t stats_pod(const struct kpod *kp, enum eviction_signal s)
{
    int64_t sum = is_disk(s) ? volumes_disk(kp) : 0;
    for (uint32_t i = 0; i < kp->container_count; i++)
        sum += stats_container(kp, i, s);
    return sum;
}

/* ---- the node ---- */

static int64_t amount(const quantity_map *m, const char *resource, int64_t missing)
{
    for (uint32_t i = 0; i < m->count; i++)
        if (strcmp(m->items[i].key, resource) == 0)
            return quantity_value(&m->items[i].value);
    return missing;
}

static int64_t node_capacity(const struct kubelet *k, const char *resource, int64_t missing)
{
    return amount(&k->node->status.capacity, resource, node_allocatable(k->node, resource, missing));
}

/* The pods' cgroup may use what is not reserved: the reserve for eviction is part of it, though no pod can request it.
 * k8s getNodeAllocatableAbsolute. */
static int64_t pods_limit(const struct kubelets *ks, const struct kubelet *k)
{
    int64_t capacity = stats_capacity(ks, k, SIGNAL_MEMORY), limit = node_allocatable(k->node, "memory", capacity);
    for (uint32_t t = 0; t < ks->threshold_count; t++)
        if (ks->thresholds[t].signal == SIGNAL_MEMORY && ks->thresholds[t].hard)
            limit += eviction_amount_of(&ks->thresholds[t].value, capacity);
    return limit < capacity ? limit : capacity;
}

int64_t stats_capacity(const struct kubelets *ks, const struct kubelet *k, enum eviction_signal s)
{
    int64_t disk = node_capacity(k, "ephemeral-storage", INT64_C(100) << 30);
    switch (s) {
    case SIGNAL_MEMORY:
        return node_capacity(k, "memory", INT64_C(16) << 30);
    case SIGNAL_ALLOCATABLE_MEMORY:
        return pods_limit(ks, k);
    case SIGNAL_NODEFS:
    case SIGNAL_IMAGEFS:
        return disk;
    case SIGNAL_NODEFS_INODES:
    case SIGNAL_IMAGEFS_INODES:
        return disk / BYTES_PER_INODE;
    case SIGNAL_PID:
    case SIGNAL_COUNT:
        break;
    }
    return PID_MAX;
}

static int64_t pods_memory(struct kubelets *ks, const struct kubelet *k)
{
    int64_t sum = 0;
    uint32_t cursor = 0;
    const struct kpod *kp;
    while ((kp = node_next_pod(ks, k, &cursor)))
        if (kp->counted)
            sum += stats_pod(kp, SIGNAL_MEMORY);
    return sum;
}

static int64_t disk(struct kubelets *ks, const struct kubelet *k)
{
    int64_t sum = node_images_size(k);
    uint32_t cursor = 0;
    const struct kpod *kp;
    while ((kp = node_next_pod(ks, k, &cursor))) {
        sum += volumes_disk(kp);
        for (uint32_t i = 0; i < kpod_all(kp); i++)
            sum += instance_disk(kp, kp->containers[i].newest) + instance_disk(kp, kp->containers[i].previous);
    }
    return sum;
}

int64_t stats_in_use(struct kubelets *ks, const struct kubelet *k, enum eviction_signal s)
{
    return is_memory(s) ? pods_memory(ks, k) : is_disk(s) ? disk(ks, k) : 0;
}

struct observation stats_observe(struct kubelets *ks, const struct kubelet *k, enum eviction_signal s)
{
    struct observation o = {.capacity = stats_capacity(ks, k, s)};
    o.available = o.capacity - k->eviction.taken[s] - stats_in_use(ks, k, s);
    if (o.available < 0)
        o.available = 0;
    return o;
}
