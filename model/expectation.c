/* expectation.c - what is expected of a run: the tables of spec.expect, and what tables cannot say. */
#include "model/expectation.h"

#include <string.h>

#include "model/check.h"
#include "model/doc_table.h"

#define PLAIN_TYPE(struct_type, title, table, ...) TYPE(struct_type, title, table, .plain = true, __VA_ARGS__)

static const struct api_field expectation_fields[] = {
    FIELD(expectation, name, "name", FIELD_STRING, .doc = "What reports call it; default: made from what it says."),
    FIELD(expectation, at, "at", FIELD_DURATION, .doc = "It holds at this time, after everything of that instant."),
    FIELD(expectation, within, "within", FIELD_DURATION,
          .doc = "It becomes true not later than this, counted from `after`."),
    FIELD(expectation, after, "after", FIELD_DURATION, .doc = "From when `within` counts; default 0."),
    FIELD(expectation, eventually, "eventually", FIELD_OPT_BOOL, .doc = "It is true at some time."),
    FIELD(expectation, never, "never", FIELD_OPT_BOOL, .doc = "It is at no time true."),
    FIELD(expectation, always, "always", FIELD_OPT_BOOL,
          .doc = "It is true of every version of the object that a watcher would have seen."),
    FIELD(expectation, from, "from", FIELD_DURATION, .doc = "eventually, never, always: not counting what was before."),
    FIELD(expectation, to, "to", FIELD_DURATION, .doc = "eventually, never, always: not counting what comes after."),
    FIELD(expectation, lasts, "for", FIELD_DURATION, .doc = "within, eventually: it holds this long without a break."),
    FIELD(expectation, tolerance, "tolerance", FIELD_DURATION, .doc = "Every time above may be missed by this much."),
    FIELD(expectation, pod, "pod", FIELD_STRING, .flags = FIELD_REQUIRED, .doc = "Name of the pod it is about."),
    FIELD(expectation, namespace_, "namespace", FIELD_STRING, .doc = "Its namespace; default `default`."),
    FIELD(expectation, exists, "exists", FIELD_OPT_BOOL, .doc = "false: there is none (any more)."),
    FIELD(expectation, phase, "phase", FIELD_RAW, .doc = "status.phase of the pod."),
    FIELD(expectation, status, "status", FIELD_RAW, .doc = "kubectl's STATUS column, such as CrashLoopBackOff."),
    FIELD(expectation, ready, "ready", FIELD_RAW, .doc = "kubectl's READY column, such as 1/1."),
    FIELD(expectation, restarts, "restarts", FIELD_RAW, .doc = "kubectl's RESTARTS column."),
};
static void validate_expectation(struct check *c, const void *object);
const struct api_type expectation_type =
    PLAIN_TYPE(expectation, "Expectation", expectation_fields, .validate = validate_expectation,
               .doc = "What is expected of the run: when, what it is about, and what holds of it.");

static void check_comparison(struct check *c, const struct value *v, bool number)
{
    struct comparison parsed;
    if (!v)
        return;
    const char *wrong = comparison_parse(c->run->arena, v, &parsed);
    if (wrong)
        check_report(c, NULL, "%s", wrong);
    else if (number && !comparison_is_number(&parsed))
        check_report(c, NULL, "want a number or a comparison such as \">= 2\", got \"%s\"", parsed.text);
}

/* The times that say when; the one that was written last is told. */
static void check_when(struct check *c, const struct expectation *e)
{
    const struct {
        const char *name;
        bool said;
    } when[] = {
        {"at", e->at != SIM_NEVER}, {"within", e->within != SIM_NEVER}, {"eventually", e->eventually.set},
        {"never", e->never.set},    {"always", e->always.set},
    };
    const char *first = NULL;
    for (size_t i = 0; i < ARRAY_LEN(when); i++) {
        if (when[i].said && first)
            check_report(AT(c, when[i].name), NULL, "want one of %s and %s", first, when[i].name);
        else if (when[i].said)
            first = when[i].name;
    }
}

static void check_flag(struct check *c, const struct opt_bool *flag)
{
    if (flag->set && !flag->value)
        check_report(c, NULL, "want true, or leave it out");
}

static void validate_expectation(struct check *c, const void *object)
{
    const struct expectation *e = object;
    check_when(c, e);
    check_flag(AT(c, "eventually"), &e->eventually);
    check_flag(AT(c, "never"), &e->never);
    check_flag(AT(c, "always"), &e->always);
    check_duration(AT(c, "at"), e->at);
    check_duration(AT(c, "within"), e->within);
    check_duration(AT(c, "after"), e->after);
    check_duration(AT(c, "from"), e->from);
    check_duration(AT(c, "to"), e->to);
    check_duration(AT(c, "for"), e->lasts);
    check_duration(AT(c, "tolerance"), e->tolerance);
    check_comparison(AT(c, "phase"), e->phase, false);
    check_comparison(AT(c, "status"), e->status, false);
    check_comparison(AT(c, "ready"), e->ready, false);
    check_comparison(AT(c, "restarts"), e->restarts, true);
}

void expectations_place(expectation_list *l, const struct value *list)
{
    for (uint32_t i = 0; list && i < l->count; i++)
        l->items[i].pos = list->type == VALUE_LIST ? list->items[i]->at : list->at;
}
