/* kubelet_config.c - the table of a KubeletConfiguration's fields, and the kubelet's checks of them.
 *
 * Mirrors k8s staging/src/k8s.io/kubelet/config/v1beta1/types.go and pkg/kubelet/apis/config/validation/validation.go
 * (v1.36). Every field is known; those that change nothing that is modelled are accepted and listed as such.
 */
#include "model/kubelet_config.h"

#include <string.h>

#include "model/check.h"
#include "model/doc_table.h"
#include "model/eviction.h"

static const struct api_field crash_loop_fields[] = {
    FIELD(crash_loop_back_off_config, max_container_restart_period, "maxContainerRestartPeriod", FIELD_DURATION,
          .doc = "Longest delay between restarts of a container, 1s to 300s."),
};
static const struct api_type crash_loop_type =
    TYPE(crash_loop_back_off_config, "CrashLoopBackOffConfig", crash_loop_fields, .doc = "Crash back-off of a node.");

static const char *const cpu_policies[] = {"none", "static", NULL};
static const char *const memory_policies[] = {"None", "Static", NULL};
static const char *const swap_behaviors[] = {"NoSwap", "LimitedSwap", NULL};
static const struct api_field memory_swap_fields[] = {
    FIELD(memory_swap_config, swap_behavior, "swapBehavior", FIELD_ENUM, .values = swap_behaviors,
          .doc = "With LimitedSwap the node has swap; it only matters to resizes of memory."),
};
static const struct api_type memory_swap_type =
    TYPE(memory_swap_config, "MemorySwapConfiguration", memory_swap_fields, .doc = "Swap of a node's containers.");

static const struct api_field shutdown_group_fields[] = {
    FIELD(shutdown_group, priority, "priority", FIELD_INT64, .doc = "Pods of this priority and up."),
    FIELD(shutdown_group, grace_period_seconds, "shutdownGracePeriodSeconds", FIELD_INT64,
          .doc = "How long they get when the node shuts down."),
};
static const struct api_type shutdown_group_type =
    TYPE(shutdown_group, "ShutdownGracePeriodByPodPriority", shutdown_group_fields,
         .doc = "Pods that are stopped together.");

/* ---- known, and without effect on what is modelled ---- */

#define ACCEPTED(kind_, json, doc_)                                                                                    \
    {                                                                                                                  \
        .name = (json), .kind = FIELD_##kind_, .flags = FIELD_UNMODELLED | FIELD_DROPPED, .doc = (doc_)                \
    }
#define ACCEPTED_OF(kind_, json, type_, doc_)                                                                          \
    {                                                                                                                  \
        .name = (json), .kind = FIELD_##kind_, .type = &(type_), .flags = FIELD_UNMODELLED | FIELD_DROPPED,            \
        .doc = (doc_)                                                                                                  \
    }
#define KNOWN_TYPE(var, title, doc_)                                                                                   \
    static const struct api_type var##_type = {                                                                        \
        .name = (title), .fields = var##_fields, .field_count = ARRAY_LEN(var##_fields), .doc = (doc_)}

static const struct api_field x509_fields[] = {
    ACCEPTED(STRING, "clientCAFile", "Certificates of those who may sign clients' certificates."),
};
KNOWN_TYPE(x509, "KubeletX509Authentication", "Client certificates.");
static const struct api_field webhook_authentication_fields[] = {
    ACCEPTED(OPT_BOOL, "enabled", "Tokens are checked by the API server."),
    ACCEPTED(DURATION, "cacheTTL", "How long an answer is remembered."),
};
KNOWN_TYPE(webhook_authentication, "KubeletWebhookAuthentication", "Bearer tokens.");
static const struct api_field anonymous_fields[] = {
    ACCEPTED(OPT_BOOL, "enabled", "Requests without credentials are let in."),
};
KNOWN_TYPE(anonymous, "KubeletAnonymousAuthentication", "Requests without credentials.");
static const struct api_field authentication_fields[] = {
    ACCEPTED_OF(OBJECT, "x509", x509_type, "Client certificates."),
    ACCEPTED_OF(OBJECT, "webhook", webhook_authentication_type, "Bearer tokens."),
    ACCEPTED_OF(OBJECT, "anonymous", anonymous_type, "Requests without credentials."),
};
KNOWN_TYPE(authentication, "KubeletAuthentication", "Who may talk to the kubelet's server.");
static const struct api_field webhook_authorization_fields[] = {
    ACCEPTED(DURATION, "cacheAuthorizedTTL", "How long a yes is remembered."),
    ACCEPTED(DURATION, "cacheUnauthorizedTTL", "How long a no is remembered."),
};
KNOWN_TYPE(webhook_authorization, "KubeletWebhookAuthorization", "Questions to the API server.");
static const struct api_field authorization_fields[] = {
    ACCEPTED(STRING, "mode", "AlwaysAllow or Webhook."),
    ACCEPTED_OF(OBJECT, "webhook", webhook_authorization_type, "Questions to the API server."),
};
KNOWN_TYPE(authorization, "KubeletAuthorization", "What clients of the kubelet's server may do.");
static const struct api_field memory_reservation_fields[] = {
    ACCEPTED(INT32, "numaNode", "Number of the NUMA node."),
    ACCEPTED(QUANTITY_MAP, "limits", "What is reserved on it."),
};
KNOWN_TYPE(memory_reservation, "MemoryReservation", "Memory of a NUMA node that pods do not get.");
static const struct api_field tracing_fields[] = {
    ACCEPTED(STRING, "endpoint", "Where traces are sent."),
    ACCEPTED(OPT_INT32, "samplingRatePerMillion", "How many of a million spans are sent."),
};
KNOWN_TYPE(tracing, "TracingConfiguration", "OpenTelemetry traces.");
static const struct api_field user_namespaces_fields[] = {
    ACCEPTED(OPT_INT64, "idsPerPod", "How many user ids a pod with a user namespace gets."),
};
KNOWN_TYPE(user_namespaces, "UserNamespaces", "User namespaces of pods.");

static const char *const register_effects[] = {"NoExecute", "NoSchedule", "PreferNoSchedule", NULL};
static const struct api_field register_taint_fields[] = {
    FIELD(taint, key, "key", FIELD_STRING, .flags = FIELD_REQUIRED | FIELD_IDENTITY, .doc = "Key of the taint."),
    FIELD(taint, value, "value", FIELD_STRING, .doc = "Value of the taint."),
    FIELD(taint, effect, "effect", FIELD_ENUM, .flags = FIELD_REQUIRED, .values = register_effects,
          .doc = "What happens to pods that do not tolerate it."),
};
static const struct api_type register_taint_type =
    TYPE(taint, "Taint", register_taint_fields, .doc = "A taint that a node has from its registration on.");

static const char *const api_versions[] = {KUBELET_CONFIG_VERSION, NULL};
static const char *const kinds[] = {"KubeletConfiguration", NULL};
static const struct api_field kubelet_fields[] = {
    FIELD(kubelet_config, api_version, "apiVersion", FIELD_ENUM, .values = api_versions, .doc = KUBELET_CONFIG_VERSION),
    FIELD(kubelet_config, kind, "kind", FIELD_ENUM, .values = kinds, .doc = "KubeletConfiguration"),
    FIELD(kubelet_config, serialize_image_pulls, "serializeImagePulls", FIELD_OPT_BOOL, .default_text = "true",
          .doc = "Pull one image at a time."),
    FIELD(kubelet_config, max_parallel_image_pulls, "maxParallelImagePulls", FIELD_OPT_INT32,
          .doc = "How many images are pulled at a time; needs serializeImagePulls: false. Default: no limit."),
    FIELD(kubelet_config, registry_pull_qps, "registryPullQPS", FIELD_OPT_INT32, .default_text = "5",
          .doc = "Image pulls per second; 0 = no limit."),
    FIELD(kubelet_config, registry_burst, "registryBurst", FIELD_OPT_INT32, .default_text = "10",
          .doc = "How many image pulls may come at once."),
    FIELD(kubelet_config, single_process_oom_kill, "singleProcessOOMKill", FIELD_BOOL,
          .doc = "The OOM killer ends one process, not all of a container's."),
    FIELD(kubelet_config, shutdown_grace_period, "shutdownGracePeriod", FIELD_DURATION,
          .doc = "How long pods get when the node shuts down; default 0: none are stopped."),
    FIELD(kubelet_config, shutdown_grace_period_critical_pods, "shutdownGracePeriodCriticalPods", FIELD_DURATION,
          .doc = "The part of shutdownGracePeriod that is kept for critical pods."),
    FIELD(kubelet_config, shutdown_by_priority, "shutdownGracePeriodByPodPriority", FIELD_LIST,
          .type = &shutdown_group_type, .doc = "Instead of the two above: groups of pods, stopped from low to high."),
    FIELD(kubelet_config, eviction_hard, "evictionHard", FIELD_STRING_MAP,
          .doc = "Thresholds below which pods are evicted at once, such as memory.available: 100Mi or "
                 "nodefs.available: 10%. Given, it replaces all the defaults."),
    FIELD(kubelet_config, eviction_soft, "evictionSoft", FIELD_STRING_MAP,
          .doc = "Thresholds below which pods are evicted after a while."),
    FIELD(kubelet_config, eviction_soft_grace_period, "evictionSoftGracePeriod", FIELD_STRING_MAP,
          .doc = "How long a soft threshold must have been met, such as memory.available: 30s."),
    FIELD(kubelet_config, eviction_minimum_reclaim, "evictionMinimumReclaim", FIELD_STRING_MAP,
          .doc = "How much more than a threshold must be free before it counts as relieved."),
    FIELD(kubelet_config, eviction_pressure_transition_period, "evictionPressureTransitionPeriod", FIELD_DURATION,
          .default_text = "5m", .doc = "How long a pressure condition stays True after it was last seen."),
    FIELD(kubelet_config, eviction_max_pod_grace_period, "evictionMaxPodGracePeriod", FIELD_OPT_INT32,
          .doc = "Grace of pods that are evicted for a soft threshold, in seconds; default 0."),
    FIELD(kubelet_config, kernel_memcg_notification, "kernelMemcgNotification", FIELD_OPT_BOOL,
          .doc = "Does nothing: with cgroups v2, as here, the kernel has no such notification."),
    FIELD(kubelet_config, enforce_node_allocatable, "enforceNodeAllocatable", FIELD_STRING_LIST,
          .doc = "Whose memory is limited to what is allocatable: pods (default), or none."),
    FIELD(kubelet_config, image_gc_high_threshold_percent, "imageGCHighThresholdPercent", FIELD_OPT_INT32,
          .default_text = "85", .doc = "From this use of the disk on, unused images are removed; 100 = never."),
    FIELD(kubelet_config, image_gc_low_threshold_percent, "imageGCLowThresholdPercent", FIELD_OPT_INT32,
          .default_text = "80", .doc = "They are removed until the disk is used so much."),
    FIELD(kubelet_config, image_minimum_gc_age, "imageMinimumGCAge", FIELD_DURATION,
          .doc = "Images that the kubelet has seen for less are not removed; default 2m."),
    FIELD(kubelet_config, cpu_manager_policy, "cpuManagerPolicy", FIELD_ENUM, .values = cpu_policies,
          .doc = "With static, the CPUs of Guaranteed pods cannot be resized. (Nothing else of it is modelled.)"),
    FIELD(kubelet_config, memory_manager_policy, "memoryManagerPolicy", FIELD_ENUM, .values = memory_policies,
          .doc = "With Static, the memory of Guaranteed pods cannot be resized. (Nothing else of it is modelled.)"),
    FIELD(kubelet_config, memory_swap, "memorySwap", FIELD_OBJECT, .type = &memory_swap_type,
          .doc = "Swap of containers."),
    FIELD(kubelet_config, crash_loop_back_off, "crashLoopBackOff", FIELD_OBJECT, .type = &crash_loop_type,
          .doc = "Crash back-off of the node's containers."),
    FIELD(kubelet_config, max_pods, "maxPods", FIELD_OPT_INT32, .default_text = "110",
          .doc = "How many pods a node takes, where spec.nodes and Node documents do not say."),
    FIELD(kubelet_config, pods_per_core, "podsPerCore", FIELD_OPT_INT32,
          .doc = "No more than so many for each CPU of the node; 0 = maxPods alone counts."),
    FIELD(kubelet_config, system_reserved, "systemReserved", FIELD_STRING_MAP,
          .doc = "What pods cannot have of a node, for the system: cpu, memory, ephemeral-storage, pid."),
    FIELD(kubelet_config, kube_reserved, "kubeReserved", FIELD_STRING_MAP,
          .doc = "The same for the kubelet and the container runtime."),
    FIELD(kubelet_config, register_with_taints, "registerWithTaints", FIELD_LIST, .type = &register_taint_type,
          .doc = "Taints that every node of spec.nodes has."),
    FIELD(kubelet_config, merge_default_eviction_settings, "mergeDefaultEvictionSettings", FIELD_BOOL,
          .doc = "Signals that evictionHard does not name keep their defaults."),
    FIELD(kubelet_config, feature_gates, "featureGates", FIELD_RAW, .schema = GATES_SCHEMA,
          .doc = "Feature gates, as in spec.featureGates of the scenario."),
    ACCEPTED(OPT_BOOL, "enableServer", "The kubelet serves HTTPS."),
    ACCEPTED(STRING, "staticPodPath", "Directory of static pods; see spec.staticPods."),
    ACCEPTED(STRING, "podLogsDir", "Directory of containers' logs."),
    ACCEPTED(DURATION, "syncFrequency", "Longest time between two syncs of a pod; here always 1m."),
    ACCEPTED(DURATION, "fileCheckFrequency", "How often staticPodPath is looked at; here always 20s."),
    ACCEPTED(DURATION, "httpCheckFrequency", "How often staticPodURL is looked at."),
    ACCEPTED(STRING, "staticPodURL", "Where static pods are fetched from."),
    ACCEPTED(RAW, "staticPodURLHeader", "Headers of those requests, each with a list of values."),
    ACCEPTED(STRING, "address", "Address of the kubelet's server."),
    ACCEPTED(INT32, "port", "Port of the kubelet's server."),
    ACCEPTED(INT32, "readOnlyPort", "Port without authentication."),
    ACCEPTED(STRING, "tlsCertFile", "Certificate of the server."),
    ACCEPTED(STRING, "tlsPrivateKeyFile", "Its key."),
    ACCEPTED(STRING_LIST, "tlsCipherSuites", "Cipher suites of the server."),
    ACCEPTED(INT_LIST, "tlsCurvePreferences", "Key exchange mechanisms of the server."),
    ACCEPTED(STRING, "tlsMinVersion", "Oldest TLS version of the server."),
    ACCEPTED(BOOL, "rotateCertificates", "Client certificates are renewed."),
    ACCEPTED(BOOL, "serverTLSBootstrap", "Server certificates come from the API server."),
    ACCEPTED(STRING, "imagePullCredentialsVerificationPolicy",
             "Whether pods need credentials for images that are present."),
    ACCEPTED(STRING_LIST, "preloadedImagesVerificationAllowlist", "Images that need none."),
    ACCEPTED(OPT_INT32, "eventRecordQPS", "Events per second; here without this limit."),
    ACCEPTED(INT32, "eventBurst", "How many Events may come at once."),
    ACCEPTED(OPT_BOOL, "enableDebuggingHandlers", "Logs, exec and port-forward are served."),
    ACCEPTED(BOOL, "enableContentionProfiling", "Lock contention is profiled."),
    ACCEPTED(OPT_INT32, "healthzPort", "Port of the kubelet's health endpoint."),
    ACCEPTED(STRING, "healthzBindAddress", "Its address."),
    ACCEPTED(OPT_INT32, "oomScoreAdj", "OOM score of the kubelet."),
    ACCEPTED(STRING, "clusterDomain", "DNS domain of the cluster; here always cluster.local."),
    ACCEPTED(STRING_LIST, "clusterDNS", "DNS servers of pods."),
    ACCEPTED(DURATION, "streamingConnectionIdleTimeout", "Idle connections are closed after it."),
    ACCEPTED(DURATION, "nodeStatusUpdateFrequency", "How often the node's status is computed."),
    ACCEPTED(DURATION, "nodeStatusReportFrequency", "How often an unchanged status is reported."),
    ACCEPTED(INT32, "nodeLeaseDurationSeconds", "Duration of the node's lease."),
    ACCEPTED(DURATION, "imageMaximumGCAge", "Images unused for longer are removed."),
    ACCEPTED(DURATION, "volumeStatsAggPeriod", "How often volumes are measured."),
    ACCEPTED(STRING, "kubeletCgroups", "Cgroup of the kubelet."),
    ACCEPTED(STRING, "systemCgroups", "Cgroup of the system's processes."),
    ACCEPTED(STRING, "cgroupRoot", "Root cgroup of pods."),
    ACCEPTED(OPT_BOOL, "cgroupsPerQOS", "A cgroup per QoS class."),
    ACCEPTED(STRING, "cgroupDriver", "cgroupfs or systemd."),
    ACCEPTED(STRING_MAP, "cpuManagerPolicyOptions", "Options of the policy."),
    ACCEPTED(DURATION, "cpuManagerReconcilePeriod", "How often CPU sets are checked."),
    ACCEPTED(STRING, "topologyManagerPolicy", "none, best-effort, restricted or single-numa-node."),
    ACCEPTED(STRING, "topologyManagerScope", "container or pod."),
    ACCEPTED(STRING_MAP, "topologyManagerPolicyOptions", "Options of the policy."),
    ACCEPTED(STRING_MAP, "qosReserved", "Memory that is kept for a QoS class."),
    ACCEPTED(DURATION, "runtimeRequestTimeout", "How long calls of the runtime may take; here always 2m."),
    ACCEPTED(STRING, "hairpinMode", "How a pod reaches itself through its Service."),
    ACCEPTED(STRING, "podCIDR", "Addresses of pods, without a cluster."),
    ACCEPTED(OPT_INT64, "podPidsLimit", "Processes of a pod."),
    ACCEPTED(STRING, "resolvConf", "File with the node's DNS settings."),
    ACCEPTED(BOOL, "runOnce", "Removed from the kubelet."),
    ACCEPTED(OPT_BOOL, "cpuCFSQuota", "CPU limits are enforced."),
    ACCEPTED(DURATION, "cpuCFSQuotaPeriod", "Period in which they are."),
    ACCEPTED(OPT_INT32, "nodeStatusMaxImages", "How many images the Node object lists."),
    ACCEPTED(INT64, "maxOpenFiles", "Files that the kubelet may open."),
    ACCEPTED(STRING, "contentType", "Encoding of requests to the API server."),
    ACCEPTED(OPT_INT32, "kubeAPIQPS", "Requests to the API server per second."),
    ACCEPTED(INT32, "kubeAPIBurst", "How many may come at once."),
    ACCEPTED(OPT_BOOL, "enableControllerAttachDetach", "Volumes are attached by a controller."),
    ACCEPTED(BOOL, "protectKernelDefaults", "Wrong kernel settings are an error."),
    ACCEPTED(OPT_BOOL, "makeIPTablesUtilChains", "The kubelet keeps its iptables chains."),
    ACCEPTED(OPT_INT32, "iptablesMasqueradeBit", "Mark of packets to masquerade."),
    ACCEPTED(OPT_INT32, "iptablesDropBit", "Mark of packets to drop."),
    ACCEPTED(OPT_BOOL, "failSwapOn", "Swap keeps the kubelet from starting."),
    ACCEPTED(STRING, "containerLogMaxSize", "Size at which a log is rotated."),
    ACCEPTED(OPT_INT32, "containerLogMaxFiles", "Files of a log."),
    ACCEPTED(OPT_INT32, "containerLogMaxWorkers", "Logs that are rotated at once."),
    ACCEPTED(DURATION, "containerLogMonitorInterval", "How often logs are looked at."),
    ACCEPTED(STRING, "configMapAndSecretChangeDetectionStrategy", "Get, Cache or Watch."),
    ACCEPTED(STRING, "reservedSystemCPUs", "CPUs that pods do not get."),
    ACCEPTED(STRING, "showHiddenMetricsForVersion", "Metrics of an older version."),
    ACCEPTED(STRING, "systemReservedCgroup", "Cgroup that systemReserved is for."),
    ACCEPTED(STRING, "kubeReservedCgroup", "Cgroup that kubeReserved is for."),
    ACCEPTED(STRING_LIST, "allowedUnsafeSysctls", "Sysctls that pods may set."),
    ACCEPTED(STRING, "volumePluginDir", "Directory of volume plugins."),
    ACCEPTED(STRING, "providerID", "ID of the machine at its cloud."),
    ACCEPTED(RAW, "logging", "Log format and verbosity of the kubelet."),
    ACCEPTED(OPT_BOOL, "enableSystemLogHandler", "Logs of the node are served."),
    ACCEPTED(OPT_BOOL, "enableSystemLogQuery", "They can be queried."),
    ACCEPTED(OPT_BOOL, "enableProfilingHandler", "Profiles are served."),
    ACCEPTED(OPT_BOOL, "enableDebugFlagsHandler", "Debug flags are served."),
    ACCEPTED(OPT_BOOL, "seccompDefault", "Containers run with the runtime's seccomp profile."),
    ACCEPTED(RAW, "memoryThrottlingFactor", "Factor of memory.high, a fraction."),
    ACCEPTED(STRING, "memoryReservationPolicy", "None or TieredReservation."),
    ACCEPTED(OPT_BOOL, "registerNode", "The kubelet creates its Node object."),
    ACCEPTED(OPT_BOOL, "localStorageCapacityIsolation", "Ephemeral storage is managed."),
    ACCEPTED(STRING, "containerRuntimeEndpoint", "Socket of the container runtime."),
    ACCEPTED(STRING, "imageServiceEndpoint", "Socket of the image service."),
    ACCEPTED(OPT_BOOL, "failCgroupV1", "The kubelet does not start with cgroups v1."),
    ACCEPTED_OF(OBJECT, "authentication", authentication_type, "Who may talk to the kubelet's server."),
    ACCEPTED_OF(OBJECT, "authorization", authorization_type, "What they may do."),
    ACCEPTED_OF(LIST, "reservedMemory", memory_reservation_type, "Memory of NUMA nodes that pods do not get."),
    ACCEPTED_OF(OBJECT, "tracing", tracing_type, "OpenTelemetry traces."),
    ACCEPTED_OF(OBJECT, "userNamespaces", user_namespaces_type, "User namespaces of pods."),
};

static void check_whole_second(struct check *c, sim_time d)
{
    if (d != SIM_NEVER && (d < 0 || (d > 0 && d < SIM_SECOND)))
        check_report(c, NULL, "must be either zero or otherwise >= 1 sec");
}

static void validate_shutdown(struct check *c, const struct kubelet_config *k)
{
    sim_time whole = k->shutdown_grace_period, critical = k->shutdown_grace_period_critical_pods;
    check_whole_second(AT(c, "shutdownGracePeriod"), whole);
    check_whole_second(AT(c, "shutdownGracePeriodCriticalPods"), critical);
    if (critical != SIM_NEVER && critical > (whole == SIM_NEVER ? 0 : whole))
        check_report(AT(c, "shutdownGracePeriodCriticalPods"), NULL, "must be <= shutdownGracePeriod");
    if (k->shutdown_by_priority.count && ((whole != SIM_NEVER && whole > 0) || (critical != SIM_NEVER && critical > 0)))
        check_report(AT(c, "shutdownGracePeriodByPodPriority"), NULL,
                     "Cannot specify both shutdownGracePeriodByPodPriority and shutdownGracePeriod at the same time");
}

static bool is_signal(const char *name)
{
    for (int s = 0; s < SIGNAL_COUNT; s++)
        if (strcmp(signal_infos[s].name, name) == 0)
            return true;
    return false;
}

static void check_signals(struct check *c, const str_map *map)
{
    const char *names[SIGNAL_COUNT];
    for (int s = 0; s < SIGNAL_COUNT; s++)
        names[s] = signal_infos[s].name;
    for (uint32_t i = 0; i < map->count; i++) {
        const char *key = map->items[i].key, *close = diag_closest(key, names, SIGNAL_COUNT);
        if (!is_signal(key))
            check_report(AT_KEY(c, key), close ? arena_printf(c->run->arena, "did you mean \"%s\"?", close) : NULL,
                         "unsupported eviction signal %s", key);
    }
}

static void check_amounts(struct check *c, const str_map *map)
{
    struct eviction_amount amount;
    check_signals(c, map);
    for (uint32_t i = 0; i < map->count; i++)
        if (eviction_amount_parse(c->run->arena, map->items[i].value, &amount) < 0)
            check_report(AT_KEY(c, map->items[i].key), NULL, "want an amount such as 100Mi or 10%%, got \"%s\"",
                         map->items[i].value);
}

/* k8s pkg/kubelet/eviction/helpers.go ParseThresholdConfig. */
static void validate_eviction(struct check *c, const struct kubelet_config *k)
{
    sim_time period = k->eviction_pressure_transition_period, d;
    check_amounts(AT(c, "evictionHard"), &k->eviction_hard);
    check_amounts(AT(c, "evictionSoft"), &k->eviction_soft);
    check_amounts(AT(c, "evictionMinimumReclaim"), &k->eviction_minimum_reclaim);
    check_signals(AT(c, "evictionSoftGracePeriod"), &k->eviction_soft_grace_period);
    for (uint32_t i = 0; i < k->eviction_soft_grace_period.count; i++)
        if (sim_parse_duration(k->eviction_soft_grace_period.items[i].value, &d) != 0 || d < 0)
            check_report(AT_KEY(AT(c, "evictionSoftGracePeriod"), k->eviction_soft_grace_period.items[i].key), NULL,
                         "want a duration such as 1m30s");
    for (uint32_t i = 0; i < k->eviction_soft.count; i++)
        if (!str_map_get(&k->eviction_soft_grace_period, k->eviction_soft.items[i].key))
            check_report(AT_KEY(AT(c, "evictionSoft"), k->eviction_soft.items[i].key), NULL,
                         "grace period must be specified for the soft eviction threshold %s",
                         k->eviction_soft.items[i].key);
    if (period != SIM_NEVER && period < 0)
        check_report(AT(c, "evictionPressureTransitionPeriod"), NULL, "must be greater than or equal to 0");
    if (k->eviction_max_pod_grace_period.set)
        check_not_negative(AT(c, "evictionMaxPodGracePeriod"), k->eviction_max_pod_grace_period.value);
}

/* k8s pkg/kubelet/types/constants.go. */
static void validate_enforcement(struct check *c, const str_list *list)
{
    static const char *const known[] = {"pods",
                                        "none",
                                        "system-reserved",
                                        "kube-reserved",
                                        "system-reserved-compressible",
                                        "kube-reserved-compressible"};
    for (uint32_t i = 0; i < list->count; i++) {
        bool found = false;
        for (size_t n = 0; n < ARRAY_LEN(known); n++)
            found |= strcmp(list->items[i], known[n]) == 0;
        if (!found)
            check_report(AT_ITEM(c, i), NULL, "option \"%s\" specified for enforceNodeAllocatable", list->items[i]);
    }
}

static void check_percent(struct check *c, const struct opt_i64 *value)
{
    if (value->set && (value->value < 0 || value->value > 100))
        check_report(c, NULL, "must be between 0 and 100, inclusive");
}

static void validate_image_gc(struct check *c, const struct kubelet_config *k)
{
    const struct opt_i64 *high = &k->image_gc_high_threshold_percent, *low = &k->image_gc_low_threshold_percent;
    check_percent(AT(c, "imageGCHighThresholdPercent"), high);
    check_percent(AT(c, "imageGCLowThresholdPercent"), low);
    if (low->value >= high->value)
        check_report(AT(c, "imageGCLowThresholdPercent"), NULL, "must be less than imageGCHighThresholdPercent");
    if (k->image_minimum_gc_age != SIM_NEVER && k->image_minimum_gc_age < 0)
        check_report(AT(c, "imageMinimumGCAge"), NULL, "must not be negative");
}

/* Numbers of fields that are only accepted, and of some that are not. */
static void validate_ranges(struct check *c)
{
    static const struct {
        const char *field, *wrong;
        int64_t min, max;
    } rows[] = {
        {"containerLogMaxFiles", "must be greater than 1", 2, INT32_MAX},
        {"containerLogMaxWorkers", "must be greater than or equal to 1", 1, INT32_MAX},
        {"eventBurst", "must not be a negative number", 0, INT32_MAX},
        {"eventRecordQPS", "must not be a negative number", 0, INT32_MAX},
        {"healthzPort", "must be between 1 and 65535, inclusive", 0, 65535},
        {"iptablesDropBit", "must be between 0 and 31, inclusive", 0, 31},
        {"iptablesMasqueradeBit", "must be between 0 and 31, inclusive", 0, 31},
        {"kubeAPIBurst", "must not be a negative number", 0, INT32_MAX},
        {"kubeAPIQPS", "must not be a negative number", 0, INT32_MAX},
        {"maxOpenFiles", "must not be a negative number", 0, INT64_MAX},
        {"maxPods", "must not be a negative number", 0, INT32_MAX},
        {"nodeLeaseDurationSeconds", "must be greater than 0", 0, INT32_MAX}, /* 0 is defaulted */
        {"nodeStatusMaxImages", "must be -1 or greater", -1, INT32_MAX},
        {"oomScoreAdj", "must be between -1000 and 1000, inclusive", -1000, 1000},
        {"podsPerCore", "must not be a negative number", 0, INT32_MAX},
        {"port", "must be between 1 and 65535, inclusive", 0, 65535}, /* 0 is defaulted */
        {"readOnlyPort", "must be between 0 and 65535, inclusive", 0, 65535},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct value *v = value_get(c->value, rows[i].field);
        if (v && v->type == VALUE_INT && (v->integer < rows[i].min || v->integer > rows[i].max))
            check_report(AT(c, rows[i].field), NULL, "%" PRId64 " %s", v->integer, rows[i].wrong);
    }
}

/* Texts of which the kubelet knows a few. */
static void validate_choices(struct check *c)
{
    static const struct {
        const char *field, *values[5];
    } rows[] = {
        {"hairpinMode", {"none", "hairpin-veth", "promiscuous-bridge"}},
        {"topologyManagerPolicy", {"none", "best-effort", "restricted", "single-numa-node"}},
        {"topologyManagerScope", {"container", "pod"}},
        {"cgroupDriver", {"cgroupfs", "systemd"}},
        {"memoryReservationPolicy", {"None", "TieredReservation"}},
        {"configMapAndSecretChangeDetectionStrategy", {"Get", "Cache", "Watch"}},
        {"imagePullCredentialsVerificationPolicy",
         {"NeverVerify", "NeverVerifyPreloadedImages", "NeverVerifyAllowlistedImages", "AlwaysVerify"}},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct value *v = value_get(c->value, rows[i].field);
        bool known = !v || v->type != VALUE_STRING || !*v->text;
        for (size_t k = 0; !known && k < ARRAY_LEN(rows[i].values) && rows[i].values[k]; k++)
            known = strcmp(v->text, rows[i].values[k]) == 0;
        if (!known)
            check_unsupported(AT(c, rows[i].field), v->text, rows[i].values);
    }
}

/* k8s cmd/kubelet/app/server.go parseResourceList. */
static void check_reserved(struct check *c, const str_map *map)
{
    static const char *const resources[] = {"cpu", "ephemeral-storage", "memory", "pid", NULL};
    struct quantity q;
    for (uint32_t i = 0; i < map->count; i++) {
        const char *name = map->items[i].key;
        bool known = false;
        for (size_t k = 0; resources[k]; k++)
            known |= strcmp(resources[k], name) == 0;
        if (!known)
            check_report(AT_KEY(c, name), NULL, "cannot reserve \"%s\" resource", name);
        else if (quantity_parse(c->run->arena, map->items[i].value, &q))
            check_report(AT_KEY(c, name), NULL, "failed to parse quantity \"%s\" for \"%s\" resource",
                         map->items[i].value, name);
        else if (quantity_sign(&q) < 0)
            check_report(AT_KEY(c, name), NULL, "resource quantity for \"%s\" cannot be negative: %s", name,
                         map->items[i].value);
    }
}

static void validate_gates(struct check *c)
{
    if (c->value && c->value->type != VALUE_MAP) {
        check_report(c, NULL, "want a map of feature gates to true or false");
        return;
    }
    for (uint32_t i = 0; c->value && i < c->value->count; i++)
        if (c->value->entries[i].value->type != VALUE_BOOL)
            check_report(AT_KEY(c, c->value->entries[i].key), NULL, "want true or false");
}

static void validate(struct check *c, const void *object)
{
    const struct kubelet_config *k = object;
    sim_time period = k->crash_loop_back_off.max_container_restart_period;
    if (k->max_parallel_image_pulls.set && k->max_parallel_image_pulls.value > 1 && k->serialize_image_pulls.value)
        check_report(AT(c, "maxParallelImagePulls"), NULL,
                     "cannot be larger than 1 unless serializeImagePulls is set to false");
    if (k->max_parallel_image_pulls.set)
        check_between(AT(c, "maxParallelImagePulls"), k->max_parallel_image_pulls.value, 1, INT32_MAX);
    if (k->registry_pull_qps.set)
        check_not_negative(AT(c, "registryPullQPS"), k->registry_pull_qps.value);
    if (k->registry_burst.set)
        check_not_negative(AT(c, "registryBurst"), k->registry_burst.value);
    validate_shutdown(c, k);
    validate_eviction(c, k);
    validate_image_gc(c, k);
    validate_enforcement(AT(c, "enforceNodeAllocatable"), &k->enforce_node_allocatable);
    validate_ranges(c);
    validate_choices(c);
    check_reserved(AT(c, "systemReserved"), &k->system_reserved);
    check_reserved(AT(c, "kubeReserved"), &k->kube_reserved);
    validate_gates(AT(c, "featureGates"));
    if (period != SIM_NEVER && (period < SIM_SECOND || period > 300 * SIM_SECOND))
        check_report(AT(AT(c, "crashLoopBackOff"), "maxContainerRestartPeriod"), NULL, "want 1s to 300s");
}

const struct api_type kubelet_config_type = TYPE(kubelet_config, "KubeletConfiguration", kubelet_fields,
                                                 .validate = validate, .doc = "Configuration of a kubelet.");
