/* kubectl_describe.c - kubectl describe: pods, pod templates, Events. kubectl pkg/describe/describe.go (v1.34);
 * order of lines: api-objects.md section 11. Left out on purpose: what is not modelled (security
 * profiles, topology constraints, resize), details of volumes that mount empty.
 */
#include <string.h>

#include "model/api_apps.h"
#include "model/kubectl_describe.h"
#include "model/printer.h"

static bool given(const char *s) { return s && *s; }

/* Go's RFC1123Z: "Mon, 02 Jan 2006 15:04:05 +0000". */
void describe_date(struct describe *d, sim_time t)
{
    static const char *const days[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"}; /* 1970-01-01 was one */
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct strbuf iso = STRBUF_INIT;
    int64_t seconds = store_epoch(d->run->store) + sim_time_floor(t, SIM_SECOND) / SIM_SECOND;
    int64_t day = sim_time_floor(seconds, 86400) / 86400;
    strbuf_rfc3339(&iso, seconds, 0, false);
    const char *s = strbuf_str(&iso); /* 2026-01-02T15:04:05Z */
    int month = (s[5] - '0') * 10 + (s[6] - '0');
    strbuf_printf(&d->text, "%s, %.2s %s %.4s %.8s +0000", days[((day % 7) + 7) % 7], s + 8,
                  months[month >= 1 && month <= 12 ? month - 1 : 0], s, s + 11);
    strbuf_fini(&iso);
}

void describe_line(struct describe *d, const char *label, const char *text)
{
    strbuf_printf(&d->text, "%s:\t%s\n", label, text);
}

/* One pair per line, the first behind the label. */
void describe_map(struct describe *d, const char *label, const str_map *map, char between)
{
    strbuf_printf(&d->text, "%s:\t", label);
    if (map->count == 0)
        strbuf_puts(&d->text, "<none>\n");
    for (uint32_t i = 0; i < map->count; i++)
        strbuf_printf(&d->text, "%s%s%c%s%s\n", i ? "\t" : "", map->items[i].key, between, between == ':' ? " " : "",
                      map->items[i].value);
}

static void put_head(struct describe *d)
{
    const struct pod *p = d->pod;
    const struct object_meta *m = &p->object.meta;
    describe_line(d, "Name", m->name);
    describe_line(d, "Namespace", m->namespace_);
    if (p->spec.priority.set)
        strbuf_printf(&d->text, "Priority:\t%" PRId64 "\n", p->spec.priority.value);
    if (given(p->spec.priority_class_name))
        describe_line(d, "Priority Class Name", p->spec.priority_class_name);
    if (given(p->spec.runtime_class_name))
        describe_line(d, "Runtime Class Name", p->spec.runtime_class_name);
    if (given(p->spec.service_account_name) && store_has(d->run->store, FEATURE_DESCRIBE_SERVICE_ACCOUNT))
        describe_line(d, "Service Account", p->spec.service_account_name);
    if (given(p->spec.node_name))
        strbuf_printf(&d->text, "Node:\t%s/%s\n", p->spec.node_name, p->status.host_ip ? p->status.host_ip : "");
    else
        describe_line(d, "Node", "<none>");
    if (p->status.start_time != SIM_NEVER) {
        strbuf_puts(&d->text, "Start Time:\t");
        describe_date(d, p->status.start_time);
        strbuf_putc(&d->text, '\n');
    }
    describe_map(d, "Labels", &m->labels, '=');
    describe_map(d, "Annotations", &m->annotations, ':');
}

static void put_status(struct describe *d)
{
    const struct pod *p = d->pod;
    const struct object_meta *m = &p->object.meta;
    bool terminal = text_is(p->status.phase, "Succeeded") || text_is(p->status.phase, "Failed");
    if (m->deletion_timestamp != SIM_NEVER && !terminal) {
        strbuf_puts(&d->text, "Status:\tTerminating (lasts ");
        printer_age(&d->text, d->now - m->deletion_timestamp);
        strbuf_printf(&d->text, ")\nTermination Grace Period:\t%" PRId64 "s\n", m->deletion_grace_period_seconds.value);
    } else {
        describe_line(d, "Status", p->status.phase ? p->status.phase : "");
    }
    if (given(p->status.reason))
        describe_line(d, "Reason", p->status.reason);
    if (given(p->status.message))
        describe_line(d, "Message", p->status.message);
    describe_line(d, "IP", p->status.pod_ip ? p->status.pod_ip : "");
    if (p->status.pod_ips.count == 0)
        strbuf_puts(&d->text, "IPs:\t<none>\n");
    else
        strbuf_puts(&d->text, "IPs:\n");
    for (uint32_t i = 0; i < p->status.pod_ips.count; i++)
        strbuf_printf(&d->text, "  IP:\t%s\n", p->status.pod_ips.items[i].ip);
    for (uint32_t i = 0; i < m->owner_references.count; i++) {
        const struct owner_reference *o = &m->owner_references.items[i];
        if (o->controller.set && o->controller.value)
            strbuf_printf(&d->text, "Controlled By:\t%s/%s\n", o->kind, o->name);
    }
    if (given(p->status.nominated_node_name))
        describe_line(d, "NominatedNodeName", p->status.nominated_node_name);
}

/* ---- containers ---- */

static void put_ports(struct describe *d, const struct container *c, bool host)
{
    const char *label = host ? "Host Port" : "Port";
    strbuf_printf(&d->text, "    %s%s:\t", label, c->ports.count > 1 ? "s" : "");
    if (c->ports.count == 0)
        strbuf_puts(&d->text, "<none>");
    for (uint32_t i = 0; i < c->ports.count; i++) {
        const struct container_port *p = &c->ports.items[i];
        strbuf_printf(&d->text, "%s%" PRId64 "/%s", i ? ", " : "", host ? p->host_port : p->container_port,
                      p->protocol ? p->protocol : "TCP");
        if (!host && given(p->name))
            strbuf_printf(&d->text, " (%s)", p->name);
    }
    strbuf_putc(&d->text, '\n');
}

/* Every line of every word, indented. */
static void put_words(struct describe *d, const char *label, const str_list *words)
{
    if (words->count == 0)
        return;
    strbuf_printf(&d->text, "    %s:\n", label);
    for (uint32_t i = 0; i < words->count; i++) {
        const char *p = words->items[i];
        for (;;) {
            size_t n = strcspn(p, "\n");
            strbuf_puts(&d->text, "      ");
            strbuf_add(&d->text, p, n);
            strbuf_putc(&d->text, '\n');
            if (!p[n])
                break;
            p += n + 1;
        }
    }
}

static void put_terminated(struct describe *d, const struct container_state_terminated *t)
{
    strbuf_puts(&d->text, "Terminated\n");
    if (given(t->reason))
        strbuf_printf(&d->text, "      Reason:\t%s\n", t->reason);
    if (given(t->message))
        strbuf_printf(&d->text, "      Message:\t%s\n", t->message);
    strbuf_printf(&d->text, "      Exit Code:\t%" PRId64 "\n", t->exit_code);
    if (t->signal > 0)
        strbuf_printf(&d->text, "      Signal:\t%" PRId64 "\n", t->signal);
    strbuf_puts(&d->text, "      Started:\t");
    describe_date(d, t->started_at == SIM_NEVER ? 0 : t->started_at);
    strbuf_puts(&d->text, "\n      Finished:\t");
    describe_date(d, t->finished_at == SIM_NEVER ? 0 : t->finished_at);
    strbuf_putc(&d->text, '\n');
}

static void put_state(struct describe *d, const char *label, const struct container_state *s)
{
    strbuf_printf(&d->text, "    %s:\t", label);
    if (s->running) {
        strbuf_puts(&d->text, "Running\n      Started:\t");
        describe_date(d, s->running->started_at);
        strbuf_putc(&d->text, '\n');
    } else if (s->terminated) {
        put_terminated(d, s->terminated);
    } else {
        strbuf_puts(&d->text, "Waiting\n");
        if (s->waiting && given(s->waiting->reason))
            strbuf_printf(&d->text, "      Reason:\t%s\n", s->waiting->reason);
    }
}

static void put_quantities(struct describe *d, const char *label, const quantity_map *map)
{
    if (map->count == 0)
        return;
    strbuf_printf(&d->text, "    %s:\n", label);
    for (uint32_t i = 0; i < map->count; i++)
        strbuf_printf(&d->text, "      %s:\t%s\n", map->items[i].key, map->items[i].value.text);
}

static void put_http(struct describe *d, const struct http_get_action *h)
{
    strbuf_puts(&d->text, "http-get ");
    for (const char *c = h->scheme ? h->scheme : "http"; *c; c++)
        strbuf_putc(&d->text, *c >= 'A' && *c <= 'Z' ? (char)(*c + 32) : *c);
    strbuf_printf(&d->text, "://%s:", h->host ? h->host : "");
    if (h->port.text)
        strbuf_puts(&d->text, h->port.text);
    else
        strbuf_int(&d->text, h->port.number);
    if (given(h->path))
        strbuf_printf(&d->text, "%s%s", h->path[0] == '/' ? "" : "/", h->path);
}

static void put_probe(struct describe *d, const char *label, const struct probe *p)
{
    if (!p)
        return;
    strbuf_printf(&d->text, "    %s:\t", label);
    if (p->exec) {
        strbuf_puts(&d->text, "exec [");
        for (uint32_t i = 0; i < p->exec->command.count; i++)
            strbuf_printf(&d->text, "%s%s", i ? " " : "", p->exec->command.items[i]);
        strbuf_putc(&d->text, ']');
    } else if (p->http_get) {
        put_http(d, p->http_get);
    } else if (p->tcp_socket) {
        strbuf_printf(&d->text, "tcp-socket %s:", p->tcp_socket->host ? p->tcp_socket->host : "");
        if (p->tcp_socket->port.text)
            strbuf_puts(&d->text, p->tcp_socket->port.text);
        else
            strbuf_int(&d->text, p->tcp_socket->port.number);
    } else if (p->grpc) {
        strbuf_printf(&d->text, "grpc <pod>:%" PRId64 " %s", p->grpc->port, p->grpc->service ? p->grpc->service : "");
    } else {
        strbuf_puts(&d->text, "unknown");
    }
    strbuf_printf(
        &d->text,
        " delay=%" PRId64 "s timeout=%" PRId64 "s period=%" PRId64 "s #success=%" PRId64 " #failure=%" PRId64 "\n",
        p->initial_delay_seconds, p->timeout_seconds, p->period_seconds, p->success_threshold, p->failure_threshold);
}

static void put_env_from(struct describe *d, const struct container *c)
{
    if (c->env_from.count == 0)
        return;
    strbuf_puts(&d->text, "    Environment Variables from:\n");
    for (uint32_t i = 0; i < c->env_from.count; i++) {
        const struct env_from_source *e = &c->env_from.items[i];
        const struct env_source *s = e->config_map_ref ? e->config_map_ref : e->secret_ref;
        strbuf_printf(&d->text, "      %s\t%s", s && s->name ? s->name : "",
                      e->config_map_ref ? "ConfigMap" : "Secret");
        if (given(e->prefix))
            strbuf_printf(&d->text, " with prefix '%s'", e->prefix);
        strbuf_printf(&d->text, "\tOptional: %s\n", s && s->optional.set && s->optional.value ? "true" : "false");
    }
}

static void put_key_ref(struct describe *d, const struct key_selector *k, const char *what)
{
    strbuf_printf(&d->text, "<set to the key '%s' %s '%s'>\tOptional: %s", k->key ? k->key : "", what,
                  k->name ? k->name : "", k->optional.set && k->optional.value ? "true" : "false");
}

static void put_env(struct describe *d, const struct container *c)
{
    if (c->env.count == 0) {
        strbuf_puts(&d->text, "    Environment:\t<none>\n");
        return;
    }
    strbuf_puts(&d->text, "    Environment:\n");
    for (uint32_t i = 0; i < c->env.count; i++) {
        const struct env_var *e = &c->env.items[i];
        strbuf_printf(&d->text, "      %s:\t", e->name);
        if (!e->value_from)
            strbuf_puts(&d->text, e->value ? e->value : "");
        else if (e->value_from->field_ref)
            strbuf_printf(&d->text, " (%s:%s)",
                          e->value_from->field_ref->api_version ? e->value_from->field_ref->api_version : "v1",
                          e->value_from->field_ref->field_path);
        else if (e->value_from->resource_field_ref)
            strbuf_printf(&d->text, " (%s)", e->value_from->resource_field_ref->resource);
        else if (e->value_from->secret_key_ref)
            put_key_ref(d, e->value_from->secret_key_ref, "in secret");
        else if (e->value_from->config_map_key_ref)
            put_key_ref(d, e->value_from->config_map_key_ref, "of config map");
        strbuf_putc(&d->text, '\n');
    }
}

static void put_mounts(struct describe *d, const struct container *c)
{
    if (c->volume_mounts.count == 0) {
        strbuf_puts(&d->text, "    Mounts:\t<none>\n");
        return;
    }
    strbuf_puts(&d->text, "    Mounts:\n");
    for (uint32_t i = 0; i < c->volume_mounts.count; i++) {
        const struct volume_mount *m = &c->volume_mounts.items[i];
        strbuf_printf(&d->text, "      %s from %s (%s%s%s%s)\n", m->mount_path, m->name, m->read_only ? "ro" : "rw",
                      given(m->sub_path) ? ",path=\"" : "", m->sub_path ? m->sub_path : "",
                      given(m->sub_path) ? "\"" : "");
    }
}

static const struct container_status *status_of(const struct pod *p, const char *name)
{
    for (uint32_t i = 0; i < p->status.init_container_statuses.count; i++)
        if (text_is(p->status.init_container_statuses.items[i].name, name))
            return &p->status.init_container_statuses.items[i];
    for (uint32_t i = 0; i < p->status.container_statuses.count; i++)
        if (text_is(p->status.container_statuses.items[i].name, name))
            return &p->status.container_statuses.items[i];
    return NULL;
}

static void put_container(struct describe *d, const struct container *c)
{
    const struct container_status *s = status_of(d->pod, c->name);
    strbuf_printf(&d->text, "  %s%s:\n", *d->space ? " " : "", c->name);
    if (s)
        strbuf_printf(&d->text, "    Container ID:\t%s\n", s->container_id ? s->container_id : "");
    strbuf_printf(&d->text, "    Image:\t%s\n", c->image ? c->image : "");
    if (s)
        strbuf_printf(&d->text, "    Image ID:\t%s\n", s->image_id ? s->image_id : "");
    put_ports(d, c, false);
    put_ports(d, c, true);
    put_words(d, "Command", &c->command);
    put_words(d, "Args", &c->args);
    if (s) {
        put_state(d, "State", &s->state);
        if (s->last_state.terminated || s->last_state.running || s->last_state.waiting)
            put_state(d, "Last State", &s->last_state);
        strbuf_printf(&d->text, "    Ready:\t%s\n", s->ready ? "True" : "False");
        strbuf_printf(&d->text, "    Restart Count:\t%" PRId64 "\n", s->restart_count);
    }
    put_quantities(d, "Limits", &c->resources.limits);
    put_quantities(d, "Requests", &c->resources.requests);
    put_probe(d, "Liveness", c->liveness_probe);
    put_probe(d, "Readiness", c->readiness_probe);
    put_probe(d, "Startup", c->startup_probe);
    put_env_from(d, c);
    put_env(d, c);
    put_mounts(d, c);
}

static void put_containers(struct describe *d)
{
    const struct pod_spec *spec = &d->pod->spec;
    if (spec->init_containers.count)
        strbuf_printf(&d->text, "%sInit Containers:\n", d->space);
    for (uint32_t i = 0; i < spec->init_containers.count; i++)
        put_container(d, &spec->init_containers.items[i]);
    strbuf_printf(&d->text, "%sContainers:\n", d->space);
    for (uint32_t i = 0; i < spec->containers.count; i++)
        put_container(d, &spec->containers.items[i]);
    if (spec->ephemeral_containers.count)
        strbuf_puts(&d->text, "Ephemeral Containers:\n");
    for (uint32_t i = 0; i < spec->ephemeral_containers.count; i++)
        put_container(d, &spec->ephemeral_containers.items[i]);
}

/* ---- conditions, volumes, scheduling ---- */

static void put_conditions(struct describe *d)
{
    const struct pod *p = d->pod;
    if (p->spec.readiness_gates.count) {
        strbuf_puts(&d->text, "Readiness Gates:\n  Type\tStatus\n");
        for (uint32_t i = 0; i < p->spec.readiness_gates.count; i++) {
            const char *type = p->spec.readiness_gates.items[i].condition_type;
            const struct pod_condition *c = pod_condition_find(p, type);
            strbuf_printf(&d->text, "  %s\t%s \n", type, c ? c->status : "<none>");
        }
    }
    if (p->status.conditions.count == 0)
        return;
    strbuf_puts(&d->text, "Conditions:\n  Type\tStatus\n");
    for (uint32_t i = 0; i < p->status.conditions.count; i++)
        strbuf_printf(&d->text, "  %s\t%s \n", p->status.conditions.items[i].type,
                      p->status.conditions.items[i].status);
}

static void put_config_source(struct describe *d, const struct config_map_volume *v, bool secret)
{
    strbuf_printf(&d->text, "    Type:\t%s\n",
                  secret ? "Secret (a volume populated by a Secret)" : "ConfigMap (a volume populated by a ConfigMap)");
    strbuf_printf(&d->text, "    %s:\t%s\n", secret ? "SecretName" : "Name", v->name ? v->name : "");
    strbuf_printf(&d->text, "    Optional:\t%s\n", v->optional.set && v->optional.value ? "true" : "false");
}

static void put_volume(struct describe *d, const struct volume *v)
{
    strbuf_printf(&d->text, "  %s%s:\n", *d->space ? " " : "", v->name);
    if (v->empty_dir) {
        strbuf_puts(&d->text, "    Type:\tEmptyDir (a temporary directory that shares a pod's lifetime)\n");
        strbuf_printf(&d->text, "    Medium:\t%s\n", v->empty_dir->medium ? v->empty_dir->medium : "");
        strbuf_printf(&d->text, "    SizeLimit:\t%s\n",
                      v->empty_dir->size_limit.set ? v->empty_dir->size_limit.text : "<unset>");
    } else if (v->host_path) {
        strbuf_puts(&d->text, "    Type:\tHostPath (bare host directory volume)\n");
        strbuf_printf(&d->text, "    Path:\t%s\n", v->host_path->path);
        strbuf_printf(&d->text, "    HostPathType:\t%s\n", v->host_path->type ? v->host_path->type : "");
    } else if (v->config_map) {
        put_config_source(d, v->config_map, false);
    } else if (v->secret) {
        put_config_source(d, v->secret, true);
    } else if (v->downward_api) {
        strbuf_puts(&d->text, "    Type:\tDownwardAPI (a volume populated by information about the pod)\n    Items:\n");
        for (uint32_t i = 0; i < v->downward_api->items.count; i++)
            if (v->downward_api->items.items[i].field_ref)
                strbuf_printf(&d->text, "      %s -> %s\n", v->downward_api->items.items[i].field_ref->field_path,
                              v->downward_api->items.items[i].path);
    } else if (v->projected) {
        strbuf_puts(&d->text, "    Type:\tProjected (a volume that contains injected data from multiple sources)\n");
    } else {
        strbuf_puts(&d->text, "    Type:\t<unknown>\n");
    }
}

static void put_volumes(struct describe *d)
{
    if (d->pod->spec.volumes.count == 0) {
        strbuf_printf(&d->text, "%sVolumes:\t<none>\n", d->space);
        return;
    }
    strbuf_printf(&d->text, "%sVolumes:\n", d->space);
    for (uint32_t i = 0; i < d->pod->spec.volumes.count; i++)
        put_volume(d, &d->pod->spec.volumes.items[i]);
}

static int by_key(const struct toleration *a, const struct toleration *b)
{
    return strcmp(a->key ? a->key : "", b->key ? b->key : "");
}

static void put_toleration(struct describe *d, const struct toleration *t)
{
    strbuf_puts(&d->text, t->key ? t->key : "");
    if (given(t->value))
        strbuf_printf(&d->text, "=%s", t->value);
    if (given(t->effect))
        strbuf_printf(&d->text, ":%s", t->effect);
    if (text_is(t->operator_, "Exists") && !given(t->value))
        strbuf_puts(&d->text, given(t->key) || given(t->effect) ? " op=Exists" : "op=Exists");
    if (t->toleration_seconds.set)
        strbuf_printf(&d->text, " for %" PRId64 "s", t->toleration_seconds.value);
    strbuf_putc(&d->text, '\n');
}

/* Sorted by key, equal keys as they stand: selection, which the few tolerations of a pod allow. */
static void put_tolerations(struct describe *d)
{
    const struct pod_spec *spec = &d->pod->spec;
    uint32_t n = spec->tolerations.count, printed = 0;
    bool *done = arena_array(d->run->arena, bool, n + 1);
    strbuf_printf(&d->text, "%sTolerations:\t", d->space);
    if (n == 0)
        strbuf_puts(&d->text, "<none>\n");
    for (; printed < n; printed++) {
        uint32_t first = n;
        for (uint32_t i = 0; i < n; i++)
            if (!done[i] && (first == n || by_key(&spec->tolerations.items[i], &spec->tolerations.items[first]) < 0))
                first = i;
        strbuf_puts(&d->text, printed ? "\t" : "");
        put_toleration(d, &spec->tolerations.items[first]);
        done[first] = true;
    }
}

/* ---- events ---- */

static sim_time last_seen(const struct k8s_event *e)
{
    return e->last_timestamp != SIM_NEVER ? e->last_timestamp : e->event_time;
}

static sim_time sort_time(const struct k8s_event *e)
{
    return e->last_timestamp != SIM_NEVER ? e->last_timestamp : INT64_MIN;
}

static void put_event(struct describe *d, const struct k8s_event *e)
{
    sim_time last = last_seen(e), first = e->first_timestamp != SIM_NEVER ? e->first_timestamp : last;
    strbuf_printf(&d->text, "  %s\t%s\t", e->type, e->reason);
    printer_age(&d->text, d->now - last);
    if (e->count > 1) {
        strbuf_printf(&d->text, " (x%" PRId64 " over ", e->count);
        printer_age(&d->text, d->now - first);
        strbuf_putc(&d->text, ')');
    }
    const char *m = e->message ? e->message : "";
    size_t n = strlen(m);
    while (n && (m[n - 1] == '\n' || m[n - 1] == ' '))
        n--;
    strbuf_printf(&d->text, "\t%s\t",
                  e->source.component      ? e->source.component
                  : e->reporting_component ? e->reporting_component
                                           : "");
    for (size_t i = 0; i < n; i++)
        strbuf_putc(&d->text, m[i] == '\n' || m[i] == '\t' ? ' ' : m[i]);
    strbuf_putc(&d->text, '\n');
}

/* kubectl sorts by lastTimestamp, oldest first; the scheduler's Events have none and come first of all.
 * k8s-order: its sort is not stable; here equals stay as created. */
void describe_events(struct describe *d, const struct api_object *about)
{
    if (!d->run->command->list) /* --show-events=false */
        return;
    struct pool events; /* const struct k8s_event * */
    uint32_t cursor = 0;
    pool_init(&events, d->run->arena, sizeof(const struct k8s_event *));
    for (const struct api_object *o; (o = store_next(d->run->store, KIND_EVENT, &cursor)) != NULL;) {
        const struct k8s_event *e = (const struct k8s_event *)o;
        /* The kubelet's Events of its node have the name for a uid. */
        if (!text_is(e->involved_object.uid, about->meta.uid) &&
            !(about->kind == KIND_NODE && text_is(e->involved_object.kind, "Node") &&
              text_is(e->involved_object.name, about->meta.name)))
            continue;
        uint32_t at = pool_add(&events);
        for (; at > 0; at--) {
            const struct k8s_event *before = *(const struct k8s_event **)pool_at(&events, at - 1);
            if (sort_time(before) <= sort_time(e))
                break;
            *(const struct k8s_event **)pool_at(&events, at) = before;
        }
        *(const struct k8s_event **)pool_at(&events, at) = e;
    }
    if (events.count == 0) {
        describe_line(d, "Events", "<none>");
        return;
    }
    strbuf_puts(&d->text, "Events:\n  Type\tReason\tAge\tFrom\tMessage\n  ----\t------\t----\t----\t-------\n");
    for (uint32_t i = 0; i < events.count; i++)
        put_event(d, *(const struct k8s_event **)pool_at(&events, i));
}

static void describe_pod(struct describe *d)
{
    put_head(d);
    put_status(d);
    put_containers(d);
    put_conditions(d);
    put_volumes(d);
    describe_line(d, "QoS Class", d->pod->status.qos_class ? d->pod->status.qos_class : pod_qos_class(&d->pod->spec));
    describe_map(d, "Node-Selectors", &d->pod->spec.node_selector, '=');
    put_tolerations(d);
    describe_events(d, &d->pod->object);
}

/* ---- templates ---- */

void describe_template(struct describe *d, const struct object_meta *meta, const struct pod_spec *spec)
{
    struct pod *pod = arena_new(d->run->arena, struct pod); /* one without a status */
    pod->spec = *spec;
    d->pod = pod;
    d->space = "  ";
    strbuf_puts(&d->text, "Pod Template:\n");
    describe_map(d, "  Labels", &meta->labels, '=');
    if (meta->annotations.count)
        describe_map(d, "  Annotations", &meta->annotations, ':');
    if (given(spec->service_account_name))
        describe_line(d, "  Service Account", spec->service_account_name);
    put_containers(d);
    put_volumes(d);
    if (given(spec->priority_class_name))
        describe_line(d, "  Priority Class Name", spec->priority_class_name);
    describe_map(d, "  Node-Selectors", &spec->node_selector, '=');
    put_tolerations(d);
}

static void print(struct describe *d)
{
    text_align_tabs(d->run->out, strbuf_str(&d->text));
    strbuf_fini(&d->text);
}

void kubectl_describe_template(struct kubectl_run *r, const struct object_meta *meta, const struct pod_spec *spec)
{
    struct describe d = {r, STRBUF_INIT, NULL, sim_now(r->sim), ""};
    describe_template(&d, meta, spec);
    print(&d);
}

/* ---- objects ---- */

void kubectl_describe(struct kubectl_run *r)
{
    object_list list = kubectl_targets(r);
    for (uint32_t i = 0; i < list.count; i++) {
        struct describe d = {r, STRBUF_INIT, (const struct pod *)list.items[i], sim_now(r->sim), ""};
        strbuf_puts(r->out, i ? "\n\n" : "");
        if (list.items[i]->kind == KIND_POD)
            describe_pod(&d);
        else
            describe_object(&d, list.items[i]);
        print(&d);
    }
    if (list.count == 0 && r->code == 0)
        strbuf_printf(r->out, "No resources found in %s namespace.\n", kubectl_namespace(r));
}
