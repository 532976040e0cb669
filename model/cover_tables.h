/* cover_tables.h - every decision table whose rows are marked (sim/cover.h), for the coverage report.
 * A new COVER_TABLE(id, ...) is added here; tests/tidy.sh checks that none is forgotten.
 */
#ifndef MODEL_COVER_TABLES_H
#define MODEL_COVER_TABLES_H

#include "sim/cover.h"

extern const struct cover_table *const cover_tables[];
extern const uint32_t cover_table_count;

/* Forgets which rows were reached. */
void cover_reset(void);

#endif
