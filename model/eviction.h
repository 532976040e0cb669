/* eviction.h - decisions of node-pressure eviction: thresholds, who goes first, what is said. Pure.
 *
 * k8s pkg/kubelet/eviction/helpers.go (v1.36); rules: semantics/kubelet.md 9.3, nodes.md 7.
 */
#ifndef MODEL_EVICTION_H
#define MODEL_EVICTION_H

#include "model/api_core.h"
#include "model/kubelet_config.h"

/* ORDER EVICTION_SIGNAL: signal_infos */
enum eviction_signal {
    SIGNAL_MEMORY,
    SIGNAL_NODEFS,
    SIGNAL_NODEFS_INODES,
    SIGNAL_IMAGEFS,
    SIGNAL_IMAGEFS_INODES,
    SIGNAL_PID,
    SIGNAL_ALLOCATABLE_MEMORY, /* of what pods may use together */
    SIGNAL_COUNT
};

struct signal_info {
    const char *name;     /* "memory.available" */
    const char *resource; /* as messages call it */
    uint32_t pressure;    /* enum of kubelet.h: the node condition */
    const char *hard;     /* default threshold, or NULL */
};
extern const struct signal_info signal_infos[SIGNAL_COUNT];

/* "100Mi" or "10%". */
struct eviction_amount {
    bool set, percent;
    int64_t value; /* or thousandths of a percent */
};
/* 0, or -1: neither a quantity nor a percentage from 0% to 100%. */
int eviction_amount_parse(struct arena *a, const char *text, struct eviction_amount *ret_amount);
int64_t eviction_amount_of(const struct eviction_amount *amount, int64_t capacity);

struct eviction_threshold {
    enum eviction_signal signal;
    struct eviction_amount value, min_reclaim;
    bool hard;
    sim_time grace_period; /* of a soft one */
};
enum { THRESHOLDS_MAX = 2 * SIGNAL_COUNT + 1 };
/* Hard ones first; texts have been validated. */
uint32_t eviction_thresholds(struct arena *a, const struct kubelet_config *c, struct eviction_threshold ret[]);

struct observation {
    int64_t available, capacity;
};
/* Below the threshold; `reclaim`: or not yet min_reclaim above it. */
bool threshold_met(const struct eviction_threshold *t, const struct observation *o, bool reclaim);

struct eviction_candidate {
    const struct pod *pod;
    uint32_t kpod;
    int64_t priority, usage, request; /* of the resource that is short */
};
/* Whoever goes first comes first. */
void eviction_rank(enum eviction_signal signal, struct eviction_candidate *pods, uint32_t count);

struct container_usage {
    const char *name;
    int64_t usage;
    struct quantity request; /* not set = 0 */
};
/* The text of the Event and of status.message. */
const char *eviction_message(struct arena *a, const struct eviction_threshold *t, const struct observation *o,
                             const struct container_usage *containers, uint32_t count);

#endif
