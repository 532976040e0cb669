/* explain_field.c - `kubectl explain` for everything that podsim reads.
 *
 * k8s staging/src/k8s.io/kubectl/pkg/explain/v2/templates/plaintext.tmpl: the same headings, types in angle brackets,
 * enums, -required-, and descriptions wrapped at 80 columns. Beyond it: defaults, and what is not modelled.
 */
#include "model/explain_field.h"

#include <string.h>

#include "model/doc_roots.h"

enum { WIDTH = 80, DEPTH_MAX = 32 };

/* ---- text ---- */

/* Words of `text`, wrapped, each line indented. */
static void put_wrapped(struct strbuf *out, const char *text, size_t indent)
{
    size_t column = 0;
    while (*text) {
        size_t n = strcspn(text, " \n");
        if (n && column && column + 1 + n > WIDTH) {
            strbuf_putc(out, '\n');
            column = 0;
        }
        if (n && column == 0)
            strbuf_fill(out, ' ', column = indent);
        else if (n) {
            strbuf_putc(out, ' ');
            column++;
        }
        strbuf_printf(out, "%.*s", (int)n, text);
        column += n;
        text += n + (text[n] != '\0');
    }
    strbuf_putc(out, '\n');
}

static const char *element_type(const struct api_field *f, enum field_kind kind);

/* <string>, <[]Container>, <map[string]string> */
static void put_type(struct strbuf *out, const struct api_field *f)
{
    enum field_kind kind = f->kind == FIELD_RAW && f->raw_kind != FIELD_STRING ? f->raw_kind : f->kind;
    bool list = kind == FIELD_LIST || kind == FIELD_STRING_LIST || kind == FIELD_INT_LIST;
    bool map = kind == FIELD_STRING_MAP || kind == FIELD_BYTES_MAP || kind == FIELD_QUANTITY_MAP;
    strbuf_printf(out, "<%s%s>", list ? "[]" : map ? "map[string]" : "", element_type(f, kind));
}

static const char *element_type(const struct api_field *f, enum field_kind kind)
{
    switch (kind) {
    case FIELD_BOOL:
    case FIELD_OPT_BOOL:
        return "boolean";
    case FIELD_INT32:
    case FIELD_INT64:
    case FIELD_OPT_INT32:
    case FIELD_OPT_INT64:
    case FIELD_INT_LIST:
        return "integer";
    case FIELD_INT_OR_STRING:
        return "IntOrString";
    case FIELD_QUANTITY:
    case FIELD_QUANTITY_MAP:
        return "Quantity";
    case FIELD_TIME:
        return "Time";
    case FIELD_MICRO_TIME:
        return "MicroTime";
    case FIELD_DURATION:
        return "Duration";
    case FIELD_OBJECT:
    case FIELD_POINTER:
    case FIELD_LIST:
        return f->type ? f->type->name : "Object";
    case FIELD_RAW:
        return f->type ? f->type->name : f->schema && strstr(f->schema, "\"object\"") ? "Object" : "any";
    case FIELD_STRING:
    case FIELD_ENUM:
    case FIELD_STRING_LIST:
    case FIELD_STRING_MAP:
    case FIELD_BYTES_MAP:
        break;
    }
    return "string";
}

static void put_enum(struct strbuf *out, const struct api_field *f, const char *before, const char *between)
{
    for (uint32_t i = 0; f->values && f->values[i]; i++)
        strbuf_printf(out, "%s%s", i ? between : before, *f->values[i] ? f->values[i] : "\"\"");
}

static void put_description(struct strbuf *out, const struct api_field *f, size_t indent)
{
    struct strbuf b = STRBUF_INIT;
    strbuf_puts(&b, f->doc && *f->doc ? f->doc : "<no description>");
    if (f->default_text && !strstr(strbuf_str(&b), "efault"))
        strbuf_printf(&b, " Default: %s.", f->default_text);
    put_wrapped(out, strbuf_str(&b), indent);
    strbuf_fini(&b);
}

/* ---- fields ---- */

struct path {
    const struct api_type *types[DEPTH_MAX]; /* from the top: none is entered twice */
    uint32_t count;
};

static void put_fields(struct strbuf *out, const struct api_type *type, struct path *path, bool recursive);

static void put_field(struct strbuf *out, const struct api_field *f, struct path *path, bool recursive)
{
    size_t indent = 2 * (path->count - 1);
    strbuf_fill(out, ' ', indent);
    strbuf_printf(out, "%s\t", f->name);
    put_type(out, f);
    strbuf_puts(out, f->flags & FIELD_REQUIRED ? " -required-" : "");
    strbuf_puts(out, f->flags & FIELD_UNMODELLED ? " -not modelled-" : "");
    if (f->values && f->values[0]) {
        strbuf_putc(out, '\n');
        strbuf_fill(out, ' ', indent);
        put_enum(out, f, "enum: ", ", ");
    }
    strbuf_putc(out, '\n');
    if (!recursive) {
        put_description(out, f, indent + 2);
        strbuf_putc(out, '\n');
    } else if (f->type) {
        put_fields(out, f->type, path, true);
    }
}

static void put_fields(struct strbuf *out, const struct api_type *type, struct path *path, bool recursive)
{
    for (uint32_t i = 0; i < path->count; i++)
        if (path->types[i] == type)
            return;
    if (path->count == DEPTH_MAX)
        return;
    path->types[path->count++] = type;
    for (uint32_t i = 0; i < type->field_count; i++)
        put_field(out, &type->fields[i], path, recursive);
    path->count--;
}

/* ---- paths ---- */

static const struct api_field *find_field(const struct api_type *type, const char *name)
{
    for (uint32_t i = 0; type && i < type->field_count; i++)
        if (strcmp(type->fields[i].name, name) == 0)
            return &type->fields[i];
    return NULL;
}

static const char *closest_field(struct arena *a, const struct api_type *type, const char *name)
{
    const char **names = arena_array(a, const char *, type->field_count);
    for (uint32_t i = 0; i < type->field_count; i++)
        names[i] = type->fields[i].name;
    return diag_closest(name, names, type->field_count);
}

/* The next word of a path; "containers[]", "containers[0]" and "containers[*]" are "containers". */
static const char *next_word(struct arena *a, const char **path)
{
    size_t n = strcspn(*path, ".");
    const char *word = arena_strndup(a, *path, n);
    *path += n + ((*path)[n] == '.');
    return arena_strndup(a, word, strcspn(word, "["));
}

static void put_header(struct strbuf *out, const struct doc_root *root)
{
    const char *version = root->api_version, *slash = version ? strchr(version, '/') : NULL;
    if (slash)
        strbuf_printf(out, "GROUP:      %.*s\n", (int)(slash - version), version);
    strbuf_printf(out, "KIND:       %s\n", root->kind);
    if (version)
        strbuf_printf(out, "VERSION:    %s\n", slash ? slash + 1 : version);
    strbuf_putc(out, '\n');
}

static void put_explanation(struct strbuf *out, const struct doc_root *root, const struct api_field *f,
                            const struct api_type *type, bool recursive)
{
    struct path inside = {.types = {NULL}, .count = 1}; /* fields are indented below their heading */
    put_header(out, root);
    if (f) {
        strbuf_printf(out, "FIELD: %s ", f->name);
        put_type(out, f);
        strbuf_puts(out, f->flags & FIELD_REQUIRED ? " -required-" : "");
        strbuf_puts(out, f->flags & FIELD_UNMODELLED ? " -not modelled-\n" : "\n");
        put_enum(out, f, "ENUM:\n    ", "\n    ");
        strbuf_puts(out, f->values && f->values[0] ? "\n\n" : "\n");
    }
    strbuf_puts(out, "DESCRIPTION:\n");
    if (f)
        put_description(out, f, 4);
    if (type && type->doc && (!f || !f->doc || strcmp(f->doc, type->doc) != 0))
        put_wrapped(out, type->doc, 4);
    if (type && type->field_count) {
        strbuf_puts(out, "\nFIELDS:\n");
        put_fields(out, type, &inside, recursive);
    }
}

int explain_field(struct arena *a, const char *path, bool recursive, struct strbuf *out, struct strbuf *complaint)
{
    struct doc_root root;
    const struct api_field *f = NULL;
    const char *seen = path, *word = next_word(a, &path);
    if (!doc_root_find(word, &root)) {
        const char *close = doc_root_closest(word);
        strbuf_printf(complaint, "there is no kind \"%s\"", word);
        if (close)
            strbuf_printf(complaint, ", did you mean \"%s\"?", close);
        return -1;
    }
    const struct api_type *type = root.type;
    while (*path) {
        int n = (int)(path - seen) - 1;
        word = next_word(a, &path);
        f = find_field(type, word);
        if (!f) {
            const char *close = type ? closest_field(a, type, word) : NULL;
            strbuf_printf(complaint, "field \"%s\" does not exist in %.*s", word, n, seen);
            if (close)
                strbuf_printf(complaint, ", did you mean \"%s\"?", close);
            return -1;
        }
        type = f->type;
    }
    put_explanation(out, &root, f, type, recursive);
    return 0;
}

void explain_roots(struct strbuf *out)
{
    struct doc_root all[DOC_ROOTS_MAX];
    uint32_t count = doc_roots(all);
    strbuf_printf(out, "%-22s  %-29s  %s\n", "NAME", "APIVERSION", "WHAT IT IS");
    for (uint32_t i = 0; i < count; i++)
        strbuf_printf(out, "%-22s  %-29s  %s\n", all[i].name, all[i].api_version ? all[i].api_version : "",
                      all[i].doc ? all[i].doc : "");
}
