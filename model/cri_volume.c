/* cri_volume.c - directory trees that containers mount: what the kubelet projects into a volume, and the node's own
 * files.
 *
 * Mirrors k8s pkg/volume/util/atomic_writer.go (names are links into ..data, which is a link to a directory named after
 * the time; an update makes another directory and turns the link) and pkg/volume/hostpath/host_path.go checkType. A
 * node's file system has what nodes have at paths that pods ask for; containers do not share its other files.
 * Left out: fsGroup and owners; the random digits of a directory's name are made from volume and time.
 */
#include <string.h>

#include "model/cri_private.h"
#include "model/programs.h"

/* ---- trees without a container ---- */

/* What `path` leads to in the tree, or NULL. */
static struct vnode *find_in(struct cri *c, struct vnode *root, const char *path)
{
    struct vcontainer scratch = {.root = root};
    struct vfs_place at;
    return vfs_lookup(c, &scratch, "/", path, true, &at) == VFS_OK ? at.node : NULL;
}

/* A new entry, with the directories above it; one that is there stays. NULL: something is in the way. */
static struct vnode *make_in(struct cri *c, struct vnode *root, const char *path, enum vnode_type type, uint16_t mode)
{
    struct vcontainer scratch = {.root = root};
    struct vfs_place at = {.node = root};
    for (size_t end = 0; path[end];) {
        end += strspn(path + end, "/");
        end += strcspn(path + end, "/");
        bool last = !path[end + strspn(path + end, "/")];
        char *part = mem_strndup(&c->mem, NULL, path, end);
        enum vfs_error e = vfs_lookup(c, &scratch, "/", part, !last || type != VNODE_LINK, &at);
        if (e == VFS_OK && !at.node)
            e = vfs_create(c, &scratch, &at, last ? type : VNODE_DIR, last ? mode : 0755, &at.node);
        mem_free(&c->mem, part);
        if (e != VFS_OK || (!last && at.node->type != VNODE_DIR))
            return NULL;
        at.node->in_volume = true;
        if (last)
            break;
    }
    return at.node;
}

static void set_link(struct cri *c, struct vnode *link, const char *target)
{
    mem_free(&c->mem, link->data);
    link->data = mem_strdup(&c->mem, NULL, target);
    link->len = strlen(target);
    link->mtime = proc_now(c);
}

static void remove_in(struct cri *c, struct vnode *root, const char *name)
{
    struct vcontainer scratch = {.root = root};
    struct vfs_place at;
    if (vfs_lookup(c, &scratch, "/", name, false, &at) == VFS_OK && at.entry)
        vfs_remove_tree(c, &scratch, &at);
}

/* ---- the atomic writer ---- */

static uint32_t count_files(const struct vnode *n)
{
    uint32_t sum = n->type == VNODE_FILE;
    for (const struct vnode *k = n->type == VNODE_DIR ? n->child : NULL; k; k = k->next)
        sum += count_files(k);
    return sum;
}

static bool has_file(struct cri *c, struct vnode *data, const struct cri_file *f)
{
    struct vnode *n = find_in(c, data, f->path);
    return n && n->type == VNODE_FILE && n->len == f->len && (n->mode & 07777) == f->mode &&
           (f->len == 0 || memcmp(n->data, f->text, f->len) == 0);
}

bool cri_volume_shows(struct cri *c, uint32_t volume, const struct cri_file *files, uint32_t count)
{
    const struct vvolume *v = pool_at(&c->volumes, volume);
    struct vnode *data = find_in(c, v->root, "..data");
    if (!data || count_files(data) != count)
        return false;
    for (uint32_t i = 0; i < count; i++)
        if (!has_file(c, data, &files[i]))
            return false;
    return true;
}

/* The first name of a path: what a user sees in the volume. */
static const char *first_name(struct cri *c, const char *path)
{
    path += strspn(path, "/");
    return mem_strndup(&c->mem, NULL, path, strcspn(path, "/"));
}

static void write_files(struct cri *c, struct vnode *root, const char *directory, const struct cri_file *files,
                        uint32_t count)
{
    struct vnode *data = make_in(c, root, directory, VNODE_DIR, 0755);
    ASSERT(data);
    for (uint32_t i = 0; i < count; i++) {
        struct vnode *n = make_in(c, data, files[i].path, VNODE_FILE, files[i].mode);
        if (!n || n->type != VNODE_FILE)
            continue; /* one path is another's directory: the API server would have said so */
        vfs_truncate(c, n, 0);
        if (files[i].len)
            vfs_write(c, n, 0, files[i].text, files[i].len);
        n->mode = files[i].mode;
    }
}

static void show_names(struct cri *c, struct vnode *root, const struct cri_file *files, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        char target[VFS_PATH_MAX] = "..data/";
        const char *name = first_name(c, files[i].path);
        struct vnode *link = make_in(c, root, name, VNODE_LINK, 0777);
        if (link && link->type == VNODE_LINK && !link->data && strlen(name) < sizeof target - 8) {
            strcat(target, name);
            set_link(c, link, target);
        }
        mem_free(&c->mem, (void *)(uintptr_t)name);
    }
}

static void hide_names(struct cri *c, struct vnode *root, const struct cri_file *files, uint32_t count)
{
    for (struct vnode *n = root->child, *next; n; n = next) {
        bool wanted = strncmp(n->name, "..", 2) == 0;
        next = n->next;
        for (uint32_t i = 0; i < count && !wanted; i++) {
            const char *name = first_name(c, files[i].path);
            wanted = strcmp(name, n->name) == 0;
            mem_free(&c->mem, (void *)(uintptr_t)name);
        }
        if (!wanted)
            remove_in(c, root, n->name);
    }
}

void cri_volume_project(struct cri *c, uint32_t volume, const struct cri_file *files, uint32_t count)
{
    struct vvolume *v = pool_at(&c->volumes, volume);
    struct mem_buf name = {0};
    uint32_t digits = (volume * 2654435761u) ^ (uint32_t)(proc_now(c) / SIM_MS * 40503u);
    if (cri_volume_shows(c, volume, files, count))
        return;
    if (v->sandbox)
        world_touch(c, v->sandbox);
    format_date(c, &name, "..%Y_%m_%d_%H_%M_%S.", epoch_at(c, proc_now(c)), -1);
    for (uint32_t n = digits; n; n /= 10)
        buf_putc(&c->mem, NULL, &name, (char)('0' + n % 10));
    struct vnode *link = make_in(c, v->root, "..data", VNODE_LINK, 0777);
    char *old = link->data ? mem_strdup(&c->mem, NULL, link->data) : NULL;
    write_files(c, v->root, name.data, files, count);
    set_link(c, link, name.data);
    show_names(c, v->root, files, count);
    hide_names(c, v->root, files, count);
    if (old && strcmp(old, name.data) != 0)
        remove_in(c, v->root, old);
    mem_free(&c->mem, old);
    buf_fini(&c->mem, &name);
}

/* ---- the node's files ---- */

static const struct {
    char type; /* 'd'irectory, 'f'ile, 's'ocket, 'c'haracter device, 'b'lock device, 'l'ink */
    const char *path, *text;
} node_files[] = {
    {'d', "/bin", NULL},
    {'d', "/boot", NULL},
    {'d', "/dev", NULL},
    {'d', "/dev/shm", NULL},
    {'c', "/dev/null", NULL},
    {'c', "/dev/zero", NULL},
    {'c', "/dev/random", NULL},
    {'c', "/dev/urandom", NULL},
    {'c', "/dev/kmsg", NULL},
    {'c', "/dev/fuse", NULL},
    {'b', "/dev/sda", NULL},
    {'b', "/dev/sda1", NULL},
    {'d', "/etc/cni/net.d", NULL},
    {'d', "/etc/kubernetes/manifests", NULL},
    {'d', "/etc/kubernetes/pki", NULL},
    {'d', "/etc/ssl/certs", NULL},
    {'f', "/etc/hosts", "127.0.0.1\tlocalhost\n"},
    {'f', "/etc/localtime", ""},
    {'f', "/etc/machine-id", "00000000000000000000000000000000\n"},
    {'f', "/etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n"},
    {'f', "/etc/resolv.conf", "nameserver 127.0.0.53\n"},
    {'d', "/home", NULL},
    {'d', "/lib/modules", NULL},
    {'d', "/mnt", NULL},
    {'d', "/opt/cni/bin", NULL},
    {'d', "/proc", NULL},
    {'d', "/root", NULL},
    {'d', "/run/containerd", NULL},
    {'s', "/run/containerd/containerd.sock", NULL},
    {'d', "/run/systemd", NULL},
    {'f', "/run/xtables.lock", ""},
    {'d', "/srv", NULL},
    {'d', "/sys/fs/cgroup", NULL},
    {'d', "/sys/kernel/debug", NULL},
    {'d', "/tmp", NULL},
    {'d', "/usr/lib", NULL},
    {'d', "/usr/share", NULL},
    {'d', "/usr/src", NULL},
    {'d', "/var/lib/containerd", NULL},
    {'d', "/var/lib/kubelet/pods", NULL},
    {'d', "/var/lib/kubelet/plugins", NULL},
    {'d', "/var/log/containers", NULL},
    {'d', "/var/log/pods", NULL},
    {'l', "/var/run", "/run"},
    {'d', "/var/tmp", NULL},
};

/* What the node had at a path before anybody wrote there; 0 = nothing. */
static char node_file_type(const char *path)
{
    for (size_t i = 0; i < ARRAY_LEN(node_files); i++)
        if (strcmp(node_files[i].path, path) == 0)
            return node_files[i].type;
    return 0;
}

static void make_node_file(struct cri *c, struct vnode *root, size_t i)
{
    static const enum vnode_special special[] = {SPECIAL_NULL, SPECIAL_ZERO, SPECIAL_RANDOM, SPECIAL_RANDOM};
    static const char *const devices[] = {"/dev/null", "/dev/zero", "/dev/random", "/dev/urandom"};
    char type = node_files[i].type;
    enum vnode_type kind = type == 'd' ? VNODE_DIR : type == 'f' ? VNODE_FILE : type == 'l' ? VNODE_LINK : VNODE_DEVICE;
    struct vnode *n = make_in(c, root, node_files[i].path, kind,
                              kind == VNODE_DIR    ? 0755
                              : kind == VNODE_LINK ? 0777
                                                   : 0644);
    ASSERT(n);
    if (kind == VNODE_DEVICE)
        n->special = SPECIAL_NULL;
    for (size_t k = 0; k < ARRAY_LEN(devices); k++)
        if (strcmp(devices[k], node_files[i].path) == 0)
            n->special = (uint8_t)special[k];
    if (kind == VNODE_LINK)
        set_link(c, n, node_files[i].text);
    else if (kind == VNODE_FILE)
        vfs_write(c, n, 0, node_files[i].text, strlen(node_files[i].text));
}

struct vnode *node_files_root(struct cri *c, const char *node_name)
{
    for (uint32_t i = 0; i < c->node_trees.count; i++) {
        const struct node_tree *t = pool_at(&c->node_trees, i);
        if (strcmp(t->node_name, node_name) == 0)
            return t->root;
    }
    struct node_tree *t = pool_at(&c->node_trees, pool_add(&c->node_trees));
    *t = (struct node_tree){node_name, vfs_volume_root(c)};
    struct vnode *root = t->root;
    root->mode = 0755;
    for (size_t i = 0; i < ARRAY_LEN(node_files); i++)
        make_node_file(c, root, i);
    return root;
}

/* The directory or file at a path of the node; a missing one becomes a directory, as the runtime makes it. */
struct vnode *node_file(struct cri *c, const char *node_name, const char *path)
{
    struct vnode *root = node_files_root(c, node_name), *n = find_in(c, root, path);
    if (!n)
        n = make_in(c, root, path, VNODE_DIR, 0755);
    return n ? n : root;
}

/* 'd', 'f' ...; 0 = nothing is there. */
static char type_at(struct cri *c, struct vnode *root, const char *path)
{
    const struct vnode *n = find_in(c, root, path);
    char known = node_file_type(strncmp(path, "/var/run/", 9) == 0 ? path + 4 : path);
    return !n ? 0 : n->type == VNODE_DIR ? 'd' : n->type == VNODE_FILE ? 'f' : known ? known : 'c';
}

const char *cri_host_path_error(struct cri *c, const char *node_name, const char *path, const char *type)
{
    static const struct {
        const char *type, *what;
        char letter, make; /* made when nothing is there */
    } types[] = {
        {"DirectoryOrCreate", "directory", 'd', 'd'},
        {"Directory", "directory", 'd', 0},
        {"FileOrCreate", "file", 'f', 'f'},
        {"File", "file", 'f', 0},
        {"Socket", "socket file", 's', 0},
        {"CharDevice", "character device", 'c', 0},
        {"BlockDevice", "block device", 'b', 0},
    };
    struct vnode *root = node_files_root(c, node_name);
    for (size_t i = 0; type && i < ARRAY_LEN(types); i++) {
        if (strcmp(types[i].type, type) != 0)
            continue;
        char is = type_at(c, root, path);
        if (!is && types[i].make == 'f') { /* os.OpenFile makes no directories */
            size_t n = strlen(path);
            while (n && path[n - 1] != '/')
                n--;
            char *parent = mem_strndup(&c->mem, NULL, path, n > 1 ? n - 1 : 1);
            bool there = type_at(c, root, parent) == 'd';
            mem_free(&c->mem, parent);
            if (!there)
                return arena_printf(sim_arena(c->sim), "open %s: no such file or directory", path);
        }
        if (!is && types[i].make)
            return make_in(c, root, path, types[i].make == 'd' ? VNODE_DIR : VNODE_FILE,
                           types[i].make == 'd' ? 0755 : 0644)
                       ? NULL
                       : arena_printf(sim_arena(c->sim), "mkdir %s: not a directory", path);
        if (is == types[i].letter)
            return NULL;
        return arena_printf(sim_arena(c->sim), "hostPath type check failed: %s is not a %s", path, types[i].what);
    }
    return NULL;
}
