/* programs_file.c - commands that change files and directories: touch, rm, mkdir, rmdir, mktemp, truncate, chmod,
 * chown, unlink, sync. Names and words are those of busybox 1.36 and of coreutils. Left out: asking before removal.
 */
#include "model/programs.h"

#include <stdio.h>
#include <string.h>

#include "model/shell.h"

static enum vfs_error find_place(struct cri *c, struct proc *p, const char *path, bool follow, struct vfs_place *at)
{
    return vfs_lookup(c, p->container, p->cwd, path, follow, at);
}

/* ---- touch ---- */

struct touch {
    bool no_create, no_follow;
    sim_time at;
};

static bool touch_options(struct cri *c, struct proc *p, struct options *o, struct touch *t)
{
    static const struct long_option longs[] = {
        {"no-create", 'c'}, {"date", 'd'}, {"reference", 'r'}, {"no-dereference", 'h'}, {NULL, 0}};
    struct vnode *like;
    int64_t seconds = 0, now = epoch_at(c, proc_now(c));
    t->at = proc_now(c);
    for (int letter; (letter = option_get(c, o, "chamd:t:r:f", longs));) {
        t->no_create |= letter == 'c';
        t->no_follow |= letter == 'h';
        if (letter == '?')
            return false;
        if (letter == 'r') {
            enum vfs_error e = vfs_find(c, p->container, p->cwd, o->value, &like);
            if (e != VFS_OK) {
                say_error(c, p, "failed to get attributes of '%s'", "can't stat '%s'", o->value, e);
                return false;
            }
            t->at = like->mtime;
        } else if (letter == 'd' || letter == 't') {
            if (!parse_date(o->value, is_gnu(p), now, &seconds)) {
                err_printf(c, p, is_gnu(p) ? "invalid date format '%s'" : "invalid date '%s'", o->value);
                return false;
            }
            enum { YEARS_MAX = 290 }; /* simulated time counts no further than 292 years, either way */
            int64_t most = YEARS_MAX * INT64_C(31557600), since = seconds - c->epoch;
            t->at = (since > most ? most : since < -most ? -most : since) * SIM_SECOND;
        }
    }
    return true;
}

static int touch_run(struct cri *c, struct proc *p)
{
    struct options o = {.p = p};
    struct touch t = {0};
    int status = 0;
    if (!touch_options(c, p, &o, &t))
        return 1;
    if (o.next >= p->argc) {
        usage_print(c, p, is_gnu(p) ? "missing file operand" : "");
        return 1;
    }
    for (int i = o.next; i < p->argc; i++) {
        struct vfs_place at;
        enum vfs_error e = find_place(c, p, p->argv[i], !t.no_follow, &at);
        if (e == VFS_OK && at.read_only)
            e = VFS_ROFS;
        if (e == VFS_OK && !at.node && !t.no_create)
            e = vfs_create(c, p->container, &at, VNODE_FILE, (uint16_t)(0666 & ~p->umask), &at.node);
        if (e == VFS_OK && at.node) {
            vfs_stamp(c, at.node);
            at.node->mtime = t.at;
        }
        if (e != VFS_OK) {
            say_error(c, p, "cannot touch '%s'", "%s", p->argv[i], e);
            status = 1;
        }
    }
    return status;
}

/* ---- rm, unlink ---- */

struct removal {
    bool force, recursive, directories, verbose;
};

static bool may_remove(struct cri *c, struct proc *p, const char *path, const struct vfs_place *at,
                       const struct removal *r)
{
    const char *name = path_base(path);
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
        if (is_gnu(p))
            err_printf(c, p, "refusing to remove '.' or '..' directory: skipping '%s'", path);
        else
            err_printf(c, p, "can't remove '.' or '..'");
        return false;
    }
    if (at->node && !at->dir) {
        err_printf(c, p,
                   is_gnu(p) ? "it is dangerous to operate recursively on '/'"
                             : "can't remove '/': Operation not permitted");
        return false;
    }
    if (at->entry && at->node->type == VNODE_DIR && !r->recursive && !r->directories) {
        if (is_gnu(p))
            err_printf(c, p, "cannot remove '%s': Is a directory", path);
        else
            err_printf(c, p, "'%s' is a directory", path);
        return false;
    }
    return true;
}

static int rm_one(struct cri *c, struct proc *p, const char *path, const struct removal *r)
{
    struct vfs_place at;
    enum vfs_error e = find_place(c, p, path, false, &at);
    if (e == VFS_OK && !may_remove(c, p, path, &at, r))
        return 1;
    if (e == VFS_OK && !at.entry)
        e = VFS_NOENT;
    if (r->force && (e == VFS_NOENT || e == VFS_NOTDIR))
        return 0;
    if (e == VFS_OK)
        e = r->recursive ? vfs_remove_tree(c, p->container, &at) : vfs_remove(c, p->container, &at);
    if (e != VFS_OK) {
        say_error(c, p, "cannot remove '%s'", "can't remove '%s'", path, e);
        return 1;
    }
    if (r->verbose)
        out_printf(c, p, 1, is_gnu(p) ? "removed '%s'\n" : "removed '%s'\n", path);
    return 0;
}

static int rm_run(struct cri *c, struct proc *p)
{
    static const struct long_option longs[] = {
        {"force", 'f'}, {"recursive", 'r'}, {"verbose", 'v'}, {"dir", 'd'}, {NULL, 0}};
    struct options o = {.p = p};
    struct removal r = {0};
    int status = 0;
    for (int letter; (letter = option_get(c, &o, is_gnu(p) ? "firRvdI" : "firR", longs));) {
        if (letter == '?')
            return 1;
        r.force |= letter == 'f';
        r.recursive |= letter == 'r' || letter == 'R';
        r.directories |= letter == 'd';
        r.verbose |= letter == 'v';
    }
    if (o.next >= p->argc)
        return r.force ? 0 : usage_missing(c, p);
    for (int i = o.next; i < p->argc; i++)
        status |= rm_one(c, p, p->argv[i], &r);
    return status;
}

static int unlink_run(struct cri *c, struct proc *p)
{
    struct vfs_place at;
    if (p->argc != 2)
        return usage_missing(c, p);
    enum vfs_error e = find_place(c, p, p->argv[1], false, &at);
    if (e == VFS_OK && !at.entry)
        e = VFS_NOENT;
    if (e == VFS_OK && at.node->type == VNODE_DIR)
        e = VFS_ISDIR;
    if (e == VFS_OK)
        e = vfs_remove(c, p->container, &at);
    if (e != VFS_OK)
        say_error(c, p, "cannot unlink '%s'", "can't remove file '%s'", p->argv[1], e);
    return e != VFS_OK;
}

/* ---- modes ---- */

/* The bits that "g=u" copies, where `who` may have them. */
static uint32_t copied_bits(char from, uint32_t mode, uint32_t who)
{
    uint32_t bits = mode >> (from == 'u' ? 6 : from == 'g' ? 3 : 0) & 7;
    return (bits << 6 | bits << 3 | bits) & who;
}

/* One clause of a symbolic mode, "u+rwx"; `*s` is left behind it. */
static bool mode_clause(const char **s, uint32_t umask, bool directory, uint32_t *mode)
{
    uint32_t who = 0, masked = 0;
    for (; **s && strchr("ugoa", **s); (*s)++)
        who |= **s == 'u' ? 04700u : **s == 'g' ? 02070u : **s == 'o' ? 01007u : 07777u;
    if (!who) {
        who = 07777;
        masked = umask;
    }
    while (**s == '+' || **s == '-' || **s == '=') {
        char op = *(*s)++;
        uint32_t bits = 0;
        if (**s && strchr("ugo", **s)) {
            bits = copied_bits(*(*s)++, *mode, who & 0777);
        } else {
            bool any_x = directory || (*mode & 0111);
            for (; **s && strchr("rwxXst", **s); (*s)++)
                bits |= **s == 'r'   ? 0444u
                        : **s == 'w' ? 0222u
                        : **s == 'x' ? 0111u
                        : **s == 'X' ? (any_x ? 0111u : 0u)
                        : **s == 's' ? 06000u
                                     : 01000u;
            bits &= (who | 01000) & ~masked;
        }
        *mode = op == '+' ? *mode | bits : op == '-' ? *mode & ~bits : (*mode & ~(who & 0777)) | bits;
    }
    return !**s || **s == ',';
}

/* "755", "+x", "u+rwx,go-w" */
bool apply_mode(const char *s, uint32_t umask, bool directory, uint16_t *mode)
{
    uint32_t m = 0;
    if (*s >= '0' && *s <= '7') {
        for (; *s >= '0' && *s <= '7'; s++)
            m = (m * 8 + (uint32_t)(*s - '0')) & 07777;
        *mode = (uint16_t)m;
        return !*s;
    }
    m = *mode;
    while (*s) {
        const char *start = s;
        if (!mode_clause(&s, umask, directory, &m) || s == start)
            return false;
        s += *s == ',';
    }
    *mode = (uint16_t)m;
    return true;
}

/* ---- mkdir, rmdir ---- */

static enum vfs_error make_dir(struct cri *c, struct proc *p, const char *path, bool exist_ok, uint16_t mode)
{
    struct vfs_place at;
    enum vfs_error e = find_place(c, p, path, true, &at);
    if (e != VFS_OK)
        return e;
    if (at.node)
        return exist_ok && at.node->type == VNODE_DIR ? VFS_OK : VFS_EXIST;
    return vfs_create(c, p->container, &at, VNODE_DIR, mode, &at.node);
}

static enum vfs_error make_parents(struct cri *c, struct proc *p, const char *path, uint16_t mode, const char **ret_bad)
{
    uint16_t usual = (uint16_t)(0777 & ~p->umask);
    *ret_bad = path;
    for (size_t end = 1; path[end - 1]; end++) {
        if (path[end] != '/' && path[end])
            continue;
        char *part = mem_strndup(&c->mem, &p->mem, path, end);
        bool last = !path[end + strspn(path + end, "/")];
        enum vfs_error e = make_dir(c, p, part, true, last ? mode : usual);
        if (e == VFS_EXIST && !last) { /* a file on the way */
            *ret_bad = is_gnu(p) ? part : proc_printf(c, p, "%s/", part);
            return VFS_NOTDIR;
        }
        if (e != VFS_OK || last)
            return e;
    }
    return VFS_OK;
}

static int mkdir_run(struct cri *c, struct proc *p)
{
    static const struct long_option longs[] = {{"parents", 'p'}, {"mode", 'm'}, {"verbose", 'v'}, {NULL, 0}};
    struct options o = {.p = p};
    uint16_t mode = (uint16_t)(0777 & ~p->umask);
    bool parents = false, verbose = false;
    int status = 0;
    for (int letter; (letter = option_get(c, &o, "pm:v", longs));) {
        if (letter == '?')
            return 1;
        parents |= letter == 'p';
        verbose |= letter == 'v';
        if (letter == 'm' && (mode = 0777, !apply_mode(o.value, p->umask, true, &mode))) {
            err_printf(c, p, "invalid mode '%s'", o.value);
            return 1;
        }
    }
    if (o.next >= p->argc)
        return usage_missing(c, p);
    for (int i = o.next; i < p->argc; i++) {
        const char *bad = p->argv[i];
        enum vfs_error e =
            parents ? make_parents(c, p, p->argv[i], mode, &bad) : make_dir(c, p, p->argv[i], false, mode);
        if (e == VFS_OK && verbose)
            out_printf(c, p, 1, is_gnu(p) ? "mkdir: created directory '%s'\n" : "created directory: '%s'\n", bad);
        if (e == VFS_OK)
            continue;
        say_error(c, p, "cannot create directory '%s'", "can't create directory '%s'", bad, e);
        status = 1;
    }
    return status;
}

static enum vfs_error remove_dir(struct cri *c, struct proc *p, const char *path)
{
    struct vfs_place at;
    enum vfs_error e = find_place(c, p, path, false, &at);
    if (e == VFS_OK && !at.entry)
        e = VFS_NOENT;
    if (e == VFS_OK && at.node->type != VNODE_DIR)
        e = VFS_NOTDIR;
    return e == VFS_OK ? vfs_remove(c, p->container, &at) : e;
}

static int rmdir_run(struct cri *c, struct proc *p)
{
    static const struct long_option longs[] = {
        {"parents", 'p'}, {"ignore-fail-on-non-empty", 'i'}, {"verbose", 'v'}, {NULL, 0}};
    struct options o = {.p = p};
    bool parents = false, lenient = false;
    int status = 0;
    for (int letter; (letter = option_get(c, &o, "pvi", longs));) {
        if (letter == '?')
            return 1;
        parents |= letter == 'p';
        lenient |= letter == 'i';
    }
    if (o.next >= p->argc)
        return usage_missing(c, p);
    for (int i = o.next; i < p->argc; i++) {
        char *path = proc_strdup(c, p, p->argv[i]);
        for (;;) {
            enum vfs_error e = remove_dir(c, p, path);
            if (e != VFS_OK && !(lenient && e == VFS_NOTEMPTY)) {
                say_error(c, p, "failed to remove '%s'", "'%s'", path, e);
                status = 1;
                break;
            }
            char *slash = strrchr(path, '/');
            if (!parents || e != VFS_OK || !slash || slash == path)
                break;
            *slash = '\0';
        }
    }
    return status;
}

/* ---- chmod, chown ---- */

struct change {
    const char *mode; /* chmod */
    bool recursive, verbose, only_changes, silent, no_follow;
    bool owner, group; /* chown: given */
    uint32_t uid, gid;
};

void mode_letters(uint32_t mode, char out[10])
{
    for (int i = 0; i < 9; i++)
        out[i] = mode >> (8 - i) & 1 ? "rwxrwxrwx"[i] : '-';
    if (mode & 04000)
        out[2] = mode & 0100 ? 's' : 'S';
    if (mode & 02000)
        out[5] = mode & 0010 ? 's' : 'S';
    if (mode & 01000)
        out[8] = mode & 0001 ? 't' : 'T';
    out[9] = '\0';
}

static bool change_node(struct cri *c, struct proc *p, struct vnode *n, const char *path, const struct change *how)
{
    if (!how->mode) {
        if (how->owner)
            n->uid = how->uid;
        if (how->group)
            n->gid = how->gid;
        return true;
    }
    uint16_t mode = n->mode;
    char letters[10];
    if (!apply_mode(how->mode, p->umask, n->type == VNODE_DIR, &mode)) {
        if (is_gnu(p))
            usage_print(c, p, proc_printf(c, p, "invalid mode: '%s'", how->mode));
        else
            err_printf(c, p, "invalid mode '%s'", how->mode);
        return false;
    }
    mode_letters(mode, letters);
    char before[10];
    mode_letters(n->mode, before);
    if (is_gnu(p) && how->verbose && mode == n->mode)
        out_printf(c, p, 1, "mode of '%s' retained as %04o (%s)\n", path, (unsigned)mode, letters);
    else if (is_gnu(p) && (how->verbose || (how->only_changes && mode != n->mode)))
        out_printf(c, p, 1, "mode of '%s' changed from %04o (%s) to %04o (%s)\n", path, (unsigned)n->mode & 07777u,
                   before, (unsigned)mode, letters);
    else if (how->verbose || (how->only_changes && mode != n->mode))
        out_printf(c, p, 1, "mode of '%s' changed to %04o (%s)\n", path, (unsigned)mode, letters);
    if (mode != n->mode)
        world_changes(c);
    n->mode = mode;
    return true;
}

static int change_tree(struct cri *c, struct proc *p, const char *path, const struct change *how, uint32_t depth)
{
    struct vfs_place at;
    enum vfs_error e = find_place(c, p, path, depth == 0 && !how->no_follow, &at);
    if (e == VFS_OK && !at.node)
        e = VFS_NOENT;
    if (e == VFS_OK && at.read_only)
        e = VFS_ROFS;
    if (e != VFS_OK) {
        if (!how->silent)
            say_error(c, p, "cannot access '%s'", "%s", path, e);
        return 1;
    }
    if (at.node->type == VNODE_LINK && how->mode)
        return 0;
    if (!change_node(c, p, at.node, path, how))
        return 2;
    int status = 0;
    if (!how->recursive || at.node->type != VNODE_DIR || depth > VFS_DEPTH_MAX)
        return 0;
    for (struct vnode *n = vfs_first(c, p->container, at.node); n; n = n->next) {
        char *inner = path_join(c, p, path, n->name);
        status |= change_tree(c, p, inner, how, depth + 1);
        mem_free(&c->mem, inner);
    }
    return status;
}

/* A number, or a name of /etc/passwd or /etc/group. */
static bool parse_id(struct cri *c, struct proc *p, const char *name, size_t len, bool group, uint32_t *ret)
{
    struct vnode *n;
    size_t size;
    int64_t id;
    char *word = mem_strndup(&c->mem, &p->mem, name, len);
    if (parse_int64(word, &id) && id >= 0 && id <= UINT32_MAX) {
        *ret = (uint32_t)id;
        return true;
    }
    if (vfs_find(c, p->container, "/", group ? "/etc/group" : "/etc/passwd", &n) == VFS_OK) {
        for (const char *line = vfs_content(c, p->container, n, &size); *line;
             line += strcspn(line, "\n"), line += *line != '\0') {
            const char *number = strchr(line, ':');
            if (strncmp(line, word, len) != 0 || line[len] != ':' || !(number = strchr(number + 1, ':')))
                continue;
            for (*ret = 0, number++; sh_is_digit(*number); number++)
                *ret = *ret * 10 + (uint32_t)(*number - '0');
            return true;
        }
    }
    if (is_gnu(p))
        err_printf(c, p, group ? "invalid group: '%s'" : "invalid user: '%s'", word);
    else
        err_printf(c, p, group ? "unknown group %s" : "unknown user %s", word);
    return false;
}

const char *id_name(struct cri *c, struct proc *p, uint32_t id, bool group)
{
    struct vnode *n;
    size_t size;
    char *number = proc_printf(c, p, ":%u:", (unsigned)id);
    if (vfs_find(c, p->container, "/", group ? "/etc/group" : "/etc/passwd", &n) == VFS_OK) {
        for (const char *line = vfs_content(c, p->container, n, &size); *line;
             line += strcspn(line, "\n"), line += *line != '\0') {
            const char *colon = strchr(line, ':');
            if (colon && (colon = strchr(colon + 1, ':')) && strncmp(colon, number, strlen(number)) == 0)
                return mem_strndup(&c->mem, &p->mem, line, strcspn(line, ":"));
        }
    }
    number[strlen(number) - 1] = '\0';
    return number + 1;
}

/* "user", "user:group", ":group", "user:" */
static bool parse_owner(struct cri *c, struct proc *p, const char *s, bool chgrp, struct change *ret)
{
    size_t n = strcspn(s, ":.");
    if (chgrp)
        return ret->group = true, parse_id(c, p, s, strlen(s), true, &ret->gid);
    if (n && !parse_id(c, p, s, n, false, &ret->uid))
        return false;
    ret->owner = n > 0;
    ret->group = s[n] && s[n + 1];
    return !ret->group || parse_id(c, p, s + n + 1, strlen(s + n + 1), true, &ret->gid);
}

/* chmod, chown, chgrp */
static int chmod_run(struct cri *c, struct proc *p)
{
    static const struct long_option longs[] = {{"recursive", 'R'}, {"verbose", 'v'},        {"changes", 'c'},
                                               {"quiet", 'f'},     {"no-dereference", 'h'}, {NULL, 0}};
    struct options o = {.p = p};
    struct change how = {0};
    int status = 0;
    bool chmod = strcmp(p->program->name, "chmod") == 0;
    if (!(p->argc > 1 && p->argv[1][0] == '-' && p->argv[1][1] &&
          strchr("rwxXst", p->argv[1][1]))) { /* chmod -x file */
        for (int letter; (letter = option_get(c, &o, chmod ? "+RvcfrwxXst" : "RhLHPvcf", longs));) {
            if (letter == '?')
                return 1;
            how.recursive |= letter == 'R';
            how.verbose |= letter == 'v';
            how.only_changes |= letter == 'c';
            how.silent |= letter == 'f';
            how.no_follow |= letter == 'h';
        }
    } else {
        o.next = 1;
    }
    if (p->argc - o.next < 2)
        return usage_missing(c, p);
    if (chmod)
        how.mode = p->argv[o.next];
    else if (!parse_owner(c, p, p->argv[o.next], strcmp(p->program->name, "chgrp") == 0, &how))
        return 1;
    for (int i = o.next + 1; i < p->argc && status < 2; i++)
        status |= change_tree(c, p, p->argv[i], &how, 0);
    return status != 0;
}

/* ---- mktemp, truncate ---- */

/* The name with its X's made letters that differ from try to try; the same in each run. */
static void fill_template(char *name, size_t from, uint32_t seed)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    uint32_t x = seed * 2654435761u + 12345u;
    for (char *at = name + from; *at == 'X'; at++) {
        x = x * 1664525u + 1013904223u;
        *at = letters[(x >> 16) % (sizeof letters - 1)];
    }
}

static size_t template_start(const char *s)
{
    size_t end = strlen(s), from = end;
    while (from && s[from - 1] == 'X')
        from--;
    return end - from < 6 ? SIZE_MAX : from;
}

static int mktemp_run(struct cri *c, struct proc *p)
{
    static const struct long_option longs[] = {{"directory", 'd'}, {"dry-run", 'u'}, {"tmpdir", 'p'}, {NULL, 0}};
    struct options o = {.p = p};
    bool make_dir = false, dry = false, in_tmp = false;
    const char *tmp = env_get(proc_env(c, p), "TMPDIR"), *name = "tmp.XX"
                                                          "XX"
                                                          "XX";
    world_looked_beyond(c); /* chance */
    for (int letter; (letter = option_get(c, &o, "dqtup:", longs));) {
        if (letter == '?')
            return 1;
        make_dir |= letter == 'd';
        dry |= letter == 'u';
        in_tmp |= letter == 't' || letter == 'p';
        if (letter == 'p' && o.value)
            tmp = o.value;
    }
    if (!tmp || !*tmp)
        tmp = "/tmp";
    in_tmp |= o.next >= p->argc;
    if (o.next < p->argc)
        name = p->argv[o.next];
    char *path = in_tmp ? proc_printf(c, p, "%s/%s", tmp, name) : proc_strdup(c, p, name);
    size_t from = template_start(path);
    enum vfs_error e = from == SIZE_MAX ? VFS_INVAL : VFS_OK;
    for (uint32_t n = 0; e == VFS_OK && n < 1000; n++) {
        char *one = proc_strdup(c, p, path);
        struct vfs_place at;
        fill_template(one, from, n + (uint32_t)p->pid * 131u);
        e = find_place(c, p, one, true, &at);
        if (e == VFS_OK && at.node)
            continue;
        if (e == VFS_OK && !dry)
            e = vfs_create(c, p->container, &at, make_dir ? VNODE_DIR : VNODE_FILE, make_dir ? 0700 : 0600, &at.node);
        if (e != VFS_OK)
            break;
        out_printf(c, p, 1, "%s\n", one);
        return 0;
    }
    if (is_gnu(p))
        err_printf(c, p, e == VFS_INVAL ? "too few X's in template '%s'" : "failed to create file via template '%s'",
                   path);
    else
        err_printf(c, p, "(null): %s", vfs_error_text(e == VFS_OK ? VFS_EXIST : e));
    return 1;
}

static int truncate_run(struct cri *c, struct proc *p)
{
    static const struct long_option longs[] = {{"size", 's'}, {"no-create", 'c'}, {NULL, 0}};
    struct options o = {.p = p};
    int64_t size = -1;
    bool no_create = false;
    for (int letter; (letter = option_get(c, &o, "cs:", longs));) {
        if (letter == '?')
            return 1;
        no_create |= letter == 'c';
        if (letter == 's' && !parse_size(o.value, "bckKmMgG", &size)) {
            err_printf(c, p, "invalid number '%s'", o.value);
            return 1;
        }
    }
    if (size < 0 && is_gnu(p))
        return usage_print(c, p, "you must specify either '--size' or '--reference'"), 1;
    if (size < 0 || o.next >= p->argc)
        return usage_missing(c, p);
    for (int i = o.next; i < p->argc; i++) {
        enum vfs_error e;
        struct ofile *f = file_open(c, p, p->argv[i], OPEN_WRITE | (no_create ? 0 : OPEN_CREATE), &e);
        if (!f && no_create && e == VFS_NOENT)
            continue;
        if (!f) {
            say_error(c, p, "cannot open '%s' for writing", "%s: open", p->argv[i], e);
            return 1;
        }
        if (f->node && size <= (int64_t)vfs_size(f->node)) {
            vfs_truncate(c, f->node, (size_t)size);
        } else if (f->node && vfs_extend(c, f->node, (size_t)size) != VFS_OK) {
            err_printf(c, p, "%s: truncate: File too large", p->argv[i]);
            ofile_unref(c, f);
            return 1;
        }
        ofile_unref(c, f);
    }
    return 0;
}

static int fallocate_run(struct cri *c, struct proc *p)
{
    struct options o = {.p = p};
    int64_t from = 0, length = 0;
    for (int letter; (letter = option_get(c, &o, "o:l:nxv", NULL));) {
        if (letter == '?')
            return 1;
        if (strchr("ol", letter) && !parse_size(o.value, "kKmMgG", letter == 'o' ? &from : &length)) {
            err_printf(c, p, is_gnu(p) ? "failed to parse length" : "invalid number '%s'", o.value);
            return 1;
        }
    }
    if (length <= 0 || o.next >= p->argc)
        return usage_missing(c, p);
    enum vfs_error e;
    struct ofile *f = file_open(c, p, p->argv[o.next], OPEN_WRITE | OPEN_CREATE, &e);
    if (!f) {
        say_error(c, p, "cannot open %s", "can't open '%s'", p->argv[o.next], e);
        return 1;
    }
    e = f->node ? vfs_extend(c, f->node, (size_t)(from + length)) : VFS_OK;
    if (e != VFS_OK)
        say_error(c, p, "fallocate failed: %s", "fallocate '%s'", p->argv[o.next], e);
    ofile_unref(c, f);
    return e != VFS_OK;
}

static int sync_run(struct cri *c, struct proc *p)
{
    (void)c, (void)p;
    return 0;
}

static const struct command command_touch = COMMAND("touch", touch_run), command_rm = COMMAND("rm", rm_run),
                            command_unlink = COMMAND("unlink", unlink_run), command_mkdir = COMMAND("mkdir", mkdir_run),
                            command_rmdir = COMMAND("rmdir", rmdir_run), command_chmod = COMMAND("chmod", chmod_run),
                            command_chown = COMMAND("chown", chmod_run), command_chgrp = COMMAND("chgrp", chmod_run),
                            command_mktemp = COMMAND("mktemp", mktemp_run),
                            command_truncate = COMMAND("truncate", truncate_run),
                            command_fallocate = COMMAND("fallocate", fallocate_run),
                            command_sync = COMMAND("sync", sync_run);

const struct applet file_applets[] = {
    {"chgrp", &command_chgrp.program, IMAGE_SHELLS},
    {"chmod", &command_chmod.program, IMAGE_SHELLS},
    {"chown", &command_chown.program, IMAGE_SHELLS},
    {"dd", &program_dd, IMAGE_SHELLS},
    {"fallocate", &command_fallocate.program, IMAGE_SHELLS},
    {"find", &program_find_files, IMAGE_SHELLS},
    {"mkdir", &command_mkdir.program, IMAGE_SHELLS},
    {"mktemp", &command_mktemp.program, IMAGE_SHELLS},
    {"rm", &command_rm.program, IMAGE_SHELLS},
    {"rmdir", &command_rmdir.program, IMAGE_SHELLS},
    {"sync", &command_sync.program, IMAGE_SHELLS},
    {"touch", &command_touch.program, IMAGE_SHELLS},
    {"truncate", &command_truncate.program, IMAGE_SHELLS},
    {"unlink", &command_unlink.program, IMAGE_SHELLS},
    {NULL, NULL, 0},
};
