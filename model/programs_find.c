/* programs_find.c - find: walks directory trees, in order of names.
 *
 * -exec waits for its command. Then the expression is evaluated again from its beginning; what each part said about
 * the file before is remembered, so nothing happens twice. Left out: -ok, -fstype, -xdev (there is one file system).
 */
#include <string.h>

#include "model/programs_list.h"
#include "model/programs_regex.h"
#include "model/shell.h"

enum find_kind {
    FIND_AND,
    FIND_OR,
    FIND_NOT,
    FIND_TRUE,
    FIND_NAME,
    FIND_INAME,
    FIND_PATH,
    FIND_REGEX,
    FIND_TYPE,
    FIND_SIZE,
    FIND_EMPTY,
    FIND_MTIME,
    FIND_MMIN,
    FIND_NEWER,
    FIND_PERM,
    FIND_USER,
    FIND_GROUP,
    FIND_LINKS,
    FIND_EXECUTABLE,
    FIND_PRUNE,
    FIND_QUIT,
    FIND_PRINT,
    FIND_PRINT0,
    FIND_DELETE,
    FIND_LS,
    FIND_EXEC,
    FIND_EXEC_PLUS,
};
enum memo { MEMO_NONE, MEMO_FALSE, MEMO_TRUE };

struct find_node {
    enum find_kind kind;
    int left, right; /* AND, OR, NOT */
    uint8_t memo;    /* enum memo: about the present file */
    const char *text;
    char sign; /* '+', '-', '/' or 0 */
    int64_t number;
    sim_time time;
    int first, count; /* EXEC: arguments */
    char **files;     /* EXEC_PLUS */
    int32_t file_count, file_cap;
};

struct find_dir { /* being read */
    struct find_dir *below;
    char *path;
    char **names;
    uint32_t count, at;
};

enum { FIND_NODES = 64 };
struct find_data {
    bool begun, depth_first, acts, quit, pruned, follow, from_here;
    struct find_node nodes[FIND_NODES];
    int count, root;
    int at; /* next argument to parse */
    int64_t min_depth, max_depth;
    int first, paths; /* start points: argv[first .. paths) */
    struct find_dir *dir;
    int64_t depth;
    char *path;   /* the present file, NULL = take the next */
    bool entered; /* its directory was read already */
    bool was_dir;
    int32_t child;
    int child_node; /* whose -exec it is */
    int status, plus_at;
};

/* ---- the expression ---- */

static int node_new(struct find_data *d, enum find_kind kind)
{
    if (d->count == FIND_NODES)
        return FIND_NODES - 1;
    d->nodes[d->count] = (struct find_node){.kind = kind, .left = -1, .right = -1};
    return d->count++;
}

static const struct find_test {
    const char *name;
    enum find_kind kind;
    bool valued;
} find_tests[] = {
    {"-name", FIND_NAME, true},      {"-iname", FIND_INAME, true},
    {"-path", FIND_PATH, true},      {"-wholename", FIND_PATH, true},
    {"-regex", FIND_REGEX, true},    {"-type", FIND_TYPE, true},
    {"-size", FIND_SIZE, true},      {"-empty", FIND_EMPTY, false},
    {"-mtime", FIND_MTIME, true},    {"-atime", FIND_MTIME, true},
    {"-ctime", FIND_MTIME, true},    {"-mmin", FIND_MMIN, true},
    {"-amin", FIND_MMIN, true},      {"-cmin", FIND_MMIN, true},
    {"-newer", FIND_NEWER, true},    {"-perm", FIND_PERM, true},
    {"-user", FIND_USER, true},      {"-group", FIND_GROUP, true},
    {"-links", FIND_LINKS, true},    {"-executable", FIND_EXECUTABLE, false},
    {"-prune", FIND_PRUNE, false},   {"-quit", FIND_QUIT, false},
    {"-print", FIND_PRINT, false},   {"-print0", FIND_PRINT0, false},
    {"-delete", FIND_DELETE, false}, {"-ls", FIND_LS, false},
    {"-true", FIND_TRUE, false},
};

static bool parse_value(struct cri *c, struct proc *p, struct find_data *d, struct find_node *n, const char *value)
{
    const char *s = value;
    struct vnode *like;
    uint16_t mode = 0;
    n->text = value;
    if (n->kind == FIND_NEWER) {
        enum vfs_error e = vfs_find(c, p->container, p->cwd, value, &like);
        if (e != VFS_OK) {
            say_error(c, p, "'%s'", "%s", value, e);
            return false;
        }
        n->time = like->mtime;
        return true;
    }
    if (n->kind < FIND_SIZE || n->kind == FIND_USER || n->kind == FIND_GROUP)
        return true;
    if (*s == '+' || *s == '-' || (*s == '/' && n->kind == FIND_PERM))
        n->sign = *s++;
    bool ok = n->kind == FIND_PERM   ? apply_mode(s, 0, false, &mode)
              : n->kind == FIND_SIZE ? parse_size(s, "cwbkMG", &n->number)
                                     : parse_int64(s, &n->number);
    if (n->kind == FIND_PERM)
        n->number = mode;
    else if (n->kind == FIND_SIZE && ok && sh_is_digit(s[strlen(s) - 1]))
        n->number *= 512;
    (void)d;
    if (!ok)
        err_printf(c, p, "invalid number '%s'", value);
    return ok;
}

static int parse_or(struct cri *c, struct proc *p, struct find_data *d);

static int parse_exec(struct cri *c, struct proc *p, struct find_data *d)
{
    int id = node_new(d, FIND_EXEC);
    struct find_node *n = &d->nodes[id];
    n->first = d->at;
    while (d->at < p->argc && strcmp(p->argv[d->at], ";") != 0 &&
           !(strcmp(p->argv[d->at], "+") == 0 && d->at > n->first && strcmp(p->argv[d->at - 1], "{}") == 0))
        d->at++;
    if (d->at == p->argc || d->at == n->first) {
        err_printf(c, p, is_gnu(p) ? "missing argument to `-exec'" : "requires an argument: -exec");
        return -1;
    }
    n->kind = p->argv[d->at][0] == '+' ? FIND_EXEC_PLUS : FIND_EXEC;
    n->count = d->at++ - n->first - (n->kind == FIND_EXEC_PLUS);
    d->acts = true;
    return id;
}

static int unknown_test(struct cri *c, struct proc *p, const char *word)
{
    if (is_gnu(p))
        err_printf(c, p, "unknown predicate `%s'", word);
    else
        usage_print(c, p, proc_printf(c, p, "unrecognized: %s", word));
    return -1;
}

static int parse_option(struct proc *p, struct find_data *d, const char *word)
{
    int64_t *value = strcmp(word, "-maxdepth") == 0   ? &d->max_depth
                     : strcmp(word, "-mindepth") == 0 ? &d->min_depth
                                                      : NULL;
    if (value && d->at < p->argc)
        parse_int64(p->argv[d->at++], value);
    else if (strcmp(word, "-depth") == 0 || strcmp(word, "-d") == 0)
        d->depth_first = true;
    else if (strcmp(word, "-follow") == 0)
        d->follow = true;
    else if (strcmp(word, "-xdev") != 0 && strcmp(word, "-mount") != 0 && strcmp(word, "-noleaf") != 0)
        return -1;
    return node_new(d, FIND_TRUE);
}

static int parse_primary(struct cri *c, struct proc *p, struct find_data *d)
{
    if (d->at >= p->argc) {
        err_printf(c, p, "missing argument");
        return -1;
    }
    const char *word = p->argv[d->at++];
    if (strcmp(word, "(") == 0) {
        int inner = parse_or(c, p, d);
        if (inner >= 0 && (d->at >= p->argc || strcmp(p->argv[d->at++], ")") != 0)) {
            err_printf(c, p, "unpaired '('");
            return -1;
        }
        return inner;
    }
    if (strcmp(word, "!") == 0 || strcmp(word, "-not") == 0) {
        int inner = parse_primary(c, p, d), id = node_new(d, FIND_NOT);
        d->nodes[id].left = inner;
        return inner < 0 ? -1 : id;
    }
    if (strcmp(word, "-exec") == 0)
        return parse_exec(c, p, d);
    for (size_t i = 0; i < ARRAY_LEN(find_tests); i++) {
        const struct find_test *t = &find_tests[i];
        if (strcmp(t->name, word) != 0)
            continue;
        int id = node_new(d, t->kind);
        if (t->valued && d->at >= p->argc) {
            err_printf(c, p, is_gnu(p) ? "missing argument to `%s'" : "requires an argument: %s", word);
            return -1;
        }
        d->acts |= t->kind >= FIND_QUIT + 1;
        d->depth_first |= t->kind == FIND_DELETE;
        return !t->valued || parse_value(c, p, d, &d->nodes[id], p->argv[d->at++]) ? id : -1;
    }
    int id = parse_option(p, d, word);
    return id < 0 ? unknown_test(c, p, word) : id;
}

static int parse_and(struct cri *c, struct proc *p, struct find_data *d)
{
    int left = parse_primary(c, p, d);
    while (left >= 0 && d->at < p->argc && strcmp(p->argv[d->at], ")") != 0 && strcmp(p->argv[d->at], "-o") != 0 &&
           strcmp(p->argv[d->at], "-or") != 0) {
        d->at += strcmp(p->argv[d->at], "-a") == 0 || strcmp(p->argv[d->at], "-and") == 0;
        int right = parse_primary(c, p, d), id = node_new(d, FIND_AND);
        d->nodes[id].left = left;
        d->nodes[id].right = right;
        left = right < 0 ? -1 : id;
    }
    return left;
}

static int parse_or(struct cri *c, struct proc *p, struct find_data *d)
{
    int left = parse_and(c, p, d);
    while (left >= 0 && d->at < p->argc && p->argv[d->at][0] == '-' && strcmp(p->argv[d->at], ")") != 0) {
        d->at++;
        int right = parse_and(c, p, d), id = node_new(d, FIND_OR);
        d->nodes[id].left = left;
        d->nodes[id].right = right;
        left = right < 0 ? -1 : id;
    }
    return left;
}

static bool find_begin(struct cri *c, struct proc *p, struct find_data *d)
{
    d->begun = true;
    d->max_depth = VFS_DEPTH_MAX;
    d->first = 1;
    while (d->first < p->argc && (strcmp(p->argv[d->first], "-L") == 0 || strcmp(p->argv[d->first], "-H") == 0 ||
                                  strcmp(p->argv[d->first], "-P") == 0))
        d->follow |= p->argv[d->first++][1] == 'L';
    d->paths = d->first;
    while (d->paths < p->argc && p->argv[d->paths][0] != '-' && strcmp(p->argv[d->paths], "(") != 0 &&
           strcmp(p->argv[d->paths], "!") != 0)
        d->paths++;
    d->from_here = d->paths == d->first;
    d->at = d->paths;
    d->root = d->at < p->argc ? parse_or(c, p, d) : node_new(d, FIND_TRUE);
    if (d->root < 0)
        return false;
    if (d->count >= FIND_NODES - 3) {
        err_printf(c, p, "expression too long");
        return false;
    }
    if (!d->acts) {
        int print = node_new(d, FIND_PRINT), both = node_new(d, FIND_AND);
        d->nodes[both].left = d->root;
        d->nodes[both].right = print;
        d->root = both;
    }
    return true;
}

/* ---- evaluation ---- */

static bool compare(char sign, int64_t value, int64_t wanted)
{
    return sign == '+' ? value > wanted : sign == '-' ? value < wanted : value == wanted;
}

/* Ages are counted in whole days or minutes. */
static bool old_enough(struct cri *c, const struct find_node *t, const struct vnode *n)
{
    int64_t unit = t->kind == FIND_MTIME ? 86400 : 60, age = epoch_now(c) - epoch_at(c, n->mtime);
    int64_t from = t->number * unit;
    return t->sign == '+' ? age >= from + unit : t->sign == '-' ? age < from : age >= from && age < from + unit;
}

static bool has_size(struct cri *c, struct proc *p, const struct find_node *t, struct vnode *n)
{
    int64_t size = (int64_t)node_size(c, p, n), wanted = t->number;
    char unit = t->text[strlen(t->text) - 1];
    if (is_gnu(p) && unit != 'c') { /* rounded up to the unit */
        int64_t bytes = unit == 'w' ? 2 : unit == 'k' ? 1 << 10 : unit == 'M' ? 1 << 20 : unit == 'G' ? 1 << 30 : 512;
        size = (size + bytes - 1) / bytes;
        wanted /= bytes;
    }
    return compare(t->sign, size, wanted);
}

static char *lower_text(struct cri *c, struct proc *p, const char *s)
{
    char *text = proc_strdup(c, p, s);
    for (char *at = text; *at; at++)
        *at = (char)(*at >= 'A' && *at <= 'Z' ? *at - 'A' + 'a' : *at);
    return text;
}

static const char *entry_name(struct cri *c, struct proc *p, const char *path)
{
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/')
        n--;
    return n < strlen(path)   ? path_base(mem_strndup(&c->mem, &p->mem, path, n))
           : *path && path[1] ? path_base(path)
                              : path;
}

static bool has_perm(const struct find_node *t, const struct vnode *n)
{
    int64_t mode = n->mode & 07777;
    return t->sign == '-'   ? (mode & t->number) == t->number
           : t->sign == '/' ? !t->number || (mode & t->number)
           : t->sign == '+' ? (mode & t->number) != 0
                            : mode == t->number;
}

static bool test_file(struct cri *c, struct proc *p, struct find_data *d, const struct find_node *t, struct vnode *n)
{
    struct regex_match m;
    char type = n->type == VNODE_DIR ? 'd' : n->type == VNODE_LINK ? 'l' : n->type == VNODE_DEVICE ? 'c' : 'f';
    switch (t->kind) {
    case FIND_NAME:
        return sh_pattern_match(t->text, entry_name(c, p, d->path));
    case FIND_INAME:
        return sh_pattern_match(lower_text(c, p, t->text), lower_text(c, p, entry_name(c, p, d->path)));
    case FIND_PATH:
        return sh_pattern_match(t->text, d->path);
    case FIND_REGEX:
        return regex_search(c, proc_printf(c, p, "^\\(%s\\)$", t->text), d->path, 0, 0, &m);
    case FIND_TYPE:
        return strchr(t->text, type) != NULL;
    case FIND_SIZE:
        return has_size(c, p, t, n);
    case FIND_EMPTY:
        return n->type == VNODE_DIR ? !vfs_first(c, p->container, n) : n->type == VNODE_FILE && !node_size(c, p, n);
    case FIND_MTIME:
    case FIND_MMIN:
        return old_enough(c, t, n);
    case FIND_NEWER:
        return n->mtime > t->time;
    case FIND_PERM:
        return has_perm(t, n);
    case FIND_USER:
    case FIND_GROUP: {
        uint32_t id = t->kind == FIND_USER ? n->uid : n->gid;
        int64_t number;
        return parse_int64(t->text, &number) ? number == id
                                             : strcmp(id_name(c, p, id, t->kind == FIND_GROUP), t->text) == 0;
    }
    case FIND_LINKS:
        return compare(t->sign, 1 + (int64_t)n->aliases, t->number);
    case FIND_EXECUTABLE:
        return n->mode & 0111;
    default:
        return true;
    }
}

static void add_file(struct cri *c, struct proc *p, struct find_node *t, const char *path)
{
    if (t->file_count == t->file_cap) {
        t->file_cap = t->file_cap ? 2 * t->file_cap : 16;
        t->files = mem_grow(&c->mem, &p->mem, t->files, sizeof(char *) * (size_t)t->file_cap);
    }
    t->files[t->file_count++] = proc_strdup(c, p, path);
}

static void delete_file(struct cri *c, struct proc *p, struct find_data *d)
{
    struct vfs_place at;
    if (strcmp(d->path, ".") == 0)
        return;
    enum vfs_error e = vfs_lookup(c, p->container, p->cwd, d->path, false, &at);
    if (e == VFS_OK)
        e = vfs_remove(c, p->container, &at);
    if (e == VFS_OK)
        return;
    say_error(c, p, "cannot delete '%s'", "%s", d->path, e);
    d->status = 1;
}

static char *replace_braces(struct cri *c, struct proc *p, const char *arg, const char *path)
{
    struct mem_buf b = {0};
    buf_puts(&c->mem, &p->mem, &b, "");
    for (const char *at; (at = strstr(arg, "{}")); arg = at + 2) {
        buf_add(&c->mem, &p->mem, &b, arg, (size_t)(at - arg));
        buf_puts(&c->mem, &p->mem, &b, path);
    }
    buf_puts(&c->mem, &p->mem, &b, arg);
    return b.data;
}

/* Starts the command; true: it must be waited for. */
static bool start_command(struct cri *c, struct proc *p, struct find_data *d, int node)
{
    struct find_node *t = &d->nodes[node];
    enum lookup why;
    int argc = t->count;
    char **argv = proc_alloc(c, p, sizeof(char *) * (size_t)(t->count + t->file_count + 1));
    for (int i = 0; i < t->count; i++)
        argv[i] = t->kind == FIND_EXEC ? replace_braces(c, p, p->argv[t->first + i], d->path) : p->argv[t->first + i];
    for (int32_t i = 0; i < t->file_count; i++)
        argv[argc++] = t->files[i];
    struct proc *child = command_start(c, p, argc, argv, &why);
    for (int i = 0; i < t->count && t->kind == FIND_EXEC; i++)
        mem_free(&c->mem, argv[i]);
    mem_free(&c->mem, argv);
    if (!child) {
        err_printf(c, p, is_gnu(p) ? "'%s': %s" : "%s: %s", p->argv[t->first],
                   why == LOOKUP_FOUND ? "Resource temporarily unavailable" : "No such file or directory");
        return false;
    }
    d->child = child->pid;
    d->child_node = node;
    return true;
}

/* Whether the expression holds of the present file; *ret_wait: ask again when the child has ended. */
static bool evaluate(struct cri *c, struct proc *p, struct find_data *d, int node, struct vnode *n, bool *ret_wait)
{
    struct find_node *t = &d->nodes[node];
    bool r = true;
    if (t->memo != MEMO_NONE)
        return t->memo == MEMO_TRUE;
    switch (t->kind) {
    case FIND_AND:
    case FIND_OR:
        r = evaluate(c, p, d, t->left, n, ret_wait);
        if (!*ret_wait && !d->quit && r == (t->kind == FIND_AND))
            r = evaluate(c, p, d, t->right, n, ret_wait);
        break;
    case FIND_NOT:
        r = !evaluate(c, p, d, t->left, n, ret_wait);
        break;
    case FIND_PRUNE:
        d->pruned = true;
        break;
    case FIND_QUIT:
        d->quit = true;
        break;
    case FIND_PRINT:
    case FIND_LS:
        out_printf(c, p, 1, "%s\n", d->path);
        break;
    case FIND_PRINT0:
        fd_write(c, p, 1, d->path, strlen(d->path) + 1);
        break;
    case FIND_DELETE:
        delete_file(c, p, d);
        break;
    case FIND_EXEC:
        *ret_wait = start_command(c, p, d, node);
        r = *ret_wait;
        break;
    case FIND_EXEC_PLUS:
        add_file(c, p, t, d->path);
        break;
    default:
        r = test_file(c, p, d, t, n);
    }
    if (!*ret_wait)
        t->memo = r ? MEMO_TRUE : MEMO_FALSE;
    return r;
}

/* ---- the walk ---- */

static bool enter(struct cri *c, struct proc *p, struct find_data *d, struct vnode *n)
{
    if (n->type != VNODE_DIR || d->depth >= d->max_depth || d->pruned)
        return false;
    struct find_dir *dir = proc_alloc(c, p, sizeof *dir);
    uint32_t cap = 0;
    for (struct vnode *k = vfs_first(c, p->container, n); k; k = k->next) {
        if (dir->count == cap) {
            cap = cap ? 2 * cap : 16;
            dir->names = mem_grow(&c->mem, &p->mem, dir->names, sizeof(char *) * cap);
        }
        dir->names[dir->count++] = proc_strdup(c, p, k->name);
    }
    dir->path = d->path;
    dir->below = d->dir;
    d->dir = dir;
    d->depth++;
    d->path = NULL;
    return true;
}

/* The next file of the walk becomes the present one; false: there is none. */
static bool take_next(struct cri *c, struct proc *p, struct find_data *d)
{
    struct find_dir *dir = d->dir;
    d->entered = false;
    if (dir && dir->at < dir->count) {
        d->path = path_join(c, p, dir->path, dir->names[dir->at]);
        mem_free(&c->mem, dir->names[dir->at++]);
    } else if (dir) {
        d->dir = dir->below;
        d->depth--;
        d->path = dir->path;
        d->entered = true;
        mem_free(&c->mem, dir->names);
        mem_free(&c->mem, dir);
    } else if (d->first < d->paths) {
        d->path = proc_strdup(c, p, p->argv[d->first++]);
    } else if (d->from_here) {
        d->from_here = false;
        d->path = proc_strdup(c, p, ".");
    } else {
        return false;
    }
    for (int i = 0; i < d->count; i++)
        d->nodes[i].memo = MEMO_NONE;
    d->pruned = false;
    return true;
}

/* One look at the present file; true: a child must be waited for. */
static bool look(struct cri *c, struct proc *p, struct find_data *d)
{
    struct vfs_place at;
    bool wait = false;
    enum vfs_error e = vfs_lookup(c, p->container, p->cwd, d->path, d->follow, &at);
    if (e == VFS_OK && !at.node)
        e = VFS_NOENT;
    if (e != VFS_OK) {
        say_error(c, p, "'%s'", "%s", d->path, e);
        d->status = 1;
        d->path = NULL;
        return false;
    }
    if (d->depth_first && !d->entered && enter(c, p, d, at.node))
        return false;
    if (!d->depth_first && d->entered) { /* was looked at before its directory */
        mem_free(&c->mem, d->path);
        d->path = NULL;
        return false;
    }
    d->was_dir = at.node->type == VNODE_DIR;
    if (d->depth >= d->min_depth)
        evaluate(c, p, d, d->root, at.node, &wait);
    if (wait)
        return true;
    if (!d->depth_first && !d->quit) { /* it may be gone by now */
        e = vfs_lookup(c, p->container, p->cwd, d->path, d->follow, &at);
        if (at.node && e == VFS_OK && enter(c, p, d, at.node))
            return false;
        if ((e != VFS_OK || !at.node) && !d->pruned && d->depth < d->max_depth && d->was_dir) {
            say_error(c, p, "'%s'", "%s", d->path, VFS_NOENT);
            d->status = 1;
        }
    }
    mem_free(&c->mem, d->path);
    d->path = NULL;
    return false;
}

static bool child_ended(struct cri *c, struct proc *p, struct find_data *d)
{
    struct proc *zombie = proc_zombie(p, d->child);
    if (!zombie && proc_has_child(p, d->child))
        return false;
    int code = zombie ? proc_wait_status(zombie) : 0;
    struct find_node *t = &d->nodes[d->child_node];
    t->memo = code ? MEMO_FALSE : MEMO_TRUE;
    if (code && t->kind == FIND_EXEC_PLUS)
        d->status = 1;
    if (zombie)
        proc_reap(c, zombie);
    d->child = 0;
    return true;
}

static enum step find_step(struct cri *c, struct proc *p)
{
    struct find_data *d = p->data;
    if (!d->begun && !find_begin(c, p, d))
        return proc_exit_with(p, 1);
    if (d->child && !child_ended(c, p, d))
        return proc_block_for(p, WAIT_CHILD, SIM_NEVER);
    for (int budget = 0; budget < 64 && !p->full_pipe; budget++) {
        if (!d->quit && (d->path || take_next(c, p, d))) {
            if (look(c, p, d))
                return STEP_AGAIN;
            continue;
        }
        while (d->plus_at < d->count) { /* what -exec + has collected */
            int node = d->plus_at++;
            if (d->nodes[node].kind == FIND_EXEC_PLUS && d->nodes[node].file_count && start_command(c, p, d, node))
                return STEP_AGAIN;
        }
        return proc_exit_with(p, d->status);
    }
    return STEP_AGAIN;
}

const struct program program_find_files = {.name = "find", .step = find_step, .data_bytes = sizeof(struct find_data)};
