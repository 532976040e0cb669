/* kubectl_describe_hpa.c - kubectl describe of a HorizontalPodAutoscaler.
 * kubectl pkg/describe/describe.go describeHorizontalPodAutoscalerV2 (v1.36).
 */
#include "model/api_autoscaling.h"
#include "model/kubectl_describe.h"

static void metric_line(struct describe *d, const struct hpa *h, uint32_t i)
{
    const struct metric_spec *m = &h->spec.metrics.items[i];
    const struct resource_metric *want = m->resource ? m->resource : m->container_resource;
    const struct metric_status *s = i < h->status.current_metrics.count ? &h->status.current_metrics.items[i] : NULL;
    const struct resource_metric_status *is = !s ? NULL : s->resource ? s->resource : s->container_resource;
    if (!want) {
        strbuf_printf(&d->text, "  <unknown metric type \"%s\">\n", m->type);
        return;
    }
    strbuf_printf(&d->text, "  resource %s %s%s", want->name, want->container ? "of container " : "on pods",
                  want->container ? want->container : "");
    if (want->target.average_value.set)
        strbuf_printf(&d->text, ":\t%s / %s\n", is ? is->current.average_value.text : "<unknown>",
                      want->target.average_value.text);
    else if (is)
        strbuf_printf(&d->text, "  (as a percentage of request):\t%" PRId64 "%% (%s) / %" PRId64 "%%\n",
                      is->current.average_utilization.value, is->current.average_value.text,
                      want->target.average_utilization.value);
    else
        strbuf_printf(&d->text, "  (as a percentage of request):\t<unknown> / %" PRId64 "%%\n",
                      want->target.average_utilization.value);
}

static void behavior_lines(struct describe *d, const char *label, const struct scaling_rules *r)
{
    strbuf_printf(&d->text, "  %s:\n", label);
    if (r->stabilization_window_seconds.set)
        strbuf_printf(&d->text, "    Stabilization Window: %" PRId64 " seconds\n",
                      r->stabilization_window_seconds.value);
    strbuf_printf(&d->text, "    Select Policy: %s\n    Policies:\n", r->select_policy);
    for (uint32_t i = 0; i < r->policies.count; i++)
        strbuf_printf(&d->text, "      - Type: %s\tValue: %" PRId64 "\tPeriod: %" PRId64 " seconds\n",
                      r->policies.items[i].type, r->policies.items[i].value, r->policies.items[i].period_seconds);
}

void describe_hpa(struct describe *d, const struct api_object *o)
{
    const struct hpa *h = (const struct hpa *)o;
    describe_line(d, "Name", o->meta.name);
    describe_line(d, "Namespace", o->meta.namespace_);
    describe_map(d, "Labels", &o->meta.labels, '=');
    describe_map(d, "Annotations", &o->meta.annotations, ':');
    strbuf_puts(&d->text, "CreationTimestamp:\t");
    describe_date(d, o->meta.creation_timestamp);
    strbuf_printf(&d->text, "\nReference:\t%s/%s\nMetrics:\t( current / target )\n", h->spec.scale_target_ref.kind,
                  h->spec.scale_target_ref.name);
    for (uint32_t i = 0; i < h->spec.metrics.count; i++)
        metric_line(d, h, i);
    strbuf_printf(&d->text, "Min replicas:\t%" PRId64 "\nMax replicas:\t%" PRId64 "\n", h->spec.min_replicas.value,
                  h->spec.max_replicas);
    if (h->spec.behavior) {
        strbuf_puts(&d->text, "Behavior:\n");
        behavior_lines(d, "Scale Up", h->spec.behavior->scale_up);
        behavior_lines(d, "Scale Down", h->spec.behavior->scale_down);
    }
    strbuf_printf(&d->text, "%s pods:\t%" PRId64 " current / %" PRId64 " desired\n", h->spec.scale_target_ref.kind,
                  h->status.current_replicas, h->status.desired_replicas);
    if (h->status.conditions.count)
        strbuf_puts(&d->text, "Conditions:\n  Type\tStatus\tReason\tMessage\n  ----\t------\t------\t-------\n");
    for (uint32_t i = 0; i < h->status.conditions.count; i++) {
        const struct hpa_condition *c = &h->status.conditions.items[i];
        strbuf_printf(&d->text, "  %s\t%s\t%s\t%s\n", c->type, c->status, c->reason, c->message);
    }
    describe_events(d, o);
}
