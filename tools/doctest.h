/* doctest.h - one Markdown document, done and checked. */
#ifndef TOOLS_DOCTEST_H
#define TOOLS_DOCTEST_H

#include "report/check_result.h"
#include "tools/doctest_markdown.h"

struct doctest_options {
    enum doctest_trust trust;
    bool keep; /* the directory of its files stays */
};

/* What was found out about one document. Strings live in the arena that was given. */
struct doctest_result {
    const char *file;
    struct check_results checks; /* in the document's order */
    uint32_t failed;
    uint32_t lasting;     /* failures that no update puts right */
    uint32_t passed_over;  /* blocks of commands that are none of doctest's */
    uint32_t updates;      /* outputs that can be put right */
    struct strbuf updated; /* the document with all of them put right */
    const char *kept;      /* the directory, when it was kept */
    bool interrupted;
};
void doctest_result_fini(struct doctest_result *r);

/* Diagnostics about the document itself go to `d`: -1, and nothing has been done. */
int doctest_document(struct arena *a, struct diag_set *d, const char *file, const char *text, size_t len,
                     const struct doctest_options *o, struct doctest_result *ret);

#endif
