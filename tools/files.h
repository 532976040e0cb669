/* files.h - the only place of podsim that opens files. */
#ifndef TOOLS_FILES_H
#define TOOLS_FILES_H

#include "model/scenario.h"

/* podsim's own configuration (config.h): no manifest, wherever directories are read. */
#define CONFIG_NAME "podsim.yaml"

/* The inputs named on the command line, read into memory. */
struct inputs {
    struct scenario_input *items;
    uint32_t count;
    bool stdin_read;
};

/* "-" is standard input; a directory stands for its *.yaml, *.yml and *.json, sorted by name.
 * Returns 0, or -1 with a complaint per file that cannot be read. */
int inputs_read(struct inputs *in, const char *const *names, uint32_t count, struct strbuf *complaint);
void inputs_fini(struct inputs *in);

/* They and whatever they name, for scenario_load_source(); settings are the caller's. */
struct scenario_source inputs_source(struct inputs *in);
/* scenario_read_file and scenario_find_files; ctx is not looked at. */
int inputs_read_file(void *ctx, struct arena *a, const char *path, const char **ret_text, size_t *ret_len,
                     const char **ret_error);
int inputs_find_files(void *ctx, struct arena *a, const char *pattern, str_list *ret_paths, const char **ret_error);

/* By its name: *.yaml, *.yml, *.json, but not CONFIG_NAME. */
bool file_is_manifest(const char *name);

/* The whole of a file: NUL-terminated, malloc'ed. 0, or -1 with errno. */
int read_path(const char *path, char **ret_text, size_t *ret_len);

/* Writes all of it. 0, or -1 with errno. */
int write_all(int fd, const char *bytes, size_t n);

#endif
