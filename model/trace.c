/* trace.c - names of the trace vocabulary. ORDER COMPONENT, ORDER TRACE_KIND. */
#include "model/trace.h"

#include "model/programs.h"

const char *const trace_component_names[COMP_COUNT] = {
    [COMP_NONE] = "",
    [COMP_USER] = "kubectl",
    [COMP_API_SERVER] = "kube-apiserver",
    [COMP_SCHEDULER] = "default-scheduler",
    [COMP_KUBELET] = "kubelet",
    [COMP_PROBER] = "prober",
    [COMP_RUNTIME] = "containerd",
    [COMP_PROCESS] = "process",
    [COMP_ENDPOINTSLICE_CONTROLLER] = "endpointslice-controller",
    [COMP_ENDPOINTS_CONTROLLER] = "endpoint-controller",
    [COMP_DNS] = "coredns",
    [COMP_TRAFFIC] = "client",
    [COMP_NODE_CONTROLLER] = "node-controller",
    [COMP_ENGINE] = "engine",
    [COMP_REPLICASET_CONTROLLER] = "replicaset-controller",
    [COMP_REPLICATION_CONTROLLER] = "replication-controller",
    [COMP_DEPLOYMENT_CONTROLLER] = "deployment-controller",
    [COMP_STATEFULSET_CONTROLLER] = "statefulset-controller",
    [COMP_DAEMONSET_CONTROLLER] = "daemonset-controller",
    [COMP_GARBAGE_COLLECTOR] = "garbage-collector",
    [COMP_DISRUPTION_CONTROLLER] = "disruption-controller",
    [COMP_TAINT_EVICTION] = "taint-eviction-controller",
    [COMP_POD_GC] = "pod-garbage-collector",
    [COMP_RESOURCEQUOTA_CONTROLLER] = "resourcequota-controller",
    [COMP_NAMESPACE_CONTROLLER] = "namespace-controller",
    [COMP_JOB_CONTROLLER] = "job-controller",
    [COMP_CRONJOB_CONTROLLER] = "cronjob-controller",
    [COMP_TTL_CONTROLLER] = "ttl-after-finished-controller",
    [COMP_HPA_CONTROLLER] = "horizontal-pod-autoscaler",
};

const char *const trace_kind_names[TRACE_KIND_COUNT] = {
    [TRACE_NONE] = "none",
    [TRACE_WRITE] = "write",
    [TRACE_ACTION] = "action",
    [TRACE_ACTION_OUTPUT] = "action-output",
    [TRACE_PULL_START] = "pull-start",
    [TRACE_PULL_END] = "pull-end",
    [TRACE_SANDBOX_CREATED] = "sandbox-created",
    [TRACE_PAUSE_DIED] = "pause-died",
    [TRACE_SANDBOX_STOPPED] = "sandbox-stopped",
    [TRACE_CONTAINER_CREATED] = "container-created",
    [TRACE_CONTAINER_STARTED] = "container-started",
    [TRACE_CONTAINER_EXITED] = "container-exited",
    [TRACE_CONTAINER_REMOVED] = "container-removed",
    [TRACE_IMAGE_REMOVED] = "image-removed",
    [TRACE_SIGNAL] = "signal",
    [TRACE_OOM_KILL] = "oom-kill",
    [TRACE_PROBE] = "probe",
    [TRACE_PROBE_REPEATS] = "probe-repeats",
    [TRACE_HOOK] = "hook",
    [TRACE_OUTPUT] = "output",
    [TRACE_OUTPUT_REPEATS] = "output-repeats",
    [TRACE_BACKOFF] = "backoff",
    [TRACE_KUBELET] = "kubelet",
    [TRACE_TRAFFIC] = "traffic",
    [TRACE_TRAFFIC_END] = "traffic-end",
    [TRACE_DECISION] = "decision",
    [TRACE_EVICTION] = "eviction",
    [TRACE_DIAG] = "diag",
    [TRACE_END] = "end",
};

const char *const run_end_names[RUN_END_COUNT] = {
    [RUN_QUIET] = "quiet",
    [RUN_UNTIL] = "until",
    [RUN_LIMIT] = "limit",
    [RUN_STILL] = "stop.quiet",
    [RUN_CONDITION] = "stop.when",
};

const struct traffic_fate_info traffic_fates[FATE_COUNT] = {
    [FATE_SERVED] = {"served", "served", "answered, with a status below 400"},
    [FATE_STALE_ENDPOINT] = {"stale-endpoint", "the rules still named the dying pod",
                             "the rules of the client's node still sent it to a pod that was being deleted, or gone"},
    [FATE_NOT_LISTENING] = {"not-listening", "nothing listened there",
                            "nothing listened in the pod: it was starting, had crashed, or listens elsewhere"},
    [FATE_KILLED_IN_FLIGHT] = {"killed-in-flight", "the server ended before it had answered",
                               "the server took it, and ended before it had answered"},
    [FATE_NOT_READY] = {"not-ready", "no pod was ready",
                        "the Service had pods, and by the rules of the client's node none was ready"},
    [FATE_NO_ENDPOINT] = {"no-endpoint", "no pod was behind the Service",
                          "by the rules of the client's node nobody was behind the Service"},
    [FATE_OVERLOADED] = {"overloaded", "more to do than it can",
                         "the server was busy with so many others that it did not answer in time, or turned it away"},
    [FATE_TIMED_OUT] = {"timed-out", "no answer in time",
                        "the server took it, and did not answer as soon as the client wanted"},
    [FATE_APP_ERROR] = {"app-error", "the app answered so",
                        "the server answered with a status of 400 or more, or hung up"},
    [FATE_NODE_DEAD] = {"node-dead", "its node was off", "the machine that it was sent to was off"},
    [FATE_NO_SERVICE] = {"no-service", "no such name or port",
                         "the name did not resolve, or nobody knew the address or port"},
    [FATE_UNFINISHED] = {"unfinished", "under way at the end", "it was under way when the run ended: neither"},
};

void trace_line_put(const struct trace_line *line, int64_t epoch_seconds, struct strbuf *out)
{
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct calendar t;
    calendar_of(epoch_seconds, &t);
    strbuf_puts(out, line->before);
    for (const char *p = line->date; *p; p++) {
        if (*p != '%') {
            strbuf_putc(out, *p);
            continue;
        }
        switch (*++p) {
        case 'Y':
            strbuf_printf(out, "%04d", (int)t.year);
            break;
        case 'b':
            strbuf_puts(out, months[t.month - 1]);
            break;
        default:
            strbuf_printf(out, "%02d",
                          *p == 'm'   ? t.month
                          : *p == 'd' ? t.day
                          : *p == 'H' ? t.hour
                          : *p == 'M' ? t.minute
                                      : t.second);
            break;
        }
    }
    strbuf_puts(out, line->after);
}
