/* arena.h - memory of one lifetime: everything parsed, or everything simulated.
 *
 * An arena is one contiguous reserved address range that is filled from the bottom. Nothing is
 * freed singly; arena_reset() empties it, arena_fini() gives it back. Addresses never move, so
 * pointers into an arena stay good for its life, and the whole state of a run can be saved and put
 * back with one copy (arena_save / arena_restore): that is how a run is forked.
 * Memory from arena_alloc() is zeroed.
 */
#ifndef SIM_ARENA_H
#define SIM_ARENA_H

#include "sim/base.h"

#include <stdarg.h>

struct arena {
    unsigned char *base; /* private: start of the reserved range */
    size_t used;         /* bytes handed out */
    size_t reserved;     /* size of the range */
    size_t limit;        /* bytes after which `exhausted` is set (a limit, not an error) */
    size_t dirty;        /* private: high-water mark of bytes that may be non-zero; >= used */
    size_t committed;    /* private: bytes made accessible so far */
    bool exhausted;      /* the limit was passed; the engine ends the run with a diagnostic */
};

void arena_init(struct arena *a, size_t limit_bytes); /* 0 = no limit but the address space */
void arena_fini(struct arena *a);                     /* accepts a zeroed struct */
void arena_reset(struct arena *a);

/* Zeroed, 8-byte aligned; never NULL (the machine's memory ending is sim_die). */
void *arena_alloc(struct arena *a, size_t bytes);
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_decimal(struct arena *a, uint64_t n);
char *arena_printf(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* As vsnprintf(), much quicker for the formats that arena_printf() mostly has: plain %s, %d, %u, %x, %c. */
void text_format(char *to, size_t room, const char *format, va_list args) __attribute__((format(printf, 3, 0)));

#define arena_new(a, type)      ((type *)arena_alloc((a), sizeof(type)))
#define arena_array(a, type, n) ((type *)arena_alloc((a), sizeof(type) * (size_t)(n)))

/* Is that an address in the arena? */
static inline bool arena_has(const struct arena *a, const void *p)
{
    return (uintptr_t)p - (uintptr_t)a->base < a->reserved;
}

/* A copy of the arena's content, malloc'ed by save and owned by the caller. */
struct arena_image {
    unsigned char *bytes;
    size_t used;
};
void arena_save(const struct arena *a, struct arena_image *ret_image);
/* `image` must be of this very arena. `a` itself may live inside the arena. */
void arena_restore(struct arena *a, const struct arena_image *image);
void arena_image_fini(struct arena_image *image);

/* A growable array in an arena: items stay where they are (chunks of doubling size), addressed by
 * a 32-bit index. `struct pool` is embedded in what it belongs to. */
enum { POOL_FIRST = 16, POOL_CHUNKS = 28 };
struct pool {
    struct arena *arena;
    uint32_t item_bytes;
    uint32_t count;                 /* items handed out so far */
    uintptr_t origins[POOL_CHUNKS]; /* private: of the chunk k, where item 0 would be, if it went on to there */
};
void pool_init(struct pool *p, struct arena *a, size_t item_bytes);
uint32_t pool_add(struct pool *p); /* index of a new zeroed item */

/* private: the chunk that item `index` is in; chunk k has POOL_FIRST << k items, beginning at POOL_FIRST * (2^k - 1) */
static inline uint32_t pool_chunk_of(uint32_t index)
{
    const uint32_t first_bit = 4;
    _Static_assert(POOL_FIRST == 1 << 4, "first_bit");
    return 31 - (uint32_t)__builtin_clz(index + POOL_FIRST) - first_bit;
}

static inline void *pool_at(const struct pool *p, uint32_t index)
{
    ASSERT(index < p->count);
    return (void *)(p->origins[pool_chunk_of(index)] + (uintptr_t)index * p->item_bytes);
}

#endif
