/* job_orphans.h - pods with a Job's finalizer and no Job that would take it away: they get rid of it here.
 *
 * k8s pkg/controller/job/job_controller.go syncOrphanPod, v1.36. A real one has a key per pod, and one for all pods of
 * a Job that is over; five workers make the patches. Here what waits is one key, its patches are made five at a time.
 */
#ifndef MODEL_JOB_ORPHANS_H
#define MODEL_JOB_ORPHANS_H

#include "model/informers.h"

struct job_orphans;
struct job_orphans *job_orphans_new(struct store *st, struct informers *f);
/* Looked at when their turn has come: a pod whose Job goes on keeps its finalizer. */
void job_orphans_add(struct job_orphans *o, const struct api_object *pod);
void job_orphans_add_pods_of(struct job_orphans *o, const struct api_object *job);

#endif
