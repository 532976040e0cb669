/* vfs.c - directories, files, links, mounts: path_resolution(7) as far as containers need it. */
#include "model/vfs.h"

#include <string.h>

#include "model/classes.h"
#include "model/process.h"

static const char *const error_texts[VFS_ERROR_COUNT] = {
    [VFS_OK] = "Success",
    [VFS_NOENT] = "No such file or directory",
    [VFS_NOTDIR] = "Not a directory",
    [VFS_ISDIR] = "Is a directory",
    [VFS_EXIST] = "File exists",
    [VFS_NOTEMPTY] = "Directory not empty",
    [VFS_LOOP] = "Too many levels of symbolic links",
    [VFS_ROFS] = "Read-only file system",
    [VFS_NOSPC] = "No space left on device",
    [VFS_INVAL] = "Invalid argument",
    [VFS_BUSY] = "Resource busy",
    [VFS_PERM] = "Operation not permitted",
    [VFS_XDEV] = "Invalid cross-device link",
};

const char *vfs_error_text(enum vfs_error e)
{
    ASSERT(e < VFS_ERROR_COUNT);
    return error_texts[e];
}

/* ---- nodes ---- */

static struct vnode *new_node(struct cri *c, enum vnode_type type, const char *name, size_t len)
{
    struct vnode *n = mem_alloc(&c->mem, NULL, sizeof *n);
    n->type = (uint8_t)type;
    n->refs = 1;
    n->name = mem_strndup(&c->mem, NULL, name, len);
    n->mtime = proc_now(c);
    n->ino = ++c->inodes;
    return n;
}

static void free_children(struct cri *c, struct vnode *dir)
{
    while (dir->child) {
        struct vnode *n = dir->child;
        dir->child = n->next;
        n->parent = NULL;
        vfs_unref(c, n);
    }
}

void vfs_unref(struct cri *c, struct vnode *n)
{
    ASSERT(n->refs > 0);
    if (--n->refs)
        return;
    free_children(c, n);
    mem_free(&c->mem, n->data);
    mem_free(&c->mem, (void *)(uintptr_t)n->name);
    mem_free(&c->mem, (void *)(uintptr_t)n->base);
    if (n->type == VNODE_NAME)
        n->target->aliases--;
    if (n->type == VNODE_MOUNT || n->type == VNODE_NAME)
        vfs_unref(c, n->target);
    mem_free(&c->mem, n);
}

static int compare_name(const struct vnode *n, const char *name, size_t len)
{
    int order = strncmp(n->name, name, len);
    return order ? order : n->name[len] != '\0';
}

/* The link in `dir` where `name` is or would be. */
static struct vnode **find_link(struct vnode *dir, const char *name, size_t len)
{
    struct vnode **at = &dir->child;
    while (*at && compare_name(*at, name, len) < 0)
        at = &(*at)->next;
    return at;
}

static void insert(struct vnode *dir, struct vnode **at, struct vnode *n)
{
    n->next = *at;
    n->parent = dir;
    *at = n;
    dir->entries++;
}

/* ---- the image's layer ---- */

static char *join(struct cri *c, const char *dir, const char *name, size_t len)
{
    size_t n = strlen(dir);
    bool slash = n && dir[n - 1] == '/';
    char *path = mem_alloc(&c->mem, NULL, n + len + 2);
    memcpy(path, dir, n);
    if (!slash)
        path[n++] = '/';
    memcpy(path + n, name, len);
    path[n + len] = '\0';
    return path;
}

static struct vnode *from_image(struct cri *c, struct vcontainer *ct, struct vnode *dir, struct vnode **at,
                                const char *name, size_t len)
{
    struct base_entry entry = {0};
    if (!image_entry(c, ct, dir->base, name, len, &entry))
        return NULL;
    struct vnode *n = new_node(c, (enum vnode_type)entry.type, name, len);
    n->special = entry.special;
    n->mode = entry.mode;
    n->program = entry.program;
    n->mtime = 0;
    n->termination_log = entry.termination_log;
    if (entry.type == VNODE_DIR || entry.special == SPECIAL_GENERATED)
        n->base = join(c, dir->base, name, len);
    if (entry.content) {
        n->len = strlen(entry.content);
        n->cap = (uint32_t)n->len + 1;
        n->data = mem_strndup(&c->mem, NULL, entry.content, n->len);
    }
    insert(dir, at, n);
    return n;
}

/* Entries of /proc come and go with the processes. */
static bool is_proc(const struct vnode *dir) { return dir->base && strcmp(dir->base, "/proc") == 0; }

static void drop_gone(struct cri *c, struct vcontainer *ct, struct vnode *dir)
{
    struct base_entry entry;
    for (struct vnode **at = &dir->child; *at;) {
        struct vnode *n = *at;
        if (n->type == VNODE_MOUNT || image_entry(c, ct, dir->base, n->name, strlen(n->name), &entry)) {
            at = &n->next;
            continue;
        }
        *at = n->next;
        n->next = NULL;
        n->parent = NULL;
        dir->entries--;
        vfs_unref(c, n);
    }
}

static void populate(struct cri *c, struct vcontainer *ct, struct vnode *dir)
{
    if (dir->populated || !dir->base)
        return;
    if (is_proc(dir))
        drop_gone(c, ct, dir);
    else
        dir->populated = true;
    const char *name;
    for (uint32_t i = 0; (name = image_entry_name(c, ct, dir->base, i)); i++) {
        size_t len = strlen(name);
        struct vnode **at = find_link(dir, name, len);
        if (!*at || compare_name(*at, name, len) != 0)
            from_image(c, ct, dir, at, name, len);
    }
}

struct vnode *vfs_child(struct cri *c, struct vcontainer *ct, struct vnode *dir, const char *name, size_t len)
{
    if (is_proc(dir))
        drop_gone(c, ct, dir);
    struct vnode **at = find_link(dir, name, len);
    if (*at && compare_name(*at, name, len) == 0)
        return *at;
    if (dir->base && !dir->populated)
        return from_image(c, ct, dir, at, name, len);
    return NULL;
}

struct vnode *vfs_first(struct cri *c, struct vcontainer *ct, struct vnode *dir)
{
    populate(c, ct, dir);
    return dir->child;
}

/* ---- path resolution ---- */

struct walk {
    struct cri *c;
    struct vcontainer *ct;
    struct vnode *stack[VFS_DEPTH_MAX]; /* directories from the root, mounts resolved */
    bool read_only[VFS_DEPTH_MAX];
    uint32_t depth;
    uint32_t links; /* followed so far */
};

static enum vfs_error walk_path(struct walk *w, const char *path, bool follow, struct vfs_place *ret);

/* Mounts of the runtime, which a read-only root leaves writable: /dev, /proc, /etc/hosts, the termination log. */
static bool is_runtimes(const struct vnode *n)
{
    return n && ((n->base && (strncmp(n->base, "/dev", 4) == 0 || strncmp(n->base, "/proc", 5) == 0 ||
                              (n->special == SPECIAL_GENERATED && strncmp(n->base, "/etc/", 5) == 0))) ||
                 n->type == VNODE_DEVICE || n->termination_log);
}

static void place(const struct walk *w, struct vnode *entry, const char *name, size_t len, struct vfs_place *ret)
{
    ret->dir = w->stack[w->depth - 1];
    ret->entry = entry;
    ret->node = vfs_real(entry);
    ret->name = name;
    ret->name_len = len;
    ret->read_only = entry && entry->type == VNODE_MOUNT ? entry->read_only
                     : is_runtimes(entry)                ? false
                                                         : w->read_only[w->depth - 1];
}

/* The directory on top of the stack itself, as the place of "/" or "..". */
static void place_top(const struct walk *w, struct vfs_place *ret)
{
    *ret = (struct vfs_place){.node = w->stack[w->depth - 1], .entry = w->stack[w->depth - 1], .name = ""};
    ret->dir = w->depth > 1 ? w->stack[w->depth - 2] : NULL;
    ret->read_only = w->read_only[w->depth - 1];
    ret->name = ret->node->name;
    ret->name_len = strlen(ret->name);
}

static enum vfs_error enter(struct walk *w, struct vnode *entry)
{
    struct vnode *n = vfs_real(entry);
    if (n->type != VNODE_DIR)
        return VFS_NOTDIR;
    if (w->depth == VFS_DEPTH_MAX)
        return VFS_LOOP;
    if (n->shared || (n->base && strncmp(n->base, "/proc", 5) == 0)) /* other pods' doing; processes that come and go */
        world_looked_beyond(w->c);
    w->read_only[w->depth] = entry->type == VNODE_MOUNT ? entry->read_only
                             : is_runtimes(n)           ? false
                                                        : w->read_only[w->depth - 1];
    w->stack[w->depth++] = n;
    return VFS_OK;
}

/* Steps into each directory of `path`; the last name ends in *ret. */
static enum vfs_error walk_path(struct walk *w, const char *path, bool follow, struct vfs_place *ret)
{
    enum { LINKS_MAX = 10 };

    if (*path == '/')
        w->depth = 1;
    place_top(w, ret);
    for (;;) {
        while (*path == '/')
            path++;
        if (!*path)
            return VFS_OK;
        size_t len = strcspn(path, "/");
        const char *after = path + len + strspn(path + len, "/");
        bool last = !*after, slash = path[len] == '/';
        if (len == 1 && path[0] == '.') {
            place_top(w, ret);
            path = after;
            continue;
        }
        if (len == 2 && path[0] == '.' && path[1] == '.') {
            if (w->depth > 1)
                w->depth--;
            place_top(w, ret);
            path = after;
            continue;
        }
        struct vnode *entry = vfs_child(w->c, w->ct, w->stack[w->depth - 1], path, len);
        if (entry && entry->type == VNODE_LINK && (!last || follow || slash)) {
            if (++w->links > LINKS_MAX)
                return VFS_LOOP;
            enum vfs_error e = walk_path(w, entry->data ? entry->data : "", true, ret);
            if (e != VFS_OK)
                return e;
            if (last)
                return slash && ret->node && ret->node->type != VNODE_DIR ? VFS_NOTDIR : VFS_OK;
            if (!ret->node)
                return VFS_NOENT;
            if (ret->node != w->stack[w->depth - 1]) {
                e = enter(w, ret->entry);
                if (e != VFS_OK)
                    return e;
            }
            path = after;
            continue;
        }
        place(w, entry, path, len, ret);
        if (last)
            return slash && entry && ret->node->type != VNODE_DIR ? VFS_NOTDIR : VFS_OK;
        if (!entry)
            return VFS_NOENT;
        enum vfs_error e = enter(w, entry);
        if (e != VFS_OK)
            return e;
        place_top(w, ret);
        path = after;
    }
}

enum vfs_error vfs_lookup(struct cri *c, struct vcontainer *ct, const char *cwd, const char *path, bool follow,
                          struct vfs_place *ret)
{
    struct walk w = {.c = c, .ct = ct, .depth = 1};

    *ret = (struct vfs_place){0};
    if (!*path)
        return VFS_NOENT;
    if (strlen(path) >= VFS_PATH_MAX)
        return VFS_INVAL;
    w.stack[0] = ct->root;
    w.read_only[0] = ct->root->read_only;
    if (*path != '/') {
        enum vfs_error e = walk_path(&w, cwd, true, ret);
        if (e != VFS_OK)
            return e;
        if (!ret->node)
            return VFS_NOENT;
        if (ret->node != w.stack[w.depth - 1]) {
            e = enter(&w, ret->entry);
            if (e != VFS_OK)
                return e;
        }
    }
    return walk_path(&w, path, follow, ret);
}

enum vfs_error vfs_find(struct cri *c, struct vcontainer *ct, const char *cwd, const char *path, struct vnode **ret)
{
    struct vfs_place at;
    enum vfs_error e = vfs_lookup(c, ct, cwd, path, true, &at);
    if (e == VFS_OK && !at.node)
        e = VFS_NOENT;
    if (e == VFS_OK)
        *ret = at.node;
    return e;
}

char *vfs_normalize(struct cri *c, struct mem_owner *owner, const char *cwd, const char *path)
{
    size_t a = *path == '/' ? 0 : strlen(cwd), b = strlen(path), n = 0;
    char *all = mem_alloc(&c->mem, owner, a + b + 3), *out = mem_alloc(&c->mem, owner, a + b + 3);
    memcpy(all, cwd, a);
    all[a] = '/';
    memcpy(all + a + 1, path, b + 1);
    for (const char *p = all; *p;) {
        while (*p == '/')
            p++;
        size_t len = strcspn(p, "/");
        if (len == 2 && p[0] == '.' && p[1] == '.') {
            while (n && out[n - 1] != '/')
                n--;
            n -= n > 0;
        } else if (len && !(len == 1 && p[0] == '.')) {
            out[n++] = '/';
            memcpy(out + n, p, len);
            n += len;
        }
        p += len;
    }
    if (!n)
        out[n++] = '/';
    out[n] = '\0';
    mem_free(&c->mem, all);
    return out;
}

/* ---- changes ---- */

enum vfs_error vfs_create(struct cri *c, struct vcontainer *ct, const struct vfs_place *at, enum vnode_type type,
                          uint16_t mode, struct vnode **ret)
{
    (void)ct;
    ASSERT(!at->node);
    if (!at->dir || !at->name_len)
        return VFS_NOENT;
    if (at->read_only)
        return VFS_ROFS;
    if (at->dir->entries >= VFS_DIR_MAX)
        return VFS_NOSPC;
    if (at->name_len > 255)
        return VFS_INVAL;
    world_changes(c);
    struct vnode *n = new_node(c, type, at->name, at->name_len);
    n->mode = mode;
    n->populated = true;
    n->in_volume = at->dir->in_volume;
    insert(at->dir, find_link(at->dir, at->name, at->name_len), n);
    at->dir->mtime = proc_now(c);
    *ret = n;
    return VFS_OK;
}

enum vfs_error vfs_link(struct cri *c, const struct vfs_place *at, struct vnode *file)
{
    struct vnode *n;
    enum vfs_error e =
        at->dir && at->dir->in_volume != file->in_volume ? VFS_XDEV : vfs_create(c, NULL, at, VNODE_NAME, 0, &n);
    if (e != VFS_OK)
        return e;
    n->target = file;
    file->refs++;
    file->aliases++;
    return VFS_OK;
}

static enum vfs_error unlink_entry(struct cri *c, struct vcontainer *ct, const struct vfs_place *at)
{
    if (!at->dir || !at->entry)
        return VFS_NOENT;
    if (at->entry->type == VNODE_MOUNT)
        return VFS_BUSY;
    if (at->read_only)
        return VFS_ROFS;
    world_changes(c);
    populate(c, ct, at->dir); /* so that the image's entry does not come back */
    struct vnode **link = find_link(at->dir, at->entry->name, strlen(at->entry->name));
    if (*link != at->entry)
        return VFS_NOENT;
    *link = at->entry->next;
    at->entry->next = NULL;
    at->entry->parent = NULL;
    at->dir->entries--;
    at->dir->mtime = proc_now(c);
    return VFS_OK;
}

enum vfs_error vfs_remove(struct cri *c, struct vcontainer *ct, const struct vfs_place *at)
{
    if (at->entry && at->entry->type == VNODE_DIR && vfs_first(c, ct, at->entry))
        return VFS_NOTEMPTY;
    struct vnode *n = at->entry;
    enum vfs_error e = unlink_entry(c, ct, at);
    if (e == VFS_OK)
        vfs_unref(c, n);
    return e;
}

/* A mounted directory cannot be removed, but what is in it can. */
static void empty_directory(struct cri *c, struct vcontainer *ct, struct vnode *dir)
{
    world_changes(c);
    populate(c, ct, dir);
    struct vnode **at = &dir->child;
    while (*at) {
        struct vnode *n = *at;
        if (n->type == VNODE_MOUNT) {
            if (!n->read_only && n->target->type == VNODE_DIR)
                empty_directory(c, ct, n->target);
            at = &n->next;
            continue;
        }
        if (n->type == VNODE_DIR) {
            empty_directory(c, ct, n);
            if (n->child) {
                at = &n->next;
                continue;
            }
        }
        *at = n->next;
        n->next = NULL;
        n->parent = NULL;
        dir->entries--;
        vfs_unref(c, n);
    }
}

enum vfs_error vfs_remove_tree(struct cri *c, struct vcontainer *ct, const struct vfs_place *at)
{
    if (!at->node)
        return VFS_NOENT;
    if (at->read_only)
        return VFS_ROFS;
    if (at->node->type == VNODE_DIR)
        empty_directory(c, ct, at->node);
    return vfs_remove(c, ct, at);
}

static bool is_inside(const struct vnode *n, const struct vnode *dir)
{
    for (; n; n = n->parent)
        if (n == dir)
            return true;
    return false;
}

enum vfs_error vfs_rename(struct cri *c, struct vcontainer *ct, const struct vfs_place *from,
                          const struct vfs_place *to)
{
    struct vnode *n = from->entry;
    if (!n)
        return VFS_NOENT;
    if (n == to->entry)
        return VFS_OK;
    if (!to->dir || !to->name_len || is_inside(to->dir, n))
        return VFS_INVAL;
    if (to->read_only)
        return VFS_ROFS;
    world_changes(c);
    if (to->entry && to->entry->type == VNODE_DIR && n->type != VNODE_DIR)
        return VFS_ISDIR;
    if (n->type == VNODE_DIR)
        populate(c, ct, n);
    char *name = mem_strndup(&c->mem, NULL, to->name, to->name_len);
    enum vfs_error e = to->entry ? vfs_remove(c, ct, to) : VFS_OK;
    if (e == VFS_OK)
        e = unlink_entry(c, ct, from);
    if (e != VFS_OK) {
        mem_free(&c->mem, name);
        return e;
    }
    mem_free(&c->mem, (void *)(uintptr_t)n->name);
    n->name = name;
    insert(to->dir, find_link(to->dir, name, strlen(name)), n);
    return VFS_OK;
}

/* ---- content ---- */

const char *vfs_content(struct cri *c, struct vcontainer *ct, struct vnode *n, size_t *ret_len)
{
    if (n->special == SPECIAL_GENERATED) {
        mem_free(&c->mem, n->data);
        n->data = image_generated(c, ct, NULL, n->base, &n->len);
        n->cap = 0;
    }
    *ret_len = n->len;
    return n->data ? n->data : "";
}

/* Whoever follows the file (tail -f) is told at once (inotify) or looks every watch_period. */
static void tell_watchers(struct cri *c, struct vnode *n)
{
    for (struct proc *p = n->watchers; p; p = p->node_next) {
        sim_time due = proc_now(c);
        if (p->watch_period)
            due = sim_time_next_tick(due - 1, p->watch_period, p->started_at);
        sim_arm_by(c->sim, due, CLASS_RUNTIME, p->container->object, p->slot);
    }
}

static bool all_zeros(const char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (bytes[i])
            return false;
    return true;
}

enum vfs_error vfs_extend(struct cri *c, struct vnode *n, size_t length)
{
    size_t size = vfs_size(n);
    if (length > VFS_SIZE_MAX)
        return VFS_NOSPC;
    world_changes(c);
    if (length > size) {
        cri_disk_grows(c, (int64_t)(length - size));
        n->zeros = length - n->len;
    }
    n->mtime = proc_now(c);
    tell_watchers(c, n);
    return VFS_OK;
}

enum vfs_error vfs_write(struct cri *c, struct vnode *n, size_t offset, const void *bytes, size_t count)
{
    size_t end = offset + count, size = vfs_size(n);
    world_changes(c);
    if (offset >= n->len && (n->zeros || end > VFS_FILE_MAX) && all_zeros(bytes, count))
        return vfs_extend(c, n, end);
    if (end > VFS_FILE_MAX)
        return VFS_NOSPC;
    if (n->special == SPECIAL_GENERATED) { /* from now on an ordinary file */
        n->special = SPECIAL_NONE;
        n->cap = 0;
    }
    if (end + 1 > n->cap) {
        size_t cap = n->cap ? n->cap : 32;
        while (cap < end + 1)
            cap *= 2;
        char *bigger = mem_alloc(&c->mem, NULL, cap);
        if (n->len)
            memcpy(bigger, n->data, n->len);
        mem_free(&c->mem, n->data);
        n->data = bigger;
        n->cap = (uint32_t)cap;
    }
    if (offset > n->len)
        memset(n->data + n->len, 0, offset - n->len);
    memcpy(n->data + offset, bytes, count);
    if (end > size)
        cri_disk_grows(c, (int64_t)(end - size));
    if (end > n->len) {
        n->len = end;
        n->zeros = end < size ? size - end : 0;
    }
    n->data[n->len] = '\0';
    n->mtime = proc_now(c);
    tell_watchers(c, n);
    return VFS_OK;
}

void vfs_truncate(struct cri *c, struct vnode *n, size_t length)
{
    world_changes(c);
    if (n->special == SPECIAL_GENERATED)
        n->special = SPECIAL_NONE;
    if (length < n->len) {
        n->len = length;
        n->zeros = 0;
        n->data[length] = '\0';
    } else if (length < vfs_size(n)) {
        n->zeros = length - n->len;
    }
    n->mtime = proc_now(c);
    tell_watchers(c, n);
}

void vfs_stamp(struct cri *c, struct vnode *n)
{
    world_changes(c);
    n->mtime = proc_now(c);
}

static struct vnode *subdir(struct cri *c, struct vnode *dir, const char *name, size_t len)
{
    struct vnode **at = find_link(dir, name, len);
    if (*at && compare_name(*at, name, len) == 0)
        return *at;
    struct vnode *n = new_node(c, VNODE_DIR, name, len);
    n->mode = 0755;
    n->populated = true;
    n->in_volume = true;
    insert(dir, at, n);
    return n;
}

/* Writes a file of a volume, creating directories on the way. */
enum vfs_error vfs_put(struct cri *c, struct vnode *dir, const char *path, const char *content, size_t len)
{
    for (;;) {
        path += strspn(path, "/");
        size_t n = strcspn(path, "/");
        if (!n)
            return VFS_INVAL;
        if (dir->type != VNODE_DIR)
            return VFS_NOTDIR;
        if (path[n] == '/') {
            dir = subdir(c, dir, path, n);
            path += n;
            continue;
        }
        struct vnode **at = find_link(dir, path, n), *file = *at;
        if (!file || compare_name(file, path, n) != 0) {
            file = new_node(c, VNODE_FILE, path, n);
            file->mode = 0644;
            file->in_volume = true;
            insert(dir, at, file);
        }
        if (file->type != VNODE_FILE)
            return VFS_ISDIR;
        vfs_truncate(c, file, 0);
        return len ? vfs_write(c, file, 0, content, len) : VFS_OK;
    }
}

/* ---- containers and volumes ---- */

void vfs_container_init(struct cri *c, struct vcontainer *ct)
{
    ct->root = new_node(c, VNODE_DIR, "", 0);
    ct->root->mode = 0755;
    ct->root->base = mem_strdup(&c->mem, NULL, "/");
}

void vfs_container_fini(struct cri *c, struct vcontainer *ct)
{
    if (ct->root)
        vfs_unref(c, ct->root);
    ct->root = NULL;
}

struct vnode *vfs_volume_root(struct cri *c)
{
    struct vnode *n = new_node(c, VNODE_DIR, "", 0);
    n->mode = 0777;
    n->populated = true;
    n->in_volume = true;
    return n;
}

static struct vnode *mount_parent(struct cri *c, struct vcontainer *ct, const char *path, const char **ret_name,
                                  size_t *ret_len)
{
    struct vnode *dir = ct->root;
    for (;;) {
        path += strspn(path, "/");
        size_t n = strcspn(path, "/");
        const char *after = path + n + strspn(path + n, "/");
        if (!*after) {
            *ret_name = path;
            *ret_len = n;
            return n ? dir : NULL;
        }
        struct vnode *entry = vfs_child(c, ct, dir, path, n), *next = vfs_real(entry);
        if (next && next->type == VNODE_LINK) {
            struct vnode *target = NULL;
            next = vfs_find(c, ct, "/", next->data, &target) == VFS_OK ? target : NULL;
        }
        if (!next || next->type != VNODE_DIR) {
            struct vfs_place at = {.dir = dir, .name = path, .name_len = n};
            if (entry || vfs_create(c, ct, &at, VNODE_DIR, 0755, &next) != VFS_OK)
                return NULL;
        }
        dir = next;
        path = after;
    }
}

void vfs_mount(struct cri *c, struct vcontainer *ct, const char *path, struct vnode *target, bool read_only)
{
    const char *name;
    size_t len;
    struct vnode *dir = mount_parent(c, ct, path, &name, &len);
    if (!dir)
        return;
    struct vnode **at = find_link(dir, name, len), *n = *at;
    if (n && compare_name(n, name, len) == 0) { /* the mount hides what was there */
        *at = n->next;
        n->next = NULL;
        n->parent = NULL;
        dir->entries--;
        vfs_unref(c, n);
    }
    n = new_node(c, VNODE_MOUNT, name, len);
    n->target = target;
    n->read_only = read_only;
    target->refs++;
    insert(dir, at, n);
}
