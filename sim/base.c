/* base.c - the two ways to stop at once: our bug (sim_assert_failed) and the machine's (sim_die). */
#include "sim/base.h"

#include <stdio.h>
#include <stdlib.h>

enum { EXIT_MACHINE = 6 };

/* One run per thread, so its context is per thread too. */
static _Thread_local void (*context_print)(void *ctx);
static _Thread_local void *context_ctx;

void sim_assert_set_context(void (*print)(void *ctx), void *ctx)
{
    context_print = print;
    context_ctx = ctx;
}

_Noreturn void sim_assert_failed(const char *fact, const char *file, int line, const char *function)
{
    void (*print)(void *ctx) = context_print;

    fflush(stdout);
    fprintf(stderr, "%s:%d: %s: assertion failed: %s\n", file, line, function, fact);
    context_print = NULL; /* a second failure while printing must not come back here */
    if (print)
        print(context_ctx);
    fflush(stderr);
    abort();
}

_Noreturn void sim_die(const char *what)
{
    fflush(stdout);
    fprintf(stderr, "fatal: %s\n", what);
    exit(EXIT_MACHINE);
}
