/* fuzz_images.c - any bytes as a catalogue of images: read, checked, laid over the built-in one, looked up.
 *
 * Findings: a crash, an entry that was accepted and cannot be looked up, one that does not survive being printed.
 */
#include "model/image_doc.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size); /* the fuzzer's name for it */

enum { ENTRIES_MAX = 50 };

/* Whatever a reference is, asking for it gives an image whose parts are well-formed. */
static void look_up(const struct image_catalogue *c, const char *reference)
{
    static char copy[300];
    const char *tags[] = {"", ":1.14.2", ":latest-alpine", ":9", "@sha256:0011"};
    for (size_t i = 0; i < ARRAY_LEN(tags); i++) {
        if (strlen(reference) + strlen(tags[i]) >= sizeof copy)
            return;
        strcpy(copy, reference);
        strcat(copy, tags[i]);
        const struct image *image = image_find(c, copy);
        ASSERT(image == image_find(c, copy));
        ASSERT(image->name);
        for (uint32_t k = 0; k < image->ports.count; k++)
            ASSERT(image->ports.items[k] > 0 && image->ports.items[k] <= 65535);
        for (uint32_t k = 0; k < image->files.count; k++)
            ASSERT(image->files.items[k].path[0] == '/');
        ASSERT(image->start_ms >= 0);
        image_reference_error(c->arena, copy);
    }
}

static void check_entry(const struct image_catalogue *c, const struct image_entry *e)
{
    look_up(c, e->name);
    ASSERT(!image_find(c, e->name)->generic || !e->facts.program);
    for (uint32_t i = 0; i < e->aliases.count && i < ENTRIES_MAX; i++)
        look_up(c, e->aliases.items[i]);
    if (e->like)
        look_up(c, e->like);
}

static void check_printing(struct arena *a, const struct image_catalogue_doc *doc)
{
    struct strbuf text = STRBUF_INIT;
    struct diag_set diags;
    struct document_list docs;
    struct image_catalogue_doc *again = arena_new(a, struct image_catalogue_doc);
    diag_init(&diags);
    api_write_yaml(&image_catalogue_type, doc, 0, &text, 0);
    int result = value_parse(a, &diags, "printed", strbuf_str(&text), text.len, &docs);
    ASSERT(result == 0);
    ASSERT(docs.count == 1);
    result = api_decode(&image_catalogue_type, a, &diags, "", docs.items[0].root, again);
    ASSERT(result == 0);
    ASSERT(api_equal(&image_catalogue_type, doc, again));
    diag_fini(&diags);
    strbuf_fini(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct diag_set diags;
    struct document_list docs = {0};
    struct image_catalogue_doc doc = {0};
    struct image_catalogue catalogue;
    arena_init(&arena, 0);
    diag_init(&diags);
    image_catalogue_init(&catalogue, &arena);

    if (value_parse(&arena, &diags, "input", (const char *)data, size, &docs) == 0 && docs.count) {
        const struct value *root = docs.items[0].root;
        bool good = api_decode(&image_catalogue_type, &arena, &diags, "", root, &doc) == 0 &&
                    api_validate(&image_catalogue_type, &arena, &diags, "", root, &doc) == 0;
        if (good)
            check_printing(&arena, &doc);
        if (good &&
            image_catalogue_add(&catalogue, &diags, doc.images.items, doc.images.count, value_get(root, "images")) == 0)
            for (uint32_t i = 0; i < doc.images.count && i < ENTRIES_MAX; i++)
                check_entry(&catalogue, &doc.images.items[i]);
        ASSERT(good || diags.error_count);
    }
    struct strbuf out = STRBUF_INIT;
    diag_print(&diags, &out, 20);
    strbuf_fini(&out);
    diag_fini(&diags);
    arena_fini(&arena);
    return 0;
}
