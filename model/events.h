/* events.h - recording Kubernetes Events: what client-go's recorder does between a component and the
 * API server. Identical events raise a count; many similar ones are folded; floods are dropped.
 */
#ifndef MODEL_EVENTS_H
#define MODEL_EVENTS_H

#include "model/store.h"

struct recorder;

struct recorder *recorder_new(struct store *st);

struct event_origin {
    enum trace_component who;
    const char *component; /* source.component: "kubelet", "default-scheduler" */
    const char *host;      /* source.host: the node, or NULL */
    bool events_v1;        /* recorded through events.k8s.io: eventTime instead of first/lastTimestamp */
};

/* The message is formatted into the run's arena. field_path: "spec.containers{web}" or NULL. */
void recorder_event(struct recorder *r, const struct event_origin *origin, const struct api_object *about,
                    const char *field_path, bool warning, const char *reason, const char *format, ...)
    __attribute__((format(printf, 7, 8)));

/* The component of this origin has been started again: it counts and folds from nothing. */
void recorder_forget(struct recorder *r, const struct event_origin *origin);

#endif
