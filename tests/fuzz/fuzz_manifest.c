/* fuzz_manifest.c - any bytes as a manifest: read, typed, validated, printed, read back.
 *
 * Findings: a crash, a limit that does not hold, text that does not lead back into its file, an object
 * that does not survive being printed as YAML and as JSON.
 */
#include "model/api_core.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size); /* the fuzzer's name for it */

/* Positions of every scalar are inside of the file. */
static void check_positions(const struct diag_set *diags, const struct value *v, size_t *budget)
{
    if (*budget == 0)
        return;
    --*budget;
    if (v->type == VALUE_LIST)
        for (uint32_t i = 0; i < v->count; i++)
            check_positions(diags, v->items[i], budget);
    if (v->type == VALUE_MAP)
        for (uint32_t i = 0; i < v->count; i++)
            check_positions(diags, v->entries[i].value, budget);
    ASSERT(v->at.line > 0);
    ASSERT(v->at.column > 0);
    if (v->type >= VALUE_LIST)
        return;
    size_t len = strlen(v->text), step = len / 8 + 1;
    for (size_t i = 0; i <= len; i += step) {
        struct src_pos at = value_pos_at(v, diags, i);
        ASSERT(at.line >= v->at.line);
    }
}

/* What was printed must read as the same object, without a complaint. */
static void check_round_trip(struct arena *a, const struct api_object *o, bool json)
{
    const struct api_type *type = kind_infos[o->kind].type;
    struct strbuf text = STRBUF_INIT;
    struct diag_set diags;
    struct document_list docs;
    diag_init(&diags);
    if (json)
        api_write_json(type, o, 0, &text, 4);
    else
        api_write_yaml(type, o, 0, &text, 0);
    int result = value_parse(a, &diags, "printed", text.data, text.len, &docs);
    ASSERT(result == 0);
    ASSERT(docs.count == 1);
    void *again = arena_alloc(a, type->size);
    result = api_decode(type, a, &diags, "", docs.items[0].root, again);
    ASSERT(result == 0);
    ASSERT(api_equal(type, o, again));
    diag_fini(&diags);
    strbuf_fini(&text);
}

static void check_object(struct arena *a, struct api_object *o)
{
    const struct api_type *type = kind_infos[o->kind].type;
    if (o->kind == KIND_POD) {
        struct pod_requests requests;
        pod_prepare_for_create(a, (struct pod *)o);
        pod_effective_requests(a, &((struct pod *)o)->spec, &requests);
    }
    check_round_trip(a, o, false);
    check_round_trip(a, o, true);

    void *copy = arena_alloc(a, type->size);
    struct field_change *changes;
    str_list unmodelled = {0};
    api_copy(type, a, o, copy);
    ASSERT(api_diff(type, a, o, copy, 0, &changes) == 0);
    api_diff(type, a, NULL, o, 0, &changes);
    api_unmodelled(type, a, o->source, &unmodelled);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct diag_set diags;
    struct pool objects;
    struct document_list docs;
    struct strbuf out = STRBUF_INIT;
    size_t budget = 2000;
    arena_init(&arena, 0);
    diag_init(&diags);
    pool_init(&objects, &arena, sizeof(struct api_object *));

    int result = value_parse(&arena, &diags, "input", (const char *)data, size, &docs);
    ASSERT((result == 0) == (diags.error_count == 0));
    for (uint32_t i = 0; i < docs.count; i++) {
        check_positions(&diags, docs.items[i].root, &budget);
        uint32_t errors = diags.error_count;
        result = api_read_document(&arena, &diags, &docs.items[i], &objects);
        ASSERT((result == 0) == (diags.error_count == errors));
    }
    diag_print(&diags, &out, 20);
    bool readable = diags.error_count == 0;
    for (uint32_t i = 0; readable && i < objects.count && i < 20; i++)
        check_object(&arena, *(struct api_object **)pool_at(&objects, i));

    strbuf_fini(&out);
    diag_fini(&diags);
    arena_fini(&arena);
    return 0;
}
