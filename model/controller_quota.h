/* controller_quota.h - the resource quota controller: counts what is used anew when something has gone. */
#ifndef MODEL_CONTROLLER_QUOTA_H
#define MODEL_CONTROLLER_QUOTA_H

#include "model/informers.h"

void quota_controller_new(struct store *st, struct informers *f, struct arena *scratch);
/* A quota that a scenario begins with has been counted before what follows it in the documents: k8s-order:
 * quota-documents; on a real cluster the controller needs some milliseconds. */
void quota_count_at_once(struct store *st, const struct api_object *quota);

#endif
