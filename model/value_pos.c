/* value_pos.c - from a byte of a scalar's text back to its place in the document.
 *
 * The source is walked once more beside the text it became: quotes, escapes, indentation and folded
 * line ends take source characters without giving text, or give a different one.
 */
#include "model/value_private.h"

#include <string.h>

struct walk {
    const struct value *v;
    const char *source;
    size_t end; /* byte behind the scalar */
    struct text_cursor c;
    size_t text_at, wanted; /* bytes of v->text */
};

static bool more(const struct walk *w) { return w->c.byte < w->end && w->text_at < w->wanted; }

static char source_char(const struct walk *w) { return w->c.byte < w->end ? w->source[w->c.byte] : '\0'; }

static void skip_source(struct walk *w)
{
    if (w->c.byte < w->end)
        value_cursor_step(&w->c, w->source, w->end);
}

/* One source character that stands for itself. */
static void take(struct walk *w)
{
    size_t n = value_char_bytes(w->source, w->end, w->c.byte);
    w->text_at += n;
    if (w->text_at <= w->wanted)
        skip_source(w);
}

static bool is_break(char c) { return c == '\n' || c == '\r'; }

static void skip_break(struct walk *w)
{
    if (source_char(w) == '\r')
        skip_source(w);
    if (source_char(w) == '\n')
        skip_source(w);
}

/* Blanks that end in a line break have no text of their own in quoted and plain scalars. */
static bool blanks_before_break(const struct walk *w)
{
    size_t i = w->c.byte;
    while (i < w->end && (w->source[i] == ' ' || w->source[i] == '\t'))
        i++;
    return i < w->end && is_break(w->source[i]);
}

/* Line breaks and the indentation behind them, which the text shows as one blank or as newlines.
 * indent: blanks to skip per line, SIZE_MAX = all. */
static void take_folded_breaks(struct walk *w, size_t indent)
{
    bool blank = w->v->text[w->text_at] == ' ';
    for (bool first = true; is_break(source_char(w)); first = false) {
        if (!first && !blank) { /* k breaks make k - 1 newlines */
            if (w->text_at >= w->wanted)
                return;
            w->text_at++;
        }
        skip_break(w);
        for (size_t i = 0; i < indent && (source_char(w) == ' ' || (indent == SIZE_MAX && source_char(w) == '\t')); i++)
            skip_source(w);
    }
    if (blank)
        w->text_at++;
}

static void walk_flow(struct walk *w)
{
    enum value_style style = w->v->style;
    if (style != STYLE_PLAIN)
        skip_source(w); /* the opening quote */
    while (more(w)) {
        char c = source_char(w);
        if ((c == ' ' || c == '\t') && blanks_before_break(w)) {
            skip_source(w);
        } else if (is_break(c)) {
            take_folded_breaks(w, SIZE_MAX);
        } else if (style == STYLE_SINGLE_QUOTED && c == '\'') {
            skip_source(w); /* two of them make one */
            take(w);
        } else {
            take(w);
        }
    }
}

/* Length in bytes of the UTF-8 form of what an escape of `digits` hexadecimal digits says. */
static size_t escaped_bytes(const struct walk *w, size_t digits)
{
    uint32_t code = 0;
    for (size_t i = 0; i < digits && w->c.byte + i < w->end; i++) {
        char c = w->source[w->c.byte + i];
        uint32_t digit = c <= '9' ? (uint32_t)(c - '0') : ((uint32_t)c | 32u) - 'a' + 10;
        code = code << 4 | (digit & 15);
    }
    bool surrogate = code >= 0xd800 && code <= 0xdbff;
    return code < 0x80 ? 1 : code < 0x800 ? 2 : code >= 0x10000 || surrogate ? 4 : 3;
}

static void take_escape(struct walk *w)
{
    struct text_cursor start = w->c;
    skip_source(w);
    char c = source_char(w);
    size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0, bytes = 1;
    if (is_break(c)) { /* an escaped line end joins the lines */
        while (is_break(source_char(w)) || source_char(w) == ' ' || source_char(w) == '\t')
            skip_source(w);
        return;
    }
    skip_source(w);
    if (digits)
        bytes = escaped_bytes(w, digits);
    else if (c == 'N' || c == '_')
        bytes = 2;
    else if (c == 'L' || c == 'P')
        bytes = 3;
    bool pair = bytes == 4 && c == 'u';
    for (size_t i = 0; i < digits + (pair ? 6 : 0); i++)
        skip_source(w);
    w->text_at += bytes;
    if (w->text_at > w->wanted)
        w->c = start;
}

/* A backslash at the end of a line has no text of its own. */
static bool at_joined_line(const struct walk *w)
{
    return w->c.byte + 1 < w->end && source_char(w) == '\\' && is_break(w->source[w->c.byte + 1]);
}

static void walk_double_quoted(struct walk *w)
{
    skip_source(w);
    while (more(w) || at_joined_line(w)) {
        char c = source_char(w);
        if (c == '\\')
            take_escape(w);
        else if ((c == ' ' || c == '\t') && blanks_before_break(w))
            skip_source(w);
        else if (is_break(c))
            take_folded_breaks(w, SIZE_MAX);
        else
            take(w);
    }
}

/* The indentation of a block scalar's content: that of its first line that is not empty. An explicit
 * indicator only matters when that line starts with blanks of its own; those are part of the text. */
static size_t block_indent(const struct walk *w)
{
    size_t i = w->c.byte, blanks = 0;
    while (i < w->end) {
        blanks = 0;
        while (i < w->end && w->source[i] == ' ') {
            i++;
            blanks++;
        }
        if (i >= w->end || !is_break(w->source[i]))
            break;
        while (i < w->end && is_break(w->source[i]))
            i++;
    }
    size_t own = strspn(w->v->text, "\n");
    own = strspn(w->v->text + own, " ");
    return blanks > own ? blanks - own : 0;
}

static void skip_indent(struct walk *w, size_t indent)
{
    for (size_t i = 0; i < indent && source_char(w) == ' '; i++)
        skip_source(w);
}

static void walk_block(struct walk *w)
{
    while (w->c.byte < w->end && !is_break(source_char(w)))
        skip_source(w); /* the header: | or > with its indicators and a comment */
    skip_break(w);
    size_t indent = block_indent(w);
    skip_indent(w, indent);
    while (more(w)) {
        if (!is_break(source_char(w))) {
            take(w);
        } else if (w->v->style == STYLE_LITERAL || w->v->text[w->text_at] == '\n') {
            if (w->v->text[w->text_at] != '\n')
                break; /* stripped or clipped breaks at the end */
            w->text_at++;
            skip_break(w);
            skip_indent(w, indent);
            /* k breaks between two lines at the left edge are folded to k - 1 newlines. */
            bool folded = w->v->style == STYLE_FOLDED && w->v->text[w->text_at] != '\n' && is_break(source_char(w));
            if (folded) {
                skip_break(w);
                skip_indent(w, indent);
            }
        } else {
            take_folded_breaks(w, indent);
        }
    }
}

/* Where a byte of the filled text was, or what became it. */
static size_t written_offset(const struct value_fill *fill, size_t offset)
{
    size_t written = offset;
    for (uint32_t i = 0; i < fill->count && offset >= fill->pieces[i].from; i++) {
        const struct value_piece *piece = &fill->pieces[i];
        written = offset < piece->to ? piece->written_from : piece->written_to + (offset - piece->to);
    }
    return written;
}

struct src_pos value_pos_at(const struct value *v, const struct diag_set *d, size_t text_offset)
{
    bool located = v->type < VALUE_LIST && v->text && v->source_to > v->source_from && v->at.file < d->files.count;
    if (!located)
        return v->at;
    if (v->fill) {
        struct value written = *v;
        written.text = v->fill->text;
        written.fill = NULL;
        return value_pos_at(&written, d, written_offset(v->fill, text_offset));
    }
    size_t len = strlen(v->text);
    const struct diag_file *file = pool_at(&d->files, v->at.file);
    struct walk w = {
        .v = v, .source = file->text, .end = v->source_to, .wanted = text_offset < len ? text_offset : len};
    w.c = (struct text_cursor){.byte = v->source_from, .line = v->at.line, .column = v->at.column};
    switch (v->style) {
    case STYLE_PLAIN:
    case STYLE_SINGLE_QUOTED:
        walk_flow(&w);
        break;
    case STYLE_DOUBLE_QUOTED:
        walk_double_quoted(&w);
        break;
    case STYLE_LITERAL:
    case STYLE_FOLDED:
        walk_block(&w);
        break;
    }
    return (struct src_pos){.file = v->at.file, .line = w.c.line, .column = w.c.column};
}
