/* process_heap.h - memory of the virtual world that comes and goes.
 *
 * An arena never frees, but processes, files and shell words come and go for as long as a script
 * loops. So blocks of the run's arena are recycled here through free lists of power-of-two sizes.
 * A block may belong to an owner (a process, say): mem_free_all() gives back what it still has, so
 * nothing leaks when a process is killed in the middle of its work. Everything stays inside the
 * arena: a copy of the arena is a copy of the heap.
 */
#ifndef MODEL_PROCESS_HEAP_H
#define MODEL_PROCESS_HEAP_H

#include "sim/arena.h"

struct mem_block; /* private */
struct mem_owner {
    struct mem_block *first; /* private */
};

enum { MEM_CLASSES = 32 };
struct mem {
    struct arena *arena;
    struct mem_block *unused[MEM_CLASSES]; /* private: free blocks of 16 << class bytes */
};

void mem_init(struct mem *m, struct arena *arena);

/* Zeroed memory; `owner` may be NULL. */
void *mem_alloc(struct mem *m, struct mem_owner *owner, size_t bytes);
/* As realloc: keeps the content, zeroes what is new; `p` may be NULL. */
void *mem_grow(struct mem *m, struct mem_owner *owner, void *p, size_t bytes);
void mem_free(struct mem *m, void *p); /* NULL is fine */
void mem_free_all(struct mem *m, struct mem_owner *owner);
/* Everything `from` owns now belongs to `to`, which must be empty. */
void mem_move(struct mem_owner *from, struct mem_owner *to);

char *mem_strdup(struct mem *m, struct mem_owner *owner, const char *s);
char *mem_strndup(struct mem *m, struct mem_owner *owner, const char *s, size_t n);

/* A growing byte string; `data` is NULL until the first append and NUL-terminated after it. */
struct mem_buf {
    char *data;
    size_t len;
    size_t cap; /* private */
};
void buf_add(struct mem *m, struct mem_owner *owner, struct mem_buf *b, const void *bytes, size_t n);
void buf_puts(struct mem *m, struct mem_owner *owner, struct mem_buf *b, const char *s);
void buf_putc(struct mem *m, struct mem_owner *owner, struct mem_buf *b, char c);
void buf_fini(struct mem *m, struct mem_buf *b); /* frees and empties */
static inline const char *buf_str(const struct mem_buf *b) { return b->data ? b->data : ""; }

#endif
