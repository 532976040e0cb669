/* hpa.h - what a HorizontalPodAutoscaler decides: pure.
 *
 * k8s pkg/controller/podautoscaler/horizontal.go, replica_calculator.go, metrics/utilization.go (v1.36). Rules:
 * semantics/workloads.md 10.
 */
#ifndef MODEL_HPA_H
#define MODEL_HPA_H

#include "model/api_autoscaling.h"
#include "model/feature_gates.h"

struct hpa_pod_metric { /* of one pod and one metric */
    bool found;
    int64_t value; /* thousandths */
    sim_time at, window;
};
struct hpa_facts {
    const struct hpa *hpa;
    const char *target_error; /* there is no such workload: why; NULL = there is */
    int64_t replicas;         /* of its spec */
    int64_t status_replicas;
    const struct pod *const *pods; /* that its selector means */
    uint32_t pod_count;
    const struct hpa_pod_metric *metrics; /* of each pod, for the first metric; then for the second... */
    const struct features *features;
    sim_time now;
};

/* What the controller remembers of an autoscaler. */
struct hpa_memory {
    struct pool recommendations; /* struct hpa_past: what was recommended, when */
    struct pool ups, downs;      /* struct hpa_past: by how much it was scaled, when */
};
struct hpa_past {
    int64_t replicas;
    sim_time at;
};
void hpa_memory_init(struct hpa_memory *m, struct arena *a);

struct hpa_event {
    bool warning;
    const char *reason, *message;
};
enum { HPA_EVENTS_MAX = 8 };
struct hpa_plan {
    bool rescale;
    int64_t replicas;
    const char *why;          /* of a rescale */
    struct hpa_status status; /* its conditions and metrics are in `keep` */
    struct hpa_event events[HPA_EVENTS_MAX];
    uint32_t event_count;
};
void hpa_decide(struct arena *keep, const struct hpa_facts *facts, struct hpa_memory *memory,
                struct hpa_plan *ret_plan);
/* The rescale has been made: what the rules of spec.behavior count. */
void hpa_rescaled(struct hpa_memory *m, const struct hpa *hpa, int64_t from, int64_t to, sim_time now);
/* Sets a condition, with the time of its last change: setConditionInList. */
void hpa_set_condition(struct arena *keep, struct hpa_status *status, const char *type, bool is_true,
                       const char *reason, const char *message, sim_time now);

#endif
