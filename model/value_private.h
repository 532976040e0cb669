/* value_private.h - what the YAML and the JSON reader share: positions, limits, building the tree. */
#ifndef MODEL_VALUE_PRIVATE_H
#define MODEL_VALUE_PRIVATE_H

#include "model/value.h"

/* Limits: each is far above any manifest that an API server would take. */
enum {
    VALUE_FILE_BYTES_MAX = 32 << 20,
    VALUE_SCALAR_BYTES_MAX = 3 << 20, /* the API server's limit for a whole request */
    VALUE_DEPTH_MAX = 100,
    VALUE_NODES_MAX = 4000000,
    VALUE_ALIAS_NODES_MAX = 1000000, /* nodes that aliases add, each time they are used */
    VALUE_ANCHORS_MAX = 1000,
    VALUE_MERGE_ENTRIES_MAX = 1000,
};

/* A place in the text, found by walking it. */
struct text_cursor {
    size_t character; /* counted from the start of the walk */
    size_t byte;      /* in the file's text */
    uint32_t line, column;
};

struct value_reader {
    struct arena *arena;
    struct diag_set *diags;
    uint32_t file;
    const char *text;
    size_t len;
    struct text_cursor start, at; /* of the part being read; last position asked for */
    uint32_t nodes, alias_nodes;
    struct arena *scratch;     /* what is needed while reading only */
    struct value_entry *stack; /* children of the collections that are still open */
    uint32_t stack_count, stack_cap;
    struct document *documents;
    uint32_t document_count, document_cap;
};

/* Bytes of the UTF-8 character at text[i], 1 for what is malformed. */
size_t value_char_bytes(const char *text, size_t len, size_t i);
void value_cursor_step(struct text_cursor *c, const char *text, size_t len);
/* The position of a character counted from r->start; cheap when asked in rising order. */
struct text_cursor value_seek(struct value_reader *r, size_t character);
struct src_pos value_src_pos(const struct value_reader *r, struct text_cursor c, uint32_t length);
/* Characters from byte `from` to byte `to` or the end of the line, whichever comes first. */
uint32_t value_underline(const struct value_reader *r, size_t from, size_t to);

/* A new node, or NULL after the error that there are too many. */
struct value *value_new(struct value_reader *r, enum value_type type, struct src_pos at);
void value_push(struct value_reader *r, struct value_entry entry);
/* Entries that repeat an earlier key are reported and marked by a NULL value. Returns 0 or -1. */
int value_report_duplicates(struct value_reader *r, struct value_entry *entries, uint32_t count);
/* Takes the entries above `base` off the stack and makes them v's; duplicate keys are reported and
 * dropped. Returns 0 or -1. */
int value_close_map(struct value_reader *r, struct value *v, uint32_t base);
void value_close_list(struct value_reader *r, struct value *v, uint32_t base);
void value_add_document(struct value_reader *r, const struct value *root);

/* One YAML document: from r->start to byte `end`; 0 or -1. */
int value_read_yaml_part(struct value_reader *r, size_t end);
/* JSON documents, one after the other; 0 or -1. */
int value_read_json(struct value_reader *r);

#endif
