/* pod_control.h - what controllers do with pods: make them of a template, adopt them, let them go.
 *
 * k8s pkg/controller/controller_utils.go RealPodControl, GetPodFromTemplate; controller_ref_manager.go AdoptPod,
 * ReleasePod, v1.36.
 */
#ifndef MODEL_POD_CONTROL_H
#define MODEL_POD_CONTROL_H

#include "model/api_apps.h"
#include "model/store.h"
#include "model/workqueue.h"

/* metav1.NewControllerRef */
struct owner_reference *controller_reference(struct arena *a, const struct api_object *controller);
/* Not stored yet; its name will begin with the controller's. */
struct pod *pod_from_template(struct arena *a, const struct api_object *controller, const struct pod_template *t,
                              struct owner_reference *owner);
/* The pod gets the reference, or loses it. finalizer: which an adopted one gets, a released one loses, too; or NULL. */
enum call_result pod_change_owner(struct store *st, enum trace_component who, const struct api_object *controller,
                                  uint32_t pod, bool adopt, const char *finalizer);
/* Both lists as they are with, or without, `name`. */
str_list finalizers_with(struct arena *a, const str_list *list, const char *name);
str_list finalizers_without(struct arena *a, const str_list *list, const char *name);
/* False: the object is gone. */
bool pod_remove_finalizer(struct store *st, enum trace_component who, uint32_t pod, const char *name);
bool has_finalizer(const struct api_object *o, const char *name);

#endif
