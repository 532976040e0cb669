/* api_service.c - Service: tables, defaults, validation.
 * k8s staging/src/k8s.io/api/core/v1/types.go, pkg/apis/core/v1/defaults.go SetDefaults_Service,
 * pkg/apis/core/validation/validation.go ValidateService, v1.36. Allocating addresses and node ports is
 * the registry's business (pkg/registry/core/service).
 */
#include "model/api_types.h"

#include "model/api_table.h"

#include <string.h>

static const char *const type_values[] = {"ClusterIP", "ExternalName", "LoadBalancer", "NodePort", NULL};
static const char *const affinity_values[] = {"ClientIP", "None", NULL};
static const char *const traffic_policy_values[] = {"Cluster", "Local", NULL};
static const char *const family_policy_values[] = {"PreferDualStack", "RequireDualStack", "SingleStack", NULL};
static const char *const distribution_values[] = {"PreferClose", "PreferSameNode", "PreferSameZone", NULL};

static const struct api_field port_status_fields[] = {
    R(INT32, "port", "Port number."),
    R(STRING, "protocol", "Protocol."),
    R(STRING, "error", "What went wrong."),
};
static API_RAW_TYPE(port_status, "PortStatus", "State of a port of a load balancer.");
static const struct api_field load_balancer_ingress_fields[] = {
    R(STRING, "ip", "Address."),
    R(STRING, "hostname", "Host name."),
    R(STRING, "ipMode", "VIP or Proxy."),
    RO(LIST, "ports", port_status_type, "Its ports."),
};
static API_RAW_TYPE(load_balancer_ingress, "LoadBalancerIngress", "Where a load balancer is reached.");
static const struct api_field load_balancer_status_fields[] = {
    RO(LIST, "ingress", load_balancer_ingress_type, "Where it is reached."),
};
static API_RAW_TYPE(load_balancer_status, "LoadBalancerStatus", "State of a load balancer.");
static const struct api_field service_status_fields[] = {
    RO(OBJECT, "loadBalancer", load_balancer_status_type, "The load balancer."),
    RO(LIST, "conditions", condition_type, "Conditions."),
};
static API_RAW_TYPE(service_status, "ServiceStatus", "What the cluster says about it.");
static const struct api_field client_ip_fields[] = {
    R(INT32, "timeoutSeconds", "How long a client sticks to its pod."),
};
static API_RAW_TYPE(client_ip, "ClientIPConfig", "Settings of ClientIP affinity.");
static const struct api_field session_affinity_config_fields[] = {
    RO(OBJECT, "clientIP", client_ip_type, "Settings of ClientIP affinity."),
};
static API_RAW_TYPE(session_affinity_config, "SessionAffinityConfig", "Settings of session affinity.");

#define OWNER struct service_port
static const struct api_field service_port_fields[] = {
    F(STRING, "name", name, 0, "Name; needed when there are several."),
    FE("protocol", protocol, FIELD_IDENTITY, protocol_values, "TCP", "TCP, UDP or SCTP."),
    F(STRING, "appProtocol", app_protocol, 0, "Hint at the application's protocol."),
    F(INT32, "port", port, FIELD_ALWAYS | FIELD_IDENTITY, "Port of the service."),
    F(INT_OR_STRING, "targetPort", target_port, 0,
      "Port of the pods, or its name there; the service's port when not given."),
    F(INT32, "nodePort", node_port, 0, "Port of every node; chosen when not given."),
};
#undef OWNER
static API_TYPE(service_port, "ServicePort", struct service_port, NULL, NULL, "A port of a service.");

static void service_spec_set_defaults(struct arena *a, void *object);

#define OWNER struct service_spec
static const struct api_field service_spec_fields[] = {
    FO(LIST, "ports", ports, service_port_type, 0, "Ports that it offers."),
    F(STRING_MAP, "selector", selector, 0, "Labels of the pods behind it; without, endpoints are made by hand."),
    F(STRING, "clusterIP", cluster_ip, 0, "Virtual address; None for a headless service."),
    F(STRING_LIST, "clusterIPs", cluster_ips, 0, "Virtual addresses, one per IP family."),
    FE("type", type, 0, type_values, "ClusterIP", "How it is reached."),
    F(STRING_LIST, "externalIPs", external_ips, 0, "Addresses of nodes that accept its traffic."),
    FE("sessionAffinity", session_affinity, 0, affinity_values, "None", "Does a client stick to its pod."),
    F(STRING, "loadBalancerIP", load_balancer_ip, 0, "Wanted address of the load balancer."),
    F(STRING_LIST, "loadBalancerSourceRanges", load_balancer_source_ranges, 0,
      "Clients that the load balancer serves."),
    F(STRING, "externalName", external_name, 0, "DNS name that an ExternalName service stands for."),
    FE("externalTrafficPolicy", external_traffic_policy, 0, traffic_policy_values, NULL,
       "Cluster, or Local: only pods of the node that was reached."),
    F(INT32, "healthCheckNodePort", health_check_node_port, 0, "Port for the load balancer's health checks."),
    F(BOOL, "publishNotReadyAddresses", publish_not_ready_addresses, 0,
      "Endpoints count as ready whatever their pods say."),
    FR(OBJECT, "sessionAffinityConfig", session_affinity_config, &session_affinity_config_type, 0,
       "Settings of session affinity."),
    F(STRING_LIST, "ipFamilies", ip_families, 0, "IPv4, IPv6 or both."),
    FE("ipFamilyPolicy", ip_family_policy, 0, family_policy_values, NULL, "One IP family or two."),
    F(OPT_BOOL, "allocateLoadBalancerNodePorts", allocate_load_balancer_node_ports, 0,
      "Does a load balancer get node ports."),
    F(STRING, "loadBalancerClass", load_balancer_class, 0, "Which load balancer."),
    FE("internalTrafficPolicy", internal_traffic_policy, 0, traffic_policy_values, NULL,
       "Cluster, or Local: only pods of the client's node."),
    FE("trafficDistribution", traffic_distribution, 0, distribution_values, NULL, "Preference among endpoints."),
};
#undef OWNER
static API_TYPE(service_spec, "ServiceSpec", struct service_spec, service_spec_set_defaults, NULL,
                "What the user wants.");

static void service_set_defaults(struct arena *a, void *object);
static void service_validate(struct check *c, const void *object);

#define OWNER struct service
static const char *const service_kind[] = {"Service", NULL};
static const char *const core_version[] = {"v1", NULL};
static const struct api_field service_fields[] = {
    FE("apiVersion", object.api_version_text, FIELD_REQUIRED, core_version, "v1", "Version of the API: v1."),
    FE("kind", object.kind_text, FIELD_REQUIRED, service_kind, "Service", "Kind of the object: Service."),
    FO(OBJECT, "metadata", object.meta, object_meta_type, FIELD_ALWAYS, "Name, labels, annotations."),
    FO(OBJECT, "spec", spec, service_spec_type, FIELD_ALWAYS, "What the user wants."),
    FR(OBJECT, "status", status, &service_status_type, FIELD_READONLY, "What the cluster says about it."),
};
#undef OWNER
API_TYPE(service, "Service", struct service, service_set_defaults, service_validate,
         "A name and an address for a set of pods.");

/* ---- defaults ---- */

/* k8s pkg/registry/core/service/storage/alloc.go, in a cluster of one IP family. */
static void set_ip_family(struct arena *a, struct service_spec *s)
{
    if (text_is(s->type, "ExternalName"))
        return;
    if (!s->ip_family_policy)
        s->ip_family_policy = "SingleStack";
    if (s->ip_families.count == 0) {
        s->ip_families.items = arena_array(a, const char *, 1);
        s->ip_families.items[0] = "IPv4";
        s->ip_families.count = 1;
    }
}

static void service_spec_set_defaults(struct arena *a, void *object)
{
    struct service_spec *s = object;
    bool external = text_is(s->type, "NodePort") || text_is(s->type, "LoadBalancer");
    s->has_selector = s->selector.count > 0;
    for (uint32_t i = 0; i < s->ports.count; i++) {
        struct service_port *p = &s->ports.items[i];
        bool unset = !p->target_port.set || (p->target_port.text ? !*p->target_port.text : p->target_port.number == 0);
        if (unset)
            p->target_port = (struct int_or_string){.number = p->port, .set = true};
    }
    if (external && !s->external_traffic_policy)
        s->external_traffic_policy = "Cluster";
    if ((external || text_is(s->type, "ClusterIP")) && !s->internal_traffic_policy)
        s->internal_traffic_policy = "Cluster";
    if (text_is(s->type, "LoadBalancer") && !s->allocate_load_balancer_node_ports.set)
        s->allocate_load_balancer_node_ports = (struct opt_bool){true, true};
    /* pkg/registry/core/service: clusterIP and clusterIPs[0] are kept the same. */
    if (s->cluster_ip && s->cluster_ips.count == 0 && !text_is(s->type, "ExternalName")) {
        s->cluster_ips.items = arena_array(a, const char *, 1);
        s->cluster_ips.items[0] = s->cluster_ip;
        s->cluster_ips.count = 1;
    } else if (!s->cluster_ip && s->cluster_ips.count) {
        s->cluster_ip = s->cluster_ips.items[0];
    }
    set_ip_family(a, s);
}

/* A new service's status, as it is printed: loadBalancer: {} */
static void service_set_defaults(struct arena *a, void *object)
{
    static const struct value no_load_balancer = {.type = VALUE_MAP};
    static const struct value_entry entries[] = {{.key = "loadBalancer", .value = &no_load_balancer}};
    static const struct value new_status = {.type = VALUE_MAP, .count = ARRAY_LEN(entries), .entries = entries};
    (void)a;
    struct service *s = object;
    if (!s->status)
        s->status = &new_status;
}

/* ---- validation ---- */

static void validate_service_port(struct check *c, const struct service_spec *s, const struct service_port *p)
{
    if (s->ports.count > 1 && !p->name)
        check_required(AT(c, "name"), NULL);
    if (p->name)
        check_name(AT(c, "name"), p->name, wrong_dns1123_label);
    check_port_number(AT(c, "port"), p->port);
    check_port(AT(c, "targetPort"), &p->target_port);
    if (p->app_protocol)
        check_name(AT(c, "appProtocol"), p->app_protocol, wrong_qualified_name);
    if (p->node_port == 0)
        return;
    if (text_is(s->type, "ClusterIP") || text_is(s->type, "ExternalName"))
        check_forbidden(AT(c, "nodePort"), arena_printf(c->run->arena, "may not be used when `type` is '%s'", s->type));
    else if (p->node_port < 30000 || p->node_port > 32767) /* pkg/registry/core/service/portallocator */
        check_invalid_int(AT(c, "nodePort"), p->node_port,
                          "provided port is not in the valid range. The range of valid ports is 30000-32767");
}

/* (protocol, port), names and node ports are unique. */
static void validate_port_clashes(struct check *ports, const struct service_spec *s)
{
    for (uint32_t i = 0; i < s->ports.count; i++) {
        const struct service_port *p = &s->ports.items[i];
        bool name = false, number = false, node = false;
        for (uint32_t k = 0; k < i; k++) {
            const struct service_port *other = &s->ports.items[k];
            bool same_protocol = text_is(p->protocol, other->protocol ? other->protocol : "");
            name = name || (p->name && text_is(other->name, p->name));
            number = number || (same_protocol && p->port == other->port);
            node = node || (same_protocol && p->node_port && p->node_port == other->node_port);
        }
        struct check item = check_at_item(ports, i);
        if (name)
            check_duplicate(AT(&item, "name"), p->name);
        if (number)
            check_report(&item, NULL, "Duplicate value: {\"port\":%" PRId64 ",\"protocol\":\"%s\"}", p->port,
                         p->protocol ? p->protocol : "");
        if (node)
            check_report(AT(&item, "nodePort"), NULL, "Duplicate value: %" PRId64, p->node_port);
    }
}

static void validate_addresses(struct check *c, const struct service_spec *s)
{
    bool headless =
        text_is(s->cluster_ip, "None") || (s->cluster_ips.count && text_is(s->cluster_ips.items[0], "None"));
    bool external = text_is(s->type, "NodePort") || text_is(s->type, "LoadBalancer");
    /* The API server speaks of clusterIPs, to which it has copied clusterIP; the user wrote either. */
    struct check ips = check_at(c, "clusterIPs"), first = check_at_item(&ips, 0);
    if (!first.value)
        first.value = value_get(c->value, "clusterIP");
    if (headless && external)
        check_invalid(&first, "None", arena_printf(c->run->arena, "may not be set to 'None' for %s services", s->type));
    if (s->cluster_ip && !headless && !text_is(s->type, "ExternalName") && wrong_ip(s->cluster_ip))
        check_invalid(&first, s->cluster_ip, wrong_ip(s->cluster_ip));
    if (s->cluster_ip && s->cluster_ips.count && strcmp(s->cluster_ip, s->cluster_ips.items[0]) != 0)
        check_invalid(AT(c, "clusterIPs"), s->cluster_ips.items[0], "first value must match `clusterIP`");
    if (s->cluster_ips.count > 2)
        check_too_many(AT(c, "clusterIPs"), s->cluster_ips.count, 2);
    for (uint32_t i = 0; i < s->external_ips.count; i++)
        if (wrong_ip(s->external_ips.items[i]))
            check_invalid(AT_ITEM(AT(c, "externalIPs"), i), s->external_ips.items[i],
                          wrong_ip(s->external_ips.items[i]));
}

static void validate_external_name(struct check *c, const struct service_spec *s)
{
    if (!text_is(s->type, "ExternalName"))
        return;
    if (s->cluster_ips.count || s->cluster_ip)
        check_forbidden(AT(c, "clusterIPs"), "may not be set when `type` is 'ExternalName'");
    if (!s->external_name)
        check_required(AT(c, "externalName"), NULL);
    else
        check_name(AT(c, "externalName"), s->external_name, wrong_dns1123_subdomain);
}

/* k8s validation.go: policies that only some types may have. */
static void validate_policies(struct check *c, const struct service_spec *s)
{
    bool external = text_is(s->type, "NodePort") || text_is(s->type, "LoadBalancer") || s->external_ips.count;
    if (s->external_traffic_policy && !external)
        check_invalid(AT(c, "externalTrafficPolicy"), s->external_traffic_policy,
                      "may only be set for externally-accessible services");
    bool has_health = text_is(s->type, "LoadBalancer") && text_is(s->external_traffic_policy, "Local");
    if (s->health_check_node_port && !has_health)
        check_invalid_int(AT(c, "healthCheckNodePort"), s->health_check_node_port,
                          "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'");
    if (s->load_balancer_class && !text_is(s->type, "LoadBalancer"))
        check_forbidden(AT(c, "loadBalancerClass"), "may only be used when `type` is 'LoadBalancer'");
    if (s->allocate_load_balancer_node_ports.set && !text_is(s->type, "LoadBalancer"))
        check_forbidden(AT(c, "allocateLoadBalancerNodePorts"), "may only be used when `type` is 'LoadBalancer'");
    if (s->load_balancer_source_ranges.count && !text_is(s->type, "LoadBalancer"))
        check_forbidden(AT(c, "LoadBalancerSourceRanges"), "may only be used when `type` is 'LoadBalancer'");
}

static void service_validate(struct check *c, const void *object)
{
    const struct service *svc = object;
    const struct service_spec *s = &svc->spec;
    struct check spec = check_at(c, "spec"), ports = check_at(&spec, "ports");
    check_object_meta(AT(c, "metadata"), &svc->object.meta, wrong_dns1123_label);
    if (s->ports.count == 0 && !text_is(s->cluster_ip, "None") && !text_is(s->type, "ExternalName"))
        check_required(&ports, NULL);
    for (uint32_t i = 0; i < s->ports.count; i++)
        validate_service_port(AT_ITEM(&ports, i), s, &s->ports.items[i]);
    validate_port_clashes(&ports, s);
    check_labels(AT(&spec, "selector"), &s->selector);
    validate_addresses(&spec, s);
    validate_external_name(&spec, s);
    validate_policies(&spec, s);
}
