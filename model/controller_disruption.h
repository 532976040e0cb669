/* controller_disruption.h - the disruption controller: keeps the status of PodDisruptionBudgets. */
#ifndef MODEL_CONTROLLER_DISRUPTION_H
#define MODEL_CONTROLLER_DISRUPTION_H

#include "model/events.h"
#include "model/informers.h"

void disruption_controller_new(struct store *st, struct informers *f, struct recorder *r, struct arena *scratch);

#endif
