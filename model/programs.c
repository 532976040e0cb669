/* programs.c - which program a name is in which image, and what commands share.
 *
 * An image's PATH is a set: busybox applets in /bin, GNU tools in /bin and /usr/bin, and the image's
 * own program. Nobody's image has more than that unless a scenario says so; a name that is not there
 * is "not found", as it would be in the real image (there is no ps in nginx).
 */
#include "model/programs.h"
#include "model/programs_server.h"

#include <string.h>

/* ---- commands that do not wait ---- */

enum step programs_step_once(struct cri *c, struct proc *p)
{
    const struct command *command = (const struct command *)(const void *)p->program;
    return proc_exit_with(p, command->run(c, p));
}

/* ---- programs of images ---- */

static const struct applet *const image_programs[] = {server_programs, script_programs};

const struct program *program_by_name(const char *name)
{
    for (size_t k = 0; k < ARRAY_LEN(image_programs); k++)
        for (const struct applet *a = image_programs[k]; a->name; a++)
            if (strcmp(a->name, name) == 0)
                return a->program;
    return NULL;
}

const char *program_name(uint32_t i)
{
    for (size_t k = 0; k < ARRAY_LEN(image_programs); k++)
        for (const struct applet *a = image_programs[k]; a->name; a++)
            if (i-- == 0)
                return a->name;
    return NULL;
}

int image_version(const struct image *image)
{
    const char *tag = image->version ? image->version : "";
    int parts[3] = {0}, n = 0;
    while (n < 3 && *tag >= '0' && *tag <= '9') {
        for (; *tag >= '0' && *tag <= '9' && parts[n] < 1000; tag++)
            parts[n] = parts[n] * 10 + (*tag - '0');
        n++;
        if (*tag != '.')
            break;
        tag++;
    }
    return n < 2 ? INT32_MAX : parts[0] * 10000 + parts[1] * 100 + parts[2];
}

const char *path_base(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* Directory of a program that the image names without one. */
static bool is_own_dir(const char *dir, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return strcmp(dir, "/usr/local/bin") == 0;
    size_t n = (size_t)(slash - path);
    return n ? strlen(dir) == n && memcmp(dir, path, n) == 0 : strcmp(dir, "/") == 0;
}

/* "docker-entrypoint.sh", "docker-php-entrypoint", "__cacert_entrypoint.sh" */
static bool is_entrypoint_script(const char *name) { return strstr(name, "entrypoint") != NULL; }

static const struct program *own_program(const struct image *image, const char *dir, const char *name)
{
    const char *const *const lists[] = {image->entrypoint, image->cmd};
    for (size_t i = 0; i < 2; i++) {
        const char *path = lists[i] ? lists[i][0] : NULL;
        if (!path || strcmp(path_base(path), name) != 0 || !is_own_dir(dir, path))
            continue;
        if (is_entrypoint_script(name))
            return &program_entrypoint;
        if (image->program && (i == 1 || !is_entrypoint_script(path_base(path))))
            return program_by_name(image->program);
    }
    return NULL;
}

static bool is_in_list(const str_list *list, const char *name)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i], name) == 0)
            return true;
    return false;
}

/* Those of its userland, those that it is known for, and in an image that nobody knows all of them. */
static bool has_applet(const struct vcontainer *ct, const struct applet *a)
{
    const struct image *image = ct->image;
    uint8_t where = image->userland == USERLAND_BUSYBOX  ? IMAGE_BUSYBOX
                    : image->userland == USERLAND_DEBIAN ? IMAGE_DEBIAN
                                                         : 0;
    return (a->where & where) || (image->generic && a->where) || is_in_list(&image->commands, a->name);
}

static bool is_bin(const struct vcontainer *ct, const char *dir)
{
    if (strcmp(dir, "/bin") == 0)
        return true;
    return ct->image->usr_bin && strcmp(dir, "/usr/bin") == 0;
}

static const struct applet *const applet_lists[] = {file_applets,   copy_applets,   list_applets,  text_applets,
                                                    filter_applets, sort_applets,   sum_applets,   dump_applets,
                                                    proc_applets,   system_applets, watch_applets, net_applets,
                                                    dns_applets,    nc_applets,     sysctl_applets};

const struct program *applet_in(const struct vcontainer *ct, const char *dir, const char *name)
{
    const struct program *own = own_program(ct->image, dir, name);
    if (own)
        return own;
    const str_list *binaries = &ct->image->binaries;
    for (uint32_t i = 0; i < binaries->count && ct->image->program; i++)
        if (is_own_dir(dir, binaries->items[i]) && strcmp(path_base(binaries->items[i]), name) == 0)
            return program_by_name(ct->image->program);
    if (strcmp(dir, "/usr/local/bin") == 0 && client_program(ct->image, name))
        return client_program(ct->image, name);
    if (!is_bin(ct, dir))
        return NULL;
    for (size_t i = 0; i < ARRAY_LEN(applet_lists); i++)
        for (const struct applet *a = applet_lists[i]; a->name; a++)
            if (strcmp(a->name, name) == 0 && has_applet(ct, a))
                return a->program;
    return NULL;
}

const char *applet_at(const struct vcontainer *ct, const char *dir, uint32_t i)
{
    const char *const *const lists[] = {ct->image->entrypoint, ct->image->cmd};
    for (size_t k = 0; k < 2; k++)
        if (lists[k] && is_own_dir(dir, lists[k][0]) && own_program(ct->image, dir, path_base(lists[k][0])) && i-- == 0)
            return path_base(lists[k][0]);
    const str_list *binaries = &ct->image->binaries;
    for (uint32_t k = 0; k < binaries->count && ct->image->program; k++)
        if (is_own_dir(dir, binaries->items[k]) && i-- == 0)
            return path_base(binaries->items[k]);
    if (!is_bin(ct, dir))
        return NULL;
    for (size_t k = 0; k < ARRAY_LEN(applet_lists); k++)
        for (const struct applet *a = applet_lists[k]; a->name; a++)
            if (has_applet(ct, a) && i-- == 0)
                return a->name;
    return NULL;
}

/* ---- execve's search ---- */

static enum lookup script_or_program(struct cri *c, struct vcontainer *ct, struct vnode *n, const char *path,
                                     struct lookup_result *ret)
{
    size_t len;
    ret->path = path;
    if (n->type == VNODE_DIR)
        return LOOKUP_DIRECTORY;
    if (n->program) {
        ret->program = n->program;
        return LOOKUP_FOUND;
    }
    if (!(n->mode & 0111))
        return LOOKUP_NOT_EXECUTABLE;
    const char *text = vfs_content(c, ct, n, &len);
    ret->interpreter = "/bin/sh";
    ret->bare = true;
    if (len > 2 && text[0] == '#' && text[1] == '!') {
        size_t from = 2 + strspn(text + 2, " \t"), k = strcspn(text + from, " \t\n");
        bool env = k >= 4 && memcmp(text + from + k - 4, "/env", 4) == 0;
        c->found_interpreter.len = 0;
        ret->bare = false;
        if (env) { /* "#!/usr/bin/env sh" */
            from += k + strspn(text + from + k, " \t");
            k = strcspn(text + from, " \t\n");
            buf_puts(&c->mem, NULL, &c->found_interpreter, "/bin/");
        }
        buf_add(&c->mem, NULL, &c->found_interpreter, text + from, k);
        ret->interpreter = c->found_interpreter.data;
    }
    struct vnode *interpreter;
    if (vfs_find(c, ct, "/", ret->interpreter, &interpreter) != VFS_OK || !interpreter->program)
        return LOOKUP_NO_INTERPRETER;
    ret->program = interpreter->program;
    return LOOKUP_FOUND;
}

/* An unknown image's own programs: podsim cannot know them, so it lets them be (program_assumed). */
static enum lookup missing(const struct vcontainer *ct, const char *name, enum lookup why, struct lookup_result *ret)
{
    if (!ct->image->generic)
        return why;
    const struct program *interpreter = script_program(name);
    ret->program = interpreter ? interpreter : &program_assumed;
    ret->interpreter = NULL;
    ret->path = name;
    return LOOKUP_FOUND;
}

enum lookup program_find(struct cri *c, struct vcontainer *ct, const char *cwd, const char *path, const char *name,
                         struct lookup_result *ret)
{
    struct vnode *n = NULL;
    *ret = (struct lookup_result){0};
    if (strchr(name, '/')) {
        if (vfs_find(c, ct, cwd, name, &n) != VFS_OK)
            return missing(ct, name, LOOKUP_NO_FILE, ret);
        return script_or_program(c, ct, n, name, ret);
    }
    enum lookup best = LOOKUP_MISSING;
    for (bool more = *path; more;) {
        size_t len = strcspn(path, ":"), slash = len > 0; /* an empty entry is the working directory */
        char full[VFS_PATH_MAX];
        if (len + strlen(name) + 2 < sizeof full) {
            memcpy(full, path, len);
            full[len] = '/';
            memcpy(full + len + slash, name, strlen(name) + 1);
            if (vfs_find(c, ct, cwd, full, &n) == VFS_OK && n->type != VNODE_DIR) {
                enum lookup r = script_or_program(c, ct, n, full, ret);
                if (r == LOOKUP_FOUND) {
                    c->found_path.len = 0;
                    buf_puts(&c->mem, NULL, &c->found_path, full);
                    ret->path = c->found_path.data;
                    return r;
                }
                best = LOOKUP_NOT_EXECUTABLE;
            }
        }
        more = path[len] == ':';
        path += len + more;
    }
    return best == LOOKUP_MISSING ? missing(ct, name, best, ret) : best;
}

/* ---- options ---- */

int option_next(struct options *o, const char *valued)
{
    struct proc *p = o->p;
    if (!o->next)
        o->next = 1;
    o->value = NULL;
    if (!o->letter || !*o->letter) {
        if (o->next >= p->argc)
            return 0;
        const char *arg = p->argv[o->next];
        if (arg[0] != '-' || !arg[1])
            return 0;
        o->next++;
        if (arg[1] == '-') {
            if (!arg[2])
                return 0;
            o->value = arg + 2;
            return '-';
        }
        o->letter = arg + 1;
    }
    int letter = (unsigned char)*o->letter++;
    if (letter == '-')
        return '?'; /* "-a-b": '-' alone means a long option */
    if (letter && strchr(valued, letter)) {
        if (*o->letter)
            o->value = o->letter;
        else if (o->next < p->argc)
            o->value = p->argv[o->next++];
        else
            return '?';
        o->letter = NULL;
    }
    return letter;
}

/* ---- input ---- */

void cannot_open(struct cri *c, struct proc *p, const char *path, enum vfs_error e)
{
    if (is_gnu(p))
        err_printf(c, p, "%s: %s", path, vfs_error_text(e));
    else
        err_printf(c, p, "can't open '%s': %s", path, vfs_error_text(e));
}

void input_close(struct cri *c, struct input *in)
{
    ofile_unref(c, in->file);
    in->file = NULL;
}

/* Opens the next file; false when there is none. */
static bool next_file(struct cri *c, struct proc *p, struct input *in)
{
    enum vfs_error e;
    input_close(c, in);
    in->at_stdin = false;
    while (in->next < p->argc || !in->begun) {
        const char *path = in->next < p->argc ? p->argv[in->next] : "-";
        in->next++;
        in->begun = true;
        in->name = path;
        if (strcmp(path, "-") == 0) {
            in->at_stdin = true;
            return true;
        }
        in->file = file_open(c, p, path, OPEN_READ, &e);
        if (in->file && in->file->kind == OFILE_FILE && in->file->node->type == VNODE_DIR) {
            if (is_gnu(p))
                err_printf(c, p, "%s: Is a directory", path);
            else if (!in->any_dir)
                err_printf(c, p, "read error: Is a directory");
            in->errors += is_gnu(p) || !in->any_dir;
            input_close(c, in);
            continue;
        }
        if (in->file)
            return true;
        if (is_gnu(p) && in->gnu_prefix)
            err_printf(c, p, "%s%s: %s", in->gnu_prefix, path, vfs_error_text(e));
        else if (in->plain && !in->quiet)
            err_printf(c, p, "%s: %s", path, vfs_error_text(e));
        else if (!in->quiet)
            cannot_open(c, p, path, e);
        in->errors++;
    }
    in->ended = true;
    return false;
}

enum input_result input_line(struct cri *c, struct proc *p, struct input *in, bool *ret_newline)
{
    for (;;) {
        if (in->pos < in->have) {
            const char *from = in->chunk + in->pos, *newline = memchr(from, in->nul ? '\0' : '\n', in->have - in->pos);
            size_t n = newline ? (size_t)(newline - from) : in->have - in->pos;
            buf_add(&c->mem, &p->mem, &in->line, from, n);
            in->pos += n + (newline != NULL);
            if (newline || in->line.len >= INPUT_LINE_MAX) {
                *ret_newline = newline != NULL;
                return INPUT_LINE;
            }
        }
        if (in->ended)
            return INPUT_END;
        if (!in->file && !in->at_stdin && !next_file(c, p, in))
            continue;
        int64_t n = in->at_stdin ? fd_read(c, p, 0, in->chunk, sizeof in->chunk)
                                 : ofile_read(c, p, in->file, in->chunk, sizeof in->chunk);
        if (n == READ_BLOCKED)
            return INPUT_BLOCKED;
        in->pos = 0;
        in->have = n > 0 ? (size_t)n : 0;
        if (n > 0)
            continue;
        next_file(c, p, in);
        if (in->line.len) { /* the last line had no newline */
            *ret_newline = false;
            return INPUT_LINE;
        }
    }
}
