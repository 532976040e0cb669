/* cmd_schema.c - podsim schema: JSON Schema for editors. */
#include <string.h>

#include "model/doc_roots.h"
#include "tools/commands.h"
#include "tools/config.h"
#include "tools/output.h"

static void every_kind(void)
{
    struct doc_root all[DOC_ROOTS_MAX];
    const struct api_type *types[DOC_ROOTS_MAX];
    uint32_t count = doc_roots(all), kept = 0;
    for (uint32_t i = 0; i < count; i++)
        if (all[i].api_version)
            types[kept++] = all[i].type;
    api_write_schema(types, kept, &output);
}

int cmd_schema(const struct options *o)
{
    struct doc_root root;
    const char *kind = o->schema_kind;
    if (!kind || strcmp(kind, "all") == 0) {
        every_kind();
    } else if (strcmp(kind, "config") == 0) {
        config_schema(&output);
    } else if (doc_root_find(kind, &root)) {
        api_write_schema(&root.type, 1, &output);
    } else {
        const char *close = doc_root_closest(kind);
        struct strbuf text = STRBUF_INIT;
        strbuf_printf(&text, "there is no kind \"%s\"", kind);
        if (close)
            strbuf_printf(&text, ", did you mean \"%s\"?", close);
        int code = output_usage_error(CMD_SCHEMA, strbuf_str(&text));
        strbuf_fini(&text);
        return code;
    }
    return EXIT_OK;
}
