/* config_schema.c - JSON Schema (draft 07) of podsim.yaml, from the table of options. */
#include "tools/config.h"

#include <string.h>

#include "tools/options_table.h"

static void put_type(const struct option_info *o, struct strbuf *out)
{
    switch (o->type) {
    case OPTION_FLAG:
        strbuf_puts(out, "\"type\": \"boolean\"");
        return;
    case OPTION_NUMBER:
        strbuf_puts(out, "\"type\": \"integer\", \"minimum\": 0");
        return;
    case OPTION_POSITIVE:
    case OPTION_MAYBE:
        strbuf_puts(out, "\"type\": \"integer\", \"minimum\": 1");
        return;
    case OPTION_COUNT:
        strbuf_puts(out, "\"type\": \"integer\", \"minimum\": -1");
        return;
    case OPTION_DURATION:
    case OPTION_AMOUNT:
        strbuf_puts(out, "\"type\": [\"string\", \"integer\"]");
        return;
    case OPTION_CHOICE:
        strbuf_puts(out, "\"enum\": [");
        for (uint32_t i = 0; i < o->choices->count; i++) {
            strbuf_puts(out, i ? ", " : "");
            strbuf_json(out, o->choices->names[i]);
        }
        strbuf_putc(out, ']');
        return;
    case OPTION_LIST:
        strbuf_puts(out,
                    "\"anyOf\": [{\"type\": \"string\"}, {\"type\": \"array\", \"items\": {\"type\": \"string\"}}]");
        return;
    case OPTION_TEXT:
        strbuf_puts(out, "\"type\": \"string\"");
        return;
    }
}

static void put_option(enum option_id id, const char *indent, struct strbuf *out)
{
    const struct option_info *o = &option_infos[id];
    strbuf_puts(out, indent);
    strbuf_json(out, o->name);
    strbuf_puts(out, ": {");
    put_type(o, out);
    strbuf_puts(out, ", \"description\": ");
    strbuf_json(out, o->doc);
    strbuf_puts(out, "},\n");
}

/* Has an earlier row the same name? */
static bool repeated(int id)
{
    for (int i = 0; i < id; i++)
        if (option_infos[i].from == ANYWHERE && strcmp(option_infos[i].name, option_infos[id].name) == 0)
            return true;
    return false;
}

static void put_section(enum command_id command, struct strbuf *out)
{
    strbuf_printf(out, "    \"%s\": {\n      \"description\": ", command_infos[command].name);
    strbuf_json(out, command_infos[command].doc);
    strbuf_puts(out, ",\n      \"type\": [\"object\", \"null\"],\n      \"additionalProperties\": false,\n"
                     "      \"properties\": {\n");
    for (int i = 0; i < OPT_COUNT; i++)
        if (command_takes(command, (enum option_id)i) && CAN_BE_CONFIGURED(option_infos[i].from))
            put_option((enum option_id)i, "        ", out);
    out->len -= 2; /* the last comma */
    strbuf_puts(out, "\n      }\n    },\n");
}

void config_schema(struct strbuf *out)
{
    strbuf_puts(out, "{\n  \"$schema\": \"http://json-schema.org/draft-07/schema#\",\n"
                     "  \"title\": \"podsim.yaml\",\n  \"type\": [\"object\", \"null\"],\n"
                     "  \"additionalProperties\": false,\n  \"properties\": {\n"
                     "    \"apiVersion\": {\"const\": \"podsim.dev/v1\"},\n    \"kind\": {\"const\": \"Config\"},\n");
    for (int i = 0; i < OPT_COUNT; i++)
        if (option_infos[i].from == ANYWHERE && !repeated(i))
            put_option((enum option_id)i, "    ", out);
    for (int i = 0; i < CMD_COUNT; i++)
        if (command_takes((enum command_id)i, OPT_CONFIG) && i != CMD_CONFIG)
            put_section((enum command_id)i, out);
    out->len -= 2;
    strbuf_puts(out, "\n  }\n}\n");
}
