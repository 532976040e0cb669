/* jsonpath.c - templates against objects. k8s client-go util/jsonpath/jsonpath.go; comparisons: third_party/forked/
 * golang/template/funcs.go.
 *
 * A list of values goes in at each step, a list comes out. Many steps of .. can make very many values: more than
 * STEPS_MAX of them is an error of its own.
 */
#include <stdlib.h>
#include <string.h>

#include "model/jsonpath_private.h"

enum { STEPS_MAX = 1000 * 1000 };

/* Values in order. NULL ends those of one action: they are printed with blanks between. */
struct values {
    const struct value **items;
    uint32_t count, room;
};

struct jsonpath_run {
    const struct jsonpath *path;
    struct arena *arena;
    const char *error;
    uint32_t steps;
    uint32_t begin_range, in_range, end_range; /* as in jsonpath.go */
    uint32_t last_end;                         /* index of the root's node that ended a range last */
};

static int fail(struct jsonpath_run *r, const char *text)
{
    r->error = r->error ? r->error : text;
    return -1;
}

static int push(struct jsonpath_run *r, struct values *to, const struct value *v)
{
    if (++r->steps > STEPS_MAX)
        return fail(r, "more than 1000000 values on the way");
    if (to->count == to->room) {
        const struct value **old = to->items;
        to->room = to->room ? 2 * to->room : 8;
        to->items = arena_array(r->arena, const struct value *, to->room);
        if (to->count)
            memcpy(to->items, old, to->count * sizeof *old);
    }
    to->items[to->count++] = v;
    return 0;
}

static struct value *make(struct jsonpath_run *r, enum value_type type)
{
    struct value *v = arena_new(r->arena, struct value);
    *v = (struct value){.type = type, .at = SRC_POS_NONE, .text = ""};
    return v;
}

static const char *go_type(const struct value *v)
{
    static const char *const names[] = {
        [VALUE_NULL] = "<nil>",
        [VALUE_BOOL] = "bool",
        [VALUE_INT] = "int64",
        [VALUE_FLOAT] = "float64",
        [VALUE_STRING] = "string",
        [VALUE_LIST] = "[]interface {}",
        [VALUE_MAP] = "map[string]interface {}",
    };
    return names[v->type];
}

static int compare_entries(const void *a, const void *b)
{
    return strcmp((*(const struct value_entry *const *)a)->key, (*(const struct value_entry *const *)b)->key);
}

/* Go's %v. */
static void put_go(struct jsonpath_run *r, struct strbuf *b, const struct value *v)
{
    if (v->type == VALUE_LIST) {
        strbuf_putc(b, '[');
        for (uint32_t i = 0; i < v->count; i++) {
            strbuf_puts(b, i ? " " : "");
            put_go(r, b, v->items[i]);
        }
        strbuf_putc(b, ']');
    } else if (v->type == VALUE_MAP) {
        const struct value_entry **sorted = arena_array(r->arena, const struct value_entry *, v->count + 1);
        for (uint32_t i = 0; i < v->count; i++)
            sorted[i] = &v->entries[i];
        qsort(sorted, v->count, sizeof *sorted, compare_entries);
        strbuf_puts(b, "map[");
        for (uint32_t i = 0; i < v->count; i++) {
            strbuf_printf(b, "%s%s:", i ? " " : "", sorted[i]->key);
            put_go(r, b, sorted[i]->value);
        }
        strbuf_putc(b, ']');
    } else if (v->type == VALUE_NULL) {
        strbuf_puts(b, "<nil>");
    } else if (v->type == VALUE_INT) {
        strbuf_int(b, v->integer);
    } else {
        strbuf_puts(b, v->type == VALUE_BOOL ? (v->boolean ? "true" : "false") : v->text);
    }
}

/* ---- steps ---- */

static int eval_field(struct jsonpath_run *r, const struct jsonpath_node *n, const struct values *in,
                      struct values *out)
{
    for (uint32_t i = 0; i < in->count; i++) {
        const struct value *found = value_get(in->items[i], n->text);
        if (++r->steps > STEPS_MAX || (found && push(r, out, found) < 0))
            return fail(r, "more than 1000000 values on the way");
    }
    return 0;
}

static int out_of_bounds(struct jsonpath_run *r, int64_t index, int64_t length)
{
    return fail(r,
                arena_printf(r->arena, "array index out of bounds: index %" PRId64 ", length %" PRId64, index, length));
}

static int slice(struct jsonpath_run *r, const struct jsonpath_param *params, const struct value *v, struct values *out)
{
    int64_t length = v->count, from = params[0].known ? params[0].value : 0;
    int64_t to = params[1].known ? params[1].value : length, step = params[2].known ? params[2].value : 1;
    from += from < 0 ? length : 0;
    to += to < 0 || (to == 0 && params[1].derived) ? length : 0;
    if (from == to)
        return 0;
    if (from >= length || from < 0)
        return out_of_bounds(r, from, length);
    if (to > length || to < 0)
        return out_of_bounds(r, to - 1, length);
    if (from > to)
        return fail(
            r, arena_printf(r->arena, "starting index %" PRId64 " is greater than ending index %" PRId64, from, to));
    if (step <= 0)
        return fail(r, "step must be > 0");
    for (int64_t i = from; i < to; i = step < to - i ? i + step : to)
        if (push(r, out, v->items[i]) < 0)
            return -1;
    return 0;
}

static int eval_array(struct jsonpath_run *r, const struct jsonpath_node *n, const struct values *in,
                      struct values *out)
{
    for (uint32_t i = 0; i < in->count; i++) {
        const struct value *v = in->items[i];
        if (v->type == VALUE_NULL)
            continue;
        if (v->type != VALUE_LIST)
            return fail(r, arena_printf(r->arena, "%s is not array or slice", go_type(v)));
        if (slice(r, n->params, v, out) < 0)
            return -1;
    }
    return 0;
}

/* The bytes of a text are its elements, as in Go. */
static int push_children(struct jsonpath_run *r, const struct value *v, struct values *out)
{
    bool text = v->type == VALUE_STRING;
    uint32_t count = text ? (uint32_t)strlen(v->text) : v->type == VALUE_LIST || v->type == VALUE_MAP ? v->count : 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct value *child;
        if (text) {
            struct value *byte = make(r, VALUE_INT);
            byte->integer = (unsigned char)v->text[i];
            child = byte;
        } else {
            child = v->type == VALUE_MAP ? v->entries[i].value : v->items[i];
        }
        if (push(r, out, child) < 0)
            return -1;
    }
    return 0;
}

static int eval_wildcard(struct jsonpath_run *r, const struct values *in, struct values *out)
{
    for (uint32_t i = 0; i < in->count; i++)
        if (push_children(r, in->items[i], out) < 0)
            return -1;
    return 0;
}

/* Everything that has something below it, and all that is below. */
static int eval_recursive(struct jsonpath_run *r, const struct values *in, struct values *out)
{
    for (uint32_t i = 0; i < in->count; i++) {
        const struct value *v = in->items[i];
        struct values children = {0};
        if (v->type == VALUE_STRING && *v->text) { /* bytes have nothing below them */
            if (push(r, out, v) < 0)
                return -1;
            continue;
        }
        if (push_children(r, v, &children) < 0 ||
            (children.count && (push(r, out, v) < 0 || eval_recursive(r, &children, out) < 0)))
            return -1;
    }
    return 0;
}

static int eval_nodes(struct jsonpath_run *r, const jsonpath_nodes *nodes, const struct values *in, struct values *out);

static int eval_union(struct jsonpath_run *r, const struct jsonpath_node *n, const struct values *in,
                      struct values *out)
{
    for (uint32_t i = 0; i < n->list.count; i++) {
        struct values part = {0};
        if (eval_nodes(r, &n->list.items[i].list, in, &part) < 0)
            return -1;
        for (uint32_t k = 0; k < part.count; k++)
            if (push(r, out, part.items[k]) < 0)
                return -1;
    }
    return 0;
}

static int eval_identifier(struct jsonpath_run *r, const struct jsonpath_node *n, const struct values *in,
                           struct values *out)
{
    if (strcmp(n->text, "range") == 0) {
        r->begin_range++;
        *out = *in;
        return 0;
    }
    if (strcmp(n->text, "end") != 0)
        return fail(r, arena_printf(r->arena, "unrecognized identifier %s", n->text));
    if (r->in_range == 0)
        return fail(r, "not in range, nothing to end");
    r->end_range++;
    return 0;
}

/* ---- filters ---- */

enum basic { BASIC_NONE, BASIC_BOOL, BASIC_INT, BASIC_FLOAT, BASIC_STRING };

static enum basic basic_kind(const struct value *v)
{
    static const enum basic kinds[] = {
        [VALUE_BOOL] = BASIC_BOOL,     [VALUE_INT] = BASIC_INT,   [VALUE_FLOAT] = BASIC_FLOAT,
        [VALUE_STRING] = BASIC_STRING, [VALUE_NULL] = BASIC_NONE, [VALUE_LIST] = BASIC_NONE,
        [VALUE_MAP] = BASIC_NONE};
    return kinds[v->type];
}

/* -1, 0 or 1 */
static int order_of(struct jsonpath_run *r, const struct value *a, const struct value *b)
{
    struct quantity x = {0}, y = {0};
    int order = 0;
    switch (basic_kind(a)) {
    case BASIC_BOOL:
        return a->boolean - b->boolean;
    case BASIC_INT:
        return (a->integer > b->integer) - (a->integer < b->integer);
    case BASIC_STRING:
        order = strcmp(a->text, b->text);
        return (order > 0) - (order < 0);
    case BASIC_FLOAT:
    case BASIC_NONE:
        break;
    }
    if (quantity_parse(r->arena, a->text, &x) || quantity_parse(r->arena, b->text, &y))
        return strcmp(a->text, b->text) != 0;
    return quantity_compare(&x, &y);
}

static int compare(struct jsonpath_run *r, const char *op, const struct value *left, const struct value *right,
                   bool *ret)
{
    bool equality = strcmp(op, "==") == 0 || strcmp(op, "!=") == 0;
    if (basic_kind(left) == BASIC_NONE || basic_kind(right) == BASIC_NONE)
        return fail(r, "invalid type for comparison");
    if (basic_kind(left) != basic_kind(right))
        return fail(r, "incompatible types for comparison");
    if (!equality && basic_kind(left) == BASIC_BOOL)
        return fail(r, "invalid type for comparison");
    int order = order_of(r, left, right);
    bool equal = op[1] == '=' && order == 0;
    *ret = *op == '<' ? order < 0 || equal : *op == '>' ? order > 0 || equal : (order == 0) == (*op == '=');
    return 0;
}

static bool is_comparison(const char *op)
{
    static const char *const known[] = {"<", ">", "==", "!=", "<=", ">="};
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (strcmp(op, known[i]) == 0)
            return true;
    return false;
}

static int passes(struct jsonpath_run *r, const struct jsonpath_node *n, const struct value *item, bool *ret)
{
    struct values in = {0}, left = {0}, right = {0};
    *ret = false;
    if (push(r, &in, item) < 0)
        return -1;
    int result = eval_nodes(r, &n->list, &in, &left);
    if (!n->text) { /* exists: what goes wrong there is not there */
        *ret = left.count > 0;
        r->error = r->steps > STEPS_MAX ? r->error : NULL;
        return r->error ? -1 : 0;
    }
    if (result < 0)
        return -1;
    if (left.count == 0)
        return 0;
    if (left.count > 1)
        return fail(r, "can only compare one element at a time");
    if (eval_nodes(r, &n->right, &in, &right) < 0)
        return -1;
    if (right.count == 0)
        return 0;
    if (right.count > 1)
        return fail(r, "can only compare one element at a time");
    if (!is_comparison(n->text))
        return fail(r, arena_printf(r->arena, "unrecognized filter operator %s", n->text));
    return compare(r, n->text, left.items[0], right.items[0], ret);
}

static int not_filterable(struct jsonpath_run *r, const struct value *v)
{
    struct strbuf b = STRBUF_INIT;
    put_go(r, &b, v);
    fail(r, arena_printf(r->arena, "%s is not array or slice and cannot be filtered", strbuf_str(&b)));
    strbuf_fini(&b);
    return -1;
}

static int eval_filter(struct jsonpath_run *r, const struct jsonpath_node *n, const struct values *in,
                       struct values *out)
{
    for (uint32_t i = 0; i < in->count; i++) {
        const struct value *v = in->items[i];
        if (v->type != VALUE_LIST)
            return not_filterable(r, v);
        for (uint32_t k = 0; k < v->count; k++) {
            bool pass;
            if (passes(r, n, v->items[k], &pass) < 0 || (pass && push(r, out, v->items[k]) < 0))
                return -1;
        }
    }
    return 0;
}

/* ---- nodes ---- */

/* A number for each value that comes in, a text once. */
static int eval_literal(struct jsonpath_run *r, const struct jsonpath_node *n, const struct values *in,
                        struct values *out)
{
    uint32_t count = n->value->type == VALUE_STRING ? 1 : in->count;
    for (uint32_t i = 0; i < count; i++)
        if (push(r, out, n->value) < 0)
            return -1;
    return 0;
}

static int eval_node(struct jsonpath_run *r, const struct jsonpath_node *n, const struct values *in, struct values *out)
{
    switch (n->kind) {
    case JSONPATH_LIST:
        return eval_nodes(r, &n->list, in, out);
    case JSONPATH_LITERAL:
        return eval_literal(r, n, in, out);
    case JSONPATH_FIELD:
        return eval_field(r, n, in, out);
    case JSONPATH_ARRAY:
        return eval_array(r, n, in, out);
    case JSONPATH_FILTER:
        return eval_filter(r, n, in, out);
    case JSONPATH_WILDCARD:
        return eval_wildcard(r, in, out);
    case JSONPATH_RECURSIVE:
        return eval_recursive(r, in, out);
    case JSONPATH_UNION:
        return eval_union(r, n, in, out);
    case JSONPATH_IDENTIFIER:
        break;
    }
    return eval_identifier(r, n, in, out);
}

static int eval_nodes(struct jsonpath_run *r, const jsonpath_nodes *nodes, const struct values *in, struct values *out)
{
    struct values now = *in;
    for (uint32_t i = 0; i < nodes->count; i++) {
        struct values next = {0};
        if (eval_node(r, &nodes->items[i], &now, &next) < 0)
            return -1;
        now = next;
    }
    *out = now;
    return 0;
}

/* ---- the whole ---- */

static int find_from(struct jsonpath_run *r, const struct value *v, uint32_t first, struct values *out);

/* The rest of the template for each value; then it goes on behind the {end} that ended it. */
static int run_range(struct jsonpath_run *r, const struct values *over, uint32_t *i, struct values *out)
{
    struct values ignored = {0};
    r->begin_range--;
    r->in_range++;
    for (uint32_t k = 0; k < over->count; k++)
        if (find_from(r, over->items[k], *i + 1, out) < 0)
            return -1;
    if (over->count == 0 && find_from(r, make(r, VALUE_NULL), *i + 1, &ignored) < 0)
        return -1;
    r->in_range--;
    if (r->last_end > *i)
        *i = r->last_end;
    return 0;
}

static int find_from(struct jsonpath_run *r, const struct value *v, uint32_t first, struct values *out)
{
    struct values in = {0};
    if (push(r, &in, v) < 0)
        return -1;
    for (uint32_t i = first; i < r->path->root.count; i++) {
        struct values found = {0};
        if (eval_node(r, &r->path->root.items[i], &in, &found) < 0)
            return -1;
        if (r->end_range > 0 && r->end_range <= r->in_range) {
            r->end_range--;
            r->last_end = i;
            break;
        }
        if (r->begin_range > 0) {
            if (run_range(r, &found, &i, out) < 0)
                return -1;
            continue;
        }
        for (uint32_t k = 0; k < found.count; k++)
            if (push(r, out, found.items[k]) < 0)
                return -1;
        if (push(r, out, NULL) < 0)
            return -1;
    }
    return 0;
}

static int find(const struct jsonpath *p, struct arena *a, const struct value *v, struct values *out,
                const char **ret_error)
{
    struct jsonpath_run r = {.path = p, .arena = a};
    *out = (struct values){0};
    int result = find_from(&r, v, 0, out);
    if (result < 0 && ret_error)
        *ret_error = r.error;
    return result;
}

static void put_value(struct strbuf *out, const struct value *v)
{
    switch (v->type) {
    case VALUE_STRING:
    case VALUE_FLOAT:
        strbuf_puts(out, v->text);
        break;
    case VALUE_NULL:
    case VALUE_BOOL:
    case VALUE_INT:
    case VALUE_LIST:
    case VALUE_MAP:
        value_write_json(v, out, 0);
        break;
    }
}

int jsonpath_print(const struct jsonpath *p, struct arena *a, const struct value *v, struct strbuf *out,
                   const char **ret_error)
{
    struct values found;
    if (find(p, a, v, &found, ret_error) < 0)
        return -1;
    for (uint32_t i = 0; i < found.count; i++) {
        if (!found.items[i])
            continue;
        put_value(out, found.items[i]);
        if (found.items[i + 1]) /* each action's values end in a NULL */
            strbuf_putc(out, ' ');
    }
    return 0;
}

int jsonpath_print_json(const struct jsonpath *p, struct arena *a, const struct value *v, struct strbuf *out,
                        const char **ret_error)
{
    enum { INDENT = 4 };
    struct values found;
    if (find(p, a, v, &found, ret_error) < 0)
        return -1;
    for (uint32_t i = 0, from = 0; i < found.count; i++) {
        if (found.items[i])
            continue;
        struct value list = {.type = VALUE_LIST, .items = found.items + from, .count = i - from};
        value_write_json(&list, out, INDENT);
        strbuf_putc(out, '\n');
        from = i + 1;
    }
    return 0;
}

int jsonpath_find(const struct jsonpath *p, struct arena *a, const struct value *v, struct jsonpath_values *ret,
                  const char **ret_error)
{
    struct values found;
    uint32_t kept = 0;
    if (find(p, a, v, &found, ret_error) < 0)
        return -1;
    for (uint32_t i = 0; i < found.count; i++)
        if (found.items[i])
            found.items[kept++] = found.items[i];
    *ret = (struct jsonpath_values){found.items, kept};
    return 0;
}
