/* api_batch_update.c - what may change of a Job.
 * k8s pkg/apis/batch/validation/validation.go ValidateJobSpecUpdate; pkg/registry/batch/job/strategy.go
 * validationOptionsForJob, v1.36.
 * Left out on purpose: that only nodeAffinity may change of an affinity; here all of it may, where it may at all.
 */
#include "model/api_batch.h"
#include "model/api_types.h"

#include <string.h>

/* k8s shouldAllowMutablePodTemplate; before that gate, only a Job that has never started. */
static bool never_ran(const struct job *j) { return job_is_suspended(j) && j->status.start_time == SIM_NEVER; }

static bool template_may_change(const struct job *j)
{
    return never_ran(j) || (job_is_suspended(j) && job_condition(&j->status, "Suspended") && j->status.active == 0);
}

/* The old template with what the new one may differ in. */
static struct pod_template adapted(struct arena *a, const struct features *f, const struct job *from,
                                   const struct job *to)
{
    struct pod_template t = from->spec.template_;
    const struct pod_template *next = &to->spec.template_;
    bool scheduling = feature_on(f, FEATURE_JOB_MUTABLE_SCHEDULING) ? template_may_change(from) : never_ran(from);
    if (scheduling) {
        t.meta.labels = next->meta.labels;
        t.meta.annotations = next->meta.annotations;
        t.spec.affinity = next->spec.affinity;
        t.spec.node_selector = next->spec.node_selector;
        t.spec.tolerations = next->spec.tolerations;
        t.spec.scheduling_gates = next->spec.scheduling_gates;
    }
    if (!feature_on(f, FEATURE_JOB_MUTABLE_RESOURCES) || !template_may_change(from))
        return t;
    struct container *items = arena_array(a, struct container, t.spec.containers.count + 1);
    for (uint32_t i = 0; i < t.spec.containers.count; i++) {
        items[i] = t.spec.containers.items[i];
        if (i < next->spec.containers.count && text_same(items[i].name, next->spec.containers.items[i].name))
            items[i].resources = next->spec.containers.items[i].resources;
    }
    t.spec.containers.items = items;
    return t;
}

static const char *immutable(struct arena *a, const char *path, const struct api_type *type, const void *value)
{
    struct strbuf b = STRBUF_INIT;
    if (value)
        api_write_json(type, value, 0, &b, 0);
    while (b.len && b.data[b.len - 1] == '\n')
        b.data[--b.len] = '\0';
    const char *text =
        arena_printf(a, "%s: Invalid value: %s: field is immutable", path, value ? strbuf_str(&b) : "null");
    strbuf_fini(&b);
    return text;
}

static bool same_parts(const struct api_type *type, const void *x, const void *y)
{
    return x && y ? api_equal(type, x, y) : !x == !y;
}

static const char *text_json(struct arena *a, const char *text)
{
    return text ? arena_printf(a, "\"%s\"", text) : "null";
}

static const char *wrong_completions(struct arena *a, const struct features *f, const struct job *from,
                                     const struct job *to)
{
    const struct opt_i64 *was = &from->spec.completions, *is = &to->spec.completions;
    bool elastic = job_is_indexed(to) && feature_on(f, FEATURE_JOB_ELASTIC_INDEXED);
    const char *value = is->set ? arena_printf(a, "%" PRId64, is->value) : "null";
    if (was->set == is->set && was->value == is->value)
        return NULL;
    if (!elastic)
        return arena_printf(a, "spec.completions: Invalid value: %s: field is immutable", value);
    if (is->value == to->spec.parallelism.value)
        return NULL;
    return arena_printf(a, "spec.completions: Invalid value: %s: can only be modified in tandem with spec.parallelism",
                        value);
}

const char *wrong_job_update(struct arena *a, const struct features *f, const struct job *from, const struct job *to)
{
    const struct job_spec *x = &from->spec, *y = &to->spec;
    const char *wrong = wrong_completions(a, f, from, to);
    if (wrong)
        return wrong;
    if (!same_parts(&label_selector_type, x->selector, y->selector))
        return immutable(a, "spec.selector", &label_selector_type, y->selector);
    const struct pod_template old = adapted(a, f, from, to);
    if (!api_equal(&pod_template_type, &old, &y->template_))
        return immutable(a, "spec.template", &pod_template_type, &y->template_);
    if (!text_same(x->completion_mode, y->completion_mode))
        return arena_printf(a, "spec.completionMode: Invalid value: %s: field is immutable",
                            text_json(a, y->completion_mode));
    if (!same_parts(&pod_failure_policy_type, x->pod_failure_policy, y->pod_failure_policy))
        return immutable(a, "spec.podFailurePolicy", &pod_failure_policy_type, y->pod_failure_policy);
    if (x->backoff_limit_per_index.set != y->backoff_limit_per_index.set ||
        x->backoff_limit_per_index.value != y->backoff_limit_per_index.value)
        return arena_printf(a, "spec.backoffLimitPerIndex: Invalid value: %" PRId64 ": field is immutable",
                            y->backoff_limit_per_index.value);
    if (!text_same(x->managed_by, y->managed_by))
        return arena_printf(a, "spec.managedBy: Invalid value: %s: field is immutable", text_json(a, y->managed_by));
    if (!same_parts(&success_policy_type, x->success_policy, y->success_policy))
        return immutable(a, "spec.successPolicy", &success_policy_type, y->success_policy);
    return NULL;
}
