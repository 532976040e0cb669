/* api_endpoints.c - EndpointSlice (discovery/v1) and Endpoints (core/v1).
 * k8s staging/src/k8s.io/api/discovery/v1/types.go, core/v1/types.go,
 * pkg/apis/discovery/validation/validation.go, v1.36.
 */
#include "model/api_types.h"

#include "model/api_table.h"

static const char *const address_type_values[] = {"FQDN", "IPv4", "IPv6", NULL};

/* ---- EndpointSlice ---- */

#define OWNER struct hint_for
static const struct api_field for_zone_fields[] = {
    F(STRING, "name", name, FIELD_ALWAYS | FIELD_IDENTITY | FIELD_REQUIRED, "Name of the zone."),
};
static API_TYPE(for_zone, "ForZone", struct hint_for, NULL, NULL, "A zone.");
static const struct api_field for_node_fields[] = {
    F(STRING, "name", name, FIELD_ALWAYS | FIELD_IDENTITY | FIELD_REQUIRED, "Name of the node."),
};
static API_TYPE(for_node, "ForNode", struct hint_for, NULL, NULL, "A node.");
#undef OWNER

#define OWNER struct endpoint_hints
static const struct api_field endpoint_hints_fields[] = {
    FO(LIST, "forZones", for_zones, for_zone_type, 0, "Zones whose clients should use it."),
    FO(LIST, "forNodes", for_nodes, for_node_type, 0, "Nodes whose clients should use it."),
};
#undef OWNER
static API_TYPE(endpoint_hints, "EndpointHints", struct endpoint_hints, NULL, NULL, "Who should use an endpoint.");

#define OWNER struct endpoint_conditions
static const struct api_field endpoint_conditions_fields[] = {
    F(OPT_BOOL, "ready", ready, 0, "Gets traffic: the pod is ready and not being deleted."),
    F(OPT_BOOL, "serving", serving, 0, "The pod is ready, whether it is being deleted or not."),
    F(OPT_BOOL, "terminating", terminating, 0, "The pod is being deleted."),
};
#undef OWNER
static API_TYPE(endpoint_conditions, "EndpointConditions", struct endpoint_conditions, NULL, NULL,
                "Does an endpoint get traffic.");

#define OWNER struct endpoint
static const struct api_field endpoint_fields[] = {
    F(STRING_LIST, "addresses", addresses, FIELD_ALWAYS, "Address of the pod; one."),
    FO(OBJECT, "conditions", conditions, endpoint_conditions_type, FIELD_ALWAYS, "Does it get traffic."),
    F(STRING, "hostname", hostname, 0, "Host name of the pod."),
    FO(POINTER, "targetRef", target_ref, object_reference_type, 0, "The pod."),
    FR(STRING_MAP, "deprecatedTopology", deprecated_topology, NULL, 0, "Old form of nodeName and zone."),
    F(STRING, "nodeName", node_name, 0, "Node of the pod."),
    F(STRING, "zone", zone, 0, "Zone of the node."),
    FO(POINTER, "hints", hints, endpoint_hints_type, 0, "Who should use it."),
};
#undef OWNER
static API_TYPE(endpoint, "Endpoint", struct endpoint, NULL, NULL, "A pod behind a service.");

#define OWNER struct endpoint_port
static const struct api_field endpoint_port_fields[] = {
    F(STRING, "name", name, FIELD_KEEP_EMPTY, "Name of the service's port."),
    FE("protocol", protocol, 0, protocol_values, "TCP", "TCP, UDP or SCTP."),
    F(OPT_INT32, "port", port, 0, "Port number on the pods."),
    F(STRING, "appProtocol", app_protocol, 0, "Hint at the application's protocol."),
};
#undef OWNER
static API_TYPE(endpoint_port, "EndpointPort", struct endpoint_port, NULL, NULL, "A port of the endpoints.");

static void endpoint_slice_validate(struct check *c, const void *object)
{
    const struct endpoint_slice *s = object;
    enum { ENDPOINTS_MAX = 1000, PORTS_MAX = 20000, ADDRESSES_MAX = 100 };
    check_object_meta(AT(c, "metadata"), &s->object.meta, wrong_dns1123_subdomain);
    if (s->endpoints.count > ENDPOINTS_MAX)
        check_too_many(AT(c, "endpoints"), s->endpoints.count, ENDPOINTS_MAX);
    if (s->ports.count > PORTS_MAX)
        check_too_many(AT(c, "ports"), s->ports.count, PORTS_MAX);
    for (uint32_t i = 0; i < s->endpoints.count; i++) {
        struct check addresses = check_at(AT_ITEM(AT(c, "endpoints"), i), "addresses");
        const str_list *list = &s->endpoints.items[i].addresses;
        if (list->count == 0)
            check_required(&addresses, "must contain at least 1 address");
        if (list->count > ADDRESSES_MAX)
            check_too_many(&addresses, list->count, ADDRESSES_MAX);
        bool ips = s->address_type && s->address_type[0] == 'I';
        for (uint32_t k = 0; ips && k < list->count; k++)
            if (wrong_ip(list->items[k]))
                check_invalid(AT_ITEM(&addresses, k), list->items[k], wrong_ip(list->items[k]));
    }
}

#define OWNER struct endpoint_slice
static const char *const endpoint_slice_kind[] = {"EndpointSlice", NULL};
static const char *const discovery_version[] = {"discovery.k8s.io/v1", NULL};
static const struct api_field endpoint_slice_fields[] = {
    FE("apiVersion", object.api_version_text, FIELD_REQUIRED, discovery_version, "discovery.k8s.io/v1",
       "Version of the API: discovery.k8s.io/v1."),
    FE("kind", object.kind_text, FIELD_REQUIRED, endpoint_slice_kind, "EndpointSlice",
       "Kind of the object: EndpointSlice."),
    FO(OBJECT, "metadata", object.meta, object_meta_type, FIELD_ALWAYS,
       "Name, labels; kubernetes.io/service-name names the service."),
    FE("addressType", address_type, FIELD_ALWAYS | FIELD_REQUIRED, address_type_values, NULL, "IPv4, IPv6 or FQDN."),
    FO(LIST, "endpoints", endpoints, endpoint_type, FIELD_ALWAYS, "Pods behind the service."),
    FO(LIST, "ports", ports, endpoint_port_type, FIELD_ALWAYS, "Ports of all of them."),
};
#undef OWNER
API_TYPE(endpoint_slice, "EndpointSlice", struct endpoint_slice, NULL, endpoint_slice_validate,
         "Part of the endpoints of a service.");

/* ---- Endpoints ---- */

#define OWNER struct endpoint_address
static const struct api_field endpoint_address_fields[] = {
    F(STRING, "ip", ip, FIELD_ALWAYS | FIELD_IDENTITY, "Address of the pod."),
    F(STRING, "hostname", hostname, 0, "Host name of the pod."),
    F(STRING, "nodeName", node_name, 0, "Node of the pod."),
    FO(POINTER, "targetRef", target_ref, object_reference_type, 0, "The pod."),
};
#undef OWNER
static API_TYPE(endpoint_address, "EndpointAddress", struct endpoint_address, NULL, NULL, "A pod behind a service.");

#define OWNER struct endpoint_subset_port
static const struct api_field endpoint_subset_port_fields[] = {
    F(STRING, "name", name, 0, "Name of the service's port."),
    F(INT32, "port", port, FIELD_ALWAYS | FIELD_IDENTITY, "Port number on the pods."),
    FE("protocol", protocol, FIELD_IDENTITY, protocol_values, "TCP", "TCP, UDP or SCTP."),
    F(STRING, "appProtocol", app_protocol, 0, "Hint at the application's protocol."),
};
#undef OWNER
static API_TYPE(endpoint_subset_port, "EndpointPort", struct endpoint_subset_port, NULL, NULL,
                "A port of the addresses.");

#define OWNER struct endpoint_subset
static const struct api_field endpoint_subset_fields[] = {
    FO(LIST, "addresses", addresses, endpoint_address_type, 0, "Ready pods."),
    FO(LIST, "notReadyAddresses", not_ready_addresses, endpoint_address_type, 0, "Pods that are not ready."),
    FO(LIST, "ports", ports, endpoint_subset_port_type, 0, "Ports of all of them."),
};
#undef OWNER
static API_TYPE(endpoint_subset, "EndpointSubset", struct endpoint_subset, NULL, NULL,
                "Addresses that share their ports.");

static void endpoints_validate(struct check *c, const void *object)
{
    const struct endpoints *e = object;
    check_object_meta(AT(c, "metadata"), &e->object.meta, wrong_dns1123_subdomain);
}

#define OWNER struct endpoints
static const char *const endpoints_kind[] = {"Endpoints", NULL};
static const char *const core_version[] = {"v1", NULL};
static const struct api_field endpoints_fields[] = {
    FE("apiVersion", object.api_version_text, FIELD_REQUIRED, core_version, "v1", "Version of the API: v1."),
    FE("kind", object.kind_text, FIELD_REQUIRED, endpoints_kind, "Endpoints", "Kind of the object: Endpoints."),
    FO(OBJECT, "metadata", object.meta, object_meta_type, FIELD_ALWAYS, "Name: that of the service."),
    FO(LIST, "subsets", subsets, endpoint_subset_type, 0, "Addresses by ports."),
};
#undef OWNER
API_TYPE(endpoints, "Endpoints", struct endpoints, NULL, endpoints_validate,
         "All endpoints of a service in one object.");
