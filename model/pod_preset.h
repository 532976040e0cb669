/* pod_preset.h - admission plugin PodPreset: pods get variables and volumes from presets that select them.
 *
 * k8s plugin/pkg/admission/podpreset/admission.go (v1.19); it was introduced with 1.6, was off unless an administrator
 * turned it on, and was removed with 1.20. Here it is there in every version, and a cluster without presets does not
 * notice. semantics/api-objects.md 12.
 */
#ifndef MODEL_POD_PRESET_H
#define MODEL_POD_PRESET_H

#include "model/api_admission.h"

void pod_preset_admit(struct admission_request *r);

#endif
