/* value_json.c - a strict JSON reader (RFC 8259) with positions. kubectl takes several objects one
 * after the other in a file; `---` lines between them are skipped.
 */
#include "model/value_private.h"

#include <string.h>

struct json_reader {
    struct value_reader *r;
    struct text_cursor c;
    struct strbuf text; /* of the string being read */
    uint32_t depth;
    int result;
};

static char peek(const struct json_reader *j) { return j->c.byte < j->r->len ? j->r->text[j->c.byte] : '\0'; }

static bool at_end(const struct json_reader *j) { return j->c.byte >= j->r->len; }

static void step(struct json_reader *j) { value_cursor_step(&j->c, j->r->text, j->r->len); }

static void skip_blanks(struct json_reader *j)
{
    while (!at_end(j) && strchr(" \t\r\n", peek(j)) && peek(j))
        step(j);
}

/* "want ',' or '}' in an object, found 'x'" */
static int wanted(struct json_reader *j, const char *what)
{
    struct src_pos at = value_src_pos(j->r, j->c, 1);
    if (at_end(j))
        return diag_report(j->r->diags, CODE_SYNTAX, at, NULL, "json: want %s, found the end of the file", what);
    size_t n = value_char_bytes(j->r->text, j->r->len, j->c.byte);
    if (n == 1 && ((unsigned char)peek(j) < 0x20 || (unsigned char)peek(j) > 0x7e))
        return diag_report(j->r->diags, CODE_SYNTAX, at, NULL, "json: want %s, found byte 0x%02x", what,
                           (unsigned)(unsigned char)peek(j));
    return diag_report(j->r->diags, CODE_SYNTAX, at, NULL, "json: want %s, found '%.*s'", what, (int)n,
                       j->r->text + j->c.byte);
}

/* ---- strings ---- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static int read_hex4(struct json_reader *j, uint32_t *ret_code)
{
    uint32_t code = 0;
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(peek(j));
        if (digit < 0)
            return wanted(j, "four hexadecimal digits after \\u");
        code = code << 4 | (uint32_t)digit;
        step(j);
    }
    *ret_code = code;
    return 0;
}

static void put_utf8(struct strbuf *b, uint32_t code)
{
    if (code < 0x80) {
        strbuf_putc(b, (char)code);
    } else if (code < 0x800) {
        strbuf_putc(b, (char)(0xc0 | code >> 6));
        strbuf_putc(b, (char)(0x80 | (code & 0x3f)));
    } else if (code < 0x10000) {
        strbuf_putc(b, (char)(0xe0 | code >> 12));
        strbuf_putc(b, (char)(0x80 | (code >> 6 & 0x3f)));
        strbuf_putc(b, (char)(0x80 | (code & 0x3f)));
    } else {
        strbuf_putc(b, (char)(0xf0 | code >> 18));
        strbuf_putc(b, (char)(0x80 | (code >> 12 & 0x3f)));
        strbuf_putc(b, (char)(0x80 | (code >> 6 & 0x3f)));
        strbuf_putc(b, (char)(0x80 | (code & 0x3f)));
    }
}

/* Behind "\u". Half a surrogate pair becomes U+FFFD, as in Go. */
static int read_unicode_escape(struct json_reader *j)
{
    uint32_t code, low;
    struct text_cursor start = j->c;
    if (read_hex4(j, &code) != 0)
        return -1;
    if (code == 0)
        return diag_report(j->r->diags, CODE_SYNTAX, value_src_pos(j->r, start, 1), NULL,
                           "a NUL character cannot be part of a value");
    if (code >= 0xd800 && code <= 0xdbff && peek(j) == '\\') {
        struct text_cursor back = j->c;
        step(j);
        if (peek(j) == 'u') {
            step(j);
            if (read_hex4(j, &low) != 0)
                return -1;
            if (low >= 0xdc00 && low <= 0xdfff)
                code = 0x10000 + ((code - 0xd800) << 10 | (low - 0xdc00));
            else
                j->c = back;
        } else {
            j->c = back;
        }
    }
    put_utf8(&j->text, code >= 0xd800 && code <= 0xdfff ? 0xfffd : code);
    return 0;
}

static int read_escape(struct json_reader *j)
{
    static const char escapes[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    char c = peek(j);
    if (c == 'u') {
        step(j);
        return read_unicode_escape(j);
    }
    const char *known = c ? strchr(escapes, c) : NULL;
    if (!known)
        return wanted(j, "an escape such as \\n or \\u00e9");
    strbuf_putc(&j->text, meanings[known - escapes]);
    step(j);
    return 0;
}

/* From the opening quote; the content is left in j->text. */
static int read_string(struct json_reader *j)
{
    struct text_cursor start = j->c;
    strbuf_reset(&j->text);
    step(j);
    while (peek(j) != '"') {
        if (at_end(j))
            return diag_report(j->r->diags, CODE_SYNTAX, value_src_pos(j->r, start, 1), NULL,
                               "json: the string is not closed");
        if ((unsigned char)peek(j) < 0x20)
            return wanted(j, "an escape such as \\n or \\t for a control character in a string");
        if (j->text.len > VALUE_SCALAR_BYTES_MAX)
            return diag_report(j->r->diags, CODE_TOO_MUCH, value_src_pos(j->r, start, 1), NULL,
                               "a value of more than %d bytes is too long", VALUE_SCALAR_BYTES_MAX);
        if (peek(j) == '\\') {
            step(j);
            if (read_escape(j) != 0)
                return -1;
            continue;
        }
        size_t n = value_char_bytes(j->r->text, j->r->len, j->c.byte);
        strbuf_add(&j->text, j->r->text + j->c.byte, n);
        step(j);
    }
    step(j);
    return 0;
}

/* ---- values ---- */

static const struct value *read_value(struct json_reader *j);

static struct value *new_scalar(struct json_reader *j, enum value_type type, struct text_cursor from)
{
    struct src_pos at = value_src_pos(j->r, from, value_underline(j->r, from.byte, j->c.byte));
    struct value *v = value_new(j->r, type, at);
    if (v) {
        v->source_from = (uint32_t)from.byte;
        v->source_to = (uint32_t)j->c.byte;
        v->text = arena_strndup(j->r->arena, j->r->text + from.byte, j->c.byte - from.byte);
    }
    return v;
}

static bool skip_digits(struct json_reader *j)
{
    bool any = false;
    for (; peek(j) >= '0' && peek(j) <= '9'; any = true)
        step(j);
    return any;
}

static const struct value *read_number(struct json_reader *j)
{
    struct text_cursor from = j->c;
    bool integer = true;
    if (peek(j) == '-')
        step(j);
    if (peek(j) == '0') {
        step(j);
        if (peek(j) >= '0' && peek(j) <= '9') {
            wanted(j, "a number without leading zeros");
            return NULL;
        }
    } else if (!skip_digits(j)) {
        wanted(j, "a digit");
        return NULL;
    }
    if (peek(j) == '.') {
        integer = false;
        step(j);
        if (!skip_digits(j)) {
            wanted(j, "a digit after the point");
            return NULL;
        }
    }
    if (peek(j) == 'e' || peek(j) == 'E') {
        integer = false;
        step(j);
        if (peek(j) == '-' || peek(j) == '+')
            step(j);
        if (!skip_digits(j)) {
            wanted(j, "a digit in the exponent");
            return NULL;
        }
    }
    struct value *v = new_scalar(j, VALUE_FLOAT, from);
    if (v && integer) {
        bool unused;
        v->type = value_resolve(v->text, &v->integer, &unused);
    }
    return v;
}

static const struct value *read_word(struct json_reader *j)
{
    static const struct {
        const char *word;
        enum value_type type;
        bool boolean;
    } words[] = {{"true", VALUE_BOOL, true}, {"false", VALUE_BOOL, false}, {"null", VALUE_NULL, false}};
    struct text_cursor from = j->c;
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        size_t n = strlen(words[i].word);
        if (j->r->len - j->c.byte < n || memcmp(j->r->text + j->c.byte, words[i].word, n) != 0)
            continue;
        while (n-- > 0)
            step(j);
        struct value *v = new_scalar(j, words[i].type, from);
        if (v)
            v->boolean = words[i].boolean;
        return v;
    }
    wanted(j, "a value");
    return NULL;
}

static const struct value *read_string_value(struct json_reader *j)
{
    struct text_cursor from = j->c;
    if (read_string(j) != 0)
        return NULL;
    struct value *v = new_scalar(j, VALUE_STRING, from);
    if (v) {
        v->text = arena_strndup(j->r->arena, strbuf_str(&j->text), j->text.len);
        v->style = STYLE_DOUBLE_QUOTED;
        v->quoted = true;
    }
    return v;
}

/* Behind one element: true if another follows, false at the closing bracket or (with an error) on
 * anything else. */
static bool more(struct json_reader *j, char close, const char *want, bool *ret_failed)
{
    skip_blanks(j);
    if (peek(j) == ',') {
        step(j);
        skip_blanks(j);
        return true;
    }
    if (peek(j) == close && !at_end(j))
        step(j);
    else
        *ret_failed = wanted(j, want) != 0;
    return false;
}

static const struct value *read_array(struct json_reader *j, struct value *v)
{
    uint32_t base = j->r->stack_count;
    bool failed = false;
    step(j);
    skip_blanks(j);
    if (peek(j) == ']') {
        step(j);
    } else {
        do {
            const struct value *item = read_value(j);
            if (!item)
                return NULL;
            value_push(j->r, (struct value_entry){.value = item});
        } while (more(j, ']', "',' or ']' in a list", &failed));
    }
    value_close_list(j->r, v, base);
    return failed ? NULL : v;
}

static const struct value *read_object(struct json_reader *j, struct value *v)
{
    uint32_t base = j->r->stack_count;
    bool failed = false;
    step(j);
    skip_blanks(j);
    if (peek(j) == '}') {
        step(j);
    } else {
        do {
            struct text_cursor from = j->c;
            if (peek(j) != '"') {
                wanted(j, "a key in double quotes");
                return NULL;
            }
            if (read_string(j) != 0)
                return NULL;
            struct value_entry entry = {.key = arena_strndup(j->r->arena, strbuf_str(&j->text), j->text.len)};
            entry.key_at = value_src_pos(j->r, from, value_underline(j->r, from.byte, j->c.byte));
            skip_blanks(j);
            if (peek(j) != ':') {
                wanted(j, "':' after a key");
                return NULL;
            }
            step(j);
            skip_blanks(j);
            entry.value = read_value(j);
            if (!entry.value)
                return NULL;
            value_push(j->r, entry);
        } while (more(j, '}', "',' or '}' in an object", &failed));
    }
    if (value_close_map(j->r, v, base) != 0)
        j->result = -1;
    return failed ? NULL : v;
}

static const struct value *read_value(struct json_reader *j)
{
    char c = peek(j);
    if (c == '"')
        return read_string_value(j);
    if (c == '-' || (c >= '0' && c <= '9'))
        return read_number(j);
    if (c != '{' && c != '[')
        return read_word(j);

    struct value *v = value_new(j->r, c == '{' ? VALUE_MAP : VALUE_LIST, value_src_pos(j->r, j->c, 1));
    if (!v)
        return NULL;
    if (++j->depth > VALUE_DEPTH_MAX) {
        diag_report(j->r->diags, CODE_TOO_MUCH, v->at, NULL, "nested too deeply: want at most %d levels",
                    VALUE_DEPTH_MAX);
        return NULL;
    }
    const struct value *done = c == '{' ? read_object(j, v) : read_array(j, v);
    j->depth--;
    return done;
}

static void skip_separators(struct json_reader *j)
{
    skip_blanks(j);
    while (j->r->len - j->c.byte >= 3 && memcmp(j->r->text + j->c.byte, "---", 3) == 0 && j->c.column == 1) {
        while (!at_end(j) && peek(j) != '\n')
            step(j);
        skip_blanks(j);
    }
}

/* One object of the file; false when nothing more can be read. */
static bool read_document(struct json_reader *j)
{
    j->r->stack_count = 0;
    if (peek(j) != '{' && peek(j) != '[') {
        j->result = wanted(j, "an object");
        return false;
    }
    const struct value *root = read_value(j);
    if (!root) {
        j->result = -1;
        return false;
    }
    value_add_document(j->r, root);
    return true;
}

int value_read_json(struct value_reader *r)
{
    struct json_reader j = {.r = r, .c = r->start, .text = STRBUF_INIT};
    skip_separators(&j);
    while (!at_end(&j) && read_document(&j))
        skip_separators(&j);
    strbuf_fini(&j.text);
    return j.result;
}
