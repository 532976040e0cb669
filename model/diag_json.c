/* diag_json.c - diagnostics for machines: one JSON object per line; docs/diagnostics.md describes the members. */
#include "model/diag_private.h"

/* The members that say where; each followed by a comma. */
static void put_place(const struct diag_set *d, struct src_pos at, struct strbuf *out)
{
    if (at.file >= d->files.count)
        return;
    strbuf_puts(out, "\"file\":");
    strbuf_json(out, ((const struct diag_file *)pool_at(&d->files, at.file))->name);
    strbuf_putc(out, ',');
    if (at.line)
        strbuf_printf(out, "\"line\":%" PRIu32 ",\"column\":%" PRIu32 ",\"endColumn\":%" PRIu32 ",", at.line, at.column,
                      at.column + (at.length ? at.length : 1));
}

static void put_note(const struct diag_set *d, const struct diag *note, struct strbuf *out)
{
    strbuf_putc(out, '{');
    put_place(d, note->at, out);
    strbuf_puts(out, "\"message\":");
    strbuf_json(out, note->message);
    strbuf_putc(out, '}');
}

static void put_head(const struct diag_set *d, const struct diag *diag, struct strbuf *out)
{
    strbuf_putc(out, '{');
    put_place(d, diag->at, out);
    strbuf_printf(out, "\"level\":\"%s\",", diag_level_names[diag->level]);
    if (diag->code != CODE_COUNT)
        strbuf_printf(out, "\"code\":\"PS%d\",\"class\":\"%s\",", diag_code_infos[diag->code].number,
                      diag_code_infos[diag->code].name);
    strbuf_puts(out, "\"message\":");
    strbuf_json(out, diag->message);
    if (diag->suggestion) {
        strbuf_puts(out, ",\"suggestion\":");
        strbuf_json(out, diag->suggestion);
    }
    strbuf_puts(out, ",\"notes\":[");
}

void diag_put_json(const struct diag_set *d, const struct diag_order *order, struct strbuf *out)
{
    for (uint32_t i = 0; i < order->count;) {
        put_head(d, order->items[i], out);
        uint32_t notes = 0;
        for (i++; i < order->count && order->items[i]->code == CODE_COUNT; i++) {
            strbuf_puts(out, notes++ ? "," : "");
            put_note(d, order->items[i], out);
        }
        strbuf_puts(out, "]}\n");
    }
    if (order->left_out)
        strbuf_printf(out, "{\"more\":%" PRIu32 "}\n", order->left_out);
}
