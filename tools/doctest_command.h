/* doctest_command.h - the commands of a document: what they are, and doing one.
 *
 * A command is words, with quotes and backslashes as in a shell, NAME=VALUE before it, and `> FILE` at its end;
 * nothing else of a shell. It is started directly, in the document's own directory, with an environment that is the
 * same everywhere: this podsim, or one of a few programs that show and arrange files. Only DOCTEST_ANY_COMMAND hands
 * lines to /bin/sh.
 */
#ifndef TOOLS_DOCTEST_COMMAND_H
#define TOOLS_DOCTEST_COMMAND_H

#include "sim/arena.h"
#include "sim/strbuf.h"

enum doctest_command_kind {
    DOCTEST_PODSIM,
    DOCTEST_PROGRAM, /* cat, ls, ... */
    DOCTEST_STATUS,  /* echo $? */
    DOCTEST_OTHER,
};

/* By its first word. */
enum doctest_command_kind doctest_command_kind(const char *line);
/* "cat, ls, ..." */
extern const char doctest_programs[];

/* Where a document's commands run. */
struct doctest_place {
    char *root;      /* a new directory under $TMPDIR */
    char *directory; /* in it: where the commands are */
    char *aside;     /* in it: for files that the document does not know of */
};

/* 0, or -1 with errno. */
int doctest_place_init(struct doctest_place *p);
/* Removes it with all that is in it, unless `keep`. */
void doctest_place_fini(struct doctest_place *p, bool keep);

/* Does it, and adds all that it writes (to standard output and error, as on a terminal) to `out`. The exit code, or -1
 * with a line in *why: it cannot be done, or it did not end by itself. `directory`: of the place's. */
int doctest_run(const struct doctest_place *p, const char *directory, const char *line, bool any_command,
                struct strbuf *out, struct strbuf *why);

#endif
