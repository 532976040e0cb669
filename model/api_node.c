/* api_node.c - Node: tables, defaults, validation. Unlike a pod's, the status that a user gives is
 * kept: k8s pkg/registry/core/node/strategy.go.
 * k8s staging/src/k8s.io/api/core/v1/types.go, pkg/apis/core/validation/validation.go ValidateNode, v1.36.
 */
#include "model/api_types.h"

#include "model/api_table.h"

#include <string.h>

static const char *const condition_status_values[] = {"False", "True", "Unknown", NULL};

/* ---- kept as parsed ---- */

static const struct api_field config_map_config_fields[] = {
    R(STRING, "namespace", "Namespace of the ConfigMap."),
    R(STRING, "name", "Its name."),
    R(STRING, "uid", "Its UID."),
    R(STRING, "resourceVersion", "Its version."),
    R(STRING, "kubeletConfigKey", "Key in it."),
};
static API_RAW_TYPE(config_map_config, "ConfigMapNodeConfigSource",
                    "A ConfigMap with a kubelet's configuration.");
static const struct api_field node_config_source_fields[] = {
    RO(OBJECT, "configMap", config_map_config_type, "The ConfigMap."),
};
static API_RAW_TYPE(node_config_source, "NodeConfigSource",
                    "Where a kubelet's configuration comes from; no longer used.");
static const struct api_field node_config_status_fields[] = {
    RO(OBJECT, "assigned", node_config_source_type, "To be used next."),
    RO(OBJECT, "active", node_config_source_type, "In use."),
    RO(OBJECT, "lastKnownGood", node_config_source_type, "To fall back to."),
    R(STRING, "error", "What went wrong."),
};
static API_RAW_TYPE(node_config_status, "NodeConfigStatus", "State of a kubelet's configuration.");
static const struct api_field daemon_endpoint_fields[] = {
    R(INT32, "Port", "Port number."),
};
static API_RAW_TYPE(daemon_endpoint, "DaemonEndpoint", "A daemon's port.");
static const struct api_field node_daemon_endpoints_fields[] = {
    RO(OBJECT, "kubeletEndpoint", daemon_endpoint_type, "The kubelet's port."),
};
static API_RAW_TYPE(node_daemon_endpoints, "NodeDaemonEndpoints", "Ports of daemons on a node.");
static const struct api_field node_swap_status_fields[] = {
    R(INT64, "capacity", "Bytes of swap."),
};
static API_RAW_TYPE(node_swap_status, "NodeSwapStatus", "Swap of a node.");
static const struct api_field node_system_info_fields[] = {
    R(STRING, "machineID", "ID of the machine."),
    R(STRING, "systemUUID", "UUID of the machine."),
    R(STRING, "bootID", "ID of this boot."),
    R(STRING, "kernelVersion", "Version of the kernel."),
    R(STRING, "osImage", "Name of the operating system."),
    R(STRING, "containerRuntimeVersion", "Name and version of the container runtime."),
    R(STRING, "kubeletVersion", "Version of the kubelet."),
    R(STRING, "kubeProxyVersion", "No longer set."),
    R(STRING, "operatingSystem", "linux or windows."),
    R(STRING, "architecture", "amd64, arm64 ..."),
    RO(OBJECT, "swap", node_swap_status_type, "Swap."),
};
static API_RAW_TYPE(node_system_info, "NodeSystemInfo", "Versions and IDs of a node.");
static const struct api_field attached_volume_fields[] = {
    R(STRING, "name", "Name of the volume."),
    R(STRING, "devicePath", "Path of the device."),
};
static API_RAW_TYPE(attached_volume, "AttachedVolume", "A volume attached to a node.");
static const struct api_field runtime_handler_features_fields[] = {
    R(BOOL, "recursiveReadOnlyMounts", "Can mount read-only throughout."),
    R(BOOL, "userNamespaces", "Can give pods user IDs of their own."),
};
static API_RAW_TYPE(runtime_handler_features, "NodeRuntimeHandlerFeatures", "What a runtime handler can do.");
static const struct api_field runtime_handler_fields[] = {
    R(STRING, "name", "Name of the handler."),
    RO(OBJECT, "features", runtime_handler_features_type, "What it can do."),
};
static API_RAW_TYPE(runtime_handler, "NodeRuntimeHandler", "A handler of the container runtime.");
static const struct api_field node_features_fields[] = {
    R(BOOL, "supplementalGroupsPolicy", "Is the policy of that name supported."),
};
static API_RAW_TYPE(node_features, "NodeFeatures", "What a node's runtime can do.");

/* ---- modelled ---- */

#define OWNER struct taint
static const struct api_field taint_fields[] = {
    F(STRING, "key", key, FIELD_ALWAYS | FIELD_IDENTITY | FIELD_REQUIRED, "Key, as of a label."),
    F(STRING, "value", value, 0, "Value, as of a label."),
    FE("effect", effect, FIELD_ALWAYS | FIELD_IDENTITY | FIELD_REQUIRED, taint_effect_values, NULL,
       "What happens to pods that do not tolerate it."),
    F(TIME, "timeAdded", time_added, 0, "When a NoExecute taint was added."),
};
#undef OWNER
static API_TYPE(taint, "Taint", struct taint, NULL, NULL, "Keeps pods away from a node.");

#define OWNER struct node_spec
static const struct api_field node_spec_fields[] = {
    F(STRING, "podCIDR", pod_cidr, 0, "Addresses for pods of the node."),
    F(STRING_LIST, "podCIDRs", pod_cidrs, 0, "Addresses for pods, one range per IP family."),
    F(STRING, "providerID", provider_id, 0, "ID of the machine at its cloud."),
    F(BOOL, "unschedulable", unschedulable, 0, "New pods are kept away: kubectl cordon."),
    FO(LIST, "taints", taints, taint_type, 0, "Keep away pods that do not tolerate them."),
    FR(OBJECT, "configSource", config_source, &node_config_source_type, 0, "No longer used."),
    F(STRING, "externalID", external_id, 0, "No longer used."),
};
#undef OWNER
static API_TYPE(node_spec, "NodeSpec", struct node_spec, NULL, NULL, "How the node is to be used.");

#define OWNER struct node_condition
static const struct api_field node_condition_fields[] = {
    F(STRING, "type", type, FIELD_ALWAYS | FIELD_IDENTITY | FIELD_REQUIRED,
      "Ready, MemoryPressure, DiskPressure, PIDPressure ..."),
    FE("status", status, FIELD_ALWAYS, condition_status_values, NULL, "True, False or Unknown."),
    F(TIME, "lastHeartbeatTime", last_heartbeat_time, FIELD_ALWAYS, "When the kubelet last said so."),
    F(TIME, "lastTransitionTime", last_transition_time, FIELD_ALWAYS, "When the status last changed."),
    F(STRING, "reason", reason, 0, "Cause of the last change, one word."),
    F(STRING, "message", message, 0, "Details."),
};
#undef OWNER
static API_TYPE(node_condition, "NodeCondition", struct node_condition, NULL, NULL,
                "One aspect of a node's health.");

#define OWNER struct node_address
static const struct api_field node_address_fields[] = {
    F(STRING, "type", type, FIELD_ALWAYS | FIELD_IDENTITY, "InternalIP, ExternalIP, Hostname ..."),
    F(STRING, "address", address, FIELD_ALWAYS | FIELD_IDENTITY, "The address."),
};
#undef OWNER
static API_TYPE(node_address, "NodeAddress", struct node_address, NULL, NULL, "Where a node is reached.");

#define OWNER struct node_image
static const struct api_field node_image_fields[] = {
    F(STRING_LIST, "names", names, FIELD_ALWAYS, "Names and digests of the image."),
    F(INT64, "sizeBytes", size_bytes, 0, "Its size."),
};
#undef OWNER
static API_TYPE(node_image, "ContainerImage", struct node_image, NULL, NULL, "An image that the node has.");

/* k8s defaults.go SetDefaults_NodeStatus. */
static void node_status_set_defaults(struct arena *a, void *object)
{
    (void)a;
    struct node_status *s = object;
    if (s->allocatable.count == 0)
        s->allocatable = s->capacity;
}

#define OWNER struct node_status
static const struct api_field node_status_fields[] = {
    F(QUANTITY_MAP, "capacity", capacity, 0, "What the node has: cpu, memory, pods, ephemeral-storage."),
    F(QUANTITY_MAP, "allocatable", allocatable, 0, "What pods can have of it; all when not given."),
    F(STRING, "phase", phase, 0, "No longer used."),
    FO(LIST, "conditions", conditions, node_condition_type, 0, "The node's health."),
    FO(LIST, "addresses", addresses, node_address_type, 0, "Where it is reached."),
    FR(OBJECT, "daemonEndpoints", daemon_endpoints, &node_daemon_endpoints_type, 0, "Ports of daemons."),
    FR(OBJECT, "nodeInfo", node_info, &node_system_info_type, 0, "Versions and IDs."),
    FO(LIST, "images", images, node_image_type, 0, "Images that it has."),
    FR(STRING_LIST, "volumesInUse", volumes_in_use, NULL, 0, "Attached volumes that are mounted."),
    FR(LIST, "volumesAttached", volumes_attached, &attached_volume_type, 0, "Volumes that are attached."),
    FR(OBJECT, "config", config, &node_config_status_type, 0, "No longer used."),
    FR(LIST, "runtimeHandlers", runtime_handlers, &runtime_handler_type, 0,
       "Handlers of the container runtime."),
    FR(OBJECT, "features", features, &node_features_type, 0, "What the runtime can do."),
    FR(STRING_LIST, "declaredFeatures", declared_features, NULL, 0, "Features that the kubelet has."),
};
#undef OWNER
static API_TYPE(node_status, "NodeStatus", struct node_status, node_status_set_defaults, NULL,
                "What the kubelet says about its node.");

static void validate_taints(struct check *c, const struct node_spec *s)
{
    for (uint32_t i = 0; i < s->taints.count; i++) {
        const struct taint *t = &s->taints.items[i];
        struct check item = check_at_item(c, i);
        if (t->key)
            check_name(AT(&item, "key"), t->key, wrong_qualified_name);
        if (t->value)
            check_name(AT(&item, "value"), t->value, wrong_label_value);
        for (uint32_t k = 0; k < i; k++) {
            const struct taint *other = &s->taints.items[k];
            bool complete = t->key && t->effect && other->key && other->effect;
            if (complete && strcmp(t->key, other->key) == 0 && strcmp(t->effect, other->effect) == 0) {
                check_report(&item, NULL,
                             "Duplicate value: {\"key\":\"%s\",\"effect\":\"%s\"}: taints must be unique by "
                             "key and effect pair",
                             t->key, t->effect);
                break;
            }
        }
    }
}

static void validate_amounts(struct check *c, const quantity_map *map)
{
    for (uint32_t i = 0; i < map->count; i++)
        if (quantity_sign(&map->items[i].value) < 0)
            check_invalid(AT_KEY(c, map->items[i].key), map->items[i].value.text,
                          "must be greater than or equal to 0");
}

static void node_validate(struct check *c, const void *object)
{
    const struct node *n = object;
    check_object_meta(AT(c, "metadata"), &n->object.meta, wrong_dns1123_subdomain);
    validate_taints(AT(AT(c, "spec"), "taints"), &n->spec);
    validate_amounts(AT(AT(c, "status"), "capacity"), &n->status.capacity);
    if (n->status.allocatable.items != n->status.capacity.items) /* not just its default */
        validate_amounts(AT(AT(c, "status"), "allocatable"), &n->status.allocatable);
}

#define OWNER struct node
static const char *const node_kind[] = {"Node", NULL};
static const char *const core_version[] = {"v1", NULL};
static const struct api_field node_fields[] = {
    FE("apiVersion", object.api_version_text, FIELD_REQUIRED, core_version, "v1", "Version of the API: v1."),
    FE("kind", object.kind_text, FIELD_REQUIRED, node_kind, "Node", "Kind of the object: Node."),
    FO(OBJECT, "metadata", object.meta, object_meta_type, FIELD_ALWAYS, "Name, labels, annotations."),
    FO(OBJECT, "spec", spec, node_spec_type, FIELD_ALWAYS, "How it is to be used."),
    FO(OBJECT, "status", status, node_status_type, FIELD_ALWAYS, "Capacity, health, addresses."),
};
#undef OWNER
API_TYPE(node, "Node", struct node, NULL, node_validate, "A machine that runs pods.");
