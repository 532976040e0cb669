/* controller_job.h - the Job controller. */
#ifndef MODEL_CONTROLLER_JOB_H
#define MODEL_CONTROLLER_JOB_H

#include "model/events.h"
#include "model/informers.h"

void job_controller_new(struct store *st, struct informers *f, struct recorder *r, struct arena *scratch);

#endif
