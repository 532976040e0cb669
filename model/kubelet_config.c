/* kubelet_config.c - the table of a KubeletConfiguration's fields, and the kubelet's checks of them.
 *
 * Mirrors k8s pkg/kubelet/apis/config/validation/validation.go (v1.36).
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

static const struct api_field kubelet_fields[] = {
    FIELD(kubelet_config, api_version, "apiVersion", FIELD_STRING, .doc = "kubelet.config.k8s.io/v1beta1"),
    FIELD(kubelet_config, kind, "kind", FIELD_STRING, .doc = "KubeletConfiguration"),
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
    if (period != SIM_NEVER && (period < SIM_SECOND || period > 300 * SIM_SECOND))
        check_report(AT(AT(c, "crashLoopBackOff"), "maxContainerRestartPeriod"), NULL, "want 1s to 300s");
}

const struct api_type kubelet_config_type = TYPE(kubelet_config, "KubeletConfiguration", kubelet_fields,
                                                 .validate = validate, .doc = "Configuration of a kubelet.");
