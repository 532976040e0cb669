/* printer.c - see printer.h. k8s pkg/printers/internalversion/printers.go (v1.36), kubectl
 * pkg/cmd/get, cli-runtime pkg/printers/tabwriter.go, apimachinery pkg/util/duration/duration.go.
 * Left out on purpose: columns of kinds that are not modelled; labels and custom columns are kubectl_get.c's.
 */
#include "model/printer.h"

#include "model/api_apps.h"
#include "model/api_autoscaling.h"
#include "model/api_policy.h"
#include "model/api_quota.h"
#include "model/printer_private.h"

#include <string.h>

/* ---- tables ---- */

uint32_t text_width(const char *s)
{
    uint32_t width = 0;
    for (; *s; s++)
        width += ((unsigned char)*s & 0xc0) != 0x80;
    return width;
}

void table_fini(struct table *t)
{
    strbuf_fini(&t->text);
    *t = (struct table)TABLE_INIT;
}

void table_cell(struct table *t, const char *text)
{
    ASSERT(t->column < TABLE_COLUMNS);
    size_t start = t->text.len;
    size_t line = strcspn(text, "\n");
    strbuf_add(&t->text, text, line);
    if (text[line])
        strbuf_puts(&t->text, "...");
    uint32_t width = text_width(strbuf_str(&t->text) + start);
    if (width > t->width[t->column])
        t->width[t->column] = width;
    strbuf_putc(&t->text, '\0');
    t->column++;
}

void table_end_row(struct table *t)
{
    strbuf_add(&t->text, "\n", 2);
    t->column = 0;
}

void table_print(const struct table *t, struct strbuf *out)
{
    enum { MIN_WIDTH = 6 }; /* of a column with its padding */
    uint32_t gap = t->gap ? t->gap : 3;
    const char *p = strbuf_str(&t->text), *end = p + t->text.len;
    uint32_t column = 0, pending = 0;
    for (; p < end; p += strlen(p) + 1) {
        if (*p == '\n') {
            strbuf_putc(out, '\n');
            column = pending = 0;
            continue;
        }
        strbuf_fill(out, ' ', pending);
        strbuf_puts(out, p);
        uint32_t width = t->width[column++] + gap;
        if (width < MIN_WIDTH)
            width = MIN_WIDTH;
        pending = width - text_width(p);
    }
}

/* ---- tab-aligned text: Go text/tabwriter.go format(), minwidth 0, tabwidth 8, padding 2, blanks ---- */

struct tab_text {
    struct strbuf *out;
    const char **lines; /* each ends in "\n" or at the end of the text */
    uint32_t line_count;
    uint32_t widths[TABLE_COLUMNS];
    uint32_t depth; /* columns of the block at hand */
};

static uint32_t tab_count(const char *line)
{
    uint32_t n = 0;
    for (; *line && *line != '\n'; line++)
        n += *line == '\t';
    return n;
}

static size_t cell_length(const char *cell) { return strcspn(cell, "\t\n"); }

static uint32_t cell_width(const char *cell, size_t n)
{
    uint32_t width = 0;
    for (size_t i = 0; i < n; i++)
        width += ((unsigned char)cell[i] & 0xc0) != 0x80;
    return width;
}

static const char *cell_at(const char *line, uint32_t column)
{
    for (; column; column--)
        line += cell_length(line) + 1;
    return line;
}

static void write_lines(const struct tab_text *t, uint32_t from, uint32_t to)
{
    for (; from < to; from++) {
        const char *cell = t->lines[from];
        for (uint32_t column = 0;; column++) {
            size_t n = cell_length(cell);
            strbuf_add(t->out, cell, n);
            uint32_t width = cell_width(cell, n);
            if (column < t->depth && t->widths[column] > width)
                strbuf_fill(t->out, ' ', t->widths[column] - width);
            if (cell[n] != '\t')
                break;
            cell += n + 1;
        }
        strbuf_putc(t->out, '\n');
    }
}

static void format_tabs(struct tab_text *t, uint32_t from, uint32_t to)
{
    enum { PADDING = 2 };
    uint32_t column = t->depth;
    for (uint32_t at = from; at < to; at++) {
        if (column >= TABLE_COLUMNS || column >= tab_count(t->lines[at]))
            continue;
        write_lines(t, from, at); /* a block of this column begins */
        from = at;
        uint32_t width = 0;
        for (; at < to && column < tab_count(t->lines[at]); at++) {
            const char *cell = cell_at(t->lines[at], column);
            uint32_t w = cell_width(cell, cell_length(cell)) + PADDING;
            width = w > width ? w : width;
        }
        t->widths[t->depth++] = width;
        format_tabs(t, from, at);
        t->depth--;
        from = at;
    }
    write_lines(t, from, to);
}

void text_align_tabs(struct strbuf *out, const char *text)
{
    struct arena a;
    struct tab_text t = {.out = out};
    arena_init(&a, 0);
    uint32_t count = 0;
    for (const char *p = text; *p; p++)
        count += *p == '\n';
    t.lines = arena_array(&a, const char *, count + 1);
    for (const char *p = text; *p; p += p[strcspn(p, "\n")] ? strcspn(p, "\n") + 1 : strcspn(p, "\n"))
        t.lines[t.line_count++] = p;
    format_tabs(&t, 0, t.line_count);
    arena_fini(&a);
}

/* ---- ages ---- */

/* `big` of one unit and, unless zero, `small` of the next. */
static void two_units(struct strbuf *out, int64_t big, char big_unit, int64_t small, char small_unit)
{
    strbuf_int(out, big);
    strbuf_putc(out, big_unit);
    if (small == 0)
        return;
    strbuf_int(out, small);
    strbuf_putc(out, small_unit);
}

void printer_age(struct strbuf *out, sim_time age)
{
    const int64_t minute = 60, hour = 3600, day = 24 * hour, year = 365 * day;
    int64_t s = age / SIM_SECOND; /* towards zero, as Go's int(d.Seconds()) */
    if (s < -1)
        strbuf_puts(out, "<invalid>");
    else if (s < 0)
        strbuf_puts(out, "0s");
    else if (s < 2 * minute)
        two_units(out, s, 's', 0, 0);
    else if (s < 10 * minute)
        two_units(out, s / minute, 'm', s % minute, 's');
    else if (s < 3 * hour)
        two_units(out, s / minute, 'm', 0, 0);
    else if (s < 8 * hour)
        two_units(out, s / hour, 'h', s / minute % 60, 'm');
    else if (s < 2 * day)
        two_units(out, s / hour, 'h', 0, 0);
    else if (s < 8 * day)
        two_units(out, s / day, 'd', s / hour % 24, 'h');
    else if (s < 2 * year)
        two_units(out, s / day, 'd', 0, 0);
    else if (s < 8 * year)
        two_units(out, s / year, 'y', s / day % 365, 'd');
    else
        two_units(out, s / year, 'y', 0, 0);
}

static void since(struct strbuf *out, sim_time then, sim_time now)
{
    if (then == SIM_NEVER)
        strbuf_puts(out, "<unknown>");
    else
        printer_age(out, now - then);
}

/* ---- pods ---- */

static bool given(const char *text) { return text && *text; }

void printer_restarts(struct strbuf *out, const struct pod_columns *c, sim_time now)
{
    strbuf_int(out, c->restarts);
    if (c->restarts == 0 || c->last_restart == SIM_NEVER)
        return;
    strbuf_puts(out, " (");
    since(out, c->last_restart, now);
    strbuf_puts(out, " ago)");
}

/* ---- rows: every kind has its columns and a function that fills them ---- */

void row_flush(struct row *r)
{
    table_cell(r->table, strbuf_str(r->cell));
    strbuf_reset(r->cell);
}

void row_put(struct row *r, const char *text) { table_cell(r->table, text ? text : ""); }

static void put_or_none(struct row *r, const char *text) { table_cell(r->table, given(text) ? text : "<none>"); }

void row_put_age(struct row *r, sim_time created)
{
    since(r->cell, created, r->now);
    row_flush(r);
}

void row_put_int(struct row *r, int64_t n)
{
    strbuf_int(r->cell, n);
    row_flush(r);
}

static void pod_row(struct row *r, const struct api_object *o)
{
    const struct pod *pod = (const struct pod *)o;
    struct pod_columns c;
    printer_pod_columns(pod, r->server, &c);
    strbuf_printf(r->cell, "%" PRIu32 "/%" PRIu32, c.ready, c.total);
    row_flush(r);
    row_put(r, c.status);
    printer_restarts(r->cell, &c, r->now);
    row_flush(r);
    row_put_age(r, o->meta.creation_timestamp);
    if (!r->wide)
        return;
    put_or_none(r, pod->status.pod_ip);
    put_or_none(r, pod->spec.node_name);
    put_or_none(r, pod->status.nominated_node_name);
    uint32_t gates = pod->spec.readiness_gates.count, passed = 0;
    for (uint32_t i = 0; i < gates; i++)
        passed += pod_condition_true(pod, pod->spec.readiness_gates.items[i].condition_type);
    if (gates)
        strbuf_printf(r->cell, "%" PRIu32 "/%" PRIu32, passed, gates);
    else
        strbuf_puts(r->cell, "<none>");
    row_flush(r);
}

void printer_service_ports(struct strbuf *out, const struct service *svc)
{
    if (svc->spec.ports.count == 0)
        strbuf_puts(out, "<none>");
    for (uint32_t i = 0; i < svc->spec.ports.count; i++) {
        const struct service_port *p = &svc->spec.ports.items[i];
        if (i)
            strbuf_putc(out, ',');
        strbuf_int(out, p->port);
        if (p->node_port) {
            strbuf_putc(out, ':');
            strbuf_int(out, p->node_port);
        }
        strbuf_printf(out, "/%s", p->protocol ? p->protocol : "TCP");
    }
}

static void put_list(struct row *r, const str_list *list)
{
    for (uint32_t i = 0; i < list->count; i++)
        strbuf_printf(r->cell, "%s%s", i ? "," : "", list->items[i]);
}

static void external_ip(struct row *r, const struct service *svc)
{
    if (text_is(svc->spec.type, "ExternalName"))
        strbuf_puts(r->cell, svc->spec.external_name ? svc->spec.external_name : "");
    else if (svc->spec.external_ips.count)
        put_list(r, &svc->spec.external_ips);
    else
        strbuf_puts(r->cell, text_is(svc->spec.type, "LoadBalancer") ? "<pending>" : "<none>");
    row_flush(r);
}

static void put_map(struct row *r, const str_map *map)
{
    for (uint32_t i = 0; i < map->count; i++)
        strbuf_printf(r->cell, "%s%s=%s", i ? "," : "", map->items[i].key, map->items[i].value);
    if (map->count == 0)
        strbuf_puts(r->cell, "<none>");
    row_flush(r);
}

static void service_row(struct row *r, const struct api_object *o)
{
    const struct service *svc = (const struct service *)o;
    row_put(r, svc->spec.type ? svc->spec.type : "ClusterIP");
    put_or_none(r, svc->spec.cluster_ip);
    external_ip(r, svc);
    printer_service_ports(r->cell, svc);
    row_flush(r);
    row_put_age(r, o->meta.creation_timestamp);
    if (r->wide)
        put_map(r, &svc->spec.selector);
}

enum { ENDPOINTS_SHOWN = 3 };

/* Ends a list of which only the first ENDPOINTS_SHOWN of `total` were printed. */
static void more(struct row *r, uint32_t total)
{
    if (total > ENDPOINTS_SHOWN)
        strbuf_printf(r->cell, " + %" PRIu32 " more...", total - ENDPOINTS_SHOWN);
}

/* k8s formatEndpoints: ready addresses of every subset and port. */
static void endpoints_row(struct row *r, const struct api_object *o)
{
    const struct endpoints *e = (const struct endpoints *)o;
    uint32_t total = 0;
    for (uint32_t i = 0; i < e->subsets.count; i++) {
        const struct endpoint_subset *s = &e->subsets.items[i];
        for (uint32_t p = 0; p < s->ports.count || (p == 0 && s->ports.count == 0); p++) {
            for (uint32_t k = 0; k < s->addresses.count; k++, total++) {
                if (total >= ENDPOINTS_SHOWN)
                    continue;
                strbuf_printf(r->cell, "%s%s", total ? "," : "", s->addresses.items[k].ip);
                if (s->ports.count)
                    strbuf_printf(r->cell, ":%" PRId64, s->ports.items[p].port);
            }
        }
    }
    if (total == 0)
        strbuf_puts(r->cell, "<none>");
    more(r, total);
    row_flush(r);
    row_put_age(r, o->meta.creation_timestamp);
}

static void slice_ports(struct row *r, const struct endpoint_slice *s)
{
    for (uint32_t i = 0; i < s->ports.count && i < ENDPOINTS_SHOWN; i++) {
        const struct endpoint_port *p = &s->ports.items[i];
        strbuf_puts(r->cell, i ? "," : "");
        if (p->port.set)
            strbuf_int(r->cell, p->port.value);
        else
            strbuf_puts(r->cell, given(p->name) ? p->name : "*");
    }
    if (s->ports.count == 0)
        strbuf_puts(r->cell, "<unset>");
    more(r, s->ports.count);
    row_flush(r);
}

static void slice_row(struct row *r, const struct api_object *o)
{
    const struct endpoint_slice *s = (const struct endpoint_slice *)o;
    row_put(r, s->address_type ? s->address_type : "IPv4");
    slice_ports(r, s);
    uint32_t total = 0;
    for (uint32_t i = 0; i < s->endpoints.count; i++) {
        for (uint32_t k = 0; k < s->endpoints.items[i].addresses.count; k++, total++) {
            if (total < ENDPOINTS_SHOWN)
                strbuf_printf(r->cell, "%s%s", total ? "," : "", s->endpoints.items[i].addresses.items[k]);
        }
    }
    if (total == 0)
        strbuf_puts(r->cell, "<unset>");
    more(r, total);
    row_flush(r);
    row_put_age(r, o->meta.creation_timestamp);
}

const char *printer_slice_service(const struct endpoint_slice *slice)
{
    const char *name = str_map_get(&slice->object.meta.labels, "kubernetes.io/service-name");
    return name ? name : slice->object.meta.name;
}

static void node_status(struct row *r, const struct node *n)
{
    const char *status = "Unknown";
    for (uint32_t i = 0; i < n->status.conditions.count; i++)
        if (text_is(n->status.conditions.items[i].type, "Ready"))
            status = text_is(n->status.conditions.items[i].status, "True") ? "Ready" : "NotReady";
    strbuf_puts(r->cell, status);
    if (n->spec.unschedulable)
        strbuf_puts(r->cell, ",SchedulingDisabled");
    row_flush(r);
}

/* k8s findNodeRoles: labels node-role.kubernetes.io/<role>; labels are sorted already. */
static void node_roles(struct row *r, const struct node *n)
{
    static const char prefix[] = "node-role.kubernetes.io/";
    const str_map *labels = &n->object.meta.labels;
    for (uint32_t i = 0; i < labels->count; i++) {
        const char *role = NULL;
        if (strncmp(labels->items[i].key, prefix, sizeof prefix - 1) == 0)
            role = labels->items[i].key + sizeof prefix - 1;
        else if (strcmp(labels->items[i].key, "kubernetes.io/role") == 0)
            role = labels->items[i].value;
        if (given(role))
            strbuf_printf(r->cell, "%s%s", r->cell->len ? "," : "", role);
    }
    if (r->cell->len == 0)
        strbuf_puts(r->cell, "<none>");
    row_flush(r);
}

static const char *value_text(const struct value *map, const char *key)
{
    const struct value *v = map ? value_get(map, key) : NULL;
    return v && v->text ? v->text : NULL;
}

static const char *node_address(const struct node *n, const char *type)
{
    for (uint32_t i = 0; i < n->status.addresses.count; i++)
        if (text_is(n->status.addresses.items[i].type, type))
            return n->status.addresses.items[i].address;
    return NULL;
}

static void put_or_unknown(struct row *r, const char *text) { table_cell(r->table, given(text) ? text : "<unknown>"); }

static void node_row(struct row *r, const struct api_object *o)
{
    const struct node *n = (const struct node *)o;
    node_status(r, n);
    node_roles(r, n);
    row_put_age(r, o->meta.creation_timestamp);
    row_put(r, value_text(n->status.node_info, "kubeletVersion"));
    if (!r->wide)
        return;
    put_or_none(r, node_address(n, "InternalIP"));
    put_or_none(r, node_address(n, "ExternalIP"));
    put_or_unknown(r, value_text(n->status.node_info, "osImage"));
    put_or_unknown(r, value_text(n->status.node_info, "kernelVersion"));
    put_or_unknown(r, value_text(n->status.node_info, "containerRuntimeVersion"));
}

static void namespace_row(struct row *r, const struct api_object *o)
{
    const struct namespace_ *n = (const struct namespace_ *)o;
    row_put(r, given(n->phase) ? n->phase : "Active");
    row_put_age(r, o->meta.creation_timestamp);
}

static void config_map_row(struct row *r, const struct api_object *o)
{
    const struct config_map *c = (const struct config_map *)o;
    row_put_int(r, (int64_t)c->data.count + c->binary_data.count);
    row_put_age(r, o->meta.creation_timestamp);
}

static void secret_row(struct row *r, const struct api_object *o)
{
    const struct secret *s = (const struct secret *)o;
    row_put(r, s->type ? s->type : "Opaque");
    row_put_int(r, s->data.count);
    row_put_age(r, o->meta.creation_timestamp);
}

static sim_time event_seen(const struct k8s_event *e, bool first)
{
    sim_time t = first ? e->first_timestamp : e->last_timestamp;
    return t != SIM_NEVER ? t : e->event_time != SIM_NEVER ? e->event_time : e->first_timestamp;
}

static void event_row(struct row *r, const struct api_object *o)
{
    const struct k8s_event *e = (const struct k8s_event *)o;
    row_put_age(r, event_seen(e, false));
    row_put(r, e->type);
    row_put(r, e->reason);
    for (const char *k = e->involved_object.kind ? e->involved_object.kind : ""; *k; k++)
        strbuf_putc(r->cell, *k >= 'A' && *k <= 'Z' ? (char)(*k + 32) : *k);
    strbuf_printf(r->cell, "/%s", e->involved_object.name ? e->involved_object.name : "");
    row_flush(r);
    if (r->wide) {
        row_put(r, e->involved_object.field_path);
        strbuf_puts(r->cell, e->source.component ? e->source.component : "");
        if (given(e->source.host))
            strbuf_printf(r->cell, ", %s", e->source.host);
        row_flush(r);
    }
    /* k8s printEvent trims blanks at both ends of the message. */
    const char *m = e->message ? e->message : "";
    size_t n = strlen(m);
    while (n && (m[n - 1] == '\n' || m[n - 1] == ' '))
        n--;
    strbuf_add(r->cell, m, n);
    row_flush(r);
    if (!r->wide)
        return;
    row_put_age(r, event_seen(e, true));
    row_put_int(r, e->count ? e->count : 1);
    row_put(r, o->meta.name);
}

static void put_int_or_string(struct row *r, const struct int_or_string *v)
{
    if (!v->set)
        row_put(r, "N/A");
    else if (v->text)
        row_put(r, v->text);
    else
        row_put_int(r, v->number);
}

static void pdb_row(struct row *r, const struct api_object *o)
{
    const struct pdb *b = (const struct pdb *)o;
    put_int_or_string(r, &b->spec.min_available);
    put_int_or_string(r, &b->spec.max_unavailable);
    row_put_int(r, b->status.disruptions_allowed);
    row_put_age(r, o->meta.creation_timestamp);
}

/* k8s pkg/printers/internalversion/printers.go formatHPAMetrics: "cpu: 20%/60%". */
static void put_targets(struct row *r, const struct hpa *h)
{
    enum { SHOWN = 2 };
    for (uint32_t i = 0; i < h->spec.metrics.count && i < SHOWN; i++) {
        const struct metric_spec *m = &h->spec.metrics.items[i];
        const struct resource_metric *want = m->resource ? m->resource : m->container_resource;
        const struct metric_status *s =
            i < h->status.current_metrics.count ? &h->status.current_metrics.items[i] : NULL;
        const struct resource_metric_status *is = !s ? NULL : s->resource ? s->resource : s->container_resource;
        strbuf_puts(r->cell, i ? ", " : "");
        if (!want) {
            strbuf_puts(r->cell, "<unknown>/<unknown>");
            continue;
        }
        strbuf_printf(r->cell, "%s%s%s: ", want->name, want->container ? "/" : "",
                      want->container ? want->container : "");
        if (want->target.average_value.set)
            strbuf_printf(r->cell, "%s/%s", is ? is->current.average_value.text : "<unknown>",
                          want->target.average_value.text);
        else if (is)
            strbuf_printf(r->cell, "%" PRId64 "%%/%" PRId64 "%%", is->current.average_utilization.value,
                          want->target.average_utilization.value);
        else
            strbuf_printf(r->cell, "<unknown>/%" PRId64 "%%", want->target.average_utilization.value);
    }
    if (h->spec.metrics.count > SHOWN)
        strbuf_printf(r->cell, " + %" PRIu32 " more...", h->spec.metrics.count - SHOWN);
    row_flush(r);
}

static void hpa_row(struct row *r, const struct api_object *o)
{
    const struct hpa *h = (const struct hpa *)o;
    strbuf_printf(r->cell, "%s/%s", h->spec.scale_target_ref.kind, h->spec.scale_target_ref.name);
    row_flush(r);
    put_targets(r, h);
    row_put_int(r, h->spec.min_replicas.value);
    row_put_int(r, h->spec.max_replicas);
    row_put_int(r, h->status.current_replicas);
    row_put_age(r, o->meta.creation_timestamp);
}

static void priority_class_row(struct row *r, const struct api_object *o)
{
    const struct priority_class *pc = (const struct priority_class *)o;
    row_put_int(r, pc->value);
    row_put(r, pc->global_default ? "true" : "false");
    row_put_age(r, o->meta.creation_timestamp);
    row_put(r, pc->preemption_policy);
}

/* k8s printResourceQuota: limits.x apart from the rest. */
static void put_quota(struct row *r, const struct resource_quota *q, bool limits)
{
    bool any = false;
    for (uint32_t i = 0; i < q->status.hard.count; i++) {
        const struct quantity_pair *p = &q->status.hard.items[i];
        const struct quantity *used = quantity_map_get(&q->status.used, p->key);
        if ((strncmp(p->key, "limits.", 7) == 0) != limits)
            continue;
        strbuf_printf(r->cell, "%s%s: %s/%s", any ? ", " : "", p->key, used ? used->text : "0", p->value.text);
        any = true;
    }
    row_flush(r);
}

static void resource_quota_row(struct row *r, const struct api_object *o)
{
    const struct resource_quota *q = (const struct resource_quota *)o;
    put_quota(r, q, false);
    put_quota(r, q, true);
    row_put_age(r, o->meta.creation_timestamp);
}

/* Kinds without columns of their own: k8s apiserver registry/rest/table.go. */
static void created_at_row(struct row *r, const struct api_object *o)
{
    sim_time at = o->meta.creation_timestamp;
    strbuf_rfc3339(r->cell, r->epoch + (at == SIM_NEVER ? 0 : at / SIM_SECOND), 0, false);
    row_flush(r);
}

struct kind_columns {
    const char *const *names; /* after NAME; NULL-terminated */
    const char *const *wide;  /* what -o wide adds; NULL-terminated */
    void (*row)(struct row *r, const struct api_object *o);
    bool no_name; /* events do not begin with NAME */
    bool gated;   /* the first of `names` is there only with `gate`, which is on in the newest version */
    enum feature gate;
};

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})
static const char *const nothing[] = {NULL};

/* Indexed by enum api_kind. */
static const struct kind_columns columns[KIND_COUNT] = {
    [KIND_POD] = {.names = NAMES("READY", "STATUS", "RESTARTS", "AGE"),
                  .wide = NAMES("IP", "NODE", "NOMINATED NODE", "READINESS GATES"),
                  .row = pod_row},
    [KIND_SERVICE] = {.names = NAMES("TYPE", "CLUSTER-IP", "EXTERNAL-IP", "PORT(S)", "AGE"),
                      .wide = NAMES("SELECTOR"),
                      .row = service_row},
    [KIND_ENDPOINTSLICE] = {.names = NAMES("ADDRESSTYPE", "PORTS", "ENDPOINTS", "AGE"),
                            .wide = nothing,
                            .row = slice_row},
    [KIND_ENDPOINTS] = {.names = NAMES("ENDPOINTS", "AGE"), .wide = nothing, .row = endpoints_row},
    [KIND_NODE] = {.names = NAMES("STATUS", "ROLES", "AGE", "VERSION"),
                   .wide = NAMES("INTERNAL-IP", "EXTERNAL-IP", "OS-IMAGE", "KERNEL-VERSION", "CONTAINER-RUNTIME"),
                   .row = node_row},
    [KIND_NAMESPACE] = {.names = NAMES("STATUS", "AGE"), .wide = nothing, .row = namespace_row},
    [KIND_CONFIGMAP] = {.names = NAMES("DATA", "AGE"), .wide = nothing, .row = config_map_row},
    [KIND_SECRET] = {.names = NAMES("TYPE", "DATA", "AGE"), .wide = nothing, .row = secret_row},
    [KIND_EVENT] = {.names = NAMES("LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"),
                    .wide = nothing,
                    .row = event_row,
                    .no_name = true},
    [KIND_DEPLOYMENT] = {.names = NAMES("READY", "UP-TO-DATE", "AVAILABLE", "AGE"),
                         .wide = NAMES("CONTAINERS", "IMAGES", "SELECTOR"),
                         .row = deployment_row},
    [KIND_REPLICASET] = {.names = NAMES("DESIRED", "CURRENT", "READY", "AGE"),
                         .wide = NAMES("CONTAINERS", "IMAGES", "SELECTOR"),
                         .row = replica_set_row},
    [KIND_REPLICATIONCONTROLLER] = {.names = NAMES("DESIRED", "CURRENT", "READY", "AGE"),
                                    .wide = NAMES("CONTAINERS", "IMAGES", "SELECTOR"),
                                    .row = replica_set_row},
    [KIND_PODDISRUPTIONBUDGET] = {.names = NAMES("MIN AVAILABLE", "MAX UNAVAILABLE", "ALLOWED DISRUPTIONS", "AGE"),
                                  .wide = nothing,
                                  .row = pdb_row},
    [KIND_HORIZONTALPODAUTOSCALER] = {.names = NAMES("REFERENCE", "TARGETS", "MINPODS", "MAXPODS", "REPLICAS", "AGE"),
                                      .wide = nothing,
                                      .row = hpa_row},
    [KIND_PRIORITYCLASS] = {.names = NAMES("VALUE", "GLOBAL-DEFAULT", "AGE", "PREEMPTIONPOLICY"),
                            .wide = nothing,
                            .row = priority_class_row},
    [KIND_RESOURCEQUOTA] = {.names = NAMES("REQUEST", "LIMIT", "AGE"), .wide = nothing, .row = resource_quota_row},
    [KIND_LIMITRANGE] = {.names = NAMES("CREATED AT"), .wide = nothing, .row = created_at_row},
    [KIND_PODPRESET] = {.names = NAMES("CREATED AT"), .wide = nothing, .row = created_at_row},
    [KIND_JOB] = {.names = NAMES("STATUS", "COMPLETIONS", "DURATION", "AGE"),
                  .wide = NAMES("CONTAINERS", "IMAGES", "SELECTOR"),
                  .row = job_row,
                  .gated = true,
                  .gate = FEATURE_JOB_STATUS_COLUMN},
    [KIND_CRONJOB] = {.names = NAMES("SCHEDULE", "TIMEZONE", "SUSPEND", "ACTIVE", "LAST SCHEDULE", "AGE"),
                      .wide = NAMES("CONTAINERS", "IMAGES", "SELECTOR"),
                      .row = cron_job_row},
    [KIND_STATEFULSET] = {.names = NAMES("READY", "AGE"),
                          .wide = NAMES("CONTAINERS", "IMAGES"),
                          .row = stateful_set_row},
    [KIND_DAEMONSET] = {.names =
                            NAMES("DESIRED", "CURRENT", "READY", "UP-TO-DATE", "AVAILABLE", "NODE SELECTOR", "AGE"),
                        .wide = NAMES("CONTAINERS", "IMAGES", "SELECTOR"),
                        .row = daemon_set_row},
    [KIND_CONTROLLERREVISION] = {.names = NAMES("CONTROLLER", "REVISION", "AGE"),
                                 .wide = nothing,
                                 .row = controller_revision_row},
    [KIND_PERSISTENTVOLUMECLAIM] = {.names = NAMES("STATUS", "VOLUME", "CAPACITY", "ACCESS MODES", "STORAGECLASS",
                                                   "VOLUMEATTRIBUTESCLASS", "AGE"),
                                    .wide = NAMES("VOLUMEMODE"),
                                    .row = claim_row},
};
/* Events are the one kind whose wide columns stand in the middle. */
static const char *const event_wide[] = {"LAST SEEN", "TYPE",       "REASON", "OBJECT", "SUBOBJECT", "SOURCE",
                                         "MESSAGE",   "FIRST SEEN", "COUNT",  "NAME",   NULL};

static void header_cells(struct table *t, const char *const *names)
{
    for (; *names; names++)
        table_cell(t, *names);
}

void printer_header_cells(struct table *t, const struct features *server, enum api_kind kind, uint32_t flags)
{
    const struct kind_columns *k = &columns[kind];
    ASSERT(k->row);
    if (flags & PRINT_NAMESPACE && kind_infos[kind].namespaced)
        table_cell(t, "NAMESPACE");
    if (!k->no_name)
        table_cell(t, "NAME");
    if (kind == KIND_EVENT && flags & PRINT_WIDE) {
        header_cells(t, event_wide);
    } else {
        header_cells(t, k->names + (k->gated && server && !feature_on(server, k->gate)));
        if (flags & PRINT_WIDE)
            header_cells(t, k->wide);
    }
}

void printer_header(struct table *t, const struct features *server, enum api_kind kind, uint32_t flags)
{
    printer_header_cells(t, server, kind, flags);
    table_end_row(t);
}

void printer_name(struct strbuf *out, enum api_kind kind, const char *name)
{
    const struct kind_info *k = &kind_infos[kind];
    strbuf_puts(out, k->singular);
    if (given(k->group))
        strbuf_printf(out, ".%s", k->group);
    strbuf_printf(out, "/%s", name);
}

void printer_row_cells(struct table *t, const struct features *server, const struct api_object *o, int64_t epoch,
                       sim_time now, uint32_t flags)
{
    const struct kind_columns *k = &columns[o->kind];
    ASSERT(k->row);
    struct strbuf cell = STRBUF_INIT;
    struct row r = {t, &cell, epoch, now, (flags & PRINT_WIDE) != 0, server};
    if (flags & PRINT_NAMESPACE && kind_infos[o->kind].namespaced)
        row_put(&r, o->meta.namespace_);
    if (!k->no_name) {
        if (flags & PRINT_KIND)
            printer_name(&cell, o->kind, o->meta.name);
        else
            strbuf_puts(&cell, o->meta.name);
        row_flush(&r);
    }
    k->row(&r, o);
    strbuf_fini(&cell);
}

void printer_row(struct table *t, const struct features *server, const struct api_object *o, int64_t epoch,
                 sim_time now, uint32_t flags)
{
    printer_row_cells(t, server, o, epoch, now, flags);
    table_end_row(t);
}

/* ---- documents ---- */

/* One object of a JSON list: its lines moved to the right by two levels. */
static void json_item(struct strbuf *out, const struct api_object *o, int64_t epoch)
{
    enum { LEVEL = 4 };
    struct strbuf one = STRBUF_INIT;
    api_write_json(kind_infos[o->kind].type, o, epoch, &one, LEVEL);
    const char *line = strbuf_str(&one);
    while (*line) {
        size_t n = strcspn(line, "\n");
        strbuf_fill(out, ' ', 2 * LEVEL);
        strbuf_add(out, line, n);
        line += n + (line[n] == '\n');
        if (*line)
            strbuf_putc(out, '\n');
    }
    strbuf_fini(&one);
}

static void json_list(struct strbuf *out, const struct api_object *const *objects, uint32_t count, int64_t epoch)
{
    strbuf_puts(out, "{\n    \"apiVersion\": \"v1\",\n    \"items\": [");
    for (uint32_t i = 0; i < count; i++) {
        strbuf_puts(out, i ? ",\n" : "\n");
        json_item(out, objects[i], epoch);
    }
    strbuf_puts(out, count ? "\n    ],\n" : "],\n");
    strbuf_puts(out, "    \"kind\": \"List\",\n    \"metadata\": {\n        \"resourceVersion\": \"\"\n    }\n}\n");
}

static void yaml_list(struct strbuf *out, const struct api_object *const *objects, uint32_t count, int64_t epoch)
{
    strbuf_puts(out, count ? "apiVersion: v1\nitems:\n" : "apiVersion: v1\nitems: []\n");
    for (uint32_t i = 0; i < count; i++) {
        size_t start = out->len;
        api_write_yaml(kind_infos[objects[i]->kind].type, objects[i], epoch, out, 2);
        if (out->len > start)
            out->data[start] = '-';
    }
    strbuf_puts(out, "kind: List\nmetadata:\n  resourceVersion: \"\"\n");
}

void printer_documents(struct strbuf *out, const struct api_object *const *objects, uint32_t count, int64_t epoch,
                       bool json, bool alone)
{
    if (!alone || count != 1) {
        (json ? json_list : yaml_list)(out, objects, count, epoch);
        return;
    }
    const struct api_type *type = kind_infos[objects[0]->kind].type;
    if (json)
        api_write_json(type, objects[0], epoch, out, 4);
    else
        api_write_yaml(type, objects[0], epoch, out, 0);
    if (out->len && out->data[out->len - 1] != '\n')
        strbuf_putc(out, '\n');
}
