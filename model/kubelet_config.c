/* kubelet_config.c - the table of a KubeletConfiguration's fields, and the kubelet's checks of them.
 *
 * Mirrors k8s pkg/kubelet/apis/config/validation/validation.go (v1.36).
 */
#include "model/kubelet_config.h"

#include "model/check.h"

#define FIELD(struct_type, member, json, kind_, ...)                                                                   \
    {                                                                                                                  \
        .name = (json), .kind = (kind_), .offset = offsetof(struct struct_type, member), __VA_ARGS__                   \
    }
#define TYPE(struct_type, title, table, ...)                                                                           \
    {                                                                                                                  \
        .name = (title), .size = sizeof(struct struct_type), .fields = (table), .field_count = ARRAY_LEN(table),       \
        __VA_ARGS__                                                                                                    \
    }

static const struct api_field crash_loop_fields[] = {
    FIELD(crash_loop_back_off_config, max_container_restart_period, "maxContainerRestartPeriod", FIELD_DURATION,
          .doc = "Longest delay between restarts of a container, 1s to 300s."),
};
static const struct api_type crash_loop_type =
    TYPE(crash_loop_back_off_config, "CrashLoopBackOffConfig", crash_loop_fields, .doc = "Crash back-off of a node.");

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
    FIELD(kubelet_config, crash_loop_back_off, "crashLoopBackOff", FIELD_OBJECT, .type = &crash_loop_type,
          .doc = "Crash back-off of the node's containers."),
};

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
    if (period != SIM_NEVER && (period < SIM_SECOND || period > 300 * SIM_SECOND))
        check_report(AT(AT(c, "crashLoopBackOff"), "maxContainerRestartPeriod"), NULL, "want 1s to 300s");
}

const struct api_type kubelet_config_type = TYPE(kubelet_config, "KubeletConfiguration", kubelet_fields,
                                                 .validate = validate, .doc = "Configuration of a kubelet.");
