/* controller_replicaset.h - the ReplicaSet controller and the ReplicationController's, which is the same. */
#ifndef MODEL_CONTROLLER_REPLICASET_H
#define MODEL_CONTROLLER_REPLICASET_H

#include "model/events.h"
#include "model/informers.h"

/* kind: KIND_REPLICASET or KIND_REPLICATIONCONTROLLER. */
void replicaset_controller_new(struct store *st, struct informers *f, struct recorder *r, struct arena *scratch,
                               enum api_kind kind);

#endif
