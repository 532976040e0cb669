/* crash_backoff.c - how long a container that ended waits before it is started again.
 *
 * Mirrors k8s staging/src/k8s.io/client-go/util/flowcontrol/backoff.go as used by
 * pkg/kubelet/kuberuntime/kuberuntime_manager.go doBackOff, helpers.go GetBackoffKey, and
 * pkg/kubelet/kubelet.go newCrashLoopBackOff (v1.36). Rules: semantics/kubelet.md 6.2, 6.3.
 * Left out on purpose: entries of earlier keys; a container that goes back to an image it had begins anew.
 */
#include "model/kubelet.h"
#include "sim/cover.h"

/* k8s pkg/kubelet/kubelet.go initialCrashLoopBackOff, MaxCrashLoopBackOff, reduced...; backoff.go. */
#define BACKOFF_INITIAL         (10 * SIM_SECOND)
#define BACKOFF_MAX             (300 * SIM_SECOND)
#define BACKOFF_REDUCED_INITIAL (1 * SIM_SECOND)
#define BACKOFF_REDUCED_MAX     (60 * SIM_SECOND)
#define BACKOFF_EXPIRY          (600 * SIM_SECOND)

struct backoff_limits crash_backoff_limits(const struct features *f, const struct kubelet_config *config)
{
    struct backoff_limits l = {BACKOFF_INITIAL, BACKOFF_MAX};
    if (feature_on(f, FEATURE_CRASH_LOOP_BACK_OFF_REDUCED))
        l = (struct backoff_limits){BACKOFF_REDUCED_INITIAL, BACKOFF_REDUCED_MAX};
    if (!feature_on(f, FEATURE_CRASH_LOOP_BACK_OFF_MAX))
        return l;
    /* The node's configuration always has precedence, and defaulting has put 300 s there: with both gates on the
     * reduced decay begins at 1 s and still goes up to 300 s (apis/config/v1beta1/defaults.go). */
    sim_time period = config->crash_loop_back_off.max_container_restart_period;
    l.max = period != SIM_NEVER ? period : BACKOFF_MAX;
    l.initial = l.initial < l.max ? l.initial : l.max;
    return l;
}

/* ---- what the entry is for ---- */

static uint64_t hash_quantities(uint64_t h, const quantity_map *m)
{
    for (uint32_t i = 0; i < m->count; i++)
        h = text_hash64(text_hash64(h, m->items[i].key), m->items[i].value.text);
    return text_hash64(h, "");
}

uint64_t crash_backoff_key(const struct container *c, bool with_resources)
{
    uint64_t h = text_hash64(TEXT_HASH64, c->image);
    if (!with_resources)
        return h;
    return hash_quantities(hash_quantities(h, &c->resources.limits), &c->resources.requests);
}

/* ---- may it start now ---- */

enum { BACKOFF_NO_EXIT, BACKOFF_BLOCKED, BACKOFF_FIRST, BACKOFF_RESET, BACKOFF_DOUBLED, BACKOFF_CAPPED };
COVER_TABLE(crash_backoff, "crash back-off", "never ran: free", "inside the window: blocked", "first restart: free",
            "expired: free, the window begins anew", "over: the window doubles", "over: the window is at its maximum");

bool backoff_blocks(struct backoff *b, struct backoff_limits limits, uint64_t key, sim_time finished_at, sim_time now,
                    sim_time *ret_until)
{
    if (finished_at == SIM_NEVER) {
        COVER(crash_backoff, BACKOFF_NO_EXIT);
        return false;
    }
    if (b->key != key)
        *b = (struct backoff){.key = key};
    bool first = b->window == 0;
    /* Housekeeping deletes entries that nobody touched for the expiry time. */
    if (b->window && now - b->updated_at > BACKOFF_EXPIRY)
        b->window = 0;
    bool current = b->window && finished_at - b->updated_at <= BACKOFF_EXPIRY;
    if (current && now - finished_at < b->window) {
        *ret_until = finished_at + b->window;
        COVER(crash_backoff, BACKOFF_BLOCKED);
        return true;
    }
    COVER(crash_backoff, first                    ? BACKOFF_FIRST
                         : !current               ? BACKOFF_RESET
                         : b->window < limits.max ? BACKOFF_DOUBLED
                                                  : BACKOFF_CAPPED);
    sim_time doubled = 2 * b->window > limits.max ? limits.max : 2 * b->window;
    *b = (struct backoff){.window = current ? doubled : limits.initial, .updated_at = now, .key = key};
    return false;
}
