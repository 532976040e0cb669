/* shrink.h - the smallest scenario that still fails.
 *
 * Delta debugging over the tree of the documents: leaves out documents, list items and map entries, from the top
 * down and in halves first, then makes numbers and durations smaller and scripts simpler, as long as `fails` says
 * that the failure is still there; until nothing more can go. It knows nothing of what fails, so it works for any
 * scenario file and any predicate. What is not a valid scenario must not "fail".
 */
#ifndef TESTS_PROP_SHRINK_H
#define TESTS_PROP_SHRINK_H

#include <stddef.h>

#include "sim/strbuf.h"

typedef bool shrink_fails(void *ctx, const char *text, size_t len);

/* Appends the result to `out`, in block style; `text` must fail. Asks `fails` at most `budget` times; returns how
 * often it did. */
uint32_t shrink(const char *text, size_t len, shrink_fails *fails, void *ctx, uint32_t budget, struct strbuf *out);

#endif
