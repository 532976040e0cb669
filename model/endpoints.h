/* endpoints.h - the legacy Endpoints controller. */
#ifndef MODEL_ENDPOINTS_H
#define MODEL_ENDPOINTS_H

#include "model/endpoint_tracker.h"
#include "model/events.h"

#define ENDPOINTS_OVER_CAPACITY    "endpoints.kubernetes.io/over-capacity"
#define ENDPOINTS_LABEL_MANAGED_BY "endpoints.kubernetes.io/managed-by"

/* How many addresses of a subset with `here` of `all` are kept when `most` may be, of which `left` are to be had still:
 * its part of them, rounded up. Pure, for tests. */
uint32_t endpoints_part(uint32_t here, uint32_t all, uint32_t most, uint32_t left);

void endpoints_controller_new(struct store *st, struct informers *f, struct endpoint_tracker *t,
                              struct recorder *recorder, struct arena *scratch);

#endif
