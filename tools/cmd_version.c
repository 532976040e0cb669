/* cmd_version.c - podsim version. */
#include "tools/commands.h"
#include "tools/output.h"

#ifndef PODSIM_VERSION
#define PODSIM_VERSION "unknown"
#endif

int cmd_version(const struct options *o)
{
    (void)o;
    strbuf_puts(&output, "podsim " PODSIM_VERSION ", semantics of Kubernetes 1.34 to 1.36\n");
    return EXIT_OK;
}
