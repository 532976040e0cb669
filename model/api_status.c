/* api_status.c - the tables of a pod's status, which the kubelet and the scheduler write.
 * k8s staging/src/k8s.io/api/core/v1/types.go, v1.36.
 */
#include "model/api_types.h"

#include "model/api_table.h"

#define OWNER struct container_state_waiting
static const struct api_field container_state_waiting_fields[] = {
    F(STRING, "reason", reason, 0, "Why, one word: ContainerCreating, CrashLoopBackOff ..."),
    F(STRING, "message", message, 0, "Details."),
};
#undef OWNER
static API_TYPE(container_state_waiting, "ContainerStateWaiting", struct container_state_waiting, NULL, NULL,
                "Not started yet, or between restarts.");

#define OWNER struct container_state_running
static const struct api_field container_state_running_fields[] = {
    F(TIME, "startedAt", started_at, FIELD_ALWAYS, "When it was started."),
};
#undef OWNER
static API_TYPE(container_state_running, "ContainerStateRunning", struct container_state_running, NULL, NULL,
                "Started and not ended.");

#define OWNER struct container_state_terminated
static const struct api_field container_state_terminated_fields[] = {
    F(INT32, "exitCode", exit_code, FIELD_ALWAYS, "Exit status; 128 + n after signal n."),
    F(INT32, "signal", signal, 0, "Signal that ended it."),
    F(STRING, "reason", reason, 0, "Completed, Error, OOMKilled ..."),
    F(STRING, "message", message, 0, "The container's last words."),
    F(TIME, "startedAt", started_at, FIELD_ALWAYS, "When it was started."),
    F(TIME, "finishedAt", finished_at, FIELD_ALWAYS, "When it ended."),
    F(STRING, "containerID", container_id, 0, "ID of the instance that ended."),
};
#undef OWNER
static API_TYPE(container_state_terminated, "ContainerStateTerminated", struct container_state_terminated,
                NULL, NULL, "Ended.");

#define OWNER struct container_state
static const struct api_field container_state_fields[] = {
    FO(POINTER, "waiting", waiting, container_state_waiting_type, 0, "Not started yet, or between restarts."),
    FO(POINTER, "running", running, container_state_running_type, 0, "Started and not ended."),
    FO(POINTER, "terminated", terminated, container_state_terminated_type, 0, "Ended."),
};
#undef OWNER
static API_TYPE(container_state, "ContainerState", struct container_state, NULL, NULL,
                "State of a container; one of these.");

#define OWNER struct container_status
static const struct api_field container_status_fields[] = {
    F(STRING, "name", name, FIELD_ALWAYS | FIELD_IDENTITY, "Name of the container."),
    FO(OBJECT, "state", state, container_state_type, FIELD_ALWAYS, "How it is now."),
    FO(OBJECT, "lastState", last_state, container_state_type, FIELD_ALWAYS, "How the instance before ended."),
    F(BOOL, "ready", ready, FIELD_ALWAYS,
      "Does it count as ready: started, and the readiness probe succeeds."),
    F(INT32, "restartCount", restart_count, FIELD_ALWAYS, "How often it was started again."),
    F(STRING, "image", image, FIELD_ALWAYS, "Image that it runs."),
    F(STRING, "imageID", image_id, FIELD_ALWAYS, "Digest of the image."),
    F(STRING, "containerID", container_id, 0, "ID of the instance."),
    F(OPT_BOOL, "started", started, 0, "Has the startup probe succeeded, if there is one."),
    F(QUANTITY_MAP, "allocatedResources", allocated_resources, 0, "Requests that the node has granted."),
    FO(POINTER, "resources", resources, resource_requirements_type, 0, "Requests and limits in force."),
    FR(LIST, "volumeMounts", volume_mounts, &volume_mount_status_type, 0, "Volumes as they were mounted."),
    FR(OBJECT, "user", user, &container_user_type, 0, "Whom the process runs as."),
    FR(LIST, "allocatedResourcesStatus", allocated_resources_status, &resource_status_type, 0,
       "Health of its devices."),
    F(STRING, "stopSignal", stop_signal, 0, "Signal that tells it to stop."),
};
#undef OWNER
API_TYPE(container_status, "ContainerStatus", struct container_status, NULL, NULL,
         "What the kubelet says about a container.");

#define OWNER struct pod_condition
static const struct api_field pod_condition_fields[] = {
    F(STRING, "type", type, FIELD_ALWAYS | FIELD_IDENTITY,
      "PodScheduled, Initialized, ContainersReady, Ready ..."),
    F(INT64, "observedGeneration", observed_generation, 0, "Generation of the spec that was looked at."),
    F(STRING, "status", status, FIELD_ALWAYS, "True, False or Unknown."),
    F(TIME, "lastProbeTime", last_probe_time, FIELD_ALWAYS, "Not used by the kubelet."),
    F(TIME, "lastTransitionTime", last_transition_time, FIELD_ALWAYS, "When the status last changed."),
    F(STRING, "reason", reason, 0, "Cause of the last change, one word."),
    F(STRING, "message", message, 0, "Details."),
};
#undef OWNER
static API_TYPE(pod_condition, "PodCondition", struct pod_condition, NULL, NULL,
                "One aspect of the pod's readiness.");

#define OWNER struct pod_ip
static const struct api_field pod_ip_fields[] = {
    F(STRING, "ip", ip, FIELD_ALWAYS | FIELD_IDENTITY, "The address."),
};
#undef OWNER
static API_TYPE(pod_ip, "PodIP", struct pod_ip, NULL, NULL, "An address.");

#define OWNER struct pod_status
static const struct api_field pod_status_fields[] = {
    F(INT64, "observedGeneration", observed_generation, 0,
      "Generation of the spec that the status is about."),
    F(STRING, "phase", phase, 0, "Pending, Running, Succeeded, Failed or Unknown."),
    FO(LIST, "conditions", conditions, pod_condition_type, 0, "Where the pod stands on its way to ready."),
    F(STRING, "message", message, 0, "Details of the reason."),
    F(STRING, "reason", reason, 0, "Why it is in this phase: Evicted, DeadlineExceeded ..."),
    F(STRING, "nominatedNodeName", nominated_node_name, 0, "Node where pods are being preempted for it."),
    F(STRING, "hostIP", host_ip, 0, "Address of the node."),
    FO(LIST, "hostIPs", host_ips, pod_ip_type, 0, "Addresses of the node."),
    F(STRING, "podIP", pod_ip, 0, "Address of the pod."),
    FO(LIST, "podIPs", pod_ips, pod_ip_type, 0, "Addresses of the pod."),
    F(TIME, "startTime", start_time, 0, "When the kubelet accepted the pod."),
    FO(LIST, "initContainerStatuses", init_container_statuses, container_status_type, 0,
       "Init containers and sidecars, in order."),
    FO(LIST, "containerStatuses", container_statuses, container_status_type, 0, "Containers, by name."),
    F(STRING, "qosClass", qos_class, 0, "Guaranteed, Burstable or BestEffort."),
    FO(LIST, "ephemeralContainerStatuses", ephemeral_container_statuses, container_status_type, 0,
       "Ephemeral containers, by name."),
    FR(ENUM, "resize", resize, NULL, 0, "State of a resize."),
    FR(LIST, "resourceClaimStatuses", resource_claim_statuses, &pod_resource_claim_status_type, 0,
       "Claims as they were made."),
    FR(OBJECT, "extendedResourceClaimStatus", extended_resource_claim_status,
       &pod_extended_resource_claim_status_type, 0, "Claim for extended resources."),
    F(QUANTITY_MAP, "allocatedResources", allocated_resources, 0,
      "Requests that the node has granted to the pod as a whole."),
    FO(POINTER, "resources", resources, resource_requirements_type, 0,
       "Requests and limits in force for the pod as a whole."),
    FR(LIST, "nodeAllocatableResourceClaimStatuses", node_allocatable_resource_claim_statuses,
       &node_allocatable_resource_claim_status_type, 0, "Node resources that claims take."),
};
#undef OWNER
API_TYPE(pod_status, "PodStatus", struct pod_status, NULL, NULL, "What the cluster says about the pod.");
