/* image_list.c - the built-in catalogue for people: a line per image, and an entry to copy. */
#include <string.h>

#include "model/image_doc.h"

static void list_ports(struct strbuf *out, const struct image *i)
{
    struct strbuf text = STRBUF_INIT;
    for (uint32_t k = 0; k < i->ports.count; k++)
        strbuf_printf(&text, "%s%" PRId64, k ? "," : "", i->ports.items[k]);
    strbuf_printf(out, "  %-12s", text.len ? strbuf_str(&text) : "-");
    strbuf_fini(&text);
}

static void list_one(const struct image_catalogue *c, const char *name, struct strbuf *out)
{
    const struct image *i = image_find(c, name);
    struct strbuf start = STRBUF_INIT, size = STRBUF_INIT;
    strbuf_go_duration(&start, i->start_ms * SIM_MS);
    if (i->size_bytes < 1000 * 1000)
        strbuf_puts(&size, "<1M");
    else
        strbuf_printf(&size, "%" PRId64 "M", i->size_bytes / (1000 * 1000));
    strbuf_printf(out, "  %-34s %-16s %6s  %8s", name, i->program ? i->program : "-", strbuf_str(&size),
                  i->start_ms ? strbuf_str(&start) : "-");
    list_ports(out, i);
    strbuf_printf(out, "  %s\n", i->stop_signal ? i->stop_signal : "SIGTERM");
    strbuf_fini(&start);
    strbuf_fini(&size);
}

void image_list(struct strbuf *out)
{
    struct arena arena;
    struct image_catalogue c;
    arena_init(&arena, 0);
    image_catalogue_init(&c, &arena);
    strbuf_printf(out, "  %-34s %-16s %6s  %8s  %-12s  %s\n", "NAME", "PROGRAM", "SIZE", "START-UP", "PORTS",
                  "STOPSIGNAL");
    for (uint32_t i = 0; i < built_in_name_count; i++)
        list_one(&c, built_in_names[i].name, out);
    arena_fini(&arena);
}

int image_print(const char *name, struct strbuf *out)
{
    struct image_reference r = image_reference(name);
    int32_t number = image_built_in_number(&r);
    if (number < 0)
        return -1;
    const struct built_in_text *t = &built_in_texts[number];
    strbuf_puts(out, "apiVersion: podsim.dev/v1\nkind: ImageCatalogue\nimages:\n");
    strbuf_printf(out, "%.*s", (int)t->shown_length, built_in_shown + t->shown);
    return 0;
}
