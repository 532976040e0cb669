/* api_batch_validate.c - the rules for Jobs, in the API server's words.
 * k8s pkg/apis/batch/validation/validation.go, v1.36; functions are named after theirs. Rules about updates are in
 * kubectl_edit.c; those about a status hold by construction.
 */
#include "model/api_batch.h"
#include "model/api_types.h"
#include "model/job_index.h"

#include <string.h>

enum {
    INDEXED_PARALLELISM_MAX = 100000,
    FAILED_INDEXES_MAX = 100000,
    MANY_COMPLETIONS = 100000, /* with so many, the next two hold */
    MANY_PARALLELISM_MAX = 10000,
    MANY_FAILED_INDEXES_MAX = 10000,
    RULES_MAX = 20,
    EXIT_CODES_MAX = 255,
    PATTERNS_MAX = 20,
    MANAGED_BY_MAX = 63,
    SUCCESS_INDEXES_CHARS_MAX = 64 * 1024,
};

static void validate_not_negative(struct check *c, const char *field, const struct opt_i64 *v)
{
    if (v->set)
        check_not_negative(AT(c, field), v->value);
}

static void wrong_number(struct check *c, const char *field, const struct opt_i64 *v, const char *detail)
{
    check_invalid_int(AT(c, field), v->value, detail);
}

/* ---- podFailurePolicy ---- */

static bool has_container(const struct pod_spec *s, const char *name)
{
    for (uint32_t i = 0; i < s->containers.count; i++)
        if (text_same(s->containers.items[i].name, name))
            return true;
    for (uint32_t i = 0; i < s->init_containers.count; i++)
        if (text_same(s->init_containers.items[i].name, name))
            return true;
    return false;
}

static const char *list_of_codes(struct arena *a, const int_list *values)
{
    const char *text = "";
    for (uint32_t i = 0; i < values->count; i++)
        text = arena_printf(a, "%s%s%" PRId64, text, i ? "," : "", values->items[i]);
    return arena_printf(a, "[%s]", text);
}

static bool has_before(const int_list *values, uint32_t at)
{
    for (uint32_t i = 0; i < at; i++)
        if (values->items[i] == values->items[at])
            return true;
    return false;
}

/* k8s validatePodFailurePolicyRuleOnExitCodes */
static void validate_exit_codes(struct check *c, const struct job_spec *s, const struct exit_code_requirement *r)
{
    struct check values = check_at(c, "values");
    bool ordered = true;
    if (!r->operator_ || !*r->operator_)
        check_required(AT(c, "operator"), "valid values: [\"In\" \"NotIn\"]");
    if (r->container_name && !has_container(&s->template_.spec, r->container_name))
        check_invalid(AT(c, "containerName"), r->container_name,
                      "must be one of the container or initContainer names in the pod template");
    if (r->values.count == 0)
        check_invalid_raw(&values, "null", "at least one value is required");
    else if (r->values.count > EXIT_CODES_MAX)
        check_too_many(&values, r->values.count, EXIT_CODES_MAX);
    for (uint32_t i = 0; i < r->values.count; i++) {
        int64_t code = r->values.items[i];
        if (text_is(r->operator_, "In") && code == 0)
            check_invalid_int(AT_ITEM(&values, i), 0, "must not be 0 for the In operator");
        if (has_before(&r->values, i))
            check_report(AT_ITEM(&values, i), NULL, "Duplicate value: %" PRId64, code);
        ordered = ordered && (i == 0 || r->values.items[i - 1] <= code);
    }
    if (!ordered)
        check_invalid_raw(&values, list_of_codes(c->run->arena, &r->values), "must be ordered");
}

static void validate_patterns(struct check *c, const struct pod_failure_rule *r)
{
    if (r->on_pod_conditions.count > PATTERNS_MAX)
        check_too_many(c, r->on_pod_conditions.count, PATTERNS_MAX);
    for (uint32_t i = 0; i < r->on_pod_conditions.count; i++) {
        const char *type = r->on_pod_conditions.items[i].type;
        check_name(AT(AT_ITEM(c, i), "type"), type ? type : "", wrong_qualified_name);
    }
}

/* k8s validatePodFailurePolicyRule; values of enums have been checked. */
static void validate_failure_rule(struct check *c, const struct job_spec *s, const struct pod_failure_rule *r)
{
    bool conditions = r->on_pod_conditions.count > 0;
    if (!r->action || !*r->action)
        check_required(AT(c, "action"), "valid values: [\"Count\" \"FailIndex\" \"FailJob\" \"Ignore\"]");
    else if (text_is(r->action, "FailIndex") && !s->backoff_limit_per_index.set)
        check_invalid(AT(c, "action"), r->action, "requires the backoffLimitPerIndex to be set");
    if (r->on_exit_codes)
        validate_exit_codes(AT(c, "onExitCodes"), s, r->on_exit_codes);
    validate_patterns(AT(c, "onPodConditions"), r);
    if (r->on_exit_codes && conditions)
        check_report(c, NULL, "Invalid value: specifying both OnExitCodes and OnPodConditions is not supported");
    if (!r->on_exit_codes && !conditions)
        check_report(c, NULL, "Invalid value: specifying one of OnExitCodes and OnPodConditions is required");
}

static void validate_pod_failure_policy(struct check *c, const struct job_spec *s)
{
    struct check rules = check_at(c, "rules");
    const struct pod_failure_policy *p = s->pod_failure_policy;
    if (p->rules.count > RULES_MAX)
        check_too_many(&rules, p->rules.count, RULES_MAX);
    for (uint32_t i = 0; i < p->rules.count; i++)
        validate_failure_rule(AT_ITEM(&rules, i), s, &p->rules.items[i]);
}

/* ---- successPolicy ---- */

static void validate_success_rule(struct check *c, const struct job_spec *s, const struct success_rule *r)
{
    struct arena *a = c->run->arena;
    struct check indexes = check_at(c, "succeededIndexes"), count = check_at(c, "succeededCount");
    int64_t total = 0, completions = s->completions.value;
    if (!r->succeeded_count.set && !r->succeeded_indexes)
        check_required(c, "at least one of succeededCount or succeededIndexes must be specified");
    if (r->succeeded_indexes) {
        const char *wrong = wrong_index_text(a, r->succeeded_indexes, completions, &total);
        if (strlen(r->succeeded_indexes) > SUCCESS_INDEXES_CHARS_MAX)
            check_too_long(&indexes, SUCCESS_INDEXES_CHARS_MAX);
        if (wrong)
            check_invalid(&indexes, r->succeeded_indexes, arena_printf(a, "error parsing succeededIndexes: %s", wrong));
    }
    if (!r->succeeded_count.set)
        return;
    check_not_negative(&count, r->succeeded_count.value);
    if (r->succeeded_count.value > completions)
        check_invalid_int(
            &count, r->succeeded_count.value,
            arena_printf(a, "must be less than or equal to %" PRId64 " (the number of specified completions)",
                         completions));
    if (r->succeeded_indexes && r->succeeded_count.value > total)
        check_invalid_int(&count, r->succeeded_count.value,
                          arena_printf(a,
                                       "must be less than or equal to %" PRId64
                                       " (the number of indexes in the specified succeededIndexes field)",
                                       total));
}

static void validate_success_policy(struct check *c, const struct job_spec *s)
{
    struct check rules = check_at(c, "rules");
    const struct success_policy *p = s->success_policy;
    if (p->rules.count == 0)
        check_required(&rules, "at least one rules must be specified when the successPolicy is specified");
    if (p->rules.count > RULES_MAX)
        check_too_many(&rules, p->rules.count, RULES_MAX);
    for (uint32_t i = 0; s->completions.set && i < p->rules.count; i++)
        validate_success_rule(AT_ITEM(&rules, i), s, &p->rules.items[i]);
}

/* ---- the spec ---- */

static void validate_counts(struct check *c, const struct job_spec *s)
{
    const struct {
        const char *field;
        const struct opt_i64 *value;
    } counts[] = {
        {"parallelism", &s->parallelism},
        {"completions", &s->completions},
        {"activeDeadlineSeconds", &s->active_deadline_seconds},
        {"backoffLimit", &s->backoff_limit},
        {"ttlSecondsAfterFinished", &s->ttl_seconds_after_finished},
        {"backoffLimitPerIndex", &s->backoff_limit_per_index},
        {"maxFailedIndexes", &s->max_failed_indexes},
    };
    for (size_t i = 0; i < ARRAY_LEN(counts); i++)
        validate_not_negative(c, counts[i].field, counts[i].value);
    if (s->max_failed_indexes.set && !s->backoff_limit_per_index.set)
        check_required(AT(c, "backoffLimitPerIndex"), "when maxFailedIndexes is specified");
    if (s->managed_by && strlen(s->managed_by) > MANAGED_BY_MAX)
        check_too_long(AT(c, "managedBy"), MANAGED_BY_MAX);
}

static void validate_many_completions(struct check *c, const struct job_spec *s)
{
    static const char detail[] =
        "must be less than or equal to 10000 when completions are above 100000 and used with backoff limit per index";
    if (!s->max_failed_indexes.set)
        check_required(AT(c, "maxFailedIndexes"), "must be specified when completions is above 100000");
    if (s->parallelism.value > MANY_PARALLELISM_MAX)
        wrong_number(c, "parallelism", &s->parallelism, detail);
    if (s->max_failed_indexes.value > MANY_FAILED_INDEXES_MAX)
        wrong_number(c, "maxFailedIndexes", &s->max_failed_indexes, detail);
}

static void validate_indexed(struct check *c, const struct job_spec *s)
{
    if (!s->completions.set)
        check_required(AT(c, "completions"), "when completion mode is Indexed");
    if (s->parallelism.value > INDEXED_PARALLELISM_MAX)
        wrong_number(c, "parallelism", &s->parallelism,
                     "must be less than or equal to 100000 when completion mode is Indexed");
    if (s->completions.set && s->max_failed_indexes.value > s->completions.value)
        wrong_number(c, "maxFailedIndexes", &s->max_failed_indexes, "must be less than or equal to completions");
    if (s->max_failed_indexes.value > FAILED_INDEXES_MAX)
        wrong_number(c, "maxFailedIndexes", &s->max_failed_indexes, "must be less than or equal to 100000");
    if (s->completions.value > MANY_COMPLETIONS && s->backoff_limit_per_index.set)
        validate_many_completions(c, s);
    if (s->success_policy)
        validate_success_policy(AT(c, "successPolicy"), s);
}

static void validate_not_indexed(struct check *c, const struct job_spec *s)
{
    static const char detail[] = "requires indexed completion mode";
    if (s->backoff_limit_per_index.set)
        wrong_number(c, "backoffLimitPerIndex", &s->backoff_limit_per_index, detail);
    if (s->max_failed_indexes.set)
        wrong_number(c, "maxFailedIndexes", &s->max_failed_indexes, detail);
    if (s->success_policy)
        check_invalid_raw(AT(c, "successPolicy"), check_json_of(c, &success_policy_type, s->success_policy), detail);
}

static void validate_policies(struct check *c, const struct job_spec *s)
{
    static const char *const failed[] = {"Failed", NULL};
    if (s->pod_failure_policy)
        validate_pod_failure_policy(AT(c, "podFailurePolicy"), s);
    if (s->pod_failure_policy && s->pod_replacement_policy && !text_is(s->pod_replacement_policy, "Failed"))
        check_unsupported(AT(c, "podReplacementPolicy"), s->pod_replacement_policy, failed);
}

/* What was not said is Always by now. */
static void validate_restart_policy(struct check *c, const struct job_spec *s)
{
    const char *policy = s->template_.spec.restart_policy;
    struct check at = check_at(AT(AT(c, "template"), "spec"), "restartPolicy");
    if (!policy || text_is(policy, "Always"))
        check_required(&at, "valid values: \"OnFailure\", \"Never\"");
    else if (s->pod_failure_policy && !text_is(policy, "Never"))
        check_invalid(&at, policy, "only \"Never\" is supported when podFailurePolicy is specified");
}

/* k8s validateJobSpec; the template has its own rules. */
void job_spec_validate(struct check *c, const void *object)
{
    const struct job_spec *s = object;
    validate_counts(c, s);
    if (text_is(s->completion_mode, "Indexed"))
        validate_indexed(c, s);
    else
        validate_not_indexed(c, s);
    validate_policies(c, s);
    validate_restart_policy(c, s);
}

/* ---- the Job ---- */

/* A generated selector matches these labels; the uid of a new Job is not known. */
static bool is_generated(struct arena *a, const struct job *j)
{
    const struct object_meta *m = &j->object.meta;
    const char *const pairs[][2] = {
        {JOB_NAME_LABEL, m->name}, {JOB_NAME_LABEL_OLD, m->name}, {JOB_UID_LABEL, m->uid}, {JOB_UID_LABEL_OLD, m->uid}};
    str_map labels = {NULL, 0};
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
        if (pairs[i][1])
            labels = map_with(a, &labels, pairs[i][0], pairs[i][1]);
    return label_selector_matches(j->spec.selector, &labels);
}

/* k8s validateGeneratedSelector, ValidateJobSpec. */
static void validate_selector(struct check *c, const struct job *j)
{
    const struct job_spec *s = &j->spec;
    struct check selector = check_at(c, "selector");
    if (s->manual_selector.value && !s->selector)
        check_required(&selector, NULL);
    else if (s->manual_selector.value && !label_selector_matches(s->selector, &s->template_.meta.labels))
        check_invalid_raw(AT(AT(AT(c, "template"), "metadata"), "labels"),
                          check_json_of_labels(c, &s->template_.meta.labels),
                          "`selector` does not match template `labels`");
    else if (!s->manual_selector.value && s->selector && !is_generated(c->run->arena, j))
        check_invalid_raw(&selector, check_json_of(c, &label_selector_type, s->selector),
                          "`selector` not auto-generated");
}

void job_validate(struct check *c, const void *object)
{
    const struct job *j = object;
    struct arena *a = c->run->arena;
    workload_meta_validate(c, object);
    validate_selector(AT(c, "spec"), j);
    if (!job_is_indexed(j) || !j->spec.completions.set || j->spec.completions.value < 1 || !j->object.meta.name)
        return;
    const char *host = arena_printf(a, "%s-%" PRId64, j->object.meta.name, j->spec.completions.value - 1);
    if (wrong_dns1123_label(a, host))
        check_invalid(AT(AT(c, "metadata"), "name"), j->object.meta.name,
                      arena_printf(a, "will not able to create pod with invalid DNS label: %s", host));
}
