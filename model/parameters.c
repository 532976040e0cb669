/* parameters.c - the parameters of a Scenario, read and checked, and the cases that they make. */
#include "model/parameters.h"

#include <string.h>

#include "model/check.h"

static const char name_characters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

const char *parameter_text(const struct value *v) { return v->type == VALUE_NULL ? "null" : v->text; }

/* ---- values ---- */

/* The value that is written so, or NULL. */
static const struct value *written_so(const struct parameter_values *list, const char *text)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (strcmp(parameter_text(list->items[i]), text) == 0)
            return list->items[i];
    return NULL;
}

static void read_value(struct check *c, struct parameter *p)
{
    if (c->value->type >= VALUE_LIST)
        check_report(c, NULL, "want a single value: text, a number, true or false");
    else if (written_so(&p->values, parameter_text(c->value)))
        check_duplicate(c, parameter_text(c->value));
    else
        p->values.items[p->values.count++] = c->value;
}

struct range {
    int64_t from, to, step;
};

static int read_bound(struct check *c, const char *what, int64_t *ret)
{
    if (!c->value)
        return check_required(c, what);
    if (c->value->type != VALUE_INT)
        return check_report(c, NULL, "want a whole number");
    *ret = c->value->integer;
    return 0;
}

static int read_bounds(struct check *c, struct range *r)
{
    static const char *const names[] = {"from", "step", "to"};
    struct arena *a = c->run->arena;
    int result = 0;
    for (uint32_t i = 0; i < c->value->count; i++) {
        const struct value_entry *e = &c->value->entries[i];
        const char *close = diag_closest(e->key, names, ARRAY_LEN(names));
        if (!close || strcmp(close, e->key) != 0)
            result = check_report_bare(c, CODE_FIELD, e->key_at,
                                       close ? arena_printf(a, "did you mean \"%s\"?", close) : NULL,
                                       "unknown field \"%s\": a range has from, to and step", e->key);
    }
    if (read_bound(AT(c, "from"), "the first value", &r->from) < 0)
        result = -1;
    if (read_bound(AT(c, "to"), "the last value", &r->to) < 0)
        result = -1;
    if (value_get(c->value, "step") && read_bound(AT(c, "step"), NULL, &r->step) < 0)
        result = -1;
    if (result == 0 && r->step < 1)
        return check_report(AT(c, "step"), NULL, "want at least 1, got %" PRId64, r->step);
    if (result == 0 && r->to < r->from)
        return check_report(AT(c, "to"), NULL, "want no less than from, got %" PRId64, r->to);
    return result;
}

static void read_range(struct check *c, struct parameter *p)
{
    struct range r = {.step = 1};
    if (read_bounds(c, &r) < 0)
        return;
    uint64_t count = ((uint64_t)r.to - (uint64_t)r.from) / (uint64_t)r.step + 1;
    if (count > CASES_MAX) {
        check_report(c, NULL, "%" PRIu64 " values are too many: a file has at most %d cases", count, CASES_MAX);
        return;
    }
    const struct value **items = arena_array(c->run->arena, const struct value *, (size_t)count);
    for (uint64_t i = 0; i < count; i++) {
        struct value *v = arena_new(c->run->arena, struct value);
        int64_t n = (int64_t)((uint64_t)r.from + i * (uint64_t)r.step);
        *v = (struct value){.type = VALUE_INT, .at = check_pos(c), .integer = n};
        v->text = arena_printf(c->run->arena, "%" PRId64, n);
        items[i] = v;
    }
    p->values.items = items;
    p->values.count = (uint32_t)count;
}

static void read_parameter(struct check *c, struct parameter *p)
{
    const struct value *v = c->value;
    bool list = v->type == VALUE_LIST;
    if (!*p->name || strspn(p->name, name_characters) != strlen(p->name) || strchr("0123456789-", *p->name))
        check_report_bare(c, CODE_INVALID, p->at, NULL,
                          "want letters, digits, '_' and '-' as the name of a parameter, got \"%s\"", p->name);
    if (strcmp(p->name, "true") == 0 || strcmp(p->name, "false") == 0)
        check_report_bare(c, CODE_INVALID, p->at, NULL, "YAML reads this name as \"%s\": quote it, or take another",
                          p->name);
    if (v->type == VALUE_MAP) {
        read_range(c, p);
        return;
    }
    p->values.items = arena_array(c->run->arena, const struct value *, list ? v->count + 1 : 1);
    for (uint32_t i = 0; list && i < v->count; i++)
        read_value(AT_ITEM(c, i), p);
    if (list && v->count == 0)
        check_report(c, NULL, "want at least one value");
    if (!list)
        read_value(c, p);
}

/* ---- names ---- */

static const char *suggestion(const struct parameters *p, const char *name)
{
    const char **names = arena_array(p->arena, const char *, p->list.count + 1);
    for (uint32_t i = 0; i < p->list.count; i++)
        names[i] = p->list.items[i].name;
    const char *close = diag_closest(name, names, p->list.count);
    return close ? arena_printf(p->arena, "did you mean \"%s\"?", close) : NULL;
}

static struct parameter *find(const struct parameters *p, const char *name)
{
    for (uint32_t i = 0; i < p->list.count; i++)
        if (strcmp(p->list.items[i].name, name) == 0)
            return &p->list.items[i];
    return NULL;
}

struct parameter *parameters_find(const struct parameters *p, const char *name, struct src_pos at)
{
    struct parameter *found = find(p, name);
    if (!found)
        diag_report(p->diags, CODE_NOT_FOUND, at, suggestion(p, name), "there is no parameter \"%s\" in this scenario",
                    name);
    return found;
}

/* ---- exclude ---- */

static bool same_value(const struct value *a, const struct value *b)
{
    return strcmp(parameter_text(a), parameter_text(b)) == 0;
}

static void check_excluded_value(const struct parameters *p, struct check *c)
{
    const struct value_entry *e = value_entry(c->parent->value, c->name);
    const struct parameter *q = find(p, c->name);
    if (!q)
        check_report_bare(c, CODE_NOT_FOUND, e->key_at, suggestion(p, c->name),
                          "there is no parameter \"%s\" in this scenario", c->name);
    else if (c->value->type >= VALUE_LIST)
        check_report(c, NULL, "want a single value of the parameter");
    else if (q->declared.count && !written_so(&q->declared, parameter_text(c->value)))
        check_report(c, NULL, "\"%s\" is no value of this parameter", parameter_text(c->value));
}

static void check_exclude(struct parameters *p, struct check *c)
{
    if (c->value->type != VALUE_LIST) {
        check_report(c, NULL, "want a list of combinations, such as - {%s: %s}",
                     p->list.count ? p->list.items[0].name : "grace", "VALUE");
        return;
    }
    for (uint32_t i = 0; i < c->value->count; i++) {
        struct check *item = AT_ITEM(c, i);
        if (item->value->type != VALUE_MAP || item->value->count == 0)
            check_report(item, NULL, "want a map of parameters to values");
        else
            for (uint32_t k = 0; k < item->value->count; k++)
                check_excluded_value(p, AT_KEY(item, item->value->entries[k].key));
    }
}

static bool matches(const struct parameters *p, const struct value *combination)
{
    for (uint32_t i = 0; i < combination->count; i++) {
        const struct parameter *q = find(p, combination->entries[i].key);
        if (!q || !q->value || !same_value(q->value, combination->entries[i].value))
            return false;
    }
    return true;
}

static bool excluded(const struct parameters *p)
{
    for (uint32_t i = 0; p->exclude && i < p->exclude->count; i++)
        if (matches(p, p->exclude->items[i]))
            return true;
    return false;
}

/* ---- settings ---- */

static const struct value *value_of_text(struct arena *a, const char *text)
{
    struct value *v = arena_new(a, struct value);
    *v = (struct value){.at = SRC_POS_NONE, .text = arena_strdup(a, text)};
    v->type = value_resolve(text, &v->integer, &v->boolean);
    if (v->type == VALUE_NULL && !*text)
        v->type = VALUE_STRING;
    return v;
}

static void set(struct parameters *p, struct parameter *q, const char *text)
{
    const struct value **one = arena_array(p->arena, const struct value *, 1);
    one[0] = written_so(&q->declared, text);
    if (!one[0])
        one[0] = value_of_text(p->arena, text);
    q->values.items = one;
    q->values.count = 1;
}

static int apply_settings(struct parameters *p, const parameter_settings *settings, bool loose)
{
    int result = 0;
    for (uint32_t i = 0; settings && i < settings->count; i++) {
        const struct parameter_setting *s = &settings->items[i];
        struct parameter *q = find(p, s->name);
        if (q)
            set(p, q, s->value);
        else if (!loose && p->list.count)
            result =
                diag_report(p->diags, CODE_NOT_FOUND, SRC_POS_NONE, suggestion(p, s->name),
                            "--set %s=%s: there is no parameter \"%s\" in this scenario", s->name, s->value, s->name);
        else if (!loose)
            result =
                diag_error(p->diags, SRC_POS_NONE, "--set %s=%s: this scenario has no parameters", s->name, s->value);
    }
    return result;
}

/* ---- reading ---- */

static void read_list(struct parameters *p, struct check *c)
{
    if (c->value->type != VALUE_MAP) {
        check_report(c, NULL, "want a map of names to lists of values");
        return;
    }
    p->list.items = arena_array(p->arena, struct parameter, c->value->count + 1);
    for (uint32_t i = 0; i < c->value->count; i++) {
        const struct value_entry *e = &c->value->entries[i];
        struct parameter *q = &p->list.items[p->list.count++];
        *q = (struct parameter){.name = e->key, .at = e->key_at};
        read_parameter(AT_KEY(c, e->key), q);
        q->declared.items = q->values.items;
        q->declared.count = q->values.count;
    }
}

static int check_number(struct parameters *p)
{
    uint64_t cases = 1;
    for (uint32_t i = 0; i < p->list.count; i++) {
        uint32_t n = p->list.items[i].values.count;
        cases *= n ? n : 1;
        if (cases > CASES_MAX) {
            int result = diag_report(p->diags, CODE_TOO_MUCH, p->at, NULL,
                                     "too many cases: want at most %d combinations of parameters", CASES_MAX);
            p->list.count = i; /* nobody is to walk through them */
            return result;
        }
    }
    return 0;
}

int parameters_read(struct parameters *p, struct arena *a, struct diag_set *d, const struct value *spec,
                    const parameter_settings *settings, bool loose)
{
    struct check_run run = {.arena = a, .diags = d, .path = "spec"};
    struct check root = check_root(&run, spec);
    *p = (struct parameters){.arena = a, .diags = d};
    struct check *list = AT(&root, "parameters"), *exclude = AT(&root, "exclude");
    if (list->value && list->value->type != VALUE_NULL) {
        p->at = list->key_at;
        read_list(p, list);
    }
    if (exclude->value && exclude->value->type != VALUE_NULL) {
        check_exclude(p, exclude);
        p->exclude = run.result == 0 ? exclude->value : NULL;
    }
    if (apply_settings(p, settings, loose) < 0 || check_number(p) < 0)
        run.result = -1;
    for (uint32_t i = 0; i < p->list.count; i++) {
        struct parameter *q = &p->list.items[i];
        q->wrong = q->values.count == 0;
        q->value = q->wrong ? value_of_text(a, "") : q->values.items[0];
    }
    return run.result;
}

/* ---- cases ---- */

uint32_t parameters_combinations(const struct parameters *p)
{
    uint32_t cases = 1;
    for (uint32_t i = 0; i < p->list.count; i++)
        cases *= p->list.items[i].values.count ? p->list.items[i].values.count : 1;
    ASSERT(cases <= CASES_MAX);
    return cases;
}

bool parameters_choose(struct parameters *p, uint32_t combination)
{
    for (uint32_t i = p->list.count; i-- > 0;) {
        struct parameter *q = &p->list.items[i];
        if (q->values.count == 0)
            continue;
        q->value = q->values.items[combination % q->values.count];
        combination /= q->values.count;
    }
    return !excluded(p);
}

/* ---- labels ---- */

/* Values that a label could not be read with are quoted. */
static void put_label(struct strbuf *out, const char *text)
{
    bool plain = !strpbrk(text, ",=[]\"\\ ");
    for (const char *s = text; *s; s++)
        plain = plain && (unsigned char)*s > ' ' && *s != 0x7f;
    if (plain)
        strbuf_puts(out, text);
    else
        strbuf_json(out, text);
}

enum { FILE_LABEL_MAX = 48, FILE_LABEL_KEPT = 40 };

/* What stands for a value in the name of a file. */
static void put_file_text(struct strbuf *out, const char *text)
{
    static const char kept[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._=,-";
    size_t len = strlen(text), shown = len > FILE_LABEL_MAX ? FILE_LABEL_KEPT : len;
    for (size_t i = 0; i < shown; i++)
        strbuf_putc(out, strchr(kept, text[i]) ? text[i] : '-');
    if (shown < len)
        strbuf_printf(out, "~%08" PRIx32, text_hash(TEXT_HASH, text));
}

static bool same_in_file(const char *a, const char *b)
{
    struct strbuf x = STRBUF_INIT, y = STRBUF_INIT;
    put_file_text(&x, a);
    put_file_text(&y, b);
    bool same = strcmp(strbuf_str(&x), strbuf_str(&y)) == 0;
    strbuf_fini(&x);
    strbuf_fini(&y);
    return same;
}

/* Of several values that look the same in a file's name, the later ones get a number. */
static void put_file_label(struct strbuf *out, const struct parameter *q)
{
    const char *text = parameter_text(q->value);
    uint32_t same = 1;
    bool declared = written_so(&q->declared, text) != NULL;
    for (uint32_t i = 0; declared && q->declared.items[i] != q->value; i++)
        same += same_in_file(parameter_text(q->declared.items[i]), text);
    put_file_text(out, text);
    if (same > 1)
        strbuf_printf(out, "~%" PRIu32, same);
}

const char *parameters_label(const struct parameters *p, bool for_file)
{
    struct strbuf b = STRBUF_INIT;
    for (uint32_t i = 0; i < p->list.count; i++) {
        const struct parameter *q = &p->list.items[i];
        strbuf_printf(&b, "%s%s=", i ? "," : "", q->name);
        if (for_file)
            put_file_label(&b, q);
        else
            put_label(&b, parameter_text(q->value));
    }
    const char *label = arena_strdup(p->arena, strbuf_str(&b));
    strbuf_fini(&b);
    return label;
}
