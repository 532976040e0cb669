/* test_watch.c - which cases a change is about, and the loop that waits for changes and keys. */
#include "tools/test_watch.h"

#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "tools/file_watch.h"
#include "tools/files.h"
#include "tools/golden.h"
#include "tools/interrupt.h"
#include "tools/output.h"

/* One case, as it was when it ran last. */
struct known {
    char *id, *file;
    char **files; /* [file_count], that it read */
    uint32_t file_count;
    bool failed;
};

enum mode { RUN_ALL, RUN_FAILED, RUN_CHANGED };

struct test_watch {
    struct known *known;
    uint32_t count;
    struct arena arena; /* the directories */
    str_list directories;
    enum mode mode;
    struct file_changes changes; /* for RUN_CHANGED */
};

static void *need(void *p)
{
    if (!p)
        sim_die("out of memory");
    return p;
}

/* ---- what is known ---- */

static struct known *find(const struct test_watch *w, const char *id)
{
    for (uint32_t i = 0; i < w->count; i++)
        if (strcmp(w->known[i].id, id) == 0)
            return &w->known[i];
    return NULL;
}

static void forget_files(struct known *k)
{
    for (uint32_t i = 0; i < k->file_count; i++)
        free(k->files[i]);
    free(k->files);
    k->files = NULL;
    k->file_count = 0;
}

static void remember(struct test_watch *w, const struct test_result *r)
{
    struct known *k = find(w, r->id);
    if (!k) {
        w->known = need(realloc(w->known, (w->count + 1) * sizeof *w->known));
        k = &w->known[w->count++];
        *k = (struct known){.id = need(strdup(r->id)), .file = need(strdup(r->file))};
    }
    forget_files(k);
    k->failed = !test_is_fine(r);
    k->files = need(calloc(r->files.count + 1, sizeof *k->files));
    for (uint32_t i = 0; i < r->files.count; i++)
        k->files[k->file_count++] = need(strdup(r->files.items[i]));
}

static void add_directory(struct test_watch *w, uint32_t cap, const char *path, size_t len)
{
    for (uint32_t i = 0; i < w->directories.count; i++)
        if (strncmp(w->directories.items[i], path, len) == 0 && w->directories.items[i][len] == '\0')
            return;
    ASSERT(w->directories.count < cap);
    w->directories.items[w->directories.count++] = arena_strndup(&w->arena, path, len);
}

static void add_directory_of(struct test_watch *w, uint32_t cap, const char *file)
{
    const char *slash = strrchr(file, '/');
    add_directory(w, cap, file, slash ? (size_t)(slash - file) : 0);
}

/* Those that were searched, and those of everything that was read. */
static void note_directories(struct test_watch *w, const struct test_cases *cases)
{
    uint32_t cap = cases->directories.count + cases->files.count;
    for (uint32_t i = 0; i < w->count; i++)
        cap += w->known[i].file_count;
    arena_reset(&w->arena);
    w->directories = (str_list){arena_array(&w->arena, const char *, cap + 1), 0};
    for (uint32_t i = 0; i < cases->directories.count; i++) {
        const char *directory = cases->directories.items[i];
        add_directory(w, cap, directory, strcmp(directory, ".") == 0 ? 0 : strlen(directory));
    }
    for (uint32_t i = 0; i < cases->files.count; i++)
        add_directory_of(w, cap, cases->files.items[i]);
    for (uint32_t i = 0; i < w->count; i++)
        for (uint32_t k = 0; k < w->known[i].file_count; k++)
            add_directory_of(w, cap, w->known[i].files[k]);
}

void test_watch_learn(struct test_watch *w, const struct test_cases *cases, const struct test_result *results,
                      uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (results[i].outcome != TEST_SKIPPED)
            remember(w, &results[i]);
    note_directories(w, cases);
}

/* ---- what a change is about ---- */

static bool read_it(const struct known *k, const char *path)
{
    for (uint32_t i = 0; i < k->file_count; i++)
        if (strcmp(k->files[i], path) == 0)
            return true;
    return false;
}

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), k = strlen(end);
    return n >= k && strcmp(text + n - k, end) == 0;
}

/* web.timeline and web@grace=5.timeline beside web.yaml; not what podsim writes itself. */
static bool may_be_golden_of(const char *file, const char *path)
{
    const char *dot = strrchr(file, '.');
    size_t stem = dot ? (size_t)(dot - file) : strlen(file);
    return strncmp(file, path, stem) == 0 && (path[stem] == '.' || path[stem] == '@') && !strchr(path + stem, '/') &&
           !file_is_manifest(path) && !ends_with(path, ".actual");
}

static bool is_about(const struct known *k, const struct file_changes *changes)
{
    for (uint32_t i = 0; i < changes->paths.count; i++) {
        const char *path = changes->paths.items[i];
        if (read_it(k, path) || may_be_golden_of(k->file, path))
            return true;
        if (changes->some_new && k->file_count > 1 && file_is_manifest(path))
            return true;
    }
    return false;
}

bool test_watch_wants(const struct test_watch *w, const struct test_case *c)
{
    const struct known *k = find(w, c->id);
    switch (w->mode) {
    case RUN_ALL:
        return true;
    case RUN_FAILED:
        return k && k->failed;
    case RUN_CHANGED:
        break;
    }
    return !k || is_about(k, &w->changes);
}

/* Before cases are looked for again: may anything come of it? */
static bool matters(const struct test_watch *w, const struct file_changes *changes)
{
    for (uint32_t i = 0; changes->some_new && i < changes->paths.count; i++)
        if (file_is_manifest(changes->paths.items[i]) || ends_with(changes->paths.items[i], "/"))
            return true;
    for (uint32_t i = 0; i < w->count; i++)
        if (is_about(&w->known[i], changes))
            return true;
    return false;
}

/* ---- the terminal ---- */

/* One key at a time, not shown, while we wait for it. */
static bool begin_keys(struct termios *ret_before)
{
    if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, ret_before) < 0)
        return false;
    struct termios raw = *ret_before;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    raw.c_cc[VMIN] = 0;
    raw.c_cc[VTIME] = 0;
    return tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
}

static void end_keys(const struct termios *before) { tcsetattr(STDIN_FILENO, TCSANOW, before); }

static void say(const char *text)
{
    struct strbuf line = STRBUF_INIT;
    strbuf_puts(&line, text);
    output_error(&line);
    strbuf_fini(&line);
}

static void say_what_changed(const struct file_changes *changes)
{
    enum { SHOWN = 3 };
    struct strbuf line = STRBUF_INIT;
    strbuf_puts(&line, "\nchanged: ");
    for (uint32_t i = 0; i < changes->paths.count && i < SHOWN; i++)
        strbuf_printf(&line, "%s%s", i ? ", " : "", changes->paths.items[i]);
    if (changes->paths.count > SHOWN)
        strbuf_printf(&line, " and %" PRIu32 " more", changes->paths.count - SHOWN);
    strbuf_putc(&line, '\n');
    output_error(&line);
    strbuf_fini(&line);
}

/* ---- the loop ---- */

enum next { NEXT_RUN, NEXT_UPDATE, NEXT_END };

static bool take_key(struct test_watch *w, enum next *ret)
{
    char key;
    if (read(STDIN_FILENO, &key, 1) != 1)
        return false;
    *ret = key == 'q' ? NEXT_END : key == 'u' ? NEXT_UPDATE : NEXT_RUN;
    w->mode = key == 'a' ? RUN_ALL : RUN_FAILED;
    return key && strchr("afuq", key);
}

static enum next wait_for_it(struct test_watch *w, struct file_watch *files)
{
    struct termios before;
    enum next next = NEXT_END;
    bool keys = begin_keys(&before);
    say(keys ? "waiting for changes; keys: a all, f failed, u update expected timelines, q quit\n"
             : "waiting for changes\n");
    while (!interrupted()) {
        file_watch_wait(files, keys ? STDIN_FILENO : -1);
        if (keys && take_key(w, &next))
            break;
        file_watch_look(files, &w->changes);
        if (!matters(w, &w->changes))
            continue;
        w->mode = RUN_CHANGED;
        next = NEXT_RUN;
        say_what_changed(&w->changes);
        break;
    }
    if (keys)
        end_keys(&before);
    return interrupted() ? NEXT_END : next;
}

/* During a run, too, somebody may save a file. What podsim has written by itself are no manifests. */
static bool changed_meanwhile(struct test_watch *w, struct file_watch *files)
{
    struct file_changes manifests = {0};
    file_watch_look(files, &w->changes);
    manifests = (struct file_changes){.paths = {w->changes.paths.items, 0}, .some_new = w->changes.some_new};
    for (uint32_t i = 0; i < w->changes.paths.count; i++)
        if (file_is_manifest(w->changes.paths.items[i]) || ends_with(w->changes.paths.items[i], "/"))
            manifests.paths.items[manifests.paths.count++] = w->changes.paths.items[i];
    w->changes = manifests;
    file_watch_set(files, &w->directories);
    if (!matters(w, &w->changes))
        return false;
    w->mode = RUN_CHANGED;
    say_what_changed(&w->changes);
    return true;
}

static void fini(struct test_watch *w)
{
    for (uint32_t i = 0; i < w->count; i++) {
        forget_files(&w->known[i]);
        free(w->known[i].id);
        free(w->known[i].file);
    }
    free(w->known);
    arena_fini(&w->arena);
}

int test_watch(const struct options *o, int (*run)(const struct options *o, struct test_watch *w))
{
    struct test_watch w = {.mode = RUN_ALL};
    struct file_watch *files = file_watch_new();
    struct options updating = *o;
    enum next next = NEXT_RUN;
    int code = EXIT_OK;
    arena_init(&w.arena, 0);
    updating.update = true;
    while (next != NEXT_END) {
        code = run(next == NEXT_UPDATE ? &updating : o, &w);
        if (interrupted())
            break;
        next = changed_meanwhile(&w, files) ? NEXT_RUN : wait_for_it(&w, files);
    }
    file_watch_free(files);
    fini(&w);
    return interrupted() ? EXIT_INTERRUPTED : code;
}
