/* story_private.h - what the files that tell the story share.
 *
 *   story.c            rows, reasons, actions, which record is told by whom
 *   story_api.c        writes of pods, nodes and other objects; Events
 *   story_service.c    Services and endpoints
 *   story_workload.c   Deployments, ReplicaSets, ReplicationControllers
 *   story_policy.c     PodDisruptionBudgets
 *   story_traffic.c    requests of clients
 *   story_container.c  pulls, processes, signals, probes, hooks, back-off
 */
#ifndef REPORT_STORY_PRIVATE_H
#define REPORT_STORY_PRIVATE_H

#include "report/story.h"

#include <string.h>

static inline bool given(const char *text) { return text && *text; }

/* ---- rows ---- */

struct story_row *story_add(struct story *s, const char *object, const char *what, enum story_tone tone);
struct story_row *story_last(struct story *s); /* NULL when there is none */
/* A row of the object the record is about, with the cause of the record as its reason. */
struct story_row *story_add_caused(struct story *s, const char *what, enum story_tone tone);
/* The same for what follows from the rows above as a matter of course: a reason that one of them tells
 * is not told again. */
struct story_row *story_add_following(struct story *s, const char *what, enum story_tone tone);

/* Why the record at hand happened; NULL when it goes without saying. */
const char *story_why(struct story *s);
/* The same, and NULL when one of the object's latest rows has told the reason. */
const char *story_why_unless_told(struct story *s);
/* Why an object appeared: the line of the manifest, or whatever caused it. */
const char *story_why_created(struct story *s, const struct api_object *o);

/* What `b` holds, kept for the report; `b` is given back. */
const char *story_text(struct story *s, struct strbuf *b);
/* A list of changes that share a row: ", " before all but the first. */
void story_part(struct strbuf *b);

/* ---- tellers: each for one kind of record ---- */

void story_tell_write(struct story *s);
void story_tell_pull(struct story *s);
void story_tell_removed(struct story *s);
void story_tell_started(struct story *s);
void story_tell_exited(struct story *s);
void story_tell_signal(struct story *s);
void story_tell_oom_kill(struct story *s);
void story_tell_probe(struct story *s);
void story_tell_hook(struct story *s);
void story_tell_backoff(struct story *s);

void story_tell_traffic(struct story *s);
void story_tell_traffic_end(struct story *s);

/* False: it is none, or there is nothing special to say of this write. */
bool story_workload_written(struct story *s, const struct api_object *o);
/* story_policy.c: false: it is no budget, or a user's write. */
bool story_budget_written(struct story *s, const struct api_object *o);
void story_tell_eviction(struct story *s);
void story_service_created(struct story *s, const struct service *svc);
/* Either version may be NULL. */
void story_endpoints_changed(struct story *s, const struct endpoint_slice *from, const struct endpoint_slice *to);

#endif
