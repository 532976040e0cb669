/* classes.h - order at one instant: semantics/README.md section 2.
 * The queue pops the smallest (time, class, object, index); an event posted now into a smaller class
 * comes next.
 */
#ifndef MODEL_CLASSES_H
#define MODEL_CLASSES_H

/* ORDER EVENT_CLASS: cluster.c names them. */
enum event_class {
    CLASS_RUNTIME,      /* process steps, exits, SIGKILL deadlines, runtime calls completed */
    CLASS_PLEG,         /* global relist, then single-pod relist */
    CLASS_WATCH,        /* delivery of committed writes into caches */
    CLASS_NODE_TIMER,   /* sync tick, housekeeping, status bulk, eviction monitor, node status, lease */
    CLASS_PROBE,        /* worker stop, tick, manual trigger */
    CLASS_PROBE_RESULT, /* execution ends: count, publish */
    CLASS_POD_WORKER,   /* one SyncPod / SyncTerminatingPod / SyncTerminatedPod step */
    CLASS_COMMIT,       /* API writes take effect */
    CLASS_ENDPOINTS,    /* EndpointSlice and Endpoints controllers */
    CLASS_DATAPLANE,    /* kube-proxy, DNS, load balancers */
    CLASS_WORKLOAD,     /* ReplicaSet, StatefulSet, DaemonSet, Job */
    CLASS_PARENT,       /* Deployment, CronJob, HPA, GC, node lifecycle ... */
    CLASS_SCHEDULER,
    CLASS_ACTION, /* kubectl lines, then faults, in scenario order */
    CLASS_REQUEST,
    CLASS_EXPECT,
    CLASS_COUNT
};

#endif
