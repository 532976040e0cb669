/* programs_sum.c - md5sum, sha1sum, sha256sum, sha512sum (RFC 1321, FIPS 180-4) and base64. */
#include <string.h>

#include "model/programs.h"
#include "model/shell.h"

/* ---- the hash functions: blocks of big or little endian words ---- */

enum hash_kind { HASH_MD5, HASH_SHA1, HASH_SHA256, HASH_SHA512 };
struct hash {
    enum hash_kind kind;
    uint32_t h32[8];
    uint64_t h64[8];
    uint8_t block[128];
    size_t used;
    uint64_t total;
};
static const struct {
    const char *command;
    size_t block, digest;
} hash_kinds[] = {[HASH_MD5] = {"md5sum", 64, 16},
                  [HASH_SHA1] = {"sha1sum", 64, 20},
                  [HASH_SHA256] = {"sha256sum", 64, 32},
                  [HASH_SHA512] = {"sha512sum", 128, 64}};

static const uint32_t md5_k[64] = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
};
static const uint8_t md5_shift[16] = {7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21};
static const uint64_t sha_k[80] = {
    /* SHA-512's; SHA-256 has the upper halves of the first 64 */
    0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc, 0x3956c25bf348b538,
    0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118, 0xd807aa98a3030242, 0x12835b0145706fbe,
    0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2, 0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235,
    0xc19bf174cf692694, 0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65,
    0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5, 0x983e5152ee66dfab,
    0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4, 0xc6e00bf33da88fc2, 0xd5a79147930aa725,
    0x06ca6351e003826f, 0x142929670a0e6e70, 0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed,
    0x53380d139d95b3df, 0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
    0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30, 0xd192e819d6ef5218,
    0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8, 0x19a4c116b8d2d0c8, 0x1e376c085141ab53,
    0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8, 0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373,
    0x682e6ff3d6b2b8a3, 0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
    0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b, 0xca273eceea26619c,
    0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178, 0x06f067aa72176fba, 0x0a637dc5a2c898a6,
    0x113f9804bef90dae, 0x1b710b35131c471b, 0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc,
    0x431d67c49c100d4c, 0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817,
};

static uint32_t rol32(uint32_t x, int n) { return x << n | x >> (32 - n); }
static uint32_t ror32(uint32_t x, int n) { return x >> n | x << (32 - n); }
static uint64_t ror64(uint64_t x, int n) { return x >> n | x << (64 - n); }

static uint64_t load(const uint8_t *p, size_t bytes, bool little)
{
    uint64_t v = 0;
    for (size_t i = 0; i < bytes; i++)
        v |= (uint64_t)p[i] << 8 * (little ? i : bytes - 1 - i);
    return v;
}

static void md5_block(struct hash *s)
{
    uint32_t a = s->h32[0], b = s->h32[1], c = s->h32[2], d = s->h32[3];
    for (uint32_t i = 0; i < 64; i++) {
        uint32_t round = i / 16, f, g;
        f = round == 0 ? (b & c) | (~b & d) : round == 1 ? (d & b) | (~d & c) : round == 2 ? b ^ c ^ d : c ^ (b | ~d);
        g = round == 0 ? i : round == 1 ? 5 * i + 1 : round == 2 ? 3 * i + 5 : 7 * i;
        uint32_t word = (uint32_t)load(s->block + 4 * (g % 16), 4, true);
        uint32_t next = b + rol32(a + f + md5_k[i] + word, md5_shift[4 * round + i % 4]);
        a = d;
        d = c;
        c = b;
        b = next;
    }
    s->h32[0] += a;
    s->h32[1] += b;
    s->h32[2] += c;
    s->h32[3] += d;
}

static void sha1_block(struct hash *s)
{
    static const uint32_t k[4] = {0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6};
    uint32_t w[80], v[5];
    for (uint32_t i = 0; i < 80; i++)
        w[i] =
            i < 16 ? (uint32_t)load(s->block + 4 * i, 4, false) : rol32(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    memcpy(v, s->h32, sizeof v);
    for (uint32_t i = 0; i < 80; i++) {
        uint32_t round = i / 20;
        uint32_t f = round == 0   ? (v[1] & v[2]) | (~v[1] & v[3])
                     : round == 2 ? (v[1] & v[2]) | (v[1] & v[3]) | (v[2] & v[3])
                                  : v[1] ^ v[2] ^ v[3];
        uint32_t next = rol32(v[0], 5) + f + v[4] + k[round] + w[i];
        v[4] = v[3];
        v[3] = v[2];
        v[2] = rol32(v[1], 30);
        v[1] = v[0];
        v[0] = next;
    }
    for (int i = 0; i < 5; i++)
        s->h32[i] += v[i];
}

static void sha256_block(struct hash *s)
{
    uint32_t w[64], v[8];
    for (uint32_t i = 0; i < 16; i++)
        w[i] = (uint32_t)load(s->block + 4 * i, 4, false);
    for (uint32_t i = 16; i < 64; i++)
        w[i] = w[i - 16] + w[i - 7] + (ror32(w[i - 15], 7) ^ ror32(w[i - 15], 18) ^ w[i - 15] >> 3) +
               (ror32(w[i - 2], 17) ^ ror32(w[i - 2], 19) ^ w[i - 2] >> 10);
    memcpy(v, s->h32, sizeof v);
    for (uint32_t i = 0; i < 64; i++) {
        uint32_t t1 = v[7] + (ror32(v[4], 6) ^ ror32(v[4], 11) ^ ror32(v[4], 25)) + ((v[4] & v[5]) ^ (~v[4] & v[6])) +
                      (uint32_t)(sha_k[i] >> 32) + w[i];
        uint32_t t2 =
            (ror32(v[0], 2) ^ ror32(v[0], 13) ^ ror32(v[0], 22)) + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
        memmove(v + 1, v, 7 * sizeof *v);
        v[4] += t1;
        v[0] = t1 + t2;
    }
    for (int i = 0; i < 8; i++)
        s->h32[i] += v[i];
}

static void sha512_block(struct hash *s)
{
    uint64_t w[80], v[8];
    for (uint32_t i = 0; i < 16; i++)
        w[i] = load(s->block + 8 * i, 8, false);
    for (uint32_t i = 16; i < 80; i++)
        w[i] = w[i - 16] + w[i - 7] + (ror64(w[i - 15], 1) ^ ror64(w[i - 15], 8) ^ w[i - 15] >> 7) +
               (ror64(w[i - 2], 19) ^ ror64(w[i - 2], 61) ^ w[i - 2] >> 6);
    memcpy(v, s->h64, sizeof v);
    for (uint32_t i = 0; i < 80; i++) {
        uint64_t t1 = v[7] + (ror64(v[4], 14) ^ ror64(v[4], 18) ^ ror64(v[4], 41)) + ((v[4] & v[5]) ^ (~v[4] & v[6])) +
                      sha_k[i] + w[i];
        uint64_t t2 =
            (ror64(v[0], 28) ^ ror64(v[0], 34) ^ ror64(v[0], 39)) + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
        memmove(v + 1, v, 7 * sizeof *v);
        v[4] += t1;
        v[0] = t1 + t2;
    }
    for (int i = 0; i < 8; i++)
        s->h64[i] += v[i];
}

static void hash_begin(struct hash *s, enum hash_kind kind)
{
    static const uint32_t small[8] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
    static const uint64_t large[8] = {0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
                                      0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179};
    memset(s, 0, sizeof *s);
    s->kind = kind;
    for (int i = 0; i < 8; i++) {
        s->h64[i] = large[i];
        s->h32[i] = kind == HASH_SHA256 ? (uint32_t)(large[i] >> 32) : small[i];
    }
}

static void hash_add(struct hash *s, const void *bytes, size_t n)
{
    static void (*const blocks[])(struct hash *) = {md5_block, sha1_block, sha256_block, sha512_block};
    const uint8_t *p = bytes;
    s->total += n;
    for (size_t i = 0; i < n; i++) {
        s->block[s->used++] = p[i];
        if (s->used == hash_kinds[s->kind].block) {
            blocks[s->kind](s);
            s->used = 0;
        }
    }
}

/* Hexadecimal digits. */
static void hash_end(struct hash *s, char out[129])
{
    static const char digits[] = "0123456789abcdef";
    uint64_t bits = s->total * 8;
    size_t block = hash_kinds[s->kind].block, digest = hash_kinds[s->kind].digest;
    hash_add(s, "\x80", 1);
    while (s->used != block - 8)
        hash_add(s, "", 1);
    for (int i = 0; i < 8; i++)
        hash_add(s, &(uint8_t){(uint8_t)(bits >> 8 * (s->kind == HASH_MD5 ? i : 7 - i))}, 1);
    for (size_t i = 0; i < digest; i++) {
        size_t word = i / (s->kind == HASH_SHA512 ? 8 : 4), shift = i % (s->kind == HASH_SHA512 ? 8 : 4);
        uint64_t value = s->kind == HASH_SHA512 ? s->h64[word] >> 8 * (7 - shift)
                         : s->kind == HASH_MD5  ? s->h32[word] >> 8 * shift
                                                : s->h32[word] >> 8 * (3 - shift);
        uint32_t byte = value & 255;
        out[2 * i] = digits[byte >> 4];
        out[2 * i + 1] = digits[byte & 15];
    }
    out[2 * digest] = '\0';
}

/* ---- md5sum and its kin ---- */

struct sum_data {
    bool begun, check, quiet, zero;
    struct hash hash;
    int next, errors;
    struct ofile *file;
    const char *name;
    enum hash_kind kind;
    struct input list; /* -c */
    int checked, failed;
};

static bool sum_begin(struct cri *c, struct proc *p, struct sum_data *d)
{
    static const struct long_option longs[] = {{"check", 'c'}, {"quiet", 's'}, {"status", 's'}, {NULL, 0}};
    struct options o = {.p = p};
    d->begun = true;
    while (strcmp(hash_kinds[d->kind].command, p->program->name) != 0)
        d->kind++;
    for (int letter; (letter = option_get(c, &o, "cswtb", longs));) {
        if (letter == '?')
            return false;
        d->check |= letter == 'c';
        d->quiet |= letter == 's';
    }
    d->next = d->list.next = o.next;
    return true;
}

static bool sum_open(struct cri *c, struct proc *p, struct sum_data *d, const char *name)
{
    enum vfs_error e = VFS_NOENT;
    d->name = name;
    d->file = strcmp(name, "-") == 0 ? ofile_ref(p->fds[0]) : file_open(c, p, name, OPEN_READ, &e);
    hash_begin(&d->hash, d->kind);
    if (d->file && d->file->node && d->file->node->type == VNODE_DIR) {
        err_printf(c, p, is_gnu(p) ? "%s: Is a directory" : "can't read '%s': Is a directory", name);
        ofile_unref(c, d->file);
        d->file = NULL;
    } else if (!d->file) {
        cannot_open(c, p, name, e);
    }
    d->errors += !d->file;
    return d->file;
}

/* All of the open file: 1, blocked 0. */
static bool sum_read(struct cri *c, struct proc *p, struct sum_data *d, char out[129])
{
    char bytes[4096];
    for (int64_t n;;) {
        n = ofile_read(c, p, d->file, bytes, sizeof bytes);
        if (n == READ_BLOCKED)
            return false;
        if (n <= 0)
            break;
        hash_add(&d->hash, bytes, (size_t)n);
        if (d->file->kind == OFILE_ZERO || d->file->kind == OFILE_RANDOM)
            break; /* without end */
    }
    ofile_unref(c, d->file);
    d->file = NULL;
    hash_end(&d->hash, out);
    return true;
}

static enum step sum_check(struct cri *c, struct proc *p, struct sum_data *d)
{
    bool newline;
    char digest[129];
    enum input_result r = input_line(c, p, &d->list, &newline);
    if (r == INPUT_BLOCKED)
        return STEP_BLOCK;
    if (r == INPUT_END) {
        if (d->failed && !d->quiet && is_gnu(p))
            err_printf(c, p, "WARNING: %d computed checksum%s did NOT match", d->failed, d->failed > 1 ? "s" : "");
        else if (d->failed && !d->quiet)
            err_printf(c, p, "WARNING: %d of %d computed checksums did NOT match", d->failed, d->checked);
        return proc_exit_with(p, d->failed || d->errors || d->list.errors);
    }
    char *line = proc_strdup(c, p, buf_str(&d->list.line)), *name = strchr(line, ' ');
    d->list.line.len = 0;
    if (!name || !name[1])
        return STEP_AGAIN;
    *name = '\0';
    name += 2;
    bool good = sum_open(c, p, d, name) && sum_read(c, p, d, digest) && strcmp(digest, line) == 0;
    d->checked++;
    d->failed += !good;
    if (!d->quiet)
        out_printf(c, p, 1, "%s: %s\n", name, good ? "OK" : "FAILED");
    return STEP_AGAIN;
}

static enum step sum_step(struct cri *c, struct proc *p)
{
    struct sum_data *d = p->data;
    char digest[129];
    if (!d->begun && !sum_begin(c, p, d))
        return proc_exit_with(p, 1);
    if (d->check)
        return sum_check(c, p, d);
    if (!d->file) {
        if (d->next >= p->argc && d->name)
            return proc_exit_with(p, d->errors > 0);
        if (!sum_open(c, p, d, d->next < p->argc ? p->argv[d->next] : "-"))
            return d->next++, STEP_AGAIN;
        d->next++;
    }
    if (!sum_read(c, p, d, digest))
        return STEP_BLOCK;
    out_printf(c, p, 1, "%s  %s\n", digest, d->name);
    return STEP_AGAIN;
}

/* ---- base64 ---- */

struct base64_data {
    bool begun, decode;
    int64_t width, column;
    struct ofile *file;
    uint8_t held[4];
    size_t count; /* of held */
    bool padded;
};
static const char base64_letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static bool base64_begin(struct cri *c, struct proc *p, struct base64_data *d)
{
    static const struct long_option longs[] = {{"decode", 'd'}, {"wrap", 'w'}, {NULL, 0}};
    struct options o = {.p = p};
    enum vfs_error e = VFS_OK;
    d->begun = true;
    d->width = 76;
    for (int letter; (letter = option_get(c, &o, "dDw:i", longs));) {
        if (letter == '?')
            return false;
        d->decode |= letter == 'd' || letter == 'D';
        if (letter == 'w' && (!parse_int64(o.value, &d->width) || d->width < 0)) {
            err_printf(c, p, is_gnu(p) ? "invalid wrap size: '%s'" : "invalid number '%s'", o.value);
            return false;
        }
    }
    const char *name = o.next < p->argc ? p->argv[o.next] : "-";
    d->file = strcmp(name, "-") == 0 ? ofile_ref(p->fds[0]) : file_open(c, p, name, OPEN_READ, &e);
    if (e != VFS_OK)
        err_printf(c, p, "%s: %s", name, vfs_error_text(e));
    return d->file;
}

static void base64_put(struct cri *c, struct base64_data *d, struct mem_buf *out)
{
    uint32_t v =
        (uint32_t)d->held[0] << 16 | (uint32_t)(d->count > 1 ? d->held[1] : 0) << 8 | (d->count > 2 ? d->held[2] : 0);
    for (size_t i = 0; i < 4; i++) {
        buf_putc(&c->mem, NULL, out, i <= d->count ? base64_letters[v >> (18 - 6 * i) & 63] : '=');
        if (++d->column == d->width) {
            buf_putc(&c->mem, NULL, out, '\n');
            d->column = 0;
        }
    }
    d->count = 0;
}

/* false: not a letter of base64; busybox leaves such out. */
static bool base64_take(struct cri *c, struct base64_data *d, char ch, bool lenient, struct mem_buf *out)
{
    const char *at = ch ? strchr(base64_letters, ch) : NULL;
    if (ch == '\n' || ch == '\r' || ch == '=') {
        d->padded |= ch == '=';
        return true;
    }
    if (!at)
        return lenient;
    d->held[d->count++] = (uint8_t)(at - base64_letters);
    if (d->count < 4)
        return true;
    for (int i = 0; i < 3; i++)
        buf_putc(&c->mem, NULL, out, (char)(d->held[i] << (2 + 2 * i) | d->held[i + 1] >> (4 - 2 * i)));
    d->count = 0;
    return true;
}

static bool base64_end(struct cri *c, struct base64_data *d, struct mem_buf *out)
{
    if (!d->decode) {
        if (d->count)
            base64_put(c, d, out);
        if (d->column && d->width)
            buf_putc(&c->mem, NULL, out, '\n');
        return true;
    }
    for (size_t i = 0; i + 1 < d->count; i++)
        buf_putc(&c->mem, NULL, out, (char)(d->held[i] << (2 + 2 * i) | d->held[i + 1] >> (4 - 2 * i)));
    return d->count != 1;
}

static enum step base64_step(struct cri *c, struct proc *p)
{
    struct base64_data *d = p->data;
    char bytes[1024];
    struct mem_buf out = {0};
    bool good = true;
    if (!d->begun && !base64_begin(c, p, d))
        return proc_exit_with(p, 1);
    int64_t n = ofile_read(c, p, d->file, bytes, sizeof bytes);
    if (n == READ_BLOCKED)
        return STEP_BLOCK;
    for (int64_t i = 0; i < n && good; i++) {
        if (d->decode) {
            good = base64_take(c, d, bytes[i], !is_gnu(p), &out);
        } else {
            d->held[d->count++] = (uint8_t)bytes[i];
            if (d->count == 3)
                base64_put(c, d, &out);
        }
    }
    if (n <= 0)
        good = base64_end(c, d, &out);
    if (out.len)
        fd_write(c, p, 1, out.data, out.len);
    buf_fini(&c->mem, &out);
    if (good && n > 0)
        return STEP_AGAIN;
    ofile_unref(c, d->file);
    d->file = NULL;
    if (!good)
        err_printf(c, p, is_gnu(p) ? "invalid input" : "truncated input");
    return proc_exit_with(p, !good);
}

#define SUM_PROGRAM(command)                                                                                           \
    {                                                                                                                  \
        .name = command, .step = sum_step, .data_bytes = sizeof(struct sum_data)                                       \
    }
static const struct program program_md5 = SUM_PROGRAM("md5sum"), program_sha1 = SUM_PROGRAM("sha1sum"),
                            program_sha256 = SUM_PROGRAM("sha256sum"), program_sha512 = SUM_PROGRAM("sha512sum"),
                            program_base64 = {
                                .name = "base64", .step = base64_step, .data_bytes = sizeof(struct base64_data)};

const struct applet sum_applets[] = {
    {"base64", &program_base64, IMAGE_SHELLS},    {"md5sum", &program_md5, IMAGE_SHELLS},
    {"sha1sum", &program_sha1, IMAGE_SHELLS},     {"sha256sum", &program_sha256, IMAGE_SHELLS},
    {"sha512sum", &program_sha512, IMAGE_SHELLS}, {NULL, NULL, 0},
};
