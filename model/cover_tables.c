/* cover_tables.c - the list of decision tables. */
#include "model/cover_tables.h"

#include <string.h>

/* In the order of a pod's life. */
/* clang-format off */
#define TABLES(T)        \
    T(pod_preset)        \
    T(api_admission)     \
    T(qos)               \
    T(sched_filter)      \
    T(sched_hint)        \
    T(sched_preempt)     \
    T(admission)         \
    T(image_pull)        \
    T(new_sandbox)       \
    T(app_container)     \
    T(eviction_rank)     \
    T(image_gc)          \
    T(restart_source)    \
    T(restart)           \
    T(crash_backoff)     \
    T(requeue)           \
    T(container_state)   \
    T(waiting_reason)    \
    T(phase)             \
    T(phase_override)    \
    T(initialized)       \
    T(restarting_all)    \
    T(resize)            \
    T(containers_ready)  \
    T(readiness)         \
    T(ready)             \
    T(kill_reason)       \
    T(stop_grace)        \
    T(stop_step)         \
    T(hung_call)         \
    T(non_root)          \
    T(probe_outcome)     \
    T(terminate_pod)     \
    T(delete_grace)      \
    T(delete_again)      \
    T(event_correlation) \
    T(status_column)     \
    T(proxy_choice)      \
    T(traffic_fate)      \
    T(proxy_topology)    \
    T(hpa_groups)        \
    T(hpa_limits)        \
    T(claim)             \
    T(deletion_rank)     \
    T(job_failure)       \
    T(job_ended_at)      \
    T(job_end)           \
    T(job_manage)        \
    T(job_count)         \
    T(cronjob)           \
    T(deployment_sync)   \
    T(rolling_update)    \
    T(recreate)          \
    T(scaling)           \
    T(progress)          \
    T(stateful_replica)  \
    T(stateful_condemned) \
    T(stateful_update)   \
    T(daemon_node)       \
    T(daemon_manage)     \
    T(daemon_ended)      \
    T(daemon_replace)    \
    T(daemon_surge)      \
    T(garbage)           \
    T(pdb_expected)      \
    T(api_eviction)      \
    T(schedule_taint)    \
    T(taint_step)        \
    T(zone_state)        \
    T(zone_disruption)   \
    T(taint_verdict)     \
    T(pod_gc)
/* clang-format on */

#define DECLARE(id) extern const struct cover_table cover_##id;
TABLES(DECLARE)

#define LIST(id) &cover_##id,
const struct cover_table *const cover_tables[] = {TABLES(LIST)};
const uint32_t cover_table_count = ARRAY_LEN(cover_tables);

void cover_reset(void)
{
    for (uint32_t i = 0; i < cover_table_count; i++)
        memset(cover_tables[i]->hit, 0, cover_tables[i]->count);
}
