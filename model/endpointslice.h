/* endpointslice.h - the EndpointSlice controller. */
#ifndef MODEL_ENDPOINTSLICE_H
#define MODEL_ENDPOINTSLICE_H

#include "model/endpoint_tracker.h"
#include "model/events.h"

void endpointslice_controller_new(struct store *st, struct informers *f, struct endpoint_tracker *t,
                                  struct recorder *recorder, struct arena *scratch);

#endif
