/* controller_taint_eviction.h - deletes pods that do not, or no longer, tolerate their node's NoExecute taints. */
#ifndef MODEL_CONTROLLER_TAINT_EVICTION_H
#define MODEL_CONTROLLER_TAINT_EVICTION_H

#include "model/events.h"
#include "model/informers.h"

void taint_eviction_controller_new(struct store *st, struct informers *f, struct recorder *r);

#endif
