/* cmd_schema.c - podsim schema: JSON Schema for editors. */
#include "model/image_doc.h"
#include "tools/commands.h"
#include "tools/config.h"
#include "tools/output.h"

int cmd_schema(const struct options *o)
{
    if (o->schema_kind == SCHEMA_CONFIG) {
        config_schema(&output);
        return EXIT_OK;
    }
    const struct api_type *roots[KIND_COUNT + 2] = {&scenario_type, &image_catalogue_type};
    uint32_t count = 2;
    for (int kind = 1; kind < KIND_COUNT; kind++)
        if (kind != KIND_EVENT)
            roots[count++] = kind_infos[kind].type;
    api_write_schema(roots, count, &output);
    return EXIT_OK;
}
