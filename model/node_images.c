/* node_images.c - the images of a node: which are there, and which go when the disk is short.
 *
 * Every 5 minutes the kubelet looks which images there are and which of them containers are made of; an image that it
 * has seen for less than imageMinimumGCAge is safe. At the same time, when the disk is used to
 * imageGCHighThresholdPercent, unused images are removed until it is used to imageGCLowThresholdPercent; when it is
 * short for eviction (eviction_manager.c), all of them are.
 * A look is no event: what it would have seen is made up for before images or containers change. A round of the
 * collection is one only while usage is high.
 *
 * Mirrors k8s pkg/kubelet/images/image_gc_manager.go detectImages, GarbageCollect, DeleteUnusedImages and kubelet.go
 * StartGarbageCollection (v1.36); decisions: image_gc.c.
 * Left out on purpose: layers that images share: an image takes what a registry transfers; the inodes it takes.
 */
#include <string.h>

#include "model/classes.h"
#include "model/image_gc.h"
#include "model/kubelet.h"

/* k8s kubelet.go ImageGCPeriod, and image_gc_manager.go Start: 5 minutes. The phase is free; REF: at 300 k + 5 s. */
#define LOOK_PERIOD (300 * SIM_SECOND)
#define LOOK_PHASE  (5 * SIM_SECOND)
/* k8s apis/config/v1beta1/defaults.go. */
#define MIN_AGE (120 * SIM_SECOND)
enum { HIGH_PERCENT = 85, LOW_PERCENT = 80 };

static sim_time phase_of(const struct kubelets *ks) { return ks->profile->kind == PROFILE_INSTANT ? 0 : LOOK_PHASE; }

static struct image_record *image_at(const struct kubelet *k, uint32_t i) { return pool_at(&k->images, i); }

/* ---- what the node has ---- */

bool node_has_image(const struct kubelet *k, const struct image *image, const char *name)
{
    bool from_start = image->present;
    for (uint32_t i = 0; i < k->images.count; i++) {
        const struct image_record *n = image_at(k, i);
        if (!n->gone && !n->from_start && strcmp(n->name, name) == 0)
            return true;
        if (n->gone && n->from_start && strcmp(n->name, image->name) == 0)
            from_start = false;
    }
    return from_start;
}

static void add(struct kubelets *ks, struct kubelet *k, struct image_record image)
{
    uint32_t i = pool_add(&k->images);
    *image_at(k, i) = image;
    cri_disk_grows(ks->cri, image.size);
}

void node_add_image(struct kubelets *ks, struct kubelet *k, const char *name)
{
    node_images_look(ks, k);
    for (uint32_t i = 0; i < k->images.count; i++) {
        struct image_record *n = image_at(k, i);
        if (n->from_start || strcmp(n->name, name) != 0)
            continue;
        *n = (struct image_record){.name = name, .size = n->size, .last_used = SIM_NEVER};
        cri_disk_grows(ks->cri, n->size);
        return;
    }
    add(ks, k,
        (struct image_record){.name = name, .size = image_find(ks->images, name)->size_bytes, .last_used = SIM_NEVER});
}

/* Those of the Node object and of the scenario's catalogue. The kubelet has known them for long. */
void node_images_init(struct kubelets *ks, struct kubelet *k)
{
    const sim_time long_ago = -LOOK_PERIOD;
    struct image_record image = {.detected = true, .first_detected = long_ago, .last_used = SIM_NEVER};
    pool_init(&k->images, ks->arena, sizeof(struct image_record));
    k->images_looked = SIM_NEVER;
    for (uint32_t n = 0; n < k->node->status.images.count; n++) {
        /* A node lists an image under all its names; any of them will do. */
        if (k->node->status.images.items[n].names.count == 0)
            continue;
        image.name = k->node->status.images.items[n].names.items[0];
        image.size = k->node->status.images.items[n].size_bytes;
        if (image.size == 0)
            image.size = image_find(ks->images, image.name)->size_bytes;
        add(ks, k, image);
    }
    image.from_start = true;
    uint32_t cursor = 0;
    for (const struct image *present; (present = image_next_present(ks->images, &cursor));) {
        image.name = present->name;
        image.size = present->size_bytes;
        add(ks, k, image);
    }
}

int64_t node_images_size(const struct kubelet *k)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < k->images.count; i++)
        sum += image_at(k, i)->gone ? 0 : image_at(k, i)->size;
    return sum;
}

/* ---- what the kubelet knows of them ---- */

/* A container of it is there, running or dead. */
static bool is_used(struct kubelets *ks, const struct kubelet *k, const struct image_record *image)
{
    uint32_t cursor = 0;
    const struct kpod *kp;
    while ((kp = node_next_pod(ks, k, &cursor))) {
        for (uint32_t i = 0; i < 2 * kpod_all(kp); i++) {
            const struct kcontainer *c = &kp->containers[i / 2];
            uint32_t instance = i % 2 ? c->previous : c->newest;
            if (!container_gc_exists(kp, instance))
                continue;
            const char *name = cri_container(ks->cri, instance)->config.image;
            if (strcmp(image->from_start ? image_find(ks->images, name)->name : name, image->name) == 0)
                return true;
        }
    }
    return false;
}

/* What detectImages notes at `at`. */
static void look(struct kubelets *ks, struct kubelet *k, sim_time at)
{
    for (uint32_t i = 0; i < k->images.count; i++) {
        struct image_record *n = image_at(k, i);
        if (n->gone)
            continue;
        if (!n->detected)
            n->first_detected = at;
        n->detected = true;
        if (is_used(ks, k, n))
            n->last_used = at;
    }
}

/* Nothing has changed since it last looked, or since the change after that: the tick before this instant saw what is
 * here now. An image that came after an earlier tick was first seen at the tick that followed. */
void node_images_look(struct kubelets *ks, struct kubelet *k)
{
    sim_time now = sim_now(ks->sim), next = sim_time_next_tick(now, LOOK_PERIOD, phase_of(ks)),
             last = next - LOOK_PERIOD;
    if (k->down || last < 0 || (k->images_looked != SIM_NEVER && last <= k->images_looked))
        return;
    sim_time first = k->images_looked == SIM_NEVER ? phase_of(ks) : k->images_looked + LOOK_PERIOD;
    look(ks, k, first); /* what came since the last one */
    look(ks, k, last);
    k->images_looked = last;
}

/* A kubelet that starts looks at once. */
void node_images_begin(struct kubelets *ks, struct kubelet *k)
{
    sim_time now = sim_now(ks->sim);
    for (uint32_t i = 0; i < k->images.count; i++) {
        image_at(k, i)->detected = false;
        image_at(k, i)->last_used = SIM_NEVER;
    }
    look(ks, k, now);
    k->images_looked = sim_time_next_tick(now, LOOK_PERIOD, phase_of(ks)) - LOOK_PERIOD;
    k->image_gc_failed = false;
}

/* ---- garbage collection ---- */

static void remove_image(struct kubelets *ks, const struct kubelet *k, struct image_record *image)
{
    struct trace_container *t = arena_new(ks->arena, struct trace_container);
    *t = (struct trace_container){.bytes = (uint64_t)image->size};
    image->gone = true;
    sim_record(ks->sim, (struct trace_record){.object = k->node_ordinal,
                                              .kind = TRACE_IMAGE_REMOVED,
                                              .component = COMP_KUBELET,
                                              .text = image->name,
                                              .data = t});
}

/* Removes unused images until so many bytes are free, or there are no more. How many became free. */
static int64_t free_space(struct kubelets *ks, struct kubelet *k, int64_t bytes)
{
    sim_time now = sim_now(ks->sim), min_age = ks->config->image_minimum_gc_age;
    struct gc_image *list = arena_array(ks->scratch, struct gc_image, (size_t)k->images.count + 1);
    uint32_t count = 0;
    node_images_look(ks, k);
    look(ks, k, now);
    for (uint32_t i = 0; i < k->images.count; i++) {
        const struct image_record *n = image_at(k, i);
        if (!n->gone)
            list[count++] = (struct gc_image){i, n->size, n->first_detected, n->last_used, n->last_used == now, false};
    }
    int64_t freed = image_gc_choose(list, count, bytes, now, min_age == SIM_NEVER || min_age == 0 ? MIN_AGE : min_age);
    for (uint32_t i = 0; i < count; i++)
        if (list[i].chosen)
            remove_image(ks, k, image_at(k, list[i].record));
    return freed;
}

void image_gc_unused(struct kubelets *ks, struct kubelet *k) { free_space(ks, k, INT64_MAX); }

static int64_t high_of(const struct kubelet_config *c)
{
    return c->image_gc_high_threshold_percent.set ? c->image_gc_high_threshold_percent.value : HIGH_PERCENT;
}

static int64_t low_of(const struct kubelet_config *c)
{
    return c->image_gc_low_threshold_percent.set ? c->image_gc_low_threshold_percent.value : LOW_PERCENT;
}

/* *ret_level: it does when less is available. A threshold of 100 switches it off. */
bool image_gc_matters(struct kubelets *ks, const struct kubelet *k, int64_t *ret_level)
{
    int64_t high = high_of(ks->config);
    *ret_level = high == 100 ? 0 : image_gc_level(stats_capacity(ks, k, SIGNAL_IMAGEFS), high);
    return stats_observe(ks, k, SIGNAL_IMAGEFS).available < *ret_level;
}

void image_gc_want(struct kubelets *ks, struct kubelet *k)
{
    if (!k->down && !sim_armed(ks->sim, CLASS_NODE_TIMER, k->object, NODE_IMAGE_GC))
        sim_arm_by(ks->sim, sim_time_next_tick(sim_now(ks->sim), LOOK_PERIOD, phase_of(ks)), CLASS_NODE_TIMER,
                   k->object, NODE_IMAGE_GC);
}

/* The first of several failures in a row makes no ImageGCFailed: k8s kubelet.go StartGarbageCollection. */
void image_gc_run(struct kubelets *ks, struct kubelet *k)
{
    const struct observation before = stats_observe(ks, k, SIGNAL_IMAGEFS);
    int64_t wanted = image_gc_amount(before.capacity, before.available, high_of(ks->config), low_of(ks->config));
    int64_t freed = wanted > 0 ? free_space(ks, k, wanted) : 0;
    if (freed < wanted) {
        const char *message = image_gc_message(ks->arena, feature_on(ks->features, FEATURE_DISK_FULL_SAYS_USAGE),
                                               before.capacity, before.available, wanted, freed);
        node_event(ks, k, true, "FreeDiskSpaceFailed", "%s", message);
        if (k->image_gc_failed)
            node_event(ks, k, true, "ImageGCFailed", "%s", message);
    }
    k->image_gc_failed = freed < wanted;
    eviction_disk_changed(ks, k);
}
