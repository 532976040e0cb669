/* arena.c - one reserved address range, made usable step by step from the bottom.
 *
 * The range is reserved without access rights and without a claim on memory, so its size costs
 * nothing; rights are granted in growing steps, so a small run needs one system call and touches
 * only the pages it fills. Fresh pages come zeroed from the system; only what an earlier use may have
 * written (below `dirty`) is cleared again, and only when it is handed out.
 */
#include "sim/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static const size_t RESERVE_MAX = (size_t)64 << 30;
static const size_t RESERVE_MIN = (size_t)16 << 20; /* below that the machine is no use to us */
static const size_t STEP_MIN = (size_t)256 << 10;
static const size_t STEP_MAX = (size_t)64 << 20;
static const size_t ALIGNMENT = 8;
static const size_t LARGE = (size_t)64 << 20;

static size_t round_up(size_t n, size_t unit) { return (n + unit - 1) / unit * unit; }

/* Ranges of small arenas that were given back, for the next ones: a suite of many short runs would otherwise spend its
 * time on the system's page tables. What they hold is dirty, and cleared as it is handed out again. */
enum { SPARES_MAX = 8 };
#if defined(__SANITIZE_ADDRESS__)
static const bool KEEP_SPARES = false; /* who uses an arena after its end is to be found */
#else
static const bool KEEP_SPARES = true;
#endif
static struct arena spares[SPARES_MAX];
static unsigned spare_count;

void arena_init(struct arena *a, size_t limit_bytes)
{
    if (spare_count) {
        *a = spares[--spare_count];
        a->limit = limit_bytes;
        return;
    }
    *a = (struct arena){.limit = limit_bytes};
    /* Less address space than asked for is common under resource limits and in checking tools. */
    for (size_t size = RESERVE_MAX; size >= RESERVE_MIN; size /= 2) {
        void *p = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (p != MAP_FAILED) {
            a->base = p;
            a->reserved = size;
            return;
        }
    }
    sim_die("cannot reserve address space");
}

void arena_fini(struct arena *a)
{
    const size_t small = (size_t)1 << 20;
    if (a->base && KEEP_SPARES && a->committed <= small && spare_count < SPARES_MAX)
        spares[spare_count++] =
            (struct arena){.base = a->base, .reserved = a->reserved, .dirty = a->dirty, .committed = a->committed};
    else if (a->base)
        munmap(a->base, a->reserved);
    *a = (struct arena){0};
}

void arena_reset(struct arena *a)
{
    a->used = 0;
    a->exhausted = false;
}

/* Makes the first `size` bytes accessible. Steps grow with the arena, to keep the calls few. */
static void commit(struct arena *a, size_t size)
{
    size_t step = a->committed < STEP_MIN ? STEP_MIN : a->committed;
    if (step > STEP_MAX)
        step = STEP_MAX;
    size_t end = round_up(size, STEP_MIN);
    if (end < a->committed + step)
        end = a->committed + step;
    if (end > a->reserved)
        end = a->reserved;
    if (mprotect(a->base + a->committed, end - a->committed, PROT_READ | PROT_WRITE) != 0)
        sim_die("out of memory");
    if (a->committed >= LARGE) /* a large run gets large pages, if there are any: fewer faults, fewer misses */
        madvise(a->base + a->committed, end - a->committed, MADV_HUGEPAGE);
    a->committed = end;
}

void *arena_alloc(struct arena *a, size_t bytes)
{
    ASSERT(a->base);
    if (bytes > a->reserved - a->used - ALIGNMENT)
        sim_die("out of address space");

    unsigned char *p = a->base + a->used;
    size_t begin = a->used;
    size_t end = begin + round_up(bytes, ALIGNMENT);
    if (end > a->committed)
        commit(a, end);
    if (begin < a->dirty)
        memset(p, 0, (end < a->dirty ? end : a->dirty) - begin);
    if (end > a->dirty)
        a->dirty = end;
    a->used = end;
    if (a->limit && end > a->limit)
        a->exhausted = true;
    return p;
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
    char *copy = arena_alloc(a, n + 1);
    memcpy(copy, s, n);
    return copy;
}

char *arena_strdup(struct arena *a, const char *s) { return arena_strndup(a, s, strlen(s)); }

/* Digits of n, the last one before `end`; returns the first. */
static char *put_decimal(char *end, uint64_t n)
{
    do {
        *--end = (char)('0' + n % 10);
        n /= 10;
    } while (n > 0);
    return end;
}

static char *put_hexadecimal(char *end, uint64_t n)
{
    do {
        *--end = "0123456789abcdef"[n & 15];
        n >>= 4;
    } while (n > 0);
    return end;
}

/* What most formats have: %s, %c, %d, %u and %x of an int, a long or (the same here) a fixed size. Writes up to `room`
 * bytes and returns their number; SIZE_MAX when there is more in the format or too little room: that is for
 * vsnprintf(). */
static size_t format_plainly(char *to, size_t room, const char *format, va_list args)
{
    size_t len = 0;
    for (; *format; format++) {
        char digits[24], *text = digits, *end = digits + sizeof digits;
        size_t count = 1;
        if (*format != '%') {
            digits[0] = *format;
        } else {
            bool is_long = *++format == 'l';
            format += is_long;
            if (*format == 's' && !is_long) {
                text = va_arg(args, char *);
                count = text ? strlen(text) : SIZE_MAX;
            } else if (*format == 'c' && !is_long) {
                digits[0] = (char)va_arg(args, int);
            } else if (*format == 'u') {
                text = put_decimal(end, is_long ? va_arg(args, unsigned long) : va_arg(args, unsigned));
                count = (size_t)(end - text);
            } else if (*format == 'x') {
                text = put_hexadecimal(end, is_long ? va_arg(args, unsigned long) : va_arg(args, unsigned));
                count = (size_t)(end - text);
            } else if (*format == 'd') {
                long n = is_long ? va_arg(args, long) : va_arg(args, int);
                text = put_decimal(end, n < 0 ? -(unsigned long)n : (unsigned long)n);
                if (n < 0)
                    *--text = '-';
                count = (size_t)(end - text);
            } else {
                return SIZE_MAX;
            }
        }
        if (count > room - len)
            return SIZE_MAX;
        memcpy(to + len, text, count);
        len += count;
    }
    return len;
}

void text_format(char *to, size_t room, const char *format, va_list args)
{
    va_list again;
    ASSERT(room > 0);
    va_copy(again, args);
    size_t plain = format_plainly(to, room - 1, format, args);
    if (plain != SIZE_MAX)
        to[plain] = '\0';
    else
        vsnprintf(to, room, format, again);
    va_end(again);
}

char *arena_printf(struct arena *a, const char *format, ...)
{
    ASSERT(format);
    char usual[256];
    va_list args, again;
    va_start(args, format);
    size_t plain = format_plainly(usual, sizeof usual, format, args);
    va_end(args);
    if (plain != SIZE_MAX)
        return arena_strndup(a, usual, plain);

    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    ASSERT(len >= 0);
    char *s = arena_alloc(a, (size_t)len + 1);
    vsnprintf(s, (size_t)len + 1, format, again);
    va_end(again);
    va_end(args);
    return s;
}

char *arena_decimal(struct arena *a, uint64_t n)
{
    char digits[24], *end = digits + sizeof digits, *first = put_decimal(end, n);
    return arena_strndup(a, first, (size_t)(end - first));
}

void arena_save(const struct arena *a, struct arena_image *ret_image)
{
    unsigned char *bytes = malloc(a->used ? a->used : 1);
    if (!bytes)
        sim_die("out of memory");
    memcpy(bytes, a->base, a->used);
    *ret_image = (struct arena_image){.bytes = bytes, .used = a->used};
}

void arena_restore(struct arena *a, const struct arena_image *image)
{
    ASSERT(image->used <= a->dirty); /* an image of this arena, since its addresses never move */

    /* `a` may live in the arena itself: how far memory is accessible and dirty must not go back. */
    struct arena now = *a;
    memcpy(now.base, image->bytes, image->used);
    now.used = image->used;
    now.exhausted = now.limit && now.used > now.limit;
    *a = now;
}

void arena_image_fini(struct arena_image *image)
{
    free(image->bytes);
    *image = (struct arena_image){0};
}

void pool_init(struct pool *p, struct arena *a, size_t item_bytes)
{
    ASSERT(item_bytes > 0);
    ASSERT(item_bytes <= UINT32_MAX);
    *p = (struct pool){.arena = a, .item_bytes = (uint32_t)item_bytes};
}

uint32_t pool_add(struct pool *p)
{
    uint32_t index = p->count;
    uint32_t chunk = pool_chunk_of(index);
    ASSERT(chunk < POOL_CHUNKS);
    if (!p->origins[chunk]) { /* there may be one: some take items back by lowering the count */
        unsigned char *items = arena_alloc(p->arena, ((size_t)POOL_FIRST << chunk) * p->item_bytes);
        p->origins[chunk] = (uintptr_t)items - (uintptr_t)index * p->item_bytes;
        ASSERT(p->origins[chunk] != 0);
    }
    p->count++;
    return index;
}
