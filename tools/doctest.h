/* doctest.h - one Markdown document, done and checked. */
#ifndef TOOLS_DOCTEST_H
#define TOOLS_DOCTEST_H

#include "report/test_result.h"
#include "tools/doctest_markdown.h"

struct doctest_options {
    enum doctest_trust trust;
    bool keep; /* the directory of its files stays */
};

/* What was found out about one document. Strings live in the arena that was given. */
struct doctest_result {
    struct test_result test;  /* its checks are in the document's order */
    uint32_t failed, lasting; /* checks; of them, those that no update puts right */
    uint32_t passed_over;     /* blocks of commands that are none of doctest's */
    uint32_t updates;         /* outputs that can be put right */
    struct strbuf updated;    /* the document with all of them put right */
    const char *kept;         /* the directory, when it was kept */
};
void doctest_result_fini(struct doctest_result *r);

/* Does what the document says. That it cannot be read is a result, too. -1 with errno: there is no place to do it. */
int doctest_document(struct arena *a, const char *file, const char *text, size_t len, const struct doctest_options *o,
                     struct doctest_result *ret);

#endif
