/* api_core.h - the core/v1 and discovery/v1 objects that podsim models, as C structs.
 *
 * Field names follow the API (camelCase -> snake_case). k8s staging/src/k8s.io/api/core/v1/types.go,
 * v1.36. What stands here is modelled; the tables (api_pod.c, api_container.c, api_volume.c,
 * api_status.c, api_service.c ...) also know every other field and keep it as parsed: FIELD_RAW
 * members named after the field.
 */
#ifndef MODEL_API_CORE_H
#define MODEL_API_CORE_H

#include "model/apitype.h"

enum api_kind {
    KIND_NONE,
    KIND_POD,
    KIND_SERVICE,
    KIND_ENDPOINTSLICE,
    KIND_ENDPOINTS,
    KIND_NODE,
    KIND_NAMESPACE,
    KIND_CONFIGMAP,
    KIND_SECRET,
    KIND_EVENT,
    KIND_DEPLOYMENT,
    KIND_REPLICASET,
    KIND_REPLICATIONCONTROLLER,
    KIND_PODDISRUPTIONBUDGET,
    KIND_PRIORITYCLASS,
    KIND_RESOURCEQUOTA,
    KIND_LIMITRANGE,
    KIND_PODPRESET,
    KIND_JOB,
    KIND_CRONJOB,
    KIND_STATEFULSET,
    KIND_DAEMONSET,
    KIND_CONTROLLERREVISION,
    KIND_PERSISTENTVOLUMECLAIM,
    KIND_HORIZONTALPODAUTOSCALER,
    KIND_COUNT
};

struct kind_info {
    const char *kind;        /* "Pod" */
    const char *api_version; /* "v1" */
    const char *resource;    /* "pods" */
    const char *singular;    /* "pod" */
    const char *short_name;  /* "po" or NULL */
    const char *group;       /* "" or "discovery.k8s.io" */
    bool namespaced;
    const struct api_type *type;
};
/* Indexed by enum api_kind. */
extern const struct kind_info kind_infos[KIND_COUNT];
enum api_kind kind_of(const char *api_version, const char *kind); /* KIND_NONE when unknown */
enum api_kind kind_of_resource(const char *word);                  /* "pods", "pod", "po", "Pod" */

struct owner_reference {
    const char *api_version, *kind, *name, *uid;
    struct opt_bool controller, block_owner_deletion;
};

struct object_meta {
    const char *name, *generate_name, *namespace_, *uid;
    const char *resource_version; /* decimal */
    int64_t generation;
    uint32_t spec_version; /* no field of the API: grows with every change of the spec */
    sim_time creation_timestamp; /* whole seconds, SIM_NEVER = unset */
    sim_time deletion_timestamp;
    struct opt_i64 deletion_grace_period_seconds;
    str_map labels, annotations;
    LIST_OF(struct owner_reference) owner_references;
    str_list finalizers;
    const struct value *managed_fields; /* raw */
    const char *self_link;
};

/* Every API object begins with this. An object in the store is immutable: an update is a new one. */
struct api_object {
    enum api_kind kind;
    uint32_t ordinal;               /* simulation object, 0 before it is stored */
    uint32_t stream;                /* of random draws about it: api_stream */
    uint64_t revision;              /* resourceVersion as a number */
    const struct api_object *prev;  /* previous version, NULL for the first */
    const struct value *source;     /* the document it came from, or NULL */
    const char *api_version_text, *kind_text;
    struct object_meta meta;
};

/* The stream of random draws about an object, from its kind and name: other objects never change it (rng.h). */
uint32_t api_stream(const struct api_object *o);
/* A copy of all that hangs on it, to be stored: what a document gave belongs to the scenario and is the same for
 * every run. Without predecessor. */
struct api_object *api_object_copy(struct arena *a, const struct api_object *o);

/* ---- Pod: probes and handlers ---- */
struct exec_action {
    str_list command;
};
struct http_header {
    const char *name, *value;
};
struct http_get_action {
    const char *path, *host, *scheme;
    struct int_or_string port;
    LIST_OF(struct http_header) http_headers;
};
struct tcp_socket_action {
    const char *host;
    struct int_or_string port;
};
struct grpc_action {
    int64_t port;
    const char *service;
};
struct sleep_action {
    int64_t seconds;
};
struct probe {
    struct exec_action *exec;
    struct http_get_action *http_get;
    struct tcp_socket_action *tcp_socket;
    struct grpc_action *grpc;
    int64_t initial_delay_seconds, timeout_seconds, period_seconds;
    int64_t success_threshold, failure_threshold;
    struct opt_i64 termination_grace_period_seconds;
};
struct lifecycle_handler {
    struct exec_action *exec;
    struct http_get_action *http_get;
    struct tcp_socket_action *tcp_socket;
    struct sleep_action *sleep;
};
struct lifecycle {
    struct lifecycle_handler *post_start, *pre_stop;
    const char *stop_signal;
};

/* ---- Pod: containers ---- */
struct object_field_selector {
    const char *api_version, *field_path;
};
struct resource_field_selector {
    const char *container_name, *resource;
    struct quantity divisor;
};
struct key_selector { /* configMapKeyRef, secretKeyRef */
    const char *name, *key;
    struct opt_bool optional;
};
struct env_var_source {
    struct object_field_selector *field_ref;
    struct resource_field_selector *resource_field_ref;
    struct key_selector *config_map_key_ref, *secret_key_ref;
    const struct value *file_key_ref; /* raw */
};
struct env_var {
    const char *name, *value;
    struct env_var_source *value_from;
};
struct env_source { /* configMapRef, secretRef */
    const char *name;
    struct opt_bool optional;
};
struct env_from_source {
    const char *prefix;
    struct env_source *config_map_ref, *secret_ref;
};
struct container_port {
    const char *name, *protocol, *host_ip;
    int64_t container_port, host_port;
};
struct volume_mount {
    const char *name, *mount_path, *sub_path, *sub_path_expr, *mount_propagation, *recursive_read_only;
    bool read_only;
};
struct resource_requirements {
    quantity_map limits, requests;
    const struct value *claims; /* raw */
};
struct exit_codes_rule {
    const char *operator_;
    int_list values;
};
struct container_restart_rule {
    const char *action;
    struct exit_codes_rule *exit_codes;
};
struct container {
    const char *name, *image, *image_pull_policy, *restart_policy, *working_dir;
    const char *termination_message_path, *termination_message_policy;
    str_list command, args;
    LIST_OF(struct container_port) ports;
    LIST_OF(struct env_from_source) env_from;
    LIST_OF(struct env_var) env;
    struct resource_requirements resources;
    LIST_OF(struct volume_mount) volume_mounts;
    LIST_OF(struct container_restart_rule) restart_policy_rules;
    struct probe *liveness_probe, *readiness_probe, *startup_probe;
    struct lifecycle *lifecycle;
    bool stdin_, stdin_once, tty;
    const char *target_container_name; /* of an ephemeral container */
    const struct value *security_context, *resize_policy, *volume_devices; /* raw */
};

/* ---- Pod: volumes ---- */
struct key_to_path {
    const char *key, *path;
    struct opt_i64 mode;
};
struct config_map_volume {
    const char *name; /* secretName for secrets */
    LIST_OF(struct key_to_path) items;
    struct opt_i64 default_mode;
    struct opt_bool optional;
};
struct empty_dir_volume {
    const char *medium;
    struct quantity size_limit;
};
struct host_path_volume {
    const char *path, *type;
};
struct downward_api_file {
    const char *path;
    struct object_field_selector *field_ref;
    struct resource_field_selector *resource_field_ref;
    struct opt_i64 mode;
};
struct downward_api_volume {
    LIST_OF(struct downward_api_file) items;
    struct opt_i64 default_mode;
};
struct projection {
    struct config_map_volume *config_map, *secret;
    struct downward_api_volume *downward_api;
    const struct value *service_account_token, *cluster_trust_bundle, *pod_certificate; /* raw */
};
struct projected_volume {
    LIST_OF(struct projection) sources;
    struct opt_i64 default_mode;
};
struct volume {
    const char *name;
    struct empty_dir_volume *empty_dir;
    struct host_path_volume *host_path;
    struct config_map_volume *config_map, *secret;
    struct downward_api_volume *downward_api;
    struct projected_volume *projected;
    const struct value *other; /* any other source, raw: accepted, mounts empty */
};

/* ---- Pod: the rest of the spec ---- */
struct toleration {
    const char *key, *operator_, *value, *effect;
    struct opt_i64 toleration_seconds;
};
struct pod_readiness_gate {
    const char *condition_type;
};
struct pod_scheduling_gate {
    const char *name;
};
struct host_alias {
    const char *ip;
    str_list hostnames;
};
struct pod_spec {
    LIST_OF(struct container) containers, init_containers;
    LIST_OF(struct volume) volumes;
    const char *restart_policy, *dns_policy, *node_name, *scheduler_name, *service_account_name;
    const char *service_account, *hostname, *subdomain, *priority_class_name, *preemption_policy;
    const char *runtime_class_name;
    struct opt_i64 termination_grace_period_seconds, active_deadline_seconds, priority;
    str_map node_selector;
    bool host_network, host_pid, host_ipc;
    struct opt_bool share_process_namespace, enable_service_links, automount_service_account_token;
    struct opt_bool set_hostname_as_fqdn, host_users;
    LIST_OF(struct toleration) tolerations;
    LIST_OF(struct host_alias) host_aliases;
    LIST_OF(struct pod_readiness_gate) readiness_gates;
    LIST_OF(struct pod_scheduling_gate) scheduling_gates;
    quantity_map overhead;
    struct resource_requirements resources;
    const struct value *affinity, *topology_spread_constraints, *security_context, *dns_config;
    LIST_OF(struct container) ephemeral_containers; /* added later, for debugging */
    const struct value *image_pull_secrets, *os, *resource_claims;
    const struct value *scheduling_group, *hostname_override; /* raw, newest fields */
};

/* ---- Pod: status ---- */
struct container_state_waiting {
    const char *reason, *message;
};
struct container_state_running {
    sim_time started_at;
};
struct container_state_terminated {
    int64_t exit_code, signal;
    const char *reason, *message, *container_id;
    sim_time started_at, finished_at;
};
/* At most one is set; none = waiting without a reason. */
struct container_state {
    struct container_state_waiting *waiting;
    struct container_state_running *running;
    struct container_state_terminated *terminated;
};
struct container_status {
    const char *name, *image, *image_id, *container_id;
    struct container_state state, last_state;
    bool ready;
    int64_t restart_count;
    struct opt_bool started;
    quantity_map allocated_resources;
    struct resource_requirements *resources; /* in force; since 1.33 */
    const char *stop_signal;
    const struct value *volume_mounts, *user, *allocated_resources_status; /* raw */
};
struct pod_condition {
    const char *type, *status, *reason, *message; /* status: "True", "False", "Unknown" */
    sim_time last_probe_time, last_transition_time;
    int64_t observed_generation;
};
struct pod_ip {
    const char *ip;
};
struct pod_status {
    const char *phase, *reason, *message, *qos_class, *nominated_node_name;
    const char *host_ip, *pod_ip;
    LIST_OF(struct pod_ip) host_ips, pod_ips;
    sim_time start_time;
    int64_t observed_generation;
    LIST_OF(struct pod_condition) conditions;
    LIST_OF(struct container_status) init_container_statuses, container_statuses;
    quantity_map allocated_resources;
    struct resource_requirements *resources; /* of the pod as a whole; since 1.34 */
    LIST_OF(struct container_status) ephemeral_container_statuses;
    const struct value *resize, *resource_claim_statuses; /* raw */
    const struct value *extended_resource_claim_status, *node_allocatable_resource_claim_statuses;
};
struct pod {
    struct api_object object;
    struct pod_spec spec;
    struct pod_status status;
};

/* ---- Service ---- */
struct service_port {
    const char *name, *protocol, *app_protocol;
    int64_t port, node_port;
    struct int_or_string target_port;
};
struct service_spec {
    LIST_OF(struct service_port) ports;
    str_map selector;
    bool has_selector; /* selector present and not empty */
    const char *type, *cluster_ip, *session_affinity, *external_name, *load_balancer_ip;
    const char *external_traffic_policy, *internal_traffic_policy, *ip_family_policy;
    const char *load_balancer_class, *traffic_distribution;
    str_list cluster_ips, external_ips, ip_families, load_balancer_source_ranges;
    int64_t health_check_node_port;
    bool publish_not_ready_addresses;
    struct opt_bool allocate_load_balancer_node_ports;
    const struct value *session_affinity_config; /* raw */
};
struct service {
    struct api_object object;
    struct service_spec spec;
    const struct value *status; /* raw: loadBalancer {} */
};

/* ---- EndpointSlice, Endpoints ---- */
struct object_reference {
    const char *api_version, *kind, *name, *namespace_, *uid, *resource_version, *field_path;
};
struct endpoint_conditions {
    struct opt_bool ready, serving, terminating;
};
struct hint_for { /* a zone or a node */
    const char *name;
};
struct endpoint_hints {
    LIST_OF(struct hint_for) for_zones, for_nodes;
};
struct endpoint {
    str_list addresses;
    struct endpoint_conditions conditions;
    struct object_reference *target_ref;
    const char *node_name, *zone, *hostname;
    const struct endpoint_hints *hints;
    const struct value *deprecated_topology; /* raw */
};
struct endpoint_port {
    const char *name, *protocol, *app_protocol;
    struct opt_i64 port;
};
struct endpoint_slice {
    struct api_object object;
    const char *address_type;
    LIST_OF(struct endpoint) endpoints;
    LIST_OF(struct endpoint_port) ports;
};
struct endpoint_address {
    const char *ip, *hostname, *node_name;
    struct object_reference *target_ref;
};
struct endpoint_subset_port {
    const char *name, *protocol, *app_protocol;
    int64_t port;
};
struct endpoint_subset {
    LIST_OF(struct endpoint_address) addresses, not_ready_addresses;
    LIST_OF(struct endpoint_subset_port) ports;
};
struct endpoints {
    struct api_object object;
    LIST_OF(struct endpoint_subset) subsets;
};

/* ---- Node ---- */
struct taint {
    const char *key, *value, *effect;
    sim_time time_added;
};
struct node_spec {
    const char *pod_cidr, *provider_id, *external_id;
    str_list pod_cidrs;
    LIST_OF(struct taint) taints;
    bool unschedulable;
    const struct value *config_source;
};
struct node_condition {
    const char *type, *status, *reason, *message;
    sim_time last_heartbeat_time, last_transition_time;
};
struct node_address {
    const char *type, *address;
};
struct node_image {
    str_list names;
    int64_t size_bytes;
};
struct node_status {
    quantity_map capacity, allocatable;
    LIST_OF(struct node_condition) conditions;
    LIST_OF(struct node_address) addresses;
    LIST_OF(struct node_image) images;
    const char *phase;
    const struct value *node_info, *daemon_endpoints, *volumes_in_use, *volumes_attached, *config,
        *runtime_handlers, *features, *declared_features; /* raw */
};
struct node {
    struct api_object object;
    struct node_spec spec;
    struct node_status status;
};

/* ---- Namespace, ConfigMap, Secret, Event ---- */
struct namespace_ {
    struct api_object object;
    const struct value *spec; /* raw */
    const char *phase;        /* status.phase */
};
struct config_map {
    struct api_object object;
    str_map data, binary_data;
    struct opt_bool immutable;
};
struct secret {
    struct api_object object;
    str_map data, string_data; /* data is kept decoded */
    const char *type;
    struct opt_bool immutable;
};
struct event_source {
    const char *component, *host;
};
struct k8s_event {
    struct api_object object;
    struct object_reference involved_object;
    const char *reason, *message, *type; /* type: "Normal", "Warning" */
    struct event_source source;
    sim_time first_timestamp, last_timestamp;
    int64_t count;
    sim_time event_time;
    const char *action, *reporting_component, *reporting_instance;
    const struct value *series, *related; /* raw */
};

/* A document of one type: decoded, defaulted and validated, also what is left of it when some of it cannot be read.
 * Returns 0, or -1 with diagnostics. */
int api_read_typed(const struct api_type *type, struct arena *a, struct diag_set *d, const struct value *v, void *object);
/* Reads one document (or each item of a List) into typed objects: decoded, defaulted, validated.
 * Appends to `objects` (pool of const struct api_object *). Unknown kinds are errors that name the
 * kind and, for kinds podsim will learn later, say so. Returns 0, or -1 if anything was wrong. */
int api_read_document(struct arena *a, struct diag_set *d, const struct document *doc, struct pool *objects);

/* What the strategy of pods sets: generation, QoS class, initial status (api-objects.md 4.4). */
void pod_prepare_for_create(struct arena *a, struct pod *pod);
/* k8s plugin/pkg/admission/defaulttolerationseconds/admission.go: 300 s on a node that is not ready or not reachable. */
void pod_default_tolerations(struct arena *a, struct pod_spec *s);
/* The subresource resize: of `from` only the resources count. */
void pod_take_resources(struct arena *a, struct pod_spec *to, const struct pod_spec *from);
const char *pod_qos_class(const struct pod_spec *spec);
/* Effective requests (api-objects.md 5.1): cpu in millicores, memory in bytes. */
struct pod_requests {
    int64_t cpu_milli, memory_bytes, ephemeral_bytes;
    quantity_map other; /* extended resources: value per key */
};
void pod_effective_requests(struct arena *a, const struct pod_spec *spec, struct pod_requests *ret_requests);
/* The same as quantities; what is not asked for is not in it. */
void pod_request_map(struct arena *a, const struct pod_spec *spec, quantity_map *ret_map);
/* Effective limits, in the same way. */
void pod_limit_map(struct arena *a, const struct pod_spec *spec, quantity_map *ret_map);

static inline bool container_is_sidecar(const struct container *c)
{
    return c->restart_policy && c->restart_policy[0] == 'A'; /* "Always"; only asked of init containers */
}
/* scheduler.md section 3: effect, key and value of one toleration against one taint. */
bool toleration_matches(const struct toleration *toleration, const struct taint *taint);
bool pod_tolerates(const struct pod_spec *spec, const struct taint *taint);
/* The node's first taint NoSchedule or NoExecute that the pod does not tolerate; NULL = there is none. */
const struct taint *pod_repelled_by(const struct pod_spec *spec, const struct node *node);
/* The node is not cordoned, or the pod does not mind. */
bool pod_accepts_cordon(const struct pod_spec *spec, const struct node *node);
/* nodeSelector and the required terms of nodeAffinity. */
bool node_affinity_matches(const struct pod_spec *spec, const struct node *node);
/* All requirements of a NodeSelectorTerm hold; a term without any holds for no node. */
bool node_term_holds(const struct value *term, const struct node *node);
bool pod_wants_host_ports(const struct pod_spec *spec);
bool pods_clash_on_host_ports(const struct pod_spec *a, const struct pod_spec *b);
/* What pods may request of a node: cpu in millicores, everything else in whole units; `missing` when the
 * node does not say. */
int64_t node_allocatable(const struct node *node, const char *resource, int64_t missing);

const char *str_map_get(const str_map *m, const char *key); /* NULL when absent */
/* A map with `key` set to `value`, or, value NULL, without it. */
str_map map_with(struct arena *a, const str_map *map, const char *key, const char *value);
/* matchLabels: every pair of `selector` is in `labels`; an empty selector matches everything. */
bool labels_match(const str_map *selector, const str_map *labels);
bool labels_same(const str_map *a, const str_map *b);

#endif
