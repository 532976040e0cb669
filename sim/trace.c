/* trace.c - records are kept in a pool: they never move, and index 0 is the root. */
#include "sim/trace.h"

void trace_init(struct trace *t, struct arena *arena)
{
    pool_init(&t->records, arena, sizeof(struct trace_record));
    uint32_t root = pool_add(&t->records);
    ASSERT(root == TRACE_ROOT);
}

uint32_t trace_add(struct trace *t, const struct trace_record *record)
{
    ASSERT(record->cause < t->records.count); /* a cause comes before its effect */
    uint32_t index = pool_add(&t->records);
    *(struct trace_record *)pool_at(&t->records, index) = *record;
    return index;
}

uint32_t trace_count(const struct trace *t) { return t->records.count; }

const struct trace_record *trace_at(const struct trace *t, uint32_t index) { return pool_at(&t->records, index); }
