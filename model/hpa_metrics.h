/* hpa_metrics.h - how many replicas one metric of a HorizontalPodAutoscaler asks for: pure.
 * k8s pkg/controller/podautoscaler/replica_calculator.go, metrics/utilization.go (v1.36).
 */
#ifndef MODEL_HPA_METRICS_H
#define MODEL_HPA_METRICS_H

#include "model/hpa.h"

/* How far the metric may be off, up and down, before anything is done; thousandths. */
struct hpa_tolerance {
    int64_t up, down;
};

struct hpa_proposal {
    const char *error; /* in the controller's words; NULL = none */
    int64_t replicas;
    int64_t utilization; /* percent; of a target in percent */
    int64_t average;     /* thousandths per pod */
};
/* metrics: of each pod of the facts. */
void hpa_propose(struct arena *a, const struct hpa_facts *facts, const struct resource_metric *metric,
                 const struct hpa_pod_metric *metrics, struct hpa_tolerance tolerance,
                 struct hpa_proposal *ret_proposal);

/* Which pods count; their groups, for tests. ORDER HPA_GROUP */
enum hpa_group { HPA_READY, HPA_UNREADY, HPA_MISSING, HPA_IGNORED };
enum hpa_group hpa_group_of(const struct pod *p, const struct hpa_pod_metric *m, bool is_cpu, sim_time now);

#endif
