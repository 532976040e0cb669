/* why_private.h - what the files that explain share.
 *
 *   why.c        the question, and the printing
 *   why_steps.c  the chain: from one record to the one before
 *   why_not.c    what is in the way
 *   why_field.c  where in the manifest something was decided
 */
#ifndef REPORT_WHY_PRIVATE_H
#define REPORT_WHY_PRIVATE_H

#include "report/why.h"

/* A question, taken apart. */
struct why_question {
    const char *type, *name; /* "pod", "web"; the name may end in "*" */
    const char *symptom;
    sim_time at; /* SIM_NEVER = the last one */
    enum api_kind kind;
    bool client; /* of spec.traffic */
};
void why_begin(struct why *w, const struct run_trace *run);
int why_parse(struct why *w, const char *text, struct why_question *ret, const char **ret_error);

enum { WHY_WHO = 18 };
/* Who did a step, as it is printed: "endpointslice", "fault". */
const char *why_who(const struct why *w, const struct why_step *s, char name[WHY_WHO]);
/* "restartPolicy Always: ... (pkg/kubelet/container/helpers.go)" without the file; NULL = no rule. */
const char *why_rule_text(enum why_rule rule);

/* Follows the chain from `record`, and adds its steps. */
void why_follow(struct why *w, uint32_t record);

/* The version of an object as of a record; NULL = there was none. */
const struct api_object *why_object(const struct why *w, uint32_t ordinal, uint32_t record);

/* Adds to the step: the line of the manifest with a field of a pod's spec. `container` NULL: a field of the pod.
 * `value`: what it is; where the manifest does not say so, it is the default. NULL: what the manifest says, if it
 * does. */
void why_field(struct why *w, struct why_step *step, const struct pod *pod, const char *container, const char *path,
               const char *value);
/* The same of a workload's or Service's own spec. */
void why_own_field(struct why *w, struct why_step *step, const struct api_object *o, const char *path,
                   const char *value);

#endif
