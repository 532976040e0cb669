/* apitype_schema.c - the tables as a draft-07 JSON Schema, for editors. Draft-07 because the YAML
 * language server understands nothing newer. A ${{parameter}} may stand for any scalar; what else a text must look
 * like is a pattern. `pattern` is about texts only and `minimum` about numbers only, so that both can be said at once.
 */
#include "model/apitype_private.h"

#include <string.h>

enum { TYPES_MAX = 400 };

struct schema {
    struct strbuf *out;
    const struct api_type *types[TYPES_MAX]; /* reached, in order of discovery */
    uint32_t count;
};

static void collect(struct schema *s, const struct api_type *type)
{
    for (uint32_t i = 0; i < s->count; i++)
        if (s->types[i] == type)
            return;
    ASSERT(s->count < TYPES_MAX);
    s->types[s->count++] = type;
    for (uint32_t i = 0; i < type->field_count; i++)
        if (type->fields[i].type)
            collect(s, type->fields[i].type);
}

/* Two tables may describe one type (an EndpointPort of slices and of Endpoints): the later ones get a
 * number. */
static void put_name(struct schema *s, const struct api_type *type)
{
    uint32_t same = 0;
    for (uint32_t i = 0; i < s->count && s->types[i] != type; i++)
        same += strcmp(s->types[i]->name, type->name) == 0;
    strbuf_puts(s->out, type->name);
    if (same)
        strbuf_int(s->out, same + 1);
}

static void put_ref(struct schema *s, const struct api_type *type)
{
    strbuf_puts(s->out, "\"$ref\": \"#/definitions/");
    put_name(s, type);
    strbuf_puts(s->out, "\"");
}

/* A place for a parameter, in a pattern and on its own. */
#define PARAMETER    "\\\\$\\\\{\\\\{"
#define OR_PARAMETER ", \"pattern\": \"" PARAMETER "\""
/* sim_parse_duration(), quantity_parse(). */
#define DURATION "^(-?(([0-9]+(\\\\.[0-9]*)?|\\\\.[0-9]+)(ns|us|\u00b5s|ms|s|m|h))+|-?[0-9]+(\\\\.[0-9]+)?)$|" PARAMETER
#define QUANTITY "^[+-]?([0-9]+(\\\\.[0-9]*)?|\\\\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$|" PARAMETER

static void put_enum(struct schema *s, const struct api_field *f)
{
    if (!f->values) { /* a string that is kept raw */
        strbuf_puts(s->out, "\"type\": \"string\"");
        return;
    }
    strbuf_puts(s->out, "\"anyOf\": [{\"type\": \"string\", \"enum\": [");
    for (uint32_t i = 0; f->values[i]; i++) {
        strbuf_puts(s->out, i ? ", " : "");
        strbuf_json(s->out, f->values[i]);
    }
    strbuf_puts(s->out, "]}, {\"type\": \"string\"" OR_PARAMETER "}]");
}

static void put_kind(struct schema *s, const struct api_field *f, enum field_kind kind);

/* One of them, or a list of them. */
static void put_one_or_more(struct schema *s, const struct api_field *f)
{
    struct api_field element = *f;
    element.kind = f->kind == FIELD_LIST ? FIELD_OBJECT : f->kind == FIELD_INT_LIST ? FIELD_INT64 : FIELD_STRING;
    strbuf_puts(s->out, "\"anyOf\": [{");
    put_kind(s, &element, element.kind);
    strbuf_puts(s->out, "}, {\"type\": \"array\", \"items\": {");
    put_kind(s, &element, element.kind);
    strbuf_puts(s->out, "}}]");
}

static void put_kind(struct schema *s, const struct api_field *f, enum field_kind kind)
{
#define INT32  "\"type\": [\"integer\", \"string\"], \"minimum\": -2147483648, \"maximum\": 2147483647" OR_PARAMETER
#define INT64  "\"type\": [\"integer\", \"string\"]" OR_PARAMETER
#define BOOL   "\"type\": [\"boolean\", \"string\"]" OR_PARAMETER
#define AMOUNT "\"type\": [\"string\", \"number\"], \"pattern\": \"" QUANTITY "\""
    static const char *const fixed[] = {
        [FIELD_STRING] = "\"type\": \"string\"",
        [FIELD_BOOL] = BOOL,
        [FIELD_OPT_BOOL] = BOOL,
        [FIELD_INT32] = INT32,
        [FIELD_OPT_INT32] = INT32,
        [FIELD_INT64] = INT64,
        [FIELD_OPT_INT64] = INT64,
        [FIELD_INT_OR_STRING] = "\"type\": [\"integer\", \"string\"]",
        [FIELD_QUANTITY] = AMOUNT,
        [FIELD_TIME] = "\"type\": [\"string\", \"null\"], \"format\": \"date-time\"",
        [FIELD_MICRO_TIME] = "\"type\": \"string\", \"format\": \"date-time\"",
        [FIELD_DURATION] = "\"type\": [\"string\", \"number\"], \"pattern\": \"" DURATION "\"",
        [FIELD_STRING_LIST] = "\"type\": \"array\", \"items\": {\"type\": \"string\"}",
        [FIELD_INT_LIST] = "\"type\": \"array\", \"items\": {" INT64 "}",
        [FIELD_STRING_MAP] = "\"type\": \"object\", \"additionalProperties\": {\"type\": \"string\"}",
        [FIELD_BYTES_MAP] = "\"type\": \"object\", \"additionalProperties\": {\"type\": \"string\"}",
        [FIELD_QUANTITY_MAP] = "\"type\": \"object\", \"additionalProperties\": {" AMOUNT "}",
    };
#undef INT32
#undef INT64
#undef BOOL
#undef AMOUNT
    if (f->flags & FIELD_ONE_OR_MORE && kind == f->kind &&
        (kind == FIELD_LIST || kind == FIELD_STRING_LIST || kind == FIELD_INT_LIST)) {
        put_one_or_more(s, f);
        return;
    }
    switch (kind) {
    case FIELD_ENUM:
        put_enum(s, f);
        break;
    case FIELD_OBJECT:
    case FIELD_POINTER:
        if (f->type)
            put_ref(s, f->type);
        else
            strbuf_puts(s->out, "\"type\": \"object\"");
        break;
    case FIELD_LIST:
        strbuf_puts(s->out, "\"type\": \"array\", \"items\": {");
        put_ref(s, f->type);
        strbuf_putc(s->out, '}');
        break;
    case FIELD_RAW:
        if (f->raw_kind != FIELD_STRING)
            put_kind(s, f, f->raw_kind);
        else if (f->type)
            put_ref(s, f->type);
        else if (f->schema)
            strbuf_puts(s->out, f->schema);
        break;
    case FIELD_STRING:
    case FIELD_BOOL:
    case FIELD_OPT_BOOL:
    case FIELD_INT32:
    case FIELD_INT64:
    case FIELD_OPT_INT32:
    case FIELD_OPT_INT64:
    case FIELD_INT_OR_STRING:
    case FIELD_QUANTITY:
    case FIELD_TIME:
    case FIELD_MICRO_TIME:
    case FIELD_DURATION:
    case FIELD_STRING_LIST:
    case FIELD_INT_LIST:
    case FIELD_STRING_MAP:
    case FIELD_BYTES_MAP:
    case FIELD_QUANTITY_MAP:
        strbuf_puts(s->out, fixed[kind]);
        break;
    }
}

/* Draft-07 ignores what stands beside a $ref, so a described reference is wrapped in allOf. */
static void put_property(struct schema *s, const struct api_field *f)
{
    bool reference = f->type && (f->kind == FIELD_OBJECT || f->kind == FIELD_POINTER ||
                                 (f->kind == FIELD_RAW && f->raw_kind != FIELD_LIST));
    strbuf_puts(s->out, "        ");
    strbuf_json(s->out, f->name);
    strbuf_puts(s->out, ": {\"description\": ");
    strbuf_json(s->out, f->doc ? f->doc : "");
    if (f->default_text) {
        bool number = f->kind == FIELD_INT32 || f->kind == FIELD_INT64 || f->kind == FIELD_OPT_INT32 ||
                      f->kind == FIELD_OPT_INT64;
        bool literal = number || f->kind == FIELD_OPT_BOOL || f->kind == FIELD_RAW;
        strbuf_puts(s->out, ", \"default\": ");
        if (literal)
            strbuf_puts(s->out, f->default_text);
        else
            strbuf_json(s->out, f->default_text);
    }
    bool anything = f->kind == FIELD_RAW && !f->type && !f->schema && f->raw_kind == FIELD_STRING;
    if (!anything)
        strbuf_puts(s->out, reference ? ", \"allOf\": [{" : ", ");
    put_kind(s, f, f->kind);
    strbuf_puts(s->out, reference ? "}]}" : "}");
}

static void put_required(struct schema *s, const struct api_type *type)
{
    bool any = false;
    for (uint32_t i = 0; i < type->field_count; i++) {
        if (!(type->fields[i].flags & FIELD_REQUIRED))
            continue;
        strbuf_puts(s->out, any ? ", " : "      \"required\": [");
        strbuf_json(s->out, type->fields[i].name);
        any = true;
    }
    strbuf_puts(s->out, any ? "],\n" : "");
}

static const struct api_field *field_named(const struct api_type *type, const char *name)
{
    for (uint32_t i = 0; i < type->field_count; i++)
        if (strcmp(type->fields[i].name, name) == 0)
            return &type->fields[i];
    return NULL;
}

static void put_object(struct schema *s, const struct api_type *type)
{
    strbuf_puts(s->out, "      \"type\": \"object\",\n      \"additionalProperties\": false,\n");
    put_required(s, type);
    strbuf_puts(s->out, "      \"properties\": {\n");
    for (uint32_t i = 0; i < type->field_count; i++) {
        put_property(s, &type->fields[i]);
        strbuf_puts(s->out, i + 1 < type->field_count ? ",\n" : "\n");
    }
    strbuf_puts(s->out, "      }\n");
}

static void put_definition(struct schema *s, const struct api_type *type)
{
    strbuf_puts(s->out, "    \"");
    put_name(s, type);
    strbuf_puts(s->out, "\": {\n      \"description\": ");
    strbuf_json(s->out, type->doc ? type->doc : "");
    strbuf_puts(s->out, ",\n");
    if (type->short_field) {
        const struct api_field *f = field_named(type, type->short_field);
        strbuf_puts(s->out, "      \"anyOf\": [{");
        put_kind(s, f, f->kind);
        strbuf_puts(s->out, "}, {\n");
    }
    put_object(s, type);
    strbuf_puts(s->out, type->short_field ? "      }]\n    }" : "    }");
}

/* A document is checked against the type that its kind names; editors then complain about that type
 * only, not about all of them. */
static void put_roots(struct schema *s, const struct api_type *const *roots, uint32_t count)
{
    if (count == 1) {
        strbuf_puts(s->out, "  \"allOf\": [{");
        put_ref(s, roots[0]);
        strbuf_puts(s->out, "}],\n");
        return;
    }
    strbuf_puts(s->out, "  \"type\": \"object\",\n  \"required\": [\"apiVersion\", \"kind\"],\n"
                        "  \"properties\": {\"kind\": {\"type\": \"string\", \"enum\": [");
    for (uint32_t i = 0; i < count; i++) {
        const struct api_field *kind = field_named(roots[i], "kind");
        strbuf_puts(s->out, i ? ", " : "");
        strbuf_json(s->out, kind && kind->values ? kind->values[0] : roots[i]->name);
    }
    strbuf_puts(s->out, ", \"List\"]}},\n  \"allOf\": [\n");
    for (uint32_t i = 0; i < count; i++) {
        const struct api_field *kind = field_named(roots[i], "kind");
        strbuf_puts(s->out, "    {\"if\": {\"properties\": {\"kind\": {\"const\": ");
        strbuf_json(s->out, kind && kind->values ? kind->values[0] : roots[i]->name);
        strbuf_puts(s->out, "}}, \"required\": [\"kind\"]}, \"then\": {");
        put_ref(s, roots[i]);
        strbuf_puts(s->out, i + 1 < count ? "}},\n" : "}}\n");
    }
    strbuf_puts(s->out, "  ],\n");
}

void api_write_schema(const struct api_type *const *roots, uint32_t count, struct strbuf *out)
{
    struct schema s = {.out = out};
    for (uint32_t i = 0; i < count; i++)
        collect(&s, roots[i]);
    strbuf_puts(out, "{\n  \"$schema\": \"http://json-schema.org/draft-07/schema#\",\n");
    put_roots(&s, roots, count);
    strbuf_puts(out, "  \"definitions\": {\n");
    for (uint32_t i = 0; i < s.count; i++) {
        put_definition(&s, s.types[i]);
        strbuf_puts(out, i + 1 < s.count ? ",\n" : "\n");
    }
    strbuf_puts(out, "  }\n}\n");
}
