/* pod_logs.h - which instance of which container `kubectl logs` shows, and the words when there is none.
 *
 * Pure functions of a pod's version: an action prints through them from the live runtime, a report from the trace.
 */
#ifndef MODEL_POD_LOGS_H
#define MODEL_POD_LOGS_H

#include "model/api_core.h"
#include "sim/strbuf.h"

bool pod_has_container(const struct pod *pod, const char *name); /* of any sort */
/* The container of the annotation, or the first one; then *ret_note is what kubectl says about its choice, or NULL. */
const char *pod_default_container(struct arena *a, const struct pod *pod, const char **ret_note);
/* The status of a container of any sort; NULL = there is none yet. */
const struct container_status *pod_container_status(const struct pod *pod, const char *name);

/* The containerID whose log the kubelet hands out; NULL with *ret_error, without the "Error from server". */
const char *pod_log_container(struct arena *a, const struct pod *pod, const char *name, bool previous,
                              const char **ret_error);

/* Where the last `lines` lines of a log begin; all of it when lines < 0. */
size_t log_tail(const char *log, size_t len, int64_t lines);

#endif
