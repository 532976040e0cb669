/* process_io.c - open files, pipes, and the container's log.
 *
 * A write is always taken whole; a process that has filled a pipe beyond its capacity is not stepped
 * again before there is room (process.c), which is what blocking in write(2) looks like from outside.
 */
#include "model/process.h"
#include "model/script.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- open files ---- */

struct ofile *ofile_new(struct cri *c, enum ofile_kind kind)
{
    struct ofile *f = mem_alloc(&c->mem, NULL, sizeof *f);
    f->refs = 1;
    f->kind = (uint8_t)kind;
    f->readable = kind != OFILE_PIPE_WRITE && kind != OFILE_LOG && kind != OFILE_EXEC;
    f->writable = kind != OFILE_PIPE_READ;
    return f;
}

struct ofile *ofile_ref(struct ofile *f)
{
    if (f)
        f->refs++;
    return f;
}

static void wake_if_waits(struct cri *c, struct proc *p, const struct pipe *pipe)
{
    if (p && p->wait == WAIT_PIPE && p->wait_pipe == pipe)
        proc_wake(c, p);
}

void pipe_changed(struct cri *c, struct vcontainer *ct, const struct pipe *pipe)
{
    for (uint32_t i = 0; i < ct->slot_count; i++)
        wake_if_waits(c, ct->slots[i]->proc, pipe);
}

static void pipe_end_closed(struct cri *c, struct ofile *f)
{
    struct pipe *pipe = f->pipe;
    if (f->kind == OFILE_PIPE_READ)
        pipe->readers--;
    else
        pipe->writers--;
    pipe_changed(c, f->container, pipe);
    if (pipe->readers || pipe->writers)
        return;
    for (uint32_t i = 0; i < f->container->slot_count; i++) {
        struct proc *p = f->container->slots[i]->proc;
        if (p && p->full_pipe == pipe)
            p->full_pipe = NULL;
        if (p && p->wait_pipe == pipe)
            p->wait_pipe = NULL;
    }
    mem_free(&c->mem, pipe->data);
    mem_free(&c->mem, pipe);
}

void ofile_unref(struct cri *c, struct ofile *f)
{
    if (!f || --f->refs)
        return;
    if (f->pipe)
        pipe_end_closed(c, f);
    if (f->node)
        vfs_unref(c, f->node);
    mem_free(&c->mem, f);
}

void fd_put(struct cri *c, struct proc *p, int fd, struct ofile *f)
{
    ASSERT(fd >= 0 && fd < PROC_FDS);
    struct ofile *old = p->fds[fd];
    p->fds[fd] = f;
    ofile_unref(c, old);
}

void fd_close_all(struct cri *c, struct proc *p)
{
    for (int fd = 0; fd < PROC_FDS; fd++)
        fd_put(c, p, fd, NULL);
}

void pipe_new(struct cri *c, struct vcontainer *ct, struct ofile **ret_read, struct ofile **ret_write)
{
    struct pipe *pipe = mem_alloc(&c->mem, NULL, sizeof *pipe);
    pipe->readers = pipe->writers = 1;
    *ret_read = ofile_new(c, OFILE_PIPE_READ);
    *ret_write = ofile_new(c, OFILE_PIPE_WRITE);
    (*ret_read)->pipe = (*ret_write)->pipe = pipe;
    (*ret_read)->container = (*ret_write)->container = ct;
}

/* ---- open ---- */

static struct ofile *open_special(struct cri *c, struct proc *p, const struct vnode *n)
{
    switch ((enum vnode_special)n->special) {
    case SPECIAL_NULL:
        return ofile_new(c, OFILE_NULL);
    case SPECIAL_ZERO:
        return ofile_new(c, OFILE_ZERO);
    case SPECIAL_RANDOM:
        return ofile_new(c, OFILE_RANDOM);
    case SPECIAL_FULL:
        return ofile_new(c, OFILE_FULL);
    case SPECIAL_TTY:
        return ofile_new(c, OFILE_TTY);
    case SPECIAL_STDIN:
        return ofile_ref(p->fds[0]);
    case SPECIAL_STDOUT:
        return ofile_ref(p->fds[1]);
    case SPECIAL_STDERR:
        return ofile_ref(p->fds[2]);
    case SPECIAL_NONE:
    case SPECIAL_GENERATED:
        break;
    }
    return NULL;
}

/* /proc/<pid>/fd/<n>, /proc/self/fd/<n>, /dev/fd/<n>: that process' open file, or NULL. */
static struct ofile *open_proc_fd(struct proc *p, const char *path)
{
    struct proc *of = p;
    if (strncmp(path, "/dev/fd/", 8) == 0) {
        path += 8;
    } else if (strncmp(path, "/proc/", 6) == 0) {
        path += 6;
        if (strncmp(path, "self/", 5) == 0) {
            path += 5;
        } else {
            int32_t pid = 0;
            for (; *path >= '0' && *path <= '9' && pid < 10000000; path++)
                pid = pid * 10 + (*path - '0');
            if (*path++ != '/')
                return NULL;
            of = proc_by_pid(p->ns, pid);
        }
        if (strncmp(path, "fd/", 3) != 0)
            return NULL;
        path += 3;
    } else {
        return NULL;
    }
    if (!of || path[0] < '0' || path[0] > '9' || path[1])
        return NULL;
    return ofile_ref(of->fds[path[0] - '0']);
}

static enum vfs_error open_node(struct cri *c, struct proc *p, const struct vfs_place *at, int flags,
                                struct vnode **ret)
{
    struct vcontainer *ct = p->container;
    struct vnode *n = at->node;
    if (!n) {
        if (!(flags & OPEN_CREATE))
            return VFS_NOENT;
        return vfs_create(c, ct, at, VNODE_FILE, (uint16_t)(0666 & ~p->umask), ret);
    }
    if (n->type == VNODE_DIR && (flags & OPEN_WRITE))
        return VFS_ISDIR;
    if ((flags & OPEN_WRITE) && at->read_only && n->type == VNODE_FILE)
        return VFS_ROFS;
    if ((flags & OPEN_TRUNCATE) && n->type == VNODE_FILE)
        vfs_truncate(c, n, 0);
    *ret = n;
    return VFS_OK;
}

struct ofile *file_open(struct cri *c, struct proc *p, const char *path, int flags, enum vfs_error *ret_error)
{
    struct vfs_place at;
    struct vnode *n = NULL;

    *ret_error = VFS_OK;
    struct ofile *special = open_proc_fd(p, path);
    if (special) {
        world_session_acts(c, p); /* it may be another's file or pipe */
        return special;
    }
    enum vfs_error e = vfs_lookup(c, p->container, p->cwd, path, true, &at);
    if (e == VFS_OK)
        e = open_node(c, p, &at, flags, &n);
    if (e != VFS_OK) {
        *ret_error = e;
        return NULL;
    }
    if (n->type == VNODE_DEVICE) {
        special = open_special(c, p, n);
        *ret_error = special ? VFS_OK : VFS_NOENT;
        return special;
    }
    struct ofile *f = ofile_new(c, OFILE_FILE);
    f->node = n;
    n->refs++;
    f->readable = flags & OPEN_READ;
    f->writable = flags & OPEN_WRITE;
    f->append = flags & OPEN_APPEND;
    return f;
}

/* ---- write ---- */

static void pipe_write(struct cri *c, struct proc *p, struct ofile *f, const char *bytes, size_t n)
{
    struct pipe *pipe = f->pipe;
    if (pipe->start && pipe->start + pipe->len + n > pipe->cap) {
        memmove(pipe->data, pipe->data + pipe->start, pipe->len);
        pipe->start = 0;
    }
    if (pipe->start + pipe->len + n > pipe->cap) {
        size_t cap = pipe->cap ? pipe->cap : 256;
        while (cap < pipe->start + pipe->len + n)
            cap *= 2;
        pipe->data = mem_grow(&c->mem, NULL, pipe->data, cap);
        pipe->cap = cap;
    }
    memcpy(pipe->data + pipe->start + pipe->len, bytes, n);
    pipe->len += n;
    if (pipe->len > PIPE_CAPACITY && p)
        p->full_pipe = pipe;
    pipe_changed(c, f->container, pipe);
}

static void exec_write(struct cri *c, struct vexec *e, int stream, const char *bytes, size_t n)
{
    struct mem_buf *b = stream == 1 ? &e->out : &e->err;
    size_t room = b->len < EXEC_OUTPUT_MAX ? EXEC_OUTPUT_MAX - b->len : 0;
    buf_add(&c->mem, &e->mem, b, bytes, n < room ? n : room);
}

/* Moving bytes is work too: a step for each call, and one per 256 of them. */
static void count_bytes(struct proc *p, size_t n)
{
    if (p)
        p->steps += 1 + (uint32_t)(n / 256);
}

int ofile_write(struct cri *c, struct proc *p, struct ofile *f, const void *bytes, size_t n)
{
    if (!f || !f->writable)
        return FD_BADF;
    if (n == 0)
        return FD_OK;
    count_bytes(p, n);
    switch ((enum ofile_kind)f->kind) {
    case OFILE_FILE: {
        size_t at = f->append ? vfs_size(f->node) : f->offset;
        if (vfs_write(c, f->node, at, bytes, n) != VFS_OK)
            return FD_NOSPACE;
        f->offset = at + n;
        return FD_OK;
    }
    case OFILE_PIPE_WRITE:
        if (!f->pipe->readers) {
            if (p)
                proc_signal(c, p, VSIGPIPE, true, 0);
            return FD_CLOSED;
        }
        pipe_write(c, p, f, bytes, n);
        return FD_OK;
    case OFILE_LOG:
        log_write(c, f->container, f->stream, bytes, n);
        return FD_OK;
    case OFILE_EXEC:
        if (f->exec->used && f->exec->generation == f->exec_generation && !f->exec->pub.done)
            exec_write(c, f->exec, f->stream, bytes, n);
        return FD_OK;
    case OFILE_FULL:
        return FD_NOSPACE;
    case OFILE_NULL:
    case OFILE_ZERO:
    case OFILE_RANDOM:
    case OFILE_TTY:
        return FD_OK;
    case OFILE_PIPE_READ:
        break;
    }
    return FD_BADF;
}

int fd_write(struct cri *c, struct proc *p, int fd, const void *bytes, size_t n)
{
    return fd >= 0 && fd < PROC_FDS ? ofile_write(c, p, p->fds[fd], bytes, n) : FD_BADF;
}

int out_puts(struct cri *c, struct proc *p, int fd, const char *s) { return fd_write(c, p, fd, s, strlen(s)); }

static char *format_alloc(struct cri *c, const char *format, va_list args)
{
    va_list again;
    ASSERT(format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    ASSERT(n >= 0);
    char *text = mem_alloc(&c->mem, NULL, (size_t)n + 1);
    vsnprintf(text, (size_t)n + 1, format, again);
    va_end(again);
    return text;
}

int out_printf(struct cri *c, struct proc *p, int fd, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = format_alloc(c, format, args);
    va_end(args);
    int r = out_puts(c, p, fd, text);
    mem_free(&c->mem, text);
    return r;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

void err_printf(struct cri *c, struct proc *p, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = format_alloc(c, format, args);
    va_end(args);
    out_printf(c, p, 2, "%s: %s\n", p->argc ? base_name(p->argv[0]) : p->program->name, text);
    mem_free(&c->mem, text);
}

/* ---- read ---- */

static int64_t file_read(struct cri *c, struct proc *p, struct ofile *f, void *bytes, size_t n)
{
    size_t len;
    if (f->node->type == VNODE_DIR)
        return READ_ISDIR;
    const char *data = vfs_content(c, p->container, f->node, &len);
    size_t zeros = f->node->zeros;
    if (f->offset >= len + zeros)
        return READ_EOF;
    if (f->offset >= len) {
        size_t left = len + zeros - f->offset;
        memset(bytes, 0, left < n ? left : n);
        f->offset += left < n ? left : n;
        return (int64_t)(left < n ? left : n);
    }
    size_t take = len - f->offset < n ? len - f->offset : n;
    memcpy(bytes, data + f->offset, take);
    f->offset += take;
    return (int64_t)take;
}

static int64_t pipe_read(struct cri *c, struct proc *p, struct ofile *f, void *bytes, size_t n)
{
    struct pipe *pipe = f->pipe;
    if (!pipe->len) {
        if (!pipe->writers)
            return READ_EOF;
        p->wait_pipe = pipe;
        proc_block_for(p, WAIT_PIPE, SIM_NEVER);
        return READ_BLOCKED;
    }
    bool was_full = pipe->len > PIPE_CAPACITY;
    size_t take = pipe->len < n ? pipe->len : n;
    memcpy(bytes, pipe->data + pipe->start, take);
    pipe->start += take;
    pipe->len -= take;
    if (!pipe->len)
        pipe->start = 0;
    if (was_full && pipe->len <= PIPE_CAPACITY)
        pipe_changed(c, f->container, pipe);
    return (int64_t)take;
}

int64_t ofile_read(struct cri *c, struct proc *p, struct ofile *f, void *bytes, size_t n)
{
    if (!f || !f->readable)
        return READ_ERROR;
    if (n == 0)
        return READ_EOF;
    count_bytes(p, n);
    switch ((enum ofile_kind)f->kind) {
    case OFILE_FILE:
        return file_read(c, p, f, bytes, n);
    case OFILE_PIPE_READ:
        return pipe_read(c, p, f, bytes, n);
    case OFILE_ZERO:
    case OFILE_FULL:
        memset(bytes, 0, n);
        return (int64_t)n;
    case OFILE_RANDOM:
        for (size_t i = 0; i < n; i++) /* a fixed stream: a run must repeat to the byte */
            ((unsigned char *)bytes)[i] = (unsigned char)((f->offset++ * 2654435761u) >> 13);
        return (int64_t)n;
    case OFILE_TTY:
        proc_block_for(p, WAIT_FOREVER, SIM_NEVER);
        return READ_BLOCKED;
    case OFILE_NULL:
    case OFILE_LOG:
    case OFILE_EXEC:
    case OFILE_PIPE_WRITE:
        break;
    }
    return READ_EOF;
}

int64_t fd_read(struct cri *c, struct proc *p, int fd, void *bytes, size_t n)
{
    return fd >= 0 && fd < PROC_FDS ? ofile_read(c, p, p->fds[fd], bytes, n) : READ_ERROR;
}

/* ---- the container's log ---- */

static void log_full(struct cri *c, struct vcontainer *ct)
{
    if (ct->log_full)
        return;
    ct->log_full = true;
    struct src_pos nowhere = {0};
    report_diag(c, ct, ct->pub.config.command_source ? ct->pub.config.command_source->at : nowhere,
                arena_printf(sim_arena(c->sim),
                             "container %s has printed %u lines; what it prints from here on is dropped",
                             ct->pub.config.name, ct->log_lines));
}

static bool half_full(const struct vcontainer *ct)
{
    return ct->log_lines >= LOG_MAX_LINES / 2 || ct->log.len >= LOG_MAX_BYTES / 2;
}

/* False: it is full. */
static bool log_add(struct cri *c, struct vcontainer *ct, const char *line, size_t n, bool newline)
{
    if (ct->log.len + n + 1 > LOG_MAX_BYTES || ct->log_lines >= LOG_MAX_LINES) {
        log_full(c, ct);
        return false;
    }
    ct->log_lines++;
    buf_add(&c->mem, &ct->mem, &ct->log, line, n);
    if (newline)
        buf_putc(&c->mem, &ct->mem, &ct->log, '\n');
    return true;
}

bool log_owed(struct cri *c, struct vcontainer *ct, const char *line)
{
    size_t n = strlen(line);
    if (ct->log.len + n + 1 > LOG_MAX_BYTES || ct->log_lines >= LOG_MAX_LINES)
        return false;
    return log_add(c, ct, line, n, true);
}

static void log_record(struct cri *c, const struct vcontainer *ct, bool is_stderr, const char *text)
{
    sim_record(c->sim, (struct trace_record){
                           .object = ct->sandbox->pub.config.pod_ordinal,
                           .kind = TRACE_OUTPUT,
                           .component = COMP_PROCESS,
                           .flags = is_stderr,
                           .text = text,
                           .data = ct->facts,
                       });
}

void log_settle(struct cri *c, struct vsandbox *s)
{
    script_settle(c, s);
    if (s->watched)
        c->deps.numbered(c->deps.ctx, s->pub.config.pod_ordinal);
}

static void log_line(struct cri *c, struct vcontainer *ct, int stream, const char *line, size_t n, bool newline)
{
    log_settle(c, ct->sandbox);
    if (half_full(ct)) /* those who rely on room in it must look again: cri_line_room() */
        world_touch(c, ct->sandbox);
    if (!log_add(c, ct, line, n, newline))
        return;
    if (!c->holding) /* whether such a line is written or owed must make no difference */
        cri_disk_grows(c, (int64_t)n);
    const char *text = arena_strndup(sim_arena(c->sim), line, n);
    if (c->holding && c->held_count < HELD_LINES_MAX)
        c->held[c->held_count++] = (struct held_line){ct, text, stream == 2};
    else
        log_record(c, ct, stream == 2, text);
}

void log_held(struct cri *c, bool record)
{
    for (uint32_t i = 0; record && i < c->held_count; i++)
        log_record(c, c->held[i].container, c->held[i].is_stderr, c->held[i].text);
    c->held_count = 0;
}

/* ---- lines that repeat themselves ---- */

static struct vline *line_at(const struct cri *c, uint32_t line)
{
    ASSERT(line > 0);
    return pool_at(&c->lines, line);
}

uint32_t log_template(struct cri *c, struct proc *server, const struct trace_line *like)
{
    struct vcontainer *ct = server->container;
    for (uint32_t i = ct->lines; i; i = line_at(c, i)->next) {
        const struct vline *l = line_at(c, i);
        if (l->server == server && l->pub.is_stderr == like->is_stderr && strcmp(l->pub.before, like->before) == 0 &&
            strcmp(l->pub.date, like->date) == 0 && strcmp(l->pub.after, like->after) == 0)
            return i;
    }
    uint32_t i = pool_add(&c->lines);
    struct vline *l = line_at(c, i);
    *l = (struct vline){*like, ct, server, ct->lines};
    l->pub.before = arena_strdup(sim_arena(c->sim), like->before);
    l->pub.after = arena_strdup(sim_arena(c->sim), like->after);
    l->pub.container = ct->facts;
    ct->lines = i;
    return i;
}

void cri_line_repeated(struct cri *c, uint32_t line, sim_time at)
{
    const struct vline *l = line_at(c, line);
    struct strbuf b = STRBUF_INIT;
    l->server->requests++;
    trace_line_put(&l->pub, epoch_at(c, at), &b);
    bool room = log_add(c, l->container, strbuf_str(&b), b.len, true);
    ASSERT(room);
    strbuf_fini(&b);
}

/* Of what is left up to the half, or up to the end, each of several probes may take its part. */
uint32_t cri_line_room(const struct cri *c, uint32_t line)
{
    enum { PARTS = 16, DATE_MAX = 64 };
    const struct vline *l = line_at(c, line);
    const struct vcontainer *ct = l->container;
    if (script_prints(ct)) /* lines that come by themselves take from the room */
        return 0;
    uint32_t parts = half_full(ct) ? 1 : 2;
    size_t each = strlen(l->pub.before) + strlen(l->pub.after) + DATE_MAX;
    size_t lines = LOG_MAX_LINES / parts - ct->log_lines, bytes = LOG_MAX_BYTES / parts - ct->log.len;
    return (uint32_t)((lines < bytes / each ? lines : bytes / each) / PARTS);
}

/* The runtime takes whole lines (an endless one is cut at 16 KiB, as containerd does). */
void log_write(struct cri *c, struct vcontainer *ct, int stream, const char *bytes, size_t n)
{
    enum { LINE_MAX_BYTES = 16384 };
    struct mem_buf *partial = &ct->partial[stream - 1];

    if (ct->log_full || ct->removed)
        return;
    world_changes(c);
    while (n) {
        const char *newline = memchr(bytes, '\n', n);
        size_t take = newline ? (size_t)(newline - bytes) : n;
        size_t room = LINE_MAX_BYTES - partial->len;
        bool cut = take > room;
        if (cut)
            take = room;
        if (newline && !cut && !partial->len) {
            log_line(c, ct, stream, bytes, take, true);
        } else {
            buf_add(&c->mem, &ct->mem, partial, bytes, take);
            if ((newline && !cut) || partial->len == LINE_MAX_BYTES) {
                log_line(c, ct, stream, partial->data, partial->len, newline && !cut);
                partial->len = 0;
            }
        }
        if (newline && !cut)
            take++;
        bytes += take;
        n -= take;
    }
}

void log_flush(struct cri *c, struct vcontainer *ct)
{
    for (int stream = 1; stream <= 2; stream++) {
        struct mem_buf *partial = &ct->partial[stream - 1];
        if (partial->len)
            log_line(c, ct, stream, partial->data, partial->len, false);
        buf_fini(&c->mem, partial);
    }
}
