/* replace_file.h - writes a file whole or not at all. */
#ifndef TOOLS_REPLACE_FILE_H
#define TOOLS_REPLACE_FILE_H

#include "sim/strbuf.h"

/* `path` becomes these bytes, or stays as it was: a temporary file beside it is written, synced and renamed, so that
 * neither a full disk nor a power cut nor SIGKILL leaves half a file. Keeps the mode of a file that is there; a
 * symbolic link stays one, and what it leads to is replaced. SIGINT, SIGTERM and SIGHUP wait until it is done. Returns
 * 0, or -1 with "PATH: what failed" in *complaint (no newline). */
int replace_file(const char *path, const char *bytes, size_t length, struct strbuf *complaint);

/* What the temporary files end in: ".NAME.PID" REPLACE_FILE_SUFFIX. One that is left was cut off by SIGKILL. */
#define REPLACE_FILE_SUFFIX ".podsim-new"

#endif
