/* parameters_fill.c - putting the values of parameters into the scalars of a document.
 *
 * What is filled in remembers how it was written (value.h: struct value_fill), so that every character of it still has
 * a place; and the diagnostics learn which places depend on which values (diag_add_use).
 */
#include <string.h>

#include "model/parameters.h"

static const char opening[] = "${{", closing[] = "}}";
enum { OPENING = sizeof opening - 1, CLOSING = sizeof closing - 1 };

/* One `${{name}}` of a scalar, or one `$${{`. */
struct use {
    size_t from, to;             /* bytes of the text */
    struct parameter *parameter; /* NULL: stands for ${{ */
};

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n'; }

static struct src_pos use_pos(const struct parameters *p, const struct value *v, size_t from, size_t to)
{
    struct src_pos at = value_pos_at(v, p->diags, from);
    at.length = 0;
    for (size_t i = from; i < to; i++)
        at.length += ((unsigned char)v->text[i] & 0xc0) != 0x80;
    return at;
}

/* The use that begins at *from, behind which *from is then. False after an error. */
static bool read_use(struct parameters *p, const struct value *v, size_t *from, struct use *ret)
{
    const char *start = v->text + *from, *name = start + OPENING, *end = strstr(name, closing);
    if (*from > 0 && start[-1] == '$') {
        *ret = (struct use){*from - 1, *from + OPENING, NULL};
        *from += OPENING;
        return true;
    }
    if (!end) {
        diag_error_suggest(p->diags, use_pos(p, v, *from, *from + OPENING), "write $${{ for the text ${{ itself",
                           "${{ without }}: want the name of a parameter, as in ${{name}}");
        *from += OPENING;
        return false;
    }
    *ret = (struct use){*from, (size_t)(end - v->text) + CLOSING, NULL};
    *from = ret->to;
    while (is_blank(*name))
        name++;
    while (end > name && is_blank(end[-1]))
        end--;
    const char *word = arena_strndup(p->arena, name, (size_t)(end - name));
    ret->parameter = parameters_find(p, word, use_pos(p, v, ret->from, ret->to));
    return ret->parameter != NULL;
}

/* All of a scalar's. */
static uint32_t read_uses(struct parameters *p, const struct value *v, struct use **ret)
{
    uint32_t places = 0, count = 0;
    bool wrong = false;
    for (const char *s = v->text; (s = strstr(s, opening)); s += OPENING)
        places++;
    *ret = arena_array(p->arena, struct use, places + 1);
    for (size_t at = 0;;) {
        const char *next = strstr(v->text + at, opening);
        if (!next)
            break;
        at = (size_t)(next - v->text);
        if (read_use(p, v, &at, &(*ret)[count]))
            count++;
        else
            wrong = true;
    }
    if (wrong)
        diag_mute(p->diags, v->at, value_pos_at(v, p->diags, strlen(v->text)));
    return count;
}

/* Whatever is reported about the scalar shows the value, too. */
static void announce(struct parameters *p, const struct value *v, const struct use *u)
{
    const struct value *value = u->parameter->value;
    struct src_pos end = value_pos_at(v, p->diags, strlen(v->text));
    u->parameter->used = true;
    if (u->parameter->wrong) {
        diag_mute(p->diags, v->at, end);
        return;
    }
    const char *note = arena_printf(p->arena, "parameter %s is %s%s", u->parameter->name, parameter_text(value),
                                    value->at.line ? ", from here" : ", from --set");
    const struct diag_use use = {
        .from = v->at, .to = end, .place = use_pos(p, v, u->from, u->to), .note_at = value->at, .note = note};
    if (v->at.line)
        diag_add_use(p->diags, &use);
}

static void fill_text(struct parameters *p, struct value *filled, const struct value *v, const struct use *uses,
                      uint32_t count)
{
    struct value_fill *fill = arena_new(p->arena, struct value_fill);
    struct value_piece *pieces = arena_array(p->arena, struct value_piece, count);
    struct strbuf b = STRBUF_INIT;
    size_t from = 0;
    for (uint32_t i = 0; i < count; i++) {
        strbuf_add(&b, v->text + from, uses[i].from - from);
        pieces[i] = (struct value_piece){.written_from = (uint32_t)uses[i].from, .written_to = (uint32_t)uses[i].to};
        pieces[i].from = (uint32_t)b.len;
        strbuf_puts(&b, uses[i].parameter ? parameter_text(uses[i].parameter->value) : opening);
        pieces[i].to = (uint32_t)b.len;
        from = uses[i].to;
    }
    strbuf_puts(&b, v->text + from);
    *fill = (struct value_fill){.text = v->text, .pieces = pieces, .count = count};
    filled->text = arena_strdup(p->arena, strbuf_str(&b));
    filled->fill = fill;
    filled->type = v->quoted ? VALUE_STRING : value_resolve(filled->text, &filled->integer, &filled->boolean);
    strbuf_fini(&b);
}

static const struct value *fill_scalar(struct parameters *p, const struct value *v)
{
    struct use *uses;
    uint32_t count = v->text && strstr(v->text, opening) ? read_uses(p, v, &uses) : 0;
    if (count == 0)
        return v;
    struct value *filled = arena_new(p->arena, struct value);
    *filled = *v;
    fill_text(p, filled, v, uses, count);
    for (uint32_t i = 0; i < count; i++)
        if (uses[i].parameter)
            announce(p, v, &uses[i]);
    if (uses[0].parameter && uses[0].from == 0 && v->text[uses[0].to] == '\0') { /* nothing else: with its type */
        const struct value *value = uses[0].parameter->value;
        filled->type = value->type;
        filled->quoted = value->quoted;
        if (value->type == VALUE_BOOL)
            filled->boolean = value->boolean;
        else if (value->type == VALUE_INT)
            filled->integer = value->integer;
    }
    return filled;
}

static const struct value *fill_list(struct parameters *p, const struct value *v)
{
    const struct value **items = NULL;
    for (uint32_t i = 0; i < v->count; i++) {
        const struct value *item = parameters_fill(p, v->items[i]);
        if (item == v->items[i])
            continue;
        if (!items) {
            items = arena_array(p->arena, const struct value *, v->count);
            memcpy(items, v->items, v->count * sizeof *items);
        }
        items[i] = item;
    }
    if (!items)
        return v;
    struct value *filled = arena_new(p->arena, struct value);
    *filled = *v;
    filled->items = items;
    return filled;
}

static const struct value *fill_map(struct parameters *p, const struct value *v)
{
    struct value_entry *entries = NULL;
    for (uint32_t i = 0; i < v->count; i++) {
        const struct value *value = parameters_fill(p, v->entries[i].value);
        if (strstr(v->entries[i].key, opening))
            diag_error(p->diags, v->entries[i].key_at, "a parameter cannot be part of a key, only of a value");
        if (value == v->entries[i].value)
            continue;
        if (!entries) {
            entries = arena_array(p->arena, struct value_entry, v->count);
            memcpy(entries, v->entries, v->count * sizeof *entries);
        }
        entries[i].value = value;
    }
    if (!entries)
        return v;
    struct value *filled = arena_new(p->arena, struct value);
    *filled = *v;
    filled->entries = entries;
    return filled;
}

const struct value *parameters_fill(struct parameters *p, const struct value *v)
{
    if (p->list.count == 0)
        return v;
    return v->type == VALUE_LIST ? fill_list(p, v) : v->type == VALUE_MAP ? fill_map(p, v) : fill_scalar(p, v);
}

void parameters_warn_unused(const struct parameters *p)
{
    for (uint32_t i = 0; i < p->list.count; i++)
        if (!p->list.items[i].used)
            diag_report(p->diags, CODE_UNUSED, p->list.items[i].at, NULL,
                        "parameter \"%s\" is not used: write ${{%s}} where it belongs", p->list.items[i].name,
                        p->list.items[i].name);
}
