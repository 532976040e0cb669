/* api_autoscaling.c - the tables, defaults and rules of HorizontalPodAutoscaler (autoscaling/v2, and v1 as it is read).
 * k8s staging/src/k8s.io/api/autoscaling/v2/types.go, pkg/apis/autoscaling/v2/defaults.go, v1/conversion.go,
 * pkg/apis/autoscaling/validation/validation.go, v1.36.
 */
#include "model/api_autoscaling.h"

#include "model/api_types.h"

#include "model/api_table.h"

#include <string.h>

enum {
    DEFAULT_CPU_UTILIZATION = 80, /* pkg/apis/autoscaling DefaultCPUUtilization */
    MAX_PERIOD_SECONDS = 1800,    /* validation.go MaxPeriodSeconds */
    MAX_STABILIZATION_SECONDS = 3600,
};

/* ---- metrics ---- */

static const char *const target_values[] = {"AverageValue", "Utilization", "Value", NULL};
static const char *const metric_values[] = {"ContainerResource", "External", "Object", "Pods", "Resource", NULL};

#define OWNER struct metric_target
static const struct api_field metric_target_fields[] = {
    FE("type", type, FIELD_ALWAYS | FIELD_REQUIRED, target_values, NULL, "Utilization, Value or AverageValue."),
    F(QUANTITY, "value", value, 0, "So much in all."),
    F(QUANTITY, "averageValue", average_value, 0, "So much per pod."),
    F(OPT_INT32, "averageUtilization", average_utilization, 0, "So many percent of what the pods request."),
};
#undef OWNER
static API_TYPE(metric_target, "MetricTarget", struct metric_target, NULL, NULL, "What a metric shall be.");

#define OWNER struct resource_metric
#define RESOURCE_FIELDS                                                                                                \
    F(STRING, "name", name, FIELD_ALWAYS | FIELD_REQUIRED, "Resource: cpu or memory."),                                \
        FO(OBJECT, "target", target, metric_target_type, FIELD_ALWAYS | FIELD_REQUIRED, "What it shall be.")
static const struct api_field resource_metric_fields[] = {RESOURCE_FIELDS};
static API_TYPE(resource_metric, "ResourceMetricSource", struct resource_metric, NULL, NULL,
                "What the pods use of a resource.");
static const struct api_field container_metric_fields[] = {
    RESOURCE_FIELDS,
    F(STRING, "container", container, FIELD_ALWAYS | FIELD_REQUIRED, "Container of the pods."),
};
static API_TYPE(container_metric, "ContainerResourceMetricSource", struct resource_metric, NULL, NULL,
                "What one container of the pods uses of a resource.");
#undef OWNER

static void metric_spec_validate(struct check *c, const void *object)
{
    const struct metric_spec *m = object;
    const struct {
        const char *type, *field;
        bool given;
    } sources[] = {{"Object", "object", m->object},
                   {"Pods", "pods", m->pods},
                   {"Resource", "resource", m->resource},
                   {"External", "external", m->external},
                   {"ContainerResource", "containerResource", m->container_resource}};
    for (size_t i = 0; i < ARRAY_LEN(sources); i++)
        if (text_is(m->type, sources[i].type) && !sources[i].given)
            check_required(AT(c, sources[i].field), "must populate information for the given metric source");
    const struct resource_metric *r = m->resource ? m->resource : m->container_resource;
    struct check target = check_at(AT(c, m->resource ? "resource" : "containerResource"), "target");
    if (r && !r->target.average_utilization.set && !r->target.average_value.set)
        check_required(AT(&target, "averageUtilization"), "must set either a target raw value or a target utilization");
    if (r && r->target.average_utilization.set && r->target.average_utilization.value < 1)
        check_invalid_int(AT(&target, "averageUtilization"), r->target.average_utilization.value,
                          "must be greater than 0");
}

/* Metrics that nobody offers here are read and kept. */
static const struct api_field metric_identifier_fields[] = {
    R(STRING, "name", "Name of the metric."),
    RO(OBJECT, "selector", label_selector_type, "Which of that name."),
};
static API_RAW_TYPE(metric_identifier, "MetricIdentifier", "A metric.");
static const struct api_field object_reference_raw_fields[] = {
    R(STRING, "apiVersion", "Version of its API."),
    R(STRING, "kind", "Kind of the object."),
    R(STRING, "name", "Name of the object."),
};
static API_RAW_TYPE(object_reference_raw, "CrossVersionObjectReference", "An object.");
static const struct api_field other_metric_fields[] = {
    RO(OBJECT, "metric", metric_identifier_type, "The metric."),
    RO(OBJECT, "target", metric_target_type, "What it shall be."),
    RO(OBJECT, "describedObject", object_reference_raw_type, "Whose metric it is."),
};
static API_RAW_TYPE(other_metric, "MetricSource", "A metric that somebody else offers.");

#define OWNER struct metric_spec
static const struct api_field metric_spec_fields[] = {
    FE("type", type, FIELD_ALWAYS | FIELD_REQUIRED, metric_values, NULL, "Where the metric comes from."),
    FO(POINTER, "resource", resource, resource_metric_type, 0, "What the pods use."),
    FO(POINTER, "containerResource", container_resource, container_metric_type, 0, "What a container of them uses."),
    FR(OBJECT, "pods", pods, &other_metric_type, 0, "A metric of the pods; there are none here."),
    FR(OBJECT, "object", object, &other_metric_type, 0, "A metric of an object; there are none here."),
    FR(OBJECT, "external", external, &other_metric_type, 0, "A metric from outside; there are none here."),
};
#undef OWNER
static API_TYPE(metric_spec, "MetricSpec", struct metric_spec, NULL, metric_spec_validate, "A metric and its target.");

/* ---- behavior ---- */

static const char *const policy_values[] = {"Percent", "Pods", NULL};
static const char *const select_values[] = {"Disabled", "Max", "Min", NULL};

static void scaling_policy_validate(struct check *c, const void *object)
{
    const struct scaling_policy *p = object;
    if (p->value <= 0)
        check_invalid_int(AT(c, "value"), p->value, "must be greater than zero");
    if (p->period_seconds <= 0)
        check_invalid_int(AT(c, "periodSeconds"), p->period_seconds, "must be greater than zero");
    if (p->period_seconds > MAX_PERIOD_SECONDS)
        check_invalid_int(AT(c, "periodSeconds"), p->period_seconds, "must be less than or equal to 1800");
}

#define OWNER struct scaling_policy
static const struct api_field scaling_policy_fields[] = {
    FE("type", type, FIELD_ALWAYS | FIELD_REQUIRED, policy_values, NULL, "Pods or Percent."),
    F(INT32, "value", value, FIELD_ALWAYS | FIELD_REQUIRED, "By how many pods, or percent of them."),
    F(INT32, "periodSeconds", period_seconds, FIELD_ALWAYS | FIELD_REQUIRED, "Within so long."),
};
#undef OWNER
static API_TYPE(scaling_policy, "HPAScalingPolicy", struct scaling_policy, NULL, scaling_policy_validate,
                "A limit of the speed.");

static void scaling_rules_validate(struct check *c, const void *object)
{
    const struct scaling_rules *r = object;
    int64_t window = r->stabilization_window_seconds.value;
    if (window < 0)
        check_invalid_int(AT(c, "stabilizationWindowSeconds"), window, "must be greater than or equal to zero");
    if (window > MAX_STABILIZATION_SECONDS)
        check_invalid_int(AT(c, "stabilizationWindowSeconds"), window, "must be less than or equal to 3600");
}

#define OWNER struct scaling_rules
static const struct api_field scaling_rules_fields[] = {
    F(OPT_INT32, "stabilizationWindowSeconds", stabilization_window_seconds, 0,
      "For how long former recommendations count."),
    FE("selectPolicy", select_policy, 0, select_values, NULL, "Which policy counts: Max, Min, or Disabled."),
    FO(LIST, "policies", policies, scaling_policy_type, 0, "Limits of the speed."),
    F(QUANTITY, "tolerance", tolerance, 0, "How far a metric may be off before anything is done; 0.1 if not given."),
};
#undef OWNER
static API_TYPE(scaling_rules, "HPAScalingRules", struct scaling_rules, NULL, scaling_rules_validate,
                "How fast it goes in one direction.");

#define OWNER struct hpa_behavior
static const struct api_field hpa_behavior_fields[] = {
    FO(POINTER, "scaleUp", scale_up, scaling_rules_type, 0, "How fast it grows."),
    FO(POINTER, "scaleDown", scale_down, scaling_rules_type, 0, "How fast it shrinks."),
};
#undef OWNER
static API_TYPE(hpa_behavior, "HorizontalPodAutoscalerBehavior", struct hpa_behavior, NULL, NULL,
                "How fast the number of replicas changes.");

/* ---- spec ---- */

#define OWNER struct scale_target
static const struct api_field scale_target_fields[] = {
    F(STRING, "apiVersion", api_version, 0, "Version of its API."),
    F(STRING, "kind", kind, FIELD_ALWAYS | FIELD_REQUIRED, "Kind of the workload."),
    F(STRING, "name", name, FIELD_ALWAYS | FIELD_REQUIRED, "Name of the workload."),
};
#undef OWNER
static API_TYPE(scale_target, "CrossVersionObjectReference", struct scale_target, NULL, NULL, "A workload.");

static const struct scaling_policy default_up[] = {{"Pods", 4, 15}, {"Percent", 100, 15}};
static const struct scaling_policy default_down[] = {{"Percent", 100, 15}};

/* GenerateHPAScaleUpRules, GenerateHPAScaleDownRules. */
static struct scaling_rules *default_rules(struct arena *a, const struct scaling_rules *given, bool up)
{
    struct scaling_rules *r = arena_new(a, struct scaling_rules);
    if (given)
        *r = *given;
    if (up && !r->stabilization_window_seconds.set)
        r->stabilization_window_seconds = (struct opt_i64){0, true};
    if (!r->select_policy)
        r->select_policy = "Max";
    if (r->policies.count == 0) {
        r->policies.count = up ? ARRAY_LEN(default_up) : ARRAY_LEN(default_down);
        r->policies.items = arena_array(a, struct scaling_policy, r->policies.count);
        memcpy(r->policies.items, up ? default_up : default_down, r->policies.count * sizeof *r->policies.items);
    }
    return r;
}

/* autoscaling/v1 says one number of percent; without any metric it is 80. */
static void add_cpu_metric(struct arena *a, struct hpa_spec *s)
{
    struct resource_metric *r = arena_new(a, struct resource_metric);
    r->name = "cpu";
    r->target.type = "Utilization";
    r->target.average_utilization = s->target_cpu.set ? s->target_cpu : (struct opt_i64){DEFAULT_CPU_UTILIZATION, true};
    s->metrics.items = arena_new(a, struct metric_spec);
    s->metrics.items[0] = (struct metric_spec){.type = "Resource", .resource = r};
    s->metrics.count = 1;
    s->target_cpu = (struct opt_i64){0};
}

static void hpa_set_defaults(struct arena *a, void *object)
{
    struct hpa *h = object;
    struct hpa_spec *s = &h->spec;
    h->object.api_version_text = "autoscaling/v2";
    if (s->metrics.count == 0)
        add_cpu_metric(a, s);
    if (s->behavior) {
        s->behavior->scale_up = default_rules(a, s->behavior->scale_up, true);
        s->behavior->scale_down = default_rules(a, s->behavior->scale_down, false);
    }
    if (h->status.last_scale_time == 0)
        h->status.last_scale_time = SIM_NEVER;
}

static void hpa_validate(struct check *c, const void *object)
{
    const struct hpa *h = object;
    const struct hpa_spec *s = &h->spec;
    struct check spec = check_at(c, "spec");
    check_object_meta(AT(c, "metadata"), &h->object.meta, wrong_dns1123_subdomain);
    if (s->min_replicas.set && s->min_replicas.value < 1)
        check_invalid_int(AT(&spec, "minReplicas"), s->min_replicas.value, "must be greater than or equal to 1");
    if (s->max_replicas == 0)
        check_required(AT(&spec, "maxReplicas"), "must be set and greater than 0");
    else if (s->max_replicas < 0)
        check_invalid_int(AT(&spec, "maxReplicas"), s->max_replicas, "must be greater than or equal to 1");
    if (s->min_replicas.set && s->max_replicas < s->min_replicas.value)
        check_invalid_int(AT(&spec, "maxReplicas"), s->max_replicas, "must be greater than or equal to `minReplicas`");
}

#define OWNER struct hpa_spec
static const struct api_field hpa_spec_fields[] = {
    FO(OBJECT, "scaleTargetRef", scale_target_ref, scale_target_type, FIELD_ALWAYS | FIELD_REQUIRED,
       "The workload whose replicas it sets."),
    FD(OPT_INT32, "minReplicas", min_replicas, "1", "Never fewer."),
    F(INT32, "maxReplicas", max_replicas, FIELD_ALWAYS, "Never more."),
    FO(LIST, "metrics", metrics, metric_spec_type, 0, "What is looked at; the one that wants most replicas counts."),
    FO(POINTER, "behavior", behavior, hpa_behavior_type, 0, "How fast it goes."),
    F(OPT_INT32, "targetCPUUtilizationPercentage", target_cpu, 0, "autoscaling/v1: percent of the requested CPU."),
};
#undef OWNER
static API_TYPE(hpa_spec, "HorizontalPodAutoscalerSpec", struct hpa_spec, NULL, NULL, "What the user wants.");

/* ---- status ---- */

#define OWNER struct metric_value
static const struct api_field metric_value_fields[] = {
    F(QUANTITY, "averageValue", average_value, 0, "So much per pod."),
    F(OPT_INT32, "averageUtilization", average_utilization, 0, "Percent of what the pods request."),
};
#undef OWNER
static API_TYPE(metric_value, "MetricValueStatus", struct metric_value, NULL, NULL, "What a metric is.");

#define OWNER struct resource_metric_status
static const struct api_field hpa_resource_status_fields[] = {
    F(STRING, "name", name, FIELD_ALWAYS | FIELD_IDENTITY, "Resource."),
    F(STRING, "container", container, 0, "Container of the pods."),
    FO(OBJECT, "current", current, metric_value_type, FIELD_ALWAYS, "What it is."),
};
#undef OWNER
static API_TYPE(hpa_resource_status, "ResourceMetricStatus", struct resource_metric_status, NULL, NULL,
                "What the pods use of a resource.");

#define OWNER struct metric_status
static const struct api_field metric_status_fields[] = {
    F(STRING, "type", type, FIELD_ALWAYS | FIELD_KEEP_EMPTY, "Where it comes from."),
    FO(POINTER, "resource", resource, hpa_resource_status_type, 0, "What the pods use."),
    FO(POINTER, "containerResource", container_resource, hpa_resource_status_type, 0, "What a container of them uses."),
};
#undef OWNER
static API_TYPE(metric_status, "MetricStatus", struct metric_status, NULL, NULL, "A metric as it was last read.");

#define OWNER struct hpa_condition
static const struct api_field hpa_condition_fields[] = {
    F(STRING, "type", type, FIELD_ALWAYS | FIELD_IDENTITY, "AbleToScale, ScalingActive or ScalingLimited."),
    F(STRING, "status", status, FIELD_ALWAYS, "True, False or Unknown."),
    F(TIME, "lastTransitionTime", last_transition_time, 0, "When the status last changed."),
    F(STRING, "reason", reason, 0, "Cause, one word."),
    F(STRING, "message", message, 0, "Details for people."),
};
#undef OWNER
static API_TYPE(hpa_condition, "HorizontalPodAutoscalerCondition", struct hpa_condition, NULL, NULL,
                "One aspect of an autoscaler.");

#define OWNER struct hpa_status
static const struct api_field hpa_status_fields[] = {
    F(TIME, "lastScaleTime", last_scale_time, 0, "When it last changed the number."),
    F(INT32, "currentReplicas", current_replicas, 0, "Replicas when it last looked."),
    F(INT32, "desiredReplicas", desired_replicas, FIELD_ALWAYS, "Replicas that it wanted then."),
    FO(LIST, "currentMetrics", current_metrics, metric_status_type, 0, "Metrics as it last read them."),
    FO(LIST, "conditions", conditions, hpa_condition_type, 0, "Can it scale, does it, is it held back."),
};
#undef OWNER
static API_TYPE(hpa_status, "HorizontalPodAutoscalerStatus", struct hpa_status, NULL, NULL,
                "What the cluster says about it.");

#define OWNER struct hpa
static const char *const autoscaling_versions[] = {"autoscaling/v1", "autoscaling/v2", NULL};
static const char *const hpa_kind[] = {"HorizontalPodAutoscaler", NULL};
static const struct api_field hpa_fields[] = {
    FE("apiVersion", object.api_version_text, FIELD_REQUIRED, autoscaling_versions, "autoscaling/v2",
       "Version of the API: autoscaling/v2, or v1."),
    FE("kind", object.kind_text, FIELD_REQUIRED, hpa_kind, "HorizontalPodAutoscaler",
       "Kind of the object: HorizontalPodAutoscaler."),
    FO(OBJECT, "metadata", object.meta, object_meta_type, FIELD_ALWAYS, "Name, labels, annotations."),
    FO(OBJECT, "spec", spec, hpa_spec_type, FIELD_ALWAYS | FIELD_REQUIRED, "What the user wants."),
    FO(OBJECT, "status", status, hpa_status_type, FIELD_ALWAYS | FIELD_READONLY, "What the cluster says about it."),
};
#undef OWNER
API_TYPE(hpa, "HorizontalPodAutoscaler", struct hpa, hpa_set_defaults, hpa_validate,
         "Sets a workload's replicas by what its pods use.");
