/* value.c - files into documents: characters, positions, cutting, which reader takes what.
 *
 * A file is cut into documents at its `---` lines first (a document marker cannot stand inside any
 * scalar), so that a syntax error costs one document only. JSON has its own strict reader
 * (value_json.c): it is tried first when the text starts with a bracket, as kubectl does.
 */
#include "model/value_private.h"

#include <stdlib.h>
#include <string.h>

/* ---- positions ---- */

size_t value_char_bytes(const char *text, size_t len, size_t i)
{
    unsigned char c = (unsigned char)text[i];
    size_t n = c < 0xc0 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    return i + n <= len ? n : 1;
}

void value_cursor_step(struct text_cursor *c, const char *text, size_t len)
{
    if (text[c->byte] == '\n') {
        c->line++;
        c->column = 1;
    } else {
        c->column++;
    }
    c->byte += value_char_bytes(text, len, c->byte);
    c->character++;
}

struct text_cursor value_seek(struct value_reader *r, size_t character)
{
    if (character < r->at.character)
        r->at = r->start;
    while (r->at.character < character && r->at.byte < r->len)
        value_cursor_step(&r->at, r->text, r->len);
    return r->at;
}

struct src_pos value_src_pos(const struct value_reader *r, struct text_cursor c, uint32_t length)
{
    return (struct src_pos){.file = r->file, .line = c.line, .column = c.column, .length = length};
}

uint32_t value_underline(const struct value_reader *r, size_t from, size_t to)
{
    uint32_t count = 0;
    for (size_t i = from; i < to && r->text[i] != '\n' && r->text[i] != '\r'; count++)
        i += value_char_bytes(r->text, r->len, i);
    return count;
}

/* ---- the tree under construction ---- */

struct value *value_new(struct value_reader *r, enum value_type type, struct src_pos at)
{
    if (++r->nodes > VALUE_NODES_MAX) {
        if (r->nodes == VALUE_NODES_MAX + 1)
            diag_report(r->diags, CODE_TOO_MUCH, at, NULL, "too many values: want at most %d in one file",
                        VALUE_NODES_MAX);
        return NULL;
    }
    struct value *v = arena_new(r->arena, struct value);
    v->type = type;
    v->at = at;
    return v;
}

/* A larger copy of an array in the scratch arena. */
static void *grow(struct value_reader *r, const void *items, uint32_t count, uint32_t *cap, size_t item_bytes)
{
    *cap = *cap ? 2 * *cap : 64;
    void *larger = arena_alloc(r->scratch, *cap * item_bytes);
    if (count)
        memcpy(larger, items, count * item_bytes);
    return larger;
}

void value_push(struct value_reader *r, struct value_entry entry)
{
    if (r->stack_count == r->stack_cap)
        r->stack = grow(r, r->stack, r->stack_count, &r->stack_cap, sizeof *r->stack);
    r->stack[r->stack_count++] = entry;
}

static int compare_entries(const void *pa, const void *pb)
{
    const struct value_entry *const *a = pa, *const *b = pb;
    int c = strcmp((*a)->key, (*b)->key);
    return c ? c : (*a > *b) - (*a < *b);
}

static int report_duplicate(struct value_reader *r, const struct value_entry *first, struct value_entry *again)
{
    diag_report(r->diags, CODE_DUPLICATE, again->key_at, NULL, "key \"%s\" already set in map", again->key);
    diag_note(r->diags, first->key_at, "\"%s\" is first set here", first->key);
    again->value = NULL;
    return -1;
}

static int find_duplicates_in_few(struct value_reader *r, struct value_entry *entries, uint32_t count)
{
    int result = 0;
    for (uint32_t i = 1; i < count; i++) {
        uint32_t k = 0;
        while (k < i && strcmp(entries[k].key, entries[i].key) != 0)
            k++;
        if (k < i)
            result = report_duplicate(r, &entries[k], &entries[i]);
    }
    return result;
}

int value_report_duplicates(struct value_reader *r, struct value_entry *entries, uint32_t count)
{
    enum { FEW = 32 };
    if (count <= FEW)
        return find_duplicates_in_few(r, entries, count);
    int result = 0;
    struct value_entry **sorted = arena_array(r->scratch, struct value_entry *, count);
    for (uint32_t i = 0; i < count; i++)
        sorted[i] = &entries[i];
    qsort(sorted, count, sizeof *sorted, compare_entries);
    const struct value_entry *first = sorted[0];
    for (uint32_t i = 1; i < count; i++) {
        if (strcmp(first->key, sorted[i]->key) == 0)
            result = report_duplicate(r, first, sorted[i]);
        else
            first = sorted[i];
    }
    return result;
}

int value_close_map(struct value_reader *r, struct value *v, uint32_t base)
{
    struct value_entry *entries = r->stack + base;
    uint32_t count = r->stack_count - base, kept = 0;
    int result = value_report_duplicates(r, entries, count);
    struct value_entry *copy = arena_array(r->arena, struct value_entry, count);
    for (uint32_t i = 0; i < count; i++)
        if (entries[i].value)
            copy[kept++] = entries[i];
    v->entries = copy;
    v->count = kept;
    r->stack_count = base;
    return result;
}

void value_close_list(struct value_reader *r, struct value *v, uint32_t base)
{
    uint32_t count = r->stack_count - base;
    const struct value **items = arena_array(r->arena, const struct value *, count);
    for (uint32_t i = 0; i < count; i++)
        items[i] = r->stack[base + i].value;
    v->items = items;
    v->count = count;
    r->stack_count = base;
}

void value_add_document(struct value_reader *r, const struct value *root)
{
    if (r->document_count == r->document_cap)
        r->documents = grow(r, r->documents, r->document_count, &r->document_cap, sizeof *r->documents);
    r->documents[r->document_count++] = (struct document){.root = root, .at = root->at};
}

/* ---- what no reader could take ---- */

static bool valid_utf8(const char *text, size_t len, size_t i, uint32_t *ret_code)
{
    static const uint32_t minimum[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char c = (unsigned char)text[i];
    size_t n = value_char_bytes(text, len, i);
    if (c < 0x80) {
        *ret_code = c;
        return true;
    }
    if (n == 1 || c >= 0xf8)
        return false;
    uint32_t code = c & (0x7fu >> n);
    for (size_t k = 1; k < n; k++) {
        if (((unsigned char)text[i + k] & 0xc0) != 0x80)
            return false;
        code = code << 6 | ((unsigned char)text[i + k] & 0x3f);
    }
    *ret_code = code;
    return code >= minimum[n] && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
}

/* YAML 1.1 c-printable. */
static bool printable(uint32_t c)
{
    return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c <= 0x7e) || c == 0x85 || (c >= 0xa0 && c <= 0xd7ff) ||
           (c >= 0xe000 && c <= 0xfffd) || c >= 0x10000;
}

/* Reports the first byte from r->start to `end` that no document may hold. */
static int check_characters(struct value_reader *r, size_t end)
{
    for (struct text_cursor c = r->start; c.byte < end; value_cursor_step(&c, r->text, r->len)) {
        uint32_t code;
        if ((unsigned char)r->text[c.byte] >= 0x20 && (unsigned char)r->text[c.byte] < 0x7f)
            continue;
        if (!valid_utf8(r->text, r->len, c.byte, &code))
            return diag_report(r->diags, CODE_FILE, value_src_pos(r, c, 1), NULL, "invalid UTF-8: byte 0x%02x",
                               (unsigned)(unsigned char)r->text[c.byte]);
        if (!printable(code))
            return diag_report(r->diags, CODE_FILE, value_src_pos(r, c, 1), NULL,
                               "control character U+%04" PRIX32 " is not allowed", code);
    }
    return 0;
}

/* ---- cutting a file into documents ---- */

static bool is_marker(const char *line, size_t len)
{
    return len >= 3 && memcmp(line, "---", 3) == 0 && (len == 3 || strchr(" \t\r\n", line[3]));
}

/* The end of the part that starts at `from`: the next `---` line, but not the one that ends a
 * directive (%YAML) at the start of the part. */
static size_t find_part_end(const struct value_reader *r, size_t from)
{
    bool first_line = true, directives = false;
    for (size_t i = from; i < r->len;) {
        const char *line = r->text + i, *newline = memchr(line, '\n', r->len - i);
        size_t line_len = newline ? (size_t)(newline - line) : r->len - i;
        if (is_marker(line, line_len) && !first_line) {
            if (!directives)
                return i;
            directives = false;
        }
        bool blank = line_len == 0 || *line == '\r' || *line == '#';
        if (first_line || directives)
            directives = *line == '%' || (directives && blank);
        if (!blank)
            first_line = false;
        i += line_len + 1;
    }
    return r->len;
}

static int read_yaml(struct value_reader *r)
{
    int result = 0;
    while (r->start.byte < r->len) {
        size_t end = find_part_end(r, r->start.byte);
        if (check_characters(r, end) != 0 || value_read_yaml_part(r, end) != 0)
            result = -1;
        if (r->nodes > VALUE_NODES_MAX || r->alias_nodes > VALUE_ALIAS_NODES_MAX)
            return -1;
        struct text_cursor c = r->start;
        while (c.byte < end)
            value_cursor_step(&c, r->text, r->len);
        c.character = 0; /* libyaml counts from the start of each part */
        r->start = r->at = c;
    }
    return result;
}

/* ---- entry ---- */

static size_t skip_blanks(const char *text, size_t len, size_t i)
{
    while (i < len && (text[i] == ' ' || text[i] == '\t' || text[i] == '\r' || text[i] == '\n'))
        i++;
    return i;
}

/* A bracket, and behind it what JSON could go on with. */
static bool looks_like_json(const char *text, size_t len)
{
    size_t open = skip_blanks(text, len, 0), next = skip_blanks(text, len, open + 1);
    if (open >= len || (text[open] != '{' && text[open] != '['))
        return false;
    return next >= len || (text[next] && strchr(text[open] == '{' ? "\"}" : "\"]{[", text[next]));
}

static int read_any(struct value_reader *r, struct diag_set *d)
{
    if (!looks_like_json(r->text + r->start.byte, r->len - r->start.byte))
        return read_yaml(r);

    /* kubectl: what starts with a bracket is JSON if it can be; else YAML's flow style may do. When
     * neither reads it, JSON's complaint is the one that was asked for. */
    if (check_characters(r, r->len) != 0)
        return -1;
    struct value_reader again = *r;
    uint32_t diags = d->diags.count, errors = d->error_count, warnings = d->warning_count;
    if (value_read_json(r) == 0)
        return 0;
    uint32_t json_diags = d->diags.count, json_errors = d->error_count, json_warnings = d->warning_count;
    again.stack = r->stack, again.stack_cap = r->stack_cap;
    again.documents = r->documents, again.document_cap = r->document_cap;
    struct value_reader json = *r;
    *r = again;
    if (read_yaml(r) == 0) { /* drop what JSON said: YAML had nothing to add */
        d->diags.count = diags, d->error_count = errors, d->warning_count = warnings;
        return 0;
    }
    d->diags.count = json_diags, d->error_count = json_errors, d->warning_count = json_warnings;
    r->document_count = json.document_count < r->document_count ? json.document_count : r->document_count;
    return -1;
}

int value_parse(struct arena *a, struct diag_set *d, const char *name, const char *text, size_t len,
                struct document_list *ret_documents)
{
    *ret_documents = (struct document_list){0};
    uint32_t file = diag_add_file(d, name, text, len <= VALUE_FILE_BYTES_MAX ? len : 0);
    struct src_pos whole = {.file = file};
    if (len > VALUE_FILE_BYTES_MAX)
        return diag_report(d, CODE_TOO_MUCH, whole, NULL, "a file of %zu bytes is too long: want at most %d", len,
                           VALUE_FILE_BYTES_MAX);
    bool utf16 = len >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0);
    if (utf16)
        return diag_report(d, CODE_FILE, whole, NULL, "the file is UTF-16: save it as UTF-8");

    const struct diag_file *copy = pool_at(&d->files, file);
    struct arena scratch;
    arena_init(&scratch, 0);
    struct value_reader r = {.arena = a, .diags = d, .file = file, .text = copy->text, .len = len, .scratch = &scratch};
    r.start = (struct text_cursor){.line = 1, .column = 1};
    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        r.start.byte = 3; /* a byte order mark is no character of the document */
    r.at = r.start;
    r.stack = grow(&r, NULL, 0, &r.stack_cap, sizeof *r.stack);

    int result = read_any(&r, d);
    ret_documents->count = r.document_count;
    ret_documents->items = arena_array(a, struct document, r.document_count);
    if (r.document_count)
        memcpy(ret_documents->items, r.documents, r.document_count * sizeof *r.documents);
    arena_fini(&scratch);
    return result;
}
