#include "tests/prop/shrink.h"

#include <string.h>

#include "model/apitype.h"
#include "sim/arena.h"

struct node {
    struct node *parent;
    const char *key; /* in a map */
    enum value_type type;
    const char *text; /* of a scalar */
    bool manifest;    /* a scalar whose text is itself a document: its root is the only child */
    bool gone;
    struct node **children;
    uint32_t count;
};

struct job {
    struct arena arena, scratch;
    struct node root; /* a list of documents */
    shrink_fails *fails;
    void *ctx;
    uint32_t left, asked;
};

/* ---- from text to nodes and back ---- */

static struct node *make(struct job *j, struct node *parent, const char *key, const struct value *v);

static void add_children(struct job *j, struct node *n, uint32_t count)
{
    n->children = arena_array(&j->arena, struct node *, count ? count : 1);
    n->count = count;
}

/* A file under spec.manifests. */
static void try_manifest(struct job *j, struct node *n)
{
    struct diag_set diags;
    struct document_list documents;
    diag_init(&diags);
    if (n->text && strchr(n->text, '\n') &&
        value_parse(&j->arena, &diags, "manifest", n->text, strlen(n->text), &documents) == 0 && documents.count == 1 &&
        documents.items[0].root->type == VALUE_MAP) {
        n->manifest = true;
        add_children(j, n, 1);
        n->children[0] = make(j, n, NULL, documents.items[0].root);
    }
    diag_fini(&diags);
}

static struct node *make(struct job *j, struct node *parent, const char *key, const struct value *v)
{
    struct node *n = arena_new(&j->arena, struct node);
    *n = (struct node){.parent = parent, .key = key, .type = v->type, .text = v->text};
    if (v->type != VALUE_LIST && v->type != VALUE_MAP) {
        if (v->type == VALUE_STRING)
            try_manifest(j, n);
        return n;
    }
    add_children(j, n, v->count);
    for (uint32_t i = 0; i < v->count; i++)
        n->children[i] =
            v->type == VALUE_LIST ? make(j, n, NULL, v->items[i]) : make(j, n, v->entries[i].key, v->entries[i].value);
    return n;
}

static const struct value *back(struct job *j, const struct node *n);

static const struct value *back_manifest(struct job *j, const struct node *n)
{
    struct strbuf b = STRBUF_INIT;
    struct value *v = arena_new(&j->scratch, struct value);
    value_write_yaml(back(j, n->children[0]), &b, 0);
    *v = (struct value){.type = VALUE_STRING, .text = arena_strdup(&j->scratch, strbuf_str(&b))};
    strbuf_fini(&b);
    return v;
}

static const struct value *back(struct job *j, const struct node *n)
{
    if (n->manifest)
        return back_manifest(j, n);
    struct value *v = arena_new(&j->scratch, struct value);
    *v = (struct value){.type = n->type, .text = n->text};
    if (n->type == VALUE_BOOL || n->type == VALUE_INT) {
        int64_t integer = 0;
        bool boolean = false;
        value_resolve(n->text, &integer, &boolean);
        if (n->type == VALUE_BOOL)
            v->boolean = boolean;
        else
            v->integer = integer;
    }
    if (n->type != VALUE_LIST && n->type != VALUE_MAP)
        return v;
    const struct value **items = arena_array(&j->scratch, const struct value *, n->count + 1);
    struct value_entry *entries = arena_array(&j->scratch, struct value_entry, n->count + 1);
    for (uint32_t i = 0; i < n->count; i++) {
        const struct node *c = n->children[i];
        if (c->gone)
            continue;
        items[v->count] = back(j, c);
        entries[v->count] = (struct value_entry){.key = c->key, .value = items[v->count]};
        v->count++;
    }
    if (n->type == VALUE_LIST)
        v->items = items;
    else
        v->entries = entries;
    return v;
}

static void print(struct job *j, struct strbuf *out)
{
    bool first = true;
    arena_reset(&j->scratch);
    for (uint32_t i = 0; i < j->root.count; i++) {
        if (j->root.children[i]->gone)
            continue;
        strbuf_puts(out, first ? "" : "---\n");
        first = false;
        value_write_yaml(back(j, j->root.children[i]), out, 0);
        if (out->len && out->data[out->len - 1] != '\n')
            strbuf_putc(out, '\n');
    }
}

static bool still_fails(struct job *j)
{
    if (j->left == 0)
        return false;
    j->left--;
    j->asked++;
    struct strbuf b = STRBUF_INIT;
    print(j, &b);
    bool fails = j->fails(j->ctx, strbuf_str(&b), b.len);
    strbuf_fini(&b);
    return fails;
}

/* ---- leaving out ---- */

static void mark(struct node *n, uint32_t from, uint32_t to, bool gone)
{
    for (uint32_t i = from; i < to; i++)
        n->children[i]->gone = gone;
}

/* Children [from, to) of what is still there: all at once, or each half on its own. */
static bool leave_out(struct job *j, struct node *n, const uint32_t *alive, uint32_t from, uint32_t to)
{
    if (from >= to)
        return false;
    for (uint32_t i = from; i < to; i++)
        mark(n, alive[i], alive[i] + 1, true);
    if (still_fails(j))
        return true;
    for (uint32_t i = from; i < to; i++)
        mark(n, alive[i], alive[i] + 1, false);
    if (to - from == 1)
        return false;
    uint32_t middle = from + (to - from) / 2;
    bool right = leave_out(j, n, alive, middle, to);
    return leave_out(j, n, alive, from, middle) || right;
}

static bool leave_out_children(struct job *j, struct node *n)
{
    uint32_t *alive = arena_array(&j->arena, uint32_t, n->count + 1), count = 0;
    for (uint32_t i = 0; i < n->count; i++)
        if (!n->children[i]->gone)
            alive[count++] = i;
    return !n->manifest && leave_out(j, n, alive, 0, count);
}

/* One level of the tree at a time: what stands high up goes first. */
static bool leave_out_level(struct job *j, struct node *n, int depth, bool *ret_deeper)
{
    bool changed = false;
    if (n->gone)
        return false;
    if (depth == 0) {
        *ret_deeper |= n->count > 0;
        return leave_out_children(j, n);
    }
    for (uint32_t i = 0; i < n->count; i++)
        changed |= leave_out_level(j, n->children[i], depth - 1, ret_deeper);
    return changed;
}

/* ---- making simpler ---- */

/* 0 = as short as it gets. Numbers with a unit ("12.3s", "500m") keep it. */
static const char *smaller_number(struct job *j, const char *text, int step)
{
    const char *unit = text;
    uint32_t whole = 0;
    for (; *unit >= '0' && *unit <= '9' && unit - text < 9; unit++)
        whole = whole * 10 + (uint32_t)(*unit - '0');
    bool fraction = *unit == '.';
    if (unit == text || (whole == 0 && !fraction))
        return NULL;
    while (fraction && (*unit == '.' || (*unit >= '0' && *unit <= '9')))
        unit++;
    const uint32_t steps[] = {0, 1, 10, whole / 2, whole - whole % 10, whole - 1, whole};
    if (step >= (int)ARRAY_LEN(steps) || (steps[step] >= whole && !fraction))
        return NULL;
    return arena_printf(&j->arena, "%u%s", steps[step], unit);
}

static bool is_number(const struct node *n)
{
    if (n->type == VALUE_INT)
        return true;
    const char *p = n->text;
    if (n->type != VALUE_STRING || *p < '0' || *p > '9')
        return false;
    while ((*p >= '0' && *p <= '9') || *p == '.')
        p++;
    return *p == '\0' || strcmp(p, "s") == 0 || strcmp(p, "ms") == 0 || strcmp(p, "m") == 0;
}

/* The third word of [sh, -c, SCRIPT]. */
static bool is_script(const struct node *n)
{
    const struct node *list = n->parent;
    return list && list->type == VALUE_LIST && list->count == 3 && list->children[2] == n && list->children[1]->text &&
           strcmp(list->children[1]->text, "-c") == 0;
}

static bool try_text(struct job *j, struct node *n, const char *text)
{
    const char *before = n->text;
    if (!text || strcmp(text, before) == 0)
        return false;
    n->text = text;
    if (still_fails(j))
        return true;
    n->text = before;
    return false;
}

static bool simplify(struct job *j, struct node *n)
{
    static const char *const scripts[] = {"sleep 1000", "exit 0", "exit 1", "sleep 5"};
    bool changed = false;
    if (n->gone)
        return false;
    for (uint32_t i = 0; i < n->count; i++)
        changed |= simplify(j, n->children[i]);
    if (n->count || n->manifest || !n->text)
        return changed;
    for (int step = 0; is_number(n) && step < 7; step++) {
        const char *text = smaller_number(j, n->text, step);
        if (text && try_text(j, n, text)) {
            changed = true;
            break;
        }
    }
    bool simple = false;
    for (size_t i = 0; i < ARRAY_LEN(scripts); i++)
        simple |= strcmp(n->text, scripts[i]) == 0;
    for (size_t i = 0; is_script(n) && !simple && i < ARRAY_LEN(scripts); i++)
        simple = try_text(j, n, scripts[i]), changed |= simple;
    return changed;
}

uint32_t shrink(const char *text, size_t len, shrink_fails *fails, void *ctx, uint32_t budget, struct strbuf *out)
{
    struct job j = {.fails = fails, .ctx = ctx, .left = budget};
    struct diag_set diags;
    struct document_list documents;
    arena_init(&j.arena, 0);
    arena_init(&j.scratch, 0);
    diag_init(&diags);
    j.root.type = VALUE_LIST;
    if (value_parse(&j.arena, &diags, "scenario", text, len, &documents) == 0) {
        add_children(&j, &j.root, documents.count);
        for (uint32_t i = 0; i < documents.count; i++)
            j.root.children[i] = make(&j, &j.root, NULL, documents.items[i].root);
        bool changed = still_fails(&j); /* also after printing: else there is nothing to do */
        while (changed) {
            changed = false;
            bool deeper = true;
            for (int depth = 0; deeper; depth++) {
                deeper = false;
                changed |= leave_out_level(&j, &j.root, depth, &deeper);
            }
            changed |= simplify(&j, &j.root);
        }
        print(&j, out);
    }
    diag_fini(&diags);
    arena_fini(&j.scratch);
    arena_fini(&j.arena);
    return j.asked;
}
