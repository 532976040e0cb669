/* api_sets_validate.c - the rules for StatefulSets, DaemonSets, their revisions and claims, in the API server's words.
 * k8s pkg/apis/apps/validation/validation.go; pkg/apis/core/validation/validation.go for claims, v1.36; functions are
 * named after theirs. Left out on purpose: most rules for claims, of whose volumes nothing is modelled.
 */
#include "model/api_sets.h"
#include "model/api_types.h"

void stateful_set_validate(struct check *c, const void *object)
{
    check_object_meta(AT(c, "metadata"), &((const struct api_object *)object)->meta, wrong_dns1123_label);
}

void controller_revision_validate(struct check *c, const void *object)
{
    const struct controller_revision *r = object;
    check_object_meta(AT(c, "metadata"), &r->object.meta, wrong_dns1123_subdomain);
    check_not_negative(AT(c, "revision"), r->revision);
}

/* ---- claims ---- */

/* k8s ValidatePersistentVolumeClaimSpec: what every claim needs. */
static void validate_claim_spec(struct check *c, const struct value *spec)
{
    const struct value *modes = spec ? value_get(spec, "accessModes") : NULL;
    const struct value *requests = spec ? value_get(spec, "resources") : NULL;
    requests = requests ? value_get(requests, "requests") : NULL;
    if (!modes || modes->count == 0)
        check_required(AT(c, "accessModes"), "at least 1 access mode is required");
    if (!requests || !value_get(requests, "storage"))
        check_required(AT(AT(c, "resources"), "requests"), NULL);
}

void claim_validate(struct check *c, const void *object)
{
    const struct persistent_volume_claim *claim = object;
    check_object_meta(AT(c, "metadata"), &claim->object.meta, wrong_dns1123_subdomain);
    validate_claim_spec(AT(c, "spec"), claim->spec);
}

/* ---- StatefulSet ---- */

static void validate_rolling_update(struct check *c, const struct rolling_update_stateful_set *r)
{
    const struct int_or_string *most = &r->max_unavailable;
    struct check unavailable = check_at(c, "maxUnavailable");
    check_not_negative(AT(c, "partition"), r->partition.value);
    if (!most->set)
        return;
    validate_positive_int_or_percent(&unavailable, most);
    if (bare_int_or_percent(most) == 0 && most->text)
        check_invalid(&unavailable, most->text, "cannot be 0");
    else if (bare_int_or_percent(most) == 0)
        check_invalid_int(&unavailable, most->number, "cannot be 0");
    validate_at_most_100_percent(&unavailable, most);
}

void stateful_strategy_validate(struct check *c, const void *object)
{
    const struct stateful_set_update_strategy *s = object;
    struct check rolling = check_at(c, "rollingUpdate");
    if (text_is(s->type, "OnDelete") && s->rolling_update)
        check_invalid_raw(&rolling, check_json_of(c, &rolling_update_stateful_set_type, s->rolling_update),
                          "only allowed for updateStrategy 'RollingUpdate'");
    else if (text_is(s->type, "RollingUpdate") && s->rolling_update)
        validate_rolling_update(&rolling, s->rolling_update);
    else if (!text_is(s->type, "OnDelete") && !text_is(s->type, "RollingUpdate"))
        check_invalid_raw(c, check_json_of(c, &stateful_set_update_strategy_type, s),
                          "must be 'RollingUpdate' or 'OnDelete'");
}

/* The template as its pods will have it: volumes of the claims stand in for those of the same name, and the names that
 * the controller gives are not looked at. */
static struct pod_spec spec_of_pods(struct arena *a, const struct stateful_set_spec *s)
{
    struct pod_spec spec = s->template_.spec;
    uint32_t claims = s->volume_claim_templates.count;
    spec.hostname = spec.subdomain = NULL;
    if (claims == 0)
        return spec;
    spec.volumes.items = arena_array(a, struct volume, claims + spec.volumes.count);
    spec.volumes.count = 0;
    for (uint32_t i = 0; i < claims; i++) {
        const char *name = s->volume_claim_templates.items[i].object.meta.name;
        spec.volumes.items[spec.volumes.count++] = claim_volume(a, name, name ? name : "");
    }
    for (uint32_t i = 0; i < s->template_.spec.volumes.count; i++) {
        const struct volume *v = &s->template_.spec.volumes.items[i];
        bool replaced = false;
        for (uint32_t k = 0; k < claims; k++)
            replaced = replaced || text_same(spec.volumes.items[k].name, v->name);
        if (!replaced)
            spec.volumes.items[spec.volumes.count++] = *v;
    }
    return spec;
}

static void validate_stateful_template(struct check *c, const struct stateful_set_spec *s)
{
    struct check template = check_at(c, "template"), spec = check_at(&template, "spec");
    struct pod_spec pods = spec_of_pods(c->run->arena, s);
    struct check claims = check_at(c, "volumeClaimTemplates");
    pod_spec_validate(&spec, &pods);
    check_template_for(c, "StatefulSet", s->selector, &s->template_);
    for (uint32_t i = 0; i < s->volume_claim_templates.count; i++)
        validate_claim_spec(AT(AT_ITEM(&claims, i), "spec"), s->volume_claim_templates.items[i].spec);
}

void stateful_set_spec_validate(struct check *c, const void *object)
{
    const struct stateful_set_spec *s = object;
    const char *policy = s->pod_management_policy;
    if (!text_is(policy, "OrderedReady") && !text_is(policy, "Parallel"))
        check_invalid(AT(c, "podManagementPolicy"), policy ? policy : "", "must be 'OrderedReady' or 'Parallel'");
    check_not_negative(AT(c, "replicas"), s->replicas.value);
    check_not_negative(AT(c, "minReadySeconds"), s->min_ready_seconds);
    if (s->ordinals)
        check_not_negative(AT(AT(c, "ordinals"), "start"), s->ordinals->start);
    if (s->service_name && *s->service_name)
        check_name(AT(c, "serviceName"), s->service_name, wrong_dns1123_label);
    if (!s->selector)
        return; /* that it is missing has been said: FIELD_REQUIRED */
    if (label_selector_is_empty(s->selector))
        check_invalid_raw(AT(c, "selector"), check_json_of(c, &label_selector_type, s->selector),
                          "empty selector is invalid for statefulset");
    validate_stateful_template(c, s);
}

/* ---- DaemonSet ---- */

void daemon_strategy_validate(struct check *c, const void *object)
{
    const struct daemon_set_update_strategy *s = object;
    const struct rolling_update_deployment *r = s->rolling_update;
    if (!text_is(s->type, "RollingUpdate") || !r)
        return;
    struct check rolling = check_at(c, "rollingUpdate"), unavailable = check_at(&rolling, "maxUnavailable"),
                 surge = check_at(&rolling, "maxSurge");
    validate_positive_int_or_percent(&unavailable, &r->max_unavailable);
    validate_positive_int_or_percent(&surge, &r->max_surge);
    validate_at_most_100_percent(&unavailable, &r->max_unavailable);
    validate_at_most_100_percent(&surge, &r->max_surge);
    bool some_missing = bare_int_or_percent(&r->max_unavailable) != 0,
         some_more = bare_int_or_percent(&r->max_surge) != 0;
    static const char both[] = "may not be set when maxUnavailable is non-zero";
    if (some_missing && some_more && r->max_surge.text)
        check_invalid(&surge, r->max_surge.text, both);
    else if (some_missing && some_more)
        check_invalid_int(&surge, r->max_surge.number, both);
    else if (!some_missing && !some_more)
        check_required(&unavailable, "cannot be 0 when maxSurge is 0");
}

void daemon_set_spec_validate(struct check *c, const void *object)
{
    const struct daemon_set_spec *s = object;
    check_not_negative(AT(c, "minReadySeconds"), s->min_ready_seconds);
    if (s->revision_history_limit.set)
        check_not_negative(AT(c, "revisionHistoryLimit"), s->revision_history_limit.value);
    if (!s->selector)
        return;
    if (label_selector_is_empty(s->selector))
        check_invalid_raw(AT(c, "selector"), check_json_of(c, &label_selector_type, s->selector),
                          "empty selector is invalid for daemonset");
    check_template_for(c, "DaemonSet", s->selector, &s->template_);
}
