/* process_heap.c - recycled blocks in the run's arena; see process_heap.h. */
#include "model/process_heap.h"

#include <string.h>

struct mem_block {
    struct mem_block *next, **prev_next; /* in the owner's list, or the free list (next only) */
    uint32_t class;
    uint32_t in_use;
};
_Static_assert(sizeof(struct mem_block) % 8 == 0, "payloads are 8-byte aligned");

enum { CLASS_MIN_BYTES = 16 };

static size_t class_bytes(uint32_t class) { return (size_t)CLASS_MIN_BYTES << class; }

static uint32_t class_of(size_t bytes)
{
    uint32_t class = 0;
    while (class_bytes(class) < bytes)
        class ++;
    ASSERT(class < MEM_CLASSES);
    return class;
}

static struct mem_block *block_of(void *p)
{
    struct mem_block *b = (struct mem_block *)p - 1;
    ASSERT(b->in_use);
    return b;
}

void mem_init(struct mem *m, struct arena *arena)
{
    memset(m, 0, sizeof *m);
    m->arena = arena;
}

static void link_block(struct mem_block *b, struct mem_owner *owner)
{
    b->next = NULL;
    b->prev_next = NULL;
    if (!owner)
        return;
    b->next = owner->first;
    b->prev_next = &owner->first;
    if (b->next)
        b->next->prev_next = &b->next;
    owner->first = b;
}

static void unlink_block(struct mem_block *b)
{
    if (!b->prev_next)
        return;
    *b->prev_next = b->next;
    if (b->next)
        b->next->prev_next = b->prev_next;
}

void *mem_alloc(struct mem *m, struct mem_owner *owner, size_t bytes)
{
    uint32_t class = class_of(bytes);
    struct mem_block *b = m->unused[class];

    if (b) {
        m->unused[class] = b->next;
        memset(b + 1, 0, class_bytes(class));
    } else {
        b = arena_alloc(m->arena, sizeof *b + class_bytes(class));
    }
    b->class = class;
    b->in_use = 1;
    link_block(b, owner);
    return b + 1;
}

void mem_free(struct mem *m, void *p)
{
    if (!p)
        return;
    struct mem_block *b = block_of(p);
    unlink_block(b);
#ifdef PODSIM_JUNK_FREED /* for fuzzing: whoever still looks at it shall notice */
    memset(b + 1, 0xdd, class_bytes(b->class));
#endif
    b->in_use = 0;
    b->prev_next = NULL;
    b->next = m->unused[b->class];
    m->unused[b->class] = b;
}

void *mem_grow(struct mem *m, struct mem_owner *owner, void *p, size_t bytes)
{
    if (!p)
        return mem_alloc(m, owner, bytes);
    size_t have = class_bytes(block_of(p)->class);
    if (bytes <= have)
        return p;
    void *bigger = mem_alloc(m, owner, bytes);
    memcpy(bigger, p, have);
    mem_free(m, p);
    return bigger;
}

void mem_free_all(struct mem *m, struct mem_owner *owner)
{
    while (owner->first)
        mem_free(m, owner->first + 1);
}

void mem_move(struct mem_owner *from, struct mem_owner *to)
{
    ASSERT(!to->first);
    to->first = from->first;
    from->first = NULL;
    if (to->first)
        to->first->prev_next = &to->first;
}

char *mem_strndup(struct mem *m, struct mem_owner *owner, const char *s, size_t n)
{
    char *copy = mem_alloc(m, owner, n + 1);
    if (n)
        memcpy(copy, s, n);
    copy[n] = '\0';
    return copy;
}

char *mem_strdup(struct mem *m, struct mem_owner *owner, const char *s) { return mem_strndup(m, owner, s, strlen(s)); }

void buf_add(struct mem *m, struct mem_owner *owner, struct mem_buf *b, const void *bytes, size_t n)
{
    size_t need = b->len + n + 1;
    if (need > b->cap) {
        size_t cap = b->cap ? b->cap : 32;
        while (cap < need)
            cap *= 2;
        b->data = mem_grow(m, owner, b->data, cap);
        b->cap = cap;
    }
    if (n)
        memcpy(b->data + b->len, bytes, n);
    b->len += n;
    b->data[b->len] = '\0';
}

void buf_puts(struct mem *m, struct mem_owner *owner, struct mem_buf *b, const char *s)
{
    buf_add(m, owner, b, s, strlen(s));
}

void buf_putc(struct mem *m, struct mem_owner *owner, struct mem_buf *b, char c) { buf_add(m, owner, b, &c, 1); }

void buf_fini(struct mem *m, struct mem_buf *b)
{
    mem_free(m, b->data);
    *b = (struct mem_buf){0};
}
