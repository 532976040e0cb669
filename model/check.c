/* check.c - paths, positions and the API server's error texts. */
#include "model/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct check check_root(struct check_run *run, const struct value *v)
{
    return (struct check){.run = run, .step = CHECK_ROOT, .value = v};
}

struct check check_at(const struct check *c, const char *field)
{
    struct check next = {.run = c->run, .parent = c, .step = CHECK_FIELD, .name = field};
    const struct value_entry *e = value_entry(c->value, field);
    if (e) {
        next.value = e->value;
        next.key_at = e->key_at;
    } else if (c->value && c->value->type != VALUE_MAP && c->type && text_is(c->type->short_field, field)) {
        next.step = CHECK_SHORT;
        next.value = c->value;
        next.key_at = c->key_at;
    }
    return next;
}

/* FIELD_ONE_OR_MORE: the value is its list's only element. */
static bool stands_without_list(const struct check *c) { return c->value && c->value->type != VALUE_LIST; }

struct check check_at_item(const struct check *c, uint32_t index)
{
    struct check next = {.run = c->run, .parent = c, .step = CHECK_ITEM, .index = index};
    if (c->value && c->value->type == VALUE_LIST && index < c->value->count)
        next.value = c->value->items[index];
    if (stands_without_list(c) && index == 0) {
        next.value = c->value;
        next.key_at = c->key_at;
    }
    return next;
}

struct check check_at_key(const struct check *c, const char *key)
{
    struct check next = check_at(c, key);
    next.step = CHECK_MAP_KEY;
    return next;
}

static void add_path(struct strbuf *b, const struct check *c)
{
    if (c->step == CHECK_ROOT) {
        strbuf_puts(b, c->run->path);
        return;
    }
    add_path(b, c->parent);
    if (c->step == CHECK_SHORT || (c->step == CHECK_ITEM && stands_without_list(c->parent)))
        return;
    if (c->step == CHECK_ITEM)
        strbuf_printf(b, "[%" PRIu32 "]", c->index);
    else if (c->step == CHECK_MAP_KEY)
        strbuf_printf(b, "[%s]", c->name);
    else
        strbuf_printf(b, "%s%s", b->len ? "." : "", c->name);
}

const char *check_path(const struct check *c)
{
    struct strbuf b = STRBUF_INIT;
    add_path(&b, c);
    /* k8s field/path.go prints a nil path as <nil>; the API shows an empty one as []. */
    const char *path = arena_strdup(c->run->arena, b.len ? b.data : "[]");
    strbuf_fini(&b);
    return path;
}

/* A map or list that starts on the line below its key is best shown by its key. */
static struct src_pos place_of(const struct check *c)
{
    bool below = c->value->type >= VALUE_LIST && c->key_at.line && c->key_at.line != c->value->at.line;
    return below ? c->key_at : c->value->at;
}

/* What is missing is reported at the key of the nearest value that contains it. */
struct src_pos check_pos(const struct check *c)
{
    if (c->value)
        return place_of(c);
    for (c = c->parent; c; c = c->parent) {
        if (!c->value)
            continue;
        return c->key_at.line ? c->key_at : c->value->at;
    }
    return SRC_POS_NONE;
}

/* A value that came through an alias has two places. */
static void note_alias(const struct check *c)
{
    for (; c; c = c->parent) {
        if (c->value && c->value->alias_at.line) {
            diag_note(c->run->diags, c->value->alias_at, "used here through an alias");
            return;
        }
    }
}

static int vreport(const struct check *c, enum diag_code code, struct src_pos at, const char *suggestion,
                   const char *path, const char *format, va_list args)
{
    char text[1000]; /* long values are cut in messages */
    vsnprintf(text, sizeof text, format, args);
    c->run->result = -1;
    diag_report(c->run->diags, code, at, suggestion, "%s%s%s", path ? path : "", path ? ": " : "", text);
    note_alias(c);
    return -1;
}

int check_report(const struct check *c, const char *suggestion, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vreport(c, CODE_INVALID, check_pos(c), suggestion, check_path(c), format, args);
    va_end(args);
    return -1;
}

int check_report_as(const struct check *c, enum diag_code code, const char *suggestion, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vreport(c, code, check_pos(c), suggestion, check_path(c), format, args);
    va_end(args);
    return -1;
}

int check_report_bare(const struct check *c, enum diag_code code, struct src_pos at, const char *suggestion,
                      const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vreport(c, code, at, suggestion, NULL, format, args);
    va_end(args);
    return -1;
}

/* "Type: value: detail", leaving out what is NULL. */
static int report(const struct check *c, enum diag_code code, const char *suggestion, const char *type,
                  const char *value, const char *detail)
{
    if (detail && !*detail)
        detail = NULL;
    return check_report_as(c, code, suggestion, "%s%s%s%s%s", type, value ? ": " : "", value ? value : "",
                           detail ? ": " : "", detail ? detail : "");
}

/* Go's %q of a string, cut when it is very long. */
static const char *quoted(const struct check *c, const char *value)
{
    enum { SHOWN_MAX = 300 };
    struct strbuf b = STRBUF_INIT;
    size_t len = strlen(value), shown = len <= SHOWN_MAX ? len : SHOWN_MAX;
    while (shown < len && ((unsigned char)value[shown] & 0xc0) == 0x80)
        shown--;
    strbuf_json(&b, arena_strndup(c->run->arena, value, shown));
    if (shown < len)
        strbuf_puts(&b, "...");
    const char *text = arena_strdup(c->run->arena, b.data);
    strbuf_fini(&b);
    return text;
}

int check_required(const struct check *c, const char *detail)
{
    return report(c, CODE_MISSING, NULL, "Required value", NULL, detail);
}

int check_forbidden(const struct check *c, const char *detail)
{
    return report(c, CODE_FORBIDDEN, NULL, "Forbidden", NULL, detail);
}

int check_invalid(const struct check *c, const char *value, const char *detail)
{
    return report(c, CODE_INVALID, NULL, "Invalid value", quoted(c, value), detail);
}

int check_invalid_int(const struct check *c, int64_t value, const char *detail)
{
    return report(c, CODE_INVALID, NULL, "Invalid value", arena_printf(c->run->arena, "%" PRId64, value), detail);
}

int check_invalid_raw(const struct check *c, const char *value, const char *detail)
{
    return report(c, CODE_INVALID, NULL, "Invalid value", value, detail);
}

int check_duplicate(const struct check *c, const char *value)
{
    return report(c, CODE_DUPLICATE, NULL, "Duplicate value", quoted(c, value), NULL);
}

int check_not_found(const struct check *c, const char *value)
{
    return report(c, CODE_NOT_FOUND, NULL, "Not found", quoted(c, value), NULL);
}

int check_too_long(const struct check *c, int64_t max_bytes)
{
    return report(c, CODE_TOO_MUCH, NULL, "Too long", NULL,
                  arena_printf(c->run->arena, "may not be more than %" PRId64 " bytes", max_bytes));
}

int check_too_many(const struct check *c, int64_t count, int64_t max_items)
{
    return report(c, CODE_TOO_MUCH, NULL, "Too many", arena_printf(c->run->arena, "%" PRId64, count),
                  arena_printf(c->run->arena, "must have at most %" PRId64 " items", max_items));
}

int check_unsupported(const struct check *c, const char *value, const char *const *values)
{
    struct strbuf b = STRBUF_INIT;
    size_t count = 0;
    for (; values[count]; count++)
        strbuf_printf(&b, "%s\"%s\"", count ? ", " : "supported values: ", values[count]);
    const char *close = diag_closest(value, values, count);
    const char *suggestion = close ? arena_printf(c->run->arena, "did you mean \"%s\"?", close) : NULL;
    report(c, CODE_UNSUPPORTED, suggestion, "Unsupported value", quoted(c, value), strbuf_str(&b));
    strbuf_fini(&b);
    return -1;
}

bool check_not_negative(const struct check *c, int64_t value)
{
    return value >= 0 || check_invalid_int(c, value, "must be greater than or equal to 0") == 0;
}

bool check_positive(const struct check *c, int64_t value)
{
    return value > 0 || check_invalid_int(c, value, "must be greater than 0") == 0;
}

bool check_between(const struct check *c, int64_t value, int64_t min, int64_t max)
{
    if (value >= min && value <= max)
        return true;
    check_invalid_int(c, value,
                      arena_printf(c->run->arena, "must be between %" PRId64 " and %" PRId64 ", inclusive", min, max));
    return false;
}

/* ---- what several types hold their fields to ---- */

static const char must_not_be_negative[] = "must be greater than or equal to 0";

void check_duration(const struct check *c, sim_time d)
{
    if (d != SIM_NEVER && d < 0)
        check_invalid_raw(c, c->value && c->value->text ? c->value->text : "", must_not_be_negative);
}

void check_amount(const struct check *c, const struct quantity *q)
{
    if (q->set && q->text[0] == '-')
        check_invalid(c, q->text, must_not_be_negative);
}
