/* programs_file.c - commands on files and directories: touch, rm, ls, mkdir, cp, mv, ln, chmod ... */
#include "model/programs.h"

#include <stdio.h>
#include <string.h>

#include "model/shell.h"

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static enum vfs_error find_place(struct cri *c, struct proc *p, const char *path, bool follow, struct vfs_place *at)
{
    return vfs_lookup(c, p->container, p->cwd, path, follow, at);
}

/* "touch: /a/b: No such file or directory"; GNU: "touch: cannot touch '/a/b': No such ..." */
static void say(struct cri *c, struct proc *p, const char *gnu, const char *busybox, const char *path, enum vfs_error e)
{
    const char *format = is_gnu(p) ? gnu : busybox;
    const char *at = strstr(format, "%s");
    err_printf(c, p, "%.*s%s%s: %s", (int)(at - format), format, path, at + 2, vfs_error_text(e));
}

static int usage(struct cri *c, struct proc *p)
{
    if (is_gnu(p))
        err_printf(c, p, "missing operand\nTry '%s --help' for more information.", p->program->name);
    else
        out_printf(c, p, 2, "BusyBox v1.36.1 multi-call binary.\n\nUsage: %s [OPTIONS] FILE...\n", p->program->name);
    return 1;
}

/* ---- touch, rm, mkdir, rmdir ---- */

static int touch_run(struct cri *c, struct proc *p)
{
    struct options o = {.p = p};
    bool no_create = false;
    int status = 0, letter;
    while ((letter = option_next(&o, "dtr")))
        no_create |= letter == 'c';
    if (o.next >= p->argc)
        return usage(c, p);
    for (int i = o.next; i < p->argc; i++) {
        struct vfs_place at;
        enum vfs_error e = find_place(c, p, p->argv[i], true, &at);
        if (e == VFS_OK && at.read_only)
            e = VFS_ROFS;
        if (e == VFS_OK && !at.node && !no_create)
            e = vfs_create(c, p->container, &at, VNODE_FILE, (uint16_t)(0666 & ~p->umask), &at.node);
        if (e == VFS_OK && at.node)
            vfs_stamp(c, at.node);
        if (e != VFS_OK) {
            say(c, p, "cannot touch '%s'", "%s", p->argv[i], e);
            status = 1;
        }
    }
    return status;
}

static int rm_one(struct cri *c, struct proc *p, const char *path, bool force, bool recursive)
{
    struct vfs_place at;
    enum vfs_error e = find_place(c, p, path, false, &at);
    const char *name = base_name(path);
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
        err_printf(c, p,
                   is_gnu(p) ? "refusing to remove '.' or '..' directory: skipping '%s'" : "can't remove '.' or '..'",
                   path);
        return 1;
    }
    if (e == VFS_OK && !at.entry)
        e = VFS_NOENT;
    if (force && (e == VFS_NOENT || e == VFS_NOTDIR))
        return 0;
    if (e == VFS_OK && !at.dir) {
        err_printf(c, p,
                   is_gnu(p) ? "it is dangerous to operate recursively on '/'"
                             : "can't remove '/': Operation not permitted");
        return 1;
    }
    if (e == VFS_OK && at.node->type == VNODE_DIR && !recursive) {
        if (is_gnu(p))
            err_printf(c, p, "cannot remove '%s': Is a directory", path);
        else
            err_printf(c, p, "'%s' is a directory", path);
        return 1;
    }
    if (e == VFS_OK)
        e = recursive ? vfs_remove_tree(c, p->container, &at) : vfs_remove(c, p->container, &at);
    if (e == VFS_OK)
        return 0;
    say(c, p, "cannot remove '%s'", "can't remove '%s'", path, e);
    return 1;
}

static int rm_run(struct cri *c, struct proc *p)
{
    struct options o = {.p = p};
    bool force = false, recursive = false;
    int status = 0, letter;
    while ((letter = option_next(&o, ""))) {
        force |= letter == 'f';
        recursive |= letter == 'r' || letter == 'R';
    }
    if (o.next >= p->argc)
        return force ? 0 : usage(c, p);
    for (int i = o.next; i < p->argc; i++)
        status |= rm_one(c, p, p->argv[i], force, recursive);
    return status;
}

static enum vfs_error make_dir(struct cri *c, struct proc *p, const char *path, bool exist_ok)
{
    struct vfs_place at;
    enum vfs_error e = find_place(c, p, path, true, &at);
    if (e != VFS_OK)
        return e;
    if (at.node)
        return exist_ok && at.node->type == VNODE_DIR ? VFS_OK : VFS_EXIST;
    return vfs_create(c, p->container, &at, VNODE_DIR, (uint16_t)(0777 & ~p->umask), &at.node);
}

static enum vfs_error make_parents(struct cri *c, struct proc *p, const char *path)
{
    for (size_t end = 1; path[end - 1]; end++) {
        if (path[end] != '/' && path[end])
            continue;
        char *part = mem_strndup(&c->mem, NULL, path, end);
        enum vfs_error e = make_dir(c, p, part, true);
        mem_free(&c->mem, part);
        if (e != VFS_OK || !path[end])
            return e;
    }
    return VFS_OK;
}

static int mkdir_run(struct cri *c, struct proc *p)
{
    struct options o = {.p = p};
    bool parents = false;
    int status = 0, letter;
    while ((letter = option_next(&o, "m")))
        parents |= letter == 'p' || (letter == '-' && strcmp(o.value, "parents") == 0);
    if (o.next >= p->argc)
        return usage(c, p);
    for (int i = o.next; i < p->argc; i++) {
        enum vfs_error e = parents ? make_parents(c, p, p->argv[i]) : make_dir(c, p, p->argv[i], false);
        if (e != VFS_OK) {
            say(c, p, "cannot create directory '%s'", "can't create directory '%s'", p->argv[i], e);
            status = 1;
        }
    }
    return status;
}

static int rmdir_run(struct cri *c, struct proc *p)
{
    int status = 0;
    for (int i = 1; i < p->argc; i++) {
        struct vfs_place at;
        if (p->argv[i][0] == '-')
            continue;
        enum vfs_error e = find_place(c, p, p->argv[i], false, &at);
        if (e == VFS_OK && !at.entry)
            e = VFS_NOENT;
        if (e == VFS_OK && at.node->type != VNODE_DIR)
            e = VFS_NOTDIR;
        if (e == VFS_OK)
            e = vfs_remove(c, p->container, &at);
        if (e != VFS_OK) {
            say(c, p, "failed to remove '%s'", "'%s'", p->argv[i], e);
            status = 1;
        }
    }
    return p->argc < 2 ? usage(c, p) : status;
}

/* ---- cp, mv, ln ---- */

/* `to` as it is, or `to`/name of `from` if `to` is a directory; in memory of the process. */
static char *into(struct cri *c, struct proc *p, const char *from, const char *to)
{
    struct vnode *n;
    if (vfs_find(c, p->container, p->cwd, to, &n) != VFS_OK || n->type != VNODE_DIR)
        return proc_strdup(c, p, to);
    struct mem_buf b = {0};
    buf_puts(&c->mem, &p->mem, &b, to);
    buf_putc(&c->mem, &p->mem, &b, '/');
    size_t len = strlen(from);
    while (len > 1 && from[len - 1] == '/')
        len--;
    size_t start = len;
    while (start && from[start - 1] != '/')
        start--;
    buf_add(&c->mem, &p->mem, &b, from + start, len - start);
    return b.data;
}

static enum vfs_error copy_node(struct cri *c, struct proc *p, struct vnode *from, const char *to, uint32_t depth)
{
    struct vfs_place at;
    struct vcontainer *ct = p->container;
    enum vfs_error e = find_place(c, p, to, true, &at);
    if (e != VFS_OK)
        return e;
    if (depth > VFS_DEPTH_MAX)
        return VFS_LOOP;
    if (from->type == VNODE_DIR) {
        if (!at.node && (e = vfs_create(c, ct, &at, VNODE_DIR, from->mode, &at.node)) != VFS_OK)
            return e;
        for (struct vnode *n = vfs_first(c, ct, from); n; n = n->next) {
            struct mem_buf b = {0};
            if (vfs_real(n) == at.node)
                continue;
            buf_puts(&c->mem, NULL, &b, to);
            buf_putc(&c->mem, NULL, &b, '/');
            buf_puts(&c->mem, NULL, &b, n->name);
            e = copy_node(c, p, vfs_real(n), b.data, depth + 1);
            buf_fini(&c->mem, &b);
            if (e != VFS_OK)
                return e;
        }
        return VFS_OK;
    }
    if (at.node && at.node->type == VNODE_DIR)
        return VFS_ISDIR;
    if (at.node == from)
        return VFS_OK;
    if (at.node && at.read_only)
        return VFS_ROFS;
    if (!at.node && (e = vfs_create(c, ct, &at, VNODE_FILE, from->mode, &at.node)) != VFS_OK)
        return e;
    size_t len;
    const char *data = from->type == VNODE_FILE ? vfs_content(c, ct, from, &len) : (len = 0, "");
    at.node->program = from->program;
    vfs_truncate(c, at.node, 0);
    return len ? vfs_write(c, at.node, 0, data, len) : VFS_OK;
}

static int cp_run(struct cri *c, struct proc *p)
{
    struct options o = {.p = p};
    bool recursive = false;
    int status = 0, letter;
    while ((letter = option_next(&o, "")))
        recursive |= letter == 'r' || letter == 'R' || letter == 'a';
    if (p->argc - o.next < 2)
        return usage(c, p);
    for (int i = o.next; i < p->argc - 1; i++) {
        struct vnode *from;
        enum vfs_error e = vfs_find(c, p->container, p->cwd, p->argv[i], &from);
        if (e != VFS_OK) {
            say(c, p, "cannot stat '%s'", "can't stat '%s'", p->argv[i], e);
            status = 1;
            continue;
        }
        if (from->type == VNODE_DIR && !recursive) {
            err_printf(c, p, is_gnu(p) ? "-r not specified; omitting directory '%s'" : "omitting directory '%s'",
                       p->argv[i]);
            status = 1;
            continue;
        }
        char *to = into(c, p, p->argv[i], p->argv[p->argc - 1]);
        e = copy_node(c, p, from, to, 0);
        if (e != VFS_OK) {
            say(c, p, "cannot create regular file '%s'", "can't create '%s'", to, e);
            status = 1;
        }
        mem_free(&c->mem, to);
    }
    return status;
}

static int mv_run(struct cri *c, struct proc *p)
{
    struct options o = {.p = p};
    int status = 0;
    while (option_next(&o, ""))
        ;
    if (p->argc - o.next < 2)
        return usage(c, p);
    for (int i = o.next; i < p->argc - 1; i++) {
        struct vfs_place from, at;
        char *to = into(c, p, p->argv[i], p->argv[p->argc - 1]);
        enum vfs_error e = find_place(c, p, p->argv[i], false, &from);
        if (e == VFS_OK && !from.entry)
            e = VFS_NOENT;
        if (e != VFS_OK) {
            say(c, p, "cannot stat '%s'", "can't rename '%s'", p->argv[i], e);
        } else {
            e = find_place(c, p, to, false, &at);
            if (e == VFS_OK)
                e = vfs_rename(c, p->container, &from, &at);
            if (e != VFS_OK)
                say(c, p, "cannot move to '%s'", "can't rename '%s'", is_gnu(p) ? to : p->argv[i], e);
        }
        status |= e != VFS_OK;
        mem_free(&c->mem, to);
    }
    return status;
}

static int ln_run(struct cri *c, struct proc *p)
{
    struct options o = {.p = p};
    bool symbolic = false, force = false;
    int letter;
    while ((letter = option_next(&o, ""))) {
        symbolic |= letter == 's';
        force |= letter == 'f';
    }
    if (o.next >= p->argc)
        return usage(c, p);
    const char *target = p->argv[o.next];
    char *to = into(c, p, target, o.next + 1 < p->argc ? p->argv[o.next + 1] : ".");
    struct vfs_place at;
    enum vfs_error e = find_place(c, p, to, false, &at);
    if (e == VFS_OK && at.entry)
        e = force ? vfs_remove(c, p->container, &at) : VFS_EXIST;
    if (e == VFS_OK && at.entry)
        e = find_place(c, p, to, false, &at);
    if (e == VFS_OK && symbolic) {
        struct vnode *n;
        e = vfs_create(c, p->container, &at, VNODE_LINK, 0777, &n);
        if (e == VFS_OK) {
            n->data = mem_strdup(&c->mem, NULL, target);
            n->len = strlen(target);
        }
    } else if (e == VFS_OK) { /* a hard link: a copy will do, nobody looks at link counts */
        struct vnode *from;
        e = vfs_find(c, p->container, p->cwd, target, &from);
        if (e == VFS_OK)
            e = from->type == VNODE_DIR ? VFS_PERM : copy_node(c, p, from, to, 0);
    }
    if (e != VFS_OK)
        say(c, p, "failed to create link '%s'", "%s", to, e);
    mem_free(&c->mem, to);
    return e != VFS_OK;
}

static int readlink_run(struct cri *c, struct proc *p)
{
    struct options o = {.p = p};
    bool full = strcmp(p->program->name, "realpath") == 0;
    int letter;
    while ((letter = option_next(&o, "")))
        full |= letter == 'f';
    if (o.next >= p->argc)
        return usage(c, p);
    struct vfs_place at;
    if (find_place(c, p, p->argv[o.next], false, &at) != VFS_OK ||
        (!full && (!at.entry || at.entry->type != VNODE_LINK)))
        return 1;
    if (at.entry && at.entry->type == VNODE_LINK)
        out_printf(c, p, 1, "%s\n", at.entry->data ? at.entry->data : "");
    else {
        char *path = vfs_normalize(c, &p->mem, p->cwd, p->argv[o.next]);
        out_printf(c, p, 1, "%s\n", path);
        mem_free(&c->mem, path);
    }
    return 0;
}

/* ---- chmod, chown ---- */

/* "755", "+x", "u+rwx,go-w" */
static bool apply_mode(const char *s, uint16_t *mode)
{
    if (*s >= '0' && *s <= '7') {
        uint32_t m = 0;
        for (; *s >= '0' && *s <= '7'; s++)
            m = (m * 8 + (uint32_t)(*s - '0')) & 07777;
        *mode = (uint16_t)m;
        return !*s;
    }
    while (*s) {
        uint32_t who = 0, bits = 0;
        for (; *s && strchr("ugoa", *s); s++)
            who |= *s == 'u' ? 0700u : *s == 'g' ? 0070u : *s == 'o' ? 0007u : 0777u;
        if (!who)
            who = 0777;
        char op = *s;
        if (op != '+' && op != '-' && op != '=')
            return false;
        for (s++; *s && strchr("rwxXst", *s); s++)
            bits |= *s == 'r' ? 0444u : *s == 'w' ? 0222u : *s == 'x' || *s == 'X' ? 0111u : 0u;
        bits &= who;
        *mode = (uint16_t)(op == '+' ? *mode | bits : op == '-' ? *mode & ~bits : (*mode & ~who) | bits);
        if (*s == ',')
            s++;
        else if (*s)
            return false;
    }
    return true;
}

static int chmod_run(struct cri *c, struct proc *p)
{
    int first = 1, status = 0;
    bool chown = strcmp(p->program->name, "chmod") != 0;
    while (first < p->argc && p->argv[first][0] == '-' && strchr("Rvfc-", p->argv[first][1]) && p->argv[first][1])
        first++;
    if (p->argc - first < 2)
        return usage(c, p);
    for (int i = first + 1; i < p->argc; i++) {
        struct vfs_place at;
        enum vfs_error e = find_place(c, p, p->argv[i], true, &at);
        if (e == VFS_OK && !at.node)
            e = VFS_NOENT;
        if (e == VFS_OK && at.read_only)
            e = VFS_ROFS;
        if (e != VFS_OK) {
            say(c, p, "cannot access '%s'", "%s", p->argv[i], e);
            status = 1;
        } else if (!chown && !apply_mode(p->argv[first], &at.node->mode)) {
            err_printf(c, p, "invalid mode '%s'", p->argv[first]);
            return 1;
        }
    }
    return status;
}

/* ---- ls, find, stat, du, df ---- */

static void mode_text(const struct vnode *n, char out[11])
{
    static const char letters[] = "rwxrwxrwx";
    out[0] = n->type == VNODE_DIR ? 'd' : n->type == VNODE_LINK ? 'l' : n->type == VNODE_DEVICE ? 'c' : '-';
    for (int i = 0; i < 9; i++)
        out[i + 1] = n->mode >> (8 - i) & 1 ? letters[i] : '-';
    if (n->mode & 01000)
        out[9] = 't';
    out[10] = '\0';
}

static void ls_entry(struct cri *c, struct proc *p, struct vnode *entry, const char *name, bool long_format)
{
    struct vnode *n = vfs_real(entry);
    char mode[11];
    if (!long_format) {
        out_printf(c, p, 1, "%s\n", name);
        return;
    }
    struct mem_buf date = {0};
    size_t len = 0;
    if (n->type == VNODE_FILE)
        vfs_content(c, p->container, n, &len);
    mode_text(n, mode);
    format_date(c, &date, "%b %e %H:%M", c->epoch + sim_time_floor(n->mtime, SIM_SECOND) / SIM_SECOND, 0);
    bool link = n->type == VNODE_LINK;
    if (is_gnu(p))
        out_printf(c, p, 1, "%s %d root root %zu %s %s%s%s\n", mode, n->type == VNODE_DIR ? 2 : 1,
                   n->type == VNODE_DIR ? 4096 : len, buf_str(&date), name, link ? " -> " : "",
                   link && n->data ? n->data : "");
    else
        out_printf(c, p, 1, "%s    %d root     root     %9zu %s %s%s%s\n", mode, n->type == VNODE_DIR ? 2 : 1,
                   n->type == VNODE_DIR ? 4096 : len, buf_str(&date), name, link ? " -> " : "",
                   link && n->data ? n->data : "");
    buf_fini(&c->mem, &date);
}

static void ls_dir(struct cri *c, struct proc *p, struct vnode *dir, bool all, bool long_format)
{
    if (long_format)
        out_puts(c, p, 1, "total 0\n");
    if (all) {
        ls_entry(c, p, dir, ".", long_format);
        ls_entry(c, p, dir, "..", long_format);
    }
    for (struct vnode *n = vfs_first(c, p->container, dir); n; n = n->next)
        if (all || n->name[0] != '.')
            ls_entry(c, p, n, n->name, long_format);
}

static int ls_run(struct cri *c, struct proc *p)
{
    struct options o = {.p = p};
    bool all = false, long_format = false, as_is = false;
    int status = 0, letter;
    while ((letter = option_next(&o, ""))) {
        all |= letter == 'a';
        long_format |= letter == 'l' || letter == 'n';
        as_is |= letter == 'd';
    }
    static char here[] = ".";
    char *dot[] = {here};
    char **paths = o.next < p->argc ? p->argv + o.next : dot;
    int count = o.next < p->argc ? p->argc - o.next : 1;
    for (int pass = 0; pass < 2; pass++) { /* files first, then directories */
        for (int i = 0; i < count; i++) {
            struct vnode *n = NULL;
            enum vfs_error e = vfs_find(c, p->container, p->cwd, paths[i], &n);
            if (e != VFS_OK) {
                if (pass == 0) {
                    say(c, p, "cannot access '%s'", "%s", paths[i], e);
                    status = is_gnu(p) ? 2 : 1;
                }
                continue;
            }
            bool dir = n->type == VNODE_DIR && !as_is;
            if (dir != pass)
                continue;
            if (!dir) {
                ls_entry(c, p, n, paths[i], long_format);
                continue;
            }
            if (count > 1)
                out_printf(c, p, 1, "%s%s:\n", i ? "\n" : "", paths[i]);
            ls_dir(c, p, n, all, long_format);
        }
    }
    return status;
}

struct find_query {
    const char *name;
    char type;
    int64_t max_depth;
    bool remove;
};

static void find_in(struct cri *c, struct proc *p, struct vnode *n, const char *path, const char *name, int64_t depth,
                    const struct find_query *q)
{
    bool dir = n->type == VNODE_DIR;
    bool hit =
        (!q->name || sh_pattern_match(q->name, name)) && (!q->type || q->type == (dir                     ? 'd'
                                                                                  : n->type == VNODE_LINK ? 'l'
                                                                                                          : 'f'));
    if (hit && !q->remove)
        out_printf(c, p, 1, "%s\n", path);
    if (dir && depth < q->max_depth && depth < VFS_DEPTH_MAX) {
        struct vnode *next;
        for (struct vnode *e = vfs_first(c, p->container, n); e; e = next) {
            struct mem_buf b = {0};
            next = e->next;
            buf_puts(&c->mem, NULL, &b, path);
            if (strcmp(path, "/") != 0)
                buf_putc(&c->mem, NULL, &b, '/');
            buf_puts(&c->mem, NULL, &b, e->name);
            find_in(c, p, vfs_real(e), b.data, e->name, depth + 1, q);
            buf_fini(&c->mem, &b);
        }
    }
    struct vfs_place at;
    if (hit && q->remove && find_place(c, p, path, false, &at) == VFS_OK && at.entry)
        vfs_remove(c, p->container, &at);
}

static int find_run(struct cri *c, struct proc *p)
{
    struct find_query q = {.max_depth = VFS_DEPTH_MAX};
    int first = 1, paths = 1, status = 0;
    while (paths < p->argc && p->argv[paths][0] != '-')
        paths++;
    for (int i = paths; i < p->argc; i++) {
        const char *value = i + 1 < p->argc ? p->argv[i + 1] : "";
        if (strcmp(p->argv[i], "-name") == 0)
            q.name = value, i++;
        else if (strcmp(p->argv[i], "-type") == 0)
            q.type = value[0], i++;
        else if (strcmp(p->argv[i], "-maxdepth") == 0)
            parse_int64(value, &q.max_depth), i++;
        else if (strcmp(p->argv[i], "-delete") == 0)
            q.remove = true;
    }
    do {
        const char *path = first < paths ? p->argv[first] : ".";
        struct vnode *n;
        enum vfs_error e = vfs_find(c, p->container, p->cwd, path, &n);
        if (e == VFS_OK)
            find_in(c, p, n, path, base_name(path), 0, &q);
        else
            say(c, p, "'%s'", "%s", path, e), status = 1;
    } while (++first < paths);
    return status;
}

static int stat_run(struct cri *c, struct proc *p)
{
    struct options o = {.p = p};
    int status = 0;
    const char *format = NULL;
    for (int letter; (letter = option_next(&o, "c"));)
        if (letter == 'c')
            format = o.value;
    for (int i = o.next; i < p->argc; i++) {
        struct vnode *n;
        size_t len = 0;
        enum vfs_error e = vfs_find(c, p->container, p->cwd, p->argv[i], &n);
        if (e != VFS_OK) {
            say(c, p, "cannot statx '%s'", "can't stat '%s'", p->argv[i], e);
            status = 1;
            continue;
        }
        if (n->type == VNODE_FILE)
            vfs_content(c, p->container, n, &len);
        if (format && strcmp(format, "%s") == 0)
            out_printf(c, p, 1, "%zu\n", len);
        else if (format && strcmp(format, "%Y") == 0)
            out_printf(c, p, 1, "%lld\n", (long long)(c->epoch + n->mtime / SIM_SECOND));
        else if (format && strcmp(format, "%a") == 0)
            out_printf(c, p, 1, "%o\n", (unsigned)n->mode & 07777);
        else
            out_printf(c, p, 1, "  File: %s\n  Size: %zu\n", p->argv[i], len);
    }
    return status;
}

static int df_run(struct cri *c, struct proc *p)
{
    out_puts(c, p, 1,
             "Filesystem           1K-blocks      Used Available Use% Mounted on\n"
             "overlay               61202244  12345678  45716884  21% /\n");
    return 0;
}

/* ---- names ---- */

static int basename_run(struct cri *c, struct proc *p)
{
    if (p->argc < 2)
        return usage(c, p);
    char *path = proc_strdup(c, p, p->argv[1]);
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/')
        path[--n] = '\0';
    const char *name = strcmp(path, "/") == 0 ? path : base_name(path);
    size_t len = strlen(name), cut = p->argc > 2 ? strlen(p->argv[2]) : 0;
    if (cut && cut < len && strcmp(name + len - cut, p->argv[2]) == 0)
        len -= cut;
    out_printf(c, p, 1, "%.*s\n", (int)len, name);
    return 0;
}

static int dirname_run(struct cri *c, struct proc *p)
{
    if (p->argc < 2)
        return usage(c, p);
    const char *path = p->argv[1];
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/')
        n--;
    while (n && path[n - 1] != '/')
        n--;
    while (n > 1 && path[n - 1] == '/')
        n--;
    out_printf(c, p, 1, "%.*s\n", n ? (int)n : 1, n ? path : ".");
    return 0;
}

static int mktemp_run(struct cri *c, struct proc *p)
{
    struct options o = {.p = p};
    bool dir = false;
    for (int letter; (letter = option_next(&o, "p"));)
        dir |= letter == 'd';
    for (unsigned n = 0; n < 10000; n++) {
        char path[64];
        struct vfs_place at;
        snprintf(path, sizeof path, "/tmp/tmp.%c%c%04u%c", 'A' + (int)(n % 26), 'a' + (int)(p->pid % 26),
                 (unsigned)(p->pid * 7 + (int)n) % 10000, 'k');
        if (find_place(c, p, path, true, &at) != VFS_OK || at.node)
            continue;
        if (vfs_create(c, p->container, &at, dir ? VNODE_DIR : VNODE_FILE, dir ? 0700 : 0600, &at.node) != VFS_OK)
            break;
        out_printf(c, p, 1, "%s\n", path);
        return 0;
    }
    err_printf(c, p, "(null): No such file or directory");
    return 1;
}

static int truncate_run(struct cri *c, struct proc *p)
{
    struct options o = {.p = p};
    int64_t size = 0;
    for (int letter; (letter = option_next(&o, "s"));)
        if (letter == 's' && o.value)
            parse_int64(o.value, &size);
    for (int i = o.next; i < p->argc; i++) {
        enum vfs_error e;
        struct ofile *f = file_open(c, p, p->argv[i], OPEN_WRITE | OPEN_CREATE, &e);
        if (!f) {
            say(c, p, "cannot open '%s' for writing", "%s: open", p->argv[i], e);
            return 1;
        }
        if (f->node && size < (int64_t)f->node->len)
            vfs_truncate(c, f->node, (size_t)(size < 0 ? 0 : size));
        ofile_unref(c, f);
    }
    return 0;
}

/* "4k", "1M": a count with a unit. */
static int64_t size_of(const char *s)
{
    int64_t v = 0;
    for (; sh_is_digit(*s) && v < 1000000000; s++)
        v = v * 10 + (*s - '0');
    return *s == 'k' || *s == 'K' ? v << 10 : *s == 'M' ? v << 20 : *s == 'G' ? v << 30 : v;
}

struct dd_data {
    bool begun;
    struct ofile *in, *out;
    int64_t block, count, left, blocks, total;
    bool quiet;
};

static bool dd_begin(struct cri *c, struct proc *p, struct dd_data *d)
{
    enum vfs_error e = VFS_OK;
    d->begun = true;
    d->block = 512;
    d->count = -1;
    for (int i = 1; i < p->argc; i++) {
        const char *arg = p->argv[i];
        if (strncmp(arg, "bs=", 3) == 0)
            d->block = size_of(arg + 3);
        else if (strncmp(arg, "count=", 6) == 0)
            d->count = size_of(arg + 6);
        else if (strncmp(arg, "if=", 3) == 0)
            d->in = file_open(c, p, arg + 3, OPEN_READ, &e);
        else if (strncmp(arg, "of=", 3) == 0)
            d->out = file_open(c, p, arg + 3, OPEN_WRITE | OPEN_CREATE | OPEN_TRUNCATE, &e);
        else if (strcmp(arg, "status=none") == 0)
            d->quiet = true;
        if (e != VFS_OK) {
            err_printf(c, p, is_gnu(p) ? "failed to open '%s': %s" : "can't open '%s': %s", arg + 3, vfs_error_text(e));
            return false;
        }
    }
    if (d->count < 0 || __builtin_mul_overflow(d->count, d->block, &d->left))
        d->left = INT64_MAX;
    if (!d->in)
        d->in = ofile_ref(p->fds[0]);
    if (!d->out)
        d->out = ofile_ref(p->fds[1]);
    return true;
}

static enum step dd_end(struct cri *c, struct proc *p, struct dd_data *d, int status)
{
    if (d->begun && !d->quiet && d->block > 0)
        out_printf(c, p, 2, "%lld+%d records in\n%lld+%d records out\n", (long long)(d->total / d->block),
                   d->total % d->block != 0, (long long)(d->total / d->block), d->total % d->block != 0);
    ofile_unref(c, d->in);
    ofile_unref(c, d->out);
    d->in = d->out = NULL;
    return proc_exit_with(p, status);
}

static enum step dd_step(struct cri *c, struct proc *p)
{
    struct dd_data *d = p->data;
    char bytes[4096];
    if (!d->begun) {
        if (!dd_begin(c, p, d))
            return dd_end(c, p, d, 1);
        proc_memory_set(c, p, d->block < d->left ? d->block : d->left); /* its buffer, filled by the first read */
    }
    size_t want = d->left < (int64_t)sizeof bytes ? (size_t)d->left : sizeof bytes;
    int64_t n = want ? ofile_read(c, p, d->in, bytes, want) : 0;
    if (n == READ_BLOCKED)
        return STEP_BLOCK;
    if (n <= 0)
        return dd_end(c, p, d, 0);
    int r = ofile_write(c, p, d->out, bytes, (size_t)n);
    if (r == FD_NOSPACE)
        err_printf(c, p, "error writing: No space left on device");
    if (r != FD_OK)
        return dd_end(c, p, d, 1);
    d->left -= n;
    d->total += n;
    return STEP_AGAIN;
}

static const struct program program_dd = {.name = "dd", .step = dd_step, .data_bytes = sizeof(struct dd_data)};

static int sync_run(struct cri *c, struct proc *p)
{
    (void)c, (void)p;
    return 0;
}

static const struct command command_touch = COMMAND("touch", touch_run), command_rm = COMMAND("rm", rm_run),
                            command_mkdir = COMMAND("mkdir", mkdir_run), command_rmdir = COMMAND("rmdir", rmdir_run),
                            command_cp = COMMAND("cp", cp_run), command_mv = COMMAND("mv", mv_run),
                            command_ln = COMMAND("ln", ln_run), command_readlink = COMMAND("readlink", readlink_run),
                            command_realpath = COMMAND("realpath", readlink_run),
                            command_chmod = COMMAND("chmod", chmod_run), command_chown = COMMAND("chown", chmod_run),
                            command_ls = COMMAND("ls", ls_run), command_find = COMMAND("find", find_run),
                            command_stat = COMMAND("stat", stat_run), command_df = COMMAND("df", df_run),
                            command_basename = COMMAND("basename", basename_run),
                            command_dirname = COMMAND("dirname", dirname_run),
                            command_mktemp = COMMAND("mktemp", mktemp_run),
                            command_truncate = COMMAND("truncate", truncate_run),
                            command_sync = COMMAND("sync", sync_run);

const struct applet file_applets[] = {
    {"basename", &command_basename.program, IMAGE_SHELLS},
    {"chgrp", &command_chown.program, IMAGE_SHELLS},
    {"chmod", &command_chmod.program, IMAGE_SHELLS},
    {"chown", &command_chown.program, IMAGE_SHELLS},
    {"cp", &command_cp.program, IMAGE_SHELLS},
    {"dd", &program_dd, IMAGE_SHELLS},
    {"df", &command_df.program, IMAGE_SHELLS},
    {"dirname", &command_dirname.program, IMAGE_SHELLS},
    {"find", &command_find.program, IMAGE_SHELLS},
    {"ln", &command_ln.program, IMAGE_SHELLS},
    {"ls", &command_ls.program, IMAGE_SHELLS},
    {"mkdir", &command_mkdir.program, IMAGE_SHELLS},
    {"mktemp", &command_mktemp.program, IMAGE_SHELLS},
    {"mv", &command_mv.program, IMAGE_SHELLS},
    {"readlink", &command_readlink.program, IMAGE_SHELLS},
    {"realpath", &command_realpath.program, IMAGE_SHELLS},
    {"rm", &command_rm.program, IMAGE_SHELLS},
    {"rmdir", &command_rmdir.program, IMAGE_SHELLS},
    {"stat", &command_stat.program, IMAGE_SHELLS},
    {"sync", &command_sync.program, IMAGE_SHELLS},
    {"touch", &command_touch.program, IMAGE_SHELLS},
    {"truncate", &command_truncate.program, IMAGE_SHELLS},
    {NULL, NULL, 0},
};
