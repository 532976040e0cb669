/* golden_diff.h - what a run printed, held against what it is expected to print (a golden).
 *
 *     struct golden_comparison c;
 *     golden_compare(&arena, REPORT_TIMELINE, &expected, &actual, &settings, &c);
 *     if (!c.equal) {
 *         golden_tell_first(&c, &message);            // one line
 *         golden_tell(&c, &(struct golden_telling){0}, &details);
 *     }
 *
 * Both texts are read into rows: a time, an object, what happened, why. Rows are aligned by what they say, object by
 * object and not by their time, so that a restart that comes ten seconds late is one difference and what follows from
 * it another line, not a hundred lines of text. Everything here is a pure function of texts: two runs can be compared
 * as well.
 *
 * When are they equal? Without settings, byte by byte (a CRLF in the golden is an LF: that is what checkouts on Windows
 * make of it). With a tolerance or something to ignore, when no row differs:
 *   - a row's time may differ by the tolerance from the time of the same row in the golden, either way; it does not add
 * up from row to row. The same holds for durations inside of texts ("pulled in 0.540s") and, in whole units as they are
 *     printed, for ages ("5s ago"). Rows within the tolerance may change places.
 *   - layout (widths of columns, texts cut for the lack of room) and numbers that only count records are not compared.
 */
#ifndef REPORT_GOLDEN_DIFF_H
#define REPORT_GOLDEN_DIFF_H

#include "model/apitype.h"
#include "report/report.h"

struct golden_text {
    const char *text;
    size_t length;
};

struct golden_settings {
    sim_time tolerance;
    bool any_position; /* places in files ("web.yaml:12") do not matter: two files are compared */
    str_list ignore;   /* columns of the format ("why", "time"), or globs over "OBJECT WHAT" ("*-canary*") */
};

/* Formats that can be expected: all but documents (json, yaml). */
bool golden_format_is(enum report_format format);

/* True when the text is certainly what this format prints: who removes files wants to know. An empty text is not. */
bool golden_recognizes(enum report_format format, const struct golden_text *text);

enum { GOLDEN_CELLS = 7 };

struct golden_row {
    sim_time at;                     /* SIM_NEVER = has none */
    const char *object;              /* "pod/web"; "" = none */
    const char *what;                /* all that says what happened, in one text */
    const char *cells[GOLDEN_CELLS]; /* by the format's columns, never NULL */
    uint32_t line;                   /* of the text, from 1 */
    uint32_t timed, exact, loose;    /* private: numbers of `what`: with the time, as it is, without durations */
    uint32_t group;                  /* private: number of the object */
    uint32_t match;                  /* private: 1 + the row on the other side, 0 = none */
};

enum golden_difference_kind {
    GOLDEN_MOVED,   /* another time */
    GOLDEN_CHANGED, /* another text, and maybe another time */
    GOLDEN_MISSING, /* expected, and did not happen */
    GOLDEN_EXTRA,   /* happened, and is not expected */
    GOLDEN_ORDER,   /* the same instant, another order */
};

struct golden_difference {
    enum golden_difference_kind kind;
    const struct golden_row *expected, *actual; /* NULL: EXTRA, MISSING; ORDER: the two rows, both of the run */
    sim_time at;                                /* when the two part */
    sim_time shift;                             /* how much later it happened */
    uint32_t cells;                             /* CHANGED: which ones, by bit */
    uint32_t followers; /* later ones that are told with this one: as much later, or missing as well */
    uint32_t alike;     /* CHANGED: later ones that have changed in the same way */
    const struct golden_difference *leader; /* NULL: is told by itself */
    const struct golden_row *last;          /* of the followers */
};

struct golden_comparison {
    bool equal;
    const char *unequal_layout; /* not equal, and no row differs: what does */
    enum report_format format;
    struct golden_settings settings;
    struct golden_text expected, actual;
    struct golden_difference *items; /* in order of time: the first divergence first */
    uint32_t count;
    uint32_t expected_rows, actual_rows; /* of those that were compared */
};

/* Everything lives in the arena. The texts must stay where they are. */
void golden_compare(struct arena *a, enum report_format format, const struct golden_text *expected,
                    const struct golden_text *actual, const struct golden_settings *settings,
                    struct golden_comparison *ret_comparison);

/* Adds lines that say why a row of the run happened, each with its newline; none = goes without saying. */
typedef void golden_explain(void *ctx, const struct golden_row *row, struct strbuf *out);

struct golden_telling {
    golden_explain *explain; /* NULL = nobody knows; asked for the first divergence */
    void *explain_ctx;
    bool color;
    bool two_runs;            /* "before" instead of "expected" */
    bool first_is_told;       /* by golden_tell_first(): only what there is to add to it */
    uint32_t differences_max; /* 0 = 12 */
    uint32_t lines_max;       /* of the unified diff; 0 = 60, UINT32_MAX = all */
    const char *from, *to;    /* what the two are called in the unified diff; NULL = no unified diff */
};

/* The first divergence and how many more there are, in one line without newline. */
void golden_tell_first(const struct golden_comparison *c, struct strbuf *out);
/* All of it, in lines: the differences by what they mean, then the unified diff. */
void golden_tell(const struct golden_comparison *c, const struct golden_telling *telling, struct strbuf *out);

#endif
