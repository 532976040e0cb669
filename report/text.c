/* text.c - columns, cuts and colours. */
#include "report/private.h"

#include <string.h>

void report_time(struct strbuf *out, sim_time t)
{
    enum { WIDTH = 10 };
    struct strbuf b = STRBUF_INIT;
    strbuf_seconds(&b, t, 3);
    strbuf_putc(&b, 's');
    if (b.len < WIDTH)
        strbuf_fill(out, ' ', WIDTH - b.len);
    strbuf_add(out, b.data, b.len);
    strbuf_fini(&b);
}

static const char *const paints[] = {
    [PAINT_NONE] = "",           [PAINT_DIM] = "\033[2m",  [PAINT_BOLD] = "\033[1m",  [PAINT_GREEN] = "\033[32m",
    [PAINT_YELLOW] = "\033[33m", [PAINT_RED] = "\033[31m", [PAINT_CYAN] = "\033[36m",
};

void paint_begin(struct strbuf *out, bool on, enum paint p)
{
    if (on)
        strbuf_puts(out, paints[p]);
}

void paint_end(struct strbuf *out, bool on, enum paint p)
{
    if (on && p != PAINT_NONE)
        strbuf_puts(out, "\033[0m");
}

/* Bytes of the first `width` characters of `text`. */
static size_t bytes_of(const char *text, uint32_t width)
{
    const char *p = text;
    for (; *p; p++) {
        if (((unsigned char)*p & 0xc0) == 0x80)
            continue;
        if (width-- == 0)
            break;
    }
    return (size_t)(p - text);
}

uint32_t text_cut(struct strbuf *out, const char *text, uint32_t width)
{
    enum { DOTS = 3 };
    uint32_t have = text_width(text);
    if (have <= width) {
        strbuf_puts(out, text);
        return have;
    }
    uint32_t keep = width > DOTS ? width - DOTS : 0;
    strbuf_add(out, text, bytes_of(text, keep));
    strbuf_fill(out, '.', width - keep);
    return width;
}

void text_fit(struct strbuf *out, const char *text, uint32_t width)
{
    uint32_t used = text_cut(out, text, width);
    strbuf_fill(out, ' ', width - used);
}
