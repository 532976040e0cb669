/* metrics_server.h - what metrics-server says that pods use: averages over the time between its last two scrapes.
 *
 * Nothing here is an event: what a scrape saw follows from the scripts of the containers, so it is reckoned when
 * somebody asks. Scrapes are 15 s apart (--metric-resolution), the first 15 s after the beginning of the run.
 * sigs.k8s.io/metrics-server pkg/storage/pod.go, pkg/scraper.
 */
#ifndef MODEL_METRICS_SERVER_H
#define MODEL_METRICS_SERVER_H

#include "model/kubelet.h"

struct pod_metric {
    int64_t value;       /* thousandths of CPUs; bytes times 1000 */
    sim_time at, window; /* the average over `window` up to `at` */
};
enum metric_resource { METRIC_CPU, METRIC_MEMORY };

/* Of a pod, or of one of its containers (else NULL). False: there is none (yet). */
bool metrics_of_pod(const struct kubelets *kubelets, uint32_t pod_ordinal, const char *container,
                    enum metric_resource resource, struct pod_metric *ret_metric);

#endif
