/* vocabulary.c - the words that a cluster says, of Kubernetes 1.36. */
#include "model/vocabulary.h"

#include <string.h>
#include <strings.h>

#include "model/diag.h"

/* k8s pkg/kubelet/images/types.go, pkg/kubelet/container/sync_result.go, pkg/kubelet/kuberuntime/
 * kuberuntime_container.go, pkg/kubelet/kubelet_pods.go; the last line: what runtimes say of an exit. */
#define CONTAINER_REASONS                                                                                              \
    "ContainerCreating", "PodInitializing", "ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull",                   \
        "InvalidImageName", "ImageInspectError", "SignatureValidationFailed", "RegistryUnavailable",                   \
        "CrashLoopBackOff", "CreateContainerConfigError", "CreateContainerError", "RunContainerError",                 \
        "PreStartHookError", "PostStartHookError", "KillContainerError", "RemoveContainerError",                       \
        "CreatePodSandboxError", "ConfigPodSandboxError", "KillPodSandboxError", "ResizePodInPlaceError",              \
        "RestartingAllContainers", "ContainerStatusUnknown", "Completed", "Error", "OOMKilled", "StartError",          \
        "ContainerCannotRun", "DeadlineExceeded"

/* k8s pkg/kubelet/lifecycle/predicate.go, pkg/kubelet/active_deadline.go, pkg/kubelet/eviction/,
 * pkg/kubelet/nodeshutdown/, pkg/kubelet/preemption/, pkg/util/node/node.go. */
#define POD_REASONS                                                                                                    \
    "DeadlineExceeded", "OutOfpods", "OutOfcpu", "OutOfmemory", "OutOfephemeral-storage", "NodeAffinity", "NodePorts", \
        "NodeName", "NodeShutdown", "PodOSNotSupported", "PodOSSelectorNodeLabelDoesNotMatch", "TaintToleration",      \
        "Preempting", "Evicted", "Terminated", "NodeLost", "UnexpectedAdmissionError", "TopologyAffinityError"

#define POD_PHASES "Pending", "Running", "Succeeded", "Failed", "Unknown"

static const char *const container_reasons[] = {CONTAINER_REASONS, "Unknown"};
static const char *const pod_reasons[] = {POD_REASONS};
/* k8s pkg/printers/internalversion/printers.go printPod */
static const char *const pod_status[] = {CONTAINER_REASONS, POD_REASONS,   POD_PHASES,
                                         "NotReady",        "Terminating", "SchedulingGated"};
/* k8s staging/src/k8s.io/api/core/v1/types.go, apps/v1/types.go */
static const char *const pod_conditions[] = {
    "PodScheduled",     "PodReadyToStartContainers", "Initialized",         "ContainersReady",         "Ready",
    "DisruptionTarget", "PodResizePending",          "PodResizeInProgress", "AllContainersRestarting",
};
static const char *const node_conditions[] = {"Ready", "MemoryPressure", "DiskPressure", "PIDPressure",
                                              "NetworkUnavailable"};
static const char *const namespace_conditions[] = {
    "NamespaceDeletionDiscoveryFailure",
    "NamespaceDeletionContentFailure",
    "NamespaceDeletionGroupVersionParsingFailure",
    "NamespaceContentRemaining",
    "NamespaceFinalizersRemaining",
};
static const char *const deployment_conditions[] = {"Available", "Progressing", "ReplicaFailure"};
static const char *const replica_set_conditions[] = {"ReplicaFailure"};
/* k8s staging/src/k8s.io/api/batch/v1/types.go */
static const char *const job_conditions[] = {"Suspended", "Complete", "Failed", "FailureTarget", "SuccessCriteriaMet"};
/* k8s pkg/kubelet/events/event.go and who else records: the scheduler, the controllers, the eviction manager. */
static const char *const events[] = {
    /* containers and images */
    "Created", "Started", "Failed", "Killing", "Preempting", "BackOff", "ExceededGracePeriod", "Pulling", "Pulled",
    "InspectFailed", "ErrImageNeverPull", "InvalidImageID", "Unhealthy", "ProbeWarning", "FailedPostStartHook",
    "FailedPreStopHook", "LifecycleHTTPFallback", "RestartAllContainersStarted",
    /* pods */
    "FailedKillPod", "FailedCreatePodContainer", "NetworkNotReady", "SandboxChanged", "FailedCreatePodSandBox",
    "FailedPodSandBoxStatus", "FailedSync", "FailedValidation", "DNSConfigForming", "ResizeStarted", "ResizeDeferred",
    "ResizeInfeasible", "ResizeCompleted", "ResizeError", "FailedNodeDeclaredFeaturesCheck",
    "FailedPrepareDynamicResources", POD_REASONS,
    /* volumes */
    "FailedMount", "FailedAttachVolume", "FailedMapVolume", "VolumeResizeFailed", "VolumeResizeSuccessful",
    "FileSystemResizeFailed", "FileSystemResizeSuccessful", "VolumePermissionChangeInProgress", "AlreadyMountedVolume",
    "SuccessfulAttachVolume", "SuccessfulMountVolume", "FailedMountOnFilesystemMismatch",
    "PossibleMemoryBackedVolumesOnDisk",
    /* nodes */
    "Starting", "NodeReady", "NodeNotReady", "NodeSchedulable", "NodeNotSchedulable", "KubeletSetupFailed", "Rebooted",
    "Shutdown", "ContainerGCFailed", "ImageGCFailed", "FreeDiskSpaceFailed", "InvalidDiskCapacity",
    "FailedNodeAllocatableEnforcement", "NodeAllocatableEnforced", "CgroupV1", "EvictionThresholdMet",
    "NodeHasSufficientMemory", "NodeHasInsufficientMemory", "NodeHasNoDiskPressure", "NodeHasDiskPressure",
    "NodeHasSufficientPID", "NodeHasInsufficientPID", "RegisteredNode", "RemovingNode",
    /* the scheduler and the controllers */
    "Scheduled", "FailedScheduling", "Preempted", "TaintManagerEviction", "ScalingReplicaSet", "SuccessfulCreate",
    "FailedCreate", "SuccessfulDelete", "FailedDelete", "SuccessfulUpdate", "FailedUpdate", "FailedDaemonPod",
    "SucceededDaemonPod", "SelectingAll", "DeploymentRollback", "DeploymentRollbackRevisionNotFound",
    "FailedToUpdateEndpointSlices",
    /* others */
    "ReplicaSetCreateError", "PodPreset",
    "TopologyAwareHintsEnabled", "TopologyAwareHintsDisabled", "FailedToCreateEndpoint", "FailedToUpdateEndpoint",
    /* the HorizontalPodAutoscaler */
    "SuccessfulRescale", "FailedRescale", "FailedGetScale", "FailedComputeMetricsReplicas", "FailedGetResourceMetric",
    "FailedGetContainerResourceMetric", "FailedGetPodsMetric", "FailedGetObjectMetric", "FailedGetExternalMetric",
    /* the disruption controller */
    "NoPods", "UnmanagedPods", "CalculateExpectedPodCountFailed", "MultiplePodDisruptionBudgets", "NotDeleted",
    /* Jobs: k8s pkg/controller/job/job_controller.go */
    "Completed", "Suspended", "Resumed", "BackoffLimitExceeded", "PodFailurePolicy", "FailedIndexes",
    "MaxFailedIndexesExceeded", "TooManySucceededPods",
    /* CronJobs: k8s pkg/controller/cronjob/cronjob_controllerv2.go */
    "SawCompletedJob", "MissingJob", "UnexpectedJob", "JobAlreadyActive", "MissSchedule", "TooManyMissedTimes",
    "InvalidSchedule", "UnknownTimeZone", "UnparseableSchedule", "UnsupportedSchedule"};
/* report/golden_diff_rows.c; a test holds them together. */
static const char *const golden_columns[] = {"time",  "why",  "output",  "ready", "status", "restarts", "ago",
                                             "age",   "type", "reason",  "count", "from",   "message",  "record",
                                             "cause", "who",  "changes", "n",     "t",      "by"};

#define WORDS(array)                                                                                                   \
    {                                                                                                                  \
        array, ARRAY_LEN(array)                                                                                        \
    }
static const struct {
    const char *const *words;
    size_t count;
} vocabularies[VOCABULARY_COUNT] = {
    [VOCABULARY_CONTAINER_REASONS] = WORDS(container_reasons),
    [VOCABULARY_POD_REASONS] = WORDS(pod_reasons),
    [VOCABULARY_POD_STATUS] = WORDS(pod_status),
    [VOCABULARY_POD_CONDITIONS] = WORDS(pod_conditions),
    [VOCABULARY_NODE_CONDITIONS] = WORDS(node_conditions),
    [VOCABULARY_NAMESPACE_CONDITIONS] = WORDS(namespace_conditions),
    [VOCABULARY_DEPLOYMENT_CONDITIONS] = WORDS(deployment_conditions),
    [VOCABULARY_REPLICA_SET_CONDITIONS] = WORDS(replica_set_conditions),
    [VOCABULARY_JOB_CONDITIONS] = WORDS(job_conditions),
    [VOCABULARY_EVENTS] = WORDS(events),
    [VOCABULARY_GOLDEN_COLUMNS] = WORDS(golden_columns),
};

const char *vocabulary_word(enum vocabulary v, uint32_t i)
{
    return i < vocabularies[v].count ? vocabularies[v].words[i] : NULL;
}

bool vocabulary_has(enum vocabulary v, const char *word)
{
    for (size_t i = 0; i < vocabularies[v].count; i++)
        if (strcmp(vocabularies[v].words[i], word) == 0)
            return true;
    return false;
}

static const char *word_meant(enum vocabulary v, const char *word)
{
    return vocabulary_has(v, word) ? NULL : diag_closest(word, vocabularies[v].words, vocabularies[v].count);
}

/* Init:0/2, Init:Error, Init:Signal:9, Signal:9, ExitCode:3 */
static const char *prefixed_meant(struct arena *a, const char *word, const char *rest)
{
    static const char *const prefixes[] = {"ExitCode", "Init", "Signal"};
    const char *written = arena_strndup(a, word, (size_t)(rest - word));
    const char *prefix = diag_closest(written, prefixes, ARRAY_LEN(prefixes)), *meant = NULL;
    if (!prefix)
        return NULL;
    if (strcmp(prefix, "Init") == 0)
        meant = vocabulary_meant(a, VOCABULARY_POD_STATUS, rest + 1);
    return meant || strcmp(prefix, written) != 0 ? arena_printf(a, "%s:%s", prefix, meant ? meant : rest + 1) : NULL;
}

const char *vocabulary_meant(struct arena *a, enum vocabulary v, const char *word)
{
    const char *colon = v == VOCABULARY_POD_STATUS ? strchr(word, ':') : NULL;
    return colon ? prefixed_meant(a, word, colon) : word_meant(v, word);
}

const char *golden_ignore_check(struct arena *a, const char *entry, const char **ret_suggestion)
{
    const char *meant = word_meant(VOCABULARY_GOLDEN_COLUMNS, entry);
    *ret_suggestion = NULL;
    if (vocabulary_has(VOCABULARY_GOLDEN_COLUMNS, entry) || strpbrk(entry, "*?") ||
        (meant && strcasecmp(meant, entry) == 0))
        return NULL;
    *ret_suggestion = meant ? arena_printf(a, "did you mean \"%s\"?", meant) : NULL;
    return arena_printf(a, "want a column such as time or why, or a pattern such as \"pod/*-canary*\", got \"%s\"",
                        entry);
}
