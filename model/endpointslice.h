/* endpointslice.h - the EndpointSlice controller. */
#ifndef MODEL_ENDPOINTSLICE_H
#define MODEL_ENDPOINTSLICE_H

#include "model/store.h"

void endpointslice_controller_new(struct store *st, struct arena *scratch);

#endif
