/* metrics_server.c - see metrics_server.h.
 *
 * CPU is known only of containers whose behaviour says it; others use none. Left out on purpose: what the kubelet's own
 * statistics lag behind; a container that was restarted since the last scrape counts from its new start at once, and
 * memory is that of now instead of that scrape.
 */
#include "model/metrics_server.h"

#include <string.h>

#define RESOLUTION (15 * SIM_SECOND) /* --metric-resolution */
#define FRESH_MIN  (10 * SIM_SECOND) /* pkg/storage/pod.go freshContainerMinMetricsResolution */

static bool metric_of_container(const struct kpod *kp, const struct kcontainer *c, enum metric_resource resource,
                                sim_time scrape, struct pod_metric *m)
{
    if (c->newest == 0 || !container_runs(kp, c))
        return false;
    sim_time started = cri_container(kp->all->cri, c->newest)->started_at, from = scrape - RESOLUTION;
    if (started > from && scrape - started < FRESH_MIN)
        return false;
    from = started > from ? started : from;
    m->window = scrape - from;
    m->value += resource == METRIC_CPU ? cri_cpu_average(kp->all->cri, c->newest, from, scrape)
                                       : cri_memory_used(kp->all->cri, c->newest) * 1000;
    return true;
}

bool metrics_of_pod(const struct kubelets *ks, uint32_t pod, const char *container, enum metric_resource resource,
                    struct pod_metric *m)
{
    const struct kpod *kp = kubelets_pod((struct kubelets *)ks, pod);
    sim_time now = sim_now(ks->sim), scrape = now - now % RESOLUTION;
    *m = (struct pod_metric){.at = scrape};
    if (!kp || scrape == 0)
        return false;
    bool any = false;
    for (uint32_t i = 0; i < kp->container_count; i++) {
        const struct kcontainer *c = &kp->containers[i];
        bool counts = !c->ephemeral && (!c->init || container_is_sidecar(c->spec)) &&
                      (!container || strcmp(c->spec->name, container) == 0);
        if (!counts)
            continue;
        if (!metric_of_container(kp, c, resource, scrape, m))
            return false;
        any = true;
    }
    return any;
}
