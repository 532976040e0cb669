/* controller_namespace.h - the namespace controller: empties namespaces that are being deleted, then removes them. */
#ifndef MODEL_CONTROLLER_NAMESPACE_H
#define MODEL_CONTROLLER_NAMESPACE_H

#include "model/store.h"

void namespace_controller_new(struct store *st);

#endif
