/* words.h - the words that Kubernetes shows a user of a pod, as tables of the coverage report.
 * kubelet.md 2.1, 2.5, 3.3, 5.1 and the files it names (k8s pkg/kubelet/events/event.go, images/types.go,
 * kuberuntime/kuberuntime_container.go). A word a run shows must be listed; a listed one must be shown by some
 * scenario.
 */
#ifndef TESTS_COVER_WORDS_H
#define TESTS_COVER_WORDS_H

#include "model/trace.h"
#include "sim/cover.h"

enum word_table { WORDS_WAITING, WORDS_TERMINATED, WORDS_POD, WORDS_CONDITION, WORDS_EVENT, WORDS_COUNT };
extern const struct cover_table *const word_tables[WORDS_COUNT];

/* Marks the words of one API object. Returns the first word that is in no table, or is refused
 * where it is expected (model/vocabulary.h), or NULL; *ret_table names its table.
 */
const char *words_mark(const struct api_object *object, enum word_table *ret_table);

#endif
