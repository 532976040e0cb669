/* file_watch.c - snapshots of directories, compared. */
#include "tools/file_watch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/inotify.h>
#endif

enum { LOOK_MS = 500, SETTLE_MS = 30 };

struct seen {
    const char *path;
    struct timespec changed;
    off_t size;
    ino_t inode;
};

struct snapshot {
    struct arena arena;
    struct seen *items; /* sorted by path */
    uint32_t count, cap;
};

struct file_watch {
    int notify;         /* -1 = there is no inotify */
    struct arena arena; /* the directories */
    str_list directories;
    struct snapshot snapshots[2];
    int now; /* which of them is the newest */
    struct arena changes;
};

static void *need(void *p)
{
    if (!p)
        sim_die("out of memory");
    return p;
}

static int open_notify(void)
{
#ifdef __linux__
    if (!text_is(getenv("PODSIM_WATCH"), "poll"))
        return inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
#endif
    return -1;
}

static void notify_of(struct file_watch *w, const char *directory)
{
#ifdef __linux__
    const uint32_t events = IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB;
    if (w->notify >= 0 && inotify_add_watch(w->notify, *directory ? directory : ".", events) < 0 && errno != ENOENT) {
        close(w->notify); /* no watches left, say: looking works always */
        w->notify = -1;
    }
#else
    (void)w, (void)directory;
#endif
}

/* ---- snapshots ---- */

static void add(struct snapshot *s, const char *directory, const char *name)
{
    struct stat st;
    const char *path = arena_printf(&s->arena, "%s%s%s", directory, *directory ? "/" : "", name);
    if (stat(path, &st) < 0 || (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)))
        return;
    if (S_ISDIR(st.st_mode)) { /* it is there: that is all that is of interest */
        path = arena_printf(&s->arena, "%s/", path);
        st = (struct stat){0};
    }
    if (s->count == s->cap) {
        s->cap = s->cap ? 2 * s->cap : 256;
        s->items = need(realloc(s->items, s->cap * sizeof *s->items));
    }
    s->items[s->count++] = (struct seen){path, st.st_mtim, st.st_size, st.st_ino};
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct seen *)a)->path, ((const struct seen *)b)->path);
}

static void take_snapshot(const struct file_watch *w, struct snapshot *s)
{
    arena_reset(&s->arena);
    s->count = 0;
    for (uint32_t i = 0; i < w->directories.count; i++) {
        const char *directory = w->directories.items[i];
        DIR *dir = opendir(*directory ? directory : ".");
        if (!dir)
            continue;
        for (struct dirent *e; (e = readdir(dir)) != NULL;)
            if (e->d_name[0] != '.')
                add(s, directory, e->d_name);
        closedir(dir);
    }
    if (s->count)
        qsort(s->items, s->count, sizeof *s->items, by_path);
}

static bool is_same(const struct seen *a, const struct seen *b)
{
    return a->size == b->size && a->inode == b->inode && a->changed.tv_sec == b->changed.tv_sec &&
           a->changed.tv_nsec == b->changed.tv_nsec;
}

static void add_change(struct file_watch *w, struct file_changes *changes, uint32_t cap, const char *path)
{
    if (!changes->paths.items)
        changes->paths.items = arena_array(&w->changes, const char *, cap);
    changes->paths.items[changes->paths.count++] = arena_strdup(&w->changes, path);
}

/* Both are sorted: one walk. */
static void compare(struct file_watch *w, const struct snapshot *a, const struct snapshot *b,
                    struct file_changes *changes)
{
    uint32_t i = 0, k = 0, cap = a->count + b->count + 1;
    while (i < a->count || k < b->count) {
        int order = i == a->count ? 1 : k == b->count ? -1 : strcmp(a->items[i].path, b->items[k].path);
        changes->some_new |= order != 0;
        if (order != 0 || !is_same(&a->items[i], &b->items[k]))
            add_change(w, changes, cap, order <= 0 ? a->items[i].path : b->items[k].path);
        i += order <= 0;
        k += order >= 0;
    }
}

/* ---- */

struct file_watch *file_watch_new(void)
{
    struct file_watch *w = need(calloc(1, sizeof *w));
    w->notify = open_notify();
    arena_init(&w->arena, 0);
    arena_init(&w->changes, 0);
    for (size_t i = 0; i < ARRAY_LEN(w->snapshots); i++)
        arena_init(&w->snapshots[i].arena, 0);
    return w;
}

void file_watch_free(struct file_watch *w)
{
    if (!w)
        return;
    if (w->notify >= 0)
        close(w->notify);
    for (size_t i = 0; i < ARRAY_LEN(w->snapshots); i++) {
        arena_fini(&w->snapshots[i].arena);
        free(w->snapshots[i].items);
    }
    arena_fini(&w->arena);
    arena_fini(&w->changes);
    free(w);
}

void file_watch_set(struct file_watch *w, const str_list *directories)
{
    arena_reset(&w->arena);
    w->directories = (str_list){arena_array(&w->arena, const char *, directories->count + 1), 0};
    for (uint32_t i = 0; i < directories->count; i++) {
        w->directories.items[w->directories.count++] = arena_strdup(&w->arena, directories->items[i]);
        notify_of(w, directories->items[i]); /* one that is watched already stays so */
    }
    take_snapshot(w, &w->snapshots[w->now]);
}

void file_watch_look(struct file_watch *w, struct file_changes *ret_changes)
{
    struct snapshot *old = &w->snapshots[w->now], *new = &w->snapshots[!w->now];
    arena_reset(&w->changes);
    *ret_changes = (struct file_changes){0};
    take_snapshot(w, new);
    compare(w, old, new, ret_changes);
    w->now = !w->now;
}

/* Editors write in several steps: wait until it is quiet. */
static void drain(struct file_watch *w)
{
    char events[4096];
    struct pollfd fd = {.fd = w->notify, .events = POLLIN};
    do
        while (read(w->notify, events, sizeof events) > 0)
            continue;
    while (poll(&fd, 1, SETTLE_MS) > 0);
}

void file_watch_wait(struct file_watch *w, int fd)
{
    struct pollfd fds[2] = {{.fd = w->notify, .events = POLLIN}, {.fd = fd, .events = POLLIN}};
    if (poll(fds, 2, w->notify >= 0 ? -1 : LOOK_MS) > 0 && fds[0].revents)
        drain(w);
}
