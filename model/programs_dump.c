/* programs_dump.c - od, hexdump, xxd, strings: bytes made visible. Left out: floating point and named characters of od,
 * formats of hexdump -e but for "%02x" and its like.
 */
#include <string.h>

#include "model/programs.h"
#include "model/shell.h"

struct dump_data {
    bool begun, all, canonical, plain, reverse, format_hex, text_end;
    char address; /* 'o', 'd', 'x', 'n' */
    char type;    /* of od: 'c', 'o', 'd', 'u', 'x' */
    int size;     /* of a number: 1, 2, 4, 8 */
    int64_t skip, limit, minimum;
    const char *format; /* hexdump -e */
    int next;
    bool opened;
    struct ofile *file;
    struct mem_buf data;
    size_t at; /* shown so far */
    bool starred;
    int errors;
};

/* ---- reading ---- */

static bool dump_open(struct cri *c, struct proc *p, struct dump_data *d)
{
    while (d->next < p->argc || !d->opened) {
        const char *name = d->next < p->argc ? p->argv[d->next] : "-";
        enum vfs_error e = VFS_OK;
        d->next++;
        d->opened = true;
        d->file = strcmp(name, "-") == 0 ? ofile_ref(p->fds[0]) : file_open(c, p, name, OPEN_READ, &e);
        if (d->file)
            return true;
        if (e != VFS_OK)
            err_printf(c, p, "%s: %s", name, vfs_error_text(e));
        d->errors++;
    }
    return false;
}

/* All input; false: blocked. */
static bool dump_read(struct cri *c, struct proc *p, struct dump_data *d)
{
    char bytes[4096];
    while (d->file || dump_open(c, p, d)) {
        int64_t most = d->limit >= 0 ? d->skip + d->limit - (int64_t)d->data.len : (int64_t)sizeof bytes;
        size_t want = most < (int64_t)sizeof bytes ? (size_t)(most < 0 ? 0 : most) : sizeof bytes;
        int64_t n = want ? ofile_read(c, p, d->file, bytes, want) : 0;
        if (n == READ_BLOCKED)
            return false;
        if (n > 0 && d->data.len < VFS_FILE_MAX / 4) {
            buf_add(&c->mem, &p->mem, &d->data, bytes, (size_t)n);
            continue;
        }
        ofile_unref(c, d->file);
        d->file = NULL;
    }
    d->at = (size_t)d->skip < d->data.len ? (size_t)d->skip : d->data.len;
    return true;
}

static uint64_t word_at(const struct dump_data *d, size_t at, int size)
{
    uint64_t v = 0;
    for (int i = 0; i < size && at + (size_t)i < d->data.len; i++)
        v |= (uint64_t)(uint8_t)d->data.data[at + (size_t)i] << 8 * i;
    return v;
}

/* Whether the 16 bytes at d->at are those before them: shown as "*". */
static bool repeats(struct dump_data *d)
{
    enum { ROW = 16 };
    const char *s = buf_str(&d->data);
    return !d->all && d->at >= ROW + (size_t)d->skip && d->at + ROW <= d->data.len &&
           memcmp(s + d->at, s + d->at - ROW, ROW) == 0;
}

/* ---- od ---- */

static void od_address(struct cri *c, struct proc *p, const struct dump_data *d, size_t at)
{
    if (d->address != 'n')
        out_printf(c, p, 1, d->address == 'd' ? "%07zu" : d->address == 'x' ? "%06zx" : "%07zo", at);
}

static void od_char(struct cri *c, struct proc *p, uint8_t ch)
{
    static const char letters[] = "\a\b\t\n\v\f\r", names[] = "abtnvfr";
    const char *at = ch ? strchr(letters, ch) : NULL;
    if (!ch)
        out_puts(c, p, 1, "  \\0");
    else if (at)
        out_printf(c, p, 1, "  \\%c", names[at - letters]);
    else if (ch < 32 || ch > 126)
        out_printf(c, p, 1, " %03o", ch);
    else
        out_printf(c, p, 1, "   %c", ch);
}

static void od_word(struct cri *c, struct proc *p, const struct dump_data *d, size_t at)
{
    static const int decimal[] = {0, 3, 5, 0, 10, 0, 0, 0, 20}, octal[] = {0, 3, 6, 0, 11, 0, 0, 0, 22};
    uint64_t v = word_at(d, at, d->size);
    int bits = 64 - 8 * d->size;
    if (d->type == 'c')
        od_char(c, p, (uint8_t)v);
    else if (d->type == 'x')
        out_printf(c, p, 1, " %0*llx", 2 * d->size, (unsigned long long)v);
    else if (d->type == 'o')
        out_printf(c, p, 1, " %0*llo", octal[d->size], (unsigned long long)v);
    else if (d->type == 'u')
        out_printf(c, p, 1, " %*llu", decimal[d->size], (unsigned long long)v);
    else
        out_printf(c, p, 1, " %*lld", decimal[d->size] + 1, (long long)((int64_t)(v << bits) >> bits));
}

static enum step od_row(struct cri *c, struct proc *p, struct dump_data *d)
{
    if (d->at >= d->data.len) {
        od_address(c, p, d, d->data.len);
        if (d->address != 'n')
            out_puts(c, p, 1, "\n");
        return proc_exit_with(p, d->errors > 0);
    }
    if (repeats(d)) {
        out_puts(c, p, 1, d->starred ? "" : "*\n");
        d->starred = true;
    } else {
        d->starred = false;
        od_address(c, p, d, d->at);
        for (size_t i = d->at; i < d->at + 16 && i < d->data.len; i += (size_t)d->size)
            od_word(c, p, d, i);
        out_puts(c, p, 1, "\n");
    }
    d->at += 16;
    return STEP_AGAIN;
}

/* "x1", "d", "o2", "c": -t. */
static bool od_type(struct dump_data *d, const char *s)
{
    d->type = *s == 'a' ? 'c' : *s;
    d->size = *s == 'c' || *s == 'a' ? 1 : 4;
    if (!*s || !strchr("acdoux", *s))
        return false;
    s++;
    if (*s == 'C' || *s == 'S' || *s == 'I' || *s == 'L')
        d->size = *s == 'C' ? 1 : *s == 'S' ? 2 : *s == 'I' ? 4 : 8;
    else if (sh_is_digit(*s))
        d->size = *s - '0';
    return d->size == 1 || d->size == 2 || d->size == 4 || d->size == 8;
}

static bool od_begin(struct cri *c, struct proc *p, struct dump_data *d)
{
    static const struct {
        char letter;
        const char *type;
    } shorts[] = {{'b', "o1"}, {'c', "c"},  {'d', "u2"}, {'o', "o2"}, {'x', "x2"},
                  {'s', "d2"}, {'i', "d4"}, {'l', "d8"}, {'h', "x2"}};
    static const struct long_option longs[] = {
        {"address-radix", 'A'}, {"format", 't'}, {"read-bytes", 'N'}, {"skip-bytes", 'j'}, {NULL, 0}};
    struct options o = {.p = p};
    d->address = 'o';
    od_type(d, "o2");
    for (int letter; (letter = option_get(c, &o, "bcdohxsilvA:t:N:j:w::a", longs));) {
        if (letter == '?')
            return false;
        d->all |= letter == 'v';
        if (letter == 'A')
            d->address = o.value[0];
        if ((letter == 'N' && !parse_size(o.value, "bkm", &d->limit)) ||
            (letter == 'j' && !parse_size(o.value, "bkm", &d->skip))) {
            err_printf(c, p, "invalid number '%s'", o.value);
            return false;
        }
        if (letter == 't' && !od_type(d, o.value)) {
            err_printf(c, p, "invalid type string '%s'", o.value);
            return false;
        }
        for (size_t i = 0; i < ARRAY_LEN(shorts); i++)
            if (shorts[i].letter == letter)
                od_type(d, shorts[i].type);
    }
    d->next = o.next;
    return true;
}

/* ---- hexdump ---- */

static void hex_canonical(struct cri *c, struct proc *p, const struct dump_data *d)
{
    out_printf(c, p, 1, "%08zx ", d->at);
    for (size_t i = 0; i < 16; i++) {
        const char *gap = i == 8 ? "  " : " ";
        if (d->at + i < d->data.len)
            out_printf(c, p, 1, "%s%02x", gap, (uint8_t)d->data.data[d->at + i]);
        else
            out_printf(c, p, 1, "%s  ", gap);
    }
    out_puts(c, p, 1, "  |");
    for (size_t i = d->at; i < d->at + 16 && i < d->data.len; i++)
        out_printf(c, p, 1, "%c", d->data.data[i] >= 32 && d->data.data[i] < 127 ? d->data.data[i] : '.');
    out_puts(c, p, 1, "|\n");
}

static void hex_words(struct cri *c, struct proc *p, const struct dump_data *d)
{
    out_printf(c, p, 1, "%07zx", d->at);
    for (size_t i = d->at; i < d->at + 16; i += 2) {
        if (i < d->data.len)
            out_printf(c, p, 1, " %04llx", (unsigned long long)word_at(d, i, 2));
        else
            out_puts(c, p, 1, "     ");
    }
    out_puts(c, p, 1, "\n");
}

/* -e 'N/1 "text %02x text"': the text for each byte. */
static void hex_format(struct cri *c, struct proc *p, const struct dump_data *d)
{
    const char *open = strchr(d->format, '"'), *close = open ? strrchr(d->format, '"') : NULL;
    if (!open || close == open)
        return;
    for (size_t i = d->at; i < d->data.len; i++) {
        for (const char *s = open + 1; s < close; s++) {
            const char *end = *s == '%' ? s + 1 + strspn(s + 1, "0123456789") : s;
            int width = *s == '%' && s[1] == '0' && sh_is_digit(s[2]) ? s[2] - '0' : 1;
            uint8_t ch = (uint8_t)d->data.data[i];
            if (*s == '%' && strchr("xXodc", *end)) {
                out_printf(c, p, 1,
                           *end == 'x'   ? "%0*x"
                           : *end == 'X' ? "%0*X"
                           : *end == 'o' ? "%0*o"
                                         : "%0*d",
                           width, ch);
                s = end;
            } else if (*s == '\\' && s[1]) {
                s++;
                out_printf(c, p, 1, "%c", *s == 'n' ? '\n' : *s == 't' ? '\t' : *s);
            } else {
                out_printf(c, p, 1, "%c", *s);
            }
        }
    }
}

static enum step hex_row(struct cri *c, struct proc *p, struct dump_data *d)
{
    if (d->format) {
        hex_format(c, p, d);
        return proc_exit_with(p, d->errors > 0);
    }
    if (d->at >= d->data.len) {
        if (d->data.len)
            out_printf(c, p, 1, d->canonical ? "%08zx\n" : "%07zx\n", d->data.len);
        return proc_exit_with(p, d->errors > 0);
    }
    if (repeats(d)) {
        out_puts(c, p, 1, d->starred ? "" : "*\n");
        d->starred = true;
    } else {
        d->starred = false;
        (d->canonical ? hex_canonical : hex_words)(c, p, d);
    }
    d->at += 16;
    return STEP_AGAIN;
}

static bool hex_begin(struct cri *c, struct proc *p, struct dump_data *d)
{
    struct options o = {.p = p};
    for (int letter; (letter = option_get(c, &o, "bcCdovxe:f:n:s:", NULL));) {
        if (letter == '?')
            return false;
        d->canonical |= letter == 'C';
        d->all |= letter == 'v';
        if (letter == 'e')
            d->format = o.value;
        if (letter == 'n')
            parse_size(o.value, "bkm", &d->limit);
        if (letter == 's')
            parse_size(o.value, "bkm", &d->skip);
    }
    d->next = o.next;
    return true;
}

/* ---- xxd ---- */

static void xxd_line(struct cri *c, struct proc *p, const struct dump_data *d)
{
    out_printf(c, p, 1, "%08zx:", d->at);
    for (size_t i = 0; i < 16; i++) {
        out_puts(c, p, 1, i % 2 ? "" : " ");
        if (d->at + i < d->data.len)
            out_printf(c, p, 1, "%02x", (uint8_t)d->data.data[d->at + i]);
        else
            out_puts(c, p, 1, "  ");
    }
    out_puts(c, p, 1, "  ");
    for (size_t i = d->at; i < d->at + 16 && i < d->data.len; i++)
        out_printf(c, p, 1, "%c", d->data.data[i] >= 32 && d->data.data[i] < 127 ? d->data.data[i] : '.');
    out_puts(c, p, 1, "\n");
}

static int hex_digit(char ch)
{
    return ch >= '0' && ch <= '9'   ? ch - '0'
           : ch >= 'a' && ch <= 'f' ? ch - 'a' + 10
           : ch >= 'A' && ch <= 'F' ? ch - 'A' + 10
                                    : -1;
}

static void xxd_reverse(struct cri *c, struct proc *p, const struct dump_data *d)
{
    struct mem_buf out = {0};
    const char *s = buf_str(&d->data);
    for (; *s; s++) {
        const char *colon = !d->plain && (s == d->data.data || s[-1] == '\n') ? strchr(s, ':') : NULL;
        if (colon)
            s = colon + 1;
        if (!d->plain && s[0] == ' ' && s[1] == ' ')
            s += strcspn(s, "\n");
        if (!*s)
            break;
        if (hex_digit(s[0]) >= 0 && hex_digit(s[1]) >= 0) {
            buf_putc(&c->mem, NULL, &out, (char)(hex_digit(s[0]) * 16 + hex_digit(s[1])));
            s++;
        }
    }
    fd_write(c, p, 1, buf_str(&out), out.len);
    buf_fini(&c->mem, &out);
}

static enum step xxd_row(struct cri *c, struct proc *p, struct dump_data *d)
{
    enum { PLAIN_ROW = 30 };
    if (d->reverse) {
        xxd_reverse(c, p, d);
        return proc_exit_with(p, d->errors > 0);
    }
    if (d->at >= d->data.len)
        return proc_exit_with(p, d->errors > 0);
    if (!d->plain) {
        xxd_line(c, p, d);
        d->at += 16;
        return STEP_AGAIN;
    }
    for (size_t i = d->at; i < d->at + PLAIN_ROW && i < d->data.len; i++)
        out_printf(c, p, 1, "%02x", (uint8_t)d->data.data[i]);
    out_puts(c, p, 1, "\n");
    d->at += PLAIN_ROW;
    return STEP_AGAIN;
}

static bool xxd_begin(struct cri *c, struct proc *p, struct dump_data *d)
{
    struct options o = {.p = p};
    for (int letter; (letter = option_get(c, &o, "l:s:g:c:apriu", NULL));) {
        if (letter == '?')
            return false;
        d->plain |= letter == 'p';
        d->reverse |= letter == 'r';
        if (letter == 'l')
            parse_size(o.value, "bkm", &d->limit);
        if (letter == 's')
            parse_size(o.value, "bkm", &d->skip);
    }
    d->next = o.next;
    return true;
}

/* ---- strings ---- */

static enum step strings_row(struct cri *c, struct proc *p, struct dump_data *d)
{
    const char *s = buf_str(&d->data);
    while (d->at < d->data.len) {
        size_t n = 0;
        while (d->at + n < d->data.len && ((s[d->at + n] >= 32 && s[d->at + n] < 127) || s[d->at + n] == '\t'))
            n++;
        if ((int64_t)n >= d->minimum)
            out_printf(c, p, 1, "%.*s\n", (int)n, s + d->at);
        d->at += n + 1;
    }
    return proc_exit_with(p, d->errors > 0);
}

static bool strings_begin(struct cri *c, struct proc *p, struct dump_data *d)
{
    struct options o = {.p = p};
    d->minimum = 4;
    for (int letter; (letter = option_get(c, &o, "fon:at:", NULL));) {
        if (letter == '?')
            return false;
        if (letter == 'n')
            parse_int64(o.value, &d->minimum);
    }
    d->next = o.next;
    return true;
}

/* ---- the commands ---- */

static const struct dump_kind {
    const char *name;
    bool (*begin)(struct cri *c, struct proc *p, struct dump_data *d);
    enum step (*row)(struct cri *c, struct proc *p, struct dump_data *d);
} dump_kinds[] = {{"od", od_begin, od_row},
                  {"hexdump", hex_begin, hex_row},
                  {"xxd", xxd_begin, xxd_row},
                  {"strings", strings_begin, strings_row}};

static enum step dump_step(struct cri *c, struct proc *p)
{
    struct dump_data *d = p->data;
    const struct dump_kind *kind = dump_kinds;
    while (strcmp(kind->name, p->program->name) != 0)
        kind++;
    if (!d->begun) {
        d->begun = true;
        d->limit = -1;
        if (!kind->begin(c, p, d))
            return proc_exit_with(p, 1);
    }
    if (!d->text_end) {
        if (!dump_read(c, p, d))
            return STEP_BLOCK;
        d->text_end = true;
    }
    for (int budget = 0; budget < 16 && !p->full_pipe; budget++)
        if (kind->row(c, p, d) == STEP_EXIT)
            return STEP_EXIT;
    return STEP_AGAIN;
}

#define DUMP_PROGRAM(command)                                                                                          \
    {                                                                                                                  \
        .name = command, .step = dump_step, .data_bytes = sizeof(struct dump_data)                                     \
    }
static const struct program program_od = DUMP_PROGRAM("od"), program_hexdump = DUMP_PROGRAM("hexdump"),
                            program_xxd = DUMP_PROGRAM("xxd"), program_strings = DUMP_PROGRAM("strings");

const struct applet dump_applets[] = {
    {"hexdump", &program_hexdump, IMAGE_BUSYBOX},
    {"od", &program_od, IMAGE_SHELLS},
    {"strings", &program_strings, IMAGE_BUSYBOX},
    {"xxd", &program_xxd, IMAGE_BUSYBOX},
    {NULL, NULL, 0},
};
