/* kubectl_describe_policy.c - kubectl describe of what an administrator says of others' pods, and of a
 * namespace.
 * kubectl pkg/describe/describe.go (v1.36).
 */
#include <string.h>

#include "model/api_policy.h"
#include "model/api_quota.h"
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

/* ---- quotas and limits ---- */

static const struct {
    const char *scope, *text;
} scope_texts[] = {
    {"BestEffort",
     "Matches all pods that do not have resource requirements set. These pods have a best effort quality of "
     "service."},
    {"NotBestEffort",
     "Matches all pods that have at least one resource requirement set. These pods have a burstable or "
     "guaranteed quality of service."},
    {"NotTerminating", "Matches all pods that do not have an active deadline. These pods usually include long running "
                       "pods whose container command is not expected to terminate."},
    {"Terminating",
     "Matches all pods that have an active deadline. These pods have a limited lifespan on a node before "
     "being actively terminated by the system."},
};

/* Scopes sorted, and what they mean. */
static void quota_scopes(struct describe *d, const struct resource_quota *q, const char *indent, const char *bullet)
{
    const char *names = "", *last = "";
    for (uint32_t n = 0; n < q->spec.scopes.count; n++) {
        const char *next = NULL;
        for (uint32_t i = 0; i < q->spec.scopes.count; i++) {
            const char *s = q->spec.scopes.items[i];
            if (strcmp(s, last) > 0 && (!next || strcmp(s, next) < 0))
                next = s;
        }
        if (!next)
            break;
        names = arena_printf(d->run->arena, "%s%s%s", names, n ? ", " : "", next);
        last = next;
    }
    if (*names)
        strbuf_printf(&d->text, "%sScopes:\t%s\n", indent, names);
    for (size_t i = 0; i < ARRAY_LEN(scope_texts); i++)
        for (uint32_t k = 0; k < q->spec.scopes.count; k++)
            if (strcmp(q->spec.scopes.items[k], scope_texts[i].scope) == 0)
                strbuf_printf(&d->text, "%s%s\n", bullet, scope_texts[i].text);
}

static void quota_rows(struct describe *d, const struct resource_quota *q, const char *indent)
{
    for (uint32_t i = 0; i < q->status.hard.count; i++) {
        const struct quantity_pair *p = &q->status.hard.items[i];
        const struct quantity *used = quantity_map_get(&q->status.used, p->key);
        strbuf_printf(&d->text, "%s%s\t%s\t%s\n", indent, p->key, used ? used->text : "0", p->value.text);
    }
}

void describe_resource_quota(struct describe *d, const struct api_object *o)
{
    const struct resource_quota *q = (const struct resource_quota *)o;
    head(d, o);
    quota_scopes(d, q, "", " * ");
    strbuf_puts(&d->text, "Resource\tUsed\tHard\n--------\t----\t----\n");
    quota_rows(d, q, "");
}

static const char *cell(const quantity_map *m, const char *key)
{
    const struct quantity *q = quantity_map_get(m, key);
    return q ? q->text : "-";
}

/* k8s-order: describe-limits: resources in order of their names; a Go map there. */
static void limit_rows(struct describe *d, const struct limit_range *l, const char *indent)
{
    for (uint32_t i = 0; i < l->spec.limits.count; i++) {
        const struct limit_range_item *t = &l->spec.limits.items[i];
        const quantity_map *maps[] = {&t->min, &t->max, &t->default_request, &t->default_, &t->max_limit_request_ratio};
        quantity_map all = {0};
        for (size_t k = 0; k < ARRAY_LEN(maps); k++)
            for (uint32_t n = 0; n < maps[k]->count; n++)
                all = quantity_map_with(d->run->arena, &all, maps[k]->items[n].key, &maps[k]->items[n].value);
        for (uint32_t n = 0; n < all.count; n++) {
            strbuf_printf(&d->text, "%s%s\t%s", indent, t->type, all.items[n].key);
            for (size_t k = 0; k < ARRAY_LEN(maps); k++)
                strbuf_printf(&d->text, "\t%s", cell(maps[k], all.items[n].key));
            strbuf_putc(&d->text, '\n');
        }
    }
}

#define LIMIT_TITLES "Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio\n"
#define LIMIT_RULES  "----\t--------\t---\t---\t---------------\t-------------\t-----------------------\n"

void describe_limit_range(struct describe *d, const struct api_object *o)
{
    head(d, o);
    strbuf_puts(&d->text, LIMIT_TITLES LIMIT_RULES);
    limit_rows(d, (const struct limit_range *)o, "");
}

static const struct api_object *next_in(struct describe *d, enum api_kind kind, const char *name, uint32_t *cursor)
{
    for (const struct api_object *o; (o = store_next(d->run->store, kind, cursor)) != NULL;)
        if (strcmp(o->meta.namespace_, name) == 0)
            return o;
    return NULL;
}

/* What is limited in a namespace: DescribeResourceQuotas, DescribeLimitRanges. */
void describe_namespace_limits(struct describe *d, const char *name)
{
    const struct api_object *o;
    uint32_t cursor = 0, n = 0;
    strbuf_putc(&d->text, '\n');
    for (; (o = next_in(d, KIND_RESOURCEQUOTA, name, &cursor)) != NULL; n++) {
        const struct resource_quota *q = (const struct resource_quota *)o;
        strbuf_printf(&d->text, "%s  Name:\t%s\n", n ? "" : "Resource Quotas\n", o->meta.name);
        quota_scopes(d, q, "  ", "  * ");
        strbuf_puts(&d->text, "  Resource\tUsed\tHard\n  --------\t---\t---\n");
        quota_rows(d, q, "  ");
    }
    strbuf_puts(&d->text, n ? "\n" : "No resource quota.\n\n");
    cursor = n = 0;
    for (; (o = next_in(d, KIND_LIMITRANGE, name, &cursor)) != NULL; n++) {
        if (n == 0)
            strbuf_puts(&d->text, "Resource Limits\n " LIMIT_TITLES " " LIMIT_RULES);
        limit_rows(d, (const struct limit_range *)o, " ");
    }
    strbuf_puts(&d->text, n ? "" : "No LimitRange resource.\n");
}
