/* controller_hpa.h - keeps HorizontalPodAutoscalers' workloads at the size that hpa.h decides. */
#ifndef MODEL_CONTROLLER_HPA_H
#define MODEL_CONTROLLER_HPA_H

#include "model/events.h"
#include "model/informers.h"
#include "model/kubelet.h"

/* kubelets: what metrics-server asks. */
void hpa_controller_new(struct store *st, struct informers *f, struct recorder *recorder,
                        const struct kubelets *kubelets, struct arena *scratch);

#endif
