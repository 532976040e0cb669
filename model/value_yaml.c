/* value_yaml.c - one YAML document into a tree of values with positions, on libyaml's event parser.
 *
 * Left out on purpose: YAML's tags for anything but scalars, and application tags.
 */
#include "model/value_private.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

struct anchor {
    const char *name;
    const struct value *value; /* NULL while it is being read */
    uint32_t weight;           /* nodes that one use of it stands for */
    struct anchor *next;
};

struct yaml_reader {
    struct value_reader *r;
    yaml_parser_t parser;
    struct anchor *anchors; /* newest first */
    uint32_t anchor_count;
    uint32_t depth;
    bool give_up; /* a limit was passed: the rest of the document is not read */
    int result;
};

static struct src_pos mark_pos(struct yaml_reader *y, yaml_mark_t mark)
{
    return value_src_pos(y->r, value_seek(y->r, mark.index), 0);
}

/* Does the part up to `end` hold a line of a shell session? Tutorials show manifests inside of them. */
static bool has_kubectl_line(const struct value_reader *r, size_t end)
{
    static const char word[] = "kubectl ";
    size_t n = sizeof word - 1;
    for (size_t i = r->start.byte; i + n <= end; i++)
        if (memcmp(r->text + i, word, n) == 0)
            return true;
    return false;
}

/* Is there a `${{` in the line, in front of byte `at` or there? In a flow collection its braces are YAML's. */
static bool has_parameter(const struct value_reader *r, size_t at)
{
    size_t from = at < r->len ? at + 1 : r->len;
    while (from > r->start.byte && r->text[from - 1] != '\n')
        from--;
    for (; from + 3 <= r->len && from <= at; from++)
        if (memcmp(r->text + from, "${{", 3) == 0)
            return true;
    return false;
}

/* What a template leaves in the line of byte `at`: `{{ .Values.name }}`. A parameter of podsim's is `${{`. */
static bool has_template(const struct value_reader *r, size_t at)
{
    size_t from = at < r->len ? at : r->len;
    while (from > r->start.byte && r->text[from - 1] != '\n')
        from--;
    for (; from + 2 <= r->len && r->text[from] != '\n'; from++)
        if (memcmp(r->text + from, "{{", 2) == 0 && (from == 0 || r->text[from - 1] != '$'))
            return true;
    return false;
}
static const char template_help[] = "this is a Helm template: give podsim what `helm template` prints";

static bool begins_with_slashes(const struct value_reader *r)
{
    return r->start.byte + 2 <= r->len && memcmp(r->text + r->start.byte, "//", 2) == 0;
}

/* libyaml's message, and a word of help where its own is hard to understand. */
static void report_syntax_error(struct yaml_reader *y)
{
    const yaml_parser_t *p = &y->parser;
    struct text_cursor c = value_seek(y->r, p->problem_mark.index);
    struct src_pos at = value_src_pos(y->r, c, 0);
    char found = c.byte < y->r->len ? y->r->text[c.byte] : '\0';
    const char *problem = p->problem ? p->problem : "not readable", *help = NULL;

    if (has_kubectl_line(y->r, c.byte))
        help = "leave out the shell lines around the manifest";
    else if (strstr(problem, "expected ','") && has_parameter(y->r, c.byte))
        help = "quote it in braces and brackets: \"${{name}}\"";
    else if (has_template(y->r, c.byte))
        help = template_help;
    else if (begins_with_slashes(y->r))
        help = "JSON has no comments; those of YAML begin with #";
    else if (found == '\t')
        help = "a tab cannot indent YAML: use blanks";
    else if (strstr(problem, "cannot start any token"))
        help = "a value that starts with this character must be quoted";
    else if (strstr(problem, "mapping values are not allowed"))
        help = "quote a value that contains ': ', or check the indentation of this line";
    else if (strstr(problem, "expected key") || strstr(problem, "expected '-'") || strstr(problem, "expected ':'") ||
             strstr(problem, "expected <document start>"))
        help = "check the indentation of this line and the one before";

    if (p->context && p->context[0])
        diag_report(y->r->diags, CODE_SYNTAX, at, help, "yaml: %s %s", problem, p->context);
    else
        diag_report(y->r->diags, CODE_SYNTAX, at, help, "yaml: %s", problem);
    bool elsewhere = p->context && p->context_mark.line != p->problem_mark.line;
    if (elsewhere)
        diag_note(y->r->diags, mark_pos(y, p->context_mark), "it started here");
    y->result = -1;
    y->give_up = true;
}

/* The next event; false (nothing to delete) after a syntax error. */
static bool next_event(struct yaml_reader *y, yaml_event_t *ret_event)
{
    if (yaml_parser_parse(&y->parser, ret_event))
        return true;
    report_syntax_error(y);
    return false;
}

static int yaml_error(struct yaml_reader *y, struct src_pos at, const char *message)
{
    y->result = -1;
    return diag_report(y->r->diags, CODE_SYNTAX, at, NULL, "%s", message);
}

/* ---- scalars ---- */

/* Skips `&anchor` and `!tag` in front of a scalar, in any order, as far as `to`. */
static struct text_cursor skip_properties(const struct value_reader *r, struct text_cursor c, size_t to)
{
    while (c.byte < to) {
        char ch = r->text[c.byte];
        if (ch == '&' || ch == '!') {
            while (c.byte < to && !strchr(" \t\r\n", r->text[c.byte]))
                value_cursor_step(&c, r->text, r->len);
        } else if (strchr(" \t\r\n", ch)) {
            value_cursor_step(&c, r->text, r->len);
        } else if (ch == '#') {
            while (c.byte < to && r->text[c.byte] != '\n')
                value_cursor_step(&c, r->text, r->len);
        } else {
            break;
        }
    }
    return c;
}

static enum value_style style_of(yaml_scalar_style_t style)
{
    switch (style) {
    case YAML_SINGLE_QUOTED_SCALAR_STYLE:
        return STYLE_SINGLE_QUOTED;
    case YAML_DOUBLE_QUOTED_SCALAR_STYLE:
        return STYLE_DOUBLE_QUOTED;
    case YAML_LITERAL_SCALAR_STYLE:
        return STYLE_LITERAL;
    case YAML_FOLDED_SCALAR_STYLE:
        return STYLE_FOLDED;
    case YAML_ANY_SCALAR_STYLE:
    case YAML_PLAIN_SCALAR_STYLE:
    default:
        return STYLE_PLAIN;
    }
}

/* Explicit tags, as go-yaml v2 resolve() treats them: the core ones convert, others make a string. */
static void apply_tag(struct yaml_reader *y, struct value *v, const char *tag)
{
    static const char prefix[] = "tag:yaml.org,2002:";
    enum value_type was = value_resolve(v->text, &v->integer, &v->boolean);
    bool core = strncmp(tag, prefix, sizeof prefix - 1) == 0;
    const char *name = core ? tag + sizeof prefix - 1 : "";

    v->type = VALUE_STRING;
    if (strcmp(name, "binary") == 0) {
        size_t len;
        char *bytes = value_base64_decode(y->r->arena, v->text, &len);
        if (!bytes || strlen(bytes) != len)
            yaml_error(y, v->at, "yaml: !!binary value contains invalid base64 data or a NUL");
        else
            v->text = bytes;
        return;
    }
    static const struct {
        const char *name;
        enum value_type type;
    } tags[] = {{"int", VALUE_INT}, {"bool", VALUE_BOOL}, {"null", VALUE_NULL}, {"float", VALUE_FLOAT}};
    for (size_t i = 0; i < ARRAY_LEN(tags); i++) {
        if (strcmp(name, tags[i].name) != 0)
            continue;
        bool number = tags[i].type == VALUE_FLOAT && was == VALUE_INT;
        if (was != tags[i].type && !number) {
            y->result =
                diag_report(y->r->diags, CODE_SYNTAX, v->at, NULL, "yaml: cannot decode `%s` as a !!%s", v->text, name);
            return;
        }
        v->type = was;
    }
}

static const struct value *read_scalar(struct yaml_reader *y, const yaml_event_t *e)
{
    struct value_reader *r = y->r;
    struct text_cursor from = value_seek(r, e->start_mark.index);
    struct text_cursor to = value_seek(r, e->end_mark.index);
    if (e->data.scalar.anchor || e->data.scalar.tag)
        from = skip_properties(r, from, to.byte);
    struct src_pos at = value_src_pos(r, from, value_underline(r, from.byte, to.byte));

    size_t len = e->data.scalar.length;
    const char *text = (const char *)e->data.scalar.value;
    struct value *v = value_new(r, VALUE_STRING, at);
    if (!v) {
        y->give_up = true;
        return NULL;
    }
    if (len > VALUE_SCALAR_BYTES_MAX) {
        y->result = diag_report(r->diags, CODE_TOO_MUCH, at, NULL, "a value of %zu bytes is too long: want at most %d",
                                len, VALUE_SCALAR_BYTES_MAX);
        len = 0;
    }
    if (memchr(text, '\0', len)) {
        yaml_error(y, at, "a NUL character cannot be part of a value");
        len = 0;
    }
    v->text = arena_strndup(r->arena, text, len);
    v->style = style_of(e->data.scalar.style);
    v->quoted = v->style != STYLE_PLAIN;
    v->source_from = (uint32_t)from.byte;
    v->source_to = (uint32_t)to.byte;
    if (e->data.scalar.tag)
        apply_tag(y, v, (const char *)e->data.scalar.tag);
    else if (!v->quoted)
        v->type = value_resolve(v->text, &v->integer, &v->boolean);
    bool has_digit = strpbrk(v->text, "0123456789") != NULL;
    if (v->type == VALUE_FLOAT && !has_digit) {
        yaml_error(y, at, "a number must be finite: JSON has no infinity and no NaN");
        v->type = VALUE_NULL;
    }
    return v;
}

/* ---- anchors, aliases ---- */

static struct anchor *find_anchor(struct yaml_reader *y, const char *name)
{
    for (struct anchor *a = y->anchors; a; a = a->next)
        if (strcmp(a->name, name) == 0)
            return a;
    return NULL;
}

static struct anchor *add_anchor(struct yaml_reader *y, const yaml_char_t *name, struct src_pos at)
{
    if (!name)
        return NULL;
    if (++y->anchor_count > VALUE_ANCHORS_MAX) {
        y->result = diag_report(y->r->diags, CODE_TOO_MUCH, at, NULL,
                                "too many anchors: want at most %d in one document", VALUE_ANCHORS_MAX);
        y->give_up = true;
        return NULL;
    }
    struct anchor *a = arena_new(y->r->arena, struct anchor);
    a->name = arena_strdup(y->r->arena, (const char *)name);
    a->next = y->anchors;
    y->anchors = a;
    return a;
}

/* Each use of an alias counts what it stands for: nested ones multiply, and soon reach the limit. */
static bool charge_alias(struct yaml_reader *y, uint32_t weight, struct src_pos at)
{
    y->r->alias_nodes += weight;
    if (y->r->alias_nodes <= VALUE_ALIAS_NODES_MAX)
        return true;
    y->result =
        diag_report(y->r->diags, CODE_TOO_MUCH, at, NULL,
                    "aliases expand to more than %d values: this looks like an alias bomb", VALUE_ALIAS_NODES_MAX);
    y->give_up = true;
    return false;
}

static const struct value *read_alias(struct yaml_reader *y, const yaml_event_t *e)
{
    const char *name = (const char *)e->data.alias.anchor;
    struct text_cursor from = value_seek(y->r, e->start_mark.index), to = value_seek(y->r, e->end_mark.index);
    struct src_pos at = value_src_pos(y->r, from, value_underline(y->r, from.byte, to.byte));
    const struct anchor *a = find_anchor(y, name);
    if (!a || !a->value) {
        y->result = diag_report(y->r->diags, CODE_SYNTAX, at, NULL,
                                a ? "anchor '%s' value contains itself" : "unknown anchor '%s' referenced", name);
        struct value *nothing = value_new(y->r, VALUE_NULL, at);
        if (nothing)
            nothing->text = "";
        return nothing;
    }
    if (!charge_alias(y, a->weight, at))
        return NULL;
    struct value *v = value_new(y->r, VALUE_NULL, at);
    if (!v)
        return NULL;
    *v = *a->value;
    v->alias_at = at;
    return v;
}

/* ---- collections ---- */

static const struct value *read_node(struct yaml_reader *y, yaml_event_t *e);

static uint32_t weight_of_text(const char *text) { return 1 + (uint32_t)(strlen(text) / 32); }

/* Nodes below v, as one use of an alias to it counts. Aliases inside were charged when they were
 * used; here they count again, because they are expanded again. */
static uint32_t weigh(const struct value *v, uint32_t budget)
{
    if (v->type < VALUE_LIST)
        return weight_of_text(v->text ? v->text : "");
    uint32_t sum = 1;
    for (uint32_t i = 0; i < v->count && sum <= budget; i++)
        sum += weigh(v->type == VALUE_LIST ? v->items[i] : v->entries[i].value, budget - sum);
    return sum;
}

static bool enter(struct yaml_reader *y, struct src_pos at)
{
    if (++y->depth <= VALUE_DEPTH_MAX)
        return true;
    y->result =
        diag_report(y->r->diags, CODE_TOO_MUCH, at, NULL, "nested too deeply: want at most %d levels", VALUE_DEPTH_MAX);
    y->give_up = true;
    return false;
}

static const struct value *read_list(struct yaml_reader *y, const yaml_event_t *start)
{
    struct value *v = value_new(y->r, VALUE_LIST, mark_pos(y, start->start_mark));
    if (!v || !enter(y, v->at)) {
        y->give_up = true;
        return NULL;
    }
    uint32_t base = y->r->stack_count;
    for (;;) {
        yaml_event_t e;
        if (!next_event(y, &e))
            return NULL;
        if (e.type == YAML_SEQUENCE_END_EVENT) {
            yaml_event_delete(&e);
            break;
        }
        const struct value *item = read_node(y, &e);
        if (!item)
            return NULL;
        value_push(y->r, (struct value_entry){.value = item});
    }
    value_close_list(y->r, v, base);
    y->depth--;
    return v;
}

/* `name: {{ .Values.name }}` is a map whose key is a map. */
static const char *key_help(const struct yaml_reader *y, const struct value *key)
{
    size_t at = y->r->start.byte;
    for (uint32_t line = y->r->start.line; line < key->at.line && at < y->r->len; at++)
        line += y->r->text[at] == '\n';
    return has_template(y->r, at) ? template_help : NULL;
}

/* sigs.k8s.io/yaml: keys that are numbers or booleans become their text. */
static const char *key_text(struct yaml_reader *y, const struct value *key)
{
    switch (key->type) {
    case VALUE_STRING:
    case VALUE_FLOAT:
        return key->text;
    case VALUE_BOOL:
        return key->boolean ? "true" : "false";
    case VALUE_INT: {
        char digits[24];
        size_t at = sizeof digits;
        uint64_t rest = key->integer < 0 ? 0 - (uint64_t)key->integer : (uint64_t)key->integer;
        digits[--at] = '\0';
        do
            digits[--at] = (char)('0' + rest % 10);
        while (rest /= 10);
        if (key->integer < 0)
            digits[--at] = '-';
        return arena_strdup(y->r->arena, digits + at);
    }
    case VALUE_NULL:
        yaml_error(y, key->at, "an empty key: want a name before the ':'");
        return NULL;
    case VALUE_LIST:
    case VALUE_MAP:
    default:
        y->result = diag_report(y->r->diags, CODE_SYNTAX, key->at, key_help(y, key),
                                "a map or list cannot be a key: want a name");
        return NULL;
    }
}

static bool has_key(const struct value_entry *entries, uint32_t count, const char *key)
{
    for (uint32_t i = 0; i < count; i++)
        if (entries[i].value && strcmp(entries[i].key, key) == 0)
            return true;
    return false;
}

/* Adds the entries of `from` that the map on the stack does not have: what is written out wins, and of
 * several merged maps the first. */
static void merge_map(struct yaml_reader *y, const struct value *from, uint32_t base, struct src_pos at)
{
    uint32_t have = y->r->stack_count - base;
    if (have + from->count > VALUE_MERGE_ENTRIES_MAX) {
        y->result = diag_report(y->r->diags, CODE_TOO_MUCH, at, NULL, "a merge makes a map of more than %d entries",
                                VALUE_MERGE_ENTRIES_MAX);
        return;
    }
    if (!charge_alias(y, from->count, at))
        return;
    for (uint32_t i = 0; i < from->count; i++) {
        struct value_entry entry = from->entries[i];
        if (has_key(y->r->stack + base, y->r->stack_count - base, entry.key))
            continue;
        struct value *copy = value_new(y->r, VALUE_NULL, at);
        if (!copy) {
            y->give_up = true;
            return;
        }
        *copy = *entry.value;
        if (!copy->alias_at.line)
            copy->alias_at = at;
        entry.value = copy;
        value_push(y->r, entry);
    }
}

static void apply_merge(struct yaml_reader *y, const struct value *source, uint32_t base, struct src_pos at)
{
    if (source->type == VALUE_MAP) {
        merge_map(y, source, base, at);
        return;
    }
    bool maps = source->type == VALUE_LIST;
    for (uint32_t i = 0; maps && i < source->count; i++)
        maps = source->items[i]->type == VALUE_MAP;
    if (!maps) {
        yaml_error(y, source->at, "yaml: map merge requires map or sequence of maps as the value");
        return;
    }
    for (uint32_t i = 0; i < source->count && !y->give_up; i++)
        merge_map(y, source->items[i], base, at);
}

struct merge {
    const struct value *source;
    struct src_pos at;
};
enum { MERGES_MAX = 16 }; /* `<<` keys in one map */

static const struct value *read_map(struct yaml_reader *y, const yaml_event_t *start)
{
    struct value *v = value_new(y->r, VALUE_MAP, mark_pos(y, start->start_mark));
    if (!v || !enter(y, v->at)) {
        y->give_up = true;
        return NULL;
    }
    uint32_t base = y->r->stack_count, merge_count = 0;
    struct merge merges[MERGES_MAX];
    for (;;) {
        yaml_event_t e;
        if (!next_event(y, &e))
            return NULL;
        if (e.type == YAML_MAPPING_END_EVENT) {
            yaml_event_delete(&e);
            break;
        }
        const struct value *key = read_node(y, &e);
        if (!key || !next_event(y, &e))
            return NULL;
        const struct value *value = read_node(y, &e);
        if (!value)
            return NULL;
        bool is_merge = key->type == VALUE_STRING && !key->quoted && strcmp(key->text, "<<") == 0;
        if (is_merge) {
            if (merge_count < MERGES_MAX)
                merges[merge_count++] = (struct merge){value, key->at};
            else
                yaml_error(y, key->at, "too many merge keys in one map");
            continue;
        }
        const char *text = key_text(y, key);
        if (text)
            value_push(y->r, (struct value_entry){.key = text, .key_at = key->at, .value = value});
    }
    /* Duplicates are looked for among what is written out, before merged entries are added. */
    if (value_report_duplicates(y->r, y->r->stack + base, y->r->stack_count - base) != 0)
        y->result = -1;
    for (uint32_t i = 0; i < merge_count && !y->give_up; i++)
        apply_merge(y, merges[i].source, base, merges[i].at);
    uint32_t kept = base;
    for (uint32_t i = base; i < y->r->stack_count; i++)
        if (y->r->stack[i].value)
            y->r->stack[kept++] = y->r->stack[i];
    y->r->stack_count = kept;
    value_close_map(y->r, v, base);
    y->depth--;
    return y->give_up ? NULL : v;
}

/* Consumes `e`. NULL after giving up. */
static const struct value *read_node(struct yaml_reader *y, yaml_event_t *e)
{
    const struct value *v = NULL;
    struct anchor *anchor = NULL;
    switch (e->type) {
    case YAML_ALIAS_EVENT:
        v = read_alias(y, e);
        break;
    case YAML_SCALAR_EVENT:
        anchor = add_anchor(y, e->data.scalar.anchor, mark_pos(y, e->start_mark));
        v = y->give_up ? NULL : read_scalar(y, e);
        break;
    case YAML_SEQUENCE_START_EVENT:
        anchor = add_anchor(y, e->data.sequence_start.anchor, mark_pos(y, e->start_mark));
        v = y->give_up ? NULL : read_list(y, e);
        break;
    case YAML_MAPPING_START_EVENT:
        anchor = add_anchor(y, e->data.mapping_start.anchor, mark_pos(y, e->start_mark));
        v = y->give_up ? NULL : read_map(y, e);
        break;
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_DOCUMENT_START_EVENT:
    case YAML_DOCUMENT_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
    default:
        y->give_up = true;
        break;
    }
    yaml_event_delete(e);
    if (!v)
        y->give_up = true;
    if (anchor && v) {
        anchor->value = v;
        anchor->weight = weigh(v, VALUE_ALIAS_NODES_MAX);
    }
    return v;
}

static void read_yaml_stream(struct yaml_reader *y)
{
    while (!y->give_up) {
        yaml_event_t e;
        if (!next_event(y, &e))
            return;
        if (e.type == YAML_STREAM_END_EVENT) {
            yaml_event_delete(&e);
            return;
        }
        bool is_node = e.type == YAML_SCALAR_EVENT || e.type == YAML_SEQUENCE_START_EVENT ||
                       e.type == YAML_MAPPING_START_EVENT || e.type == YAML_ALIAS_EVENT;
        if (!is_node) {
            if (e.type == YAML_DOCUMENT_START_EVENT) {
                y->anchors = NULL;
                y->anchor_count = 0;
            }
            yaml_event_delete(&e);
            continue;
        }
        const struct value *root = read_node(y, &e);
        if (root && root->type != VALUE_NULL)
            value_add_document(y->r, root);
    }
}

int value_read_yaml_part(struct value_reader *r, size_t end)
{
    struct yaml_reader y = {.r = r};
    if (!yaml_parser_initialize(&y.parser))
        sim_die("out of memory");
    yaml_parser_set_encoding(&y.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&y.parser, (const unsigned char *)r->text + r->start.byte, end - r->start.byte);
    r->at = r->start;
    r->stack_count = 0;
    uint32_t before = r->document_count;
    read_yaml_stream(&y);
    yaml_parser_delete(&y.parser);
    if (y.give_up)
        r->document_count = before; /* half a document would only lead to more messages */
    return y.result;
}
