/* controller_pod_gc.h - the pod garbage collector: deletes pods that nobody else would. */
#ifndef MODEL_CONTROLLER_POD_GC_H
#define MODEL_CONTROLLER_POD_GC_H

#include "model/informers.h"
#include "model/manager_config.h"

void pod_gc_new(struct store *st, struct informers *f, struct arena *scratch, const struct manager_config *config);

#endif
