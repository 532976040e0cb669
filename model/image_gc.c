/* image_gc.c - which images a node that is short of disk can do without.
 *
 * Mirrors k8s pkg/kubelet/images/image_gc_manager.go GarbageCollect, freeSpace, imagesInEvictionOrder (v1.36).
 * Left out on purpose: imageMaximumGCAge (off by default), images of volumes, runtime handlers.
 */
#include "model/image_gc.h"

#include <inttypes.h>
#include <stdlib.h>

#include "sim/cover.h"

enum { GC_IN_USE, GC_YOUNG, GC_REMOVED, GC_ENOUGH };
COVER_TABLE(image_gc, "image when disk is short", "in use: it stays", "detected a short while ago: it stays",
            "not in use: removed", "enough has been freed: it stays");

/* The share that is used is cut to whole percent of what is available, not of what is used. */
int64_t image_gc_level(int64_t capacity, int64_t high) { return (capacity * (101 - high) + 99) / 100; }

int64_t image_gc_amount(int64_t capacity, int64_t available, int64_t high, int64_t low)
{
    int64_t used_percent = 100 - available * 100 / capacity;
    return used_percent < high ? 0 : capacity * (100 - low) / 100 - available;
}

/* Used longest ago first, then detected longest ago. */
static int compare(const void *a, const void *b)
{
    const struct gc_image *x = a, *y = b;
    if (x->last_used != y->last_used)
        return x->last_used < y->last_used ? -1 : 1;
    if (x->first_detected != y->first_detected)
        return x->first_detected < y->first_detected ? -1 : 1;
    return x->record < y->record ? -1 : 1; /* k8s-order: an unstable sort of a map's values */
}

int64_t image_gc_choose(struct gc_image *images, uint32_t count, int64_t bytes, sim_time now, sim_time min_age)
{
    int64_t freed = 0;
    qsort(images, count, sizeof *images, compare);
    for (uint32_t i = 0; i < count; i++) {
        struct gc_image *image = &images[i];
        int row = image->in_use                                        ? GC_IN_USE
                  : freed >= bytes                                     ? GC_ENOUGH
                  : sim_time_add(image->first_detected, min_age) > now ? GC_YOUNG
                                                                       : GC_REMOVED;
        COVER(image_gc, row);
        image->chosen = row == GC_REMOVED;
        freed += image->chosen ? image->size : 0;
    }
    return freed;
}

/* One digit after the point, as formatSize has it. */
static const char *size_text(struct arena *a, int64_t bytes)
{
    static const char *const units[] = {"KiB", "MiB", "GiB", "TiB"};
    if (bytes < 1024)
        return arena_printf(a, "%" PRId64 " B", bytes);
    uint32_t u = 0;
    int64_t unit = 1024;
    while (u + 1 < ARRAY_LEN(units) && bytes / unit >= 1024) {
        unit *= 1024;
        u++;
    }
    int64_t rest = bytes % unit, tenths = bytes / unit * 10 + (rest * 10 + unit / 2) / unit;
    return arena_printf(a, "%" PRId64 ".%" PRId64 " %s", tenths / 10, tenths % 10, units[u]);
}

const char *image_gc_message(struct arena *a, bool names_usage, int64_t capacity, int64_t available, int64_t wanted,
                             int64_t freed)
{
    if (!names_usage)
        return arena_printf(a,
                            "Failed to garbage collect required amount of images. Attempted to free %" PRId64
                            " bytes, but only found %" PRId64 " bytes eligible to free.",
                            wanted, freed);
    return arena_printf(a,
                        "Insufficient free disk space on the node's image filesystem (%" PRId64
                        "%% of %s used). Failed to free sufficient space by deleting unused images (freed %" PRId64
                        " bytes). Investigate disk usage, as it could be used by active images, logs, volumes, or "
                        "other data.",
                        100 - available * 100 / capacity, size_text(a, capacity), freed);
}
