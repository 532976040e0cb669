/* image_manager.c - is the image there, may it be pulled, what came of the pull.
 *
 * Mirrors k8s pkg/kubelet/images/image_manager.go (v1.36): policies, back-off per pod and image. The pulls
 * themselves: image_puller.c. Rules: semantics/kubelet.md 2.7.
 * Left out on purpose: credential verification of present images.
 */
#include <string.h>

#include "model/kubelet.h"
#include "sim/cover.h"
#include "sim/rng.h"

/* k8s pkg/kubelet/kubelet.go imageBackOffPeriod, MaxImageBackOff; client-go flowcontrol/backoff.go. */
#define PULL_BACKOFF_INITIAL (10 * SIM_SECOND)
#define PULL_BACKOFF_MAX     (300 * SIM_SECOND)
#define PULL_BACKOFF_EXPIRY  (600 * SIM_SECOND)

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
const char *image_digest(struct kubelets *ks, const char *image)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (const char *s = image; *s; s++)
        h = (h ^ (unsigned char)*s) * UINT64_C(0x100000001b3);
    struct known_digest *known = &ks->digests[rng_mix(h) % KNOWN_DIGESTS];
    if (!known->image || strcmp(known->image, image) != 0)
        *known = (struct known_digest){
            image, arena_printf(ks->arena, "sha256:%016" PRIx64 "%016" PRIx64 "%016" PRIx64 "%016" PRIx64, rng_mix(h),
                                rng_mix(h + 1), rng_mix(h + 2), rng_mix(h + 3))};
    return known->digest;
}

void image_manager_forget(struct kubelet *k, struct kubelets *ks)
{
    pulls_forget(k, ks);
    k->pull_backoffs = NULL;
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
    IMAGE_FAILED_CAPPED,
    IMAGE_UNKNOWN
};
COVER_TABLE(image_pull, "image of a container", "InvalidImageName", "present, not pulled", "ErrImageNeverPull",
            "ImagePullBackOff", "pulling", "pulled", "first failure: ErrImagePull", "failed again: the window doubles",
            "failed again: the window is at its maximum", "ImageInspectError");

static const char *go_duration(struct kpod *kp, sim_time d)
{
    struct strbuf b = STRBUF_INIT;
    strbuf_go_duration(&b, kpod_has(kp, FEATURE_PULL_DURATION_IN_MS) ? sim_time_floor(d, SIM_MS) : d);
    const char *text = arena_strdup(kp->all->arena, strbuf_str(&b));
    strbuf_fini(&b);
    return text;
}

static void tell_pulled(struct kpod *kp, const struct kcontainer *c)
{
    struct kubelets *ks = kp->all;
    sim_time now = sim_now(ks->sim);
    const char *size = kpod_has(kp, FEATURE_PULLED_SAYS_SIZE)
                           ? arena_printf(ks->arena, ". Image size: %" PRId64 " bytes.",
                                          image_find(ks->images, c->spec->image)->size_bytes)
                           : "";
    kpod_event(kp, c, false, "Pulled", "Successfully pulled image \"%s\" in %s (%s including waiting)%s",
               c->spec->image, go_duration(kp, now - kp->pull_began), go_duration(kp, now - kp->pull_asked), size);
}

/* Runtime errors that begin with a word of the CRI have a reason of their own. k8s image_manager.go
 * evalCRIPullErr; staging/src/k8s.io/cri-api/pkg/errors/errors.go. */
struct waiting_reason pull_failure(struct arena *a, const char *image, const char *error, bool special)
{
    static const struct {
        const char *reason, *words;
    } rows[] = {
        {"RegistryUnavailable", "the registry is unavailable"},
        {"SignatureValidationFailed", "the signature validation failed"},
    };
    for (size_t i = 0; special && i < ARRAY_LEN(rows); i++) {
        size_t n = strlen(rows[i].reason);
        if (strncmp(error, rows[i].reason, n) == 0)
            return (struct waiting_reason){rows[i].reason, arena_printf(a, "image pull failed for %s because %s%s",
                                                                        image, rows[i].words, error + n)};
    }
    return (struct waiting_reason){"ErrImagePull", error};
}

static struct pull_backoff *backoff_of(struct kpod *kp, const char *name)
{
    struct kubelet *k = kpod_kubelet(kp);
    struct pull_backoff *b = find_backoff(k, kp, name);
    if (b)
        return b;
    b = arena_new(kp->all->arena, struct pull_backoff);
    *b = (struct pull_backoff){.kpod = kp->index, .image = name, .next = k->pull_backoffs};
    k->pull_backoffs = b;
    return b;
}

static void lengthen_backoff(struct pull_backoff *b, sim_time now)
{
    bool current = b->window && now - b->failed_at <= PULL_BACKOFF_EXPIRY;
    b->window = current ? 2 * b->window : PULL_BACKOFF_INITIAL;
    COVER(image_pull, !current                        ? IMAGE_FAILED_FIRST
                      : b->window <= PULL_BACKOFF_MAX ? IMAGE_FAILED_AGAIN
                                                      : IMAGE_FAILED_CAPPED);
    if (b->window > PULL_BACKOFF_MAX)
        b->window = PULL_BACKOFF_MAX;
    b->failed_at = now;
}

enum image_step image_pulled(struct kpod *kp, struct kcontainer *c, struct waiting_reason *ret_reason)
{
    const char *name = c->spec->image, *error = pull_ended(kp);
    if (!error) {
        COVER(image_pull, IMAGE_PULLED);
        tell_pulled(kp, c);
        return IMAGE_READY;
    }
    kpod_event(kp, c, true, "Failed", "Failed to pull image \"%s\": %s", name, error);
    struct pull_backoff *b = backoff_of(kp, name);
    lengthen_backoff(b, sim_now(kp->all->sim));
    b->cause = pull_failure(kp->all->arena, name, error, kpod_has(kp, FEATURE_PULL_ERROR_REASONS));
    return fail(kp, c, b->cause.reason, b->cause.message, ret_reason);
}

static enum image_step pull(struct kpod *kp, struct kcontainer *c, struct waiting_reason *ret_reason)
{
    const char *name = c->spec->image;
    const struct pull_backoff *b = find_backoff(kpod_kubelet(kp), kp, name);
    if (b && b->window && sim_now(kp->all->sim) - b->failed_at < b->window) {
        COVER(image_pull, IMAGE_BACKOFF);
        kpod_event(kp, c, false, "BackOff", "Back-off pulling image \"%s\"", name);
        const char *message = arena_printf(kp->all->arena, "Back-off pulling image \"%s\"", name);
        if (kpod_has(kp, FEATURE_PULL_BACK_OFF_SAYS_CAUSE))
            message = arena_printf(kp->all->arena, "%s: %s: %s", message, b->cause.reason, b->cause.message);
        return fail(kp, c, "ImagePullBackOff", message, ret_reason);
    }
    COVER(image_pull, IMAGE_PULLING);
    kpod_event(kp, c, false, "Pulling", "Pulling image \"%s\"", name);
    pull_ask(kp);
    return IMAGE_WAIT;
}

bool image_asks_runtime(const struct kcontainer *c) { return !text_is(c->spec->image_pull_policy, "Always"); }

/* k8s image_manager.go imagePullPrecheck; its message has named no image since it was made a function of its own. */
void image_unknown(struct kpod *kp, struct kcontainer *c, const char *error, struct waiting_reason *ret_reason)
{
    const char *name = kpod_has(kp, FEATURE_INSPECT_FAILURE_UNNAMED) ? "" : c->spec->image;
    const char *message = arena_printf(kp->all->arena, "Failed to inspect image \"%s\": %s", name, error);
    COVER(image_pull, IMAGE_UNKNOWN);
    kpod_event(kp, c, true, "InspectFailed", "%s", message);
    fail(kp, c, "ImageInspectError", message, ret_reason);
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
    bool here = node_has_image(kpod_kubelet(kp), image_find(ks->images, name), name);
    if (here && !text_is(policy, "Always")) {
        COVER(image_pull, IMAGE_PRESENT);
        kpod_event(kp, c, false, "Pulled", "Container image \"%s\" already present on machine%s", name,
                   kpod_has(kp, FEATURE_IMAGE_PULL_CREDENTIALS) ? " and can be accessed by the pod" : "");
        return IMAGE_READY;
    }
    if (text_is(policy, "Never")) {
        const char *message =
            arena_printf(ks->arena, "Container image \"%s\" is not present with pull policy of Never", name);
        COVER(image_pull, IMAGE_NEVER);
        kpod_event(kp, c, true, "ErrImageNeverPull", "%s", message);
        return fail(kp, c, "ErrImageNeverPull", message, ret_reason);
    }
    return pull(kp, c, ret_reason);
}
