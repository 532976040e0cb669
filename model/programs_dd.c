/* programs_dd.c - dd: blocks from one file to another. conv=notrunc, sync, fsync; status=none. Left out: other
 * conversions. What it says about speed is that of a machine which copies in no time.
 */
#include <string.h>

#include "model/programs.h"

struct dd_data {
    bool begun, quiet, no_truncate, no_error, sync_blocks, ended;
    struct ofile *in, *out;
    const char *in_name, *out_name;
    int64_t in_block, out_block, count, skip, seek;
    int64_t left;    /* bytes to read at most */
    int64_t to_skip; /* of an input that cannot seek */
    int64_t in_total, total;
};

static bool dd_number(struct cri *c, struct proc *p, const char *s, int64_t *ret)
{
    if (parse_size(s, "cwbkKmMgG", ret))
        return true;
    err_printf(c, p, is_gnu(p) ? "invalid number: '%s'" : "invalid number '%s'", s);
    return false;
}

static bool dd_argument(struct cri *c, struct proc *p, struct dd_data *d, const char *arg)
{
    const struct {
        const char *name;
        int64_t *number;
        const char **text;
    } operands[] = {{"bs=", &d->in_block, NULL}, {"ibs=", &d->in_block, NULL}, {"obs=", &d->out_block, NULL},
                    {"count=", &d->count, NULL}, {"skip=", &d->skip, NULL},    {"seek=", &d->seek, NULL},
                    {"if=", NULL, &d->in_name},  {"of=", NULL, &d->out_name}};
    for (size_t i = 0; i < ARRAY_LEN(operands); i++) {
        size_t n = strlen(operands[i].name);
        if (strncmp(arg, operands[i].name, n) != 0)
            continue;
        if (operands[i].text)
            *operands[i].text = arg + n;
        return operands[i].text || dd_number(c, p, arg + n, operands[i].number);
    }
    if (strncmp(arg, "conv=", 5) == 0) {
        d->no_truncate |= strstr(arg, "notrunc") != NULL;
        return true;
    }
    if (strncmp(arg, "status=", 7) == 0) {
        d->quiet = strcmp(arg + 7, "none") == 0;
        return true;
    }
    if (strncmp(arg, "iflag=", 6) == 0 || strncmp(arg, "oflag=", 6) == 0)
        return true;
    usage_print(c, p, is_gnu(p) ? proc_printf(c, p, "unrecognized operand '%s'", arg) : "");
    return false;
}

static struct ofile *dd_open(struct cri *c, struct proc *p, const char *name, int flags)
{
    enum vfs_error e = VFS_OK;
    struct ofile *f = file_open(c, p, name, flags, &e);
    if (!f)
        err_printf(c, p, is_gnu(p) ? "failed to open '%s': %s" : "can't open '%s': %s", name, vfs_error_text(e));
    return f;
}

static bool dd_begin(struct cri *c, struct proc *p, struct dd_data *d)
{
    d->begun = true;
    d->in_block = 512;
    d->count = -1;
    for (int i = 1; i < p->argc; i++)
        if (!dd_argument(c, p, d, p->argv[i]))
            return false;
    if (d->count < 0 || __builtin_mul_overflow(d->count, d->in_block, &d->left))
        d->left = INT64_MAX;
    d->in = d->in_name ? dd_open(c, p, d->in_name, OPEN_READ) : ofile_ref(p->fds[0]);
    if (d->in_name && !d->in)
        return false;
    int truncate = d->no_truncate || d->seek ? 0 : OPEN_TRUNCATE;
    d->out = d->out_name ? dd_open(c, p, d->out_name, OPEN_WRITE | OPEN_CREATE | truncate) : ofile_ref(p->fds[1]);
    if (d->out_name && !d->out)
        return false;
    if (!d->in || !d->out)
        return false;
    int64_t block = d->out_block ? d->out_block : d->in_block;
    int64_t from = 0;
    if (__builtin_mul_overflow(d->skip, d->in_block, &d->to_skip) || __builtin_mul_overflow(d->seek, block, &from))
        return false;
    if (d->in->node && d->in->kind == OFILE_FILE) {
        d->in->offset += (size_t)d->to_skip;
        d->to_skip = 0;
    }
    if (d->out->node && d->seek)
        d->out->offset = (size_t)from;
    if (d->seek && d->out->node && !d->no_truncate && (size_t)from <= vfs_size(d->out->node))
        vfs_truncate(c, d->out->node, (size_t)from);
    else if (d->seek && d->out->node && !d->no_truncate)
        vfs_extend(c, d->out->node, (size_t)from);
    return true;
}

static enum step dd_end(struct cri *c, struct proc *p, struct dd_data *d, int status)
{
    if (d->in && d->out && !d->quiet && d->in_block > 0) {
        int64_t out_block = d->out_block ? d->out_block : d->in_block;
        out_printf(c, p, 2, "%lld+%d records in\n%lld+%d records out\n", (long long)(d->in_total / d->in_block),
                   d->in_total % d->in_block != 0, (long long)(d->total / out_block), d->total % out_block != 0);
        if (is_gnu(p))
            out_printf(c, p, 2, "%lld bytes copied, 0.001 s, %lld B/s\n", (long long)d->total,
                       (long long)d->total * 1000);
        else
            out_printf(c, p, 2, "%lld bytes (%lldB) copied, 0.001000 seconds, %lldB/s\n", (long long)d->total,
                       (long long)d->total, (long long)d->total * 1000);
    }
    ofile_unref(c, d->in);
    ofile_unref(c, d->out);
    d->in = d->out = NULL;
    return proc_exit_with(p, status);
}

/* Zeros into a file: many at once, until it is full or they are enough. */
static enum step dd_zeros(struct cri *c, struct proc *p, struct dd_data *d)
{
    struct ofile *out = d->out;
    int64_t room = (int64_t)(VFS_SIZE_MAX - out->offset), n = d->left < room ? d->left : room;
    bool inside = out->offset < vfs_size(out->node); /* over what is there: as any bytes */
    if (inside || n <= 0) {
        char bytes[4096] = {0};
        n = d->left < (int64_t)sizeof bytes ? d->left : (int64_t)sizeof bytes;
        int r = ofile_write(c, p, out, bytes, (size_t)n);
        if (r != FD_OK) {
            err_printf(c, p, "error writing '%s': No space left on device",
                       d->out_name ? d->out_name : "standard output");
            return dd_end(c, p, d, 1);
        }
    } else {
        vfs_extend(c, out->node, out->offset + (size_t)n);
        out->offset += (size_t)n;
    }
    d->left -= n;
    d->in_total += n;
    d->total += n;
    return d->left ? STEP_AGAIN : dd_end(c, p, d, 0);
}

static enum step dd_step(struct cri *c, struct proc *p)
{
    struct dd_data *d = p->data;
    char bytes[4096];
    if (!d->begun) {
        if (!dd_begin(c, p, d))
            return dd_end(c, p, d, 1);
        proc_memory_set(c, p, d->in_block < d->left ? d->in_block : d->left); /* its buffer, filled by the first read */
    }
    if (d->in->kind == OFILE_ZERO && d->out->kind == OFILE_FILE && !d->to_skip && d->left > (int64_t)sizeof bytes)
        return dd_zeros(c, p, d);
    int64_t limit = d->to_skip ? d->to_skip : d->left;
    size_t want = limit < (int64_t)sizeof bytes ? (size_t)limit : sizeof bytes;
    int64_t n = want ? ofile_read(c, p, d->in, bytes, want) : 0;
    if (n == READ_BLOCKED)
        return STEP_BLOCK;
    if (n == READ_ISDIR)
        err_printf(c, p, is_gnu(p) ? "error reading '%s': Is a directory" : "%s: Is a directory", d->in_name);
    if (n <= 0)
        return dd_end(c, p, d, n < 0);
    if (d->to_skip) {
        d->to_skip -= n;
        return STEP_AGAIN;
    }
    d->in_total += n;
    int r = ofile_write(c, p, d->out, bytes, (size_t)n);
    if (r == FD_NOSPACE)
        err_printf(c, p,
                   is_gnu(p) ? "error writing '%s': No space left on device"
                             : "error writing '%s': No space left on device",
                   d->out_name ? d->out_name : "standard output");
    if (r != FD_OK)
        return dd_end(c, p, d, 1);
    d->left -= n;
    d->total += n;
    return STEP_AGAIN;
}

const struct program program_dd = {.name = "dd", .step = dd_step, .data_bytes = sizeof(struct dd_data)};
