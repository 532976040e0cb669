/* files.h - the only place of podsim that opens files. */
#ifndef TOOLS_FILES_H
#define TOOLS_FILES_H

#include "model/scenario.h"

/* The inputs named on the command line, read into memory. */
struct inputs {
    struct scenario_input *items;
    uint32_t count;
    bool stdin_read;
    char *directory; /* of the first file: what actions' paths are relative to */
};

/* "-" is standard input; a directory stands for its *.yaml, *.yml and *.json, sorted by name.
 * Returns 0, or -1 with a complaint per file that cannot be read. */
int inputs_read(struct inputs *in, const char *const *names, uint32_t count, struct strbuf *complaint);
void inputs_fini(struct inputs *in);

/* For scenario_load(): ctx is a struct inputs. */
int inputs_read_relative(void *ctx, struct arena *a, const char *path, const char **ret_text, size_t *ret_len,
                         const char **ret_error);

/* By its name: *.yaml, *.yml, *.json. */
bool file_is_manifest(const char *name);

/* The whole of a file: NUL-terminated, malloc'ed. 0, or -1 with errno. */
int read_path(const char *path, char **ret_text, size_t *ret_len);

/* Writes all of it. 0, or -1 with errno. */
int write_all(int fd, const char *bytes, size_t n);

#endif
