/* endpoints.h - the legacy Endpoints controller. */
#ifndef MODEL_ENDPOINTS_H
#define MODEL_ENDPOINTS_H

#include "model/store.h"

void endpoints_controller_new(struct store *st, struct arena *scratch);

#endif
