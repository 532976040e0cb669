/* case_file.h - files of small shell scripts, each beside what it prints and its exit code.
 *
 *     Any text before the first case says what the file is about.
 *
 *     #=== break leaves two loops
 *     for i in 1 2; do for j in a b; do break 2; done; done; echo $i$j; nope
 *     #--- out
 *     1a
 *     #--- err
 *     sh: nope: not found
 *     #--- exit 127
 *
 * A section that would be empty, and exit 0, are left out. "#--- out, no newline at the end" says that the last line
 * has none. Two sections are written by hand and need a reason:
 *
 *     #--- err is not compared: REASON       what is on stderr is not the same from run to run
 *     #--- podsim differs: REASON            a limit of the simulation; the case fails once it does not differ
 *
 * Cases in which time passes (timing/, test_timing.c) are containers of their own, whose main process has the script:
 *
 *     #=== a trap waits for the command that runs
 *     trap 'echo got it; exit 3' TERM; sleep 10
 *     #--- at 2s TERM                        from outside: a signal to the main process
 *     #--- shows
 *     10s got it
 *     10s exit 3
 *
 * "#--- image NAME" is for another image than busybox ("debian, bash": its bash instead of sh); "#--- words" says that
 * the script is no script but the words of the command, run without a shell.
 */
#ifndef TESTS_SHELL_CASE_FILE_H
#define TESTS_SHELL_CASE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/arena.h"

struct shell_result {
    const char *out, *err; /* never NULL */
    int status;
};

enum { CASE_SIGNALS_MAX = 8 };

struct case_signal {
    int at_ms;
    const char *name;
};

struct shell_case {
    const char *name, *script;
    int line;
    struct shell_result want;
    const char *err_differs;    /* why stderr is not compared, or NULL */
    const char *podsim_differs; /* why podsim is known to give something else, or NULL */
    /* timing */
    const char *image, *shows; /* or NULL */
    bool words;
    struct case_signal signals[CASE_SIGNALS_MAX];
    int signal_count;
};

struct case_file {
    const char *path, *head; /* head: the text before the first case */
    struct shell_case *cases;
    size_t count;
    char error[200]; /* "12: ..." or empty */
};

/* false: file->error says why. */
bool case_file_read(struct arena *a, const char *path, struct case_file *file);
bool case_file_write(const struct case_file *file);

#endif
