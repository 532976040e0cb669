/* image_puller.c - pulls of a node: how many at a time, how often, how long; and what the registry answers.
 *
 * Mirrors k8s pkg/kubelet/images/puller.go and helpers.go throttleImagePulling (v1.36); rules: semantics/kubelet.md
 * 2.7. The runtime's side of a pull is containerd's: two pulls of one image share the download.
 * The serial puller's queue of 10 (maxImagePullRequests) cannot be seen: who finds it full waits in the same order.
 * Left out on purpose: layers that images share, bandwidth that pulls share, credentials.
 */
#include <string.h>

#include "model/classes.h"
#include "model/kubelet.h"
#include "model/kubelet_faults.h"

static struct kcontainer *waiting_container(struct kpod *kp) { return &kp->containers[kp->plan_at]; }

static const char *waiting_image(struct kpod *kp) { return waiting_container(kp)->spec->image; }

/* ---- the registry ---- */

/* Whether a pull of `name` fails now, and with which words; NULL = it works. */
static const char *registry_answer(struct kubelets *ks, const char *name)
{
    const struct registry *r = &ks->registry;
    const struct image *image = image_find(ks->images, name);
    const char *answer =
        image->pull_error || !image->missing ? image->pull_error : image_not_found_error(ks->arena, name);
    for (const struct registry_entry *e = r->entries; e; e = e->next) { /* the newest first */
        if (strcmp(e->image, name) != 0)
            continue;
        answer = e->gone ? image_not_found_error(ks->arena, name) : NULL;
        break;
    }
    if (!r->down)
        return answer;
    return r->error ? r->error : image_unavailable_error(ks->arena, name);
}

void registry_set_image(struct kubelets *ks, const char *name, bool gone)
{
    struct registry_entry *e = arena_new(ks->arena, struct registry_entry);
    *e = (struct registry_entry){name, gone, ks->registry.entries};
    ks->registry.entries = e;
}

/* Its downloads break off. */
void registry_down(struct kubelets *ks, const char *error)
{
    ks->registry.down = true;
    ks->registry.error = error;
    for (uint32_t i = 0; i < ks->pods.count; i++) {
        struct kpod *kp = kpod_at(ks, i);
        if (!kp->pulling || kp->pull_error)
            continue;
        kp->pull_error = error ? error : image_broken_error(ks->arena, waiting_image(kp));
        kpod_arm(kp, kpod_now(kp), CLASS_RUNTIME, RT_OP);
    }
}

void registry_up(struct kubelets *ks) { ks->registry.down = false; }

/* ---- one pull ---- */

static void record_pull(struct kpod *kp, enum trace_kind kind)
{
    struct kubelets *ks = kp->all;
    struct kcontainer *c = waiting_container(kp);
    struct trace_container *t = arena_new(ks->arena, struct trace_container);
    *t = (struct trace_container){.container = c->spec->name,
                                  .attempt = c->next_attempt,
                                  .init = c->init,
                                  .message = kp->pull_error,
                                  .bytes = (uint64_t)image_find(ks->images, c->spec->image)->size_bytes};
    sim_set_cause(ks->sim, sim_record(ks->sim, (struct trace_record){
                                                   .object = kp->pod->object.ordinal,
                                                   .kind = (uint16_t)kind,
                                                   .component = COMP_RUNTIME,
                                                   .aux = kind == TRACE_PULL_END && kp->pull_error,
                                                   .text = c->spec->image,
                                                   .data = t,
                                               }));
}

/* client-go util/flowcontrol/throttle.go NewTokenBucketRateLimiter, as the time at which the bucket is full again:
 * a token is there while that is no more than burst - 1 intervals away. */
bool pull_token(sim_time *full_at, sim_time now, int64_t qps, int64_t burst)
{
    if (qps == 0)
        return true;
    sim_time interval = SIM_SECOND / qps, full = *full_at > now ? *full_at : now;
    if (full - now > (burst - 1) * interval)
        return false;
    *full_at = full + interval;
    return true;
}

/* When another pod's pull of the same image ends; SIM_NEVER: there is none. */
static sim_time same_pull_ends(struct kpod *kp)
{
    uint32_t cursor = 0;
    for (struct kpod *other; (other = node_next_pod(kp->all, kpod_kubelet(kp), &cursor));) {
        if (other != kp && other->pulling && !other->pull_error && strcmp(waiting_image(other), waiting_image(kp)) == 0)
            return other->op.at;
    }
    return SIM_NEVER;
}

/* README.md section 3: 0.5 s + size / 50 MB/s; an image whose layers are there only asks the registry. */
static sim_time pull_end(struct kpod *kp)
{
    const struct image *image = image_find(kp->all->images, waiting_image(kp));
    const struct kcontainer *c = waiting_container(kp);
    sim_time base = kpod_draw_for(kp, c->spec->name, c->pulls, HOP_IMAGE_PULL_BASE), now = kpod_now(kp), cost = base;
    if (kpod_recorded(kp, c->spec->name, c->pulls, HOP_IMAGE_PULL_BASE))
        return sim_time_add(now, base);
    bool here = node_has_image(kpod_kubelet(kp), image, waiting_image(kp));
    sim_time other = same_pull_ends(kp);
    if (image->pull_ms)
        cost = image->pull_ms * SIM_MS;
    else if (base > 0 && !kp->pull_error && !here)
        cost = sim_time_add(base, image->size_bytes / 50 * 1000); /* 50 bytes per microsecond */
    if (other != SIM_NEVER && !kp->pull_error)
        return other > sim_time_add(now, base) ? other : sim_time_add(now, base);
    return sim_time_add(now, cost);
}

static void begin(struct kubelet *k, struct kpod *kp)
{
    const struct kubelet_config *config = kp->all->config;
    int64_t qps = config->registry_pull_qps.set ? config->registry_pull_qps.value : 5; /* defaults.go */
    int64_t burst = config->registry_burst.set ? config->registry_burst.value : 10;
    bool allowed = pull_token(&k->pull_tokens_full_at, kpod_now(kp), qps, burst);
    kp->pulling = true;
    kp->pull_began = kpod_now(kp);
    kp->pull_error = allowed ? NULL : "pull QPS exceeded"; /* the runtime never hears of it */
    record_pull(kp, TRACE_PULL_START);
    if (allowed)
        kp->pull_error = registry_answer(kp->all, waiting_image(kp));
    kpod_arm(kp, allowed ? pull_end(kp) : kpod_now(kp), CLASS_RUNTIME, RT_OP);
    k->pulls++;
}

/* ---- the node's queue ---- */

/* How many at a time: serializeImagePulls, maxParallelImagePulls. */
static int64_t most_pulls(const struct kubelet_config *config)
{
    if (!config->serialize_image_pulls.set || config->serialize_image_pulls.value)
        return 1;
    return config->max_parallel_image_pulls.set ? config->max_parallel_image_pulls.value : INT64_MAX;
}

static void advance(struct kubelet *k, struct kubelets *ks)
{
    while (k->pull_queue.count && k->pulls < most_pulls(ks->config)) {
        struct kpod *kp = kpod_at(ks, k->pull_queue.items[0]);
        k->pull_queue.count--;
        memmove(k->pull_queue.items, k->pull_queue.items + 1, k->pull_queue.count * sizeof(uint32_t));
        begin(k, kp);
    }
}

void pull_ask(struct kpod *kp)
{
    struct kubelet *k = kpod_kubelet(kp);
    if (k->pull_queue.count == k->pull_capacity) {
        uint32_t capacity = k->pull_capacity ? 2 * k->pull_capacity : 8;
        uint32_t *items = arena_array(kp->all->arena, uint32_t, capacity);
        if (k->pull_queue.count)
            memcpy(items, k->pull_queue.items, k->pull_queue.count * sizeof(*items));
        k->pull_queue.items = items;
        k->pull_capacity = capacity;
    }
    kp->pull_asked = kpod_now(kp);
    k->pull_queue.items[k->pull_queue.count++] = kp->index;
    advance(k, kp->all);
}

const char *pull_ended(struct kpod *kp)
{
    struct kubelet *k = kpod_kubelet(kp);
    struct kubelets *ks = kp->all;
    const char *name = waiting_image(kp);
    ASSERT(kp->pulling && k->pulls > 0);
    record_pull(kp, TRACE_PULL_END);
    waiting_container(kp)->pulls++;
    uint32_t cause = sim_cause(ks->sim);
    if (!kp->pull_error && !node_has_image(k, image_find(ks->images, name), name))
        node_add_image(ks, k, name);
    kp->pulling = false;
    k->pulls--;
    advance(k, ks);
    sim_set_cause(ks->sim, cause);
    return kp->pull_error;
}

void pulls_forget(struct kubelet *k, struct kubelets *ks)
{
    uint32_t cursor = 0;
    for (struct kpod *kp; (kp = node_next_pod(ks, k, &cursor));)
        kp->pulling = false;
    k->pull_queue.count = 0;
    k->pulls = 0;
    k->pull_tokens_full_at = 0;
}
