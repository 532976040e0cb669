/* manager_config.c - see manager_config.h. Names are those of the flags, in the spelling of a configuration file. */
#include "model/manager_config.h"

#include "model/check.h"
#include "model/doc_table.h"

static const struct api_field option_fields[] = {
    FIELD(manager_options, node_monitor_period, "nodeMonitorPeriod", FIELD_DURATION,
          .doc = "From one look at all nodes to the next; default 5s."),
    FIELD(manager_options, node_monitor_grace_period, "nodeMonitorGracePeriod", FIELD_DURATION,
          .doc = "How long a node may be silent before it is Unknown; default 50s, before 1.32 40s."),
    FIELD(manager_options, node_startup_grace_period, "nodeStartupGracePeriod", FIELD_DURATION,
          .doc = "The same of a node that has never said anything; default 60s."),
    FIELD(manager_options, node_eviction_rate, "nodeEvictionRate", FIELD_QUANTITY,
          .doc = "Nodes of a zone that get a NoExecute taint, per second; default 0.1."),
    FIELD(manager_options, secondary_node_eviction_rate, "secondaryNodeEvictionRate", FIELD_QUANTITY,
          .doc = "The same in a large zone that is unhealthy; default 0.01. In a small one none does."),
    FIELD(manager_options, unhealthy_zone_threshold, "unhealthyZoneThreshold", FIELD_QUANTITY,
          .doc = "What part of a zone's nodes, and at least three, must not be Ready to make it unhealthy; default "
                 "0.55."),
    FIELD(manager_options, large_cluster_size_threshold, "largeClusterSizeThreshold", FIELD_OPT_INT64,
          .doc = "A zone with more nodes is large; default 50."),
    FIELD(manager_options, terminated_pod_gc_threshold, "terminatedPodGCThreshold", FIELD_OPT_INT64,
          .doc = "How many pods that have ended may be there before the oldest are deleted; default 12500, 0 = any "
                 "number."),
};

static void check_period(struct check *c, sim_time t)
{
    if (t != SIM_NEVER && t <= 0)
        check_report(c, NULL, "want a duration of more than 0");
}

static void check_rate(struct check *c, const struct quantity *q)
{
    if (q->set && quantity_sign(q) < 0)
        check_report(c, NULL, "want at least 0, got %s", q->text);
}

static void validate(struct check *c, const void *object)
{
    const struct manager_options *o = object;
    check_period(AT(c, "nodeMonitorPeriod"), o->node_monitor_period);
    check_period(AT(c, "nodeMonitorGracePeriod"), o->node_monitor_grace_period);
    check_period(AT(c, "nodeStartupGracePeriod"), o->node_startup_grace_period);
    check_rate(AT(c, "nodeEvictionRate"), &o->node_eviction_rate);
    check_rate(AT(c, "secondaryNodeEvictionRate"), &o->secondary_node_eviction_rate);
    check_rate(AT(c, "unhealthyZoneThreshold"), &o->unhealthy_zone_threshold);
}

const struct api_type manager_options_type = TYPE(manager_options, "ControllerManager", option_fields, .plain = true,
                                                  .validate = validate, .doc = "Flags of kube-controller-manager.");

static sim_time time_or(sim_time given, sim_time otherwise) { return given != SIM_NEVER ? given : otherwise; }

static int64_t milli_or(const struct quantity *given, int64_t otherwise)
{
    return given->set ? quantity_milli(given) : otherwise;
}

static int64_t count_or(struct opt_i64 given, int64_t otherwise) { return given.set ? given.value : otherwise; }

static sim_time interval(int64_t milli_per_second)
{
    return milli_per_second ? 1000 * SIM_SECOND / milli_per_second : 0;
}

struct manager_config manager_config(const struct manager_options *o, const struct features *f)
{
    sim_time grace = (feature_on(f, FEATURE_NODE_GRACE_50) ? 50 : 40) * SIM_SECOND;
    return (struct manager_config){
        .node_monitor_period = time_or(o->node_monitor_period, 5 * SIM_SECOND),
        .node_monitor_grace_period = time_or(o->node_monitor_grace_period, grace),
        .node_startup_grace_period = time_or(o->node_startup_grace_period, 60 * SIM_SECOND),
        .node_eviction_interval = interval(milli_or(&o->node_eviction_rate, 100)),
        .secondary_node_eviction_interval = interval(milli_or(&o->secondary_node_eviction_rate, 10)),
        .unhealthy_zone_permille = milli_or(&o->unhealthy_zone_threshold, 550),
        .large_cluster_size_threshold = count_or(o->large_cluster_size_threshold, 50),
        .terminated_pod_gc_threshold = count_or(o->terminated_pod_gc_threshold, 12500),
    };
}
