/* value_write.c - a value as JSON and as YAML, as kubectl prints them.
 *
 * JSON: Go's encoding/json MarshalIndent (keys sorted by bytes, <, > and & escaped). YAML: go-yaml v2
 * through sigs.k8s.io/yaml: keys in go-yaml's natural order, list items at the column of their key,
 * scalars quoted only when they would be read as something else, text with line breaks as a literal
 * block, lines folded at 80 columns. The scalar rules are those of libyaml's emitter, of which go-yaml is a
 * port (emitter.c: yaml_emitter_analyze_scalar, select_scalar_style, write_*_scalar).
 */
#include "model/apitype.h"

#include <stdlib.h>
#include <string.h>

enum { FOLD_WIDTH = 80, YAML_INDENT = 2, ENTRIES_ON_STACK = 64 };

/* ---- common ---- */

struct utf8_char {
    uint32_t code;
    size_t bytes;
};

static struct utf8_char char_at(const char *s)
{
    const unsigned char *u = (const unsigned char *)s;
    size_t n = u[0] < 0xc0 ? 1 : u[0] < 0xe0 ? 2 : u[0] < 0xf0 ? 3 : 4;
    uint32_t code = n == 1 ? u[0] : u[0] & (0x7fu >> n);
    for (size_t i = 1; i < n; i++) {
        if ((u[i] & 0xc0) != 0x80)
            return (struct utf8_char){0xfffd, 1};
        code = code << 6 | (u[i] & 0x3f);
    }
    bool stray = n == 1 && u[0] >= 0x80;
    return (struct utf8_char){stray ? 0xfffd : code, n};
}

static bool is_digit(uint32_t c)
{
    return c >= '0' && c <= '9';
}

static bool natural_less(const char *a, const char *b);

/* JSON sorts by bytes, YAML as go-yaml does. */
static int compare_keys(const char *a, const char *b, bool natural)
{
    if (!natural)
        return strcmp(a, b);
    return natural_less(a, b) ? -1 : natural_less(b, a) ? 1 : strcmp(a, b);
}

static int compare_bytes_entry(const void *a, const void *b)
{
    return compare_keys((*(const struct value_entry *const *)a)->key,
                        (*(const struct value_entry *const *)b)->key, false);
}

static int compare_natural_entry(const void *a, const void *b)
{
    return compare_keys((*(const struct value_entry *const *)a)->key,
                        (*(const struct value_entry *const *)b)->key, true);
}

/* Entries of a map in order; large maps are sorted in an arena of their own. */
struct sorted {
    const struct value_entry *on_stack[ENTRIES_ON_STACK];
    const struct value_entry **items;
    struct arena arena;
};

/* Most maps are small and nearly sorted: insertion sort on the C stack. */
static void sort_entries(struct sorted *s, const struct value *map, bool natural)
{
    s->items = s->on_stack;
    if (map->count > ENTRIES_ON_STACK) {
        arena_init(&s->arena, 0);
        s->items = arena_array(&s->arena, const struct value_entry *, map->count);
        for (uint32_t i = 0; i < map->count; i++)
            s->items[i] = &map->entries[i];
        qsort(s->items, map->count, sizeof *s->items, natural ? compare_natural_entry : compare_bytes_entry);
        return;
    }
    for (uint32_t i = 0; i < map->count; i++) {
        uint32_t at = i;
        for (; at > 0 && compare_keys(s->items[at - 1]->key, map->entries[i].key, natural) > 0; at--)
            s->items[at] = s->items[at - 1];
        s->items[at] = &map->entries[i];
    }
}

static void sorted_fini(struct sorted *s)
{
    if (s->items != s->on_stack)
        arena_fini(&s->arena);
}

/* A number that is no int64, in JSON's form: no sign or underscores, digits on both sides of the point. */
static void put_float(struct strbuf *out, const char *text)
{
    if (*text == '-')
        strbuf_putc(out, '-');
    text += *text == '-' || *text == '+';
    while (text[0] == '0' && is_digit((unsigned char)text[1]))
        text++;
    if (*text == '.')
        strbuf_putc(out, '0');
    for (; *text; text++) {
        bool bare_point = *text == '.' && !is_digit((unsigned char)text[1]);
        if (*text != '_' && !bare_point)
            strbuf_putc(out, *text);
    }
}

/* ---- JSON ---- */

/* k8s sigs.k8s.io/json, Go encoding/json with HTML escaping on. */
static void put_json_string(struct strbuf *out, const char *s)
{
    strbuf_putc(out, '"');
    while (*s) {
        struct utf8_char c = char_at(s);
        static const char escapes[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
        const char *escape = c.code < 0x80 ? strchr(escapes, (int)c.code) : NULL;
        if (escape)
            strbuf_printf(out, "\\%c", letters[escape - escapes]);
        else if (c.code < 0x20 || c.code == '<' || c.code == '>' || c.code == '&' || c.code == 0x2028 ||
                 c.code == 0x2029 || (c.bytes == 1 && c.code == 0xfffd))
            strbuf_printf(out, "\\u%04" PRIx32, c.code);
        else
            strbuf_add(out, s, c.bytes);
        s += c.bytes;
    }
    strbuf_putc(out, '"');
}

static void json_line(struct strbuf *out, int indent, int depth)
{
    if (indent == 0)
        return;
    strbuf_putc(out, '\n');
    strbuf_fill(out, ' ', (size_t)(indent * depth));
}

static void put_json(struct strbuf *out, const struct value *v, int indent, int depth)
{
    switch (v->type) {
    case VALUE_NULL:
        strbuf_puts(out, "null");
        break;
    case VALUE_BOOL:
        strbuf_puts(out, v->boolean ? "true" : "false");
        break;
    case VALUE_INT:
        strbuf_int(out, v->integer);
        break;
    case VALUE_FLOAT:
        put_float(out, v->text);
        break;
    case VALUE_STRING:
        put_json_string(out, v->text);
        break;
    case VALUE_LIST:
        strbuf_putc(out, '[');
        for (uint32_t i = 0; i < v->count; i++) {
            strbuf_puts(out, i ? "," : "");
            json_line(out, indent, depth + 1);
            put_json(out, v->items[i], indent, depth + 1);
        }
        if (v->count)
            json_line(out, indent, depth);
        strbuf_putc(out, ']');
        break;
    case VALUE_MAP: {
        struct sorted sorted;
        sort_entries(&sorted, v, false);
        strbuf_putc(out, '{');
        for (uint32_t i = 0; i < v->count; i++) {
            strbuf_puts(out, i ? "," : "");
            json_line(out, indent, depth + 1);
            put_json_string(out, sorted.items[i]->key);
            strbuf_puts(out, indent ? ": " : ":");
            put_json(out, sorted.items[i]->value, indent, depth + 1);
        }
        if (v->count)
            json_line(out, indent, depth);
        strbuf_putc(out, '}');
        sorted_fini(&sorted);
        break;
    }
    }
}

void value_write_json(const struct value *v, struct strbuf *out, int indent)
{
    put_json(out, v, indent, 0);
    if (indent)
        strbuf_putc(out, '\n');
}

/* ---- YAML: order of keys ---- */

static bool is_letter(uint32_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c >= 0xc0;
}

/* go-yaml v2 sorter.go keyList.Less: letters after everything else, numbers by value. Keys are ASCII
 * nearly always; others are compared by code point. */
static bool natural_less(const char *a, const char *b)
{
    size_t i = 0;
    while (a[i] && a[i] == b[i])
        i++;
    if (!a[i] || !b[i])
        return !a[i] && b[i];
    struct utf8_char ca = char_at(a + i), cb = char_at(b + i);
    bool la = is_letter(ca.code), lb = is_letter(cb.code);
    if (la && lb)
        return ca.code < cb.code;
    if (la || lb)
        return lb;
    uint64_t na = 0, nb = 0;
    if (ca.code == '0' || cb.code == '0') {
        for (size_t k = i; k > 0 && is_digit((unsigned char)a[k - 1]); k--) {
            if (a[k - 1] != '0') {
                na = nb = 1;
                break;
            }
        }
    }
    size_t ia = i, ib = i;
    for (; is_digit((unsigned char)a[ia]); ia++)
        na = na * 10 + (uint64_t)(a[ia] - '0');
    for (; is_digit((unsigned char)b[ib]); ib++)
        nb = nb * 10 + (uint64_t)(b[ib] - '0');
    if (na != nb)
        return na < nb;
    if (ia != ib)
        return ia < ib;
    return ca.code < cb.code;
}

/* ---- YAML: scalars ---- */

struct yaml_writer {
    struct strbuf *out;
    size_t line_start; /* in out */
    int margin;        /* blanks before every line */
};

enum scalar_style { PLAIN, SINGLE, DOUBLE, LITERAL };

/* What a text allows, as yaml_emitter_analyze_scalar finds out. */
struct analysis {
    bool multiline, plain, single, block;
};

static bool is_break(uint32_t c)
{
    return c == '\n' || c == '\r' || c == 0x85 || c == 0x2028 || c == 0x2029;
}

static bool is_blank_or_end(uint32_t c)
{
    return c == ' ' || c == '\t' || c == '\0' || is_break(c);
}

static bool is_printable(uint32_t c)
{
    return c == '\n' || (c >= 0x20 && c <= 0x7e) || c == 0x85 || (c >= 0xa0 && c <= 0xd7ff) ||
           (c >= 0xe000 && c <= 0xfffd && c != 0xfeff) || c >= 0x10000;
}

static bool starts_indicator(uint32_t c, bool blank_follows)
{
    if (c < 0x80 && c && strchr("#,[]{}&*!|>'\"%@`", (int)c))
        return true;
    return (c == '?' || c == ':' || c == '-') && blank_follows;
}

static struct analysis analyze(const char *text)
{
    bool indicators = strncmp(text, "---", 3) == 0 || strncmp(text, "...", 3) == 0;
    bool special = false, breaks = false, edges = false, trailing_space = false;
    bool break_space = false, space_break = false, previous_space = false, previous_break = false;
    bool blank_before = true;
    for (const char *s = text; *s;) {
        struct utf8_char c = char_at(s);
        bool first = s == text, last = !s[c.bytes];
        bool blank_follows = is_blank_or_end(char_at(s + c.bytes).code);
        if (first)
            indicators = indicators || starts_indicator(c.code, blank_follows);
        else if ((c.code == ':' && blank_follows) || (c.code == '#' && blank_before))
            indicators = true;
        /* Breaks other than newlines do not survive unless they are escaped. */
        special = special || !is_printable(c.code) || (is_break(c.code) && c.code != '\n');
        bool space = c.code == ' ', brk = is_break(c.code);
        if (space || brk)
            edges = edges || first || last;
        trailing_space = trailing_space || (space && last);
        break_space = break_space || (space && previous_break);
        space_break = space_break || (brk && previous_space);
        breaks = breaks || brk;
        previous_space = space;
        previous_break = brk;
        blank_before = is_blank_or_end(c.code);
        s += c.bytes;
    }
    return (struct analysis){
        .multiline = breaks,
        .plain = !edges && !break_space && !space_break && !special && !breaks && !indicators,
        .single = !break_space && !space_break && !special,
        .block = *text && !trailing_space && !space_break && !special,
    };
}

static bool is_date(const char *s)
{
    size_t digits = strspn(s, "0123456789");
    if (digits != 4 || s[4] != '-')
        return false;
    /* go-yaml resolve.go parseTimestamp: a date alone or with a time. */
    const char *p = s + 5;
    size_t month = strspn(p, "0123456789");
    if (month < 1 || month > 2 || p[month] != '-')
        return false;
    p += month + 1;
    size_t day = strspn(p, "0123456789");
    if (day < 1 || day > 2)
        return false;
    p += day;
    if (!*p)
        return true;
    if (*p != 'T' && *p != 't' && *p != ' ')
        return false;
    return strchr(p, ':') != NULL;
}

/* Base 60 numbers of YAML 1.1 ("1:30"): read as text by kubectl, quoted all the same. */
static bool is_base60(const char *s)
{
    s += *s == '-' || *s == '+';
    if (!is_digit((unsigned char)*s))
        return false;
    s += strspn(s, "0123456789_");
    if (*s != ':')
        return false;
    while (*s == ':') {
        size_t digits = strspn(s + 1, "0123456789");
        bool sixty = digits == 1 || (digits == 2 && s[1] <= '5');
        if (!sixty)
            return false;
        s += 1 + digits;
    }
    if (*s == '.')
        s += 1 + strspn(s + 1, "0123456789_");
    return *s == '\0';
}

/* go-yaml v2 encode.go stringv, then select_scalar_style. */
static enum scalar_style choose_style(const char *text, bool is_key)
{
    int64_t integer;
    bool boolean;
    struct analysis may = analyze(text);
    if (strchr(text, '\n') && may.block && !is_key)
        return LITERAL;
    bool looks_like_text =
        value_resolve(text, &integer, &boolean) == VALUE_STRING && !is_date(text) && !is_base60(text);
    if (strchr(text, '\n') || !looks_like_text || (is_key && may.multiline))
        return DOUBLE;
    return may.plain ? PLAIN : may.single ? SINGLE : DOUBLE;
}

/* Characters before the end of the output, not counting the margin. */
static size_t column(const struct yaml_writer *w)
{
    size_t count = 0;
    for (size_t i = w->line_start; i < w->out->len; i++)
        count += ((unsigned char)w->out->data[i] & 0xc0) != 0x80;
    return count - (size_t)w->margin;
}

static void new_line(struct yaml_writer *w, int indent)
{
    strbuf_putc(w->out, '\n');
    w->line_start = w->out->len;
    strbuf_fill(w->out, ' ', (size_t)(w->margin + indent));
}

/* Plain and single-quoted text, which has no line breaks: beyond the width, a single blank becomes one. */
static void put_words(struct yaml_writer *w, const char *text, int indent, bool quoted, bool may_fold)
{
    bool after_blank = false;
    for (const char *s = text; *s; s++) {
        bool inner = !quoted || (s != text && s[1]);
        if (*s == ' ' && may_fold && !after_blank && inner && s[1] != ' ' && column(w) > FOLD_WIDTH) {
            new_line(w, indent);
        } else {
            if (quoted && *s == '\'')
                strbuf_putc(w->out, '\'');
            strbuf_putc(w->out, *s);
        }
        after_blank = *s == ' ';
    }
}

static void put_escape(struct strbuf *out, uint32_t c)
{
    static const char codes[] = "\a\b\t\n\v\f\r\x1b\"\\", letters[] = "abtnvfre\"\\";
    const char *known = c && c < 0x80 ? strchr(codes, (int)c) : NULL;
    if (known)
        strbuf_printf(out, "\\%c", letters[known - codes]);
    else if (c == 0x85)
        strbuf_puts(out, "\\N");
    else if (c == 0xa0)
        strbuf_puts(out, "\\_");
    else if (c == 0x2028 || c == 0x2029)
        strbuf_puts(out, c == 0x2028 ? "\\L" : "\\P");
    else if (c <= 0xff)
        strbuf_printf(out, "\\x%02" PRIX32, c);
    else
        strbuf_printf(out, c <= 0xffff ? "\\u%04" PRIX32 : "\\U%08" PRIX32, c);
}

static void put_double_quoted(struct yaml_writer *w, const char *text, int indent, bool may_fold)
{
    bool after_blank = false;
    strbuf_putc(w->out, '"');
    for (const char *s = text; *s;) {
        struct utf8_char c = char_at(s);
        bool escaped = !is_printable(c.code) || is_break(c.code) || c.code == '"' || c.code == '\\';
        if (escaped) {
            put_escape(w->out, c.code);
        } else if (c.code == ' ' && may_fold && !after_blank && s != text && s[1] && column(w) > FOLD_WIDTH) {
            new_line(w, indent);
            if (s[1] == ' ')
                strbuf_putc(w->out, '\\');
        } else {
            strbuf_add(w->out, s, c.bytes);
        }
        after_blank = !escaped && c.code == ' ';
        s += c.bytes;
    }
    strbuf_putc(w->out, '"');
}

/* A literal block ends the line it is on; its last line break is left to whoever starts a new line. */
static void put_literal(struct yaml_writer *w, const char *text, int indent)
{
    size_t len = strlen(text);
    strbuf_putc(w->out, '|');
    if (text[0] == ' ' || text[0] == '\n')
        strbuf_int(w->out, YAML_INDENT);
    bool ends_in_break = text[len - 1] == '\n';
    if (!ends_in_break)
        strbuf_putc(w->out, '-');
    else if (len == 1 || text[len - 2] == '\n')
        strbuf_putc(w->out, '+');
    size_t end = ends_in_break ? len - 1 : len;
    for (size_t i = 0; i <= end;) {
        const char *newline = memchr(text + i, '\n', end - i);
        size_t line_len = newline ? (size_t)(newline - text) - i : end - i;
        if (line_len) {
            new_line(w, indent);
            strbuf_add(w->out, text + i, line_len);
        } else {
            strbuf_putc(w->out, '\n');
            w->line_start = w->out->len;
        }
        i += line_len + 1;
    }
}

/* indent: where continuation lines start. */
static void put_string(struct yaml_writer *w, const char *text, int indent, bool is_key)
{
    switch (choose_style(text, is_key)) {
    case PLAIN:
        put_words(w, text, indent, false, !is_key);
        break;
    case SINGLE:
        strbuf_putc(w->out, '\'');
        put_words(w, text, indent, true, !is_key);
        strbuf_putc(w->out, '\'');
        break;
    case DOUBLE:
        put_double_quoted(w, text, indent, !is_key);
        break;
    case LITERAL:
        put_literal(w, text, indent);
        break;
    }
}

/* ---- YAML: structure ---- */

static void put_yaml(struct yaml_writer *w, const struct value *v, int indent, bool in_line);

static void put_yaml_map(struct yaml_writer *w, const struct value *v, int indent, bool in_line)
{
    struct sorted sorted;
    sort_entries(&sorted, v, true);
    for (uint32_t i = 0; i < v->count; i++) {
        if (i > 0 || !in_line)
            new_line(w, indent);
        const struct value *child = sorted.items[i]->value;
        put_string(w, sorted.items[i]->key, indent, true);
        strbuf_putc(w->out, ':');
        bool nested = child->type >= VALUE_LIST && child->count > 0;
        if (!nested)
            strbuf_putc(w->out, ' ');
        /* go-yaml: a list stands at the column of its key. */
        put_yaml(w, child, child->type == VALUE_LIST ? indent : indent + YAML_INDENT, false);
    }
    sorted_fini(&sorted);
}

static void put_yaml_list(struct yaml_writer *w, const struct value *v, int indent, bool in_line)
{
    for (uint32_t i = 0; i < v->count; i++) {
        if (i > 0 || !in_line)
            new_line(w, indent);
        strbuf_puts(w->out, "- ");
        put_yaml(w, v->items[i], indent + YAML_INDENT, true);
    }
}

/* in_line: the value goes on where the line is (behind "- "); else collections start a new line. */
static void put_yaml(struct yaml_writer *w, const struct value *v, int indent, bool in_line)
{
    switch (v->type) {
    case VALUE_NULL:
        strbuf_puts(w->out, "null");
        break;
    case VALUE_BOOL:
        strbuf_puts(w->out, v->boolean ? "true" : "false");
        break;
    case VALUE_INT:
        strbuf_int(w->out, v->integer);
        break;
    case VALUE_FLOAT:
        put_float(w->out, v->text);
        break;
    case VALUE_STRING:
        put_string(w, v->text, indent, false);
        break;
    case VALUE_LIST:
        if (v->count)
            put_yaml_list(w, v, indent, in_line);
        else
            strbuf_puts(w->out, "[]");
        break;
    case VALUE_MAP:
        if (v->count)
            put_yaml_map(w, v, indent, in_line);
        else
            strbuf_puts(w->out, "{}");
        break;
    }
}

void value_write_yaml(const struct value *v, struct strbuf *out, int indent)
{
    struct yaml_writer w = {.out = out, .line_start = out->len, .margin = indent};
    strbuf_fill(out, ' ', (size_t)indent);
    put_yaml(&w, v, 0, true);
    strbuf_putc(out, '\n');
}
