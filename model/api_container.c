/* api_container.c - the tables of a container: probes, handlers, environment, ports, resources.
 * k8s staging/src/k8s.io/api/core/v1/types.go, defaults of pkg/apis/core/v1/defaults.go, v1.36.
 */
#include "model/api_types.h"

#include "model/api_table.h"

/* ---- values ---- */

const char *const protocol_values[] = {"SCTP", "TCP", "UDP", NULL};
const char *const pull_policy_values[] = {"Always", "IfNotPresent", "Never", NULL};
static const char *const scheme_values[] = {"HTTP", "HTTPS", NULL};
static const char *const message_policy_values[] = {"File", "FallbackToLogsOnError", NULL};
static const char *const propagation_values[] = {"Bidirectional", "HostToContainer", "None", NULL};
static const char *const recursive_values[] = {"Disabled", "Enabled", "IfPossible", NULL};

/* ---- probes and handlers ---- */

#define OWNER struct exec_action
static const struct api_field exec_action_fields[] = {
    F(STRING_LIST, "command", command, FIELD_REQUIRED,
      "Program and arguments; no shell unless it is the program. Exit status 0 is success."),
};
#undef OWNER
static API_TYPE(exec_action, "ExecAction", struct exec_action, NULL, NULL,
                "Runs a command in the container.");

#define OWNER struct http_header
static const struct api_field http_header_fields[] = {
    F(STRING, "name", name, FIELD_ALWAYS | FIELD_IDENTITY | FIELD_REQUIRED, "Name of the header."),
    F(STRING, "value", value, FIELD_ALWAYS, "Its value."),
};
#undef OWNER
static API_TYPE(http_header, "HTTPHeader", struct http_header, NULL, NULL, "A header of a request.");

#define OWNER struct http_get_action
static const struct api_field http_get_action_fields[] = {
    FD(STRING, "path", path, "/", "Path to ask for."),
    F(INT_OR_STRING, "port", port, FIELD_ALWAYS, "Port number, or the name of a port of the container."),
    F(STRING, "host", host, 0, "Host to connect to; the pod's IP when not given."),
    FE("scheme", scheme, 0, scheme_values, "HTTP", "HTTP or HTTPS."),
    FO(LIST, "httpHeaders", http_headers, http_header_type, 0, "Headers to send."),
};
#undef OWNER
static API_TYPE(http_get_action, "HTTPGetAction", struct http_get_action, NULL, NULL,
                "Sends an HTTP GET; a status from 200 to 399 is success.");

#define OWNER struct tcp_socket_action
static const struct api_field tcp_socket_action_fields[] = {
    F(INT_OR_STRING, "port", port, FIELD_ALWAYS, "Port number, or the name of a port of the container."),
    F(STRING, "host", host, 0, "Host to connect to; the pod's IP when not given."),
};
#undef OWNER
static API_TYPE(tcp_socket_action, "TCPSocketAction", struct tcp_socket_action, NULL, NULL,
                "Opens a TCP connection; being accepted is success.");

#define OWNER struct grpc_action
static const struct api_field grpc_action_fields[] = {
    F(INT32, "port", port, FIELD_ALWAYS, "Port number."),
    {.name = "service",
     .kind = FIELD_STRING,
     .offset = offsetof(OWNER, service),
     .flags = FIELD_ALWAYS | FIELD_KEEP_EMPTY,
     .default_text = "",
     .doc = "Service to ask the health of; the server as a whole when empty."},
};
#undef OWNER
static API_TYPE(grpc_action, "GRPCAction", struct grpc_action, NULL, NULL,
                "Asks a gRPC server for its health.");

#define OWNER struct sleep_action
static const struct api_field sleep_action_fields[] = {
    F(INT64, "seconds", seconds, FIELD_ALWAYS, "How long."),
};
#undef OWNER
static API_TYPE(sleep_action, "SleepAction", struct sleep_action, NULL, NULL, "Waits.");

#define OWNER struct probe
static const struct api_field probe_fields[] = {
    FO(POINTER, "exec", exec, exec_action_type, 0, "Runs a command in the container."),
    FO(POINTER, "httpGet", http_get, http_get_action_type, 0, "Sends an HTTP GET to the container."),
    FO(POINTER, "tcpSocket", tcp_socket, tcp_socket_action_type, 0,
       "Opens a TCP connection to the container."),
    FO(POINTER, "grpc", grpc, grpc_action_type, 0, "Asks a gRPC health service."),
    F(INT32, "initialDelaySeconds", initial_delay_seconds, 0,
      "Seconds after the container's start before the first probe."),
    FD(INT32, "timeoutSeconds", timeout_seconds, "1",
       "Seconds after which a probe without answer has failed."),
    FD(INT32, "periodSeconds", period_seconds, "10", "Seconds between probes."),
    FD(INT32, "successThreshold", success_threshold, "1",
       "Successes in a row that make a failed probe succeed; 1 for liveness and startup probes."),
    FD(INT32, "failureThreshold", failure_threshold, "3", "Failures in a row that make it fail."),
    F(OPT_INT64, "terminationGracePeriodSeconds", termination_grace_period_seconds, 0,
      "Grace of a container killed for this probe; the pod's when not given."),
};
#undef OWNER
API_TYPE(probe, "Probe", struct probe, NULL, NULL, "A periodic check of a container.");

#define OWNER struct lifecycle_handler
static const struct api_field lifecycle_handler_fields[] = {
    FO(POINTER, "exec", exec, exec_action_type, 0, "Runs a command in the container."),
    FO(POINTER, "httpGet", http_get, http_get_action_type, 0, "Sends an HTTP GET."),
    FO(POINTER, "tcpSocket", tcp_socket, tcp_socket_action_type, 0, "Accepted, and fails at run time."),
    FO(POINTER, "sleep", sleep, sleep_action_type, 0, "Waits."),
};
#undef OWNER
static API_TYPE(lifecycle_handler, "LifecycleHandler", struct lifecycle_handler, NULL, NULL,
                "What a hook does; one of these.");

#define OWNER struct lifecycle
static const struct api_field lifecycle_fields[] = {
    FO(POINTER, "postStart", post_start, lifecycle_handler_type, 0,
       "Runs right after the container was started; its failure kills the container."),
    FO(POINTER, "preStop", pre_stop, lifecycle_handler_type, 0,
       "Runs before the container is told to stop; its time counts against the grace period."),
    F(STRING, "stopSignal", stop_signal, 0,
      "Signal that tells the container to stop; the image's, or SIGTERM, when not given."),
};
#undef OWNER
API_TYPE(lifecycle, "Lifecycle", struct lifecycle, NULL, NULL, "Hooks around a container's life.");

/* ---- environment ---- */

#define OWNER struct object_field_selector
static const struct api_field object_field_selector_fields[] = {
    FD(STRING, "apiVersion", api_version, "v1", "Version that the path is written in."),
    F(STRING, "fieldPath", field_path, FIELD_ALWAYS | FIELD_REQUIRED,
      "Field of the pod, such as metadata.name."),
};
#undef OWNER
API_TYPE(object_field_selector, "ObjectFieldSelector", struct object_field_selector, NULL, NULL,
         "A field of the pod.");

#define OWNER struct resource_field_selector
static const struct api_field resource_field_selector_fields[] = {
    F(STRING, "containerName", container_name, 0, "Container; the one at hand when not given."),
    F(STRING, "resource", resource, FIELD_ALWAYS | FIELD_REQUIRED, "Resource, such as limits.cpu."),
    {.name = "divisor",
     .kind = FIELD_QUANTITY,
     .offset = offsetof(OWNER, divisor),
     .flags = FIELD_ALWAYS,
     .default_text = "0",
     .doc = "Unit that the amount is divided by; 1 when it is 0."},
};
#undef OWNER
API_TYPE(resource_field_selector, "ResourceFieldSelector", struct resource_field_selector, NULL, NULL,
         "A request or limit of a container.");

#define OWNER struct key_selector
static const struct api_field config_map_key_fields[] = {
    F(STRING, "name", name, 0, "Name of the ConfigMap."),
    F(STRING, "key", key, FIELD_ALWAYS | FIELD_REQUIRED, "Key in it."),
    F(OPT_BOOL, "optional", optional, 0, "May the ConfigMap or the key be missing."),
};
static API_TYPE(config_map_key, "ConfigMapKeySelector", struct key_selector, NULL, NULL,
                "One key of a ConfigMap.");
static const struct api_field secret_key_fields[] = {
    F(STRING, "name", name, 0, "Name of the Secret."),
    F(STRING, "key", key, FIELD_ALWAYS | FIELD_REQUIRED, "Key in it."),
    F(OPT_BOOL, "optional", optional, 0, "May the Secret or the key be missing."),
};
static API_TYPE(secret_key, "SecretKeySelector", struct key_selector, NULL, NULL, "One key of a Secret.");
#undef OWNER

#define OWNER struct env_var_source
static const struct api_field env_var_source_fields[] = {
    FO(POINTER, "fieldRef", field_ref, object_field_selector_type, 0, "A field of the pod."),
    FO(POINTER, "resourceFieldRef", resource_field_ref, resource_field_selector_type, 0,
       "A request or limit."),
    FO(POINTER, "configMapKeyRef", config_map_key_ref, config_map_key_type, 0, "A key of a ConfigMap."),
    FO(POINTER, "secretKeyRef", secret_key_ref, secret_key_type, 0, "A key of a Secret."),
    FR(OBJECT, "fileKeyRef", file_key_ref, &file_key_selector_type, FIELD_UNMODELLED,
       "A line of a file in a volume."),
};
#undef OWNER
static API_TYPE(env_var_source, "EnvVarSource", struct env_var_source, NULL, NULL,
                "Where a variable's value comes from; one of these.");

#define OWNER struct env_var
static const struct api_field env_var_fields[] = {
    F(STRING, "name", name, FIELD_ALWAYS | FIELD_IDENTITY | FIELD_REQUIRED, "Name of the variable."),
    F(STRING, "value", value, 0, "Value; $(NAME) stands for a variable set before."),
    FO(POINTER, "valueFrom", value_from, env_var_source_type, 0, "Takes the value from elsewhere."),
};
#undef OWNER
API_TYPE(env_var, "EnvVar", struct env_var, NULL, NULL, "An environment variable.");

#define OWNER struct env_source
static const struct api_field config_map_env_fields[] = {
    F(STRING, "name", name, 0, "Name of the ConfigMap."),
    F(OPT_BOOL, "optional", optional, 0, "May it be missing."),
};
static API_TYPE(config_map_env, "ConfigMapEnvSource", struct env_source, NULL, NULL,
                "All keys of a ConfigMap.");
static const struct api_field secret_env_fields[] = {
    F(STRING, "name", name, 0, "Name of the Secret."),
    F(OPT_BOOL, "optional", optional, 0, "May it be missing."),
};
static API_TYPE(secret_env, "SecretEnvSource", struct env_source, NULL, NULL, "All keys of a Secret.");
#undef OWNER

#define OWNER struct env_from_source
static const struct api_field env_from_source_fields[] = {
    F(STRING, "prefix", prefix, 0, "Put in front of every key."),
    FO(POINTER, "configMapRef", config_map_ref, config_map_env_type, 0, "Keys of a ConfigMap."),
    FO(POINTER, "secretRef", secret_ref, secret_env_type, 0, "Keys of a Secret."),
};
#undef OWNER
API_TYPE(env_from_source, "EnvFromSource", struct env_from_source, NULL, NULL,
         "Variables for all keys of an object.");

/* ---- ports, mounts, resources, restart rules ---- */

#define OWNER struct container_port
static const struct api_field container_port_fields[] = {
    F(STRING, "name", name, 0, "Name that probes and services can use."),
    F(INT32, "hostPort", host_port, 0, "Port of the node that leads here; each can be taken once per node."),
    F(INT32, "containerPort", container_port, FIELD_ALWAYS | FIELD_IDENTITY,
      "Port that the container listens on."),
    FE("protocol", protocol, FIELD_IDENTITY, protocol_values, "TCP", "TCP, UDP or SCTP."),
    F(STRING, "hostIP", host_ip, 0, "Address of the node that hostPort is bound to."),
};
#undef OWNER
API_TYPE(container_port, "ContainerPort", struct container_port, NULL, NULL,
         "A port of a container; informative but for names and hostPort.");

#define OWNER struct volume_mount
static const struct api_field volume_mount_fields[] = {
    F(STRING, "name", name, FIELD_ALWAYS, "Name of a volume of the pod."),
    F(BOOL, "readOnly", read_only, 0, "The container cannot change it."),
    FE("recursiveReadOnly", recursive_read_only, 0, recursive_values, NULL,
       "Does readOnly hold for mounts inside."),
    F(STRING, "mountPath", mount_path, FIELD_ALWAYS | FIELD_IDENTITY, "Path in the container."),
    F(STRING, "subPath", sub_path, 0, "A file or directory of the volume instead of its root."),
    FE("mountPropagation", mount_propagation, 0, propagation_values, NULL,
       "Are mounts made later seen on the other side."),
    F(STRING, "subPathExpr", sub_path_expr, 0, "As subPath, with $(NAME) for variables."),
};
#undef OWNER
API_TYPE(volume_mount, "VolumeMount", struct volume_mount, NULL, NULL, "A volume as the container sees it.");

#define OWNER struct resource_requirements
static const struct api_field resource_requirements_fields[] = {
    F(QUANTITY_MAP, "limits", limits, 0, "The most the container gets; memory beyond it is an OOM kill."),
    F(QUANTITY_MAP, "requests", requests, 0, "What the scheduler sets aside; the limit when not given."),
    FR(LIST, "claims", claims, &resource_claim_type, FIELD_UNMODELLED,
       "Claims of the pod that the container uses."),
};
#undef OWNER
API_TYPE(resource_requirements, "ResourceRequirements", struct resource_requirements, NULL, NULL,
         "Requests and limits.");

#define OWNER struct exit_codes_rule
static const struct api_field exit_codes_rule_fields[] = {
    F(STRING, "operator", operator_, 0, "In or NotIn."),
    F(INT_LIST, "values", values, 0, "Exit codes."),
};
#undef OWNER
static API_TYPE(exit_codes_rule, "ContainerRestartRuleOnExitCodes", struct exit_codes_rule, NULL, NULL,
                "A set of exit codes.");

#define OWNER struct container_restart_rule
static const struct api_field container_restart_rule_fields[] = {
    F(STRING, "action", action, 0, "What to do when the rule applies: Restart or RestartAllContainers."),
    FO(POINTER, "exitCodes", exit_codes, exit_codes_rule_type, 0, "Exit codes that it applies to."),
};
#undef OWNER
API_TYPE(container_restart_rule, "ContainerRestartRule", struct container_restart_rule, NULL, NULL,
         "What follows an exit; the first rule that applies overrides restartPolicy.");

/* ---- the container ---- */

/* What an ephemeral container has, too: k8s core/v1 EphemeralContainerCommon. */
/* clang-format off */
#define CONTAINER_FIELDS \
    F(STRING, "name", name, FIELD_ALWAYS | FIELD_IDENTITY, "Name, unique in the pod."), \
    F(STRING, "image", image, 0, "Image to run."), \
    F(STRING_LIST, "command", command, 0, "Replaces the image's entrypoint."), \
    F(STRING_LIST, "args", args, 0, "Replaces the image's arguments."), \
    F(STRING, "workingDir", working_dir, 0, "Directory to start in; the image's when not given."), \
    FO(LIST, "ports", ports, container_port_type, 0, "Ports that it listens on."), \
    FO(LIST, "envFrom", env_from, env_from_source_type, 0, "Variables from whole ConfigMaps and Secrets."), \
    FO(LIST, "env", env, env_var_type, 0, "Variables; they win over envFrom."), \
    FO(OBJECT, "resources", resources, resource_requirements_type, FIELD_ALWAYS, "Requests and limits."), \
    FR(LIST, "resizePolicy", resize_policy, &container_resize_policy_type, 0, \
       "Which resources can change without a restart."), \
    F(STRING, "restartPolicy", restart_policy, 0, \
      "Overrides the pod's for this container; Always makes an init container a sidecar."), \
    FO(LIST, "restartPolicyRules", restart_policy_rules, container_restart_rule_type, 0, \
       "Exceptions from restartPolicy by exit code."), \
    FO(LIST, "volumeMounts", volume_mounts, volume_mount_type, 0, "Volumes that it sees."), \
    FR(LIST, "volumeDevices", volume_devices, &volume_device_type, FIELD_UNMODELLED, \
       "Block volumes that it sees."), \
    FO(POINTER, "livenessProbe", liveness_probe, probe_type, 0, "Its failure kills the container."), \
    FO(POINTER, "readinessProbe", readiness_probe, probe_type, 0, \
       "While it fails, services send no traffic."), \
    FO(POINTER, "startupProbe", startup_probe, probe_type, 0, \
       "Holds the other probes back until it has succeeded once."), \
    FO(POINTER, "lifecycle", lifecycle, lifecycle_type, 0, "Hooks after the start and before the stop."), \
    FD(STRING, "terminationMessagePath", termination_message_path, "/dev/termination-log", \
       "File with the container's last words."), \
    FE("terminationMessagePolicy", termination_message_policy, 0, message_policy_values, "File", \
       "Where last words are taken from: the file, or the log after an error."), \
    FE("imagePullPolicy", image_pull_policy, 0, pull_policy_values, NULL, \
       "When the image is pulled; Always for the tag latest, else IfNotPresent."), \
    FR(OBJECT, "securityContext", security_context, &security_context_type, 0, \
       "Rights of the container."), \
    F(BOOL, "stdin", stdin_, 0, "Keep standard input open."), \
    F(BOOL, "stdinOnce", stdin_once, 0, "Close it after the first client."), \
    F(BOOL, "tty", tty, 0, "Run in a terminal."),
/* clang-format on */

#define OWNER struct container
static const struct api_field container_fields[] = {CONTAINER_FIELDS};
static const struct api_field ephemeral_container_fields[] = {
    CONTAINER_FIELDS
    F(STRING, "targetContainerName", target_container_name, 0, "Container whose processes it sees."),
};
#undef OWNER
API_TYPE(container, "Container", struct container, container_set_defaults, NULL, "A program of the pod.");
API_TYPE(ephemeral_container, "EphemeralContainer", struct container, container_set_defaults, NULL,
         "A container added to a running pod, for debugging.");
