/* vocabulary.h - the words that a cluster says: reasons, types of conditions, what STATUS shows.
 *
 * Most of them are open: a readiness gate has any type, a status that is written by hand any reason. So a word that is
 * not here is no mistake, unless it is nearly one that is: then a test that waits for it is waiting in vain.
 */
#ifndef MODEL_VOCABULARY_H
#define MODEL_VOCABULARY_H

#include "model/apitype.h"

enum vocabulary {
    VOCABULARY_CONTAINER_REASONS, /* of containers that wait or have terminated */
    VOCABULARY_POD_REASONS,       /* status.reason */
    VOCABULARY_POD_STATUS,        /* the column STATUS of kubectl get pods */
    VOCABULARY_POD_CONDITIONS,
    VOCABULARY_NODE_CONDITIONS,
    VOCABULARY_NAMESPACE_CONDITIONS,
    VOCABULARY_DEPLOYMENT_CONDITIONS,
    VOCABULARY_REPLICA_SET_CONDITIONS,
    VOCABULARY_JOB_CONDITIONS,
    VOCABULARY_EVENTS,         /* reasons of Events */
    VOCABULARY_GOLDEN_COLUMNS, /* of the reports that goldens are kept of: what a comparison can ignore */
    VOCABULARY_COUNT
};

/* One after the other; NULL behind the last. */
const char *vocabulary_word(enum vocabulary v, uint32_t i);
bool vocabulary_has(enum vocabulary v, const char *word);
/* The word that was probably meant by one that is none; NULL = it is one, or none is close. */
const char *vocabulary_meant(struct arena *a, enum vocabulary v, const char *word);

/* An entry of spec.golden.ignore or --ignore: a column, in any case, or a pattern of lines. Returns NULL, or what is
 * wrong, and what was probably meant (or NULL). */
const char *golden_ignore_check(struct arena *a, const char *entry, const char **ret_suggestion);

#endif
