/* doc_table.h - how the tables of podsim's own documents are written: members named, options by designators.
 *
 *     static const struct api_field node_fields[] = {
 *         FIELD(scenario_node, name, "name", FIELD_STRING, .doc = "Its name."),
 *     };
 *     static const struct api_type node_type = TYPE(scenario_node, "ScenarioNode", node_fields, .doc = "A node.");
 *
 * Kubernetes' types have many more fields and say less of each: api_table.h.
 */
#ifndef MODEL_DOC_TABLE_H
#define MODEL_DOC_TABLE_H

#include "model/apitype.h"

#define FIELD(struct_type, member, json, kind_, ...)                                                                   \
    {                                                                                                                  \
        .name = (json), .kind = (kind_), .offset = offsetof(struct struct_type, member), __VA_ARGS__                   \
    }
#define TYPE(struct_type, title, table, ...)                                                                           \
    {                                                                                                                  \
        .name = (title), .size = sizeof(struct struct_type), .fields = (table), .field_count = ARRAY_LEN(table),       \
        __VA_ARGS__                                                                                                    \
    }

#endif
