/* api_pod.c - the tables of a pod and its spec.
 * k8s staging/src/k8s.io/api/core/v1/types.go, defaults of pkg/apis/core/v1/defaults.go, v1.36.
 *
 * FIELD_UNMODELLED marks what could change a timeline and does not yet. What cannot (terminals, pull
 * secrets, service links, tokens ...) is accepted silently.
 */
#include "model/api_types.h"

#include "model/api_table.h"

const char *const taint_effect_values[] = {"NoSchedule", "PreferNoSchedule", "NoExecute", NULL};
static const char *const restart_policy_values[] = {"Always", "OnFailure", "Never", NULL};
static const char *const dns_policy_values[] = {"ClusterFirst", "ClusterFirstWithHostNet", "Default", "None",
                                                NULL};
static const char *const preemption_values[] = {"Never", "PreemptLowerPriority", NULL};
static const char *const toleration_operator_values[] = {"Equal", "Exists", NULL};

#define OWNER struct toleration
static const struct api_field toleration_fields[] = {
    F(STRING, "key", key, FIELD_IDENTITY, "Key of the taint; with Exists, none stands for all."),
    FE("operator", operator_, FIELD_IDENTITY, toleration_operator_values, NULL,
       "Equal (when not given) or Exists."),
    F(STRING, "value", value, FIELD_IDENTITY, "Value of the taint, for Equal."),
    FE("effect", effect, FIELD_IDENTITY, taint_effect_values, NULL,
       "Effect of the taint; all when not given."),
    F(OPT_INT64, "tolerationSeconds", toleration_seconds, 0,
      "How long a NoExecute taint is tolerated; forever when not given."),
};
#undef OWNER
API_TYPE(toleration, "Toleration", struct toleration, NULL, NULL, "A taint that does not keep the pod away.");

#define OWNER struct pod_readiness_gate
static const struct api_field pod_readiness_gate_fields[] = {
    F(STRING, "conditionType", condition_type, FIELD_ALWAYS | FIELD_IDENTITY,
      "Condition that must be True for the pod to be ready."),
};
#undef OWNER
static API_TYPE(pod_readiness_gate, "PodReadinessGate", struct pod_readiness_gate, NULL, NULL,
                "A condition that somebody else sets.");

#define OWNER struct pod_scheduling_gate
static const struct api_field pod_scheduling_gate_fields[] = {
    F(STRING, "name", name, FIELD_ALWAYS | FIELD_IDENTITY, "Name of the gate."),
};
#undef OWNER
static API_TYPE(pod_scheduling_gate, "PodSchedulingGate", struct pod_scheduling_gate, NULL, NULL,
                "While any is there, the scheduler leaves the pod alone.");

#define OWNER struct host_alias
static const struct api_field host_alias_fields[] = {
    F(STRING, "ip", ip, FIELD_ALWAYS | FIELD_IDENTITY, "Address."),
    F(STRING_LIST, "hostnames", hostnames, 0, "Names for it."),
};
#undef OWNER
static API_TYPE(host_alias, "HostAlias", struct host_alias, NULL, NULL, "A line of /etc/hosts.");

#define OWNER struct pod_spec
static const struct api_field pod_spec_fields[] = {
    FO(LIST, "volumes", volumes, volume_type, 0, "Directories that containers can share."),
    FO(LIST, "initContainers", init_containers, container_type, 0,
       "Run one after the other before the others start."),
    FO(LIST, "containers", containers, container_type, FIELD_ALWAYS | FIELD_REQUIRED,
       "The programs of the pod."),
    FO(LIST, "ephemeralContainers", ephemeral_containers, ephemeral_container_type, 0, "Added later, for debugging."),
    FE("restartPolicy", restart_policy, 0, restart_policy_values, "Always",
       "Which containers that ended are started again."),
    FD(OPT_INT64, "terminationGracePeriodSeconds", termination_grace_period_seconds, "30",
       "Seconds from being told to stop until being killed."),
    F(OPT_INT64, "activeDeadlineSeconds", active_deadline_seconds, 0,
      "Seconds after which the pod is failed."),
    FE("dnsPolicy", dns_policy, 0, dns_policy_values, "ClusterFirst", "Which name servers the pod asks."),
    F(STRING_MAP, "nodeSelector", node_selector, 0, "Labels that the node must have."),
    F(STRING, "serviceAccountName", service_account_name, 0, "Identity towards the API server."),
    F(STRING, "serviceAccount", service_account, 0, "Old name of serviceAccountName."),
    F(OPT_BOOL, "automountServiceAccountToken", automount_service_account_token, 0, "Is the token mounted."),
    F(STRING, "nodeName", node_name, 0, "Node that the pod is bound to; given, it skips the scheduler."),
    F(BOOL, "hostNetwork", host_network, 0, "Use the node's network."),
    F(BOOL, "hostPID", host_pid, 0, "See the node's processes."),
    F(BOOL, "hostIPC", host_ipc, 0, "Share the node's IPC."),
    F(OPT_BOOL, "shareProcessNamespace", share_process_namespace, 0,
      "Containers see each other's processes."),
    {.name = "securityContext",
     .kind = FIELD_RAW,
     .raw_kind = FIELD_OBJECT,
     .offset = offsetof(OWNER, security_context),
     .type = &pod_security_context_type,
     .default_text = "{}",
     .doc = "Users, groups and confinement of the whole pod."},
    FR(LIST, "imagePullSecrets", image_pull_secrets, &local_object_reference_type, 0,
       "Secrets for private registries."),
    F(STRING, "hostname", hostname, 0, "Host name; the pod's name when not given."),
    F(STRING, "subdomain", subdomain, 0, "Headless service that gives the pod a DNS name."),
    FR(OBJECT, "affinity", affinity, &affinity_type, 0, "Where the pod may or should run."),
    FD(STRING, "schedulerName", scheduler_name, "default-scheduler", "Scheduler that places the pod."),
    FO(LIST, "tolerations", tolerations, toleration_type, 0, "Taints that do not keep the pod away."),
    FO(LIST, "hostAliases", host_aliases, host_alias_type, 0, "Lines of /etc/hosts."),
    F(STRING, "priorityClassName", priority_class_name, 0, "Class that gives the pod its priority."),
    F(OPT_INT32, "priority", priority, 0, "Higher ones are scheduled first; comes from the class."),
    FR(OBJECT, "dnsConfig", dns_config, &pod_dns_config_type, 0, "Settings of the resolver."),
    FO(LIST, "readinessGates", readiness_gates, pod_readiness_gate_type, 0,
       "More conditions for being ready."),
    F(STRING, "runtimeClassName", runtime_class_name, FIELD_UNMODELLED, "Container runtime to use."),
    F(OPT_BOOL, "enableServiceLinks", enable_service_links, 0,
      "Variables for the services of the namespace; pods have it on when nothing is said."),
    FE("preemptionPolicy", preemption_policy, 0, preemption_values, NULL,
       "May it push out pods of lower priority."),
    F(QUANTITY_MAP, "overhead", overhead, 0, "Resources that the runtime takes itself."),
    FR(LIST, "topologySpreadConstraints", topology_spread_constraints, &topology_spread_constraint_type, 0,
       "How evenly such pods are spread."),
    F(OPT_BOOL, "setHostnameAsFQDN", set_hostname_as_fqdn, 0, "Is the host name the full DNS name."),
    FR(OBJECT, "os", os, &pod_os_type, 0, "Operating system that the pod is for."),
    F(OPT_BOOL, "hostUsers", host_users, 0, "False gives the pod user IDs of its own."),
    FO(LIST, "schedulingGates", scheduling_gates, pod_scheduling_gate_type, 0,
       "Keep the scheduler from the pod."),
    FR(LIST, "resourceClaims", resource_claims, &pod_resource_claim_type, FIELD_UNMODELLED,
       "Devices that containers may use."),
    FO(OBJECT, "resources", resources, resource_requirements_type, 0,
       "Requests and limits of the pod as a whole."),
    FR(ENUM, "hostnameOverride", hostname_override, NULL, FIELD_UNMODELLED,
       "Host name, whatever hostname and subdomain say."),
    FR(OBJECT, "schedulingGroup", scheduling_group, &pod_scheduling_group_type, FIELD_UNMODELLED,
       "Group to be scheduled with."),
};
#undef OWNER
API_TYPE(pod_spec, "PodSpec", struct pod_spec, pod_spec_set_defaults, pod_spec_validate,
         "What the user wants.");
/* Without the rules across its fields: for templates to which a controller adds what those rules ask for. */
const struct api_type stored_pod_spec_type = {.name = "PodSpec",
                                              .size = sizeof(struct pod_spec),
                                              .fields = pod_spec_fields,
                                              .field_count = ARRAY_LEN(pod_spec_fields),
                                              .set_defaults = pod_spec_set_defaults,
                                              .doc = "What the user wants."};

#define OWNER struct pod
static const char *const pod_kind[] = {"Pod", NULL};
static const char *const core_version[] = {"v1", NULL};
static const struct api_field pod_fields[] = {
    FE("apiVersion", object.api_version_text, FIELD_REQUIRED, core_version, "v1", "Version of the API: v1."),
    FE("kind", object.kind_text, FIELD_REQUIRED, pod_kind, "Pod", "Kind of the object: Pod."),
    FO(OBJECT, "metadata", object.meta, object_meta_type, FIELD_ALWAYS, "Name, labels, annotations."),
    FO(OBJECT, "spec", spec, pod_spec_type, FIELD_ALWAYS, "What the user wants."),
    FO(OBJECT, "status", status, pod_status_type, FIELD_ALWAYS | FIELD_READONLY,
       "What the cluster says about it."),
};
#undef OWNER
API_TYPE(pod, "Pod", struct pod, pod_set_defaults, pod_validate, "One or more containers that run together on a node.");
