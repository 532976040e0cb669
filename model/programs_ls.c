/* programs_ls.c - ls and stat: what there is and what it is like. Owners' names are those of the image's /etc/passwd.
 * Left out: colours, --color and --time-style of coreutils (ignored).
 */
#include <stdio.h>
#include <string.h>

#include "model/programs.h"
#include "model/programs_list.h"

size_t node_size(struct cri *c, struct proc *p, struct vnode *n)
{
    size_t len = 0;
    if (n->type == VNODE_DIR)
        return 4096;
    if (n->type == VNODE_FILE)
        vfs_content(c, p->container, n, &len);
    if (n->type == VNODE_FILE)
        return len + n->zeros;
    return n->type == VNODE_LINK ? n->len : len;
}

int64_t node_blocks(struct cri *c, struct proc *p, struct vnode *n)
{
    enum { BLOCK = 4096, SECTORS = 8 };
    if (n->type != VNODE_FILE && n->type != VNODE_DIR)
        return 0;
    return (int64_t)((node_size(c, p, n) + BLOCK - 1) / BLOCK) * SECTORS;
}

static unsigned node_links(struct vnode *n)
{
    unsigned links = n->type == VNODE_DIR ? 2 : (n->parent != NULL) + n->aliases;
    for (const struct vnode *k = n->type == VNODE_DIR ? n->child : NULL; k; k = k->next)
        links += vfs_real((struct vnode *)(uintptr_t)k)->type == VNODE_DIR;
    return links ? links : 1;
}

static void mode_text(const struct vnode *n, char out[11])
{
    out[0] = n->type == VNODE_DIR ? 'd' : n->type == VNODE_LINK ? 'l' : n->type == VNODE_DEVICE ? 'c' : '-';
    mode_letters(n->mode, out + 1);
}

/* "4.9K": as busybox make_human_readable_str; coreutils rounds up and pads nothing. */
const char *human_size(struct cri *c, struct proc *p, int64_t bytes)
{
    static const char units[] = "KMGTPE";
    int64_t tenths = bytes * 10;
    int unit = -1;
    if (bytes < 1024)
        return proc_printf(c, p, "%lld", (long long)bytes);
    for (; tenths >= 10240 && unit < 5; unit++)
        tenths = is_gnu(p) ? (tenths + 1023) / 1024 : (tenths + 512) / 1024;
    if (is_gnu(p) && tenths >= 100)
        return proc_printf(c, p, "%lld%c", (long long)((tenths + 9) / 10), units[unit]);
    return proc_printf(c, p, "%lld.%lld%c", (long long)(tenths / 10), (long long)(tenths % 10), units[unit]);
}

/* ---- ls ---- */

struct ls_item {
    const char *name;
    struct vnode *node;
};
struct ls_list {
    struct ls_item *items;
    uint32_t count, cap;
};
struct ls {
    bool all, almost, long_format, numeric, as_is, reverse, recursive, human, inode, blocks, follow, slash, classify;
    bool columns, across, no_owner, no_group, full_time;
    char sort; /* 'n'ame, 't'ime, 'S'ize, 'U'nsorted, 'X' */
    bool headers, printed;
    int status;
    int widths[4]; /* links, owner, group, size: coreutils aligns */
};

static void ls_add(struct cri *c, struct proc *p, struct ls_list *l, const char *name, struct vnode *n)
{
    if (l->count == l->cap) {
        l->cap = l->cap ? 2 * l->cap : 16;
        l->items = mem_grow(&c->mem, &p->mem, l->items, sizeof *l->items * l->cap);
    }
    l->items[l->count++] = (struct ls_item){name, n};
}

static bool ls_before(struct cri *c, struct proc *p, const struct ls *ls, const struct ls_item *a,
                      const struct ls_item *b)
{
    int64_t order = 0;
    if (ls->sort == 't')
        order = a->node->mtime > b->node->mtime ? -1 : a->node->mtime < b->node->mtime;
    else if (ls->sort == 'S')
        order = (int64_t)node_size(c, p, b->node) - (int64_t)node_size(c, p, a->node);
    else if (ls->sort == 'X')
        order = strcmp(strrchr(a->name, '.') ? strrchr(a->name, '.') : "",
                       strrchr(b->name, '.') ? strrchr(b->name, '.') : "");
    if (!order)
        order = strcmp(a->name, b->name);
    return ls->reverse ? order > 0 : order < 0;
}

static void ls_sort(struct cri *c, struct proc *p, const struct ls *ls, struct ls_list *l)
{
    for (uint32_t i = 1; i < l->count && ls->sort != 'U'; i++) {
        struct ls_item one = l->items[i];
        uint32_t k = i;
        for (; k > 0 && ls_before(c, p, ls, &one, &l->items[k - 1]); k--)
            l->items[k] = l->items[k - 1];
        l->items[k] = one;
    }
}

static const char *ls_owner(struct cri *c, struct proc *p, const struct ls *ls, const struct vnode *n, bool group)
{
    uint32_t id = group ? n->gid : n->uid;
    return ls->numeric ? proc_printf(c, p, "%u", (unsigned)id) : id_name(c, p, id, group);
}

static const char *ls_size(struct cri *c, struct proc *p, const struct ls *ls, struct vnode *n)
{
    size_t size = node_size(c, p, n);
    return ls->human ? human_size(c, p, (int64_t)size) : proc_printf(c, p, "%zu", size);
}

static int wider(int width, const char *s) { return (int)strlen(s) > width ? (int)strlen(s) : width; }

static void ls_measure(struct cri *c, struct proc *p, struct ls *ls, const struct ls_list *l)
{
    memset(ls->widths, 0, sizeof ls->widths);
    for (uint32_t i = 0; i < l->count && ls->long_format; i++) {
        struct vnode *n = l->items[i].node;
        ls->widths[0] = wider(ls->widths[0], proc_printf(c, p, "%u", node_links(n)));
        ls->widths[1] = wider(ls->widths[1], ls_owner(c, p, ls, n, false));
        ls->widths[2] = wider(ls->widths[2], ls_owner(c, p, ls, n, true));
        ls->widths[3] = wider(ls->widths[3], ls_size(c, p, ls, n));
    }
}

/* Within half a year the time of day, else the year. busybox coreutils/ls.c display_single. */
static void ls_date(struct cri *c, struct proc *p, const struct ls *ls, const struct vnode *n)
{
    enum { HALF_YEAR = 86400 * 365 / 2, FUTURE = 15 * 60 };
    struct mem_buf date = {0};
    int64_t at = epoch_at(c, n->mtime), age = epoch_now(c) - at;
    const char *format = ls->full_time ? (is_gnu(p) ? "%Y-%m-%d %H:%M:%S.000000000 %z" : "%Y-%m-%d %H:%M:%S %z")
                         : age < HALF_YEAR && age > -FUTURE ? "%b %e %H:%M"
                                                            : "%b %e  %Y";
    format_date(c, &date, format, at, 0);
    out_printf(c, p, 1, "%s ", buf_str(&date));
    buf_fini(&c->mem, &date);
}

static const char *ls_mark(const struct ls *ls, const struct vnode *n)
{
    if (n->type == VNODE_DIR)
        return ls->slash || ls->classify ? "/" : "";
    if (!ls->classify)
        return "";
    return n->type == VNODE_LINK ? "@" : n->type == VNODE_FILE && (n->mode & 0111) ? "*" : "";
}

static void ls_one(struct cri *c, struct proc *p, const struct ls *ls, const struct ls_item *it)
{
    struct vnode *n = it->node;
    char mode[11];
    if (ls->inode)
        out_printf(c, p, 1, "%7u ", (unsigned)n->ino);
    if (ls->blocks)
        out_printf(c, p, 1, "%6lld ", (long long)node_blocks(c, p, n) / 2);
    if (ls->long_format) {
        mode_text(n, mode);
        const int *w = ls->widths;
        const char *user = ls_owner(c, p, ls, n, false), *group = ls_owner(c, p, ls, n, true);
        out_printf(c, p, 1, is_gnu(p) ? "%s %*u " : "%s %*u ", mode, is_gnu(p) ? w[0] : 4, node_links(n));
        if (!ls->no_owner)
            out_printf(c, p, 1, is_gnu(p) ? "%-*s " : "%-*.8s ", is_gnu(p) ? w[1] : 8, user);
        if (!ls->no_group)
            out_printf(c, p, 1, is_gnu(p) ? "%-*s " : "%-*.8s ", is_gnu(p) ? w[2] : 8, group);
        out_printf(c, p, 1, "%*s ", is_gnu(p) ? w[3] : ls->human ? 7 : 9, ls_size(c, p, ls, n));
        ls_date(c, p, ls, n);
    }
    out_printf(c, p, 1, "%s", it->name);
    if (ls->long_format && n->type == VNODE_LINK)
        out_printf(c, p, 1, " -> %s", n->data ? n->data : "");
    else
        out_puts(c, p, 1, ls_mark(ls, n));
}

/* Down the columns, or across with -x. */
static void ls_columns(struct cri *c, struct proc *p, const struct ls *ls, const struct ls_list *l)
{
    enum { TERMINAL = 80, GAP = 2 };
    int width = 1;
    for (uint32_t i = 0; i < l->count; i++)
        width = wider(width, l->items[i].name);
    width += GAP + (ls->classify || ls->slash);
    uint32_t per_row = (uint32_t)(TERMINAL / width), rows;
    per_row = per_row ? per_row : 1;
    rows = (l->count + per_row - 1) / per_row;
    for (uint32_t r = 0; r < rows; r++) {
        int pad = 0;
        for (uint32_t k = 0; k < per_row; k++) {
            uint32_t i = ls->across ? r * per_row + k : k * rows + r;
            if (i >= l->count)
                break;
            out_printf(c, p, 1, "%*s", pad, "");
            ls_one(c, p, ls, &l->items[i]);
            pad = width - (int)strlen(l->items[i].name) - (int)strlen(ls_mark(ls, l->items[i].node));
        }
        out_puts(c, p, 1, "\n");
    }
}

static void ls_print(struct cri *c, struct proc *p, struct ls *ls, struct ls_list *l)
{
    ls_sort(c, p, ls, l);
    ls_measure(c, p, ls, l);
    ls->printed |= l->count > 0;
    if (ls->columns && !ls->long_format) {
        ls_columns(c, p, ls, l);
        return;
    }
    for (uint32_t i = 0; i < l->count; i++) {
        ls_one(c, p, ls, &l->items[i]);
        out_puts(c, p, 1, "\n");
    }
}

static void ls_dir(struct cri *c, struct proc *p, struct ls *ls, const char *path, struct vnode *dir, uint32_t depth)
{
    struct ls_list l = {0};
    int64_t total = 0;
    if (ls->headers)
        out_printf(c, p, 1, "%s%s:\n", ls->printed ? "\n" : "", path);
    ls->printed = true;
    if (ls->all) {
        ls_add(c, p, &l, ".", dir);
        ls_add(c, p, &l, "..", dir->parent ? dir->parent : dir);
    }
    for (struct vnode *n = vfs_first(c, p->container, dir); n; n = n->next)
        if (ls->all || ls->almost || n->name[0] != '.')
            ls_add(c, p, &l, n->name, vfs_real(n));
    for (uint32_t i = 0; i < l.count; i++)
        total += node_blocks(c, p, l.items[i].node);
    if (ls->long_format || ls->blocks)
        out_printf(c, p, 1, "total %lld\n", (long long)total / 2);
    ls_print(c, p, ls, &l);
    for (uint32_t i = 0; i < l.count && ls->recursive && depth < VFS_DEPTH_MAX; i++) {
        const char *name = l.items[i].name;
        if (l.items[i].node->type == VNODE_DIR && strcmp(name, ".") != 0 && strcmp(name, "..") != 0)
            ls_dir(c, p, ls, path_join(c, p, path, name), l.items[i].node, depth + 1);
    }
}

static bool ls_options(struct cri *c, struct options *o, struct ls *ls)
{
    static const struct long_option longs[] = {{"all", 'a'},
                                               {"almost-all", 'A'},
                                               {"recursive", 'R'},
                                               {"human-readable", 'h'},
                                               {"directory", 'd'},
                                               {"reverse", 'r'},
                                               {"color", 'Z'},
                                               {"full-time", '\1'},
                                               {"inode", 'i'},
                                               {"size", 's'},
                                               {"classify", 'F'},
                                               {"numeric-uid-gid", 'n'},
                                               {"group-directories-first", 'N'},
                                               {NULL, 0}};
    ls->sort = 'n';
    for (int letter; (letter = option_get(c, o, "1AaCxdLHRFpliZ::nshrSXvctuw:goN\1qUk", longs));) {
        if (letter == '?')
            return false;
        ls->all |= letter == 'a';
        ls->almost |= letter == 'A';
        ls->long_format |= letter == 'l' || letter == 'n' || letter == 'g' || letter == 'o' || letter == '\1';
        ls->numeric |= letter == 'n';
        ls->as_is |= letter == 'd';
        ls->reverse |= letter == 'r';
        ls->recursive |= letter == 'R';
        ls->human |= letter == 'h';
        ls->inode |= letter == 'i';
        ls->blocks |= letter == 's';
        ls->follow |= letter == 'L';
        ls->slash |= letter == 'p';
        ls->classify |= letter == 'F';
        ls->full_time |= letter == '\1';
        ls->no_owner |= letter == 'g';
        ls->no_group |= letter == 'o';
        ls->columns = letter == 'C' || letter == 'x' ? true : letter == '1' ? false : ls->columns;
        ls->across |= letter == 'x';
        if (strchr("tSXU", letter))
            ls->sort = (char)letter;
    }
    return true;
}

static int ls_run(struct cri *c, struct proc *p)
{
    struct options o = {.p = p};
    struct ls ls = {0};
    struct ls_list files = {0}, dirs = {0};
    static char here[] = ".";
    char *dot[] = {here};
    if (!ls_options(c, &o, &ls))
        return is_gnu(p) ? 2 : 1;
    char **paths = o.next < p->argc ? p->argv + o.next : dot;
    int count = o.next < p->argc ? p->argc - o.next : 1;
    bool follow = ls.follow || (!ls.long_format && !ls.as_is && !ls.classify);
    for (int i = 0; i < count; i++) {
        struct vfs_place at;
        enum vfs_error e = vfs_lookup(c, p->container, p->cwd, paths[i], follow, &at);
        if (e == VFS_OK && !at.node && follow && !ls.follow) /* a link to nothing is shown itself */
            e = vfs_lookup(c, p->container, p->cwd, paths[i], false, &at);
        if (e == VFS_OK && !at.node)
            e = VFS_NOENT;
        if (e != VFS_OK) {
            say_error(c, p, "cannot access '%s'", "%s", paths[i], e);
            ls.status = is_gnu(p) ? 2 : 1;
            continue;
        }
        ls_add(c, p, at.node->type == VNODE_DIR && !ls.as_is ? &dirs : &files, paths[i], at.node);
    }
    ls.headers = count > 1 || ls.recursive;
    ls_print(c, p, &ls, &files);
    ls_sort(c, p, &ls, &dirs);
    for (uint32_t i = 0; i < dirs.count; i++)
        ls_dir(c, p, &ls, dirs.items[i].name, dirs.items[i].node, 0);
    return ls.status;
}

/* ---- stat ---- */

static const char *type_name(struct cri *c, struct proc *p, struct vnode *n)
{
    return n->type == VNODE_DIR      ? "directory"
           : n->type == VNODE_LINK   ? "symbolic link"
           : n->type == VNODE_DEVICE ? "character special file"
           : node_size(c, p, n)      ? "regular file"
                                     : "regular empty file";
}

static const char *stat_time(struct cri *c, struct proc *p, const struct vnode *n)
{
    struct mem_buf b = {0};
    sim_time whole = sim_time_floor(n->mtime, SIM_SECOND);
    format_date(c, &b, "%Y-%m-%d %H:%M:%S.", epoch_at(c, n->mtime), 0);
    char *text = proc_printf(c, p, "%s%09lld +0000", buf_str(&b), (long long)(n->mtime - whole));
    buf_fini(&c->mem, &b);
    return text;
}

/* One "%x" of stat -c. */
static const char *stat_field(struct cri *c, struct proc *p, char letter, const char *path, struct vnode *n)
{
    char mode[11];
    switch (letter) {
    case 'n':
        return path;
    case '\1': /* the plain output's name */
        if (n->type != VNODE_LINK)
            return path;
        return is_gnu(p) ? proc_printf(c, p, "%s -> %s", path, n->data ? n->data : "")
                         : proc_printf(c, p, "'%s' -> '%s'", path, n->data ? n->data : "");
    case 'N':
        return n->type == VNODE_LINK ? proc_printf(c, p, "'%s' -> '%s'", path, n->data ? n->data : "")
                                     : proc_printf(c, p, is_gnu(p) ? "'%s'" : "'%s'", path);
    case 's':
        return proc_printf(c, p, "%zu", node_size(c, p, n));
    case 'a':
        return proc_printf(c, p, "%o", (unsigned)n->mode & 07777);
    case 'A':
        mode_text(n, mode);
        return proc_strdup(c, p, mode);
    case 'f':
        return proc_printf(c, p, "%x",
                           (unsigned)(n->mode | (n->type == VNODE_DIR    ? 0040000
                                                 : n->type == VNODE_LINK ? 0120000
                                                                         : 0100000)));
    case 'F':
        return type_name(c, p, n);
    case 'u':
        return proc_printf(c, p, "%u", (unsigned)n->uid);
    case 'g':
        return proc_printf(c, p, "%u", (unsigned)n->gid);
    case 'U':
    case 'G':
        return id_name(c, p, letter == 'U' ? n->uid : n->gid, letter == 'G');
    case 'h':
        return proc_printf(c, p, "%u", node_links(n));
    case 'i':
        return proc_printf(c, p, "%u", (unsigned)n->ino);
    case 'b':
        return proc_printf(c, p, "%lld", (long long)node_blocks(c, p, n));
    case 'B':
        return "512";
    case 'o':
        return "4096";
    case 'd':
    case 'D':
        return letter == 'd' ? "64" : "40";
    case 'X':
    case 'Y':
    case 'Z':
        return proc_printf(c, p, "%lld", (long long)epoch_at(c, n->mtime));
    case 'x':
    case 'y':
    case 'z':
        return stat_time(c, p, n);
    case '%':
        return "%";
    default:
        return "?";
    }
}

static void stat_print(struct cri *c, struct proc *p, const char *format, const char *path, struct vnode *n)
{
    for (; *format; format++) {
        size_t flags = *format == '%' ? strspn(format + 1, "-0123456789.#") : 0;
        if (*format != '%' || !format[1 + flags]) {
            out_printf(c, p, 1, "%c", *format);
            continue;
        }
        bool left = format[1] == '-';
        int64_t width = 0;
        for (size_t i = 1 + left; i <= flags && format[i] >= '0' && format[i] <= '9' && width < 1000; i++)
            width = width * 10 + (format[i] - '0');
        format += 1 + flags;
        out_printf(c, p, 1, left ? "%-*s" : "%*s", (int)width, stat_field(c, p, *format, path, n));
    }
}

static int stat_run(struct cri *c, struct proc *p)
{
    static const char plain[] =
        "  File: %\1\n  Size: %-10s\tBlocks: %-10b IO Block: %-6o %F\nDevice: 40h/%dd\tInode: %-10i  Links: %h\n"
        "Access: (0%a/%A)  Uid: (%5u/%8U)   Gid: (%5g/%8G)\nAccess: %x\nModify: %y\nChange: %z\n";
    static const struct long_option longs[] = {
        {"format", 'c'}, {"dereference", 'L'}, {"terse", 't'}, {"printf", '\1'}, {NULL, 0}};
    struct options o = {.p = p};
    const char *format = NULL, *end = "\n";
    bool follow = false;
    int status = 0;
    for (int letter; (letter = option_get(c, &o, "ltfLc:\1:", longs));) {
        if (letter == '?')
            return 1;
        follow |= letter == 'L';
        if (letter == 'c' || letter == '\1')
            format = o.value;
        if (letter == '\1')
            end = "";
        if (letter == 't')
            format = "%n %s %b %f %u %g %D %i %h 0 0 %X %Y %Z %o";
    }
    if (o.next >= p->argc)
        return usage_missing(c, p);
    for (int i = o.next; i < p->argc; i++) {
        struct vfs_place at;
        enum vfs_error e = vfs_lookup(c, p->container, p->cwd, p->argv[i], follow, &at);
        if (e == VFS_OK && !at.node)
            e = VFS_NOENT;
        if (e != VFS_OK) {
            say_error(c, p, "cannot statx '%s'", "can't stat '%s'", p->argv[i], e);
            status = 1;
            continue;
        }
        if (format)
            stat_print(c, p, format, p->argv[i], at.node);
        else
            stat_print(c, p, plain, p->argv[i], at.node);
        if (format)
            out_puts(c, p, 1, end);
    }
    return status;
}

const struct command command_ls = COMMAND("ls", ls_run), command_stat = COMMAND("stat", stat_run);
