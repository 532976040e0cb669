/* doctest_markdown.h - what a Markdown document shows of podsim: the steps to take in order, and what each is said
 * to print. A pure function of the text.
 *
 * Meaning have these fenced blocks; a document is read from top to bottom, as a reader who types along would do it:
 *
 *   ```yaml title=lifecycle/web.yaml   the file is written, with its directories (any language will do)
 *   ```diff title=lifecycle/web.yaml   the file is changed: "-" lines go, "+" lines come
 *   ```console                         lines `$ podsim ...`, each with what it prints below it; `$ echo $?` after a
 *                                      command that fails
 *   ```text timeline                   what `podsim run -o timeline` prints of the YAML block above it; get-pods,
 *                                      events and all other formats likewise
 *   ```yaml                            with a Scenario in it and no output below it: has to run, and to pass
 *
 * `<!-- doctest: skip -->` passes the next block over. `<!-- doctest: file ../scenarios/web.yaml -->` is a file of the
 * repository, named from the document: it is there as scenarios/web.yaml, and an output below can be its. All other blocks
 * mean nothing here.
 */
#ifndef TOOLS_DOCTEST_MARKDOWN_H
#define TOOLS_DOCTEST_MARKDOWN_H

#include "model/diag.h"

enum doctest_kind {
    DOCTEST_FILE,     /* name, text */
    DOCTEST_COPY,     /* name; text: the path from the document */
    DOCTEST_CHANGE,   /* name, text: a diff */
    DOCTEST_COMMAND,  /* text: the command; shown */
    DOCTEST_OUTPUT,   /* name: of a file, or NULL and text: YAML; format; shown */
    DOCTEST_SCENARIO, /* text: YAML */
};

struct doctest_step {
    enum doctest_kind kind;
    struct src_pos at; /* of the command, or of the block's first line */
    const char *name;
    const char *text;
    const char *format;
    const char *shown; /* whole lines, without the block's indentation; "" = none */
    uint32_t line;     /* where they begin in the document, from 1 */
    uint32_t line_count;
    const char *indent; /* what stands before each of them */
    bool in_block;      /* the step before is of the same block */
};

struct doctest_document {
    const struct doctest_step *steps;
    uint32_t count;
    uint32_t passed_over; /* blocks that hold commands, and none that doctest runs */
};

enum doctest_trust { DOCTEST_PODSIM_ONLY, DOCTEST_ANY_COMMAND };

/* `file` is the document's index in `d`. All that is wrong with the document is reported there: -1. */
int doctest_read(struct arena *a, struct diag_set *d, uint32_t file, const char *text, size_t len,
                 enum doctest_trust trust, struct doctest_document *ret);

#endif
