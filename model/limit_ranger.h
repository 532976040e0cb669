/* limit_ranger.h - admission plugin LimitRanger: containers get the requests and limits that a LimitRange says, and
 * must keep within it. k8s plugin/pkg/admission/limitranger/admission.go (v1.36); semantics/api-objects.md 6.
 */
#ifndef MODEL_LIMIT_RANGER_H
#define MODEL_LIMIT_RANGER_H

#include "model/api_admission.h"

void limit_ranger_admit(struct admission_request *r);
void limit_ranger_validate(struct admission_request *r);

#endif
