/* pod_validate.c - the rules for pods that go beyond a field's type, in the API server's words.
 * k8s pkg/apis/core/validation/validation.go, v1.36; functions are named after theirs. Not checked: the
 * parts of a pod that podsim keeps as they were written (affinity, security contexts, rare volumes).
 */
#include "model/api_types.h"
#include "model/behaviour.h"
#include "model/apitype_private.h"

#include <string.h>

static const char one_handler[] = "may not specify more than 1 handler type";
static const char one_volume[] = "may not specify more than 1 volume type";
static const char one_source[] = "may not have more than one field specified at a time";

static bool starts_with(const char *s, const char *prefix) { return strncmp(s, prefix, strlen(prefix)) == 0; }

static const struct quantity *find_amount(const quantity_map *map, const char *key)
{
    for (uint32_t i = 0; i < map->count; i++)
        if (strcmp(map->items[i].key, key) == 0)
            return &map->items[i].value;
    return NULL;
}

/* The part between two separators is "..". */
static bool has_backsteps(const char *path)
{
    while (*path) {
        size_t n = strcspn(path, "/");
        if (n == 2 && path[0] == '.' && path[1] == '.')
            return true;
        path += n + (path[n] == '/');
    }
    return false;
}

static void validate_local_descending_path(struct check *c, const char *path)
{
    if (path[0] == '/')
        check_invalid(c, path, "must be a relative path");
    if (has_backsteps(path))
        check_invalid(c, path, "must not contain '..'");
}

/* As above, and not hidden behind a name that the kubelet uses itself. */
static void validate_local_file_path(struct check *c, const char *path)
{
    validate_local_descending_path(c, path);
    if (starts_with(path, ".."))
        check_invalid(c, path, "must not start with '..'");
}

/* ---- probes and handlers ---- */

/* k8s IsHTTPHeaderName */
static bool is_http_header_name(const char *s)
{
    static const char allowed[] = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    return *s && s[strspn(s, allowed)] == '\0';
}

static void validate_http_get(struct check *c, const struct http_get_action *http)
{
    check_port(AT(c, "port"), &http->port);
    for (uint32_t i = 0; i < http->http_headers.count; i++) {
        const char *name = http->http_headers.items[i].name;
        if (name && !is_http_header_name(name))
            check_invalid(AT(AT_ITEM(AT(c, "httpHeaders"), i), "name"), name,
                          "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. "
                          "'X-Header-Name', regex used "
                          "for validation is '[-A-Za-z0-9]+')");
    }
}

/* What probes and hooks can do; members that one of them does not have are NULL. */
struct handler {
    const struct exec_action *exec;
    const struct http_get_action *http_get;
    const struct tcp_socket_action *tcp_socket;
    const struct grpc_action *grpc;
    const struct sleep_action *sleep;
};

/* k8s validateHandler: exactly one, looked at in this order. */
static void validate_handler(struct check *c, const struct handler *h, int64_t grace)
{
    const struct {
        const char *name;
        bool set;
    } all[] = {
        {"exec", h->exec}, {"httpGet", h->http_get}, {"tcpSocket", h->tcp_socket},
        {"grpc", h->grpc}, {"sleep", h->sleep},
    };
    const char *first = NULL;
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        if (all[i].set && first)
            check_forbidden(AT(c, all[i].name), one_handler);
        else if (all[i].set)
            first = all[i].name;
    }
    if (!first)
        check_required(c, "must specify a handler type");
    else if (text_is(first, "httpGet"))
        validate_http_get(AT(c, "httpGet"), h->http_get);
    else if (text_is(first, "tcpSocket"))
        check_port(AT(AT(c, "tcpSocket"), "port"), &h->tcp_socket->port);
    else if (text_is(first, "grpc"))
        check_port_number(AT(AT(c, "grpc"), "port"), h->grpc->port);
    else if (text_is(first, "sleep") && (h->sleep->seconds < 0 || h->sleep->seconds > grace))
        check_invalid_int(AT(c, "sleep"), h->sleep->seconds,
                          arena_printf(c->run->arena,
                                       "must be non-negative and less than terminationGracePeriodSeconds (%" PRId64 ")",
                                       grace));
}

static void validate_probe(struct check *c, const struct probe *p)
{
    struct handler h = {p->exec, p->http_get, p->tcp_socket, p->grpc, NULL};
    validate_handler(c, &h, 0);
    check_not_negative(AT(c, "initialDelaySeconds"), p->initial_delay_seconds);
    check_not_negative(AT(c, "timeoutSeconds"), p->timeout_seconds);
    check_not_negative(AT(c, "periodSeconds"), p->period_seconds);
    check_not_negative(AT(c, "successThreshold"), p->success_threshold);
    check_not_negative(AT(c, "failureThreshold"), p->failure_threshold);
    if (p->termination_grace_period_seconds.set)
        check_positive(AT(c, "terminationGracePeriodSeconds"), p->termination_grace_period_seconds.value);
}

static void validate_one_success(struct check *c, const struct probe *p)
{
    if (p->success_threshold != 1)
        check_invalid_int(AT(c, "successThreshold"), p->success_threshold, "must be 1");
}

static void validate_probes(struct check *c, const struct container *k)
{
    if (k->liveness_probe) {
        validate_probe(AT(c, "livenessProbe"), k->liveness_probe);
        validate_one_success(AT(c, "livenessProbe"), k->liveness_probe);
    }
    if (k->readiness_probe) {
        struct check probe = check_at(c, "readinessProbe");
        validate_probe(&probe, k->readiness_probe);
        if (k->readiness_probe->termination_grace_period_seconds.set)
            check_invalid_int(AT(&probe, "terminationGracePeriodSeconds"),
                              k->readiness_probe->termination_grace_period_seconds.value,
                              "must not be set for readinessProbes");
    }
    if (k->startup_probe) {
        validate_probe(AT(c, "startupProbe"), k->startup_probe);
        validate_one_success(AT(c, "startupProbe"), k->startup_probe);
    }
}

static void validate_lifecycle(struct check *c, const struct lifecycle *l, const struct pod_spec *spec)
{
    const struct lifecycle_handler *hooks[] = {l->post_start, l->pre_stop};
    static const char *const names[] = {"postStart", "preStop"};
    int64_t grace = spec->termination_grace_period_seconds.value;
    for (size_t i = 0; i < ARRAY_LEN(hooks); i++) {
        if (!hooks[i])
            continue;
        struct handler h = {hooks[i]->exec, hooks[i]->http_get, hooks[i]->tcp_socket, NULL, hooks[i]->sleep};
        validate_handler(AT(c, names[i]), &h, grace);
    }
}

/* ---- environment ---- */

/* k8s pkg/apis/core/pods/helpers.go ConvertDownwardAPIFieldLabel. */
static const char *const field_labels[] = {
    "metadata.annotations", "metadata.labels", "metadata.name",      "metadata.namespace",
    "metadata.uid",         "spec.nodeName",   "spec.restartPolicy", "spec.serviceAccountName",
    "spec.schedulerName",   "status.phase",    "status.hostIP",      "status.hostIPs",
    "status.podIP",         "status.podIPs",   "spec.host",
};
static const char *const env_field_values[] = {
    "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName",
    "status.hostIP", "status.hostIPs",     "status.podIP", "status.podIPs", NULL};
static const char *const volume_field_values[] = {"metadata.annotations", "metadata.labels", "metadata.name",
                                                  "metadata.namespace",   "metadata.uid",    NULL};
static const char *const resource_values[] = {"limits.cpu",
                                              "limits.ephemeral-storage",
                                              "limits.memory",
                                              "requests.cpu",
                                              "requests.ephemeral-storage",
                                              "requests.memory",
                                              NULL};

static bool is_one_of(const char *s, const char *const *values)
{
    for (; *values; values++)
        if (strcmp(s, *values) == 0)
            return true;
    return false;
}

/* metadata.labels['app']: the part in front of the bracket is left in *ret_len, the key returned. */
static const char *split_subscript(struct arena *a, const char *path, size_t *ret_len)
{
    const char *open = strstr(path, "['");
    size_t n = strlen(path);
    if (!open || n < 2 || strcmp(path + n - 2, "']") != 0 || open + 2 > path + n - 2)
        return NULL;
    *ret_len = (size_t)(open - path);
    return arena_strndup(a, open + 2, (size_t)(path + n - 2 - (open + 2)));
}

/* k8s validateObjectFieldSelector */
static void validate_field_ref(struct check *c, const struct object_field_selector *f, const char *const *values)
{
    if (!f->field_path)
        return; /* reported as required */
    struct check at = check_at(c, "fieldPath");
    size_t len;
    const char *subscript = split_subscript(c->run->arena, f->field_path, &len);
    if (subscript) {
        bool labels = len == strlen("metadata.labels") && starts_with(f->field_path, "metadata.labels");
        bool annotations = len == strlen("metadata.annotations") && starts_with(f->field_path, "metadata.annotations");
        if (labels || annotations)
            check_name(c, subscript, wrong_qualified_name);
        else
            check_invalid(c, arena_strndup(c->run->arena, f->field_path, len), "does not support subscript");
        return;
    }
    bool known = false;
    for (size_t i = 0; i < ARRAY_LEN(field_labels); i++)
        known = known || strcmp(field_labels[i], f->field_path) == 0;
    const char *path = text_is(f->field_path, "spec.host") ? "spec.nodeName" : f->field_path;
    if (!known)
        check_invalid(&at, f->field_path,
                      arena_printf(c->run->arena, "error converting fieldPath: field label not supported: %.200s",
                                   f->field_path));
    else if (!is_one_of(path, values))
        check_unsupported(&at, path, values);
}

/* k8s validateContainerResourceFieldSelector */
static void validate_resource_ref(struct check *c, const struct resource_field_selector *f, bool in_volume)
{
    static const char *const cpu_divisors[] = {"1m", "1", NULL};
    static const char *const byte_divisors[] = {"1",   "1k",  "1M",  "1G",  "1T",  "1P",  "1E",
                                                "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei", NULL};
    if (in_volume && !f->container_name)
        check_required(AT(c, "containerName"), NULL);
    if (!f->resource)
        return; /* reported as required */
    bool huge = starts_with(f->resource, "limits.hugepages-") || starts_with(f->resource, "requests.hugepages-");
    if (!huge && !is_one_of(f->resource, resource_values)) {
        check_unsupported(AT(c, "resource"), f->resource, resource_values);
        return;
    }
    if (!f->divisor.set || quantity_sign(&f->divisor) == 0)
        return;
    const char *dot = strchr(f->resource, '.') + 1;
    if (strcmp(dot, "cpu") == 0 && !is_one_of(f->divisor.text, cpu_divisors))
        check_invalid(AT(c, "divisor"), f->resource,
                      "only divisor's values 1m and 1 are supported with the cpu resource");
    else if (strcmp(dot, "cpu") != 0 && !is_one_of(f->divisor.text, byte_divisors))
        check_invalid(
            AT(c, "divisor"), f->resource,
            arena_printf(c->run->arena,
                         "only divisor's values 1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are supported "
                         "with the %s resource",
                         strcmp(dot, "memory") == 0 ? "memory"
                         : huge                     ? "hugepages"
                                                    : "local ephemeral storage"));
}

static void validate_key_ref(struct check *c, const struct key_selector *k)
{
    check_name(AT(c, "name"), k->name ? k->name : "", wrong_dns1123_subdomain);
    if (k->key)
        check_name(AT(c, "key"), k->key, wrong_config_key);
}

/* k8s validateEnvVarValueFrom */
static void validate_value_from(struct check *c, const struct env_var *e)
{
    const struct env_var_source *s = e->value_from;
    int sources = (s->field_ref != NULL) + (s->resource_field_ref != NULL) + (s->config_map_key_ref != NULL) +
                  (s->secret_key_ref != NULL) + (s->file_key_ref != NULL);
    if (s->field_ref)
        validate_field_ref(AT(c, "fieldRef"), s->field_ref, env_field_values);
    if (s->resource_field_ref)
        validate_resource_ref(AT(c, "resourceFieldRef"), s->resource_field_ref, false);
    if (s->config_map_key_ref)
        validate_key_ref(AT(c, "configMapKeyRef"), s->config_map_key_ref);
    if (s->secret_key_ref)
        validate_key_ref(AT(c, "secretKeyRef"), s->secret_key_ref);
    if (sources == 0)
        check_invalid(c, "",
                      "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`");
    else if (e->value)
        check_invalid(c, "", "may not be specified when `value` is not empty");
    else if (sources > 1)
        check_invalid(c, "", one_source);
}

static void validate_env(struct check *c, const struct container *k)
{
    struct check env = check_at(c, "env"), from = check_at(c, "envFrom");
    for (uint32_t i = 0; i < k->env.count; i++) {
        const struct env_var *e = &k->env.items[i];
        struct check item = check_at_item(&env, i);
        if (e->name && wrong_env_name(e->name))
            check_invalid(AT(&item, "name"), e->name, wrong_env_name(e->name));
        if (e->value_from)
            validate_value_from(AT(&item, "valueFrom"), e);
    }
    for (uint32_t i = 0; i < k->env_from.count; i++) {
        const struct env_from_source *e = &k->env_from.items[i];
        struct check item = check_at_item(&from, i);
        if (e->prefix && wrong_env_name(e->prefix))
            check_invalid(AT(&item, "prefix"), e->prefix, wrong_env_name(e->prefix));
        if (!e->config_map_ref && !e->secret_ref)
            check_invalid(&item, "", "must specify one of: `configMapRef` or `secretRef`");
        if (e->config_map_ref && e->secret_ref)
            check_invalid(&item, "", one_source);
        if (e->config_map_ref && !e->config_map_ref->name)
            check_required(AT(AT(&item, "configMapRef"), "name"), NULL);
        if (e->secret_ref && !e->secret_ref->name)
            check_required(AT(AT(&item, "secretRef"), "name"), NULL);
    }
}

/* ---- ports ---- */

static void validate_container_ports(struct check *c, const struct container *k)
{
    for (uint32_t i = 0; i < k->ports.count; i++) {
        const struct container_port *p = &k->ports.items[i];
        struct check item = check_at_item(c, i);
        bool good = p->name && check_port_name(AT(&item, "name"), p->name);
        for (uint32_t other = 0; good && other < i; other++) {
            if (text_is(k->ports.items[other].name, p->name)) {
                check_duplicate(AT(&item, "name"), p->name);
                break;
            }
        }
        if (p->container_port == 0)
            check_required(AT(&item, "containerPort"), NULL);
        else
            check_port_number(AT(&item, "containerPort"), p->container_port);
        if (p->host_port != 0)
            check_port_number(AT(&item, "hostPort"), p->host_port);
        if (p->host_ip && wrong_ip(p->host_ip))
            check_invalid(AT(&item, "hostIP"), p->host_ip, wrong_ip(p->host_ip));
    }
}

static const char *host_port_text(struct arena *a, const struct container_port *p)
{
    return arena_printf(a, "%s/%s/%" PRId64, p->protocol ? p->protocol : "", p->host_ip ? p->host_ip : "",
                        p->host_port);
}

/* Ports of containers before (container, port) in the list. */
static bool host_port_taken(struct arena *a, const struct container *list, uint32_t container, uint32_t port)
{
    const char *text = host_port_text(a, &list[container].ports.items[port]);
    for (uint32_t i = 0; i <= container; i++) {
        uint32_t end = i == container ? port : list[i].ports.count;
        for (uint32_t k = 0; k < end; k++)
            if (list[i].ports.items[k].host_port && strcmp(host_port_text(a, &list[i].ports.items[k]), text) == 0)
                return true;
    }
    return false;
}

/* k8s checkHostPortConflicts, validateHostNetwork */
static void validate_host_ports(struct check *c, const struct container *list, uint32_t count, bool host_network)
{
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t k = 0; k < list[i].ports.count; k++) {
            const struct container_port *p = &list[i].ports.items[k];
            struct check at = check_at_item(AT(AT_ITEM(c, i), "ports"), k), host = check_at(&at, "hostPort");
            if (p->host_port && host_port_taken(c->run->arena, list, i, k))
                check_duplicate(&host, host_port_text(c->run->arena, p));
            if (host_network && p->host_port != p->container_port)
                check_invalid_int(&host, p->host_port, "must match `containerPort` when `hostNetwork` is true");
        }
    }
}

/* ---- resources ---- */

static bool is_extended(const char *key) { return strchr(key, '/') && !starts_with(key, "kubernetes.io/"); }

static bool is_standard(const char *key)
{
    return text_is(key, "cpu") || text_is(key, "memory") || text_is(key, "ephemeral-storage") ||
           starts_with(key, "hugepages-");
}

/* k8s validateContainerResourceName, ValidateResourceQuantityValue */
static void validate_amounts(struct check *c, const quantity_map *map)
{
    for (uint32_t i = 0; i < map->count; i++) {
        const char *key = map->items[i].key;
        const struct quantity *q = &map->items[i].value;
        struct check at = check_at_key(c, key);
        if (!check_name(&at, key, wrong_qualified_name))
            continue;
        if (!strchr(key, '/') && !is_standard(key)) {
            check_invalid(&at, key, "must be a standard resource type or fully qualified");
            check_invalid(&at, key, "must be a standard resource for containers");
        }
        if (quantity_sign(q) < 0)
            check_invalid(&at, q->text, "must be greater than or equal to 0");
        else if (is_extended(key) && q->nano_low != 0)
            check_invalid(&at, q->text, "must be an integer");
    }
}

/* k8s ValidateContainerResourceRequirements */
static void validate_resources(struct check *c, const struct resource_requirements *r)
{
    struct check requests = check_at(c, "requests"), limits = check_at(c, "limits");
    validate_amounts(&limits, &r->limits);
    validate_amounts(&requests, &r->requests);
    for (uint32_t i = 0; i < r->requests.count; i++) {
        const char *key = r->requests.items[i].key;
        const struct quantity *request = &r->requests.items[i].value, *limit = find_amount(&r->limits, key);
        bool overcommit = !is_extended(key) && !starts_with(key, "hugepages-");
        /* The path is that of all requests, the place that of this one. */
        struct check at = requests;
        if (value_get(requests.value, key))
            at.value = value_get(requests.value, key);
        if (limit && !overcommit && quantity_compare(request, limit) != 0)
            check_invalid(&at, request->text,
                          arena_printf(c->run->arena, "must be equal to %s limit of %s", key, limit->text));
        else if (limit && quantity_compare(request, limit) > 0)
            check_invalid(
                &at, request->text,
                arena_printf(c->run->arena, "must be less than or equal to %s limit of %s", key, limit->text));
        else if (!limit && !overcommit)
            check_required(&limits, "Limit must be set for non overcommitable resources");
    }
}

static bool is_pod_level(const char *key)
{
    return text_is(key, "cpu") || text_is(key, "memory") || starts_with(key, "hugepages-");
}

static void validate_pod_level_keys(struct check *c, const quantity_map *map)
{
    static const char *const supported[] = {"cpu", "hugepages-", "memory", NULL};
    for (uint32_t i = 0; i < map->count; i++) {
        if (!is_pod_level(map->items[i].key))
            check_unsupported(AT_KEY(c, map->items[i].key), map->items[i].key, supported);
        else if (quantity_sign(&map->items[i].value) < 0)
            check_invalid(AT_KEY(c, map->items[i].key), map->items[i].value.text, "must be greater than or equal to 0");
    }
}

/* k8s validatePodResources: the whole is not less than its parts. */
static void validate_pod_resources(struct check *c, const struct pod_spec *s)
{
    const struct resource_requirements *r = &s->resources;
    struct check requests = check_at(c, "requests"), limits = check_at(c, "limits");
    validate_pod_level_keys(&limits, &r->limits);
    validate_pod_level_keys(&requests, &r->requests);
    struct pod_spec containers_only = *s;
    containers_only.resources = (struct resource_requirements){0};
    containers_only.overhead = (quantity_map){0};
    struct pod_requests sum;
    pod_effective_requests(c->run->arena, &containers_only, &sum);
    const struct quantity *cpu = find_amount(&r->requests, "cpu"), *memory = find_amount(&r->requests, "memory");
    if (cpu && quantity_milli(cpu) < sum.cpu_milli) {
        struct quantity q = quantity_from_milli(c->run->arena, sum.cpu_milli, cpu->format);
        check_invalid(
            AT_KEY(&requests, "cpu"), cpu->text,
            arena_printf(c->run->arena, "must be greater than or equal to aggregate container requests of %s", q.text));
    }
    if (memory && quantity_value(memory) < sum.memory_bytes) {
        struct quantity q = quantity_from_value(c->run->arena, sum.memory_bytes, memory->format);
        check_invalid(
            AT_KEY(&requests, "memory"), memory->text,
            arena_printf(c->run->arena, "must be greater than or equal to aggregate container requests of %s", q.text));
    }
    for (uint32_t i = 0; i < r->requests.count; i++) {
        const struct quantity *limit = find_amount(&r->limits, r->requests.items[i].key);
        if (limit && quantity_compare(&r->requests.items[i].value, limit) > 0)
            check_invalid(&requests, r->requests.items[i].value.text,
                          arena_printf(c->run->arena, "must be less than or equal to %s limit of %s",
                                       r->requests.items[i].key, limit->text));
    }
    for (uint32_t i = 0; i < s->containers.count; i++) {
        const quantity_map *own = &s->containers.items[i].resources.limits;
        struct check at = check_at(AT(AT_ITEM(AT(c->parent, "containers"), i), "resources"), "limits");
        for (uint32_t k = 0; k < own->count; k++) {
            const struct quantity *limit = find_amount(&r->limits, own->items[k].key);
            if (limit && quantity_compare(&own->items[k].value, limit) > 0)
                check_invalid(
                    AT_KEY(&at, own->items[k].key), own->items[k].value.text,
                    arena_printf(c->run->arena, "must be less than or equal to pod limits of %s", limit->text));
        }
    }
}

/* ---- volumes ---- */

static void validate_mode(struct check *c, const struct opt_i64 *mode)
{
    if (mode->set && (mode->value < 0 || mode->value > 0777))
        check_invalid_int(c, mode->value, "must be a number between 0 and 0777 (octal), both inclusive");
}

static void validate_config_map_volume(struct check *c, const struct config_map_volume *v, const char *name_field)
{
    if (!v->name)
        check_required(AT(c, name_field), NULL);
    validate_mode(AT(c, "defaultMode"), &v->default_mode);
    for (uint32_t i = 0; i < v->items.count; i++) {
        struct check item = check_at_item(AT(c, "items"), i);
        if (v->items.items[i].path)
            validate_local_file_path(AT(&item, "path"), v->items.items[i].path);
        validate_mode(AT(&item, "mode"), &v->items.items[i].mode);
    }
}

static void validate_downward_api(struct check *c, const struct downward_api_volume *v)
{
    validate_mode(AT(c, "defaultMode"), &v->default_mode);
    for (uint32_t i = 0; i < v->items.count; i++) {
        const struct downward_api_file *f = &v->items.items[i];
        struct check item = check_at_item(AT(c, "items"), i);
        if (f->path)
            validate_local_file_path(AT(&item, "path"), f->path);
        if (f->field_ref && f->resource_field_ref)
            check_invalid(&item, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously");
        else if (f->field_ref)
            validate_field_ref(AT(&item, "fieldRef"), f->field_ref, volume_field_values);
        else if (f->resource_field_ref)
            validate_resource_ref(AT(&item, "resourceFieldRef"), f->resource_field_ref, true);
        else
            check_required(&item, "one of fieldRef and resourceFieldRef is required");
        validate_mode(AT(&item, "mode"), &f->mode);
    }
}

static void validate_projected(struct check *c, const struct projected_volume *v)
{
    validate_mode(AT(c, "defaultMode"), &v->default_mode);
    for (uint32_t i = 0; i < v->sources.count; i++) {
        const struct projection *p = &v->sources.items[i];
        struct check item = check_at_item(AT(c, "sources"), i);
        int sources = (p->config_map != NULL) + (p->secret != NULL) + (p->downward_api != NULL) +
                      (p->service_account_token != NULL) + (p->cluster_trust_bundle != NULL) +
                      (p->pod_certificate != NULL);
        if (sources == 0)
            check_required(&item, "must specify a projected volume source type");
        if (sources > 1)
            check_forbidden(&item, "may not specify more than 1 volume type per source");
        if (p->config_map)
            validate_config_map_volume(AT(&item, "configMap"), p->config_map, "name");
        if (p->secret)
            validate_config_map_volume(AT(&item, "secret"), p->secret, "name");
        if (p->downward_api)
            validate_downward_api(AT(&item, "downwardAPI"), p->downward_api);
    }
}

static void validate_volume_source(struct check *c, const struct volume *v)
{
    bool first = true;
    for (uint32_t i = 0; i < volume_type.field_count; i++) {
        const struct api_field *f = &volume_type.fields[i];
        if (f->kind == FIELD_STRING || !field_is_set(f, field_in(f, v)))
            continue;
        if (!first)
            check_forbidden(AT(c, f->name), one_volume);
        first = false;
    }
    if (v->empty_dir && v->empty_dir->size_limit.set && quantity_sign(&v->empty_dir->size_limit) < 0)
        check_forbidden(AT(AT(c, "emptyDir"), "sizeLimit"), "SizeLimit field must be a valid resource quantity");
    if (v->host_path && v->host_path->path && has_backsteps(v->host_path->path))
        check_invalid(AT(AT(c, "hostPath"), "path"), v->host_path->path, "must not contain '..'");
    if (v->config_map)
        validate_config_map_volume(AT(c, "configMap"), v->config_map, "name");
    if (v->secret)
        validate_config_map_volume(AT(c, "secret"), v->secret, "secretName");
    if (v->downward_api)
        validate_downward_api(AT(c, "downwardAPI"), v->downward_api);
    if (v->projected)
        validate_projected(AT(c, "projected"), v->projected);
}

static void validate_volumes(struct check *c, const struct pod_spec *s)
{
    for (uint32_t i = 0; i < s->volumes.count; i++) {
        const struct volume *v = &s->volumes.items[i];
        struct check item = check_at_item(c, i);
        if (!v->name)
            check_required(AT(&item, "name"), NULL);
        else
            check_name(AT(&item, "name"), v->name, wrong_dns1123_label);
        for (uint32_t k = 0; v->name && k < i; k++) {
            if (text_is(s->volumes.items[k].name, v->name)) {
                check_duplicate(AT(&item, "name"), v->name);
                break;
            }
        }
        validate_volume_source(&item, v);
    }
}

static const struct volume *find_volume(const struct pod_spec *s, const char *name)
{
    for (uint32_t i = 0; name && i < s->volumes.count; i++)
        if (text_is(s->volumes.items[i].name, name))
            return &s->volumes.items[i];
    return NULL;
}

/* k8s ValidateVolumeMounts */
static void validate_mounts(struct check *c, const struct container *k, const struct pod_spec *s)
{
    const struct value *privileged = value_get(k->security_context, "privileged");
    for (uint32_t i = 0; i < k->volume_mounts.count; i++) {
        const struct volume_mount *m = &k->volume_mounts.items[i];
        struct check item = check_at_item(c, i);
        if (!m->name)
            check_required(AT(&item, "name"), NULL);
        if (!find_volume(s, m->name))
            check_not_found(AT(&item, "name"), m->name ? m->name : "");
        if (!m->mount_path)
            check_required(AT(&item, "mountPath"), NULL);
        for (uint32_t other = 0; m->mount_path && other < i; other++) {
            if (text_is(k->volume_mounts.items[other].mount_path, m->mount_path)) {
                check_invalid(AT(&item, "mountPath"), m->mount_path, "must be unique");
                break;
            }
        }
        if (m->sub_path)
            validate_local_descending_path(AT(&item, "subPath"), m->sub_path);
        if (m->sub_path_expr && m->sub_path)
            check_invalid(AT(&item, "subPathExpr"), m->sub_path_expr, "subPathExpr and subPath are mutually exclusive");
        if (m->sub_path_expr)
            validate_local_descending_path(AT(&item, "subPathExpr"), m->sub_path_expr);
        bool may_propagate = privileged && privileged->type == VALUE_BOOL && privileged->boolean;
        if (text_is(m->mount_propagation, "Bidirectional") && !may_propagate)
            check_forbidden(AT(&item, "mountPropagation"),
                            "Bidirectional mount propagation is available only to privileged containers");
    }
}

/* ---- containers ---- */

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

static void validate_image(struct check *c, const struct container *k)
{
    if (!k->image) {
        check_required(AT(c, "image"), NULL);
        return;
    }
    if (is_blank(k->image[0]) || is_blank(k->image[strlen(k->image) - 1]))
        check_invalid(AT(c, "image"), k->image, "must not have leading or trailing whitespace");
}

/* k8s validateContainerCommon */
static void validate_container(struct check *c, const struct container *k, const struct pod_spec *s)
{
    if (!k->name)
        check_required(AT(c, "name"), NULL);
    else
        check_name(AT(c, "name"), k->name, wrong_dns1123_label);
    validate_image(c, k);
    validate_container_ports(AT(c, "ports"), k);
    validate_env(c, k);
    validate_mounts(AT(c, "volumeMounts"), k, s);
    validate_resources(AT(c, "resources"), &k->resources);
    container_validate_restart(c, k);
    container_validate_resize(AT(c, "resizePolicy"), k, s);
}

static void validate_full_life(struct check *c, const struct container *k, const struct pod_spec *s)
{
    validate_probes(c, k);
    if (k->lifecycle)
        validate_lifecycle(AT(c, "lifecycle"), k->lifecycle, s);
}

/* Probes and hooks are for containers that stay. */
static void validate_init_life(struct check *c, const struct container *k)
{
    static const char only_sidecars[] = "may not be set for init containers without restartPolicy=Always";
    if (k->lifecycle)
        check_forbidden(AT(c, "lifecycle"), only_sidecars);
    if (k->liveness_probe)
        check_forbidden(AT(c, "livenessProbe"), only_sidecars);
    if (k->readiness_probe)
        check_forbidden(AT(c, "readinessProbe"), only_sidecars);
    if (k->startup_probe)
        check_forbidden(AT(c, "startupProbe"), only_sidecars);
}

static bool name_in(const struct container *list, uint32_t count, const char *name)
{
    for (uint32_t i = 0; name && i < count; i++)
        if (text_is(list[i].name, name))
            return true;
    return false;
}

/* k8s validation.go validateEphemeralContainers: only what helps to look around is allowed. */
static void validate_ephemeral(struct check *c, const struct container *k, const struct pod_spec *s)
{
    static const char not_here[] = "cannot be set for an Ephemeral Container";
    const struct {
        const char *field;
        bool set;
    } fields[] = {
        {"ports", k->ports.count},
        {"resources", k->resources.limits.count || k->resources.requests.count},
        {"livenessProbe", k->liveness_probe},
        {"readinessProbe", k->readiness_probe},
        {"startupProbe", k->startup_probe},
        {"lifecycle", k->lifecycle},
        {"restartPolicy", k->restart_policy},
    };
    const char *target = k->target_container_name;
    validate_container(c, k, s);
    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        if (fields[i].set)
            check_forbidden(AT(c, fields[i].field), not_here);
    for (uint32_t i = 0; i < k->volume_mounts.count; i++)
        if (k->volume_mounts.items[i].sub_path)
            check_forbidden(AT(AT_ITEM(AT(c, "volumeMounts"), i), "subPath"), not_here);
    if (target && !name_in(s->containers.items, s->containers.count, target) &&
        !name_in(s->init_containers.items, s->init_containers.count, target))
        check_report(AT(c, "targetContainerName"), NULL, "Not found: \"%s\"", target);
}

static void validate_ephemerals(struct check *spec, const struct pod_spec *s)
{
    struct check list = check_at(spec, "ephemeralContainers");
    for (uint32_t i = 0; i < s->ephemeral_containers.count; i++) {
        const struct container *k = &s->ephemeral_containers.items[i];
        struct check at = check_at_item(&list, i);
        validate_ephemeral(&at, k, s);
        if (name_in(s->ephemeral_containers.items, i, k->name) ||
            name_in(s->containers.items, s->containers.count, k->name) ||
            name_in(s->init_containers.items, s->init_containers.count, k->name))
            check_duplicate(AT(&at, "name"), k->name);
    }
}

static void validate_containers(struct check *spec, const struct pod_spec *s)
{
    struct check main = check_at(spec, "containers"), init = check_at(spec, "initContainers");
    for (uint32_t i = 0; i < s->containers.count; i++) {
        const struct container *k = &s->containers.items[i];
        struct check at = check_at_item(&main, i);
        validate_container(&at, k, s);
        validate_full_life(&at, k, s);
        if (name_in(s->containers.items, i, k->name))
            check_duplicate(AT(&at, "name"), k->name);
    }
    for (uint32_t i = 0; i < s->init_containers.count; i++) {
        const struct container *k = &s->init_containers.items[i];
        struct check at = check_at_item(&init, i);
        validate_container(&at, k, s);
        if (text_is(k->restart_policy, "Always"))
            validate_full_life(&at, k, s);
        else
            validate_init_life(&at, k);
        if (name_in(s->init_containers.items, i, k->name) || name_in(s->containers.items, s->containers.count, k->name))
            check_duplicate(AT(&at, "name"), k->name);
    }
    validate_ephemerals(spec, s);
    validate_host_ports(&main, s->containers.items, s->containers.count, s->host_network);
    validate_host_ports(&init, s->init_containers.items, s->init_containers.count, s->host_network);
}

/* ---- the rest of the spec ---- */

/* k8s ValidateTolerations */
static void validate_tolerations(struct check *c, const struct pod_spec *s)
{
    for (uint32_t i = 0; i < s->tolerations.count; i++) {
        const struct toleration *t = &s->tolerations.items[i];
        struct check item = check_at_item(c, i), operator_ = check_at(&item, "operator");
        bool exists = text_is(t->operator_, "Exists");
        if (t->key)
            check_name(AT(&item, "key"), t->key, wrong_qualified_name);
        else if (!exists)
            check_invalid(&operator_, t->operator_ ? t->operator_ : "",
                          "operator must be Exists when `key` is empty, which means \"match all values and all keys\"");
        if (t->toleration_seconds.set && !text_is(t->effect, "NoExecute"))
            check_invalid(AT(&item, "effect"), t->effect ? t->effect : "",
                          "effect must be 'NoExecute' when `tolerationSeconds` is set");
        if (exists && t->value)
            check_invalid(&operator_, t->value, "value must be empty when `operator` is 'Exists'");
        else if (t->value && wrong_label_value(c->run->arena, t->value))
            check_invalid(&operator_, t->value, wrong_label_value(c->run->arena, t->value));
    }
}

static void validate_gates(struct check *c, const struct pod_spec *s)
{
    struct check ready = check_at(c, "readinessGates"), scheduling = check_at(c, "schedulingGates");
    for (uint32_t i = 0; i < s->readiness_gates.count; i++) {
        const char *type = s->readiness_gates.items[i].condition_type;
        check_name(AT(AT_ITEM(&ready, i), "conditionType"), type ? type : "", wrong_qualified_name);
    }
    for (uint32_t i = 0; i < s->scheduling_gates.count; i++) {
        const char *name = s->scheduling_gates.items[i].name;
        check_name(AT_ITEM(&scheduling, i), name ? name : "", wrong_qualified_name);
        for (uint32_t k = 0; name && k < i; k++) {
            if (text_is(s->scheduling_gates.items[k].name, name)) {
                check_duplicate(AT_ITEM(&scheduling, i), name);
                break;
            }
        }
    }
    if (s->scheduling_gates.count && s->node_name)
        check_forbidden(AT(c, "nodeName"), "cannot be set until all schedulingGates have been cleared");
}

static void validate_host_aliases(struct check *c, const struct pod_spec *s)
{
    for (uint32_t i = 0; i < s->host_aliases.count; i++) {
        const struct host_alias *h = &s->host_aliases.items[i];
        struct check item = check_at_item(c, i);
        if (wrong_ip(h->ip ? h->ip : ""))
            check_invalid(AT(&item, "ip"), h->ip ? h->ip : "", wrong_ip(""));
        for (uint32_t k = 0; k < h->hostnames.count; k++)
            check_name(AT_ITEM(AT(&item, "hostnames"), k), h->hostnames.items[k], wrong_dns1123_subdomain);
    }
}

/* k8s ValidatePodSpec; containers missing altogether are reported as a required field. */
void pod_spec_validate(struct check *c, const void *object)
{
    const struct pod_spec *s = object;
    validate_volumes(AT(c, "volumes"), s);
    validate_containers(c, s);
    check_labels(AT(c, "nodeSelector"), &s->node_selector);
    validate_tolerations(AT(c, "tolerations"), s);
    validate_gates(c, s);
    validate_host_aliases(AT(c, "hostAliases"), s);
    validate_pod_resources(AT(c, "resources"), s);
    if (s->active_deadline_seconds.set)
        check_between(AT(c, "activeDeadlineSeconds"), s->active_deadline_seconds.value, 1, INT32_MAX);
    if (s->node_name)
        check_name(AT(c, "nodeName"), s->node_name, wrong_dns1123_subdomain);
    if (s->service_account_name)
        check_name(AT(c, value_get(c->value, "serviceAccountName") ? "serviceAccountName" : "serviceAccount"),
                   s->service_account_name, wrong_dns1123_subdomain);
    if (s->hostname)
        check_name(AT(c, "hostname"), s->hostname, wrong_dns1123_label);
    if (s->subdomain)
        check_name(AT(c, "subdomain"), s->subdomain, wrong_dns1123_label);
    if (s->priority_class_name)
        check_name(AT(c, "priorityClassName"), s->priority_class_name, wrong_dns1123_subdomain);
    if (s->runtime_class_name)
        check_name(AT(c, "runtimeClassName"), s->runtime_class_name, wrong_dns1123_subdomain);
    if (s->share_process_namespace.set && s->share_process_namespace.value && s->host_pid)
        check_invalid_raw(AT(c, "shareProcessNamespace"), "true",
                          "ShareProcessNamespace and HostPID cannot both be enabled");
    if (text_is(s->dns_policy, "None") && !s->dns_config)
        check_required(AT(c, "dnsConfig"), "must provide `dnsConfig` when `dnsPolicy` is None");
}

static void check_behaviours(struct check *c, const struct pod *p)
{
    uint32_t n = 0, max = p->spec.containers.count + p->spec.init_containers.count;
    const char **names = arena_array(c->run->arena, const char *, max + 1);
    for (uint32_t i = 0; i < p->spec.containers.count; i++)
        if (p->spec.containers.items[i].name)
            names[n++] = p->spec.containers.items[i].name;
    for (uint32_t i = 0; i < p->spec.init_containers.count; i++)
        if (p->spec.init_containers.items[i].name)
            names[n++] = p->spec.init_containers.items[i].name;
    behaviour_check_annotations(AT(c, "metadata"), &p->object.meta.annotations, names, n);
}

void pod_validate(struct check *c, const void *object)
{
    const struct pod *p = object;
    check_object_meta(AT(c, "metadata"), &p->object.meta, wrong_dns1123_subdomain);
    if (p->object.meta.annotations.count)
        check_behaviours(c, p);
}
