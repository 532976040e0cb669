/* image_gc.h - decisions of image garbage collection: how much, what first, what is said. Pure.
 *
 * k8s pkg/kubelet/images/image_gc_manager.go (v1.36).
 */
#ifndef MODEL_IMAGE_GC_H
#define MODEL_IMAGE_GC_H

#include "sim/arena.h"

struct gc_image {
    uint32_t record; /* of the caller */
    int64_t size;
    sim_time first_detected, last_used; /* when the kubelet looked; last_used SIM_NEVER = not seen in use */
    bool in_use;                        /* a container of the runtime, running or dead, is made of it */
    bool chosen;                        /* the answer */
};

/* How many bytes have to go: usage at `high` percent or more is brought down to `low`. 0 = none. */
int64_t image_gc_amount(int64_t capacity, int64_t available, int64_t high, int64_t low);
/* Less than this available, and image_gc_amount() is not 0. */
int64_t image_gc_level(int64_t capacity, int64_t high);
/* Puts the images in order and chooses until so many bytes are free; how many that are. */
int64_t image_gc_choose(struct gc_image *images, uint32_t count, int64_t bytes, sim_time now, sim_time min_age);
/* When fewer bytes than `wanted` could be freed. */
const char *image_gc_message(struct arena *a, bool names_usage, int64_t capacity, int64_t available, int64_t wanted,
                             int64_t freed);

#endif
