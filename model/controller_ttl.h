/* controller_ttl.h - the TTL-after-finished controller. */
#ifndef MODEL_CONTROLLER_TTL_H
#define MODEL_CONTROLLER_TTL_H

#include "model/informers.h"

void ttl_controller_new(struct store *st, struct informers *f);

#endif
