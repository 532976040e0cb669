/* controller_daemonset.h - the DaemonSet controller. */
#ifndef MODEL_CONTROLLER_DAEMONSET_H
#define MODEL_CONTROLLER_DAEMONSET_H

#include "model/events.h"
#include "model/informers.h"

void daemonset_controller_new(struct store *st, struct informers *f, struct recorder *r, struct arena *scratch);

#endif
