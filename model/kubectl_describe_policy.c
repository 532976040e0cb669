/* kubectl_describe_policy.c - kubectl describe of what an administrator says of others' pods.
 * kubectl pkg/describe/describe.go (v1.36).
 */
#include "model/api_policy.h"
#include "model/kubectl_describe.h"

static void head(struct describe *d, const struct api_object *o)
{
    describe_line(d, "Name", o->meta.name);
    if (kind_infos[o->kind].namespaced)
        describe_line(d, "Namespace", o->meta.namespace_);
}

static void share_line(struct describe *d, const char *label, const struct int_or_string *v)
{
    if (v->text)
        describe_line(d, label, v->text);
    else
        strbuf_printf(&d->text, "%s:\t%" PRId64 "\n", label, v->number);
}

void describe_pdb(struct describe *d, const struct api_object *o)
{
    const struct pdb *b = (const struct pdb *)o;
    head(d, o);
    if (b->spec.min_available.set)
        share_line(d, "Min available", &b->spec.min_available);
    else if (b->spec.max_unavailable.set)
        share_line(d, "Max unavailable", &b->spec.max_unavailable);
    strbuf_puts(&d->text, "Selector:\t");
    if (b->spec.selector)
        label_selector_format(b->spec.selector, &d->text);
    else
        strbuf_puts(&d->text, "<unset>");
    strbuf_puts(&d->text, "\nStatus:\n");
    const struct {
        const char *label;
        int64_t n;
    } rows[] = {{"Allowed disruptions", b->status.disruptions_allowed},
                {"Current", b->status.current_healthy},
                {"Desired", b->status.desired_healthy},
                {"Total", b->status.expected_pods}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        strbuf_printf(&d->text, "    %s:\t%" PRId64 "\n", rows[i].label, rows[i].n);
    describe_events(d, o);
}

void describe_priority_class(struct describe *d, const struct api_object *o)
{
    const struct priority_class *pc = (const struct priority_class *)o;
    head(d, o);
    strbuf_printf(&d->text, "Value:\t%" PRId64 "\n", pc->value);
    describe_line(d, "GlobalDefault", pc->global_default ? "true" : "false");
    describe_line(d, "PreemptionPolicy", pc->preemption_policy);
    describe_line(d, "Description", pc->description ? pc->description : "");
    strbuf_puts(&d->text, "Annotations:\t");
    for (uint32_t i = 0; i < o->meta.annotations.count; i++)
        strbuf_printf(&d->text, "%s%s=%s", i ? "," : "", o->meta.annotations.items[i].key,
                      o->meta.annotations.items[i].value);
    strbuf_puts(&d->text, o->meta.annotations.count ? "\n" : "<none>\n");
    describe_events(d, o);
}
