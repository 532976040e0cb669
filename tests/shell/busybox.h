/* busybox.h - runs a script in a real busybox ash, in a directory and an environment of its own.
 *
 * Programs are found in BASE/bin, home is BASE/root, the working directory BASE/work is empty for each script.
 * BASE is a fresh temporary directory; where it occurs in the output it is cut out, so that the result says
 * /bin, /root and /work, which is what podsim's container has.
 */
#ifndef TESTS_SHELL_BUSYBOX_H
#define TESTS_SHELL_BUSYBOX_H

#include "case_file.h"

struct busybox {
    const char *program; /* its path */
    char base[256];
};

bool busybox_init(struct busybox *b, const char *program); /* false: it cannot be run (said on stdout) */
void busybox_fini(struct busybox *b);
void busybox_run(struct busybox *b, struct arena *a, const char *script, struct shell_result *ret);

#endif
