/* golden_obsolete.c - goldens that nothing asks for any more. */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/files.h"
#include "tools/golden.h"
#include "tools/replace_file.h"

struct finder {
    struct arena *arena;
    const char **stems; /* sorted */
    uint32_t stem_count;
    const str_list *unknown;
    str_list *found;
};

static int by_text(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n > m && strcmp(text + n - m, end) == 0;
}

static void add(struct finder *f, const char *path)
{
    if ((f->found->count & (f->found->count - 1)) == 0) { /* full: it grows at powers of two */
        const char **items = arena_array(f->arena, const char *, f->found->count ? 2 * f->found->count : 1);
        if (f->found->count)
            memcpy(items, f->found->items, f->found->count * sizeof *items);
        f->found->items = items;
    }
    f->found->items[f->found->count++] = path;
}

static bool is_asked_for(const struct finder *f, const char *stem)
{
    return bsearch(&stem, f->stems, f->stem_count, sizeof *f->stems, by_text) != NULL;
}

/* May it belong to a file that cannot be read now? Parameters come after an `@`. */
static bool may_be_asked_for(const struct finder *f, const char *stem)
{
    for (uint32_t i = 0; i < f->unknown->count; i++) {
        size_t n = strlen(f->unknown->items[i]);
        if (strncmp(stem, f->unknown->items[i], n) == 0 && (!stem[n] || stem[n] == '@'))
            return true;
    }
    return false;
}

/* A regular file that podsim has certainly printed. */
static bool is_ours(const char *path, enum report_format format)
{
    struct stat st;
    struct golden_text text;
    char *bytes;
    if (lstat(path, &st) < 0 || !S_ISREG(st.st_mode) || read_path(path, &bytes, &text.length) < 0)
        return false;
    text.text = bytes;
    bool is = golden_recognizes(format, &text);
    free(bytes);
    return is;
}

/* ".web.timeline.1234.podsim-new", of a process that is gone. */
static bool is_left_over(const char *name)
{
    const char *end = name + strlen(name) - (sizeof REPLACE_FILE_SUFFIX - 1);
    if (name[0] != '.' || !ends_with(name, REPLACE_FILE_SUFFIX))
        return false;
    const char *pid = end;
    while (pid > name && pid[-1] >= '0' && pid[-1] <= '9')
        pid--;
    long number = strtol(pid, NULL, 10);
    return pid < end && pid[-1] == '.' && number > 0 && kill((pid_t)number, 0) < 0 && errno == ESRCH;
}

/* The format that a name ends in; its stem in *ret_stem. REPORT_FORMAT_COUNT: none. */
static enum report_format format_of(struct arena *a, const char *path, const char **ret_stem)
{
    const char *dot = strrchr(path, '.');
    enum report_format format;
    if (!dot || report_format_parse(dot + 1, &format) < 0 || !golden_format_is(format))
        return REPORT_FORMAT_COUNT;
    *ret_stem = arena_strndup(a, path, (size_t)(dot - path));
    return format;
}

static void look_at(struct finder *f, const char *directory, const char *name)
{
    static const char actual[] = ".actual";
    const char *path =
        strcmp(directory, ".") == 0 ? arena_strdup(f->arena, name) : arena_printf(f->arena, "%s/%s", directory, name);
    bool is_actual = ends_with(path, actual);
    const char *golden = is_actual ? arena_strndup(f->arena, path, strlen(path) - (sizeof actual - 1)) : path, *stem;
    enum report_format format = format_of(f->arena, golden, &stem);
    if (is_left_over(name)) {
        add(f, path);
        return;
    }
    if (format == REPORT_FORMAT_COUNT || may_be_asked_for(f, stem))
        return;
    bool wanted = is_asked_for(f, stem) && (!is_actual || access(golden, F_OK) == 0);
    if (!wanted && is_ours(path, format))
        add(f, path);
}

void golden_obsolete(struct arena *a, const str_list *directories, const str_list *stems, const str_list *unknown,
                     str_list *ret_obsolete)
{
    struct finder f = {.arena = a, .stem_count = stems->count, .unknown = unknown, .found = ret_obsolete};
    *ret_obsolete = (str_list){0};
    f.stems = arena_array(a, const char *, stems->count + 1);
    if (stems->count) {
        memcpy(f.stems, stems->items, stems->count * sizeof *f.stems);
        qsort(f.stems, f.stem_count, sizeof *f.stems, by_text);
    }
    for (uint32_t i = 0; i < directories->count; i++) {
        DIR *dir = opendir(directories->items[i]);
        for (const struct dirent *e; dir && (e = readdir(dir)) != NULL;)
            look_at(&f, directories->items[i], e->d_name);
        if (dir)
            closedir(dir);
    }
    if (ret_obsolete->count)
        qsort(ret_obsolete->items, ret_obsolete->count, sizeof *ret_obsolete->items, by_text);
}

int golden_prune(const str_list *obsolete, struct strbuf *complaint)
{
    int result = 0;
    for (uint32_t i = 0; i < obsolete->count; i++) {
        if (unlink(obsolete->items[i]) == 0)
            continue;
        strbuf_printf(complaint, "podsim: cannot remove %s: %s\n", obsolete->items[i], strerror(errno));
        result = -1;
    }
    return result;
}
