/* api_apps_validate.c - the rules for workloads, in the API server's words.
 * k8s pkg/apis/apps/validation/validation.go; pkg/apis/core/validation/validation.go for pod templates and
 * ReplicationControllers, v1.36; functions are named after theirs.
 */
#include "model/api_apps.h"
#include "model/api_types.h"
#include "model/behaviour.h"

#include <string.h>

/* A part of an object as JSON on one line, as field errors print what is no scalar. */
const char *check_json_of(const struct check *c, const struct api_type *type, const void *object)
{
    struct strbuf b = STRBUF_INIT;
    api_write_json(type, object, 0, &b, 0);
    while (b.len && b.data[b.len - 1] == '\n')
        b.data[--b.len] = '\0';
    const char *text = arena_strdup(c->run->arena, strbuf_str(&b));
    strbuf_fini(&b);
    return text;
}

const char *check_json_of_labels(const struct check *c, const str_map *labels)
{
    if (labels->count == 0)
        return "null";
    struct strbuf b = STRBUF_INIT;
    for (uint32_t i = 0; i < labels->count; i++)
        strbuf_printf(&b, "%s\"%s\":\"%s\"", i ? "," : "{", labels->items[i].key, labels->items[i].value);
    strbuf_putc(&b, '}');
    const char *text = arena_strdup(c->run->arena, strbuf_str(&b));
    strbuf_fini(&b);
    return text;
}

void workload_meta_validate(struct check *c, const void *object)
{
    check_object_meta(AT(c, "metadata"), &((const struct api_object *)object)->meta, wrong_dns1123_subdomain);
}

/* ---- templates ---- */

static void check_behaviours(struct check *c, const struct pod_template *t)
{
    uint32_t n = 0;
    const struct pod_spec *s = &t->spec;
    const char **names = arena_array(c->run->arena, const char *, s->containers.count + s->init_containers.count + 1);
    for (uint32_t i = 0; i < s->containers.count; i++)
        if (s->containers.items[i].name)
            names[n++] = s->containers.items[i].name;
    for (uint32_t i = 0; i < s->init_containers.count; i++)
        if (s->init_containers.items[i].name)
            names[n++] = s->init_containers.items[i].name;
    behaviour_check_annotations(AT(c, "metadata"), &t->meta.annotations, names, n);
}

/* k8s ValidatePodTemplateSpec: its paths leave out "metadata". */
void pod_template_validate(struct check *c, const void *object)
{
    const struct pod_template *t = object;
    const struct value *meta = c->value ? value_get(c->value, "metadata") : NULL;
    struct check labels = check_at(c, "labels");
    if (meta)
        labels.value = value_get(meta, "labels");
    check_labels(&labels, &t->meta.labels);
    if (t->meta.annotations.count)
        check_behaviours(c, t);
    if (t->spec.ephemeral_containers.count)
        check_forbidden(AT(AT(c, "spec"), "ephemeralContainers"), "ephemeral containers not allowed in pod template");
}

/* k8s ValidatePodTemplateSpecForReplicaSet, ValidatePodTemplateSpecForRC. */
void check_template_for(struct check *c, const char *kind, const struct label_selector *selector,
                                  const struct pod_template *t)
{
    static const char *const always[] = {"Always", NULL};
    struct check template = check_at(c, "template"), spec = check_at(&template, "spec");
    if (!label_selector_is_empty(selector) && !label_selector_matches(selector, &t->meta.labels))
        check_invalid_raw(AT(AT(&template, "metadata"), "labels"), check_json_of_labels(c, &t->meta.labels),
                          "`selector` does not match template `labels`");
    if (t->spec.restart_policy && !text_is(t->spec.restart_policy, "Always"))
        check_unsupported(AT(&spec, "restartPolicy"), t->spec.restart_policy, always);
    if (t->spec.active_deadline_seconds.set)
        check_forbidden(AT(&spec, "activeDeadlineSeconds"),
                        arena_printf(c->run->arena, "activeDeadlineSeconds in %s is not Supported", kind));
}

/* What is missing has been said: FIELD_REQUIRED. */
static void validate_selector_and_template(struct check *c, const struct label_selector *selector,
                                           const struct pod_template *t)
{
    if (!selector)
        return;
    if (label_selector_is_empty(selector))
        check_invalid_raw(AT(c, "selector"), check_json_of(c, &label_selector_type, selector),
                          "empty selector is invalid for deployment");
    check_template_for(c, "ReplicaSet", selector, t);
}

/* ---- ReplicaSet, ReplicationController ---- */

static void validate_counts(struct check *c, const struct opt_i64 *replicas, int64_t min_ready_seconds)
{
    if (replicas->set)
        check_not_negative(AT(c, "replicas"), replicas->value);
    check_not_negative(AT(c, "minReadySeconds"), min_ready_seconds);
}

void replica_set_spec_validate(struct check *c, const void *object)
{
    const struct replica_set_spec *s = object;
    validate_counts(c, &s->replicas, s->min_ready_seconds);
    validate_selector_and_template(c, s->selector, &s->template_);
}

void replication_controller_spec_validate(struct check *c, const void *object)
{
    const struct replica_set_spec *s = object;
    const struct label_selector selector = {.match_labels = s->selector_map};
    validate_counts(c, &s->replicas, s->min_ready_seconds);
    if (s->selector_map.count == 0)
        check_required(AT(c, "selector"), NULL);
    check_template_for(c, "ReplicationController", &selector, &s->template_);
}

/* ---- Deployment ---- */

static bool is_percent(const char *text)
{
    size_t n = strspn(text, "0123456789");
    return n > 0 && text[n] == '%' && text[n + 1] == '\0';
}

void validate_positive_int_or_percent(const struct check *c, const struct int_or_string *v)
{
    if (v->text && !is_percent(v->text))
        check_invalid(c, v->text,
                      "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or "
                      "'93%', regex used for validation is '[0-9]+%')");
    else if (!v->text)
        check_not_negative(c, v->number);
}

/* The number in front of the percent sign, or the text as a number; 0 for what is neither. */
int64_t bare_int_or_percent(const struct int_or_string *v)
{
    bool number = !v->text || is_percent(v->text) || v->text[strspn(v->text, "0123456789")] == '\0';
    return number ? scaled_value(v, 100, false) : 0;
}

/* k8s IsNotMoreThan100Percent. */
void validate_at_most_100_percent(const struct check *c, const struct int_or_string *v)
{
    if (v->text && is_percent(v->text) && bare_int_or_percent(v) > 100)
        check_invalid(c, v->text, "must not be greater than 100%");
}

static void validate_rolling_update(struct check *c, const struct rolling_update_deployment *r)
{
    static const char zero[] = "may not be 0 when `maxSurge` is 0";
    struct check unavailable = check_at(c, "maxUnavailable");
    validate_positive_int_or_percent(&unavailable, &r->max_unavailable);
    validate_positive_int_or_percent(AT(c, "maxSurge"), &r->max_surge);
    if (bare_int_or_percent(&r->max_unavailable) == 0 && bare_int_or_percent(&r->max_surge) == 0) {
        if (r->max_unavailable.text)
            check_invalid(&unavailable, r->max_unavailable.text, zero);
        else
            check_invalid_int(&unavailable, r->max_unavailable.number, zero);
    }
    validate_at_most_100_percent(&unavailable, &r->max_unavailable);
}

void deployment_strategy_validate(struct check *c, const void *object)
{
    const struct deployment_strategy *s = object;
    struct check rolling = check_at(c, "rollingUpdate");
    if (text_is(s->type, "Recreate") && s->rolling_update)
        check_forbidden(&rolling, "may not be specified when strategy `type` is 'Recreate'");
    else if (text_is(s->type, "RollingUpdate") && s->rolling_update)
        validate_rolling_update(&rolling, s->rolling_update);
}

void deployment_spec_validate(struct check *c, const void *object)
{
    const struct deployment_spec *s = object;
    validate_counts(c, &s->replicas, s->min_ready_seconds);
    validate_selector_and_template(c, s->selector, &s->template_);
    if (s->revision_history_limit.set)
        check_not_negative(AT(c, "revisionHistoryLimit"), s->revision_history_limit.value);
    if (!s->progress_deadline_seconds.set)
        return;
    struct check deadline = check_at(c, "progressDeadlineSeconds");
    check_not_negative(&deadline, s->progress_deadline_seconds.value);
    if (s->progress_deadline_seconds.value <= s->min_ready_seconds)
        check_invalid_int(&deadline, s->progress_deadline_seconds.value, "must be greater than minReadySeconds");
}
