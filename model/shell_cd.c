/* shell_cd.c - cd and pwd: ash.c cdcmd, updatepwd. */
#include <string.h>

#include "model/shell.h"

/* The path of the working directory without symbolic links; owned. */
static char *physical(struct shell *sh, const char *path)
{
    char *now = vfs_normalize(sh->c, &sh->p->mem, "/", path);
    for (int links = 0; links < 40; links++) { /* each turn replaces the first link */
        bool found = false;
        for (size_t n = 1; now[n - 1] && !found; n++) {
            if (now[n] != '/' && now[n])
                continue;
            char saved = now[n];
            struct vfs_place at;
            now[n] = '\0';
            enum vfs_error e = vfs_lookup(sh->c, sh->p->container, "/", now, false, &at);
            found = e == VFS_OK && at.node && at.node->type == VNODE_LINK;
            if (found) {
                char *slash = strrchr(now, '/');
                char *target = proc_strdup(sh->c, sh->p, at.node->data ? at.node->data : "");
                struct mem_buf b = {0};
                now[n] = saved;
                char *rest = proc_strdup(sh->c, sh->p, now + n);
                *slash = '\0';
                if (target[0] != '/') {
                    buf_puts(&sh->c->mem, &sh->p->mem, &b, now);
                    buf_putc(&sh->c->mem, &sh->p->mem, &b, '/');
                }
                buf_puts(&sh->c->mem, &sh->p->mem, &b, target);
                buf_puts(&sh->c->mem, &sh->p->mem, &b, rest);
                mem_free(&sh->c->mem, now);
                mem_free(&sh->c->mem, target);
                mem_free(&sh->c->mem, rest);
                now = vfs_normalize(sh->c, &sh->p->mem, "/", b.data);
                buf_fini(&sh->c->mem, &b);
            } else {
                now[n] = saved;
            }
        }
        if (!found)
            break;
    }
    return now;
}

/* Goes there; false: *ret_error says why not. */
static bool change(struct shell *sh, const char *to, bool follow, enum vfs_error *ret_error)
{
    struct vnode *n = NULL;
    char *cwd = vfs_normalize(sh->c, &sh->p->mem, sh->p->cwd, to);
    *ret_error = vfs_find(sh->c, sh->p->container, "/", follow ? to : cwd, &n);
    if (follow)
        *ret_error = vfs_find(sh->c, sh->p->container, sh->p->cwd, to, &n);
    if (*ret_error == VFS_OK && n->type != VNODE_DIR)
        *ret_error = VFS_NOTDIR;
    if (*ret_error != VFS_OK) {
        mem_free(&sh->c->mem, cwd);
        return false;
    }
    if (follow) {
        char *real = physical(sh, cwd);
        mem_free(&sh->c->mem, cwd);
        cwd = real;
    }
    sh_set(sh, "OLDPWD", sh->p->cwd);
    mem_free(&sh->c->mem, sh->p->cwd);
    sh->p->cwd = cwd;
    sh_set(sh, "PWD", cwd);
    return true;
}

static bool is_dot(const char *s)
{
    if (s[0] != '.')
        return false;
    s += s[1] == '.' ? 2 : 1;
    return *s == '/' || !*s;
}

/* CDPATH: the first entry with such a directory; owned, or NULL. */
static char *in_cdpath(struct shell *sh, const char *to)
{
    const char *path = sh_get(sh, "CDPATH");
    struct vnode *n;
    if (!path || to[0] == '/' || is_dot(to))
        return NULL;
    for (const char *s = path;; s++) {
        size_t len = strcspn(s, ":");
        struct mem_buf b = {0};
        buf_add(&sh->c->mem, &sh->p->mem, &b, s, len);
        if (len)
            buf_putc(&sh->c->mem, &sh->p->mem, &b, '/');
        buf_puts(&sh->c->mem, &sh->p->mem, &b, to);
        if (len && vfs_find(sh->c, sh->p->container, sh->p->cwd, b.data, &n) == VFS_OK && n->type == VNODE_DIR)
            return b.data;
        buf_fini(&sh->c->mem, &b);
        s += len;
        if (!len || !*s)
            return NULL;
    }
}

static void cannot(struct shell *sh, const char *to, enum vfs_error e)
{
    if (sh->dialect == DIALECT_DASH)
        sh_fatal(sh, 2, "can't cd to %s", to);
    else if (sh->dialect == DIALECT_BUSYBOX)
        sh_fatal(sh, 2, "can't cd to %s: %s", to, vfs_error_text(e));
    else
        sh_error(sh, "%s: %s", to, vfs_error_text(e));
}

int builtin_cd(struct shell *sh, int argc, char **argv)
{
    int i = 1;
    bool follow = false;
    for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
        if (strcmp(argv[i], "--") == 0) {
            i++;
            break;
        }
        follow = strchr(argv[i], 'P') != NULL;
    }
    const char *to = i < argc ? argv[i] : sh_get(sh, "HOME");
    bool print = to && strcmp(to, "-") == 0;
    enum vfs_error e;
    if (print)
        to = sh_get(sh, "OLDPWD");
    if (!to || !*to) {
        if (sh->dialect != DIALECT_BUSYBOX && !to)
            return 0;
        to = ".";
    }
    char *place = in_cdpath(sh, to), *wanted = proc_strdup(sh->c, sh->p, to);
    bool ok = change(sh, place ? place : wanted, follow, &e);
    if (!ok)
        cannot(sh, wanted, e);
    else if (print || place)
        out_printf(sh->c, sh->p, 1, "%s\n", sh->p->cwd);
    mem_free(&sh->c->mem, place);
    mem_free(&sh->c->mem, wanted);
    return !ok;
}

int builtin_pwd(struct shell *sh, int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "-P") == 0) {
        char *path = physical(sh, sh->p->cwd);
        out_printf(sh->c, sh->p, 1, "%s\n", path);
        mem_free(&sh->c->mem, path);
        return 0;
    }
    out_printf(sh->c, sh->p, 1, "%s\n", sh->p->cwd);
    return 0;
}
