/* scheduler.h - kube-scheduler: binds pods without a node to one that fits. */
#ifndef MODEL_SCHEDULER_H
#define MODEL_SCHEDULER_H

#include "model/events.h"

struct scheduler;
struct scheduler *scheduler_new(struct store *st, struct recorder *r, struct arena *scratch);

#endif
