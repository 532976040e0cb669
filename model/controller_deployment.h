/* controller_deployment.h - the Deployment controller. */
#ifndef MODEL_CONTROLLER_DEPLOYMENT_H
#define MODEL_CONTROLLER_DEPLOYMENT_H

#include "model/events.h"
#include "model/informers.h"

void deployment_controller_new(struct store *st, struct informers *f, struct recorder *r, struct arena *scratch);

#endif
