/* controller_statefulset.h - the StatefulSet controller. */
#ifndef MODEL_CONTROLLER_STATEFULSET_H
#define MODEL_CONTROLLER_STATEFULSET_H

#include "model/events.h"
#include "model/informers.h"

void statefulset_controller_new(struct store *st, struct informers *f, struct recorder *r, struct arena *scratch);

#endif
