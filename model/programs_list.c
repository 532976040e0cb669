/* programs_list.c - names of files and room on disk: basename, dirname, readlink, realpath, du, df, mount, mountpoint.
 */
#include "model/programs_list.h"

#include <string.h>

#include "model/shell.h"

/* ---- names ---- */

static void print_base(struct cri *c, struct proc *p, const char *arg, const char *suffix)
{
    char *path = proc_strdup(c, p, arg);
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/')
        path[--n] = '\0';
    const char *name = strcmp(path, "/") == 0 ? path : path_base(path);
    size_t len = strlen(name), cut = strlen(suffix);
    if (cut && cut < len && strcmp(name + len - cut, suffix) == 0)
        len -= cut;
    out_printf(c, p, 1, "%.*s\n", (int)len, name);
    mem_free(&c->mem, path);
}

static int basename_run(struct cri *c, struct proc *p)
{
    static const struct long_option longs[] = {{"multiple", 'a'}, {"suffix", 's'}, {NULL, 0}};
    struct options o = {.p = p};
    const char *suffix = "";
    bool all = false;
    for (int letter; (letter = option_get(c, &o, "+as:", longs));) {
        if (letter == '?')
            return 1;
        all = true;
        if (letter == 's')
            suffix = o.value;
    }
    if (o.next >= p->argc)
        return usage_missing(c, p);
    if (!all && p->argc - o.next > 2) {
        usage_print(c, p, is_gnu(p) ? proc_printf(c, p, "extra operand '%s'", p->argv[o.next + 2]) : "");
        return 1;
    }
    if (!all) {
        print_base(c, p, p->argv[o.next], o.next + 1 < p->argc ? p->argv[o.next + 1] : "");
        return 0;
    }
    for (int i = o.next; i < p->argc; i++)
        print_base(c, p, p->argv[i], suffix);
    return 0;
}

static int dirname_run(struct cri *c, struct proc *p)
{
    int first = p->argc > 1 && strcmp(p->argv[1], "--") == 0 ? 2 : 1;
    if (p->argc <= first || (!is_gnu(p) && p->argc > first + 1))
        return usage_missing(c, p);
    for (int i = first; i < p->argc; i++) {
        const char *path = p->argv[i];
        size_t n = strlen(path);
        while (n > 1 && path[n - 1] == '/')
            n--;
        while (n && path[n - 1] != '/')
            n--;
        while (n > 1 && path[n - 1] == '/')
            n--;
        out_printf(c, p, 1, "%.*s\n", n ? (int)n : 1, n ? path : ".");
    }
    return 0;
}

/* realpath(3); the last name need not be there. NULL: *ret_error. */
static char *resolve(struct cri *c, struct proc *p, const char *path, enum vfs_error *ret_error)
{
    enum { LINKS_MAX = 40 };
    char *rest = *path == '/' ? proc_strdup(c, p, path) : path_join(c, p, p->cwd, path), *out = proc_strdup(c, p, "");
    *ret_error = VFS_NOENT;
    for (int links = 0; *(rest += strspn(rest, "/"));) {
        size_t n = strcspn(rest, "/");
        char *name = mem_strndup(&c->mem, &p->mem, rest, n);
        rest += n;
        if (strcmp(name, ".") == 0)
            continue;
        if (strcmp(name, "..") == 0) {
            char *slash = strrchr(out, '/');
            if (slash)
                *slash = '\0';
            continue;
        }
        struct vfs_place at;
        char *next = proc_printf(c, p, "%s/%s", out, name);
        *ret_error = vfs_lookup(c, p->container, "/", next, false, &at);
        if (*ret_error != VFS_OK)
            return NULL;
        if (at.node && at.node->type == VNODE_LINK) {
            const char *target = at.node->data ? at.node->data : "";
            if (++links > LINKS_MAX)
                return *ret_error = VFS_LOOP, NULL;
            rest = proc_printf(c, p, "%s/%s", target, rest);
            if (*target == '/')
                out = proc_strdup(c, p, "");
            continue;
        }
        bool more = rest[strspn(rest, "/")];
        if (more && (!at.node || at.node->type != VNODE_DIR))
            return *ret_error = at.node ? VFS_NOTDIR : VFS_NOENT, NULL;
        out = next;
    }
    *ret_error = VFS_OK;
    return *out ? out : proc_strdup(c, p, "/");
}

static int readlink_run(struct cri *c, struct proc *p)
{
    struct options o = {.p = p};
    bool full = false, bare = false, verbose = false, must = false;
    int status = 0;
    for (int letter; (letter = option_get(c, &o, is_gnu(p) ? "fnvemzsq" : "fnv", NULL));) {
        if (letter == '?')
            return 1;
        full |= letter == 'f' || letter == 'e' || letter == 'm';
        must |= letter == 'e' || (letter == 'f' && !is_gnu(p)); /* busybox wants the file to be there */
        bare |= letter == 'n';
        verbose |= letter == 'v';
    }
    if (o.next >= p->argc)
        return usage_missing(c, p);
    for (int i = o.next; i < (is_gnu(p) ? p->argc : o.next + 1); i++) {
        struct vfs_place at;
        enum vfs_error e = vfs_lookup(c, p->container, p->cwd, p->argv[i], must, &at);
        const char *text = NULL;
        if (e == VFS_OK && must && !at.node)
            e = VFS_NOENT;
        if (full)
            text = must && e != VFS_OK ? NULL : resolve(c, p, p->argv[i], &e);
        else if (e == VFS_OK && at.node && at.node->type == VNODE_LINK)
            text = at.node->data;
        if (text)
            out_printf(c, p, 1, "%s%s", text, bare ? "" : "\n");
        else if (verbose)
            err_printf(c, p, "%s: %s", p->argv[i], vfs_error_text(e == VFS_OK ? VFS_INVAL : e));
        status |= !text;
    }
    return status;
}

static int realpath_run(struct cri *c, struct proc *p)
{
    struct options o = {.p = p};
    int status = 0;
    for (int letter; (letter = option_get(c, &o, is_gnu(p) ? "emsLPqz" : "", NULL));)
        if (letter == '?')
            return 1;
    if (o.next >= p->argc)
        return usage_missing(c, p);
    for (int i = o.next; i < p->argc; i++) {
        enum vfs_error e;
        char *text = resolve(c, p, p->argv[i], &e);
        if (text)
            out_printf(c, p, 1, "%s\n", text);
        else
            err_printf(c, p, "%s: %s", p->argv[i], vfs_error_text(e));
        status |= !text;
    }
    return status;
}

/* ---- du ---- */

struct du {
    bool all, summary, human, total;
    int64_t max_depth, unit; /* bytes */
};

static void du_line(struct cri *c, struct proc *p, const struct du *d, int64_t blocks, const char *path)
{
    if (d->human)
        out_printf(c, p, 1, "%s\t%s\n", human_size(c, p, blocks * 512), path);
    else
        out_printf(c, p, 1, "%lld\t%s\n", (long long)((blocks * 512 + d->unit - 1) / d->unit), path);
}

static int64_t du_tree(struct cri *c, struct proc *p, const struct du *d, struct vnode *n, const char *path,
                       int64_t depth)
{
    int64_t sum = node_blocks(c, p, n);
    bool dir = n->type == VNODE_DIR;
    for (struct vnode *k = dir && depth < VFS_DEPTH_MAX ? vfs_first(c, p->container, n) : NULL; k; k = k->next)
        sum += du_tree(c, p, d, vfs_real(k), path_join(c, p, path, k->name), depth + 1);
    if (depth == 0 || ((dir || d->all) && !d->summary && depth <= d->max_depth))
        du_line(c, p, d, sum, path);
    return sum;
}

static int du_run(struct cri *c, struct proc *p)
{
    static const struct long_option longs[] = {{"summarize", 's'}, {"human-readable", 'h'}, {"all", 'a'},
                                               {"total", 'c'},     {"max-depth", 'd'},      {NULL, 0}};
    struct options o = {.p = p};
    struct du d = {.max_depth = INT64_MAX, .unit = 1024};
    int status = 0;
    int64_t sum = 0;
    static char here[] = ".";
    char *dot[] = {here};
    for (int letter; (letter = option_get(c, &o, "aHLd:clsxhmkb", longs));) {
        if (letter == '?')
            return 1;
        d.all |= letter == 'a';
        d.summary |= letter == 's';
        d.human |= letter == 'h';
        d.total |= letter == 'c';
        d.unit = letter == 'm' ? 1 << 20 : letter == 'b' ? 1 : d.unit;
        if (letter == 'd')
            parse_int64(o.value, &d.max_depth);
    }
    char **paths = o.next < p->argc ? p->argv + o.next : dot;
    for (int i = 0; i < (o.next < p->argc ? p->argc - o.next : 1); i++) {
        struct vfs_place at;
        enum vfs_error e = vfs_lookup(c, p->container, p->cwd, paths[i], false, &at);
        if (e == VFS_OK && !at.node)
            e = VFS_NOENT;
        if (e == VFS_OK)
            sum += du_tree(c, p, &d, at.node, paths[i], 0);
        else
            say_error(c, p, "cannot access '%s'", "%s", paths[i], e);
        status |= e != VFS_OK;
    }
    if (d.total)
        du_line(c, p, &d, sum, "total");
    return status;
}

/* ---- df, mount, mountpoint ---- */

/* A node's disk is taken to be this large; what pods wrote is not counted. */
enum { DISK_KB = 61202244, DISK_USED_KB = 12345678 };

static void df_line(struct cri *c, struct proc *p, bool human, const char *device, const char *where)
{
    int64_t left = (int64_t)DISK_KB - DISK_USED_KB, percent = ((int64_t)DISK_USED_KB * 100 + DISK_KB - 1) / DISK_KB;
    if (human)
        out_printf(c, p, 1, "%-20s %9s %9s %9s %3lld%% %s\n", device, human_size(c, p, (int64_t)DISK_KB * 1024),
                   human_size(c, p, (int64_t)DISK_USED_KB * 1024), human_size(c, p, left * 1024), (long long)percent,
                   where);
    else
        out_printf(c, p, 1, "%-20s %9d %9d %9lld %3lld%% %s\n", device, DISK_KB, DISK_USED_KB, (long long)left,
                   (long long)percent, where);
}

/* The mount that `path` lies in. */
static const char *mount_of(const struct vcontainer *ct, const char *path)
{
    const char *best = "/";
    for (uint32_t i = 0; i < ct->pub.config.mounts.count; i++) {
        const char *m = ct->pub.config.mounts.items[i].path;
        size_t n = strlen(m);
        if (strncmp(path, m, n) == 0 && (path[n] == '/' || !path[n]) && n > strlen(best))
            best = m;
    }
    return best;
}

static int df_run(struct cri *c, struct proc *p)
{
    const struct vcontainer *ct = p->container;
    struct options o = {.p = p};
    bool human = false;
    int status = 0;
    for (int letter; (letter = option_get(c, &o, "PkmhTait:", NULL));) {
        if (letter == '?')
            return 1;
        human |= letter == 'h';
    }
    out_puts(c, p, 1,
             human ? "Filesystem                Size      Used Available Use% Mounted on\n"
                   : "Filesystem           1K-blocks      Used Available Use% Mounted on\n");
    if (o.next >= p->argc) {
        df_line(c, p, human, "overlay", "/");
        for (uint32_t i = 0; i < ct->pub.config.mounts.count; i++)
            df_line(c, p, human, "/dev/sda1", ct->pub.config.mounts.items[i].path);
    }
    for (int i = o.next; i < p->argc; i++) {
        enum vfs_error e;
        char *path = resolve(c, p, p->argv[i], &e);
        struct vnode *n;
        if (path && (e = vfs_find(c, p->container, "/", path, &n)) == VFS_OK) {
            const char *where = mount_of(ct, path);
            df_line(c, p, human, strcmp(where, "/") == 0 ? "overlay" : "/dev/sda1", where);
            continue;
        }
        say_error(c, p, "%s", "%s: can't find mount point", p->argv[i], e);
        status = 1;
    }
    return status;
}

static int mount_run(struct cri *c, struct proc *p)
{
    const struct vcontainer *ct = p->container;
    if (p->argc > 1) {
        err_printf(c, p, is_gnu(p) ? "only root can do that" : "permission denied (are you root?)");
        return 1;
    }
    out_printf(c, p, 1,
               "overlay on / type overlay (%s,relatime)\nproc on /proc type proc (rw,nosuid,nodev,noexec,relatime)\n",
               ct->root->read_only ? "ro" : "rw");
    for (uint32_t i = 0; i < ct->pub.config.mounts.count; i++)
        out_printf(c, p, 1, "/dev/sda1 on %s type ext4 (%s,relatime)\n", ct->pub.config.mounts.items[i].path,
                   ct->pub.config.mounts.items[i].read_only ? "ro" : "rw");
    return 0;
}

static int mountpoint_run(struct cri *c, struct proc *p)
{
    struct options o = {.p = p};
    bool quiet = false;
    enum vfs_error e;
    struct vnode *n;
    for (int letter; (letter = option_get(c, &o, "qdxn", NULL));) {
        if (letter == '?')
            return 1;
        quiet |= letter == 'q';
    }
    if (o.next >= p->argc)
        return usage_missing(c, p);
    char *path = resolve(c, p, p->argv[o.next], &e);
    if (path)
        e = vfs_find(c, p->container, "/", path, &n);
    if (e != VFS_OK) {
        if (!quiet)
            err_printf(c, p, "%s: %s", p->argv[o.next], vfs_error_text(e));
        return 1;
    }
    bool is =
        strcmp(mount_of(p->container, path), path) == 0 || strcmp(path, "/proc") == 0 || strcmp(path, "/dev") == 0;
    if (!quiet)
        out_printf(c, p, 1, "%s is %sa mountpoint\n", p->argv[o.next], is ? "" : "not ");
    return is ? 0 : is_gnu(p) ? 32 : 1;
}

static const struct command command_basename = COMMAND("basename", basename_run),
                            command_dirname = COMMAND("dirname", dirname_run),
                            command_readlink = COMMAND("readlink", readlink_run),
                            command_realpath = COMMAND("realpath", realpath_run), command_du = COMMAND("du", du_run),
                            command_df = COMMAND("df", df_run), command_mount = COMMAND("mount", mount_run),
                            command_mountpoint = COMMAND("mountpoint", mountpoint_run);

const struct applet list_applets[] = {
    {"basename", &command_basename.program, IMAGE_SHELLS},
    {"df", &command_df.program, IMAGE_SHELLS},
    {"dirname", &command_dirname.program, IMAGE_SHELLS},
    {"du", &command_du.program, IMAGE_SHELLS},
    {"ls", &command_ls.program, IMAGE_SHELLS},
    {"mount", &command_mount.program, IMAGE_SHELLS},
    {"mountpoint", &command_mountpoint.program, IMAGE_SHELLS},
    {"readlink", &command_readlink.program, IMAGE_SHELLS},
    {"realpath", &command_realpath.program, IMAGE_SHELLS},
    {"stat", &command_stat.program, IMAGE_SHELLS},
    {NULL, NULL, 0},
};
