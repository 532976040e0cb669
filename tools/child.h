/* child.h - runs another program: text in, bytes out. */
#ifndef TOOLS_CHILD_H
#define TOOLS_CHILD_H

#include "sim/strbuf.h"

enum child_result {
    CHILD_OK,
    CHILD_MISSING, /* there is no such program */
    CHILD_FAILED,  /* it could not be run, or has failed */
};

/* Runs argv[0], found along PATH, with `input` on its standard input, and collects what it writes. */
enum child_result child_run(const char *const *argv, const struct strbuf *input, struct strbuf *ret_output,
                            struct strbuf *ret_errors);

#endif
