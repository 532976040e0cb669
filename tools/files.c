/* files.c - reading and writing, and nothing else. */
#include "tools/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void *need(void *p)
{
    if (!p)
        sim_die("out of memory");
    return p;
}

static char *copy_text(const char *s, size_t n)
{
    char *copy = need(malloc(n + 1));
    memcpy(copy, s, n);
    copy[n] = '\0';
    return copy;
}

enum { INPUT_MAX = 256 << 20 };

/* Reads to the end; NUL-terminated, malloc'ed. -1 with errno. */
static int read_all(int fd, char **ret_text, size_t *ret_len)
{
    struct stat st;
    size_t cap = fstat(fd, &st) == 0 && st.st_size > 0 ? (size_t)st.st_size + 1 : 16384;
    char *text = need(malloc(cap + 1));
    size_t len = 0;
    for (;;) {
        if (len == cap) {
            cap *= 2;
            text = need(realloc(text, cap + 1));
        }
        ssize_t n = read(fd, text + len, cap - len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            free(text);
            return -1;
        }
        if (n == 0)
            break;
        len += (size_t)n;
        if (len > INPUT_MAX) { /* /dev/zero, say */
            free(text);
            errno = EFBIG;
            return -1;
        }
    }
    text[len] = '\0';
    *ret_text = text;
    *ret_len = len;
    return 0;
}

int read_path(const char *path, char **ret_text, size_t *ret_len)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    int result = read_all(fd, ret_text, ret_len);
    int saved = errno;
    close(fd);
    errno = saved;
    return result;
}

/* A file's name for a message: whatever it is, the message stays one line. */
static void put_name(struct strbuf *out, const char *name)
{
    for (const char *c = name; *c; c++)
        strbuf_putc(out, (unsigned char)*c < ' ' || *c == 0x7f ? '?' : *c);
    if (!*name)
        strbuf_puts(out, "\"\"");
}

static void add_input(struct inputs *in, const char *name, char *text, size_t len)
{
    in->items = need(realloc(in->items, (in->count + 1) * sizeof *in->items));
    in->items[in->count++] = (struct scenario_input){copy_text(name, strlen(name)), text, len};
}

static int complain(struct strbuf *complaint, const char *name)
{
    strbuf_puts(complaint, "podsim: cannot read ");
    put_name(complaint, name);
    strbuf_printf(complaint, ": %s\n", strerror(errno));
    return -1;
}

static bool is_config(const char *name)
{
    const char *slash = strrchr(name, '/');
    return strcmp(slash ? slash + 1 : name, CONFIG_NAME) == 0;
}

bool file_is_manifest(const char *name)
{
    static const char *const suffixes[] = {".yaml", ".yml", ".json"};
    size_t n = strlen(name);
    if (is_config(name))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(suffixes); i++) {
        size_t k = strlen(suffixes[i]);
        if (n > k && strcmp(name + n - k, suffixes[i]) == 0)
            return true;
    }
    return false;
}

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static int read_one(struct inputs *in, const char *name, struct strbuf *complaint);

static bool is_directory(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Its manifests, sorted by name, malloc'ed. -1 with errno. */
static int list_directory(const char *name, char ***ret_names, uint32_t *ret_count)
{
    DIR *dir = opendir(name);
    if (!dir)
        return -1;
    char **names = NULL;
    uint32_t count = 0;
    for (struct dirent *e; (e = readdir(dir)) != NULL;) {
        if (e->d_name[0] == '.' || !file_is_manifest(e->d_name))
            continue;
        struct strbuf path = STRBUF_INIT;
        size_t n = strlen(name);
        strbuf_printf(&path, "%s%s%s", name, n && name[n - 1] == '/' ? "" : "/", e->d_name);
        if (is_directory(strbuf_str(&path))) {
            strbuf_fini(&path);
            continue;
        }
        names = need(realloc(names, (count + 1) * sizeof *names));
        names[count++] = path.data; /* malloc'ed; the caller frees it */
    }
    closedir(dir);
    if (count)
        qsort(names, count, sizeof *names, by_name);
    *ret_names = names;
    *ret_count = count;
    return 0;
}

static int read_directory(struct inputs *in, const char *name, struct strbuf *complaint)
{
    char **names;
    uint32_t count;
    int result = 0;
    if (list_directory(name, &names, &count) < 0)
        return complain(complaint, name);
    if (count == 0) {
        strbuf_puts(complaint, "podsim: no *.yaml, *.yml or *.json in ");
        put_name(complaint, name);
        strbuf_putc(complaint, '\n');
        result = -1;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (read_one(in, names[i], complaint) < 0)
            result = -1;
        free(names[i]);
    }
    free(names);
    return result;
}

/* What came from standard input is there again for who asks later: podsim test looks for cases first, and its workers,
 * which are forked from it, run them. */
static int read_stdin(char **ret_text, size_t *ret_len)
{
    static char *kept;
    static size_t kept_len;
    if (!kept && read_all(STDIN_FILENO, &kept, &kept_len) < 0)
        return -1;
    *ret_text = copy_text(kept, kept_len);
    *ret_len = kept_len;
    return 0;
}

static int read_one(struct inputs *in, const char *name, struct strbuf *complaint)
{
    char *text;
    size_t len;
    struct stat st;
    if (strcmp(name, "-") == 0) {
        if (in->stdin_read) {
            strbuf_puts(complaint, "podsim: standard input (-) can be read only once\n");
            return -1;
        }
        in->stdin_read = true;
        if (read_stdin(&text, &len) < 0)
            return complain(complaint, "standard input");
        add_input(in, "<stdin>", text, len);
        return 0;
    }
    if (stat(name, &st) == 0 && S_ISDIR(st.st_mode))
        return read_directory(in, name, complaint);
    if (read_path(name, &text, &len) < 0)
        return complain(complaint, name);
    add_input(in, name, text, len);
    return 0;
}

int inputs_read(struct inputs *in, const char *const *names, uint32_t count, struct strbuf *complaint)
{
    int result = 0;
    *in = (struct inputs){0};
    for (uint32_t i = 0; i < count; i++)
        if (read_one(in, names[i], complaint) < 0)
            result = -1;
    return result;
}

void inputs_fini(struct inputs *in)
{
    for (uint32_t i = 0; i < in->count; i++) {
        free((void *)(uintptr_t)in->items[i].name);
        free((void *)(uintptr_t)in->items[i].text);
    }
    free(in->items);
    *in = (struct inputs){0};
}

int inputs_read_file(void *ctx, struct arena *a, const char *path, const char **ret_text, size_t *ret_len,
                     const char **ret_error)
{
    (void)ctx;
    char *text = NULL;
    if (read_path(path, &text, ret_len) < 0) {
        *ret_error = strerror(errno);
        return -1;
    }
    *ret_text = arena_strndup(a, text, *ret_len);
    free(text);
    return 0;
}

/* ---- what an include stands for ---- */

static void add_path(struct arena *a, str_list *paths, const char *path)
{
    bool full = (paths->count & (paths->count - 1)) == 0; /* grows at powers of two */
    if (full) {
        const char **items = arena_array(a, const char *, paths->count ? 2 * (size_t)paths->count : 1);
        if (paths->count)
            memcpy(items, paths->items, paths->count * sizeof *items);
        paths->items = items;
    }
    paths->items[paths->count++] = arena_strdup(a, path);
}

/* The files that match; not the directories, and not in the order of anybody's locale. */
static int find_matches(struct arena *a, const char *pattern, str_list *ret_paths, const char **ret_error)
{
    glob_t found = {0};
    int result = glob(pattern, GLOB_NOSORT | GLOB_ERR, NULL, &found);
    if (result != 0 && result != GLOB_NOMATCH) {
        *ret_error = result == GLOB_NOSPACE ? "out of memory" : strerror(errno);
        globfree(&found);
        return -1;
    }
    for (size_t i = 0; i < found.gl_pathc; i++)
        if (!is_directory(found.gl_pathv[i]) && !is_config(found.gl_pathv[i]))
            add_path(a, ret_paths, found.gl_pathv[i]);
    globfree(&found);
    return 0;
}

static int find_in_directory(struct arena *a, const char *directory, str_list *ret_paths, const char **ret_error)
{
    char **names;
    uint32_t count;
    if (list_directory(directory, &names, &count) < 0) {
        *ret_error = strerror(errno);
        return -1;
    }
    for (uint32_t i = 0; i < count; i++) {
        add_path(a, ret_paths, names[i]);
        free(names[i]);
    }
    free(names);
    return 0;
}

int inputs_find_files(void *ctx, struct arena *a, const char *pattern, str_list *ret_paths, const char **ret_error)
{
    (void)ctx;
    *ret_paths = (str_list){0};
    if (is_directory(pattern))
        return find_in_directory(a, pattern, ret_paths, ret_error);
    if (access(pattern, F_OK) == 0 || !strpbrk(pattern, "*?[")) {
        add_path(a, ret_paths, pattern);
        return 0;
    }
    if (strstr(pattern, "**")) {
        *ret_error = "** is not understood: name the directories";
        return -1;
    }
    return find_matches(a, pattern, ret_paths, ret_error);
}

struct scenario_source inputs_source(struct inputs *in)
{
    return (struct scenario_source){
        .inputs = in->items,
        .count = in->count,
        .read_file = inputs_read_file,
        .find_files = inputs_find_files,
        .ctx = in,
    };
}

int write_all(int fd, const char *bytes, size_t n)
{
    while (n) {
        ssize_t done = write(fd, bytes, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return -1;
        bytes += done;
        n -= (size_t)done;
    }
    return 0;
}
