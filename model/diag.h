/* diag.h - diagnostics about what the user gave us: collected, sorted by position, printed by tools/.
 *
 * Library code never prints. diag_error() returns -1, so that report-and-return is one line.
 * Positions are 1-based; file text is kept by the set so that the source line and a caret can be
 * shown. Strings are copied.
 */
#ifndef MODEL_DIAG_H
#define MODEL_DIAG_H

#include "model/diag_codes.h"
#include "sim/arena.h"
#include "sim/strbuf.h"

/* Where a value stands. file indexes diag_set's files; line 0 = no position (whole file). */
struct src_pos {
    uint32_t file;
    uint32_t line;
    uint32_t column; /* in characters (UTF-8 code points), as editors count */
    uint32_t length; /* characters to underline; 0 = just a caret */
};

/* "No file": what has no source, such as an object made by a controller. Printed without position. */
#define DIAG_NO_FILE UINT32_MAX
#define SRC_POS_NONE ((struct src_pos){.file = DIAG_NO_FILE})

enum diag_level { DIAG_ERROR, DIAG_WARNING, DIAG_NOTE };

struct diag_code_info {
    uint16_t number; /* shown as PS102 */
    enum diag_level level;
    const char *name; /* "unknown-field" */
    const char *doc;
};
extern const struct diag_code_info diag_code_infos[CODE_COUNT];

struct diag {
    enum diag_level level;
    enum diag_code code; /* of errors and warnings */
    struct src_pos at;
    const char *message;    /* what was wanted and what was found */
    const char *suggestion; /* 'did you mean "periodSeconds"?' or NULL */
    uint32_t parent;        /* a note belongs to diags[parent]; sorted right after it */
};

struct diag_file {
    const char *name;
    const char *text; /* NUL-terminated copy, may contain NUL before text_len */
    size_t text_len;
};

struct diag_use {
    struct src_pos from, to, place;
    struct src_pos note_at;
    const char *note; /* NULL: it is wrong, which has been said */
};

struct diag_set {
    struct arena arena;
    struct pool files; /* struct diag_file */
    struct pool diags; /* struct diag */
    struct pool uses;  /* struct diag_use */
    uint32_t error_count;
    uint32_t warning_count;
    bool strict;       /* warnings are errors */
    bool muted;        /* the last one was left out, and so are notes to it */
    uint32_t left_out; /* reported after the set was full (10 000), counted only */
};

void diag_init(struct diag_set *d);
void diag_fini(struct diag_set *d);

/* Remembers a file's text for source excerpts; returns its index. The text is copied. */
uint32_t diag_add_file(struct diag_set *d, const char *name, const char *text, size_t len);

/* A value that stands from `from` to `to` was made with something else, put in at `place` (with a length): errors and
 * warnings about that place, or about the value as a whole, get the note. */
void diag_add_use(struct diag_set *d, const struct diag_use *use);

/* What stands there cannot be known, which has been reported: nothing more is said about it. */
void diag_mute(struct diag_set *d, struct src_pos from, struct src_pos to);

/* An error or a warning, as the class says. Always -1. `suggestion` may be NULL. */
int diag_report(struct diag_set *d, enum diag_code code, struct src_pos at, const char *suggestion, const char *format,
                ...) __attribute__((format(printf, 5, 6)));
/* Of the class CODE_INVALID. Always -1. */
int diag_error(struct diag_set *d, struct src_pos at, const char *format, ...) __attribute__((format(printf, 3, 4)));
int diag_error_suggest(struct diag_set *d, struct src_pos at, const char *suggestion, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Attached to the diagnostic reported last. */
void diag_note(struct diag_set *d, struct src_pos at, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* All of them, sorted by file (order added), line, column, order of report; exact duplicates once;
 * at most `cap` errors and as many warnings (0 = all), then "... and N more". Form:
 *   web.yaml:14:34: error[PS105]: terminationGracePeriodSeconds: want >= 0, got -5
 *      14 |   terminationGracePeriodSeconds: -5
 *         |                                  ^~
 *         = help: did you mean "..."?
 * Tabs in the excerpt become one blank, control characters '?'; very long lines are cut around the caret. */
void diag_print(const struct diag_set *d, struct strbuf *out, uint32_t cap);

struct diag_style {
    uint32_t cap; /* as above */
    bool quiet;   /* errors only */
    bool color;   /* ANSI colours, for terminals */
    bool json;    /* one JSON object per line: docs/diagnostics.md */
};
void diag_write(const struct diag_set *d, const struct diag_style *style, struct strbuf *out);

/* What has been reported is forgotten; the files stay. */
void diag_clear(struct diag_set *d);

/* The best of `candidates` for a mistyped word (edit distance with transpositions, case-insensitive
 * match first), or NULL when none is close. */
const char *diag_closest(const char *word, const char *const *candidates, size_t count);

#endif
