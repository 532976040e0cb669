/* test_select.h - which of the cases are to be run: --tag, -k, --shard. */
#ifndef TOOLS_TEST_SELECT_H
#define TOOLS_TEST_SELECT_H

#include "tools/test_case.h"

/* What -k says, in the form that it is evaluated in; see keyword_parse(). */
struct keyword;

/* EXPR: words that are part of an id (in any case), joined by `and`, `or`, `not` and parentheses, as pytest has it.
 * NULL with a complaint. */
const struct keyword *keyword_parse(struct arena *a, const char *text, struct strbuf *complaint);
bool keyword_matches(const struct keyword *k, const char *id);

/* `wanted` is an item of --tag: one of "a,b"; `!a` for who has it not. */
bool tags_match(const str_list *tags, const char *wanted);

/* "2/5": the second of five. -1 with a complaint. */
int shard_parse(const char *text, uint32_t *ret_index, uint32_t *ret_count, struct strbuf *complaint);
/* Which of `count` shards, from 1, a case belongs to: by its id alone, whatever other cases there are. */
uint32_t shard_of(const char *id, uint32_t count);

#endif
