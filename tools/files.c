/* files.c - reading and writing, and nothing else. */
#include "tools/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
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

bool file_is_manifest(const char *name)
{
    static const char *const suffixes[] = {".yaml", ".yml", ".json"};
    size_t n = strlen(name);
    for (size_t i = 0; i < ARRAY_LEN(suffixes); i++) {
        size_t k = strlen(suffixes[i]);
        if (n > k && strcmp(name + n - k, suffixes[i]) == 0)
            return true;
    }
    return false;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int read_one(struct inputs *in, const char *name, struct strbuf *complaint);

static int read_directory(struct inputs *in, const char *name, struct strbuf *complaint)
{
    DIR *dir = opendir(name);
    if (!dir)
        return complain(complaint, name);
    char **names = NULL;
    uint32_t count = 0;
    for (struct dirent *e; (e = readdir(dir)) != NULL;) {
        if (e->d_name[0] == '.' || !file_is_manifest(e->d_name))
            continue;
        names = need(realloc(names, (count + 1) * sizeof *names));
        struct strbuf path = STRBUF_INIT;
        size_t n = strlen(name);
        strbuf_printf(&path, "%s%s%s", name, n && name[n - 1] == '/' ? "" : "/", e->d_name);
        names[count++] = path.data; /* malloc'ed; freed below */
    }
    closedir(dir);
    int result = 0;
    if (count == 0) {
        strbuf_puts(complaint, "podsim: no *.yaml, *.yml or *.json in ");
        put_name(complaint, name);
        strbuf_putc(complaint, '\n');
        result = -1;
    } else {
        qsort(names, count, sizeof *names, by_name);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (read_one(in, names[i], complaint) < 0)
            result = -1;
        free(names[i]);
    }
    free(names);
    return result;
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
        if (read_all(STDIN_FILENO, &text, &len) < 0)
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
    const char *first = in->count ? in->items[0].name : "";
    const char *slash = strrchr(first, '/');
    in->directory = copy_text(first, slash ? (size_t)(slash - first) + 1 : 0);
    return result;
}

void inputs_fini(struct inputs *in)
{
    for (uint32_t i = 0; i < in->count; i++) {
        free((void *)(uintptr_t)in->items[i].name);
        free((void *)(uintptr_t)in->items[i].text);
    }
    free(in->items);
    free(in->directory);
    *in = (struct inputs){0};
}

int inputs_read_relative(void *ctx, struct arena *a, const char *path, const char **ret_text, size_t *ret_len,
                         const char **ret_error)
{
    const struct inputs *in = ctx;
    char *text = NULL;
    struct strbuf full = STRBUF_INIT;
    strbuf_printf(&full, "%s%s", path[0] == '/' ? "" : in->directory, path);
    int result = read_path(strbuf_str(&full), &text, ret_len);
    if (result < 0)
        *ret_error = strerror(errno);
    else
        *ret_text = arena_strndup(a, text, *ret_len);
    free(text);
    strbuf_fini(&full);
    return result;
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
