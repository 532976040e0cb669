/* vfs.h - the virtual file system: a tree per container over what its image brings, plus volumes.
 *
 * An image's files are not copied into each container: a directory knows its path in the image
 * (`base`) and entries come into being when something asks for them (vfs_image.c). What is written
 * lives in the container's tree and is lost with it; a volume is a tree of its own that containers
 * mount. Symbolic links, devices and generated files (/proc, /etc/resolv.conf) exist; permissions are
 * kept and shown but not enforced, because containers run as root, except on read-only mounts.
 */
#ifndef MODEL_VFS_H
#define MODEL_VFS_H

#include "model/process_heap.h"

struct cri;
struct vcontainer;
struct proc;
struct program;

enum vnode_type {
    VNODE_FILE,
    VNODE_DIR,
    VNODE_LINK,
    VNODE_DEVICE,
    VNODE_MOUNT,
    VNODE_NAME, /* another name of the file `target`: a hard link */
};

/* What a device or generated file is. */
enum vnode_special {
    SPECIAL_NONE,
    SPECIAL_NULL,
    SPECIAL_ZERO,
    SPECIAL_RANDOM,
    SPECIAL_FULL,
    SPECIAL_TTY,
    SPECIAL_STDIN,
    SPECIAL_STDOUT,
    SPECIAL_STDERR,
    SPECIAL_GENERATED, /* content made at each open: `base` is its path */
};

struct vnode {
    uint8_t type;       /* enum vnode_type */
    uint8_t special;    /* enum vnode_special */
    bool populated : 1; /* directories: every entry of the image has been made */
    bool read_only : 1; /* mounts; the root of a container */
    bool shared : 1;    /* a directory that other pods see too */
    bool termination_log : 1;
    bool in_volume : 1; /* not the container's own memory: lives until its last name and user go */
    uint16_t mode;
    uint16_t entries; /* directories */
    uint32_t uid, gid;
    uint32_t ino;     /* its number, in order of making */
    uint32_t aliases; /* hard links to it, beside its first name */
    uint32_t refs;    /* open files, plus one for having a name */
    uint32_t cap;     /* files: bytes at `data` */
    const char *name;
    struct vnode *parent, *child, *next; /* children sorted by name */
    const char *base;                    /* path in the image, or NULL */
    char *data;                          /* files: content; links: target */
    size_t len;
    size_t zeros;                  /* files: so many NUL bytes follow, which nobody keeps */
    const struct program *program; /* files: the image's executable */
    struct vnode *target;          /* mounts, names */
    struct proc *watchers;         /* processes that wait for it to grow */
    sim_time mtime;
};
_Static_assert(sizeof(struct vnode) <= 128, "memory comes in powers of two");

enum vfs_error {
    VFS_OK,
    VFS_NOENT,
    VFS_NOTDIR,
    VFS_ISDIR,
    VFS_EXIST,
    VFS_NOTEMPTY,
    VFS_LOOP,
    VFS_ROFS,
    VFS_NOSPC,
    VFS_INVAL,
    VFS_BUSY,
    VFS_PERM,
    VFS_XDEV,
    VFS_ERROR_COUNT,
};
const char *vfs_error_text(enum vfs_error e); /* "No such file or directory" */

/* What a file keeps; and how long it may be, the rest being zeros: a node's disk. */
#define VFS_SIZE_MAX ((size_t)64 << 30)
enum { VFS_FILE_MAX = 8 << 20, VFS_DIR_MAX = 2048, VFS_DEPTH_MAX = 48, VFS_PATH_MAX = 4096 };

/* Where a path leads. */
struct vfs_place {
    struct vnode *dir;   /* the directory its last name is in (mounts resolved); NULL for "/" */
    struct vnode *node;  /* what is there, mounts resolved; NULL = nothing */
    struct vnode *entry; /* the same before resolving a mount */
    const char *name;    /* last name, in scratch memory valid until the next lookup */
    size_t name_len;
    bool read_only;
};

void vfs_container_init(struct cri *c, struct vcontainer *ct);
void vfs_container_fini(struct cri *c, struct vcontainer *ct);
struct vnode *vfs_volume_root(struct cri *c);
/* Makes `path` of the container lead to `target` (a directory or file of a volume). */
void vfs_mount(struct cri *c, struct vcontainer *ct, const char *path, struct vnode *target, bool read_only);

/* `follow`: a link as the last name is followed. VFS_OK with node NULL when only the last is missing. */
enum vfs_error vfs_lookup(struct cri *c, struct vcontainer *ct, const char *cwd, const char *path, bool follow,
                          struct vfs_place *ret);
/* As vfs_lookup, but a missing last name is VFS_NOENT. */
enum vfs_error vfs_find(struct cri *c, struct vcontainer *ct, const char *cwd, const char *path, struct vnode **ret);
/* cwd and path joined, "." and ".." and double slashes removed; owned by `owner`. */
char *vfs_normalize(struct cri *c, struct mem_owner *owner, const char *cwd, const char *path);

/* New entries at a place whose node is NULL. */
enum vfs_error vfs_create(struct cri *c, struct vcontainer *ct, const struct vfs_place *at, enum vnode_type type,
                          uint16_t mode, struct vnode **ret);
enum vfs_error vfs_link(struct cri *c, const struct vfs_place *at, struct vnode *file);      /* link(2) */
enum vfs_error vfs_remove(struct cri *c, struct vcontainer *ct, const struct vfs_place *at); /* empty dirs too */
enum vfs_error vfs_remove_tree(struct cri *c, struct vcontainer *ct, const struct vfs_place *at);
enum vfs_error vfs_rename(struct cri *c, struct vcontainer *ct, const struct vfs_place *from,
                          const struct vfs_place *to);
void vfs_unref(struct cri *c, struct vnode *n);

/* First entry of a directory (then ->next), in order of name. */
struct vnode *vfs_first(struct cri *c, struct vcontainer *ct, struct vnode *dir);
struct vnode *vfs_child(struct cri *c, struct vcontainer *ct, struct vnode *dir, const char *name, size_t len);
static inline struct vnode *vfs_real(struct vnode *n)
{
    return n && (n->type == VNODE_MOUNT || n->type == VNODE_NAME) ? n->target : n;
}

/* Content of a file; generated ones are made now. */
const char *vfs_content(struct cri *c, struct vcontainer *ct, struct vnode *n, size_t *ret_len);
enum vfs_error vfs_write(struct cri *c, struct vnode *n, size_t offset, const void *bytes, size_t count);
void vfs_truncate(struct cri *c, struct vnode *n, size_t length);
/* Zeros at its end, so that it is this long; a longer one stays. */
enum vfs_error vfs_extend(struct cri *c, struct vnode *n, size_t length);
static inline size_t vfs_size(const struct vnode *n) { return n->len + n->zeros; }
void vfs_stamp(struct cri *c, struct vnode *n); /* modified now */
enum vfs_error vfs_put(struct cri *c, struct vnode *dir, const char *path, const char *content, size_t len);

/* ---- vfs_image.c: what an image brings ---- */
struct base_entry {
    uint8_t type, special;
    uint16_t mode;
    const char *content; /* files, links */
    const struct program *program;
    bool termination_log;
};
bool image_entry(struct cri *c, const struct vcontainer *ct, const char *dir, const char *name, size_t len,
                 struct base_entry *ret);
/* The i-th name in `dir` (in no particular order, may repeat); NULL at the end. */
const char *image_entry_name(struct cri *c, const struct vcontainer *ct, const char *dir, uint32_t i);
/* Content of the generated file at `path`, in memory of `owner`. */
char *image_generated(struct cri *c, struct vcontainer *ct, struct mem_owner *owner, const char *path, size_t *ret_len);

#endif
