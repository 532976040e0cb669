/* controller_cronjob.h - the CronJob controller. */
#ifndef MODEL_CONTROLLER_CRONJOB_H
#define MODEL_CONTROLLER_CRONJOB_H

#include "model/events.h"
#include "model/informers.h"

void cronjob_controller_new(struct store *st, struct informers *f, struct recorder *r, struct arena *scratch);

#endif
