/* image_manager.c - is the image there, may it be pulled, pull it.
 *
 * Mirrors k8s pkg/kubelet/images/image_manager.go and puller.go (v1.36): policies, back-off per pod
 * and image, pulls one at a time per node in order. Rules: semantics/kubelet.md 2.7.
 * Left out on purpose: parallel pulls, registry QPS, credential verification of present images.
 */
#include <string.h>

#include "model/classes.h"
#include "model/kubelet.h"
#include "sim/cover.h"
#include "sim/rng.h"

/* k8s pkg/kubelet/kubelet.go imageBackOffPeriod, MaxImageBackOff; client-go flowcontrol/backoff.go. */
#define PULL_BACKOFF_INITIAL (10 * SIM_SECOND)
#define PULL_BACKOFF_MAX     (300 * SIM_SECOND)
#define PULL_BACKOFF_EXPIRY  (600 * SIM_SECOND)

static bool is(const char *a, const char *b) { return a && strcmp(a, b) == 0; }

static bool present(const struct kubelet *k, const struct image *image, const char *name)
{
    if (image->present)
        return true;
    for (uint32_t i = 0; i < k->images_present.count; i++) {
        if (strcmp(k->images_present.items[i], name) == 0)
            return true;
    }
    return false;
}

static void add_present(struct kubelet *k, struct arena *a, const char *name)
{
    const char **items = arena_array(a, const char *, k->images_present.count + 1);
    if (k->images_present.count)
        memcpy(items, k->images_present.items, k->images_present.count * sizeof(*items));
    items[k->images_present.count++] = name;
    k->images_present.items = items;
}

static struct pull_backoff *find_backoff(struct kubelet *k, const struct kpod *kp, const char *name)
{
    struct pull_backoff *b = k->pull_backoffs;
    while (b && !(b->kpod == kp->index && strcmp(b->image, name) == 0))
        b = b->next;
    return b;
}

static enum image_step fail(struct kpod *kp, struct kcontainer *c, const char *reason, const char *message,
                            struct waiting_reason *ret_reason)
{
    kpod_event(kp, c, true, "Failed", "Error: %s", reason);
    *ret_reason = (struct waiting_reason){reason, message};
    return IMAGE_FAILED;
}

/* Registries name content by digest; ours is made from the image's name, so that it is stable. */
const char *image_digest(struct arena *a, const char *image)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (const char *s = image; *s; s++)
        h = (h ^ (unsigned char)*s) * UINT64_C(0x100000001b3);
    return arena_printf(a, "sha256:%016" PRIx64 "%016" PRIx64 "%016" PRIx64 "%016" PRIx64, rng_mix(h), rng_mix(h + 1),
                        rng_mix(h + 2), rng_mix(h + 3));
}

/* ---- the node's queue of pulls ---- */

static struct kcontainer *waiting_container(struct kpod *kp) { return &kp->containers[kp->plan_at]; }

static const char *waiting_image(struct kpod *kp) { return waiting_container(kp)->spec->image; }

static void record_pull(struct kubelets *ks, struct kpod *kp, enum trace_kind kind, const struct image *image)
{
    struct kcontainer *c = waiting_container(kp);
    struct trace_container *t = arena_new(ks->arena, struct trace_container);
    *t = (struct trace_container){.container = c->spec->name,
                                  .attempt = c->next_attempt,
                                  .init = c->init,
                                  .message = image->pull_error,
                                  .bytes = (uint64_t)image->size_bytes};
    sim_set_cause(ks->sim, sim_record(ks->sim, (struct trace_record){
                                                   .object = kp->pod->object.ordinal,
                                                   .kind = (uint16_t)kind,
                                                   .component = COMP_RUNTIME,
                                                   .aux = kind == TRACE_PULL_END && image->pull_error,
                                                   .text = c->spec->image,
                                                   .data = t,
                                               }));
}

/* README.md section 3: 0.5 s + size / 50 MB/s; an image whose layers are there only asks the registry. */
static sim_time pull_cost(struct kpod *kp, const struct kubelet *k, const struct image *image, const char *name)
{
    sim_time base = kpod_draw(kp, HOP_IMAGE_PULL_BASE);
    if (image->pull_ms)
        return image->pull_ms * SIM_MS;
    if (base == 0 || image->pull_error || present(k, image, name))
        return base;
    return sim_time_add(base, image->size_bytes / 50 * 1000); /* 50 bytes per microsecond */
}

/* The pull at the head of the queue begins. */
static void pull_begin(struct kubelet *k, struct kubelets *ks)
{
    struct kpod *kp = kpod_at(ks, k->pull_queue.items[0]);
    const struct image *image = image_find(ks->images, waiting_image(kp));
    kp->pull_began = sim_now(ks->sim);
    record_pull(ks, kp, TRACE_PULL_START, image);
    sim_time at = sim_time_add(kp->pull_began, pull_cost(kp, k, image, waiting_image(kp)));
    sim_arm(ks->sim, at, CLASS_RUNTIME, k->object, 0);
}

static void pull_enqueue(struct kubelet *k, struct kpod *kp)
{
    struct kubelets *ks = kp->all;
    if (k->pull_queue.count == k->pull_capacity) {
        uint32_t capacity = k->pull_capacity ? 2 * k->pull_capacity : 8;
        uint32_t *items = arena_array(ks->arena, uint32_t, capacity);
        if (k->pull_queue.count)
            memcpy(items, k->pull_queue.items, k->pull_queue.count * sizeof(*items));
        k->pull_queue.items = items;
        k->pull_capacity = capacity;
    }
    kp->pull_asked = sim_now(ks->sim);
    k->pull_queue.items[k->pull_queue.count++] = kp->index;
    if (k->pull_queue.count == 1)
        pull_begin(k, ks);
}

void kubelet_pull_next(struct kubelet *k, struct kubelets *ks)
{
    ASSERT(k->pull_queue.count > 0);
    struct kpod *kp = kpod_at(ks, k->pull_queue.items[0]);
    const struct image *image = image_find(ks->images, waiting_image(kp));
    record_pull(ks, kp, TRACE_PULL_END, image);
    uint32_t cause = sim_cause(ks->sim);
    if (!image->pull_error && !present(k, image, waiting_image(kp)))
        add_present(k, ks->arena, waiting_image(kp));
    k->pull_queue.count--;
    memmove(k->pull_queue.items, k->pull_queue.items + 1, k->pull_queue.count * sizeof(uint32_t));
    if (k->pull_queue.count)
        pull_begin(k, ks);
    sim_set_cause(ks->sim, cause);
    podworker_resume(kp);
}

void image_manager_forget(struct kubelet *k, struct kubelets *ks)
{
    k->pull_queue.count = 0;
    k->pull_backoffs = NULL;
    sim_cancel(ks->sim, CLASS_RUNTIME, k->object, 0);
}

/* ---- outcomes ---- */

enum {
    IMAGE_BAD_NAME,
    IMAGE_PRESENT,
    IMAGE_NEVER,
    IMAGE_BACKOFF,
    IMAGE_PULLING,
    IMAGE_PULLED,
    IMAGE_FAILED_FIRST,
    IMAGE_FAILED_AGAIN,
    IMAGE_FAILED_CAPPED
};
COVER_TABLE(image_pull, "image of a container", "InvalidImageName", "present, not pulled", "ErrImageNeverPull",
            "ImagePullBackOff", "pulling", "pulled", "first failure: ErrImagePull", "failed again: the window doubles",
            "failed again: the window is at its maximum");

static const char *go_duration_ms(struct arena *a, sim_time d)
{
    struct strbuf b = STRBUF_INIT;
    strbuf_go_duration(&b, sim_time_floor(d, SIM_MS));
    const char *text = arena_strdup(a, strbuf_str(&b));
    strbuf_fini(&b);
    return text;
}

enum image_step image_pulled(struct kpod *kp, struct kcontainer *c, struct waiting_reason *ret_reason)
{
    struct kubelets *ks = kp->all;
    struct kubelet *k = kpod_kubelet(kp);
    const char *name = c->spec->image;
    const struct image *image = image_find(ks->images, name);
    sim_time now = sim_now(ks->sim);
    if (!image->pull_error) {
        COVER(image_pull, IMAGE_PULLED);
        kpod_event(kp, c, false, "Pulled",
                   "Successfully pulled image \"%s\" in %s (%s including waiting). Image size: %" PRId64 " bytes.",
                   name, go_duration_ms(ks->arena, now - kp->pull_began),
                   go_duration_ms(ks->arena, now - kp->pull_asked), image->size_bytes);
        return IMAGE_READY;
    }
    struct pull_backoff *b = find_backoff(k, kp, name);
    if (!b) {
        b = arena_new(ks->arena, struct pull_backoff);
        *b = (struct pull_backoff){.kpod = kp->index, .image = name, .next = k->pull_backoffs};
        k->pull_backoffs = b;
    }
    bool current = b->window && now - b->failed_at <= PULL_BACKOFF_EXPIRY;
    b->window = current ? 2 * b->window : PULL_BACKOFF_INITIAL;
    COVER(image_pull, !current                        ? IMAGE_FAILED_FIRST
                      : b->window <= PULL_BACKOFF_MAX ? IMAGE_FAILED_AGAIN
                                                      : IMAGE_FAILED_CAPPED);
    if (b->window > PULL_BACKOFF_MAX)
        b->window = PULL_BACKOFF_MAX;
    b->failed_at = now;
    b->error = image->pull_error;
    kpod_event(kp, c, true, "Failed", "Failed to pull image \"%s\": %s", name, image->pull_error);
    return fail(kp, c, "ErrImagePull", image->pull_error, ret_reason);
}

static enum image_step pull(struct kpod *kp, struct kcontainer *c, struct waiting_reason *ret_reason)
{
    struct kubelet *k = kpod_kubelet(kp);
    const char *name = c->spec->image;
    struct pull_backoff *b = find_backoff(k, kp, name);
    if (b && b->window && sim_now(kp->all->sim) - b->failed_at < b->window) {
        COVER(image_pull, IMAGE_BACKOFF);
        kpod_event(kp, c, false, "BackOff", "Back-off pulling image \"%s\"", name);
        const char *message =
            arena_printf(kp->all->arena, "Back-off pulling image \"%s\": ErrImagePull: %s", name, b->error);
        return fail(kp, c, "ImagePullBackOff", message, ret_reason);
    }
    COVER(image_pull, IMAGE_PULLING);
    kpod_event(kp, c, false, "Pulling", "Pulling image \"%s\"", name);
    pull_enqueue(k, kp);
    return IMAGE_WAIT;
}

enum image_step image_ensure(struct kpod *kp, struct kcontainer *c, struct waiting_reason *ret_reason)
{
    struct kubelets *ks = kp->all;
    const char *name = c->spec->image, *policy = c->spec->image_pull_policy;
    const char *bad = image_reference_error(ks->arena, name);
    if (bad) {
        COVER(image_pull, IMAGE_BAD_NAME);
        kpod_event(kp, c, true, "InspectFailed", "Failed to apply default image tag \"%s\": %s", name, bad);
        return fail(kp, c, "InvalidImageName",
                    arena_printf(ks->arena, "Failed to apply default image tag \"%s\": %s", name, bad), ret_reason);
    }
    bool here = present(kpod_kubelet(kp), image_find(ks->images, name), name);
    if (here && !is(policy, "Always")) {
        COVER(image_pull, IMAGE_PRESENT);
        kpod_event(kp, c, false, "Pulled", "Container image \"%s\" already present on machine%s", name,
                   kpod_has(kp, FEATURE_IMAGE_PULL_CREDENTIALS) ? " and can be accessed by the pod" : "");
        return IMAGE_READY;
    }
    if (is(policy, "Never")) {
        const char *message =
            arena_printf(ks->arena, "Container image \"%s\" is not present with pull policy of Never", name);
        COVER(image_pull, IMAGE_NEVER);
        kpod_event(kp, c, true, "ErrImageNeverPull", "%s", message);
        return fail(kp, c, "ErrImageNeverPull", message, ret_reason);
    }
    return pull(kp, c, ret_reason);
}
