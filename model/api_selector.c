/* api_selector.c - label selectors: their table, their rules, what they match, how they are shown.
 * k8s staging/src/k8s.io/apimachinery/pkg/apis/meta/v1/types.go, helpers.go LabelSelectorAsSelector,
 * FormatLabelSelector, validation/validation.go ValidateLabelSelector, v1.36.
 */
#include "model/api_apps.h"
#include "model/api_types.h"

#include "model/api_table.h"

#include <stdlib.h>
#include <string.h>

enum selector_operator { OPERATOR_IN, OPERATOR_NOT_IN, OPERATOR_EXISTS, OPERATOR_DOES_NOT_EXIST, OPERATOR_COUNT };

static const struct {
    const char *name;
    bool takes_values, if_absent, if_present; /* does it hold without the label; with it, if it takes no values */
} operators[OPERATOR_COUNT] = {
    [OPERATOR_IN] = {"In", true, false, false},
    [OPERATOR_NOT_IN] = {"NotIn", true, true, false},
    [OPERATOR_EXISTS] = {"Exists", false, false, true},
    [OPERATOR_DOES_NOT_EXIST] = {"DoesNotExist", false, true, false},
};

static enum selector_operator operator_of(const char *name)
{
    enum selector_operator o = 0;
    while (o < OPERATOR_COUNT && !text_is(name, operators[o].name))
        o++;
    return o;
}

/* ---- rules ---- */

static void label_requirement_validate(struct check *c, const void *object)
{
    const struct label_requirement *r = object;
    enum selector_operator o = operator_of(r->operator_);
    if (o == OPERATOR_COUNT)
        check_invalid(AT(c, "operator"), r->operator_ ? r->operator_ : "", "not a valid selector operator");
    else if (operators[o].takes_values && r->values.count == 0)
        check_required(AT(c, "values"), "must be specified when `operator` is 'In' or 'NotIn'");
    else if (!operators[o].takes_values && r->values.count > 0)
        check_forbidden(AT(c, "values"), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
    check_name(AT(c, "key"), r->key ? r->key : "", wrong_qualified_name);
    for (uint32_t i = 0; i < r->values.count; i++)
        check_name(AT_ITEM(AT(c, "values"), i), r->values.items[i], wrong_label_value);
}

static void label_selector_validate(struct check *c, const void *object)
{
    check_labels(AT(c, "matchLabels"), &((const struct label_selector *)object)->match_labels);
}

#define OWNER struct label_requirement
static const struct api_field label_requirement_fields[] = {
    F(STRING, "key", key, FIELD_ALWAYS, "Label that the condition is about."),
    F(STRING, "operator", operator_, FIELD_ALWAYS, "In, NotIn, Exists or DoesNotExist."),
    F(STRING_LIST, "values", values, 0, "Values that In and NotIn compare with."),
};
#undef OWNER
static API_TYPE(label_requirement, "LabelSelectorRequirement", struct label_requirement, NULL,
                label_requirement_validate, "One condition of a label selector.");

#define OWNER struct label_selector
static const struct api_field label_selector_fields[] = {
    F(STRING_MAP, "matchLabels", match_labels, 0, "Labels that must have these values."),
    FO(LIST, "matchExpressions", match_expressions, label_requirement_type, 0, "Conditions that must hold."),
};
#undef OWNER
API_TYPE(label_selector, "LabelSelector", struct label_selector, NULL, label_selector_validate,
         "Selects objects by their labels; both parts must hold.");

/* ---- matching ---- */

static bool is_one_of(const char *value, const str_list *values)
{
    for (uint32_t i = 0; i < values->count; i++)
        if (strcmp(values->items[i], value) == 0)
            return true;
    return false;
}

static bool requirement_holds(const struct label_requirement *r, const str_map *labels)
{
    enum selector_operator o = operator_of(r->operator_);
    const char *value = str_map_get(labels, r->key);
    if (o == OPERATOR_COUNT)
        return false;
    if (!value)
        return operators[o].if_absent;
    if (!operators[o].takes_values)
        return operators[o].if_present;
    return is_one_of(value, &r->values) == (o == OPERATOR_IN);
}

bool label_selector_matches(const struct label_selector *s, const str_map *labels)
{
    if (!labels_match(&s->match_labels, labels))
        return false;
    for (uint32_t i = 0; i < s->match_expressions.count; i++)
        if (!requirement_holds(&s->match_expressions.items[i], labels))
            return false;
    return true;
}

bool label_selector_is_empty(const struct label_selector *s)
{
    return s->match_labels.count + s->match_expressions.count == 0;
}

/* ---- showing ---- */

static int by_text(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

/* k8s labels/selector.go Requirement.String: values are sorted. */
static void format_values(const struct label_requirement *r, struct strbuf *out)
{
    struct arena a;
    arena_init(&a, 0);
    const char **sorted = arena_array(&a, const char *, r->values.count + 1);
    for (uint32_t i = 0; i < r->values.count; i++)
        sorted[i] = r->values.items[i];
    qsort(sorted, r->values.count, sizeof *sorted, by_text);
    strbuf_puts(out, " (");
    for (uint32_t i = 0; i < r->values.count; i++)
        strbuf_printf(out, "%s%s", i ? "," : "", sorted[i]);
    strbuf_putc(out, ')');
    arena_fini(&a);
}

static void format_requirement(const struct label_requirement *r, struct strbuf *out)
{
    enum selector_operator o = operator_of(r->operator_);
    strbuf_printf(out, "%s%s", o == OPERATOR_DOES_NOT_EXIST ? "!" : "", r->key);
    if (o != OPERATOR_IN && o != OPERATOR_NOT_IN)
        return;
    strbuf_puts(out, o == OPERATOR_IN ? " in" : " notin");
    format_values(r, out);
}

struct shown {
    const char *key;
    const char *value;                    /* of matchLabels; or */
    const struct label_requirement *expr; /* of matchExpressions */
    uint32_t index;
};

static int by_key(const void *a, const void *b)
{
    const struct shown *x = a, *y = b;
    int order = strcmp(x->key, y->key);
    return order ? order : x->index < y->index ? -1 : x->index > y->index;
}

/* Requirements stand in the order of their keys: k8s labels/selector.go ByKey. */
void label_selector_format(const struct label_selector *s, struct strbuf *out)
{
    struct arena a;
    arena_init(&a, 0);
    struct shown *list = arena_array(&a, struct shown, s->match_labels.count + s->match_expressions.count + 1);
    uint32_t n = 0;
    for (uint32_t i = 0; i < s->match_labels.count; i++, n++)
        list[n] = (struct shown){s->match_labels.items[i].key, s->match_labels.items[i].value, NULL, n};
    for (uint32_t i = 0; i < s->match_expressions.count; i++, n++)
        list[n] = (struct shown){s->match_expressions.items[i].key, NULL, &s->match_expressions.items[i], n};
    qsort(list, n, sizeof *list, by_key);
    strbuf_puts(out, n ? "" : "<none>");
    for (uint32_t i = 0; i < n; i++) {
        strbuf_puts(out, i ? "," : "");
        if (list[i].expr)
            format_requirement(list[i].expr, out);
        else
            strbuf_printf(out, "%s=%s", list[i].key, list[i].value);
    }
    arena_fini(&a);
}
