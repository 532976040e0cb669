/* endpointslice_mirroring.h - Endpoints that users have made for Services without a selector, as EndpointSlices. */
#ifndef MODEL_ENDPOINTSLICE_MIRRORING_H
#define MODEL_ENDPOINTSLICE_MIRRORING_H

#include "model/endpoint_tracker.h"

void endpointslice_mirroring_new(struct store *st, struct informers *f, struct endpoint_tracker *t);

#endif
