/* job_index.h - sets of completion indexes as ordered intervals, and their text: "0-2,5".
 *
 * k8s pkg/controller/job/indexed_job_utils.go orderedIntervals, v1.36.
 */
#ifndef MODEL_JOB_INDEX_H
#define MODEL_JOB_INDEX_H

#include "model/apitype.h"

struct index_interval {
    int64_t first, last;
};
/* In order, neither overlapping nor touching. */
typedef LIST_OF(struct index_interval) index_set;

/* What cannot be read is left out, and what is not below `completions`. text NULL: empty. */
index_set index_set_parse(struct arena *a, const char *text, int64_t completions);
/* "0-2,5"; two in a row are "0,1". */
const char *index_set_format(struct arena *a, const index_set *s);
index_set index_set_union(struct arena *a, const index_set *x, const index_set *y);
/* With the numbers of a list, which is in order. */
index_set index_set_with(struct arena *a, const index_set *s, const int_list *numbers);
bool index_set_has(const index_set *s, int64_t index);
int64_t index_set_total(const index_set *s);
/* How many are in both. */
int64_t index_set_common(const index_set *x, const index_set *y);

/* k8s pkg/apis/batch/validation validateIndexesFormat: NULL, or what is wrong; *ret_total: how many there are. */
const char *wrong_index_text(struct arena *a, const char *text, int64_t completions, int64_t *ret_total);

#endif
