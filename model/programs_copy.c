/* programs_copy.c - cp, mv, ln, link, install: a file under another name. Left out: asking before it is overwritten. */
#include <string.h>

#include "model/programs.h"

struct copying {
    bool recursive, preserve, links, force, keep_links, newer, never, verbose, no_target_dir;
    bool symbolic, hard; /* cp -s, -l */
    const char *target_dir;
    const char *command;
};

/* `to` as it is, or `to`/name of `from` if `to` is a directory (`links`: or a link to one). */
static char *into(struct cri *c, struct proc *p, const char *from, const char *to, bool links)
{
    struct vfs_place at;
    if (vfs_lookup(c, p->container, p->cwd, to, links, &at) != VFS_OK || !at.node || at.node->type != VNODE_DIR)
        return proc_strdup(c, p, to);
    size_t len = strlen(from);
    while (len > 1 && from[len - 1] == '/')
        len--;
    char *trimmed = mem_strndup(&c->mem, &p->mem, from, len), *path = path_join(c, p, to, path_base(trimmed));
    mem_free(&c->mem, trimmed);
    return path;
}

static bool is_dir(struct cri *c, struct proc *p, const char *path)
{
    struct vnode *n;
    return vfs_find(c, p->container, p->cwd, path, &n) == VFS_OK && n->type == VNODE_DIR;
}

static void keep_attributes(struct vnode *to, const struct vnode *from)
{
    to->mtime = from->mtime;
    to->mode = from->mode;
    to->uid = from->uid;
    to->gid = from->gid;
}

static int cannot_create(struct cri *c, struct proc *p, const char *to, enum vfs_error e)
{
    say_error(c, p, "cannot create regular file '%s'", "can't create '%s'", to, e);
    return 1;
}

static int copy_any(struct cri *c, struct proc *p, const char *from_path, const char *to, const struct copying *how,
                    uint32_t depth);

static int copy_dir(struct cri *c, struct proc *p, struct vnode *from, const char *from_path, const char *to,
                    struct vfs_place *at, const struct copying *how, uint32_t depth)
{
    int status = 0;
    if (!at->node) {
        uint16_t mode = (uint16_t)(how->preserve ? from->mode : from->mode & ~p->umask);
        enum vfs_error e = vfs_create(c, p->container, at, VNODE_DIR, mode, &at->node);
        if (e != VFS_OK) {
            say_error(c, p, "cannot create directory '%s'", "can't create directory '%s'", to, e);
            return 1;
        }
        if (how->verbose && is_gnu(p))
            out_printf(c, p, 1, "'%s' -> '%s'\n", from_path, to);
    }
    struct vnode *made = at->node;
    for (struct vnode *n = vfs_first(c, p->container, from); n; n = n->next) {
        if (vfs_real(n) == made)
            continue;
        char *inner = path_join(c, p, from_path, n->name), *inner_to = path_join(c, p, to, n->name);
        status |= copy_any(c, p, inner, inner_to, how, depth + 1);
        mem_free(&c->mem, inner);
        mem_free(&c->mem, inner_to);
    }
    if (how->preserve)
        keep_attributes(made, from);
    return status;
}

static enum vfs_error make_link(struct cri *c, struct proc *p, const char *target, const char *to, struct vfs_place *at)
{
    enum vfs_error e = at->entry ? vfs_remove(c, p->container, at) : VFS_OK;
    if (e == VFS_OK)
        e = vfs_lookup(c, p->container, p->cwd, to, false, at);
    if (e == VFS_OK)
        e = vfs_create(c, p->container, at, VNODE_LINK, 0777, &at->node);
    if (e == VFS_OK) {
        at->node->data = mem_strdup(&c->mem, NULL, target);
        at->node->len = strlen(target);
    }
    return e;
}

static enum vfs_error copy_content(struct cri *c, struct proc *p, struct vnode *from, struct vfs_place *at)
{
    size_t len = 0;
    enum vfs_error e = VFS_OK;
    if (!at->node)
        e = vfs_create(c, p->container, at, VNODE_FILE, (uint16_t)(from->mode & ~p->umask), &at->node);
    if (e != VFS_OK)
        return e;
    const char *data = from->type == VNODE_FILE ? vfs_content(c, p->container, from, &len) : "";
    at->node->program = from->program;
    vfs_truncate(c, at->node, 0);
    e = len ? vfs_write(c, at->node, 0, data, len) : VFS_OK;
    return e == VFS_OK && from->zeros ? vfs_extend(c, at->node, vfs_size(from)) : e;
}

static int copy_file(struct cri *c, struct proc *p, struct vnode *from, const char *from_path, const char *to,
                     struct vfs_place *at, const struct copying *how)
{
    enum vfs_error e;
    if (at->node == from) {
        err_printf(c, p, "'%s' and '%s' are the same file", from_path, to);
        return 1;
    }
    if (at->node && (how->never || (how->newer && at->node->mtime >= from->mtime)))
        return 0;
    if (at->node && at->node->type == VNODE_DIR && is_gnu(p))
        return err_printf(c, p, "cannot overwrite directory '%s' with non-directory", to), 1;
    if (at->node && at->node->type == VNODE_DIR)
        return cannot_create(c, p, to, VFS_ISDIR);
    if (at->node && at->read_only)
        return cannot_create(c, p, to, VFS_ROFS);
    if (how->symbolic)
        e = make_link(c, p, from_path, to, at);
    else if (from->type == VNODE_LINK)
        e = make_link(c, p, from->data ? from->data : "", to, at);
    else
        e = copy_content(c, p, from, at);
    if (e != VFS_OK)
        return cannot_create(c, p, to, e);
    if (how->preserve)
        keep_attributes(at->node, from);
    return 0;
}

static int copy_any(struct cri *c, struct proc *p, const char *from_path, const char *to, const struct copying *how,
                    uint32_t depth)
{
    struct vfs_place source, at;
    bool follow = !how->links && (depth == 0 || !how->recursive || how->keep_links);
    if (how->recursive && !how->keep_links && depth == 0)
        follow = false;
    enum vfs_error e = vfs_lookup(c, p->container, p->cwd, from_path, follow, &source);
    if (e == VFS_OK && !source.node)
        e = VFS_NOENT;
    if (e != VFS_OK) {
        say_error(c, p, "cannot stat '%s'", "can't stat '%s'", from_path, e);
        return 1;
    }
    if (source.node->type == VNODE_DIR && !how->recursive) {
        err_printf(c, p, is_gnu(p) ? "-r not specified; omitting directory '%s'" : "omitting directory '%s'",
                   from_path);
        return 1;
    }
    e = vfs_lookup(c, p->container, p->cwd, to, source.node->type != VNODE_LINK, &at);
    if (e == VFS_OK && depth > VFS_DEPTH_MAX)
        e = VFS_LOOP;
    if (e != VFS_OK)
        return cannot_create(c, p, to, e);
    int status = source.node->type == VNODE_DIR ? copy_dir(c, p, source.node, from_path, to, &at, how, depth)
                                                : copy_file(c, p, source.node, from_path, to, &at, how);
    if (how->verbose && !status && !(is_gnu(p) && source.node->type == VNODE_DIR))
        out_printf(c, p, 1, "'%s' -> '%s'\n", from_path, to);
    return status;
}

/* ---- cp ---- */

static bool cp_options(struct cri *c, struct options *o, struct copying *how)
{
    static const struct long_option longs[] = {{"recursive", 'r'},
                                               {"archive", 'a'},
                                               {"force", 'f'},
                                               {"preserve", 'p'},
                                               {"dereference", 'L'},
                                               {"no-dereference", 'P'},
                                               {"update", 'u'},
                                               {"no-clobber", 'n'},
                                               {"verbose", 'v'},
                                               {"parents", 'X'},
                                               {"no-target-directory", 'T'},
                                               {"target-directory", 't'},
                                               {"symbolic-link", 's'},
                                               {"link", 'l'},
                                               {"remove-destination", 'f'},
                                               {NULL, 0}};
    for (int letter; (letter = option_get(c, o, "arRPLHpdfinlsTt:uvx", longs));) {
        if (letter == '?')
            return false;
        how->recursive |= letter == 'r' || letter == 'R' || letter == 'a';
        how->preserve |= letter == 'p' || letter == 'a';
        how->links |= letter == 'a' || letter == 'P' || letter == 'd';
        how->keep_links |= letter == 'L' || letter == 'H';
        how->force |= letter == 'f';
        how->never |= letter == 'n';
        how->newer |= letter == 'u';
        how->verbose |= letter == 'v';
        how->no_target_dir |= letter == 'T';
        how->symbolic |= letter == 's';
        if (letter == 't')
            how->target_dir = o->value;
    }
    return true;
}

static int cp_run(struct cri *c, struct proc *p)
{
    struct options o = {.p = p};
    struct copying how = {0};
    int status = 0;
    if (!cp_options(c, &o, &how))
        return 1;
    if (p->argc - o.next < (how.target_dir ? 1 : 2))
        return usage_missing(c, p);
    const char *to = how.target_dir ? how.target_dir : p->argv[p->argc - 1];
    int end = how.target_dir ? p->argc : p->argc - 1;
    bool several = end - o.next > 1;
    for (int i = o.next; i < end; i++) {
        const char *from = p->argv[i];
        char *path;
        if (several && !is_dir(c, p, to)) /* busybox builds the name all the same */
            path = path_join(c, p, to, path_base(from));
        else
            path = how.no_target_dir ? proc_strdup(c, p, to) : into(c, p, from, to, true);
        if (several && is_gnu(p) && !is_dir(c, p, to)) {
            struct vnode *n;
            err_printf(c, p, "target '%s': %s", to,
                       vfs_error_text(vfs_find(c, p->container, p->cwd, to, &n) == VFS_OK ? VFS_NOTDIR : VFS_NOENT));
            return 1;
        }
        status |= copy_any(c, p, from, path, &how, 0);
        mem_free(&c->mem, path);
    }
    return status;
}

/* ---- mv ---- */

static int mv_one(struct cri *c, struct proc *p, const char *from_path, const char *to, const struct copying *how)
{
    struct vfs_place from, at;
    enum vfs_error e = vfs_lookup(c, p->container, p->cwd, from_path, false, &from);
    if (e == VFS_OK && !from.entry)
        e = VFS_NOENT;
    if (e != VFS_OK) {
        say_error(c, p, "cannot stat '%s'", "can't rename '%s'", from_path, e);
        return 1;
    }
    e = vfs_lookup(c, p->container, p->cwd, to, false, &at);
    if (e == VFS_OK && at.entry && how->never)
        return 0;
    if (e == VFS_OK && from.dir && at.dir && from.dir->in_volume != at.dir->in_volume &&
        from.node->type == VNODE_FILE &&
        !(at.node && at.node->type == VNODE_DIR)) { /* another file system: copied, then removed */
        struct copying all = {.preserve = true, .links = true};
        if (copy_file(c, p, from.node, from_path, to, &at, &all))
            return 1;
        e = vfs_remove(c, p->container, &from);
    } else if (e == VFS_OK) {
        e = vfs_rename(c, p->container, &from, &at);
    }
    if (e == VFS_INVAL && is_gnu(p))
        err_printf(c, p, "cannot move '%s' to a subdirectory of itself, '%s'", from_path, to);
    else if (e != VFS_OK)
        say_error(c, p, "cannot move to '%s'", "can't rename '%s'", is_gnu(p) ? to : from_path, e);
    else if (how->verbose)
        out_printf(c, p, 1, is_gnu(p) ? "renamed '%s' -> '%s'\n" : "'%s' -> '%s'\n", from_path, to);
    return e != VFS_OK;
}

static int mv_run(struct cri *c, struct proc *p)
{
    static const struct long_option longs[] = {
        {"force", 'f'}, {"no-clobber", 'n'}, {"verbose", 'v'}, {"no-target-directory", 'T'}, {"target-directory", 't'},
        {NULL, 0}};
    struct options o = {.p = p};
    struct copying how = {0};
    int status = 0;
    for (int letter; (letter = option_get(c, &o, "finvTt:u", longs));) {
        if (letter == '?')
            return 1;
        how.never |= letter == 'n';
        how.verbose |= letter == 'v';
        how.no_target_dir |= letter == 'T';
        if (letter == 't')
            how.target_dir = o.value;
    }
    if (p->argc - o.next < (how.target_dir ? 1 : 2))
        return usage_missing(c, p);
    const char *to = how.target_dir ? how.target_dir : p->argv[p->argc - 1];
    int end = how.target_dir ? p->argc : p->argc - 1;
    for (int i = o.next; i < end; i++) {
        struct vnode *n;
        if (end - o.next > 1 && vfs_find(c, p->container, p->cwd, to, &n) == VFS_OK && n->type != VNODE_DIR) {
            if (is_gnu(p)) {
                err_printf(c, p, "target '%s': Not a directory", to);
                return 1;
            }
            err_printf(c, p, "can't stat '%s/%s': Path has non-directory component", to, path_base(p->argv[i]));
            status = 1;
            continue;
        }
        char *path = how.no_target_dir ? proc_strdup(c, p, to) : into(c, p, p->argv[i], to, true);
        status |= mv_one(c, p, p->argv[i], path, &how);
        mem_free(&c->mem, path);
    }
    return status;
}

/* ---- ln, link ---- */

static int ln_one(struct cri *c, struct proc *p, const char *target, const char *to, bool symbolic, bool force)
{
    struct vfs_place at;
    struct vnode *from = NULL;
    enum vfs_error e = symbolic ? VFS_OK : vfs_find(c, p->container, p->cwd, target, &from);
    if (e != VFS_OK) {
        say_error(c, p, "failed to access '%s'", "%s", target, e);
        return 1;
    }
    e = vfs_lookup(c, p->container, p->cwd, to, false, &at);
    if (e == VFS_OK && at.entry)
        e = force ? vfs_remove(c, p->container, &at) : VFS_EXIST;
    if (e == VFS_OK)
        e = vfs_lookup(c, p->container, p->cwd, to, false, &at);
    if (e == VFS_OK && symbolic)
        e = make_link(c, p, target, to, &at);
    else if (e == VFS_OK)
        e = from->type == VNODE_DIR ? VFS_PERM : vfs_link(c, &at, from);
    if (e != VFS_OK) {
        if (is_gnu(p))
            err_printf(c, p, "failed to create %s '%s': %s", symbolic ? "symbolic link" : "hard link", to,
                       vfs_error_text(e));
        else
            err_printf(c, p, "%s: %s", to, vfs_error_text(e));
    }
    return e != VFS_OK;
}

static int ln_run(struct cri *c, struct proc *p)
{
    static const struct long_option longs[] = {
        {"symbolic", 's'}, {"force", 'f'}, {"no-dereference", 'n'}, {"verbose", 'v'}, {"no-target-directory", 'T'},
        {NULL, 0}};
    struct options o = {.p = p};
    bool symbolic = false, force = false, follow = true, verbose = false, no_dir = false;
    int status = 0;
    for (int letter; (letter = option_get(c, &o, "sfnbtvTr", longs));) {
        if (letter == '?')
            return 1;
        symbolic |= letter == 's';
        force |= letter == 'f';
        follow &= letter != 'n';
        verbose |= letter == 'v';
        no_dir |= letter == 'T';
    }
    if (o.next >= p->argc)
        return usage_missing(c, p);
    int end = p->argc - o.next > 1 ? p->argc - 1 : p->argc;
    const char *last = p->argc - o.next > 1 ? p->argv[p->argc - 1] : ".";
    for (int i = o.next; i < end; i++) {
        char *to = no_dir ? proc_strdup(c, p, last) : into(c, p, p->argv[i], last, follow);
        int one = ln_one(c, p, p->argv[i], to, symbolic, force);
        if (verbose && !one)
            out_printf(c, p, 1, "'%s' -> '%s'\n", to, p->argv[i]);
        status |= one;
        mem_free(&c->mem, to);
    }
    return status;
}

static int link_run(struct cri *c, struct proc *p)
{
    return p->argc == 3 ? ln_one(c, p, p->argv[1], p->argv[2], false, false) : usage_missing(c, p);
}

/* ---- install ---- */

static int make_parents_of(struct cri *c, struct proc *p, const char *path, bool itself)
{
    for (size_t end = 1; path[end - 1]; end++) {
        if (path[end] != '/' && path[end])
            continue;
        if (!path[end] && !itself)
            return 0;
        struct vfs_place at;
        char *part = mem_strndup(&c->mem, &p->mem, path, end);
        enum vfs_error e = vfs_lookup(c, p->container, p->cwd, part, true, &at);
        if (e == VFS_OK && !at.node)
            e = vfs_create(c, p->container, &at, VNODE_DIR, 0755, &at.node);
        if (e != VFS_OK) {
            say_error(c, p, "cannot create directory '%s'", "can't create directory '%s'", part, e);
            return 1;
        }
        mem_free(&c->mem, part);
        if (!path[end])
            return 0;
    }
    return 0;
}

static int install_run(struct cri *c, struct proc *p)
{
    struct options o = {.p = p};
    struct copying how = {0};
    bool dirs = false, parents = false;
    const char *mode = "755";
    int status = 0;
    for (int letter; (letter = option_get(c, &o, "cdDpsg:m:o:t:T", NULL));) {
        if (letter == '?')
            return 1;
        dirs |= letter == 'd';
        parents |= letter == 'D';
        if (letter == 'm')
            mode = o.value;
        if (letter == 't')
            how.target_dir = o.value;
    }
    if (o.next >= p->argc)
        return usage_missing(c, p);
    for (int i = o.next; dirs && i < p->argc; i++)
        status |= make_parents_of(c, p, p->argv[i], true);
    int end = dirs ? o.next : how.target_dir ? p->argc : p->argc - 1;
    for (int i = o.next; i < end; i++) {
        struct vnode *made;
        const char *last = how.target_dir ? how.target_dir : p->argv[p->argc - 1];
        if (parents && make_parents_of(c, p, last, how.target_dir != NULL))
            return 1;
        char *to = into(c, p, p->argv[i], last, true);
        status |= copy_any(c, p, p->argv[i], to, &how, 0);
        if (vfs_find(c, p->container, p->cwd, to, &made) == VFS_OK && !apply_mode(mode, p->umask, false, &made->mode)) {
            err_printf(c, p, "invalid mode '%s'", mode);
            return 1;
        }
        mem_free(&c->mem, to);
    }
    return status;
}

static const struct command command_cp = COMMAND("cp", cp_run), command_mv = COMMAND("mv", mv_run),
                            command_ln = COMMAND("ln", ln_run), command_link = COMMAND("link", link_run),
                            command_install = COMMAND("install", install_run);

const struct applet copy_applets[] = {
    {"cp", &command_cp.program, IMAGE_SHELLS},           {"mv", &command_mv.program, IMAGE_SHELLS},
    {"ln", &command_ln.program, IMAGE_SHELLS},           {"link", &command_link.program, IMAGE_SHELLS},
    {"install", &command_install.program, IMAGE_SHELLS}, {NULL, NULL, 0},
};
