/* feature_gates.h - what differs between Kubernetes versions, as data.
 *
 * One table: the feature gates that a user can set (with the versions in which they exist, are on by
 * default, are locked), and changes of behaviour that came with a version and have no gate. Code asks
 * feature_on(&features, FEATURE_X) and never compares version numbers.
 *
 * Gates: k8s pkg/features/kube_features.go (v1.36). Changes: semantics/kubelet.md 11, probes.md 15.
 */
#ifndef MODEL_FEATURE_GATES_H
#define MODEL_FEATURE_GATES_H

#include <stdbool.h>
#include <stdint.h>

/* Oldest and newest version whose semantics are modelled. Of what 1.25 changed (CHANGELOG-1.25.md) only the rows with a
 * 25 show on a timeline: what it mended in kubelets - readiness while a pod terminates, Ready in a terminal phase -
 * came to 1.24 with its patch releases. */
enum { MINOR_OLDEST = 24, MINOR_NEWEST = 36 };
#define SINCE_NEVER 1000 /* off by default in every version */

/*    id                               gate's name, "" = none      exists  on   off  locked  what it changes
 *                                                                 since since since since */
#define FEATURES(X)                                                                                                    \
    X(CONSISTENT_HTTP_HOOKS,           "ConsistentHTTPGetHandlers",            26, 26, 0, 29,                          \
      "httpGet hooks take scheme and headers as probes do")                                                            \
    X(CONTAINER_RESTART_RULES,         "ContainerRestartRules",                34, 35, 0, 0,                           \
      "containers have restartPolicy and restartPolicyRules of their own")                                             \
    X(CONTAINER_STOP_SIGNALS,          "ContainerStopSignals",                 33, SINCE_NEVER, 0, 0,                  \
      "lifecycle.stopSignal overrides the image's STOPSIGNAL")                                                         \
    X(CONTAINER_STATUS_ON_RESTART,     "ChangeContainerStatusOnKubeletRestart", 35, 1, 35, 0,                          \
      "a kubelet restart makes containers not ready until their probes have answered")                                 \
    X(CRASH_LOOP_BACK_OFF_MAX,         "KubeletCrashLoopBackOffMax",           32, 35, 0, 0,                           \
      "crashLoopBackOff.maxContainerRestartPeriod of the kubelet's configuration")                                     \
    X(CRASH_LOOP_BACK_OFF_REDUCED,     "ReduceDefaultCrashLoopBackOffDecay",   33, SINCE_NEVER, 0, 0,                  \
      "crash back-off from 1 s to 60 s instead of 10 s to 300 s")                                                      \
    X(TERMINATING_REPLICAS,            "DeploymentReplicaSetTerminatingReplicas", 33, 35, 0, 0,                         \
      "status.terminatingReplicas of ReplicaSets and Deployments")                                                     \
    X(DISRUPTION_TARGET,               "PodDisruptionConditions",              25, 26, 0, 31,                          \
      "condition DisruptionTarget on pods that are evicted, preempted or shut down")                                   \
    X(DYNAMIC_RESOURCES,               "DynamicResourceAllocation",            26, 34, 0, 35,                          \
      "resource claims; without any, words of the scheduler")                                                          \
    X(EXEC_PROBE_TIMEOUT,              "ExecProbeTimeout",                     20, 20, 0, 35,                          \
      "an exec probe that takes too long has failed; off: it errored and does not count")                              \
    X(GRACEFUL_NODE_SHUTDOWN,          "GracefulNodeShutdown",                 20, 21, 0, 0,                           \
      "pods are stopped in order when the node shuts down")                                                            \
    X(GRACEFUL_NODE_SHUTDOWN_PRIORITY, "GracefulNodeShutdownBasedOnPodPriority", 23, 24, 0, 0,                         \
      "shutdownGracePeriodByPodPriority of the kubelet's configuration")                                               \
    X(GRPC_CONTAINER_PROBE,            "GRPCContainerProbe",                   23, 24, 0, 27,                          \
      "grpc probes; off: the API server drops the handler, and refuses a probe without one")                           \
    X(HPA_TOLERANCE,                   "HPAConfigurableTolerance",             33, 35, 0, 0,                           \
      "behavior.scaleUp.tolerance and scaleDown.tolerance of HorizontalPodAutoscalers")                                \
    X(IMAGE_PULL_CREDENTIALS,          "KubeletEnsureSecretPulledImages",      33, 35, 0, 0,                           \
      "a present image is checked for the pod's right to it (event wording)")                                          \
    X(IN_PLACE_RESIZE,                 "InPlacePodVerticalScaling",            27, 33, 0, 35,                          \
      "the resize subresource changes resources of running containers")                                                \
    X(IN_PLACE_RESIZE_EXCLUSIVE_CPUS,  "InPlacePodVerticalScalingExclusiveCPUs", 32, SINCE_NEVER, 0, 0,                 \
      "Guaranteed pods can get other CPUs where the CPU manager's policy is static")                                   \
    X(IN_PLACE_RESIZE_EXCLUSIVE_MEMORY, "InPlacePodVerticalScalingExclusiveMemory", 34, SINCE_NEVER, 0, 0,              \
      "Guaranteed pods can get other memory where the memory manager's policy is Static")                              \
    X(IN_PLACE_RESIZE_INIT,            "InPlacePodVerticalScalingInitContainers", 36, 36, 0, 0,                         \
      "init containers that run can be resized, too")                                                                  \
    X(IN_PLACE_RESIZE_POD,             "InPlacePodLevelResourcesVerticalScaling", 35, 36, 0, 0,                         \
      "spec.resources of a pod can be resized; status.allocatedResources")                                             \
    X(CRONJOB_SCHEDULED_ANNOTATION,    "CronJobsScheduledAnnotation",          28, 28, 0, 32,                          \
      "Jobs of CronJobs say for which instant they were made")                                                         \
    X(JOB_BACKOFF_LIMIT_PER_INDEX,     "JobBackoffLimitPerIndex",              28, 29, 0, 33,                          \
      "backoffLimitPerIndex and maxFailedIndexes of Jobs, action FailIndex")                                           \
    X(JOB_ELASTIC_INDEXED,             "ElasticIndexedJob",                    27, 27, 0, 31,                          \
      "completions of an Indexed Job can change together with its parallelism")                                        \
    X(JOB_MANAGED_BY,                  "JobManagedBy",                         30, 32, 0, 35,                          \
      "managedBy of Jobs: another controller looks after it")                                                          \
    X(JOB_POD_FAILURE_POLICY,          "JobPodFailurePolicy",                  25, 26, 0, 31,                          \
      "podFailurePolicy of Jobs")                                                                                      \
    X(JOB_POD_INDEX_LABEL,             "PodIndexLabel",                        28, 28, 0, 32,                          \
      "the index of a pod is a label, too")                                                                            \
    X(JOB_POD_REPLACEMENT_POLICY,      "JobPodReplacementPolicy",              28, 29, 0, 34,                          \
      "podReplacementPolicy and status.terminating of Jobs")                                                           \
    X(JOB_SUCCESS_POLICY,              "JobSuccessPolicy",                     30, 31, 0, 33,                          \
      "successPolicy of Jobs")                                                                                         \
    X(JOB_MUTABLE_RESOURCES,           "MutablePodResourcesForSuspendedJobs",  35, 36, 0, 0,                           \
      "resources of a suspended Job's template can change")                                                            \
    X(JOB_MUTABLE_SCHEDULING,          "MutableSchedulingDirectivesForSuspendedJobs", 35, 36, 0, 0,                    \
      "where a suspended Job's pods go can change after it has run; suspending unsets startTime")                      \
    X(MAX_UNAVAILABLE_STATEFUL_SET,    "MaxUnavailableStatefulSet",            24, SINCE_NEVER, 0, 0,                  \
      "rollingUpdate.maxUnavailable of StatefulSets")                                                                  \
    X(OBSERVED_GENERATION,             "PodObservedGenerationTracking",        33, 34, 0, 35,                          \
      "metadata.generation of pods, observedGeneration in status and conditions")                                      \
    X(ORDERED_NAMESPACE_DELETION,      "OrderedNamespaceDeletion",             30, 33, 0, 34,                          \
      "a namespace that is deleted loses its pods first")                                                              \
    X(PDB_UNHEALTHY_POLICY,            "PDBUnhealthyPodEvictionPolicy",        26, 27, 0, 31,                          \
      "unhealthyPodEvictionPolicy of PodDisruptionBudgets")                                                            \
    X(PLEG_ON_DEMAND_RELIST,           "PLEGOnDemandRelist",                   36, 36, 0, 0,                           \
      "a sync that acted is followed by a relist of its pod at once")                                                  \
    X(POD_HOST_IPS,                    "PodHostIPs",                           28, 29, 0, 30, "status.hostIPs")         \
    X(POD_LEVEL_RESOURCES,             "PodLevelResources",                    32, 34, 0, 0,                           \
      "spec.resources of pods")                                                                                        \
    X(POP_FROM_BACK_OFF,               "SchedulerPopFromBackoffQ",             33, 33, 0, 0,                           \
      "an idle scheduler takes pods before their back-off is over")                                                    \
    X(PREFER_SAME_TRAFFIC,             "PreferSameTrafficDistribution",        33, 34, 0, 35,                          \
      "trafficDistribution PreferSameZone and PreferSameNode; proxies heed hints for nodes")                           \
    X(PROBE_GRACE,                     "ProbeTerminationGracePeriod",          21, 25, 0, 28,                          \
      "terminationGracePeriodSeconds of probes")                                                                       \
    X(PROXY_TERMINATING,               "ProxyTerminatingEndpoints",            22, 26, 0, 28,                          \
      "Services whose last endpoints terminate still use them")                                                        \
    X(QUEUEING_HINTS,                  "SchedulerQueueingHints",               28, 32, 0, 34,                          \
      "a rejected pod is tried again only after what may help it, not after anything of that kind")                    \
    X(READY_TO_START_CONDITION,        "PodReadyToStartContainersCondition",   28, 29, 0, 0,                           \
      "condition PodReadyToStartContainers")                                                                           \
    X(RESTART_ALL_CONTAINERS,          "RestartAllContainersOnContainerExits", 35, 36, 0, 0,                           \
      "action RestartAllContainers of restartPolicyRules; what the API says outlives removed containers")              \
    X(SIDECAR_CONTAINERS,              "SidecarContainers",                    28, 29, 0, 33,                          \
      "init containers with restartPolicy Always; containers stop in order")                                           \
    X(SLEEP_ACTION,                    "PodLifecycleSleepAction",              29, 30, 0, 34, "sleep hooks")           \
    X(SLEEP_ACTION_ZERO,               "PodLifecycleSleepActionAllowZero",     32, 33, 0, 34, "sleep hooks of 0 s")    \
    X(STATEFUL_CLAIM_RETENTION,        "StatefulSetAutoDeletePVC",             23, 27, 0, 32,                          \
      "persistentVolumeClaimRetentionPolicy of StatefulSets")                                                          \
    X(STATEFUL_START_ORDINAL,          "StatefulSetStartOrdinal",              26, 27, 0, 31,                          \
      "ordinals.start of StatefulSets")                                                                                \
    X(TRAFFIC_DISTRIBUTION,            "ServiceTrafficDistribution",           30, 31, 0, 33,                          \
      "trafficDistribution: endpoints are for clients of their zone")                                                  \
    /* changes without a gate */                                                                                       \
    X(TAINT_EVICTION_CONTROLLER,       "", 0, 29, 0, 0, "Events of taint-based evictions come from taint-eviction-controller")  \
    X(NODE_GRACE_50,                   "", 0, 32, 0, 0, "a node is Unknown after 50 s without a heartbeat, not after 40")   \
    X(NOEXECUTE_SAME_PASS,             "", 0, 34, 0, 0, "a lost node gets its NoExecute taint in the pass that finds it")    \
    X(EXACT_AVAILABILITY_CHECK,        "", 0, 34, 0, 0, "minReadySeconds: looked at again just when they are over")    \
    X(JOB_LABELS_PREFIXED,      "", 0, 27, 0, 0, "labels batch.kubernetes.io/job-name and -/controller-uid of Jobs' pods") \
    X(JOB_STATUS_COLUMN,        "", 0, 31, 0, 0, "kubectl get jobs has a column STATUS")                              \
    X(JOB_TERMINAL_CONDITION_WAITS, "", 0, 31, 0, 0, "a Job is Complete or Failed when its last pod has ended, not before") \
    X(DESCRIBE_SERVICE_ACCOUNT,        "", 0, 25, 0, 0, "kubectl describe pod says the service account")                \
    X(BACK_OFF_NAMES_CONTAINER,        "", 0, 26, 0, 0, "event BackOff names container and pod")                       \
    X(SHORT_HOOK_EVENTS,               "", 0, 26, 0, 0, "hook events without command and output")                      \
    X(TERMINAL_PHASE_ON_DELETE,        "", 0, 27, 0, 0, "a deleted pod reaches Succeeded or Failed before it goes")    \
    X(SCALING_SAYS_FROM,               "", 0, 27, 0, 0, "event ScalingReplicaSet says from how many")                  \
    X(GRACE_OVERRIDE_FIRST,            "", 0, 28, 0, 0, "a grace override holds before preStop and the 2 s floor")     \
    X(VOLUME_TIMEOUT_SAYS_UNPROCESSED, "", 0, 27, 28, 0, "that event names volumes that failed to process")            \
    X(SILENT_VOLUME_TIMEOUT,           "", 0, 28, 0, 0, "no event when the wait for volumes times out")                \
    X(OOM_KILLS_GROUP,                 "", 0, 28, 0, 0, "the OOM killer ends all processes of the container")          \
    X(PULL_ERROR_REASONS,              "", 0, 28, 0, 0, "reasons RegistryUnavailable and SignatureValidationFailed")   \
    X(PULL_DURATION_IN_MS,             "", 0, 28, 0, 0, "event Pulled cuts durations to milliseconds")                 \
    X(SIDECARS_STOP_LAST,              "", 0, 29, 0, 0, "sidecars are stopped after the app containers, in reverse")   \
    X(CREATED_WITH_COLON,              "", 0, 29, 0, 0, "event \"Created container: x\"")                              \
    X(PULLED_SAYS_SIZE,                "", 0, 30, 0, 0, "event Pulled gives the image's size")                         \
    X(HARD_EVICTION_GRACE,             "", 0, 30, 0, 0, "hard evictions give 1 s of grace")                            \
    X(EVENT_BUCKET_PER_TYPE,           "", 0, 32, 0, 0, "events are throttled per type")                               \
    X(MANUAL_PROBE_SETS_PHASE,         "", 0, 32, 0, 0, "a readiness run outside the ticks re-phases them")            \
    X(STARTUP_PROBE_HOLDS,             "", 0, 32, 0, 0, "the startup worker goes on hold after a success, too")        \
    X(PULL_BACK_OFF_SAYS_CAUSE,        "", 0, 32, 0, 0, "ImagePullBackOff carries the error of the pull")              \
    X(SOFT_EVICTION_KEEPS_SPEC_GRACE,  "", 0, 32, 0, 0, "soft evictions give no more grace than the pod has")          \
    X(PROBE_ERROR_SAYS_STATE,          "", 0, 33, 0, 0, "event of a probe that errored names the result")              \
    X(INSPECT_FAILURE_UNNAMED,         "", 0, 33, 0, 0, "event InspectFailed of a runtime's error names no image")        \
    X(SIDECAR_PROBES_OUTLIVE_EXIT,     "", 0, 33, 0, 0, "a sidecar's exit does not end its probes in a Never pod")     \
    X(PHASE_BY_APP_STATUS,             "", 0, 28, 33, 0, "an app container that has run keeps a pod from being Pending") \
    X(POD_GENERATION,                  "", 0, 33, 0, 0, "pods have a metadata.generation")                             \
    X(BACK_OFF_KEY_HAS_RESOURCES,      "", 0, 34, 0, 0, "a change of resources starts a new crash back-off")           \
    X(RESIZE_COMPLETED_EVENT,          "", 0, 34, 0, 0, "event ResizeCompleted")                                       \
    X(RESIZE_QUEUE,                    "", 0, 34, 0, 0, "a deferred resize is asked again when there may be room")      \
    X(RESIZE_INFEASIBLE_BY_POLICY,     "", 0, 34, 0, 0, "an infeasible resize says which policy forbids it")           \
    X(RESIZE_EVENTS,                   "", 0, 35, 0, 0, "events ResizeStarted, -Deferred, -Infeasible and -Error")     \
    X(RESIZE_ADMISSION,                "", 0, 36, 0, 0, "the API refuses a resize beyond the whole node")              \
    X(RESIZE_AT_TERMINAL_PHASE,        "", 0, 36, 0, 0, "a pod that has ended makes room for a deferred resize")       \
    X(RETRY_AT_BACK_OFF_EXPIRY,        "", 0, 35, 0, 0, "a failed sync is retried when the back-off expires")          \
    X(STATEFUL_AVAILABILITY,           "", 0, 34, 0, 0, "StatefulSets wait until a pod is available, not only ready")     \
    X(EXACT_STATEFUL_CHECK,            "", 0, 35, 0, 0, "minReadySeconds of StatefulSets: the same, just when they are over") \
    X(STATEFUL_EVENTS_TITLE,           "", 0, 35, 0, 0, "events of StatefulSets begin with a capital letter")              \
    X(UNSET_TIMES_ARE_NULL,            "", 0, 1, 34, 0, "names of StatefulSets' revisions: metadata with a null creationTimestamp") \
    X(TERMINATING_IF_NOT_TERMINAL,     "", 0, 31, 0, 0, "kubectl shows Terminating only while the phase is not terminal") \
    X(STATUS_SHOWS_FAILED_CONTAINER,   "", 0, 35, 0, 0, "kubectl shows the failed one of containers that are over")    \
    X(TAINTS_UNNAMED,                  "", 0, 34, 0, 0, "the scheduler does not say which taint is not tolerated")       \
    X(HOPELESS_REQUESTS,               "", 0, 34, 0, 0, "preemption does not help with requests beyond a whole node")    \
    X(DELETE_NAMES_NAMESPACE,          "", 0, 34, 0, 0, "kubectl delete says from which namespace")                    \
    X(DISK_FULL_SAYS_USAGE,            "", 0, 35, 0, 0, "event FreeDiskSpaceFailed says how full the disk is")            \
    X(SHORT_CONTAINER_EVENTS,          "", 0, 35, 0, 0, "events \"Container created\" and \"Container started\"")      \
    X(READINESS_ENDS_WITH_WORKER,      "", 0, 35, 36, 0, "exec readiness probes error while the pod terminates")       \
    X(ENDPOINTS_MANAGED_BY,            "", 0, 33, 0, 0, "Endpoints say that their controller manages them")               \
    X(PROXY_WITHOUT_BURST,         "", 0, 34, 0, 0, "kube-proxy never writes its rules twice within a second")        \
    X(INIT_STATUS_INFERRED,            "", 0, 36, 0, 0, "an init container that nobody remembers has completed")        \
    X(SANDBOX_PUBLISHED_AT_ONCE,       "", 0, 36, 0, 0, "PodReadyToStartContainers is written when the sandbox is up")

enum feature {
#define X(id, gate, exists, on, off, locked, doc) FEATURE_##id,
    FEATURES(X)
#undef X
        FEATURE_COUNT
};

struct feature_info {
    const char *gate;               /* "" = not a gate */
    int exists, on, off, locked;    /* minor versions; off 0 = stays on, locked 0 = never */
    const char *doc;
};
extern const struct feature_info feature_infos[FEATURE_COUNT];

struct features {
    int minor; /* of Kubernetes 1.<minor> */
    uint64_t on[2]; /* a bit each */
};

/* The defaults of that version. */
void features_init(struct features *f, int minor);
static inline bool feature_on(const struct features *f, enum feature id)
{
    return f->on[id / 64] >> id % 64 & 1;
}
void feature_force(struct features *f, enum feature id, bool on); /* whatever the version says */
/* A gate set by the user. NULL, or why it cannot be set so in this version. */
const char *feature_set(struct features *f, enum feature id, bool on);
/* FEATURE_COUNT when there is no such gate. */
enum feature feature_find(const char *gate);

#endif
