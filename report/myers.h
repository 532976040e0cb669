/* myers.h - which items of one sequence are in another: the longest common subsequence of two sequences of
 * numbers, as E. Myers finds it ("An O(ND) Difference Algorithm and Its Variations", 1986), in linear memory.
 *
 *     struct words w;
 *     words_init(&w, &arena);
 *     ... a[i] = words_number(&w, text, length) ... b[i] = ...
 *     myers_match(&arena, a, a_count, b, b_count, match);
 *
 * Time is bounded: sequences that have little in common get a common subsequence that is not the longest.
 */
#ifndef REPORT_MYERS_H
#define REPORT_MYERS_H

#include "sim/arena.h"

/* match[i] = 1 + the index in b of what a[i] is matched with, 0 = with nothing. Indices grow. */
void myers_match(struct arena *scratch, const uint32_t *a, uint32_t a_count, const uint32_t *b, uint32_t b_count,
                 uint32_t *match);

/* Numbers for texts: equal texts, equal numbers; in order of appearance, from 0. */
struct words {
    struct arena *arena; /* private */
    struct word *slots;  /* private */
    uint32_t slot_count; /* private: a power of two */
    uint32_t count;      /* numbers given so far */
};
void words_init(struct words *w, struct arena *a);
uint32_t words_number(struct words *w, const char *text, size_t length); /* `text` must stay where it is */

#endif
