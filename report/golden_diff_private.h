/* golden_diff_private.h - what the files of golden_diff*.c share. */
#ifndef REPORT_GOLDEN_DIFF_PRIVATE_H
#define REPORT_GOLDEN_DIFF_PRIVATE_H

#include "report/golden_diff.h"
#include "report/myers.h"

/* What the texts of a column are to the comparison. */
enum golden_role {
    ROLE_NONE,   /* no such column */
    ROLE_OBJECT, /* whom it is about */
    ROLE_TIME,   /* when */
    ROLE_WHAT,   /* what happened: rows are aligned by these */
    ROLE_TEXT,   /* more about it */
    ROLE_AGE,    /* ages in whole units: they follow from times */
    ROLE_SERIAL, /* numbers of records: they follow from the rows before */
};

struct golden_column {
    const char *name; /* for `ignore`; NULL = not to be ignored */
    enum golden_role role;
};

/* ---- golden_diff_rows.c: texts into rows ---- */

struct golden_rows {
    struct golden_row *items;
    uint32_t count;
    const char *layout; /* the header: where the columns begin; NULL = has none */
};

/* GOLDEN_CELLS columns; NULL for a format that cannot be expected. */
const struct golden_column *golden_columns(enum report_format format);
void golden_read(struct arena *a, enum report_format format, const struct golden_text *text, struct golden_rows *ret);

/* ---- golden_diff_text.c: texts of cells ---- */

struct golden_leeway {
    sim_time tolerance;
    sim_time shift;    /* of the row: what stands in it may be later by as much ("until 31.600s") */
    bool any_position; /* see golden_settings */
    bool rounded;      /* durations are printed in whole units: with a tolerance, one unit more */
};
/* Equal, but for durations within the leeway. */
bool golden_texts_near(const char *a, const char *b, const struct golden_leeway *leeway);
/* Equal as far as they were printed: one is cut ("abc...") and the other begins like it. */
bool golden_texts_cut(const char *a, const char *b);
/* Without durations: "pulled in #". */
const char *golden_loose(struct arena *a, const char *text);
/* How much of their words two texts share, in percent. */
uint32_t golden_similarity(struct arena *scratch, const char *a, const char *b);
/* "Running -> [-Error-]{+Completed+}, ready 0/1" */
void golden_word_diff(const char *from, const char *to, bool color, struct strbuf *out);
/* `*` and `?`; the whole text must match. */
bool golden_glob(const char *pattern, const char *text);

#endif
