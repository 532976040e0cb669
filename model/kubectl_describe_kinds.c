/* kubectl_describe_kinds.c - kubectl describe of everything but pods. kubectl pkg/describe/describe.go (v1.34).
 *
 * Left out on purpose: leases of nodes, more than CPU and
 * memory of a node's allocated resources.
 */
#include <string.h>

#include "model/api_apps.h"
#include "model/api_sets.h"
#include "model/api_types.h"
#include "model/kubectl_describe.h"
#include "model/printer.h"

static bool given(const char *s) { return s && *s; }

static const char *or_none(const char *s) { return given(s) ? s : "<none>"; }

void describe_number(struct describe *d, const char *label, int64_t n)
{
    strbuf_printf(&d->text, "%s:\t%" PRId64 "\n", label, n);
}

static const char *joined(struct arena *a, const str_list *list)
{
    const char *text = "";
    for (uint32_t i = 0; i < list->count; i++)
        text = arena_printf(a, "%s%s%s", text, i ? "," : "", list->items[i]);
    return text;
}

static const char *formatted_map(struct arena *a, const str_map *map)
{
    const char *text = "";
    for (uint32_t i = 0; i < map->count; i++)
        text = arena_printf(a, "%s%s%s=%s", text, i ? "," : "", map->items[i].key, map->items[i].value);
    return or_none(text);
}

void describe_head(struct describe *d, const struct api_object *o)
{
    describe_line(d, "Name", o->meta.name);
    if (kind_infos[o->kind].namespaced)
        describe_line(d, "Namespace", o->meta.namespace_);
}

void describe_labels(struct describe *d, const struct api_object *o)
{
    describe_map(d, "Labels", &o->meta.labels, '=');
    describe_map(d, "Annotations", &o->meta.annotations, ':');
}

void describe_date_line(struct describe *d, const char *label, sim_time t)
{
    strbuf_printf(&d->text, "%s:\t", label);
    describe_date(d, t);
    strbuf_putc(&d->text, '\n');
}

/* ---- ConfigMap, Secret, Namespace ---- */

static void config_map(struct describe *d, const struct api_object *o)
{
    const struct config_map *c = (const struct config_map *)o;
    describe_head(d, o);
    describe_labels(d, o);
    strbuf_puts(&d->text, "\nData\n====\n");
    for (uint32_t i = 0; i < c->data.count; i++)
        strbuf_printf(&d->text, "%s:\n----\n%s\n\n", c->data.items[i].key, c->data.items[i].value);
    strbuf_puts(&d->text, "\nBinaryData\n====\n");
    for (uint32_t i = 0; i < c->binary_data.count; i++)
        strbuf_printf(&d->text, "%s: %zu bytes\n", c->binary_data.items[i].key, strlen(c->binary_data.items[i].value));
    strbuf_putc(&d->text, '\n');
    describe_events(d, o);
}

static void secret(struct describe *d, const struct api_object *o)
{
    const struct secret *s = (const struct secret *)o;
    describe_head(d, o);
    describe_labels(d, o);
    strbuf_printf(&d->text, "\nType:\t%s\n\nData\n====\n", s->type ? s->type : "Opaque");
    for (uint32_t i = 0; i < s->data.count; i++)
        strbuf_printf(&d->text, "%s:\t%zu bytes\n", s->data.items[i].key, strlen(s->data.items[i].value));
}

static void namespace_(struct describe *d, const struct api_object *o)
{
    const struct namespace_ *n = (const struct namespace_ *)o;
    describe_head(d, o);
    describe_labels(d, o);
    describe_line(d, "Status", given(n->phase) ? n->phase : "Active");
    describe_namespace_limits(d, o->meta.name);
}

/* ---- Service ---- */

/* formatEndpointSlices: ready ones of that port, three at most. */
static const char *slice_addresses(struct describe *d, const struct api_object *svc, const char *port)
{
    enum { SHOWN = 3 };
    struct arena *a = d->run->arena;
    const char *text = "";
    uint32_t cursor = 0, count = 0, slices = 0;
    for (const struct api_object *o; (o = store_next(d->run->store, KIND_ENDPOINTSLICE, &cursor)) != NULL;) {
        const struct endpoint_slice *s = (const struct endpoint_slice *)o;
        if (strcmp(o->meta.namespace_, svc->meta.namespace_) != 0 ||
            strcmp(printer_slice_service(s), svc->meta.name) != 0)
            continue;
        slices++;
        for (uint32_t p = 0; p < s->ports.count; p++) {
            const char *name = s->ports.items[p].name ? s->ports.items[p].name : "";
            if (strcmp(name, port ? port : "") != 0)
                continue;
            for (uint32_t i = 0; i < s->endpoints.count; i++) {
                const struct endpoint *e = &s->endpoints.items[i];
                if (e->conditions.ready.set && !e->conditions.ready.value)
                    continue;
                if (count++ < SHOWN)
                    text = arena_printf(a, "%s%s%s:%" PRId64, text, *text ? "," : "", e->addresses.items[0],
                                        s->ports.items[p].port.value);
            }
        }
    }
    if (slices == 0)
        return "<none>";
    return count > SHOWN ? arena_printf(a, "%s + %" PRIu32 " more...", text, count - SHOWN) : text;
}

static void service_port(struct describe *d, const struct service *s, const struct service_port *p)
{
    const char *name = given(p->name) ? p->name : "<unset>", *protocol = p->protocol ? p->protocol : "TCP";
    strbuf_printf(&d->text, "Port:\t%s\t%" PRId64 "/%s\n", name, p->port, protocol);
    if (p->target_port.text)
        strbuf_printf(&d->text, "TargetPort:\t%s/%s\n", p->target_port.text, protocol);
    else
        strbuf_printf(&d->text, "TargetPort:\t%" PRId64 "/%s\n", p->target_port.number, protocol);
    if (given(p->app_protocol))
        describe_line(d, "AppProtocol", p->app_protocol);
    if (p->node_port)
        strbuf_printf(&d->text, "NodePort:\t%s\t%" PRId64 "/%s\n", name, p->node_port, protocol);
    describe_line(d, "Endpoints", slice_addresses(d, &s->object, p->name));
}

static void service(struct describe *d, const struct api_object *o)
{
    const struct service *s = (const struct service *)o;
    struct arena *a = d->run->arena;
    describe_head(d, o);
    describe_labels(d, o);
    describe_line(d, "Selector", formatted_map(a, &s->spec.selector));
    describe_line(d, "Type", s->spec.type ? s->spec.type : "ClusterIP");
    if (given(s->spec.ip_family_policy))
        describe_line(d, "IP Family Policy", s->spec.ip_family_policy);
    describe_line(d, "IP Families", or_none(joined(a, &s->spec.ip_families)));
    describe_line(d, "IP", s->spec.cluster_ip ? s->spec.cluster_ip : "");
    describe_line(d, "IPs", or_none(joined(a, &s->spec.cluster_ips)));
    if (s->spec.external_ips.count)
        describe_line(d, "External IPs", joined(a, &s->spec.external_ips));
    if (given(s->spec.external_name))
        describe_line(d, "External Name", s->spec.external_name);
    for (uint32_t i = 0; i < s->spec.ports.count; i++)
        service_port(d, s, &s->spec.ports.items[i]);
    describe_line(d, "Session Affinity", s->spec.session_affinity ? s->spec.session_affinity : "None");
    if (given(s->spec.external_traffic_policy))
        describe_line(d, "External Traffic Policy", s->spec.external_traffic_policy);
    if (given(s->spec.internal_traffic_policy))
        describe_line(d, "Internal Traffic Policy", s->spec.internal_traffic_policy);
    describe_events(d, o);
}

/* ---- Endpoints, EndpointSlice ---- */

static void addresses(struct describe *d, const char *label, const struct endpoint_address *items, uint32_t count)
{
    strbuf_printf(&d->text, "  %s:\t", label);
    for (uint32_t i = 0; i < count; i++)
        strbuf_printf(&d->text, "%s%s", i ? "," : "", items[i].ip);
    strbuf_puts(&d->text, count ? "\n" : "<none>\n");
}

static void endpoints(struct describe *d, const struct api_object *o)
{
    const struct endpoints *e = (const struct endpoints *)o;
    describe_head(d, o);
    describe_labels(d, o);
    strbuf_puts(&d->text, "Subsets:\n");
    for (uint32_t i = 0; i < e->subsets.count; i++) {
        const struct endpoint_subset *s = &e->subsets.items[i];
        addresses(d, "Addresses", s->addresses.items, s->addresses.count);
        addresses(d, "NotReadyAddresses", s->not_ready_addresses.items, s->not_ready_addresses.count);
        if (s->ports.count)
            strbuf_puts(&d->text, "  Ports:\n    Name\tPort\tProtocol\n    ----\t----\t--------\n");
        for (uint32_t k = 0; k < s->ports.count; k++)
            strbuf_printf(&d->text, "    %s\t%" PRId64 "\t%s\n",
                          given(s->ports.items[k].name) ? s->ports.items[k].name : "<unset>", s->ports.items[k].port,
                          s->ports.items[k].protocol ? s->ports.items[k].protocol : "TCP");
        strbuf_putc(&d->text, '\n');
    }
    describe_events(d, o);
}

static const char *or_unset(const char *s) { return given(s) ? s : "<unset>"; }

static void endpoint(struct describe *d, const struct endpoint *e)
{
    strbuf_puts(&d->text, "  - Addresses:\t");
    for (uint32_t i = 0; i < e->addresses.count; i++)
        strbuf_printf(&d->text, "%s%s", i ? ", " : "", e->addresses.items[i]);
    strbuf_puts(&d->text, e->addresses.count ? "\n" : "<none>\n");
    strbuf_printf(&d->text, "    Conditions:\n      Ready:\t%s\n",
                  !e->conditions.ready.set    ? "<unset>"
                  : e->conditions.ready.value ? "true"
                                              : "false");
    strbuf_printf(&d->text, "    Hostname:\t%s\n", or_unset(e->hostname));
    if (e->target_ref)
        strbuf_printf(&d->text, "    TargetRef:\t%s/%s\n", e->target_ref->kind, e->target_ref->name);
    strbuf_printf(&d->text, "    NodeName:\t%s\n    Zone:\t%s\n", or_unset(e->node_name), or_unset(e->zone));
}

static void endpoint_slice(struct describe *d, const struct api_object *o)
{
    const struct endpoint_slice *s = (const struct endpoint_slice *)o;
    describe_head(d, o);
    describe_labels(d, o);
    describe_line(d, "AddressType", s->address_type ? s->address_type : "IPv4");
    strbuf_puts(&d->text,
                s->ports.count ? "Ports:\n  Name\tPort\tProtocol\n  ----\t----\t--------\n" : "Ports: <unset>\n");
    for (uint32_t i = 0; i < s->ports.count; i++) {
        const struct endpoint_port *p = &s->ports.items[i];
        strbuf_printf(&d->text, "  %s\t%s\t%s\n", or_unset(p->name),
                      p->port.set ? arena_printf(d->run->arena, "%" PRId64, p->port.value) : "<unset>",
                      p->protocol ? p->protocol : "TCP");
    }
    strbuf_puts(&d->text, s->endpoints.count ? "Endpoints:\n" : "Endpoints: <none>\n");
    for (uint32_t i = 0; i < s->endpoints.count; i++)
        endpoint(d, &s->endpoints.items[i]);
    describe_events(d, o);
}

/* ---- Event ---- */

/* k8s genericDescriber is used for Events; what it says of the few fields that matter. */
static void event(struct describe *d, const struct api_object *o)
{
    const struct k8s_event *e = (const struct k8s_event *)o;
    describe_head(d, o);
    describe_labels(d, o);
    describe_line(d, "API Version", "v1");
    describe_number(d, "Count", e->count);
    strbuf_printf(&d->text, "Involved Object:\n  Kind:\t%s\n  Name:\t%s\n  Namespace:\t%s\nKind:\tEvent\n",
                  e->involved_object.kind ? e->involved_object.kind : "",
                  e->involved_object.name ? e->involved_object.name : "",
                  e->involved_object.namespace_ ? e->involved_object.namespace_ : "");
    describe_line(d, "Message", e->message ? e->message : "");
    describe_line(d, "Reason", e->reason ? e->reason : "");
    describe_line(d, "Type", e->type ? e->type : "");
    strbuf_puts(&d->text, "Events:\t<none>\n");
}

/* ---- Node ---- */

static void taints(struct describe *d, const struct node *n)
{
    strbuf_puts(&d->text, "Taints:\t");
    if (n->spec.taints.count == 0)
        strbuf_puts(&d->text, "<none>\n");
    for (uint32_t i = 0; i < n->spec.taints.count; i++) {
        const struct taint *t = &n->spec.taints.items[i];
        strbuf_printf(&d->text, "%s%s%s%s:%s\n", i ? "\t" : "", t->key, given(t->value) ? "=" : "",
                      t->value ? t->value : "", t->effect ? t->effect : "");
    }
}

static void roles(struct describe *d, const struct node *n)
{
    static const char prefix[] = "node-role.kubernetes.io/";
    const char *text = "";
    for (uint32_t i = 0; i < n->object.meta.labels.count; i++)
        if (strncmp(n->object.meta.labels.items[i].key, prefix, sizeof prefix - 1) == 0)
            text = arena_printf(d->run->arena, "%s%s%s", text, *text ? "," : "",
                                n->object.meta.labels.items[i].key + sizeof prefix - 1);
    describe_line(d, "Roles", or_none(text));
}

static void node_conditions(struct describe *d, const struct node *n)
{
    if (n->status.conditions.count == 0)
        return;
    strbuf_puts(&d->text, "Conditions:\n  Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage\n"
                          "  ----\t------\t-----------------\t------------------\t------\t-------\n");
    for (uint32_t i = 0; i < n->status.conditions.count; i++) {
        const struct node_condition *c = &n->status.conditions.items[i];
        sim_time heard = c->last_heartbeat_time != SIM_NEVER ? c->last_heartbeat_time : c->last_transition_time;
        strbuf_printf(&d->text, "  %s \t%s \t", c->type, c->status);
        describe_date(d, heard == SIM_NEVER ? 0 : heard);
        strbuf_puts(&d->text, " \t");
        describe_date(d, c->last_transition_time == SIM_NEVER ? 0 : c->last_transition_time);
        strbuf_printf(&d->text, " \t%s \t%s\n", c->reason ? c->reason : "", c->message ? c->message : "");
    }
}

static void amounts(struct describe *d, const char *label, const quantity_map *map)
{
    if (map->count)
        strbuf_printf(&d->text, "%s:\n", label);
    for (uint32_t i = 0; i < map->count; i++)
        strbuf_printf(&d->text, "  %s:\t%s\n", map->items[i].key, map->items[i].value.text);
}

static void system_info(struct describe *d, const struct value *info)
{
    static const struct {
        const char *label, *key;
    } rows[] = {
        {"Machine ID", "machineID"},
        {"System UUID", "systemUUID"},
        {"Boot ID", "bootID"},
        {"Kernel Version", "kernelVersion"},
        {"OS Image", "osImage"},
        {"Operating System", "operatingSystem"},
        {"Architecture", "architecture"},
        {"Container Runtime Version", "containerRuntimeVersion"},
        {"Kubelet Version", "kubeletVersion"},
    };
    strbuf_puts(&d->text, "System Info:\n");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct value *v = info ? value_get(info, rows[i].key) : NULL;
        strbuf_printf(&d->text, "  %s:\t%s\n", rows[i].label, v && v->text ? v->text : "");
    }
}

/* What pods ask for and what they may have, in thousandths of a CPU and in bytes. */
struct resources {
    int64_t cpu[2], memory[2]; /* requests, limits */
};

static int64_t amount_of(const quantity_map *map, const char *key, bool milli)
{
    for (uint32_t i = 0; i < map->count; i++)
        if (strcmp(map->items[i].key, key) == 0)
            return milli ? quantity_milli(&map->items[i].value) : quantity_value(&map->items[i].value);
    return 0;
}

/* Requests as the scheduler counts them; limits of the containers, or of the largest init container. */
static struct resources resources_of(struct arena *a, const struct pod_spec *spec)
{
    struct resources r = {{0}, {0}};
    struct pod_requests asked;
    pod_effective_requests(a, spec, &asked);
    r.cpu[0] = asked.cpu_milli;
    r.memory[0] = asked.memory_bytes;
    for (uint32_t i = 0; i < spec->containers.count; i++) {
        r.cpu[1] += amount_of(&spec->containers.items[i].resources.limits, "cpu", true);
        r.memory[1] += amount_of(&spec->containers.items[i].resources.limits, "memory", false);
    }
    for (uint32_t i = 0; i < spec->init_containers.count; i++) {
        int64_t cpu = amount_of(&spec->init_containers.items[i].resources.limits, "cpu", true),
                memory = amount_of(&spec->init_containers.items[i].resources.limits, "memory", false);
        r.cpu[1] = cpu > r.cpu[1] ? cpu : r.cpu[1];
        r.memory[1] = memory > r.memory[1] ? memory : r.memory[1];
    }
    return r;
}

/* Go's Quantity.String(): the largest suffix without a rest. */
static void cpu_cell(struct describe *d, int64_t milli, int64_t of)
{
    if (milli % 1000)
        strbuf_printf(&d->text, "\t%" PRId64 "m", milli);
    else
        strbuf_printf(&d->text, "\t%" PRId64, milli / 1000);
    strbuf_printf(&d->text, " (%" PRId64 "%%)", of ? milli * 100 / of : 0);
}

static void memory_cell(struct describe *d, int64_t bytes, int64_t of)
{
    static const char *const suffixes[] = {"", "Ki", "Mi", "Gi", "Ti"};
    size_t k = 0;
    int64_t n = bytes;
    for (; n && n % 1024 == 0 && k + 1 < ARRAY_LEN(suffixes); n /= 1024)
        k++;
    strbuf_printf(&d->text, "\t%" PRId64 "%s (%" PRId64 "%%)", n, suffixes[k],
                  of ? (int64_t)((__extension__(__int128) bytes) * 100 / of) : 0);
}

static void node_pods(struct describe *d, const struct node *n)
{
    const quantity_map *has = n->status.allocatable.count ? &n->status.allocatable : &n->status.capacity;
    int64_t cpu = amount_of(has, "cpu", true), memory = amount_of(has, "memory", false);
    struct resources all = {{0}, {0}};
    struct pool pods; /* const struct api_object * */
    uint32_t cursor = 0;
    pool_init(&pods, d->run->arena, sizeof(const struct api_object *));
    for (const struct api_object *o; (o = store_next(d->run->store, KIND_POD, &cursor)) != NULL;) {
        const struct pod *p = (const struct pod *)o;
        if (text_is(p->spec.node_name, n->object.meta.name) && !text_is(p->status.phase, "Succeeded") &&
            !text_is(p->status.phase, "Failed"))
            *(const struct api_object **)pool_at(&pods, pool_add(&pods)) = o;
    }
    object_list list = {arena_array(d->run->arena, const struct api_object *, pods.count + 1), pods.count};
    for (uint32_t i = 0; i < pods.count; i++)
        list.items[i] = *(const struct api_object **)pool_at(&pods, i);
    kubectl_sort_by_name(&list);
    strbuf_printf(&d->text,
                  "Non-terminated Pods:\t(%" PRIu32 " in total)\n"
                  "  Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge\n"
                  "  ---------\t----\t\t------------\t----------\t---------------\t-------------\t---\n",
                  list.count);
    for (uint32_t i = 0; i < list.count; i++) {
        const struct object_meta *m = &list.items[i]->meta;
        struct resources r = resources_of(d->run->arena, &((const struct pod *)list.items[i])->spec);
        strbuf_printf(&d->text, "  %s\t%s\t", m->namespace_, m->name);
        for (int k = 0; k < 2; k++) {
            cpu_cell(d, r.cpu[k], cpu);
            all.cpu[k] += r.cpu[k];
            all.memory[k] += r.memory[k];
        }
        for (int k = 0; k < 2; k++)
            memory_cell(d, r.memory[k], memory);
        strbuf_putc(&d->text, '\t');
        printer_age(&d->text, d->now - m->creation_timestamp);
        strbuf_putc(&d->text, '\n');
    }
    strbuf_puts(&d->text, "Allocated resources:\n  (Total limits may be over 100 percent, i.e., overcommitted.)\n"
                          "  Resource\tRequests\tLimits\n  --------\t--------\t------\n  cpu");
    cpu_cell(d, all.cpu[0], cpu);
    cpu_cell(d, all.cpu[1], cpu);
    strbuf_puts(&d->text, "\n  memory");
    memory_cell(d, all.memory[0], memory);
    memory_cell(d, all.memory[1], memory);
    strbuf_puts(&d->text, "\n  ephemeral-storage\t0 (0%)\t0 (0%)\n");
}

static void node(struct describe *d, const struct api_object *o)
{
    const struct node *n = (const struct node *)o;
    describe_line(d, "Name", o->meta.name);
    roles(d, n);
    describe_labels(d, o);
    describe_date_line(d, "CreationTimestamp", o->meta.creation_timestamp);
    taints(d, n);
    describe_line(d, "Unschedulable", n->spec.unschedulable ? "true" : "false");
    node_conditions(d, n);
    strbuf_puts(&d->text, "Addresses:\n");
    for (uint32_t i = 0; i < n->status.addresses.count; i++)
        strbuf_printf(&d->text, "  %s:\t%s\n", n->status.addresses.items[i].type, n->status.addresses.items[i].address);
    amounts(d, "Capacity", &n->status.capacity);
    amounts(d, "Allocatable", &n->status.allocatable);
    system_info(d, n->status.node_info);
    if (given(n->spec.pod_cidr))
        describe_line(d, "PodCIDR", n->spec.pod_cidr);
    if (n->spec.pod_cidrs.count)
        describe_line(d, "PodCIDRs", joined(d->run->arena, &n->spec.pod_cidrs));
    node_pods(d, n);
    describe_events(d, o);
}

/* ---- workloads ---- */

const char *describe_selector(struct describe *d, const struct label_selector *s)
{
    struct strbuf b = STRBUF_INIT;
    label_selector_format(s, &b);
    const char *text = arena_strdup(d->run->arena, strbuf_str(&b));
    strbuf_fini(&b);
    return text;
}

static void workload_conditions(struct describe *d, const struct workload_condition *items, uint32_t count)
{
    if (count)
        strbuf_puts(&d->text, "Conditions:\n  Type\tStatus\tReason\n  ----\t------\t------\n");
    for (uint32_t i = 0; i < count; i++)
        strbuf_printf(&d->text, "  %s \t%s\t%s\n", items[i].type, items[i].status,
                      items[i].reason ? items[i].reason : "");
}

static bool owned_by(const struct api_object *o, const struct api_object *owner)
{
    for (uint32_t i = 0; i < o->meta.owner_references.count; i++)
        if (o->meta.owner_references.items[i].controller.value &&
            text_is(o->meta.owner_references.items[i].uid, owner->meta.uid))
            return true;
    return false;
}

void describe_controller(struct describe *d, const struct api_object *o)
{
    for (uint32_t i = 0; i < o->meta.owner_references.count; i++)
        if (o->meta.owner_references.items[i].controller.value)
            strbuf_printf(&d->text, "Controlled By:\t%s/%s\n", o->meta.owner_references.items[i].kind,
                          o->meta.owner_references.items[i].name);
}

/* k8s getPodStatusForController: its own pods, by phase. */
static void pods_status(struct describe *d, const struct api_object *owner)
{
    static const char *const phases[] = {"Running", "Pending", "Succeeded", "Failed"};
    uint32_t counts[4] = {0}, cursor = 0;
    for (const struct api_object *o; (o = store_next(d->run->store, KIND_POD, &cursor)) != NULL;)
        for (size_t i = 0; i < ARRAY_LEN(phases); i++)
            counts[i] += owned_by(o, owner) && text_is(((const struct pod *)o)->status.phase, phases[i]);
    strbuf_printf(&d->text,
                  "Pods Status:\t%" PRIu32 " Running / %" PRIu32 " Waiting / %" PRIu32 " Succeeded / %" PRIu32
                  " Failed\n",
                  counts[0], counts[1], counts[2], counts[3]);
}

static void replica_set(struct describe *d, const struct api_object *o)
{
    const struct replica_set *rs = (const struct replica_set *)o;
    struct label_selector chosen = selector_of_replica_set(rs);
    describe_head(d, o);
    describe_line(d, "Selector", describe_selector(d, &chosen));
    describe_labels(d, o);
    describe_controller(d, o);
    strbuf_printf(&d->text, "Replicas:\t%" PRId64 " current / %" PRId64 " desired\n", rs->status.replicas,
                  rs->spec.replicas.value);
    pods_status(d, o);
    describe_template(d, &rs->spec.template_.meta, &rs->spec.template_.spec);
    workload_conditions(d, rs->status.conditions.items, rs->status.conditions.count);
    describe_events(d, o);
}

/* The ReplicaSets of a Deployment: the one with its revision is the new one. */
static void replica_sets(struct describe *d, const struct api_object *owner)
{
    static const char revision[] = "deployment.kubernetes.io/revision";
    struct arena *a = d->run->arena;
    const char *old = "", *new = "", *now = str_map_get(&owner->meta.annotations, revision);
    uint32_t cursor = 0, n = 0;
    for (const struct api_object *o; (o = store_next(d->run->store, KIND_REPLICASET, &cursor)) != NULL;) {
        const struct replica_set *rs = (const struct replica_set *)o;
        if (!owned_by(o, owner))
            continue;
        const char *mine = str_map_get(&o->meta.annotations, revision);
        const char **list = now && mine && strcmp(now, mine) == 0 ? &new : &old;
        *list = arena_printf(a, "%s%s%s (%" PRId64 "/%" PRId64 " replicas created)", *list, **list ? ", " : "",
                             o->meta.name, rs->status.replicas, rs->spec.replicas.value);
        n++;
    }
    if (n == 0)
        return;
    describe_line(d, "OldReplicaSets", or_none(old));
    describe_line(d, "NewReplicaSet", or_none(new));
}

static const char *share(struct arena *a, const struct int_or_string *x)
{
    return x->text ? x->text : arena_printf(a, "%" PRId64, x->number);
}

static void deployment(struct describe *d, const struct api_object *o)
{
    const struct deployment *w = (const struct deployment *)o;
    struct arena *a = d->run->arena;
    describe_head(d, o);
    describe_date_line(d, "CreationTimestamp", o->meta.creation_timestamp);
    describe_labels(d, o);
    describe_line(d, "Selector", w->spec.selector ? describe_selector(d, w->spec.selector) : "<none>");
    strbuf_printf(&d->text,
                  "Replicas:\t%" PRId64 " desired | %" PRId64 " updated | %" PRId64 " total | %" PRId64
                  " available | %" PRId64 " unavailable\n",
                  w->spec.replicas.value, w->status.updated_replicas, w->status.replicas, w->status.available_replicas,
                  w->status.unavailable_replicas);
    describe_line(d, "StrategyType", w->spec.strategy.type ? w->spec.strategy.type : "");
    describe_number(d, "MinReadySeconds", w->spec.min_ready_seconds);
    if (w->spec.strategy.rolling_update)
        strbuf_printf(&d->text, "RollingUpdateStrategy:\t%s max unavailable, %s max surge\n",
                      share(a, &w->spec.strategy.rolling_update->max_unavailable),
                      share(a, &w->spec.strategy.rolling_update->max_surge));
    describe_template(d, &w->spec.template_.meta, &w->spec.template_.spec);
    workload_conditions(d, w->status.conditions.items, w->status.conditions.count);
    replica_sets(d, o);
    describe_events(d, o);
}

/* ---- StatefulSet, DaemonSet ---- */

static const char *text_of(const struct value *map, const char *key, const char *otherwise)
{
    const struct value *v = map ? value_get(map, key) : NULL;
    return v && v->text ? v->text : otherwise;
}

/* describeVolumeClaimTemplates */
static void claim_templates(struct describe *d, const struct stateful_set *w)
{
    if (w->spec.volume_claim_templates.count == 0) {
        describe_line(d, "Volume Claims", "<none>");
        return;
    }
    strbuf_puts(&d->text, "Volume Claims:\n");
    for (uint32_t i = 0; i < w->spec.volume_claim_templates.count; i++) {
        const struct persistent_volume_claim *c = &w->spec.volume_claim_templates.items[i];
        const struct value *wanted = c->spec ? value_get(c->spec, "resources") : NULL,
                           *modes = c->spec ? value_get(c->spec, "accessModes") : NULL;
        wanted = wanted ? value_get(wanted, "requests") : NULL;
        describe_line(d, "  Name", c->object.meta.name);
        describe_line(d, "  StorageClass", text_of(c->spec, "storageClassName", ""));
        describe_map(d, "  Labels", &c->object.meta.labels, '=');
        describe_map(d, "  Annotations", &c->object.meta.annotations, ':');
        describe_line(d, "  Capacity", text_of(wanted, "storage", "<default>"));
        strbuf_puts(&d->text, "  Access Modes:\t[");
        for (uint32_t k = 0; modes && k < modes->count; k++)
            strbuf_printf(&d->text, "%s%s", k ? " " : "", modes->items[k]->text);
        strbuf_puts(&d->text, "]\n");
    }
}

static void stateful_set(struct describe *d, const struct api_object *o)
{
    const struct stateful_set *w = (const struct stateful_set *)o;
    const struct rolling_update_stateful_set *r = w->spec.update_strategy.rolling_update;
    describe_head(d, o);
    describe_date_line(d, "CreationTimestamp", o->meta.creation_timestamp);
    describe_line(d, "Selector", w->spec.selector ? describe_selector(d, w->spec.selector) : "<none>");
    describe_labels(d, o);
    strbuf_printf(&d->text, "Replicas:\t%" PRId64 " desired | %" PRId64 " total\n", w->spec.replicas.value,
                  w->status.replicas);
    describe_line(d, "Update Strategy", w->spec.update_strategy.type);
    if (r)
        describe_number(d, "  Partition", r->partition.value);
    if (r && r->max_unavailable.set)
        describe_line(d, "  MaxUnavailable", share(d->run->arena, &r->max_unavailable));
    pods_status(d, o);
    describe_template(d, &w->spec.template_.meta, &w->spec.template_.spec);
    claim_templates(d, w);
    describe_events(d, o);
}

static void daemon_set(struct describe *d, const struct api_object *o)
{
    const struct daemon_set *w = (const struct daemon_set *)o;
    const struct daemon_set_status *s = &w->status;
    const struct {
        const char *of;
        int64_t n;
    } rows[] = {{"Desired Number of Nodes Scheduled", s->desired_number_scheduled},
                {"Current Number of Nodes Scheduled", s->current_number_scheduled},
                {"Number of Nodes Scheduled with Up-to-date Pods", s->updated_number_scheduled},
                {"Number of Nodes Scheduled with Available Pods", s->number_available},
                {"Number of Nodes Misscheduled", s->number_misscheduled}};
    const str_map *nodes = &w->spec.template_.spec.node_selector;
    describe_head(d, o);
    describe_line(d, "Selector", w->spec.selector ? describe_selector(d, w->spec.selector) : "<none>");
    strbuf_puts(&d->text, nodes->count ? "Node-Selector:\t" : "Node-Selector:\t<none>");
    for (uint32_t i = 0; i < nodes->count; i++)
        strbuf_printf(&d->text, "%s%s=%s", i ? "," : "", nodes->items[i].key, nodes->items[i].value);
    strbuf_putc(&d->text, '\n');
    describe_labels(d, o);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        strbuf_printf(&d->text, "%s: %" PRId64 "\n", rows[i].of, rows[i].n);
    pods_status(d, o);
    describe_template(d, &w->spec.template_.meta, &w->spec.template_.spec);
    describe_events(d, o);
}

/* ---- by kind ---- */

static void (*const describers[KIND_COUNT])(struct describe *, const struct api_object *) = {
    [KIND_CONFIGMAP] = config_map,
    [KIND_DEPLOYMENT] = deployment,
    [KIND_ENDPOINTS] = endpoints,
    [KIND_ENDPOINTSLICE] = endpoint_slice,
    [KIND_EVENT] = event,
    [KIND_JOB] = describe_job,
    [KIND_CRONJOB] = describe_cron_job,
    [KIND_NAMESPACE] = namespace_,
    [KIND_NODE] = node,
    [KIND_LIMITRANGE] = describe_limit_range,
    [KIND_PODDISRUPTIONBUDGET] = describe_pdb,
    [KIND_RESOURCEQUOTA] = describe_resource_quota,
    [KIND_HORIZONTALPODAUTOSCALER] = describe_hpa,
    [KIND_PRIORITYCLASS] = describe_priority_class,
    [KIND_REPLICASET] = replica_set,
    [KIND_REPLICATIONCONTROLLER] = replica_set,
    [KIND_SECRET] = secret,
    [KIND_SERVICE] = service,
    [KIND_STATEFULSET] = stateful_set,
    [KIND_DAEMONSET] = daemon_set,
};

/* A kind without a describer of its own: its fields, as kubectl does for custom resources. */
static void generic(struct describe *d, const struct api_object *o)
{
    describe_head(d, o);
    describe_labels(d, o);
    api_write_yaml(kind_infos[o->kind].type, o, store_epoch(d->run->store), &d->text, 0);
    describe_events(d, o);
}

void describe_object(struct describe *d, const struct api_object *o)
{
    (describers[o->kind] ? describers[o->kind] : generic)(d, o);
}
