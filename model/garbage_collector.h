/* garbage_collector.h - deletes what belongs to nobody any more, by ownerReferences. */
#ifndef MODEL_GARBAGE_COLLECTOR_H
#define MODEL_GARBAGE_COLLECTOR_H

#include "model/informers.h"

void garbage_collector_new(struct store *st, struct informers *f, struct arena *scratch);

#endif
