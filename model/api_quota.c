/* api_quota.c - the tables and rules of ResourceQuota, LimitRange and PodPreset.
 * k8s staging/src/k8s.io/api/core/v1/types.go, pkg/apis/core/v1/defaults.go SetDefaults_LimitRangeItem,
 * pkg/apis/core/validation/validation.go (v1.36); pkg/apis/settings/validation (v1.19). Left out on purpose: rules
 * about hugepages, scopes of PersistentVolumeClaims.
 */
#include "model/api_quota.h"
#include "model/api_types.h"

#include "model/api_table.h"

#include <string.h>

static const char *const core_version[] = {"v1", NULL};

/* ---- amounts by name ---- */

const struct quantity *quantity_map_get(const quantity_map *m, const char *key)
{
    for (uint32_t i = 0; i < m->count; i++)
        if (strcmp(m->items[i].key, key) == 0)
            return &m->items[i].value;
    return NULL;
}

quantity_map quantity_map_with(struct arena *a, const quantity_map *m, const char *key, const struct quantity *q)
{
    quantity_map next = {arena_array(a, struct quantity_pair, m->count + 1), 0};
    uint32_t i = 0;
    for (; i < m->count && strcmp(m->items[i].key, key) < 0; i++)
        next.items[next.count++] = m->items[i];
    next.items[next.count++] = (struct quantity_pair){key, *q};
    for (i += i < m->count && strcmp(m->items[i].key, key) == 0; i < m->count; i++)
        next.items[next.count++] = m->items[i];
    return next;
}

static bool is_one_of(const char *word, const char *const *words)
{
    for (; *words; words++)
        if (strcmp(word, *words) == 0)
            return true;
    return false;
}

/* ---- ResourceQuota ---- */

static const char *const quota_resources[] = {"cpu",
                                              "memory",
                                              "ephemeral-storage",
                                              "requests.cpu",
                                              "requests.memory",
                                              "requests.storage",
                                              "requests.ephemeral-storage",
                                              "limits.cpu",
                                              "limits.memory",
                                              "limits.ephemeral-storage",
                                              "pods",
                                              "resourcequotas",
                                              "services",
                                              "replicationcontrollers",
                                              "secrets",
                                              "persistentvolumeclaims",
                                              "configmaps",
                                              "services.nodeports",
                                              "services.loadbalancers",
                                              NULL};
static const char *const scopes[] = {"Terminating",   "NotTerminating",        "BestEffort", "NotBestEffort",
                                     "PriorityClass", "VolumeAttributesClass", NULL};

static void check_hard(struct check *c, const quantity_map *hard)
{
    struct check at = check_at(c, "hard");
    for (uint32_t i = 0; i < hard->count; i++) {
        const char *key = hard->items[i].key;
        if (!strchr(key, '/') && !is_one_of(key, quota_resources))
            check_invalid(AT_KEY(&at, key), key, "must be a standard resource for quota");
        check_amount(AT_KEY(&at, key), &hard->items[i].value);
    }
}

/* k8s IsResourceQuotaScopeValidForResource, of resources that are standard. */
static bool scope_fits(const char *scope, const char *resource)
{
    bool compute = is_one_of(resource, quota_resources) && resource[0] != 's' &&
                   (strstr(resource, "cpu") || strstr(resource, "memory") || strstr(resource, "ephemeral"));
    if (strcmp(scope, "BestEffort") == 0)
        return strcmp(resource, "pods") == 0;
    return compute || strcmp(resource, "pods") == 0;
}

static const char *go_list(struct arena *a, const str_list *list)
{
    const char *text = "[";
    for (uint32_t i = 0; i < list->count; i++)
        text = arena_printf(a, "%s%s\"%s\"", text, i ? "," : "", list->items[i]);
    return arena_printf(a, "%s]", text);
}

static bool has(const str_list *list, const char *word)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i], word) == 0)
            return true;
    return false;
}

static void check_scopes(struct check *c, const struct resource_quota_spec *s)
{
    struct check at = check_at(c, "scopes");
    const char *shown = go_list(c->run->arena, &s->scopes);
    for (uint32_t i = 0; i < s->scopes.count; i++) {
        const char *scope = s->scopes.items[i];
        if (!is_one_of(scope, scopes)) {
            check_invalid_raw(&at, shown, "unsupported scope");
            continue;
        }
        for (uint32_t k = 0; k < s->hard.count; k++)
            if (is_one_of(s->hard.items[k].key, quota_resources) && !scope_fits(scope, s->hard.items[k].key))
                check_invalid_raw(&at, shown, "unsupported scope applied to resource");
    }
    if ((has(&s->scopes, "BestEffort") && has(&s->scopes, "NotBestEffort")) ||
        (has(&s->scopes, "Terminating") && has(&s->scopes, "NotTerminating")))
        check_invalid_raw(&at, shown, "conflicting scopes");
}

static void scope_requirement_validate(struct check *c, const void *object)
{
    const struct scope_requirement *r = object;
    const char *op = r->operator_ ? r->operator_ : "";
    bool in = strcmp(op, "In") == 0 || strcmp(op, "NotIn") == 0,
         exists = strcmp(op, "Exists") == 0 || strcmp(op, "DoesNotExist") == 0;
    if (r->scope_name && !is_one_of(r->scope_name, scopes))
        check_invalid(AT(c, "scopeName"), r->scope_name, "unsupported scope");
    else if (r->scope_name && strcmp(r->scope_name, "PriorityClass") != 0 && strcmp(op, "Exists") != 0)
        check_invalid(AT(c, "operator"), op,
                      "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, "
                      "ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, "
                      "ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity");
    if (in && r->values.count == 0)
        check_required(AT(c, "values"),
                       "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector");
    else if (exists && r->values.count)
        check_invalid_raw(AT(c, "values"), go_list(c->run->arena, &r->values),
                          "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector");
    else if (!in && !exists)
        check_invalid(AT(c, "operator"), op, "not a valid selector operator");
}

static void resource_quota_spec_validate(struct check *c, const void *object)
{
    const struct resource_quota_spec *s = object;
    check_hard(c, &s->hard);
    check_scopes(c, s);
}

#define OWNER struct scope_requirement
static const struct api_field scope_requirement_fields[] = {
    F(STRING, "scopeName", scope_name, FIELD_REQUIRED, "Scope that the condition is about."),
    F(STRING, "operator", operator_, FIELD_REQUIRED, "In, NotIn, Exists or DoesNotExist."),
    F(STRING_LIST, "values", values, 0, "Values that In and NotIn compare with."),
};
#undef OWNER
static API_TYPE(scope_requirement, "ScopedResourceSelectorRequirement", struct scope_requirement, NULL,
                scope_requirement_validate, "One condition of a scope selector.");

#define OWNER struct scope_selector
static const struct api_field scope_selector_fields[] = {
    FO(LIST, "matchExpressions", match_expressions, scope_requirement_type, 0, "Conditions that must hold."),
};
#undef OWNER
static API_TYPE(scope_selector, "ScopeSelector", struct scope_selector, NULL, NULL, "Which pods a quota counts.");

#define OWNER struct resource_quota_spec
static const struct api_field resource_quota_spec_fields[] = {
    F(QUANTITY_MAP, "hard", hard, 0, "How much there may be of each resource."),
    F(STRING_LIST, "scopes", scopes, 0, "Only what all of these mean is counted."),
    FO(POINTER, "scopeSelector", scope_selector, scope_selector_type, 0, "The same as conditions."),
};
#undef OWNER
static API_TYPE(resource_quota_spec, "ResourceQuotaSpec", struct resource_quota_spec, NULL,
                resource_quota_spec_validate, "What the user wants.");

#define OWNER struct resource_quota_status
static const struct api_field resource_quota_status_fields[] = {
    F(QUANTITY_MAP, "hard", hard, 0, "The limits in force."),
    F(QUANTITY_MAP, "used", used, 0, "How much there is."),
};
#undef OWNER
static API_TYPE(resource_quota_status, "ResourceQuotaStatus", struct resource_quota_status, NULL, NULL,
                "What the cluster says about it.");

bool resource_quota_status_equal(const struct resource_quota_status *a, const struct resource_quota_status *b)
{
    return api_equal(&resource_quota_status_type, a, b);
}

#define OWNER struct resource_quota
static const char *const resource_quota_kind[] = {"ResourceQuota", NULL};
static const struct api_field resource_quota_fields[] = {
    FE("apiVersion", object.api_version_text, FIELD_REQUIRED, core_version, "v1", "Version of the API: v1."),
    FE("kind", object.kind_text, FIELD_REQUIRED, resource_quota_kind, "ResourceQuota",
       "Kind of the object: ResourceQuota."),
    FO(OBJECT, "metadata", object.meta, object_meta_type, FIELD_ALWAYS, "Name, labels, annotations."),
    FO(OBJECT, "spec", spec, resource_quota_spec_type, FIELD_ALWAYS, "What the user wants."),
    FO(OBJECT, "status", status, resource_quota_status_type, FIELD_ALWAYS | FIELD_READONLY,
       "What the cluster says about it."),
};
#undef OWNER
API_TYPE(resource_quota, "ResourceQuota", struct resource_quota, NULL, workload_meta_validate,
         "How much of everything a namespace may have.");

/* ---- LimitRange ---- */

static void default_from(struct arena *a, quantity_map *to, const quantity_map *from)
{
    for (uint32_t i = 0; i < from->count; i++)
        if (!quantity_map_get(to, from->items[i].key))
            *to = quantity_map_with(a, to, from->items[i].key, &from->items[i].value);
}

static void limit_range_item_set_defaults(struct arena *a, void *object)
{
    struct limit_range_item *item = object;
    if (!text_is(item->type, "Container"))
        return;
    default_from(a, &item->default_, &item->max);
    default_from(a, &item->default_request, &item->default_);
    default_from(a, &item->default_request, &item->min);
}

static void check_order(struct check *c, const quantity_map *less, const char *less_name, const quantity_map *more,
                        const char *more_name, const char *field)
{
    for (uint32_t i = 0; i < less->count; i++) {
        const char *key = less->items[i].key;
        const struct quantity *low = &less->items[i].value, *high = quantity_map_get(more, key);
        if (high && quantity_compare(low, high) > 0)
            check_invalid(AT_KEY(AT(c, field), key), low->text,
                          arena_printf(c->run->arena, "%s value %s is greater than %s value %s", less_name, low->text,
                                       more_name, high->text));
    }
}

static void limit_range_item_validate(struct check *c, const void *object)
{
    const struct limit_range_item *item = object;
    if (text_is(item->type, "Pod")) {
        if (item->default_.count)
            check_forbidden(AT(c, "default"), "may not be specified when `type` is 'Pod'");
        if (item->default_request.count)
            check_forbidden(AT(c, "defaultRequest"), "may not be specified when `type` is 'Pod'");
    }
    check_order(c, &item->min, "min", &item->max, "max", "min");
    check_order(c, &item->min, "min", &item->default_request, "default request", "defaultRequest");
    check_order(c, &item->default_request, "default request", &item->max, "max", "defaultRequest");
    check_order(c, &item->default_request, "default request", &item->default_, "default limit", "defaultRequest");
    check_order(c, &item->min, "min", &item->default_, "default", "default");
    check_order(c, &item->default_, "default", &item->max, "max", "default");
    for (uint32_t i = 0; i < item->max_limit_request_ratio.count; i++) {
        const struct quantity_pair *p = &item->max_limit_request_ratio.items[i];
        if (quantity_milli(&p->value) < 1000)
            check_invalid(AT_KEY(AT(c, "maxLimitRequestRatio"), p->key), p->value.text,
                          arena_printf(c->run->arena, "ratio %s is less than 1", p->value.text));
    }
}

static void limit_range_spec_validate(struct check *c, const void *object)
{
    const struct limit_range_spec *s = object;
    struct check limits = check_at(c, "limits");
    for (uint32_t i = 0; i < s->limits.count; i++)
        for (uint32_t k = 0; k < i; k++)
            if (s->limits.items[i].type && text_is(s->limits.items[k].type, s->limits.items[i].type)) {
                check_duplicate(AT(AT_ITEM(&limits, i), "type"), s->limits.items[i].type);
                break;
            }
}

#define OWNER struct limit_range_item
static const struct api_field limit_range_item_fields[] = {
    F(STRING, "type", type, FIELD_REQUIRED, "What is limited: Container, Pod or PersistentVolumeClaim."),
    F(QUANTITY_MAP, "max", max, 0, "The most that one may take."),
    F(QUANTITY_MAP, "min", min, 0, "The least that one must take."),
    F(QUANTITY_MAP, "default", default_, 0, "Limits of containers that have none; max unless given."),
    F(QUANTITY_MAP, "defaultRequest", default_request, 0,
      "Requests of containers that have none; the default limit "
      "unless given."),
    F(QUANTITY_MAP, "maxLimitRequestRatio", max_limit_request_ratio, 0, "How often the request the limit may be."),
};
#undef OWNER
static API_TYPE(limit_range_item, "LimitRangeItem", struct limit_range_item, limit_range_item_set_defaults,
                limit_range_item_validate, "Limits for one type of things.");

#define OWNER struct limit_range_spec
static const struct api_field limit_range_spec_fields[] = {
    FO(LIST, "limits", limits, limit_range_item_type, FIELD_REQUIRED, "Limits, one item per type."),
};
#undef OWNER
static API_TYPE(limit_range_spec, "LimitRangeSpec", struct limit_range_spec, NULL, limit_range_spec_validate,
                "What the user wants.");

#define OWNER struct limit_range
static const char *const limit_range_kind[] = {"LimitRange", NULL};
static const struct api_field limit_range_fields[] = {
    FE("apiVersion", object.api_version_text, FIELD_REQUIRED, core_version, "v1", "Version of the API: v1."),
    FE("kind", object.kind_text, FIELD_REQUIRED, limit_range_kind, "LimitRange", "Kind of the object: LimitRange."),
    FO(OBJECT, "metadata", object.meta, object_meta_type, FIELD_ALWAYS, "Name, labels, annotations."),
    FO(OBJECT, "spec", spec, limit_range_spec_type, FIELD_ALWAYS, "What the user wants."),
};
#undef OWNER
API_TYPE(limit_range, "LimitRange", struct limit_range, NULL, workload_meta_validate,
         "What each container or pod of a namespace may take, and takes unless it says so.");

/* ---- PodPreset ---- */

#define OWNER struct pod_preset_spec
static const struct api_field pod_preset_spec_fields[] = {
    FO(OBJECT, "selector", selector, label_selector_type, FIELD_ALWAYS, "Pods that get all this."),
    FO(LIST, "env", env, env_var_type, 0, "Variables for their containers."),
    FO(LIST, "envFrom", env_from, env_from_source_type, 0, "Sources of variables for their containers."),
    FO(LIST, "volumes", volumes, volume_type, 0, "Volumes for the pods."),
    FO(LIST, "volumeMounts", volume_mounts, volume_mount_type, 0, "Where their containers see them."),
};
#undef OWNER
static API_TYPE(pod_preset_spec, "PodPresetSpec", struct pod_preset_spec, NULL, NULL, "What the user wants.");

#define OWNER struct pod_preset
static const char *const settings_version[] = {"settings.k8s.io/v1alpha1", NULL};
static const char *const pod_preset_kind[] = {"PodPreset", NULL};
static const struct api_field pod_preset_fields[] = {
    FE("apiVersion", object.api_version_text, FIELD_REQUIRED, settings_version, "settings.k8s.io/v1alpha1",
       "Version of the API: settings.k8s.io/v1alpha1."),
    FE("kind", object.kind_text, FIELD_REQUIRED, pod_preset_kind, "PodPreset", "Kind of the object: PodPreset."),
    FO(OBJECT, "metadata", object.meta, object_meta_type, FIELD_ALWAYS, "Name, labels, annotations."),
    FO(OBJECT, "spec", spec, pod_preset_spec_type, FIELD_ALWAYS, "What the user wants."),
};
#undef OWNER
API_TYPE(pod_preset, "PodPreset", struct pod_preset, NULL, workload_meta_validate,
         "What pods of a namespace are given when they are created (Kubernetes 1.6 to 1.19).");
